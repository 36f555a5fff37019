#include "evidence/intel/verify.h"

#include "base/reader.h"
#include "base/writer.h"
#include "codec/time.h"
#include "evidence/verdict.h"

/* A sentence of a check; longer lists are not written out. */
#define SENTENCE_MAX 256u

/* One profile against the claims of one item. */
struct job {
    const struct httpa_profile *profile;
    const struct httpa_intel_policy *policy;
    struct httpa_verdict *v;
    unsigned of;
    int64_t now_s;
    bool is_tdx;
    enum httpa_via via; /* how this quote came */
};

static const struct httpa_value *claimed(const struct job *j, const char *name)
{
    const struct httpa_claim *claim = httpa_verdict_find(j->v, j->of, name);
    return claim != NULL ? &claim->value : NULL;
}

static enum httpa_err add(const struct job *j, struct httpa_check *c, bool ok)
{
    c->of = j->of;
    c->source = c->source != NULL ? c->source : "policy";
    c->outcome = ok ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
    if (ok) {
        c->text = NULL;
        c->advice = NULL;
    }
    httpa_verdict_check(j->v, c);
    return ok ? HTTPA_OK : HTTPA_ERR_APPRAISAL;
}

/* ---- how it came ---- */

/* One that a paravisor had made binds no handshake, and passes no profile that
 * expects it to. */
static enum httpa_err judge_via(const struct job *j)
{
    static const char *const names[] = { "direct", "azure" };
    struct httpa_check c = {
        .id = j->is_tdx ? "tdx.via" : "sgx.via",
        .word = HTTPA_WORD_GENUINE,
        .seen = httpa_value_str(names[j->via]),
        .expected = httpa_value_str(names[j->policy->via == HTTPA_VIA_AZURE]),
        .text = "The quote came another way than the policy says.",
        .advice = "Compare `via` with where the service runs.",
    };
    if (j->via == j->policy->via && j->via == HTTPA_VIA_DIRECT) {
        return HTTPA_OK; /* nothing to tell */
    }
    return add(j, &c, j->via == j->policy->via);
}

/* ---- attributes ---- */

/* There is no policy under which a debugger may look inside. */
static enum httpa_err judge_debug(const struct job *j)
{
    const struct httpa_value *debug = claimed(j, "debug");
    bool is_debug = debug == NULL || debug->integer != 0;
    struct httpa_check c = {
        .id = j->is_tdx ? "tdx.attributes.debug" : "sgx.attributes.debug",
        .word = HTTPA_WORD_GENUINE,
        .seen = httpa_value_boolean(is_debug),
        .expected = httpa_value_boolean(false),
        .text = "It was started for debugging: its memory is open to the "
                "host.",
        .advice = "Start it without the debug attribute.",
    };
    return add(j, &c, !is_debug);
}

/* Whether |bit| of the attributes is |wanted|, or the policy does not mind.  A
 * missing claim is never right. */
static enum httpa_err judge_bit(const struct job *j, const char *name,
                                uint64_t bit, bool wanted, bool any,
                                struct httpa_check c)
{
    const struct httpa_value *attributes = claimed(j, name);
    struct httpa_reader r = httpa_reader_of(
        attributes != NULL ? attributes->bytes : (struct httpa_slice){ 0 });
    uint64_t bits = httpa_read_u64le(&r);
    bool is_set = (bits & bit) != 0;
    c.word = HTTPA_WORD_GENUINE;
    c.seen = httpa_value_boolean(is_set);
    c.expected = httpa_value_boolean(wanted);
    if (any) {
        c.outcome = HTTPA_OUTCOME_SKIP;
        c.of = j->of;
        c.source = "policy";
        httpa_verdict_check(j->v, &c);
        return HTTPA_OK;
    }
    return add(j, &c, httpa_reader_ok(&r) && is_set == wanted);
}

static enum httpa_err judge_sept(const struct job *j)
{
    return judge_bit(
        j, "td_attributes", HTTPA_INTEL_TD_SEPT_VE_DISABLE, true,
        j->policy->no_sept_ve_disable,
        (struct httpa_check){ .id = "tdx.attributes.sept_ve_disable",
                              .text = "The host can raise exceptions inside "
                                      "by taking pages away.",
                              .advice = "Start the guest with SEPT_VE_DISABLE "
                                        "set." });
}

static enum httpa_err judge_migratable(const struct job *j)
{
    return judge_bit(
        j, "td_attributes", HTTPA_INTEL_TD_MIGRATABLE, false,
        j->policy->migratable,
        (struct httpa_check){ .id = "tdx.attributes.migratable",
                              .text = "A migration service can take it to "
                                      "another platform.",
                              .advice = "Start the guest without "
                                        "MIGRATABLE." });
}

static enum httpa_err judge_perfmon(const struct job *j)
{
    return judge_bit(
        j, "td_attributes", HTTPA_INTEL_TD_PERFMON, false, j->policy->perfmon,
        (struct httpa_check){ .id = "tdx.attributes.perfmon",
                              .text = "It may use performance counters, which "
                                      "widens what can be observed.",
                              .advice = "Start the guest without PERFMON." });
}

static enum httpa_err judge_provision_key(const struct job *j)
{
    return judge_bit(
        j, "attributes", HTTPA_INTEL_ENCLAVE_PROVISION_KEY, false,
        j->policy->provision_key,
        (struct httpa_check){ .id = "sgx.attributes.provision_key",
                              .text = "The enclave may derive the platform's "
                                      "provisioning key.",
                              .advice = "Build the enclave without "
                                        "PROVISIONKEY." });
}

/* ---- code ---- */

static bool gives(const struct httpa_set *set, const char *name,
                  const struct httpa_value *value)
{
    for (size_t i = 0; i < set->reference_count; i++) {
        const struct httpa_reference *ref = &set->references[i];
        if (strcmp(ref->name, name) == 0 &&
            ref->kind == HTTPA_REFERENCE_EQUAL) {
            return value != NULL && httpa_value_matches(&ref->value, value);
        }
    }
    return false;
}

/* The firmware of a guest (MRTD) starts any kernel: warns of a set that says
 * which firmware, and neither which kernel nor which root file system. */
static enum httpa_err judge_kernel(const struct job *j)
{
    struct httpa_check c = {
        .id = "tdx.measurement.kernel",
        .of = j->of,
        .word = HTTPA_WORD_PINNED,
        .outcome = HTTPA_OUTCOME_WARN,
        .seen = httpa_value_str("rtmr1 and rtmr2 are not judged"),
        .source = "policy",
        .text = "Only the firmware is pinned: kernel and root file system are "
                "not covered.",
        .advice = "Give values of rtmr1 and rtmr2.",
    };
    bool is_bare = false;
    bool is_covered = false;
    for (size_t i = 0; i < j->profile->set_count; i++) {
        const struct httpa_set *set = &j->profile->sets[i];
        bool covers = gives(set, "rtmr1", claimed(j, "rtmr1")) ||
                      gives(set, "rtmr2", claimed(j, "rtmr2"));
        bool is_this = gives(set, "mrtd", claimed(j, "mrtd"));
        is_bare = is_bare || (is_this && !covers);
        is_covered = is_covered || (is_this && covers);
    }
    /* A paravisor measures into its vTPM instead. */
    if (is_bare && !is_covered && j->via == HTTPA_VIA_DIRECT) {
        httpa_verdict_check(j->v, &c);
    }
    return HTTPA_OK;
}

/* ---- platform ---- */

static enum httpa_err judge_fmspc(const struct job *j)
{
    const struct httpa_value *fmspc = claimed(j, "fmspc");
    bool listed = j->policy->fmspc_count == 0;
    for (size_t i = 0; fmspc != NULL && i < j->policy->fmspc_count; i++) {
        listed = listed || httpa_slice_equal(fmspc->bytes, j->policy->fmspc[i]);
    }
    if (j->policy->fmspc_count == 0) {
        return HTTPA_OK;
    }
    struct httpa_check c = {
        .id = j->is_tdx ? "tdx.fmspc" : "sgx.fmspc",
        .word = HTTPA_WORD_CURRENT,
        .seen = fmspc != NULL ? *fmspc : httpa_value_str("nothing"),
        .expected = httpa_value_str("one of fmspc"),
        .text = "The platform is of a kind that the policy does not list.",
        .advice = "If it is meant, add its FMSPC to fmspc.",
    };
    return add(j, &c, listed);
}

/* ---- how current ---- */

static bool
lists(const struct httpa_slice *list, size_t n, struct httpa_slice word)
{
    for (size_t i = 0; i < n; i++) {
        if (httpa_slice_equal(list[i], word)) {
            return true;
        }
    }
    return false;
}

/* What a relaunch would mend is out of date until then. */
static struct httpa_slice counts_as(struct httpa_slice status)
{
    if (httpa_slice_is(status, "TDRelaunchAdvised")) {
        return httpa_slice_str("OutOfDate");
    }
    if (httpa_slice_is(status, "TDRelaunchAdvisedConfigurationNeeded")) {
        return httpa_slice_str("OutOfDateConfigurationNeeded");
    }
    return status;
}

static bool is_listed(const struct httpa_intel_policy *p,
                      struct httpa_slice status)
{
    return lists(p->status, p->status_count, status) ||
           lists(p->status, p->status_count, counts_as(status));
}

static bool never_passes(struct httpa_slice status)
{
    return status.n == 0 || httpa_slice_is(status, "Revoked") ||
           httpa_slice_is(status, "NotSupported");
}

static bool knows_advisories(const struct job *j)
{
    const struct httpa_value *found = claimed(j, "advisories");
    for (size_t i = 0; found != NULL && i < found->count; i++) {
        if (!lists(j->policy->advisories, j->policy->advisory_count,
                   found->texts[i])) {
            return false;
        }
    }
    return found != NULL;
}

static bool permits(const struct job *j, struct httpa_slice status)
{
    if (never_passes(status) || !is_listed(j->policy, status)) {
        return false;
    }
    return httpa_slice_is(status, "UpToDate") || knows_advisories(j);
}

/* "UpToDate or SWHardeningNeeded" */
static struct httpa_value say_list(const struct job *j, struct httpa_buf *b)
{
    for (size_t i = 0; i < j->policy->status_count; i++) {
        httpa_buf_put_str(b, i > 0 ? " or " : "");
        httpa_buf_put_slice(b, j->policy->status[i]);
    }
    return httpa_buf_check(b) == HTTPA_OK && b->n > 0
               ? httpa_value_text(httpa_buf_slice(b))
               : httpa_value_str("one of tcb.status");
}

/* It is Intel's word of a day, and ends with the document that has it. */
static void rest_on_info(const struct job *j, struct httpa_check *c)
{
    const char *id = j->is_tdx ? "tdx.tcb_info" : "sgx.tcb_info";
    c->source = "collateral";
    for (size_t i = 0; i < httpa_verdict_check_count(j->v); i++) {
        const struct httpa_check *info = httpa_verdict_check_at(j->v, i);
        if (info->of == j->of && strcmp(info->id, id) == 0) {
            c->has_age = info->has_age;
            c->age_s = info->age_s;
            c->lapses_s = info->lapses_s;
        }
    }
}

/* The platform is up to date; the code on it has to defend itself against
 * what no update mends, and that does not show. */
static bool only_warns(const struct job *j, struct httpa_slice status)
{
    return j->policy->hardening_warns &&
           httpa_slice_is(status, "SWHardeningNeeded");
}

static enum httpa_err warn_of_hardening(const struct job *j)
{
    struct httpa_check c = {
        .id = j->is_tdx ? "tdx.tcb.status" : "sgx.tcb.status",
        .of = j->of,
        .word = HTTPA_WORD_CURRENT,
        .outcome = HTTPA_OUTCOME_WARN,
        .seen = httpa_value_str("SWHardeningNeeded"),
        .expected = httpa_value_str("UpToDate"),
        .text = "The platform is up to date, but its code has to be built "
                "with the mitigations of the advisories.",
        .advice = "Read the advisories and list those you accept in "
                  "tcb.advisories.",
    };
    rest_on_info(j, &c);
    httpa_verdict_check(j->v, &c);
    return HTTPA_OK;
}

/* ---- grace ---- */

#define DAY_S INT64_C(86400)
#define DATE 10u /* "2026-10-13" */

static bool is_outdated(struct httpa_slice status)
{
    struct httpa_slice as = counts_as(status);
    return httpa_slice_is(as, "OutOfDate") ||
           httpa_slice_is(as, "OutOfDateConfigurationNeeded");
}

static void write_date(int64_t when_s, char ret[DATE + 1])
{
    char room[HTTPA_TIME_RFC3339_LEN] = "";
    struct httpa_buf b = httpa_buf_fixed((uint8_t *)room, sizeof(room));
    httpa_time_write_rfc3339(&b, when_s);
    memcpy(ret, room, DATE);
    ret[DATE] = '\0';
}

/* Whether grace, running or ended, is the reason of the outcome, which |c|
 * then is.  It begins with Intel's word about an event, and never without; a
 * status that the policy lists has its advisories judged instead. */
static bool judge_grace(const struct job *j, struct httpa_slice status,
                        struct httpa_check *c)
{
    const struct httpa_value *since = claimed(j, "outdated_since");
    char from[DATE + 1], to[DATE + 1], days[12] = "";
    struct httpa_buf b = httpa_buf_fixed((uint8_t *)days, sizeof(days) - 1);
    if (j->policy->grace_days == 0 || !is_outdated(status) ||
        is_listed(j->policy, status)) {
        return false;
    }
    if (since == NULL) {
        c->text = "Firmware out of date, and Intel's document that says since "
                  "when is missing, stale, or does not reach back: no grace.";
        c->advice = "httpa collateral fetch EVIDENCE --to DIR gets it from "
                    "Intel; then --collateral DIR.";
        return false;
    }
    int64_t end_s = since->integer + (int64_t)j->policy->grace_days * DAY_S;
    bool runs = j->now_s < end_s;
    write_date(since->integer, from);
    write_date(end_s, to);
    httpa_write_decimal(&b, j->policy->grace_days);
    const char *const parts[] = {
        "Firmware out of date since ",
        from,
        "; your ",
        days,
        runs ? " days of grace end " : " days of grace ended ",
        to,
        ".",
    };
    c->text =
        httpa_verdict_join(j->v, parts, sizeof(parts) / sizeof(parts[0]));
    c->lapses_s = runs ? end_s : 0;
    return runs;
}

static enum httpa_err judge_status(const struct job *j)
{
    uint8_t room[SENTENCE_MAX];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    const struct httpa_value *status = claimed(j, "tcb_status");
    struct httpa_slice word =
        status != NULL ? status->bytes : (struct httpa_slice){ 0 };
    struct httpa_check c = {
        .id = j->is_tdx ? "tdx.tcb.status" : "sgx.tcb.status",
        .word = HTTPA_WORD_CURRENT,
        .seen = status != NULL ? *status : httpa_value_str("nothing"),
        .expected = say_list(j, &b),
        .text = "The platform's firmware is not as the policy demands.",
        .advice = "Operator: update BIOS, microcode and TDX module, and "
                  "follow the advisories. You: another replica, or tcb.status "
                  "and tcb.advisories.",
    };
    if (only_warns(j, word)) {
        return warn_of_hardening(j);
    }
    if (!httpa_slice_equal(word, counts_as(word))) {
        c.advice = "Operator: restart the guest; the platform is up to date "
                   "already.";
    }
    rest_on_info(j, &c);
    bool permitted = permits(j, word);
    if (!permitted && judge_grace(j, word, &c)) {
        c.of = j->of;
        c.source = "policy";
        c.outcome = HTTPA_OUTCOME_WARN;
        httpa_verdict_check(j->v, &c);
        return HTTPA_OK;
    }
    return add(j, &c, permitted);
}

/* Older collateral stays valid for 30 days: without this, whoever serves it
 * chooses the one under which nothing is known yet. */
static enum httpa_err judge_evaluation(const struct job *j)
{
    const struct httpa_value *number = claimed(j, "evaluation_number");
    int64_t seen = number != NULL ? number->integer : -1;
    if (j->policy->min_evaluation_number == 0) {
        return HTTPA_OK;
    }
    struct httpa_check c = {
        .id = j->is_tdx ? "tdx.tcb.evaluation" : "sgx.tcb.evaluation",
        .word = HTTPA_WORD_CURRENT,
        .seen = httpa_value_integer(seen),
        .expected = httpa_value_integer(j->policy->min_evaluation_number),
        .text = "Intel's collateral is older than the policy allows.",
        .advice = "httpa collateral fetch EVIDENCE --to DIR gets it again "
                  "from Intel.",
    };
    rest_on_info(j, &c);
    return add(j, &c, seen >= j->policy->min_evaluation_number);
}

/* By component; SVNs are not one number. */
static enum httpa_err judge_svn(const struct job *j, size_t component,
                                uint8_t least, struct httpa_check c)
{
    const struct httpa_value *svn = claimed(j, "tee_tcb_svn");
    bool is_there = svn != NULL && svn->bytes.n > component;
    uint8_t seen = is_there ? svn->bytes.p[component] : 0;
    if (least == 0) {
        return HTTPA_OK;
    }
    c.word = HTTPA_WORD_CURRENT;
    c.seen = httpa_value_integer(seen);
    c.expected = httpa_value_integer(least);
    return add(j, &c, is_there && seen >= least);
}

static enum httpa_err judge_module_svn(const struct job *j)
{
    return judge_svn(
        j, 0, j->policy->min_module_svn,
        (struct httpa_check){ .id = "tdx.min_tee_tcb_svn.module",
                              .text = "The TDX module is older than the policy "
                                      "allows.",
                              .advice = "Operator: update the TDX module and "
                                        "restart the guest." });
}

static enum httpa_err judge_loader_svn(const struct job *j)
{
    return judge_svn(
        j, 2, j->policy->min_seam_loader_svn,
        (struct httpa_check){ .id = "tdx.min_tee_tcb_svn.seam_loader",
                              .text = "The loader of the TDX module is older "
                                      "than the policy allows.",
                              .advice = "Operator: update the BIOS." });
}

typedef enum httpa_err (*judge_fn)(const struct job *j);

static const judge_fn of_tdx[] = {
    judge_via,        judge_debug,      judge_fmspc,      judge_status,
    judge_evaluation, judge_module_svn, judge_loader_svn, judge_sept,
    judge_migratable, judge_perfmon,    judge_kernel,
};

static const judge_fn of_sgx[] = {
    judge_via,    judge_debug,      judge_fmspc,
    judge_status, judge_evaluation, judge_provision_key,
};

enum httpa_err httpa_intel_judge_via(const struct httpa_profile *profile,
                                     const struct httpa_verify_in *in,
                                     enum httpa_via via,
                                     struct httpa_verdict *v, unsigned of)
{
    const struct job j = {
        .profile = profile,
        .policy = profile->intel,
        .v = v,
        .of = of,
        .now_s = in->now_s,
        .is_tdx = strcmp(profile->type, "tdx") == 0,
        .via = via,
    };
    if (profile->intel == NULL) {
        return HTTPA_ERR_APPRAISAL;
    }
    const judge_fn *judges = j.is_tdx ? of_tdx : of_sgx;
    size_t n = j.is_tdx ? sizeof(of_tdx) / sizeof(of_tdx[0])
                        : sizeof(of_sgx) / sizeof(of_sgx[0]);
    enum httpa_err err = HTTPA_OK;
    for (size_t i = 0; err == HTTPA_OK && i < n; i++) {
        err = judges[i](&j);
    }
    return err;
}

enum httpa_err httpa_intel_judge(const struct httpa_profile *profile,
                                 const struct httpa_verify_in *in,
                                 struct httpa_verdict *v, unsigned of)
{
    return httpa_intel_judge_via(profile, in, HTTPA_VIA_DIRECT, v, of);
}
