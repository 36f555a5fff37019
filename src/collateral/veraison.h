/*
 * Asking a remote verifier: Veraison's challenge-response API, version 1.
 *
 *   POST URL/challenge-response/v1/newSession?nonce=...   201, Location
 *   POST <Location>, the evidence                         200, or 202:
 *   GET <Location>, again and again                       200
 *   DELETE <Location>
 *
 * The result is somebody's word about the evidence (src/evidence/ear); what
 * it is worth is for an appraisal under that verifier's key.  Nothing here is
 * believed.  Bounded in everything: time, bytes, and where the evidence goes:
 * HTTPS, but for a loopback address; no redirects; a session only at the
 * origin that was asked.
 */
#ifndef HTTPA_COLLATERAL_VERAISON_H
#define HTTPA_COLLATERAL_VERAISON_H

#include <httpa/slice.h>

#include "codec/json_read.h"
#include "collateral/diag.h"

/* The session's nonce, as the API has it. */
#define HTTPA_VERAISON_NONCE_MIN 8u
#define HTTPA_VERAISON_NONCE_MAX 64u

/* Bytes of a result: no longer one is read (src/evidence/ear). */
#define HTTPA_VERAISON_RESULT_MAX 65536u

/* Bytes of a session: its result, and the evidence, 256 KiB at most and
 * echoed in base64. */
#define HTTPA_VERAISON_SESSION_MAX 524288u

/* Characters of a media type with its parameters: the longest has 75. */
#define HTTPA_VERAISON_TYPE_MAX 256u

#define HTTPA_VERAISON_TYPES 2u

struct httpa_veraison {
    const char *url;    /* https://HOST[:PORT][/PATH] */
    const char *cacert; /* NULL: the system's */
    uint64_t total_ms;  /* for everything, not 0 */
    struct httpa_slice nonce;
    struct httpa_slice evidence;
    /* What it may be called, the best name first; NULL: none. */
    const char *types[HTTPA_VERAISON_TYPES];
    char name[HTTPA_VERAISON_TYPE_MAX]; /* room for one of them */
};

/* Fills |types| by what |ask->evidence| is here; unchanged where that has no
 * name there. */
void httpa_veraison_name(struct httpa_veraison *ask,
                         struct httpa_slice media_type);

/*
 * Appends the verifier's result, a JWT, to |ret_result|.
 *   HTTPA_ERR_USAGE        no such URL, or a nonce of another length
 *   HTTPA_ERR_UNSUPPORTED  the verifier does not take such evidence
 *   HTTPA_ERR_TIMEOUT, HTTPA_ERR_IO, HTTPA_ERR_CHAIN  no answer
 *   HTTPA_ERR_REFUSED      another status, or the session failed
 *   HTTPA_ERR_EVIDENCE     a session for another nonce
 *   HTTPA_ERR_RANGE        more than the limits above
 *   those of httpa_veraison_read, HTTPA_ERR_MEMORY
 */
HTTPA_MUST_USE enum httpa_err
httpa_veraison_ask(const struct httpa_veraison *ask,
                   struct httpa_buf *ret_result,
                   struct httpa_collateral_diag *diag);

/* ---- veraison_session.c: what comes ---- */

enum httpa_veraison_status {
    HTTPA_VERAISON_WAITING,
    HTTPA_VERAISON_PROCESSING,
    HTTPA_VERAISON_COMPLETE,
    HTTPA_VERAISON_FAILED
};

struct httpa_veraison_session {
    enum httpa_veraison_status status;
    uint8_t nonce[HTTPA_VERAISON_NONCE_MAX];
    size_t nonce_n;
    struct httpa_json_value accept; /* array */
    struct httpa_slice result;      /* of a complete one; else n is 0 */
};

/*
 * Reads a session; slices are borrowed from |json|.  Errors: those of
 * httpa_json_read and its values; HTTPA_ERR_MISSING without nonce, accept,
 * status or, when complete, a result; HTTPA_ERR_UNSUPPORTED for a status that
 * is not known; HTTPA_ERR_RANGE for a nonce or a result that is too short or
 * too long.
 */
HTTPA_MUST_USE enum httpa_err
httpa_veraison_read(struct httpa_slice json,
                    struct httpa_veraison_session *ret_session);

/* The first of |types| that |session| accepts, or NULL. */
const char *
httpa_veraison_choose(const struct httpa_veraison_session *session,
                      const char *const types[HTTPA_VERAISON_TYPES]);

/* What is accepted, with commas, for a person. */
void httpa_veraison_list(const struct httpa_veraison_session *session,
                         struct httpa_buf *out);

/* Why, from a body of RFC 9457: title and detail, as far as they are plain
 * text. */
void httpa_veraison_problem(struct httpa_slice json, struct httpa_buf *out);

#endif
