#include <httpa/message.h>

void httpa_head_init(struct httpa_head *head, struct httpa_field *v,
                     size_t cap)
{
    *head = (struct httpa_head){ .fields = { .v = v, .cap = cap } };
}

enum httpa_err httpa_fields_add(struct httpa_fields *fields,
                                struct httpa_slice name,
                                struct httpa_slice value)
{
    if (fields->n >= fields->cap) {
        return HTTPA_ERR_LIMIT;
    }
    fields->v[fields->n++] =
        (struct httpa_field){ .name = name, .value = value };
    return HTTPA_OK;
}

const struct httpa_field *httpa_fields_find(const struct httpa_fields *fields,
                                            const char *name)
{
    for (size_t i = 0; i < fields->n; i++) {
        if (httpa_slice_is_nocase(fields->v[i].name, name)) {
            return &fields->v[i];
        }
    }
    return NULL;
}

size_t httpa_fields_count(const struct httpa_fields *fields, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < fields->n; i++) {
        count += httpa_slice_is_nocase(fields->v[i].name, name) ? 1 : 0;
    }
    return count;
}
