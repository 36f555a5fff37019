#include "crypto/suite.h"

static const struct httpa_suite suites[HTTPA_SUITE_COUNT] = {
    { .id = HTTPA_AES_128_GCM_SHA256,
      .name = "TLS_AES_128_GCM_SHA256",
      .hash = HTTPA_SHA256,
      .hash_size = 32,
      .key_size = 16,
      .by_blocks = true,
      .budget = UINT64_C(1) << 35 },
    { .id = HTTPA_AES_256_GCM_SHA384,
      .name = "TLS_AES_256_GCM_SHA384",
      .hash = HTTPA_SHA384,
      .hash_size = 48,
      .key_size = 32,
      .by_blocks = true,
      .budget = UINT64_C(1) << 35 },
    { .id = HTTPA_CHACHA20_POLY1305_SHA256,
      .name = "TLS_CHACHA20_POLY1305_SHA256",
      .hash = HTTPA_SHA256,
      .hash_size = 32,
      .key_size = 32,
      .by_blocks = false,
      .budget = UINT64_C(1) << 48 },
};

const struct httpa_suite *httpa_suite_find(struct httpa_slice name)
{
    for (size_t i = 0; i < HTTPA_SUITE_COUNT; i++) {
        if (httpa_slice_is(name, suites[i].name)) {
            return &suites[i];
        }
    }
    return NULL;
}

const struct httpa_suite *httpa_suite_at(size_t i)
{
    return i < HTTPA_SUITE_COUNT ? &suites[i] : NULL;
}

static uint64_t blocks(size_t n)
{
    return n / 16 + (n % 16 != 0);
}

/* doc/protocol.md, "Limits": the two are the tag's mask and GHASH's length
 * block. */
uint64_t httpa_suite_cost(const struct httpa_suite *suite, size_t aad_n,
                          size_t text_n)
{
    return suite->by_blocks ? blocks(aad_n) + blocks(text_n) + 2 : 1;
}
