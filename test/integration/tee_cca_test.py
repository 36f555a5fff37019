"""`httpa serve --tee auto` in a realm of Arm CCA, as far as it can be had
without one: the tokens of test/programs/fake_tsm.c, signed on P-384 and, by
the platform, on P-521.  No key travels: the client's policy names the
platform's.  Each refusal names its check."""
import json

import pytest

from tee_fake import OTHER_RD, Fake, log, start
from support import stack

# Of every token of token.h.
RIM, SIGNER, IMPLEMENTATION = "aa" * 32, "ee" * 32, "1a" * 32
RMM = {"type": "RMM", "signer_id": SIGNER, "version_min": "1.2"}
BL2 = {"type": "BL2", "signer_id": SIGNER, "measurement": "22" * 32}


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    f = Fake(tmp_path_factory.mktemp("tsm"), "cca")
    yield f
    f.stop()


def serving(fake, program=stack.HTTPA):
    s = stack.Stack()
    try:
        s.app()
        s.serve(tee=["--tee", "auto", "--tee-root", fake.root],
                program=program)
    except BaseException:
        s.__exit__()
        raise
    return s


@pytest.fixture(scope="module")
def s(fake):
    with serving(fake) as s:
        yield s


@pytest.fixture(autouse=True)
def honest(fake):
    fake.behave()
    yield
    fake.behave()


def profile(fake, name="realm", keys=("cpak.pem",), rim=RIM, platform=None,
            **registers):
    return {"name": name, "type": "cca",
            "measurements": [{"rim": rim, **registers}],
            "platform": {"implementation_ids": [IMPLEMENTATION],
                         "components": [RMM, BL2], **(platform or {})},
            "cpak": [str(fake.vendor / k) for k in keys]}


def policy(s, *profiles):
    return s.policy(insecure_dev_tee=None, accept=list(profiles))


def refused(s, fake, check, *words, code=1, other=None, **changes):
    """The exit status, the words that a person reads, and in the verdict the
    check that decided."""
    verdict = s.run / "verdict.json"
    p = fake.ask(s, policy(s, other or profile(fake, **changes)), "--verdict",
                 verdict, program=stack.HTTPA)
    assert p.returncode == code, p.stderr
    assert p.stdout == "" and "nothing was sent" in p.stderr
    text = " ".join(p.stderr.split())  # lines are broken for a terminal
    for word in words:
        assert word in text, p.stderr
    v = json.loads(verdict.read_text())
    assert v["reason"]["check"] == check
    return v


def accepted(s, fake, *profiles):
    p = fake.ask(s, policy(s, *profiles), program=stack.HTTPA)
    assert p.returncode == 0, p.stderr


def test_accepted(s, fake):
    accepted(s, fake, profile(fake))
    said = log(s)
    assert "tee: cca (configfs-tsm arm_cca_guest)," in said
    assert "auto: the first of all that is there" in said
    assert "WARNING: --tee-root" in said


def test_the_key_is_found_among_others(s, fake):
    accepted(s, fake, profile(fake, keys=("other.pem", "cpak.pem")))
    accepted(s, fake, profile(fake, name="a", keys=("other.pem",)),
             profile(fake, name="b"))


def test_key_of_another_profile(s, fake):
    """A key is believed for the profile that names it, and for no other."""
    p = fake.ask(s, policy(s, profile(fake, name="a", keys=("other.pem",)),
                           profile(fake, name="b", rim="ab" * 32)),
                 program=stack.HTTPA)
    assert p.returncode == 1 and "fails at cpak" in p.stderr, p.stderr


def test_another_platform(s, fake):
    refused(s, fake, "cca.platform.signature",
            "None of the CPAKs at hand, the policy's among them, signed",
            keys=("other.pem",))


@pytest.mark.parametrize("changes, check, words", [
    ({"rim": "ab" * 32}, "cca.measurement.set", "fails at rim"),
    ({"rem2": "b3" * 32}, "cca.measurement.set", "fails at rem2"),
    ({"personalization_value": "00" * 64}, "cca.measurement.set",
     "fails at personalization_value"),
    ({"platform": {"implementation_ids": ["1b" * 32]}}, "cca.implementation",
     "another implementation"),
    ({"platform": {"instance_ids": ["01" + "78" * 32]}}, "cca.instance",
     "another machine"),
    ({"platform": {"components": [{**RMM, "version_min": "1.2.1"}]}},
     "cca.firmware", "too old"),
    ({"platform": {"components": [{**BL2, "measurement": "23" * 32}]}},
     "cca.firmware", "another signer or measurement"),
    ({"platform": {"components": [{**RMM, "signer_id": "ef" * 32}]}},
     "cca.firmware", "another signer or measurement"),
])
def test_one_claim_off(s, fake, changes, check, words):
    refused(s, fake, check, words, **changes)


def test_debugged_platform_never_passes(s, fake):
    fake.behave("debug")
    v = refused(s, fake, "cca.lifecycle", "not secured")
    check = next(c for c in v["checks"] if c["id"] == "cca.lifecycle")
    assert check["seen"] == "non_cca_platform_rot_debug"


def test_older_firmware(s, fake):
    fake.behave("old")
    refused(s, fake, "cca.firmware", "too old")


def test_token_of_another_handshake(fake):
    with serving(fake, program=OTHER_RD) as s:
        refused(s, fake, "cca.binding", "made for another handshake")


def test_a_policy_for_others(s, fake):
    """Nobody said whose platforms are to be believed."""
    v = refused(s, fake, "cca.platform.signature", code=4, other={
        "name": "guest", "type": "sev-snp", "vmpl": [0],
        "min_tcb": {"genoa": {"boot_loader": 4, "tee": 1, "snp": 24,
                              "microcode": 219}},
        "measurements": [{"measurement": "11" * 48, "host_data": "any"}]})
    assert "There is no CPAK" in v["reason"]["text"]


def test_busy_is_tried_again(s, fake):
    fake.behave("errno=16 times=2")
    accepted(s, fake, profile(fake))


@pytest.mark.parametrize("tee, control, words", [
    ("tdx", "", "which is cca and not tdx"),
    ("auto", "junk", "no evidence of cca"),
    ("cca", "lose", "did not take the request"),
])
def test_start_refused(fake, tee, control, words):
    fake.behave(control)
    p = start("--tee", tee, "--tee-root", fake.root)
    assert p.returncode == 6 and words in p.stderr, p.stderr
