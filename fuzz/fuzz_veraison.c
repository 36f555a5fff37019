/* Sessions of Veraison's API: what was read is within its bounds, and what is
 * chosen may become a field of HTTP. */
#include <string.h>

#include "collateral/veraison.h"
#include "fuzz.h"

static void check_session(const struct httpa_veraison_session *s)
{
    static const char *const types[HTTPA_VERAISON_TYPES] = { "a/b", "c/d" };
    struct httpa_buf list = httpa_buf_growing(65536);
    must(s->nonce_n >= HTTPA_VERAISON_NONCE_MIN &&
         s->nonce_n <= HTTPA_VERAISON_NONCE_MAX);
    must((s->status == HTTPA_VERAISON_COMPLETE) == (s->result.n > 0));
    must(s->result.n <= HTTPA_VERAISON_RESULT_MAX);
    must(memchr(s->result.p != NULL ? s->result.p : (const uint8_t *)"", '"',
                s->result.n) == NULL);
    const char *type = httpa_veraison_choose(s, types);
    must(type == NULL || type == types[0] || type == types[1]);
    httpa_veraison_list(s, &list);
    for (size_t i = 0; i < list.n; i++) {
        must(list.p[i] >= 0x20 && list.p[i] <= 0x7e);
    }
    httpa_buf_done(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct httpa_slice in = httpa_slice_of(data, size);
    struct httpa_buf why = httpa_buf_growing(65536);
    struct httpa_veraison_session session;
    if (httpa_veraison_read(in, &session) == HTTPA_OK) {
        check_session(&session);
    }
    httpa_veraison_problem(in, &why);
    httpa_buf_done(&why);
    return 0;
}
