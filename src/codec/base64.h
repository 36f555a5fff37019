/*
 * Base64, RFC 4648: the standard alphabet with padding (structured fields,
 * PEM) and the URL-safe one without (Base-IDs, JSON).
 *
 * One byte string has one text: a reader refuses line breaks, missing or
 * superfluous padding and trailing bits that are not zero, unless told
 * otherwise.  Tables are indexed with the data, so time depends on it: no key
 * of ours ever goes through here, only what the network sees anyway (MACs,
 * tickets, ciphertext) and public certificates.
 */
#ifndef HTTPA_CODEC_BASE64_H
#define HTTPA_CODEC_BASE64_H

#include <httpa/slice.h>

/* Characters for |n| bytes. */
#define HTTPA_BASE64_LEN(n) (((n) + 2) / 3 * 4)
#define HTTPA_BASE64URL_LEN(n) (((n)*4 + 2) / 3)

enum httpa_base64_flags {
    HTTPA_BASE64_STRICT = 0,
    HTTPA_BASE64_SKIP_SPACE = 1, /* spaces, tabs, CR, LF: RFC 7468 bodies */
    HTTPA_BASE64_LAX_END = 2     /* no padding, stray bits: RFC 9651 4.2.7 */
};

/* Appends the standard base64 of |s|. */
void httpa_base64_write(struct httpa_buf *b, struct httpa_slice s);

/* Appends base64url without padding. */
void httpa_base64url_write(struct httpa_buf *b, struct httpa_slice s);

/*
 * Decodes all of |in| and appends the bytes to |out|; |flags| are of enum
 * httpa_base64_flags.
 *
 * HTTPA_ERR_MALFORMED  a character outside the alphabet, or not canonical
 * HTTPA_ERR_SPACE      |out| is too small; it has then failed
 * On failure the bytes of |out| are as before.
 */
HTTPA_MUST_USE enum httpa_err
httpa_base64_read(struct httpa_slice in, unsigned flags, struct httpa_buf *out);

/* The same for base64url without padding, always strict. */
HTTPA_MUST_USE enum httpa_err
httpa_base64url_read(struct httpa_slice in, struct httpa_buf *out);

#endif
