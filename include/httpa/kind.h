/* What an outer request is (doc/protocol.md 3.1), by its method and the names
 * of its fields alone.  Nothing is parsed and nothing is looked up here. */
#ifndef HTTPA_KIND_H
#define HTTPA_KIND_H

#include <httpa/message.h>

#define HTTPA_WELL_KNOWN "/.well-known/httpa"

enum httpa_kind {
    HTTPA_KIND_UNSET = 0,  /* never the answer */
    HTTPA_KIND_PREFLIGHT,  /* 204 */
    HTTPA_KIND_DISCOVERY,  /* discovery and health */
    HTTPA_KIND_ATHS,       /* handshake */
    HTTPA_KIND_SEALED,     /* AtSP or TrR: the inner method tells */
    HTTPA_KIND_CLEAR_FORM, /* clear-content form, reserved: malformed */
    HTTPA_KIND_MALFORMED,  /* half of something: never a UtR */
    HTTPA_KIND_UNTRUSTED   /* UtR */
};

enum httpa_kind httpa_kind_of(const struct httpa_head *outer);

/* A short name for logs, never NULL. */
const char *httpa_kind_name(enum httpa_kind kind);

#endif
