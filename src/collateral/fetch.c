#include "collateral/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/ascii.h"
#include "collateral/issuers.h"

#define URL_MAX 1024
#define CONNECT_MS 10000L
#define TRY_MS 30000L
#define TRIES 4u
#define BACKOFF_MS 500u /* then twice as long, each time */
/* AMD asks for some seconds when it throttles; longer is for a next call. */
#define RETRY_AFTER_MAX_S 30

/* Certificates last for years; one is asked for again when a month is left. */
#define LASTS_S (30 * 86400)

/* One try. */
struct answer {
    struct httpa_buf content;
    struct httpa_buf field; /* of the signer's chain */
    const char *field_name; /* or NULL */
    size_t fields;          /* how many of them came */
    unsigned status;
    int64_t retry_after_s;
    bool too_long;
    CURLcode code;
    char why[CURL_ERROR_SIZE];
};

static uint64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What is left of the whole; 0: nothing. */
static uint64_t left_ms(const struct httpa_collateral_fetch *f)
{
    uint64_t passed = now_ms() - f->began_ms;
    return f->total_ms == 0       ? (uint64_t)TRY_MS
           : passed < f->total_ms ? f->total_ms - passed
                                  : 0;
}

/* ---- base URLs ---- */

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (strncmp(host, "127.", 4) == 0 &&
            strspn(host, "0123456789.") == strlen(host));
}

static bool is_plain(const char *base)
{
    return strncmp(base, "http://", 7) == 0;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return there;
}

static bool is_base(const char *base)
{
    char *host = NULL;
    CURLU *url = curl_url();
    bool ok = url != NULL && strlen(base) < URL_MAX - HTTPA_COLLATERAL_PATH &&
              curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              !has_part(url, CURLUPART_USER) &&
              !has_part(url, CURLUPART_QUERY) &&
              !has_part(url, CURLUPART_FRAGMENT);
    if (ok) {
        ok = is_plain(base) ? is_loopback(host)
                            : strncmp(base, "https://", 8) == 0;
    }
    curl_free(host);
    curl_url_cleanup(url);
    return ok;
}

static const char *base_of(const struct httpa_collateral_fetch *f,
                           enum httpa_collateral_source source)
{
    return f->bases[source] != NULL ? f->bases[source]
                                    : httpa_collateral_places[source].url;
}

enum httpa_err httpa_collateral_fetch_start(struct httpa_collateral_fetch *f,
                                            struct httpa_collateral_diag *diag)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        httpa_collateral_say(diag, "libcurl cannot start");
        return HTTPA_ERR_MEMORY;
    }
    for (size_t i = 0; i < HTTPA_COLLATERAL_SOURCES; i++) {
        const char *base = base_of(f, (enum httpa_collateral_source)i);
        if (!is_base(base)) {
            httpa_collateral_say(diag,
                                 "%s: expected https://HOST[:PORT][/PATH]"
                                 "; http:// only to this machine",
                                 base);
            return HTTPA_ERR_USAGE;
        }
    }
    f->began_ms = now_ms();
    return httpa_collateral_open(f->dir, diag);
}

/* ---- one try ---- */

static size_t on_content(char *p, size_t size, size_t n, void *ctx)
{
    struct answer *a = ctx;
    httpa_buf_put(&a->content, p, size * n);
    a->too_long = a->content.failed;
    return a->too_long ? 0 : size * n;
}

/* Of a field that comes twice nobody knows which is meant: it is counted. */
static size_t on_field(char *p, size_t size, size_t n, void *ctx)
{
    struct answer *a = ctx;
    struct httpa_slice line = httpa_slice_of(p, size * n);
    size_t name = a->field_name != NULL ? strlen(a->field_name) : 0;
    if (name > 0 && line.n > name && line.p[name] == ':' &&
        strncasecmp((const char *)line.p, a->field_name, name) == 0) {
        struct httpa_slice value = httpa_slice_from(line, name + 1);
        while (value.n > 0 &&
               (value.p[value.n - 1] == '\n' || value.p[value.n - 1] == '\r')) {
            value.n--;
        }
        a->fields++;
        httpa_buf_put_slice(&a->field, httpa_ascii_trim(value));
    }
    return size * n;
}

static void set_up(CURL *c, const struct httpa_collateral_fetch *f,
                   const char *url, struct answer *a)
{
    uint64_t left = left_ms(f);
    long limit = left < (uint64_t)TRY_MS ? (long)left : TRY_MS;
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
                     is_plain(url) ? "http" : "https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                     limit < CONNECT_MS ? limit : CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, limit);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "httpa/" HTTPA_VERSION);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_content);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_field);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, a);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, a->why);
    if (f->cacert != NULL) {
        curl_easy_setopt(c, CURLOPT_CAINFO, f->cacert);
    }
    if (is_plain(url)) { /* to this machine, so not through another one */
        curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
    }
}

static void run_try(const struct httpa_collateral_fetch *f, const char *url,
                    struct answer *a)
{
    long status = 0;
    curl_off_t after_s = 0;
    CURL *c = curl_easy_init();
    httpa_buf_reset(&a->content);
    httpa_buf_reset(&a->field);
    a->fields = 0;
    a->why[0] = '\0';
    a->code = CURLE_OUT_OF_MEMORY;
    if (c == NULL) {
        return;
    }
    set_up(c, f, url, a);
    a->code = curl_easy_perform(c);
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &after_s);
    a->status = status > 0 && status < 1000 ? (unsigned)status : 0;
    a->retry_after_s = (int64_t)after_s;
    curl_easy_cleanup(c);
}

/* ---- what it was ---- */

static const struct {
    unsigned from, to;
    enum httpa_err err; /* _BUSY: again */
} statuses[] = {
    { 200, 200, HTTPA_OK },       { 404, 404, HTTPA_ERR_MISSING },
    { 429, 429, HTTPA_ERR_BUSY }, { 500, 500, HTTPA_ERR_BUSY },
    { 502, 504, HTTPA_ERR_BUSY },
};

static enum httpa_err judge(const struct answer *a)
{
    if (a->too_long) {
        return HTTPA_ERR_RANGE;
    }
    if (a->code == CURLE_PEER_FAILED_VERIFICATION) {
        return HTTPA_ERR_CHAIN;
    }
    if (a->code != CURLE_OK) {
        return a->code == CURLE_OPERATION_TIMEDOUT ? HTTPA_ERR_TIMEOUT
                                                   : HTTPA_ERR_IO;
    }
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (a->status >= statuses[i].from && a->status <= statuses[i].to) {
            return statuses[i].err;
        }
    }
    return HTTPA_ERR_REFUSED;
}

static bool is_passing(enum httpa_err err)
{
    return err == HTTPA_ERR_BUSY || err == HTTPA_ERR_TIMEOUT ||
           err == HTTPA_ERR_IO;
}

/* Waits before the next try; false: it would be too long. */
static bool pause_for(const struct httpa_collateral_fetch *f,
                      const struct answer *a, unsigned tried)
{
    uint64_t ms = (uint64_t)BACKOFF_MS << (tried - 1);
    if (a->retry_after_s > RETRY_AFTER_MAX_S) {
        return false;
    }
    if (a->retry_after_s > 0) {
        ms = (uint64_t)a->retry_after_s * 1000;
    }
    if (ms >= left_ms(f)) {
        return false;
    }
    struct timespec t = { .tv_sec = (time_t)(ms / 1000),
                          .tv_nsec = (long)(ms % 1000) * 1000000 };
    (void)nanosleep(&t, NULL);
    return true;
}

static void explain(const struct answer *a, const char *url, enum httpa_err err,
                    struct httpa_collateral_diag *diag)
{
    if (a->too_long) {
        httpa_collateral_say(diag, "%s: more than %u bytes", url,
                             HTTPA_COLLATERAL_FILE_MAX);
    } else if (a->code != CURLE_OK) {
        httpa_collateral_say(diag, "%s: %s", url,
                             a->why[0] != '\0' ? a->why
                                               : curl_easy_strerror(a->code));
    } else if (a->retry_after_s > RETRY_AFTER_MAX_S) {
        httpa_collateral_say(diag, "%s: status %u, come back in %lld s", url,
                             a->status, (long long)a->retry_after_s);
    } else {
        httpa_collateral_say(diag, "%s: status %u%s", url, a->status,
                             a->status / 100 == 3       ? "; redirects are not "
                                                          "followed"
                             : err == HTTPA_ERR_MISSING ? ": not there"
                                                        : "");
    }
}

static enum httpa_err get(const struct httpa_collateral_fetch *f,
                          const char *url, struct answer *a,
                          struct httpa_collateral_diag *diag)
{
    enum httpa_err err = HTTPA_ERR_TIMEOUT;
    if (left_ms(f) == 0) {
        httpa_collateral_say(diag, "%s: no time left", url);
        return err;
    }
    for (unsigned tried = 1; tried <= TRIES; tried++) {
        run_try(f, url, a);
        err = judge(a);
        if (!is_passing(err) || tried == TRIES || !pause_for(f, a, tried)) {
            break;
        }
    }
    if (err != HTTPA_OK) {
        explain(a, url, err, diag);
    }
    return err;
}

/* ---- into the folder ---- */

/* The signer's chain is put first: documents without it are of no use. */
static enum httpa_err put_chain(const struct httpa_collateral_fetch *f,
                                const struct httpa_collateral_need *need,
                                const struct answer *a,
                                struct httpa_collateral_diag *diag)
{
    enum httpa_collateral_put put;
    struct httpa_buf pem = httpa_buf_growing(HTTPA_COLLATERAL_ISSUERS_MAX);
    enum httpa_err err = a->fields == 0   ? HTTPA_ERR_MISSING
                         : a->fields == 1 ? HTTPA_OK
                                          : HTTPA_ERR_DUPLICATE;
    if (err == HTTPA_OK) {
        err = a->field.failed
                  ? HTTPA_ERR_RANGE
                  : httpa_collateral_issuers(httpa_buf_slice(&a->field), &pem);
    }
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "%s: field %s: %s", need->file,
                             need->chain_header, httpa_strerror(err));
    } else {
        err = httpa_collateral_put(f->crypto, f->dir, need->chain_file,
                                   httpa_buf_slice(&pem), f->now_s, &put, diag);
    }
    httpa_buf_done(&pem);
    return err;
}

/* Only certificates: everything else is issued anew before it lapses. */
static bool lasts(const struct httpa_collateral_fetch *f,
                  const struct httpa_collateral_need *need)
{
    struct httpa_collateral_facts facts;
    return httpa_collateral_stored(f->crypto, f->dir, need->file, &facts) ==
               HTTPA_OK &&
           (strcmp(facts.kind, "certificate") == 0 ||
            strcmp(facts.kind, "chain") == 0) &&
           facts.lapses_s > f->now_s + LASTS_S;
}

static enum httpa_err
take(const struct httpa_collateral_fetch *f,
     const struct httpa_collateral_need *need, const struct answer *a,
     enum httpa_collateral_got *ret_got, struct httpa_collateral_diag *diag)
{
    static const enum httpa_collateral_got got[] = {
        [HTTPA_COLLATERAL_WRITTEN] = HTTPA_COLLATERAL_NEW,
        [HTTPA_COLLATERAL_SAME] = HTTPA_COLLATERAL_UNCHANGED,
        [HTTPA_COLLATERAL_KEPT] = HTTPA_COLLATERAL_NEWER_THERE,
    };
    enum httpa_collateral_put put;
    enum httpa_err err = HTTPA_OK;
    if (need->chain_header != NULL) {
        err = put_chain(f, need, a, diag);
    }
    if (err == HTTPA_OK) {
        err = httpa_collateral_put(f->crypto, f->dir, need->file,
                                   httpa_buf_slice(&a->content), f->now_s, &put,
                                   diag);
    }
    if (err == HTTPA_OK) {
        *ret_got = got[put];
    }
    return err;
}

enum httpa_err
httpa_collateral_fetch_one(const struct httpa_collateral_fetch *f,
                           const struct httpa_collateral_need *need,
                           enum httpa_collateral_got *ret_got,
                           struct httpa_collateral_diag *diag)
{
    char url[URL_MAX];
    if (lasts(f, need)) {
        *ret_got = HTTPA_COLLATERAL_LASTS;
        return HTTPA_OK;
    }
    const char *base = base_of(f, need->source);
    size_t n = strlen(base);
    n -= n > 0 && base[n - 1] == '/' ? 1 : 0;
    (void)snprintf(url, sizeof(url), "%.*s%s", (int)n, base, need->path);
    struct answer *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        httpa_collateral_say(diag, "out of memory");
        return HTTPA_ERR_MEMORY;
    }
    a->content = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    a->field = httpa_buf_growing(HTTPA_COLLATERAL_ISSUERS_MAX);
    a->field_name = need->chain_header;
    enum httpa_err err = get(f, url, a, diag);
    if (err == HTTPA_OK) {
        err = take(f, need, a, ret_got, diag);
    }
    httpa_buf_done(&a->content);
    httpa_buf_done(&a->field);
    free(a);
    return err;
}
