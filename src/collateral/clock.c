#include "collateral/clock.h"

#include <time.h>

uint64_t httpa_clock_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t httpa_clock_left_ms(uint64_t began_ms, uint64_t total_ms)
{
    uint64_t passed = httpa_clock_now_ms() - began_ms;
    return passed < total_ms ? total_ms - passed : 0;
}
