/*
 * A folder with what vendors say about platforms: certificates, revocation
 * lists, TCB info.  What a file is, its name says; what it is worth, the
 * verifiers find out.
 *
 *   *.der *.cer *.crt            one certificate
 *   *.pem                        certificates
 *   *.crl *.crl.der              a revocation list
 *   *tcb_info.json, *tcb_info_issuer_chain.pem, *qe_identity.json,
 *   *qe_identity_issuer_chain.pem, *pck_crl.der,
 *   *pck_crl_issuer_chain.pem, *root_ca_crl.der,
 *   *tcb_evaluation_data_numbers.json              Intel's
 *   *tcb_info.signed, *qe_identity.signed    the same two, each behind the
 *                                certificates of its signer (PEM) in one
 *                                file: they change together (adr 0023)
 *   *cpak.pem, *cpak_pub.pem     a platform's key, of Arm CCA
 */
#ifndef HTTPA_COLLATERAL_DIR_H
#define HTTPA_COLLATERAL_DIR_H

#include <httpa/evidence.h>

#include "collateral/diag.h"

/* Bytes of one file: real ones have 20 KB. */
#define HTTPA_COLLATERAL_FILE_MAX 65536u

/* Bytes of a file's name, with its zero: NAME_MAX of Linux. */
#define HTTPA_COLLATERAL_NAME 256u

/* Pieces of a folder: of some dozen platforms.  A handshake takes
 * HTTPA_ENDORSEMENTS_MAX of them, which pick.h chooses. */
#define HTTPA_COLLATERAL_MAX 256u

/* Pieces from folders, owned here.  Those of one file have one name. */
struct httpa_collateral {
    char names[HTTPA_COLLATERAL_MAX][HTTPA_COLLATERAL_NAME];
    struct httpa_buf files[HTTPA_COLLATERAL_MAX];
    struct httpa_endorsement v[HTTPA_COLLATERAL_MAX];
    size_t n;
};

/* The media type of a file with that name; NULL: it is no collateral. */
const char *httpa_collateral_type(const char *name);

/* The two parts of a file *.signed, borrowed.  HTTPA_ERR_MISSING: one of them
 * is not there. */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_split(struct httpa_slice file, struct httpa_slice *ret_signers,
                       struct httpa_slice *ret_document);

/* Adds the pieces of |file|, which is called |name|; of a file with signers
 * these are the first.  HTTPA_ERR_LIMIT, HTTPA_ERR_MEMORY. */
HTTPA_MUST_USE enum httpa_err httpa_collateral_add(struct httpa_collateral *c,
                                                   const char *name,
                                                   const char *media_type,
                                                   struct httpa_slice file);

/* Adds what is in |dir| to |c|, in the order of names; other files are passed
 * over.
 *   HTTPA_ERR_IO     a folder or file cannot be read
 *   HTTPA_ERR_LIMIT  more pieces than HTTPA_COLLATERAL_MAX
 *   HTTPA_ERR_RANGE  a file is too long
 *   HTTPA_ERR_MEMORY
 * On any outcome |c| has what was read before. */
HTTPA_MUST_USE enum httpa_err
httpa_collateral_read(const char *dir, struct httpa_collateral *c,
                      struct httpa_collateral_diag *diag);

/* The same on the heap, from |dir| alone: NULL on any failure, which |diag|
 * says. */
struct httpa_collateral *
httpa_collateral_new(const char *dir, struct httpa_collateral_diag *diag);

/* Appends the one file |name| of |dir|; errno says why not. */
HTTPA_MUST_USE enum httpa_err httpa_collateral_load(const char *dir,
                                                    const char *name,
                                                    struct httpa_buf *out);

/* Bytes of all pieces. */
size_t httpa_collateral_size(const struct httpa_collateral *c);

/* Takes the piece |i| out. */
void httpa_collateral_drop(struct httpa_collateral *c, size_t i);

void httpa_collateral_done(struct httpa_collateral *c);
void httpa_collateral_free(struct httpa_collateral *c); /* of the heap */

#endif
