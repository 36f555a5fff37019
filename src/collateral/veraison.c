#include "collateral/veraison.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/ascii.h"
#include "codec/base64.h"
#include "codec/cmw.h"
#include "collateral/clock.h"
#include "collateral/url.h"

#define NEW_SESSION "/challenge-response/v1/newSession?nonce="
#define MEDIA_TYPE "application/vnd.veraison.challenge-response-session+json"

/* In base64url, and its padding in percent-encoding. */
#define PAD "%3D"
#define NONCE_TEXT_MAX                                                         \
    (HTTPA_BASE64URL_LEN(HTTPA_VERAISON_NONCE_MAX) + 2 * (sizeof(PAD) - 1))

/* Nothing is sent a second time: a verifier that cannot be reached now is for
 * the caller to ask again. */
#define CONNECT_MS 10000L
#define DELETE_MS 2000L

/* Between looks at a session that is being processed; then twice as long. */
#define FIRST_PAUSE_MS 200u
#define PAUSE_MAX_MS 2000u

struct exchange {
    const struct httpa_veraison *ask;
    struct httpa_collateral_diag *diag;
    uint64_t began_ms;
    char session[HTTPA_URL_MAX]; /* its URL; "": none yet */

    /* the last answer */
    struct httpa_buf content;
    struct httpa_buf location;
    unsigned locations; /* how many of them came */
    long status;
    bool is_session; /* by its media type */
    char why[CURL_ERROR_SIZE];
};

struct request {
    const char *method;
    const char *url;
    const char *type; /* of |content|; NULL: there is none */
    struct httpa_slice content;
};

/* What is left of the whole; 0: nothing. */
static uint64_t left_ms(const struct exchange *x)
{
    return httpa_clock_left_ms(x->began_ms, x->ask->total_ms);
}

static enum httpa_err
fail(struct exchange *x, enum httpa_err err, const char *what, const char *why)
{
    httpa_collateral_say(x->diag, "%.160s: %.300s", what, why);
    return err;
}

/* ---- one request ---- */

static size_t on_content(char *p, size_t size, size_t n, void *ctx)
{
    struct exchange *x = ctx;
    httpa_buf_put(&x->content, p, size * n);
    return x->content.failed ? 0 : size * n;
}

/* Of a field that comes twice nobody knows which is meant: it is counted.
 * Those of an interim response are not the answer's. */
static size_t on_field(char *p, size_t size, size_t n, void *ctx)
{
    static const char name[] = "location:";
    struct exchange *x = ctx;
    struct httpa_slice line = httpa_slice_of(p, size * n);
    if (httpa_slice_starts(line, "HTTP/")) {
        httpa_buf_reset(&x->location);
        x->locations = 0;
    }
    if (line.n >= sizeof(name) - 1 &&
        strncasecmp(p, name, sizeof(name) - 1) == 0) {
        struct httpa_slice value = httpa_slice_from(line, sizeof(name) - 1);
        while (value.n > 0 &&
               (value.p[value.n - 1] == '\n' || value.p[value.n - 1] == '\r')) {
            value.n--;
        }
        x->locations++;
        httpa_buf_put_slice(&x->location, httpa_ascii_trim(value));
    }
    return size * n;
}

static void set_limits(CURL *c, const struct exchange *x, bool is_delete)
{
    uint64_t left = left_ms(x);
    long limit = is_delete         ? DELETE_MS
                 : left > LONG_MAX ? LONG_MAX
                 : left > 0        ? (long)left
                                   : 1; /* 0 would be no limit */
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                     limit < CONNECT_MS ? limit : CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, limit);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (x->ask->cacert != NULL) {
        curl_easy_setopt(c, CURLOPT_CAINFO, x->ask->cacert);
    }
}

static void set_place(CURL *c, const char *url)
{
    bool plain = httpa_url_is_plain(url);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    if (plain) { /* to this machine, so not through another one */
        curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    }
}

/* Empty where libcurl would name a type of its own, or wait for a word. */
static struct curl_slist *write_fields(const struct request *r)
{
    char type[HTTPA_VERAISON_TYPE_MAX + 16];
    struct curl_slist *all = curl_slist_append(NULL, "Accept: " MEDIA_TYPE);
    (void)snprintf(type, sizeof(type), "Content-Type:%s%s",
                   r->type != NULL ? " " : "", r->type != NULL ? r->type : "");
    struct curl_slist *more =
        all != NULL ? curl_slist_append(all, type) : NULL;
    more = more != NULL ? curl_slist_append(more, "Expect:") : NULL;
    if (more == NULL) {
        curl_slist_free_all(all);
    }
    return more;
}

static void
set_request(CURL *c, const struct request *r, struct curl_slist *fields)
{
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "httpa/" HTTPA_VERSION);
    if (strcmp(r->method, "POST") == 0) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)r->content.n);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS,
                         r->content.n > 0 ? (const char *)r->content.p : "");
    } else {
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
    }
}

static CURLcode
perform(CURL *c, struct exchange *x, const struct request *r)
{
    char *type = NULL;
    struct curl_slist *fields = write_fields(r);
    if (fields == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    set_place(c, r->url);
    set_limits(c, x, strcmp(r->method, "DELETE") == 0);
    set_request(c, r, fields);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_content);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_field);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, x->why);
    CURLcode code = curl_easy_perform(c);
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &x->status);
    (void)curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
    x->is_session =
        type != NULL && httpa_cmw_is_type(httpa_slice_str(type), MEDIA_TYPE);
    curl_slist_free_all(fields);
    return code;
}

static enum httpa_err
explain(struct exchange *x, const struct request *r, CURLcode code)
{
    char text[64];
    if (x->content.failed) {
        (void)snprintf(text, sizeof(text), "more than %u bytes",
                       HTTPA_VERAISON_SESSION_MAX);
        return fail(x, HTTPA_ERR_RANGE, r->url, text);
    }
    return fail(x,
                code == CURLE_OPERATION_TIMEDOUT         ? HTTPA_ERR_TIMEOUT
                : code == CURLE_PEER_FAILED_VERIFICATION ? HTTPA_ERR_CHAIN
                : code == CURLE_OUT_OF_MEMORY            ? HTTPA_ERR_MEMORY
                                                         : HTTPA_ERR_IO,
                r->url,
                x->why[0] != '\0' ? x->why : curl_easy_strerror(code));
}

static enum httpa_err
run(struct exchange *x, const struct request *r)
{
    CURL *c = curl_easy_init();
    httpa_buf_reset(&x->content);
    httpa_buf_reset(&x->location);
    x->locations = 0;
    x->status = 0;
    x->why[0] = '\0';
    CURLcode code = c != NULL ? perform(c, x, r) : CURLE_OUT_OF_MEMORY;
    curl_easy_cleanup(c);
    return code == CURLE_OK ? HTTPA_OK : explain(x, r, code);
}

/* ---- what it was ---- */

static enum httpa_err say_status(struct exchange *x, const char *url)
{
    uint8_t room[256];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room) - 1);
    char status[64];
    (void)snprintf(status, sizeof(status), "status %ld%s", x->status,
                   x->status / 100 == 3 ? "; redirects are not followed" : "");
    httpa_buf_put_str(&text, status);
    httpa_veraison_problem(httpa_buf_slice(&x->content), &text);
    room[text.n] = '\0';
    return fail(x, HTTPA_ERR_REFUSED, url, (const char *)room);
}

/* The session in the last answer, which has to be about our nonce. */
static enum httpa_err
take(struct exchange *x, const char *url,
     struct httpa_veraison_session *ret_session)
{
    if (!x->is_session) {
        return fail(x, HTTPA_ERR_MALFORMED, url,
                    "the answer is no " MEDIA_TYPE);
    }
    enum httpa_err err =
        httpa_veraison_read(httpa_buf_slice(&x->content), ret_session);
    if (err != HTTPA_OK) {
        httpa_collateral_say(x->diag, "%.160s: the session in the answer: %s",
                             url, httpa_strerror(err));
        return err;
    }
    if (!httpa_slice_equal(
            httpa_slice_of(ret_session->nonce, ret_session->nonce_n),
            x->ask->nonce)) {
        return fail(x, HTTPA_ERR_EVIDENCE, url,
                    "the session is for another nonce than was asked for");
    }
    return HTTPA_OK;
}

/* ---- the steps ---- */

/* The API's text says base64url without padding; the service itself takes no
 * nonce without. */
static void put_nonce(struct httpa_buf *b, struct httpa_slice nonce)
{
    httpa_base64url_write(b, nonce);
    for (size_t n = nonce.n; n % 3 != 0; n++) {
        httpa_buf_put_str(b, PAD);
    }
}

static enum httpa_err write_url(struct exchange *x, char url[HTTPA_URL_MAX])
{
    uint8_t room[NONCE_TEXT_MAX];
    struct httpa_buf nonce = httpa_buf_fixed(room, sizeof(room));
    const char *base = x->ask->url;
    size_t n = strlen(base);
    if (!httpa_url_is_base(base, sizeof(NEW_SESSION) + NONCE_TEXT_MAX)) {
        return fail(x, HTTPA_ERR_USAGE, base,
                    "expected https://HOST[:PORT][/PATH]; http:// only to "
                    "this machine");
    }
    if (x->ask->nonce.n < HTTPA_VERAISON_NONCE_MIN ||
        x->ask->nonce.n > HTTPA_VERAISON_NONCE_MAX) {
        return fail(x, HTTPA_ERR_USAGE, base,
                    "a verifier takes nonces of 8 to 64 bytes");
    }
    n -= n > 0 && base[n - 1] == '/' ? 1 : 0;
    put_nonce(&nonce, x->ask->nonce);
    (void)snprintf(url, HTTPA_URL_MAX, "%.*s%s%.*s", (int)n, base, NEW_SESSION,
                   (int)nonce.n, (const char *)room);
    return HTTPA_OK;
}

/* The session stands where it was asked for, or the evidence would go to
 * somebody else. */
static enum httpa_err find_session(struct exchange *x, const char *url)
{
    httpa_buf_put_byte(&x->location, '\0');
    if (x->locations != 1 || x->location.failed) {
        return fail(x, HTTPA_ERR_MISSING, x->ask->url,
                    "the answer does not say where its session is (Location)");
    }
    const char *text = (const char *)x->location.p;
    if (text[0] == '\0' || !httpa_url_resolve(url, text, x->session)) {
        return fail(x, HTTPA_ERR_REFUSED, x->ask->url,
                    "its session is no URL, or at another origin (Location)");
    }
    return HTTPA_OK;
}

static enum httpa_err
begin(struct exchange *x, struct httpa_veraison_session *ret_session)
{
    char url[HTTPA_URL_MAX];
    const struct request r = { .method = "POST", .url = url };
    enum httpa_err err = write_url(x, url);
    if (err == HTTPA_OK) {
        err = run(x, &r);
    }
    if (err == HTTPA_OK && x->status != 201) {
        return say_status(x, x->ask->url);
    }
    if (err == HTTPA_OK) {
        err = find_session(x, url);
    }
    if (err == HTTPA_OK) {
        err = take(x, x->ask->url, ret_session);
    }
    return err == HTTPA_OK && ret_session->status != HTTPA_VERAISON_WAITING
               ? fail(x, HTTPA_ERR_REFUSED, x->ask->url,
                      "the new session does not wait for evidence")
               : err;
}

/* Looks again as long as it is processed. */
static enum httpa_err
wait_for(struct exchange *x, struct httpa_veraison_session *session)
{
    const struct request r = { .method = "GET", .url = x->session };
    enum httpa_err err = HTTPA_OK;
    uint64_t ms = FIRST_PAUSE_MS;
    while (err == HTTPA_OK && session->status == HTTPA_VERAISON_PROCESSING) {
        if (left_ms(x) <= ms) {
            return fail(x, HTTPA_ERR_TIMEOUT, x->session,
                        "the verifier is still at it");
        }
        struct timespec t = { .tv_sec = (time_t)(ms / 1000),
                              .tv_nsec = (long)(ms % 1000) * 1000000 };
        (void)nanosleep(&t, NULL);
        ms = 2 * ms < PAUSE_MAX_MS ? 2 * ms : PAUSE_MAX_MS;
        err = run(x, &r);
        if (err == HTTPA_OK && x->status != 200) {
            return say_status(x, x->session);
        }
        if (err == HTTPA_OK) {
            err = take(x, x->session, session);
        }
    }
    return err;
}

static enum httpa_err
submit(struct exchange *x, const char *type,
       struct httpa_veraison_session *session)
{
    const struct request r = { .method = "POST",
                               .url = x->session,
                               .type = type,
                               .content = x->ask->evidence };
    enum httpa_err err = run(x, &r);
    if (err == HTTPA_OK && x->status != 200 && x->status != 202) {
        return say_status(x, x->session);
    }
    if (err == HTTPA_OK) {
        err = take(x, x->session, session);
    }
    if (err == HTTPA_OK) {
        err = wait_for(x, session);
    }
    return err == HTTPA_OK && session->status != HTTPA_VERAISON_COMPLETE
               ? fail(x, HTTPA_ERR_REFUSED, x->session,
                      "the verifier could not appraise the evidence")
               : err;
}

static enum httpa_err say_types(struct exchange *x,
                                const struct httpa_veraison_session *session)
{
    uint8_t room[240];
    char text[300];
    struct httpa_buf list = httpa_buf_fixed(room, sizeof(room));
    httpa_veraison_list(session, &list);
    (void)snprintf(text, sizeof(text), "it takes no such evidence, but %.*s%s",
                   (int)list.n, (const char *)room,
                   list.failed ? ", ..." : "");
    return fail(x, HTTPA_ERR_UNSUPPORTED, x->ask->url, text);
}

static enum httpa_err converse(struct exchange *x, struct httpa_buf *ret_result)
{
    struct httpa_veraison_session session;
    enum httpa_err err = begin(x, &session);
    const char *type =
        err == HTTPA_OK ? httpa_veraison_choose(&session, x->ask->types) : NULL;
    if (err == HTTPA_OK && type == NULL) {
        err = say_types(x, &session);
    }
    if (err == HTTPA_OK) {
        err = submit(x, type, &session);
    }
    if (err == HTTPA_OK) {
        httpa_buf_put_slice(ret_result, session.result);
        err = httpa_buf_check(ret_result);
    }
    return err;
}

/* A kindness: the session would end by itself. */
static void end(struct exchange *x)
{
    struct httpa_collateral_diag kept = *x->diag;
    const struct request r = { .method = "DELETE", .url = x->session };
    if (x->session[0] != '\0' && run(x, &r) != HTTPA_OK) {
        *x->diag = kept;
    }
}

enum httpa_err httpa_veraison_ask(const struct httpa_veraison *ask,
                                  struct httpa_buf *ret_result,
                                  struct httpa_collateral_diag *diag)
{
    struct exchange x = { .ask = ask,
                          .diag = diag,
                          .began_ms = httpa_clock_now_ms() };
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        httpa_collateral_say(diag, "libcurl cannot start");
        return HTTPA_ERR_MEMORY;
    }
    x.content = httpa_buf_growing(HTTPA_VERAISON_SESSION_MAX);
    x.location = httpa_buf_growing(HTTPA_URL_MAX);
    enum httpa_err err = converse(&x, ret_result);
    end(&x);
    httpa_buf_done(&x.content);
    httpa_buf_done(&x.location);
    return err;
}
