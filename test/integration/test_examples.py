"""The examples, as a reader of them would run them."""
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HTTPA_BUILD", ROOT / "build"))
EXAMPLES = BUILD / "examples"
HTTPA = BUILD / "src/programs/httpa"
RD = "ab" * 64
TYPE = "application/eat+cwt"

pytestmark = pytest.mark.skipif(
    not (EXAMPLES / "example-client").exists(),
    reason=f"SKIP: no examples in {BUILD}: ninja -C {BUILD}, or HTTPA_BUILD")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}")


def run(folder, name, *arguments):
    return subprocess.run([EXAMPLES / f"example-{name}", *arguments],
                          cwd=folder, capture_output=True, text=True,
                          timeout=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a development TEE, evidence of it, and a policy for it."""
    path = tmp_path_factory.mktemp("examples")
    p = run(path, "attest", "dev", RD, "evidence", "policy.json")
    assert p.returncode == 0, p.stderr
    assert TYPE in p.stdout and "INSECURE" in p.stdout
    return path


class Service:
    def __init__(self, folder, origin=None):
        self.port = free_port()
        self.origin = origin or f"http://localhost:{self.port}"
        self.process = subprocess.Popen(
            [EXAMPLES / "example-service", str(self.port), self.origin, "dev"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.pin = re.fullmatch("spki_sha256: ([0-9a-f]{64})\n",
                                self.process.stdout.readline())[1]
        wait_for(self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert self.process.poll() is None, self.process.stderr.read()
        self.process.terminate()
        self.process.communicate(timeout=10)


@pytest.fixture(scope="module")
def service(folder):
    with Service(folder) as s:
        yield s


def get(folder, s, path="/", policy="policy.json", origin=None, port=None):
    return run(folder, "client", "127.0.0.1", str(port or s.port),
               origin or s.origin, path, policy)


def changed_policy(folder, name, **members):
    policy = json.loads((folder / "policy.json").read_text())
    policy.update(members)
    (folder / name).write_text(json.dumps(policy))
    return name


def verdict_of(p):
    return json.loads(p.stderr[:p.stderr.rindex("}") + 1])


def test_verify_accepts(folder):
    p = run(folder, "verify", "evidence", TYPE, RD, "policy.json")
    assert p.returncode == 0, p.stderr
    v = json.loads(p.stdout)
    assert v["result"] == "accepted_with_warnings"
    assert v["evidence"][0]["claims"]["app"] == "example"


@pytest.mark.parametrize("what", ["bit", "rd", "type", "measurement"])
def test_verify_refuses(folder, what):
    evidence, media_type, rd, policy = "evidence", TYPE, RD, "policy.json"
    if what == "bit":
        raw = bytearray((folder / "evidence").read_bytes())
        raw[-1] ^= 1
        (folder / "broken").write_bytes(raw)
        evidence = "broken"
    elif what == "rd":
        rd = "ac" + RD[2:]
    elif what == "type":
        media_type = "application/vnd.httpa.tpm"
    else:
        accept = json.loads((folder / "policy.json").read_text())["accept"]
        accept[0]["measurements"][0]["app"] = "another"
        policy = changed_policy(folder, "another.json", accept=accept)
    p = run(folder, "verify", evidence, media_type, rd, policy)
    assert p.returncode == 1, p.stderr
    v = json.loads(p.stdout)
    assert v["result"] == "refused" and v["reason"]["check"]


def test_get(folder, service):
    p = get(folder, service, "/v1/chat?who=me")
    assert p.returncode == 0, p.stderr
    assert p.stdout == "you asked for /v1/chat?who=me\n"
    assert verdict_of(p)["words"]["genuine"] == "warn"


def test_get_pinned(folder, service):
    good = changed_policy(folder, "pinned.json", identity={
        "require": "pinned", "spki_sha256": [service.pin]})
    assert get(folder, service, policy=good).returncode == 0
    other = changed_policy(folder, "other.json", identity={
        "require": "pinned", "spki_sha256": ["00" * 32]})
    p = get(folder, service, policy=other)
    assert p.returncode == 1 and p.stdout == ""
    assert verdict_of(p)["reason"]["check"].startswith("identity.")


def test_another_origin(folder, service):
    p = get(folder, service, origin="http://localhost")
    assert p.returncode == 1 and p.stdout == ""
    assert "refused" in p.stderr


def test_plain_http_is_refused(folder, service):
    with socket.create_connection(("127.0.0.1", service.port)) as c:
        c.sendall(b"GET /v1/chat HTTP/1.0\r\n\r\n")
        answer = b""
        while piece := c.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"attest-error: untrusted" in answer


@pytest.mark.parametrize("head", [
    b"GET\r\n\r\n", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"x" * 9000, b""],
    ids=["no head", "chunked", "two lengths", "negative", "long", "nothing"])
def test_broken_http(folder, service, head):
    with socket.create_connection(("127.0.0.1", service.port)) as c:
        try:
            c.sendall(head)
            c.shutdown(socket.SHUT_WR)
            answer = c.recv(65536)
        except OSError:  # reset: refused before all was read
            answer = b""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert b"200" not in answer[:13]
    assert get(folder, service).returncode == 0


needs_httpa = pytest.mark.skipif(not HTTPA.exists(),
                                 reason=f"SKIP: no {HTTPA}")


@needs_httpa
def test_the_tool_against_the_example_service(folder, service):
    p = subprocess.run([HTTPA, "--policy", "policy.json", "-d", "x=1",
                        f"{service.origin}/one", f"{service.origin}/two"],
                       cwd=folder, capture_output=True, text=True, timeout=30)
    assert p.returncode == 0, p.stderr
    assert p.stdout == "you asked for /one\nyou asked for /two\n"


class Application(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        for _ in range(300):
            self.wfile.write(b"a line of 20 octets\n")
        self.wfile.write(self.headers["httpa-trust"].encode())

    def log_message(self, *_):
        pass


@needs_httpa
def test_the_example_client_against_the_gateway(folder):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application) as app:
        threading.Thread(target=app.serve_forever, daemon=True).start()
        port = free_port()
        gateway = subprocess.Popen(
            [HTTPA, "serve", "--tee", "dev", "--dev-dir", "dev", "--upstream",
             f"http://127.0.0.1:{app.server_port}", "--origin",
             f"http://localhost:{port}", "--listen", f"127.0.0.1:{port}",
             "--log", "none", "--drain", "0s"], cwd=folder,
            stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            p = run(folder, "client", "127.0.0.1", str(port),
                    f"http://localhost:{port}", "/", "policy.json")
        finally:
            gateway.terminate()
            gateway.wait(timeout=20)
            app.shutdown()
    assert p.returncode == 0, p.stderr
    assert p.stdout == "a line of 20 octets\n" * 300 + "sealed"


class Middle:
    """A proxy that changes one byte of the |n|th answer, or cuts it."""

    def __init__(self, port, n, what):
        self.to, self.n, self.what = port, n, what
        self.s = socket.create_server(("127.0.0.1", 0))
        self.s.settimeout(10)
        self.port = self.s.getsockname()[1]

    @staticmethod
    def request(c):
        raw = b""
        while b"\r\n\r\n" not in raw:
            piece = c.recv(65536)
            if not piece:
                raise ConnectionError("the peer has gone")
            raw += piece
        head, content = raw.split(b"\r\n\r\n")[0], raw.find(b"\r\n\r\n") + 4
        length = int(re.search(rb"content-length: (\d+)", head)[1])
        while len(raw) < content + length:
            piece = c.recv(65536)
            if not piece:
                raise ConnectionError("the peer has gone")
            raw += piece
        return raw

    def run(self):
        for i in range(self.n + 1):
            c, _ = self.s.accept()
            with c, socket.create_connection(("127.0.0.1", self.to)) as up:
                up.sendall(self.request(c))
                raw = b""
                while piece := up.recv(65536):
                    raw += piece
                if i == self.n:
                    raw = raw[:-1] + bytes([raw[-1] ^ 1]) \
                        if self.what == "flip" else raw[:-20]
                c.sendall(raw)
        self.s.close()


@pytest.mark.parametrize("what", ["flip", "cut"])
@pytest.mark.parametrize("n", [0, 1])
def test_the_middle_is_noticed(folder, service, n, what):
    m = Middle(service.port, n, what)
    client = subprocess.Popen(
        [EXAMPLES / "example-client", "127.0.0.1", str(m.port),
         service.origin, "/", "policy.json"], cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    m.run()
    out, err = client.communicate(timeout=30)
    assert client.returncode == 1
    assert out == "" or (n, what) == (1, "cut"), err


def test_they_are_short_and_see_public_headers_only():
    for path in (ROOT / "examples").glob("*.[ch]"):
        text = path.read_text()
        ours = re.findall(r'#include "([^"]+)"', text)
        assert all((path.parent / name).exists() for name in ours), path
        assert path.name == "http.c" or text.count("\n") < 120, path
