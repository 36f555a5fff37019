#include "codec/cbor_write.h"
#include "token.h"

/* A token by hand: what the writer never makes.  Nothing is verified here. */
struct shape {
    uint64_t tag;       /* 0: none; 61 goes around 18 */
    int64_t alg;        /* 0: left out */
    bool no_kid;
    bool detached;
    size_t nonce_len;   /* 64 + 1: left out */
    int64_t iat_s;      /* -1: left out */
    int64_t extra;      /* an integer claim; 0: none */
    const char *claim;  /* hex of an encoded text key and value */
    size_t claims;      /* of that */
};

static void put_hex(struct httpa_buf *b, const char *hex)
{
    uint8_t bytes[256];
    httpa_buf_put(b, bytes, unhex(hex, bytes, sizeof(bytes)));
}

static void put_claims(struct httpa_buf *b, const struct shape *s)
{
    bool nonce = s->nonce_len <= HTTPA_RD_LEN, iat = s->iat_s != -1;
    httpa_cbor_put_map(b, (size_t)nonce + iat + (s->extra != 0) +
                              (s->claim != NULL ? s->claims : 0));
    if (s->extra != 0) {
        httpa_cbor_put_int(b, s->extra);
        httpa_cbor_put_uint(b, 1);
    }
    if (iat) {
        httpa_cbor_put_uint(b, 6);
        httpa_cbor_put_int(b, s->iat_s);
    }
    if (nonce) {
        httpa_cbor_put_uint(b, 10);
        httpa_cbor_put_bytes(b, httpa_slice_of(token_rd, s->nonce_len));
    }
    if (s->claim != NULL) {
        put_hex(b, s->claim);
    }
}

static enum httpa_err read_shape(const struct shape *s)
{
    uint8_t payload_room[512], room[1024];
    struct httpa_buf payload = httpa_buf_fixed(payload_room, 512);
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    struct httpa_eat eat;
    put_claims(&payload, s);
    if (s->tag == 61) {
        httpa_cbor_put_tag(&b, 61);
    }
    if (s->tag != 0) {
        httpa_cbor_put_tag(&b, s->tag == 61 ? 18 : s->tag);
    }
    httpa_cbor_put_array(&b, 4);
    put_hex(&b, s->alg == HTTPA_COSE_ES256   ? "43a10126"
                : s->alg == HTTPA_COSE_EDDSA ? "43a10127"
                                             : "40");
    put_hex(&b, s->no_kid ? "a0" : "a10443010203");
    if (s->detached) {
        httpa_cbor_put_null(&b);
    } else {
        httpa_cbor_put_bytes(&b, httpa_buf_slice(&payload));
    }
    httpa_cbor_put_bytes(&b, httpa_slice_of(token_rd, 64));
    assert_ok(httpa_buf_check(&b));
    uint8_t *exact = exact_copy(b.p, b.n);
    enum httpa_err err = httpa_eat_read(httpa_slice_of(exact, b.n), &eat);
    free(exact);
    return err;
}

static const struct {
    const char *why;
    struct shape shape;
    enum httpa_err err;
} rows[] = {
    { "as we write it", { 18, -7, 0, 0, 64, NOW, 0, NULL, 0 }, HTTPA_OK },
    { "without a tag", { 0, -7, 0, 0, 64, NOW, 0, NULL, 0 }, HTTPA_OK },
    { "as a CWT", { 61, -7, 0, 0, 64, NOW, 0, NULL, 0 }, HTTPA_OK },
    { "in another tag", { 17, -7, 0, 0, 64, NOW, 0, NULL, 0 },
      HTTPA_ERR_MALFORMED },
    { "EdDSA", { 18, -8, 0, 0, 64, NOW, 0, NULL, 0 }, HTTPA_ERR_UNSUPPORTED },
    { "no algorithm", { 18, 0, 0, 0, 64, NOW, 0, NULL, 0 },
      HTTPA_ERR_MISSING },
    { "no key", { 18, -7, 1, 0, 64, NOW, 0, NULL, 0 }, HTTPA_ERR_MISSING },
    { "the claims are elsewhere", { 18, -7, 0, 1, 64, NOW, 0, NULL, 0 },
      HTTPA_ERR_UNSUPPORTED },
    { "no nonce", { 18, -7, 0, 0, 65, NOW, 0, NULL, 0 }, HTTPA_ERR_MISSING },
    { "an empty nonce", { 18, -7, 0, 0, 0, NOW, 0, NULL, 0 },
      HTTPA_ERR_RANGE },
    { "a short nonce", { 18, -7, 0, 0, 63, NOW, 0, NULL, 0 },
      HTTPA_ERR_RANGE },
    { "no iat", { 18, -7, 0, 0, 64, -1, 0, NULL, 0 }, HTTPA_ERR_MISSING },
    { "before time", { 18, -7, 0, 0, 64, -2, 0, NULL, 0 }, HTTPA_ERR_RANGE },
    { "after all time", { 18, -7, 0, 0, 64, INT64_MAX, 0, NULL, 0 },
      HTTPA_ERR_RANGE },
    { "exp", { 18, -7, 0, 0, 64, NOW, 4, NULL, 0 }, HTTPA_ERR_UNSUPPORTED },
    { "nbf", { 18, -7, 0, 0, 64, NOW, 5, NULL, 0 }, HTTPA_ERR_UNSUPPORTED },
    { "claims of others", { 18, -7, 0, 0, 64, NOW, 265, NULL, 0 }, HTTPA_OK },
    { "negative ones", { 18, -7, 0, 0, 64, NOW, -70000, NULL, 0 }, HTTPA_OK },
    { "text", { 18, -7, 0, 0, 64, NOW, 0, "61616178", 1 }, HTTPA_OK },
    { "null", { 18, -7, 0, 0, 64, NOW, 0, "6161f6", 1 },
      HTTPA_ERR_UNSUPPORTED },
    { "an array", { 18, -7, 0, 0, 64, NOW, 0, "616180", 1 },
      HTTPA_ERR_UNSUPPORTED },
    { "a float", { 18, -7, 0, 0, 64, NOW, 0, "6161f90000", 1 },
      HTTPA_ERR_UNSUPPORTED },
    { "a name of nothing", { 18, -7, 0, 0, 64, NOW, 0, "6001", 1 },
      HTTPA_ERR_RANGE },
    { "a name twice", { 18, -7, 0, 0, 64, NOW, 0, "616101616102", 2 },
      HTTPA_ERR_DUPLICATE },
};

static void shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum httpa_err err = read_shape(&rows[i].shape);
        if (err != rows[i].err) {
            fail_msg("%s: want %s, got %s", rows[i].why,
                     httpa_err_name(rows[i].err), httpa_err_name(err));
        }
    }
}

static void bytes_behind_it(void **state)
{
    (void)state;
    struct httpa_eat eat;
    struct httpa_buf out = httpa_buf_growing(HTTPA_EAT_MAX);
    write_token(&out);
    httpa_buf_put_byte(&out, 0);
    assert_err(HTTPA_ERR_TRAILING,
               httpa_eat_read(httpa_buf_slice(&out), &eat));
    httpa_buf_done(&out);
}

static void longer_than_any(void **state)
{
    (void)state;
    struct httpa_eat eat;
    uint8_t *large = calloc(1, HTTPA_EAT_MAX + 1);
    assert_non_null(large);
    assert_err(HTTPA_ERR_RANGE,
               httpa_eat_read(httpa_slice_of(large, HTTPA_EAT_MAX + 1), &eat));
    free(large);
}

static void one_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_eat eat;
    (void)arg;
    if (httpa_eat_read(in, &eat) == HTTPA_OK) {
        assert_int_equal(eat.nonce.n, HTTPA_RD_LEN);
        assert_true(eat.cose.kid.n > 0);
    }
}

static void mutants(void **state)
{
    (void)state;
    struct httpa_buf out = httpa_buf_growing(HTTPA_EAT_MAX);
    write_token(&out);
    mutate(httpa_buf_slice(&out), one_mutant, NULL);
    httpa_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(bytes_behind_it),
        cmocka_unit_test(longer_than_any),
        cmocka_unit_test(mutants),
    };
    return cmocka_run_group_tests(tests, open_signer, close_signer);
}
