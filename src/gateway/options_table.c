#include "gateway/options_table.h"

#include <string.h>

#include "base/ascii.h"
#include "gateway/address.h"
#include "gateway/allow.h"

static bool is_one_of(const char *value, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(value, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool fits_listen(const char *value)
{
    struct httpa_address a;
    return httpa_address_read_listen(value, &a) == HTTPA_OK;
}

static bool fits_upstream(const char *value)
{
    struct httpa_address a;
    return httpa_address_read_upstream(value, &a) == HTTPA_OK;
}

static bool fits_origin(const char *value)
{
    struct httpa_slice s = httpa_slice_str(value);
    return httpa_slice_starts(s, "https://") ||
           httpa_slice_starts(s, "http://");
}

static bool fits_cors(const char *value)
{
    return strcmp(value, "*") == 0 || fits_origin(value);
}

/* doc/protocol.md 4.5 */
static bool fits_label(const char *value)
{
    size_t n = strlen(value);
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)value[i];
        if (!httpa_ascii_is_lower(c) && (i == 0 || !httpa_ascii_is_digit(c))) {
            return false;
        }
    }
    return n >= 1 && n <= 16;
}

static bool fits_tee(const char *value)
{
    static const char *const words[] = { "auto", "auto,tpm", "sev-snp",
                                         "tdx",  "cca",      "nitro",
                                         "sgx",  "tpm",      "dev",
                                         NULL };
    return is_one_of(value, words);
}

static bool fits_binding(const char *value)
{
    static const char *const words[] = { "fresh", "key", "fresh,key",
                                         "key,fresh", NULL };
    return is_one_of(value, words);
}

static bool fits_log(const char *value)
{
    static const char *const words[] = { "text", "json", "none", NULL };
    return is_one_of(value, words);
}

static bool fits_log_path(const char *value)
{
    static const char *const words[] = { "none", "first-segment", "full",
                                         NULL };
    return is_one_of(value, words);
}

#define TEXT(member)                                                           \
    .kind = HTTPA_GATEWAY_OPTION_TEXT,                                         \
    .offset = offsetof(struct httpa_settings, member)
#define LIST(member)                                                           \
    .kind = HTTPA_GATEWAY_OPTION_LIST,                                         \
    .offset = offsetof(struct httpa_settings, member)
#define SECONDS(member)                                                        \
    .kind = HTTPA_GATEWAY_OPTION_SECONDS, .argument = "TIME",                  \
    .offset = offsetof(struct httpa_settings, member)
#define COUNT(member)                                                          \
    .kind = HTTPA_GATEWAY_OPTION_COUNT, .argument = "N",                       \
    .offset = offsetof(struct httpa_settings, member)
#define FLAG(member)                                                           \
    .kind = HTTPA_GATEWAY_OPTION_FLAG,                                         \
    .offset = offsetof(struct httpa_settings, member)

#define LISTEN_WORDS "ADDR:PORT, :PORT or unix:PATH"

const struct httpa_gateway_option httpa_gateway_option_table[] = {
    { .group = "What it serves",
      .name = "upstream",
      .argument = "ADDRESS",
      TEXT(upstream),
      .digest = true,
      .fits = fits_upstream,
      .expect = "unix:PATH or http://HOST:PORT",
      .help = "The application: unix:/run/app.sock or\n"
              "http://127.0.0.1:3000. Required." },
    { .name = "origin",
      .argument = "ORIGIN",
      LIST(origins),
      .digest = true,
      .fits = fits_origin,
      .expect = "https://HOST[:PORT] without a path",
      .help = "What clients call this service. Required; several are\n"
              "possible. Clients that mean another origin are refused." },
    { .name = "allow-untrusted",
      .argument = "METHOD:PATH",
      LIST(allow_untrusted),
      .digest = true,
      .fits = httpa_allow_fits,
      .expect = "METHOD:/PATH, or METHOD:/PATH/ for all below",
      .help = "Pass such requests on although they are not HTTPA; the\n"
              "application sees httpa-trust: none. `*:/` passes\n"
              "everything: a plain reverse proxy, which is what the\n"
              "benchmark measures." },
    { .name = "cors-origin",
      .argument = "ORIGIN",
      LIST(cors_origins),
      .fits = fits_cors,
      .expect = "an origin, or *",
      .help = "Web pages of this origin may call from a browser." },

    { .group = "Where it listens",
      .name = "listen",
      .argument = "ADDRESS",
      LIST(listen),
      .fallback = "127.0.0.1:8080",
      .fits = fits_listen,
      .expect = LISTEN_WORDS,
      .help = "ADDR:PORT, :PORT or unix:PATH; several are possible.\n"
              "HTTP/1.1. Clear text outside is fine: what matters is\n"
              "sealed." },
    { .name = "tls-cert",
      .argument = "FILE",
      TEXT(tls_cert),
      .help = "Certificate chain, PEM: TCP addresses speak TLS 1.3.\n"
              "Read again on SIGHUP." },
    { .name = "tls-key",
      .argument = "FILE",
      TEXT(tls_key),
      .help = "Its private key, PEM." },
    { .name = "ops",
      .argument = "ADDRESS",
      TEXT(ops),
      .fits = fits_listen,
      .expect = LISTEN_WORDS,
      .help = "/livez, /readyz and /metrics for operators, in clear text:\n"
              "127.0.0.1:9464 is a good place. Default: off." },
    { .name = "threads",
      COUNT(threads),
      .fallback = "0",
      .help = "Event loops. 0: one for each processor." },

    { .group = "Evidence",
      .name = "tee",
      .argument = "WORD",
      TEXT(tee),
      .digest = true,
      .fallback = "auto",
      .fits = fits_tee,
      .expect = "auto, \"auto,tpm\", sev-snp, tdx, cca, nitro, sgx, tpm "
                "or dev",
      .help = "auto: what this machine has: sev-snp, tdx or cca\n"
              "(configfs-tsm; sev-snp also /dev/sev-guest), nitro\n"
              "(/dev/nsm), sgx (Gramine). A bare TPM attests what\n"
              "booted and isolates nothing, so it is taken only when\n"
              "asked for: tpm, or auto,tpm. dev: a key in a file, no\n"
              "protection at all." },
    { .name = "tee-root",
      .argument = "DIR",
      TEXT(tee_root),
      .digest = true,
      .help = "Look for /sys and /dev of the TEE below DIR, in a container\n"
              "that has them elsewhere, or for tests." },
    { .name = "binding",
      .argument = "LIST",
      TEXT(binding),
      .digest = true,
      .fallback = "fresh",
      .fits = fits_binding,
      .expect = "fresh, key, or \"fresh,key\"",
      .help = "fresh: a quote for each handshake. key: a quoted key signs\n"
              "many handshakes; clients must accept that." },
    { .name = "key-life",
      SECONDS(key_life_s),
      .digest = true,
      .fallback = "1h",
      .help = "Life of that key; a new one is quoted before its end." },
    { .name = "tpm-tcti",
      .argument = "TCTI",
      TEXT(tpm_tcti),
      .digest = true,
      .help = "How to reach the TPM. Default: device:/dev/tpmrm0." },
    { .name = "tpm-pcrs",
      .argument = "LIST",
      TEXT(tpm_pcrs),
      .digest = true,
      .help = "Registers to quote. Default: sha256:0-23." },
    { .name = "tpm-ak",
      .argument = "KIND",
      TEXT(tpm_ak),
      .digest = true,
      .help = "Attestation key: auto (default: the cloud's with a certificate\n"
              "in the TPM, else our own), gce-ecc, gce-rsa, azure, or our\n"
              "own: ecdsa-p256-sha256, ecdsa-p384-sha384,\n"
              "rsassa-2048-sha256, rsapss-2048-sha256." },
    { .name = "tpm-ek",
      .argument = "KIND",
      TEXT(tpm_ek),
      .digest = true,
      .help = "Endorsement key: auto (default), rsa-2048, ecc-p256,\n"
              "ecc-p384, none." },
    { .name = "tpm-event-log",
      .argument = "FILE",
      TEXT(tpm_event_log),
      .digest = true,
      .help = "Firmware event log to send along: FILE, or kernel." },
    { .name = "tpm-ak-chain",
      .argument = "FILE",
      TEXT(tpm_ak_chain),
      .digest = true,
      .help = "Certificates of the attestation key, PEM, leaf first; of a\n"
              "cloud's key, its issuers up to the root." },
    { .name = "tpm-ek-issuers",
      .argument = "FILE",
      TEXT(tpm_ek_issuers),
      .digest = true,
      .help = "Issuers above the endorsement key, PEM." },
    { .name = "dev-dir",
      .argument = "DIR",
      TEXT(dev_dir),
      .digest = true,
      .fallback = "httpa-dev",
      .help = "What httpa dev-init made, for --tee dev." },
    { .name = "collateral",
      .argument = "DIR",
      TEXT(collateral),
      .help = "What vendors say about this platform, sent along so that\n"
              "clients need not ask them: as httpa collateral fetch\n"
              "writes it. Read again when it changes." },
    { .name = "collateral-fetch",
      FLAG(collateral_fetch),
      .help = "Fetch it from AMD or Intel, at the start what is missing,\n"
              "then before it lapses; never while a handshake waits." },
    { .name = "collateral-every",
      SECONDS(collateral_every_s),
      .fallback = "1d",
      .help = "Ask them again after so long, or sooner where something\n"
              "lapses sooner; 10s at least." },
    { .name = "collateral-kds",
      .argument = "URL",
      TEXT(collateral_kds),
      .help = "Ask this copy instead of https://kdsintf.amd.com." },
    { .name = "collateral-pcs",
      .argument = "URL",
      TEXT(collateral_pcs),
      .help = "Instead of https://api.trustedservices.intel.com." },
    { .name = "collateral-intel-root",
      .argument = "URL",
      TEXT(collateral_root),
      .help = "Instead of\n"
              "https://certificates.trustedservices.intel.com." },
    { .name = "collateral-cacert",
      .argument = "FILE",
      TEXT(collateral_cacert),
      .help = "Roots for the TLS certificates of those, PEM. Default: the\n"
              "system's." },

    { .group = "Identity",
      .name = "service-key",
      .argument = "WORD",
      TEXT(service_key),
      .help = "new: made now, inside, gone with this process. FILE: a\n"
              "private key, PEM; keep it where only the TEE can read it.\n"
              "Default: none, clients check what runs, not whose it is." },
    { .name = "service-chain",
      .argument = "FILE",
      TEXT(service_chain),
      .digest = true,
      .help = "Its certificates, PEM, leaf first, for clients that pin a\n"
              "root instead of the key." },
    { .name = "label",
      .argument = "LABEL",
      TEXT(label),
      .fallback = "r1",
      .fits = fits_label,
      .expect = "a letter, then up to 15 letters or digits",
      .help = "Names this process to balancers: the first part of a\n"
              "session's name." },

    { .group = "Limits",
      .name = "max-age",
      SECONDS(max_age_s),
      .digest = true,
      .fallback = "1h",
      .help = "Life of a session." },
    { .name = "idle",
      SECONDS(idle_s),
      .digest = true,
      .fallback = "10m",
      .help = "A session that says nothing for so long ends; 2m at least." },
    { .name = "date-window",
      SECONDS(date_window_s),
      .digest = true,
      .fallback = "0",
      .help = "Refuse clients whose clock differs by more. 0: any clock." },
    { .name = "upstream-timeout",
      SECONDS(upstream_timeout_s),
      .fallback = "10m",
      .help = "An application silent for so long is answered 504." },
    { .name = "upstream-connections",
      COUNT(upstream_connections),
      .fallback = "256",
      .help = "To the application, for each thread." },
    { .name = "handshakes-waiting",
      COUNT(handshakes_waiting),
      .fallback = "1024",
      .help = "Handshakes that may wait for the TEE; others are told to\n"
              "come back." },
    { .name = "sessions",
      COUNT(sessions_max),
      .fallback = "1000000",
      .help = "Sessions at a time." },
    { .name = "drain",
      SECONDS(drain_s),
      .fallback = "30s",
      .help = "On SIGTERM: announce the end and serve on for so long." },
    { .name = "drain-max",
      SECONDS(drain_max_s),
      .fallback = "5m",
      .help = "Then wait so long for what still runs. 0: for ever." },

    { .group = "Log",
      .name = "log",
      .argument = "FORM",
      TEXT(log),
      .digest = true,
      .fallback = "text",
      .fits = fits_log,
      .expect = "text, json or none",
      .help = "One line for each message on standard error: text, json or\n"
              "none. Never bodies, fields or keys." },
    { .name = "log-path",
      .argument = "HOW",
      TEXT(log_path),
      .digest = true,
      .fallback = "none",
      .fits = fits_log_path,
      .expect = "none, first-segment or full",
      .help = "How much of the sealed path a line shows: none,\n"
              "first-segment or full (without the query)." },

    { .group = "Other",
      .name = "doctor",
      FLAG(doctor),
      .help = "Answer the test requests of `httpa doctor`, which show\n"
              "whether the path streams." },
    { .name = "help", FLAG(help), .help = "This text." },
    { .name = "version", FLAG(version), .help = "The version." },
    { .name = NULL },
};
