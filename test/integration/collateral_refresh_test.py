"""`httpa serve --collateral DIR --collateral-fetch` in guests that are none
(test/programs/here.c), before a fake of AMD's and Intel's services that is
slow, fails, lies, throttles.  Nobody gives certificates to the guest, so
clients depend on what is fetched."""
import contextlib
import datetime
import json
import os
import subprocess
import time
import urllib.parse

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from collateral_fake import DER, Amd, Fake
from collateral_gateway_test import crl as crl_of_nobody
from gateway_peer import App, BUILD, Gateway

PROGRAM = BUILD / "test" / "programs" / "httpa_makers"
HWID = "5a" * 64
VCEK = f"/vcek/v1/Genoa/{HWID}?blSPL=04&teeSPL=01&snpSPL=24&ucodeSPL=219"
CHAIN = "/vcek/v1/Genoa/cert_chain"
CRL = "/vcek/v1/Genoa/crl"
CRL_FILE = "Genoa-ark.crl"
V4 = "/certification/v4/"
INFO = f"/tdx{V4}tcb?fmspc=b0c06f000001"
IDENTITY = f"/tdx{V4}qe/identity"
PCK_CRL = f"/sgx{V4}pckcrl?ca=platform&encoding=der"
ROOT_CRL = "/IntelSGXRootCA.der"
EVALUATIONS = f"/tdx{V4}tcbevaluationdatanumbers"  # which is not there
DAY = 86400
SNP = {"name": "guest", "type": "sev-snp", "vmpl": [0],
       "min_tcb": {"genoa": {"boot_loader": 4, "tee": 1, "snp": 24,
                             "microcode": 219}},
       "measurements": [{"measurement": "11" * 48, "host_data": "22" * 32}]}


@pytest.fixture(scope="module")
def app():
    a = App()
    yield a
    a.kill()


@pytest.fixture
def makers(tmp_path):
    """What the program publishes once it runs."""
    folder = tmp_path / "makers"
    folder.mkdir()
    os.environ["HTTPA_TEST_MAKERS"] = str(folder)
    yield folder
    del os.environ["HTTPA_TEST_MAKERS"]


def crl(makers, ago=1000, days=30):
    """A revocation list of our ARK."""
    key = serialization.load_pem_private_key((makers / "ARK").read_bytes(),
                                             None)
    ark = x509.load_der_x509_certificate((makers / "ARK.der").read_bytes())

    def date(at):
        at = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
        return at.replace(tzinfo=None)

    now = int(time.time())
    return (x509.CertificateRevocationListBuilder()
            .issuer_name(ark.subject)
            .last_update(date(now - ago))
            .next_update(date(now - ago + days * DAY))
            .sign(key, hashes.SHA384()).public_bytes(DER))


class Lazy(dict):
    """Documents that are made when they are first asked for: by then the
    program has written what they are made of."""

    def get(self, path, default=None):
        found = super().get(path, default)
        if callable(found):
            found = self[path] = (found(), ())
        return found

    def __getitem__(self, path):
        return self.get(path)


@pytest.fixture
def kds(makers):
    f = Fake()
    f.documents = Lazy({VCEK: (makers / "vcek").read_bytes,
                        CHAIN: (makers / "chain").read_bytes,
                        CRL: lambda: crl(makers)})
    yield f
    f.stop()


@contextlib.contextmanager
def serve(app, fake, folder, *options, every="1d", ready=True, tee="sev-snp"):
    urls = [w for o in ("kds", "pcs", "intel-root")
            for w in (f"--collateral-{o}", fake.url)]
    g = Gateway(f"http://127.0.0.1:{app.port}", "--collateral", folder,
                "--collateral-fetch", "--collateral-every", every, *urls,
                *options, tee=("--tee", tee), program=PROGRAM)
    try:
        yield g.wait_ready() if ready else g
    finally:
        g.stop()


def ask(g, folder, profile=SNP):
    """The real client, which has nothing but what is sent along."""
    policy = folder / "policy.json"
    policy.write_text(json.dumps({
        "httpa_policy": 1, "name": "test", "identity": {"require": "none"},
        "accept": [profile]}))
    return subprocess.run([PROGRAM, g.origin + "/echo", "--policy", policy],
                          capture_output=True, text=True, timeout=60)


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_cold_start_fetches_and_serves(app, makers, kds, tmp_path):
    folder = tmp_path / "c"  # not there yet
    with serve(app, kds, folder) as g:
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
    with serve(app, kds, folder) as g:
        g.wait_log("what our evidence needs is there")
        assert ask(g, tmp_path).returncode == 0
        assert kds.asked == []


def test_without_it_clients_are_undecided(app, makers, kds, tmp_path):
    """So that the others show something; and what the operator is told."""
    kds.documents = {}
    with serve(app, kds, tmp_path / "c") as g:
        p = ask(g, tmp_path)
        assert p.returncode == 4 and "missing" in p.stderr
        line = g.wait_log("could not be fetched")
        assert "WARNING" in line and "again in" in line
        g.wait_log("a client that has only what is sent here cannot judge")
        assert g.metric("httpa_collateral_fetch_failures_total") == 1
        assert g.metric("httpa_collateral_fetched_seconds") == 0


def test_refreshed_and_sent_at_once(app, makers, kds, tmp_path):
    with serve(app, kds, tmp_path / "c", every="10s") as g:
        before = g.metric("httpa_collateral_issued_seconds")
        kds.documents[CRL] = (crl(makers, ago=100), ())
        wait_for(lambda: g.metric("httpa_collateral_issued_seconds") >
                 before, 25)
        g.wait_log(f"a new {CRL_FILE}")
        assert ask(g, tmp_path).returncode == 0


def test_soon_to_lapse_is_fetched_soon(app, makers, kds, tmp_path):
    """A day between rounds, but for a list that ends in 40 s."""
    kds.documents[CRL] = lambda: crl(makers, ago=30 * DAY - 40)
    with serve(app, kds, tmp_path / "c", every="10m") as g:
        g.wait_log("lapses at")
        kds.documents[CRL] = (crl(makers, ago=100), ())
        wait_for(lambda: g.metric("httpa_collateral_left_seconds") > 20 * DAY,
                 30)
        assert ask(g, tmp_path).returncode == 0


@pytest.mark.parametrize("mood, words", [
    ("fail:500", "status 500"), ("lie", "not taken"),
    ("throttle:3600", "come back in 3600 s"),
    ("endless", "more than 65536 bytes")])
def test_trouble_changes_nothing_and_passes(app, makers, kds, tmp_path, mood,
                                            words):
    with serve(app, kds, tmp_path / "c", every="10s") as g:
        before = g.metric("httpa_collateral_issued_seconds")
        kds.documents[CRL] = (crl(makers, ago=100), ())
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
def test_a_liar_replaces_nothing(app, makers, kds, tmp_path, lie):
    with serve(app, kds, tmp_path / "c") as g:
        good = (tmp_path / "c" / CRL_FILE).read_bytes()
        kds.documents[CRL] = ({
            "another's": Amd().crl(ago=10), "older": crl(makers, ago=5000),
            "lapsed": crl(makers, ago=DAY - 1, days=0),
            "portal": b"<html>log in</html>"}[lie], ())
        time.sleep(2.2)  # rounds keep a distance
        g.signal(1)
        g.wait_log("SIGHUP: collateral is fetched again")
        g.wait_log("is older" if lie in ("older", "lapsed") else "not taken",
                   30)
        assert (tmp_path / "c" / CRL_FILE).read_bytes() == good
        assert ask(g, tmp_path).returncode == 0


def test_many_reasons_are_one_round(app, makers, kds, tmp_path):
    with serve(app, kds, tmp_path / "c") as g:
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


def test_a_slow_start_is_bounded(app, makers, kds, tmp_path):
    kds.moods = {path: ["slow"] * 9 for path in (CHAIN, VCEK, CRL)}
    start = time.monotonic()
    with serve(app, kds, tmp_path / "c", ready=False) as g:
        g.wait_log(" answers", 60)
        assert time.monotonic() - start < 50
        g.wait_log("could not be fetched")


@pytest.mark.parametrize("mood", ["slow", "drip"])
def test_stops_while_it_fetches(app, makers, kds, tmp_path, mood):
    with serve(app, kds, tmp_path / "c", "--drain", "0") as g:
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


def test_stops_between_tries(app, makers, kds, tmp_path):
    with serve(app, kds, tmp_path / "c", "--drain", "0") as g:
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
def test_refused_at_the_start(makers, tmp_path, options, words):
    p = subprocess.run(
        [PROGRAM, "serve", "--upstream", "http://127.0.0.1:9", "--origin",
         "http://a.example", "--listen", "127.0.0.1:0", "--tee",
         "sev-snp", *options], cwd=tmp_path,
        capture_output=True, text=True, timeout=60)
    assert p.returncode == 2 and words in p.stderr, p.stderr


# ---- Intel


@pytest.fixture
def pcs(makers):
    f = Fake()

    def file(name):
        return (makers / name).read_bytes()

    def signed(name, field, chain):
        chain = urllib.parse.quote(file(chain).decode())
        return file(name), [(field, chain)]

    class Documents(Lazy):
        def get(self, path, default=None):
            found = dict.get(self, path, default)
            return found() if callable(found) else found

    info = "TCB-Info-Issuer-Chain", "tcb_info_issuer_chain.pem"
    identity = ("SGX-Enclave-Identity-Issuer-Chain",
                "qe_identity_issuer_chain.pem")
    f.now = ""  # before the names of documents of the standard evaluation
    f.documents = Documents({
        INFO: lambda: signed(f.now + "tcb_info.json", *info),
        INFO + "&update=early": lambda: signed("NEXT-tcb_info.json", *info),
        IDENTITY: lambda: signed(f.now + "qe_identity.json", *identity),
        IDENTITY + "?update=early":
            lambda: signed("NEXT-qe_identity.json", *identity),
        PCK_CRL: lambda: (file("pck_crl.der"), ()),
        ROOT_CRL: lambda: (file("root_ca_crl.der"), ()),
    })
    yield f
    f.stop()


# Registers as pki.h fills them.
TDX = {"name": "guest", "type": "tdx", "tcb": {"status": ["UpToDate"]},
       "measurements": [{"mrtd": "50" * 48, "rtmr0": "54" * 48,
                         "rtmr1": "55" * 48, "rtmr2": "56" * 48}]}


def test_tcb_change_is_told_before_clients_refuse(app, makers, pcs, tmp_path):
    with serve(app, pcs, tmp_path / "c", tee="tdx") as g:
        assert sorted(pcs.asked) == sorted([*pcs.documents, EVALUATIONS])
        line = g.wait_log("WARNING: tcb:")
        since = int(time.time()) - 5 * DAY
        day = datetime.datetime.utcfromtimestamp(since).strftime("%Y-%m-%d")
        assert "UpToDate in Intel's evaluation 17" in line
        assert "OutOfDate in its newest, 19" in line
        assert f"will refuse, from {day}T" in line
        assert abs(g.metric("httpa_tcb_refused_from_seconds") - since) < 60
        assert len(os.listdir(tmp_path / "c")) == 4  # nothing early in there
        assert ask(g, tmp_path, TDX).returncode == 0
        # what was foreseen is not taken back when the newest is not to be had
        early = pcs.documents.pop(INFO + "&update=early")
        time.sleep(2.2)
        g.signal(1)
        g.wait_log("Intel's newest evaluation is not known", 30)
        assert g.metric("httpa_tcb_refused_from_seconds") > 0
        assert not any("take this evidence again" in line for line in g.log)
        pcs.documents[INFO + "&update=early"] = early
        # Intel makes it the standard one
        pcs.now = "NEXT-"
        time.sleep(2.2)
        g.signal(1)
        line = g.wait_log("refuse it now", 30)
        assert "OutOfDate in Intel's evaluation 19" in line
        p = ask(g, tmp_path, TDX)
        assert p.returncode == 1 and "OutOfDate" in p.stderr, p.stderr


def test_no_newest_evaluation_is_no_failure(app, makers, pcs, tmp_path):
    del pcs.documents[INFO + "&update=early"]
    with serve(app, pcs, tmp_path / "c", tee="tdx") as g:
        g.wait_log("Intel's newest evaluation is not known")
        assert g.metric("httpa_collateral_fetch_failures_total") == 0
        assert g.metric("httpa_tcb_refused_from_seconds") == 0
        assert ask(g, tmp_path, TDX).returncode == 0


def test_what_is_optional_is_not_asked_for_anew(app, makers, pcs, tmp_path):
    with serve(app, pcs, tmp_path / "c", tee="tdx", every="40s") as g:
        assert EVALUATIONS in pcs.asked
        assert g.metric("httpa_collateral_fetch_failures_total") == 0
        pcs.asked.clear()
        time.sleep(3)  # a fortieth of that, as for what is missing, is over
        assert pcs.asked == []


@pytest.mark.parametrize("path", [INFO, IDENTITY])
def test_signers_change_with_the_document(app, makers, pcs, tmp_path, path):
    """Another's chain with a true document, and the other way round."""
    with serve(app, pcs, tmp_path / "c", tee="tdx") as g:
        before = {n: (tmp_path / "c" / n).read_bytes()
                  for n in os.listdir(tmp_path / "c")}
        content, fields = pcs.documents[path]
        pcs.documents[path] = (content, [
            (fields[0][0], urllib.parse.quote(
                (makers / "pck_crl_issuer_chain.pem").read_text()))])
        time.sleep(2.2)
        g.signal(1)
        assert "not taken" in g.wait_log("could not be fetched", 30)
        assert {n: (tmp_path / "c" / n).read_bytes()
                for n in os.listdir(tmp_path / "c")} == before
        assert ask(g, tmp_path, TDX).returncode == 0


# ---- beside evidence that is long


def test_what_long_evidence_leaves(app, makers, tmp_path, monkeypatch):
    """Two items of 120 KB leave room for two lists: said, and handshakes are
    answered."""
    monkeypatch.setenv("HTTPA_TEST_PADDING", "118000")
    (tmp_path / "c").mkdir()
    for i in range(3):
        (tmp_path / "c" / f"{i}.crl").write_bytes(
            crl_of_nobody(int(time.time()), 30, 100))
    g = Gateway(f"http://127.0.0.1:{app.port}", "--collateral", tmp_path / "c",
                "--binding", "fresh,key", tee=("--tee", "tdx"),
                program=PROGRAM)
    try:
        line = g.wait_ready().wait_log("1 pieces are not sent: a handshake "
                                       "has room for 24, or")
        assert "WARNING" in line and "2.crl" in line
        p = ask(g, tmp_path, TDX)
        assert p.returncode != 0 and "does not parse" in p.stderr, p.stderr
        assert g.metric("httpa_collateral_pieces") == 2
        assert not any("do not fit" in line for line in g.log)
    finally:
        g.stop()


def test_no_room_is_said_at_the_start(makers, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPA_TEST_PADDING", "125000")
    (tmp_path / "c").mkdir()
    p = subprocess.run(
        [PROGRAM, "serve", "--upstream", "http://127.0.0.1:9", "--origin",
         "http://a.example", "--listen", "127.0.0.1:0", "--tee", "tdx",
         "--binding", "fresh,key", "--collateral", tmp_path / "c"],
        capture_output=True, text=True, timeout=60)
    assert p.returncode == 2 and "there is no room" in p.stderr, p.stderr
