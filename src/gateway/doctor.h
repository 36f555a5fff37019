/*
 * The two test resources of `serve --doctor`, which `httpa doctor` asks
 * through the real path.  They are inner requests, so that whoever asks has a
 * session, and never reach the application.
 *
 *   GET  HTTPA_DOCTOR_DOWN  eight pieces, 150 ms apart; "?wait=N": the first
 *                           one after N seconds, at most 120
 *   POST HTTPA_DOCTOR_UP    takes content and says how it came: pieces,
 *                           milliseconds from the first to the last, and the
 *                           Host of the outer message, in one line
 *
 * Both answer with HTTPA_DOCTOR_TYPE, by which the client knows them.
 */
#ifndef HTTPA_GATEWAY_DOCTOR_H
#define HTTPA_GATEWAY_DOCTOR_H

#include "gateway/sealed.h"

#define HTTPA_DOCTOR_PATH "/.well-known/httpa/doctor/"
#define HTTPA_DOCTOR_DOWN HTTPA_DOCTOR_PATH "down"
#define HTTPA_DOCTOR_UP HTTPA_DOCTOR_PATH "up"
#define HTTPA_DOCTOR_TYPE "application/vnd.httpa.doctor"
#define HTTPA_DOCTOR_PIECES 8u
#define HTTPA_DOCTOR_GAP_MS 150u

struct httpa_doctor;

/* Takes the request of |head| if it is for a test resource: |s->doctor| is
 * set then.  HTTPA_ERR_MEMORY. */
HTTPA_MUST_USE enum httpa_err httpa_doctor_take(struct httpa_sealed *s,
                                                const struct httpa_head *head);

/* Content came; the request is complete; nothing may call back any more. */
void httpa_doctor_data(struct httpa_doctor *d);
void httpa_doctor_end(struct httpa_doctor *d);
void httpa_doctor_free(struct httpa_doctor *d);

#endif
