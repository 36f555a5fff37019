#include "gateway/quiet.h"

#include <pthread.h>
#include <signal.h>

/* The mask is inherited, so there is no moment without it. */
enum httpa_err
httpa_quiet_thread(uv_thread_t *ret_thread, void (*fn)(void *arg), void *arg)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return HTTPA_ERR_MEMORY;
    }
    int failed = uv_thread_create(ret_thread, fn, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0 ? HTTPA_OK : HTTPA_ERR_MEMORY;
}
