#include "evidence/tpm/format.h"

#include "base/reader.h"

/* Part 2, 6.2 and 6.9 */
#define GENERATED_VALUE 0xff544347u
#define ATTEST_QUOTE 0x8018u

/* RSA exponent that the encoding 0 stands for, Part 2, 12.2.3.5 */
#define DEFAULT_EXPONENT 65537u

struct hash {
    uint16_t alg;
    uint8_t size;
    const char *name;
};

static const struct hash hashes[] = {
    { HTTPA_TPM_SHA1, 20, "sha1" },
    { HTTPA_TPM_SHA256, 32, "sha256" },
    { HTTPA_TPM_SHA384, 48, "sha384" },
    { HTTPA_TPM_SHA512, 64, "sha512" },
};

static const struct hash *find_hash(uint16_t alg)
{
    for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        if (hashes[i].alg == alg) {
            return &hashes[i];
        }
    }
    return NULL;
}

size_t httpa_tpm_hash_size(uint16_t alg)
{
    const struct hash *h = find_hash(alg);
    return h != NULL ? h->size : 0;
}

const char *httpa_tpm_hash_name(uint16_t alg)
{
    const struct hash *h = find_hash(alg);
    return h != NULL ? h->name : NULL;
}

/* A TPM2B of at most |max| bytes; longer fails the reader. */
static struct httpa_slice read_2b(struct httpa_reader *r, size_t max)
{
    size_t n = httpa_read_u16(r);
    if (n > max) {
        r->failed = true;
    }
    return httpa_read_slice(r, n);
}

/* TPMS_PCR_SELECTION, Part 2, 10.6.1.  A fourth octet would select registers
 * that PC Client platforms do not have. */
static enum httpa_err
read_selection(struct httpa_reader *r, struct httpa_tpm_selection *ret)
{
    uint64_t mask = 0;
    ret->hash = httpa_read_u16(r);
    unsigned octets = httpa_read_u8(r);
    if (!httpa_reader_ok(r) || octets < 1 || octets > 4) {
        return HTTPA_ERR_RANGE;
    }
    for (unsigned i = 0; i < octets; i++) {
        mask |= (uint64_t)httpa_read_u8(r) << (8 * i);
    }
    if (mask >> HTTPA_TPM_PCRS != 0) {
        return HTTPA_ERR_RANGE;
    }
    ret->mask = (uint32_t)mask;
    return find_hash(ret->hash) != NULL ? HTTPA_OK : HTTPA_ERR_UNSUPPORTED;
}

static enum httpa_err
read_selections(struct httpa_reader *r, struct httpa_tpm_attest *a)
{
    uint32_t n = httpa_read_u32(r);
    if (n > HTTPA_TPM_BANKS) {
        return HTTPA_ERR_RANGE;
    }
    for (; a->select_n < n; a->select_n++) {
        struct httpa_tpm_selection *s = &a->select[a->select_n];
        enum httpa_err err = read_selection(r, s);
        if (err != HTTPA_OK) {
            return err;
        }
        for (size_t i = 0; i < a->select_n; i++) {
            if (a->select[i].hash == s->hash) {
                return HTTPA_ERR_DUPLICATE;
            }
        }
    }
    return HTTPA_OK;
}

enum httpa_err
httpa_tpm_attest_read(struct httpa_slice in, struct httpa_tpm_attest *ret)
{
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_tpm_attest a = { 0 };

    uint32_t magic = httpa_read_u32(&r);
    uint16_t type = httpa_read_u16(&r);
    if (httpa_reader_ok(&r) &&
        (magic != GENERATED_VALUE || type != ATTEST_QUOTE)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    a.qualified_signer = read_2b(&r, HTTPA_TPM_NAME_MAX);
    a.extra_data = read_2b(&r, HTTPA_TPM_EXTRA_MAX);
    a.clock = httpa_read_u64(&r);
    a.reset_count = httpa_read_u32(&r);
    a.restart_count = httpa_read_u32(&r);
    uint8_t safe = httpa_read_u8(&r);
    a.safe = safe == 1;
    a.firmware_version = httpa_read_u64(&r);
    enum httpa_err err = read_selections(&r, &a);
    if (err != HTTPA_OK) {
        return err;
    }
    a.pcr_digest = read_2b(&r, HTTPA_TPM_DIGEST_MAX);

    err = httpa_reader_end(&r);
    if (err != HTTPA_OK) {
        return err;
    }
    if (safe > 1) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret = a;
    return HTTPA_OK;
}

static bool signs_with(uint16_t scheme)
{
    return scheme == HTTPA_TPM_RSASSA || scheme == HTTPA_TPM_RSAPSS ||
           scheme == HTTPA_TPM_ECDSA;
}

/* TPMT_SYM_DEF_OBJECT, then the scheme: the same for both key types. */
static enum httpa_err
read_schemes(struct httpa_reader *r, struct httpa_tpm_public *p)
{
    p->symmetric = httpa_read_u16(r);
    if (p->symmetric == HTTPA_TPM_AES) {
        p->symmetric_bits = httpa_read_u16(r);
        p->symmetric_mode = httpa_read_u16(r);
    } else if (p->symmetric != HTTPA_TPM_NULL && httpa_reader_ok(r)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    p->scheme = httpa_read_u16(r);
    if (signs_with(p->scheme)) {
        p->scheme_hash = httpa_read_u16(r);
    } else if (p->scheme != HTTPA_TPM_NULL && httpa_reader_ok(r)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    return HTTPA_OK;
}

static enum httpa_err
read_rsa(struct httpa_reader *r, struct httpa_tpm_public *p)
{
    uint16_t bits = httpa_read_u16(r);
    p->exponent = httpa_read_u32(r);
    p->modulus = read_2b(r, HTTPA_TPM_KEY_MAX);
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    if (p->modulus.n == 0 || p->modulus.n * 8 != bits ||
        p->modulus.p[0] < 0x80) {
        return HTTPA_ERR_RANGE;
    }
    p->exponent = p->exponent == 0 ? DEFAULT_EXPONENT : p->exponent;
    return HTTPA_OK;
}

static enum httpa_err
read_ecc(struct httpa_reader *r, struct httpa_tpm_public *p)
{
    p->curve = httpa_read_u16(r);
    uint16_t kdf = httpa_read_u16(r);
    bool known = p->curve == HTTPA_TPM_P256 || p->curve == HTTPA_TPM_P384;
    if (httpa_reader_ok(r) && (!known || kdf != HTTPA_TPM_NULL)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    size_t width = p->curve == HTTPA_TPM_P384 ? 48 : 32;
    p->x = read_2b(r, width);
    p->y = read_2b(r, width);
    return httpa_reader_ok(r) ? HTTPA_OK : HTTPA_ERR_TRUNCATED;
}

enum httpa_err
httpa_tpm_public_read(struct httpa_slice in, struct httpa_tpm_public *ret)
{
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_tpm_public p = { 0 };

    p.type = httpa_read_u16(&r);
    p.name_alg = httpa_read_u16(&r);
    p.attributes = httpa_read_u32(&r);
    p.auth_policy = read_2b(&r, HTTPA_TPM_DIGEST_MAX);
    if (!httpa_reader_ok(&r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    if ((p.type != HTTPA_TPM_RSA && p.type != HTTPA_TPM_ECC) ||
        find_hash(p.name_alg) == NULL) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    enum httpa_err err = read_schemes(&r, &p);
    if (err == HTTPA_OK) {
        err = p.type == HTTPA_TPM_RSA ? read_rsa(&r, &p) : read_ecc(&r, &p);
    }
    if (err == HTTPA_OK) {
        err = httpa_reader_end(&r);
    }
    if (err != HTTPA_OK) {
        return err;
    }
    *ret = p;
    return HTTPA_OK;
}

enum httpa_err
httpa_tpm_signature_read(struct httpa_slice in, struct httpa_tpm_signature *ret)
{
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_tpm_signature s = { 0 };

    s.alg = httpa_read_u16(&r);
    s.hash = httpa_read_u16(&r);
    if (httpa_reader_ok(&r) &&
        (!signs_with(s.alg) || find_hash(s.hash) == NULL)) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (s.alg == HTTPA_TPM_ECDSA) {
        s.r = read_2b(&r, HTTPA_TPM_KEY_MAX);
        s.s = read_2b(&r, HTTPA_TPM_KEY_MAX);
    } else {
        s.rsa = read_2b(&r, HTTPA_TPM_KEY_MAX);
    }
    enum httpa_err err = httpa_reader_end(&r);
    if (err != HTTPA_OK) {
        return err;
    }
    *ret = s;
    return HTTPA_OK;
}
