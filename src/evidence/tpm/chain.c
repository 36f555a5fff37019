#include "evidence/tpm/chain.h"

#include "base/writer.h"
#include "crypto/hash.h"
#include "crypto/x509.h"
#include "evidence/tpm/gce.h"
#include "evidence/tpm/quote.h"

/* TCG OID registry: tcg-kp-EKCertificate, tcg-kp-AIKCertificate; X.509:
 * extendedKeyUsage */
#define EKU_EK "2.23.133.8.1"
#define EKU_AK "2.23.133.8.3"
#define OID_EKU "2.5.29.37"

/* Roots that one profile may name: bounds the work per verdict. */
#define ROOTS_MAX 32u

struct certs {
    struct httpa_cert *v[ROOTS_MAX];
    size_t n;
};

/* What is looked at: |roots| borrows those of |chain| that a key of the policy
 * says to be one, behind its own. */
struct look {
    struct certs chain;
    struct certs own;
    const struct httpa_cert *roots[ROOTS_MAX + HTTPA_TPM_CHAIN_MAX];
    size_t root_n;
};

static enum httpa_err read_certs(const struct httpa_crypto *crypto,
                                 const struct httpa_slice *der, size_t n,
                                 struct certs *ret)
{
    enum httpa_err err = n > ROOTS_MAX ? HTTPA_ERR_RANGE : HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < n; i++) {
        err = httpa_cert_read(crypto, der[i], &ret->v[ret->n]);
        ret->n += err == HTTPA_OK;
    }
    return err;
}

static void free_certs(struct certs *certs)
{
    for (size_t i = 0; i < certs->n; i++) {
        httpa_cert_free(certs->v[i]);
    }
}

static bool is_pinned(const struct httpa_tpm_policy *policy,
                      const struct httpa_digest *key)
{
    for (size_t i = 0; i < policy->root_key_count; i++) {
        if (httpa_slice_equal(policy->root_keys[i], httpa_digest_slice(key))) {
            return true;
        }
    }
    return false;
}

/* The evidence brings the root of a pinned key along, and so would a forged
 * one: it must be its own issuer, and have signed itself. */
static enum httpa_err
find_roots(const struct httpa_tpm_vouched *w, const struct httpa_verify_in *in,
           struct look *l)
{
    for (size_t i = 0; i < l->own.n; i++) {
        l->roots[l->root_n++] = l->own.v[i];
    }
    for (size_t i = 0; i < l->chain.n; i++) {
        struct httpa_digest key;
        enum httpa_err err =
            httpa_hash_once(in->crypto, HTTPA_SHA256,
                            httpa_cert_spki(l->chain.v[i]), &key);
        if (err != HTTPA_OK) {
            return err;
        }
        if (is_pinned(w->policy, &key) &&
            httpa_cert_signs_itself(in->crypto, l->chain.v[i])) {
            l->roots[l->root_n++] = l->chain.v[i];
        }
    }
    return l->root_n > 0 ? HTTPA_OK : HTTPA_ERR_CHAIN;
}

/* What a leaf must say it is for.  An EK certificate says so always; AK
 * certificates of cloud vendors say nothing, "AK", or (GCE) "EK".  Whoever
 * may issue certificates is no TPM's key, nor is what may not sign an AK. */
static bool usage_fits(const struct httpa_cert *cert, bool is_ek)
{
    struct httpa_slice value;
    if (httpa_cert_is_ca(cert) || (!is_ek && !httpa_cert_may_sign(cert))) {
        return false;
    }
    if (httpa_cert_has_eku(cert, EKU_EK)) {
        return true;
    }
    return !is_ek &&
           (httpa_cert_has_eku(cert, EKU_AK) ||
            httpa_cert_extension(cert, OID_EKU, &value) == HTTPA_ERR_MISSING);
}

static enum httpa_err follow(const struct httpa_tpm_vouched *w,
                             const struct httpa_verify_in *in, struct look *l,
                             int64_t *ret_lapses_s)
{
    struct httpa_tpm_public key;
    enum httpa_err err = find_roots(w, in, l);
    if (err == HTTPA_OK) {
        struct httpa_chain_rules rules = {
            .roots = l->roots,
            .root_count = l->root_n,
            .time_s = in->now_s,
        };
        err = httpa_chain_verify(in->crypto,
                                 (const struct httpa_cert *const *)l->chain.v,
                                 l->chain.n, &rules, ret_lapses_s);
    }
    if (err == HTTPA_OK && !usage_fits(l->chain.v[0], w->is_ek)) {
        err = HTTPA_ERR_CHAIN;
    }
    if (err == HTTPA_OK) {
        err = httpa_tpm_public_read(w->key, &key);
    }
    return err == HTTPA_OK
               ? httpa_tpm_certifies(in->crypto, l->chain.v[0], &key)
               : err;
}

static void claim_number(struct httpa_verdict *v, unsigned of,
                         const char *name, uint64_t number)
{
    uint8_t room[24]; /* text: JSON's numbers end at 2^53 */
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    httpa_write_decimal(&text, number);
    httpa_verdict_claim(v, of, name, httpa_value_text(httpa_buf_slice(&text)));
}

/* A machine that says of itself that it is no production is Google's own, with
 * firmware of which nobody knows. */
static enum httpa_err claim_gce(const struct httpa_cert *leaf,
                                struct httpa_verdict *v, unsigned of)
{
    struct httpa_slice extension;
    struct httpa_tpm_gce g;
    enum httpa_err err =
        httpa_cert_extension(leaf, HTTPA_TPM_GCE_OID, &extension);
    if (err == HTTPA_ERR_MISSING) {
        return HTTPA_OK;
    }
    if (err == HTTPA_OK) {
        err = httpa_tpm_gce_read(extension, &g);
    }
    if (err == HTTPA_OK && !g.production) {
        err = HTTPA_ERR_CHAIN;
    }
    if (err == HTTPA_OK && httpa_verdict_find(v, of, "gce_zone") == NULL) {
        httpa_verdict_claim(v, of, "gce_zone", httpa_value_text(g.zone));
        httpa_verdict_claim(v, of, "gce_project", httpa_value_text(g.project));
        claim_number(v, of, "gce_project_number", g.project_number);
        httpa_verdict_claim(v, of, "gce_instance",
                            httpa_value_text(g.instance));
        claim_number(v, of, "gce_instance_id", g.instance_id);
    }
    return err;
}

enum httpa_err httpa_tpm_chain_check(const struct httpa_tpm_vouched *w,
                                     const struct httpa_verify_in *in,
                                     struct httpa_verdict *v, unsigned of,
                                     int64_t *ret_lapses_s)
{
    struct look l = { .root_n = 0 };
    int64_t lapses_s = 0;
    enum httpa_err err = HTTPA_ERR_MISSING;
    if (w->chain.n > 0 &&
        w->policy->root_count + w->policy->root_key_count > 0) {
        err = read_certs(in->crypto, w->chain.der, w->chain.n, &l.chain);
    }
    if (err == HTTPA_OK) {
        err = read_certs(in->crypto, w->policy->roots, w->policy->root_count,
                         &l.own);
    }
    if (err == HTTPA_OK) {
        err = follow(w, in, &l, &lapses_s);
    }
    if (err == HTTPA_OK) {
        err = claim_gce(l.chain.v[0], v, of);
    }
    if (err == HTTPA_OK) {
        *ret_lapses_s = lapses_s;
    }
    free_certs(&l.chain);
    free_certs(&l.own);
    return err;
}
