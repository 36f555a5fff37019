/* Real quotes with their collateral (vectors/tdx, vectors/sgx of the shared
 * vectors), as a verifier gets them. */
#ifndef HTTPA_TEST_EVIDENCE_INTEL_SAMPLES_H
#define HTTPA_TEST_EVIDENCE_INTEL_SAMPLES_H

#include "codec/time.h"
#include "crypto/crypto.h"
#include "evidence/intel/verify.h"
#include "support/shared.h"
#include "support/test.h"
#include "unit/evidence/again.h"

static struct httpa_crypto *crypto;

static inline int open_crypto(void **state)
{
    (void)state;
    return httpa_crypto_new(&crypto) == HTTPA_OK ? 0 : -1;
}

static inline int close_crypto(void **state)
{
    (void)state;
    again_forget();
    httpa_crypto_free(crypto);
    return 0;
}

/* In the order in which a verification asks for them. */
enum piece {
    PIECE_ROOT_CRL,
    PIECE_PCK_CRL,
    PIECE_INFO,
    PIECE_TCB_CHAIN,
    PIECE_IDENTITY,
    PIECE_QE_CHAIN,
    PIECE_CRL_CHAIN,
    PIECES
};

static const struct {
    const char *file;
    const char *type;
} pieces[PIECES] = {
    [PIECE_ROOT_CRL] = { "root_ca_crl.der", HTTPA_INTEL_TYPE_ROOT_CRL },
    [PIECE_PCK_CRL] = { "pck_crl.der", HTTPA_INTEL_TYPE_PCK_CRL },
    [PIECE_INFO] = { "tcb_info.json", HTTPA_INTEL_TYPE_TCB_INFO },
    [PIECE_TCB_CHAIN] = { "tcb_info_issuer_chain.pem",
                          HTTPA_INTEL_TYPE_TCB_CHAIN },
    [PIECE_IDENTITY] = { "qe_identity.json", HTTPA_INTEL_TYPE_QE_IDENTITY },
    [PIECE_QE_CHAIN] = { "qe_identity_issuer_chain.pem",
                         HTTPA_INTEL_TYPE_QE_CHAIN },
    [PIECE_CRL_CHAIN] = { "pck_crl_issuer_chain.pem",
                          HTTPA_INTEL_TYPE_PCK_CRL_CHAIN },
};

struct sample {
    bool is_tdx;
    struct httpa_buf quote;
    struct httpa_buf files[PIECES];
    struct httpa_endorsement endorsements[PIECES];
    struct httpa_verify_in in;
};

static inline int64_t at(const char *time)
{
    int64_t unix_s = 0;
    assert_ok(httpa_time_read_rfc3339(httpa_slice_str(time), &unix_s));
    return unix_s;
}

static inline struct httpa_buf read_sample(const char *dir, const char *file)
{
    char path[160];
    struct httpa_buf b = httpa_buf_growing(65536);
    (void)snprintf(path, sizeof(path), "vectors/%s/%s", dir, file);
    if (!shared_read(path, &b)) {
        skip();
    }
    return b;
}

/* |dir| begins with the type; |time| is when it is looked at. */
static inline void open_sample(struct sample *s, const char *dir,
                               bool has_collateral, const char *time)
{
    *s = (struct sample){ .is_tdx = strncmp(dir, "tdx/", 4) == 0 };
    s->quote = read_sample(dir, "quote.bin");
    s->in = (struct httpa_verify_in){ .crypto = crypto,
                                      .value = httpa_buf_slice(&s->quote),
                                      .endorsements = s->endorsements,
                                      .now_s = at(time) };
    for (size_t i = 0; has_collateral && i < PIECES; i++) {
        s->files[i] = read_sample(dir, pieces[i].file);
        s->endorsements[i] = (struct httpa_endorsement){
            .media_type = httpa_slice_str(pieces[i].type),
            .value = httpa_buf_slice(&s->files[i]),
        };
        s->in.endorsement_count++;
    }
}

static inline void close_sample(struct sample *s)
{
    httpa_buf_done(&s->quote);
    for (size_t i = 0; i < PIECES; i++) {
        httpa_buf_done(&s->files[i]);
    }
}

/* Takes a piece away, or puts another in its place. */
static inline void
replace(struct sample *s, enum piece piece, struct httpa_slice by)
{
    s->endorsements[piece].value = by;
    if (by.n == 0) {
        s->endorsements[piece].media_type = httpa_slice_str("text/plain");
    }
}

static inline enum httpa_err
verify(const struct sample *s, struct httpa_verdict *v)
{
    const struct httpa_verifier *verifier =
        s->is_tdx ? &httpa_verifier_tdx : &httpa_verifier_sgx;
    return again_verify(verifier, &s->in, v);
}

/* The id of the first check of |v| with |outcome|, without its type. */
static inline const char *
first(const struct httpa_verdict *v, enum httpa_outcome outcome)
{
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (c->outcome == outcome) {
            return c->id + 4;
        }
    }
    return "";
}

/* The text of a claim; empty when it was not made. */
static inline struct httpa_slice
claimed(const struct httpa_verdict *v, const char *name)
{
    const struct httpa_claim *c = httpa_verdict_find(v, 0, name);
    return c != NULL ? c->value.bytes : (struct httpa_slice){ 0 };
}

#endif
