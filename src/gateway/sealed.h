/*
 * One sealed request and its answer: what the two directions share.
 *
 *   sealed.c        the request: opened, collected or streamed
 *   sealed_call.c   to the application, and its answer back
 *   sealed_reply.c  what is sealed and sent
 *   atsp.c          requests to the gateway itself
 *   doctor.c        requests that test the path
 *
 * It lives until both the exchange and the call have closed.
 */
#ifndef HTTPA_GATEWAY_SEALED_H
#define HTTPA_GATEWAY_SEALED_H

#include "gateway/head_copy.h"
#include "gateway/state.h"

/* Content up to here is verified to its end before the application sees the
 * head (doc/protocol.md 9.6). */
#define HTTPA_SEALED_COLLECT 65536u

/* Content of an AtSP (doc/protocol.md 11.1). */
#define HTTPA_SEALED_ATSP_MAX 262144u

struct httpa_sealed {
    struct httpa_visit visit; /* first */
    struct httpa_trusted *trusted;

    /* The request. */
    struct httpa_head_copy request; /* as the application gets it */
    struct httpa_content content;   /* of it, as it will be framed */
    struct httpa_buf body;          /* collected */
    bool has_head;
    bool is_atsp;
    bool collects;
    bool complete; /* its final record verified */
    bool refused;  /* it is answered without an application */

    /* To the application. */
    struct httpa_call *call;
    bool called; /* there was a call */

    /* The answer. */
    struct httpa_head_copy answer; /* waits for the request's end */
    uint64_t answer_length;
    struct httpa_head_copy trailers; /* only its fields are used */
    bool answer_waits;
    bool sized;     /* the outer head has a length: no fillers, no flush */
    bool head_sent; /* the inner head */
    bool end_waits; /* the application's answer is whole */
    bool ended;     /* the final record went out, or was broken off */

    struct httpa_quoter_job *job; /* of an AtSP */
    struct httpa_doctor *doctor;  /* a test resource answers, or NULL */
    char *outer_host;             /* with --doctor */
    bool exchange_open;
};

/* ---- sealed.c */

/* Frees when nothing is left that could call back. */
void httpa_sealed_let_go(struct httpa_sealed *s);

/* ---- sealed_call.c */

/* Makes |s->request| from the inner head: P7 of the fields that the
 * application gets. */
HTTPA_MUST_USE enum httpa_err
httpa_sealed_rebuild(struct httpa_sealed *s, const struct httpa_head *head);

/* Begins the request to the application; refuses when that fails. */
void httpa_sealed_call(struct httpa_sealed *s);

/* ---- sealed_reply.c */

/* Begins the answer, or keeps it until the request is complete. */
void httpa_sealed_reply(struct httpa_sealed *s, const struct httpa_head *head,
                        uint64_t content_len);
void httpa_sealed_reply_data(struct httpa_sealed *s, struct httpa_slice data);
/* The answer is whole; sealed as such as soon as the request is. */
void httpa_sealed_reply_end(struct httpa_sealed *s);
/* The request is complete: what waited for that goes on. */
void httpa_sealed_reply_resume(struct httpa_sealed *s);

/* A sealed refusal, or, when it is too late for one, a cut. */
void httpa_sealed_refuse(struct httpa_sealed *s, enum httpa_err why,
                         const char *detail);

/* Breaks off: no final record, no clean end. */
void httpa_sealed_cut(struct httpa_sealed *s, const char *detail);

/* An answer of our own: status, and content of |type| unless empty. */
void httpa_sealed_own_answer(struct httpa_sealed *s, unsigned status,
                             const char *type, struct httpa_slice content);

/* The first filler may be due (doc/protocol.md 8.5). */
void httpa_sealed_silence(struct httpa_visit *v);

/* ---- atsp.c */

/* A complete AtSP: |s->body| is its content. */
void httpa_sealed_atsp(struct httpa_sealed *s);

#endif
