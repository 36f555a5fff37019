/*
 * A TDX guest under an Intel that is none.  FOLDER gets what Intel publishes,
 * and NEXT-tcb_info.json, NEXT-qe_identity.json: the next evaluation, since
 * five days, under which this platform is out of date.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "here.h"
#include "unit/evidence/intel/pki.h"

static struct pki_wish wish;

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

static void write_piece(const char *folder, const struct pki_wish *w,
                        enum piece piece, const char *before)
{
    char name[128];
    struct httpa_buf b = httpa_buf_growing(65536);
    pki_put(&b, w, piece);
    (void)snprintf(name, sizeof(name), "%s%s", before, pieces[piece].file);
    here_write(folder, name, httpa_buf_slice(&b));
    httpa_buf_done(&b);
}

static void write_next(const char *folder, int64_t now_s)
{
    struct pki_wish w = wish;
    char issue[32];
    write_time(issue, now_s - 5 * PKI_DAY);
    w.info.issue = w.identity.issue = issue;
    w.info.number = w.identity.number = "19";
    w.info.levels = "[" LEVEL(4, 13, 5, "UpToDate", "") "," LEVEL(
        1, 5, 3, "OutOfDate", ADVISORIES("\"INTEL-SA-1\"")) "]";
    write_piece(folder, &w, PIECE_INFO, "NEXT-");
    write_piece(folder, &w, PIECE_IDENTITY, "NEXT-");
}

/* pki.h's certificates and lists are right at PKI_NOW. */
static void open_guest(const char *folder)
{
    static char issue[32];
    static char next[32];
    const int64_t now_s = time(NULL);
    struct pki p = { 0 };
    int64_t by_s = now_s - at(PKI_NOW);
    assert_int_equal(pki_setup(NULL), 0);
    wish = pki_good(4, true);
    for (size_t i = 0; i < PKI_CERTS; i++) {
        move(&wish.span[i], by_s);
    }
    move(&wish.root_crl, by_s);
    move(&wish.pck_crl, by_s);
    write_time(issue, now_s - 10 * PKI_DAY);
    write_time(next, now_s + 20 * PKI_DAY);
    wish.info.issue = wish.identity.issue = issue;
    wish.info.next = wish.identity.next = next;
    pki_set_pin(&p);
    here_write_root(folder, p.pin);
    for (enum piece i = 0; i < PIECES; i++) {
        write_piece(folder, &wish, i, "");
    }
    write_next(folder, now_s);
}

/* HTTPA_TEST_PADDING: so many zeros behind, as a TPM's event log is long. */
static void quote(const uint8_t rd[64], struct httpa_buf *ret)
{
    const char *padding = getenv("HTTPA_TEST_PADDING");
    memcpy(wish.report_data, rd, sizeof(wish.report_data));
    pki_quote(ret, &wish);
    put_le(ret, 0, padding != NULL ? strtoul(padding, NULL, 10) : 0);
}

const struct here_guest here_tdx = { .word = "tdx",
                                     .media_type =
                                         "application/vnd.httpa.tdx-quote",
                                     .open = open_guest,
                                     .quote = quote };
