/*
 * The verdict: what was looked at, what was seen, what was expected, and what
 * to do now.  One object for the library, the tools and the logs; its JSON
 * form is doc/policy.md, "Verdict".
 *
 * Who writes it.  The caller makes an empty verdict and hands it to
 * httpa_appraise (<httpa/evidence.h>), which gives each evidence item to its
 * verifier.  Verifiers add claims, which are what the evidence says, and
 * checks, which are what was made of it.  Nobody but httpa_appraise sets a
 * result; it sets one exactly once, and until then the verdict refuses.
 *
 *   struct httpa_verdict *v = httpa_verdict_new();
 *   enum httpa_err err = httpa_appraise(&appraisal, v);
 *   if (err != HTTPA_OK) {
 *       struct httpa_reason why = httpa_verdict_reason(v);
 *       ...
 *   }
 *   err = httpa_verdict_json(v, &buf);
 *   httpa_verdict_free(v);
 *
 * Memory.  Everything that is added is copied into the verdict, which has a
 * ceiling (the three constants below).  Past it the verdict is spoilt: it
 * refuses, with the reason `verdict.limit`, and never is a shorter one.  What
 * is read from a verdict is borrowed from it until it is freed or appraised.
 *
 * Strangers' bytes.  Text in claims comes from the peer.  Here it is kept as
 * it came; the JSON writer replaces what is not UTF-8 and escapes controls;
 * whoever prints to a terminal does the same.
 */
#ifndef HTTPA_VERDICT_H
#define HTTPA_VERDICT_H

#include <httpa/slice.h>

/* Fixed, so that no peer decides what a verdict costs. */
#define HTTPA_VERDICT_CHECKS_MAX 192u
#define HTTPA_VERDICT_CLAIMS_MAX 192u
#define HTTPA_VERDICT_TEXT_MAX 65536u /* bytes of names and values */

/* `of` of a check that concerns no single evidence item. */
#define HTTPA_OF_NONE 0xffffu

struct httpa_verdict;

/* What a program should read. */
enum httpa_result {
    HTTPA_RESULT_REFUSED = 0,
    HTTPA_RESULT_UNDECIDED, /* collateral missing or stale: later, perhaps */
    HTTPA_RESULT_ACCEPTED_WITH_WARNINGS,
    HTTPA_RESULT_ACCEPTED
};

/* Of a check, of a word, of the two halves of a verdict. */
enum httpa_outcome {
    HTTPA_OUTCOME_UNKNOWN = 0, /* could not be decided, or not reached */
    HTTPA_OUTCOME_FAIL,
    HTTPA_OUTCOME_WARN,
    HTTPA_OUTCOME_PASS,
    HTTPA_OUTCOME_SKIP /* does not apply, or told not to look */
};

/* The four questions a person asks; each check answers at most one. */
enum httpa_word {
    HTTPA_WORD_NONE = 0,
    HTTPA_WORD_GENUINE, /* hardware of that vendor, answering us, now */
    HTTPA_WORD_CURRENT, /* its firmware is not known to be broken */
    HTTPA_WORD_PINNED,  /* the code is the code we named */
    HTTPA_WORD_YOURS    /* the service is whose it should be */
};

/* Exit status of every program; `exit_code` in the document. */
enum httpa_exit {
    HTTPA_EXIT_DONE = 0,
    HTTPA_EXIT_REFUSED = 1,   /* by me: the policy is not satisfied */
    HTTPA_EXIT_USAGE = 2,     /* arguments, policy, configuration, file */
    HTTPA_EXIT_NO_ANSWER = 3, /* network, proxy, or not HTTPA */
    HTTPA_EXIT_UNDECIDED = 4, /* collateral missing or stale */
    HTTPA_EXIT_PROTOCOL = 5,  /* does not parse, does not verify */
    HTTPA_EXIT_SERVICE = 6,   /* refused by the service */
    HTTPA_EXIT_BROKEN = 7,    /* genuine so far, and incomplete */
    HTTPA_EXIT_MAYBE = 8,     /* may have been processed */
    HTTPA_EXIT_HTTP = 22,     /* with -f: HTTP status >= 400 */
    HTTPA_EXIT_TIMEOUT = 28   /* before anything was sent, or safe method */
};

enum httpa_value_type {
    HTTPA_VALUE_NONE = 0,
    HTTPA_VALUE_TEXT,
    HTTPA_VALUE_BYTES, /* shown as lower-case hex */
    HTTPA_VALUE_INTEGER,
    HTTPA_VALUE_BOOLEAN,
    HTTPA_VALUE_TIME, /* Unix seconds */
    HTTPA_VALUE_TEXTS
};

/* One value, borrowed by whoever builds it, copied by who keeps it. */
struct httpa_value {
    enum httpa_value_type type;
    struct httpa_slice bytes;        /* TEXT, BYTES */
    int64_t integer;                 /* INTEGER, BOOLEAN (0, 1), TIME */
    const struct httpa_slice *texts; /* TEXTS */
    size_t count;
};

struct httpa_value httpa_value_str(const char *s);
struct httpa_value httpa_value_text(struct httpa_slice s);
struct httpa_value httpa_value_bytes(struct httpa_slice s);
struct httpa_value httpa_value_integer(int64_t v);
struct httpa_value httpa_value_boolean(bool v);
struct httpa_value httpa_value_time(int64_t unix_s);
struct httpa_value httpa_value_texts(const struct httpa_slice *v, size_t n);

/* One fact that evidence states, by the name that policies use. */
struct httpa_claim {
    unsigned of; /* evidence item */
    struct httpa_slice name;
    struct httpa_value value;
    bool measured; /* a register that measurement sets can pin */
};

/*
 * One thing that was looked at.  |id| is a string literal, dotted, lower
 * case, documented, never reused: "tpm.quote.signature".  What does not apply
 * stays zero, except `of`: HTTPA_OF_NONE has to be said.
 */
struct httpa_check {
    const char *id;
    enum httpa_outcome outcome;
    enum httpa_word word;
    unsigned of;
    struct httpa_value seen;
    struct httpa_value expected;
    const char *source; /* literal: "evidence", "policy", "handshake" */
    bool has_age;
    int64_t age_s;     /* of what was judged, when has_age */
    int64_t lapses_s;  /* Unix time when this outcome ends; 0: it does not */
    const char *text;  /* FAIL, WARN: a sentence for a person, literal */
    const char *advice; /* what to do next, literal */
};

/* Of one evidence item. */
struct httpa_verdict_item {
    const char *type; /* as policies name it; NULL: no verifier knows it */
    struct httpa_slice media_type;
    uint8_t sha256[32]; /* of the value bytes */
    enum httpa_outcome cryptographic;
    enum httpa_outcome policy; /* UNKNOWN: not reached */
    bool used;                 /* a profile was matched against it */
    bool unbound; /* and took it for what it is, made for any handshake */
};

/* The first failing check as a sentence.  Empty |check|: nothing failed. */
struct httpa_reason {
    struct httpa_slice check;
    struct httpa_slice text;
    struct httpa_slice advice;
};

/* How one profile fared; |failed| is empty for the one that matched. */
struct httpa_match {
    struct httpa_slice profile;
    struct httpa_slice set;    /* empty: no set matched, or it has no name */
    struct httpa_slice failed; /* "type", "times", a member, a check */
};

/* What the handshake settled; the caller of httpa_appraise fills it, zero
 * members do not apply. */
struct httpa_session_facts {
    struct httpa_slice suite;    /* "TLS_AES_128_GCM_SHA256" */
    struct httpa_slice group;    /* "X25519MLKEM768" */
    struct httpa_slice base;     /* Base-ID, once there is one */
    struct httpa_slice creation; /* granted: "new", "reuse", "shared" */
    bool direct;                 /* granted: direct, not indirect */
    int64_t age_ms; /* since the request for this evidence was sent */
    int64_t expires_s;
};

/* Everything of the document that is neither item, claim nor check. */
struct httpa_verdict_facts {
    int64_t at_s;
    struct httpa_slice origin;
    struct httpa_slice policy_name; /* empty: there was no policy */
    struct httpa_slice policy_path;
    struct httpa_slice policy_note; /* "pinned on first use ..." */
    uint8_t policy_sha256[32];      /* of the file; zeros: not from a file */
    int64_t policy_expires_s;
    struct httpa_match matched;        /* profile.n is 0: none */
    const struct httpa_match *nearest; /* profiles that failed, best first */
    size_t nearest_count;
    bool has_session; /* false: an auditor's look at stored evidence */
    struct httpa_session_facts session;
    const char *binding; /* "fresh", "batch", "key", "none", or NULL */
    const char *age_source;       /* "proved", "claimed", or NULL */
    const char *identity_require; /* "pinned"...; NULL without a policy */
    enum httpa_outcome identity;
    bool has_spki;
    uint8_t spki_sha256[32];           /* of the service key that was proved */
    struct httpa_slice subject;        /* of its certificate */
    const struct httpa_slice *open;    /* names for `not_judged` */
    size_t open_count;
    const struct httpa_check *lapses_first; /* NULL: nothing lapses */
};

/* ------------------------------------------------------------ writing it */

/* An empty verdict that refuses; NULL when out of memory. */
struct httpa_verdict *httpa_verdict_new(void);
void httpa_verdict_free(struct httpa_verdict *v);

/* Adds a fact about item |of|.  A name twice for one item spoils |v|. */
void httpa_verdict_claim(struct httpa_verdict *v, unsigned of,
                         const char *name, struct httpa_value value);

/* Adds a register: the only claims that measurement sets are compared with,
 * and what `not_judged` lists when a policy leaves it open. */
void httpa_verdict_measured(struct httpa_verdict *v, unsigned of,
                            struct httpa_slice name, struct httpa_value value);

/* Adds a check at the end of the list. */
void httpa_verdict_check(struct httpa_verdict *v,
                         const struct httpa_check *check);

/* ------------------------------------------------------------ reading it */

enum httpa_result httpa_verdict_result(const struct httpa_verdict *v);
enum httpa_exit httpa_verdict_exit(const struct httpa_verdict *v);

/* PASS, FAIL, or UNKNOWN ("indeterminate" in the document). */
enum httpa_outcome httpa_verdict_cryptographic(const struct httpa_verdict *v);

/* PASS, WARN, FAIL, or UNKNOWN: not reached (null in the document). */
enum httpa_outcome httpa_verdict_policy(const struct httpa_verdict *v);

struct httpa_reason httpa_verdict_reason(const struct httpa_verdict *v);

/* Borrowed from |v|; never NULL. */
const struct httpa_verdict_facts *
httpa_verdict_facts(const struct httpa_verdict *v);

/* The worst of the checks with that word; UNKNOWN when there is none. */
enum httpa_outcome httpa_verdict_word(const struct httpa_verdict *v,
                                      enum httpa_word word);

/* Counts, and the |i|th, NULL past the end. */
size_t httpa_verdict_item_count(const struct httpa_verdict *v);
const struct httpa_verdict_item *
httpa_verdict_item_at(const struct httpa_verdict *v, size_t i);
size_t httpa_verdict_claim_count(const struct httpa_verdict *v);
const struct httpa_claim *httpa_verdict_claim_at(const struct httpa_verdict *v,
                                                 size_t i);
size_t httpa_verdict_check_count(const struct httpa_verdict *v);
const struct httpa_check *httpa_verdict_check_at(const struct httpa_verdict *v,
                                                 size_t i);

/* The claim |name| of item |of|; NULL when it was not made. */
const struct httpa_claim *httpa_verdict_find(const struct httpa_verdict *v,
                                             unsigned of, const char *name);

/* "pass", "warn", "fail", "skip", "unknown". */
const char *httpa_outcome_name(enum httpa_outcome outcome);

/* "refused", "undecided", "accepted_with_warnings", "accepted". */
const char *httpa_result_name(enum httpa_result result);

/* Seen and expected of a check, a claim: text for a person or a log. */
void httpa_value_write(struct httpa_buf *out, const struct httpa_value *value);

/*
 * Appends the document of doc/policy.md, "Verdict", media type
 * application/vnd.httpa.verdict+json.  Every top-level member is there.
 * HTTPA_ERR_SPACE: |out| is full.
 */
HTTPA_MUST_USE enum httpa_err httpa_verdict_json(const struct httpa_verdict *v,
                                                 struct httpa_buf *out);

#endif
