#include "codec/time.h"
#include "support/test.h"

static const struct {
    int64_t unix_s;
    const char *rfc3339;
    const char *imf;
    const char *why;
} rows[] = {
    { 0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "epoch" },
    { 784111777, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT",
      "the example of RFC 9110" },
    { -1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT",
      "before the epoch" },
    { HTTPA_TIME_MIN, "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT",
      "the first" },
    { HTTPA_TIME_MAX, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT",
      "the last" },
    { 951782400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT",
      "a leap day of a fourth century" },
    { 951868800, "2000-03-01T00:00:00Z", "Wed, 01 Mar 2000 00:00:00 GMT",
      "and the day after" },
    { 4107542400, "2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT",
      "2100 has no leap day" },
    { 4107542399, "2100-02-28T23:59:59Z", "Sun, 28 Feb 2100 23:59:59 GMT",
      "nor the second before" },
    { 1735689599, "2024-12-31T23:59:59Z", "Tue, 31 Dec 2024 23:59:59 GMT",
      "the end of a leap year" },
    { 2147483648, "2038-01-19T03:14:08Z", "Tue, 19 Jan 2038 03:14:08 GMT",
      "beyond 31 bits" },
    { 1659578233, "2022-08-04T01:57:13Z", "Thu, 04 Aug 2022 01:57:13 GMT",
      "the example of RFC 9651" },
};

static void written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[HTTPA_TIME_IMF_LEN];
        struct httpa_buf b = httpa_buf_fixed(room, HTTPA_TIME_RFC3339_LEN);
        httpa_time_write_rfc3339(&b, rows[i].unix_s);
        assert_ok(httpa_buf_check(&b));
        assert_slice_is(httpa_buf_slice(&b), rows[i].rfc3339);
        int64_t back = 1;
        assert_ok(httpa_time_read_rfc3339(httpa_buf_slice(&b), &back));
        assert_true(back == rows[i].unix_s);

        b = httpa_buf_fixed(room, HTTPA_TIME_IMF_LEN);
        httpa_time_write_imf(&b, rows[i].unix_s);
        assert_ok(httpa_buf_check(&b));
        assert_slice_is(httpa_buf_slice(&b), rows[i].imf);
        back = 1;
        assert_ok(httpa_time_read_imf(httpa_buf_slice(&b), &back));
        assert_true(back == rows[i].unix_s);
    }
}

/* The writer and the reader agree, and a later time has a larger text. */
static void agree(int64_t from, int64_t to, int64_t step)
{
    uint8_t room[2][HTTPA_TIME_RFC3339_LEN] = { { 0 } };
    size_t now = 0;
    for (int64_t s = from; s <= to; s += step) {
        struct httpa_buf b = httpa_buf_fixed(room[now], sizeof(room[now]));
        httpa_time_write_rfc3339(&b, s);
        int64_t back = 0;
        assert_ok(httpa_time_read_rfc3339(httpa_buf_slice(&b), &back));
        assert_true(back == s);
        assert_true(memcmp(room[now], room[1 - now], sizeof(room[0])) > 0);
        now = 1 - now;
    }
}

static void all_times(void **state)
{
    (void)state;
    const int64_t day = 86400;
    agree(0, 146097 * day, day); /* each day of one whole cycle */
    agree(HTTPA_TIME_MIN, HTTPA_TIME_MAX, 29 * day + 12347);
    agree(951782400 - day, 951782400 + 2 * day, 61); /* a leap day */
}

static void out_of_range(void **state)
{
    (void)state;
    static const int64_t bad[] = { HTTPA_TIME_MIN - 1, HTTPA_TIME_MAX + 1,
                                   INT64_MIN, INT64_MAX };
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t room[64];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_time_write_rfc3339(&b, bad[i]);
        assert_true(b.failed);
        b = httpa_buf_fixed(room, sizeof(room));
        httpa_time_write_imf(&b, bad[i]);
        assert_true(b.failed);
    }
}

static const struct {
    const char *in;
    const char *why;
} bad_rfc3339[] = {
    { "", "nothing" },
    { "1994-11-06", "no time" },
    { "1994-11-06T08:49:37", "no zone" },
    { "1994-11-06T08:49:37+00:00", "an offset" },
    { "1994-11-06T08:49:37.5Z", "a fraction" },
    { "1994-11-06t08:49:37Z", "a small t" },
    { "1994-11-06T08:49:37z", "a small z" },
    { "1994-11-06 08:49:37Z", "a space" },
    { "1994-11-06T08:49:37Z ", "a space behind" },
    { "1994/11/06T08:49:37Z", "slashes" },
    { "1994-1a-06T08:49:37Z", "a letter" },
    { "1994-11-06T08.49.37Z", "dots" },
    { "0000-01-01T00:00:00Z", "year 0" },
    { "1994-00-06T08:49:37Z", "month 0" },
    { "1994-13-06T08:49:37Z", "month 13" },
    { "1994-11-00T08:49:37Z", "day 0" },
    { "1994-11-31T08:49:37Z", "31 November" },
    { "1994-12-32T08:49:37Z", "day 32" },
    { "1900-02-29T08:49:37Z", "no leap year" },
    { "1994-11-06T24:00:00Z", "hour 24" },
    { "1994-11-06T08:60:37Z", "minute 60" },
    { "2016-12-31T23:59:60Z", "a leap second" },
    { "9999-12-32T00:00:00Z", "past the end" },
    { "0001-01-00T00:00:00Z", "before the beginning" },
    { "+994-11-06T08:49:37Z", "a sign" },
};

static const struct {
    const char *in;
    const char *why;
} bad_imf[] = {
    { "", "nothing" },
    { "Mon, 06 Nov 1994 08:49:37 GMT", "it was a Sunday" },
    { "sun, 06 Nov 1994 08:49:37 GMT", "a small letter" },
    { "Sun, 06 nov 1994 08:49:37 GMT", "a small letter" },
    { "Sun, 06 Nov 1994 08:49:37 UTC", "not GMT" },
    { "Sun, 6 Nov 1994 08:49:37 GMT", "one digit" },
    { "Sun,  6 Nov 1994 08:49:37 GMT", "a space for a digit" },
    { "Sun, 06-Nov-1994 08:49:37 GMT", "dashes" },
    { "Sun, 06 Xyz 1994 08:49:37 GMT", "no month" },
    { "Sunday, 06-Nov-94 08:49:37 GMT", "the form of RFC 850" },
    { "Sun Nov  6 08:49:37 1994", "the form of asctime" },
    { "Sun, 06 Nov 1994 08:49:37 GMT ", "a space behind" },
    { "Sun, 06 Nov 1994 24:00:00 GMT", "hour 24" },
    { "Wed, 31 Nov 1994 08:49:37 GMT", "31 November" },
    { "Sun, 06 Nov 0000 08:49:37 GMT", "year 0" },
};

static void refusals(void **state)
{
    (void)state;
    int64_t kept = 42;
    for (size_t i = 0; i < COUNT(bad_rfc3339); i++) {
        struct httpa_slice in = httpa_slice_str(bad_rfc3339[i].in);
        if (httpa_time_read_rfc3339(in, &kept) != HTTPA_ERR_MALFORMED) {
            fail_msg("accepted: %s", bad_rfc3339[i].why);
        }
    }
    for (size_t i = 0; i < COUNT(bad_imf); i++) {
        struct httpa_slice in = httpa_slice_str(bad_imf[i].in);
        if (httpa_time_read_imf(in, &kept) != HTTPA_ERR_MALFORMED) {
            fail_msg("accepted: %s", bad_imf[i].why);
        }
    }
    assert_int_equal(kept, 42);
}

/* A mutant that is still taken is what would be written for its time. */
static void mutant_rfc3339(struct httpa_slice in, void *arg)
{
    (void)arg;
    int64_t s;
    if (httpa_time_read_rfc3339(in, &s) == HTTPA_OK) {
        uint8_t room[HTTPA_TIME_RFC3339_LEN];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_time_write_rfc3339(&b, s);
        assert_true(httpa_slice_equal(httpa_buf_slice(&b), in));
    }
}

static void mutant_imf(struct httpa_slice in, void *arg)
{
    (void)arg;
    int64_t s;
    if (httpa_time_read_imf(in, &s) == HTTPA_OK) {
        uint8_t room[HTTPA_TIME_IMF_LEN];
        struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
        httpa_time_write_imf(&b, s);
        assert_true(httpa_slice_equal(httpa_buf_slice(&b), in));
    }
}

static void mutants_are_survived(void **state)
{
    (void)state;
    mutate(httpa_slice_str(rows[1].rfc3339), mutant_rfc3339, NULL);
    mutate(httpa_slice_str(rows[1].imf), mutant_imf, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read),     cmocka_unit_test(all_times),
        cmocka_unit_test(out_of_range),         cmocka_unit_test(refusals),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
