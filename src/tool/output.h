/*
 * Where an answer goes: stdout or a file, head before it with -i, as it
 * arrives and nothing before it verified; a line of progress on a terminal.
 */
#ifndef HTTPA_TOOL_OUTPUT_H
#define HTTPA_TOOL_OUTPUT_H

#include <httpa/message.h>

struct httpa_output_wish {
    const char *path; /* NULL or "-": stdout */
    bool head;        /* -i */
    bool verbose;     /* inner head on stderr */
    bool fail;        /* -f: nothing of an answer with 400 or more */
    bool follow;      /* -L: nothing of a redirect */
    bool progress;    /* allowed at all */
};

struct httpa_output {
    struct httpa_output_wish wish;
    int fd; /* -1: not opened yet */
    bool muted;
    unsigned status;
    char location[4096]; /* of a 3xx to follow, else empty */
    uint64_t received;
    uint64_t sent;
    uint64_t began_ms;
    uint64_t shown_ms;
    bool shown;
    int error; /* errno of what failed */
};

void httpa_output_init(struct httpa_output *o,
                       const struct httpa_output_wish *wish);

/* Callbacks of struct httpa_call; ctx is the output. */
enum httpa_err httpa_output_head(void *ctx, const struct httpa_head *head);
enum httpa_err httpa_output_data(void *ctx, struct httpa_slice data);
void httpa_output_sent(void *ctx, size_t n);

/* Closes the file; makes an empty one when |whole| and nothing came.  Says
 * what failed; false then. */
bool httpa_output_end(struct httpa_output *o, bool whole);

#endif
