"""A confidential guest that is none: configfs-tsm or Gramine's /dev/attestation
as a file system (test/programs/fake_tsm.c, fake_gramine.c), and the real client
with their vendors' roots (test/programs/test_roots.c)."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

PROGRAMS = stack.BUILD / "test/programs"
CLIENT = PROGRAMS / "httpa_test_roots"
OTHER_RD = PROGRAMS / "httpa_other_rd"
REPORT = "sys/kernel/config/tsm/report"
GRAMINE = "dev/attestation"


class Fake:
    """The file system, mounted where the real one is below `root`; `vendor`
    has the root's hash and collateral."""

    def __init__(self, root, tee):
        is_sgx = tee == "sgx"
        program = PROGRAMS / ("fake_gramine" if is_sgx else "fake_tsm")
        if not program.exists() or not shutil.which("fusermount3"):
            pytest.skip("SKIP: no libfuse3 here")
        self.root, self.at = root, root / (GRAMINE if is_sgx else REPORT)
        self.vendor = root / "vendor"
        self.at.mkdir(parents=True)
        self.vendor.mkdir()
        self.process = subprocess.Popen(
            [program, self.at, *([] if is_sgx else [tee]), self.vendor],
            stderr=subprocess.PIPE)
        end = time.monotonic() + stack.PATIENCE
        while not os.path.ismount(self.at):
            if self.process.poll() is not None:
                pytest.skip("SKIP: no FUSE here: "
                            f"{self.process.stderr.read().decode()}")
            assert time.monotonic() < end
            time.sleep(0.05)

    def behave(self, words=""):
        (self.at / "fake-control").write_text(words + "\n")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            subprocess.run(["fusermount3", "-uz", self.at])
            self.process.kill()
            self.process.wait()

    def ask(self, s, policy, *options, program=CLIENT, path="/echo"):
        """The client against `s`, believing this fake's vendor."""
        command = s.command(s.url + path, *options, policy=policy)
        command[0] = str(program)
        return subprocess.run(
            command, capture_output=True, text=True, timeout=120,
            env={**os.environ, "HTTPA_TEST_ROOT": str(self.vendor / "root")})


def serving(fake, world, program=stack.HTTPA):
    """A gateway in the guest, with the collateral of |world|."""
    s = stack.Stack()
    try:
        s.app()
        s.serve("--collateral", fake.vendor / world,
                tee=["--tee", "auto", "--tee-root", fake.root],
                program=program)
    except BaseException:
        s.__exit__()
        raise
    return s


def accepted(p):
    assert p.returncode == 0, p.stderr
    return p


def refused(s, fake, policy, check, *words, code=1, outcome="fail",
            program=CLIENT):
    """The exit status; the words that a person reads; and in the verdict the
    check that decided, with what was seen and expected."""
    verdict = s.run / "verdict.json"
    p = fake.ask(s, policy, "--verdict", verdict, program=program)
    assert p.returncode == code, p.stderr
    assert p.stdout == "" and "nothing was sent" in p.stderr
    text = " ".join(p.stderr.split())  # lines are broken for a terminal
    for word in words:
        assert word in text, p.stderr
    checks = [c for c in json.loads(verdict.read_text())["checks"]
              if c["result"] == outcome]
    assert checks[0]["id"] == check
    assert {"seen", "expected"} <= checks[0].keys() or outcome == "unknown"
    return checks[0]


def log(s):
    return (s.run / "gateway.out").read_text()


def start(*options):
    """`httpa serve` that is expected not to."""
    return subprocess.run(
        [stack.HTTPA, "serve", "--upstream", "http://127.0.0.1:9", "--origin",
         "http://a.example", "--listen", "127.0.0.1:0", *map(str, options)],
        capture_output=True, text=True, timeout=60)
