/*
 * One thread of the gateway: its loop, its listeners, and how they end.
 *
 * The first gate runs on the main thread and has duties besides: signals,
 * sweeping sessions, renewing the attested key, health, the operators'
 * listener.  It ends last.
 */
#ifndef HTTPA_GATEWAY_GATE_H
#define HTTPA_GATEWAY_GATE_H

#include "gateway/state.h"

/* Makes loop, upstream, timer.  The doors are filled in before. */
HTTPA_MUST_USE enum httpa_err
httpa_gate_open(struct httpa_gate *gate, struct httpa_gateway *g, size_t index);

/* Serves what comes through the doors; |tls|, held for it, for secure ones. */
HTTPA_MUST_USE enum httpa_err
httpa_gate_serve(struct httpa_gate *gate, struct httpa_gateway_tls *tls);

/* Runs until stopped. */
void httpa_gate_run(struct httpa_gate *gate);

/* After it ran, or in place of that. */
void httpa_gate_close(struct httpa_gate *gate);

/* SIGTERM, SIGINT, SIGHUP; |arg| is the first gate. */
void httpa_gate_on_signal(void *arg, int signum);

/* Opens |text| on |gate|: *port in and out, 0 for a free one.  |kin| is a
 * gate that has it open already, or NULL. */
HTTPA_MUST_USE enum httpa_err
httpa_gate_door_open(struct httpa_gate_door *door,
                     const struct httpa_gate_door *kin,
                     const struct httpa_address *a, uint16_t *port);

struct httpa_gateway_tls *httpa_gateway_tls_hold(struct httpa_gateway_tls *t);
void httpa_gateway_tls_release(struct httpa_gateway_tls *t);
HTTPA_MUST_USE enum httpa_err
httpa_gateway_tls_read(const struct httpa_settings *s,
                       struct httpa_gateway_tls **ret);

#endif
