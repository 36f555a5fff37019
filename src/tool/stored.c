#include "tool/stored.h"

#include <httpa/config.h>

#include <string.h>
#include <sys/stat.h>

#include "codec/hex.h"
#include "collateral/pick.h"
#include "tool/file.h"
#include "tool/say.h"
#include "tool/transport.h"

/* An evidence value with its event log (doc/protocol.md 6.4). */
#define VALUE_MAX 262144u
#define NONCE_MAX 512u /* of a Nitro document; others have at most 66 */

static const struct {
    const char *ending;
    const char *type;
} endings[] = {
    { "attestation_doc.cbor", "nitro" },
    { "cca_token.cbor", "cca" },
    { "ear.cbor", "ear" },
    { ".jwt", "ear" },
    { ".eat", "dev" },
    { ".cwt", "dev" },
    { ".tpm", "tpm" },
    { ".cbor", "tpm" },
    { "hcl_report.bin", "hcl" },
    { ".hcl", "hcl" },
    { ".azure-tdx", "azure-tdx" },
    { ".snp", "sev-snp" },
    { "report.bin", "sev-snp" },
    { ".tdx", "tdx" },
    { ".sgx", "sgx" },
};

/* Azure's paravisor has media types of its own, of types that others have. */
static const struct {
    const char *word;
    const char *media_type;
} paravised[] = {
    { "hcl", HTTPA_MEDIA_TYPE_HCL },
    { "azure-tdx", HTTPA_MEDIA_TYPE_AZURE_TDX },
};

bool httpa_stored_is_there(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path);
    size_t k = strlen(ending);
    return n >= k && strcmp(path + n - k, ending) == 0;
}

static const char *guess_type(const struct httpa_stored *s, const char *path,
                              struct httpa_slice value)
{
    if (s->type != NULL) {
        return s->type;
    }
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (ends_in(path, endings[i].ending)) {
            return endings[i].type;
        }
    }
    return ends_in(path, "quote.bin") ? httpa_parts_quote_type(value) : NULL;
}

/* Type ear has two forms: text, and a CBOR array or tag, which is none. */
static bool is_form_of(const struct httpa_verifier *verifier,
                       const struct httpa_buf *value)
{
    bool binary = value->n > 0 && value->p[0] >= 0x80;
    return strcmp(verifier->type, "ear") != 0 ||
           binary == (verifier == &httpa_verifier_ear_cwt);
}

/* A line end is an editor's, and no part of a token. */
static void cut_line_end(struct httpa_buf *value)
{
    if (value->n > 0 && value->p[value->n - 1] == '\n') {
        httpa_buf_cut(value, value->n - 1);
    }
}

static bool set_type(struct httpa_stored *s, size_t i, const char *type)
{
    size_t count = 0;
    for (size_t k = 0;
         type != NULL && k < sizeof(paravised) / sizeof(paravised[0]); k++) {
        if (strcmp(paravised[k].word, type) == 0) {
            s->items[i].media_type = httpa_slice_str(paravised[k].media_type);
            return true;
        }
    }
    const struct httpa_verifier *const *verifiers =
        httpa_verifiers_known(&count);
    for (size_t k = 0; type != NULL && k < count; k++) {
        if (strcmp(verifiers[k]->type, type) == 0 &&
            is_form_of(verifiers[k], &s->values[i])) {
            if (verifiers[k] == &httpa_verifier_ear_jwt) {
                cut_line_end(&s->values[i]);
            }
            s->items[i].media_type = httpa_slice_str(verifiers[k]->media_type);
            return true;
        }
    }
    httpa_say("what kind of evidence is that? --type tpm, sev-snp, hcl, tdx, "
              "azure-tdx, sgx, nitro, cca, ear or dev");
    return false;
}

static bool collect(struct httpa_stored *s, const char *dir)
{
    struct httpa_collateral_diag diag;
    if (httpa_collateral_read(dir, &s->endorsements, &diag) != HTTPA_OK) {
        httpa_say("%s", diag.text);
        return false;
    }
    return true;
}

/* The next item, once its value has been read. */
static bool take(struct httpa_stored *s, bool ok, const char *type)
{
    struct httpa_buf *value = &s->values[s->n];
    if (!ok || !set_type(s, s->n, type)) {
        httpa_buf_done(value);
        return false;
    }
    s->items[s->n].value = httpa_buf_slice(value);
    s->items[s->n].binding = HTTPA_BINDING_FRESH;
    s->items[s->n].nonce = httpa_buf_slice(&s->nonce_bytes);
    s->n++;
    return true;
}

static bool read_one(struct httpa_stored *s, const char *path)
{
    struct stat st;
    if (s->n == HTTPA_EVIDENCE_MAX || stat(path, &st) != 0) {
        httpa_say("%s: %s", path,
                  s->n == HTTPA_EVIDENCE_MAX ? "one too many" : "not there");
        return false;
    }
    struct httpa_buf *value = &s->values[s->n];
    const char *type = NULL;
    *value = httpa_buf_growing(VALUE_MAX);
    bool ok = S_ISDIR(st.st_mode)
                  ? httpa_parts_read(path, value, &type) &&
                        collect(s, path)
                  : httpa_file_read(path, value);
    if (ok && !S_ISDIR(st.st_mode)) {
        type = guess_type(s, path, httpa_buf_slice(value));
    }
    return take(s, ok, type);
}

static bool has_tcb_info(const struct httpa_stored *s)
{
    for (size_t i = 0; i < s->endorsements.n; i++) {
        if (httpa_slice_is(s->endorsements.v[i].media_type,
                           httpa_collateral_type("tcb_info.json"))) {
            return true;
        }
    }
    return false;
}

/* What a TPM says counts without its processor, and less: without Intel's word
 * about that, nobody can judge more, unless a policy asks for it. */
static bool read_azure_tdx(struct httpa_stored *s, const char *dir)
{
    if (!httpa_parts_is_azure_tdx(dir)) {
        return true;
    }
    if (s->policy == NULL && !has_tcb_info(s)) {
        httpa_say("%s/td_quote.bin: not judged without Intel's collateral: "
                  "the vTPM is judged alone",
                  dir);
        httpa_say_next("httpa collateral fetch %s/td_quote.bin --to DIR, then "
                       "--collateral DIR",
                       dir);
        return true;
    }
    if (s->n == HTTPA_EVIDENCE_MAX) {
        httpa_say("%s: one too many", dir);
        return false;
    }
    s->values[s->n] = httpa_buf_growing(VALUE_MAX);
    return take(s, httpa_parts_azure_tdx(dir, &s->values[s->n]), "azure-tdx");
}

/* A folder of a machine under Azure's paravisor is two items. */
static bool read_path(struct httpa_stored *s, const char *path)
{
    char hcl[HTTPA_PARTS_PATH];
    return (!httpa_parts_hcl(path, hcl) || read_one(s, hcl)) &&
           read_one(s, path) && read_azure_tdx(s, path);
}

static bool read_policy(struct httpa_stored *s)
{
    struct httpa_config_error error;
    if (s->policy_path == NULL) {
        return true;
    }
    if (httpa_config_policy_load(s->policy_path, &s->policy, &error) ==
        HTTPA_OK) {
        return true;
    }
    httpa_say("%s:%u:%u: %s", s->policy_path, error.line, error.column,
              error.text);
    return false;
}

bool httpa_stored_read(struct httpa_stored *s, const char *const *paths,
                       size_t n)
{
    s->nonce_bytes = httpa_buf_growing(NONCE_MAX);
    if (s->nonce != NULL && (httpa_hex_read(httpa_slice_str(s->nonce),
                                            &s->nonce_bytes) != HTTPA_OK ||
                             s->nonce_bytes.n == 0)) {
        httpa_say("--nonce: 1 to %u bytes in hex", NONCE_MAX);
        return false;
    }
    bool ok = read_policy(s) &&
              (s->collateral == NULL ||
               collect(s, s->collateral));
    for (size_t i = 0; ok && i < n; i++) {
        ok = read_path(s, paths[i]);
    }
    return ok;
}

/* A folder of many platforms is told by the evidence what is meant. */
static void pick(struct httpa_stored *s)
{
    struct httpa_collateral_picked p = { .pieces_max = HTTPA_ENDORSEMENTS_MAX,
                                         .bytes_max = SIZE_MAX };
    httpa_collateral_pick(s->crypto, s->items, s->n, &s->endorsements, &p);
    if (p.cut > 0) {
        httpa_say("WARNING: %zu pieces of collateral are left out, since "
                  "there are more than %u; the last is %s",
                  p.cut, HTTPA_ENDORSEMENTS_MAX, p.last);
    }
}

bool httpa_stored_judge(struct httpa_stored *s)
{
    s->verdict = httpa_verdict_new();
    if (s->verdict == NULL || httpa_crypto_new(&s->crypto) != HTTPA_OK) {
        httpa_say("cannot start: no memory, or no crypto");
        return false;
    }
    pick(s);
    struct httpa_appraisal a = {
        .crypto = s->crypto,
        .policy = s->policy,
        .now_s = s->at_s != 0 ? s->at_s : httpa_transport_now_s(),
        .offline = true,
        .evidence = s->items,
        .evidence_count = s->n,
        .endorsements = s->endorsements.v,
        .endorsement_count = s->endorsements.n,
    };
    a.verifiers = httpa_verifiers_known(&a.verifier_count);
    if (s->policy == NULL && httpa_strict_for(s->items, s->n, &s->strict)) {
        a.policy = &s->strict.policy;
    }
    enum httpa_err err = httpa_appraise(&a, s->verdict);
    if (err == HTTPA_ERR_MEMORY || err == HTTPA_ERR_CRYPTO ||
        err == HTTPA_ERR_USAGE) {
        httpa_say("cannot be judged: %s", httpa_strerror(err));
        return false;
    }
    return true;
}

void httpa_stored_done(struct httpa_stored *s)
{
    for (size_t i = 0; i < s->n; i++) {
        httpa_buf_done(&s->values[i]);
    }
    httpa_collateral_done(&s->endorsements);
    httpa_buf_done(&s->nonce_bytes);
    httpa_verdict_free(s->verdict);
    httpa_config_policy_free(s->policy);
    httpa_crypto_free(s->crypto);
}
