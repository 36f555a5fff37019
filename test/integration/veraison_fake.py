"""A fake of Veraison's challenge-response API on loopback.  It looks whether
the nonce is in the evidence, affirms, and misbehaves on demand.  It is no test
of the real service."""
import base64
import http.server
import json
import ssl
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

SESSION = "application/vnd.veraison.challenge-response-session+json"
CCA = 'application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"'
BELOW = "/challenge-response/v1"


def b64(b):
    return base64.urlsafe_b64encode(b).rstrip(b"=").decode()


class Key:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())

    def jwk(self):
        n = self.key.public_key().public_numbers()
        return json.dumps({"kty": "EC", "crv": "P-256", "alg": "ES256",
                           "x": b64(n.x.to_bytes(32, "big")),
                           "y": b64(n.y.to_bytes(32, "big"))})

    def sign(self, claims):
        text = b64(b'{"alg":"ES256","typ":"JWT"}') + "." + \
            b64(json.dumps(claims).encode())
        r, s = utils.decode_dss_signature(
            self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return text + "." + b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


class Fake:
    """|moods|: what is done instead at the next "new", "post" or "get"; "*"
    behind the name: always.  |claims| changes the result."""

    def __init__(self, tls=None):
        self.key = Key()
        self.signer = self.key
        self.accept = ["application/psa-attestation-token", CCA]
        self.moods, self.claims, self.asked = {}, {}, []
        self.sent = None  # (media type, evidence)
        self.nonce = b""
        self.waits = 0  # looks until a result is there
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def serve(self, step):
                fake.asked.append((self.command, self.path))
                n = int(self.headers.get("Content-Length") or 0)
                self.content = self.rfile.read(n)
                mood = fake.moods.get(step + "*") or \
                    fake.moods.pop(step, step)
                getattr(fake, mood.split(":")[0])(self, *mood.split(":")[1:])

            def do_POST(self):
                self.serve("new" if "newSession" in self.path else "post")

            def do_GET(self):
                self.serve("get")

            def do_DELETE(self):
                self.serve("delete")

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket,
                                                     server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def answer(h, status, content=b"", fields=()):
        h.send_response(status)
        for name, value in fields:
            h.send_header(name, value)
        h.send_header("Content-Length", str(len(content)))
        h.end_headers()
        h.wfile.write(content)

    def session(self, h, code, fields=(), media_type=SESSION, **changes):
        text = json.dumps({"nonce": base64.b64encode(self.nonce).decode(),
                           "expiry": "2030-10-12T07:20:50.52Z",
                           "accept": self.accept, **changes})
        self.answer(h, code, text.encode(),
                    [("Content-Type", media_type), *fields])

    def result(self):
        return self.signer.sign({
            "eat_profile": "tag:github.com,2023:veraison/ear",
            "iat": int(time.time()), "eat_nonce": b64(self.nonce),
            "ear.verifier-id": {"developer": "nobody", "build": "fake"},
            "submods": {"CCA_REALM": {"ear.status": "affirming"}},
            **self.claims})

    # ---- well behaved

    def new(self, h, fields=(("Location", "session/77"),), **changes):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(h.path).query)
        # Padded, as the service wants it.
        self.nonce = base64.urlsafe_b64decode(query["nonce"][0])
        self.session(h, 201, fields, **{"status": "waiting", **changes})

    def complete(self, h, **changes):
        self.session(h, 200, **{"status": "complete",
                                   "evidence": {"type": "t", "value": "v"},
                                   "result": self.result(), **changes})

    def post(self, h):
        self.sent = (h.headers["Content-Type"], h.content)
        if self.nonce not in h.content:
            self.fail(h, 400, "no match for nonce")
        elif self.waits > 0:
            self.session(h, 202, status="processing")
        else:
            self.complete(h)

    def get(self, h):
        self.waits -= 1
        if self.waits > 0:
            self.session(h, 200, status="processing")
        else:
            self.complete(h)

    def delete(self, h):
        self.answer(h, 204)

    # ---- and not

    def fail(self, h, status, detail=None):
        problem = {"type": "about:blank", "title": "Sorry",
                   "status": int(status), "detail": detail}
        self.answer(h, int(status), json.dumps(
            {k: v for k, v in problem.items() if v}).encode(),
            [("Content-Type", "application/problem+json")])

    def page(self, h):
        self.answer(h, 201 if "newSession" in h.path else 200,
                    b"<html>a portal</html>",
                    [("Content-Type", "text/html"), ("Location", "s/1")])

    def rubbish(self, h):
        self.answer(h, 200, b'{"nonce":', [("Content-Type", SESSION)])

    def redirect(self, h):
        self.answer(h, 307, b"", [("Location", self.url + "/elsewhere")])

    def slow(self, h):
        time.sleep(20)
        self.new(h)

    def drip(self, h):
        """One byte at a time: no time-out of silence sees it."""
        h.send_response(200)
        h.send_header("Content-Length", "60000")
        h.end_headers()
        for _ in range(200):
            h.wfile.write(b"x")
            time.sleep(0.1)

    def endless(self, h):
        h.send_response(200)
        h.send_header("Content-Type", SESSION)
        h.end_headers()
        while True:
            h.wfile.write(b" " * 65536)

    def hang_up(self, h):
        h.close_connection = True

    def lost(self, h):
        self.new(h, fields=())

    def twice(self, h):
        self.new(h, fields=(("Location", "session/77"),
                            ("Location", "session/78")))

    def elsewhere(self, h, where):
        self.new(h, fields=(("Location", urllib.parse.unquote(where)),))

    def other_nonce(self, h):
        self.new(h, nonce="MTIzNDU2Nzg5MDEyMzQ1Ng==")

    def busy(self, h):
        self.new(h, status="processing")

    def unknown(self, h):
        self.new(h, status="wondering")

    def failed(self, h):
        self.session(h, 200, status="failed")

    def swapped(self, h):
        """The session of somebody else."""
        self.complete(h, nonce="MTIzNDU2Nzg5MDEyMzQ1Ng==")

    def without(self, h):
        self.session(h, 200, status="complete")

    def old_style(self, h):
        self.complete(h, result={"is_valid": True})

    def escaped(self, h):
        self.complete(h, result=self.result() + "\n")
