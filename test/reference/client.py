"""A small client: AtHS and TrR over http.client (doc/protocol.md 5, 9, 15).

    client = Client("http://127.0.0.1:8080", Policy(eat={...}))
    client.handshake()
    answer = client.request("POST", "/v1/chat", [("x-a", "1")], b"...")
    answer.status, answer.fields, answer.read(), answer.trailers

It retries nothing, keeps no cookies and sends no fillers.
"""
import hmac
import http.client
import os
import time
import urllib.parse

import bhttp
import fields
import handshake
import message
import records
import schedule
from errors import Bad, Refused
from handshake import VIOLATION, text_of

PATH = "/.well-known/httpa"     # 3.3


class Refusal(Exception):
    """14.1, not authenticated."""

    def __init__(self, status, token):
        super().__init__(f"{status} {token}")
        self.status, self.token = status, token


class BrokenOff(Exception):
    """15, row 17: the response ended without its final record."""


class Answer:
    """A verified response head; the content is read as it arrives."""

    def __init__(self, method, connection, response, opener):
        self.method, self.connection = method, connection
        self.response, self.opener = response, opener
        self.clear, self.trailers, self.length = {}, [], 0

    def next_record(self):
        """(type, data), or None behind the final record."""
        if self.opener.done:
            if self.response.read(1):
                raise Refused("response.records", VIOLATION,
                              "bytes behind the final record")
            self.connection.close()
            return None
        header = self.exactly(4)
        try:
            _, length = records.read_header(header)
            return self.opener.open(header, self.exactly(length))
        except Bad as bad:
            raise Refused("response.records", VIOLATION, bad) from None

    def exactly(self, count):
        try:
            data = self.response.read(count)
        except (http.client.HTTPException, OSError) as error:
            raise BrokenOff(error) from None
        if len(data) < count:
            raise BrokenOff("no final record")
        return data

    def read_head(self, base_id, outer):
        type_, data = self.next_record()
        while type_ == records.FILLER:
            type_, data = self.next_record()
        try:
            self.status, self.fields, self.sealed = \
                message.check_response_head(data)
            named = self.sealed.get("attest-base-id")
            if named is not None and named.value[0] != base_id:
                raise Bad("Attest-Base-ID of another base")
        except Bad as bad:
            raise Refused("response.head", VIOLATION, bad) from None
        handshake.guard("response.clear", message.check_clear_copies,
                        self.sealed, outer, self.fields)

    def pieces(self):
        """The content, record by record, each as soon as it verified."""
        while (record := self.next_record()) is not None:
            type_, data = record
            if type_ == records.CONTENT and data:
                self.length += len(data)
                yield data
            if type_ == records.TRAILERS:
                self.trailers = handshake.guard(
                    "response.head", message.check_trailers, data)
        handshake.guard("response.head", message.check_response_content,
                        self.method, self.status, self.fields, self.length)

    def read(self):
        return b"".join(self.pieces())


class Client:
    def __init__(self, target, policy, method="POST"):
        self.target, self.policy, self.method = target, policy, method
        self.authority = urllib.parse.urlsplit(target).netloc
        self.base, self.n = None, 0

    def send(self, lines, content_type, content):
        """One outer request (13): (connection, response)."""
        connection = http.client.HTTPConnection(self.authority, timeout=60)
        headers = {"Content-Type": content_type,
                   "Cache-Control": "no-store", "Accept": "*/*",
                   "User-Agent": "httpa", **dict(lines)}
        if isinstance(content, bytes):
            headers["Content-Length"] = str(len(content))
            connection.request(self.method, PATH, content, headers)
        else:
            headers["Transfer-Encoding"] = "chunked"
            connection.request(self.method, PATH, content, headers,
                               encode_chunked=True)
        return connection, connection.getresponse()

    def refusal(self, response):
        """3.2 row 4, else no HTTPA answer."""
        token = response.getheader("Attest-Error")
        if response.status // 100 != 2 and token is not None:
            return Refusal(response.status, token)
        return Refused("response.form", "no HTTPA answer",
                       f"status {response.status}")

    def hello(self):
        private = {"x25519": os.urandom(32), "secp256r1": os.urandom(31),
                   "secp384r1": os.urandom(47)}
        return handshake.Hello(self.target, self.policy, os.urandom(32),
                               private)

    def handshake(self, hello=None):
        """AtHS: 5"""
        hello = hello or self.hello()
        connection, response = self.send(
            hello.lines, "application/cmw+cbor", hello.content)
        if response.getheader("Attest-Version") is None:
            raise self.refusal(response)
        try:
            content = response.read()
        except http.client.IncompleteRead as error:
            content = error.partial
        connection.close()
        self.base = handshake.judge(hello, response.status,
                                    response.getheaders(), content,
                                    int(time.time()))
        return self.base

    def ticket(self, n):
        """9.2: (AtT, the clear lines)"""
        base = self.base
        lines = [("Attest-Base-ID", base.id)]
        F_request = fields.F({"attest-base-id": fields.Field(None, base.id)})
        AtT = schedule.tag(base.schedule.aead, base.c_key, base.c_iv, n,
                           schedule.ticket_aad(n, F_request))
        return AtT, lines + [("Attest-Ticket", f"{n};mac={text_of(AtT)}")]

    def seal(self, method, path, lines=(), content=b""):
        """A sealed request: (n, AtT, clear lines, records).  Content is
        bytes, or an iterable of pieces whose number is not known."""
        self.n += 1
        n, base = self.n, self.base
        AtT, clear = self.ticket(n)
        scheme = urllib.parse.urlsplit(self.target).scheme
        head = bhttp.write_request(
            method.encode(), scheme.encode(), self.authority.encode(),
            path.encode(), [(name.encode(), value.encode())
                            for name, value in lines])
        keys = (base.schedule.aead, base.c_key, base.c_iv, n, AtT)
        if isinstance(content, bytes):
            sealed = b"".join(records.seal_message(
                *keys, records.cut(head, content)))
        else:
            sealed = self.stream(keys, head, content)
        return n, AtT, clear, sealed

    def stream(self, keys, head, pieces):
        aead, key, iv, n, AtT = keys
        yield records.seal(aead, key, iv, n, 0, AtT, records.HEAD, head,
                           False)
        i = 0
        for i, piece in enumerate(pieces, 1):
            yield records.seal(aead, key, iv, n, i, AtT, records.CONTENT,
                               piece, False)
        yield records.seal(aead, key, iv, n, i + 1, AtT, records.CONTENT,
                           b"", True)

    def deliver(self, method, n, AtT, clear, sealed):
        """Send what `seal` made and verify the response's head (9.8)."""
        connection, response = self.send(clear, "application/httpa-sealed",
                                         sealed)
        lines = response.getheaders()
        if (response.status != 200
                or response.getheader("Attest-Binder") is None):
            raise self.refusal(response)
        AtBr = check_binder(self.base, n, AtT, lines)
        opener = records.Opener(self.base.schedule.aead, self.base.s_key,
                                self.base.s_iv, n, AtBr)
        answer = Answer(method.encode(), connection, response, opener)
        answer.read_head(self.base.id, lines)
        return answer

    def request(self, method, path, lines=(), content=b""):
        return self.deliver(method, *self.seal(method, path, lines, content))


def check_binder(base, n, AtT, lines):
    """Checks 2 and 3 of 9.8: AtBr"""
    clear = handshake.guard("response.fields", fields.parse_clear, lines,
                            fields.SR)
    F_response = fields.F(fields.without(clear, "attest-binder"))
    AtBr = schedule.tag(base.schedule.aead, base.s_key, base.s_iv, n,
                        schedule.binder_aad(n, AtT, F_response))
    if not hmac.compare_digest(AtBr, clear["attest-binder"].value[0]):
        raise Refused("response.binder", VIOLATION, "AtBr")
    return AtBr
