/* The service's own state, shared by the files of this folder. */
#ifndef HTTPA_SERVER_SERVICE_H
#define HTTPA_SERVER_SERVICE_H

#include <httpa/service.h>

#include <stdatomic.h>

#include "handshake/judge.h"
#include "session/bases.h"

/* Lists of a configuration that are copied. */
struct httpa_strings {
    char **v;
    size_t n;
};

struct httpa_service {
    const struct httpa_crypto *crypto;
    struct httpa_random random;
    struct httpa_strings origins;
    struct httpa_strings types;
    struct httpa_strings cors;
    char label[HTTPA_LIMIT_LABEL + 1];
    uint8_t configuration[32];
    const struct httpa_key *service_key;
    struct httpa_buf service_chain;
    bool offers_fresh;
    uint32_t max_age_s;
    uint32_t idle_s;
    uint32_t date_window_s;
    struct httpa_bases *bases;
    _Atomic int64_t drain_end_s; /* 0: not draining */
    _Atomic uint64_t handshakes;
    _Atomic uint64_t accepted;
    _Atomic uint64_t replays;
    _Atomic uint64_t unknown;
};

/* Adds the CORS fields of doc/protocol.md 16.3 to an answer to |request|;
 * nothing where its Origin is not configured. */
HTTPA_MUST_USE enum httpa_err
httpa_service_add_cors(const struct httpa_service *service,
                       const struct httpa_head *request,
                       struct httpa_outer *outer);

/* Reads the clear head of a request; every error is one of form, told to the
 * peer as `malformed`. */
HTTPA_MUST_USE enum httpa_err
httpa_service_read_head(const struct httpa_head *outer, enum httpa_place place,
                        struct httpa_ahl *ret_ahl);

/* Adds what every AtHS response and sealed response carries
 * (doc/protocol.md 13). */
HTTPA_MUST_USE enum httpa_err
httpa_service_add_sealed(struct httpa_outer *outer);

#endif
