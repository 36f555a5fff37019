/*
 * A software TPM for a test: started by tools/swtpm as an ordinary user, with
 * its state in a temporary directory, and stopped by its process id.
 */
#ifndef HTTPA_TEST_SWTPM_H
#define HTTPA_TEST_SWTPM_H

#include <ftw.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/test.h"

/* Making keys and certificates takes a second; ten say that it failed. */
#define SWTPM_WAIT_MS 10000

struct swtpm {
    pid_t pid;
    char dir[64];
    char tcti[96];
};

static inline void sleep_ms(long ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    (void)nanosleep(&t, NULL);
}

static inline bool swtpm_is_here(void)
{
    if (access("/usr/bin/swtpm", X_OK) == 0 &&
        access("/usr/bin/swtpm_setup", X_OK) == 0) {
        return true;
    }
    (void)fprintf(stderr, "SKIP: swtpm and swtpm_setup are not installed; "
                          "run tools/install-packages test\n");
    return false;
}

/* Runs the TPM whose state is in |t->dir|, which it makes if it is empty. */
static inline void swtpm_run(struct swtpm *t)
{
    const char *root = getenv("HTTPA_SOURCE_ROOT");
    char script[1024];
    char socket_path[96];
    (void)snprintf(script, sizeof(script), "%s/tools/swtpm",
                   root != NULL ? root : ".");
    (void)snprintf(t->tcti, sizeof(t->tcti), "swtpm:path=%s/tpm", t->dir);
    (void)snprintf(socket_path, sizeof(socket_path), "%s/tpm.ctrl", t->dir);
    (void)unlink(socket_path);
    pid_t parent = getpid();
    t->pid = fork();
    assert_true(t->pid >= 0);
    if (t->pid == 0) {
        char log[96];
        (void)snprintf(log, sizeof(log), "%s/log", t->dir);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() == parent && freopen(log, "a", stdout) != NULL &&
            dup2(STDOUT_FILENO, STDERR_FILENO) >= 0) {
            (void)execl(script, script, t->dir, (char *)NULL);
        }
        _exit(127);
    }
    for (long ms = 0; access(socket_path, F_OK) != 0; ms += 10) {
        if (waitpid(t->pid, NULL, WNOHANG) != 0) {
            t->pid = 0;
            fail_msg("swtpm ended; see %s/log", t->dir);
        }
        if (ms > SWTPM_WAIT_MS) {
            fail_msg("swtpm did not start; see %s/log", t->dir);
        }
        sleep_ms(10);
    }
    sleep_ms(50); /* from bind to listen */
}

static inline void swtpm_start(struct swtpm *t)
{
    (void)snprintf(t->dir, sizeof(t->dir), "/tmp/httpa-tpm-XXXXXX");
    assert_non_null(mkdtemp(t->dir));
    swtpm_run(t);
}

static inline void swtpm_halt(struct swtpm *t)
{
    if (t->pid > 0) {
        (void)kill(t->pid, SIGTERM);
        assert_int_equal(waitpid(t->pid, NULL, 0), t->pid);
        t->pid = 0;
    }
}

static inline int
swtpm_unlink(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static inline void swtpm_stop(struct swtpm *t)
{
    swtpm_halt(t);
    (void)nftw(t->dir, swtpm_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

/*
 * Changes PCR 17 behind the back of whoever is connected, through the control
 * channel: swtpm_ioctl(3) CMD_HASH_START, CMD_HASH_DATA, CMD_HASH_END.
 */
static inline void swtpm_change_pcr17(const struct swtpm *t)
{
    static const uint8_t commands[3][16] = {
        { 0, 0, 0, 6 },
        { 0, 0, 0, 7, 0, 0, 0, 4, 'h', 't', 't', 'p' },
        { 0, 0, 0, 8 },
    };
    static const size_t sizes[3] = { 4, 12, 4 };
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s/tpm.ctrl", t->dir);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    for (size_t i = 0; i < 3; i++) {
        uint8_t answer[4] = { 1 };
        assert_int_equal(write(fd, commands[i], sizes[i]), sizes[i]);
        assert_int_equal(read(fd, answer, 4), 4);
        assert_memory_equal(answer, "\0\0\0\0", 4);
    }
    (void)close(fd);
}

#endif
