#include <unistd.h>

#include <httpa/config.h>

#include "support/test.h"

/* Each bad policy is a change of this good one; lines and columns count. */
static const char good[] =
    "{\n"
    "  \"httpa_policy\": 1,\n"
    "  \"name\": \"lab\",\n"
    "  \"note\": \"of the lab\",\n"
    "  \"expires\": \"2027-03-31T00:00:00Z\",\n"
    "  \"origins\": [\"https://a.example\", \"http://localhost:8080\"],\n"
    "  \"identity\": {\n"
    "    \"require\": \"pinned\",\n"
    "    \"spki_sha256\": "
    "[\"cb04bfc7a0b2fbfbd652ec454ca81ed32838a332b78837928281b6f9c20d36b4\"]\n"
    "  },\n"
    "  \"binding\": {\"accept\": [\"fresh\", \"key\"], "
    "\"key_max_age\": \"5m\"},\n"
    "  \"base\": {\"creation\": [\"shared\"], \"instances\": \"direct\"},\n"
    "  \"accept\": [\n"
    "    {\n"
    "      \"name\": \"tpm\",\n"
    "      \"type\": \"tpm\",\n"
    "      \"not_before\": \"2026-01-01T00:00:00Z\",\n"
    "      \"measurements\": [\n"
    "        {\"name\": \"build 1\", \"bank\": \"sha256\", \"pcr0\": \"any\", "
    "\"pcr11\": "
    "\"80FB8CA44E023DE8E3DC31CB8670DE3BBC52F4904F64E6D1BF3707909BB625C6\"}\n"
    "      ],\n"
    "      \"ak\": {\"trust\": \"pinned\", \"names\": "
    "[\"000b5bc06eb29217b5f5914fd8c98147081c085f7cbecf34fca3f22d8f254680ae42\"]"
    "}\n"
    "    },\n"
    "    {\n"
    "      \"name\": \"dev\",\n"
    "      \"type\": \"dev\",\n"
    "      \"measurements\": [{\"app\": \"demo\", \"port\": 7, \"ok\": true, "
    "\"who\": \"any\"}],\n"
    "      \"root_key\": \"dev-root.pem\"\n"
    "    }\n"
    "  ],\n"
    "  \"refuse\": {\"products\": [\"milan\"], \"measurements\": [\"00ff\"]},\n"
    "  \"insecure_dev_tee\": true\n"
    "}\n";

/* P-256, made for this test. */
static const char root_pem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEFND17B8qUbCSjGm7MgbfvvCH2vzK\n"
    "0hLCQx77EAMcrLYqG1D295vLqporYA2uo2jlPZ7O9EzcWsuhDRojb8OucQ==\n"
    "-----END PUBLIC KEY-----\n";

static char folder[] = "/tmp/httpa-config-XXXXXX";
static char policy_path[64], key_path[64];

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(policy_path, sizeof(policy_path), "%s/policy.json", folder);
    (void)snprintf(key_path, sizeof(key_path), "%s/dev-root.pem", folder);
    write_file(key_path, root_pem);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(policy_path);
    (void)unlink(key_path);
    return rmdir(folder);
}

static enum httpa_err read_text(const char *text, struct httpa_policy **ret,
                                struct httpa_config_error *error)
{
    uint8_t *exact = exact_copy(text, strlen(text));
    enum httpa_err err = httpa_config_policy_read(
        httpa_slice_of(exact, strlen(text)), policy_path, ret, error);
    free(exact);
    return err;
}

/* |good| with the first |from| replaced. */
static void change(char *to, size_t cap, const char *from, const char *with)
{
    const char *at = strstr(good, from);
    assert_non_null(at);
    int n = snprintf(to, cap, "%.*s%s%s", (int)(at - good), good, with,
                     at + strlen(from));
    assert_true(n > 0 && (size_t)n < cap);
}

static void the_good_one(void **state)
{
    (void)state;
    struct httpa_config_error error;
    struct httpa_policy *p;
    write_file(policy_path, good);
    if (httpa_config_policy_load(policy_path, &p, &error) != HTTPA_OK) {
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    }
    assert_string_equal(p->name, "lab");
    assert_string_equal(p->note, "of the lab");
    assert_string_equal(p->path, policy_path);
    assert_slice_is(p->text, good);
    assert_int_equal(p->expires_s, 1806451200);
    assert_int_equal(p->origin_count, 2);
    assert_slice_is(p->origins[1], "http://localhost:8080");
    assert_int_equal(p->identity.require, HTTPA_IDENTITY_PINNED);
    assert_int_equal(p->identity.spki_count, 1);
    assert_int_equal(p->identity.spki_sha256[0][31], 0xb4);
    assert_true(p->binding.fresh && !p->binding.batch && p->binding.key);
    assert_int_equal(p->binding.key_max_age_s, 300);
    assert_int_equal(p->binding.reattest_after_s, 86400);
    assert_true(p->base.creation_shared && !p->base.creation_new);
    assert_true(p->base.direct);
    assert_int_equal(p->accept_count, 2);
    assert_true(p->insecure_dev_tee && !p->insecure_unpinned);
    assert_slice_is(p->refuse.products[0], "milan");
    assert_hex(p->refuse.measurements[0].p, p->refuse.measurements[0].n,
               "00ff");
    httpa_config_policy_free(p);
}

static void collateral_may_be_held_to_an_age(void **state)
{
    struct httpa_config_error error;
    struct httpa_policy *p;
    char text[4096];
    (void)state;
    change(text, sizeof(text), "\"insecure_dev_tee\": true",
           "\"insecure_dev_tee\": true,\n  \"collateral\": "
           "{\"max_age\": \"7d\"}");
    assert_ok(read_text(text, &p, &error));
    assert_int_equal(p->collateral_max_age_s, 7 * 86400);
    httpa_config_policy_free(p);
}

static void profiles_of_the_good_one(void **state)
{
    (void)state;
    struct httpa_config_error error;
    struct httpa_policy *p;
    assert_ok(read_text(good, &p, &error));
    const struct httpa_profile *tpm = &p->accept[0], *dev = &p->accept[1];
    assert_string_equal(tpm->type, "tpm");
    assert_int_equal(tpm->not_before_s, 1767225600);
    assert_null(tpm->dev);
    assert_int_equal(tpm->tpm->trust, HTTPA_AK_PINNED);
    assert_int_equal(tpm->tpm->names[0].n, 34);
    assert_true(tpm->tpm->no_reset_since_base && !tpm->tpm->replay_event_log);
    const struct httpa_set *set = &tpm->sets[0];
    assert_string_equal(set->name, "build 1");
    assert_int_equal(set->reference_count, 2);
    assert_string_equal(set->references[0].name, "sha256.pcr0");
    assert_int_equal(set->references[0].kind, HTTPA_REFERENCE_ANY);
    assert_string_equal(set->references[1].name, "sha256.pcr11");
    assert_int_equal(set->references[1].value.bytes.p[31], 0xc6);
    assert_null(dev->tpm);
    assert_int_equal(dev->dev->root_spki.n, 91);
    set = &dev->sets[0];
    assert_int_equal(set->reference_count, 4);
    assert_slice_is(set->references[0].value.bytes, "demo");
    assert_int_equal(set->references[1].value.integer, 7);
    assert_int_equal(set->references[2].value.type, HTTPA_VALUE_BOOLEAN);
    assert_int_equal(set->references[3].kind, HTTPA_REFERENCE_ANY);
    httpa_config_policy_free(p);
}

struct bad {
    const char *why;
    const char *from; /* in the good one */
    const char *with;
    unsigned line;
    unsigned column;
    const char *text; /* part of the sentence */
};

static void run_bad(const struct bad *rows, size_t n)
{
    static char text[8192];
    size_t failures = 0;
    for (size_t i = 0; i < n; i++) {
        const struct bad *b = &rows[i];
        struct httpa_config_error e;
        struct httpa_policy *p = NULL;
        change(text, sizeof(text), b->from, b->with);
        enum httpa_err err = read_text(text, &p, &e);
        if (err != HTTPA_ERR_CONFIG || p != NULL || e.line != b->line ||
            e.column != b->column || strstr(e.text, b->text) == NULL ||
            strchr(e.text, '\n') != NULL) {
            print_error("%s: want %u:%u \"%s\", got %s %u:%u \"%s\"\n",
                        b->why, b->line, b->column, b->text,
                        httpa_err_name(err), e.line, e.column, e.text);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

static void names_are_closed(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        { "a misspelt member", "\"expires\"", "\"expirs\"", 5, 3,
          "unknown member \"expirs\"; did you mean \"expires\"?" },
        { "upper case is another name", "\"base\"",
          "\"Base\"", 12, 3, "did you mean \"base\"?" },
        { "nothing like it", "\"expires\"", "\"frobnicate_all\"", 5, 3,
          "unknown member \"frobnicate_all\"" },
        { "an escape is the same name", "\"name\": \"lab\"",
          "\"n\\u0061me\": \"lab\", \"x\": 1", 3, 23, "unknown member \"x\"" },
        { "a name of two lines", "\"note\"", "\"a\\nb\"", 4, 3,
          "unknown member \"a b\"" },
        { "comments are called note", "\"note\"", "\"_note\"", 4, 3,
          "did you mean \"note\"?" },
        { "in identity", "\"require\"", "\"required\"", 8, 5,
          "did you mean \"require\"?" },
        { "in binding", "\"key_max_age\"", "\"max_age\"", 11, 43,
          "unknown member" },
        { "in a profile", "\"ak\"", "\"ka\"", 21, 7, "unknown member" },
        { "of another type", "\"root_key\"", "\"ak\"", 27, 7,
          "unknown member \"ak\" for type dev" },
        { "in a set", "\"pcr11\"", "\"pcr24\"", 19, 62, "unknown member" },
        { "registers have one spelling", "\"pcr11\"", "\"pcr011\"", 19, 62,
          "registers are pcr0 to pcr23" },
        { "in ak", "\"names\"", "\"name\"", 21, 33,
          "did you mean \"names\"?" },
        { "in refuse", "\"products\"", "\"product\"", 30, 14,
          "did you mean \"products\"?" },
        { "columns count characters", "\"of the lab\",\n",
          "\"\xc3\xa4\xe2\x82\xac\", \"x\": 1,\n", 4, 17, "unknown member" },
        { "a type of no version", "\"type\": \"tpm\"", "\"type\": \"tmp\"", 16,
          15, "\"tmp\" is not known here" },
        { "in collateral", "\"insecure_dev_tee\": true",
          "\"collateral\": {\"max_ages\": \"1d\"}", 31, 18,
          "did you mean \"max_age\"?" },
    };
    run_bad(rows, COUNT(rows));
}

static void said_once_and_whole(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        { "twice", "\"note\": \"of the lab\"", "\"name\": \"again\"", 4, 8,
          "duplicate object key" },
        { "no name", "  \"name\": \"lab\",\n", "", 1, 1,
          "\"name\" is missing" },
        { "no version", "\"httpa_policy\": 1,", "", 1, 1,
          "\"httpa_policy\" is missing" },
        { "a version of tomorrow", "\"httpa_policy\": 1", "\"httpa_policy\": 2",
          2, 19, "must be 1" },
        { "the version is a number", "\"httpa_policy\": 1",
          "\"httpa_policy\": \"1\"", 2, 19, "must be 1" },
        { "no type", "\"type\": \"tpm\",", "", 14, 5, "\"type\" is missing" },
        { "no bank", "\"bank\": \"sha256\", ", "", 19, 9,
          "\"bank\" is missing" },
        { "no ak", "\"ak\": {\"trust\": \"pinned\", \"names\": "
                   "[\"000b5bc06eb29217b5f5914fd8c98147081c085f7cbecf34fca3f22"
                   "d8f254680ae42\"]}\n",
          "\"note\": \"\"\n", 14, 5, "\"ak\" is missing" },
        { "no require", "\"require\": \"pinned\",", "", 7, 15,
          "\"require\" is missing" },
        { "no root_key", ",\n      \"root_key\": \"dev-root.pem\"", "", 23, 5,
          "\"root_key\" is missing" },
        { "an empty list of profiles is no list", "\"origins\": [\"https://a."
          "example\", \"http://localhost:8080\"]",
          "\"origins\": []", 6, 14, "not empty" },
        { "not JSON", "\"expires\"", "expires", 5, 9, "not JSON" },
        { "more behind it", "\"insecure_dev_tee\": true\n}\n",
          "\"insecure_dev_tee\": true\n}\n{}", 33, 1, "not JSON" },
    };
    run_bad(rows, COUNT(rows));
}

static void values_are_checked(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        { "a number for a text", "\"lab\"", "7", 3, 11, "must be a text" },
        { "an empty text", "\"lab\"", "\"\"", 3, 11, "must not be empty" },
        { "a date without a time", "2027-03-31T00:00:00Z", "2027-03-31", 5, 14,
          "must be a time" },
        { "a day that is not", "2027-03-31T", "2027-02-31T", 5, 14,
          "must be a time" },
        { "a duration without a unit", "\"5m\"", "\"300\"", 11, 58,
          "must be a duration" },
        { "of nothing", "\"5m\"", "\"0s\"", 11, 58, "must be a duration" },
        { "of another unit", "\"5m\"", "\"5w\"", 11, 58,
          "must be a duration" },
        { "longer than anything lives", "\"5m\"", "\"99999999d\"", 11, 58,
          "must be a duration" },
        { "a digest that is short", "cb04bf", "", 9, 21,
          "64 hex digits, has 58" },
        { "not hex", "cb04", "zz04", 9, 21, "must be hex" },
        { "half a byte", "cb04", "b04", 9, 21, "must be hex" },
        { "a register of another bank", "\"sha256\"", "\"sha384\"", 19, 71,
          "must be 96 hex digits (bank sha384) or \"any\", has 64" },
        { "a bank that is broken", "\"sha256\"", "\"sha1\"", 19, 37,
          "did you mean \"sha256\"?" },
        { "ANY is not any", "\"any\"", "\"ANY\"", 19, 55, "must be hex" },
        { "null is not any", "\"any\"", "null", 19, 55, "must be a text" },
        { "a Name that is short", "000b5b", "", 21, 43, "must be a Name" },
        { "a word that is not", "\"direct\"", "\"dirct\"", 12, 49,
          "did you mean \"direct\"?" },
        { "a word twice", "\"fresh\", \"key\"", "\"key\", \"key\"", 11, 33,
          "twice" },
        { "0 is not false", "\"insecure_dev_tee\": true",
          "\"insecure_dev_tee\": 0", 31, 23, "must be true or false" },
        { "a path is no origin", "https://a.example", "https://a.example/", 6,
          15, "no path" },
        { "nor a host alone", "https://a.example", "a.example", 6, 15,
          "must begin with https://" },
        { "one spelling of an origin", "https://a.example",
          "https://A.example", 6, 15, "lower-case" },
        { "without the default port", "https://a.example",
          "https://a.example:443", 6, 15, "default port" },
        { "without a user", "https://a.example", "https://u@a.example", 6, 15,
          "lower-case ASCII" },
        { "a list where an object belongs", "{\"creation\": [\"shared\"], "
          "\"instances\": \"direct\"}",
          "[]", 12, 11, "must be an object" },
        { "a float is no claim", "\"port\": 7", "\"port\": 7.5", 26, 48,
          "must be a text" },
        { "a file that is not there", "dev-root.pem", "gone.pem", 27, 19,
          "gone.pem: No such file" },
        { "a file of another kind", "dev-root.pem", "policy.json", 27, 19,
          "must be PEM with one PUBLIC KEY" },
        { "roots we do not have", "\"trust\": \"pinned\", \"names\": [\"000b5b"
          "c06eb29217b5f5914fd8c98147081c085f7cbecf34fca3f22d8f254680ae42\"]",
          "\"trust\": \"ek\", \"ek_roots\": [\"builtin:infineon\"]", 21, 42,
          "builtin:infineon; there is builtin:gce; or name a file" },
        { "roots of other keys", "\"trust\": \"pinned\", \"names\": [\"000b5b"
          "c06eb29217b5f5914fd8c98147081c085f7cbecf34fca3f22d8f254680ae42\"]",
          "\"trust\": \"ek\", \"ek_roots\": [\"builtin:azure\"]", 21, 42,
          "builtin:azure; there is builtin:gce; or name a file" },
        { "roots of nobody", "\"trust\": \"pinned\", \"names\": [\"000b5b"
          "c06eb29217b5f5914fd8c98147081c085f7cbecf34fca3f22d8f254680ae42\"]",
          "\"trust\": \"chain\", \"ak_roots\": [\"builtin:\"]", 21, 45,
          "there is builtin:gce, builtin:azure" },
    };
    write_file(policy_path, good);
    run_bad(rows, COUNT(rows));
}

static void built_in_roots(void **state)
{
    (void)state;
    static const char from[] =
        "\"trust\": \"pinned\", \"names\": [\"000b5b"
        "c06eb29217b5f5914fd8c98147081c085f7cbecf34fca3f22d8f254680ae42\"]";
    static const struct {
        const char *ak;
        size_t keys;
    } rows[] = {
        { "\"trust\": \"chain\", \"ak_roots\": [\"builtin:gce\"]", 2 },
        { "\"trust\": \"chain\", \"ak_roots\": [\"builtin:azure\", "
          "\"builtin:gce\"]", 3 },
        { "\"trust\": \"ek\", \"ek_roots\": [\"builtin:gce\"]", 2 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[8192];
        struct httpa_config_error error;
        struct httpa_policy *p = NULL;
        change(text, sizeof(text), from, rows[i].ak);
        if (read_text(text, &p, &error) != HTTPA_OK) {
            fail_msg("%s: %s", rows[i].ak, error.text);
        }
        const struct httpa_tpm_policy *tpm = p->accept[0].tpm;
        assert_int_equal(tpm->root_count, 0);
        assert_int_equal(tpm->root_key_count, rows[i].keys);
        assert_int_equal(tpm->root_keys[rows[i].keys - 1].n, 32);
        httpa_config_policy_free(p);
    }
}

static void contradictions(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        { "trust and its member", "\"trust\": \"pinned\"", "\"trust\": \"ek\"",
          21, 29, "trust \"ek\" does not look at \"names\"" },
        { "trust without its member", "\"names\": [\"000b5bc06eb29217b5f5914fd"
          "8c98147081c085f7cbecf34fca3f22d8f254680ae42\"]",
          "\"note\": \"\"", 21, 13, "trust \"pinned\" needs \"names\"" },
        { "dates the wrong way round", "\"not_before\": \"2026-01-01T00:00:00Z\"",
          "\"not_before\": \"2026-01-02T00:00:00Z\", \"not_after\": "
          "\"2026-01-01T00:00:00Z\"",
          17, 58, "is before" },
        { "boot without the log", "\"type\": \"tpm\",",
          "\"type\": \"tpm\", \"boot\": {\"secure_boot\": true},", 16, 22,
          "needs \"event_log\"" },
        { "key without an age", ", \"key_max_age\": \"5m\"", "", 11, 14,
          "goes with binding \"key\"" },
        { "an age without key", "\"fresh\", \"key\"", "\"fresh\"", 11, 51,
          "goes with binding \"key\"" },
        { "pins that nobody looks at", "\"require\": \"pinned\"",
          "\"require\": \"measured\"", 8, 16, "only \"pinned\" looks" },
        { "pinned to nothing",
          ",\n    \"spki_sha256\": "
          "[\"cb04bfc7a0b2fbfbd652ec454ca81ed32838a332b78837928281b6f9c20d36b4"
          "\"]",
          "", 7, 15, "needs spki_sha256 or ca_files" },
        { "names are for webpki", "\"require\": \"pinned\",",
          "\"require\": \"pinned\", \"names\": [\"b.example\"],", 8, 35,
          "Only \"webpki\"" },
        { "dev without the word", "\"insecure_dev_tee\": true",
          "\"insecure_dev_tee\": false", 25, 15, "needs insecure_dev_tee" },
        { "a set of holes",
          "\"80FB8CA44E023DE8E3DC31CB8670DE3BBC52F4904F64E6D1BF3707909BB625C6"
          "\"",
          "\"any\"", 19, 9, "pins nothing" },
        { "a register that anybody resets", "\"pcr11\"", "\"pcr16\"", 19, 9,
          "not of PCR 16 or 23 alone" },
        { "an empty set", "{\"app\": \"demo\", \"port\": 7, \"ok\": true, "
          "\"who\": \"any\"}",
          "{}", 26, 24, "pins nothing" },
        { "with inside with", "\"type\": \"tpm\",",
          "\"type\": \"tpm\", \"with\": [{\"name\": \"x\", \"type\": \"tpm\", "
          "\"with\": []}],",
          16, 60, "unknown member \"with\"" },
    };
    run_bad(rows, COUNT(rows));
}

/* Everything that is not a policy at all. */
static void hardly_policies(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *text;
    } rows[] = {
        { "nothing", "" },          { "a list", "[]" },
        { "a text", "\"policy\"" }, { "an empty object", "{}" },
        { "a number", "1" },        { "a bracket", "{" },
        { "bytes", "\xff\xfe" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_config_error e;
        struct httpa_policy *p = NULL;
        if (read_text(rows[i].text, &p, &e) != HTTPA_ERR_CONFIG ||
            e.text[0] == '\0') {
            fail_msg("%s: %s", rows[i].why, e.text);
        }
    }
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    assert_err(HTTPA_ERR_IO, httpa_config_policy_load("/nonexistent", &p, &e));
    assert_string_equal(e.text, "No such file or directory");
    assert_int_equal(e.line, 0);
    assert_err(HTTPA_ERR_IO, httpa_config_policy_load(folder, &p, &e));
    httpa_config_policy_free(NULL);
}

static void one_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    size_t *accepted = arg;
    enum httpa_err err = httpa_config_policy_read(in, policy_path, &p, &e);
    assert_true(err == HTTPA_OK || e.text[0] != '\0');
    *accepted += err == HTTPA_OK;
    httpa_config_policy_free(p);
}

/* Flips in names of policies and profiles are other, good policies. */
static void mutants(void **state)
{
    (void)state;
    size_t accepted = 0;
    mutate(httpa_slice_str(good), one_mutant, &accepted);
    assert_in_range(accepted, 1, strlen(good) * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_one),
        cmocka_unit_test(collateral_may_be_held_to_an_age),
        cmocka_unit_test(profiles_of_the_good_one),
        cmocka_unit_test(names_are_closed),
        cmocka_unit_test(said_once_and_whole),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(built_in_roots),
        cmocka_unit_test(contradictions),
        cmocka_unit_test(hardly_policies),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(mutants),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
