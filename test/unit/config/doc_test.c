/* doc/policy.md and doc/policy.schema.json say what the reader does. */
#include <jansson.h>
#include <unistd.h>

#include <httpa/config.h>

#include "support/test.h"

static char folder[] = "/tmp/httpa-doc-XXXXXX";
static char policy_path[64], key_path[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(policy_path, sizeof(policy_path), "%s/policy.json", folder);
    (void)snprintf(key_path, sizeof(key_path), "%s/dev-root.pem", folder);
    FILE *f = fopen(key_path, "wb");
    if (f == NULL) {
        return -1;
    }
    (void)fputs("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                f);
    return fclose(f);
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(key_path);
    return rmdir(folder);
}

static char *read_doc(const char *name)
{
    char path[512];
    const char *root = getenv("HTTPA_SOURCE_ROOT");
    (void)snprintf(path, sizeof(path), "%s/doc/%s",
                   root != NULL ? root : ".", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("cannot open %s", path);
        return NULL;
    }
    char *text = calloc(1, 1u << 18);
    assert_non_null(text);
    size_t n = fread(text, 1, (1u << 18) - 1, f);
    assert_true(n > 0 && n < (1u << 18) - 1);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void every_example_is_a_policy(void **state)
{
    (void)state;
    char *text = read_doc("policy.md");
    size_t count = 0;
    char *at = text;
    while ((at = strstr(at, "```json\n")) != NULL) {
        struct httpa_config_error e;
        struct httpa_policy *p;
        at += strlen("```json\n");
        char *end = strstr(at, "```");
        assert_non_null(end);
        if (httpa_config_policy_read(httpa_slice_of(at, (size_t)(end - at)),
                                     policy_path, &p, &e) != HTTPA_OK) {
            fail_msg("example %zu, %u:%u: %s", count, e.line, e.column,
                     e.text);
        }
        httpa_config_policy_free(p);
        at = end + 3;
        count++;
    }
    assert_int_equal(count, 2);
    free(text);
}

/* |member| of |object| ("": the top level) is known to the reader: whatever
 * it says of a null, it is not that there is no such member. */
static void assert_known(const char *object, const char *member)
{
    char text[256];
    struct httpa_config_error e;
    struct httpa_policy *p;
    bool top = object[0] == '\0';
    (void)snprintf(text, sizeof(text), top ? "{\"%s%s\": null}"
                                           : "{\"%s\": {\"%s\": null}}",
                   object, member);
    if (httpa_config_policy_read(httpa_slice_str(text), NULL, &p, &e) ==
            HTTPA_OK ||
        strstr(e.text, "unknown") != NULL) {
        fail_msg("%s: %s", text, e.text);
    }
}

static void assert_all_known(const char *object, json_t *schema)
{
    const char *member;
    json_t *value, *properties = json_object_get(schema, "properties");
    assert_true(json_object_size(properties) > 1);
    json_object_foreach(properties, member, value)
    {
        assert_known(object, member);
    }
    assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
}

static void the_schema_names_what_is_read(void **state)
{
    (void)state;
    static const char *const objects[] = { "binding", "base", "refuse" };
    char *text = read_doc("policy.schema.json");
    json_error_t e;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &e);
    assert_non_null(root);
    assert_all_known("", root);
    json_t *top = json_object_get(root, "properties");
    for (size_t i = 0; i < COUNT(objects); i++) {
        assert_all_known(objects[i], json_object_get(top, objects[i]));
    }
    json_t *identity = json_object_get(
        json_object_get(json_object_get(root, "$defs"), "identity"), "oneOf");
    for (size_t i = 0; i < json_array_size(identity); i++) {
        assert_all_known("identity", json_array_get(identity, i));
    }
    json_decref(root);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_is_a_policy),
        cmocka_unit_test(the_schema_names_what_is_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
