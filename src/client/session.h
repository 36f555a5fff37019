/* A session: a base at the client, and what its requests share. */
#ifndef HTTPA_CLIENT_SESSION_H
#define HTTPA_CLIENT_SESSION_H

#include <httpa/client.h>

#include "session/base.h"

struct httpa_session {
    const struct httpa_crypto *crypto;
    enum httpa_padding padding;
    struct httpa_base base;
    char origin[HTTPA_LIMIT_TARGET + 1];
};

/* What a handshake leaves behind. */
struct httpa_session_start {
    const struct httpa_crypto *crypto;
    enum httpa_padding padding;
    struct httpa_slice origin;
    struct httpa_slice base_id; /* the Token */
    const struct httpa_keys *keys;
    int64_t now_s;
    int64_t max_age_s;
    int64_t idle_s; /* 0: none */
    int64_t end_s;  /* of what the session relies on; 0: nothing */
};

/* HTTPA_ERR_MALFORMED: the Base-ID; HTTPA_ERR_MEMORY. */
HTTPA_MUST_USE enum httpa_err
httpa_session_new(const struct httpa_session_start *start,
                  struct httpa_session **ret_session);

#endif
