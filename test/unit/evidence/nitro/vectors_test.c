/*
 * Real documents (vectors/nitro), judged as each manifest says, at its time:
 * signatures and chain, and a plain policy that names what they measured.
 */
#include "codec/hex.h"
#include "codec/pem.h"
#include "document.h"
#include "support/shared.h"
#include "unit/evidence/again.h"

#define AT_2021 INT64_C(1631182820)  /* 2021-09-09T10:20:20Z */
#define AT_DEBUG INT64_C(1665582666) /* 2022-10-12T13:51:06Z */
#define AT_NONCE INT64_C(1665651542) /* 2022-10-13T08:59:02Z */
#define AT_2025 INT64_C(1766678719)  /* 2025-12-25T16:05:19Z */

#define ZEROS                                                                  \
    "000000000000000000000000000000000000000000000000000000000000000000000000" \
    "000000000000000000000000"

struct vector {
    const char *dir;
    int64_t at_s;
    const char *pcr0;
    const char *user_data; /* 64 bytes in hex, or NULL */
    enum httpa_outcome cryptographic;
    enum httpa_outcome policy;
    const char *reason;
};

static const struct vector rows[] = {
    { "enclave-debug", AT_DEBUG, ZEROS, NULL, HTTPA_OUTCOME_PASS,
      HTTPA_OUTCOME_FAIL, "nitro.debug" },
    { "enclave-expired-2021", AT_2021, ZEROS,
      "9e2fa4bf23f2379c237925b152e4ba592b45f95a2d913d8a8b889bd9ac81bd3a000000"
      "0000000000000000000000000000000000000000000000000000000000",
      HTTPA_OUTCOME_PASS, HTTPA_OUTCOME_FAIL, "nitro.debug" },
    { "enclave-nonce", AT_NONCE,
      "f4d48b81a460c9916d1e685119074bf24660afd3e34fae9fca0a0d28d9d5599936332687"
      "e6f66fc890ac8cf150142d8b",
      NULL, HTTPA_OUTCOME_PASS, HTTPA_OUTCOME_PASS, "" },
    { "enclave-userdata", AT_2025,
      "eb7d0dab08ff41546d7e5659aee883af7b32bb2e58e46815b719f9f7bfae7b880188a10d"
      "86317e6509923740526cf74a",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855000000"
      "0000000000000000000000000000000000000000000000000000000000",
      HTTPA_OUTCOME_PASS, HTTPA_OUTCOME_PASS, "" },
    { "bad-signature-tampered", AT_2021, ZEROS, NULL, HTTPA_OUTCOME_FAIL,
      HTTPA_OUTCOME_UNKNOWN, "nitro.signature" },
    { "bad-certificate-tampered", AT_2021, ZEROS, NULL, HTTPA_OUTCOME_FAIL,
      HTTPA_OUTCOME_UNKNOWN, "nitro.chain" },
};

static struct httpa_buf read_file(const char *dir, const char *name)
{
    char path[160];
    struct httpa_buf b = httpa_buf_growing(65536);
    (void)snprintf(path, sizeof(path), "vectors/nitro/%s/%s", dir, name);
    if (!shared_read(path, &b)) {
        skip();
    }
    return b;
}

static const struct httpa_verifier *const nitro_only[] = {
    &httpa_verifier_nitro
};

/* The plain policy: zeros are no pin, so they need the word. */
static void prepare(struct fixture *f, const struct vector *row,
                    const struct httpa_buf *doc)
{
    static const struct httpa_nitro_policy nitro = { HTTPA_NITRO_MAX_AGE_S };
    fixture_init(f);
    f->in.verifiers = nitro_only;
    f->in.verifier_count = 1;
    f->in.offline = true;
    f->in.now_s = row->at_s;
    f->items[0].media_type = httpa_slice_str("application/vnd.httpa.nitro");
    f->items[0].value = httpa_buf_slice(doc);
    f->items[0].rd = NULL;
    f->profiles[0].type = "nitro";
    f->profiles[0].nitro = &nitro;
    f->references[0][0][0] = equal("pcr0", row->pcr0);
    f->policy.insecure_unpinned = strcmp(row->pcr0, ZEROS) == 0;
}

static void judge(struct fixture *f, const struct vector *row)
{
    struct httpa_verdict *v = httpa_verdict_new();
    (void)!again_appraise(&f->in, v);
    struct httpa_slice reason = httpa_verdict_reason(v).check;
    if (httpa_verdict_cryptographic(v) != row->cryptographic ||
        !httpa_slice_is(reason, row->reason)) {
        fail_msg("%s: want %s, got %.*s", row->dir, row->reason, (int)reason.n,
                 reason.p != NULL ? (const char *)reason.p : "");
    }
    if (row->policy == HTTPA_OUTCOME_PASS) { /* identity none warns */
        assert_int_equal(httpa_verdict_policy(v), HTTPA_OUTCOME_WARN);
    } else {
        assert_int_equal(httpa_verdict_policy(v), row->policy);
    }
    httpa_verdict_free(v);
}

static void every_document(void **state)
{
    static struct fixture f;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf doc = read_file(rows[i].dir, "attestation_doc.cbor");
        (void)fprintf(stderr, "%s\n", rows[i].dir);
        prepare(&f, &rows[i], &doc);
        judge(&f, &rows[i]);
        httpa_buf_done(&doc);
    }
}

/* Today, and at the first second after the leaf. */
static void none_of_them_lives(void **state)
{
    static struct fixture f;
    static const int64_t later[] = { 3 * HOUR, 24 * HOUR, 9999 * HOUR,
                                     -2 * HOUR };
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct httpa_buf doc = read_file(rows[i].dir, "attestation_doc.cbor");
        struct vector row = rows[i];
        row.cryptographic = HTTPA_OUTCOME_FAIL;
        row.policy = HTTPA_OUTCOME_UNKNOWN;
        row.reason = "nitro.chain";
        for (size_t k = 0; k < COUNT(later); k++) {
            prepare(&f, &row, &doc);
            f.in.now_s = row.at_s + later[k];
            judge(&f, &row);
        }
        httpa_buf_done(&doc);
    }
}

static enum httpa_err verify_bound(const struct httpa_buf *doc, int64_t at_s,
                                   const uint8_t *rd, struct httpa_slice nonce)
{
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in in = { .crypto = crypto,
                                        .value = httpa_buf_slice(doc),
                                        .rd = rd,
                                        .nonce = nonce,
                                        .now_s = at_s };
    enum httpa_err err = httpa_verifier_nitro.verify(&in, v, 0);
    httpa_verdict_free(v);
    return err;
}

/* What the manifests say is in user_data and nonce. */
static void what_they_are_bound_to(void **state)
{
    uint8_t rd[HTTPA_RD_LEN], nonce[16];
    (void)state;
    (void)unhex("8013cf2d252821a740e526102b9cd3d0", nonce, sizeof(nonce));
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].user_data == NULL) {
            continue;
        }
        struct httpa_buf doc = read_file(rows[i].dir, "attestation_doc.cbor");
        struct httpa_slice n = httpa_slice_of(nonce, sizeof(nonce));
        bool has_nonce = rows[i].at_s == AT_2021;
        (void)unhex(rows[i].user_data, rd, sizeof(rd));
        assert_ok(verify_bound(&doc, rows[i].at_s, rd, n));
        rd[0] ^= 1;
        assert_err(HTTPA_ERR_EVIDENCE,
                   verify_bound(&doc, rows[i].at_s, rd, n));
        assert_err(has_nonce ? HTTPA_OK : HTTPA_ERR_EVIDENCE,
                   verify_bound(&doc, rows[i].at_s, NULL, n));
        httpa_buf_done(&doc);
    }
}

static struct httpa_buf read_pem(const char *dir, const char *name)
{
    struct httpa_buf text = read_file(dir, name);
    struct httpa_buf der = httpa_buf_growing(4096);
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
    struct httpa_slice label;
    assert_ok(httpa_pem_next(&pem, &label, &der));
    httpa_buf_done(&text);
    return der;
}

static const char *verify_under(const struct httpa_buf *doc,
                                const uint8_t *root_sha256)
{
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in in = { .crypto = crypto,
                                        .value = httpa_buf_slice(doc),
                                        .now_s = AT_2021 };
    (void)!httpa_nitro_verify(&in, root_sha256, v, 0);
    const char *id = first_open(v);
    httpa_verdict_free(v);
    return id;
}

/* The changed root in the place of the right one: not under the pin, and if
 * it were pinned, still over no chain. */
static void a_root_that_was_changed(void **state)
{
    struct httpa_buf doc =
        read_file("enclave-expired-2021", "attestation_doc.cbor");
    struct httpa_buf bad = read_pem("bad-root-tampered", "root.pem");
    struct httpa_buf good = read_pem("trust", "aws_nitro_enclaves_root_g1.pem");
    struct httpa_digest of_bad, of_good;
    struct httpa_nitro d;
    (void)state;
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA256, httpa_buf_slice(&bad),
                              &of_bad));
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA256, httpa_buf_slice(&good),
                              &of_good));
    assert_ok(httpa_nitro_read(httpa_buf_slice(&doc), &d));
    assert_true(httpa_slice_equal(d.cabundle[0], httpa_buf_slice(&good)));
    assert_int_equal(bad.n, good.n);
    assert_string_equal(verify_under(&doc, of_good.bytes), "");
    assert_string_equal(verify_under(&doc, of_bad.bytes), "nitro.chain");
    memcpy(doc.p + (d.cabundle[0].p - doc.p), bad.p, bad.n);
    assert_string_equal(verify_under(&doc, of_good.bytes), "nitro.chain");
    assert_string_equal(verify_under(&doc, of_bad.bytes), "nitro.chain");
    httpa_buf_done(&doc);
    httpa_buf_done(&bad);
    httpa_buf_done(&good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document),
        cmocka_unit_test(none_of_them_lives),
        cmocka_unit_test(what_they_are_bound_to),
        cmocka_unit_test(a_root_that_was_changed),
    };
    return cmocka_run_group_tests(tests, open_pki, close_pki);
}
