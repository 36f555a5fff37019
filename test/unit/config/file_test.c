#include <unistd.h>

#include "config/doc.h"
#include "support/test.h"

#define BLOCK(label, base64)                                                   \
    "-----BEGIN " label "-----\n" base64 "\n-----END " label "-----\n"

static char folder[] = "/tmp/httpa-file-XXXXXX";
static char policy_path[64];

static const struct {
    const char *name;
    const char *text;
} files[] = {
    { "one.pem", BLOCK("CERTIFICATE", "AQI=") },
    { "two.pem", BLOCK("CERTIFICATE", "AwQ=") BLOCK("CERTIFICATE", "BQY=") },
    { "key.pem", BLOCK("PUBLIC KEY", "Bwg=") },
    { "keys.pem", BLOCK("PUBLIC KEY", "Bwg=") BLOCK("PUBLIC KEY", "Bwg=") },
    { "mixed.pem", BLOCK("CERTIFICATE", "AQI=") BLOCK("PUBLIC KEY", "Bwg=") },
    { "empty.pem", "" },
    { "text.pem", "hello\n" },
    { "cut.pem", "-----BEGIN CERTIFICATE-----\nAQI=\n" },
};

static void path_of(char path[96], const char *name)
{
    (void)snprintf(path, 96, "%s/%s", folder, name);
}

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(policy_path, sizeof(policy_path), "%s/p.json", folder);
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[96];
        path_of(path, files[i].name);
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        (void)fputs(files[i].text, f);
        assert_int_equal(fclose(f), 0);
    }
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[96];
        path_of(path, files[i].name);
        (void)unlink(path);
    }
    return rmdir(folder);
}

struct result {
    enum httpa_err err;
    struct httpa_config_error error;
    size_t count;
    uint8_t first_of[4]; /* first byte of each */
};

/* Reads the JSON value |json| with the reader of certificates or of a key. */
static struct result read_value(const char *json, bool key)
{
    struct result r = { 0 };
    struct httpa_config_arena arena = { 0 };
    struct httpa_config_doc doc = { .arena = &arena,
                                    .text = httpa_slice_str(json),
                                    .path = policy_path,
                                    .error = &r.error };
    json_error_t e;
    struct httpa_config_at at = {
        .value = json_loads(json, JSON_DECODE_ANY, &e)
    };
    const struct httpa_slice *v = NULL;
    struct httpa_slice one = { 0 };
    assert_non_null(at.value);
    if (key) {
        r.err = httpa_config_public_key(&doc, &at, &one);
        v = &one;
        r.count = r.err == HTTPA_OK;
    } else {
        r.err = httpa_config_certificates(&doc, &at, &v, &r.count);
    }
    assert_true(r.count <= COUNT(r.first_of));
    size_t n = r.err == HTTPA_OK ? r.count : 0;
    for (size_t i = 0; i < n && i < COUNT(r.first_of); i++) {
        assert_int_equal(v[i].n, 2);
        r.first_of[i] = v[i].p[0];
    }
    json_decref(at.value);
    httpa_config_arena_done(&arena);
    return r;
}

static void certificates(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *json;
        size_t count; /* 0: refused */
        const char *text;
    } rows[] = {
        { "one", "[\"one.pem\"]", 1, "" },
        { "two in one file", "[\"two.pem\"]", 2, "" },
        { "two files", "[\"one.pem\", \"two.pem\"]", 3, "" },
        { "no list", "\"one.pem\"", 0, "must be a list of files" },
        { "an empty list", "[]", 0, "not empty" },
        { "no name", "[\"\"]", 0, "must be the name of a file" },
        { "a number", "[7]", 0, "must be the name of a file" },
        { "a key", "[\"key.pem\"]", 0, "must be PEM with CERTIFICATEs" },
        { "a key behind it", "[\"mixed.pem\"]", 0, "must be PEM" },
        { "an empty file", "[\"empty.pem\"]", 0, "must be PEM" },
        { "text", "[\"text.pem\"]", 0, "must be PEM" },
        { "half a file", "[\"cut.pem\"]", 0, "must be PEM" },
        { "one good, one bad", "[\"one.pem\", \"text.pem\"]", 0,
          "text.pem: must be PEM" },
        { "a folder", "[\".\"]", 0, "Is a directory" },
        { "not there", "[\"none.pem\"]", 0, "No such file" },
        { "endless", "[\"/dev/zero\"]", 0, "is too long" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct result r = read_value(rows[i].json, false);
        if ((r.err == HTTPA_OK) != (rows[i].count > 0) ||
            (r.err == HTTPA_OK && r.count != rows[i].count) ||
            strstr(r.error.text, rows[i].text) == NULL) {
            fail_msg("%s: %s, %zu, \"%s\"", rows[i].why,
                     httpa_err_name(r.err), r.count, r.error.text);
        }
    }
    struct result r = read_value("[\"one.pem\", \"two.pem\"]", false);
    assert_memory_equal(r.first_of, "\x01\x03\x05", 3);
}

static void public_keys(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *json;
        const char *text; /* "": accepted */
    } rows[] = {
        { "a file", "\"key.pem\"", "" },
        { "PEM itself", "\"-----BEGIN PUBLIC KEY-----\\nBwg=\\n"
                        "-----END PUBLIC KEY-----\\n\"", "" },
        { "half of it", "\"-----BEGIN PUBLIC KEY-----\\nBwg=\\n\"",
          "the key: must be PEM" },
        { "two keys", "\"keys.pem\"", "with one PUBLIC KEY" },
        { "a certificate", "\"one.pem\"", "with one PUBLIC KEY" },
        { "no text", "7", "must be the name of a file" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct result r = read_value(rows[i].json, true);
        bool accepted = rows[i].text[0] == '\0';
        if ((r.err == HTTPA_OK) != accepted ||
            strstr(r.error.text, rows[i].text) == NULL) {
            fail_msg("%s: %s, \"%s\"", rows[i].why, httpa_err_name(r.err),
                     r.error.text);
        }
        assert_int_equal(r.first_of[0], accepted ? 7 : 0);
    }
}

static void names_from_the_root(void **state)
{
    (void)state;
    char json[128];
    (void)snprintf(json, sizeof(json), "[\"%s/one.pem\"]", folder);
    assert_ok(read_value(json, false).err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates),
        cmocka_unit_test(public_keys),
        cmocka_unit_test(names_from_the_root),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
