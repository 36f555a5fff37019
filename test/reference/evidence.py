"""Verification of evidence: doc/protocol.md 6.5 (TPM) and 6.6 (EAT).

Each function raises Refused with the name of the check that failed.  The
parts of a policy are dicts; what they hold stands with each function.
"""
import hashlib
import hmac

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    encode_dss_signature)
from cryptography.hazmat.primitives.serialization import load_der_public_key

import cbor
from errors import Bad, Refused
from schedule import sha256

REFUSED = "refused by policy"
SHA = {0x0004: "sha1", 0x000b: "sha256", 0x000c: "sha384", 0x000d: "sha512"}
HASHES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384,
          "sha512": hashes.SHA512}
RSA, ECC, NULL = 0x0001, 0x0023, 0x0010
RSASSA, RSAPSS, ECDSA = 0x0014, 0x0016, 0x0018
CURVES = {0x0003: (ec.SECP256R1(), 32), 0x0004: (ec.SECP384R1(), 48)}


def check(name, condition, why=""):
    if not condition:
        raise Refused(name, REFUSED, why)


class Reader:
    """Big-endian integers and sized strings, as the TPM writes them."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, count):
        if self.at + count > len(self.data):
            raise Bad("structure ends too early")
        self.at += count
        return self.data[self.at - count:self.at]

    def u(self, bits):
        return int.from_bytes(self.bytes(bits // 8), "big")

    def sized(self):
        return self.bytes(self.u(16))

    def end(self):
        if self.at != len(self.data):
            raise Bad("bytes behind a structure")


# ---- 6.5: structures -----------------------------------------------------

class Attest:
    """TPMS_ATTEST of a quote."""

    def __init__(self, data):
        r = Reader(data)
        self.magic, self.type = r.u(32), r.u(16)
        self.signer, self.extra_data = r.sized(), r.sized()
        r.u(64), r.u(32), r.u(32), r.u(8), r.u(64)
        self.is_quote = (self.magic, self.type) == (0xff544347, 0x8018)
        if not self.is_quote:
            return          # the rest of another structure: check 2
        self.selections = []
        for _ in range(r.u(32)):
            bank, size = r.u(16), r.u(8)
            if not 1 <= size <= 4:
                raise Bad("size of a PCR bitmap")
            bitmap = r.bytes(size)
            self.selections.append((bank, [
                8 * k + b for k in range(size) for b in range(8)
                if bitmap[k] & 1 << b]))
        self.pcr_digest = r.sized()
        r.end()


class Public:
    """TPMT_PUBLIC, Appendix B.1."""

    def __init__(self, data):
        self.data = data
        r = Reader(data)
        self.type, self.name_alg = r.u(16), r.u(16)
        self.attributes = r.u(32)
        r.sized()
        self.symmetric = r.u(16)
        self.sym_bits = self.sym_mode = 0
        if self.symmetric != NULL:
            self.sym_bits, self.sym_mode = r.u(16), r.u(16)
        self.scheme, self.scheme_hash = r.u(16), None
        if self.scheme != NULL:
            self.scheme_hash = r.u(16)
        if self.type == RSA:
            self.bits, self.exponent = r.u(16), r.u(32) or 65537
            self.modulus = r.sized()
        elif self.type == ECC:
            self.curve = r.u(16)
            if r.u(16) != NULL:
                r.u(16)
            self.x, self.y = r.sized(), r.sized()
            if self.curve not in CURVES:
                raise Bad("curve")
        else:
            raise Bad("type of a TPMT_PUBLIC")
        r.end()

    def key(self):
        """The public key, or Bad."""
        try:
            if self.type == RSA:
                n = int.from_bytes(self.modulus, "big")
                if not (2048 <= n.bit_length() <= 4096
                        and n.bit_length() == self.bits
                        and self.exponent == 65537):
                    raise Bad("RSA key out of its limits")
                return rsa.RSAPublicNumbers(self.exponent, n).public_key()
            curve, size = CURVES[self.curve]
            return ec.EllipticCurvePublicKey.from_encoded_point(
                curve, b"\4" + self.x.rjust(size, b"\0")
                + self.y.rjust(size, b"\0"))
        except ValueError as error:
            raise Bad(str(error)) from None

    def name(self):
        """u16 nameAlg || hash_nameAlg(TPMT_PUBLIC)"""
        return (self.name_alg.to_bytes(2, "big")
                + hashlib.new(SHA[self.name_alg], self.data).digest())


class Signature:
    """TPMT_SIGNATURE"""

    def __init__(self, data):
        r = Reader(data)
        self.scheme, self.hash = r.u(16), r.u(16)
        if self.scheme in (RSASSA, RSAPSS):
            self.signature = r.sized()
        elif self.scheme == ECDSA:
            self.r, self.s = r.sized(), r.sized()
        else:
            raise Bad("signature scheme")
        r.end()


# ---- 6.5: verification ---------------------------------------------------

KEYS = {1: bytes, 2: bytes, 3: bytes, 4: dict, 5: list, 6: list, 7: bytes,
        8: bytes}


def tpm_form(value):
    """Step 1: (map, Attest, Signature, AK)."""
    if len(value) > 131_072:
        raise Bad("evidence too large")
    item = cbor.decode(value)
    if not isinstance(item, dict) or not set(item) <= set(KEYS):
        raise Bad("no map, or an unknown key")
    if not {1, 2, 3, 4} <= set(item) or (6 in item and 8 not in item):
        raise Bad("a key is missing")
    for key, part in item.items():
        if not isinstance(part, KEYS[key]):
            raise Bad(f"key {key} is of another type")
        if KEYS[key] is list and not (
                1 <= len(part) <= 6
                and all(isinstance(der, bytes) for der in part)):
            raise Bad(f"chain in key {key}")
    for bank, pcrs in item[4].items():
        if bank not in SHA or not isinstance(pcrs, dict):
            raise Bad("bank")
        for index, pcr in pcrs.items():
            if type(index) is not int or not 0 <= index <= 23:
                raise Bad("PCR index")
            if not isinstance(pcr, bytes):
                raise Bad("PCR value")
    if 8 in item:
        Public(item[8])
    return item, Attest(item[1]), Signature(item[2]), Public(item[3])


def ak_attributes(ak):
    """Step 3"""
    try:
        ak.key()
    except Bad as bad:
        check("tpm.ak.attributes", False, bad)
    check("tpm.ak.attributes", SHA.get(ak.name_alg) in HASHES, "nameAlg")
    for bit, wanted in ((1, 1), (4, 1), (5, 1), (16, 1), (18, 1), (17, 0)):
        check("tpm.ak.attributes", ak.attributes >> bit & 1 == wanted,
              f"attribute bit {bit}")
    check("tpm.ak.attributes", ak.symmetric == NULL, "symmetric")


def tpm_signature(ak, signature, data):
    """Step 4"""
    check("tpm.signature", (signature.scheme == ECDSA) == (ak.type == ECC),
          "scheme does not fit the key")
    if ak.scheme != NULL:
        check("tpm.signature", (signature.scheme, signature.hash)
              == (ak.scheme, ak.scheme_hash), "not the scheme of the AK")
    allowed = ("sha256", "sha384")
    if ak.type == ECC:
        allowed = ("sha256",) if ak.curve == 0x0003 else ("sha384",)
    check("tpm.signature", SHA.get(signature.hash) in allowed, "hash")
    hash_ = HASHES[SHA[signature.hash]]()
    try:
        if signature.scheme == ECDSA:
            der = encode_dss_signature(int.from_bytes(signature.r, "big"),
                                       int.from_bytes(signature.s, "big"))
            ak.key().verify(der, data, ec.ECDSA(hash_))
        elif signature.scheme == RSASSA:
            ak.key().verify(signature.signature, data, padding.PKCS1v15(),
                            hash_)
        else:
            ak.key().verify(signature.signature, data,
                            padding.PSS(padding.MGF1(hash_),
                                        padding.PSS.AUTO), hash_)
    except InvalidSignature:
        check("tpm.signature", False, "does not verify")


def pcrs_digest(attest, values, signature):
    """Step 6"""
    name = "tpm.pcrs.digest"
    banks = [bank for bank, _ in attest.selections]
    check(name, len(set(banks)) == len(banks), "bank selected twice")
    data, selected = b"", set()
    for bank, indices in attest.selections:
        for index in indices:
            pcr = values.get(bank, {}).get(index)
            check(name, pcr is not None, f"PCR {index} is missing")
            check(name, len(pcr) == hashlib.new(SHA[bank]).digest_size,
                  f"length of PCR {index}")
            selected.add((bank, index))
            data += pcr
    carried = {(bank, index) for bank in values for index in values[bank]}
    check(name, carried <= selected, "PCR that is not selected")
    digest = hashlib.new(SHA[signature.hash], data).digest()
    check(name, hmac.compare_digest(digest, attest.pcr_digest), "digest")


def pcrs_policy(values, wanted):
    """Step 7; wanted: {bank: {index: [values]}}."""
    check("measurements", any(wanted.values()), "no PCR is named")
    for bank, pcrs in wanted.items():
        for index, allowed in pcrs.items():
            check("measurements", values.get(bank, {}).get(index) in allowed,
                  f"PCR {index}")


def chain_leads(chain, roots):
    """Each certificate is signed by the next, the last one by a root."""
    certificates = [x509.load_der_x509_certificate(der) for der in chain]
    for i, certificate in enumerate(certificates):
        candidates = certificates[i + 1:i + 2] or [
            x509.load_der_x509_certificate(der) for der in roots]
        if not any(is_issuer(c, certificate) for c in candidates):
            raise Bad("the chain does not lead to a root")
    return certificates[0]


def is_issuer(issuer, certificate):
    if issuer.subject != certificate.issuer:
        return False
    key, hash_ = issuer.public_key(), certificate.signature_hash_algorithm
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(certificate.signature,
                       certificate.tbs_certificate_bytes,
                       padding.PKCS1v15(), hash_)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(certificate.signature,
                       certificate.tbs_certificate_bytes, ec.ECDSA(hash_))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def extended_key_usages(certificate):
    """The OIDs, or None without the extension."""
    try:
        return {usage.dotted_string for usage in
                certificate.extensions.get_extension_for_class(
                    x509.ExtendedKeyUsage).value}
    except x509.ExtensionNotFound:
        return None


def ak_trust(ak, item, policy):
    """Step 8; policy: "pinned": [AK Names], or "chain": [root DER], or
    "ek": [root DER] with "activated": [AK Names] (11.2)."""
    name = "tpm.ak.trust"
    try:
        if "pinned" in policy:
            check(name, ak.name() in policy["pinned"], "AK is not pinned")
        elif "chain" in policy:
            leaf = chain_leads(item.get(5, []), policy["chain"])
            usages = extended_key_usages(leaf)
            check(name, usages is None
                  or usages & {"2.23.133.8.3", "2.23.133.8.1"}, "EKU")
            check(name, leaf.public_key().public_numbers()
                  == ak.key().public_numbers(), "leaf is not the AK")
        else:
            leaf = chain_leads(item.get(6, []), policy["ek"])
            check(name, "2.23.133.8.1" in (extended_key_usages(leaf) or ()),
                  "EKU")
            check(name, leaf.public_key().public_numbers()
                  == Public(item[8]).key().public_numbers(),
                  "leaf is not the EK")
            check("tpm.ak.activated", ak.name() in policy["activated"],
                  "the AK is not activated")
    except (Bad, IndexError, ValueError) as bad:
        check(name, False, bad)


def verify_tpm(value, rd, policy):
    """policy: what pcrs_policy ("pcrs") and ak_trust take."""
    try:
        item, attest, signature, ak = tpm_form(value)
    except Bad as bad:
        check("tpm.form", False, bad)
    check("tpm.quote", attest.is_quote, "no quote")
    ak_attributes(ak)
    tpm_signature(ak, signature, item[1])
    check("tpm.binding",
          hmac.compare_digest(attest.extra_data, sha256(rd)), "extraData")
    pcrs_digest(attest, item[4], signature)
    pcrs_policy(item[4], policy.get("pcrs", {}))
    ak_trust(ak, item, policy)
    return {"ak_name": ak.name()}


# ---- 6.6 -----------------------------------------------------------------

def eat_form(value):
    """(SPKI, bytes to verify, signature, claims)"""
    if len(value) > 16_384:
        raise Bad("token too large")
    item = cbor.decode(value)
    if isinstance(item, cbor.Tag) and item.number == 61:
        item = item.value
    if isinstance(item, cbor.Tag) and item.number == 18:
        item = item.value
    if not (isinstance(item, list) and len(item) == 4
            and isinstance(item[0], bytes) and isinstance(item[1], dict)
            and isinstance(item[2], bytes) and isinstance(item[3], bytes)
            and len(item[3]) == 64):
        raise Bad("no COSE_Sign1")
    protected, unprotected = cbor.decode(item[0]), item[1]
    if not isinstance(protected, dict):
        raise Bad("protected header")
    if protected.get(1) != -7:
        raise Bad("alg is not ES256")
    if 2 in protected or 2 in unprotected:
        raise Bad("crit")
    if set(protected) & set(unprotected):
        raise Bad("label in both headers")
    spki = protected.get(4, unprotected.get(4))
    if not isinstance(spki, bytes):
        raise Bad("no key")
    signed = cbor.encode(["Signature1", item[0], b"", item[2]])
    return spki, signed, item[3], eat_claims(item[2])


def eat_claims(payload):
    claims = cbor.decode(payload)
    if not isinstance(claims, dict):
        raise Bad("no claims")
    if not isinstance(claims.get(10), bytes) or len(claims[10]) != 64:
        raise Bad("eat_nonce")
    if type(claims.get(6)) is not int or claims[6] < 0:
        raise Bad("iat")
    if 4 in claims or 5 in claims:
        raise Bad("exp or nbf")
    private = {k: v for k, v in claims.items() if isinstance(k, str)}
    if len(private) > 48:
        raise Bad("too many private claims")
    for key, value in private.items():
        if not 1 <= len(key.encode()) <= 64:
            raise Bad("name of a private claim")
        if not isinstance(value, (str, bytes, int)) or (
                isinstance(value, (str, bytes)) and len(value) > 1024):
            raise Bad("value of a private claim")
    return claims


def verify_eat(value, rd, policy, now):
    """policy: "root_key": SPKI, "claims": {name: value}."""
    try:
        spki, signed, signature, claims = eat_form(value)
    except Bad as bad:
        check("dev.token.form", False, bad)
    try:
        key = load_der_public_key(spki)
        if not isinstance(getattr(key, "curve", None), ec.SECP256R1):
            raise ValueError("another curve")
        r, s = (int.from_bytes(part, "big")
                for part in (signature[:32], signature[32:]))
        key.verify(encode_dss_signature(r, s), signed,
                   ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature) as error:
        check("dev.token.signature", False, error)
    check("dev.token.nonce", hmac.compare_digest(claims[10], rd), "nonce")
    check("dev.token.iat", claims[6] <= now + 300, "made in the future")
    check("dev.root_key", spki == policy.get("root_key"), "another signer")
    for name, wanted in policy.get("claims", {}).items():
        check("measurements", name in claims and claims[name] == wanted
              and type(claims[name]) is type(wanted), name)
    return claims
