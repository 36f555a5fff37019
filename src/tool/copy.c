#include "tool/copy.h"

#include <stdlib.h>
#include <string.h>

static struct httpa_slice keep(uint8_t **at, struct httpa_slice s)
{
    struct httpa_slice kept = httpa_slice_of(*at, s.n);
    if (s.n > 0) {
        memcpy(*at, s.p, s.n);
        *at += s.n;
    }
    return kept;
}

enum httpa_err
httpa_copy_head(struct httpa_copy *copy, const struct httpa_head *head)
{
    const struct httpa_fields *f = &head->fields;
    size_t n =
        head->method.n + head->scheme.n + head->authority.n + head->path.n + 1;
    for (size_t i = 0; i < f->n; i++) {
        n += f->v[i].name.n + f->v[i].value.n;
    }
    uint8_t *at = malloc(n);
    if (at == NULL || f->n > HTTPA_FIELDS_MAX) {
        free(at);
        return HTTPA_ERR_MEMORY;
    }
    httpa_copy_done(copy);
    copy->bytes = at;
    httpa_head_init(&copy->head, copy->fields, HTTPA_FIELDS_MAX);
    copy->head.is_request = head->is_request;
    copy->head.status = head->status;
    copy->head.method = keep(&at, head->method);
    copy->head.scheme = keep(&at, head->scheme);
    copy->head.authority = keep(&at, head->authority);
    copy->head.path = keep(&at, head->path);
    for (size_t i = 0; i < f->n; i++) {
        copy->fields[i].name = keep(&at, f->v[i].name);
        copy->fields[i].value = keep(&at, f->v[i].value);
    }
    copy->head.fields.n = f->n;
    return HTTPA_OK;
}

void httpa_copy_done(struct httpa_copy *copy)
{
    free(copy->bytes);
    copy->bytes = NULL;
}
