#include "tool/cache.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "codec/hex.h"
#include "tool/file.h"
#include "tool/place.h"

#define ACTIVATION_S (30 * 86400)
#define METHOD_S 86400
#define NAME_MAX_BYTES 66u /* nameAlg and SHA-512 */
#define LINES_MAX 1024u

/* An object of texts to the second they end. */
static json_t *load(const char *name, int64_t now_s)
{
    char path[HTTPA_PLACE_PATH];
    json_t *all = httpa_place_cache(name, path, sizeof(path))
                      ? json_load_file(path, JSON_REJECT_DUPLICATES, NULL)
                      : NULL;
    json_t *live = json_object();
    const char *key;
    json_t *until;
    json_object_foreach(all, key, until)
    {
        if (json_is_integer(until) && json_integer_value(until) > now_s &&
            json_object_size(live) < LINES_MAX) {
            (void)json_object_set(live, key, until);
        }
    }
    json_decref(all);
    return live;
}

static void
add(const char *name, const char *key, int64_t now_s, int64_t life_s)
{
    char path[HTTPA_PLACE_PATH];
    json_t *all = load(name, now_s);
    (void)json_object_set_new(all, key, json_integer(now_s + life_s));
    char *text = json_dumps(all, JSON_INDENT(1) | JSON_SORT_KEYS);
    if (text != NULL && httpa_place_cache(name, path, sizeof(path))) {
        (void)httpa_file_write_new(path, httpa_slice_str(text), 0600, true);
    }
    free(text);
    json_decref(all);
}

static struct httpa_slice
read_hex(struct httpa_buf *bytes, const char *p, size_t n)
{
    size_t start = bytes->n;
    if (httpa_hex_read(httpa_slice_of(p, n), bytes) != HTTPA_OK) {
        return httpa_slice_of(NULL, 0);
    }
    return httpa_slice_of(bytes->p + start, bytes->n - start);
}

void httpa_cache_activations_load(struct httpa_cache_activations *ret_list,
                                  int64_t now_s)
{
    json_t *all = load("activations.json", now_s);
    const size_t room = HTTPA_ACTIVATIONS_MAX * (NAME_MAX_BYTES + 32);
    const char *key;
    json_t *until;
    ret_list->n = 0;
    ret_list->bytes = httpa_buf_growing(room);
    /* all of it now: what points into it must not move */
    uint8_t *p = httpa_buf_room(&ret_list->bytes, room);
    json_object_foreach(all, key, until)
    {
        const char *colon = strchr(key, ':');
        if (p == NULL || colon == NULL ||
            ret_list->n == HTTPA_ACTIVATIONS_MAX) {
            continue;
        }
        struct httpa_activation a = {
            .ak_name = read_hex(&ret_list->bytes, key, (size_t)(colon - key)),
            .ek_sha256 =
                read_hex(&ret_list->bytes, colon + 1, strlen(colon + 1)),
        };
        if (a.ak_name.n > 0 && a.ek_sha256.n == 32) {
            ret_list->v[ret_list->n++] = a;
        }
    }
    json_decref(all);
}

void httpa_cache_activations_done(struct httpa_cache_activations *list)
{
    httpa_buf_done(&list->bytes);
}

void httpa_cache_activation_add(const struct httpa_activation *activation,
                                int64_t now_s)
{
    uint8_t room[2 * (NAME_MAX_BYTES + 32) + 2];
    struct httpa_buf key = httpa_buf_fixed(room, sizeof(room));
    httpa_write_hex(&key, activation->ak_name);
    httpa_buf_put_str(&key, ":");
    httpa_write_hex(&key, activation->ek_sha256);
    httpa_buf_put_byte(&key, 0);
    if (httpa_buf_check(&key) == HTTPA_OK) {
        add("activations.json", (const char *)key.p, now_s, ACTIVATION_S);
    }
}

bool httpa_cache_wants_post(const char *origin, int64_t now_s)
{
    json_t *all = load("methods.json", now_s);
    bool found = json_object_get(all, origin) != NULL;
    json_decref(all);
    return found;
}

void httpa_cache_set_post(const char *origin, int64_t now_s)
{
    add("methods.json", origin, now_s, METHOD_S);
}
