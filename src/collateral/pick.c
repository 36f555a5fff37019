#include "collateral/pick.h"

#include <string.h>

#include "codec/cmw.h"
#include "collateral/need.h"
#include "evidence/intel/collateral.h"
#include "evidence/snp/vcek.h"

struct pick {
    const struct httpa_crypto *crypto;
    const struct httpa_evidence *items;
    size_t count;
};

static bool is_type(const struct httpa_endorsement *e, const char *type)
{
    return httpa_cmw_is_type(e->media_type, type);
}

static bool is_of(const struct httpa_evidence *item,
                  const struct httpa_verifier *verifier)
{
    return httpa_cmw_is_type(item->media_type, verifier->media_type);
}

/* Whether nobody can say whose platform it is: there is no evidence, or it
 * stands inside something else. */
static bool is_hidden(const struct pick *p)
{
    bool hidden = p->count == 0;
    for (size_t i = 0; i < p->count; i++) {
        hidden = hidden ||
                 httpa_cmw_is_type(p->items[i].media_type,
                                   HTTPA_MEDIA_TYPE_HCL) ||
                 httpa_cmw_is_type(p->items[i].media_type,
                                   HTTPA_MEDIA_TYPE_AZURE_TDX);
    }
    return hidden;
}

/* ---- whose it is ---- */

static bool is_chip(const struct httpa_snp_leaf *leaf,
                    const struct httpa_evidence *item)
{
    struct httpa_snp_report r;
    if (!is_of(item, &httpa_verifier_snp) ||
        httpa_snp_report_read(item->value, &r) != HTTPA_OK) {
        return false;
    }
    struct httpa_snp_tcb tcb =
        httpa_snp_tcb_of(r.reported_tcb, leaf->line == HTTPA_SNP_TURIN);
    return memcmp(&tcb, &leaf->tcb, sizeof(tcb)) == 0 &&
           (httpa_snp_is_zero(r.chip_id) ||
            httpa_slice_equal(leaf->hwid,
                              httpa_slice_of(r.chip_id.p, leaf->hwid.n)));
}

/* A VCEK is a chip's; other certificates are of many. */
static bool cert_is_foreign(const struct pick *p, struct httpa_slice value)
{
    struct httpa_cert *cert = NULL;
    struct httpa_snp_leaf leaf;
    bool foreign = false;
    if (httpa_cert_read(p->crypto, value, &cert) == HTTPA_OK &&
        httpa_snp_is_leaf(cert, HTTPA_SNP_VCEK) &&
        httpa_snp_leaf_read(cert, HTTPA_SNP_VCEK, &leaf) == HTTPA_OK) {
        foreign = true;
        for (size_t i = 0; i < p->count; i++) {
            foreign = foreign && !is_chip(&leaf, &p->items[i]);
        }
    }
    httpa_cert_free(cert);
    return foreign;
}

static bool info_is_foreign(const struct pick *p, struct httpa_slice value)
{
    struct httpa_intel_tcb_info info;
    bool foreign = httpa_intel_tcb_info_read(value, &info) == HTTPA_OK;
    for (size_t i = 0; i < p->count && foreign; i++) {
        struct httpa_collateral_fmspc is;
        foreign = httpa_collateral_fmspc(p->crypto, &p->items[i], &is) !=
                      HTTPA_OK ||
                  is.is_tdx != info.is_tdx ||
                  memcmp(is.fmspc, info.fmspc, sizeof(is.fmspc)) != 0;
    }
    return foreign;
}

static bool identity_is_foreign(const struct pick *p, struct httpa_slice value)
{
    struct httpa_intel_qe_identity identity;
    bool foreign = httpa_intel_qe_identity_read(value, &identity) == HTTPA_OK;
    for (size_t i = 0; i < p->count && foreign; i++) {
        foreign = !is_of(&p->items[i], identity.is_tdx ? &httpa_verifier_tdx
                                                       : &httpa_verifier_sgx);
    }
    return foreign;
}

static const struct {
    const char *media_type;
    bool (*is_foreign)(const struct pick *p, struct httpa_slice value);
} kinds[] = {
    { HTTPA_ENDORSEMENT_CERT, cert_is_foreign },
    { HTTPA_INTEL_TYPE_TCB_INFO, info_is_foreign },
    { HTTPA_INTEL_TYPE_QE_IDENTITY, identity_is_foreign },
};

static bool is_foreign(const struct pick *p, const struct httpa_collateral *c,
                       size_t at)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is_type(&c->v[at], kinds[i].media_type) && !is_hidden(p)) {
            return kinds[i].is_foreign(p, c->v[at].value);
        }
    }
    return false;
}

static bool is_twice(const struct pick *p, const struct httpa_collateral *c,
                     size_t at)
{
    (void)p;
    for (size_t i = 0; i < at; i++) {
        if (httpa_slice_equal(c->v[i].media_type, c->v[at].media_type) &&
            httpa_slice_equal(c->v[i].value, c->v[at].value)) {
            return true;
        }
    }
    return false;
}

/* "evidence/intel/collateral.h": verifiers have no use for it. */
static bool is_unused(const struct pick *p, const struct httpa_collateral *c,
                      size_t at)
{
    (void)p;
    return is_type(&c->v[at], HTTPA_INTEL_TYPE_PCK_CRL_CHAIN);
}

/* ---- what goes ---- */

static bool
fits(const struct httpa_collateral *c, const struct httpa_collateral_picked *p)
{
    return c->n <= p->pieces_max && httpa_collateral_size(c) <= p->bytes_max;
}

void httpa_collateral_pick(const struct httpa_crypto *crypto,
                           const struct httpa_evidence *items, size_t count,
                           struct httpa_collateral *c,
                           struct httpa_collateral_picked *p)
{
    static bool (*const reasons[])(const struct pick *p,
                                   const struct httpa_collateral *c,
                                   size_t at) = { is_twice, is_foreign,
                                                  is_unused };
    const struct pick pick = { crypto, items, count };
    p->foreign = p->cut = 0;
    for (size_t k = 0; k < sizeof(reasons) / sizeof(reasons[0]); k++) {
        for (size_t i = c->n; i-- > 0 && !fits(c, p);) {
            if (reasons[k](&pick, c, i)) {
                httpa_collateral_drop(c, i);
                p->foreign++;
            }
        }
    }
    while (!fits(c, p)) {
        memcpy(p->last, c->names[c->n - 1], sizeof(p->last));
        httpa_collateral_drop(c, c->n - 1);
        p->cut++;
    }
}
