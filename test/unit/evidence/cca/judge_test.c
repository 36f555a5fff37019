/* What a policy asks of a platform, from bytes to verdict. */
#include "token.h"

static const struct httpa_verifier *const cca_only[] = { &httpa_verifier_cca };

static struct httpa_buf value;
static struct candidates at_hand;
static struct httpa_slice cpaks[1], implementations[1], instances[1];
static struct httpa_cca_demand demands[2];
static struct httpa_cca_policy cca;
static uint8_t implementation[32], instance[33], signer[32], measured[32];

static void use(struct fixture *f, const struct token *t)
{
    httpa_buf_done(&value);
    value = make_token(t);
    f->items[0].value = httpa_buf_slice(&value);
}

/* The fixture with a token instead of paper, and a policy for it. */
static void cca_fixture(struct fixture *f)
{
    struct token t = good_token();
    memset(implementation, 0x1a, sizeof(implementation));
    memset(instance, 0, sizeof(instance));
    instance[0] = 1;
    instance[1] = 0x77;
    memset(signer, 0xee, sizeof(signer));
    memset(measured, 0x22, sizeof(measured));
    cpaks[0] = httpa_key_spki(cpak);
    implementations[0] = httpa_slice_of(implementation, 32);
    instances[0] = httpa_slice_of(instance, 33);
    demands[0] = (struct httpa_cca_demand){ "RMM", httpa_slice_of(signer, 32),
                                            { 0 }, "1.2" };
    demands[1] = (struct httpa_cca_demand){ "BL2", httpa_slice_of(signer, 32),
                                            httpa_slice_of(measured, 32),
                                            NULL };
    cca = (struct httpa_cca_policy){ cpaks, 1, implementations, 1, instances, 1,
                                     demands, 2, false };
    memcpy(f->rd, token_rd, sizeof(f->rd));
    f->in.verifiers = cca_only;
    f->in.verifier_count = 1;
    f->in.endorsements = at_hand.v;
    f->in.endorsement_count = at_hand.n;
    f->items[0].media_type = httpa_slice_str(
        "application/eat-collection; profile=\"" OLD_PLATFORM "\"");
    f->profiles[0].name = "realm";
    f->profiles[0].type = "cca";
    f->profiles[0].cca = &cca;
    f->references[0][0][0] = equal("rim", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    use(f, &t);
}

static void other_realm(struct fixture *f)
{
    cca_fixture(f);
    f->references[0][0][0] = equal("rim", "ab");
}
static void other_rd(struct fixture *f)
{
    cca_fixture(f);
    f->rd[63] ^= 1;
}
/* The policy's own is enough, as in a handshake. */
static void no_cpak_at_hand(struct fixture *f)
{
    cca_fixture(f);
    f->in.endorsement_count = 0;
}
static void no_cpak_at_all(struct fixture *f)
{
    no_cpak_at_hand(f);
    cca.cpak_count = 0;
}
/* Nobody brought the right one along, and the policy names another. */
static void unknown_cpak(struct fixture *f)
{
    no_cpak_at_hand(f);
    cpaks[0] = httpa_key_spki(cpak2);
}
static void cpak_of_another_profile(struct fixture *f)
{
    static struct httpa_cca_policy elsewhere;
    static struct httpa_slice other[1];
    no_cpak_at_hand(f);
    elsewhere = cca;
    elsewhere.cpaks = other;
    other[0] = httpa_key_spki(cpak2);
    f->profiles[0].cca = &elsewhere;
    add_profile(f, "elsewhere", "cca");
    f->profiles[1].cca = &cca;
    add_set(f, 1, "other", equal("rim", "ab"));
}
/* As many as can be in one profile, and |first| on of them in another. */
static void many_cpaks(struct fixture *f, size_t first)
{
    static uint8_t bytes[HTTPA_CCA_KEYS_MAX + 1];
    static struct httpa_slice many[HTTPA_CCA_KEYS_MAX + 1];
    static struct httpa_cca_policy more;
    cca_fixture(f);
    for (size_t i = 0; i < COUNT(many); i++) {
        bytes[i] = (uint8_t)i;
        many[i] = httpa_slice_of(&bytes[i], 1);
    }
    cca.cpaks = many;
    cca.cpak_count = HTTPA_CCA_KEYS_MAX;
    f->profiles[0].with = f->with;
    f->profiles[0].with_count = 1;
    f->with[0] = (struct httpa_profile){ .name = "b", .type = "cca",
                                         .sets = f->sets[0], .set_count = 1 };
    more = cca;
    more.cpaks = many + first;
    f->with[0].cca = &more;
}
static void too_many_cpaks(struct fixture *f)
{
    many_cpaks(f, 1);
}
static void the_same_cpaks_twice(struct fixture *f)
{
    many_cpaks(f, 0);
}
/* Its maker brought the key along: genuine for whoever believes it. */
static void other_cpak(struct fixture *f)
{
    struct token t = good_token();
    cca_fixture(f);
    t.cpak = cpak2;
    use(f, &t);
}
static void no_cpak_in_the_policy(struct fixture *f)
{
    cca_fixture(f);
    cca.cpak_count = 0;
}
static void no_settings(struct fixture *f)
{
    cca_fixture(f);
    f->profiles[0].cca = NULL;
}
static void zero_settings(struct fixture *f)
{
    cca_fixture(f);
    memset(&cca, 0, sizeof(cca));
}
static void other_implementation(struct fixture *f)
{
    cca_fixture(f);
    implementation[31] ^= 1;
}
static void no_implementation(struct fixture *f)
{
    cca_fixture(f);
    cca.implementation_id_count = 0;
}
static void other_instance(struct fixture *f)
{
    cca_fixture(f);
    instance[32] ^= 1;
}
static void any_instance(struct fixture *f)
{
    other_instance(f);
    cca.instance_id_count = 0;
}

static void in_state(struct fixture *f, uint16_t lifecycle)
{
    struct token t = good_token();
    cca_fixture(f);
    t.lifecycle = lifecycle;
    use(f, &t);
}
static void debugged(struct fixture *f)
{
    in_state(f, 0x4001);
}
static void recoverable(struct fixture *f)
{
    in_state(f, 0x5000);
}
static void not_set_up(struct fixture *f)
{
    in_state(f, 0x20ff);
}
static void state_unknown(struct fixture *f)
{
    in_state(f, 0);
}
static void state_beyond(struct fixture *f)
{
    in_state(f, 0x3100);
}
static void last_secured(struct fixture *f)
{
    in_state(f, 0x30ff);
}

static void no_demands(struct fixture *f)
{
    cca_fixture(f);
    cca.component_count = 0;
}
static void too_old(struct fixture *f)
{
    cca_fixture(f);
    demands[0].version_min = "1.2.0.1";
}
static void ten_is_more_than_two(struct fixture *f)
{
    struct token t = good_token();
    cca_fixture(f);
    t.parts[0].version = "1.10";
    use(f, &t);
}
static void version_is_a_word(struct fixture *f)
{
    struct token t = good_token();
    cca_fixture(f);
    t.parts[0].version = "2.0-rc1";
    use(f, &t);
}
static void no_version(struct fixture *f)
{
    struct token t = good_token();
    cca_fixture(f);
    t.parts[0].version = NULL;
    use(f, &t);
}
static void other_measurement(struct fixture *f)
{
    cca_fixture(f);
    measured[0] ^= 1;
}
static void other_signer(struct fixture *f)
{
    struct token t = good_token();
    cca_fixture(f);
    t.parts[0].signer = 0xef;
    use(f, &t);
}
static void missing_component(struct fixture *f)
{
    cca_fixture(f);
    demands[1].type = "BL3";
}
static void without_types(struct fixture *f)
{
    struct token t = good_token();
    cca_fixture(f);
    t.parts[0].type = NULL;
    use(f, &t);
}
static void a_second_and_older(struct fixture *f)
{
    struct token t = good_token();
    cca_fixture(f);
    t.parts[2] = (struct part){ "RMM", "1.1", 0x11, 0xee };
    use(f, &t);
}
static void a_second_of_another_signer(struct fixture *f)
{
    struct token t = good_token();
    cca_fixture(f);
    t.parts[2] = (struct part){ "RMM", "1.3", 0x11, 0xef };
    use(f, &t);
}
static void asks_nothing_of_it(struct fixture *f)
{
    cca_fixture(f);
    demands[0].version_min = NULL;
}
static void refused_machine(struct fixture *f)
{
    cca_fixture(f);
    f->list[0] = instances[0];
    f->policy.refuse.chips = f->list;
    f->policy.refuse.chip_count = 1;
}

static void policies(void **state)
{
    static const struct row rows[] = {
        { "good", cca_fixture, HTTPA_OK, "" },
        { "last secured state", last_secured, HTTPA_OK, "" },
        { "any instance", any_instance, HTTPA_OK, "" },
        { "nothing of firmware", no_demands, HTTPA_OK, "" },
        { "1.10", ten_is_more_than_two, HTTPA_OK, "" },
        { "other realm", other_realm, HTTPA_ERR_APPRAISAL,
          "cca.measurement.set" },
        { "other rd", other_rd, HTTPA_ERR_EVIDENCE, "cca.binding" },
        { "no CPAK at hand", no_cpak_at_hand, HTTPA_OK, "" },
        { "no CPAK at all", no_cpak_at_all, HTTPA_ERR_UNDECIDED,
          "cca.platform.signature" },
        { "unknown CPAK", unknown_cpak, HTTPA_ERR_EVIDENCE,
          "cca.platform.signature" },
        { "CPAK of another profile", cpak_of_another_profile,
          HTTPA_ERR_APPRAISAL, "cca.cpak" },
        { "too many CPAKs", too_many_cpaks, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "the same CPAKs twice", the_same_cpaks_twice, HTTPA_ERR_APPRAISAL,
          "cca.cpak" },
        { "other CPAK", other_cpak, HTTPA_ERR_APPRAISAL, "cca.cpak" },
        { "no CPAK in the policy", no_cpak_in_the_policy, HTTPA_ERR_APPRAISAL,
          "cca.cpak" },
        { "no settings", no_settings, HTTPA_ERR_APPRAISAL, "profile.type" },
        { "zero settings", zero_settings, HTTPA_ERR_APPRAISAL, "cca.cpak" },
        { "other implementation", other_implementation, HTTPA_ERR_APPRAISAL,
          "cca.implementation" },
        { "no implementation", no_implementation, HTTPA_ERR_APPRAISAL,
          "cca.implementation" },
        { "other instance", other_instance, HTTPA_ERR_APPRAISAL,
          "cca.instance" },
        { "debugged", debugged, HTTPA_ERR_APPRAISAL, "cca.lifecycle" },
        { "recoverable", recoverable, HTTPA_ERR_APPRAISAL, "cca.lifecycle" },
        { "not set up", not_set_up, HTTPA_ERR_APPRAISAL, "cca.lifecycle" },
        { "unknown state", state_unknown, HTTPA_ERR_APPRAISAL,
          "cca.lifecycle" },
        { "a state of no name", state_beyond, HTTPA_ERR_APPRAISAL,
          "cca.lifecycle" },
        { "too old", too_old, HTTPA_ERR_APPRAISAL, "cca.firmware" },
        { "a word", version_is_a_word, HTTPA_ERR_APPRAISAL, "cca.firmware" },
        { "no version", no_version, HTTPA_ERR_APPRAISAL, "cca.firmware" },
        { "measurement", other_measurement, HTTPA_ERR_APPRAISAL,
          "cca.firmware" },
        { "signer", other_signer, HTTPA_ERR_APPRAISAL, "cca.firmware" },
        { "missing", missing_component, HTTPA_ERR_APPRAISAL, "cca.firmware" },
        { "no types", without_types, HTTPA_ERR_APPRAISAL, "cca.firmware" },
        { "a second and older one", a_second_and_older, HTTPA_ERR_APPRAISAL,
          "cca.firmware" },
        { "a second of another signer", a_second_of_another_signer,
          HTTPA_ERR_APPRAISAL, "cca.firmware" },
        { "asks nothing", asks_nothing_of_it, HTTPA_ERR_APPRAISAL,
          "cca.firmware" },
        { "refused machine", refused_machine, HTTPA_ERR_APPRAISAL,
          "refuse.chips" },
    };
    (void)state;
    add_candidate(&at_hand, cpak);
    add_candidate(&at_hand, cpak2);
    run_rows(rows, COUNT(rows));
    free_candidates(&at_hand);
    httpa_buf_done(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(policies) };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
