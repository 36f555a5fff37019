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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(refusals) };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
