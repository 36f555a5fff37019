#include "gateway/address.h"

#include <string.h>

#include "base/ascii.h"

#define PORT_MAX 65535u
#define HTTP_PORT 80

static enum httpa_err read_port(const char *digits, uint16_t *ret_port)
{
    uint32_t v = 0;
    size_t n = strlen(digits);
    if (n == 0 || n > 5) {
        return HTTPA_ERR_CONFIG;
    }
    for (size_t i = 0; i < n; i++) {
        if (!httpa_ascii_is_digit((uint8_t)digits[i])) {
            return HTTPA_ERR_CONFIG;
        }
        v = v * 10 + (uint32_t)(digits[i] - '0');
    }
    if (v > PORT_MAX) {
        return HTTPA_ERR_CONFIG;
    }
    *ret_port = (uint16_t)v;
    return HTTPA_OK;
}

/* Letters, digits and what names and addresses have besides. */
static bool host_is_clean(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)p[i];
        if (!httpa_ascii_is_alpha(c) && !httpa_ascii_is_digit(c) &&
            strchr(".:-_%", c) == NULL) {
            return false;
        }
    }
    return true;
}

static enum httpa_err
copy_host(const char *p, size_t n, struct httpa_address *a)
{
    if (n >= 2 && p[0] == '[' && p[n - 1] == ']') {
        p++;
        n -= 2;
    } else if (memchr(p, ':', n) != NULL) {
        return HTTPA_ERR_CONFIG; /* IPv6 without brackets */
    }
    if (n >= sizeof(a->host) || !host_is_clean(p, n)) {
        return HTTPA_ERR_CONFIG;
    }
    memcpy(a->host, p, n);
    return HTTPA_OK;
}

static enum httpa_err read_unix(const char *path, struct httpa_address *ret)
{
    if (path[0] == '\0') {
        return HTTPA_ERR_CONFIG;
    }
    *ret = (struct httpa_address){ .unix_path = path };
    return HTTPA_OK;
}

/* HOST:PORT; the colon is the last one outside of brackets. */
static enum httpa_err
read_tcp(const char *text, const char *colon, struct httpa_address *ret)
{
    struct httpa_address a = { .port = HTTP_PORT };
    size_t n = colon != NULL ? (size_t)(colon - text) : strlen(text);
    enum httpa_err err = copy_host(text, n, &a);
    if (err == HTTPA_OK && colon != NULL) {
        err = read_port(colon + 1, &a.port);
    }
    if (err == HTTPA_OK) {
        *ret = a;
    }
    return err;
}

static const char *find_colon(const char *text)
{
    const char *colon = strrchr(text, ':');
    const char *bracket = strrchr(text, ']');
    return colon != NULL && bracket != NULL && colon < bracket ? NULL : colon;
}

enum httpa_err
httpa_address_read_listen(const char *text, struct httpa_address *ret)
{
    if (strncmp(text, "unix:", 5) == 0) {
        return read_unix(text + 5, ret);
    }
    const char *colon = find_colon(text);
    if (colon == NULL) {
        return HTTPA_ERR_CONFIG;
    }
    if (text[0] == '*' && colon == text + 1) {
        text++;
    }
    return read_tcp(text, colon, ret);
}

enum httpa_err
httpa_address_read_upstream(const char *text, struct httpa_address *ret)
{
    struct httpa_address a = { 0 };
    if (strncmp(text, "unix:", 5) == 0) {
        return read_unix(text + 5, ret);
    }
    if (strncmp(text, "http://", 7) != 0) {
        return HTTPA_ERR_CONFIG;
    }
    text += 7;
    enum httpa_err err = read_tcp(text, find_colon(text), &a);
    if (err == HTTPA_OK && (a.host[0] == '\0' || a.port == 0)) {
        err = HTTPA_ERR_CONFIG;
    }
    if (err == HTTPA_OK) {
        *ret = a;
    }
    return err;
}
