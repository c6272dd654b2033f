"""What nginx talks to in the tests: the local service, names, a proxy, a server that does what it is told; and a class for
tests that run Lua inside nginx.
"""

import base64
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "python"))

from nginx import Nginx, needs_nginx  # noqa: E402
from support import COMMAND, EVIDENCE, Emulator, needs_command, needs_evidence, simulate  # noqa: E402,F401

SCOPE = "https://attest.azure.net/.default"

# Runs the body as Lua, and says what it gave.
RUN = """
ngx.req.read_body()
local chunk, problem = loadstring(ngx.req.get_body_data() or "", "=test")
local ok, outcome = nil, problem
if chunk then ok, outcome = xpcall(chunk, debug.traceback) end
ngx.print(ok and "ok\\n" or "failed\\n", tostring(outcome))
"""

PREAMBLE = """
local azattest = require "azattest.resty"
local function must(part, value, err, ...)
  if value ~= nil then error("expected nil and an error, got " .. tostring(value), 2) end
  if not tostring(err):find(part, 1, true) then error(("expected %q in %q"):format(part, tostring(err)), 2) end
  return err
end
local function raises(part, call, ...)
  local ok, err = pcall(call, ...)
  if ok then error("nothing was raised", 2) end
  if not tostring(err):find(part, 1, true) then error(("expected %q in %q"):format(part, tostring(err)), 2) end
end
local function read(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read("*a")
  file:close()
  return content
end
"""


class InNginx(unittest.TestCase):
    """`run(code)` runs Lua in a request; names of the service's ready line are there as {endpoint} and so on."""

    def nginx(self, locations=None, **options):
        options.setdefault("ca_file", getattr(self, "ca_file", None))
        options.setdefault("server", "client_body_buffer_size 1m; client_max_body_size 1m;")
        nginx = Nginx({"/run": RUN, "/alive": "ngx.print('alive')", **(locations or {})}, **options).start()
        self.addCleanup(self.end, nginx)
        return nginx

    def end(self, nginx):
        nginx.stop()

    def run_lua(self, nginx, code, **values):
        for name, value in values.items():
            code = code.replace("<" + name + ">", str(value))
        word, _, outcome = nginx.post("/run", (PREAMBLE + code).encode()).text.partition("\n")
        if word != "ok":
            raise AssertionError("%s\n%s" % (outcome, nginx.log()[-3000:]))
        return outcome


class WithService(InNginx):
    """The local service for all tests of the class."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator(*cls.options)
        cls.addClassCleanup(cls.emulator.stop)
        cls.ready, cls.endpoint, cls.ca_file = cls.emulator.ready, cls.emulator.endpoint, cls.emulator.ca_file
        cls.folder = Path(tempfile.mkdtemp(prefix="azattest-resty-"))
        cls.addClassCleanup(subprocess.run, ["rm", "-r", str(cls.folder)])
        cls.quote = cls.folder / "quote"
        cls.quote.write_bytes(simulate(cls.ready["state"]))

    def run_lua(self, nginx, code, **values):
        named = {name: value for name, value in self.ready.items() if isinstance(value, str)}
        return super().run_lua(nginx, code, **{**named, "quote": self.quote, **values})


class Names:
    """A DNS server: every A query gets 127.0.0.1, but names that begin with "none." do not exist."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.resolver = "127.0.0.1:%d ipv6=off" % self.socket.getsockname()[1]
        self.asked = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                query, whom = self.socket.recvfrom(512)
            except OSError:
                return
            end = query.index(b"\0", 12)
            labels, place = [], 12
            while query[place]:
                labels.append(query[place + 1:place + 1 + query[place]].decode())
                place += query[place] + 1
            self.asked.append(".".join(labels))
            question = query[12:end + 5]
            if labels[0] == "none":
                answer = query[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + question
            else:
                answer = query[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + question
                answer += b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, 1])
            self.socket.sendto(answer, whom)

    def stop(self):
        self.socket.close()


def make_certificate(folder, names="DNS:127.0.0.1,DNS:localhost"):
    """(certificate, key) files of a server that vouches for itself."""
    certificate, key = Path(folder) / "server.crt", Path(folder) / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=azattest test",
                    "-addext", "subjectAltName=" + names, "-keyout", str(key), "-out", str(certificate)],
                   check=True, capture_output=True)
    return certificate, key


def read_request(connection):
    """Head and body of one request; None when the connection ends before one."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n")[1:]:
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65536)
    return head.decode(), body


class Server:
    """Each connection goes to `handle(server, connection, number)` in a thread of its own; the numbers count from 1."""

    def __init__(self, handle, tls=None, host="127.0.0.1"):
        self.handle, self.connections, self.heads = handle, 0, []
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*map(str, tls))
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, 0), family=family, backlog=200)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection, number):
        try:
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.context:
                    connection = self.context.wrap_socket(connection, server_side=True)
                with connection:
                    self.handle(self, connection, number)
        except OSError:
            pass

    def request(self, connection):
        got = read_request(connection)
        if got:
            with self.lock:
                self.heads.append(got[0])
        return got

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # a thread that waits in accept() would keep it open
        except OSError:
            pass
        self.listener.close()


def reply(body, status="200 OK", *headers):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = ["HTTP/1.1 " + status, "Content-Type: application/json", "Content-Length: %d" % len(body), *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def keep_answering(body):
    """A handler that answers every request of every connection alike."""

    def handle(server, connection, number):
        while server.request(connection):
            connection.sendall(reply(body))

    return handle


def tunnel(first, second):
    def copy(source, target):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                target.sendall(data)
        except OSError:
            pass
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    thread = threading.Thread(target=copy, args=(first, second), daemon=True)
    thread.start()
    copy(second, first)
    thread.join()


class Proxy(Server):
    """CONNECT, for those who know the password if there is one. The first `silent` connections get no answer."""

    def __init__(self, password=None, silent=0):
        self.silent = silent
        self.wanted = password and "Basic " + base64.b64encode(password.encode()).decode()
        super().__init__(Proxy.connect)
        self.place = "127.0.0.1:%d" % self.port

    def connect(self, connection, number):
        got = self.request(connection)
        if not got:
            return
        if number <= self.silent:
            connection.recv(1)  # until the other side gives up
            return
        first, *headers = got[0].split("\r\n")
        method, place, _ = first.split(" ")
        shown = next((line.split(": ", 1)[1] for line in headers if line.startswith("Proxy-Authorization: ")), None)
        if method != "CONNECT":
            connection.sendall(reply({}, "405 CONNECT alone"))
        elif self.wanted and shown != self.wanted:
            connection.sendall(reply({}, "407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"'))
        else:
            with socket.create_connection(("127.0.0.1", int(place.rsplit(":", 1)[1]))) as server:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                tunnel(connection, server)
