"""Every recorded sample, as its manifest says: `httpa verify DIR --json` with
the manifest's time and nonce gives the manifest's verdicts.

The samples are not part of the project; without them all of this says SKIP.
A folder with a manifest that claims a verdict is a sample, so that a new one
is judged here without being named, and one that cannot be judged is a failure.
What differs on purpose stands in DIFFERENCES, with its reason.
"""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

VECTORS = stack.SHARED / "vectors"
TRUST = VECTORS / "sev-snp" / "trust"
TYPES = ["cca", "nitro", "sev-snp", "sgx", "tdx", "tpm2"]

need = stack.missing()
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")

# sample: (cryptographic, policy, why not as the manifest says)
DIFFERENCES = {
    "tpm2/windows-gcp-sha1-no-nonce":
        ("fail", None, "SHA-1 proves nothing (adr 0022)"),
    "sgx/v3-emerald-rapids-no-collateral":
        ("indeterminate", None,
         "collateral is a part of the cryptographic verdict: revocation"),
}


def load(folder):
    return json.loads((folder / "manifest.json").read_text())


def samples():
    """(name, manifest) of each that claims a verdict."""
    found = []
    for path in sorted(VECTORS.glob("*/*/manifest.json")):
        manifest = load(path.parent)
        if "cryptographic_verdict" in manifest.get("expected", {}):
            found.append("/".join(path.parts[-3:-1]))
    return found


SAMPLES = samples()

# Certificates alone, and the sample into which each is put.
CERTIFICATES = {
    "sev-snp/bad-cert-vcek-tampered-legacy": "sev-snp/v2-milan-vcek",
    "sev-snp/bad-cert-vcek-tampered-new": "sev-snp/v2-milan-vcek",
    "nitro/bad-root-tampered": "nitro/enclave-nonce",
}
EVIDENCE = [name for name in SAMPLES if name not in CERTIFICATES]


def nonce_of(kind, manifest):
    """What the sample was made over, in hex; empty: it says nothing."""
    fields = manifest.get("fields", {})
    if kind == "cca":
        return fields["realm"]["challenge"]
    name = {"nitro": "nonce", "tpm2": "extra_data"}.get(kind, "report_data")
    return fields.get(name) or ""


def command(name, manifest, at=None):
    kind = name.split("/")[0]
    words = [stack.HTTPA, "verify", VECTORS / name, "--json"]
    if "snp" in name:
        words += ["--collateral", TRUST]
    at = at or manifest["expected"].get("verification_time", "")
    if at[:2] == "20":
        words += ["--at", at]
    nonce = nonce_of(kind, manifest)
    return words + (["--nonce", nonce] if nonce else [])


def bounded():
    """No sample is worth an allocation of more than 1 MiB: in a sanitised
    build such a one ends the program."""
    return {**os.environ, "ASAN_OPTIONS": ":".join(filter(None, [
        os.environ.get("ASAN_OPTIONS"), "max_allocation_size_mb=1",
        "allocator_may_return_null=0"]))}


def judge(words):
    p = subprocess.run([str(w) for w in words], capture_output=True, text=True,
                       timeout=120, env=bounded())
    assert p.stdout, f"not read: {p.stderr}"
    verdict = json.loads(p.stdout)
    assert p.returncode == verdict["exit_code"]
    return verdict


def policy_fits(want, verdict):
    """The default of both: no debugging, current, a nonce, pinned roots.
    Ours never passes without a warning, since it knows no code."""
    if want is None or want == "policy":  # it depends
        return True
    if want == "fail":
        return verdict["policy"] == "fail" or \
            verdict["cryptographic"] != "pass"
    if want.startswith("indeterminate"):
        return verdict["result"] == "undecided"
    return verdict["policy"] == "warn"  # "pass", "pass with warning"


def test_allocations_are_bounded():
    p = subprocess.run([stack.HTTPA, "verify", "--help"], capture_output=True,
                       text=True, env={**os.environ, "ASAN_OPTIONS": "help=1"})
    if "max_allocation_size_mb" not in p.stderr + p.stdout:
        pytest.skip("SKIP: not sanitised: allocations are not bounded here")


def test_there_are_samples():
    if not VECTORS.exists():
        pytest.skip(f"SKIP: {VECTORS} is not there")
    kinds = {name.split("/")[0] for name in SAMPLES}
    assert kinds == set(TYPES)
    assert set(DIFFERENCES) <= set(EVIDENCE), "a difference of no sample"
    assert set(CERTIFICATES) <= set(SAMPLES), "a certificate of no sample"
    folders = {"/".join(p.parts[-2:]) for t in TYPES
               for p in (VECTORS / t).iterdir() if p.is_dir()}
    anchors = {n for n in folders if n.endswith("/trust")}
    assert folders - anchors == set(SAMPLES), "a sample is not covered"


@pytest.mark.parametrize("name", EVIDENCE)
def test_as_the_manifest_says(name):
    manifest = load(VECTORS / name)
    says = manifest["expected"]
    verdict = judge(command(name, manifest))
    cryptographic, policy, _ = DIFFERENCES.get(
        name, (says["cryptographic_verdict"], None, None))
    policy = policy or says.get("default_policy_verdict")
    reason = verdict["reason"] and verdict["reason"]["check"]
    assert verdict["cryptographic"] == cryptographic, reason
    assert policy_fits(policy, verdict), (policy, verdict["policy"], reason)
    good = verdict["result"] == "accepted_with_warnings"
    assert good == (verdict["exit_code"] == 0)
    if cryptographic != "pass":
        assert verdict["policy"] is None or verdict["policy"] == "fail"


def der(path):
    text = path.read_text()
    return base64.b64decode("".join(
        line for line in text.splitlines() if "-" not in line))


def put_certificate(name, folder):
    """Puts the certificate where the good one was, byte for byte."""
    if name.startswith("sev-snp"):
        shutil.copy(VECTORS / name / "vcek.der", folder / "vcek.der")
        return
    document = folder / "attestation_doc.cbor"
    good = der(VECTORS / "nitro/trust/aws_nitro_enclaves_root_g1.pem")
    bad = der(VECTORS / name / "root.pem")
    was = document.read_bytes()
    assert was.count(good) == 1 and len(good) == len(bad)
    document.write_bytes(was.replace(good, bad))


@pytest.mark.parametrize("name", [n for n in SAMPLES if n in CERTIFICATES])
def test_certificates(name, tmp_path):
    of, says = CERTIFICATES[name], load(VECTORS / name)["expected"]
    folder = tmp_path / "sample"
    shutil.copytree(VECTORS / of, folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    words = command(of, load(VECTORS / of))
    words[words.index(VECTORS / of)] = folder
    assert judge(words)["cryptographic"] == "pass"
    put_certificate(name, folder)
    verdict = judge(words)
    assert verdict["cryptographic"] == says["cryptographic_verdict"]
    assert "chain" in verdict["reason"]["check"]


@pytest.mark.parametrize("name", EVIDENCE)
def test_another_nonce_is_refused(name):
    manifest = load(VECTORS / name)
    words = command(name, manifest)
    if "--nonce" in words:
        words = words[:words.index("--nonce")]
    verdict = judge(words + ["--nonce", "c0ffee" * 8])
    assert verdict["cryptographic"] != "pass" and verdict["exit_code"] != 0


@pytest.mark.parametrize("name", [
    n for n in SAMPLES if "also" in load(VECTORS / n)["expected"]])
def test_at_the_other_time(name):
    """Manifests call stale collateral a failure; here it is undecided."""
    manifest = load(VECTORS / name)
    also = manifest["expected"]["also"]
    at = also.get("time") or also["time_after_leaf_expiry"]
    assert also["verdict_then"].startswith("fail")
    words = command(name, manifest, at)
    if at == "now":
        words = [w for w in words if w != "--at" and w != at]
    verdict = judge(words)
    stale = "collateral" in also["verdict_then"]
    was = manifest["expected"]["cryptographic_verdict"]
    assert verdict["cryptographic"] == (
        "indeterminate" if stale and was == "pass" else "fail")
    assert verdict["exit_code"] == (
        4 if verdict["cryptographic"] == "indeterminate" else 1)
