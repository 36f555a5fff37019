"""What is random in life and fixed in the vectors.

Deterministic ECDSA (RFC 6979) over P-256, RSA keys out of a seed, and
OAEP with a given seed.  Only the generator of the vectors uses these.
"""
import hashlib
import hmac
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    encode_dss_signature)

# P-256 (FIPS 186-4 D.1.2.3)
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def add(a, b):
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(k, point):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point = add(point, point)
        k >>= 1
    return out


def ecdsa_p256_sha256(secret, message):
    """(r, s) by RFC 6979 3.2."""
    h = hashlib.sha256(message).digest()
    x = secret.to_bytes(32, "big")
    z = (int.from_bytes(h, "big") % N).to_bytes(32, "big")
    mac = lambda key, data: hmac.new(key, data, "sha256").digest()
    V, K = b"\1" * 32, bytes(32)
    for mark in (b"\0", b"\1"):
        K = mac(K, V + mark + x + z)
        V = mac(K, V)
    while True:
        V = mac(K, V)
        k = int.from_bytes(V, "big")
        if 1 <= k < N:
            r = multiply(k, G)[0] % N
            s = pow(k, -1, N) * (int.from_bytes(h, "big") + r * secret) % N
            if r and s:
                return r, s
        K = mac(K, V + b"\0")
        V = mac(K, V)


def ecdsa_raw(secret, message):
    r, s = ecdsa_p256_sha256(secret, message)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def ecdsa_der(secret, message):
    return encode_dss_signature(*ecdsa_p256_sha256(secret, message))


def p256_key(secret):
    return ec.derive_private_key(secret, ec.SECP256R1())


def secret_of(name):
    """A P-256 private key: SHA-256 of a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")


def stream(name, length):
    out, counter = b"", 0
    while len(out) < length:
        out += hashlib.sha256(f"{name} {counter}".encode()).digest()
        counter += 1
    return out[:length]


def is_prime(n):
    """Miller-Rabin with the first forty primes as bases."""
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for a in SMALL[:40]:
        x = pow(a, d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


SMALL = [n for n in range(2, 2000) if all(n % d for d in range(2, n))]


def prime(name, bits):
    """The first prime, not 1 modulo 65537, from the stream of a name on."""
    n = int.from_bytes(stream(name, bits // 8), "big")
    n |= 3 << (bits - 2) | 1
    while (any(n % q == 0 for q in SMALL) or n % 65537 == 1
           or not is_prime(n)):
        n += 2
    return n


@lru_cache(None)
def rsa_key(name, bits=2048):
    p, q = prime(name + " p", bits // 2), prime(name + " q", bits // 2)
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(65537, p * q)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q),
        rsa.rsa_crt_iqmp(p, q), public).private_key()


def mgf1(seed, length, hash_):
    out, counter = b"", 0
    while len(out) < length:
        out += hashlib.new(hash_, seed + counter.to_bytes(4, "big")).digest()
        counter += 1
    return out[:length]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def oaep(public, hash_, label, message, seed):
    """RFC 8017 7.1.1 with the seed given."""
    numbers = public.public_numbers()
    k = (numbers.n.bit_length() + 7) // 8
    lhash = hashlib.new(hash_, label).digest()
    db = lhash + bytes(k - len(message) - 2 * len(lhash) - 2) + b"\1" + message
    masked_db = xor(db, mgf1(seed, len(db), hash_))
    masked_seed = xor(seed, mgf1(masked_db, len(seed), hash_))
    em = int.from_bytes(b"\0" + masked_seed + masked_db, "big")
    return pow(em, numbers.e, numbers.n).to_bytes(k, "big")
