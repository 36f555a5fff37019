/* `httpa dev-init`: a key that stands for a TEE where there is none. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <httpa/attest.h>
#include <httpa/verdict.h>

#include "codec/json.h"
#include "tool/file.h"
#include "tool/options.h"
#include "tool/say.h"
#include "tool/tool.h"

#define POLICY_MAX 65536u

struct settings {
    struct httpa_options_list claims;
    const char *policy;
};

static const struct httpa_option_row rows[] = {
    { .letter = 'o',
      .name = "output",
      .argument = "FILE",
      .type = HTTPA_OPTION_IS_TEXT,
      .offset = offsetof(struct settings, policy),
      .help = "The policy that trusts the key [dev.json]" },
    { .name = "claim",
      .argument = "NAME=VALUE",
      .type = HTTPA_OPTION_IS_LIST,
      .offset = offsetof(struct settings, claims),
      .help = "What the evidence will say, and the policy\n"
              "will demand; may be repeated [app=demo]" },
    { .name = NULL },
};

static const struct httpa_options_command command = {
    .word = "dev-init",
    .usage = "httpa dev-init [OPTIONS] [DIR]",
    .intro =
        "Makes a key that signs development evidence, in DIR [httpa-dev], and "
        "a\n"
        "policy that trusts it. There is no TEE in this: whoever can read the\n"
        "key can forge the evidence. For trying things out, on any machine:\n"
        "\n"
        "  httpa dev-init\n"
        "  python3 -m http.server 3000 &\n"
        "  httpa serve --tee dev --upstream http://127.0.0.1:3000 \\\n"
        "    --origin http://localhost:8080 --listen 127.0.0.1:8080 &\n"
        "  httpa http://localhost:8080/ --policy dev.json\n",
    .rows = rows,
};

static void
put_claims(const struct httpa_options_list *claims, struct httpa_buf *text)
{
    for (size_t i = 0; i < claims->n; i++) {
        httpa_buf_put_str(text, claims->v[i]);
        httpa_buf_put_str(text, "\n");
    }
    if (claims->n == 0) {
        httpa_buf_put_str(text, "app=demo\n");
    }
    httpa_buf_put_byte(text, 0);
}

/* The whole policy around one member of its "accept". */
static void put_policy(struct httpa_slice accept, struct httpa_buf *out)
{
    httpa_buf_put_str(out, "{\n"
                           "  \"httpa_policy\": 1,\n"
                           "  \"name\": \"development, protects nothing\",\n"
                           "  \"identity\": {\"require\": \"none\"},\n"
                           "  \"insecure_dev_tee\": true,\n"
                           "  \"accept\": [\n");
    for (size_t i = 0; i < accept.n; i++) {
        if (i == 0 || accept.p[i - 1] == '\n') {
            httpa_buf_put_str(out, "    ");
        }
        httpa_buf_put_byte(out, accept.p[i]);
    }
    httpa_buf_put_str(out, "\n  ]\n}\n");
}

static int make(const char *dir, const char *file, const char *claims)
{
    struct httpa_buf accept = httpa_buf_growing(POLICY_MAX);
    struct httpa_buf text = httpa_buf_growing(POLICY_MAX);
    struct httpa_attest_diag diag = { .text = "" };
    int code = HTTPA_EXIT_USAGE;
    enum httpa_err err = httpa_attest_dev_init(dir, claims, &accept, &diag);
    if (err != HTTPA_OK) {
        httpa_say("%s", diag.text);
        httpa_say_next("httpa dev-init another-directory");
        goto out;
    }
    put_policy(httpa_buf_slice(&accept), &text);
    if (httpa_buf_check(&text) != HTTPA_OK ||
        !httpa_file_write_new(file, httpa_buf_slice(&text), 0644, false)) {
        goto out;
    }
    (void)fprintf(stderr,
                  "httpa: DEVELOPMENT ONLY. %s/dev-key.pem stands for a TEE "
                  "and is none:\n"
                  "  whoever reads it can forge the evidence that %s "
                  "accepts.\n"
                  "  key     %s/dev-key.pem (keep it on this machine)\n"
                  "  root    %s/dev-root.pem\n"
                  "  policy  %s\n"
                  "  next: httpa serve --tee dev --dev-dir %s --upstream "
                  "http://127.0.0.1:3000 \\\n"
                  "            --origin http://localhost:8080 --listen "
                  "127.0.0.1:8080\n",
                  dir, file, dir, dir, file, dir);
    code = HTTPA_EXIT_DONE;
out:
    httpa_buf_done(&accept);
    httpa_buf_done(&text);
    return code;
}

/* A policy names the key relative to its own folder: from another folder,
 * from the root. */
static const char *
name_dir(const char *dir, const char *policy, char *room, size_t size)
{
    char here[PATH_MAX];
    if (dir[0] == '/' || strchr(policy, '/') == NULL ||
        getcwd(here, sizeof(here)) == NULL) {
        return dir;
    }
    int n = snprintf(room, size, "%s/%s", here, dir);
    return n > 0 && (size_t)n < size ? room : dir;
}

int httpa_tool_dev_init(int argc, char **argv)
{
    struct settings s = { .policy = "dev.json" };
    struct httpa_options_list rest = { .n = 0 };
    enum httpa_err err = httpa_options_read(&command, argc, argv, &s, &rest);
    if (err != HTTPA_OK || rest.n > 1) {
        return err == HTTPA_ERR_ABORTED ? HTTPA_EXIT_DONE : HTTPA_EXIT_USAGE;
    }
    struct httpa_buf claims = httpa_buf_growing(POLICY_MAX);
    put_claims(&s.claims, &claims);
    int code = HTTPA_EXIT_USAGE;
    if (httpa_file_is_free(s.policy) && httpa_buf_check(&claims) == HTTPA_OK) {
        char room[PATH_MAX];
        const char *dir = rest.n == 1 ? rest.v[0] : "httpa-dev";
        code = make(name_dir(dir, s.policy, room, sizeof(room)), s.policy,
                    (const char *)claims.p);
    }
    httpa_buf_done(&claims);
    return code;
}
