/* Pages of documents that strangers wrote: every truncation and every changed
 * byte of one is drawn within its bounds, or is no verdict. */
#include <string.h>

#include "support/test.h"
#include "tool/document.h"
#include "tool/page.h"

static const char sample[] =
    "{\"httpa_verdict\":1,\"result\":\"refused\",\"exit_code\":1,"
    "\"reason\":{\"check\":\"tdx.tcb.status\",\"text\":\"Old.\","
    "\"do\":\"Update.\"},\"at\":\"2026-11-20T19:40:12Z\","
    "\"origin\":null,\"words\":{\"genuine\":\"pass\",\"current\":\"fail\","
    "\"pinned\":\"warn\",\"yours\":\"pass\"},"
    "\"policy_file\":{\"name\":\"p\",\"matched\":{\"profile\":\"t\","
    "\"set\":null},\"nearest\":[{\"profile\":\"t\",\"failed\":\"x\"}]},"
    "\"session\":{\"binding\":\"fresh\",\"age\":1.5,"
    "\"age_source\":\"proved\"},\"identity\":{\"spki_sha256\":\"00\"},"
    "\"evidence\":[{\"index\":0,\"type\":\"tdx\",\"used\":true,"
    "\"claims\":{\"mrtd\":\"aa\",\"l\":[1,\"b\"]},\"registers\":[\"mrtd\"]}],"
    "\"checks\":[{\"id\":\"tdx.tcb.status\",\"of\":0,\"result\":\"fail\","
    "\"word\":\"current\",\"seen\":true,\"expected\":-3,"
    "\"source\":\"collateral\",\"age\":9,\"lapses\":\"2026-12-13T00:00:00Z\","
    "\"days_left\":22,\"text\":\"Old.\",\"do\":\"Update.\"}],"
    "\"not_judged\":[\"rtmr0\"],\"lapses_first\":{\"what\":\"x.y\","
    "\"at\":\"2026-12-13T00:00:00Z\",\"days_left\":22}}";

static void check_line(const char *line, size_t n)
{
    assert_true(n <= 320); /* 80 characters of at most four bytes */
    for (size_t i = 0; i < n; i++) {
        assert_true((unsigned char)line[i] >= 0x20);
    }
}

/* True: it was a verdict, and its page holds. */
static bool draw(struct httpa_slice text)
{
    const struct httpa_page page = { .every_check = true, .sends = true };
    json_t *document = httpa_document_read(text);
    char *out = NULL;
    size_t n = 0;
    if (document == NULL) {
        return false;
    }
    FILE *to = open_memstream(&out, &n);
    assert_non_null(to);
    httpa_page_draw(&page, document, to);
    assert_int_equal(fclose(to), 0);
    for (const char *at = out; *at != '\0';) {
        size_t line = strcspn(at, "\n");
        check_line(at, line);
        at += line + (at[line] == '\n');
    }
    (void)httpa_document_exit(document);
    free(out);
    json_decref(document);
    return true;
}

static void whole(void **state)
{
    (void)state;
    assert_true(draw(httpa_slice_str(sample)));
}

static void truncated(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(sample) - 1; n++) {
        assert_false(draw(httpa_slice_of((const uint8_t *)sample, n)));
    }
}

static void changed(void **state)
{
    static const uint8_t to[] = { '0', '"', 'x', ',', '\\', 0xff };
    uint8_t copy[sizeof(sample)];
    (void)state;
    for (size_t i = 0; i < sizeof(sample) - 1; i++) {
        memcpy(copy, sample, sizeof(sample));
        copy[i] = to[i % sizeof(to)];
        (void)draw(httpa_slice_of(copy, sizeof(sample) - 1));
        copy[i] = (uint8_t)(sample[i] ^ 1);
        (void)draw(httpa_slice_of(copy, sizeof(sample) - 1));
    }
}

static void exits(void **state)
{
    static const struct {
        const char *text;
        enum httpa_exit code;
    } rows[] = {
        { "\"result\":\"accepted\"", HTTPA_EXIT_DONE },
        { "\"result\":\"accepted_with_warnings\"", HTTPA_EXIT_DONE },
        { "\"result\":\"undecided\",\"exit_code\":0", HTTPA_EXIT_UNDECIDED },
        { "\"result\":\"refused\",\"exit_code\":0", HTTPA_EXIT_REFUSED },
        { "\"result\":\"refused\",\"exit_code\":2", HTTPA_EXIT_USAGE },
        { "\"result\":\"fine\",\"exit_code\":0", HTTPA_EXIT_REFUSED },
        { "\"exit_code\":0", HTTPA_EXIT_REFUSED },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[128];
        (void)snprintf(text, sizeof(text), "{\"httpa_verdict\":1,%s}",
                       rows[i].text);
        json_t *document = httpa_document_read(httpa_slice_str(text));
        assert_non_null(document);
        assert_int_equal(httpa_document_exit(document), rows[i].code);
        json_decref(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(truncated),
        cmocka_unit_test(changed),
        cmocka_unit_test(exits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
