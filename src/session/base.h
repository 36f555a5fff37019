/*
 * A base (AtB): what a handshake leaves behind on both sides, and what every
 * sealed message lives on (doc/protocol.md 12).
 *
 * The client owns its bases one by one (httpa_base_init, _done).  The
 * server's live in the table of session/bases.h, whose lock guards window,
 * state and reference count; keys, names and limits never change.
 *
 * Memory that holds keys is wiped when the base ends and the last message
 * that runs on it is done.
 */
#ifndef HTTPA_SESSION_BASE_H
#define HTTPA_SESSION_BASE_H

#include "crypto/schedule.h"
#include "session/meter.h"
#include "session/numbers.h"
#include "session/record.h"
#include "session/window.h"
#include "wire/base_id.h"

#define HTTPA_BASE_HASH 16u /* bytes of SHA-256 over the id's text */

enum httpa_base_state {
    HTTPA_BASE_UNSET = 0,
    HTTPA_BASE_UNCONFIRMED, /* no ticket verified yet */
    HTTPA_BASE_OPEN,
    HTTPA_BASE_CLOSING /* no ticket is accepted; running answers finish */
};

/* What a handshake says about its base.  Times are of any clock that never
 * goes back, in seconds; the caller passes the same one everywhere. */
struct httpa_base_start {
    struct httpa_base_id id;
    const struct httpa_keys *keys; /* copied */
    struct httpa_slice target;     /* borrowed: interned by the owner */
    int64_t now_s;
    int64_t max_age_s; /* as announced */
    int64_t idle_s;    /* 0: none */
};

struct httpa_base {
    struct httpa_keys keys;
    struct httpa_base_id id;
    uint8_t hash[HTTPA_BASE_HASH]; /* server: names it without being its id */
    enum httpa_base_state state;
    struct httpa_slice target;
    /* At the server HTTPA_TIME_GRACE_S later; read without its lock. */
    _Atomic int64_t expires_s;
    int64_t idle_s;
    int64_t used_s; /* last verified ticket or sent record; creation */
    int64_t created_s;
    struct httpa_meter client; /* what the client's key has sealed */
    struct httpa_meter server; /* what the server's key has sealed */
    union {
        struct httpa_window window;   /* server */
        struct httpa_numbers numbers; /* client */
    };
    uint64_t failures; /* tickets that did not verify */
    uint8_t tries;     /* of what costs: activations */
    uint32_t refs;     /* messages that run */
    uint32_t stripe;   /* of the table */
    struct httpa_base *next;  /* in its bucket, or in the list of free ones */
    struct httpa_base *older; /* among the unconfirmed of its stripe */
    struct httpa_base *newer;
};

/* A base of its own, at the client: HTTPA_BASE_OPEN. */
void httpa_base_init(struct httpa_base *b, const struct httpa_base_start *s);
void httpa_base_done(struct httpa_base *b); /* wipes */

/* Whether |b| has ended by age or idleness at |now_s|. */
bool httpa_base_expired(const struct httpa_base *b, int64_t now_s);

/* Brings the end forward to |now_s| + |max_age_s|; never back. */
void httpa_base_shorten(struct httpa_base *b, int64_t now_s,
                        int64_t max_age_s);

/* The lane of message |n| in one direction, bound by |bind|. */
struct httpa_lane_start
httpa_base_lane_client(struct httpa_base *b, const struct httpa_crypto *crypto,
                       uint64_t n, struct httpa_slice bind);
struct httpa_lane_start
httpa_base_lane_server(struct httpa_base *b, const struct httpa_crypto *crypto,
                       uint64_t n, struct httpa_slice bind);

#endif
