#include "wire/ahl.h"

#include "support/test.h"

#define B16 ":AAAAAAAAAAAAAAAAAAAAAA==:"
#define B32 ":AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=:"
#define B48                                                                \
    ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:"
#define ID "r1.AAECAwQFBgcICQoLDA0ODw"

enum {
    AQ = HTTPA_PLACE_ATHS_REQUEST,
    AR = HTTPA_PLACE_ATHS_RESPONSE,
    AS = HTTPA_PLACE_ATHS_SEALED,
    AF = HTTPA_PLACE_ATHS_FINISHED,
    Q = HTTPA_PLACE_REQUEST,
    QI = HTTPA_PLACE_REQUEST_INNER,
    R = HTTPA_PLACE_RESPONSE,
    RI = HTTPA_PLACE_RESPONSE_INNER
};

/* One value, one place, what is said of it. */
static const struct {
    enum httpa_field_id id;
    int place;
    const char *text;
    enum httpa_err want;
    const char *why;
} rows[] = {
#define ROW(id, place, text, want, why)                                    \
    { HTTPA_FIELD_##id, place, text, HTTPA_##want, why }
    ROW(VERSIONS, AQ, "httpa/2, x", OK, "a list"),
    ROW(VERSIONS, AQ, "httpa/2, httpa/2", ERR_DUPLICATE, "token twice"),
    ROW(VERSIONS, AQ, "a, b;x=1, b;x=2", ERR_DUPLICATE, "parameters differ"),
    ROW(VERSIONS, AQ, "a,b,c,d,e,f,g,h", OK, "eight"),
    ROW(VERSIONS, AQ, "a,b,c,d,e,f,g,h,i", ERR_RANGE, "nine"),
    ROW(VERSIONS, AQ, "\"httpa/2\"", ERR_MALFORMED, "a String"),
    ROW(VERSIONS, AQ, "(a b)", ERR_MALFORMED, "an Inner List"),
    ROW(VERSIONS, AR, "httpa/2", ERR_PLACE, "not in a response"),
    ROW(VERSION, AR, "httpa/2", OK, "an Item"),
    ROW(VERSION, AR, "httpa/2, httpa/3", ERR_MALFORMED, "an Item twice"),
    ROW(RANDOM, AQ, B32, OK, "32 bytes"),
    ROW(RANDOM, AQ, B48, ERR_RANGE, "48 bytes"),
    ROW(RANDOM, AQ, B16, ERR_RANGE, "16 bytes"),
    ROW(RANDOM, QI, B32, ERR_PLACE, "re-attestation is reserved"),
    ROW(KEY_SHARE, AR, B32 ";group=x25519", OK, "with its group"),
    ROW(KEY_SHARE, AR, B32, ERR_MISSING, "without group"),
    ROW(KEY_SHARE, AR, B32 ";group=\"x25519\"", ERR_MALFORMED, "a String"),
    ROW(KEY_SHARES, AQ, B32 ";group=a, " B32 ";group=a", OK,
        "bytes may repeat; the handshake compares groups"),
    ROW(TARGET, AQ, "\"https://a.example\"", OK, "an origin"),
    ROW(TARGET, AQ, "\"https://a.example/\"", ERR_MALFORMED, "a path"),
    ROW(TARGET, AQ, "https", ERR_MALFORMED, "a Token"),
    ROW(DATE, AQ, "@1760000000", OK, "a Date"),
    ROW(DATE, AQ, "1760000000", ERR_MALFORMED, "an Integer"),
    ROW(POLICIES, AQ, "indirect, fresh, key;max-age=300", OK, "demands"),
    ROW(POLICIES, AQ, "key", ERR_MISSING, "key says how old"),
    ROW(POLICIES, AQ, "key;max-age=0", ERR_RANGE, "at least a second"),
    ROW(POLICIES, AQ, "key;max-age=2147483648", ERR_RANGE, "2^31"),
    ROW(POLICIES, AQ, "direct, indirect", ERR_MALFORMED, "both"),
    ROW(POLICIES, AQ, "fresh;new=1", OK, "unknown parameters are covered"),
    ROW(POLICIES, AS, "indirect, key", OK, "granted"),
    ROW(POLICIES, AS, "key;max-age=3", ERR_MALFORMED, "granted has no age"),
    ROW(BASE_CREATION, AQ, "new, other", OK, "unknown demands are skipped"),
    ROW(BASE_CREATION, AS, "shared", OK, "granted"),
    ROW(BASE_CREATION, AS, "other", ERR_MALFORMED, "an unknown grant"),
    ROW(BASE_CREATION, AS, "new, shared", ERR_RANGE, "one grant"),
    ROW(BLOCKLIST, AQ, B32 ";kind=chip, r1;kind=base, \"a:b<1\";kind=svn", OK,
        "kinds and their types"),
    ROW(BLOCKLIST, AQ, B32, ERR_MISSING, "no kind"),
    ROW(BLOCKLIST, AQ, "x;kind=chip", ERR_MALFORMED, "kind with wrong type"),
    ROW(BLOCKLIST, AQ, "x;kind=new", OK, "unknown kind"),
    ROW(BASE_ID, Q, ID, OK, "as it is"),
    ROW(BASE_ID, Q, ID ";max-age=x", OK, "means nothing in a request"),
    ROW(BASE_ID, Q, "r1.AAECAwQFBgcICQoLDA0OD", ERR_MALFORMED, "short"),
    ROW(BASE_ID, Q, "R1.AAECAwQFBgcICQoLDA0ODw", ERR_MALFORMED, "label"),
    ROW(BASE_ID, AR, ID ";max-age=3600", OK, "announced"),
    ROW(BASE_ID, AR, ID, ERR_MISSING, "no max-age"),
    ROW(BASE_ID, AR, ID ";max-age=60;idle=119", ERR_RANGE, "idle too short"),
    ROW(BASE_ID, AR, ID ";max-age=60;idle=120", OK, "idle"),
    ROW(BASE_ID, RI, ID ";max-age=30", OK, "announced end"),
    ROW(CONFIGURATION, AS, B32, OK, "32 bytes"),
    ROW(CONFIGURATION, AS, B48, ERR_RANGE, "48 bytes"),
    ROW(QUOTES, AS, B32 ";type=\"application/eat+cwt\";binding=fresh", OK,
        "one item"),
    ROW(QUOTES, AS, B32 ";binding=fresh", ERR_MISSING, "no type"),
    ROW(QUOTES, AS, B32 ";type=\"a/b\"", ERR_MISSING, "no binding"),
    ROW(QUOTES, AS, B16 ";type=\"a/b\";binding=fresh", ERR_RANGE, "digest"),
    ROW(QUOTES, AS, B32 ";type=\"a/b\";binding=fresh;max-age=0", ERR_RANGE,
        "no age"),
    ROW(QUOTES, AS, B32 ";type=\"a/b\";binding=fresh;key=" B32, ERR_MALFORMED,
        "a key that nothing needs"),
    ROW(QUOTES, AS, B32 ";type=\"a/b\";binding=key;key=" B32, ERR_MISSING,
        "key without times"),
    ROW(QUOTES, AS,
        B32 ";type=\"a/b\";binding=key;key=" B32
            ";not-before=1;not-after=2",
        OK, "an attested key"),
    ROW(QUOTES, AR, B32, ERR_PLACE, "evidence of a response is sealed"),
    ROW(SIGNATURES, AS, "service=" B32 ";alg=ed25519", OK, "one label"),
    ROW(SIGNATURES, AS, "service=" B32, ERR_MISSING, "no algorithm"),
    ROW(SIGNATURES, AS, "a=" B32 ";alg=x, a=" B32 ";alg=x", ERR_DUPLICATE,
        "a label twice"),
    ROW(TICKET, Q, "1;mac=" B16, OK, "a ticket"),
    ROW(TICKET, Q, "1;mac=" B16 ";protect=seal", OK, "protect, written"),
    ROW(TICKET, Q, "1;mac=" B16 ";protect=sign", ERR_MALFORMED, "reserved"),
    ROW(TICKET, Q, "1;mac=" B16 ";x=1", ERR_MALFORMED, "nothing covers x"),
    ROW(TICKET, Q, "1", ERR_MISSING, "no mac"),
    ROW(TICKET, Q, "1;mac=" B32, ERR_RANGE, "mac too long"),
    ROW(TICKET, Q, "0;mac=" B16, ERR_RANGE, "numbers begin at 1"),
    ROW(TICKET, Q, "-1;mac=" B16, ERR_RANGE, "negative"),
    ROW(TICKET, Q, "281474976710655;mac=" B16, OK, "2^48-1"),
    ROW(TICKET, Q, "281474976710656;mac=" B16, ERR_RANGE, "2^48"),
    ROW(TICKET, Q, "1;mac=" B16 ";mac=" B16, ERR_DUPLICATE, "mac twice"),
    ROW(BINDER, R, B16, OK, "a binder"),
    ROW(BINDER, R, B16 ";protect=seal", OK, "protect"),
    ROW(BINDER, R, B16 ";protect=sign", ERR_MALFORMED, "reserved"),
    ROW(BINDER, R, B32, ERR_RANGE, "too long"),
    ROW(BINDER, AF, B32, OK, "Finished, SHA-256"),
    ROW(BINDER, AF, B48, OK, "Finished, SHA-384"),
    ROW(BINDER, AF, B16, ERR_RANGE, "no hash is so short"),
    ROW(BINDER, AF, B32 ";protect=seal", ERR_MALFORMED, "no parameter"),
    ROW(SUPERSEDES, QI, "1, 2, 3", OK, "numbers"),
    ROW(SUPERSEDES, QI, "1, 1", ERR_DUPLICATE, "a number twice"),
    ROW(SUPERSEDES, QI, "0", ERR_RANGE, "no number"),
    ROW(SUPERSEDES, RI, "1", ERR_PLACE, "requests only"),
    ROW(BASE_TERMINATION, QI, "destroy", OK, "a word"),
    ROW(BASE_TERMINATION, QI, "burn", ERR_MALFORMED, "another word"),
    ROW(CLEAR, RI, "content-type, x-a", OK, "names"),
    ROW(ERROR, RI, "head", OK, "sealed"),
    ROW(CARGO, Q, ":AA==:", ERR_PLACE, "reserved"),
    ROW(PARTS, QI, "(1 2)", ERR_PLACE, "reserved"),
    ROW(TRANSPORT, AQ, ":AA==:", ERR_PLACE, "reserved"),
    ROW(SECRETS, RI, ":AA==:", ERR_PLACE, "reserved"),
    ROW(DATE, AQ, "", ERR_MISSING, "empty"),
    ROW(RANDOM, AQ, ":AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=:",
        ERR_MALFORMED, "stray bits in base64"),
};

static void each_value_gets_its_answer(void **state)
{
    static struct httpa_ahl ahl;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        httpa_ahl_init(&ahl, (enum httpa_place)rows[i].place);
        enum httpa_err got =
            httpa_ahl_set(&ahl, rows[i].id, httpa_slice_str(rows[i].text));
        if (got != rows[i].want) {
            fail_msg("%s: %s (%s): want %s, got %s",
                     httpa_field_row(rows[i].id)->name, rows[i].text,
                     rows[i].why, httpa_err_name(rows[i].want),
                     httpa_err_name(got));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_gets_its_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
