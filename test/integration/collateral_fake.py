"""A fake of AMD's KDS and Intel's PCS on loopback: it serves documents by
path, and misbehaves on demand.  It is no test of the real services."""
import datetime
import hashlib
import http.server
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DER = serialization.Encoding.DER
PEM = serialization.Encoding.PEM


class Maker:
    """Certificates and lists of nobody."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.now = int(time.time())

    def name(self, cn):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, cn)])

    def date(self, at):
        at = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
        return at.replace(tzinfo=None)

    def cert(self, cn, days=2000, encoding=DER):
        return (x509.CertificateBuilder().subject_name(self.name(cn))
                .issuer_name(self.name("A maker")).serial_number(1)
                .public_key(self.key.public_key())
                .not_valid_before(self.date(self.now - 1000))
                .not_valid_after(self.date(self.now + days * 86400))
                .sign(self.key, hashes.SHA256()).public_bytes(encoding))

    def crl(self, ago=1000, days=30):
        return (x509.CertificateRevocationListBuilder()
                .issuer_name(self.name("A maker"))
                .last_update(self.date(self.now - ago))
                .next_update(self.date(self.now - ago + days * 86400))
                .sign(self.key, hashes.SHA256()).public_bytes(DER))


class Amd:
    """Root, intermediate and VCEK of no AMD: a chip 5a..5a of line Milan at
    the TCB of collateral_test's report."""

    OID = "1.3.6.1.4.1.3704.1."
    TCB = {"3.1": 1, "3.2": 2, "3.3": 14, "3.8": 219}

    def __init__(self):
        self.maker = Maker()
        self.keys = {n: ec.generate_private_key(ec.SECP384R1())
                     for n in ("ARK", "ASK", "VCEK")}

    def cert(self, name, issuer, extensions=(), days=2000):
        b = (x509.CertificateBuilder()
             .subject_name(self.name(name))
             .issuer_name(self.name(issuer))
             .serial_number(1).public_key(self.key(name).public_key())
             .not_valid_before(self.maker.date(self.maker.now - 90000))
             .not_valid_after(self.maker.date(self.maker.now + days * 86400)))
        for extension, critical in extensions:
            b = b.add_extension(extension, critical)
        return b.sign(self.key(issuer), hashes.SHA384())

    def name(self, cn):
        return x509.Name([
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Nobody"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, cn)])

    def key(self, name):
        return self.keys[name.removeprefix("SEV-")]

    def ca(self, name):
        usage = {n: n in ("key_cert_sign", "crl_sign") for n in (
            "digital_signature", "content_commitment", "key_encipherment",
            "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
            "encipher_only", "decipher_only")}
        return self.cert(name, "ARK", [
            (x509.BasicConstraints(True, None), True),
            (x509.KeyUsage(**usage), True)])

    def chain(self):
        return (self.ca("ASK").public_bytes(PEM) +
                self.ca("ARK").public_bytes(PEM))

    def vcek(self, days=2000, product=b"Milan-B0", **spl):
        def integer(v):
            body = v.to_bytes(v.bit_length() // 8 + 1, "big")
            return bytes([2, len(body)]) + body

        values = {"2": b"\x16" + bytes([len(product)]) + product,
                  "4": b"\x5a" * 64}
        values.update({k: integer(v) for k, v in {**self.TCB, **spl}.items()})
        return self.cert("SEV-VCEK", "ASK", [
            (x509.UnrecognizedExtension(x509.ObjectIdentifier(self.OID + k),
                                        v), False)
            for k, v in values.items()], days).public_bytes(DER)

    def crl(self, ago=1000, days=30):
        now = self.maker.now
        return (x509.CertificateRevocationListBuilder()
                .issuer_name(self.name("ARK"))
                .last_update(self.maker.date(now - ago))
                .next_update(self.maker.date(now - ago + days * 86400))
                .sign(self.key("ARK"), hashes.SHA384()).public_bytes(DER))

    def root(self):
        spki = self.key("ARK").public_key().public_bytes(
            DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(spki).hexdigest()


class Fake:
    """|documents|: path to (content, fields); |moods|: path to a list of what
    is done instead, one for each request."""

    def __init__(self):
        self.documents = {}
        self.moods = {}
        self.asked = []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                fake.asked.append(self.path)
                moods = fake.moods.get(self.path)
                mood = moods.pop(0) if moods else "well"
                getattr(fake, mood.split(":")[0])(self, *mood.split(":")[1:])

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def answer(h, status, content=b"", fields=(), length=None):
        h.send_response(status)
        for name, value in fields:
            h.send_header(name, value)
        h.send_header("Content-Length", str(length or len(content)))
        h.end_headers()
        h.wfile.write(content)

    def well(self, h):
        content, fields = self.documents.get(h.path, (None, ()))
        if content is None:
            self.answer(h, 404, b"<html>not here</html>")
        else:
            self.answer(h, 200, content, fields)

    def fail(self, h, status):
        self.answer(h, int(status), b"<html>sorry</html>")

    def throttle(self, h, seconds):
        self.answer(h, 429, b"", [("Retry-After", seconds)])

    def slow(self, h):
        time.sleep(20)
        self.well(h)

    def drip(self, h):
        """One byte at a time: no time-out of silence sees it."""
        h.send_response(200)
        h.send_header("Content-Length", "60000")
        h.end_headers()
        for _ in range(200):
            h.wfile.write(b"x")
            time.sleep(0.1)

    def lie(self, h):
        self.answer(h, 200, b"<html>a portal</html>",
                    self.documents[h.path][1])

    def cut(self, h):
        content, fields = self.documents[h.path]
        self.answer(h, 200, content[:-10], fields, len(content))
        h.close_connection = True

    def endless(self, h):
        h.send_response(200)
        h.end_headers()
        while True:
            h.wfile.write(b"x" * 65536)

    def redirect(self, h, *where):
        self.answer(h, 302, b"", [("Location", ":".join(where))])

    def twice(self, h):
        content, fields = self.documents[h.path]
        self.answer(h, 200, content, [*fields, *fields])

    def bare(self, h):
        self.answer(h, 200, self.documents[h.path][0])

    def nonsense(self, h):
        content, fields = self.documents[h.path]
        self.answer(h, 200, content, [(n, "%zz%00") for n, _ in fields])
