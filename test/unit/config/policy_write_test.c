#include <httpa/config.h>
#include <httpa/crypto.h>
#include <httpa/evidence.h>

#include "support/test.h"

#define NOW INT64_C(1795203612) /* 2026-11-20T19:40:12Z */

static struct httpa_crypto *crypto;

/* SubjectPublicKeyInfo of P-256; nothing here looks inside. */
static uint8_t spki[91];
static uint8_t ak_name[34] = { 0x00, 0x0b };
static uint8_t pcr[48];

/* Verifiers that claim what those of the library claim. */
static enum httpa_err verify_tpm(const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of)
{
    char name[16];
    const char *bank = in->value.n > 0 ? "sha384" : "sha256";
    for (unsigned i = 0; i < 24; i++) {
        (void)snprintf(name, sizeof(name), "%s.pcr%u", bank, i);
        pcr[0] = (uint8_t)i;
        httpa_verdict_measured(
            v, of, httpa_slice_str(name),
            httpa_value_bytes(httpa_slice_of(pcr, in->value.n > 0 ? 48 : 32)));
    }
    httpa_verdict_claim(
        v, of, "ak_name",
        httpa_value_bytes(httpa_slice_of(ak_name, sizeof(ak_name))));
    return HTTPA_OK;
}

static enum httpa_err verify_dev(const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of)
{
    static const uint8_t build[] = { 0xab };
    httpa_verdict_claim(v, of, "root_key",
                        httpa_value_bytes(httpa_slice_of(spki, sizeof(spki))));
    if (in->value.n == 0) {
        return HTTPA_OK;
    }
    httpa_verdict_measured(v, of, httpa_slice_str("build"),
                           httpa_value_bytes(httpa_slice_of(build, 1)));
    httpa_verdict_measured(v, of, httpa_slice_str("port"),
                           httpa_value_integer(7));
    httpa_verdict_measured(v, of, httpa_slice_str("ok"),
                           httpa_value_boolean(true));
    httpa_verdict_measured(v, of, in->value, httpa_value_str("demo"));
    return HTTPA_OK;
}

/* |value| is "debug", or "" for an enclave of its own. */
static enum httpa_err verify_nitro(const struct httpa_verify_in *in,
                                   struct httpa_verdict *v, unsigned of)
{
    char name[8];
    httpa_verdict_claim(v, of, "debug", httpa_value_boolean(in->value.n > 0));
    for (unsigned i = 0; i < 8; i++) {
        (void)snprintf(name, sizeof(name), "pcr%u", i);
        pcr[0] = (uint8_t)(i + 1);
        httpa_verdict_measured(v, of, httpa_slice_str(name),
                               httpa_value_bytes(httpa_slice_of(pcr, 48)));
    }
    return HTTPA_OK;
}

static const struct httpa_verifier nitro = { .type = "nitro",
                                             .media_type = "x/nitro",
                                             .verify = verify_nitro };
static const struct httpa_verifier tpm = { .type = "tpm",
                                           .media_type = "x/tpm",
                                           .verify = verify_tpm };
static const struct httpa_verifier dev = { .type = "dev",
                                           .media_type = "x/dev",
                                           .verify = verify_dev };
static const struct httpa_verifier *const known[] = { &tpm, &dev, &nitro };

struct item {
    const char *media_type;
    const char *value;
};

/* The verdict without a policy over these items, as `httpa pin` sees it. */
static struct httpa_verdict *see(const struct item *items, size_t n, bool key)
{
    static const uint8_t rd[HTTPA_RD_LEN];
    struct httpa_evidence evidence[2] = { 0 };
    struct httpa_session_facts session = { .creation =
                                               httpa_slice_str("shared") };
    struct httpa_verdict *v = httpa_verdict_new();
    for (size_t i = 0; i < n; i++) {
        evidence[i].media_type = httpa_slice_str(items[i].media_type);
        evidence[i].value = httpa_slice_str(items[i].value);
        evidence[i].binding = HTTPA_BINDING_FRESH;
        evidence[i].rd = rd;
    }
    struct httpa_appraisal in = {
        .crypto = crypto,
        .verifiers = known,
        .verifier_count = COUNT(known),
        .origin = httpa_slice_str("https://a.example"),
        .now_s = NOW,
        .evidence = evidence,
        .evidence_count = n,
        .session = &session,
    };
    if (key) {
        in.service_spki = httpa_slice_of(spki, sizeof(spki));
    }
    assert_int_not_equal(httpa_appraise(&in, v), HTTPA_OK);
    return v;
}

static enum httpa_err pin(const struct httpa_verdict *v, struct httpa_buf *out)
{
    static const struct httpa_config_pin how = {
        .source = "https://a.example", .now_s = NOW
    };
    return httpa_config_policy_write(v, &how, out);
}

/* Pins, and reads back what was written. */
static struct httpa_policy *round_trip(const struct item *items, size_t n,
                                       bool key)
{
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    struct httpa_buf out = httpa_buf_growing(1u << 16);
    struct httpa_verdict *v = see(items, n, key);
    assert_ok(pin(v, &out));
    if (httpa_config_policy_read(httpa_buf_slice(&out), NULL, &p, &e) !=
        HTTPA_OK) {
        fail_msg("%u:%u: %s\n%.*s", e.line, e.column, e.text, (int)out.n,
                 (char *)out.p);
    }
    httpa_verdict_free(v);
    httpa_buf_done(&out);
    return p;
}

static void a_tpm(void **state)
{
    (void)state;
    static const struct item items[] = { { "x/tpm", "" } };
    struct httpa_policy *p = round_trip(items, 1, true);
    assert_string_equal(p->name, "https://a.example");
    assert_string_equal(p->note,
                        "pinned on first use 2026-11-20 from "
                        "https://a.example");
    assert_slice_is(p->origins[0], "https://a.example");
    assert_int_equal(p->identity.require, HTTPA_IDENTITY_PINNED);
    assert_int_equal(p->identity.spki_count, 1);
    assert_int_equal(p->accept_count, 1);
    assert_false(p->insecure_dev_tee || p->insecure_unpinned);
    const struct httpa_profile *profile = &p->accept[0];
    assert_int_equal(profile->tpm->trust, HTTPA_AK_PINNED);
    assert_memory_equal(profile->tpm->names[0].p, ak_name, sizeof(ak_name));
    assert_int_equal(profile->sets[0].reference_count, 15);
    for (size_t i = 0; i < 15; i++) {
        const struct httpa_reference *r = &profile->sets[0].references[i];
        assert_int_equal(r->kind, HTTPA_REFERENCE_EQUAL);
        assert_string_not_equal(r->name, "sha256.pcr10"); /* grows */
    }
    assert_string_equal(profile->sets[0].references[14].name, "sha256.pcr15");
    assert_int_equal(profile->sets[0].references[14].value.bytes.p[0], 15);
    httpa_config_policy_free(p);
}

static void a_tpm_of_another_bank(void **state)
{
    (void)state;
    static const struct item items[] = { { "x/tpm", "384" } };
    struct httpa_policy *p = round_trip(items, 1, true);
    assert_string_equal(p->accept[0].sets[0].references[0].name,
                        "sha384.pcr0");
    httpa_config_policy_free(p);
}

static void development_evidence(void **state)
{
    (void)state;
    static const struct item items[] = { { "x/dev", "app" } };
    struct httpa_policy *p = round_trip(items, 1, false);
    assert_int_equal(p->identity.require, HTTPA_IDENTITY_NONE);
    assert_true(p->insecure_dev_tee);
    const struct httpa_profile *profile = &p->accept[0];
    assert_memory_equal(profile->dev->root_spki.p, spki, sizeof(spki));
    assert_int_equal(profile->sets[0].reference_count, 4);
    assert_slice_is(profile->sets[0].references[0].value.bytes, "ab");
    assert_slice_is(profile->sets[0].references[3].value.bytes, "demo");
    httpa_config_policy_free(p);
}

/* The image and the role; the instance is another one tomorrow. */
static void an_enclave(void **state)
{
    (void)state;
    static const struct item items[] = { { "x/nitro", "" } };
    struct httpa_policy *p = round_trip(items, 1, true);
    const struct httpa_set *set = &p->accept[0].sets[0];
    assert_string_equal(p->accept[0].type, "nitro");
    assert_int_equal(p->accept[0].nitro->max_age_s, HTTPA_NITRO_MAX_AGE_S);
    assert_int_equal(set->reference_count, 6);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(set->references[i].kind, HTTPA_REFERENCE_EQUAL);
        assert_int_equal(set->references[i].value.bytes.p[0], i + 1);
    }
    assert_string_equal(set->references[4].name, "pcr4");
    assert_int_equal(set->references[4].kind, HTTPA_REFERENCE_ANY);
    assert_string_equal(set->references[5].name, "pcr8");
    assert_int_equal(set->references[5].kind, HTTPA_REFERENCE_ANY);
    httpa_config_policy_free(p);
}

/* Two types: one of them would be less than what was seen. */
static void both(void **state)
{
    (void)state;
    static const struct item items[] = { { "x/dev", "app" }, { "x/tpm", "" } };
    struct httpa_policy *p = round_trip(items, 2, true);
    assert_int_equal(p->accept_count, 1);
    assert_string_equal(p->accept[0].type, "tpm");
    assert_int_equal(p->accept[0].with_count, 1);
    assert_string_equal(p->accept[0].with[0].type, "dev");
    httpa_config_policy_free(p);
}

static void what_is_not_pinned(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        struct item item;
        enum httpa_err err;
    } rows[] = {
        { "no claims", { "x/dev", "" }, HTTPA_ERR_EVIDENCE },
        { "a claim that a set cannot name", { "x/dev", "not_after" },
          HTTPA_ERR_UNSUPPORTED },
        { "debug mode", { "x/nitro", "debug" }, HTTPA_ERR_EVIDENCE },
        { "an unknown type", { "x/other", "" }, HTTPA_ERR_EVIDENCE },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf out = httpa_buf_growing(1u << 16);
        httpa_buf_put_str(&out, "before");
        struct httpa_verdict *v = see(&rows[i].item, 1, true);
        assert_err(rows[i].err, pin(v, &out));
        assert_slice_is(httpa_buf_slice(&out), "before");
        httpa_verdict_free(v);
        httpa_buf_done(&out);
    }
}

static void a_small_buffer(void **state)
{
    (void)state;
    static const struct item item = { "x/tpm", "" };
    uint8_t room[100];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    struct httpa_verdict *v = see(&item, 1, true);
    assert_err(HTTPA_ERR_SPACE, pin(v, &out));
    httpa_verdict_free(v);
}

static int open_crypto(void **state)
{
    (void)state;
    return httpa_crypto_new(&crypto) == HTTPA_OK ? 0 : -1;
}

static int close_crypto(void **state)
{
    (void)state;
    httpa_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tpm),
        cmocka_unit_test(a_tpm_of_another_bank),
        cmocka_unit_test(development_evidence),
        cmocka_unit_test(an_enclave),
        cmocka_unit_test(both),
        cmocka_unit_test(what_is_not_pinned),
        cmocka_unit_test(a_small_buffer),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
