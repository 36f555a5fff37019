#include "collateral/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/ascii.h"
#include "collateral/clock.h"
#include "collateral/issuers.h"
#include "collateral/url.h"

#define CONNECT_MS 10000L
#define TRY_MS 30000L
#define TRIES 4u
#define BACKOFF_MS 500u /* then twice as long, each time */
#define SLICE_MS 100L /* of a pause: then a look whether it has to stop */
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

/* What is left of the whole; 0: nothing. */
static uint64_t left_ms(const struct httpa_collateral_fetch *f)
{
    return httpa_clock_left_ms(f->began_ms, f->total_ms);
}

static bool is_stopped(const struct httpa_collateral_fetch *f)
{
    return f->stop != NULL && atomic_load(f->stop);
}

/* ---- base URLs ---- */

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
        if (!httpa_url_is_base(base, HTTPA_COLLATERAL_PATH)) {
            httpa_collateral_say(diag,
                                 "%s: expected https://HOST[:PORT][/PATH]"
                                 "; http:// only to this machine",
                                 base);
            return HTTPA_ERR_USAGE;
        }
    }
    if (f->total_ms == 0) { /* which libcurl would take for no limit */
        httpa_collateral_say(diag, "no time to fetch anything");
        return HTTPA_ERR_USAGE;
    }
    f->began_ms = httpa_clock_now_ms();
    f->pins = httpa_collateral_pins();
    f->retry_after_s = 0;
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

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c,
                       curl_off_t d)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return is_stopped(ctx) ? 1 : 0;
}

/* Of a field that comes twice nobody knows which is meant: it is counted.
 * Those of an interim response (RFC 9110 15.2) are not the document's. */
static size_t on_field(char *p, size_t size, size_t n, void *ctx)
{
    struct answer *a = ctx;
    struct httpa_slice line = httpa_slice_of(p, size * n);
    size_t name = a->field_name != NULL ? strlen(a->field_name) : 0;
    if (httpa_slice_starts(line, "HTTP/")) {
        httpa_buf_reset(&a->field);
        a->fields = 0;
    }
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

/* Of a name server that is silent nobody waits for the end. */
static void let_stop(CURL *c, const struct httpa_collateral_fetch *f)
{
    if (f->stop != NULL) {
        curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(c, CURLOPT_XFERINFODATA, (void *)(uintptr_t)f);
#if LIBCURL_VERSION_NUM >= 0x075700
        curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
#endif
    }
}

static void set_up(CURL *c, const struct httpa_collateral_fetch *f,
                   const char *url, struct answer *a)
{
    uint64_t left = left_ms(f);
    long limit = left < (uint64_t)TRY_MS ? (long)left : TRY_MS;
    limit = limit > 0 ? limit : 1; /* 0 would be no limit */
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
                     httpa_url_is_plain(url) ? "http" : "https");
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
    curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_field);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, a);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, a->why);
    if (f->cacert != NULL) {
        curl_easy_setopt(c, CURLOPT_CAINFO, f->cacert);
    }
    let_stop(c, f);
    if (httpa_url_is_plain(url)) { /* to this machine, so not by another one */
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
    if (a->code == CURLE_ABORTED_BY_CALLBACK) {
        return HTTPA_ERR_ABORTED;
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
    const struct timespec slice = { .tv_nsec = SLICE_MS * 1000000 };
    for (uint64_t slept = 0; slept < ms && !is_stopped(f); slept += SLICE_MS) {
        (void)nanosleep(&slice, NULL);
    }
    return !is_stopped(f);
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

static enum httpa_err get(struct httpa_collateral_fetch *f, const char *url,
                          struct answer *a, struct httpa_collateral_diag *diag)
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
    if (a->retry_after_s > f->retry_after_s) {
        f->retry_after_s = a->retry_after_s;
    }
    if (err != HTTPA_OK) {
        explain(a, url, err, diag);
    }
    return err;
}

/* ---- proof ---- */

/* A need, with what proves it. */
struct wanted {
    const struct httpa_collateral_fetch *f;
    const struct httpa_collateral_need *need;
    struct httpa_buf issuers;
};

/* What is not there proves nothing: it is looked at where it is needed. */
static void want(const struct httpa_collateral_fetch *f,
                 const struct httpa_collateral_need *need, struct wanted *w)
{
    *w = (struct wanted){ .f = f, .need = need };
    w->issuers = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    if (need->issuers_file[0] != '\0' &&
        httpa_collateral_load(f->dir, need->issuers_file, &w->issuers) !=
            HTTPA_OK) {
        httpa_buf_reset(&w->issuers);
    }
}

static enum httpa_err prove(void *ctx, struct httpa_slice file)
{
    const struct wanted *w = ctx;
    return httpa_collateral_prove(w->f->crypto, &w->f->pins, w->need, file,
                                  httpa_buf_slice(&w->issuers), w->f->now_s);
}

static bool is_there(const struct httpa_collateral_fetch *f,
                     const struct httpa_collateral_need *need,
                     struct httpa_collateral_facts *ret_facts)
{
    struct wanted w;
    want(f, need, &w);
    const struct httpa_collateral_proof proof = { prove, &w };
    enum httpa_err err = httpa_collateral_stored(f->crypto, f->dir, need->file,
                                                 &proof, ret_facts);
    httpa_buf_done(&w.issuers);
    return err == HTTPA_OK;
}

/* Only certificates: everything else is issued anew before it lapses. */
static bool lasts(const struct httpa_collateral_fetch *f,
                  const struct httpa_collateral_need *need)
{
    struct httpa_collateral_facts facts;
    return (need->document == HTTPA_COLLATERAL_AMD_CHAIN ||
            need->document == HTTPA_COLLATERAL_AMD_VCEK) &&
           is_there(f, need, &facts) && facts.lapses_s > f->now_s + LASTS_S;
}

bool httpa_collateral_fetch_has(const struct httpa_collateral_fetch *f,
                                const struct httpa_collateral_need *need,
                                struct httpa_collateral_facts *ret_facts)
{
    return is_there(f, need, ret_facts) && ret_facts->lapses_s > f->now_s;
}

/* ---- one document ---- */

/* The chain of the signer, from the field that brought it. */
static enum httpa_err put_signers(const struct httpa_collateral_need *need,
                                  const struct answer *a,
                                  struct httpa_buf *file,
                                  struct httpa_collateral_diag *diag)
{
    enum httpa_err err = a->fields == 0   ? HTTPA_ERR_MISSING
                         : a->fields == 1 ? HTTPA_OK
                                          : HTTPA_ERR_DUPLICATE;
    if (err == HTTPA_OK) {
        err = a->field.failed
                  ? HTTPA_ERR_RANGE
                  : httpa_collateral_issuers(httpa_buf_slice(&a->field), file);
    }
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "%s: field %s: %s", need->file,
                             need->chain_header, httpa_strerror(err));
    } else if (file->n > 0 && file->p[file->n - 1] != '\n') {
        httpa_buf_put_byte(file, '\n');
    }
    return err;
}

static enum httpa_err write_url(const struct httpa_collateral_fetch *f,
                                const struct httpa_collateral_need *need,
                                const char *more, char url[HTTPA_URL_MAX])
{
    const char *base = base_of(f, need->source);
    size_t n = strlen(base);
    n -= n > 0 && base[n - 1] == '/' ? 1 : 0;
    int all =
        snprintf(url, HTTPA_URL_MAX, "%.*s%s%s", (int)n, base, need->path,
                 more);
    return all > 0 && (size_t)all < HTTPA_URL_MAX ? HTTPA_OK : HTTPA_ERR_RANGE;
}

/* Asks for it, and makes the file of it; |more| goes behind the path. */
static enum httpa_err ask(struct httpa_collateral_fetch *f,
                          const struct httpa_collateral_need *need,
                          const char *more, struct httpa_buf *file,
                          struct httpa_collateral_diag *diag)
{
    char url[HTTPA_URL_MAX];
    struct answer a = { .field_name = need->chain_header };
    enum httpa_err err = write_url(f, need, more, url);
    if (err != HTTPA_OK) {
        httpa_collateral_say(diag, "%s: a URL that is too long", need->file);
        return err;
    }
    a.content = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    a.field = httpa_buf_growing(HTTPA_COLLATERAL_ISSUERS_MAX);
    err = get(f, url, &a, diag);
    if (err == HTTPA_OK && need->chain_header != NULL) {
        err = put_signers(need, &a, file, diag);
    }
    if (err == HTTPA_OK) {
        httpa_buf_put_slice(file, httpa_buf_slice(&a.content));
        if (file->failed) {
            httpa_collateral_say(diag, "%s: too long", need->file);
            err = HTTPA_ERR_RANGE;
        }
    }
    httpa_buf_done(&a.content);
    httpa_buf_done(&a.field);
    return err;
}

static enum httpa_err put(const struct httpa_collateral_fetch *f,
                          const struct httpa_collateral_need *need,
                          struct httpa_slice file,
                          enum httpa_collateral_got *ret_got,
                          struct httpa_collateral_diag *diag)
{
    static const enum httpa_collateral_got got[] = {
        [HTTPA_COLLATERAL_WRITTEN] = HTTPA_COLLATERAL_NEW,
        [HTTPA_COLLATERAL_SAME] = HTTPA_COLLATERAL_UNCHANGED,
        [HTTPA_COLLATERAL_KEPT] = HTTPA_COLLATERAL_NEWER_THERE,
    };
    struct wanted w;
    enum httpa_collateral_put how;
    want(f, need, &w);
    const struct httpa_collateral_proof proof = { prove, &w };
    enum httpa_err err = httpa_collateral_put(
        f->crypto, f->dir, need->file, file, &proof, f->now_s, &how, diag);
    httpa_buf_done(&w.issuers);
    if (err == HTTPA_OK) {
        *ret_got = got[how];
    }
    return err;
}

enum httpa_err
httpa_collateral_fetch_one(struct httpa_collateral_fetch *f,
                           const struct httpa_collateral_need *need,
                           enum httpa_collateral_got *ret_got,
                           struct httpa_collateral_diag *diag)
{
    if (lasts(f, need)) {
        *ret_got = HTTPA_COLLATERAL_LASTS;
        return HTTPA_OK;
    }
    struct httpa_buf file = httpa_buf_growing(HTTPA_COLLATERAL_FILE_MAX);
    enum httpa_err err = ask(f, need, "", &file, diag);
    if (err == HTTPA_OK) {
        err = put(f, need, httpa_buf_slice(&file), ret_got, diag);
    }
    httpa_buf_done(&file);
    return err;
}

enum httpa_err
httpa_collateral_fetch_early(struct httpa_collateral_fetch *f,
                             const struct httpa_collateral_need *need,
                             struct httpa_buf *ret_file,
                             struct httpa_collateral_diag *diag)
{
    static const char *const more[] = {
        [HTTPA_COLLATERAL_INTEL_INFO] = "&update=early",
        [HTTPA_COLLATERAL_INTEL_IDENTITY] = "?update=early",
        [HTTPA_COLLATERAL_INTEL_ROOT_CRL] = NULL,
    };
    struct wanted w = { .f = f, .need = need };
    if (more[need->document] == NULL) {
        httpa_collateral_say(diag, "%s: there is no earlier one", need->file);
        return HTTPA_ERR_UNSUPPORTED;
    }
    enum httpa_err err = ask(f, need, more[need->document], ret_file, diag);
    if (err == HTTPA_OK) {
        err = prove(&w, httpa_buf_slice(ret_file));
        if (err != HTTPA_OK) {
            httpa_collateral_say(diag, "%s (early): not taken: %s", need->file,
                                 httpa_strerror(err));
        }
    }
    return err;
}
