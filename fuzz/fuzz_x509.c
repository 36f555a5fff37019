/* Certificates, revocation lists and public keys from a stranger: everything
 * that can be asked of one, and whatever is accepted as a key is written back
 * as it came. */
#include "fuzz.h"

#include "crypto/crl.h"

static struct httpa_crypto *crypto;

static void ask(const struct httpa_cert *cert, struct httpa_slice der)
{
    must(httpa_slice_equal(httpa_cert_der(cert), der));
    must(httpa_cert_spki(cert).n > 0 && httpa_cert_subject(cert).n > 0);
    struct httpa_buf text = httpa_buf_growing(1u << 17);
    (void)!httpa_cert_write_subject(cert, &text);
    httpa_buf_done(&text);
    struct httpa_slice value = { 0 };
    if (httpa_cert_extension(cert, "2.5.29.17", &value) == HTTPA_OK) {
        must(value.n <= der.n);
    }
    (void)httpa_cert_has_eku(cert, "2.23.133.8.1");
    (void)httpa_cert_is_for(cert, "api.example.com");
    (void)httpa_cert_is_for(cert, "192.0.2.1");
    struct httpa_pubkey *pubkey = NULL;
    if (httpa_cert_pubkey(crypto, cert, &pubkey) == HTTPA_OK) {
        must(httpa_slice_equal(httpa_cert_spki(cert),
                               httpa_pubkey_spki(pubkey)));
        httpa_pubkey_free(pubkey);
    }
}

/* As its own root it verifies or not, and never lapses before the end. */
static void chain(const struct httpa_cert *cert)
{
    struct httpa_chain_rules rules = {
        .roots = &cert,
        .root_count = 1,
        .time_s = httpa_cert_not_before(cert),
        .host = "api.example.com",
    };
    int64_t lapses_s = 0;
    if (httpa_chain_verify(crypto, &cert, 1, &rules, &lapses_s) == HTTPA_OK) {
        must(lapses_s == httpa_cert_not_after(cert));
        must(lapses_s > rules.time_s);
    }
}

/* Nobody signed a list that came from here. */
static void list(struct httpa_slice in)
{
    struct httpa_crl *crl = NULL;
    if (httpa_crl_read(crypto, in, &crl) == HTTPA_OK) {
        must(httpa_crl_issuer(crl).n > 0);
        must(httpa_crl_at(crl, httpa_crl_next_update(crl)) != HTTPA_OK);
        httpa_crl_free(crl);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (crypto == NULL) {
        must(httpa_crypto_new(&crypto) == HTTPA_OK);
    }
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_cert *cert = NULL;
    if (httpa_cert_read(crypto, in, &cert) == HTTPA_OK) {
        ask(cert, in);
        chain(cert);
        httpa_cert_free(cert);
    }
    list(in);
    struct httpa_pubkey *pubkey = NULL;
    if (httpa_pubkey_read(crypto, in, &pubkey) == HTTPA_OK) {
        must(httpa_slice_equal(in, httpa_pubkey_spki(pubkey)));
        httpa_pubkey_free(pubkey);
    }
    return 0;
}
