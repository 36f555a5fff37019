#include "evidence/snp/chain.h"

#include <string.h>

#include "codec/cmw.h"
#include "codec/pem.h"
#include "crypto/crl.h"
#include "crypto/hash.h"

static enum httpa_err add(const struct httpa_verify_in *in,
                          struct httpa_slice der, struct httpa_snp_chain *c)
{
    struct httpa_cert *cert = NULL;
    if (c->count == HTTPA_SNP_CERTS_MAX) {
        return HTTPA_OK; /* candidates only: enough is enough */
    }
    enum httpa_err err = httpa_cert_read(in->crypto, der, &cert);
    if (err == HTTPA_OK) {
        c->certs[c->count++] = cert;
    }
    return err == HTTPA_ERR_MEMORY ? err : HTTPA_OK;
}

static enum httpa_err add_pem(const struct httpa_verify_in *in,
                              struct httpa_slice text,
                              struct httpa_snp_chain *c)
{
    struct httpa_pem pem = httpa_pem_of(text);
    struct httpa_slice label;
    enum httpa_err err = HTTPA_OK;
    bool reads = true;
    while (err == HTTPA_OK && reads && httpa_pem_more(&pem)) {
        struct httpa_buf der = httpa_buf_growing(HTTPA_CERT_MAX);
        reads = httpa_pem_next(&pem, &label, &der) == HTTPA_OK;
        if (reads && httpa_slice_is(label, "CERTIFICATE")) {
            err = add(in, httpa_buf_slice(&der), c);
        }
        httpa_buf_done(&der);
    }
    return err;
}

enum httpa_err httpa_snp_chain_read(const struct httpa_verify_in *in,
                                    struct httpa_snp_chain *ret)
{
    enum httpa_err err = HTTPA_OK;
    *ret = (struct httpa_snp_chain){ 0 };
    for (size_t i = 0; i < in->endorsement_count && err == HTTPA_OK; i++) {
        const struct httpa_endorsement *e = &in->endorsements[i];
        if (httpa_cmw_is_type(e->media_type, HTTPA_ENDORSEMENT_CERT)) {
            err = add(in, e->value, ret);
        } else if (httpa_cmw_is_type(e->media_type, HTTPA_ENDORSEMENT_CHAIN)) {
            err = add_pem(in, e->value, ret);
        }
    }
    return err;
}

void httpa_snp_chain_free(struct httpa_snp_chain *c)
{
    for (size_t i = 0; i < c->count; i++) {
        httpa_cert_free(c->certs[i]);
    }
    *c = (struct httpa_snp_chain){ 0 };
}

/* The root is known by its key, and has to be the maker's own: somebody else's
 * certificate for that key could take the right to sign revocation lists, or
 * another name, and so make the root's lists nobody's. */
static enum httpa_err
find_root(const struct httpa_verify_in *in,
          const struct httpa_snp_root roots[HTTPA_SNP_ROOTS],
          enum httpa_snp_line line, struct httpa_snp_chain *c)
{
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; i < c->count && err == HTTPA_OK; i++) {
        struct httpa_digest digest;
        err = httpa_hash_once(in->crypto, HTTPA_SHA256,
                              httpa_cert_spki(c->certs[i]), &digest);
        for (size_t k = 0; k < HTTPA_SNP_ROOTS && err == HTTPA_OK; k++) {
            if (roots[k].line == line &&
                memcmp(digest.bytes, roots[k].spki_sha256, 32) == 0 &&
                c->root == NULL &&
                httpa_cert_signs_itself(in->crypto, c->certs[i])) {
                c->root = c->certs[i];
            }
        }
    }
    return err;
}

static bool
fits(const struct httpa_snp_leaf *leaf, const struct httpa_snp_report *r)
{
    struct httpa_snp_tcb tcb =
        httpa_snp_tcb_of(r->reported_tcb, leaf->line == HTTPA_SNP_TURIN);
    return memcmp(&tcb, &leaf->tcb, sizeof(tcb)) == 0 &&
           (leaf->signer == HTTPA_SNP_VLEK ||
            httpa_slice_equal(leaf->hwid,
                              httpa_slice_of(r->chip_id.p, leaf->hwid.n)));
}

/* The certificate of the report's chip and TCB, else the first of the right
 * kind, so that a refusal can say what differs. */
static enum httpa_err
find_leaf(const struct httpa_snp_report *r, struct httpa_snp_chain *c)
{
    enum httpa_err err = HTTPA_ERR_UNDECIDED;
    for (size_t i = 0; i < c->count; i++) {
        struct httpa_snp_leaf leaf;
        if (!httpa_snp_is_leaf(c->certs[i], r->signer)) {
            continue;
        }
        enum httpa_err own = httpa_snp_leaf_read(c->certs[i], r->signer, &leaf);
        if (own == HTTPA_OK && (c->cert == NULL || fits(&leaf, r))) {
            c->cert = c->certs[i];
            c->leaf = leaf;
            err = HTTPA_OK;
        } else if (c->cert == NULL) {
            err = own;
        }
    }
    return err;
}

/* Whether there is anything between the leaf and the root. */
static bool has_intermediate(const struct httpa_snp_chain *c)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->certs[i] != c->root &&
            !httpa_snp_is_leaf(c->certs[i], HTTPA_SNP_VCEK) &&
            !httpa_snp_is_leaf(c->certs[i], HTTPA_SNP_VLEK)) {
            return true;
        }
    }
    return false;
}

/* Through one intermediate, so that it is known which. */
static enum httpa_err
follow(const struct httpa_verify_in *in, struct httpa_snp_chain *c)
{
    struct httpa_chain_rules rules = { .roots = &c->root,
                                       .root_count = 1,
                                       .time_s = in->now_s };
    enum httpa_err first = HTTPA_ERR_CHAIN;
    for (size_t i = 0; i < c->count; i++) {
        const struct httpa_cert *path[] = { c->cert, c->certs[i] };
        if (c->certs[i] == c->cert || c->certs[i] == c->root) {
            continue;
        }
        enum httpa_err err =
            httpa_chain_verify(in->crypto, path, 2, &rules, &c->lapses_s);
        if (err == HTTPA_OK) {
            c->ask = c->certs[i];
            return HTTPA_OK;
        }
        first = first == HTTPA_ERR_CHAIN ? err : first;
    }
    return first;
}

/* What one list says, if it is one of the root's. */
static enum httpa_snp_revoked ask_list(const struct httpa_verify_in *in,
                                       const struct httpa_snp_chain *c,
                                       const struct httpa_crl *crl)
{
    if (httpa_crl_verify(in->crypto, crl, c->root) != HTTPA_OK) {
        return HTTPA_SNP_NOT_LOOKED;
    }
    enum httpa_err err = httpa_crl_check(crl, c->ask);
    if (err != HTTPA_OK) {
        return err == HTTPA_ERR_CHAIN ? HTTPA_SNP_REVOKED
                                      : HTTPA_SNP_NOT_LOOKED;
    }
    return httpa_crl_at(crl, in->now_s) == HTTPA_OK ? HTTPA_SNP_NOT_REVOKED
                                                    : HTTPA_SNP_OF_ANOTHER_TIME;
}

enum httpa_snp_revoked
httpa_snp_chain_revoked(const struct httpa_verify_in *in,
                        const struct httpa_snp_chain *chain,
                        int64_t *ret_issued_s, int64_t *ret_lapses_s)
{
    enum httpa_snp_revoked worst = HTTPA_SNP_NOT_LOOKED;
    *ret_issued_s = 0;
    *ret_lapses_s = 0;
    for (size_t i = 0; i < in->endorsement_count; i++) {
        const struct httpa_endorsement *e = &in->endorsements[i];
        struct httpa_crl *crl = NULL;
        if (!httpa_cmw_is_type(e->media_type, HTTPA_ENDORSEMENT_CRL) ||
            httpa_crl_read(in->crypto, e->value, &crl) != HTTPA_OK) {
            continue;
        }
        enum httpa_snp_revoked is = ask_list(in, chain, crl);
        if (is == HTTPA_SNP_NOT_REVOKED &&
            httpa_crl_next_update(crl) > *ret_lapses_s) {
            *ret_issued_s = httpa_crl_this_update(crl);
            *ret_lapses_s = httpa_crl_next_update(crl);
        }
        worst = is > worst ? is : worst;
        httpa_crl_free(crl);
    }
    return worst;
}

enum httpa_err
httpa_snp_chain_follow(const struct httpa_verify_in *in,
                       const struct httpa_snp_root roots[HTTPA_SNP_ROOTS],
                       const struct httpa_snp_report *report,
                       struct httpa_snp_chain *chain)
{
    enum httpa_err err = find_leaf(report, chain);
    if (err == HTTPA_OK) {
        err = find_root(in, roots, chain->leaf.line, chain);
    }
    if (err == HTTPA_OK && (chain->root == NULL || !has_intermediate(chain))) {
        err = HTTPA_ERR_UNDECIDED;
    }
    return err == HTTPA_OK ? follow(in, chain) : err;
}
