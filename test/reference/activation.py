"""TPM2_MakeCredential: doc/protocol.md B.2, in its names.

What is random there (the seed of OAEP and the seed itself, or the
ephemeral key) is given by the caller.
"""
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import fixed
from errors import Bad
from evidence import CURVES, RSA, SHA, Public
from schedule import u, v16

AES, CFB = 0x0006, 0x0043


def NUL(s):
    return s.encode() + b"\0"


def KDFa(hash_, key, label, a, b, bits):
    out, i = b"", 1
    while len(out) < bits // 8:
        out += hmac.new(key, u(32, i) + NUL(label) + a + b + u(32, bits),
                        hash_).digest()
        i += 1
    return out[:bits // 8]


def KDFe(hash_, Z, label, a, b, bits):
    out, i = b"", 1
    while len(out) < bits // 8:
        out += hashlib.new(hash_, u(32, i) + Z + NUL(label) + a + b).digest()
        i += 1
    return out[:bits // 8]


def check_ek(ek):
    """What B.2 demands of an EK: its hash and its symmetric bits."""
    hash_ = SHA.get(ek.name_alg)
    if hash_ not in ("sha256", "sha384"):
        raise Bad("nameAlg of the EK")
    if (ek.symmetric, ek.sym_mode) != (AES, CFB) \
            or ek.sym_bits not in (128, 256):
        raise Bad("symmetric algorithm of the EK")
    restricted, decrypt, sign = (ek.attributes >> bit & 1
                                 for bit in (16, 17, 18))
    if (restricted, decrypt, sign) != (1, 1, 0):
        raise Bad("attributes of the EK")
    return hash_, ek.sym_bits


def secret_rsa(ek, hash_, seed, oaep_seed):
    """es"""
    return fixed.oaep(ek.key(), hash_, NUL("IDENTITY"), seed, oaep_seed)


def secret_ecc(ek, hash_, e):
    """(Z, seed, es); e is the ephemeral private key."""
    _, size = CURVES[ek.curve]
    Z = e.exchange(ec.ECDH(), ek.key())
    numbers = e.public_key().public_numbers()
    ex, ey = (n.to_bytes(size, "big") for n in (numbers.x, numbers.y))
    D = hashlib.new(hash_).digest_size
    seed = KDFe(hash_, Z, "IDENTITY", ex, ek.x.rjust(size, b"\0"), 8 * D)
    return Z, seed, v16(ex) + v16(ey)


def make_credential(ek_public, name, credential, seed=None, oaep_seed=None,
                    e=None):
    """B.2: every intermediate value, by its name there."""
    ek = Public(ek_public)
    hash_, sym = check_ek(ek)
    D = hashlib.new(hash_).digest_size
    out = {}
    if ek.type == RSA:
        es = secret_rsa(ek, hash_, seed, oaep_seed)
    else:
        out["z"], seed, es = secret_ecc(ek, hash_, e)
    sk = KDFa(hash_, seed, "STORAGE", name, b"", sym)
    cipher = Cipher(algorithms.AES(sk), modes.CFB(bytes(16))).encryptor()
    enc = cipher.update(v16(credential)) + cipher.finalize()
    hk = KDFa(hash_, seed, "INTEGRITY", b"", b"", 8 * D)
    mac = hmac.new(hk, enc + name, hash_).digest()
    out.update(seed=seed, sk=sk, enc=enc, hk=hk, mac=mac,
               id_object=v16(u(16, D) + mac + enc),
               encrypted_secret=v16(es))
    return out
