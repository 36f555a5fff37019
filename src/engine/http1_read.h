/*
 * HTTP/1.1 messages out of bytes (RFC 9112), strictly, for both roles.
 *
 * Pure: bytes go in in any slices, events come out.  What a message means
 * never depends on how it was sliced.
 *
 *   struct httpa_http1_reader r;
 *   httpa_http1_reader_init(&r, HTTPA_HTTP1_REQUESTS, room);
 *   while (in.n > 0 or the last event was not MORE) {
 *       err = httpa_http1_read(&r, &in, &ev);
 *       switch (ev.kind) {
 *       case HTTPA_HTTP1_MORE:      bring more bytes
 *       case HTTPA_HTTP1_INTERIM:   a 1xx answer: r.head
 *       case HTTPA_HTTP1_HEAD:      r.head, r.content, r.version, ...
 *       case HTTPA_HTTP1_DATA:      ev.data, borrowed from `in`
 *       case HTTPA_HTTP1_TRAILERS:  r.trailers
 *       case HTTPA_HTTP1_END:       the next byte begins the next message
 *       }
 *   }
 *   httpa_http1_reader_done(&r);
 *
 * Each message is HEAD, then DATA as often as there is any, then perhaps
 * TRAILERS, then END.  r.head and r.trailers borrow from the reader and from
 * |room|, an array of HTTPA_FIELDS_MAX fields that all readers of a thread
 * may share: they are valid until any of these readers is called again.
 *
 * What the fields are: names in lower case, values without surrounding white
 * space, in order.  What only concerns this connection is taken out and told
 * apart: Host (r.head.authority), Content-Length and Transfer-Encoding
 * (r.content), Connection and what it names, Keep-Alive, Proxy-Connection,
 * TE, Upgrade, HTTP2-Settings, Expect (r.keep_alive, r.expect_continue).
 *
 * An absolute-form target and Host must agree; CONNECT is refused; one empty
 * line before a request is tolerated (RFC 9112 2.2) and none elsewhere.
 * Trailers that would frame or route the message are refused, those that
 * would change its meaning (credentials, cookies, content-*) left out; the
 * rest is passed apart and never merged.
 *
 * After an error the reader only repeats it; r.fault says which rule.
 */
#ifndef HTTPA_ENGINE_HTTP1_READ_H
#define HTTPA_ENGINE_HTTP1_READ_H

#include <httpa/message.h>

#include "engine/content.h"
#include "engine/http1_chunked.h"
#include "engine/http1_fault.h"

/* A whole head; quotes of handshake fields are large (engine.md 7). */
#define HTTPA_HTTP1_HEAD_MAX 65536u
/* Start line: a path of 16,384 bytes, the limit inside, and room beside. */
#define HTTPA_HTTP1_LINE_MAX 17408u
/* The longest method; the registry's longest has 17. */
#define HTTPA_HTTP1_METHOD_MAX 32u
/* A field name; also the limit of inner heads. */
#define HTTPA_HTTP1_NAME_MAX 256u
/* A trailer section. */
#define HTTPA_HTTP1_TRAILERS_MAX 16384u
#define HTTPA_HTTP1_TRAILER_FIELDS_MAX 64u
/* 1xx answers before a final one. */
#define HTTPA_HTTP1_INTERIMS_MAX 16u

enum httpa_http1_role { HTTPA_HTTP1_REQUESTS, HTTPA_HTTP1_RESPONSES };

enum httpa_http1_kind {
    HTTPA_HTTP1_MORE,
    HTTPA_HTTP1_INTERIM,
    HTTPA_HTTP1_HEAD,
    HTTPA_HTTP1_DATA,
    HTTPA_HTTP1_TRAILERS,
    HTTPA_HTTP1_END
};

struct httpa_http1_event {
    enum httpa_http1_kind kind;
    struct httpa_slice data; /* DATA; never empty */
};

struct httpa_http1_reader {
    /* Of the message last announced by HEAD or INTERIM: */
    struct httpa_head head;
    struct httpa_content content;
    unsigned version;             /* 10 or 11 */
    bool keep_alive;              /* the sender wants the connection kept */
    bool expect_continue;         /* request: waits for 100 (Continue) */
    struct httpa_fields trailers; /* TRAILERS only */

    enum httpa_http1_fault fault; /* HTTPA_HTTP1_FINE or why it stopped */

    /* The reader's own. */
    enum httpa_http1_role role;
    enum {
        HTTPA_HTTP1_AT_HEAD,
        HTTPA_HTTP1_AT_SIZED,
        HTTPA_HTTP1_AT_CHUNKED,
        HTTPA_HTTP1_AT_CLOSE,
        HTTPA_HTTP1_AT_TRAILERS,
        HTTPA_HTTP1_AT_END
    } state;
    bool skipped; /* the one empty line before a request */
    bool to_head; /* response: the request was HEAD */
    unsigned interims;
    uint64_t left; /* of sized content */
    struct httpa_http1_chunked chunked;
    struct httpa_buf section; /* head or trailers, as far as it came */
    size_t line_at;           /* where its last line begins */
    bool whole;               /* the section is complete */
    struct httpa_field *room;
};

/* |room|: HTTPA_FIELDS_MAX fields, borrowed for the reader's life. */
void httpa_http1_reader_init(struct httpa_http1_reader *r,
                             enum httpa_http1_role role,
                             struct httpa_field *room);
void httpa_http1_reader_done(struct httpa_http1_reader *r);

/* Responses: the next answer is to a HEAD request, or not. */
void httpa_http1_reader_expect(struct httpa_http1_reader *r, bool to_head);

/* True between two messages, nothing of the next one seen. */
bool httpa_http1_reader_idle(const struct httpa_http1_reader *r);

/*
 * Takes bytes from the front of |in| up to and including the next event.
 * Errors: those of http1_fault.h; *ret_event is unchanged then.
 */
HTTPA_MUST_USE enum httpa_err
httpa_http1_read(struct httpa_http1_reader *r, struct httpa_slice *in,
                 struct httpa_http1_event *ret_event);

/*
 * The connection ended.  END when that ends the message, MORE when nothing
 * was begun, HTTPA_ERR_TRUNCATED otherwise.
 */
HTTPA_MUST_USE enum httpa_err
httpa_http1_read_eof(struct httpa_http1_reader *r,
                     struct httpa_http1_event *ret_event);

#endif
