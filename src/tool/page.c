#include "tool/page.h"

#include <string.h>

#include "base/writer.h"
#include "tool/file.h"
#include "tool/page_parts.h"
#include "tool/say.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Longer values are shown by their ends, unless everything is shown. */
#define VALUE_SHORT 40u
#define VALUE_HEAD 16u
#define VALUE_TAIL 8u

/* Of the first line: between its parts, and what result and time take. */
#define HEAD_GAP 3u
#define HEAD_REST 49u

#define NEAREST_MAX 4u /* profiles that are said to have failed */
#define NEAREST_AT 11u

/* ---- for all files of the page ---- */

bool httpa_page_flush(struct httpa_page_job *j, enum httpa_ink ink,
                      struct httpa_buf *b)
{
    bool is_some = b->n > 0;
    if (is_some) {
        httpa_paper_put(&j->paper, ink, httpa_buf_slice(b));
        httpa_buf_cut(b, 0);
    }
    return is_some;
}

/* Hex is cut: its ends are what people compare.  Sentences are not. */
void httpa_page_value(const struct httpa_page_job *j, const json_t *value,
                      struct httpa_buf *out)
{
    size_t before = out->n;
    httpa_document_write(out, value);
    struct httpa_slice s = httpa_slice_from(httpa_buf_slice(out), before);
    if (j->page->every_check || s.n <= VALUE_SHORT ||
        memchr(s.p, ' ', s.n) != NULL) {
        return;
    }
    uint8_t tail[VALUE_TAIL];
    memcpy(tail, s.p + s.n - VALUE_TAIL, VALUE_TAIL);
    httpa_buf_cut(out, before + VALUE_HEAD);
    httpa_buf_put_str(out, "..");
    httpa_buf_put(out, tail, VALUE_TAIL);
}

void httpa_page_seen(const struct httpa_page_job *j, const json_t *check,
                     struct httpa_buf *out)
{
    static const char *const names[] = { "seen", "expected" };
    for (size_t i = 0; i < COUNT(names); i++) {
        const json_t *value = json_object_get(check, names[i]);
        if (value != NULL) {
            httpa_buf_put_str(out, out->n > 0 ? ", " : "");
            httpa_buf_put_str(out, names[i]);
            httpa_buf_put_str(out, " ");
            httpa_page_value(j, value, out);
        }
    }
}

void httpa_page_duration(struct httpa_buf *out, double s)
{
    static const struct {
        double from; /* seconds */
        double unit;
        const char *name;
    } rows[] = {
        { 172800, 86400, "days" }, { 7200, 3600, "hours" },
        { 120, 60, "minutes" },    { 1, 1, "s" },
        { 0, 0.001, "ms" },
    };
    char text[40];
    size_t i = 0;
    while (i + 1 < COUNT(rows) && !(s >= rows[i].from)) {
        i++;
    }
    (void)snprintf(text, sizeof(text), "%.0f %s", s / rows[i].unit,
                   rows[i].name);
    httpa_buf_put_str(out, text);
}

/* Of the form that documents have, "2026-11-20T19:40:12Z". */
void httpa_page_time(struct httpa_buf *out, struct httpa_slice at)
{
    if (at.n != 20 || at.p[10] != 'T' || at.p[19] != 'Z') {
        httpa_buf_put_slice(out, at);
        return;
    }
    httpa_buf_put(out, at.p, 10);
    if (memcmp(at.p + 11, "00:00:00", 8) != 0) {
        httpa_buf_put_byte(out, ' ');
        httpa_buf_put(out, at.p + 11, 5);
        httpa_buf_put_str(out, " UTC");
    }
}

/* ---- head ---- */

/* On the same line, if time and all fit there. */
static void
put_beside(struct httpa_paper *p, enum httpa_ink ink, const char *said)
{
    bool fits = p->column + HEAD_REST <= p->width;
    httpa_paper_at(p, fits ? p->column + HEAD_GAP : 2);
    httpa_paper_put_str(p, ink, said);
}

static void draw_head(struct httpa_page_job *j)
{
    static const struct {
        const char *result;
        const char *said;
        enum httpa_ink ink;
    } rows[] = {
        { "accepted", "ACCEPTED", HTTPA_INK_GREEN },
        { "accepted_with_warnings", "ACCEPTED, with warnings",
          HTTPA_INK_YELLOW },
        { "undecided", "UNDECIDED", HTTPA_INK_YELLOW },
        { "refused", "REFUSED", HTTPA_INK_RED },
    };
    struct httpa_buf at = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    struct httpa_slice origin = httpa_document_text(j->document, "origin");
    struct httpa_paper *p = &j->paper;
    size_t i = 0;
    while (i + 1 < COUNT(rows) &&
           !httpa_document_is(j->document, "result", rows[i].result)) {
        i++;
    }
    if (origin.n > 0) {
        httpa_paper_put(p, HTTPA_INK_BOLD, origin);
    } else {
        httpa_paper_put_str(p, HTTPA_INK_BOLD,
                            j->page->subject != NULL ? j->page->subject
                                                     : "stored evidence");
    }
    put_beside(p, rows[i].ink, rows[i].said);
    httpa_page_time(&at, httpa_document_text(j->document, "at"));
    httpa_paper_at(p, p->column + HEAD_GAP);
    httpa_page_flush(j, HTTPA_INK_PLAIN, &at);
    httpa_paper_gap(p);
    httpa_buf_done(&at);
}

/* ---- foot ---- */

/* Where each profile failed, the one that got furthest first. */
static void draw_nearest(struct httpa_page_job *j)
{
    const json_t *file = json_object_get(j->document, "policy_file");
    const json_t *list = json_object_get(file, "nearest");
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    bool none_met = !json_is_object(json_object_get(file, "matched"));
    for (size_t i = 0;
         none_met && i < json_array_size(list) && i < NEAREST_MAX; i++) {
        const json_t *match = json_array_get(list, i);
        httpa_paper_at(&j->paper, 2);
        httpa_paper_put_str(&j->paper, HTTPA_INK_PLAIN,
                            i == 0 ? "nearest:" : "");
        httpa_paper_at(&j->paper, NEAREST_AT);
        httpa_buf_put_slice(&b, httpa_document_text(match, "profile"));
        httpa_buf_put_str(&b, " fails at ");
        httpa_buf_put_slice(&b, httpa_document_text(match, "failed"));
        httpa_page_flush(j, HTTPA_INK_PLAIN, &b);
        httpa_paper_end(&j->paper);
    }
    httpa_buf_done(&b);
}

/* How the evidence is tied to this handshake, and how old it is. */
static void put_binding(const struct httpa_page_job *j, struct httpa_buf *b)
{
    const json_t *session = json_object_get(j->document, "session");
    struct httpa_slice binding = httpa_document_text(session, "binding");
    struct httpa_slice source = httpa_document_text(session, "age_source");
    double age_s;
    if (binding.n == 0) {
        return;
    }
    httpa_buf_put_str(b, "binding: ");
    httpa_buf_put_slice(b, binding);
    if (source.n > 0 && httpa_document_number(session, "age", &age_s)) {
        httpa_buf_put_str(b, ", ");
        httpa_page_duration(b, age_s);
        httpa_buf_put_str(b, " old (");
        httpa_buf_put_slice(b, source);
        httpa_buf_put_str(b, ")");
    }
}

static void put_first_lapse(const struct httpa_page_job *j,
                            struct httpa_buf *b)
{
    const json_t *first = json_object_get(j->document, "lapses_first");
    struct httpa_slice at = httpa_document_text(first, "at");
    double days;
    if (!httpa_document_number(first, "days_left", &days)) {
        return;
    }
    httpa_buf_put_str(b, "first lapse: ");
    httpa_buf_put_slice(b, httpa_document_text(first, "what"));
    if (days >= 1) {
        httpa_buf_put_str(b, " in ");
        httpa_write_decimal(b, days < 1e9 ? (uint64_t)days : 0);
        httpa_buf_put_str(b, days < 2 ? " day (" : " days (");
    } else {
        httpa_buf_put_str(b, " within a day (");
    }
    httpa_page_time(b, at);
    httpa_buf_put_str(b, ")");
}

static void put_policy(const struct httpa_page_job *j, struct httpa_buf *b)
{
    const json_t *file = json_object_get(j->document, "policy_file");
    struct httpa_slice note = httpa_document_text(file, "note");
    struct httpa_slice name = httpa_document_text(file, "name");
    if (name.n == 0) {
        return;
    }
    httpa_buf_put_str(b, "policy: ");
    httpa_buf_put_slice(b, name);
    httpa_buf_put_str(b, note.n > 0 ? "; " : "");
    httpa_buf_put_slice(b, note);
}

static void put_unsent(const struct httpa_page_job *j, struct httpa_buf *b)
{
    bool open = httpa_document_exit(j->document) == HTTPA_EXIT_DONE;
    httpa_buf_put_str(b, j->page->sends && !open ? "nothing was sent." : "");
}

static void put_next(const struct httpa_page_job *j, struct httpa_buf *b)
{
    httpa_buf_put_str(b, j->page->next != NULL ? j->page->next : "");
}

static void draw_foot(struct httpa_page_job *j)
{
    static void (*const lines[])(const struct httpa_page_job *,
                                 struct httpa_buf *) = {
        put_binding, put_first_lapse, put_policy, put_unsent, put_next
    };
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    draw_nearest(j);
    for (size_t i = 0; i < COUNT(lines); i++) {
        httpa_paper_at(&j->paper, 2);
        lines[i](j, &b);
        if (httpa_page_flush(j, HTTPA_INK_PLAIN, &b)) {
            httpa_paper_end(&j->paper);
        }
    }
    httpa_buf_done(&b);
}

/* ---- together ---- */

void httpa_page_draw(const struct httpa_page *page, const json_t *document,
                     FILE *to)
{
    struct httpa_page_job j = { .page = page,
                                .document = document,
                                .paper = httpa_paper_of(to) };
    draw_head(&j);
    httpa_page_words(&j);
    httpa_paper_gap(&j.paper);
    if (page->every_check) {
        httpa_page_tables(&j);
    }
    draw_foot(&j);
}

void httpa_page_print(const struct httpa_page *page,
                      const struct httpa_verdict *v, FILE *to)
{
    json_t *document = httpa_document_of(v);
    if (document != NULL) {
        httpa_page_draw(page, document, to);
    } else {
        httpa_say("the verdict cannot be shown");
    }
    json_decref(document);
}

bool httpa_page_write_json(const struct httpa_verdict *v, const char *path)
{
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    bool ok = httpa_verdict_json(v, &b) == HTTPA_OK;
    httpa_buf_put_byte(&b, '\n');
    if (!ok) {
        httpa_say("the verdict cannot be written");
    } else if (strcmp(path, "-") == 0) {
        ok = fwrite(b.p, 1, b.n, stdout) == b.n && fflush(stdout) == 0;
    } else {
        ok = httpa_file_write_new(path, httpa_buf_slice(&b), 0644, true);
    }
    httpa_buf_done(&b);
    return ok;
}
