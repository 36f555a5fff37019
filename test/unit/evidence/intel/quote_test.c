/*
 * A quote made here, cut short at every length and changed in every byte:
 * none of them passes.
 */
#include "pki.h"

static void refuse(struct pki *p, size_t at)
{
    struct httpa_verdict *v = httpa_verdict_new();
    enum httpa_err err = pki_verify(p, v);
    if (err == HTTPA_OK || err == HTTPA_ERR_UNDECIDED) {
        fail_msg("at %zu: %s", at, httpa_err_name(err));
    }
    httpa_verdict_free(v);
}

/* A heap copy of each, so that a read behind its end shows. */
static void cut_short(void **state)
{
    (void)state;
    struct pki p;
    struct pki_wish w = pki_good(5, true);
    w.td15 = true;
    pki_open(&p, &w);
    for (size_t n = 0; n < p.quote.n; n += under_valgrind() ? 7 : 1) {
        uint8_t *c = exact_copy(p.quote.p, n);
        p.in.value = httpa_slice_of(c, n);
        refuse(&p, n);
        free(c);
    }
    p.in.value = httpa_buf_slice(&p.quote);
    pki_expect(&p, HTTPA_OK, "");
    pki_close(&p);
}

/* One that is only open would be one whose change nobody saw: without
 * collateral, which then cannot be the reason. */
static void every_byte(void **state)
{
    (void)state;
    struct pki p;
    struct pki_wish w = pki_good(3, false);
    pki_open(&p, &w);
    pki_expect(&p, HTTPA_OK, "");
    p.in.rd = NULL; /* which would find the report data by itself */
    p.in.endorsement_count = 0;
    for (size_t i = 0; i < p.quote.n; i += under_valgrind() ? 97 : 1) {
        p.quote.p[i] ^= (uint8_t)(1u << i % 8);
        refuse(&p, i);
        p.quote.p[i] ^= (uint8_t)(1u << i % 8);
    }
    pki_expect(&p, HTTPA_ERR_UNDECIDED, "pck.crl");
    pki_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_short),
        cmocka_unit_test(every_byte),
    };
    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
