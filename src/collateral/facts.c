#include "collateral/facts.h"

#include <stdio.h>
#include <string.h>

#include "base/writer.h"
#include "codec/cmw.h"
#include "codec/pem.h"
#include "crypto/crl.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "evidence/intel/collateral.h"

/* Room for a chain: leaf, CA, root, and one more. */
#define CERTS_MAX 8u

static void
set_whom(struct httpa_collateral_facts *facts, struct httpa_slice text)
{
    size_t n =
        text.n < sizeof(facts->whom) - 1 ? text.n : sizeof(facts->whom) - 1;
    if (n > 0) {
        memcpy(facts->whom, text.p, n);
    }
    facts->whom[n] = '\0';
}

/* ---- certificates ---- */

static void
set_subject(struct httpa_collateral_facts *facts, const struct httpa_cert *cert)
{
    struct httpa_buf name = httpa_buf_growing(4096);
    if (httpa_cert_write_subject(cert, &name) == HTTPA_OK) {
        set_whom(facts, httpa_buf_slice(&name));
    }
    httpa_buf_done(&name);
}

/* The first one names the piece; dates are those of the first to lapse. */
static enum httpa_err take_cert(const struct httpa_crypto *crypto,
                                struct httpa_slice der, bool first,
                                struct httpa_collateral_facts *facts)
{
    struct httpa_cert *cert = NULL;
    enum httpa_err err = httpa_cert_read(crypto, der, &cert);
    if (err != HTTPA_OK) {
        return err;
    }
    if (first) {
        set_subject(facts, cert);
    }
    if (first || httpa_cert_not_after(cert) < facts->lapses_s) {
        facts->lapses_s = httpa_cert_not_after(cert);
        facts->issued_s = httpa_cert_not_before(cert);
    }
    httpa_cert_free(cert);
    return HTTPA_OK;
}

static enum httpa_err look_cert(const struct httpa_crypto *crypto,
                                struct httpa_slice value,
                                struct httpa_collateral_facts *facts)
{
    return take_cert(crypto, value, true, facts);
}

static enum httpa_err look_chain(const struct httpa_crypto *crypto,
                                 struct httpa_slice value,
                                 struct httpa_collateral_facts *facts)
{
    struct httpa_pem pem = httpa_pem_of(value);
    struct httpa_buf der = httpa_buf_growing(HTTPA_CERT_MAX);
    enum httpa_err err = HTTPA_OK;
    size_t n = 0;
    for (; err == HTTPA_OK && httpa_pem_more(&pem); n++) {
        struct httpa_slice label;
        httpa_buf_reset(&der);
        err = n < CERTS_MAX ? httpa_pem_next(&pem, &label, &der)
                            : HTTPA_ERR_RANGE;
        if (err == HTTPA_OK && !httpa_slice_is(label, "CERTIFICATE")) {
            err = HTTPA_ERR_MALFORMED;
        }
        if (err == HTTPA_OK) {
            err = take_cert(crypto, httpa_buf_slice(&der), n == 0, facts);
        }
    }
    httpa_buf_done(&der);
    return err == HTTPA_OK && n == 0 ? HTTPA_ERR_MISSING : err;
}

/* ---- revocation lists ---- */

/* The issuer's common name (2.5.4.3) is the last string of an issuer of
 * vendors; its DER is shown as far as it is text. */
static void
set_issuer(struct httpa_collateral_facts *facts, struct httpa_slice name)
{
    static const uint8_t cn[] = { 0x06, 0x03, 0x55, 0x04, 0x03 };
    for (size_t i = 0; i + sizeof(cn) + 2 < name.n; i++) {
        size_t at = i + sizeof(cn) + 2;
        size_t n = name.p[at - 1];
        if (memcmp(name.p + i, cn, sizeof(cn)) == 0 && at + n <= name.n) {
            set_whom(facts, httpa_slice_of(name.p + at, n));
            return;
        }
    }
}

static enum httpa_err look_crl(const struct httpa_crypto *crypto,
                               struct httpa_slice value,
                               struct httpa_collateral_facts *facts)
{
    struct httpa_crl *crl = NULL;
    enum httpa_err err = httpa_crl_read(crypto, value, &crl);
    if (err == HTTPA_OK) {
        facts->issued_s = httpa_crl_this_update(crl);
        facts->lapses_s = httpa_crl_next_update(crl);
        set_issuer(facts, httpa_crl_issuer(crl));
    }
    httpa_crl_free(crl);
    return err;
}

/* ---- Intel's documents ---- */

static void set_dates(struct httpa_collateral_facts *facts,
                      const struct httpa_intel_dates *dates,
                      uint32_t evaluation)
{
    facts->issued_s = dates->issue_s;
    facts->lapses_s = dates->next_s;
    facts->evaluation = evaluation;
}

static enum httpa_err look_info(const struct httpa_crypto *crypto,
                                struct httpa_slice value,
                                struct httpa_collateral_facts *facts)
{
    struct httpa_intel_tcb_info info;
    enum httpa_err err = httpa_intel_tcb_info_read(value, &info);
    (void)crypto;
    if (err == HTTPA_OK) {
        struct httpa_buf whom =
            httpa_buf_fixed((uint8_t *)facts->whom, sizeof(facts->whom) - 1);
        httpa_buf_put_str(&whom, info.is_tdx ? "TDX FMSPC " : "SGX FMSPC ");
        httpa_write_hex(&whom, httpa_slice_of(info.fmspc, sizeof(info.fmspc)));
        facts->whom[whom.n] = '\0';
        set_dates(facts, &info.dates, info.evaluation_number);
    }
    return err;
}

static enum httpa_err look_identity(const struct httpa_crypto *crypto,
                                    struct httpa_slice value,
                                    struct httpa_collateral_facts *facts)
{
    struct httpa_intel_qe_identity identity;
    enum httpa_err err = httpa_intel_qe_identity_read(value, &identity);
    (void)crypto;
    if (err == HTTPA_OK) {
        set_whom(facts, httpa_slice_str(identity.is_tdx ? "TD_QE" : "QE"));
        set_dates(facts, &identity.dates, identity.evaluation_number);
    }
    return err;
}

static enum httpa_err look_evaluations(const struct httpa_crypto *crypto,
                                       struct httpa_slice value,
                                       struct httpa_collateral_facts *facts)
{
    struct httpa_intel_evaluations e;
    enum httpa_err err = httpa_intel_evaluations_read(value, &e);
    (void)crypto;
    if (err == HTTPA_OK) {
        set_whom(facts, httpa_slice_str(e.is_tdx ? "TDX" : "SGX"));
        set_dates(facts, &e.dates, 0);
    }
    return err;
}

/* ---- Arm ---- */

/* A key that no date is on, known by its SHA-256. */
static enum httpa_err look_key(const struct httpa_crypto *crypto,
                               struct httpa_slice value,
                               struct httpa_collateral_facts *facts)
{
    struct httpa_pem pem = httpa_pem_of(value);
    struct httpa_buf der = httpa_buf_growing(HTTPA_SPKI_MAX);
    struct httpa_pubkey *key = NULL;
    struct httpa_digest digest;
    struct httpa_slice label;
    enum httpa_err err = httpa_pem_next(&pem, &label, &der);
    if (err == HTTPA_OK &&
        (httpa_pem_more(&pem) || !httpa_slice_is(label, "PUBLIC KEY"))) {
        err = HTTPA_ERR_MALFORMED;
    }
    if (err == HTTPA_OK) {
        err = httpa_pubkey_read(crypto, httpa_buf_slice(&der), &key);
    }
    if (err == HTTPA_OK) {
        err = httpa_hash_once(crypto, HTTPA_SHA256, httpa_pubkey_spki(key),
                              &digest);
    }
    if (err == HTTPA_OK) {
        struct httpa_buf whom =
            httpa_buf_fixed((uint8_t *)facts->whom, sizeof(facts->whom) - 1);
        httpa_buf_put_str(&whom, "CPAK ");
        httpa_write_hex(&whom, httpa_digest_slice(&digest));
        facts->whom[whom.n] = '\0';
    }
    httpa_pubkey_free(key);
    httpa_buf_done(&der);
    return err;
}

/* ---- all ---- */

static const struct {
    const char *media_type;
    const char *kind;
    enum httpa_err (*look)(const struct httpa_crypto *crypto,
                           struct httpa_slice value,
                           struct httpa_collateral_facts *facts);
} kinds[] = {
    { HTTPA_ENDORSEMENT_CERT, "certificate", look_cert },
    { HTTPA_ENDORSEMENT_CHAIN, "chain", look_chain },
    { HTTPA_ENDORSEMENT_CRL, "crl", look_crl },
    { HTTPA_INTEL_TYPE_TCB_INFO, "tcb-info", look_info },
    { HTTPA_INTEL_TYPE_QE_IDENTITY, "qe-identity", look_identity },
    { HTTPA_INTEL_TYPE_EVALUATIONS, "tcb-evaluations", look_evaluations },
    { HTTPA_INTEL_TYPE_TCB_CHAIN, "tcb-chain", look_chain },
    { HTTPA_INTEL_TYPE_QE_CHAIN, "qe-chain", look_chain },
    { HTTPA_INTEL_TYPE_PCK_CRL, "pck-crl", look_crl },
    { HTTPA_INTEL_TYPE_PCK_CRL_CHAIN, "pck-crl-chain", look_chain },
    { HTTPA_INTEL_TYPE_ROOT_CRL, "root-crl", look_crl },
    { HTTPA_ENDORSEMENT_CPAK, "cpak", look_key },
};

enum httpa_err httpa_collateral_look(const struct httpa_crypto *crypto,
                                     const struct httpa_endorsement *piece,
                                     struct httpa_collateral_facts *ret_facts)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (httpa_cmw_is_type(piece->media_type, kinds[i].media_type)) {
            struct httpa_collateral_facts facts = { .kind = kinds[i].kind };
            enum httpa_err err = kinds[i].look(crypto, piece->value, &facts);
            if (err == HTTPA_OK) {
                *ret_facts = facts;
            }
            return err;
        }
    }
    return HTTPA_ERR_UNSUPPORTED;
}

bool httpa_collateral_is_older(const struct httpa_collateral_facts *a,
                               const struct httpa_collateral_facts *b)
{
    return a->evaluation != b->evaluation ? a->evaluation < b->evaluation
                                          : a->issued_s < b->issued_s;
}
