/*
 * The vectors of doc/protocol.md for transcript, key schedule, evidence,
 * tickets, binders and records: from their inputs, by the functions that both
 * roles use.
 */
#include "base/writer.h"
#include "codec/base64.h"
#include "crypto/aead.h"
#include "crypto/group.h"
#include "crypto/key.h"
#include "crypto/schedule.h"
#include "crypto/sign.h"

#include "support.h"

/* ---- F(S), heads and records, as the layers above write them ---- */

struct field {
    const char *name;
    const char *text;
};

/* |fields| sorted by name, as every set below is. */
static void put_fields(struct httpa_buf *b, const struct field *fields,
                       size_t n)
{
    httpa_write_u16(b, (uint16_t)n);
    for (size_t i = 0; i < n; i++) {
        httpa_write_v8(b, httpa_slice_str(fields[i].name));
        httpa_write_v32(b, httpa_slice_str(fields[i].text));
    }
}

/* RFC 9000 16, the lengths that occur here. */
static void put_varint(struct httpa_buf *b, size_t v)
{
    if (v < 64) {
        httpa_buf_put_byte(b, (uint8_t)v);
    } else {
        httpa_write_u16(b, (uint16_t)(v | 0x4000));
    }
}

static void put_section(struct httpa_buf *b, const struct field *fields,
                        size_t n)
{
    uint8_t room[2048];
    struct httpa_buf s = httpa_buf_fixed(room, sizeof(room));
    for (size_t i = 0; i < n; i++) {
        put_varint(&s, strlen(fields[i].name));
        httpa_buf_put_str(&s, fields[i].name);
        put_varint(&s, strlen(fields[i].text));
        httpa_buf_put_str(&s, fields[i].text);
    }
    put_varint(b, s.n);
    httpa_buf_put_slice(b, httpa_buf_slice(&s));
}

/* RFC 9292 known-length response head with status 200. */
static void put_response_head(struct httpa_buf *b, const struct field *fields,
                              size_t n)
{
    httpa_buf_put(b, "\x01\x40\xc8", 3);
    put_section(b, fields, n);
}

static void put_record(struct httpa_buf *out, struct httpa_aead *a,
                       const uint8_t *nonce, struct httpa_slice bind,
                       struct httpa_slice data, uint8_t type, bool final)
{
    size_t start = out->n;
    size_t length = data.n + 1 + HTTPA_AEAD_TAG;
    httpa_write_u32(out, (uint32_t)(length | (final ? 0x80000000u : 0)));
    uint8_t *to = httpa_buf_room(out, length);
    assert_non_null(to);
    struct httpa_aead_parts aad =
        httpa_aead_two(httpa_slice_of(out->p + start, 4), bind);
    assert_ok(httpa_aead_seal(
        a, nonce, aad, httpa_aead_two(data, httpa_slice_of(&type, 1)), to));
    httpa_buf_grew(out, length);
}

/* ---- the handshake of the vectors ---- */

#define SHARE_C "NYBy1jZYgNGu6jKa35EhODhR7SGijjt16WXQ0s0WYlQ="
#define SHARE_S "Z13VdO13iTELPS52gfN5C0ZsdzsVIf7PNld5WDcepS8="
#define RANDOM_C "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define RANDOM_S "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
#define BASE_ID "\"r1.AAECAwQFBgcICQoLDA0ODw\""

static const char service_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIKChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/\n"
    "-----END PRIVATE KEY-----\n";

static const char service_spki[] =
    "302a300506032b65700321004fd099ccd47d7893dfe9ec24414ecb0d9b5420232aad30d9"
    "1c465be33cbe65c4";

static const char service_signature[] =
    "d4addd9d3f30b8e70fa34219d8cc8a382e33f51c6207b20a59e1d03e39bee7ee3caad904"
    "a202fcbd2c75d3d5f590dd0f0429aaa8f7526245bd491252165bc904";

static const struct field request_fields[] = {
    { "attest-base-creation", "new" },
    { "attest-cipher-suites", "TLS_AES_128_GCM_SHA256" },
    { "attest-date", "@1760000000" },
    { "attest-key-shares", ":" SHARE_C ":;group=x25519" },
    { "attest-policies", "indirect, fresh, batch" },
    { "attest-random", ":" RANDOM_C ":" },
    { "attest-supported-groups", "x25519" },
    { "attest-target", "\"https://api.example.com/\"" },
    { "attest-versions", "httpa/2" },
};

static const struct field clear_fields[] = {
    { "attest-base-id", BASE_ID ";max-age=3600" },
    { "attest-cipher-suite", "TLS_AES_128_GCM_SHA256" },
    { "attest-key-share", ":" SHARE_S ":;group=x25519" },
    { "attest-random", ":" RANDOM_S ":" },
    { "attest-supported-group", "x25519" },
    { "attest-version", "httpa/2" },
};

static const struct field bound_fields[] = {
    { "attest-expires", "@1760003600" },
    { "attest-policies", "indirect, fresh" },
};

static const char quotes[] =
    ":7oJQ+3bglLNLRx8Tpz275R0a4ULp31nXwNMewg8KCo4=:"
    ";type=\"application/eat+cwt\";binding=fresh;max-age=300";

static const struct field base_id_field[] = { { "attest-base-id", BASE_ID } };

/* Everything of one handshake, for the tests that go on from it. */
struct handshake {
    const struct httpa_suite *suite;
    struct httpa_digest c0, c1, th0, th1, b, e, th2, finished, th3;
    struct httpa_hs_keys hs;
    struct httpa_keys keys;
    struct httpa_z z;
    uint8_t head[1024];
    size_t head_n;
};

static void exchange(struct handshake *h)
{
    const struct httpa_group *group =
        httpa_group_find(httpa_slice_str("x25519"));
    uint8_t next_c = 0x20;
    uint8_t next_s = 0x60;
    struct httpa_random rng_c = { count_up, &next_c };
    struct httpa_random rng_s = { count_up, &next_s };
    uint8_t room_c[32];
    uint8_t room_s[32];
    struct httpa_buf share_c = httpa_buf_fixed(room_c, sizeof(room_c));
    struct httpa_buf share_s = httpa_buf_fixed(room_s, sizeof(room_s));
    struct httpa_kex kex;
    assert_ok(httpa_kex_offer(crypto, &rng_c, group, &share_c, &kex));
    assert_ok(httpa_kex_answer(crypto, &rng_s, group, httpa_buf_slice(&share_c),
                               &share_s, &h->z));
    struct httpa_z z;
    assert_ok(httpa_kex_finish(crypto, &kex, httpa_buf_slice(&share_s), &z));
    assert_memory_equal(z.bytes, h->z.bytes, 32);
    httpa_kex_done(&kex);

    uint8_t text[64];
    struct httpa_buf b = httpa_buf_fixed(text, sizeof(text));
    httpa_base64_write(&b, httpa_buf_slice(&share_c));
    assert_slice_is(httpa_buf_slice(&b), SHARE_C);
    httpa_buf_reset(&b);
    httpa_base64_write(&b, httpa_buf_slice(&share_s));
    assert_slice_is(httpa_buf_slice(&b), SHARE_S);
}

static void run_request(struct handshake *h)
{
    uint8_t room[1024];
    struct httpa_buf f = httpa_buf_fixed(room, sizeof(room));
    put_fields(&f, request_fields, COUNT(request_fields));
    struct httpa_slice none = { 0 };
    assert_ok(httpa_schedule_c0(crypto, httpa_buf_slice(&f), none, &h->c0));
    assert_ok(httpa_schedule_c1(crypto, &h->c0, none, &h->c1));
    assert_ok(httpa_schedule_th0(crypto, &h->c1, none,
                                 httpa_slice_of("\xa0", 1), &h->th0));
}

static void run_response(struct handshake *h)
{
    uint8_t room[1024];
    struct httpa_buf f = httpa_buf_fixed(room, sizeof(room));
    put_fields(&f, clear_fields, COUNT(clear_fields));
    assert_ok(httpa_schedule_th1(crypto, h->suite, &h->th0, httpa_buf_slice(&f),
                                 &h->th1));
    assert_ok(httpa_schedule_handshake(crypto, h->suite, &h->th1,
                                       httpa_z_slice(&h->z), &h->hs));
    httpa_buf_reset(&f);
    put_fields(&f, bound_fields, COUNT(bound_fields));
    assert_ok(httpa_schedule_binding(crypto, &h->th1, hex(service_spki),
                                     httpa_buf_slice(&f), &h->b));
    assert_ok(
        httpa_schedule_signed(crypto, &h->b, httpa_slice_str(quotes), &h->e));
}

static void run_end(struct handshake *h)
{
    char signatures[128] = "service=:";
    uint8_t text[96];
    struct httpa_buf b = httpa_buf_fixed(text, sizeof(text));
    httpa_base64_write(&b, hex(service_signature));
    strncat(signatures, (const char *)text, b.n);
    strcat(signatures, ":;alg=\"ed25519\"");
    const struct field head[] = {
        { "content-type", "application/cmw+cbor" },
        { "attest-expires", "@1760003600" },
        { "attest-policies", "indirect, fresh" },
        { "attest-quotes", quotes },
        { "attest-signatures", signatures },
    };
    struct httpa_buf out = httpa_buf_fixed(h->head, sizeof(h->head));
    put_response_head(&out, head, COUNT(head));
    h->head_n = out.n;

    struct httpa_th2 t;
    assert_ok(httpa_th2_init(&t, crypto, &h->th1, httpa_buf_slice(&out)));
    httpa_th2_content(&t, httpa_slice_str("evid")); /* as it streams by */
    httpa_th2_content(&t, httpa_slice_str(""));
    httpa_th2_content(&t, httpa_slice_str("ence"));
    assert_ok(httpa_th2_final(&t, &h->th2));
    httpa_th2_done(&t);
    assert_ok(
        httpa_schedule_finished(crypto, &h->hs.fin, &h->th2, &h->finished));
    assert_ok(httpa_schedule_th3(crypto, &h->th2, &h->finished, &h->th3));
    assert_ok(httpa_schedule_traffic(crypto, h->suite, &h->hs.master, &h->th3,
                                     &h->keys));
}

static struct handshake run_handshake(enum httpa_suite_id id)
{
    struct handshake h = { .suite = httpa_suite_at(id) };
    exchange(&h);
    run_request(&h);
    run_response(&h);
    run_end(&h);
    return h;
}

static void assert_digest(const struct httpa_digest *d, const char *want)
{
    assert_slice_hex(httpa_digest_slice(d), want);
}

static void handshake_values(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    assert_slice_hex(httpa_z_slice(&h.z), "7c79d7b5f31b9aac367477f5f7c7a68b"
                                          "5c44cac28ed5c902a59ec48c02956a6a");
    assert_digest(&h.c0, "c47d08875a4a673e4f3697c38823a92a"
                         "032307f63b9b3a5fdf5c0bea154f32ac"
                         "c0d516ad56aea2ecb7a4c4ad3a9ef8da"
                         "bc058a0ae14f9018ba98b606fb728123");
    assert_digest(&h.c1, "a594f0eef9cf6e04aaa895fdb5bf4b19"
                         "7c6a22c2697fe4558e9daa08bbef128b"
                         "5ade57d677f65aee870fd4d1a4f4a86e"
                         "a8d84813f82d0e55e69e7da21c6426fd");
    assert_digest(&h.th0, "df6c4b12849cc4298817f755cea4b7f2"
                          "34c27b6b8597c090d0cbf21ac4b0ef78"
                          "6ed7e684a9935fc3fe560ea8ee32f410"
                          "ca33ca447b2605be1281b855289a3935");
    assert_digest(&h.th1, "4b578e74958cf8718e0842ecaddf198d"
                          "8055838da5c931032bb0422732003ff7");
    assert_slice_hex(httpa_traffic_key(&h.hs.server),
                     "828ad634a59febc5417191dae8904386");
    assert_hex(h.hs.server.iv, 12, "c8dffd35ffb0b886732d298a");
    assert_slice_hex(httpa_secret_slice(&h.hs.fin),
                     "6815651e6ed40096e126e22b3fbf2146"
                     "38f8557678141ecc317dbfacc8d51423");
    assert_digest(&h.b, "77d38a96f6da97693742182d9a7fd2ef"
                        "978457e477acf8fe45ef9271f78f946f");
    assert_digest(&h.e, "85454820822a373709a33cb9ad2fa278"
                        "cad4826c319b47fe3ce89ad48883ea34");
    assert_digest(&h.th2, "2d5367cfa49cccb5d7932e4ecb190934"
                          "a90e5ba37bce069640b936343a3c81a2");
    assert_digest(&h.finished, "21bd01115642fbbdd2e30f1c7f3c916a"
                               "d99b6101a748cec3b4f19e450b821db2");
    assert_digest(&h.th3, "95b51f219e029ae7fc8277ca412c0616"
                          "5ea9eea445b1ae00a4ac7155428f0313");
    assert_slice_hex(httpa_traffic_key(&h.keys.client),
                     "cad32e50ffbbdd7ccd9c1718ed6233b1");
    assert_hex(h.keys.client.iv, 12, "8dc59586e3e95bdd5b610ecd");
    assert_slice_hex(httpa_traffic_key(&h.keys.server),
                     "291194a26f765d1a13da5988ff19fced");
    assert_hex(h.keys.server.iv, 12, "5226475aaed924b3ef33ec29");
    assert_slice_hex(httpa_secret_slice(&h.keys.exporter),
                     "4914025891d36b968e64e4ed7e895310"
                     "2239e8938810998bd5a7d1096a4479fb");
}

static void signature(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    uint8_t room[HTTPA_SIGNATURE_INPUT_MAX];
    struct httpa_buf in = httpa_buf_fixed(room, sizeof(room));
    assert_ok(httpa_schedule_signature_input(HTTPA_CONTEXT_SERVICE, &h.e, &in));
    struct httpa_key *key = NULL;
    assert_ok(httpa_key_read_pem(crypto, httpa_slice_str(service_pem), &key));
    assert_slice_hex(httpa_key_spki(key), service_spki);
    uint8_t made[64];
    struct httpa_buf out = httpa_buf_fixed(made, sizeof(made));
    assert_ok(httpa_sign(crypto, key, HTTPA_SIGN_ED25519, httpa_buf_slice(&in),
                         &out));
    assert_slice_hex(httpa_buf_slice(&out), service_signature);
    struct httpa_pubkey *pub = NULL;
    assert_ok(httpa_pubkey_read(crypto, httpa_key_spki(key), &pub));
    assert_ok(httpa_verify(crypto, pub, HTTPA_SIGN_ED25519,
                           httpa_buf_slice(&in), httpa_buf_slice(&out)));
    httpa_pubkey_free(pub);
    httpa_key_free(key);
}

/* The same inputs, the signature of the first included, under the other
 * hash. */
static void sha384(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_256_GCM_SHA384);
    assert_int_equal(h.th3.n, 48);
    assert_slice_hex(httpa_traffic_key(&h.keys.client),
                     "328c8656344d49456adec10a931e110b"
                     "008fa238fa1e36b449f1e16a647d15f8");
}

static void sealed_response(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    char binder[64] = ":";
    uint8_t text[48];
    struct httpa_buf b = httpa_buf_fixed(text, sizeof(text));
    httpa_base64_write(&b, httpa_digest_slice(&h.finished));
    strncat(binder, (const char *)text, b.n);
    strcat(binder, ":");
    const struct field trailer[] = { { "attest-binder", binder } };
    uint8_t trailer_room[128];
    struct httpa_buf trailers =
        httpa_buf_fixed(trailer_room, sizeof(trailer_room));
    put_section(&trailers, trailer, 1);

    const struct httpa_slice data[] = {
        httpa_slice_of(h.head, h.head_n),
        httpa_slice_str("evidence"),
        httpa_buf_slice(&trailers),
    };
    struct httpa_aead a = { 0 };
    assert_ok(
        httpa_aead_init(&a, crypto, h.suite, httpa_traffic_key(&h.hs.server)));
    uint8_t room[2048];
    struct httpa_buf content = httpa_buf_fixed(room, sizeof(room));
    for (uint32_t i = 0; i < 3; i++) {
        uint8_t nonce[HTTPA_AEAD_NONCE];
        httpa_schedule_nonce(h.hs.server.iv, 0, i, nonce);
        put_record(&content, &a, nonce, (struct httpa_slice){ 0 }, data[i],
                   (uint8_t)(i + 1), i == 2);
    }
    httpa_aead_done(&a);
    struct httpa_digest d;
    assert_ok(
        httpa_hash_once(crypto, HTTPA_SHA256, httpa_buf_slice(&content), &d));
    assert_digest(&d, "f50b1f182b664129bdf5ef3cb57077bd"
                      "3f826481d16d1b9329c40c35081f3a7e");
}

/* ---- evidence ---- */

static void report_data(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    struct httpa_digest rd;
    assert_ok(httpa_schedule_rd_fresh(crypto, &h.b, &rd));
    assert_digest(&rd, "19cdc7eb94f45163d06f7bd515eb0bf1"
                       "908609353fdbc7a55634a8bd1b58e189"
                       "68aefdae8a064834a95d27fae04262a7"
                       "cf0be727102e1be08088c51ab36ed5b2");
    struct httpa_digest q;
    assert_ok(
        httpa_hash_once(crypto, HTTPA_SHA256, httpa_digest_slice(&rd), &q));
    assert_digest(&q, "d7a053a2fc225e50b1c76c0f8a4b4cf2"
                      "28e49c877c43db37edb02119fa5f46f9");

    assert_ok(httpa_schedule_rd_key(crypto, hex(service_spki), 1760000000,
                                    1760000600, &rd));
    assert_digest(&rd, "0dbca1453fe565ed13b573c174890a31"
                       "a66638e287127f3cc9e13181292a2de5"
                       "1800c118b2769523eda8eff6a70cd6b2"
                       "92245d8d5217dab92c056c45ed7009c4");

    /* binding batch: u32 size, then the root */
    struct httpa_slice x =
        hex("000000033bd45be715388bd01d1c9ba83106235823e1097388d6bc0584bdbe426a"
            "3e825cbb97b798fa04414da224f4f76d6437b12196efc887cb8b899e4d8037dec3"
            "a79f");
    assert_ok(httpa_schedule_rd(crypto, "server batch", x, &rd));
    assert_digest(&rd, "bca13e389e22d21087025161732ff19c"
                       "b8b4d64737fd4628add130aa2218fa59"
                       "bff135f5e89f3eec21816dadfa375d88"
                       "4a0b87b051989191e25f05e0d4c0776d");
}

/* ---- a request and its response under the base ---- */

static void tag_of(const struct httpa_traffic *t, uint64_t n,
                   struct httpa_slice aad, uint8_t ret_tag[HTTPA_AEAD_TAG])
{
    struct httpa_aead a = { 0 };
    uint8_t nonce[HTTPA_AEAD_NONCE];
    httpa_schedule_nonce(t->iv, n, HTTPA_INDEX_TAG, nonce);
    assert_ok(httpa_aead_init(&a, crypto, t->suite, httpa_traffic_key(t)));
    assert_ok(httpa_aead_seal(&a, nonce, httpa_aead_one(aad),
                              httpa_aead_one((struct httpa_slice){ 0 }),
                              ret_tag));
    httpa_aead_done(&a);
}

static void put_ticket_aad(struct httpa_buf *b, uint8_t kind, uint64_t n)
{
    httpa_write_label(b, "httpa/2 ticket");
    httpa_buf_put_byte(b, kind);
    httpa_write_u64(b, n);
    httpa_write_v8(b, httpa_slice_str("seal"));
    httpa_buf_put_byte(b, 0);
    put_fields(b, base_id_field, 1);
    httpa_write_u16(b, 0);
}

/* Head and content as two records of number 1. */
static void check_records(const struct httpa_traffic *t,
                          struct httpa_slice bind, struct httpa_slice head,
                          const char *content, const char *const want[2])
{
    struct httpa_aead a = { 0 };
    assert_ok(httpa_aead_init(&a, crypto, t->suite, httpa_traffic_key(t)));
    const struct httpa_slice data[] = { head, httpa_slice_str(content) };
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t room[256];
        struct httpa_buf out = httpa_buf_fixed(room, sizeof(room));
        uint8_t nonce[HTTPA_AEAD_NONCE];
        httpa_schedule_nonce(t->iv, 1, i, nonce);
        put_record(&out, &a, nonce, bind, data[i], (uint8_t)(i + 1), i == 1);
        assert_slice_hex(httpa_buf_slice(&out), want[i]);
    }
    httpa_aead_done(&a);
}

static const struct field json[] = { { "content-type", "application/json" } };

static void put_request_head(struct httpa_buf *b)
{
    const char *const control[] = { "POST", "https", "api.example.com",
                                    "/v1/chat" };
    httpa_buf_put_byte(b, 0);
    for (size_t i = 0; i < COUNT(control); i++) {
        put_varint(b, strlen(control[i]));
        httpa_buf_put_str(b, control[i]);
    }
    put_section(b, json, 1);
}

static void trusted_request(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    uint8_t room[256];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    uint8_t ticket[HTTPA_AEAD_TAG];
    put_ticket_aad(&b, 2, 1);
    assert_slice_hex(
        httpa_buf_slice(&b),
        "68747470612f32207469636b657400020000000000000001047365616c"
        "0000010e6174746573742d626173652d69640000001b2272312e414145"
        "43417751464267634943516f4c4441304f4477220000");
    tag_of(&h.keys.client, 1, httpa_buf_slice(&b), ticket);
    assert_hex(ticket, 16, "0a35000cb939e454c9c2ff6ec3a047a3");

    httpa_buf_reset(&b);
    put_request_head(&b);
    assert_slice_hex(
        httpa_buf_slice(&b),
        "0004504f53540568747470730f6170692e6578616d706c652e636f6d08"
        "2f76312f636861741e0c636f6e74656e742d74797065106170706c6963"
        "6174696f6e2f6a736f6e");
    static const char *const want[2] = {
        "000000550502ae4b8532455e1badf2585e418bca00de04148b9cbf8c26a44d3becef16"
        "0b2f1730a0ef1ba5fb9d83af47f4a3f81ad9f40b9e2d9ea6a6cf0c5d74c9e2f7f10a0f"
        "9aec3f4e056779d11bd19c5afc808a32f256cc",
        "80000018e9e3a6ce74a868301c672e0f6d69746717879706ad8c91e5",
    };
    check_records(&h.keys.client, httpa_slice_of(ticket, 16),
                  httpa_buf_slice(&b), "{\"q\":1}", want);
}

static void trusted_response(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    uint8_t room[256];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    uint8_t binder[HTTPA_AEAD_TAG];
    httpa_write_label(&b, "httpa/2 binder");
    httpa_buf_put_byte(&b, 2);
    httpa_write_u64(&b, 1);
    httpa_buf_put_slice(&b, hex("0a35000cb939e454c9c2ff6ec3a047a3"));
    httpa_write_u16(&b, 200);
    httpa_write_v8(&b, httpa_slice_str("seal"));
    httpa_buf_put_byte(&b, 0);
    put_fields(&b, NULL, 0);
    httpa_write_u16(&b, 0);
    assert_slice_hex(
        httpa_buf_slice(&b),
        "68747470612f322062696e6465720002000000000000"
        "00010a35000cb939e454c9c2ff6ec3a047a300c8047365616c00000000"
        "00");
    tag_of(&h.keys.server, 1, httpa_buf_slice(&b), binder);
    assert_hex(binder, 16, "02e62faba7ec2aef9c8ee2b6e6279a55");

    httpa_buf_reset(&b);
    put_response_head(&b, json, 1);
    static const char *const want[2] = {
        "00000033f5710cc7f0f9f6a382f3d441b207a36fb8b05664f4b5bb00e7321f683e051d"
        "7d060d0c30d2c1b857f84d01b39169dfa37c1799",
        "80000018eae294c7317106d5e600d30bc26ab6dc55467c5ec58768ec",
    };
    check_records(&h.keys.server, httpa_slice_of(binder, 16),
                  httpa_buf_slice(&b), "{\"a\":2}", want);
}

/* ---- exporter ---- */

static void check_export(const struct handshake *h, const char *label,
                         struct httpa_slice context, const char *want_x,
                         const char *what, const char *want_rd)
{
    uint8_t x[64];
    struct httpa_digest rd;
    assert_ok(httpa_schedule_export(crypto, &h->keys.exporter, label, context,
                                    x, sizeof(x)));
    assert_hex(x, sizeof(x), want_x);
    assert_ok(
        httpa_schedule_rd(crypto, what, httpa_slice_of(x, sizeof(x)), &rd));
    assert_digest(&rd, want_rd);
}

/* These two vectors have kind 1 in their tickets. */
static void reattestation(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    uint8_t room[256];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    uint8_t ticket[HTTPA_AEAD_TAG];
    put_ticket_aad(&b, 1, 2);
    tag_of(&h.keys.client, 2, httpa_buf_slice(&b), ticket);
    assert_hex(ticket, 16, "03b3197dd90f9177e7bb03cfe4c740d6");
    uint8_t nonce[32];
    memset(nonce, 0x5a, sizeof(nonce));
    httpa_buf_reset(&b);
    httpa_write_v16(&b, httpa_slice_of(nonce, sizeof(nonce)));
    httpa_buf_put(&b, ticket, sizeof(ticket));
    check_export(
        &h, "httpa/2 reattest", httpa_buf_slice(&b),
        "b7e1d1495f04a8164d486d41b10bcf67188fce9446ac47aba8efd0afa3f6f0"
        "014a6389b06433b2453f7f77ed0532c76b89a2fd3e98a694099554e56c1577"
        "6da5",
        "server reattest",
        "ec6bdf8a0928b8352ba495321dee30f2c49765406d303e031c89519ebc2057"
        "2ac6c9557984852a245eafd891b00bb9e548e6105152852c2102f303bce84b"
        "e56d");
}

static void client_authentication(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    uint8_t room[256];
    struct httpa_buf b = httpa_buf_fixed(room, sizeof(room));
    uint8_t ticket[HTTPA_AEAD_TAG];
    put_ticket_aad(&b, 1, 4);
    tag_of(&h.keys.client, 4, httpa_buf_slice(&b), ticket);
    assert_hex(ticket, 16, "6a145733e6b5e927659e3821e2c02211");
    httpa_buf_reset(&b);
    httpa_write_v16(&b, hex(service_spki));
    put_fields(&b, NULL, 0);
    httpa_buf_put(&b, ticket, sizeof(ticket));
    check_export(
        &h, "httpa/2 client auth", httpa_buf_slice(&b),
        "a4770935be124caaef2de1f6d45446172a95351687d6db07da77582823735c"
        "c5b244ad59fa15ee11d2a45fb3dd295ed0571743749e008599b4232dcd7e2b"
        "2ccb",
        "client bound",
        "8133ca46fd219d354f2505da0aa343586c68329490a6eb00a6510b48967934"
        "3b03dd8201d4bb9763b11bf7ab8dd84ff52a7c249e5708e0dadc6a6404a193"
        "27a4");
}

/* ---- what must not pass ---- */

static void hashes_do_not_mix(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    const struct httpa_suite *other = httpa_suite_at(HTTPA_AES_256_GCM_SHA384);
    struct httpa_digest d;
    struct httpa_keys k;
    struct httpa_hs_keys hs;
    struct httpa_slice none = { 0 };
    assert_err(HTTPA_ERR_USAGE, httpa_schedule_c1(crypto, &h.b, none, &d));
    assert_err(HTTPA_ERR_USAGE,
               httpa_schedule_th0(crypto, &h.b, none, none, &d));
    assert_err(HTTPA_ERR_USAGE,
               httpa_schedule_th1(crypto, h.suite, &h.b, none, &d));
    assert_err(HTTPA_ERR_USAGE,
               httpa_schedule_handshake(crypto, other, &h.th1, none, &hs));
    assert_err(HTTPA_ERR_USAGE,
               httpa_schedule_finished(crypto, &h.hs.fin, &h.th0, &d));
    assert_err(HTTPA_ERR_USAGE, httpa_schedule_th3(crypto, &h.th2, &h.th0, &d));
    assert_err(HTTPA_ERR_USAGE,
               httpa_schedule_traffic(crypto, other, &h.hs.master, &h.th3, &k));
}

static void too_long_for_its_prefix(void **state)
{
    (void)state;
    static const uint8_t spki[65536];
    struct httpa_slice none = { 0 };
    struct httpa_digest d;
    assert_ok(httpa_schedule_c0(crypto, none, httpa_slice_of(spki, 65535), &d));
    assert_err(
        HTTPA_ERR_SPACE,
        httpa_schedule_c0(crypto, none, httpa_slice_of(spki, 65536), &d));
    char what[80];
    memset(what, 'a', sizeof(what) - 1);
    what[sizeof(what) - 1] = 0;
    assert_err(HTTPA_ERR_SPACE, httpa_schedule_rd(crypto, what, none, &d));
}

/* Where a part ends is part of what is hashed. */
static void parts_do_not_run_together(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    struct httpa_digest a;
    struct httpa_digest b;
    struct httpa_th2 t;
    assert_ok(httpa_th2_init(&t, crypto, &h.th1, httpa_slice_str("ab")));
    httpa_th2_content(&t, httpa_slice_str("c"));
    assert_ok(httpa_th2_final(&t, &a));
    httpa_th2_done(&t);
    assert_ok(httpa_th2_init(&t, crypto, &h.th1, httpa_slice_str("a")));
    httpa_th2_content(&t, httpa_slice_str("bc"));
    assert_ok(httpa_th2_final(&t, &b));
    httpa_th2_done(&t);
    assert_false(httpa_digest_equal(&a, &b));
}

static void nonces(void **state)
{
    (void)state;
    static const uint8_t iv[12] = { 0xff, 0,    0,    0, 0, 0,
                                    0,    0xff, 0xff, 0, 0, 0xff };
    uint8_t nonce[12];
    httpa_schedule_nonce(iv, 0, 0, nonce);
    assert_memory_equal(nonce, iv, 12);
    httpa_schedule_nonce(iv, 0x0102030405060708, 0x090a0b0c, nonce);
    assert_hex(nonce, 12, "fe020304050607f7f60a0bf3");
    httpa_schedule_nonce(iv, 1, HTTPA_INDEX_TAG, nonce);
    assert_hex(nonce, 12, "ff000000000000fe00ffff00");
}

static void wiping(void **state)
{
    (void)state;
    struct handshake h = run_handshake(HTTPA_AES_128_GCM_SHA256);
    struct httpa_keys no_keys = { .exporter = { .n = 0 } };
    struct httpa_hs_keys no_hs = { .fin = { .n = 0 } };
    httpa_keys_done(&h.keys);
    httpa_hs_keys_done(&h.hs);
    assert_memory_equal(h.keys.client.key, no_keys.client.key, 32);
    assert_memory_equal(h.keys.server.iv, no_keys.server.iv, 12);
    assert_memory_equal(h.keys.exporter.bytes, no_keys.exporter.bytes, 64);
    assert_memory_equal(h.hs.fin.bytes, no_hs.fin.bytes, 64);
    assert_memory_equal(h.hs.master.bytes, no_hs.master.bytes, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshake_values),
        cmocka_unit_test(signature),
        cmocka_unit_test(sha384),
        cmocka_unit_test(sealed_response),
        cmocka_unit_test(report_data),
        cmocka_unit_test(trusted_request),
        cmocka_unit_test(trusted_response),
        cmocka_unit_test(reattestation),
        cmocka_unit_test(client_authentication),
        cmocka_unit_test(hashes_do_not_mix),
        cmocka_unit_test(too_long_for_its_prefix),
        cmocka_unit_test(parts_do_not_run_together),
        cmocka_unit_test(nonces),
        cmocka_unit_test(wiping),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
