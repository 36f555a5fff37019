#include "gateway/metrics.h"

#include <string.h>

#include "base/writer.h"

static const char *const kinds[HTTPA_METRICS_KIND_COUNT] = {
    [HTTPA_METRICS_PREFLIGHT] = "preflight",
    [HTTPA_METRICS_DISCOVERY] = "discovery",
    [HTTPA_METRICS_ATHS] = "aths",
    [HTTPA_METRICS_SEALED] = "sealed",
    [HTTPA_METRICS_TRR] = "trr",
    [HTTPA_METRICS_ATSP] = "atsp",
    [HTTPA_METRICS_CLEAR_FORM] = "clear-form",
    [HTTPA_METRICS_MALFORMED] = "malformed",
    [HTTPA_METRICS_UNTRUSTED] = "utr",
};

/* doc/protocol.md 14, and how a message can end besides. */
static const char *const outcomes[HTTPA_METRICS_OUTCOMES] = {
    "other",  "ok",     "aborted",   "malformed", "version",
    "suite",  "group",  "date",      "untrusted", "client",
    "policy", "target", "too-large", "challenge", "base-unknown",
    "replay", "busy",   "draining",  "head",      "clear",
    "seen",   "secret", "rekey",     "upstream",  "not-ready",
    "content"
};

/* Upper bounds in µs: from swtpm to a slow discrete TPM. */
static const struct {
    uint64_t us;
    const char *text;
} buckets[HTTPA_METRICS_QUOTE_BUCKETS] = {
    { 500, "0.0005" }, { 1000, "0.001" }, { 2500, "0.0025" },
    { 5000, "0.005" }, { 10000, "0.01" }, { 25000, "0.025" },
    { 50000, "0.05" }, { 100000, "0.1" }, { 250000, "0.25" },
    { 500000, "0.5" }, { 1000000, "1" },  { UINT64_MAX, "+Inf" },
};

enum httpa_metrics_kind httpa_metrics_kind_of(enum httpa_kind kind)
{
    static const enum httpa_metrics_kind of[] = {
        [HTTPA_KIND_UNSET] = HTTPA_METRICS_MALFORMED,
        [HTTPA_KIND_PREFLIGHT] = HTTPA_METRICS_PREFLIGHT,
        [HTTPA_KIND_DISCOVERY] = HTTPA_METRICS_DISCOVERY,
        [HTTPA_KIND_ATHS] = HTTPA_METRICS_ATHS,
        [HTTPA_KIND_SEALED] = HTTPA_METRICS_SEALED,
        [HTTPA_KIND_CLEAR_FORM] = HTTPA_METRICS_CLEAR_FORM,
        [HTTPA_KIND_MALFORMED] = HTTPA_METRICS_MALFORMED,
        [HTTPA_KIND_UNTRUSTED] = HTTPA_METRICS_UNTRUSTED,
    };
    return of[kind];
}

const char *httpa_metrics_kind_name(enum httpa_metrics_kind kind)
{
    return kinds[kind];
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void httpa_metrics_message(struct httpa_metrics *m, enum httpa_metrics_kind k,
                           const char *outcome)
{
    size_t found = 0;
    for (size_t i = 0; i < HTTPA_METRICS_OUTCOMES; i++) {
        if (strcmp(outcomes[i], outcome) == 0) {
            found = i;
            break;
        }
    }
    add(&m->messages[k][found], 1);
}

void httpa_metrics_answer(struct httpa_metrics *m, unsigned status)
{
    if (status / 100 < 6) {
        add(&m->answers[status / 100], 1);
    }
}

void httpa_metrics_quote(struct httpa_metrics *m, uint64_t took_us, bool ok)
{
    size_t i = 0;
    while (took_us > buckets[i].us) {
        i++;
    }
    add(&m->quotes[i], 1);
    add(&m->quote_us, took_us);
    if (!ok) {
        add(&m->quote_failures, 1);
    }
}

static void head(struct httpa_buf *out, const char *name, const char *type,
                 const char *help)
{
    const char *const parts[] = { "# HELP ", name, " ", help, "\n",
                                  "# TYPE ", name, " ", type, "\n" };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        httpa_buf_put_str(out, parts[i]);
    }
}

static void sample(struct httpa_buf *out, const char *name, const char *labels,
                   uint64_t value)
{
    httpa_buf_put_str(out, name);
    httpa_buf_put_str(out, labels);
    httpa_buf_put_byte(out, ' ');
    httpa_write_decimal(out, value);
    httpa_buf_put_byte(out, '\n');
}

static void single(struct httpa_buf *out, const char *name, const char *type,
                   const char *help, uint64_t value)
{
    head(out, name, type, help);
    sample(out, name, "", value);
}

static void write_messages(const struct httpa_metrics *m, struct httpa_buf *out)
{
    head(out, "httpa_messages_total", "counter",
         "Messages by kind and outcome (Attest-Error token, ok, aborted).");
    for (size_t k = 0; k < HTTPA_METRICS_KIND_COUNT; k++) {
        for (size_t o = 0; o < HTTPA_METRICS_OUTCOMES; o++) {
            uint64_t n = get(&m->messages[k][o]);
            if (n > 0) {
                httpa_buf_put_str(out, "httpa_messages_total{kind=\"");
                httpa_buf_put_str(out, kinds[k]);
                httpa_buf_put_str(out, "\",outcome=\"");
                httpa_buf_put_str(out, outcomes[o]);
                sample(out, "\"}", "", n);
            }
        }
    }
}

static void write_answers(const struct httpa_metrics *m, struct httpa_buf *out)
{
    static const char *const classes[] = { NULL,
                                           NULL,
                                           "{class=\"2xx\"}",
                                           "{class=\"3xx\"}",
                                           "{class=\"4xx\"}",
                                           "{class=\"5xx\"}" };
    head(out, "httpa_application_answers_total", "counter",
         "Answers of the application by status.");
    for (size_t c = 2; c < 6; c++) {
        sample(out, "httpa_application_answers_total", classes[c],
               get(&m->answers[c]));
    }
}

static void write_quotes(const struct httpa_metrics *m, struct httpa_buf *out)
{
    uint64_t sum = 0;
    head(out, "httpa_quote_seconds", "histogram",
         "Time the TEE took to make evidence.");
    for (size_t i = 0; i < HTTPA_METRICS_QUOTE_BUCKETS; i++) {
        sum += get(&m->quotes[i]);
        httpa_buf_put_str(out, "httpa_quote_seconds_bucket{le=\"");
        httpa_buf_put_str(out, buckets[i].text);
        sample(out, "\"}", "", sum);
    }
    uint64_t us = get(&m->quote_us);
    uint64_t fraction = us % 1000000 + 1000000; /* keeps leading zeros */
    uint8_t room[24];
    struct httpa_buf digits = httpa_buf_fixed(room, sizeof(room));
    httpa_write_decimal(&digits, fraction);
    httpa_buf_put_str(out, "httpa_quote_seconds_sum ");
    httpa_write_decimal(out, us / 1000000);
    httpa_buf_put_byte(out, '.');
    httpa_buf_put(out, room + 1, 6);
    sample(out, "\nhttpa_quote_seconds_count", "", sum);
}

static void write_content(const struct httpa_metrics *m, struct httpa_buf *out)
{
    head(out, "httpa_content_bytes_total", "counter",
         "Content, without HTTPA's own bytes.");
    sample(out, "httpa_content_bytes_total", "{direction=\"in\"}",
           get(&m->bytes_in));
    sample(out, "httpa_content_bytes_total", "{direction=\"out\"}",
           get(&m->bytes_out));
}

static void
write_collateral(const struct httpa_metrics_now *now, struct httpa_buf *out)
{
    const struct {
        const char *name, *type, *help;
        uint64_t value;
    } rows[] = {
        { "httpa_collateral_pieces", "gauge",
          "Pieces of --collateral that are sent along.",
          now->collateral_pieces },
        { "httpa_collateral_issued_seconds", "gauge",
          "Unix time at which the oldest list or document of them was issued; "
          "0: none.",
          (uint64_t)now->collateral_issued_s },
        { "httpa_collateral_lapses_seconds", "gauge",
          "Unix time at which the first of them lapses; 0: none.",
          (uint64_t)now->collateral_lapses_s },
        { "httpa_collateral_left_seconds", "gauge",
          "Seconds until then; 0: it has lapsed, or there is none.",
          (uint64_t)now->collateral_left_s },
        { "httpa_collateral_fetched_seconds", "gauge",
          "Unix time at which all of it was fetched last; 0: never.",
          (uint64_t)now->collateral_ok_s },
        { "httpa_collateral_fetch_failed_seconds", "gauge",
          "Unix time at which some of it could not be fetched; 0: never.",
          (uint64_t)now->collateral_failed_s },
        { "httpa_collateral_fetch_failures_total", "counter",
          "Rounds of fetching in which something could not be had.",
          now->collateral_failures },
        { "httpa_tcb_refused_from_seconds", "gauge",
          "Unix time from which clients that demand UpToDate and know what we "
          "know refuse; 0: none.",
          (uint64_t)now->refused_from_s },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        single(out, rows[i].name, rows[i].type, rows[i].help, rows[i].value);
    }
}

void httpa_metrics_write(const struct httpa_metrics *m,
                         const struct httpa_metrics_now *now,
                         struct httpa_buf *out)
{
    write_messages(m, out);
    write_answers(m, out);
    write_content(m, out);
    write_quotes(m, out);
    single(out, "httpa_quote_failures_total", "counter",
           "Evidence that the TEE did not make.", get(&m->quote_failures));
    single(out, "httpa_quotes_waiting", "gauge",
           "Handshakes that wait for the TEE.", now->quotes_waiting);
    single(out, "httpa_quote_key_ends_seconds", "gauge",
           "Unix time at which the attested key ends; 0: none.",
           (uint64_t)now->quote_key_ends_s);
    write_collateral(now, out);
    single(out, "httpa_sessions", "gauge", "Sessions alive.",
           now->service.bases);
    single(out, "httpa_handshakes_total", "counter", "Sessions made.",
           now->service.handshakes);
    single(out, "httpa_tickets_accepted_total", "counter",
           "Sealed messages whose ticket verified.", now->service.accepted);
    single(out, "httpa_replays_total", "counter",
           "Genuine tickets that came again.", now->service.replays);
    single(out, "httpa_base_unknown_total", "counter",
           "Tickets of no session here, or forged.", now->service.unknown);
    single(out, "httpa_upstream_failures_total", "counter",
           "Requests that the application did not answer.",
           get(&m->upstream_failures));
    single(out, "httpa_fillers_total", "counter",
           "Signs of life sent while an answer was not there.",
           get(&m->fillers));
    single(out, "httpa_connections", "gauge", "Open connections.",
           now->connections);
    single(out, "httpa_ready", "gauge", "1: as /readyz says.", now->ready);
    single(out, "httpa_draining", "gauge", "1: on the way to stop.",
           now->draining);
    single(out, "process_start_time_seconds", "gauge",
           "Unix time of the start.", (uint64_t)now->started_s);
}
