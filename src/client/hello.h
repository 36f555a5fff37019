/* One AtHS at the client, shared by the files that send, judge and ask. */
#ifndef HTTPA_CLIENT_HELLO_H
#define HTTPA_CLIENT_HELLO_H

#include <httpa/client.h>

#include "client/session.h"
#include "handshake/greet.h"
#include "session/message_read.h"

struct httpa_hello {
    struct httpa_client_config config;
    char origin[HTTPA_LIMIT_TARGET + 1];
    struct httpa_slice origin_text;
    struct httpa_greet greet;
    struct httpa_outer outer;
    int64_t sent_s;

    /* The answer, kept until everything about it is decided. */
    bool answered;
    struct httpa_ahl clear;
    struct httpa_ahl sealed;
    struct httpa_buf head;    /* bytes of the head record */
    struct httpa_buf content; /* of all content records */
    struct httpa_buf finished;
    unsigned status; /* of the sealed head */
    bool is_cmw;     /* its content-type */
    struct httpa_shown shown;

    struct httpa_verdict *verdict;
    struct httpa_challenge challenge;
    bool undecided; /* by the last judgement */
    bool wants_reply;
    bool made; /* the one session over the answer's keys */
    bool has_activation;
    struct httpa_session *provisional; /* for the question alone */
};

/* Appraises what was shown; HTTPA_OK: accepted. */
HTTPA_MUST_USE enum httpa_err
httpa_hello_judge(struct httpa_hello *hello, int64_t now_s);

/* When the evidence of |now_s| has to be shown anew: the attested key ends, or
 * the policy's reattest_after is over (doc/protocol.md 12.3). */
int64_t httpa_hello_trust_end(const struct httpa_hello *hello, int64_t now_s);

/* The session over the answer's keys: once, since a second one would take
 * the same numbers again (HTTPA_ERR_USAGE). */
HTTPA_MUST_USE enum httpa_err
httpa_hello_session(struct httpa_hello *hello, int64_t now_s,
                    struct httpa_session **ret_session);

#endif
