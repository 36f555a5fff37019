#include "document.h"

/* ------------------------------------------------------------- one question */

struct ask {
    struct document d;
    const uint8_t *rd;
    struct httpa_slice nonce;
    int64_t now_s;
    const uint8_t *pin;
};

static struct ask good_ask(void)
{
    return (struct ask){
        .d = good_document(), .rd = doc_rd, .now_s = NOW, .pin = pin
    };
}

static enum httpa_err run(const struct ask *ask, struct httpa_verdict *v)
{
    struct httpa_buf b = make_document(&ask->d);
    const struct httpa_verify_in in = { .crypto = crypto,
                                        .value = httpa_buf_slice(&b),
                                        .rd = ask->rd,
                                        .nonce = ask->nonce,
                                        .now_s = ask->now_s };
    enum httpa_err err = httpa_nitro_verify(&in, ask->pin, v, 0);
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
    if (err != HTTPA_OK && strcmp(id, "nitro.binding") != 0) {
        assert_int_equal(httpa_verdict_claim_count(v), 0);
    }
    httpa_verdict_free(v);
}

/* ------------------------------------------------------------------- chains */

/* A leaf of |d| under |issuer| in the place of the good one. */
static void expect_leaf(const char *why, const struct design *d,
                        const struct cert *issuer, enum httpa_err err,
                        const char *id)
{
    struct cert other = make_cert(d, issuer);
    struct ask ask = good_ask();
    ask.d.leaf = &other;
    if (strcmp(d->curve, "P-384") != 0) {
        ask.d.signer = leaf.key; /* what does not fit must not sign */
    }
    expect(why, &ask, err, id);
    free_cert(&other);
}

static void leaves(void **state)
{
    static const struct {
        const char *why;
        struct design d;
        enum httpa_err err;
        const char *id;
    } rows[] = {
        { "another enclave of the instance",
          { "enclave", "P-384", NOW - 60, NOW + 60, CA_NO, "digitalSignature" },
          HTTPA_OK, "" },
        { "it says nothing of its use",
          { "enclave", "P-384", NOW - 60, NOW + 60, CA_NO, NULL },
          HTTPA_ERR_CHAIN, "nitro.chain" },
        { "for another use",
          { "enclave", "P-384", NOW - 60, NOW + 60, CA_NO, "keyAgreement" },
          HTTPA_ERR_CHAIN, "nitro.chain" },
        { "an issuer",
          { "enclave", "P-384", NOW - 60, NOW + 60, CA_NO,
            "digitalSignature,keyCertSign" },
          HTTPA_ERR_CHAIN, "nitro.chain" },
        { "of P-256",
          { "enclave", "P-256", NOW - 60, NOW + 60, CA_NO, "digitalSignature" },
          HTTPA_ERR_KEY, "nitro.signature" },
        { "not yet",
          { "enclave", "P-384", NOW + 60, NOW + 90, CA_NO, "digitalSignature" },
          HTTPA_ERR_EXPIRED, "nitro.chain" },
        { "no more",
          { "enclave", "P-384", NOW - 60, NOW - 1, CA_NO, "digitalSignature" },
          HTTPA_ERR_EXPIRED, "nitro.chain" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect_leaf(rows[i].why, &rows[i].d, &middle, rows[i].err, rows[i].id);
    }
    /* the leaf issues */
    expect_leaf("under an enclave", &design_leaf, &leaf, HTTPA_ERR_CHAIN,
                "nitro.chain");
    /* or issued itself */
    expect_leaf("under nobody", &design_leaf, NULL, HTTPA_ERR_CHAIN,
                "nitro.chain");
}

static void bundles(void **state)
{
    struct ask ask = good_ask();
    (void)state;
    ask.d.bundle[1] = NULL;
    expect("without the instance", &ask, HTTPA_ERR_CHAIN, "nitro.chain");
    ask.d.bundle[0] = &middle;
    ask.d.bundle[1] = &top;
    expect("the root is not first", &ask, HTTPA_ERR_CHAIN, "nitro.chain");
    ask = good_ask();
    ask.d.leaf = &middle;
    ask.d.bundle[1] = NULL;
    expect("the instance itself signs", &ask, HTTPA_ERR_CHAIN, "nitro.chain");
    ask.d.leaf = &top;
    expect("the root itself signs", &ask, HTTPA_ERR_CHAIN, "nitro.chain");
}

/* Everything that names can say is right: only the pin tells. */
static void roots_of_others(void **state)
{
    struct ask ask = good_ask();
    struct cert root2 = make_cert(&design_root, NULL);
    struct cert middle2 = make_cert(&design_middle, &root2);
    struct cert leaf2 = make_cert(&design_leaf, &middle2);
    uint8_t pin2[32];
    (void)state;
    ask.d.leaf = &leaf2;
    ask.d.bundle[0] = &root2;
    ask.d.bundle[1] = &middle2;
    expect("under its own root", &ask, HTTPA_ERR_CHAIN, "nitro.chain");
    pin_of(&root2, pin2);
    ask.pin = pin2;
    expect("as its maker sees it", &ask, HTTPA_OK, "");
    ask.pin = pin;
    ask.d.bundle[0] = &top;
    expect("the right root beside it", &ask, HTTPA_ERR_CHAIN, "nitro.chain");
    ask.d.bundle[1] = &middle;
    ask.d.leaf = &leaf;
    ask.d.signer = leaf2.key;
    expect("the right chain beside it", &ask, HTTPA_ERR_SIGNATURE,
           "nitro.signature");
    free_cert(&root2);
    free_cert(&middle2);
    free_cert(&leaf2);
}

/* The public verifier believes AWS and nobody else. */
static void the_public_one(void **state)
{
    struct document d = good_document();
    struct httpa_buf b = make_document(&d);
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in in = { .crypto = crypto,
                                        .value = httpa_buf_slice(&b),
                                        .rd = doc_rd,
                                        .now_s = NOW };
    (void)state;
    assert_err(HTTPA_ERR_CHAIN, httpa_verifier_nitro.verify(&in, v, 0));
    assert_string_equal(first_open(v), "nitro.chain");
    assert_string_equal(httpa_verifier_nitro.type, "nitro");
    assert_string_equal(httpa_verifier_nitro.media_type,
                        "application/vnd.httpa.nitro");
    httpa_verdict_free(v);
    httpa_buf_done(&b);
}

static void times(void **state)
{
    static const struct {
        const char *why;
        int64_t now_s;
        enum httpa_err err;
    } rows[] = {
        { "the first second", NOW - 60, HTTPA_OK },
        { "a second before", NOW - 61, HTTPA_ERR_EXPIRED },
        { "the last second", NOW + 3 * HOUR - 1, HTTPA_OK },
        { "three hours later", NOW + 3 * HOUR, HTTPA_ERR_EXPIRED },
        { "a day later", NOW + 24 * HOUR, HTTPA_ERR_EXPIRED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ask ask = good_ask();
        ask.now_s = rows[i].now_s;
        expect(rows[i].why, &ask, rows[i].err,
               rows[i].err == HTTPA_OK ? "" : "nitro.chain");
    }
}

/* ------------------------------------------------------------------ binding */

static void bindings(void **state)
{
    static const uint8_t other[65] = { 0x5a };
    struct httpa_slice rd = httpa_slice_of(doc_rd, HTTPA_RD_LEN);
    const struct {
        const char *why;
        struct httpa_slice user_data;
        struct httpa_slice nonce;
        bool has_rd;
        struct httpa_slice asked;
        bool fits;
    } rows[] = {
        { "rd", rd, { 0 }, true, { 0 }, true },
        { "another", httpa_slice_of(other, 64), { 0 }, true, { 0 }, false },
        { "a part", httpa_slice_of(doc_rd, 63), { 0 }, true, { 0 }, false },
        { "more", httpa_slice_of(other, 65), { 0 }, true, { 0 }, false },
        { "none", { 0 }, { 0 }, true, { 0 }, false },
        { "in the wrong place", { 0 }, rd, true, { 0 }, false },
        { "rd, and the nonce is not asked", rd, httpa_slice_of(other, 5), true,
          { 0 }, true },
        { "rd counts, not the nonce", { 0 }, httpa_slice_of(other, 5), true,
          httpa_slice_of(other, 5), false },
        { "the nonce", { 0 }, httpa_slice_of(other, 5), false,
          httpa_slice_of(other, 5), true },
        { "another nonce", { 0 }, httpa_slice_of(other, 5), false,
          httpa_slice_of(other, 4), false },
        { "no nonce", rd, { 0 }, false, httpa_slice_of(other, 5), false },
        { "user_data is no nonce", rd, { 0 }, false, rd, false },
        { "nobody asks", rd, httpa_slice_of(other, 5), false, { 0 }, true },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ask ask = good_ask();
        ask.d.user_data = rows[i].user_data;
        ask.d.nonce = rows[i].nonce;
        ask.rd = rows[i].has_rd ? doc_rd : NULL;
        ask.nonce = rows[i].asked;
        expect(rows[i].why, &ask,
               rows[i].fits ? HTTPA_OK : HTTPA_ERR_EVIDENCE,
               rows[i].fits ? "" : "nitro.binding");
    }
}

static void nobody_asks(void **state)
{
    struct httpa_verdict *v = httpa_verdict_new();
    struct ask ask = good_ask();
    (void)state;
    ask.rd = NULL;
    assert_ok(run(&ask, v));
    assert_int_equal(find_check(v, "nitro.binding")->outcome,
                     HTTPA_OUTCOME_SKIP);
    httpa_verdict_free(v);
}

/* ------------------------------------------------------------------- claims */

static void claims(void **state)
{
    struct httpa_verdict *v = httpa_verdict_new();
    struct ask ask = good_ask();
    (void)state;
    ask.d.tagged = true;
    ask.d.nonce = httpa_slice_str("n");
    assert_ok(run(&ask, v));
    assert_slice_is(httpa_verdict_find(v, 0, "module_id")->value.bytes,
                    "i-0-enc0");
    assert_true(httpa_verdict_find(v, 0, "timestamp")->value.integer == NOW);
    assert_int_equal(httpa_verdict_find(v, 0, "debug")->value.integer, 0);
    assert_slice_is(httpa_verdict_find(v, 0, "nonce")->value.bytes, "n");
    assert_int_equal(httpa_verdict_find(v, 0, "user_data")->value.bytes.n, 64);
    assert_null(httpa_verdict_find(v, 0, "public_key"));
    assert_null(httpa_verdict_find(v, 0, "pcr5"));
    assert_true(httpa_verdict_find(v, 0, "pcr8")->measured);
    assert_false(httpa_verdict_find(v, 0, "debug")->measured);
    assert_int_equal(httpa_verdict_find(v, 0, "pcr8")->value.bytes.p[0], 0xa8);
    assert_true(find_check(v, "nitro.chain")->lapses_s == NOW + 3 * HOUR);
    assert_int_equal(find_check(v, "nitro.firmware")->outcome,
                     HTTPA_OUTCOME_SKIP);
    httpa_verdict_free(v);
}

static void debug_mode(void **state)
{
    static const struct {
        uint8_t first[3];
        uint32_t mask;
        bool debug;
    } rows[] = {
        { { 0, 0, 0 }, 0x11f, true }, { { 1, 0, 0 }, 0x11f, false },
        { { 0, 0, 1 }, 0x11f, false }, { { 0, 0, 0 }, 0x100, true },
        { { 0, 1, 0 }, 0x102, false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_verdict *v = httpa_verdict_new();
        struct ask ask = good_ask();
        memcpy(ask.d.first_byte, rows[i].first, 3);
        ask.d.pcr_mask = rows[i].mask;
        assert_ok(run(&ask, v));
        assert_int_equal(httpa_verdict_find(v, 0, "debug")->value.integer,
                         rows[i].debug);
        httpa_verdict_free(v);
    }
}

/* ------------------------------------------------------------------ mutants */

static struct httpa_buf original;

static void verify_mutant(struct httpa_slice in, void *arg)
{
    size_t *count = arg;
    if (++*count % 41 != 0 && under_valgrind()) {
        return; /* enough of them to see memory misused */
    }
    struct httpa_verdict *v = httpa_verdict_new();
    const struct httpa_verify_in vin = {
        .crypto = crypto, .value = in, .rd = doc_rd, .now_s = NOW
    };
    bool whole = httpa_slice_equal(in, httpa_buf_slice(&original));
    enum httpa_err err = httpa_nitro_verify(&vin, pin, v, 0);
    assert_int_equal(err == HTTPA_OK, whole);
    assert_int_equal(*first_open(v) == '\0', whole);
    httpa_verdict_free(v);
}

/* Every byte counts: the unprotected header has to be empty, so there is
 * nothing that nobody signs but the tag, and that is not flipped into none.
 * The leaf is under the root itself, which is half the work. */
static void no_mutant_passes(void **state)
{
    struct cert direct = make_cert(&design_leaf, &top);
    struct document d = good_document();
    size_t count = 0;
    (void)state;
    d.leaf = &direct;
    d.bundle[1] = NULL;
    d.pcr_mask = 1;
    d.tagged = true;
    original = make_document(&d);
    mutate(httpa_buf_slice(&original), verify_mutant, &count);
    assert_int_equal(count, original.n * 9 + 1);
    httpa_buf_done(&original);
    free_cert(&direct);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves),
        cmocka_unit_test(bundles),
        cmocka_unit_test(roots_of_others),
        cmocka_unit_test(the_public_one),
        cmocka_unit_test(times),
        cmocka_unit_test(bindings),
        cmocka_unit_test(nobody_asks),
        cmocka_unit_test(claims),
        cmocka_unit_test(debug_mode),
        cmocka_unit_test(no_mutant_passes),
    };
    return cmocka_run_group_tests(tests, open_pki, close_pki);
}
