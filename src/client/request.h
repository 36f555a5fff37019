/* One request on a session, shared by its writing and reading halves. */
#ifndef HTTPA_CLIENT_REQUEST_H
#define HTTPA_CLIENT_REQUEST_H

#include "client/session.h"
#include "session/message_read.h"
#include "session/message_write.h"
#include "session/ticket.h"

struct httpa_request {
    struct httpa_session *session;
    uint64_t n;
    struct httpa_ticket ticket;
    struct httpa_ahl sealed; /* our fields of the inner head */
    struct httpa_buf head_room;
    struct httpa_message_writer writer;
    struct httpa_message_reader reader;
    uint8_t method[HTTPA_LIMIT_METHOD];
    size_t method_len;
    bool begun;                       /* ticket and head were made */
    bool ended;                       /* the final record was written */
    bool answered;                    /* the binder verified */
    struct httpa_buf kept;            /* of the answer's outer head */
    uint8_t error[HTTPA_LIMIT_VALUE]; /* sealed Attest-Error */
    size_t error_len;
};

#endif
