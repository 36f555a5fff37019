#include "engine/forward.h"

#include <stdlib.h>

/* Lives until both sides have said on_close. */
struct forward {
    struct httpa_exchange *x; /* NULL: closed */
    struct httpa_call *call;  /* NULL: closed */
    bool begun;               /* the reply is */
    bool ended;
};

static void free_when_both_closed(struct forward *f)
{
    if (f->x == NULL && f->call == NULL) {
        free(f);
    }
}

/* ---- client to application ---- */

static void request_data(void *user, struct httpa_slice data)
{
    struct forward *f = user;
    if (f->call != NULL) {
        httpa_call_data(f->call, data);
        if (httpa_call_full(f->call)) {
            httpa_exchange_pause(f->x);
        }
    }
}

static void request_trailers(void *user, const struct httpa_fields *trailers)
{
    struct forward *f = user;
    if (f->call != NULL) {
        httpa_call_trailers(f->call, trailers);
    }
}

static void request_end(void *user)
{
    struct forward *f = user;
    if (f->call != NULL) {
        httpa_call_end(f->call);
    }
}

static void client_takes_more(void *user)
{
    struct forward *f = user;
    if (f->call != NULL) {
        httpa_call_resume(f->call);
    }
}

static void client_closed(void *user, enum httpa_err why)
{
    struct forward *f = user;
    (void)why;
    f->x = NULL;
    if (f->call != NULL) {
        httpa_call_abort(f->call);
    }
    free_when_both_closed(f);
}

static const struct httpa_exchange_events from_client = {
    .on_data = request_data,
    .on_trailers = request_trailers,
    .on_end = request_end,
    .on_drain = client_takes_more,
    .on_close = client_closed,
};

/* ---- application to client ---- */

static void answer_head(void *user, const struct httpa_head *head,
                        struct httpa_content content)
{
    struct forward *f = user;
    if (f->x != NULL) {
        f->begun = true;
        httpa_reply_head(f->x, head, content);
    }
}

static void answer_data(void *user, struct httpa_slice data)
{
    struct forward *f = user;
    if (f->x != NULL) {
        httpa_reply_data(f->x, data);
        if (httpa_reply_full(f->x)) {
            httpa_call_pause(f->call);
        }
    }
}

static void answer_trailers(void *user, const struct httpa_fields *trailers)
{
    struct forward *f = user;
    if (f->x != NULL) {
        httpa_reply_trailers(f->x, trailers);
    }
}

static void answer_end(void *user)
{
    struct forward *f = user;
    f->ended = true;
    if (f->x != NULL) {
        httpa_reply_end(f->x);
    }
}

static void application_takes_more(void *user)
{
    struct forward *f = user;
    if (f->x != NULL) {
        httpa_exchange_resume(f->x);
    }
}

static void refuse(struct httpa_exchange *x, enum httpa_err why)
{
    if (why == HTTPA_ERR_TIMEOUT) {
        httpa_reply_text(x, 504, "the application does not answer in time\n");
    } else if (why == HTTPA_ERR_BUSY) {
        httpa_reply_text(x, 503, "the application is busy\n");
    } else {
        httpa_reply_text(x, 502, "no answer from the application\n");
    }
}

static void application_closed(void *user, enum httpa_err why)
{
    struct forward *f = user;
    f->call = NULL;
    if (f->x != NULL && !f->ended) {
        if (f->begun) {
            httpa_reply_abort(f->x);
        } else {
            refuse(f->x, why);
        }
    }
    free_when_both_closed(f);
}

static const struct httpa_call_events from_application = {
    .on_head = answer_head,
    .on_data = answer_data,
    .on_trailers = answer_trailers,
    .on_end = answer_end,
    .on_drain = application_takes_more,
    .on_close = application_closed,
};

void httpa_forward(struct httpa_exchange *x, const struct httpa_head *head,
                   struct httpa_content content, struct httpa_upstream *up)
{
    struct forward *f = calloc(1, sizeof(*f));
    if (f == NULL || httpa_call_new(up, head, content, &from_application, f,
                                    &f->call) != HTTPA_OK) {
        free(f);
        refuse(x, HTTPA_ERR_IO);
        return;
    }
    f->x = x;
    httpa_exchange_listen(x, &from_client, f);
}
