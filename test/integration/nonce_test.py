"""No key and nonce twice, over the real programs of both roles: what they
seal is recorded by test/programs/nonce_watch.c, which aborts on a repetition
within a process; here all processes are compared (wire-crypto part E, 2 to 5;
the same within one process, in random order: test/unit/client/nonce_test.c)."""
import collections
import concurrent.futures
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402
import tool_middle as middle  # noqa: E402

WATCHED = stack.BUILD / "test/programs/httpa_watched"
LOAD = stack.BUILD / "test/programs/load_watched"
ENTRY = 20

need = stack.missing("openssl", str(WATCHED))
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")


@pytest.fixture()
def s(monkeypatch, tmp_path):
    folder = tmp_path / "nonces"
    folder.mkdir()
    monkeypatch.setattr(stack, "HTTPA", WATCHED)
    monkeypatch.setenv("HTTPA_WATCH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with stack.Stack() as s:
        s.middle = middle.Middle(s.ports["gate"])
        s.via = f"http://127.0.0.1:{s.middle.port}"
        s.app()
        s.folder = folder
        s.serve("--origin", s.via)
        yield s
        s.middle.close()
        assert b"nonce watch" not in (s.run / "gateway.out").read_bytes()


def sealings(s):
    """All of them, per process; fails if one came twice."""
    found = {}
    count = collections.Counter()
    for path in s.folder.iterdir():
        data = path.read_bytes()
        found[int(path.name)] = len(data) // ENTRY
        count.update(data[i:i + ENTRY] for i in range(0, len(data), ENTRY))
    twice = [e.hex() for e, n in count.items() if n > 1]
    assert not twice, twice[:5]
    return found


def both_roles(s, at_least):
    found = sealings(s)
    server = found.pop(s.gateway.pid)
    assert server >= at_least and sum(found.values()) >= at_least, found


def test_the_watch_sees_repetitions(s):
    """A file that is there twice is a repetition."""
    assert s.httpa(s.url + "/echo").returncode == 0
    both_roles(s, 2)
    one = next(p for p in s.folder.iterdir())
    (s.folder / "1").write_bytes(one.read_bytes())
    with pytest.raises(AssertionError):
        sealings(s)


def test_405_then_post(s):
    s.middle.plans = [middle.says(405)]
    p = s.httpa(s.via + "/echo", s.via + "/echo")
    assert p.returncode == 0, p.stderr
    assert s.middle.methods() == ["ATTEST", "POST", "POST", "POST"]
    both_roles(s, 4)


def test_answers_lost_repeated_and_refused(s):
    for plans in ([middle.carries, middle.loses_the_answer],
                  [middle.carries, middle.repeats],
                  [middle.carries, middle.drops, middle.drops],
                  [middle.carries, middle.says(502), middle.says(503)]):
        for method in ("GET", "POST"):
            s.middle.plans = list(plans)
            s.httpa("-X", method, s.via + "/echo")
    both_roles(s, 12)


def test_a_hundred_threads_with_the_same_request(s):
    statuses = []

    def storm(head, body, carry):
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(lambda _: carry(head, body), range(100)))
        statuses.extend(int(a.split(b" ", 2)[1]) for a in answers)
        return next(a for a in answers if a.startswith(b"HTTP/1.1 200"))

    s.middle.plans = [middle.carries, storm]
    p = s.httpa(s.via + "/count?key=storm", "-X", "POST")
    assert p.returncode == 0, p.stderr
    assert statuses.count(200) == 1 and statuses.count(422) == 99
    both_roles(s, 2)


def test_content_that_fails_after_the_answer_began(s):
    """The client dies in mid-upload, and then its session's other half: the
    application has begun to answer."""
    for how in (signal.SIGKILL, signal.SIGINT):
        p = subprocess.Popen(s.command("-N", "-T", "-", s.url + "/early"),
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        p.stdin.write(b"x" * 100000)
        p.stdin.flush()
        assert p.stdout.read(5) == b"early"
        p.send_signal(how)
        p.wait(20)
    # A record is damaged on the way, after the answer has begun.
    s.middle.plans = [middle.carries, lambda head, body, carry: carry(
        head, body[:-40] + bytes(40))]
    (s.run / "body").write_bytes(b"x" * 300000)
    p = s.httpa("-X", "POST", "-d", f"@{s.run}/body", s.via + "/early")
    assert p.returncode != 0
    assert s.httpa(s.url + "/echo").returncode == 0
    both_roles(s, 10)


def test_kill_and_restart(s):
    """Between and during requests; each life of the service has new keys, the
    client makes new sessions."""
    for _ in range(3):
        p = subprocess.Popen(s.command(s.via + "/slow?s=1", s.via + "/echo"),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        s.stop(s.gateway, signal.SIGKILL)
        s.serve("--origin", s.via)
        p.communicate(timeout=60)
        assert s.httpa(s.via + "/echo").returncode == 0
        both_roles(s, 2)


@pytest.mark.big
def test_a_hundred_thousand_requests_on_one_session(s):
    root = re.sub(r".*://", "", s.url)
    host, port = root.split(":")
    p = subprocess.run([LOAD, "one", host, port, "POST", "/echo", "100", "64",
                        "100000x", s.policy()], capture_output=True,
                       text=True, timeout=900)
    assert p.stdout.split() == ["100000", "0"], p.stdout + p.stderr
    both_roles(s, 300000)
