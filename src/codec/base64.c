#include "codec/base64.h"

/* Value plus one of each character, so that 0 means "not in the alphabet". */
/* clang-format off */
#define COMMON \
    ['A'] =  1, ['B'] =  2, ['C'] =  3, ['D'] =  4, ['E'] =  5, ['F'] =  6, \
    ['G'] =  7, ['H'] =  8, ['I'] =  9, ['J'] = 10, ['K'] = 11, ['L'] = 12, \
    ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, \
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, \
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, \
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, \
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, \
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, \
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, \
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, \
    ['8'] = 61, ['9'] = 62
/* clang-format on */

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

struct alphabet {
    const char *digits;
    uint8_t values[256];
    bool padded;
};

static const struct alphabet standard = {
    .digits = LETTERS "+/",
    .values = { COMMON, ['+'] = 63, ['/'] = 64 },
    .padded = true,
};

static const struct alphabet url_safe = {
    .digits = LETTERS "-_",
    .values = { COMMON, ['-'] = 63, ['_'] = 64 },
    .padded = false,
};

/* One to three bytes as two to four digits; returns how many. */
static size_t encode_group(const struct alphabet *a, const uint8_t *from,
                           size_t n, uint8_t to[4])
{
    uint32_t v = (uint32_t)from[0] << 16;
    v |= n > 1 ? (uint32_t)from[1] << 8 : 0;
    v |= n > 2 ? from[2] : 0;
    to[0] = (uint8_t)a->digits[v >> 18];
    to[1] = (uint8_t)a->digits[v >> 12 & 63];
    to[2] = (uint8_t)a->digits[v >> 6 & 63];
    to[3] = (uint8_t)a->digits[v & 63];
    return n + 1;
}

static void
encode(const struct alphabet *a, struct httpa_buf *b, struct httpa_slice s)
{
    /* The length of the text, with and without padding, in size_t. */
    if (s.n > SIZE_MAX / 4 - 2) {
        b->failed = true;
        return;
    }
    size_t len = a->padded ? HTTPA_BASE64_LEN(s.n) : HTTPA_BASE64URL_LEN(s.n);
    uint8_t *to = httpa_buf_room(b, len);
    if (to == NULL) {
        return;
    }
    size_t whole = s.n - s.n % 3;
    size_t at = 0;
    for (size_t i = 0; i < whole; i += 3) {
        at += encode_group(a, s.p + i, 3, to + at);
    }
    if (whole < s.n) {
        uint8_t last[4];
        size_t n = encode_group(a, s.p + whole, s.n - whole, last);
        for (size_t i = 0; at < len; i++) {
            to[at++] = i < n ? last[i] : '=';
        }
    }
    httpa_buf_grew(b, len);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Looks at every character of |in| and counts the digits; false when it can
 * not be base64 of this alphabet under |flags|. */
static bool measure(const struct alphabet *a, struct httpa_slice in,
                    unsigned flags, size_t *ret_digits)
{
    size_t digits = 0;
    size_t pads = 0;
    while (digits < in.n && a->values[in.p[digits]] != 0) {
        digits++;
    }
    for (size_t i = digits; i < in.n; i++) {
        if (a->values[in.p[i]] != 0) {
            if (pads > 0) {
                return false;
            }
            digits++;
        } else if (in.p[i] == '=' && a->padded) {
            pads++;
        } else if (!is_space(in.p[i]) ||
                   (flags & HTTPA_BASE64_SKIP_SPACE) == 0) {
            return false;
        }
    }
    size_t due = a->padded ? (4 - digits % 4) % 4 : 0;
    bool lax = (flags & HTTPA_BASE64_LAX_END) != 0 && pads == 0;
    *ret_digits = digits;
    return digits % 4 != 1 && (pads == due || lax);
}

/* Four digits as three bytes; false, and nothing done, if one is none. */
static bool
decode_group(const struct alphabet *a, const uint8_t from[4], uint8_t to[3])
{
    uint32_t v[4] = { a->values[from[0]], a->values[from[1]],
                      a->values[from[2]], a->values[from[3]] };
    if (v[0] == 0 || v[1] == 0 || v[2] == 0 || v[3] == 0) {
        return false;
    }
    uint32_t all = (v[0] - 1) << 18 | (v[1] - 1) << 12 | (v[2] - 1) << 6 |
                   (v[3] - 1);
    to[0] = (uint8_t)(all >> 16);
    to[1] = (uint8_t)(all >> 8);
    to[2] = (uint8_t)all;
    return true;
}

/* Fills |to| from the digits of |in| and returns the bits left over. */
static uint32_t
decode_digits(const struct alphabet *a, struct httpa_slice in, uint8_t *to)
{
    uint32_t v = 0;
    unsigned bits = 0;
    size_t i = 0;
    /* Four digits at a time, up to the first that is none. */
    for (; in.n - i >= 4 && decode_group(a, in.p + i, to); i += 4) {
        to += 3;
    }
    for (; i < in.n; i++) {
        uint8_t digit = a->values[in.p[i]];
        if (digit == 0) {
            continue;
        }
        v = v << 6 | (digit - 1u);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *to++ = (uint8_t)(v >> bits);
        }
    }
    return v & ((1u << bits) - 1);
}

static enum httpa_err decode(const struct alphabet *a, struct httpa_slice in,
                             unsigned flags, struct httpa_buf *out)
{
    size_t digits;
    if (!measure(a, in, flags, &digits)) {
        return HTTPA_ERR_MALFORMED;
    }
    size_t n = digits / 4 * 3 + digits % 4 * 3 / 4;
    if (n == 0) {
        return httpa_buf_check(out);
    }
    uint8_t *to = httpa_buf_room(out, n);
    if (to == NULL) {
        return HTTPA_ERR_SPACE;
    }
    size_t before = out->n;
    uint32_t stray = decode_digits(a, in, to);
    httpa_buf_grew(out, n);
    if (stray != 0 && (flags & HTTPA_BASE64_LAX_END) == 0) {
        httpa_buf_cut(out, before);
        return HTTPA_ERR_MALFORMED;
    }
    return HTTPA_OK;
}

void httpa_base64_write(struct httpa_buf *b, struct httpa_slice s)
{
    encode(&standard, b, s);
}

void httpa_base64url_write(struct httpa_buf *b, struct httpa_slice s)
{
    encode(&url_safe, b, s);
}

enum httpa_err
httpa_base64_read(struct httpa_slice in, unsigned flags, struct httpa_buf *out)
{
    return decode(&standard, in, flags, out);
}

enum httpa_err
httpa_base64url_read(struct httpa_slice in, struct httpa_buf *out)
{
    return decode(&url_safe, in, HTTPA_BASE64_STRICT, out);
}
