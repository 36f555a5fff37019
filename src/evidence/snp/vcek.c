#include "evidence/snp/vcek.h"

#include <string.h>

#include "codec/der.h"

#define ARC "1.3.6.1.4.1.3704.1."
#define OID_PRODUCT ARC "2"
#define OID_HWID ARC "4"
#define OID_CSP_ID ARC "5"

#define SUBJECT_MAX 512u
#define CSP_ID_MAX 128u

bool httpa_snp_is_leaf(const struct httpa_cert *cert,
                       enum httpa_snp_signer signer)
{
    uint8_t room[SUBJECT_MAX];
    struct httpa_buf subject = httpa_buf_fixed(room, sizeof(room));
    const char *name =
        signer == HTTPA_SNP_VCEK ? "CN=SEV-VCEK," : "CN=SEV-VLEK,";
    return httpa_cert_write_subject(cert, &subject) == HTTPA_OK &&
           httpa_slice_starts(httpa_buf_slice(&subject), name);
}

static enum httpa_err read_text(const struct httpa_cert *cert, const char *oid,
                                struct httpa_slice *ret)
{
    struct httpa_slice value;
    enum httpa_err err = httpa_cert_extension(cert, oid, &value);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_der d = httpa_der_of(value);
    *ret = httpa_der_value(&d, HTTPA_DER_IA5_STRING);
    return httpa_der_end(&d);
}

/* "Milan-B0", "Genoa", "Turin": the line, then perhaps a stepping. */
static enum httpa_err
read_line(const struct httpa_cert *cert, enum httpa_snp_line *ret_line)
{
    static const char *const names[] = { "Milan", "Genoa", "Turin" };
    struct httpa_slice text;
    enum httpa_err err = read_text(cert, OID_PRODUCT, &text);
    if (err != HTTPA_OK) {
        return err;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t n = strlen(names[i]);
        if (httpa_slice_starts(text, names[i]) &&
            (text.n == n || text.p[n] == '-')) {
            *ret_line = (enum httpa_snp_line)i;
            return HTTPA_OK;
        }
    }
    return HTTPA_ERR_UNSUPPORTED;
}

static enum httpa_err
read_spl(const struct httpa_cert *cert, const char *oid, uint8_t *ret_spl)
{
    struct httpa_slice value;
    enum httpa_err err = httpa_cert_extension(cert, oid, &value);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_der d = httpa_der_of(value);
    uint64_t n = httpa_der_uint(&d);
    err = httpa_der_end(&d);
    if (err != HTTPA_OK || n > UINT8_MAX) {
        return HTTPA_ERR_MALFORMED;
    }
    *ret_spl = (uint8_t)n;
    return HTTPA_OK;
}

static enum httpa_err read_tcb(const struct httpa_cert *cert, bool is_turin,
                               struct httpa_snp_tcb *ret)
{
    static const char *const oids[HTTPA_SNP_COMPONENTS] = {
        [HTTPA_SNP_BOOT_LOADER] = ARC "3.1", [HTTPA_SNP_TEE] = ARC "3.2",
        [HTTPA_SNP_SNP] = ARC "3.3",         [HTTPA_SNP_MICROCODE] = ARC "3.8",
        [HTTPA_SNP_FMC] = ARC "3.9",
    };
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; i < HTTPA_SNP_COMPONENTS && err == HTTPA_OK; i++) {
        ret->v[i] = 0;
        if (i != HTTPA_SNP_FMC || is_turin) {
            err = read_spl(cert, oids[i], &ret->v[i]);
        }
    }
    return err;
}

/* Real certificates have the bare octets; AMD's document wraps them. */
static enum httpa_err read_hwid(const struct httpa_cert *cert, size_t size,
                                struct httpa_slice *ret_hwid)
{
    struct httpa_slice value;
    enum httpa_err err = httpa_cert_extension(cert, OID_HWID, &value);
    if (err != HTTPA_OK) {
        return err;
    }
    if (value.n == size + 2 && value.p[0] == HTTPA_DER_OCTET_STRING &&
        value.p[1] == size) {
        value = httpa_slice_from(value, 2);
    }
    *ret_hwid = value;
    return value.n == size ? HTTPA_OK : HTTPA_ERR_MALFORMED;
}

enum httpa_err httpa_snp_leaf_read(const struct httpa_cert *cert,
                                   enum httpa_snp_signer signer,
                                   struct httpa_snp_leaf *ret)
{
    struct httpa_snp_leaf leaf = { .signer = signer };
    enum httpa_err err = read_line(cert, &leaf.line);
    bool is_turin = leaf.line == HTTPA_SNP_TURIN;
    if (err == HTTPA_OK) {
        err = read_tcb(cert, is_turin, &leaf.tcb);
    }
    if (err == HTTPA_OK && signer == HTTPA_SNP_VCEK) {
        err = read_hwid(cert, is_turin ? HTTPA_SNP_CHIP_TURIN : HTTPA_SNP_CHIP,
                        &leaf.hwid);
    } else if (err == HTTPA_OK) {
        err = read_text(cert, OID_CSP_ID, &leaf.csp_id);
        if (err == HTTPA_OK &&
            (leaf.csp_id.n == 0 || leaf.csp_id.n > CSP_ID_MAX)) {
            err = HTTPA_ERR_MALFORMED;
        }
    }
    if (err == HTTPA_OK) {
        *ret = leaf;
    }
    return err;
}
