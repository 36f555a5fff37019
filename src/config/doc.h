/*
 * A JSON document that is being read strictly: where one is, what a member
 * may be, and how to say that it is not.
 *
 * jansson parses; it forgets where values stood.  A place is therefore the
 * chain of members from the root, on the stack of the readers, and its line
 * is found by walking the text again, only when there is an error to tell.
 */
#ifndef HTTPA_CONFIG_DOC_H
#define HTTPA_CONFIG_DOC_H

#include <jansson.h>

#include <httpa/config.h>

/* Memory of one policy: blocks that are freed together. */
struct httpa_config_block;
struct httpa_config_arena {
    struct httpa_config_block *blocks;
};

struct httpa_config_doc {
    struct httpa_config_arena *arena;
    struct httpa_slice text;
    const char *path; /* NULL: none */
    struct httpa_config_error *error;
};

struct httpa_config_at {
    const struct httpa_config_at *up; /* NULL at the root */
    size_t ordinal;                   /* among the members of `up` */
    const char *key;                  /* NULL in an array and at the root */
    json_t *value;
};

/* Reads the value at |at| into |to|, whose type the reader knows. */
typedef enum httpa_err (*httpa_config_read_fn)(
    struct httpa_config_doc *doc, const struct httpa_config_at *at, void *to);

enum httpa_config_need { HTTPA_CONFIG_OPTIONAL, HTTPA_CONFIG_MANDATORY };

/* One member of an object: its reader gets the object's target + offset. */
struct httpa_config_member {
    const char *name;
    httpa_config_read_fn read;
    size_t offset;
    enum httpa_config_need need;
};

/* ------------------------------------------------------------------ memory */

/* |n| zero bytes, aligned for anything; NULL when out of memory. */
void *httpa_config_alloc(struct httpa_config_arena *arena, size_t n);
void httpa_config_arena_done(struct httpa_config_arena *arena);

/* ------------------------------------------------------------------ errors */

/* Sets the document's error to the place of |at|, of its key or its value,
 * and answers HTTPA_ERR_CONFIG. */
enum httpa_err httpa_config_fail(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at,
                                 const char *format, ...) HTTPA_PRINTF(3, 4);
enum httpa_err httpa_config_fail_key(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at,
                                     const char *format, ...)
    HTTPA_PRINTF(3, 4);

/* As httpa_config_fail, at the member that a dotted path names
 * ("accept[1].name"), or the nearest one around it that is there. */
enum httpa_err httpa_config_fail_path(struct httpa_config_doc *doc,
                                      json_t *root, const char *path,
                                      const char *text);

/* Replaces the control characters that a name of the file brought along. */
void httpa_config_one_line(struct httpa_config_error *error);

/* HTTPA_ERR_MEMORY, said in the document's error. */
enum httpa_err httpa_config_no_memory(struct httpa_config_doc *doc);

/* The name among |names| nearest to |word|, or NULL when none is near. */
const char *httpa_config_nearest(const char *word, const char *const *names,
                                 size_t count);

/* ----------------------------------------------------------------- objects */

/* Reads every member of the object at |at| with its row; a member without a
 * row, or a mandatory one that is not there, is an error. */
HTTPA_MUST_USE enum httpa_err
httpa_config_object(struct httpa_config_doc *doc,
                    const struct httpa_config_at *at,
                    const struct httpa_config_member *members, size_t count,
                    void *to);

/* The member |key| of the object at |at|; false when it is not there. */
bool httpa_config_find(const struct httpa_config_at *at, const char *key,
                       struct httpa_config_at *ret_at);

/* The |i|th member or element. */
struct httpa_config_at httpa_config_nth(const struct httpa_config_at *at,
                                        size_t i);

/* A list, not empty, of at most |max| elements: an array of |size| bytes
 * each from the arena, every element read by |read|. */
struct httpa_config_list {
    httpa_config_read_fn read;
    size_t size;
    size_t max;
};
HTTPA_MUST_USE enum httpa_err
httpa_config_array(struct httpa_config_doc *doc,
                   const struct httpa_config_at *at,
                   const struct httpa_config_list *list, const void **ret_v,
                   size_t *ret_count);

/* ------------------------------------------------- readers of single values */

enum httpa_err httpa_config_note(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to);
/* const char *: text, not empty */
enum httpa_err httpa_config_text(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to);
/* struct httpa_slice: text, not empty */
enum httpa_err httpa_config_slice(struct httpa_config_doc *doc,
                                  const struct httpa_config_at *at, void *to);
/* struct httpa_slice: bytes given in hex */
enum httpa_err httpa_config_hex(struct httpa_config_doc *doc,
                                const struct httpa_config_at *at, void *to);
/* bool */
enum httpa_err httpa_config_bool(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to);
/* int64_t: RFC 3339, UTC */
enum httpa_err httpa_config_time(struct httpa_config_doc *doc,
                                 const struct httpa_config_at *at, void *to);
/* uint32_t, seconds: "90s" "5m" "24h" "30d" */
enum httpa_err httpa_config_duration(struct httpa_config_doc *doc,
                                     const struct httpa_config_at *at,
                                     void *to);

/* One of |words|, NULL-terminated; its index. */
HTTPA_MUST_USE enum httpa_err
httpa_config_word(struct httpa_config_doc *doc,
                  const struct httpa_config_at *at, const char *const *words,
                  size_t *ret_index);

/* ------------------------------------------------------------------- files */

/* A whole file, at most |max| bytes; free() it.  HTTPA_ERR_IO with *ret_why
 * a literal or strerror's text. */
HTTPA_MUST_USE enum httpa_err httpa_config_file(const char *path, size_t max,
                                                struct httpa_slice *ret_bytes,
                                                const char **ret_why);

/* The file that the text at |at| names, relative to the policy; free() it. */
HTTPA_MUST_USE enum httpa_err
httpa_config_named(struct httpa_config_doc *doc,
                   const struct httpa_config_at *at,
                   struct httpa_slice *ret_bytes);

/* The DER of all blocks of the PEM |text|, at least one and each of that
 * label, appended to the |n| at |v|, which has room for |max|. */
HTTPA_MUST_USE enum httpa_err
httpa_config_blocks(struct httpa_config_doc *doc, struct httpa_slice text,
                    const char *label, size_t max, struct httpa_slice *v,
                    size_t *n);

/* struct httpa_slice: the DER of the one public key ("PUBLIC KEY") in the PEM
 * file that the text at |at| names, or is, when it begins like PEM. */
enum httpa_err httpa_config_public_key(struct httpa_config_doc *doc,
                                       const struct httpa_config_at *at,
                                       void *to);

/* Certificates that one list of files may bring. */
#define HTTPA_CONFIG_CERTIFICATES_MAX 64u

/* Those of the one PEM file that the text at |at| names, appended to the |n|
 * at |v|, which has room for as many. */
HTTPA_MUST_USE enum httpa_err httpa_config_certificate_file(
    struct httpa_config_doc *doc, const struct httpa_config_at *at,
    struct httpa_slice *v, size_t *n);

/* A list of PEM files with certificates, all of them into one array. */
HTTPA_MUST_USE enum httpa_err
httpa_config_certificates(struct httpa_config_doc *doc,
                          const struct httpa_config_at *at,
                          const struct httpa_slice **ret_v, size_t *ret_count);

#endif
