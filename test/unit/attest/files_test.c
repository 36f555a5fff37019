/*
 * Gramine's files, and configfs-tsm with the quotes of Intel and Arm; both are
 * fakes that stand here.  The semantics of configfs-tsm have a fake of their
 * own: test/programs/fake_tsm.c.
 */
#include <errno.h>
#include <fcntl.h>

#include "attest/device.h"
#include "unit/evidence/cca/token.h"
#include "unit/evidence/intel/maker.h"

static struct {
    const char *type;     /* of attestation; NULL: no such file */
    const char *provider; /* of configfs-tsm */
    const char *fails;    /* the file ... */
    int error;            /* ... that fails so */
    bool is_tdx;
    bool junk;
    bool stale; /* the quote is over what was written before */
    unsigned short_write;
    char file[32]; /* that is open */
    uint8_t rd[64];
    struct httpa_buf content;
    size_t at;
    int generation;
    int opened, dirs;
} fake;

static void put_fake_quote(struct httpa_buf *out)
{
    const struct shape shape = {
        .version = fake.is_tdx ? 4 : 3,
        .tee = fake.is_tdx ? 0x81 : 0,
        .body_n = fake.is_tdx ? 584 : 384,
        .key_type = 2,
        .outer_type = 6,
        .inner_type = 5,
        .chain = "-----BEGIN",
    };
    put_quote(out, &shape);
    memcpy(out->p + 48 + shape.body_n - 64, fake.rd, 64);
}

static void put_fake_token(struct httpa_buf *out)
{
    struct token t = good_token();
    t.challenge = httpa_slice_of(fake.rd, sizeof(fake.rd));
    struct httpa_buf b = make_token(&t);
    httpa_buf_put_slice(out, httpa_buf_slice(&b));
    httpa_buf_done(&b);
}

static void fill(void)
{
    struct httpa_buf *out = &fake.content;
    char text[32];
    if (strcmp(fake.file, "attestation_type") == 0) {
        httpa_buf_put_str(out, fake.type);
    } else if (strcmp(fake.file, "provider") == 0) {
        httpa_buf_put_str(out, fake.provider);
    } else if (strcmp(fake.file, "generation") == 0) {
        (void)snprintf(text, sizeof(text), "%d\n", fake.generation);
        httpa_buf_put_str(out, text);
    } else if (fake.junk) {
        httpa_buf_put_str(out, "\xff\xff");
    } else if (fake.provider != NULL &&
               strcmp(fake.provider, "arm_cca_guest\n") == 0) {
        put_fake_token(out);
    } else {
        put_fake_quote(out);
    }
}

static bool is_there(const char *file)
{
    static const char *const tsm[] = { "provider", "generation", "inblob",
                                       "outblob" };
    bool is = strcmp(file, "attestation_type") == 0 ||
              strcmp(file, "user_report_data") == 0 ||
              strcmp(file, "quote") == 0;
    for (size_t i = 0; i < COUNT(tsm); i++) {
        is = is || strcmp(file, tsm[i]) == 0;
    }
    return is && (fake.type != NULL || fake.provider != NULL);
}

static int do_open(const char *path, int flags)
{
    const char *file = strrchr(path, '/') + 1;
    bool fails = fake.fails != NULL && strcmp(fake.fails, file) == 0;
    (void)flags;
    if (!is_there(file) || fails) {
        errno = fails ? fake.error : ENOENT;
        return -1;
    }
    assert_int_equal(fake.opened, 0);
    fake.opened++;
    (void)snprintf(fake.file, sizeof(fake.file), "%s", file);
    fake.content = httpa_buf_growing(65536);
    fake.at = 0;
    if (flags == O_RDONLY) {
        fill();
    }
    return 4;
}

static int do_close(int fd)
{
    assert_int_equal(fd, 4);
    httpa_buf_done(&fake.content);
    fake.opened--;
    return 0;
}

static ssize_t do_read(int fd, void *to, size_t n)
{
    assert_int_equal(fd, 4);
    n = n < fake.content.n - fake.at ? n : fake.content.n - fake.at;
    if (n > 0) {
        memcpy(to, fake.content.p + fake.at, n);
        fake.at += n;
    }
    return (ssize_t)n;
}

static ssize_t do_write(int fd, const void *from, size_t n)
{
    assert_int_equal(fd, 4);
    assert_true(strcmp(fake.file, "user_report_data") == 0 ||
                strcmp(fake.file, "inblob") == 0);
    assert_int_equal(n, 64); /* one write of all of it */
    if (!fake.stale) {
        memcpy(fake.rd, from, n);
    }
    fake.generation++;
    return (ssize_t)(n - fake.short_write);
}

static int do_mkdir(const char *path, mode_t mode)
{
    (void)mode;
    assert_int_equal(
        strncmp(path, "/r/sys/kernel/config/tsm/report/httpa-", 38), 0);
    fake.dirs++;
    return 0;
}

static int do_rmdir(const char *path)
{
    (void)path;
    fake.dirs--;
    return 0;
}

static void do_sleep(unsigned ms)
{
    (void)ms;
}

static const struct httpa_attest_system sys = {
    .open = do_open,
    .close = do_close,
    .read = do_read,
    .write = do_write,
    .mkdir = do_mkdir,
    .rmdir = do_rmdir,
    .sleep_ms = do_sleep,
};
static const struct httpa_attest_place place = { .sys = &sys,
                                                 .root = "/r",
                                                 .why = "" };

/* Type, media type, and a quote over what was asked. */
static void try_it(httpa_attest_interface_fn open, const char *word,
                   const char *media_type, const char *says)
{
    uint8_t rd[HTTPA_RD_LEN];
    struct httpa_attester *a = NULL;
    struct httpa_attest_diag diag = { "" };
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_buf pem = httpa_buf_growing(64);
    memset(rd, 0x3c, sizeof(rd));
    assert_ok(open(&a, &place, &diag));
    assert_string_equal(a->type, word);
    assert_string_equal(a->media_type, media_type);
    assert_non_null(strstr(a->description, says));
    assert_ok(a->quote(a, rd, &value, &diag));
    assert_memory_equal(fake.rd, rd, sizeof(rd));
    assert_true(value.n > 0);
    assert_ok(a->endorsements(a, &pem, &diag));
    assert_int_equal(pem.n, 0);
    assert_int_equal(fake.opened, 0);
    assert_int_equal(fake.dirs, 0);
    httpa_attester_close(a);
    httpa_buf_done(&value);
}

static void good(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof(fake));
    fake.type = "dcap";
    try_it(httpa_attest_open_gramine, "sgx", httpa_verifier_sgx.media_type,
           "sgx (Gramine), ");
    memset(&fake, 0, sizeof(fake));
    fake.provider = "tdx_guest\n";
    fake.is_tdx = true;
    try_it(httpa_attest_open_tsm, "tdx", httpa_verifier_tdx.media_type,
           "tdx (configfs-tsm tdx_guest), ");
    memset(&fake, 0, sizeof(fake));
    fake.provider = "arm_cca_guest\n";
    try_it(httpa_attest_open_tsm, "cca", "application/eat-collection",
           "cca (configfs-tsm arm_cca_guest), ");
}

static void bad(void **state)
{
    static const struct {
        const char *type, *provider, *fails;
        int error;
        bool is_tdx, junk, stale;
        unsigned short_write;
        enum httpa_err err;
        const char *says;
    } rows[] = {
        { .err = HTTPA_ERR_MISSING, .says = "attestation_type: No such" },
        { .type = "none\n", .says = "is \"none\"; the manifest needs" },
        { .type = "dcap\n",
          .fails = "user_report_data",
          .error = EACCES,
          .says = "user_report_data: Permission" },
        { .type = "dcap\n", .fails = "quote", .error = EIO, .says = "AESM" },
        { .type = "dcap", .short_write = 1, .says = "user_report_data" },
        { .type = "dcap", .junk = true, .says = "no evidence of sgx" },
        { .type = "dcap", .stale = true, .says = "no evidence of sgx" },
        { .type = "dcap", .is_tdx = true, .says = "no evidence of sgx" },
        /* TDX where the hypervisor failed and the kernel did not notice */
        { .provider = "tdx_guest\n",
          .is_tdx = true,
          .junk = true,
          .says = "no evidence of tdx" },
        { .provider = "tdx_guest\n",
          .is_tdx = true,
          .stale = true,
          .says = "no evidence of tdx" },
        { .provider = "tdx_guest\n", .says = "no evidence of tdx" },
        { .provider = "tdx_guest\n",
          .fails = "outblob",
          .error = ETIMEDOUT,
          .says = "getquote_timeout" },
        { .provider = "tdx_guest\n",
          .fails = "outblob",
          .error = EFBIG,
          .says = "longer than this kernel allows" },
        { .provider = "arm_cca_guest\n",
          .junk = true,
          .says = "no evidence of cca" },
        { .provider = "arm_cca_guest\n",
          .stale = true,
          .says = "no evidence of cca" },
        { .provider = "", .says = "provider \"\"" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct httpa_attester *a = NULL;
        struct httpa_attest_diag diag = { "" };
        memset(&fake, 0, sizeof(fake));
        memset(fake.rd, 0x99, sizeof(fake.rd));
        fake.type = rows[i].type;
        fake.provider = rows[i].provider;
        fake.fails = rows[i].fails;
        fake.error = rows[i].error;
        fake.is_tdx = rows[i].is_tdx;
        fake.junk = rows[i].junk;
        fake.stale = rows[i].stale;
        fake.short_write = rows[i].short_write;
        enum httpa_err err = fake.provider != NULL
                                 ? httpa_attest_open_tsm(&a, &place, &diag)
                                 : httpa_attest_open_gramine(&a, &place, &diag);
        assert_err(rows[i].err != HTTPA_OK ? rows[i].err : HTTPA_ERR_DEVICE,
                   err);
        if (strstr(diag.text, rows[i].says) == NULL) {
            fail_msg("row %zu says: %s", i, diag.text);
        }
        assert_int_equal(fake.opened, 0);
        assert_int_equal(fake.dirs, 0);
        assert_null(a);
    }
}

/* The quote stands; why there is nothing to send along is said. */
static void no_certificates(void **state)
{
    static const struct {
        int error;
        const char *says;
    } rows[] = {
        { EFBIG, "the host's certificates are longer than allowed" },
        { EIO, "auxblob: Input/output error" },
        { EINTR, "auxblob: Interrupted" }, /* and again with every try */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t rd[HTTPA_RD_LEN] = { 0x3c };
        struct httpa_attester *a = NULL;
        struct httpa_attest_diag diag = { "" };
        struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
        struct httpa_buf pem = httpa_buf_growing(64);
        memset(&fake, 0, sizeof(fake));
        fake.provider = "tdx_guest\n";
        fake.is_tdx = true;
        fake.fails = "auxblob";
        fake.error = rows[i].error;
        assert_ok(httpa_attest_open_tsm(&a, &place, &diag));
        assert_ok(a->quote(a, rd, &value, &diag));
        assert_string_equal(diag.text, "");
        assert_true(value.n > 0);
        assert_err(HTTPA_ERR_DEVICE, a->endorsements(a, &pem, &diag));
        assert_non_null(strstr(diag.text, rows[i].says));
        assert_int_equal(pem.n, 0);
        fake.fails = NULL; /* the next quote has them again */
        assert_ok(a->quote(a, rd, &value, &diag));
        assert_ok(a->endorsements(a, &pem, &diag));
        httpa_attester_close(a);
        httpa_buf_done(&value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(good),
                                        cmocka_unit_test(bad),
                                        cmocka_unit_test(no_certificates) };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
