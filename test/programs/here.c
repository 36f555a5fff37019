/*
 * The real program with the makers of a test (--wrap): instead of AMD's and
 * Intel's roots the one of which HTTPA_TEST_MAKERS/root has the hash, and
 * instead of a device an attester that signs under it.  What that maker
 * publishes is in the same folder, for a fake of its service.  For tests
 * alone: a real program knows no other roots.
 */
#include <httpa/attest.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "collateral/proof.h"
#include "evidence/intel/pck.h"
#include "evidence/snp/chain.h"
#include "here.h"

static const char *folder(void)
{
    const char *path = getenv("HTTPA_TEST_MAKERS");
    return path != NULL ? path : "/nowhere";
}

void here_write(const char *to, const char *name, struct httpa_slice s)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", to, name);
    FILE *f = fopen(path, "w");
    if (f == NULL || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0) {
        abort();
    }
}

void here_write_root(const char *to, const uint8_t sha256[32])
{
    uint8_t hex[64];
    struct httpa_buf b = httpa_buf_fixed(hex, sizeof(hex));
    httpa_write_hex(&b, httpa_slice_of(sha256, 32));
    here_write(to, "root", httpa_buf_slice(&b));
}

/* ---- roots ---- */

/* Zeros, which no key has, when there is none. */
static void read_root(uint8_t ret[32])
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/root", folder());
    FILE *f = fopen(path, "r");
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

static void fill_amd(struct httpa_snp_root roots[HTTPA_SNP_ROOTS])
{
    for (size_t i = 0; i < HTTPA_SNP_ROOTS; i++) {
        roots[i].line = (enum httpa_snp_line)i;
        memset(roots[i].spki_sha256, 0, 32);
        read_root(roots[i].spki_sha256);
    }
}

struct httpa_collateral_pins __wrap_httpa_collateral_pins(void);
struct httpa_collateral_pins __wrap_httpa_collateral_pins(void)
{
    static struct httpa_snp_root amd[HTTPA_SNP_ROOTS];
    static uint8_t intel[HTTPA_INTEL_PIN];
    fill_amd(amd);
    read_root(intel);
    return (struct httpa_collateral_pins){ .amd = amd, .intel = intel };
}

enum httpa_err __real_httpa_snp_chain_follow(const struct httpa_verify_in *in,
                                             const struct httpa_snp_root *roots,
                                             const struct httpa_snp_report *r,
                                             struct httpa_snp_chain *chain);
enum httpa_err __wrap_httpa_snp_chain_follow(const struct httpa_verify_in *in,
                                             const struct httpa_snp_root *roots,
                                             const struct httpa_snp_report *r,
                                             struct httpa_snp_chain *chain);
enum httpa_err __wrap_httpa_snp_chain_follow(const struct httpa_verify_in *in,
                                             const struct httpa_snp_root *roots,
                                             const struct httpa_snp_report *r,
                                             struct httpa_snp_chain *chain)
{
    struct httpa_snp_root ours[HTTPA_SNP_ROOTS];
    (void)roots;
    fill_amd(ours);
    return __real_httpa_snp_chain_follow(in, ours, r, chain);
}

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

/* ---- the attester ---- */

static const struct here_guest *guest;

static enum httpa_err quote(struct httpa_attester *a,
                            const uint8_t rd[HTTPA_RD_LEN],
                            struct httpa_buf *ret_value,
                            struct httpa_attest_diag *diag)
{
    (void)a;
    (void)diag;
    guest->quote(rd, ret_value);
    return httpa_buf_check(ret_value);
}

static void close_nothing(struct httpa_attester *a)
{
    (void)a;
}

enum httpa_err __real_httpa_attester_open(struct httpa_attester **ret,
                                          const struct httpa_attest_options *o,
                                          struct httpa_attest_diag *diag);
enum httpa_err __wrap_httpa_attester_open(struct httpa_attester **ret,
                                          const struct httpa_attest_options *o,
                                          struct httpa_attest_diag *diag);
enum httpa_err __wrap_httpa_attester_open(struct httpa_attester **ret,
                                          const struct httpa_attest_options *o,
                                          struct httpa_attest_diag *diag)
{
    static const struct here_guest *const guests[] = { &here_snp, &here_tdx };
    static struct httpa_attester attester = { .quote = quote,
                                              .close = close_nothing };
    for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
        if (strcmp(o->tee, guests[i]->word) == 0) {
            guest = guests[i];
            guest->open(folder());
            attester.type = guest->word;
            attester.media_type = guest->media_type;
            attester.description = "a fake";
            *ret = &attester;
            return HTTPA_OK;
        }
    }
    return __real_httpa_attester_open(ret, o, diag);
}
