/* Where the content of a request comes from: memory, a file, a pipe. */
#ifndef HTTPA_TOOL_SOURCE_H
#define HTTPA_TOOL_SOURCE_H

#include <httpa/exchange.h>

struct httpa_source {
    int fd; /* -1: |memory| */
    struct httpa_slice memory;
    uint64_t length; /* or HTTPA_LENGTH_UNKNOWN */
    bool is_file;    /* regular: can be read again */
    uint64_t at;     /* bytes given out since the start */
};

void httpa_source_memory(struct httpa_source *s, struct httpa_slice bytes);

/* |path|, "-" for stdin; says so when it cannot be opened. */
bool httpa_source_open(struct httpa_source *s, const char *path);
void httpa_source_close(struct httpa_source *s);

/* Back to the start; false for a pipe that was read from. */
bool httpa_source_rewind(struct httpa_source *s);

enum httpa_source_got {
    HTTPA_SOURCE_SOME,
    HTTPA_SOURCE_LATER, /* a pipe that has nothing now */
    HTTPA_SOURCE_END,
    HTTPA_SOURCE_FAIL /* said; also a file that changed its length */
};

/* At most |size| bytes into |room|. */
enum httpa_source_got httpa_source_read(struct httpa_source *s, uint8_t *room,
                                        size_t size, size_t *ret_n);

#endif
