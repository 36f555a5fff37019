/* Documents that say they are verdicts: their pages fit, and nothing in them
 * is a control. */
#include "fuzz.h"
#include "tool/document.h"
#include "tool/page.h"

/* 80 characters of at most four bytes. */
#define LINE_MAX_BYTES 320u

static void check(const char *page, size_t n)
{
    size_t line = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)page[i];
        must(c == '\n' || (c >= 0x20 && c != 0x7f));
        line = c == '\n' ? 0 : line + 1;
        must(line <= LINE_MAX_BYTES);
    }
}

static void draw(const json_t *document, bool every_check)
{
    const struct httpa_page page = { .every_check = every_check,
                                     .sends = true };
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    must(to != NULL);
    httpa_page_draw(&page, document, to);
    must(fclose(to) == 0);
    check(text, n);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *document = httpa_document_read(httpa_slice_of(data, size));
    if (document != NULL) {
        draw(document, false);
        draw(document, true);
    }
    json_decref(document);
    return 0;
}
