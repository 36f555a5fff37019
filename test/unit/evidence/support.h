/*
 * What the tests of this folder share: a TEE of paper whose evidence is a
 * script, and an appraisal that is accepted until a row changes one thing.
 *
 * A script is text, one word a line:
 *   name=hex     a measured claim, bytes        name#7     an integer
 *   ~name=text   a claim that is no register    ~~name=a,b a list of texts
 *   @name#-7     a time, seconds from now
 *   !fail        a failing check                !open      an unknown one
 *   !warn        a warning                      !lie       refuses silently
 *   !boast       a failing check, answers OK    !hole      unknown, answers OK
 */
#ifndef HTTPA_TEST_EVIDENCE_SUPPORT_H
#define HTTPA_TEST_EVIDENCE_SUPPORT_H

#include <httpa/evidence.h>

#include "crypto/crypto.h"
#include "support/test.h"

#define NOW INT64_C(1795203612) /* 2026-11-20T19:40:12Z */

static struct httpa_crypto *crypto;

static inline int open_crypto(void **state)
{
    (void)state;
    return httpa_crypto_new(&crypto) == HTTPA_OK ? 0 : -1;
}

static inline int close_crypto(void **state)
{
    (void)state;
    httpa_crypto_free(crypto);
    return 0;
}

/* ---------------------------------------------------------- the paper TEE */

static inline void paper_check(struct httpa_verdict *v, unsigned of,
                               enum httpa_outcome outcome)
{
    httpa_verdict_check(v, &(struct httpa_check){ .id = "paper.word",
                                                  .of = of,
                                                  .outcome = outcome,
                                                  .word = HTTPA_WORD_GENUINE,
                                                  .source = "evidence" });
}

static inline enum httpa_err paper_command(const char *word,
                                           struct httpa_verdict *v, unsigned of)
{
    static const struct {
        const char *word;
        enum httpa_outcome outcome;
        bool checked;
        enum httpa_err err;
    } words[] = {
        { "!fail", HTTPA_OUTCOME_FAIL, true, HTTPA_ERR_SIGNATURE },
        { "!open", HTTPA_OUTCOME_UNKNOWN, true, HTTPA_ERR_UNDECIDED },
        { "!warn", HTTPA_OUTCOME_WARN, true, HTTPA_OK },
        { "!lie", 0, false, HTTPA_ERR_CHAIN },
        { "!lie-open", 0, false, HTTPA_ERR_UNDECIDED },
        { "!memory", 0, false, HTTPA_ERR_MEMORY },
        { "!boast", HTTPA_OUTCOME_FAIL, true, HTTPA_OK },
        { "!hole", HTTPA_OUTCOME_UNKNOWN, true, HTTPA_OK },
    };
    for (size_t i = 0; i < COUNT(words); i++) {
        if (strcmp(word, words[i].word) == 0) {
            if (words[i].checked) {
                paper_check(v, of, words[i].outcome);
            }
            return words[i].err;
        }
    }
    fail_msg("no such word: %s", word);
    return HTTPA_ERR_INTERNAL;
}

static inline void paper_claim(char *word, struct httpa_verdict *v, unsigned of)
{
    uint8_t bytes[64];
    char *value = strpbrk(word, "=#");
    bool integer = *value == '#';
    *value++ = '\0';
    if (strncmp(word, "~~", 2) == 0) {
        struct httpa_slice list[2];
        char *comma = strchr(value, ',');
        list[0] = httpa_slice_of(value, (size_t)(comma - value));
        list[1] = httpa_slice_str(comma + 1);
        httpa_verdict_claim(v, of, word + 2, httpa_value_texts(list, 2));
    } else if (word[0] == '~') {
        httpa_verdict_claim(v, of, word + 1, httpa_value_str(value));
    } else if (word[0] == '@') {
        httpa_verdict_claim(v, of, word + 1,
                            httpa_value_time(NOW + atol(value)));
    } else if (integer) {
        httpa_verdict_measured(v, of, httpa_slice_str(word),
                               httpa_value_integer(atol(value)));
    } else {
        size_t n = unhex(value, bytes, sizeof(bytes));
        httpa_verdict_measured(v, of, httpa_slice_str(word),
                               httpa_value_bytes(httpa_slice_of(bytes, n)));
    }
}

static inline enum httpa_err paper_verify(const struct httpa_verify_in *in,
                                          struct httpa_verdict *v, unsigned of)
{
    char script[1024], *save = NULL;
    enum httpa_err first = HTTPA_OK;
    assert_true(in->value.n < sizeof(script));
    memcpy(script, in->value.p, in->value.n);
    script[in->value.n] = '\0';
    for (char *w = strtok_r(script, "\n", &save); w != NULL;
         w = strtok_r(NULL, "\n", &save)) {
        if (w[0] == '!') {
            enum httpa_err err = paper_command(w, v, of);
            first = first == HTTPA_OK ? err : first;
        } else {
            paper_claim(w, v, of);
        }
    }
    return first;
}

/* A profile called "judge <word>" is judged with that word. */
static inline enum httpa_err paper_judge(const struct httpa_profile *profile,
                                         const struct httpa_verify_in *in,
                                         struct httpa_verdict *v, unsigned of)
{
    (void)in;
    if (strncmp(profile->name, "judge ", 6) != 0) {
        return HTTPA_OK;
    }
    return paper_command(profile->name + 6, v, of);
}

static const struct httpa_verifier paper = {
    .type = "paper",
    .media_type = "application/x-paper",
    .verify = paper_verify,
    .judge = paper_judge,
};
static const struct httpa_verifier card = {
    .type = "card", .media_type = "application/x-card", .verify = paper_verify
};
static const struct httpa_verifier *const known[] = { &paper, &card };

/* ------------------------------------------------------------- a fixture */

#define SETS 3
#define PROFILES 3
#define REFERENCES 4
#define ITEMS 20

struct fixture {
    uint8_t rd[HTTPA_RD_LEN];
    struct httpa_reference references[PROFILES][SETS][REFERENCES];
    struct httpa_set sets[PROFILES][SETS];
    struct httpa_profile profiles[PROFILES];
    struct httpa_profile with[2];
    struct httpa_reference with_reference;
    struct httpa_set with_set;
    struct httpa_slice origins[2];
    struct httpa_slice list[2];
    uint8_t pins[2][32];
    struct httpa_policy policy;
    struct httpa_evidence items[ITEMS];
    struct httpa_session_facts session;
    struct httpa_appraisal in;
};

static inline struct httpa_reference equal(const char *name, const char *hex)
{
    return (struct httpa_reference){ .name = name,
                                     .value = httpa_value_str(hex) };
}

static inline void add_item(struct fixture *f, const char *media_type,
                            const char *script)
{
    f->items[f->in.evidence_count++] = (struct httpa_evidence){
        .media_type = httpa_slice_str(media_type),
        .value = httpa_slice_str(script),
        .binding = HTTPA_BINDING_FRESH,
        .rd = f->rd,
    };
}

static inline void set_script(struct fixture *f, const char *script)
{
    f->items[0].value = httpa_slice_str(script);
}

static inline void add_set(struct fixture *f, unsigned profile,
                           const char *name, struct httpa_reference ref)
{
    struct httpa_profile *p = &f->profiles[profile];
    struct httpa_reference *room = f->references[profile][p->set_count];
    room[0] = ref;
    f->sets[profile][p->set_count++] = (struct httpa_set){
        .name = name, .references = room, .reference_count = 1
    };
}

static inline void add_reference(struct fixture *f, unsigned profile,
                                 unsigned set, struct httpa_reference ref)
{
    struct httpa_set *s = &f->sets[profile][set];
    f->references[profile][set][s->reference_count++] = ref;
}

static inline void add_profile(struct fixture *f, const char *name,
                               const char *type)
{
    f->profiles[f->policy.accept_count] =
        (struct httpa_profile){ .name = name,
                                .type = type,
                                .sets = f->sets[f->policy.accept_count] };
    f->policy.accept_count++;
}

/* One paper item with mr=aa11 and cfg=22, a policy that pins mr, identity
 * none; accepted with the warning about the identity. */
static inline void fixture_init(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    f->origins[0] = httpa_slice_str("https://a.example");
    f->policy = (struct httpa_policy){
        .name = "test",
        .origins = f->origins,
        .origin_count = 1,
        .identity = { .require = HTTPA_IDENTITY_NONE },
        .accept = f->profiles,
    };
    httpa_policy_defaults(&f->policy);
    add_profile(f, "paper", "paper");
    add_set(f, 0, "build 1", equal("mr", "AA11"));
    f->session = (struct httpa_session_facts){
        .suite = httpa_slice_str("TLS_AES_128_GCM_SHA256"),
        .group = httpa_slice_str("x25519"),
        .creation = httpa_slice_str("shared"),
        .age_ms = 60,
    };
    f->in = (struct httpa_appraisal){
        .crypto = crypto,
        .verifiers = known,
        .verifier_count = COUNT(known),
        .policy = &f->policy,
        .origin = httpa_slice_str("https://a.example"),
        .now_s = NOW,
        .evidence = f->items,
        .session = &f->session,
    };
    add_item(f, "application/x-paper", "mr=aa11\ncfg=22");
}

/* ------------------------------------------------------------------ rows */

struct row {
    const char *why;
    void (*change)(struct fixture *f);
    enum httpa_err err;
    const char *reason; /* the check; "" when accepted */
};

/* Whatever happens, result, exit status, reason and answer agree. */
static inline void assert_consistent(const struct httpa_verdict *v,
                                     enum httpa_err err, const char *why)
{
    enum httpa_result result = httpa_verdict_result(v);
    bool accepted = result == HTTPA_RESULT_ACCEPTED ||
                    result == HTTPA_RESULT_ACCEPTED_WITH_WARNINGS;
    if (accepted != (err == HTTPA_OK) ||
        accepted != (httpa_verdict_exit(v) == HTTPA_EXIT_DONE) ||
        accepted != (httpa_verdict_reason(v).check.n == 0)) {
        fail_msg("%s: the verdict disagrees with itself", why);
    }
    for (size_t i = 0; accepted && i < httpa_verdict_check_count(v); i++) {
        enum httpa_outcome o = httpa_verdict_check_at(v, i)->outcome;
        assert_true(o != HTTPA_OUTCOME_FAIL && o != HTTPA_OUTCOME_UNKNOWN);
    }
}

static inline void run_row(const struct row *row, struct httpa_verdict *v)
{
    static struct fixture f;
    fixture_init(&f);
    if (row->change != NULL) {
        row->change(&f);
    }
    enum httpa_err err = httpa_appraise(&f.in, v);
    struct httpa_slice reason = httpa_verdict_reason(v).check;
    if (err != row->err || !httpa_slice_is(reason, row->reason)) {
        fail_msg("%s: want %s (%s), got %s (%.*s)", row->why,
                 httpa_err_name(row->err), row->reason, httpa_err_name(err),
                 (int)reason.n, reason.p != NULL ? (const char *)reason.p : "");
    }
    assert_consistent(v, err, row->why);
}

static inline void run_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct httpa_verdict *v = httpa_verdict_new();
        assert_non_null(v);
        run_row(&rows[i], v);
        httpa_verdict_free(v);
    }
}

#endif
