"""azattest.resty inside nginx: whom it trusts, how it finds names, proxies, connections that die, answers that come slowly,
in part or wrong, and the phases of nginx.
"""

import re
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from nginx import TREE, eventually, needs_nginx
from service import (Emulator, InNginx, Names, Proxy, Server, WithService, keep_answering, make_certificate, needs_command, reply,
                     simulate)

METADATA = {"issuer": "x", "jwks_uri": "y"}

GET = """
    local client = azattest.AttestationClient{ endpoint = "https://<place>", retry_total = 0<more> }
    return tostring(assert(client:get_open_id_metadata()).issuer)
"""
FAIL = """
    local client = azattest.AttestationClient{ endpoint = "https://<place>", retry_total = 0<more> }
    local value, err = client:get_open_id_metadata()
    assert(value == nil, "it was taken")
    return tostring(err) .. " | " .. err.attempts
"""


class WithServers(InNginx):
    """Servers of the test's own, which vouch for themselves as 127.0.0.1 and localhost."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="azattest-resty-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.tls = make_certificate(cls.folder, "DNS:127.0.0.1,DNS:localhost,DNS:maa.azattest.test")
        cls.ca_file = cls.tls[0]

    def serve(self, handle, **options):
        server = Server(handle, options.pop("tls", self.tls), **options)
        self.addCleanup(server.stop)
        return server

    def get(self, nginx, server, code=GET, host="127.0.0.1", more=""):
        return self.run_lua(nginx, code, place="%s:%d" % (host, server.port), more=more)


@needs_nginx
class Trust(WithServers):
    def setUp(self):
        self.server = self.serve(keep_answering(METADATA))

    def test_the_authority_of_the_directive_is_trusted(self):
        self.assertEqual(self.get(self.nginx(), self.server), "x")

    def test_without_the_directive_nobody_is(self):
        text = self.get(self.nginx(ca_file=None), self.server, FAIL.replace("retry_total = 0<more>", "retry_total = 3"))
        self.assertRegex(text, r"127\.0\.0\.1:\d+: the certificate is not accepted \(\d+: .*lua_ssl_trusted_certificate")
        self.assertIn("| 1", text)  # trying again would not help
        # also when the handshake ends at once, which is up to the machine
        nginx = self.nginx(ca_file=None)
        for _ in range(40):
            self.assertIn("lua_ssl_trusted_certificate", self.get(nginx, self.server, FAIL))
        self.assertEqual(self.server.heads, [])

    def test_another_authority_does_not_help(self):
        folder = Path(self.folder) / "other"
        folder.mkdir(exist_ok=True)
        other = make_certificate(folder)
        self.assertIn("lua_ssl_trusted_certificate", self.get(self.nginx(ca_file=other[0]), self.server, FAIL))
        self.assertEqual(self.server.heads, [])

    def test_a_certificate_for_another_name_is_refused(self):
        folder = Path(self.folder) / "named"
        folder.mkdir(exist_ok=True)
        tls = make_certificate(folder, "DNS:elsewhere.azattest.test,IP:127.0.0.1")
        server = self.serve(keep_answering(METADATA), tls=tls)
        names = Names()
        self.addCleanup(names.stop)
        nginx = self.nginx(ca_file=tls[0], resolver=names.resolver)
        text = self.get(nginx, server, FAIL, host="maa.azattest.test")
        self.assertRegex(text, r"maa\.azattest\.test:\d+: certificate host mismatch; the certificate is for another host.*\| 1")
        self.assertEqual(self.get(nginx, server, host="elsewhere.azattest.test"), "x")
        # what is sent to one name never goes over a connection that was checked for another
        self.assertIn("mismatch", self.get(nginx, server, FAIL, host="maa.azattest.test"))
        text = self.get(nginx, server, FAIL)
        self.assertIn("with names only", text)

    def test_options_for_authorities_are_refused_with_the_directive(self):
        nginx = self.nginx()
        for name in ("ca_file", "ca_path", "ca_pem"):
            self.run_lua(nginx, """
                for _, new in ipairs{ azattest.AttestationClient, azattest.Verifier, azattest.credentials.managed_identity } do
                  raises("lua_ssl_trusted_certificate", new, { endpoint = "https://a.test", <name> = "x" })
                end
            """, name=name)

    def test_wrong_options_raise_and_name_themselves(self):
        nginx = self.nginx()
        for option, part in (
            ("proxy = 'https://proxy:1'", "cosockets do TLS once"), ("proxy = 'socks5://proxy:1'", "socks5://"),
            ("proxy = 'http://a b'", "no http://HOST:PORT"), ("pool_size = 0", "'pool_size'"), ("keepalive_timeout = -1", "'keepalive_timeout'"),
            ("httpc = 5", "'httpc'"), ("httpc = {}", "'httpc'"), ("shared_dict = 5", "'shared_dict'"), ("nonsense = 1", "'nonsense'"),
            ("connect_timeout = 'x'", "'connect_timeout'"),
        ):
            with self.subTest(option):
                self.run_lua(nginx, "raises([[%s]], azattest.AttestationClient, { endpoint = 'https://a.test', %s })" % (part, option))

    def test_a_password_of_a_proxy_is_in_no_message(self):
        nginx = self.nginx()
        self.run_lua(nginx, """
            local ok, err = pcall(azattest.AttestationClient, { endpoint = "https://a.test", proxy = "https://me:planted@proxy:1" })
            assert(not ok and not tostring(err):find "planted")
        """)


@needs_nginx
class NamesAndAddresses(WithServers):
    def test_a_name_is_looked_up_by_the_resolver(self):
        names, server = Names(), self.serve(keep_answering(METADATA))
        self.addCleanup(names.stop)
        self.assertEqual(self.get(self.nginx(resolver=names.resolver), server, host="maa.azattest.test"), "x")
        self.assertEqual(names.asked, ["maa.azattest.test"])
        self.assertIn("Host: maa.azattest.test:%d\r\n" % server.port, server.heads[0] + "\r\n")

    def test_without_a_resolver_the_directive_is_named(self):
        server = self.serve(keep_answering(METADATA))
        text = self.get(self.nginx(), server, FAIL.replace("retry_total = 0<more>", "retry_total = 3"), host="localhost")
        self.assertRegex(text, r"localhost:\d+: nginx looks up no names by itself: add the directive resolver .*\| 1")

    def test_a_name_that_does_not_exist(self):
        names, server = Names(), self.serve(keep_answering(METADATA))
        self.addCleanup(names.stop)
        text = self.get(self.nginx(resolver=names.resolver), server, FAIL, host="none.azattest.test")
        self.assertIn("check the name, and the directive resolver", text)

    def test_nobody_listens(self):
        server = self.serve(keep_answering(METADATA))
        server.stop()
        self.assertRegex(self.get(self.nginx(), server, FAIL), r"127\.0\.0\.1:\d+: connection refused; check host and port")

    def test_an_ipv6_address(self):
        try:
            server = self.serve(keep_answering(METADATA), host="::1", tls=None)
        except OSError:
            self.skipTest("SKIPPED: no IPv6 on this machine")
        nginx = self.nginx()
        outcome = self.run_lua(nginx, """
            local client = azattest.AttestationClient{ endpoint = "http://[::1]:<port>", allow_insecure_http = true }
            return tostring(assert(client:get_open_id_metadata()).issuer)
        """, port=server.port)
        self.assertEqual(outcome, "x")
        self.assertIn("Host: [::1]:%d" % server.port, server.heads[0])


@needs_nginx
class Proxies(WithServers):
    """Names end in .test, so that no rule for loopback applies; the proxy connects to this machine whatever the name."""

    HOST = "maa.azattest.test"

    def setUp(self):
        self.server = self.serve(keep_answering(METADATA))

    def proxy(self, password=None):
        proxy = Proxy(password)
        self.addCleanup(proxy.stop)
        return proxy

    def test_by_option(self):
        proxy, nginx = self.proxy(), self.nginx()
        for _ in range(3):
            self.assertEqual(self.get(nginx, self.server, host=self.HOST, more=", proxy = 'http://%s/'" % proxy.place), "x")
        # one tunnel, kept; a proxy needs no resolver of nginx for the name behind it
        self.assertEqual([head.split("\r\n")[0] for head in proxy.heads], ["CONNECT %s:%d HTTP/1.1" % (self.HOST, self.server.port)])
        self.assertEqual(len(self.server.heads), 3)
        self.assertIn("\r\nUser-Agent: azattest-lua/", proxy.heads[0])

    def test_with_a_password(self):
        proxy, nginx = self.proxy("me:p@ss"), self.nginx()
        self.assertEqual(self.get(nginx, self.server, host=self.HOST, more=", proxy = 'http://me:p%%40ss@%s'" % proxy.place), "x")
        # another user does not get the first one's tunnel
        for wrong in ("", "you:p%40ss@", "me:planted@"):
            text = self.get(nginx, self.server, FAIL.replace("retry_total = 0<more>", "retry_total = 3<more>"), host=self.HOST,
                            more=", proxy = 'http://%s%s'" % (wrong, proxy.place))
            self.assertRegex(text, r"the proxy refused \(407\): give user and password.*\| 1")
            self.assertNotIn("planted", text)
        self.assertEqual(len(self.server.heads), 1)

    def test_by_the_environment(self):
        for environment, options, used in (
            ({"HTTPS_PROXY": "PROXY"}, "", True), ({"https_proxy": "PROXY"}, "", True), ({"ALL_PROXY": "PROXY"}, "", True),
            ({"HTTPS_PROXY": "PROXY", "NO_PROXY": "other.test"}, "", True), ({"HTTPS_PROXY": "PROXY", "NO_PROXY": "test.test"}, "", True),
            ({"HTTPS_PROXY": "PROXY", "NO_PROXY": "*"}, "", False), ({"HTTPS_PROXY": "PROXY", "NO_PROXY": "azattest.test"}, "", False),
            ({"HTTPS_PROXY": "PROXY", "no_proxy": "a, .azattest.test"}, "", False), ({"HTTP_PROXY": "PROXY"}, "", False),
            ({"HTTPS_PROXY": "PROXY"}, ", proxy = ''", False),
        ):
            with self.subTest(environment, options=options):
                proxy, names = self.proxy(), Names()
                self.addCleanup(names.stop)
                nginx = self.nginx(resolver=names.resolver, environment={
                    name: value.replace("PROXY", "http://" + proxy.place) for name, value in environment.items()})
                self.assertEqual(self.get(nginx, self.server, host=self.HOST, more=options), "x")
                self.assertEqual(len(proxy.heads), int(used))
                self.assertEqual(len(names.asked), int(not used))

    def test_no_proxy_for_this_machine(self):
        proxy = self.proxy()
        nginx = self.nginx(environment={"HTTPS_PROXY": "http://" + proxy.place})
        self.assertEqual(self.get(nginx, self.server), "x")
        self.assertEqual(proxy.heads, [])

    def test_a_proxy_of_the_environment_that_cannot_be_used(self):
        for kind in ("https", "socks5"):
            nginx = self.nginx(environment={"HTTPS_PROXY": kind + "://127.0.0.1:1"})
            text = self.get(nginx, self.server, FAIL.replace("retry_total = 0<more>", "retry_total = 3"), host=self.HOST)
            self.assertRegex(text, r"give an http:// proxy \(HTTPS_PROXY.*\| 1")

    def test_a_proxy_that_is_none(self):
        def refuse(server, connection, number):
            server.request(connection)
            connection.sendall(reply({}, "502 Bad Gateway"))

        nginx = self.nginx()
        bad = self.serve(refuse, tls=None)
        text = self.get(nginx, self.server, FAIL, host=self.HOST, more=", proxy = 'http://127.0.0.1:%d'" % bad.port)
        self.assertIn("the proxy answered CONNECT with 502", text)
        bad.stop()
        text = self.get(nginx, self.server, FAIL, host=self.HOST, more=", proxy = 'http://127.0.0.1:%d'" % bad.port)
        self.assertRegex(text, r"the proxy 127\.0\.0\.1:\d+: connection refused")

    def test_the_server_behind_the_proxy_is_verified(self):
        proxy = self.proxy()
        text = self.get(self.nginx(ca_file=None), self.server, FAIL, host=self.HOST, more=", proxy = 'http://%s'" % proxy.place)
        self.assertIn("lua_ssl_trusted_certificate", text)
        self.assertEqual(self.server.heads, [])

    def test_plain_http_through_a_proxy_of_the_option(self):
        forward = self.serve(keep_answering(METADATA), tls=None)
        self.run_lua(self.nginx(), """
            local client = azattest.AttestationClient{ endpoint = "http://localhost:81", allow_insecure_http = true,
              proxy = "http://me:p@127.0.0.1:<port>" }
            assert(client:get_open_id_metadata())
        """, port=forward.port)
        self.assertRegex(forward.heads[0], r"^GET http://localhost:81/\S+ HTTP/1\.1\r\n")
        self.assertRegex(forward.heads[0], r"\r\nAccept-Encoding: identity(\r\n|$)")  # perhaps the last one
        self.assertIn("Proxy-Authorization: Basic bWU6cA==", forward.heads[0])


@needs_nginx
class Kept(WithServers):
    def test_connections_are_kept_and_shared_by_clients(self):
        server, nginx = self.serve(keep_answering(METADATA)), self.nginx()
        for _ in range(3):
            self.assertEqual(self.get(nginx, server), "x")
        self.assertEqual((len(server.heads), server.connections), (3, 1))

    def test_a_kept_connection_that_dies_in_the_moment_of_its_reuse_is_replaced_once(self):
        def handle(server, connection, number):
            if server.request(connection):
                connection.sendall(reply(METADATA))
                if server.request(connection) and number > 1:
                    connection.sendall(reply(METADATA))

        server, nginx = self.serve(handle), self.nginx()
        self.assertEqual(self.get(nginx, server), "x")
        self.assertEqual(self.get(nginx, server), "x")  # no retry of the client's, which has none
        self.assertEqual((len(server.heads), server.connections), (3, 2))

    def test_a_new_connection_that_dies_is_a_failure(self):
        server, nginx = self.serve(lambda server, connection, number: server.request(connection)), self.nginx()
        self.assertIn("the connection was closed inside the headers", self.get(nginx, server, FAIL))
        self.assertEqual(server.connections, 1)

    def test_a_kept_connection_that_dies_behind_the_first_byte_is_a_failure(self):
        def handle(server, connection, number):
            server.request(connection)
            connection.sendall(reply(METADATA))
            server.request(connection)
            connection.sendall(b"HTTP/1.1 2")

        server, nginx = self.serve(handle), self.nginx()
        self.assertEqual(self.get(nginx, server), "x")
        self.assertIn("closed inside the headers", self.get(nginx, server, FAIL))
        self.assertEqual(server.connections, 1)

    def test_what_says_close_is_closed(self):
        def handle(server, connection, number):
            while server.request(connection):
                connection.sendall(reply(METADATA, "200 OK", "Connection: close"))

        server, nginx = self.serve(handle), self.nginx()
        for _ in range(2):
            self.assertEqual(self.get(nginx, server), "x")
        self.assertEqual(server.connections, 2)

    def test_a_connection_is_not_kept_before_the_whole_body_was_read(self):
        def handle(server, connection, number):
            while server.request(connection):
                connection.sendall(reply(b'{"issuer":"' + b"x" * 4194304 + b'"}'))

        server, nginx = self.serve(handle), self.nginx()
        for _ in range(2):
            self.assertIn("4194304", self.get(nginx, server, FAIL))
        self.assertEqual(server.connections, 2)

    def test_bytes_behind_an_answer_are_nobodys_answer(self):
        def handle(server, connection, number):
            while server.request(connection):
                connection.sendall(reply(METADATA) + reply({"issuer": "smuggled", "jwks_uri": "y"}))

        server, nginx = self.serve(handle), self.nginx()
        for _ in range(3):
            self.assertEqual(self.get(nginx, server), "x")

    def test_the_clients_own_http(self):
        nginx = self.nginx()
        self.run_lua(nginx, """
            local seen, made = {}, 0
            local function new()
              made = made + 1
              return { request_uri = function(self, uri, params)
                seen[#seen + 1] = { uri = uri, params = params }
                return { status = 200, reason = "OK", headers = { ["X-Ms-Request-Id"] = "r" }, body = '{"issuer":"h","jwks_uri":"y"}' }
              end }
            end
            local module = new()
            module.new = new
            for _, httpc in ipairs{ new, new(), module } do
              local client = azattest.AttestationClient{ endpoint = "https://a.test", httpc = httpc }
              assert(assert(client:get_open_id_metadata()).issuer == "h")
            end
            assert(#seen == 3 and made == 4)
            assert(seen[1].uri:find("https://a.test/.well-known/openid-configuration", 1, true) == 1)
            assert(seen[1].params.ssl_verify == true and seen[1].params.method == "GET" and seen[1].params.headers["User-Agent"])
            for text, part in pairs{ ["20: unable to get local issuer certificate"] = "lua_ssl_trusted_certificate",
                                     ["no resolver defined to resolve"] = "directive resolver", ["timeout"] = "took too long",
                                     ["closed"] = "a.test: closed" } do
              local client = azattest.AttestationClient{ endpoint = "https://a.test", retry_total = 0,
                httpc = { request_uri = function() return nil, text end } }
              must(part, client:get_open_id_metadata())
            end
            local client = azattest.AttestationClient{ endpoint = "https://a.test", httpc = { request_uri = function() error "mine" end } }
            raises("mine", client.get_open_id_metadata, client)
        """)


@needs_nginx
class Slow(WithServers):
    """No clock is looked at: limits of a few milliseconds against servers that never go on."""

    def silent(self, before=b""):
        def handle(server, connection, number):
            server.request(connection)
            if before:
                connection.sendall(before)
            connection.recv(1)  # until the other side gives up

        return self.serve(handle)

    def test_no_answer(self):
        text = self.get(self.nginx(), self.silent(), FAIL, more=", read_timeout = 0.05")
        self.assertRegex(text, r"127\.0\.0\.1:\d+: no byte came for 0\.05 s")
        self.assertIn("E_TIMEOUT", text)

    def test_a_body_that_stops(self):
        server = self.silent(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        self.assertIn("no byte came for 0.05 s", self.get(self.nginx(), server, FAIL, more=", read_timeout = 0.05"))

    def test_the_time_for_the_whole_call(self):
        def drip(server, connection, number):
            server.request(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while True:
                connection.sendall(b"x")
                time.sleep(0.005)

        text = self.get(self.nginx(), self.serve(drip), FAIL, more=", timeout = 0.2, read_timeout = 5")
        self.assertIn("E_TIMEOUT", text)

    def test_a_handshake_that_never_ends(self):
        def handle(server, connection, number):
            connection.recv(65536)
            connection.recv(1)

        server = self.serve(handle, tls=None)
        text = self.get(self.nginx(), server, FAIL, more=", connect_timeout = 0.05")
        self.assertRegex(text, "(the TLS handshake|connecting) took too long")  # the latter on a busy machine

    def test_a_server_without_tls(self):
        server = self.serve(lambda server, connection, number: connection.sendall(reply(METADATA)), tls=None)
        nginx = self.nginx(allowed=["SSL_do_handshake"])
        self.assertIn("the TLS handshake failed", self.get(nginx, server, FAIL))

    def test_wrong_answers(self):
        for answer, part in (
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", "two lengths"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "closed inside the body"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", "closed inside the body"),
            (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "bare line feed"), (b"nonsense\r\n\r\n", "no status line"),
            (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx", "compressed"),
        ):
            with self.subTest(part):
                def handle(server, connection, number, answer=answer):
                    server.request(connection)
                    connection.sendall(answer)

                text = self.get(self.nginx(), self.serve(handle), FAIL)
                self.assertIn(part, text)
                self.assertIn("E_RESPONSE", text)  # not E_TRANSPORT: bytes of an answer had come


@needs_nginx
@needs_command
class Faults(InNginx):
    """The local service misbehaves, and the client's own retries go on over cosockets."""

    def with_fault(self, fault, code, **values):
        emulator = Emulator("--fault", fault)
        self.addCleanup(emulator.stop)
        folder = tempfile.mkdtemp(prefix="azattest-resty-")
        self.addCleanup(shutil.rmtree, folder, True)
        quote = Path(folder) / "quote"
        quote.write_bytes(simulate(emulator.ready["state"]))
        return self.run_lua(self.nginx(ca_file=emulator.ca_file), """
            local client = azattest.AttestationClient{ endpoint = "<endpoint>", retry_delay = 0.001, retry_max_delay = 0.002<more> }
            local response, err = client:attest_sgx_enclave(read "<quote>")
        """ + code, endpoint=emulator.endpoint, quote=quote, **{"more": "", **values})

    def test_what_passes_is_tried_again(self):
        for fault in ("attest:1-2=503", "attest:1=429;retry-after-ms=1", "attest:1-3=reset", "certs:1=500", "certs:1=cut", "certs:1=reset",
                      "attest:drip;bytes=100;ms=1", "attest:1=delay;ms=20"):
            with self.subTest(fault):
                self.with_fault(fault, "assert(assert(response, err).value.is_validated)")

    def test_what_does_not_pass_fails(self):
        for fault, part in (("attest:503", "503"), ("attest:reset", "closed inside the headers"), ("attest:cut", "closed inside the body"),
                            ("attest:wrong-issuer", "issuer")):
            with self.subTest(fault):
                self.with_fault(fault, "must('%s', response, err)" % part)

    def test_a_service_whose_certificate_is_wrong(self):
        for wrong, part in (("ca", "lua_ssl_trusted_certificate"), ("name", "host mismatch"), ("expired", "check the clocks")):
            with self.subTest(wrong):
                self.with_fault("wrong-certificate;is=" + wrong, "must('%s', response, err) assert(err.attempts == 1)" % part)


@needs_nginx
@needs_command
class Phases(WithService):
    """One Lua block for each phase, which leaves its outcome in the error log."""

    SHARED = """
        function package.loaded.say(where)
          local azattest = require "azattest.resty"
          local verifier = azattest.Verifier{ endpoint = "<endpoint>", retry_total = 0 }
          local response, err = verifier:validate(package.loaded.token or "")
          local kept, why
          if package.loaded.verifier then kept, why = package.loaded.verifier:validate(package.loaded.token) end
          ngx.log(ngx.WARN, "OUTCOME ", where, ": ", tostring(response and true or err), " KEPT: ", tostring(kept and true or why))
        end
    """

    def test_each_phase(self):
        token = self.folder / "token"
        first = self.nginx()
        token.write_text(self.run_lua(first, """
            return assert(azattest.AttestationClient{ endpoint = "<endpoint>" }:attest_sgx_enclave(read "<quote>")).raw_token
        """))
        shared = self.SHARED.replace("<endpoint>", self.endpoint)
        block = lambda where: "{ package.loaded.say '%s' }" % where
        nginx = self.nginx({
            "/phases": "{ set_by_lua_block $x %s rewrite_by_lua_block %s access_by_lua_block %s content_by_lua_block { "
                       "package.loaded.say 'content' ngx.print 'body' } header_filter_by_lua_block %s body_filter_by_lua_block %s "
                       "log_by_lua_block %s }" % tuple(block(name) for name in (
                           "set", "rewrite", "access", "header_filter", "body_filter", "log")),
            "/prepare": """
                local azattest = require "azattest.resty"
                package.loaded.verifier = azattest.Verifier{ endpoint = "%s" }
                assert(package.loaded.verifier:validate(package.loaded.token))
                ngx.print "ready"
            """ % self.endpoint,
            "/timer": "assert(ngx.timer.at(0, function() package.loaded.say 'timer' end))",
        }, http="init_by_lua_block { %s local file = io.open '%s' package.loaded.token = file:read '*a' file:close() "
                "package.loaded.say 'init' } init_worker_by_lua_block { package.loaded.say 'init_worker' ngx.timer.at(0, function() "
                "package.loaded.say 'timer of init_worker' end) }" % (shared, token))
        self.assertEqual(nginx.get("/prepare").text, "ready")
        nginx.get("/phases")
        nginx.get("/timer")
        eventually(lambda: all("OUTCOME %s:" % where in nginx.log() for where in ("timer", "timer of init_worker", "log")),
                   "every phase has spoken")
        # what init says comes before the log file is open
        outcomes = dict(re.findall(r"OUTCOME ([\w ]+): (.* KEPT: (?:true|nil|.*?(?=,|$)))", nginx.said() + nginx.log(), re.M))
        for where in ("rewrite", "access", "content", "timer"):
            with self.subTest(where):
                self.assertEqual(outcomes[where], "true KEPT: true")
        self.assertTrue(outcomes["timer of init_worker"].startswith("true"), outcomes)
        for where in ("set", "header_filter", "body_filter", "log"):
            with self.subTest(where):
                self.assertIn("cannot send requests or wait in the phase %s: do it in a timer (ngx.timer.at(0" % where, outcomes[where])
                self.assertTrue(outcomes[where].endswith("KEPT: true"), outcomes[where])
        for where in ("init", "init_worker"):
            with self.subTest(where):
                self.assertIn("in the phase %s: do it in a timer" % where, outcomes[where])

    def test_outside_nginx_the_module_says_where_it_belongs(self):
        luajit = shutil.which("luajit")
        done = subprocess.run([luajit, "-e", "package.path='%s/?.lua' package.cpath='%s/?.so' require 'azattest.resty'" % (TREE, TREE)],
                              capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('runs inside nginx', done.stderr)
        self.assertIn('elsewhere require "azattest"', done.stderr)


if __name__ == "__main__":
    unittest.main()
