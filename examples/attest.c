/*
 * attest DIR RD EVIDENCE POLICY: makes evidence, and a policy that accepts it.
 *
 * The attester's side.  An attester is handed 64 bytes, rd, and returns
 * evidence over them: "this code, on this machine, says rd".  In a handshake
 * rd is a hash of everything both sides have said, so the evidence cannot be
 * used for another one.  Here RD is 128 hexadecimal digits of yours.
 *
 * The device is the development one: a key in a file of DIR, made now.  It
 * proves nothing, which the policy has to admit in so many words
 * ("insecure_dev_tee").  With `.tee = "tpm"` the rest of the program stays.
 */
#include <httpa/attest.h>

#include <stdio.h>
#include <string.h>

/* Whose service it is, evidence does not say.  A real policy pins the key of
 * the service; "none" has to be written out, and each verdict warns of it. */
static const char policy_head[] = "{\n"
                                  "  \"httpa_policy\": 1,\n"
                                  "  \"name\": \"example\",\n"
                                  "  \"identity\": {\"require\": \"none\"},\n"
                                  "  \"insecure_dev_tee\": true,\n"
                                  "  \"accept\": [\n";
static const char policy_tail[] = "\n  ]\n}\n";

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

static enum httpa_err write_file(const char *path, struct httpa_slice bytes)
{
    FILE *f = fopen(path, "wb");
    if (f == NULL) {
        perror(path);
        return HTTPA_ERR_IO;
    }
    bool written = fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
    /* What was buffered fails here, if anywhere. */
    return fclose(f) == 0 && written ? HTTPA_OK : HTTPA_ERR_IO;
}

static enum httpa_err
make_policy(const char *dir, const char *path, struct httpa_attest_diag *diag)
{
    struct httpa_buf text = httpa_buf_growing(16384);
    httpa_buf_put_str(&text, policy_head);
    enum httpa_err err =
        httpa_attest_dev_init(dir, "app=example\n", &text, diag);
    httpa_buf_put_str(&text, policy_tail);
    if (err == HTTPA_OK) {
        err = httpa_buf_check(&text); /* once, at the end, for all of it */
    }
    if (err == HTTPA_OK) {
        err = write_file(path, httpa_buf_slice(&text));
    }
    httpa_buf_done(&text);
    return err;
}

static enum httpa_err
make_evidence(const char *dir, const uint8_t rd[HTTPA_RD_LEN], const char *path,
              struct httpa_attest_diag *diag)
{
    struct httpa_attest_options options = { .tee = "dev", .dev_dir = dir };
    struct httpa_attester *device = NULL;
    struct httpa_buf value = httpa_buf_growing(HTTPA_ATTEST_VALUE_MAX);
    enum httpa_err err = httpa_attester_open(&device, &options, diag);
    if (err == HTTPA_OK) {
        printf("%s\nmedia type: %s\n", device->description, device->media_type);
        err = device->quote(device, rd, &value, diag);
    }
    if (err == HTTPA_OK) {
        err = write_file(path, httpa_buf_slice(&value));
    }
    httpa_attester_close(device);
    httpa_buf_done(&value);
    return err;
}

int main(int argc, char **argv)
{
    struct httpa_attest_diag diag = { 0 };
    uint8_t rd[HTTPA_RD_LEN];
    if (argc != 5 || !read_rd(argv[2], rd)) {
        fprintf(stderr, "usage: attest DIR RD EVIDENCE POLICY\n");
        return 2;
    }
    enum httpa_err err = make_policy(argv[1], argv[4], &diag);
    if (err == HTTPA_OK) {
        err = make_evidence(argv[1], rd, argv[3], &diag);
    }
    if (err != HTTPA_OK) {
        fprintf(stderr, "attest: %s; %s\n", httpa_strerror(err), diag.text);
        return 1;
    }
    return 0;
}
