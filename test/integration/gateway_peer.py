"""What the tests of the gateway share: `httpa serve`, an application behind
it, and the client of test/reference, which was written from the protocol and
not from our C."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HTTPA_BUILD", ROOT / "build"))
PROGRAM = BUILD / "src" / "programs" / "httpa"
sys.path.insert(0, str(ROOT / "test" / "reference"))

from client import Client  # noqa: E402
from handshake import Policy  # noqa: E402

APP = pathlib.Path(__file__).with_name("gateway_app.py")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class App:
    def __init__(self):
        self.start()

    def start(self):
        self.process = subprocess.Popen([sys.executable, APP],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def step(self):
        with urlopen(self.port, "/step") as answer:
            assert answer.status == 204


@contextlib.contextmanager
def urlopen(port, path, method="GET", headers=None, body=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request(method, path, body, headers or {})
    try:
        yield c.getresponse()
    finally:
        c.close()


def get(port, path, method="GET", headers=None, body=None):
    """(status, headers, body) of one plain request."""
    with urlopen(port, path, method, headers, body) as r:
        return r.status, r.headers, r.read()


class Gateway:
    """A running `httpa serve`; |log| holds what it wrote so far."""

    def __init__(self, upstream, *options, port=None, tee=("--tee", "dev"),
                 scheme="http", program=PROGRAM):
        self.port = port or free_port()
        self.ops = free_port()
        self.origin = f"{scheme}://127.0.0.1:{self.port}"
        self.log = []
        self.process = subprocess.Popen(
            [program, "serve", "--listen", f"127.0.0.1:{self.port}",
             "--ops", f"127.0.0.1:{self.ops}", "--upstream", upstream,
             "--origin", self.origin, *tee, *map(str, options)],
            stderr=subprocess.PIPE, text=True, errors="replace")
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line.rstrip("\n"))

    def wait_log(self, text, seconds=15.0):
        """The first line with |text|; fails when none comes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in list(self.log):
                if text in line:
                    return line
            if self.process.poll() is not None and not self.reader.is_alive():
                break
            time.sleep(0.02)
        raise AssertionError(f"no {text!r} in: " + "\n".join(self.log))

    def wait_ready(self):
        self.wait_log(" answers")
        return self

    def metric(self, name):
        for line in get(self.ops, "/metrics")[2].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines()
                    if line.startswith("VmRSS:"))

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """SIGTERM twice: at once."""
        for _ in range(2):
            if self.process.poll() is None:
                self.signal(signal.SIGTERM)
                time.sleep(0.1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)
        self.process.stderr.close()
        for line in self.log:
            for finding in ("Sanitizer:", "runtime error"):
                assert finding not in line, "\n".join(self.log)
        return self.process.returncode


@contextlib.contextmanager
def gateway(upstream, *options, **kw):
    g = Gateway(upstream, *options, **kw)
    try:
        yield g.wait_ready()
    finally:
        g.stop()


def dev_init(folder):
    """--dev-dir and the policy of the reference client that accepts it."""
    subprocess.run([PROGRAM, "dev-init", folder / "dev", "--output",
                    folder / "dev.json"], check=True, capture_output=True)
    pem = (folder / "dev" / "dev-root.pem").read_text()
    spki = base64.b64decode("".join(pem.splitlines()[1:-1]))
    return folder / "dev", Policy(eat={"root_key": spki,
                                       "claims": {"app": "demo"}})


def client(g, policy, handshake=True):
    c = Client(g.origin, policy)
    if handshake:
        c.handshake()
    return c


def echoed(answer):
    """What the application saw: (dict, fields)."""
    told = json.loads(answer.read())
    return told, dict(told["fields"])


def length(body):
    return [("content-length", str(len(body)))]
