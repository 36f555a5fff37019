/*
 * A TDX guest for fake_tsm and an enclave for fake_gramine: quotes of versions
 * 4 and 3 under an Intel that is none (test/unit/evidence/intel/pki.h), and
 * folders of its collateral:
 *   good      all is right
 *   revoked   the list of the platforms' CA names this one
 *   expired   TCB info and QE identity ended yesterday
 *   newer     the next evaluation, since five days, under which the platform
 *             is out of date
 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "tsm_guest.h"
#include "unit/evidence/intel/pki.h"

/* Components of the platform's certificate under which documents.h calls it
 * out of date. */
#define OLD 1

struct world {
    const char *folder;
    bool revoked;
    int ends_days; /* from now */
    const char *number;
    const char *levels;
};

static const struct world worlds[] = {
    { .folder = "good", .ends_days = 20 },
    { .folder = "revoked", .ends_days = 20, .revoked = true },
    { .folder = "expired", .ends_days = -1 },
    { .folder = "newer",
      .ends_days = 20,
      .number = "19",
      .levels = "[" LEVEL(4, 13, 5, "UpToDate", "") "," LEVEL(
          1, 5, 3, "OutOfDate", ADVISORIES("\"INTEL-SA-1\"")) "]" },
};

static struct pki_wish design;

/* "2026-01-31T12:00:00Z" in its quotes. */
static void write_time(char text[32], int64_t when_s)
{
    time_t t = (time_t)when_s;
    struct tm tm;
    assert_non_null(gmtime_r(&t, &tm));
    assert_true(strftime(text, 32, "\"%Y-%m-%dT%H:%M:%SZ\"", &tm) > 0);
}

static void move(struct pki_span *span, int64_t by_s)
{
    span->from_s += by_s;
    span->to_s += by_s;
}

/* pki.h's certificates and lists are right at PKI_NOW. */
static void design_for(int64_t now_s, bool is_tdx)
{
    int64_t by_s = now_s - at(PKI_NOW);
    design = is_tdx ? pki_good(4, true) : pki_good(3, false);
    for (size_t i = 0; i < PKI_CERTS; i++) {
        move(&design.span[i], by_s);
    }
    move(&design.root_crl, by_s);
    move(&design.pck_crl, by_s);
}

static bool
write_piece(const struct pki_wish *w, enum piece piece, const char *folder)
{
    struct httpa_buf b = httpa_buf_growing(65536);
    pki_put(&b, w, piece);
    bool done = tsm_write(folder, pieces[piece].file, b.p, b.n);
    httpa_buf_done(&b);
    return done;
}

/* documents.h's levels are of evaluation 17. */
static bool
write_evaluations(const struct pki_wish *w, int64_t event_s, const char *folder)
{
    struct pki_wish of_now = *w;
    struct httpa_buf b = httpa_buf_growing(65536);
    char event[32], list[512];
    write_time(event, event_s);
    (void)snprintf(list, sizeof(list),
                   "[{\"tcbEvaluationDataNumber\":19,"
                   "\"tcbRecoveryEventDate\":%s,\"tcbDate\":%s},%s]",
                   event, event, EVALUATION(17, "2024-03-12", "2024-03-13"));
    of_now.evaluations.list = list;
    pki_evaluations(&b, &of_now);
    bool done = tsm_write(folder, "tcb_evaluation_data_numbers.json", b.p, b.n);
    httpa_buf_done(&b);
    return done;
}

static bool
write_world(const struct world *world, int64_t now_s, const char *below)
{
    struct pki_wish w = design;
    char issue[32], next[32], folder[512];
    write_time(issue, now_s - 10 * PKI_DAY);
    write_time(next, now_s + world->ends_days * PKI_DAY);
    w.info.issue = w.identity.issue = issue;
    w.info.next = w.identity.next = next;
    w.info.number = world->number != NULL ? world->number : w.info.number;
    w.info.levels = world->levels != NULL ? world->levels : w.info.levels;
    w.identity.number = w.info.number;
    w.revoked[PKI_PCK] = world->revoked;
    (void)snprintf(folder, sizeof(folder), "%s/%s", below, world->folder);
    bool done = mkdir(folder, 0755) == 0;
    for (enum piece i = 0; done && i < PIECES; i++) {
        done = write_piece(&w, i, folder);
    }
    w.evaluations.issue = issue;
    w.evaluations.next = next;
    return done && write_evaluations(&w, now_s - 5 * PKI_DAY, folder);
}

static bool open_guest(const char *folder, bool is_tdx)
{
    const int64_t now_s = time(NULL);
    struct pki p = { 0 };
    assert_int_equal(pki_setup(NULL), 0);
    design_for(now_s, is_tdx);
    pki_set_pin(&p);
    bool done = tsm_write_root(folder, p.pin);
    for (size_t i = 0; done && i < COUNT(worlds); i++) {
        done = write_world(&worlds[i], now_s, folder);
    }
    return done;
}

static bool open_tdx(const char *folder)
{
    return open_guest(folder, true);
}

static bool open_sgx(const char *folder)
{
    return open_guest(folder, false);
}

static size_t quote(const struct tsm_wish *wish, uint8_t out[TSM_OUT_MAX])
{
    struct httpa_buf b = httpa_buf_fixed(out, TSM_OUT_MAX);
    struct pki_wish w = design;
    memcpy(w.report_data, wish->rd, sizeof(w.report_data));
    w.attributes = !wish->debug ? 0 : w.is_tdx ? 1 : HTTPA_INTEL_ENCLAVE_DEBUG;
    if (wish->old) {
        memset(w.platform.components, OLD, sizeof(w.platform.components));
    }
    pki_quote(&b, &w);
    return b.n;
}

static size_t no_aux(uint8_t out[TSM_AUX_MAX])
{
    (void)out;
    return 0;
}

static void close_guest(void)
{
    assert_int_equal(pki_teardown(NULL), 0);
}

const struct tsm_guest tsm_tdx = {
    .word = "tdx",
    .provider = "tdx_guest",
    .open = open_tdx,
    .quote = quote,
    .aux = no_aux,
    .close = close_guest,
};

const struct tsm_guest tsm_sgx = {
    .word = "sgx",
    .open = open_sgx,
    .quote = quote,
    .close = close_guest,
};
