/* A draft policy from what was seen: `httpa pin`. */
#include <httpa/config.h>

#include <string.h>

#include "base/writer.h"
#include "codec/json.h"
#include "codec/pem.h"
#include "codec/time.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A PEM block of the longest public key. */
#define PEM_MAX 2048u

/* A name in the draft: an origin and a date. */
#define TEXT_MAX 512u

struct pin {
    const struct httpa_verdict *v;
    struct httpa_json *j;
    unsigned of;
    enum httpa_err err; /* the first thing that could not be said */
};

static void give_up(struct pin *p, enum httpa_err err)
{
    p->err = p->err == HTTPA_OK ? err : p->err;
}

static void put_key(struct pin *p, const char *key, const char *value)
{
    httpa_json_key(p->j, key);
    httpa_json_str(p->j, value);
}

/* -------------------------------------------------------------------- tpm */

/* Of the firmware and of what booted.  10 is the log of a running system, 16
 * and 23 are for debugging and applications, 17 to 22 for late launch. */
static bool is_pinned_pcr(unsigned i)
{
    return i < 16 && i != 10;
}

static const struct httpa_claim *find_pcr(const struct pin *p, const char *bank,
                                          unsigned i)
{
    uint8_t storage[16];
    struct httpa_buf name = httpa_buf_fixed(storage, sizeof(storage) - 1);
    httpa_buf_put_str(&name, bank);
    httpa_buf_put_str(&name, ".pcr");
    httpa_write_decimal(&name, i);
    storage[name.n] = '\0';
    return httpa_verdict_find(p->v, p->of, (const char *)storage);
}

static const char *find_bank(const struct pin *p)
{
    static const char *const banks[] = { "sha256", "sha384" };
    for (size_t b = 0; b < COUNT(banks); b++) {
        for (unsigned i = 0; i < 16; i++) {
            if (is_pinned_pcr(i) && find_pcr(p, banks[b], i) != NULL) {
                return banks[b];
            }
        }
    }
    return NULL;
}

static void put_tpm_set(struct pin *p)
{
    const char *bank = find_bank(p);
    if (bank == NULL) {
        give_up(p, HTTPA_ERR_EVIDENCE);
        return;
    }
    put_key(p, "bank", bank);
    for (unsigned i = 0; i < 16; i++) {
        const struct httpa_claim *pcr = find_pcr(p, bank, i);
        if (is_pinned_pcr(i) && pcr != NULL) {
            httpa_json_key_slice(p->j, httpa_slice_from(pcr->name,
                                                        strlen(bank) + 1));
            httpa_json_hex(p->j, pcr->value.bytes);
        }
    }
}

static void put_tpm_members(struct pin *p)
{
    const struct httpa_claim *name =
        httpa_verdict_find(p->v, p->of, "ak_name");
    if (name == NULL) {
        give_up(p, HTTPA_ERR_EVIDENCE);
        return;
    }
    httpa_json_key(p->j, "ak");
    httpa_json_object(p->j);
    put_key(p, "trust", "pinned");
    httpa_json_key(p->j, "names");
    httpa_json_array(p->j);
    httpa_json_hex(p->j, name->value.bytes);
    httpa_json_end(p->j);
    httpa_json_end(p->j);
}

/* -------------------------------------------------------------------- dev */

static bool is_reserved(struct httpa_slice name)
{
    static const char *const names[] = { "name", "note", "not_before",
                                         "not_after" };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (httpa_slice_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static void put_claim(struct pin *p, const struct httpa_claim *c)
{
    bool any = c->value.type == HTTPA_VALUE_TEXT &&
               (c->value.bytes.n == 0 || httpa_slice_is(c->value.bytes, "any"));
    bool empty = c->value.type == HTTPA_VALUE_BYTES && c->value.bytes.n == 0;
    if (is_reserved(c->name) || any || empty) {
        give_up(p, HTTPA_ERR_UNSUPPORTED);
        return;
    }
    httpa_json_key_slice(p->j, c->name);
    switch (c->value.type) {
    case HTTPA_VALUE_TEXT:
        httpa_json_string(p->j, c->value.bytes);
        break;
    case HTTPA_VALUE_BYTES:
        httpa_json_hex(p->j, c->value.bytes);
        break;
    case HTTPA_VALUE_INTEGER:
        httpa_json_integer(p->j, c->value.integer);
        break;
    case HTTPA_VALUE_BOOLEAN:
        httpa_json_boolean(p->j, c->value.integer != 0);
        break;
    default:
        give_up(p, HTTPA_ERR_UNSUPPORTED);
        break;
    }
}

static void put_dev_set(struct pin *p)
{
    size_t n = 0;
    for (size_t i = 0; i < httpa_verdict_claim_count(p->v); i++) {
        const struct httpa_claim *c = httpa_verdict_claim_at(p->v, i);
        if (c->of == p->of && c->measured) {
            put_claim(p, c);
            n++;
        }
    }
    if (n == 0) {
        give_up(p, HTTPA_ERR_EVIDENCE);
    }
}

static void put_dev_members(struct pin *p)
{
    uint8_t storage[PEM_MAX];
    struct httpa_buf pem = httpa_buf_fixed(storage, sizeof(storage));
    const struct httpa_claim *key =
        httpa_verdict_find(p->v, p->of, "root_key");
    if (key == NULL) {
        give_up(p, HTTPA_ERR_EVIDENCE);
        return;
    }
    httpa_pem_write(&pem, "PUBLIC KEY", key->value.bytes);
    if (httpa_buf_check(&pem) != HTTPA_OK) {
        give_up(p, HTTPA_ERR_SPACE);
    }
    httpa_json_key(p->j, "root_key");
    httpa_json_string(p->j, httpa_buf_slice(&pem));
}

/* ------------------------------------------------------------------ nitro */

/* Of the image, its signer and the role of its instance.  The instance itself
 * (PCR 4) is another at each deployment, so that is left open. */
static void put_nitro_set(struct pin *p)
{
    static const char *const names[] = { "pcr0", "pcr1", "pcr2", "pcr3",
                                         "pcr4", "pcr8" };
    const struct httpa_claim *debug = httpa_verdict_find(p->v, p->of, "debug");
    if (debug == NULL || debug->value.integer != 0) {
        give_up(p, HTTPA_ERR_EVIDENCE);
        return;
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct httpa_claim *pcr =
            httpa_verdict_find(p->v, p->of, names[i]);
        if (pcr == NULL || strcmp(names[i], "pcr4") == 0) {
            put_key(p, names[i], "any");
        } else {
            httpa_json_key(p->j, names[i]);
            httpa_json_hex(p->j, pcr->value.bytes);
        }
    }
}

/* `max_age` has its default. */
static void put_nitro_members(struct pin *p)
{
    (void)p;
}

/* --------------------------------------------------------------- profiles */

struct row {
    const char *type;
    void (*put_set)(struct pin *p);
    void (*put_members)(struct pin *p);
};
static const struct row rows[] = {
    { "nitro", put_nitro_set, put_nitro_members },
    { "tpm", put_tpm_set, put_tpm_members },
    { "dev", put_dev_set, put_dev_members },
};

static bool is_genuine(const struct httpa_verdict *v, unsigned of,
                       const char *type)
{
    const struct httpa_verdict_item *item = httpa_verdict_item_at(v, of);
    return item->type != NULL && strcmp(item->type, type) == 0 &&
           item->cryptographic == HTTPA_OUTCOME_PASS;
}

/* The first genuine item of that type; HTTPA_OF_NONE when there is none. */
static unsigned find_item(const struct httpa_verdict *v, const char *type)
{
    for (unsigned of = 0; of < httpa_verdict_item_count(v); of++) {
        if (is_genuine(v, of, type)) {
            return of;
        }
    }
    return HTTPA_OF_NONE;
}

static void begin_profile(struct pin *p, const struct row *row)
{
    httpa_json_object(p->j);
    put_key(p, "name", row->type);
    put_key(p, "type", row->type);
    httpa_json_key(p->j, "measurements");
    httpa_json_array(p->j);
    httpa_json_object(p->j);
    put_key(p, "name", "as seen");
    row->put_set(p);
    httpa_json_end(p->j);
    httpa_json_end(p->j);
    row->put_members(p);
}

/* The first type is the profile; the others must be there beside it. */
static void put_profiles(struct pin *p)
{
    size_t n = 0;
    httpa_json_key(p->j, "accept");
    httpa_json_array(p->j);
    for (size_t i = 0; i < COUNT(rows); i++) {
        p->of = find_item(p->v, rows[i].type);
        if (p->of == HTTPA_OF_NONE) {
            continue;
        }
        if (n == 1) {
            httpa_json_key(p->j, "with");
            httpa_json_array(p->j);
        }
        begin_profile(p, &rows[i]);
        if (n > 0) {
            httpa_json_end(p->j);
        }
        n++;
    }
    if (n > 1) {
        httpa_json_end(p->j);
    }
    if (n > 0) {
        httpa_json_end(p->j);
    } else {
        give_up(p, HTTPA_ERR_EVIDENCE);
    }
    httpa_json_end(p->j);
}

static void put_identity(struct pin *p)
{
    const struct httpa_verdict_facts *f = httpa_verdict_facts(p->v);
    httpa_json_key(p->j, "identity");
    httpa_json_object(p->j);
    put_key(p, "require", f->has_spki ? "pinned" : "none");
    if (f->has_spki) {
        httpa_json_key(p->j, "spki_sha256");
        httpa_json_array(p->j);
        httpa_json_hex(p->j, httpa_slice_of(f->spki_sha256, 32));
        httpa_json_end(p->j);
    } else {
        put_key(p, "note",
                "there was no service key: anyone who boots this image "
                "passes");
    }
    httpa_json_end(p->j);
}

static void put_head(struct pin *p, const struct httpa_config_pin *pin)
{
    const struct httpa_verdict_facts *f = httpa_verdict_facts(p->v);
    uint8_t storage[TEXT_MAX];
    struct httpa_buf note = httpa_buf_fixed(storage, sizeof(storage));
    httpa_buf_put_str(&note, "pinned on first use ");
    httpa_time_write_rfc3339(&note, pin->now_s);
    httpa_buf_cut(&note, strlen("pinned on first use YYYY-MM-DD"));
    httpa_buf_put_str(&note, " from ");
    httpa_buf_put_str(&note, pin->source);
    if (httpa_buf_check(&note) != HTTPA_OK) {
        give_up(p, HTTPA_ERR_SPACE);
    }
    httpa_json_key(p->j, "httpa_policy");
    httpa_json_integer(p->j, 1);
    put_key(p, "name", pin->name != NULL ? pin->name : pin->source);
    httpa_json_key(p->j, "note");
    httpa_json_string(p->j, httpa_buf_slice(&note));
    if (f->origin.n > 0) {
        httpa_json_key(p->j, "origins");
        httpa_json_array(p->j);
        httpa_json_string(p->j, f->origin);
        httpa_json_end(p->j);
    }
}

enum httpa_err httpa_config_policy_write(const struct httpa_verdict *v,
                                         const struct httpa_config_pin *pin,
                                         struct httpa_buf *out)
{
    size_t before = out->n;
    struct httpa_json json = httpa_json_of(out, HTTPA_JSON_PRETTY);
    struct pin p = { .v = v, .j = &json };
    if (httpa_verdict_cryptographic(v) != HTTPA_OUTCOME_PASS) {
        return HTTPA_ERR_EVIDENCE;
    }
    httpa_json_object(&json);
    put_head(&p, pin);
    put_identity(&p);
    put_profiles(&p);
    if (find_item(v, "dev") != HTTPA_OF_NONE) {
        httpa_json_key(&json, "insecure_dev_tee");
        httpa_json_boolean(&json, true);
    }
    httpa_json_end(&json);
    httpa_buf_put_byte(out, '\n');
    enum httpa_err err = httpa_json_check(&json);
    err = p.err != HTTPA_OK ? p.err : err;
    if (err != HTTPA_OK) {
        httpa_buf_cut(out, before);
    }
    return err;
}
