/*
 * HTTP/1.1 messages into bytes (RFC 9112), for both roles.
 *
 * Nothing is ever passed on as it came: every message is written anew from
 * its parsed form, and the framing is chosen here alone.  Framing and
 * hop-by-hop fields in a head are left out; Host comes from the authority.
 *
 *   struct httpa_http1_writer w = { 0 };
 *   err = httpa_http1_write_head(&w, &out, &head, &form);
 *   for each piece of content:
 *       err = httpa_http1_write_frame(&w, n, &before, &after);
 *       ... send before, the piece, after ...
 *   err = httpa_http1_write_end(&w, trailers or NULL, &out);
 *
 * A head that cannot be written safely (CR, LF, NUL or another control in a
 * value, a name or method that is no token, a path with a space) is refused
 * whole.
 */
#ifndef HTTPA_ENGINE_HTTP1_WRITE_H
#define HTTPA_ENGINE_HTTP1_WRITE_H

#include <httpa/message.h>

#include "engine/content.h"

struct httpa_http1_form {
    struct httpa_content content;
    unsigned version;        /* response: of the request, 10 or 11 */
    bool to_head;            /* response: the request was HEAD */
    bool close;              /* we shall close after this message */
    struct httpa_slice date; /* response: Date when the head has none */
};

struct httpa_http1_writer {
    enum {
        HTTPA_HTTP1_BARE,    /* nothing follows the head */
        HTTPA_HTTP1_COUNTED, /* `left` more bytes */
        HTTPA_HTTP1_CHUNKED,
        HTTPA_HTTP1_TO_CLOSE /* until the connection closes */
    } mode;
    bool close; /* the connection ends with this message */
    uint64_t left;
    uint8_t line[20]; /* of the last frame: 16 digits, CRLF */
};

/*
 * Appends the head.  HTTPA_ERR_USAGE when it cannot be written safely,
 * HTTPA_ERR_SPACE; |out| is as before then.
 */
HTTPA_MUST_USE enum httpa_err
httpa_http1_write_head(struct httpa_http1_writer *w, struct httpa_buf *out,
                       const struct httpa_head *head,
                       const struct httpa_http1_form *form);

/*
 * What goes before and after |n| bytes of content, n > 0.  The slices live
 * until the next call.  HTTPA_ERR_USAGE for more than was declared.
 */
HTTPA_MUST_USE enum httpa_err
httpa_http1_write_frame(struct httpa_http1_writer *w, size_t n,
                        struct httpa_slice *ret_before,
                        struct httpa_slice *ret_after);

/*
 * Appends the end.  |trailers| may be NULL, and is left out unless the
 * message is chunked.  HTTPA_ERR_USAGE for less content than was declared or
 * trailers that cannot be written; |out| is as before then.
 */
HTTPA_MUST_USE enum httpa_err
httpa_http1_write_end(struct httpa_http1_writer *w, struct httpa_buf *out,
                      const struct httpa_fields *trailers);

#endif
