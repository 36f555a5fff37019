#include <httpa/slice.h>

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

/* Smallest heap allocation: most fields and heads fit without a second. */
#define GROW_MIN 256u

struct httpa_buf httpa_buf_fixed(uint8_t *storage, size_t cap)
{
    return (struct httpa_buf){ .p = storage, .cap = cap, .max = cap };
}

struct httpa_buf httpa_buf_growing(size_t max)
{
    return (struct httpa_buf){ .max = max, .owned = true };
}

void httpa_buf_done(struct httpa_buf *b)
{
    if (b->p != NULL) {
        httpa_wipe(b->p, b->n);
    }
    if (b->owned) {
        free(b->p);
    }
    *b = (struct httpa_buf){ 0 };
}

void httpa_buf_reset(struct httpa_buf *b)
{
    httpa_buf_cut(b, 0);
    b->failed = false;
}

/* The new storage is a copy and the old one is wiped, since realloc would
 * leave what might be plaintext in freed memory. */
static bool grow(struct httpa_buf *b, size_t need)
{
    size_t cap = b->cap < GROW_MIN ? GROW_MIN : b->cap;
    while (cap < need) {
        cap = cap > b->max / 2 ? b->max : cap * 2;
    }
    cap = cap > b->max ? b->max : cap;
    uint8_t *p = malloc(cap);
    if (p == NULL) {
        return false;
    }
    if (b->n > 0) {
        memcpy(p, b->p, b->n);
        httpa_wipe(b->p, b->n);
    }
    free(b->p);
    b->p = p;
    b->cap = cap;
    return true;
}

/* Room that has to be made, or is not to be had. */
uint8_t *httpa_buf_make_room(struct httpa_buf *b, size_t n)
{
    if (b->failed || n > b->max - b->n || !b->owned || !grow(b, b->n + n)) {
        b->failed = true;
        return NULL;
    }
    return b->p + b->n;
}

void httpa_buf_grew(struct httpa_buf *b, size_t n)
{
    if (!b->failed && n <= b->cap - b->n) {
        b->n += n;
    } else {
        b->failed = true;
    }
}

void httpa_buf_consume(struct httpa_buf *b, size_t n)
{
    n = n > b->n ? b->n : n;
    if (n == 0) {
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    httpa_buf_cut(b, b->n - n);
}

void httpa_buf_cut(struct httpa_buf *b, size_t n)
{
    if (n < b->n) {
        httpa_wipe(b->p + n, b->n - n);
        b->n = n;
    }
}
