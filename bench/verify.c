/*
 * Part of `make bench`: CPU time of one verification of evidence, against one
 * signature verification of the linked OpenSSL on the curve of that vendor.
 *
 * Real samples of the shared vectors, with their collateral at hand, each in
 * three ways: with nothing known; with chains and collateral verified before,
 * the item new; with the item itself verified before.  Rows take turns in
 * every round; the median of rounds counts.  Ratios of one run mean
 * something; absolute times are printed for the curious.
 *
 * usage: verify [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include <httpa/crypto.h>
#include <httpa/evidence.h>

#include "codec/time.h"
#include "evidence/intel/verify.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ROUNDS_MAX 99
#define ROUND_US 60000.0 /* of each row in each round */
#define FILES 8

static struct httpa_crypto *crypto;

static void need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

/* ---- samples ---- */

struct file {
    const char *path;
    const char *type;
};

static const struct sample {
    const char *name;
    const char *media_type;
    const char *item;
    const char *time;
    const char *curve; /* of the yardstick */
    double chains_us;  /* the product's bars: chains known, */
    double again_us;   /* item known */
    struct file files[FILES];
} samples[] = {
    { "TDX",
      "application/vnd.httpa.tdx-quote",
      "tdx/v4-uptodate/quote.bin",
      "2025-07-04T10:16:31Z",
      "P-256",
      450,
      5,
      { { "tdx/v4-uptodate/root_ca_crl.der", HTTPA_INTEL_TYPE_ROOT_CRL },
        { "tdx/v4-uptodate/pck_crl.der", HTTPA_INTEL_TYPE_PCK_CRL },
        { "tdx/v4-uptodate/tcb_info.json", HTTPA_INTEL_TYPE_TCB_INFO },
        { "tdx/v4-uptodate/tcb_info_issuer_chain.pem",
          HTTPA_INTEL_TYPE_TCB_CHAIN },
        { "tdx/v4-uptodate/qe_identity.json", HTTPA_INTEL_TYPE_QE_IDENTITY },
        { "tdx/v4-uptodate/qe_identity_issuer_chain.pem",
          HTTPA_INTEL_TYPE_QE_CHAIN } } },
    { "SEV-SNP",
      "application/vnd.httpa.snp-report",
      "sev-snp/v3-milan-vcek-gce/report.bin",
      "2025-05-07T12:39:06Z",
      "P-384",
      800,
      5,
      { { "sev-snp/v3-milan-vcek-gce/vcek.der", HTTPA_ENDORSEMENT_CERT },
        { "sev-snp/trust/milan_ask.pem", HTTPA_ENDORSEMENT_CHAIN },
        { "sev-snp/trust/milan_ark.pem", HTTPA_ENDORSEMENT_CHAIN },
        { "sev-snp/trust/milan_ark.crl.der", HTTPA_ENDORSEMENT_CRL } } },
};

static bool read_file(const char *name, struct httpa_buf *ret)
{
    char path[1024];
    uint8_t chunk[4096];
    size_t n = 0;
    const char *shared = getenv("HTTPA_SHARED");
    (void)snprintf(path, sizeof(path), "%s/vectors/%s",
                   shared != NULL ? shared : "../shared", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return false;
    }
    *ret = httpa_buf_growing(131072);
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
        httpa_buf_put(ret, chunk, n);
    }
    (void)fclose(f);
    return httpa_buf_check(ret) == HTTPA_OK;
}

/* ---- what is measured ---- */

enum way { COLD, CHAINS, AGAIN, WAYS };

struct subject {
    const struct sample *sample;
    struct httpa_buf bufs[FILES + 1];
    struct httpa_evidence item;
    struct httpa_endorsement endorsements[FILES + 1];
    uint64_t count; /* an endorsement that nobody reads: makes an item new */
    struct httpa_appraisal appraisal;
    struct httpa_verified *verified[WAYS];
};

static bool open_subject(struct subject *s, const struct sample *sample)
{
    static const struct httpa_verifier *const known[] = { &httpa_verifier_tdx,
                                                          &httpa_verifier_snp };
    size_t n = 0;
    *s = (struct subject){ .sample = sample };
    for (; n < FILES && sample->files[n].path != NULL; n++) {
        if (!read_file(sample->files[n].path, &s->bufs[n])) {
            return false;
        }
        s->endorsements[n] = (struct httpa_endorsement){
            httpa_slice_str(sample->files[n].type),
            httpa_buf_slice(&s->bufs[n]),
        };
    }
    s->endorsements[n++] = (struct httpa_endorsement){
        httpa_slice_str("application/octet-stream"),
        httpa_slice_of(&s->count, sizeof(s->count)),
    };
    if (!read_file(sample->item, &s->bufs[FILES])) {
        return false;
    }
    s->item.media_type = httpa_slice_str(sample->media_type);
    s->item.value = httpa_buf_slice(&s->bufs[FILES]);
    s->appraisal = (struct httpa_appraisal){
        .crypto = crypto,
        .verifiers = known,
        .verifier_count = COUNT(known),
        .offline = true,
        .evidence = &s->item,
        .evidence_count = 1,
        .endorsements = s->endorsements,
        .endorsement_count = n,
    };
    need(httpa_time_read_rfc3339(httpa_slice_str(sample->time),
                                 &s->appraisal.now_s) == HTTPA_OK &&
             httpa_verified_new(crypto, &s->verified[CHAINS]) == HTTPA_OK &&
             httpa_verified_new(crypto, &s->verified[AGAIN]) == HTTPA_OK,
         "out of memory");
    return true;
}

static void close_subject(struct subject *s)
{
    for (size_t i = 0; i < COUNT(s->bufs); i++) {
        httpa_buf_done(&s->bufs[i]);
    }
    for (size_t i = 0; i < WAYS; i++) {
        httpa_verified_free(s->verified[i]);
    }
}

static void verify_once(struct subject *s, enum way way)
{
    struct httpa_verdict *v = httpa_verdict_new();
    need(v != NULL, "out of memory");
    s->count += way == CHAINS ? 1 : 0;
    s->appraisal.verified = s->verified[way];
    (void)!httpa_appraise(&s->appraisal, v); /* no policy: refused */
    need(httpa_verdict_cryptographic(v) == HTTPA_OUTCOME_PASS,
         "a sample is not genuine");
    httpa_verdict_free(v);
}

/* ---- the yardstick ---- */

struct yardstick {
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx;
    uint8_t digest[48];
    size_t digest_n;
    uint8_t signature[128];
    size_t signature_n;
};

static void open_yardstick(struct yardstick *y, const char *curve)
{
    *y = (struct yardstick){ .signature_n = sizeof(y->signature) };
    y->digest_n = strcmp(curve, "P-256") == 0 ? 32 : 48;
    y->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
    y->ctx = EVP_PKEY_CTX_new(y->key, NULL);
    need(EVP_PKEY_sign_init(y->ctx) == 1 &&
             EVP_PKEY_sign(y->ctx, y->signature, &y->signature_n, y->digest,
                           y->digest_n) == 1 &&
             EVP_PKEY_verify_init(y->ctx) == 1,
         "OpenSSL does not sign");
}

static void close_yardstick(struct yardstick *y)
{
    EVP_PKEY_CTX_free(y->ctx);
    EVP_PKEY_free(y->key);
}

static void verify_digest(struct yardstick *y)
{
    need(EVP_PKEY_verify(y->ctx, y->signature, y->signature_n, y->digest,
                         y->digest_n) == 1,
         "OpenSSL does not verify");
}

/* ---- measuring ---- */

static double cpu_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* |way| WAYS: the yardstick. */
static double measure(struct subject *s, struct yardstick *y, unsigned way)
{
    double start = cpu_us();
    double end = start;
    unsigned n = 0;
    while (end - start < ROUND_US) {
        for (int i = 0; i < 16; i++, n++) {
            if (way == WAYS) {
                verify_digest(y);
            } else {
                verify_once(s, (enum way)way);
            }
        }
        end = cpu_us();
    }
    return (end - start) / n;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof(*v), compare);
    return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void report(const struct sample *s, const double us[WAYS + 1])
{
    static const char *const names[WAYS] = { "nothing known",
                                             "chains known, item new",
                                             "item known" };
    const double bars[WAYS] = { 0, s->chains_us, s->again_us };
    (void)printf("  one %s verification of OpenSSL %26.2f\n", s->curve,
                 us[WAYS]);
    for (size_t i = 0; i < WAYS; i++) {
        (void)printf("  %-8s %-24s %15.2f  x %5.2f", s->name, names[i], us[i],
                     us[i] / us[WAYS]);
        if (bars[i] > 0) {
            (void)printf("   bar %3.0f us%s", bars[i],
                         us[i] <= bars[i] ? "" : ", over");
        }
        (void)printf("\n");
    }
}

static void bench(const struct sample *sample, size_t rounds)
{
    static struct subject s;
    struct yardstick y;
    double us[WAYS + 1][ROUNDS_MAX];
    double medians[WAYS + 1];
    if (!open_subject(&s, sample)) {
        (void)printf("  SKIP %s: no samples here; set HTTPA_SHARED\n",
                     sample->name);
        close_subject(&s);
        return;
    }
    open_yardstick(&y, sample->curve);
    for (size_t r = 0; r <= rounds; r++) { /* the first one warms up */
        for (unsigned way = 0; way <= WAYS; way++) {
            us[way][r > 0 ? r - 1 : 0] = measure(&s, &y, way);
        }
    }
    for (unsigned way = 0; way <= WAYS; way++) {
        medians[way] = median(us[way], rounds);
    }
    report(sample, medians);
    close_yardstick(&y);
    close_subject(&s);
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 5;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        (void)fprintf(stderr, "usage: verify [ROUNDS]\n");
        return 2;
    }
    need(httpa_crypto_new(&crypto) == HTTPA_OK, "no crypto");
    (void)printf("\nCPU us per verification of evidence (median), and in "
                 "verifications of a signature\n");
    for (size_t i = 0; i < COUNT(samples); i++) {
        bench(&samples[i], (size_t)rounds);
    }
    httpa_crypto_free(crypto);
    return 0;
}
