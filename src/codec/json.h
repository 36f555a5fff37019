/*
 * Writing JSON (RFC 8259): verdicts, discovery documents, log lines.
 *
 * A document is written front to back into a struct httpa_buf; commas, colons
 * and indentation come by themselves:
 *
 *   struct httpa_json j = httpa_json_of(&buf, HTTPA_JSON_PRETTY);
 *   httpa_json_object(&j);
 *   httpa_json_key(&j, "result");
 *   httpa_json_str(&j, "accepted");
 *   httpa_json_key(&j, "checks");
 *   httpa_json_array(&j);
 *   ...
 *   httpa_json_end(&j);                       // the array
 *   httpa_json_end(&j);                       // the object
 *   err = httpa_json_check(&j);
 *
 * Whatever a string holds, the output is valid JSON, valid UTF-8 and free of
 * control characters, so a stranger's text can go to a log or a terminal:
 * bytes that are not UTF-8 become U+FFFD, as does NUL in a key; C0, DEL and C1
 * become \u escapes.
 *
 * Misuse (a value without a key in an object, an end without a begin, more
 * than HTTPA_JSON_DEPTH_MAX levels) writes nothing more and is told by
 * httpa_json_check.  Reading is "codec/json_read.h".
 */
#ifndef HTTPA_CODEC_JSON_H
#define HTTPA_CODEC_JSON_H

#include <httpa/slice.h>

/* Our documents have six levels at most; a bit for each in one word. */
#define HTTPA_JSON_DEPTH_MAX 32

enum httpa_json_form {
    HTTPA_JSON_COMPACT, /* one line, no spaces */
    HTTPA_JSON_PRETTY   /* two spaces per level; no newline at the end */
};

struct httpa_json {
    struct httpa_buf *out;
    enum httpa_json_form form;
    unsigned depth;
    uint32_t objects; /* bit d: level d is an object */
    uint32_t begun;   /* bit d: level d has a member */
    bool keyed;       /* a key waits for its value */
    bool done;        /* the outermost value is complete */
    bool misused;
};

/* A writer at the start of a document, appending to |out|. */
struct httpa_json
httpa_json_of(struct httpa_buf *out, enum httpa_json_form form);

void httpa_json_object(struct httpa_json *j); /* begins an object */
void httpa_json_array(struct httpa_json *j);  /* begins an array */
void httpa_json_end(struct httpa_json *j);    /* ends the innermost */

void httpa_json_key(struct httpa_json *j, const char *key);
void httpa_json_key_slice(struct httpa_json *j, struct httpa_slice key);

void httpa_json_string(struct httpa_json *j, struct httpa_slice s);
void httpa_json_str(struct httpa_json *j, const char *s); /* NULL: null */
void httpa_json_integer(struct httpa_json *j, int64_t v);
void httpa_json_unsigned(struct httpa_json *j, uint64_t v);

/* |v| thousandths as a number: 60 is 0.06, 1500 is 1.5, 2000 is 2. */
void httpa_json_thousandths(struct httpa_json *j, uint64_t v);

void httpa_json_boolean(struct httpa_json *j, bool v);
void httpa_json_null(struct httpa_json *j);

/* Lower-case hex of |s| as a string. */
void httpa_json_hex(struct httpa_json *j, struct httpa_slice s);

/* RFC 3339 UTC as a string; a time out of range fails the buffer. */
void httpa_json_time(struct httpa_json *j, int64_t unix_s);

/* HTTPA_OK when one whole document stands; HTTPA_ERR_USAGE after misuse or
 * before the end; HTTPA_ERR_SPACE when it did not fit. */
HTTPA_MUST_USE enum httpa_err httpa_json_check(const struct httpa_json *j);

#endif
