"""The Python client against two servers: `httpa serve`, and gateway.py.

The program is $HTTPA_BUILD/src/programs/httpa (or build/ of the source
tree); where it is missing, or has no `serve`, its half is skipped, loudly.
"""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import records      # noqa: E402
import vectors      # noqa: E402
from client import Client, Refusal      # noqa: E402
from gateway import Gateway     # noqa: E402
from handshake import Policy    # noqa: E402
from errors import Refused      # noqa: E402

ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("HTTPA_BUILD", ROOT / "build"))
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# ---- the application -----------------------------------------------------

class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A peer that goes away is what some tests do."""


class Application(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    go = threading.Semaphore(0)     # the test lets the next chunk go

    def log_message(self, *_):
        pass

    def body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length",
                                                        0)))
        out = b""
        while (size := int(self.rfile.readline(), 16)) > 0:
            out += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return out

    def reply(self, status, content, *lines):
        self.send_response(status)
        for name, value in lines:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(content)

    def do_GET(self):
        if self.path.startswith("/bytes/"):
            return self.reply(200, pattern(int(self.path[7:])))
        if self.path == "/none":
            return self.reply(204, b"")
        if self.path == "/stream":
            return self.stream()
        if self.path == "/headers":
            return self.reply(200, json.dumps(
                [[k.lower(), v] for k, v in self.headers.items()]).encode(),
                ("Content-Type", "application/json"))
        return self.reply(404, b"not here")

    do_HEAD = do_GET

    def do_POST(self):
        body = self.body()
        self.reply(201, body, ("X-Digest", hashlib.sha256(body).hexdigest()),
                   ("X-Twice", "1"), ("X-Twice", "2"))

    def stream(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for k in range(4):
            assert self.go.acquire(timeout=10)
            chunk = b"chunk %d\n" % k
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


def pattern(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.fixture(scope="module")
def application():
    httpd = Server(("127.0.0.1", 0), Application)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield httpd.server_address[1]
    httpd.shutdown()
    httpd.server_close()


# ---- the two servers -----------------------------------------------------

def dev_policy(root, **more):
    return Policy(eat={"root_key": root, "claims": {"app": "demo"}}, **more)


def program():
    path = BUILD / "src" / "programs" / "httpa"
    if not path.exists():
        pytest.skip(f"SKIP: no program at {path}")
    known = subprocess.run([path, "serve", "--help"], capture_output=True,
                           text=True)
    if known.returncode != 0:
        pytest.skip(f"SKIP: {path} has no `serve` yet")
    return path


def wait_for(port, process, log):
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server does not listen")


def start_program(tmp, upstream, port, origin):
    """(root SPKI of its evidence, process)"""
    path = program()
    subprocess.run([path, "dev-init", "-o", tmp / "dev.json", tmp / "dev"],
                   check=True, capture_output=True)
    pem = (tmp / "dev" / "dev-root.pem").read_text()
    root = base64.b64decode("".join(pem.splitlines()[1:-1]))
    process = subprocess.Popen(
        [path, "serve", "--listen", f"127.0.0.1:{port}",
         "--upstream", f"http://127.0.0.1:{upstream}",
         "--origin", origin, "--tee", "dev",
         "--dev-dir", tmp / "dev", "--service-key", "new"],
        stdout=subprocess.DEVNULL, stderr=open(tmp / "log", "wb"))
    wait_for(port, process, tmp / "log")
    return root, process


def stop_program(process):
    process.terminate()     # drain ...
    time.sleep(0.2)
    process.terminate()     # ... and a second one stops at once
    assert process.wait(10) == 0


@pytest.fixture(scope="module", params=["reference", "httpa"])
def server(request, application, tmp_path_factory):
    """(origin, root SPKI)"""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    if request.param == "reference":
        gateway = Gateway(origin, application, vectors.DEV_ROOT)
        gateway.serve(port)
        yield origin, vectors.spki(
            vectors.fixed.p256_key(vectors.DEV_ROOT).public_key())
        gateway.stop()
        return
    root, process = start_program(tmp_path_factory.mktemp("httpa"),
                                  application, port, origin)
    yield origin, root
    stop_program(process)


@pytest.fixture(scope="module")
def client(server):
    origin, root = server
    client = Client(origin, dev_policy(root))
    client.handshake()
    return client


# ---- AtHS ----------------------------------------------------------------

SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256")


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("group", ("x25519", "secp256r1", "secp384r1"))
def test_every_suite_and_group(server, suite, group):
    origin, root = server
    client = Client(origin, dev_policy(root, suites=[suite],
                                       groups=[group]))
    client.handshake()
    answer = client.request("GET", "/bytes/10")
    assert (answer.status, answer.read()) == (200, pattern(10))


def test_attest_as_the_method(server):
    origin, root = server
    client = Client(origin, dev_policy(root), method="ATTEST")
    client.handshake()
    assert client.request("GET", "/bytes/3").read() == pattern(3)


def test_another_root_is_refused(server):
    origin, _ = server
    other = vectors.spki(vectors.fixed.p256_key(12345).public_key())
    with pytest.raises(Refused, match="dev.root_key"):
        Client(origin, dev_policy(other)).handshake()


def test_a_foreign_target_is_refused(server):
    origin, root = server
    client = Client(origin, dev_policy(root))
    client.target = "https://elsewhere.example"
    with pytest.raises(Refusal, match="421 target"):
        client.handshake()


# ---- TrR -----------------------------------------------------------------

@pytest.mark.parametrize("size", (0, 1, 1000, 16_384, 16_385, 1_000_000))
def test_get(client, size):
    answer = client.request("GET", f"/bytes/{size}")
    assert (answer.status, answer.read()) == (200, pattern(size))


@pytest.mark.parametrize("size", (0, 1, 100, 65_536, 65_537, 1_048_576))
def test_post(client, size):
    body = pattern(size)
    answer = client.request("POST", "/echo",
                            [("content-type", "application/octet-stream")],
                            body)
    assert answer.status == 201
    assert answer.read() == body
    lines = dict(answer.fields)
    assert lines[b"x-digest"].decode() == hashlib.sha256(body).hexdigest()
    assert [v for k, v in answer.fields if k == b"x-twice"] == [b"1", b"2"]


def test_post_of_unknown_length(client):
    answer = client.request("POST", "/echo", [],
                            iter([b"one ", b"two ", b"three"]))
    assert answer.read() == b"one two three"


def test_head(client):
    answer = client.request("HEAD", "/bytes/77")
    assert answer.status == 200 and answer.read() == b""
    assert dict(answer.fields)[b"content-length"] == b"77"


def test_204(client):
    answer = client.request("GET", "/none")
    assert (answer.status, answer.read()) == (204, b"")


def test_an_error_of_the_application(client):
    answer = client.request("GET", "/missing")
    assert (answer.status, answer.read()) == (404, b"not here")
    assert "attest-error" not in answer.sealed


def test_chunk_k_is_read_before_chunk_k_plus_1_exists(client):
    Application.go.release()
    pieces = client.request("GET", "/stream").pieces()
    for k in range(4):
        seen = b""
        while not seen.endswith(b"\n"):
            seen += next(pieces)
        assert seen == b"chunk %d\n" % k
        Application.go.release()
    assert list(pieces) == []
    Application.go.acquire()


def test_pieces_of_a_stream_have_one_size(client, monkeypatch):
    """8.4: what a proxy can measure of short pieces says nothing."""
    sizes = []
    real = records.Opener.open
    monkeypatch.setattr(records.Opener, "open", lambda self, header, body: (
        sizes.append(len(body)), real(self, header, body))[1])
    for _ in range(5):
        Application.go.release()
    answer = client.request("GET", "/stream")
    assert answer.read().count(b"chunk") == 4
    Application.go.acquire(blocking=False)
    assert len(sizes) >= 5 and all((n - 16) % 128 == 0 for n in sizes)
    assert set(sizes[1:]) == {128 + 16}


def test_the_application_sees_the_inner_head_only(client):
    answer = client.request("GET", "/headers",
                            [("x-a", "1"), ("x-forwarded-for", "6.6.6.6"),
                             ("httpa-evidence", "forged"),
                             ("cookie", "a=1"), ("cookie", "b=2")])
    seen = json.loads(answer.read())
    lines = dict(map(tuple, seen))
    assert lines["x-a"] == "1"
    assert lines["cookie"] == "a=1; b=2"
    assert "6.6.6.6" not in lines.values()
    assert "forged" not in lines.values()
    assert not [name for name in lines if name.startswith("attest-")]


# ---- what must be refused ------------------------------------------------

def test_a_replay_is_refused_and_the_base_lives(client):
    sealed = client.seal("GET", "/bytes/5")
    assert client.deliver("GET", *sealed).read() == pattern(5)
    with pytest.raises(Refusal, match="422 replay"):
        client.deliver("GET", *sealed)
    assert client.request("GET", "/bytes/6").read() == pattern(6)


def test_a_tampered_ticket_is_refused_and_the_base_lives(client):
    n, AtT, clear, sealed = client.seal("GET", "/bytes/5")
    name, value = clear[1]
    for forged in (value.replace(f"{n};", "281474976710655;"),
                   value.replace("mac=:", "mac=:A", 1)[:-4] + "A==:"):
        with pytest.raises(Refusal, match="422 base-unknown|400 malformed"):
            client.deliver("GET", n, AtT, [clear[0], (name, forged)], sealed)
    assert client.deliver("GET", n, AtT, clear, sealed).read() == pattern(5)


def test_an_unknown_base(client):
    n, AtT, clear, sealed = client.seal("GET", "/bytes/5")
    with pytest.raises(Refusal, match="422 base-unknown"):
        client.deliver("GET", n, AtT,
                       [("Attest-Base-ID", "r1.AAAAAAAAAAAAAAAAAAAAAA"),
                        clear[1]], sealed)


def test_a_damaged_record(client):
    n, AtT, clear, sealed = client.seal("GET", "/bytes/5")
    damaged = sealed[:-1] + bytes([sealed[-1] ^ 1])
    answer = client.deliver("GET", n, AtT, clear, damaged)
    assert answer.status == 400
    assert answer.sealed["attest-error"].value[0] == "head"


def test_another_authority(client):
    authority, client.authority = client.authority, "other.example"
    sealed = client.seal("GET", "/bytes/5")
    client.authority = authority
    answer = client.deliver("GET", *sealed)
    assert answer.status == 421
    assert answer.sealed["attest-error"].value[0] == "target"


def test_an_atsp_without_purpose(client):
    answer = client.request("ATTEST", "/")
    assert (answer.status, answer.read()) == (204, b"")


def test_fields_without_a_ticket(server):
    origin, root = server
    client = Client(origin, dev_policy(root))
    connection, response = client.send(
        [("Attest-Base-ID", "r1.AAAAAAAAAAAAAAAAAAAAAA")], "text/plain", b"")
    assert response.status == 400
    assert response.getheader("Attest-Error") == "malformed"
    connection.close()
