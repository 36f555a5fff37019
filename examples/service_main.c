/*
 * service PORT ORIGIN DIR: speaks HTTPA/2 and answers every request itself.
 *
 * One thread, one connection at a time; `httpa serve` does the same with many
 * of both.  Here is what has to exist before the first request: the attester,
 * a service key made in this process, and the configuration that evidence
 * will cover.  How a request is answered is in service.c.  DIR is the
 * development TEE that the example `attest` or `httpa dev-init` made: it
 * protects nothing.
 */
#include "service.h"

#include "http.h"

#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static enum httpa_err open_device(const char *dir, struct httpa_attester **ret)
{
    struct httpa_attest_options options = { .tee = "dev", .dev_dir = dir };
    struct httpa_attest_diag diag = { 0 };
    enum httpa_err err = httpa_attester_open(ret, &options, &diag);
    if (err != HTTPA_OK) {
        fprintf(stderr, "service: %s\n", diag.text);
    }
    return err;
}

/* What a policy names to say whose service it is. */
static enum httpa_err
print_pin(const struct httpa_crypto *crypto, const struct httpa_key *key)
{
    uint8_t digest[32];
    enum httpa_err err =
        httpa_crypto_sha256(crypto, httpa_key_spki(key), digest);
    if (err != HTTPA_OK) {
        return err;
    }
    printf("spki_sha256: ");
    for (size_t i = 0; i < sizeof(digest); i++) {
        printf("%02x", digest[i]);
    }
    printf("\n");
    return fflush(stdout) == 0 ? HTTPA_OK : HTTPA_ERR_IO;
}

/* For ever, or until a socket fails. */
static enum httpa_err serve(const struct service *s, const char *port)
{
    int listener = http_listen(port);
    for (int fd; listener >= 0 && (fd = accept(listener, NULL, NULL)) >= 0;) {
        httpa_service_sweep(s->service, time(NULL));
        service_answer(s, fd);
        (void)close(fd);
    }
    perror("service: accept");
    return HTTPA_ERR_IO;
}

int main(int argc, char **argv)
{
    struct httpa_service_config config = {
        .random = httpa_random_system(),
        .origin_count = 1,
        .label = "example",
        .offers_fresh = true,
    };
    struct service s = { 0 };
    struct httpa_crypto *crypto = NULL;
    struct httpa_key *key = NULL;
    if (argc != 4) {
        fprintf(stderr, "usage: service PORT ORIGIN DIR\n");
        return 2;
    }
    const char *const origins[] = { argv[2] };
    enum httpa_err err = open_device(argv[3], &s.device);
    err = err ? err : httpa_crypto_new(&crypto);
    err = err ? err : httpa_key_generate(crypto, HTTPA_KEY_ED25519, &key);
    /* A digest of everything outside the measured code that decides who gets
     * plaintext (doc/protocol.md 7.3): here, the origin and nothing else. */
    err = err ? err
              : httpa_crypto_sha256(crypto, httpa_slice_str(argv[2]),
                                    config.configuration);
    config.crypto = crypto;
    config.origins = origins;
    config.service_key = key;
    if (err == HTTPA_OK) {
        config.evidence_types = &s.device->type;
        config.evidence_type_count = 1;
        err = httpa_service_new(&config, &s.service);
    }
    err = err ? err : print_pin(crypto, key);
    err = err ? err : serve(&s, argv[1]);
    fprintf(stderr, "service: %s\n", httpa_strerror(err));
    httpa_service_free(s.service);
    httpa_key_free(key);
    httpa_crypto_free(crypto);
    httpa_attester_close(s.device);
    return 1;
}
