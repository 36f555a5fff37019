#include <jansson.h>

#include "support.h"

/* The accepted fixture of support.h, with everything a document can say. */
static const char accepted[] =
    "{\"httpa_verdict\": 1, \"result\": \"accepted_with_warnings\","
    "\"cryptographic\": \"pass\", \"policy\": \"warn\", \"exit_code\": 0,"
    "\"ear_status\": \"warning\", \"reason\": null,"
    "\"at\": \"2026-11-20T19:40:12Z\", \"origin\": \"https://a.example\","
    "\"words\": {\"genuine\": \"pass\", \"current\": \"unknown\","
    "  \"pinned\": \"pass\", \"yours\": \"warn\"},"
    "\"policy_file\": {\"name\": \"test\", \"path\": \"p.json\","
    "  \"sha256\": "
    "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
    "  \"expires\": \"2026-11-22T19:40:12Z\", \"note\": \"n\","
    "  \"matched\": {\"profile\": \"paper\", \"set\": \"build 1\"},"
    "  \"nearest\": []},"
    "\"session\": {\"protocol\": \"httpa/2\","
    "  \"suite\": \"TLS_AES_128_GCM_SHA256\", \"group\": \"x25519\","
    "  \"base\": null,"
    "  \"granted\": {\"creation\": \"shared\", \"instances\": \"indirect\"},"
    "  \"binding\": \"fresh\", \"age\": 0.06, \"age_source\": \"proved\","
    "  \"expires\": null},"
    "\"identity\": {\"required\": \"none\", \"result\": \"warn\","
    "  \"spki_sha256\": null, \"subject\": null},"
    "\"evidence\": [{\"index\": 0, \"type\": \"paper\","
    "  \"media_type\": \"application/x-paper\","
    "  \"sha256\": "
    "\"ae528e9994e1d43666115e91eae198e1b9b0cbd0e51e02fe3bb8047094e71b8a\","
    "  \"cryptographic\": \"pass\", \"policy\": \"pass\", \"used\": true,"
    "  \"claims\": {\"mr\": \"aa11\", \"cfg\": \"22\"},"
    "  \"registers\": [\"mr\", \"cfg\"]}],"
    "\"checks\": ["
    "  {\"id\": \"policy.expires\", \"result\": \"pass\","
    "   \"seen\": \"2026-11-22T19:40:12Z\", \"source\": \"policy\","
    "   \"lapses\": \"2026-11-22T19:40:12Z\", \"days_left\": 2},"
    "  {\"id\": \"policy.origin\", \"result\": \"pass\","
    "   \"seen\": \"https://a.example\","
    "   \"expected\": [\"https://a.example\"], \"source\": \"policy\"},"
    "  {\"id\": \"paper.measurement.set\", \"of\": 0, \"result\": \"pass\","
    "   \"word\": \"pinned\","
    "   \"seen\": \"build 1\", \"expected\": \"build 1\","
    "   \"source\": \"policy\"},"
    "  {\"id\": \"identity.none\", \"result\": \"warn\","
    "   \"word\": \"yours\", \"text\": \"The policy asks for no identity: "
    "anyone who boots this image passes.\","
    "   \"seen\": \"no service key\", \"source\": \"handshake\","
    "   \"do\": \"Pin the service key (identity \\\"pinned\\\").\"},"
    "  {\"id\": \"evidence.binding\", \"of\": 0, \"result\": \"pass\","
    "   \"word\": \"genuine\","
    "   \"seen\": \"fresh\", \"expected\": \"fresh or batch\","
    "   \"source\": \"handshake\", \"age\": 0},"
    "  {\"id\": \"base.creation\", \"result\": \"pass\","
    "   \"seen\": \"shared\", \"source\": \"handshake\"},"
    "  {\"id\": \"base.instances\", \"result\": \"pass\","
    "   \"seen\": \"indirect\", \"source\": \"handshake\"}],"
    "\"not_judged\": [\"cfg\"],"
    "\"lapses_first\": {\"what\": \"policy.expires\","
    "  \"at\": \"2026-11-22T19:40:12Z\", \"days_left\": 2},"
    "\"warnings\": [\"The policy asks for no identity: anyone who boots this "
    "image passes.\"],"
    "\"tool\": {\"name\": \"httpa\", \"version\": \"" HTTPA_VERSION "\"}}";

/* Nothing but a verdict that nobody wrote: members are there, and null. */
static const char empty[] =
    "{\"httpa_verdict\": 1, \"result\": \"refused\","
    "\"cryptographic\": \"indeterminate\", \"policy\": null,"
    "\"exit_code\": 1, \"ear_status\": \"contraindicated\","
    "\"reason\": null, \"at\": null, \"origin\": null,"
    "\"words\": {\"genuine\": \"unknown\", \"current\": \"unknown\","
    "  \"pinned\": \"unknown\", \"yours\": \"unknown\"},"
    "\"policy_file\": null, \"session\": null, \"identity\": null,"
    "\"evidence\": [], \"checks\": [], \"not_judged\": [],"
    "\"lapses_first\": null, \"warnings\": [],"
    "\"tool\": {\"name\": \"httpa\", \"version\": \"" HTTPA_VERSION "\"}}";

static json_t *document(const struct httpa_verdict *v)
{
    json_error_t e;
    struct httpa_buf out = httpa_buf_growing(1u << 20);
    assert_ok(httpa_verdict_json(v, &out));
    json_t *root = json_loadb((const char *)out.p, out.n,
                              JSON_REJECT_DUPLICATES, &e);
    if (root == NULL) {
        fail_msg("%s at %d", e.text, e.line);
    }
    httpa_buf_done(&out);
    return root;
}

static void assert_document(const struct httpa_verdict *v, const char *text)
{
    json_error_t e;
    json_t *got = document(v);
    json_t *want = json_loads(text, 0, &e);
    assert_non_null(want);
    if (!json_equal(got, want)) {
        char *dump = json_dumps(got, JSON_INDENT(1));
        print_error("%s\n", dump);
        fail_msg("another document than expected");
    }
    json_decref(got);
    json_decref(want);
}

static void an_accepted_one(void **state)
{
    (void)state;
    static struct fixture f;
    struct httpa_verdict *v = httpa_verdict_new();
    fixture_init(&f);
    f.policy.path = "p.json";
    f.policy.note = "n";
    f.policy.text = httpa_slice_str("abc");
    f.policy.expires_s = NOW + 2 * 86400;
    assert_ok(httpa_appraise(&f.in, v));
    assert_document(v, accepted);
    httpa_verdict_free(v);
}

static void an_empty_one(void **state)
{
    (void)state;
    struct httpa_verdict *v = httpa_verdict_new();
    assert_document(v, empty);
    httpa_verdict_free(v);
}

static const char *get(const json_t *root, const char *a, const char *b)
{
    const json_t *inner = json_object_get(root, a);
    return json_string_value(b != NULL ? json_object_get(inner, b) : inner);
}

/* policy.md 10.1: what the reader of a refusal looks at. */
static void a_refused_one(void **state)
{
    (void)state;
    static struct fixture f;
    struct httpa_verdict *v = httpa_verdict_new();
    fixture_init(&f);
    set_script(&f, "mr=bb22");
    assert_err(HTTPA_ERR_APPRAISAL, httpa_appraise(&f.in, v));
    json_t *root = document(v);
    assert_string_equal(get(root, "result", NULL), "refused");
    assert_string_equal(get(root, "cryptographic", NULL), "pass");
    assert_string_equal(get(root, "policy", NULL), "fail");
    assert_string_equal(get(root, "ear_status", NULL), "contraindicated");
    assert_string_equal(get(root, "reason", "check"), "paper.measurement.set");
    assert_string_equal(get(root, "words", "pinned"), "fail");
    const json_t *file = json_object_get(root, "policy_file");
    assert_true(json_is_null(json_object_get(file, "matched")));
    const json_t *near = json_array_get(json_object_get(file, "nearest"), 0);
    assert_string_equal(json_string_value(json_object_get(near, "failed")),
                        "mr");
    json_decref(root);
    httpa_verdict_free(v);
}

static void undecided_is_null(void **state)
{
    (void)state;
    static struct fixture f;
    struct httpa_verdict *v = httpa_verdict_new();
    fixture_init(&f);
    set_script(&f, "!open");
    assert_err(HTTPA_ERR_UNDECIDED, httpa_appraise(&f.in, v));
    json_t *root = document(v);
    assert_string_equal(get(root, "result", NULL), "undecided");
    assert_string_equal(get(root, "cryptographic", NULL), "indeterminate");
    assert_true(json_is_null(json_object_get(root, "policy")));
    assert_int_equal(json_integer_value(json_object_get(root, "exit_code")),
                     4);
    json_decref(root);
    httpa_verdict_free(v);
}

/* A stranger's text neither breaks the document nor a terminal. */
static void hostile_text(void **state)
{
    (void)state;
    static const char evil[] = "\x1b[2J\"\\\n\xff\xc2\x9b";
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_buf out = httpa_buf_growing(1u << 16);
    httpa_verdict_check(v, &(struct httpa_check){
                               .id = "x", .seen = httpa_value_str(evil) });
    assert_ok(httpa_verdict_json(v, &out));
    assert_null(memchr(out.p, 0x1b, out.n));
    assert_null(memchr(out.p, 0xff, out.n));
    json_decref(document(v));
    httpa_buf_done(&out);
    httpa_verdict_free(v);
}

static void no_room(void **state)
{
    (void)state;
    uint8_t room[100];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    struct httpa_verdict *v = httpa_verdict_new();
    assert_err(HTTPA_ERR_SPACE, httpa_verdict_json(v, &out));
    httpa_verdict_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accepted_one), cmocka_unit_test(an_empty_one),
        cmocka_unit_test(a_refused_one),   cmocka_unit_test(undecided_is_null),
        cmocka_unit_test(hostile_text),    cmocka_unit_test(no_room),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
