/*
 * What every function that holds a secret needs: wiping that the compiler
 * may not remove, and a comparison whose time does not depend on the bytes.
 */
#ifndef HTTPA_BASE_SECRET_H
#define HTTPA_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Overwrites |n| bytes with zeros; survives optimisation. */
void httpa_wipe(void *p, size_t n);

/* True when |n| bytes are equal.  Time depends on |n| only. */
bool httpa_ct_equal(const void *a, const void *b, size_t n);

#endif
