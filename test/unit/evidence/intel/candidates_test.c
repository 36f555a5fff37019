/*
 * Several endorsements of one kind: the newest that is valid is taken, in
 * whatever order they came; but for what any list revokes, and for the signer,
 * which is whoever signed.
 */
#include "pki.h"

/* Verifies with |more| behind the good one, and before it. */
static void both_orders(const struct pki_wish *good,
                        const struct pki_wish *more, enum piece piece,
                        enum httpa_err err, const char *check)
{
    struct pki p;
    pki_open(&p, good);
    pki_add(&p, more, piece);
    pki_expect(&p, err, check);
    struct httpa_endorsement was = p.endorsements[piece];
    p.endorsements[piece] = p.endorsements[PIECES];
    p.endorsements[PIECES] = was;
    pki_expect(&p, err, check);
    pki_close(&p);
}

static void expect_number(const struct pki *p, int64_t number)
{
    struct httpa_verdict *v = httpa_verdict_new();
    assert_ok(pki_verify(p, v));
    const struct httpa_claim *c = httpa_verdict_find(v, 0, "evaluation_number");
    assert_non_null(c);
    assert_int_equal(c->value.integer, number);
    httpa_verdict_free(v);
}

/* Documents of one kind, by the number that each has. */
struct document {
    const char *issue;
    const char *next;
    const char *number;
};

static const struct document documents[] = {
    { "\"2025-06-19T10:16:03Z\"", "\"2025-07-19T10:16:03Z\"", "17" },
    { "\"2025-07-01T10:16:03Z\"", "\"2025-07-31T10:16:03Z\"", "18" }, /* it */
    { "\"2025-05-01T10:16:03Z\"", "\"2025-06-01T10:16:03Z\"", "16" },
    { "\"2025-07-10T10:16:03Z\"", "\"2025-08-10T10:16:03Z\"", "19" },
};

static void
set_document(struct pki_wish *w, enum piece piece, const struct document *d)
{
    w->info.number = w->identity.number = "99";
    if (piece == PIECE_INFO) {
        w->info.issue = d->issue;
        w->info.next = d->next;
        w->info.number = d->number;
    } else {
        w->identity.issue = d->issue;
        w->identity.next = d->next;
        w->identity.number = d->number;
    }
}

/* All of them, beginning with each, in both directions. */
static void newest_document(void **state)
{
    (void)state;
    static const enum piece kinds[] = { PIECE_INFO, PIECE_IDENTITY };
    const size_t n = COUNT(documents);
    for (size_t i = 0; i < 2 * COUNT(kinds) * n; i++) {
        enum piece piece = kinds[i % 2];
        size_t step = i / 2 % 2 == 0 ? 1 : n - 1;
        size_t at = i / 4;
        struct pki p;
        struct pki_wish w = pki_good(4, true);
        set_document(&w, piece, &documents[at]);
        pki_open(&p, &w);
        for (size_t j = 1; j < n; j++) {
            at = (at + step) % n;
            set_document(&w, piece, &documents[at]);
            pki_add(&p, &w, piece);
        }
        expect_number(&p, 18);
        pki_close(&p);
    }
}

/* Newer ones of others do not stand in the way. */
static void documents_of_others(void **state)
{
    (void)state;
    const struct pki_wish good = pki_good(4, true);
    struct pki_wish w = good;
    set_document(&w, PIECE_INFO, &documents[1]);
    w.info.fmspc = "\"000000000000\"";
    both_orders(&good, &w, PIECE_INFO, HTTPA_OK, "");
    w.info.fmspc = good.info.fmspc;
    w.info.pce_id = "\"0103\"";
    both_orders(&good, &w, PIECE_INFO, HTTPA_OK, "");
    w.info.pce_id = good.info.pce_id;
    w.info.id = "\"SGX\"";
    both_orders(&good, &w, PIECE_INFO, HTTPA_OK, "");
    set_document(&w, PIECE_IDENTITY, &documents[1]);
    w.identity.id = "\"QE\"";
    both_orders(&good, &w, PIECE_IDENTITY, HTTPA_OK, "");
    w.identity.id = "\"no such\"";
    both_orders(&good, &w, PIECE_IDENTITY, HTTPA_OK, "");
}

/* One that nobody signed is refused, and not passed over. */
static void forged_document(void **state)
{
    (void)state;
    const struct pki_wish good = pki_good(4, true);
    struct pki_wish w = good;
    w.collateral_by = PKI_OTHER;
    set_document(&w, PIECE_INFO, &documents[1]);
    both_orders(&good, &w, PIECE_INFO, HTTPA_ERR_EVIDENCE, "tcb_info");
    set_document(&w, PIECE_IDENTITY, &documents[1]);
    both_orders(&good, &w, PIECE_IDENTITY, HTTPA_ERR_EVIDENCE, "qe_identity");
}

struct list {
    enum piece piece;
    enum pki_role names;
};

static const struct list lists[] = { { PIECE_ROOT_CRL, PKI_CA },
                                     { PIECE_PCK_CRL, PKI_PCK } };

/* Each |from| and |to| in days from now. */
static void add_list(const struct list *list, struct pki_span days,
                     bool revokes, enum httpa_err err)
{
    const struct pki_wish good = pki_good(4, true);
    const int64_t now = at(PKI_NOW);
    struct pki_wish w = good;
    w.root_crl.from_s = w.pck_crl.from_s = now + days.from_s * PKI_DAY;
    w.root_crl.to_s = w.pck_crl.to_s = now + days.to_s * PKI_DAY;
    w.revoked[list->names] = revokes;
    both_orders(&good, &w, list->piece, err, err == HTTPA_OK ? "" : "pck.crl");
}

static void newest_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        add_list(&lists[i], (struct pki_span){ -1, 20 }, false, HTTPA_OK);
        add_list(&lists[i], (struct pki_span){ -1, 20 }, true,
                 HTTPA_ERR_EVIDENCE);
        add_list(&lists[i], (struct pki_span){ -3, -1 }, false, HTTPA_OK);
        /* Stale, not valid yet, older: what one of them revokes stays so. */
        add_list(&lists[i], (struct pki_span){ -3, -1 }, true,
                 HTTPA_ERR_EVIDENCE);
        add_list(&lists[i], (struct pki_span){ 1, 20 }, true,
                 HTTPA_ERR_EVIDENCE);
        add_list(&lists[i], (struct pki_span){ -90, 20 }, true,
                 HTTPA_ERR_EVIDENCE);
    }
}

/* Two that are both stale leave it open. */
static void stale_lists(void **state)
{
    (void)state;
    const int64_t now = at(PKI_NOW);
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct pki_wish good = pki_good(4, true);
        good.root_crl.to_s = good.pck_crl.to_s = now - 1;
        struct pki_wish w = good;
        w.root_crl.from_s -= PKI_DAY;
        w.pck_crl.from_s -= PKI_DAY;
        both_orders(&good, &w, lists[i].piece, HTTPA_ERR_UNDECIDED, "pck.crl");
    }
}

/* A signer that holds goes before one that has expired, and before what is no
 * chain of a signer at all. */
static void signers(void **state)
{
    (void)state;
    static const enum piece kinds[] = { PIECE_TCB_CHAIN, PIECE_QE_CHAIN };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct pki_wish good = pki_good(4, true);
        struct pki_wish w = good;
        w.span[PKI_SIGNER].to_s = at(PKI_NOW) - 1;
        both_orders(&good, &w, kinds[i], HTTPA_OK, "");
        w = good;
        w.span[PKI_ROOT].from_s = at(PKI_NOW) + 1;
        both_orders(&good, &w, kinds[i], HTTPA_OK, "");
    }
}

/* How old collateral is, is how old its oldest piece is; but for the root's
 * list. */
static void oldest_counts(void **state)
{
    (void)state;
    static const char *const issue = "\"2025-06-01T00:00:00Z\"";
    for (unsigned i = 0; i < 4; i++) {
        struct pki_wish w = pki_good(4, true);
        struct httpa_verdict *v = httpa_verdict_new();
        struct pki p;
        int64_t want = at("2025-06-01T00:00:00Z");
        w.info.issue = i == 0 ? issue : "\"2025-07-01T00:00:00Z\"";
        w.identity.issue = i == 1 ? issue : "\"2025-07-01T00:00:00Z\"";
        w.pck_crl.from_s = i == 2 ? want : at("2025-07-01T00:00:00Z");
        w.root_crl.from_s = at("2025-05-01T00:00:00Z");
        want = i == 3 ? at("2025-07-01T00:00:00Z") : want;
        pki_open(&p, &w);
        assert_ok(pki_verify(&p, v));
        const struct httpa_claim *c =
            httpa_verdict_find(v, 0, "collateral_issued");
        assert_non_null(c);
        assert_int_equal(c->value.integer, want);
        httpa_verdict_free(v);
        pki_close(&p);
    }
}

static void swap_signer_key(void)
{
    EVP_PKEY *key = pki_keys[PKI_SIGNER];
    pki_keys[PKI_SIGNER] = pki_keys[PKI_OTHER];
    pki_keys[PKI_OTHER] = key;
}

/* A wish to have a second signer of Intel's, with a key of its own. */
static void two_signers_row(const struct pki_wish *good,
                            const struct pki_wish *second, bool mine_signed,
                            enum httpa_err err, const char *check)
{
    static const enum piece kinds[] = { PIECE_TCB_CHAIN, PIECE_QE_CHAIN };
    for (size_t i = 0; i < 2; i++) {
        struct pki p;
        struct pki_wish w = *good;
        w.collateral_by = mine_signed ? PKI_SIGNER : PKI_OTHER;
        pki_open(&p, &w);
        swap_signer_key();
        for (size_t k = 0; k < COUNT(kinds); k++) {
            pki_add(&p, second, kinds[k]);
            if (i == 1) {
                struct httpa_endorsement was = p.endorsements[kinds[k]];
                p.endorsements[kinds[k]] = p.endorsements[PIECES + k];
                p.endorsements[PIECES + k] = was;
            }
        }
        swap_signer_key();
        pki_expect(&p, err, check);
        pki_close(&p);
    }
}

/* Both hold: each document goes with the one that signed it. */
static void two_signers(void **state)
{
    (void)state;
    const struct pki_wish good = pki_good(4, true);
    struct pki_wish w = good;
    two_signers_row(&good, &good, true, HTTPA_OK, "");
    two_signers_row(&good, &good, false, HTTPA_OK, "");
    /* The one that signed has expired: stale, however good the other is. */
    w.span[PKI_SIGNER].to_s = at(PKI_NOW) - 1;
    two_signers_row(&good, &w, false, HTTPA_ERR_UNDECIDED, "tcb_info");
    /* It is revoked, as the other is, which has the same serial number. */
    w = good;
    w.revoked[PKI_SIGNER] = true;
    two_signers_row(&w, &good, false, HTTPA_ERR_EVIDENCE, "tcb_info");
}

/* A list of the root that is older than the newest revokes a signer too. */
static void signer_in_older_list(void **state)
{
    (void)state;
    const struct pki_wish good = pki_good(4, true);
    struct pki_wish w = good;
    w.root_crl.from_s -= 60 * PKI_DAY;
    w.revoked[PKI_SIGNER] = true;
    both_orders(&good, &w, PIECE_ROOT_CRL, HTTPA_ERR_EVIDENCE, "tcb_info");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_document),
        cmocka_unit_test(documents_of_others),
        cmocka_unit_test(forged_document),
        cmocka_unit_test(newest_list),
        cmocka_unit_test(stale_lists),
        cmocka_unit_test(signers),
        cmocka_unit_test(oldest_counts),
        cmocka_unit_test(two_signers),
        cmocka_unit_test(signer_in_older_list),
    };
    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
