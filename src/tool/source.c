#include "tool/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/say.h"

void httpa_source_memory(struct httpa_source *s, struct httpa_slice bytes)
{
    *s = (struct httpa_source){ .fd = -1, .memory = bytes, .length = bytes.n };
}

bool httpa_source_open(struct httpa_source *s, const char *path)
{
    struct stat st;
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        httpa_say("%s: %s", path, strerror(errno));
        return false;
    }
    bool is_file = S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
    *s = (struct httpa_source){
        .fd = fd,
        .is_file = is_file,
        .length = is_file ? (uint64_t)st.st_size : HTTPA_LENGTH_UNKNOWN,
    };
    return true;
}

void httpa_source_close(struct httpa_source *s)
{
    if (s->fd > STDIN_FILENO) {
        (void)close(s->fd);
    }
    s->fd = -1;
}

bool httpa_source_rewind(struct httpa_source *s)
{
    bool ok = s->at == 0 || s->fd < 0 ||
              (s->is_file && lseek(s->fd, 0, SEEK_SET) == 0);
    s->at = ok ? 0 : s->at;
    return ok;
}

static enum httpa_source_got
read_memory(struct httpa_source *s, uint8_t *room, size_t size, size_t *ret_n)
{
    struct httpa_slice left = httpa_slice_from(s->memory, (size_t)s->at);
    size_t n = left.n < size ? left.n : size;
    if (n == 0) {
        return HTTPA_SOURCE_END;
    }
    memcpy(room, left.p, n);
    s->at += n;
    *ret_n = n;
    return HTTPA_SOURCE_SOME;
}

static enum httpa_source_got at_end(const struct httpa_source *s)
{
    if (s->length != HTTPA_LENGTH_UNKNOWN && s->at != s->length) {
        httpa_say("the file changed its length while it was sent");
        return HTTPA_SOURCE_FAIL;
    }
    return HTTPA_SOURCE_END;
}

enum httpa_source_got httpa_source_read(struct httpa_source *s, uint8_t *room,
                                        size_t size, size_t *ret_n)
{
    struct pollfd p = { .fd = s->fd, .events = POLLIN };
    if (s->fd < 0) {
        return read_memory(s, room, size, ret_n);
    }
    if (s->length != HTTPA_LENGTH_UNKNOWN) {
        uint64_t left = s->length - s->at;
        size = left < size ? (size_t)left : size;
    }
    if (size == 0) {
        return at_end(s);
    }
    if (!s->is_file && poll(&p, 1, 0) == 0) {
        return HTTPA_SOURCE_LATER;
    }
    ssize_t n = read(s->fd, room, size);
    if (n < 0) {
        if (errno == EINTR || errno == EAGAIN) {
            return HTTPA_SOURCE_LATER;
        }
        httpa_say("reading what is to be sent: %s", strerror(errno));
        return HTTPA_SOURCE_FAIL;
    }
    if (n == 0) {
        return at_end(s);
    }
    s->at += (uint64_t)n;
    *ret_n = (size_t)n;
    return HTTPA_SOURCE_SOME;
}
