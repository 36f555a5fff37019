"""The tool's commands: what they print, write, and end with."""
import base64
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402
import tool_middle as middle  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SHARED = pathlib.Path(os.environ.get("HTTPA_SHARED", ROOT.parent / "shared"))
TPM2 = SHARED / "vectors" / "tpm2"
COMMANDS = ["get", "serve", "explain", "pin", "verify", "doctor", "policy",
            "collateral", "dev-init"]

need = stack.missing("openssl")
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")


def httpa(*args, **kw):
    return subprocess.run([stack.HTTPA, *map(str, args)], timeout=60,
                          capture_output=True, text=True, **kw)


@pytest.fixture(scope="module")
def s():
    with stack.Stack() as s:
        s.app()
        s.serve()
        yield s


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A user without any files."""
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


# ---- words

def test_without_arguments_one_line_for_each_user():
    p = httpa()
    assert p.returncode == 0 and len(p.stdout.splitlines()) == 6


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_and_the_manual_has_every_option(command):
    p = httpa(command, "--help")
    assert p.returncode == 0
    assert p.stdout.startswith("Usage: httpa")
    assert "  httpa " in p.stdout
    page = "httpa-serve.1.scd" if command == "serve" else "httpa.1.scd"
    manual = (ROOT / "man" / page).read_text()
    for option in re.findall(r"^(?:  -\w, |      |  )--([a-z][\w.-]*)",
                             p.stdout, re.M):
        assert f"*--{option}*" in manual, option
    assert max(map(len, p.stdout.splitlines())) <= 80


def test_every_command_is_in_help():
    p = httpa("--help")
    assert [w for w in COMMANDS if f"  {w} " not in p.stdout] == []


@pytest.mark.parametrize("args, words", [
    (["-k", "https://a.example/"], "no switch that skips attestation"),
    (["--zzz", "https://a.example/"], "no such option"),
    (["https://a.example/", "-o"], "needs a value"),
    (["-u", "me:secret", "https://a.example/"], "from a file"),
    (["ftp://a.example/"], "not a URL"),
    (["https://me:secret@a.example/"], "-u @FILE"),
    (["--max-time", "soon", "https://a.example/"], "seconds"),
    (["-d", "x", "-F", "a=b", "https://a.example/"], "do not go together"),
    (["--policy", "/nowhere.json", "https://a.example/"], "No such file"),
    (["--collateral", "/nowhere", "https://a.example/"], "No such file"),
    (["verify"], "evidence is needed"),
    (["verify", "--nonce", "", "x.eat"], "1 to 512 bytes"),
    (["verify", "--nonce", "0g", "x.eat"], "1 to 512 bytes"),
    (["verify", "--nonce", "00", "--report-data", "00", "x"], "one of them"),
    (["verify", "--at", "yesterday", "x.eat"], "a time like"),
    (["verify", "--at", "1970-01-01T00:00:00Z", "x.eat"], "a time like"),
    (["verify", "--type", "abacus", "/dev/null"], "--type tpm"),
    (["verify", "--collateral", "/nowhere", "x.eat"], "No such file"),
    (["verify", "--policy", "/nowhere", "x.eat"], "No such file"),
    (["policy", "burn", "x"], "policy check FILE"),
])
def test_usage_is_exit_2(args, words):
    p = httpa(*args)
    assert p.returncode == 2 and words in p.stderr, p.stderr
    assert p.stdout == ""


# ---- get

def echo(s, *args, path="/echo", stdin=None):
    p = s.httpa(s.url + path, *args, stdin=stdin)
    assert p.returncode == 0, p.stderr
    return json.loads(p.stdout)


def fields(answer):
    return {k: v for k, v in answer["fields"]}


def test_data_and_types(s, tmp_path):
    (tmp_path / "f").write_text("one\ntwo\n")
    a = echo(s, "-d", "a=1", "-d", f"@{tmp_path / 'f'}")
    assert (a["method"], a["length"]) == ("POST", len("a=1&onetwo"))
    assert fields(a)["content-type"] == "application/x-www-form-urlencoded"
    a = echo(s, "--data-binary", f"@{tmp_path / 'f'}")
    assert a["length"] == 8
    a = echo(s, "--data-raw", "@f")
    assert a["length"] == 2
    a = echo(s, "-F", f"x=@{tmp_path / 'f'}", "-F", "y=z")
    assert fields(a)["content-type"].startswith("multipart/form-data; bound")
    a = echo(s, "-T", tmp_path / "f")
    assert (a["method"], a["length"]) == ("PUT", 8)
    a = echo(s, "-T", "-", stdin=b"x" * 100000)
    assert (a["method"], a["length"]) == ("PUT", 100000)


def test_query(s):
    a = echo(s, "-G", "--data-urlencode", "q=a b&c", "-d", "d=1")
    assert a["method"] == "GET" and a["path"] == "/echo?q=a%20b%26c&d=1"


def test_fields_and_secrets(s, tmp_path):
    (tmp_path / "user").write_text("me:secret\n")
    (tmp_path / "head").write_text("X-Key: 123\n")
    p = s.httpa(s.url + "/echo", "-u", f"@{tmp_path / 'user'}", "-H",
                f"@{tmp_path / 'head'}", "-H", "Accept:", "-H", "X-Empty;",
                "-A", "me", "-b", "a=1", "-v")
    got = fields(json.loads(p.stdout))
    assert got["authorization"] == "Basic bWU6c2VjcmV0"
    assert got["x-key"] == "123" and got["x-empty"] == ""
    assert got["user-agent"] == "me" and got["cookie"] == "a=1"
    assert "accept" not in got
    assert b"bWU6c2VjcmV0" not in p.stderr and b"a=1" not in p.stderr


def test_files_heads_and_fail(s, tmp_path):
    p = s.httpa("-o", tmp_path / "1", "-o", tmp_path / "2",
                s.url + "/bytes?n=10", s.url + "/bytes?n=20")
    assert p.returncode == 0
    assert (tmp_path / "1").stat().st_size == 10
    assert (tmp_path / "2").stat().st_size == 20
    p = s.httpa("-I", s.url + "/bytes?n=10")
    assert p.stdout.startswith(b"HTTP/2 200") and b"content-length: 10" in \
        p.stdout.lower()
    p = s.httpa("-f", s.url + "/status?c=404")
    assert (p.returncode, p.stdout) == (22, b"")
    p = s.httpa("-o", tmp_path / "no" / "where", s.url + "/echo")
    assert p.returncode == 2


def test_verdict_file(s, tmp_path):
    p = s.httpa("--verdict", tmp_path / "v.json", s.url + "/echo")
    v = json.loads((tmp_path / "v.json").read_text())
    assert p.returncode == 0 and v["result"] == "accepted_with_warnings"


def test_terminal_obeys_nobody(s):
    p = s.httpa("-H", "X-A: \x1b[2J", s.url + "/echo")
    assert p.returncode == 2 and b"\x1b" not in p.stderr


# ---- policies

def test_no_policy_then_pin_then_get(s, home):
    p = httpa(s.url + "/echo")
    assert p.returncode == 1 and f"httpa pin {s.url}" in p.stderr
    assert p.stdout == ""
    p = httpa("pin", s.url)
    assert p.returncode == 0 and "UNPINNED: whose service it is" in p.stderr
    port = s.ports["gate"]
    path = home / f"XDG_CONFIG_HOME/httpa/policy.d/127.0.0.1_{port}.json"
    policy = json.loads(path.read_text())
    assert policy["note"].startswith("pinned on first use")
    assert httpa(s.url + "/echo").returncode == 0
    assert httpa("pin", s.url).returncode == 2
    path.write_text(path.read_text().replace("demo", "other"))
    p = httpa(s.url + "/echo")
    assert p.returncode == 1 and p.stdout == ""
    assert "REFUSED" in p.stderr and "nothing was sent" in p.stderr
    assert httpa("pin", "--force", s.url).returncode == 0
    assert httpa(s.url + "/echo").returncode == 0


def test_expired_policy(s):
    p = s.httpa(s.url + "/echo",
                policy=s.policy(expires="2026-01-01T00:00:00Z"))
    assert p.returncode == 2 and b"expired" in p.stderr


def test_policy_says_what_it_demands(s):
    p = httpa("policy", "say", s.policy(refuse={"products": ["milan"]}, accept=[
        {"name": "tdx", "type": "tdx",
         "measurements": [{"mrtd": "11" * 48, "rtmr0": "any",
                           "rtmr1": "12" * 48, "rtmr2": "13" * 48}],
         "tcb": {"status": ["UpToDate", "OutOfDate"], "grace_days": 14,
                 "advisories": ["INTEL-SA-00615"],
                 "min_evaluation_number": 19}},
        {"name": "snp", "type": "sev-snp", "crl": "required",
         "measurements": [{"measurement": "11" * 48, "host_data": "any"}],
         "min_tcb": {"turin": {"fmc": 1, "boot_loader": 2, "tee": 1,
                               "snp": 4, "microcode": 78}}},
        {"name": "vm", "type": "tpm",
         "measurements": [{"bank": "sha256", "pcr4": "11" * 32}],
         "ak": {"trust": "chain", "ak_roots": ["builtin:gce"]}}]))
    assert p.returncode == 0, p.stderr
    for words in ("the platform is UpToDate or OutOfDate",
                  "for no other reason than INTEL-SA-00615",
                  "days of grace: 14", "or a later one: 19",
                  "turin at least boot_loader 2, tee 1, snp 4, microcode 78, "
                  "fmc 1", "signed by the chip's key",
                  "a revocation list of AMD's", "key with a certificate",
                  "refused whatever matches: 1 products"):
        assert words in p.stdout, p.stdout


def test_policy_check_and_say(s):
    good = s.policy()
    p = httpa("policy", "check", good)
    assert p.returncode == 0 and "app is not judged" in p.stdout
    assert httpa("policy", "say", good).stdout.startswith("test\n")
    p = httpa("policy", "check", s.policy(acept=[]))
    assert p.returncode == 2 and 'did you mean "accept"?' in p.stderr


def test_explain(s):
    p = httpa("explain", s.url)
    assert p.returncode == 1 and "httpa pin" in p.stdout
    words = re.findall(r"^  (genuine|current|pinned|yours) ", p.stdout, re.M)
    assert words == ["genuine", "current", "pinned", "yours"]
    p = httpa("explain", "--json", "--policy", s.policy(), s.url)
    assert p.returncode == 0
    assert json.loads(p.stdout)["words"]["genuine"] == "warn"


def test_doctor(s):
    p = httpa("doctor", "--policy", s.policy(), s.url)
    assert p.returncode == 0 and p.stdout.count("  ok ") == 5
    p = httpa("doctor", "--policy", s.policy(),
              f"http://127.0.0.1:{s.ports['app']}")
    assert p.returncode == 3 and "fix:" in p.stdout


STREAMS = ["streams down", "streams up", "Host"]


def test_doctor_says_what_it_could_not_test(s):
    p = httpa("doctor", "--policy", s.policy(), s.url)
    assert "streams down not tested: needs `httpa serve --doctor`" in p.stdout


def test_doctor_streams():
    with stack.Stack() as other:
        other.app()
        other.serve("--doctor")
        policy = other.policy()
        p = httpa("doctor", "--policy", policy, other.url)
        assert p.returncode == 0, p.stdout
        for word in STREAMS:
            assert f"  ok    {word}" in p.stdout
        # The test resources are inner ones: nothing of them in the clear.
        outer = "/.well-known/httpa/doctor/down"
        curl = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w",
                               "%{http_code}", other.url + outer],
                              capture_output=True, text=True)
        assert curl.stdout == "403"
        # And whoever has a session can ask them by hand.
        p = other.httpa(other.url + outer, policy=policy)
        assert p.returncode == 0 and p.stdout == b"piece\n" * 8
        p = other.httpa(other.url + outer, "-X", "PUT", policy=policy)
        assert b"/.well-known/httpa/doctor/down" in p.stdout  # the app's


def test_doctor_names_the_gateways_line():
    if stack.missing("nginx"):
        pytest.skip("SKIP: missing nginx")
    with stack.Stack() as other:
        other.app()
        other.serve("--doctor")
        front = other.nginx("gzip_types *;")
        p = httpa("doctor", "--cacert", other.run / "cert.pem", "--policy",
                  other.policy(), front.url)
        assert p.returncode == 3
        for line in ("BAD   content", "client_max_body_size 0;",
                     "ok    streams down", "note  streams up",
                     "proxy_request_buffering off;", "note  Host"):
            assert line in p.stdout, p.stdout


def test_doctor_sees_compression():
    def compress(head, body):
        return head + b"\r\nContent-Encoding: gzip\r\nServer: nginx", b"?"

    with stack.Stack() as other:
        m = middle.Middle(other.ports["gate"])
        m.plans = [middle.carries] * 2 + [middle.changes(compress)] * 3
        origin = f"http://127.0.0.1:{m.port}"
        other.app()
        other.serve("--origin", origin)
        p = httpa("doctor", "--policy", other.policy(), origin)
        m.close()
    assert "compressed: gzip" in p.stdout, p.stdout
    assert "fix: gzip off;" in p.stdout


def test_options_from_the_environment(s, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPA_POLICY", str(s.policy()))
    monkeypatch.setenv("HTTPA_INCLUDE", "1")
    p = httpa(s.url + "/status?c=204")
    assert p.returncode == 0 and " 204 " in p.stdout, p.stderr
    monkeypatch.setenv("HTTPA_INCLUDE", "0")
    assert not httpa(s.url + "/status?c=204").stdout
    monkeypatch.setenv("HTTPA_INCLUDE", "yes")
    p = httpa(s.url + "/status?c=204")
    assert p.returncode == 2 and "include" in p.stderr
    monkeypatch.delenv("HTTPA_INCLUDE")
    monkeypatch.setenv("HTTPA_MAX_TIME", "never")
    assert httpa(s.url + "/").returncode == 2
    monkeypatch.setenv("HTTPA_MAX_TIME", "0.001")
    assert httpa("--max-time", "20", s.url + "/echo").returncode == 0


def test_life_in_an_answer_that_began_early(s):
    """The application has begun to answer and waits for content that does
    not come: after 15 s there is a filler (doc/protocol.md 8.5)."""
    p = subprocess.Popen(s.command("-N", "-T", "-", s.url + "/early"),
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    p.stdin.write(b"x" * 70000)
    p.stdin.flush()
    assert p.stdout.read(5) == b"early"
    time.sleep(17)
    ops = f"http://127.0.0.1:{s.ports['ops']}/metrics"
    text = subprocess.run(["curl", "-s", ops], capture_output=True,
                          text=True).stdout
    assert int(re.search(r"^httpa_fillers_total (\d+)$", text, re.M)[1]) >= 1
    out, _ = p.communicate(b"y", timeout=30)
    assert p.returncode == 0 and len(out) == 64


def test_dev_init(tmp_path):
    p = httpa("dev-init", cwd=tmp_path)
    assert p.returncode == 0 and "DEVELOPMENT ONLY" in p.stderr
    key = tmp_path / "httpa-dev" / "dev-key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert httpa("policy", "check", tmp_path / "dev.json").returncode == 0
    before = key.read_text()
    assert httpa("dev-init", cwd=tmp_path).returncode == 2
    assert key.read_text() == before


# ---- verify

def verify(*args):
    p = httpa("verify", "--json", *args)
    return p.returncode, json.loads(p.stdout) if p.stdout else None


AZURE_AT = ("--collateral", SHARED / "vectors" / "sev-snp" / "trust",
            "--at", "2025-06-01T00:00:00Z")
NONCES = {"swtpm-ecdsa-p256": "ac04ed7a93ce9b15032333524ff71997e559d32fcf60bb"
                              "6578fa407186555d48",
          "azure-snp-milan": "6368616c6c656e6765",
          "azure-tdx": "6368616c6c656e6765"}


@pytest.mark.parametrize("name", ["azure-snp-genoa", "azure-snp-milan",
                                  "azure-tdx", "gce-cos-sha256-no-nonce",
                                  "generic-rsa-64byte-nonce",
                                  "swtpm-ecdsa-p256"])
def test_recorded_tpm_quotes(name, tmp_path):
    folder = TPM2 / name
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    says = json.loads((folder / "manifest.json").read_text())["expected"]
    if name.startswith("azure-snp"):
        # Under the quote there is AMD's report, which wants certificates.
        assert verify(folder)[1]["cryptographic"] == "indeterminate"
    at = AZURE_AT if name.startswith("azure-snp") else ()
    code, v = verify(folder, *at)
    assert v["cryptographic"] == says["cryptographic_verdict"] == "pass"
    assert code == v["exit_code"] == (
        0 if says["default_policy_verdict"] == "pass" else 1)
    if name in NONCES:
        assert verify(folder, *at, "--nonce", NONCES[name])[1][
            "cryptographic"] == "pass"
    wrong = verify(folder, *at, "--nonce", "00" * 32)[1]
    assert wrong["cryptographic"] == "fail"
    for part in ("quote.tpms_attest", "quote.sig", "pcrs.json"):
        for f in folder.iterdir():
            (tmp_path / f.name).write_bytes(f.read_bytes())
        data = bytearray((tmp_path / part).read_bytes())
        pos = data.index(b'": "') + 4 if part == "pcrs.json" else -1
        pos = data.rindex(b'": "') + 4 if part == "pcrs.json" else pos
        data[pos] = ord("0") + (data[pos] == ord("0")) \
            if part == "pcrs.json" else data[pos] ^ 1
        (tmp_path / part).write_bytes(data)
        assert verify(tmp_path, *at)[1]["cryptographic"] == "fail", part


def chain_policy(tmp_path, root, **more):
    """What booted on the machine of GCE's recording, under |root|."""
    pcrs = json.loads((TPM2 / GCE / "pcrs.json").read_text())["pcrs"]
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({
        "httpa_policy": 1, "name": "gce", "identity": {"require": "none"},
        "accept": [{"name": "gce", "type": "tpm",
                    "ak": {"trust": "chain", "ak_roots": [str(root)]},
                    "measurements": [{"bank": "sha256", "pcr0": pcrs["0"],
                                      "pcr4": pcrs["4"]}], **more}]}))
    return path


GCE = "gce-cos-sha256-no-nonce"
GCE_AT = "2022-01-01T00:00:00Z"


@pytest.mark.skipif(not TPM2.is_dir(), reason="SKIP: no shared vectors")
def test_verify_certified_keys(tmp_path):
    for root in ("builtin:gce", TPM2 / GCE / "ak_root.pem"):
        code, v = verify(TPM2 / GCE, "--at", GCE_AT, "--policy",
                         chain_policy(tmp_path, root))
        assert code == 0 and v["cryptographic"] == "pass", v["reason"]
        claims = v["evidence"][0]["claims"]
        assert claims["gce_zone"] == "us-central1-a"
        assert claims["gce_project"] == "google.com:wuale-gcp-testing"
        assert claims["gce_instance_id"] == "6797026933021542085"
        check = next(c for c in v["checks"] if c["id"] == "tpm.ak.trust")
        assert check["lapses"] == "2051-08-24T23:16:05Z"
    # before the key's certificate, and under another cloud's root
    for root, at in (("builtin:gce", "2021-01-01T00:00:00Z"),
                     ("builtin:azure", GCE_AT)):
        code, v = verify(TPM2 / GCE, "--at", at, "--policy",
                         chain_policy(tmp_path, root))
        assert code == 1 and v["cryptographic"] == "pass"
        assert v["reason"]["check"] == "tpm.ak.trust"
        assert "gce_zone" not in v["evidence"][0]["claims"]
    # the firmware's log explains the registers
    code, v = verify(TPM2 / GCE, "--at", GCE_AT, "--policy", chain_policy(
        tmp_path, "builtin:gce", event_log="replay"))
    assert code == 0, v["reason"]


@pytest.mark.skipif(not TPM2.is_dir(), reason="SKIP: no shared vectors")
def test_verify_certified_keys_without_issuers(tmp_path):
    part = tmp_path / "part"
    policy = chain_policy(tmp_path, "builtin:gce")
    for gone in ("ak_root.pem", "ak_intermediate.pem", "ak_cert.pem"):
        shutil.copytree(TPM2 / GCE, part, dirs_exist_ok=True)
        (part / gone).unlink()
        code, v = verify(part, "--at", GCE_AT, "--policy", policy)
        assert code == 1 and v["reason"]["check"] == "tpm.ak.trust"
    shutil.copytree(TPM2 / GCE, part, dirs_exist_ok=True)
    (part / "ak_root.pem").write_text("no certificate")
    assert verify(part, "--at", GCE_AT)[0] == 2


SNP = SHARED / "vectors" / "sev-snp"
SNP_POLICY = {
    "httpa_policy": 1, "name": "snp", "identity": {"require": "none"},
    "accept": [{
        "name": "milan", "type": "sev-snp",
        "measurements": [{
            "name": "oak", "host_data": "any",
            "measurement": "195b01b74976a1faba13bd85eaf787958f0a46e6dddd45c5"
                           "bdbf8673522777842b8057ae5d866b75416efb62012deaa3"}],
        "min_tcb": {"milan": {"boot_loader": 4, "tee": 0, "snp": 24,
                              "microcode": 219}}}]}


@pytest.mark.parametrize("name", [
    "bad-v3-milan-report-data-flipped", "bad-v3-milan-vcek-of-older-tcb",
    "v2-genoa-vcek", "v2-milan-vcek", "v2-milan-vcek-azure",
    "v2-milan-vcek-debug-policy", "v2-milan-vlek-vmpl1", "v3-genoa-vcek-aci",
    "v3-genoa-vcek-azure", "v3-milan-vcek-gce", "v3-milan-vlek-aws-vmpl1",
    "v5-genoa-vcek", "v5-turin-vcek"])
def test_recorded_reports(name):
    folder = SNP / name
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    manifest = json.loads((folder / "manifest.json").read_text())
    says = manifest["expected"]
    at = ("--collateral", SNP / "trust", "--at", says["verification_time"])
    _, v = verify(folder, *at)
    assert v["cryptographic"] == says["cryptographic_verdict"]
    if v["cryptographic"] == "pass":
        data = manifest["fields"]["report_data"]
        assert verify(folder, *at, "--report-data", data)[1][
            "cryptographic"] == "pass"
        assert verify(folder, *at, "--nonce", "ff" * 64)[1][
            "cryptographic"] == "fail"
        assert verify(folder, "--at", says["verification_time"])[0] == 4


def test_reports_and_a_policy(tmp_path):
    folder = SNP / "v3-milan-vcek-gce"
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    args = (folder, "--collateral", SNP / "trust", "--at",
            "2025-05-07T12:39:06Z", "--policy", tmp_path / "p.json")

    def judged(change=lambda p: None):
        policy = json.loads(json.dumps(SNP_POLICY))
        change(policy["accept"][0])
        (tmp_path / "p.json").write_text(json.dumps(policy))
        assert httpa("policy", "check", tmp_path / "p.json").returncode == 0
        code, v = verify(*args)
        return code, v["reason"] and v["reason"]["check"]
    assert judged()[0] == 0
    for change, check in [
            (lambda p: p["min_tcb"]["milan"].update(microcode=220),
             "sev-snp.min_tcb.reported"),
            (lambda p: p.update(min_tcb={"siena": p["min_tcb"]["milan"]}),
             "sev-snp.min_tcb"),
            (lambda p: p.update(vmpl=[1]), "sev-snp.vmpl"),
            (lambda p: p.update(guest_policy={"abi_min": "1.0"}),
             "sev-snp.guest_policy.abi_min"),
            (lambda p: p["measurements"][0].update(measurement="11" * 48),
             "sev-snp.measurement.set")]:
        assert judged(change) == (1, check)


AZURE_POLICY = {
    "httpa_policy": 1, "name": "azure", "identity": {"require": "none"},
    "accept": [{
        "name": "cvm", "type": "sev-snp", "via": "azure",
        "measurements": [{
            "name": "paravisor", "host_data": "any",
            "measurement": "f57dc09a507c6ecd82369bffb600f0003792f4d99bc26e98"
                           "5ec0c266fc34faf3706faf814c9e61065768a6ff917c89ae"
        }],
        "min_tcb": {"genoa": {"boot_loader": 10, "tee": 0, "snp": 23,
                              "microcode": 84}},
        "with": [{
            "name": "vtpm", "type": "tpm", "ak": {"trust": "pinned"},
            "measurements": [{
                "bank": "sha256", "pcr4": "d8353e5595ec7b44e41e157e7135d370ca"
                                          "b44c2280a751542b00af454485d4e9"}]
        }]}]}


def azure_policy(tmp_path, change=lambda p: None):
    policy = json.loads(json.dumps(AZURE_POLICY))
    change(policy["accept"][0])
    path = tmp_path / "azure.json"
    path.write_text(json.dumps(policy))
    return path, httpa("policy", "check", path)


def test_azure_and_a_policy(tmp_path):
    """The report names the key of the quote, and of no other machine's."""
    folder = TPM2 / "azure-snp-genoa"
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")

    def judged(where, change=lambda p: None):
        path, checked = azure_policy(tmp_path, change)
        assert checked.returncode == 0, checked.stderr
        code, v = verify(*where, *AZURE_AT, "--policy", path)
        return code, v["reason"] and v["reason"]["check"]

    def pinned(profile):
        profile["with"][0]["ak"]["names"] = ["000b" + "11" * 32]

    def direct(profile):
        profile["via"] = "direct"
        pinned(profile)

    assert judged([folder]) == (0, None)
    assert judged([folder], pinned) == (1, "tpm.ak.trust")
    assert judged([folder], direct) == (1, "sev-snp.via")
    # The report of one machine, the quote of another; or no quote at all.
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for f in folder.iterdir():
        if not f.name.startswith(("quote", "ak_pub", "pcrs")):
            (mixed / f.name).write_bytes(f.read_bytes())
    report = [mixed / "hcl_report.bin"]
    vcek = tmp_path / "trust"
    vcek.mkdir()
    for f in [*(SNP / "trust").iterdir(), folder / "vcek.der"]:
        (vcek / f.name).write_bytes(f.read_bytes())
    path, _ = azure_policy(tmp_path)
    alone = verify(*report, "--collateral", vcek, *AZURE_AT[2:],
                   "--policy", path)
    assert alone[0] == 1 and alone[1]["reason"]["check"] == "profile.type"
    for f in (TPM2 / "azure-snp-milan").iterdir():
        if f.name.startswith(("quote", "ak_pub", "pcrs")):
            (mixed / f.name).write_bytes(f.read_bytes())
    pcr4 = json.loads((mixed / "pcrs.json").read_text())["pcrs"]["4"]

    def registers(profile):
        profile["with"][0]["measurements"][0]["pcr4"] = pcr4
    assert judged([mixed], registers) == (1, "tpm.ak.hardware")


def test_azure_policies_that_are_not_closed(tmp_path):
    def no_vtpm(profile):
        del profile["with"]

    def not_azure(profile):
        del profile["via"]

    def unknown(profile):
        profile["via"] = "gcp"
    for change in (no_vtpm, not_azure, unknown):
        assert azure_policy(tmp_path, change)[1].returncode != 0


INTEL = [("tdx", n) for n in (
    "bad-collateral-tcbinfo-altered", "bad-v4-preproduction-root",
    "bad-v4-report-data-flipped", "v4-debug-td", "v4-gcp-uptodate-padded",
    "v4-not-supported-tcb", "v4-outdated", "v4-uptodate",
    "v5-td15-not-supported-tcb", "v5-td15-uptodate")] + [("sgx", n) for n in (
        "bad-v3-corrupted-signature", "v3-debug-enclave", "v3-outdated",
        "v3-emerald-rapids-no-collateral", "v3-phala", "v3-platform-ca")]


@pytest.mark.parametrize("tee, name", INTEL)
def test_recorded_quotes(tee, name, tmp_path):
    folder = SHARED / "vectors" / tee / name
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    says = json.loads((folder / "manifest.json").read_text())["expected"]
    at = ("--at", says.get("verification_time") or "2025-07-01T00:00:00Z")
    _, v = verify(folder, *at)
    wanted = says["cryptographic_verdict"]
    if "no-collateral" in name:
        wanted = "indeterminate"  # the manifest's "pass" is of signatures
    assert v["cryptographic"] == wanted
    assert v["evidence"][0]["type"] == tee
    # The quote alone, and its collateral in a folder of its own.
    (tmp_path / "quote.bin").write_bytes((folder / "quote.bin").read_bytes())
    _, alone = verify(tmp_path / "quote.bin", *at)
    assert alone["cryptographic"] == (
        "fail" if wanted == "fail" and "collateral" not in name
        else "indeterminate")
    _, apart = verify(tmp_path, "--collateral", folder, *at)
    assert apart["cryptographic"] == wanted
    if wanted == "pass":
        data = v["evidence"][0]["claims"]["report_data"]
        assert verify(folder, *at, "--report-data", data)[1][
            "cryptographic"] == "pass"
        assert verify(folder, *at, "--report-data", "ff" * 64)[1][
            "cryptographic"] == "fail"


def test_quotes_and_a_policy(tmp_path):
    folder = SHARED / "vectors" / "tdx" / "v4-uptodate"
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    args = (folder, "--at", "2025-07-04T10:16:31Z")
    claims = verify(*args)[1]["evidence"][0]["claims"]
    good = {
        "httpa_policy": 1, "name": "td", "identity": {"require": "none"},
        "accept": [{
            "name": "td", "type": "tdx",
            "measurements": [{
                "name": "seen", "mrtd": claims["mrtd"], "rtmr0": "any",
                "rtmr1": claims["rtmr1"], "rtmr2": claims["rtmr2"]}],
            "tcb": {"status": ["UpToDate"], "min_evaluation_number": 17},
            "fmspc": [claims["fmspc"]],
            "min_tee_tcb_svn": {
                "module": int(claims["tee_tcb_svn"][:2], 16),
                "seam_loader": int(claims["tee_tcb_svn"][4:6], 16)}}]}

    def judged(change):
        policy = json.loads(json.dumps(good))
        change(policy["accept"][0], policy)
        (tmp_path / "p.json").write_text(json.dumps(policy))
        code, v = verify(*args, "--policy", tmp_path / "p.json")
        return code, v["reason"] and v["reason"]["check"]
    assert judged(lambda a, p: None)[0] == 0
    good["accept"][0]["measurements"][0].update(rtmr1="any", rtmr2="any")
    assert judged(lambda a, p: None)[0] == 0
    warned = verify(*args, "--policy", tmp_path / "p.json")[1]["warnings"]
    assert any("kernel" in w for w in warned)
    for change, check in [
            (lambda a, p: a["measurements"][0].update(rtmr1="11" * 48),
             "tdx.measurement.set"),
            (lambda a, p: a["tcb"].update(min_evaluation_number=18),
             "tdx.tcb.evaluation"),
            (lambda a, p: a["tcb"].update(status=["OutOfDate"]),
             "tdx.tcb.status"),
            (lambda a, p: a.update(fmspc=["000000000000"]), "tdx.fmspc"),
            (lambda a, p: a["min_tee_tcb_svn"].update(module=255),
             "tdx.min_tee_tcb_svn.module"),
            (lambda a, p: a["min_tee_tcb_svn"].update(seam_loader=255),
             "tdx.min_tee_tcb_svn.seam_loader"),
            (lambda a, p: p.update(
                refuse={"products": [claims["fmspc"]]}), "refuse.products")]:
        assert judged(change) == (1, check)


@pytest.mark.parametrize("name", ["enclave-nonce", "enclave-userdata",
                                  "enclave-debug", "enclave-expired-2021",
                                  "bad-signature-tampered"])
def test_recorded_documents(name):
    folder = SHARED / "vectors" / "nitro" / name
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    says = json.loads((folder / "manifest.json").read_text())["expected"]
    _, v = verify(folder, "--at", says["verification_time"])
    assert v["cryptographic"] == says["cryptographic_verdict"]
    assert verify(folder)[1]["cryptographic"] == "fail"  # three hours long


# What `httpa verify` says without a policy (manifests' default verdicts).
DEFAULT = [
    ("sev-snp/v2-milan-vcek-azure", "warn", None),
    ("sev-snp/v2-milan-vlek-vmpl1", "warn", None),
    ("sev-snp/v2-milan-vcek-debug-policy", "fail", "sev-snp.debug"),
    ("sev-snp/v5-turin-vcek", "warn", None),
    ("tdx/v4-uptodate", "warn", None),
    ("tdx/v4-gcp-uptodate-padded", "warn", None),
    ("tdx/v5-td15-uptodate", "warn", None),
    ("tdx/v4-debug-td", "fail", "tdx.attributes.debug"),
    ("tdx/v4-outdated", "fail", "tdx.tcb.status"),
    ("tdx/v4-not-supported-tcb", "fail", "tdx.tcb.status"),
    ("tdx/v5-td15-not-supported-tcb", "fail", "tdx.tcb.status"),
    ("sgx/v3-debug-enclave", "fail", "sgx.attributes.debug"),
    ("sgx/v3-outdated", "fail", "sgx.tcb.status"),
    ("sgx/v3-phala", "fail", "sgx.tcb.status"),
    ("sgx/v3-platform-ca", "warn", None),
    ("nitro/enclave-nonce", "warn", None),
    ("nitro/enclave-debug", "fail", "nitro.debug"),
    ("cca/tf-rmm", "warn", None),
    ("cca/trustee-tf-rse", "warn", None),
    ("cca/veraison-es256-platform", "warn", None),
    ("tpm2/azure-snp-genoa", "warn", None),
    ("tpm2/azure-snp-milan", "warn", None),
    ("tpm2/azure-tdx", "warn", None),
    ("tpm2/swtpm-ecdsa-p256", "warn", None),
    ("tpm2/gce-cos-sha256-no-nonce", "fail", "tpm.nonce"),
]


@pytest.mark.parametrize("name, policy, check", DEFAULT)
def test_without_a_policy(name, policy, check):
    folder = SHARED / "vectors" / name
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    says = json.loads((folder / "manifest.json").read_text())["expected"]
    args = ["--collateral", SNP / "trust"] if "snp" in name else []
    if says["verification_time"].startswith("20"):
        args += ["--at", says["verification_time"]]
    code, v = verify(folder, *args)
    assert v["cryptographic"] == "pass" and v["policy"] == policy
    assert code == (0 if policy == "warn" else 1)
    assert (v["reason"] and v["reason"]["check"]) == check
    if policy == "warn":
        assert any("UNPINNED" in w for w in v["warnings"])

# What `httpa pin` makes of stored evidence: None, a policy that accepts it and
# leaves no more open than the chip or platform; or words that it says.
PINNED = [
    ("sev-snp/v2-milan-vcek", None),
    ("sev-snp/v2-milan-vcek-azure", None),
    ("sev-snp/v2-milan-vlek-vmpl1", None),
    ("sev-snp/v3-genoa-vcek-aci", None),
    ("sev-snp/v3-milan-vlek-aws-vmpl1", None),
    ("sev-snp/v5-genoa-vcek", None),
    ("sev-snp/v5-turin-vcek", None),
    ("sev-snp/v2-milan-vcek-debug-policy", "it can be debugged"),
    ("sev-snp/bad-v3-milan-report-data-flipped", "not genuine"),
    ("tdx/v4-uptodate", None),
    ("tdx/v4-gcp-uptodate-padded", None),
    ("tdx/v5-td15-uptodate", None),
    ("tdx/v4-outdated", None),
    ("tdx/v4-debug-td", "it can be debugged"),
    ("tdx/v4-not-supported-tcb", "no level as low"),
    ("tdx/bad-collateral-tcbinfo-altered", "not genuine"),
    ("sgx/v3-outdated", None),
    ("sgx/v3-phala", None),
    ("sgx/v3-platform-ca", None),
    ("sgx/v3-debug-enclave", "it can be debugged"),
    ("sgx/v3-emerald-rapids-no-collateral", "not shown to be genuine"),
    ("nitro/enclave-nonce", None),
    ("nitro/enclave-userdata", None),
    ("nitro/enclave-debug", "it can be debugged"),
    ("cca/trustee-tf-rse", None),
    ("cca/veraison-es256-platform", None),
    ("cca/tf-rmm", "The set pins nothing"),
    ("tpm2/azure-snp-genoa", None),
    ("tpm2/azure-snp-milan", None),
    ("tpm2/gce-cos-sha256-no-nonce", None),
    ("tpm2/swtpm-ecdsa-p256", None),
    ("tpm2/windows-gcp-sha1-no-nonce", "not genuine"),
]


@pytest.mark.parametrize("name, words", PINNED)
def test_pin_stored(tmp_path, name, words):
    folder, to = SHARED / "vectors" / name, tmp_path / "policy.json"
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    at = json.loads((folder / "manifest.json").read_text())["expected"][
        "verification_time"]
    args = ["--at", at if at.startswith("20") else "2025-06-01T00:00:00Z"]
    args += ["--collateral", SNP / "trust"] if "snp" in name else []
    p = httpa("pin", folder, *args, "-o", to)
    if words is not None:
        assert p.returncode == (4 if "shown" in words else 1)
        assert words in p.stderr and not to.exists(), p.stderr
        return
    assert p.returncode == 0 and "UNPINNED: whose service" in p.stderr
    draft = json.loads(to.read_text())
    assert draft["note"].startswith("pinned on first use")
    assert "insecure_unpinned" not in draft
    assert httpa("policy", "check", to).returncode == 0
    code, v = verify(folder, *args, "--policy", to)
    assert code == 0 and v["policy"] in ("pass", "warn"), v["reason"]
    # what is measured, is pinned: no register may be another one
    registers = draft["accept"][0]["measurements"][0]
    first = next(k for k, r in registers.items()
                 if k not in ("name", "bank") and r != "any")
    registers[first] = "ab" * (len(registers[first]) // 2)
    to.write_text(json.dumps(draft))
    code, v = verify(folder, *args, "--policy", to)
    assert code == 1 and v["reason"]["check"].endswith(".measurement.set")
    # never over what is there
    assert httpa("pin", folder, *args, "-o", to).returncode == 2


@pytest.mark.parametrize("name, member, worse", [
    ("sev-snp/v5-turin-vcek",
     lambda a: a["min_tcb"]["turin"], {"microcode": 72}),
    ("tdx/v4-uptodate", lambda a: a["tcb"], {"min_evaluation_number": 99}),
    ("tdx/v4-outdated", lambda a: a["tcb"], {"status": ["UpToDate"]}),
    ("tdx/v4-outdated", lambda a: a["tcb"], {"advisories": ["INTEL-SA-1"]}),
    ("sgx/v3-outdated", lambda a: a["tcb"], {"min_evaluation_number": 16}),
])
def test_pin_is_the_least(tmp_path, name, member, worse):
    """A step above what was seen, and it is refused."""
    folder = SHARED / "vectors" / name
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    at = json.loads((folder / "manifest.json").read_text())["expected"][
        "verification_time"]
    args = ["--at", at, "--collateral", SNP / "trust"]
    draft = json.loads(httpa("pin", folder, *args).stdout)
    member(draft["accept"][0]).update(worse)
    to = tmp_path / "policy.json"
    to.write_text(json.dumps(draft))
    code, v = verify(folder, *args, "--policy", to)
    assert code == 1 and v["cryptographic"] == "pass", v["reason"]


def make_result(folder, **changes):
    """A token of a remote verifier of this run, and its public key."""
    def encode(b):
        return base64.urlsafe_b64encode(b).rstrip(b"=")

    key, tbs = folder / "v.pem", folder / "tbs"
    if not key.exists():
        openssl("genrsa", "-out", key, "2048")
        openssl("rsa", "-in", key, "-pubout", "-out", folder / "v.pub.pem")
    claims = {"eat_profile": "tag:github.com,2023:veraison/ear",
              "iat": int(time.time()),
              "ear.verifier-id": {"developer": "d", "build": "b"},
              "eat_nonce": encode(b"12345678").decode(),
              "submods": {"cpu0": {"ear.status": "affirming"}}, **changes}
    tbs.write_bytes(encode(b'{"alg":"RS256"}') + b"." +
                    encode(json.dumps(claims).encode()))
    signature = openssl("dgst", "-sha256", "-sign", key, tbs)
    (folder / "ear.jwt").write_bytes(
        tbs.read_bytes() + b"." + encode(signature) + b"\n")
    return folder / "ear.jwt"


def openssl(*args):
    return subprocess.run(["openssl", *map(str, args)], check=True,
                          capture_output=True).stdout


def test_results_of_remote_verifiers(tmp_path):
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(
        {"httpa_policy": 1, "name": "n", "origins": ["https://a.example"],
         "identity": {"require": "none"},
         "accept": [{"name": "r", "type": "ear", "measurements": [],
                     "verifier_keys": ["v.pub.pem"]}]}))
    make_result(tmp_path)
    said = httpa("policy", "check", policy).stdout
    assert "measurements are left to a remote verifier (profile r)" in said
    assert "a remote verifier's word" in httpa("policy", "say", policy).stdout
    ask = ["--policy", policy, "--nonce", b"12345678".hex()]
    code, v = verify(tmp_path / "ear.jwt", *ask)
    assert code == 0 and v["result"] == "accepted_with_warnings"
    assert any("REMOTE VERIFIER" in w for w in v["warnings"])
    assert any("NO MEASUREMENT" in w for w in v["warnings"])
    assert verify(tmp_path, *ask)[0] == 0
    code, v = verify(tmp_path / "ear.jwt")
    assert code == 4 and v["cryptographic"] == "indeterminate"
    for changes, check in [
            ({"iat": int(time.time()) - 301}, "ear.max_age"),
            ({"eat_nonce": "MTIzNDU2Nzk"}, "ear.nonce"),
            ({"eat_profile": "tag:x"}, "ear.profile"),
            ({"submods": {"cpu0": {"ear.status": "warning"}}},
             "ear.min_status")]:
        code, v = verify(make_result(tmp_path, **changes), *ask)
        assert code == 1 and v["reason"]["check"] == check


def test_sha1_proves_nothing():
    folder = TPM2 / "windows-gcp-sha1-no-nonce"
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    code, v = verify(folder)
    assert code == 1 and v["result"] == "refused"


# ---- Arm CCA

CCA = SHARED / "vectors" / "cca"


@pytest.mark.parametrize("name", ["bad-rak-binding", "tf-rmm",
                                  "trustee-tf-rse", "veraison-es256-platform"])
def test_recorded_tokens(name, tmp_path):
    folder = CCA / name
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    manifest = json.loads((folder / "manifest.json").read_text())
    says, fields_of = manifest["expected"], manifest["fields"]
    code, v = verify(folder)
    assert v["cryptographic"] == says["cryptographic_verdict"]
    assert code == (0 if v["cryptographic"] == "pass" else 1)
    realm, platform = fields_of["realm"], fields_of["platform"]
    policy = {
        "httpa_policy": 1, "name": "realm", "identity": {"require": "none"},
        "insecure_unpinned": True,  # one of them measured zeros
        "accept": [{
            "name": "realm", "type": "cca",
            "measurements": [{
                "rim": realm["realm_initial_measurement"],
                "rem0": realm["realm_extensible_measurements"][0],
                "personalization_value": realm["personalization_value"]}],
            "platform": {
                "implementation_ids": [platform["implementation_id"]],
                "instance_ids": [platform["instance_id"]]},
            "cpak": [str(folder / "cpak_pub.pem")]}]}
    (tmp_path / "p.json").write_text(json.dumps(policy))
    code, v = verify(folder, "--policy", tmp_path / "p.json")
    assert code == (0 if says["default_policy_verdict"] == "pass" else 1)
    assert verify(folder, "--policy", tmp_path / "p.json", "--nonce",
                  "00" * 64)[0] != 0
    if says["default_policy_verdict"] == "pass":
        assert verify(folder, "--policy", tmp_path / "p.json", "--nonce",
                      realm["challenge"])[0] == 0
    else:
        assert v["reason"]["check"] == "cca.rak"


def test_tokens_and_a_policy(tmp_path):
    folder = CCA / "trustee-tf-rse"
    if not folder.exists():
        pytest.skip(f"SKIP: {folder} is not there")
    known = json.loads((folder / "manifest.json").read_text())["fields"]
    rmm = next(c for c in known["platform"]["sw_components"]
               if c["1"] == "RMM")
    good = {
        "httpa_policy": 1, "name": "realm", "identity": {"require": "none"},
        "accept": [{
            "name": "realm", "type": "cca",
            "measurements": [{
                "rim": known["realm"]["realm_initial_measurement"]}],
            "platform": {
                "implementation_ids": [known["platform"]["implementation_id"]],
                "lifecycle": ["secured"],
                "components": [{"type": "RMM", "signer_id": rmm["5"],
                                "measurement": rmm["2"]}]},
            "cpak": [str(folder / "cpak_pub.pem")]}]}

    def judged(change=lambda a: None, evidence=folder):
        policy = json.loads(json.dumps(good))
        change(policy["accept"][0])
        (tmp_path / "p.json").write_text(json.dumps(policy))
        code, v = verify(evidence, "--policy", tmp_path / "p.json")
        return code, v and v["reason"] and v["reason"]["check"]
    assert judged() == (0, None)
    other = CCA / "veraison-es256-platform" / "cpak_pub.pem"
    for change, check in [
            (lambda a: a["measurements"][0].update(rim="11" * 64),
             "cca.measurement.set"),
            (lambda a: a["platform"].update(implementation_ids=["00" * 32]),
             "cca.implementation"),
            (lambda a: a["platform"].update(instance_ids=["01" + "00" * 32]),
             "cca.instance"),
            (lambda a: a["platform"]["components"][0].update(
                measurement="11" * 32), "cca.firmware"),
            (lambda a: a["platform"]["components"][0].update(
                version_min="0"), "cca.firmware")]:
        assert judged(change) == (1, check)
    for change in [
            lambda a: a["platform"].update(
                lifecycle=["non_cca_platform_rot_debug"]),
            lambda a: a.pop("cpak"), lambda a: a.pop("platform"),
            lambda a: a.update(endorser="https://a.example")]:
        assert judged(change)[0] == 2
    token = (folder / "cca_token.cbor").read_bytes()
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "cca_token.cbor").write_bytes(token)
    assert judged(evidence=alone) == (0, None)  # the policy has the key
    assert verify(alone)[0] == 4  # and nobody else

    def elsewhere(a):
        a.update(cpak=[str(other)])
    assert judged(elsewhere, alone) == (1, "cca.platform.signature")
    assert judged(elsewhere) == (1, "cca.cpak")  # the right one came along
    (alone / "cpak.pem").write_bytes(other.read_bytes())
    assert judged(evidence=alone) == (0, None)
    assert verify(alone)[1]["reason"]["check"] == "cca.platform.signature"
