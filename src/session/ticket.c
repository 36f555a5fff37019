#include "session/ticket.h"

#include "base/writer.h"

/* doc/protocol.md 9.2: the same in every message of this version. */
#define KIND_SEALED 2
#define PROTECT "seal"
#define NO_CARGO 0
#define NO_COMPONENTS 0

#define WITHOUT_TICKET                                                     \
    (HTTPA_FIELD_BIT(HTTPA_FIELD_TICKET) | HTTPA_FIELD_BIT(HTTPA_FIELD_CARGO))
#define WITHOUT_BINDER                                                     \
    (HTTPA_FIELD_BIT(HTTPA_FIELD_BINDER) | HTTPA_FIELD_BIT(HTTPA_FIELD_CARGO))

static void write_rest(const struct httpa_ahl *ahl, uint32_t without,
                       struct httpa_buf *out)
{
    httpa_write_v8(out, httpa_slice_str(PROTECT));
    httpa_buf_put_byte(out, NO_CARGO);
    if (httpa_ahl_canonical(ahl, without, out) != HTTPA_OK) {
        out->failed = true;
    }
    httpa_write_u16(out, NO_COMPONENTS);
}

void httpa_ticket_aad(uint64_t n, const struct httpa_ahl *ahl,
                      struct httpa_buf *out)
{
    httpa_write_label(out, "httpa/2 ticket");
    httpa_buf_put_byte(out, KIND_SEALED);
    httpa_write_u64(out, n);
    write_rest(ahl, WITHOUT_TICKET, out);
}

void httpa_binder_aad(const struct httpa_ticket *t, unsigned outer_status,
                      const struct httpa_ahl *ahl, struct httpa_buf *out)
{
    httpa_write_label(out, "httpa/2 binder");
    httpa_buf_put_byte(out, KIND_SEALED);
    httpa_write_u64(out, t->n);
    httpa_buf_put(out, t->mac, sizeof(t->mac));
    httpa_write_u16(out, (uint16_t)outer_status);
    write_rest(ahl, WITHOUT_BINDER, out);
}

/* Charges the key's meter for the tag of number |n| and makes its nonce. */
static enum httpa_err count_tag(struct httpa_tag_key key, uint64_t n,
                                const struct httpa_buf *aad,
                                uint8_t ret_nonce[HTTPA_AEAD_NONCE])
{
    enum httpa_err err = httpa_buf_check(aad);
    if (err == HTTPA_OK) {
        err = httpa_meter_take(key.meter, aad->n, 0);
    }
    if (err == HTTPA_OK) {
        httpa_schedule_nonce(key.iv, n, HTTPA_INDEX_TAG, ret_nonce);
    }
    return err;
}

/* The one tag of number |n| over |aad|: an AEAD of nothing. */
static enum httpa_err seal_tag(struct httpa_tag_key key, uint64_t n,
                               const struct httpa_buf *aad,
                               uint8_t ret_tag[HTTPA_TICKET_MAC])
{
    uint8_t nonce[HTTPA_AEAD_NONCE];
    struct httpa_aead_parts empty = { 0 };
    enum httpa_err err = count_tag(key, n, aad, nonce);
    if (err != HTTPA_OK) {
        return err;
    }
    return httpa_aead_seal(key.aead, nonce,
                           httpa_aead_one(httpa_buf_slice(aad)), empty,
                           ret_tag);
}

static enum httpa_err open_tag(struct httpa_tag_key key, uint64_t n,
                               const struct httpa_buf *aad,
                               const uint8_t tag[HTTPA_TICKET_MAC])
{
    uint8_t nonce[HTTPA_AEAD_NONCE];
    uint8_t nothing[HTTPA_TICKET_MAC];
    enum httpa_err err = count_tag(key, n, aad, nonce);
    if (err != HTTPA_OK) {
        return err;
    }
    return httpa_aead_open(key.aead, nonce,
                           httpa_aead_one(httpa_buf_slice(aad)),
                           httpa_slice_of(tag, HTTPA_TICKET_MAC), nothing);
}

enum httpa_err httpa_ticket_read(const struct httpa_ahl *ahl,
                                 struct httpa_ticket *ret_t)
{
    struct httpa_sfv_room room;
    struct httpa_sfv doc;
    enum httpa_err err =
        httpa_ahl_parse(ahl, HTTPA_FIELD_TICKET, &room, &doc);
    if (err != HTTPA_OK) {
        return err;
    }
    const struct httpa_sfv_item *item = httpa_sfv_member(&doc, 0);
    const struct httpa_sfv_bare *mac = httpa_sfv_param(&doc, item, "mac");
    if (mac == NULL) {
        return HTTPA_ERR_MISSING;
    }
    if (mac->type != HTTPA_SFV_BYTES || mac->text.n != HTTPA_TICKET_MAC ||
        item->value.integer < 1) {
        return HTTPA_ERR_MALFORMED;
    }
    ret_t->n = (uint64_t)item->value.integer;
    struct httpa_buf to = httpa_buf_fixed(ret_t->mac, sizeof(ret_t->mac));
    httpa_buf_put_slice(&to, mac->text);
    return httpa_buf_check(&to);
}

enum httpa_err httpa_ticket_seal(struct httpa_tag_key key, uint64_t n,
                                 struct httpa_ahl *ahl,
                                 struct httpa_ticket *ret_t)
{
    uint8_t bytes[HTTPA_TICKET_AAD_MAX];
    struct httpa_buf aad = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_ticket t = { .n = n };
    httpa_ticket_aad(n, ahl, &aad);
    enum httpa_err err = seal_tag(key, n, &aad, t.mac);
    if (err != HTTPA_OK) {
        return err;
    }
    uint8_t value[64];
    struct httpa_buf text = httpa_buf_fixed(value, sizeof(value));
    struct httpa_sfv_writer w = httpa_sfv_writer_of(&text);
    httpa_sfv_put(&w, httpa_sfv_integer((int64_t)n));
    httpa_sfv_put_param(
        &w, "mac", httpa_sfv_bytes(httpa_slice_of(t.mac, sizeof(t.mac))));
    err = httpa_buf_check(&text);
    if (err == HTTPA_OK) {
        err = httpa_ahl_set(ahl, HTTPA_FIELD_TICKET, httpa_buf_slice(&text));
    }
    if (err == HTTPA_OK) {
        *ret_t = t;
    }
    return err;
}

enum httpa_err httpa_ticket_open(struct httpa_tag_key key,
                                 const struct httpa_ticket *t,
                                 const struct httpa_ahl *ahl)
{
    uint8_t bytes[HTTPA_TICKET_AAD_MAX];
    struct httpa_buf aad = httpa_buf_fixed(bytes, sizeof(bytes));
    httpa_ticket_aad(t->n, ahl, &aad);
    return open_tag(key, t->n, &aad, t->mac);
}

enum httpa_err httpa_binder_seal(struct httpa_tag_key key,
                                 const struct httpa_ticket *t,
                                 unsigned outer_status, struct httpa_ahl *ahl,
                                 uint8_t ret_binder[HTTPA_TICKET_MAC])
{
    uint8_t bytes[HTTPA_TICKET_AAD_MAX];
    struct httpa_buf aad = httpa_buf_fixed(bytes, sizeof(bytes));
    httpa_binder_aad(t, outer_status, ahl, &aad);
    enum httpa_err err = seal_tag(key, t->n, &aad, ret_binder);
    if (err != HTTPA_OK) {
        return err;
    }
    return httpa_ahl_set_bare(
        ahl, HTTPA_FIELD_BINDER,
        httpa_sfv_bytes(httpa_slice_of(ret_binder, HTTPA_TICKET_MAC)));
}

enum httpa_err httpa_binder_open(struct httpa_tag_key key,
                                 const struct httpa_ticket *t,
                                 unsigned outer_status,
                                 const struct httpa_ahl *ahl,
                                 uint8_t ret_binder[HTTPA_TICKET_MAC])
{
    uint8_t bytes[HTTPA_TICKET_AAD_MAX];
    struct httpa_buf aad = httpa_buf_fixed(bytes, sizeof(bytes));
    uint8_t tag[HTTPA_TICKET_MAC];
    if (httpa_ahl_bytes_exact(ahl, HTTPA_FIELD_BINDER, tag, sizeof(tag)) !=
        HTTPA_OK) {
        return HTTPA_ERR_BINDER;
    }
    httpa_binder_aad(t, outer_status, ahl, &aad);
    enum httpa_err err = open_tag(key, t->n, &aad, tag);
    if (err != HTTPA_OK) {
        return err == HTTPA_ERR_TAG ? HTTPA_ERR_BINDER : err;
    }
    struct httpa_buf to = httpa_buf_fixed(ret_binder, HTTPA_TICKET_MAC);
    httpa_buf_put(&to, tag, sizeof(tag));
    return httpa_buf_check(&to);
}
