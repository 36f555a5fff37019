#include "evidence/intel/collateral.h"

#include <string.h>

#include "codec/hex.h"
#include "codec/time.h"

static const char *const statuses[] = {
    [HTTPA_INTEL_UP_TO_DATE] = "UpToDate",
    [HTTPA_INTEL_SW_HARDENING_NEEDED] = "SWHardeningNeeded",
    [HTTPA_INTEL_CONFIGURATION_NEEDED] = "ConfigurationNeeded",
    [HTTPA_INTEL_CONFIGURATION_AND_SW_HARDENING_NEEDED] =
        "ConfigurationAndSWHardeningNeeded",
    [HTTPA_INTEL_OUT_OF_DATE] = "OutOfDate",
    [HTTPA_INTEL_OUT_OF_DATE_CONFIGURATION_NEEDED] =
        "OutOfDateConfigurationNeeded",
    [HTTPA_INTEL_REVOKED] = "Revoked",
    [HTTPA_INTEL_TD_RELAUNCH_ADVISED] = "TDRelaunchAdvised",
    [HTTPA_INTEL_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED] =
        "TDRelaunchAdvisedConfigurationNeeded",
    [HTTPA_INTEL_NOT_SUPPORTED] = "NotSupported",
};

const char *httpa_intel_status_name(enum httpa_intel_status status)
{
    return statuses[status];
}

/* ---- members of an object; sticky, so that a struct is read in one go ---- */

struct members {
    struct httpa_json_value object;
    enum httpa_err err;
};

static struct httpa_json_value member(struct members *m, const char *name)
{
    struct httpa_json_value value = { 0 };
    if (m->err == HTTPA_OK) {
        m->err = httpa_json_find(m->object, name, &value);
    }
    return value;
}

static struct members inside(struct members *m, const char *name)
{
    struct members inner = { .object = member(m, name) };
    inner.err = m->err;
    return inner;
}

static struct httpa_slice text(struct members *m, const char *name)
{
    struct httpa_slice s = { 0 };
    struct httpa_json_value value = member(m, name);
    if (m->err == HTTPA_OK) {
        m->err = httpa_json_text(value, &s);
    }
    return s;
}

static uint64_t number(struct members *m, const char *name, uint64_t max)
{
    uint64_t n = 0;
    struct httpa_json_value value = member(m, name);
    if (m->err == HTTPA_OK) {
        m->err = httpa_json_uint(value, &n);
    }
    if (m->err == HTTPA_OK && n > max) {
        m->err = HTTPA_ERR_RANGE;
    }
    return m->err == HTTPA_OK ? n : 0;
}

/* Hex of exactly |n| bytes. */
static void hex(struct members *m, const char *name, uint8_t *to, size_t n)
{
    struct httpa_slice s = text(m, name);
    struct httpa_buf b = httpa_buf_fixed(to, n);
    if (m->err == HTTPA_OK && s.n != 2 * n) {
        m->err = HTTPA_ERR_MALFORMED;
    }
    if (m->err == HTTPA_OK) {
        m->err = httpa_hex_read(s, &b);
    }
}

static int64_t date(struct members *m, const char *name)
{
    int64_t unix_s = 0;
    struct httpa_slice s = text(m, name);
    if (m->err == HTTPA_OK) {
        m->err = httpa_time_read_rfc3339(s, &unix_s);
    }
    return unix_s;
}

static struct httpa_json_items list(struct members *m, const char *name)
{
    struct httpa_json_items items = { 0 };
    struct httpa_json_value value = member(m, name);
    if (m->err == HTTPA_OK) {
        m->err = value.kind == HTTPA_JSON_ARRAY
                     ? httpa_json_items_of(value, &items)
                     : HTTPA_ERR_MALFORMED;
    }
    return items;
}

static bool has(const struct members *m, const char *name)
{
    struct httpa_json_value value;
    return m->err == HTTPA_OK &&
           httpa_json_find(m->object, name, &value) == HTTPA_OK;
}

static void demand(struct members *m, bool ok, enum httpa_err err)
{
    if (m->err == HTTPA_OK && !ok) {
        m->err = err;
    }
}

/* ---- levels ---- */

/* The words that a document may say; the last three are ours. */
static enum httpa_intel_status status(struct members *m)
{
    struct httpa_slice s = text(m, "tcbStatus");
    for (unsigned i = 0; i <= HTTPA_INTEL_REVOKED; i++) {
        if (httpa_slice_is(s, statuses[i])) {
            return (enum httpa_intel_status)i;
        }
    }
    demand(m, false, HTTPA_ERR_MALFORMED);
    return HTTPA_INTEL_NOT_SUPPORTED;
}

static void read_advisories(struct members *m, struct httpa_intel_level *level)
{
    struct httpa_json_value item;
    struct httpa_slice name;
    if (!has(m, "advisoryIDs")) {
        return;
    }
    struct httpa_json_items items = list(m, "advisoryIDs");
    while (m->err == HTTPA_OK && httpa_json_next(&items, &name, &item)) {
        demand(m, level->advisory_count < HTTPA_INTEL_ADVISORIES_MAX,
               HTTPA_ERR_RANGE);
        if (m->err == HTTPA_OK) {
            m->err = httpa_json_text(item, &name);
        }
        demand(m, name.n <= HTTPA_INTEL_ADVISORY_LEN, HTTPA_ERR_RANGE);
        if (m->err == HTTPA_OK) {
            level->advisories[level->advisory_count++] = name;
        }
    }
}

/* Version 3: exactly 16 objects.  A shorter list would leave components out
 * of the comparison without a word. */
static void read_components(struct members *m, const char *name, uint8_t *to)
{
    struct httpa_json_value item;
    struct httpa_slice none;
    struct httpa_json_items items = list(m, name);
    size_t n = 0;
    while (m->err == HTTPA_OK && httpa_json_next(&items, &none, &item)) {
        struct members component = { .object = item };
        uint8_t svn = (uint8_t)number(&component, "svn", UINT8_MAX);
        demand(m, component.err == HTTPA_OK, component.err);
        demand(m, n < HTTPA_INTEL_COMPONENTS, HTTPA_ERR_RANGE);
        if (m->err == HTTPA_OK) {
            to[n++] = svn;
        }
    }
    demand(m, n == HTTPA_INTEL_COMPONENTS, HTTPA_ERR_RANGE);
}

/* Version 2: sgxtcbcomp01svn to sgxtcbcomp16svn. */
static void read_components_v2(struct members *m, uint8_t *to)
{
    for (unsigned i = 0; i < HTTPA_INTEL_COMPONENTS; i++) {
        char name[] = "sgxtcbcomp00svn";
        name[10] = (char)('0' + (i + 1) / 10);
        name[11] = (char)('0' + (i + 1) % 10);
        to[i] = (uint8_t)number(m, name, UINT8_MAX);
    }
}

static void read_tcb(struct members *tcb, enum httpa_intel_levels_kind kind,
                     struct httpa_intel_level *level)
{
    if (kind == HTTPA_INTEL_LEVELS_SVN) {
        level->svn = (uint16_t)number(tcb, "isvsvn", UINT16_MAX);
        return;
    }
    level->svn = (uint16_t)number(tcb, "pcesvn", UINT16_MAX);
    if (kind == HTTPA_INTEL_LEVELS_SGX_V2) {
        read_components_v2(tcb, level->sgx);
    } else {
        read_components(tcb, "sgxtcbcomponents", level->sgx);
    }
    if (kind == HTTPA_INTEL_LEVELS_TDX) {
        read_components(tcb, "tdxtcbcomponents", level->tdx);
    }
}

static enum httpa_err read_level(struct httpa_json_value value,
                                 enum httpa_intel_levels_kind kind,
                                 struct httpa_intel_level *ret_level)
{
    struct members m = { .object = value };
    struct httpa_intel_level level = { 0 };
    struct members tcb = inside(&m, "tcb");
    read_tcb(&tcb, kind, &level);
    demand(&m, tcb.err == HTTPA_OK, tcb.err);
    level.date_s = date(&m, "tcbDate");
    level.status = status(&m);
    read_advisories(&m, &level);
    if (m.err == HTTPA_OK) {
        *ret_level = level;
    }
    return m.err;
}

bool httpa_intel_level_next(struct httpa_intel_levels *levels,
                            struct httpa_intel_level *ret_level)
{
    struct httpa_json_value item;
    struct httpa_slice name;
    return httpa_json_next(&levels->items, &name, &item) &&
           read_level(item, levels->kind, ret_level) == HTTPA_OK;
}

static struct httpa_intel_levels
read_levels(struct members *m, enum httpa_intel_levels_kind kind)
{
    struct httpa_intel_levels levels = { .kind = kind,
                                         .items = list(m, "tcbLevels") };
    struct httpa_json_items items = levels.items;
    struct httpa_intel_level level;
    struct httpa_json_value item;
    struct httpa_slice name;
    for (size_t n = 0;
         m->err == HTTPA_OK && httpa_json_next(&items, &name, &item); n++) {
        m->err = read_level(item, kind, &level);
        demand(m, n < HTTPA_INTEL_LEVELS_MAX, HTTPA_ERR_RANGE);
    }
    return levels;
}

/* ---- modules ---- */

static void read_module(struct members *m, struct httpa_intel_module *module)
{
    hex(m, "mrsigner", module->mrsigner, sizeof(module->mrsigner));
    hex(m, "attributes", module->attributes, sizeof(module->attributes));
    hex(m, "attributesMask", module->attributes_mask,
        sizeof(module->attributes_mask));
}

static enum httpa_err
read_identity(struct httpa_json_value value, struct httpa_intel_module *module)
{
    struct members m = { .object = value };
    module->id = text(&m, "id");
    read_module(&m, module);
    module->levels = read_levels(&m, HTTPA_INTEL_LEVELS_SVN);
    return m.err;
}

static void read_modules(struct members *m, struct httpa_intel_tcb_info *info)
{
    struct httpa_json_value item;
    struct httpa_intel_module module;
    struct httpa_slice name;
    struct members own = inside(m, "tdxModule");
    read_module(&own, &info->module);
    demand(m, own.err == HTTPA_OK, own.err);
    if (!has(m, "tdxModuleIdentities")) {
        return;
    }
    info->identities = list(m, "tdxModuleIdentities");
    struct httpa_json_items items = info->identities;
    for (size_t n = 0;
         m->err == HTTPA_OK && httpa_json_next(&items, &name, &item); n++) {
        m->err = read_identity(item, &module);
        demand(m, n < HTTPA_INTEL_LEVELS_MAX, HTTPA_ERR_RANGE);
    }
}

bool httpa_intel_module_find(const struct httpa_intel_tcb_info *info,
                             uint8_t version,
                             struct httpa_intel_module *ret_module)
{
    static const char digits[] = "0123456789ABCDEF";
    const char id[] = {
        'T', 'D', 'X', '_', digits[version >> 4], digits[version & 15]
    };
    struct httpa_json_items items = info->identities;
    struct httpa_intel_module module = { 0 };
    struct httpa_json_value item;
    struct httpa_slice name;
    while (httpa_json_next(&items, &name, &item)) {
        if (read_identity(item, &module) == HTTPA_OK &&
            httpa_slice_equal(module.id, httpa_slice_of(id, sizeof(id)))) {
            *ret_module = module;
            return true;
        }
    }
    return false;
}

/* ---- documents ---- */

/* {"|name|": {...}, "signature": "..."}; what is inside. */
static struct members open_signed(struct httpa_slice in, const char *name,
                                  struct httpa_intel_signed *proof)
{
    struct members m = { 0 };
    m.err = in.n <= HTTPA_INTEL_COLLATERAL_MAX ? httpa_json_read(in, &m.object)
                                               : HTTPA_ERR_RANGE;
    hex(&m, "signature", proof->signature, sizeof(proof->signature));
    struct members inner = inside(&m, name);
    proof->bytes = inner.object.raw;
    return inner;
}

static void read_dates(struct members *m, struct httpa_intel_dates *dates)
{
    dates->issue_s = date(m, "issueDate");
    dates->next_s = date(m, "nextUpdate");
}

/* Version 2 has no id and is of SGX. */
static enum httpa_intel_levels_kind
read_kind(struct members *m, struct httpa_intel_tcb_info *info)
{
    uint64_t version = number(m, "version", UINT32_MAX);
    if (version == 2) {
        demand(m, !has(m, "id"), HTTPA_ERR_UNSUPPORTED);
        return HTTPA_INTEL_LEVELS_SGX_V2;
    }
    struct httpa_slice id = text(m, "id");
    info->is_tdx = httpa_slice_is(id, "TDX");
    demand(m, version == 3 && (info->is_tdx || httpa_slice_is(id, "SGX")),
           HTTPA_ERR_UNSUPPORTED);
    return info->is_tdx ? HTTPA_INTEL_LEVELS_TDX : HTTPA_INTEL_LEVELS_SGX;
}

enum httpa_err httpa_intel_tcb_info_read(struct httpa_slice in,
                                         struct httpa_intel_tcb_info *ret_info)
{
    struct httpa_intel_tcb_info info = { 0 };
    struct members m = open_signed(in, "tcbInfo", &info.proof);
    enum httpa_intel_levels_kind kind = read_kind(&m, &info);
    read_dates(&m, &info.dates);
    hex(&m, "fmspc", info.fmspc, sizeof(info.fmspc));
    hex(&m, "pceId", info.pce_id, sizeof(info.pce_id));
    demand(&m, number(&m, "tcbType", UINT32_MAX) == 0, HTTPA_ERR_UNSUPPORTED);
    info.evaluation_number =
        (uint32_t)number(&m, "tcbEvaluationDataNumber", UINT32_MAX);
    info.levels = read_levels(&m, kind);
    if (info.is_tdx) {
        read_modules(&m, &info);
    }
    if (m.err == HTTPA_OK) {
        *ret_info = info;
    }
    return m.err;
}

enum httpa_err
httpa_intel_qe_identity_read(struct httpa_slice in,
                             struct httpa_intel_qe_identity *ret_identity)
{
    struct httpa_intel_qe_identity q = { 0 };
    struct members m = open_signed(in, "enclaveIdentity", &q.proof);
    demand(&m, number(&m, "version", UINT32_MAX) == 2, HTTPA_ERR_UNSUPPORTED);
    struct httpa_slice id = text(&m, "id");
    q.is_tdx = httpa_slice_is(id, "TD_QE");
    demand(&m, q.is_tdx || httpa_slice_is(id, "QE"), HTTPA_ERR_UNSUPPORTED);
    read_dates(&m, &q.dates);
    q.evaluation_number =
        (uint32_t)number(&m, "tcbEvaluationDataNumber", UINT32_MAX);
    hex(&m, "miscselect", q.misc_select, sizeof(q.misc_select));
    hex(&m, "miscselectMask", q.misc_select_mask, sizeof(q.misc_select_mask));
    hex(&m, "attributes", q.attributes, sizeof(q.attributes));
    hex(&m, "attributesMask", q.attributes_mask, sizeof(q.attributes_mask));
    hex(&m, "mrsigner", q.mrsigner, sizeof(q.mrsigner));
    q.isv_prod_id = (uint16_t)number(&m, "isvprodid", UINT16_MAX);
    q.levels = read_levels(&m, HTTPA_INTEL_LEVELS_SVN);
    if (m.err == HTTPA_OK) {
        *ret_identity = q;
    }
    return m.err;
}

/* ---- evaluations ---- */

static enum httpa_err read_evaluation(struct httpa_json_value value,
                                      struct httpa_intel_evaluation *ret)
{
    struct members m = { .object = value };
    struct httpa_intel_evaluation e = { 0 };
    e.number = (uint32_t)number(&m, "tcbEvaluationDataNumber", UINT32_MAX);
    e.event_s = date(&m, "tcbRecoveryEventDate");
    e.tcb_date_s = date(&m, "tcbDate");
    if (m.err == HTTPA_OK) {
        *ret = e;
    }
    return m.err;
}

bool httpa_intel_evaluation_next(struct httpa_json_items *items,
                                 struct httpa_intel_evaluation *ret)
{
    struct httpa_json_value item;
    struct httpa_slice name;
    return httpa_json_next(items, &name, &item) &&
           read_evaluation(item, ret) == HTTPA_OK;
}

static bool has_number(const uint32_t *numbers, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++) {
        if (numbers[i] == number) {
            return true;
        }
    }
    return false;
}

static void check_evaluations(struct members *m, struct httpa_json_items items)
{
    uint32_t numbers[HTTPA_INTEL_LEVELS_MAX];
    struct httpa_intel_evaluation e = { 0 };
    struct httpa_json_value item;
    struct httpa_slice name;
    for (size_t n = 0;
         m->err == HTTPA_OK && httpa_json_next(&items, &name, &item); n++) {
        demand(m, n < HTTPA_INTEL_LEVELS_MAX, HTTPA_ERR_RANGE);
        if (m->err == HTTPA_OK) {
            m->err = read_evaluation(item, &e);
        }
        if (m->err == HTTPA_OK) {
            demand(m, !has_number(numbers, n, e.number), HTTPA_ERR_DUPLICATE);
            numbers[n] = e.number;
        }
    }
}

enum httpa_err
httpa_intel_evaluations_read(struct httpa_slice in,
                             struct httpa_intel_evaluations *ret_evaluations)
{
    struct httpa_intel_evaluations e = { 0 };
    struct members m = open_signed(in, "tcbEvaluationDataNumbers", &e.proof);
    demand(&m, number(&m, "version", UINT32_MAX) == 1, HTTPA_ERR_UNSUPPORTED);
    struct httpa_slice id = text(&m, "id");
    e.is_tdx = httpa_slice_is(id, "TDX");
    demand(&m, e.is_tdx || httpa_slice_is(id, "SGX"), HTTPA_ERR_UNSUPPORTED);
    read_dates(&m, &e.dates);
    e.items = list(&m, "tcbEvalNumbers");
    check_evaluations(&m, e.items);
    if (m.err == HTTPA_OK) {
        *ret_evaluations = e;
    }
    return m.err;
}

bool httpa_intel_evaluations_find(const struct httpa_intel_evaluations *e,
                                  int64_t date_s, uint32_t number,
                                  struct httpa_intel_evaluation *ret)
{
    struct httpa_json_items items = e->items;
    struct httpa_intel_evaluation one;
    struct httpa_intel_evaluation first = { 0 };
    int64_t fine = -1; /* the highest number under which it is not */
    bool found = false;
    while (httpa_intel_evaluation_next(&items, &one)) {
        if (one.tcb_date_s <= date_s && one.number > fine) {
            fine = one.number;
        }
    }
    items = e->items;
    while (fine >= 0 && httpa_intel_evaluation_next(&items, &one)) {
        if (one.number > fine && (!found || one.number < first.number)) {
            first = one;
            found = true;
        }
    }
    if (!found || first.number > number) {
        return false;
    }
    *ret = first;
    return true;
}
