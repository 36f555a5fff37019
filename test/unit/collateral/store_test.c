/* A folder that only gets newer, in whole files. */
#include "collateral/store.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/intel/collateral.h"
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

/* What nobody is the maker of. */
static struct httpa_slice forged;

static enum httpa_err prove(void *ctx, struct httpa_slice file)
{
    (void)ctx;
    return forged.n > 0 && httpa_slice_equal(file, forged) ? HTTPA_ERR_SIGNATURE
                                                           : HTTPA_OK;
}

static const struct httpa_collateral_proof proof = { prove, NULL };

static enum httpa_err try(const char *name, struct httpa_slice value)
{
    return httpa_collateral_put(m.crypto, dir, name, value, &proof, MAKER_NOW,
                                &put, &diag);
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
    assert_ok(httpa_collateral_stored(m.crypto, dir, "Milan-ark.crl", &proof,
                                      &facts));
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

static void damaged_is_replaced_and_public(void **state)
{
    struct httpa_collateral_facts facts;
    struct stat st;
    char path[256];
    (void)state;
    write_raw("Milan-ark.crl", "half a li");
    assert_int_not_equal(
        httpa_collateral_stored(m.crypto, dir, "Milan-ark.crl", &proof, &facts),
        HTTPA_OK);
    assert_ok(try_list(500));
    assert_int_equal(put, HTTPA_COLLATERAL_WRITTEN);
    assert_int_equal(issued(), 500);
    (void)snprintf(path, sizeof(path), "%s/Milan-ark.crl", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
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
    assert_int_equal(httpa_collateral_stored(m.crypto, dir, "x.crl", &proof, &facts),
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
    for (unsigned i = 0; i < HTTPA_COLLATERAL_MAX; i++) {
        (void)snprintf(name, sizeof(name), "n%03u.der", i);
        write_raw(name, "x");
    }
    assert_int_equal(httpa_collateral_read(dir, c, &diag), HTTPA_ERR_LIMIT);
    httpa_collateral_done(c);
    assert_int_equal(httpa_collateral_read("/nowhere", c, &diag), HTTPA_ERR_IO);
    free(c);
}

/* Neither takes a place, nor keeps a true one out of it. */
static void forged_is_nothing(void **state)
{
    struct httpa_buf lie = httpa_buf_growing(HTTPA_CERT_MAX);
    (void)state;
    assert_ok(try_list(40));
    maker_list(&m, &m.leaf, false, MAKER_NOW - 10, MAKER_NOW + 1000000);
    httpa_buf_put_slice(&lie, httpa_buf_slice(&m.list));
    forged = httpa_buf_slice(&lie);
    assert_int_equal(try("Milan-ark.crl", forged), HTTPA_ERR_SIGNATURE);
    assert_int_equal(issued(), 40);
    forged.n = 0; /* an older program took it */
    assert_ok(try("Milan-ark.crl", httpa_buf_slice(&lie)));
    forged = httpa_buf_slice(&lie);
    assert_ok(try_list(40));
    assert_int_equal(put, HTTPA_COLLATERAL_WRITTEN);
    assert_int_equal(issued(), 40);
    forged.n = 0;
    httpa_buf_done(&lie);
}

/* However new it is: clients could do nothing with it. */
static void lapsed_replaces_nothing_good(void **state)
{
    (void)state;
    assert_ok(try_list(30));
    maker_list(&m, &m.ark, false, MAKER_NOW - 20, MAKER_NOW - 1);
    assert_ok(try("Milan-ark.crl", httpa_buf_slice(&m.list)));
    assert_int_equal(put, HTTPA_COLLATERAL_KEPT);
    assert_int_equal(issued(), 30);
}

/* A document and its signers: one file, two pieces. */
static void signed_files(void **state)
{
    struct httpa_collateral *c = calloc(1, sizeof(*c));
    struct httpa_slice file = httpa_slice_str("-----BEGIN\n{\"a\":{}}");
    struct httpa_slice a;
    struct httpa_slice b;
    (void)state;
    assert_ok(httpa_collateral_add(c, "tdx-1-tcb_info.signed",
                                   httpa_collateral_type("tcb_info.signed"),
                                   file));
    assert_int_equal(c->n, 2);
    assert_true(httpa_slice_is(c->v[0].media_type, HTTPA_INTEL_TYPE_TCB_CHAIN));
    assert_true(httpa_slice_is(c->v[0].value, "-----BEGIN\n"));
    assert_true(httpa_slice_is(c->v[1].media_type, HTTPA_INTEL_TYPE_TCB_INFO));
    assert_true(httpa_slice_is(c->v[1].value, "{\"a\":{}}"));
    assert_string_equal(c->names[0], c->names[1]);
    assert_int_equal(httpa_collateral_split(httpa_slice_str("{}"), &a, &b),
                     HTTPA_ERR_MISSING);
    assert_int_equal(httpa_collateral_split(httpa_slice_str("PEM"), &a, &b),
                     HTTPA_ERR_MISSING);
    assert_int_equal(httpa_collateral_split(httpa_slice_str(""), &a, &b),
                     HTTPA_ERR_MISSING);
    httpa_collateral_done(c);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_newer_replaces),
        cmocka_unit_test(future_is_refused),
        cmocka_unit_test(damaged_is_replaced_and_public),
        cmocka_unit_test(names_stay_in_the_folder),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(forged_is_nothing),
        cmocka_unit_test(lapsed_replaces_nothing_good),
        cmocka_unit_test(signed_files),
        cmocka_unit_test(folders_are_read_in_order),
        cmocka_unit_test(too_many_files),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
