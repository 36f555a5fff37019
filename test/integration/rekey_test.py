"""A key that is used up ends its session; no request is lost by that
(doc/protocol.md 12.3, 17.2).  The limits are lowered by
test/programs/short_keys.c; everything else is the real program."""
import pathlib
import sys
import urllib.request

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support import stack  # noqa: E402

SHORT = stack.BUILD / "test/programs/httpa_short_keys"
LONG = stack.HTTPA
URLS = 40

need = stack.missing("openssl", str(SHORT))
pytestmark = pytest.mark.skipif(bool(need), reason=f"SKIP: missing {need}")


def handshakes(s):
    url = f"http://127.0.0.1:{s.ports['ops']}/metrics"
    text = urllib.request.urlopen(url).read().decode()
    return sum(int(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith("httpa_messages_total") and
               'kind="aths"' in line)


@pytest.mark.parametrize("server,client", [(SHORT, LONG), (LONG, SHORT),
                                           (SHORT, SHORT)])
def test_no_request_is_lost(server, client, monkeypatch):
    with stack.Stack() as s:
        s.app()
        monkeypatch.setattr(stack, "HTTPA", server)
        s.serve()
        monkeypatch.setattr(stack, "HTTPA", client)
        before = handshakes(s)
        p = s.httpa("-X", "POST", "-d", "x" * 1500,
                    *[f"{s.url}/echo?{i}" for i in range(URLS)])
        assert p.returncode == 0, p.stderr
        for i in range(URLS):
            assert p.stdout.count(f'"/echo?{i}"'.encode()) == 1
        assert handshakes(s) - before > 3


def test_the_limits_are_really_those(monkeypatch):
    """With the real ones the same requests take one session."""
    with stack.Stack() as s:
        s.app()
        s.serve()
        before = handshakes(s)
        p = s.httpa("-X", "POST", "-d", "x" * 1500,
                    *[f"{s.url}/echo?{i}" for i in range(URLS)])
        assert p.returncode == 0 and handshakes(s) - before == 1
