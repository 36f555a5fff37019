#include "tool/place.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "tool/file.h"
#include "tool/say.h"

static bool
part(CURLU *u, CURLUPart what, unsigned flags, char *to, size_t size)
{
    char *text = NULL;
    if (curl_url_get(u, what, &text, flags) != CURLUE_OK) {
        to[0] = '\0';
        return false;
    }
    int n = snprintf(to, size, "%s", text);
    curl_free(text);
    return n >= 0 && (size_t)n < size;
}

static void lower(char *s)
{
    for (; *s != '\0'; s++) {
        *s = (char)httpa_ascii_lower((uint8_t)*s);
    }
}

/* It becomes part of an origin, and of the name of a file. */
static bool is_host(const char *host)
{
    unsigned seen = httpa_ascii_seen(httpa_slice_str(host));
    return host[0] != '\0' && host[0] != '.' &&
           strpbrk(host, "/\\ \t@#?") == NULL &&
           (seen & HTTPA_ASCII_CONTROL) == 0;
}

static bool take_parts(CURLU *u, struct httpa_place *p)
{
    char scheme[8];
    char query[HTTPA_PLACE_URL];
    size_t n = 0;
    (void)curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
    if (!part(u, CURLUPART_SCHEME, 0, scheme, sizeof(scheme)) ||
        !part(u, CURLUPART_HOST, CURLU_URLDECODE, p->host, sizeof(p->host)) ||
        !is_host(p->host) ||
        !part(u, CURLUPART_PATH, 0, p->path, sizeof(p->path)) ||
        !part(u, CURLUPART_URL, 0, p->url, sizeof(p->url))) {
        return false;
    }
    (void)part(u, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT, p->port,
               sizeof(p->port));
    if (part(u, CURLUPART_QUERY, 0, query, sizeof(query))) {
        n = strlen(p->path);
        if (n + strlen(query) + 2 > sizeof(p->path)) {
            return false;
        }
        (void)snprintf(p->path + n, sizeof(p->path) - n, "?%s", query);
    }
    lower(p->host);
    p->is_https = strcmp(scheme, "https") == 0;
    int len = snprintf(p->origin, sizeof(p->origin), "%s://%s%s%s", scheme,
                       p->host, p->port[0] != '\0' ? ":" : "", p->port);
    return (p->is_https || strcmp(scheme, "http") == 0) && len > 0 &&
           (size_t)len < sizeof(p->origin);
}

bool httpa_place_read(const char *url, const struct httpa_place *base,
                      struct httpa_place *ret_place)
{
    CURLU *u = curl_url();
    char user[HTTPA_PLACE_URL];
    bool ok = u != NULL;
    if (ok && base != NULL) {
        ok = curl_url_set(u, CURLUPART_URL, base->url, 0) == CURLUE_OK;
    } else if (ok && strstr(url, "://") == NULL) {
        (void)curl_url_set(u, CURLUPART_SCHEME, "https", 0);
    }
    ok =
        ok && curl_url_set(u, CURLUPART_URL, url,
                           CURLU_DEFAULT_SCHEME | CURLU_URLENCODE) == CURLUE_OK;
    if (ok && part(u, CURLUPART_USER, 0, user, sizeof(user))) {
        httpa_say("credentials in a URL end up in logs: use -u @FILE");
        ok = false;
    } else if (!ok || !take_parts(u, ret_place)) {
        httpa_say("%.200s: not a URL that can be used (https:// or http://)",
                  url);
        ok = false;
    }
    curl_url_cleanup(u);
    return ok;
}

static bool name_policy(const char *folder, const struct httpa_place *p,
                        char *to, size_t size)
{
    int n = snprintf(to, size, "%s/policy.d/%s%s%s.json", folder, p->host,
                     p->port[0] != '\0' ? "_" : "", p->port);
    return n > 0 && (size_t)n < size;
}

/* |variable| of the environment, else |under| the home folder. */
static bool
user_folder(const char *variable, const char *under, char *to, size_t size)
{
    const char *value = getenv(variable);
    const char *home = getenv("HOME");
    int n = -1;
    if (value != NULL && value[0] == '/') {
        n = snprintf(to, size, "%s/httpa", value);
    } else if (home != NULL && home[0] == '/') {
        n = snprintf(to, size, "%s/%s/httpa", home, under);
    }
    return n > 0 && (size_t)n < size;
}

bool httpa_place_user_policy(const struct httpa_place *place, char *ret_path,
                             size_t size)
{
    char folder[HTTPA_PLACE_PATH];
    return user_folder("XDG_CONFIG_HOME", ".config", folder, sizeof(folder)) &&
           name_policy(folder, place, ret_path, size);
}

bool httpa_place_policy(const struct httpa_place *place, char *ret_path,
                        size_t size)
{
    if (httpa_place_user_policy(place, ret_path, size) &&
        httpa_file_exists(ret_path)) {
        return true;
    }
    return name_policy("/etc/httpa", place, ret_path, size) &&
           httpa_file_exists(ret_path);
}

bool httpa_place_cache(const char *name, char *ret_path, size_t size)
{
    char folder[HTTPA_PLACE_PATH];
    if (!user_folder("XDG_CACHE_HOME", ".cache", folder, sizeof(folder))) {
        return false;
    }
    int n = snprintf(ret_path, size, "%s/%s", folder, name);
    return n > 0 && (size_t)n < size;
}
