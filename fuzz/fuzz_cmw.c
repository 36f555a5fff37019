/* CMW: a wrapper that was read has no errors left further down, and what is
 * found by its label is what is met on the way. */
#include "fuzz.h"

#include <string.h>

#include "codec/cmw.h"

static struct httpa_slice input;

static void inside(struct httpa_slice s)
{
    must(s.n <= input.n);
    must(s.n == 0 || (s.p >= input.p && s.p + s.n <= input.p + input.n));
}

static void same(const struct httpa_cmw *a, const struct httpa_cmw *b)
{
    must(a->kind == b->kind && a->n == b->n && a->ind == b->ind);
    must(a->content_format == b->content_format);
    must(a->value.n == b->value.n && a->value.p == b->value.p);
    must(a->media_type.p == b->media_type.p);
}

static void find_again(const struct httpa_cmw *all, struct httpa_cbor_key label,
                       const struct httpa_cmw *entry)
{
    char text[64] = { 0 };
    if (!label.is_text || label.text.n >= sizeof(text) ||
        (label.text.n > 0 && memchr(label.text.p, 0, label.text.n) != NULL)) {
        return;
    }
    if (label.text.n > 0) {
        memcpy(text, label.text.p, label.text.n);
    }
    struct httpa_cmw found;
    must(httpa_cmw_find(all, text, &found) == HTTPA_OK);
    same(&found, entry);
}

static void descend(const struct httpa_cmw *cmw)
{
    inside(cmw->media_type);
    inside(cmw->value);
    inside(cmw->collection_type);
    (void)httpa_cmw_is(cmw, "application/eat+cwt");
    must(cmw->kind == HTTPA_CMW_COLLECTION ? cmw->n > 0 : cmw->n == 0);
    must(cmw->ind < 32);
    struct httpa_cmw_iter it = httpa_cmw_entries(cmw);
    struct httpa_cbor_key label;
    struct httpa_cmw entry;
    size_t n = 0;
    while (httpa_cmw_next(&it, &label, &entry)) {
        must(it.items.err == HTTPA_OK);
        find_again(cmw, label, &entry);
        descend(&entry);
        n++;
    }
    must(n == cmw->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input = httpa_slice_of(data, size);
    struct httpa_cmw cmw = { .n = 77 };
    if (httpa_cmw_read(input, &cmw) == HTTPA_OK) {
        descend(&cmw);
    } else {
        must(cmw.n == 77);
    }
    return 0;
}
