/* JSON: what is read lies inside its document, is found by its own name, and
 * every value is a document of its own. */
#include "fuzz.h"

#include "codec/json_read.h"

static void must_lie_in(struct httpa_slice inner, struct httpa_slice outer)
{
    must(inner.n > 0 && inner.p >= outer.p &&
         inner.p + inner.n <= outer.p + outer.n);
}

static void scalar(struct httpa_json_value value)
{
    struct httpa_slice text;
    uint64_t number;
    if (httpa_json_text(value, &text) == HTTPA_OK) {
        must(value.kind == HTTPA_JSON_STRING && text.n + 2 == value.raw.n);
    }
    if (httpa_json_uint(value, &number) == HTTPA_OK) {
        must(value.kind == HTTPA_JSON_NUMBER && value.raw.n <= 20);
    }
}

static void walk(struct httpa_json_value value)
{
    struct httpa_json_items items;
    struct httpa_json_value item;
    struct httpa_json_value again;
    struct httpa_slice name;
    char room[32];
    scalar(value);
    must(httpa_json_read(value.raw, &again) == HTTPA_OK);
    must(httpa_slice_equal(again.raw, value.raw) && again.kind == value.kind);
    if (httpa_json_items_of(value, &items) != HTTPA_OK) {
        return;
    }
    while (httpa_json_next(&items, &name, &item)) {
        must_lie_in(item.raw, value.raw);
        if (name.n > 0 && name.n < sizeof(room) &&
            memchr(name.p, 0, name.n) == NULL) {
            memcpy(room, name.p, name.n);
            room[name.n] = '\0';
            must(httpa_json_find(value, room, &again) == HTTPA_OK);
            must(again.raw.p == item.raw.p && again.raw.n == item.raw.n);
        }
        walk(item);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_json_value value;
    /* every level is read again: the square of a long document */
    if (size <= 4096 && httpa_json_read(in, &value) == HTTPA_OK) {
        must_lie_in(value.raw, in);
        walk(value);
    }
    return 0;
}
