/* What the tests of this folder share: the samples of data/README.md. */
#ifndef HTTPA_TEST_EVIDENCE_TPM_SUPPORT_H
#define HTTPA_TEST_EVIDENCE_TPM_SUPPORT_H

#include <httpa/evidence.h>

#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "evidence/tpm/format.h"
#include "support/test.h"

#define NOW INT64_C(1795210000) /* 2026-11-20T21:26:40Z */

static struct httpa_crypto *crypto;

static inline int open_crypto(void **state)
{
    (void)state;
    return httpa_crypto_new(&crypto) == HTTPA_OK ? 0 : -1;
}

static inline int close_crypto(void **state)
{
    (void)state;
    httpa_crypto_free(crypto);
    return 0;
}

static inline struct httpa_buf sample(const char *name)
{
    char path[1024];
    struct httpa_buf b = httpa_buf_growing(65536);
    const char *root = getenv("HTTPA_SOURCE_ROOT");
    (void)snprintf(path, sizeof(path), "%s/test/unit/evidence/tpm/data/%s",
                   root != NULL ? root : ".", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("%s is not there; set HTTPA_SOURCE_ROOT", path);
    }
    uint8_t *to = httpa_buf_room(&b, 65536);
    assert_non_null(to);
    httpa_buf_grew(&b, fread(to, 1, 65536, f));
    (void)fclose(f);
    return b;
}

static inline struct httpa_tpm_evidence evidence_of(const struct httpa_buf *b)
{
    struct httpa_tpm_evidence e;
    assert_ok(httpa_tpm_evidence_read(httpa_buf_slice(b), &e));
    return e;
}

/* rd of the samples: 00 01 02 ... 3f */
static inline const uint8_t *sample_rd(void)
{
    static uint8_t rd[HTTPA_RD_LEN];
    for (size_t i = 0; i < sizeof(rd); i++) {
        rd[i] = (uint8_t)i;
    }
    return rd;
}

static inline struct httpa_digest
digest_of(enum httpa_hash_id id, struct httpa_slice in)
{
    struct httpa_digest d;
    assert_ok(httpa_hash_once(crypto, id, in, &d));
    return d;
}

/* The id of the first check of |v| that neither passed nor was skipped. */
static inline const char *first_open(const struct httpa_verdict *v)
{
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (c->outcome != HTTPA_OUTCOME_PASS &&
            c->outcome != HTTPA_OUTCOME_SKIP) {
            return c->id;
        }
    }
    return "";
}

#endif
