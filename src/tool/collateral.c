/* `httpa collateral fetch|show|check`: what vendors say about platforms, kept
 * in a folder. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/time.h"
#include "collateral/fetch.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/stored.h"
#include "tool/tool.h"
#include "tool/transport.h"

#define DAY_S 86400
#define DAYS 7        /* `check` without --days */
#define MAX_TIME_MS 300000 /* `fetch` without --max-time */
#define DAYS_MAX 3650 /* a root of AMD lasts for 25 years */

struct settings {
    const char *to;
    const char *type;
    const char *bases[HTTPA_COLLATERAL_SOURCES];
    const char *cacert;
    uint64_t max_time_ms;
    const char *at;
    const char *days;
    bool json;
};

#define AT(member) .offset = offsetof(struct settings, member)

static const struct httpa_option_row rows[] = {
    { .group = "fetch",
      .name = "to",
      .argument = "DIR",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(to),
      .help = "The folder; it is made when it is not there" },
    { .name = "type",
      .argument = "WORD",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(type),
      .help = "sev-snp, tdx or sgx, when names of files do not\n"
              "say it" },
    { .name = "kds",
      .argument = "URL",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(bases[HTTPA_COLLATERAL_KDS]),
      .help = "Ask this copy instead of https://kdsintf.amd.com" },
    { .name = "pcs",
      .argument = "URL",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(bases[HTTPA_COLLATERAL_PCS]),
      .help = "Instead of https://api.trustedservices.intel.com" },
    { .name = "intel-root",
      .argument = "URL",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(bases[HTTPA_COLLATERAL_INTEL_ROOT]),
      .help = "Instead of\n"
              "https://certificates.trustedservices.intel.com" },
    { .name = "cacert",
      .argument = "FILE",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(cacert),
      .help = "Roots for the TLS certificates of those" },
    { .letter = 'm',
      .name = "max-time",
      .argument = "SECONDS",
      .type = HTTPA_OPTION_IS_SECONDS,
      AT(max_time_ms),
      .help = "For everything together [300]" },
    { .group = "show, check",
      .name = "at",
      .argument = "TIME",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(at),
      .help = "As of then: 2026-11-20T18:30:00Z" },
    { .name = "days",
      .argument = "N",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(days),
      .help = "check: fail when something lapses within N days\n"
              "[7]" },
    { .name = "json",
      .type = HTTPA_OPTION_IS_FLAG,
      AT(json),
      .help = "show: for programs" },
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "collateral",
    .usage = "httpa collateral fetch EVIDENCE... --to DIR\n"
             "       httpa collateral show|check [OPTIONS] DIR",
    .intro =
        "Judging evidence needs what the makers of processors say: their\n"
        "certificates, revocation lists, which firmware is current. This\n"
        "keeps it in a folder, for httpa verify, httpa URL and httpa serve.\n"
        "\n"
        "fetch  asks AMD or Intel for what the evidence in files needs.\n"
        "       What comes has to be signed under their roots, and to be\n"
        "       about this evidence. Nothing is replaced by something older;\n"
        "       certificates that last are not asked for again.\n"
        "show   says what is there, for whom, and how long it lasts\n"
        "check  says what lapses soon, for a timer: exit code 1\n"
        "\n"
        "  httpa collateral fetch report.bin --to amd/\n"
        "  httpa collateral fetch quote.bin --to intel/\n"
        "  httpa verify quote.bin --collateral intel/\n"
        "  httpa serve --collateral intel/ --collateral-fetch ...  by itself\n"
        "  httpa collateral check intel/ --days 5\n",
    .rows = rows,
    .outro = "Exit codes: 0 all is there, 1 something lapses or is damaged, 2 "
             "usage or\nfile, 4 something could not be fetched.\n",
};

/* ---- fetch ---- */

static enum httpa_err need_all(const struct httpa_crypto *crypto,
                               const struct httpa_stored *stored,
                               const struct httpa_options_list *paths,
                               struct httpa_collateral_needs *needs)
{
    struct httpa_collateral_diag diag;
    for (size_t i = 0; i < stored->n; i++) {
        enum httpa_err err =
            httpa_collateral_need(crypto, &stored->items[i], needs, &diag);
        if (err != HTTPA_OK) {
            httpa_say("%s: %s", paths->v[i], diag.text);
            return err;
        }
    }
    return HTTPA_OK;
}

static void got(void *ctx, const struct httpa_collateral_need *need,
                enum httpa_collateral_got how)
{
    static const char *const words[] = {
        [HTTPA_COLLATERAL_NEW] = "new",
        [HTTPA_COLLATERAL_UNCHANGED] = "unchanged",
        [HTTPA_COLLATERAL_NEWER_THERE] = "kept",
        [HTTPA_COLLATERAL_LASTS] = "lasts",
    };
    (void)ctx;
    (void)printf("%-9s  %s\n", words[how], need->file);
    if (how == HTTPA_COLLATERAL_NEWER_THERE) {
        httpa_say("WARNING: %s: what came is older than what is there, or has "
                  "lapsed",
                  need->file);
    }
}

static void failed(void *ctx, const char *why)
{
    (void)ctx;
    httpa_say("%s", why);
}

/* A folder that readers refuse is of no use to them. */
static bool is_readable(const char *dir)
{
    struct httpa_collateral_diag diag;
    struct httpa_collateral *c = httpa_collateral_new(dir, &diag);
    bool ok = c != NULL;
    if (!ok) {
        httpa_say("nobody can read what is there now: %s; take another "
                  "folder, or remove what is no longer needed",
                  diag.text);
    } else if (c->n > HTTPA_ENDORSEMENTS_MAX) {
        httpa_say("there are %zu pieces: httpa verify and httpa serve choose "
                  "those of their evidence, httpa URL takes %u",
                  c->n, HTTPA_ENDORSEMENTS_MAX);
    }
    httpa_collateral_free(c);
    return ok;
}

static int fetch_needs(const struct settings *s, struct httpa_stored *stored,
                       const struct httpa_options_list *paths,
                       struct httpa_collateral_needs *needs)
{
    struct httpa_collateral_diag diag;
    struct httpa_collateral_fetch f = {
        .dir = s->to,
        .now_s = httpa_transport_now_s(),
        .cacert = s->cacert,
        .total_ms = s->max_time_ms,
    };
    memcpy(f.bases, s->bases, sizeof(f.bases));
    if (httpa_crypto_new(&stored->crypto) != HTTPA_OK) {
        httpa_say("cannot start: no memory, or no crypto");
        return HTTPA_EXIT_USAGE;
    }
    f.crypto = stored->crypto;
    if (need_all(f.crypto, stored, paths, needs) != HTTPA_OK) {
        return HTTPA_EXIT_USAGE;
    }
    if (httpa_collateral_fetch_start(&f, &diag) != HTTPA_OK) {
        httpa_say("%s", diag.text);
        return HTTPA_EXIT_USAGE;
    }
    const struct httpa_collateral_listener to = { got, failed, NULL };
    bool all = httpa_collateral_fetch_all(&f, needs, &to);
    if (!is_readable(s->to) || !all) {
        httpa_say_next("httpa collateral show %s", s->to);
        return HTTPA_EXIT_UNDECIDED;
    }
    return HTTPA_EXIT_DONE;
}

static int
fetch(const struct settings *s, const struct httpa_options_list *paths)
{
    struct httpa_stored stored = { .type = s->type };
    struct httpa_collateral_needs *needs = calloc(1, sizeof(*needs));
    int code = HTTPA_EXIT_USAGE;
    if (s->to == NULL) {
        httpa_say("where to? --to DIR");
        httpa_say_next("httpa collateral --help");
        free(needs);
        return code;
    }
    if (needs != NULL && httpa_stored_read(&stored, paths->v, paths->n)) {
        code = fetch_needs(s, &stored, paths, needs);
    }
    httpa_stored_done(&stored);
    free(needs);
    return code;
}

/* ---- show, check ---- */

struct row {
    const char *file;
    bool whole;
    struct httpa_collateral_facts facts;
    int64_t days; /* left, rounded down */
};

/* A key has no dates: "-". */
static void write_time(int64_t at_s, char room[HTTPA_TIME_RFC3339_LEN + 1])
{
    if (at_s == 0) {
        (void)snprintf(room, HTTPA_TIME_RFC3339_LEN + 1, "-");
        return;
    }
    struct httpa_buf b =
        httpa_buf_fixed((uint8_t *)room, HTTPA_TIME_RFC3339_LEN);
    httpa_time_write_rfc3339(&b, at_s);
    room[b.n] = '\0';
}

static void print_row(const struct row *r)
{
    char issued[HTTPA_TIME_RFC3339_LEN + 1];
    char lapses[HTTPA_TIME_RFC3339_LEN + 1];
    char whom[HTTPA_COLLATERAL_WHOM];
    if (!r->whole) {
        (void)printf("%-13s  ", "DAMAGED");
    } else {
        write_time(r->facts.issued_s, issued);
        write_time(r->facts.lapses_s, lapses);
        (void)printf("%-13s  %-10.10s  %-10.10s  ", r->facts.kind, issued,
                     lapses);
        if (r->facts.lapses_s != 0) {
            (void)printf("%5" PRId64, r->days);
        } else {
            (void)printf("%5s", "-");
        }
        (void)printf("  %-36s  ",
                     httpa_say_clean(httpa_slice_str(r->facts.whom), whom,
                                     sizeof(whom)));
    }
    httpa_say_bytes(stdout, httpa_slice_str(r->file));
    (void)puts("");
}

static json_t *row_json(const struct row *r)
{
    char issued[HTTPA_TIME_RFC3339_LEN + 1];
    char lapses[HTTPA_TIME_RFC3339_LEN + 1];
    char whom[HTTPA_COLLATERAL_WHOM];
    if (!r->whole) {
        return json_pack("{s:s,s:b}", "file", r->file, "damaged", 1);
    }
    write_time(r->facts.issued_s, issued);
    write_time(r->facts.lapses_s, lapses);
    json_t *o = json_pack(
        "{s:s,s:b,s:s,s:s}", "file", r->file, "damaged", 0, "kind",
        r->facts.kind, "for",
        httpa_say_clean(httpa_slice_str(r->facts.whom), whom, sizeof(whom)));
    if (o != NULL && r->facts.lapses_s != 0) {
        (void)json_object_set_new(o, "issued", json_string(issued));
        (void)json_object_set_new(o, "lapses", json_string(lapses));
        (void)json_object_set_new(o, "days_left",
                                  json_integer((json_int_t)r->days));
    }
    return o;
}

static bool print_json(const struct row *rows_, size_t n)
{
    json_t *all = json_array();
    for (size_t i = 0; i < n; i++) {
        (void)json_array_append_new(all, row_json(&rows_[i]));
    }
    bool ok = all != NULL && json_array_size(all) == n &&
              json_dumpf(all, stdout, JSON_INDENT(2)) == 0;
    json_decref(all);
    (void)puts("");
    return ok;
}

static void fill(const struct httpa_crypto *crypto,
                 const struct httpa_collateral *c, int64_t at_s,
                 struct row *ret_rows)
{
    for (size_t i = 0; i < c->n; i++) {
        struct row *r = &ret_rows[i];
        r->file = c->names[i];
        r->whole =
            httpa_collateral_look(crypto, &c->v[i], &r->facts) == HTTPA_OK;
        int64_t left_s = r->facts.lapses_s - at_s;
        int64_t past_s = left_s < 0 ? DAY_S - 1 : 0;
        r->days = r->facts.lapses_s != 0 ? (left_s - past_s) / DAY_S : DAYS_MAX;
    }
}

static int
show(const struct settings *s, const struct row *all, size_t n, int64_t days)
{
    (void)days;
    if (s->json) {
        return print_json(all, n) ? HTTPA_EXIT_DONE : HTTPA_EXIT_USAGE;
    }
    (void)printf("%-13s  %-10s  %-10s  %5s  %-36s  %s\n", "KIND", "ISSUED",
                 "LAPSES", "DAYS", "FOR", "FILE");
    for (size_t i = 0; i < n; i++) {
        print_row(&all[i]);
    }
    return HTTPA_EXIT_DONE;
}

static int
check(const struct settings *s, const struct row *all, size_t n, int64_t days)
{
    size_t bad = 0;
    (void)s;
    for (size_t i = 0; i < n; i++) {
        if (!all[i].whole || all[i].days < days) {
            print_row(&all[i]);
            bad++;
        }
    }
    if (n == 0) {
        httpa_say("no collateral there");
    }
    return bad == 0 && n > 0 ? HTTPA_EXIT_DONE : HTTPA_EXIT_REFUSED;
}

typedef int (*look_fn)(const struct settings *s, const struct row *all,
                       size_t n, int64_t days);

static int look_at(const struct settings *s, const char *dir, int64_t at_s,
                   int64_t days, look_fn look)
{
    struct httpa_collateral_diag diag;
    struct httpa_crypto *crypto = NULL;
    struct httpa_collateral *c = httpa_collateral_new(dir, &diag);
    struct row *all = calloc(HTTPA_COLLATERAL_MAX, sizeof(*all));
    int code = HTTPA_EXIT_USAGE;
    if (c == NULL) {
        httpa_say("%s", diag.text);
    } else if (all == NULL || httpa_crypto_new(&crypto) != HTTPA_OK) {
        httpa_say("cannot start: no memory, or no crypto");
    } else {
        fill(crypto, c, at_s, all);
        code = look(s, all, c->n, days);
    }
    httpa_collateral_free(c);
    httpa_crypto_free(crypto);
    free(all);
    return code;
}

static bool read_days(const char *text, int64_t *ret_days)
{
    char *end = NULL;
    if (text == NULL) {
        *ret_days = DAYS;
        return true;
    }
    long n = strtol(text, &end, 10);
    *ret_days = n;
    return end != text && *end == '\0' && n >= 0 && n <= DAYS_MAX;
}

static int look(const struct settings *s, const struct httpa_options_list *dirs,
                look_fn fn)
{
    int64_t at_s = httpa_transport_now_s();
    int64_t days = 0;
    if (dirs->n != 1) {
        httpa_say("one folder is needed");
    } else if (s->at != NULL && httpa_time_read_rfc3339(httpa_slice_str(s->at),
                                                        &at_s) != HTTPA_OK) {
        httpa_say("--at: a time like 2026-11-20T18:30:00Z");
    } else if (!read_days(s->days, &days)) {
        httpa_say("--days: a number up to %d", DAYS_MAX);
    } else {
        return look_at(s, dirs->v[0], at_s, days, fn);
    }
    httpa_say_next("httpa collateral --help");
    return HTTPA_EXIT_USAGE;
}

/* ---- the command ---- */

int httpa_tool_collateral(int argc, char **argv)
{
    struct settings s = { .max_time_ms = MAX_TIME_MS };
    struct httpa_options_list rest = { .n = 0 };
    enum httpa_err err = httpa_options_read(&command, argc, argv, &s, &rest);
    if (err == HTTPA_ERR_ABORTED) {
        return HTTPA_EXIT_DONE;
    }
    const char *word = err == HTTPA_OK && rest.n >= 2 ? rest.v[0] : "";
    if (rest.n > 0) {
        rest.n--;
        memmove(rest.v, rest.v + 1, rest.n * sizeof(rest.v[0]));
    }
    if (strcmp(word, "fetch") == 0) {
        return fetch(&s, &rest);
    }
    if (strcmp(word, "show") == 0) {
        return look(&s, &rest, show);
    }
    if (strcmp(word, "check") == 0) {
        return look(&s, &rest, check);
    }
    httpa_say("fetch EVIDENCE..., show DIR or check DIR");
    httpa_say_next("httpa collateral --help");
    return HTTPA_EXIT_USAGE;
}
