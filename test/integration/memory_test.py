"""Bodies larger than memory pass in constant memory, both ways, and who does
not read stalls his own sender only.  Run on the release build: sanitizers
keep freed memory."""
import json
import pathlib
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

need = stack.missing("openssl")
pytestmark = [pytest.mark.big,
              pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")]

SIZE = 2 << 30
# What a process may grow by while gigabytes pass; buffers are far below.
ALLOWED_KB = 24 * 1024


def rss_kb(pid, what="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1])
    raise AssertionError(f"{pid} is gone")


@pytest.fixture(scope="module")
def s():
    with stack.Stack() as s:
        s.app()
        s.serve()
        assert s.httpa(s.url + "/bytes?n=1000000").returncode == 0  # warm
        yield s


def watch(p, gateway):
    """The most that client and gateway grew until `p` ended."""
    first = {}
    grew = {"client": 0, "gateway": 0}
    time.sleep(0.7)
    while p.poll() is None:
        for name, pid in (("client", p.pid), ("gateway", gateway.pid)):
            try:
                now = rss_kb(pid)
            except (OSError, AssertionError):
                continue
            first.setdefault(name, now)
            grew[name] = max(grew[name], now - first[name])
        time.sleep(0.1)
    return grew


def test_two_gigabytes_down(s, tmp_path):
    p = subprocess.Popen(
        s.command("-s", "-o", "/dev/null", s.url + f"/bytes?n={SIZE}"),
        stderr=subprocess.PIPE)
    grew = watch(p, s.gateway)
    assert p.returncode == 0, p.stderr.read()
    assert max(grew.values()) < ALLOWED_KB, grew


def test_two_gigabytes_up_from_a_pipe(s):
    source = subprocess.Popen(["head", "-c", str(SIZE), "/dev/zero"],
                              stdout=subprocess.PIPE)
    p = subprocess.Popen(
        s.command("-s", "-X", "POST", "-T", "-", s.url + "/echo"),
        stdin=source.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    source.stdout.close()
    grew = watch(p, s.gateway)
    out, err = p.communicate(timeout=60)
    source.wait()
    assert p.returncode == 0, err
    assert json.loads(out)["length"] == SIZE
    assert max(grew.values()) < ALLOWED_KB, grew


def test_who_does_not_read_stalls_himself_only(s):
    before = rss_kb(s.gateway.pid)
    lazy = [subprocess.Popen(
        s.command("-s", s.url + f"/bytes?n={1 << 30}"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(4)]
    try:
        time.sleep(3)
        for _ in range(5):  # everybody else is served
            assert s.httpa(s.url + "/echo").returncode == 0
        assert rss_kb(s.gateway.pid) - before < ALLOWED_KB
        assert all(p.poll() is None for p in lazy)
    finally:
        for p in lazy:
            p.kill()
            p.wait()
