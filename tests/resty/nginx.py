"""An nginx with Lua for the tests: started from a generated configuration on a free port, stopped whatever happens.

    with Nginx(locations={"/hello": 'ngx.say("hello")'}) as nginx:
        nginx.get("/hello").text

The Lua modules are those of the build folder: AZATTEST_LUA_TREE names its lua/luajit. AZATTEST_NGINX names another nginx
(OpenResty's), whose Lua is built in. Without any, what needs one is skipped, loudly.
"""

import atexit
import ctypes
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TREE = Path(os.environ.get("AZATTEST_LUA_TREE") or CHECKOUT / "build/default/lua/luajit")
EXECUTABLE = os.environ.get("AZATTEST_NGINX") or shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
MODULES = ("ndk_http_module.so", "ngx_http_lua_module.so")
PATIENCE = 20  # seconds until something that never happens is given up
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def modules():
    """The modules to load: an empty list where Lua is built in, None where there is none."""
    if not EXECUTABLE:
        return None
    about = subprocess.run([EXECUTABLE, "-V"], capture_output=True, text=True).stderr
    if re.search(r"--add-module=\S*(ngx_lua|lua-nginx-module)", about):
        return []
    named = re.search(r"--modules-path=(\S+)", about)
    folders = [named.group(1)] * bool(named) + ["/usr/lib/nginx/modules", "/usr/share/nginx/modules"]
    for folder in folders:
        if all((Path(folder) / name).is_file() for name in MODULES):
            return [Path(folder) / name for name in MODULES]
    return None


available = modules() is not None and (TREE / "azattest/core.so").is_file()
needs_nginx = unittest.skipUnless(
    available, "SKIPPED: no nginx with Lua (nginx, libnginx-mod-http-lua), or no Lua modules at AZATTEST_LUA_TREE"
)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(condition, what):
    """Waits until `condition()` is true, and gives what it gave."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        outcome = condition()
        if outcome:
            return outcome
        time.sleep(0.01)
    raise AssertionError("this did not happen within %d s: %s" % (PATIENCE, what))


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def text(self):
        return self.body.decode()


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Nginx:
    """
    locations    path -> Lua code of its content, or path -> a whole block when the text begins with "{"
    server, http, main  more directives of that level (main: `env`, `thread_pool`...)
    environment  variables of the workers
    ca_file      lua_ssl_trusted_certificate; None: the directive is absent
    resolver     the directive's value; None: absent
    tls          (certificate, key) files: the port then speaks TLS
    allowed      regular expressions of messages of level crit, alert or emerg that this test provokes
    """

    def __init__(self, locations=None, *, server="", http="", main="", environment=None, ca_file=None, resolver=None,
                 verify_depth=5, connections=1024, workers=1, tls=None, log_level="info", allowed=()):
        self.folder = Path(tempfile.mkdtemp(prefix="azattest-nginx-"))
        self.allowed, self.tls, self.process = list(allowed), tls, None
        self.parts = dict(locations=locations or {}, server=server, http=http, main=main, environment=environment or {},
                          ca_file=ca_file, resolver=resolver, verify_depth=verify_depth, connections=connections,
                          workers=workers, log_level=log_level)
        self.log_file = self.folder / "error.log"

    # ---- the configuration

    def configuration(self, port):
        parts, lines = self.parts, []
        lines += ["load_module %s;" % module for module in modules()]
        if os.geteuid() == 0:
            lines.append("user root;")  # its folders are the test's own, for which another user has no rights
        lines += ["daemon off;", "master_process on;", "worker_processes %d;" % parts["workers"],
                  "pid %s/pid;" % self.folder, "error_log %s %s;" % (self.log_file, parts["log_level"])]
        lines += ["env '%s=%s';" % item if item[1] is not None else "env %s;" % item[0] for item in parts["environment"].items()]
        lines += [parts["main"], "events { worker_connections %d; }" % parts["connections"], "http {"]
        lines += ["%s_temp_path %s/%s;" % (name, self.folder, name)
                  for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
        lines += ["access_log off;", "lua_package_path '%s/?.lua;;';" % TREE, "lua_package_cpath '%s/?.so;;';" % TREE]
        if parts["ca_file"]:
            lines += ["lua_ssl_trusted_certificate %s;" % parts["ca_file"], "lua_ssl_verify_depth %d;" % parts["verify_depth"]]
        if parts["resolver"]:
            lines.append("resolver %s;" % parts["resolver"])
        lines += [parts["http"], "server {", "listen 127.0.0.1:%d%s;" % (port, " ssl" if self.tls else "")]
        if self.tls:
            lines += ["ssl_certificate %s;" % self.tls[0], "ssl_certificate_key %s;" % self.tls[1]]
        lines.append(parts["server"])
        for path, code in parts["locations"].items():
            code = code.strip()
            lines.append("location = %s %s" % (path, code if code.startswith("{") else "{ content_by_lua_block {\n%s\n} }" % code))
        return "\n".join(lines + ["}", "}", ""])

    # ---- its life

    def start(self):
        try:
            for _ in range(5):  # the port was free a moment ago
                self.port = free_port()
                if self._run():
                    return self
            raise AssertionError("no free port for nginx: " + self.log())
        except BaseException:
            self._end()
            raise

    def _run(self):
        config = self.folder / "nginx.conf"
        config.write_text(self.configuration(self.port))
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("AZURE_", "AZATTEST_", "LUA_")) and not name.lower().endswith("_proxy")}
        self.output = open(self.folder / "output", "wb")
        self.process = subprocess.Popen([EXECUTABLE, "-p", str(self.folder), "-c", str(config)], stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=self.output, env=environment, preexec_fn=_die_with_parent)
        atexit.register(self._end)

        def answers():
            if self.process.poll() is not None:
                return True
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self.workers()  # the kernel accepts as soon as the master listens
            except OSError:
                return False

        eventually(answers, "nginx listens")
        if self.process.poll() is None:
            return True
        if "Address already in use" in self.log() + self.said():
            self.log_file.unlink(missing_ok=True)
            return False
        raise AssertionError("nginx did not start: %s\n%s" % (self.said(), self.log()))

    def _end(self):
        """Without any check, so that it works in any state."""
        atexit.unregister(self._end)
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                for pid in self.workers():
                    os.kill(pid, signal.SIGKILL)
                self.process.kill()
                self.process.wait()
        if self.process is not None:
            self.output.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self):
        """Fails when the error log has something of level crit, alert or emerg that was not foreseen."""
        log = ""
        try:
            if self.process is not None and self.process.poll() is None:
                self.process.terminate()
                self.process.wait(timeout=PATIENCE)
            log = self.log()
            status = self.process.returncode if self.process is not None else 0
        finally:
            self._end()
        wrong = [line for line in log.splitlines()
                 if re.search(r"\[(crit|alert|emerg)\]", line) and not any(re.search(known, line) for known in self.allowed)]
        if wrong or status != 0:
            raise AssertionError("nginx ended with %s; its log says: %s" % (status, "\n".join(wrong)))

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is not None:
            self._end()
        else:
            self.stop()

    def workers(self):
        """Process ids of the workers."""
        try:
            children = Path("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)).read_text()
        except OSError:
            return []
        return [int(pid) for pid in children.split()]

    def reload(self):
        """HUP, and waits until new workers have taken the old ones' place."""
        before = set(self.workers())
        self.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.workers() and not before & set(self.workers()), "nginx has new workers")

    # ---- what it says

    def log(self):
        try:
            return self.log_file.read_text(errors="replace")
        except OSError:
            return ""

    def said(self):
        return (self.folder / "output").read_text(errors="replace")

    # ---- requests

    @property
    def url(self):
        return "%s://127.0.0.1:%d" % ("https" if self.tls else "http", self.port)

    def connect(self, timeout=60):
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        context = ssl.create_default_context(cafile=str(self.tls[0]))
        context.check_hostname = False
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=context)

    def request(self, method, path, body=None, headers=None, timeout=60):
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, headers=None, timeout=60):
        return self.request("GET", path, None, headers, timeout)

    def post(self, path, body, headers=None, timeout=60):
        return self.request("POST", path, body, headers, timeout)
