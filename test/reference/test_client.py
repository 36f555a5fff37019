"""The negative cases, served to `httpa get` over the wire.

A server in Python answers the real client: a handshake spoilt as in the
vectors, or a good one and then a spoilt response.  The client must name it
with its exit code (doc/protocol.md 15) and print nothing of it.
"""
import http.server
import json
import pathlib
import subprocess
import sys
import threading

import pytest
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bhttp        # noqa: E402
import negative     # noqa: E402
import server       # noqa: E402
import test_interop     # noqa: E402
import vectors      # noqa: E402

negative.cases()        # fills negative.RECIPES
CASES = json.loads((HERE.parent / "vectors" / "negative.json")
                   .read_text())["cases"]
REFUSED, NO_ANSWER, VIOLATION = 1, 3, 5
HEAD = bhttp.write_response(200, [])
SECRET = b"{\"a\":2}"


class Live(vectors.Handshake):
    """The server's side of a handshake with a client that is not ours."""

    def __init__(self, lines, content, origin, changes):
        changes = dict(changes)
        self.request_lines, self.request_content = lines, content
        _, suite, group, self.client_share = server.judge_aths(
            "POST", lines, content, [origin])
        self.answer(suite, group, changes.pop(
            "evidence_type", "application/eat+cwt"), changes)


class Handler(http.server.BaseHTTPRequestHandler):
    """What it does is in `changes` and `respond` of the class."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        lines = self.headers.items()
        kind = type(self)
        if self.headers["Attest-Versions"]:
            kind.live = Live(lines, content, self.origin, self.changes)
            self.reply(self.status, kind.live.response_lines,
                       kind.live.records)
        else:
            clear = server.fields.parse_clear(lines, server.fields.SQ)
            n, parameters = clear["attest-ticket"].value
            self.reply(200, *self.respond(kind.live, {
                "n": n, "AtT": parameters["mac"]}))

    do_ATTEST = do_POST

    def reply(self, status, clear, sealed):
        content = b"".join(sealed)
        self.send_response(status)
        self.send_header("Content-Type", "application/httpa-sealed")
        self.send_header("Content-Length", str(len(content)))
        for name, value in clear:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def good_response(live, request):
    answer = live.response(request, HEAD, SECRET)
    return answer["lines"], answer["records"]


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    directory = tmp_path_factory.mktemp("policy")
    public = vectors.fixed.p256_key(vectors.DEV_ROOT).public_key()
    (directory / "root.pem").write_bytes(public.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (directory / "policy.json").write_text(json.dumps({
        "httpa_policy": 1, "name": "vectors",
        "identity": {"require": "none"},
        "insecure_dev_tee": True,
        "accept": [{"name": "vectors", "type": "dev",
                    "root_key": "root.pem",
                    "measurements": [{"app": "demo"}]}]}))
    return directory / "policy.json"


def get(policy, changes=None, respond=good_response, status=200,
        options=()):
    """The exit code and the output of the client."""
    path = test_interop.program()
    if subprocess.run([path, "get", "--help"],
                      capture_output=True).returncode != 0:
        pytest.skip(f"SKIP: {path} has no `get` yet")
    handler = type("Live", (Handler,), {
        "changes": changes or {}, "respond": staticmethod(respond),
        "status": status})
    httpd = test_interop.Server(("127.0.0.1", 0), handler)
    handler.origin = f"http://127.0.0.1:{httpd.server_address[1]}"
    threading.Thread(target=httpd.serve_forever, args=(0.01,),
                     daemon=True).start()
    try:
        done = subprocess.run(
            [path, "get", handler.origin + "/v1/chat", "--policy", policy,
             "--suites", "TLS_AES_128_GCM_SHA256", "--groups", "x25519",
             "--max-time", "20", *options], capture_output=True)
    finally:
        httpd.shutdown()
        httpd.server_close()
    return done.returncode, done.stdout, done.stderr.decode()


def test_a_good_handshake_and_response(policy):
    assert get(policy)[:2] == (0, SECRET)


# Cases that lean on what the client of the vectors demands, or that the
# command line cannot ask for.
OTHERWISE = {"suite-not-offered", "pinned-other", "another-claim",
             "another-root", "random-changed", "undefined-field-added",
             "max-age-changed"}
ATHS = [c for c in CASES if c["kind"] == "aths-response"
        and c["name"] not in OTHERWISE]


# Where the program does not do what the document says, by now.
KNOWN = {}


@pytest.mark.parametrize("case", [pytest.param(
    c, id=c["name"], marks=[pytest.mark.xfail(reason=KNOWN[c["name"]])]
    if c["name"] in KNOWN else []) for c in ATHS])
def test_handshake(policy, case):
    changes = negative.RECIPES["aths-response", case["name"]]
    code, out, error = get(policy, changes, status=case["status"])
    if case["check"] is None:
        assert (code, out) == (0, SECRET)
        return
    wanted = {"violation": [VIOLATION], "no HTTPA answer": [NO_ANSWER],
              "refused by policy": [REFUSED]}[case["answer"]]
    if "after-the-quote" in case["name"]:
        wanted += [VIOLATION]       # 5.9: check 13 may come first
    assert out == b""
    assert code in wanted, error


RESPONSES = [c for c in CASES if c["kind"] == "sealed-response"
             and "records-" not in c["name"] and c["check"] not in (
                 "response.binder", "response.fields")]


@pytest.mark.parametrize("case", RESPONSES, ids=lambda c: c["name"])
def test_response(policy, case):
    head, content, parts = negative.RECIPES["sealed-response", case["name"]]

    def respond(live, request):
        answer = live.response(request, head, content, parts)
        return answer["lines"], answer["records"]
    options = ["-I"] if case["method"] == "HEAD" else []
    code, _, error = get(policy, respond=respond, options=options)
    assert code == (VIOLATION if case["check"] else 0), error


def spoilt(change_lines=None, change_records=None):
    def respond(live, request):
        answer = live.response(request, HEAD, SECRET)
        lines, sealed = answer["lines"], answer["records"]
        return (change_lines(lines) if change_lines else lines,
                change_records(sealed) if change_records else sealed)
    return respond


@pytest.mark.parametrize("name,respond,wanted", [
    ("binder", spoilt(lambda l: [("Attest-Binder", negative.MAC)]), 5),
    ("field-added", spoilt(lambda l: l + [("Attest-Z", "1")]), 5),
    ("misplaced", spoilt(lambda l: l + [("Attest-Version", "httpa/2")]), 5),
    ("protect", spoilt(lambda l: [(l[0][0], l[0][1] + ";protect=sign")]), 5),
    ("no-binder", spoilt(lambda l: []), 3),
    ("empty", spoilt(None, lambda r: []), 8),
    ("truncated", spoilt(None, lambda r: r[:1]), 7),
    ("cut-in-a-record", spoilt(None, lambda r: [r[0], r[1][:-1]]), 7),
    ("swapped", spoilt(None, lambda r: r[::-1]), 5),
    ("behind", spoilt(None, lambda r: r + [b"\0"]), 5),
    ("twice", spoilt(None, lambda r: r * 2), 5),
    ("tag", spoilt(None, lambda r: [r[0], r[1][:-1] + bytes(
        [r[1][-1] ^ 1])]), 5),
    ("final-bit", spoilt(None, lambda r: [r[0], b"\0" + r[1][1:]]), 5),
], ids=lambda v: v if isinstance(v, str) else "")
def test_spoilt_response(policy, name, respond, wanted):
    code, out, error = get(policy, respond=respond)
    assert code == wanted, error
    assert out in (b"", SECRET)     # what verified may have been written


def test_the_response_of_another_request(policy):
    def respond(live, request):
        other = live.request(request["n"] + 1, vectors.TRR_HEAD)
        answer = live.response(other, HEAD, SECRET)
        return answer["lines"], answer["records"]
    assert get(policy, respond=respond)[0] == VIOLATION


def test_another_signer(policy):
    original, vectors.DEV_ROOT = vectors.DEV_ROOT, 12345
    try:
        code, out, error = get(policy)
    finally:
        vectors.DEV_ROOT = original
    assert (code, out) == (REFUSED, b""), error
    assert "root" in error
