/* The top level of a policy file (doc/policy.md). */
#include "config/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* More of one thing in a list is a mistake, or belongs into two files. */
#define LIST_MAX 256u

/* What httpa_config_policy_read hands out is the first member. */
struct owner {
    struct httpa_policy policy;
    struct httpa_config_arena arena;
};

/* ---------------------------------------------------------------- origins */

/* The ASCII serialisation of an origin (RFC 6454 6.2), as Attest-Target is
 * compared with it byte for byte. */
static const char *origin_fault(struct httpa_slice s)
{
    bool https = httpa_slice_starts(s, "https://");
    if (!https && !httpa_slice_starts(s, "http://")) {
        return "must begin with https:// or http://";
    }
    struct httpa_slice host = httpa_slice_from(s, https ? 8 : 7);
    for (size_t i = 0; i < host.n; i++) {
        if (host.p[i] == '/' || host.p[i] == '?' || host.p[i] == '#') {
            return "must be scheme, host and port only, no path or slash";
        }
        if (host.p[i] <= ' ' || host.p[i] >= 0x7f || host.p[i] == '@' ||
            httpa_ascii_lower(host.p[i]) != host.p[i]) {
            return "must be lower-case ASCII (a name in punycode)";
        }
    }
    const char *port = https ? ":443" : ":80";
    size_t n = strlen(port);
    if (host.n == 0 || host.p[0] == ':') {
        return "has no host";
    }
    if (host.n > n && memcmp(host.p + host.n - n, port, n) == 0) {
        return "must leave out the default port";
    }
    return NULL;
}

static enum httpa_err read_origin(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    struct httpa_slice *origin = to;
    enum httpa_err err = httpa_config_slice(doc, at, origin);
    const char *fault = err == HTTPA_OK ? origin_fault(*origin) : NULL;
    return fault != NULL ? httpa_config_fail(doc, at, "%s", fault) : err;
}

/* ------------------------------------------------------------------ lists */

static enum httpa_err read_list(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at,
                                httpa_config_read_fn read,
                                const struct httpa_slice **ret_v,
                                size_t *ret_count)
{
    const struct httpa_config_list list = { read, sizeof(struct httpa_slice),
                                            LIST_MAX };
    const void *v;
    enum httpa_err err = httpa_config_array(doc, at, &list, &v, ret_count);
    if (err == HTTPA_OK) {
        *ret_v = v;
    }
    return err;
}

static enum httpa_err read_origins(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    struct httpa_policy *p = to;
    return read_list(doc, at, read_origin, &p->origins, &p->origin_count);
}

/* --------------------------------------------------------------- identity */

static enum httpa_err read_digest(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    struct httpa_slice bytes;
    enum httpa_err err = httpa_config_hex(doc, at, &bytes);
    if (err == HTTPA_OK && bytes.n != 32) {
        err = httpa_config_fail(doc, at,
                                "must be a SHA-256 of 64 hex digits, has %zu",
                                2 * bytes.n);
    }
    if (err == HTTPA_OK) {
        memcpy(to, bytes.p, 32);
    }
    return err;
}

static enum httpa_err read_spki(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = { read_digest, 32, LIST_MAX };
    struct httpa_identity_policy *id = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &id->spki_count);
    if (err == HTTPA_OK) {
        id->spki_sha256 = v;
    }
    return err;
}

static enum httpa_err read_ca_files(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    struct httpa_identity_policy *id = to;
    return httpa_config_certificates(doc, at, &id->ca_roots,
                                     &id->ca_root_count);
}

static enum httpa_err read_names(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to)
{
    struct httpa_identity_policy *id = to;
    return read_list(doc, at, httpa_config_slice, &id->names, &id->name_count);
}

static enum httpa_err read_require(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "pinned", "measured", "webpki",
                                         "none", NULL };
    static const enum httpa_identity_require values[] = {
        HTTPA_IDENTITY_PINNED, HTTPA_IDENTITY_MEASURED, HTTPA_IDENTITY_WEBPKI,
        HTTPA_IDENTITY_NONE
    };
    size_t i;
    enum httpa_err err = httpa_config_word(doc, at, words, &i);
    if (err == HTTPA_OK) {
        ((struct httpa_identity_policy *)to)->require = values[i];
    }
    return err;
}

static enum httpa_err read_identity(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "require", read_require, 0, HTTPA_CONFIG_MANDATORY },
        { "spki_sha256", read_spki, 0, HTTPA_CONFIG_OPTIONAL },
        { "ca_files", read_ca_files, 0, HTTPA_CONFIG_OPTIONAL },
        { "names", read_names, 0, HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

/* ------------------------------------------------------- binding and base */

/* A list of |words| as bools: |flags[i]| is set for word i. */
static enum httpa_err read_flags(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at,
                                 const char *const *words, bool *const *flags)
{
    size_t n = json_array_size(at->value);
    if (!json_is_array(at->value) || n == 0) {
        return httpa_config_fail(doc, at, "must be a list, not empty");
    }
    for (size_t i = 0; i < n; i++) {
        struct httpa_config_at child = httpa_config_nth(at, i);
        size_t word;
        enum httpa_err err = httpa_config_word(doc, &child, words, &word);
        if (err != HTTPA_OK) {
            return err;
        }
        if (*flags[word]) {
            return httpa_config_fail(doc, &child, "stands there twice");
        }
        *flags[word] = true;
    }
    return HTTPA_OK;
}

static enum httpa_err read_accepted(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "fresh", "batch", "key", NULL };
    struct httpa_binding_policy *b = to;
    return read_flags(doc, at, words,
                      (bool *const[]){ &b->fresh, &b->batch, &b->key });
}

static enum httpa_err read_binding(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
#define MEMBER(name) offsetof(struct httpa_binding_policy, name)
    static const struct httpa_config_member members[] = {
        { "accept", read_accepted, 0, HTTPA_CONFIG_OPTIONAL },
        { "key_max_age", httpa_config_duration, MEMBER(key_max_age_s),
          HTTPA_CONFIG_OPTIONAL },
        { "reattest_after", httpa_config_duration, MEMBER(reattest_after_s),
          HTTPA_CONFIG_OPTIONAL },
        { "insecure_key_unproven", httpa_config_bool,
          MEMBER(insecure_key_unproven), HTTPA_CONFIG_OPTIONAL },
        { "insecure_key_alone", httpa_config_bool, MEMBER(insecure_key_alone),
          HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
#undef MEMBER
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

static enum httpa_err read_creation(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "new", "reuse", "shared", NULL };
    struct httpa_base_policy *b = to;
    return read_flags(doc, at, words,
                      (bool *const[]){ &b->creation_new, &b->creation_reuse,
                                       &b->creation_shared });
}

static enum httpa_err read_instances(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at, void *to)
{
    static const char *const words[] = { "indirect", "direct", NULL };
    size_t i;
    enum httpa_err err = httpa_config_word(doc, at, words, &i);
    if (err == HTTPA_OK) {
        ((struct httpa_base_policy *)to)->direct = i == 1;
    }
    return err;
}

static enum httpa_err read_base(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "creation", read_creation, 0, HTTPA_CONFIG_OPTIONAL },
        { "instances", read_instances, 0, HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

/* ----------------------------------------------------------------- refuse */

static enum httpa_err read_refused(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    struct httpa_refuse_policy *r = to;
    const struct {
        const char *name;
        httpa_config_read_fn read;
        const struct httpa_slice **v;
        size_t *n;
    } rows[] = {
        { "products", httpa_config_slice, &r->products, &r->product_count },
        { "chips", httpa_config_hex, &r->chips, &r->chip_count },
        { "measurements", httpa_config_hex, &r->measurements,
          &r->measurement_count },
        { "signers", httpa_config_hex, &r->signers, &r->signer_count },
        { "advisories", httpa_config_slice, &r->advisories,
          &r->advisory_count },
        { "bases", httpa_config_slice, &r->bases, &r->base_count },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcmp(rows[i].name, at->key) == 0) {
            return read_list(doc, at, rows[i].read, rows[i].v, rows[i].n);
        }
    }
    return HTTPA_ERR_INTERNAL;
}

static enum httpa_err read_refuse(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_member members[] = {
        { "products", read_refused, 0, HTTPA_CONFIG_OPTIONAL },
        { "chips", read_refused, 0, HTTPA_CONFIG_OPTIONAL },
        { "measurements", read_refused, 0, HTTPA_CONFIG_OPTIONAL },
        { "signers", read_refused, 0, HTTPA_CONFIG_OPTIONAL },
        { "advisories", read_refused, 0, HTTPA_CONFIG_OPTIONAL },
        { "bases", read_refused, 0, HTTPA_CONFIG_OPTIONAL },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

/* -------------------------------------------------------------- top level */

static enum httpa_err read_version(struct httpa_config_doc *doc,
                                   const struct httpa_config_at *at, void *to)
{
    (void)to;
    return json_is_integer(at->value) && json_integer_value(at->value) == 1
               ? HTTPA_OK
               : httpa_config_fail(doc, at, "must be 1");
}

static enum httpa_err read_accept(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to)
{
    static const struct httpa_config_list list = {
        httpa_config_profile, sizeof(struct httpa_profile),
        HTTPA_POLICY_PROFILES_MAX
    };
    struct httpa_policy *p = to;
    const void *v;
    enum httpa_err err =
        httpa_config_array(doc, at, &list, &v, &p->accept_count);
    if (err == HTTPA_OK) {
        p->accept = v;
    }
    return err;
}

static enum httpa_err read_collateral(struct httpa_config_doc *doc,
                                      const struct httpa_config_at *at,
                                      void *to)
{
    static const struct httpa_config_member members[] = {
        { "max_age", httpa_config_duration,
          offsetof(struct httpa_policy, collateral_max_age_s),
          HTTPA_CONFIG_MANDATORY },
        { "note", httpa_config_note, 0, HTTPA_CONFIG_OPTIONAL },
    };
    return httpa_config_object(doc, at, members, COUNT(members), to);
}

#define MEMBER(name) offsetof(struct httpa_policy, name)
static const struct httpa_config_member members[] = {
    { "httpa_policy", read_version, 0, HTTPA_CONFIG_MANDATORY },
    { "name", httpa_config_text, MEMBER(name), HTTPA_CONFIG_MANDATORY },
    { "note", httpa_config_text, MEMBER(note), HTTPA_CONFIG_OPTIONAL },
    { "expires", httpa_config_time, MEMBER(expires_s),
      HTTPA_CONFIG_OPTIONAL },
    { "origins", read_origins, 0, HTTPA_CONFIG_OPTIONAL },
    { "identity", read_identity, MEMBER(identity), HTTPA_CONFIG_MANDATORY },
    { "binding", read_binding, MEMBER(binding), HTTPA_CONFIG_OPTIONAL },
    { "base", read_base, MEMBER(base), HTTPA_CONFIG_OPTIONAL },
    { "accept", read_accept, 0, HTTPA_CONFIG_MANDATORY },
    { "refuse", read_refuse, MEMBER(refuse), HTTPA_CONFIG_OPTIONAL },
    { "collateral", read_collateral, 0, HTTPA_CONFIG_OPTIONAL },
    { "insecure_unpinned", httpa_config_bool, MEMBER(insecure_unpinned),
      HTTPA_CONFIG_OPTIONAL },
    { "insecure_dev_tee", httpa_config_bool, MEMBER(insecure_dev_tee),
      HTTPA_CONFIG_OPTIONAL },
};
#undef MEMBER

/* What no member breaks alone: the rules of httpa_policy_check. */
static enum httpa_err check_whole(struct httpa_config_doc *doc, json_t *root,
                                  const struct httpa_policy *policy)
{
    uint8_t storage[256];
    struct httpa_buf where = httpa_buf_fixed(storage, sizeof(storage) - 1);
    const char *text = NULL;
    enum httpa_err err = httpa_policy_check(policy, &where, &text);
    if (err == HTTPA_ERR_CONFIG) {
        storage[where.n] = '\0';
        return httpa_config_fail_path(doc, root, (const char *)storage, text);
    }
    return err;
}

/* The file as it is, for its digest, and its name, for people. */
static enum httpa_err keep_source(struct httpa_config_doc *doc,
                                  struct httpa_policy *policy)
{
    uint8_t *text = httpa_config_alloc(doc->arena, doc->text.n + 1);
    size_t path_len = doc->path != NULL ? strlen(doc->path) : 0;
    char *path = httpa_config_alloc(doc->arena, path_len + 1);
    if (text == NULL || path == NULL) {
        return httpa_config_no_memory(doc);
    }
    memcpy(text, doc->text.p, doc->text.n);
    policy->text = httpa_slice_of(text, doc->text.n);
    if (doc->path != NULL) {
        memcpy(path, doc->path, path_len);
        policy->path = path;
    }
    return HTTPA_OK;
}

static enum httpa_err read_root(struct httpa_config_doc *doc, json_t *root,
                                struct httpa_policy *policy)
{
    const struct httpa_config_at at = { .value = root };
    enum httpa_err err =
        httpa_config_object(doc, &at, members, COUNT(members), policy);
    if (err == HTTPA_OK) {
        httpa_policy_defaults(policy);
        err = check_whole(doc, root, policy);
    }
    return err == HTTPA_OK ? keep_source(doc, policy) : err;
}

static enum httpa_err parse(struct httpa_slice text, json_t **ret_root,
                            struct httpa_config_error *error)
{
    json_error_t e;
    json_t *root =
        json_loadb(text.n > 0 ? (const char *)text.p : "", text.n,
                   JSON_REJECT_DUPLICATES, &e);
    if (root == NULL) {
        error->line = e.line > 0 ? (unsigned)e.line : 0;
        error->column = e.column > 0 ? (unsigned)e.column : 1;
        (void)snprintf(error->text, sizeof(error->text), "not JSON: %s",
                       e.text);
        httpa_config_one_line(error);
        return HTTPA_ERR_CONFIG;
    }
    *ret_root = root;
    return HTTPA_OK;
}

enum httpa_err httpa_config_policy_read(struct httpa_slice text,
                                        const char *path,
                                        struct httpa_policy **ret_policy,
                                        struct httpa_config_error *ret_error)
{
    json_t *root = NULL;
    *ret_error = (struct httpa_config_error){ 0 };
    struct owner *owner = calloc(1, sizeof(*owner));
    struct httpa_config_doc doc = { .text = text,
                                    .path = path,
                                    .error = ret_error };
    if (owner == NULL) {
        return httpa_config_no_memory(&doc);
    }
    doc.arena = &owner->arena;
    enum httpa_err err = parse(text, &root, ret_error);
    if (err == HTTPA_OK) {
        err = read_root(&doc, root, &owner->policy);
    }
    json_decref(root);
    if (err == HTTPA_OK) {
        *ret_policy = &owner->policy;
    } else {
        httpa_config_policy_free(&owner->policy);
    }
    return err;
}

enum httpa_err httpa_config_policy_load(const char *path,
                                        struct httpa_policy **ret_policy,
                                        struct httpa_config_error *ret_error)
{
    struct httpa_slice text;
    const char *why = NULL;
    enum httpa_err err =
        httpa_config_file(path, HTTPA_CONFIG_FILE_MAX, &text, &why);
    if (err != HTTPA_OK) {
        *ret_error = (struct httpa_config_error){ 0 };
        (void)snprintf(ret_error->text, sizeof(ret_error->text), "%s", why);
        return err;
    }
    err = httpa_config_policy_read(text, path, ret_policy, ret_error);
    free((void *)(uintptr_t)text.p);
    return err;
}

void httpa_config_policy_free(struct httpa_policy *policy)
{
    if (policy != NULL) {
        struct owner *owner = (struct owner *)policy;
        httpa_config_arena_done(&owner->arena);
        free(owner);
    }
}
