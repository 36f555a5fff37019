#include "tool/peer.h"

#include <httpa/config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/pem.h"
#include "tool/file.h"
#include "tool/say.h"

#define ROOTS_MAX (4u * 1024u * 1024u)
#define ROOTS_COUNT 1024u
#define SYSTEM_ROOTS "/etc/ssl/certs/ca-certificates.crt"

static bool cut_up(const char *list, char **room, const char *end,
                   const char **v, size_t *n)
{
    while (list != NULL && *list != '\0') {
        size_t len = strcspn(list, ",");
        if (*n == HTTPA_PEER_NAMES || len == 0 ||
            len + 1 > (size_t)(end - *room)) {
            return false;
        }
        memcpy(*room, list, len);
        (*room)[len] = '\0';
        v[(*n)++] = *room;
        *room += len + 1;
        list += list[len] == ',' ? len + 1 : len;
    }
    return true;
}

static bool read_collateral(struct httpa_world *world, const char *dir)
{
    struct httpa_collateral_diag diag;
    if (dir == NULL ||
        (world->settings->collateral_fetch && !httpa_file_exists(dir))) {
        return true;
    }
    world->collateral = httpa_collateral_new(dir, &diag);
    if (world->collateral == NULL) {
        httpa_say("--collateral: %s", diag.text);
        return false;
    }
    if (world->collateral->n > HTTPA_ENDORSEMENTS_MAX) {
        httpa_say("--collateral: %s: %zu pieces, and a handshake takes %u: "
                  "name a folder with those of this service",
                  dir, world->collateral->n, HTTPA_ENDORSEMENTS_MAX);
        return false;
    }
    return true;
}

bool httpa_world_init(struct httpa_world *world,
                      const struct httpa_settings_remote *settings)
{
    char *room = world->names;
    const char *end = world->names + sizeof(world->names);
    world->settings = settings;
    if (!cut_up(settings->suites, &room, end, world->suites,
                &world->suite_count) ||
        !cut_up(settings->groups, &room, end, world->groups,
                &world->group_count)) {
        httpa_say("--suites and --groups take names with commas, at most %u",
                  HTTPA_PEER_NAMES);
        return false;
    }
    enum httpa_err err = httpa_crypto_new(&world->crypto);
    if (err == HTTPA_OK) {
        err = httpa_verified_new(world->crypto, &world->verified);
    }
    if (err == HTTPA_OK) {
        err = httpa_transport_new(&settings->transport, &world->transport);
    }
    if (err != HTTPA_OK) {
        httpa_say("cannot start: %s", httpa_strerror(err));
    }
    return err == HTTPA_OK && read_collateral(world, settings->collateral);
}

void httpa_world_done(struct httpa_world *world)
{
    httpa_collateral_free(world->collateral);
    world->collateral = NULL;
    httpa_transport_free(world->transport);
    httpa_verified_free(world->verified);
    httpa_crypto_free(world->crypto);
}

/* --------------------------------------------------------------- the peer */

static bool read_policy(struct httpa_peer *peer)
{
    struct httpa_config_error error;
    const char *named = peer->world->settings->policy;
    if (named != NULL) {
        (void)snprintf(peer->policy_path, sizeof(peer->policy_path), "%s",
                       named);
    } else if (!httpa_place_policy(&peer->place, peer->policy_path,
                                   sizeof(peer->policy_path))) {
        peer->policy_path[0] = '\0';
        return true;
    }
    if (httpa_config_policy_load(peer->policy_path, &peer->policy, &error) ==
        HTTPA_OK) {
        return true;
    }
    httpa_say("%s:%u:%u: %s", peer->policy_path, error.line, error.column,
              error.text);
    httpa_say_next("httpa policy check %s", peer->policy_path);
    return false;
}

/* identity `webpki`: the roots that this system trusts for the web. */
static bool read_roots(struct httpa_peer *peer)
{
    struct httpa_buf text = httpa_buf_growing(ROOTS_MAX);
    if (peer->policy == NULL ||
        peer->policy->identity.require != HTTPA_IDENTITY_WEBPKI) {
        return true;
    }
    peer->roots = httpa_buf_growing(ROOTS_MAX);
    peer->root_v = calloc(ROOTS_COUNT, sizeof(*peer->root_v));
    bool ok = peer->root_v != NULL &&
              httpa_buf_room(&peer->roots, ROOTS_MAX) != NULL &&
              httpa_file_read(SYSTEM_ROOTS, &text);
    struct httpa_pem pem = httpa_pem_of(httpa_buf_slice(&text));
    while (ok && httpa_pem_more(&pem) && peer->root_n < ROOTS_COUNT) {
        struct httpa_slice label;
        size_t start = peer->roots.n;
        ok = httpa_pem_next(&pem, &label, &peer->roots) == HTTPA_OK;
        if (ok) {
            peer->root_v[peer->root_n++] =
                httpa_slice_of(peer->roots.p + start, peer->roots.n - start);
        }
    }
    httpa_buf_done(&text);
    if (!ok) {
        httpa_say("%s: cannot be used, and the policy says \"webpki\"",
                  SYSTEM_ROOTS);
    }
    return ok;
}

enum httpa_exit httpa_peer_new(struct httpa_world *world,
                               const struct httpa_place *place,
                               struct httpa_peer **ret_peer)
{
    struct httpa_peer *peer = calloc(1, sizeof(*peer));
    if (peer == NULL) {
        return HTTPA_EXIT_USAGE;
    }
    peer->world = world;
    peer->place = *place;
    peer->jar.is_https = place->is_https;
    peer->jar.path = world->settings->outer_path;
    int n = snprintf(peer->outer_url, sizeof(peer->outer_url), "%s%s",
                     place->origin, world->settings->outer_path);
    if (n < 0 || (size_t)n >= sizeof(peer->outer_url) || !read_policy(peer) ||
        !read_roots(peer)) {
        httpa_peer_free(peer);
        return HTTPA_EXIT_USAGE;
    }
    if (!place->is_https) {
        httpa_say("the outer hop is clear text; contents are sealed");
    }
    *ret_peer = peer;
    return HTTPA_EXIT_DONE;
}

void httpa_peer_drop(struct httpa_peer *peer)
{
    httpa_session_free(peer->session);
    peer->session = NULL;
}

void httpa_peer_free(struct httpa_peer *peer)
{
    if (peer != NULL) {
        httpa_peer_drop(peer);
        httpa_verdict_free(peer->verdict);
        httpa_config_policy_free(peer->policy);
        httpa_buf_done(&peer->roots);
        free(peer->root_v);
        free(peer);
    }
}

/* ------------------------------------------------------------------ words */

static void say_details(const struct httpa_sighting *seen)
{
    const struct httpa_transport_report *t = &seen->transport;
    if (seen->token[0] != '\0') {
        httpa_say("  it says (not authenticated): %s, status %u", seen->token,
                  t->status);
    } else if (seen->sealed[0] != '\0') {
        httpa_say("  it says: %s", seen->sealed);
    } else if (t->status != 0 && !seen->genuine) {
        httpa_say("  status %u%s%s%s%s", t->status,
                  t->engine[0] != '\0' ? " from " : "", t->engine,
                  t->location[0] != '\0' ? ", redirects to " : "", t->location);
    }
    if (t->status == 413) {
        httpa_say("  a limit of the path: nginx allows 1 MiB by default "
                  "(client_max_body_size 0)");
    } else if (t->status == 407) {
        httpa_say("  the proxy wants --proxy-user @FILE");
    }
    if (t->started[0] != '\0' && !seen->marked && !seen->has_binder &&
        t->status != 0) {
        httpa_say("  it begins: %.100s", t->started);
    }
    if (seen->err != HTTPA_OK && seen->err != HTTPA_ERR_ABORTED) {
        httpa_say("  check: %s (%s)", httpa_err_name(seen->err),
                  httpa_strerror(seen->err));
    }
    if (t->end != HTTPA_TRANSPORT_DONE && t->end != HTTPA_TRANSPORT_STOPPED &&
        t->why[0] != '\0') {
        httpa_say("  %s", t->why);
    }
}

static enum httpa_exit report_over(const struct httpa_sighting *seen, bool safe)
{
    if (seen->transport.end == HTTPA_TRANSPORT_BREAK) {
        httpa_say("interrupted%s", seen->transport.sent && !safe
                                       ? "; the request may have been processed"
                                       : "");
        return (enum httpa_exit)130;
    }
    bool maybe = seen->transport.sent && !safe;
    httpa_say("--max-time has passed%s",
              maybe ? "; the request may have been processed" : "");
    return maybe ? HTTPA_EXIT_MAYBE : HTTPA_EXIT_TIMEOUT;
}

enum httpa_exit httpa_peer_report(const struct httpa_peer *peer,
                                  const struct httpa_decision *decision,
                                  const struct httpa_sighting *seen, bool safe)
{
    if (seen->transport.end == HTTPA_TRANSPORT_BREAK ||
        seen->transport.end == HTTPA_TRANSPORT_TIMEOUT ||
        httpa_transport_interrupted() ||
        httpa_transport_too_late(peer->world->transport)) {
        struct httpa_sighting over = *seen;
        over.transport.end = httpa_transport_interrupted()
                                 ? HTTPA_TRANSPORT_BREAK
                                 : HTTPA_TRANSPORT_TIMEOUT;
        return report_over(&over, safe);
    }
    httpa_say("%s: %s", peer->place.origin, decision->seen);
    say_details(seen);
    enum httpa_exit code = safe ? decision->safe_exit : decision->other_exit;
    if (decision->row == 8 && peer->verdict != NULL) {
        code = httpa_verdict_exit(peer->verdict);
    }
    if (code == HTTPA_EXIT_MAYBE) {
        httpa_say("  the request may have been processed; %s",
                  safe ? "repeating it does no harm"
                       : "it was not repeated (--retry-unsafe does)");
    }
    if (decision->next != NULL) {
        httpa_say_next("%s %s", decision->next, peer->place.origin);
    }
    return code;
}
