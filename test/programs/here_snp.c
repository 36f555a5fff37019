/*
 * A SEV-SNP guest under an AMD that is none.  FOLDER gets vcek and chain, as
 * AMD publishes them, and the private keys ARK, SEV and SEV-VCEK, the first
 * for lists and all for the next start.
 */
#define MAKER_NOW ((int64_t)time(NULL))
#define MAKER_LIFE_S (400 * 86400)

#include <time.h>

#include <openssl/pem.h>

#include "codec/pem.h"
#include "here.h"
#include "unit/evidence/snp/maker.h"

static struct maker maker;
static const struct maker_wish wish = { .line = HTTPA_SNP_GENOA };

static const char *const names[] = { "ARK", "SEV", "SEV-VCEK" };

static bool load_key(const char *folder, const char *name, EVP_PKEY **key)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        return false;
    }
    EVP_PKEY_free(*key);
    *key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    (void)fclose(f);
    return *key != NULL;
}

static void load_cert(const char *folder, const char *name,
                      struct httpa_buf *der)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s.der", folder, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    httpa_buf_reset(der);
    uint8_t *room = httpa_buf_room(der, 8192);
    httpa_buf_grew(der, fread(room, 1, 8192, f));
    (void)fclose(f);
}

static void save_key(const char *folder, const char *name, EVP_PKEY *key)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL),
                     1);
    (void)fclose(f);
}

static void keep(const char *folder)
{
    struct maker_cert *certs[] = { &maker.ark, &maker.ask, &maker.leaf };
    char name[64];
    for (size_t i = 0; i < COUNT(certs); i++) {
        (void)snprintf(name, sizeof(name), "%s.der", names[i]);
        if (load_key(folder, names[i], &certs[i]->key)) {
            load_cert(folder, names[i], &certs[i]->der);
        } else {
            save_key(folder, names[i], certs[i]->key);
            here_write(folder, name, httpa_buf_slice(&certs[i]->der));
        }
    }
}

static void open_guest(const char *folder)
{
    struct httpa_buf pem = httpa_buf_growing(65536);
    struct httpa_cert *ark = NULL;
    struct httpa_digest digest;
    maker_init(&maker, &wish);
    keep(folder);
    assert_ok(
        httpa_cert_read(maker.crypto, httpa_buf_slice(&maker.ark.der), &ark));
    assert_ok(httpa_hash_once(maker.crypto, HTTPA_SHA256, httpa_cert_spki(ark),
                              &digest));
    httpa_cert_free(ark);
    here_write_root(folder, digest.bytes);
    httpa_pem_write(&pem, "CERTIFICATE", httpa_buf_slice(&maker.ask.der));
    httpa_pem_write(&pem, "CERTIFICATE", httpa_buf_slice(&maker.ark.der));
    here_write(folder, "chain", httpa_buf_slice(&pem));
    here_write(folder, "vcek", httpa_buf_slice(&maker.leaf.der));
    httpa_buf_done(&pem);
}

static void quote(const uint8_t rd[64], struct httpa_buf *ret)
{
    memcpy(maker.rd, rd, sizeof(maker.rd));
    maker_report(&maker, &wish);
    httpa_buf_put(ret, maker.report, sizeof(maker.report));
}

const struct here_guest here_snp = { .word = "sev-snp",
                                     .media_type = HTTPA_SNP_MEDIA_TYPE,
                                     .open = open_guest,
                                     .quote = quote };
