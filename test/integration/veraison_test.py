"""`httpa verify --verifier` against a fake of Veraison: a well-behaved one, a
slow, failing and lying one."""
import datetime
import ipaddress
import json
import pathlib
import subprocess
import sys
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway_peer import PROGRAM, ROOT
from veraison_fake import BELOW, CCA, SESSION, Fake, Key, b64

sys.path.insert(0, str(pathlib.Path(ROOT) / "test/reference"))
import cbor  # noqa: E402

NONCE = bytes(range(64))
PLATFORM = "http://arm.com/CCA-SSD/1.0.0"


def token(challenge=NONCE, profile=PLATFORM):
    """Form only: nobody signed it, since nobody here looks."""
    def signed(claims):
        return cbor.encode(cbor.Tag(18, [
            cbor.encode({1: -35}), {}, cbor.encode(claims), b"\1" * 96]))
    realm = {10: challenge, 44235: bytes(64), 44236: "sha-256",
             44237: b"\4" + bytes(96), 44238: b"\xaa" * 32,
             44239: [bytes(32)] * 4, 44240: "sha-256"}
    platform = {10: bytes(32), 256: b"\1" + bytes(32), 265: profile,
                2395: 0x3000, 2396: bytes(32), 2401: b"c", 2402: "sha-256",
                2399: [{1: "RMM", 2: bytes(32), 4: "1.0.0", 5: bytes(32)}]}
    return cbor.encode(cbor.Tag(399, {44234: signed(platform),
                                      44241: signed(realm)}))


@pytest.fixture
def fake():
    f = Fake()
    yield f
    f.stop()


@pytest.fixture
def folder(tmp_path, fake):
    (tmp_path / "cca_token.cbor").write_bytes(token())
    (tmp_path / "v.jwk").write_text(fake.key.jwk())
    return tmp_path


def verify(*args):
    p = subprocess.run([PROGRAM, "verify", "--json", *map(str, args)],
                       capture_output=True, text=True, timeout=120)
    for finding in ("Sanitizer:", "runtime error"):
        assert finding not in p.stderr, p.stderr
    return p


def ask(fake, folder, *more, nonce=NONCE, key="v.jwk", evidence=None):
    return verify(evidence or folder / "cca_token.cbor", "--verifier",
                  fake.url, "--verifier-key", folder / key, "--nonce",
                  nonce.hex(), *more)


def undecided(p, *words):
    """There is no result: nothing was judged, and it is said why."""
    assert (p.returncode, p.stdout) == (4, ""), p.stdout + p.stderr
    for word in words:
        assert word in p.stderr, p.stderr


def refused(p, check):
    v = json.loads(p.stdout)
    assert p.returncode == 1 and v["reason"]["check"] == check, v["reason"]


def test_affirmed(fake, folder):
    p = ask(fake, folder)
    assert p.returncode == 0, p.stdout + p.stderr
    v = json.loads(p.stdout)
    assert v["cryptographic"] == "pass" and v["policy"] == "warn"
    assert any("REMOTE VERIFIER" in w for w in v["warnings"])
    assert [e["type"] for e in v["evidence"]] == ["ear"]
    assert fake.sent == (CCA, token())
    assert fake.asked == [
        ("POST", f"{BELOW}/newSession?nonce={b64(NONCE)}%3D%3D"),
        ("POST", BELOW + "/session/77"), ("DELETE", BELOW + "/session/77")]


def test_a_folder_and_a_policy(fake, folder):
    (folder / "p.json").write_text(json.dumps(
        {"httpa_policy": 1, "name": "n", "identity": {"require": "none"},
         "accept": [{"name": "r", "type": "ear", "measurements": [],
                     "verifier_keys": ["v.jwk"],
                     "submods": ["CCA_REALM"]}]}))
    args = (folder, "--verifier", fake.url + "/", "--nonce", NONCE.hex(),
            "--policy", folder / "p.json")
    assert verify(*args).returncode == 0
    fake.claims = {"submods": {"OTHER": {"ear.status": "affirming"}}}
    refused(verify(*args), "ear.submods")


@pytest.mark.parametrize("n", [8, 9, 32, 62, 63, 64])
def test_nonces(fake, folder, n):
    """Each length has its padding."""
    nonce = bytes(range(255, 255 - n, -1))
    (folder / "report.bin").write_bytes(nonce)
    fake.accept = ["a/b"]
    p = ask(fake, folder, "--verifier-type", "a/b", nonce=nonce,
            evidence=folder / "report.bin")
    assert p.returncode == 0 and fake.nonce == nonce, p.stderr


def test_later(fake, folder):
    fake.waits = 3
    p = ask(fake, folder)
    assert p.returncode == 0, p.stderr
    assert [m for m, _ in fake.asked] == ["POST", "POST", "GET", "GET", "GET",
                                          "DELETE"]


def test_other_names_of_things(fake, folder):
    """A bare media type, "state", an absolute Location."""
    fake.accept = ["application/eat-collection"]
    fake.moods = {"new": f"elsewhere:{fake.url.replace(':', '%3A')}/s/1"}
    assert ask(fake, folder).returncode == 0
    assert fake.sent[0] == "application/eat-collection"
    assert fake.asked[1] == ("POST", "/s/1")


def test_evidence_by_another_name(fake, folder):
    (folder / "report.bin").write_bytes(NONCE)
    kind = 'application/x; a="b"'
    fake.accept = [kind]
    p = ask(fake, folder, "--verifier-type", kind,
            evidence=folder / "report.bin")
    assert p.returncode == 0 and fake.sent == (kind, NONCE), p.stderr


def test_not_taken(fake, folder):
    fake.accept = ["application/psa-attestation-token", "a\r\nb"]
    undecided(ask(fake, folder),
              "takes no such evidence, but application/psa-attestation-token")
    fake.accept = [CCA]
    (folder / "cca_token.cbor").write_bytes(
        token(profile="tag:arm.com,2023:cca_platform#1.0.0"))
    undecided(ask(fake, folder), "takes no such evidence")
    assert fake.sent is None


@pytest.mark.parametrize("claims, check", [
    ({"eat_nonce": b64(bytes(64))}, "ear.nonce"),
    ({"iat": 1700000000}, "ear.max_age"),
    ({"eat_profile": "tag:x"}, "ear.profile"),
    ({"iat": 1700000000, "exp": 1700000100}, "ear.time"),
    ({"submods": {"CCA_REALM": {"ear.status": "contraindicated"}}},
     "ear.min_status"),
    ({"submods": {"A": {"ear.status": "affirming"},
                  "B": {"ear.status": "warning"}}}, "ear.min_status"),
    ({"submods": {}}, "ear.form"),
])
def test_result_that_is_refused(fake, folder, claims, check):
    fake.claims = claims
    refused(ask(fake, folder), check)


def test_absent_nonce(fake, folder):
    fake.claims = {"eat_nonce": None}
    assert ask(fake, folder).returncode == 1


def test_wrong_key(fake, folder):
    fake.signer = Key()
    refused(ask(fake, folder), "ear.signature")


def test_evidence_over_another_nonce(fake, folder):
    undecided(ask(fake, folder, nonce=b"\x77" * 64),
              "status 400: Sorry: no match for nonce")


@pytest.mark.parametrize("step, mood, words", [
    ("new", "fail:500", "status 500: Sorry"),
    ("new", "page", "the answer is no " + SESSION),
    ("new", "rubbish", "status 200"),
    ("new", "redirect", "redirects are not followed"),
    ("new", "hang_up", "mpty reply"),
    ("new", "lost", "does not say where its session is"),
    ("new", "twice", "does not say where its session is"),
    ("new", "elsewhere:http%3A//127.0.0.1%3A9/s", "at another origin"),
    ("new", "elsewhere:https%3A//a.example/s", "at another origin"),
    ("new", "elsewhere://a.example/s", "at another origin"),
    ("new", "elsewhere:ftp%3A//127.0.0.1/s", "at another origin"),
    ("new", "elsewhere:", "at another origin"),
    ("new", "elsewhere:" + "s" * 2000, "does not say where"),
    ("new", "other_nonce", "another nonce than was asked for"),
    ("new", "busy", "does not wait for evidence"),
    ("new", "unknown", "session in the answer: not supported"),
    ("new", "endless", "more than 524288 bytes"),
])
def test_no_session(fake, folder, step, mood, words):
    fake.moods = {step: mood}
    undecided(ask(fake, folder), words)
    assert fake.sent is None
    assert ("GET", "/elsewhere") not in fake.asked


@pytest.mark.parametrize("step, mood, words", [
    ("post", "fail:415", "status 415: Sorry"),
    ("post", "page", "the answer is no " + SESSION),
    ("post", "rubbish", "ended before it was complete"),
    ("post", "redirect", "redirects are not followed"),
    ("post", "endless", "more than 524288 bytes"),
    ("post", "failed", "could not appraise"),
    ("post", "swapped", "another nonce than was asked for"),
    ("post", "without", "a required part is missing"),
    ("post", "old_style", "answer: does not parse"),
    ("post", "escaped", "answer: does not parse"),
    ("get", "fail:404", "status 404: Sorry"),
    ("get", "failed", "could not appraise"),
    ("get", "redirect", "redirects are not followed"),
])
def test_no_result(fake, folder, step, mood, words):
    fake.waits = 2 if step == "get" else 0
    fake.moods = {step: mood}
    undecided(ask(fake, folder), words)
    assert fake.asked[-1] == ("DELETE", BELOW + "/session/77")


@pytest.mark.parametrize("moods, waits", [
    ({"new": "slow"}, 0), ({"new": "drip"}, 0), ({"post": "drip"}, 0),
    ({}, 1000)])
def test_time_is_bounded(fake, folder, moods, waits):
    fake.moods, fake.waits = moods, waits
    begin = time.monotonic()
    p = ask(fake, folder, "--max-time", 2)
    undecided(p)
    assert "timed out" in p.stderr or "still at it" in p.stderr, p.stderr
    assert time.monotonic() - begin < 15


def test_deleting_is_a_kindness(fake, folder):
    fake.moods = {"delete": "hang_up"}
    assert ask(fake, folder).returncode == 0


@pytest.mark.parametrize("args, words", [
    (("--verifier", "https://a.example"), "whose word counts?"),
    (("--verifier", "https://a.example", "--verifier-key", "{key}"),
     "what is the evidence over?"),
    (("--verifier", "https://a.example", "--verifier-key", "{key}",
      "--policy", "{key}"), "not both"),
    (("--verifier", "https://a.example", "--verifier-key", "{key}",
      "--nonce", "00" * 8, "--at", "2026-01-01T00:00:00Z"), "so no --at"),
    (("--verifier", "https://a.example", "--verifier-key", "{key}",
      "--nonce", "00" * 7), "8 to 64 bytes"),
    (("--verifier", "https://a.example", "--verifier-key", "{key}",
      "--nonce", "00" * 65), "8 to 64 bytes"),
    (("--verifier", "http://a.example", "--verifier-key", "{key}",
      "--nonce", "00" * 8), "expected https://"),
    (("--verifier", "https://u@a.example", "--verifier-key", "{key}",
      "--nonce", "00" * 8), "expected https://"),
    (("--verifier", "https://a.example?x", "--verifier-key", "{key}",
      "--nonce", "00" * 8), "expected https://"),
    (("--verifier", "https://a.example", "--verifier-key", "{token}",
      "--nonce", "00" * 8), "must be PEM with PUBLIC KEYs"),
    (("--verifier", "https://a.example", "--verifier-key", "/none",
      "--nonce", "00" * 8), "--verifier-key: "),
    (("{token}", "--verifier", "https://a.example", "--verifier-key",
      "{key}", "--nonce", "00" * 8), "one piece of evidence"),
])
def test_usage(folder, args, words):
    names = {"{key}": folder / "v.jwk", "{token}": folder / "cca_token.cbor"}
    p = verify(folder / "cca_token.cbor", *[names.get(a, a) for a in args])
    assert p.returncode == 2 and words in p.stderr, p.stderr


def test_key_alone(fake, folder):
    """A result that is there already."""
    fake.nonce = NONCE
    (folder / "r.jwt").write_text(fake.result())
    args = ("--verifier-key", folder / "v.jwk", "--nonce", NONCE.hex())
    assert verify(folder / "r.jwt", *args).returncode == 0
    refused(verify(folder / "r.jwt", *args[:2], "--nonce", "00" * 64),
            "ear.nonce")
    p = verify(folder / "cca_token.cbor", *args)
    assert p.returncode not in (0, 2)


def test_tls(folder):
    """The verifier's certificate is looked at."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.utcnow()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "v")])
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .serial_number(1).public_key(key.public_key())
            .not_valid_before(now - datetime.timedelta(1))
            .not_valid_after(now + datetime.timedelta(9))
            .add_extension(x509.SubjectAlternativeName([
                x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .sign(key, hashes.SHA256()))
    (folder / "c.pem").write_bytes(
        cert.public_bytes(serialization.Encoding.PEM))
    (folder / "k.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    fake = Fake(tls=(folder / "c.pem", folder / "k.pem"))
    try:
        (folder / "v.jwk").write_text(fake.key.jwk())
        undecided(ask(fake, folder), "certificate")
        assert fake.asked == []
        p = ask(fake, folder, "--cacert", folder / "c.pem")
        assert p.returncode == 0, p.stderr
    finally:
        fake.stop()
