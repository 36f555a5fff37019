/* Looking at a live service without sending it anything: what `pin` and
 * `explain` begin with. */
#ifndef HTTPA_TOOL_LOOK_H
#define HTTPA_TOOL_LOOK_H

#include "tool/peer.h"

struct httpa_look {
    bool no_policy; /* set first: judge by none */
    struct httpa_world world;
    struct httpa_place place;
    struct httpa_peer *peer; /* its verdict is there when DONE */
    enum httpa_exit code;    /* of what was found: DONE, REFUSED, UNDECIDED */
};

/* Makes a handshake with |url|.  False: said why, |code| is the exit; else
 * there is a verdict, whatever it says.  Always to be ended. */
bool httpa_look_at(struct httpa_look *look,
                   struct httpa_settings_remote *remote, const char *url);
void httpa_look_done(struct httpa_look *look);

#endif
