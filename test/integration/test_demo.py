"""demo/run from beginning to end, and what it says."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HTTPA_BUILD", ROOT / "build"))
HTTPA = BUILD / "src/programs/httpa"
PATH = os.environ["PATH"] + ":/usr/sbin"

ROWS = [("a changed byte", "client", 5), ("a replayed request", "service", 0),
        ("a swapped answer", "client", 5), ("a wrong measurement", "client", 1)]


def missing():
    names = [n for n in ("nginx", "swtpm", "swtpm_setup", "openssl")
             if shutil.which(n, path=PATH) is None]
    return names + ([] if HTTPA.exists() else [str(HTTPA)])


@pytest.mark.skipif(bool(missing()), reason=f"SKIP: no {', '.join(missing())}")
def test_the_demonstration(tmp_path):
    run = tmp_path / "demo-run"
    before = set(pathlib.Path("/tmp").glob("httpa-demo-*"))
    p = subprocess.run([ROOT / "demo/run"], capture_output=True, text=True,
                       timeout=120, env={**os.environ, "HTTPA": str(HTTPA),
                                         "HTTPA_DEMO_RUN": str(run)})
    assert p.returncode == 0, p.stdout + p.stderr
    out = p.stdout
    assert "\033" not in out
    assert max(map(len, out.splitlines())) <= 80, out

    lines = out.splitlines()
    for attack, who, code in ROWS:
        row = next(i for i, s in enumerate(lines) if s.startswith("  " + attack))
        assert re.search(rf" {who} +{code}$", lines[row]), out
        assert len(lines[row + 1].strip()) > 20, out

    # The answer came in pieces, and nginx saw none of it.
    took = re.search(r"as they came: ([\d.]+) s from the first", out)[1]
    assert float(took) > 0.5
    assert "forwarded there is no" in out
    saw = (run / "nginx-saw.log").read_text()
    assert re.search(r"^(POST|ATTEST) /.well-known/httpa HTTP/1.1\|200", saw,
                     re.M)
    assert "/chat" not in saw and "/hello" not in saw
    verdict = json.loads((run / "verdict.json").read_text())
    assert verdict["result"].startswith("accepted")
    assert verdict["evidence"][0]["type"] == "tpm"

    # Nothing is left: no process holds the directory, no TPM is in /tmp.
    assert set(pathlib.Path("/tmp").glob("httpa-demo-*")) <= before
    pids = [int(d.name) for d in pathlib.Path("/proc").glob("[0-9]*")]
    for pid in pids:
        try:
            assert str(run) not in os.readlink(f"/proc/{pid}/cwd"), pid
        except OSError:
            continue
