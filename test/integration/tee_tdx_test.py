"""`httpa serve --tee auto` in a TDX guest, as far as it can be had without
one: the quotes of test/programs/fake_tsm.c, collateral in a folder, and a
client that believes the fake's Intel.  Each refusal names its check, what was
seen and what was expected."""
import json

import pytest

import tee_fake
from tee_fake import CLIENT, OTHER_RD, Fake, accepted, log, serving, start
from support import stack

# Of every guest of pki.h.
SEEN = {"mrtd": "50" * 48, "rtmr0": "54" * 48, "rtmr1": "55" * 48,
        "rtmr2": "56" * 48}


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    f = Fake(tmp_path_factory.mktemp("tsm"), "tdx")
    yield f
    f.stop()


@pytest.fixture(scope="module")
def s(fake):
    with serving(fake, "good") as s:
        yield s


@pytest.fixture(autouse=True)
def honest(fake):
    fake.behave()
    yield
    fake.behave()


def policy(s, tcb=None, **registers):
    profile = {"name": "guest", "type": "tdx",
               "measurements": [{**SEEN, **registers}],
               "tcb": {"status": ["UpToDate"], **(tcb or {})}}
    return s.policy(insecure_dev_tee=None, accept=[profile])


def refused(s, fake, check, *words, code=1, outcome="fail", program=CLIENT,
            **changes):
    return tee_fake.refused(s, fake, policy(s, **changes), check, *words,
                            code=code, outcome=outcome, program=program)


def test_accepted(s, fake):
    accepted(fake.ask(s, policy(s)))
    said = log(s)
    assert "tee: tdx (configfs-tsm tdx_guest)," in said
    assert "WARNING: --tee-root" in said
    assert "collateral: 8 pieces" in said


def test_real_client_knows_no_such_intel(s, fake):
    refused(s, fake, "tdx.pck.chain", "Intel SGX Root CA",
            program=stack.HTTPA)


@pytest.mark.parametrize("register", sorted(SEEN))
def test_another_measurement(s, fake, register):
    c = refused(s, fake, "tdx.measurement.set", f"fails at {register}",
                **{register: "99" * 48})
    assert (c["seen"], c["expected"]) == (SEEN[register], "99" * 48)


@pytest.mark.parametrize("words, check, said", [
    ("debug", "tdx.attributes.debug", "started for debugging"),
    ("old", "tdx.tcb.status", "seen OutOfDate, expected UpToDate"),
])
def test_another_guest(s, fake, words, check, said):
    fake.behave(words)
    refused(s, fake, check, said)


def test_older_evaluation(s, fake):
    refused(s, fake, "tdx.tcb.evaluation", "seen 17, expected 18",
            tcb={"min_evaluation_number": 18})


def test_quote_of_another_handshake(fake):
    with serving(fake, "good", program=OTHER_RD) as s:
        c = refused(s, fake, "tdx.binding", "made for another handshake")
        assert c["seen"][:-2] == c["expected"][:-2] and \
            c["seen"] != c["expected"]


@pytest.mark.parametrize("world, check, code, outcome, said", [
    ("revoked", "tdx.pck.crl", 1, "fail", "revoked"),
    ("newer", "tdx.tcb.status", 1, "fail",
     "seen OutOfDate, expected UpToDate"),
    ("expired", "tdx.tcb_info", 4, "unknown", "missing or stale"),
])
def test_other_collateral(fake, world, check, code, outcome, said):
    with serving(fake, world) as s:
        refused(s, fake, check, said, code=code, outcome=outcome)
        if world == "expired":
            assert "has lapsed at" in log(s)


def test_grace(fake):
    """Out of date since five days."""
    with serving(fake, "newer") as s:
        verdict = s.run / "v.json"
        accepted(fake.ask(s, policy(s, tcb={"grace_days": 6}), "--verdict",
                          verdict))
        assert any("your 6 days of grace end 20" in w for w in
                   json.loads(verdict.read_text())["warnings"])
        refused(s, fake, "tdx.tcb.status", "your 4 days of grace ended",
                tcb={"grace_days": 4})
        refused(s, fake, "tdx.tcb.evaluation", "seen 19, expected 20",
                tcb={"grace_days": 6, "min_evaluation_number": 20})


def test_the_client_has_newer_collateral(s, fake):
    """What the server sends does not hide what the client knows."""
    p = fake.ask(s, policy(s), "--collateral", fake.vendor / "newer")
    assert p.returncode == 1 and "OutOfDate" in p.stderr, p.stderr
    accepted(fake.ask(s, policy(s), "--collateral", fake.vendor / "expired"))


def test_busy_is_tried_again(s, fake):
    fake.behave("errno=16 times=2")
    accepted(fake.ask(s, policy(s)))


@pytest.mark.parametrize("tee, control, words", [
    ("sev-snp", "", "which is tdx and not sev-snp"),
    ("auto", "junk", "no evidence of tdx"),
    ("auto", "errno=110", "getquote_timeout"),
])
def test_start_refused(fake, tee, control, words):
    fake.behave(control)
    p = start("--tee", tee, "--tee-root", fake.root)
    assert p.returncode == 6 and words in p.stderr, p.stderr
