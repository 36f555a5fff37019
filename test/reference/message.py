"""What an inner message must satisfy: doc/protocol.md 10."""
import re

import bhttp
import fields
from errors import Bad

TCHAR = rb"[!#$%&'*+.^_`|~0-9a-z-]"
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}\Z")
NAME = re.compile(TCHAR + rb"{1,256}\Z")
PATH = re.compile(rb"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*\Z")
REFUSED = {b"connection", b"proxy-connection", b"keep-alive",
           b"transfer-encoding", b"upgrade", b"http2-settings",
           b"proxy-authenticate", b"proxy-authorization", b"trailer"}
ONCE = (b"content-length", b"content-type", b"host", b"authorization",
        b"content-location", b"location", b"retry-after", b"content-digest")
REMOVED = (b"expect", b"via", b"forwarded", b"x-real-ip")
NOT_TRAILERS = {b"host", b"authorization", b"cookie", b"set-cookie",
                b"cache-control", b"te", b"trailer", b"range"}
NOT_CLEAR = {b"cookie", b"set-cookie", b"host", b"te", b"cache-control"}


class WrongTarget(Bad):
    """10.1: scheme or authority is not the base's."""


def need(condition, why):
    if not condition:
        raise Bad(why)


def check_field(name, value):
    """10.2, what one field must satisfy."""
    need(NAME.match(name), f"name {name[:40]!r}")
    need(name not in REFUSED, f"{name.decode()} is refused")
    need(not re.search(rb"[\0\r\n]", value), f"value of {name.decode()}")
    need(value == value.strip(b" \t"), f"blanks around {name.decode()}")
    need(len(value) <= 32_768, f"value of {name.decode()} too long")
    if name == b"te":
        need(value == b"trailers", "te")
    if name == b"content-length":
        need(re.fullmatch(rb"[0-9]{1,16}", value) and int(value) <= 2**53,
             "content-length")


def check_fields(lines):
    """10.2, the rules about all lines."""
    need(len(lines) <= 256, "too many lines")
    for name, value in lines:
        check_field(name, value)
    names = [name for name, _ in lines]
    for name in ONCE:
        need(names.count(name) <= 1, f"{name.decode()} twice")


def content_length(lines):
    for name, value in lines:
        if name == b"content-length":
            return int(value)
    return None


def check_request_head(data, target):
    """10.1: (method, path, lines, sealed Attest-* fields)."""
    need(len(data) <= 65_000, "head too long")
    method, scheme, authority, path, lines = bhttp.read_request(data)
    need(TOKEN.match(method), "method")
    need(method not in (b"CONNECT", b"TRACE"), "method refused")
    check_fields(lines)
    need(len(path) <= 16_384, "path too long")
    if method == b"ATTEST":
        need(path == b"/", "path of an AtSP")
    need(PATH.match(path) or (path == b"*" and method == b"OPTIONS"), "path")
    sealed = fields.parse_sealed(lines, fields.SQ)
    check_clear_list(sealed)
    if scheme + b"://" + authority != target.encode():
        raise WrongTarget("scheme and authority are not the target")
    for name, value in lines:
        if name == b"host" and value != authority:
            raise Bad("host is not the authority")
    return method, path, lines, sealed


def for_the_application(lines):
    """10.1 `removed`, 10.2 Attest-*: the lines that are forwarded."""
    out, cookies = [], []
    for name, value in lines:
        if name == b"cookie":
            cookies.append(value)
        elif not (name in REMOVED or name == b"host"
                  or name.startswith((b"x-forwarded-", b"httpa-",
                                      b"attest-"))):
            out.append((name, value))
    if cookies:
        out.append((b"cookie", b"; ".join(cookies)))
    return out


def check_request_content(lines, length):
    stated = content_length(lines)
    need(stated is None or stated == length, "content-length is wrong")


def check_response_head(data, message=fields.SR):
    """10.3: (status, lines, sealed Attest-* fields)."""
    need(len(data) <= 65_000, "head too long")
    status, lines = bhttp.read_response(data)
    need(200 <= status <= 599, "status")
    check_fields(lines)
    sealed = fields.parse_sealed(lines, message)
    check_clear_list(sealed)
    return status, lines, sealed


def check_response_content(method, status, lines, length):
    if method == b"HEAD" or status in (204, 304):
        need(length == 0, "content where there is none")
        return
    stated = content_length(lines)
    need(stated is None or stated == length, "content-length is wrong")


def check_trailers(data):
    """10.5"""
    need(len(data) <= 65_000, "trailers too long")
    lines = bhttp.read_trailers(data)
    need(len(lines) <= 64, "too many trailers")
    for name, value in lines:
        check_field(name, value)
        need(name not in NOT_TRAILERS
             and not name.startswith((b"content-", b"attest-")),
             f"{name.decode()} in the trailers")
    return lines


def check_clear_list(sealed):
    """10.4, which names Attest-Clear may list."""
    if "attest-clear" not in sealed:
        return
    for member in sealed["attest-clear"].value:
        name = member[0].encode()
        need(NAME.match(name), "Attest-Clear: not a field name")
        need(name not in NOT_CLEAR and name not in REFUSED
             and not name.startswith((b"attest-", b"content-", b"httpa-")),
             f"Attest-Clear lists {member[0]}")


def check_clear_copies(sealed, outer, inner):
    """10.4: outer lines are text, inner ones bytes."""
    if "attest-clear" not in sealed:
        return
    outer = [(name.lower().encode("latin-1"), value.encode("latin-1"))
             for name, value in outer]
    for member in sealed["attest-clear"].value:
        name = member[0].encode()
        values = [[v.strip(b" \t") for k, v in lines if k == name]
                  for lines in (outer, inner)]
        need(values[0] and values[1], f"{member[0]} is missing on a side")
        need(b", ".join(values[0]) == b", ".join(values[1]),
             f"{member[0]} differs")
