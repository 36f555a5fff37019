#include "evidence/tpm/gce.h"

#include "codec/der.h"
#include "codec/utf8.h"

/* The lowest identifier octet of context-specific, constructed tags. */
#define TAG_FIRST HTTPA_DER_CONTEXT_CONSTRUCTED(0)
#define TAG_LAST HTTPA_DER_CONTEXT_CONSTRUCTED(30)

static struct httpa_slice read_text(struct httpa_der *d, enum httpa_err *err)
{
    struct httpa_slice text = httpa_der_value(d, HTTPA_DER_UTF8_STRING);
    if (*err == HTTPA_OK && d->err == HTTPA_OK) {
        *err = text.n == 0 || text.n > HTTPA_TPM_GCE_TEXT_MAX
                   ? HTTPA_ERR_RANGE
               : httpa_utf8_valid(text) ? HTTPA_OK
                                        : HTTPA_ERR_MALFORMED;
    }
    return text;
}

/* One member in its explicit tag: of [1] whether it is true. */
static enum httpa_err
read_property(struct httpa_der *d, unsigned tag, bool *production)
{
    struct httpa_der in = httpa_der_enter(d, tag);
    if (tag == HTTPA_DER_CONTEXT_CONSTRUCTED(1)) {
        *production = httpa_der_bool(&in);
    } else if (tag == TAG_FIRST) {
        (void)httpa_der_uint(&in);
    } else {
        (void)httpa_der_skip(&in);
    }
    return httpa_der_end(&in);
}

/* The members stand in the order of their tags, each once. */
static enum httpa_err read_properties(struct httpa_der *d, bool *production)
{
    struct httpa_der in = httpa_der_enter(d, HTTPA_DER_SEQUENCE);
    unsigned last = TAG_FIRST - 1;
    while (httpa_der_more(&in)) {
        unsigned tag = httpa_der_peek(&in);
        if (tag <= last || tag > TAG_LAST) {
            return HTTPA_ERR_MALFORMED;
        }
        enum httpa_err err = read_property(&in, tag, production);
        if (err != HTTPA_OK) {
            return err;
        }
        last = tag;
    }
    enum httpa_err err = httpa_der_end(&in);
    return err == HTTPA_OK ? httpa_der_end(d) : err;
}

enum httpa_err httpa_tpm_gce_read(struct httpa_slice extension,
                                  struct httpa_tpm_gce *ret)
{
    struct httpa_tpm_gce g = { .production = false };
    struct httpa_der d = httpa_der_of(extension);
    struct httpa_der in = httpa_der_enter(&d, HTTPA_DER_SEQUENCE);
    enum httpa_err err = HTTPA_OK;
    g.zone = read_text(&in, &err);
    g.project_number = httpa_der_uint(&in);
    g.project = read_text(&in, &err);
    g.instance_id = httpa_der_uint(&in);
    g.instance = read_text(&in, &err);
    if (err == HTTPA_OK && httpa_der_more(&in)) {
        struct httpa_der tagged = httpa_der_enter(&in, TAG_FIRST);
        err = read_properties(&tagged, &g.production);
    }
    if (err == HTTPA_OK) {
        err = httpa_der_end(&in);
    }
    if (err == HTTPA_OK) {
        err = httpa_der_end(&d);
    }
    if (err == HTTPA_OK) {
        *ret = g;
    }
    return err;
}
