#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "attest/attest.h"
#include "codec/json.h"
#include "codec/pem.h"
#include "codec/utf8.h"
#include "evidence/eat/eat.h"

#define KEY_FILE "dev-key.pem"
#define ROOT_FILE "dev-root.pem"
#define CLAIMS_FILE "dev-claims"

#define PATH_LEN 1024u
#define CLAIMS_TEXT_MAX 8192u /* bytes of dev-claims: a page can show it */
#define DESCRIPTION_MAX 192u

struct claims {
    struct httpa_eat_claim v[HTTPA_EAT_CLAIMS_MAX];
    size_t n;
};

struct dev {
    struct httpa_attester base; /* first: see <httpa/attest.h> */
    char description[DESCRIPTION_MAX];
    struct httpa_crypto *crypto;
    struct httpa_key *key;
    struct httpa_buf text; /* of dev-claims; |claims| borrow from it */
    struct claims claims;
};

static struct dev *dev_of(struct httpa_attester *a)
{
    return (struct dev *)a;
}

/* The line up to the next newline, and |in| moves behind it. */
static struct httpa_slice take_line(struct httpa_slice *in)
{
    size_t n = 0;
    while (n < in->n && in->p[n] != '\n') {
        n++;
    }
    struct httpa_slice line = httpa_slice_of(in->p, n);
    *in = httpa_slice_from(*in, n + 1);
    return line;
}

/* A verdict has claims of these names already (evidence/eat). */
static bool is_reserved(struct httpa_slice name)
{
    return httpa_slice_is(name, "root_key") || httpa_slice_is(name, "iat");
}

static bool read_claim(struct httpa_slice line, struct httpa_eat_claim *ret)
{
    size_t n = 0;
    while (n < line.n && line.p[n] != '=') {
        n++;
    }
    if (n == line.n) {
        return false;
    }
    ret->name = httpa_slice_of(line.p, n);
    ret->value = httpa_value_text(httpa_slice_from(line, n + 1));
    return n > 0 && n <= HTTPA_EAT_NAME_MAX &&
           ret->value.bytes.n <= HTTPA_EAT_VALUE_MAX &&
           httpa_utf8_valid(line) && !is_reserved(ret->name);
}

/* NAME=VALUE lines; |ret| borrows from |text|. */
static enum httpa_err read_claims(struct httpa_slice text, struct claims *ret,
                                  struct httpa_attest_diag *diag)
{
    for (unsigned number = 1; text.n > 0; number++) {
        struct httpa_slice line = take_line(&text);
        if (line.n == 0) {
            continue;
        }
        if (ret->n == HTTPA_EAT_CLAIMS_MAX ||
            !read_claim(line, &ret->v[ret->n])) {
            return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                     "dev claims, line %u: not NAME=VALUE, or "
                                     "too long or too many",
                                     number);
        }
        for (size_t i = 0; i < ret->n; i++) {
            if (httpa_slice_equal(ret->v[i].name, ret->v[ret->n].name)) {
                return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                         "dev claims, line %u: a name twice",
                                         number);
            }
        }
        ret->n++;
    }
    return HTTPA_OK;
}

static enum httpa_err
quote(struct httpa_attester *a, const uint8_t rd[HTTPA_RD_LEN],
      struct httpa_buf *ret_value, struct httpa_attest_diag *diag)
{
    struct dev *d = dev_of(a);
    diag->text[0] = '\0';
    struct httpa_eat_content content = {
        .rd = rd,
        .iat_s = (int64_t)time(NULL),
        .claims = d->claims.v,
        .claim_count = d->claims.n,
    };
    enum httpa_err err =
        httpa_eat_write(d->crypto, d->key, &content, ret_value);
    return httpa_attest_explain(diag, err);
}

static void close_dev(struct httpa_attester *a)
{
    struct dev *d = dev_of(a);
    httpa_key_free(d->key);
    httpa_crypto_free(d->crypto);
    httpa_buf_done(&d->text);
    free(d);
}

static enum httpa_err path_in(const char *dir, const char *name,
                              char ret[PATH_LEN],
                              struct httpa_attest_diag *diag)
{
    int n = snprintf(ret, PATH_LEN, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= PATH_LEN) {
        return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                 "the path of %s is too long", name);
    }
    return HTTPA_OK;
}

static enum httpa_err read_in(const char *dir, const char *name,
                              struct httpa_buf *out,
                              struct httpa_attest_diag *diag)
{
    char path[PATH_LEN];
    enum httpa_err err = path_in(dir, name, path, diag);
    return err == HTTPA_OK ? httpa_attest_read_file(path, out, diag) : err;
}

static enum httpa_err
set_up(struct dev *d, const char *dir, struct httpa_attest_diag *diag)
{
    struct httpa_buf pem = httpa_buf_growing(HTTPA_KEY_PEM_MAX);
    enum httpa_err err = httpa_crypto_new(&d->crypto);
    if (err == HTTPA_OK) {
        err = read_in(dir, KEY_FILE, &pem, diag);
    }
    if (err == HTTPA_OK) {
        err = httpa_key_read_pem(d->crypto, httpa_buf_slice(&pem), &d->key);
        if (err != HTTPA_OK || httpa_key_kind_of(d->key) != HTTPA_KEY_P256) {
            err = httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                    "%s/%s: not a P-256 private key", dir,
                                    KEY_FILE);
        }
    }
    if (err == HTTPA_OK) {
        err = read_in(dir, CLAIMS_FILE, &d->text, diag);
    }
    if (err == HTTPA_OK) {
        err = read_claims(httpa_buf_slice(&d->text), &d->claims, diag);
    }
    httpa_buf_done(&pem);
    return err;
}

enum httpa_err httpa_attest_open_dev(struct httpa_attester **ret,
                                     const struct httpa_attest_options *o,
                                     struct httpa_attest_diag *diag)
{
    if (o->dev_dir == NULL) {
        return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                 "tee dev needs the directory that httpa "
                                 "dev-init filled");
    }
    struct dev *d = calloc(1, sizeof(*d));
    if (d == NULL) {
        return httpa_attest_fail(diag, HTTPA_ERR_MEMORY, "out of memory");
    }
    d->text = httpa_buf_growing(CLAIMS_TEXT_MAX);
    d->base = (struct httpa_attester){
        .type = "dev",
        .media_type = HTTPA_EAT_MEDIA_TYPE,
        .description = d->description,
        .quote = quote,
        .close = close_dev,
    };
    (void)snprintf(d->description, sizeof(d->description),
                   "dev (%s), INSECURE: a file signs, no TEE", o->dev_dir);
    enum httpa_err err = set_up(d, o->dev_dir, diag);
    if (err != HTTPA_OK) {
        close_dev(&d->base);
        return err;
    }
    *ret = &d->base;
    return HTTPA_OK;
}

/* Never overwrites: a key that is there may be pinned in policies. */
static enum httpa_err write_new(const char *dir, const char *name, mode_t mode,
                                struct httpa_slice bytes,
                                struct httpa_attest_diag *diag)
{
    char path[PATH_LEN];
    enum httpa_err err = path_in(dir, name, path, diag);
    if (err != HTTPA_OK) {
        return err;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST) {
        return httpa_attest_fail(diag, HTTPA_ERR_CONFIG,
                                 "%s is there already; it is kept", path);
    }
    size_t at = 0;
    while (fd >= 0 && at < bytes.n) {
        ssize_t n = write(fd, bytes.p + at, bytes.n - at);
        if (n < 0 && errno != EINTR) {
            break;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    if (fd < 0 || at < bytes.n || close(fd) != 0) {
        return httpa_attest_fail(diag, HTTPA_ERR_IO, "%s: %s", path,
                                 strerror(errno));
    }
    return HTTPA_OK;
}

static enum httpa_err write_key(const char *dir, const struct httpa_key *key,
                                struct httpa_attest_diag *diag)
{
    struct httpa_buf secret = httpa_buf_growing(HTTPA_KEY_PEM_MAX);
    struct httpa_buf pub = httpa_buf_growing(HTTPA_KEY_PEM_MAX);
    enum httpa_err err = httpa_key_write_pem(key, &secret);
    httpa_pem_write(&pub, "PUBLIC KEY", httpa_key_spki(key));
    if (err == HTTPA_OK) {
        err = httpa_buf_check(&pub);
    }
    if (err == HTTPA_OK) {
        err = write_new(dir, KEY_FILE, 0600, httpa_buf_slice(&secret), diag);
    }
    if (err == HTTPA_OK) {
        err = write_new(dir, ROOT_FILE, 0644, httpa_buf_slice(&pub), diag);
    }
    httpa_buf_done(&secret);
    httpa_buf_done(&pub);
    return err;
}

/* One member of a policy's "accept" (doc/policy.md). */
static enum httpa_err put_policy(const char *dir, const struct claims *claims,
                                 struct httpa_buf *out,
                                 struct httpa_attest_diag *diag)
{
    char root[PATH_LEN];
    enum httpa_err err = path_in(dir, ROOT_FILE, root, diag);
    if (err != HTTPA_OK) {
        return err;
    }
    struct httpa_json j = httpa_json_of(out, HTTPA_JSON_PRETTY);
    httpa_json_object(&j);
    httpa_json_key(&j, "name");
    httpa_json_str(&j, "developer");
    httpa_json_key(&j, "type");
    httpa_json_str(&j, "dev");
    httpa_json_key(&j, "root_key");
    httpa_json_str(&j, root);
    httpa_json_key(&j, "measurements");
    httpa_json_array(&j);
    httpa_json_object(&j);
    for (size_t i = 0; i < claims->n; i++) {
        httpa_json_key_slice(&j, claims->v[i].name);
        httpa_json_string(&j, claims->v[i].value.bytes);
    }
    httpa_json_end(&j);
    httpa_json_end(&j);
    httpa_json_end(&j);
    return httpa_json_check(&j);
}

enum httpa_err httpa_attest_dev_init(const char *dir, const char *claims,
                                     struct httpa_buf *ret_policy,
                                     struct httpa_attest_diag *diag)
{
    struct claims parsed = { 0 };
    struct httpa_crypto *crypto = NULL;
    struct httpa_key *key = NULL;
    struct httpa_slice text = httpa_slice_str(claims);
    diag->text[0] = '\0';
    enum httpa_err err = read_claims(text, &parsed, diag);
    if (err == HTTPA_OK && mkdir(dir, 0700) != 0 && errno != EEXIST) {
        err = httpa_attest_fail(diag, HTTPA_ERR_IO, "%s: %s", dir,
                                strerror(errno));
    }
    if (err == HTTPA_OK) {
        err = httpa_crypto_new(&crypto);
    }
    if (err == HTTPA_OK) {
        err = httpa_key_generate(crypto, HTTPA_KEY_P256, &key);
    }
    if (err == HTTPA_OK) {
        err = write_key(dir, key, diag);
    }
    if (err == HTTPA_OK) {
        err = write_new(dir, CLAIMS_FILE, 0644, text, diag);
    }
    if (err == HTTPA_OK) {
        err = put_policy(dir, &parsed, ret_policy, diag);
    }
    httpa_key_free(key);
    httpa_crypto_free(crypto);
    return httpa_attest_explain(diag, err);
}
