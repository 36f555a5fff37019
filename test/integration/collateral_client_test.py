"""`httpa URL --collateral DIR --collateral-fetch`: the service sends nothing of
its processor's maker, so the client asks for it (fakes, as in
collateral_refresh_test.py), and no request goes out before it has come."""
import json
import subprocess
import time

import pytest

from collateral_refresh_test import (  # noqa: F401
    CHAIN, CRL, IDENTITY, INFO, PROGRAM, SNP, TDX, VCEK, app, kds,
    makers, pcs)
from gateway_peer import Gateway

FILES = ["Genoa-ark.crl", "Genoa-vcek-cert_chain.pem"]


@pytest.fixture
def bare(app, makers):  # noqa: F811
    """A service that sends its evidence and nothing else."""
    started = []

    def start(tee):
        g = Gateway(f"http://127.0.0.1:{app.port}", tee=("--tee", tee),
                    program=PROGRAM)
        started.append(g)
        return g.wait_ready()

    yield start
    for g in started:
        g.stop()


def ask(g, folder, fake, *options, profile=SNP, fetch=True):
    policy = folder / "policy.json"
    policy.write_text(json.dumps({
        "httpa_policy": 1, "name": "test", "identity": {"require": "none"},
        "accept": [profile]}))
    urls = [w for o in ("kds", "pcs", "intel-root")
            for w in (f"--collateral-{o}", fake.url)]
    more = ["--collateral", folder / "c", "--collateral-fetch", *urls]
    return subprocess.run(
        [PROGRAM, g.origin + "/echo", "-d", "hello", "--policy", policy,
         *(more if fetch else []), *options],
        capture_output=True, text=True, timeout=60)


def there(folder):
    return sorted(p.name for p in (folder / "c").glob("*"))


def test_fetched_once_and_kept(bare, kds, tmp_path):  # noqa: F811
    g = bare("sev-snp")
    assert ask(g, tmp_path, kds, fetch=False).returncode == 4
    p = ask(g, tmp_path, kds)
    assert p.returncode == 0, p.stderr
    assert "asking the maker" in p.stderr
    assert kds.asked == [CHAIN, VCEK, CRL]
    assert len(there(tmp_path)) == 3 and set(FILES) < set(there(tmp_path))
    kds.asked.clear()
    p = ask(g, tmp_path, kds)
    assert p.returncode == 0 and "asking" not in p.stderr
    assert kds.asked == []


def test_of_intel(bare, pcs, tmp_path):  # noqa: F811
    g = bare("tdx")
    p = ask(g, tmp_path, pcs, "-v", profile=TDX)
    assert p.returncode == 0, p.stderr
    assert INFO in pcs.asked and IDENTITY in pcs.asked
    assert "a new tdx-qe_identity.signed" in p.stderr
    pcs.asked.clear()
    assert ask(g, tmp_path, pcs, profile=TDX).returncode == 0
    assert pcs.asked == []


def test_what_the_policy_refuses_stays_refused(bare, pcs, tmp_path):  # noqa: F811
    g = bare("tdx")
    other = {**TDX, "measurements": [{**TDX["measurements"][0],
                                      "mrtd": "51" * 48}]}
    p = ask(g, tmp_path, pcs, profile=other)
    assert p.returncode == 1 and "mrtd" in p.stderr


@pytest.mark.parametrize("mood", ["cut", "fail:503", "lie"])
def test_nothing_is_sent_without(bare, kds, tmp_path, mood):  # noqa: F811
    g = bare("sev-snp")
    kds.moods[VCEK] = [mood] * 9
    p = ask(g, tmp_path, kds, "-m", "5")
    assert p.returncode in (4, 5), p.stderr
    assert "hello" not in p.stdout
    assert not any(name.endswith("vcek.der") for name in there(tmp_path))
    assert not any("POST /echo" in line for line in g.log)


def test_the_deadline_counts(bare, kds, tmp_path):  # noqa: F811
    g = bare("sev-snp")
    kds.moods[CHAIN] = ["slow"] * 9
    began = time.monotonic()
    p = ask(g, tmp_path, kds, "-m", "2")
    assert p.returncode != 0 and "hello" not in p.stdout
    assert time.monotonic() - began < 15


def test_it_needs_a_folder(bare, tmp_path):
    p = subprocess.run([PROGRAM, "http://127.0.0.1:1/", "--collateral-fetch"],
                       capture_output=True, text=True, timeout=60)
    assert p.returncode == 2 and "--collateral DIR" in p.stderr


def test_explain_fetches_too(bare, kds, tmp_path):  # noqa: F811
    g = bare("sev-snp")
    p = subprocess.run(
        [PROGRAM, "explain", g.origin, "--collateral", tmp_path / "c",
         "--collateral-fetch", "--collateral-kds", kds.url],
        capture_output=True, text=True, timeout=60)
    assert p.returncode in (0, 1), p.stderr
    assert kds.asked == [CHAIN, VCEK, CRL]
