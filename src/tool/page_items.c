/* Evidence in a phrase. */
#include "tool/page_parts.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* What a type is called; claims that belong to its name, and what goes before
 * them; whose root a chain leads to. */
static const struct row {
    const char *type;
    const char *words;
    const char *claim;
    const char *before;
    const char *root;
} rows[] = {
    { "tdx", "Intel TDX", "quote_version", ", quote v", "Intel's root" },
    { "sgx", "Intel SGX", "quote_version", ", quote v", "Intel's root" },
    { "sev-snp", "AMD SEV-SNP", "product", " ", "AMD's root" },
    { "nitro", "AWS Nitro Enclave", NULL, NULL, "AWS's root" },
    { "cca", "Arm CCA realm", NULL, NULL, NULL },
    { "tpm", "TPM 2.0 (what booted; no isolation)", NULL, NULL, NULL },
    { "ear", "a remote verifier's word (nothing was looked at here)", NULL,
      NULL, NULL },
    { "dev", "a development key (no TEE at all; protects nothing)", NULL, NULL,
      NULL },
};

static const struct row *find(const char *type)
{
    for (size_t i = 0; type != NULL && i < COUNT(rows); i++) {
        if (strcmp(rows[i].type, type) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *httpa_page_type(const char *type)
{
    const struct row *row = find(type);
    return row != NULL ? row->words : "evidence of an unknown type";
}

void httpa_page_evidence(const struct httpa_verdict *v, struct httpa_buf *out)
{
    for (size_t i = 0; i < httpa_verdict_item_count(v); i++) {
        const struct httpa_verdict_item *item = httpa_verdict_item_at(v, i);
        httpa_buf_put_str(out, i > 0 ? "; " : "");
        httpa_buf_put_str(out, httpa_page_type(item->type));
        httpa_buf_put_str(out, item->cryptographic == HTTPA_OUTCOME_PASS
                                   ? ", genuine"
                                   : ", not shown to be genuine");
    }
    if (httpa_verdict_item_count(v) == 0) {
        httpa_buf_put_str(out, "no evidence");
    }
}

static void put_claim(struct httpa_buf *out, const json_t *item,
                      const char *before, const char *name)
{
    const json_t *claims = json_object_get(item, "claims");
    const json_t *value =
        name != NULL ? json_object_get(claims, name) : NULL;
    if (value != NULL && json_array_size(value) + !json_is_array(value) > 0) {
        httpa_buf_put_str(out, before);
        httpa_document_write(out, value);
    }
}

static bool ends_in(struct httpa_slice id, const char *ending)
{
    size_t n = strlen(ending);
    return id.n > n && httpa_slice_is(httpa_slice_from(id, id.n - n), ending);
}

/* Where its certificates lead, and whether somebody looked for revocation. */
static void put_chain(const struct httpa_page_job *j, const json_t *item,
                      const struct row *row, struct httpa_buf *out)
{
    const json_t *checks = json_object_get(j->document, "checks");
    const json_t *index = json_object_get(item, "index");
    for (size_t i = 0; i < json_array_size(checks); i++) {
        const json_t *c = json_array_get(checks, i);
        struct httpa_slice id = httpa_document_text(c, "id");
        bool passed = httpa_document_is(c, "result", "pass");
        if (!json_equal(json_object_get(c, "of"), index)) {
            continue;
        }
        if (ends_in(id, ".chain") && passed && row->root != NULL) {
            httpa_buf_put_str(out, ", chain to ");
            httpa_buf_put_str(out, row->root);
        } else if (ends_in(id, ".crl") &&
                   !httpa_document_is(c, "result", "fail")) {
            httpa_buf_put_str(out, passed ? ", not revoked"
                                          : ", revocation not known");
        }
    }
}

void httpa_page_item(const struct httpa_page_job *j, const json_t *item,
                     struct httpa_buf *out)
{
    const char *type = json_string_value(json_object_get(item, "type"));
    const struct row *row = find(type);
    bool genuine = httpa_document_is(item, "cryptographic", "pass");
    httpa_buf_put_str(out, httpa_page_type(type));
    if (row == NULL) {
        httpa_buf_put_str(out, ", which counts for nothing");
        return;
    }
    put_claim(out, item, row->before, row->claim);
    put_chain(j, item, row, out);
    httpa_buf_put_str(out, genuine ? "" : ", not shown to be genuine");
}

static void put_date(struct httpa_buf *out, const json_t *item)
{
    struct httpa_slice date = httpa_document_text(
        json_object_get(item, "claims"), "tcb_date");
    httpa_buf_put_str(out, date.n > 0 ? ", of " : "");
    httpa_page_time(out, date);
}

void httpa_page_item_current(const json_t *item, struct httpa_buf *out)
{
    put_claim(out, item, "TCB ", "tcb_status");
    put_date(out, item);
    put_claim(out, item, "; ", "advisories");
    put_claim(out, item, "TCB ", "reported_tcb");
}
