"""Key exchange: the shares and Z of doc/protocol.md 5.2."""
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import (Encoding,
                                                          PublicFormat)

from errors import Bad

CURVES = {"secp256r1": (ec.SECP256R1, 32), "secp384r1": (ec.SECP384R1, 48)}
GROUPS = ("x25519", "secp256r1", "secp384r1")       # no ML-KEM in Python


def private_key(group, secret):
    """A private share out of the bytes of its secret."""
    if group == "x25519":
        return x25519.X25519PrivateKey.from_private_bytes(secret)
    curve, _ = CURVES[group]
    return ec.derive_private_key(int.from_bytes(secret, "big"), curve())


def public_share(group, key):
    if group == "x25519":
        return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return key.public_key().public_bytes(Encoding.X962,
                                         PublicFormat.UncompressedPoint)


def shared_secret(group, key, share):
    """Z, or Bad for a share that is refused."""
    try:
        if group == "x25519":
            if len(share) != 32:
                raise Bad("x25519 share of another length")
            return key.exchange(x25519.X25519PublicKey.from_public_bytes(
                share))
        curve, size = CURVES[group]
        if len(share) != 1 + 2 * size or share[0] != 4:
            raise Bad("point in another form")
        return key.exchange(ec.ECDH(),
                            ec.EllipticCurvePublicKey.from_encoded_point(
                                curve(), share))
    except ValueError as error:
        raise Bad(f"share refused: {error}") from None
