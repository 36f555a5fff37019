/*
 * The client's side of HTTPA/2, without I/O.
 *
 *   httpa_hello_new      an AtHS for one origin
 *   httpa_hello_outer    its outer head, httpa_hello_content its content:
 *                        send them (ATTEST, or POST where that is refused)
 *   httpa_hello_answer   judges the whole answer: transcript, evidence,
 *                        identity, policy.  Only after all of it is there a
 *                        session, and nothing of the user's was sent before
 *   httpa_hello_verdict  what was found, also after a refusal
 *
 *   httpa_request_new       one request on a session: takes a number
 *   httpa_request_head ..   write it; httpa_request_outer gives the outer head
 *   httpa_request_answer    judges the outer head of the answer
 *   httpa_request_read      yields the answer's head, content, end
 *
 * A session is what the paper calls an attest base (AtB).  It lives in this
 * process only: it cannot be saved, copied or shared, and a fork must not use
 * it.  When it ends, make a new one.
 *
 * A number is used once.  A request that is to be sent again, for whatever
 * reason, is a new call.  Only an answer whose binder verified says anything
 * about the request; everything else leaves its outcome unknown.
 */
#ifndef HTTPA_CLIENT_H
#define HTTPA_CLIENT_H

#include <httpa/crypto.h>
#include <httpa/evidence.h>
#include <httpa/exchange.h>
#include <httpa/policy.h>
#include <httpa/verdict.h>

struct httpa_client_config {
    const struct httpa_crypto *crypto; /* borrowed, outlives everything */
    struct httpa_random random;
    const struct httpa_policy *policy; /* borrowed; NULL: look, never accept */
    const struct httpa_verifier *const *verifiers; /* evidence types known */
    size_t verifier_count;
    const char *const *suites; /* in order of preference; NULL: all */
    size_t suite_count;
    const char *const *groups; /* in order of preference; NULL: default */
    size_t group_count;
    bool send_date; /* offer Attest-Date */
    enum httpa_padding padding;
    const char *tool_name; /* for the verdict document; may be NULL */
};

/* ---- AtHS ------------------------------------------------------------ */

struct httpa_hello;

/*
 * Prepares an AtHS for |origin| ("https://api.example.com").
 * HTTPA_ERR_CONFIG: the origin or a name in the configuration is not valid.
 */
HTTPA_MUST_USE enum httpa_err
httpa_hello_new(const struct httpa_client_config *config,
                struct httpa_slice origin, int64_t now_s,
                struct httpa_hello **ret_hello);
void httpa_hello_free(struct httpa_hello *hello);

/* Fields and content to send; method and path are the caller's choice. */
const struct httpa_outer *httpa_hello_outer(const struct httpa_hello *hello);
struct httpa_slice httpa_hello_content(const struct httpa_hello *hello);

struct httpa_session;

/*
 * Judges the complete answer in the order of doc/protocol.md, "Client's order
 * of checks".  |endorsements| is what the caller has at hand besides what the
 * service sends along (may be empty).
 *
 * HTTPA_OK                 *ret_session is ready
 * HTTPA_ERR_REFUSED        an unauthenticated refusal: httpa_refusal_read
 * 2xx, 3xx, 4xx            the answer is broken or was changed on the way
 * HTTPA_ERR_EVIDENCE, APPRAISAL, IDENTITY, NO_POLICY, EXPIRED
 *                          genuine transcript, refused: see the verdict
 * HTTPA_ERR_UNDECIDED      collateral missing: see the verdict
 */
HTTPA_MUST_USE enum httpa_err
httpa_hello_answer(struct httpa_hello *hello, const struct httpa_head *outer,
                   struct httpa_slice content, int64_t now_s,
                   struct httpa_slice endorsements,
                   struct httpa_session **ret_session);

/* Never NULL after httpa_hello_answer returned; lives with the hello. */
const struct httpa_verdict *
httpa_hello_verdict(const struct httpa_hello *hello);

/* Takes the verdict out of the hello; free it with httpa_verdict_free. */
struct httpa_verdict *httpa_hello_take_verdict(struct httpa_hello *hello);

/* The Attest-Error token of an unauthenticated refusal, or empty.  A claim of
 * the network: good for a message, never for a decision about the request. */
struct httpa_slice httpa_refusal_token(const struct httpa_head *outer);

/* ---- session --------------------------------------------------------- */

/* Wipes the keys.  No call of it may be left. */
void httpa_session_free(struct httpa_session *session);

/* Seconds for which new calls may still be made; 0: make a new session. */
int64_t
httpa_session_left_s(const struct httpa_session *session, int64_t now_s);

/* For people: "r1.8Jk2", the routing label and the start of the Base-ID. */
struct httpa_slice httpa_session_name(const struct httpa_session *session);

/* ---- calls ----------------------------------------------------------- */

struct httpa_request;

/*
 * One request.  Takes the next number.
 * HTTPA_ERR_EXPIRED, HTTPA_ERR_REKEY: make a new session.
 * HTTPA_ERR_BUSY: 512 calls have no answer yet.
 */
HTTPA_MUST_USE enum httpa_err
httpa_request_new(struct httpa_session *session, int64_t now_s,
                  struct httpa_request **ret_request);
void httpa_request_free(struct httpa_request *request);
uint64_t httpa_request_number(const struct httpa_request *request);

/* Names numbers of this session that were given up: the service refuses this
 * call (`seen`) if one of them may have been processed.  Before the head. */
HTTPA_MUST_USE enum httpa_err
httpa_request_supersede(struct httpa_request *request, const uint64_t *numbers,
                        size_t count);

/* Asks the service to end the session after this call.  Before the head. */
HTTPA_MUST_USE enum httpa_err
httpa_request_terminate(struct httpa_request *request);

/*
 * The outer head: Attest fields, Content-Type, and Content-Length when
 * |content_len| is known.  |clear| names inner fields to copy to the outside.
 */
HTTPA_MUST_USE enum httpa_err
httpa_request_outer(struct httpa_request *request,
                    const struct httpa_head *inner, uint64_t content_len,
                    struct httpa_outer *ret_outer);

/* The inner request; records are appended to |out|. */
HTTPA_MUST_USE enum httpa_err httpa_request_head(struct httpa_request *request,
                                                 const struct httpa_head *inner,
                                                 struct httpa_buf *out);
HTTPA_MUST_USE enum httpa_err
httpa_request_data(struct httpa_request *request, struct httpa_slice data,
                   bool flush, struct httpa_buf *out);
HTTPA_MUST_USE enum httpa_err
httpa_request_filler(struct httpa_request *request, struct httpa_buf *out);
HTTPA_MUST_USE enum httpa_err
httpa_request_end(struct httpa_request *request,
                  const struct httpa_fields *trailers, struct httpa_buf *out);

/*
 * Judges the outer head of the answer.
 *
 * HTTPA_OK            the binder verified: read the content
 * HTTPA_ERR_REFUSED   an Attest-Error and no binder: outcome unknown
 * HTTPA_ERR_BINDER    binder missing or wrong: outcome unknown
 * HTTPA_ERR_PLACE, MALFORMED, ...   likewise
 */
HTTPA_MUST_USE enum httpa_err
httpa_request_answer(struct httpa_request *request,
                     const struct httpa_head *outer);

/* As httpa_exchange_read, for the answer. */
HTTPA_MUST_USE enum httpa_err
httpa_request_read(struct httpa_request *request, struct httpa_slice in,
                   int64_t now_s, size_t *ret_used,
                   struct httpa_event *ret_event);
HTTPA_MUST_USE enum httpa_err
httpa_request_read_end(struct httpa_request *request);

/* The sealed Attest-Error of the answer ("seen", "rekey", ...), or empty;
 * authentic.  Valid after HEAD. */
struct httpa_slice
httpa_request_error_token(const struct httpa_request *request);

#endif
