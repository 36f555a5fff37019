"""The verdict: its page, its schema, its list of checks."""
import json
import os
import pathlib
import pty
import random
import re
import subprocess
import sys
import termios
import unicodedata

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGES = HERE / "pages"
SHARED = stack.SHARED / "vectors"
CODES = {"accepted": 0, "warnings": 0, "refused": 1, "undecided": 4}


def httpa(*args, **kw):
    return subprocess.run([stack.HTTPA, *map(str, args)], timeout=60,
                          capture_output=True, **kw)


def explain(document, *args):
    p = httpa("explain", "-", *args, input=document)
    return p.returncode, p.stdout.decode()


def read(name):
    return (PAGES / f"{name}.json").read_bytes()


def columns(line):
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line)
    return len(line) + wide


# ---- the page

@pytest.mark.parametrize("name", CODES)
def test_a_page_is_as_drawn(name):
    code, page = explain(read(name))
    assert code == CODES[name]
    assert page == (PAGES / f"{name}.txt").read_text()


def test_all_of_it_is_as_drawn():
    for name in ("refused", "undecided"):
        _, page = explain(read(name), "-v")
        assert page == (PAGES / f"{name}-v.txt").read_text()


def on_terminal(width, *args, **env):
    """What the program writes to a terminal of so many columns."""
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (50, width))
    p = subprocess.Popen([stack.HTTPA, *map(str, args)], stdout=child,
                         stdin=subprocess.DEVNULL,
                         env={**os.environ, "NO_COLOR": "", **env})
    os.close(child)
    out = b""
    try:
        while piece := os.read(parent, 65536):
            out += piece
    except OSError:  # the other end is closed
        pass
    p.wait(60)
    os.close(parent)
    return out.decode().replace("\r\n", "\n")


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("name", CODES)
def test_colour_on_a_terminal_alone(name):
    path = PAGES / f"{name}.json"
    coloured = on_terminal(80, "explain", path)
    assert "\x1b[" in coloured
    assert plain(coloured) == httpa("explain", path).stdout.decode()
    assert on_terminal(80, "explain", path, NO_COLOR="1") == plain(coloured)
    ink = {"accepted": "32", "refused": "1;31"}.get(name, "33")
    assert re.search(rf"\x1b\[{ink}m +[A-Z]+", coloured)
    assert coloured.count("\x1b[0m") == len(
        re.findall(r"\x1b\[(?!0m)[0-9;]*m", coloured))


def test_wider_terminals_are_used_up_to_120_columns():
    path = PAGES / "refused.json"
    for width, most in ((40, 80), (80, 80), (100, 100), (300, 120)):
        longest = max(map(len, plain(on_terminal(width, "explain", "-v",
                                                 path)).splitlines()))
        assert most - 20 < longest <= most


def harmless(page):
    assert not [c for c in page if c != "\n" and
                unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    assert max(map(columns, page.splitlines())) <= 80


def strings(value, found):
    """Every container with what leads to a string or a number in it."""
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found.append((value, key))
        strings(inner, found)
    return found


NASTY = ["\x1b[2J\x1b]0;t\x07", "a\u202eb\u2066c", "x" * 5000,
         "\u6e2c\u5b9a" * 999, "\x00", "\u0085\u2028", "", " " * 300, None,
         True, -1, 10 ** 18, 1e300, -0.5, [], {}, ["a", None, {"b": []}],
         {"id": 7}, [[]] * 50]


@pytest.mark.parametrize("name", CODES)
def test_whoever_wrote_it_the_page_holds(name):
    """Every member of a document in turn is something else."""
    rng = random.Random(name)
    count = len(strings(json.loads(read(name)), []))
    for i in rng.sample(range(count), 25):
        document = json.loads(read(name))
        where, key = strings(document, [])[i]
        where[key] = rng.choice(NASTY)
        code, page = explain(json.dumps(document).encode(), "-v")
        if document.get("httpa_verdict") == 1:
            assert code in (0, 1, 2, 4), (key, where[key])
            harmless(page)
        else:
            assert code == 2 and page == ""


def test_what_is_no_verdict_is_not_shown():
    for text in (b"", b"{}", b"[]", b'{"httpa_verdict": 2}', b"\xff",
                 b'{"httpa_verdict": 1', b'{"httpa_verdict": "1"}',
                 b'{"httpa_verdict": 1, "a": "' + b"x" * 2 ** 20 + b'"}',
                 b"[" * 100000):
        p = httpa("explain", "-", input=text)
        assert p.returncode == 2 and p.stdout == b"" and p.stderr, text[:40]
    # A result that is no word of ours is not accepted.
    for result in ("", "ACCEPTED", None, 0):
        d = {**json.loads(read("accepted")), "result": result}
        code, page = explain(json.dumps(d).encode())
        assert code == 1 and "REFUSED" in page


def test_a_verdict_in_a_file_says_that_it_proves_nothing(tmp_path):
    (tmp_path / "v.json").write_bytes(read("accepted"))
    p = httpa("explain", tmp_path / "v.json")
    assert p.returncode == 0 and b"nothing was verified now" in p.stdout
    p = httpa("explain", "--json", tmp_path / "v.json")
    assert json.loads(p.stdout) == json.loads(read("accepted"))


EVIDENCE = ["tdx/v4-uptodate", "tdx/v4-outdated", "sgx/v3-platform-ca",
            "nitro/enclave-nonce", "cca/tf-rmm", "tpm2/swtpm-ecdsa-p256",
            "tpm2/azure-snp-genoa", "sev-snp/v5-turin-vcek",
            "sev-snp/v2-milan-vlek-vmpl1"]


def verify(name, *args):
    folder = SHARED / name
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    manifest = json.loads((folder / "manifest.json").read_text())
    at = manifest.get("expected", {}).get("verification_time", "now")
    args = [*args, "--collateral", SHARED / "sev-snp/trust"] \
        if "snp" in name else args
    return httpa("verify", folder, *args,
                 *(["--at", at] if at.startswith("20") else []))


@pytest.mark.parametrize("name", EVIDENCE)
def test_page_and_document_say_the_same(name):
    """The page of evidence is the page of its document."""
    page = verify(name).stdout.decode()
    code, again = explain(verify(name, "--json").stdout)
    assert code == verify(name).returncode
    body = page.partition("\n\n")[2].splitlines()[:-1]
    assert again.partition("\n\n")[2].splitlines()[:len(body)] == body
    harmless(verify(name, "-v").stdout.decode())


# ---- doc/verdict.schema.json

def closed(schema):
    """The schema for what we write ourselves: nothing beside its members."""
    if isinstance(schema, list):
        return [closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {k: closed(v) for k, v in schema.items()}
    return {"additionalProperties": False, **shut} \
        if "properties" in schema and "type" in schema else shut


@pytest.fixture(scope="module")
def valid():
    jsonschema = pytest.importorskip("jsonschema", reason="SKIP: no "
                                     "python3-jsonschema")
    schema = json.loads((ROOT / "doc/verdict.schema.json").read_text())
    cls = jsonschema.Draft202012Validator
    cls.check_schema(schema)
    return cls(closed(schema))


def test_the_schema_refuses_what_is_no_verdict(valid):
    good = json.loads(read("accepted"))
    assert valid.is_valid(good)
    for where, key in strings(good, [])[:20]:
        if where is good:
            assert not valid.is_valid(
                {k: v for k, v in good.items() if k != key}), key
    for wrong in ({"result": "fine"}, {"more": 1}, {"at": "now"},
                  {"checks": [{"id": "x", "result": "pass"}]},
                  {"checks": [{"id": "a.b", "result": "pass", "days_left": 1}]},
                  {"words": {}}, {"exit_code": 3}):
        assert not valid.is_valid({**good, **wrong}), wrong


@pytest.mark.parametrize("name", CODES)
def test_pages_are_of_valid_documents(valid, name):
    valid.validate(json.loads(read(name)))


def every_sample():
    return sorted(str(p.parent.relative_to(SHARED))
                  for p in SHARED.glob("*/*/manifest.json"))


ENDING = {  # checks whose outcome ends, wherever they passed
    "sev-snp": ["sev-snp.chain"], "nitro": ["nitro.chain", "nitro.age"],
    "tdx": ["tdx.pck.chain", "tdx.pck.crl", "tdx.tcb_info",
            "tdx.qe_identity", "tdx.tcb.status"],
    "sgx": ["sgx.pck.chain", "sgx.pck.crl", "sgx.tcb_info",
            "sgx.qe_identity", "sgx.tcb.status"]}


@pytest.mark.parametrize("name", every_sample())
def test_documents_of_recorded_evidence(valid, name):
    p = verify(name, "--json")
    if p.returncode == 2 and not p.stdout:
        assert p.stderr  # not evidence that a folder can hold
        return
    document = json.loads(p.stdout)
    valid.validate(document)
    assert document["exit_code"] == p.returncode
    assert {c["id"] for c in document["checks"]} <= {
        i.replace("TYPE", t) for i in documented() for t in
        ("tdx", "sgx", "sev-snp", "nitro", "cca", "tpm", "ear", "dev")}
    for c in document["checks"]:
        ends = ENDING.get(c["id"].partition(".")[0], [])
        if c["id"] in ends and c["result"] == "pass":
            assert c["lapses"] and c["source"], c
        if c["id"] in ("tdx.pck.crl", "tdx.tcb_info", "tdx.tcb.status",
                       "sev-snp.crl") and c["result"] == "pass":
            assert "age" in c and c["source"] == "collateral", c
    first = document["lapses_first"]
    held = [c["lapses"] for c in document["checks"] if "lapses" in c and
            c["result"] in ("pass", "warn")]
    assert (first and first["at"]) == (min(held) if held else None)


def test_documents_of_handshakes(valid, tmp_path):
    """Accepted; refused, which sends nothing; without a policy."""
    with stack.Stack() as s:
        s.app()
        s.serve()
        pinned = s.policy(identity={"require": "pinned",
                                    "spki_sha256": ["00" * 32]})
        said = [s.httpa("--verdict", tmp_path / "0", s.url + "/echo"),
                s.httpa("--verdict", tmp_path / "1", s.url + "/echo",
                        policy=pinned),
                httpa("explain", "--json", s.url)]
        (tmp_path / "2").write_bytes(said[2].stdout)
    assert [p.returncode for p in said] == [0, 1, 1]
    assert b"nothing was sent" in said[1].stderr
    for i in range(3):
        document = json.loads((tmp_path / str(i)).read_text())
        valid.validate(document)
        assert document["session"]["suite"]
        assert document["exit_code"] == said[i].returncode
        harmless(httpa("explain", "-v", tmp_path / str(i)).stdout.decode())


# ---- the list of checks in doc/policy.md

def literals(path):
    """String literals of a C file, its own names for some filled in."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    for name, value in re.findall(r'^#define (\w+) ("[^"]*")$', text, re.M):
        text = re.sub(rf'(?<!define )\b{name}\b(?=\s*")', value, text)
    return re.findall(r'"([^"\n]*)"', re.sub(r'"\s*"', "", text))


# Where names with dots are members of a policy or of a token.
OTHER_NAMES = {"policy.c": {"binding", "identity", "base"},
               "jwt.c": {"ear"}, "cwt.c": {"ear"}}


def emitted():
    files = [*(ROOT / "src/evidence").rglob("*.c"),
             *(ROOT / "src/client").glob("*.c")]
    found = set()
    for path in files:
        for text in literals(path):
            other = OTHER_NAMES.get(path.name, ())
            if re.fullmatch(r"[a-z][a-z-]*(\.[a-z_0-9]+)+", text) and \
                    text.partition(".")[0] not in other:
                found.add(text)
            if text == ".measurement.set":
                found.add("TYPE" + text)
    return found


def documented():
    text = (ROOT / "doc/policy.md").read_text()
    text = text[text.index("### 5.1"):text.index("### 5.2")]
    ids = re.findall(r"^\| `([\w.-]+\.[\w.-]+)` \|", text, re.M)
    assert len(ids) == len(set(ids)) > 100
    return set(ids)


def test_every_check_is_documented_and_every_documented_one_is_made():
    assert emitted() == documented()
