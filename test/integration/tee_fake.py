"""A confidential guest that is none: configfs-tsm as a file system
(test/programs/fake_tsm.c), and the real client with its vendors' roots
(test/programs/test_roots.c)."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

FAKE = stack.BUILD / "test/programs/fake_tsm"
CLIENT = stack.BUILD / "test/programs/httpa_test_roots"
OTHER_RD = stack.BUILD / "test/programs/httpa_other_rd"
REPORT = "sys/kernel/config/tsm/report"


class Fake:
    """The file system, mounted where configfs-tsm is below `root`; `vendor`
    has the root's hash and collateral."""

    def __init__(self, root, tee):
        if not FAKE.exists() or not shutil.which("fusermount3"):
            pytest.skip("SKIP: no libfuse3 here")
        self.root, self.at = root, root / REPORT
        self.vendor = root / "vendor"
        self.at.mkdir(parents=True)
        self.vendor.mkdir()
        self.process = subprocess.Popen([FAKE, self.at, tee, self.vendor],
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


def log(s):
    return (s.run / "gateway.out").read_text()


def start(*options):
    """`httpa serve` that is expected not to."""
    return subprocess.run(
        [stack.HTTPA, "serve", "--upstream", "http://127.0.0.1:9", "--origin",
         "http://a.example", "--listen", "127.0.0.1:0", *map(str, options)],
        capture_output=True, text=True, timeout=60)
