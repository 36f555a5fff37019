/* -v: every check and every claim. */
#include "tool/page_parts.h"

#include <string.h>

#include "base/writer.h"

#define RESULT_AT 2u
#define ID_AT 11u
#define TEXT_AT 40u
#define NAME_AT 4u
#define VALUE_AT 26u

static enum httpa_ink ink_of(const json_t *check)
{
    static const struct {
        const char *result;
        enum httpa_ink ink;
    } rows[] = {
        { "pass", HTTPA_INK_GREEN },
        { "warn", HTTPA_INK_YELLOW },
        { "fail", HTTPA_INK_RED },
        { "unknown", HTTPA_INK_YELLOW },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (httpa_document_is(check, "result", rows[i].result)) {
            return rows[i].ink;
        }
    }
    return HTTPA_INK_GREY;
}

/* "collateral, 6 days old, lapses in 23 days" */
static void put_source(const json_t *check, struct httpa_buf *b)
{
    double age_s, days;
    httpa_buf_put_slice(b, httpa_document_text(check, "source"));
    if (httpa_document_number(check, "age", &age_s) && age_s > 0) {
        httpa_buf_put_str(b, b->n > 0 ? ", " : "");
        httpa_page_duration(b, age_s);
        httpa_buf_put_str(b, " old");
    }
    if (httpa_document_number(check, "days_left", &days)) {
        httpa_buf_put_str(b, b->n > 0 ? ", " : "");
        httpa_buf_put_str(b, "until ");
        httpa_page_time(b, httpa_document_text(check, "lapses"));
        httpa_buf_put_str(b, " (");
        httpa_write_decimal(b, days >= 0 && days < 1e9 ? (uint64_t)days : 0);
        httpa_buf_put_str(b, " days)");
    }
}

static void draw_lines(struct httpa_page_job *j, const json_t *check)
{
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    httpa_paper_at(&j->paper, TEXT_AT);
    httpa_page_seen(j, check, &b);
    if (httpa_page_flush(j, HTTPA_INK_PLAIN, &b)) {
        httpa_paper_end(&j->paper);
    }
    httpa_paper_at(&j->paper, TEXT_AT);
    put_source(check, &b);
    httpa_page_flush(j, HTTPA_INK_GREY, &b);
    httpa_paper_end(&j->paper);
    httpa_buf_done(&b);
}

static void draw_checks(struct httpa_page_job *j)
{
    const json_t *checks = json_object_get(j->document, "checks");
    httpa_paper_put_str(&j->paper, HTTPA_INK_BOLD, "checks");
    httpa_paper_end(&j->paper);
    for (size_t i = 0; i < json_array_size(checks); i++) {
        const json_t *c = json_array_get(checks, i);
        httpa_paper_at(&j->paper, RESULT_AT);
        httpa_paper_put(&j->paper, ink_of(c),
                        httpa_document_text(c, "result"));
        httpa_paper_at(&j->paper, ID_AT);
        httpa_paper_put(&j->paper, HTTPA_INK_PLAIN,
                        httpa_document_text(c, "id"));
        draw_lines(j, c);
    }
    httpa_paper_gap(&j->paper);
}

static bool is_register(const json_t *item, const char *name)
{
    const json_t *names = json_object_get(item, "registers");
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *text = json_string_value(json_array_get(names, i));
        if (text != NULL && strcmp(text, name) == 0) {
            return true;
        }
    }
    return false;
}

static void draw_item(struct httpa_page_job *j, const json_t *item)
{
    json_t *claims = json_object_get(item, "claims");
    const char *name;
    json_t *value;
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    httpa_buf_put_str(&b, "claims of ");
    httpa_page_item(j, item, &b);
    httpa_page_flush(j, HTTPA_INK_BOLD, &b);
    httpa_paper_end(&j->paper);
    json_object_foreach(claims, name, value)
    {
        httpa_paper_at(&j->paper, 2);
        httpa_paper_put_str(&j->paper, HTTPA_INK_PLAIN,
                            is_register(item, name) ? "*" : "");
        httpa_paper_at(&j->paper, NAME_AT);
        httpa_paper_put_str(&j->paper, HTTPA_INK_PLAIN, name);
        httpa_paper_at(&j->paper, VALUE_AT);
        httpa_document_write(&b, value);
        httpa_page_flush(j, HTTPA_INK_PLAIN, &b);
        httpa_paper_end(&j->paper);
    }
    httpa_buf_done(&b);
}

static void draw_claims(struct httpa_page_job *j)
{
    const json_t *items = json_object_get(j->document, "evidence");
    for (size_t i = 0; i < json_array_size(items); i++) {
        draw_item(j, json_array_get(items, i));
    }
    httpa_paper_at(&j->paper, 2);
    httpa_paper_put_str(&j->paper, HTTPA_INK_GREY,
                        "*: a register that a measurement set can pin");
    httpa_paper_gap(&j->paper);
}

void httpa_page_tables(struct httpa_page_job *j)
{
    draw_checks(j);
    draw_claims(j);
}
