#include "wire/clear.h"

#include "base/ascii.h"

#include "base/reader.h"
#include "base/writer.h"

/* Names that no list may hold; a '-' at the end is a prefix. */
static const char *const banned[] = {
    "attest-",
    "content-",
    "httpa-",
    "cookie",
    "set-cookie",
    "host",
    "te",
    "cache-control",
    "connection",
    "proxy-connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "proxy-authenticate",
    "proxy-authorization",
    "trailer",
};

static bool is_banned(struct httpa_slice name, const char *row)
{
    struct httpa_slice r = httpa_slice_str(row);
    if (r.p[r.n - 1] != '-') {
        return httpa_slice_is_nocase(name, row);
    }
    return name.n >= r.n &&
           httpa_slice_is_nocase(httpa_slice_of(name.p, r.n), row);
}

bool httpa_clear_may(struct httpa_slice name)
{
    for (size_t i = 0; i < sizeof(banned) / sizeof(banned[0]); i++) {
        if (is_banned(name, banned[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] != httpa_ascii_lower(name.p[i])) {
            return false; /* inner names are lower case */
        }
    }
    return name.n > 0;
}

enum httpa_err
httpa_clear_keep(const struct httpa_fields *outer, struct httpa_buf *kept)
{
    for (size_t i = 0; i < outer->n; i++) {
        httpa_write_v16(kept, outer->v[i].name);
        httpa_write_v16(kept, outer->v[i].value);
    }
    return httpa_buf_check(kept);
}

static void join(struct httpa_buf *out, struct httpa_slice value)
{
    if (out->n > 0) {
        httpa_buf_put_str(out, ", ");
    }
    httpa_buf_put_slice(out, httpa_ascii_trim(value));
}

/* Lines of |name| among the inner fields, joined. */
static void join_inner(const struct httpa_fields *inner,
                       struct httpa_slice name, struct httpa_buf *out)
{
    for (size_t i = 0; i < inner->n; i++) {
        if (httpa_slice_equal_nocase(inner->v[i].name, name)) {
            join(out, inner->v[i].value);
        }
    }
}

static void join_kept(struct httpa_slice kept, struct httpa_slice name,
                      struct httpa_buf *out)
{
    struct httpa_reader r = httpa_reader_of(kept);
    while (httpa_reader_ok(&r) && r.in.n > 0) {
        struct httpa_slice n = httpa_read_slice(&r, httpa_read_u16(&r));
        struct httpa_slice v = httpa_read_slice(&r, httpa_read_u16(&r));
        if (httpa_slice_equal_nocase(n, name)) {
            join(out, v);
        }
    }
}

static enum httpa_err compare(struct httpa_slice name, struct httpa_slice kept,
                              const struct httpa_fields *inner)
{
    struct httpa_buf a = httpa_buf_growing(HTTPA_LIMIT_REQUEST_HEAD);
    struct httpa_buf b = httpa_buf_growing(HTTPA_LIMIT_REQUEST_HEAD);
    join_inner(inner, name, &a);
    join_kept(kept, name, &b);
    bool same = httpa_buf_check(&a) == HTTPA_OK &&
                httpa_buf_check(&b) == HTTPA_OK && a.n > 0 &&
                httpa_slice_equal(httpa_buf_slice(&a), httpa_buf_slice(&b));
    httpa_buf_done(&a);
    httpa_buf_done(&b);
    return same ? HTTPA_OK : HTTPA_ERR_CLEAR;
}

enum httpa_err httpa_clear_compare(const struct httpa_ahl *sealed,
                                   struct httpa_slice kept,
                                   const struct httpa_fields *inner)
{
    struct httpa_sfv_room room;
    struct httpa_sfv doc;
    enum httpa_err err =
        httpa_ahl_parse(sealed, HTTPA_FIELD_CLEAR, &room, &doc);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    for (size_t i = 0; err == HTTPA_OK && i < doc.member_count; i++) {
        struct httpa_slice name = httpa_sfv_member(&doc, i)->value.text;
        err =
            httpa_clear_may(name) ? compare(name, kept, inner) : HTTPA_ERR_HEAD;
    }
    return err;
}
