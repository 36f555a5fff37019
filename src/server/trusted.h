/* One trusted exchange, shared by its reading and its replying half. */
#ifndef HTTPA_SERVER_TRUSTED_H
#define HTTPA_SERVER_TRUSTED_H

#include "server/service.h"
#include "session/message_read.h"
#include "session/message_write.h"

/* A request's termination demand (doc/protocol.md 12.4). */
enum httpa_termination {
    HTTPA_TERMINATION_NONE = 0,
    HTTPA_TERMINATION_CLEANUP,
    HTTPA_TERMINATION_KEEP
};

struct httpa_trusted {
    struct httpa_service *service;
    struct httpa_accepted accepted;
    struct httpa_message_writer writer;
    struct httpa_buf kept;      /* outer fields that may be clear copies */
    struct httpa_buf head_room; /* of the reply's head */
    enum httpa_err pending;     /* refuse before anything is read */
    uint8_t method[HTTPA_LIMIT_METHOD]; /* of the request */
    size_t method_len;
    bool has_head;         /* of the request */
    bool request_complete; /* its final record verified */
    enum httpa_termination termination;
    bool bound;   /* the binder was made: the writer lives */
    bool replied; /* the reply's head was written */
    bool ended;   /* its final record was written */
    bool may_end; /* status is 400 or more: need not wait */
    struct httpa_message_reader reader; /* last: most of it is never cleared */
};

/* What is zero in a new exchange and wiped in an old one. */
#define TRUSTED_ZEROED                                                         \
    (offsetof(struct httpa_trusted, reader) + HTTPA_MESSAGE_READER_ZEROED)

/* The request method as the reader's rules want it. */
static inline struct httpa_slice
httpa_trusted_method(const struct httpa_trusted *x)
{
    return httpa_slice_of(x->method, x->method_len);
}

#endif
