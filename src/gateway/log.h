/*
 * The log, on standard error: one line for each message (P13), and a few for
 * people at the start and when something changes.
 *
 * A line has no field value, no body byte, no key, no Base-ID, and of the
 * sealed path only what --log-path says.  Lines of a loop are gathered and
 * written at the end of its wake-up.
 */
#ifndef HTTPA_GATEWAY_LOG_H
#define HTTPA_GATEWAY_LOG_H

#include "engine/loop.h"
#include "gateway/metrics.h"

enum httpa_log_form { HTTPA_LOG_TEXT, HTTPA_LOG_JSON, HTTPA_LOG_NONE };
enum httpa_log_path {
    HTTPA_LOG_PATH_NONE,
    HTTPA_LOG_PATH_FIRST,
    HTTPA_LOG_PATH_FULL
};

#define HTTPA_LOG_METHOD_MAX 32u
#define HTTPA_LOG_PATH_MAX 256u

/* What one line tells. */
struct httpa_log_line {
    enum httpa_metrics_kind kind;
    bool has_base;
    uint8_t base[16]; /* hash of the Base-ID */
    uint64_t number;
    char method[HTTPA_LOG_METHOD_MAX + 1]; /* inner; "" when not known */
    char path[HTTPA_LOG_PATH_MAX + 1];     /* as --log-path allows, or "" */
    unsigned status; /* inner when there is one, else outer; 0: none */
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t took_us;
    const char *outcome; /* "ok", a token, "aborted" */
    const char *why;     /* more about it for operators, or NULL */
};

struct httpa_log {
    enum httpa_log_form form;
    enum httpa_log_path path;
    const char *label;
    struct httpa_loop *loop;
    struct httpa_task task;
    struct httpa_buf lines;
};

void httpa_log_init(struct httpa_log *log, struct httpa_loop *loop,
                    enum httpa_log_form form, enum httpa_log_path path,
                    const char *label);
/* Writes what is left. */
void httpa_log_done(struct httpa_log *log);

/* Takes method and path of |head| into |line|, as far as |log| allows. */
void httpa_log_request(const struct httpa_log *log,
                       const struct httpa_head *head,
                       struct httpa_log_line *line);

void httpa_log_write(struct httpa_log *log, const struct httpa_log_line *line);

/* A line for people, at once, from any thread: "httpa: " and the text. */
void httpa_log_say(const char *format, ...) HTTPA_PRINTF(1, 2);

#endif
