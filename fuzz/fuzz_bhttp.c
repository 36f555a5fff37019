/* Binary HTTP heads: what was read is written no longer than it came, and
 * read again as the same. */
#include "fuzz.h"

#include "codec/bhttp.h"

static struct httpa_field first[HTTPA_FIELDS_MAX];
static struct httpa_field second[HTTPA_FIELDS_MAX];

static void
same_fields(const struct httpa_fields *a, const struct httpa_fields *b)
{
    must(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        must(httpa_slice_equal(a->v[i].name, b->v[i].name));
        must(httpa_slice_equal(a->v[i].value, b->v[i].value));
    }
}

static void head(struct httpa_slice in)
{
    struct httpa_head a, b;
    httpa_head_init(&a, first, HTTPA_FIELDS_MAX);
    httpa_head_init(&b, second, HTTPA_FIELDS_MAX);
    if (httpa_bhttp_head_read(in, &a) != HTTPA_OK) {
        must(a.fields.n == 0 && a.status == 0 && a.path.n == 0);
        return;
    }
    struct httpa_buf out = httpa_buf_growing(in.n);
    must(httpa_bhttp_head_write(&a, &out) == HTTPA_OK);
    must(httpa_bhttp_head_read(httpa_buf_slice(&out), &b) == HTTPA_OK);
    must(a.is_request == b.is_request && a.status == b.status);
    must(httpa_slice_equal(a.method, b.method));
    must(httpa_slice_equal(a.scheme, b.scheme));
    must(httpa_slice_equal(a.authority, b.authority));
    must(httpa_slice_equal(a.path, b.path));
    same_fields(&a.fields, &b.fields);
    httpa_buf_done(&out);
}

static void trailers(struct httpa_slice in)
{
    struct httpa_fields a = { .v = first, .cap = HTTPA_FIELDS_MAX };
    struct httpa_fields b = { .v = second, .cap = HTTPA_FIELDS_MAX };
    if (httpa_bhttp_fields_read(in, &a) != HTTPA_OK) {
        must(a.n == 0);
        return;
    }
    struct httpa_buf out = httpa_buf_growing(in.n);
    must(httpa_bhttp_fields_write(&a, &out) == HTTPA_OK);
    must(httpa_bhttp_fields_read(httpa_buf_slice(&out), &b) == HTTPA_OK);
    same_fields(&a, &b);
    httpa_buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    head(httpa_slice_of(data, size));
    trailers(httpa_slice_of(data, size));
    return 0;
}
