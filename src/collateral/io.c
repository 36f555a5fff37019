#include "collateral/io.h"

#include <errno.h>
#include <unistd.h>

#define PIECE 16384u

enum httpa_err httpa_io_read_all(int fd, struct httpa_buf *out)
{
    for (;;) {
        size_t left = out->max - out->n;
        size_t want = left < PIECE ? left : PIECE;
        uint8_t over;
        uint8_t *p = want > 0 ? httpa_buf_room(out, want) : &over;
        ssize_t n = p != NULL ? read(fd, p, want > 0 ? want : 1) : -1;
        if (n < 0 && p != NULL && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n == 0 ? HTTPA_OK : HTTPA_ERR_IO;
        }
        if (want == 0) {
            errno = EFBIG;
            return HTTPA_ERR_RANGE;
        }
        httpa_buf_grew(out, (size_t)n);
    }
}

bool httpa_io_write_all(int fd, struct httpa_slice s)
{
    while (s.n > 0) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        s = httpa_slice_from(s, n > 0 ? (size_t)n : 0);
    }
    return true;
}
