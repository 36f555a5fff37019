/*
 * Real reports (vectors/sev-snp): each gets the verdicts of its manifest at
 * its time, with AMD's own roots.  The policy half is judged with a plain
 * policy: any product, any signer, any level, no debugging.
 */
#include "codec/time.h"
#include "evidence/snp/verify.h"
#include "support/shared.h"
#include "unit/evidence/again.h"

#define FILE_MAX 16384u
#define FILES 16u

static struct httpa_crypto *crypto;

struct vector {
    const char *dir;
    const char *leaf;
    const char *at;
    enum httpa_err cryptographic;
    const char *failed; /* check */
    enum httpa_err policy;
    const char *product;
};

static const struct vector rows[] = {
    { "bad-v3-milan-report-data-flipped", "vcek.der", "2025-05-07T12:39:06Z",
      HTTPA_ERR_SIGNATURE, "sev-snp.signature", HTTPA_OK, NULL },
    { "bad-v3-milan-vcek-of-older-tcb", "vcek.der", "2025-05-07T12:39:06Z",
      HTTPA_ERR_EVIDENCE, "sev-snp.leaf.tcb", HTTPA_OK, NULL },
    { "v2-genoa-vcek", "vcek.der", "2024-10-24T04:36:24Z", HTTPA_OK, NULL,
      HTTPA_OK, "genoa" },
    { "v2-milan-vcek", "vcek.der", "2025-05-07T12:39:06Z", HTTPA_OK, NULL,
      HTTPA_OK, "milan" },
    { "v2-milan-vcek-azure", "vcek.der", "2025-05-07T12:39:06Z", HTTPA_OK, NULL,
      HTTPA_OK, "milan" },
    { "v2-milan-vcek-debug-policy", "vcek.der", "2025-05-07T12:39:06Z",
      HTTPA_OK, "sev-snp.debug", HTTPA_ERR_APPRAISAL, "milan" },
    { "v2-milan-vlek-vmpl1", "vlek.der", "2024-06-04T21:14:27Z", HTTPA_OK, NULL,
      HTTPA_OK, "milan" },
    { "v3-genoa-vcek-aci", "vcek.der", "2026-03-07T02:05:07Z", HTTPA_OK, NULL,
      HTTPA_OK, "genoa" },
    { "v3-genoa-vcek-azure", "vcek.der", "2025-01-25T02:21:48Z", HTTPA_OK, NULL,
      HTTPA_OK, "genoa" },
    { "v3-milan-vcek-gce", "vcek.der", "2025-05-07T12:39:06Z", HTTPA_OK, NULL,
      HTTPA_OK, "milan" },
    { "v3-milan-vcek-gce", "vcek.der", "2032-01-16T21:21:54Z",
      HTTPA_ERR_EXPIRED, "sev-snp.chain", HTTPA_OK, NULL },
    { "v3-milan-vlek-aws-vmpl1", "vlek.der", "2025-05-07T12:39:06Z", HTTPA_OK,
      NULL, HTTPA_OK, "milan" },
    { "v5-genoa-vcek", "vcek.der", "2025-08-08T17:21:41Z", HTTPA_OK, NULL,
      HTTPA_OK, "genoa" },
    { "v5-turin-vcek", "vcek.der", "2025-08-16T17:04:46Z", HTTPA_OK, NULL,
      HTTPA_OK, "turin" },
};

static const char *const trust[] = {
    "milan_ark.pem", "milan_ask.pem", "milan_asvk.pem",
    "genoa_ark.pem", "genoa_ask.pem", "genoa_asvk.pem",
    "turin_ark.pem", "turin_ask.pem", "turin_asvk.pem",
};

static const char *const lists[] = { "milan_ark.crl.der", "genoa_ark.crl.der" };

static struct httpa_buf read_file(const char *dir, const char *name)
{
    char path[160];
    struct httpa_buf b = httpa_buf_growing(FILE_MAX);
    (void)snprintf(path, sizeof(path), "vectors/sev-snp/%s/%s", dir, name);
    if (!shared_read(path, &b)) {
        skip();
    }
    return b;
}

struct files {
    struct httpa_buf v[FILES];
    struct httpa_endorsement endorsements[FILES];
    size_t n;
};

static void
add(struct files *f, const char *dir, const char *name, const char *media_type)
{
    f->v[f->n] = read_file(dir, name);
    f->endorsements[f->n] =
        (struct httpa_endorsement){ httpa_slice_str(media_type),
                                    httpa_buf_slice(&f->v[f->n]) };
    f->n++;
}

static bool names_failure(const struct httpa_verdict *v, const char *id)
{
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (c->outcome == HTTPA_OUTCOME_FAIL) {
            return strcmp(c->id, id) == 0;
        }
    }
    return false;
}

static void judge(const struct vector *row, const struct httpa_verify_in *in,
                  struct httpa_verdict *v)
{
    const struct httpa_snp_policy plain = { .insecure_any_tcb = true,
                                            .vcek = true,
                                            .vlek = true,
                                            .vmpls = 15,
                                            .provisional_firmware = true };
    const struct httpa_profile profile = { .type = "sev-snp", .snp = &plain };
    const struct httpa_claim *product = httpa_verdict_find(v, 0, "product");
    assert_non_null(product);
    assert_slice_is(product->value.bytes, row->product);
    assert_err(row->policy, httpa_verifier_snp.judge(&profile, in, v, 0));
}

static void one(const struct vector *row)
{
    struct httpa_buf report = read_file(row->dir, "report.bin");
    struct files f = { .n = 0 };
    struct httpa_verdict *v = httpa_verdict_new();
    int64_t now_s;
    add(&f, row->dir, row->leaf, HTTPA_ENDORSEMENT_CERT);
    for (size_t i = 0; i < COUNT(trust); i++) {
        add(&f, "trust", trust[i], HTTPA_ENDORSEMENT_CHAIN);
    }
    for (size_t i = 0; i < COUNT(lists); i++) {
        add(&f, "trust", lists[i], HTTPA_ENDORSEMENT_CRL);
    }
    assert_ok(httpa_time_read_rfc3339(httpa_slice_str(row->at), &now_s));
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = httpa_buf_slice(&report),
                                  .endorsements = f.endorsements,
                                  .endorsement_count = f.n,
                                  .now_s = now_s };
    enum httpa_err err = again_verify(&httpa_verifier_snp, &in, v);
    if (err != row->cryptographic) {
        fail_msg("%s: %s", row->dir, httpa_err_name(err));
    }
    if (err == HTTPA_OK) {
        judge(row, &in, v);
    }
    if (row->failed != NULL && !names_failure(v, row->failed)) {
        fail_msg("%s: %s did not fail", row->dir, row->failed);
    }
    httpa_verdict_free(v);
    for (size_t i = 0; i < f.n; i++) {
        httpa_buf_done(&f.v[i]);
    }
    httpa_buf_done(&report);
}

static void manifests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        one(&rows[i]);
    }
}

/* Certificates whose extensions somebody changed are no longer AMD's. */
static void tampered_certificates(void **state)
{
    static const char *const dirs[] = { "bad-cert-vcek-tampered-legacy",
                                        "bad-cert-vcek-tampered-new" };
    (void)state;
    for (size_t i = 0; i < COUNT(dirs); i++) {
        struct vector row = { dirs[i],  "vcek.der", "2023-01-01T00:00:00Z",
                              HTTPA_OK, NULL,       HTTPA_OK,
                              NULL };
        struct httpa_buf report = read_file("v2-milan-vcek", "report.bin");
        struct files f = { .n = 0 };
        struct httpa_verdict *v = httpa_verdict_new();
        add(&f, row.dir, row.leaf, HTTPA_ENDORSEMENT_CERT);
        add(&f, "trust", "milan_ark.pem", HTTPA_ENDORSEMENT_CHAIN);
        add(&f, "trust", "milan_ask.pem", HTTPA_ENDORSEMENT_CHAIN);
        struct httpa_verify_in in = { .crypto = crypto,
                                      .value = httpa_buf_slice(&report),
                                      .endorsements = f.endorsements,
                                      .endorsement_count = f.n,
                                      .now_s = 1767225600 };
        assert_err(HTTPA_ERR_CHAIN, again_verify(&httpa_verifier_snp, &in, v));
        httpa_verdict_free(v);
        for (size_t k = 0; k < f.n; k++) {
            httpa_buf_done(&f.v[k]);
        }
        httpa_buf_done(&report);
    }
}

static int setup(void **state)
{
    (void)state;
    return httpa_crypto_new(&crypto) == HTTPA_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    again_forget();
    httpa_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifests),
        cmocka_unit_test(tampered_certificates),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
