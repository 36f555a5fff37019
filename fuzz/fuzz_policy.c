/* Policy files: what is read can be judged, what is not says where. */
#include <string.h>

#include <httpa/config.h>

#include "fuzz.h"

/* A policy names files; none of this machine's devices is to be opened. */
static bool names_a_path(const uint8_t *data, size_t size)
{
    return memmem(data, size, "/", 1) != NULL ||
           memmem(data, size, "\\u002", 5) != NULL;
}

static unsigned count_lines(const uint8_t *data, size_t size)
{
    unsigned n = 1;
    for (size_t i = 0; i < size; i++) {
        n += data[i] == '\n';
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_config_error e;
    struct httpa_policy *p = NULL;
    if (names_a_path(data, size)) {
        return 0;
    }
    enum httpa_err err = httpa_config_policy_read(
        httpa_slice_of(data, size), NULL, &p, &e);
    if (err != HTTPA_OK) {
        must(p == NULL && e.text[0] != '\0');
        must(e.line <= count_lines(data, size));
        must(strchr(e.text, '\n') == NULL);
        return 0;
    }
    uint8_t room[256];
    struct httpa_buf where = httpa_buf_fixed(room, sizeof(room));
    const char *text;
    must(httpa_policy_check(p, &where, &text) == HTTPA_OK);
    must(p->text.n == size);
    httpa_config_policy_free(p);
    return 0;
}
