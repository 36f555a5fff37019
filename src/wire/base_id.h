/* Attest-Base-ID: label "." 22 characters of base64url (doc/protocol.md 4.5).
 * The label routes, the 128 bits behind it identify; neither is a secret. */
#ifndef HTTPA_WIRE_BASE_ID_H
#define HTTPA_WIRE_BASE_ID_H

#include <httpa/slice.h>

#include "wire/limits.h"

#define HTTPA_BASE_ID_RANDOM 16u

struct httpa_base_id {
    uint8_t random[HTTPA_BASE_ID_RANDOM];
    uint8_t n; /* bytes of text */
    char text[HTTPA_LIMIT_BASE_ID];
};

/* True for a lower-case letter and up to 15 lower-case letters and digits. */
bool httpa_label_valid(struct httpa_slice label);

/* HTTPA_ERR_MALFORMED for any other grammar. */
HTTPA_MUST_USE enum httpa_err httpa_base_id_read(struct httpa_slice token,
                                                 struct httpa_base_id *ret_id);

/* The Base-ID of |label| and |random|.  HTTPA_ERR_MALFORMED: bad label. */
HTTPA_MUST_USE enum httpa_err
httpa_base_id_make(struct httpa_slice label,
                   const uint8_t random[HTTPA_BASE_ID_RANDOM],
                   struct httpa_base_id *ret_id);

struct httpa_slice httpa_base_id_text(const struct httpa_base_id *id);
struct httpa_slice httpa_base_id_label(const struct httpa_base_id *id);

#endif
