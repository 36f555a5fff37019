"""The server's side: checks of doc/protocol.md 5.8 and 9.6, and 3.1.

Enough of a server to run the negative cases and to be called by the
client of this folder; it judges whole messages and streams nothing.
"""
import hmac

import bhttp
import cmw
import exchange
import fields
import message
import records
import schedule
from errors import Bad, Refused

SUITES = tuple(schedule.SUITES)


def kind(method, path, lines):
    """3.1: the row that fits, as a word."""
    names = {name.lower() for name, _ in lines}
    attest = {name for name in names if name.startswith("attest-")}
    values = {name.lower(): value for name, value in lines}
    if method == "OPTIONS" and "attest-base-id" not in names and (
            values.get("access-control-request-method") == "ATTEST"
            or any(n.strip().lower().startswith("attest-") for n in
                   values.get("access-control-request-headers",
                              "").split(","))
            or "attest-versions" in names):
        return "preflight"
    if (method in ("GET", "HEAD", "OPTIONS") and not attest
            and path.split("?")[0] == "/.well-known/httpa"):
        return "discovery"
    if (method in ("ATTEST", "POST") and "attest-versions" in names
            and "attest-base-id" not in names):
        return "aths"
    if {"attest-base-id", "attest-ticket"} <= names:
        if "attest-cargo" in names:
            return "cargo"
        if method in ("ATTEST", "POST"):
            return "sealed"
    return "malformed" if attest else "untrusted"


def check(name, condition, answer, why=""):
    if not condition:
        raise Refused(name, answer, why)


def guard(name, answer, function, *arguments):
    try:
        return function(*arguments)
    except Bad as bad:
        raise Refused(name, answer, bad) from None


def check_outer(lines):
    """13.5: Content-Encoding, Content-Range, other Transfer-Encoding."""
    for name, value in lines:
        if name.lower() in ("content-encoding", "content-range"):
            raise Bad(f"{name} in the outer head")
        if name.lower() == "transfer-encoding" and value != "chunked":
            raise Bad("transfer coding")


# ---- 5.8 -----------------------------------------------------------------

def first_common(clear, name, mine):
    for member in clear[name].value:
        if member[0] in mine:
            return member[0]
    return None


def judge_aths(method, lines, content, origins, suites=SUITES,
               groups=exchange.GROUPS, now=None, window=None):
    """(clear fields, suite, group, share), or Refused.  `window` is the
    one of check 9, in seconds, with `now`."""
    check("form", kind(method, "/", lines) == "aths", "malformed")
    guard("form", "malformed", check_outer, lines)
    clear = guard("fields", "malformed", fields.parse_clear, lines,
                  fields.AQ)
    check("version", first_common(clear, "attest-versions", ("httpa/2",)),
          "version")
    check("target", clear["attest-target"].value[0] in origins, "target")
    suite = first_common(clear, "attest-cipher-suites", suites)
    check("suite", suite, "suite")
    shares = clear["attest-key-shares"].value
    offered = [m[0] for m in clear["attest-supported-groups"].value]
    check("shares", [m[1]["group"] for m in shares] == offered, "malformed")
    group = first_common(clear, "attest-supported-groups", groups)
    check("group", group, "group")
    if window is not None:
        date = clear.get("attest-date")
        check("date", date and abs(date.value[0] - now) <= window, "date")
    check("client", not {"attest-quotes", "attest-signatures"} & set(clear),
          "client")
    check("transport", "attest-transport" not in clear, "malformed")
    check_policy(clear)
    check("content", len(content) <= cmw.MAX_BYTES, "too-large")
    guard("content", "malformed", cmw.parse, content, cmw.AQ)
    share = shares[offered.index(group)][0]
    probe = exchange.private_key(group, b"\1" * 32)
    guard("exchange", "malformed", exchange.shared_secret, group, probe,
          share)
    return clear, suite, group, share


def check_policy(clear):
    """Check 12, for a server that grants indirect, fresh, key, shared."""
    tokens = [m[0] for m in clear["attest-policies"].value] \
        if "attest-policies" in clear else []
    check("policy", "direct" not in tokens, "policy")
    bindings = {"fresh", "key", "batch"} & set(tokens)
    check("policy", not bindings or bindings & {"fresh", "key"}, "policy")
    if "attest-base-creation" in clear:
        wanted = [m[0] for m in clear["attest-base-creation"].value]
        check("policy", "shared" in wanted, "policy")


# ---- 9.5 -----------------------------------------------------------------

class Window:
    """9.5, in the words of the document."""
    SIZE = 1024

    def __init__(self):
        self.top, self.marks = 0, set()

    def state(self, n):
        if n > self.top:
            return "new"
        if self.top - n >= self.SIZE:
            return "stale"
        return "seen" if n in self.marks else "new"

    def test_and_set(self, n):
        state = self.state(n)
        if state == "new":
            self.top = max(self.top, n)
            self.marks.add(n)
            self.marks = {m for m in self.marks
                          if self.top - m < self.SIZE}
        return state


# ---- 9.6 -----------------------------------------------------------------

class ServerBase:
    def __init__(self, id, target, suite, c_key, c_iv, s_key, s_iv):
        self.id, self.target = id, target
        self.suite = suite
        self.aead = schedule.SUITES[suite][0]
        self.c_key, self.c_iv = c_key, c_iv
        self.s_key, self.s_iv = s_key, s_iv
        self.window = Window()


def check_ticket(base, clear):
    """Check 4: (n, AtT)"""
    n, parameters = clear["attest-ticket"].value
    aad = schedule.ticket_aad(n, fields.F(fields.without(
        clear, "attest-ticket")))
    AtT = schedule.tag(base.aead, base.c_key, base.c_iv, n, aad)
    check("ticket", hmac.compare_digest(AtT, parameters["mac"]),
          "base-unknown")
    return n, AtT


def judge_sealed(base, method, lines, content):
    """A dict of what the request says, or Refused.  Checks 1 to 6 are
    answered in the clear, the others sealed."""
    check("form", kind(method, "/", lines) == "sealed", "malformed")
    guard("form", "malformed", check_outer, lines)
    clear = guard("fields", "malformed", fields.parse_clear, lines,
                  fields.SQ)
    check("base", clear["attest-base-id"].value[0] == base.id,
          "base-unknown")
    n, AtT = check_ticket(base, clear)
    check("window", base.window.test_and_set(n) == "new", "replay")
    opener = records.Opener(base.aead, base.c_key, base.c_iv, n, AtT)
    head, body, trailers = guard("records", "head", records.read_all,
                                 opener, content)
    try:
        method, path, inner, sealed = message.check_request_head(
            head, base.target)
    except message.WrongTarget as bad:
        raise Refused("authority", "target", bad) from None
    except Bad as bad:
        raise Refused("head", "head", bad) from None
    guard("head", "head", message.check_request_content, inner, len(body))
    if trailers is not None:
        guard("head", "head", message.check_trailers, trailers)
    guard("clear", "clear", message.check_clear_copies, sealed, lines, inner)
    check_supersedes(base, n, sealed)
    if method == b"ATTEST":
        check_atsp(inner, body)
    return {"n": n, "AtT": AtT, "method": method, "path": path,
            "lines": inner, "content": body, "trailers": trailers,
            "sealed": sealed}


def check_supersedes(base, n, sealed):
    """9.7"""
    if "attest-supersedes" not in sealed:
        return
    given_up = [m[0] for m in sealed["attest-supersedes"].value]
    check("head", all(m < n for m in given_up), "head", "m >= n")
    check("supersedes", all(base.window.state(m) == "new"
                            for m in given_up), "seen")
    for m in given_up:
        base.window.test_and_set(m)


def check_atsp(inner, body):
    """11.1"""
    check("kind", len(body) <= cmw.MAX_BYTES, "413")
    if body:
        guard("kind", "head", cmw.parse, body, cmw.SQ)


def seal_answer(base, request, head, content=b""):
    """9.3: (clear lines, records) of the response."""
    n, AtT = request["n"], request["AtT"]
    aad = schedule.binder_aad(n, AtT, fields.F({}))
    AtBr = schedule.tag(base.aead, base.s_key, base.s_iv, n, aad)
    sealed = records.seal_message(base.aead, base.s_key, base.s_iv, n, AtBr,
                                  records.cut(head, content))
    return AtBr, b"".join(sealed)


def respond(base, request, status, lines, content=b""):
    """seal_answer for a status and lines."""
    return seal_answer(base, request, bhttp.write_response(status, lines),
                       content)
