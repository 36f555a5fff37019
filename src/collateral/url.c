#include "collateral/url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (strncmp(host, "127.", 4) == 0 &&
            strspn(host, "0123456789.") == strlen(host));
}

bool httpa_url_is_plain(const char *text)
{
    return strncmp(text, "http://", 7) == 0;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return there;
}

bool httpa_url_is_base(const char *text, size_t more)
{
    char *host = NULL;
    CURLU *url = curl_url();
    bool ok = url != NULL && strlen(text) + more < HTTPA_URL_MAX &&
              curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
              curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
              !has_part(url, CURLUPART_USER) &&
              !has_part(url, CURLUPART_QUERY) &&
              !has_part(url, CURLUPART_FRAGMENT);
    if (ok) {
        ok = httpa_url_is_plain(text) ? is_loopback(host)
                                      : strncmp(text, "https://", 8) == 0;
    }
    curl_free(host);
    curl_url_cleanup(url);
    return ok;
}

static bool is_same(CURLU *a, CURLU *b, CURLUPart part)
{
    char *x = NULL;
    char *y = NULL;
    bool same =
        curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        strcmp(x, y) == 0;
    curl_free(x);
    curl_free(y);
    return same;
}

static bool is_same_origin(CURLU *a, CURLU *b)
{
    return is_same(a, b, CURLUPART_SCHEME) && is_same(a, b, CURLUPART_HOST) &&
           is_same(a, b, CURLUPART_PORT) && !has_part(b, CURLUPART_USER);
}

bool httpa_url_resolve(const char *base, const char *reference,
                       char ret_url[HTTPA_URL_MAX])
{
    char *text = NULL;
    CURLU *from = curl_url();
    CURLU *to = curl_url();
    bool ok = from != NULL && to != NULL &&
              curl_url_set(from, CURLUPART_URL, base, 0) == CURLUE_OK &&
              curl_url_set(to, CURLUPART_URL, base, 0) == CURLUE_OK &&
              curl_url_set(to, CURLUPART_URL, reference, 0) == CURLUE_OK &&
              is_same_origin(from, to) &&
              curl_url_get(to, CURLUPART_URL, &text, 0) == CURLUE_OK &&
              strlen(text) < HTTPA_URL_MAX;
    if (ok) {
        (void)snprintf(ret_url, HTTPA_URL_MAX, "%s", text);
    }
    curl_free(text);
    curl_url_cleanup(from);
    curl_url_cleanup(to);
    return ok;
}
