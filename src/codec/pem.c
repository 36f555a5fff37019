#include "codec/pem.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/base64.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

/* RFC 7468 2: generators wrap at 64 characters, 48 bytes. */
#define LINE_BYTES 48u

struct httpa_pem httpa_pem_of(struct httpa_slice text)
{
    return (struct httpa_pem){ .in = text };
}

/* The next line without its end, which is LF, CRLF or that of the text. */
static struct httpa_slice take_line(struct httpa_slice *in)
{
    const uint8_t *lf = in->n > 0 ? memchr(in->p, '\n', in->n) : NULL;
    struct httpa_slice line = *in;
    if (lf != NULL) {
        line.n = (size_t)(lf - in->p);
        *in = httpa_slice_from(*in, line.n + 1);
        if (line.n > 0 && line.p[line.n - 1] == '\r') {
            line.n--;
        }
    } else {
        *in = (struct httpa_slice){ 0 };
    }
    return line;
}

static void skip_empty_lines(struct httpa_slice *in)
{
    struct httpa_slice rest = *in;
    while (rest.n > 0 && take_line(&rest).n == 0) {
        *in = rest;
    }
}

bool httpa_pem_more(const struct httpa_pem *pem)
{
    struct httpa_slice in = pem->in;
    skip_empty_lines(&in);
    return in.n > 0;
}

/* What stands between |opening| and five dashes, or nothing. */
static struct httpa_slice
boundary_label(struct httpa_slice line, const char *opening)
{
    size_t before = strlen(opening), after = strlen(DASHES);
    if (line.n <= before + after || !httpa_slice_starts(line, opening) ||
        !httpa_slice_is(httpa_slice_from(line, line.n - after), DASHES)) {
        return (struct httpa_slice){ 0 };
    }
    return httpa_slice_of(line.p + before, line.n - before - after);
}

/* Words of capitals and digits, such as "X509 CRL": narrower than RFC 7468 3,
 * and wide enough for every label in use. */
static bool is_label(struct httpa_slice s)
{
    bool word = false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || httpa_ascii_is_digit(c);
        if (!letter && !(c == ' ' && word)) {
            return false;
        }
        word = letter;
    }
    return word;
}

/* Decodes lines of one length up to the END line, the last one shorter. */
static enum httpa_err
read_body(struct httpa_slice *in, struct httpa_slice label, struct httpa_buf *b)
{
    size_t full = 0;
    bool last = false;
    while (in->n > 0) {
        struct httpa_slice line = take_line(in);
        if (httpa_slice_starts(line, DASHES)) {
            struct httpa_slice end = boundary_label(line, END);
            return full > 0 && httpa_slice_equal(end, label)
                       ? HTTPA_OK
                       : HTTPA_ERR_MALFORMED;
        }
        full = full == 0 ? line.n : full;
        if (last || line.n == 0 || line.n > full ||
            line.n > HTTPA_PEM_LINE_MAX) {
            return HTTPA_ERR_MALFORMED;
        }
        size_t before = b->n;
        enum httpa_err err = httpa_base64_read(line, HTTPA_BASE64_STRICT, b);
        if (err != HTTPA_OK) {
            return err;
        }
        last = (b->n - before) * 4 != full * 3; /* shorter, or padded */
    }
    return HTTPA_ERR_TRUNCATED;
}

enum httpa_err httpa_pem_next(struct httpa_pem *pem,
                              struct httpa_slice *ret_label,
                              struct httpa_buf *ret_der)
{
    struct httpa_slice in = pem->in;
    skip_empty_lines(&in);
    if (in.n == 0) {
        return HTTPA_ERR_MISSING;
    }
    struct httpa_slice label = boundary_label(take_line(&in), BEGIN);
    if (!is_label(label)) {
        return HTTPA_ERR_MALFORMED;
    }
    size_t start = ret_der->n;
    enum httpa_err err = read_body(&in, label, ret_der);
    if (err != HTTPA_OK) {
        httpa_buf_cut(ret_der, start);
        return err;
    }
    pem->in = in;
    *ret_label = label;
    return HTTPA_OK;
}

static void
put_boundary(struct httpa_buf *b, const char *opening, const char *label)
{
    httpa_buf_put_str(b, opening);
    httpa_buf_put_str(b, label);
    httpa_buf_put_str(b, DASHES "\n");
}

void httpa_pem_write(struct httpa_buf *b, const char *label,
                     struct httpa_slice der)
{
    put_boundary(b, BEGIN, label);
    while (der.n > 0) {
        size_t n = der.n < LINE_BYTES ? der.n : LINE_BYTES;
        httpa_base64_write(b, httpa_slice_of(der.p, n));
        httpa_buf_put_byte(b, '\n');
        der = httpa_slice_from(der, n);
    }
    put_boundary(b, END, label);
}
