/* What Veraison's schemes call evidence. */
#include <stdio.h>

#include "collateral/veraison.h"
#include "evidence/cca/cca.h"

/* By the platform's profile, which stands in the token. */
static void name_cca(struct httpa_veraison *ask)
{
    struct httpa_cca token;
    if (httpa_cca_read(ask->evidence, &token) == HTTPA_OK) {
        (void)snprintf(ask->name, sizeof(ask->name),
                       "application/eat-collection; profile=\"%.*s\"",
                       (int)token.platform.profile.n,
                       (const char *)token.platform.profile.p);
        ask->types[0] = ask->name;
        ask->types[1] = httpa_verifier_cca.media_type;
    }
}

void httpa_veraison_name(struct httpa_veraison *ask,
                         struct httpa_slice media_type)
{
    if (httpa_slice_is(media_type, httpa_verifier_cca.media_type)) {
        name_cca(ask);
    } else if (httpa_slice_is(media_type, httpa_verifier_nitro.media_type)) {
        ask->types[0] = "application/aws-nitro-document";
    }
}
