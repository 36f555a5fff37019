/*
 * Textual encodings (RFC 7468, strict form): blocks of
 *
 *   -----BEGIN label-----
 *   base64 in lines of one length (written: 64), the last one shorter
 *   -----END label-----
 *
 * with line ends LF or CRLF, one after the other, empty lines between and
 * nothing else: explanatory text is refused, as RFC 8555 9.1 demands of
 * application/pem-certificate-chain.
 *
 *   struct httpa_pem pem = httpa_pem_of(text);
 *   while (httpa_pem_more(&pem)) {
 *       httpa_buf_reset(&der);
 *       err = httpa_pem_next(&pem, &label, &der);
 *       ...
 *   }
 */
#ifndef HTTPA_CODEC_PEM_H
#define HTTPA_CODEC_PEM_H

#include <httpa/slice.h>

/* RFC 7468 calls for generators to use 64; a few use 76 (RFC 2045). */
#define HTTPA_PEM_LINE_MAX 76u

struct httpa_pem {
    struct httpa_slice in; /* what is left */
};

struct httpa_pem httpa_pem_of(struct httpa_slice text);

/* True while anything but empty lines is left. */
bool httpa_pem_more(const struct httpa_pem *pem);

/*
 * Reads the next block: its label ("CERTIFICATE"), borrowed, and its bytes,
 * appended to |ret_der|.  Errors: HTTPA_ERR_MALFORMED; HTTPA_ERR_TRUNCATED
 * without an END line; HTTPA_ERR_SPACE; HTTPA_ERR_MISSING when nothing is
 * left.  |pem| moves on only on success; on failure |ret_der| is as before.
 */
HTTPA_MUST_USE enum httpa_err httpa_pem_next(struct httpa_pem *pem,
                                             struct httpa_slice *ret_label,
                                             struct httpa_buf *ret_der);

/* Writes one block. */
void httpa_pem_write(struct httpa_buf *b, const char *label,
                     struct httpa_slice der);

#endif
