#include "evidence/intel/pck.h"

#include <string.h>

#include "codec/der.h"
#include "codec/pem.h"
#include "crypto/hash.h"

/* A subject for people; Intel's have 100 characters. */
#define SUBJECT_MAX 1024u

/* ---- chains ---- */

static enum httpa_err read_next(const struct httpa_crypto *crypto,
                                struct httpa_pem *pem, struct httpa_buf *der,
                                struct httpa_cert **ret_cert)
{
    struct httpa_slice label;
    httpa_buf_reset(der);
    enum httpa_err err = httpa_pem_next(pem, &label, der);
    if (err == HTTPA_OK && !httpa_slice_is(label, "CERTIFICATE")) {
        err = HTTPA_ERR_MALFORMED;
    }
    return err == HTTPA_OK
               ? httpa_cert_read(crypto, httpa_buf_slice(der), ret_cert)
               : err;
}

enum httpa_err httpa_intel_chain_read(const struct httpa_crypto *crypto,
                                      struct httpa_slice pem_text, size_t n,
                                      struct httpa_intel_chain *ret_chain)
{
    struct httpa_pem pem = httpa_pem_of(pem_text);
    struct httpa_buf der = httpa_buf_growing(HTTPA_CERT_MAX);
    struct httpa_intel_chain chain = { 0 };
    enum httpa_err err = HTTPA_OK;
    while (err == HTTPA_OK && chain.n < n) {
        err = read_next(crypto, &pem, &der, &chain.certs[chain.n]);
        chain.n += err == HTTPA_OK ? 1 : 0;
    }
    if (err == HTTPA_OK && httpa_pem_more(&pem)) {
        err = HTTPA_ERR_TRAILING;
    }
    httpa_buf_done(&der);
    if (err == HTTPA_OK) {
        *ret_chain = chain;
    } else {
        httpa_intel_chain_free(&chain);
    }
    return err;
}

void httpa_intel_chain_free(struct httpa_intel_chain *chain)
{
    for (size_t i = 0; i < chain->n; i++) {
        httpa_cert_free(chain->certs[i]);
    }
    *chain = (struct httpa_intel_chain){ 0 };
}

const struct httpa_cert *
httpa_intel_chain_root(const struct httpa_intel_chain *chain)
{
    return chain->certs[chain->n - 1];
}

/* A comma inside a value is written with a reverse solidus (RFC 2253 2.4). */
bool httpa_intel_is_called(const struct httpa_cert *cert, const char *cn)
{
    uint8_t room[SUBJECT_MAX];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    if (httpa_cert_write_subject(cert, &b) != HTTPA_OK) {
        return false;
    }
    size_t from = 0;
    for (size_t i = 0; i <= b.n; i++) {
        if (i < b.n && (room[i] != ',' || (i > 0 && room[i - 1] == '\\'))) {
            continue;
        }
        struct httpa_slice part = httpa_slice_of(room + from, i - from);
        if (httpa_slice_starts(part, "CN=") &&
            httpa_slice_is(httpa_slice_from(part, 3), cn)) {
            return true;
        }
        from = i + 1;
    }
    return false;
}

static enum httpa_err check_pin(const struct httpa_crypto *crypto,
                                const struct httpa_cert *root,
                                const uint8_t pin[HTTPA_INTEL_PIN])
{
    struct httpa_digest digest;
    enum httpa_err err =
        httpa_hash_once(crypto, HTTPA_SHA256, httpa_cert_spki(root), &digest);
    if (err != HTTPA_OK) {
        return err;
    }
    return memcmp(digest.bytes, pin, HTTPA_INTEL_PIN) == 0 ? HTTPA_OK
                                                           : HTTPA_ERR_KEY;
}

/* The path is the one that was sent: no certificate is passed over. */
static bool is_a_path(const struct httpa_intel_chain *chain)
{
    for (size_t i = 0; i < chain->n; i++) {
        size_t issuer = i + 1 < chain->n ? i + 1 : i;
        if (!httpa_slice_equal(httpa_cert_issuer(chain->certs[i]),
                               httpa_cert_subject(chain->certs[issuer]))) {
            return false;
        }
    }
    return true;
}

enum httpa_err httpa_intel_chain_verify(const struct httpa_crypto *crypto,
                                        const struct httpa_intel_chain *chain,
                                        const uint8_t pin[HTTPA_INTEL_PIN],
                                        const char *leaf, int64_t time_s,
                                        int64_t *ret_lapses_s)
{
    const struct httpa_cert *root = httpa_intel_chain_root(chain);
    struct httpa_chain_rules rules = { .roots = &root,
                                       .root_count = 1,
                                       .time_s = time_s };
    enum httpa_err err = check_pin(crypto, root, pin);
    if (err == HTTPA_OK &&
        !(is_a_path(chain) && httpa_cert_signs_itself(crypto, root) &&
          httpa_intel_is_called(chain->certs[0], leaf))) {
        err = HTTPA_ERR_CHAIN;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    return httpa_chain_verify(crypto,
                              (const struct httpa_cert *const *)chain->certs,
                              chain->n, &rules, ret_lapses_s);
}

/* ---- the extension ---- */

/* 1.2.840.113741.1.13.1 */
static const uint8_t base[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8,
                                0x4d, 0x01, 0x0d, 0x01 };

#define ARC_PPID 1u
#define ARC_TCB 2u
#define ARC_PCE_ID 3u
#define ARC_FMSPC 4u
#define ARC_PCE_SVN 17u /* below ARC_TCB, like components 1 to 16 */

/* Bits of |seen|: every one once. */
struct reading {
    uint32_t seen;
    enum httpa_err err;
};

static void see(struct reading *r, unsigned arc)
{
    if (r->err == HTTPA_OK && (r->seen >> arc & 1) != 0) {
        r->err = HTTPA_ERR_DUPLICATE;
    }
    r->seen |= UINT32_C(1) << arc;
}

static void keep(struct reading *r, enum httpa_err err)
{
    if (r->err == HTTPA_OK) {
        r->err = err;
    }
}

/* The last arc of an OID right below |base| and |below| (0: none); 0 for any
 * other OID. */
static unsigned arc_of(struct httpa_slice oid, unsigned below)
{
    size_t n = sizeof(base) + (below != 0 ? 1 : 0);
    if (oid.n != n + 1 || memcmp(oid.p, base, sizeof(base)) != 0 ||
        (below != 0 && oid.p[sizeof(base)] != below)) {
        return 0;
    }
    return oid.p[n] < 32 ? oid.p[n] : 0;
}

static void take_bytes(struct reading *r, struct httpa_der *value, size_t n,
                       struct httpa_slice *ret)
{
    *ret = httpa_der_value(value, HTTPA_DER_OCTET_STRING);
    keep(r, httpa_der_end(value));
    keep(r, ret->n == n ? HTTPA_OK : HTTPA_ERR_RANGE);
}

static uint64_t
take_uint(struct reading *r, struct httpa_der *value, uint64_t max)
{
    uint64_t v = httpa_der_uint(value);
    keep(r, httpa_der_end(value));
    keep(r, v <= max ? HTTPA_OK : HTTPA_ERR_RANGE);
    return v;
}

/* SEQUENCE OF SEQUENCE { OID, INTEGER or, for the CPUSVN, octets } */
static void read_tcb(struct reading *outer, struct httpa_der *value,
                     struct httpa_intel_platform *p)
{
    const uint32_t all = ((UINT32_C(1) << ARC_PCE_SVN) - 1) << 1;
    struct reading r = { 0 };
    struct httpa_der list = httpa_der_enter(value, HTTPA_DER_SEQUENCE);
    while (httpa_der_more(&list)) {
        struct httpa_der pair = httpa_der_enter(&list, HTTPA_DER_SEQUENCE);
        unsigned arc = arc_of(httpa_der_oid(&pair), ARC_TCB);
        if (arc >= 1 && arc <= HTTPA_INTEL_COMPONENTS) {
            see(&r, arc);
            p->components[arc - 1] = (uint8_t)take_uint(&r, &pair, UINT8_MAX);
        } else if (arc == ARC_PCE_SVN) {
            see(&r, arc);
            p->pce_svn = (uint16_t)take_uint(&r, &pair, UINT16_MAX);
        } else {
            (void)httpa_der_skip(&pair);
            keep(&r, httpa_der_end(&pair));
        }
    }
    keep(&r, httpa_der_end(&list));
    keep(&r, httpa_der_end(value));
    keep(&r, r.seen == all ? HTTPA_OK : HTTPA_ERR_MISSING);
    keep(outer, r.err);
}

static void read_pair(struct reading *r, struct httpa_der *pair,
                      struct httpa_intel_pck *pck)
{
    unsigned arc = arc_of(httpa_der_oid(pair), 0);
    see(r, arc < ARC_PPID || arc > ARC_FMSPC ? 0 : arc);
    r->seen &= ~UINT32_C(1); /* others are not counted */
    switch (arc) {
    case ARC_PPID:
        take_bytes(r, pair, 16, &pck->ppid);
        break;
    case ARC_TCB:
        read_tcb(r, pair, &pck->platform);
        break;
    case ARC_PCE_ID:
        take_bytes(r, pair, 2, &pck->pce_id);
        break;
    case ARC_FMSPC:
        take_bytes(r, pair, 6, &pck->fmspc);
        break;
    default:
        (void)httpa_der_skip(pair);
        keep(r, httpa_der_end(pair));
        break;
    }
}

enum httpa_err httpa_intel_pck_read(struct httpa_slice extension,
                                    struct httpa_intel_pck *ret_pck)
{
    const uint32_t all =
        1u << ARC_PPID | 1u << ARC_TCB | 1u << ARC_PCE_ID | 1u << ARC_FMSPC;
    struct httpa_intel_pck pck = { 0 };
    struct reading r = { 0 };
    struct httpa_der d = httpa_der_of(extension);
    struct httpa_der list = httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
    while (httpa_der_more(&list)) {
        struct httpa_der pair = httpa_der_enter(&list, HTTPA_DER_SEQUENCE);
        read_pair(&r, &pair, &pck);
    }
    keep(&r, httpa_der_end(&list));
    keep(&r, httpa_der_end(&d));
    keep(&r, r.seen == all ? HTTPA_OK : HTTPA_ERR_MISSING);
    if (r.err == HTTPA_OK) {
        *ret_pck = pck;
    }
    return r.err;
}
