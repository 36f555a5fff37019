"""What the tests of the engine share: the server under test, raw sockets.

The peers here are sockets and a few lines of Python, so that our own codec
does not judge itself.
"""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HTTPA_BUILD", ROOT / "build"))
PROGRAM = BUILD / "test" / "programs" / "engine_server"


def some(s, size=65536):
    """At least one byte; EOFError at the end, so that no peer turns for ever
    in a test that has long ended."""
    piece = s.recv(size)
    if not piece:
        raise EOFError
    return piece


class Server:
    """engine_server, its port and the lines it printed."""

    def __init__(self, *options):
        self.lines = []
        self.told = False
        self.process = subprocess.Popen(
            [PROGRAM, *map(str, options)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        first = self.process.stdout.readline()
        assert first.startswith("port "), self.process.stderr.read()
        self.port = int(first.split()[1])
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def connect(self, timeout=5.0, **options):
        s = socket.create_connection(("127.0.0.1", self.port), timeout)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for name, value in options.items():
            s.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
        return s

    def wait_line(self, line, seconds=5.0):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if line in self.lines:
                return True
            time.sleep(0.01)
        return False

    def rss_kib(self):
        for line in pathlib.Path(
                f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def cpu_s(self):
        """Processor time so far, all threads."""
        fields = pathlib.Path(
            f"/proc/{self.process.pid}/stat").read_text().split(")")[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def term(self):
        """SIGTERM, once: a second one may come when nobody catches it."""
        if not self.told and self.process.poll() is None:
            self.told = True
            self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """Ends it; its exit status, and what it complained about."""
        self.term()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.reader.join(5)
        errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode, errors


@contextlib.contextmanager
def server(*options):
    """A server that must end cleanly (no sanitizer report, no leak)."""
    s = Server(*options)
    try:
        yield s
    finally:
        status, errors = s.stop()
    assert status == 0 and errors == "", errors


def read_all(s):
    """Until the peer's FIN; a reset is reported as None behind the bytes."""
    out = b""
    while True:
        try:
            piece = s.recv(65536)
        except ConnectionResetError:
            return out, "reset"
        if not piece:
            return out, "fin"
        out += piece


class Answers:
    """Reads answers one after the other from a socket."""

    def __init__(self, s):
        self.s = s
        self.rest = b""

    def _line(self):
        while b"\r\n" not in self.rest:
            self._more()
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line

    def _more(self):
        piece = self.s.recv(65536)
        if not piece:
            raise EOFError(self.rest)
        self.rest += piece

    def exactly(self, n):
        while len(self.rest) < n:
            self._more()
        out, self.rest = self.rest[:n], self.rest[n:]
        return out

    def fields(self):
        out = []
        while True:
            line = self._line()
            if not line:
                return out
            name, value = line.split(b":", 1)
            out.append((name.decode().lower(), value.strip().decode("latin1")))

    def head(self):
        version, status, _ = self._line().split(b" ", 2)
        assert version == b"HTTP/1.1"
        return int(status), self.fields()

    def chunk(self):
        size = int(self._line(), 16)
        data = self.exactly(size) if size else b""
        if size:
            assert self.exactly(2) == b"\r\n"
        return data

    def one(self, to_head=False):
        """(status, fields, content, trailers) of the next final answer."""
        status, fields = self.head()
        while status < 200:
            status, fields = self.head()
        names = dict(fields)
        if to_head or status in (204, 304):
            return status, names, b"", []
        if names.get("transfer-encoding") == "chunked":
            content = b""
            while True:
                piece = self.chunk()
                if not piece:
                    return status, names, content, self.fields()
                content += piece
        if "content-length" in names:
            return status, names, self.exactly(
                int(names["content-length"])), []
        content, _ = read_all(self.s)
        content, self.rest = self.rest + content, b""
        return status, names, content, []


class Application:
    """An application behind the server: |serve| gets each connection."""

    def __init__(self, serve, path=None):
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
        else:
            self.listener = socket.socket()
            self.listener.bind(("127.0.0.1", 0))
            self.port = self.listener.getsockname()[1]
        self.listener.listen(64)
        self.serve = serve
        self.connections = 0
        self.seen = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(s, self.connections),
                             daemon=True).start()

    def _one(self, s, number):
        s.settimeout(10)
        with s:
            try:
                self.serve(self, s, number)
            except (OSError, EOFError):
                pass

    def close(self):
        self.listener.close()


def read_head(s):
    """The bytes of one request's head, and what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = s.recv(65536)
        if not piece:
            raise EOFError(data)
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    return head + b"\r\n\r\n", rest
