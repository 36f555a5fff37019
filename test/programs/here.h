/* What stands behind the attester of here.c: a kind of guest, which signs. */
#ifndef HTTPA_TEST_PROGRAMS_HERE_H
#define HTTPA_TEST_PROGRAMS_HERE_H

#include <httpa/slice.h>

struct here_guest {
    const char *word; /* "tdx" */
    const char *media_type;
    /* Makes its maker, or takes the one that FOLDER has; writes FOLDER/root,
     * the SHA-256 of the SPKI of the maker's root in hex, and what the maker
     * publishes. */
    void (*open)(const char *folder);
    void (*quote)(const uint8_t rd[64], struct httpa_buf *ret);
};

extern const struct here_guest here_snp;
extern const struct here_guest here_tdx;

/* FOLDER/|name| with these bytes; ends the program when it cannot be. */
void here_write(const char *folder, const char *name, struct httpa_slice s);
void here_write_root(const char *folder, const uint8_t sha256[32]);

#endif
