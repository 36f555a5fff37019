/* What the tool keeps of a stranger's Set-Cookie lines: whatever they are,
 * Cookie stays one line of bounded length. */
#include "fuzz.h"

#include "base/ascii.h"
#include "tool/jar.h"

#define LINES 32u
#define NOW INT64_C(1760000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct httpa_jar jar;
    static uint8_t room[2 * HTTPA_JAR_BYTES];
    struct httpa_field v[LINES];
    struct httpa_fields fields = { .v = v, .cap = LINES };
    struct httpa_slice rest = httpa_slice_of(data, size);
    memset(&jar, 0, sizeof(jar));
    jar.path = "/.well-known/httpa";
    jar.is_https = size % 2 == 0;
    while (rest.n > 0 && fields.n < LINES) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
        v[fields.n++] = (struct httpa_field){ httpa_slice_str("set-cookie"),
                                              httpa_slice_of(rest.p, n) };
        rest = httpa_slice_from(rest, n + 1);
    }
    /* Twice: what is kept is found again and replaced, or removed. */
    for (unsigned i = 0; i < 2; i++) {
        struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
        httpa_jar_keep(&jar, &fields, NOW);
        httpa_jar_put(&jar, &out);
        must(httpa_buf_check(&out) == HTTPA_OK);
        must(out.n <= HTTPA_JAR_BYTES + 2 * HTTPA_JAR_COOKIES);
        must((httpa_ascii_seen(httpa_buf_slice(&out)) &
              HTTPA_ASCII_CONTROL) == 0);
    }
    return 0;
}
