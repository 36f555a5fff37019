/* A folder that only gets newer, in whole files. */
#include "collateral/store.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/evidence/snp/maker.h"

static struct maker m;
static char dir[64];
static struct httpa_collateral_diag diag;
static enum httpa_collateral_put put;

static int make(void **state)
{
    static const struct maker_wish wish = { .line = HTTPA_SNP_MILAN };
    (void)state;
    maker_init(&m, &wish);
    (void)snprintf(dir, sizeof(dir), "/tmp/httpa-store-XXXXXX");
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int unmake(void **state)
{
    char command[128];
    (void)state;
    maker_done(&m);
    (void)snprintf(command, sizeof(command), "rm -r %s", dir);
    return system(command);
}

static enum httpa_err try(const char *name, struct httpa_slice value)
{
    return httpa_collateral_put(m.crypto, dir, name, value, MAKER_NOW, &put,
                                &diag);
}

/* A list issued |ago_s| before now. */
static enum httpa_err try_list(int64_t ago_s)
{
    maker_list(&m, &m.ark, false, MAKER_NOW - ago_s, MAKER_NOW + 1000000);
    return try("Milan-ark.crl", httpa_buf_slice(&m.list));
}

static int64_t issued(void)
{
    struct httpa_collateral_facts facts;
    assert_ok(httpa_collateral_stored(m.crypto, dir, "Milan-ark.crl", &facts));
    return MAKER_NOW - facts.issued_s;
}

static void only_newer_replaces(void **state)
{
    (void)state;
    assert_ok(try_list(100));
    assert_int_equal(put, HTTPA_COLLATERAL_WRITTEN);
    assert_ok(try("Milan-ark.crl", httpa_buf_slice(&m.list)));
    assert_int_equal(put, HTTPA_COLLATERAL_SAME);
    assert_ok(try_list(200));
    assert_int_equal(put, HTTPA_COLLATERAL_KEPT);
    assert_int_equal(issued(), 100);
    assert_ok(try_list(50));
    assert_int_equal(put, HTTPA_COLLATERAL_WRITTEN);
    assert_int_equal(issued(), 50);
}

/* It would keep every true one out. */
static void future_is_refused(void **state)
{
    (void)state;
    assert_ok(try_list(50));
    assert_int_equal(try_list(-HTTPA_COLLATERAL_SKEW_S - 1), HTTPA_ERR_DATE);
    assert_int_equal(issued(), 50);
}

static void write_raw(const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs(text, f);
    (void)fclose(f);
}

static void damaged_is_replaced_and_private(void **state)
{
    struct httpa_collateral_facts facts;
    struct stat st;
    char path[256];
    (void)state;
    write_raw("Milan-ark.crl", "half a li");
    assert_int_not_equal(
        httpa_collateral_stored(m.crypto, dir, "Milan-ark.crl", &facts),
        HTTPA_OK);
    assert_ok(try_list(500));
    assert_int_equal(put, HTTPA_COLLATERAL_WRITTEN);
    assert_int_equal(issued(), 500);
    (void)snprintf(path, sizeof(path), "%s/Milan-ark.crl", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void names_stay_in_the_folder(void **state)
{
    static const char *const rows[] = {
        "../x.crl", "a/b.crl", ".hidden.crl", "-x.crl",
        "",         "x.txt",   "x\n.crl",     "%2e.crl",
    };
    (void)state;
    maker_list(&m, &m.ark, false, MAKER_NOW - 1, MAKER_NOW + 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(try(rows[i], httpa_buf_slice(&m.list)),
                         HTTPA_ERR_USAGE);
    }
}

static void nonsense_is_refused(void **state)
{
    static uint8_t long_one[HTTPA_COLLATERAL_FILE_MAX + 1];
    struct httpa_collateral_facts facts;
    (void)state;
    assert_int_not_equal(try("x.crl", httpa_slice_str("<html>")), HTTPA_OK);
    assert_int_equal(try("x.crl", httpa_slice_of(long_one, sizeof(long_one))),
                     HTTPA_ERR_RANGE);
    assert_int_not_equal(try("x.der", httpa_buf_slice(&m.list)), HTTPA_OK);
    assert_int_equal(httpa_collateral_stored(m.crypto, dir, "x.crl", &facts),
                     HTTPA_ERR_MISSING);
}

static void folders_are_read_in_order(void **state)
{
    struct httpa_collateral *c = calloc(1, sizeof(*c));
    (void)state;
    assert_ok(try_list(1));
    assert_ok(try("a.der", httpa_buf_slice(&m.leaf.der)));
    write_raw("notes.txt", "not collateral");
    write_raw(".z.crl.new1", "on its way");
    assert_ok(httpa_collateral_read(dir, c, &diag));
    assert_int_equal(c->n, 2);
    assert_string_equal(c->names[0], "Milan-ark.crl");
    assert_string_equal(c->names[1], "a.der");
    assert_int_equal(httpa_collateral_size(c), m.list.n + m.leaf.der.n);
    httpa_collateral_drop(c, 0);
    assert_int_equal(c->n, 1);
    assert_string_equal(c->names[0], "a.der");
    httpa_collateral_done(c);
    free(c);
}

static void too_many_files(void **state)
{
    struct httpa_collateral *c = calloc(1, sizeof(*c));
    char name[32];
    (void)state;
    for (int i = 0; i < 30; i++) {
        (void)snprintf(name, sizeof(name), "n%02d.der", i);
        write_raw(name, "x");
    }
    assert_int_equal(httpa_collateral_read(dir, c, &diag), HTTPA_ERR_LIMIT);
    httpa_collateral_done(c);
    assert_int_equal(httpa_collateral_read("/nowhere", c, &diag), HTTPA_ERR_IO);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_newer_replaces),
        cmocka_unit_test(future_is_refused),
        cmocka_unit_test(damaged_is_replaced_and_private),
        cmocka_unit_test(names_stay_in_the_folder),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(folders_are_read_in_order),
        cmocka_unit_test(too_many_files),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
