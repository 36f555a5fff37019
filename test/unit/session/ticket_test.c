#include "session/ticket.h"

#include "support/lane.h"

#define ID "r1.AAECAwQFBgcICQoLDA0ODw"

/* The published vectors were computed with this text, that of a String, where
 * the protocol has a Token: put in place past the table. */
#define VECTOR_ID "\"" ID "\""

static struct httpa_ahl request;
static struct httpa_ahl response;
static struct httpa_aead client;
static struct httpa_aead server;

static struct httpa_tag_key client_key(void)
{
    assert_ok(httpa_aead_init(&client, lane_crypto, lane_keys.client.suite,
                              httpa_traffic_key(&lane_keys.client)));
    return (struct httpa_tag_key){ .aead = &client,
                                   .iv = lane_keys.client.iv };
}

static struct httpa_tag_key server_key(void)
{
    assert_ok(httpa_aead_init(&server, lane_crypto, lane_keys.server.suite,
                              httpa_traffic_key(&lane_keys.server)));
    return (struct httpa_tag_key){ .aead = &server,
                                   .iv = lane_keys.server.iv };
}

static void put_vector_id(struct httpa_ahl *ahl)
{
    httpa_ahl_init(ahl, HTTPA_PLACE_REQUEST);
    memcpy(ahl->text, VECTOR_ID, sizeof(VECTOR_ID) - 1);
    ahl->known[HTTPA_FIELD_BASE_ID] =
        (struct httpa_ahl_span){ 0, sizeof(VECTOR_ID) - 1 };
    ahl->have = HTTPA_FIELD_BIT(HTTPA_FIELD_BASE_ID);
    ahl->used = sizeof(VECTOR_ID) - 1;
}

static void published_vectors(void **state)
{
    uint8_t bytes[256];
    struct httpa_buf aad = httpa_buf_fixed(bytes, sizeof(bytes));
    struct httpa_ticket t;
    uint8_t binder[16];
    (void)state;
    put_vector_id(&request);
    httpa_ticket_aad(1, &request, &aad);
    assert_hex(aad.p, aad.n,
               "68747470612f32207469636b657400020000000000000001047365616c000001"
               "0e6174746573742d626173652d69640000001b2272312e4141454341775146"
               "4267634943516f4c4441304f4477220000");
    assert_ok(httpa_ticket_seal(client_key(), 1, &request, &t));
    assert_hex(t.mac, 16, "0a35000cb939e454c9c2ff6ec3a047a3");
    assert_slice_is(httpa_ahl_text(&request, HTTPA_FIELD_TICKET),
                    "1;mac=:CjUADLk55FTJwv9uw6BHow==:");
    httpa_ahl_init(&response, HTTPA_PLACE_RESPONSE);
    httpa_buf_reset(&aad);
    httpa_binder_aad(&t, 200, &response, &aad);
    assert_hex(aad.p, aad.n,
               "68747470612f322062696e646572000200000000000000010a35000cb939e4"
               "54c9c2ff6ec3a047a300c8047365616c0000000000");
    assert_ok(httpa_binder_seal(server_key(), &t, 200, &response, binder));
    assert_hex(binder, 16, "02e62faba7ec2aef9c8ee2b6e6279a55");
}

/* doc/protocol.md 9.2, the same with the Token. */
static void aad_of_the_protocol(void **state)
{
    uint8_t bytes[256];
    struct httpa_buf aad = httpa_buf_fixed(bytes, sizeof(bytes));
    (void)state;
    httpa_ahl_init(&request, HTTPA_PLACE_REQUEST);
    assert_ok(httpa_ahl_set(&request, HTTPA_FIELD_BASE_ID,
                            httpa_slice_str(ID)));
    httpa_ticket_aad(1, &request, &aad);
    assert_hex(aad.p, aad.n,
               "68747470612f32207469636b657400020000000000000001047365616c00"
               "00010e6174746573742d626173652d69640000001972312e41414543417751"
               "464267634943516f4c4441304f44770000");
}

static void make_pair(struct httpa_ticket *t, uint8_t binder[16])
{
    httpa_ahl_init(&request, HTTPA_PLACE_REQUEST);
    assert_ok(httpa_ahl_set(&request, HTTPA_FIELD_BASE_ID,
                            httpa_slice_str(ID)));
    assert_ok(httpa_ticket_seal(client_key(), 7, &request, t));
    httpa_ahl_init(&response, HTTPA_PLACE_RESPONSE);
    assert_ok(httpa_binder_seal(server_key(), t, 200, &response, binder));
}

static void round_trip(void **state)
{
    struct httpa_ticket t;
    struct httpa_ticket read;
    uint8_t binder[16];
    uint8_t got[16];
    (void)state;
    make_pair(&t, binder);
    assert_ok(httpa_ticket_read(&request, &read));
    assert_int_equal(read.n, 7);
    assert_memory_equal(read.mac, t.mac, 16);
    assert_ok(httpa_ticket_open(client_key(), &read, &request));
    assert_ok(httpa_binder_open(server_key(), &t, 200, &response, got));
    assert_memory_equal(got, binder, 16);
    assert_err(HTTPA_ERR_USAGE,
               httpa_ticket_seal(client_key(), 8, &request, &t));
}

/* Everything that the ticket covers, changed one by one. */
static void a_changed_request_is_refused(void **state)
{
    struct httpa_ticket t;
    struct httpa_ticket bad;
    uint8_t binder[16];
    static struct httpa_ahl other;
    (void)state;
    make_pair(&t, binder);
    for (size_t bit = 0; bit < 128; bit++) {
        bad = t;
        bad.mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_err(HTTPA_ERR_TAG,
                   httpa_ticket_open(client_key(), &bad, &request));
    }
    bad = t;
    bad.n = 8;
    assert_err(HTTPA_ERR_TAG,
               httpa_ticket_open(client_key(), &bad, &request));
    assert_err(HTTPA_ERR_TAG, httpa_ticket_open(server_key(), &t, &request));
    httpa_ahl_init(&other, HTTPA_PLACE_REQUEST);
    assert_err(HTTPA_ERR_TAG, httpa_ticket_open(client_key(), &t, &other));
    assert_ok(httpa_ahl_set(&other, HTTPA_FIELD_BASE_ID,
                            httpa_slice_str(ID ";x")));
    assert_err(HTTPA_ERR_TAG, httpa_ticket_open(client_key(), &t, &other));
    struct httpa_field v[3] = {
        { httpa_slice_str("attest-base-id"), httpa_slice_str(ID) },
        { httpa_slice_str("attest-ticket"),
          httpa_ahl_text(&request, HTTPA_FIELD_TICKET) },
        { httpa_slice_str("attest-next"), httpa_slice_str("1") },
    };
    struct httpa_fields fields = { .v = v, .n = 3, .cap = 3 };
    assert_ok(httpa_ahl_read(&fields, HTTPA_PLACE_REQUEST, &other));
    assert_err(HTTPA_ERR_TAG, httpa_ticket_open(client_key(), &t, &other));
    fields.n = 2;
    assert_ok(httpa_ahl_read(&fields, HTTPA_PLACE_REQUEST, &other));
    assert_ok(httpa_ticket_open(client_key(), &t, &other));
}

static void a_changed_answer_is_refused(void **state)
{
    struct httpa_ticket t;
    struct httpa_ticket other;
    uint8_t binder[16];
    uint8_t got[16] = { 0 };
    static struct httpa_ahl empty;
    (void)state;
    make_pair(&t, binder);
    assert_err(HTTPA_ERR_BINDER,
               httpa_binder_open(server_key(), &t, 201, &response, got));
    other = t;
    other.n++;
    assert_err(HTTPA_ERR_BINDER,
               httpa_binder_open(server_key(), &other, 200, &response, got));
    other = t;
    other.mac[0] ^= 1;
    assert_err(HTTPA_ERR_BINDER,
               httpa_binder_open(server_key(), &other, 200, &response, got));
    assert_err(HTTPA_ERR_BINDER,
               httpa_binder_open(client_key(), &t, 200, &response, got));
    httpa_ahl_init(&empty, HTTPA_PLACE_RESPONSE);
    assert_err(HTTPA_ERR_BINDER,
               httpa_binder_open(server_key(), &t, 200, &empty, got));
    assert_memory_equal(got, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
}

static void tags_are_metered(void **state)
{
    struct httpa_meter meter;
    struct httpa_tag_key key = client_key();
    struct httpa_ticket t;
    (void)state;
    httpa_meter_init(&meter, lane_keys.client.suite);
    key.meter = &meter;
    httpa_ahl_init(&request, HTTPA_PLACE_REQUEST);
    assert_ok(httpa_ticket_seal(key, 1, &request, &t));
    assert_int_not_equal(atomic_load(&meter.used), 0);
    atomic_store(&meter.used, meter.suite->budget);
    httpa_ahl_init(&request, HTTPA_PLACE_REQUEST);
    assert_err(HTTPA_ERR_REKEY, httpa_ticket_seal(key, 2, &request, &t));
    assert_false(httpa_ahl_has(&request, HTTPA_FIELD_TICKET));
}

static int teardown(void **state)
{
    httpa_aead_done(&client);
    httpa_aead_done(&server);
    return lane_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(aad_of_the_protocol),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(a_changed_request_is_refused),
        cmocka_unit_test(a_changed_answer_is_refused),
        cmocka_unit_test(tags_are_metered),
    };
    return cmocka_run_group_tests(tests, lane_setup, teardown);
}
