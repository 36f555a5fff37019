#!/usr/bin/env python3
"""The demonstration's application: knows nothing of HTTPA.

GET /hello answers at once.  POST /chat streams an answer word by word, as a
language model does (server-sent events).

usage: app.py PORT LOG      LOG: one line for each request that arrived
"""
import http.server
import sys
import time

ANSWER = ("Your notes say that the second test was negative and that "
          "nobody else needs to know.")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def note(self):
        with open(sys.argv[2], "a") as log:
            log.write(f"{self.command} {self.path} "
                      f"{self.headers.get('httpa-trust', '-')}\n")

    def do_GET(self):
        self.note()
        found = self.path == "/hello"
        text = b"Hello from inside.\n" if found else b"There is no such page.\n"
        self.send_response(200 if found else 404)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        self.note()
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for word in ANSWER.split():
            self.wfile.write(f"data: {word}\n\n".encode())
            self.wfile.flush()
            time.sleep(0.08)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])),
                                Handler).serve_forever()
