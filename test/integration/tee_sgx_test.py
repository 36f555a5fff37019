"""`httpa serve --tee auto` in an enclave under Gramine, as far as it can be had
without SGX: the quotes of test/programs/fake_gramine.c, collateral in a folder,
and a client that believes the fake's Intel."""
import pytest

import tee_fake
from tee_fake import CLIENT, OTHER_RD, Fake, accepted, log, serving
from support import stack

ENCLAVE = "31" * 32  # of every enclave of pki.h


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    f = Fake(tmp_path_factory.mktemp("sgx"), "sgx")
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


def policy(s, mrenclave=ENCLAVE, **tcb):
    profile = {"name": "enclave", "type": "sgx",
               "measurements": [{"mrenclave": mrenclave}],
               "tcb": {"status": ["UpToDate"], **tcb}}
    return s.policy(insecure_dev_tee=None, accept=[profile])


def refused(s, fake, check, *words, code=1, outcome="fail", program=CLIENT,
            **changes):
    return tee_fake.refused(s, fake, policy(s, **changes), check, *words,
                            code=code, outcome=outcome, program=program)


def test_accepted(s, fake):
    accepted(fake.ask(s, policy(s)))
    said = log(s)
    assert "tee: sgx (Gramine)," in said
    assert "collateral: 8 pieces" in said


def test_real_client_knows_no_such_intel(s, fake):
    refused(s, fake, "sgx.pck.chain", "Intel SGX Root CA",
            program=stack.HTTPA)


def test_another_enclave(s, fake):
    c = refused(s, fake, "sgx.measurement.set", "fails at mrenclave",
                mrenclave="99" * 32)
    assert (c["seen"], c["expected"]) == (ENCLAVE, "99" * 32)


@pytest.mark.parametrize("words, check, said", [
    ("debug", "sgx.attributes.debug", "started for debugging"),
    ("old", "sgx.tcb.status", "seen OutOfDate, expected UpToDate"),
])
def test_another_guest(s, fake, words, check, said):
    fake.behave(words)
    refused(s, fake, check, said)


def test_quote_of_another_handshake(fake):
    with serving(fake, "good", program=OTHER_RD) as s:
        refused(s, fake, "sgx.binding", "made for another handshake")


@pytest.mark.parametrize("world, check, code, outcome, said", [
    ("revoked", "sgx.pck.crl", 1, "fail", "revoked"),
    ("newer", "sgx.tcb.status", 1, "fail",
     "seen OutOfDate, expected UpToDate"),
    ("expired", "sgx.tcb_info", 4, "unknown", "missing or stale"),
])
def test_other_collateral(fake, world, check, code, outcome, said):
    with serving(fake, world) as s:
        refused(s, fake, check, said, code=code, outcome=outcome)


def test_grace(fake):
    """Out of date since five days."""
    with serving(fake, "newer") as s:
        accepted(fake.ask(s, policy(s, grace_days=6)))
        refused(s, fake, "sgx.tcb.status", "your 4 days of grace ended",
                grace_days=4)
