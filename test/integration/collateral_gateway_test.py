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


def crl(issued, days, entries=0):
    """A revocation list of nobody: DER."""
    start = datetime.datetime.fromtimestamp(issued, datetime.timezone.utc)
    start = start.replace(tzinfo=None)
    b = (x509.CertificateRevocationListBuilder().issuer_name(NAME)
         .last_update(start)
         .next_update(start + datetime.timedelta(days=days)))
    for i in range(entries):
        b = b.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(2 ** 100 + i).revocation_date(start).build())
    return (b.sign(KEY, hashes.SHA256())
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

        for i in range(260):
            (tmp_path / f"x{i}.der").write_bytes(b"x")
        g.wait_log("what was read before stays", 30)
        assert sent(g, dev, monkeypatch) == [("application/pkix-crl", second)]


def test_what_does_not_fit_is_said(app, dev, tmp_path, monkeypatch):
    """More than a handshake takes, in number and in bytes."""
    now = int(time.time())
    lists = [crl(now - i, 30) for i in range(30)]
    for i, data in enumerate(lists):
        put(tmp_path, f"{i:02}.crl", data)
    put(tmp_path, "twice.crl", lists[0])
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--collateral", tmp_path) as g:
        g.wait_log("collateral: 24 pieces")
        g.wait_log("collateral: 1 pieces are of other platforms, or there "
                   "twice")
        line = g.wait_log("6 pieces are not sent")
        assert "WARNING" in line and "24.crl" in line
        assert [v for _, v in sent(g, dev, monkeypatch)] == lists[:24]
        for i in range(4):  # long ones
            put(tmp_path, f"{i:02}.crl", crl(now - i, 30, 1500))
        g.wait_log("pieces are not sent: a handshake has room for 24, or "
                   "131072 bytes", 30)
        g.signal(1)
        g.wait_log("SIGHUP: collateral is read again")
        g.wait_log("collateral: 2 pieces", 30)
        assert len(sent(g, dev, monkeypatch)) == 2


@pytest.mark.parametrize("case", ["missing", "many", "large"])
def test_refused_at_the_start(dev, tmp_path, case):
    folder = tmp_path / "there"
    if case != "missing":
        folder.mkdir()
        for i in range(257 if case == "many" else 1):
            (folder / f"{i}.der").write_bytes(
                b"x" * (65537 if case == "large" else 1))
    p = subprocess.run(
        [PROGRAM, "serve", "--listen", f"127.0.0.1:{free_port()}",
         "--upstream", "http://127.0.0.1:1", "--origin", "https://a.example",
         "--tee", "dev", "--dev-dir", dev[0], "--collateral", folder],
        capture_output=True, text=True, timeout=60)
    assert p.returncode == 2
    assert "--collateral" in p.stderr
