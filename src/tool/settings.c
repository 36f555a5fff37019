#include "tool/settings.h"

#include <stdlib.h>
#include <string.h>

#include "tool/file.h"
#include "tool/say.h"

#define SECRET_MAX 4096u

bool httpa_settings_secret(const char **value, const char *name)
{
    struct httpa_buf text = httpa_buf_growing(SECRET_MAX);
    if (*value == NULL) {
        return true;
    }
    if ((*value)[0] != '@') {
        httpa_say("--%s: from a file only (@FILE): everyone on this machine "
                  "can read arguments",
                  name);
        return false;
    }
    bool ok = httpa_file_read(*value + 1, &text);
    httpa_buf_put_byte(&text, 0);
    ok = ok && httpa_buf_check(&text) == HTTPA_OK;
    if (ok) {
        text.p[strcspn((const char *)text.p, "\r\n")] = '\0';
        *value = strdup((const char *)text.p);
    }
    httpa_buf_done(&text);
    return ok && *value != NULL;
}

static bool is_word(const char *value, const char *word, const char *name)
{
    if (value != NULL && strcmp(value, word) != 0) {
        httpa_say("--%s: \"%s\" is all there is", name, word);
        return false;
    }
    return true;
}

bool httpa_settings_check(struct httpa_settings_remote *remote)
{
    if (remote->outer_path == NULL) {
        remote->outer_path = "/.well-known/httpa";
    }
    if (remote->outer_path[0] != '/') {
        httpa_say("--outer-path begins with a slash");
        return false;
    }
    if (remote->collateral_fetch && remote->collateral == NULL) {
        httpa_say("--collateral-fetch: where to? --collateral DIR");
        return false;
    }
    if (remote->transport.outer_insecure) {
        httpa_say("--outer-insecure: the gateway's certificate is not "
                  "checked; what is verified is the service");
    }
    return is_word(remote->attest_method, "post", "attest-method") &&
           is_word(remote->pad, "none", "pad") &&
           httpa_settings_secret(&remote->transport.proxy_user, "proxy-user");
}
