/*
 * TLS 1.3 for listeners: OpenSSL over memory BIOs, so that it is a filter of
 * bytes and the loop alone touches sockets.
 *
 * A `struct httpa_tls` is a certificate and its key, shared by all threads.
 * A `struct httpa_tls_session` is one connection's state.  The client side
 * is not here: the tool's remote leg is libcurl.
 */
#ifndef HTTPA_ENGINE_TLS_H
#define HTTPA_ENGINE_TLS_H

#include <httpa/slice.h>

struct httpa_tls;
struct httpa_tls_session;

/*
 * Reads a PEM certificate chain and its private key.  ALPN offers http/1.1.
 * HTTPA_ERR_CONFIG  a file cannot be read, or they do not belong together
 * HTTPA_ERR_MEMORY, HTTPA_ERR_CRYPTO
 */
HTTPA_MUST_USE enum httpa_err httpa_tls_new(const char *cert_file,
                                            const char *key_file,
                                            struct httpa_tls **ret_tls);

/* Sessions that still run keep what they need.  NULL is fine. */
void httpa_tls_free(struct httpa_tls *tls);

HTTPA_MUST_USE enum httpa_err
httpa_tls_session_new(struct httpa_tls *tls,
                      struct httpa_tls_session **ret_session);
void httpa_tls_session_free(struct httpa_tls_session *s);

/*
 * Takes |in| from the peer and appends to |out| what must be sent to it
 * (handshake, alerts), also on failure.  HTTPA_ERR_MALFORMED when the peer
 * breaks the protocol.
 */
HTTPA_MUST_USE enum httpa_err httpa_tls_feed(struct httpa_tls_session *s,
                                             struct httpa_slice in,
                                             struct httpa_buf *out);

/* Decrypts at most |cap| bytes into |room|.  *ret_n is 0 when there is
 * nothing now; *ret_end is set when the peer said close_notify. */
HTTPA_MUST_USE enum httpa_err httpa_tls_take(struct httpa_tls_session *s,
                                             uint8_t *room, size_t cap,
                                             size_t *ret_n, bool *ret_end);

/* Encrypts |in| and appends the records to |out|.  HTTPA_ERR_USAGE before
 * the handshake is done. */
HTTPA_MUST_USE enum httpa_err httpa_tls_seal(struct httpa_tls_session *s,
                                             struct httpa_slice in,
                                             struct httpa_buf *out);

/* Appends close_notify. */
void httpa_tls_bye(struct httpa_tls_session *s, struct httpa_buf *out);

#endif
