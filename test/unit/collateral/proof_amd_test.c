/* What counts as AMD's, under a root made here: and what does not. */
#include "codec/pem.h"
#include "collateral/proof.h"
#include "unit/evidence/snp/maker.h"

static const struct maker_wish wish = { .line = HTTPA_SNP_GENOA };
static struct maker m;
static struct maker other; /* another maker, with all right in itself */
static struct httpa_buf chain;
static struct httpa_buf others_chain;

static void put_chain(struct httpa_buf *b, const struct maker *of)
{
    *b = httpa_buf_growing(65536);
    httpa_pem_write(b, "CERTIFICATE", httpa_buf_slice(&of->ask.der));
    httpa_pem_write(b, "CERTIFICATE", httpa_buf_slice(&of->ark.der));
}

static int make(void **state)
{
    (void)state;
    maker_init(&m, &wish);
    maker_init(&other, &wish);
    put_chain(&chain, &m);
    put_chain(&others_chain, &other);
    maker_list(&m, &m.ark, false, MAKER_NOW - 5, MAKER_NOW + 95);
    maker_list(&other, &other.ark, false, MAKER_NOW - 5, MAKER_NOW + 95);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    httpa_buf_done(&chain);
    httpa_buf_done(&others_chain);
    maker_done(&m);
    maker_done(&other);
    return 0;
}

static enum httpa_err
prove_at(enum httpa_collateral_document document, struct httpa_slice file,
         struct httpa_slice issuers, int64_t now_s)
{
    const struct httpa_collateral_pins pins = { .amd = m.roots,
                                                .intel = httpa_intel_root };
    struct httpa_collateral_need need = { .document = document,
                                          .line = HTTPA_SNP_GENOA };
    need.evidence = httpa_slice_of(m.report, sizeof(m.report));
    return httpa_collateral_prove(m.crypto, &pins, &need, file, issuers,
                                  now_s);
}

static enum httpa_err prove(enum httpa_collateral_document document,
                            const struct httpa_buf *file,
                            const struct httpa_buf *issuers)
{
    struct httpa_slice none = { NULL, 0 };
    return prove_at(document, httpa_buf_slice(file),
                    issuers != NULL ? httpa_buf_slice(issuers) : none,
                    MAKER_NOW);
}

static void chains(void **state)
{
    (void)state;
    assert_ok(prove(HTTPA_COLLATERAL_AMD_CHAIN, &chain, NULL));
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_CHAIN, &others_chain, NULL),
                     HTTPA_ERR_KEY);
    assert_int_not_equal(prove(HTTPA_COLLATERAL_AMD_CHAIN, &m.ask.der, NULL),
                         HTTPA_OK);
    struct httpa_buf mixed = httpa_buf_growing(65536);
    httpa_pem_write(&mixed, "CERTIFICATE", httpa_buf_slice(&other.ask.der));
    httpa_pem_write(&mixed, "CERTIFICATE", httpa_buf_slice(&m.ark.der));
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_CHAIN, &mixed, NULL),
                     HTTPA_ERR_CHAIN);
    httpa_pem_write(&mixed, "CERTIFICATE", httpa_buf_slice(&m.ark.der));
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_CHAIN, &mixed, NULL),
                     HTTPA_ERR_TRAILING);
    httpa_buf_done(&mixed);
    assert_int_equal(prove_at(HTTPA_COLLATERAL_AMD_CHAIN,
                              httpa_buf_slice(&chain), httpa_slice_str(""),
                              MAKER_NOW + 2 * 86400),
                     HTTPA_ERR_EXPIRED);
}

static void vceks(void **state)
{
    static const struct maker_wish newer = { .line = HTTPA_SNP_GENOA,
                                             .spl_off = 1 };
    (void)state;
    assert_ok(prove(HTTPA_COLLATERAL_AMD_VCEK, &m.leaf.der, &chain));
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_VCEK, &m.leaf.der, NULL),
                     HTTPA_ERR_MISSING);
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_VCEK, &other.leaf.der, &chain),
                     HTTPA_ERR_CHAIN);
    assert_int_equal(
        prove(HTTPA_COLLATERAL_AMD_VCEK, &other.leaf.der, &others_chain),
        HTTPA_ERR_KEY);
    assert_int_not_equal(prove(HTTPA_COLLATERAL_AMD_VCEK, &m.ask.der, &chain),
                         HTTPA_OK);
    struct maker_cert leaf = maker_cert("SEV-VCEK", "SEV", &m.ask, &newer);
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_VCEK, &leaf.der, &chain),
                     HTTPA_ERR_EVIDENCE);
    maker_cert_done(&leaf);
    m.report[0x1a0] ^= 1; /* another chip */
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_VCEK, &m.leaf.der, &chain),
                     HTTPA_ERR_EVIDENCE);
    m.report[0x1a0] ^= 1;
}

static void lists(void **state)
{
    (void)state;
    assert_ok(prove(HTTPA_COLLATERAL_AMD_CRL, &m.list, &chain));
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_CRL, &other.list, &chain),
                     HTTPA_ERR_SIGNATURE);
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_CRL, &other.list,
                           &others_chain),
                     HTTPA_ERR_KEY);
    assert_int_equal(prove(HTTPA_COLLATERAL_AMD_CRL, &m.list, NULL),
                     HTTPA_ERR_MISSING);
}

/* No byte of them is beside the point. */
static void mutated(void **state)
{
    const struct {
        enum httpa_collateral_document document;
        const struct httpa_buf *file;
    } rows[] = { { HTTPA_COLLATERAL_AMD_VCEK, &m.leaf.der },
                 { HTTPA_COLLATERAL_AMD_CRL, &m.list } };
    uint8_t bytes[4096];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t n = rows[i].file->n;
        assert_true(n <= sizeof(bytes));
        memcpy(bytes, rows[i].file->p, n);
        for (size_t at = 0; at < n; at++) {
            bytes[at] ^= 1;
            assert_int_not_equal(prove_at(rows[i].document,
                                          httpa_slice_of(bytes, n),
                                          httpa_buf_slice(&chain), MAKER_NOW),
                                 HTTPA_OK);
            bytes[at] ^= 1;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains),
        cmocka_unit_test(vceks),
        cmocka_unit_test(lists),
        cmocka_unit_test(mutated),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
