"""Heads and trailers of inner messages: doc/protocol.md 8.6 and 8.7
(RFC 9292 known-length messages, cut off after the header section).

Fields are lists of (name, value), both bytes.
"""
from errors import Bad

MAX_SECTION = 65_000
REQUEST, RESPONSE = 0, 1


def varint(number):
    """RFC 9000 16, the shortest form."""
    for prefix, size in ((0, 1), (1, 2), (2, 4), (3, 8)):
        if number < 1 << (8 * size - 2):
            return (number | prefix << (8 * size - 2)).to_bytes(size, "big")
    raise Bad("number of more than 62 bits")


def read_varint(data, at):
    """(number, position behind it); any valid length."""
    if at >= len(data):
        raise Bad("number missing")
    size = 1 << (data[at] >> 6)
    if at + size > len(data):
        raise Bad("number ends too early")
    number = int.from_bytes(data[at:at + size], "big")
    return number & ((1 << (8 * size - 2)) - 1), at + size


def v(data):
    return varint(len(data)) + data


def read_v(data, at):
    length, at = read_varint(data, at)
    if at + length > len(data):
        raise Bad("string ends too early")
    return data[at:at + length], at + length


def write_fields(fields):
    return v(b"".join(v(name) + v(value) for name, value in fields))


def read_fields(data, at):
    """The field section that reaches exactly to the end of data."""
    section, at = read_v(data, at)
    if at != len(data):
        raise Bad("bytes behind the field section")
    fields, at = [], 0
    while at < len(section):
        name, at = read_v(section, at)
        value, at = read_v(section, at)
        fields.append((name, value))
    return fields


def write_request(method, scheme, authority, path, fields):
    return (varint(REQUEST) + v(method) + v(scheme) + v(authority) + v(path)
            + write_fields(fields))


def write_response(status, fields):
    return varint(RESPONSE) + varint(status) + write_fields(fields)


def read_request(data):
    """(method, scheme, authority, path, fields)"""
    framing, at = read_varint(data, 0)
    if framing != REQUEST:
        raise Bad("framing indicator of another message")
    control = []
    for _ in range(4):
        text, at = read_v(data, at)
        control.append(text)
    return (*control, read_fields(data, at))


def read_response(data):
    """(status, fields)"""
    framing, at = read_varint(data, 0)
    if framing != RESPONSE:
        raise Bad("framing indicator of another message")
    status, at = read_varint(data, at)
    return status, read_fields(data, at)


def read_trailers(data):
    return read_fields(data, 0)
