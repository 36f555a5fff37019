/*
 * Linked before the library's chains of SEV-SNP, TDX and SGX (--wrap): instead
 * of AMD's and Intel's roots, the one that HTTPA_TEST_ROOT names, a file that
 * fake_tsm wrote.  For tests alone: a real program knows no other roots.
 */
#include <stdio.h>
#include <stdlib.h>

#include "evidence/intel/pck.h"
#include "evidence/snp/chain.h"

enum httpa_err __real_httpa_snp_chain_follow(const struct httpa_verify_in *in,
                                             const struct httpa_snp_root *roots,
                                             const struct httpa_snp_report *r,
                                             struct httpa_snp_chain *chain);
enum httpa_err __wrap_httpa_snp_chain_follow(const struct httpa_verify_in *in,
                                             const struct httpa_snp_root *roots,
                                             const struct httpa_snp_report *r,
                                             struct httpa_snp_chain *chain);

enum httpa_err
__real_httpa_intel_chain_verify(const struct httpa_crypto *crypto,
                                const struct httpa_intel_chain *chain,
                                const uint8_t *pin, const char *leaf,
                                int64_t time_s, int64_t *ret_lapses_s);
enum httpa_err
__wrap_httpa_intel_chain_verify(const struct httpa_crypto *crypto,
                                const struct httpa_intel_chain *chain,
                                const uint8_t *pin, const char *leaf,
                                int64_t time_s, int64_t *ret_lapses_s);

static void read_root(uint8_t ret[32])
{
    const char *path = getenv("HTTPA_TEST_ROOT");
    FILE *f = path != NULL ? fopen(path, "r") : NULL;
    for (size_t i = 0; f != NULL && i < 32; i++) {
        unsigned v = 0;
        if (fscanf(f, "%2x", &v) != 1) {
            abort();
        }
        ret[i] = (uint8_t)v;
    }
    if (f != NULL) {
        (void)fclose(f);
    }
}

enum httpa_err __wrap_httpa_snp_chain_follow(const struct httpa_verify_in *in,
                                             const struct httpa_snp_root *roots,
                                             const struct httpa_snp_report *r,
                                             struct httpa_snp_chain *chain)
{
    struct httpa_snp_root ours[HTTPA_SNP_ROOTS] = { { .line = HTTPA_SNP_GENOA },
                                                    { .line = HTTPA_SNP_GENOA },
                                                    { .line =
                                                          HTTPA_SNP_GENOA } };
    (void)roots;
    read_root(ours[0].spki_sha256);
    return __real_httpa_snp_chain_follow(in, ours, r, chain);
}

enum httpa_err
__wrap_httpa_intel_chain_verify(const struct httpa_crypto *crypto,
                                const struct httpa_intel_chain *chain,
                                const uint8_t *pin, const char *leaf,
                                int64_t time_s, int64_t *ret_lapses_s)
{
    uint8_t ours[HTTPA_INTEL_PIN] = { 0 };
    (void)pin;
    read_root(ours);
    return __real_httpa_intel_chain_verify(crypto, chain, ours, leaf, time_s,
                                           ret_lapses_s);
}
