/*
 * What the program tells a person, on stderr.  Bytes of strangers are shown
 * with httpa_say_bytes only: a terminal obeys what it is sent.
 */
#ifndef HTTPA_TOOL_SAY_H
#define HTTPA_TOOL_SAY_H

#include <stdio.h>

#include <httpa/slice.h>

/* "httpa: ..." and a newline.  What is not printable ASCII or UTF-8 in the
 * result is escaped. */
void httpa_say(const char *format, ...) HTTPA_PRINTF(1, 2);

/* The one command to type next: the last line of every failure. */
void httpa_say_next(const char *format, ...) HTTPA_PRINTF(1, 2);

/* Nothing but failures from now on (-s: not even those). */
void httpa_say_quiet(bool quiet);

/* Bytes of the character that |s| (not empty) begins with, if a terminal only
 * shows it; 0: a control, or no character at all. */
size_t httpa_say_harmless(struct httpa_slice s);

/* |s| with everything that a terminal might obey shown as \xNN. */
void httpa_say_bytes(FILE *to, struct httpa_slice s);

/* The same into |room|, cut to what fits, zero-terminated; returns |room|. */
const char *httpa_say_clean(struct httpa_slice s, char *room, size_t size);

#endif
