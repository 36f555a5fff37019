#include "config/doc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/pem.h"

/* PEM files of a policy: a key or a handful of roots. */
#define PEM_FILE_MAX 262144u
#define PATH_LEN_MAX 4096u

static enum httpa_err read_all(FILE *f, size_t max,
                               struct httpa_slice *ret_bytes,
                               const char **ret_why)
{
    uint8_t *bytes = malloc(max + 1);
    if (bytes == NULL) {
        *ret_why = "out of memory";
        return HTTPA_ERR_MEMORY;
    }
    size_t n = fread(bytes, 1, max + 1, f);
    if (ferror(f) != 0 || n > max) {
        *ret_why = n > max ? "is too long" : strerror(errno);
        free(bytes);
        return HTTPA_ERR_IO;
    }
    *ret_bytes = httpa_slice_of(bytes, n);
    return HTTPA_OK;
}

enum httpa_err httpa_config_file(const char *path, size_t max,
                                 struct httpa_slice *ret_bytes,
                                 const char **ret_why)
{
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        *ret_why = strerror(errno);
        return HTTPA_ERR_IO;
    }
    enum httpa_err err = read_all(f, max, ret_bytes, ret_why);
    (void)fclose(f);
    return err;
}

/* Relative to the folder of the policy. */
static bool resolve(const struct httpa_config_doc *doc, const char *name,
                    char path[PATH_LEN_MAX])
{
    const char *slash = doc->path != NULL ? strrchr(doc->path, '/') : NULL;
    int folder = slash != NULL && name[0] != '/'
                     ? (int)(slash - doc->path) + 1
                     : 0;
    int n = snprintf(path, PATH_LEN_MAX, "%.*s%s", folder,
                     folder > 0 ? doc->path : "", name);
    return n > 0 && (size_t)n < PATH_LEN_MAX;
}

enum httpa_err httpa_config_named(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at,
                                  struct httpa_slice *ret_bytes)
{
    const char *name = json_string_value(at->value);
    const char *why = "name is too long";
    char path[PATH_LEN_MAX];
    if (name == NULL || name[0] == '\0') {
        return httpa_config_fail(doc, at, "must be the name of a file");
    }
    if (strncmp(name, "builtin:", 8) == 0) {
        return httpa_config_fail(doc, at, "nothing is built in for this; name "
                                          "a file");
    }
    if (!resolve(doc, name, path) ||
        httpa_config_file(path, PEM_FILE_MAX, ret_bytes, &why) != HTTPA_OK) {
        return httpa_config_fail(doc, at, "%.128s: %s", name, why);
    }
    return HTTPA_OK;
}

/* The next block of |pem|, which must have that label, kept in the arena. */
static enum httpa_err next_block(struct httpa_config_doc *doc,
                                 struct httpa_pem *pem, const char *label,
                                 struct httpa_slice *ret_der)
{
    struct httpa_slice got;
    struct httpa_buf der = httpa_buf_growing(PEM_FILE_MAX);
    enum httpa_err err = httpa_pem_next(pem, &got, &der);
    if (err == HTTPA_OK && !httpa_slice_is(got, label)) {
        err = HTTPA_ERR_UNSUPPORTED;
    }
    uint8_t *room =
        err == HTTPA_OK ? httpa_config_alloc(doc->arena, der.n) : NULL;
    if (room != NULL) {
        memcpy(room, der.p, der.n);
        *ret_der = httpa_slice_of(room, der.n);
    } else if (err == HTTPA_OK) {
        err = HTTPA_ERR_MEMORY;
    }
    httpa_buf_done(&der);
    return err;
}

enum httpa_err httpa_config_blocks(struct httpa_config_doc *doc,
                                   struct httpa_slice text, const char *label,
                                   size_t max, struct httpa_slice *v, size_t *n)
{
    struct httpa_pem pem = httpa_pem_of(text);
    size_t before = *n;
    while (httpa_pem_more(&pem)) {
        if (*n == max) {
            return HTTPA_ERR_RANGE;
        }
        enum httpa_err err = next_block(doc, &pem, label, &v[*n]);
        if (err != HTTPA_OK) {
            return err;
        }
        ++*n;
    }
    return *n > before ? HTTPA_OK : HTTPA_ERR_MISSING;
}

enum httpa_err httpa_config_public_key(struct httpa_config_doc *doc,
                                       const struct httpa_config_at *at,
                                       void *to)
{
    struct httpa_slice file = { 0 }, der;
    struct httpa_slice text = { 0 };
    size_t n = 0;
    const char *s = json_string_value(at->value);
    bool inline_pem = s != NULL && strncmp(s, "-----BEGIN", 10) == 0;
    if (inline_pem) {
        text = httpa_slice_str(s);
    } else {
        enum httpa_err err = httpa_config_named(doc, at, &file);
        if (err != HTTPA_OK) {
            return err;
        }
        text = file;
    }
    enum httpa_err err =
        httpa_config_blocks(doc, text, "PUBLIC KEY", 1, &der, &n);
    free((void *)(uintptr_t)file.p);
    if (err != HTTPA_OK) {
        return httpa_config_fail(doc, at,
                                 "%.128s: must be PEM with one PUBLIC KEY",
                                 inline_pem ? "the key" : s);
    }
    *(struct httpa_slice *)to = der;
    return HTTPA_OK;
}

enum httpa_err httpa_config_certificate_file(struct httpa_config_doc *doc,
                                             const struct httpa_config_at *at,
                                             struct httpa_slice *v, size_t *n)
{
    struct httpa_slice file;
    enum httpa_err err = httpa_config_named(doc, at, &file);
    if (err != HTTPA_OK) {
        return err;
    }
    err = httpa_config_blocks(doc, file, "CERTIFICATE",
                              HTTPA_CONFIG_CERTIFICATES_MAX, v, n);
    free((void *)(uintptr_t)file.p);
    if (err != HTTPA_OK) {
        return httpa_config_fail(doc, at,
                                 "%.128s: must be PEM with CERTIFICATEs, and "
                                 "at most %u in all",
                                 json_string_value(at->value),
                                 HTTPA_CONFIG_CERTIFICATES_MAX);
    }
    return HTTPA_OK;
}

enum httpa_err httpa_config_certificates(struct httpa_config_doc *doc,
                                         const struct httpa_config_at *at,
                                         const struct httpa_slice **ret_v,
                                         size_t *ret_count)
{
    size_t n = 0;
    struct httpa_slice *v = httpa_config_alloc(
        doc->arena, HTTPA_CONFIG_CERTIFICATES_MAX * sizeof(*v));
    if (v == NULL) {
        return httpa_config_no_memory(doc);
    }
    if (!json_is_array(at->value) || json_array_size(at->value) == 0) {
        return httpa_config_fail(doc, at, "must be a list of files, not empty");
    }
    for (size_t i = 0; i < json_array_size(at->value); i++) {
        struct httpa_config_at child = httpa_config_nth(at, i);
        enum httpa_err err = httpa_config_certificate_file(doc, &child, v, &n);
        if (err != HTTPA_OK) {
            return err;
        }
    }
    *ret_v = v;
    *ret_count = n;
    return HTTPA_OK;
}
