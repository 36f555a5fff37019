"""What breaks, and what is said then: exit codes and words of the client
(doc/protocol.md 15)."""
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

need = stack.missing("openssl")
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")


@pytest.fixture()
def s():
    with stack.Stack() as s:
        s.app()
        s.serve()
        yield s


def test_wrong_measurement_is_refused_before_anything_is_sent(s):
    policy = s.policy(insecure_unpinned=None, accept=[{
        "name": "dev", "type": "dev",
        "root_key": str(next(p for p in s.dev().iterdir()
                             if "PUBLIC KEY" in p.read_text())),
        "measurements": [{"app": "what-we-wanted"}]}])
    p = s.httpa("-X", "POST", "-d", "x", s.url + "/pay", policy=policy)
    assert p.returncode == 1 and p.stdout == b""
    assert b"what-we-wanted" in p.stderr  # expected, beside what was seen
    assert s.httpa(s.url + "/count").stdout == b"0"


def test_no_policy_says_what_to_type(s, tmp_path):
    env = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    p = subprocess.run([str(stack.HTTPA), s.url + "/echo"], env=env,
                       capture_output=True, timeout=60)
    assert p.returncode == 1 and p.stdout == b""
    assert b"httpa pin " + s.url.encode() in p.stderr


def test_other_key_than_pinned(s):
    policy = s.policy(identity={"require": "pinned",
                                "spki_sha256": ["00" * 32]})
    p = s.httpa(s.url + "/echo", policy=policy)
    assert p.returncode == 1 and p.stdout == b""


def test_not_an_origin_of_the_service(s):
    p = s.httpa(f"http://localhost:{s.ports['gate']}/echo")
    assert p.returncode == 6 and b"target" in p.stderr


def test_nobody_there(s):
    s.stop(s.gateway)
    assert s.httpa(s.url + "/echo").returncode == 3


def test_not_httpa_at_all(s):
    p = s.httpa(f"http://127.0.0.1:{s.ports['app']}/echo")
    assert p.returncode == 3


def test_a_broken_answer_is_not_a_whole_one(s):
    p = s.httpa(s.url + "/cut?n=200000")
    assert p.returncode == 7
    assert 0 < len(p.stdout) <= 100000


def test_killed_application_in_mid_stream(s):
    p = s.httpa(s.url + "/die")
    assert p.returncode == 7, p.stderr
    assert s.httpa(s.url + "/echo", "-f").returncode == 22  # sealed 502


def test_restart_goes_unnoticed_by_the_next_request(s):
    assert s.httpa(s.url + "/echo").returncode == 0
    s.stop(s.gateway, signal.SIGKILL)
    s.serve()
    assert s.httpa(s.url + "/echo").returncode == 0


def test_restart_between_two_urls_of_one_call(s):
    """The session is gone for the second one: made anew, by itself."""
    p = subprocess.Popen(s.command(s.url + "/slow?s=2", s.url + "/echo"),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1)
    s.stop(s.gateway)  # drains: what runs is finished
    s.serve()
    out, err = p.communicate(timeout=60)
    assert b"at last" in out, err


def test_upstream_down_is_a_sealed_502(s):
    s.stop(s.application)
    p = s.httpa(s.url + "/echo", "-i")
    assert p.returncode == 0 and b"502" in p.stdout.split(b"\n")[0]


def test_unsafe_request_whose_outcome_is_unknown_is_not_repeated(s):
    """The gateway dies while the application works on a payment."""
    p = subprocess.Popen(s.command("-X", "POST", "-d", "x",
                                   s.url + "/slow?s=3"),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1.5)
    s.stop(s.gateway, signal.SIGKILL)
    s.serve()
    out, err = p.communicate(timeout=60)
    assert p.returncode == 8, err
    assert out == b""


def test_max_time(s):
    p = s.httpa("--max-time", "1", s.url + "/slow?s=5")
    assert p.returncode == 28


def test_k_is_no_option(s):
    p = s.httpa("-k", s.url + "/echo")
    assert p.returncode == 2 and b"attestation" in p.stderr
