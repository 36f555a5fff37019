/*
 * Vectors that are not part of the tree: HTTPA_SHARED, or ../shared beside
 * the source root.  A test that does not find them says so and passes.
 */
#ifndef HTTPA_TEST_SHARED_H
#define HTTPA_TEST_SHARED_H

#include "support/test.h"

#define SHARED_PATH_MAX 1024

static inline void shared_path(const char *name, char path[SHARED_PATH_MAX])
{
    const char *shared = getenv("HTTPA_SHARED");
    const char *root = getenv("HTTPA_SOURCE_ROOT");
    int n = shared != NULL
                ? snprintf(path, SHARED_PATH_MAX, "%s/%s", shared, name)
                : snprintf(path, SHARED_PATH_MAX, "%s/../shared/%s",
                           root != NULL ? root : ".", name);
    assert_true(n > 0 && n < SHARED_PATH_MAX);
}

/* The bytes of a file of the vectors, or false and a loud line. */
static inline bool shared_read(const char *name, struct httpa_buf *ret_b)
{
    char path[SHARED_PATH_MAX];
    shared_path(name, path);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        (void)fprintf(stderr, "SKIP: %s is not here; set HTTPA_SHARED\n", path);
        return false;
    }
    uint8_t chunk[4096];
    size_t n = 0;
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
        httpa_buf_put(ret_b, chunk, n);
    }
    (void)fclose(f);
    assert_ok(httpa_buf_check(ret_b));
    return true;
}

#endif
