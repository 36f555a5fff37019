/*
 * Bytes that cross the API.
 *
 * A pointer never travels without its length.  Input is a `struct
 * httpa_slice`: borrowed bytes, never changed, valid for as long as the
 * function that hands it out says.  Output is a `struct httpa_buf`: an
 * append-only buffer with a hard ceiling.  Two kinds of buffer exist and are
 * used in the same way:
 *
 *   uint8_t room[256];
 *   struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
 *
 *   struct httpa_buf g = httpa_buf_growing(65536);   // heap, at most 64 KiB
 *   ...
 *   httpa_buf_done(&g);                              // wipes and frees
 *
 * Appending past the ceiling, or running out of memory, sets `failed` and
 * drops the bytes; every later append is dropped too.  So a writer appends
 * without looking and asks once at the end: httpa_buf_check().
 */
#ifndef HTTPA_SLICE_H
#define HTTPA_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <httpa/error.h>

struct httpa_slice {
    const uint8_t *p; /* may be NULL when n is 0 */
    size_t n;         /* bytes */
};

struct httpa_buf {
    uint8_t *p;  /* storage */
    size_t n;    /* bytes written */
    size_t cap;  /* bytes of storage */
    size_t max;  /* ceiling; larger than cap only for growing buffers */
    bool owned;  /* storage is on the heap and ours */
    bool failed; /* sticky: something did not fit */
};

/* A buffer over |cap| bytes of the caller's storage. */
struct httpa_buf httpa_buf_fixed(uint8_t *storage, size_t cap);

/* A heap buffer that grows with the bytes really written, up to |max|. */
struct httpa_buf httpa_buf_growing(size_t max);

/* Wipes the bytes, frees owned storage, leaves an empty buffer. */
void httpa_buf_done(struct httpa_buf *b);

/* Wipes the bytes and forgets them and the failure; keeps the storage. */
void httpa_buf_reset(struct httpa_buf *b);

/* The slow half of httpa_buf_room: grows, or fails.  Not to be called. */
uint8_t *httpa_buf_make_room(struct httpa_buf *b, size_t n);

/* Makes room for |n| more bytes and returns where they go, or NULL (and
 * `failed`).  The caller writes at most |n| bytes there and then says how many
 * with httpa_buf_grew. */
static inline uint8_t *httpa_buf_room(struct httpa_buf *b, size_t n)
{
    /* |cap| never passes |max|. */
    bool there = !b->failed && b->p != NULL && n <= b->cap - b->n;
    return there ? b->p + b->n : httpa_buf_make_room(b, n);
}

void httpa_buf_grew(struct httpa_buf *b, size_t n);

/* Appends |n| bytes at |p|.  Defined here for the same reason as the slices
 * below. */
static inline void httpa_buf_put(struct httpa_buf *b, const void *p, size_t n)
{
    uint8_t *to = n > 0 ? httpa_buf_room(b, n) : NULL;
    if (to != NULL) {
        memcpy(to, p, n);
        b->n += n;
    }
}

static inline void httpa_buf_put_slice(struct httpa_buf *b,
                                       struct httpa_slice s)
{
    httpa_buf_put(b, s.p, s.n);
}

static inline void httpa_buf_put_str(struct httpa_buf *b, const char *s)
{
    httpa_buf_put(b, s, strlen(s));
}

static inline void httpa_buf_put_byte(struct httpa_buf *b, uint8_t v)
{
    httpa_buf_put(b, &v, 1);
}

/* Removes |n| bytes from the front; what follows moves down. */
void httpa_buf_consume(struct httpa_buf *b, size_t n);

/* Wipes and removes everything behind the first |n| bytes. */
void httpa_buf_cut(struct httpa_buf *b, size_t n);

/* HTTPA_OK, or HTTPA_ERR_SPACE when something did not fit. */
HTTPA_MUST_USE static inline enum httpa_err
httpa_buf_check(const struct httpa_buf *b)
{
    return b->failed ? HTTPA_ERR_SPACE : HTTPA_OK;
}

/* The bytes written; valid until the buffer is next changed. */
static inline struct httpa_slice httpa_buf_slice(const struct httpa_buf *b)
{
    return (struct httpa_slice){ .p = b->p, .n = b->n };
}

/* Defined here: every byte of every message is looked at through these, and
 * the length of a constant is known to the compiler. */
static inline struct httpa_slice httpa_slice_of(const void *p, size_t n)
{
    return (struct httpa_slice){ .p = (const uint8_t *)p, .n = n };
}

static inline struct httpa_slice httpa_slice_str(const char *s)
{
    return httpa_slice_of(s, strlen(s));
}

/* From |from| to the end; empty when |from| is past it. */
static inline struct httpa_slice httpa_slice_from(struct httpa_slice s,
                                                  size_t from)
{
    if (from >= s.n) {
        return (struct httpa_slice){ 0 };
    }
    return (struct httpa_slice){ .p = s.p + from, .n = s.n - from };
}

/* Bytewise equality of public bytes.  Secrets: httpa_ct_equal. */
static inline bool httpa_slice_equal(struct httpa_slice a,
                                     struct httpa_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool httpa_slice_is(struct httpa_slice a, const char *s)
{
    return httpa_slice_equal(a, httpa_slice_str(s));
}

static inline bool httpa_slice_starts(struct httpa_slice a,
                                      const char *prefix)
{
    size_t n = strlen(prefix);
    return a.n >= n && (n == 0 || memcmp(a.p, prefix, n) == 0);
}

/* ASCII case-insensitive, for field names and host names. */
bool httpa_slice_equal_nocase(struct httpa_slice a, struct httpa_slice b);

static inline bool httpa_slice_is_nocase(struct httpa_slice a, const char *s)
{
    size_t n = strlen(s);
    return a.n == n && httpa_slice_equal_nocase(a, httpa_slice_of(s, n));
}

#endif
