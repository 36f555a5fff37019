/*
 * client HOST PORT ORIGIN PATH POLICY: one GET, attested and sealed.
 *
 * The first exchange, AtHS, carries nothing of ours: the service shows evidence
 * of what it is, and httpa_hello_answer compares it with the policy.  Only if
 * that says HTTPA_OK is there a session, and only on a session can the second
 * be written, which carries the request, sealed.  "Verify, then send" is not
 * a rule of this program: it cannot do otherwise.  HOST and PORT are where to
 * connect, be it any proxy; ORIGIN is who we mean. */
#include <httpa/client.h>
#include <httpa/config.h>

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "http.h"

/* AtHS.  Whatever happened, the verdict says what was seen. */
static enum httpa_err attest(const char *const *to, struct httpa_hello *hello,
                             struct httpa_session **ret_session)
{
    static struct http h;
    struct httpa_buf content = httpa_buf_growing(262144);
    struct httpa_buf json = httpa_buf_growing(1048576);
    enum httpa_err err = http_post(&h, to, &httpa_hello_outer(hello)->head,
                                   httpa_hello_content(hello));
    err = err ? err : http_read_all(&h, &content);
    if (err == HTTPA_OK) {
        err = httpa_hello_answer(hello, &h.head, httpa_buf_slice(&content),
                                 time(NULL), ret_session);
        if (httpa_verdict_json(httpa_hello_verdict(hello), &json) == HTTPA_OK) {
            fprintf(stderr, "%.*s\n", (int)json.n, (const char *)json.p);
        }
    }
    (void)close(h.fd);
    httpa_buf_done(&content);
    httpa_buf_done(&json);
    return err;
}

/* The answer as it arrives: nothing is written that did not verify. */
static enum httpa_err copy_answer(struct httpa_request *r, struct http *h)
{
    struct httpa_slice in;
    struct httpa_event e = { 0 };
    enum httpa_err err = httpa_request_answer(r, &h->head);
    while (err == HTTPA_OK && (err = http_read(h, &in)) == HTTPA_OK && in.n) {
        do { /* one event a call, until it wants more input */
            size_t used = 0;
            err = httpa_request_read(r, in, time(NULL), &used, &e);
            in = httpa_slice_from(in, used);
            if (err == HTTPA_OK && e.type == HTTPA_EVENT_DATA &&
                fwrite(e.data.p, 1, e.data.n, stdout) != e.data.n) {
                err = HTTPA_ERR_IO;
            }
        } while (err == HTTPA_OK && (in.n || e.type != HTTPA_EVENT_NONE));
    }
    /* Without its final record an answer is genuine and incomplete. */
    return err == HTTPA_OK ? httpa_request_read_end(r) : err;
}

static enum httpa_err
get(const char *const *to, struct httpa_session *session, const char *path)
{
    static struct http h = { .fd = -1 };
    static struct httpa_outer outer;
    struct httpa_head inner = { .is_request = true,
                                .method = httpa_slice_str("GET"),
                                .path = httpa_slice_str(path) };
    struct httpa_request *r = NULL;
    struct httpa_buf sealed = httpa_buf_growing(HTTP_HEAD_MAX);
    enum httpa_err err = httpa_request_new(session, time(NULL), &r);
    struct httpa_clear_names none = { 0 }; /* content length 0: head only */
    err = err ? err : httpa_request_begin(r, &inner, 0, none, &outer, &sealed);
    err = err ? err : http_post(&h, to, &outer.head, httpa_buf_slice(&sealed));
    err = err ? err : copy_answer(r, &h);
    err = err == HTTPA_OK && fflush(stdout) != 0 ? HTTPA_ERR_IO : err;
    (void)close(h.fd);
    httpa_buf_done(&sealed);
    httpa_request_free(r);
    return err;
}

int main(int argc, char **argv)
{
    static const struct httpa_verifier *const known[] = { &httpa_verifier_tpm,
                                                          &httpa_verifier_eat };
    struct httpa_client_config c = { .verifiers = known, .verifier_count = 2 };
    c.random = httpa_random_system();
    struct httpa_config_error where = { 0 };
    struct httpa_crypto *crypto = NULL;
    struct httpa_policy *policy = NULL;
    struct httpa_hello *hello = NULL;
    struct httpa_session *session = NULL;
    if (argc != 6) {
        fprintf(stderr, "usage: client HOST PORT ORIGIN PATH POLICY\n");
        return HTTPA_EXIT_USAGE;
    }
    const char *const to[] = { argv[1], argv[2] };
    enum httpa_err err = httpa_crypto_new(&crypto);
    err = err ? err : httpa_config_policy_load(argv[5], &policy, &where);
    c.crypto = crypto;
    c.policy = policy;
    struct httpa_slice origin = httpa_slice_str(argv[3]);
    err = err ? err : httpa_hello_new(&c, origin, time(NULL), &hello);
    err = err ? err : attest(to, hello, &session);
    err = err ? err : get(to, session, argv[4]);
    if (err != HTTPA_OK) {
        fprintf(stderr, "client: %s %s\n", httpa_strerror(err), where.text);
    }
    httpa_session_free(session);
    httpa_hello_free(hello);
    httpa_config_policy_free(policy);
    httpa_crypto_free(crypto);
    return err == HTTPA_OK ? HTTPA_EXIT_DONE : 1;
}
