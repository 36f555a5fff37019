"""The application behind the gateway in the tests: plain HTTP/1.1, knows
nothing of HTTPA.  Python's standard library, a thread per connection.

  /early           answers "early" before the content has come
  /echo            JSON: method, path, fields, length and SHA-256 of the body
  /bytes?n=N       N bytes of a pattern, with Content-Length
  /chunked?n=N     the same, chunked
  /sse?n=N&gap=S   N events, one each S seconds, flushed one by one
  /slow?s=S        the first byte after S seconds
  /status?c=CODE   that status; 204 and 304 without content
  /fields          many and long answer fields, some of them twice
  /cut?n=N         says N bytes, sends half, and is gone
  /die             kills the whole application in mid-answer
  /count           how often /pay was called; POST /pay adds one
"""
import hashlib
import http.server
import json
import os
import socketserver
import sys
import threading
import time
import urllib.parse

PIECE = bytes(range(256)) * 256
paid = 0
lock = threading.Lock()


class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def body(self):
        """The request's content, piece by piece."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                if size == 0:
                    while self.rfile.readline() not in (b"\r\n", b""):
                        pass
                    return
                yield self.rfile.read(size)
                self.rfile.readline()
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            piece = self.rfile.read(min(left, 65536))
            if not piece:
                raise ConnectionError("request broken off")
            left -= len(piece)
            yield piece

    def answer(self, content, status=200, fields=()):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def begin_chunked(self, content_type="application/octet-stream"):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        query = {k: v[0] for k, v in
                 urllib.parse.parse_qs(url.query).items()}
        handler = getattr(self, "do_" + url.path.strip("/"), self.do_echo)
        try:
            handler(query)
        except (ConnectionError, BrokenPipeError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = \
        do_OPTIONS = handle_any

    def do_echo(self, query):
        digest, length = hashlib.sha256(), 0
        for piece in self.body():
            digest.update(piece)
            length += len(piece)
        self.answer(json.dumps({
            "method": self.command, "path": self.path,
            "fields": [[k.lower(), v] for k, v in self.headers.items()],
            "length": length, "sha256": digest.hexdigest(),
        }).encode(), fields=[("Content-Type", "application/json")])

    def do_bytes(self, query):
        n = int(query["n"])
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(n))
        self.end_headers()
        while n > 0 and self.command != "HEAD":
            self.wfile.write(PIECE[:min(n, len(PIECE))])
            n -= len(PIECE)

    def do_chunked(self, query):
        n = int(query["n"])
        self.begin_chunked()
        while n > 0:
            self.chunk(PIECE[:min(n, len(PIECE))])
            n -= len(PIECE)
        self.wfile.write(b"0\r\n\r\n")

    def do_sse(self, query):
        self.begin_chunked("text/event-stream")
        for i in range(int(query["n"])):
            self.chunk(b"data: %d %.6f\n\n" % (i, time.time()))
            time.sleep(float(query.get("gap", "0.1")))
        self.wfile.write(b"0\r\n\r\n")

    def do_early(self, query):
        """Answers before the content is there, and goes on with it."""
        self.begin_chunked()
        self.chunk(b"early")
        content = b"".join(self.body())
        self.chunk(hashlib.sha256(content).hexdigest().encode())
        self.wfile.write(b"0\r\n\r\n")

    def do_slow(self, query):
        time.sleep(float(query["s"]))
        self.answer(b"at last\n")

    def do_status(self, query):
        code = int(query["c"])
        if code in (204, 304):
            self.send_response(code)
            self.send_header("ETag", '"abc"')
            self.end_headers()
        else:
            self.answer(b"status %d\n" % code, code)

    def do_fields(self, query):
        self.answer(b"fields\n", fields=[
            ("X-Long", "v" * 6000), ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2; Path=/"), ("X-Twice", "one"),
            ("X-Twice", "two"), ("X-Latin", "caf\u00e9")])

    def do_cut(self, query):
        n = int(query["n"])
        self.send_response(200)
        self.send_header("Content-Length", str(n))
        self.end_headers()
        self.wfile.write(b"x" * (n // 2))
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(2)

    def do_die(self, query):
        self.begin_chunked()
        self.chunk(b"y" * 20000)
        time.sleep(0.3)
        os.kill(os.getpid(), 9)

    def do_pay(self, query):
        global paid
        for _ in self.body():
            pass
        with lock:
            paid += 1
        self.answer(b"paid\n")

    def do_count(self, query):
        self.answer(b"%d" % paid)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), App).serve_forever()
