/*
 * A head while it is being parsed: what http1_start and http1_head tell each
 * other.  Nobody else includes this.
 */
#ifndef HTTPA_ENGINE_HTTP1_PARSE_H
#define HTTPA_ENGINE_HTTP1_PARSE_H

#include "engine/http1_read.h"

/* Names in Connection besides close and keep-alive; real ones have two. */
#define HTTPA_HTTP1_NAMED_MAX 8u

/* A field that may stand once: its value and how often it stood. */
struct httpa_http1_single {
    struct httpa_slice value;
    unsigned count;
};

struct httpa_http1_parse {
    struct httpa_http1_reader *r;
    struct httpa_http1_single host;
    struct httpa_http1_single length;
    struct httpa_http1_single coding;
    struct httpa_slice target_authority; /* absolute-form only */
    bool close;
    bool keep;
    struct httpa_slice named[HTTPA_HTTP1_NAMED_MAX]; /* by Connection */
    size_t named_count;
};

/* RFC 9112 3 and 4: the first line, without its CRLF. */
enum httpa_http1_fault
httpa_http1_request_line(struct httpa_http1_parse *p, struct httpa_slice line);
enum httpa_http1_fault
httpa_http1_status_line(struct httpa_http1_parse *p, struct httpa_slice line);

/* RFC 9112 3.2: sets the request's authority from Host and target. */
enum httpa_http1_fault httpa_http1_authority(struct httpa_http1_parse *p);

/* RFC 9110 5.5: anything but visible characters, SP, HTAB and obs-text. */
bool httpa_http1_has_control(struct httpa_slice s);

/* Where the first |c| is; s.n when there is none. */
size_t httpa_http1_find(struct httpa_slice s, uint8_t c);

#endif
