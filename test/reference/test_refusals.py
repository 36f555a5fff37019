"""The negative cases, sent to `httpa serve` over the wire.

What a server must refuse is sent to a real one: the AtHS requests as they
are, and sealed requests, heads, trailers and contents sealed anew on a live
base.  The answer must be the one that the vectors name, and the base must
live on.
"""
import http.client
import json
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import bhttp        # noqa: E402
import client as reference      # noqa: E402
import fields       # noqa: E402
import negative     # noqa: E402
import records      # noqa: E402
import test_interop     # noqa: E402
import vectors      # noqa: E402
from negative import octets_of      # noqa: E402

NEGATIVE = json.loads((HERE.parent / "vectors" / "negative.json")
                      .read_text())
SHARED = NEGATIVE["shared"]
application = test_interop.application
pattern = test_interop.pattern


# Where the program does not do what the document says, by now.
KNOWN = {}


def each(cases):
    return pytest.mark.parametrize("case", [pytest.param(
        c, id=f"{c['kind']}-{c['name']}",
        marks=[pytest.mark.xfail(reason=KNOWN[c["name"]])]
        if c["name"] in KNOWN else []) for c in cases])


def of_kind(*kinds):
    return each([c for c in NEGATIVE["cases"] if c["kind"] in kinds])


class Client(reference.Client):
    """A client whose server listens elsewhere than its origin says."""

    def send(self, lines, content_type, content):
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=20)
        connection.putrequest(self.method, reference.PATH,
                              skip_accept_encoding=True)
        for name, value in [("Content-Type", content_type),
                            ("Content-Length", str(len(content))), *lines]:
            connection.putheader(name, value)
        connection.endheaders(content)
        return connection, connection.getresponse()


@pytest.fixture(scope="module")
def server(application, tmp_path_factory):
    """(port, root SPKI) of a server whose origin is that of the vectors"""
    port = test_interop.free_port()
    root, process = test_interop.start_program(
        tmp_path_factory.mktemp("httpa"), application, port, vectors.ORIGIN)
    yield port, root
    test_interop.stop_program(process)


def new_client(server):
    client = Client(vectors.ORIGIN, test_interop.dev_policy(server[1]))
    client.port = server[0]
    return client


@pytest.fixture(scope="module")
def client(server):
    client = new_client(server)
    client.handshake()
    return client


def outcome(client, lines, content):
    """The token of the refusal, or "" for 200."""
    connection, response = client.send(lines, "application/cmw+cbor",
                                       content)
    response.read()
    connection.close()
    if response.status == 200:
        return ""
    return response.getheader("Attest-Error", f"status {response.status}")


# ---- AtHS ----------------------------------------------------------------

@of_kind("aths-request")
def test_aths_request(server, case):
    if "window" in case:
        pytest.skip("the server runs without a window for dates")
    assert outcome(new_client(server), case.get("lines", SHARED["request"]),
                   octets_of(case.get("content", SHARED["request_content"]))
                   ) == case.get("answer", "")


@of_kind("cmw")
def test_content_of_an_aths_request(server, case):
    assert outcome(new_client(server), SHARED["request"],
                   octets_of(case["data"])) == (
        "malformed" if case["check"] else "")


@of_kind("cbor")
def test_cbor_in_an_aths_request(server, case):
    """In the place of a value that the server must only walk over."""
    data = octets_of(case["data"])
    if case["check"] is None and case["name"] in ("nested-16", "negative",
                                                  "keys-in-another-order",
                                                  "64-entries"):
        pytest.skip("well-formed, but no CMW")
    assert outcome(new_client(server), SHARED["request"],
                   b"\xa1\x61x" + data) == "malformed"


@of_kind("field")
def test_field_of_a_request(server, client, case):
    """One field of a good request replaced."""
    if case["message"] not in (fields.AQ, fields.SQ) or not fields.TABLE[
            case["field"]][3][case["message"]].startswith("c"):
        pytest.skip("not in the clear head of a request")
    if case["message"] == fields.AQ:
        lines, content = SHARED["request"], octets_of(
            SHARED["request_content"])
    else:
        _, _, lines, content = client.seal("GET", "/bytes/1")
        if case["check"] is None:
            pytest.skip("the ticket would not fit")
    lines = [line for line in lines if line[0].lower() != case["field"]]
    lines += [(case["field"], value) for value in case["lines"]]
    token = outcome(client, lines, content)
    if case["check"] is None:
        assert token != "malformed"
    else:
        assert token == "malformed"


# ---- sealed requests -----------------------------------------------------

def sealed_outcome(client, parts, more=()):
    """The sealed Attest-Error, or "" without one."""
    client.n += 1
    n, base = client.n, client.base
    AtT, clear = client.ticket(n)
    sealed = b"".join(records.seal_message(
        base.schedule.aead, base.c_key, base.c_iv, n, AtT, parts))
    answer = client.deliver("HEAD", n, AtT, clear + list(more), sealed)
    error = answer.sealed.get("attest-error")
    answer.connection.close()
    return error.value[0] if error else ""


def still_alive(client):
    assert client.request("GET", "/bytes/5").read() == pattern(5)


@of_kind("request-head")
def test_request_head(client, case):
    assert sealed_outcome(client, [(records.HEAD, octets_of(case["head"]))]
                          ) == ({"head": "head", "authority": "target"}
                                .get(case["check"], ""))
    still_alive(client)


@of_kind("trailers")
def test_trailers(client, case):
    assert sealed_outcome(client, [
        (records.HEAD, vectors.TRR_HEAD), (records.CONTENT, b"x"),
        (records.TRAILERS, octets_of(case["trailers"]))]) == (
            "head" if case["check"] else "")
    still_alive(client)


@of_kind("cmw", "cbor")
def test_content_of_an_atsp(client, case):
    if case["check"] is None and case["kind"] == "cbor":
        pytest.skip("well-formed, but no CMW")
    head = bhttp.write_request(
        b"ATTEST", b"https", b"api.example.com", b"/",
        [(b"content-type", b"application/cmw+cbor")])
    parts = records.cut(head, octets_of(case["data"]))
    if len(parts) == 1:
        pytest.skip("no content")
    assert sealed_outcome(client, parts) == (
        "head" if case["check"] else "")
    still_alive(client)


RESEALED = [c for c in NEGATIVE["cases"] if c["kind"] == "sealed-request"
            and c["check"] in ("records", "clear", "head")
            and not c["name"].startswith("supersedes")]


@each(RESEALED)
def test_sealed_request(client, case):
    """Records are opened with the keys of the vector and sealed anew with
    those of the base; what does not open is spoilt in the same way."""
    parts, rest = reopen(case)
    client.n += 1
    n, base = client.n, client.base
    AtT, clear = client.ticket(n)
    sealed = b"".join(records.seal(
        base.schedule.aead, base.c_key, base.c_iv, n, i, AtT, type_, data,
        final) for i, (type_, data, final) in enumerate(parts)) + rest
    copies = [line for line in case["lines"]
              if not line[0].lower().startswith("attest-")]
    answer = client.deliver("HEAD", n, AtT, clear + copies, sealed)
    assert answer.sealed["attest-error"].value[0] == case["answer"]
    answer.connection.close()
    still_alive(client)


def reopen(case):
    """([(type, data, final)], bytes that do not open)"""
    h = negative.H
    content = octets_of(case["content"], SHARED)
    AtT = h.request(5, vectors.TRR_HEAD)["AtT"]
    opener = records.Opener(h.schedule.aead, h.c_key, h.c_iv, 5, AtT)
    opener.order = lambda *_: None      # 8.3 is what the case breaks
    parts = []
    while content:
        try:
            length = records.read_header(content[:4])[1]
            part = opener.open(content[:4], content[4:4 + length])
        except records.Bad:
            break
        parts.append((*part, bool(content[0] & 0x80)))
        content = content[4 + length:]
    return parts, content


def supersede(client, numbers):
    return sealed_outcome(client, [(records.HEAD, bhttp.write_request(
        b"HEAD", b"https", b"api.example.com", b"/bytes/1",
        [(b"attest-supersedes", numbers.encode())]))])


def test_supersedes(client):
    """9.7"""
    assert supersede(client, f"{client.n + 1}") == "head"
    assert supersede(client, f"{client.n + 2}") == "head"
    assert supersede(client, f"{client.n}") == "seen"
    late = client.seal("GET", "/bytes/1")
    assert supersede(client, f"{client.n}, {client.n - 1}") == "seen"
    assert supersede(client, f"{late[0]}") == ""
    with pytest.raises(reference.Refusal, match="replay"):
        client.deliver("GET", *late)


def test_parameters_of_any_type_are_covered_alike(server):
    """The canonical text of both sides is the same, or Finished differs."""
    from negative import replaced
    client = new_client(server)
    hello = client.hello()
    case = next(c for c in json.loads(
        (HERE.parent / "vectors" / "canonical.json").read_text())["cases"]
        if c["name"] == "parameter-types")
    hello.lines = replaced(hello.lines, "Attest-Versions",
                           case["lines"][0][1]) + [
        ("Attest-Zebra", " some (text; = here "),
        ("attest-Date", "@1760000000;x"),
        ("Attest-Policies-x", "1")]
    hello.rehash()
    client.handshake(hello)
    still_alive(client)


def test_the_program_is_alive_after_all_that(server, client):
    still_alive(client)
    fresh = new_client(server)
    fresh.handshake()
    still_alive(fresh)
