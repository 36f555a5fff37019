"""Writes test/vectors/*.json from the inputs of doc/protocol.md, Appendix A.

    /usr/bin/python3 vectors.py [directory]

Every run writes the same bytes.
"""
import base64
import json
import pathlib
import re
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)

import bhttp
import cbor
import evidence
import exchange
import fields
import fixed
import records
import schedule
from activation import make_credential
from schedule import Schedule, nonce, sha256

HERE = pathlib.Path(__file__).resolve().parent
BASE_ID = "r1.AAECAwQFBgcICQoLDA0ODw"
ORIGIN = "https://api.example.com"
NOW = 1760000000        # the clock of every vector
REQUEST_CONTENT = cbor.encode({"pad": ["application/octet-stream", b"\0"]})


def run(first, count=32):
    """first, first + 1, ..."""
    return bytes(range(first, first + count))


def b64(data):
    return ":" + base64.b64encode(data).decode() + ":"


def spki(public):
    return public.public_bytes(Encoding.DER,
                               PublicFormat.SubjectPublicKeyInfo)


def sealed_lines(pairs):
    return [(name.encode(), value.encode()) for name, value in pairs]


# ---- evidence: 6.6 -------------------------------------------------------

DEV_ROOT = fixed.secret_of("httpa dev root")


def sign1(payload, secret, protected=cbor.encode({1: -7})):
    to_sign = cbor.encode(["Signature1", protected, b"", payload])
    header = {4: spki(fixed.p256_key(secret).public_key())}
    return cbor.encode(cbor.Tag(18, [protected, header, payload,
                                     fixed.ecdsa_raw(secret, to_sign)]))


def eat(rd, **more):
    claims = {6: NOW, 10: rd, "app": "demo"}
    claims.update(more)
    return sign1(cbor.encode(claims), DEV_ROOT)


# ---- the handshake: 5 ----------------------------------------------------

class Handshake:
    """One AtHS between the fixed client and the fixed server.

    `changes` are functions that spoil a value on its way, by its name;
    only the negative cases have any.
    """

    def __init__(self, suite="TLS_AES_128_GCM_SHA256", group="x25519",
                 evidence_type="application/eat+cwt", **changes):
        client = exchange.private_key(group, run(0x20))
        self.client_share = exchange.public_share(group, client)
        self.request_content = REQUEST_CONTENT
        self.request_lines = [
            ("Attest-Versions", "httpa/2"),
            ("Attest-Cipher-Suites", suite),
            ("Attest-Supported-Groups", group),
            ("Attest-Key-Shares", f"{b64(self.client_share)};group={group}"),
            ("Attest-Random", b64(run(0))),
            ("Attest-Target", f'"{ORIGIN}"'),
            ("Attest-Policies", "indirect, fresh"),
            ("Attest-Base-Creation", "shared")]
        self.answer(suite, group, evidence_type, changes)
        assert self.Z == exchange.shared_secret(group, client,
                                                self.server_share)

    def answer(self, suite, group, evidence_type, changes):
        """The server's side, for the request that is there."""
        self.changes = changes
        self.suite, self.group = suite, group
        self.schedule = Schedule(suite)
        server = exchange.private_key(group, run(0x60))
        self.server_share = exchange.public_share(group, server)
        self.Z = exchange.shared_secret(group, server, self.client_share)
        self.base_id = BASE_ID
        self.response_lines = self.changed("response_lines", [
            ("Attest-Version", "httpa/2"),
            ("Attest-Cipher-Suite", suite),
            ("Attest-Supported-Group", group),
            ("Attest-Key-Share", f"{b64(self.server_share)};group={group}"),
            ("Attest-Random", b64(run(0x20))),
            ("Attest-Base-ID", f"{self.base_id};max-age=3600")])
        self.hash_request()
        self.make_keys()
        self.make_sealed(eat, evidence_type)
        self.finish()

    def changed(self, name, value):
        return self.changes.get(name, lambda same: same)(value)

    def hash_request(self):
        self.F_request = fields.F(fields.parse_clear(self.request_lines,
                                                     fields.AQ))
        self.C0 = schedule.C0(self.F_request)
        self.C1 = schedule.C1(self.C0)
        self.TH0 = schedule.TH0(self.C1, self.request_content)

    def make_keys(self):
        s = self.schedule
        self.F_clear = fields.F(canonical_set(self.response_lines,
                                              fields.AR))
        self.TH1 = s.TH1(self.TH0, self.F_clear)
        self.early = s.early()
        self.hs = s.hs(self.early, self.Z)
        self.master = s.master(self.hs)
        self.t = s.t(self.hs, self.TH1)
        self.hs_key, self.hs_iv = s.key(self.t), s.iv(self.t)
        self.fin = s.fin(self.t)

    def make_sealed(self, evidence, evidence_type):
        s = self.schedule
        service = ed25519.Ed25519PrivateKey.from_private_bytes(run(0xa0))
        self.spki = spki(service.public_key())
        lines = [("content-type", "application/cmw+cbor"),
                 ("attest-policies", "indirect, fresh"),
                 ("attest-base-creation", "shared"),
                 ("attest-configuration", b64(run(0xc0)))]
        self.F_sealed = schedule.u(16, 3) + b"".join(
            schedule.v8(name.encode()) + schedule.v32(value.encode())
            for name, value in sorted(lines[1:]))
        self.B = s.B(self.TH1, self.spki, self.F_sealed)
        self.rd = schedule.rd_fresh(self.B)
        self.evidence = evidence(self.changed("rd", self.rd))
        self.quotes = (f'{b64(sha256(self.evidence))};type="{evidence_type}"'
                       ";binding=fresh")
        self.quotes = self.changed("quotes", self.quotes)
        self.E = s.E(self.B, self.quotes.encode())
        self.signature = service.sign(schedule.signed_bytes(
            "HTTPA/2 service signature", self.changed("e", self.E)))
        lines += [("attest-quotes", self.quotes),
                  ("attest-signatures",
                   f"service={b64(self.signature)};alg=ed25519")]
        self.sealed_lines = self.changed("sealed_lines", lines)
        self.head = self.changed("head", bhttp.write_response(
            200, sealed_lines(self.sealed_lines)))
        self.content = self.changed("content", cbor.encode(self.changed(
            "collection", {
                "chain": ["application/vnd.httpa.spki", self.spki],
                "evidence": [evidence_type, self.evidence]})))

    def finish(self):
        s = self.schedule
        self.TH2 = s.TH2(self.TH1, self.head, self.content)
        self.finished = s.finished(self.fin, self.TH2)
        self.TH3 = s.TH3(self.TH2, self.finished)
        self.exp = s.exp(self.master, self.TH3)
        self.c, self.s = s.c(self.master, self.TH3), s.s(self.master,
                                                         self.TH3)
        self.c_key, self.c_iv = s.key(self.c), s.iv(self.c)
        self.s_key, self.s_iv = s.key(self.s), s.iv(self.s)
        self.trailers = self.changed("trailers", bhttp.write_fields(
            [(b"attest-binder",
              b64(self.changed("finished", self.finished)).encode())]))
        self.parts = self.changed("parts", [
            (records.HEAD, self.head), (records.CONTENT, self.content),
            (records.TRAILERS, self.trailers)])
        self.records = self.changed("records", self.seal(self.parts))

    def seal(self, parts):
        return records.seal_message(self.schedule.aead, self.hs_key,
                                    self.hs_iv, 0, b"", parts)

    # sealed messages: 9

    def request(self, n, head, content=b"", parts=None, more=()):
        s = self.schedule
        lines = [("Attest-Base-ID", self.base_id), *more]
        clear = {}
        for name, value in lines:
            clear[name.lower()] = fields.Field(None, value.strip(" \t"))
        aad = schedule.ticket_aad(n, fields.F(clear))
        AtT = schedule.tag(s.aead, self.c_key, self.c_iv, n, aad)
        parts = parts or records.cut(head, content)
        return {"aad": aad, "AtT": AtT, "n": n, "head": head,
                "lines": lines + [("Attest-Ticket", f"{n};mac={b64(AtT)}")],
                "records": records.seal_message(s.aead, self.c_key, self.c_iv,
                                                n, AtT, parts)}

    def response(self, request, head, content=b"", parts=None):
        s, n = self.schedule, request["n"]
        aad = schedule.binder_aad(n, request["AtT"], fields.F({}))
        AtBr = schedule.tag(s.aead, self.s_key, self.s_iv, n, aad)
        parts = parts or records.cut(head, content)
        return {"aad": aad, "AtBr": AtBr, "n": n, "head": head,
                "lines": [("Attest-Binder", b64(AtBr))],
                "records": records.seal_message(s.aead, self.s_key, self.s_iv,
                                                n, AtBr, parts)}


TRR_HEAD = bhttp.write_request(
    b"POST", b"https", b"api.example.com", b"/v1/chat",
    [(b"content-type", b"application/json")])
TRR_CONTENT = b'{"q":1}'
ANSWER_HEAD = bhttp.write_response(
    200, [(b"content-type", b"application/json")])
ANSWER_CONTENT = b'{"a":2}'


# ---- canonical.json ------------------------------------------------------

CANONICAL = [
    ("one", "the example of 4.3", "sealed-request-base-id",
     [("Attest-Base-ID", "  r1.AAECAwQFBgcICQoLDA0ODw ")]),
    ("parameter-space", "spaces behind ; go", "aths-request",
     [("Attest-Policies", "indirect,\tkey;  max-age=600 ,fresh")]),
    ("two-lines", "a List on two lines is joined", "aths-request",
     [("Attest-Policies", "indirect"), ("Attest-Policies", " fresh\t")]),
    ("integer", "leading zeros go", "aths-request",
     [("attest-policies", "key;max-age=000600")]),
    ("date", "a Date stays one", "aths-request",
     [("ATTEST-DATE", "@1760000000")]),
    ("unknown-parameter", "covered, in the order received", "aths-request",
     [("Attest-Target", '"https://api.example.com";z=1;a=?1;b;c=?0;d=tok')]),
    ("string-escapes", "", "aths-request",
     [("Attest-Target", '"https://api.example.com";q="a\\"b\\\\c"')]),
    ("parameter-types", "the value of an unknown parameter has any type",
     "aths-request",
     [("Attest-Versions", 'httpa/2;a=1.50;b=-0.0;c=@-5;d=%"f%c3%bc %25";'
       'e=-0;f=:AA==:;g="";h=*a/b;i=00012.340')]),
    ("blocklist", "members of several types", "aths-request",
     [("Attest-Blocklist",
       ':AAEC:;kind=measurement,r7;kind=base,"snp:ucode<5";kind=svn')]),
    ("undefined", "a field that is not defined: its trimmed line",
     "aths-request", [("Attest-Zebra", " some (text; = here ")]),
    ("order", "sorted by name, bytewise; a prefix comes first",
     "aths-request",
     [("Attest-Version-X", "2"), ("Attest-Versions", "httpa/2, httpa/2-x-a"),
      ("Attest-Cipher-Suites", "TLS_AES_128_GCM_SHA256"),
      ("Attest-A", "1"), ("Attest-AB", "3")]),
    ("trailing-unknown-token", "", "aths-request",
     [("Attest-Base-Creation", "fancy;x=-5, shared")]),
    ("ticket-protect", "", "sealed-request",
     [("Attest-Ticket", "7; mac=:AAAAAAAAAAAAAAAAAAAAAA==:;protect=seal")]),
    ("none", "no Attest-* field", "sealed-response",
     [("Content-Type", "application/httpa-sealed")]),
]


def canonical_set(lines, message):
    """The set S of some lines, missing fields allowed."""
    message = message.replace("-base-id", "")
    out = {}
    for name, values in fields.gather(lines).items():
        if name in fields.TABLE:
            out[name] = fields.parse_defined(name, fields.join(values),
                                             message)
        else:
            out[name] = fields.parse_undefined(values)
    return out


def canonical():
    cases = []
    for name, why, message, lines in CANONICAL:
        S = canonical_set(lines, message)
        cases.append({
            "name": name, "why": why,
            "message": message.replace("-base-id", ""),
            "lines": [list(line) for line in lines],
            "canonical": {key: field.text for key, field in S.items()},
            "f": fields.F(S)})
    return {"cases": cases}


# ---- aths.json -----------------------------------------------------------

ATHS = ("C0", "C1", "TH0", "TH1", "Z", "early", "hs", "master", "t",
        "hs_key", "hs_iv", "fin", "B", "rd", "E", "TH2", "finished", "TH3",
        "exp", "c", "c_key", "c_iv", "s", "s_key", "s_iv", "evidence",
        "trailers", "F_request", "F_clear", "F_sealed")


def handshake_case(h):
    out = {name.lower(): getattr(h, name) for name in ATHS}
    out.update({
        "suite": h.suite, "group": h.group,
        "request": [list(line) for line in h.request_lines],
        "request_content": REQUEST_CONTENT,
        "client_share": h.client_share, "server_share": h.server_share,
        "response": [list(line) for line in h.response_lines],
        "sealed": [list(line) for line in h.sealed_lines],
        "attest_quotes": h.quotes, "service_spki": h.spki,
        "service_signature": h.signature,
        "response_head": h.head, "response_content": h.content,
        "records": h.records,
        "exporter": h.schedule.exporter(h.exp, "test", b"context", 32)})
    if h.group != "X25519MLKEM768":
        out.update(client_private=run(0x20), server_private=run(0x60))
    return out


def aths():
    first = list(schedule.SUITES)[0]
    cases = [Handshake(suite, group) for suite in schedule.SUITES
             for group in exchange.GROUPS
             if group != "secp384r1" or suite == first]
    return {"inputs": {"client_random": run(0), "server_random": run(0x20),
                       "service_seed": run(0xa0), "target": ORIGIN,
                       "dev_root_spki":
                           spki(fixed.p256_key(DEV_ROOT).public_key())},
            "cases": [handshake_case(h) for h in cases],
            "schedule_only": hybrid()}


def hybrid():
    """X25519MLKEM768: the schedule for a given Z; there is no ML-KEM here."""
    out = []
    for suite in schedule.SUITES:
        s = Schedule(suite)
        Z, th1 = run(0, 64), s.H(b"th1")
        early = s.early()
        hs = s.hs(early, Z)
        master, t = s.master(hs), s.t(hs, th1)
        th3 = s.H(b"th3")
        c, s_ = s.c(master, th3), s.s(master, th3)
        out.append({
            "suite": suite, "group": "X25519MLKEM768", "z": Z, "th1": th1,
            "th3": th3, "early": early, "hs": hs, "master": master, "t": t,
            "hs_key": s.key(t), "hs_iv": s.iv(t), "fin": s.fin(t),
            "exp": s.exp(master, th3), "c": c, "c_key": s.key(c),
            "c_iv": s.iv(c), "s": s_, "s_key": s.key(s_), "s_iv": s.iv(s_)})
    return out


# ---- ticket.json, binder.json, records.json ------------------------------

def ticket():
    cases = []
    for suite in schedule.SUITES:
        h = Handshake(suite)
        for n, more in ((1, []), (2, [("Attest-Zebra", "striped")]),
                        (2**48 - 1, [])):
            r = h.request(n, TRR_HEAD, more=more)
            cases.append({"suite": suite, "c_key": h.c_key, "c_iv": h.c_iv,
                          "n": n, "aad": r["aad"], "mac": r["AtT"],
                          "nonce": nonce(h.c_iv, n, schedule.LAST),
                          "lines": [list(line) for line in r["lines"]]})
    return {"cases": cases}


def binder():
    cases = []
    for suite in schedule.SUITES:
        h = Handshake(suite)
        for n in (1, 2, 2**48 - 1):
            q = h.request(n, TRR_HEAD)
            r = h.response(q, ANSWER_HEAD)
            cases.append({"suite": suite, "s_key": h.s_key, "s_iv": h.s_iv,
                          "n": n, "mac": q["AtT"], "aad": r["aad"],
                          "nonce": nonce(h.s_iv, n, schedule.LAST),
                          "binder": r["AtBr"],
                          "lines": [list(line) for line in r["lines"]]})
    return {"cases": cases}


def record_case(name, suite, key, iv, n, bind, parts, plaintexts=None):
    aead = schedule.SUITES[suite][0]
    out = []
    for i, (type_, data) in enumerate(parts):
        plaintext = data + bytes([type_])
        if plaintexts and plaintexts[i] is not None:
            plaintext = plaintexts[i]
        else:
            plaintext = records.pad(plaintext)
        out.append({"type": type_, "data": data,
                    "padding": len(plaintext) - len(data) - 1,
                    "nonce": nonce(iv, n, i),
                    "record": records.seal_plaintext(
                        aead, key, iv, n, i, bind, plaintext,
                        i == len(parts) - 1)})
    return {"name": name, "suite": suite, "key": key, "iv": iv, "n": n,
            "bind": bind, "records": out}


def record_vectors():
    cases = []
    trailers = bhttp.write_fields([(b"x-sum", b"7")])
    shapes = {
        "head-only": [(1, TRR_HEAD)],
        "content": [(1, TRR_HEAD), (2, TRR_CONTENT)],
        "several": [(1, TRR_HEAD), (2, b"a" * 300), (2, b"b"), (2, b"")],
        "fillers": [(4, b""), (1, TRR_HEAD), (4, b""), (2, TRR_CONTENT),
                    (4, b"ignored"), (2, b"")],
        "trailers": [(1, TRR_HEAD), (2, TRR_CONTENT), (3, trailers)],
        "head-and-trailers": [(1, TRR_HEAD), (3, trailers)],
        "data-ends-in-zeros": [(1, TRR_HEAD), (2, b"x\0\0\0")],
    }
    for suite in schedule.SUITES:
        h = Handshake(suite)
        bind = h.request(1, TRR_HEAD)["AtT"]
        for name, parts in shapes.items():
            if suite != "TLS_AES_128_GCM_SHA256" and name not in (
                    "content", "fillers"):
                continue
            cases.append(record_case(name, suite, h.c_key, h.c_iv, 1, bind,
                                     parts))
    h = Handshake()
    bind = h.request(2, TRR_HEAD)["AtT"]
    suite = h.suite
    for size in (127, 128, 1022, 1023):      # 8.4
        cases.append(record_case(
            f"padding-{size}", suite, h.c_key, h.c_iv, 2, bind,
            [(1, TRR_HEAD), (2, (run(0, 250) * 5)[:size])]))
    cases.append(record_case(
        "padding-other", suite, h.c_key, h.c_iv, 2, bind,
        [(1, TRR_HEAD), (2, TRR_CONTENT)],
        [TRR_HEAD + b"\1", TRR_CONTENT + b"\2" + bytes(1000)]))
    cases.append(record_case("aths", suite, h.hs_key, h.hs_iv, 0, b"",
                             h.parts))
    return {"head_request": TRR_HEAD, "head_response":
            bhttp.write_response(200, []), "trailers": trailers,
            "cases": cases}


# ---- evidence.json -------------------------------------------------------

AK = fixed.secret_of("httpa vector ak")
PCRS = {0x000b: {0: run(0), 4: run(1), 7: run(2)}}
AK_ATTRIBUTES = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 16 | 1 << 18


def ecc_point(secret):
    numbers = fixed.p256_key(secret).public_key().public_numbers()
    return (schedule.v16(numbers.x.to_bytes(32, "big"))
            + schedule.v16(numbers.y.to_bytes(32, "big")))


def ecc_ak(secret=AK, attributes=AK_ATTRIBUTES):
    """B.1: an attestation key on P-256, ECDSA with SHA-256."""
    u = schedule.u
    return (u(16, 0x0023) + u(16, 0x000b) + u(32, attributes) + u(16, 0)
            + u(16, 0x0010) + u(16, 0x0018) + u(16, 0x000b)
            + u(16, 0x0003) + u(16, 0x0010) + ecc_point(secret))


def rsa_public(key, attributes, symmetric, scheme):
    u = schedule.u
    n = key.public_key().public_numbers().n
    return (u(16, 0x0001) + u(16, 0x000b) + u(32, attributes) + u(16, 0)
            + symmetric + scheme + u(16, n.bit_length()) + u(32, 0)
            + schedule.v16(n.to_bytes(n.bit_length() // 8, "big")))


def rsa_ak(key):
    u = schedule.u
    return rsa_public(key, AK_ATTRIBUTES, u(16, 0x0010),
                      u(16, 0x0014) + u(16, 0x000b))


def attest_quote(extra_data, pcrs=PCRS, magic=0xff544347, type_=0x8018,
                 digest=None):
    """6.5: TPMS_ATTEST"""
    u = schedule.u
    out = (u(32, magic) + u(16, type_)
           + schedule.v16(b"\x00\x0b" + sha256(b"signer"))
           + schedule.v16(extra_data) + u(64, 123456) + u(32, 1) + u(32, 0)
           + u(8, 1) + u(64, 0x2016_0511_0016_3636) + u(32, len(pcrs)))
    values = b""
    for bank, entries in pcrs.items():
        bits = sum(1 << index for index in entries)
        out += u(16, bank) + u(8, 3) + bits.to_bytes(3, "little")
        values += b"".join(entries[index] for index in sorted(entries))
    return out + schedule.v16(sha256(values) if digest is None else digest)


def ecdsa_signature(secret, data):
    raw = fixed.ecdsa_raw(secret, data)
    return (b"\x00\x18\x00\x0b" + schedule.v16(raw[:32])
            + schedule.v16(raw[32:]))


def rsassa_signature(key, data):
    return (b"\x00\x14\x00\x0b" + schedule.v16(
        key.sign(data, padding.PKCS1v15(), hashes.SHA256())))


def tpm(rd, **change):
    """A quote by the P-256 AK; `change` replaces parts of the map."""
    quote = change.pop("quote", None) or attest_quote(sha256(rd))
    item = {1: quote, 2: ecdsa_signature(AK, quote), 3: ecc_ak(), 4: PCRS}
    item.update(change.pop("item", {}))
    return cbor.encode(item)


def tpm_rsa(rd):
    key = fixed.rsa_key("httpa vector rsa ak")
    quote = attest_quote(sha256(rd))
    return cbor.encode({1: quote, 2: rsassa_signature(key, quote),
                        3: rsa_ak(key), 4: PCRS})


def evidence_vectors():
    h = Handshake()
    dev = spki(fixed.p256_key(DEV_ROOT).public_key())
    cases = []
    for name, value, ak in (("tpm-p256", tpm(h.rd), ecc_ak()),
                            ("tpm-rsa", tpm_rsa(h.rd), rsa_ak(
                                fixed.rsa_key("httpa vector rsa ak")))):
        parts = cbor.decode(value)
        cases.append({
            "name": name, "type": "application/vnd.httpa.tpm",
            "value": value, "rd": h.rd, "attest": parts[1],
            "signature": parts[2], "ak_public": ak,
            "ak_name": evidence.Public(ak).name(),
            "policy": {"ak_pinned": [evidence.Public(ak).name()],
                       "pcrs": {"sha256": {str(index): [pcr] for index, pcr
                                           in PCRS[0x000b].items()}}}})
    cases.append({"name": "eat", "type": "application/eat+cwt",
                  "value": h.evidence, "rd": h.rd, "now": NOW,
                  "policy": {"root_key": dev, "claims": {"app": "demo"}}})
    return {
        "b": h.B, "rd_fresh": schedule.rd_fresh(h.B),
        "rd_key": schedule.rd_key(h.spki, NOW, NOW + 600),
        "rd_key_inputs": {"spki": h.spki, "not_before": NOW,
                          "not_after": NOW + 600},
        "b_sha384": Handshake("TLS_AES_256_GCM_SHA384").B,
        "rd_fresh_sha384":
            schedule.rd_fresh(Handshake("TLS_AES_256_GCM_SHA384").B),
        "tpm_qualifying_data": sha256(h.rd), "cases": cases}


# ---- activation.json: 11.2, B.2 ------------------------------------------

CREDENTIAL = run(0)
EK_ATTRIBUTES = 0x000300b2      # restricted, decrypt, not sign
AES128_CFB = b"\x00\x06\x00\x80\x00\x43"
EK = fixed.secret_of("httpa test ek")
EK_POLICY = bytes.fromhex(
    "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa")


def ecc_ek():
    """The default template of an EK on P-256."""
    u = schedule.u
    return (u(16, 0x0023) + u(16, 0x000b) + u(32, EK_ATTRIBUTES)
            + schedule.v16(EK_POLICY) + AES128_CFB + u(16, 0x0010)
            + u(16, 0x0003) + u(16, 0x0010) + ecc_point(EK))


def activation():
    name = b"\x00\x0b" + sha256(b"httpa test ak")
    rsa_ek = fixed.rsa_key("httpa vector rsa ek")
    seeds = {"seed": run(0x40), "oaep_seed": run(0x80)}
    ek = rsa_public(rsa_ek, EK_ATTRIBUTES, AES128_CFB, b"\x00\x10")
    e = fixed.p256_key(fixed.secret_of("httpa test e"))
    cases = [
        {"name": "p256", "ek_public": ecc_ek(), "ak_name": name,
         "credential": CREDENTIAL,
         "e_private": fixed.secret_of("httpa test e").to_bytes(32, "big"),
         **make_credential(ecc_ek(), name, CREDENTIAL, e=e)},
        {"name": "rsa2048", "ek_public": ek, "ak_name": name,
         "credential": CREDENTIAL, "oaep_seed": seeds["oaep_seed"],
         **make_credential(ek, name, CREDENTIAL, **seeds)}]
    for case in cases:
        case["tpm_credential"] = cbor.encode({
            1: case["id_object"], 2: case["encrypted_secret"]})
        case["tpm_activated"] = cbor.encode({1: CREDENTIAL})
        case["request_content"] = cbor.encode({"tpm-credential": [
            "application/vnd.httpa.tpm-credential", case["tpm_credential"]]})
        case["response_content"] = cbor.encode({"tpm-activated": [
            "application/vnd.httpa.tpm-activated", case["tpm_activated"]]})
    return {"cases": cases}


# ---- exchange.json: whole messages on the wire ---------------------------

OUTER_REQUEST = [("Cache-Control", "no-store"), ("Accept", "*/*"),
                 ("User-Agent", "httpa")]
OUTER_RESPONSE = [("Content-Type", "application/httpa-sealed"),
                  ("Cache-Control", "no-store, no-transform"),
                  ("X-Accel-Buffering", "no")]


def http(start, lines, content):
    head = "\r\n".join([start] + [f"{name}: {value}" for name, value
                                  in lines] + ["", ""])
    return head.encode() + content


def http_request(lines, type_, content):
    return http("POST /.well-known/httpa HTTP/1.1", [
        ("Host", "api.example.com"), ("Content-Type", type_),
        ("Content-Length", str(len(content))), *OUTER_REQUEST, *lines],
        content)


def http_response(lines, content):
    return http("HTTP/1.1 200 OK", [
        *OUTER_RESPONSE, ("Content-Length", str(len(content))), *lines],
        content)


def sealed_pair(h, name, n, head, content, answer_head, answer_content):
    q = h.request(n, head, content)
    r = h.response(q, answer_head, answer_content)
    return {"name": name, "n": n, "mac": q["AtT"], "binder": r["AtBr"],
            "inner_request": [head, content],
            "inner_response": [answer_head, answer_content],
            "request": http_request(q["lines"], "application/httpa-sealed",
                                    b"".join(q["records"])),
            "response": http_response(r["lines"], b"".join(r["records"]))}


def whole_exchange():
    h = Handshake()
    atsp = activation()["cases"][0]
    type_ = [(b"content-type", b"application/cmw+cbor")]
    get = bhttp.write_request(b"GET", b"https", b"api.example.com",
                              b"/v1/models?limit=2",
                              [(b"accept", b"application/json")])
    messages = [
        {"name": "aths",
         "request": http_request(h.request_lines, "application/cmw+cbor",
                                 REQUEST_CONTENT),
         "response": http_response(h.response_lines, b"".join(h.records))},
        sealed_pair(h, "post", 1, TRR_HEAD, TRR_CONTENT, ANSWER_HEAD,
                    ANSWER_CONTENT),
        sealed_pair(h, "atsp", 2, bhttp.write_request(
            b"ATTEST", b"https", b"api.example.com", b"/", type_),
            atsp["request_content"], bhttp.write_response(200, type_),
            atsp["response_content"]),
        sealed_pair(h, "get-204", 3, get, b"",
                    bhttp.write_response(204, []), b""),
        sealed_pair(h, "end-of-base", 4, bhttp.write_request(
            b"ATTEST", b"https", b"api.example.com", b"/",
            [(b"attest-base-termination", b"cleanup")]), b"",
            bhttp.write_response(204, [(b"attest-base-termination",
                                        b"cleanup")]), b"")]
    return {"now": NOW, "c_key": h.c_key, "c_iv": h.c_iv, "s_key": h.s_key,
            "s_iv": h.s_iv, "suite": h.suite, "cases": messages}


# ---- writing -------------------------------------------------------------

def runs(data):
    """Long bytes as a list of hex and {hex, times}, to keep files small."""
    out, literal, at = [], b"", 0
    for run_ in re.finditer(rb"(?s)(.)\1{63,}", data):
        literal = data[at:run_.start()]
        out += [literal.hex()] if literal else []
        out.append({"hex": run_[1].hex(), "times": len(run_[0])})
        at = run_.end()
    return out + ([data[at:].hex()] if data[at:] else [])


def plain(value):
    """Bytes as lower-case hex (above 4,096 of them: runs), in any depth."""
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 4096 else runs(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def as_text(value):
    """JSON with one case per line."""
    value = plain(value)
    cases = ",\n".join(json.dumps(case, sort_keys=True,
                                  separators=(",", ":"))
                       for case in value.pop("cases", []))
    rest = json.dumps(value, indent=1, sort_keys=True)[1:-1].rstrip()
    return ('{\n"cases": [\n' + cases + "\n]" + ("," if rest else "")
            + rest + "\n}\n")


FILES = {
    "canonical.json": canonical,
    "aths.json": aths,
    "ticket.json": ticket,
    "binder.json": binder,
    "records.json": record_vectors,
    "evidence.json": evidence_vectors,
    "activation.json": activation,
    "exchange.json": whole_exchange,
}


def negative_cases():
    import negative         # it imports this module
    return negative.cases()


FILES["negative.json"] = negative_cases


def main():
    directory = pathlib.Path(sys.argv[1] if sys.argv[1:] else
                             HERE.parent / "vectors")
    for name, make in FILES.items():
        (directory / name).write_text(as_text(make()))


if __name__ == "__main__":
    main()
