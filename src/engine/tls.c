#include "engine/tls.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

struct httpa_tls {
    SSL_CTX *ctx;
};

struct httpa_tls_session {
    SSL *ssl;
    BIO *in;  /* from the peer; both belong to ssl */
    BIO *out; /* to the peer */
};

/* RFC 7301: the peer's list is length-prefixed names; ours has one. */
static int choose_protocol(SSL *ssl, const unsigned char **out,
                           unsigned char *out_len, const unsigned char *in,
                           unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in,
                              in_len) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static void configure(SSL_CTX *ctx)
{
    (void)SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    (void)SSL_CTX_set_num_tickets(ctx, 0);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE |
                                       SSL_OP_NO_COMPRESSION);
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
}

enum httpa_err httpa_tls_new(const char *cert_file, const char *key_file,
                             struct httpa_tls **ret_tls)
{
    struct httpa_tls *tls = calloc(1, sizeof(*tls));
    if (tls == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    tls->ctx = SSL_CTX_new(TLS_server_method());
    if (tls->ctx == NULL) {
        free(tls);
        return HTTPA_ERR_CRYPTO;
    }
    configure(tls->ctx);
    if (SSL_CTX_use_certificate_chain_file(tls->ctx, cert_file) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls->ctx, key_file, SSL_FILETYPE_PEM) !=
            1 ||
        SSL_CTX_check_private_key(tls->ctx) != 1) {
        ERR_clear_error();
        httpa_tls_free(tls);
        return HTTPA_ERR_CONFIG;
    }
    *ret_tls = tls;
    return HTTPA_OK;
}

void httpa_tls_free(struct httpa_tls *tls)
{
    if (tls != NULL) {
        SSL_CTX_free(tls->ctx); /* sessions hold their own reference */
        free(tls);
    }
}

enum httpa_err httpa_tls_session_new(struct httpa_tls *tls,
                                     struct httpa_tls_session **ret_session)
{
    struct httpa_tls_session *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    s->ssl = SSL_new(tls->ctx);
    s->in = BIO_new(BIO_s_mem());
    s->out = BIO_new(BIO_s_mem());
    if (s->ssl == NULL || s->in == NULL || s->out == NULL) {
        BIO_free(s->in);
        BIO_free(s->out);
        SSL_free(s->ssl);
        free(s);
        return HTTPA_ERR_MEMORY;
    }
    (void)BIO_set_mem_eof_return(s->in, -1); /* empty means: later */
    SSL_set_bio(s->ssl, s->in, s->out);
    SSL_set_accept_state(s->ssl);
    *ret_session = s;
    return HTTPA_OK;
}

void httpa_tls_session_free(struct httpa_tls_session *s)
{
    if (s != NULL) {
        SSL_free(s->ssl);
        free(s);
    }
}

/* Moves what OpenSSL wants to send. */
static void drain(struct httpa_tls_session *s, struct httpa_buf *out)
{
    char *p = NULL;
    long n = BIO_get_mem_data(s->out, &p);
    if (n > 0) {
        httpa_buf_put(out, p, (size_t)n);
        (void)BIO_reset(s->out);
    }
}

/* What a call of OpenSSL that did not succeed means. */
static enum httpa_err judge(struct httpa_tls_session *s, int result)
{
    int why = SSL_get_error(s->ssl, result);
    ERR_clear_error();
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_ZERO_RETURN
               ? HTTPA_OK
               : HTTPA_ERR_MALFORMED;
}

enum httpa_err httpa_tls_feed(struct httpa_tls_session *s,
                              struct httpa_slice in, struct httpa_buf *out)
{
    enum httpa_err err = HTTPA_OK;
    while (in.n > 0) {
        int part = in.n > 1 << 20 ? 1 << 20 : (int)in.n;
        if (BIO_write(s->in, in.p, part) != part) {
            return HTTPA_ERR_MEMORY;
        }
        in = httpa_slice_from(in, (size_t)part);
    }
    if (!SSL_is_init_finished(s->ssl)) {
        int result = SSL_do_handshake(s->ssl);
        err = result == 1 ? HTTPA_OK : judge(s, result);
    }
    drain(s, out);
    return err != HTTPA_OK ? err : httpa_buf_check(out);
}

enum httpa_err httpa_tls_take(struct httpa_tls_session *s, uint8_t *room,
                              size_t cap, size_t *ret_n, bool *ret_end)
{
    size_t n = 0;
    bool end = false;
    enum httpa_err err = HTTPA_OK;
    while (n < cap && err == HTTPA_OK && SSL_is_init_finished(s->ssl)) {
        size_t part = 0;
        int result = SSL_read_ex(s->ssl, room + n, cap - n, &part);
        if (result == 1) {
            n += part;
            continue;
        }
        end = (SSL_get_shutdown(s->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
        err = judge(s, result);
        break;
    }
    if (err != HTTPA_OK && n == 0) {
        return err;
    }
    *ret_n = n; /* what came before a fault is passed first */
    *ret_end = end;
    return HTTPA_OK;
}

enum httpa_err httpa_tls_seal(struct httpa_tls_session *s,
                              struct httpa_slice in, struct httpa_buf *out)
{
    size_t done = 0;
    if (in.n > 0 && SSL_write_ex(s->ssl, in.p, in.n, &done) != 1) {
        ERR_clear_error();
        return HTTPA_ERR_USAGE;
    }
    drain(s, out);
    return httpa_buf_check(out);
}

void httpa_tls_bye(struct httpa_tls_session *s, struct httpa_buf *out)
{
    if (SSL_is_init_finished(s->ssl)) {
        (void)SSL_shutdown(s->ssl);
        ERR_clear_error();
        drain(s, out);
    }
}
