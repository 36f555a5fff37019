"""Sealed requests through real proxies with default settings: what goes in
comes out, and the proxy learns nothing (doc/protocol.md 13)."""
import hashlib
import json
import pathlib
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

need = stack.missing("nginx", "haproxy", "openssl")
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")

PATTERN = bytes(range(256)) * 256


def pattern(n):
    return (PATTERN * (n // len(PATTERN) + 1))[:n]


@pytest.fixture(scope="module", params=["nginx", "haproxy"])
def front(request):
    with stack.Stack() as s:
        s.app()
        s.serve()
        f = s.nginx() if request.param == "nginx" else s.haproxy()
        f.stack, f.kind, f.policy = s, request.param, s.policy()
        yield f


def call(front, path, *args, **kw):
    return front.stack.httpa(front.url + path, *args, policy=front.policy,
                             **kw)


def ok(p):
    assert p.returncode == 0, p.stderr.decode(errors="replace")
    return p.stdout


def echo(front, *args, path="/echo", **kw):
    return json.loads(ok(call(front, path, *args, **kw)))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH",
                                    "OPTIONS"])
def test_methods_without_content(front, method):
    seen = echo(front, "-X", method)
    assert seen["method"] == method and seen["length"] == 0


@pytest.mark.parametrize("size", [0, 1, 1024, 16384, 100000, 900000])
def test_bodies_up(front, size, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(pattern(size))
    seen = echo(front, "-X", "POST", "--data-binary", f"@{body}")
    assert seen["length"] == size
    assert seen["sha256"] == hashlib.sha256(pattern(size)).hexdigest()


def test_put_of_a_file(front, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(pattern(50000))
    seen = echo(front, "-T", str(body))
    assert seen["method"] == "PUT" and seen["length"] == 50000


@pytest.mark.parametrize("path", ["/bytes", "/chunked"])
@pytest.mark.parametrize("size", [0, 1, 16384, 100000])
def test_bodies_down(front, path, size):
    assert ok(call(front, f"{path}?n={size}")) == pattern(size)


def test_100_mb_down(front, tmp_path):
    out = tmp_path / "out"
    ok(call(front, f"/bytes?n={100 << 20}", "-o", str(out), timeout=300))
    digest = hashlib.sha256()
    for _ in range((100 << 20) // len(PATTERN)):
        digest.update(PATTERN)
    assert hashlib.sha256(out.read_bytes()).digest() == digest.digest()


def test_head_has_no_content(front):
    out = ok(call(front, "/bytes?n=1000", "-I"))
    assert out.startswith(b"HTTP/") and b"200" in out.split(b"\r\n")[0]
    assert b"content-length: 1000" in out.lower()


@pytest.mark.parametrize("code", [201, 204, 301, 304, 400, 404, 418, 500,
                                  503])
def test_statuses_are_the_applications(front, code):
    p = call(front, f"/status?c={code}", "-i")
    assert p.returncode == 0, p.stderr
    assert str(code).encode() in p.stdout.split(b"\n")[0]


def test_fields_long_and_twice(front):
    out = ok(call(front, "/fields", "-i")).decode("latin-1").lower()
    assert "x-long: " + "v" * 6000 in out
    assert out.count("set-cookie:") == 2 and out.count("x-twice:") == 2


def test_request_fields_arrive_and_ours_are_not_forged(front):
    seen = echo(front, "-H", "X-One: 1", "-H", "X-Two: a", "-H", "X-Two: b",
                "-H", "Authorization: Bearer s3cret", "-H",
                "Httpa-Client: admin", "-H", "X-Big: " + "b" * 7000)
    fields = seen["fields"]
    assert ["x-one", "1"] in fields
    assert [v for k, v in fields if k == "x-two"] in (["a", "b"], ["a, b"])
    assert ["authorization", "Bearer s3cret"] in fields
    assert ["x-big", "b" * 7000] in fields
    assert ["httpa-client", "admin"] not in fields
    assert ["httpa-trust", "sealed"] in fields


def test_query_and_path_as_sent(front):
    seen = echo(front, path="/a/b%20c/?x=1&y=%41&x=0")
    assert seen["path"] == "/a/b%20c/?x=1&y=%41&x=0"


def test_events_arrive_one_by_one(front):
    """Event k is read before event k+1 exists."""
    s = front.stack
    p = subprocess.Popen(
        s.command("-N", front.url + "/sse?n=6&gap=0.5", policy=front.policy),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ages = []
    for line in p.stdout:
        if line.startswith(b"data: "):
            ages.append(time.time() - float(line.split()[2]))
    assert p.wait(30) == 0
    assert len(ages) == 6
    assert max(ages[1:]) < 0.5, ages


def test_nginx_saw_nothing(front):
    if front.kind != "nginx":
        pytest.skip("nginx logs what it sees; haproxy shares the client")
    secret = "S3cretPathAndBody"
    ok(call(front, f"/echo/{secret}?token={secret}", "-X", "POST", "-d",
            secret * 10, "-H", f"X-Key: {secret}"))
    log = front.log.read_text(errors="replace")
    assert "/.well-known/httpa" in log
    assert secret not in log and "/echo" not in log and "GET" not in log


@pytest.mark.slow
def test_first_byte_after_75_seconds(front):
    assert ok(call(front, "/slow?s=75", timeout=150)) == b"at last\n"


def test_100_mb_up_with_one_line_for_nginx(tmp_path):
    body = tmp_path / "body"
    body.write_bytes(pattern(100 << 20))
    with stack.Stack() as s:
        s.app()
        s.serve()
        f = s.nginx("client_max_body_size 0;")
        p = s.httpa("-X", "POST", "--data-binary", f"@{body}",
                    f.url + "/echo", timeout=300)
        assert p.returncode == 0, p.stderr
        assert json.loads(p.stdout)["length"] == 100 << 20


def test_a_body_over_nginxs_limit_names_the_setting(tmp_path):
    body = tmp_path / "body"
    body.write_bytes(pattern(2 << 20))
    with stack.Stack() as s:
        s.app()
        s.serve()
        f = s.nginx()
        p = s.httpa("-X", "POST", "--data-binary", f"@{body}",
                    f.url + "/echo")
        assert p.returncode == 3
        assert b"413" in p.stderr and b"client_max_body_size" in p.stderr
