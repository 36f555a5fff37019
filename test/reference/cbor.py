"""CBOR (RFC 8949) under the rules of doc/protocol.md 2.2.

Python values: int, bytes, str, list, dict, True, False, None, and the two
classes below.  `encode` is core deterministic; `decode` is strict about
everything but the order of map keys.
"""
from errors import Bad

MAX_ENTRIES = 64        # of one map
MAX_NESTING = 16        # arrays, maps and tags around or at an item


class Tag:
    def __init__(self, number, value):
        self.number = number
        self.value = value

    def __eq__(self, other):
        return (isinstance(other, Tag) and self.number == other.number
                and self.value == other.value)


class Simple:
    """A simple value or a float, kept as its bytes: nothing here reads it."""

    def __init__(self, raw):
        self.raw = raw


def head(major, number):
    """RFC 8949 3: the initial byte and the shortest argument."""
    if number < 24:
        return bytes([major << 5 | number])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | info]) + number.to_bytes(size, "big")
    raise Bad("integer of more than 64 bits")


def encode(value):
    if value is False or value is True or value is None:
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(encode(v) for v in value)
    if isinstance(value, dict):
        entries = sorted((encode(k), encode(v)) for k, v in value.items())
        return head(5, len(value)) + b"".join(k + v for k, v in entries)
    if isinstance(value, Tag):
        return head(6, value.number) + encode(value.value)
    raise TypeError(value)


class Decoder:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Bad("CBOR ends too early")
        self.at += count
        return self.data[self.at - count:self.at]

    def argument(self, info):
        if info < 24:
            return info
        if info > 27:
            raise Bad("indefinite length or reserved argument")
        size = 1 << (info - 24)
        number = int.from_bytes(self.take(size), "big")
        if number < (24 if size == 1 else 1 << 4 * size):
            raise Bad("integer or length not in shortest form")
        return number

    def item(self, depth):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            return self.simple(first, info)
        number = self.argument(info)
        if major == 0:
            return number
        if major == 1:
            return -1 - number
        if major == 2:
            return self.take(number)
        if major == 3:
            try:
                return self.take(number).decode()
            except UnicodeDecodeError:
                raise Bad("text that is not UTF-8") from None
        if depth >= MAX_NESTING:
            raise Bad("nested too deep")
        if major == 4:
            if number > len(self.data):
                raise Bad("array longer than the bytes")
            return [self.item(depth + 1) for _ in range(number)]
        if major == 5:
            return self.map(number, depth)
        return Tag(number, self.item(depth + 1))

    def map(self, number, depth):
        if number > MAX_ENTRIES:
            raise Bad("map of too many entries")
        out = {}
        for _ in range(number):
            key = self.item(depth + 1)
            if isinstance(key, bool) or not isinstance(key, (int, str)):
                raise Bad("map key that is neither integer nor text")
            if key in out:
                raise Bad("map key twice")
            out[key] = self.item(depth + 1)
        return out

    def simple(self, first, info):
        if info in (20, 21, 22):
            return {20: False, 21: True, 22: None}[info]
        if info == 24:
            value = self.take(1)
            if value[0] < 32:
                raise Bad("simple value in two bytes")
            return Simple(bytes([first]) + value)
        if info in (25, 26, 27):
            return Simple(bytes([first]) + self.take(1 << (info - 24)))
        if info > 27:
            raise Bad("break or reserved simple value")
        return Simple(bytes([first]))


def decode(data):
    """The one item that `data` holds, with nothing behind it."""
    decoder = Decoder(bytes(data))
    value = decoder.item(0)
    if decoder.at != len(data):
        raise Bad("bytes behind the CBOR item")
    return value
