/* A SEV-SNP guest for fake_tsm: reports under a VCEK of no AMD. */
#define MAKER_NOW ((int64_t)time(NULL))

#include <time.h>

#include "base/writer.h"
#include "tsm_guest.h"
#include "unit/evidence/snp/maker.h"

static struct maker maker;
static struct maker_wish design = { .line = HTTPA_SNP_GENOA };

static bool open_guest(const char *folder)
{
    maker_init(&maker, &design);
    return tsm_write_root(folder, maker.roots[0].spki_sha256);
}

static size_t quote(const struct tsm_wish *wish, uint8_t out[TSM_OUT_MAX])
{
    memcpy(maker.rd, wish->rd, sizeof(maker.rd));
    maker_report(&maker, &design);
    maker_put(maker.report + 0x30, (uint64_t)wish->privlevel, 4);
    if (wish->debug) {
        maker.report[0x0a] |= 1u << 3; /* bit 19 of POLICY */
    }
    maker_sign(&maker);
    memcpy(out, maker.report, sizeof(maker.report));
    return sizeof(maker.report);
}

static size_t aux(uint8_t out[TSM_AUX_MAX])
{
    return maker_table(&maker, false, out, TSM_AUX_MAX);
}

static void close_guest(void)
{
    maker_done(&maker);
}

const struct tsm_guest tsm_snp = {
    .word = "sev-snp",
    .provider = "sev_guest",
    .has_levels = true,
    .open = open_guest,
    .quote = quote,
    .aux = aux,
    .close = close_guest,
};
