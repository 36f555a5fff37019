"""Structured Fields (RFC 9651) as doc/protocol.md 4.1 wants them.

An item is a pair (value, parameters); parameters are a dict in the order
received.  A list is a Python list of items, a dictionary a dict of items,
an inner list a pair (list of items, parameters).

Values: int, str (String), bytes (Byte Sequence), bool, and the classes
below for the types that Python does not tell apart.

Stricter than RFC 9651, as 4.1 demands: a key that repeats is an error,
and base64 has its padding and no unused bits that are set.
"""
import base64
import string

from errors import Bad

DIGITS = string.digits
LCALPHA = string.ascii_lowercase
TCHAR = string.ascii_letters + DIGITS + "!#$%&'*+-.^_`|~"


class Token(str):
    """token"""


class Date(int):
    """@1659578233"""


class Decimal(str):
    """1.5, kept as its canonical text: no field here uses it"""


class Display(str):
    """%"f%c3%bc", kept as its text: no field here uses it"""


class Parser:
    """RFC 9651 4.2, one method per algorithm."""

    def __init__(self, text):
        self.text = text
        self.at = 0

    def peek(self):
        return self.text[self.at:self.at + 1]

    def take(self):
        char = self.peek()
        if char == "":
            raise Bad("the value ends too early")
        self.at += 1
        return char

    def expect(self, char):
        if self.take() != char:
            raise Bad(f"{char!r} expected at {self.at - 1}")

    def skip(self, chars):
        while self.peek() and self.peek() in chars:
            self.at += 1

    def run(self, chars):
        """The longest run of characters out of `chars`."""
        start = self.at
        self.skip(chars)
        return self.text[start:self.at]

    def end(self):
        if self.at != len(self.text):
            raise Bad(f"something stands behind the value, at {self.at}")

    def comma(self):
        """Between members: True if another member follows."""
        self.skip(" \t")
        if self.peek() == "":
            return False
        self.expect(",")
        self.skip(" \t")
        if self.peek() == "":
            raise Bad("comma at the end")
        return True

    def list(self):
        members = [self.member()]
        while self.comma():
            members.append(self.member())
        return members

    def dictionary(self):
        members = {}
        while True:
            key = self.key()
            if key in members:
                raise Bad(f"key {key} twice")
            if self.peek() == "=":
                self.take()
                members[key] = self.member()
            else:
                members[key] = (True, self.parameters())
            if not self.comma():
                return members

    def member(self):
        return self.inner_list() if self.peek() == "(" else self.item()

    def inner_list(self):
        self.expect("(")
        items = []
        while True:
            self.skip(" ")
            if self.peek() == ")":
                self.take()
                return items, self.parameters()
            items.append(self.item())
            if self.peek() not in (" ", ")"):
                raise Bad("space or ) expected in an inner list")

    def item(self):
        value = self.bare_item()
        return value, self.parameters()

    def parameters(self):
        parameters = {}
        while self.peek() == ";":
            self.take()
            self.skip(" ")
            key = self.key()
            if key in parameters:
                raise Bad(f"parameter {key} twice")
            parameters[key] = True
            if self.peek() == "=":
                self.take()
                parameters[key] = self.bare_item()
        return parameters

    def key(self):
        if self.peek() == "" or self.peek() not in LCALPHA + "*":
            raise Bad("key expected")
        return self.run(LCALPHA + DIGITS + "_-.*")

    def bare_item(self):
        first = self.peek()
        if first == "":
            raise Bad("value expected")
        if first in DIGITS + "-":
            return self.number()
        if first == '"':
            return self.string()
        if first in string.ascii_letters + "*":
            return Token(self.run(TCHAR + ":/"))
        if first == ":":
            return self.byte_sequence()
        if first == "?":
            self.take()
            char = self.take()
            if char not in "01":
                raise Bad("boolean is neither ?0 nor ?1")
            return char == "1"
        if first == "@":
            self.take()
            number = self.number()
            if not isinstance(number, int):
                raise Bad("date with a fraction")
            return Date(number)
        if first == "%":
            return self.display_string()
        raise Bad(f"no value begins with {first!r}")

    def number(self):
        sign = ""
        if self.peek() == "-":
            sign = self.take()
        whole = self.run(DIGITS)
        if whole == "":
            raise Bad("digit expected")
        if self.peek() != ".":
            if len(whole) > 15:
                raise Bad("integer of more than 15 digits")
            return int(sign + whole)
        self.take()
        fraction = self.run(DIGITS)
        if len(whole) > 12 or not 1 <= len(fraction) <= 3:
            raise Bad("decimal out of its limits")
        text = f"{int(whole)}.{fraction.rstrip('0') or '0'}"
        return Decimal(text if text == "0.0" else sign + text)

    def string(self):
        self.expect('"')
        out = ""
        while True:
            char = self.take()
            if char == "\\":
                char = self.take()
                if char not in '"\\':
                    raise Bad("unknown escape in a string")
                out += char
            elif char == '"':
                return out
            elif not " " <= char <= "~":
                raise Bad("character not allowed in a string")
            else:
                out += char

    def byte_sequence(self):
        self.expect(":")
        end = self.text.find(":", self.at)
        if end < 0:
            raise Bad("byte sequence without end")
        text = self.text[self.at:end]
        self.at = end + 1
        try:
            value = base64.b64decode(text, validate=True)
        except ValueError as error:
            raise Bad(f"base64: {error}") from None
        if base64.b64encode(value).decode() != text:
            raise Bad("base64 that is not canonical")
        return value

    def display_string(self):
        self.expect("%")
        self.expect('"')
        out = b""
        while True:
            char = self.take()
            if char == '"':
                break
            if char == "%":
                pair = self.take() + self.take()
                if not all(c in DIGITS + "abcdef" for c in pair):
                    raise Bad("bad escape in a display string")
                out += bytes.fromhex(pair)
            elif " " <= char <= "~":
                out += char.encode()
            else:
                raise Bad("character not allowed in a display string")
        try:
            return Display(out.decode())
        except UnicodeDecodeError:
            raise Bad("display string that is not UTF-8") from None


def parse(kind, text):
    """Parse a trimmed value as "list", "dictionary" or "item"."""
    parser = Parser(text)
    value = getattr(parser, kind)()
    parser.end()
    return value


def serialise_bare(value):
    """RFC 9651 4.1.3.1 and on."""
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, Date):
        return f"@{int(value)}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return ":" + base64.b64encode(value).decode() + ":"
    if isinstance(value, (Token, Decimal)):
        return str(value)
    if isinstance(value, Display):
        escaped = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '%"'
                          else f"%{b:02x}" for b in value.encode())
        return f'%"{escaped}"'
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def serialise_parameters(parameters):
    return "".join(f";{key}" if value is True
                   else f";{key}={serialise_bare(value)}"
                   for key, value in parameters.items())


def serialise_member(member):
    value, parameters = member
    if isinstance(value, list):
        text = "(" + " ".join(serialise_member(item) for item in value) + ")"
    else:
        text = serialise_bare(value)
    return text + serialise_parameters(parameters)


def serialise(kind, value):
    """The canonical text (RFC 9651 4.1) of a parsed value."""
    if kind == "item":
        return serialise_member(value)
    if kind == "list":
        return ", ".join(serialise_member(member) for member in value)
    return ", ".join(key + serialise_parameters(member[1])
                     if member[0] is True
                     else key + "=" + serialise_member(member)
                     for key, member in value.items())
