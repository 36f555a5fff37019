/*
 * What a piece of evidence needs, and where its maker has it.
 *
 *   SEV-SNP  AMD's key distribution service (57230): the VCEK of the chip at
 *            the TCB that the report names, ASK (or ASVK) and ARK, and the
 *            ARK's revocation list.  A VLEK is not there; clouds hand it out.
 *   TDX, SGX Intel's provisioning certification service, version 4: TCB info
 *            of the FMSPC, identity of the QE, both with their signer's
 *            chain in a header; revocation lists of PCK CA and root.  Each
 *            of the two may be asked for as the standard evaluation or as
 *            the earliest there is.
 *
 * Names of files and URLs are made of numbers and hex alone: nothing that
 * stands in evidence chooses a path or a host.
 */
#ifndef HTTPA_COLLATERAL_NEED_H
#define HTTPA_COLLATERAL_NEED_H

#include <httpa/evidence.h>

#include "collateral/diag.h"
#include "evidence/snp/vcek.h"

enum httpa_collateral_source {
    HTTPA_COLLATERAL_KDS,
    HTTPA_COLLATERAL_PCS,
    HTTPA_COLLATERAL_INTEL_ROOT,
    HTTPA_COLLATERAL_SOURCES
};

/* The base URLs of their makers, and whose they are. */
extern const struct httpa_collateral_place {
    const char *url;
    const char *name;
} httpa_collateral_places[HTTPA_COLLATERAL_SOURCES];

#define HTTPA_COLLATERAL_PATH 384u /* of a VCEK: 210 */

/* What a document is, and so how it is proved (proof.h). */
enum httpa_collateral_document {
    HTTPA_COLLATERAL_AMD_CHAIN,
    HTTPA_COLLATERAL_AMD_VCEK,
    HTTPA_COLLATERAL_AMD_CRL,
    HTTPA_COLLATERAL_INTEL_INFO,
    HTTPA_COLLATERAL_INTEL_IDENTITY,
    HTTPA_COLLATERAL_INTEL_EVALUATIONS,
    HTTPA_COLLATERAL_INTEL_PCK_CRL,
    HTTPA_COLLATERAL_INTEL_ROOT_CRL
};

struct httpa_collateral_need {
    enum httpa_collateral_source source;
    enum httpa_collateral_document document;
    char path[HTTPA_COLLATERAL_PATH]; /* behind the base URL */
    char file[HTTPA_COLLATERAL_PATH]; /* name in a folder */
    /* What brings the issuers: a field of the answer, or another file that
     * stands before this one in the list; else NULL. */
    const char *chain_header;
    char issuers_file[HTTPA_COLLATERAL_PATH]; /* or "" */
    enum httpa_snp_line line;                 /* AMD */
    struct httpa_slice evidence;              /* who needs it; borrowed */
    bool guess; /* of several lines of processors, one has it */
    bool optional; /* a cache of somebody may not have it, and most policies do
                      not ask for it */
};

/* Platforms of one call, each with a few documents. */
#define HTTPA_COLLATERAL_NEEDS_MAX 64u

struct httpa_collateral_needs {
    struct httpa_collateral_need v[HTTPA_COLLATERAL_NEEDS_MAX];
    size_t n;
};

/* A platform of Intel's, as its quote's certificate says. */
struct httpa_collateral_fmspc {
    bool is_tdx;
    uint8_t fmspc[6];
};

/* HTTPA_ERR_UNSUPPORTED: |evidence| is no quote of Intel's; others: it does
 * not parse. */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_fmspc(const struct httpa_crypto *crypto,
                       const struct httpa_evidence *evidence,
                       struct httpa_collateral_fmspc *ret);

/*
 * Adds what |evidence| needs and |needs| has not yet.  Nothing is verified.
 * |evidence| has to live as long as |needs|.
 *   HTTPA_ERR_UNSUPPORTED  of another type; or its maker has nothing to fetch
 *   HTTPA_ERR_LIMIT        too much at once
 *   others                 it does not parse
 */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_need(const struct httpa_crypto *crypto,
                      const struct httpa_evidence *evidence,
                      struct httpa_collateral_needs *needs,
                      struct httpa_collateral_diag *diag);

#endif
