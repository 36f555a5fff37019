"""Real parts for the tests, started on loopback and stopped by pid: the
application, `httpa serve`, nginx and haproxy with TLS in front, swtpm.

    with Stack() as s:
        s.app(); s.serve(); front = s.nginx()
        p = s.httpa(front.url + "/echo")

Nothing is taken from an installation but the programs of `Stack.build`.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("HTTPA_BUILD", ROOT / "build"))
HTTPA = BUILD / "src/programs/httpa"
# Data that is not part of the project: tests that need it say SKIP.
SHARED = pathlib.Path(os.environ.get("HTTPA_SHARED", ROOT.parent / "shared"))
# Sanitized builds are several times slower.
PATIENCE = 30


def missing(*programs):
    """What of `programs` is not installed: a reason to skip."""
    return [p for p in programs if not shutil.which(p)] + \
        ([] if HTTPA.exists() else [str(HTTPA)])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process=None):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with "
                               f"{process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


class Front:
    """A proxy with TLS in front of the gateway."""

    def __init__(self, process, port, log=None):
        self.process, self.port, self.log = process, port, log
        self.url = f"https://localhost:{port}"


NGINX = """
daemon off; pid {run}/nginx.pid; error_log {run}/nginx.err;
events {{ worker_connections 768; }}
http {{
  default_type application/octet-stream; gzip on;
  log_format seen '$request $status $request_length $bytes_sent '
                  '"$request_body"';
  access_log {run}/nginx.log seen;
  client_body_temp_path {run}/nb; proxy_temp_path {run}/np;
  fastcgi_temp_path {run}/nf; uwsgi_temp_path {run}/nu;
  scgi_temp_path {run}/ns;
  server {{ listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {run}/cert.pem; ssl_certificate_key {run}/key.pem;
    {extra}
    location / {{ proxy_pass http://127.0.0.1:{up}; }} }}
}}
"""
HAPROXY = """
global
    maxconn 500
defaults
    mode http
    timeout connect 5000
    timeout client  50000
    timeout server  50000
frontend f
    bind 127.0.0.1:{port} ssl crt {run}/both.pem alpn h2,http/1.1
    default_backend b
backend b
    server s1 127.0.0.1:{up}
"""


def apache2(stack, conf):
    names = {"RUN_DIR": stack.run, "LOG_DIR": stack.run, "LOCK_DIR": stack.run,
             "PID_FILE": stack.run / "apache2.pid", "RUN_USER": "www-data",
             "RUN_GROUP": "www-data"}
    return (["apache2", "-DFOREGROUND", "-f", conf],
            {f"APACHE_{k}": str(v) for k, v in names.items()})


TRAFFICSERVER = """
prefix: {run}
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/bin
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
sysconfdir: {run}/etc
includedir: /usr/include
datadir: {run}/data
localstatedir: {run}
runtimedir: {run}/run
logdir: {run}/log
cachedir: {run}/cache
mandir: /usr/share/man
infodir: /usr/share/info
"""


def trafficserver(stack, conf):
    run = stack.run
    shutil.copytree("/etc/trafficserver", run / "etc")
    with open(run / "etc/records.config", "a") as f:
        f.write(conf.read_text())
    (run / "etc/remap.config").write_text(
        f"map / http://127.0.0.1:{stack.ports['gate']}/\n")
    (run / "etc/ssl_multicert.config").write_text(
        f"dest_ip=* ssl_cert_name={run}/cert.pem ssl_key_name={run}/key.pem\n")
    (run / "etc/storage.config").write_text(f"{run}/cache 64M\n")
    for name in ("cache", "log", "run"):
        (run / name).mkdir()
    for path in [run / n for n in ("cache", "log", "run", "etc")] + \
            list((run / "etc").rglob("*")):
        path.chmod(0o777)
    (run / "runroot.yaml").write_text(TRAFFICSERVER.format(run=run))
    return ["traffic_server", f"--run-root={run}/runroot.yaml"], {}


# How each proxy is started in the foreground with a configuration file.
FRONTS = {
    "nginx": lambda s, c: (["nginx", "-c", c, "-p", s.run], {}),
    "haproxy": lambda s, c: (["haproxy", "-f", c, "-db"], {}),
    "apache2": apache2,
    "varnish": lambda s, c: (
        ["varnishd", "-j", "none", "-F", "-n", s.run / "varnish", "-a",
         f"127.0.0.1:{s.ports['front']}", "-T", "none", "-f", c, "-s",
         "malloc,64m"], {}),
    "squid": lambda s, c: (["squid", "-N", "-f", c, "-n",
                            f"test{os.getpid()}"], {}),
    "caddy": lambda s, c: (["caddy", "run", "--adapter", "caddyfile",
                            "--config", c], {"HOME": str(s.run)}),
    "h2o": lambda s, c: (["h2o", "-m", "worker", "-c", c], {}),
    "lighttpd": lambda s, c: (["lighttpd", "-D", "-f", c], {}),
    "nghttpx": lambda s, c: (["nghttpx", f"--conf={c}"], {}),
    "trafficserver": trafficserver,
}
CLEAR_FRONTS = {"varnish"}  # has no TLS of its own


class Stack:
    def __init__(self):
        self.run = pathlib.Path(tempfile.mkdtemp(prefix="httpa-test-"))
        self.run.chmod(0o755)
        self.processes = []
        self.origins = []
        self.ports = {"app": free_port(), "gate": free_port(),
                      "front": free_port(), "ops": free_port()}
        self.gateway = self.application = None
        self.tls()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for p in reversed(self.processes):
            self.stop(p, patience=(1, 15))
        shutil.rmtree(self.run, ignore_errors=True)

    def start(self, *command, name=None, env=None):
        log = open(self.run / f"{name or 'process'}.out", "ab")
        p = subprocess.Popen([str(c) for c in command], stdout=log,
                             stderr=log, stdin=subprocess.DEVNULL,
                             start_new_session=True,
                             env={**os.environ, **(env or {})})
        self.processes.append(p)
        return p

    @staticmethod
    def stop(p, how=signal.SIGTERM, patience=(15,)):
        """A gateway drains; a second signal ends that."""
        for seconds in patience:
            if p.poll() is None:
                p.send_signal(how)
                try:
                    p.wait(seconds)
                except subprocess.TimeoutExpired:
                    pass
        if p.poll() is None:
            p.kill()
            p.wait()

    def tls(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
             self.run / "key.pem", "-out", self.run / "cert.pem"],
            check=True, stderr=subprocess.DEVNULL)
        (self.run / "both.pem").write_text(
            (self.run / "cert.pem").read_text() +
            (self.run / "key.pem").read_text())

    # ---- parts

    def app(self):
        self.application = self.start(
            sys.executable, ROOT / "test/support/app.py", self.ports["app"],
            name="app")
        wait_for(self.ports["app"], self.application)
        return self.application

    def dev(self):
        """A development key and the policy that names it."""
        folder = self.run / "dev"
        if not folder.exists():
            subprocess.run([HTTPA, "dev-init", folder, "-o",
                            self.run / "dev.json"], check=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        return folder

    def policy(self, **changes):
        """A policy file for the development TEE; `changes` replace members."""
        root = next(p for p in sorted(self.dev().iterdir())
                    if "PUBLIC KEY" in p.read_text(errors="replace"))
        text = {"httpa_policy": 1, "name": "test",
                "identity": {"require": "none"}, "insecure_dev_tee": True,
                "insecure_unpinned": True,
                "accept": [{"name": "dev", "type": "dev",
                            "root_key": str(root),
                            "measurements": [{"app": "any"}]}]}
        text.update(changes)
        text = {k: v for k, v in text.items() if v is not None}
        path = self.run / f"policy{len(list(self.run.glob('policy*')))}.json"
        path.write_text(json.dumps(text))
        return path

    def serve(self, *options, tee=None, program=None):
        tee = tee or ["--tee", "dev", "--dev-dir", self.dev()]
        origins = [f"https://localhost:{self.ports['front']}",
                   f"http://localhost:{self.ports['front']}",
                   f"http://127.0.0.1:{self.ports['gate']}"]
        command = [program or HTTPA, "serve", *tee, "--listen",
                   f"127.0.0.1:{self.ports['gate']}", "--upstream",
                   f"http://127.0.0.1:{self.ports['app']}", "--ops",
                   f"127.0.0.1:{self.ports['ops']}", *options]
        for origin in origins:
            command += ["--origin", origin]
        self.gateway = self.start(*command, name="gateway")
        wait_for(self.ports["gate"], self.gateway)
        return self.gateway

    @property
    def url(self):
        """The gateway itself, without a proxy."""
        return f"http://127.0.0.1:{self.ports['gate']}"

    def nginx(self, extra=""):
        conf = self.run / "nginx.conf"
        conf.write_text(NGINX.format(run=self.run, port=self.ports["front"],
                                     up=self.ports["gate"], extra=extra))
        p = self.start("nginx", "-c", conf, "-p", self.run, name="nginx")
        wait_for(self.ports["front"], p)
        return Front(p, self.ports["front"], self.run / "nginx.log")

    def haproxy(self):
        conf = self.run / "haproxy.cfg"
        conf.write_text(HAPROXY.format(run=self.run,
                                       port=self.ports["front"],
                                       up=self.ports["gate"]))
        p = self.start("haproxy", "-f", conf, "-db", name="haproxy")
        wait_for(self.ports["front"], p)
        return Front(p, self.ports["front"])

    def middlebox(self, name):
        """A proxy with the measured default configuration of ../shared."""
        proxy = name.partition(".")[0]
        text = (SHARED / "middleboxes" / name).read_text()
        clear = proxy in CLEAR_FRONTS
        other = free_port()
        marks = {"H1": self.ports["front"] if clear else other,
                 "TLS": other if clear else self.ports["front"],
                 "H2C": free_port(), "UP": self.ports["gate"],
                 "RUN": self.run, "CERT": self.run / "cert.pem",
                 "KEY": self.run / "key.pem", "PEM": self.run / "both.pem"}
        for mark, value in marks.items():
            text = text.replace(f"@{mark}@", str(value))
        conf = self.run / name
        conf.write_text(text)
        for path in (self.run, *self.run.glob("*.pem")):
            path.chmod(0o777 if path.is_dir() else 0o644)  # they drop root
        command, env = FRONTS[proxy](self, conf)
        p = self.start(*command, name=proxy, env=env)
        wait_for(self.ports["front"], p)
        front = Front(p, self.ports["front"])
        if clear:
            front.url = f"http://localhost:{front.port}"
        return front

    # ---- the client

    def command(self, *args, policy=None):
        return [str(HTTPA), *map(str, args), "--cacert",
                str(self.run / "cert.pem"), "--policy",
                str(policy or self.policy())]

    def httpa(self, *args, policy=None, timeout=120, stdin=None):
        """Runs the tool to its end; stdout is bytes."""
        return subprocess.run(self.command(*args, policy=policy),
                              capture_output=True, timeout=timeout,
                              input=stdin)
