#include "tool/vendors.h"

#include <stdlib.h>
#include <string.h>

#include "collateral/fetch.h"
#include "collateral/pick.h"
#include "tool/say.h"

/* The handshake waits so long; the service keeps its end for longer. */
#define FETCH_MS 20000u

static void got(void *ctx, const struct httpa_collateral_need *need,
                enum httpa_collateral_got how)
{
    const struct httpa_world *world = ctx;
    if (how == HTTPA_COLLATERAL_NEW && world->settings->transport.verbose) {
        httpa_say("  a new %s", need->file);
    }
}

static void failed(void *ctx, const char *why)
{
    (void)ctx;
    httpa_say("  %s", why);
}

/* Evidence of makers that publish nothing needs nothing. */
static void list_needs(const struct httpa_world *world,
                       const struct httpa_evidence *items, size_t n,
                       struct httpa_collateral_needs *needs)
{
    struct httpa_collateral_diag diag;
    for (size_t i = 0; i < n; i++) {
        enum httpa_err err =
            httpa_collateral_need(world->crypto, &items[i], needs, &diag);
        if (err != HTTPA_OK && err != HTTPA_ERR_UNSUPPORTED) {
            httpa_say("  %s", diag.text);
        }
    }
}

/* Whatever came, what is there now is looked at. */
static bool fetch(struct httpa_world *world,
                  const struct httpa_collateral_needs *needs)
{
    const struct httpa_settings_remote *s = world->settings;
    struct httpa_collateral_diag diag;
    struct httpa_collateral_fetch f = {
        .crypto = world->crypto,
        .dir = s->collateral,
        .now_s = httpa_transport_now_s(),
        .cacert = s->collateral_cacert,
        .total_ms = httpa_transport_left_ms(world->transport, FETCH_MS),
        .stop = httpa_transport_interruption(),
    };
    memcpy(f.bases, s->collateral_bases, sizeof(f.bases));
    httpa_say("asking the maker of the processor, into %s", s->collateral);
    if (httpa_collateral_fetch_start(&f, &diag) != HTTPA_OK) {
        httpa_say("  %s", diag.text);
        return false;
    }
    const struct httpa_collateral_listener to = { got, failed, world };
    (void)httpa_collateral_fetch_all(&f, needs, &to);
    return true;
}

/* Into |world|, instead of what was there. */
static bool read_again(struct httpa_world *world,
                       const struct httpa_evidence *items, size_t n)
{
    struct httpa_collateral_diag diag;
    struct httpa_collateral_picked p = { .pieces_max = HTTPA_ENDORSEMENTS_MAX,
                                         .bytes_max = SIZE_MAX };
    struct httpa_collateral *c =
        httpa_collateral_new(world->settings->collateral, &diag);
    if (c == NULL) {
        httpa_say("--collateral: %s", diag.text);
        return false;
    }
    httpa_collateral_pick(world->crypto, items, n, c, &p);
    httpa_collateral_free(world->collateral);
    world->collateral = c;
    return true;
}

enum httpa_err httpa_vendors_ask(struct httpa_world *world,
                                 struct httpa_hello *hello,
                                 struct httpa_session **ret_session)
{
    const struct httpa_evidence *items;
    size_t n = httpa_hello_shown(hello, &items);
    struct httpa_collateral_needs *needs = calloc(1, sizeof(*needs));
    enum httpa_err err = HTTPA_ERR_UNDECIDED;
    if (needs != NULL) {
        list_needs(world, items, n, needs);
        if (needs->n > 0 && fetch(world, needs) &&
            read_again(world, items, n)) {
            err = httpa_hello_endorsed(hello, world->collateral->v,
                                       world->collateral->n,
                                       httpa_transport_now_s(), ret_session);
        }
    }
    free(needs);
    return err;
}
