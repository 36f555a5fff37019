/*
 * --allow-untrusted METHOD:PATH: requests outside HTTPA that are passed on.
 *
 * PATH is exact, or ends with `/` and stands for everything below it; METHOD
 * is exact, or `*`.  The query plays no part.  A path that an application
 * could read in another way than we do (dot segments, encoded slashes, empty
 * segments) fits only a rule that allows everything.
 */
#ifndef HTTPA_GATEWAY_ALLOW_H
#define HTTPA_GATEWAY_ALLOW_H

#include <httpa/message.h>

#include "gateway/settings.h"

/* Whether |text| is such a rule. */
bool httpa_allow_fits(const char *text);

/* Whether |rules|, each of which fits, allow the request |head|. */
bool httpa_allow_match(const struct httpa_settings_list *rules,
                       const struct httpa_head *head);

#endif
