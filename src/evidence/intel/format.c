#include "evidence/intel/format.h"

#include "base/reader.h"

#define HEADER_LEN 48u
#define ENCLAVE_LEN 384u
#define TD_LEN 584u
#define TD15_LEN 648u

#define KEY_ECDSA_P256 2u
#define TEE_SGX 0u
#define TEE_TDX 0x81u

/* Certification data: what is inside, and a chain as PEM */
#define CERT_PEM_CHAIN 5u
#define CERT_QE_REPORT 6u

static const uint8_t intel[] = {
    0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
    0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07
};

enum httpa_err httpa_intel_enclave_read(struct httpa_slice in,
                                        struct httpa_intel_enclave *ret_enclave)
{
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_intel_enclave e = { .bytes = in };
    e.cpu_svn = httpa_read_slice(&r, 16);
    e.misc_select = httpa_read_slice(&r, 4);
    (void)httpa_read_slice(&r, 12);
    e.ext_prod_id = httpa_read_slice(&r, 16);
    e.attributes = httpa_read_slice(&r, 16);
    e.mrenclave = httpa_read_slice(&r, 32);
    (void)httpa_read_slice(&r, 32);
    e.mrsigner = httpa_read_slice(&r, 32);
    (void)httpa_read_slice(&r, 32);
    e.config_id = httpa_read_slice(&r, 64);
    e.isv_prod_id = httpa_read_u16le(&r);
    e.isv_svn = httpa_read_u16le(&r);
    e.config_svn = httpa_read_u16le(&r);
    (void)httpa_read_slice(&r, 42);
    e.family_id = httpa_read_slice(&r, 16);
    e.report_data = httpa_read_slice(&r, HTTPA_INTEL_REPORT_DATA);
    enum httpa_err err = httpa_reader_end(&r);
    if (err == HTTPA_OK) {
        *ret_enclave = e;
    }
    return err;
}

static uint64_t little_endian(struct httpa_slice s)
{
    struct httpa_reader r = httpa_reader_of(s);
    return httpa_read_u64le(&r);
}

static enum httpa_err read_td(struct httpa_slice in, struct httpa_intel_td *td)
{
    struct httpa_reader r = httpa_reader_of(in);
    td->tee_tcb_svn = httpa_read_slice(&r, HTTPA_INTEL_COMPONENTS);
    td->mrseam = httpa_read_slice(&r, 48);
    td->mrsignerseam = httpa_read_slice(&r, 48);
    td->seam_attributes = httpa_read_slice(&r, 8);
    td->attributes_bytes = httpa_read_slice(&r, 8);
    td->attributes = little_endian(td->attributes_bytes);
    td->xfam = httpa_read_slice(&r, 8);
    td->mrtd = httpa_read_slice(&r, 48);
    td->mr_config_id = httpa_read_slice(&r, 48);
    td->mr_owner = httpa_read_slice(&r, 48);
    td->mr_owner_config = httpa_read_slice(&r, 48);
    for (size_t i = 0; i < 4; i++) {
        td->rtmr[i] = httpa_read_slice(&r, 48);
    }
    td->report_data = httpa_read_slice(&r, HTTPA_INTEL_REPORT_DATA);
    if (in.n == TD15_LEN) {
        td->tee_tcb_svn_2 = httpa_read_slice(&r, HTTPA_INTEL_COMPONENTS);
        td->mr_service_td = httpa_read_slice(&r, 48);
    }
    return httpa_reader_end(&r);
}

/* A body by its type: of the header in versions 3 and 4, its own in 5. */
struct body {
    uint16_t version;
    uint32_t tee;
    uint16_t type; /* 0: none is written */
    size_t n;
};

static const struct body bodies[] = {
    { 3, TEE_SGX, 0, ENCLAVE_LEN }, { 4, TEE_SGX, 0, ENCLAVE_LEN },
    { 4, TEE_TDX, 0, TD_LEN },      { 5, TEE_SGX, 1, ENCLAVE_LEN },
    { 5, TEE_TDX, 2, TD_LEN },      { 5, TEE_TDX, 3, TD15_LEN },
};

static const struct body *
find_body(uint16_t version, uint32_t tee, uint16_t type)
{
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        if (bodies[i].version == version && bodies[i].tee == tee &&
            bodies[i].type == type) {
            return &bodies[i];
        }
    }
    return NULL;
}

static enum httpa_err
read_header(struct httpa_reader *r, uint16_t *ret_version, uint32_t *ret_tee)
{
    *ret_version = httpa_read_u16le(r);
    uint16_t key_type = httpa_read_u16le(r);
    *ret_tee = httpa_read_u32le(r);
    (void)httpa_read_slice(r, 4);
    struct httpa_slice vendor = httpa_read_slice(r, sizeof(intel));
    (void)httpa_read_slice(r, 20);
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    /* dcap-qvl issue 127: the vendor was not compared. */
    return key_type == KEY_ECDSA_P256 &&
                   httpa_slice_equal(vendor,
                                     httpa_slice_of(intel, sizeof(intel)))
               ? HTTPA_OK
               : HTTPA_ERR_UNSUPPORTED;
}

/* What is signed: header and body, with the body's type and size. */
static enum httpa_err
read_signed(struct httpa_reader *r, struct httpa_intel_quote *q)
{
    struct httpa_slice from = r->in;
    uint16_t version = 0;
    uint16_t type = 0;
    uint32_t tee = 0;
    size_t size = 0;
    enum httpa_err err = read_header(r, &version, &tee);
    if (err == HTTPA_OK && version == 5) {
        type = httpa_read_u16le(r);
        size = httpa_read_u32le(r);
        err = httpa_reader_ok(r) ? HTTPA_OK : HTTPA_ERR_TRUNCATED;
    }
    if (err != HTTPA_OK) {
        return err;
    }
    const struct body *body = find_body(version, tee, type);
    if (body == NULL) {
        return HTTPA_ERR_UNSUPPORTED;
    }
    if (version == 5 && size != body->n) {
        return HTTPA_ERR_RANGE;
    }
    struct httpa_slice bytes = httpa_read_slice(r, body->n);
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    q->version = version;
    q->is_tdx = tee == TEE_TDX;
    q->signed_part = httpa_slice_of(from.p, from.n - r->in.n);
    err = q->is_tdx ? read_td(bytes, &q->td)
                    : httpa_intel_enclave_read(bytes, &q->enclave);
    q->report_data = q->is_tdx ? q->td.report_data : q->enclave.report_data;
    return err;
}

/* Certification data of |type|, the last thing in |r|: one reader of its
 * content. */
static enum httpa_err
enter(struct httpa_reader *r, uint16_t type, struct httpa_reader *ret_inner)
{
    uint16_t there = httpa_read_u16le(r);
    size_t n = httpa_read_u32le(r);
    struct httpa_slice content = httpa_read_slice(r, n);
    enum httpa_err err = httpa_reader_end(r);
    if (err != HTTPA_OK) {
        return err;
    }
    *ret_inner = httpa_reader_of(content);
    return there == type ? HTTPA_OK : HTTPA_ERR_UNSUPPORTED;
}

/* Most quoting libraries end the text as a C string. */
static struct httpa_slice without_nul(struct httpa_slice s)
{
    return s.n > 0 && s.p[s.n - 1] == 0 ? httpa_slice_of(s.p, s.n - 1) : s;
}

static enum httpa_err
read_qe(struct httpa_reader *r, struct httpa_intel_quote *q)
{
    struct httpa_reader chain;
    struct httpa_slice report = httpa_read_slice(r, ENCLAVE_LEN);
    q->qe_signature = httpa_read_slice(r, HTTPA_INTEL_SIGNATURE);
    size_t auth_n = httpa_read_u16le(r);
    q->qe_auth = httpa_read_slice(r, auth_n);
    if (!httpa_reader_ok(r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    enum httpa_err err = enter(r, CERT_PEM_CHAIN, &chain);
    if (err == HTTPA_OK) {
        q->pck_chain = without_nul(chain.in);
        err = httpa_intel_enclave_read(report, &q->qe);
    }
    return err;
}

static enum httpa_err
read_signature(struct httpa_slice in, struct httpa_intel_quote *q)
{
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_reader inner;
    q->signature = httpa_read_slice(&r, HTTPA_INTEL_SIGNATURE);
    q->ak = httpa_read_slice(&r, 64);
    if (!httpa_reader_ok(&r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    if (q->version == 3) {
        return read_qe(&r, q);
    }
    enum httpa_err err = enter(&r, CERT_QE_REPORT, &inner);
    return err == HTTPA_OK ? read_qe(&inner, q) : err;
}

enum httpa_err httpa_intel_quote_read(struct httpa_slice in,
                                      struct httpa_intel_quote *ret_quote)
{
    struct httpa_reader r = httpa_reader_of(in);
    struct httpa_intel_quote q = { 0 };
    if (in.n > HTTPA_INTEL_QUOTE_MAX) {
        return HTTPA_ERR_RANGE;
    }
    enum httpa_err err = read_signed(&r, &q);
    if (err != HTTPA_OK) {
        return err;
    }
    size_t n = httpa_read_u32le(&r);
    struct httpa_slice signature = httpa_read_slice(&r, n);
    if (!httpa_reader_ok(&r)) {
        return HTTPA_ERR_TRUNCATED;
    }
    q.padding = r.in.n;
    httpa_read_zeros(&r, q.padding);
    if (!httpa_reader_ok(&r)) {
        return HTTPA_ERR_TRAILING;
    }
    err = read_signature(signature, &q);
    if (err == HTTPA_OK) {
        *ret_quote = q;
    }
    return err;
}
