#include "codec/pem.h"
#include "eventlog_maker.h"
#include "evidence/tpm/quote.h"
#include "evidence/tpm/verify.h"
#include "support.h"
#include "support/shared.h"

struct ask {
    const char *sample;
    struct httpa_tpm_policy policy;
    const struct httpa_activation *activation;
    int64_t now_s;
};

static enum httpa_err
judge_value(struct httpa_slice value, const struct ask *ask, char open[64])
{
    struct httpa_profile profile = { .type = "tpm", .tpm = &ask->policy };
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = value,
                                  .activations = ask->activation,
                                  .activation_count = ask->activation != NULL,
                                  .now_s = ask->now_s };
    struct httpa_verdict *v = httpa_verdict_new();
    assert_non_null(v);
    enum httpa_err err = httpa_tpm_judge(&profile, &in, v, 0);
    (void)snprintf(open, 64, "%s", first_open(v));
    httpa_verdict_free(v);
    return err;
}

static void expect(const struct ask *ask, enum httpa_err err, const char *open)
{
    char got[64];
    struct httpa_buf b = sample(ask->sample);
    assert_err(err, judge_value(httpa_buf_slice(&b), ask, got));
    assert_string_equal(got, open);
    httpa_buf_done(&b);
}

static struct httpa_buf name_of(const char *name)
{
    struct httpa_buf b = sample(name);
    struct httpa_buf ak = httpa_buf_growing(HTTPA_TPM_NAME_MAX);
    assert_ok(httpa_tpm_name(crypto, evidence_of(&b).ak_public, &ak));
    httpa_buf_done(&b);
    return ak;
}

static void trust_by_name(void **state)
{
    (void)state;
    struct httpa_buf names[2] = { name_of("ecc.cbor"), name_of("rsa.cbor") };
    struct httpa_slice both[2] = { httpa_buf_slice(&names[0]),
                                   httpa_buf_slice(&names[1]) };
    struct ask ask = { .sample = "rsa.cbor", .now_s = NOW };
    ask.policy.trust = HTTPA_AK_PINNED;
    ask.policy.names = both;
    ask.policy.name_count = 2;
    expect(&ask, HTTPA_OK, "");
    ask.policy.name_count = 1; /* only the other key */
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    ask.policy.name_count = 0;
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    both[0].n -= 1; /* a prefix is no name */
    ask.sample = "ecc.cbor";
    ask.policy.name_count = 1;
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    ask.policy.trust = HTTPA_AK_UNSET;
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    httpa_buf_done(&names[0]);
    httpa_buf_done(&names[1]);
}

static void trust_by_endorsement(void **state)
{
    (void)state;
    struct httpa_buf ca = sample("root.der");
    struct httpa_buf b = sample("ek.cbor");
    struct httpa_buf ak = name_of("ek.cbor");
    struct httpa_tpm_evidence e = evidence_of(&b);
    struct httpa_digest ek = digest_of(HTTPA_SHA256, e.ek_chain.der[0]);
    struct httpa_digest wrong = digest_of(HTTPA_SHA256, e.ek_chain.der[1]);
    struct httpa_slice root = httpa_buf_slice(&ca);
    struct httpa_slice leaf = e.ek_chain.der[0];
    struct httpa_activation done = { .ak_name = httpa_buf_slice(&ak),
                                     .ek_sha256 = httpa_digest_slice(&ek) };
    struct httpa_activation other = { .ak_name = httpa_buf_slice(&ak),
                                      .ek_sha256 = httpa_digest_slice(&wrong) };
    struct httpa_activation empty = { 0 };
    struct ask ask = { .sample = "ek.cbor", .now_s = NOW };
    ask.policy.trust = HTTPA_AK_EK;
    ask.policy.roots = &root;
    ask.policy.root_count = 1;
    expect(&ask, HTTPA_ERR_UNDECIDED, "tpm.ak.activated");
    ask.activation = &done;
    expect(&ask, HTTPA_OK, "");
    ask.activation = &other;
    expect(&ask, HTTPA_ERR_UNDECIDED, "tpm.ak.activated");
    ask.activation = &empty;
    expect(&ask, HTTPA_ERR_UNDECIDED, "tpm.ak.activated");
    ask.activation = &done;

    ask.now_s = 0; /* before anything was valid */
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    ask.now_s = NOW;
    ask.policy.root_count = 0;
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    ask.policy.root_count = 1;
    ask.sample = "ekrsa.cbor"; /* its issuer is not there */
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    ask.sample = "ecc.cbor"; /* no endorsement at all */
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    ask.sample = "ek.cbor"; /* a leaf may be an anchor: the lab's one TPM */
    ask.policy.roots = &leaf;
    expect(&ask, HTTPA_OK, "");
    ask.policy.trust = HTTPA_AK_CHAIN; /* an EK chain is no AK chain */
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    httpa_buf_done(&ak);
    httpa_buf_done(&b);
    httpa_buf_done(&ca);
}

/* Certificates of a CA are no endorsement certificates, though they chain. */
static void the_certificate_must_be_of_the_key_and_say_so(void **state)
{
    char open[64];
    (void)state;
    struct httpa_buf ca = sample("root.der");
    struct httpa_buf b = sample("ek.cbor");
    struct httpa_buf r = sample("ekrsa.cbor");
    struct httpa_buf mixed = httpa_buf_growing(65536);
    struct httpa_tpm_evidence e = evidence_of(&b);
    struct httpa_tpm_evidence other = evidence_of(&r);
    struct httpa_slice root = httpa_buf_slice(&ca);
    struct ask ask = { .now_s = NOW };
    ask.policy.trust = HTTPA_AK_EK;
    ask.policy.roots = &root;
    ask.policy.root_count = 1;

    struct httpa_tpm_evidence m = e;
    m.ek_public = other.ek_public; /* another key than the certificate's */
    httpa_tpm_evidence_write(&mixed, &m);
    assert_err(HTTPA_ERR_APPRAISAL,
               judge_value(httpa_buf_slice(&mixed), &ask, open));
    assert_string_equal(open, "tpm.ak.trust");

    m = e;
    m.ek_chain.der[0] = e.ek_chain.der[1]; /* the issuer: no EKU */
    m.ek_chain.n = 1;
    httpa_buf_reset(&mixed);
    httpa_tpm_evidence_write(&mixed, &m);
    assert_err(HTTPA_ERR_APPRAISAL,
               judge_value(httpa_buf_slice(&mixed), &ask, open));

    m = e; /* an attestation key in place of the endorsement key */
    m.ek_public = e.ak_public;
    httpa_buf_reset(&mixed);
    httpa_tpm_evidence_write(&mixed, &m);
    assert_err(HTTPA_ERR_APPRAISAL,
               judge_value(httpa_buf_slice(&mixed), &ask, open));
    httpa_buf_done(&mixed);
    httpa_buf_done(&b);
    httpa_buf_done(&r);
    httpa_buf_done(&ca);
}

/* A quote whose register 7 is what the log of eventlog_maker.h replays to.
 * judge() comes after verify(), so that no TPM need sign it. */
static void event_logs(void **state)
{
    static const struct {
        uint8_t value;  /* of the variable */
        bool forged;    /* the digest is of other bytes */
        bool in_quote;  /* the register says the same as the log */
        bool want_boot; /* the policy */
        enum httpa_err err;
        const char *open;
    } rows[] = {
        { 1, false, true, false, HTTPA_OK, "" },
        { 1, false, true, true, HTTPA_OK, "" },
        { 0, false, true, false, HTTPA_OK, "" },
        { 0, false, true, true, HTTPA_ERR_APPRAISAL, "tpm.secure_boot" },
        { 1, true, true, true, HTTPA_ERR_APPRAISAL, "tpm.secure_boot" },
        { 1, false, false, false, HTTPA_ERR_APPRAISAL, "tpm.event_log" },
    };
    (void)state;
    struct httpa_buf b = sample("ecc.cbor");
    struct httpa_buf ak = name_of("ecc.cbor");
    struct httpa_slice name = httpa_buf_slice(&ak);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char open[64];
        struct httpa_digest pcr7;
        struct httpa_buf log = httpa_buf_growing(4096);
        struct httpa_buf value = httpa_buf_growing(65536);
        struct httpa_tpm_evidence e = evidence_of(&b);
        make_secure_boot_log(&log, rows[i].value, rows[i].forged, &pcr7);
        pcr7.bytes[0] ^= (uint8_t)!rows[i].in_quote;
        e.event_log = httpa_buf_slice(&log);
        e.pcrs[0].mask = 1u << 7;
        e.pcrs[0].value[7] = httpa_digest_slice(&pcr7);
        httpa_tpm_evidence_write(&value, &e);
        struct ask ask = { .now_s = NOW };
        ask.policy.trust = HTTPA_AK_PINNED;
        ask.policy.names = &name;
        ask.policy.name_count = 1;
        ask.policy.replay_event_log = true;
        ask.policy.secure_boot = rows[i].want_boot;
        enum httpa_err err = judge_value(httpa_buf_slice(&value), &ask, open);
        if (err != rows[i].err || strcmp(open, rows[i].open) != 0) {
            fail_msg("row %zu: %s, %s", i, httpa_err_name(err), open);
        }
        httpa_buf_done(&value);
        httpa_buf_done(&log);
    }
    httpa_buf_done(&ak);
    httpa_buf_done(&b);
}

static void no_log_is_no_replay(void **state)
{
    (void)state;
    struct httpa_buf ak = name_of("ecc.cbor");
    struct httpa_slice name = httpa_buf_slice(&ak);
    struct ask ask = { .sample = "ecc.cbor", .now_s = NOW };
    ask.policy.trust = HTTPA_AK_PINNED;
    ask.policy.names = &name;
    ask.policy.name_count = 1;
    ask.policy.secure_boot = true; /* asks for the log by itself */
    expect(&ask, HTTPA_ERR_APPRAISAL, "tpm.event_log");
    httpa_buf_done(&ak);
}

/* Appends the certificate in the file |path|; returns its length. */
static size_t read_pem(const char *path, struct httpa_buf *der)
{
    struct httpa_buf text = httpa_buf_growing(65536);
    struct httpa_slice label;
    size_t at = der->n;
    assert_true(shared_read(path, &text));
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
    assert_ok(httpa_pem_next(&pem, &label, der));
    httpa_buf_done(&text);
    return der->n - at;
}

/* A real attestation key certificate (GCE), at the time of its manifest. */
static void trust_by_chain(void **state)
{
#define GCE "vectors/tpm2/gce-cos-sha256-no-nonce/"
    char open[64];
    struct httpa_buf pub = httpa_buf_growing(4096);
    struct httpa_buf der = httpa_buf_growing(65536);
    struct httpa_buf value = httpa_buf_growing(65536);
    (void)state;
    if (!shared_read(GCE "ak.tpmt_public", &pub)) {
        skip();
    }
    size_t leaf_n = read_pem(GCE "ak_cert.pem", &der);
    size_t middle_n = read_pem(GCE "ak_intermediate.pem", &der);
    size_t root_n = read_pem(GCE "ak_root.pem", &der);
    struct httpa_slice leaf = httpa_slice_of(der.p, leaf_n);
    struct httpa_slice middle = httpa_slice_of(der.p + leaf_n, middle_n);
    struct httpa_slice root = httpa_slice_of(der.p + leaf_n + middle_n, root_n);
    struct httpa_buf b = sample("ecc.cbor");
    struct httpa_tpm_evidence e = evidence_of(&b);
    e.ak_public = httpa_buf_slice(&pub);
    e.ak_chain.der[0] = leaf;
    e.ak_chain.der[1] = middle;
    e.ak_chain.n = 2;
    httpa_tpm_evidence_write(&value, &e);
    struct ask ask = { .now_s = 1640995200 }; /* 2022-01-01 */
    ask.policy.trust = HTTPA_AK_CHAIN;
    ask.policy.roots = &root;
    ask.policy.root_count = 1;
    assert_ok(judge_value(httpa_buf_slice(&value), &ask, open));

    ask.now_s = 0;
    assert_err(HTTPA_ERR_APPRAISAL,
               judge_value(httpa_buf_slice(&value), &ask, open));
    ask.now_s = 1640995200;
    e.ak_chain.n = 1; /* without its issuer */
    httpa_buf_reset(&value);
    httpa_tpm_evidence_write(&value, &e);
    assert_err(HTTPA_ERR_APPRAISAL,
               judge_value(httpa_buf_slice(&value), &ask, open));
    e.ak_chain.n = 2;
    e.ak_public = evidence_of(&b).ak_public; /* of another key */
    httpa_buf_reset(&value);
    httpa_tpm_evidence_write(&value, &e);
    assert_err(HTTPA_ERR_APPRAISAL,
               judge_value(httpa_buf_slice(&value), &ask, open));
    assert_string_equal(open, "tpm.ak.trust");
    httpa_buf_done(&b);
    httpa_buf_done(&value);
    httpa_buf_done(&der);
    httpa_buf_done(&pub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trust_by_name),
        cmocka_unit_test(trust_by_endorsement),
        cmocka_unit_test(the_certificate_must_be_of_the_key_and_say_so),
        cmocka_unit_test(event_logs),
        cmocka_unit_test(no_log_is_no_replay),
        cmocka_unit_test(trust_by_chain),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
