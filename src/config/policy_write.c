/* A draft policy from what was seen: `httpa pin`. */
#include "config/pin.h"

#include <string.h>

#include "base/writer.h"
#include "codec/pem.h"
#include "codec/time.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A PEM block of the longest public key. */
#define PEM_MAX 2048u

/* A name in the draft: an origin and a date. */
#define TEXT_MAX 512u

/* What is left open, in one profile. */
#define NOTE_MAX 16384u

void httpa_pin_give_up(struct httpa_pin *p, enum httpa_err err,
                       const char *why)
{
    if (p->err == HTTPA_OK) {
        p->err = err;
        p->why = why;
    }
}

void httpa_pin_str(struct httpa_pin *p, const char *key, const char *value)
{
    httpa_json_key(p->j, key);
    httpa_json_str(p->j, value);
}

void httpa_pin_hex(struct httpa_pin *p, const char *key,
                   struct httpa_slice value)
{
    httpa_json_key(p->j, key);
    httpa_json_hex(p->j, value);
}

void httpa_pin_pem(struct httpa_pin *p, const char *label,
                   struct httpa_slice der)
{
    uint8_t storage[PEM_MAX];
    struct httpa_buf pem = httpa_buf_fixed(storage, sizeof(storage));
    httpa_pem_write(&pem, label, der);
    if (httpa_buf_check(&pem) != HTTPA_OK) {
        httpa_pin_give_up(p, HTTPA_ERR_SPACE, NULL);
    }
    httpa_json_string(p->j, httpa_buf_slice(&pem));
}

const struct httpa_value *httpa_pin_claim(const struct httpa_pin *p,
                                          const char *name)
{
    const struct httpa_claim *claim = httpa_verdict_find(p->v, p->of, name);
    return claim != NULL ? &claim->value : NULL;
}

struct httpa_slice httpa_pin_bytes(const struct httpa_pin *p, const char *name)
{
    const struct httpa_value *value = httpa_pin_claim(p, name);
    bool fits = value != NULL && (value->type == HTTPA_VALUE_BYTES ||
                                  value->type == HTTPA_VALUE_TEXT);
    return fits ? value->bytes : httpa_slice_str("");
}

bool httpa_pin_true(const struct httpa_pin *p, const char *name)
{
    const struct httpa_value *value = httpa_pin_claim(p, name);
    return value != NULL && value->integer != 0;
}

void httpa_pin_say(struct httpa_pin *p, const char *what,
                   struct httpa_slice detail)
{
    httpa_buf_put_str(&p->note, p->note.n > 0 ? "; " : "");
    httpa_buf_put_str(&p->note, what);
    httpa_buf_put_slice(&p->note, detail);
    if (p->how->left_open != NULL) {
        httpa_buf_put_str(p->how->left_open, what);
        httpa_buf_put_slice(p->how->left_open, detail);
        httpa_buf_put_byte(p->how->left_open, '\n');
    }
}

static bool is_zero(const struct httpa_value *value)
{
    if (value->type != HTTPA_VALUE_BYTES) {
        return value->integer == 0;
    }
    for (size_t i = 0; i < value->bytes.n; i++) {
        if (value->bytes.p[i] != 0) {
            return false;
        }
    }
    return true;
}

void httpa_pin_registers(struct httpa_pin *p,
                         const struct httpa_pin_register *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct httpa_value *value = httpa_pin_claim(
            p, rows[i].claim != NULL ? rows[i].claim : rows[i].key);
        if (value == NULL && rows[i].needed) {
            httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE, NULL);
        }
        if (value == NULL || (rows[i].not_zero && is_zero(value))) {
            continue;
        }
        if (value->type == HTTPA_VALUE_BYTES) {
            httpa_pin_hex(p, rows[i].key, value->bytes);
        } else {
            httpa_json_key(p->j, rows[i].key);
            httpa_json_integer(p->j, value->integer);
        }
    }
}

/* -------------------------------------------------------------------- tpm */

/* Of the firmware and of what booted.  10 is the log of a running system, 16
 * and 23 are for debugging and applications, 17 to 22 for late launch. */
static bool is_pinned_pcr(unsigned i)
{
    return i < 16 && i != 10;
}

static const struct httpa_claim *
find_pcr(const struct httpa_pin *p, const char *bank, unsigned i)
{
    uint8_t storage[16];
    struct httpa_buf name = httpa_buf_fixed(storage, sizeof(storage) - 1);
    httpa_buf_put_str(&name, bank);
    httpa_buf_put_str(&name, ".pcr");
    httpa_write_decimal(&name, i);
    storage[name.n] = '\0';
    return httpa_verdict_find(p->v, p->of, (const char *)storage);
}

static const char *find_bank(const struct httpa_pin *p)
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

static void put_tpm_set(struct httpa_pin *p)
{
    const char *bank = find_bank(p);
    if (bank == NULL) {
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE,
                          "no register of PCR 0 to 15 was quoted");
        return;
    }
    httpa_pin_str(p, "bank", bank);
    for (unsigned i = 0; i < 16; i++) {
        const struct httpa_claim *pcr = find_pcr(p, bank, i);
        if (is_pinned_pcr(i) && pcr != NULL) {
            httpa_json_key_slice(p->j, httpa_slice_from(pcr->name,
                                                        strlen(bank) + 1));
            httpa_json_hex(p->j, pcr->value.bytes);
        }
    }
}

/* Azure's paravisor: its report names the key, another one in each machine. */
static bool is_named_by_hardware(const struct httpa_pin *p)
{
    for (size_t i = 0; i < httpa_verdict_claim_count(p->v); i++) {
        if (httpa_slice_is(httpa_verdict_claim_at(p->v, i)->name,
                           "hardware_ak")) {
            return true;
        }
    }
    return false;
}

static void put_tpm_members(struct httpa_pin *p)
{
    struct httpa_slice name = httpa_pin_bytes(p, "ak_name");
    if (name.n == 0) {
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE, NULL);
        return;
    }
    httpa_json_key(p->j, "ak");
    httpa_json_object(p->j);
    httpa_pin_str(p, "trust", "pinned");
    if (!is_named_by_hardware(p)) {
        httpa_json_key(p->j, "names");
        httpa_json_array(p->j);
        httpa_json_hex(p->j, name);
        httpa_json_end(p->j);
    }
    httpa_json_end(p->j);
    httpa_pin_say(p, "UNPINNED: registers that change while the system runs "
                     "(PCR 10, 16 to 23)",
                  httpa_slice_str(""));
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

static void put_claim(struct httpa_pin *p, const struct httpa_claim *c)
{
    bool any = c->value.type == HTTPA_VALUE_TEXT &&
               (c->value.bytes.n == 0 || httpa_slice_is(c->value.bytes, "any"));
    bool empty = c->value.type == HTTPA_VALUE_BYTES && c->value.bytes.n == 0;
    if (is_reserved(c->name) || any || empty) {
        httpa_pin_give_up(p, HTTPA_ERR_UNSUPPORTED, NULL);
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
        httpa_pin_give_up(p, HTTPA_ERR_UNSUPPORTED, NULL);
        break;
    }
}

static void put_dev_set(struct httpa_pin *p)
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
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE, NULL);
    }
}

static void put_dev_members(struct httpa_pin *p)
{
    struct httpa_slice key = httpa_pin_bytes(p, "root_key");
    if (key.n == 0) {
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE, NULL);
        return;
    }
    httpa_json_key(p->j, "root_key");
    httpa_pin_pem(p, "PUBLIC KEY", key);
}

/* ------------------------------------------------------------------ nitro */

/* Of the image, its signer and the role of its instance.  The instance itself
 * (PCR 4) is another at each deployment, so that is left open. */
static void put_nitro_set(struct httpa_pin *p)
{
    static const char *const names[] = { "pcr0", "pcr1", "pcr2", "pcr3",
                                         "pcr4", "pcr8" };
    const struct httpa_claim *debug = httpa_verdict_find(p->v, p->of, "debug");
    if (debug == NULL || debug->value.integer != 0) {
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE, HTTPA_PIN_DEBUG);
        return;
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        const struct httpa_claim *pcr =
            httpa_verdict_find(p->v, p->of, names[i]);
        if (pcr == NULL || strcmp(names[i], "pcr4") == 0) {
            httpa_pin_str(p, names[i], "any");
        } else {
            httpa_json_key(p->j, names[i]);
            httpa_json_hex(p->j, pcr->value.bytes);
        }
    }
}

/* Of a service that answers now the default will do. */
static void put_nitro_members(struct httpa_pin *p)
{
    const struct httpa_value *made = httpa_pin_claim(p, "timestamp");
    int64_t age_s = made != NULL ? p->how->now_s - made->integer : 0;
    if (age_s > HTTPA_NITRO_MAX_AGE_S && age_s < INT64_C(1000000000)) {
        uint8_t room[24];
        struct httpa_buf age = httpa_buf_fixed(room, sizeof(room));
        httpa_write_decimal(&age, (uint64_t)age_s);
        httpa_buf_put_byte(&age, 's');
        httpa_json_key(p->j, "max_age");
        httpa_json_string(p->j, httpa_buf_slice(&age));
        httpa_pin_say(p, "accepts documents as old as this stored one was: ",
                      httpa_buf_slice(&age));
    }
    httpa_pin_say(p, "UNPINNED: the instance (pcr4)", httpa_slice_str(""));
}

/* --------------------------------------------------------------- profiles */

struct row {
    const char *type;
    void (*put_set)(struct httpa_pin *p);
    void (*put_members)(struct httpa_pin *p);
};
static const struct row rows[] = {
    { "sev-snp", httpa_pin_snp_set, httpa_pin_snp_members },
    { "tdx", httpa_pin_tdx_set, httpa_pin_tdx_members },
    { "sgx", httpa_pin_sgx_set, httpa_pin_sgx_members },
    { "cca", httpa_pin_cca_set, httpa_pin_cca_members },
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

static void begin_profile(struct httpa_pin *p, const struct row *row)
{
    httpa_json_object(p->j);
    httpa_pin_str(p, "name", row->type);
    httpa_pin_str(p, "type", row->type);
    httpa_json_key(p->j, "measurements");
    httpa_json_array(p->j);
    httpa_json_object(p->j);
    httpa_pin_str(p, "name", "as seen");
    row->put_set(p);
    httpa_json_end(p->j);
    httpa_json_end(p->j);
    httpa_buf_reset(&p->note);
    row->put_members(p);
    if (p->note.n > 0) {
        httpa_json_key(p->j, "note");
        httpa_json_string(p->j, httpa_buf_slice(&p->note));
    }
}

/* The first type is the profile; the others must be there beside it. */
static void put_profiles(struct httpa_pin *p)
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
        httpa_pin_give_up(p, HTTPA_ERR_EVIDENCE, NULL);
    }
    httpa_json_end(p->j);
}

static void put_identity(struct httpa_pin *p)
{
    const struct httpa_verdict_facts *f = httpa_verdict_facts(p->v);
    httpa_json_key(p->j, "identity");
    httpa_json_object(p->j);
    httpa_pin_str(p, "require", f->has_spki ? "pinned" : "none");
    if (f->has_spki) {
        httpa_json_key(p->j, "spki_sha256");
        httpa_json_array(p->j);
        httpa_json_hex(p->j, httpa_slice_of(f->spki_sha256, 32));
        httpa_json_end(p->j);
    } else {
        httpa_pin_str(p, "note",
                      "there was no service key: anyone who boots this image "
                      "passes");
        httpa_pin_say(p, "UNPINNED: whose service it is; anyone who boots the "
                         "same passes",
                      httpa_slice_str(""));
    }
    httpa_json_end(p->j);
}

static void put_head(struct httpa_pin *p, const struct httpa_config_pin *pin)
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
        httpa_pin_give_up(p, HTTPA_ERR_SPACE, NULL);
    }
    httpa_json_key(p->j, "httpa_policy");
    httpa_json_integer(p->j, 1);
    httpa_pin_str(p, "name", pin->name != NULL ? pin->name : pin->source);
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
    struct httpa_pin p = { .v = v,
                           .how = pin,
                           .j = &json,
                           .note = httpa_buf_growing(NOTE_MAX) };
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
    httpa_buf_done(&p.note);
    if (err != HTTPA_OK && pin->left_open != NULL) {
        httpa_buf_reset(pin->left_open);
        httpa_buf_put_str(pin->left_open, p.why != NULL ? p.why : "");
    }
    if (err != HTTPA_OK) {
        httpa_buf_cut(out, before);
    }
    return err;
}
