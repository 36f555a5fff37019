/* Addresses as people write them: ADDR:PORT, :PORT, unix:PATH, http://H:P. */
#ifndef HTTPA_GATEWAY_ADDRESS_H
#define HTTPA_GATEWAY_ADDRESS_H

#include <httpa/slice.h>

struct httpa_address {
    const char *unix_path; /* borrowed from the text; NULL: TCP */
    char host[256];        /* empty: every address */
    uint16_t port;
};

/* "127.0.0.1:8080", "[::1]:8080", ":8080", "*:8080", "unix:/run/x.sock".
 * Port 0 is allowed: a free one.  HTTPA_ERR_CONFIG. */
HTTPA_MUST_USE enum httpa_err
httpa_address_read_listen(const char *text, struct httpa_address *ret);

/* "unix:/run/app.sock", "http://127.0.0.1:3000", "http://app" (port 80).
 * HTTPA_ERR_CONFIG, also for a path behind the port. */
HTTPA_MUST_USE enum httpa_err
httpa_address_read_upstream(const char *text, struct httpa_address *ret);

#endif
