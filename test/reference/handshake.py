"""The client's side of AtHS: doc/protocol.md 5, checks in the order of 5.9.

`Policy` is what the client demands; `Hello` is one request with its
private share; `judge` turns the response into a `Base`, or raises Refused.
"""
import base64
import hmac
import re
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import (ec, ed25519, padding,
                                                       rsa)
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat, load_der_public_key)

import bhttp
import cbor
import cmw
import evidence
import exchange
import fields
import message
import records
import schedule
import sfv
from errors import Bad, Refused
from schedule import Schedule, sha256

VIOLATION = "violation"
CONTENT = cbor.encode({"pad": ["application/octet-stream", b"\0"]})
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\r?\n"
                 rb"((?:[A-Za-z0-9+/=]{1,64}\r?\n)+)"
                 rb"-----END CERTIFICATE-----(?:\r?\n)?")


@dataclass
class Policy:
    """7.4.  eat and tpm are the policies of evidence.py, or None."""
    eat: dict = None
    tpm: dict = None
    pinned: list = None             # SHA-256 of service SPKIs; None: `none`
    suites: list = field(default_factory=lambda: list(schedule.SUITES))
    groups: list = field(default_factory=lambda: list(exchange.GROUPS))
    policies: list = field(default_factory=lambda: ["indirect", "fresh"])
    creation: list = field(default_factory=lambda: ["shared"])


def text_of(data):
    return ":" + base64.b64encode(data).decode() + ":"


class Hello:
    """5.1 to 5.3.  `private` maps a group to the bytes of its secret."""

    def __init__(self, target, policy, random, private):
        self.target, self.policy = target, policy
        self.keys = {group: exchange.private_key(group, private[group])
                     for group in policy.groups}
        shares = ", ".join(
            text_of(exchange.public_share(group, key)) + f";group={group}"
            for group, key in self.keys.items())
        self.lines = [
            ("Attest-Versions", "httpa/2"),
            ("Attest-Cipher-Suites", ", ".join(policy.suites)),
            ("Attest-Supported-Groups", ", ".join(policy.groups)),
            ("Attest-Key-Shares", shares),
            ("Attest-Random", text_of(random)),
            ("Attest-Target", f'"{target}"'),
            ("Attest-Policies", ", ".join(policy.policies)),
            ("Attest-Base-Creation", ", ".join(policy.creation))]
        self.content = CONTENT
        self.rehash()

    def rehash(self):
        """5.3, over the lines as they are."""
        F_request = fields.F(fields.parse_clear(self.lines, fields.AQ))
        self.TH0 = schedule.TH0(schedule.C1(schedule.C0(F_request)),
                                self.content)


@dataclass
class Base:
    """12: what an AtHS leaves behind at the client."""
    id: str
    target: str
    schedule: Schedule
    c_key: bytes
    c_iv: bytes
    s_key: bytes
    s_iv: bytes
    exp: bytes
    claims: list


def check(name, condition, why="", answer=VIOLATION):
    if not condition:
        raise Refused(name, answer, why)


def guard(name, function, *arguments):
    """Bad out of a parser becomes the check `name`."""
    try:
        return function(*arguments)
    except Bad as bad:
        raise Refused(name, VIOLATION, bad) from None


def judge(hello, status, lines, content, now):
    """5.9: the Base, or Refused."""
    clear = clear_head(hello, status, lines)
    s = Schedule(clear["attest-cipher-suite"].value[0])
    Z = guard("handshake.share", exchange.shared_secret,
              clear["attest-supported-group"].value[0],
              hello.keys[clear["attest-supported-group"].value[0]],
              clear["attest-key-share"].value[0])
    TH1 = s.TH1(hello.TH0, fields.F(clear))
    hs = s.hs(s.early(), Z)
    t = s.t(hs, TH1)
    opener = records.Opener(s.aead, s.key(t), s.iv(t), 0, b"")
    head, body, trailers = guard("handshake.records", records.read_all,
                                 opener, content)
    TH2 = s.TH2(TH1, head, body)
    finished = s.finished(s.fin(t), TH2)
    check_finished(finished, trailers)
    sealed = sealed_head(head, body)
    granted(hello.policy, sealed)
    items, chain = parse_content(body, sealed)
    quotes = sealed["attest-quotes"]
    check_digests(items, quotes.value)
    spki = guard("handshake.content", service_spki, chain)
    B = s.B(TH1, spki, fields.F(fields.without(
        sealed, "attest-quotes", "attest-signatures")))
    claims = judge_evidence(hello.policy, items, schedule.rd_fresh(B), now)
    if chain is not None:
        member = sealed["attest-signatures"].value["service"]
        check_signature(spki, member, schedule.signed_bytes(
            "HTTPA/2 service signature", s.E(B, quotes.text.encode())))
    check_identity(hello.policy, spki)
    return make_base(hello, clear, s, s.master(hs), s.TH3(TH2, finished),
                     claims)


def clear_head(hello, status, lines):
    """Checks 1 to 3."""
    names = {name.lower() for name, _ in lines}
    check("handshake.status", "attest-version" in names, "no version",
          "no HTTPA answer")
    check("handshake.status", status == 200, "another status than 200")
    clear = guard("handshake.fields", fields.parse_clear, lines, fields.AR)
    name = "handshake.offer"
    check(name, clear["attest-version"].value[0] == "httpa/2", "version")
    check(name, clear["attest-cipher-suite"].value[0]
          in hello.policy.suites, "suite")
    group = clear["attest-supported-group"].value[0]
    check(name, group in hello.policy.groups, "group")
    check(name, clear["attest-key-share"].value[1]["group"] == group,
          "group of the share")
    return clear


def check_finished(finished, trailers):
    """Check 6"""
    def read():
        if trailers is None:
            raise Bad("no trailers")
        lines = bhttp.read_trailers(trailers)
        if len(lines) != 1 or lines[0][0] != b"attest-binder":
            raise Bad("trailers other than attest-binder")
        value, parameters = sfv.parse("item", lines[0][1].decode("latin-1"))
        if not isinstance(value, bytes) or parameters:
            raise Bad("attest-binder of another form")
        return value
    name = "handshake.finished"
    check(name, hmac.compare_digest(guard(name, read), finished), "Finished")


def sealed_head(head, body):
    """Check 7"""
    name = "handshake.head"
    status, lines, sealed = guard(name, message.check_response_head, head,
                                  fields.AR)
    check(name, status == 200, "inner status")
    check(name, cmw.media_type(dict(lines).get(b"content-type", b"")
                               .decode("latin-1"))
          == "application/cmw+cbor", "content-type")
    guard(name, message.check_response_content, b"", status, lines,
          len(body))
    return sealed


def granted(policy, sealed):
    """Check 8"""
    name = "handshake.granted"
    tokens = [member[0] for member in sealed["attest-policies"].value]
    instances = {"direct", "indirect"} & set(tokens)
    check(name, len(instances) == 1, "direct or indirect")
    demanded = {"direct", "indirect"} & set(policy.policies)
    check(name, not demanded or instances == demanded, "instances")
    bindings = {"fresh", "key", "batch"} & set(tokens)
    offered = {"fresh", "key", "batch"} & set(policy.policies)
    check(name, not offered or bindings <= offered, "binding not offered")
    used = {member[1]["binding"] for member
            in sealed["attest-quotes"].value}
    check(name, used == bindings, "bindings of the quotes")
    check(name, not policy.creation or sealed["attest-base-creation"]
          .value[0] in policy.creation, "creation")


def parse_content(body, sealed):
    """Check 9"""
    name = "handshake.content"
    collection = guard(name, cmw.parse, body, cmw.AR)
    items = guard(name, cmw.evidence_items, collection,
                  len(sealed["attest-quotes"].value))
    chain = collection.get("chain")
    signatures = sealed.get("attest-signatures")
    keys = signatures.value if signatures else {}
    check(name, (chain is not None) == ("service" in keys),
          "chain and service")
    check(name, "quote" not in keys, "quote signature without binding key")
    return items, chain


def check_digests(items, quotes):
    """Check 10"""
    for item, (digest, parameters) in zip(items, quotes):
        check("evidence.digest",
              hmac.compare_digest(sha256(item[1]), digest), "digest")
        check("evidence.digest", cmw.media_type(item[0])
              == cmw.media_type(parameters["type"]), "type")


def service_spki(chain):
    """5.4 `chain`"""
    if chain is None:
        return b""
    if cmw.media_type(chain[0]) == "application/vnd.httpa.spki":
        if not 1 <= len(chain[1]) <= 1024:
            raise Bad("SPKI too long")
        return chain[1]
    blocks = PEM.findall(chain[1])
    if (PEM.sub(b"", chain[1]) != b"" or not 1 <= len(blocks) <= 6
            or len(chain[1]) > 16_384):
        raise Bad("PEM chain")
    try:
        leaf = x509.load_der_x509_certificate(base64.b64decode(blocks[0]))
        return leaf.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except ValueError as error:
        raise Bad(f"PEM chain: {error}") from None


def judge_evidence(policy, items, rd, now):
    """Checks 11 and 12: at least one item satisfies the policy."""
    claims = []
    for media, value, *_ in items:
        media = cmw.media_type(media)
        if media == "application/eat+cwt" and policy.eat is not None:
            claims.append(evidence.verify_eat(value, rd, policy.eat, now))
        if media == "application/vnd.httpa.tpm" and policy.tpm is not None:
            claims.append(evidence.verify_tpm(value, rd, policy.tpm))
    check("evidence.type", claims, "no evidence that the policy names",
          evidence.REFUSED)
    return claims


def check_signature(spki, member, data):
    """Check 13, the table of 5.7."""
    signature, alg = member[0], member[1]["alg"]
    name = "identity.signature"
    try:
        key = load_der_public_key(spki)
        curve = getattr(getattr(key, "curve", None), "name", None)
        if alg == "ed25519" and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif alg == "ecdsa-p256-sha256" and curve == "secp256r1":
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif alg == "ecdsa-p384-sha384" and curve == "secp384r1":
            key.verify(signature, data, ec.ECDSA(hashes.SHA384()))
        elif alg == "rsa-pss-sha256" and isinstance(key, rsa.RSAPublicKey) \
                and 2048 <= key.key_size <= 4096:
            key.verify(signature, data,
                       padding.PSS(padding.MGF1(hashes.SHA256()), 32),
                       hashes.SHA256())
        else:
            raise ValueError(f"alg {alg} and the key do not agree")
    except (ValueError, InvalidSignature) as error:
        raise Refused(name, VIOLATION, error) from None


def check_identity(policy, spki):
    """Check 14, for `pinned` and `none` of 7.1."""
    if policy.pinned is not None:
        check("identity.pinned", spki and sha256(spki) in policy.pinned,
              "another service key", evidence.REFUSED)


def make_base(hello, clear, s, master, TH3, claims):
    """Check 15"""
    c, s_ = s.c(master, TH3), s.s(master, TH3)
    return Base(clear["attest-base-id"].value[0], hello.target, s,
                s.key(c), s.iv(c), s.key(s_), s.iv(s_), s.exp(master, TH3),
                claims)
