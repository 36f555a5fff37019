/*
 * The chunked coding, as far as the last chunk's line (RFC 9112 7.1).  What
 * follows it, the trailer section, is fields and belongs to http1_read.
 *
 * Strict: a size is hex digits followed at once by CRLF or by an extension,
 * lines end in CRLF, data is followed by CRLF.  Extensions are read, bounded
 * and forgotten.
 */
#ifndef HTTPA_ENGINE_HTTP1_CHUNKED_H
#define HTTPA_ENGINE_HTTP1_CHUNKED_H

#include <httpa/slice.h>

#include "engine/http1_fault.h"

/* Bytes of one chunk's extensions, ';' included; the longest in use (signed
 * chunks of object stores) have about 90. */
#define HTTPA_HTTP1_EXT_MAX 256u

struct httpa_http1_chunked {
    enum {
        HTTPA_CHUNK_SIZE,
        HTTPA_CHUNK_EXT,
        HTTPA_CHUNK_SIZE_LF,
        HTTPA_CHUNK_DATA,
        HTTPA_CHUNK_DATA_CR,
        HTTPA_CHUNK_DATA_LF,
        HTTPA_CHUNK_LAST /* the line of size 0 is complete */
    } state;
    uint64_t left;   /* of the chunk's size, or of its data */
    unsigned digits; /* of the size, so far */
    unsigned ext;    /* bytes of extension, so far */
};

/* Before the first byte. */
void httpa_http1_chunked_init(struct httpa_http1_chunked *c);

/*
 * Takes bytes from the front of |in| up to and including one piece of data,
 * which *ret_data borrows from |in|; empty when |in| ran out or the state
 * reached HTTPA_CHUNK_LAST.
 */
enum httpa_http1_fault httpa_http1_chunked_read(struct httpa_http1_chunked *c,
                                                struct httpa_slice *in,
                                                struct httpa_slice *ret_data);

#endif
