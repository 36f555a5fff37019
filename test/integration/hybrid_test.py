"""The post-quantum group over the real programs, where an OpenSSL that has it
can be had (tools/openssl-3.5); 3.0 on the other side falls back by itself."""
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

NEWER = stack.ROOT / "tools/openssl-3.5"
OLDER = stack.HTTPA
need = stack.missing("openssl")
pytestmark = [pytest.mark.big,  # not with sanitizers
              pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")]


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    """The program of this build with OpenSSL 3.5."""
    if subprocess.run([NEWER, "/bin/true"]).returncode == 77:
        pytest.skip("SKIP: no OpenSSL 3.5 here")
    path = tmp_path_factory.mktemp("newer") / "httpa"
    path.write_text(f'#!/bin/sh\nexec {NEWER} {OLDER} "$@"\n')
    path.chmod(0o755)
    return path


def group(s, *options):
    p = s.httpa("-v", *options, s.url + "/echo")
    assert p.returncode == 0, p.stderr
    return next(line.split()[-1] for line in p.stderr.decode().splitlines()
                if line.startswith("< attest-supported-group:"))


@pytest.mark.parametrize("older_side", [None, "client", "server"])
def test_group(newer, older_side, monkeypatch):
    monkeypatch.setattr(stack, "HTTPA",
                        OLDER if older_side == "server" else newer)
    with stack.Stack() as s:
        s.app()
        s.serve()
        monkeypatch.setattr(stack, "HTTPA",
                            OLDER if older_side == "client" else newer)
        best = "x25519" if older_side else "X25519MLKEM768"
        assert group(s) == best
        if older_side is None:
            assert group(s, "--groups", "X25519MLKEM768") == best
            assert group(s, "--groups", "x25519") == "x25519"
