#include "gateway/options_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

#define ROWS_MAX 64u
#define SECONDS_MAX 2147483647u /* what Integers of the protocol hold */

/* A walk through the settings: which rows were set, and what is wrong. */
struct reading {
    struct httpa_settings *s;
    struct httpa_gateway_options_fault *fault;
    bool set[ROWS_MAX];
};

static enum httpa_err
fail(struct reading *r, const char *name, const char *saw, const char *expect)
{
    snprintf(r->fault->text, sizeof(r->fault->text),
             "--%s: saw \"%.100s\", expected %s", name, saw, expect);
    return HTTPA_ERR_CONFIG;
}

static bool read_number(const char *text, uint32_t *ret, const char **ret_rest)
{
    uint64_t v = 0;
    const char *p = text;
    for (; httpa_ascii_is_digit((uint8_t)*p); p++) {
        v = v * 10 + (uint64_t)(*p - '0');
        if (v > SECONDS_MAX) {
            return false;
        }
    }
    *ret = (uint32_t)v;
    *ret_rest = p;
    return p != text;
}

static bool read_count(const char *text, uint32_t *ret)
{
    const char *rest;
    return read_number(text, ret, &rest) && *rest == '\0';
}

static bool read_seconds(const char *text, uint32_t *ret)
{
    static const struct {
        const char *unit;
        uint32_t seconds;
    } units[] = {
        { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 }
    };
    uint32_t v;
    const char *rest;
    if (!read_number(text, &v, &rest)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(rest, units[i].unit) == 0) {
            if (v > SECONDS_MAX / units[i].seconds) {
                return false;
            }
            *ret = v * units[i].seconds;
            return true;
        }
    }
    return false;
}

static enum httpa_err keep_copy(struct httpa_settings *s, const char *text,
                                size_t n, const char **ret)
{
    char *copy = s->owned.n < HTTPA_SETTINGS_LIST_MAX ? strndup(text, n) : NULL;
    if (copy == NULL) {
        return HTTPA_ERR_MEMORY;
    }
    s->owned.v[s->owned.n++] = copy;
    *ret = copy;
    return HTTPA_OK;
}

/* Values are separated by commas or spaces. */
static enum httpa_err
add_values(struct reading *r, const struct httpa_gateway_option *o,
           const char *value, struct httpa_settings_list *list)
{
    enum httpa_err err = HTTPA_OK;
    while (err == HTTPA_OK && *value != '\0') {
        size_t n = strcspn(value, ", ");
        const char *one = value;
        if (n > 0 && value[n] != '\0') {
            err = keep_copy(r->s, value, n, &one);
        }
        if (n > 0 && err == HTTPA_OK) {
            if (o->fits != NULL && !o->fits(one)) {
                return fail(r, o->name, one, o->expect);
            }
            if (list->n == HTTPA_SETTINGS_LIST_MAX) {
                return fail(r, o->name, one, "fewer values");
            }
            list->v[list->n++] = one;
        }
        value += n + (value[n] != '\0');
    }
    return err;
}

static enum httpa_err
set(struct reading *r, const struct httpa_gateway_option *o, const char *value)
{
    void *at = (char *)r->s + o->offset;
    switch (o->kind) {
    case HTTPA_GATEWAY_OPTION_TEXT:
        if (value[0] == '\0' || (o->fits != NULL && !o->fits(value))) {
            return fail(r, o->name, value,
                        o->expect != NULL ? o->expect : "a value");
        }
        *(const char **)at = value;
        return HTTPA_OK;
    case HTTPA_GATEWAY_OPTION_LIST:
        return add_values(r, o, value, at);
    case HTTPA_GATEWAY_OPTION_SECONDS:
        return read_seconds(value, at)
                   ? HTTPA_OK
                   : fail(r, o->name, value, "a time: 30s, 10m, 2h, 1d");
    case HTTPA_GATEWAY_OPTION_COUNT:
        return read_count(value, at) ? HTTPA_OK
                                     : fail(r, o->name, value, "a number");
    case HTTPA_GATEWAY_OPTION_FLAG:
        *(bool *)at = true;
        return HTTPA_OK;
    }
    return HTTPA_ERR_INTERNAL;
}

static const struct httpa_gateway_option *find(const char *name, size_t n)
{
    for (const struct httpa_gateway_option *o = httpa_gateway_option_table;
         o->name; o++) {
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0) {
            return o;
        }
    }
    return NULL;
}

/* One argument, perhaps with the next as its value. */
static enum httpa_err
read_argument(struct reading *r, int argc, char *const *argv, int *at)
{
    const char *arg = argv[*at];
    if (strcmp(arg, "-h") == 0) {
        arg = "--help";
    }
    size_t n = strncmp(arg, "--", 2) == 0 ? strcspn(arg + 2, "=") : 0;
    const struct httpa_gateway_option *o = n > 0 ? find(arg + 2, n) : NULL;
    if (o == NULL) {
        snprintf(r->fault->text, sizeof(r->fault->text),
                 "\"%.100s\" is not an option", arg);
        return HTTPA_ERR_CONFIG;
    }
    const char *value = arg[2 + n] == '=' ? arg + 2 + n + 1 : NULL;
    if (o->kind == HTTPA_GATEWAY_OPTION_FLAG && value != NULL) {
        return fail(r, o->name, value, "no value");
    }
    if (o->kind != HTTPA_GATEWAY_OPTION_FLAG && value == NULL) {
        if (*at + 1 >= argc) {
            return fail(r, o->name, "", o->argument);
        }
        value = argv[++*at];
    }
    r->set[o - httpa_gateway_option_table] = true;
    return set(r, o, value);
}

/* HTTPA_LISTEN for --listen. */
static const char *from_environment(const struct httpa_gateway_option *o)
{
    char name[64] = "HTTPA_";
    size_t n = strlen(name);
    for (const char *p = o->name; *p != '\0' && n + 1 < sizeof(name); p++) {
        name[n++] = *p == '-' ? '_' : (char)(*p - 'a' + 'A');
    }
    name[n] = '\0';
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* What the command line left open. */
static enum httpa_err fill_rest(struct reading *r)
{
    enum httpa_err err = HTTPA_OK;
    for (const struct httpa_gateway_option *o = httpa_gateway_option_table;
         err == HTTPA_OK && o->name != NULL; o++) {
        if (r->set[o - httpa_gateway_option_table] ||
            o->kind == HTTPA_GATEWAY_OPTION_FLAG) {
            continue;
        }
        const char *value = from_environment(o);
        if (value != NULL) {
            err = keep_copy(r->s, value, strlen(value), &value);
        } else {
            value = o->fallback;
        }
        if (err == HTTPA_OK && value != NULL) {
            err = set(r, o, value);
        }
    }
    return err;
}

/* Rules about more than one option. */
static enum httpa_err check_together(const struct httpa_settings *s,
                                     struct httpa_gateway_options_fault *fault)
{
    const struct {
        bool broken;
        const char *text;
    } rules[] = {
        { s->upstream == NULL,
          "--upstream is missing: where is the application? e.g. "
          "--upstream http://127.0.0.1:3000" },
        { s->origins.n == 0,
          "--origin is missing: what do clients call this service? e.g. "
          "--origin https://api.example.com" },
        { (s->tls_cert == NULL) != (s->tls_key == NULL),
          "--tls-cert and --tls-key come together" },
        { s->service_chain != NULL && s->service_key == NULL,
          "--service-chain needs --service-key FILE, the key it is for" },
        { s->max_age_s < 60, "--max-age: a session lives 60s at least" },
        { s->idle_s < 120, "--idle: 2m at least" },
        { s->collateral_fetch && s->collateral == NULL,
          "--collateral-fetch: needs --collateral DIR" },
        { !s->collateral_fetch &&
              (s->collateral_kds != NULL || s->collateral_pcs != NULL ||
               s->collateral_root != NULL || s->collateral_cacert != NULL),
          "--collateral-kds, -pcs, -intel-root and -cacert: need "
          "--collateral-fetch" },
        { s->collateral_every_s < 10, "--collateral-every: 10s at least" },
        { s->key_life_s < 60, "--key-life: 60s at least" },
        { s->upstream_timeout_s == 0, "--upstream-timeout: 1s at least" },
        { s->upstream_connections == 0, "--upstream-connections: 1 at least" },
        { s->sessions_max == 0, "--sessions: 1 at least" },
        { s->handshakes_waiting == 0, "--handshakes-waiting: 1 at least" },
        { s->threads > 256, "--threads: 256 at most" },
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].broken) {
            snprintf(fault->text, sizeof(fault->text), "%s", rules[i].text);
            return HTTPA_ERR_CONFIG;
        }
    }
    return HTTPA_OK;
}

enum httpa_err
httpa_gateway_options_read(int argc, char *const *argv,
                           struct httpa_settings *ret_settings,
                           struct httpa_gateway_options_fault *fault)
{
    struct httpa_settings s = { 0 };
    struct reading r = { .s = &s, .fault = fault };
    enum httpa_err err = HTTPA_OK;
    fault->text[0] = '\0';
    for (int i = 0; err == HTTPA_OK && i < argc; i++) {
        err = read_argument(&r, argc, argv, &i);
    }
    bool asks = s.help || s.version;
    if (err == HTTPA_OK && !asks) {
        err = fill_rest(&r);
    }
    if (err == HTTPA_OK && !asks) {
        err = check_together(&s, fault);
    }
    if (err != HTTPA_OK) {
        httpa_settings_done(&s);
        return err;
    }
    *ret_settings = s;
    return HTTPA_OK;
}

void httpa_settings_done(struct httpa_settings *s)
{
    for (size_t i = 0; i < s->owned.n; i++) {
        free((void *)(uintptr_t)s->owned.v[i]);
    }
    *s = (struct httpa_settings){ 0 };
}
