/* The four words, each with what it rests on and what speaks against it. */
#include "tool/page_parts.h"

#include "base/writer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define WORD_AT 2u
#define SAID_AT 12u
#define TEXT_AT 18u

#define OPEN_MAX 8u     /* registers that are said not to be judged */
#define KEY_END 4u      /* digits of a key's digest that people compare */
#define SPKI_DIGITS 64u

static const struct said {
    const char *outcome;
    const char *said;
    enum httpa_ink ink;
} saids[] = {
    { "pass", "yes", HTTPA_INK_GREEN },   { "warn", "warn", HTTPA_INK_YELLOW },
    { "fail", "NO", HTTPA_INK_RED },      { "unknown", "?", HTTPA_INK_YELLOW },
};

static const json_t *checks_of(const struct httpa_page_job *j)
{
    return json_object_get(j->document, "checks");
}

static bool is_of_word(const json_t *check, const char *word)
{
    struct httpa_slice has = httpa_document_text(check, "word");
    return word != NULL ? httpa_slice_is(has, word) : has.n == 0;
}

static bool is_trouble(const json_t *check)
{
    return httpa_document_is(check, "result", "fail") ||
           httpa_document_is(check, "result", "warn") ||
           httpa_document_is(check, "result", "unknown");
}

/* ---- troubles ---- */

static void put_sentence(const struct httpa_page_job *j, const json_t *check,
                         struct httpa_buf *b)
{
    const json_t *reason = json_object_get(j->document, "reason");
    struct httpa_slice text = httpa_document_text(check, "text");
    struct httpa_slice id = httpa_document_text(check, "id");
    if (text.n == 0 &&
        httpa_slice_equal(id, httpa_document_text(reason, "check"))) {
        text = httpa_document_text(reason, "text");
    }
    httpa_buf_put_slice(b, text.n > 0 ? text : id);
}

/* Sentence, values, advice: a line each, or more where they are long. */
static void draw_trouble(struct httpa_page_job *j, const json_t *check)
{
    bool warns = httpa_document_is(check, "result", "warn");
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    httpa_paper_at(&j->paper, TEXT_AT);
    put_sentence(j, check, &b);
    httpa_page_flush(j, HTTPA_INK_PLAIN, &b);
    httpa_paper_end(&j->paper);
    if (!warns) {
        httpa_paper_at(&j->paper, TEXT_AT);
        httpa_page_seen(j, check, &b);
        httpa_page_flush(j, HTTPA_INK_PLAIN, &b);
        httpa_paper_end(&j->paper);
    }
    httpa_paper_at(&j->paper, TEXT_AT);
    httpa_buf_put_slice(&b, httpa_document_text(check, "do"));
    httpa_page_flush(j, HTTPA_INK_GREY, &b);
    httpa_paper_end(&j->paper);
    httpa_buf_done(&b);
}

/* One cause may fail several checks: it is said once. */
static bool was_said(const json_t *checks, size_t end, const json_t *check)
{
    const json_t *text = json_object_get(check, "text");
    for (size_t i = 0; text != NULL && i < end; i++) {
        const json_t *other = json_array_get(checks, i);
        if (is_trouble(other) &&
            json_equal(json_object_get(other, "text"), text) &&
            json_equal(json_object_get(other, "do"),
                       json_object_get(check, "do"))) {
            return true;
        }
    }
    return false;
}

static void draw_troubles(struct httpa_page_job *j, const char *word)
{
    const json_t *checks = checks_of(j);
    for (size_t i = 0; i < json_array_size(checks); i++) {
        const json_t *check = json_array_get(checks, i);
        if (is_of_word(check, word) && is_trouble(check) &&
            !was_said(checks, i, check)) {
            draw_trouble(j, check);
        }
    }
}

/* ---- grounds ---- */

typedef void (*put_fn)(const struct httpa_page_job *j, const json_t *item,
                       struct httpa_buf *b);

static void put_current(const struct httpa_page_job *j, const json_t *item,
                        struct httpa_buf *b)
{
    (void)j;
    httpa_page_item_current(item, b);
}

/* A line for each item. */
static void draw_items(struct httpa_page_job *j, put_fn put)
{
    const json_t *items = json_object_get(j->document, "evidence");
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    for (size_t i = 0; i < json_array_size(items); i++) {
        put(j, json_array_get(items, i), &b);
        httpa_paper_at(&j->paper, TEXT_AT);
        if (httpa_page_flush(j, HTTPA_INK_PLAIN, &b)) {
            httpa_paper_end(&j->paper);
        }
    }
    httpa_buf_done(&b);
}

static void draw_genuine(struct httpa_page_job *j)
{
    if (json_array_size(json_object_get(j->document, "evidence")) > 0) {
        draw_items(j, httpa_page_item);
        return;
    }
    httpa_paper_at(&j->paper, TEXT_AT);
    httpa_paper_put_str(&j->paper, HTTPA_INK_PLAIN, "no evidence");
    httpa_paper_end(&j->paper);
}

static void draw_current(struct httpa_page_job *j)
{
    draw_items(j, put_current);
}

static bool holds(const json_t *list, const json_t *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(json_array_get(list, i), text)) {
            return true;
        }
    }
    return false;
}

static bool any_used(const json_t *items)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        if (json_is_true(
                json_object_get(json_array_get(items, i), "used"))) {
            return true;
        }
    }
    return false;
}

/* Registers of the items that count, but those which are left open. */
static void put_pinned(const struct httpa_page_job *j, struct httpa_buf *b)
{
    const json_t *items = json_object_get(j->document, "evidence");
    const json_t *open = json_object_get(j->document, "not_judged");
    bool selects = any_used(items);
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const json_t *names = json_object_get(item, "registers");
        if (selects && !json_is_true(json_object_get(item, "used"))) {
            continue;
        }
        for (size_t k = 0; k < json_array_size(names); k++) {
            const json_t *name = json_array_get(names, k);
            if (!holds(open, name)) {
                httpa_buf_put_str(b, n++ > 0 ? " " : " (");
                httpa_document_write(b, name);
            }
        }
    }
    httpa_buf_put_str(b, n > 0 ? ")" : "");
}

static void put_open(const struct httpa_page_job *j, struct httpa_buf *b)
{
    const json_t *open = json_object_get(j->document, "not_judged");
    size_t n = json_array_size(open);
    size_t shown = n <= OPEN_MAX || j->page->every_check ? n : OPEN_MAX;
    for (size_t i = 0; i < shown; i++) {
        httpa_buf_put_str(b, i > 0 ? " " : "not judged: ");
        httpa_document_write(b, json_array_get(open, i));
    }
    if (shown < n) {
        httpa_buf_put_str(b, " and ");
        httpa_write_decimal(b, n - shown);
        httpa_buf_put_str(b, " more");
    }
}

static void put_match(const json_t *match, struct httpa_buf *b)
{
    struct httpa_slice set = httpa_document_text(match, "set");
    httpa_buf_put_slice(b, httpa_document_text(match, "profile"));
    httpa_buf_put_str(b, set.n > 0 ? ", " : "");
    httpa_buf_put_slice(b, set);
}

/* What matched; or whose registers did, though other members did not. */
static const json_t *match_of(const struct httpa_page_job *j,
                              const json_t *file)
{
    const json_t *words = json_object_get(j->document, "words");
    const json_t *matched = json_object_get(file, "matched");
    bool holds_so_far = httpa_document_is(words, "pinned", "pass") ||
                        httpa_document_is(words, "pinned", "warn");
    return json_is_object(matched) || !holds_so_far
               ? matched
               : json_array_get(json_object_get(file, "nearest"), 0);
}

static void draw_pinned(struct httpa_page_job *j)
{
    const json_t *file = json_object_get(j->document, "policy_file");
    const json_t *matched = match_of(j, file);
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    if (json_is_object(matched)) {
        put_match(matched, &b);
        put_pinned(j, &b);
        httpa_paper_at(&j->paper, TEXT_AT);
        httpa_page_flush(j, HTTPA_INK_PLAIN, &b);
        httpa_paper_end(&j->paper);
        put_open(j, &b);
        httpa_paper_at(&j->paper, TEXT_AT);
        httpa_page_flush(j, HTTPA_INK_GREY, &b);
        httpa_paper_end(&j->paper);
    }
    httpa_buf_done(&b);
}

/* "service key cb04..4f11, pinned" */
static void draw_yours(struct httpa_page_job *j)
{
    const json_t *identity = json_object_get(j->document, "identity");
    struct httpa_slice key = httpa_document_text(identity, "spki_sha256");
    struct httpa_slice subject = httpa_document_text(identity, "subject");
    struct httpa_buf b = httpa_buf_growing(HTTPA_DOCUMENT_MAX);
    if (key.n == SPKI_DIGITS) {
        httpa_buf_put_str(&b, "service key ");
        httpa_buf_put(&b, key.p, KEY_END);
        httpa_buf_put_str(&b, "..");
        httpa_buf_put(&b, key.p + key.n - KEY_END, KEY_END);
    }
    if (subject.n > 0) {
        httpa_buf_put_str(&b, b.n > 0 ? ", " : "");
        httpa_buf_put_slice(&b, subject);
    }
    if (b.n > 0 && httpa_document_is(identity, "result", "pass")) {
        httpa_buf_put_str(&b, ", ");
        httpa_buf_put_slice(&b, httpa_document_text(identity, "required"));
    }
    httpa_paper_at(&j->paper, TEXT_AT);
    httpa_page_flush(j, HTTPA_INK_PLAIN, &b);
    httpa_paper_end(&j->paper);
    httpa_buf_done(&b);
}

/* ---- the words ---- */

static const struct word {
    const char *name;
    void (*draw)(struct httpa_page_job *j);
} words[] = {
    { "genuine", draw_genuine },
    { "current", draw_current },
    { "pinned", draw_pinned },
    { "yours", draw_yours },
};

/* Whether anything of |word| was looked at. */
static bool was_asked(const struct httpa_page_job *j, const char *word)
{
    const json_t *checks = checks_of(j);
    for (size_t i = 0; i < json_array_size(checks); i++) {
        const json_t *check = json_array_get(checks, i);
        if (is_of_word(check, word) &&
            !httpa_document_is(check, "result", "skip")) {
            return true;
        }
    }
    return false;
}

static const struct said *said_of(const struct httpa_page_job *j,
                                  const char *word)
{
    const json_t *all = json_object_get(j->document, "words");
    size_t k = 0;
    while (k + 1 < COUNT(saids) &&
           !httpa_document_is(all, word, saids[k].outcome)) {
        k++;
    }
    return &saids[k];
}

/* What fails is said first; what holds, first what it rests on. */
static void draw_word(struct httpa_page_job *j, const struct word *word)
{
    static const struct said unasked = { "", "-", HTTPA_INK_GREY };
    bool asked = was_asked(j, word->name);
    const struct said *said = asked ? said_of(j, word->name) : &unasked;
    bool holds_so_far = said->ink == HTTPA_INK_GREEN ||
                        httpa_slice_is(httpa_slice_str(said->said), "warn");
    httpa_paper_at(&j->paper, WORD_AT);
    httpa_paper_put_str(&j->paper, HTTPA_INK_PLAIN, word->name);
    httpa_paper_at(&j->paper, SAID_AT);
    httpa_paper_put_str(&j->paper, said->ink, said->said);
    httpa_paper_at(&j->paper, TEXT_AT);
    if (!asked) {
        httpa_paper_put_str(&j->paper, HTTPA_INK_GREY, "not judged");
        httpa_paper_end(&j->paper);
    }
    if (holds_so_far) {
        word->draw(j);
        draw_troubles(j, word->name);
    } else {
        draw_troubles(j, word->name);
        word->draw(j);
    }
    httpa_paper_end(&j->paper);
}

/* What is wrong and belongs to none of the four. */
static void draw_rest(struct httpa_page_job *j)
{
    const json_t *checks = checks_of(j);
    size_t i = 0;
    while (i < json_array_size(checks) &&
           !(is_of_word(json_array_get(checks, i), NULL) &&
             is_trouble(json_array_get(checks, i)))) {
        i++;
    }
    if (i < json_array_size(checks)) {
        httpa_paper_at(&j->paper, WORD_AT);
        httpa_paper_put_str(&j->paper, HTTPA_INK_PLAIN, "also");
        draw_troubles(j, NULL);
    }
}

void httpa_page_words(struct httpa_page_job *j)
{
    for (size_t i = 0; i < COUNT(words); i++) {
        draw_word(j, &words[i]);
    }
    draw_rest(j);
}
