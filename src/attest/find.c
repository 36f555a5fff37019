/* Which interface this machine has. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "attest/device.h"

#define INTERFACES (sizeof(interfaces) / sizeof(interfaces[0]))
#define TEES_MAX 4u

/* TDX before configfs-tsm: a report for the same machine, and no quote. */
static enum httpa_err find_old_tdx(struct httpa_attester **ret,
                                   const struct httpa_attest_place *at,
                                   struct httpa_attest_diag *diag)
{
    char path[HTTPA_ATTEST_PATH];
    (void)ret;
    (void)snprintf(path, sizeof(path), "%s/dev/tdx_guest", at->root);
    int fd = at->sys->open(path, O_RDONLY);
    if (fd < 0) {
        return httpa_attest_fail(diag, HTTPA_ERR_MISSING, "/dev/tdx_guest: %s",
                                 strerror(errno));
    }
    (void)at->sys->close(fd);
    return httpa_attest_fail(diag, HTTPA_ERR_DEVICE,
                             "/dev/tdx_guest is there without configfs-tsm: "
                             "quotes need Linux 6.7 and its module tdx_guest "
                             "with configfs mounted");
}

/* The newer of two interfaces to one TEE comes first; otherwise the order
 * decides nothing, as no machine has two of them. */
static const struct {
    const char *name;
    httpa_attest_interface_fn open;
    const char *tees[TEES_MAX];
} interfaces[] = {
    { "configfs-tsm", httpa_attest_open_tsm, { "sev-snp", "tdx", "cca" } },
    { "/dev/sev-guest", httpa_attest_open_sev_guest, { "sev-snp" } },
    { "/dev/tdx_guest", find_old_tdx, { "tdx" } },
    { "/dev/nsm", httpa_attest_open_nsm, { "nitro" } },
    { "/dev/attestation (Gramine)", httpa_attest_open_gramine, { "sgx" } },
};

static bool serves(size_t i, const char *word)
{
    for (size_t j = 0; j < TEES_MAX && interfaces[i].tees[j] != NULL; j++) {
        if (strcmp(interfaces[i].tees[j], word) == 0) {
            return true;
        }
    }
    return false;
}

bool httpa_attest_is_tee(const char *word)
{
    bool is = false;
    for (size_t i = 0; i < INTERFACES; i++) {
        is = is || serves(i, word);
    }
    return is;
}

/* Appends to the text in |to|, cut to its size. */
static void
add(struct httpa_attest_diag *to, const char *before, const char *text)
{
    const char *const parts[] = { to->text[0] != '\0' ? before : "", text };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t n = strlen(to->text);
        size_t more = strnlen(parts[i], sizeof(to->text) - 1 - n);
        memcpy(to->text + n, parts[i], more);
        to->text[n + more] = '\0';
    }
}

static void say_why(size_t i, const struct httpa_attest_diag *passed,
                    struct httpa_attest_diag *why)
{
    (void)snprintf(why->text, sizeof(why->text),
                   "auto: the first of all that is there%s%.160s",
                   i > 0 ? "; not: " : "", passed->text);
}

enum httpa_err httpa_attest_find(struct httpa_attester **ret, const char *root,
                                 const char *wanted,
                                 const struct httpa_attest_system *sys,
                                 struct httpa_attest_diag *diag)
{
    struct httpa_attest_diag passed = { "" };
    struct httpa_attest_diag why = { "" };
    struct httpa_attest_place at = {
        .sys = sys, .root = root, .wanted = wanted, .why = why.text
    };
    for (size_t i = 0; i < INTERFACES; i++) {
        if (wanted != NULL && !serves(i, wanted)) {
            continue;
        }
        if (wanted == NULL) {
            say_why(i, &passed, &why);
        }
        enum httpa_err err = interfaces[i].open(ret, &at, diag);
        if (err != HTTPA_ERR_MISSING) {
            return err;
        }
        if (wanted == NULL) {
            add(&passed, ", ", interfaces[i].name);
        } else {
            add(&passed, "; ", diag->text);
        }
    }
    *diag = passed;
    return HTTPA_ERR_MISSING;
}
