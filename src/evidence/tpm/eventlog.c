#include "evidence/tpm/eventlog.h"

#include <string.h>

#include "base/reader.h"
#include "evidence/tpm/quote.h"

/* PC Client Platform Firmware Profile, 10.4.1 */
#define EV_NO_ACTION 0x00000003u
#define EV_EFI_VARIABLE_DRIVER_CONFIG 0x80000001u

/* Banks that a header may announce: more algorithms do not exist. */
#define ALGORITHMS_MAX 8u

/* Offset of the locality behind "StartupLocality" and its zero, 10.4.5.3 */
static const char startup_locality[16] = "StartupLocality";
static const char spec_id[16] = "Spec ID Event03";

struct algorithm {
    uint16_t id;
    uint16_t size;
};

struct header {
    struct algorithm algorithms[ALGORITHMS_MAX];
    size_t n;
};

struct event {
    uint32_t pcr;
    uint32_t type;
    struct httpa_slice digest; /* of the bank asked for */
    struct httpa_slice data;
};

/* TCG_EfiSpecIdEvent, 10.4.5.1 */
static enum httpa_err read_spec_id(struct httpa_slice in, struct header *h)
{
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_slice signature = httpa_read_slice(&r, sizeof(spec_id));
    if (!httpa_slice_equal(signature,
                           httpa_slice_of(spec_id, sizeof(spec_id)))) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    (void)httpa_read_slice(&r, 8); /* class, version, errata, uintn size */
    uint32_t n = httpa_read_u32le(&r);
    if (n == 0 || n > ALGORITHMS_MAX) {
        return HTTPA_ERR_RANGE;
    }
    for (; h->n < n; h->n++) {
        h->algorithms[h->n].id = httpa_read_u16le(&r);
        h->algorithms[h->n].size = httpa_read_u16le(&r);
    }
    (void)httpa_read_slice(&r, httpa_read_u8(&r)); /* vendorInfo */
    return httpa_reader_end(&r);
}

/* The first event is always of the SHA-1 format, TCG_PCClientPCREvent. */
static enum httpa_err read_header(struct httpa_reader *r, struct header *h)
{
    uint32_t pcr = httpa_read_u32le(r);
    uint32_t type = httpa_read_u32le(r);
    (void)httpa_read_slice(r, 20);
    struct httpa_slice data = httpa_read_slice(r, httpa_read_u32le(r));
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    if (pcr != 0 || type != EV_NO_ACTION) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    return read_spec_id(data, h);
}

static size_t size_of(const struct header *h, uint16_t id)
{
    for (size_t i = 0; i < h->n; i++) {
        if (h->algorithms[i].id == id) {
            return h->algorithms[i].size;
        }
    }
    return 0;
}

/* TCG_PCR_EVENT2, 10.2.2 */
static enum httpa_err read_event(struct httpa_reader *r, const struct header *h,
                                 uint16_t bank, struct event *ret)
{
    struct event e = { 0 };
    e.pcr = httpa_read_u32le(r);
    e.type = httpa_read_u32le(r);
    uint32_t n = httpa_read_u32le(r);
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    if (n != h->n || e.pcr >= HTTPA_TPM_PCRS) {
        return HTTPA_ERR_RANGE;
    }
    for (uint32_t i = 0; i < n && httpa_reader_ok(r); i++) {
        uint16_t id = httpa_read_u16le(r);
        size_t size = size_of(h, id);
        if (size == 0 || (id == bank && e.digest.n > 0)) {
            return HTTPA_ERR_MALFORMED;
        }
        struct httpa_slice digest = httpa_read_slice(r, size);
        e.digest = id == bank ? digest : e.digest;
    }
    e.data = httpa_read_slice(r, httpa_read_u32le(r));
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    *ret = e;
    return e.digest.n > 0 ? HTTPA_OK : HTTPA_ERR_MISSING;
}

static enum httpa_err extend(const struct httpa_crypto *crypto,
                             struct httpa_digest *pcr,
                             struct httpa_slice digest)
{
    uint8_t both[2 * HTTPA_HASH_MAX];
    memcpy(both, pcr->bytes, pcr->n);
    memcpy(both + pcr->n, digest.p, digest.n);
    return httpa_hash_once(crypto, pcr->id,
                           httpa_slice_of(both, pcr->n + digest.n), pcr);
}

/* "SecureBoot" of the EFI global namespace as UEFI_VARIABLE_DATA, 10.2.6:
 * GUID, u64 length of the name in UTF-16, u64 length of the value, both. */
static const uint8_t efi_global[16] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93,
                                        0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
                                        0x98, 0x03, 0x2b, 0x8c };
static const uint8_t secure_boot_name[20] = { 'S', 0,   'e', 0,   'c', 0,   'u',
                                              0,   'r', 0,   'e', 0,   'B', 0,
                                              'o', 0,   'o', 0,   't', 0 };

/* Whether |data| is that variable; then its one byte in |ret_value|. */
static bool read_secure_boot(struct httpa_slice data, uint8_t *ret_value)
{
    struct httpa_reader r = httpa_reader_of(data);
    struct httpa_slice guid = httpa_read_slice(&r, sizeof(efi_global));
    uint64_t name_n = httpa_read_u64le(&r);
    uint64_t value_n = httpa_read_u64le(&r);
    struct httpa_slice name = httpa_read_slice(&r, sizeof(secure_boot_name));
    uint8_t value = httpa_read_u8(&r);
    bool is = httpa_reader_end(&r) == HTTPA_OK && value_n == 1 &&
              name_n == sizeof(secure_boot_name) / 2 &&
              httpa_slice_equal(
                  guid, httpa_slice_of(efi_global, sizeof(efi_global))) &&
              httpa_slice_equal(name, httpa_slice_of(secure_boot_name,
                                                     sizeof(secure_boot_name)));
    *ret_value = value;
    return is;
}

/* The event's bytes count only if they are what was measured.  A second value
 * that differs means off: something changed on the way. */
static enum httpa_err note_secure_boot(const struct httpa_crypto *crypto,
                                       const struct event *e,
                                       struct httpa_tpm_replay *replay)
{
    uint8_t value = 0;
    struct httpa_digest digest;
    if (e->pcr != 7 || e->type != EV_EFI_VARIABLE_DRIVER_CONFIG ||
        !read_secure_boot(e->data, &value)) {
        return HTTPA_OK;
    }
    enum httpa_err err =
        httpa_hash_once(crypto, replay->hash, e->data, &digest);
    if (err != HTTPA_OK) {
        return err;
    }
    bool on =
        value == 1 && httpa_slice_equal(e->digest, httpa_digest_slice(&digest));
    replay->secure_boot =
        on && (!replay->secure_boot_seen || replay->secure_boot);
    replay->secure_boot_seen = true;
    return HTTPA_OK;
}

/* Events that are not extended; one of them sets where PCR 0 starts. */
static enum httpa_err
no_action(const struct event *e, struct httpa_tpm_replay *replay)
{
    struct httpa_slice word =
        httpa_slice_of(startup_locality, sizeof(startup_locality));
    if (e->pcr != 0 || e->data.n != word.n + 1 ||
        memcmp(e->data.p, word.p, word.n) != 0) {
        return HTTPA_OK;
    }
    if ((replay->touched & 1) != 0 || e->data.p[word.n] > 4) {
        return HTTPA_ERR_MALFORMED;
    }
    replay->pcr[0].bytes[replay->pcr[0].n - 1] = e->data.p[word.n];
    return HTTPA_OK;
}

static enum httpa_err apply(const struct httpa_crypto *crypto,
                            const struct event *e,
                            struct httpa_tpm_replay *replay)
{
    if (e->type == EV_NO_ACTION) {
        return no_action(e, replay);
    }
    replay->touched |= 1u << e->pcr;
    enum httpa_err err = extend(crypto, &replay->pcr[e->pcr], e->digest);
    return err == HTTPA_OK ? note_secure_boot(crypto, e, replay) : err;
}

enum httpa_err httpa_tpm_replay(const struct httpa_crypto *crypto,
                                struct httpa_slice log, uint16_t bank,
                                struct httpa_tpm_replay *ret)
{
    struct httpa_tpm_replay replay = { 0 };
    struct httpa_reader r = httpa_reader_of(log);
    struct header h = { 0 };
    enum httpa_err err = httpa_tpm_hash_id(bank, &replay.hash);
    if (err == HTTPA_OK) {
        err = read_header(&r, &h);
    }
    if (err == HTTPA_OK && size_of(&h, bank) != httpa_tpm_hash_size(bank)) {
        err = HTTPA_ERR_UNSUPPORTED;
    }
    for (size_t i = 0; i < HTTPA_TPM_PCRS; i++) {
        replay.pcr[i].id = replay.hash;
        replay.pcr[i].n = httpa_tpm_hash_size(bank);
    }
    while (err == HTTPA_OK && r.in.n > 0) {
        struct event e;
        err = read_event(&r, &h, bank, &e);
        if (err == HTTPA_OK) {
            err = apply(crypto, &e, &replay);
        }
    }
    if (err == HTTPA_OK) {
        *ret = replay;
    }
    return err;
}
