/*
 * What every fuzz target includes.  A target is one function: it gets bytes,
 * reads them as its parser would, and uses `must` for what has to hold
 * whenever the parser says yes.  libFuzzer hands out exact heap copies, so
 * AddressSanitizer sees an over-read by one.
 */
#ifndef HTTPA_FUZZ_H
#define HTTPA_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <httpa/slice.h>

#define must(cond)                                                             \
    do {                                                                       \
        if (!(cond)) {                                                         \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);   \
            abort();                                                           \
        }                                                                      \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
