/*
 * Verifying everything that a test verifies three times: as it is, and twice
 * through a memory of what was verified.  The verdicts must read the same to
 * the byte.
 */
#ifndef HTTPA_TEST_EVIDENCE_AGAIN_H
#define HTTPA_TEST_EVIDENCE_AGAIN_H

#include "evidence/verified.h"
#include "support/test.h"

/* Lives as long as a test program's crypto, so that whatever it knows from
 * one test is there in the next. */
static struct httpa_verified *again_memory;

static inline void again_forget(void)
{
    httpa_verified_free(again_memory);
    again_memory = NULL;
}

static inline struct httpa_buf again_text(const struct httpa_verdict *v)
{
    struct httpa_buf b = httpa_buf_growing(1u << 20);
    assert_ok(httpa_verdict_json(v, &b));
    return b;
}

/* All of the first calls of a program, and a part of the thousands that
 * change one byte each. */
static inline bool again_is_due(void)
{
    static unsigned calls;
    calls++;
    return calls <= 200 || calls % 16 == 0;
}

static inline enum httpa_err again_verify(const struct httpa_verifier *verifier,
                                          const struct httpa_verify_in *in,
                                          struct httpa_verdict *v)
{
    enum httpa_err err = verifier->verify(in, v, 0);
    if (!again_is_due()) {
        return err;
    }
    struct httpa_buf want = again_text(v);
    if (again_memory == NULL) {
        assert_ok(httpa_verified_new(in->crypto, &again_memory));
    }
    for (int i = 0; i < 2; i++) {
        struct httpa_verdict *other = httpa_verdict_new();
        assert_err(err,
                   httpa_verified_verify(again_memory, verifier, in, other, 0));
        struct httpa_buf text = again_text(other);
        assert_int_equal(text.n, want.n);
        assert_memory_equal(text.p, want.p, want.n);
        httpa_buf_done(&text);
        httpa_verdict_free(other);
    }
    httpa_buf_done(&want);
    return err;
}

/* The same for a whole appraisal. */
static inline enum httpa_err
again_appraise(const struct httpa_appraisal *in, struct httpa_verdict *v)
{
    struct httpa_buf want = httpa_buf_growing(1u << 20);
    struct httpa_appraisal own = *in;
    enum httpa_err err = httpa_appraise(in, v);
    assert_ok(httpa_verdict_json(v, &want));
    if (again_memory == NULL) {
        assert_ok(httpa_verified_new(in->crypto, &again_memory));
    }
    own.verified = again_memory;
    for (int i = 0; i < 2; i++) {
        struct httpa_verdict *other = httpa_verdict_new();
        assert_err(err, httpa_appraise(&own, other));
        struct httpa_buf text = again_text(other);
        assert_int_equal(text.n, want.n);
        assert_memory_equal(text.p, want.p, want.n);
        httpa_buf_done(&text);
        httpa_verdict_free(other);
    }
    httpa_buf_done(&want);
    return err;
}

#endif
