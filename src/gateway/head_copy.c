#include "gateway/head_copy.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static struct httpa_slice keep(struct httpa_head_copy *c, struct httpa_slice s)
{
    if (s.n == 0) {
        return httpa_slice_of(NULL, 0);
    }
    uint8_t *at = c->bytes + c->used;
    memcpy(at, s.p, s.n);
    c->used += s.n;
    return httpa_slice_of(at, s.n);
}

static size_t text_size(const struct httpa_head *head)
{
    size_t n =
        head->method.n + head->scheme.n + head->authority.n + head->path.n;
    for (size_t i = 0; i < head->fields.n; i++) {
        n += head->fields.v[i].name.n + head->fields.v[i].value.n;
    }
    return n;
}

enum httpa_err httpa_head_copy(const struct httpa_head *head,
                               size_t extra_fields, size_t extra_bytes,
                               struct httpa_head_copy *ret)
{
    size_t cap = head->fields.n + extra_fields;
    size_t array = cap * sizeof(struct httpa_field);
    struct httpa_head_copy c = { .size = array + text_size(head) + extra_bytes,
                                 .used = array };
    c.bytes = malloc(c.size + 1);
    if (c.bytes == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    struct httpa_field *fields = (void *)c.bytes;
    for (size_t i = 0; i < head->fields.n; i++) {
        fields[i].name = keep(&c, head->fields.v[i].name);
        fields[i].value = keep(&c, head->fields.v[i].value);
    }
    c.head = *head;
    c.head.method = keep(&c, head->method);
    c.head.scheme = keep(&c, head->scheme);
    c.head.authority = keep(&c, head->authority);
    c.head.path = keep(&c, head->path);
    c.head.fields =
        (struct httpa_fields){ .v = fields, .n = head->fields.n, .cap = cap };
    *ret = c;
    return HTTPA_OK;
}

enum httpa_err httpa_head_copy_add(struct httpa_head_copy *c, const char *name,
                                   struct httpa_slice value)
{
    if (c->size - c->used < value.n) {
        return HTTPA_ERR_SPACE;
    }
    return httpa_fields_add(&c->head.fields, httpa_slice_str(name),
                            keep(c, value));
}

void httpa_head_copy_done(struct httpa_head_copy *c)
{
    if (c->bytes != NULL) {
        httpa_wipe(c->bytes, c->used);
    }
    free(c->bytes);
    *c = (struct httpa_head_copy){ 0 };
}
