/* The table of options in words: --help, and the canonical configuration. */
#include "gateway/options_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"

static const char intro[] =
    "Usage: httpa serve --upstream ADDRESS --origin ORIGIN [OPTIONS]\n"
    "\n"
    "Puts HTTPA/2 in front of an unchanged application. Clients verify what\n"
    "runs here before they send anything, and nobody between them and this\n"
    "process reads or changes a message. Run it inside the TEE, with the\n"
    "application; any load balancer may stand in front.\n"
    "\n"
    "Try it, without any hardware:\n"
    "  httpa dev-init\n"
    "  python3 -m http.server 3000 &\n"
    "  httpa serve --tee dev --upstream http://127.0.0.1:3000 \\\n"
    "      --origin http://localhost:8080 --listen 127.0.0.1:8080\n"
    "  httpa http://localhost:8080/ --policy dev.json      (another terminal)\n"
    "\n"
    "In earnest:\n"
    "  httpa serve --listen :8080 --upstream unix:/run/app.sock --tee auto \\\n"
    "      --origin https://api.example.com --service-key new\n";

static const char outro[] =
    "\n"
    "TIME is a number with s, m, h or d. An option that takes several values\n"
    "may be repeated, or takes them separated by commas. Each option can come\n"
    "from the environment: HTTPA_LISTEN for --listen, HTTPA_TLS_CERT for\n"
    "--tls-cert. Secrets come from files only.\n"
    "\n"
    "Signals\n"
    "  SIGTERM, SIGINT  not ready, no new sessions, --drain, then stop; a\n"
    "                   second one stops at once\n"
    "  SIGHUP           read the TLS certificate again; a bad one is refused\n"
    "                   and the old one kept. Read --collateral again, or\n"
    "                   fetch it. What else the configuration says is\n"
    "                   attested, and changes with a restart only\n"
    "\n"
    "The application sees on every request it gets\n"
    "  httpa-trust      sealed, or none (--allow-untrusted)\n"
    "  httpa-base       the session, as a hash\n"
    "  httpa-message    the session and the number of the message: unique,\n"
    "                   good as an idempotency key and for joining logs\n"
    "  httpa-client     none: the client did not prove who it is\n"
    "\n"
    "Exit codes: 0 stopped, 2 configuration, 3 cannot listen, 6 no TEE.\n";

static void help_row(FILE *to, const struct httpa_gateway_option *o)
{
    char left[64];
    snprintf(left, sizeof(left), "--%s%s%s", o->name,
             o->argument != NULL ? " " : "",
             o->argument != NULL ? o->argument : "");
    fprintf(to, "  %s\n", left);
    const char *line = o->help;
    while (line != NULL) {
        size_t n = strcspn(line, "\n");
        fprintf(to, "        %.*s", (int)n, line);
        line = line[n] == '\n' ? line + n + 1 : NULL;
        if (line == NULL && o->fallback != NULL) {
            fprintf(to, " [%s]", o->fallback);
        }
        fputc('\n', to);
    }
}

void httpa_gateway_options_help(FILE *to)
{
    fputs(intro, to);
    for (const struct httpa_gateway_option *o = httpa_gateway_option_table;
         o->name; o++) {
        if (o->group != NULL) {
            fprintf(to, "\n%s\n", o->group);
        }
        help_row(to, o);
    }
    fputs(outro, to);
}

static void put_line(struct httpa_buf *out, const char *name, const char *value)
{
    httpa_buf_put_str(out, name);
    httpa_buf_put_byte(out, '=');
    httpa_buf_put_str(out, value);
    httpa_buf_put_byte(out, '\n');
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_row(const struct httpa_settings *s,
                    const struct httpa_gateway_option *o, struct httpa_buf *out)
{
    const void *at = httpa_gateway_option_at(s, o);
    if (o->kind == HTTPA_GATEWAY_OPTION_TEXT) {
        const char *text = *(const char *const *)at;
        put_line(out, o->name, text != NULL ? text : "");
    } else if (o->kind == HTTPA_GATEWAY_OPTION_LIST) {
        struct httpa_settings_list list =
            *(const struct httpa_settings_list *)at;
        qsort(list.v, list.n, sizeof(list.v[0]), compare);
        for (size_t i = 0; i < list.n; i++) {
            put_line(out, o->name, list.v[i]);
        }
    } else {
        httpa_buf_put_str(out, o->name);
        httpa_buf_put_byte(out, '=');
        httpa_write_decimal(out, *(const uint32_t *)at);
        httpa_buf_put_byte(out, '\n');
    }
}

void httpa_gateway_options_canonical(const struct httpa_settings *s,
                                     struct httpa_buf *out)
{
    for (const struct httpa_gateway_option *o = httpa_gateway_option_table;
         o->name; o++) {
        if (o->digest) {
            put_row(s, o, out);
        }
    }
}
