#include "token.h"

static void claims_are_sorted_and_read_back(void **state)
{
    (void)state;
    static const char *const order[] = { "ok", "app", "port", "build" };
    struct httpa_buf out = httpa_buf_growing(HTTPA_EAT_MAX);
    struct httpa_eat eat;
    struct httpa_eat_claim c;
    write_token(&out);
    assert_ok(httpa_eat_read(httpa_buf_slice(&out), &eat));
    assert_memory_equal(eat.nonce.p, token_rd, HTTPA_RD_LEN);
    assert_int_equal(eat.iat_s, NOW);
    assert_true(
        httpa_slice_equal(eat.cose.kid, httpa_key_spki(signer)));
    struct httpa_cbor items = httpa_cbor_map_items(&eat.claims);
    for (size_t i = 0; i < COUNT(order); i++) {
        assert_true(httpa_eat_next(&items, &c));
        assert_slice_is(c.name, order[i]);
    }
    assert_hex(c.value.bytes.p, c.value.bytes.n, "00ff");
    assert_false(httpa_eat_next(&items, &c));
    httpa_buf_done(&out);
}

static enum httpa_err write_claims(const struct httpa_eat_claim *claims,
                                   size_t n)
{
    struct httpa_buf out = httpa_buf_growing(HTTPA_EAT_MAX);
    const struct httpa_eat_content content = {
        .rd = token_rd, .iat_s = NOW, .claims = claims, .claim_count = n
    };
    enum httpa_err err = httpa_eat_write(crypto, signer, &content, &out);
    assert_true(err == HTTPA_OK || out.n == 0);
    httpa_buf_done(&out);
    return err;
}

static void what_cannot_be_written(void **state)
{
    (void)state;
    static const char long_name[] =
        "a234567890123456789012345678901234567890123456789012345678901234567";
    static struct httpa_eat_claim many[HTTPA_EAT_CLAIMS_MAX + 1];
    static char names[HTTPA_EAT_CLAIMS_MAX + 1][4];
    static uint8_t large[HTTPA_EAT_VALUE_MAX + 1];
    const struct {
        const char *why;
        struct httpa_eat_claim claim;
        enum httpa_err err;
    } rows[] = {
        { "no name", { { 0 }, httpa_value_integer(1) }, HTTPA_ERR_RANGE },
        { "a long name",
          { httpa_slice_of(long_name, HTTPA_EAT_NAME_MAX + 1),
            httpa_value_integer(1) },
          HTTPA_ERR_RANGE },
        { "as long as it may be",
          { httpa_slice_of(long_name, HTTPA_EAT_NAME_MAX),
            httpa_value_integer(1) },
          HTTPA_OK },
        { "a large value",
          { httpa_slice_str("a"),
            httpa_value_bytes(httpa_slice_of(large, sizeof(large))) },
          HTTPA_ERR_RANGE },
        { "no value", { httpa_slice_str("a"), { 0 } }, HTTPA_ERR_UNSUPPORTED },
        { "a list",
          { httpa_slice_str("a"), httpa_value_texts(NULL, 0) },
          HTTPA_ERR_UNSUPPORTED },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_err(rows[i].err, write_claims(&rows[i].claim, 1));
    }
    for (size_t i = 0; i < COUNT(many); i++) {
        (void)snprintf(names[i], sizeof(names[i]), "c%zu", i);
        many[i] = (struct httpa_eat_claim){ httpa_slice_str(names[i]),
                                            httpa_value_integer(1) };
    }
    assert_ok(write_claims(many, HTTPA_EAT_CLAIMS_MAX));
    assert_err(HTTPA_ERR_RANGE, write_claims(many, COUNT(many)));
    many[1].name = many[7].name;
    assert_err(HTTPA_ERR_DUPLICATE, write_claims(many, 8));
}

static void only_p256_signs(void **state)
{
    (void)state;
    struct httpa_key *other;
    struct httpa_buf out = httpa_buf_growing(HTTPA_EAT_MAX);
    const struct httpa_eat_content content = { .rd = token_rd };
    assert_ok(httpa_key_generate(crypto, HTTPA_KEY_ED25519, &other));
    assert_err(HTTPA_ERR_KEY, httpa_eat_write(crypto, other, &content, &out));
    httpa_key_free(other);
    httpa_buf_done(&out);
}

static void a_small_buffer(void **state)
{
    (void)state;
    uint8_t room[64];
    struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
    const struct httpa_eat_content content = { .rd = token_rd };
    assert_err(HTTPA_ERR_SPACE,
               httpa_eat_write(crypto, signer, &content, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_sorted_and_read_back),
        cmocka_unit_test(what_cannot_be_written),
        cmocka_unit_test(only_p256_signs),
        cmocka_unit_test(a_small_buffer),
    };
    return cmocka_run_group_tests(tests, open_signer, close_signer);
}
