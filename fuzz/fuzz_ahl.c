/* Attest-* heads: the first byte is the place, the rest lines "name:value".
 * What is read is built again from its canonical text and covered alike. */
#include "fuzz.h"

#include "wire/ahl.h"

#define PLACES 10

static struct httpa_field lines[HTTPA_FIELDS_MAX];
static struct httpa_field again[HTTPA_FIELDS_MAX];
static struct httpa_ahl first;
static struct httpa_ahl second;

static struct httpa_fields split(struct httpa_slice in)
{
    struct httpa_fields f = { .v = lines, .cap = HTTPA_FIELDS_MAX };
    size_t start = 0;
    size_t colon = 0;
    for (size_t i = 0; i <= in.n && f.n < f.cap; i++) {
        if (i < in.n && in.p[i] == ':' && colon == start) {
            colon = i;
        } else if (i == in.n || in.p[i] == '\n') {
            f.v[f.n].name = httpa_slice_of(in.p + start, colon - start);
            f.v[f.n++].value = httpa_slice_of(
                in.p + colon + (colon > start ? 1 : 0),
                i - colon - (colon > start ? 1 : 0));
            start = i + 1;
            colon = start;
        }
    }
    return f;
}

static size_t cover(const struct httpa_ahl *ahl, uint8_t *to)
{
    struct httpa_buf b = httpa_buf_fixed(to, HTTPA_AHL_CANONICAL_MAX);
    must(httpa_ahl_canonical(ahl, 0, &b) == HTTPA_OK);
    return b.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t x[HTTPA_AHL_CANONICAL_MAX];
    static uint8_t y[HTTPA_AHL_CANONICAL_MAX];
    if (size == 0) {
        return 0;
    }
    enum httpa_place place = (enum httpa_place)(1 << data[0] % PLACES);
    struct httpa_fields f = split(httpa_slice_of(data + 1, size - 1));
    if (httpa_ahl_read(&f, place, &first) != HTTPA_OK) {
        must(first.have == 0 && first.unknown_count == 0);
        return 0;
    }
    struct httpa_fields g = { .v = again, .cap = HTTPA_FIELDS_MAX };
    must(httpa_ahl_to_fields(&first, &g) == HTTPA_OK);
    must(g.n <= HTTPA_LIMIT_AHL_FIELDS);
    /* Canonical text may be longer than what came: a space behind a comma. */
    enum httpa_err err = httpa_ahl_read(&g, place, &second);
    must(err == HTTPA_OK || err == HTTPA_ERR_RANGE || err == HTTPA_ERR_LIMIT);
    if (err == HTTPA_OK && first.have == second.have) {
        size_t n = cover(&first, x);
        must(cover(&second, y) == n);
        must(httpa_slice_equal(httpa_slice_of(x, n), httpa_slice_of(y, n)));
    }
    return 0;
}
