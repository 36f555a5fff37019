/*
 * What a relying party demands: the policy, as plain structs.
 *
 * An embedder fills them by hand; programs get them from a JSON file with
 * httpa_config_policy_read (<httpa/config.h>, library httpa_config).  The
 * file's members, their meaning and the order of judgement are in
 * doc/policy.md; every member here has the name it has there.
 *
 *   struct httpa_reference refs[] = {
 *       { "sha256.pcr11", HTTPA_REFERENCE_EQUAL, httpa_value_bytes(pcr11) },
 *   };
 *   struct httpa_set set = { .name = "build 412",
 *                            .references = refs, .reference_count = 1 };
 *   struct httpa_tpm_policy tpm = { .trust = HTTPA_AK_PINNED,
 *                                   .names = &ak, .name_count = 1 };
 *   struct httpa_profile lab = { .name = "lab", .type = "tpm", .tpm = &tpm,
 *                                .sets = &set, .set_count = 1 };
 *   struct httpa_policy policy = {
 *       .name = "lab machine",
 *       .identity = { .require = HTTPA_IDENTITY_PINNED,
 *                     .spki_sha256 = pins, .spki_count = 1 },
 *       .accept = &lab, .accept_count = 1,
 *   };
 *   httpa_policy_defaults(&policy);
 *
 * Three rules make it closed.  What is not named is refused.  A profile is an
 * AND, the list of profiles an OR, and a measurement set is a unit: registers
 * of two builds never mix.  And zero is never "anything goes": a zeroed
 * policy, profile or setting accepts nothing.
 *
 * All pointers are borrowed; the policy must not change while it is in use,
 * and may be shared by threads.  Times are Unix seconds, 0 for none.
 */
#ifndef HTTPA_POLICY_H
#define HTTPA_POLICY_H

#include <httpa/policy_cca.h>
#include <httpa/policy_ear.h>
#include <httpa/policy_tpm.h>
#include <httpa/verdict.h>

/* A reader looks at all of them before it believes one. */
#define HTTPA_POLICY_PROFILES_MAX 64u
#define HTTPA_POLICY_SETS_MAX 64u       /* of one profile */
#define HTTPA_POLICY_REFERENCES_MAX 64u /* of one set */

/* ------------------------------------------------------------- measurements */

enum httpa_reference_kind {
    HTTPA_REFERENCE_EQUAL = 0, /* the claim is there and has this value */
    HTTPA_REFERENCE_AT_LEAST,  /* an integer claim is there, this or larger */
    HTTPA_REFERENCE_ANY        /* written "any": not judged */
};

/*
 * One claim of a set, by the claim's name: "mrtd", "sha256.pcr7".  A TEXT
 * value compares with a TEXT claim as it is and with a BYTES claim as its
 * hex, in either case; otherwise types must be the same.
 */
struct httpa_reference {
    const char *name;
    enum httpa_reference_kind kind;
    struct httpa_value value;
};

struct httpa_set {
    const char *name; /* NULL: none */
    int64_t not_before_s;
    int64_t not_after_s; /* this second is the last */
    const struct httpa_reference *references;
    size_t reference_count;
};

/* ----------------------------------------------------------------- profiles */

/* Type "dev": a key of `httpa dev-init`.  Protects nothing. */
struct httpa_dev_policy {
    struct httpa_slice root_spki; /* SubjectPublicKeyInfo, DER */
};

/* What a policy may demand of a bit. */
enum httpa_demand {
    HTTPA_DEMAND_ANY = 0,
    HTTPA_DEMAND_TRUE,
    HTTPA_DEMAND_FALSE
};

/* The least TCB of one product, by component. */
struct httpa_snp_floor {
    const char *product; /* "milan", "genoa", "bergamo" (and Siena), "turin" */
    uint8_t boot_loader;
    uint8_t tee;
    uint8_t snp;
    uint8_t microcode;
    uint8_t fmc; /* Turin */
};

/* How the report gets to the guest. */
enum httpa_via {
    HTTPA_VIA_DIRECT = 0, /* it binds the handshake itself */
    HTTPA_VIA_AZURE       /* of a paravisor: needs its vTPM in `with` */
};

/* Type "sev-snp".  Debugging is never accepted. */
struct httpa_snp_policy {
    enum httpa_via via;
    const struct httpa_snp_floor *floors; /* other products are refused */
    size_t floor_count;
    bool insecure_any_tcb; /* no floors: any product, however old */
    bool vcek;             /* signed by a chip's key is fine */
    bool vlek;             /* by a cloud's, if it is of |csp_id| */
    const char *csp_id;    /* NULL: any */
    uint8_t vmpls;         /* bit n: level n is fine; 0: level 0 alone */
    bool migration_agent;  /* a migration agent is fine */
    bool provisional_firmware; /* newer than what is committed is fine */
    bool crl; /* a list of AMD's root that is valid now must be at hand */
    uint8_t abi_major; /* the guest demands this ABI at least */
    uint8_t abi_minor;
    enum httpa_demand smt; /* the guest allows it */
    enum httpa_demand single_socket;
    enum httpa_demand alias_check; /* the platform says so */
    enum httpa_demand ecc;
    enum httpa_demand tsme;
    enum httpa_demand ciphertext_hiding;
    const struct httpa_slice *chips; /* CHIP_IDs; none: any */
    size_t chip_count;
};

/* Type "nitro".  The root is AWS's and built in; debug mode never passes. */
#define HTTPA_NITRO_MAX_AGE_S 300u /* JSON default */
struct httpa_nitro_policy {
    uint32_t max_age_s; /* of the document, by its own signed time */
};

/*
 * Types "tdx" and "sgx".  A status is one of Intel's words ("UpToDate",
 * "SWHardeningNeeded", ...) and must be listed to pass; another one than
 * UpToDate passes only if every advisory of the platform's level is listed
 * too.  Revoked and NotSupported never pass.  A debuggable one is refused
 * always.
 */
struct httpa_intel_policy {
    enum httpa_via via;              /* tdx */
    const struct httpa_slice *status; /* text; none: nothing passes */
    size_t status_count;
    const struct httpa_slice *advisories; /* text: "INTEL-SA-00615" */
    size_t advisory_count;
    uint32_t min_evaluation_number;  /* of Intel's collateral; 0: any */
    uint32_t grace_days; /* what is out of date passes so long after Intel's
                            recovery event; 0: not at all */
    uint8_t min_module_svn; /* tdx: of the TDX module (TEE_TCB_SVN[0]) */
    uint8_t min_seam_loader_svn; /* tdx: of its loader (TEE_TCB_SVN[2]) */
    const struct httpa_slice *fmspc; /* 6 bytes each; none: any */
    size_t fmspc_count;
    bool no_sept_ve_disable; /* tdx: it need not be set */
    bool migratable;         /* tdx: may be */
    bool perfmon;            /* tdx: may be on */
    bool provision_key;      /* sgx: the enclave may have it */
    bool hardening_warns; /* SWHardeningNeeded passes with a warning, whatever
                             its advisories */
};

/* A profile of a type has that type's settings and no other's. */
struct httpa_profile {
    const char *name;
    const char *type; /* of a struct httpa_verifier: "tpm", "nitro" */
    int64_t not_before_s;
    int64_t not_after_s;
    const struct httpa_set *sets; /* one of them must match whole; "ear" has
                                     none */
    size_t set_count;
    const struct httpa_profile *with; /* each met by evidence beside it; these
                                         have no `with` of their own */
    size_t with_count;
    const struct httpa_tpm_policy *tpm;
    const struct httpa_dev_policy *dev;
    const struct httpa_snp_policy *snp;
    const struct httpa_nitro_policy *nitro;
    const struct httpa_intel_policy *intel;
    const struct httpa_cca_policy *cca;
    const struct httpa_ear_policy *ear;
};

/* ------------------------------------------------------------ all the rest */

enum httpa_identity_require {
    HTTPA_IDENTITY_UNSET = 0, /* not a policy */
    HTTPA_IDENTITY_PINNED,    /* one of |spki_sha256|, or under |ca_roots| */
    HTTPA_IDENTITY_MEASURED,  /* the measured configuration says whose it is */
    HTTPA_IDENTITY_WEBPKI,    /* a public certificate: whoever terminates TLS
                                 for the name can get one */
    HTTPA_IDENTITY_NONE       /* anyone who boots this image passes */
};

struct httpa_identity_policy {
    enum httpa_identity_require require;
    const uint8_t (*spki_sha256)[32]; /* of SubjectPublicKeyInfo, DER */
    size_t spki_count;
    const struct httpa_slice *ca_roots; /* DER; roots of the owner's own CA */
    size_t ca_root_count;
    const struct httpa_slice *names; /* webpki: instead of the origin's host */
    size_t name_count;
};

#define HTTPA_POLICY_REATTEST_S 86400u /* the default */

struct httpa_binding_policy {
    bool fresh; /* httpa_policy_defaults: fresh and batch, if none is set */
    bool batch;
    bool key;                 /* its age is the attester's claim */
    uint32_t key_max_age_s;   /* must be set when key is */
    uint32_t reattest_after_s; /* a session ends then; 0: the default */
    bool insecure_key_unproven; /* key: never seen in fresh evidence is fine */
    bool insecure_key_alone;    /* key: with identity none is fine */
};

struct httpa_base_policy {
    bool creation_new; /* httpa_policy_defaults: new, shared, if none is set */
    bool creation_reuse;
    bool creation_shared;
    bool direct; /* instances attest to the client themselves */
};

/* Judged last, and wins.  Names in |products| compare without case, hex in
 * either case, bytes as bytes. */
struct httpa_refuse_policy {
    const struct httpa_slice *products; /* text: "milan" */
    size_t product_count;
    const struct httpa_slice *chips; /* bytes */
    size_t chip_count;
    const struct httpa_slice *measurements; /* bytes, of any register */
    size_t measurement_count;
    const struct httpa_slice *signers; /* bytes */
    size_t signer_count;
    const struct httpa_slice *advisories; /* text */
    size_t advisory_count;
    const struct httpa_slice *bases; /* text: Base-IDs */
    size_t base_count;
};

struct httpa_policy {
    const char *name;
    const char *note;        /* shown with the verdict; NULL: none */
    const char *path;        /* of its file, for people; NULL: none */
    struct httpa_slice text; /* the file, for its digest in the verdict */
    int64_t expires_s;
    const struct httpa_slice *origins; /* none: any (a warning) */
    size_t origin_count;
    struct httpa_identity_policy identity;
    struct httpa_binding_policy binding;
    struct httpa_base_policy base;
    const struct httpa_profile *accept;
    size_t accept_count;
    struct httpa_refuse_policy refuse;
    uint32_t collateral_max_age_s; /* 0: as long as it is valid */
    bool insecure_unpinned; /* sets may be all "any" */
    bool insecure_dev_tee;  /* profiles of type dev are allowed */
};

/* Fills in defaults of doc/policy.md where a policy made by hand is silent:
 * bindings, reattest_after, base creation. */
void httpa_policy_defaults(struct httpa_policy *policy);

/*
 * Whether |policy| can be judged at all: what every type has in common; a
 * type's own settings are its verifier's matter.  HTTPA_ERR_CONFIG: no;
 * |where| then has the member at fault appended ("identity.spki_sha256",
 * "accept[1].measurements[0]"), and *ret_text is a literal sentence.
 * httpa_appraise asks this first.
 */
HTTPA_MUST_USE enum httpa_err
httpa_policy_check(const struct httpa_policy *policy, struct httpa_buf *where,
                   const char **ret_text);

/* Whether |policy| is for |origin| ("https://api.example.com"). */
bool httpa_policy_covers(const struct httpa_policy *policy,
                         struct httpa_slice origin);

#endif
