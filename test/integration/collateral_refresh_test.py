"""`httpa serve --collateral DIR --collateral-fetch` in a SEV-SNP guest that is
none (test/programs/fake_tsm.c), before a fake of AMD's service that is slow,
fails, lies, throttles.  The host gives no certificates, so clients depend on
what is fetched."""
import contextlib
import datetime
import json
import os
import shutil
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from collateral_fake import DER, Amd
from collateral_fake import Fake as Kds
from gateway_peer import App, BUILD, Gateway
from tee_snp_test import FAKE, Fake as Tsm, MEASUREMENT, TCB

PROGRAM = BUILD / "test" / "programs" / "httpa_snp_roots"
HWID = "5a" * 64
VCEK = f"/vcek/v1/Genoa/{HWID}?blSPL=04&teeSPL=01&snpSPL=24&ucodeSPL=219"
CHAIN = "/vcek/v1/Genoa/cert_chain"
CRL = "/vcek/v1/Genoa/crl"
CRL_FILE = "Genoa-ark.crl"
DAY = 86400


@pytest.fixture(scope="module")
def tsm(tmp_path_factory):
    if not FAKE.exists() or not shutil.which("fusermount3"):
        pytest.skip("SKIP: no libfuse3 here")
    f = Tsm(tmp_path_factory.mktemp("tsm"))
    f.behave("noaux")
    os.environ["HTTPA_TEST_SNP_ROOT"] = str(f.amd)
    yield f
    del os.environ["HTTPA_TEST_SNP_ROOT"]
    f.stop()


@pytest.fixture(scope="module")
def app():
    a = App()
    yield a
    a.kill()


def crl(tsm, ago=1000, days=30):
    """A revocation list of the fake's ARK."""
    key = serialization.load_pem_private_key(
        (tsm.root / "amd.key").read_bytes(), None)
    ask_ = x509.load_pem_x509_certificate((tsm.root / "amd.chain")
                                          .read_bytes())  # the first

    def date(at):
        at = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
        return at.replace(tzinfo=None)

    now = int(time.time())
    return (x509.CertificateRevocationListBuilder()
            .issuer_name(ask_.issuer)
            .last_update(date(now - ago))
            .next_update(date(now - ago + days * DAY))
            .sign(key, hashes.SHA384()).public_bytes(DER))


@pytest.fixture
def kds(tsm):
    f = Kds()
    f.documents = {VCEK: ((tsm.root / "amd.vcek").read_bytes(), ()),
                   CHAIN: ((tsm.root / "amd.chain").read_bytes(), ()),
                   CRL: (crl(tsm), ())}
    yield f
    f.stop()


@contextlib.contextmanager
def serve(app, tsm, kds, folder, *options, every="1d", ready=True):
    g = Gateway(f"http://127.0.0.1:{app.port}", "--tee-root", tsm.root,
                "--collateral", folder, "--collateral-fetch",
                "--collateral-every", every, "--collateral-kds", kds.url,
                *options, tee=("--tee", "auto"), program=PROGRAM)
    try:
        yield g.wait_ready() if ready else g
    finally:
        g.stop()


def ask(g, folder):
    """The real client, which has nothing but what is sent along."""
    policy = folder / "policy"
    policy.mkdir(exist_ok=True)
    (policy / "p.json").write_text(json.dumps({
        "httpa_policy": 1, "name": "test", "identity": {"require": "none"},
        "accept": [{"name": "guest", "type": "sev-snp", "vmpl": [0],
                    "min_tcb": {"genoa": TCB},
                    "measurements": [{"measurement": MEASUREMENT,
                                      "host_data": "22" * 32}]}]}))
    return subprocess.run(
        [PROGRAM, g.origin + "/echo", "--policy", policy / "p.json",
         "--verdict", policy / "v.json"],
        capture_output=True, text=True, timeout=60)


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_cold_start_fetches_and_serves(app, tsm, kds, tmp_path):
    folder = tmp_path / "c"  # not there yet
    with serve(app, tsm, kds, folder) as g:
        assert kds.asked == [CHAIN, VCEK, CRL]
        g.wait_log("fetching what is missing")
        g.wait_log("collateral: 3 pieces")
        assert ask(g, tmp_path).returncode == 0
        assert g.metric("httpa_collateral_fetched_seconds") > 1.7e9
        assert g.metric("httpa_collateral_fetch_failed_seconds") == 0
        left = g.metric("httpa_collateral_left_seconds")
        assert 29 * DAY < left < 30 * DAY
        assert not any("WARNING: collateral" in line for line in g.log)
    # a warm start asks nobody, and needs nobody
    kds.asked.clear()
    with serve(app, tsm, kds, folder) as g:
        g.wait_log("what our evidence needs is there")
        assert ask(g, tmp_path).returncode == 0
        assert kds.asked == []


def test_without_it_clients_refuse(app, tsm, kds, tmp_path):
    """So that the others show something; and what the operator is told."""
    kds.documents = {}
    with serve(app, tsm, kds, tmp_path / "c") as g:
        p = ask(g, tmp_path)
        assert p.returncode == 4 and "missing" in p.stderr
        line = g.wait_log("could not be fetched")
        assert "WARNING" in line and "again in" in line
        g.wait_log("a client that has only what is sent here cannot judge")
        assert g.metric("httpa_collateral_fetch_failures_total") == 1
        assert g.metric("httpa_collateral_fetched_seconds") == 0


def test_refreshed_and_sent_at_once(app, tsm, kds, tmp_path):
    with serve(app, tsm, kds, tmp_path / "c", every="10s") as g:
        before = g.metric("httpa_collateral_issued_seconds")
        kds.documents[CRL] = (crl(tsm, ago=100), ())
        wait_for(lambda: g.metric("httpa_collateral_issued_seconds") >
                 before, 25)
        g.wait_log(f"a new {CRL_FILE}")
        assert ask(g, tmp_path).returncode == 0


def test_soon_to_lapse_is_fetched_soon(app, tsm, kds, tmp_path):
    """A day between rounds, but for a list that ends in 40 s."""
    kds.documents[CRL] = (crl(tsm, ago=30 * DAY - 40), ())
    with serve(app, tsm, kds, tmp_path / "c", every="10m") as g:
        g.wait_log("lapses at")
        kds.documents[CRL] = (crl(tsm, ago=100), ())
        wait_for(lambda: g.metric("httpa_collateral_left_seconds") > 20 * DAY,
                 30)
        assert ask(g, tmp_path).returncode == 0


@pytest.mark.parametrize("mood, words", [
    ("fail:500", "status 500"), ("lie", "not taken"),
    ("throttle:3600", "come back in 3600 s"),
    ("endless", "more than 65536 bytes")])
def test_trouble_changes_nothing_and_passes(app, tsm, kds, tmp_path, mood,
                                            words):
    with serve(app, tsm, kds, tmp_path / "c", every="10s") as g:
        before = g.metric("httpa_collateral_issued_seconds")
        kds.documents[CRL] = (crl(tsm, ago=100), ())
        kds.moods[CRL] = [mood] * 8
        line = g.wait_log("could not be fetched", 40)
        assert words in line
        assert g.metric("httpa_collateral_issued_seconds") == before
        assert g.metric("httpa_collateral_fetch_failed_seconds") > 1.7e9
        assert ask(g, tmp_path).returncode == 0
        kds.moods[CRL] = []
        wait_for(lambda: g.metric("httpa_collateral_issued_seconds") >
                 before, 40)
        g.wait_log("could be fetched again")


@pytest.mark.parametrize("lie", ["another's", "older", "lapsed", "portal"])
def test_a_liar_replaces_nothing(app, tsm, kds, tmp_path, lie):
    with serve(app, tsm, kds, tmp_path / "c") as g:
        good = (tmp_path / "c" / CRL_FILE).read_bytes()
        kds.documents[CRL] = ({
            "another's": Amd().crl(ago=10), "older": crl(tsm, ago=5000),
            "lapsed": crl(tsm, ago=DAY - 1, days=0),
            "portal": b"<html>log in</html>"}[lie], ())
        time.sleep(2.2)  # rounds keep a distance
        g.signal(1)
        g.wait_log("SIGHUP: collateral is fetched again")
        g.wait_log("is older" if lie in ("older", "lapsed") else "not taken",
                   30)
        assert (tmp_path / "c" / CRL_FILE).read_bytes() == good
        assert ask(g, tmp_path).returncode == 0


def test_many_reasons_are_one_round(app, tsm, kds, tmp_path):
    with serve(app, tsm, kds, tmp_path / "c") as g:
        time.sleep(2.2)
        kds.asked.clear()
        kds.moods[CRL] = ["drip"]  # 20 s, and then refused
        for _ in range(20):
            g.signal(1)
            time.sleep(0.05)
        wait_for(lambda: kds.asked)
        for _ in range(20):
            g.signal(1)
        time.sleep(2)
        assert kds.asked.count(CRL) == 1
        # nobody waits for it
        start = time.monotonic()
        assert ask(g, tmp_path).returncode == 0
        assert time.monotonic() - start < 8


def test_a_slow_start_is_bounded(app, tsm, kds, tmp_path):
    kds.moods = {path: ["slow"] * 9 for path in (CHAIN, VCEK, CRL)}
    start = time.monotonic()
    with serve(app, tsm, kds, tmp_path / "c", ready=False) as g:
        g.wait_log(" answers", 60)
        assert time.monotonic() - start < 50
        g.wait_log("could not be fetched")


@pytest.mark.parametrize("mood", ["slow", "drip"])
def test_stops_while_it_fetches(app, tsm, kds, tmp_path, mood):
    with serve(app, tsm, kds, tmp_path / "c", "--drain", "0") as g:
        time.sleep(2.2)
        kds.asked.clear()
        kds.moods[CRL] = [mood]
        g.signal(1)
        wait_for(lambda: kds.asked)
        start = time.monotonic()
        g.signal(15)
        g.process.wait(15)
        assert g.process.returncode == 0
        assert time.monotonic() - start < 10


def test_stops_between_tries(app, tsm, kds, tmp_path):
    with serve(app, tsm, kds, tmp_path / "c", "--drain", "0") as g:
        time.sleep(2.2)
        kds.asked.clear()
        kds.moods[CRL] = ["throttle:25"]
        g.signal(1)
        wait_for(lambda: kds.asked)
        start = time.monotonic()
        g.signal(15)
        g.process.wait(15)
        assert time.monotonic() - start < 10


@pytest.mark.parametrize("options, words", [
    (["--collateral-fetch"], "needs --collateral DIR"),
    (["--collateral", "c", "--collateral-every", "5s"], "10s at least"),
    (["--collateral", "c", "--collateral-fetch", "--collateral-kds",
      "http://192.0.2.1"], "http:// only to this machine"),
    (["--collateral", "/proc/none", "--collateral-fetch"], "/proc/none")])
def test_refused_at_the_start(tsm, tmp_path, options, words):
    p = subprocess.run(
        [PROGRAM, "serve", "--upstream", "http://127.0.0.1:9", "--origin",
         "http://a.example", "--listen", "127.0.0.1:0", "--tee", "auto",
         "--tee-root", tsm.root, *options], cwd=tmp_path,
        capture_output=True, text=True, timeout=60)
    assert p.returncode == 2 and words in p.stderr, p.stderr
