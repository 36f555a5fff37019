/*
 * Real quotes (vectors/tpm2): signature and register values must come out as
 * each manifest says, with the nonce and the hash of its fields.  Most come
 * without a TPMT_PUBLIC, so this goes below the verifier, step by step.
 */
#include "codec/pem.h"
#include "codec/hex.h"
#include "evidence/tpm/quote.h"
#include "support.h"
#include "support/shared.h"

struct vector {
    const char *dir;
    bool raw;        /* quote.sig is a bare RSASSA-SHA256 signature */
    bool has_values; /* pcrs.json is there */
    uint16_t bank;
    const char *extra_data;
    enum httpa_err cryptographic;
    enum httpa_err policy; /* of a plain policy: nonce, no SHA-1 */
    const char *note;
};

static const struct vector rows[] = {
    { "azure-snp-genoa", true, true, HTTPA_TPM_SHA256,
      "0218488bae25d2509232bf676f1a66a30d7372add909109b36016ef136f2938ca05475"
      "f8b46094de6b64270ea35d950f",
      HTTPA_OK, HTTPA_OK, "48 bytes of nonce" },
    { "azure-snp-milan", true, true, HTTPA_TPM_SHA256, "6368616c6c656e6765",
      HTTPA_OK, HTTPA_OK, "9 bytes of nonce" },
    { "azure-tdx", true, true, HTTPA_TPM_SHA256, "6368616c6c656e6765", HTTPA_OK,
      HTTPA_OK, "" },
    { "gce-cos-sha256-no-nonce", false, true, HTTPA_TPM_SHA256, "", HTTPA_OK,
      HTTPA_ERR_EVIDENCE, "no nonce: replayable" },
    { "generic-rsa-64byte-nonce", false, true, HTTPA_TPM_SHA256,
      "a04182b506878d4f29b91ee606a71a0d3361ccf1b22db20c98adcaa537bea393ef0e41"
      "a18b3569ab678f1497fbc5c12000000000000000000000000000000000",
      HTTPA_OK, HTTPA_OK, "64 bytes of nonce" },
    { "parsec-ecdsa-certify-and-quote", false, false, HTTPA_TPM_SHA256,
      "deadbeefdeadbeef", HTTPA_OK, HTTPA_OK, "no register values" },
    { "swtpm-ecdsa-p256", false, true, HTTPA_TPM_SHA256,
      "ac04ed7a93ce9b15032333524ff71997e559d32fcf60bb6578fa407186555d48",
      HTTPA_OK, HTTPA_OK, "" },
    /* Signed with SHA-1: its manifest calls the arithmetic a pass and the
     * policy a fail.  Here SHA-1 is no signature at all. */
    { "windows-gcp-sha1-no-nonce", false, true, HTTPA_TPM_SHA1, "",
      HTTPA_ERR_UNSUPPORTED, HTTPA_ERR_UNSUPPORTED, "SHA-1" },
};

static struct httpa_buf read_file(const char *dir, const char *name)
{
    char path[160];
    struct httpa_buf b = httpa_buf_growing(65536);
    (void)snprintf(path, sizeof(path), "vectors/tpm2/%s/%s", dir, name);
    if (!shared_read(path, &b)) {
        skip();
    }
    return b;
}

static struct httpa_pubkey *read_key(const char *dir)
{
    struct httpa_buf text = read_file(dir, "ak_pub.pem");
    struct httpa_buf der = httpa_buf_growing(HTTPA_SPKI_MAX);
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
    struct httpa_pubkey *key = NULL;
    struct httpa_slice label;
    assert_ok(httpa_pem_next(&pem, &label, &der));
    assert_ok(httpa_pubkey_read(crypto, httpa_buf_slice(&der), &key));
    httpa_buf_done(&der);
    httpa_buf_done(&text);
    return key;
}

/* The values of pcrs.json ({"pcrs": {"0": hex, ...}}), in |room|. */
static struct httpa_tpm_pcrs
read_values(const struct vector *row, struct httpa_buf *room)
{
    struct httpa_buf json = read_file(row->dir, "pcrs.json");
    struct httpa_tpm_pcrs pcrs = { .hash = row->bank };
    size_t n = httpa_tpm_hash_size(row->bank);
    httpa_buf_put_byte(&json, 0);
    for (unsigned pcr = 0; pcr < HTTPA_TPM_PCRS; pcr++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "\"%u\": \"", pcr);
        const char *at = strstr((const char *)json.p, key);
        if (at == NULL) {
            continue;
        }
        size_t start = room->n;
        assert_ok(
            httpa_hex_read(httpa_slice_of(at + strlen(key), 2 * n), room));
        pcrs.value[pcr] = httpa_slice_of(room->p + start, n);
        pcrs.mask |= 1u << pcr;
    }
    httpa_buf_done(&json);
    return pcrs;
}

static void put_signature(const struct vector *row, struct httpa_buf *out)
{
    struct httpa_buf raw = read_file(row->dir, "quote.sig");
    if (row->raw) {
        httpa_buf_put(out, "\x00\x14\x00\x0b\x01\x00", 6);
    }
    httpa_buf_put_slice(out, httpa_buf_slice(&raw));
    httpa_buf_done(&raw);
}

static void one(const struct vector *row)
{
    uint8_t nonce_room[64];
    uint8_t value_room[HTTPA_TPM_PCRS * 64];
    uint8_t signature_room[1024];
    struct httpa_buf nonce = httpa_buf_fixed(nonce_room, sizeof(nonce_room));
    struct httpa_buf values = httpa_buf_fixed(value_room, sizeof(value_room));
    struct httpa_buf sig =
        httpa_buf_fixed(signature_room, sizeof(signature_room));
    struct httpa_buf attest_bytes = read_file(row->dir, "quote.tpms_attest");
    struct httpa_tpm_attest attest;
    struct httpa_tpm_signature signature;
    enum httpa_hash_id hash = HTTPA_SHA256;
    (void)fprintf(stderr, "%s %s\n", row->dir, row->note);
    put_signature(row, &sig);
    assert_ok(httpa_hex_read(httpa_slice_str(row->extra_data), &nonce));
    assert_ok(httpa_tpm_attest_read(httpa_buf_slice(&attest_bytes), &attest));
    assert_ok(httpa_tpm_signature_read(httpa_buf_slice(&sig), &signature));
    struct httpa_pubkey *key = read_key(row->dir);
    enum httpa_err err = httpa_tpm_quote_signature(
        crypto, key, httpa_buf_slice(&attest_bytes), &signature, &hash);
    if (err == HTTPA_OK && row->has_values) {
        struct httpa_tpm_pcrs pcrs = read_values(row, &values);
        err = httpa_tpm_quote_digest(crypto, hash, &attest, &pcrs, 1);
    }
    assert_err(row->cryptographic, err);
    if (err == HTTPA_OK) {
        err = httpa_tpm_quote_binds(&attest, httpa_buf_slice(&nonce));
    }
    assert_err(row->policy, err);

    /* any other bit, and it is over */
    attest_bytes.p[attest_bytes.n / 2] ^= 1;
    assert_true(httpa_tpm_quote_signature(crypto, key,
                                          httpa_buf_slice(&attest_bytes),
                                          &signature, &hash) != HTTPA_OK);
    httpa_pubkey_free(key);
    httpa_buf_done(&attest_bytes);
}

static void every_sample(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        one(&rows[i]);
    }
}

/* Keys with their TPMT_PUBLIC: Name and attributes as the manifests have. */
static void keys(void **state)
{
    static const struct {
        const char *dir;
        const char *name;
    } known[] = {
        { "gce-cos-sha256-no-nonce",
          "000bf175bdb57297b2b289973f819863d6c9d09c236725676914f4248c9a2404c2"
          "a4" },
        { "swtpm-ecdsa-p256",
          "000bfa6b366edcc4bfc298006a4799e3aa4537b0afeab83b624de50837466566b9"
          "b3" },
        { "windows-gcp-sha1-no-nonce",
          "000b4ce9b151f75089d74c15dabe9d520cffafbcafd5d43be0aad2e2d88d54717e"
          "2e" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        uint8_t room[HTTPA_TPM_NAME_MAX];
        struct httpa_buf name = httpa_buf_fixed(room, sizeof(room));
        struct httpa_buf pub = read_file(known[i].dir, "ak.tpmt_public");
        struct httpa_tpm_public p;
        struct httpa_pubkey *key = NULL;
        struct httpa_pubkey *pem = read_key(known[i].dir);
        assert_ok(httpa_tpm_name(crypto, httpa_buf_slice(&pub), &name));
        assert_hex(name.p, name.n, known[i].name);
        assert_ok(httpa_tpm_public_read(httpa_buf_slice(&pub), &p));
        assert_ok(httpa_tpm_ak_check(&p));
        assert_ok(httpa_tpm_key(crypto, &p, &key));
        assert_true(
            httpa_slice_equal(httpa_pubkey_spki(key), httpa_pubkey_spki(pem)));
        httpa_pubkey_free(key);
        httpa_pubkey_free(pem);
        httpa_buf_done(&pub);
    }
}

/* What the same key signed with TPM2_Certify or at its creation is no quote. */
static void other_attestations(void **state)
{
    static const struct {
        const char *dir;
        const char *file;
    } others[] = {
        { "parsec-ecdsa-certify-and-quote", "key_certify.tpms_attest" },
        { "windows-gcp-sha1-no-nonce", "create.tpms_attest" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        struct httpa_tpm_attest attest;
        struct httpa_buf b = read_file(others[i].dir, others[i].file);
        assert_err(HTTPA_ERR_UNSUPPORTED,
                   httpa_tpm_attest_read(httpa_buf_slice(&b), &attest));
        httpa_buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample),
        cmocka_unit_test(keys),
        cmocka_unit_test(other_attestations),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
