"""The tool and a TPM: the endorsement key's question, and that its answer is
remembered (doc/protocol.md 11.2)."""
import json
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

need = stack.missing("openssl", "swtpm", "swtpm_setup")
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")


@pytest.fixture(scope="module")
def s(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tpm")
    tpm = subprocess.Popen([stack.ROOT / "tools" / "swtpm", folder],
                           stdout=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while not (folder / "tpm").exists():
        assert time.monotonic() < end and tpm.poll() is None
        time.sleep(0.05)
    with stack.Stack() as s:
        s.app()
        s.serve(tee=["--tee", "tpm", "--tpm-tcti",
                     f"swtpm:path={folder / 'tpm'}", "--tpm-ek-issuers",
                     folder / "ca" / "issuercert.pem", "--service-key",
                     "new"])
        s.root = folder / "ca" / "swtpm-localca-rootca-cert.pem"
        yield s
    tpm.send_signal(signal.SIGCONT)
    tpm.terminate()
    tpm.wait()


def policy(s, root=None, pcr="00" * 32):
    return s.policy(insecure_dev_tee=None, accept=[{
        "name": "lab", "type": "tpm",
        "ak": {"trust": "ek", "ek_roots": [str(root or s.root)]},
        "measurements": [{"bank": "sha256", "pcr16": pcr}]}])


def test_asked_once_and_remembered(s, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for _ in range(2):
        p = s.httpa(s.url + "/echo", policy=policy(s))
        assert p.returncode == 0, p.stderr
    f = tmp_path / "httpa" / "activations.json"
    assert stat.S_IMODE(f.stat().st_mode) == 0o600
    (key, until), = json.loads(f.read_text()).items()
    assert abs(until - time.time() - 30 * 86400) < 60
    asked = (s.run / "gateway.out").read_text().count("kind=atsp")
    assert asked == 1
    # another key's activation is worth nothing
    f.write_text(json.dumps({key[:-2] + ("00" if key[-2:] != "00" else "01"):
                             until}))
    assert s.httpa(s.url + "/echo", policy=policy(s)).returncode == 0
    assert (s.run / "gateway.out").read_text().count("kind=atsp") == 2
    # rubbish is no cache
    f.write_text("{")
    assert s.httpa(s.url + "/echo", policy=policy(s)).returncode == 0


def test_wrong_register_and_wrong_root(s, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    p = s.httpa(s.url + "/echo", policy=policy(s, pcr="11" * 32))
    assert p.returncode == 1 and p.stdout == b""
    assert b"REFUSED" in p.stderr and b"1111" in p.stderr
    p = s.httpa(s.url + "/echo", policy=policy(s, root=s.run / "cert.pem"))
    assert p.returncode == 1 and p.stdout == b""


def test_pin_takes_what_runs(s, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    p = subprocess.run([stack.HTTPA, "pin", s.url], capture_output=True)
    assert p.returncode == 0, p.stderr
    assert b"pinned: the service key" in p.stderr
    p = subprocess.run([stack.HTTPA, s.url + "/echo"], capture_output=True)
    assert p.returncode == 0, p.stderr
    p = subprocess.run([stack.HTTPA, "explain", s.url], capture_output=True)
    assert p.returncode == 0 and b"ACCEPTED" in p.stdout
