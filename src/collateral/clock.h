/* Time that does not jump, for limits on everything that one call does. */
#ifndef HTTPA_COLLATERAL_CLOCK_H
#define HTTPA_COLLATERAL_CLOCK_H

#include <stdint.h>

uint64_t httpa_clock_now_ms(void);

/* What is left of |total_ms| since |began_ms|; 0: nothing. */
uint64_t httpa_clock_left_ms(uint64_t began_ms, uint64_t total_ms);

#endif
