#include "tool/look.h"

#include <httpa/config.h>

#include "tool/say.h"

bool httpa_look_at(struct httpa_look *look,
                   struct httpa_settings_remote *remote, const char *url)
{
    struct httpa_sighting seen;
    look->code = HTTPA_EXIT_USAGE;
    if (!httpa_settings_check(remote) ||
        !httpa_world_init(&look->world, remote) ||
        !httpa_place_read(url, NULL, &look->place)) {
        return false;
    }
    look->code = httpa_peer_new(&look->world, &look->place, &look->peer);
    if (look->code != HTTPA_EXIT_DONE) {
        return false;
    }
    if (look->no_policy) {
        httpa_config_policy_free(look->peer->policy);
        look->peer->policy = NULL;
    }
    const struct httpa_decision *d = httpa_peer_meet(look->peer, &seen);
    if (d != NULL && (d->row != 8 || look->peer->verdict == NULL)) {
        look->code = httpa_peer_report(look->peer, d, &seen, true);
        return false;
    }
    look->code = httpa_verdict_exit(look->peer->verdict);
    return true;
}

void httpa_look_done(struct httpa_look *look)
{
    httpa_peer_free(look->peer);
    httpa_world_done(&look->world);
}
