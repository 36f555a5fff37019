"""The vectors are what the generator makes, and the readers read them.

    /usr/bin/python3 -m pytest test/reference
"""
import json
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import activation   # noqa: E402
import bhttp        # noqa: E402
import cbor         # noqa: E402
import client       # noqa: E402
import evidence     # noqa: E402
import fields       # noqa: E402
import handshake    # noqa: E402
import records      # noqa: E402
import schedule     # noqa: E402
import server       # noqa: E402
import sfv          # noqa: E402
import negative     # noqa: E402
import vectors      # noqa: E402
from errors import Bad, Refused     # noqa: E402

DIRECTORY = HERE.parent / "vectors"
hexed = bytes.fromhex


def load(name):
    return json.loads((DIRECTORY / name).read_text())


def by_name(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda c: c["name"])


@pytest.mark.parametrize("name", vectors.FILES)
def test_the_file_is_what_the_generator_makes(name):
    assert (DIRECTORY / name).read_text() == vectors.as_text(
        vectors.FILES[name]())


def test_the_files_are_small():
    assert sum(p.stat().st_size for p in DIRECTORY.iterdir()) < 450_000


@by_name(load("canonical.json")["cases"])
def test_canonical_text_parses_to_itself(case):
    for name, text in case["canonical"].items():
        if name in fields.TABLE:
            kind = fields.kind_and_check(name, case["message"])[0]
            assert sfv.serialise(kind, sfv.parse(kind, text)) == text


def policy_of(case, inputs):
    return handshake.Policy(
        eat={"root_key": hexed(inputs["dev_root_spki"]),
             "claims": {"app": "demo"}},
        pinned=[schedule.sha256(hexed(case["service_spki"]))],
        suites=[case["suite"]], groups=[case["group"]])


@pytest.mark.parametrize("case", load("aths.json")["cases"],
                         ids=lambda c: f"{c['suite']}-{c['group']}")
def test_the_client_accepts_the_handshake(case):
    inputs = load("aths.json")["inputs"]
    hello = handshake.Hello(inputs["target"], policy_of(case, inputs),
                            hexed(inputs["client_random"]),
                            {case["group"]: hexed(case["client_private"])})
    assert [list(line) for line in hello.lines] == case["request"]
    assert hello.TH0 == hexed(case["th0"])
    content = b"".join(map(hexed, case["records"]))
    base = handshake.judge(hello, 200, case["response"], content,
                           vectors.NOW)
    for key in ("c_key", "c_iv", "s_key", "s_iv", "exp"):
        assert getattr(base, key) == hexed(case[key])
    server.judge_aths("POST", case["request"],
                      hexed(case["request_content"]), [inputs["target"]])


@pytest.mark.parametrize("case", load("ticket.json")["cases"])
def test_ticket(case):
    base = server.ServerBase(vectors.BASE_ID, vectors.ORIGIN, case["suite"],
                             hexed(case["c_key"]), hexed(case["c_iv"]),
                             b"", b"")
    clear = fields.parse_clear(case["lines"], fields.SQ)
    assert server.check_ticket(base, clear) == (case["n"],
                                                hexed(case["mac"]))


@pytest.mark.parametrize("case", load("binder.json")["cases"])
def test_binder(case):
    base = handshake.Base(vectors.BASE_ID, vectors.ORIGIN,
                          schedule.Schedule(case["suite"]), b"", b"",
                          hexed(case["s_key"]), hexed(case["s_iv"]), b"", [])
    assert client.check_binder(base, case["n"], hexed(case["mac"]),
                               case["lines"]) == hexed(case["binder"])


@by_name(load("records.json")["cases"])
def test_records_open(case):
    opener = records.Opener(schedule.SUITES[case["suite"]][0],
                            hexed(case["key"]), hexed(case["iv"]),
                            case["n"], hexed(case["bind"]))
    for record in case["records"]:
        raw = hexed(record["record"])
        assert opener.open(raw[:4], raw[4:]) == (record["type"],
                                                 hexed(record["data"]))
    assert opener.done


@by_name(load("evidence.json")["cases"])
def test_evidence_verifies(case):
    policy = case["policy"]
    if case["name"] == "eat":
        evidence.verify_eat(hexed(case["value"]), hexed(case["rd"]),
                            {"root_key": hexed(policy["root_key"]),
                             "claims": policy["claims"]}, case["now"])
        return
    pcrs = {0x000b: {int(index): [hexed(v) for v in values] for index, values
                     in policy["pcrs"]["sha256"].items()}}
    evidence.verify_tpm(hexed(case["value"]), hexed(case["rd"]), {
        "pinned": [hexed(name) for name in policy["ak_pinned"]],
        "pcrs": pcrs})


@by_name(load("activation.json")["cases"])
def test_the_owner_of_the_ek_recovers_the_credential(case):
    """What TPM2_ActivateCredential does, with the private key."""
    import hmac
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    from cryptography.hazmat.primitives.ciphers import (Cipher, algorithms,
                                                        modes)
    ek = evidence.Public(hexed(case["ek_public"]))
    secret = evidence.Reader(hexed(case["encrypted_secret"])).sized()
    if ek.type == evidence.RSA:
        seed = vectors.fixed.rsa_key("httpa vector rsa ek").decrypt(
            secret, padding.OAEP(padding.MGF1(hashes.SHA256()),
                                 hashes.SHA256(), b"IDENTITY\0"))
    else:
        r = evidence.Reader(secret)
        x, y = r.sized(), r.sized()
        e = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), b"\4" + x + y)
        Z = vectors.fixed.p256_key(vectors.EK).exchange(ec.ECDH(), e)
        seed = activation.KDFe("sha256", Z, "IDENTITY", x, ek.x, 256)
    r = evidence.Reader(evidence.Reader(hexed(case["id_object"])).sized())
    mac, enc = r.sized(), r.data[r.at:]
    name = hexed(case["ak_name"])
    hk = activation.KDFa("sha256", seed, "INTEGRITY", b"", b"", 256)
    assert hmac.digest(hk, enc + name, "sha256") == mac
    sk = activation.KDFa("sha256", seed, "STORAGE", name, b"", 128)
    decryptor = Cipher(algorithms.AES(sk), modes.CFB(bytes(16))).decryptor()
    assert decryptor.update(enc) == b"\0\x20" + hexed(case["credential"])
    answer = cbor.decode(hexed(case["response_content"]))["tpm-activated"]
    assert cbor.decode(answer[1]) == {1: hexed(case["credential"])}


def http_parts(raw):
    """(start line, [(name, value)], content)"""
    head, content = raw.split(b"\r\n\r\n", 1)
    start, *lines = head.decode().split("\r\n")
    return start, [tuple(line.split(": ", 1)) for line in lines], content


def test_the_exchange_from_its_wire_bytes():
    exchange = load("exchange.json")
    keys = [hexed(exchange[k]) for k in ("c_key", "c_iv", "s_key", "s_iv")]
    on_server = server.ServerBase(vectors.BASE_ID, vectors.ORIGIN,
                                  exchange["suite"], *keys)
    on_client = handshake.Base(vectors.BASE_ID, vectors.ORIGIN,
                               schedule.Schedule(exchange["suite"]), *keys,
                               b"", [])
    for case in exchange["cases"][1:]:
        _, lines, content = http_parts(hexed(case["request"]))
        request = server.judge_sealed(on_server, "POST", lines, content)
        assert request["content"] == hexed(case["inner_request"][1])
        _, lines, content = http_parts(hexed(case["response"]))
        AtBr = client.check_binder(on_client, case["n"], hexed(case["mac"]),
                                   lines)
        opener = records.Opener(on_client.schedule.aead, on_client.s_key,
                                on_client.s_iv, case["n"], AtBr)
        head, body, _ = records.read_all(opener, content)
        assert [head, body] == [hexed(x) for x in case["inner_response"]]
        with pytest.raises(Refused, match="replay"):
            server.judge_sealed(on_server, "POST",
                                *http_parts(hexed(case["request"]))[1:])


NEGATIVE = load("negative.json")


@pytest.mark.parametrize("case", NEGATIVE["cases"],
                         ids=lambda c: f"{c['kind']}-{c['name']}")
def test_negative(case):
    """The check that is named refuses; a control case is accepted."""
    assert negative.run(case, NEGATIVE["shared"]) == (case["check"],
                                                      case.get("answer", ""))


def test_every_kind_has_a_case_that_is_accepted():
    for kind in negative.RUN:
        assert any(case["check"] is None for case in NEGATIVE["cases"]
                   if case["kind"] == kind), kind


def test_the_document_shows_bytes_of_the_vectors():
    """Every long run of hex digits in it stands in a vector."""
    import re
    document = HERE.parent.parent / "doc" / "protocol.md"
    known = "".join(p.read_text() for p in DIRECTORY.glob("*.json"))
    whole = b"".join(map(hexed, load("aths.json")["cases"][0]["records"]))
    known += " ".join([schedule.sha256(whole).hex(),
                       schedule.lbl("httpa/2 server fresh").hex(),
                       schedule.lbl("HTTPA/2 service signature").hex()])
    for digits in re.findall("[0-9a-f]{32,}", document.read_text()):
        assert digits in known
