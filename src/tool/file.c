#include "tool/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collateral/io.h"
#include "tool/say.h"

#define PATH_BYTES 4096

static bool failed(const char *path)
{
    httpa_say("%s: %s", path, strerror(errno));
    return false;
}

bool httpa_file_read(const char *path, struct httpa_buf *out)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return failed(path);
    }
    bool ok = httpa_io_read_all(fd, out) == HTTPA_OK;
    if (!ok) {
        (void)failed(path);
    }
    if (!is_stdin) {
        (void)close(fd);
    }
    return ok;
}

/* Makes the folders above |path|. */
static void make_folders(const char *path)
{
    char part[PATH_BYTES];
    for (size_t i = 1; path[i] != '\0' && i < sizeof(part); i++) {
        if (path[i] == '/') {
            memcpy(part, path, i);
            part[i] = '\0';
            (void)mkdir(part, 0700);
        }
    }
}

bool httpa_file_write_new(const char *path, struct httpa_slice text,
                          mode_t mode, bool force)
{
    char temporary[PATH_BYTES];
    int n = snprintf(temporary, sizeof(temporary), "%s.new%ld", path,
                     (long)getpid());
    if (n < 0 || (size_t)n >= sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return failed(path);
    }
    make_folders(path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        return failed(path);
    }
    bool ok = httpa_io_write_all(fd, text);
    ok = close(fd) == 0 && ok;
    /* link() refuses to replace: no window between asking and writing */
    ok = ok && (force ? rename(temporary, path) : link(temporary, path)) == 0;
    if (!ok) {
        (void)failed(path);
    }
    if (!ok || !force) {
        (void)unlink(temporary);
    }
    return ok;
}

bool httpa_file_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

bool httpa_file_is_free(const char *path)
{
    if (httpa_file_exists(path)) {
        httpa_say("%s is there already; nothing was changed", path);
        return false;
    }
    return true;
}
