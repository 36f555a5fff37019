#include "evidence/tpm/format.h"

#include "codec/cbor.h"
#include "codec/cbor_write.h"

enum key {
    ATTEST = 1,
    SIGNATURE,
    AK_PUBLIC,
    PCRS,
    AK_CHAIN,
    EK_CHAIN,
    EVENT_LOG,
    EK_PUBLIC
};

/* The integer key of the next entry; a text key fails |c|. */
static int64_t read_key(struct httpa_cbor *c)
{
    struct httpa_cbor_key key = httpa_cbor_key(c);
    if (key.is_text) {
        httpa_cbor_fail(c, HTTPA_ERR_UNSUPPORTED);
    }
    return key.number;
}

static void read_bank(struct httpa_cbor *c, struct httpa_tpm_pcrs *bank)
{
    struct httpa_cbor_map m = httpa_cbor_map(c);
    struct httpa_cbor in = httpa_cbor_map_items(&m);
    while (httpa_cbor_more(&in)) {
        int64_t pcr = read_key(&in);
        struct httpa_slice value = httpa_cbor_bytes(&in);
        if (pcr < 0 || pcr >= (int64_t)HTTPA_TPM_PCRS ||
            value.n != httpa_tpm_hash_size(bank->hash)) {
            httpa_cbor_fail(&in, HTTPA_ERR_RANGE);
            break;
        }
        bank->mask |= 1u << pcr;
        bank->value[pcr] = value;
    }
    enum httpa_err err = httpa_cbor_end(&in);
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
}

static void read_pcrs(struct httpa_cbor *c, struct httpa_tpm_evidence *e)
{
    struct httpa_cbor_map m = httpa_cbor_map(c);
    e->has_pcrs = true;
    struct httpa_cbor in = httpa_cbor_map_items(&m);
    while (httpa_cbor_more(&in)) {
        int64_t alg = read_key(&in);
        if (alg < 0 || alg > UINT16_MAX || e->pcrs_n == HTTPA_TPM_BANKS ||
            httpa_tpm_hash_size((uint16_t)alg) == 0) {
            httpa_cbor_fail(&in, HTTPA_ERR_UNSUPPORTED);
            break;
        }
        struct httpa_tpm_pcrs *bank = &e->pcrs[e->pcrs_n++];
        bank->hash = (uint16_t)alg;
        read_bank(&in, bank);
    }
    enum httpa_err err = httpa_cbor_end(&in);
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
}

static void read_chain(struct httpa_cbor *c, struct httpa_tpm_chain *chain)
{
    size_t n = 0;
    struct httpa_cbor in = httpa_cbor_array(c, &n);
    if (n < 1 || n > HTTPA_TPM_CHAIN_MAX) {
        httpa_cbor_fail(c, HTTPA_ERR_RANGE);
        return;
    }
    while (httpa_cbor_more(&in)) {
        chain->der[chain->n++] = httpa_cbor_bytes(&in);
    }
    enum httpa_err err = httpa_cbor_end(&in);
    if (err != HTTPA_OK) {
        httpa_cbor_fail(c, err);
    }
}

static void read_entry(struct httpa_cbor *c, struct httpa_tpm_evidence *e)
{
    switch (read_key(c)) {
    case ATTEST:
        e->attest = httpa_cbor_bytes(c);
        break;
    case SIGNATURE:
        e->signature = httpa_cbor_bytes(c);
        break;
    case AK_PUBLIC:
        e->ak_public = httpa_cbor_bytes(c);
        break;
    case PCRS:
        read_pcrs(c, e);
        break;
    case AK_CHAIN:
        read_chain(c, &e->ak_chain);
        break;
    case EK_CHAIN:
        read_chain(c, &e->ek_chain);
        break;
    case EVENT_LOG:
        e->event_log = httpa_cbor_bytes(c);
        break;
    case EK_PUBLIC:
        e->ek_public = httpa_cbor_bytes(c);
        break;
    default:
        httpa_cbor_fail(c, HTTPA_ERR_UNSUPPORTED);
    }
}

enum httpa_err
httpa_tpm_evidence_read(struct httpa_slice in, struct httpa_tpm_evidence *ret)
{
    struct httpa_tpm_evidence e = { 0 };
    struct httpa_cbor c = httpa_cbor_of(in, 0);
    struct httpa_cbor_map m = httpa_cbor_map(&c);
    enum httpa_err err = httpa_cbor_end(&c);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_cbor items = httpa_cbor_map_items(&m);
    while (httpa_cbor_more(&items)) {
        read_entry(&items, &e);
    }
    err = httpa_cbor_end(&items);
    if (err != HTTPA_OK) {
        return err;
    }
    bool whole = e.attest.n > 0 && e.signature.n > 0 && e.ak_public.n > 0 &&
                 e.has_pcrs && (e.ek_chain.n == 0 || e.ek_public.n > 0);
    if (!whole) {
        return HTTPA_ERR_MISSING;
    }
    *ret = e;
    return HTTPA_OK;
}

static uint64_t bits(uint32_t mask)
{
    uint64_t n = 0;
    for (; mask != 0; mask &= mask - 1) {
        n++;
    }
    return n;
}

static void put_pcrs(struct httpa_buf *b, const struct httpa_tpm_evidence *e)
{
    httpa_cbor_put_map(b, e->pcrs_n);
    for (size_t i = 0; i < e->pcrs_n; i++) {
        const struct httpa_tpm_pcrs *bank = &e->pcrs[i];
        httpa_cbor_put_uint(b, bank->hash);
        httpa_cbor_put_map(b, bits(bank->mask));
        for (unsigned pcr = 0; pcr < HTTPA_TPM_PCRS; pcr++) {
            if ((bank->mask >> pcr & 1) != 0) {
                httpa_cbor_put_uint(b, pcr);
                httpa_cbor_put_bytes(b, bank->value[pcr]);
            }
        }
    }
}

static void put_bytes(struct httpa_buf *b, enum key key, struct httpa_slice s)
{
    if (s.n > 0) {
        httpa_cbor_put_uint(b, key);
        httpa_cbor_put_bytes(b, s);
    }
}

static void put_chain(struct httpa_buf *b, enum key key,
                      const struct httpa_tpm_chain *chain)
{
    if (chain->n == 0) {
        return;
    }
    httpa_cbor_put_uint(b, key);
    httpa_cbor_put_array(b, chain->n);
    for (size_t i = 0; i < chain->n; i++) {
        httpa_cbor_put_bytes(b, chain->der[i]);
    }
}

void httpa_tpm_evidence_write(struct httpa_buf *b,
                              const struct httpa_tpm_evidence *e)
{
    uint64_t n = 4;
    n += e->ak_chain.n > 0;
    n += e->ek_chain.n > 0;
    n += e->event_log.n > 0;
    n += e->ek_public.n > 0;
    httpa_cbor_put_map(b, n);
    put_bytes(b, ATTEST, e->attest);
    put_bytes(b, SIGNATURE, e->signature);
    put_bytes(b, AK_PUBLIC, e->ak_public);
    httpa_cbor_put_uint(b, PCRS);
    put_pcrs(b, e);
    put_chain(b, AK_CHAIN, &e->ak_chain);
    put_chain(b, EK_CHAIN, &e->ek_chain);
    put_bytes(b, EVENT_LOG, e->event_log);
    put_bytes(b, EK_PUBLIC, e->ek_public);
}
