#include "session/meter.h"

#include "wire/limits.h"

void httpa_meter_init(struct httpa_meter *m, const struct httpa_suite *suite)
{
    m->suite = suite;
    atomic_init(&m->used, 0);
}

/* Order between threads does not matter, the sum does. */
static uint64_t used(const struct httpa_meter *m)
{
    return atomic_load_explicit(&m->used, memory_order_relaxed);
}

enum httpa_err httpa_meter_take(struct httpa_meter *m, size_t aad_n,
                                size_t text_n)
{
    if (m == NULL) {
        return HTTPA_OK;
    }
    uint64_t cost = httpa_suite_cost(m->suite, aad_n, text_n);
    uint64_t before =
        atomic_fetch_add_explicit(&m->used, cost, memory_order_relaxed);
    if (before + cost > m->suite->budget) {
        atomic_fetch_sub_explicit(&m->used, cost, memory_order_relaxed);
        return HTTPA_ERR_REKEY;
    }
    return HTTPA_OK;
}

bool httpa_meter_half(const struct httpa_meter *m)
{
    return used(m) >= m->suite->budget / 2;
}

bool httpa_meter_low(const struct httpa_meter *m)
{
    uint64_t n = used(m);
    return n + HTTPA_LIMIT_REKEY_ROOM > m->suite->budget;
}
