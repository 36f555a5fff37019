/*
 * Attest-Policies and Attest-Base-Creation: what a client demands of a base
 * and what the service granted (doc/protocol.md 5.2, 5.5).
 */
#ifndef HTTPA_HANDSHAKE_DEMANDS_H
#define HTTPA_HANDSHAKE_DEMANDS_H

#include <httpa/evidence.h>

#include "codec/sfv.h"

#define HTTPA_BINDINGS_MAX 3u /* fresh, batch, key */

struct httpa_demands {
    bool direct;
    bool indirect;
    bool allow_untrusted;
    /* Bindings in the order named; none named means that all are accepted.
     * A binding of this version only: `batch` is counted as named. */
    enum httpa_binding bindings[HTTPA_BINDINGS_MAX];
    size_t binding_count;
    bool names_bindings;
    int64_t key_max_age_s; /* of `key`; 0: not named */
};

/* Whether |binding| is among those accepted. */
bool httpa_demands_accept(const struct httpa_demands *d,
                          enum httpa_binding binding);

/* Appends the canonical text of Attest-Policies as an offer. */
void httpa_demands_write(const struct httpa_demands *d, struct httpa_buf *out);

/* Reads Attest-Policies of a request.  HTTPA_ERR_MALFORMED for a parameter
 * of another type, `key` without max-age, a Token twice, or `direct` together
 * with `indirect`. */
HTTPA_MUST_USE enum httpa_err
httpa_demands_read(struct httpa_slice text, struct httpa_sfv_room *room,
                   struct httpa_demands *ret_demands);

/* Reads Attest-Policies of a response: bindings stand without parameters. */
HTTPA_MUST_USE enum httpa_err
httpa_grants_read(struct httpa_slice text, struct httpa_sfv_room *room,
                  struct httpa_demands *ret_grants);

enum httpa_creation {
    HTTPA_CREATION_NONE = 0, /* no demand */
    HTTPA_CREATION_NEW,
    HTTPA_CREATION_REUSE,
    HTTPA_CREATION_SHARED
};

#define HTTPA_CREATIONS_MAX 3u

const char *httpa_creation_name(enum httpa_creation c);

/* A Token's creation, or NONE. */
enum httpa_creation httpa_creation_find(struct httpa_slice token);

#endif
