"""`httpa serve` with a TPM (swtpm), and with one that is slow or gone."""
import os
import shutil
import signal
import subprocess
import threading
import time

import pytest

from gateway_peer import App, Client, Gateway, Policy, ROOT, get, length
import activation
import cbor
import cmw
import evidence
import handshake
from client import Refusal
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

pytestmark = pytest.mark.skipif(shutil.which("swtpm") is None,
                                reason="SKIP: no swtpm here")


class Everything:
    def __contains__(self, item):
        return True


class Tpm:
    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen([ROOT / "tools" / "swtpm", folder],
                                        stdout=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while not (folder / "tpm").exists():
            assert time.monotonic() < end and self.process.poll() is None
            time.sleep(0.05)
        self.tcti = f"swtpm:path={folder / 'tpm'}"
        self.issuers = folder / "ca" / "issuercert.pem"
        root = (folder / "ca" / "swtpm-localca-rootca-cert.pem").read_bytes()
        self.root = x509.load_pem_x509_certificate(root).public_bytes(
            Encoding.DER)

    def policy(self):
        """The EK's certificate; activation is this test's to show."""
        return Policy(tpm={"ek": [self.root], "activated": Everything(),
                           "pcrs": {0x000b: {16: [bytes(32)]}}})

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def tpm(tmp_path):
    t = Tpm(tmp_path)
    yield t
    t.stop()


@pytest.fixture(scope="module")
def app():
    a = App()
    yield a
    a.kill()


@pytest.fixture
def g(app, tpm):
    running = Gateway(f"http://127.0.0.1:{app.port}", "--tpm-tcti", tpm.tcti,
                      "--tpm-ek-issuers", tpm.issuers, "--service-key", "new",
                      "--handshakes-waiting", "2", tee=("--tee", "tpm"))
    yield running.wait_ready()
    running.stop()


def test_quote_and_activation(g, tpm, monkeypatch):
    values, verify = [], evidence.verify_tpm
    monkeypatch.setattr(evidence, "verify_tpm",
                        lambda v, rd, p: values.append(v) or verify(v, rd, p))
    c = Client(g.origin, tpm.policy())
    base = c.handshake()
    assert c.request("GET", "/echo").status == 200
    ek = cbor.decode(values[0])[8]
    secret = os.urandom(32)
    made = activation.make_credential(
        ek, base.claims[0]["ak_name"], secret, os.urandom(32), os.urandom(32),
        ec.generate_private_key(ec.SECP256R1()))

    def ask(value, c=c):
        content = cbor.encode({"tpm-credential": [
            "application/vnd.httpa.tpm-credential", value]})
        return c.request("ATTEST", "/", [
            ("content-type", "application/cmw+cbor"), *length(content)],
            content)
    good = {1: made["id_object"], 2: made["encrypted_secret"]}
    answer = ask(cbor.encode(good))
    assert answer.status == 200
    media, value = cmw.parse(answer.read(), cmw.SR)["tpm-activated"][:2]
    assert media == "application/vnd.httpa.tpm-activated"
    assert cbor.decode(value) == {1: secret}

    damaged = bytearray(good[1])
    damaged[-1] ^= 1
    refused = ask(cbor.encode({**good, 1: bytes(damaged)}))
    assert (refused.status, refused.read()) == (422, b"")
    assert "attest-error" not in refused.sealed
    # 11.2: three tries for each session, whatever became of them.
    assert ask(cbor.encode(good)).status == 200
    assert ask(cbor.encode(good)).status == 422
    for odd in [b"", cbor.encode({1: good[1]}), cbor.encode({**good, 3: b""}),
                cbor.encode({1: 1, 2: 2})]:
        other = Client(g.origin, tpm.policy())
        other.handshake()
        assert ask(odd, other).sealed["attest-error"].value[0] == "head"
    assert c.request("GET", "/echo").status == 200  # the session lives on


def test_tpm_that_is_gone_and_back(g, tpm):
    tpm.stop()
    with pytest.raises(Refusal) as refusal:
        Client(g.origin, tpm.policy()).handshake()
    assert (refusal.value.status, refusal.value.token) == (503, "busy")
    g.wait_log("tee: a quote failed")
    assert g.metric("httpa_quote_failures_total") >= 1


def test_queue_is_bounded(g, tpm):
    """Two wait for a TPM that stands still, the others are told when to come
    back, and who waits is served in the end."""
    tpm.process.send_signal(signal.SIGSTOP)
    results = []

    def hello():
        c = Client(g.origin, tpm.policy())
        h = c.hello()
        connection, response = c.send(h.lines, "application/cmw+cbor",
                                      h.content)
        response.read()
        results.append((response.status, response.getheader("Attest-Error"),
                        response.getheader("Retry-After")))
        connection.close()
    threads = [threading.Thread(target=hello) for _ in range(5)]
    for t in threads:
        t.start()
    end = time.monotonic() + 10
    while len(results) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    tpm.process.send_signal(signal.SIGCONT)
    for t in threads:
        t.join()
    statuses = sorted(status for status, _, _ in results)
    assert statuses == [200, 200, 503, 503, 503]
    for status, token, retry in results:
        assert status == 200 or (token == "busy" and int(retry) >= 1)


def test_client_sees_life_while_the_tpm_is_slow(g, tpm):
    """8.5: the outer head and fillers come before the evidence does."""
    tpm.process.send_signal(signal.SIGSTOP)
    c = Client(g.origin, tpm.policy())
    h = c.hello()
    connection, response = c.send(h.lines, "application/cmw+cbor", h.content)
    assert response.status == 200  # and there is no evidence yet
    assert response.getheader("Content-Length") is None
    assert g.metric("httpa_fillers_total") >= 1
    tpm.process.send_signal(signal.SIGCONT)
    base = handshake.judge(h, 200, response.getheaders(), response.read(),
                           int(time.time()))
    connection.close()
    assert base.id.startswith("r1.")
    assert get(g.ops, "/readyz")[0] == 200
