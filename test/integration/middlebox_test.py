"""The measured default configurations of real proxies, as they stand in
../shared/middleboxes: the same requests as everywhere."""
import hashlib
import json
import pathlib
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

need = stack.missing("openssl")
if not (stack.SHARED / "middleboxes").exists():
    need.append(str(stack.SHARED / "middleboxes"))
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")


# Configuration, and the program that has to be there.
PROXIES = {
    "nginx.default.conf": "nginx", "haproxy.default.conf": "haproxy",
    "apache2.default.conf": "apache2", "varnish.default.vcl": "varnishd",
    "squid.default.conf": "squid", "caddy.default.Caddyfile": "caddy",
    "h2o.default.conf": "h2o", "lighttpd.default.conf": "lighttpd",
    "nghttpx.default.conf": "nghttpx",
    "trafficserver.default.records": "traffic_server",
}


@pytest.fixture(scope="module", params=PROXIES)
def front(request):
    lack = stack.missing(PROXIES[request.param])
    if lack:
        pytest.skip(f"SKIP: missing {lack}")
    with stack.Stack() as s:
        s.app()
        s.serve()
        f = s.middlebox(request.param)
        f.stack, f.policy, f.conf = s, s.policy(), request.param
        yield f


def ok(front, path, *args, timeout=120):
    p = front.stack.httpa(front.url + path, *args, policy=front.policy,
                          timeout=timeout)
    assert p.returncode == 0, p.stderr.decode(errors="replace")
    return p.stdout


def test_get_and_long_fields(front):
    seen = json.loads(ok(front, "/echo", "-H", "X-Big: " + "b" * 7000))
    assert seen["method"] == "GET"
    assert ["x-big", "b" * 7000] in seen["fields"]


def test_900_kb_up(front, tmp_path):
    body = tmp_path / "body"
    body.write_bytes(b"z" * 900000)
    seen = json.loads(ok(front, "/echo", "-X", "POST", "--data-binary",
                         f"@{body}"))
    assert seen["sha256"] == hashlib.sha256(b"z" * 900000).hexdigest()


def test_100_mb_down(front, tmp_path):
    out = tmp_path / "out"
    ok(front, f"/bytes?n={100 << 20}", "-o", str(out), timeout=300)
    assert out.stat().st_size == 100 << 20


def test_head_and_204(front):
    assert b"content-length: 9" in ok(front, "/bytes?n=9", "-I").lower()
    assert b"204" in ok(front, "/status?c=204", "-i")


def test_events_one_by_one(front):
    s = front.stack
    if front.conf.startswith("lighttpd"):
        pytest.skip("lighttpd keeps a response until it is whole")
    p = subprocess.Popen(
        s.command("-N", front.url + "/sse?n=4&gap=0.5", policy=front.policy),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    ages = [time.time() - float(line.split()[2]) for line in p.stdout
            if line.startswith(b"data: ")]
    assert p.wait(30) == 0 and len(ages) == 4
    assert max(ages[1:]) < 0.5, ages
