"""The calling side: engine_server forwards, an application in Python answers."""
import contextlib
import socket
import struct
import threading
import time

import pytest

from engine_peer import Answers, Application, read_all, read_head, server, some


def answer(s, content=b"ok", more=b""):
    s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" %
              (len(content), more, content))


def get(path="/x", more=""):
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n".encode()


@contextlib.contextmanager
def behind(serve, *options, unix=None):
    """(server, application): the server forwards to the application."""
    app = Application(serve, unix)
    where = ("--upstream-unix", unix) if unix else \
        ("--upstream-port", app.port)
    with server(*where, *options) as s:
        yield s, app
    app.close()


def always_ok(app, s, number):
    while True:
        head, _ = read_head(s)
        app.seen.append(head)
        answer(s)


def read_chunked(s, rest):
    """The raw bytes of a chunked content without trailers."""
    while not rest.endswith(b"0\r\n\r\n"):
        piece = s.recv(65536)
        if not piece:
            raise EOFError(rest)
        rest += piece
    return rest


def test_connections_are_kept(tmp_path):
    with behind(always_ok, unix=tmp_path / "app.sock") as (s, app):
        for _ in range(3):
            with s.connect() as c:
                for _ in range(3):
                    c.sendall(get())
                    assert Answers(c).one()[2] == b"ok"
        assert app.connections == 1 and len(app.seen) == 9


def test_the_request_is_written_anew():
    with behind(always_ok) as (s, app):
        with s.connect() as c:
            c.sendall(b"ATTEST http://B/p?q HTTP/1.1\r\nHost: b\r\n"
                      b"X-A:  1 \r\nConnection: x-hop\r\nX-Hop: 1\r\n"
                      b"TE: trailers\r\nExpect: 100-continue\r\n"
                      b"content-length: 0\r\n\r\n")
            assert Answers(c).one()[0] == 200
        assert app.seen == [b"ATTEST /p?q HTTP/1.1\r\nhost: b\r\n"
                            b"x-a: 1\r\ncontent-length: 0\r\n\r\n"]


def test_content_streams_both_ways():
    def echo(app, s, number):
        _, rest = read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            s.sendall(rest)
            if rest.endswith(b"0\r\n\r\n"):
                return
            rest = s.recv(65536)

    with behind(echo) as (s, app), s.connect() as c:
        c.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n")
        a = Answers(c)
        a.head()
        for i in range(5):
            c.sendall(b"4\r\npc%02d\r\n" % i)
            assert a.chunk() == b"pc%02d" % i
        c.sendall(b"0\r\n\r\n")
        assert a.chunk() == b""


def test_trailers_pass_when_chunked():
    def trailing(app, s, number):
        _, rest = read_head(s)
        while not rest.endswith(b"\r\n\r\n"):
            rest += some(s)
        app.seen.append(rest)
        s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  b"1\r\ny\r\n0\r\nA: b\r\nSet-Cookie: no\r\n\r\n")

    with behind(trailing) as (s, app), s.connect() as c:
        c.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n"
                  b"1\r\nx\r\n0\r\nT: u\r\nAuthorization: no\r\n\r\n")
        assert Answers(c).one()[2:] == (b"y", [("a", "b")])
        assert app.seen == [b"1\r\nx\r\n0\r\nt: u\r\n\r\n"]


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_large_answers(framing):
    size = 30_000_000

    def large(app, s, number):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\n" + {
            "length": b"Content-Length: %d\r\n\r\n" % size,
            "chunked": b"Transfer-Encoding: chunked\r\n\r\n",
            "close": b"\r\n"}[framing])
        for _ in range(300):
            piece = b"z" * 100_000
            s.sendall(b"186a0\r\n" + piece + b"\r\n" if framing == "chunked"
                      else piece)
        if framing == "chunked":
            s.sendall(b"0\r\n\r\n")

    with behind(large) as (s, app), s.connect(30) as c:
        c.sendall(get())
        content = Answers(c).one()[2]
        assert len(content) == size and content.count(b"z") == size


def test_large_request():
    def count(app, s, number):
        head, rest = read_head(s)
        n = len(rest)
        while n < 30_000_000:
            n += len(some(s))
        answer(s, b"%d" % n)

    with behind(count) as (s, app), s.connect(30) as c:
        c.sendall(b"PUT / HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 30000000\r\n\r\n" + b"x" * 30_000_000)
        assert Answers(c).one()[2] == b"30000000"


def test_interim_answers_are_dropped():
    def interim(app, s, number):
        read_head(s)
        s.sendall(b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n")
        answer(s)

    with behind(interim) as (s, app), s.connect() as c:
        c.sendall(get())
        assert Answers(c).head()[0] == 200


def test_head_and_304():
    def bare(app, s, number):
        while True:
            head, _ = read_head(s)
            status = b"304 N" if b"/304" in head else b"200 OK"
            s.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 9\r\n\r\n")

    with behind(bare) as (s, app), s.connect() as c:
        c.sendall(b"HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/304/") +
                  b"HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n")
        a = Answers(c)
        assert a.one(to_head=True)[1]["content-length"] == "9"
        assert a.one()[0] == 304
        assert a.one(to_head=True)[0] == 200
        assert app.connections == 1


# ---- what goes wrong ----

def test_nobody_there(tmp_path):
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    for where in (("--upstream-unix", tmp_path / "none"),
                  ("--upstream-port", free.getsockname()[1])):
        with server(*where) as s, s.connect() as c:
            c.sendall(get() + b"POST /x HTTP/1.1\r\nHost: a\r\n"
                      b"Content-Length: 2\r\n\r\nhi" + get("/hello"))
            a = Answers(c)
            assert a.one()[0] == 502
            assert a.one()[0] == 502
            assert a.one()[2] == b"hello\n"


def test_no_such_name():
    with server("--upstream-host", "no-such-name.invalid") as s:
        with s.connect(20) as c:
            c.sendall(get())
            assert Answers(c).one()[0] == 502


def test_all_addresses_of_a_name_are_tried():
    """localhost is often ::1 first, where nobody listens."""
    app = Application(always_ok)
    with server("--upstream-port", app.port,
                "--upstream-host", "localhost") as s, s.connect() as c:
        for _ in range(2):
            c.sendall(get())
            assert Answers(c).one()[2] == b"ok"
    app.close()


BROKEN = [
    (b"", 502), (b"HTTP/1.1 200", 502), (b"garbage\r\n\r\n", 502),
    (b"HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n", 502),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
     502),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab", 502),
    (b"HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n", 502),
    (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70000 + b"\r\n\r\n", 502),
]


@pytest.mark.parametrize("raw,status", BROKEN)
def test_no_answer_to_pass_on(raw, status):
    def broken(app, s, number):
        read_head(s)
        s.sendall(raw)

    with behind(broken) as (s, app), s.connect() as c:
        c.sendall(get() + get("/hello"))
        a = Answers(c)
        assert a.one()[0] == status
        assert a.one()[2] == b"hello\n"


@pytest.mark.parametrize("head", [
    b"Content-Length: 100\r\n\r\nhalf",
    b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nX",
])
def test_a_broken_answer_is_broken_off(head):
    def half(app, s, number):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\n" + head)

    with behind(half) as (s, app), s.connect() as c:
        c.sendall(get())
        raw, _ = read_all(c)
        assert raw.startswith(b"HTTP/1.1 200") and b"half" in raw
        assert not raw.endswith(b"0\r\n\r\n") and len(raw) < 250


def test_a_reset_in_a_close_delimited_answer_is_no_end():
    def reset(app, s, number):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        time.sleep(0.2)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))

    with behind(reset) as (s, app):
        with s.connect() as c:
            c.sendall(get())
            raw, _ = read_all(c)
            assert not raw.endswith(b"0\r\n\r\n")
        with s.connect() as c: # HTTP/1.0 has only the reset to tell it
            c.sendall(b"GET /x HTTP/1.0\r\n\r\n")
            assert read_all(c)[1] == "reset"


def stale(kind):
    """Answers once on each connection, then loses the next request."""
    def serve(app, s, number):
        head, _ = read_head(s)
        app.seen.append(head)
        if number == 1 or kind == "after":
            answer(s)
            head, _ = read_head(s)
            app.seen.append(head)
            if kind == "partial":
                s.sendall(b"HTTP/1.1")
            return
        answer(s)
    return serve


def test_one_retry_when_it_is_safe():
    with behind(stale("plain")) as (s, app), s.connect() as c:
        c.sendall(get() + get())
        a = Answers(c)
        assert a.one()[0] == a.one()[0] == 200
        assert app.connections == 2 and len(app.seen) == 3


@pytest.mark.parametrize("request_bytes", [
    b"POST /x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"ATTEST /x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
])
def test_no_retry_when_it_is_not(request_bytes):
    with behind(stale("plain")) as (s, app), s.connect() as c:
        c.sendall(get() + request_bytes)
        a = Answers(c)
        assert a.one()[0] == 200 and a.one()[0] == 502
        assert app.connections == 1 and len(app.seen) == 2


def test_no_retry_after_a_byte_of_an_answer():
    with behind(stale("partial")) as (s, app), s.connect() as c:
        c.sendall(get() + get())
        a = Answers(c)
        assert a.one()[0] == 200 and a.one()[0] == 502
        assert app.connections == 1


def test_an_idle_connection_closed_by_the_application_is_not_used():
    def once(app, s, number):
        read_head(s)
        answer(s)

    with behind(once) as (s, app), s.connect() as c:
        for _ in range(3):
            c.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\n\r\n")
            assert Answers(c).one()[0] == 200
            time.sleep(0.1)
        assert app.connections == 3


def test_bytes_behind_an_answer_poison_nobody():
    def double(app, s, number):
        read_head(s)
        answer(s, b"one", b"")
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        time.sleep(5)

    with behind(double) as (s, app), s.connect() as c:
        for _ in range(3):
            c.sendall(get())
            assert Answers(c).one()[2] == b"one"
            time.sleep(0.05)
        assert app.connections == 3


def test_client_that_goes_away_breaks_the_request_off():
    broken = threading.Event()

    def wait(app, s, number):
        _, rest = read_head(s)
        try:
            read_chunked(s, rest)
        except (EOFError, OSError):
            broken.set()

    with behind(wait) as (s, app):
        c = s.connect()
        c.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        time.sleep(0.1)
        c.close()
        assert broken.wait(5)


def test_client_that_goes_away_while_it_is_answered():
    broken = threading.Event()

    def forever(app, s, number):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(500):
                s.sendall(b"1\r\nx\r\n")
                time.sleep(0.01)
        except OSError:
            broken.set()

    with behind(forever) as (s, app):
        c = s.connect()
        c.sendall(get())
        assert c.recv(100)
        c.close()
        assert broken.wait(5)


def test_early_answer_of_the_application():
    """It answers 413 in the middle and closes: the client gets the 413."""
    def early(app, s, number):
        read_head(s)
        s.sendall(b"HTTP/1.1 413 No\r\nContent-Length: 3\r\n"
                  b"Connection: close\r\n\r\nno\n")
        s.shutdown(socket.SHUT_WR)
        time.sleep(0.3)

    with behind(early) as (s, app), s.connect() as c:
        c.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 500000\r\n\r\n" + b"x" * 1000)
        a = Answers(c)
        assert a.one()[0] == 413
        c.sendall(b"x" * 499_000 + get("/hello"))
        assert a.one()[2] == b"hello\n"


# ---- back-pressure, time ----

def test_a_client_that_stops_reading_stalls_its_application():
    sent = [0]

    def pour(app, s, number):
        if number > 1:
            return always_ok(app, s, number)
        read_head(s)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            sent[0] += s.send(b"x" * 65536)

    with behind(pour) as (s, app):
        with s.connect(SO_RCVBUF=65536) as c:
            c.sendall(get())
            time.sleep(0.5)
            before, rss = sent[0], s.rss_kib()
            time.sleep(0.3)
            assert sent[0] - before < 1_000_000
            assert s.rss_kib() - rss < 1024
            with s.connect() as other:
                other.sendall(get())
                assert Answers(other).one()[2] == b"ok"
            c.settimeout(10)
            got = 0
            while got < 50_000_000: # and it goes on
                got += len(some(c, 1 << 20))


def test_an_application_that_stops_reading_stalls_its_client():
    def deaf(app, s, number):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        _, rest = read_head(s)
        time.sleep(1)
        n = len(rest)
        while n < 20_000_000:
            n += len(some(s, 1 << 20))
        answer(s, b"%d" % n)

    with behind(deaf) as (s, app), s.connect(20, SO_SNDBUF=65536) as c:
        c.sendall(b"PUT / HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 20000000\r\n\r\n")
        start, sent = time.monotonic(), 0
        while sent < 20_000_000:
            sent += c.send(b"x" * min(65536, 20_000_000 - sent))
            if sent < 10_000_000:
                early = time.monotonic() - start
        assert time.monotonic() - start > 0.7 and early is not None
        assert Answers(c).one()[2] == b"20000000"


def test_an_application_that_does_not_answer():
    def silent(app, s, number):
        read_head(s)
        time.sleep(5)

    with behind(silent, "--fast") as (s, app), s.connect() as c:
        c.sendall(get())
        assert Answers(c).one()[0] == 504


def test_an_answer_that_stops_in_the_middle():
    def half(app, s, number):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        time.sleep(5)

    with behind(half, "--fast") as (s, app), s.connect() as c:
        c.sendall(get())
        start = time.monotonic()
        raw, _ = read_all(c)
        assert raw.endswith(b"half") and time.monotonic() - start < 3


def test_an_answer_with_progress_takes_its_time():
    def slow(app, s, number):
        read_head(s)
        s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(0.2)
            s.sendall(b"x")

    with behind(slow, "--fast") as (s, app), s.connect() as c:
        c.sendall(get())
        assert Answers(c).one()[2] == b"x" * 8


def test_a_slow_request_is_not_the_applications_fault():
    def patient(app, s, number):
        _, rest = read_head(s)
        while len(rest) < 8:
            rest += some(s, 100)
        time.sleep(0.2)
        answer(s, rest)

    with behind(patient, "--fast") as (s, app), s.connect() as c:
        c.sendall(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(0.2)
            c.sendall(b"x")
        assert Answers(c).one()[2] == b"x" * 8


def test_many_at_once(tmp_path):
    """64 clients, 100 requests each, pipelined by four."""
    with behind(always_ok, unix=tmp_path / "app.sock") as (s, app):
        failures = []

        def client():
            try:
                with s.connect(20) as c:
                    a = Answers(c)
                    for _ in range(25):
                        c.sendall(get() * 4)
                        for _ in range(4):
                            assert a.one()[2] == b"ok"
            except Exception as why: # reported by the main thread
                failures.append(why)

        threads = [threading.Thread(target=client) for _ in range(64)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not failures
        assert app.connections <= 64


def test_graceful_stop_waits_for_the_application():
    def slow(app, s, number):
        read_head(s)
        time.sleep(0.5)
        answer(s)

    with behind(slow) as (s, app), s.connect() as c:
        c.sendall(get())
        time.sleep(0.1)
        s.term()
        status, names, content, _ = Answers(c).one()
        assert (status, content) == (200, b"ok")
        assert names["connection"] == "close"
