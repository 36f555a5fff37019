"""`httpa serve --tee auto` in a SEV-SNP guest, as far as it can be had
without one: configfs-tsm is test/programs/fake_tsm.c, and the client believes
the fake's AMD (test/programs/test_roots.c).  All between is real."""
import json
import os
import subprocess
import threading
import time

import pytest

from tee_fake import CLIENT, Fake, log, start
from support import stack

MEASUREMENT = "11" * 48
TCB = {"boot_loader": 4, "tee": 1, "snp": 24, "microcode": 219}


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    f = Fake(tmp_path_factory.mktemp("tsm"), "sev-snp")
    yield f
    f.stop()


@pytest.fixture(scope="module")
def s(fake):
    with stack.Stack() as s:
        s.app()
        s.serve(tee=["--tee", "auto", "--tee-root", fake.root])
        yield s


@pytest.fixture(autouse=True)
def honest(fake):
    fake.behave()
    yield
    fake.behave()


def policy(s, measurement=MEASUREMENT, **changes):
    profile = {"name": "guest", "type": "sev-snp", "vmpl": [0],
               "min_tcb": {"genoa": TCB},
               "measurements": [{"measurement": measurement,
                                 "host_data": "22" * 32}]}
    profile.update(changes)
    return s.policy(insecure_dev_tee=None, accept=[profile])


def ask(s, fake, program=CLIENT, **changes):
    return fake.ask(s, policy(s, **changes), program=program)


def test_accepted(s, fake):
    p = ask(s, fake)
    assert p.returncode == 0, p.stderr
    said = log(s)
    assert "tee: sev-snp (configfs-tsm sev_guest)," in said
    assert "auto: the first of all that is there" in said
    assert "WARNING: --tee-root" in said
    assert "the host's certificates are sent along" in said
    # Each request's directory is gone.
    assert [n for n in os.listdir(fake.at) if n.startswith("httpa")] == []


def test_real_client_knows_no_such_amd(s, fake):
    p = ask(s, fake, program=stack.HTTPA)
    assert p.returncode == 4 and "not shown to be genuine" in p.stderr
    assert "nothing was sent" in p.stderr


@pytest.mark.parametrize("changes, words", [
    ({"measurement": "12" * 48}, "fails at measurement"),
    ({"min_tcb": {"genoa": {**TCB, "microcode": 220}}}, "microcode"),
    ({"min_tcb": {"milan": TCB}}, "seen genoa"),
    ({"vmpl": [1]}, "fails at vmpl"),
])
def test_one_claim_off(s, fake, changes, words):
    p = ask(s, fake, **changes)
    assert p.returncode == 1 and words in p.stderr, p.stderr
    assert "REFUSED" in p.stderr and p.stdout == ""


def pin(s, fake, to):
    return subprocess.run([CLIENT, "pin", s.url, "-o", to],
                          capture_output=True, text=True, timeout=120,
                          env={**os.environ, "HTTPA_TEST_ROOT":
                               str(fake.vendor / "root")})


def get(s, fake, policy):
    return fake.ask(s, policy)


def test_pin_what_runs(s, fake, tmp_path):
    to = tmp_path / "policy.json"
    p = pin(s, fake, to)
    assert p.returncode == 0, p.stderr
    assert "UNPINNED: the chip" in p.stderr
    draft = json.loads(to.read_text())
    profile = draft["accept"][0]
    assert profile["min_tcb"] == {"genoa": TCB} and profile["vmpl"] == [0]
    assert profile["measurements"][0]["measurement"] == MEASUREMENT
    assert get(s, fake, to).returncode == 0
    profile["min_tcb"]["genoa"]["snp"] += 1
    to.write_text(json.dumps(draft))
    p = get(s, fake, to)
    assert p.returncode == 1 and "snp >= 25" in p.stderr, p.stderr
    fake.behave("debug")
    p = pin(s, fake, tmp_path / "debug.json")
    assert p.returncode == 1 and "it can be debugged" in p.stderr
    assert not (tmp_path / "debug.json").exists()


def test_debug_never_passes(s, fake):
    fake.behave("debug")
    p = ask(s, fake)
    assert p.returncode == 1 and "debug" in p.stderr.lower(), p.stderr


def test_without_certificates_of_the_host(s, fake):
    """The next quote has none, so the client is told which are missing; with
    the one after they are back."""
    fake.behave("noaux")
    p = ask(s, fake)
    assert p.returncode != 0 and "missing" in p.stderr, p.stderr
    fake.behave()
    assert ask(s, fake).returncode == 0


def test_bad_table_of_the_host(s, fake):
    fake.behave("badtable")
    p = ask(s, fake)
    assert p.returncode != 0 and "missing" in p.stderr, p.stderr
    assert "table of certificates" in log(s)


def test_interference_goes_unnoticed(s, fake):
    fake.behave("interfere=2")
    assert ask(s, fake).returncode == 0


def test_busy_is_tried_again(s, fake):
    fake.behave("errno=16 times=2")
    assert ask(s, fake).returncode == 0


def test_below_an_svsm(s, fake):
    """The kernel names a floor, and the report is asked for there."""
    fake.behave("floor=2")
    p = ask(s, fake, vmpl=[2])
    assert p.returncode == 0, p.stderr
    assert ask(s, fake).returncode == 1


def test_device_that_fails(s, fake):
    fake.behave("errno=5")
    end = time.monotonic() + 30  # the log says such a thing once in 10 s
    while "the host's quoting service failed" not in log(s):
        assert ask(s, fake).returncode not in (0, 1)
        assert time.monotonic() < end
    fake.behave()
    assert ask(s, fake).returncode == 0


def test_slow_quote_blocks_nobody(s, fake):
    """A quote of 3 s in the quoter's thread; the loops answer meanwhile."""
    fake.behave("slow=3000")
    result = []
    t = threading.Thread(target=lambda: result.append(ask(s, fake)))
    t.start()
    answered = 0
    while t.is_alive() and answered < 5:
        start = time.monotonic()
        p = subprocess.run(["curl", "-s", "-o", os.devnull, "-w",
                            "%{http_code}",
                            f"http://127.0.0.1:{s.ports['ops']}/livez"],
                           capture_output=True, text=True, timeout=30)
        answered += p.stdout == "200" and time.monotonic() - start < 2.5
        time.sleep(0.2)
    t.join()
    assert result[0].returncode == 0, result[0].stderr
    assert answered == 5


@pytest.mark.parametrize("tee, control, words", [
    ("auto", "mkdir=6", "none of configfs-tsm"),
    ("sev-snp", "mkdir=6", "this is no confidential VM"),
    ("sev-snp", "mkdir=13", "only root may ask"),
    ("tdx", "", "which is sev-snp and not tdx"),
    ("auto", "provider=later_guest", "later_guest"),
    ("auto", "errno=110", "did not answer in time"),
    ("auto", "lose", "did not take the request"),
    ("auto", "junk", "no evidence of sev-snp"),
    ("auto", "interfere=99", "another process wrote to our request"),
    ("auto", "errno=16", "an earlier quote is still under way"),
    ("nitro", "", "/dev/nsm"),
    ("sgx", "", "/dev/attestation"),
])
def test_start_refused(s, fake, tee, control, words):
    fake.behave(control)
    p = start("--tee", tee, "--tee-root", fake.root)
    assert p.returncode == 6 and words in p.stderr, p.stderr


def test_explicit_word(s, fake):
    fake.behave("errno=25")
    p = start("--tee", "sev-snp", "--tee-root", fake.root)
    assert p.returncode == 6 and "VMPCK" in p.stderr, p.stderr
