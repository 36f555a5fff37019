/*
 * A fake of Gramine's /dev/attestation, since this machine has no SGX: a FUSE
 * file system with the files of an enclave's own process (Gramine,
 * "Attestation and Secret Provisioning"), before a guest that signs with keys
 * of its own (tsm_intel.c).
 *
 * usage: fake_gramine MOUNTPOINT FOLDER
 *
 * FOLDER is as of fake_tsm.  user_report_data is 64 bytes, and the quote is
 * made anew, over them, whenever it is opened.  Words that are written to
 * /fake-control make it misbehave from then on: debug, old.
 */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fuse3/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tsm_guest.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct tsm_wish wish;
static uint8_t quote[TSM_OUT_MAX];
static size_t quote_n;

static const char *const files[] = { "/attestation_type", "/user_report_data",
                                     "/quote", "/fake-control" };

static int
do_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
    (void)fi;
    memset(st, 0, sizeof(*st));
    st->st_nlink = 1;
    st->st_mode = S_IFREG | 0600;
    if (strcmp(path, "/") == 0) {
        st->st_mode = S_IFDIR | 0755;
        return 0;
    }
    for (size_t i = 0; i < COUNT(files); i++) {
        if (strcmp(path, files[i]) == 0) {
            return 0;
        }
    }
    return -ENOENT;
}

static int do_open(const char *path, struct fuse_file_info *fi)
{
    fi->direct_io = 1;
    if (strcmp(path, "/quote") == 0) {
        quote_n = tsm_sgx.quote(&wish, quote);
    }
    return 0;
}

static int do_read(const char *path, char *to, size_t n, off_t off,
                   struct fuse_file_info *fi)
{
    static const char type[] = "dcap";
    const void *from = path[1] == 'q' ? (const void *)quote : type;
    size_t size = path[1] == 'q' ? quote_n : strlen(type);
    size_t at = (size_t)off < size ? (size_t)off : size;
    (void)fi;
    n = n < size - at ? n : size - at;
    memcpy(to, (const char *)from + at, n);
    return (int)n;
}

static int do_write(const char *path, const char *from, size_t n, off_t off,
                    struct fuse_file_info *fi)
{
    (void)fi;
    if (strcmp(path, "/fake-control") == 0) {
        wish.debug = n >= 5 && memcmp(from, "debug", 5) == 0;
        wish.old = n >= 3 && memcmp(from, "old", 3) == 0;
        return (int)n;
    }
    if (strcmp(path, "/user_report_data") != 0 || off != 0 ||
        n != sizeof(wish.rd)) {
        return -EINVAL;
    }
    memcpy(wish.rd, from, n);
    return (int)n;
}

static int do_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
    (void)path;
    (void)size;
    (void)fi;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct fuse_operations operations = {
        .getattr = do_getattr,
        .open = do_open,
        .read = do_read,
        .write = do_write,
        .truncate = do_truncate,
    };
    char foreground[] = "-f";
    char single[] = "-s";
    if (argc != 3) {
        (void)fprintf(stderr, "usage: fake_gramine MOUNTPOINT FOLDER\n");
        return 2;
    }
    char *args[] = { argv[0], foreground, single, argv[1], NULL };
    if (!tsm_sgx.open(argv[2])) {
        perror(argv[2]);
        return 1;
    }
    int code = fuse_main(4, args, &operations, NULL);
    tsm_sgx.close();
    return code;
}
