/*
 * The two sections of fields in an HTTP/1.1 message, once all their bytes
 * are there: part of http1_read, apart because it needs no state.
 */
#ifndef HTTPA_ENGINE_HTTP1_HEAD_H
#define HTTPA_ENGINE_HTTP1_HEAD_H

#include "engine/http1_read.h"

/*
 * Parses r->section, a head: lines that end in CRLF, the last one empty.
 * Sets head, content, version, keep_alive, expect_continue; lower-cases
 * names in place.
 */
enum httpa_http1_fault httpa_http1_head_parse(struct httpa_http1_reader *r);

/* Parses r->section, a trailer section, into r->trailers. */
enum httpa_http1_fault httpa_http1_trailers_parse(struct httpa_http1_reader *r);

#endif
