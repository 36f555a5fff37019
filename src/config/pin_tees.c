/* Draft profiles of processors' evidence: what was measured, exactly, and the
 * firmware's level as the least. */
#include "config/pin.h"

#include <string.h>

#include "codec/version.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void put_number(struct httpa_pin *p, const char *key, uint64_t value)
{
    httpa_json_key(p->j, key);
    httpa_json_unsigned(p->j, value);
}

static void put_bool(struct httpa_pin *p, const char *key, bool value)
{
    httpa_json_key(p->j, key);
    httpa_json_boolean(p->j, value);
}

static void put_list(struct httpa_pin *p, const char *key)
{
    httpa_json_key(p->j, key);
    httpa_json_array(p->j);
}

static void put_object(struct httpa_pin *p, const char *key)
{
    httpa_json_key(p->j, key);
    httpa_json_object(p->j);
}

/* No policy ever accepts it. */
static void refuse_debug(struct httpa_pin *p)
{
    const struct httpa_value *debug = httpa_pin_claim(p, "debug");
    if (debug == NULL || debug->integer != 0) {
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE, HTTPA_PIN_DEBUG);
    }
}

/* ---------------------------------------------------------------- SEV-SNP */

void httpa_pin_snp_set(struct httpa_pin *p)
{
    static const struct httpa_pin_register rows[] = {
        { .key = "measurement", .needed = true },
        { .key = "host_data", .needed = true },
        { .key = "id_key_digest", .not_zero = true },
        { .key = "author_key_digest", .not_zero = true },
        { .key = "family_id", .not_zero = true },
        { .key = "image_id", .not_zero = true },
        { .key = "guest_svn_min", .claim = "guest_svn", .not_zero = true },
    };
    httpa_pin_registers(p, rows, COUNT(rows));
}

static const char *const components[] = { "boot_loader", "tee", "snp",
                                          "microcode", "fmc" };

/* The word at the start of |text|, and what stands behind the space. */
static struct httpa_slice next_word(struct httpa_slice *text)
{
    size_t n = 0;
    while (n < text->n && text->p[n] != ' ') {
        n++;
    }
    struct httpa_slice word = httpa_slice_of(text->p, n);
    *text = httpa_slice_from(*text, n < text->n ? n + 1 : n);
    return word;
}

/* A component, 0 to 255; -1 otherwise. */
static int read_component(struct httpa_slice digits)
{
    int value = 0;
    for (size_t i = 0; i < digits.n; i++) {
        bool fine = digits.p[i] >= '0' && digits.p[i] <= '9';
        value = fine ? 10 * value + (digits.p[i] - '0') : 256;
        if (value > 255) {
            return -1;
        }
    }
    return digits.n > 0 ? value : -1;
}

/* "boot_loader 4 tee 0 snp 24 microcode 219": lowers |least| to it, where that
 * is -1 or higher. */
static bool lower(struct httpa_slice text, int least[COUNT(components)])
{
    size_t n = 0;
    while (text.n > 0) {
        struct httpa_slice name = next_word(&text);
        int value = read_component(next_word(&text));
        if (value < 0 || n == COUNT(components) ||
            !httpa_slice_is(name, components[n])) {
            return false;
        }
        least[n] = least[n] < 0 || value < least[n] ? value : least[n];
        n++;
    }
    return n >= COUNT(components) - 1;
}

/* A policy's floor holds for each of the three. */
static void put_min_tcb(struct httpa_pin *p)
{
    static const char *const levels[] = { "reported_tcb", "committed_tcb",
                                          "launch_tcb" };
    int least[COUNT(components)] = { -1, -1, -1, -1, -1 };
    struct httpa_slice product = httpa_pin_bytes(p, "product");
    for (size_t i = 0; i < COUNT(levels); i++) {
        if (!lower(httpa_pin_bytes(p, levels[i]), least)) {
            httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE, NULL);
            return;
        }
    }
    put_object(p, "min_tcb");
    httpa_json_key_slice(p->j, product);
    httpa_json_object(p->j);
    for (size_t i = 0; i < COUNT(components) && least[i] >= 0; i++) {
        put_number(p, components[i], (uint64_t)least[i]);
    }
    httpa_json_end(p->j);
    httpa_json_end(p->j);
}

static void put_signer(struct httpa_pin *p)
{
    struct httpa_slice signer = httpa_pin_bytes(p, "signed_by");
    put_list(p, "signed_by");
    httpa_json_string(p->j, signer);
    httpa_json_end(p->j);
    if (httpa_slice_is(signer, "vlek")) {
        httpa_json_key(p->j, "csp_id");
        httpa_json_string(p->j, httpa_pin_bytes(p, "csp_id"));
    }
}

/* A guest's owner decides on both bits, so they are the same tomorrow. */
static void put_guest_policy(struct httpa_pin *p)
{
    put_object(p, "guest_policy");
    if (httpa_pin_true(p, "migration_agent")) {
        put_bool(p, "migration_agent", true);
        httpa_pin_say(p, "accepts that a migration agent may move the guest",
                      httpa_slice_str(""));
    }
    put_bool(p, "smt", httpa_pin_true(p, "smt_allowed"));
    put_bool(p, "single_socket", httpa_pin_true(p, "single_socket"));
    httpa_json_end(p->j);
}

/* Whether it came from a paravisor, which then is said. */
static bool put_via(struct httpa_pin *p)
{
    bool is_azure = httpa_pin_claim(p, "hardware_ak") != NULL;
    if (is_azure) {
        httpa_pin_str(p, "via", "azure");
    }
    return is_azure;
}

static bool is_same(const struct httpa_pin *p, const char *a, const char *b)
{
    return httpa_slice_equal(httpa_pin_bytes(p, a), httpa_pin_bytes(p, b));
}

static void put_provisional(struct httpa_pin *p)
{
    if (!is_same(p, "current_firmware", "committed_firmware") ||
        !is_same(p, "current_tcb", "committed_tcb")) {
        put_bool(p, "provisional_firmware", true);
        httpa_pin_say(p, "accepts firmware that the platform can go back from",
                      httpa_slice_str(""));
    }
}

void httpa_pin_snp_members(struct httpa_pin *p)
{
    const struct httpa_value *vmpl = httpa_pin_claim(p, "vmpl");
    refuse_debug(p);
    if (!put_via(p) && vmpl != NULL) {
        put_list(p, "vmpl");
        httpa_json_integer(p->j, vmpl->integer);
        httpa_json_end(p->j);
    }
    put_min_tcb(p);
    put_signer(p);
    put_guest_policy(p);
    put_provisional(p);
    httpa_pin_say(p, "UNPINNED: the chip, any of product ",
                  httpa_pin_bytes(p, "product"));
}

/* ------------------------------------------------------------------ Intel */

void httpa_pin_tdx_set(struct httpa_pin *p)
{
    static const struct httpa_pin_register rows[] = {
        { .key = "mrtd", .needed = true },
        { .key = "rtmr0", .needed = true },
        { .key = "rtmr1", .needed = true },
        { .key = "rtmr2", .needed = true },
        { .key = "rtmr3" },
        { .key = "mr_config_id" },
        { .key = "mr_owner" },
        { .key = "mr_owner_config" },
        { .key = "mr_service_td" },
    };
    httpa_pin_registers(p, rows, COUNT(rows));
}

void httpa_pin_sgx_set(struct httpa_pin *p)
{
    static const struct httpa_pin_register rows[] = {
        { .key = "mrenclave", .needed = true },
        { .key = "mrsigner", .needed = true },
        { .key = "isv_prod_id", .needed = true },
        { .key = "isv_svn_min", .claim = "isv_svn", .needed = true },
        { .key = "config_id" },
        { .key = "config_svn_min", .claim = "config_svn" },
        { .key = "family_id" },
        { .key = "ext_prod_id" },
    };
    httpa_pin_registers(p, rows, COUNT(rows));
}

/* As policies call it; empty: no policy accepts it. */
static struct httpa_slice status_word(struct httpa_slice status)
{
    static const struct {
        const char *seen;
        const char *word;
    } rows[] = {
        { "TDRelaunchAdvised", "OutOfDate" },
        { "TDRelaunchAdvisedConfigurationNeeded",
          "OutOfDateConfigurationNeeded" },
        { "Revoked", "" },
        { "NotSupported", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (httpa_slice_is(status, rows[i].seen)) {
            return httpa_slice_str(rows[i].word);
        }
    }
    return status;
}

/* Those of a level that is up to date are nobody's business. */
static void put_advisories(struct httpa_pin *p)
{
    const struct httpa_value *found = httpa_pin_claim(p, "advisories");
    if (found == NULL || found->count == 0) {
        return;
    }
    put_list(p, "advisories");
    for (size_t i = 0; i < found->count; i++) {
        httpa_json_string(p->j, found->texts[i]);
        httpa_pin_say(p, "accepts the advisory ", found->texts[i]);
    }
    httpa_json_end(p->j);
}

static void put_tcb(struct httpa_pin *p)
{
    struct httpa_slice status = status_word(httpa_pin_bytes(p, "tcb_status"));
    const struct httpa_value *number = httpa_pin_claim(p, "evaluation_number");
    if (status.n == 0) {
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE,
                          "Intel calls the platform revoked, or knows no level "
                          "as low as this one; no policy accepts that");
        return;
    }
    put_object(p, "tcb");
    put_list(p, "status");
    httpa_json_string(p->j, status);
    httpa_json_end(p->j);
    if (!httpa_slice_is(status, "UpToDate")) {
        httpa_pin_say(p, "accepts a platform that is not up to date: ", status);
        put_advisories(p);
    }
    if (number != NULL && number->integer > 0) {
        put_number(p, "min_evaluation_number", (uint64_t)number->integer);
    }
    httpa_json_end(p->j);
}

/* SVNs of the TDX module and its loader: bytes 0 and 2 of TEE_TCB_SVN. */
static void put_min_svn(struct httpa_pin *p)
{
    struct httpa_slice svn = httpa_pin_bytes(p, "tee_tcb_svn");
    if (svn.n > 2 && (svn.p[0] > 0 || svn.p[2] > 0)) {
        put_object(p, "min_tee_tcb_svn");
        put_number(p, "module", svn.p[0]);
        put_number(p, "seam_loader", svn.p[2]);
        httpa_json_end(p->j);
    }
}

/* An attribute that policies refuse unless they say otherwise. */
struct attribute {
    const char *name; /* of the claim and of the member */
    bool good;
    const char *text;
};

static void put_attributes(struct httpa_pin *p, const struct attribute *rows,
                           size_t count)
{
    put_object(p, "attributes");
    for (size_t i = 0; i < count; i++) {
        bool seen = httpa_pin_true(p, rows[i].name);
        put_bool(p, rows[i].name, seen);
        if (seen != rows[i].good) {
            httpa_pin_say(p, rows[i].text, httpa_slice_str(""));
        }
    }
    httpa_json_end(p->j);
}

static void say_platform(struct httpa_pin *p)
{
    httpa_pin_say(p, "UNPINNED: the platform, any with that TCB; this one is "
                     "FMSPC ",
                  httpa_pin_bytes(p, "product"));
}

void httpa_pin_tdx_members(struct httpa_pin *p)
{
    static const struct attribute rows[] = {
        { "sept_ve_disable", true,
          "accepts that the host raises exceptions inside" },
        { "migratable", false, "accepts that the guest may be migrated" },
        { "perfmon", false, "accepts performance counters" },
    };
    refuse_debug(p);
    (void)put_via(p);
    put_tcb(p);
    put_attributes(p, rows, COUNT(rows));
    put_min_svn(p);
    say_platform(p);
}

void httpa_pin_sgx_members(struct httpa_pin *p)
{
    static const struct attribute rows[] = {
        { "provision_key", false,
          "accepts that the enclave has the provisioning key" },
    };
    refuse_debug(p);
    put_tcb(p);
    put_attributes(p, rows, COUNT(rows));
    say_platform(p);
}

/* -------------------------------------------------------------------- CCA */

void httpa_pin_cca_set(struct httpa_pin *p)
{
    static const struct httpa_pin_register rows[] = {
        { .key = "rim", .needed = true },
        { .key = "rem0" },
        { .key = "rem1" },
        { .key = "rem2" },
        { .key = "rem3" },
        { .key = "personalization_value" },
    };
    httpa_pin_registers(p, rows, COUNT(rows));
}

/* "RMM 1.0.0 <measurement> by <signer>", "-" for what is not there. */
struct component {
    struct httpa_slice type;
    struct httpa_slice version;
    struct httpa_slice measurement;
    struct httpa_slice signer;
};

/* Cuts the last word off |text|. */
static struct httpa_slice last_word(struct httpa_slice *text)
{
    size_t at = text->n;
    while (at > 0 && text->p[at - 1] != ' ') {
        at--;
    }
    struct httpa_slice word = httpa_slice_from(*text, at);
    *text = httpa_slice_of(text->p, at > 0 ? at - 1 : 0);
    return word;
}

static struct component split(struct httpa_slice text)
{
    struct component c = { .signer = last_word(&text) };
    (void)last_word(&text); /* "by" */
    c.measurement = last_word(&text);
    c.version = last_word(&text);
    c.type = text;
    return c;
}

static size_t count_type(const struct httpa_value *all, struct httpa_slice type)
{
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++) {
        n += httpa_slice_equal(split(all->texts[i]).type, type);
    }
    return n;
}

static void put_component(struct httpa_pin *p, const struct component *c)
{
    struct httpa_version version;
    httpa_json_object(p->j);
    httpa_json_key(p->j, "type");
    httpa_json_string(p->j, c->type);
    httpa_json_key(p->j, "signer_id");
    httpa_json_string(p->j, c->signer);
    bool has_version = httpa_version_read(c->version, &version) == HTTPA_OK;
    httpa_json_key(p->j, has_version ? "version_min" : "measurement");
    httpa_json_string(p->j, has_version ? c->version : c->measurement);
    httpa_json_end(p->j);
}

/* Of a type that is there twice a policy cannot say which. */
static void put_components(struct httpa_pin *p)
{
    const struct httpa_value *all = httpa_pin_claim(p, "components");
    bool any = false;
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        struct component c = split(all->texts[i]);
        if (httpa_slice_is(c.type, "-") || count_type(all, c.type) != 1) {
            httpa_pin_say(p, "UNPINNED: firmware ", c.type);
            continue;
        }
        if (!any) {
            put_list(p, "components");
        }
        any = true;
        put_component(p, &c);
    }
    if (any) {
        httpa_json_end(p->j);
    } else {
        httpa_pin_say(p, "UNPINNED: the platform's firmware",
                      httpa_slice_str(""));
    }
}

void httpa_pin_cca_members(struct httpa_pin *p)
{
    struct httpa_slice implementation = httpa_pin_bytes(p, "implementation_id");
    struct httpa_slice cpak = httpa_pin_bytes(p, "cpak");
    if (implementation.n == 0 || cpak.n == 0 ||
        !httpa_slice_is(httpa_pin_bytes(p, "lifecycle"), "secured")) {
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE,
                          "the platform is not secured; no policy accepts "
                          "that");
        return;
    }
    put_object(p, "platform");
    put_list(p, "implementation_ids");
    httpa_json_hex(p->j, implementation);
    httpa_json_end(p->j);
    put_components(p);
    httpa_json_end(p->j);
    put_list(p, "cpak");
    httpa_pin_pem(p, "PUBLIC KEY", cpak);
    httpa_json_end(p->j);
    httpa_pin_say(p, "UNPINNED: the maker's key, CPAK: it is whatever lay "
                     "beside the evidence; compare it",
                  httpa_slice_str(""));
    httpa_pin_say(p, "UNPINNED: the machine", httpa_slice_str(""));
}
