/*
 * Is this process any good right now?  On the first gate's loop a connection
 * to the application is tried every few seconds, and evidence is made when
 * none was for most of a minute, so that readiness is known before anybody
 * asks (wire-http P6).
 */
#ifndef HTTPA_GATEWAY_HEALTH_H
#define HTTPA_GATEWAY_HEALTH_H

#include "gateway/state.h"

struct httpa_health;

HTTPA_MUST_USE enum httpa_err
httpa_health_new(struct httpa_gate *gate, struct httpa_health **ret);

/* About once a second. */
void httpa_health_tick(struct httpa_health *h, int64_t now_s);

/* No more trials.  True once nothing is under way and _free may come. */
bool httpa_health_stop(struct httpa_health *h);
void httpa_health_free(struct httpa_health *h);

#endif
