/* `httpa serve` from its first argument to its exit code. */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/gate.h"
#include "gateway/options.h"
#include "gateway/start.h"

static void run_gate(void *arg)
{
    httpa_gate_run(arg);
}

/* The first gate on this thread, the others on their own. */
static enum httpa_gateway_exit run(struct httpa_gateway *g)
{
    size_t started = 1;
    for (; started < g->gate_count; started++) {
        struct httpa_gate *gate = &g->gates[started];
        atomic_fetch_add(&g->gates_running, 1);
        if (uv_thread_create(&gate->thread, run_gate, gate) != 0) {
            httpa_log_say("a thread cannot start");
            _Exit(HTTPA_GATEWAY_CONFIG);
        }
    }
    httpa_log_say("ready to serve %s with %zu thread%s",
                  g->settings->origins.v[0], g->gate_count,
                  g->gate_count == 1 ? "" : "s");
    httpa_gate_run(&g->gates[0]);
    for (size_t i = 1; i < started; i++) {
        (void)uv_thread_join(&g->gates[i].thread);
    }
    httpa_log_say("stopped");
    return HTTPA_GATEWAY_STOPPED;
}

static void clean_up(struct httpa_gateway *g)
{
    for (size_t i = 0; i < g->gate_count; i++) {
        httpa_gate_close(&g->gates[i]);
    }
    httpa_refresh_free(g->refresh);
    httpa_gateway_collateral_free(g->collateral);
    httpa_quoter_free(g->quoter);
    free(g->gates);
    httpa_keyring_free(g->keyring);
    httpa_service_free(g->service);
    httpa_attester_close(g->attester);
    httpa_key_free(g->service_key);
    httpa_buf_done(&g->service_chain);
    httpa_crypto_free(g->crypto);
    free(g);
}

static enum httpa_gateway_exit
start_and_run(const struct httpa_settings *settings, struct httpa_gateway *g)
{
    enum httpa_gateway_exit (*const steps[])(struct httpa_gateway *) = {
        httpa_start_identity,
        httpa_start_tee,
        httpa_start_collateral,
        httpa_start_service,
        httpa_start_gates,
        run,
    };
    enum httpa_gateway_exit code = HTTPA_GATEWAY_STOPPED;
    g->settings = settings;
    g->started_s = httpa_gate_now_s();
    if (httpa_address_read_upstream(settings->upstream, &g->upstream) !=
            HTTPA_OK ||
        httpa_crypto_new(&g->crypto) != HTTPA_OK) {
        httpa_log_say("OpenSSL lacks an algorithm that every peer must have");
        return HTTPA_GATEWAY_CONFIG;
    }
    for (size_t i = 0;
         code == HTTPA_GATEWAY_STOPPED && i < sizeof(steps) / sizeof(steps[0]);
         i++) {
        code = steps[i](g);
    }
    return code;
}

int httpa_gateway_main(int argc, char **argv)
{
    struct httpa_settings settings;
    struct httpa_gateway_options_fault fault;
    if (httpa_gateway_options_read(argc - 1, argv + 1, &settings, &fault) !=
        HTTPA_OK) {
        httpa_log_say("serve: %s", fault.text);
        httpa_log_say("next: httpa serve --help");
        return HTTPA_GATEWAY_CONFIG;
    }
    if (settings.help || settings.version) {
        if (settings.help) {
            httpa_gateway_options_help(stdout);
        } else {
            printf("httpa " HTTPA_VERSION "\n");
        }
        httpa_settings_done(&settings);
        return 0;
    }
    struct httpa_gateway *g = calloc(1, sizeof(*g));
    if (g == NULL) {
        httpa_settings_done(&settings);
        return HTTPA_GATEWAY_CONFIG;
    }
    httpa_start_protect();
    enum httpa_gateway_exit code = start_and_run(&settings, g);
    clean_up(g);
    httpa_settings_done(&settings);
    return (int)code;
}
