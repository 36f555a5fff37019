#include "evidence/intel/tcb.h"

#include <string.h>

/* TEE_TCB_SVN: the module's security version and its major version. */
#define MODULE_SVN 0
#define MODULE_VERSION 1

static bool all_at_least(const uint8_t *have, const uint8_t *need, size_t from)
{
    for (size_t i = from; i < HTTPA_INTEL_COMPONENTS; i++) {
        if (have[i] < need[i]) {
            return false;
        }
    }
    return true;
}

/* A module with a version is judged by its identity: the first two components
 * are then not comparable with those of the list. */
static bool meets(const struct httpa_intel_level *level,
                  const struct httpa_intel_platform *platform,
                  const struct httpa_intel_td *td)
{
    size_t from = td != NULL && td->tee_tcb_svn.p[MODULE_VERSION] > 0 ? 2 : 0;
    return all_at_least(platform->components, level->sgx, 0) &&
           platform->pce_svn >= level->svn &&
           (td == NULL || all_at_least(td->tee_tcb_svn.p, level->tdx, from));
}

static void
note(struct httpa_intel_tcb *tcb, const struct httpa_intel_level *level)
{
    bool is_outdated =
        level->status == HTTPA_INTEL_OUT_OF_DATE ||
        level->status == HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED;
    if (is_outdated &&
        (tcb->outdated_s == 0 || level->date_s < tcb->outdated_s)) {
        tcb->outdated_s = level->date_s;
    }
    for (size_t i = 0; i < level->advisory_count; i++) {
        bool known = false;
        for (size_t j = 0; j < tcb->advisory_count; j++) {
            known = known ||
                    httpa_slice_equal(tcb->advisories[j], level->advisories[i]);
        }
        if (!known) {
            tcb->advisories[tcb->advisory_count++] = level->advisories[i];
        }
    }
}

static enum httpa_intel_status
find_platform(const struct httpa_intel_tcb_info *info,
              const struct httpa_intel_platform *platform,
              const struct httpa_intel_td *td, struct httpa_intel_tcb *tcb)
{
    struct httpa_intel_levels levels = info->levels;
    struct httpa_intel_level level;
    while (httpa_intel_level_next(&levels, &level)) {
        if (meets(&level, platform, td)) {
            tcb->date_s = level.date_s;
            note(tcb, &level);
            return level.status;
        }
    }
    return HTTPA_INTEL_NOT_SUPPORTED;
}

/* The first level that |svn| reaches. */
static enum httpa_intel_status find_svn(struct httpa_intel_levels levels,
                                        uint16_t svn,
                                        struct httpa_intel_tcb *tcb)
{
    struct httpa_intel_level level;
    while (httpa_intel_level_next(&levels, &level)) {
        if (svn >= level.svn) {
            note(tcb, &level);
            return level.status;
        }
    }
    return HTTPA_INTEL_NOT_SUPPORTED;
}

/* One without a version has no levels of its own. */
static enum httpa_intel_status
find_module(const struct httpa_intel_tcb_info *info,
            const struct httpa_intel_td *td, struct httpa_intel_tcb *tcb)
{
    struct httpa_intel_module module;
    if (td == NULL || td->tee_tcb_svn.p[MODULE_VERSION] == 0) {
        return HTTPA_INTEL_UP_TO_DATE;
    }
    if (!httpa_intel_module_find(info, td->tee_tcb_svn.p[MODULE_VERSION],
                                 &module)) {
        return HTTPA_INTEL_NOT_SUPPORTED;
    }
    return find_svn(module.levels, td->tee_tcb_svn.p[MODULE_SVN], tcb);
}

static bool needs_configuration(enum httpa_intel_status status)
{
    return status == HTTPA_INTEL_CONFIGURATION_NEEDED ||
           status == HTTPA_INTEL_CONFIGURATION_AND_SW_HARDENING_NEEDED;
}

static bool is_fine(enum httpa_intel_status status)
{
    return status == HTTPA_INTEL_UP_TO_DATE ||
           status == HTTPA_INTEL_SW_HARDENING_NEEDED ||
           needs_configuration(status);
}

enum httpa_intel_status httpa_intel_status_merge(enum httpa_intel_status status,
                                                 enum httpa_intel_status other)
{
    if (status == HTTPA_INTEL_REVOKED || other == HTTPA_INTEL_REVOKED) {
        return HTTPA_INTEL_REVOKED;
    }
    if (other == HTTPA_INTEL_UP_TO_DATE) {
        return status;
    }
    /* Modules and QEs have no other words. */
    if (other != HTTPA_INTEL_OUT_OF_DATE) {
        return HTTPA_INTEL_NOT_SUPPORTED;
    }
    if (!is_fine(status)) {
        return status;
    }
    return needs_configuration(status)
               ? HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED
               : HTTPA_INTEL_OUT_OF_DATE;
}

/* The module was updated while the domain ran: what it was launched under is
 * out of date, and what it runs under now is not. */
static bool relaunch_helps(const struct httpa_intel_tcb_info *info,
                           const struct httpa_intel_td *td)
{
    struct httpa_intel_module module;
    struct httpa_intel_level newest;
    if (td == NULL || td->tee_tcb_svn_2.n == 0 ||
        !httpa_intel_module_find(info, td->tee_tcb_svn_2.p[MODULE_VERSION],
                                 &module)) {
        return false;
    }
    return httpa_intel_level_next(&module.levels, &newest) &&
           newest.status == HTTPA_INTEL_UP_TO_DATE &&
           td->tee_tcb_svn_2.p[MODULE_SVN] >= newest.svn;
}

static enum httpa_intel_status advise(const struct httpa_intel_tcb *tcb,
                                      const struct httpa_intel_tcb_info *info,
                                      const struct httpa_intel_td *td)
{
    if (tcb->module == HTTPA_INTEL_OUT_OF_DATE && is_fine(tcb->platform) &&
        tcb->qe == HTTPA_INTEL_UP_TO_DATE && relaunch_helps(info, td)) {
        return needs_configuration(tcb->platform)
                   ? HTTPA_INTEL_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
                   : HTTPA_INTEL_TD_RELAUNCH_ADVISED;
    }
    return httpa_intel_status_merge(
        httpa_intel_status_merge(tcb->platform, tcb->module), tcb->qe);
}

void httpa_intel_tcb_find(const struct httpa_intel_tcb_info *info,
                          const struct httpa_intel_qe_identity *identity,
                          const struct httpa_intel_platform *platform,
                          const struct httpa_intel_td *td, uint16_t qe_svn,
                          struct httpa_intel_tcb *ret_tcb)
{
    struct httpa_intel_tcb tcb = { 0 };
    tcb.platform = find_platform(info, platform, td, &tcb);
    tcb.module = find_module(info, td, &tcb);
    tcb.qe = find_svn(identity->levels, qe_svn, &tcb);
    tcb.status = advise(&tcb, info, td);
    *ret_tcb = tcb;
}

static bool is_zero(struct httpa_slice s)
{
    uint8_t any = 0;
    for (size_t i = 0; i < s.n; i++) {
        any |= s.p[i];
    }
    return any == 0;
}

enum httpa_err httpa_intel_module_check(const struct httpa_intel_tcb_info *info,
                                        const struct httpa_intel_td *td)
{
    struct httpa_intel_module module = info->module;
    uint8_t version = td->tee_tcb_svn.p[MODULE_VERSION];
    if (version > 0 && !httpa_intel_module_find(info, version, &module)) {
        return HTTPA_ERR_EVIDENCE;
    }
    bool same = is_zero(td->seam_attributes) &&
                httpa_slice_equal(
                    td->mrsignerseam,
                    httpa_slice_of(module.mrsigner, sizeof(module.mrsigner)));
    for (size_t i = 0; i < sizeof(module.attributes); i++) {
        same = same && (td->seam_attributes.p[i] & module.attributes_mask[i]) ==
                           module.attributes[i];
    }
    return same ? HTTPA_OK : HTTPA_ERR_EVIDENCE;
}
