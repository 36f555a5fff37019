/*
 * What the attesters of kernel interfaces share: configfs-tsm, /dev/sev-guest,
 * /dev/nsm and Gramine's /dev/attestation.  Each takes the 64 bytes of rd into
 * a field of its own and gives back one blob that some hardware signed.
 */
#ifndef HTTPA_ATTEST_DEVICE_H
#define HTTPA_ATTEST_DEVICE_H

#include <sys/types.h>

#include "attest/attest.h"

#define HTTPA_ATTEST_PATH 512u

/* configfs-tsm hands out at most this as auxblob (TSM_REPORT_OUTBLOB_MAX);
 * firmware of AMD itself takes no more than 16 KiB. */
#define HTTPA_ATTEST_CERTS_MAX 32768u

/*
 * The system calls that reach a device, as a table: unit tests bring a device
 * that this machine has not.  Errors as of the calls, in errno.
 */
struct httpa_attest_system {
    int (*open)(const char *path, int flags);
    ssize_t (*read)(int fd, void *to, size_t n);
    ssize_t (*write)(int fd, const void *from, size_t n);
    int (*ioctl)(int fd, unsigned long request, void *arg);
    int (*close)(int fd);
    int (*mkdir)(const char *path, mode_t mode);
    int (*rmdir)(const char *path);
    void (*sleep_ms)(unsigned ms);
};

extern const struct httpa_attest_system httpa_attest_linux;

/* A kind of TEE. */
struct httpa_attest_tee {
    const char *word; /* of --tee, and of policies */
    const struct httpa_verifier *verifier;
    /* Whether |value| has the form of this TEE's evidence and holds |rd|: old
     * kernels returned what was left in a buffer where a quote had failed. */
    bool (*is_over)(struct httpa_slice value, const uint8_t *rd);
};

extern const struct httpa_attest_tee httpa_attest_snp;
extern const struct httpa_attest_tee httpa_attest_tdx;
extern const struct httpa_attest_tee httpa_attest_cca;
extern const struct httpa_attest_tee httpa_attest_nitro;
extern const struct httpa_attest_tee httpa_attest_sgx;

/* Where to look, and for what. */
struct httpa_attest_place {
    const struct httpa_attest_system *sys;
    const char *root;   /* before /dev and /sys; "" */
    const char *wanted; /* word of a TEE; NULL: any */
    const char *why;    /* this interface, for the description; "" */
};

struct httpa_attest_device {
    struct httpa_attester base; /* first: see <httpa/attest.h> */
    const struct httpa_attest_tee *tee;
    const struct httpa_attest_system *sys;
    const char *interface; /* "configfs-tsm sev_guest" */
    char path[HTTPA_ATTEST_PATH];
    char description[384];
    struct httpa_buf certs; /* SEV-SNP: certificate table of the last quote */
    struct httpa_attest_diag no_certs; /* why the host's could not be read */
    uint64_t requests;

    /* Fills |ret_value|, which is empty, and |certs|, which is too. */
    enum httpa_err (*make)(struct httpa_attest_device *d,
                           const uint8_t rd[HTTPA_RD_LEN],
                           struct httpa_buf *ret_value,
                           struct httpa_attest_diag *diag);
};

/*
 * One function for each interface.  HTTPA_ERR_MISSING: it is not there, or
 * there is no TEE behind it; |diag| says which.  Otherwise as
 * httpa_attester_open.
 */
typedef enum httpa_err (*httpa_attest_interface_fn)(
    struct httpa_attester **ret, const struct httpa_attest_place *at,
    struct httpa_attest_diag *diag);

enum httpa_err httpa_attest_open_tsm(struct httpa_attester **ret,
                                     const struct httpa_attest_place *at,
                                     struct httpa_attest_diag *diag);
enum httpa_err httpa_attest_open_sev_guest(struct httpa_attester **ret,
                                           const struct httpa_attest_place *at,
                                           struct httpa_attest_diag *diag);
enum httpa_err httpa_attest_open_nsm(struct httpa_attester **ret,
                                     const struct httpa_attest_place *at,
                                     struct httpa_attest_diag *diag);
enum httpa_err httpa_attest_open_gramine(struct httpa_attester **ret,
                                         const struct httpa_attest_place *at,
                                         struct httpa_attest_diag *diag);

/*
 * The one that |o->tee| names, or for "auto" the first that is there.
 * HTTPA_ERR_MISSING: none; |diag| lists what was looked at and why not.
 */
HTTPA_MUST_USE enum httpa_err
httpa_attest_find(struct httpa_attester **ret, const char *root,
                  const char *wanted, const struct httpa_attest_system *sys,
                  struct httpa_attest_diag *diag);

/* Whether |word| is a TEE that some interface serves. */
bool httpa_attest_is_tee(const char *word);

/* ---- for the interfaces ---- */

/* A device with |at->root| and |below| as its path, or NULL; |diag| filled. */
struct httpa_attest_device *
httpa_attest_device_new(const struct httpa_attest_place *at, const char *below,
                        struct httpa_attest_diag *diag);

/* Says what it is once it is known. */
void httpa_attest_device_is(struct httpa_attest_device *d,
                            const struct httpa_attest_tee *tee,
                            const char *interface);

/* Makes a quote over zeros, which no handshake can ask for, throws it away
 * and writes the description.  |d| is closed on failure. */
HTTPA_MUST_USE enum httpa_err
httpa_attest_device_try(struct httpa_attest_device *d,
                        const struct httpa_attest_place *at,
                        struct httpa_attester **ret,
                        struct httpa_attest_diag *diag);

void httpa_attest_device_free(struct httpa_attest_device *d);

/* Reads all of |path| into |out|: HTTPA_ERR_IO, errno says why;
 * HTTPA_ERR_SPACE when it is more than |out| holds. */
HTTPA_MUST_USE enum httpa_err
httpa_attest_slurp(const struct httpa_attest_system *sys, const char *path,
                   struct httpa_buf *out);

/* Writes |bytes| at once, as such files want it: HTTPA_ERR_IO, errno. */
HTTPA_MUST_USE enum httpa_err
httpa_attest_spill(const struct httpa_attest_system *sys, const char *path,
                   struct httpa_slice bytes);

#endif
