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
    says = json.loads((folder / "manifest.json").read_text())["expected"]
    at = says["verification_time"]
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
