"""`httpa collateral` against a fake of AMD's and Intel's services.  For AMD the
program believes a root of this test (test/programs/here.c); Intel's
documents are recorded ones, under the real root."""
import json
import os
import pathlib
import shutil
import stat
import subprocess
import time
import urllib.parse

import pytest

from collateral_fake import Amd, Fake, Maker
from gateway_peer import BUILD, PROGRAM, ROOT

SHARED = pathlib.Path(os.environ.get("HTTPA_SHARED", ROOT.parent / "shared"))
VECTORS = SHARED / "vectors"
TDX = VECTORS / "tdx" / "v4-uptodate"
HWID = "5a" * 64
VCEK = (f"/vcek/v1/Milan/{HWID}?blSPL=01&teeSPL=02&snpSPL=14&ucodeSPL=219")
CHAIN = "/vcek/v1/Milan/cert_chain"
CRL = "/vcek/v1/Milan/crl"
FILES = ["Milan-vcek-cert_chain.pem",
         f"Milan-{HWID}-db0e000000000201-vcek.der", "Milan-ark.crl"]

OURS = BUILD / "test" / "programs" / "httpa_makers"
EVALUATIONS = "/tdx/certification/v4/tcbevaluationdatanumbers"

amd_maker = Amd()
nobody = Maker()
need_vectors = pytest.mark.skipif(
    not TDX.is_dir(), reason=f"SKIP: {TDX} is not here; set HTTPA_SHARED")


def report(version=3):
    """A report that nobody signed: only its fields are looked at."""
    r = bytearray(1184)
    r[0] = version
    r[0x0a] = 2
    r[0x34] = 1
    r[0x180:0x188] = bytes([1, 2, 0, 0, 0, 0, 14, 219])
    if version > 2:
        r[0x188:0x18b] = bytes([0x19, 1, 1])
    r[0x1a0:0x1e0] = b"\x5a" * 64
    return bytes(r)


@pytest.fixture
def fake():
    f = Fake()
    f.documents = {
        VCEK: (amd_maker.vcek(), ()),
        CHAIN: (amd_maker.chain(), ()),
        CRL: (amd_maker.crl(), ()),
    }
    yield f
    f.stop()


@pytest.fixture
def amd(tmp_path):
    (tmp_path / "report.bin").write_bytes(report())
    (tmp_path / "root").write_text(amd_maker.root())
    os.environ["HTTPA_TEST_MAKERS"] = str(tmp_path)
    yield tmp_path
    del os.environ["HTTPA_TEST_MAKERS"]


def httpa(*args, program=PROGRAM):
    if "HTTPA_TEST_MAKERS" in os.environ:
        program = OURS
    p = subprocess.run([program, "collateral", *map(str, args)], timeout=120,
                       capture_output=True, text=True)
    for finding in ("Sanitizer:", "runtime error"):
        assert finding not in p.stderr, p.stderr
    return p


def fetch(fake, folder, *more, evidence="report.bin"):
    urls = [w for o in ("--kds", "--pcs", "--intel-root")
            for w in (o, fake.url)]
    return httpa("fetch", folder / evidence, "--to", folder / "to", *urls,
                 *more)


def there(folder):
    to = folder / "to"
    return sorted(os.listdir(to)) if to.is_dir() else []


def test_fetched_whole_and_readable(fake, amd):
    p = fetch(fake, amd)
    assert p.returncode == 0, p.stderr
    assert there(amd) == sorted(FILES)
    assert fake.asked == [CHAIN, VCEK, CRL]
    for path, name in zip(fake.asked, FILES):
        assert (amd / "to" / name).read_bytes() == fake.documents[path][0]
        assert stat.S_IMODE((amd / "to" / name).stat().st_mode) == 0o644
    # certificates last: only the list is asked for again
    p = fetch(fake, amd)
    assert p.returncode == 0
    assert fake.asked[3:] == [CRL]
    assert "unchanged" in p.stdout and "lasts" in p.stdout


def test_damaged_is_fetched_again(fake, amd):
    fetch(fake, amd)
    (amd / "to" / FILES[1]).write_bytes(b"half a certi")
    assert httpa("check", amd / "to").returncode == 1
    assert fetch(fake, amd).returncode == 0
    assert VCEK in fake.asked[3:]
    assert (amd / "to" / FILES[1]).read_bytes() == fake.documents[VCEK][0]
    assert httpa("check", amd / "to").returncode == 0


def test_nothing_older_replaces(fake, amd):
    fetch(fake, amd)
    old = (amd / "to" / FILES[2]).read_bytes()
    fake.documents[CRL] = (amd_maker.crl(ago=5000), ())
    p = fetch(fake, amd)
    assert p.returncode == 0
    assert "WARNING" in p.stderr and "older" in p.stderr
    assert (amd / "to" / FILES[2]).read_bytes() == old
    fake.documents[CRL] = (amd_maker.crl(ago=-3 * 86400), ())
    p = fetch(fake, amd)
    assert p.returncode == 4
    assert "issued in the future" in p.stderr
    assert (amd / "to" / FILES[2]).read_bytes() == old
    fake.documents[CRL] = (amd_maker.crl(ago=10), ())
    assert fetch(fake, amd).returncode == 0
    assert (amd / "to" / FILES[2]).read_bytes() == fake.documents[CRL][0]


@pytest.mark.parametrize("moods", [
    ["fail:500"], ["fail:503", "fail:502"], ["throttle:1"], ["cut"]])
def test_passing_trouble_is_tried_again(fake, amd, moods):
    fake.moods[CRL] = list(moods)
    p = fetch(fake, amd)
    assert p.returncode == 0, p.stderr
    assert there(amd) == sorted(FILES)
    assert fake.asked.count(CRL) == 1 + len(moods)


@pytest.mark.parametrize("mood, tries, words", [
    ("fail:403", 1, "status 403"),
    ("fail:404", 1, "not there"),
    ("fail:500", 4, "status 500"),
    ("throttle:3600", 1, "come back in 3600 s"),
    ("lie", 1, "not taken"),
    ("cut", 4, ""),
    ("endless", 1, "more than 65536 bytes"),
    ("redirect:/elsewhere", 1, "redirects are not followed"),
])
def test_lasting_trouble_is_told_and_leaves_nothing(fake, amd, mood, tries,
                                                    words):
    fake.moods[CRL] = [mood] * 9
    p = fetch(fake, amd)
    assert p.returncode == 4
    assert words in p.stderr
    assert fake.asked.count(CRL) == tries
    assert "/elsewhere" not in fake.asked
    # what could be had is there, and nothing half
    assert there(amd) == sorted(FILES[:2])


def lies():
    """What a liar who has all of this but AMD's key can serve."""
    other = Amd()
    milan = Amd()
    milan.keys = amd_maker.keys
    return [
        (CHAIN, other.chain(), "key"),
        (CHAIN, other.chain() + amd_maker.chain(), ""),
        (VCEK, other.vcek(), ""),
        (VCEK, nobody.cert("SEV-VCEK"), ""),
        (VCEK, milan.vcek(**{"3.8": 218}), "evidence"),
        (VCEK, milan.vcek(product=b"Genoa"), "evidence"),
        (VCEK, milan.vcek(days=-1), ""),
        (CRL, other.crl(ago=10), ""),
        (CRL, nobody.crl(ago=10), ""),
        (CRL, amd_maker.crl(ago=40 * 86400), ""),
    ]


@pytest.mark.parametrize("i", range(len(lies())))
def test_a_liar_replaces_nothing(fake, amd, i):
    path, lie, _ = lies()[i]
    assert fetch(fake, amd).returncode == 0
    before = {n: (amd / "to" / n).read_bytes() for n in FILES}
    if path != CRL:  # so that it is asked for again
        os.unlink(amd / "to" / FILES[[CHAIN, VCEK].index(path)])
    truth = fake.documents[path]
    fake.documents[path] = (lie, ())
    p = fetch(fake, amd)
    if path == CRL and i == len(lies()) - 1:
        assert p.returncode == 0 and "older" in p.stderr
    else:
        assert p.returncode == 4 and "not taken" in p.stderr, p.stderr
    now = {n: (amd / "to" / n).read_bytes() for n in there(amd)}
    assert all(before[n] == now[n] for n in now)
    fake.documents[path] = truth
    assert fetch(fake, amd).returncode == 0
    assert there(amd) == sorted(FILES)


def test_what_a_liar_left_is_no_hindrance(fake, amd):
    """However new it says it is."""
    assert fetch(fake, amd).returncode == 0
    for name, lie in zip(FILES, (Amd().chain(), Amd().vcek(),
                                 Amd().crl(ago=-1000))):
        (amd / "to" / name).write_bytes(lie)
    assert fetch(fake, amd).returncode == 0
    for path, name in zip((CHAIN, VCEK, CRL), FILES):
        assert (amd / "to" / name).read_bytes() == fake.documents[path][0]


def test_real_program_believes_amd_only(fake, amd):
    del os.environ["HTTPA_TEST_MAKERS"]
    p = fetch(fake, amd)
    os.environ["HTTPA_TEST_MAKERS"] = ""
    assert p.returncode == 4 and "not taken" in p.stderr
    assert there(amd) == []


def test_more_than_readers_take(fake, amd):
    (amd / "to").mkdir()
    for i in range(254):
        (amd / "to" / f"x{i:03}.der").write_bytes(amd_maker.vcek())
    p = fetch(fake, amd)
    assert p.returncode == 4 and "more than 256 pieces" in p.stderr
    for i in range(10):
        os.unlink(amd / "to" / f"x{i:03}.der")
    p = fetch(fake, amd)
    assert p.returncode == 0 and "httpa URL takes 24" in p.stderr


@pytest.mark.parametrize("time", ["0", "0.0001", "-1"])
def test_no_time_is_no_limit(fake, amd, time):
    p = fetch(fake, amd, "--max-time", time)
    assert p.returncode == 2 and fake.asked == []


def test_redirect_to_another_host_is_not_followed(fake, amd):
    other = Fake()
    try:
        fake.moods[VCEK] = [f"redirect:{other.url}/x"]
        assert fetch(fake, amd).returncode == 4
        assert other.asked == []
    finally:
        other.stop()


@pytest.mark.parametrize("mood", ["slow", "drip"])
def test_slow_answers_end_with_the_time(fake, amd, mood):
    fake.moods[VCEK] = [mood] * 9
    began = time.monotonic()
    p = fetch(fake, amd, "--max-time", 2)
    assert p.returncode == 4
    assert time.monotonic() - began < 15
    assert there(amd) == FILES[:1]  # the one before


@pytest.mark.parametrize("url, words", [
    ("http://192.0.2.1", "http:// only to this machine"),
    ("http://localhost.evil.example", "http:// only to this machine"),
    ("http://127.0.0.1.evil.example", "http:// only to this machine"),
    ("ftp://127.0.0.1", "expected https"),
    ("file:///etc", "expected https"),
    ("https://me:secret@a.example", "expected https"),
    ("https://a.example/?x=", "expected https"),
])
def test_base_urls(amd, url, words):
    p = httpa("fetch", amd / "report.bin", "--to", amd / "to", "--kds", url)
    assert p.returncode == 2
    assert words in p.stderr


def test_version_2_finds_its_line(fake, amd):
    (amd / "report.bin").write_bytes(report(2))
    genoa = {k.replace("Milan", "Genoa"): v for k, v in fake.documents.items()}
    fake.documents = {**fake.documents, **genoa}
    fake.documents[VCEK.replace("Milan", "Genoa")] = (
        amd_maker.vcek(product=b"Genoa"), ())
    del fake.documents[VCEK]
    p = fetch(fake, amd)
    assert p.returncode == 0, p.stderr
    assert FILES[1].replace("Milan", "Genoa") in there(amd)
    assert FILES[1] not in there(amd)
    shutil.rmtree(amd / "to")
    del fake.documents[VCEK.replace("Milan", "Genoa")]
    p = fetch(fake, amd)
    assert p.returncode == 4 and "not to be had" in p.stderr


def test_show_and_check(fake, amd):
    fake.documents[CRL] = (amd_maker.crl(days=10), ())
    fetch(fake, amd)
    p = httpa("show", amd / "to")
    assert p.returncode == 0
    assert "ARK" in p.stdout and "CN=SEV-VCEK" in p.stdout
    rows = json.loads(httpa("show", amd / "to", "--json").stdout)
    assert [r["file"] for r in rows] == sorted(FILES)
    crl = next(r for r in rows if r["kind"] == "crl")
    assert crl["days_left"] == 9 and not crl["damaged"]
    assert httpa("check", amd / "to").returncode == 0
    assert httpa("check", amd / "to", "--days", 20).returncode == 1
    p = httpa("check", amd / "to", "--at", "2040-01-01T00:00:00Z")
    assert p.returncode == 1 and FILES[0] in p.stdout
    assert httpa("check", amd / "nowhere").returncode == 2
    (amd / "empty").mkdir()
    assert httpa("check", amd / "empty").returncode == 1


@pytest.mark.parametrize("args", [
    [], ["fetch"], ["fetch", "x.snp"], ["show"], ["check", "a", "b"],
    ["burn", "x"], ["check", ".", "--days", "-1"],
    ["check", ".", "--days", "x"], ["show", ".", "--at", "noon"]])
def test_usage(args):
    p = httpa(*args)
    assert p.returncode == 2
    assert "httpa" in p.stderr


def test_evidence_that_needs_nothing(amd):
    (amd / "x.eat").write_bytes(b"x")
    p = httpa("fetch", amd / "x.eat", "--to", amd / "to")
    assert p.returncode == 2 and "needs no collateral" in p.stderr


# ---- Intel, with recorded documents


@pytest.fixture
def intel(fake, tmp_path):
    """The documents of a real platform, as the service would send them."""
    shutil.copy(TDX / "quote.bin", tmp_path)
    base = "/certification/v4/"

    def chain(name):
        return urllib.parse.quote((TDX / name).read_text())

    fake.documents = {
        f"/tdx{base}tcb?fmspc=b0c06f000000": (
            (TDX / "tcb_info.json").read_bytes(),
            [("TCB-Info-Issuer-Chain", chain("tcb_info_issuer_chain.pem"))]),
        f"/tdx{base}qe/identity": (
            (TDX / "qe_identity.json").read_bytes(),
            [("SGX-Enclave-Identity-Issuer-Chain",
              chain("qe_identity_issuer_chain.pem"))]),
        f"/sgx{base}pckcrl?ca=platform&encoding=der": (
            (TDX / "pck_crl.der").read_bytes(),
            [("SGX-PCK-CRL-Issuer-Chain",
              chain("pck_crl_issuer_chain.pem"))]),
        "/IntelSGXRootCA.der": ((TDX / "root_ca_crl.der").read_bytes(), ()),
    }
    return tmp_path


@need_vectors
def test_intel_to_a_verdict(fake, intel):
    at = json.loads((TDX / "manifest.json").read_text())
    at = at["expected"]["verification_time"]

    def verify():
        p = subprocess.run(
            [PROGRAM, "verify", intel / "quote.bin", "--type", "tdx", "--at",
             at, "--json", "--collateral", intel / "to"],
            capture_output=True, text=True, timeout=60)
        return json.loads(p.stdout)["cryptographic"], p

    (intel / "to").mkdir()
    assert verify()[0] != "pass"
    p = fetch(fake, intel, evidence="quote.bin")
    assert p.returncode == 0, p.stderr
    assert there(intel) == [
        "platform-pck_crl.der", "root_ca_crl.der",
        "tdx-b0c06f000000-tcb_info.signed", "tdx-qe_identity.signed"]
    assert verify()[0] == "pass", verify()[1].stdout


@need_vectors
def test_evaluations_are_not_had_everywhere_and_are_proved(fake, intel):
    p = fetch(fake, intel, evidence="quote.bin")
    assert p.returncode == 0 and "evaluationdatanumbers" in p.stderr
    fake.documents[EVALUATIONS] = (json.dumps({
        "tcbEvaluationDataNumbers": {
            "id": "TDX", "version": 1,
            "issueDate": "2025-06-19T10:16:03Z",
            "nextUpdate": "2025-07-19T10:16:03Z", "tcbEvalNumbers": []},
        "signature": "00" * 64}).encode(), ())
    p = fetch(fake, intel, evidence="quote.bin")
    assert p.returncode == 4 and "not taken" in p.stderr
    assert len(there(intel)) == 4


@need_vectors
@pytest.mark.parametrize("mood, words", [
    ("bare", "TCB-Info-Issuer-Chain"), ("twice", "TCB-Info-Issuer-Chain"),
    ("nonsense", "TCB-Info-Issuer-Chain"), ("lie", "not taken")])
def test_issuer_chains_that_are_none(fake, intel, mood, words):
    path = next(iter(fake.documents))
    fake.moods[path] = [mood]
    p = fetch(fake, intel, evidence="quote.bin")
    assert p.returncode == 4
    assert words in p.stderr
    assert "tdx-b0c06f000000-tcb_info.signed" not in there(intel)


@need_vectors
def test_equal_needs_are_asked_once(fake, intel):
    shutil.copy(intel / "quote.bin", intel / "again.tdx")
    p = httpa("fetch", intel / "quote.bin", intel / "again.tdx", "--to",
              intel / "to", "--pcs", fake.url, "--intel-root", fake.url)
    assert p.returncode == 0, p.stderr
    assert len(fake.asked) == len(set(fake.asked)) == 5
