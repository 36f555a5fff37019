#include "tool/remote.h"

#include <httpa/config.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "collateral/veraison.h"
#include "tool/say.h"

#define MAX_TIME_MS 60000u /* without --max-time */

bool httpa_remote_fits(const struct httpa_remote *r,
                       const struct httpa_stored *s)
{
    const char *why = NULL;
    if (r->key != NULL && s->policy_path != NULL) {
        why = "--verifier-key or --policy, not both: a policy names its keys";
    } else if (r->url != NULL && r->key == NULL && s->policy_path == NULL) {
        why = "whose word counts? --verifier-key FILE, or --policy FILE with "
              "a profile of type ear";
    } else if (r->url != NULL && s->nonce == NULL) {
        why = "--verifier: what is the evidence over? --nonce HEX";
    } else if (r->url != NULL && s->at_s != 0) {
        why = "--verifier: what a verifier says now is judged now, so no --at";
    }
    if (r->url == NULL && r->type != NULL) {
        why = "--verifier-type goes with --verifier URL";
    }
    if (why != NULL) {
        httpa_say("%s", why);
    }
    return why == NULL;
}

/* ---- the policy of a key ---- */

static char *write_policy(const char *key)
{
    json_t *policy = json_pack(
        "{s:i,s:s,s:s,s:{s:s},s:[{s:s,s:s,s:[],s:[s]}]}", "httpa_policy", 1,
        "name", "strict default", "note",
        "No policy was given: what the verifier affirms is accepted.",
        "identity", "require", "none", "accept", "name", "remote verifier",
        "type", "ear", "measurements", "verifier_keys", key);
    char *text = policy != NULL ? json_dumps(policy, JSON_COMPACT) : NULL;
    json_decref(policy);
    return text;
}

bool httpa_remote_policy(const struct httpa_remote *r, struct httpa_stored *s)
{
    struct httpa_config_error error = { .text = "no text, or no memory" };
    if (r->key == NULL) {
        return true;
    }
    char *text = write_policy(r->key);
    bool ok = text != NULL &&
              httpa_config_policy_read(httpa_slice_str(text), NULL, &s->policy,
                                       &error) == HTTPA_OK;
    free(text);
    if (!ok) {
        httpa_say("--verifier-key: %s", error.text);
    }
    return ok;
}

/* ---- asking ---- */

/* Evidence says what runs where: it goes to nobody whose word cannot count. */
static bool has_profile(const struct httpa_stored *s)
{
    bool has = false;
    for (size_t i = 0; i < s->policy->accept_count; i++) {
        has = has || strcmp(s->policy->accept[i].type, "ear") == 0;
    }
    if (!has) {
        httpa_say("--verifier: the policy has no profile of type ear, so no "
                  "result could count; nothing was sent");
    }
    return has;
}

static int take(struct httpa_stored *s, struct httpa_buf *result)
{
    httpa_buf_done(&s->values[0]);
    s->values[0] = *result;
    s->items[0].value = httpa_buf_slice(&s->values[0]);
    s->items[0].media_type = httpa_slice_str(httpa_verifier_ear_jwt.media_type);
    return HTTPA_EXIT_DONE;
}

int httpa_remote_ask(const struct httpa_remote *r, struct httpa_stored *s)
{
    struct httpa_collateral_diag diag = { "" };
    struct httpa_buf result = httpa_buf_growing(HTTPA_VERAISON_RESULT_MAX);
    if (s->n != 1) {
        httpa_say("--verifier: one piece of evidence at a time");
        return HTTPA_EXIT_USAGE;
    }
    if (!has_profile(s)) {
        return HTTPA_EXIT_USAGE;
    }
    struct httpa_veraison ask = {
        .url = r->url,
        .cacert = r->cacert,
        .total_ms = r->max_time_ms != 0 ? r->max_time_ms : MAX_TIME_MS,
        .nonce = httpa_buf_slice(&s->nonce_bytes),
        .evidence = s->items[0].value,
    };
    if (r->type != NULL) {
        ask.types[0] = r->type;
    } else {
        httpa_veraison_name(&ask, s->items[0].media_type);
    }
    enum httpa_err err = httpa_veraison_ask(&ask, &result, &diag);
    if (err == HTTPA_OK) {
        return take(s, &result);
    }
    httpa_say("%s", diag.text);
    httpa_buf_done(&result);
    return err == HTTPA_ERR_USAGE ? HTTPA_EXIT_USAGE : HTTPA_EXIT_UNDECIDED;
}
