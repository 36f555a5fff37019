/* What the parts of `httpa doctor` share. */
#ifndef HTTPA_TOOL_DOCTOR_H
#define HTTPA_TOOL_DOCTOR_H

#include "tool/call.h"

struct httpa_doctor_visit {
    struct httpa_world world;
    struct httpa_place place;
    struct httpa_peer *peer;
    char engine[96]; /* the last that gave its name */
    unsigned bad;
};

/* Remembers whose name the answer bore. */
void httpa_doctor_engine(struct httpa_doctor_visit *v,
                         const struct httpa_sighting *seen);

/* One line of the report; |test| is its first word. */
void httpa_doctor_good(const char *test, const char *text);
void httpa_doctor_note(const struct httpa_doctor_visit *v, const char *test,
                       const char *what, const char *text);
void httpa_doctor_bad(struct httpa_doctor_visit *v, const char *test,
                      const char *what, const char *text);

/* The same of a message that failed: what was seen decides which. */
void httpa_doctor_failed(struct httpa_doctor_visit *v, const char *test,
                         const char *what, const struct httpa_sighting *seen);

/* Whether answers and requests stream, what Host becomes, and with |slow|
 * whether an answer may take 75 s to begin: asks the service's test resources
 * (`httpa serve --doctor`). */
void httpa_doctor_streams(struct httpa_doctor_visit *v, bool slow);

#endif
