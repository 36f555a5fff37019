"""Attest-* fields: doc/protocol.md 4 and 18.1.

A set S of fields is a dict: name in lower case -> Field.
"""
import re

import sfv
from errors import Bad
from schedule import u, v8, v32
from sfv import Token

MAX_INT31 = 2**31 - 1
MAX_N = 2**48 - 1
BASE_ID = re.compile(r"[a-z][a-z0-9]{0,15}\.[A-Za-z0-9_-]{22}\Z")

ORIGIN = re.compile(r"(?P<scheme>https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\])"
                    r"(:(?P<port>[1-9][0-9]{0,4}))?\Z")

# Places: message -> where the field may stand.  c clear, s sealed, t in the
# record of type 3; M and O as in 4.4.
AQ, AR, SQ, SR = ("aths-request", "aths-response",
                  "sealed-request", "sealed-response")


class Field:
    def __init__(self, value, text):
        self.value = value      # parsed (sfv.py); None if undefined in 4.4
        self.text = text        # canonical


# 4.1 rule 1

def join(lines):
    """Trim each line of one name and join them."""
    trimmed = [line.strip(" \t") for line in lines]
    if "" in trimmed:
        raise Bad("empty line")
    return ", ".join(trimmed)


def gather(lines):
    """(name, value) lines -> {lower-case name: [values]}, Attest-* only."""
    out = {}
    for name, value in lines:
        if name.lower().startswith("attest-"):
            out.setdefault(name.lower(), []).append(value)
    return out


# Checks of 4.4, each for one member (value, parameters)

def need(condition, why):
    if not condition:
        raise Bad(why)


def token(member):
    need(isinstance(member[0], Token), "not a Token")


def octets(minimum, maximum):
    def check(member):
        need(isinstance(member[0], bytes), "not a Byte Sequence")
        need(minimum <= len(member[0]) <= maximum, "of another length")
    return check


def integer(minimum, maximum):
    def check(member):
        value = member[0]
        need(type(value) is int, "not an Integer")
        need(minimum <= value <= maximum, "Integer out of range")
    return check


def date(member):
    need(isinstance(member[0], sfv.Date), "not a Date")


def string(member):
    need(type(member[0]) is str, "not a String")


def target(member):
    """5.2: the ASCII serialisation of an origin."""
    string(member)
    need(len(member[0]) <= 254, "Attest-Target too long")
    origin = ORIGIN.match(member[0])
    need(origin, "Attest-Target is no origin")
    default = {"http": "80", "https": "443"}[origin["scheme"]]
    need(origin["port"] != default, "port that is the default")


def with_token(name, check):
    """A member that has the parameter `name`, a Token."""
    def both(member):
        check(member)
        need(isinstance(member[1].get(name), Token), f"no Token {name}")
    return both


def share(member):
    with_token("group", octets(0, 4096))(member)


def base_id(member):
    token(member)
    need(BASE_ID.match(member[0]), "grammar of a Base-ID")


def base_id_in_response(member):
    base_id(member)
    need(type(member[1].get("max-age")) is int, "max-age missing")
    need(1 <= member[1]["max-age"] <= MAX_INT31, "max-age out of range")
    if "idle" in member[1]:
        need(type(member[1]["idle"]) is int, "idle")
        need(120 <= member[1]["idle"] <= MAX_INT31, "idle out of range")


def only(member, *names):
    need(set(member[1]) <= set(names), "unknown parameter")
    if "protect" in member[1]:
        need(isinstance(member[1]["protect"], Token)
             and member[1]["protect"] == "seal", "protect other than seal")


def ticket(member):
    integer(1, MAX_N)(member)
    only(member, "mac", "protect")
    mac = member[1].get("mac")
    need(isinstance(mac, bytes) and len(mac) == 16, "mac")


def binder(member):
    octets(16, 16)(member)
    only(member, "protect")


def policy_demanded(member):
    token(member)
    if member[0] == "key":
        age = member[1].get("max-age")
        need(type(age) is int and 1 <= age <= MAX_INT31, "max-age of key")


def demands_agree(members):
    tokens = [member[0] for member in members]
    need(not ("direct" in tokens and "indirect" in tokens),
         "direct and indirect")


def blocked(member):
    kind = member[1].get("kind")
    need(isinstance(kind, Token), "no Token kind")
    need(isinstance(member[0], (bytes, str)), "type of a blocklist member")
    if kind in ("measurement", "chip", "signer"):
        need(isinstance(member[0], bytes), f"{kind} is no Byte Sequence")
    if kind == "base":
        token(member)
    if kind == "svn":
        string(member)


def quote(member):
    octets(32, 32)(member)
    parameters = member[1]
    need(type(parameters.get("type")) is str, "type missing")
    need(isinstance(parameters.get("binding"), Token), "binding missing")
    need(parameters["binding"] in ("fresh", "key"), "binding unknown")
    if "max-age" in parameters:
        need(type(parameters["max-age"]) is int
             and parameters["max-age"] >= 1, "max-age")
    of_key = {"key", "not-before", "not-after"} & set(parameters)
    if parameters["binding"] == "key":
        need(len(of_key) == 3, "binding key without its parameters")
        need(isinstance(parameters["key"], bytes)
             and 1 <= len(parameters["key"]) <= 128, "key")
        for name in ("not-before", "not-after"):
            need(type(parameters[name]) is int and parameters[name] >= 0,
                 name)
    else:
        need(not of_key, "parameters of binding key")


def quotes_agree(members):
    keys = {(m[1]["key"], m[1]["not-before"], m[1]["not-after"])
            for m in members if m[1]["binding"] == "key"}
    need(len(keys) <= 1, "several quote keys")


def signature(member):
    octets(1, 4096)(member)


def algorithms_named(members):
    for key in ("service", "quote"):
        if key in members:
            with_token("alg", signature)(members[key])


def known(*tokens):
    def check(member):
        token(member)
        need(member[0] in tokens, "unknown Token in an Item")
    return check


# name -> (type, maximum number of members, check per member, places)
TABLE = {
    "attest-versions": ("list", 8, token, {AQ: "cM"}),
    "attest-version": ("item", 1, token, {AR: "cM"}),
    "attest-cipher-suites": ("list", 8, token, {AQ: "cM"}),
    "attest-cipher-suite": ("item", 1, token, {AR: "cM"}),
    "attest-supported-groups": ("list", 8, token, {AQ: "cM"}),
    "attest-supported-group": ("item", 1, token, {AR: "cM"}),
    "attest-key-shares": ("list", 8, share, {AQ: "cM"}),
    "attest-key-share": ("item", 1, share, {AR: "cM"}),
    "attest-random": ("item", 1, octets(32, 32), {AQ: "cM", AR: "cM"}),
    "attest-target": ("item", 1, target, {AQ: "cM"}),
    "attest-date": ("item", 1, date, {AQ: "cO"}),
    "attest-policies": ("list", 16, None, {AQ: "cO", AR: "sM"}),
    "attest-base-creation": (None, 8, None, {AQ: "cO", AR: "sM"}),
    "attest-blocklist": ("list", 64, blocked, {AQ: "cO"}),
    "attest-base-id": ("item", 1, None, {AR: "cM", SQ: "cM", SR: "sO"}),
    "attest-configuration": ("item", 1, octets(32, 32), {AR: "sM"}),
    "attest-quotes": ("list", 16, quote, {AR: "sM"}),
    "attest-signatures": ("dictionary", 8, signature, {AR: "sO"}),
    "attest-expires": ("item", 1, date, {AR: "sO", SR: "sO"}),
    "attest-ticket": ("item", 1, ticket, {SQ: "cM"}),
    "attest-binder": ("item", 1, binder, {SR: "cM"}),
    "attest-clear": ("list", 16, token, {SQ: "sO", SR: "sO"}),
    "attest-supersedes": ("list", 64, integer(1, MAX_N), {SQ: "sO"}),
    "attest-base-termination":
        ("item", 1, known("cleanup", "destroy", "keep"),
         {SQ: "sO", SR: "sO"}),
    "attest-error": ("item", 1, token, {SR: "sO"}),
    # 18.1
    "attest-challenge": ("item", 1, token, {AQ: "cO"}),
    "attest-transport": ("item", 1, octets(0, 4096), {}),
    "attest-secrets": ("list", 16, octets(0, 4096), {}),
    "attest-cargo": ("item", 1, octets(0, 4096), {}),
    "attest-parts": ("list", 16, None, {}),
}

# 18.1: parsed in an AtHS request, refused by a check of its own.
REFUSED_LATER = ("attest-quotes", "attest-signatures", "attest-transport")

LARGE_CLEAR = {"attest-key-shares": 4096, "attest-key-share": 2048,
               "attest-blocklist": 2048, "attest-policies": 512}
LARGE_SEALED = {"attest-quotes": 4096, "attest-signatures": 4096}


def kind_and_check(name, message):
    """The two fields whose form differs between the directions, resolved."""
    kind, maximum, check, _ = TABLE[name]
    if name == "attest-policies":
        check = policy_demanded if message == AQ else token
    if name == "attest-base-creation":
        kind = "list" if message == AQ else "item"
        check = token if message == AQ else known("new", "reuse", "shared")
    if name == "attest-base-id":
        check = base_id if message == SQ else base_id_in_response
    return kind, maximum, check


def parse_defined(name, text, message):
    kind, maximum, check = kind_and_check(name, message)
    value = sfv.parse(kind, text)
    members = {"item": lambda: [value], "list": lambda: value,
               "dictionary": lambda: list(value.values())}[kind]()
    need(len(members) <= maximum, "too many members")
    for member in members:
        need(not isinstance(member[0], list), "Inner List")
        if check is not None:
            check(member)
    if kind == "list" and all(isinstance(m[0], Token) or type(m[0]) is int
                              for m in members):
        bare = [m[0] for m in members]
        need(len(set(bare)) == len(bare), "member twice")   # rule 8
    if name == "attest-policies" and message == AQ:
        demands_agree(members)
    if name == "attest-quotes":
        quotes_agree(members)
    if name == "attest-signatures":
        algorithms_named(value)
    return Field(value, sfv.serialise(kind, value))


def parse_undefined(lines):
    """4.1, last but one paragraph."""
    need(len(lines) == 1, "undefined field on several lines")
    text = lines[0].strip(" \t")
    need(re.fullmatch("[ -~]+", text), "not printable")
    need("  " not in text, "two spaces in a row")
    return Field(None, text)


def parse_clear(lines, message):
    """4.1, 4.2, 4.4 for a clear head: the set S, or Bad."""
    raw = gather(lines)
    need(len(raw) <= 20, "too many fields")
    out, total = {}, 0
    for name, values in raw.items():
        need(len(name) <= 64, "name too long")
        text = join(values)
        need(len(text) <= LARGE_CLEAR.get(name, 256), f"{name} too long")
        total += len(name) + len(text)
        if name not in TABLE:
            out[name] = parse_undefined(values)
            continue
        place = TABLE[name][3].get(message, "-")
        if not (message == AQ and name in REFUSED_LATER):
            need(place[0] == "c", f"{name} does not stand here")
        out[name] = parse_defined(name, text, message)
    need(total <= 4096, "fields too long in all")
    return demand(out, message, "cM")


def parse_sealed(lines, message):
    """4.1, 4.2, 4.4 for the head record; lines are bytes pairs."""
    raw = gather([(name.decode("latin-1"), value.decode("latin-1"))
                  for name, value in lines])
    out, total = {}, 0
    for name, values in raw.items():
        text = join(values)
        total += len(name) + len(text)
        need(len(text) <= LARGE_SEALED.get(name, 2048), f"{name} too long")
        need(name in TABLE, f"{name} is not defined")
        need(TABLE[name][3].get(message, "-")[0] == "s",
             f"{name} does not stand here")
        out[name] = parse_defined(name, text, message)
    need(total <= 8192, "sealed fields too long in all")
    return demand(out, message, "sM")


def demand(out, message, place):
    for name, (_, _, _, places) in TABLE.items():
        if places.get(message) == place:
            need(name in out, f"{name} is missing")
    return out


def F(fields):
    """4.3"""
    out = u(16, len(fields))
    for name in sorted(fields):
        out += v8(name.encode()) + v32(fields[name].text.encode())
    return out


def without(fields, *names):
    return {k: v for k, v in fields.items() if k not in names}
