#include "evidence/tpm/verify.h"

#include "base/writer.h"
#include "crypto/key.h"
#include "crypto/sign.h"
#include "support.h"

struct seen {
    enum httpa_err err;
    char open[64];
};

static struct seen verify(struct httpa_slice value,
                          const struct httpa_slice *expected,
                          struct httpa_verdict **ret_v)
{
    struct seen s = { 0 };
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = value,
                                  .now_s = NOW };
    struct httpa_verdict *v = httpa_verdict_new();
    assert_non_null(v);
    s.err = httpa_tpm_verify(&in, expected, v, 3);
    (void)snprintf(s.open, sizeof(s.open), "%s", first_open(v));
    if (ret_v != NULL) {
        *ret_v = v;
    } else {
        httpa_verdict_free(v);
    }
    return s;
}

static struct httpa_digest qualifying(void)
{
    return digest_of(HTTPA_SHA256, httpa_slice_of(sample_rd(), HTTPA_RD_LEN));
}

static const struct httpa_value *
claim(const struct httpa_verdict *v, const char *name)
{
    const struct httpa_claim *c = httpa_verdict_find(v, 3, name);
    if (c == NULL) {
        fail_msg("no claim %s", name);
    }
    return &c->value;
}

/* A quote as it was signed, without the values of its registers. */
static struct httpa_buf without_values(const char *name)
{
    struct httpa_buf b = sample(name);
    struct httpa_tpm_evidence e = evidence_of(&b);
    struct httpa_buf bare = httpa_buf_growing(65536);
    e.pcrs_n = 0;
    httpa_tpm_evidence_write(&bare, &e);
    assert_ok(httpa_buf_check(&bare));
    httpa_buf_done(&b);
    return bare;
}

static void values_may_be_missing_in_storage(void **state)
{
    struct httpa_verdict *v = NULL;
    struct httpa_digest d = qualifying();
    struct httpa_slice expected = httpa_digest_slice(&d);
    struct httpa_buf bare = without_values("rsa.cbor");
    (void)state;
    struct seen s = verify(httpa_buf_slice(&bare), &expected, &v);
    assert_ok(s.err);
    assert_string_equal(s.open, "tpm.pcrs.digest"); /* warns */
    assert_int_equal(claim(v, "pcr_digest")->bytes.n, 32);
    for (size_t i = 0; i < httpa_verdict_claim_count(v); i++) {
        assert_false(httpa_verdict_claim_at(v, i)->measured);
    }
    httpa_verdict_free(v);
    /* in a handshake they must be there */
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = httpa_buf_slice(&bare),
                                  .rd = sample_rd(),
                                  .now_s = NOW };
    v = httpa_verdict_new();
    assert_err(HTTPA_ERR_EVIDENCE, httpa_verifier_tpm.verify(&in, v, 3));
    assert_string_equal(first_open(v), "tpm.pcrs.digest");
    httpa_verdict_free(v);
    /* and every byte of the quote is signed all the same */
    struct httpa_slice quoted = evidence_of(&bare).attest;
    for (size_t i = 0; i < quoted.n; i++) {
        bare.p[quoted.p - bare.p + (ptrdiff_t)i] ^= 1;
        s = verify(httpa_buf_slice(&bare), &expected, NULL);
        assert_true(s.err != HTTPA_OK);
        bare.p[quoted.p - bare.p + (ptrdiff_t)i] ^= 1;
    }
    httpa_buf_done(&bare);
}

static void samples_pass_with_their_claims(void **state)
{
    struct httpa_verdict *v = NULL;
    struct httpa_digest d = qualifying();
    struct httpa_slice expected = httpa_digest_slice(&d);
    (void)state;
    struct httpa_buf b = sample("rsa.cbor");
    struct seen s = verify(httpa_buf_slice(&b), &expected, &v);
    assert_ok(s.err);
    assert_string_equal(s.open, "");
    assert_int_equal(claim(v, "ak_name")->bytes.n, 34);
    assert_int_equal(claim(v, "sha256.pcr0")->bytes.n, 32);
    assert_int_equal(claim(v, "sha384.pcr1")->bytes.n, 48);
    assert_true(httpa_verdict_find(v, 3, "sha384.pcr1")->measured);
    assert_false(httpa_verdict_find(v, 3, "ak_name")->measured);
    assert_null(httpa_verdict_find(v, 3, "sha256.pcr1"));
    assert_int_equal(claim(v, "clock_safe")->integer, 1);
    assert_true(claim(v, "clock_ms")->integer > 0);
    assert_int_equal(claim(v, "firmware_version")->bytes.n, 8);
    assert_null(httpa_verdict_find(v, 3, "ek_sha256"));
    httpa_verdict_free(v);
    httpa_buf_done(&b);
}

static void the_verifier_hashes_rd(void **state)
{
    uint8_t other[HTTPA_RD_LEN] = { 9 };
    (void)state;
    struct httpa_buf b = sample("ecc.cbor");
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = httpa_buf_slice(&b),
                                  .rd = sample_rd(),
                                  .now_s = NOW };
    struct httpa_verdict *v = httpa_verdict_new();
    assert_ok(httpa_verifier_tpm.verify(&in, v, 0));
    httpa_verdict_free(v);
    v = httpa_verdict_new();
    in.rd = other;
    assert_err(HTTPA_ERR_EVIDENCE, httpa_verifier_tpm.verify(&in, v, 0));
    assert_string_equal(first_open(v), "tpm.binding");
    httpa_verdict_free(v);
    v = httpa_verdict_new();
    in.rd = NULL; /* offline: said, and not passed */
    assert_ok(httpa_verifier_tpm.verify(&in, v, 0));
    bool skipped = false;
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        skipped = skipped || (strcmp(c->id, "tpm.binding") == 0 &&
                              c->outcome == HTTPA_OUTCOME_SKIP);
    }
    assert_true(skipped);
    httpa_verdict_free(v);
    httpa_buf_done(&b);
}

/* Each row writes the sample again with one part changed. */
static void the_check_that_fails_is_named(void **state)
{
    static const struct {
        const char *part;
        size_t at;
        uint8_t flip;
        enum httpa_err err;
        const char *check;
    } rows[] = {
        { "attest", 0, 1, HTTPA_ERR_UNSUPPORTED, "tpm.quote" },
        { "attest", 5, 1, HTTPA_ERR_UNSUPPORTED, "tpm.quote" },
        { "attest", 10, 1, HTTPA_ERR_SIGNATURE, "tpm.signature" },
        { "signature", 0, 1, HTTPA_ERR_UNSUPPORTED, "tpm.form" },
        { "signature", 3, 7, HTTPA_ERR_KEY, "tpm.signature" },
        { "signature", 20, 1, HTTPA_ERR_SIGNATURE, "tpm.signature" },
        { "public", 5, 1, HTTPA_ERR_KEY, "tpm.ak.attributes" },
        { "public", 1, 1, HTTPA_ERR_UNSUPPORTED, "tpm.form" },
        { "public", 13, 1, HTTPA_ERR_UNSUPPORTED, "tpm.form" },
        { "pcr", 31, 1, HTTPA_ERR_EVIDENCE, "tpm.pcrs.digest" },
    };
    struct httpa_digest d = qualifying();
    struct httpa_slice expected = httpa_digest_slice(&d);
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf b = sample("ecc.cbor");
        struct httpa_tpm_evidence e = evidence_of(&b);
        const uint8_t *base =
            strcmp(rows[i].part, "attest") == 0      ? e.attest.p
            : strcmp(rows[i].part, "signature") == 0 ? e.signature.p
            : strcmp(rows[i].part, "public") == 0    ? e.ak_public.p
                                                     : e.pcrs[0].value[0].p;
        b.p[(size_t)(base - b.p) + rows[i].at] ^= rows[i].flip;
        struct seen s = verify(httpa_buf_slice(&b), &expected, NULL);
        if (s.err != rows[i].err || strcmp(s.open, rows[i].check) != 0) {
            fail_msg("row %zu: %s at %s", i, httpa_err_name(s.err), s.open);
        }
        httpa_buf_done(&b);
    }
}

/* A TPM of paper: its key is a file's, its registers are what we say.  That
 * it passes is right: whose key it is, is a policy's question. */
static void forge(struct httpa_tpm_evidence *e, struct httpa_buf *room)
{
    static const uint8_t head[] = "\xff\x54\x43\x47\x80\x18\0\0";
    struct httpa_key *key = NULL;
    struct httpa_pubkey *pub = NULL;
    struct httpa_buf values = httpa_buf_growing(256);
    uint8_t raw_room[64];
    struct httpa_buf raw = httpa_buf_fixed(raw_room, sizeof(raw_room));
    size_t start[4] = { 0 };
    assert_ok(httpa_key_generate(crypto, HTTPA_KEY_P256, &key));
    assert_ok(httpa_pubkey_read(crypto, httpa_key_spki(key), &pub));
    struct httpa_slice point = httpa_pubkey_point(pub);
    for (size_t i = 0; i < e->pcrs_n; i++) {
        httpa_buf_put_slice(&values, e->pcrs[i].value[0]);
    }
    struct httpa_digest d = digest_of(HTTPA_SHA256, httpa_buf_slice(&values));
    httpa_buf_put(room, head, 8); /* no qualifiedSigner */
    httpa_write_v16(room, httpa_slice_str("nonce"));
    for (size_t i = 0; i < 25; i++) {
        httpa_buf_put_byte(room, 0);
    }
    httpa_write_u32(room, (uint32_t)e->pcrs_n);
    for (size_t i = 0; i < e->pcrs_n; i++) {
        httpa_write_u16(room, e->pcrs[i].hash);
        httpa_buf_put(room, "\x03\x01\0\0", 4);
    }
    httpa_write_v16(room, httpa_digest_slice(&d));
    start[1] = room->n;
    assert_ok(httpa_sign(crypto, key, HTTPA_SIGN_ES256,
                         httpa_slice_of(room->p, start[1]), &raw));
    httpa_buf_put(room, "\0\x18\0\x0b", 4);
    httpa_write_v16(room, httpa_slice_of(raw_room, 32));
    httpa_write_v16(room, httpa_slice_of(raw_room + 32, 32));
    start[2] = room->n;
    httpa_buf_put(room, "\0\x23\0\x0b\0\5\0\x72\0\0\0\x10\0\x10", 14);
    httpa_buf_put(room, "\0\3\0\x10", 4);
    httpa_write_v16(room, httpa_slice_of(point.p + 1, 32));
    httpa_write_v16(room, httpa_slice_of(point.p + 33, 32));
    start[3] = room->n;
    e->attest = httpa_slice_of(room->p, start[1]);
    e->signature = httpa_slice_of(room->p + start[1], start[2] - start[1]);
    e->ak_public = httpa_slice_of(room->p + start[2], start[3] - start[2]);
    httpa_pubkey_free(pub);
    httpa_key_free(key);
    httpa_buf_done(&values);
}

static void registers_of_sha1_are_carried_and_claim_nothing(void **state)
{
    static const uint8_t value[32] = { 1, 2, 3 };
    struct httpa_slice nonce = httpa_slice_str("nonce");
    struct httpa_slice empty = { 0 };
    struct httpa_verdict *v = NULL;
    uint8_t room_bytes[1024];
    struct httpa_buf room = httpa_buf_fixed(room_bytes, sizeof(room_bytes));
    struct httpa_buf map = httpa_buf_growing(4096);
    struct httpa_tpm_evidence e = { .pcrs_n = 2 };
    (void)state;
    e.pcrs[0] = (struct httpa_tpm_pcrs){ .hash = HTTPA_TPM_SHA1, .mask = 1 };
    e.pcrs[0].value[0] = httpa_slice_of(value, 20);
    e.pcrs[1] = (struct httpa_tpm_pcrs){ .hash = HTTPA_TPM_SHA256, .mask = 1 };
    e.pcrs[1].value[0] = httpa_slice_of(value, 32);
    forge(&e, &room);
    httpa_tpm_evidence_write(&map, &e);
    struct seen s = verify(httpa_buf_slice(&map), &nonce, &v);
    if (s.err != HTTPA_OK) {
        fail_msg("%s at %s", httpa_err_name(s.err), s.open);
    }
    assert_null(httpa_verdict_find(v, 3, "sha1.pcr0"));
    assert_int_equal(claim(v, "sha256.pcr0")->bytes.n, 32);
    httpa_verdict_free(v);

    /* an empty nonce is never the one that was expected */
    s = verify(httpa_buf_slice(&map), &empty, NULL);
    assert_err(HTTPA_ERR_EVIDENCE, s.err);
    httpa_buf_done(&map);
}

static void verify_one(struct httpa_slice in, void *arg)
{
    struct httpa_slice good = *(struct httpa_slice *)arg;
    struct seen s = verify(in, NULL, NULL);
    if (s.err == HTTPA_OK && !httpa_slice_equal(in, good)) {
        /* only the key's own public area may differ: its Name does too */
        struct httpa_tpm_evidence a;
        struct httpa_tpm_evidence b;
        assert_ok(httpa_tpm_evidence_read(in, &a));
        assert_ok(httpa_tpm_evidence_read(good, &b));
        assert_false(httpa_slice_equal(a.ak_public, b.ak_public));
        assert_true(httpa_slice_equal(a.attest, b.attest));
    }
}

static void mutations(void **state)
{
    (void)state;
    struct httpa_buf b = sample("ecc.cbor");
    struct httpa_slice good = httpa_buf_slice(&b);
    mutate(good, verify_one, &good);
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_pass_with_their_claims),
        cmocka_unit_test(values_may_be_missing_in_storage),
        cmocka_unit_test(the_verifier_hashes_rd),
        cmocka_unit_test(the_check_that_fails_is_named),
        cmocka_unit_test(registers_of_sha1_are_carried_and_claim_nothing),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
