#include "gateway/start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/writer.h"
#include "gateway/gate.h"
#include "gateway/options.h"

#define FILE_MAX 65536u
#define CANONICAL_MAX 65536u

void httpa_start_protect(void)
{
    const struct rlimit none = { 0, 0 };
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) {
        httpa_log_say("core dumps could not be switched off: %s",
                      strerror(errno));
    }
    /* What is touched stays in memory; what is only reserved costs nothing. */
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
        httpa_log_say("memory may be swapped out (mlockall: %s); raise the "
                      "limit with: ulimit -l unlimited",
                      strerror(errno));
    }
}

/* ---- identity ---- */

static enum httpa_err read_file(const char *path, struct httpa_buf *out)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        return HTTPA_ERR_IO;
    }
    size_t n = 0;
    do {
        uint8_t *room = httpa_buf_room(out, 4096);
        n = room != NULL ? fread(room, 1, 4096, f) : 0;
        if (room != NULL) {
            httpa_buf_grew(out, n);
        }
    } while (n > 0);
    bool broken = ferror(f) != 0;
    (void)fclose(f);
    return broken ? HTTPA_ERR_IO : httpa_buf_check(out);
}

static enum httpa_gateway_exit
complain(const char *option, const char *value, const char *why)
{
    httpa_log_say("--%s %s: %s", option, value, why);
    return HTTPA_GATEWAY_CONFIG;
}

static enum httpa_gateway_exit load_key(struct httpa_gateway *g)
{
    const char *path = g->settings->service_key;
    struct httpa_buf pem = httpa_buf_growing(FILE_MAX);
    enum httpa_err err = read_file(path, &pem);
    if (err == HTTPA_ERR_IO) {
        err = errno == ENOENT ? HTTPA_ERR_MISSING : HTTPA_ERR_IO;
    } else if (err == HTTPA_OK) {
        err = httpa_key_read_pem(g->crypto, httpa_buf_slice(&pem),
                                 &g->service_key);
    }
    httpa_buf_done(&pem);
    if (err == HTTPA_ERR_MISSING) {
        return complain("service-key", path,
                        "no such file; expected `new` or a private key in PEM");
    }
    if (err != HTTPA_OK) {
        return complain("service-key", path,
                        "expected an unencrypted private key in PEM: Ed25519, "
                        "P-256, P-384 or RSA");
    }
    httpa_log_say("service key from %s: make sure that only this TEE can "
                  "read that file",
                  path);
    return HTTPA_GATEWAY_STOPPED;
}

static enum httpa_gateway_exit load_chain(struct httpa_gateway *g)
{
    const char *path = g->settings->service_chain;
    g->service_chain = httpa_buf_growing(FILE_MAX);
    if (path != NULL && read_file(path, &g->service_chain) != HTTPA_OK) {
        return complain("service-chain", path, "cannot be read");
    }
    return HTTPA_GATEWAY_STOPPED;
}

static enum httpa_err show_identity(struct httpa_gateway *g)
{
    uint8_t digest[32];
    char text[65];
    struct httpa_buf hex = httpa_buf_fixed((uint8_t *)text, sizeof(text));
    enum httpa_err err =
        httpa_crypto_sha256(g->crypto, httpa_key_spki(g->service_key), digest);
    if (err == HTTPA_OK) {
        httpa_write_hex(&hex, httpa_slice_of(digest, sizeof(digest)));
        httpa_log_say("identity: service key %.*s (SHA-256 of its SPKI; "
                      "clients pin this)",
                      (int)hex.n, text);
    }
    return err;
}

enum httpa_gateway_exit httpa_start_identity(struct httpa_gateway *g)
{
    const char *word = g->settings->service_key;
    enum httpa_gateway_exit code = load_chain(g);
    if (code != HTTPA_GATEWAY_STOPPED) {
        return code;
    }
    if (word == NULL) {
        httpa_log_say("identity: none; clients can check what runs, not whose "
                      "it is");
        return code;
    }
    if (strcmp(word, "new") != 0) {
        code = load_key(g);
    } else if (httpa_key_generate(g->crypto, HTTPA_KEY_P256, &g->service_key) !=
               HTTPA_OK) {
        code = complain("service-key", word, "no key could be made");
    }
    if (code == HTTPA_GATEWAY_STOPPED && show_identity(g) != HTTPA_OK) {
        code = HTTPA_GATEWAY_CONFIG;
    }
    return code;
}

/* ---- evidence ---- */

static void show_endorsements(struct httpa_attester *a)
{
    struct httpa_attest_diag diag = { "" };
    struct httpa_buf pem = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    if (a->endorsements == NULL) {
        return;
    }
    if (a->endorsements(a, &pem, &diag) != HTTPA_OK) {
        httpa_log_say("tee: %s; clients must have them themselves", diag.text);
    } else if (pem.n > 0) {
        httpa_log_say("tee: the host's certificates are sent along");
    } else if (strcmp(a->type, "sev-snp") == 0) {
        httpa_log_say("tee: the host gives no certificates: clients must have "
                      "those of this chip themselves");
    }
    httpa_buf_done(&pem);
}

enum httpa_gateway_exit httpa_start_tee(struct httpa_gateway *g)
{
    const struct httpa_settings *s = g->settings;
    struct httpa_attest_diag diag = { "" };
    struct httpa_attest_options o = {
        .tee = s->tee,
        .tpm_tcti = s->tpm_tcti,
        .tpm_pcrs = s->tpm_pcrs,
        .tpm_ak = s->tpm_ak,
        .tpm_ek = s->tpm_ek,
        .tpm_event_log = s->tpm_event_log,
        .tpm_ak_chain = s->tpm_ak_chain,
        .tpm_ek_issuers = s->tpm_ek_issuers,
        .dev_dir = s->dev_dir,
        .root = s->tee_root,
    };
    enum httpa_err err = httpa_attester_open(&g->attester, &o, &diag);
    if (err != HTTPA_OK) {
        httpa_log_say("tee: %s", diag.text);
        httpa_log_say("to try without one: httpa dev-init, then httpa serve "
                      "--tee dev ...");
        return err == HTTPA_ERR_CONFIG ? HTTPA_GATEWAY_CONFIG
                                       : HTTPA_GATEWAY_TEE;
    }
    httpa_log_say("tee: %s", g->attester->description);
    if (strcmp(g->attester->type, "dev") == 0) {
        httpa_log_say("WARNING: --tee dev proves nothing: whoever reads %s "
                      "can forge this evidence. For development only.",
                      s->dev_dir);
    }
    if (s->tee_root != NULL) {
        httpa_log_say("WARNING: --tee-root: whoever can write below %s "
                      "decides what evidence clients are shown.",
                      s->tee_root);
    }
    show_endorsements(g->attester);
    err = httpa_quoter_new(g->attester, s->handshakes_waiting,
                           s->collateral != NULL, &g->metrics, &g->quoter);
    return err == HTTPA_OK ? HTTPA_GATEWAY_STOPPED : HTTPA_GATEWAY_TEE;
}

/* Bytes that are left for collateral in a handshake's answer, beside what is
 * in every one; fresh evidence and a quoted key's may both be. */
static size_t room_for_collateral(const struct httpa_gateway *g, size_t *ret)
{
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    struct httpa_buf pem = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    size_t items = strchr(g->settings->binding, ',') != NULL ? 2 : 1;
    size_t used = HTTPA_GATEWAY_ANSWER_REST + g->service_chain.n;
    if (httpa_quoter_evidence(g->quoter, &value) == HTTPA_OK) {
        used += items * value.n;
    }
    if (httpa_quoter_endorsements(g->quoter, &pem) == HTTPA_OK) {
        used += pem.n;
    }
    httpa_buf_done(&value);
    httpa_buf_done(&pem);
    used += HTTPA_ENDORSEMENTS_MAX * HTTPA_GATEWAY_PIECE_REST;
    size_t left =
        used < HTTPA_GATEWAY_ANSWER_MAX ? HTTPA_GATEWAY_ANSWER_MAX - used : 0;
    *ret = used;
    return left < HTTPA_GATEWAY_COLLATERAL_MAX ? left
                                               : HTTPA_GATEWAY_COLLATERAL_MAX;
}

static void look_again(void *ctx)
{
    struct httpa_gateway *g = ctx;
    httpa_gateway_collateral_look(g->collateral);
}

static enum httpa_err start_refresh(struct httpa_gateway *g)
{
    const struct httpa_settings *s = g->settings;
    struct httpa_refresh_config c = {
        .crypto = g->crypto,
        .quoter = g->quoter,
        .dir = s->collateral,
        .bases = { [HTTPA_COLLATERAL_KDS] = s->collateral_kds,
                   [HTTPA_COLLATERAL_PCS] = s->collateral_pcs,
                   [HTTPA_COLLATERAL_INTEL_ROOT] = s->collateral_root },
        .cacert = s->collateral_cacert,
        .every_s = s->collateral_every_s,
        .changed = look_again,
        .ctx = g,
    };
    return s->collateral_fetch ? httpa_refresh_new(&c, &g->refresh) : HTTPA_OK;
}

/* What is missing is fetched first, then the folder is read, and only then
 * threads look after both. */
enum httpa_gateway_exit httpa_start_collateral(struct httpa_gateway *g)
{
    size_t used;
    struct httpa_gateway_collateral_config c = {
        .crypto = g->crypto,
        .quoter = g->quoter,
        .dir = g->settings->collateral,
        .pieces_max = HTTPA_ENDORSEMENTS_MAX,
    };
    if (c.dir == NULL) {
        return HTTPA_GATEWAY_STOPPED;
    }
    c.pieces_max -= g->attester->endorsements != NULL ? 1 : 0; /* the host's */
    c.bytes_max = room_for_collateral(g, &used);
    if (c.bytes_max == 0) {
        httpa_log_say("--collateral: evidence and certificates have %zu bytes, "
                      "and a handshake's answer at most %u: there is no room; "
                      "a shorter --tpm-event-log, or one --binding, makes some",
                      used, HTTPA_GATEWAY_ANSWER_MAX);
        return HTTPA_GATEWAY_CONFIG;
    }
    enum httpa_err err = start_refresh(g);
    if (err == HTTPA_OK) {
        err = httpa_gateway_collateral_new(&c, &g->collateral);
    }
    if (err == HTTPA_OK && g->refresh != NULL) {
        err = httpa_refresh_start(g->refresh);
    }
    return err == HTTPA_OK ? HTTPA_GATEWAY_STOPPED : HTTPA_GATEWAY_CONFIG;
}

/* ---- the service ---- */

/* What the options do not say: whose key, which evidence (protocol 7.3). */
static enum httpa_err digest_configuration(struct httpa_gateway *g)
{
    struct httpa_buf text = httpa_buf_growing(CANONICAL_MAX);
    uint8_t spki[32];
    enum httpa_err err = HTTPA_OK;
    httpa_gateway_options_canonical(g->settings, &text);
    httpa_buf_put_str(&text, "evidence=");
    httpa_buf_put_str(&text, g->attester->media_type);
    httpa_buf_put_str(&text, "\nservice-spki-sha256=");
    if (g->service_key != NULL) {
        err = httpa_crypto_sha256(g->crypto, httpa_key_spki(g->service_key),
                                  spki);
        if (err == HTTPA_OK) {
            httpa_write_hex(&text, httpa_slice_of(spki, sizeof(spki)));
        }
    }
    httpa_buf_put_byte(&text, '\n');
    if (err == HTTPA_OK) {
        err = httpa_buf_check(&text);
    }
    if (err == HTTPA_OK) {
        err = httpa_crypto_sha256(g->crypto, httpa_buf_slice(&text),
                                  g->configuration);
    }
    httpa_buf_done(&text);
    return err;
}

static void show_configuration(const struct httpa_gateway *g)
{
    char text[65];
    struct httpa_buf hex = httpa_buf_fixed((uint8_t *)text, sizeof(text));
    httpa_write_hex(&hex,
                    httpa_slice_of(g->configuration, sizeof(g->configuration)));
    httpa_log_say("configuration: %.*s (a policy may pin this as "
                  "Attest-Configuration)",
                  (int)hex.n, text);
}

static enum httpa_gateway_exit
service_refused(const struct httpa_gateway *g, enum httpa_err err)
{
    if (err != HTTPA_ERR_CONFIG) {
        httpa_log_say("the service cannot start: %s", httpa_strerror(err));
    } else if (g->settings->service_chain != NULL) {
        httpa_log_say("--service-chain, --origin or --cors-origin: expected "
                      "PEM certificates whose first one has the service key, "
                      "and origins like https://api.example.com");
    } else {
        httpa_log_say("--origin or --cors-origin: expected the form "
                      "https://api.example.com, in lower case, without a path "
                      "or default port");
    }
    return HTTPA_GATEWAY_CONFIG;
}

static bool offers(const struct httpa_settings *s, const char *binding)
{
    return strstr(s->binding, binding) != NULL;
}

enum httpa_gateway_exit httpa_start_service(struct httpa_gateway *g)
{
    const struct httpa_settings *s = g->settings;
    enum httpa_err err = digest_configuration(g);
    const char *const types[] = { g->attester->type };
    struct httpa_service_config c = {
        .crypto = g->crypto,
        .random = httpa_random_system(),
        .origins = s->origins.v,
        .origin_count = s->origins.n,
        .label = s->label,
        .service_key = g->service_key,
        .service_chain = httpa_buf_slice(&g->service_chain),
        .evidence_types = types,
        .evidence_type_count = 1,
        .offers_fresh = offers(s, "fresh"),
        .max_age_s = s->max_age_s,
        .idle_s = s->idle_s,
        .date_window_s = s->date_window_s,
        .bases_max = s->sessions_max,
        .cors_origins = s->cors_origins.v,
        .cors_origin_count = s->cors_origins.n,
    };
    memcpy(c.configuration, g->configuration, sizeof(c.configuration));
    if (err == HTTPA_OK) {
        err = httpa_service_new(&c, &g->service);
    }
    if (err == HTTPA_OK && offers(s, "key")) {
        err = httpa_keyring_new(g->crypto, g->service, s->key_life_s,
                                &g->keyring);
    }
    if (err != HTTPA_OK) {
        return service_refused(g, err);
    }
    show_configuration(g);
    return HTTPA_GATEWAY_STOPPED;
}

/* ---- listeners ---- */

static void show_address(const char *what, const struct httpa_address *a,
                         uint16_t port, const char *speaks)
{
    const char *host = a->host[0] != '\0' ? a->host : "*";
    if (a->unix_path != NULL) {
        httpa_log_say("%s: unix:%s, %s", what, a->unix_path, speaks);
    } else if (strchr(host, ':') != NULL) {
        httpa_log_say("%s: [%s]:%u, %s", what, host, port, speaks);
    } else {
        httpa_log_say("%s: %s:%u, %s", what, host, port, speaks);
    }
}

static enum httpa_gateway_exit
cannot_listen(const char *option, const char *text, enum httpa_err err)
{
    httpa_log_say("--%s %s: cannot listen: %s", option, text,
                  err == HTTPA_ERR_CONFIG
                      ? "expected a numeric address, or a shorter path"
                  : err == HTTPA_ERR_LIMIT ? "too many addresses"
                                           : strerror(errno));
    return HTTPA_GATEWAY_LISTEN;
}

/* One --listen on every gate. */
static enum httpa_gateway_exit
open_public(struct httpa_gateway *g, const char *text)
{
    struct httpa_address a;
    uint16_t port;
    enum httpa_err err = httpa_address_read_listen(text, &a);
    bool secure = g->settings->tls_cert != NULL && a.unix_path == NULL;
    port = a.port;
    for (size_t i = 0; err == HTTPA_OK && i < g->gate_count; i++) {
        struct httpa_gate *gate = &g->gates[i];
        err = httpa_gate_door_open(secure ? &gate->secure : &gate->clear,
                                   i == 0   ? NULL
                                   : secure ? &g->gates[0].secure
                                            : &g->gates[0].clear,
                                   &a, &port);
    }
    if (err != HTTPA_OK) {
        return cannot_listen("listen", text, err);
    }
    show_address("listening", &a, port,
                 secure ? "HTTP/1.1 over TLS 1.3"
                        : "HTTP/1.1 in clear text (contents are sealed)");
    return HTTPA_GATEWAY_STOPPED;
}

static enum httpa_gateway_exit open_ops(struct httpa_gateway *g)
{
    const char *text = g->settings->ops;
    struct httpa_address a;
    if (text == NULL) {
        return HTTPA_GATEWAY_STOPPED;
    }
    enum httpa_err err = httpa_address_read_listen(text, &a);
    uint16_t port = a.port;
    if (err == HTTPA_OK) {
        err = httpa_gate_door_open(&g->gates[0].ops, NULL, &a, &port);
    }
    if (err != HTTPA_OK) {
        return cannot_listen("ops", text, err);
    }
    show_address("operations", &a, port, "/livez /readyz /metrics");
    return HTTPA_GATEWAY_STOPPED;
}

static enum httpa_gateway_exit open_gates(struct httpa_gateway *g)
{
    size_t count = g->settings->threads != 0 ? g->settings->threads
                                             : uv_available_parallelism();
    g->gates = calloc(count, sizeof(*g->gates));
    if (g->gates == NULL) {
        return HTTPA_GATEWAY_CONFIG;
    }
    for (; g->gate_count < count; g->gate_count++) {
        enum httpa_err err =
            httpa_gate_open(&g->gates[g->gate_count], g, g->gate_count);
        if (err != HTTPA_OK) {
            g->gate_count++; /* what is half made is closed as well */
            httpa_log_say("--threads: %s", httpa_strerror(err));
            return HTTPA_GATEWAY_CONFIG;
        }
    }
    return HTTPA_GATEWAY_STOPPED;
}

static enum httpa_gateway_exit serve_all(struct httpa_gateway *g)
{
    const struct httpa_settings *s = g->settings;
    struct httpa_gateway_tls *tls = NULL;
    enum httpa_err err = HTTPA_OK;
    if (s->tls_cert != NULL) {
        err = httpa_gateway_tls_read(s, &tls);
        if (err != HTTPA_OK) {
            httpa_log_say("--tls-cert %s, --tls-key %s: expected a PEM chain "
                          "and its private key: %s",
                          s->tls_cert, s->tls_key, httpa_strerror(err));
            return HTTPA_GATEWAY_CONFIG;
        }
    }
    for (size_t i = 0; err == HTTPA_OK && i < g->gate_count; i++) {
        err = httpa_gate_serve(&g->gates[i], tls);
    }
    httpa_gateway_tls_release(tls);
    if (err != HTTPA_OK) {
        httpa_log_say("cannot listen: %s", httpa_strerror(err));
        return HTTPA_GATEWAY_LISTEN;
    }
    return HTTPA_GATEWAY_STOPPED;
}

enum httpa_gateway_exit httpa_start_gates(struct httpa_gateway *g)
{
    enum httpa_gateway_exit code = open_gates(g);
    for (size_t i = 0;
         code == HTTPA_GATEWAY_STOPPED && i < g->settings->listen.n; i++) {
        code = open_public(g, g->settings->listen.v[i]);
    }
    if (code == HTTPA_GATEWAY_STOPPED) {
        code = open_ops(g);
    }
    return code == HTTPA_GATEWAY_STOPPED ? serve_all(g) : code;
}
