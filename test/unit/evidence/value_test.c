#include "evidence/verdict.h"
#include "support.h"

static const uint8_t ab[] = { 0xab, 0x0c };

static struct httpa_value bytes(size_t n)
{
    return httpa_value_bytes(httpa_slice_of(ab, n));
}

static void matching(void **state)
{
    (void)state;
    const struct {
        const char *why;
        struct httpa_value reference, claim;
        bool match;
    } rows[] = {
        { "bytes", bytes(2), bytes(2), true },
        { "a prefix", bytes(1), bytes(2), false },
        { "text", httpa_value_str("a"), httpa_value_str("a"), true },
        { "text has case", httpa_value_str("A"), httpa_value_str("a"), false },
        { "hex of bytes", httpa_value_str("ab0c"), bytes(2), true },
        { "in either case", httpa_value_str("AB0C"), bytes(2), true },
        { "not of fewer", httpa_value_str("ab0c"), bytes(1), false },
        { "half of them", httpa_value_str("ab0"), bytes(2), false },
        { "no text is no bytes", httpa_value_str(""), bytes(0), false },
        { "bytes are not hex of text", bytes(2), httpa_value_str("ab0c"),
          false },
        { "integers", httpa_value_integer(-1), httpa_value_integer(-1), true },
        { "others", httpa_value_integer(1), httpa_value_integer(2), false },
        { "1 is not true", httpa_value_integer(1), httpa_value_boolean(true),
          false },
        { "booleans", httpa_value_boolean(true), httpa_value_boolean(true),
          true },
        { "lists are not compared", httpa_value_texts(NULL, 0),
          httpa_value_texts(NULL, 0), false },
        { "nothing equals nothing", { 0 }, { 0 }, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (httpa_value_matches(&rows[i].reference, &rows[i].claim) !=
            rows[i].match) {
            fail_msg("%s", rows[i].why);
        }
    }
}

static void writing(void **state)
{
    (void)state;
    const struct httpa_slice list[] = { httpa_slice_str("a"),
                                        httpa_slice_str("b") };
    const struct {
        struct httpa_value value;
        const char *want;
    } rows[] = {
        { { 0 }, "" },
        { httpa_value_str("text"), "text" },
        { bytes(2), "ab0c" },
        { httpa_value_integer(-7), "-7" },
        { httpa_value_integer(INT64_MIN), "-9223372036854775808" },
        { httpa_value_boolean(false), "false" },
        { httpa_value_time(NOW), "2026-11-20T19:40:12Z" },
        { httpa_value_texts(list, 2), "a, b" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_value_write(&b, &rows[i].value);
        assert_slice_is(httpa_buf_slice(&b), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(matching),
                                        cmocka_unit_test(writing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
