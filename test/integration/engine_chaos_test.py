"""Peers without manners on both sides; the server must end clean.

Runs under the address and leak sanitizers: what counts is that nothing
crashes, hangs or leaks, and that the next well-behaved client is served.
"""
import contextlib
import random
import socket
import struct
import threading
import time

import pytest

from engine_peer import Answers, Application, read_head, server, some

SECONDS = 4

SAMPLES = [
    b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;e=f\r\nabcde\r\n0\r\nT: u\r\n\r\n",
    b"HEAD /bytes?100000 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /early HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
    b"Content-Length: 200000\r\n\r\n" + b"x" * 1000,
    b"GET /bytes?300000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n" +
    b"y" * 70000,
    b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /ticks HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /abort HTTP/1.1\r\nHost: a\r\n\r\n",
]


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                 struct.pack("ii", 1, 0))


def mutated(rng):
    data = bytearray(b"".join(rng.choices(SAMPLES, k=rng.randint(1, 4))))
    for _ in range(rng.choice((0, 0, 1, 3, 20))):
        at = rng.randrange(len(data))
        how = rng.randrange(4)
        if how == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif how == 1:
            del data[at:at + rng.randint(1, 50)]
        elif how == 2:
            data[at:at] = rng.choice((b"\r\n", b"\n", b"\0", b": ", b"0\r\n"))
        else:
            data[at:at] = bytes(rng.randbytes(rng.randint(1, 30)))
        if not data:
            break
    return bytes(data)


def one_client(s, rng):
    """One connection: something is sent, somehow read, somehow left."""
    with s.connect(2) as c:
        data = mutated(rng)
        while data:
            n = rng.choice((1, 10, 1000, 100000))
            c.sendall(data[:n])
            data = data[n:]
            if rng.random() < 0.02:
                return reset(c)
        if rng.random() < 0.3:
            c.shutdown(socket.SHUT_WR)
        c.settimeout(rng.choice((0.01, 0.3, 1)))
        for _ in range(rng.choice((0, 1, 20, 2000))):
            if not c.recv(rng.choice((10, 65536))):
                return
        if rng.random() < 0.3:
            reset(c)


def rude_application(app, s, number):
    rng = random.Random(number)
    while True:
        head, rest = read_head(s)
        mood = rng.randrange(10)
        if mood == 0:
            return
        if mood == 1:
            return reset(s)
        if mood == 2:
            s.sendall(rng.randbytes(rng.randint(1, 300)))
            return
        if mood == 3:
            s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return
        if mood == 4:
            time.sleep(rng.random() / 2)
        if mood == 5:
            s.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"z" * 200_000)
            return
        if mood == 6:
            s.sendall(b"HTTP/1.1 413 N\r\nContent-Length: 0\r\n"
                      b"Connection: close\r\n\r\n")
            return
        if b"content-length: 70000" in head:
            while len(rest) < 70000:
                rest += some(s)
        if mood == 7:
            s.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      b"1\r\nx\r\n0\r\nT: u\r\n\r\n")
        else:
            s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.mark.parametrize("how", ["tcp", "unix"])
def test_rude_peers_on_both_sides(how, tmp_path):
    path = tmp_path / "app.sock" if how == "unix" else None
    app = Application(rude_application, path)
    where = ("--upstream-unix", path) if path else \
        ("--upstream-port", app.port)
    with server("--fast", *where) as s:
        end = time.monotonic() + SECONDS

        def clients(seed):
            rng = random.Random(seed)
            while time.monotonic() < end:
                with contextlib.suppress(OSError):
                    one_client(s, rng)

        threads = [threading.Thread(target=clients, args=(i,))
                   for i in range(12)]
        for t in threads:
            t.start()
        served = 0
        while time.monotonic() < end:
            with s.connect(5) as c:
                c.sendall(SAMPLES[0])
                assert Answers(c).one()[2] == b"hello\n"
                served += 1
            time.sleep(0.05)
        for t in threads:
            t.join()
        assert served > 10
    app.close()


def test_a_stop_in_the_middle_of_it():
    app = Application(rude_application)
    with server("--fast", "--upstream-port", app.port) as s:
        stop = threading.Event()

        def clients(seed):
            rng = random.Random(seed)
            while not stop.is_set():
                try:
                    one_client(s, rng)
                except ConnectionRefusedError:
                    return
                except OSError:
                    pass

        threads = [threading.Thread(target=clients, args=(i,))
                   for i in range(12)]
        for t in threads:
            t.start()
        time.sleep(1)
        s.term()
        assert s.wait_line("stopped", 10)
        stop.set()
        for t in threads:
            t.join()
    app.close()
