#include "support.h"

static const uint8_t pin[1][32];
static struct httpa_slice root;

static void nothing(struct fixture *f)
{
    memset(&f->policy, 0, sizeof(f->policy));
}
static void no_name(struct fixture *f)
{
    f->policy.name = "";
}
static void no_accept(struct fixture *f)
{
    f->policy.accept_count = 0;
}
static void too_many(struct fixture *f)
{
    f->policy.accept_count = HTTPA_POLICY_PROFILES_MAX + 1;
}
static void no_profile_name(struct fixture *f)
{
    f->profiles[0].name = NULL;
}
static void no_type(struct fixture *f)
{
    f->profiles[0].type = NULL;
}
static void dev(struct fixture *f)
{
    f->profiles[0].type = "dev";
}
static void dev_allowed(struct fixture *f)
{
    dev(f);
    f->policy.insecure_dev_tee = true;
}
static void dev_within(struct fixture *f)
{
    f->with[0] = f->profiles[0];
    f->with[0].type = "dev";
    f->profiles[0].with = f->with;
    f->profiles[0].with_count = 1;
}
static void with_within(struct fixture *f)
{
    dev_within(f);
    f->with[0].type = "paper";
    f->with[0].with_count = 1;
}
static void no_sets(struct fixture *f)
{
    f->profiles[0].set_count = 0;
}
static void empty_set(struct fixture *f)
{
    f->sets[0][0].reference_count = 0;
}
static void all_any(struct fixture *f)
{
    f->references[0][0][0].kind = HTTPA_REFERENCE_ANY;
}
static void all_any_aloud(struct fixture *f)
{
    all_any(f);
    f->policy.insecure_unpinned = true;
}
static void at_least_alone(struct fixture *f)
{
    f->references[0][0][0] = (struct httpa_reference){
        "svn", HTTPA_REFERENCE_AT_LEAST, httpa_value_integer(1)
    };
}
static void no_value(struct fixture *f)
{
    f->references[0][0][0].value = (struct httpa_value){ 0 };
}
static void empty_value(struct fixture *f)
{
    f->references[0][0][0].value = httpa_value_str("");
}
static void no_reference_name(struct fixture *f)
{
    f->references[0][0][0].name = NULL;
}
static void pinned(struct fixture *f)
{
    f->policy.identity.require = HTTPA_IDENTITY_PINNED;
    f->policy.identity.spki_sha256 = pin;
    f->policy.identity.spki_count = 1;
}
static void pinned_to_nothing(struct fixture *f)
{
    pinned(f);
    f->policy.identity.spki_count = 0;
}
static void pinned_to_ca(struct fixture *f)
{
    pinned_to_nothing(f);
    f->policy.identity.ca_roots = &root;
    f->policy.identity.ca_root_count = 1;
}
static void pins_unused(struct fixture *f)
{
    pinned(f);
    f->policy.identity.require = HTTPA_IDENTITY_WEBPKI;
}
static void names_unused(struct fixture *f)
{
    f->policy.identity.name_count = 1;
}
static void measured(struct fixture *f, const char *name)
{
    f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
    add_reference(f, 0, 0, equal(name, "33"));
}
static void measured_empty_pcr8(struct fixture *f)
{
    f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
    add_reference(f, 0, 0, equal("sha256.pcr8", "00"));
}
static void measured_mr(struct fixture *f)
{
    measured(f, "mrtd");
}
/* A set of |type| with a value of |code|, and, for identity, of |place|. */
static void typed(struct fixture *f, const char *type, const char *code,
                  const char *place, const char *value)
{
    f->profiles[0].type = type;
    f->references[0][0][0].name = code;
    if (place != NULL) {
        f->policy.identity.require = HTTPA_IDENTITY_MEASURED;
        add_reference(f, 0, 0, equal(place, value));
    }
}
static void measured_host_data(struct fixture *f)
{
    typed(f, "sev-snp", "measurement", "host_data", "33");
}
static void measured_no_host_data(struct fixture *f)
{
    typed(f, "sev-snp", "measurement", "host_data", "00");
}
static void measured_config_of_td(struct fixture *f)
{
    typed(f, "tdx", "mrtd", "mr_config_id", "33");
}
static void measured_owner_of_td(struct fixture *f)
{
    typed(f, "tdx", "mrtd", "mr_owner", "33");
}
static void measured_config_of_enclave(struct fixture *f)
{
    typed(f, "sgx", "mrsigner", "config_id", "33");
}
static void only_host_data(struct fixture *f)
{
    typed(f, "sev-snp", "host_data", NULL, NULL);
}
static void only_rtmr1(struct fixture *f)
{
    typed(f, "tdx", "rtmr1", NULL, NULL);
}
static void only_product(struct fixture *f)
{
    typed(f, "sgx", "isv_prod_id", NULL, NULL);
}
static void measured_pcr7(struct fixture *f)
{
    measured(f, "sha256.pcr7");
}
static void measured_pcr8(struct fixture *f)
{
    measured(f, "sha256.pcr8");
}
static void measured_pcr11(struct fixture *f)
{
    measured(f, "sha384.pcr11");
}
static void measured_pcr15(struct fixture *f)
{
    measured(f, "sha256.pcr15");
}
static void measured_pcr16(struct fixture *f)
{
    measured(f, "sha256.pcr16");
}
static void measured_pcr17(struct fixture *f)
{
    measured(f, "sha256.pcr17");
}
static void measured_pcr22(struct fixture *f)
{
    measured(f, "sha384.pcr22");
}
static void measured_pcr23(struct fixture *f)
{
    measured(f, "sha256.pcr23");
}
static void measured_beside_pcr23(struct fixture *f)
{
    measured_pcr8(f);
    add_reference(f, 0, 0, equal("sha256.pcr23", "00"));
}
static void set_of(struct fixture *f, const char *name)
{
    f->references[0][0][0].name = name;
}
static void only_pcr16(struct fixture *f)
{
    set_of(f, "sha256.pcr16");
}
static void only_pcr23(struct fixture *f)
{
    set_of(f, "sha384.pcr23");
}
static void only_pcr17(struct fixture *f)
{
    set_of(f, "sha256.pcr17");
}
static void only_pcr2(struct fixture *f)
{
    set_of(f, "sha256.pcr2");
}
static void measured_any(struct fixture *f)
{
    measured(f, "sha256.pcr8");
    f->references[0][0][1].kind = HTTPA_REFERENCE_ANY;
}
static void measured_one_set_of_two(struct fixture *f)
{
    measured_pcr8(f);
    add_set(f, 0, "build 2", equal("mr", "bb"));
}
static void no_binding(struct fixture *f)
{
    f->policy.binding.fresh = f->policy.binding.batch = false;
}
static void key_without_age(struct fixture *f)
{
    pinned(f);
    f->policy.binding.key = true;
}
static void age_without_key(struct fixture *f)
{
    f->policy.binding.key_max_age_s = 300;
}
static void key(struct fixture *f)
{
    key_without_age(f);
    f->policy.binding.key_max_age_s = 300;
}
static void key_alone(struct fixture *f)
{
    key(f);
    f->policy.identity =
        (struct httpa_identity_policy){ .require = HTTPA_IDENTITY_NONE };
}
static void no_creation(struct fixture *f)
{
    f->policy.base = (struct httpa_base_policy){ 0 };
}

static const struct {
    const char *why;
    void (*change)(struct fixture *f);
    const char *where; /* NULL: a good policy */
} rows[] = {
    { "zeros are no policy", nothing, "name" },
    { "a name", no_name, "name" },
    { "no profile", no_accept, "accept" },
    { "too many", too_many, "accept" },
    { "a profile's name", no_profile_name, "accept[0].name" },
    { "a profile's type", no_type, "accept[0].type" },
    { "dev needs a word", dev, "accept[0].type" },
    { "which is said", dev_allowed, NULL },
    { "in with too", dev_within, "accept[0].with[0].type" },
    { "one level of with", with_within, "accept[0].with[0].with" },
    { "no sets", no_sets, "accept[0].measurements" },
    { "an empty set", empty_set, "accept[0].measurements[0]" },
    { "a set of holes", all_any, "accept[0].measurements[0]" },
    { "said aloud", all_any_aloud, NULL },
    { "a minimum pins nothing", at_least_alone, "accept[0].measurements[0]" },
    { "anybody resets pcr16", only_pcr16, "accept[0].measurements[0]" },
    { "and pcr23", only_pcr23, "accept[0].measurements[0]" },
    { "a late launch resets pcr17", only_pcr17, NULL },
    { "nobody resets pcr2", only_pcr2, NULL },
    { "a reference without a value", no_value, "accept[0].measurements[0]" },
    { "or an empty one", empty_value, "accept[0].measurements[0]" },
    { "or without a name", no_reference_name, "accept[0].measurements[0]" },
    { "pinned", pinned, NULL },
    { "pinned to nothing", pinned_to_nothing, "identity.spki_sha256" },
    { "pinned to a CA", pinned_to_ca, NULL },
    { "pins that nobody looks at", pins_unused, "identity.require" },
    { "names that nobody looks at", names_unused, "identity.names" },
    { "code is no configuration", measured_mr, "accept[0].measurements" },
    { "host_data is", measured_host_data, NULL },
    { "unless it is empty", measured_no_host_data, "accept[0].measurements" },
    { "mr_config_id is", measured_config_of_td, NULL },
    { "mr_owner is not", measured_owner_of_td, "accept[0].measurements" },
    { "config_id is", measured_config_of_enclave, NULL },
    { "host_data is no code", only_host_data, "accept[0].measurements[0]" },
    { "nor is rtmr1", only_rtmr1, "accept[0].measurements[0]" },
    { "nor a product", only_product, "accept[0].measurements[0]" },
    { "pcr7 is the firmware's", measured_pcr7, "accept[0].measurements" },
    { "pcr8 is not", measured_pcr8, NULL },
    { "but an empty one is", measured_empty_pcr8, "accept[0].measurements" },
    { "nor pcr11", measured_pcr11, NULL },
    { "nor pcr15", measured_pcr15, NULL },
    { "anybody resets pcr16 too", measured_pcr16, "accept[0].measurements" },
    { "the owner does not choose pcr17", measured_pcr17,
      "accept[0].measurements" },
    { "nor pcr22", measured_pcr22, "accept[0].measurements" },
    { "anybody resets pcr23", measured_pcr23, "accept[0].measurements" },
    { "which may stand beside", measured_beside_pcr23, NULL },
    { "unless it is open", measured_any, "accept[0].measurements" },
    { "in every set", measured_one_set_of_two, "accept[0].measurements" },
    { "no binding", no_binding, "binding.accept" },
    { "key without an age", key_without_age, "binding.key_max_age" },
    { "an age without key", age_without_key, "binding.key_max_age" },
    { "key and identity", key, NULL },
    { "key alone", key_alone, "binding.accept" },
    { "no creation", no_creation, "base.creation" },
};

static void rules(void **state)
{
    (void)state;
    static struct fixture f;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t storage[128];
        struct httpa_buf where = httpa_buf_fixed(storage, sizeof(storage));
        const char *text = NULL;
        fixture_init(&f);
        rows[i].change(&f);
        enum httpa_err err = httpa_policy_check(&f.policy, &where, &text);
        bool good = rows[i].where == NULL;
        if ((err == HTTPA_OK) != good || (text == NULL) != good ||
            !httpa_slice_is(httpa_buf_slice(&where),
                            good ? "" : rows[i].where)) {
            fail_msg("%s: got %s at \"%.*s\"", rows[i].why,
                     httpa_err_name(err), (int)where.n, (char *)where.p);
        }
    }
}

static void defaults(void **state)
{
    (void)state;
    struct httpa_policy p = { 0 };
    httpa_policy_defaults(&p);
    assert_true(p.binding.fresh && p.binding.batch && !p.binding.key);
    assert_int_equal(p.binding.reattest_after_s, 86400);
    assert_true(p.base.creation_new && p.base.creation_shared);
    assert_false(p.base.creation_reuse || p.base.direct);
    struct httpa_policy q = { .binding = { .batch = true,
                                           .reattest_after_s = 7 },
                              .base = { .creation_reuse = true } };
    httpa_policy_defaults(&q);
    assert_true(!q.binding.fresh && q.binding.reattest_after_s == 7);
    assert_false(q.base.creation_new || q.base.creation_shared);
}

static void origins(void **state)
{
    (void)state;
    const struct httpa_slice list[] = { httpa_slice_str("https://a.example"),
                                        httpa_slice_str("http://[::1]:8080") };
    struct httpa_policy p = { .origins = list, .origin_count = 2 };
    assert_true(httpa_policy_covers(&p, list[1]));
    assert_false(httpa_policy_covers(&p, httpa_slice_str("https://a.exampl")));
    assert_false(httpa_policy_covers(&p, httpa_slice_str("https://A.example")));
    assert_false(httpa_policy_covers(&p, httpa_slice_str("")));
    p.origin_count = 0;
    assert_true(httpa_policy_covers(&p, httpa_slice_str("https://z.example")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),
        cmocka_unit_test(defaults),
        cmocka_unit_test(origins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
