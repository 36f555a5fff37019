#include "wire/base_id.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/base64.h"

#define RANDOM_CHARS HTTPA_BASE64URL_LEN(HTTPA_BASE_ID_RANDOM)

bool httpa_label_valid(struct httpa_slice label)
{
    for (size_t i = 0; i < label.n; i++) {
        bool digit = i > 0 && httpa_ascii_is_digit(label.p[i]);
        if (!digit && !httpa_ascii_is_lower(label.p[i])) {
            return false;
        }
    }
    return label.n >= 1 && label.n <= HTTPA_LIMIT_LABEL;
}

enum httpa_err httpa_base_id_read(struct httpa_slice token,
                                  struct httpa_base_id *ret_id)
{
    struct httpa_base_id id = { .n = (uint8_t)token.n };
    if (token.n > sizeof(id.text) || token.n < RANDOM_CHARS + 2) {
        return HTTPA_ERR_MALFORMED;
    }
    size_t dot = token.n - RANDOM_CHARS - 1;
    struct httpa_buf random = httpa_buf_fixed(id.random, sizeof(id.random));
    if (token.p[dot] != '.' ||
        !httpa_label_valid(httpa_slice_of(token.p, dot)) ||
        httpa_base64url_read(httpa_slice_from(token, dot + 1), &random) !=
            HTTPA_OK) {
        return HTTPA_ERR_MALFORMED;
    }
    memcpy(id.text, token.p, token.n);
    *ret_id = id;
    return HTTPA_OK;
}

enum httpa_err httpa_base_id_make(struct httpa_slice label,
                                  const uint8_t random[HTTPA_BASE_ID_RANDOM],
                                  struct httpa_base_id *ret_id)
{
    uint8_t bytes[HTTPA_LIMIT_BASE_ID];
    struct httpa_buf text = httpa_buf_fixed(bytes, sizeof(bytes));
    httpa_buf_put_slice(&text, label);
    httpa_buf_put_byte(&text, '.');
    httpa_base64url_write(&text, httpa_slice_of(random, HTTPA_BASE_ID_RANDOM));
    if (httpa_buf_check(&text) != HTTPA_OK) {
        return HTTPA_ERR_MALFORMED;
    }
    return httpa_base_id_read(httpa_buf_slice(&text), ret_id);
}

struct httpa_slice httpa_base_id_text(const struct httpa_base_id *id)
{
    return httpa_slice_of(id->text, id->n);
}

struct httpa_slice httpa_base_id_label(const struct httpa_base_id *id)
{
    return httpa_slice_of(id->text, id->n - RANDOM_CHARS - 1);
}
