"""What the tests of the relying party's side share: a local service whose requests are counted, tokens of its key and of
others, and connections to every worker of an nginx.
"""

import concurrent.futures
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "integration"))

from command_support import Emulator, b64url, environment, unb64url  # noqa: E402

from nginx import Answer, Nginx, eventually  # noqa: E402

COMMAND = os.environ.get("AZATTEST_COMMAND", "")
DICT = "lua_shared_dict azattest 1m;"


class Service:
    """The local service; `asked(path)` counts the requests that it has logged, each a moment after its answer."""

    def __init__(self, *options):
        self.folder = Path(tempfile.mkdtemp(prefix="azattest-relying-"))
        self.emulator = Emulator("--state", self.folder / "state", *options)
        self.ready, self.endpoint, self.ca_file = self.emulator.ready, self.emulator.ready["endpoint"], self.emulator.ready["ca_file"]
        self.quote = self.simulate()

    def simulate(self, *options):
        return subprocess.run([COMMAND, "simulate", "sgx-quote", "--state", self.folder / "state", "--out", "-", *map(str, options)],
                              check=True, capture_output=True, env=environment()).stdout

    def request(self, path, body=None, endpoint=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request((endpoint or self.endpoint) + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=self.ca_file)) as answer:
            return json.loads(answer.read())

    def attest(self, quote=None, endpoint=None):
        return self.request("/attest/SgxEnclave?api-version=2025-06-01", {"quote": b64url(quote or self.quote)}, endpoint)["token"]

    def asked(self, path):
        return sum(path in line.decode() for line in list(self.emulator.log))

    def stop(self):
        self.emulator.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def parts(token):
    header, claims, _ = token.split(".")
    return json.loads(unb64url(header)), json.loads(unb64url(claims))


def encoded(header, claims):
    return ".".join(b64url(json.dumps(part).encode()) for part in (header, claims))


def signed(key, header, claims):
    """A token of the RSA key in that PEM file."""
    text = encoded(header, claims)
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(key)], input=text.encode(), check=True, capture_output=True)
    return text + "." + b64url(signature.stdout)


def new_key(folder):
    key = Path(folder) / "another.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(key)], check=True,
                   capture_output=True)
    return key


def bearer(token):
    return {"Authorization": "Bearer " + token}


def guarded(options, content="ngx.print(ngx.worker.pid(), ' ', ngx.ctx.azattest.warning or '')"):
    """A location behind the guard."""
    return "{ access_by_lua_block { require('azattest.resty').require_token{ %s } } content_by_lua_block { %s } }" % (options, content)


PLACES = {
    "/pid": "ngx.print(ngx.worker.pid())",
    "/busy": "ngx.update_time() local till = ngx.now() + 0.3 while ngx.now() < till do ngx.update_time() end ngx.print('over')",
    "/keys": "for _, name in ipairs(ngx.shared.azattest:get_keys(0)) do ngx.say(name) end",
}


class Relying(unittest.TestCase):
    maxDiff = None

    def service_with(self, *options):
        service = Service(*options)
        self.addCleanup(service.stop)
        return service

    def nginx(self, service, locations, http=DICT, **options):
        options.setdefault("log_level", "info")
        nginx = Nginx({**PLACES, **locations}, http=http, ca_file=service.ca_file, **options).start()
        self.addCleanup(nginx.stop)
        return nginx

    def spread(self, nginx, each):
        """Open connections: so many to each worker. One that has enough is kept busy while others accept."""
        held = {pid: [] for pid in nginx.workers()}
        end = time.monotonic() + 60
        while any(len(those) < each for those in held.values()):
            self.assertLess(time.monotonic(), end, "no connection to each of the workers")
            connection = nginx.connect()
            self.addCleanup(connection.close)
            pid = int(self.ask(connection, "/pid").text)
            if len(held[pid]) < each:
                held[pid].append(connection)
            else:
                connection.request("GET", "/busy")  # nobody waits for its answer
        return held

    def ask(self, connection, path, headers=None):
        connection.request("GET", path, headers=headers or {})
        return Answer(connection.getresponse())

    def at_once(self, connections, path, headers):
        with concurrent.futures.ThreadPoolExecutor(len(connections)) as pool:
            return list(pool.map(lambda one: self.ask(one, path, headers), connections))

    def expect_fetches(self, service, count):
        """The keys were asked for so often until now."""
        eventually(lambda: service.asked(" GET /certs ") >= count, "%d fetches of the keys" % count)
        service.serial = getattr(service, "serial", 0) + 1
        mark = "/.well-known/openid-configuration?n=%d" % service.serial
        service.request(mark)
        eventually(lambda: service.asked(" GET /.well-known/openid-configuration ") >= service.serial, "what was asked last is logged")
        self.assertEqual(service.asked(" GET /certs "), count)

    def expect(self, answer, status, nginx=None):
        self.assertEqual(answer.status, status, answer.text + (nginx.log()[-2000:] if nginx else ""))
        return answer
