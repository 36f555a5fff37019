/* Inside of `httpa pin`: a draft policy while it is written. */
#ifndef HTTPA_CONFIG_PIN_H
#define HTTPA_CONFIG_PIN_H

#include <httpa/config.h>

#include "codec/json.h"

#define HTTPA_PIN_DEBUG                                                        \
    "it can be debugged, so its memory is open; no policy accepts that"

struct httpa_pin {
    const struct httpa_verdict *v;
    const struct httpa_config_pin *how;
    struct httpa_json *j;
    unsigned of;           /* the item that is pinned */
    struct httpa_buf note; /* of its profile */
    enum httpa_err err;    /* the first thing that could not be said */
    const char *why;       /* a sentence, or NULL */
};

void httpa_pin_give_up(struct httpa_pin *p, enum httpa_err err,
                       const char *why);

/* A member with a text, with bytes in hex. */
void httpa_pin_str(struct httpa_pin *p, const char *key, const char *value);
void httpa_pin_hex(struct httpa_pin *p, const char *key,
                   struct httpa_slice value);

/* A list of one PEM block, |label| around |der|, as text. */
void httpa_pin_pem(struct httpa_pin *p, const char *label,
                   struct httpa_slice der);

/* What the item claims; NULL: nothing of that name. */
const struct httpa_value *httpa_pin_claim(const struct httpa_pin *p,
                                          const char *name);
/* Text or bytes; empty when it is not there. */
struct httpa_slice httpa_pin_bytes(const struct httpa_pin *p, const char *name);
bool httpa_pin_true(const struct httpa_pin *p, const char *name);

/* Something that the draft leaves open, or takes though it is not good: for
 * the profile's note, and for whoever pins. */
void httpa_pin_say(struct httpa_pin *p, const char *what,
                   struct httpa_slice detail);

/* A register of a set: nothing when it is not claimed. */
struct httpa_pin_register {
    const char *key;
    const char *claim; /* NULL: named like the key */
    bool needed;       /* gives up without it */
    bool not_zero;     /* left out when nobody set it */
};
void httpa_pin_registers(struct httpa_pin *p,
                         const struct httpa_pin_register *rows, size_t count);

/* pin_tees.c: sets and members of profiles, the braces apart. */
void httpa_pin_snp_set(struct httpa_pin *p);
void httpa_pin_snp_members(struct httpa_pin *p);
void httpa_pin_tdx_set(struct httpa_pin *p);
void httpa_pin_tdx_members(struct httpa_pin *p);
void httpa_pin_sgx_set(struct httpa_pin *p);
void httpa_pin_sgx_members(struct httpa_pin *p);
void httpa_pin_cca_set(struct httpa_pin *p);
void httpa_pin_cca_members(struct httpa_pin *p);

#endif
