#include "evidence/snp/report.h"

#include <string.h>

#include "base/reader.h"

#define VERSION_MIN 2u
#define VERSION_MAX 5u
#define VERSION_CPUID 3u /* the first one that tells the family */
#define VERSION_MITIGATION 5u
#define ECDSA_P384_SHA384 1u
#define SIGNER_NONE 7u
#define POLICY_ONE (UINT64_C(1) << 17)

/* Of R and S: 72 bytes each, little-endian, the upper 24 zero. */
#define HALF 48u
#define HALF_PADDING 24u

static void
read_firmware(struct httpa_reader *in, struct httpa_snp_firmware *ret)
{
    ret->build = httpa_read_u8(in);
    ret->minor = httpa_read_u8(in);
    ret->major = httpa_read_u8(in);
    httpa_read_zeros(in, 1);
}

/* 0x000 to 0x04f */
static void read_front(struct httpa_reader *in, struct httpa_snp_report *r,
                       uint32_t *ret_algorithm, uint32_t *ret_keys)
{
    r->version = httpa_read_u32le(in);
    r->guest_svn = httpa_read_u32le(in);
    r->policy = httpa_read_u64le(in);
    r->family_id = httpa_read_slice(in, 16);
    r->image_id = httpa_read_slice(in, 16);
    r->vmpl = httpa_read_u32le(in);
    *ret_algorithm = httpa_read_u32le(in);
    r->current_tcb = httpa_read_u64le(in);
    r->platform_info = httpa_read_u64le(in);
    *ret_keys = httpa_read_u32le(in);
    httpa_read_zeros(in, 4);
}

/* 0x050 to 0x17f */
static void read_guest(struct httpa_reader *in, struct httpa_snp_report *r)
{
    r->report_data = httpa_read_slice(in, 64);
    r->measurement = httpa_read_slice(in, 48);
    r->host_data = httpa_read_slice(in, 32);
    r->id_key_digest = httpa_read_slice(in, 48);
    r->author_key_digest = httpa_read_slice(in, 48);
    r->report_id = httpa_read_slice(in, 32);
    r->report_id_ma = httpa_read_slice(in, 32);
}

/* 0x180 to 0x29f */
static void read_platform(struct httpa_reader *in, struct httpa_snp_report *r)
{
    r->reported_tcb = httpa_read_u64le(in);
    if (r->version >= VERSION_CPUID) {
        httpa_read_into(in, r->cpuid, sizeof(r->cpuid));
    } else {
        httpa_read_zeros(in, sizeof(r->cpuid));
    }
    httpa_read_zeros(in, 21);
    r->chip_id = httpa_read_slice(in, HTTPA_SNP_CHIP);
    r->committed_tcb = httpa_read_u64le(in);
    read_firmware(in, &r->current);
    read_firmware(in, &r->committed);
    r->launch_tcb = httpa_read_u64le(in);
    if (r->version >= VERSION_MITIGATION) {
        (void)httpa_read_slice(in, 16); /* vectors of mitigations */
    } else {
        httpa_read_zeros(in, 16);
    }
    httpa_read_zeros(in, 152);
}

/* One half of the signature, turned round. */
static void read_half(struct httpa_reader *in, uint8_t to[HALF])
{
    struct httpa_slice half = httpa_read_slice(in, HALF);
    for (size_t i = 0; i < half.n; i++) {
        to[HALF - 1 - i] = half.p[i];
    }
    httpa_read_zeros(in, HALF_PADDING);
}

static enum httpa_err
judge_front(struct httpa_snp_report *r, uint32_t algorithm, uint32_t keys)
{
    unsigned signer = keys >> 2 & 7;
    if (r->version < VERSION_MIN || r->version > VERSION_MAX ||
        algorithm != ECDSA_P384_SHA384 || signer == SIGNER_NONE) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if ((r->policy & POLICY_ONE) == 0 || r->policy >> 26 != 0 || r->vmpl > 3 ||
        signer > HTTPA_SNP_VLEK || keys >> 5 != 0) {
        return HTTPA_ERR_MALFORMED;
    }
    r->author_key = (keys & 1) != 0;
    r->chip_masked = (keys & 2) != 0;
    r->signer = (enum httpa_snp_signer)signer;
    return HTTPA_OK;
}

enum httpa_err
httpa_snp_report_read(struct httpa_slice in, struct httpa_snp_report *ret)
{
    struct httpa_snp_report r = { 0 };
    struct httpa_reader from = httpa_reader_of(in);
    uint32_t algorithm;
    uint32_t keys;
    if (in.n != HTTPA_SNP_REPORT) {
        return in.n < HTTPA_SNP_REPORT ? HTTPA_ERR_TRUNCATED
                                       : HTTPA_ERR_TRAILING;
    }
    read_front(&from, &r, &algorithm, &keys);
    enum httpa_err err = judge_front(&r, algorithm, keys);
    if (err != HTTPA_OK) {
        return err;
    }
    read_guest(&from, &r);
    read_platform(&from, &r);
    read_half(&from, r.signature);
    read_half(&from, r.signature + HALF);
    httpa_read_zeros(&from, 368);
    r.signed_bytes = httpa_slice_of(in.p, HTTPA_SNP_SIGNED);
    if (httpa_reader_end(&from) != HTTPA_OK) {
        return HTTPA_ERR_MALFORMED; /* the length is right: zeros are not */
    }
    *ret = r;
    return HTTPA_OK;
}

/* Which byte of the number is which component. */
static const uint8_t places[2][HTTPA_SNP_COMPONENTS] = {
    { 0, 1, 6, 7, 255 }, /* Milan, Genoa, Bergamo, Siena */
    { 1, 2, 3, 7, 0 },   /* Turin */
};

struct httpa_snp_tcb httpa_snp_tcb_of(uint64_t raw, bool is_turin)
{
    struct httpa_snp_tcb tcb = { { 0 } };
    for (size_t i = 0; i < HTTPA_SNP_COMPONENTS; i++) {
        uint8_t place = places[is_turin ? 1 : 0][i];
        if (place < 8) {
            tcb.v[i] = (uint8_t)(raw >> 8 * place);
        }
    }
    return tcb;
}

size_t httpa_snp_tcb_below(const struct httpa_snp_tcb *a,
                           const struct httpa_snp_tcb *least)
{
    size_t i = 0;
    while (i < HTTPA_SNP_COMPONENTS && a->v[i] >= least->v[i]) {
        i++;
    }
    return i;
}

bool httpa_snp_is_zero(struct httpa_slice s)
{
    uint8_t any = 0;
    for (size_t i = 0; i < s.n; i++) {
        any |= s.p[i];
    }
    return any == 0;
}
