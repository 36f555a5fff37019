/* RFC 7748 5.2, exchanges with ourselves, and the shares of an attacker. */
#include "crypto/group.h"

#include "support.h"

#include <openssl/err.h>

static struct httpa_random rng;

static const struct httpa_group *named(const char *name)
{
    return httpa_group_find(httpa_slice_str(name));
}

static bool available(const struct httpa_group *group)
{
    if (httpa_group_available(crypto, group)) {
        return true;
    }
    print_message("SKIP: this OpenSSL has no %s\n", group->name);
    return false;
}

static void names_and_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t client, server, z;
    } rows[] = {
        { "X25519MLKEM768", 1216, 1120, 64 }, /* ML-KEM part: 1184, 1088 */
        { "x25519", 32, 32, 32 },
        { "secp256r1", 65, 65, 32 },
        { "secp384r1", 97, 97, 48 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct httpa_group *g = named(rows[i].name);
        assert_non_null(g);
        assert_ptr_equal(g, httpa_group_at(i));
        assert_int_equal(g->id, i);
        assert_int_equal(g->client_share, rows[i].client);
        assert_int_equal(g->server_share, rows[i].server);
        assert_int_equal(g->z, rows[i].z);
        assert_true(g->client_share <= HTTPA_SHARE_MAX);
        assert_true(g->z <= HTTPA_Z_MAX);
    }
    assert_null(httpa_group_at(COUNT(rows)));
    assert_null(named("X25519"));
    assert_null(named("x25519mlkem768"));
    assert_null(named(""));
    assert_true(httpa_group_available(crypto, named("x25519")));
    assert_true(httpa_group_available(crypto, named("secp256r1")));
}

static void exchange(void **state)
{
    (void)state;
    for (size_t i = 0; httpa_group_at(i) != NULL; i++) {
        const struct httpa_group *g = httpa_group_at(i);
        if (!available(g)) {
            continue;
        }
        struct httpa_buf share_c = httpa_buf_growing(HTTPA_SHARE_MAX);
        struct httpa_buf share_s = httpa_buf_growing(HTTPA_SHARE_MAX);
        struct httpa_kex kex;
        struct httpa_z z_c;
        struct httpa_z z_s;
        assert_ok(httpa_kex_offer(crypto, &rng, g, &share_c, &kex));
        assert_int_equal(share_c.n, g->client_share);
        assert_ok(httpa_kex_answer(crypto, &rng, g, httpa_buf_slice(&share_c),
                                   &share_s, &z_s));
        assert_int_equal(share_s.n, g->server_share);
        assert_ok(
            httpa_kex_finish(crypto, &kex, httpa_buf_slice(&share_s), &z_c));
        assert_int_equal(z_c.n, g->z);
        assert_int_equal(z_s.n, g->z);
        assert_memory_equal(z_c.bytes, z_s.bytes, g->z);
        httpa_kex_done(&kex);
        assert_err(
            HTTPA_ERR_USAGE,
            httpa_kex_finish(crypto, &kex, httpa_buf_slice(&share_s), &z_c));
        httpa_kex_done(&kex); /* twice does nothing */
        httpa_z_done(&z_c);
        assert_int_equal(z_c.n, 0);
        httpa_buf_done(&share_c);
        httpa_buf_done(&share_s);
    }
}

/* Two exchanges have nothing in common. */
static void fresh_every_time(void **state)
{
    (void)state;
    for (size_t i = 0; httpa_group_at(i) != NULL; i++) {
        const struct httpa_group *g = httpa_group_at(i);
        if (!available(g)) {
            continue;
        }
        struct httpa_buf share[2];
        for (int k = 0; k < 2; k++) {
            struct httpa_kex kex;
            share[k] = httpa_buf_growing(HTTPA_SHARE_MAX);
            assert_ok(httpa_kex_offer(crypto, &rng, g, &share[k], &kex));
            httpa_kex_done(&kex);
        }
        assert_memory_not_equal(share[0].p, share[1].p, share[0].n);
        httpa_buf_done(&share[0]);
        httpa_buf_done(&share[1]);
    }
}

struct scalar {
    const char *hex;
};

static enum httpa_err give_scalar(void *ctx, uint8_t *p, size_t n)
{
    const struct scalar *s = ctx;
    assert_int_equal(unhex(s->hex, p, n), n);
    return HTTPA_OK;
}

static void rfc_7748(void **state)
{
    (void)state;
    static const struct {
        const char *k, *u, *want;
    } rows[] = {
        { "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
          "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
          "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552" },
        /* u with its highest bit set, which must be ignored */
        { "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
          "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
          "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scalar s = { rows[i].k };
        struct httpa_random fixed = { give_scalar, &s };
        uint8_t room[32];
        struct httpa_buf share = httpa_buf_fixed(room, sizeof(room));
        struct httpa_kex kex;
        struct httpa_z z;
        assert_ok(
            httpa_kex_offer(crypto, &fixed, named("x25519"), &share, &kex));
        assert_ok(httpa_kex_finish(crypto, &kex, hex(rows[i].u), &z));
        assert_slice_hex(httpa_z_slice(&z), rows[i].want);
        httpa_kex_done(&kex);
    }
}

/* Both sides refuse |peer|. */
static void assert_refused(const struct httpa_group *g, struct httpa_slice peer)
{
    struct httpa_buf share = httpa_buf_growing(2 * HTTPA_SHARE_MAX);
    struct httpa_kex kex;
    struct httpa_z z = { .n = 99 };
    assert_ok(httpa_kex_offer(crypto, &rng, g, &share, &kex));
    size_t before = share.n;
    uint8_t *copy = exact_copy(peer.p, peer.n);
    struct httpa_slice exact = httpa_slice_of(copy, peer.n);
    assert_err(HTTPA_ERR_KEY, httpa_kex_finish(crypto, &kex, exact, &z));
    assert_err(HTTPA_ERR_KEY,
               httpa_kex_answer(crypto, &rng, g, exact, &share, &z));
    assert_int_equal(share.n, before); /* no share for a bad one */
    assert_int_equal(z.n, 99);
    assert_int_equal(ERR_peek_error(), 0);
    free(copy);
    httpa_kex_done(&kex);
    httpa_buf_done(&share);
}

static void points_of_small_order(void **state)
{
    (void)state;
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        /* the same with the ignored bit set */
        "0000000000000000000000000000000000000000000000000000000000000080",
    };
    for (size_t i = 0; i < COUNT(points); i++) {
        assert_refused(named("x25519"), hex(points[i]));
    }
}

static void wrong_lengths(void **state)
{
    (void)state;
    static const uint8_t zeros[HTTPA_SHARE_MAX + 1];
    for (size_t i = 0; httpa_group_at(i) != NULL; i++) {
        const struct httpa_group *g = httpa_group_at(i);
        if (!available(g)) {
            continue;
        }
        for (size_t n = 0; n <= sizeof(zeros); n++) {
            if (n != g->client_share && n != g->server_share && n < 140) {
                assert_refused(g, httpa_slice_of(zeros, n));
            }
        }
        assert_refused(g, httpa_slice_of(zeros, g->client_share + 1));
        assert_refused(g, httpa_slice_of(zeros, sizeof(zeros)));
    }
}

static void bad_points(void **state)
{
    (void)state;
    static const char *const curves[] = { "secp256r1", "secp384r1" };
    for (size_t i = 0; i < COUNT(curves); i++) {
        const struct httpa_group *g = named(curves[i]);
        if (!available(g)) {
            continue;
        }
        uint8_t good[97];
        struct httpa_buf share = httpa_buf_fixed(good, sizeof(good));
        struct httpa_kex kex;
        assert_ok(httpa_kex_offer(crypto, &rng, g, &share, &kex));
        httpa_kex_done(&kex);
        /* Compressed, hybrid, infinity and made-up forms, at full length. */
        static const uint8_t forms[] = { 0, 1, 2, 3, 5, 6, 7, 0x84 };
        for (size_t k = 0; k < COUNT(forms); k++) {
            good[0] = forms[k];
            assert_refused(g, httpa_buf_slice(&share));
        }
        good[0] = 4;
        /* Half a compressed point: the length is wrong already. */
        assert_refused(g, httpa_slice_of(good, 1 + share.n / 2));
        good[share.n - 1] ^= 1; /* off the curve */
        assert_refused(g, httpa_buf_slice(&share));
        memset(good + 1, 0xff, share.n - 1); /* coordinates above p */
        assert_refused(g, httpa_buf_slice(&share));
        memset(good + 1, 0, share.n - 1);
        assert_refused(g, httpa_buf_slice(&share));
    }
}

/* What is special about the hybrid: both halves are checked. */
static void hybrid(void **state)
{
    (void)state;
    const struct httpa_group *g = named("X25519MLKEM768");
    uint8_t room[HTTPA_SHARE_MAX];
    struct httpa_buf share = httpa_buf_fixed(room, sizeof(room));
    struct httpa_kex kex;
    if (!available(g)) {
        assert_err(HTTPA_ERR_UNSUPPORTED,
                   httpa_kex_offer(crypto, &rng, g, &share, &kex));
        struct httpa_z z;
        assert_err(HTTPA_ERR_UNSUPPORTED,
                   httpa_kex_answer(crypto, &rng, g,
                                    httpa_slice_of(room, sizeof(room)), &share,
                                    &z));
        return;
    }
    assert_ok(httpa_kex_offer(crypto, &rng, g, &share, &kex));
    uint8_t answer_room[HTTPA_SHARE_MAX];
    struct httpa_buf answer = httpa_buf_fixed(answer_room, 1120);
    struct httpa_z z_s;
    struct httpa_z z_c;
    assert_ok(httpa_kex_answer(crypto, &rng, g, httpa_buf_slice(&share),
                               &answer, &z_s));
    /* A changed ciphertext gives another ML-KEM half and the same X25519
     * half, which stands behind (implicit rejection, FIPS 203 6.3). */
    answer_room[0] ^= 1;
    assert_ok(httpa_kex_finish(crypto, &kex, httpa_buf_slice(&answer), &z_c));
    assert_memory_not_equal(z_c.bytes, z_s.bytes, 32);
    assert_memory_equal(z_c.bytes + 32, z_s.bytes + 32, 32);
    /* X25519 of small order behind a good half. */
    memset(answer_room + 1088, 0, 32);
    assert_err(HTTPA_ERR_KEY,
               httpa_kex_finish(crypto, &kex, httpa_buf_slice(&answer), &z_c));
    httpa_kex_done(&kex);
    struct httpa_buf none = httpa_buf_growing(HTTPA_SHARE_MAX);
    uint8_t changed[HTTPA_SHARE_MAX];
    memcpy(changed, room, sizeof(changed));
    memset(changed + 1184, 0, 32);
    assert_err(HTTPA_ERR_KEY,
               httpa_kex_answer(crypto, &rng, g,
                                httpa_slice_of(changed, sizeof(changed)), &none,
                                &z_s));
    /* Coefficients of 4095 are above q: the modulus check, FIPS 203 7.2. */
    memcpy(changed, room, sizeof(changed));
    memset(changed, 0xff, 3);
    assert_err(HTTPA_ERR_KEY,
               httpa_kex_answer(crypto, &rng, g,
                                httpa_slice_of(changed, sizeof(changed)), &none,
                                &z_s));
    assert_int_equal(none.n, 0);
    httpa_buf_done(&none);
}

static void no_room_for_the_share(void **state)
{
    (void)state;
    for (size_t i = 0; httpa_group_at(i) != NULL; i++) {
        const struct httpa_group *g = httpa_group_at(i);
        if (!available(g)) {
            continue;
        }
        uint8_t room[HTTPA_SHARE_MAX];
        struct httpa_buf small = httpa_buf_fixed(room, g->client_share - 1);
        struct httpa_kex kex;
        assert_err(HTTPA_ERR_SPACE,
                   httpa_kex_offer(crypto, &rng, g, &small, &kex));
        struct httpa_buf share = httpa_buf_growing(HTTPA_SHARE_MAX);
        assert_ok(httpa_kex_offer(crypto, &rng, g, &share, &kex));
        httpa_kex_done(&kex);
        struct httpa_z z;
        small = httpa_buf_fixed(room, g->server_share - 1);
        assert_err(HTTPA_ERR_SPACE,
                   httpa_kex_answer(crypto, &rng, g, httpa_buf_slice(&share),
                                    &small, &z));
        httpa_buf_done(&share);
    }
}

int main(void)
{
    rng = httpa_random_system();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_sizes),
        cmocka_unit_test(exchange),
        cmocka_unit_test(fresh_every_time),
        cmocka_unit_test(rfc_7748),
        cmocka_unit_test(points_of_small_order),
        cmocka_unit_test(wrong_lengths),
        cmocka_unit_test(bad_points),
        cmocka_unit_test(hybrid),
        cmocka_unit_test(no_room_for_the_share),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
