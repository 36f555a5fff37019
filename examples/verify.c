/*
 * verify EVIDENCE MEDIA-TYPE RD POLICY: judges evidence from a file.
 *
 * The verifier's side, without a handshake: what an auditor does with stored
 * evidence.  All judging is one function, httpa_appraise, the same that a
 * client uses.  It is handed everything it may look at: the bytes, what they
 * must bind (RD, 128 hexadecimal digits), a policy, the time.  It answers with
 * an error code and fills a verdict: each check with what was seen, what was
 * expected, and what to do.  The verdict is printed as JSON, and the exit
 * status is the verdict's, the same as that of the httpa command.
 *
 * `offline` says that there was no handshake, so nothing is known about
 * identity and age, and the verdict warns of that.  A client that is about to
 * send something never sets it.
 */
#include <httpa/config.h>
#include <httpa/crypto.h>
#include <httpa/evidence.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What is not listed here is not known, and so proves nothing. */
static const struct httpa_verifier *const verifiers[] = { &httpa_verifier_tpm,
                                                          &httpa_verifier_eat };

static bool read_rd(const char *hex, uint8_t ret_rd[HTTPA_RD_LEN])
{
    bool valid = strlen(hex) == 2 * HTTPA_RD_LEN &&
                 strspn(hex, "0123456789abcdef") == 2 * HTTPA_RD_LEN;
    for (size_t i = 0; valid && i < HTTPA_RD_LEN; i++) {
        unsigned byte = 0;
        valid = sscanf(hex + 2 * i, "%2x", &byte) == 1;
        ret_rd[i] = (uint8_t)byte;
    }
    return valid;
}

static enum httpa_err read_file(const char *path, struct httpa_buf *out)
{
    uint8_t piece[4096];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        return HTTPA_ERR_IO;
    }
    while ((n = fread(piece, 1, sizeof(piece), f)) > 0) {
        httpa_buf_put(out, piece, n);
    }
    bool failed = ferror(f) != 0;
    (void)fclose(f);
    return failed ? HTTPA_ERR_IO : httpa_buf_check(out);
}

/* Prints the verdict; its exit status, whatever |err| of the appraisal was:
 * both say the same. */
static int print_verdict(const struct httpa_verdict *v)
{
    struct httpa_buf json = httpa_buf_growing(1048576);
    int status = (int)httpa_verdict_exit(v);
    if (httpa_verdict_json(v, &json) != HTTPA_OK ||
        fwrite(json.p, 1, json.n, stdout) != json.n || fflush(stdout) != 0) {
        status = HTTPA_EXIT_USAGE;
    }
    httpa_buf_done(&json);
    return status;
}

int main(int argc, char **argv)
{
    struct httpa_config_error where = { 0 };
    struct httpa_crypto *crypto = NULL;
    struct httpa_policy *policy = NULL;
    struct httpa_verdict *v = httpa_verdict_new();
    struct httpa_buf value = httpa_buf_growing(131072);
    uint8_t rd[HTTPA_RD_LEN];
    int status = HTTPA_EXIT_USAGE;
    if (argc != 5 || !read_rd(argv[3], rd)) {
        fprintf(stderr, "usage: verify EVIDENCE MEDIA-TYPE RD POLICY\n");
        httpa_verdict_free(v);
        return status;
    }
    enum httpa_err err =
        v == NULL ? HTTPA_ERR_MEMORY : httpa_crypto_new(&crypto);
    err = err ? err : httpa_config_policy_load(argv[4], &policy, &where);
    err = err ? err : read_file(argv[1], &value);
    if (err != HTTPA_OK) {
        fprintf(stderr, "verify: %s; %s\n", httpa_strerror(err), where.text);
    } else {
        struct httpa_evidence item = {
            .media_type = httpa_slice_str(argv[2]),
            .value = httpa_buf_slice(&value),
            .rd = rd,
        };
        struct httpa_appraisal a = {
            .crypto = crypto,
            .verifiers = verifiers,
            .verifier_count = 2,
            .policy = policy,
            .now_s = time(NULL),
            .offline = true,
            .evidence = &item,
            .evidence_count = 1,
        };
        err = httpa_appraise(&a, v);
        fprintf(stderr, "verify: %s\n", httpa_strerror(err));
        status = print_verdict(v);
    }
    httpa_buf_done(&value);
    httpa_verdict_free(v);
    httpa_config_policy_free(policy);
    httpa_crypto_free(crypto);
    return status;
}
