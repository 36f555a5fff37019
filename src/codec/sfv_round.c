#include "codec/sfv.h"

/* 10^18 is the largest power of ten in an int64_t. */
#define PLACES_MAX 18

static uint64_t power_of_ten(unsigned n)
{
    uint64_t v = 1;
    while (n-- > 0) {
        v *= 10;
    }
    return v;
}

/* |v| / |by|, half to even */
static uint64_t divide(uint64_t v, uint64_t by)
{
    uint64_t q = v / by;
    uint64_t rest = v % by;
    bool up = rest > by - rest || (rest == by - rest && q % 2 == 1);
    return up ? q + 1 : q;
}

enum httpa_err
httpa_sfv_round(int64_t v, unsigned places, int64_t *ret_thousandths)
{
    if (places > PLACES_MAX) {
        return HTTPA_ERR_RANGE;
    }
    uint64_t n = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (places > 3) {
        n = divide(n, power_of_ten(places - 3));
    } else if (n <= HTTPA_SFV_INTEGER_MAX) {
        n *= power_of_ten(3 - places);
    }
    if (n > HTTPA_SFV_INTEGER_MAX) {
        return HTTPA_ERR_RANGE;
    }
    *ret_thousandths = v < 0 ? -(int64_t)n : (int64_t)n;
    return HTTPA_OK;
}
