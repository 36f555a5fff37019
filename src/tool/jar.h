/*
 * Outer cookies of one session (doc/protocol.md 13.7): balancers stick by
 * them.  They are the network's: kept in memory, sent with outer requests,
 * never shown to the application or to the user's program.
 */
#ifndef HTTPA_TOOL_JAR_H
#define HTTPA_TOOL_JAR_H

#include <httpa/message.h>

#define HTTPA_JAR_COOKIES 16u
#define HTTPA_JAR_BYTES 4096u        /* of all of them */
#define HTTPA_JAR_COOKIE_BYTES 1024u /* of one: name, "=", value */

struct httpa_jar_cookie {
    size_t name_len;
    size_t len; /* 0: free */
    char text[HTTPA_JAR_COOKIE_BYTES];
};

struct httpa_jar {
    struct httpa_jar_cookie v[HTTPA_JAR_COOKIES];
    bool is_https;
    const char *path; /* of every outer request; borrowed */
};

/* Keeps what the Set-Cookie fields of |fields| say (RFC 6265 5.2 to 5.4, for
 * one host and one path); what does not fit is left out. */
void httpa_jar_keep(struct httpa_jar *jar, const struct httpa_fields *fields,
                    int64_t now_s);

/* Appends the value of Cookie; nothing when there are none. */
void httpa_jar_put(const struct httpa_jar *jar, struct httpa_buf *out);

#endif
