#include "tool/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/writer.h"
#include "tool/say.h"
#include "tool/transport.h"

#define HEAD_MAX 131072u

/* Short transfers show nothing. */
#define PROGRESS_AFTER_MS 2000u
#define PROGRESS_EVERY_MS 500u

void httpa_output_init(struct httpa_output *o,
                       const struct httpa_output_wish *wish)
{
    bool to_terminal = wish->path == NULL && isatty(STDOUT_FILENO);
    *o = (struct httpa_output){ .wish = *wish, .fd = -1 };
    o->wish.progress = wish->progress && isatty(STDERR_FILENO) && !to_terminal;
    o->began_ms = httpa_transport_now_ms();
}

static enum httpa_err fail(struct httpa_output *o)
{
    o->error = errno;
    return HTTPA_ERR_IO;
}

static enum httpa_err open_it(struct httpa_output *o)
{
    const char *path = o->wish.path;
    if (o->fd >= 0) {
        return HTTPA_OK;
    }
    if (path == NULL || strcmp(path, "-") == 0) {
        o->fd = STDOUT_FILENO;
        return HTTPA_OK;
    }
    o->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return o->fd >= 0 ? HTTPA_OK : fail(o);
}

static enum httpa_err put(struct httpa_output *o, struct httpa_slice s)
{
    enum httpa_err err = open_it(o);
    while (err == HTTPA_OK && s.n > 0) {
        ssize_t n = write(o->fd, s.p, s.n);
        if (n >= 0) {
            s = httpa_slice_from(s, (size_t)n);
        } else if (errno == EAGAIN) {
            struct pollfd p = { .fd = o->fd, .events = POLLOUT };
            (void)poll(&p, 1, -1);
        } else if (errno != EINTR || httpa_transport_interrupted()) {
            err = fail(o);
        }
    }
    return err;
}

/* --------------------------------------------------------------- progress */

static void put_size(char *room, size_t size, uint64_t n)
{
    static const char units[] = "BKMGT";
    double v = (double)n;
    size_t u = 0;
    while (v >= 1000.0 && u + 1 < sizeof(units) - 1) {
        v /= 1024.0;
        u++;
    }
    (void)snprintf(room, size, u == 0 ? "%.0f %c" : "%.1f %c", v, units[u]);
}

static void show_progress(struct httpa_output *o)
{
    uint64_t now = httpa_transport_now_ms();
    uint64_t ms = now - o->began_ms;
    char in[24];
    char out[24];
    char rate[24];
    if (!o->wish.progress || ms < PROGRESS_AFTER_MS ||
        now - o->shown_ms < PROGRESS_EVERY_MS) {
        return;
    }
    o->shown_ms = now;
    o->shown = true;
    put_size(in, sizeof(in), o->received);
    put_size(out, sizeof(out), o->sent);
    put_size(rate, sizeof(rate), (o->received + o->sent) * 1000 / ms);
    (void)fprintf(stderr, "\r  received %s   sent %s   %s/s   %llu s \033[K",
                  in, out, rate, (unsigned long long)(ms / 1000));
}

/* -------------------------------------------------------------- callbacks */

static void write_head(const struct httpa_head *head, struct httpa_buf *out)
{
    httpa_buf_put_str(out, "HTTP/2 ");
    httpa_write_decimal(out, head->status);
    httpa_buf_put_str(out, " \r\n");
    for (size_t i = 0; i < head->fields.n; i++) {
        httpa_buf_put_slice(out, head->fields.v[i].name);
        httpa_buf_put_str(out, ": ");
        httpa_buf_put_slice(out, head->fields.v[i].value);
        httpa_buf_put_str(out, "\r\n");
    }
    httpa_buf_put_str(out, "\r\n");
}

static void show_head(const struct httpa_head *head)
{
    (void)fprintf(stderr, "} %u\n", head->status);
    for (size_t i = 0; i < head->fields.n; i++) {
        (void)fputs("} ", stderr);
        httpa_say_bytes(stderr, head->fields.v[i].name);
        (void)fputs(": ", stderr);
        httpa_say_bytes(stderr, head->fields.v[i].value);
        (void)fputc('\n', stderr);
    }
    (void)fputs("}\n", stderr);
}

static void note_redirect(struct httpa_output *o, const struct httpa_head *head)
{
    const struct httpa_field *f = httpa_fields_find(&head->fields, "location");
    bool fits = f != NULL && f->value.n < sizeof(o->location);
    bool is_one = head->status == 301 || head->status == 302 ||
                  head->status == 303 || head->status == 307 ||
                  head->status == 308;
    o->location[0] = '\0';
    if (o->wish.follow && is_one && fits) {
        memcpy(o->location, f->value.p, f->value.n);
        o->location[f->value.n] = '\0';
    }
}

enum httpa_err httpa_output_head(void *ctx, const struct httpa_head *head)
{
    struct httpa_output *o = ctx;
    enum httpa_err err = HTTPA_OK;
    o->status = head->status;
    note_redirect(o, head);
    if (o->wish.verbose) {
        show_head(head);
    }
    o->muted = (o->wish.fail && head->status >= 400) || o->location[0] != '\0';
    if (o->wish.head && !(o->wish.fail && head->status >= 400)) {
        struct httpa_buf text = httpa_buf_growing(HEAD_MAX);
        write_head(head, &text);
        err = put(o, httpa_buf_slice(&text));
        httpa_buf_done(&text);
    }
    return err;
}

enum httpa_err httpa_output_data(void *ctx, struct httpa_slice data)
{
    struct httpa_output *o = ctx;
    o->received += data.n;
    show_progress(o);
    return o->muted ? HTTPA_OK : put(o, data);
}

void httpa_output_sent(void *ctx, size_t n)
{
    struct httpa_output *o = ctx;
    o->sent += n;
    show_progress(o);
}

bool httpa_output_end(struct httpa_output *o, bool whole)
{
    if (o->shown) {
        (void)fputs("\r\033[K", stderr);
    }
    if (whole && !o->muted && open_it(o) != HTTPA_OK) {
        o->error = errno;
    }
    if (o->fd > STDOUT_FILENO && close(o->fd) != 0 && o->error == 0) {
        o->error = errno;
    }
    o->fd = -1;
    if (o->error != 0) {
        httpa_say("%s: %s", o->wish.path != NULL ? o->wish.path : "stdout",
                  strerror(o->error));
    }
    return o->error == 0;
}
