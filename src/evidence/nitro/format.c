#include "evidence/nitro/nitro.h"

#include "codec/cbor.h"
#include "codec/time.h"

/* The encoded protected header {1: -35}: ES384 and nothing else. */
static const uint8_t protected_es384[] = { 0xa1, 0x01, 0x38, 0x22 };

/* The NSM API forbids null, and every real document has it; some have empty
 * strings.  Both are read as what is not there. */
static struct httpa_slice read_optional(struct httpa_cbor *c, size_t max)
{
    return httpa_cbor_null(c) ? (struct httpa_slice){ 0 }
                              : httpa_cbor_bytes_of(c, 0, max);
}

static void read_module(struct httpa_cbor *c, struct httpa_nitro *d)
{
    d->module_id = httpa_cbor_text(c);
    if (d->module_id.n == 0 || d->module_id.n > HTTPA_NITRO_MODULE_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
    }
}

static void read_digest(struct httpa_cbor *c, struct httpa_nitro *d)
{
    (void)d;
    if (!httpa_slice_is(httpa_cbor_text(c), "SHA384")) {
        httpa_cbor_fail(c, HTTPA_ERR_UNSUPPORTED);
    }
}

static void read_timestamp(struct httpa_cbor *c, struct httpa_nitro *d)
{
    uint64_t ms = httpa_cbor_uint(c);
    if (ms == 0 || ms / 1000 > HTTPA_TIME_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
        return;
    }
    d->timestamp_ms = (int64_t)ms;
}

static void read_pcr(struct httpa_cbor *items, struct httpa_nitro *d)
{
    struct httpa_cbor_key key = httpa_cbor_key(items);
    struct httpa_slice value = httpa_cbor_bytes(items);
    bool length = value.n == 32 || value.n == 48 || value.n == 64;
    if (!length || key.is_text || key.number < 0 ||
        key.number >= (int64_t)HTTPA_NITRO_PCRS) {
        httpa_cbor_fail(items, HTTPA_ERR_RANGE);
        return;
    }
    d->pcr[key.number] = value;
    d->pcr_mask |= UINT32_C(1) << key.number;
}

static void read_pcrs(struct httpa_cbor *c, struct httpa_nitro *d)
{
    struct httpa_cbor_map map = httpa_cbor_map(c);
    struct httpa_cbor items = httpa_cbor_map_items(&map);
    while (httpa_cbor_more(&items)) {
        read_pcr(&items, d);
    }
    enum httpa_err err = httpa_cbor_end(&items);
    if (err != HTTPA_OK || map.n == 0) {
        httpa_cbor_fail(c, err != HTTPA_OK ? err : HTTPA_ERR_RANGE);
    }
}

static void read_certificate(struct httpa_cbor *c, struct httpa_nitro *d)
{
    d->certificate = httpa_cbor_bytes_of(c, 1, HTTPA_NITRO_CERT_MAX);
}

static void read_bundle(struct httpa_cbor *c, struct httpa_nitro *d)
{
    size_t n = 0;
    struct httpa_cbor items = httpa_cbor_array(c, &n);
    if (n == 0 || n > HTTPA_NITRO_BUNDLE_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
        return;
    }
    while (httpa_cbor_more(&items)) {
        d->cabundle[d->cabundle_n++] =
            httpa_cbor_bytes_of(&items, 1, HTTPA_NITRO_CERT_MAX);
    }
    enum httpa_err err = httpa_cbor_end(&items);
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
}

static void read_public_key(struct httpa_cbor *c, struct httpa_nitro *d)
{
    d->public_key = read_optional(c, HTTPA_NITRO_KEY_MAX);
}

static void read_user_data(struct httpa_cbor *c, struct httpa_nitro *d)
{
    d->user_data = read_optional(c, HTTPA_NITRO_DATA_MAX);
}

static void read_nonce(struct httpa_cbor *c, struct httpa_nitro *d)
{
    d->nonce = read_optional(c, HTTPA_NITRO_DATA_MAX);
}

struct member {
    const char *name;
    void (*read)(struct httpa_cbor *c, struct httpa_nitro *d);
    bool optional;
};
static const struct member members[] = {
    { "module_id", read_module, false },
    { "digest", read_digest, false },
    { "timestamp", read_timestamp, false },
    { "pcrs", read_pcrs, false },
    { "certificate", read_certificate, false },
    { "cabundle", read_bundle, false },
    { "public_key", read_public_key, true },
    { "user_data", read_user_data, true },
    { "nonce", read_nonce, true },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/* The row of |key|, or MEMBERS.  A NitroTPM's "nitrotpm_pcrs" has none: its
 * registers mean other things under the same root. */
static size_t find_member(struct httpa_cbor_key key)
{
    size_t i = 0;
    while (i < MEMBERS &&
           !(key.is_text && httpa_slice_is(key.text, members[i].name))) {
        i++;
    }
    return i;
}

static enum httpa_err
read_members(struct httpa_cbor *items, struct httpa_nitro *d)
{
    bool seen[MEMBERS] = { false };
    while (httpa_cbor_more(items)) {
        size_t i = find_member(httpa_cbor_key(items));
        if (i == MEMBERS) {
            httpa_cbor_fail(items, HTTPA_ERR_UNSUPPORTED);
            break;
        }
        members[i].read(items, d);
        seen[i] = true;
    }
    enum httpa_err err = httpa_cbor_end(items);
    for (size_t i = 0; err == HTTPA_OK && i < MEMBERS; i++) {
        if (!seen[i] && !members[i].optional) {
            err = HTTPA_ERR_MISSING;
        }
    }
    return err;
}

/* Some documents are a map of indefinite length; what is signed is the bytes
 * either way. */
static enum httpa_err
read_payload(struct httpa_slice payload, struct httpa_nitro *d)
{
    struct httpa_cbor c = httpa_cbor_of(payload, HTTPA_CBOR_INDEFINITE);
    struct httpa_cbor_map map = httpa_cbor_map(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_cbor items = httpa_cbor_map_items(&map);
    return read_members(&items, d);
}

/* Nobody signs the unprotected header, so it has to be empty. */
static enum httpa_err check_cose(const struct httpa_cose_sign1 *cose)
{
    struct httpa_slice es384 =
        httpa_slice_of(protected_es384, sizeof(protected_es384));
    if (!httpa_slice_equal(cose->protected_header, es384) || cose->detached ||
        cose->open_n > 0) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    return cose->signature.n == HTTPA_NITRO_SIGNATURE ? HTTPA_OK
                                                      : HTTPA_ERR_RANGE;
}

enum httpa_err httpa_nitro_read(struct httpa_slice in,
                                struct httpa_nitro *ret_doc)
{
    struct httpa_nitro doc = { 0 };
    if (in.n > HTTPA_NITRO_MAX) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err =
        httpa_cose_sign1_read(in, HTTPA_COSE_EITHER, &doc.cose);
    if (err == HTTPA_OK) {
        err = check_cose(&doc.cose);
    }
    if (err == HTTPA_OK) {
        err = read_payload(doc.cose.payload, &doc);
    }
    if (err == HTTPA_OK) {
        *ret_doc = doc;
    }
    return err;
}
