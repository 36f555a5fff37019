/*
 * Linked into the real programs: every sealing of the process is written to a
 * file as 8 bytes of the key's hash and the 12 of the nonce, and a repetition
 * within the process aborts it.  The test compares the files of all processes.
 *
 * HTTPA_WATCH names the folder; without it nothing is watched.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SEALINGS_SLOTS (1u << 21)
#define SEALINGS_OBJECTS (1u << 18)
#include "../support/sealings.h"

static int file; /* 0: not yet asked; -1: not watched */

static void die(const char *why)
{
    fprintf(stderr, "nonce watch: %s\n", why);
    abort();
}

static bool sealings_watched(void)
{
    const char *folder = getenv("HTTPA_WATCH");
    char path[512];
    if (file == 0) {
        file = -1;
        if (folder != NULL) {
            snprintf(path, sizeof(path), "%s/%ld", folder, (long)getpid());
            file = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
            sealings.slots = calloc(SEALINGS_SLOTS, SEALINGS_ENTRY);
            if (file < 0 || sealings.slots == NULL) {
                die("cannot begin");
            }
        }
    }
    return file > 0;
}

static void sealings_seen(const uint8_t entry[SEALINGS_ENTRY], bool is_repeated)
{
    if (is_repeated) {
        die("one nonce twice under one key");
    }
    if (sealings.used > SEALINGS_SLOTS / 2 ||
        write(file, entry, SEALINGS_ENTRY) != SEALINGS_ENTRY) {
        die("no room");
    }
}
