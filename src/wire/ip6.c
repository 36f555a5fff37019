#include "wire/ip6.h"

#include <string.h>

#include "base/ascii.h"

#define GROUPS 8

/* Groups in front of "::" and behind it. */
struct halves {
    uint16_t v[GROUPS];
    size_t n;
    size_t gap; /* index of the first group behind "::"; GROUPS + 1: none */
};

static int hex_value(uint8_t c)
{
    uint8_t lower = httpa_ascii_lower(c);
    if (httpa_ascii_is_digit(c)) {
        return c - '0';
    }
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* One byte of a dotted quad from the front of |s|. */
static bool take_byte(struct httpa_slice *s, unsigned *ret_v)
{
    unsigned v = 0;
    size_t n = 0;
    while (n < s->n && n < 3 && httpa_ascii_is_digit(s->p[n])) {
        v = v * 10 + (unsigned)(s->p[n++] - '0');
    }
    if (n == 0 || v > 255 || (n > 1 && s->p[0] == '0')) {
        return false;
    }
    *s = httpa_slice_from(*s, n);
    *ret_v = v;
    return true;
}

static bool read_quad(struct httpa_slice s, unsigned ret_v[4])
{
    for (size_t i = 0; i < 4; i++) {
        if (i > 0) {
            if (s.n == 0 || s.p[0] != '.') {
                return false;
            }
            s = httpa_slice_from(s, 1);
        }
        if (!take_byte(&s, &ret_v[i])) {
            return false;
        }
    }
    return s.n == 0;
}

bool httpa_ip4_valid(struct httpa_slice text)
{
    unsigned v[4];
    return read_quad(text, v);
}

/* One to four hex digits from the front of |s|. */
static bool take_group(struct httpa_slice *s, uint16_t *ret_v)
{
    unsigned v = 0;
    size_t n = 0;
    while (n < s->n && n < 4 && hex_value(s->p[n]) >= 0) {
        v = v << 4 | (unsigned)hex_value(s->p[n++]);
    }
    *s = httpa_slice_from(*s, n);
    *ret_v = (uint16_t)v;
    return n > 0;
}

static bool take_colons(struct httpa_slice *s, struct halves *h)
{
    if (httpa_slice_starts(*s, "::")) {
        if (h->gap <= GROUPS) {
            return false;
        }
        h->gap = h->n;
        *s = httpa_slice_from(*s, 2);
        return true;
    }
    if (h->n == 0) {
        return s->n > 0 && s->p[0] != ':';
    }
    if (s->n < 2 || s->p[0] != ':') {
        return false;
    }
    *s = httpa_slice_from(*s, 1);
    return true;
}

static bool read_groups(struct httpa_slice s, struct halves *h)
{
    do {
        unsigned quad[4];
        if (!take_colons(&s, h)) {
            return false;
        }
        if (s.n == 0) {
            break;
        }
        if (h->n + 2 <= GROUPS && read_quad(s, quad)) {
            h->v[h->n++] = (uint16_t)(quad[0] << 8 | quad[1]);
            h->v[h->n++] = (uint16_t)(quad[2] << 8 | quad[3]);
            break;
        }
        if (h->n == GROUPS || !take_group(&s, &h->v[h->n])) {
            return false;
        }
        h->n++;
    } while (s.n > 0);
    return h->gap <= GROUPS ? h->n < GROUPS : h->n == GROUPS;
}

/* RFC 5952 4.2: the first of the longest runs of zeros, at least two. */
static size_t longest_run(const uint16_t v[GROUPS], size_t *ret_n)
{
    size_t best = GROUPS;
    size_t best_n = 1;
    for (size_t i = 0; i < GROUPS; i++) {
        size_t n = 0;
        while (i + n < GROUPS && v[i + n] == 0) {
            n++;
        }
        if (n > best_n) {
            best = i;
            best_n = n;
        }
    }
    *ret_n = best < GROUPS ? best_n : 0;
    return best;
}

static void write_group(struct httpa_buf *out, uint16_t v)
{
    static const char digits[] = "0123456789abcdef";
    bool begun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned d = (unsigned)(v >> shift) & 15;
        begun = begun || d != 0 || shift == 0;
        if (begun) {
            httpa_buf_put_byte(out, (uint8_t)digits[d]);
        }
    }
}

static void write_groups(struct httpa_buf *out, const uint16_t v[GROUPS])
{
    size_t run_n;
    size_t run = longest_run(v, &run_n);
    for (size_t i = 0; i < GROUPS; i++) {
        if (i == run) {
            httpa_buf_put_str(out, "::");
            i += run_n - 1;
            continue;
        }
        if (i > 0 && i != run + run_n) {
            httpa_buf_put_byte(out, ':');
        }
        write_group(out, v[i]);
    }
}

enum httpa_err httpa_ip6_normalise(struct httpa_slice text,
                                   struct httpa_buf *ret_out)
{
    struct halves h = { .gap = GROUPS + 1 };
    if (!read_groups(text, &h)) {
        return HTTPA_ERR_MALFORMED;
    }
    uint16_t v[GROUPS] = { 0 };
    size_t front = h.gap <= GROUPS ? h.gap : h.n;
    memcpy(v, h.v, front * sizeof(v[0]));
    memcpy(v + GROUPS - (h.n - front), h.v + front,
           (h.n - front) * sizeof(v[0]));
    write_groups(ret_out, v);
    return httpa_buf_check(ret_out);
}
