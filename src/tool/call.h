/*
 * One request of the user's: sealed, sent, its answer verified and handed on
 * as it arrives; after a failure, what decide.h says.
 */
#ifndef HTTPA_TOOL_CALL_H
#define HTTPA_TOOL_CALL_H

#include "tool/peer.h"
#include "tool/source.h"

struct httpa_call {
    const struct httpa_head *inner; /* method, path, fields */
    struct httpa_source *source;
    struct httpa_clear_names clear;
    bool retry_unsafe;
    bool once; /* no second try, whatever the table says */

    /* The answer, verified; a failure ends the call. */
    enum httpa_err (*on_head)(void *ctx, const struct httpa_head *head);
    enum httpa_err (*on_data)(void *ctx, struct httpa_slice data);
    void (*on_sent)(void *ctx, size_t n); /* content handed out; or NULL */
    void *ctx;
};

struct httpa_call_result {
    const struct httpa_decision *decision; /* NULL: an answer, whole */
    struct httpa_sighting seen;
    bool refused;     /* the handshake was, not the request */
    bool safe;        /* repeating it would have been */
    bool sink_failed; /* on_head or on_data did */
    uint64_t number;  /* of the last try */
};

void httpa_call_run(struct httpa_peer *peer, const struct httpa_call *call,
                    struct httpa_call_result *ret_result);

#endif
