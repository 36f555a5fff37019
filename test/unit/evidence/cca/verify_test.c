/* Tokens of this run's keys: what is genuine, and each thing that is not. */
#include "token.h"

struct ask {
    struct token t;
    const struct httpa_key *candidates[3]; /* ends with NULL */
    const struct httpa_key *named[2];      /* by the policy; likewise */
    const uint8_t *rd;
    struct httpa_slice nonce;
};

static struct ask ask_of(struct token t)
{
    return (struct ask){ .t = t, .candidates = { t.cpak }, .rd = token_rd };
}

static enum httpa_err run(const struct ask *ask, struct httpa_verdict *v)
{
    struct candidates c = { .n = 0 };
    struct httpa_buf b = make_token(&ask->t);
    struct httpa_slice named[2];
    size_t named_n = 0;
    while (named_n < 2 && ask->named[named_n] != NULL) {
        named[named_n] = httpa_key_spki(ask->named[named_n]);
        named_n++;
    }
    for (size_t i = 0; i < 3 && ask->candidates[i] != NULL; i++) {
        add_candidate(&c, ask->candidates[i]);
    }
    const struct httpa_verify_in in = { .crypto = crypto,
                                        .value = httpa_buf_slice(&b),
                                        .rd = ask->rd,
                                        .nonce = ask->nonce,
                                        .endorsements = c.v,
                                        .endorsement_count = c.n,
                                        .policy_keys = named,
                                        .policy_key_count = named_n,
                                        .now_s = NOW };
    enum httpa_err err = httpa_verifier_cca.verify(&in, v, 0);
    free_candidates(&c);
    httpa_buf_done(&b);
    return err;
}

/* |id| is the check that fails; "" for none. */
static void expect(const char *why, const struct ask *ask, enum httpa_err want,
                   const char *id)
{
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_err err = run(ask, v);
    if (err != want || strcmp(first_open(v), id) != 0) {
        fail_msg("%s: want %s (%s), got %s (%s)", why, httpa_err_name(want),
                 id, httpa_err_name(err), first_open(v));
    }
    bool signed_by_all = want == HTTPA_OK || strcmp(id, "cca.binding") == 0;
    assert_int_equal(httpa_verdict_find(v, 0, "cpak") != NULL, signed_by_all);
    if (want != HTTPA_ERR_UNDECIDED && !signed_by_all) {
        assert_int_equal(httpa_verdict_claim_count(v), 0);
    }
    httpa_verdict_free(v);
}

static void both_profiles(void **state)
{
    struct ask ask = ask_of(good_token());
    (void)state;
    expect("old", &ask, HTTPA_OK, "");
    ask = ask_of(new_token());
    expect("new", &ask, HTTPA_OK, "");
    ask.t.realm_profile = NULL;
    expect("a new platform with an old realm", &ask, HTTPA_OK, "");
    ask = ask_of(good_token());
    ask.t.rak = rak256;
    expect("a realm key of P-256", &ask, HTTPA_OK, "");
    ask.t.cose_key = true;
    expect("and as COSE_Key", &ask, HTTPA_OK, "");
    ask = ask_of(large_token());
    expect("both of P-521", &ask, HTTPA_OK, "");
    ask.t.cose_key = false;
    expect("and as a point", &ask, HTTPA_OK, "");
    ask.t.cpak = cpak;
    ask.candidates[0] = cpak;
    expect("a realm key of P-521 alone", &ask, HTTPA_OK, "");
    ask.t.signer = rak;
    expect("which another key signs for", &ask, HTTPA_ERR_KEY,
           "cca.realm.signature");
}

/* ---------------------------------------------------------------- keys */

static void cpaks(void **state)
{
    struct ask ask = ask_of(good_token());
    (void)state;
    ask.candidates[0] = NULL;
    expect("no candidate", &ask, HTTPA_ERR_UNDECIDED,
           "cca.platform.signature");
    ask.candidates[0] = cpak2;
    expect("another", &ask, HTTPA_ERR_SIGNATURE, "cca.platform.signature");
    ask.candidates[1] = cpak256;
    ask.candidates[2] = cpak;
    expect("the right one comes last", &ask, HTTPA_OK, "");
    ask = ask_of(good_token());
    ask.t.cpak = cpak2;
    expect("signed by another", &ask, HTTPA_ERR_SIGNATURE,
           "cca.platform.signature");
    ask.candidates[0] = cpak256;
    expect("of another curve", &ask, HTTPA_ERR_SIGNATURE,
           "cca.platform.signature");
    ask = ask_of(good_token());
    ask.t.cpak = rak;
    expect("the realm's key is no CPAK", &ask, HTTPA_ERR_SIGNATURE,
           "cca.platform.signature");
}

/* Nothing comes along: the keys are the policy's. */
static void named_cpaks(void **state)
{
    struct ask ask = ask_of(good_token());
    (void)state;
    ask.candidates[0] = NULL;
    ask.named[0] = cpak;
    expect("the policy's", &ask, HTTPA_OK, "");
    ask.named[0] = cpak256;
    ask.named[1] = cpak;
    expect("its second one", &ask, HTTPA_OK, "");
    ask.named[1] = cpak2;
    expect("neither", &ask, HTTPA_ERR_SIGNATURE, "cca.platform.signature");
    ask.candidates[0] = cpak;
    expect("but one that came along", &ask, HTTPA_OK, "");
}

/* What is no key is no candidate: it neither helps nor harms. */
static void odd_candidates(void **state)
{
    struct candidates c = { .n = 0 };
    struct token t = good_token();
    struct httpa_buf b = make_token(&t);
    struct httpa_verdict *v = httpa_verdict_new(), *v2 = httpa_verdict_new();
    struct httpa_verify_in in = { .crypto = crypto,
                                  .value = httpa_buf_slice(&b),
                                  .rd = token_rd,
                                  .endorsements = c.v,
                                  .now_s = NOW };
    (void)state;
    add_candidate(&c, cpak);
    add_candidate(&c, cpak);
    add_candidate(&c, cpak);
    c.v[0].media_type = httpa_slice_str(HTTPA_ENDORSEMENT_CHAIN);
    c.v[1].value.n -= 10;
    in.endorsement_count = 2;
    assert_err(HTTPA_ERR_UNDECIDED, httpa_verifier_cca.verify(&in, v, 0));
    assert_non_null(httpa_verdict_find(v, 0, "instance_id"));
    in.endorsement_count = 3;
    assert_ok(httpa_verifier_cca.verify(&in, v2, 0));
    httpa_verdict_free(v);
    httpa_verdict_free(v2);
    httpa_buf_done(&b);
    free_candidates(&c);
}

static void raks(void **state)
{
    struct ask ask = ask_of(good_token());
    struct token other = good_token();
    (void)state;
    ask.t.signer = rak2;
    expect("signed by another realm's key", &ask, HTTPA_ERR_SIGNATURE,
           "cca.realm.signature");
    ask.t.signer = rak256;
    expect("of another curve", &ask, HTTPA_ERR_KEY, "cca.realm.signature");

    /* a good realm token beside a good platform token of another realm */
    other.rak = rak2;
    struct httpa_buf claim = make_rak(&other);
    ask = ask_of(good_token());
    ask.t.bound = httpa_buf_slice(&claim);
    expect("bound to another realm's key", &ask, HTTPA_ERR_EVIDENCE,
           "cca.rak");
    httpa_buf_done(&claim);

    other = good_token();
    other.cose_key = true;
    claim = make_rak(&other);
    ask.t.bound = httpa_buf_slice(&claim);
    expect("bound to the key's other form", &ask, HTTPA_ERR_EVIDENCE,
           "cca.rak");
    httpa_buf_done(&claim);

    ask = ask_of(good_token());
    ask.t.rak_hash = "sha-512";
    expect("another hash than it says", &ask, HTTPA_ERR_EVIDENCE, "cca.rak");
}

static void rak_forms(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
        enum httpa_err err;
    } rows[] = {
        { "empty", "40", HTTPA_ERR_TRUNCATED },
        { "a point of nothing", "4104", HTTPA_ERR_KEY },
        { "a map of nothing", "41a0", HTTPA_ERR_KEY },
        { "not on the curve",
          "586104000000000000000000000000000000000000000000000000000000000000"
          "000000000000000000000000000000000000000000000000000000000000000000"
          "000000000000000000000000000000000000000000000000000000000000000000",
          HTTPA_ERR_MALFORMED },
        { "kty of another sort", "47a4010120022140", HTTPA_ERR_TRUNCATED },
        { "kty OKP", "49a40101200221402240", HTTPA_ERR_KEY },
        { "P-256 for ES384", "49a40102200121402240", HTTPA_ERR_KEY },
        { "without coordinates", "49a40102200221402240", HTTPA_ERR_RANGE },
        { "twice a member", "4ba501022002200221402240", HTTPA_ERR_DUPLICATE },
        { "a key for ECDH", "4ba501020104200221402240", HTTPA_ERR_DUPLICATE },
        { "with key_ops", "4ca5010204810720022140" "2240", HTTPA_ERR_KEY },
        { "of alg ES256", "4ba501020326200221402240", HTTPA_ERR_KEY },
        { "a private one", "4ba501022002214022402340", HTTPA_ERR_KEY },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ask ask = ask_of(good_token());
        ask.t.realm = (struct change){ 44237, rows[i].hex };
        expect(rows[i].why, &ask, rows[i].err, "cca.realm.signature");
    }
}

/* ------------------------------------------------------------------ binding */

static void bindings(void **state)
{
    static const uint8_t other[64] = { 0x5a }, part[32] = { 7 };
    static const uint8_t padded[64] = { 7 };
    struct httpa_slice rd = httpa_slice_of(token_rd, 64);
    const struct {
        const char *why;
        struct httpa_slice challenge;
        bool has_rd;
        struct httpa_slice asked;
        bool fits;
    } rows[] = {
        { "rd", rd, true, { 0 }, true },
        { "another", httpa_slice_of(other, 64), true, { 0 }, false },
        { "rd counts, not the nonce", httpa_slice_of(other, 64), true,
          httpa_slice_of(other, 64), false },
        { "a challenge", httpa_slice_of(other, 64), false,
          httpa_slice_of(other, 64), true },
        { "a padded one", httpa_slice_of(padded, 64), false,
          httpa_slice_of(part, 32), true },
        { "a part of it", rd, false, httpa_slice_of(token_rd, 32), false },
        { "more than fits", rd, false, httpa_slice_of(token_rd, 65), false },
        { "nobody asks", rd, false, { 0 }, true },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ask ask = ask_of(good_token());
        ask.t.challenge = rows[i].challenge;
        ask.rd = rows[i].has_rd ? token_rd : NULL;
        ask.nonce = rows[i].asked;
        expect(rows[i].why, &ask,
               rows[i].fits ? HTTPA_OK : HTTPA_ERR_EVIDENCE,
               rows[i].fits ? "" : "cca.binding");
    }
}

/* --------------------------------------------------------------------- form */

static void platforms(void **state)
{
    static const struct {
        const char *why;
        struct change c;
        enum httpa_err err;
    } rows[] = {
        { "no challenge", { 10, NULL }, HTTPA_ERR_MISSING },
        { "no instance", { 256, NULL }, HTTPA_ERR_MISSING },
        { "no profile", { 265, NULL }, HTTPA_ERR_MISSING },
        { "no lifecycle", { 2395, NULL }, HTTPA_ERR_MISSING },
        { "no implementation", { 2396, NULL }, HTTPA_ERR_MISSING },
        { "no components", { 2399, NULL }, HTTPA_ERR_MISSING },
        { "no config", { 2401, NULL }, HTTPA_ERR_MISSING },
        { "no hash", { 2402, NULL }, HTTPA_ERR_MISSING },
        { "a claim more", { 2403, "00" }, HTTPA_ERR_UNSUPPORTED },
        { "a profile of another version",
          { 265, "781c687474703a2f2f61726d2e636f6d2f4343412d5353442f312e302e31"
          }, HTTPA_ERR_UNSUPPORTED },
        { "a short challenge", { 10, "4100" }, HTTPA_ERR_RANGE },
        { "a short instance", { 256, "4101" }, HTTPA_ERR_RANGE },
        { "an instance of another type",
          { 256, "582102000000000000000000000000000000000000000000000000000000"
                 "0000000000" },
          HTTPA_ERR_UNSUPPORTED },
        { "a short implementation", { 2396, "4100" }, HTTPA_ERR_RANGE },
        { "a lifecycle of 17 bits", { 2395, "1a00013000" }, HTTPA_ERR_RANGE },
        { "a lifecycle as text", { 2395, "6130" }, HTTPA_ERR_MALFORMED },
        { "an unknown hash", { 2402, "656d64352d36" }, HTTPA_ERR_UNSUPPORTED },
        { "an empty service", { 2400, "60" }, HTTPA_ERR_RANGE },
        { "no component", { 2399, "80" }, HTTPA_ERR_RANGE },
        { "a component of nothing", { 2399, "81a0" }, HTTPA_ERR_MISSING },
        { "a component's claim more", { 2399, "81a10300" },
          HTTPA_ERR_UNSUPPORTED },
        { "a component's claim twice", { 2399, "81a20161410161" "42" },
          HTTPA_ERR_DUPLICATE },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ask ask = ask_of(good_token());
        ask.t.platform = rows[i].c;
        expect(rows[i].why, &ask, rows[i].err, "cca.form");
    }
    struct ask ask = ask_of(good_token());
    ask.t.platform = (struct change){ 2400, NULL };
    expect("no service is fine", &ask, HTTPA_OK, "");
}

static void realms(void **state)
{
    static const struct {
        const char *why;
        struct change c;
        enum httpa_err err;
    } rows[] = {
        { "no challenge", { 10, NULL }, HTTPA_ERR_MISSING },
        { "no personalization", { 44235, NULL }, HTTPA_ERR_MISSING },
        { "no hash", { 44236, NULL }, HTTPA_ERR_MISSING },
        { "no key", { 44237, NULL }, HTTPA_ERR_MISSING },
        { "no measurement", { 44238, NULL }, HTTPA_ERR_MISSING },
        { "no further ones", { 44239, NULL }, HTTPA_ERR_MISSING },
        { "no hash of the key", { 44240, NULL }, HTTPA_ERR_MISSING },
        { "an unknown hash", { 44240, "656d64352d36" },
          HTTPA_ERR_UNSUPPORTED },
        { "a claim more", { 44242, "00" }, HTTPA_ERR_UNSUPPORTED },
        { "an unknown profile", { 265, "6161" }, HTTPA_ERR_UNSUPPORTED },
        { "a short challenge", { 10, "4100" }, HTTPA_ERR_RANGE },
        { "a short measurement", { 44238, "4100" }, HTTPA_ERR_RANGE },
        { "no list", { 44239, "80" }, HTTPA_ERR_RANGE },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ask ask = ask_of(good_token());
        ask.t.realm = rows[i].c;
        expect(rows[i].why, &ask, rows[i].err, "cca.form");
    }
}

static void algorithms(void **state)
{
    static const struct {
        int64_t alg;
        enum httpa_err err;
    } rows[] = {
        { HTTPA_COSE_EDDSA, HTTPA_ERR_UNSUPPORTED },
        { HTTPA_COSE_ES512, HTTPA_ERR_RANGE },
        { HTTPA_COSE_PS256, HTTPA_ERR_UNSUPPORTED },
        { 5, HTTPA_ERR_UNSUPPORTED }, /* HMAC 256/256 */
        { HTTPA_COSE_ES256, HTTPA_ERR_RANGE }, /* the key's is ES384 */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ask ask = ask_of(good_token());
        ask.t.platform_alg = rows[i].alg;
        expect("another algorithm", &ask, rows[i].err, "cca.form");
    }
}

/* Collections by hand: what is not two tokens in tag 399. */
static void collections(void **state)
{
    static const struct {
        const char *hex;
        enum httpa_err err;
    } rows[] = {
        { "", HTTPA_ERR_TRUNCATED },
        { "a0", HTTPA_ERR_MALFORMED },
        { "d9018fa0", HTTPA_ERR_MISSING },
        { "d9018ea0", HTTPA_ERR_UNSUPPORTED },
        { "d9018f80", HTTPA_ERR_MALFORMED },
        { "d9018fa119acca40", HTTPA_ERR_MISSING },
        { "d9018fa219acca4019acca40", HTTPA_ERR_DUPLICATE },
        { "d9018fa319acca4019acd1400040", HTTPA_ERR_UNSUPPORTED },
        { "d9018fa219acca4019acd140", HTTPA_ERR_TRUNCATED },
        { "d9018fa219acca4019acd14000", HTTPA_ERR_TRAILING },
        { "d9018fa219acca8219010840" "19acd140", HTTPA_ERR_UNSUPPORTED },
        { "d9018fa219acca811901" "0719acd140", HTTPA_ERR_TRUNCATED },
        { "d9018fa219acca831901074004" "19acd140", HTTPA_ERR_TRAILING },
        { "d9018fa219acca82614140" "19acd140", HTTPA_ERR_UNSUPPORTED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[64];
        struct httpa_cca token;
        size_t n = unhex(rows[i].hex, bytes, sizeof(bytes));
        enum httpa_err err = httpa_cca_read(httpa_slice_of(bytes, n), &token);
        if (err != rows[i].err) {
            fail_msg("%s: want %s, got %s", rows[i].hex,
                     httpa_err_name(rows[i].err), httpa_err_name(err));
        }
    }
}

static void too_long(void **state)
{
    static const uint8_t zeros[HTTPA_CCA_MAX + 1];
    struct httpa_cca token;
    (void)state;
    assert_err(HTTPA_ERR_RANGE,
               httpa_cca_read(httpa_slice_of(zeros, sizeof(zeros)), &token));
}

/* ------------------------------------------------------------------- claims */

static void claims(void **state)
{
    struct httpa_verdict *v = httpa_verdict_new();
    struct ask ask = ask_of(new_token());
    (void)state;
    assert_ok(run(&ask, v));
    assert_slice_is(httpa_verdict_find(v, 0, "lifecycle")->value.bytes,
                    "secured");
    assert_slice_is(httpa_verdict_find(v, 0, "realm_profile")->value.bytes,
                    NEW_REALM);
    assert_true(httpa_verdict_find(v, 0, "rim")->measured);
    assert_int_equal(httpa_verdict_find(v, 0, "rem3")->value.bytes.p[0], 0xb3);
    assert_true(
        httpa_verdict_find(v, 0, "personalization_value")->measured);
    assert_int_equal(httpa_verdict_find(v, 0, "components")->value.count, 2);
    assert_int_equal(httpa_verdict_find(v, 0, "signer_ids")->value.count, 2);
    assert_int_equal(
        httpa_verdict_find(v, 0, "signer_ids")->value.texts[0].n, 64);
    assert_true(
        httpa_slice_equal(httpa_verdict_find(v, 0, "cpak")->value.bytes,
                          httpa_key_spki(cpak256)));
    assert_int_equal(httpa_verdict_find(v, 0, "chip")->value.bytes.n, 33);
    httpa_verdict_free(v);
}

static void lifecycles(void **state)
{
    (void)state;
    assert_string_equal(httpa_cca_lifecycle(0x30ff), "secured");
    assert_string_equal(httpa_cca_lifecycle(0x2fff), "unknown");
    assert_string_equal(httpa_cca_lifecycle(0x3100), "unknown");
    assert_string_equal(httpa_cca_lifecycle(0xffff), "unknown");
    assert_string_equal(httpa_cca_lifecycle(0x5000),
                        "recoverable_cca_platform_rot_debug");
}

/* ------------------------------------------------------------------ mutants */

static struct httpa_buf original;
static struct candidates all_cpaks;

static void verify_mutant(struct httpa_slice in, void *arg)
{
    size_t *count = arg;
    /* One bit of each byte at least; enough to see memory misused. */
    if (++*count % (under_valgrind() ? 123 : 7) != 0) {
        return;
    }
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in vin = { .crypto = crypto,
                                         .value = in,
                                         .rd = token_rd,
                                         .endorsements = all_cpaks.v,
                                         .endorsement_count = all_cpaks.n,
                                         .now_s = NOW };
    bool whole = httpa_slice_equal(in, httpa_buf_slice(&original));
    enum httpa_err err = httpa_verifier_cca.verify(&vin, v, 0);
    assert_int_equal(err == HTTPA_OK, whole);
    assert_int_equal(*first_open(v) == '\0', whole);
    httpa_verdict_free(v);
}

/* Every byte counts: headers that nobody signs have to be empty, and what
 * wraps the tokens has one form. */
static void no_mutant_passes(void **state)
{
    struct token tokens[] = { good_token(), new_token(), large_token() };
    (void)state;
    add_candidate(&all_cpaks, cpak);
    add_candidate(&all_cpaks, cpak256);
    add_candidate(&all_cpaks, cpak512);
    for (size_t i = 0; i < COUNT(tokens); i++) {
        size_t count = 0;
        original = make_token(&tokens[i]);
        mutate(httpa_buf_slice(&original), verify_mutant, &count);
        assert_int_equal(count, original.n * 9 + 1);
        httpa_buf_done(&original);
    }
    free_candidates(&all_cpaks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_profiles),
        cmocka_unit_test(cpaks),
        cmocka_unit_test(named_cpaks),
        cmocka_unit_test(odd_candidates),
        cmocka_unit_test(raks),
        cmocka_unit_test(rak_forms),
        cmocka_unit_test(bindings),
        cmocka_unit_test(platforms),
        cmocka_unit_test(realms),
        cmocka_unit_test(algorithms),
        cmocka_unit_test(collections),
        cmocka_unit_test(too_long),
        cmocka_unit_test(claims),
        cmocka_unit_test(lifecycles),
        cmocka_unit_test(no_mutant_passes),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
