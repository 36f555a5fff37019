/*
 * The parsed HTTP message: the only form in which HTTP enters and leaves the
 * library.  Bytes on a wire belong to whatever HTTP stack hosts us.
 *
 * A head borrows everything: its slices point into memory that whoever filled
 * it in names, and the array of fields is the caller's.
 *
 *   struct httpa_field room[HTTPA_FIELDS_MAX];
 *   struct httpa_head head;
 *   httpa_head_init(&head, room, HTTPA_FIELDS_MAX);
 *
 * Content and trailers travel beside the head, never in it.
 */
#ifndef HTTPA_MESSAGE_H
#define HTTPA_MESSAGE_H

#include <httpa/slice.h>

/* Fields in one section; more is an attack or a mistake. */
#define HTTPA_FIELDS_MAX 256u

struct httpa_field {
    struct httpa_slice name;
    struct httpa_slice value;
};

struct httpa_fields {
    struct httpa_field *v; /* the caller's array */
    size_t n;              /* in use */
    size_t cap;
};

struct httpa_head {
    bool is_request;
    struct httpa_slice method;    /* request */
    struct httpa_slice scheme;    /* request; may be empty on an outer head */
    struct httpa_slice authority; /* request; Host of an outer head */
    struct httpa_slice path;      /* request: path and query, or "*" */
    unsigned status;              /* response: 100..599 */
    struct httpa_fields fields;
};

/* An empty head over |cap| fields of the caller's. */
void httpa_head_init(struct httpa_head *head, struct httpa_field *v,
                     size_t cap);

/* Appends a field; the slices are borrowed.  HTTPA_ERR_LIMIT when full. */
HTTPA_MUST_USE enum httpa_err httpa_fields_add(struct httpa_fields *fields,
                                               struct httpa_slice name,
                                               struct httpa_slice value);

/* The first field called |name| (compared without case), or NULL. */
const struct httpa_field *httpa_fields_find(const struct httpa_fields *fields,
                                            const char *name);

/* How many fields are called |name|. */
size_t httpa_fields_count(const struct httpa_fields *fields,
                          const char *name);

#endif
