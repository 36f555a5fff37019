/*
 * What every unit test includes: cmocka with its prerequisites, and a few
 * words for slices and hex.
 */
#ifndef HTTPA_TEST_H
#define HTTPA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <httpa/error.h>
#include <httpa/slice.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Fails with the error's name, so that a red test explains itself. */
#define assert_err(want, got)                                              \
    do {                                                                   \
        enum httpa_err want_ = (want);                                     \
        enum httpa_err got_ = (got);                                       \
        if (want_ != got_) {                                               \
            fail_msg("%s:%d: want %s, got %s", __FILE__, __LINE__,         \
                     httpa_err_name(want_), httpa_err_name(got_));         \
        }                                                                  \
    } while (0)
#define assert_ok(got) assert_err(HTTPA_OK, (got))

static inline void assert_slice_is(struct httpa_slice s, const char *want)
{
    if (!httpa_slice_is(s, want)) {
        fail_msg("want \"%s\", got \"%.*s\"", want, (int)s.n,
                 s.p != NULL ? (const char *)s.p : "");
    }
}

/* Decodes lower- or upper-case hex into |out|; returns the bytes written. */
static inline size_t unhex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = strlen(hex) / 2;
    assert_true(n <= cap && strlen(hex) % 2 == 0);
    for (size_t i = 0; i < n; i++) {
        char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };
        out[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    return n;
}

static inline void assert_hex(const void *p, size_t n, const char *hex)
{
    uint8_t want[4096];
    assert_int_equal(unhex(hex, want, sizeof(want)), n);
    assert_memory_equal(p, want, n);
}

/* A heap copy of exactly the bytes, so that ASan sees an over-read by one. */
static inline uint8_t *exact_copy(const void *p, size_t n)
{
    uint8_t *c = malloc(n > 0 ? n : 1);
    assert_non_null(c);
    if (n > 0) {
        memcpy(c, p, n);
    }
    return c;
}

typedef void (*mutate_fn)(struct httpa_slice in, void *arg);

/* Calls |fn| with every truncation and every single bit flip of |good|: a
 * parser must neither crash nor read past the end, whatever it answers. */
static inline void mutate(struct httpa_slice good, mutate_fn fn, void *arg)
{
    for (size_t n = 0; n <= good.n; n++) {
        uint8_t *c = exact_copy(good.p, n);
        fn(httpa_slice_of(c, n), arg);
        free(c);
    }
    uint8_t *c = exact_copy(good.p, good.n);
    for (size_t bit = 0; bit < good.n * 8; bit++) {
        c[bit / 8] ^= (uint8_t)(1u << bit % 8);
        fn(httpa_slice_of(c, good.n), arg);
        c[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(c);
}

/* Whether valgrind runs this: times say nothing, and work takes fifty times
 * as long. */
static inline bool under_valgrind(void)
{
    const char *tools = getenv("LD_PRELOAD");
    return tools != NULL && strstr(tools, "vgpreload") != NULL;
}

#endif
