#include "tool/decide.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Retry-After is a stranger's: no longer than this. */
#define WAIT_MAX_S 30

#define NO_ANSWER HTTPA_EXIT_NO_ANSWER
#define MAYBE HTTPA_EXIT_MAYBE
#define SERVICE HTTPA_EXIT_SERVICE
#define PROTOCOL HTTPA_EXIT_PROTOCOL

static const struct httpa_decision rows[] = {
    { 1, HTTPA_STEP_AGAIN, HTTPA_STEP_AGAIN, 3, NO_ANSWER, NO_ANSWER,
      "no connection; nothing was sent", "curl -v" },
    { 2, HTTPA_STEP_AS_POST, HTTPA_STEP_AS_POST, 1, NO_ANSWER, NO_ANSWER,
      "the method ATTEST was refused on the way", "httpa doctor" },
    { 3, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, NO_ANSWER, NO_ANSWER,
      "something on the way answered, not an HTTPA service; your request was "
      "not sent",
      "httpa doctor" },
    { 4, HTTPA_STEP_AGAIN, HTTPA_STEP_SUPERSEDE, 1, NO_ANSWER, MAYBE,
      "something on the way has no answer now", "httpa doctor" },
    { 5, HTTPA_STEP_AGAIN, HTTPA_STEP_AGAIN, 3, SERVICE, SERVICE,
      "the service is busy or stopping; your request was not sent", "httpa" },
    { 6, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, SERVICE, SERVICE,
      "the service refused the handshake; your request was not sent",
      "httpa doctor" },
    { 7, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, PROTOCOL, PROTOCOL,
      "the answer to the handshake is broken or was changed on the way; your "
      "request was not sent",
      "httpa doctor" },
    { 8, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, HTTPA_EXIT_REFUSED,
      HTTPA_EXIT_REFUSED, "refused; your request was not sent",
      "httpa explain -v" },
    { 9, HTTPA_STEP_RENEW, HTTPA_STEP_FORGET, 1, SERVICE, MAYBE,
      "the session is gone", "httpa" },
    { 10, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, SERVICE, SERVICE,
      "the session is unknown again: requests reach different replicas, or "
      "something changes them",
      "httpa doctor" },
    { 11, HTTPA_STEP_AGAIN, HTTPA_STEP_SUPERSEDE, 1, MAYBE, MAYBE,
      "a copy of the request came first: something on the way repeats",
      "httpa doctor" },
    { 12, HTTPA_STEP_AGAIN, HTTPA_STEP_SUPERSEDE, 1, MAYBE, MAYBE,
      "the connection was lost before the answer", "httpa doctor" },
    { 13, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, NO_ANSWER, NO_ANSWER,
      "something on the way answered instead of the service; whether the "
      "request was processed is unknown",
      "httpa doctor" },
    { 14, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, SERVICE, SERVICE,
      "the service refused the message; whether the request was processed "
      "is unknown",
      "httpa doctor" },
    { 15, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, PROTOCOL, PROTOCOL,
      "the answer does not verify: changed on the way, or of another request",
      "httpa doctor" },
    { 16, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, PROTOCOL, PROTOCOL,
      "the answer was changed on the way; what was written before is genuine",
      "httpa doctor" },
    { 17, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, HTTPA_EXIT_BROKEN,
      HTTPA_EXIT_BROKEN,
      "the answer broke off; what was written is genuine and incomplete",
      "httpa" },
    { 18, HTTPA_STEP_RENEW, HTTPA_STEP_RENEW, 1, SERVICE, SERVICE,
      "the session is used up", "httpa" },
    { 19, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, MAYBE, MAYBE,
      "an earlier try may have been processed", NULL },
    { 20, HTTPA_STEP_STOP, HTTPA_STEP_STOP, 0, SERVICE, SERVICE,
      "the service refused the request; it was not processed", "httpa -v" },
};

/* Row 4 for an AtHS, where nothing of the user's is at stake, and the row of
 * 14.1 that asks for the time. */
static const struct httpa_decision hello_wait = {
    4,
    HTTPA_STEP_AGAIN,
    HTTPA_STEP_AGAIN,
    3,
    NO_ANSWER,
    NO_ANSWER,
    "something on the way has no answer now; your request was not sent",
    "httpa doctor"
};
static const struct httpa_decision hello_date = {
    6,
    HTTPA_STEP_WITH_DATE,
    HTTPA_STEP_WITH_DATE,
    1,
    SERVICE,
    SERVICE,
    "the clocks differ; your request was not sent",
    "date -u"
};
static const struct httpa_decision undecided = {
    8,
    HTTPA_STEP_STOP,
    HTTPA_STEP_STOP,
    0,
    HTTPA_EXIT_UNDECIDED,
    HTTPA_EXIT_UNDECIDED,
    "undecided; your request was not sent",
    "httpa explain -v"
};

static const struct httpa_decision *row(unsigned number)
{
    return &rows[number - 1];
}

static bool is_one_of(unsigned status, const unsigned short *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (status == list[i]) {
            return true;
        }
    }
    return false;
}

static bool is_later(unsigned status)
{
    static const unsigned short list[] = { 408, 429, 500, 502, 503, 504 };
    return is_one_of(status, list, COUNT(list));
}

static bool is_method_refused(unsigned status)
{
    static const unsigned short list[] = { 0,   400, 403, 404, 405,
                                           411, 500, 501, 502 };
    return is_one_of(status, list, COUNT(list));
}

static const struct httpa_decision *hello_refused(const char *token)
{
    if (strcmp(token, "busy") == 0 || strcmp(token, "draining") == 0) {
        return row(5);
    }
    return strcmp(token, "date") == 0 ? &hello_date : row(6);
}

static const struct httpa_decision *hello_judged(enum httpa_err err)
{
    switch (err) {
    case HTTPA_OK:
        return NULL;
    case HTTPA_ERR_UNDECIDED:
        return &undecided;
    case HTTPA_ERR_EVIDENCE:
    case HTTPA_ERR_APPRAISAL:
    case HTTPA_ERR_IDENTITY:
    case HTTPA_ERR_NO_POLICY:
    case HTTPA_ERR_EXPIRED:
    case HTTPA_ERR_POLICY:
        return row(8);
    default:
        return row(7);
    }
}

const struct httpa_decision *
httpa_decide_hello(const struct httpa_sighting *seen)
{
    const struct httpa_transport_report *t = &seen->transport;
    if (t->end == HTTPA_TRANSPORT_UNSENT) {
        return row(1);
    }
    if (seen->token[0] != '\0') {
        return hello_refused(seen->token);
    }
    if (!seen->marked) {
        if (seen->is_attest && is_method_refused(t->status)) {
            return row(2);
        }
        return t->status == 0 || is_later(t->status) ? &hello_wait : row(3);
    }
    if (t->end == HTTPA_TRANSPORT_LOST) {
        return &hello_wait;
    }
    return hello_judged(seen->err);
}

static const struct httpa_decision *
request_unverified(const struct httpa_sighting *seen)
{
    const struct httpa_transport_report *t = &seen->transport;
    if (t->status == 0) {
        return row(12);
    }
    if (strcmp(seen->token, "base-unknown") == 0) {
        return row(seen->again_unknown ? 10 : 9);
    }
    if (strcmp(seen->token, "replay") == 0) {
        return row(11);
    }
    if (strcmp(seen->token, "busy") == 0 ||
        strcmp(seen->token, "draining") == 0) {
        return row(4);
    }
    if (seen->token[0] != '\0') {
        return row(14);
    }
    if (is_later(t->status)) {
        return row(4);
    }
    if (!seen->has_binder) {
        return row(13);
    }
    return row(seen->err != HTTPA_OK ? 15 : 12);
}

static const struct httpa_decision *
request_genuine(const struct httpa_sighting *seen)
{
    static const struct {
        const char *token;
        unsigned row;
    } tokens[] = { { "rekey", 18 }, { "seen", 19 },   { "head", 20 },
                   { "clear", 20 }, { "target", 20 }, { "secret", 20 } };
    if (seen->err == HTTPA_ERR_TRUNCATED) {
        return row(17);
    }
    if (seen->err != HTTPA_OK && seen->err != HTTPA_ERR_ABORTED) {
        return row(16);
    }
    if (!seen->complete) {
        return row(17);
    }
    for (size_t i = 0; i < COUNT(tokens); i++) {
        if (strcmp(seen->sealed, tokens[i].token) == 0) {
            return row(tokens[i].row);
        }
    }
    return NULL; /* 21: the application's answer */
}

const struct httpa_decision *
httpa_decide_request(const struct httpa_sighting *seen)
{
    if (seen->transport.end == HTTPA_TRANSPORT_UNSENT) {
        return row(1);
    }
    return seen->genuine ? request_genuine(seen) : request_unverified(seen);
}

bool httpa_decide_is_safe(const struct httpa_head *inner)
{
    static const char *const methods[] = { "GET", "HEAD", "OPTIONS", "PUT",
                                           "DELETE" };
    for (size_t i = 0; i < COUNT(methods); i++) {
        if (httpa_slice_is(inner->method, methods[i])) {
            return true;
        }
    }
    return httpa_fields_find(&inner->fields, "idempotency-key") != NULL;
}

uint64_t httpa_decide_wait_ms(const struct httpa_decision *decision,
                              const struct httpa_transport_report *report,
                              unsigned n)
{
    static const uint64_t first_ms[] = { 200, 1000, 3000 };
    if (decision->row == 1) {
        return first_ms[n < COUNT(first_ms) ? n : COUNT(first_ms) - 1];
    }
    if (decision->row == 4 || decision->row == 5) {
        int64_t s = report->retry_after_s;
        s = s < 0 ? 1 : s;
        return (uint64_t)(s < WAIT_MAX_S ? s : WAIT_MAX_S) * 1000;
    }
    return 0;
}
