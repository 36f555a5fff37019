#include "evidence/tpm/format.h"
#include "support.h"

static void the_quote_of_the_sample(void **state)
{
    (void)state;
    struct httpa_buf b = sample("ecc.cbor");
    struct httpa_tpm_evidence e = evidence_of(&b);
    struct httpa_tpm_attest a;
    struct httpa_digest rd =
        digest_of(HTTPA_SHA256, httpa_slice_of(sample_rd(), HTTPA_RD_LEN));
    assert_ok(httpa_tpm_attest_read(e.attest, &a));
    assert_int_equal(a.qualified_signer.n, 34);
    assert_true(httpa_slice_equal(a.extra_data, httpa_digest_slice(&rd)));
    assert_true(a.safe);
    assert_int_equal(a.select_n, 1);
    assert_int_equal(a.select[0].hash, HTTPA_TPM_SHA256);
    assert_int_equal(a.select[0].mask, 1u << 16 | 7);
    assert_int_equal(a.pcr_digest.n, 32);
    httpa_buf_done(&b);
}

static void the_keys_and_signatures_of_the_samples(void **state)
{
    (void)state;
    struct httpa_buf ecc = sample("ecc.cbor");
    struct httpa_buf rsa = sample("rsa.cbor");
    struct httpa_tpm_evidence e = evidence_of(&ecc);
    struct httpa_tpm_public p;
    struct httpa_tpm_signature s;
    assert_ok(httpa_tpm_public_read(e.ak_public, &p));
    assert_int_equal(p.type, HTTPA_TPM_ECC);
    assert_int_equal(p.curve, HTTPA_TPM_P256);
    assert_int_equal(p.attributes, 0x00050472);
    assert_int_equal(p.scheme, HTTPA_TPM_ECDSA);
    assert_ok(httpa_tpm_signature_read(e.signature, &s));
    assert_int_equal(s.alg, HTTPA_TPM_ECDSA);
    assert_true(s.r.n <= 32 && s.s.n <= 32 && s.rsa.n == 0);

    e = evidence_of(&rsa);
    assert_ok(httpa_tpm_public_read(e.ak_public, &p));
    assert_int_equal(p.type, HTTPA_TPM_RSA);
    assert_int_equal(p.exponent, 65537);
    assert_int_equal(p.modulus.n, 256);
    assert_ok(httpa_tpm_signature_read(e.signature, &s));
    assert_int_equal(s.alg, HTTPA_TPM_RSAPSS);
    assert_int_equal(s.rsa.n, 256);
    httpa_buf_done(&ecc);
    httpa_buf_done(&rsa);
}

/* A quote by hand: everything before the selections, and a digest after. */
#define HEAD                                                                   \
    "ff544347"                                                                 \
    "8018"                                                                     \
    "0000"                                                                     \
    "0002"                                                                     \
    "abcd"                                                                     \
    "0000000000000001"                                                         \
    "00000002"                                                                 \
    "00000003"                                                                 \
    "01"                                                                       \
    "0000000000000004"
#define TAIL "0000"

static void what_is_no_quote(void **state)
{
    static const struct {
        const char *hex;
        enum httpa_err err;
        const char *why;
    } rows[] = {
        { HEAD "00000001"
               "000b"
               "03"
               "010000" TAIL,
          HTTPA_OK, "a quote" },
        { HEAD "00000001"
               "000b"
               "01"
               "01" TAIL,
          HTTPA_OK, "one octet" },
        { HEAD "00000001"
               "000b"
               "04"
               "01000000" TAIL,
          HTTPA_OK, "four" },
        { HEAD "00000000" TAIL, HTTPA_OK, "form only: judged later" },
        { HEAD "00000001"
               "000b"
               "04"
               "00000001" TAIL,
          HTTPA_ERR_RANGE, "PCR 24" },
        { HEAD "00000001"
               "000b"
               "00" TAIL,
          HTTPA_ERR_RANGE, "no octets" },
        { HEAD "00000001"
               "000b"
               "05"
               "0100000000" TAIL,
          HTTPA_ERR_RANGE, "five octets" },
        { HEAD "00000002"
               "000b"
               "03"
               "010000"
               "000b"
               "03"
               "020000" TAIL,
          HTTPA_ERR_DUPLICATE, "a bank twice" },
        { HEAD "00000001"
               "0012"
               "03"
               "010000" TAIL,
          HTTPA_ERR_UNSUPPORTED, "SM3" },
        { HEAD "00000005" TAIL, HTTPA_ERR_RANGE, "more banks than exist" },
        { HEAD "00000001"
               "000b"
               "03"
               "010000" TAIL "00",
          HTTPA_ERR_TRAILING, "a byte behind" },
        { HEAD "00000001"
               "000b"
               "03"
               "010000"
               "0001",
          HTTPA_ERR_TRUNCATED, "digest cut" },
        { "00544347"
          "8018",
          HTTPA_ERR_UNSUPPORTED, "magic" },
        { "ff544347"
          "8017",
          HTTPA_ERR_UNSUPPORTED, "TPM2_Certify" },
        { "ff544347"
          "8018"
          "0000"
          "0002"
          "abcd"
          "0000000000000001"
          "00000002"
          "00000003"
          "02"
          "0000000000000004"
          "00000000" TAIL,
          HTTPA_ERR_MALFORMED, "safe is 0 or 1" },
        { "ff544347"
          "8018"
          "0043",
          HTTPA_ERR_TRUNCATED, "long signer" },
        { "", HTTPA_ERR_TRUNCATED, "nothing" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[256];
        struct httpa_tpm_attest a = { .clock = 77 };
        size_t n = unhex(rows[i].hex, room, sizeof(room));
        uint8_t *exact = exact_copy(room, n);
        enum httpa_err err =
            httpa_tpm_attest_read(httpa_slice_of(exact, n), &a);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        assert_true(err == HTTPA_OK ? a.clock == 1 : a.clock == 77);
        free(exact);
    }
}

/* P-256, ECDSA with SHA-256, x and y of one byte */
#define ECC_HEAD                                                               \
    "0023"                                                                     \
    "000b"                                                                     \
    "00050072"                                                                 \
    "0000"
#define ECC_TAIL                                                               \
    "0001"                                                                     \
    "05"                                                                       \
    "0001"                                                                     \
    "06"

static void what_is_no_key(void **state)
{
    static const struct {
        const char *hex;
        enum httpa_err err;
        const char *why;
    } rows[] = {
        { ECC_HEAD "0010"
                   "0018"
                   "000b"
                   "0003"
                   "0010" ECC_TAIL,
          HTTPA_OK, "a signing key" },
        { ECC_HEAD "0006"
                   "0080"
                   "0043"
                   "0010"
                   "0003"
                   "0010" ECC_TAIL,
          HTTPA_OK, "a storage key" },
        { ECC_HEAD "0010"
                   "0018"
                   "000b"
                   "0003"
                   "0010" ECC_TAIL "00",
          HTTPA_ERR_TRAILING, "a byte behind" },
        { ECC_HEAD "0010"
                   "001a"
                   "000b"
                   "0003"
                   "0010" ECC_TAIL,
          HTTPA_ERR_UNSUPPORTED, "ECDAA" },
        { ECC_HEAD "0013"
                   "0080"
                   "0043"
                   "0010"
                   "0003"
                   "0010" ECC_TAIL,
          HTTPA_ERR_UNSUPPORTED, "SM4" },
        { ECC_HEAD "0010"
                   "0018"
                   "000b"
                   "0005"
                   "0010" ECC_TAIL,
          HTTPA_ERR_UNSUPPORTED, "P-521" },
        { ECC_HEAD "0010"
                   "0018"
                   "000b"
                   "0003"
                   "0022"
                   "000b" ECC_TAIL,
          HTTPA_ERR_UNSUPPORTED, "a KDF, which no key has" },
        { "0008"
          "000b"
          "00050072"
          "0000"
          "0010"
          "0000",
          HTTPA_ERR_UNSUPPORTED, "keyed hash" },
        { "0023"
          "0012"
          "00050072"
          "0000"
          "0010"
          "0018"
          "000b"
          "0003"
          "0010" ECC_TAIL,
          HTTPA_ERR_UNSUPPORTED, "named by SM3" },
        { "0001"
          "000b"
          "00050072"
          "0000"
          "0010"
          "0014"
          "000b"
          "0800"
          "00000000"
          "0002"
          "8001",
          HTTPA_ERR_RANGE, "modulus of 16 bits" },
        { "0001"
          "000b"
          "00050072"
          "0000"
          "0010"
          "0014"
          "000b"
          "0010"
          "00000000"
          "0002"
          "0001",
          HTTPA_ERR_RANGE, "modulus with zeros" },
        { "0001"
          "000b"
          "00050072"
          "0000"
          "0010"
          "0014"
          "000b"
          "0000"
          "00000000"
          "0000",
          HTTPA_ERR_RANGE, "no modulus" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[256];
        struct httpa_tpm_public p;
        size_t n = unhex(rows[i].hex, room, sizeof(room));
        uint8_t *exact = exact_copy(room, n);
        enum httpa_err err =
            httpa_tpm_public_read(httpa_slice_of(exact, n), &p);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
        free(exact);
    }
}

static void what_is_no_signature(void **state)
{
    static const struct {
        const char *hex;
        enum httpa_err err;
        const char *why;
    } rows[] = {
        { "0018"
          "000b"
          "0001"
          "05"
          "0001"
          "06",
          HTTPA_OK, "ECDSA" },
        { "0014"
          "000b"
          "0001"
          "05",
          HTTPA_OK, "RSASSA" },
        { "0014"
          "0004"
          "0001"
          "05",
          HTTPA_OK, "SHA-1: refused later" },
        { "0014"
          "000b"
          "0001"
          "05"
          "00",
          HTTPA_ERR_TRAILING, "behind" },
        { "0018"
          "000b"
          "0001"
          "05",
          HTTPA_ERR_TRUNCATED, "no s" },
        { "0005"
          "000b"
          "0001"
          "05",
          HTTPA_ERR_UNSUPPORTED, "HMAC" },
        { "001a"
          "000b"
          "0001"
          "05",
          HTTPA_ERR_UNSUPPORTED, "ECDAA" },
        { "0014"
          "0012"
          "0001"
          "05",
          HTTPA_ERR_UNSUPPORTED, "SM3" },
        { "0010", HTTPA_ERR_TRUNCATED, "TPM_ALG_NULL" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64];
        struct httpa_tpm_signature s;
        size_t n = unhex(rows[i].hex, room, sizeof(room));
        enum httpa_err err =
            httpa_tpm_signature_read(httpa_slice_of(room, n), &s);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].why, httpa_err_name(err));
        }
    }
}

static void hashes_have_sizes_and_names(void **state)
{
    (void)state;
    assert_int_equal(httpa_tpm_hash_size(HTTPA_TPM_SHA1), 20);
    assert_int_equal(httpa_tpm_hash_size(HTTPA_TPM_SHA512), 64);
    assert_int_equal(httpa_tpm_hash_size(HTTPA_TPM_NULL), 0);
    assert_string_equal(httpa_tpm_hash_name(HTTPA_TPM_SHA384), "sha384");
    assert_null(httpa_tpm_hash_name(HTTPA_TPM_NULL));
}

static void read_all(struct httpa_slice in, void *arg)
{
    struct httpa_tpm_attest a;
    struct httpa_tpm_public p;
    struct httpa_tpm_signature s;
    (void)arg;
    (void)!httpa_tpm_attest_read(in, &a);
    (void)!httpa_tpm_public_read(in, &p);
    (void)!httpa_tpm_signature_read(in, &s);
}

static void mutations(void **state)
{
    (void)state;
    struct httpa_buf b = sample("ek.cbor");
    struct httpa_tpm_evidence e = evidence_of(&b);
    mutate(e.attest, read_all, NULL);
    mutate(e.signature, read_all, NULL);
    mutate(e.ak_public, read_all, NULL);
    mutate(e.ek_public, read_all, NULL);
    httpa_buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quote_of_the_sample),
        cmocka_unit_test(the_keys_and_signatures_of_the_samples),
        cmocka_unit_test(what_is_no_quote),
        cmocka_unit_test(what_is_no_key),
        cmocka_unit_test(what_is_no_signature),
        cmocka_unit_test(hashes_have_sizes_and_names),
        cmocka_unit_test(mutations),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
