"""A machine under Azure's paravisor over TDX, recorded: its vTPM's quote, the
paravisor's report with the runtime data that names the vTPM's key, and the TD's
quote over those data."""
import json
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.stack import HTTPA, SHARED  # noqa: E402

FOLDER = SHARED / "vectors" / "tpm2" / "azure-tdx"
# Of the same kind of platform.
COLLATERAL = SHARED / "vectors" / "tdx" / "v4-outdated"
AT = ("--collateral", COLLATERAL, "--at", "2024-12-20T00:00:00Z")

pytestmark = pytest.mark.skipif(
    not FOLDER.exists() or not COLLATERAL.exists(),
    reason=f"SKIP: {FOLDER} is not there")


def httpa(*args):
    return subprocess.run([HTTPA, *map(str, args)], capture_output=True,
                          timeout=60)


def verify(*args):
    p = httpa("verify", "--json", *args)
    assert p.stdout, p.stderr.decode()
    return p.returncode, json.loads(p.stdout)


def test_azure_tdx():
    """The recording has no collateral of its own: without, its vTPM is judged
    alone; with that of the same kind of platform, the TD as well."""
    p = httpa("verify", FOLDER)
    assert p.returncode == 0 and b"td_quote.bin: not judged" in p.stderr
    code, v = verify(FOLDER, *AT)
    assert v["cryptographic"] == "pass" and v["policy"] == "fail"
    assert v["reason"]["check"] == "tdx.tcb.status" and code == 1
    tpm, td = v["evidence"]
    assert (tpm["type"], td["type"]) == ("tpm", "tdx")
    assert td["claims"]["hardware_ak"]


def write_policy(tmp_path, claims, change=lambda p: None):
    """Of the recorded machine; its firmware is out of date."""
    td, pcrs = claims
    policy = {
        "httpa_policy": 1, "name": "td", "identity": {"require": "none"},
        "accept": [{
            "name": "td", "type": "tdx", "via": "azure",
            "measurements": [{"mrtd": td["mrtd"], "rtmr0": "any",
                              "rtmr1": "any", "rtmr2": "any"}],
            "attributes": {"sept_ve_disable": False},
            "tcb": {"status": ["OutOfDate"],
                    "advisories": td["advisories"]},
            "with": [{"name": "vtpm", "type": "tpm",
                      "ak": {"trust": "pinned"},
                      "measurements": [{"bank": "sha256", "pcr4":
                                        pcrs["sha256.pcr4"]}]}]}]}
    change(policy["accept"][0])
    path = tmp_path / "p.json"
    path.write_text(json.dumps(policy))
    return path


def test_azure_tdx_and_a_policy(tmp_path):
    tpm, td = verify(FOLDER, *AT)[1]["evidence"]
    claims = td["claims"], tpm["claims"]

    def judged(change, *more, at=FOLDER):
        path = write_policy(tmp_path, claims, change)
        code, v = verify(at, "--policy", path, *(more or AT))
        return code, v["reason"] and v["reason"]["check"]
    assert judged(lambda a: None) == (0, None)
    # A policy asks for the TD, so that it is missing collateral shows.
    code, check = judged(lambda a: None, "--at", "2024-12-20T00:00:00Z")
    assert (code, check) == (4, "tdx.pck.crl")
    for change, check in [
            (lambda a: a["tcb"].update(status=["UpToDate"]),
             "tdx.tcb.status"),
            (lambda a: a.pop("attributes"),
             "tdx.attributes.sept_ve_disable"),
            (lambda a: a["measurements"][0].update(mrtd="11" * 48),
             "tdx.measurement.set"),
            (lambda a: a["with"][0]["measurements"][0].update(
                pcr4="11" * 32), "tpm.measurement.set")]:
        assert judged(change) == (1, check)


def test_azure_tdx_beside_another_vtpm(tmp_path):
    """The quote of a TPM whose key the runtime data does not name."""
    other = SHARED / "vectors" / "tpm2" / "azure-snp-genoa"
    tpm, td = verify(FOLDER, *AT)[1]["evidence"]
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for name in ("hcl_report.bin", "td_quote.bin"):
        (mixed / name).write_bytes((FOLDER / name).read_bytes())
    for name in ("ak_pub.pem", "quote.sig", "quote.tpms_attest", "pcrs.json"):
        (mixed / name).write_bytes((other / name).read_bytes())

    def any_pcr(a):
        a["with"][0]["measurements"][0]["pcr4"] = json.loads(
            (other / "pcrs.json").read_text())["pcrs"]["4"]
    path = write_policy(tmp_path, (td["claims"], tpm["claims"]),
                        any_pcr)
    code, v = verify(mixed, "--policy", path, *AT)
    assert (code, v["reason"]["check"]) == (1, "tpm.ak.hardware")
    # Another machine's runtime data.
    (mixed / "hcl_report.bin").write_bytes(
        (FOLDER / "hcl_report.bin").read_bytes().replace(
            b'"console-enabled":true', b'"console-enabled":null'))
    code, v = verify(mixed, "--policy", path, *AT)
    assert (code, v["reason"]["check"]) == (1, "tdx.hcl.runtime_data")


def test_pinned_and_read_back(tmp_path):
    draft = tmp_path / "draft.json"
    p = httpa("pin", FOLDER, *AT, "-o", draft)
    assert p.returncode == 0, p.stderr
    assert json.loads(draft.read_text())["accept"][0]["via"] == "azure"
    assert httpa("policy", "check", draft).returncode == 0
    assert verify(FOLDER, "--policy", draft, *AT)[0] == 0
