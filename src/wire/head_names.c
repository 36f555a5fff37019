#include "wire/head_names.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/bhttp.h"

enum {
    BAD = HTTPA_NAME_REFUSED,
    ONE = HTTPA_NAME_ONCE,
    HOP = HTTPA_NAME_REMOVED,
    OURS = HTTPA_NAME_OURS,
    AHL = HTTPA_NAME_ATTEST,
    TR = HTTPA_NAME_NO_TRAILER
};

struct row {
    const char *name;
    size_t n;
    bool prefix; /* of all names that begin so */
    unsigned rules;
};

#define NAME(text, rules) { text, sizeof(text) - 1, false, rules }
#define BEGINS(text, rules) { text, sizeof(text) - 1, true, rules }

static const struct row rows[] = {
    NAME("connection", BAD | TR),
    NAME("proxy-connection", BAD | TR),
    NAME("keep-alive", BAD | TR),
    NAME("transfer-encoding", BAD | TR),
    NAME("upgrade", BAD | TR),
    NAME("http2-settings", BAD | TR),
    NAME("proxy-authenticate", BAD | TR),
    NAME("proxy-authorization", BAD | TR),
    NAME("trailer", BAD | TR),
    NAME("te", TR),
    NAME("content-length", ONE),
    NAME("content-type", ONE),
    NAME("content-location", ONE),
    NAME("content-digest", ONE),
    NAME("host", ONE | TR),
    NAME("authorization", ONE | TR),
    NAME("location", ONE),
    NAME("retry-after", ONE),
    NAME("expect", HOP | TR),
    NAME("via", HOP),
    NAME("forwarded", HOP),
    NAME("x-real-ip", HOP),
    NAME("cookie", TR),
    NAME("set-cookie", TR),
    NAME("cache-control", TR),
    NAME("range", TR),
    BEGINS("x-forwarded-", HOP),
    BEGINS("httpa-", OURS),
    BEGINS("attest-", AHL | TR),
    BEGINS("content-", TR),
};

unsigned httpa_head_name_rules(struct httpa_slice name)
{
    unsigned rules = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool fits = rows[i].prefix ? name.n >= rows[i].n
                                   : name.n == rows[i].n;
        if (fits && memcmp(name.p, rows[i].name, rows[i].n) == 0) {
            rules |= rows[i].rules;
        }
    }
    return rules;
}

bool httpa_head_name_valid(struct httpa_slice name)
{
    return name.n >= 1 && name.n <= HTTPA_BHTTP_NAME_MAX &&
           (httpa_ascii_seen(name) &
            (HTTPA_ASCII_NO_TCHAR | HTTPA_ASCII_UPPER)) == 0;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

bool httpa_head_value_valid(struct httpa_slice value)
{
    bool trimmed = value.n == 0 ||
                   (!is_blank(value.p[0]) && !is_blank(value.p[value.n - 1]));
    return trimmed && value.n <= HTTPA_BHTTP_VALUE_MAX &&
           (httpa_ascii_seen(value) & HTTPA_ASCII_BREAKS) == 0;
}
