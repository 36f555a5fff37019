/* Structured fields: what parses has a canonical text that means the same. */
#include "fuzz.h"

#include "codec/sfv.h"

static bool same_bare(struct httpa_sfv_bare a, struct httpa_sfv_bare b)
{
    return a.type == b.type && a.integer == b.integer &&
           httpa_slice_equal(a.text, b.text);
}

static void same_item(const struct httpa_sfv *a, const struct httpa_sfv_item *x,
                      const struct httpa_sfv *b, const struct httpa_sfv_item *y)
{
    must(httpa_slice_equal(x->key, y->key));
    must(same_bare(x->value, y->value));
    must(x->param_count == y->param_count);
    must(x->inner_count == y->inner_count);
    for (size_t i = 0; i < x->param_count; i++) {
        const struct httpa_sfv_param *p = httpa_sfv_param_at(a, x, i);
        const struct httpa_sfv_param *q = httpa_sfv_param_at(b, y, i);
        must(httpa_slice_equal(p->key, q->key));
        must(same_bare(p->value, q->value));
    }
    for (size_t i = 0; i < x->inner_count; i++) {
        same_item(a, httpa_sfv_inner(a, x, i), b, httpa_sfv_inner(b, y, i));
    }
}

static void same(const struct httpa_sfv *a, const struct httpa_sfv *b)
{
    must(a->member_count == b->member_count);
    for (size_t i = 0; i < a->member_count; i++) {
        same_item(a, httpa_sfv_member(a, i), b, httpa_sfv_member(b, i));
    }
}

/* The first byte chooses kind and mode, the rest is the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct httpa_sfv_room first_room, second_room;
    static uint8_t text[1 << 16], again[1 << 16];
    if (size == 0) {
        return 0;
    }
    enum httpa_sfv_kind kind = (enum httpa_sfv_kind)(data[0] % 3 + 1);
    enum httpa_sfv_mode mode =
        data[0] & 0x80 ? HTTPA_SFV_RFC : HTTPA_SFV_STRICT;
    struct httpa_slice in = httpa_slice_of(data + 1, size - 1);

    struct httpa_sfv a = httpa_sfv_over(&first_room);
    if (httpa_sfv_read(&a, kind, in, mode) != HTTPA_OK) {
        must(a.member_count == 0 && a.text.n == 0);
        return 0;
    }
    struct httpa_buf out = httpa_buf_fixed(text, sizeof(text));
    if (httpa_sfv_write(&a, &out) != HTTPA_OK) {
        must(size > sizeof(text) / 3); /* an escape triples a character */
        return 0;
    }
    struct httpa_sfv b = httpa_sfv_over(&second_room);
    must(httpa_sfv_read(&b, kind, httpa_buf_slice(&out), mode) == HTTPA_OK);
    same(&a, &b);
    struct httpa_buf twice = httpa_buf_fixed(again, sizeof(again));
    must(httpa_sfv_write(&b, &twice) == HTTPA_OK);
    must(httpa_slice_equal(httpa_buf_slice(&out), httpa_buf_slice(&twice)));
    return 0;
}
