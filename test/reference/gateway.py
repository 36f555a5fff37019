"""A small server: AtHS with dev evidence, and TrRs passed to an upstream.

    gateway = Gateway(origin, upstream_port, root_secret)
    gateway.serve(port)             # in a thread; .stop()

It exists so that client.py has a peer that is not the C library.  Every
request gets a thread; answers stream, requests are read whole.
"""
import base64
import http.client
import http.server
import os
import threading
import time

import bhttp
import cbor
import exchange
import fields
import fixed
import message
import records
import schedule
import server
from errors import Refused
from handshake import text_of
from schedule import Schedule, sha256
from vectors import sealed_lines, sign1

STATUS = {"malformed": 400, "version": 400, "suite": 400, "group": 400,
          "date": 400, "untrusted": 403, "client": 403, "policy": 403,
          "target": 421, "base-unknown": 422, "replay": 422,
          "too-large": 413, "busy": 503, "draining": 503}       # 14.1
SEALED = {"head": 400, "clear": 400, "target": 421, "seen": 409}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that goes away."""


class Gateway:
    def __init__(self, origin, upstream_port, secret):
        self.origin, self.upstream_port = origin, upstream_port
        self.secret = secret
        self.bases, self.lock = {}, threading.Lock()

    def serve(self, port):
        handler = type("Handler", (Handler,), {"gateway": self})
        self.httpd = Server(("127.0.0.1", port), handler)
        threading.Thread(target=self.httpd.serve_forever,
                         daemon=True).start()

    def stop(self):
        self.httpd.shutdown()
        self.httpd.server_close()

    def handshake(self, lines, content):
        """5.8 and what follows it: (clear lines, records)."""
        clear, suite, group, share = server.judge_aths(
            "POST", lines, content, [self.origin])
        s = Schedule(suite)
        TH0 = schedule.TH0(schedule.C1(schedule.C0(fields.F(clear))),
                           content)
        key = exchange.private_key(group, os.urandom(31) + b"\1"
                                   if group != "secp384r1"
                                   else os.urandom(47))
        id = "py." + base64.urlsafe_b64encode(os.urandom(16)).decode()[:22]
        answer = [
            ("Attest-Version", "httpa/2"), ("Attest-Cipher-Suite", suite),
            ("Attest-Supported-Group", group),
            ("Attest-Key-Share",
             f"{text_of(exchange.public_share(group, key))};group={group}"),
            ("Attest-Random", text_of(os.urandom(32))),
            ("Attest-Base-ID", f"{id};max-age=3600")]
        TH1 = s.TH1(TH0, fields.F(fields.parse_clear(answer, fields.AR)))
        hs = s.hs(s.early(), exchange.shared_secret(group, key, share))
        t = s.t(hs, TH1)
        head, body = self.sealed(s, TH1)
        TH2 = s.TH2(TH1, head, body)
        finished = s.finished(s.fin(t), TH2)
        master, TH3 = s.master(hs), s.TH3(TH2, finished)
        c, s_ = s.c(master, TH3), s.s(master, TH3)
        self.bases[id] = server.ServerBase(id, self.origin, suite, s.key(c),
                                           s.iv(c), s.key(s_), s.iv(s_))
        trailers = bhttp.write_fields(
            [(b"attest-binder", text_of(finished).encode())])
        return answer, records.seal_message(
            s.aead, s.key(t), s.iv(t), 0, b"",
            [(records.HEAD, head), (records.CONTENT, body),
             (records.TRAILERS, trailers)])

    def sealed(self, s, TH1):
        """Head and content of the AtHS response: 5.5."""
        lines = [("content-type", "application/cmw+cbor"),
                 ("attest-policies", "indirect, fresh"),
                 ("attest-base-creation", "shared"),
                 ("attest-configuration", text_of(bytes(32)))]
        F_sealed = fields.F({name: fields.Field(None, value)
                             for name, value in lines[1:]})
        rd = schedule.rd_fresh(s.B(TH1, b"", F_sealed))
        value = sign1(cbor.encode({6: int(time.time()), 10: rd,
                                   "app": "demo"}), self.secret)
        lines.append(("attest-quotes", text_of(sha256(value)) +
                      ';type="application/eat+cwt";binding=fresh'))
        return (bhttp.write_response(200, sealed_lines(lines)), cbor.encode(
            {"evidence": ["application/eat+cwt", value]}))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        lines = self.headers.items()
        content = self.content()
        try:
            word = server.kind(self.command, self.path, lines)
            if word == "aths":
                self.answer(*self.gateway.handshake(lines, content))
            elif word == "sealed":
                self.sealed(lines, content)
            else:
                raise Refused("form", word)
        except Refused as refused:
            self.refuse(refused.answer)

    do_ATTEST = do_GET = do_POST

    def content(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length",
                                                        0)))
        out = b""
        while (size := int(self.rfile.readline(), 16)) > 0:
            out += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return out

    def refuse(self, token):
        """14.1"""
        status = STATUS[token]
        content = ('{"type":"tag:httpa,2026:%s","title":"%s","status":%d}'
                   % (token, token.replace("-", " "), status)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Attest-Error", token)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer(self, clear, sealed):
        """13.4; the records as they come, each its own chunk."""
        self.send_response(200)
        for name, value in clear:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/httpa-sealed")
        self.send_header("Cache-Control", "no-store, no-transform")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for record in sealed:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(record), record))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def sealed(self, lines, content):
        clear = server.guard("fields", "malformed", fields.parse_clear,
                             lines, fields.SQ)
        base = self.gateway.bases.get(clear["attest-base-id"].value[0])
        if base is None:
            raise Refused("base", "base-unknown")
        n, parameters = clear["attest-ticket"].value
        try:
            with self.gateway.lock:
                request = server.judge_sealed(base, self.command, lines,
                                              content)
        except Refused as refused:
            if refused.answer not in SEALED or refused.check in (
                    "form", "fields", "base", "ticket", "window"):
                raise
            request = {"n": n, "AtT": parameters["mac"]}
            error = [(b"attest-error", refused.answer.encode())]
            self.respond(base, request, SEALED[refused.answer], error, [])
            return
        if request["method"] == b"ATTEST":
            self.respond(base, request, 204, [], [])
        else:
            self.forward(base, request)

    def forward(self, base, request):
        upstream = http.client.HTTPConnection("127.0.0.1",
                                              self.gateway.upstream_port)
        upstream.request(request["method"].decode(),
                         request["path"].decode(), request["content"],
                         dict((k.decode(), v.decode()) for k, v in
                              message.for_the_application(request["lines"])))
        response = upstream.getresponse()
        lines = [(k.lower().encode(), v.encode())
                 for k, v in response.getheaders() if k.lower() not in
                 ("connection", "transfer-encoding", "keep-alive")]
        pieces = iter(lambda: response.read1(records.PIECE), b"")
        self.respond(base, request, response.status, lines, pieces)
        upstream.close()

    def respond(self, base, request, status, lines, pieces):
        """9.3, with a final content record that is empty."""
        n, AtT = request["n"], request["AtT"]
        keys = (base.aead, base.s_key, base.s_iv, n)
        AtBr = schedule.tag(*keys, schedule.binder_aad(n, AtT, fields.F({})))

        def sealed():
            head = bhttp.write_response(status, lines)
            yield records.seal(*keys, 0, AtBr, records.HEAD, head, False)
            i = 0
            for i, piece in enumerate(pieces, 1):
                yield records.seal(*keys, i, AtBr, records.CONTENT, piece,
                                   False)
            yield records.seal(*keys, i + 1, AtBr, records.CONTENT, b"",
                               True)
        self.answer([("Attest-Binder", text_of(AtBr))], sealed())
