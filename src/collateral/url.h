/* URLs of services that are asked something. */
#ifndef HTTPA_COLLATERAL_URL_H
#define HTTPA_COLLATERAL_URL_H

#include <stdbool.h>
#include <stddef.h>

#define HTTPA_URL_MAX 1024u

/* Whether |text| is where a service begins: https://HOST[:PORT][/PATH], or
 * http:// to this machine, without user, query and fragment, and leaves room
 * for |more| characters behind it. */
bool httpa_url_is_base(const char *text, size_t more);

/* Whether |text| is without TLS. */
bool httpa_url_is_plain(const char *text);

/* What |reference| is, seen from |base| (RFC 3986 5): false if it is none, of
 * another origin, or too long for |ret_url|. */
bool httpa_url_resolve(const char *base, const char *reference,
                       char ret_url[HTTPA_URL_MAX]);

#endif
