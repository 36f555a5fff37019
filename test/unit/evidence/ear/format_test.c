#include "token.h"

static void assert_read(const char *why, struct httpa_slice token,
                        enum httpa_err want)
{
    struct httpa_ear ear;
    uint8_t *copy = exact_copy(token.p, token.n);
    enum httpa_err err =
        httpa_ear_read_jwt(httpa_slice_of(copy, token.n), &ear);
    if (err != want) {
        fail_msg("%s: want %s, got %s", why, httpa_err_name(want),
                 httpa_err_name(err));
    }
    if (err == HTTPA_OK) {
        httpa_ear_done(&ear);
    }
    free(copy);
}

static void a_token(void **state)
{
    struct httpa_buf b = make_token(NULL, NULL);
    struct httpa_ear ear;
    (void)state;
    assert_ok(httpa_ear_read_jwt(httpa_buf_slice(&b), &ear));
    assert_string_equal(ear.alg->name, "ES256");
    assert_slice_is(ear.profile, "tag:github.com,2023:veraison/ear");
    assert_slice_is(ear.issuer, "https://v.example");
    assert_slice_is(ear.developer, "d");
    assert_slice_is(ear.build, "b 1");
    assert_int_equal(ear.iat_s, NOW);
    assert_int_equal(ear.exp_s, NOW + 300);
    assert_int_equal(ear.nbf_s, 0);
    assert_int_equal(ear.overall, HTTPA_EAR_UNSET);
    assert_int_equal(ear.nonce.n, 86);
    assert_int_equal(ear.submod_count, 2);
    assert_slice_is(ear.submods[0].name, "cpu0");
    assert_int_equal(ear.submods[0].status, HTTPA_EAR_AFFIRMING);
    assert_int_equal(ear.submods[0].worst, HTTPA_EAR_AFFIRMING);
    assert_slice_is(ear.submods[1].name, "gpu0");
    assert_int_equal(ear.submods[1].worst, HTTPA_EAR_UNSET);
    assert_int_equal(ear.signature.n, 64);
    assert_int_equal(ear.message.n, b.n - 87);
    httpa_ear_done(&ear);
    httpa_buf_done(&b);
}

/* Claims with one replacement. */
static void claims(void **state)
{
    static const struct {
        const char *why;
        const char *from;
        const char *to;
        enum httpa_err err;
    } rows[] = {
        { "names of draft 04", "ear.verifier-id", "ear_verifier_id", HTTPA_OK },
        { "a status of draft 04", "{\"ear.status", "{\"ear_status", HTTPA_OK },
        { "a vector of draft 04", "ear.trustworthiness-vector",
          "ear_trustworthiness_vector", HTTPA_OK },
        { "a status under both names", "\"ear.status\"",
          "\"ear_status\":\"affirming\",\"ear.status\"", HTTPA_ERR_DUPLICATE },
        { "a vector under both names", "\"other\"",
          "\"ear_trustworthiness_vector\"", HTTPA_ERR_DUPLICATE },
        { "a status as number", "\"affirming\"", "2", HTTPA_OK },
        { "that is none", "\"affirming\"", "3", HTTPA_ERR_UNSUPPORTED },
        { "with a fraction", "\"affirming\"", "2.0", HTTPA_ERR_MALFORMED },
        { "a word that is none", "\"affirming\"", "\"Affirming\"",
          HTTPA_ERR_UNSUPPORTED },
        { "an empty word", "\"affirming\"", "\"\"", HTTPA_ERR_UNSUPPORTED },
        { "true for a status", "\"affirming\"", "true", HTTPA_ERR_MALFORMED },
        { "an escaped word", "\"affirming\"", "\"\\u0061ffirming\"",
          HTTPA_ERR_MALFORMED },
        { "no status", "\"ear.status\"", "\"status\"", HTTPA_ERR_MISSING },
        { "a status twice", "\"other\":[1,{}]", "\"ear.status\":\"none\"",
          HTTPA_ERR_DUPLICATE },
        { "an overall status", "\"iss\"", "\"ear_status\":\"warning\",\"iss\"",
          HTTPA_OK },
        { "an overall one that is none", "\"iss\"",
          "\"ear_status\":\"fine\",\"iss\"", HTTPA_ERR_UNSUPPORTED },
        { "a smallest trust claim", "\"executables\":3", "\"executables\":-128",
          HTTPA_OK },
        { "a smaller one", "\"executables\":3", "\"executables\":-129",
          HTTPA_ERR_RANGE },
        { "a largest one", "\"executables\":3", "\"executables\":127",
          HTTPA_OK },
        { "a larger one", "\"executables\":3", "\"executables\":128",
          HTTPA_ERR_RANGE },
        { "a huge one", "\"executables\":3",
          "\"executables\":18446744073709551616", HTTPA_ERR_RANGE },
        { "a text for one", "\"executables\":3", "\"executables\":\"3\"",
          HTTPA_ERR_MALFORMED },
        { "an unknown category", "executables", "luck",
          HTTPA_ERR_UNSUPPORTED },
        { "a category twice", "executables", "hardware", HTTPA_ERR_DUPLICATE },
        { "an empty vector",
          "{\"hardware\":2,\"executables\":3,\"configuration\":0}", "{}",
          HTTPA_ERR_MISSING },
        { "a list for a vector",
          "{\"hardware\":2,\"executables\":3,\"configuration\":0}", "[2]",
          HTTPA_ERR_MALFORMED },
        { "nested submods", "\"other\":[1,{}]", "\"submods\":{}",
          HTTPA_ERR_UNSUPPORTED },
        { "no submods", "\"submods\"", "\"submod\"", HTTPA_ERR_MISSING },
        { "a token for a submod", "{\"ear.status\":\"affirming\"}}}",
          "\"eyJ\"}}", HTTPA_ERR_MALFORMED },
        { "a submod twice", "gpu0", "cpu0", HTTPA_ERR_DUPLICATE },
        { "a submod without name", "gpu0", "", HTTPA_ERR_RANGE },
        { "an escape in its name", "gpu0", "gpu\\u0030", HTTPA_ERR_MALFORMED },
        { "no profile", "eat_profile", "eat_prof", HTTPA_ERR_MISSING },
        { "no verifier", "ear.verifier-id", "verifier", HTTPA_ERR_MISSING },
        { "no build", "\"build\"", "\"bild\"", HTTPA_ERR_MISSING },
        { "no iat", "\"iat\"", "\"iat2\"", HTTPA_ERR_MISSING },
        { "iat with a fraction", "1795203612", "1795203612.5",
          HTTPA_ERR_MALFORMED },
        { "iat as text", "1795203612", "\"1795203612\"", HTTPA_ERR_MALFORMED },
        { "iat of 1970", "1795203612", "0", HTTPA_ERR_RANGE },
        { "iat after the year 9999", "1795203612", "253402300800",
          HTTPA_ERR_RANGE },
        { "no end", "\"exp\"", "\"ex\"", HTTPA_OK },
        { "an end before the beginning", "1795203912", "1795203612",
          HTTPA_ERR_RANGE },
        { "an end of 0", "1795203912", "0", HTTPA_ERR_RANGE },
        { "null for an end", "1795203912", "null", HTTPA_ERR_MALFORMED },
        { "not before the end", "\"iss\"", "\"nbf\":1795203912,\"iss\"",
          HTTPA_ERR_RANGE },
        { "iat twice", "\"iss\":\"https://v.example\"", "\"iat\":1",
          HTTPA_ERR_DUPLICATE },
        { "no nonce", "\"eat_nonce\"", "\"nonce\"", HTTPA_OK },
        { "an empty nonce", "\"@\"", "\"\"", HTTPA_ERR_RANGE },
        { "a short nonce", "\"@\"", "\"1234567\"", HTTPA_ERR_RANGE },
        { "several nonces", "\"@\"", "[\"@\",\"12345678\"]",
          HTTPA_ERR_UNSUPPORTED },
        { "no issuer", "\"iss\"", "\"is\"", HTTPA_OK },
        { "a number for an issuer", "\"https://v.example\"", "7",
          HTTPA_ERR_MALFORMED },
        { "a byte behind", "}}}", "}}}x", HTTPA_ERR_TRAILING },
        { "a byte less", "}}}", "}}", HTTPA_ERR_TRUNCATED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf b = make_token(rows[i].from, rows[i].to);
        assert_read(rows[i].why, httpa_buf_slice(&b), rows[i].err);
        httpa_buf_done(&b);
    }
}

static void headers(void **state)
{
    static const struct {
        const char *why;
        const char *header;
        enum httpa_err err;
    } rows[] = {
        { "no more than needed", "{\"alg\":\"ES256\"}", HTTPA_OK },
        { "keys that nobody looks at",
          "{\"alg\":\"ES256\",\"jku\":\"https://evil.example\",\"jwk\":{},"
          "\"x5c\":[\"AA\"],\"x5u\":\"u\",\"kid\":7}", HTTPA_OK },
        { "none", "{\"alg\":\"none\"}", HTTPA_ERR_UNSUPPORTED },
        { "None", "{\"alg\":\"None\"}", HTTPA_ERR_UNSUPPORTED },
        { "a secret", "{\"alg\":\"HS256\"}", HTTPA_ERR_UNSUPPORTED },
        { "empty", "{\"alg\":\"\"}", HTTPA_ERR_UNSUPPORTED },
        { "a list", "{\"alg\":[\"ES256\"]}", HTTPA_ERR_MALFORMED },
        { "nothing", "{}", HTTPA_ERR_MISSING },
        { "no object", "[\"alg\",\"ES256\"]", HTTPA_ERR_MALFORMED },
        { "twice", "{\"alg\":\"ES256\",\"alg\":\"none\"}",
          HTTPA_ERR_DUPLICATE },
        { "critical", "{\"alg\":\"ES256\",\"crit\":[\"exp\"]}",
          HTTPA_ERR_UNSUPPORTED },
        { "critical null", "{\"alg\":\"ES256\",\"crit\":null}",
          HTTPA_ERR_UNSUPPORTED },
        { "not encoded", "{\"alg\":\"ES256\",\"b64\":false}",
          HTTPA_ERR_UNSUPPORTED },
        { "compressed", "{\"alg\":\"ES256\",\"zip\":\"DEF\"}",
          HTTPA_ERR_UNSUPPORTED },
        { "encrypted", "{\"alg\":\"ES256\",\"enc\":\"A128GCM\"}",
          HTTPA_ERR_UNSUPPORTED },
    };
    struct httpa_buf text = make_claims(NULL, NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf b = make_jwt(rows[i].header, httpa_buf_slice(&text),
                                      signer, HTTPA_SIGN_ES256);
        assert_read(rows[i].why, httpa_buf_slice(&b), rows[i].err);
        httpa_buf_done(&b);
    }
    httpa_buf_done(&text);
}

/* The compact form: |head| and |tail| around a token, or one byte in it. */
static void forms(void **state)
{
    static const struct {
        const char *why;
        const char *head;
        const char *tail;
        enum httpa_err err;
    } rows[] = {
        { "as it is", "", "", HTTPA_OK },
        { "a line end", "", "\n", HTTPA_ERR_MALFORMED },
        { "a space", " ", "", HTTPA_ERR_MALFORMED },
        { "padding", "", "==", HTTPA_ERR_MALFORMED },
        { "a fourth part", "", ".AA", HTTPA_ERR_MALFORMED },
        { "a dot behind", "", ".", HTTPA_ERR_MALFORMED },
        { "a dot in front", ".", "", HTTPA_ERR_TRUNCATED },
        { "a scheme", "Bearer ", "", HTTPA_ERR_MALFORMED },
        { "a longer signature, which verify() looks at", "", "A", HTTPA_OK },
        { "stray bits", "", "B", HTTPA_ERR_MALFORMED },
    };
    struct httpa_buf token = make_token(NULL, NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf b = httpa_buf_growing(HTTPA_EAR_MAX);
        httpa_buf_put_str(&b, rows[i].head);
        httpa_buf_put_slice(&b, httpa_buf_slice(&token));
        httpa_buf_put_str(&b, rows[i].tail);
        assert_read(rows[i].why, httpa_buf_slice(&b), rows[i].err);
        httpa_buf_done(&b);
    }
    assert_read("nothing", (struct httpa_slice){ 0 }, HTTPA_ERR_TRUNCATED);
    assert_read("two dots", httpa_slice_str(".."), HTTPA_ERR_TRUNCATED);
    assert_read("no signature", httpa_slice_of(token.p, token.n - 86),
                HTTPA_ERR_TRUNCATED);
    httpa_buf_done(&token);
}

static void limits(void **state)
{
    struct httpa_buf b;
    char many[2048] = "\"submods\":{";
    static char deep[256], longest[HTTPA_EAR_MAX];
    (void)state;
    for (unsigned i = 0; i < 15; i++) {
        size_t n = strlen(many);
        (void)snprintf(many + n, sizeof(many) - n,
                       "\"s%u\":{\"ear.status\":\"none\"},", i);
    }
    b = make_token("\"submods\":{", many);
    assert_read("seventeen submods", httpa_buf_slice(&b), HTTPA_ERR_RANGE);
    httpa_buf_done(&b);
    memset(deep, '[', 14);
    memset(deep + 14, ']', 14);
    b = make_token("[1,{}]", deep);
    assert_read("deep", httpa_buf_slice(&b), HTTPA_ERR_RANGE);
    httpa_buf_done(&b);
    memset(longest, 'x', 65);
    b = make_token("gpu0", longest);
    assert_read("a long name", httpa_buf_slice(&b), HTTPA_ERR_RANGE);
    httpa_buf_done(&b);
    memset(longest, 'x', 257);
    b = make_token("https://v.example", longest);
    assert_read("a long issuer", httpa_buf_slice(&b), HTTPA_ERR_RANGE);
    httpa_buf_done(&b);
    memset(longest, 'x', 49000);
    b = make_token("[1,{}]", longest);
    assert_read("a long token", httpa_buf_slice(&b), HTTPA_ERR_RANGE);
    httpa_buf_done(&b);
}

static void tiers(void **state)
{
    static const struct {
        int64_t claim;
        enum httpa_ear_status worst;
    } rows[] = {
        { -1, HTTPA_EAR_UNSET },
        { 0, HTTPA_EAR_UNSET },
        { 1, HTTPA_EAR_UNSET },
        { 2, HTTPA_EAR_AFFIRMING },
        { 31, HTTPA_EAR_AFFIRMING },
        { -2, HTTPA_EAR_AFFIRMING },
        { -32, HTTPA_EAR_AFFIRMING },
        { 32, HTTPA_EAR_WARNING },
        { 95, HTTPA_EAR_WARNING },
        { -33, HTTPA_EAR_WARNING },
        { -96, HTTPA_EAR_WARNING },
        { 96, HTTPA_EAR_CONTRAINDICATED },
        { 127, HTTPA_EAR_CONTRAINDICATED },
        { -97, HTTPA_EAR_CONTRAINDICATED },
        { -128, HTTPA_EAR_CONTRAINDICATED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_ear_submod submod = { 0 };
        assert_ok(httpa_ear_weigh(&submod, rows[i].claim));
        assert_int_equal(submod.worst, rows[i].worst);
        assert_ok(httpa_ear_weigh(&submod, 2));
        assert_true(submod.worst >= rows[i].worst);
    }
}

/* -------------------------------------------------------------------- CWT */

static void assert_cwt(const char *why, const struct cwt *t,
                       enum httpa_err want)
{
    struct httpa_buf b = make_cwt(t);
    struct httpa_ear ear;
    enum httpa_err err = httpa_ear_read_cwt(httpa_buf_slice(&b), &ear);
    if (err != want) {
        fail_msg("%s: want %s, got %s", why, httpa_err_name(want),
                 httpa_err_name(err));
    }
    if (err == HTTPA_OK) {
        httpa_ear_done(&ear);
    }
    httpa_buf_done(&b);
}

static void a_cwt(void **state)
{
    struct cwt t = good_cwt();
    struct httpa_buf b = make_cwt(&t);
    struct httpa_ear ear;
    (void)state;
    assert_ok(httpa_ear_read_cwt(httpa_buf_slice(&b), &ear));
    assert_string_equal(ear.alg->name, "ES256");
    assert_slice_is(ear.profile, "tag:ietf.org,2026:rats/ear#04");
    assert_slice_is(ear.build, "b 1");
    assert_int_equal(ear.nonce.n, HTTPA_RD_LEN);
    assert_false(ear.nonce_is_text);
    assert_int_equal(ear.submod_count, 1);
    assert_slice_is(ear.submods[0].name, "cpu0");
    assert_int_equal(ear.submods[0].status, HTTPA_EAR_AFFIRMING);
    httpa_ear_done(&ear);
    assert_err(HTTPA_ERR_TRAILING,
               (httpa_buf_put_str(&b, "x"),
                httpa_ear_read_cwt(httpa_buf_slice(&b), &ear)));
    httpa_buf_done(&b);
}

static void cwts(void **state)
{
    struct cwt t = good_cwt();
    (void)state;
    t.alg = 5; /* HMAC 256/256 */
    assert_cwt("a secret", &t, HTTPA_ERR_UNSUPPORTED);
    t = good_cwt();
    t.status = 1;
    assert_cwt("a status that is none", &t, HTTPA_ERR_UNSUPPORTED);
    t.status = -2;
    assert_cwt("a negative status", &t, HTTPA_ERR_MALFORMED);
    t = good_cwt();
    t.hardware = -129;
    assert_cwt("a small trust claim", &t, HTTPA_ERR_RANGE);
    t = good_cwt();
    t.category = 8;
    assert_cwt("an unknown category", &t, HTTPA_ERR_UNSUPPORTED);
    t.category = -1;
    assert_cwt("a negative one", &t, HTTPA_ERR_UNSUPPORTED);
    t = good_cwt();
    t.nested = true;
    assert_cwt("nested submods", &t, HTTPA_ERR_UNSUPPORTED);
    t = good_cwt();
    t.iat_s = 0;
    assert_cwt("iat of 1970", &t, HTTPA_ERR_RANGE);
    t = good_cwt();
    t.profile = "";
    assert_cwt("an empty profile", &t, HTTPA_ERR_RANGE);
    t = good_cwt();
    t.nonce_n = 7;
    assert_cwt("a short nonce", &t, HTTPA_ERR_RANGE);
    t.nonce_n = 0;
    assert_cwt("an empty nonce", &t, HTTPA_ERR_RANGE);
    t = good_cwt();
    t.extra = 6;
    assert_cwt("iat twice", &t, HTTPA_ERR_DUPLICATE);
    t.extra = 1;
    assert_cwt("a number for an issuer", &t, HTTPA_ERR_MALFORMED);
    t.extra = 4;
    assert_cwt("an end before the beginning", &t, HTTPA_ERR_RANGE);
    t.extra = 99;
    assert_cwt("a claim that is not known", &t, HTTPA_OK);
}

/* --------------------------------------------------------------- mutations */

static void read_any(struct httpa_slice in, void *arg)
{
    struct httpa_ear ear;
    enum httpa_err err = arg != NULL ? httpa_ear_read_cwt(in, &ear)
                                     : httpa_ear_read_jwt(in, &ear);
    if (err == HTTPA_OK) {
        httpa_ear_done(&ear);
    }
}

static void mutations(void **state)
{
    struct cwt t = good_cwt();
    struct httpa_buf b = make_token(NULL, NULL), c = make_cwt(&t);
    (void)state;
    mutate(httpa_buf_slice(&b), read_any, NULL);
    mutate(httpa_buf_slice(&c), read_any, &t);
    httpa_buf_done(&b);
    httpa_buf_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token),   cmocka_unit_test(claims),
        cmocka_unit_test(headers),   cmocka_unit_test(forms),
        cmocka_unit_test(limits),    cmocka_unit_test(tiers),
        cmocka_unit_test(a_cwt),     cmocka_unit_test(cwts),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, open_signer, close_signer);
}
