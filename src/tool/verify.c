/* `httpa verify`: stored evidence, judged offline. */
#include <stdlib.h>

#include "codec/time.h"
#include "tool/options.h"
#include "tool/page.h"
#include "tool/remote.h"
#include "tool/say.h"
#include "tool/stored.h"
#include "tool/tool.h"

struct settings {
    const char *type;
    const char *at;
    const char *nonce;
    const char *report_data;
    const char *collateral;
    const char *policy;
    struct httpa_remote remote;
    bool json;
    bool verbose;
};

#define AT(member) .offset = offsetof(struct settings, member)

static const struct httpa_option_row rows[] = {
    { .name = "policy",
      .argument = "FILE",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(policy),
      .help = "What is accepted; without one a strict default:\n"
              "genuine, no debugging, up to date, over a nonce;\n"
              "which code runs is then not judged (UNPINNED)" },
    { .name = "type",
      .argument = "WORD",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(type),
      .help = "tpm, sev-snp, hcl, tdx, azure-tdx, sgx, nitro,\n"
              "cca, ear or dev, when the name does not say it" },
    { .name = "collateral",
      .argument = "DIR",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(collateral),
      .help = "What vendors say: certificates and revocation\n"
              "lists (.der, .pem, .crl), Intel's JSON; what is\n"
              "beside the evidence counts as well" },
    { .name = "nonce",
      .argument = "HEX",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(nonce),
      .help = "What the evidence must be over: a TPM's\n"
              "qualifying data, a report's REPORT_DATA" },
    { .name = "report-data",
      .argument = "HEX",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(report_data),
      .help = "The same, as others call it" },
    { .name = "at",
      .argument = "TIME",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(at),
      .help = "Judge as of then: 2026-11-20T18:30:00Z" },
    { .name = "json",
      .type = HTTPA_OPTION_IS_FLAG,
      AT(json),
      .help = "The verdict for programs" },
    { .letter = 'v',
      .name = "verbose",
      .type = HTTPA_OPTION_IS_FLAG,
      AT(verbose),
      .help = "Every check and claim" },
    { .group = "A remote verifier, Veraison or alike",
      .name = "verifier",
      .argument = "URL",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(remote.url),
      .help = "Send it the evidence and judge its result instead;\n"
              "https://HOST[:PORT][/PATH]; needs --nonce" },
    { .name = "verifier-key",
      .argument = "FILE",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(remote.key),
      .help = "Instead of a policy: accept what the verifier with\n"
              "this public key (PEM, JWK, JWKS) affirms" },
    { .name = "verifier-type",
      .argument = "TYPE",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(remote.type),
      .help = "The evidence's media type there; known for cca\n"
              "and nitro" },
    { .name = "cacert",
      .argument = "FILE",
      .type = HTTPA_OPTION_IS_TEXT,
      AT(remote.cacert),
      .help = "Roots for its TLS certificate" },
    { .letter = 'm',
      .name = "max-time",
      .argument = "SECONDS",
      .type = HTTPA_OPTION_IS_SECONDS,
      AT(remote.max_time_ms),
      .help = "For everything together [60]" },
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "verify",
    .usage = "httpa verify [OPTIONS] EVIDENCE...",
    .intro =
        "Judges evidence in files, without a network but for --verifier: is\n"
        "it genuine, and does the policy accept it. Who answers and when was\n"
        "not seen, so that is not judged; the verdict warns of it.\n"
        "\n"
        "  httpa verify quote.eat --policy policy.json --json\n"
        "  httpa verify folder/ --nonce 00ff...     quote.tpms_attest,\n"
        "      quote.sig, pcrs.json (or none: only the signature is judged),\n"
        "      ak.tpmt_public or ak_pub.pem;\n"
        "      ak_cert.pem, ak_intermediate.pem, ak_root.pem\n"
        "  httpa verify folder/ --collateral amd/   report.bin, vcek.der;\n"
        "      AMD's ask.pem and ark.pem\n"
        "  httpa verify folder/ --collateral intel/ quote.bin;\n"
        "      tcb_info.json, qe_identity.json, *_issuer_chain.pem,\n"
        "      pck_crl.der, root_ca_crl.der\n"
        "  httpa verify folder/                     attestation_doc.cbor\n"
        "  httpa verify folder/                     cca_token.cbor, cpak.pem\n"
        "  httpa verify folder/ --nonce 00ff... --verifier-key v.jwk\n"
        "      --verifier https://veraison.example:8443\n",
    .rows = rows,
    .outro = "Exit codes: 0 accepted, 1 refused, 2 usage or file, 4 "
             "undecided.\n"
             "--json: \"cryptographic\" says genuine, \"policy\" the rest.\n",
};

static int print(const struct settings *s, const char *subject,
                 const struct httpa_stored *stored)
{
    struct httpa_page page = {
        .every_check = s->verbose,
        .subject = subject,
        .next = s->verbose ? NULL : "details: -v; document: --json",
    };
    if (!s->json) {
        httpa_page_print(&page, stored->verdict, stdout);
    } else if (!httpa_page_write_json(stored->verdict, "-")) {
        return HTTPA_EXIT_USAGE;
    }
    return (int)httpa_verdict_exit(stored->verdict);
}

static int judge(const struct settings *s, const char *subject,
                 struct httpa_stored *stored)
{
    if (!httpa_remote_policy(&s->remote, stored)) {
        return HTTPA_EXIT_USAGE;
    }
    int code = s->remote.url != NULL ? httpa_remote_ask(&s->remote, stored)
                                     : HTTPA_EXIT_DONE;
    if (code != HTTPA_EXIT_DONE) {
        return code;
    }
    return httpa_stored_judge(stored) ? print(s, subject, stored)
                                      : HTTPA_EXIT_USAGE;
}

static int
verify(const struct settings *s, const struct httpa_options_list *paths)
{
    struct httpa_stored stored = { .type = s->type,
                                   .policy_path = s->policy,
                                   .nonce = s->nonce != NULL ? s->nonce
                                                             : s->report_data,
                                   .collateral = s->collateral };
    int code = HTTPA_EXIT_USAGE;
    if (s->nonce != NULL && s->report_data != NULL) {
        httpa_say("--nonce and --report-data are the same: one of them");
        return code;
    }
    if (s->at != NULL && (httpa_time_read_rfc3339(httpa_slice_str(s->at),
                                                  &stored.at_s) != HTTPA_OK ||
                          stored.at_s <= 0)) { /* 0: now */
        httpa_say("--at: a time like 2026-11-20T18:30:00Z");
        return code;
    }
    if (httpa_remote_fits(&s->remote, &stored) &&
        httpa_stored_read(&stored, paths->v, paths->n)) {
        code = judge(s, paths->v[0], &stored);
    }
    httpa_stored_done(&stored);
    return code;
}

int httpa_tool_verify(int argc, char **argv)
{
    struct settings s = { .type = NULL };
    struct httpa_options_list rest = { .n = 0 };
    enum httpa_err err = httpa_options_read(&command, argc, argv, &s, &rest);
    if (err == HTTPA_ERR_ABORTED) {
        return HTTPA_EXIT_DONE;
    }
    if (err != HTTPA_OK || rest.n == 0) {
        httpa_say("evidence is needed: files, or folders");
        httpa_say_next("httpa verify --help");
        return HTTPA_EXIT_USAGE;
    }
    return verify(&s, &rest);
}
