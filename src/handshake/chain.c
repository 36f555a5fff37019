#include "handshake/chain.h"

#include "codec/pem.h"

static enum httpa_err read_cert(const struct httpa_crypto *crypto,
                                struct httpa_pem *pem, struct httpa_buf *der,
                                struct httpa_chain *chain)
{
    struct httpa_slice label;
    httpa_buf_reset(der);
    enum httpa_err err = httpa_pem_next(pem, &label, der);
    if (err != HTTPA_OK) {
        return err;
    }
    if (!httpa_slice_is(label, "CERTIFICATE")) {
        return HTTPA_ERR_MALFORMED;
    }
    if (chain->cert_count >= HTTPA_CHAIN_CERTS_MAX) {
        return HTTPA_ERR_RANGE;
    }
    err = httpa_cert_read(crypto, httpa_buf_slice(der),
                          &chain->certs[chain->cert_count]);
    chain->cert_count += err == HTTPA_OK ? 1 : 0;
    return err;
}

static enum httpa_err read_pem(const struct httpa_crypto *crypto,
                               struct httpa_slice in, struct httpa_chain *chain)
{
    struct httpa_pem pem = httpa_pem_of(in);
    struct httpa_buf der = httpa_buf_growing(HTTPA_CERT_MAX);
    enum httpa_err err = HTTPA_OK;
    while (err == HTTPA_OK && httpa_pem_more(&pem)) {
        err = read_cert(crypto, &pem, &der, chain);
    }
    httpa_buf_done(&der);
    if (err == HTTPA_OK && chain->cert_count == 0) {
        err = HTTPA_ERR_MALFORMED;
    }
    if (err == HTTPA_OK) {
        chain->spki = httpa_cert_spki(chain->certs[0]);
    }
    return err;
}

enum httpa_err httpa_chain_read(const struct httpa_crypto *crypto,
                                struct httpa_slice in, bool is_pem,
                                struct httpa_chain *chain)
{
    *chain = (struct httpa_chain){ 0 };
    if (is_pem) {
        return read_pem(crypto, in, chain);
    }
    chain->spki = in;
    return HTTPA_OK;
}

void httpa_chain_done(struct httpa_chain *chain)
{
    for (size_t i = 0; i < chain->cert_count; i++) {
        httpa_cert_free(chain->certs[i]);
    }
    *chain = (struct httpa_chain){ 0 };
}
