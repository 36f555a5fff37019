/* Quotes made here, of each version and body: form only, signatures are
 * zeros. */
#ifndef HTTPA_TEST_EVIDENCE_INTEL_MAKER_H
#define HTTPA_TEST_EVIDENCE_INTEL_MAKER_H

#include "base/writer.h"
#include "evidence/intel/format.h"
#include "support/test.h"

struct shape {
    const char *why;
    enum httpa_err err;
    uint16_t version;
    uint32_t tee;
    uint16_t body_type; /* version 5 */
    uint32_t body_size; /* as declared in version 5 */
    size_t body_n;      /* as it is */
    uint16_t key_type;
    uint8_t vendor;      /* is changed by this */
    uint32_t sig_more;   /* is added to the declared length */
    uint16_t outer_type; /* versions 4 and 5 */
    uint32_t outer_more;
    uint16_t auth_n;
    uint16_t inner_type;
    uint32_t inner_more;
    size_t zeros; /* behind */
    const char *chain;
};

static inline void put_le(struct httpa_buf *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        httpa_buf_put_byte(b, (uint8_t)(i < 8 ? v >> (8 * i) : 0));
    }
}

/* |n| bytes that count up from |from|. */
static inline void put_run(struct httpa_buf *b, uint8_t from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        httpa_buf_put_byte(b, (uint8_t)(from + i));
    }
}

static inline void put_header(struct httpa_buf *b, const struct shape *s)
{
    static const uint8_t vendor[] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c,
                                      0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3,
                                      0x95, 0x7f, 0x06, 0x07 };
    put_le(b, s->version, 2);
    put_le(b, s->key_type, 2);
    put_le(b, s->tee, 4);
    put_le(b, 0, 4);
    httpa_buf_put(b, vendor, sizeof(vendor));
    b->p[b->n - 1] ^= s->vendor;
    put_run(b, 0, 20);
}

static inline void put_qe(struct httpa_buf *b, const struct shape *s)
{
    size_t n = strlen(s->chain);
    put_run(b, 0, 384);
    put_le(b, 0, 64);
    put_le(b, s->auth_n, 2);
    put_run(b, 0, s->auth_n);
    put_le(b, s->inner_type, 2);
    put_le(b, (uint32_t)n + s->inner_more, 4);
    httpa_buf_put_str(b, s->chain);
}

static inline void put_quote(struct httpa_buf *b, const struct shape *s)
{
    struct httpa_buf sig = httpa_buf_growing(65536);
    struct httpa_buf qe = httpa_buf_growing(65536);
    put_qe(&qe, s);
    put_le(&sig, 0, 64);
    put_run(&sig, 1, 64);
    if (s->version != 3) {
        put_le(&sig, s->outer_type, 2);
        put_le(&sig, (uint32_t)qe.n + s->outer_more, 4);
    }
    httpa_buf_put_slice(&sig, httpa_buf_slice(&qe));
    put_header(b, s);
    if (s->version == 5) {
        put_le(b, s->body_type, 2);
        put_le(b, s->body_size, 4);
    }
    put_run(b, 0, s->body_n);
    put_le(b, (uint32_t)sig.n + s->sig_more, 4);
    httpa_buf_put_slice(b, httpa_buf_slice(&sig));
    put_le(b, 0, s->zeros);
    httpa_buf_done(&sig);
    httpa_buf_done(&qe);
}

#endif
