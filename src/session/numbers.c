#include "session/numbers.h"

#define WORD 64u

static uint64_t *word(struct httpa_numbers *s, uint64_t n)
{
    return &s->answered[n % HTTPA_LIMIT_WINDOW / WORD];
}

static uint64_t bit(uint64_t n)
{
    return UINT64_C(1) << (n % WORD);
}

enum httpa_err httpa_numbers_take(struct httpa_numbers *s, uint64_t *ret_n)
{
    uint64_t n = s->last + 1;
    if (n > HTTPA_LIMIT_NUMBER) {
        return HTTPA_ERR_REKEY;
    }
    if (s->waiting >= HTTPA_LIMIT_UNANSWERED ||
        (s->waiting > 0 && n - s->lowest >= HTTPA_LIMIT_WINDOW)) {
        return HTTPA_ERR_BUSY;
    }
    if (s->waiting == 0) {
        s->lowest = n;
    }
    *word(s, n) &= ~bit(n);
    s->last = n;
    s->waiting++;
    *ret_n = n;
    return HTTPA_OK;
}

void httpa_numbers_settle(struct httpa_numbers *s, uint64_t n)
{
    if (s->waiting == 0 || n < s->lowest || n > s->last ||
        (*word(s, n) & bit(n)) != 0) {
        return;
    }
    *word(s, n) |= bit(n);
    s->waiting--;
    while (s->lowest <= s->last &&
           (*word(s, s->lowest) & bit(s->lowest)) != 0) {
        s->lowest++;
    }
}
