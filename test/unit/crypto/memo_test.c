/*
 * Whatever is remembered, the answer is the one without a memory: at every
 * time, under every root, for every change of a byte.
 */
#include "crypto/memo.h"
#include "crypto/crl.h"
#include "crypto/x509.h"

#include "unit/evidence/snp/maker.h"

#define DAY INT64_C(86400)

static struct maker m; /* ARK, ASK, leaf; all valid MAKER_NOW +- a day */
static struct httpa_memo *memo;
static const struct httpa_crypto *with;

static int setup(void **state)
{
    (void)state;
    maker_init(&m, &(const struct maker_wish){ .line = HTTPA_SNP_MILAN });
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    maker_done(&m);
    return 0;
}

static int remember(void **state)
{
    (void)state;
    assert_ok(httpa_memo_new(m.crypto, &memo));
    with = httpa_memo_crypto(memo);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    httpa_memo_free(memo);
    return 0;
}

struct answer {
    enum httpa_err err;
    int64_t lapses_s;
};

/* A chain of three through |crypto|; what does not parse is answered too. */
static struct answer chain(const struct httpa_crypto *crypto,
                           struct httpa_slice leaf, struct httpa_slice ask,
                           struct httpa_slice ark, int64_t time_s)
{
    const struct httpa_slice der[] = { leaf, ask, ark };
    struct httpa_cert *certs[3] = { NULL };
    struct answer a = { .err = HTTPA_OK };
    for (size_t i = 0; i < 3 && a.err == HTTPA_OK; i++) {
        a.err = httpa_cert_read(crypto, der[i], &certs[i]);
    }
    const struct httpa_cert *path[] = { certs[0], certs[1] };
    const struct httpa_cert *roots[] = { certs[2] };
    struct httpa_chain_rules rules = { .roots = roots,
                                       .root_count = 1,
                                       .time_s = time_s };
    if (a.err == HTTPA_OK) {
        a.err = httpa_chain_verify(crypto, path, 2, &rules, &a.lapses_s);
    }
    for (size_t i = 0; i < 3; i++) {
        httpa_cert_free(certs[i]);
    }
    return a;
}

static struct httpa_slice der_of(const struct maker_cert *c)
{
    return httpa_buf_slice(&c->der);
}

/* Both ways, the memo twice; the answer. */
static enum httpa_err both(struct httpa_slice leaf, struct httpa_slice ask,
                           struct httpa_slice ark, int64_t time_s)
{
    struct answer plain = chain(m.crypto, leaf, ask, ark, time_s);
    for (int i = 0; i < 2; i++) {
        struct answer a = chain(with, leaf, ask, ark, time_s);
        assert_err(plain.err, a.err);
        assert_int_equal(plain.lapses_s, a.lapses_s);
    }
    return plain.err;
}

static enum httpa_err good_at(int64_t time_s)
{
    return both(der_of(&m.leaf), der_of(&m.ask), der_of(&m.ark), time_s);
}

static void time_is_judged_anew(void **state)
{
    static const struct {
        int64_t off_s;
        enum httpa_err err;
    } rows[] = {
        { 0, HTTPA_OK },
        { -DAY - 1, HTTPA_ERR_EXPIRED },
        { -DAY, HTTPA_OK },
        { DAY - 1, HTTPA_OK },
        { DAY, HTTPA_ERR_EXPIRED },
        { 900 * DAY, HTTPA_ERR_EXPIRED },
        { 1, HTTPA_OK },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_err(rows[i].err, good_at(MAKER_NOW + rows[i].off_s));
    }
    assert_int_equal(httpa_memo_count(memo), 2); /* two signatures */
    assert_true(httpa_memo_hits(memo) >= 2);
}

/* The names are the same, the keys are not. */
static void issuers_and_roots(void **state)
{
    (void)state;
    const struct maker_wish wish = { .line = HTTPA_SNP_MILAN };
    struct maker_cert ark = maker_cert("ARK", "ARK", NULL, NULL);
    struct maker_cert ask = maker_cert("SEV", "ARK", &ark, NULL);
    struct maker_cert leaf = maker_cert("SEV-VCEK", "SEV", &ask, &wish);
    struct httpa_slice own[] = { der_of(&m.leaf), der_of(&m.ask),
                                 der_of(&m.ark) };
    struct httpa_slice other[] = { der_of(&leaf), der_of(&ask), der_of(&ark) };
    assert_ok(both(own[0], own[1], own[2], MAKER_NOW));
    assert_ok(both(other[0], other[1], other[2], MAKER_NOW));
    for (unsigned mix = 1; mix < 7; mix++) {
        assert_err(HTTPA_ERR_CHAIN,
                   both(mix & 1 ? own[0] : other[0],
                        mix & 2 ? own[1] : other[1],
                        mix & 4 ? own[2] : other[2], MAKER_NOW));
    }
    maker_cert_done(&leaf);
    maker_cert_done(&ask);
    maker_cert_done(&ark);
}

static void every_bit_of_a_certificate(void **state)
{
    (void)state;
    assert_ok(good_at(MAKER_NOW));
    size_t count = httpa_memo_count(memo);
    for (size_t bit = 0; bit < m.leaf.der.n * 8;
         bit += under_valgrind() ? 397 : 41) {
        m.leaf.der.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(HTTPA_OK, good_at(MAKER_NOW));
        m.leaf.der.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(httpa_memo_count(memo), count); /* no failure is kept */
}

/* ---- lists ---- */

static enum httpa_err list_through(const struct httpa_crypto *crypto,
                                   struct httpa_slice issuer,
                                   enum httpa_err *ret_check)
{
    struct httpa_cert *cert = NULL;
    struct httpa_cert *about = NULL;
    struct httpa_crl *crl = NULL;
    assert_ok(httpa_cert_read(crypto, issuer, &cert));
    assert_ok(httpa_cert_read(crypto, der_of(&m.ask), &about));
    enum httpa_err err = httpa_crl_read(crypto, httpa_buf_slice(&m.list), &crl);
    *ret_check = err;
    if (err == HTTPA_OK) {
        err = httpa_crl_verify(crypto, crl, cert);
        *ret_check = httpa_crl_check(crl, about);
    }
    httpa_crl_free(crl);
    httpa_cert_free(about);
    httpa_cert_free(cert);
    return err;
}

static enum httpa_err list_both(struct httpa_slice issuer)
{
    enum httpa_err checks[3];
    enum httpa_err plain = list_through(m.crypto, issuer, &checks[0]);
    for (int i = 1; i < 3; i++) {
        assert_err(plain, list_through(with, issuer, &checks[i]));
        assert_err(checks[0], checks[i]);
    }
    return plain == HTTPA_OK ? checks[0] : plain;
}

static void lists(void **state)
{
    (void)state;
    struct maker_cert other = maker_cert("ARK", "ARK", NULL, NULL);
    maker_list(&m, &m.ark, false, MAKER_NOW - DAY, MAKER_NOW + DAY);
    assert_ok(list_both(der_of(&m.ark)));
    assert_err(HTTPA_ERR_SIGNATURE, list_both(der_of(&other)));
    m.list.p[m.list.n - 9] ^= 1;
    assert_int_not_equal(HTTPA_OK, list_both(der_of(&m.ark)));
    m.list.p[m.list.n - 9] ^= 1;
    assert_ok(list_both(der_of(&m.ark)));
    /* A newer list of the same issuer, after the older one is known. */
    maker_list(&m, &m.ark, true, MAKER_NOW - DAY, MAKER_NOW + DAY);
    assert_err(HTTPA_ERR_CHAIN, list_both(der_of(&m.ark)));
    assert_int_equal(httpa_memo_count(memo), 2);
    maker_cert_done(&other);
}

/* ---- signatures ---- */

static struct httpa_slice sign_with_ask(struct httpa_slice text, uint8_t *room)
{
    size_t n = 96;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, m.ask.key), 1);
    assert_int_equal(EVP_DigestSign(ctx, room, &n, text.p, text.n), 1);
    EVP_MD_CTX_free(ctx);
    return httpa_slice_of(room, n);
}

static enum httpa_err
signed_by(const struct maker_cert *by, enum httpa_scheme scheme,
          struct httpa_slice text, struct httpa_slice signature)
{
    const struct httpa_crypto *cryptos[] = { m.crypto, with, with };
    enum httpa_err err[3];
    for (size_t i = 0; i < 3; i++) {
        struct httpa_cert *cert = NULL;
        assert_ok(httpa_cert_read(cryptos[i], der_of(by), &cert));
        err[i] = httpa_cert_verify(cryptos[i], cert, scheme, text, signature);
        httpa_cert_free(cert);
        assert_err(err[0], err[i]);
    }
    return err[0];
}

static void signatures(void **state)
{
    const enum httpa_scheme der = HTTPA_SIGN_ECDSA_P256_SHA256;
    uint8_t room[96];
    (void)state;
    struct httpa_slice text = httpa_slice_str("signed");
    struct httpa_slice sig = sign_with_ask(text, room);
    assert_ok(signed_by(&m.ask, der, text, sig));
    assert_err(HTTPA_ERR_SIGNATURE, signed_by(&m.ark, der, text, sig));
    assert_err(HTTPA_ERR_KEY, signed_by(&m.leaf, der, text, sig));
    assert_err(HTTPA_ERR_SIGNATURE,
               signed_by(&m.ask, HTTPA_SIGN_ES256, text, sig));
    assert_err(HTTPA_ERR_SIGNATURE,
               signed_by(&m.ask, der, httpa_slice_str("signe"), sig));
    /* The same bytes, cut elsewhere. */
    assert_err(HTTPA_ERR_SIGNATURE,
               signed_by(&m.ask, der, httpa_slice_str("signed0"),
                         httpa_slice_from(sig, 1)));
    for (size_t i = 0; i < sig.n; i++) {
        room[i] ^= 1;
        assert_int_not_equal(HTTPA_OK, signed_by(&m.ask, der, text, sig));
        room[i] ^= 1;
    }
    assert_ok(signed_by(&m.ask, der, text, sig));
    assert_int_equal(httpa_memo_count(memo), 1);
}

/* Many facts push out old ones, which are then verified and known again. */
static void bounded(void **state)
{
    uint8_t room[96];
    (void)state;
    assert_ok(good_at(MAKER_NOW));
    for (uint32_t i = 0; i < HTTPA_MEMO_FACTS + 9; i++) {
        struct httpa_slice text = httpa_slice_of(&i, sizeof(i));
        struct httpa_slice sig = sign_with_ask(text, room);
        assert_ok(signed_by(&m.ask, HTTPA_SIGN_ECDSA_P256_SHA256, text, sig));
        assert_true(httpa_memo_count(memo) <= HTTPA_MEMO_FACTS);
    }
    assert_int_equal(httpa_memo_count(memo), HTTPA_MEMO_FACTS);
    uint64_t hits = httpa_memo_hits(memo);
    (void)chain(with, der_of(&m.leaf), der_of(&m.ask), der_of(&m.ark),
                MAKER_NOW);
    assert_int_equal(httpa_memo_hits(memo), hits);
    assert_ok(good_at(MAKER_NOW));
    assert_true(httpa_memo_hits(memo) > hits);
}

/* Certificates that were handed out live on when others take their places. */
static void places_for_certificates(void **state)
{
    const struct maker_wish wish = { .line = HTTPA_SNP_MILAN };
    struct httpa_cert *first = NULL;
    (void)state;
    assert_ok(good_at(MAKER_NOW));
    assert_ok(httpa_cert_read(with, der_of(&m.leaf), &first));
    for (size_t i = 0; i < HTTPA_MEMO_CERTS + 3; i++) {
        struct maker_cert leaf = maker_cert("SEV-VCEK", "SEV", &m.ask, &wish);
        assert_ok(
            both(der_of(&leaf), der_of(&m.ask), der_of(&m.ark), MAKER_NOW));
        maker_cert_done(&leaf);
    }
    assert_true(httpa_slice_equal(httpa_cert_der(first), der_of(&m.leaf)));
    httpa_cert_free(first);
    assert_ok(good_at(MAKER_NOW));
}

/* ---- the watch ---- */

static void spans(void **state)
{
    static const struct {
        int64_t instants[2];
        int64_t from_s, until_s;
    } rows[] = {
        { { 90, 110 }, 91, 110 },      { { 100, 110 }, 100, 101 },
        { { 100, 99 }, 100, 101 },     { { 101, 99 }, 100, 101 },
        { { 90, 80 }, 91, INT64_MAX }, { { 120, 110 }, INT64_MIN, 110 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        httpa_memo_watch(memo, 100);
        httpa_memo_instant(with, rows[i].instants[0]);
        httpa_memo_instant(with, rows[i].instants[1]);
        struct httpa_span span = httpa_memo_watched(memo);
        assert_int_equal(span.from_s, rows[i].from_s);
        assert_int_equal(span.until_s, rows[i].until_s);
    }
    httpa_memo_instant(m.crypto, 100); /* nothing to narrow */
}

/* New or known, a certificate brings its dates. */
static void certificates_are_watched(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        httpa_memo_watch(memo, MAKER_NOW);
        (void)chain(with, der_of(&m.leaf), der_of(&m.ask), der_of(&m.ark),
                    MAKER_NOW);
        struct httpa_span span = httpa_memo_watched(memo);
        assert_int_equal(span.from_s, MAKER_NOW - DAY + 1);
        assert_int_equal(span.until_s, MAKER_NOW + DAY);
    }
    assert_true(httpa_memo_hits(memo) > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, remember, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(time_is_judged_anew),
        TEST(issuers_and_roots),
        TEST(every_bit_of_a_certificate),
        TEST(lists),
        TEST(signatures),
        TEST(bounded),
        TEST(places_for_certificates),
        TEST(spans),
        TEST(certificates_are_watched),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
