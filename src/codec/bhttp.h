/*
 * Binary HTTP heads (RFC 9292): the head of a message inside a sealed record.
 *
 * One form of the many: known-length (framing indicator 0 or 1), no
 * informational responses, cut off behind the header section as RFC 9292 3.8
 * allows, and nothing after it.  Trailers are a known-length field section by
 * itself.  Only the form is checked here; what names, values and paths may be
 * is the wire layer's (doc/protocol.md, "Rebuilding").
 *
 * Reading accepts a variable-length integer of any width, as RFC 9000 16
 * does; writing uses the shortest.  Slices are borrowed from the input.
 */
#ifndef HTTPA_CODEC_BHTTP_H
#define HTTPA_CODEC_BHTTP_H

#include <httpa/message.h>

/* A head, or a section of trailers, with room left in a record of 65,536. */
#define HTTPA_BHTTP_HEAD_MAX 65000u
/* Names in use are under 64 bytes. */
#define HTTPA_BHTTP_NAME_MAX 256u
/* Twice what servers allow a line by default. */
#define HTTPA_BHTTP_VALUE_MAX 32768u
/* Fields: HTTPA_FIELDS_MAX of <httpa/message.h>. */

/*
 * Reads a head that is the whole of |in| into |ret_head|, whose fields.v and
 * fields.cap the caller has set (httpa_head_init); fields read before an
 * error was met may be left in fields.v, everything else stays as it was.
 *
 * Errors: HTTPA_ERR_TRUNCATED; HTTPA_ERR_TRAILING for anything after the
 * header section; HTTPA_ERR_UNSUPPORTED for another framing indicator or an
 * informational response; HTTPA_ERR_RANGE for a status above 599 or a limit
 * above; HTTPA_ERR_LIMIT for more fields than fit; HTTPA_ERR_MALFORMED for an
 * empty name or a line that crosses the end of its section.
 */
HTTPA_MUST_USE enum httpa_err
httpa_bhttp_head_read(struct httpa_slice in, struct httpa_head *ret_head);

/* Reads a field section that is the whole of |in|: as above. */
HTTPA_MUST_USE enum httpa_err
httpa_bhttp_fields_read(struct httpa_slice in, struct httpa_fields *ret_fields);

/* Writes a head or a field section.  HTTPA_ERR_RANGE when it would not be
 * read again: limits, an empty name, a status outside 200 to 599;
 * HTTPA_ERR_SPACE when it does not fit. */
HTTPA_MUST_USE enum httpa_err
httpa_bhttp_head_write(const struct httpa_head *head, struct httpa_buf *ret_b);
HTTPA_MUST_USE enum httpa_err
httpa_bhttp_fields_write(const struct httpa_fields *fields,
                         struct httpa_buf *ret_b);

#endif
