/*
 * Linked before the library's chains of SEV-SNP (--wrap): instead of AMD's
 * roots, the one that HTTPA_TEST_SNP_ROOT names, the file that fake_tsm wrote.
 * For tests alone: a real program knows no other roots than AMD's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "evidence/snp/chain.h"

enum httpa_err __real_httpa_snp_chain_follow(const struct httpa_verify_in *in,
                                             const struct httpa_snp_root *roots,
                                             const struct httpa_snp_report *r,
                                             struct httpa_snp_chain *chain);
enum httpa_err __wrap_httpa_snp_chain_follow(const struct httpa_verify_in *in,
                                             const struct httpa_snp_root *roots,
                                             const struct httpa_snp_report *r,
                                             struct httpa_snp_chain *chain);

static void read_root(struct httpa_snp_root *ret)
{
    const char *path = getenv("HTTPA_TEST_SNP_ROOT");
    FILE *f = path != NULL ? fopen(path, "r") : NULL;
    for (size_t i = 0; f != NULL && i < sizeof(ret->spki_sha256); i++) {
        unsigned v = 0;
        if (fscanf(f, "%2x", &v) != 1) {
            abort();
        }
        ret->spki_sha256[i] = (uint8_t)v;
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
    read_root(&ours[0]);
    return __real_httpa_snp_chain_follow(in, ours, r, chain);
}
