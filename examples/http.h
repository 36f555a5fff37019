/*
 * The HTTP that the examples stand on: the smallest that is still honest.
 *
 * libhttpa never reads a socket.  It takes and gives parsed messages
 * (<httpa/message.h>) and the bytes of their content, and leaves HTTP itself
 * to whatever its host has.  The examples have this: HTTP/1.0 in spirit, one
 * exchange a connection, content that ends where Content-Length says or, in
 * an answer without one, where the connection ends.  That is enough, because
 * a sealed message knows its own end: if the connection ends before the final
 * record, the library says so.  There is no keep-alive, no chunked coding, no
 * time-out and no TLS here; whatever needs them is refused, not guessed.
 *
 * Nothing of this file is trusted with anything.
 */
#ifndef EXAMPLES_HTTP_H
#define EXAMPLES_HTTP_H

#include <httpa/message.h>

#define HTTP_HEAD_MAX 8192u
#define HTTP_LENGTH_UNKNOWN UINT64_MAX

struct http {
    int fd;
    uint8_t bytes[HTTP_HEAD_MAX]; /* the head, and what came with it */
    size_t n;
    uint8_t piece[16384];
    struct httpa_slice ready; /* content that was read and not given yet */
    uint64_t left;            /* content to come, or the constant above */
    struct httpa_field room[64];
    struct httpa_head head; /* borrows from |bytes|, which stay */
};

/* A connected socket, or a listening one on loopback; -1 and a line on
 * standard error. */
int http_connect(const char *host, const char *port);
int http_listen(const char *port);

/*
 * Reads the head of a request or an answer from |fd| into |h->head|.
 * HTTPA_ERR_MALFORMED    not HTTP/1, or longer than HTTP_HEAD_MAX
 * HTTPA_ERR_UNSUPPORTED  chunked, or a POST without Content-Length
 * HTTPA_ERR_TRUNCATED    the connection ended before the head did
 * HTTPA_ERR_IO
 */
HTTPA_MUST_USE enum httpa_err
http_read_head(struct http *h, int fd, bool is_request);

/* The next piece of content; empty: there is no more.  HTTPA_ERR_TRUNCATED:
 * the connection ended before Content-Length; HTTPA_ERR_IO.  A piece is valid
 * until the next call, the head as long as |h|. */
HTTPA_MUST_USE enum httpa_err
http_read(struct http *h, struct httpa_slice *ret_piece);

/* All content, appended to |out|.  HTTPA_ERR_SPACE: more than it holds. */
HTTPA_MUST_USE enum httpa_err
http_read_all(struct http *h, struct httpa_buf *out);

/* Sends a head, with "connection: close".  A request goes out as POST to the
 * well-known path: nobody decides anything by either (doc/protocol.md 3). */
HTTPA_MUST_USE enum httpa_err
http_send_head(int fd, const struct httpa_head *head, const char *host);
HTTPA_MUST_USE enum httpa_err http_send(int fd, struct httpa_slice bytes);

/* All of the above for one request: connects to to[0], port to[1], sends, and
 * reads the head of the answer.  |h->fd| is the caller's to close, also after
 * a failure (it may be -1). */
HTTPA_MUST_USE enum httpa_err http_post(struct http *h, const char *const to[2],
                                        const struct httpa_head *head,
                                        struct httpa_slice content);

#endif
