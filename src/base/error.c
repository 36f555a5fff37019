#include <httpa/error.h>

#include <stddef.h>

struct row {
    enum httpa_err err;
    const char *name;
    const char *text;
};

static const struct row rows[] = {
    { HTTPA_OK, "ok", "no error" },
    { HTTPA_ERR_USAGE, "usage", "call out of order" },
    { HTTPA_ERR_SPACE, "space", "output does not fit" },
    { HTTPA_ERR_CONFIG, "config", "configuration is invalid" },
    { HTTPA_ERR_MALFORMED, "malformed", "does not parse" },
    { HTTPA_ERR_TRUNCATED, "truncated", "ended before it was complete" },
    { HTTPA_ERR_TRAILING, "trailing", "bytes after the end" },
    { HTTPA_ERR_PLACE, "place", "field where it may not stand" },
    { HTTPA_ERR_DUPLICATE, "duplicate", "given twice" },
    { HTTPA_ERR_MISSING, "missing", "a required part is missing" },
    { HTTPA_ERR_RANGE, "range", "value outside its limits" },
    { HTTPA_ERR_UNSUPPORTED, "unsupported", "not supported" },
    { HTTPA_ERR_HEAD, "head", "inner head breaks a rule" },
    { HTTPA_ERR_ORDER, "order", "out of order" },
    { HTTPA_ERR_INNER_TARGET, "inner-target",
      "inner authority is not that of the session" },
    { HTTPA_ERR_CLEAR, "clear", "a clear copy is missing or differs" },
    { HTTPA_ERR_SECRET, "secret", "secrets are not acceptable" },
    { HTTPA_ERR_VERSION, "version", "no protocol version in common" },
    { HTTPA_ERR_SUITE, "suite", "no cipher suite in common" },
    { HTTPA_ERR_GROUP, "group", "no key exchange group in common" },
    { HTTPA_ERR_TARGET, "target", "not an origin of this server" },
    { HTTPA_ERR_DATE, "date", "clocks differ too much" },
    { HTTPA_ERR_POLICY, "policy", "a demand cannot be granted" },
    { HTTPA_ERR_OFFER, "offer", "the peer chose what was not offered" },
    { HTTPA_ERR_UNTRUSTED, "untrusted", "untrusted request refused" },
    { HTTPA_ERR_REFUSED, "refused", "refused by the peer" },
    { HTTPA_ERR_TAG, "tag", "authentication tag does not verify" },
    { HTTPA_ERR_SIGNATURE, "signature", "signature does not verify" },
    { HTTPA_ERR_FINISHED, "finished", "transcript does not verify" },
    { HTTPA_ERR_BASE_UNKNOWN, "base-unknown", "session unknown" },
    { HTTPA_ERR_REPLAY, "replay", "message number already used" },
    { HTTPA_ERR_BINDER, "binder", "answer is not bound to its request" },
    { HTTPA_ERR_SEEN, "seen", "superseded request was already processed" },
    { HTTPA_ERR_CHAIN, "chain", "certificate chain does not verify" },
    { HTTPA_ERR_KEY, "key", "wrong key" },
    { HTTPA_ERR_EVIDENCE, "evidence", "evidence does not verify" },
    { HTTPA_ERR_APPRAISAL, "appraisal", "evidence refused by the policy" },
    { HTTPA_ERR_UNDECIDED, "undecided", "collateral missing or stale" },
    { HTTPA_ERR_IDENTITY, "identity", "identity of the service not proved" },
    { HTTPA_ERR_NO_POLICY, "no-policy", "no policy for this origin" },
    { HTTPA_ERR_LIMIT, "limit", "limit reached" },
    { HTTPA_ERR_REKEY, "rekey", "session used up" },
    { HTTPA_ERR_EXPIRED, "expired", "expired" },
    { HTTPA_ERR_BUSY, "busy", "too busy now" },
    { HTTPA_ERR_ABORTED, "aborted", "broken off" },
    { HTTPA_ERR_DEVICE, "device", "attestation device failed" },
    { HTTPA_ERR_IO, "io", "input or output failed" },
    { HTTPA_ERR_TIMEOUT, "timeout", "timed out" },
    { HTTPA_ERR_MEMORY, "memory", "out of memory" },
    { HTTPA_ERR_CRYPTO, "crypto", "crypto library failed" },
    { HTTPA_ERR_INTERNAL, "internal", "internal error" },
};

static const struct row *find(enum httpa_err err)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].err == err) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *httpa_strerror(enum httpa_err err)
{
    const struct row *r = find(err);
    return r != NULL ? r->text : "unknown error";
}

const char *httpa_err_name(enum httpa_err err)
{
    const struct row *r = find(err);
    return r != NULL ? r->name : "unknown";
}
