#include "codec/pem.h"
#include "codec/der.h"
#include "support/shared.h"

#define B "-----BEGIN X-----\n"
#define E "-----END X-----\n"
/* 48 zero bytes */
#define LINE                                                               \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LINE76 LINE "AAAAAAAAAAAA"

struct row {
    const char *text;
    enum httpa_err err;
    size_t n; /* bytes of the block */
    const char *why;
};

static const struct row rows[] = {
    { B "AQ==\n" E, HTTPA_OK, 1, "one byte" },
    { B "AQID\n" E, HTTPA_OK, 3, "three bytes" },
    { B LINE "\n" E, HTTPA_OK, 48, "one full line" },
    { B LINE "\nAQ==\n" E, HTTPA_OK, 49, "a full line and another" },
    { B LINE "\n" LINE "\n" E, HTTPA_OK, 96, "two full lines" },
    { B LINE76 "\nAQ==\n" E, HTTPA_OK, 58, "lines of 76" },
    { "-----BEGIN X-----\r\nAQ==\r\n-----END X-----\r\n", HTTPA_OK, 1,
      "CRLF" },
    { B "AQ==\n-----END X-----", HTTPA_OK, 1, "no line end at the end" },
    { "\n\r\n" B "AQ==\n" E "\n\n", HTTPA_OK, 1, "empty lines around" },
    { "-----BEGIN X509 CRL-----\nAQ==\n-----END X509 CRL-----\n", HTTPA_OK,
      1, "a label of two words" },
    { "-----BEGIN XZA09-----\nAQ==\n-----END XZA09-----\n", HTTPA_OK, 1,
      "the ends of the alphabet" },
    { "", HTTPA_ERR_MISSING, 0, "nothing" },
    { "xxxxxBEGIN X-----\nAQ==\n" E, HTTPA_ERR_MALFORMED, 0,
      "other characters than dashes" },
    { "-----BEGIN XYYYYY\nAQ==\n" E, HTTPA_ERR_MALFORMED, 0,
      "no dashes behind" },
    { "\n\r\n\n", HTTPA_ERR_MISSING, 0, "empty lines" },
    { B, HTTPA_ERR_TRUNCATED, 0, "only a BEGIN line" },
    { B "AQ==\n", HTTPA_ERR_TRUNCATED, 0, "no END line" },
    { B E, HTTPA_ERR_MALFORMED, 0, "no body" },
    { "x\n" B "AQ==\n" E, HTTPA_ERR_MALFORMED, 0, "text before" },
    { " " B "AQ==\n" E, HTTPA_ERR_MALFORMED, 0, "a space before" },
    { "-----BEGIN X----- \nAQ==\n" E, HTTPA_ERR_MALFORMED, 0,
      "a space behind" },
    { "-----BEGIN X----\nAQ==\n" E, HTTPA_ERR_MALFORMED, 0, "four dashes" },
    { "----BEGIN X-----\nAQ==\n" E, HTTPA_ERR_MALFORMED, 0, "four dashes" },
    { "-----BEGIN -----\nAQ==\n-----END -----\n", HTTPA_ERR_MALFORMED, 0,
      "no label" },
    { "-----BEGIN  X-----\nAQ==\n-----END  X-----\n", HTTPA_ERR_MALFORMED, 0,
      "label begins with a space" },
    { "-----BEGIN X -----\nAQ==\n-----END X -----\n", HTTPA_ERR_MALFORMED, 0,
      "label ends with a space" },
    { "-----BEGIN x-----\nAQ==\n-----END x-----\n", HTTPA_ERR_MALFORMED, 0,
      "label in small letters" },
    { B "AQ==\n-----END Y-----\n", HTTPA_ERR_MALFORMED, 0, "other label" },
    { B "AQ==\n-----END X----\n", HTTPA_ERR_MALFORMED, 0, "END cut short" },
    { B "AQ==\n" B "AQ==\n" E, HTTPA_ERR_MALFORMED, 0, "BEGIN inside" },
    { B "Proc-Type: 4,ENCRYPTED\n\nAQ==\n" E, HTTPA_ERR_MALFORMED, 0,
      "headers" },
    { B "\nAQ==\n" E, HTTPA_ERR_MALFORMED, 0, "an empty line first" },
    { B "AQ==\n\n" E, HTTPA_ERR_MALFORMED, 0, "an empty line last" },
    { B LINE "\n\n" LINE "\n" E, HTTPA_ERR_MALFORMED, 0, "one between" },
    { B "AQ==\nAQ==\n" E, HTTPA_ERR_MALFORMED, 0, "padding, then more" },
    { B LINE "\nAQID\nAQID\n" E, HTTPA_ERR_MALFORMED, 0,
      "two lines shorter than the first" },
    { B "AQID\n" LINE "\n" E, HTTPA_ERR_MALFORMED, 0,
      "longer than the first" },
    { B LINE76 "AAAA\n" E, HTTPA_ERR_MALFORMED, 0, "a line of 80" },
    { B "AQ=\n" E, HTTPA_ERR_MALFORMED, 0, "padding too short" },
    { B "AR==\n" E, HTTPA_ERR_MALFORMED, 0, "bits behind the last byte" },
    { B "AQ ==\n" E, HTTPA_ERR_MALFORMED, 0, "a space inside" },
    { B "AQ==\t\n" E, HTTPA_ERR_MALFORMED, 0, "a tab behind" },
    { B "A-_A\n" E, HTTPA_ERR_MALFORMED, 0, "the other alphabet" },
    { B "AQ==\r" E, HTTPA_ERR_MALFORMED, 0, "a bare CR" },
};

static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = strlen(rows[i].text);
        uint8_t *exact = exact_copy(rows[i].text, len);
        struct httpa_pem pem = httpa_pem_of(httpa_slice_of(exact, len));
        assert_int_equal(httpa_pem_more(&pem),
                         rows[i].err != HTTPA_ERR_MISSING);
        uint8_t room[128];
        struct httpa_buf der = httpa_buf_fixed(room, sizeof(room));
        struct httpa_slice label = httpa_slice_str("before");
        enum httpa_err err = httpa_pem_next(&pem, &label, &der);
        if (err != rows[i].err || der.n != rows[i].n) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        if (err == HTTPA_OK) {
            assert_false(httpa_pem_more(&pem));
            assert_true(httpa_slice_starts(label, "X"));
        } else {
            assert_slice_is(label, "before");
            assert_int_equal(pem.in.n, len);
        }
        free(exact);
    }
}

static void a_byte_of_zero_is_no_text(void **state)
{
    (void)state;
    static const char text[] = B "AQ\0=\n" E;
    struct httpa_pem pem =
        httpa_pem_of(httpa_slice_of(text, sizeof(text) - 1));
    uint8_t room[16];
    struct httpa_buf der = httpa_buf_fixed(room, sizeof(room));
    struct httpa_slice label;
    assert_err(HTTPA_ERR_MALFORMED, httpa_pem_next(&pem, &label, &der));
}

static void several_blocks(void **state)
{
    (void)state;
    struct httpa_pem pem = httpa_pem_of(httpa_slice_str(
        B "AQ==\n" E "-----BEGIN PUBLIC KEY-----\nAgM=\n"
          "-----END PUBLIC KEY-----\n\n" B "BA==\n" E "junk"));
    uint8_t room[16];
    struct httpa_buf der = httpa_buf_fixed(room, sizeof(room));
    struct httpa_slice label;
    assert_ok(httpa_pem_next(&pem, &label, &der));
    assert_slice_is(label, "X");
    assert_ok(httpa_pem_next(&pem, &label, &der));
    assert_slice_is(label, "PUBLIC KEY");
    assert_ok(httpa_pem_next(&pem, &label, &der));
    assert_hex(der.p, der.n, "01020304"); /* appended */
    assert_true(httpa_pem_more(&pem));
    assert_err(HTTPA_ERR_MALFORMED, httpa_pem_next(&pem, &label, &der));
    assert_int_equal(der.n, 4);
}

static void what_does_not_fit(void **state)
{
    (void)state;
    struct httpa_pem pem = httpa_pem_of(httpa_slice_str(B LINE "\n" E));
    uint8_t room[47];
    struct httpa_buf der = httpa_buf_fixed(room, sizeof(room));
    struct httpa_slice label;
    assert_err(HTTPA_ERR_SPACE, httpa_pem_next(&pem, &label, &der));
    assert_int_equal(der.n, 0);
}

static void written_and_read_again(void **state)
{
    (void)state;
    uint8_t in[200];
    for (size_t n = 1; n < sizeof(in); n++) {
        in[n - 1] = (uint8_t)n;
        struct httpa_buf text = httpa_buf_growing(4096);
        httpa_pem_write(&text, "CERTIFICATE", httpa_slice_of(in, n));
        struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
        uint8_t room[sizeof(in)];
        struct httpa_buf der = httpa_buf_fixed(room, sizeof(room));
        struct httpa_slice label;
        assert_ok(httpa_pem_next(&pem, &label, &der));
        assert_slice_is(label, "CERTIFICATE");
        assert_int_equal(der.n, n);
        assert_memory_equal(der.p, in, n);
        httpa_buf_done(&text);
    }
    uint8_t room[64];
    struct httpa_buf text = httpa_buf_fixed(room, sizeof(room));
    httpa_pem_write(&text, "X", httpa_slice_of("\1", 1));
    assert_slice_is(httpa_buf_slice(&text), B "AQ==\n" E);
}

/* Certificates as vendors publish them. */
static void published_certificates(void **state)
{
    (void)state;
    static const char *const files[] = {
        "vectors/nitro/bad-root-tampered/root.pem",
        "vectors/cca/tf-rmm/cpak_pub.pem",
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        struct httpa_buf text = httpa_buf_growing(1u << 16);
        struct httpa_buf der = httpa_buf_growing(1u << 16);
        struct httpa_slice label;
        if (shared_read(files[i], &text)) {
            struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
            assert_ok(httpa_pem_next(&pem, &label, &der));
            assert_slice_is(label, i == 0 ? "CERTIFICATE" : "PUBLIC KEY");
            assert_false(httpa_pem_more(&pem));
            struct httpa_der d = httpa_der_of(httpa_buf_slice(&der));
            struct httpa_der s = httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
            assert_ok(httpa_der_end(&d));
            while (httpa_der_more(&s)) {
                (void)httpa_der_skip(&s);
            }
            assert_ok(httpa_der_end(&s));
        }
        httpa_buf_done(&text);
        httpa_buf_done(&der);
    }
}

static void read_mutant(struct httpa_slice in, void *arg)
{
    struct httpa_pem pem = httpa_pem_of(in);
    while (httpa_pem_more(&pem)) {
        uint8_t room[256];
        struct httpa_buf der = httpa_buf_fixed(room, sizeof(room));
        struct httpa_slice label;
        if (httpa_pem_next(&pem, &label, &der) != HTTPA_OK) {
            break;
        }
        (*(size_t *)arg)++;
    }
}

static void mutants_are_survived(void **state)
{
    (void)state;
    size_t read = 0;
    mutate(httpa_slice_str("\n" B LINE "\r\nAQI=\n" E B "AQID\n" E),
           read_mutant, &read);
    assert_true(read > 100); /* flips in the second block leave the first */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(a_byte_of_zero_is_no_text),
        cmocka_unit_test(several_blocks),
        cmocka_unit_test(what_does_not_fit),
        cmocka_unit_test(written_and_read_again),
        cmocka_unit_test(published_certificates),
        cmocka_unit_test(mutants_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
