#include "codec/time.h"

#include "base/ascii.h"

#define DAY_S 86400

/* Days from 0001-01-01, a Monday, to 1970-01-01. */
#define EPOCH_DAY 719162

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char weekdays[7][4] = { "Mon", "Tue", "Wed", "Thu",
                                     "Fri", "Sat", "Sun" };

struct civil {
    int64_t year;  /* 1..9999 */
    int64_t month; /* 1..12 */
    int64_t day;   /* 1..31 */
    int64_t hour;
    int64_t minute;
    int64_t second;
    int64_t weekday; /* 0 is Monday; not an input */
};

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 0001-01-01 to the first of January of |year|. */
static int64_t days_before_year(int64_t year)
{
    int64_t y = year - 1;
    return 365 * y + y / 4 - y / 100 + y / 400;
}

/* Days in |year| before the first of |month|; month 13 is the year's end. */
static int64_t days_before_month(int64_t year, int64_t month)
{
    static const int16_t days[] = { 0,   31,  59,  90,  120, 151, 181,
                                    212, 243, 273, 304, 334, 365 };
    return days[month - 1] + (month > 2 && is_leap(year) ? 1 : 0);
}

static int64_t to_unix(const struct civil *c)
{
    int64_t day = days_before_year(c->year) +
                  days_before_month(c->year, c->month) + c->day - 1;
    return (day - EPOCH_DAY) * DAY_S + c->hour * 3600 + c->minute * 60 +
           c->second;
}

/* False for a time outside the years 0001 to 9999. */
static bool from_unix(int64_t unix_s, struct civil *ret)
{
    if (unix_s < HTTPA_TIME_MIN || unix_s > HTTPA_TIME_MAX) {
        return false;
    }
    int64_t s = unix_s - HTTPA_TIME_MIN;
    int64_t day = s / DAY_S;
    s %= DAY_S;
    struct civil c = { .hour = s / 3600,
                       .minute = s / 60 % 60,
                       .second = s % 60,
                       .weekday = day % 7 };
    c.year = day / 366 + 1; /* at most seven years too early */
    while (days_before_year(c.year + 1) <= day) {
        c.year++;
    }
    day -= days_before_year(c.year);
    c.month = 1;
    while (days_before_month(c.year, c.month + 1) <= day) {
        c.month++;
    }
    c.day = day - days_before_month(c.year, c.month) + 1;
    *ret = c;
    return true;
}

/* |v| in |n| digits */
static void put_digits(struct httpa_buf *b, int64_t v, size_t n)
{
    uint8_t digits[4];
    for (size_t i = n; i > 0; i--) {
        digits[i - 1] = (uint8_t)('0' + v % 10);
        v /= 10;
    }
    httpa_buf_put(b, digits, n);
}

static void put_clock(struct httpa_buf *b, const struct civil *c)
{
    put_digits(b, c->hour, 2);
    httpa_buf_put_byte(b, ':');
    put_digits(b, c->minute, 2);
    httpa_buf_put_byte(b, ':');
    put_digits(b, c->second, 2);
}

void httpa_time_write_rfc3339(struct httpa_buf *b, int64_t unix_s)
{
    struct civil c;
    if (!from_unix(unix_s, &c)) {
        b->failed = true;
        return;
    }
    put_digits(b, c.year, 4);
    httpa_buf_put_byte(b, '-');
    put_digits(b, c.month, 2);
    httpa_buf_put_byte(b, '-');
    put_digits(b, c.day, 2);
    httpa_buf_put_byte(b, 'T');
    put_clock(b, &c);
    httpa_buf_put_byte(b, 'Z');
}

void httpa_time_write_imf(struct httpa_buf *b, int64_t unix_s)
{
    struct civil c;
    if (!from_unix(unix_s, &c)) {
        b->failed = true;
        return;
    }
    httpa_buf_put_str(b, weekdays[c.weekday]);
    httpa_buf_put_str(b, ", ");
    put_digits(b, c.day, 2);
    httpa_buf_put_byte(b, ' ');
    httpa_buf_put_str(b, months[c.month - 1]);
    httpa_buf_put_byte(b, ' ');
    put_digits(b, c.year, 4);
    httpa_buf_put_byte(b, ' ');
    put_clock(b, &c);
    httpa_buf_put_str(b, " GMT");
}

/* The number in |n| characters at |at|; what is no digit counts as some
 * number, and the comparison in accept() refuses it. */
static int64_t digits_at(struct httpa_slice in, size_t at, size_t n)
{
    int64_t v = 0;
    for (size_t i = at; i < at + n; i++) {
        v = v * 10 + (httpa_ascii_is_digit(in.p[i]) ? in.p[i] - '0' : 0);
    }
    return v;
}

/* 0 when there is none. */
static int64_t month_at(struct httpa_slice in, size_t at)
{
    struct httpa_slice name = httpa_slice_of(in.p + at, 3);
    for (int64_t m = 1; m <= 12; m++) {
        if (httpa_slice_is(name, months[m - 1])) {
            return m;
        }
    }
    return 0;
}

typedef void (*write_fn)(struct httpa_buf *b, int64_t unix_s);

/* A text is good when it is the one we would write for the time it seems to
 * stand for: so shape, ranges, length of months and weekday are all checked
 * by one comparison. */
static enum httpa_err accept(struct httpa_slice in, const struct civil *c,
                             write_fn write, int64_t *ret_unix_s)
{
    if (c->year < 1 || c->month < 1 || c->month > 12) {
        return HTTPA_ERR_MALFORMED;
    }
    int64_t unix_s = to_unix(c);
    uint8_t room[HTTPA_TIME_IMF_LEN];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    write(&b, unix_s);
    if (b.failed || !httpa_slice_equal(httpa_buf_slice(&b), in)) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret_unix_s = unix_s;
    return HTTPA_OK;
}

enum httpa_err
httpa_time_read_rfc3339(struct httpa_slice in, int64_t *ret_unix_s)
{
    if (in.n != HTTPA_TIME_RFC3339_LEN) {
        return HTTPA_ERR_MALFORMED;
    }
    struct civil c = { .year = digits_at(in, 0, 4),
                       .month = digits_at(in, 5, 2),
                       .day = digits_at(in, 8, 2),
                       .hour = digits_at(in, 11, 2),
                       .minute = digits_at(in, 14, 2),
                       .second = digits_at(in, 17, 2) };
    return accept(in, &c, httpa_time_write_rfc3339, ret_unix_s);
}

enum httpa_err httpa_time_read_imf(struct httpa_slice in, int64_t *ret_unix_s)
{
    if (in.n != HTTPA_TIME_IMF_LEN) {
        return HTTPA_ERR_MALFORMED;
    }
    struct civil c = { .year = digits_at(in, 12, 4),
                       .month = month_at(in, 8),
                       .day = digits_at(in, 5, 2),
                       .hour = digits_at(in, 17, 2),
                       .minute = digits_at(in, 20, 2),
                       .second = digits_at(in, 23, 2) };
    return accept(in, &c, httpa_time_write_imf, ret_unix_s);
}
