/*
 * A realm of Arm CCA for fake_tsm: tokens under a platform's key of no maker
 * (test/unit/evidence/cca/token.h).  Its folder gets
 *   cpak.pem   the platform's key, on P-521
 *   other.pem  the key of another platform
 */
#include "tsm_guest.h"
#include "unit/evidence/cca/token.h"

static struct token design;

static bool write_key(const char *folder, const char *name,
                      const struct httpa_key *key)
{
    struct httpa_buf pem = httpa_buf_growing(1024);
    httpa_pem_write(&pem, "PUBLIC KEY", httpa_key_spki(key));
    bool done = tsm_write(folder, name, pem.p, pem.n);
    httpa_buf_done(&pem);
    return done;
}

static bool open_guest(const char *folder)
{
    assert_int_equal(open_keys(NULL), 0);
    design = new_token();
    design.cpak = cpak512;
    return write_key(folder, "cpak.pem", cpak512) &&
           write_key(folder, "other.pem", cpak2);
}

static size_t quote(const struct tsm_wish *wish, uint8_t out[TSM_OUT_MAX])
{
    struct token t = design;
    t.challenge = httpa_slice_of(wish->rd, sizeof(wish->rd));
    t.lifecycle = wish->debug ? 0x4001 : t.lifecycle;
    t.parts[0].version = wish->old ? "1.1.9" : t.parts[0].version;
    struct httpa_buf b = make_token(&t);
    size_t n = b.n < TSM_OUT_MAX ? b.n : TSM_OUT_MAX;
    memcpy(out, b.p, n);
    httpa_buf_done(&b);
    return n;
}

static size_t no_aux(uint8_t out[TSM_AUX_MAX])
{
    (void)out;
    return 0;
}

static void close_guest(void)
{
    assert_int_equal(close_keys(NULL), 0);
}

const struct tsm_guest tsm_cca = {
    .word = "cca",
    .provider = "arm_cca_guest",
    .open = open_guest,
    .quote = quote,
    .aux = no_aux,
    .close = close_guest,
};
