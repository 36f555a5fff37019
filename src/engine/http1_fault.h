/*
 * Why a message was refused: one row for each rule that can be broken.  The
 * reason is a stable word for logs and tests; the status is what a server
 * answers.  A peer learns the status only.
 */
#ifndef HTTPA_ENGINE_HTTP1_FAULT_H
#define HTTPA_ENGINE_HTTP1_FAULT_H

#include <httpa/error.h>

enum httpa_http1_fault {
    HTTPA_HTTP1_FINE,
    HTTPA_HTTP1_BARE_LF,
    HTTPA_HTTP1_CONTROL,
    HTTPA_HTTP1_OBS_FOLD,
    HTTPA_HTTP1_HEAD_SIZE,
    HTTPA_HTTP1_FIELD_COUNT,
    HTTPA_HTTP1_LINE_SIZE,
    HTTPA_HTTP1_REQUEST_LINE,
    HTTPA_HTTP1_STATUS_LINE,
    HTTPA_HTTP1_METHOD,
    HTTPA_HTTP1_METHOD_SIZE,
    HTTPA_HTTP1_CONNECT,
    HTTPA_HTTP1_TARGET,
    HTTPA_HTTP1_VERSION,
    HTTPA_HTTP1_FIELD_NAME,
    HTTPA_HTTP1_HOST_MISSING,
    HTTPA_HTTP1_HOST_REPEATED,
    HTTPA_HTTP1_HOST,
    HTTPA_HTTP1_HOST_DIFFERS,
    HTTPA_HTTP1_LENGTH,
    HTTPA_HTTP1_LENGTH_REPEATED,
    HTTPA_HTTP1_LENGTH_SIZE,
    HTTPA_HTTP1_CODING,
    HTTPA_HTTP1_CODING_REPEATED,
    HTTPA_HTTP1_CODING_WITH_LENGTH,
    HTTPA_HTTP1_CODING_IN_10,
    HTTPA_HTTP1_CONNECTION,
    HTTPA_HTTP1_EXPECT,
    HTTPA_HTTP1_NO_CONTENT,
    HTTPA_HTTP1_SWITCHED,
    HTTPA_HTTP1_INTERIMS,
    HTTPA_HTTP1_CHUNK_SIZE,
    HTTPA_HTTP1_CHUNK_LARGE,
    HTTPA_HTTP1_CHUNK_EXT,
    HTTPA_HTTP1_CHUNK_END,
    HTTPA_HTTP1_TRAILER_SIZE,
    HTTPA_HTTP1_TRAILER_COUNT,
    HTTPA_HTTP1_TRAILER_NAME,
    HTTPA_HTTP1_CUT_OFF,
    HTTPA_HTTP1_MEMORY,
    HTTPA_HTTP1_FAULTS /* how many */
};

struct httpa_http1_refusal {
    const char *reason; /* "bare-lf" */
    unsigned status;    /* 400, 413, 414, 417, 431, 500, 501, 505 */
    enum httpa_err err;
};

/* The row of |fault|; never NULL. */
const struct httpa_http1_refusal *
httpa_http1_refusal(enum httpa_http1_fault fault);

#endif
