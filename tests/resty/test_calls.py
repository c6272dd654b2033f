"""azattest.resty inside nginx against the local service over verified TLS: every operation of both clients, every
credential, light threads, many requests at once, what the worker has loaded.
"""

import socket
import subprocess
import tempfile
import threading
import unittest

from nginx import eventually, needs_nginx
from service import (COMMAND, EVIDENCE, SCOPE, Emulator, Proxy, Server, WithService, make_certificate, needs_command, needs_evidence, reply,
                     simulate)


@needs_nginx
@needs_command
class Operations(WithService):
    def setUp(self):
        self.server = self.nginx()

    def lua(self, code, **values):
        return self.run_lua(self.server, code, **values)

    def test_a_quote_is_attested_and_its_token_validated(self):
        self.lua("""
            local client = azattest.AttestationClient{ endpoint = "<endpoint>" }
            local response = assert(client:attest_sgx_enclave(read "<quote>", { nonce = "n-1" }))
            assert(response.value.is_validated and response.value.nonce == "n-1")
            assert(tostring(response):find("verified AttestationResponse", 1, true))
            local verifier = azattest.Verifier{ endpoint = "<endpoint>" }
            for _ = 1, 3 do assert(assert(verifier:validate(response.raw_token)).token.is_validated) end
            must("nonce", verifier:validate(response.raw_token, { expected_nonce = "n-2" }))
            assert(verifier:export_keys():find '"keys"')
            assert(assert(client:get_signing_certificates()).count > 0)
            assert(assert(client:get_open_id_metadata()).issuer == "<endpoint>")
            client:close()
            raises("closed", client.get_open_id_metadata, client)
        """)

    def test_every_attest_call_reaches_the_service(self):
        """What the local service does not judge it refuses with a code; that is an answer over the wire all the same."""
        report = self.folder / "report"
        report.write_bytes(simulate_report(self.ready["state"]))
        self.lua("""
            local client = azattest.AttestationClient{ endpoint = "<endpoint>" }
            assert(assert(client:attest_open_enclave(read "<report>")).value.is_validated)
            client = azattest.AttestationClient{ endpoint = "<endpoint>", api_version = "2026-03-11-preview" } -- which has them all
            local quote, json = read "<quote>", '{"payload":{"type":"aikcert"}}'
            for name, content in pairs{
              attest_sev_snp_vm = ("\\2" .. ("\\0"):rep(1183)), attest_tdx_vm = ("\\4\\0\\2\\0\\129" .. ("\\0"):rep(5000)), attest_mdep_tz = "report",
              attest_azure_guest = json, attest_key_guard = json, attest_tpm = json, attest_pluton = json,
            } do
              local chain = name == "attest_sev_snp_vm" and read "<ca_file>" or nil
              local result, err = client[name](client, content, { vcek_chain = chain })
              if not result then
                assert(err.code == azattest.Status.E_HTTP, name .. ": " .. tostring(err))
                assert(err.status_code >= 400 and err.status_code < 500 and err.client_request_id, name)
              end
            end
            local _, err = client:get_tcb_baseline("SgxEnclave")
            assert(err == nil or err.code == azattest.Status.E_HTTP, tostring(err))
        """, report=report)

    def test_policies_and_certificates(self):
        self.lua("""
            local credential = assert(azattest.credentials.client_secret{ tenant_id = "<tenant_id>", client_id = "<client_id>",
              client_secret = "<client_secret>", authority_host = "<authority_host>" })
            local admin = assert(azattest.AttestationAdministrationClient{ endpoint = "<endpoint>", credential = credential,
              scopes = "<scope>" })
            local policy = assert(admin:get_policy(azattest.AttestationType.SGX_ENCLAVE)).value
            assert(policy:find "authorizationrules")
            local changed = assert(admin:set_policy("SgxEnclave", policy .. " "))
            assert(changed.value.policy_resolution == azattest.PolicyModification.UPDATED)
            assert(assert(admin:get_policy("SgxEnclave")).value == policy .. " ")
            assert(assert(admin:reset_policy("SgxEnclave")).value.policy_resolution == "Removed")
            assert(assert(admin:get_policy_management_certificates()).value)
        """, scope=SCOPE)

    def test_policy_management_certificates_of_an_isolated_instance(self):
        for name in ("owner", "next"):
            subprocess.run([COMMAND, "simulate", "signing-key", "--out-key", self.folder / (name + ".key"), "--out-certificate",
                            self.folder / (name + ".crt")], check=True, capture_output=True)
        isolated = Emulator("--mode", "isolated", "--policy-certificate", str(self.folder / "owner.crt"))
        self.addCleanup(isolated.stop)
        server = self.nginx(ca_file=isolated.ca_file)
        values = {name: value for name, value in isolated.ready.items() if isinstance(value, str)}
        self.run_lua(server, """
            local admin = assert(azattest.AttestationAdministrationClient{ endpoint = "<endpoint>", scopes = "<scope>",
              credential = azattest.ClientSecretCredential{ tenant_id = "<tenant_id>", client_id = "<client_id>",
                client_secret = "<client_secret>", authority_host = "<authority_host>" },
              signing_key = read "<folder>/owner.key", signing_certificate = read "<folder>/owner.crt" })
            local before = assert(admin:get_policy_management_certificates()).value
            assert(before.count == 1)
            local added = assert(admin:add_policy_management_certificate(read "<folder>/next.crt"))
            assert(added.value.certificate_resolution == azattest.CertificateModification.IS_PRESENT)
            assert(assert(admin:get_policy_management_certificates()).value.count == 2)
            local gone = assert(admin:remove_policy_management_certificate(read "<folder>/next.crt"))
            assert(gone.value.certificate_resolution == "IsAbsent")
        """, scope=SCOPE, folder=self.folder, **values)

    def test_calls_in_one_line(self):
        self.lua("""
            local response = assert(azattest.attest.attest_sgx_enclave(read "<quote>", { endpoint = "<endpoint>" }))
            assert(response.value.is_validated)
            raises("env AZATTEST_ENDPOINT;", azattest.attest.get_open_id_metadata)
            assert(require "azattest.resty.attest" == azattest.attest)
            assert(require "azattest.resty.policy" == azattest.policy)
            assert(require "azattest.resty.certificates" == azattest.certificates)
            assert(assert(azattest.certificates.get_signing_certificates{ endpoint = "<endpoint>" }).count > 0)
            local text = assert(azattest.policy.get_policy("SgxEnclave", { endpoint = "<endpoint>", scopes = "<scope>",
              credential = azattest.ClientSecretCredential{ tenant_id = "<tenant_id>", client_id = "<client_id>",
                client_secret = "<client_secret>", authority_host = "<authority_host>" } })).value
            assert(text:find "version")
        """, scope=SCOPE)

    @needs_evidence
    def test_a_real_quote_is_attested(self):
        self.lua("""
            local quote = assert(azattest.Evidence.load(read "<file>"))
            local client = azattest.AttestationClient{ endpoint = "<endpoint>" }
            local value = assert(client:attest_sgx_enclave(quote.raw, { runtime_data = quote.held_data })).value
            assert(value.mr_enclave_bytes == quote.mr_enclave)
        """, file=EVIDENCE / "sgx/azure-intelsdk-2023-release.json")

    def test_callbacks_of_the_caller_may_wait(self):
        self.lua("""
            local called
            local client = azattest.AttestationClient{ endpoint = "<endpoint>",
              validation_options = { validation_callback = function(token, signer)
                ngx.sleep(0.001)
                called = token.issuer
                return true
              end } }
            assert(client:attest_sgx_enclave(read "<quote>"))
            assert(called == "<endpoint>")
            local admin = azattest.AttestationAdministrationClient{ endpoint = "<endpoint>", scopes = "<scope>",
              credential = function(scope)
                ngx.sleep(0.001)
                local source = azattest.credentials.client_secret{ tenant_id = "<tenant_id>", client_id = "<client_id>",
                  client_secret = "<client_secret>", authority_host = "<authority_host>" }
                return source:get_token(scope)
              end }
            assert(admin:get_policy("SgxEnclave"))
        """, scope=SCOPE)

    def test_one_client_in_many_light_threads(self):
        self.lua("""
            local client, verifier = azattest.AttestationClient{ endpoint = "<endpoint>" }, azattest.Verifier{ endpoint = "<endpoint>" }
            local quote, threads = read "<quote>", {}
            for i = 1, 20 do
              threads[i] = ngx.thread.spawn(function()
                local response = assert(client:attest_sgx_enclave(quote, { nonce = "n-" .. i }))
                return assert(verifier:validate(response.raw_token)).value.nonce
              end)
            end
            for i = 1, 20 do
              local ok, nonce = ngx.thread.wait(threads[i])
              assert(ok and nonce == "n-" .. i, nonce)
            end
        """)

    def test_a_killed_light_thread_leaves_the_client_usable(self):
        self.lua("""
            local client = azattest.AttestationClient{ endpoint = "<endpoint>" }
            local verifier = azattest.Verifier{ endpoint = "<endpoint>" }
            local token = assert(client:attest_sgx_enclave(read "<quote>")).raw_token;
            for _ = 1, 5 do
              local thread = ngx.thread.spawn(function() return client:get_signing_certificates() end)
              assert(ngx.thread.kill(thread))
            end;
            (function()
              local first = ngx.thread.spawn(function() return verifier:validate(token) end)
              ngx.thread.kill(first)
            end)()
            collectgarbage()
            collectgarbage()
            assert(verifier:validate(token)) -- the killed one's turn to fetch the keys is over
            assert(client:get_signing_certificates())
        """)

    def test_a_client_that_goes_away_takes_its_turn_to_fetch_keys_along(self):
        token = self.folder / "token"
        proxy = Proxy(silent=1)  # the first connection gets no answer
        self.addCleanup(proxy.stop)
        server = self.nginx({"/validate": """{ lua_check_client_abort on; content_by_lua_block {
            local azattest = require "azattest.resty"
            package.loaded.verifier = package.loaded.verifier or azattest.Verifier{ endpoint = "%s", proxy = "http://%s" }
            collectgarbage() collectgarbage()
            local file = io.open "%s"
            local response, err = package.loaded.verifier:validate(file:read "*a")
            file:close()
            ngx.print(response and "valid" or tostring(err))
        } }""" % (self.endpoint, proxy.place, token)})
        token.write_text(self.run_lua(server, """
            local client = azattest.AttestationClient{ endpoint = "<endpoint>" }
            return assert(client:attest_sgx_enclave(read "<quote>")).raw_token
        """))
        with socket.create_connection(("127.0.0.1", server.port)) as impatient:
            impatient.sendall(b"GET /validate HTTP/1.1\r\nHost: x\r\n\r\n")
            eventually(lambda: proxy.heads, "the keys are asked for")
        eventually(lambda: "client prematurely closed connection" in server.log(), "nginx sees that its client has gone")
        self.assertEqual(server.get("/validate").text, "valid")

    def test_the_worker_has_no_libcurl(self):
        self.lua("""
            local client = azattest.AttestationClient{ endpoint = "<endpoint>" }
            assert(client:attest_sgx_enclave(read "<quote>"))
            must("nginx", azattest.credentials.azure_cli():get_token "<scope>")
        """, scope=SCOPE)
        for pid in self.server.workers():
            with open("/proc/%d/maps" % pid) as file:
                maps = file.read()
            self.assertIn("libazattest_core", maps)
            self.assertIn("libcrypto.so.3", maps)
            for name in ("libcurl", "libazattest.so", "azattest/curl.so"):
                self.assertNotIn(name, maps)

    def test_the_blocking_package_is_refused_in_a_worker(self):
        self.lua("""
            local blocking = require "azattest"
            local client = blocking.AttestationClient{ endpoint = "<endpoint>" }
            raises("azattest.resty", client.get_open_id_metadata, client)
            raises("azattest.resty", azattest.attest.get_open_id_metadata, { client = client })
            raises("azattest.resty", require("azattest.attest").get_open_id_metadata, { endpoint = "<endpoint>" })
        """)

    def test_a_reload_and_the_end_under_load_are_clean(self):
        code = """
            local client = azattest.AttestationClient{ endpoint = "<endpoint>" }
            assert(assert(client:attest_sgx_enclave(read "<quote>")).value.is_validated)
        """
        server = self.nginx(http="init_by_lua_block { require 'azattest.resty' }")
        before = server.workers()
        self.run_lua(server, code)
        server.reload()
        self.assertNotEqual(before, server.workers())
        self.run_lua(server, code)

    def test_who_asks(self):
        seen = self.folder / "tls"
        seen.mkdir(exist_ok=True)
        tls = make_certificate(seen)
        other = Server(lambda server, connection, number: server.request(connection) and connection.sendall(reply({"keys": []})), tls)
        self.addCleanup(other.stop)
        server = self.nginx(ca_file=tls[0])
        self.run_lua(server, """
            local client = azattest.AttestationClient{ endpoint = "https://127.0.0.1:<port>", application_id = "my app", retry_total = 0 }
            client:get_open_id_metadata()
        """, port=other.port)
        head = other.heads[0]
        self.assertRegex(head, r"User-Agent: my app azattest-lua/\d+\.\d+\.\d+ (nginx|openresty)/\d+\.\d+\.\d+ OpenSSL/3\.")
        self.assertRegex(head, r"^GET /\.well-known/openid-configuration\S* HTTP/1\.1\r\nHost: 127\.0\.0\.1:%d\r\n" % other.port)

    def test_messages_go_to_the_log_of_nginx(self):
        server = self.nginx(environment={"AZURE_LOG_LEVEL": "info"})
        self.run_lua(server, """
            local client = azattest.AttestationClient{ endpoint = "<endpoint>" }
            assert(client:attest_sgx_enclave(read "<quote>"))
        """)
        self.assertRegex(server.log(), r"\[info\] .*attest SGX enclave")
        self.assertNotIn("Bearer", server.log())


def simulate_report(state):
    return subprocess.run([COMMAND, "simulate", "open-enclave-report", "--state", state, "--out", "-"], check=True,
                          capture_output=True).stdout


@needs_nginx
@needs_command
class Credentials(WithService):
    """Each for real: its token is what the local service takes for a policy call."""

    CHECK = """
        local function check(credential, err)
          assert(credential, err)
          local admin = assert(azattest.AttestationAdministrationClient{ endpoint = "<endpoint>", credential = credential,
            scopes = "<scope>" })
          assert(admin:get_policy("SgxEnclave"))
        end
        local credentials = azattest.credentials
    """

    def check(self, code, environment=None, **values):
        server = self.nginx(environment=environment)
        self.run_lua(server, self.CHECK + code, scope=SCOPE, **values)
        return server

    def test_a_client_secret(self):
        self.check("""
            local options = { tenant_id = "<tenant_id>", client_id = "<client_id>", client_secret = "<client_secret>",
              authority_host = "<authority_host>" }
            check(credentials.client_secret(options))
            local token = assert(azattest.ClientSecretCredential(options):get_token "<scope>")
            check(token.token)
            check(credentials.static_token(token.token, token.expires_on))
            check(function() return token.token end)
            check{ get_token = function() return token end }
            options.client_secret = "wrong"
            must("AADSTS7000215", credentials.client_secret(options):get_token "<scope>")
        """)

    def test_a_client_certificate(self):
        self.check("""
            for _, more in ipairs{ {}, { send_certificate_chain = true }, { x5t_sha1 = true } } do
              more.tenant_id, more.client_id, more.authority_host = "<tenant_id>", "<client_id>", "<authority_host>"
              more.certificate_path = "<client_certificate_file>"
              check(credentials.client_certificate(more))
            end
        """)

    def test_a_workload_identity(self):
        self.check("""
            check(credentials.workload_identity{ tenant_id = "<tenant_id>", client_id = "<client_id>",
              token_file_path = "<federated_token_file>", authority_host = "<authority_host>" })
            must("/none", credentials.workload_identity{ tenant_id = "<tenant_id>", client_id = "<client_id>",
              token_file_path = "<folder>/none", authority_host = "<authority_host>" }:get_token "<scope>")
            must("cannot be read", credentials.workload_identity{ tenant_id = "<tenant_id>", client_id = "<client_id>",
              token_file_path = "<folder>", authority_host = "<authority_host>" }:get_token "<scope>")
        """, folder=self.folder)
        self.check("check(credentials.workload_identity()) check(credentials.default())", {
            "AZURE_TENANT_ID": self.ready["tenant_id"], "AZURE_CLIENT_ID": self.ready["client_id"],
            "AZURE_FEDERATED_TOKEN_FILE": self.ready["federated_token_file"], "AZURE_AUTHORITY_HOST": self.ready["authority_host"]})

    def test_the_environment(self):
        known = {"AZURE_TENANT_ID": self.ready["tenant_id"], "AZURE_CLIENT_ID": self.ready["client_id"],
                 "AZURE_AUTHORITY_HOST": self.ready["authority_host"]}
        for more in ({"AZURE_CLIENT_SECRET": self.ready["client_secret"]},
                     {"AZURE_CLIENT_CERTIFICATE_PATH": self.ready["client_certificate_file"]}):
            with self.subTest(**more):
                self.check("check(credentials.environment()) check(azattest.DefaultAzureCredential())", {**known, **more})

    def test_a_managed_identity_of_a_virtual_machine(self):
        self.check("check(credentials.managed_identity()) check(credentials.default())",
                   {"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.ready["imds_endpoint"]})

    def test_a_managed_identity_of_app_service_past_any_proxy(self):
        service = self.ready["app_service"]
        self.check("check(credentials.managed_identity())", {
            "IDENTITY_ENDPOINT": service["identity_endpoint"], "IDENTITY_HEADER": service["identity_header"],
            "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"})

    def test_service_fabric_is_refused_because_its_certificate_cannot_be_seen(self):
        server = self.check("""
            local err = must("cosockets cannot show the certificate", credentials.managed_identity():get_token "<scope>")
            assert(tostring(err):find("Service Fabric", 1, true))
        """, {"IDENTITY_ENDPOINT": "https://127.0.0.1:1/token", "IDENTITY_HEADER": "planted-secret", "IDENTITY_SERVER_THUMBPRINT": "ab" * 20})
        self.assertNotIn("planted-secret", server.log())

    def test_the_default_chain_tells_why_the_cli_was_not_asked(self):
        self.check("""
            local err = must("The Azure CLI is not run inside nginx", credentials.default{ }:get_token "<scope>")
            assert(tostring(err):find("EnvironmentCredential", 1, true), tostring(err))
        """.replace("The Azure", "the Azure"), {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1"})


@needs_nginx
class ManyAtOnce(WithService):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="azattest-resty-")
        cls.addClassCleanup(subprocess.run, ["rm", "-r", cls.folder])
        cls.tls = make_certificate(cls.folder)
        cls.ca_file = cls.tls[0]

    def test_fifty_requests_wait_together_and_an_unrelated_one_passes_them(self):
        """The service answers nobody before all fifty are there; meanwhile another request gets its answer."""
        count, arrived, release = 50, [], threading.Event()
        lock = threading.Lock()

        def gate(server, connection, number):
            while server.request(connection):
                with lock:
                    arrived.append(number)
                release.wait(60)
                connection.sendall(reply({"issuer": "x", "jwks_uri": "y"}))

        service = Server(gate, self.tls)
        self.addCleanup(service.stop)
        self.addCleanup(release.set)
        server = self.nginx({"/call": """
            local azattest = require "azattest.resty"
            client = client or azattest.AttestationClient{ endpoint = "https://127.0.0.1:%d" }
            ngx.print(assert(client:get_open_id_metadata()).issuer)
        """.replace("client = client or", "package.loaded.the_client = package.loaded.the_client or")
           .replace("assert(client:", "assert(package.loaded.the_client:") % service.port})
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(server.get("/call").text)) for _ in range(count)]
        for thread in threads:
            thread.start()
        eventually(lambda: len(arrived) == count, "all requests have reached the service")
        self.assertEqual(server.get("/alive").text, "alive")
        self.assertEqual(answers, [])
        release.set()
        for thread in threads:
            thread.join()
        self.assertEqual(answers, ["x"] * count)
        self.assertEqual(len(server.workers()), 1)


if __name__ == "__main__":
    unittest.main()
