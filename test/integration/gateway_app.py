#!/usr/bin/env python3
"""The application behind the gateway in its tests.  usage: gateway_app.py

Listens on a free port, which it prints.  /step lets a waiting /sse send its
next event, so that a test knows which chunk exists when.
"""
import http.server
import json
import queue
import socketserver
import sys
import time
import urllib.parse

steps = queue.Queue()
PIECE = b"x" * 65536


class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def content(self):
        """The request's content, piece by piece."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while True:
                n = int(self.rfile.readline(), 16)
                piece = self.rfile.read(n)
                self.rfile.readline()
                if n == 0:
                    return
                yield piece
        left = int(self.headers.get("Content-Length", 0))
        while left:
            piece = self.rfile.read(min(left, 65536))
            left -= len(piece)
            yield piece

    def answer(self, status, body=b"", fields=()):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def chunked(self, fields=()):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()

    def echo(self, query):
        body = b"".join(self.content())
        told = {"method": self.command, "path": self.path,
                "fields": [[n.lower(), v] for n, v in self.headers.items()],
                "body": body.decode("latin-1")}
        self.answer(200, json.dumps(told).encode(),
                    [("Content-Type", "application/json"),
                     ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])

    def status(self, query):
        b"".join(self.content())
        self.answer(int(query["n"][0]), b"some content\n")

    def sse(self, query):
        self.chunked([("Content-Type", "text/event-stream")])
        for i in range(int(query["n"][0])):
            steps.get(timeout=20)
            self.chunk(b"data: %d\n\n" % i)
        self.chunk(b"")

    def step(self, query):
        steps.put(1)
        self.answer(204)

    def bytes(self, query):
        left = int(query["n"][0])
        self.send_response(200)
        self.send_header("Content-Length", str(left))
        self.end_headers()
        while left:
            piece = PIECE[:min(left, len(PIECE))]
            self.wfile.write(piece)
            left -= len(piece)

    def sink(self, query):
        self.answer(200, b"%d" % sum(map(len, self.content())))

    def half(self, query):
        """Begins an answer and waits to be killed."""
        self.chunked()
        self.chunk(b"genuine and incomplete")
        time.sleep(30)

    def slow(self, query):
        b"".join(self.content())
        time.sleep(float(query["s"][0]))
        self.answer(200, b"at last\n")

    def early(self, query):
        """A refusal before the content was read."""
        self.answer(413, b"too much\n", [("Connection", "close")])
        self.close_connection = True

    def trailers(self, query):
        self.chunked([("Trailer", "x-sum")])
        self.chunk(b"content")
        self.wfile.write(b"0\r\nx-sum: 42\r\n\r\n")

    def pretend(self, query):
        """Fields that are not an application's to send."""
        self.answer(200, b"ok", [("Httpa-Trust", "sealed"),
                                 ("Attest-Error", "seen"),
                                 ("X-Fine", "yes")])

    def route(self):
        url = urllib.parse.urlsplit(self.path)
        name = url.path.strip("/").split("/")[0]
        handler = getattr(self, name, None)
        if name.isidentifier() and handler:
            handler(urllib.parse.parse_qs(url.query))
        else:
            self.echo({})

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = route

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), App)
    print(server.server_address[1], flush=True)
    sys.stdout.close()
    server.serve_forever()
