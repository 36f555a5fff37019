"""Attestation keys that a cloud made and certified: a TPM as Azure's (a key
that stays in it) and as Google's (a template of one), with certificates of
nobody, from the TPM's own memory to the client's verdict."""
import contextlib
import datetime
import json
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time

import pytest

x509 = pytest.importorskip("cryptography.x509")
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

need = stack.missing("swtpm", "swtpm_setup")
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")

OWNER, ENDORSEMENT = 0x40000001, 0x4000000B
# TPMT_PUBLIC: a key that signs with RSASSA or ECDSA, and SHA-256
RSA = bytes.fromhex("0001 000b 00050072 0000 0010 0014 000b 0800 00000000"
                    "0000")
ECC = bytes.fromhex("0023 000b 00050072 0000 0010 0018 000b 0003 0010"
                    "0000 0000")
OWNER_ONLY, BY_ITSELF = 0x02020002, 0x02040002  # who may read an index
# zone "z", project 5 "p", instance 9 "vm", of production
MACHINE = bytes.fromhex("3019 0c017a 020105 0c0170 020109 0c02766d"
                        "a007 3005 a103 0101ff")


def b2(data):
    return struct.pack(">H", len(data)) + data


class Tpm:
    """Commands of TPM 2.0 Part 3, with empty passwords."""

    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.connect(str(path))

    def send(self, code, handles, params, auth=True):
        area = bytes.fromhex("00000009 40000009 0000 00 0000") if auth else b""
        body = b"".join(struct.pack(">I", h) for h in handles) + area + params
        self.s.sendall(struct.pack(">HII", 0x8002 if auth else 0x8001,
                                   10 + len(body), code) + body)
        answer = self.s.recv(4096)
        assert struct.unpack(">I", answer[6:10])[0] == 0, answer.hex()
        return answer[10:]

    def primary(self, template):
        """Its handle and TPMT_PUBLIC."""
        r = self.send(0x131, [ENDORSEMENT], bytes.fromhex("000400000000") +
                      b2(template) + bytes(2) + bytes(4))
        size = struct.unpack(">H", r[8:10])[0]
        return struct.unpack(">I", r[:4])[0], r[10:10 + size]

    def flush(self, handle):
        self.send(0x165, [handle], b"", auth=False)

    def persist(self, handle, to):
        self.send(0x120, [OWNER, handle], struct.pack(">I", to))

    def write(self, index, data, attributes):
        self.send(0x12a, [OWNER], bytes(2) + b2(struct.pack(
            ">IHIHH", index, 0x000b, attributes, 0, len(data))))
        for at in range(0, len(data), 512):
            self.send(0x137, [OWNER, index], b2(data[at:at + 512]) +
                      struct.pack(">H", at))


def key_of(public):
    """The key in a TPMT_PUBLIC of the templates above."""
    if public[:2] == RSA[:2]:
        return rsa.RSAPublicNumbers(
            65537, int.from_bytes(public[-256:], "big")).public_key()
    return ec.EllipticCurvePublicNumbers(
        int.from_bytes(public[-66:-34], "big"),
        int.from_bytes(public[-32:], "big"), ec.SECP256R1()).public_key()


class Ca:
    """A root, an issuer below it."""

    def __init__(self):
        self.keys = [ec.generate_private_key(ec.SECP256R1()) for _ in "ri"]
        self.root = self.issue("root", self.keys[0].public_key(), 0, ca=True)
        self.issuer = self.issue("issuer", self.keys[1].public_key(), 0,
                                 ca=True)

    def issue(self, name, key, by, ca=False, machine=None):
        def called(cn):
            return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME,
                                                 cn)])
        now = datetime.datetime.utcnow()
        usage = dict.fromkeys(("content_commitment", "key_encipherment",
                               "data_encipherment", "key_agreement",
                               "encipher_only", "decipher_only"), False)
        b = x509.CertificateBuilder(
            called("root" if by == 0 else "issuer"), called(name), key,
            x509.random_serial_number(), now - datetime.timedelta(days=1),
            now + datetime.timedelta(days=1))
        b = b.add_extension(x509.BasicConstraints(ca, None), True)
        b = b.add_extension(x509.KeyUsage(
            digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage),
            True)
        if machine is not None:
            b = b.add_extension(x509.UnrecognizedExtension(
                x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.21"), machine),
                False)
        return b.sign(self.keys[by], hashes.SHA256())


def pem(*certs):
    return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certs)


def der(cert):
    return cert.public_bytes(serialization.Encoding.DER)


@contextlib.contextmanager
def running(folder):
    p = subprocess.Popen([stack.ROOT / "tools" / "swtpm", folder],
                         stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + stack.PATIENCE
        while not (folder / "tpm").exists():
            assert time.monotonic() < end and p.poll() is None
            time.sleep(0.05)
        yield
    finally:
        p.send_signal(signal.SIGCONT)
        p.terminate()
        p.wait()


def azure(tpm, ca):
    handle, public = tpm.primary(RSA)
    tpm.persist(handle, 0x81000003)
    tpm.flush(handle)
    tpm.write(0x01c101d0, der(ca.issue("vm", key_of(public), 1)), OWNER_ONLY)


def gce(tpm, ca):
    handle, public = tpm.primary(ECC)
    tpm.flush(handle)
    cert = der(ca.issue("vm", key_of(public), 1, machine=MACHINE))
    tpm.write(0x01c10003, ECC, BY_ITSELF)
    tpm.write(0x01c10002, cert + bytes(64), BY_ITSELF)  # more than it needs


CLOUDS = {"azure": azure, "gce-ecc": gce}


class Machine:
    def __init__(self, folder, cloud):
        self.folder, self.ca, self.cloud = folder, Ca(), cloud
        tpm = Tpm(folder / "tpm")
        with tpm.s:  # it serves one connection at a time
            CLOUDS[cloud](tpm, self.ca)
        (folder / "issuers.pem").write_bytes(pem(self.ca.issuer, self.ca.root))
        (folder / "root.pem").write_bytes(pem(self.ca.root))
        (folder / "other.pem").write_bytes(pem(Ca().root))

    def tee(self, *options):
        return ["--tee", "tpm", "--tpm-tcti",
                f"swtpm:path={self.folder / 'tpm'}", "--service-key", "new",
                *options]


@pytest.fixture(scope="module", params=sorted(CLOUDS))
def machine(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tpm")
    with running(folder):
        yield Machine(folder, request.param)


def said(p):
    """Without the page's lines."""
    return b" ".join(p.stderr.split())


def ask(s, root, *options):
    return s.httpa(s.url + "/echo", *options, policy=s.policy(
        insecure_dev_tee=None, accept=[{
            "name": "cloud", "type": "tpm",
            "ak": {"trust": "chain", "ak_roots": [str(root)]},
            "measurements": [{"bank": "sha256", "pcr0": "any",
                              "pcr17": "ff" * 32}]}]))


def test_certified_from_the_tpm_to_the_client(machine, tmp_path):
    to = tmp_path / "verdict.json"
    with stack.Stack() as s:
        s.app()
        s.serve(tee=machine.tee("--tpm-ak-chain",
                                machine.folder / "issuers.pem"))
        p = ask(s, machine.folder / "root.pem", "--verdict", to)
        assert p.returncode == 0, p.stderr
        v = json.loads(to.read_text())
        claims = v["evidence"][0]["claims"]
        named = {k: claims[k] for k in claims if k.startswith("gce_")}
        assert named == ({} if machine.cloud == "azure" else {
            "gce_zone": "z", "gce_project": "p", "gce_project_number": "5",
            "gce_instance": "vm", "gce_instance_id": "9"})
        assert f", {machine.cloud}, " in (s.run / "gateway.out").read_text()
        # nobody's root is none of a cloud's, nor another one's
        for root in ("builtin:gce", "builtin:azure",
                     machine.folder / "other.pem"):
            p = ask(s, root)
            assert p.returncode == 1 and p.stdout == b""
            assert b"no certificate under the policy's roots" in said(p)


def test_without_issuers_nobody_believes_it(machine):
    with stack.Stack() as s:
        s.app()
        s.serve(tee=machine.tee())
        p = ask(s, machine.folder / "root.pem")
        assert p.returncode == 1 and p.stdout == b""
        assert b"no certificate under the policy's roots" in said(p)


@pytest.mark.parametrize("ak, words", [
    ("ecdsa-p256-sha256", "is not for that key"),
    ("gce-rsa", "has no attestation key"),
    ("nonesuch", "not one of auto"),
])
def test_a_chain_of_another_key(machine, ak, words):
    p = subprocess.run([stack.HTTPA, "serve", "--origin", "http://a.example",
                        "--upstream", "http://127.0.0.1:1", "--listen",
                        "127.0.0.1:0",
                        *machine.tee("--tpm-ak", ak, "--tpm-ak-chain",
                                     machine.folder / "issuers.pem")],
                       capture_output=True, text=True, timeout=60)
    assert p.returncode != 0 and words in p.stdout + p.stderr
