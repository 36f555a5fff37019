/*
 * Attest-Quotes and Attest-Signatures: what the service's evidence is, and
 * what its keys signed (doc/protocol.md 5.7, 6.2).
 */
#ifndef HTTPA_HANDSHAKE_QUOTES_H
#define HTTPA_HANDSHAKE_QUOTES_H

#include <httpa/evidence.h>

#include "codec/sfv.h"
#include "crypto/sign.h"

/* Items in one handshake: a platform, its devices, a spare. */
#define HTTPA_QUOTES_MAX 16u

/* One member of Attest-Quotes. */
struct httpa_quote {
    struct httpa_slice digest; /* SHA-256 of the evidence, 32 bytes */
    struct httpa_slice type;   /* media type */
    enum httpa_binding binding;
    int64_t max_age_s;      /* 0: not said */
    struct httpa_slice key; /* KEY: SPKI of the quote key */
    int64_t not_before_s;   /* KEY */
    int64_t not_after_s;    /* KEY */
};

/* Appends the canonical text of |n| members. */
void httpa_quotes_write(const struct httpa_quote *quotes, size_t n,
                        struct httpa_buf *out);

/*
 * Reads the text of Attest-Quotes into |quotes|, room for HTTPA_QUOTES_MAX;
 * slices point into |text| and |room|.
 * HTTPA_ERR_MALFORMED   a parameter is missing, or wrong in type or length
 * HTTPA_ERR_UNSUPPORTED a binding that this version does not speak
 * HTTPA_ERR_RANGE       more members, or two different quote keys
 */
HTTPA_MUST_USE enum httpa_err
httpa_quotes_read(struct httpa_slice text, struct httpa_sfv_room *room,
                  struct httpa_quote *quotes, size_t *ret_n);

/* One key of Attest-Signatures. */
struct httpa_signature {
    bool present;
    enum httpa_scheme scheme;
    struct httpa_slice bytes;
};

struct httpa_signatures {
    struct httpa_signature service;
    struct httpa_signature quote;
};

/* Appends the canonical text; nothing when no signature is present. */
void httpa_signatures_write(const struct httpa_signatures *s,
                            struct httpa_buf *out);

/* Reads the text; unknown keys are left out.  HTTPA_ERR_MALFORMED. */
HTTPA_MUST_USE enum httpa_err
httpa_signatures_read(struct httpa_slice text, struct httpa_sfv_room *room,
                      struct httpa_signatures *ret_signatures);

#endif
