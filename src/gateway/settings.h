/*
 * What `httpa serve` was told, checked but not yet acted on.
 *
 * Strings are borrowed: from argv, from the environment as it was at the
 * start, or from the table of options.  A value that is not set is NULL.
 */
#ifndef HTTPA_GATEWAY_SETTINGS_H
#define HTTPA_GATEWAY_SETTINGS_H

#include <httpa/slice.h>

/* Values of one option; more is a mistake. */
#define HTTPA_SETTINGS_LIST_MAX 64u

struct httpa_settings_list {
    const char *v[HTTPA_SETTINGS_LIST_MAX];
    size_t n;
};

struct httpa_settings {
    struct httpa_settings_list listen;
    struct httpa_settings_list origins;
    struct httpa_settings_list allow_untrusted;
    struct httpa_settings_list cors_origins;
    const char *upstream;
    const char *ops;
    const char *tls_cert;
    const char *tls_key;
    const char *label;
    const char *tee;
    const char *tee_root;
    const char *binding;
    const char *tpm_tcti;
    const char *tpm_pcrs;
    const char *tpm_ak;
    const char *tpm_ek;
    const char *tpm_event_log;
    const char *tpm_ak_chain;
    const char *tpm_ek_issuers;
    const char *dev_dir;
    const char *collateral;
    const char *collateral_kds;
    const char *collateral_pcs;
    const char *collateral_root;
    const char *collateral_cacert;
    const char *service_key;
    const char *service_chain;
    const char *log;
    const char *log_path;
    uint32_t collateral_every_s;
    uint32_t key_life_s;
    uint32_t max_age_s;
    uint32_t idle_s;
    uint32_t date_window_s;
    uint32_t drain_s;
    uint32_t drain_max_s;
    uint32_t upstream_timeout_s;
    uint32_t upstream_connections;
    uint32_t handshakes_waiting;
    uint32_t sessions_max;
    uint32_t threads; /* 0: one per processor */
    bool collateral_fetch;
    bool doctor; /* the resources of gateway/doctor.h exist */
    bool help;
    bool version;
    struct httpa_settings_list owned; /* copies of the environment */
};

void httpa_settings_done(struct httpa_settings *s);

#endif
