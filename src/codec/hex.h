/* Reading hex; writing is httpa_write_hex of base/writer.h. */
#ifndef HTTPA_CODEC_HEX_H
#define HTTPA_CODEC_HEX_H

#include <httpa/slice.h>

/*
 * Decodes all of |in|, digits of either case, two per byte, and appends the
 * bytes to |out|.
 *
 * HTTPA_ERR_MALFORMED  another character, or an odd number of digits
 * HTTPA_ERR_SPACE      |out| is too small; it has then failed
 * On failure the bytes of |out| are as before.
 */
HTTPA_MUST_USE enum httpa_err
httpa_hex_read(struct httpa_slice in, struct httpa_buf *out);

#endif
