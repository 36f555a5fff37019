#include "handshake/content.h"

#include "codec/cbor_write.h"
#include "wire/limits.h"

#define TYPE_OCTETS "application/octet-stream"

void httpa_aths_content_write_pad(struct httpa_buf *out)
{
    static const uint8_t zero[1] = { 0 };
    httpa_cmw_put_collection(out, 1);
    httpa_cmw_put_label(out, "pad");
    httpa_cmw_put_record(out, TYPE_OCTETS, httpa_slice_of(zero, 1), 0);
}

static enum httpa_err
read_collection(struct httpa_slice content, struct httpa_cmw *ret)
{
    if (content.n > HTTPA_LIMIT_ATHS_CONTENT) {
        return HTTPA_ERR_LIMIT;
    }
    enum httpa_err err = httpa_cmw_read(content, ret);
    if (err == HTTPA_OK && (ret->kind != HTTPA_CMW_COLLECTION ||
                            ret->n > HTTPA_LIMIT_CMW_ENTRIES)) {
        err = HTTPA_ERR_MALFORMED;
    }
    return err;
}

enum httpa_err httpa_aths_content_check(struct httpa_slice content)
{
    struct httpa_cmw all;
    return read_collection(content, &all);
}

static void write_record(struct httpa_buf *out, struct httpa_slice media_type,
                         struct httpa_slice value)
{
    httpa_cbor_put_array(out, 2);
    httpa_cbor_put_text(out, media_type);
    httpa_cbor_put_bytes(out, value);
}

static void
write_evidence(const struct httpa_aths_content *c, struct httpa_buf *out)
{
    httpa_cmw_put_label(out, "evidence");
    if (c->item_count != 1) {
        httpa_cbor_put_map(out, c->item_count);
    }
    for (size_t i = 0; i < c->item_count; i++) {
        if (c->item_count != 1) {
            httpa_cbor_put_uint(out, i);
        }
        write_record(out, c->items[i].media_type, c->items[i].value);
    }
}

static void
write_endorsements(const struct httpa_aths_content *c, struct httpa_buf *out)
{
    httpa_cmw_put_label(out, "endorsements");
    httpa_cbor_put_map(out, c->endorsement_count);
    for (size_t i = 0; i < c->endorsement_count; i++) {
        httpa_cbor_put_uint(out, i);
        write_record(out, c->endorsements[i].media_type,
                     c->endorsements[i].value);
    }
}

/* Labels in the order of RFC 8949 4.2.1: shorter first. */
void httpa_aths_content_write(const struct httpa_aths_content *c,
                              struct httpa_buf *out)
{
    size_t n =
        1 + (c->chain.n > 0 ? 1u : 0u) + (c->endorsement_count > 0 ? 1u : 0u);
    httpa_cmw_put_collection(out, n);
    if (c->chain.n > 0) {
        httpa_cmw_put_label(out, "chain");
        httpa_cmw_put_record(
            out, c->chain_is_pem ? HTTPA_TYPE_PEM_CHAIN : HTTPA_TYPE_SPKI,
            c->chain, 0);
    }
    write_evidence(c, out);
    if (c->endorsement_count > 0) {
        write_endorsements(c, out);
    }
}

/* A record with a media type, of at most |max| bytes, and there is room. */
static enum httpa_err
check_record(const struct httpa_cmw *cmw, bool has_room, size_t max)
{
    if (cmw->kind != HTTPA_CMW_RECORD || cmw->media_type.n == 0) {
        return HTTPA_ERR_MALFORMED;
    }
    return has_room && cmw->media_type.n <= HTTPA_LIMIT_MEDIA_TYPE &&
                   cmw->value.n <= max
               ? HTTPA_OK
               : HTTPA_ERR_RANGE;
}

static enum httpa_err
read_item(const struct httpa_cmw *cmw, struct httpa_aths_content *c)
{
    enum httpa_err err = check_record(cmw, c->item_count < HTTPA_QUOTES_MAX,
                                      HTTPA_LIMIT_EVIDENCE);
    if (err != HTTPA_OK) {
        return err;
    }
    c->items[c->item_count++] = (struct httpa_evidence){
        .media_type = cmw->media_type,
        .value = cmw->value,
    };
    return HTTPA_OK;
}

/* Integer labels 0, 1, ... in order, as Attest-Quotes lists them.  One item
 * has one form, the record. */
static enum httpa_err
read_items(const struct httpa_cmw *collection, struct httpa_aths_content *c)
{
    if (collection->n == 1) {
        return HTTPA_ERR_MALFORMED;
    }
    struct httpa_cmw_iter it = httpa_cmw_entries(collection);
    struct httpa_cbor_key label;
    struct httpa_cmw cmw;
    enum httpa_err err = HTTPA_OK;
    while (err == HTTPA_OK && httpa_cmw_next(&it, &label, &cmw)) {
        if (label.is_text || label.number != (int64_t)c->item_count) {
            return HTTPA_ERR_MALFORMED;
        }
        err = read_item(&cmw, c);
    }
    return err;
}

static enum httpa_err
read_endorsement(const struct httpa_cmw *cmw, struct httpa_aths_content *c)
{
    enum httpa_err err =
        check_record(cmw, c->endorsement_count < HTTPA_ENDORSEMENTS_MAX,
                     HTTPA_LIMIT_ENDORSEMENT);
    if (err != HTTPA_OK) {
        return err;
    }
    c->endorsements[c->endorsement_count++] = (struct httpa_endorsement){
        .media_type = cmw->media_type,
        .value = cmw->value,
    };
    return HTTPA_OK;
}

/* Always a collection, with integer labels 0, 1, ... in order. */
static enum httpa_err
read_endorsements(const struct httpa_cmw *all, struct httpa_aths_content *c)
{
    struct httpa_cmw list;
    struct httpa_cmw cmw;
    struct httpa_cbor_key label;
    enum httpa_err err = httpa_cmw_find(all, "endorsements", &list);
    if (err != HTTPA_OK) {
        return err == HTTPA_ERR_MISSING ? HTTPA_OK : err;
    }
    if (list.kind != HTTPA_CMW_COLLECTION) {
        return HTTPA_ERR_MALFORMED;
    }
    struct httpa_cmw_iter it = httpa_cmw_entries(&list);
    while (err == HTTPA_OK && httpa_cmw_next(&it, &label, &cmw)) {
        if (label.is_text || label.number != (int64_t)c->endorsement_count) {
            return HTTPA_ERR_MALFORMED;
        }
        err = read_endorsement(&cmw, c);
    }
    return err;
}

static enum httpa_err
read_chain(const struct httpa_cmw *all, struct httpa_aths_content *c)
{
    struct httpa_cmw cmw;
    enum httpa_err err = httpa_cmw_find(all, "chain", &cmw);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    c->chain_is_pem = httpa_cmw_is(&cmw, HTTPA_TYPE_PEM_CHAIN);
    if (!c->chain_is_pem && !httpa_cmw_is(&cmw, HTTPA_TYPE_SPKI)) {
        return HTTPA_ERR_MALFORMED;
    }
    size_t max = c->chain_is_pem ? HTTPA_LIMIT_CHAIN : HTTPA_LIMIT_SPKI;
    if (cmw.value.n == 0 || cmw.value.n > max) {
        return HTTPA_ERR_RANGE;
    }
    c->chain = cmw.value;
    return HTTPA_OK;
}

static enum httpa_err
read_evidence(const struct httpa_cmw *all, struct httpa_aths_content *c)
{
    struct httpa_cmw cmw;
    enum httpa_err err = httpa_cmw_find(all, "evidence", &cmw);
    if (err != HTTPA_OK) {
        return err;
    }
    return cmw.kind == HTTPA_CMW_COLLECTION ? read_items(&cmw, c)
                                            : read_item(&cmw, c);
}

enum httpa_err
httpa_aths_content_read(struct httpa_slice in, struct httpa_aths_content *ret)
{
    struct httpa_cmw all;
    struct httpa_aths_content c = { 0 };
    enum httpa_err err = read_collection(in, &all);
    if (err == HTTPA_OK) {
        err = read_evidence(&all, &c);
    }
    if (err == HTTPA_OK) {
        err = read_chain(&all, &c);
    }
    if (err == HTTPA_OK) {
        err = read_endorsements(&all, &c);
    }
    if (err == HTTPA_OK) {
        *ret = c;
    }
    return err;
}
