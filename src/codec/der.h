/*
 * Reading DER (X.690), as much as extensions of certificates and ECDSA
 * signatures need.  Certificates themselves are the crypto library's.
 *
 * Sticky like codec/cbor.h: read value after value, ask httpa_der_end once.  A
 * constructed value is read by a reader of its own, whose failures are its
 * own.  Refused: indefinite and not shortest lengths, tag numbers above 30,
 * integers with needless octets.
 */
#ifndef HTTPA_CODEC_DER_H
#define HTTPA_CODEC_DER_H

#include "base/reader.h"

enum httpa_der_tag {
    HTTPA_DER_BOOLEAN = 0x01,
    HTTPA_DER_INTEGER = 0x02,
    HTTPA_DER_BIT_STRING = 0x03,
    HTTPA_DER_OCTET_STRING = 0x04,
    HTTPA_DER_NULL = 0x05,
    HTTPA_DER_OID = 0x06,
    HTTPA_DER_ENUMERATED = 0x0a,
    HTTPA_DER_UTF8_STRING = 0x0c,
    HTTPA_DER_PRINTABLE_STRING = 0x13,
    HTTPA_DER_IA5_STRING = 0x16,
    HTTPA_DER_UTC_TIME = 0x17,
    HTTPA_DER_GENERALIZED_TIME = 0x18,
    HTTPA_DER_SEQUENCE = 0x30,
    HTTPA_DER_SET = 0x31
};

/* Context-specific tag [n], primitive and constructed. */
#define HTTPA_DER_CONTEXT(n) (0x80u | (n))
#define HTTPA_DER_CONTEXT_CONSTRUCTED(n) (0xa0u | (n))

struct httpa_der {
    struct httpa_reader in;
    enum httpa_err err; /* sticky: the first reason */
};

struct httpa_der httpa_der_of(struct httpa_slice in);

/* True while there is another value and nothing has failed. */
bool httpa_der_more(const struct httpa_der *d);

/* The identifier octet of the next value; 0 at the end or when failed. */
unsigned httpa_der_peek(const struct httpa_der *d);

/* HTTPA_OK, or the first reason: HTTPA_ERR_TRUNCATED, _MALFORMED (not DER, or
 * another tag than asked for), _UNSUPPORTED (high tag number), _RANGE (integer
 * or time), _TRAILING. */
HTTPA_MUST_USE enum httpa_err httpa_der_end(const struct httpa_der *d);

/* The content octets of the next value, which must have identifier |tag|. */
struct httpa_slice httpa_der_value(struct httpa_der *d, unsigned tag);

/* A reader over those content octets, failed when |d| is. */
struct httpa_der httpa_der_enter(struct httpa_der *d, unsigned tag);

/* Passes over one value of any tag and returns its whole encoding. */
struct httpa_slice httpa_der_skip(struct httpa_der *d);

bool httpa_der_bool(struct httpa_der *d);

/* A non-negative INTEGER: as a number up to 2^64 - 1, or big-endian without
 * leading zeros (zero is no bytes). */
uint64_t httpa_der_uint(struct httpa_der *d);
struct httpa_slice httpa_der_big(struct httpa_der *d);

/* A BIT STRING of whole octets. */
struct httpa_slice httpa_der_bits(struct httpa_der *d);

/* Content octets of an OBJECT IDENTIFIER, in shortest form; compare them with
 * constants of the same form. */
struct httpa_slice httpa_der_oid(struct httpa_der *d);

/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has them (seconds, "Z"):
 * seconds since 1970. */
int64_t httpa_der_time(struct httpa_der *d);

/*
 * ECDSA signatures: r || s of COSE and of hardware, SEQUENCE { r, s } of TLS
 * and of the crypto library (RFC 3279 2.2.3).  |raw| is two halves of one
 * width, at most HTTPA_DER_ECDSA_WIDTH each; HTTPA_ERR_RANGE otherwise, or
 * when r or s is zero or does not fit |width|.
 */
#define HTTPA_DER_ECDSA_WIDTH 66u /* P-521 */

HTTPA_MUST_USE enum httpa_err
httpa_der_ecdsa_from_raw(struct httpa_slice raw, struct httpa_buf *ret_b);
HTTPA_MUST_USE enum httpa_err httpa_der_ecdsa_to_raw(struct httpa_slice der,
                                                     size_t width,
                                                     struct httpa_buf *ret_b);

#endif
