"""Clients that go away at every moment, damage what they send, or read
slowly; an application that is killed; and a gateway that must survive it
without a leak (its sanitizers judge at the end) and still answer."""
import random
import signal
import socket
import threading
import time

from gateway_peer import App, client, dev_init, gateway, get, length
from client import BrokenOff, Refusal
from errors import Refused

SECONDS = 6


def send_a_part(c, rng):
    """The outer request ends in the middle of its content."""
    body = rng.randbytes(rng.choice([10, 5_000, 200_000]))
    _, _, clear, sealed = c.seal("POST", "/sink", length(body), body)
    cut = rng.randrange(len(sealed))
    host, port = c.authority.split(":")
    with socket.create_connection((host, int(port)), 10) as s:
        head = [f"POST /.well-known/httpa HTTP/1.1\r\nHost: {c.authority}",
                f"Content-Length: {len(sealed)}",
                *(f"{n}: {v}" for n, v in clear)]
        s.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + sealed[:cut])
        if rng.random() < 0.5:
            time.sleep(0.01)


def read_a_part(c, rng):
    answer = c.request("GET", f"/bytes?n={rng.choice([10, 3_000_000])}")
    if rng.random() < 0.5:
        next(answer.pieces(), None)
    answer.response.close()
    answer.connection.close()


def damage(c, rng):
    """One bit, while the application already gets the content."""
    body = rng.randbytes(300_000)
    n, AtT, clear, sealed = c.seal("POST", "/sink", length(body), body)
    at = rng.randrange(len(sealed))
    sealed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1:]
    answer = c.deliver("POST", n, AtT, clear, sealed)
    assert answer.status in (400, 502)  # 502: it was killed before


def refuse_early(c, rng):
    body = bytes(2_000_000)
    assert c.request("POST", "/early", length(body),
                     body).status in (413, 502)


def leave_a_handshake(c, rng):
    h = c.hello()
    connection, _ = c.send(h.lines, "application/cmw+cbor", h.content)
    connection.close()


def ask(c, rng):
    assert c.request("GET", "/echo").status in (200, 502)


MOVES = [send_a_part, read_a_part, damage, refuse_early, leave_a_handshake,
         ask, ask]


def worker(g, policy, seed, end, surprises):
    rng = random.Random(seed)
    c = client(g, policy)
    while time.monotonic() < end:
        try:
            rng.choice(MOVES)(c, rng)
        except (OSError, BrokenOff):
            pass  # what broken peers get
        except (AssertionError, Refused, Refusal) as error:
            surprises.append(error)
            return


def test_chaos(tmp_path):
    dev_dir, policy = dev_init(tmp_path)
    app = App()
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev_dir,
                 "--drain", "1s", "--drain-max", "5s", "--log", "json") as g:
        end = time.monotonic() + SECONDS
        surprises = []
        workers = [threading.Thread(target=worker,
                                    args=(g, policy, seed, end, surprises))
                   for seed in range(6)]
        for w in workers:
            w.start()
        time.sleep(SECONDS * 0.7)
        app.kill()
        for w in workers:
            w.join()
        assert surprises == []
        assert get(g.ops, "/livez")[0] == 200
        assert client(g, policy).request("GET", "/echo").status == 502
        g.signal(signal.SIGTERM)
        assert g.process.wait(15) == 0
