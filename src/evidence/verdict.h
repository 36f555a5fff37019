/*
 * The inside of a verdict, for the files of this folder that fill it.  The
 * public face is <httpa/verdict.h>.
 */
#ifndef HTTPA_EVIDENCE_VERDICT_H
#define HTTPA_EVIDENCE_VERDICT_H

#include <stdalign.h>

#include <httpa/evidence.h>

struct httpa_verdict {
    struct httpa_verdict_facts facts;
    enum httpa_result result;
    enum httpa_exit exit;
    enum httpa_outcome cryptographic;
    enum httpa_outcome policy;
    struct httpa_reason reason;
    bool spoilt; /* sticky: something did not fit, or was said twice */
    size_t item_count;
    size_t check_count;
    size_t claim_count;
    size_t open_count;
    size_t text_used;
    struct httpa_verdict_item items[HTTPA_EVIDENCE_MAX];
    struct httpa_check checks[HTTPA_VERDICT_CHECKS_MAX];
    struct httpa_claim claims[HTTPA_VERDICT_CLAIMS_MAX];
    struct httpa_slice open[HTTPA_VERDICT_CLAIMS_MAX];
    struct httpa_match nearest[HTTPA_POLICY_PROFILES_MAX];
    alignas(struct httpa_slice) uint8_t text[HTTPA_VERDICT_TEXT_MAX];
};

/* A place to come back to when an attempt is taken back. */
struct httpa_verdict_mark {
    size_t check_count;
    size_t claim_count;
    size_t open_count;
    size_t text_used;
};

struct httpa_verdict_mark httpa_verdict_mark(const struct httpa_verdict *v);

/* Forgets what was added since; a spoilt verdict stays spoilt. */
void httpa_verdict_rewind(struct httpa_verdict *v,
                          struct httpa_verdict_mark mark);

/* A copy of |s| inside |v|; empty and spoilt when it does not fit. */
struct httpa_slice httpa_verdict_copy(struct httpa_verdict *v,
                                      struct httpa_slice s);

/* |parts|, joined, as a C string inside |v|; "" when it does not fit. */
const char *httpa_verdict_join(struct httpa_verdict *v,
                               const char *const *parts, size_t count);

/* Adds a claim as httpa_verdict_claim and _measured do. */
void httpa_verdict_add_claim(struct httpa_verdict *v,
                             const struct httpa_claim *claim);

/* Adds a name to `not_judged`. */
void httpa_verdict_open(struct httpa_verdict *v, struct httpa_slice name);

/* The first check from |from| on that fails, else that is unknown; NULL. */
const struct httpa_check *httpa_verdict_blame(const struct httpa_verdict *v,
                                              size_t from);

/* Sets result, exit, reason and all that follows from the checks.  |err| is
 * what was decided; the answer is what holds, never better than |err|. */
enum httpa_err httpa_verdict_close(struct httpa_verdict *v,
                                   enum httpa_err err);

/* The claim of the key that a paravisor's report names: SPKI, DER. */
#define HTTPA_CLAIM_HARDWARE_AK "hardware_ak"

/* The claim of when the vendor's collateral was made, the oldest piece: for
 * `collateral.max_age`. */
#define HTTPA_CLAIM_COLLATERAL_ISSUED "collateral_issued"

/* A reference against a claim (<httpa/policy.h>). */
bool httpa_value_matches(const struct httpa_value *reference,
                         const struct httpa_value *claim);

#endif
