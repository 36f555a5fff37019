/*
 * What operators count (P6): counters that any thread may move, and their
 * Prometheus text.  Words are of closed sets, so that a stranger cannot make
 * series.
 */
#ifndef HTTPA_GATEWAY_METRICS_H
#define HTTPA_GATEWAY_METRICS_H

#include <stdatomic.h>

#include <httpa/kind.h>
#include <httpa/service.h>

#define HTTPA_METRICS_OUTCOMES 26u
#define HTTPA_METRICS_QUOTE_BUCKETS 12u

/* What a message was: httpa_kind, and what a sealed one turned out to be. */
enum httpa_metrics_kind {
    HTTPA_METRICS_PREFLIGHT,
    HTTPA_METRICS_DISCOVERY,
    HTTPA_METRICS_ATHS,
    HTTPA_METRICS_SEALED, /* before its head was read */
    HTTPA_METRICS_TRR,
    HTTPA_METRICS_ATSP,
    HTTPA_METRICS_CLEAR_FORM,
    HTTPA_METRICS_MALFORMED,
    HTTPA_METRICS_UNTRUSTED,
    HTTPA_METRICS_KIND_COUNT
};

struct httpa_metrics {
    _Atomic uint64_t messages[HTTPA_METRICS_KIND_COUNT][HTTPA_METRICS_OUTCOMES];
    _Atomic uint64_t answers[6]; /* of the application, by class */
    _Atomic uint64_t bytes_in;   /* content of requests, opened */
    _Atomic uint64_t bytes_out;  /* content of answers, before sealing */
    _Atomic uint64_t upstream_failures;
    _Atomic uint64_t quotes[HTTPA_METRICS_QUOTE_BUCKETS]; /* not cumulated */
    _Atomic uint64_t quote_us;
    _Atomic uint64_t quote_failures;
    _Atomic uint64_t fillers;
};

enum httpa_metrics_kind httpa_metrics_kind_of(enum httpa_kind kind);
const char *httpa_metrics_kind_name(enum httpa_metrics_kind kind);

/* |outcome|: "ok", a token of doc/protocol.md 14, or "aborted"; anything else
 * counts as "other". */
void httpa_metrics_message(struct httpa_metrics *m, enum httpa_metrics_kind k,
                           const char *outcome);
void httpa_metrics_answer(struct httpa_metrics *m, unsigned status);
void httpa_metrics_quote(struct httpa_metrics *m, uint64_t took_us, bool ok);

/* What is read when asked, beside the counters. */
struct httpa_metrics_now {
    struct httpa_service_stats service;
    size_t quotes_waiting;
    size_t connections;
    int64_t quote_key_ends_s; /* 0: none */
    int64_t started_s;
    size_t collateral_pieces;
    int64_t collateral_issued_s; /* the oldest; 0: none */
    int64_t collateral_lapses_s; /* the first; 0: none */
    int64_t collateral_left_s;   /* until then; 0: lapsed, or none */
    int64_t collateral_ok_s;     /* of --collateral-fetch; 0: never */
    int64_t collateral_failed_s;
    uint64_t collateral_failures;
    int64_t refused_from_s; /* by who demands UpToDate; 0: not known */
    bool ready;
    bool draining;
};

/* Appends the text of /metrics. */
void httpa_metrics_write(const struct httpa_metrics *m,
                         const struct httpa_metrics_now *now,
                         struct httpa_buf *out);

#endif
