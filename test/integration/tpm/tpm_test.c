/*
 * The attester against a real TPM 2.0 (swtpm), and the verifier against what
 * the attester makes: doc/protocol.md 6.5 and 11.2 from end to end.
 */
#include <httpa/attest.h>
#include <httpa/evidence.h>

#include "base/secret.h"
#include "codec/pem.h"
#include "crypto/crypto.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "evidence/tpm/credential.h"
#include "evidence/tpm/quote.h"
#include "support/swtpm.h"

static struct httpa_crypto *crypto;
static struct swtpm ours;
static struct swtpm other; /* of another machine, with another CA */

static const uint8_t rd[HTTPA_RD_LEN] = "what this handshake is about";
static const uint8_t other_rd[HTTPA_RD_LEN] = "what that handshake is about";

static int set_up(void **state)
{
    (void)state;
    assert_ok(httpa_crypto_new(&crypto));
    swtpm_start(&ours);
    swtpm_start(&other);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    swtpm_stop(&ours);
    swtpm_stop(&other);
    httpa_crypto_free(crypto);
    return 0;
}

/* ------------------------------------------------------------- one machine */

static struct httpa_attester *
open_with(const struct swtpm *t, struct httpa_attest_options o)
{
    struct httpa_attest_diag diag;
    struct httpa_attester *a = NULL;
    o.tee = "tpm";
    o.tpm_tcti = t->tcti;
    enum httpa_err err = httpa_attester_open(&a, &o, &diag);
    if (err != HTTPA_OK) {
        fail_msg("%s: %s", httpa_err_name(err), diag.text);
    }
    return a;
}

static struct httpa_buf quote(struct httpa_attester *a, const uint8_t *over)
{
    struct httpa_attest_diag diag;
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    enum httpa_err err = a->quote(a, over, &value, &diag);
    if (err != HTTPA_OK) {
        fail_msg("%s: %s", httpa_err_name(err), diag.text);
    }
    return value;
}

/* The CA certificate |name| of |t|, DER, as a root for policies. */
static struct httpa_buf read_root(const struct swtpm *t, const char *name)
{
    char path[160];
    char text[8192];
    struct httpa_buf der = httpa_buf_growing(4096);
    struct httpa_slice label;
    (void)snprintf(path, sizeof(path), "%s/ca/%s", t->dir, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    struct httpa_slice in = { .p = (const uint8_t *)text,
                              .n = fread(text, 1, sizeof(text), f) };
    (void)fclose(f);
    struct httpa_pem pem = httpa_pem_of(in);
    assert_ok(httpa_pem_next(&pem, &label, &der));
    return der;
}

/* ---------------------------------------------------------------- verifier */

struct outcome {
    enum httpa_err err;
    char failed[64]; /* id of the first check that did not pass */
    uint8_t ak_name[HTTPA_TPM_NAME_MAX];
    size_t ak_name_n;
    size_t registers;
};

/* verify(), and judge() when there is a policy. */
static struct outcome look(struct httpa_slice value, const uint8_t *over,
                           const struct httpa_tpm_policy *policy,
                           const struct httpa_activation *activation)
{
    struct outcome o = { 0 };
    struct httpa_profile profile = { .type = "tpm", .tpm = policy };
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = value,
                                  .rd = over,
                                  .activations = activation,
                                  .activation_count = activation != NULL,
                                  .now_s = (int64_t)time(NULL) };
    assert_non_null(v);
    o.err = httpa_verifier_tpm.verify(&in, v, 0);
    if (o.err == HTTPA_OK && policy != NULL) {
        o.err = httpa_verifier_tpm.judge(&profile, &in, v, 0);
    }
    for (size_t i = 0; i < httpa_verdict_check_count(v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(v, i);
        if (c->outcome != HTTPA_OUTCOME_PASS &&
            c->outcome != HTTPA_OUTCOME_SKIP && o.failed[0] == '\0') {
            (void)snprintf(o.failed, sizeof(o.failed), "%s", c->id);
        }
    }
    assert_true((o.err == HTTPA_OK) == (o.failed[0] == '\0'));
    const struct httpa_claim *name = httpa_verdict_find(v, 0, "ak_name");
    if (name != NULL) {
        o.ak_name_n = name->value.bytes.n;
        memcpy(o.ak_name, name->value.bytes.p, o.ak_name_n);
    }
    for (size_t i = 0; i < httpa_verdict_claim_count(v); i++) {
        o.registers += httpa_verdict_claim_at(v, i)->measured;
    }
    httpa_verdict_free(v);
    return o;
}

static void
expect(const struct outcome *o, enum httpa_err err, const char *failed)
{
    assert_err(err, o->err);
    assert_string_equal(failed, o->failed);
}

/* ------------------------------------------------------------------- tests */

static void every_key_and_bank(void **state)
{
    static const struct {
        const char *ak;
        const char *pcrs;
        size_t registers;
    } rows[] = {
        { NULL, NULL, 24 },
        { "ecdsa-p256-sha256", "sha256:0-7,16", 9 },
        { "ecdsa-p384-sha384", "sha384:0,23", 2 },
        { "rsassa-2048-sha256", "sha256:0-7,16+sha384:0", 10 },
        { "rsapss-2048-sha256", "sha384:0-23+sha256:0-23", 48 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_attester *a = open_with(
            &ours, (struct httpa_attest_options){ .tpm_ak = rows[i].ak,
                                                  .tpm_pcrs = rows[i].pcrs });
        (void)fprintf(stderr, "%s\n", a->description);
        assert_string_equal(a->media_type, httpa_verifier_tpm.media_type);
        struct httpa_buf value = quote(a, rd);
        struct outcome o = look(httpa_buf_slice(&value), rd, NULL, NULL);
        expect(&o, HTTPA_OK, "");
        assert_int_equal(o.registers, rows[i].registers);
        struct outcome wrong =
            look(httpa_buf_slice(&value), other_rd, NULL, NULL);
        expect(&wrong, HTTPA_ERR_EVIDENCE, "tpm.binding");
        httpa_buf_done(&value);
        httpa_attester_close(a);
    }
}

static void the_key_is_the_same_tomorrow(void **state)
{
    struct outcome o[2];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct httpa_attester *a =
            open_with(&ours, (struct httpa_attest_options){ 0 });
        struct httpa_buf value = quote(a, rd);
        o[i] = look(httpa_buf_slice(&value), rd, NULL, NULL);
        httpa_buf_done(&value);
        httpa_attester_close(a);
    }
    assert_int_equal(o[0].ak_name_n, 34);
    assert_memory_equal(o[0].ak_name, o[1].ak_name, 34);
}

static void only_the_pinned_key(void **state)
{
    (void)state;
    struct httpa_attester *a =
        open_with(&ours, (struct httpa_attest_options){ 0 });
    struct httpa_attester *b =
        open_with(&other, (struct httpa_attest_options){ 0 });
    struct httpa_buf va = quote(a, rd);
    struct httpa_buf vb = quote(b, rd);
    struct outcome o = look(httpa_buf_slice(&va), rd, NULL, NULL);
    struct httpa_slice name = httpa_slice_of(o.ak_name, o.ak_name_n);
    struct httpa_tpm_policy policy = { .trust = HTTPA_AK_PINNED,
                                       .names = &name,
                                       .name_count = 1 };
    struct outcome pinned = look(httpa_buf_slice(&va), rd, &policy, NULL);
    expect(&pinned, HTTPA_OK, "");
    struct outcome foreign = look(httpa_buf_slice(&vb), rd, &policy, NULL);
    expect(&foreign, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    struct httpa_tpm_policy none = { 0 };
    struct outcome unset = look(httpa_buf_slice(&va), rd, &none, NULL);
    expect(&unset, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    httpa_buf_done(&va);
    httpa_buf_done(&vb);
    httpa_attester_close(a);
    httpa_attester_close(b);
}

/* No changed byte of evidence is ever accepted: of any part without an
 * endorsement key, and of the certificates with one. */
static void no_changed_byte_passes(void **state)
{
    (void)state;
    struct httpa_attester *a =
        open_with(&ours, (struct httpa_attest_options){
                             .tpm_ek = "none", .tpm_pcrs = "sha256:0-7" });
    struct httpa_buf value = quote(a, rd);
    struct outcome o = look(httpa_buf_slice(&value), rd, NULL, NULL);
    struct httpa_slice name = httpa_slice_of(o.ak_name, o.ak_name_n);
    struct httpa_tpm_policy policy = { .trust = HTTPA_AK_PINNED,
                                       .names = &name,
                                       .name_count = 1 };
    for (size_t i = 0; i < value.n; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            value.p[i] ^= (uint8_t)(1u << bit);
            struct outcome bad =
                look(httpa_buf_slice(&value), rd, &policy, NULL);
            if (bad.err == HTTPA_OK) {
                fail_msg("bit %u of byte %zu may change", bit, i);
            }
            value.p[i] ^= (uint8_t)(1u << bit);
        }
    }
    for (size_t n = 0; n < value.n; n++) {
        uint8_t *cut = exact_copy(value.p, n);
        struct outcome bad = look(httpa_slice_of(cut, n), rd, &policy, NULL);
        assert_true(bad.err != HTTPA_OK);
        free(cut);
    }
    struct outcome good = look(httpa_buf_slice(&value), rd, &policy, NULL);
    expect(&good, HTTPA_OK, "");
    httpa_buf_done(&value);
    httpa_attester_close(a);
}

/* A register that changes while we are connected: the next quote has the new
 * value and is whole. */
static void registers_are_read_again(void **state)
{
    (void)state;
    struct httpa_attester *a = open_with(
        &ours, (struct httpa_attest_options){ .tpm_pcrs = "sha256:17" });
    struct httpa_buf before = quote(a, rd);
    swtpm_change_pcr17(&ours);
    struct httpa_buf after = quote(a, rd);
    struct httpa_tpm_evidence e[2];
    assert_ok(httpa_tpm_evidence_read(httpa_buf_slice(&before), &e[0]));
    assert_ok(httpa_tpm_evidence_read(httpa_buf_slice(&after), &e[1]));
    assert_false(
        httpa_slice_equal(e[0].pcrs[0].value[17], e[1].pcrs[0].value[17]));
    struct outcome o = look(httpa_buf_slice(&after), rd, NULL, NULL);
    expect(&o, HTTPA_OK, "");

    /* the old values under the new quote, and the new ones under the old */
    struct httpa_buf mixed = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_tpm_evidence m = e[1];
    m.pcrs[0] = e[0].pcrs[0];
    httpa_tpm_evidence_write(&mixed, &m);
    o = look(httpa_buf_slice(&mixed), rd, NULL, NULL);
    expect(&o, HTTPA_ERR_EVIDENCE, "tpm.pcrs.digest");
    httpa_buf_done(&mixed);
    httpa_buf_done(&before);
    httpa_buf_done(&after);
    httpa_attester_close(a);
}

/* What a client does: a policy with registers, judged whole.  |register_name|
 * is to be all zeros, as unused registers of a started TPM are. */
static enum httpa_err appraise(struct httpa_slice value, const uint8_t *over,
                               const char *register_name, uint8_t last_byte,
                               struct httpa_slice ak_name)
{
    static const struct httpa_verifier *const known[] = { &httpa_verifier_eat,
                                                          &httpa_verifier_tpm };
    uint8_t want[48] = { 0 };
    want[31] = last_byte;
    struct httpa_reference reference = {
        .name = register_name,
        .value = httpa_value_bytes(httpa_slice_of(
            want, strncmp(register_name, "sha384", 6) == 0 ? 48 : 32))
    };
    struct httpa_set set = { .references = &reference, .reference_count = 1 };
    struct httpa_tpm_policy tpm = { .trust = HTTPA_AK_PINNED,
                                    .names = &ak_name,
                                    .name_count = 1 };
    struct httpa_profile profile = {
        .name = "lab", .type = "tpm", .sets = &set, .set_count = 1, .tpm = &tpm
    };
    struct httpa_policy policy = { .name = "test",
                                   .identity.require = HTTPA_IDENTITY_NONE,
                                   .accept = &profile,
                                   .accept_count = 1 };
    struct httpa_evidence item = { .media_type = httpa_slice_str(
                                       httpa_verifier_tpm.media_type),
                                   .value = value,
                                   .binding = HTTPA_BINDING_FRESH,
                                   .rd = over };
    struct httpa_session_facts facts = { .age_ms = 1,
                                         .creation =
                                             httpa_slice_str("shared") };
    struct httpa_appraisal in = { .crypto = crypto,
                                  .verifiers = known,
                                  .verifier_count = 2,
                                  .policy = &policy,
                                  .origin = httpa_slice_str("https://a.test"),
                                  .now_s = (int64_t)time(NULL),
                                  .evidence = &item,
                                  .evidence_count = 1,
                                  .session = &facts };
    struct httpa_verdict *v = httpa_verdict_new();
    assert_non_null(v);
    httpa_policy_defaults(&policy);
    enum httpa_err err = httpa_appraise(&in, v);
    bool accepted = httpa_verdict_exit(v) == HTTPA_EXIT_DONE;
    assert_true(accepted == (err == HTTPA_OK));
    httpa_verdict_free(v);
    return err;
}

static void policies_name_registers_of_a_bank(void **state)
{
    static const struct {
        const uint8_t *over;
        const char *name;
        uint8_t last_byte;
        enum httpa_err err;
    } rows[] = {
        { rd, "sha256.pcr14", 0, HTTPA_OK },
        { other_rd, "sha256.pcr14", 0, HTTPA_ERR_EVIDENCE },
        { rd, "sha256.pcr14", 1, HTTPA_ERR_APPRAISAL }, /* another value */
        { rd, "sha256.pcr15", 0, HTTPA_ERR_APPRAISAL }, /* not quoted */
        { rd, "sha384.pcr14", 0, HTTPA_ERR_APPRAISAL }, /* not this bank */
        { rd, "sha384.pcr15", 0, HTTPA_OK },
    };
    (void)state;
    struct httpa_attester *a = open_with(
        &ours,
        (struct httpa_attest_options){ .tpm_pcrs = "sha256:14+sha384:15" });
    struct httpa_buf value = quote(a, rd);
    struct outcome o = look(httpa_buf_slice(&value), rd, NULL, NULL);
    struct httpa_slice name = httpa_slice_of(o.ak_name, o.ak_name_n);
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_err err = appraise(httpa_buf_slice(&value), rows[i].over,
                                      rows[i].name, rows[i].last_byte, name);
        if (err != rows[i].err) {
            fail_msg("row %zu: %s", i, httpa_err_name(err));
        }
    }
    httpa_buf_done(&value);
    httpa_attester_close(a);
}

static struct httpa_digest sha256(struct httpa_slice in)
{
    struct httpa_digest d;
    assert_ok(httpa_hash_once(crypto, HTTPA_SHA256, in, &d));
    return d;
}

/* One credential for |ek| and |ak_name|, answered by |a|. */
static enum httpa_err activate(struct httpa_attester *a,
                               struct httpa_slice ek_public,
                               struct httpa_slice ak_name)
{
    static const uint8_t secret[HTTPA_TPM_SECRET_LEN] = "released only here";
    struct httpa_attest_diag diag;
    struct httpa_random random = httpa_random_system();
    struct httpa_tpm_public ek;
    uint8_t room[HTTPA_TPM_CREDENTIAL_MAX];
    uint8_t answer_room[HTTPA_ATTEST_ACTIVATED_MAX];
    struct httpa_buf credential = httpa_buf_fixed(room, sizeof(room));
    struct httpa_buf answer = httpa_buf_fixed(answer_room, sizeof(answer_room));
    struct httpa_slice released;
    assert_ok(httpa_tpm_public_read(ek_public, &ek));
    assert_ok(httpa_tpm_make_credential(crypto, &random, &ek, ak_name, secret,
                                        &credential));
    enum httpa_err err =
        a->activate(a, httpa_buf_slice(&credential), &answer, &diag);
    if (err == HTTPA_OK) {
        assert_ok(
            httpa_tpm_activated_read(httpa_buf_slice(&answer), &released));
        assert_int_equal(released.n, sizeof(secret));
        assert_memory_equal(released.p, secret, sizeof(secret));
    } else {
        assert_int_equal(answer.n, 0);
        assert_true(diag.text[0] != '\0');
    }
    return err;
}

/* The client's side: a question about |value|, which |a| answers. */
static void prove(struct httpa_attester *a, struct httpa_slice value,
                  struct httpa_challenge *ret)
{
    struct httpa_attest_diag diag;
    struct httpa_random random = httpa_random_system();
    struct httpa_verify_in in = { .crypto = crypto, .value = value };
    uint8_t room[HTTPA_ATTEST_ACTIVATED_MAX];
    struct httpa_buf answer = httpa_buf_fixed(room, sizeof(room));
    assert_ok(httpa_verifier_tpm.ask(&in, &random, ret));
    assert_ok(a->activate(a, httpa_buf_slice(&ret->ask), &answer, &diag));
    assert_ok(httpa_verifier_tpm.replied(ret, httpa_buf_slice(&answer)));
}

static void activation(const char *ek_name)
{
    char issuers[160];
    (void)snprintf(issuers, sizeof(issuers), "%s/ca/issuercert.pem", ours.dir);
    struct httpa_attester *a =
        open_with(&ours, (struct httpa_attest_options){
                             .tpm_ek = ek_name, .tpm_ek_issuers = issuers });
    struct httpa_attester *b =
        open_with(&other, (struct httpa_attest_options){ .tpm_ek = ek_name });
    struct httpa_buf root_der =
        read_root(&ours, "swtpm-localca-rootca-cert.pem");
    struct httpa_buf other_root_der =
        read_root(&other, "swtpm-localca-rootca-cert.pem");
    struct httpa_slice root = httpa_buf_slice(&root_der);
    struct httpa_slice other_root = httpa_buf_slice(&other_root_der);
    struct httpa_tpm_policy policy = { .trust = HTTPA_AK_EK,
                                       .roots = &root,
                                       .root_count = 1 };
    struct httpa_buf value = quote(a, rd);
    struct httpa_tpm_evidence e;
    assert_ok(httpa_tpm_evidence_read(httpa_buf_slice(&value), &e));
    assert_int_equal(e.ek_chain.n, 2);

    struct outcome o = look(httpa_buf_slice(&value), rd, &policy, NULL);
    expect(&o, HTTPA_ERR_UNDECIDED, "tpm.ak.activated");
    struct httpa_slice name = httpa_slice_of(o.ak_name, o.ak_name_n);
    assert_ok(activate(a, e.ek_public, name));
    assert_err(HTTPA_ERR_KEY, activate(b, e.ek_public, name));
    o.ak_name[5] ^= 1;
    assert_err(HTTPA_ERR_KEY, activate(a, e.ek_public, name));
    o.ak_name[5] ^= 1;
    assert_ok(activate(a, e.ek_public, name)); /* still connected */

    struct httpa_challenge challenge;
    prove(a, httpa_buf_slice(&value), &challenge);
    struct httpa_activation done = {
        .ak_name = httpa_slice_of(challenge.ak_name, challenge.ak_name_len),
        .ek_sha256 = httpa_slice_of(challenge.ek_sha256, 32),
    };
    struct outcome good = look(httpa_buf_slice(&value), rd, &policy, &done);
    expect(&good, HTTPA_OK, "");
    policy.roots = &other_root;
    struct outcome bad = look(httpa_buf_slice(&value), rd, &policy, &done);
    expect(&bad, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");
    policy.root_count = 0;
    bad = look(httpa_buf_slice(&value), rd, &policy, &done);
    expect(&bad, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");

    httpa_challenge_done(&challenge);
    httpa_buf_done(&value);
    httpa_buf_done(&root_der);
    httpa_buf_done(&other_root_der);
    httpa_attester_close(a);
    httpa_attester_close(b);
}

static void activation_with_rsa(void **state)
{
    (void)state;
    activation("rsa-2048");
}

static void activation_with_ecc(void **state)
{
    (void)state;
    activation("ecc-p384");
}

/* A byte of an endorsement certificate, or another TPM's one. */
static void no_foreign_endorsement_passes(void **state)
{
    (void)state;
    struct httpa_buf root_der = read_root(&ours, "issuercert.pem");
    struct httpa_slice root = httpa_buf_slice(&root_der);
    struct httpa_tpm_policy policy = { .trust = HTTPA_AK_EK,
                                       .roots = &root,
                                       .root_count = 1 };
    struct httpa_attester *a =
        open_with(&ours, (struct httpa_attest_options){ 0 });
    struct httpa_attester *b =
        open_with(&other, (struct httpa_attest_options){ 0 });
    struct httpa_buf va = quote(a, rd);
    struct httpa_buf vb = quote(b, rd);
    struct httpa_tpm_evidence ea;
    struct httpa_tpm_evidence eb;
    assert_ok(httpa_tpm_evidence_read(httpa_buf_slice(&va), &ea));
    assert_ok(httpa_tpm_evidence_read(httpa_buf_slice(&vb), &eb));
    struct outcome o = look(httpa_buf_slice(&va), rd, NULL, NULL);
    struct httpa_digest ek = sha256(ea.ek_chain.der[0]);
    struct httpa_activation done = { .ak_name =
                                         httpa_slice_of(o.ak_name, o.ak_name_n),
                                     .ek_sha256 = httpa_digest_slice(&ek) };
    struct outcome good = look(httpa_buf_slice(&va), rd, &policy, &done);
    expect(&good, HTTPA_OK, "");

    struct httpa_slice cert = ea.ek_chain.der[0];
    for (size_t i = 0; i < cert.n; i++) {
        size_t at = (size_t)(cert.p - va.p) + i;
        va.p[at] ^= (uint8_t)(1u << i % 8);
        struct outcome bad = look(httpa_buf_slice(&va), rd, &policy, &done);
        assert_true(bad.err != HTTPA_OK);
        va.p[at] ^= (uint8_t)(1u << i % 8);
    }

    /* other's quote beside our certificate: certified, but not activated */
    struct httpa_buf mixed = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_tpm_evidence m = eb;
    m.ek_chain = ea.ek_chain;
    m.ek_public = ea.ek_public;
    httpa_tpm_evidence_write(&mixed, &m);
    o = look(httpa_buf_slice(&mixed), rd, &policy, &done);
    expect(&o, HTTPA_ERR_UNDECIDED, "tpm.ak.activated");
    /* our certificate beside other's endorsement key */
    m.ek_public = eb.ek_public;
    httpa_buf_reset(&mixed);
    httpa_tpm_evidence_write(&mixed, &m);
    o = look(httpa_buf_slice(&mixed), rd, &policy, &done);
    expect(&o, HTTPA_ERR_APPRAISAL, "tpm.ak.trust");

    httpa_buf_done(&mixed);
    httpa_buf_done(&va);
    httpa_buf_done(&vb);
    httpa_buf_done(&root_der);
    httpa_attester_close(a);
    httpa_attester_close(b);
}

/* No firmware ran before this TPM: an empty log is true, any other is not. */
static void event_logs_travel_and_must_replay(void **state)
{
    static const struct {
        const char *log;
        enum httpa_err err;
        const char *failed;
    } rows[] = {
        { "header-only", HTTPA_OK, "" },
        { "secure-boot", HTTPA_ERR_APPRAISAL, "tpm.event_log" },
    };
    const char *root = getenv("HTTPA_SOURCE_ROOT");
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[1024];
        (void)snprintf(path, sizeof(path), "%s/fuzz/corpus/tpm_eventlog/%s",
                       root != NULL ? root : ".", rows[i].log);
        struct httpa_attester *a = open_with(
            &ours, (struct httpa_attest_options){ .tpm_event_log = path });
        struct httpa_buf value = quote(a, rd);
        struct outcome o = look(httpa_buf_slice(&value), rd, NULL, NULL);
        struct httpa_slice name = httpa_slice_of(o.ak_name, o.ak_name_n);
        struct httpa_tpm_policy policy = { .trust = HTTPA_AK_PINNED,
                                           .names = &name,
                                           .name_count = 1,
                                           .replay_event_log = true };
        o = look(httpa_buf_slice(&value), rd, &policy, NULL);
        expect(&o, rows[i].err, rows[i].failed);
        httpa_buf_done(&value);
        httpa_attester_close(a);
    }
}

/* Programs that died with objects in the TPM must not lock us out: there are
 * three slots and no resource manager. */
static void slots_are_not_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)open_with(&ours, (struct httpa_attest_options){ 0 });
            _exit(0);
        }
        int status = 1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    struct httpa_attester *a =
        open_with(&ours, (struct httpa_attest_options){ 0 });
    httpa_attester_close(a);
}

static void the_tpm_may_restart(void **state)
{
    struct httpa_attest_diag diag;
    (void)state;
    struct httpa_attester *a =
        open_with(&ours, (struct httpa_attest_options){ 0 });
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    swtpm_halt(&ours);
    assert_err(HTTPA_ERR_DEVICE, a->quote(a, rd, &value, &diag));
    assert_int_equal(value.n, 0);
    assert_non_null(strstr(diag.text, ours.tcti));
    assert_err(HTTPA_ERR_DEVICE, a->quote(a, rd, &value, &diag));
    swtpm_run(&ours);
    assert_ok(a->quote(a, rd, &value, &diag));
    struct outcome o = look(httpa_buf_slice(&value), rd, NULL, NULL);
    expect(&o, HTTPA_OK, "");

    swtpm_halt(&ours); /* unnoticed: no call fails */
    swtpm_run(&ours);
    httpa_buf_reset(&value);
    assert_ok(a->quote(a, rd, &value, &diag));
    assert_string_equal(diag.text, "");
    o = look(httpa_buf_slice(&value), rd, NULL, NULL);
    expect(&o, HTTPA_OK, "");
    httpa_buf_done(&value);
    httpa_attester_close(a);
}

static void what_cannot_be_opened_is_said(void **state)
{
    static const struct {
        struct httpa_attest_options o;
        enum httpa_err err;
        const char *says;
    } rows[] = {
        { { .tpm_ak = "rsa" }, HTTPA_ERR_CONFIG, "ecdsa-p256-sha256" },
        { { .tpm_pcrs = "sha256:24" }, HTTPA_ERR_CONFIG, "sha256:0-7" },
        { { .tpm_pcrs = "sha512:0" }, HTTPA_ERR_CONFIG, "not active" },
        { { .tpm_ek = "ecc" }, HTTPA_ERR_CONFIG, "ecc-p256" },
        { { .tpm_ek = "ecc-p256" }, HTTPA_ERR_DEVICE, "no certificate" },
        { { .tpm_event_log = "/nowhere" }, HTTPA_ERR_IO, "/nowhere" },
        { { .tpm_ek_issuers = "/dev/null/x" }, HTTPA_ERR_IO, "/dev/null" },
        { { .tpm_ak_chain = "/etc/passwd" }, HTTPA_ERR_CONFIG, "PEM" },
        { { .tpm_tcti = "swtpm:path=/nowhere" }, HTTPA_ERR_DEVICE, "/nowhere" },
        { { .tpm_tcti = "nonsense:x" }, HTTPA_ERR_DEVICE, "nonsense" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_attest_diag diag;
        struct httpa_attester *a = NULL;
        struct httpa_attest_options o = rows[i].o;
        o.tee = "tpm";
        o.tpm_tcti = o.tpm_tcti != NULL ? o.tpm_tcti : ours.tcti;
        assert_err(rows[i].err, httpa_attester_open(&a, &o, &diag));
        assert_null(a);
        if (strstr(diag.text, rows[i].says) == NULL) {
            fail_msg("row %zu says: %s", i, diag.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_and_bank),
        cmocka_unit_test(the_key_is_the_same_tomorrow),
        cmocka_unit_test(only_the_pinned_key),
        cmocka_unit_test(policies_name_registers_of_a_bank),
        cmocka_unit_test(no_changed_byte_passes),
        cmocka_unit_test(registers_are_read_again),
        cmocka_unit_test(activation_with_rsa),
        cmocka_unit_test(activation_with_ecc),
        cmocka_unit_test(no_foreign_endorsement_passes),
        cmocka_unit_test(event_logs_travel_and_must_replay),
        cmocka_unit_test(slots_are_not_lost),
        cmocka_unit_test(the_tpm_may_restart),
        cmocka_unit_test(what_cannot_be_opened_is_said),
    };
    if (!swtpm_is_here()) {
        return 77;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
