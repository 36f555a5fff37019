/* TLS as a filter of bytes; the peer is OpenSSL's client over memory BIOs. */
#include "engine/tls.h"

#include <stdio.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "support/test.h"

static char folder[] = "/tmp/tls-test-XXXXXX";
static char cert_file[64];
static char key_file[64];
static char other_key_file[64];

static void write_key(const char *path, EVP_PKEY *key)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL),
                     1);
    (void)fclose(f);
}

static void write_cert(const char *path, EVP_PKEY *key)
{
    X509 *x = X509_new();
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)X509_set_version(x, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(x), -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    (void)X509_set_pubkey(x, key);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509(f, x), 1);
    (void)fclose(f);
    X509_free(x);
}

static int make_files(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY *other = EVP_EC_gen("P-256");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    (void)snprintf(cert_file, sizeof(cert_file), "%s/cert", folder);
    (void)snprintf(key_file, sizeof(key_file), "%s/key", folder);
    (void)snprintf(other_key_file, sizeof(other_key_file), "%s/other", folder);
    write_cert(cert_file, key);
    write_key(key_file, key);
    write_key(other_key_file, other);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    (void)unlink(cert_file);
    (void)unlink(key_file);
    (void)unlink(other_key_file);
    return rmdir(folder);
}

/* ---- a client and a session, and bytes between them ---- */

struct pair {
    struct httpa_tls *tls;
    struct httpa_tls_session *s;
    struct httpa_buf out; /* from the session */
    SSL_CTX *ctx;
    SSL *client;
    BIO *to_client;
    BIO *from_client;
};

static void begin(struct pair *p, int max_version)
{
    *p = (struct pair){ .out = httpa_buf_growing(1 << 22) };
    assert_ok(httpa_tls_new(cert_file, key_file, &p->tls));
    assert_ok(httpa_tls_session_new(p->tls, &p->s));
    p->ctx = SSL_CTX_new(TLS_client_method());
    (void)SSL_CTX_set_max_proto_version(p->ctx, max_version);
    p->client = SSL_new(p->ctx);
    p->to_client = BIO_new(BIO_s_mem());
    p->from_client = BIO_new(BIO_s_mem());
    (void)BIO_set_mem_eof_return(p->to_client, -1);
    SSL_set_bio(p->client, p->to_client, p->from_client);
    (void)SSL_set_alpn_protos(p->client,
                              (const unsigned char *)"\x02h2\x08http/1.1", 12);
    SSL_set_connect_state(p->client);
}

static void finish(struct pair *p)
{
    SSL_free(p->client);
    SSL_CTX_free(p->ctx);
    httpa_tls_free(p->tls); /* before its session */
    httpa_tls_session_free(p->s);
    httpa_buf_done(&p->out);
}

/* Moves what the client wrote, |step| bytes at a time. */
static enum httpa_err to_session(struct pair *p, size_t step)
{
    uint8_t piece[1000];
    enum httpa_err err = HTTPA_OK;
    int n;
    while (err == HTTPA_OK &&
           (n = BIO_read(p->from_client, piece, (int)step)) > 0) {
        err = httpa_tls_feed(p->s, httpa_slice_of(piece, (size_t)n), &p->out);
    }
    (void)BIO_write(p->to_client, p->out.p, (int)p->out.n);
    httpa_buf_reset(&p->out);
    return err;
}

static enum httpa_err shake(struct pair *p, size_t step)
{
    enum httpa_err err = HTTPA_OK;
    for (unsigned i = 0; i < 10 && err == HTTPA_OK; i++) {
        (void)SSL_do_handshake(p->client);
        err = to_session(p, step);
    }
    return err;
}

static size_t take(struct pair *p, uint8_t *room, size_t cap, bool *end)
{
    size_t n = 0;
    *end = false;
    assert_ok(httpa_tls_take(p->s, room, cap, &n, end));
    return n;
}

static void both_ways_in_any_slices(void **state)
{
    (void)state;
    static uint8_t sent[100000], room[200000];
    static const size_t steps[] = { 1, 7, 1000 };
    for (size_t i = 0; i < sizeof(sent); i++) {
        sent[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < COUNT(steps); i++) {
        struct pair p;
        bool end;
        begin(&p, TLS1_3_VERSION);
        assert_int_equal(take(&p, room, sizeof(room), &end), 0);
        assert_ok(shake(&p, steps[i]));
        assert_int_equal(SSL_version(p.client), TLS1_3_VERSION);
        assert_int_equal(SSL_write(p.client, sent, sizeof(sent)), sizeof(sent));
        assert_ok(to_session(&p, steps[i]));
        size_t n = 0, part;
        while ((part = take(&p, room + n, 30000, &end)) > 0) {
            n += part;
        }
        assert_int_equal(n, sizeof(sent));
        assert_memory_equal(room, sent, n);
        assert_false(end);
        assert_ok(
            httpa_tls_seal(p.s, httpa_slice_of(sent, sizeof(sent)), &p.out));
        httpa_tls_bye(p.s, &p.out);
        assert_ok(to_session(&p, 1));
        for (n = 0; n < sizeof(sent);) {
            int got = SSL_read(p.client, room + n, (int)(sizeof(room) - n));
            assert_true(got > 0);
            n += (size_t)got;
        }
        assert_memory_equal(room, sent, n);
        assert_int_equal(SSL_read(p.client, room, 1), 0); /* close_notify */
        (void)SSL_shutdown(p.client);
        assert_ok(to_session(&p, 1000));
        assert_int_equal(take(&p, room, sizeof(room), &end), 0);
        assert_true(end);
        finish(&p);
    }
}

static void chooses_http11(void **state)
{
    (void)state;
    struct pair p;
    const unsigned char *name = NULL;
    unsigned n = 0;
    begin(&p, TLS1_3_VERSION);
    assert_ok(shake(&p, 1000));
    SSL_get0_alpn_selected(p.client, &name, &n);
    assert_slice_is(httpa_slice_of(name, n), "http/1.1");
    finish(&p);
}

static void refuses_other_versions_and_junk(void **state)
{
    (void)state;
    struct pair p;
    uint8_t room[10];
    size_t n;
    bool end;
    begin(&p, TLS1_2_VERSION);
    assert_err(HTTPA_ERR_MALFORMED, shake(&p, 1000));
    finish(&p);
    begin(&p, TLS1_3_VERSION);
    assert_err(
        HTTPA_ERR_MALFORMED,
        httpa_tls_feed(p.s, httpa_slice_str("GET / HTTP/1.1\r\n\r\n"), &p.out));
    assert_err(HTTPA_ERR_USAGE,
               httpa_tls_seal(p.s, httpa_slice_str("x"), &p.out));
    finish(&p);
    begin(&p, TLS1_3_VERSION);
    assert_ok(shake(&p, 1000));
    assert_int_equal(SSL_write(p.client, "hello", 5), 5);
    uint8_t record[100];
    int got = BIO_read(p.from_client, record, sizeof(record));
    record[got - 1] ^= 1; /* the tag */
    assert_ok(httpa_tls_feed(p.s, httpa_slice_of(record, (size_t)got), &p.out));
    assert_err(HTTPA_ERR_MALFORMED,
               httpa_tls_take(p.s, room, sizeof(room), &n, &end));
    finish(&p);
}

static void files_that_do_not_fit(void **state)
{
    (void)state;
    struct httpa_tls *tls = NULL;
    assert_err(HTTPA_ERR_CONFIG, httpa_tls_new("/none", key_file, &tls));
    assert_err(HTTPA_ERR_CONFIG, httpa_tls_new(cert_file, "/none", &tls));
    assert_err(HTTPA_ERR_CONFIG, httpa_tls_new(key_file, key_file, &tls));
    assert_err(HTTPA_ERR_CONFIG,
               httpa_tls_new(cert_file, other_key_file, &tls));
    assert_null(tls);
    httpa_tls_free(NULL);
    httpa_tls_session_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_in_any_slices),
        cmocka_unit_test(chooses_http11),
        cmocka_unit_test(refuses_other_versions_and_junk),
        cmocka_unit_test(files_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
