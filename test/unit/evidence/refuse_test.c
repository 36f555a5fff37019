#include "support.h"

static const uint8_t cfg[] = { 0x22 };

static void product(struct fixture *f)
{
    set_script(f, "mr=aa11\n~product=Milan");
    f->list[0] = httpa_slice_str("genoa");
    f->list[1] = httpa_slice_str("milan");
    f->policy.refuse.products = f->list;
    f->policy.refuse.product_count = 2;
}
static void other_product(struct fixture *f)
{
    product(f);
    set_script(f, "mr=aa11\n~product=turin");
}
static void longer_product(struct fixture *f)
{
    product(f);
    set_script(f, "mr=aa11\n~product=milan2");
}
static void measurement(struct fixture *f)
{
    f->list[0] = httpa_slice_of(cfg, sizeof(cfg));
    f->policy.refuse.measurements = f->list;
    f->policy.refuse.measurement_count = 1;
}
static void measurement_beside(struct fixture *f)
{
    measurement(f);
    set_script(f, "mr=aa11");
    add_item(f, "application/x-card", "serial=22");
}
static void other_measurement(struct fixture *f)
{
    measurement(f);
    set_script(f, "mr=aa11\ncfg=2222");
}
static void advisory(struct fixture *f)
{
    set_script(f, "mr=aa11\n~~advisories=SA-1,SA-2");
    f->list[0] = httpa_slice_str("SA-2");
    f->policy.refuse.advisories = f->list;
    f->policy.refuse.advisory_count = 1;
}
static void signer(struct fixture *f)
{
    set_script(f, "mr=aa11\nsigner=22");
    f->list[0] = httpa_slice_of(cfg, sizeof(cfg));
    f->policy.refuse.signers = f->list;
    f->policy.refuse.signer_count = 1;
}
static void chip(struct fixture *f)
{
    set_script(f, "mr=aa11\nchip=22");
    f->list[0] = httpa_slice_of(cfg, sizeof(cfg));
    f->policy.refuse.chips = f->list;
    f->policy.refuse.chip_count = 1;
}
static void base(struct fixture *f)
{
    f->session.base = httpa_slice_str("r1.abc");
    f->list[0] = httpa_slice_str("r1.abc");
    f->policy.refuse.bases = f->list;
    f->policy.refuse.base_count = 1;
}
static void other_base(struct fixture *f)
{
    base(f);
    f->list[0] = httpa_slice_str("r1.abd");
}

static void refusals(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "a product, without case", product, HTTPA_ERR_APPRAISAL,
          "refuse.products" },
        { "another product", other_product, HTTPA_OK, "" },
        { "a prefix is another name", longer_product, HTTPA_OK, "" },
        { "a register that no set names", measurement, HTTPA_ERR_APPRAISAL,
          "refuse.measurements" },
        { "of an item that no profile uses", measurement_beside,
          HTTPA_ERR_APPRAISAL, "refuse.measurements" },
        { "another value", other_measurement, HTTPA_OK, "" },
        { "one advisory of several", advisory, HTTPA_ERR_APPRAISAL,
          "refuse.advisories" },
        { "a signer", signer, HTTPA_ERR_APPRAISAL, "refuse.signers" },
        { "a chip", chip, HTTPA_ERR_APPRAISAL, "refuse.chips" },
        { "a base", base, HTTPA_ERR_APPRAISAL, "refuse.bases" },
        { "another base", other_base, HTTPA_OK, "" },
    };
    run_rows(rows, COUNT(rows));
}

/* Under each name that a type's signers have, and under no other. */
static void signers(void **state)
{
    static const struct {
        const char *type;
        const char *script; /* 2222 is refused */
        enum httpa_err err;
    } rows[] = {
        { "sev-snp", "mr=aa11\nid_key_digest=2222", HTTPA_ERR_APPRAISAL },
        { "sev-snp", "mr=aa11\nauthor_key_digest=2222", HTTPA_ERR_APPRAISAL },
        { "sev-snp", "mr=aa11\nmrsigner=2222", HTTPA_OK },
        { "sev-snp", "mr=aa11\nid_key_digest=2223", HTTPA_OK },
        { "sgx", "mr=aa11\nmrsigner=2222", HTTPA_ERR_APPRAISAL },
        { "nitro", "mr=aa11\npcr8=2222", HTTPA_ERR_APPRAISAL },
        { "nitro", "mr=aa11\npcr7=2222", HTTPA_OK },
        { "cca", "mr=aa11\n~~signer_ids=11,2222", HTTPA_ERR_APPRAISAL },
        { "cca", "mr=aa11\n~~signer_ids=11,222222", HTTPA_OK },
        { "own", "mr=aa11\nsigner=2222", HTTPA_ERR_APPRAISAL },
        { "tdx", "mr=aa11", HTTPA_ERR_CONFIG },
        { "tpm", "mr=aa11", HTTPA_ERR_CONFIG },
    };
    static const uint8_t refused[] = { 0x22, 0x22 };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct fixture f;
        struct httpa_verdict *v = httpa_verdict_new();
        struct httpa_verifier own = paper;
        const struct httpa_verifier *const only[] = { &own };
        fixture_init(&f);
        own.type = rows[i].type;
        f.in.verifiers = only;
        f.in.verifier_count = 1;
        f.profiles[0].type = rows[i].type;
        f.policy.insecure_unpinned = true;
        set_script(&f, rows[i].script);
        f.list[0] = httpa_slice_of(refused, sizeof(refused));
        f.policy.refuse.signers = f.list;
        f.policy.refuse.signer_count = 1;
        if (httpa_appraise(&f.in, v) != rows[i].err) {
            fail_msg("row %zu: %.*s", i, (int)httpa_verdict_reason(v).check.n,
                     (const char *)httpa_verdict_reason(v).check.p);
        }
        httpa_verdict_free(v);
    }
}

/* Beside one that has signers, a profile without is fine, in `with` too. */
static void signer_within(struct fixture *f)
{
    f->policy.insecure_unpinned = true;
    f->profiles[0].type = "tdx";
    f->with[0] = f->profiles[0];
    f->with[0].type = "sgx";
    f->profiles[0].with = f->with;
    f->profiles[0].with_count = 1;
    f->list[0] = httpa_slice_of(cfg, sizeof(cfg));
    f->policy.refuse.signers = f->list;
    f->policy.refuse.signer_count = 1;
}

static void signers_of_profiles_within(void **state)
{
    static const struct row row = { "an enclave beside a domain",
                                    signer_within, HTTPA_ERR_APPRAISAL,
                                    "profile.type" };
    (void)state;
    run_rows(&row, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(signers),
        cmocka_unit_test(signers_of_profiles_within),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
