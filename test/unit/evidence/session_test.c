#include "support.h"

static void batch(struct fixture *f)
{
    f->items[0].binding = HTTPA_BINDING_BATCH;
    f->items[0].batch_index = 16;
    f->items[0].batch_size = 212;
}
static void batch_not_accepted(struct fixture *f)
{
    batch(f);
    f->policy.binding.batch = false;
}
static void fresh_not_accepted(struct fixture *f)
{
    f->policy.binding.fresh = false;
}
static void unbound(struct fixture *f)
{
    f->items[0].binding = HTTPA_BINDING_NONE;
}
static void garbage(struct fixture *f)
{
    f->items[0].binding = (enum httpa_binding)9;
}
static void key_by_default(struct fixture *f)
{
    f->items[0].binding = HTTPA_BINDING_KEY;
    f->items[0].not_before_s = NOW - 100;
    f->items[0].not_after_s = NOW + 200;
    f->items[0].seen_fresh = true;
}
static void key(struct fixture *f)
{
    key_by_default(f);
    f->policy.binding.key = true;
    f->policy.binding.key_max_age_s = 300;
    f->policy.binding.insecure_key_alone = true;
}
static void key_alone(struct fixture *f)
{
    key(f);
    f->policy.binding.insecure_key_alone = false;
}
static void key_over(struct fixture *f)
{
    key(f);
    f->items[0].not_after_s = NOW;
}
static void key_last_second(struct fixture *f)
{
    key(f);
    f->items[0].not_after_s = NOW + 1;
}
static void key_too_long(struct fixture *f)
{
    key(f);
    f->items[0].not_after_s = NOW + 201;
}
static void key_ahead(struct fixture *f)
{
    key(f);
    f->items[0].not_before_s = NOW + 60;
}
static void key_too_far_ahead(struct fixture *f)
{
    key(f);
    f->items[0].not_before_s = NOW + 61;
}
static void key_backwards(struct fixture *f)
{
    key(f);
    f->items[0].not_before_s = NOW + 50;
    f->items[0].not_after_s = NOW + 50;
}
static void key_of_all_times(struct fixture *f)
{
    key(f);
    f->items[0].not_before_s = INT64_MIN;
    f->items[0].not_after_s = INT64_MAX;
}
static void key_never_seen(struct fixture *f)
{
    key(f);
    f->items[0].seen_fresh = false;
}
static void key_unproven(struct fixture *f)
{
    key_never_seen(f);
    f->policy.binding.insecure_key_unproven = true;
}
static void key_not_used(struct fixture *f)
{
    add_item(f, "application/x-paper", "mr=aa11");
    f->items[1].binding = HTTPA_BINDING_KEY;
}

static void creation_new(struct fixture *f)
{
    f->session.creation = httpa_slice_str("new");
}
static void creation_reuse(struct fixture *f)
{
    f->session.creation = httpa_slice_str("reuse");
}
static void creation_none(struct fixture *f)
{
    f->session.creation = (struct httpa_slice){ 0 };
}
static void only_new(struct fixture *f)
{
    f->policy.base.creation_shared = false;
}
static void wants_direct(struct fixture *f)
{
    f->policy.base.direct = true;
}
static void gets_direct(struct fixture *f)
{
    wants_direct(f);
    f->session.direct = true;
}
static void direct_unasked(struct fixture *f)
{
    f->session.direct = true;
}

static void rows_of_binding_and_base(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "batch is as fresh", batch, HTTPA_OK, "" },
        { "unless the policy says no", batch_not_accepted,
          HTTPA_ERR_APPRAISAL, "evidence.binding" },
        { "fresh can be refused too", fresh_not_accepted, HTTPA_ERR_APPRAISAL,
          "evidence.binding" },
        { "bound to nothing", unbound, HTTPA_ERR_APPRAISAL,
          "evidence.binding" },
        { "bound by garbage", garbage, HTTPA_ERR_APPRAISAL,
          "evidence.binding" },
        { "a key, unasked", key_by_default, HTTPA_ERR_APPRAISAL,
          "evidence.binding" },
        { "a key", key, HTTPA_OK, "" },
        { "a key without an identity", key_alone, HTTPA_ERR_CONFIG,
          "policy.form" },
        { "a key that is over", key_over, HTTPA_ERR_APPRAISAL,
          "evidence.key.interval" },
        { "its last second", key_last_second, HTTPA_OK, "" },
        { "a key for too long", key_too_long, HTTPA_ERR_APPRAISAL,
          "evidence.key.interval" },
        { "a clock ahead", key_ahead, HTTPA_OK, "" },
        { "too far ahead", key_too_far_ahead, HTTPA_ERR_APPRAISAL,
          "evidence.key.interval" },
        { "an empty interval", key_backwards, HTTPA_ERR_APPRAISAL,
          "evidence.key.interval" },
        { "an endless one", key_of_all_times, HTTPA_ERR_APPRAISAL,
          "evidence.key.interval" },
        { "never seen fresh", key_never_seen, HTTPA_ERR_APPRAISAL,
          "evidence.key.seen" },
        { "said to be fine", key_unproven, HTTPA_OK, "" },
        { "a key beside fresh evidence", key_not_used, HTTPA_OK, "" },
        { "new is accepted", creation_new, HTTPA_OK, "" },
        { "reuse is not, by default", creation_reuse, HTTPA_ERR_APPRAISAL,
          "base.creation" },
        { "nothing granted", creation_none, HTTPA_ERR_APPRAISAL,
          "base.creation" },
        { "shared is not new", only_new, HTTPA_ERR_APPRAISAL,
          "base.creation" },
        { "indirect is not direct", wants_direct, HTTPA_ERR_APPRAISAL,
          "base.instances" },
        { "direct", gets_direct, HTTPA_OK, "" },
        { "more than asked", direct_unasked, HTTPA_OK, "" },
    };
    run_rows(rows, COUNT(rows));
}

static void the_age_of_a_key_is_claimed(void **state)
{
    (void)state;
    static const struct {
        struct row row;
        const char *binding, *source, *seen;
        int64_t age_s;
    } cases[] = {
        { { "fresh", NULL, HTTPA_OK, "" }, "fresh", "proved", "fresh", 0 },
        { { "batch", batch, HTTPA_OK, "" }, "batch", "proved",
          "batch, leaf 17 of 212", 0 },
        { { "key", key, HTTPA_OK, "" }, "key", "claimed", "key", 100 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct httpa_verdict *v = httpa_verdict_new();
        run_row(&cases[i].row, v);
        assert_string_equal(httpa_verdict_facts(v)->binding, cases[i].binding);
        assert_string_equal(httpa_verdict_facts(v)->age_source,
                            cases[i].source);
        for (size_t n = 0; n < httpa_verdict_check_count(v); n++) {
            const struct httpa_check *c = httpa_verdict_check_at(v, n);
            if (strcmp(c->id, "evidence.binding") == 0) {
                assert_slice_is(c->seen.bytes, cases[i].seen);
                assert_int_equal(c->age_s, cases[i].age_s);
            }
        }
        httpa_verdict_free(v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_binding_and_base),
        cmocka_unit_test(the_age_of_a_key_is_claimed),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
