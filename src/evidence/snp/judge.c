#include <string.h>

#include "base/writer.h"
#include "evidence/snp/verify.h"

#define TYPE "sev-snp"

#define ABI_MAJOR 8 /* bits of POLICY: minor below, major above */

/* Bergamo and Siena: models a0 to af of Genoa's family and root. */
#define FAMILY_ZEN4 0x19
#define MODEL_ZEN4C 0xa0

struct job {
    const struct httpa_snp_policy *policy;
    enum httpa_via via; /* how this report came */
    const struct httpa_verify_in *in;
    struct httpa_verdict *v;
    unsigned of;
    struct httpa_snp_report r;
    struct httpa_slice product;
    bool is_turin;
};

const char *httpa_snp_product(enum httpa_snp_line line,
                              const struct httpa_snp_report *report)
{
    static const char *const names[] = { [HTTPA_SNP_MILAN] = "milan",
                                         [HTTPA_SNP_GENOA] = "genoa",
                                         [HTTPA_SNP_TURIN] = "turin" };
    bool dense = line == HTTPA_SNP_GENOA && report->cpuid[0] == FAMILY_ZEN4 &&
                 (report->cpuid[1] & 0xf0) == MODEL_ZEN4C;
    return dense ? "bergamo" : names[line];
}

/* Adds |c|, which passes when |fine|, and returns |fine|. */
static bool check(const struct job *j, struct httpa_check c, bool fine)
{
    c.of = j->of;
    c.source = "policy";
    c.outcome = fine ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_FAIL;
    httpa_verdict_check(j->v, &c);
    return fine;
}

static bool check_debug(const struct job *j)
{
    bool debug = (j->r.policy & HTTPA_SNP_POLICY_DEBUG) != 0;
    return check(
        j,
        (struct httpa_check){
            .id = TYPE ".debug",
            .word = HTTPA_WORD_GENUINE,
            .seen = httpa_value_boolean(debug),
            .expected = httpa_value_boolean(false),
            .text = "The host may debug the guest: it reads and changes its "
                    "memory.",
            .advice = "Operator: launch the guest without DEBUG in its "
                      "policy." },
        !debug);
}

static bool check_migration(const struct job *j)
{
    bool agent = (j->r.policy & HTTPA_SNP_POLICY_MIGRATE_MA) != 0;
    return check(
        j,
        (struct httpa_check){
            .id = TYPE ".guest_policy.migration_agent",
            .word = HTTPA_WORD_GENUINE,
            .seen = httpa_value_boolean(agent),
            .text = "A migration agent may move the guest elsewhere." },
        !agent || j->policy->migration_agent);
}

static bool check_vmpl(const struct job *j)
{
    /* The paravisor's own report is of level 0: a guest above it could ask
     * for one that names a key of its own as the vTPM's. */
    bool is_azure = j->via == HTTPA_VIA_AZURE;
    unsigned allowed =
        is_azure || j->policy->vmpls == 0 ? 1 : j->policy->vmpls;
    return check(
        j,
        (struct httpa_check){
            .id = TYPE ".vmpl",
            .word = HTTPA_WORD_GENUINE,
            .seen = httpa_value_integer(j->r.vmpl),
            .text = "The report was asked for at another privilege level of "
                    "the guest than the policy names.",
            .advice = is_azure ? NULL
                               : "Under an SVSM the guest runs above level "
                                 "0: list its level in vmpl." },
        (allowed >> j->r.vmpl & 1) != 0);
}

static bool check_signer(const struct job *j)
{
    const struct httpa_claim *csp = httpa_verdict_find(j->v, j->of, "csp_id");
    bool vlek = j->r.signer == HTTPA_SNP_VLEK;
    bool fine = vlek ? j->policy->vlek &&
                           (j->policy->csp_id == NULL ||
                            (csp != NULL && httpa_slice_is(csp->value.bytes,
                                                           j->policy->csp_id)))
                     : j->policy->vcek;
    return check(j,
                 (struct httpa_check){
                     .id = TYPE ".signed_by",
                     .word = HTTPA_WORD_GENUINE,
                     .seen = vlek && csp != NULL
                                 ? csp->value
                                 : httpa_value_str(vlek ? "vlek" : "vcek"),
                     .expected = httpa_value_str("a key of signed_by, csp_id"),
                     .text =
                         "The report is signed by another kind of key, or for "
                         "another cloud, than the policy names." },
                 fine);
}

static bool check_chips(const struct job *j)
{
    bool fine = false;
    if (j->policy->chip_count == 0) {
        return true;
    }
    for (size_t i = 0; i < j->policy->chip_count && !fine; i++) {
        fine = httpa_slice_equal(j->r.chip_id, j->policy->chips[i]);
    }
    return check(j,
                 (struct httpa_check){
                     .id = TYPE ".chips",
                     .word = HTTPA_WORD_GENUINE,
                     .seen = httpa_value_bytes(j->r.chip_id),
                     .expected = httpa_value_str("one of chips"),
                     .text = "The processor is not one that the policy "
                             "names." },
                 fine);
}

static bool check_abi(const struct job *j)
{
    uint64_t least =
        (uint64_t)j->policy->abi_major << ABI_MAJOR | j->policy->abi_minor;
    uint64_t seen = j->r.policy & 0xffff;
    return check(
        j,
        (struct httpa_check){ .id = TYPE ".guest_policy.abi_min",
                              .word = HTTPA_WORD_CURRENT,
                              .seen = httpa_value_integer((int64_t)seen),
                              .expected = httpa_value_integer((int64_t)least),
                              .text = "The guest runs on an older ABI than "
                                      "the policy demands." },
        seen >= least);
}

static bool check_bits(const struct job *j)
{
    const struct {
        const char *id;
        enum httpa_demand demand;
        bool seen;
    } bits[] = {
        { TYPE ".guest_policy.smt", j->policy->smt,
          (j->r.policy & HTTPA_SNP_POLICY_SMT) != 0 },
        { TYPE ".guest_policy.single_socket", j->policy->single_socket,
          (j->r.policy & HTTPA_SNP_POLICY_SINGLE_SOCKET) != 0 },
        { TYPE ".platform_info.alias_check", j->policy->alias_check,
          (j->r.platform_info & HTTPA_SNP_PLATFORM_ALIAS_CHECK) != 0 },
        { TYPE ".platform_info.ecc", j->policy->ecc,
          (j->r.platform_info & HTTPA_SNP_PLATFORM_ECC) != 0 },
        { TYPE ".platform_info.tsme", j->policy->tsme,
          (j->r.platform_info & HTTPA_SNP_PLATFORM_TSME) != 0 },
        { TYPE ".platform_info.ciphertext_hiding", j->policy->ciphertext_hiding,
          (j->r.platform_info & HTTPA_SNP_PLATFORM_CIPHERTEXT_HIDING) != 0 },
    };
    bool fine = true;
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        bool wanted = bits[i].demand == HTTPA_DEMAND_TRUE;
        if (bits[i].demand != HTTPA_DEMAND_ANY) {
            fine &= check(j,
                          (struct httpa_check){
                              .id = bits[i].id,
                              .word = HTTPA_WORD_CURRENT,
                              .seen = httpa_value_boolean(bits[i].seen),
                              .expected = httpa_value_boolean(wanted),
                              .text = "The guest or its platform is set up "
                                      "otherwise than the policy demands." },
                          bits[i].seen == wanted);
        }
    }
    return fine;
}

/* ---- TCB ---- */

static const struct httpa_snp_floor *find_floor(const struct job *j)
{
    for (size_t i = 0; i < j->policy->floor_count; i++) {
        if (httpa_slice_is(j->product, j->policy->floors[i].product)) {
            return &j->policy->floors[i];
        }
    }
    return NULL;
}

static const char *const components[HTTPA_SNP_COMPONENTS] = {
    "boot_loader", "tee", "snp", "microcode", "fmc"
};

/* |raw| is the TCB called |which|; a host can go back to what it has
 * committed, and was launched on what launch_tcb says. */
static bool check_level(const struct job *j, const char *id, uint64_t raw,
                        const struct httpa_snp_tcb *least)
{
    struct httpa_snp_tcb seen = httpa_snp_tcb_of(raw, j->is_turin);
    size_t low = httpa_snp_tcb_below(&seen, least);
    struct httpa_check c = {
        .id = id,
        .word = HTTPA_WORD_CURRENT,
        .text = "The processor's firmware is older than the policy demands.",
        .advice = "Operator: update BIOS and microcode and commit the new "
                  "firmware. You: another replica, or lower min_tcb.",
    };
    uint8_t rooms[2][48];
    struct httpa_buf at = httpa_buf_fixed(rooms[0], sizeof(rooms[0]));
    struct httpa_buf wanted = httpa_buf_fixed(rooms[1], sizeof(rooms[1]));
    if (low < HTTPA_SNP_COMPONENTS) {
        httpa_buf_put_str(&at, components[low]);
        httpa_buf_put_byte(&at, ' ');
        httpa_write_decimal(&at, seen.v[low]);
        httpa_buf_put_str(&wanted, components[low]);
        httpa_buf_put_str(&wanted, " >= ");
        httpa_write_decimal(&wanted, least->v[low]);
        c.seen = httpa_value_text(httpa_buf_slice(&at));
        c.expected = httpa_value_text(httpa_buf_slice(&wanted));
    }
    return check(j, c, low == HTTPA_SNP_COMPONENTS);
}

static bool check_floor(const struct job *j)
{
    const struct httpa_snp_floor *f = find_floor(j);
    if (f == NULL) {
        return check(j,
                     (struct httpa_check){
                         .id = TYPE ".min_tcb",
                         .word = HTTPA_WORD_CURRENT,
                         .seen = httpa_value_text(j->product),
                         .expected = httpa_value_str("a product of min_tcb"),
                         .text = "The policy names no floor for this product, "
                                 "so it is refused." },
                     false);
    }
    struct httpa_snp_tcb least = { { f->boot_loader, f->tee, f->snp,
                                     f->microcode, f->fmc } };
    bool fine =
        check_level(j, TYPE ".min_tcb.reported", j->r.reported_tcb, &least);
    fine &=
        check_level(j, TYPE ".min_tcb.committed", j->r.committed_tcb, &least);
    return fine &
           check_level(j, TYPE ".min_tcb.launch", j->r.launch_tcb, &least);
}

static bool check_tcb(const struct job *j)
{
    struct httpa_snp_tcb reported =
        httpa_snp_tcb_of(j->r.reported_tcb, j->is_turin);
    bool committed =
        check_level(j, TYPE ".committed_tcb", j->r.committed_tcb, &reported);
    if (!j->policy->insecure_any_tcb) {
        return check_floor(j) && committed;
    }
    httpa_verdict_check(
        j->v, &(struct httpa_check){
                  .id = TYPE ".min_tcb",
                  .of = j->of,
                  .outcome = HTTPA_OUTCOME_WARN,
                  .word = HTTPA_WORD_CURRENT,
                  .source = "policy",
                  .text = "No floor for the processor's firmware: however old "
                          "it is, it passes.",
                  .advice = "Name min_tcb in a policy." });
    return committed;
}

static bool check_firmware(const struct job *j)
{
    bool same =
        memcmp(&j->r.current, &j->r.committed, sizeof(j->r.current)) == 0 &&
        j->r.current_tcb == j->r.committed_tcb;
    return check(
        j,
        (struct httpa_check){
            .id = TYPE ".provisional_firmware",
            .word = HTTPA_WORD_CURRENT,
            .seen = httpa_value_boolean(!same),
            .text = "The platform runs firmware that it has not committed to, "
                    "and can go back." },
        same || j->policy->provisional_firmware);
}

/* A report that binds no handshake is never taken for one that does. */
static bool check_via(const struct job *j)
{
    static const char *const names[] = { "direct", "azure" };
    bool fine = j->policy->via == j->via;
    return check(j,
                 (struct httpa_check){
                     .id = TYPE ".via",
                     .word = HTTPA_WORD_GENUINE,
                     .seen = httpa_value_str(names[j->via]),
                     .expected = httpa_value_str(
                         names[j->policy->via == HTTPA_VIA_AZURE]),
                     .text = "The report came another way than the policy "
                             "says: from the processor, or through Azure's "
                             "paravisor.",
                     .advice = "Compare `via` with where the service runs." },
                 fine);
}

/* What verify() made of the lists that were there; without a current one
 * nobody knows, so that is neither yes nor no. */
static bool check_crl(const struct job *j)
{
    const struct httpa_claim *crl =
        httpa_verdict_find(j->v, j->of, HTTPA_SNP_CLAIM_CRL);
    bool current =
        crl != NULL && httpa_slice_is(crl->value.bytes, "current");
    struct httpa_check c = {
        .id = TYPE ".crl.required",
        .of = j->of,
        .outcome = current ? HTTPA_OUTCOME_PASS : HTTPA_OUTCOME_UNKNOWN,
        .word = HTTPA_WORD_CURRENT,
        .expected = httpa_value_str("current"),
        .source = "policy",
        .text = "The policy demands a revocation list of AMD's root that is "
                "valid now, and none is at hand.",
        .advice = "httpa collateral fetch EVIDENCE --to DIR gets it; then "
                  "--collateral DIR. Operator: httpa serve --collateral DIR.",
    };
    if (!j->policy->crl) {
        return true;
    }
    c.seen = crl != NULL ? crl->value : httpa_value_str("nothing");
    httpa_verdict_check(j->v, &c);
    return current;
}

enum httpa_err httpa_snp_judge_via(const struct httpa_profile *profile,
                                   const struct httpa_verify_in *in,
                                   enum httpa_via via, struct httpa_verdict *v,
                                   unsigned of)
{
    static bool (*const checks[])(const struct job *j) = {
        check_via,   check_debug, check_migration, check_vmpl, check_signer,
        check_chips, check_abi,   check_bits,      check_tcb,  check_firmware,
    };
    struct job j = {
        .policy = profile->snp, .via = via, .in = in, .v = v, .of = of
    };
    const struct httpa_claim *product = httpa_verdict_find(v, of, "product");
    if (j.policy == NULL || product == NULL ||
        httpa_snp_report_read(in->value, &j.r) != HTTPA_OK) {
        return HTTPA_ERR_APPRAISAL;
    }
    j.product = product->value.bytes;
    j.is_turin = httpa_slice_is(j.product, "turin");
    bool fine = true;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        fine &= checks[i](&j);
    }
    bool known = check_crl(&j);
    return !fine ? HTTPA_ERR_APPRAISAL
                 : known ? HTTPA_OK : HTTPA_ERR_UNDECIDED;
}

enum httpa_err httpa_snp_judge(const struct httpa_profile *profile,
                               const struct httpa_verify_in *in,
                               struct httpa_verdict *v, unsigned of)
{
    return httpa_snp_judge_via(profile, in, HTTPA_VIA_DIRECT, v, of);
}
