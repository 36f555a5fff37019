/* What profiles of type ear may have, and files of verifiers' keys. */
#include <unistd.h>

#include <httpa/config.h>
#include <httpa/crypto.h>

#include "codec/base64.h"
#include "codec/pem.h"
#include "crypto/key.h"
#include "support/test.h"

static char folder[] = "/tmp/httpa-ear-XXXXXX";
static struct httpa_crypto *crypto;
static struct httpa_key *p256, *p384;
static const char *const names[] = { "a.pem",   "two.pem", "a.jwk",
                                     "b.jwk",   "set.jwks", "row" };

static void write_file(const char *name, const char *text, size_t n)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* {"kty":"EC",...} with |more| members behind. */
static void put_jwk(struct httpa_buf *b, const struct httpa_key *key,
                    const char *crv, size_t size, const char *more)
{
    struct httpa_slice spki = httpa_key_spki(key);
    struct httpa_slice point = httpa_slice_from(spki, spki.n - 2 * size);
    httpa_buf_put_str(b, "{\"kty\":\"EC\",\"crv\":\"");
    httpa_buf_put_str(b, crv);
    httpa_buf_put_str(b, "\",\"x\":\"");
    httpa_base64url_write(b, httpa_slice_of(point.p, size));
    httpa_buf_put_str(b, "\",\"y\":\"");
    httpa_base64url_write(b, httpa_slice_from(point, size));
    httpa_buf_put_str(b, "\"");
    httpa_buf_put_str(b, more);
    httpa_buf_put_str(b, "}");
}

static void write_keys(void)
{
    uint8_t room[4096];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    httpa_pem_write(&b, "PUBLIC KEY", httpa_key_spki(p256));
    write_file("a.pem", (char *)b.p, b.n);
    httpa_pem_write(&b, "PUBLIC KEY", httpa_key_spki(p384));
    write_file("two.pem", (char *)b.p, b.n);
    httpa_buf_reset(&b);
    put_jwk(&b, p256, "P-256", 32, ",\"use\":\"sig\",\"alg\":\"ES256\"");
    write_file("a.jwk", (char *)b.p, b.n);
    httpa_buf_reset(&b);
    put_jwk(&b, p384, "P-384", 48, ",\"kid\":\"k\",\"x5c\":[]");
    write_file("b.jwk", (char *)b.p, b.n);
    httpa_buf_reset(&b);
    httpa_buf_put_str(&b, "{\"keys\":[");
    put_jwk(&b, p384, "P-384", 48, "");
    httpa_buf_put_str(&b, ",");
    put_jwk(&b, p256, "P-256", 32, "");
    httpa_buf_put_str(&b, "]}");
    write_file("set.jwks", (char *)b.p, b.n);
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL || httpa_crypto_new(&crypto) != HTTPA_OK ||
        httpa_key_generate(crypto, HTTPA_KEY_P256, &p256) != HTTPA_OK ||
        httpa_key_generate(crypto, HTTPA_KEY_P384, &p384) != HTTPA_OK) {
        return -1;
    }
    write_keys();
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    httpa_key_free(p256);
    httpa_key_free(p384);
    httpa_crypto_free(crypto);
    return rmdir(folder);
}

/* A policy with these members of a profile of type ear. */
static enum httpa_err read_with(const char *members, struct httpa_policy **ret,
                                struct httpa_config_error *e)
{
    char text[2048], path[128];
    (void)snprintf(path, sizeof(path), "%s/policy.json", folder);
    int n = snprintf(text, sizeof(text),
                     "{\"httpa_policy\": 1, \"name\": \"n\",\n"
                     "\"identity\": {\"require\": \"none\"},\n"
                     "\"accept\": [{\"name\": \"e\", \"type\": \"ear\",\n"
                     "%s}]}",
                     members);
    assert_true(n > 0 && (size_t)n < sizeof(text));
    return httpa_config_policy_read(httpa_slice_of(text, (size_t)n), path, ret,
                                    e);
}

#define SETS "\"measurements\": [], "
#define KEY "\"verifier_keys\": [\"a.pem\"]"

static void a_verifier(void **state)
{
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    (void)state;
    if (read_with(SETS KEY, &p, &e) != HTTPA_OK) {
        fail_msg("%u:%u: %s", e.line, e.column, e.text);
    }
    const struct httpa_profile *profile = &p->accept[0];
    const struct httpa_ear_policy *ear = profile->ear;
    assert_string_equal(profile->type, "ear");
    assert_int_equal(profile->set_count, 0);
    assert_null(profile->dev);
    assert_int_equal(ear->key_count, 1);
    assert_true(httpa_slice_equal(ear->keys[0], httpa_key_spki(p256)));
    assert_null(ear->issuer);
    assert_int_equal(ear->profile_count, 0);
    assert_int_equal(ear->min_status, HTTPA_EAR_AFFIRMING);
    assert_int_equal(ear->max_age_s, 300);
    assert_false(ear->insecure_any_nonce);
    assert_int_equal(ear->submod_count, 0);
    httpa_config_policy_free(p);
}

static void every_member(void **state)
{
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    (void)state;
    if (read_with(SETS "\"verifier_keys\": [\"a.jwk\", \"two.pem\", \"b.jwk\", "
                       "\"set.jwks\"], \"issuer\": \"i\", "
                       "\"profile\": [\"tag:a\", \"tag:b\"], "
                       "\"min_status\": \"warning\", \"max_age\": \"1h\", "
                       "\"nonce\": false, \"submods\": [\"cpu0\"], "
                       "\"note\": \"\"",
                  &p, &e) != HTTPA_OK) {
        fail_msg("%u:%u: %s", e.line, e.column, e.text);
    }
    const struct httpa_ear_policy *ear = p->accept[0].ear;
    const struct httpa_key *want[] = { p256, p256, p384, p384, p384, p256 };
    assert_int_equal(ear->key_count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_true(httpa_slice_equal(ear->keys[i], httpa_key_spki(want[i])));
    }
    assert_string_equal(ear->issuer, "i");
    assert_int_equal(ear->profile_count, 2);
    assert_slice_is(ear->profiles[1], "tag:b");
    assert_int_equal(ear->min_status, HTTPA_EAR_WARNING);
    assert_int_equal(ear->max_age_s, 3600);
    assert_true(ear->insecure_any_nonce);
    assert_slice_is(ear->submods[0], "cpu0");
    httpa_config_policy_free(p);
    assert_ok(read_with(SETS KEY ", \"profile\": \"tag:c\", "
                                 "\"min_status\": \"none\"",
                        &p, &e));
    assert_slice_is(p->accept[0].ear->profiles[0], "tag:c");
    assert_int_equal(p->accept[0].ear->min_status, HTTPA_EAR_NONE);
    httpa_config_policy_free(p);
}

static void assert_refused(const char *why, const char *members,
                           const char *text)
{
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    enum httpa_err err = read_with(members, &p, &e);
    if (err != HTTPA_ERR_CONFIG || strstr(e.text, text) == NULL) {
        fail_msg("%s: want \"%s\", got %s \"%s\"", why, text,
                 httpa_err_name(err), e.text);
    }
}

static void what_is_not(void **state)
{
    static const struct {
        const char *why;
        const char *members;
        const char *text;
    } rows[] = {
        { "a set", "\"measurements\": [{}], " KEY, "must be [] for type ear" },
        { "no list", "\"measurements\": {}, " KEY, "must be []" },
        { "no word of sets", KEY, "\"measurements\" is missing" },
        { "no keys", SETS "\"issuer\": \"i\"", "\"verifier_keys\" is missing" },
        { "an empty list", SETS "\"verifier_keys\": []", "not empty" },
        { "a text for a list", SETS "\"verifier_keys\": \"a.pem\"",
          "must be a list of files" },
        { "a file that is not there", SETS "\"verifier_keys\": [\"c.pem\"]",
          "c.pem" },
        { "an unknown status", SETS KEY ", \"min_status\": \"fine\"",
          "is not known here" },
        { "contraindicated", SETS KEY ", \"min_status\": \"contraindicated\"",
          "is not known here" },
        { "an age of zero", SETS KEY ", \"max_age\": \"0s\"",
          "must be a duration" },
        { "a text for nonce", SETS KEY ", \"nonce\": \"no\"", "must be" },
        { "no names", SETS KEY ", \"submods\": []", "not empty" },
        { "an empty profile", SETS KEY ", \"profile\": \"\"", "" },
        { "misspelt", SETS KEY ", \"submod\": [\"a\"]",
          "did you mean \"submods\"?" },
        { "another type's", SETS KEY ", \"root_key\": \"a.pem\"",
          "unknown member \"root_key\" for type ear" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_refused(rows[i].why, rows[i].members, rows[i].text);
    }
}

#define XY32                                                                 \
    "\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","                 \
    "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""
#define EC32 "{\"kty\":\"EC\",\"crv\":\"P-256\"," XY32

static void files(void **state)
{
    static const struct {
        const char *why;
        const char *file;
        const char *text;
    } rows[] = {
        { "empty", "", "must be PEM" },
        { "no JSON", "{", "must be PEM" },
        { "a list", "[]", "no EC key" },
        { "a member twice", EC32 ",\"kty\":\"EC\"}", "must be PEM" },
        { "a private key", EC32 ",\"d\":\"AA\"}", "private" },
        { "a secret", "{\"kty\":\"oct\",\"k\":\"AAAA\"}", "secret" },
        { "RSA", "{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}",
          "no EC key" },
        { "another curve", "{\"kty\":\"EC\",\"crv\":\"secp256k1\"," XY32 "}",
          "no EC key" },
        { "of another length", "{\"kty\":\"EC\",\"crv\":\"P-384\"," XY32 "}",
          "not as long" },
        { "no y",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
          "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
          "not as long" },
        { "padded",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
          "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}",
          "not as long" },
        { "for encryption", EC32 ",\"use\":\"enc\"}", "not for signatures" },
        { "of another algorithm", EC32 ",\"alg\":\"HS256\"}",
          "not for signatures" },
        { "no keys", "{\"keys\":[]}", "without keys" },
        { "keys that are no list", "{\"keys\":{}}", "without keys" },
        { "one that is none", "{\"keys\":[" EC32 "},{\"kty\":\"RSA\"}]}",
          "no EC key" },
        { "a certificate",
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
          "PUBLIC KEYs alone" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        write_file("row", rows[i].file, strlen(rows[i].file));
        assert_refused(rows[i].why, SETS "\"verifier_keys\": [\"row\"]",
                       rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verifier),
        cmocka_unit_test(every_member),
        cmocka_unit_test(what_is_not),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
