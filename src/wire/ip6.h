/* The text of an IPv6 address: any form of RFC 4291 2.2 in, the one form of
 * RFC 5952 out. */
#ifndef HTTPA_WIRE_IP6_H
#define HTTPA_WIRE_IP6_H

#include <httpa/slice.h>

/* Appends the canonical form of |text|, without brackets or zone.
 * HTTPA_ERR_MALFORMED; HTTPA_ERR_SPACE. */
HTTPA_MUST_USE enum httpa_err httpa_ip6_normalise(struct httpa_slice text,
                                                  struct httpa_buf *ret_out);

/* Whether |text| is four decimal numbers of a byte, without leading zeros. */
bool httpa_ip4_valid(struct httpa_slice text);

#endif
