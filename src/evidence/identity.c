/*
 * `identity`: evidence says what runs; this says whose it is
 * (doc/policy.md, "identity").
 */
#include "evidence/appraise.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/x509.h"

/* RFC 1035 2.3.4 and a zero byte; longer is no host. */
#define HOST_MAX 256u

static bool same_digest(const uint8_t a[32], const uint8_t b[32])
{
    return httpa_slice_equal(httpa_slice_of(a, 32), httpa_slice_of(b, 32));
}

static bool is_pinned(const struct httpa_identity_policy *id,
                      const struct httpa_verdict_facts *f)
{
    for (size_t i = 0; f->has_spki && i < id->spki_count; i++) {
        if (same_digest(id->spki_sha256[i], f->spki_sha256)) {
            return true;
        }
    }
    return false;
}

/* The host of an origin, without port and brackets (RFC 6454 4). */
static bool host_of(struct httpa_slice origin, char host[HOST_MAX])
{
    static const char mark[] = "://";
    size_t i = 0, end = origin.n;
    while (i + 3 <= origin.n && memcmp(origin.p + i, mark, 3) != 0) {
        i++;
    }
    i += 3;
    if (i < origin.n && origin.p[i] == '[') {
        i++;
        const uint8_t *close = memchr(origin.p + i, ']', origin.n - i);
        end = close != NULL ? (size_t)(close - origin.p) : i;
    } else if (i < origin.n) {
        const uint8_t *colon = memchr(origin.p + i, ':', origin.n - i);
        end = colon != NULL ? (size_t)(colon - origin.p) : end;
    }
    if (i >= end || end - i >= HOST_MAX ||
        memchr(origin.p + i, '\0', end - i) != NULL) {
        return false;
    }
    memcpy(host, origin.p + i, end - i);
    host[end - i] = '\0';
    return true;
}

/* Roots and chains come from a file of ours and from a bounded chain. */
#define CERTS_MAX 1024u

struct certs {
    struct httpa_cert **v;
    size_t n;
};

static void free_certs(struct certs *certs)
{
    for (size_t i = 0; i < certs->n; i++) {
        httpa_cert_free(certs->v[i]);
    }
    free(certs->v);
    *certs = (struct certs){ 0 };
}

static enum httpa_err read_certs(const struct httpa_crypto *crypto,
                                 const struct httpa_slice *der, size_t n,
                                 struct certs *ret)
{
    if (n == 0 || n > CERTS_MAX) {
        return HTTPA_ERR_RANGE;
    }
    struct certs certs = { .v = calloc(n, sizeof(struct httpa_cert *)) };
    if (certs.v == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    for (; certs.n < n; certs.n++) {
        enum httpa_err err =
            httpa_cert_read(crypto, der[certs.n], &certs.v[certs.n]);
        if (err != HTTPA_OK) {
            free_certs(&certs);
            return err;
        }
    }
    *ret = certs;
    return HTTPA_OK;
}

/* The chain's leaf must be the key that signed E, not just any certificate
 * that was sent along, and a server's, not a user's (doc/protocol.md 7.1). */
static enum httpa_err verify_chain(const struct httpa_appraisal *in,
                                   const struct certs *chain,
                                   const struct certs *roots,
                                   int64_t *ret_lapses_s)
{
    struct httpa_chain_rules rules = {
        .roots = (const struct httpa_cert *const *)roots->v,
        .root_count = roots->n,
        .time_s = in->now_s,
        .of_server = true,
    };
    if (!httpa_slice_equal(httpa_cert_spki(chain->v[0]), in->service_spki)) {
        return HTTPA_ERR_KEY;
    }
    return httpa_chain_verify(in->crypto,
                              (const struct httpa_cert *const *)chain->v,
                              chain->n, &rules, ret_lapses_s);
}

/* For the origin's host, or for one of the names that replace it. */
static bool is_for(const struct httpa_appraisal *in,
                   const struct httpa_cert *leaf)
{
    const struct httpa_identity_policy *id = &in->policy->identity;
    char host[HOST_MAX];
    if (id->name_count == 0) {
        return host_of(in->origin, host) && httpa_cert_is_for(leaf, host);
    }
    for (size_t i = 0; i < id->name_count; i++) {
        if (id->names[i].n < HOST_MAX) {
            memcpy(host, id->names[i].p, id->names[i].n);
            host[id->names[i].n] = '\0';
            if (httpa_cert_is_for(leaf, host)) {
                return true;
            }
        }
    }
    return false;
}

static enum httpa_err note_subject(struct httpa_verdict *v,
                                   const struct httpa_cert *leaf)
{
    uint8_t storage[HTTPA_SENTENCE_MAX];
    struct httpa_buf subject = httpa_buf_fixed(storage, sizeof(storage));
    enum httpa_err err = httpa_cert_write_subject(leaf, &subject);
    if (err == HTTPA_OK) {
        v->facts.subject = httpa_verdict_copy(v, httpa_buf_slice(&subject));
    }
    return err == HTTPA_ERR_SPACE ? HTTPA_OK : err;
}

static enum httpa_err judge_chain(const struct httpa_appraisal *in,
                                  struct httpa_verdict *v,
                                  const struct httpa_slice *roots_der,
                                  size_t root_count, int64_t *ret_lapses_s)
{
    struct certs chain = { 0 }, roots = { 0 };
    enum httpa_err err = HTTPA_ERR_MISSING;
    if (in->service_spki.n > 0 && in->service_chain_count > 0 &&
        in->service_chain_count <= HTTPA_SERVICE_CHAIN_MAX) {
        err = read_certs(in->crypto, in->service_chain,
                         in->service_chain_count, &chain);
    }
    if (err == HTTPA_OK) {
        err = read_certs(in->crypto, roots_der, root_count, &roots);
    }
    if (err == HTTPA_OK) {
        err = verify_chain(in, &chain, &roots, ret_lapses_s);
    }
    if (err == HTTPA_OK) {
        err = is_for(in, chain.v[0]) ? note_subject(v, chain.v[0])
                                     : HTTPA_ERR_CHAIN;
    }
    free_certs(&chain);
    free_certs(&roots);
    return err;
}

static struct httpa_value seen_key(const struct httpa_verdict_facts *f)
{
    return f->has_spki
               ? httpa_value_bytes(httpa_slice_of(f->spki_sha256, 32))
               : httpa_value_str("no service key");
}

/* spki_sha256 and ca_files: either will do. */
static enum httpa_err judge_pinned(const struct httpa_appraisal *in,
                                   struct httpa_verdict *v,
                                   struct httpa_check *c)
{
    const struct httpa_identity_policy *id = &in->policy->identity;
    enum httpa_err err = HTTPA_ERR_IDENTITY;
    c->id = "identity.pinned";
    c->seen = seen_key(&v->facts);
    c->expected = httpa_value_str("a key or CA that the policy pins");
    c->text = "The service key is not one that the policy pins: it may be "
              "anybody's machine with the same code.";
    c->advice = "If the owner changed the key, he can tell you its digest; "
                "add it to identity.spki_sha256.";
    if (is_pinned(id, &v->facts)) {
        return HTTPA_OK;
    }
    if (id->ca_root_count > 0) {
        err = judge_chain(in, v, id->ca_roots, id->ca_root_count, &c->lapses_s);
    }
    return err;
}

static enum httpa_err judge_webpki(const struct httpa_appraisal *in,
                                   struct httpa_verdict *v,
                                   struct httpa_check *c)
{
    c->id = "identity.webpki";
    c->seen = seen_key(&v->facts);
    c->expected = httpa_value_str("a public certificate for the origin");
    enum httpa_err err = judge_chain(in, v, in->public_roots,
                                     in->public_root_count, &c->lapses_s);
    if (err == HTTPA_OK) {
        c->outcome = HTTPA_OUTCOME_WARN;
        c->text = "A public certificate: whoever controls the name or "
                  "terminates its TLS can get one.";
        c->advice = "Pin the service key (identity \"pinned\").";
    } else {
        c->text = "No valid public certificate for the origin came with the "
                  "evidence.";
        c->advice = "Operator: httpa serve --service-chain.";
    }
    return err;
}

/* httpa_policy_check made sure that every set pins a register of the owner's
 * configuration; whether one matched was judged with the profiles. */
static enum httpa_err judge_measured(const struct httpa_appraisal *in,
                                     struct httpa_verdict *v,
                                     struct httpa_check *c)
{
    (void)in;
    c->id = "identity.measured";
    c->text = "The measured configuration is not the one that the policy "
              "knows.";
    return v->facts.matched.profile.n > 0 ? HTTPA_OK : HTTPA_ERR_IDENTITY;
}

static enum httpa_err judge_none(const struct httpa_appraisal *in,
                                 struct httpa_verdict *v,
                                 struct httpa_check *c)
{
    (void)in;
    c->id = "identity.none";
    c->seen = seen_key(&v->facts);
    c->outcome = HTTPA_OUTCOME_WARN;
    c->text = "The policy asks for no identity: anyone who boots this image "
              "passes.";
    c->advice = "Pin the service key (identity \"pinned\").";
    return HTTPA_OK;
}

typedef enum httpa_err (*judge_fn)(const struct httpa_appraisal *in,
                                   struct httpa_verdict *v,
                                   struct httpa_check *c);

enum httpa_err httpa_stage_identity(const struct httpa_appraisal *in,
                                    struct httpa_verdict *v)
{
    static const judge_fn judges[] = { [HTTPA_IDENTITY_PINNED] = judge_pinned,
                                       [HTTPA_IDENTITY_MEASURED] =
                                           judge_measured,
                                       [HTTPA_IDENTITY_WEBPKI] = judge_webpki,
                                       [HTTPA_IDENTITY_NONE] = judge_none };
    struct httpa_check c = { .of = HTTPA_OF_NONE,
                             .word = HTTPA_WORD_YOURS,
                             .source = "handshake" };
    if (in->offline) {
        v->facts.identity = HTTPA_OUTCOME_SKIP;
        return HTTPA_OK;
    }
    enum httpa_err err = judges[in->policy->identity.require](in, v, &c);
    if (err != HTTPA_OK) {
        c.outcome = HTTPA_OUTCOME_FAIL;
    } else if (c.outcome == HTTPA_OUTCOME_UNKNOWN) {
        c.outcome = HTTPA_OUTCOME_PASS;
    }
    v->facts.identity = c.outcome;
    httpa_verdict_check(v, &c);
    return err == HTTPA_OK || err == HTTPA_ERR_MEMORY ||
                   err == HTTPA_ERR_CRYPTO
               ? err
               : HTTPA_ERR_IDENTITY;
}
