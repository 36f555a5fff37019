#include <httpa/evidence.h>

#include "base/secret.h"

void httpa_challenge_done(struct httpa_challenge *c)
{
    httpa_buf_done(&c->ask);
    httpa_wipe(c, sizeof(*c));
}
