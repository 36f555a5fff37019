#include "evidence/tpm/format.h"
#include "support.h"

static void samples_are_written_as_they_were_read(void **state)
{
    static const char *const names[] = { "ecc.cbor", "rsa.cbor", "ek.cbor",
                                         "ekrsa.cbor" };
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct httpa_buf b = sample(names[i]);
        struct httpa_buf again = httpa_buf_growing(65536);
        struct httpa_tpm_evidence e = evidence_of(&b);
        httpa_tpm_evidence_write(&again, &e);
        assert_true(
            httpa_slice_equal(httpa_buf_slice(&b), httpa_buf_slice(&again)));
        httpa_buf_done(&again);
        httpa_buf_done(&b);
    }
}

static void parts_of_the_samples(void **state)
{
    (void)state;
    struct httpa_buf b = sample("rsa.cbor");
    struct httpa_tpm_evidence e = evidence_of(&b);
    assert_int_equal(e.pcrs_n, 2);
    assert_int_equal(e.pcrs[0].hash, HTTPA_TPM_SHA256);
    assert_int_equal(e.pcrs[0].mask, 1);
    assert_int_equal(e.pcrs[1].hash, HTTPA_TPM_SHA384);
    assert_int_equal(e.pcrs[1].mask, 2);
    assert_int_equal(e.pcrs[1].value[1].n, 48);
    assert_int_equal(e.ek_chain.n, 0);
    httpa_buf_done(&b);
    b = sample("ek.cbor");
    e = evidence_of(&b);
    assert_int_equal(e.ek_chain.n, 2);
    assert_int_equal(e.ek_chain.der[0].p[0], 0x30);
    assert_true(e.ek_public.n > 0);
    httpa_buf_done(&b);
}

#define ONE "0141aa"
#define TWO "0241bb"
#define THREE "0341cc"
#define ZERO32                                                                 \
    "5820"                                                                     \
    "0000000000000000000000000000000000000000000000000000000000000000"
#define FOUR "04a10ba100" ZERO32

static void what_is_refused(void **state)
{
    static const struct {
        const char *hex;
        enum httpa_err err;
        const char *why;
    } rows[] = {
        { "a4" ONE TWO THREE FOUR, HTTPA_OK, "the least there is" },
        { "a5" ONE TWO THREE FOUR "0741dd", HTTPA_OK, "with a log" },
        { "a5" ONE TWO THREE FOUR "058141dd", HTTPA_OK, "with an AK chain" },
        { "a6" ONE TWO THREE FOUR "068141dd"
          "0841ee",
          HTTPA_OK, "with EK" },
        { "a5" ONE TWO THREE FOUR "068141dd", HTTPA_ERR_MISSING,
          "an EK certificate without its key" },
        { "a3" ONE TWO FOUR, HTTPA_ERR_MISSING, "no key" },
        { "a3" ONE TWO THREE, HTTPA_ERR_MISSING, "no registers" },
        { "a4" ONE TWO THREE "04a0", HTTPA_OK, "no bank: values not kept" },
        { "a4"
          "0140" TWO THREE FOUR,
          HTTPA_ERR_MISSING, "an empty quote" },
        { "a5" ONE TWO THREE FOUR "0941dd", HTTPA_ERR_UNSUPPORTED,
          "an unknown key" },
        { "a5" ONE TWO THREE FOUR "6161f6", HTTPA_ERR_UNSUPPORTED,
          "a text key" },
        { "a5" ONE ONE TWO THREE FOUR, HTTPA_ERR_DUPLICATE, "a key twice" },
        { "a4"
          "016161" TWO THREE FOUR,
          HTTPA_ERR_MALFORMED, "text" },
        { "a4" ONE TWO THREE "04a104a10054"
          "0000000000000000000000000000000000000000",
          HTTPA_OK, "a bank of SHA-1: carried" },
        { "a4" ONE TWO THREE "04a112a100" ZERO32, HTTPA_ERR_UNSUPPORTED,
          "a bank of SM3" },
        { "a4" ONE TWO THREE "04a11a0001000ba100" ZERO32, HTTPA_ERR_UNSUPPORTED,
          "a bank of 17 bits" },
        { "a4" ONE TWO THREE "04a120a100" ZERO32, HTTPA_ERR_UNSUPPORTED,
          "a negative bank" },
        { "a4" ONE TWO THREE "04a10ba11818" ZERO32, HTTPA_ERR_RANGE, "PCR 24" },
        { "a4" ONE TWO THREE "04a10ba120" ZERO32, HTTPA_ERR_RANGE, "PCR -1" },
        { "a4" ONE TWO THREE "04a10ba10041aa", HTTPA_ERR_RANGE,
          "a short value" },
        { "a4" ONE TWO THREE "04a10ca100" ZERO32, HTTPA_ERR_RANGE,
          "32 bytes of SHA-384" },
        { "a5" ONE TWO THREE FOUR "0580", HTTPA_ERR_RANGE, "empty chain" },
        { "a5" ONE TWO THREE FOUR "058740404040404040", HTTPA_ERR_RANGE,
          "seven certificates" },
        { "a4" ONE TWO THREE FOUR "00", HTTPA_ERR_TRAILING, "behind" },
        { "a4" ONE TWO THREE, HTTPA_ERR_TRUNCATED, "cut" },
        { "80", HTTPA_ERR_MALFORMED, "an array" },
        { "", HTTPA_ERR_TRUNCATED, "nothing" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[256];
        struct httpa_tpm_evidence e;
        size_t n = unhex(rows[i].hex, room, sizeof(room));
        uint8_t *exact = exact_copy(room, n);
        enum httpa_err err =
            httpa_tpm_evidence_read(httpa_slice_of(exact, n), &e);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        free(exact);
    }
}

static void read_one(struct httpa_slice in, void *arg)
{
    struct httpa_tpm_evidence e;
    (void)arg;
    (void)!httpa_tpm_evidence_read(in, &e);
}

static void mutations(void **state)
{
    (void)state;
    struct httpa_buf b = sample("rsa.cbor");
    mutate(httpa_buf_slice(&b), read_one, NULL);
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_written_as_they_were_read),
        cmocka_unit_test(parts_of_the_samples),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
