"""Hashes and keys: doc/protocol.md 5.3, 5.6, 5.7, 6.1, 9.2 and 9.3.

One formula of the document per function, in the names of the document.
Where a formula takes the fields S of F(S), it is given F(S) itself
(fields.F), as bytes.
"""
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import (AESGCM,
                                                         ChaCha20Poly1305)

# 5.6: AEAD, klen, hash, L
SUITES = {
    "TLS_AES_128_GCM_SHA256": (AESGCM, 16, "sha256", 32),
    "TLS_AES_256_GCM_SHA384": (AESGCM, 32, "sha384", 48),
    "TLS_CHACHA20_POLY1305_SHA256": (ChaCha20Poly1305, 32, "sha256", 32),
}


# 2.2, notation

def u(bits, number):
    return number.to_bytes(bits // 8, "big")


def v8(x):
    return u(8, len(x)) + x


def v16(x):
    return u(16, len(x)) + x


def v32(x):
    return u(32, len(x)) + x


def lbl(text):
    return text.encode("ascii") + b"\0"


def sha512(data):
    return hashlib.sha512(data).digest()


def sha256(data):
    return hashlib.sha256(data).digest()


# 5.3, hashes of the request

def C0(F_request, client_spki=b""):
    return sha512(lbl("httpa/2 request") + F_request + v16(client_spki))


def C1(c0, quotes=b""):
    return sha512(lbl("httpa/2 request evidence") + c0 + v32(quotes))


def TH0(c1, content, signatures=b""):
    return sha512(lbl("httpa/2 request end") + c1 + v32(signatures)
                  + sha512(content))


class Schedule:
    """5.6 and 5.7: everything that depends on the suite's hash."""

    def __init__(self, suite):
        self.suite = suite
        self.aead, self.klen, self.hash, self.L = SUITES[suite]

    def H(self, data):
        return hashlib.new(self.hash, data).digest()

    def hmac(self, key, data):
        return hmac.new(key, data, self.hash).digest()

    # RFC 5869

    def extract(self, salt, ikm):
        return self.hmac(salt, ikm)

    def expand(self, secret, info, n):
        out, block, counter = b"", b"", 1
        while len(out) < n:
            block = self.hmac(secret, block + info + bytes([counter]))
            out += block
            counter += 1
        return out[:n]

    def XL(self, secret, label, context, n):
        info = u(16, n) + v8(b"httpa2 " + label.encode()) + v8(context)
        return self.expand(secret, info, n)

    # 5.6

    def TH1(self, th0, F_response):
        return self.H(lbl("httpa/2 th1") + th0 + F_response)

    def early(self):
        return self.extract(bytes(self.L), bytes(self.L))

    def hs(self, early, Z):
        return self.extract(
            self.XL(early, "derived", self.H(b""), self.L), Z)

    def master(self, hs):
        return self.extract(
            self.XL(hs, "derived", self.H(b""), self.L), bytes(self.L))

    def t(self, hs, th1):
        return self.XL(hs, "s hs", th1, self.L)

    def key(self, secret):
        return self.XL(secret, "key", b"", self.klen)

    def iv(self, secret):
        return self.XL(secret, "iv", b"", 12)

    def fin(self, t):
        return self.XL(t, "finished", b"", self.L)

    def exp(self, master, th3):
        return self.XL(master, "exp", th3, self.L)

    def c(self, master, th3):
        return self.XL(master, "c ap", th3, self.L)

    def s(self, master, th3):
        return self.XL(master, "s ap", th3, self.L)

    def exporter(self, exp, label, context, n):
        return self.XL(self.XL(exp, label, self.H(b""), self.L), "exporter",
                       self.H(context), n)

    # 5.7

    def B(self, th1, service_spki, F_sealed):
        return self.H(lbl("httpa/2 binding") + th1 + v16(service_spki)
                      + F_sealed)

    def E(self, b, quotes):
        return self.H(lbl("httpa/2 signed") + b + v32(quotes))

    def TH2(self, th1, head, content):
        return self.H(lbl("httpa/2 th2") + th1 + v32(head) + content
                      + u(64, len(content)))

    def finished(self, fin, th2):
        return self.hmac(fin, th2)

    def TH3(self, th2, finished):
        return self.H(lbl("httpa/2 th3") + th2 + finished)


def signed_bytes(context, e):
    """5.7: what the signatures of Attest-Signatures are made over."""
    return b"\x20" * 64 + lbl(context) + e


# 6.1, report data

def rd(what, x):
    return sha512(lbl("httpa/2 " + what) + x)


def rd_fresh(b):
    return rd("server fresh", v8(b))


def rd_key(spki, not_before, not_after):
    return rd("server key", v16(spki) + u(64, not_before) + u(64, not_after))


# 8.2, 9.2, 9.3

LAST = 2**32 - 1        # the index that is the ticket or the binder


def nonce(iv, n, i):
    mask = u(64, n) + u(32, i)
    return bytes(a ^ b for a, b in zip(iv, mask))


def ticket_aad(n, F_request, protect=b"seal"):
    return (lbl("httpa/2 ticket") + u(8, 2) + u(64, n) + v8(protect)
            + u(8, 0) + F_request + u(16, 0))


def binder_aad(n, AtT, F_response, status=200, protect=b"seal"):
    return (lbl("httpa/2 binder") + u(8, 2) + u(64, n) + AtT
            + u(16, status) + v8(protect) + u(8, 0) + F_response + u(16, 0))


def tag(aead, key, iv, n, aad):
    """The AEAD's output for an empty plaintext."""
    return aead(key).encrypt(nonce(iv, n, LAST), b"", aad)
