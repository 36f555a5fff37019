"""Records: doc/protocol.md 8."""
from cryptography.exceptions import InvalidTag

from errors import Bad
from schedule import nonce, u

HEAD, CONTENT, TRAILERS, FILLER = 1, 2, 3, 4
FINAL = 1 << 31
MIN_LENGTH, MAX_LENGTH = 17, 65_553     # 8.1
PIECE = 16_384                          # 8.4


def pad(plaintext):
    """8.4, the default of a sender."""
    if len(plaintext) < 1024:
        plaintext += bytes(-len(plaintext) % 128)
    return plaintext


def seal_plaintext(aead, key, iv, n, i, bind, plaintext, final):
    """8.1, for a plaintext that is complete already."""
    header = u(32, (FINAL if final else 0) | len(plaintext) + 16)
    return header + aead(key).encrypt(nonce(iv, n, i), plaintext,
                                      header + bind)


def seal(aead, key, iv, n, i, bind, type_, data, final):
    return seal_plaintext(aead, key, iv, n, i, bind,
                          pad(data + bytes([type_])), final)


def seal_message(aead, key, iv, n, bind, parts):
    """All records of a message; parts are pairs (type, data)."""
    return [seal(aead, key, iv, n, i, bind, type_, data,
                 i == len(parts) - 1)
            for i, (type_, data) in enumerate(parts)]


def cut(head, content):
    """8.4, 8.8: the parts of a message with content of known length."""
    return [(HEAD, head)] + [(CONTENT, content[at:at + PIECE])
                             for at in range(0, len(content), PIECE)]


def read_header(header):
    """(final, length); refused before anything is read behind it."""
    word = int.from_bytes(header, "big")
    final, length = bool(word & FINAL), word & 0x1ffff
    if word & 0x7ffe0000:
        raise Bad("a bit among 30..17 is set")
    if not MIN_LENGTH <= length <= MAX_LENGTH:
        raise Bad("length out of range")
    return final, length


class Opener:
    """Opens the records of one message, in order (8.2, 8.3)."""

    def __init__(self, aead, key, iv, n, bind):
        self.aead, self.key, self.iv = aead, key, iv
        self.n, self.bind = n, bind
        self.i = 0
        self.head = self.trailers = None
        self.done = False

    def open(self, header, ciphertext):
        """(type, data) of the next record."""
        if self.done:
            raise Bad("bytes behind the final record")
        final, length = read_header(header)
        if len(ciphertext) != length:
            raise Bad("the content ends inside a record")
        try:
            plaintext = self.aead(self.key).decrypt(
                nonce(self.iv, self.n, self.i), ciphertext,
                header + self.bind)
        except InvalidTag:
            raise Bad("a record does not open") from None
        self.i += 1
        plaintext = plaintext.rstrip(b"\0")
        if plaintext == b"":
            raise Bad("a plaintext of zeros only")
        self.order(plaintext[-1], plaintext[:-1], final)
        return plaintext[-1], plaintext[:-1]

    def order(self, type_, data, final):
        """8.3"""
        if type_ not in (HEAD, CONTENT, TRAILERS, FILLER):
            raise Bad("unknown type of record")
        if type_ == HEAD:
            if self.head is not None:
                raise Bad("a second head")
            if data == b"":
                raise Bad("an empty head")
            self.head = data
        if type_ in (CONTENT, TRAILERS) and self.head is None:
            raise Bad("content or trailers before the head")
        if type_ == TRAILERS:
            if not final:
                raise Bad("trailers that are not final")
            self.trailers = data
        if type_ == FILLER and final:
            raise Bad("a filler that is final")
        self.done = final


def read_all(opener, content):
    """(head, content, trailers or None) of a whole message."""
    at, body = 0, b""
    while at < len(content) or not opener.done:
        header = content[at:at + 4]
        if len(header) < 4:
            raise Bad("the content ends before the final record")
        _, length = read_header(header)
        type_, data = opener.open(header, content[at + 4:at + 4 + length])
        at += 4 + length
        if type_ == CONTENT:
            body += data
    return opener.head, body, opener.trailers
