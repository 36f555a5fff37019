"""`httpa serve --collateral DIR`: pieces are sent along, read again when they
change, and told of."""
import datetime
import os
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway_peer import App, PROGRAM, client, dev_init, free_port, gateway
import handshake

KEY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A maker")])


def crl(issued, days):
    """A revocation list of nobody: DER."""
    start = datetime.datetime.fromtimestamp(issued, datetime.timezone.utc)
    start = start.replace(tzinfo=None)
    return (x509.CertificateRevocationListBuilder().issuer_name(NAME)
            .last_update(start)
            .next_update(start + datetime.timedelta(days=days))
            .sign(KEY, hashes.SHA256())
            .public_bytes(serialization.Encoding.DER))


@pytest.fixture(scope="module")
def app():
    a = App()
    yield a
    a.kill()


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    return dev_init(tmp_path_factory.mktemp("dev"))


def put(folder, name, data):
    """As a careful writer does."""
    (folder / ("." + name)).write_bytes(data)
    os.rename(folder / ("." + name), folder / name)


def sent(g, dev, monkeypatch):
    """Endorsements of a handshake: (type, value)."""
    seen = []
    parse = handshake.cmw.parse

    def watch(*args):
        collection = parse(*args)
        for record in collection.get("endorsements", {}).values():
            if isinstance(record, list):
                seen.append((record[0], record[1]))
        return collection

    with monkeypatch.context() as m:
        m.setattr(handshake.cmw, "parse", watch)
        client(g, dev[1])
    return seen


def test_sent_read_again_and_told(app, dev, tmp_path, monkeypatch):
    now = int(time.time())
    first = crl(now - 100, 30)
    put(tmp_path, "maker.crl", first)
    put(tmp_path, "broken.der", b"not a certificate")
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--collateral", tmp_path) as g:
        g.wait_log("collateral: 1 pieces")
        g.wait_log("1 damaged and not sent")
        assert sent(g, dev, monkeypatch) == [("application/pkix-crl", first)]
        assert g.metric("httpa_collateral_pieces") == 1
        assert g.metric("httpa_collateral_issued_seconds") == now - 100
        assert g.metric("httpa_collateral_lapses_seconds") == \
            now - 100 + 30 * 86400
        assert not any("lapses at" in line for line in g.log)

        second = crl(now - 50, 3)
        put(tmp_path, "maker.crl", second)
        line = g.wait_log("lapses at", 30)
        assert "WARNING" in line and "maker.crl" in line
        assert "httpa collateral fetch" in line
        assert sent(g, dev, monkeypatch) == [("application/pkix-crl", second)]

        for i in range(30):
            (tmp_path / f"x{i}.der").write_bytes(b"x")
        g.wait_log("what was read before stays", 30)
        assert sent(g, dev, monkeypatch) == [("application/pkix-crl", second)]


@pytest.mark.parametrize("case", ["missing", "large"])
def test_refused_at_the_start(dev, tmp_path, case):
    folder = tmp_path / "there"
    if case == "large":
        folder.mkdir()
        for i in range(3):
            (folder / f"{i}.der").write_bytes(b"x" * 65000)
    p = subprocess.run(
        [PROGRAM, "serve", "--listen", f"127.0.0.1:{free_port()}",
         "--upstream", "http://127.0.0.1:1", "--origin", "https://a.example",
         "--tee", "dev", "--dev-dir", dev[0], "--collateral", folder],
        capture_output=True, text=True, timeout=60)
    assert p.returncode == 2
    assert "--collateral" in p.stderr
