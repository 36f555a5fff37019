/*
 * Points in time as text.  A time is Unix seconds, UTC, from the year 0001 to
 * the year 9999 of the Gregorian calendar counted backwards where need be; no
 * leap seconds, no zones, no fractions, no locale, no libc.
 *
 *   RFC 3339      1994-11-06T08:49:37Z             policies, verdicts, logs
 *   IMF-fixdate   Sun, 06 Nov 1994 08:49:37 GMT    Date and its like
 *
 * Readers accept exactly what the writers produce: one time, one text.
 */
#ifndef HTTPA_CODEC_TIME_H
#define HTTPA_CODEC_TIME_H

#include <httpa/slice.h>

#define HTTPA_TIME_MIN (-62135596800) /* 0001-01-01T00:00:00Z */
#define HTTPA_TIME_MAX 253402300799   /* 9999-12-31T23:59:59Z */

/* Bytes that the writers append. */
#define HTTPA_TIME_RFC3339_LEN 20
#define HTTPA_TIME_IMF_LEN 29

/* RFC 3339 5.6 with "T" and "Z"; a time out of range fails |b|. */
void httpa_time_write_rfc3339(struct httpa_buf *b, int64_t unix_s);

/* RFC 9110 5.6.7 IMF-fixdate; a time out of range fails |b|. */
void httpa_time_write_imf(struct httpa_buf *b, int64_t unix_s);

/* HTTPA_ERR_MALFORMED for another shape, a day or hour that does not exist,
 * or (IMF) the wrong day of the week. */
HTTPA_MUST_USE enum httpa_err
httpa_time_read_rfc3339(struct httpa_slice in, int64_t *ret_unix_s);
HTTPA_MUST_USE enum httpa_err
httpa_time_read_imf(struct httpa_slice in, int64_t *ret_unix_s);

#endif
