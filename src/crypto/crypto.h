/*
 * The crypto library, fetched once: <httpa/crypto.h> from inside.
 *
 * This folder is the only back end and, besides the engine's TLS, the only
 * one that includes <openssl/...> (OpenSSL 3.0 or later; what a later one adds
 * is found at run time).
 *
 * The default library context is used: it is the one that the system's
 * openssl.cnf configures, so an administrator who selects a provider (FIPS,
 * hardware) selects it for us too.  Nothing here changes that context.
 *
 * Of all functions of this folder:
 *   HTTPA_ERR_CRYPTO  the library failed on valid input
 *   HTTPA_ERR_MEMORY  out of memory
 * may come from any of them and are not repeated below.  A failure leaves no
 * entry in OpenSSL's per-thread error queue, so it cannot be mistaken for
 * one of the TLS connection that the same thread serves next.
 */
#ifndef HTTPA_CRYPTO_CRYPTO_H
#define HTTPA_CRYPTO_CRYPTO_H

#include <httpa/crypto.h>

#endif
