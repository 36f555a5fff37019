"""`httpa serve`, seen from outside and from a client of its protocol."""
import hashlib
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from gateway_peer import (App, PROGRAM, Policy, client, dev_init, echoed,
                          free_port, gateway, get, length)
from client import BrokenOff, Refusal

WELL_KNOWN = "/.well-known/httpa"
BASE_ID = "r1.AAECAwQFBgcICQoLDA0ODw"
TICKET = "1;mac=:mW2wWE5MPvz6j1WeCwOoBA==:"


@pytest.fixture(scope="module")
def app():
    a = App()
    yield a
    a.kill()


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    return dev_init(tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="module")
def g(app, dev):
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--cors-origin", "https://page.example",
                 "--allow-untrusted", "GET:/public/,GET:/echo",
                 "--upstream-timeout", "3s") as running:
        yield running


@pytest.fixture(scope="module")
def c(g, dev):
    return client(g, dev[1])


# ---- answers without a session


def test_preflight(g):
    status, headers, body = get(g.port, WELL_KNOWN, "OPTIONS",
                                {"Attest-Versions": "httpa/2"})
    assert (status, body) == (204, b"")
    assert headers["Allow"] == "OPTIONS, POST, ATTEST, GET, HEAD"
    assert headers["Attest-Versions"] == "httpa/2"
    assert "Access-Control-Allow-Origin" not in headers


def test_preflight_of_a_browser(g):
    status, headers, _ = get(g.port, "/any", "OPTIONS", {
        "Origin": "https://page.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers":
            "attest-base-id,attest-ticket,content-type,x-other"})
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == "https://page.example"
    assert headers["Access-Control-Allow-Headers"] == \
        "attest-base-id, attest-ticket, content-type"


def test_foreign_page_gets_no_cors(g):
    headers = get(g.port, WELL_KNOWN, headers={"Origin": "https://x"})[1]
    assert "Access-Control-Allow-Origin" not in headers


def test_discovery(g):
    status, headers, body = get(g.port, WELL_KNOWN + "?x=1")
    assert status == 200 and headers["Content-Type"] == "application/json"
    told = json.loads(body)
    assert told["versions"] == ["httpa/2"] and told["types"] == ["dev"]
    assert get(g.port, WELL_KNOWN, "HEAD")[::2] == (200, b"")
    assert get(g.port, WELL_KNOWN, "OPTIONS")[0] == 204


@pytest.mark.parametrize("method,path,fields,status,token", [
    ("GET", "/", {}, 403, "untrusted"),
    ("POST", "/v1/chat", {}, 403, "untrusted"),
    ("GET", "/publicity", {}, 403, "untrusted"),
    ("GET", "/public/../echo", {}, 403, "untrusted"),
    ("GET", "/public/%2e%2e/echo", {}, 403, "untrusted"),
    ("POST", "/public/x", {}, 403, "untrusted"),
    ("GET", "/", {"Attest-Random": "x"}, 400, "malformed"),
    ("POST", "/", {"Attest-Versions": "httpa/2"}, 400, "malformed"),
    ("ATTEST", "/", {"Attest-Versions": "httpa/2"}, 400, "malformed"),
    ("POST", "/", {"Attest-Base-ID": BASE_ID, "Attest-Ticket": TICKET,
                   "Attest-Cargo": ":AA==:"}, 400, "malformed"),
    ("POST", "/", {"Attest-Base-ID": BASE_ID}, 400, "malformed"),
    ("POST", "/", {"Attest-Base-ID": BASE_ID, "Attest-Ticket": "0"},
     400, "malformed"),
    ("POST", "/", {"Attest-Base-ID": BASE_ID, "Attest-Ticket": TICKET},
     422, "base-unknown"),
])
def test_refusals(g, method, path, fields, status, token):
    seen, headers, _ = get(g.port, path, method, fields)
    assert (seen, headers["Attest-Error"].split(";")[0]) == (status, token)
    assert headers["Cache-Control"] == "no-store, no-transform"


def test_refusal_reaches_a_peer_that_still_sends(g):
    body = b"x" * 900_000
    status, headers, _ = get(g.port, "/", "POST", {
        "Attest-Base-ID": BASE_ID, "Attest-Ticket": TICKET}, body)
    assert (status, headers["Attest-Error"].split(";")[0]) == \
        (422, "base-unknown")


def test_malformed_http_is_no_request(g):
    with socket.create_connection(("127.0.0.1", g.port), 5) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        assert s.recv(100).startswith(b"HTTP/1.1 400 ")


def test_untrusted_by_rule(g):
    status, _, body = get(g.port, "/public/x?q=1", headers={
        "Httpa-Trust": "sealed", "Httpa-Base": "me", "X-Y": "z"})
    told = json.loads(body)
    assert status == 200 and told["path"] == "/public/x?q=1"
    ours = [f for f in told["fields"] if f[0].startswith("httpa-")]
    assert ours == [["httpa-trust", "none"]]
    assert ["x-y", "z"] in told["fields"]


# ---- sealed messages


def test_application_gets_the_rebuilt_request(g, c):
    body = b"\0\1binary\xff"
    answer = c.request("POST", "/echo/a%20b?q=1", [
        ("x-a", "1"), ("x-a", "2"), ("cookie", "k=v"), ("httpa-trust", "me"),
        ("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=x"),
        *length(body)], body)
    told, fields = echoed(answer)
    assert answer.status == 200
    assert told["method"] == "POST" and told["path"] == "/echo/a%20b?q=1"
    assert told["body"].encode("latin-1") == body
    assert [v for n, v in told["fields"] if n == "x-a"] == ["1", "2"]
    assert fields["host"] == f"127.0.0.1:{g.port}" == \
        fields["x-forwarded-host"]
    assert fields["x-forwarded-proto"] == "http"
    assert fields["httpa-trust"] == "sealed"
    assert fields["httpa-client"] == "none"
    base = hashlib.sha256(c.base.id.encode()).hexdigest()[:32]
    assert fields["httpa-base"] == base
    assert fields["httpa-message"] == f"{base}-{c.n}"
    assert "x-forwarded-for" not in fields and "forwarded" not in fields
    assert not [n for n in fields if n.startswith("attest-")]
    assert [v for n, v in answer.fields if n == b"set-cookie"] == \
        [b"a=1", b"b=2"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "POST"])
def test_methods(c, method):
    told, fields = echoed(c.request(method, "/echo"))
    assert told["method"] == method
    assert "content-length" not in fields and \
        "transfer-encoding" not in fields


def test_content_of_unknown_length_is_chunked(c):
    told, fields = echoed(c.request("POST", "/echo",
                                    content=iter([b"ab", b"", b"cd"])))
    assert told["body"] == "abcd"
    assert fields["transfer-encoding"] == "chunked"


@pytest.mark.parametrize("status", [200, 201, 204, 304, 301, 404, 500, 503])
def test_status_is_sealed_and_outside_it_is_200(c, status):
    answer = c.request("GET", f"/status?n={status}")
    assert answer.status == status
    assert answer.read() == (b"" if status in (204, 304)
                             else b"some content\n")
    assert "attest-error" not in answer.sealed


def test_head(c):
    answer = c.request("HEAD", "/status?n=200")
    assert answer.status == 200 and answer.read() == b""
    assert dict(answer.fields)[b"content-length"] == b"13"


def test_events_come_one_by_one(app, c):
    app.step()
    answer = c.request("GET", "/sse?n=4")
    pieces = answer.pieces()
    for i in range(4):
        assert next(pieces) == b"data: %d\n\n" % i
        app.step() if i < 3 else None  # the next one exists only now
    assert list(pieces) == []


def test_trailers(c):
    answer = c.request("GET", "/trailers")
    assert answer.read() == b"content"
    assert dict(answer.trailers)[b"x-sum"] == b"42"


def test_fields_an_application_may_not_send(c):
    answer = c.request("GET", "/pretend")
    names = [n for n, _ in answer.fields]
    assert answer.read() == b"ok" and b"x-fine" in names
    assert b"httpa-trust" not in names and b"attest-error" not in names
    assert "attest-error" not in answer.sealed


def test_early_refusal_of_the_application(c):
    body = b"x" * 300_000
    answer = c.request("POST", "/early", length(body), body)
    assert answer.status == 413 and answer.read() == b"too much\n"


def test_one_megabyte_of_every_kind(c):
    n = 1_000_003
    assert len(c.request("GET", f"/bytes?n={n}").read()) == n
    body = bytes(n)
    assert c.request("POST", "/sink", length(body), body).read() == b"1000003"
    pieces = (bytes(10_007) for _ in range(100))
    assert c.request("POST", "/sink", content=pieces).read() == b"1000700"


def test_second_copy_is_refused(g, c):
    n, AtT, clear, sealed = c.seal("GET", "/echo")
    assert c.deliver("GET", n, AtT, clear, sealed).status == 200
    with pytest.raises(Refusal) as refusal:
        c.deliver("GET", n, AtT, clear, sealed)
    assert (refusal.value.status, refusal.value.token.split(";")[0]) == \
        (422, "replay")
    assert c.request("GET", "/echo").status == 200


def test_damaged_content_never_reaches_the_application(c):
    body = b"do not believe this"
    n, AtT, clear, sealed = c.seal("POST", "/step", length(body), body)
    broken = sealed[:-1] + bytes([sealed[-1] ^ 1])
    answer = c.deliver("POST", n, AtT, clear, broken)
    assert answer.status == 400
    assert answer.sealed["attest-error"].value[0] == "head"


def test_short_content_never_reaches_the_application(c):
    n, AtT, clear, sealed = c.seal("POST", "/step", length(b"abc"), b"abc")
    answer = c.deliver("POST", n, AtT, clear, sealed[:-1])
    assert answer.sealed["attest-error"].value[0] == "head"


def test_slow_application_is_504(c):
    answer = c.request("GET", "/slow?s=6")
    assert answer.status == 504
    assert answer.sealed["attest-error"].value[0] == "upstream"


def test_parallel_requests(c):
    def ask(i):
        told, _ = echoed(c.request("GET", f"/echo/{i}"))
        seen[i] = told["path"]
    seen = {}
    threads = [threading.Thread(target=ask, args=(i,)) for i in range(40)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == {i: f"/echo/{i}" for i in range(40)}


def test_client_that_goes_away_ends_the_upstream_request(g, c, app):
    n, AtT, clear, sealed = c.seal("GET", "/sse?n=2")
    connection, response = c.send(clear, "application/httpa-sealed", sealed)
    response.close()
    connection.sock.close() if connection.sock else None
    connection.close()
    g.wait_log("outcome=aborted")
    app.step()
    app.step()
    assert c.request("GET", "/echo").status == 200


# ---- AtSP


def test_atsp_without_purpose(c):
    answer = c.request("ATTEST", "/")
    assert (answer.status, answer.read()) == (204, b"")


@pytest.mark.parametrize("path,content,status", [
    ("/other", b"", 400),
    ("/", b"no CBOR", 400),
    ("/", b"\xa1\x61x\x82\x6aimage/jpeg\x41\0", 204),  # unknown label
    ("/", bytes(262_145), 413),
])
def test_atsp_that_is_odd(c, path, content, status):
    answer = c.request("ATTEST", path, length(content), content)
    assert answer.status == status
    assert answer.read() == b"" or status == 400


# ---- failures of the application


def test_upstream_down_and_back(dev):
    app = App()
    port = app.port
    with gateway(f"http://127.0.0.1:{port}", "--dev-dir", dev[0]) as g:
        c = client(g, dev[1])
        assert c.request("GET", "/echo").status == 200
        app.kill()
        answer = c.request("GET", "/echo")
        assert answer.status == 502
        assert answer.sealed["attest-error"].value[0] == "upstream"
        assert get(g.ops, "/readyz")[0] == 503
        assert get(g.port, WELL_KNOWN)[0] == 503
        assert get(g.ops, "/livez")[0] == 200
        assert g.metric("httpa_upstream_failures_total") >= 1


def test_application_killed_in_mid_answer(dev):
    app = App()
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0]) as g:
        c = client(g, dev[1])
        pieces = c.request("GET", "/half").pieces()
        assert next(pieces) == b"genuine and incomplete"
        app.kill()
        with pytest.raises(BrokenOff):
            next(pieces)
        g.wait_log("outcome=aborted")


# ---- operation


def test_metrics(g, c):
    assert c.request("GET", "/echo").status == 200
    text = get(g.ops, "/metrics")[2].decode()
    for line in text.splitlines():
        assert line.startswith("# ") or len(line.split()) == 2, line
    assert g.metric('httpa_messages_total{kind="trr",outcome="ok"}') >= 1
    assert g.metric("httpa_quote_seconds_count") >= 1
    assert g.metric("httpa_sessions") >= 1
    assert get(g.ops, "/readyz")[0] == 200
    assert get(g.ops, "/other")[0] == 404
    assert get(g.ops, "/livez", "POST")[0] == 405


@pytest.mark.parametrize("form", ["text", "json"])
def test_log_has_no_secrets(app, dev, form):
    secrets = ["quokka-path", "quokka-query", "quokka-field", "quokka-body"]
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--log", form) as g:
        c = client(g, dev[1])
        body = b"quokka-body"
        told, _ = echoed(c.request("POST", "/echo/quokka-path?quokka-query", [
            ("authorization", "quokka-field"), *length(body)], body))
        assert told["body"] == "quokka-body"
        get(g.port, "/quokka-path?quokka-query")
        line = g.wait_log("trr")
        g.wait_log("utr")
        g.stop()
        whole = "\n".join(g.log)
    for secret in [*secrets, c.base.id]:
        assert secret not in whole
    if form == "json":
        told = json.loads(line)
        assert told["kind"] == "trr" and told["status"] == 200
        assert told["method"] == "POST" and told["n"] == 1
        assert told["session"] == \
            hashlib.sha256(c.base.id.encode()).hexdigest()[:8]
    else:
        assert "kind=trr" in line and "status=200" in line


@pytest.mark.parametrize("how,seen", [
    ("none", "path=- "), ("first-segment", "path=/echo "),
    ("full", "path=/echo/deep ")])
def test_log_path(app, dev, how, seen):
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--log-path", how) as g:
        assert client(g, dev[1]).request("GET", "/echo/deep?q").status == 200
        assert seen in g.wait_log("kind=trr")


def test_drain(app, dev):
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--drain", "4s") as g:
        c = client(g, dev[1])
        assert c.request("GET", "/echo").status == 200
        running = c.request("GET", "/sse?n=2")
        g.signal(signal.SIGTERM)
        g.wait_log("draining")
        assert get(g.port, WELL_KNOWN)[0] == 503
        assert get(g.ops, "/readyz")[::2] == (503, b"draining\n")
        with pytest.raises(Refusal) as refusal:
            client(g, dev[1])
        assert (refusal.value.status, refusal.value.token) == \
            (503, "draining")
        answer = c.request("GET", "/echo")  # sessions go on, and are told
        assert answer.status == 200
        notice = answer.sealed["attest-base-id"].value
        assert notice[0] == c.base.id and 1 <= notice[1]["max-age"] <= 4
        g.wait_log("stopping", 8)
        app.step()
        app.step()  # what runs comes to its end
        assert running.read() == b"data: 0\n\ndata: 1\n\n"
        assert g.process.wait(10) == 0


def test_idle_gateway_stops_at_once(app, dev):
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0]) as g:
        g.signal(signal.SIGINT)
        assert g.process.wait(5) == 0


def test_sessions_end_with_the_process(app, dev):
    port = free_port()
    upstream = f"http://127.0.0.1:{app.port}"
    with gateway(upstream, "--dev-dir", dev[0], port=port) as g:
        c = client(g, dev[1])
        g.process.kill()
        g.process.wait()
    with gateway(upstream, "--dev-dir", dev[0], port=port) as g:
        with pytest.raises(Refusal) as refusal:
            c.request("GET", "/echo")
        assert refusal.value.token.split(";")[0] == "base-unknown"
        c.handshake()
        c.n = 0
        assert c.request("GET", "/echo").status == 200


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", folder / "tls.key",
                    "-out", folder / "tls.pem"],
                   check=True, capture_output=True)


def served_name(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 5) as raw:
        with context.wrap_socket(raw) as s:
            s.sendall(b"GET /.well-known/httpa HTTP/1.1\r\nHost: a\r\n"
                      b"Connection: close\r\n\r\n")
            assert s.version() == "TLSv1.3"
            assert s.recv(20).startswith(b"HTTP/1.1 200")
            der = s.getpeercert(True)
    return "second" if b"second" in der else "first"


def test_reload_of_the_certificate(app, dev, tmp_path):
    make_certificate(tmp_path, "first")
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--tls-cert", tmp_path / "tls.pem",
                 "--tls-key", tmp_path / "tls.key", scheme="https") as g:
        assert served_name(g.port) == "first"
        make_certificate(tmp_path, "second")
        failures, stop = [], threading.Event()

        def knock():
            while not stop.is_set():
                try:
                    served_name(g.port)
                except Exception as error:  # noqa: BLE001
                    failures.append(error)
        knocking = threading.Thread(target=knock)
        knocking.start()
        g.signal(signal.SIGHUP)
        g.wait_log("new certificate")
        time.sleep(0.5)
        stop.set()
        knocking.join()
        assert failures == []
        assert served_name(g.port) == "second"
        (tmp_path / "tls.pem").write_text("no certificate\n")
        g.signal(signal.SIGHUP)
        g.wait_log("the old certificate stays")
        assert served_name(g.port) == "second"


def test_attested_key(app, dev):
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--binding", "fresh,key", "--service-key", "new") as g:
        policy = Policy(eat=dev[1].eat)
        assert client(g, policy).request("GET", "/echo").status == 200
        end = time.monotonic() + 5
        while not g.metric("httpa_quote_key_ends_seconds"):
            assert time.monotonic() < end
        assert g.metric("httpa_quote_key_ends_seconds") > time.time() + 3000


def test_service_key_is_shown_as_clients_pin_it(app, dev):
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--service-key", "new") as g:
        pin = g.wait_log("identity: service key").split()[4]
        policy = Policy(eat=dev[1].eat, pinned=[bytes.fromhex(pin)])
        assert client(g, policy).request("GET", "/echo").status == 200


def test_same_configuration_same_digest(app, dev):
    digests = []
    port = free_port()
    for extra in [(), (), ("--log-path", "full")]:
        with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                     *extra, port=port) as g:
            digests.append(g.wait_log("configuration:").split()[2])
    assert digests[0] == digests[1] != digests[2]


def test_unix_sockets_on_both_sides(app, dev, tmp_path):
    path = tmp_path / "front.sock"
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0],
                 "--listen", f"unix:{path}") as g:
        with gateway(f"unix:{path}", "--dev-dir", dev[0],
                     "--allow-untrusted", "*:/") as plain:
            assert get(plain.port, WELL_KNOWN)[0] == 200
            # its own discovery; another path goes through to the inner one
            status, headers, _ = get(plain.port, "/")
            assert (status, headers["Attest-Error"]) == (403, "untrusted")
        assert g.process.poll() is None


# ---- starting


@pytest.mark.parametrize("arguments,code,words", [
    ([], 2, "--upstream is missing"),
    (["--bogus"], 2, "is not an option"),
    (["--listen", "nowhere"], 2, "expected ADDR:PORT"),
    (["--log", "xml"], 2, 'saw "xml", expected text, json or none'),
    (["--drain", "soon"], 2, "a time: 30s"),
    (["--upstream", "http://127.0.0.1:1"], 2, "--origin is missing"),
    (["--upstream", "http://127.0.0.1:1", "--origin", "https://A.example/x",
      "--tee", "dev"], 2, "lower case"),
    (["--upstream", "http://127.0.0.1:1", "--origin", "https://a.example",
      "--tee", "dev", "--service-key", "/nowhere"], 2, "no such file"),
    (["--upstream", "http://127.0.0.1:1", "--origin", "https://a.example",
      "--tee", "tpm", "--tpm-tcti", "swtpm:path=/nowhere"], 6, "tee:"),
    (["--upstream", "http://127.0.0.1:1", "--origin", "https://a.example",
      "--tee", "dev", "--listen", "127.0.0.1:{busy}"], 3, "cannot listen"),
])
def test_start_that_fails(dev, arguments, code, words):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        arguments = [a.format(busy=busy.getsockname()[1]) for a in arguments]
        p = subprocess.run([PROGRAM, "serve", "--dev-dir", dev[0],
                            *arguments], capture_output=True, text=True,
                           timeout=20)
    assert p.returncode == code, p.stderr
    assert words in p.stderr


def test_environment_and_help(dev):
    p = subprocess.run([PROGRAM, "serve"], capture_output=True, text=True,
                       env={**os.environ, "HTTPA_LOG": "xml"}, timeout=20)
    assert p.returncode == 2 and '--log: saw "xml"' in p.stderr
    p = subprocess.run([PROGRAM, "serve", "--help"], capture_output=True,
                       text=True, timeout=20)
    assert p.returncode == 0 and "Exit codes" in p.stdout
    assert max(map(len, p.stdout.splitlines())) <= 79


def test_bindings_that_are_granted(app, dev):
    """`key` needs no quote of its own; `fresh` alone is no `key`."""
    key = Policy(eat=dev[1].eat, policies=["indirect", "key;max-age=3600"])
    fresh = dev[1]
    upstream = f"http://127.0.0.1:{app.port}"

    def hello(g, policy):
        c = client(g, policy, handshake=False)
        h = c.hello()
        connection, response = c.send(h.lines, "application/cmw+cbor",
                                      h.content)
        response.read()
        connection.close()
        return response.status, response.getheader("Attest-Error")
    with gateway(upstream, "--dev-dir", dev[0], "--binding", "key") as g:
        end = time.monotonic() + 5
        while not g.metric("httpa_quote_key_ends_seconds"):
            assert time.monotonic() < end
        quotes = g.metric("httpa_quote_seconds_count")
        assert hello(g, key) == (200, None)
        assert hello(g, fresh) == (403, "policy")
        assert g.metric("httpa_quote_seconds_count") == quotes
    with gateway(upstream, "--dev-dir", dev[0]) as g:
        assert hello(g, key) == (403, "policy")
        assert hello(g, fresh) == (200, None)


def test_life_while_the_application_thinks(app, dev):
    """8.5: the outer head and a filler come before the answer exists."""
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0]) as g:
        c = client(g, dev[1])
        n, AtT, clear, sealed = c.seal("GET", "/slow?s=13")
        answer = c.deliver("GET", n, AtT, clear, sealed)
        assert answer.response.getheader("Content-Length") is None
        assert (answer.status, answer.read()) == (200, b"at last\n")
        assert g.metric("httpa_fillers_total") >= 1


def test_memory_is_flat(app, dev, monkeypatch):
    """100 MB each way, and a reader that does not read."""
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=1")
    megabyte, n = 1 << 20, 100 << 20
    with gateway(f"http://127.0.0.1:{app.port}", "--dev-dir", dev[0]) as g:
        c = client(g, dev[1])
        assert sum(map(len, c.request(
            "GET", f"/bytes?n={megabyte}").pieces())) == megabyte
        before = g.rss_kib()
        highest = 0
        stalled = c.request("GET", f"/bytes?n={n}")
        time.sleep(1)
        highest = max(highest, g.rss_kib())
        seen = 0
        for piece in stalled.pieces():
            seen += len(piece)
            if seen % (8 * megabyte) < len(piece):
                highest = max(highest, g.rss_kib())
        assert seen == n
        answer = c.request("POST", "/sink", content=(
            bytes(16_384) for _ in range(n // 16_384)))
        assert answer.read() == b"%d" % n
        highest = max(highest, g.rss_kib())
        assert highest - before < 32 * 1024
