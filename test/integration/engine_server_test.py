"""The serving side of the engine, seen from raw sockets."""
import resource
import socket
import ssl
import subprocess
import threading
import time

import pytest

from engine_peer import Answers, Server, read_all, server

GET = "GET {} HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSE = "GET {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def get(path):
    return GET.format(path).encode()


@pytest.fixture(scope="module")
def s():
    with server() as running:
        yield running


@pytest.fixture(scope="module")
def fast():
    with server("--fast") as running:
        yield running


def test_keep_alive_and_pipelining_in_order(s):
    with s.connect() as c:
        c.sendall(get("/slow") + get("/hello") + get("/bytes?3"))
        a = Answers(c)
        assert [a.one()[2] for _ in range(3)] == \
            [b"at last\n", b"hello\n", b"\0\0\0"]
        c.sendall(get("/hello"))
        assert a.one()[2] == b"hello\n"


def test_many_pipelined(s):
    with s.connect() as c:
        n = 5000
        threading.Thread(target=c.sendall, args=(get("/hello") * n,),
                         daemon=True).start()
        a = Answers(c)
        for _ in range(n):
            assert a.one()[2] == b"hello\n"


def test_byte_by_byte(s):
    with s.connect() as c:
        for byte in (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                     b"chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n"):
            c.sendall(bytes([byte]))
            time.sleep(0.001)
        status, names, content, trailers = Answers(c).one()
        assert (status, content, trailers) == (200, b"abc", [("t", "u")])
        assert "date" in names


def test_echo_streams_both_ways(s):
    """Piece k is answered before piece k + 1 is sent."""
    with s.connect() as c:
        c.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n")
        a = Answers(c)
        assert a.head()[0] == 200
        for i in range(5):
            c.sendall(b"4\r\npc%02d\r\n" % i)
            assert a.chunk() == b"pc%02d" % i
        c.sendall(b"0\r\n\r\n")
        assert a.chunk() == b""


def test_ticks_come_when_they_happen(s):
    with s.connect() as c:
        c.sendall(get("/ticks"))
        a = Answers(c)
        a.head()
        times = []
        for _ in range(5):
            assert a.chunk() == b"tick\n"
            times.append(time.monotonic())
        assert times[-1] - times[0] > 0.3


@pytest.mark.parametrize("how", ["sized", "chunked"])
def test_large_both_ways(s, how):
    size = 20_000_000
    with s.connect(30) as c:
        if how == "sized":
            head = b"Content-Length: %d\r\n\r\n" % size
            body = b"x" * size
        else:
            head = b"Transfer-Encoding: chunked\r\n\r\n"
            body = (b"186a0\r\n" + b"x" * 100_000 + b"\r\n") * 200 + \
                b"0\r\n\r\n"
        threading.Thread(target=c.sendall, args=(
            b"POST /echo HTTP/1.1\r\nHost: a\r\n" + head + body,),
            daemon=True).start()
        content = Answers(c).one()[2]
        assert len(content) == size and content == b"x" * size


def test_a_handler_that_pauses(s):
    with s.connect() as c:
        body = bytes(range(256)) * 400
        c.sendall(b"POST /echo10k HTTP/1.1\r\nHost: a\r\nContent-Length: "
                  b"%d\r\n\r\n" % len(body) + body + get("/hello"))
        a = Answers(c)
        assert a.one()[2] == body
        assert a.one()[2] == b"hello\n"


def test_expect_is_answered_at_once(s):
    with s.connect() as c:
        c.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                  b"Expect: 100-continue\r\n\r\n")
        a = Answers(c)
        assert a.head() == (100, [])
        c.sendall(b"hi")
        assert a.one()[2] == b"hi"


def test_http10(s):
    with s.connect() as c:
        c.sendall(b"GET /stream?5 HTTP/1.0\r\n\r\n")
        raw, end = read_all(c)
        head, content = raw.split(b"\r\n\r\n", 1)
        assert b"chunked" not in head and content == b"\0" * 5
        assert b"connection: close" in head and end == "fin"
    with s.connect() as c:
        c.sendall(b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2)
        a = Answers(c)
        for _ in range(2):
            status, names, content, _ = a.one()
            assert names["connection"] == "keep-alive"
            assert content == b"hello\n"


def test_no_content_where_there_must_be_none(s):
    with s.connect() as c:
        c.sendall(b"HEAD /bytes?1000000 HTTP/1.1\r\nHost: a\r\n\r\n" +
                  get("/204") + get("/304") + get("/hello"))
        a = Answers(c)
        assert a.one(to_head=True)[1]["content-length"] == "1000000"
        assert "content-length" not in a.one()[1]
        assert a.one()[1]["content-length"] == "7"
        assert a.one()[2] == b"hello\n"


def test_connection_close(s):
    with s.connect() as c:
        c.sendall(CLOSE.format("/hello").encode() + get("/hello"))
        raw, end = read_all(c)
        assert raw.count(b"HTTP/1.1") == 1 and end == "fin"


def test_half_closed_peer_gets_its_answer(s):
    with s.connect() as c:
        c.sendall(get("/slow") + get("/hello"))
        c.shutdown(socket.SHUT_WR)
        raw, end = read_all(c)
        assert raw.endswith(b"hello\n") and end == "fin"
        assert raw.count(b"HTTP/1.1 200") == 2


def test_early_answer_then_the_rest_is_discarded(s):
    """A megabyte is read past an early answer, and the connection lives."""
    with s.connect() as c:
        body = b"x" * 900_000
        c.sendall(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: %d"
                  b"\r\n\r\n" % len(body))
        a = Answers(c)
        assert a.one()[0] == 401
        c.sendall(body + get("/hello"))
        assert a.one()[2] == b"hello\n"


def test_early_answer_and_too_much_behind_it(s):
    """Beyond that it closes, and the answer is not lost to a reset."""
    with s.connect(20) as c:
        c.sendall(b"POST /early HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 100000000\r\n\r\n")
        sent = 0
        with pytest.raises(OSError):
            while sent < 100_000_000:
                sent += c.send(b"x" * 65536)
        assert sent < 50_000_000
    with s.connect(20) as c:
        c.sendall(b"POST /early HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 1500000\r\n\r\n" + b"x" * 1_200_000)
        assert Answers(c).one()[0] == 401


@pytest.mark.parametrize("path,end", [
    ("/abort", "aborted"), ("/short", "usage"), ("/long", "usage")])
def test_a_broken_answer_looks_broken(s, path, end):
    with s.connect() as c:
        c.sendall(get(path))
        raw, _ = read_all(c)
        assert not raw.endswith(b"0\r\n\r\n")
        if b"content-length: 10" in raw:
            assert len(raw.split(b"\r\n\r\n")[1]) < 10
    assert s.wait_line(f"close {path} {end}")


def test_nothing_can_be_smuggled_into_an_answer(s):
    with s.connect() as c:
        c.sendall(get("/split"))
        raw, _ = read_all(c)
        assert raw.startswith(b"HTTP/1.1 500 ") and b"set-cookie" not in raw


def test_a_handler_that_does_not_listen(s):
    with s.connect() as c:
        c.sendall(get("/deaf") + get("/hello"))
        a = Answers(c)
        assert a.one()[0] == 500
        assert a.one()[2] == b"hello\n"


def test_a_handler_that_ignores_full_is_cut_off(s):
    before = s.rss_kib()
    with s.connect() as c:
        c.sendall(get("/flood"))
        assert s.wait_line("close /flood limit")
        raw, _ = read_all(c)
        assert len(raw) < 64 << 20
    assert s.rss_kib() - before < 40_000


def test_a_reader_that_stops_reading_stalls_only_itself(s):
    """A gigabyte asked for and not read: nothing piles up, others work."""
    with s.connect(SO_RCVBUF=65536) as c:
        c.sendall(get("/bytes?1000000000"))
        time.sleep(0.3)
        before = s.rss_kib()
        time.sleep(0.5)
        assert s.rss_kib() - before < 4096
        with s.connect() as other:
            other.sendall(get("/hello"))
            assert Answers(other).one()[2] == b"hello\n"


def test_a_handler_that_does_not_take_content_stalls_its_sender(s):
    """/echo10k takes 64 KiB each 20 ms: the sender is slowed to that."""
    with s.connect(SO_SNDBUF=65536) as c:
        c.settimeout(0.05)
        c.sendall(b"POST /echo10k HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 100000000\r\n\r\n")
        sent, end = 0, time.monotonic() + 0.5
        while time.monotonic() < end:
            try:
                sent += c.send(b"x" * 65536)
            except TimeoutError:
                pass
        assert sent < 20_000_000


REFUSED = [
    (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", 400),
    (b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501),
    (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    (b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n", 414),
    (b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 70000, 431),
    (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999"
     b"\r\n\r\n", 413),
    (b"POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417),
]


@pytest.mark.parametrize("request_bytes,status", REFUSED)
def test_malformed_is_answered_and_ends_the_connection(s, request_bytes,
                                                       status):
    with s.connect() as c:
        c.sendall(request_bytes)
        c.sendall(get("/hello"))
        raw, end = read_all(c)
        assert raw.startswith(b"HTTP/1.1 %d " % status)
        assert raw.count(b"HTTP/1.1") == 1 and b"connection: close" in raw


def test_malformed_content(s):
    bad = (b"POST /%s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
           b"\r\n\r\n3\r\nabcX\r\n")
    with s.connect() as c: # nothing answered yet
        c.sendall(bad % b"never")
        assert read_all(c)[0].startswith(b"HTTP/1.1 400 ")
    assert s.wait_line("close /never malformed")
    with s.connect() as c: # the answer is under way: cut off
        c.sendall(bad % b"echo")
        raw, _ = read_all(c)
        assert raw.count(b"HTTP/1.1") == 1 and b"0\r\n\r\n" not in raw
    assert s.wait_line("close /echo malformed")


def test_peer_that_goes_away(s):
    c = s.connect()
    c.sendall(b"POST /never HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx")
    time.sleep(0.1)
    c.close()
    assert s.wait_line("close /never aborted")


# ---- time ----

def test_slow_head(fast):
    with fast.connect() as c:
        start = time.monotonic()
        c.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(20): # progress does not help
            try:
                c.sendall(b"A: b\r\n")
            except OSError:
                break
            time.sleep(0.05)
            if time.monotonic() - start > 0.8:
                break
        raw, _ = read_all(c)
        assert raw.startswith(b"HTTP/1.1 408 ")


def test_no_head_at_all(fast):
    with fast.connect() as c:
        start = time.monotonic()
        assert read_all(c)[0] == b""
        assert 0.2 < time.monotonic() - start < 2


def test_idle_connection_is_closed_without_words(fast):
    with fast.connect() as c:
        c.sendall(get("/hello"))
        Answers(c).one()
        start = time.monotonic()
        assert read_all(c)[0] == b""
        assert 0.3 < time.monotonic() - start < 2


def test_content_without_progress(fast):
    with fast.connect() as c:
        c.sendall(b"POST /never HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 5\r\n\r\nx")
        assert read_all(c)[0].startswith(b"HTTP/1.1 408 ")
    assert fast.wait_line("close /never timeout")


def test_content_with_progress_takes_its_time(fast):
    with fast.connect() as c:
        c.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 8\r\n\r\n")
        for _ in range(8):
            time.sleep(0.2)
            c.sendall(b"x")
        assert Answers(c).one()[2] == b"x" * 8


def test_a_reader_that_never_reads_is_given_up(fast):
    with fast.connect(SO_RCVBUF=4096) as c:
        c.sendall(get("/bytes?1000000000"))
        assert fast.wait_line("close /bytes timeout", 5)


def test_the_handler_may_think(fast):
    """A handler that takes longer than every time-out of the connection."""
    with fast.connect(5) as c:
        c.sendall(get("/ticks"))
        assert Answers(c).one()[2] == b"tick\n" * 5


def test_rest_of_a_request_that_never_comes(fast):
    with fast.connect() as c:
        c.sendall(b"POST /early HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 5\r\n\r\nx")
        raw, end = read_all(c)
        assert raw.startswith(b"HTTP/1.1 401 ") and end == "fin"


# ---- limits, stopping, other sockets ----

def test_connection_limit():
    with server("--connections", 2) as s:
        with s.connect() as a, s.connect() as b:
            a.sendall(get("/hello"))
            b.sendall(get("/hello"))
            Answers(a).one(), Answers(b).one()
            with s.connect() as c:
                assert read_all(c)[0] == b""
        time.sleep(0.1)
        with s.connect() as c:
            c.sendall(get("/hello"))
            assert Answers(c).one()[0] == 200


def test_graceful_stop_finishes_what_runs():
    with server() as s:
        with s.connect() as slow, s.connect() as idle, s.connect() as half:
            idle.sendall(get("/hello"))
            Answers(idle).one()
            slow.sendall(get("/ticks"))
            half.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\n"
                         b"Content-Length: 2\r\n\r\nh")
            time.sleep(0.15)
            s.term()
            assert s.wait_line("stopping")
            half.sendall(b"i")
            assert Answers(half).one()[2] == b"hi"
            idle.sendall(get("/hello")) # was under way: still answered
            status, names, content, _ = Answers(idle).one()
            assert names["connection"] == "close" and content == b"hello\n"
            with pytest.raises(OSError):
                s.connect()
            assert Answers(slow).one()[2] == b"tick\n" * 5
        assert s.wait_line("stopped")


def test_no_request_is_lost_in_a_stop():
    """Connections that wait in the listener when SIGTERM comes."""
    with server() as s:
        clients = [s.connect() for _ in range(50)]
        for c in clients:
            c.sendall(get("/hello"))
        s.term()
        assert all(Answers(c).one()[2] == b"hello\n" for c in clients)
        for c in clients:
            c.close()


def test_replacing_the_process_loses_no_request():
    """The next process shares the port before the last one stops."""
    old = Server()
    stop, failures, served = threading.Event(), [], [0]

    def client():
        while not stop.is_set():
            try:
                with old.connect() as c:
                    c.sendall(get("/hello"))
                    assert Answers(c).one()[2] == b"hello\n"
                    served[0] += 1
            except Exception as why: # reported by the main thread
                failures.append(why)

    port = old.port
    threads = [threading.Thread(target=client) for _ in range(8)]
    for t in threads:
        t.start()
    for _ in range(5):
        new = Server("--port", port)
        time.sleep(0.1)
        assert old.stop() == (0, "")
        old = new
    stop.set()
    for t in threads:
        t.join()
    assert old.stop() == (0, "")
    assert not failures and served[0] > 100


def test_out_of_descriptors():
    """Waits, without spinning, and goes on when there are some again."""
    with server() as s:
        resource.prlimit(s.process.pid, resource.RLIMIT_NOFILE, (32, 32))
        clients = [s.connect() for _ in range(60)]
        for c in clients:
            c.sendall(get("/hello"))
        time.sleep(0.3)
        before = s.cpu_s()
        time.sleep(0.5)
        assert s.cpu_s() - before < 0.2
        for c in clients: # in the order in which they were accepted
            assert Answers(c).one()[2] == b"hello\n"
            c.close()


def test_unix_socket(tmp_path):
    path = tmp_path / "s.sock"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close() # left behind by a process that died
    with server("--unix", path) as s:
        with socket.socket(socket.AF_UNIX) as c:
            c.settimeout(5)
            c.connect(str(path))
            c.sendall(get("/hello"))
            assert Answers(c).one()[2] == b"hello\n"
        assert path.stat().st_mode & 0o777 == 0o660


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
         "-days", "1", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return cert, key


def client_tls(certificate, version=ssl.TLSVersion.TLSv1_3):
    context = ssl.create_default_context(cafile=str(certificate[0]))
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def test_tls(certificate):
    with server("--cert", certificate[0], "--key", certificate[1]) as s:
        with client_tls(certificate).wrap_socket(s.connect(20)) as c:
            assert c.version() == "TLSv1.3"
            assert c.selected_alpn_protocol() == "http/1.1"
            a = Answers(c)
            for _ in range(2):
                c.sendall(get("/hello"))
                assert a.one()[2] == b"hello\n"
            piece = bytes(range(256)) * 256
            c.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\n"
                      b"Content-Length: %d\r\n\r\n" % (80 * len(piece)))
            assert a.head()[0] == 200
            for _ in range(80): # one thread: an SSL object is not for two
                c.sendall(piece)
                assert a.exactly(len(piece)) == piece
            c.sendall(CLOSE.format("/bytes?3000000").encode())
            assert len(a.one()[2]) == 3000000
            assert c.recv(1) == b"" # close_notify, not a bare FIN


def test_tls_refuses(certificate):
    with server("--cert", certificate[0], "--key", certificate[1],
                "--fast") as s:
        with pytest.raises(ssl.SSLError): # 1.2
            client_tls(certificate, ssl.TLSVersion.TLSv1_2).wrap_socket(
                s.connect())
        with s.connect() as c: # no TLS at all
            c.sendall(get("/hello"))
            assert b"HTTP" not in read_all(c)[0]
        with s.connect() as c: # a handshake that never comes
            start = time.monotonic()
            read_all(c)
            assert time.monotonic() - start < 2
