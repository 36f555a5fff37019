"""The negative cases: messages, and the name of the check that refuses each.

`cases()` makes them; `run(case, shared)` gives one, read back from
test/vectors/negative.json, to this implementation.  README.md in
test/vectors says what each kind takes.  Every kind has control cases
(`check` is null) that must be accepted.
"""
import bhttp
import cbor
import client
import cmw
import evidence
import exchange
import fields
import fixed
import handshake
import message
import records
import schedule
import server
import vectors
from errors import Bad, Refused
from schedule import sha256
from vectors import (ANSWER_CONTENT, ANSWER_HEAD, BASE_ID, NOW, ORIGIN,
                     REQUEST_CONTENT, TRR_CONTENT, TRR_HEAD, Handshake, b64,
                     run as octets)

OUT = []
RECIPES = {}    # name of a case -> how to make its like for live peers
H = Handshake()


def case(kind, name, check, answer="", **inputs):
    OUT.append({"kind": kind, "name": name, "check": check, **inputs,
                **({"answer": answer} if answer else {})})


def replaced(lines, name, value):
    """Lines with the value of one name replaced; None takes it out."""
    out = [(k, value if k == name else v) for k, v in lines]
    return [(k, v) for k, v in out if v is not None]


# ---- field: the lines of one field of a message (4.1, 4.2, 4.4) ----------

RANDOM = b64(octets(0))
DIGEST = b64(octets(0))
MAC = b64(octets(0, 16))
AQ, AR, SQ, SR = fields.AQ, fields.AR, fields.SQ, fields.SR

FIELDS = [
    ("empty", AQ, "attest-versions", [""]),
    ("blank", AQ, "attest-versions", [" \t"]),
    ("empty-second-line", AQ, "attest-versions", ["httpa/2", ""]),
    ("comma-at-the-end", AQ, "attest-versions", ["httpa/2,"]),
    ("no-comma", AQ, "attest-versions", ["httpa/2 httpa/3"]),
    ("string-for-token", AQ, "attest-versions", ['"httpa/2"']),
    ("integer-for-token", AQ, "attest-versions", ["2"]),
    ("inner-list", AQ, "attest-versions", ["(httpa/2)"]),
    ("member-twice", AQ, "attest-versions", ["httpa/2, httpa/2;a=1"]),
    ("nine-members", AQ, "attest-versions",
     [", ".join(f"v{i}" for i in range(9))]),
    ("parameter-twice", AQ, "attest-versions", ["httpa/2;a=1;a=2"]),
    ("date-for-token", AQ, "attest-versions", ["@1"]),
    ("decimal-for-token", AQ, "attest-versions", ["1.0"]),
    ("display-string-for-token", AQ, "attest-versions", ['%"x"']),
    ("date-of-a-fraction", AQ, "attest-versions", ["httpa/2;a=@1.5"]),
    ("decimal-of-4-digits", AQ, "attest-versions", ["httpa/2;a=1.2345"]),
    ("display-string-upper-case", AQ, "attest-versions",
     ['httpa/2;a=%"%C3%BC"']),
    ("display-string-not-utf-8", AQ, "attest-versions",
     ['httpa/2;a=%"%ff"']),
    ("target-with-default-port", AQ, "attest-target",
     ['"https://api.example.com:443"']),
    ("target-with-slash", AQ, "attest-target",
     ['"https://api.example.com/"']),
    ("target-in-upper-case", AQ, "attest-target",
     ['"https://API.example.com"']),
    ("target-without-scheme", AQ, "attest-target", ['"api.example.com"']),
    ("target-of-another-scheme", AQ, "attest-target",
     ['"ftp://api.example.com"']),
    ("upper-case-key", AQ, "attest-versions", ["httpa/2;A=1"]),
    ("not-ascii", AQ, "attest-versions", ["httpa/2\u00e9"]),
    ("item-on-two-lines", AQ, "attest-random", [RANDOM, RANDOM]),
    ("31-bytes", AQ, "attest-random", [b64(octets(0, 31))]),
    ("33-bytes", AQ, "attest-random", [b64(octets(0, 33))]),
    ("base64-without-padding", AQ, "attest-random",
     [RANDOM.replace("=", "")]),
    ("base64-unused-bits", AQ, "attest-random",
     [RANDOM.replace("8=:", "9=:")]),
    ("base64url", AQ, "attest-random", [b64(b"\xff" * 32)
                                        .replace("/", "_")]),
    ("base64-blank", AQ, "attest-random", [RANDOM[:5] + " " + RANDOM[5:]]),
    ("without-colon", AQ, "attest-random", [RANDOM[:-1]]),
    ("bytes-behind", AQ, "attest-random", [RANDOM + "x"]),
    ("share-without-group", AQ, "attest-key-shares", [RANDOM]),
    ("share-group-string", AQ, "attest-key-shares",
     [RANDOM + ';group="x25519"']),
    ("shares-too-long", AQ, "attest-key-shares",
     [b64(bytes(3072)) + ";group=a"]),
    ("target-token", AQ, "attest-target", ["https://api.example.com"]),
    ("target-too-long", AQ, "attest-target", ['"https://%s"' % ("a" * 250)]),
    ("date-integer", AQ, "attest-date", ["1760000000"]),
    ("date-fraction", AQ, "attest-date", ["@1760000000.5"]),
    ("direct-and-indirect", AQ, "attest-policies", ["direct, indirect"]),
    ("key-without-max-age", AQ, "attest-policies", ["indirect, key"]),
    ("key-max-age-0", AQ, "attest-policies", ["key;max-age=0"]),
    ("key-max-age-2^31", AQ, "attest-policies", ["key;max-age=2147483648"]),
    ("blocklist-without-kind", AQ, "attest-blocklist", [":AAEC:"]),
    ("blocklist-type", AQ, "attest-blocklist", ["r1;kind=measurement"]),
    ("blocklist-svn-token", AQ, "attest-blocklist", ["r1;kind=svn"]),
    ("blocklist-integer", AQ, "attest-blocklist", ["1;kind=base"]),
    ("unknown-version-in-item", AR, "attest-base-creation", ["fancy"]),
    ("base-id-without-max-age", AR, "attest-base-id", [BASE_ID]),
    ("base-id-max-age-0", AR, "attest-base-id", [BASE_ID + ";max-age=0"]),
    ("base-id-idle-119", AR, "attest-base-id",
     [BASE_ID + ";max-age=9;idle=119"]),
    ("base-id-upper-case-label", SQ, "attest-base-id",
     ["R1.AAECAwQFBgcICQoLDA0ODw"]),
    ("base-id-short", SQ, "attest-base-id", ["r1.AAECAwQFBgcICQoLDA0OD"]),
    ("base-id-long-label", SQ, "attest-base-id",
     ["a" * 17 + ".AAECAwQFBgcICQoLDA0ODw"]),
    ("base-id-no-label", SQ, "attest-base-id", ["AAECAwQFBgcICQoLDA0ODw"]),
    ("ticket-0", SQ, "attest-ticket", ["0;mac=" + MAC]),
    ("ticket-2^48", SQ, "attest-ticket", ["281474976710656;mac=" + MAC]),
    ("ticket-negative", SQ, "attest-ticket", ["-1;mac=" + MAC]),
    ("ticket-without-mac", SQ, "attest-ticket", ["1"]),
    ("ticket-mac-15", SQ, "attest-ticket", ["1;mac=" + b64(octets(0, 15))]),
    ("ticket-mac-token", SQ, "attest-ticket", ["1;mac=abc"]),
    ("ticket-protect-sign", SQ, "attest-ticket",
     ["1;mac=" + MAC + ";protect=sign"]),
    ("ticket-unknown-parameter", SQ, "attest-ticket",
     ["1;mac=" + MAC + ";x=1"]),
    ("ticket-16-digits", SQ, "attest-ticket",
     ["0000000000000001;mac=" + MAC]),
    ("binder-unknown-parameter", SR, "attest-binder", [MAC + ";x"]),
    ("binder-15-bytes", SR, "attest-binder", [b64(octets(0, 15))]),
    ("quotes-31-bytes", AR, "attest-quotes",
     [b64(octets(0, 31)) + ';type="a/b";binding=fresh']),
    ("quotes-without-type", AR, "attest-quotes", [DIGEST + ";binding=fresh"]),
    ("quotes-without-binding", AR, "attest-quotes", [DIGEST + ';type="a/b"']),
    ("quotes-binding-batch", AR, "attest-quotes",
     [DIGEST + ';type="a/b";binding=batch']),
    ("quotes-key-incomplete", AR, "attest-quotes",
     [DIGEST + ';type="a/b";binding=key;key=:AA==:;not-before=1']),
    ("quotes-fresh-with-key", AR, "attest-quotes",
     [DIGEST + ';type="a/b";binding=fresh;key=:AA==:']),
    ("signatures-without-alg", AR, "attest-signatures", ["service=:AA==:"]),
    ("signatures-key-twice", AR, "attest-signatures",
     ["service=:AA==:;alg=ed25519, service=:AA==:;alg=ed25519"]),
    ("signatures-boolean", AR, "attest-signatures", ["service;alg=ed25519"]),
    ("configuration-16", AR, "attest-configuration",
     [b64(octets(0, 16))]),
    ("supersedes-0", SQ, "attest-supersedes", ["0"]),
    ("supersedes-twice", SQ, "attest-supersedes", ["1, 1"]),
    ("supersedes-65", SQ, "attest-supersedes",
     [", ".join(str(i) for i in range(1, 66))]),
    ("termination-unknown", SQ, "attest-base-termination", ["burn"]),
    ("clear-17", SQ, "attest-clear",
     [", ".join(f"x{i}" for i in range(17))]),
]

FIELDS_FINE = [
    ("unknown-parameter", AQ, "attest-versions", ["httpa/2;a=1;b"]),
    ("two-lines", AQ, "attest-versions", ["httpa/2", " httpa/3\t"]),
    ("parameters-of-any-type", AQ, "attest-versions",
     ['httpa/2;a=1.50;b=@5;c=%"f%c3%bc"']),
    ("unknown-blocklist-kind", AQ, "attest-blocklist", [":AAEC:;kind=x"]),
    ("idle", AR, "attest-base-id", [BASE_ID + ";max-age=9;idle=120"]),
    ("unknown-signature-without-alg", AR, "attest-signatures", ["x=:AA==:"]),
    ("protect-seal", SQ, "attest-ticket",
     ["1;mac=" + MAC + ";protect=seal"]),
    ("15-digits", SQ, "attest-ticket", ["000000000000001;mac=" + MAC]),
]


def make_fields():
    for name, message_, field, lines in FIELDS:
        case("field", name, "fields", message=message_, field=field,
             lines=lines)
    for name, message_, field, lines in FIELDS_FINE:
        case("field", name, None, message=message_, field=field, lines=lines)


# ---- form: 3.1 -----------------------------------------------------------

def make_forms():
    base, ticket = ("Attest-Base-ID", BASE_ID), ("Attest-Ticket",
                                                 "1;mac=" + MAC)
    versions = ("Attest-Versions", "httpa/2")
    for name, method, lines, word in (
            ("ticket-missing", "POST", [base], "malformed"),
            ("base-missing", "POST", [ticket], "malformed"),
            ("cargo", "POST", [base, ticket, ("Attest-Cargo", MAC)],
             "malformed"),
            ("get", "GET", [base, ticket], "malformed"),
            ("put-with-versions", "PUT", [versions], "malformed"),
            ("lower-case-method", "attest", [versions], "malformed"),
            ("versions-and-base", "POST", [versions, base], "malformed"),
            ("unknown-attest-field", "GET", [("ATTEST-x", "1")],
             "malformed"),
            ("no-attest-field", "POST", [("Content-Type", "text/plain")],
             "untrusted")):
        case("form", name, "form", word, method=method, path="/",
             lines=lines)
    for name, method, lines in (("aths", "POST", [versions]),
                                ("aths-attest", "ATTEST", [versions]),
                                ("sealed", "POST", [base, ticket])):
        case("form", name, None, method=method, path="/", lines=lines)


# ---- aths-request: 5.8 ---------------------------------------------------

def aths_request(name, check, answer, lines=None, content=REQUEST_CONTENT,
                 **more):
    case("aths-request", name, check, answer,
         lines=H.request_lines if lines is None else lines, content=content,
         **more)


def make_aths_requests():
    def other(name, value):
        return replaced(H.request_lines, name, value)

    share = b64(H.client_share)
    aths_request("control", None, "")
    for name in ("Attest-Cipher-Suites", "Attest-Supported-Groups",
                 "Attest-Key-Shares", "Attest-Random", "Attest-Target"):
        aths_request(f"without-{name.lower()}", "fields", "malformed",
                     other(name, None))
    aths_request("misplaced", "fields", "malformed",
                 H.request_lines + [("Attest-Version", "httpa/2")])
    aths_request("sealed-field", "fields", "malformed",
                 H.request_lines + [("Attest-Clear", "x")])
    aths_request("secrets", "fields", "malformed",
                 H.request_lines + [("Attest-Secrets", MAC)])
    aths_request("undefined-on-two-lines", "fields", "malformed",
                 H.request_lines + [("Attest-Z", "1"), ("Attest-Z", "2")])
    aths_request("undefined-two-spaces", "fields", "malformed",
                 H.request_lines + [("Attest-Z", "1  2")])
    aths_request("21-fields", "fields", "malformed", H.request_lines
                 + [(f"Attest-Z{i}", "1") for i in range(13)])
    aths_request("name-of-65", "fields", "malformed",
                 H.request_lines + [("Attest-" + "z" * 58, "1")])
    aths_request("value-of-257", "fields", "malformed",
                 H.request_lines + [("Attest-Z", "z" * 257)])
    aths_request("above-4096-bytes", "fields", "malformed", H.request_lines
                 + [("Attest-Z1", "z" * 256), ("Attest-Z2", "z" * 256)]
                 + [("Attest-Blocklist", b64(bytes(1488)) + ";kind=chip"),
                    ("Attest-Z3", "z" * 256)]
                 + [(f"Attest-Z{i}", "z" * 256) for i in (4, 5, 6, 7)])
    aths_request("content-encoding", "form", "malformed",
                 H.request_lines + [("Content-Encoding", "gzip")])
    aths_request("version", "version", "version",
                 other("Attest-Versions", "httpa/3, httpa/2-x-a"))
    aths_request("version-case", "version", "version",
                 other("Attest-Versions", "HTTPA/2"))
    for name, target in (("target", "https://evil.example"),
                         ("target-port", "https://api.example.com:8443"),
                         ("target-scheme", "http://api.example.com")):
        aths_request(name, "target", "target",
                     other("Attest-Target", f'"{target}"'))
    aths_request("suite", "suite", "suite",
                 other("Attest-Cipher-Suites", "TLS_NULL"))
    aths_request("share-missing", "shares", "malformed",
                 other("Attest-Supported-Groups", "x25519, secp256r1"))
    point = b64(Handshake(group="secp256r1").client_share)
    aths_request("shares-out-of-order", "shares", "malformed",
                 replaced(other("Attest-Supported-Groups",
                                "x25519, secp256r1"), "Attest-Key-Shares",
                          f"{point};group=secp256r1, {share};group=x25519"))
    aths_request("share-twice", "shares", "malformed",
                 other("Attest-Key-Shares",
                       f"{share};group=x25519, {share};group=x25519"))
    aths_request("group", "group", "group",
                 replaced(other("Attest-Supported-Groups", "x448"),
                          "Attest-Key-Shares", f"{share};group=x448"))
    aths_request("date-missing", "date", "date", window=300)
    aths_request("date-old", "date", "date", H.request_lines
                 + [("Attest-Date", f"@{NOW - 301}")], window=300)
    aths_request("date-fits", None, "", H.request_lines
                 + [("Attest-Date", f"@{NOW - 300}")], window=300)
    aths_request("quotes", "client", "client", H.request_lines
                 + [("Attest-Quotes", DIGEST + ';type="a/b";binding=fresh')])
    aths_request("signatures", "client", "client", H.request_lines
                 + [("Attest-Signatures", "client=:AA==:;alg=ed25519")])
    aths_request("transport", "transport", "malformed", H.request_lines
                 + [("Attest-Transport", MAC)])
    aths_request("challenge-is-ignored", None, "", H.request_lines
                 + [("Attest-Challenge", "abc")])
    aths_request("direct", "policy", "policy",
                 other("Attest-Policies", "direct, fresh"))
    aths_request("batch-alone", "policy", "policy",
                 other("Attest-Policies", "indirect, batch"))
    aths_request("creation", "policy", "policy",
                 other("Attest-Base-Creation", "fancy"))
    for name, content in (
            ("no-content", b""), ("not-cbor", b"hello"),
            ("array", b"\x82\x01\x02"),
            ("bytes-behind", REQUEST_CONTENT + b"\0")):
        aths_request(f"content-{name}", "content", "malformed",
                     content=content)
    aths_request("content-too-large", "content", "too-large",
                 content=cbor.encode({"pad": ["application/octet-stream",
                                              bytes(262_144)]}))
    aths_request("share-of-31", "exchange", "malformed",
                 other("Attest-Key-Shares",
                       b64(octets(1, 31)) + ";group=x25519"))
    aths_request("share-of-zeros", "exchange", "malformed",
                 other("Attest-Key-Shares", b64(bytes(32))
                       + ";group=x25519"))
    group = replaced(H.request_lines, "Attest-Supported-Groups", "secp256r1")
    for name, bad in (("off-the-curve", b"\4" + octets(1, 64)),
                      ("compressed", b"\2" + octets(1, 32))):
        aths_request(f"point-{name}", "exchange", "malformed",
                     replaced(group, "Attest-Key-Shares",
                              b64(bad) + ";group=secp256r1"))


# ---- aths-response: 5.9 --------------------------------------------------

def aths_response(name, check, answer="violation", status=200, policy=None,
                  **changes):
    RECIPES["aths-response", name] = changes
    h = Handshake(**changes)
    early = check in ("handshake.status", "handshake.fields",
                      "handshake.offer", "handshake.share")
    case("aths-response", name, check, answer, status=status,
         lines=h.response_lines, content=H.records if early else h.records,
         policy=policy or {})


def line_change(name, value):
    return lambda lines: replaced(lines, name, value)


def make_aths_responses():
    resp = aths_response
    resp("control", None, "")
    resp("status-201", "handshake.status", status=201)
    resp("without-version", "handshake.status", "no HTTPA answer",
         response_lines=line_change("Attest-Version", None))
    resp("without-base-id", "handshake.fields",
         response_lines=line_change("Attest-Base-ID", None))
    resp("sealed-field-in-the-clear", "handshake.fields",
         response_lines=lambda l: l + [("Attest-Configuration", DIGEST)])
    resp("version-not-offered", "handshake.offer",
         response_lines=line_change("Attest-Version", "httpa/3"))
    resp("suite-not-offered", "handshake.offer", policy={
        "suites": ["TLS_AES_256_GCM_SHA384"]})
    resp("group-not-offered", "handshake.offer",
         response_lines=line_change("Attest-Supported-Group", "x448"))
    resp("group-of-the-share", "handshake.offer", response_lines=line_change(
        "Attest-Key-Share", b64(H.server_share) + ";group=secp256r1"))
    resp("share-of-zeros", "handshake.share", response_lines=line_change(
        "Attest-Key-Share", b64(bytes(32)) + ";group=x25519"))
    resp("share-of-33", "handshake.share", response_lines=line_change(
        "Attest-Key-Share", b64(octets(0, 33)) + ";group=x25519"))
    make_aths_records()
    make_aths_heads()
    make_aths_contents()
    resp("pinned-other", "identity.pinned", "refused by policy",
         policy={"pinned": [sha256(b"other")]})
    resp("another-claim", "measurements", "refused by policy",
         policy={"claims": {"app": "other"}})
    resp("another-root", "dev.root_key", "refused by policy",
         policy={"root_key": vectors.spki(
             fixed.p256_key(5).public_key())})


def spoil(index, where=-1):
    def change(sealed):
        record = bytearray(sealed[index])
        record[where] ^= 1
        return sealed[:index] + [bytes(record)] + sealed[index + 1:]
    return change


def make_aths_records():
    resp, name = aths_response, "handshake.records"
    # The clear head of another handshake: other keys.
    lines = replaced(H.response_lines, "Attest-Random", b64(octets(0x40)))
    case("aths-response", "random-changed", name, "violation", status=200,
         lines=lines, content=H.records, policy={})
    case("aths-response", "undefined-field-added", name, "violation",
         status=200, lines=H.response_lines + [("Attest-Z", "1")],
         content=H.records, policy={})
    case("aths-response", "max-age-changed", name, "violation", status=200,
         lines=replaced(H.response_lines, "Attest-Base-ID",
                        f"{BASE_ID};max-age=3601"),
         content=H.records, policy={})
    resp("tag-changed", name, records=spoil(1))
    resp("header-changed", name, records=spoil(1, 3))
    resp("reserved-bit", name, records=spoil(0, 0))
    resp("swapped", name, records=lambda r: [r[1], r[0], r[2]])
    resp("without-trailers-record", name, records=lambda r: r[:2])
    resp("bytes-behind", name, records=lambda r: r + [b"\0"])
    resp("twice", name, records=lambda r: r + r)
    resp("cut-in-a-record", name, records=lambda r: [r[0], r[1], r[2][:-1]])
    resp("empty", name, records=lambda r: [])
    resp("without-head", name, parts=lambda p: p[1:])
    resp("two-heads", name, parts=lambda p: [p[0]] + p)
    resp("unknown-type", name, parts=lambda p: [p[0], (5, b""), *p[1:]])
    resp("final-filler", name, parts=lambda p: p[:2] + [(4, b"")])
    resp("trailers-not-final", name, parts=lambda p: p + [(2, b"")])
    resp("no-trailers", "handshake.finished", parts=lambda p: p[:2])
    resp("finished-wrong", "handshake.finished",
         finished=lambda f: bytes([f[0] ^ 1]) + f[1:])
    resp("finished-short", "handshake.finished", finished=lambda f: f[:16])
    resp("finished-under-another-name", "handshake.finished",
         trailers=lambda t: bhttp.write_fields([(b"x-binder", b"?")]))
    resp("two-trailers", "handshake.finished",
         trailers=lambda t: bhttp.write_fields(
             bhttp.read_trailers(t) + [(b"x-a", b"1")]))
    resp("fillers", None, "", parts=lambda p: [
        (4, b""), p[0], (4, b"abc"), (2, p[1][1][:100]),
        (2, p[1][1][100:]), p[2]])
    resp("content-moved-to-a-filler", "handshake.finished",
         parts=lambda p: [p[0], (4, p[1][1]), p[2]])


def make_aths_heads():
    def sealed(change):
        return {"sealed_lines": change}

    def other(name, value):
        return {"sealed_lines": line_change(name, value)}

    resp, name = aths_response, "handshake.head"
    resp("inner-status", name, head=lambda h: h[:1] + b"\x40\xc9" + h[3:])
    resp("request-head", name, head=lambda h: TRR_HEAD)
    resp("content-type", name, **other("content-type", "text/plain"))
    resp("without-content-type", name, **other("content-type", None))
    resp("without-quotes", name, **other("attest-quotes", None))
    resp("without-configuration", name,
         **other("attest-configuration", None))
    resp("clear-field-sealed", name,
         **sealed(lambda l: l + [("attest-version", "httpa/2")]))
    resp("undefined-sealed", name,
         **sealed(lambda l: l + [("attest-z", "1")]))
    resp("content-length", name,
         **sealed(lambda l: l + [("content-length", "1")]))
    name = "handshake.granted"
    resp("binding-not-offered", name,
         **other("attest-policies", "indirect, fresh, batch"))
    resp("direct-granted", name, **other("attest-policies",
                                         "direct, fresh"))
    resp("bindings-differ", name, **other("attest-policies", "indirect"))
    resp("creation-not-demanded", name, **other("attest-base-creation",
                                                "reuse"))


def make_aths_contents():
    def spki(c):
        return {"evidence": c["evidence"]}

    resp, name = aths_response, "handshake.content"
    resp("content-not-cmw", name, content=lambda c: b"\x01")
    resp("evidence-missing", name,
         collection=lambda c: {"chain": c["chain"]})
    resp("chain-missing", name, collection=spki)
    resp("chain-media-type", name, collection=lambda c: {
        **c, "chain": ["text/plain", c["chain"][1]]})
    resp("service-missing", name, sealed_lines=line_change(
        "attest-signatures", None))
    resp("chain-content-format", name, collection=lambda c: {
        **c, "chain": [42, c["chain"][1]]})
    resp("evidence-nested", name, collection=lambda c: {
        **c, "evidence": {0: {0: c["evidence"]}}})
    resp("evidence-media-type-of-256", name, collection=lambda c: {
        **c, "evidence": ["a/" + "b" * 254, c["evidence"][1]]})
    record = ["application/pkix-cert", b"0"]
    for why, value in [("a-record", record), ("from-one", {1: record}),
                       ("named", {"vcek": record}),
                       ("twenty-five", {i: record for i in range(25)}),
                       ("nested", {0: {0: record}}),
                       ("content-format", {0: [42, b"0"]})]:
        resp("endorsements-" + why, name, collection=lambda c, value=value: {
            **c, "endorsements": value})
    resp("endorsements-unknown", None, "", collection=lambda c: {
        **c, "endorsements": {0: ["application/x-other", b"0"], 1: record}})
    resp("digest", "evidence.digest",
         quotes=lambda q: q.replace(q[1:9], "AAAAAAAA"))
    resp("type", "evidence.digest",
         quotes=lambda q: q.replace("eat+cwt", "vnd.httpa.tpm"))
    resp("binding", "dev.token.nonce", "refused by policy",
         rd=lambda rd: bytes([rd[0] ^ 1]) + rd[1:])
    resp("configuration-changed-after-the-quote", "dev.token.nonce",
         "refused by policy", sealed_lines=line_change(
             "attest-configuration", b64(octets(0xa0))))
    resp("chain-changed-after-the-quote", "dev.token.nonce",
         "refused by policy", collection=lambda c: {
             **c, "chain": [c["chain"][0], c["chain"][1][:-1] + b"\0"]})
    resp("signature", "identity.signature",
         e=lambda e: bytes([e[0] ^ 1]) + e[1:])
    resp("signature-alg", "identity.signature",
         sealed_lines=lambda lines: [
             (k, v.replace("ed25519", "ecdsa-p256-sha256"))
             for k, v in lines])
    resp("unknown-evidence-only", "evidence.type", "refused by policy",
         evidence_type="application/vnd.example")


# ---- sealed-request: 9.6 -------------------------------------------------

def sealed_request(name, check, answer, request, marked=(), lines=None,
                   content=None):
    case("sealed-request", name, check, answer, marked=list(marked),
         lines=request["lines"] if lines is None else lines,
         content=request["records"] if content is None else content)


def request_head(method=b"POST", scheme=b"https",
                 authority=b"api.example.com", path=b"/v1/chat", lines=()):
    return bhttp.write_request(method, scheme, authority, path, list(lines))


def make_sealed_requests():
    r = H.request(5, TRR_HEAD, TRR_CONTENT)
    base, ticket = r["lines"]
    sealed_request("control", None, "", r)
    sealed_request("misplaced", "fields", "malformed", r,
                   lines=r["lines"] + [("Attest-Random", RANDOM)])
    sealed_request("sealed-field-in-the-clear", "fields", "malformed", r,
                   lines=r["lines"] + [("Attest-Supersedes", "1")])
    sealed_request("unknown-base", "base", "base-unknown", r, lines=[
        ("Attest-Base-ID", "r1.AAAAAAAAAAAAAAAAAAAAAA"), ticket])
    sealed_request("number-changed", "ticket", "base-unknown", r, lines=[
        base, (ticket[0], ticket[1].replace("5;", "6;"))])
    sealed_request("huge-number", "ticket", "base-unknown", r, lines=[
        base, (ticket[0], ticket[1].replace("5;", "281474976710655;"))])
    forged = bytes([r["AtT"][0] ^ 1]) + r["AtT"][1:]
    sealed_request("mac-changed", "ticket", "base-unknown", r, lines=[
        base, (ticket[0], f"5;mac={b64(forged)}")])
    sealed_request("field-added", "ticket", "base-unknown", r,
                   lines=r["lines"] + [("Attest-Zebra", "1")])
    sealed_request("parameter-added", "ticket", "base-unknown", r, lines=[
        ("Attest-Base-ID", BASE_ID + ";a=1"), ticket])
    sealed_request("seen", "window", "replay", r, marked=[5, 9])
    sealed_request("stale", "window", "replay", r, marked=[1029])
    sealed_request("oldest-in-the-window", None, "", r, marked=[1028])
    make_sealed_records(r)
    sealed_request("authority", "authority", "target", H.request(
        5, request_head(authority=b"evil.example")))
    sealed_request("scheme", "authority", "target", H.request(
        5, request_head(scheme=b"http")))
    sealed_request("content-length", "head", "head", H.request(
        5, request_head(lines=[(b"content-length", b"8")]), TRR_CONTENT))
    make_clear_cases()
    make_supersedes()
    sealed_request("atsp-content", "kind", "head", H.request(
        5, request_head(b"ATTEST", path=b"/"), b"hello"))
    sealed_request("trailers", "head", "head", H.request(
        5, TRR_HEAD, parts=[(1, TRR_HEAD), (2, b"x"), (
            3, bhttp.write_fields([(b"content-type", b"a/b")]))]))


def make_sealed_records(r):
    def parts(name, *parts):
        sealed_request(name, "records", "head", H.request(
            5, TRR_HEAD, parts=list(parts)))

    head, body = (1, TRR_HEAD), (2, b"x")
    whole = r["records"]
    for name, content in (
            ("no-content", b""), ("truncated", whole[0]),
            ("cut-in-a-record", b"".join(whole)[:-1]),
            ("cut-in-a-header", whole[0] + whole[1][:3]),
            ("bytes-behind", b"".join(whole) + b"\0"),
            ("swapped", whole[1] + whole[0]),
            ("first-one-missing", whole[1]),
            ("twice", b"".join(whole) * 2),
            ("tag", b"".join(whole)[:-1] + bytes([whole[1][-1] ^ 1])),
            ("final-bit-added", b"\x80" + whole[0][1:]),
            ("final-bit-removed", whole[0] + b"\0" + whole[1][1:]),
            ("length-16", b"\x80\0\0\x10" + bytes(16)),
            ("length-65554", b"\x80\1\0\x12"),
            ("reserved-bit-30", b"\x40" + whole[0][1:]),
            ("reserved-bit-17", whole[0][:1] + b"\2" + whole[0][2:]),
            ("of-another-number",
             H.request(6, TRR_HEAD, TRR_CONTENT)["records"]),
            ("of-a-response",
             H.response(r, TRR_HEAD, TRR_CONTENT)["records"])):
        sealed_request(f"records-{name}", "records", "head", r,
                       content=content)
    parts("no-head", body)
    parts("two-heads", head, head)
    parts("empty-head", (1, b""))
    parts("content-first", body, head)
    parts("trailers-first", (3, b"\0"), head)
    parts("trailers-in-the-middle", head, (3, b"\0"), body)
    parts("final-filler", head, body, (4, b""))
    parts("type-5", head, (5, b"x"))
    s = H.schedule
    zeros = records.seal_plaintext(s.aead, H.c_key, H.c_iv, 5, 0, r["AtT"],
                                   bytes(128), True)
    sealed_request("records-zeros-only", "records", "head", r, content=zeros)
    unbound = records.seal_message(s.aead, H.c_key, H.c_iv, 5, b"",
                                   [(1, TRR_HEAD)])[0]
    sealed_request("records-without-bind", "records", "head", r,
                   content=unbound)


def make_clear_cases():
    def request(inner, outer, clear):
        r = H.request(5, request_head(lines=[
            *inner, (b"attest-clear", clear)]))
        return {**r, "lines": r["lines"] + outer}

    a = [(b"x-a", b"1")]
    sealed_request("clear-control", None, "", request(
        a, [("X-A", " 1 ")], b"x-a"))
    sealed_request("clear-differs", "clear", "clear", request(
        a, [("X-A", "2")], b"x-a"))
    sealed_request("clear-outer-missing", "clear", "clear", request(
        a, [], b"x-a"))
    sealed_request("clear-inner-missing", "clear", "clear", request(
        [], [("X-A", "1")], b"x-a"))
    sealed_request("clear-outer-line-added", "clear", "clear", request(
        a, [("X-A", "1"), ("x-a", "2")], b"x-a"))
    for name in (b"content-type", b"cookie", b"host", b"attest-ticket",
                 b"httpa-trust", b"connection", b"X-A"):
        sealed_request(f"clear-lists-{name.decode()}", "head", "head",
                       request(a, [], name))


def make_supersedes():
    def request(value):
        return H.request(5, request_head(lines=[(b"attest-supersedes",
                                                 value)]))
    sealed_request("supersedes-control", None, "", request(b"3, 4"), [1])
    sealed_request("supersedes-seen", "supersedes", "seen",
                   request(b"3, 4"), [4])
    sealed_request("supersedes-itself", "head", "head", request(b"5"))
    sealed_request("supersedes-later", "head", "head", request(b"6"))


# ---- sealed-response: 9.8 ------------------------------------------------

def sealed_response(name, check, head=ANSWER_HEAD, content=ANSWER_CONTENT,
                    parts=None, lines=None, body=None, method="POST"):
    RECIPES["sealed-response", name] = (head, content, parts)
    q = H.request(5, TRR_HEAD)
    r = H.response(q, head, content, parts)
    case("sealed-response", name, check, "violation" if check else "",
         n=5, mac=q["AtT"], method=method,
         lines=r["lines"] if lines is None else lines,
         content=r["records"] if body is None else body)


def make_sealed_responses():
    resp = sealed_response
    q = H.request(5, TRR_HEAD)
    r = H.response(q, ANSWER_HEAD, ANSWER_CONTENT)
    whole = r["records"]
    another = H.response(H.request(6, TRR_HEAD), ANSWER_HEAD, ANSWER_CONTENT)
    resp("control", None)
    resp("misplaced", "response.fields",
         lines=r["lines"] + [("Attest-Version", "httpa/2")])
    resp("protect-sign", "response.fields",
         lines=[("Attest-Binder", r["lines"][0][1] + ";protect=sign")])
    resp("binder", "response.binder", lines=[("Attest-Binder", MAC)])
    resp("of-another-request", "response.binder", lines=another["lines"],
         body=another["records"])
    resp("field-added", "response.binder",
         lines=r["lines"] + [("Attest-Zebra", "1")])
    for name, body in (("empty", b""), ("truncated", whole[:1]),
                       ("behind", whole + [b"\0"]),
                       ("swapped", whole[::-1]),
                       ("of-another-request", another["records"]),
                       ("the-request-itself", q["records"])):
        resp(f"records-{name}", "response.records", body=body)
    resp("records-two-heads", "response.records",
         parts=[(1, ANSWER_HEAD), (1, ANSWER_HEAD)])
    resp("status-199", "response.head", bhttp.write_response(199, []), b"")
    resp("status-600", "response.head", bhttp.write_response(600, []), b"")
    resp("204-with-content", "response.head",
         bhttp.write_response(204, []))
    resp("304-with-content", "response.head",
         bhttp.write_response(304, []))
    resp("head-with-content", "response.head", method="HEAD")
    length = bhttp.write_response(200, [(b"content-length", b"8")])
    resp("content-length", "response.head", length)
    resp("content-length-of-head", None, length, b"", method="HEAD")
    resp("base-of-another", "response.head", bhttp.write_response(
        200, [(b"attest-base-id", b"r2." + BASE_ID[3:].encode()
               + b";max-age=9")]), b"")
    resp("secrets", "response.head", bhttp.write_response(
        200, [(b"attest-secrets", MAC.encode())]), b"")
    resp("clear", "response.clear", bhttp.write_response(
        200, [(b"attest-clear", b"x-a"), (b"x-a", b"1")]), b"")
    resp("trailers", "response.head", parts=[
        (1, ANSWER_HEAD), (3, bhttp.write_fields([(b"te", b"trailers")]))])


# ---- request-head, response-head, trailers: 10 ---------------------------

def make_heads():
    def bad(name, head, check="head", answer=""):
        case("request-head", name, check, answer, head=head)

    def line(name, field, value=b"1"):
        bad(name, request_head(lines=[(field, value)]))

    case("request-head", "control", None, head=TRR_HEAD)
    case("request-head", "options-asterisk", None,
         head=request_head(b"OPTIONS", path=b"*"))
    case("request-head", "high-bytes", None,
         head=request_head(lines=[(b"x-a", b"\xff")]))
    case("request-head", "empty-value", None,
         head=request_head(lines=[(b"x-a", b"")]))
    case("request-head", "long-varints", None,
         head=b"\x40\x00" + TRR_HEAD[1:])
    case("request-head", "host", None,
         head=request_head(lines=[(b"host", b"api.example.com")]))
    bad("framing-indicator", ANSWER_HEAD)
    bad("indeterminate-length", b"\2" + TRR_HEAD[1:])
    bad("empty", b"")
    bad("truncated", TRR_HEAD[:-1])
    bad("bytes-behind", TRR_HEAD + b"\0")
    bad("line-over-the-end", request_head()[:-1] + b"\3\3ab")
    for method in (b"CONNECT", b"TRACE", b"", b"GE T", b"G\xc3", b"M" * 33):
        bad(f"method-{method[:9].decode('latin-1')}-{len(method)}",
            request_head(method))
    bad("scheme", request_head(scheme=b"http"), "authority", "target")
    bad("scheme-case", request_head(scheme=b"HTTPS"), "authority",
        "target")
    bad("authority", request_head(authority=b"evil.example"), "authority",
        "target")
    bad("authority-case", request_head(authority=b"API.example.com"),
        "authority", "target")
    bad("authority-port", request_head(authority=b"api.example.com:443"),
        "authority", "target")
    bad("authority-user", request_head(authority=b"a@api.example.com"),
        "authority", "target")
    for name, path in (("empty", b""), ("relative", b"a"), ("star", b"*"),
                       ("absolute", b"https://api.example.com/"),
                       ("space", b"/a b"), ("fragment", b"/a#b"),
                       ("percent", b"/%4"), ("percent-letters", b"/%zz"),
                       ("newline", b"/a\n"), ("nul", b"/a\0"),
                       ("backslash", b"/a\\b"), ("high", b"/\xc3\xa9"),
                       ("quote", b'/"'), ("angle", b"/<"),
                       ("bracket", b"/["), ("caret", b"/^"),
                       ("brace", b"/{"), ("bar", b"/|"),
                       ("backtick", b"/`"),
                       ("long", b"/" + b"a" * 16_384)):
        bad(f"path-{name}", request_head(path=path))
    bad("atsp-path", request_head(b"ATTEST", path=b"/x"))
    make_field_rules(line, bad)
    line("te", b"te", b"gzip")
    line("host-differs", b"host", b"evil.example")
    for name in ("attest-ticket", "attest-binder", "attest-random",
                 "attest-quotes", "attest-secrets", "attest-cargo",
                 "attest-challenge", "attest-zebra", "attest-versions"):
        line(name, name.encode(), MAC.encode())
    line("attest-empty", b"attest-clear", b"")
    line("attest-base-id", b"attest-base-id", BASE_ID.encode())
    line("attest-item-twice", b"attest-base-termination", b"keep, keep")


def make_field_rules(line, bad):
    """10.2"""
    for name in (b"", b"X-A", b":path", b"x a", b"x\xc3", b"x\n", b"x:",
                 b"a" * 257):
        line(f"name-{name[:9].decode('latin-1')!r}-{len(name)}", name)
    for name, value in (("nul", b"a\0b"), ("cr", b"a\rb"), ("lf", b"a\nb"),
                        ("crlf", b"a\r\nx: y"), ("space-first", b" a"),
                        ("space-last", b"a "), ("tab-first", b"\ta"),
                        ("tab-last", b"a\t"), ("long", b"a" * 32_769)):
        line(f"value-{name}", b"x-a", value)
    for name in sorted(message.REFUSED):
        line(name.decode(), name)
    for name in message.ONCE:
        value = b"api.example.com" if name == b"host" else b"0"
        bad(f"{name.decode()}-twice", request_head(lines=[(name, value)] * 2))
    for value in (b"", b"-1", b"+1", b"0x1", b"1,1", b"1 1", b"1" * 17,
                  b"9007199254740993"):
        line(f"content-length-{value.decode()}", b"content-length", value)
    bad("257-lines", request_head(lines=[(b"x", b"1")] * 257))
    bad("65001-bytes", request_head(lines=[
        (b"x", b"a" * 32_000), (b"y", b"a" * 32_000), (b"z", b"a" * 1_100)]))


def make_response_heads():
    def bad(name, status=200, lines=()):
        case("response-head", name, "response.head",
             head=bhttp.write_response(status, list(lines)))

    case("response-head", "control", None, head=ANSWER_HEAD)
    case("response-head", "set-cookie-twice", None,
         head=bhttp.write_response(200, [(b"set-cookie", b"a=1")] * 2))
    for status in (0, 99, 100, 101, 199, 600, 999):
        bad(f"status-{status}", status)
    case("response-head", "request", "response.head", head=TRR_HEAD)
    bad("upper-case", lines=[(b"X-A", b"1")])
    bad("transfer-encoding", lines=[(b"transfer-encoding", b"chunked")])
    bad("location-twice", lines=[(b"location", b"/")] * 2)
    bad("attest-ticket", lines=[(b"attest-ticket", b"1;mac=" +
                                 MAC.encode())])
    bad("attest-quotes", lines=[(b"attest-quotes", (
        DIGEST + ';type="a/b";binding=fresh').encode())])
    bad("attest-supersedes", lines=[(b"attest-supersedes", b"1")])


def make_trailers():
    def bad(name, data):
        case("trailers", name, "head", trailers=data)

    def line(name, value=b"1"):
        return bhttp.write_fields([(name, value)])

    case("trailers", "control", None, trailers=line(b"x-sum"))
    case("trailers", "none", None, trailers=b"\0")
    bad("empty", b"")
    bad("bytes-behind", line(b"x-sum") + b"\0")
    bad("truncated", line(b"x-sum")[:-1])
    for name in sorted(message.NOT_TRAILERS) + [
            b"content-length", b"attest-binder", b"transfer-encoding",
            b"connection", b"X-Sum", b""]:
        bad(f"name-{name.decode()}", line(name))
    bad("value", line(b"x-sum", b"a\r\nb"))
    bad("65-lines", bhttp.write_fields([(b"x", b"1")] * 65))


# ---- cbor, cmw -----------------------------------------------------------

CBOR = [
    ("empty", ""), ("truncated", "1a0000"), ("bytes-behind", "0000"),
    ("indefinite-array", "9f00ff"), ("indefinite-map", "bf0000ff"),
    ("indefinite-bytes", "5f4100ff"), ("indefinite-text", "7f6161ff"),
    ("break", "ff"), ("integer-24-in-2", "1817"),
    ("integer-in-3", "1900ff"), ("integer-in-5", "1a0000ffff"),
    ("integer-in-9", "1b00000000ffffffff"), ("negative-in-2", "3800"),
    ("length-in-2", "580100"), ("text-length-in-2", "780161"),
    ("array-length-in-2", "980100"), ("map-length-in-2", "b8010000"),
    ("tag-in-2", "d80100"), ("reserved-28", "1c"), ("reserved-31", "1f"),
    ("key-twice", "a200000000"), ("text-key-twice", "a2616100616100"),
    ("bytes-as-key", "a1410000"), ("array-as-key", "a18000"),
    ("boolean-as-key", "a1f400"), ("not-utf-8", "61ff"),
    ("surrogate", "63eda080"), ("overlong-utf-8", "62c080"),
    ("simple-in-2", "f814"), ("nested-17", "81" * 17 + "00"),
    ("65-entries", "b841" + "".join(
        cbor.encode(i).hex() + "00" for i in range(65))),
    ("huge-array", "9b7fffffffffffffff"), ("huge-bytes", "5affffffff"),
]


def make_cbor():
    for name, data in CBOR:
        case("cbor", name, "cbor", data=bytes.fromhex(data))
    for name, data in (("nested-16", "81" * 16 + "00"),
                       ("keys-in-another-order", "a20100 0000"),
                       ("negative", "20"), ("64-entries", "b840" + "".join(
                           cbor.encode(i).hex() + "00" for i in range(64)))):
        case("cbor", name, None, data=bytes.fromhex(data))


def make_cmw():
    record = ["application/octet-stream", b"\0"]

    def bad(name, value):
        case("cmw", name, "content",
             data=value if isinstance(value, bytes) else cbor.encode(value))

    case("cmw", "control", None, data=REQUEST_CONTENT)
    case("cmw", "indicator", None, data=cbor.encode({"pad": record + [1]}))
    case("cmw", "content-format", None, data=cbor.encode({"x": [60, b""]}))
    case("cmw", "tag", None, data=cbor.encode(
        {"x": cbor.Tag(1668546817, b"")}))
    case("cmw", "type-label", None, data=cbor.encode(
        {"__cmwc_t": "tag:a.example,2026:x", "pad": record}))
    case("cmw", "parameters-of-the-type", None, data=cbor.encode(
        {"pad": ["Application/Octet-Stream; a=b", b"\0"]}))
    bad("empty-map", {})
    bad("only-the-type-label", {"__cmwc_t": "tag:a.example,2026:x"})
    bad("a-record", record)
    bad("one-element", {"pad": record[:1]})
    bad("four-elements", {"pad": record + [1, 2]})
    bad("text-value", {"pad": [record[0], "x"]})
    bad("negative-indicator", {"pad": record + [-1]})
    bad("text-indicator", {"pad": record + ["a"]})
    bad("media-type-without-slash", {"x": ["octets", b""]})
    bad("tag-without-bytes", {"x": cbor.Tag(1668546817, "x")})
    bad("33-entries", {i: record for i in range(33)})
    bad("5-deep", {"a": {"b": {"c": {"d": {"e": record}}}}})
    case("cmw", "4-deep", None,
         data=cbor.encode({"a": {"b": {"c": {"d": record}}}}))


# ---- evidence: 6.5, 6.6 --------------------------------------------------

TPM, EAT = "application/vnd.httpa.tpm", "application/eat+cwt"


def make_tpm():
    def bad(name, check, value, **policy):
        case("evidence", f"tpm-{name}", check, "refused by policy", type=TPM,
             value=value, policy=policy)

    def item(**change):
        return vectors.tpm(rd, item={int(k[1:]): v
                                     for k, v in change.items()})

    def quote(**change):
        return vectors.tpm(rd, quote=vectors.attest_quote(
            change.pop("extra", sha256(rd)), **change))

    rd = H.rd
    fine = cbor.decode(vectors.tpm(rd))
    case("evidence", "tpm-control", None, type=TPM, value=vectors.tpm(rd),
         policy={})
    bad("not-cbor", "tpm.form", b"\xff")
    bad("unknown-key", "tpm.form", item(_9=b""))
    bad("without-signature", "tpm.form", cbor.encode(
        {k: v for k, v in fine.items() if k != 2}))
    bad("ek-chain-without-ek", "tpm.form", item(_6=[b"x"]))
    bad("bytes-behind-the-quote", "tpm.form", item(_1=fine[1] + b"\0"))
    bad("quote-truncated", "tpm.form", item(_1=fine[1][:-1]))
    bad("bytes-behind-the-signature", "tpm.form", item(_2=fine[2] + b"\0"))
    bad("bytes-behind-the-key", "tpm.form", item(_3=fine[3] + b"\0"))
    bad("pcr-24", "tpm.form", item(_4={0x000b: {24: bytes(32)}}))
    bad("unknown-bank", "tpm.form", item(_4={0x0012: {0: bytes(32)}}))
    bad("magic", "tpm.quote", quote(magic=0xff544348))
    bad("type", "tpm.quote", quote(type_=0x8017))
    for bit in (1, 16, 18):
        bad(f"attribute-{bit}", "tpm.ak.attributes", item(
            _3=vectors.ecc_ak(attributes=vectors.AK_ATTRIBUTES & ~(1 << bit)
                              )))
    bad("attribute-decrypt", "tpm.ak.attributes", item(
        _3=vectors.ecc_ak(attributes=vectors.AK_ATTRIBUTES | 1 << 17)))
    off = bytearray(vectors.ecc_ak())
    off[-1] ^= 1
    bad("ak-off-the-curve", "tpm.ak.attributes", item(_3=bytes(off)))
    bad("signature", "tpm.signature", item(
        _2=fine[2][:-1] + bytes([fine[2][-1] ^ 1])))
    bad("signature-sha1", "tpm.signature", item(
        _2=b"\0\x18\0\4" + fine[2][4:]))
    bad("another-ak", "tpm.signature", item(
        _3=vectors.ecc_ak(fixed.secret_of("another"))))
    bad("binding", "tpm.binding", quote(extra=sha256(b"other")))
    bad("binding-unhashed", "tpm.binding", quote(extra=rd))
    bad("pcr-missing", "tpm.pcrs.digest", item(
        _4={0x000b: {0: octets(0), 4: octets(1)}}))
    bad("pcr-changed", "tpm.pcrs.digest", item(
        _4={0x000b: {**vectors.PCRS[0x000b], 7: octets(9)}}))
    bad("pcr-not-selected", "tpm.pcrs.digest", item(
        _4={0x000b: {**vectors.PCRS[0x000b], 8: octets(9)}}))
    bad("pcr-length", "tpm.pcrs.digest", item(
        _4={0x000b: {**vectors.PCRS[0x000b], 7: octets(2, 31)}}))
    bad("pcr-digest", "tpm.pcrs.digest", quote(digest=bytes(32)))
    bad("pcr-not-allowed", "measurements", vectors.tpm(rd),
        pcrs={"7": [octets(3)]})
    bad("pcr-of-the-policy-not-selected", "measurements", vectors.tpm(rd),
        pcrs={"11": [octets(2)]})
    bad("ak-not-pinned", "tpm.ak.trust", vectors.tpm(rd),
        ak_pinned=[b"\0\x0b" + sha256(b"other")])


def make_eat():
    def bad(name, check, value, **policy):
        case("evidence", f"eat-{name}", check, "refused by policy", type=EAT,
             value=value, policy=policy)

    def claims(change, **policy):
        return vectors.sign1(cbor.encode({6: NOW, 10: rd, "app": "demo",
                                          **change}), vectors.DEV_ROOT)

    def cose(index, part):
        whole = cbor.decode(vectors.eat(rd)).value
        return cbor.encode(cbor.Tag(18, whole[:index] + [part]
                                    + whole[index + 1:]))

    rd = H.rd
    fine = vectors.eat(rd)
    for name, value in (("control", fine), ("untagged", fine[1:]),
                        ("tag-61", b"\xd8\x3d" + fine),
                        ("more-claims", claims({2: "x", "other": True}))):
        case("evidence", f"eat-{name}", None, type=EAT, value=value,
             policy={})
    header = cbor.decode(fine).value[1]
    form = "dev.token.form"
    bad("tag-17", form, b"\xd1" + fine[1:])
    bad("bytes-behind", form, fine + b"\0")
    bad("three-elements", form, cbor.encode(cbor.Tag(
        18, cbor.decode(fine).value[:3])))
    bad("alg-missing", form, cose(0, cbor.encode({})))
    bad("alg-es384", form, cose(0, cbor.encode({1: -35})))
    bad("crit", form, cose(0, cbor.encode({1: -7, 2: [4]})))
    bad("label-in-both", form, cose(1, {**header, 1: -7}))
    bad("without-key", form, cose(1, {}))
    bad("signature-of-63", form, cose(3, bytes(63)))
    bad("without-nonce", form, vectors.sign1(cbor.encode({6: NOW}),
                                             vectors.DEV_ROOT))
    bad("array-of-nonces", form, claims({10: [rd]}))
    bad("nonce-of-32", form, claims({10: rd[:32]}))
    bad("without-iat", form, vectors.sign1(cbor.encode({10: rd}),
                                           vectors.DEV_ROOT))
    bad("exp", form, claims({4: NOW + 100}))
    bad("nbf", form, claims({5: NOW}))
    bad("private-array", form, claims({"app": [1]}))
    bad("signature", "dev.token.signature",
        fine[:-1] + bytes([fine[-1] ^ 1]))
    bad("claim-changed", "dev.token.signature",
        fine.replace(b"demo", b"prod"))
    bad("nonce", "dev.token.nonce", claims({10: bytes(64)}))
    bad("future", "dev.token.iat", claims({6: NOW + 301}))
    bad("another-signer", "dev.root_key", vectors.sign1(
        cbor.encode({6: NOW, 10: rd, "app": "demo"}), 12345))
    bad("claim", "measurements", claims({"app": "prod"}))
    bad("claim-missing", "measurements", vectors.sign1(
        cbor.encode({6: NOW, 10: rd}), vectors.DEV_ROOT))
    bad("claim-of-another-type", "measurements", claims({"app": b"demo"}))


# ---- the file ------------------------------------------------------------

def common_pieces():
    """Records that stand in several cases."""
    count = {}
    for c in OUT:
        if isinstance(c.get("content"), list):
            for piece in c["content"]:
                count[piece] = count.get(piece, 0) + 1
    return [p for p, times in count.items() if times > 1 and len(p) > 32]


def shorten(c, pieces):
    """Leave out or refer to what stands in `shared`."""
    if c["kind"] == "aths-request" and c["lines"] == H.request_lines:
        del c["lines"]
    if c["kind"] == "aths-request" and c["content"] == REQUEST_CONTENT:
        del c["content"]
    if c["kind"] == "aths-response" and c["lines"] == H.response_lines:
        del c["lines"]
    if isinstance(c.get("content"), list):
        c["content"] = [{"piece": pieces.index(p)} if p in pieces else p
                        for p in c["content"]]


def cases():
    OUT.clear()
    for make in (make_fields, make_forms, make_aths_requests,
                 make_aths_responses, make_sealed_requests,
                 make_sealed_responses, make_heads, make_response_heads,
                 make_trailers, make_cbor, make_cmw, make_tpm, make_eat):
        make()
    names = [(c["kind"], c["name"]) for c in OUT]
    assert len(set(names)) == len(names)
    pieces = common_pieces()
    for c in OUT:
        shorten(c, pieces)
    shared = {
        "now": NOW, "target": ORIGIN, "base_id": BASE_ID, "suite": H.suite,
        "c_key": H.c_key, "c_iv": H.c_iv, "s_key": H.s_key, "s_iv": H.s_iv,
        "client_random": octets(0), "client_private": octets(0x20),
        "request": H.request_lines, "request_content": REQUEST_CONTENT,
        "response": H.response_lines, "rd": H.rd, "pieces": pieces,
        "policy": {"suites": [H.suite], "groups": [H.group],
                   "policies": ["indirect", "fresh"],
                   "creation": ["shared"], "pinned": [sha256(H.spki)],
                   "root_key": vectors.spki(
                       fixed.p256_key(vectors.DEV_ROOT).public_key()),
                   "claims": {"app": "demo"},
                   "ak_pinned": [evidence.Public(vectors.ecc_ak()).name()],
                   "pcrs": {str(i): [v] for i, v
                            in vectors.PCRS[0x000b].items()}}}
    return {"shared": shared, "cases": OUT}


# ---- running a case that was read from the file --------------------------

def octets_of(value, shared=None):
    """Hex, or a list of: hex, {hex, times}, {piece: index}."""
    if isinstance(value, str):
        return bytes.fromhex(value)
    if isinstance(value, dict):
        if "piece" in value:
            return bytes.fromhex(shared["pieces"][value["piece"]])
        return bytes.fromhex(value["hex"]) * value["times"]
    return b"".join(octets_of(part, shared) for part in value)


def run_field(c, shared):
    if len(fields.join(c["lines"])) > fields.LARGE_CLEAR.get(
            c["field"], 256):
        raise Bad("too long")       # every sealed one here is short
    fields.parse_defined(c["field"], fields.join(c["lines"]), c["message"])


def run_form(c, shared):
    word = server.kind(c["method"], c["path"], c["lines"])
    if word in ("malformed", "untrusted", "cargo"):
        raise Refused("form", "untrusted" if word == "untrusted"
                      else "malformed")


def run_aths_request(c, shared):
    server.judge_aths("POST", c.get("lines", shared["request"]),
                      octets_of(c.get("content", shared["request_content"])),
                      [shared["target"]], now=shared["now"],
                      window=c.get("window"))


def run_aths_response(c, shared):
    p = {**shared["policy"], **c["policy"]}
    request = handshake.Policy(
        eat={"root_key": bytes.fromhex(p["root_key"]),
             "claims": p["claims"]},
        pinned=[bytes.fromhex(x) for x in p["pinned"]], suites=p["suites"],
        groups=p["groups"], policies=p["policies"], creation=p["creation"])
    hello = handshake.Hello(shared["target"], request,
                            bytes.fromhex(shared["client_random"]),
                            {"x25519": bytes.fromhex(
                                shared["client_private"])})
    handshake.judge(hello, c["status"], c.get("lines", shared["response"]),
                    octets_of(c["content"], shared), shared["now"])


def keys(shared):
    return [bytes.fromhex(shared[k])
            for k in ("c_key", "c_iv", "s_key", "s_iv")]


def run_sealed_request(c, shared):
    base = server.ServerBase(shared["base_id"], shared["target"],
                             shared["suite"], *keys(shared))
    for n in c["marked"]:
        base.window.test_and_set(n)
    server.judge_sealed(base, "POST", c["lines"],
                        octets_of(c["content"], shared))


class WholeBody:
    """What client.Answer reads from."""

    def __init__(self, data):
        self.data, self.close = data, lambda: None

    def read(self, count):
        out, self.data = self.data[:count], self.data[count:]
        return out


def run_sealed_response(c, shared):
    base = handshake.Base(shared["base_id"], shared["target"],
                          schedule.Schedule(shared["suite"]), *keys(shared),
                          b"", [])
    AtBr = client.check_binder(base, c["n"], bytes.fromhex(c["mac"]),
                               c["lines"])
    opener = records.Opener(base.schedule.aead, base.s_key, base.s_iv,
                            c["n"], AtBr)
    body = WholeBody(octets_of(c["content"], shared))
    answer = client.Answer(c["method"].encode(), body, body, opener)
    try:
        answer.read_head(base.id, c["lines"])
        answer.read()
    except client.BrokenOff as broken:
        raise Refused("response.records", "violation", broken) from None


def run_evidence(c, shared):
    p = {**shared["policy"], **c["policy"]}
    value, rd = octets_of(c["value"]), bytes.fromhex(shared["rd"])
    if c["type"] == EAT:
        evidence.verify_eat(value, rd, {
            "root_key": bytes.fromhex(p["root_key"]),
            "claims": p["claims"]}, shared["now"])
        return
    evidence.verify_tpm(value, rd, {
        "pinned": [bytes.fromhex(x) for x in p["ak_pinned"]],
        "pcrs": {0x000b: {int(i): [bytes.fromhex(v) for v in values]
                          for i, values in p["pcrs"].items()}}})


def run_request_head(c, shared):
    try:
        message.check_request_head(octets_of(c["head"]), shared["target"])
    except message.WrongTarget:
        raise Refused("authority", "target") from None


RUN = {
    "field": run_field, "form": run_form, "aths-request": run_aths_request,
    "aths-response": run_aths_response,
    "sealed-request": run_sealed_request,
    "sealed-response": run_sealed_response, "evidence": run_evidence,
    "request-head": run_request_head,
    "response-head": lambda c, _: message.check_response_head(
        octets_of(c["head"])),
    "trailers": lambda c, _: message.check_trailers(
        octets_of(c["trailers"])),
    "cbor": lambda c, _: cbor.decode(octets_of(c["data"])),
    "cmw": lambda c, _: cmw.parse(octets_of(c["data"]), cmw.AQ),
}


def run(c, shared):
    """(check, answer) that refused, or (None, ""): accepted."""
    try:
        RUN[c["kind"]](c, shared)
    except Refused as refused:
        return refused.check, refused.answer
    except Bad:
        return c["check"] or "refused", c.get("answer", "")
    return None, ""
