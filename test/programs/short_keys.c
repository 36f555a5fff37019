/*
 * Linked before the library's meters (--wrap): keys that are used up after
 * some messages instead of after 2^35 blocks, so that a test meets the end of
 * a key (doc/protocol.md 12.3, 17.2).
 */
#include "session/meter.h"

#define HALF 300u
#define ALL 600u

bool __wrap_httpa_meter_half(const struct httpa_meter *m);
bool __wrap_httpa_meter_low(const struct httpa_meter *m);

bool __wrap_httpa_meter_half(const struct httpa_meter *m)
{
    return atomic_load(&m->used) >= HALF;
}

bool __wrap_httpa_meter_low(const struct httpa_meter *m)
{
    return atomic_load(&m->used) >= ALL;
}
