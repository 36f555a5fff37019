/* What stands behind the files of fake_tsm and fake_gramine: a kind of guest,
 * which signs. */
#ifndef HTTPA_TEST_PROGRAMS_TSM_GUEST_H
#define HTTPA_TEST_PROGRAMS_TSM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TSM_AUX_MAX 8192u
#define TSM_OUT_MAX 16384u

/* What a quote is to say. */
struct tsm_wish {
    uint8_t rd[64];
    int privlevel;
    bool debug;
    bool old; /* of a platform that is out of date; TDX, SGX */
};

struct tsm_guest {
    const char *word;     /* "tdx" */
    const char *provider; /* in the file of this name */
    bool has_levels;      /* privlevel, privlevel_floor and auxblob are there */

    /* Writes FOLDER/root, the SHA-256 of the SPKI of the fake's root, in hex,
     * and collateral beside it.  False: errno says why not. */
    bool (*open)(const char *folder);
    size_t (*quote)(const struct tsm_wish *wish, uint8_t out[TSM_OUT_MAX]);
    size_t (*aux)(uint8_t out[TSM_AUX_MAX]);
    void (*close)(void);
};

extern const struct tsm_guest tsm_snp;
extern const struct tsm_guest tsm_tdx;
extern const struct tsm_guest tsm_cca;
extern const struct tsm_guest tsm_sgx;

/* Creates FOLDER/|name| with |n| bytes. */
bool tsm_write(const char *folder, const char *name, const void *bytes,
               size_t n);

bool tsm_write_root(const char *folder, const uint8_t sha256[32]);

#endif
