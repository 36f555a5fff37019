/*
 * `accept`: the first profile that some item meets whole.
 *
 * Attempts leave no trace: their checks are taken back, and only what failed
 * is kept.  When no profile is met, the one that got furthest is tried once
 * more and its checks stay, as the reason.
 */
#include "evidence/appraise.h"

#include <string.h>

/* How far an attempt got; a later stage is a nearer miss. */
enum stage {
    STAGE_TYPE,
    STAGE_TIMES,
    STAGE_SET_TIMES,
    STAGE_SET,
    STAGE_OWN, /* the type's own members */
    STAGE_WITH,
    STAGE_MET
};

struct attempt {
    enum stage stage;
    size_t equal; /* STAGE_SET: references that matched */
    enum httpa_err err;
    const struct httpa_profile *profile;
    const struct httpa_set *set;
    const char *failed; /* a name of the policy, or a literal */
    unsigned of;
};

struct context {
    const struct httpa_appraisal *in;
    struct httpa_verdict *v;
    struct httpa_slice hardware_ak; /* for `with`; or empty */
};

static bool better(const struct attempt *a, const struct attempt *b)
{
    /* What only lacks collateral, or an activation, is nearest of all. */
    bool a_open = a->err == HTTPA_ERR_UNDECIDED;
    bool b_open = b->err == HTTPA_ERR_UNDECIDED;
    if (a_open != b_open) {
        return a_open;
    }
    return a->stage != b->stage ? a->stage > b->stage : a->equal > b->equal;
}

static bool within(int64_t not_before_s, int64_t not_after_s, int64_t now_s)
{
    return (not_before_s == 0 || now_s >= not_before_s) &&
           (not_after_s == 0 || now_s <= not_after_s);
}

/* ------------------------------------------------------------------- sets */

static bool meets(const struct httpa_reference *ref,
                  const struct httpa_claim *claim)
{
    switch (ref->kind) {
    case HTTPA_REFERENCE_ANY:
        return true;
    case HTTPA_REFERENCE_AT_LEAST:
        return claim != NULL && claim->measured &&
               claim->value.type == HTTPA_VALUE_INTEGER &&
               claim->value.integer >= ref->value.integer;
    default:
        return claim != NULL && claim->measured &&
               httpa_value_matches(&ref->value, &claim->value);
    }
}

/* The first reference of |set| that item |of| does not meet, or NULL. */
static const struct httpa_reference *
first_miss(const struct httpa_verdict *v, const struct httpa_set *set,
           unsigned of, size_t *ret_equal)
{
    const struct httpa_reference *miss = NULL;
    size_t equal = 0;
    for (size_t i = 0; i < set->reference_count; i++) {
        const struct httpa_reference *ref = &set->references[i];
        if (!meets(ref, httpa_verdict_find(v, of, ref->name))) {
            miss = miss == NULL ? ref : miss;
        } else if (ref->kind != HTTPA_REFERENCE_ANY) {
            equal++;
        }
    }
    *ret_equal = equal;
    return miss;
}

/* The set that matches, or the nearest one. */
static const struct httpa_reference *choose_set(struct context *c,
                                                struct attempt *a)
{
    const struct httpa_reference *nearest = NULL;
    a->stage = STAGE_SET_TIMES;
    a->failed = "measurements";
    for (size_t i = 0; i < a->profile->set_count; i++) {
        const struct httpa_set *set = &a->profile->sets[i];
        size_t equal;
        if (!within(set->not_before_s, set->not_after_s, c->in->now_s)) {
            continue;
        }
        const struct httpa_reference *miss =
            first_miss(c->v, set, a->of, &equal);
        if (miss == NULL) {
            *a = (struct attempt){ .stage = STAGE_OWN,
                                   .profile = a->profile,
                                   .set = set,
                                   .of = a->of };
            return NULL;
        }
        if (nearest == NULL || equal > a->equal) {
            nearest = miss;
            a->stage = STAGE_SET;
            a->equal = equal;
            a->set = set;
            a->failed = miss->name;
        }
    }
    return nearest;
}

static const char *set_name(const struct httpa_set *set)
{
    return set != NULL && set->name != NULL ? set->name : "(unnamed)";
}

/* "build 412 or build 409" */
static void write_sets(struct httpa_buf *b, const struct httpa_profile *p)
{
    for (size_t i = 0; i < p->set_count; i++) {
        httpa_buf_put_str(b, i > 0 ? " or " : "");
        httpa_buf_put_str(b, set_name(&p->sets[i]));
    }
    if (httpa_buf_check(b) != HTTPA_OK) {
        httpa_buf_reset(b);
        httpa_buf_put_str(b, "one of the sets of the profile");
    }
}

static void say_set(struct context *c, const struct attempt *a,
                    const struct httpa_reference *miss)
{
    struct httpa_verdict *v = c->v;
    uint8_t storage[HTTPA_SENTENCE_MAX];
    struct httpa_buf sets = httpa_buf_fixed(storage, sizeof(storage));
    struct httpa_check check = {
        .id = httpa_verdict_join(
            v, (const char *[]){ a->profile->type, ".measurement.set" }, 2),
        .of = a->of,
        .word = HTTPA_WORD_PINNED,
        .source = "policy",
    };
    write_sets(&sets, a->profile);
    if (a->stage == STAGE_OWN) {
        check.outcome = HTTPA_OUTCOME_PASS;
        check.seen = httpa_value_str(set_name(a->set));
        check.expected = httpa_value_text(httpa_buf_slice(&sets));
        check.lapses_s = a->set->not_after_s;
    } else if (miss == NULL) {
        check.outcome = HTTPA_OUTCOME_FAIL;
        check.text = "No measurement set of the profile is valid now.";
        check.advice = "Look at not_before and not_after of the sets.";
    } else {
        const struct httpa_claim *claim =
            httpa_verdict_find(v, a->of, miss->name);
        check.outcome = HTTPA_OUTCOME_FAIL;
        check.seen = claim != NULL ? claim->value : httpa_value_str("nothing");
        check.expected = miss->value;
        check.text = httpa_verdict_join(
            v,
            (const char *[]){ "It runs other code than the policy knows: ",
                              miss->name, " is not that of the set \"",
                              set_name(a->set), "\"." },
            5);
        check.advice = "Compare with the publisher's values; if they are "
                       "right, add a measurement set.";
    }
    httpa_verdict_check(v, &check);
}

/* What the set says of the register, or NULL. */
static const struct httpa_reference *pin_of(const struct httpa_set *set,
                                            struct httpa_slice name)
{
    for (size_t i = 0; i < set->reference_count; i++) {
        if (set->references[i].kind != HTTPA_REFERENCE_ANY &&
            httpa_slice_is(name, set->references[i].name)) {
            return &set->references[i];
        }
    }
    return NULL;
}

/* That the set says nothing of the code, or too little; loudly, since all of
 * its values matched. */
static void say_pin(struct context *c, const struct attempt *a,
                    enum httpa_pin best)
{
    struct httpa_check check = {
        .id = "measurement.unpinned",
        .of = a->of,
        .outcome = HTTPA_OUTCOME_WARN,
        .word = HTTPA_WORD_PINNED,
        .source = "policy",
        .text = "UNPINNED: any code on such hardware passes.",
        .advice = "Pin registers that say what runs, and that somebody has "
                  "extended.",
    };
    if (best == HTTPA_PIN_LATER) {
        check.id = "measurement.unanchored";
        check.text = "NOT ANCHORED: no register of firmware or boot loader "
                     "(PCR 0 to 7) is pinned to a value that somebody "
                     "extended; whatever starts can make the others have "
                     "these values.";
        check.advice = "Pin PCR 0 to 7 too, PCR 4 and 7 at least.";
    }
    if (best != HTTPA_PIN_CODE) {
        httpa_verdict_check(c->v, &check);
    }
}

/* What the set leaves open, and what the rest is worth. */
static void say_open(struct context *c, const struct attempt *a)
{
    struct httpa_verdict *v = c->v;
    enum httpa_pin best = HTTPA_PIN_NOTHING;
    for (size_t i = 0; i < v->claim_count; i++) {
        const struct httpa_claim *claim = &v->claims[i];
        if (claim->of != a->of || !claim->measured) {
            continue;
        }
        const struct httpa_reference *pin = pin_of(a->set, claim->name);
        if (pin == NULL) {
            httpa_verdict_open(v, claim->name);
        } else {
            enum httpa_pin is = httpa_policy_pin_of(a->profile, pin);
            best = is > best ? is : best;
        }
    }
    say_pin(c, a, best);
}

/* Nothing was measured for us, so nothing is pinned here: that stays said. */
static void say_remote(struct context *c, struct attempt *a)
{
    a->stage = STAGE_OWN;
    httpa_verdict_check(
        c->v, &(struct httpa_check){
                  .id = "measurement.remote",
                  .of = a->of,
                  .outcome = HTTPA_OUTCOME_WARN,
                  .word = HTTPA_WORD_PINNED,
                  .source = "policy",
                  .text = "NO MEASUREMENT IS JUDGED HERE: which code runs is "
                          "left to a remote verifier and its rules.",
                  .advice = "Pin the code with a profile of the hardware's "
                            "own type, instead or in `with`." });
}

/* --------------------------------------------------------------- profiles */

/* Without the type in front: members of a policy do not repeat it. */
static const char *own_name(const struct httpa_profile *profile, const char *id)
{
    size_t n = strlen(profile->type);
    return strncmp(id, profile->type, n) == 0 && id[n] == '.' ? id + n + 1 : id;
}

/* `collateral.max_age`, of whatever type has collateral: like what has passed
 * its own date, older collateral leaves it open. */
static void judge_collateral(struct context *c, struct attempt *a)
{
    int64_t max_age_s = c->in->policy->collateral_max_age_s;
    const struct httpa_claim *issued =
        httpa_verdict_find(c->v, a->of, HTTPA_CLAIM_COLLATERAL_ISSUED);
    if (max_age_s == 0 || issued == NULL) {
        return;
    }
    int64_t age_s = c->in->now_s - issued->value.integer;
    bool fine = age_s <= max_age_s;
    httpa_verdict_check(
        c->v, &(struct httpa_check){
                  .id = "collateral.max_age",
                  .of = a->of,
                  .outcome = fine ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_UNKNOWN,
                  .word = HTTPA_WORD_CURRENT,
                  .seen = issued->value,
                  .expected = httpa_value_str("within max_age"),
                  .source = "policy",
                  .has_age = true,
                  .age_s = age_s > 0 ? age_s : 0,
                  .lapses_s = fine ? issued->value.integer + max_age_s : 0,
                  .text = "The vendor's collateral is older than the policy "
                          "allows.",
                  .advice = "httpa collateral fetch DIR gets it anew; then "
                            "--collateral DIR. Operator: httpa serve "
                            "--collateral DIR." });
    if (!fine) {
        a->stage = STAGE_OWN;
        a->failed = "collateral.max_age";
        a->err = HTTPA_ERR_UNDECIDED;
    }
}

static void judge_own(struct context *c, struct attempt *a)
{
    struct httpa_verdict *v = c->v;
    const struct httpa_verifier *verifier =
        httpa_verifier_find(c->in, v->items[a->of].media_type);
    struct httpa_verify_in in = httpa_verify_input(c->in, a->of);
    in.hardware_ak = c->hardware_ak;
    size_t from = v->check_count;
    enum httpa_err err = verifier->judge != NULL
                             ? verifier->judge(a->profile, &in, v, a->of)
                             : HTTPA_OK;
    const struct httpa_check *blame = httpa_verdict_blame(v, from);
    if (err == HTTPA_OK && blame == NULL) {
        a->stage = STAGE_WITH;
        judge_collateral(c, a);
        return;
    }
    if (blame == NULL) {
        httpa_verdict_check(v, &(struct httpa_check){
                                   .id = "profile.type",
                                   .of = a->of,
                                   .outcome = err == HTTPA_ERR_UNDECIDED
                                                  ? HTTPA_OUTCOME_UNKNOWN
                                                  : HTTPA_OUTCOME_FAIL,
                                   .source = "policy",
                                   .text = "Members of the profile are not "
                                           "met." });
        blame = httpa_verdict_blame(v, from);
    }
    a->failed = blame != NULL ? own_name(a->profile, blame->id) : "type";
    a->err = blame != NULL && blame->outcome == HTTPA_OUTCOME_UNKNOWN
                 ? HTTPA_ERR_UNDECIDED
                 : HTTPA_ERR_APPRAISAL;
}

static void try_item(struct context *c, struct attempt *a)
{
    if (httpa_policy_is_remote(a->profile)) {
        say_remote(c, a);
        judge_own(c, a);
        return;
    }
    const struct httpa_reference *miss = choose_set(c, a);
    say_set(c, a, miss);
    if (a->stage != STAGE_OWN) {
        a->err = HTTPA_ERR_APPRAISAL;
        return;
    }
    say_open(c, a);
    judge_own(c, a);
}

static void say_profile(struct context *c, const struct attempt *a)
{
    bool times = a->stage == STAGE_TIMES;
    httpa_verdict_check(
        c->v,
        &(struct httpa_check){
            .id = times ? "profile.times" : "profile.type",
            .of = HTTPA_OF_NONE,
            .outcome = HTTPA_OUTCOME_FAIL,
            .word = HTTPA_WORD_PINNED,
            .expected = httpa_value_str(times ? a->profile->name
                                              : a->profile->type),
            .source = "policy",
            .text = times ? "The profile is not valid now."
                          : "There is no evidence of the type that the "
                            "profile wants." });
}

/* The |n|th item of the profile's type.  Attested keys come last: a handshake
 * relies on `key` only where nothing fresher will do (doc/protocol.md 6.3). */
static unsigned nth_item(const struct context *c,
                         const struct httpa_profile *profile, size_t n)
{
    for (unsigned turn = 0; turn < 2; turn++) {
        for (unsigned of = 0; of < c->v->item_count; of++) {
            const char *type = c->v->items[of].type;
            bool key = c->in->evidence[of].binding == HTTPA_BINDING_KEY;
            if (type != NULL && strcmp(type, profile->type) == 0 &&
                key == (turn == 1) && n-- == 0) {
                return of;
            }
        }
    }
    return HTTPA_OF_NONE;
}

/* The item that meets the profile, or got furthest, its checks not kept. */
static struct attempt try_items(struct context *c,
                                const struct httpa_profile *profile)
{
    struct httpa_verdict_mark mark = httpa_verdict_mark(c->v);
    struct attempt best = { .profile = profile,
                            .failed = "type",
                            .err = HTTPA_ERR_APPRAISAL,
                            .of = HTTPA_OF_NONE };
    unsigned of = nth_item(c, profile, 0);
    if (of != HTTPA_OF_NONE &&
        !within(profile->not_before_s, profile->not_after_s, c->in->now_s)) {
        best.stage = STAGE_TIMES;
        best.failed = "times";
        return best;
    }
    for (size_t n = 1; of != HTTPA_OF_NONE && best.err != HTTPA_OK; n++) {
        struct attempt a = { .profile = profile, .of = of };
        try_item(c, &a);
        httpa_verdict_rewind(c->v, mark);
        best = a.err == HTTPA_OK || better(&a, &best) ? a : best;
        of = nth_item(c, profile, n);
    }
    return best;
}

/* Everything but `with`; the checks of the best item stay. */
static struct attempt try_alone(struct context *c,
                                const struct httpa_profile *profile)
{
    struct attempt best = try_items(c, profile);
    if (best.of == HTTPA_OF_NONE) {
        say_profile(c, &best);
    } else {
        best = (struct attempt){ .profile = profile, .of = best.of };
        try_item(c, &best);
    }
    return best;
}

/*
 * A paravisor's report binds no handshake, so its profile stands on `with`: a
 * quote under the key that the report names.  The key goes to every judge of
 * that list; without one, or without a TPM in the list, nothing is met.
 */
static void take_hardware_ak(struct context *c, struct attempt *a)
{
    if (a->err != HTTPA_OK || !httpa_profile_is_paravised(a->profile)) {
        return;
    }
    const struct httpa_claim *ak =
        httpa_verdict_find(c->v, a->of, HTTPA_CLAIM_HARDWARE_AK);
    if (ak != NULL && ak->value.type == HTTPA_VALUE_BYTES &&
        ak->value.bytes.n > 0 && httpa_profile_has_tpm(a->profile)) {
        c->hardware_ak = ak->value.bytes;
        return;
    }
    httpa_verdict_check(
        c->v, &(struct httpa_check){
                  .id = "profile.via",
                  .of = a->of,
                  .outcome = HTTPA_OUTCOME_FAIL,
                  .word = HTTPA_WORD_GENUINE,
                  .source = "policy",
                  .text = "Nothing ties the paravisor's report to this "
                          "handshake: there is no vTPM to quote.",
                  .advice = "Ask for the vTPM in `with`." });
    a->err = HTTPA_ERR_APPRAISAL;
    a->failed = "via";
}

/* Items that count, a bit each; and those that a profile takes without the
 * nonce that would tie them to this handshake. */
struct uses {
    uint32_t used;
    uint32_t unbound;
};

static void use(struct uses *uses, const struct attempt *a)
{
    const struct httpa_ear_policy *ear = a->profile->ear;
    uint32_t bit = UINT32_C(1) << a->of;
    uses->used |= bit;
    uses->unbound |= ear != NULL && ear->insecure_any_nonce ? bit : 0;
}

static struct attempt try_profile(struct context *c,
                                  const struct httpa_profile *profile,
                                  struct uses *ret_uses)
{
    struct uses uses = { 0 };
    struct attempt a = try_alone(c, profile);
    take_hardware_ak(c, &a);
    if (a.err == HTTPA_OK) {
        use(&uses, &a);
    }
    for (size_t i = 0; i < profile->with_count && a.err == HTTPA_OK; i++) {
        struct attempt w = try_alone(c, &profile->with[i]);
        if (w.err != HTTPA_OK) {
            a.err = w.err;
            a.failed = "with";
        } else {
            use(&uses, &w);
        }
    }
    c->hardware_ak = httpa_slice_of(NULL, 0);
    if (a.err == HTTPA_OK) {
        a.stage = STAGE_MET;
        *ret_uses = uses;
    }
    return a;
}

/* --------------------------------------------------------------- the list */

static struct httpa_match describe(struct httpa_verdict *v,
                                   const struct attempt *a)
{
    struct httpa_match m = {
        .profile = httpa_verdict_copy(v, httpa_slice_str(a->profile->name))
    };
    if (a->set != NULL && a->set->name != NULL) {
        m.set = httpa_verdict_copy(v, httpa_slice_str(a->set->name));
    }
    if (a->failed != NULL) {
        m.failed = httpa_verdict_copy(v, httpa_slice_str(a->failed));
    }
    return m;
}

/* Names found while trying are in memory that is taken back: those of checks
 * live as long as their literals, those of policies as long as the policy. */
static void insert(struct attempt *list, size_t n, struct attempt a)
{
    size_t at = n;
    for (; at > 0 && better(&a, &list[at - 1]); at--) {
        list[at] = list[at - 1];
    }
    list[at] = a;
}

static enum httpa_err conclude(struct context *c, struct attempt *list)
{
    struct httpa_verdict *v = c->v;
    struct uses uses;
    size_t n = c->in->policy->accept_count;
    for (size_t i = 0; i < n; i++) {
        v->nearest[i] = describe(v, &list[i]);
    }
    v->facts.nearest = v->nearest;
    v->facts.nearest_count = n;
    struct attempt again = try_profile(c, list[0].profile, &uses);
    if (again.of != HTTPA_OF_NONE) {
        v->items[again.of].policy = HTTPA_OUTCOME_FAIL;
    }
    return list[0].err;
}

static void
accept(struct context *c, const struct attempt *a, const struct uses *uses)
{
    c->v->facts.matched = describe(c->v, a);
    for (unsigned of = 0; of < c->v->item_count; of++) {
        if ((uses->used >> of & 1) != 0) {
            c->v->items[of].used = true;
            c->v->items[of].unbound = (uses->unbound >> of & 1) != 0;
            c->v->items[of].policy = HTTPA_OUTCOME_PASS;
        }
    }
}

enum httpa_err httpa_stage_profiles(const struct httpa_appraisal *in,
                                    struct httpa_verdict *v)
{
    struct context c = { .in = in, .v = v };
    struct attempt list[HTTPA_POLICY_PROFILES_MAX];
    struct httpa_verdict_mark mark = httpa_verdict_mark(v);
    for (size_t i = 0; i < in->policy->accept_count; i++) {
        struct uses uses;
        struct attempt a = try_profile(&c, &in->policy->accept[i], &uses);
        if (a.err == HTTPA_OK) {
            accept(&c, &a, &uses);
            return HTTPA_OK;
        }
        httpa_verdict_rewind(v, mark);
        insert(list, i, a);
    }
    return conclude(&c, list);
}
