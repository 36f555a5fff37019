/* Reports of no paravisor, made when the test runs. */
#ifndef HTTPA_TEST_HCL_MAKER_H
#define HTTPA_TEST_HCL_MAKER_H

#include <string.h>

#include <httpa/slice.h>
#include "evidence/hcl.h"

static inline void hcl_u32(uint8_t *to, size_t v)
{
    for (size_t i = 0; i < 4; i++) {
        to[i] = (uint8_t)(v >> 8 * i);
    }
}

/* Header, |report|, |json|, zeros; |out| has HTTPA_HCL_MAX bytes. */
static inline struct httpa_slice hcl_make(uint8_t *out, const uint8_t *report,
                                          const char *json)
{
    size_t n = strlen(json);
    memset(out, 0, HTTPA_HCL_MAX);
    memcpy(out, "HCLA", 4);
    hcl_u32(out + 4, 2);
    hcl_u32(out + 8, 32 + HTTPA_HCL_REPORT + 20 + n);
    hcl_u32(out + 12, 2);
    if (report != NULL) {
        memcpy(out + 32, report, HTTPA_HCL_REPORT);
    }
    uint8_t *data = out + 32 + HTTPA_HCL_REPORT;
    hcl_u32(data, 20 + n);
    hcl_u32(data + 4, 1);
    hcl_u32(data + 8, 2);
    hcl_u32(data + 12, 1);
    hcl_u32(data + 16, n);
    memcpy(data + 20, json, n);
    return httpa_slice_of(out, HTTPA_HCL_MAX);
}

#endif
