#include "engine/http1_fault.h"

static const struct httpa_http1_refusal rows[HTTPA_HTTP1_FAULTS] = {
    [HTTPA_HTTP1_FINE] = { "fine", 200, HTTPA_OK },
    /* RFC 9112 2.2: a recipient may take it for CRLF; peers differ there */
    [HTTPA_HTTP1_BARE_LF] = { "bare-lf", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9110 5.5, and RFC 9112 2.2 for a bare CR */
    [HTTPA_HTTP1_CONTROL] = { "control", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9112 5.2, and 2.2 for white space before the first field */
    [HTTPA_HTTP1_OBS_FOLD] = { "obs-fold", 400, HTTPA_ERR_MALFORMED },
    /* RFC 6585 5 */
    [HTTPA_HTTP1_HEAD_SIZE] = { "head-size", 431, HTTPA_ERR_LIMIT },
    [HTTPA_HTTP1_FIELD_COUNT] = { "field-count", 431, HTTPA_ERR_LIMIT },
    /* RFC 9112 3 */
    [HTTPA_HTTP1_LINE_SIZE] = { "line-size", 414, HTTPA_ERR_LIMIT },
    [HTTPA_HTTP1_REQUEST_LINE] = { "request-line", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9112 4 */
    [HTTPA_HTTP1_STATUS_LINE] = { "status-line", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9110 9.1 */
    [HTTPA_HTTP1_METHOD] = { "method", 400, HTTPA_ERR_MALFORMED },
    [HTTPA_HTTP1_METHOD_SIZE] = { "method-size", 501, HTTPA_ERR_UNSUPPORTED },
    [HTTPA_HTTP1_CONNECT] = { "connect", 501, HTTPA_ERR_UNSUPPORTED },
    /* RFC 9112 3.2 */
    [HTTPA_HTTP1_TARGET] = { "target", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9112 2.3 */
    [HTTPA_HTTP1_VERSION] = { "version", 505, HTTPA_ERR_UNSUPPORTED },
    /* RFC 9112 5.1: also white space before the colon */
    [HTTPA_HTTP1_FIELD_NAME] = { "field-name", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9112 3.2 */
    [HTTPA_HTTP1_HOST_MISSING] = { "host-missing", 400, HTTPA_ERR_MISSING },
    [HTTPA_HTTP1_HOST_REPEATED] = { "host-repeated", 400, HTTPA_ERR_DUPLICATE },
    [HTTPA_HTTP1_HOST] = { "host", 400, HTTPA_ERR_MALFORMED },
    [HTTPA_HTTP1_HOST_DIFFERS] = { "host-differs", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9112 6.3 */
    [HTTPA_HTTP1_LENGTH] = { "length", 400, HTTPA_ERR_MALFORMED },
    [HTTPA_HTTP1_LENGTH_REPEATED] = { "length-repeated", 400,
                                      HTTPA_ERR_DUPLICATE },
    [HTTPA_HTTP1_LENGTH_SIZE] = { "length-size", 413, HTTPA_ERR_LIMIT },
    /* RFC 9112 6.1 */
    [HTTPA_HTTP1_CODING] = { "coding", 501, HTTPA_ERR_UNSUPPORTED },
    [HTTPA_HTTP1_CODING_REPEATED] = { "coding-repeated", 400,
                                      HTTPA_ERR_DUPLICATE },
    [HTTPA_HTTP1_CODING_WITH_LENGTH] = { "coding-with-length", 400,
                                         HTTPA_ERR_MALFORMED },
    [HTTPA_HTTP1_CODING_IN_10] = { "coding-in-1.0", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9110 7.6.1 */
    [HTTPA_HTTP1_CONNECTION] = { "connection", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9110 10.1.1 */
    [HTTPA_HTTP1_EXPECT] = { "expect", 417, HTTPA_ERR_UNSUPPORTED },
    /* RFC 9110 8.6, RFC 9112 6.1: 1xx and 204 declare no content */
    [HTTPA_HTTP1_NO_CONTENT] = { "no-content", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9110 15.2.2: nobody asked for it */
    [HTTPA_HTTP1_SWITCHED] = { "switched", 501, HTTPA_ERR_UNSUPPORTED },
    [HTTPA_HTTP1_INTERIMS] = { "interims", 400, HTTPA_ERR_LIMIT },
    /* RFC 9112 7.1 */
    [HTTPA_HTTP1_CHUNK_SIZE] = { "chunk-size", 400, HTTPA_ERR_MALFORMED },
    [HTTPA_HTTP1_CHUNK_LARGE] = { "chunk-large", 413, HTTPA_ERR_LIMIT },
    [HTTPA_HTTP1_CHUNK_EXT] = { "chunk-ext", 400, HTTPA_ERR_MALFORMED },
    [HTTPA_HTTP1_CHUNK_END] = { "chunk-end", 400, HTTPA_ERR_MALFORMED },
    /* RFC 9112 7.1.2, RFC 9110 6.5.1 */
    [HTTPA_HTTP1_TRAILER_SIZE] = { "trailer-size", 431, HTTPA_ERR_LIMIT },
    [HTTPA_HTTP1_TRAILER_COUNT] = { "trailer-count", 431, HTTPA_ERR_LIMIT },
    [HTTPA_HTTP1_TRAILER_NAME] = { "trailer-name", 400, HTTPA_ERR_PLACE },
    /* RFC 9112 8 */
    [HTTPA_HTTP1_CUT_OFF] = { "cut-off", 400, HTTPA_ERR_TRUNCATED },
    [HTTPA_HTTP1_MEMORY] = { "memory", 500, HTTPA_ERR_MEMORY },
};

const struct httpa_http1_refusal *
httpa_http1_refusal(enum httpa_http1_fault fault)
{
    return &rows[fault < HTTPA_HTTP1_FAULTS ? fault : HTTPA_HTTP1_MEMORY];
}
