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
 *   httpa_request_new     one request on a session: takes a number
 *   httpa_request_begin   outer head and inner head; then data, end
 *   httpa_request_answer  judges the outer head of the answer
 *   httpa_request_read    yields the answer's head, content, end
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

/* A quote key that was shown beside `fresh` evidence in a handshake that was
 * accepted: it makes binding `key` more than a claim (doc/protocol.md 6.3). */
struct httpa_seen_key {
    struct httpa_slice spki;
    int64_t seen_s; /* by the client's own clock */
};

/* Machines whose attestation keys a client remembers. */
#define HTTPA_ACTIVATIONS_MAX 64u

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

    /* At hand besides what the service sends along, and preferred to it; at
     * most HTTPA_ENDORSEMENTS_MAX; borrowed. */
    const struct httpa_endorsement *endorsements;
    size_t endorsement_count;
    /* Remembered ones, at most HTTPA_ACTIVATIONS_MAX. */
    const struct httpa_activation *activations;
    size_t activation_count;
    const struct httpa_seen_key *seen_keys; /* under the same policy */
    size_t seen_key_count;
    const struct httpa_slice *public_roots; /* for identity `webpki`, DER */
    size_t public_root_count;
    struct httpa_verified *verified; /* of earlier handshakes; NULL: none */
};

/* ---- AtHS ------------------------------------------------------------ */

struct httpa_hello;

/*
 * Prepares an AtHS for |origin| ("https://api.example.com").
 * HTTPA_ERR_CONFIG: the origin or a name in the configuration is not valid.
 * HTTPA_ERR_LIMIT: more endorsements or activations than are looked at.
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
struct httpa_request;

/*
 * Judges the complete answer in the order of doc/protocol.md 5.9.
 *
 * HTTPA_OK                 *ret_session is ready
 * HTTPA_ERR_REFUSED        an unauthenticated refusal: httpa_refusal_token
 * HTTPA_ERR_UNSUPPORTED    no HTTPA answer at all: an intermediary's
 * other 2xx, 3xx, 4xx      the answer is broken or was changed on the way
 * HTTPA_ERR_EVIDENCE, APPRAISAL, IDENTITY, NO_POLICY, EXPIRED
 *                          genuine transcript, refused: see the verdict
 * HTTPA_ERR_UNDECIDED      collateral missing (see the verdict), or the
 *                          device has to be asked: httpa_hello_wants_reply
 */
HTTPA_MUST_USE enum httpa_err
httpa_hello_answer(struct httpa_hello *hello, const struct httpa_head *outer,
                   struct httpa_slice content, int64_t now_s,
                   struct httpa_session **ret_session);

/*
 * Activation (doc/protocol.md 11.2): the policy trusts an endorsement key,
 * and the device has to show that its attestation key lives beside it.
 *
 *   httpa_hello_ask      a request on the new base: begin it with method
 *                        ATTEST, path "/", content-type application/cmw+cbor,
 *                        and send |content|
 *   httpa_hello_replied  the answer's inner status and whole content; judges
 *                        everything again with what was shown
 *
 * The request belongs to the caller; it is freed before the hello.
 */
bool httpa_hello_wants_reply(const struct httpa_hello *hello);
HTTPA_MUST_USE enum httpa_err
httpa_hello_ask(struct httpa_hello *hello, int64_t now_s,
                struct httpa_buf *content, struct httpa_request **ret_ask);
HTTPA_MUST_USE enum httpa_err
httpa_hello_replied(struct httpa_hello *hello, unsigned status,
                    struct httpa_slice content, int64_t now_s,
                    struct httpa_session **ret_session);

/*
 * Collateral that came late: after HTTPA_ERR_UNDECIDED a caller may look at the
 * evidence, ask its maker, and have everything judged again beside |v|, which
 * takes the place of its own endorsements of before.  No second exchange.
 *
 *   httpa_hello_shown     what was shown, borrowed from the hello; 0: nothing
 *   httpa_hello_endorsed  as httpa_hello_answer, with the same errors;
 *                         HTTPA_ERR_USAGE: it was not undecided;
 *                         HTTPA_ERR_LIMIT: more than HTTPA_ENDORSEMENTS_MAX
 */
size_t httpa_hello_shown(const struct httpa_hello *hello,
                         const struct httpa_evidence **ret_items);
HTTPA_MUST_USE enum httpa_err
httpa_hello_endorsed(struct httpa_hello *hello,
                     const struct httpa_endorsement *v, size_t n, int64_t now_s,
                     struct httpa_session **ret_session);

/* What a right reply was worth: remember it (30 days) and pass it in
 * `activations` next time.  False when none was needed or it failed. */
bool httpa_hello_activation(const struct httpa_hello *hello,
                            struct httpa_activation *ret_activation);

/* The quote key to remember for later handshakes under the same policy, after
 * one that was accepted by fresh evidence; borrowed from the hello. */
bool httpa_hello_seen_key(const struct httpa_hello *hello,
                          struct httpa_seen_key *ret_key);

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

/* Names of inner fields to repeat in the clear (doc/protocol.md 10.4). */
struct httpa_clear_names {
    const char *const *v;
    size_t n;
};

/*
 * Begins the request: the outer head, and the head record appended to |out|.
 * Scheme and authority of |inner| are the session's, whatever stands there;
 * hop-by-hop fields are left out.  |content_len| is the length of the content
 * to come or HTTPA_LENGTH_UNKNOWN; with 0 the head is the whole request.
 *
 * HTTPA_ERR_HEAD  a rule of doc/protocol.md 10.1 is broken (a path with a
 *                 space, CONNECT, ...); HTTPA_ERR_USAGE: a second time
 */
HTTPA_MUST_USE enum httpa_err
httpa_request_begin(struct httpa_request *request,
                    const struct httpa_head *inner, uint64_t content_len,
                    struct httpa_clear_names clear,
                    struct httpa_outer *ret_outer, struct httpa_buf *out);

/* Content.  A flush closes the record; without it bytes may wait for more. */
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

/* As httpa_trusted_read of <httpa/service.h>, for the answer. */
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
