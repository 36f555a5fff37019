/* Warnings about our own evidence before clients refuse it. */
#ifndef HTTPA_GATEWAY_FORESEE_H
#define HTTPA_GATEWAY_FORESEE_H

#include "collateral/fetch.h"
#include "collateral/outlook.h"
#include "gateway/quoter.h"

/* One thread's alone. */
struct httpa_foresee {
    int64_t warned_s;
    char said[512]; /* a warning is repeated once a day, and when it changes */
    int64_t refused_from_s; /* as in refresh.h */
};

/* What is judged. */
struct httpa_foresee_in {
    struct httpa_collateral_fetch *fetch;
    const struct httpa_collateral_needs *needs;
    const struct httpa_evidence *evidence;
    struct httpa_quoter *quoter; /* its certificates are sent along */
    bool asks; /* for what the maker will publish next */
};

/* Judges with what is in the folder, and with what its maker will publish
 * next. */
void httpa_foresee_look(struct httpa_foresee *f,
                        const struct httpa_foresee_in *in);

/* What both views say together: the warning, "" for none, and the time from
 * which clients refuse.  |early| may be NULL: not known. */
int64_t httpa_foresee_say(const struct httpa_collateral_outlook *now,
                          int64_t now_s,
                          const struct httpa_collateral_outlook *early,
                          int64_t early_issued_s, char *ret_text, size_t size);

#endif
