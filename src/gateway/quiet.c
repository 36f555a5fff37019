#include "gateway/quiet.h"

#include <pthread.h>
#include <signal.h>

/* Kernels let any signal end a quote that waits for firmware or a host
 * (EINTR), and a TDX quote goes on behind that and keeps the next one out.
 * Signals of a crash stay the thread's own. */
static void fill(sigset_t *set)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE,
                                  SIGILL,  SIGTRAP, SIGABRT };
    (void)sigfillset(set);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        (void)sigdelset(set, faults[i]);
    }
}

/* The mask is inherited, so there is no moment without it. */
enum httpa_err
httpa_quiet_thread(uv_thread_t *ret_thread, void (*fn)(void *arg), void *arg)
{
    sigset_t blocked;
    sigset_t before;
    fill(&blocked);
    if (pthread_sigmask(SIG_SETMASK, &blocked, &before) != 0) {
        return HTTPA_ERR_MEMORY;
    }
    int failed = uv_thread_create(ret_thread, fn, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0 ? HTTPA_OK : HTTPA_ERR_MEMORY;
}
