"""What the tool does after a failure, row by row (doc/protocol.md 15): a
middle that meddles, a real gateway behind it, an application that counts."""
import json
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402
import tool_middle as middle  # noqa: E402

need = stack.missing("openssl")
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")


@pytest.fixture(scope="module")
def running():
    with stack.Stack() as s:
        m = middle.Middle(s.ports["gate"])
        s.app()
        s.serve("--origin", f"http://127.0.0.1:{m.port}")
        s.middle = m
        yield s
        m.close()


@pytest.fixture()
def s(running, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    running.middle.plans, running.middle.seen = [], []
    return running


def run(s, *args, plans=(), path="/echo"):
    s.middle.plans = list(plans)
    return s.httpa(f"http://127.0.0.1:{s.middle.port}{path}", *args)


def paid(s):
    return int(s.httpa(s.url + "/count").stdout)


def flip(at):
    def edit(head, content):
        content = bytearray(content)
        content[at] ^= 1
        return head, bytes(content)
    return edit


def without(name):
    return lambda head, content: (
        re.sub(rb"\r\n" + name + rb":[^\r]*", b"", head, flags=re.I), content)


def cut(head, content):
    """Ends after the first record, with a length that says so."""
    length = 4 + int.from_bytes(content[:4], "big") % (1 << 17)
    assert length < len(content)
    return re.sub(rb"(?i)(content-length:) *\d+", rb"\1 %d" % length,
                  head), content[:length]


def longer(head, content):
    return re.sub(rb"(?i)(content-length:) *\d+",
                  rb"\1 %d" % (len(content) + 9), head), content + b"123456789"


OK, POST = middle.carries, ("-X", "POST", "-d", "x")
HTML = middle.says(200, "Content-Type: text/html", content=b"<html>\x1b[2J")
LATER = middle.says(503, "Retry-After: 1")
UNKNOWN = middle.says(422, "Attest-Error: base-unknown")

# row, why, plans for each message, options, exit code, methods that went out
ROWS = [
    (2, "405 to ATTEST", [middle.says(405)], (), 0,
     ["ATTEST", "POST", "POST"]),
    (2, "dropped ATTEST", [middle.drops], (), 0, ["ATTEST", "POST", "POST"]),
    (2, "and then POST too", [middle.says(403), middle.says(403)], (), 3,
     ["ATTEST", "POST"]),
    (3, "HTML to the handshake", [HTML], (), 3, ["ATTEST"]),
    (3, "outer redirect", [middle.says(302, "Location: http://else.where/")],
     (), 3, ["ATTEST"]),
    (4, "503 to the handshake", [middle.says(404), LATER, LATER], (), 0,
     ["ATTEST", "POST", "POST", "POST", "POST"]),
    (4, "503 to a safe request", [OK, LATER], (), 0,
     ["ATTEST", "POST", "POST"]),
    (4, "503 to another: with Attest-Supersedes", [OK, LATER], POST, 0,
     ["ATTEST", "POST", "POST"]),
    (4, "twice is enough", [OK, LATER, LATER], POST, 8,
     ["ATTEST", "POST", "POST"]),
    (5, "busy", [middle.says(503, "Attest-Error: busy", "Retry-After: 1")],
     (), 0, ["ATTEST", "ATTEST", "POST"]),
    (6, "no origin of ours", [middle.says(421, "Attest-Error: target")], (),
     6, ["ATTEST"]),
    (7, "a changed byte in the handshake", [middle.changes(flip(20))], (), 5,
     ["ATTEST"]),
    (7, "a field taken out", [middle.changes(without(b"attest-random"))], (),
     5, ["ATTEST"]),
    (9, "base-unknown, safe", [OK, UNKNOWN], (), 0,
     ["ATTEST", "POST", "ATTEST", "POST"]),
    (9, "base-unknown, other", [OK, UNKNOWN], POST, 8, ["ATTEST", "POST"]),
    (10, "base-unknown again", [OK, UNKNOWN, OK, UNKNOWN], (), 6,
     ["ATTEST", "POST", "ATTEST", "POST"]),
    (11, "a copy came first, safe", [OK, middle.repeats], (), 0,
     ["ATTEST", "POST", "POST"]),
    (11, "a copy came first, other", [OK, middle.repeats], POST, 8,
     ["ATTEST", "POST", "POST"]),
    (12, "lost before the service", [OK, middle.drops], POST, 0,
     ["ATTEST", "POST", "POST"]),
    (12, "lost behind it, safe", [OK, middle.loses_the_answer], (), 0,
     ["ATTEST", "POST", "POST"]),
    (12, "lost behind it, other", [OK, middle.loses_the_answer], POST, 8,
     ["ATTEST", "POST", "POST"]),
    (13, "HTML to a sealed request", [OK, HTML], (), 3, ["ATTEST", "POST"]),
    (13, "without binder", [OK, middle.changes(without(b"attest-binder"))],
     (), 3, ["ATTEST", "POST"]),
    (14, "another refusal", [OK, middle.says(403, "Attest-Error: client")],
     (), 6, ["ATTEST", "POST"]),
    (15, "first record changed", [OK, middle.changes(flip(30))], (), 5,
     ["ATTEST", "POST"]),
    (16, "bytes behind the end", [OK, middle.changes(longer)], (), 5,
     ["ATTEST", "POST"]),
    (17, "cut after a record", [OK, middle.changes(cut)], (), 7,
     ["ATTEST", "POST"]),
]


@pytest.mark.parametrize("row, why, plans, options, code, methods", ROWS,
                         ids=[f"{r[0]} {r[1]}" for r in ROWS])
def test_row(s, row, why, plans, options, code, methods):
    p = run(s, *options, plans=plans, path="/bytes?n=100000"
            if row in (16, 17) else "/echo")
    assert p.returncode == code, p.stderr
    assert s.middle.methods() == methods
    assert b"\x1b" not in p.stderr
    if code:
        assert b"  next: httpa" in p.stderr or code == 8
    if code not in (0, 5, 7):
        assert p.stdout == b""


def test_nothing_is_done_twice(s):
    """The gateway did it and the answer was lost: the second try names the
    first, and is refused by the service, not by luck."""
    before = paid(s)
    p = run(s, *POST, plans=[OK, middle.loses_the_answer], path="/pay")
    assert p.returncode == 8
    assert paid(s) == before + 1
    p = run(s, *POST, plans=[OK, middle.drops], path="/pay")
    assert p.returncode == 0
    assert paid(s) == before + 2


def test_idempotency_key_makes_it_safe(s):
    p = run(s, *POST, "-H", "Idempotency-Key: 1", plans=[OK, UNKNOWN])
    assert p.returncode == 0


def test_a_pipe_is_not_sent_twice(s):
    s.middle.plans = [OK, middle.drops]
    p = s.httpa("-T", "-", f"http://127.0.0.1:{s.middle.port}/echo",
                stdin=b"once")
    assert p.returncode == 8


def test_post_is_remembered(s):
    assert run(s, plans=[middle.says(405)]).returncode == 0
    assert run(s).returncode == 0
    assert s.middle.methods() == ["ATTEST", "POST", "POST", "POST", "POST"]


def test_one_handshake_for_all_urls(s):
    url = f"http://127.0.0.1:{s.middle.port}/echo"
    p = s.httpa(url, url, url)
    assert p.returncode == 0 and s.middle.methods().count("ATTEST") == 1
    assert p.stdout.count(b'"method": "GET"') == 3


def test_outer_cookies_stay_outside(s):
    def sets(head, content):
        return head + b"\r\nSet-Cookie: lb=r1; Path=/\r\n" \
            b"Set-Cookie: no=1; Path=/else", content
    p = run(s, "-i", plans=[middle.changes(sets)])
    assert p.returncode == 0
    assert b"Cookie: lb=r1\r\n" in s.middle.seen[1]
    assert b"lb=r1" not in p.stdout
    fields = json.loads(p.stdout.split(b"\r\n\r\n", 1)[1])["fields"]
    assert not [f for f in fields if f[0].lower() == "cookie"]


def test_interrupted(s):
    import signal
    import time
    p = subprocess.Popen(s.command(s.url + "/slow?s=20"),
                         stderr=subprocess.PIPE)
    time.sleep(1.5)
    p.send_signal(signal.SIGINT)
    assert p.wait(10) == 130
    p.stderr.close()
