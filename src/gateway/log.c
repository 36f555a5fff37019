#include "gateway/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/writer.h"
#include "codec/json.h"
#include "codec/time.h"

/* Gathered lines are written when there are this many bytes of them. */
#define LINES_FULL 32768u
#define LINES_MAX (2 * LINES_FULL)

#define BASE_SHOWN 4u /* bytes of the hash: enough to join lines */

static void write_all(const uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(STDERR_FILENO, p, n);
        if (done <= 0) {
            return; /* a log that cannot be written stops nothing */
        }
        p += done;
        n -= (size_t)done;
    }
}

static void write_lines(void *arg)
{
    struct httpa_log *log = arg;
    write_all(log->lines.p, log->lines.n);
    httpa_buf_reset(&log->lines);
}

void httpa_log_init(struct httpa_log *log, struct httpa_loop *loop,
                    enum httpa_log_form form, enum httpa_log_path path,
                    const char *label)
{
    *log = (struct httpa_log){ .form = form,
                               .path = path,
                               .label = label,
                               .loop = loop,
                               .lines = httpa_buf_growing(LINES_MAX) };
    log->task.fn = write_lines;
    log->task.arg = log;
}

void httpa_log_done(struct httpa_log *log)
{
    httpa_task_cancel(log->loop, &log->task);
    write_lines(log);
    httpa_buf_done(&log->lines);
}

/* A stranger's bytes in a line of text: nothing that breaks it. */
static void copy_clean(char *to, size_t max, struct httpa_slice from)
{
    size_t n = from.n < max ? from.n : max;
    for (size_t i = 0; i < n; i++) {
        to[i] = from.p[i] > ' ' && from.p[i] < 0x7f ? (char)from.p[i] : '?';
    }
    to[n] = '\0';
}

static struct httpa_slice
shown_path(enum httpa_log_path how, struct httpa_slice path)
{
    size_t n = 0;
    if (how == HTTPA_LOG_PATH_NONE) {
        return httpa_slice_of(NULL, 0);
    }
    while (n < path.n && path.p[n] != '?' &&
           (how == HTTPA_LOG_PATH_FULL || n == 0 || path.p[n] != '/')) {
        n++;
    }
    return httpa_slice_of(path.p, n);
}

void httpa_log_request(const struct httpa_log *log,
                       const struct httpa_head *head,
                       struct httpa_log_line *line)
{
    copy_clean(line->method, HTTPA_LOG_METHOD_MAX, head->method);
    copy_clean(line->path, HTTPA_LOG_PATH_MAX,
               shown_path(log->path, head->path));
}

static struct httpa_slice shown_base(const struct httpa_log_line *line)
{
    return httpa_slice_of(line->base, BASE_SHOWN);
}

static void key(struct httpa_buf *out, const char *name)
{
    httpa_buf_put_byte(out, ' ');
    httpa_buf_put_str(out, name);
    httpa_buf_put_byte(out, '=');
}

static void pair(struct httpa_buf *out, const char *name, const char *value)
{
    key(out, name);
    httpa_buf_put_str(out, value[0] != '\0' ? value : "-");
}

static void pair_number(struct httpa_buf *out, const char *name, uint64_t value)
{
    key(out, name);
    httpa_write_decimal(out, value);
}

static void write_text(const struct httpa_log *log,
                       const struct httpa_log_line *line, struct httpa_buf *out)
{
    httpa_time_write_rfc3339(out, (int64_t)time(NULL));
    pair(out, "kind", httpa_metrics_kind_name(line->kind));
    pair(out, "label", log->label);
    if (line->has_base) {
        key(out, "session");
        httpa_write_hex(out, shown_base(line));
        pair_number(out, "n", line->number);
    }
    pair(out, "method", line->method);
    pair(out, "path", line->path);
    pair_number(out, "status", line->status);
    pair_number(out, "in", line->bytes_in);
    pair_number(out, "out", line->bytes_out);
    pair_number(out, "us", line->took_us);
    pair(out, "outcome", line->outcome);
    if (line->why != NULL) {
        pair(out, "why", line->why);
    }
    httpa_buf_put_byte(out, '\n');
}

static void put_text(struct httpa_json *j, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        httpa_json_key(j, key);
        httpa_json_str(j, value);
    }
}

static void put_number(struct httpa_json *j, const char *key, uint64_t value)
{
    httpa_json_key(j, key);
    httpa_json_unsigned(j, value);
}

static void write_json(const struct httpa_log *log,
                       const struct httpa_log_line *line, struct httpa_buf *out)
{
    struct httpa_json j = httpa_json_of(out, HTTPA_JSON_COMPACT);
    httpa_json_object(&j);
    httpa_json_key(&j, "time");
    httpa_json_time(&j, (int64_t)time(NULL));
    put_text(&j, "kind", httpa_metrics_kind_name(line->kind));
    put_text(&j, "label", log->label);
    if (line->has_base) {
        httpa_json_key(&j, "session");
        httpa_json_hex(&j, shown_base(line));
        put_number(&j, "n", line->number);
    }
    put_text(&j, "method", line->method);
    put_text(&j, "path", line->path);
    put_number(&j, "status", line->status);
    put_number(&j, "in", line->bytes_in);
    put_number(&j, "out", line->bytes_out);
    put_number(&j, "us", line->took_us);
    put_text(&j, "outcome", line->outcome);
    put_text(&j, "why", line->why);
    httpa_json_end(&j);
    httpa_buf_put_byte(out, '\n');
}

void httpa_log_write(struct httpa_log *log, const struct httpa_log_line *line)
{
    if (log->form == HTTPA_LOG_NONE) {
        return;
    }
    if (log->form == HTTPA_LOG_JSON) {
        write_json(log, line, &log->lines);
    } else {
        write_text(log, line, &log->lines);
    }
    if (log->lines.n >= LINES_FULL || log->lines.failed) {
        write_lines(log);
    } else {
        httpa_loop_soon(log->loop, &log->task);
    }
}

void httpa_log_say(const char *format, ...)
{
    char text[1024] = "httpa: ";
    size_t n = strlen(text);
    va_list args;
    va_start(args, format);
    int more = vsnprintf(text + n, sizeof(text) - n - 1, format, args);
    va_end(args);
    if (more > 0) {
        n = n + (size_t)more < sizeof(text) - 2 ? n + (size_t)more
                                                : sizeof(text) - 2;
        text[n] = '\n';
        write_all((const uint8_t *)text, n + 1);
    }
}
