/*
 * A fake of configfs-tsm, since this machine is no confidential VM: a FUSE
 * file system with the behaviour of Linux (drivers/virt/coco/guest/report.c,
 * fs/configfs/file.c), before a guest that signs with keys of its own
 * (tsm_snp.c, tsm_intel.c, tsm_cca.c).
 *
 * usage: fake_tsm MOUNTPOINT TEE FOLDER
 *
 * TEE is sev-snp, tdx or cca.  FOLDER/root gets the SHA-256 of the SPKI of the
 * vendor that there is none of, in hex; collateral stands beside it.  As in
 * the kernel:
 *   mkdir makes the attributes; generation counts writes and no reads;
 *   inblob takes effect when it is closed, and what the driver says is lost;
 *   outblob is EINVAL without inblob, and made once for each generation;
 *   privlevel is EINVAL below privlevel_floor or above 3; it, its floor and
 *   auxblob are hidden where the provider has none;
 *   EBUSY and others come from outblob.
 * Writing words to /fake-control makes it misbehave from then on, "" ends it:
 *   interfere=N   N times somebody else writes inblob before outblob is read
 *   errno=N       outblob fails with errno N ...
 *   times=N       ... so often (default: always)
 *   mkdir=N       mkdir fails with errno N
 *   slow=MS       a quote takes so long
 *   floor=N       privlevel_floor
 *   noaux         auxblob is hidden, as of other providers
 *   badtable      auxblob points outside itself
 *   lose          the driver refuses what is written to inblob
 *   junk          outblob holds zeros
 *   debug         the guest was started for debugging
 *   old           its platform is out of date
 *   provider=X    the name of the provider
 */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fuse3/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tsm_guest.h"

#define REQUESTS 64
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct control {
    int interfere, error, times, mkdir_error, slow_ms, floor;
    bool noaux, badtable, lose, junk, debug, old;
    char provider[32];
};

struct request {
    char name[64];
    unsigned long written; /* generation of writes */
    unsigned long read;    /* for which |out| was made */
    bool asked;
    uint8_t in[64];
    size_t in_n;
    int privlevel;
    uint8_t out[TSM_OUT_MAX];
    size_t out_n;
};

/* An open file. */
struct handle {
    struct request *r;
    char file[32];
    uint8_t bytes[TSM_OUT_MAX];
    size_t n;
    bool filled; /* with what is to be read */
    bool wrote;
};

static const struct tsm_guest *const guests[] = { &tsm_snp, &tsm_tdx,
                                                &tsm_cca };
static const struct tsm_guest *guest;
static struct control control;
static struct request requests[REQUESTS];

static const char *const files[] = { "inblob",         "outblob",
                                     "provider",       "generation",
                                     "auxblob",        "privlevel",
                                     "privlevel_floor" };

#define FILES_OF_ALL 4u /* the rest is of guests with levels */

static void read_control(char *text)
{
    const struct {
        const char *word;
        int *number;
        bool *flag;
    } words[] = { { "interfere", &control.interfere, NULL },
                  { "errno", &control.error, NULL },
                  { "times", &control.times, NULL },
                  { "mkdir", &control.mkdir_error, NULL },
                  { "slow", &control.slow_ms, NULL },
                  { "floor", &control.floor, NULL },
                  { "noaux", NULL, &control.noaux },
                  { "badtable", NULL, &control.badtable },
                  { "lose", NULL, &control.lose },
                  { "junk", NULL, &control.junk },
                  { "debug", NULL, &control.debug },
                  { "old", NULL, &control.old } };
    control = (struct control){ .times = -1 };
    (void)snprintf(control.provider, sizeof(control.provider), "%s",
                   guest->provider);
    for (char *at = strtok(text, " \n"); at; at = strtok(NULL, " \n")) {
        char *value = strchr(at, '=');
        if (value != NULL) {
            *value++ = '\0';
        }
        for (size_t i = 0; i < COUNT(words); i++) {
            if (strcmp(words[i].word, at) == 0 && words[i].flag != NULL) {
                *words[i].flag = true;
            } else if (strcmp(words[i].word, at) == 0 && value != NULL) {
                *words[i].number = (int)strtol(value, NULL, 10);
            }
        }
        if (strcmp(at, "provider") == 0 && value != NULL) {
            (void)snprintf(control.provider, sizeof(control.provider), "%s",
                           value);
        }
    }
}

static void make_quote(struct request *r)
{
    struct tsm_wish wish = { .privlevel = r->privlevel,
                             .debug = control.debug,
                             .old = control.old };
    memcpy(wish.rd, r->in, sizeof(wish.rd));
    r->out_n = guest->quote(&wish, r->out);
    if (control.junk) {
        memset(r->out, 0, r->out_n);
    }
}

/* tsm_report_read(): made anew when something was written since. */
static int fill_out(struct request *r)
{
    if (control.error != 0 && control.times != 0) {
        control.times -= control.times > 0;
        return -control.error;
    }
    if (!r->asked) {
        return -EINVAL;
    }
    if (control.interfere > 0) {
        control.interfere--;
        memset(r->in, 0xee, sizeof(r->in));
        r->written++;
    }
    if (r->in_n != 64) {
        return -EINVAL; /* sev_report_new(), tdx_report_new() */
    }
    if (r->read != r->written) {
        (void)usleep((useconds_t)control.slow_ms * 1000);
        make_quote(r);
        r->read = r->written;
    }
    return 0;
}

static void say(struct handle *h, const char *text)
{
    h->n = strlen(text);
    memcpy(h->bytes, text, h->n);
}

static int fill(struct handle *h)
{
    char text[64];
    int err = 0;
    if (strcmp(h->file, "provider") == 0) {
        (void)snprintf(text, sizeof(text), "%s\n", control.provider);
        say(h, text);
    } else if (strcmp(h->file, "generation") == 0) {
        (void)snprintf(text, sizeof(text), "%lu\n", h->r->written);
        say(h, text);
    } else if (strcmp(h->file, "privlevel_floor") == 0) {
        (void)snprintf(text, sizeof(text), "%d\n", control.floor);
        say(h, text);
    } else if (strcmp(h->file, "outblob") == 0) {
        err = fill_out(h->r);
        memcpy(h->bytes, h->r->out, h->r->out_n);
        h->n = h->r->out_n;
    } else if (strcmp(h->file, "auxblob") == 0) {
        err = fill_out(h->r);
        h->n = guest->aux(h->bytes);
        if (control.badtable) {
            h->bytes[20] = 0xff; /* the length of its first entry */
            h->bytes[22] = 0xff;
        }
    } else {
        err = -EINVAL;
    }
    return err;
}

/* The request of |path|, and in |ret_file| what stands below it. */
static struct request *find(const char *path, const char **ret_file)
{
    size_t n = strcspn(path + 1, "/");
    *ret_file = path[1 + n] == '/' ? path + 2 + n : NULL;
    for (size_t i = 0; n > 0 && i < REQUESTS; i++) {
        if (strlen(requests[i].name) == n &&
            strncmp(requests[i].name, path + 1, n) == 0) {
            return &requests[i];
        }
    }
    return NULL;
}

static bool is_file(const char *name)
{
    for (size_t i = 0; i < COUNT(files); i++) {
        if (strcmp(files[i], name) == 0) {
            return (i < FILES_OF_ALL || guest->has_levels) &&
                   (strcmp(name, "auxblob") != 0 || !control.noaux);
        }
    }
    return false;
}

static bool is_control(const char *path)
{
    return strcmp(path, "/fake-control") == 0;
}

static int
do_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
    const char *file;
    const struct request *r = find(path, &file);
    (void)fi;
    memset(st, 0, sizeof(*st));
    st->st_nlink = 1;
    if (strcmp(path, "/") == 0 || (r != NULL && file == NULL)) {
        st->st_mode = S_IFDIR | 0755;
    } else if (is_control(path) || (r != NULL && is_file(file))) {
        st->st_mode = S_IFREG | 0600;
    } else {
        return -ENOENT;
    }
    return 0;
}

static int do_mkdir(const char *path, mode_t mode)
{
    (void)mode;
    if (control.mkdir_error != 0) {
        return -control.mkdir_error;
    }
    for (size_t i = 0; i < REQUESTS; i++) {
        if (requests[i].name[0] == '\0') {
            requests[i] = (struct request){ .privlevel = 0 };
            (void)snprintf(requests[i].name, sizeof(requests[i].name), "%s",
                           path + 1);
            return 0;
        }
    }
    return -ENOSPC;
}

static int do_rmdir(const char *path)
{
    const char *file;
    struct request *r = find(path, &file);
    if (r == NULL) {
        return -ENOENT;
    }
    r->name[0] = '\0';
    return 0;
}

static int do_readdir(const char *path, void *buf, fuse_fill_dir_t add,
                      off_t off, struct fuse_file_info *fi,
                      enum fuse_readdir_flags flags)
{
    (void)off;
    (void)fi;
    (void)flags;
    if (strcmp(path, "/") == 0) {
        for (size_t i = 0; i < REQUESTS; i++) {
            if (requests[i].name[0] != '\0') {
                (void)add(buf, requests[i].name, NULL, 0, 0);
            }
        }
        return 0;
    }
    for (size_t i = 0; i < COUNT(files); i++) {
        if (is_file(files[i])) {
            (void)add(buf, files[i], NULL, 0, 0);
        }
    }
    return 0;
}

static int do_open(const char *path, struct fuse_file_info *fi)
{
    const char *file;
    struct handle *h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return -ENOMEM;
    }
    h->r = find(path, &file);
    if (h->r != NULL && file != NULL) {
        (void)snprintf(h->file, sizeof(h->file), "%s", file);
    }
    fi->direct_io = 1;
    fi->fh = (uintptr_t)h;
    return 0;
}

static struct handle *handle_of(const struct fuse_file_info *fi)
{
    return (struct handle *)(uintptr_t)fi->fh;
}

static int do_read(const char *path, char *to, size_t n, off_t off,
                   struct fuse_file_info *fi)
{
    struct handle *h = handle_of(fi);
    (void)path;
    if (!h->filled) {
        int err = fill(h);
        if (err != 0) {
            return err;
        }
        h->filled = true;
    }
    size_t at = (size_t)off < h->n ? (size_t)off : h->n;
    n = n < h->n - at ? n : h->n - at;
    memcpy(to, h->bytes + at, n);
    return (int)n;
}

static int set_privlevel(struct request *r, const char *from, size_t n)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "%.*s", (int)n, from);
    int level = (int)strtol(text, NULL, 10);
    if (level < control.floor || level > 3) {
        return -EINVAL;
    }
    r->privlevel = level;
    r->written++;
    return (int)n;
}

static int do_write(const char *path, const char *from, size_t n, off_t off,
                    struct fuse_file_info *fi)
{
    struct handle *h = handle_of(fi);
    if (is_control(path)) {
        char text[256];
        (void)snprintf(text, sizeof(text), "%.*s", (int)n, from);
        read_control(text);
        return (int)n;
    }
    if (strcmp(h->file, "privlevel") == 0) {
        return set_privlevel(h->r, from, n);
    }
    if (strcmp(h->file, "inblob") != 0) {
        return -EINVAL;
    }
    if ((size_t)off + n > 64) {
        return -EFBIG;
    }
    memcpy(h->bytes + off, from, n);
    h->n = (size_t)off + n;
    h->wrote = true;
    return (int)n;
}

/* configfs_release_bin_file(): the driver's answer is not looked at. */
static int do_flush(const char *path, struct fuse_file_info *fi)
{
    struct handle *h = handle_of(fi);
    (void)path;
    if (h->wrote && !control.lose) {
        memcpy(h->r->in, h->bytes, h->n);
        h->r->in_n = h->n;
        h->r->asked = true;
        h->r->written++;
    }
    h->wrote = false;
    return 0;
}

static int do_release(const char *path, struct fuse_file_info *fi)
{
    (void)path;
    free(handle_of(fi));
    return 0;
}

static int do_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
    (void)path;
    (void)size;
    (void)fi;
    return 0;
}

static const struct tsm_guest *find_guest(const char *word)
{
    for (size_t i = 0; i < COUNT(guests); i++) {
        if (strcmp(guests[i]->word, word) == 0) {
            return guests[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static const struct fuse_operations operations = {
        .getattr = do_getattr,
        .mkdir = do_mkdir,
        .rmdir = do_rmdir,
        .readdir = do_readdir,
        .open = do_open,
        .read = do_read,
        .write = do_write,
        .flush = do_flush,
        .release = do_release,
        .truncate = do_truncate,
    };
    char nothing[] = "";
    char foreground[] = "-f";
    char single[] = "-s";
    guest = argc == 4 ? find_guest(argv[2]) : NULL;
    if (guest == NULL) {
        (void)fprintf(stderr, "usage: fake_tsm MOUNTPOINT TEE FOLDER\n");
        return 2;
    }
    char *args[] = { argv[0], foreground, single, argv[1], NULL };
    read_control(nothing);
    if (!guest->open(argv[3])) {
        perror(argv[3]);
        return 1;
    }
    int code = fuse_main(4, args, &operations, NULL);
    guest->close();
    return code;
}
