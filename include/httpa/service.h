/*
 * The TService's side of HTTPA/2, without I/O.
 *
 * A gateway owns one `struct httpa_service`, hands it every parsed request
 * head and does what it says.  Time is an argument (Unix seconds), randomness
 * a function in the configuration; the server opens no socket, file or
 * device.  It may be used by many threads at once; every other object here
 * belongs to one thread at a time.
 *
 *   httpa_kind_of(head)
 *     HTTPA_KIND_PREFLIGHT   httpa_service_preflight       -> send, done
 *     HTTPA_KIND_DISCOVERY   httpa_service_discovery       -> send, done
 *     HTTPA_KIND_ATHS        read all content (at most 256 KiB), then
 *                            httpa_service_handshake(...)  -> hs
 *                            httpa_handshake_outer(hs)    -> send at once
 *                            while waiting: httpa_handshake_filler
 *                            want_quote: quote the 64 bytes of
 *                              httpa_handshake_report_data with a TEE
 *                            httpa_handshake_finish       -> send, the base
 *                              lives from here on
 *     HTTPA_KIND_SEALED      httpa_service_open            -> exchange
 *                            feed it content, forward what it yields,
 *                            write the answer through it
 *     anything else          httpa_service_refuse          -> send, done
 *
 * On any error before an exchange or handshake exists, httpa_service_refuse
 * turns the error into the outer refusal; strangers learn nothing beyond its
 * token.  Once an exchange exists every answer goes through it: a second
 * answer under one number would give the key away, and the library refuses
 * to produce it.
 */
#ifndef HTTPA_SERVICE_H
#define HTTPA_SERVICE_H

#include <httpa/crypto.h>
#include <httpa/evidence.h>
#include <httpa/exchange.h>
#include <httpa/kind.h>

struct httpa_service_config {
    const struct httpa_crypto *crypto; /* borrowed, outlives the server */
    struct httpa_random random;
    const char *const *origins; /* ASCII origins, at least one; copied */
    size_t origin_count;
    const char *label;         /* routing label, [a-z][a-z0-9]{0,15} */
    uint8_t configuration[32]; /* SHA-256 of the effective configuration */
    const struct httpa_key *service_key; /* borrowed; NULL: no identity */
    struct httpa_slice service_chain;    /* PEM, leaf first; empty: bare key */
    const char *const *evidence_types;   /* words for discovery: "tpm" */
    size_t evidence_type_count;
    bool offers_fresh;               /* there is an attester to ask */
    uint32_t max_age_s;              /* life of a base; 0: 3600 */
    uint32_t idle_s;                 /* 0: 600; at least 120 */
    uint32_t date_window_s;          /* 0: Attest-Date is not judged */
    size_t bases_max;                /* 0: 1,000,000 */
    const char *const *cors_origins; /* "*" or origins; may be NULL */
    size_t cors_origin_count;
};

struct httpa_service;

/*
 * HTTPA_OK            *ret_service is to be freed with httpa_service_free
 * HTTPA_ERR_CONFIG    no origin, or an origin, label or time that is invalid
 * HTTPA_ERR_MEMORY, HTTPA_ERR_CRYPTO
 */
HTTPA_MUST_USE enum httpa_err
httpa_service_new(const struct httpa_service_config *config,
                  struct httpa_service **ret_service);

/* Wipes every base.  No exchange or handshake of it may be left. */
void httpa_service_free(struct httpa_service *service);

/*
 * An attested signing key, for binding `key` (doc/protocol.md 6.3): made in
 * this process, quoted once over httpa_service_key_report_data, and shown to
 * many clients until it is replaced.
 */
struct httpa_quote_key {
    const struct httpa_key *key; /* P-256 or Ed25519 */
    struct httpa_evidence evidence;
    int64_t not_before_s;
    int64_t not_after_s;
};

/* The 64 bytes that evidence for a quote key binds. */
HTTPA_MUST_USE enum httpa_err
httpa_service_key_report_data(const struct httpa_service *service,
                              const struct httpa_key *key, int64_t not_before_s,
                              int64_t not_after_s, uint8_t ret_rd[64]);

/*
 * Complete answers without an exchange.  |ret_outer| and |content| are all
 * there is to send; |content| is a buffer with room for 1,024 bytes.
 */
HTTPA_MUST_USE enum httpa_err
httpa_service_preflight(const struct httpa_service *service,
                        const struct httpa_head *request,
                        struct httpa_outer *ret_outer);
HTTPA_MUST_USE enum httpa_err
httpa_service_discovery(const struct httpa_service *service,
                        const struct httpa_head *request, bool ready,
                        struct httpa_outer *ret_outer,
                        struct httpa_buf *content);
/* |why| decides status and token; |retry_after_s| 0 means none. */
HTTPA_MUST_USE enum httpa_err
httpa_service_refuse(const struct httpa_service *service,
                     const struct httpa_head *request, enum httpa_err why,
                     uint32_t retry_after_s, struct httpa_outer *ret_outer,
                     struct httpa_buf *content);

/* ---- AtHS ------------------------------------------------------------ */

struct httpa_handshake;

/*
 * Reads and judges an AtHS, chooses, and makes the key shares.
 * |outer| and |content| are borrowed for the call only; |quote_key|, which may
 * be NULL, until the handshake is freed.
 *
 * HTTPA_OK             go on with the functions below
 * HTTPA_ERR_MALFORMED and the other 2xx, VERSION, SUITE, GROUP, TARGET, DATE,
 * POLICY, BUSY (no room, or draining)  -> httpa_service_refuse
 */
HTTPA_MUST_USE enum httpa_err
httpa_service_handshake(struct httpa_service *service,
                        const struct httpa_head *outer,
                        struct httpa_slice content, int64_t now_s,
                        const struct httpa_quote_key *quote_key,
                        struct httpa_handshake **ret_hs);
void httpa_handshake_free(struct httpa_handshake *hs);

/* True when evidence must be made over the report data (binding `fresh`);
 * false when installed key evidence serves. */
bool httpa_handshake_wants_quote(const struct httpa_handshake *hs);
const uint8_t *httpa_handshake_report_data(const struct httpa_handshake *hs);

/* The clear head of the response: may be sent before evidence exists. */
const struct httpa_outer *
httpa_handshake_outer(const struct httpa_handshake *hs);

/* A filler record, to show life while a quote is made. */
HTTPA_MUST_USE enum httpa_err
httpa_handshake_filler(struct httpa_handshake *hs, struct httpa_buf *out);

/*
 * Seals the response and installs the base.  |evidence| is the quote (NULL
 * when none was wanted), |endorsements| what the device's maker says about it,
 * so that a client need not fetch that (NULL: nothing).
 *
 * HTTPA_OK             |out| holds the rest of the content
 * HTTPA_ERR_BUSY       no room for another base: refuse, if nothing was sent
 * HTTPA_ERR_SPACE      content above 256 KiB
 * HTTPA_ERR_LIMIT      more endorsements than HTTPA_ENDORSEMENTS_MAX
 */
HTTPA_MUST_USE enum httpa_err
httpa_handshake_finish(struct httpa_handshake *hs,
                       const struct httpa_evidence *evidence,
                       const struct httpa_endorsements *endorsements,
                       int64_t now_s,
                       struct httpa_buf *out);

/* ---- sealed messages ------------------------------------------------- */

struct httpa_trusted;

/*
 * Verifies the ticket and takes the number: from here on exactly one answer
 * exists, and it is written through *ret_x.
 *
 * HTTPA_ERR_MALFORMED and other 2xx   fields, before anything is looked up
 * HTTPA_ERR_BASE_UNKNOWN              unknown, closed, or ticket wrong: alike
 * HTTPA_ERR_REPLAY                    number used, or left of the window
 */
HTTPA_MUST_USE enum httpa_err httpa_service_open(struct httpa_service *service,
                                                 const struct httpa_head *outer,
                                                 int64_t now_s,
                                                 struct httpa_trusted **ret_x);

/* Frees; an exchange without a complete answer leaves its number used. */
void httpa_trusted_free(struct httpa_trusted *x);

/*
 * Reads content of the request.  Consumes up to *ret_used bytes of |in| and
 * yields at most one event; call again with the rest until the event is NONE
 * and everything was used.
 *
 * HTTPA_ERR_TAG, ORDER, MALFORMED, RANGE   a record is not genuine or not
 *                      legal: what came before stands, nothing more comes
 * HTTPA_ERR_HEAD       head breaks a rebuilding rule; answer `head`
 * HTTPA_ERR_INNER_TARGET   authority is not the base's; answer `target`
 * HTTPA_ERR_SEEN       Attest-Supersedes names a used number; answer `seen`
 */
HTTPA_MUST_USE enum httpa_err
httpa_trusted_read(struct httpa_trusted *x, struct httpa_slice in,
                   size_t *ret_used, struct httpa_event *ret_event);

/* The outer request ended.  HTTPA_ERR_TRUNCATED without a final record. */
HTTPA_MUST_USE enum httpa_err httpa_trusted_read_end(struct httpa_trusted *x);

/* True once the request's final record verified. */
bool httpa_trusted_request_complete(const struct httpa_trusted *x);

/* What the application may be told (doc/protocol.md, "Fields to the
 * application"); valid after HEAD. */
struct httpa_trusted_info {
    bool is_atsp;          /* inner method ATTEST: never forwarded */
    uint64_t number;       /* message number */
    uint8_t base_hash[16]; /* names the base without being its id */
    const char *origin;    /* the base's target; lives with the server */
};
void httpa_trusted_info(const struct httpa_trusted *x,
                        struct httpa_trusted_info *ret_info);

/* Takes one of the three activations that a session may ask for
 * (doc/protocol.md 11.2); false: they are used up. */
bool httpa_trusted_try(struct httpa_trusted *x);

/*
 * The answer.  |head| is the application's: hop-by-hop and framing fields are
 * left out of it, our own are added.  |content_len| is the length of the
 * content to come or HTTPA_LENGTH_UNKNOWN; with 0 (and for HEAD, 204 and 304)
 * the head is the whole answer.
 *
 * httpa_trusted_reply begins the answer: outer head and head record in one.
 * A gateway that has waited long uses httpa_trusted_reply_early instead, then
 * fillers, then httpa_trusted_reply_head; such an answer has no
 * Content-Length (doc/protocol.md 8.5).
 *
 * HTTPA_ERR_USAGE   out of order, or a second head
 * HTTPA_ERR_ORDER   nothing was made: this head would complete an answer with
 *                   status below 400 before the request is complete; wait
 * HTTPA_ERR_HEAD    the application's head cannot be sealed
 * HTTPA_ERR_REKEY   the key's limit is reached: break off
 * HTTPA_ERR_SPACE   |out| is full: break off
 */
HTTPA_MUST_USE enum httpa_err
httpa_trusted_reply(struct httpa_trusted *x, const struct httpa_head *head,
                    uint64_t content_len, int64_t now_s,
                    struct httpa_outer *ret_outer, struct httpa_buf *out);
HTTPA_MUST_USE enum httpa_err
httpa_trusted_reply_early(struct httpa_trusted *x,
                          struct httpa_outer *ret_outer);
HTTPA_MUST_USE enum httpa_err
httpa_trusted_reply_head(struct httpa_trusted *x, const struct httpa_head *head,
                         uint64_t content_len, int64_t now_s,
                         struct httpa_buf *out);

/* True once an outer head was made: it is sent once. */
bool httpa_trusted_reply_begun(const struct httpa_trusted *x);

/* A flush closes the record; without it bytes may wait for more. */
HTTPA_MUST_USE enum httpa_err
httpa_trusted_reply_data(struct httpa_trusted *x, struct httpa_slice data,
                         bool flush, struct httpa_buf *out);
HTTPA_MUST_USE enum httpa_err
httpa_trusted_reply_filler(struct httpa_trusted *x, struct httpa_buf *out);
/*
 * Ends the answer; |trailers| may be NULL.  HTTPA_ERR_ORDER when the inner
 * status is below 400 and the request is not complete yet: wait for it.
 */
HTTPA_MUST_USE enum httpa_err
httpa_trusted_reply_end(struct httpa_trusted *x,
                        const struct httpa_fields *trailers,
                        struct httpa_buf *out);

/* A whole sealed refusal for |why| when no head was written yet, else
 * HTTPA_ERR_USAGE: break off instead.  |ret_outer| is filled unless
 * httpa_trusted_reply_begun. */
HTTPA_MUST_USE enum httpa_err
httpa_trusted_refuse(struct httpa_trusted *x, enum httpa_err why, int64_t now_s,
                     struct httpa_outer *ret_outer, struct httpa_buf *out);

/* ---- life ------------------------------------------------------------ */

/* Ends what expired; call about once a second. */
void httpa_service_sweep(struct httpa_service *service, int64_t now_s);

/* From now on AtHS is refused as draining and every answer announces that
 * its base ends in |grace_s| or less. */
void httpa_service_drain(struct httpa_service *service, int64_t now_s,
                         int64_t grace_s);

struct httpa_service_stats {
    size_t bases;        /* alive */
    uint64_t handshakes; /* finished */
    uint64_t accepted;   /* sealed messages whose ticket verified */
    uint64_t replays;    /* ticket verified, number used */
    uint64_t unknown;    /* base unknown or ticket wrong */
};
void httpa_service_stats(const struct httpa_service *service,
                         struct httpa_service_stats *ret_stats);

#endif
