/* What counts as Intel's, under a root made here; and what of a folder with
 * many platforms belongs to a quote. */
#include "collateral/pick.h"
#include "collateral/proof.h"
#include "unit/evidence/intel/pki.h"

static struct pki p;

static enum httpa_err prove(enum httpa_collateral_document document,
                            struct httpa_slice file)
{
    const struct httpa_collateral_pins pins = { .amd = httpa_snp_amd,
                                                .intel = p.pin };
    struct httpa_collateral_need need = { .document = document };
    need.evidence = httpa_buf_slice(&p.quote);
    return httpa_collateral_prove(crypto, &pins, &need, file,
                                  httpa_slice_str(""), at(PKI_NOW));
}

static enum httpa_err prove_piece(enum httpa_collateral_document document,
                                  const struct pki_wish *w, enum piece signers,
                                  enum piece piece)
{
    struct httpa_buf file = httpa_buf_growing(65536);
    struct httpa_buf alone = httpa_buf_growing(65536);
    if (signers != piece) {
        pki_put(&file, w, signers);
    }
    pki_put(&alone, w, piece);
    httpa_buf_put_slice(&file, httpa_buf_slice(&alone));
    enum httpa_err err = prove(document, httpa_buf_slice(&file));
    httpa_buf_done(&alone);
    httpa_buf_done(&file);
    return err;
}

static enum httpa_err info(const struct pki_wish *w)
{
    return prove_piece(HTTPA_COLLATERAL_INTEL_INFO, w, PIECE_TCB_CHAIN,
                       PIECE_INFO);
}

static enum httpa_err identity(const struct pki_wish *w)
{
    return prove_piece(HTTPA_COLLATERAL_INTEL_IDENTITY, w, PIECE_QE_CHAIN,
                       PIECE_IDENTITY);
}

static enum httpa_err
list(enum httpa_collateral_document document, enum piece piece)
{
    return prove_piece(document, &p.wish, piece, piece);
}

static void genuine(void **state)
{
    struct pki_wish w = pki_good(4, true);
    (void)state;
    pki_open(&p, &w);
    assert_ok(info(&w));
    assert_ok(identity(&w));
    assert_ok(list(HTTPA_COLLATERAL_INTEL_PCK_CRL, PIECE_PCK_CRL));
    assert_ok(list(HTTPA_COLLATERAL_INTEL_ROOT_CRL, PIECE_ROOT_CRL));
    pki_close(&p);
}

static void not_the_one_asked_for(void **state)
{
    struct pki_wish w = pki_good(4, true);
    struct pki_wish sgx = pki_good(3, false);
    (void)state;
    pki_open(&p, &w);
    assert_int_equal(info(&sgx), HTTPA_ERR_EVIDENCE);
    assert_int_equal(identity(&sgx), HTTPA_ERR_EVIDENCE);
    w.info.fmspc = "\"00906ed50000\"";
    assert_int_equal(info(&w), HTTPA_ERR_EVIDENCE);
    assert_int_not_equal(list(HTTPA_COLLATERAL_INTEL_PCK_CRL, PIECE_ROOT_CRL),
                         HTTPA_OK);
    assert_int_not_equal(list(HTTPA_COLLATERAL_INTEL_ROOT_CRL, PIECE_PCK_CRL),
                         HTTPA_OK);
    pki_close(&p);
}

static void not_intels(void **state)
{
    struct pki_wish w = pki_good(4, true);
    (void)state;
    pki_open(&p, &w);
    w.collateral_by = PKI_OTHER;
    assert_int_equal(info(&w), HTTPA_ERR_SIGNATURE);
    assert_int_equal(identity(&w), HTTPA_ERR_SIGNATURE);
    w = pki_good(4, true);
    assert_int_not_equal(prove_piece(HTTPA_COLLATERAL_INTEL_INFO, &w,
                                     PIECE_CRL_CHAIN, PIECE_INFO),
                         HTTPA_OK);
    assert_int_equal(prove_piece(HTTPA_COLLATERAL_INTEL_INFO, &w, PIECE_INFO,
                                 PIECE_INFO),
                     HTTPA_ERR_MISSING);
    p.pin[0] ^= 1;
    assert_int_equal(info(&w), HTTPA_ERR_KEY);
    assert_int_equal(list(HTTPA_COLLATERAL_INTEL_PCK_CRL, PIECE_PCK_CRL),
                     HTTPA_ERR_KEY);
    pki_close(&p);
}

/* ---- picking ---- */

static void add(struct httpa_collateral *c, const char *name,
                const struct pki_wish *w, enum piece piece)
{
    struct httpa_buf file = httpa_buf_growing(65536);
    pki_put(&file, w, piece);
    assert_ok(httpa_collateral_add(c, name, httpa_collateral_type(name),
                                   httpa_buf_slice(&file)));
    httpa_buf_done(&file);
}

static void picks_by_fmspc(void **state)
{
    struct pki_wish w = pki_good(4, true);
    struct pki_wish foreign = pki_good(4, true);
    struct pki_wish sgx = pki_good(3, false);
    struct httpa_collateral *c = calloc(1, sizeof(*c));
    struct httpa_collateral_picked picked = { .pieces_max = 3,
                                              .bytes_max = SIZE_MAX };
    (void)state;
    pki_open(&p, &w);
    const struct httpa_evidence item = {
        .media_type = httpa_slice_str(httpa_verifier_tdx.media_type),
        .value = httpa_buf_slice(&p.quote),
    };
    foreign.info.fmspc = "\"00906ed50000\"";
    add(c, "a-tcb_info.json", &foreign, PIECE_INFO);
    add(c, "b-tcb_info.json", &w, PIECE_INFO);
    add(c, "c-tcb_info.json", &sgx, PIECE_INFO);
    add(c, "d-qe_identity.json", &sgx, PIECE_IDENTITY);
    add(c, "e-qe_identity.json", &w, PIECE_IDENTITY);
    add(c, "f-root_ca_crl.der", &w, PIECE_ROOT_CRL);
    httpa_collateral_pick(crypto, &item, 1, c, &picked);
    assert_int_equal(c->n, 3);
    assert_string_equal(c->names[0], "b-tcb_info.json");
    assert_string_equal(c->names[1], "e-qe_identity.json");
    assert_string_equal(c->names[2], "f-root_ca_crl.der");
    assert_int_equal(picked.foreign, 3);
    assert_int_equal(picked.cut, 0);
    picked.bytes_max = httpa_collateral_size(c) - 1;
    httpa_collateral_pick(crypto, &item, 1, c, &picked);
    assert_int_equal(picked.cut, 1);
    assert_string_equal(picked.last, "f-root_ca_crl.der");
    httpa_collateral_done(c);
    free(c);
    pki_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genuine),
        cmocka_unit_test(not_the_one_asked_for),
        cmocka_unit_test(not_intels),
        cmocka_unit_test(picks_by_fmspc),
    };
    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
