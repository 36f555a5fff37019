/*
 * What the program remembers between calls, in $XDG_CACHE_HOME/httpa (0600):
 * no keys and nothing that could make a verdict better than the policy does.
 *
 *   activations.json  attestation keys that answered for an endorsement key
 *                     (30 days)
 *   methods.json      origins whose path refused the method ATTEST (24 h)
 *
 * A file that cannot be read counts as empty; one that cannot be written is
 * not needed.
 */
#ifndef HTTPA_TOOL_CACHE_H
#define HTTPA_TOOL_CACHE_H

#include <httpa/client.h>

struct httpa_cache_activations {
    struct httpa_activation v[HTTPA_ACTIVATIONS_MAX];
    size_t n;
    struct httpa_buf bytes; /* what they point into */
};

void httpa_cache_activations_load(struct httpa_cache_activations *ret_list,
                                  int64_t now_s);
void httpa_cache_activations_done(struct httpa_cache_activations *list);
void httpa_cache_activation_add(const struct httpa_activation *activation,
                                int64_t now_s);

bool httpa_cache_wants_post(const char *origin, int64_t now_s);
void httpa_cache_set_post(const char *origin, int64_t now_s);

#endif
