#include "tool/page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/writer.h"
#include "codec/time.h"
#include "tool/file.h"
#include "tool/say.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TEXT_MAX 8192u
#define JSON_MAX (1024u * 1024u)

/* Longer values are shown by their ends, unless everything is shown. */
#define VALUE_SHORT 40u

#define INDENT 18 /* of what follows a word */

#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RED "\033[31m"
#define GREY "\033[90m"
#define PLAIN "\033[0m"

static const struct {
    enum httpa_word word;
    const char *name;
} words[] = { { HTTPA_WORD_GENUINE, "genuine" },
              { HTTPA_WORD_CURRENT, "current" },
              { HTTPA_WORD_PINNED, "pinned" },
              { HTTPA_WORD_YOURS, "yours" } };

static const struct {
    enum httpa_outcome outcome;
    const char *said;
    const char *colour;
} said[] = { { HTTPA_OUTCOME_PASS, "yes", GREEN },
             { HTTPA_OUTCOME_WARN, "warn", YELLOW },
             { HTTPA_OUTCOME_FAIL, "NO", RED },
             { HTTPA_OUTCOME_SKIP, "-", GREY },
             { HTTPA_OUTCOME_UNKNOWN, "-", GREY } };

static const struct {
    const char *type;
    const char *words;
} types[] = {
    { "tpm", "TPM 2.0 (what booted; no isolation)" },
    { "dev", "a development key (no TEE at all; protects nothing)" },
};

bool httpa_page_wants_colour(FILE *to)
{
    const char *no = getenv("NO_COLOR");
    return isatty(fileno(to)) && (no == NULL || no[0] == '\0');
}

static void paint(const struct httpa_page *p, FILE *to, const char *colour)
{
    if (p->colour) {
        (void)fputs(colour, to);
    }
}

static const char *type_words(const char *type)
{
    for (size_t i = 0; type != NULL && i < COUNT(types); i++) {
        if (strcmp(types[i].type, type) == 0) {
            return types[i].words;
        }
    }
    return type != NULL ? type : "evidence of an unknown type";
}

void httpa_page_evidence(const struct httpa_verdict *v, struct httpa_buf *out)
{
    for (size_t i = 0; i < httpa_verdict_item_count(v); i++) {
        const struct httpa_verdict_item *item = httpa_verdict_item_at(v, i);
        httpa_buf_put_str(out, i > 0 ? "; " : "");
        httpa_buf_put_str(out, type_words(item->type));
        httpa_buf_put_str(out, item->cryptographic == HTTPA_OUTCOME_PASS
                                   ? ", genuine"
                                   : ", not shown to be genuine");
    }
    if (httpa_verdict_item_count(v) == 0) {
        httpa_buf_put_str(out, "no evidence");
    }
}

static void print_value(const struct httpa_page *p, FILE *to,
                        const struct httpa_value *value)
{
    struct httpa_buf b = httpa_buf_growing(TEXT_MAX);
    httpa_value_write(&b, value);
    struct httpa_slice s = httpa_buf_slice(&b);
    if (s.n <= VALUE_SHORT || p->every_check) {
        httpa_say_bytes(to, s);
    } else {
        httpa_say_bytes(to, httpa_slice_of(s.p, 16));
        (void)fputs("..", to);
        httpa_say_bytes(to, httpa_slice_from(s, s.n - 8));
    }
    httpa_buf_done(&b);
}

static void
print_seen(const struct httpa_page *p, FILE *to, const struct httpa_check *c)
{
    if (c->seen.type != HTTPA_VALUE_NONE) {
        (void)fputs("seen ", to);
        print_value(p, to, &c->seen);
    }
    if (c->expected.type != HTTPA_VALUE_NONE) {
        (void)fputs(
            c->seen.type != HTTPA_VALUE_NONE ? ", expected " : "expected ", to);
        print_value(p, to, &c->expected);
    }
}

static bool is_trouble(const struct httpa_check *c)
{
    return c->outcome == HTTPA_OUTCOME_FAIL || c->outcome == HTTPA_OUTCOME_WARN;
}

/* What failed or warns under |word|: sentence, values, advice.  |begun|: the
 * cursor stands where the first sentence goes. */
static void print_trouble(const struct httpa_page *p, FILE *to,
                          enum httpa_word word, bool begun)
{
    for (size_t i = 0; i < httpa_verdict_check_count(p->v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(p->v, i);
        if (c->word != word || !is_trouble(c)) {
            continue;
        }
        (void)fprintf(to, "%*s%s\n", begun ? 0 : INDENT, "",
                      c->text != NULL ? c->text : c->id);
        begun = false;
        if (c->seen.type != HTTPA_VALUE_NONE ||
            c->expected.type != HTTPA_VALUE_NONE) {
            (void)fprintf(to, "%*s", INDENT, "");
            print_seen(p, to, c);
            (void)fputc('\n', to);
        }
        if (c->advice != NULL) {
            (void)fprintf(to, "%*s%s\n", INDENT, "", c->advice);
        }
    }
}

/* What the word rests on, in one line; false: there is nothing to say. */
static bool
print_ground(const struct httpa_page *p, FILE *to, enum httpa_word word)
{
    const struct httpa_verdict_facts *f = httpa_verdict_facts(p->v);
    struct httpa_buf b = httpa_buf_growing(TEXT_MAX);
    switch (word) {
    case HTTPA_WORD_GENUINE:
        httpa_page_evidence(p->v, &b);
        break;
    case HTTPA_WORD_PINNED:
        httpa_buf_put_slice(&b, f->matched.profile);
        httpa_buf_put_str(&b, f->matched.set.n > 0 ? ", " : "");
        httpa_buf_put_slice(&b, f->matched.set);
        break;
    case HTTPA_WORD_YOURS:
        if (f->has_spki) {
            httpa_buf_put_str(&b, "service key ");
            httpa_write_hex(&b, httpa_slice_of(f->spki_sha256, 4));
            httpa_buf_put_str(&b, "..");
            httpa_write_hex(&b, httpa_slice_of(f->spki_sha256 + 28, 4));
        }
        break;
    case HTTPA_WORD_CURRENT:
    case HTTPA_WORD_NONE:
        break;
    }
    bool is_some = b.n > 0;
    httpa_say_bytes(to, httpa_buf_slice(&b));
    httpa_buf_done(&b);
    return is_some;
}

static bool has_trouble(const struct httpa_page *p, enum httpa_word word)
{
    for (size_t i = 0; i < httpa_verdict_check_count(p->v); i++) {
        const struct httpa_check *c = httpa_verdict_check_at(p->v, i);
        if (c->word == word && is_trouble(c)) {
            return true;
        }
    }
    return false;
}

static void print_word(const struct httpa_page *p, FILE *to, size_t i)
{
    enum httpa_outcome outcome = httpa_verdict_word(p->v, words[i].word);
    size_t k = 0;
    while (k + 1 < COUNT(said) && said[k].outcome != outcome) {
        k++;
    }
    (void)fprintf(to, "  %-9s ", words[i].name);
    paint(p, to, said[k].colour);
    (void)fprintf(to, "%-5s", said[k].said);
    paint(p, to, GREY);
    (void)fputc(' ', to);
    bool begun =
        !print_ground(p, to, words[i].word) && has_trouble(p, words[i].word);
    paint(p, to, PLAIN);
    if (!begun) {
        (void)fputc('\n', to);
    }
    print_trouble(p, to, words[i].word, begun);
}

static void
print_check(const struct httpa_page *p, FILE *to, const struct httpa_check *c)
{
    (void)fprintf(to, "  %-8s %-28s ", httpa_outcome_name(c->outcome), c->id);
    print_seen(p, to, c);
    if (c->has_age) {
        (void)fprintf(to, " (%lld s old)", (long long)c->age_s);
    }
    (void)fputc('\n', to);
}

static void print_claims(const struct httpa_page *p, FILE *to)
{
    for (size_t i = 0; i < httpa_verdict_claim_count(p->v); i++) {
        const struct httpa_claim *c = httpa_verdict_claim_at(p->v, i);
        (void)fprintf(to, "  %u %c ", c->of, c->measured ? 'm' : ' ');
        httpa_say_bytes(to, c->name);
        (void)fputs(" = ", to);
        print_value(p, to, &c->value);
        (void)fputc('\n', to);
    }
}

static void print_all(const struct httpa_page *p, FILE *to)
{
    (void)fputs("\nchecks\n", to);
    for (size_t i = 0; i < httpa_verdict_check_count(p->v); i++) {
        print_check(p, to, httpa_verdict_check_at(p->v, i));
    }
    (void)fputs("\nclaims (m: measured)\n", to);
    print_claims(p, to);
}

static void print_head(const struct httpa_page *p, FILE *to)
{
    static const char *const names[] = { "REFUSED", "UNDECIDED",
                                         "ACCEPTED, with warnings",
                                         "ACCEPTED" };
    static const char *const colours[] = { RED, YELLOW, YELLOW, GREEN };
    const struct httpa_verdict_facts *f = httpa_verdict_facts(p->v);
    enum httpa_result result = httpa_verdict_result(p->v);
    uint8_t room[32];
    struct httpa_buf at = httpa_buf_fixed(room, sizeof(room));
    httpa_time_write_rfc3339(&at, f->at_s);
    httpa_say_bytes(to, f->origin.n > 0 ? f->origin
                                        : httpa_slice_str("stored evidence"));
    (void)fputs("   ", to);
    paint(p, to, colours[result]);
    (void)fputs(names[result], to);
    paint(p, to, PLAIN);
    (void)fputs("   ", to);
    httpa_say_bytes(to, httpa_buf_slice(&at));
    (void)fputs("\n\n", to);
}

static void print_nearest(const struct httpa_verdict_facts *f, FILE *to)
{
    for (size_t i = 0; i < f->nearest_count && f->matched.profile.n == 0; i++) {
        (void)fputs(i == 0 ? "  nearest: " : "           ", to);
        httpa_say_bytes(to, f->nearest[i].profile);
        (void)fputs(" fails at ", to);
        httpa_say_bytes(to, f->nearest[i].failed);
        (void)fputc('\n', to);
    }
}

static void print_foot(const struct httpa_page *p, FILE *to)
{
    const struct httpa_verdict_facts *f = httpa_verdict_facts(p->v);
    print_nearest(f, to);
    if (f->open_count > 0) {
        (void)fputs("  not judged: ", to);
        for (size_t i = 0; i < f->open_count && i < 8; i++) {
            (void)fputs(i > 0 ? " " : "", to);
            httpa_say_bytes(to, f->open[i]);
        }
        (void)fputs(f->open_count > 8 ? " ...\n" : "\n", to);
    }
    if (f->binding != NULL) {
        (void)fprintf(to, "  binding: %s", f->binding);
        if (f->age_source != NULL) {
            (void)fprintf(to, ", %lld ms old (%s)",
                          (long long)f->session.age_ms, f->age_source);
        }
        (void)fputc('\n', to);
    }
    if (f->policy_name.n > 0) {
        (void)fputs("  policy: ", to);
        httpa_say_bytes(to, f->policy_name);
        (void)fputs(f->policy_note.n > 0 ? "; " : "", to);
        httpa_say_bytes(to, f->policy_note);
        (void)fputc('\n', to);
    }
}

void httpa_page_print(const struct httpa_page *page, FILE *to)
{
    enum httpa_result result = httpa_verdict_result(page->v);
    print_head(page, to);
    for (size_t i = 0; i < COUNT(words); i++) {
        print_word(page, to, i);
    }
    print_trouble(page, to, HTTPA_WORD_NONE, false);
    (void)fputc('\n', to);
    print_foot(page, to);
    if (page->every_check) {
        print_all(page, to);
    }
    if (page->sends &&
        (result == HTTPA_RESULT_REFUSED || result == HTTPA_RESULT_UNDECIDED)) {
        (void)fputs("  nothing was sent.\n", to);
    }
}

bool httpa_page_write_json(const struct httpa_verdict *v, const char *path)
{
    struct httpa_buf b = httpa_buf_growing(JSON_MAX);
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
