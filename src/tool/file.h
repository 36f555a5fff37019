/* Whole files; every failure is said on stderr with the file's name. */
#ifndef HTTPA_TOOL_FILE_H
#define HTTPA_TOOL_FILE_H

#include <sys/types.h>

#include <httpa/slice.h>

/* Appends all of |path| ("-": stdin) to |out|; false when it cannot be read
 * or does not fit. */
bool httpa_file_read(const char *path, struct httpa_buf *out);

/* Writes a file that is not there yet; |force|: replaces one, in one step.
 * Folders above it are made (0700). */
bool httpa_file_write_new(const char *path, struct httpa_slice text,
                          mode_t mode, bool force);

/* Whether nothing stands at |path|; says so otherwise. */
bool httpa_file_is_free(const char *path);

bool httpa_file_exists(const char *path);

#endif
