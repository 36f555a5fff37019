/*
 * A plain reverse proxy in one function: a request of engine/server.h to an
 * application of engine/upstream.h, the answer back, both streamed, each
 * side slowed by the other.  It is also the shortest complete example of how
 * the two are used together.
 */
#ifndef HTTPA_ENGINE_FORWARD_H
#define HTTPA_ENGINE_FORWARD_H

#include "engine/server.h"
#include "engine/upstream.h"

/*
 * Inside on_request, instead of httpa_exchange_listen.  Answers 502 or 504
 * when there is no answer to pass on; a broken answer is broken off.
 * |up| belongs to the same loop.
 */
void httpa_forward(struct httpa_exchange *x, const struct httpa_head *head,
                   struct httpa_content content, struct httpa_upstream *up);

#endif
