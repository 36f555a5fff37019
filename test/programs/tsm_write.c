#include <stdio.h>

#include "tsm_guest.h"

bool tsm_write(const char *folder, const char *name, const void *bytes,
               size_t n)
{
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        return false;
    }
    bool whole = fwrite(bytes, 1, n, f) == n;
    return fclose(f) == 0 && whole;
}

bool tsm_write_root(const char *folder, const uint8_t sha256[32])
{
    char hex[64 + 1];
    for (size_t i = 0; i < 32; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", sha256[i]);
    }
    return tsm_write(folder, "root", hex, 64);
}
