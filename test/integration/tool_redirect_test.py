"""-L: the application's redirects, on the same session or by a policy of the
other origin's own."""
import http.server
import json
import pathlib
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

need = stack.missing("openssl")
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")


class App(http.server.BaseHTTPRequestHandler):
    """/go?STATUS&WHERE redirects; anything else tells what came."""
    protocol_version = "HTTP/1.1"
    seen = []

    def log_message(self, *args):
        pass

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append(self.path)
        if self.path.startswith("/go?"):
            status, where = self.path[4:].split("&", 1)
            self.send_response(int(status))
            self.send_header("Location", where)
            content = b"moved"
        else:
            self.send_response(200)
            content = json.dumps({
                "method": self.command, "path": self.path,
                "body": body.decode(),
                "fields": {k.lower(): v for k, v in self.headers.items()},
            }).encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = any


@pytest.fixture(scope="module")
def s():
    with stack.Stack() as s:
        app = http.server.ThreadingHTTPServer(("127.0.0.1", s.ports["app"]),
                                              App)
        threading.Thread(target=app.serve_forever, daemon=True).start()
        s.serve()
        yield s
        app.shutdown()
        app.server_close()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


# status, method and content sent, method and content that arrive
@pytest.mark.parametrize("status, args, method, body", [
    (301, ["-d", "x"], "GET", ""),
    (302, ["-d", "x"], "GET", ""),
    (303, ["-X", "PUT", "-d", "x"], "GET", ""),
    (307, ["-d", "x"], "POST", "x"),
    (308, ["-d", "x"], "POST", "x"),
    (301, [], "GET", ""),
])
def test_methods(s, status, args, method, body):
    p = s.httpa("-L", *args, f"{s.url}/go?{status}&/there")
    assert p.returncode == 0, p.stderr
    got = json.loads(p.stdout)
    assert (got["method"], got["path"], got["body"]) == \
        (method, "/there", body)


def test_not_followed_without_the_letter(s):
    p = s.httpa(f"{s.url}/go?302&/there")
    assert p.returncode == 0 and p.stdout == b"moved"


def test_relative_and_endless(s):
    p = s.httpa("-L", f"{s.url}/go?302&a/../b?c=d")
    assert json.loads(p.stdout)["path"] == "/b?c=d"
    App.seen.clear()
    p = s.httpa("-L", f"{s.url}/go?302&")
    assert p.returncode in (0, 3)


def test_another_origin_needs_its_own_session_and_gets_no_secrets(s):
    other = f"https://localhost:{s.ports['front']}"
    s.nginx()
    p = s.httpa("-L", "-H", "X-Secret: 1", f"{s.url}/go?302&{other}/there")
    assert p.returncode == 0, p.stderr
    got = json.loads(p.stdout)
    assert got["path"] == "/there" and "x-secret" not in got["fields"]


def test_another_origin_that_the_policy_does_not_name(s):
    other = f"https://localhost:{s.ports['front']}"
    App.seen.clear()
    p = s.httpa("-L", f"{s.url}/go?302&{other}/there",
                policy=s.policy(origins=[s.url]))
    assert p.returncode == 1 and p.stdout == b""
    assert len(App.seen) == 1


def test_never_to_something_that_is_not_http(s):
    p = s.httpa("-L", f"{s.url}/go?302&file:///etc/passwd")
    assert p.returncode == 2 and p.stdout == b""
