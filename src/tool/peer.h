/*
 * A session with one origin: policy, handshake, what the table says after a
 * failure of it, outer cookies.  One call of the program makes one for each
 * origin and uses it for all its requests there.
 */
#ifndef HTTPA_TOOL_PEER_H
#define HTTPA_TOOL_PEER_H

#include <httpa/client.h>

#include "collateral/dir.h"
#include "tool/decide.h"
#include "tool/place.h"
#include "tool/settings.h"

#define HTTPA_PEER_NAMES 8u /* suites or groups that can be named */

/* What all peers of one call share. */
struct httpa_world {
    const struct httpa_settings_remote *settings;
    struct httpa_crypto *crypto;
    struct httpa_verified *verified; /* by all handshakes of this call */
    struct httpa_transport *transport;
    struct httpa_collateral *collateral; /* NULL: none */
    const char *suites[HTTPA_PEER_NAMES];
    size_t suite_count;
    const char *groups[HTTPA_PEER_NAMES];
    size_t group_count;
    char names[512]; /* both lists, cut up */
};

/* Says what failed.  Always to be ended with httpa_world_done. */
bool httpa_world_init(struct httpa_world *world,
                      const struct httpa_settings_remote *settings);
void httpa_world_done(struct httpa_world *world);

struct httpa_peer {
    struct httpa_world *world;
    struct httpa_place place;
    char outer_url[HTTPA_PLACE_URL];
    char policy_path[HTTPA_PLACE_PATH];
    struct httpa_policy *policy; /* NULL: none was found */
    struct httpa_buf roots;      /* identity webpki: the system's, DER */
    struct httpa_slice *root_v;
    size_t root_n;
    struct httpa_session *session;
    struct httpa_verdict *verdict; /* of the last handshake, or NULL */
    struct httpa_jar jar;
    bool post;         /* ATTEST was refused on the way */
    uint64_t made_ms;  /* the session */
    bool unknown_once; /* a session was base-unknown before */
};

/* Finds and reads the policy; |need_policy|: false is fine without.
 * Returns HTTPA_EXIT_DONE or USAGE; NULL memory says so too. */
enum httpa_exit httpa_peer_new(struct httpa_world *world,
                               const struct httpa_place *place,
                               struct httpa_peer **ret_peer);
void httpa_peer_free(struct httpa_peer *peer);

/*
 * Makes a session unless a live one is there.  NULL: done; else the row that
 * ended it, and what was seen.  Ctrl-C and --max-time come as row 1 and are
 * in |ret_seen|.
 */
const struct httpa_decision *
httpa_peer_meet(struct httpa_peer *peer, struct httpa_sighting *ret_seen);

/* Wipes the session; the next meet makes another. */
void httpa_peer_drop(struct httpa_peer *peer);

/* Says what happened and what to type next; returns the exit code. */
enum httpa_exit httpa_peer_report(const struct httpa_peer *peer,
                                  const struct httpa_decision *decision,
                                  const struct httpa_sighting *seen, bool safe);

#endif
