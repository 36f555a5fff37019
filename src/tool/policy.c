/* `httpa policy check`, `httpa policy say`: what a policy file means. */
#include <httpa/config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codec/time.h"
#include "tool/options.h"
#include "tool/demands.h"
#include "tool/say.h"
#include "tool/tool.h"

static const struct httpa_option_row rows[] = {
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "policy",
    .usage = "httpa policy check|say FILE",
    .intro =
        "check  says what is wrong with a policy, to the line and column, and\n"
        "       what it leaves open\n"
        "say    says in words what it accepts\n"
        "\n"
        "  httpa policy check policy.json\n"
        "  httpa policy say policy.json\n",
    .rows = rows,
    .outro = "Exit codes: 0 it is one, 2 it is not.\n",
};

static void say_text(const char *before, struct httpa_slice s)
{
    (void)fputs(before, stdout);
    httpa_say_bytes(stdout, s);
}

static const char *identity_words(const struct httpa_policy *p)
{
    static const char *const words[] = {
        "", "it proves one of the keys that are named",
        "the measured configuration says whose it is",
        "a public certificate (whoever ends TLS for its name can get one)",
        "not asked: anyone who boots the same passes"
    };
    return words[p->identity.require];
}

/* ------------------------------------------------------------------- holes */

/* Of a profile that leaves it to a remote verifier. */
static size_t print_remote(const struct httpa_profile *profile)
{
    if (profile->ear == NULL) {
        return 0;
    }
    say_text("  open: measurements are left to a remote verifier (profile ",
             httpa_slice_str(profile->name));
    (void)puts(")");
    if (!profile->ear->insecure_any_nonce) {
        return 1;
    }
    say_text("  open: its result may be of another handshake (profile ",
             httpa_slice_str(profile->name));
    (void)puts(")");
    return 2;
}

static size_t print_holes(const struct httpa_policy *p)
{
    const struct {
        bool open;
        const char *text;
    } holes[] = {
        { p->identity.require == HTTPA_IDENTITY_NONE,
          "identity is \"none\": anyone who boots the same code passes" },
        { p->origin_count == 0,
          "no \"origins\": evidence of any service is good enough" },
        { p->expires_s == 0, "no \"expires\": it is never looked at again" },
        { p->insecure_dev_tee,
          "insecure_dev_tee: development keys are accepted, which are files" },
        { p->insecure_unpinned,
          "insecure_unpinned: sets that name no measurement are accepted" },
        { p->binding.insecure_key_unproven,
          "insecure_key_unproven: the age of a key is the attester's claim" },
        { p->binding.insecure_key_alone,
          "insecure_key_alone: attested keys without an identity" },
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
        if (holes[i].open) {
            (void)printf("  open: %s\n", holes[i].text);
            n++;
        }
    }
    for (size_t i = 0; i < p->accept_count; i++) {
        n += print_remote(&p->accept[i]);
        for (size_t k = 0; k < p->accept[i].set_count; k++) {
            const struct httpa_set *set = &p->accept[i].sets[k];
            for (size_t r = 0; r < set->reference_count; r++) {
                if (set->references[r].kind == HTTPA_REFERENCE_ANY) {
                    say_text("  open: ",
                             httpa_slice_str(set->references[r].name));
                    say_text(" is not judged (profile ",
                             httpa_slice_str(p->accept[i].name));
                    (void)puts(")");
                    n++;
                }
            }
        }
    }
    return n;
}

/* ------------------------------------------------------------------- words */

static void say_set(const struct httpa_set *set)
{
    say_text("      ",
             httpa_slice_str(set->name != NULL ? set->name : "a set"));
    (void)fputs(":", stdout);
    for (size_t i = 0; i < set->reference_count; i++) {
        say_text(" ", httpa_slice_str(set->references[i].name));
    }
    (void)puts("");
}

static void say_profile(const struct httpa_profile *profile)
{
    say_text("  - ", httpa_slice_str(profile->name));
    say_text(", evidence of type ", httpa_slice_str(profile->type));
    (void)puts(profile->ear != NULL ? "; a remote verifier's word"
                                    : "; all registers of one of");
    for (size_t i = 0; i < profile->set_count; i++) {
        say_set(&profile->sets[i]);
    }
    httpa_demands_say(profile);
    for (size_t i = 0; i < profile->with_count; i++) {
        say_text("      and beside it ",
                 httpa_slice_str(profile->with[i].type));
        (void)puts("");
        httpa_demands_say(&profile->with[i]);
    }
}

static void say_policy(const struct httpa_policy *p)
{
    say_text("", httpa_slice_str(p->name != NULL ? p->name : "(no name)"));
    (void)puts("");
    if (p->note != NULL) {
        say_text("  note: ", httpa_slice_str(p->note));
        (void)puts("");
    }
    for (size_t i = 0; i < p->origin_count; i++) {
        say_text(i == 0 ? "  for " : ", ", p->origins[i]);
    }
    (void)puts(p->origin_count == 0 ? "  for any service" : "");
    (void)printf("  whose service it is: %s\n", identity_words(p));
    (void)printf("  evidence:%s%s%s\n", p->binding.fresh ? " fresh" : "",
                 p->binding.batch ? " batch" : "",
                 p->binding.key ? " key" : "");
    if (p->collateral_max_age_s > 0) {
        (void)printf("  vendors' collateral: not older than %lu s\n",
                     (unsigned long)p->collateral_max_age_s);
    }
    (void)puts("accepted is one of");
    for (size_t i = 0; i < p->accept_count; i++) {
        say_profile(&p->accept[i]);
    }
    httpa_demands_say_refused(&p->refuse);
}

int httpa_tool_policy(int argc, char **argv)
{
    struct httpa_options_list rest = { .n = 0 };
    struct httpa_config_error error;
    struct httpa_policy *policy = NULL;
    enum httpa_err err = httpa_options_read(&command, argc, argv, NULL, &rest);
    if (err == HTTPA_ERR_ABORTED) {
        return HTTPA_EXIT_DONE;
    }
    bool says = rest.n == 2 && strcmp(rest.v[0], "say") == 0;
    if (err != HTTPA_OK || rest.n != 2 ||
        (!says && strcmp(rest.v[0], "check") != 0)) {
        httpa_say("httpa policy check FILE, or httpa policy say FILE");
        httpa_say_next("httpa policy --help");
        return HTTPA_EXIT_USAGE;
    }
    if (httpa_config_policy_load(rest.v[1], &policy, &error) != HTTPA_OK) {
        httpa_say("%s:%u:%u: %s", rest.v[1], error.line, error.column,
                  error.text);
        return HTTPA_EXIT_USAGE;
    }
    if (says) {
        say_policy(policy);
    }
    size_t holes = print_holes(policy);
    if (!says) {
        (void)printf("%s: a policy, %zu thing%s left open\n", rest.v[1], holes,
                     holes == 1 ? "" : "s");
    }
    httpa_config_policy_free(policy);
    return HTTPA_EXIT_DONE;
}
