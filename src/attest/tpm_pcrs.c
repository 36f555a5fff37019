#include "attest/tpm_pcrs.h"

#include <string.h>

#include "base/ascii.h"

static const uint16_t banks[] = { HTTPA_TPM_SHA256, HTTPA_TPM_SHA384,
                                  HTTPA_TPM_SHA512 };

/* Moves |*at| past |c| if it is there. */
static bool skip(const char **at, char c)
{
    if (**at != c) {
        return false;
    }
    (*at)++;
    return true;
}

/* The number of a register, or HTTPA_TPM_PCRS for none. */
static unsigned read_pcr(const char **at)
{
    unsigned n = 0;
    unsigned digits = 0;
    while (httpa_ascii_is_digit((uint8_t) * *at) && digits < 3) {
        n = n * 10 + (unsigned)(**at - '0');
        (*at)++;
        digits++;
    }
    return digits == 0 || n > HTTPA_TPM_PCRS ? HTTPA_TPM_PCRS : n;
}

static bool read_range(const char **at, uint32_t *mask)
{
    unsigned first = read_pcr(at);
    unsigned last = skip(at, '-') ? read_pcr(at) : first;
    if (first > last || last >= HTTPA_TPM_PCRS) {
        return false;
    }
    for (unsigned pcr = first; pcr <= last; pcr++) {
        *mask |= 1u << pcr;
    }
    return true;
}

static uint16_t read_bank(const char **at)
{
    for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
        const char *name = httpa_tpm_hash_name(banks[i]);
        size_t n = strlen(name);
        if (strncmp(*at, name, n) == 0 && (*at)[n] == ':') {
            *at += n + 1;
            return banks[i];
        }
    }
    return 0;
}

static bool read_selection(const char **at, struct httpa_tpm_values *values)
{
    struct httpa_tpm_selection s = { .hash = read_bank(at) };
    if (s.hash == 0 || values->select_n == HTTPA_TPM_BANKS) {
        return false;
    }
    for (size_t i = 0; i < values->select_n; i++) {
        if (values->select[i].hash == s.hash) {
            return false;
        }
    }
    do {
        if (!read_range(at, &s.mask)) {
            return false;
        }
    } while (skip(at, ','));
    values->select[values->select_n++] = s;
    return true;
}

enum httpa_err httpa_tpm_pcrs_parse(const char *text,
                                    struct httpa_tpm_values *ret,
                                    struct httpa_attest_diag *diag)
{
    struct httpa_tpm_values values = { 0 };
    const char *at = text;
    bool good;
    do {
        good = read_selection(&at, &values);
    } while (good && skip(&at, '+'));
    if (!good || *at != '\0') {
        return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                 "tpm registers \"%s\": not understood at "
                                 "\"%s\"; write for example "
                                 "sha256:0-7,16+sha384:0",
                                 text, at);
    }
    *ret = values;
    return HTTPA_OK;
}
