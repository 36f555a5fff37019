/* Versions as numbers with dots between: "1", "3.4.2". */
#ifndef HTTPA_CODEC_VERSION_H
#define HTTPA_CODEC_VERSION_H

#include <httpa/slice.h>

#define HTTPA_VERSION_PARTS 8u
#define HTTPA_VERSION_DIGITS 9u /* of a part */

struct httpa_version {
    uint32_t part[HTTPA_VERSION_PARTS]; /* those not written are 0 */
};

/* HTTPA_ERR_MALFORMED: anything but digits and single dots between them;
 * HTTPA_ERR_RANGE: more parts or digits. */
HTTPA_MUST_USE enum httpa_err httpa_version_read(struct httpa_slice text,
                                                 struct httpa_version *ret_v);

/* Whether |a| is |b| or a later one. */
bool httpa_version_at_least(const struct httpa_version *a,
                            const struct httpa_version *b);

#endif
