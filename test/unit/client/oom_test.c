/*
 * Memory that runs out, at every place where it can: a handshake and one
 * exchange in which the n-th allocation fails, for every n, of the library
 * and of OpenSSL under it; once, or from then on.  Whatever fails, nothing
 * crashes, nothing leaks, what is reported as good is good, no (key, nonce)
 * is used twice, and the same session works when there is memory again.
 *
 * The linker puts the functions __wrap_* below in front of the library's
 * allocations and of its one sealing function (meson.build: --wrap).
 */
#include <openssl/crypto.h>

#include "crypto/aead.h"
#include "support/pair.h"

/* ---- allocations that fail -------------------------------------------- */

enum source { OF_LIBRARY, OF_OPENSSL, SOURCES };

static struct {
    size_t made[SOURCES]; /* while armed */
    size_t live[SOURCES]; /* blocks, always */
    bool armed;
    bool lasts; /* what follows the one that fails, fails too */
    enum source failing;
    size_t fail_at; /* from 1; 0: none */
} memory;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);
void __wrap_free(void *p);

static bool fails(enum source source)
{
    if (!memory.armed) {
        return false;
    }
    size_t made = ++memory.made[source];
    return source == memory.failing && memory.fail_at > 0 &&
           (made == memory.fail_at || (memory.lasts && made > memory.fail_at));
}

static void *note(enum source source, void *p)
{
    memory.live[source] += p != NULL ? 1 : 0;
    return p;
}

static void forget(enum source source, const void *p)
{
    memory.live[source] -= p != NULL ? 1 : 0;
}

void *__wrap_malloc(size_t n)
{
    return fails(OF_LIBRARY) ? NULL : note(OF_LIBRARY, __real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails(OF_LIBRARY) ? NULL : note(OF_LIBRARY, __real_calloc(n, size));
}

/* The library has none; here so that one that comes is seen. */
void *__wrap_realloc(void *p, size_t n)
{
    if (fails(OF_LIBRARY)) {
        return NULL;
    }
    void *q = __real_realloc(p, n);
    return p == NULL ? note(OF_LIBRARY, q) : q;
}

char *__wrap_strdup(const char *s)
{
    return fails(OF_LIBRARY) ? NULL : note(OF_LIBRARY, __real_strdup(s));
}

void __wrap_free(void *p)
{
    forget(OF_LIBRARY, p);
    __real_free(p);
}

static void *openssl_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails(OF_OPENSSL) ? NULL : note(OF_OPENSSL, __real_malloc(n));
}

static void openssl_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    forget(OF_OPENSSL, p);
    __real_free(p);
}

static void *openssl_realloc(void *p, size_t n, const char *file, int line)
{
    if (p == NULL) {
        return openssl_malloc(n, file, line);
    }
    if (n == 0) {
        openssl_free(p, file, line);
        return NULL;
    }
    return fails(OF_OPENSSL) ? NULL : __real_realloc(p, n);
}

/* ---- every (key, nonce) ----------------------------------------------- */

enum httpa_err
__real_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key);
enum httpa_err __real_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed);
enum httpa_err
__wrap_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key);
enum httpa_err __wrap_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed);

/* Many more than one run makes; a run has keys of its own. */
#define SEALINGS_MAX 256u
#define OBJECTS_MAX 64u

static struct {
    struct {
        uint8_t key[HTTPA_AEAD_KEY_MAX];
        uint8_t nonce[HTTPA_AEAD_NONCE];
    } sealings[SEALINGS_MAX];
    size_t sealed;
    struct {
        const void *object;
        uint8_t key[HTTPA_AEAD_KEY_MAX];
    } keyed[OBJECTS_MAX];
    size_t objects;
    size_t repeated;
} seen;

static uint8_t *key_of(const void *object)
{
    size_t i = 0;
    while (i < seen.objects && seen.keyed[i].object != object) {
        i++;
    }
    assert_true(i < OBJECTS_MAX);
    seen.objects = i < seen.objects ? seen.objects : i + 1;
    seen.keyed[i].object = object;
    return seen.keyed[i].key;
}

enum httpa_err
__wrap_httpa_aead_init(struct httpa_aead *a, const struct httpa_crypto *crypto,
                       const struct httpa_suite *suite, struct httpa_slice key)
{
    uint8_t *own = key_of(a);
    memset(own, 0, HTTPA_AEAD_KEY_MAX);
    memcpy(own, key.p, key.n);
    return __real_httpa_aead_init(a, crypto, suite, key);
}

enum httpa_err __wrap_httpa_aead_seal(struct httpa_aead *a,
                                      const uint8_t nonce[HTTPA_AEAD_NONCE],
                                      struct httpa_aead_parts aad,
                                      struct httpa_aead_parts text,
                                      uint8_t *ret_sealed)
{
    assert_true(seen.sealed < SEALINGS_MAX);
    size_t at = seen.sealed++;
    memcpy(seen.sealings[at].key, key_of(a), HTTPA_AEAD_KEY_MAX);
    memcpy(seen.sealings[at].nonce, nonce, HTTPA_AEAD_NONCE);
    for (size_t i = 0; i < at; i++) {
        seen.repeated += memcmp(&seen.sealings[i], &seen.sealings[at],
                                sizeof(seen.sealings[0])) == 0
                             ? 1
                             : 0;
    }
    return __real_httpa_aead_seal(a, nonce, aad, text, ret_sealed);
}

/* ---- what is run ------------------------------------------------------ */

#define PATH "/v1/chat?x=1"

static struct pair pair;
static uint8_t body_bytes[3000]; /* of two allocations of a buffer */

static struct httpa_slice body(void)
{
    return httpa_slice_of(body_bytes, sizeof(body_bytes));
}

static enum httpa_err handshake(struct httpa_session **ret_session)
{
    struct httpa_hello *hello = NULL;
    struct httpa_handshake *hs = NULL;
    struct httpa_buf content = httpa_buf_growing(400000);
    enum httpa_err err = httpa_hello_new(
        &pair.client, httpa_slice_str(PAIR_ORIGIN), PAIR_NOW, &hello);
    if (err == HTTPA_OK) {
        struct httpa_head head = pair_outer(httpa_hello_outer(hello), "ATTEST");
        err = httpa_service_handshake(pair.service, &head,
                                      httpa_hello_content(hello), PAIR_NOW,
                                      NULL, &hs);
    }
    if (err == HTTPA_OK) {
        bool armed = memory.armed;
        memory.armed = false; /* the attester is another program */
        struct httpa_evidence e =
            pair_quote(&pair, httpa_handshake_report_data(hs), "demo");
        memory.armed = armed;
        err = httpa_handshake_finish(hs, &e, NULL, PAIR_NOW, &content);
    }
    if (err == HTTPA_OK) {
        assert_ok(httpa_buf_check(&content));
        err = httpa_hello_answer(hello, &httpa_handshake_outer(hs)->head,
                                 httpa_buf_slice(&content), PAIR_NOW,
                                 ret_session);
    }
    httpa_handshake_free(hs);
    httpa_hello_free(hello);
    httpa_buf_done(&content);
    return err;
}

static enum httpa_err ask(struct httpa_request *r, struct httpa_outer *outer,
                          struct httpa_buf *records)
{
    struct httpa_field room[1];
    struct httpa_head head;
    httpa_head_init(&head, room, COUNT(room));
    head.is_request = true;
    head.method = httpa_slice_str("POST");
    head.path = httpa_slice_str(PATH);
    enum httpa_err err = httpa_request_begin(
        r, &head, body().n, (struct httpa_clear_names){ 0 }, outer, records);
    if (err == HTTPA_OK) {
        err = httpa_request_data(r, body(), false, records);
    }
    if (err == HTTPA_OK) {
        err = httpa_request_end(r, NULL, records);
    }
    if (err == HTTPA_OK) {
        assert_ok(httpa_buf_check(records));
    }
    return err;
}

static enum httpa_err
reply(struct httpa_trusted *x, struct httpa_outer *outer, struct httpa_buf *out)
{
    struct httpa_head head;
    httpa_head_init(&head, NULL, 0);
    head.status = 201;
    enum httpa_err err =
        httpa_trusted_reply(x, &head, body().n, PAIR_NOW, outer, out);
    if (err == HTTPA_OK) {
        err = httpa_trusted_reply_data(x, body(), false, out);
    }
    if (err == HTTPA_OK) {
        err = httpa_trusted_reply_end(x, NULL, out);
    }
    if (err == HTTPA_OK) {
        assert_ok(httpa_buf_check(out));
    }
    return err;
}

/* Reads all of |in|; HTTPA_OK means that the right thing was said. */
static enum httpa_err read_all(pair_read_fn fn, void *from,
                               const struct httpa_buf *in, const char *path,
                               unsigned status)
{
    struct pair_seen got = { 0 };
    enum httpa_err err = pair_read(fn, from, httpa_buf_slice(in), 4096, &got);
    if (err == HTTPA_OK) {
        err = httpa_buf_check(&got.content); /* the test's own */
    }
    if (err == HTTPA_OK) {
        assert_true(got.complete);
        assert_string_equal(got.path, path);
        assert_int_equal(got.status, status);
        assert_true(httpa_slice_equal(httpa_buf_slice(&got.content), body()));
    }
    httpa_buf_done(&got.content);
    return err;
}

static enum httpa_err serve(const struct httpa_outer *asked,
                            const struct httpa_buf *records,
                            struct httpa_trusted **x, struct httpa_outer *outer,
                            struct httpa_buf *out)
{
    struct httpa_head head = pair_outer(asked, "POST");
    enum httpa_err err = httpa_service_open(pair.service, &head, PAIR_NOW, x);
    if (err == HTTPA_OK) {
        err = read_all(pair_read_trusted, *x, records, PATH, 0);
    }
    return err == HTTPA_OK ? reply(*x, outer, out) : err;
}

static enum httpa_err exchange(struct httpa_session *session)
{
    static struct httpa_outer asked, answered;
    struct httpa_request *r = NULL;
    struct httpa_trusted *x = NULL;
    struct httpa_buf records = httpa_buf_growing(1u << 20);
    struct httpa_buf out = httpa_buf_growing(1u << 20);
    enum httpa_err err = httpa_request_new(session, PAIR_NOW, &r);
    if (err == HTTPA_OK) {
        err = ask(r, &asked, &records);
    }
    if (err == HTTPA_OK) {
        err = serve(&asked, &records, &x, &answered, &out);
    }
    if (err == HTTPA_OK) {
        err = httpa_request_answer(r, &answered.head);
    }
    if (err == HTTPA_OK) {
        err = read_all(pair_read_request, r, &out, "", 201);
    }
    httpa_trusted_free(x);
    httpa_request_free(r);
    httpa_buf_done(&records);
    httpa_buf_done(&out);
    return err;
}

/* A handshake and an exchange in which allocation |n| of |source| fails, and
 * an exchange after it.  Returns whether the failure was reached. */
static bool run(enum source source, size_t n, bool lasts)
{
    struct httpa_session *session = NULL;
    memset(&seen, 0, sizeof(seen));
    memset(memory.made, 0, sizeof(memory.made));
    memory.failing = source;
    memory.fail_at = n;
    memory.lasts = lasts;
    memory.armed = true;
    enum httpa_err err = handshake(&session);
    assert_true((err == HTTPA_OK) == (session != NULL));
    if (err == HTTPA_OK) {
        err = exchange(session);
    }
    memory.armed = false;
    bool reached = n > 0 && memory.made[source] >= n;
    if (!reached) {
        assert_ok(err);
    }
    if (session != NULL) {
        assert_ok(exchange(session));
    }
    assert_int_equal(seen.repeated, 0);
    httpa_session_free(session);
    return reached;
}

/* ---- the tests -------------------------------------------------------- */

/* At most so many runs of one kind: each costs some milliseconds, and
 * OpenSSL makes thousands of allocations. */
#define RUNS_MAX 2500u

static void fail_everywhere(enum source source, bool lasts)
{
    assert_false(run(source, 0, false));
    size_t all = memory.made[source];
    assert_true(all > 10);
    size_t step = 1 + all / RUNS_MAX;
    size_t reached = 0;
    for (size_t n = lasts ? step : 1; n <= all; n += step) {
        reached += run(source, n, lasts) ? 1 : 0;
    }
    /* Runs differ a little: a DER signature may be a byte shorter. */
    assert_true(reached * step + 10 * step > all);
    print_message("%zu allocations, every %zu. fails, %zu did\n", all, step,
                  reached);
}

/* The shims see what they should. */
static void a_repetition_and_a_leak_would_be_seen(void **state)
{
    struct httpa_aead a = { 0 };
    const uint8_t key[HTTPA_AEAD_KEY_MAX] = { 1 };
    const uint8_t nonce[HTTPA_AEAD_NONCE] = { 0 };
    uint8_t tag[16];
    struct httpa_slice none = { 0 };
    size_t live = memory.live[OF_LIBRARY];
    (void)state;
    assert_false(run(OF_LIBRARY, 0, false));
    assert_true(seen.sealed > 3 + 2 * 2); /* handshake, two exchanges */
    assert_ok(httpa_aead_init(&a, pair.crypto, httpa_suite_at(0),
                              httpa_slice_of(key, 16)));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(seen.repeated, 0);
        assert_ok(httpa_aead_seal(&a, nonce, httpa_aead_one(none),
                                  httpa_aead_one(none), tag));
    }
    httpa_aead_done(&a);
    assert_int_equal(seen.repeated, 1);
    struct httpa_buf b = httpa_buf_growing(100);
    httpa_buf_put_byte(&b, 0);
    assert_true(memory.live[OF_LIBRARY] > live);
    httpa_buf_done(&b);
    assert_true(memory.made[OF_LIBRARY] > 10);
    assert_true(memory.made[OF_OPENSSL] > 1000);
}

static void the_librarys_fail_once(void **state)
{
    (void)state;
    fail_everywhere(OF_LIBRARY, false);
}

static void the_librarys_fail_from_then_on(void **state)
{
    (void)state;
    fail_everywhere(OF_LIBRARY, true);
}

static void openssls_fail_once(void **state)
{
    (void)state;
    fail_everywhere(OF_OPENSSL, false);
}

static void openssls_fail_from_then_on(void **state)
{
    (void)state;
    fail_everywhere(OF_OPENSSL, true);
}

static size_t live_before[SOURCES];

static void end_pair(void)
{
    pair_done(&pair);
    OPENSSL_thread_stop(); /* OpenSSL keeps texts of errors for a thread */
}

/* A first pair fills what OpenSSL keeps for the life of the process. */
static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(body_bytes); i++) {
        body_bytes[i] = (uint8_t)(i * 7);
    }
    pair_init(&pair);
    assert_false(run(OF_LIBRARY, 0, false));
    end_pair();
    memcpy(live_before, memory.live, sizeof(live_before));
    pair_init(&pair);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    end_pair();
    for (size_t i = 0; i < SOURCES; i++) {
        if (memory.live[i] != live_before[i]) {
            print_error("%zu blocks of %s are left, %zu before\n",
                        memory.live[i], i == OF_LIBRARY ? "ours" : "OpenSSL",
                        live_before[i]);
            return -1;
        }
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repetition_and_a_leak_would_be_seen),
        cmocka_unit_test(the_librarys_fail_once),
        cmocka_unit_test(the_librarys_fail_from_then_on),
        cmocka_unit_test(openssls_fail_once),
        cmocka_unit_test(openssls_fail_from_then_on),
    };
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc,
                                 openssl_free) != 1) {
        return 1;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
