/* Event logs written by hand: TCG PC Client Platform Firmware Profile, 10. */
#ifndef HTTPA_TEST_EVIDENCE_TPM_EVENTLOG_MAKER_H
#define HTTPA_TEST_EVIDENCE_TPM_EVENTLOG_MAKER_H

#include "support.h"

#define EV_NO_ACTION 3u
#define EV_SEPARATOR 4u
#define EV_EFI_VARIABLE_DRIVER_CONFIG 0x80000001u

static inline void put_le(struct httpa_buf *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        httpa_buf_put_byte(b, (uint8_t)(v >> (8 * i)));
    }
}

/* The first event: banks |algs|, each with its size. */
static inline void
put_header(struct httpa_buf *b, const uint16_t *algs, size_t n)
{
    put_le(b, 0, 4);
    put_le(b, EV_NO_ACTION, 4);
    for (size_t i = 0; i < 20; i++) {
        httpa_buf_put_byte(b, 0);
    }
    put_le(b, 16 + 8 + 4 + 4 * n + 1, 4);
    httpa_buf_put(b, "Spec ID Event03", 16);
    put_le(b, 0, 4);          /* platformClass */
    put_le(b, 0x02000200, 4); /* minor, major, errata, uintn */
    put_le(b, n, 4);
    for (size_t i = 0; i < n; i++) {
        put_le(b, algs[i], 2);
        put_le(b, httpa_tpm_hash_size(algs[i]), 2);
    }
    httpa_buf_put_byte(b, 0);
}

/* One event with a digest of SHA-256. */
static inline void put_event(struct httpa_buf *b, uint32_t pcr, uint32_t type,
                             const struct httpa_digest *digest,
                             struct httpa_slice data)
{
    put_le(b, pcr, 4);
    put_le(b, type, 4);
    put_le(b, 1, 4);
    put_le(b, HTTPA_TPM_SHA256, 2);
    httpa_buf_put_slice(b, httpa_digest_slice(digest));
    put_le(b, data.n, 4);
    httpa_buf_put_slice(b, data);
}

static inline struct httpa_digest
extended(const struct httpa_digest *pcr, const struct httpa_digest *digest)
{
    uint8_t both[64];
    memcpy(both, pcr->bytes, 32);
    memcpy(both + 32, digest->bytes, 32);
    return digest_of(HTTPA_SHA256, httpa_slice_of(both, 64));
}

/* A log with the variable SecureBoot in PCR 7 and a separator behind it;
 * |ret_pcr7| is what it replays to. */
static inline void make_secure_boot_log(struct httpa_buf *b, uint8_t value,
                                        bool forged,
                                        struct httpa_digest *ret_pcr7)
{
    static const uint16_t banks[] = { HTTPA_TPM_SHA256 };
    static const uint8_t variable[] =
        "\x61\xdf\xe4\x8b\xca\x93\xd2\x11\xaa\x0d\x00\xe0\x98\x03\x2b\x8c"
        "\x0a\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0"
        "S\0e\0c\0u\0r\0e\0B\0o\0o\0t\0"; /* its value is the last zero */
    uint8_t data[sizeof(variable)];
    memcpy(data, variable, sizeof(data));
    struct httpa_slice all = httpa_slice_of(data, sizeof(data));
    struct httpa_slice zeros = httpa_slice_of("\0\0\0\0", 4);
    data[sizeof(data) - 1] = (uint8_t)(forged ? !value : value);
    struct httpa_digest digest = digest_of(HTTPA_SHA256, all);
    struct httpa_digest separator = digest_of(HTTPA_SHA256, zeros);
    struct httpa_digest pcr = { .id = HTTPA_SHA256, .n = 32 };
    data[sizeof(data) - 1] = value;
    put_header(b, banks, 1);
    put_event(b, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, &digest, all);
    put_event(b, 7, EV_SEPARATOR, &separator, zeros);
    pcr = extended(&pcr, &digest);
    *ret_pcr7 = extended(&pcr, &separator);
}

#endif
