#include "attest/snp_certs.h"

#include <string.h>

#include "base/reader.h"
#include "codec/der.h"
#include "codec/pem.h"

#define GUID 16u
#define ENTRY 24u /* GUID, offset, length */

/* Hosts give four or five; a table of more is somebody's mistake. */
#define ENTRIES_MAX 16u

/* In the order of a chain.  The bytes of a GUID as it is written; hosts also
 * store the first three groups little-endian, as EFI does. */
static const uint8_t kinds[][GUID] = {
    /* VCEK 63da758d-e664-4564-adc5-f4b93be8accd */
    { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9,
      0x3b, 0xe8, 0xac, 0xcd },
    /* VLEK a8074bc2-a25a-483e-aae6-39c045a0b8a1 */
    { 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0,
      0x45, 0xa0, 0xb8, 0xa1 },
    /* ASK 4ab7b379-bbac-4fe4-a02f-05aef327c782 */
    { 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae,
      0xf3, 0x27, 0xc7, 0x82 },
    /* ARK c0b406a4-a803-4952-9743-3fb6014cd0ae */
    { 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6,
      0x01, 0x4c, 0xd0, 0xae },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct entry {
    uint8_t guid[GUID];
    uint32_t offset;
    uint32_t length;
};

struct table {
    struct entry v[ENTRIES_MAX];
    size_t n;
    size_t head; /* bytes, closing entry included */
};

/* The table ends with a GUID of zeros. */
static enum httpa_err read_head(struct httpa_slice in, struct table *t)
{
    static const uint8_t end[GUID];
    struct httpa_reader r = httpa_reader_of(in);
    for (;;) {
        struct entry e;
        httpa_read_into(&r, e.guid, GUID);
        e.offset = httpa_read_u32le(&r);
        e.length = httpa_read_u32le(&r);
        if (!httpa_reader_ok(&r)) {
            return HTTPA_ERR_TRUNCATED;
        }
        if (memcmp(e.guid, end, GUID) == 0) {
            t->head = (t->n + 1) * ENTRY;
            return HTTPA_OK;
        }
        if (t->n == ENTRIES_MAX) {
            return HTTPA_ERR_RANGE;
        }
        t->v[t->n++] = e;
    }
}

static bool overlap(const struct entry *a, const struct entry *b)
{
    return (uint64_t)a->offset < (uint64_t)b->offset + b->length &&
           (uint64_t)b->offset < (uint64_t)a->offset + a->length;
}

static enum httpa_err check_bounds(const struct table *t, size_t size)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct entry *e = &t->v[i];
        if (e->offset < t->head || e->offset > size ||
            e->length > size - e->offset) {
            return HTTPA_ERR_RANGE;
        }
        for (size_t j = 0; j < i; j++) {
            if (overlap(e, &t->v[j])) {
                return HTTPA_ERR_RANGE;
            }
        }
    }
    return HTTPA_OK;
}

static bool is_guid(const uint8_t *seen, const uint8_t *written)
{
    static const uint8_t mixed[GUID] = { 3, 2, 1,  0,  5,  4,  7,  6,
                                         8, 9, 10, 11, 12, 13, 14, 15 };
    uint8_t efi[GUID];
    for (size_t i = 0; i < GUID; i++) {
        efi[i] = written[mixed[i]];
    }
    return memcmp(seen, written, GUID) == 0 || memcmp(seen, efi, GUID) == 0;
}

static enum httpa_err find(const struct table *t, struct httpa_slice in,
                           const uint8_t *kind, struct httpa_slice *ret)
{
    struct httpa_slice found = { 0 };
    for (size_t i = 0; i < t->n; i++) {
        if (!is_guid(t->v[i].guid, kind)) {
            continue;
        }
        if (found.p != NULL) {
            return HTTPA_ERR_DUPLICATE;
        }
        found = httpa_slice_of(in.p + t->v[i].offset, t->v[i].length);
    }
    *ret = found;
    return HTTPA_OK;
}

static enum httpa_err put(struct httpa_slice der, struct httpa_buf *out)
{
    struct httpa_der d = httpa_der_of(der);
    (void)httpa_der_value(&d, HTTPA_DER_SEQUENCE);
    if (httpa_der_end(&d) != HTTPA_OK) {
        return HTTPA_ERR_MALFORMED;
    }
    httpa_pem_write(out, "CERTIFICATE", der);
    return httpa_buf_check(out);
}

static enum httpa_err
put_all(const struct table *t, struct httpa_slice in, struct httpa_buf *out)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < KINDS; i++) {
        struct httpa_slice der = { 0 };
        err = find(t, in, kinds[i], &der);
        if (err == HTTPA_OK && der.p != NULL) {
            err = put(der, out);
        }
    }
    return err;
}

enum httpa_err
httpa_snp_certs_write(struct httpa_slice table, struct httpa_buf *ret_pem)
{
    struct table t = { 0 };
    size_t before = ret_pem->n;
    if (table.n == 0) {
        return HTTPA_OK;
    }
    enum httpa_err err = read_head(table, &t);
    if (err == HTTPA_OK) {
        err = check_bounds(&t, table.n);
    }
    if (err == HTTPA_OK) {
        err = put_all(&t, table, ret_pem);
    }
    if (err != HTTPA_OK && ret_pem->n > before) {
        httpa_buf_cut(ret_pem, before);
    }
    return err;
}
