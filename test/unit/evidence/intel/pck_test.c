/* What a platform's certificate says, and the names in a chain. */
#include "pki.h"

static struct pki_platform good(void)
{
    return pki_good(3, false).platform;
}

static enum httpa_err read_platform(const struct pki_platform *p,
                                    struct httpa_buf *b,
                                    struct httpa_intel_pck *pck)
{
    *b = pki_extension(p);
    return httpa_intel_pck_read(httpa_buf_slice(b), pck);
}

static void expect(const struct pki_platform *p, enum httpa_err want)
{
    struct httpa_buf b;
    struct httpa_intel_pck pck;
    assert_err(want, read_platform(p, &b, &pck));
    httpa_buf_done(&b);
}

static void everything(void **state)
{
    (void)state;
    static const uint32_t pce[] = { 0, 1, 127, 128, 255, 256, 32768, 65535 };
    for (size_t i = 0; i < COUNT(pce); i++) {
        struct httpa_buf b;
        struct httpa_intel_pck pck;
        struct pki_platform p = good();
        for (uint8_t j = 0; j < HTTPA_INTEL_COMPONENTS; j++) {
            p.components[j] = (uint8_t)(17 * j);
        }
        p.pce_svn = pce[i];
        assert_ok(read_platform(&p, &b, &pck));
        assert_memory_equal(pck.platform.components, p.components,
                            sizeof(p.components));
        assert_int_equal(pck.platform.pce_svn, pce[i]);
        assert_slice_is(pck.ppid, "0123456789abcdef");
        assert_slice_is(pck.pce_id, "\x01\x02");
        assert_hex(pck.fmspc.p, pck.fmspc.n, "b0c06f000001");
        httpa_buf_done(&b);
    }
}

/* Each part once: of the whole, and of the TCB. */
static void once(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= 4 + 17; i++) {
        const uint8_t arcs[2] = { i > 4 ? PKI_TCB : i,
                                  i > 4 ? (uint8_t)(i - 4) : 0 };
        struct pki_platform p = good();
        memcpy(p.left_out, arcs, 2);
        expect(&p, HTTPA_ERR_MISSING);
        p = good();
        memcpy(p.twice, arcs, 2);
        expect(&p, HTTPA_ERR_DUPLICATE);
    }
}

/* CPUSVN and the type of SGX are nobody's business here. */
static void not_needed(void **state)
{
    (void)state;
    static const uint8_t arcs[][2] = { { PKI_TCB, 18 }, { 5, 0 } };
    for (size_t i = 0; i < COUNT(arcs); i++) {
        struct pki_platform p = good();
        memcpy(p.left_out, arcs[i], 2);
        expect(&p, HTTPA_OK);
        p = good();
        memcpy(p.twice, arcs[i], 2);
        expect(&p, HTTPA_OK);
    }
}

static void sizes(void **state)
{
    (void)state;
    static const uint8_t octets[] = { PKI_PPID, PKI_PCE_ID, PKI_FMSPC };
    for (size_t i = 0; i < COUNT(octets); i++) {
        struct pki_platform p = good();
        p.longer = octets[i];
        expect(&p, HTTPA_ERR_RANGE);
    }
    for (uint8_t i = 1; i <= HTTPA_INTEL_COMPONENTS; i++) {
        struct pki_platform p = good();
        p.wide = i;
        expect(&p, HTTPA_ERR_RANGE);
    }
    struct pki_platform p = good();
    p.pce_svn = 65536;
    expect(&p, HTTPA_ERR_RANGE);
    p = good();
    p.trailing = true;
    expect(&p, HTTPA_ERR_TRAILING);
}

static void read_any(struct httpa_slice in, void *arg)
{
    const struct httpa_slice *whole = arg;
    struct httpa_intel_pck pck;
    enum httpa_err err = httpa_intel_pck_read(in, &pck);
    assert_true(err != HTTPA_OK || in.n == whole->n);
}

static void mutations(void **state)
{
    (void)state;
    const struct pki_platform p = good();
    struct httpa_buf b = pki_extension(&p);
    struct httpa_slice whole = httpa_buf_slice(&b);
    mutate(whole, read_any, &whole);
    httpa_buf_done(&b);
}

/* A certificate whose extension does not parse has no platform; one that has
 * no such extension, neither. */
static void in_a_quote(void **state)
{
    (void)state;
    struct pki_wish w = pki_good(3, false);
    w.platform.left_out[0] = PKI_FMSPC;
    pki_case(&w, HTTPA_ERR_EVIDENCE, "pck.chain");
}

/* ---- chains ---- */

static void counts(void **state)
{
    (void)state;
    static const enum httpa_err wanted[] = {
        [1] = HTTPA_ERR_TRAILING,
        [2] = HTTPA_ERR_TRAILING,
        [3] = HTTPA_OK,
    };
    struct pki_wish w = pki_good(3, false);
    struct httpa_buf b = httpa_buf_growing(65536);
    pki_pck_chain(&b, &w);
    for (size_t n = 1; n < COUNT(wanted); n++) {
        struct httpa_intel_chain chain = { 0 };
        assert_err(wanted[n], httpa_intel_chain_read(
                                  crypto, httpa_buf_slice(&b), n, &chain));
        httpa_intel_chain_free(&chain);
    }
    httpa_buf_reset(&b);
    pki_signer_chain(&b, &w);
    struct httpa_intel_chain chain = { 0 };
    assert_err(HTTPA_ERR_MISSING,
               httpa_intel_chain_read(crypto, httpa_buf_slice(&b), 3, &chain));
    httpa_intel_chain_free(&chain);
    httpa_buf_done(&b);
}

struct order {
    enum pki_role roles[3];
    size_t n;
    const char *leaf;
    enum httpa_err err;
};

#define PCK "Intel SGX PCK Certificate"
#define SIGNER "Intel SGX TCB Signing"

/* In the order that was sent, and under the name that is asked for. */
static const struct order orders[] = {
    { { PKI_PCK, PKI_CA, PKI_ROOT }, 3, PCK, HTTPA_OK },
    { { PKI_SIGNER, PKI_ROOT }, 2, SIGNER, HTTPA_OK },
    { { PKI_SIGNER, PKI_ROOT }, 2, PCK, HTTPA_ERR_CHAIN },
    { { PKI_PCK, PKI_CA, PKI_ROOT }, 3, SIGNER, HTTPA_ERR_CHAIN },
    { { PKI_PCK, PKI_CA, PKI_ROOT }, 3, "Intel SGX PCK", HTTPA_ERR_CHAIN },
    { { PKI_PCK, PKI_CA, PKI_ROOT }, 3, "", HTTPA_ERR_CHAIN },
    { { PKI_SIGNER, PKI_CA, PKI_ROOT }, 3, SIGNER, HTTPA_ERR_CHAIN },
    { { PKI_PCK, PKI_ROOT }, 2, PCK, HTTPA_ERR_CHAIN },
    { { PKI_ROOT, PKI_CA, PKI_PCK }, 3, PCK, HTTPA_ERR_KEY },
    { { PKI_PCK, PKI_CA, PKI_CA }, 3, PCK, HTTPA_ERR_KEY },
};

static void paths(void **state)
{
    (void)state;
    struct pki p = { 0 };
    struct pki_wish w = pki_good(3, false);
    pki_set_pin(&p);
    for (size_t i = 0; i < COUNT(orders); i++) {
        const struct order *o = &orders[i];
        struct httpa_buf b = httpa_buf_growing(65536);
        struct httpa_intel_chain chain = { 0 };
        int64_t lapses_s = 0;
        w.span[o->roles[0]].to_s = at(PKI_NOW) + 77;
        pki_chain(&b, &w, o->roles, o->n);
        assert_ok(
            httpa_intel_chain_read(crypto, httpa_buf_slice(&b), o->n, &chain));
        assert_err(o->err,
                   httpa_intel_chain_verify(crypto, &chain, p.pin, o->leaf,
                                            at(PKI_NOW), &lapses_s));
        assert_true(o->err != HTTPA_OK || lapses_s == at(PKI_NOW) + 77);
        httpa_intel_chain_free(&chain);
        httpa_buf_done(&b);
    }
}

/* A comma inside a value does not end it ("Nobody, at all" of pki.h). */
static void names(void **state)
{
    (void)state;
    struct pki_wish w = pki_good(3, false);
    struct httpa_buf b = httpa_buf_growing(65536);
    struct httpa_intel_chain chain = { 0 };
    pki_signer_chain(&b, &w);
    assert_ok(httpa_intel_chain_read(crypto, httpa_buf_slice(&b), 2, &chain));
    assert_true(httpa_intel_is_called(chain.certs[0], SIGNER));
    assert_true(httpa_intel_is_called(chain.certs[1], "Intel SGX Root CA"));
    assert_false(httpa_intel_is_called(chain.certs[0], SIGNER "2"));
    assert_false(httpa_intel_is_called(chain.certs[0], " at all"));
    assert_false(httpa_intel_is_called(chain.certs[0], ""));
    httpa_intel_chain_free(&chain);
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything), cmocka_unit_test(once),
        cmocka_unit_test(not_needed), cmocka_unit_test(sizes),
        cmocka_unit_test(mutations),  cmocka_unit_test(in_a_quote),
        cmocka_unit_test(counts),     cmocka_unit_test(paths),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
