#include <httpa/attest.h>

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "codec/pem.h"
#include "crypto/crypto.h"
#include "support/test.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/httpa-dev-XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int remove_dir(void **state)
{
    static const char *const names[] = { "dev-key.pem", "dev-root.pem",
                                         "dev-claims" };
    char path[128];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    return rmdir(dir);
}

static enum httpa_err init(const char *claims, struct httpa_buf *policy)
{
    struct httpa_attest_diag diag;
    enum httpa_err err = httpa_attest_dev_init(dir, claims, policy, &diag);
    assert_true((err == HTTPA_OK) == (diag.text[0] == '\0'));
    return err;
}

static struct httpa_buf read_file(const char *name)
{
    char path[128];
    struct httpa_buf b = httpa_buf_growing(16384);
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uint8_t *to = httpa_buf_room(&b, 16384);
    httpa_buf_grew(&b, fread(to, 1, 16384, f));
    (void)fclose(f);
    return b;
}

static void files_and_policy(void **state)
{
    char want[512];
    struct stat st;
    char path[128];
    (void)state;
    struct httpa_buf policy = httpa_buf_growing(4096);
    assert_ok(init("app=demo\nbuild=\"7\"\n", &policy));
    (void)snprintf(want, sizeof(want),
                   "{\n  \"name\": \"developer\",\n  \"type\": \"dev\",\n"
                   "  \"root_key\": \"%s/dev-root.pem\",\n"
                   "  \"measurements\": [\n    {\n      \"app\": \"demo\",\n"
                   "      \"build\": \"\\\"7\\\"\"\n    }\n  ]\n}",
                   dir);
    assert_slice_is(httpa_buf_slice(&policy), want);
    (void)snprintf(path, sizeof(path), "%s/dev-key.pem", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    /* nothing is overwritten */
    struct httpa_buf before = read_file("dev-key.pem");
    assert_err(HTTPA_ERR_CONFIG, init("app=demo\n", &policy));
    struct httpa_buf after = read_file("dev-key.pem");
    assert_true(
        httpa_slice_equal(httpa_buf_slice(&before), httpa_buf_slice(&after)));
    httpa_buf_done(&before);
    httpa_buf_done(&after);
    httpa_buf_done(&policy);
}

/* From dev-init to a passing verification, and to failing ones. */
static void what_it_signs_verifies(void **state)
{
    static const uint8_t rd[HTTPA_RD_LEN] = "this handshake";
    static const uint8_t other[HTTPA_RD_LEN] = "that handshake";
    struct httpa_attest_diag diag;
    struct httpa_attest_options o = { .tee = "dev", .dev_dir = dir };
    struct httpa_attester *a = NULL;
    struct httpa_crypto *crypto = NULL;
    (void)state;
    struct httpa_buf policy = httpa_buf_growing(4096);
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    assert_ok(httpa_crypto_new(&crypto));
    assert_ok(init("app=demo\n", &policy));
    assert_ok(httpa_attester_open(&a, &o, &diag));
    assert_non_null(strstr(a->description, "INSECURE"));
    assert_string_equal(a->media_type, httpa_verifier_eat.media_type);
    assert_null(a->activate);
    assert_null(a->endorsements);
    assert_ok(a->quote(a, rd, &value, &diag));

    struct httpa_buf root = read_file("dev-root.pem");
    struct httpa_buf spki = httpa_buf_growing(1024);
    struct httpa_pem in = httpa_pem_of(httpa_buf_slice(&root));
    struct httpa_slice label;
    assert_ok(httpa_pem_next(&in, &label, &spki));
    struct httpa_dev_policy dev = { .root_spki = httpa_buf_slice(&spki) };
    struct httpa_profile profile = { .type = "dev", .dev = &dev };
    struct httpa_verify_in v_in = { .crypto = crypto,
                                    .value = httpa_buf_slice(&value),
                                    .rd = rd,
                                    .now_s = (int64_t)time(NULL) };
    struct httpa_verdict *v = httpa_verdict_new();
    assert_ok(httpa_verifier_eat.verify(&v_in, v, 0));
    assert_ok(httpa_verifier_eat.judge(&profile, &v_in, v, 0));
    const struct httpa_claim *app = httpa_verdict_find(v, 0, "app");
    assert_non_null(app);
    assert_slice_is(app->value.bytes, "demo");
    httpa_verdict_free(v);

    v = httpa_verdict_new();
    v_in.rd = other;
    assert_true(httpa_verifier_eat.verify(&v_in, v, 0) != HTTPA_OK);
    httpa_verdict_free(v);
    spki.p[spki.n - 1] ^= 1; /* another root */
    v = httpa_verdict_new();
    v_in.rd = rd;
    assert_ok(httpa_verifier_eat.verify(&v_in, v, 0));
    assert_true(httpa_verifier_eat.judge(&profile, &v_in, v, 0) != HTTPA_OK);
    httpa_verdict_free(v);
    httpa_attester_close(a);
    httpa_buf_done(&root);
    httpa_buf_done(&spki);
    httpa_buf_done(&value);
    httpa_buf_done(&policy);
    httpa_crypto_free(crypto);
}

static void claims_that_do_not_parse(void **state)
{
    static const char *const rows[] = {
        "app",        "=demo",  "app=1\napp=2", "iat=1",
        "root_key=x", "a=\xff", "app=1\nx",     "\xc3\x28=1",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_buf policy = httpa_buf_growing(4096);
        char path[128];
        if (init(rows[i], &policy) != HTTPA_ERR_CONFIG) {
            fail_msg("row %zu was taken", i);
        }
        assert_int_equal(policy.n, 0);
        (void)snprintf(path, sizeof(path), "%s/dev-key.pem", dir);
        assert_int_not_equal(access(path, F_OK), 0); /* and nothing made */
        httpa_buf_done(&policy);
    }
}

static void what_cannot_be_opened(void **state)
{
    struct httpa_attest_diag diag;
    struct httpa_attester *a = NULL;
    struct httpa_attest_options o = { .tee = "dev" };
    (void)state;
    assert_err(HTTPA_ERR_CONFIG, httpa_attester_open(&a, &o, &diag));
    assert_non_null(strstr(diag.text, "dev-init"));
    o.dev_dir = dir;
    assert_err(HTTPA_ERR_IO, httpa_attester_open(&a, &o, &diag));
    assert_non_null(strstr(diag.text, "dev-key.pem"));
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/dev-key.pem", dir);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    (void)fputs("not a key", f);
    (void)fclose(f);
    assert_err(HTTPA_ERR_CONFIG, httpa_attester_open(&a, &o, &diag));
    assert_null(a);
    httpa_attester_close(NULL);
}

#define WITH_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(files_and_policy),
        WITH_DIR(what_it_signs_verifies),
        WITH_DIR(claims_that_do_not_parse),
        WITH_DIR(what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
