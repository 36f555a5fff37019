/* `httpa get`: its settings, and the head of a request made of them. */
#ifndef HTTPA_TOOL_GET_H
#define HTTPA_TOOL_GET_H

#include "tool/body.h"
#include "tool/peer.h"
#include "tool/settings.h"

struct httpa_get_settings {
    struct httpa_settings_remote remote;
    const char *method;
    struct httpa_options_list headers;
    struct httpa_options_list clear;
    struct httpa_options_parts data;
    struct httpa_options_list outputs;
    const char *upload;
    const char *agent;
    const char *user;
    const char *cookie;
    const char *verdict;
    bool remote_name;
    bool include;
    bool silent;
    bool show_error;
    bool no_buffer;
    bool fail;
    bool location;
    bool head;
    bool get;
    bool retry_unsafe;
};

extern const struct httpa_options_command httpa_get_command;

/* The inner head; its bytes live in |room|. */
struct httpa_get_head {
    struct httpa_head head;
    struct httpa_field fields[HTTPA_FIELDS_MAX];
    struct httpa_buf room;
};

/*
 * Makes the head of a request for |path|.  |foreign|: after a redirect to
 * another origin, which is not told what was meant for the first one.  Says
 * what is wrong with -H.  Ended with httpa_get_head_done in any case.
 */
bool httpa_get_head_make(struct httpa_get_head *h,
                         const struct httpa_get_settings *s,
                         const struct httpa_body *body, const char *method,
                         const char *path, bool foreign);
void httpa_get_head_done(struct httpa_get_head *h);

#endif
