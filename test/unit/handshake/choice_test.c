#include "handshake/choice.h"
#include "support/test.h"

static struct httpa_sfv_room room;
static struct httpa_sfv_room more;

static struct httpa_slice s(const char *text)
{
    return httpa_slice_str(text);
}

static void the_first_one_known_wins(void **state)
{
    const struct httpa_suite *suite = NULL;
    (void)state;
    assert_ok(httpa_choose_version(s("httpa/3, httpa/2"), &room));
    assert_err(HTTPA_ERR_VERSION, httpa_choose_version(s("httpa/1"), &room));
    assert_err(HTTPA_ERR_VERSION, httpa_choose_version(s("HTTPA/2"), &room));
    assert_ok(httpa_choose_suite(
        s("NEW_ONE, TLS_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256"), &room,
        &suite));
    assert_string_equal(suite->name, "TLS_AES_256_GCM_SHA384");
    assert_err(HTTPA_ERR_SUITE,
               httpa_choose_suite(s("tls_aes_128_gcm_sha256"), &room,
                                  &suite));
}

static void one_share_per_group_in_order(void **state)
{
    static const struct {
        const char *groups;
        const char *shares;
        enum httpa_err want;
    } rows[] = {
        { "a, b", ":AQ==:;group=a, :Ag==:;group=b", HTTPA_OK },
        { "a, b", ":Ag==:;group=b, :AQ==:;group=a", HTTPA_ERR_MALFORMED },
        { "a, b", ":AQ==:;group=a", HTTPA_ERR_MALFORMED },
        { "a", ":AQ==:;group=a, :Ag==:;group=b", HTTPA_ERR_MALFORMED },
        { "a", ":AQ==:", HTTPA_ERR_MALFORMED },
        { "a", ":AQ==:;group=\"a\"", HTTPA_ERR_MALFORMED },
        { "a", "AQ;group=a", HTTPA_ERR_MALFORMED },
        { "\"a\"", ":AQ==:;group=a", HTTPA_ERR_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_err(rows[i].want,
                   httpa_check_shares(s(rows[i].groups), s(rows[i].shares),
                                      &room, &more));
    }
}

static void the_first_available_group(void **state)
{
    struct httpa_crypto *crypto = NULL;
    const struct httpa_group *group = NULL;
    struct httpa_slice share;
    (void)state;
    assert_ok(httpa_crypto_new(&crypto));
    assert_ok(httpa_choose_group(
        crypto, s(":AQ==:;group=new, :Ag==:;group=x25519"), &room, &group,
        &share));
    assert_string_equal(group->name, "x25519");
    assert_int_equal(share.n, 1);
    assert_int_equal(share.p[0], 2);
    assert_err(HTTPA_ERR_GROUP,
               httpa_choose_group(crypto, s(":AQ==:;group=new"), &room,
                                  &group, &share));
    assert_err(HTTPA_ERR_OFFER,
               httpa_share_read(s(":AQ==:;group=secp256r1"), group, &room,
                                &share));
    assert_ok(httpa_share_read(s(":AQ==:;group=x25519"), group, &room,
                               &share));
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_share_read(s(":AQ==:"), group, &room, &share));
    httpa_crypto_free(crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_one_known_wins),
        cmocka_unit_test(one_share_per_group_in_order),
        cmocka_unit_test(the_first_available_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
