/* What a profile demands beside its measurements, in words: `httpa policy
 * say`. */
#ifndef HTTPA_TOOL_DEMANDS_H
#define HTTPA_TOOL_DEMANDS_H

#include <httpa/policy.h>

void httpa_demands_say(const struct httpa_profile *profile);

/* What is refused whatever else matches. */
void httpa_demands_say_refused(const struct httpa_refuse_policy *refuse);

#endif
