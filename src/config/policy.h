/* The members of a policy file that depend on the type of a profile. */
#ifndef HTTPA_CONFIG_POLICY_H
#define HTTPA_CONFIG_POLICY_H

#include "config/doc.h"

/*
 * A type that profiles can have: how its measurement sets are read, and its
 * own members.
 */
struct httpa_config_type {
    const char *name;
    /* A member of a set that is not common to all types.  NULL beside settings:
     * the type has no sets. */
    enum httpa_err (*read_references)(struct httpa_config_doc *doc,
                                      const struct httpa_config_at *set_at,
                                      struct httpa_set *set);
    /* Reads the own members of the profile at |at|. */
    enum httpa_err (*read_settings)(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at,
                                    struct httpa_profile *profile);
    /* Names of those own members, NULL-terminated. */
    const char *const *settings;
};

/* The row of the type that the text at |at| names. */
HTTPA_MUST_USE enum httpa_err
httpa_config_type_find(struct httpa_config_doc *doc,
                       const struct httpa_config_at *at,
                       const struct httpa_config_type **ret_type);

/* Members of sets that every type has: "name", "note", "not_before"... */
bool httpa_config_is_common(const char *key);

/* Room for a reference of each member of the set at |set_at|, one more, set as
 * |set|'s references. */
HTTPA_MUST_USE enum httpa_err
httpa_config_set_room(struct httpa_config_doc *doc,
                      const struct httpa_config_at *set_at,
                      struct httpa_set *set,
                      struct httpa_reference **ret_room);

/*
 * A member of a set that names a claim: |bytes| bytes in hex, or a |digest|
 * of 32, 48 or 64; else a number of 32 bits that must be equal or (|at_least|)
 * reached.  Each may be "any".  |mentioned|: a set has to say something of it.
 */
struct httpa_config_register {
    const char *key;
    const char *claim; /* NULL: named like the key */
    size_t bytes;
    bool digest;
    bool at_least;
    bool mentioned;
};

/* Reads all members of the set at |set_at| but the common ones. */
HTTPA_MUST_USE enum httpa_err
httpa_config_registers(struct httpa_config_doc *doc,
                       const struct httpa_config_at *set_at,
                       const struct httpa_config_register *rows, size_t count,
                       struct httpa_set *set);

/* A member of the settings of a profile: its reader gets the settings of the
 * type + offset. */
struct httpa_config_setting {
    const char *name;
    httpa_config_read_fn read;
    size_t offset;
};

/* Reads those of |rows| that the profile at |at| has. */
HTTPA_MUST_USE enum httpa_err
httpa_config_settings(struct httpa_config_doc *doc,
                      const struct httpa_config_at *at,
                      const struct httpa_config_setting *rows, size_t count,
                      void *to);

/* uint8_t */
enum httpa_err httpa_config_u8(struct httpa_config_doc *doc,
                               const struct httpa_config_at *at, void *to);
/* uint32_t */
enum httpa_err httpa_config_u32(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to);

/* Whether it is the text "any". */
bool httpa_config_is_any(const json_t *value);

/* tpm_roots.c: "ak_roots" and "ek_roots" of struct httpa_tpm_policy. */
enum httpa_err httpa_config_tpm_roots(struct httpa_config_doc *doc,
                                      const struct httpa_config_at *at,
                                      void *to);

/* types_snp.c: the row of "sev-snp". */
enum httpa_err httpa_config_snp_references(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *set_at,
                                           struct httpa_set *set);
enum httpa_err httpa_config_snp_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile);
extern const char *const httpa_config_snp_members[];
enum httpa_err httpa_config_via(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at,
                                void *to); /* enum httpa_via */

/* types_intel.c: the rows of "tdx" and "sgx". */
enum httpa_err httpa_config_tdx_references(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *set_at,
                                           struct httpa_set *set);
enum httpa_err httpa_config_tdx_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile);
extern const char *const httpa_config_tdx_members[];
enum httpa_err httpa_config_sgx_references(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *set_at,
                                           struct httpa_set *set);
enum httpa_err httpa_config_sgx_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile);
extern const char *const httpa_config_sgx_members[];

/* types_ear.c: the row of "ear", which has no sets. */
enum httpa_err httpa_config_ear_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile);
extern const char *const httpa_config_ear_members[];

/* types_cca.c: the row of "cca". */
enum httpa_err httpa_config_cca_references(struct httpa_config_doc *doc,
                                           const struct httpa_config_at *set_at,
                                           struct httpa_set *set);
enum httpa_err httpa_config_cca_settings(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         struct httpa_profile *profile);
extern const char *const httpa_config_cca_members[];

/* profile.c: elements of `accept` into struct httpa_profile. */
enum httpa_err httpa_config_profile(struct httpa_config_doc *doc,
                                    const struct httpa_config_at *at, void *to);

#endif
