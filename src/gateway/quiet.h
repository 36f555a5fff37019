/* Threads that no signal reaches: those are the first loop's, and a system
 * call here is not to be interrupted by one. */
#ifndef HTTPA_GATEWAY_QUIET_H
#define HTTPA_GATEWAY_QUIET_H

#include <httpa/error.h>
#include <uv.h>

/* Runs |fn| on a new thread with every signal blocked but those of a crash;
 * HTTPA_ERR_MEMORY. */
HTTPA_MUST_USE enum httpa_err httpa_quiet_thread(uv_thread_t *ret_thread,
                                                 void (*fn)(void *arg),
                                                 void *arg);

#endif
