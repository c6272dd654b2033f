"""Credentials: the caller's own, the library's own against the local issuer, proxies, the program az."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from types import SimpleNamespace
from unittest import mock

import azattest
from azattest import AttestationAdministrationClient, AttestationClient

from support import WUS, Emulator, Script, answer, needs_command, run_python

SCOPE = "https://attest.azure.net/.default"
REPLY = {"token_type": "Bearer", "expires_in": 3599, "access_token": "tok-1"}


def header(request, name):
    return dict(request.headers).get(name)


def clean_environment(**values):
    """The process's environment without anything that a credential reads, and with these."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AZURE_", "IDENTITY_", "MSI_", "IMDS_", "DEFAULT_IDENTITY_"))
        and not name.lower().endswith("_proxy")
    }
    return mock.patch.dict(os.environ, {**kept, **values}, clear=True)


class OfTheCaller(unittest.TestCase):
    """What may stand at credential=."""

    def sent(self, credential, **options):
        transport = Script(answer({"error": {"code": "x", "message": "y"}}, 400))
        with AttestationClient(WUS, credential, transport=transport, **options) as client:
            with self.assertRaises(azattest.HttpResponseError):
                client.attest_sgx_enclave(b"no quote")
        return header(transport.requests[0], "Authorization")

    def test_every_kind_of_source(self):
        seen = []

        class Old:
            def get_token(self, *scopes, claims=None, tenant_id=None, **kwargs):
                seen.append(scopes)
                return SimpleNamespace(token="old", expires_on=int(time.time()) + 3600)

        class New(Old):
            def get_token_info(self, *scopes, options=None):
                return SimpleNamespace(token="new", expires_on=int(time.time()) + 3600, refresh_on=None, token_type="Bearer")

        for source, token in (
            ("text", "text"), (Old(), "old"), (New(), "new"), (lambda *scopes: "call", "call"),
            (lambda *scopes: ("pair", time.time() + 60), "pair"),
            (azattest.StaticTokenCredential("static"), "static"),
            (azattest.CallbackCredential(lambda scope: "callback"), "callback"),
        ):
            with self.subTest(token):
                self.assertEqual(self.sent(source), "Bearer " + token)
        self.assertEqual(seen, [(SCOPE,)])
        self.assertEqual(self.sent(lambda *scopes: "-".join(scopes), scopes=["a", "b"]), "Bearer a-b")

    def test_nothing_else_is_taken(self):
        for wrong in (5, b"bytes", object(), SimpleNamespace(get_token=5)):
            with self.subTest(wrong), self.assertRaises(TypeError):
                AttestationClient(WUS, wrong)
        with self.assertRaisesRegex(ValueError, "scopes"):
            AttestationClient("https://localhost:8443", "token")
        for wrong in (None, 5, SimpleNamespace(token=None), "two words", ""):
            with self.subTest(wrong), self.assertRaises((TypeError, ValueError)):
                self.sent(lambda *scopes: wrong)

    def test_an_asynchronous_credential_is_run_to_its_end(self):
        async def get_token(*scopes):
            return "-".join(scopes)

        self.assertEqual(self.sent(get_token, scopes=["a", "b"]), "Bearer a-b")

    def test_its_exception_is_what_the_caller_sees(self):
        class Mine(Exception):
            pass

        def fail(*scopes):
            raise Mine("secret words")

        with self.assertRaises(Mine):
            AttestationClient(WUS, fail, transport=Script()).attest_sgx_enclave(b"x")
        def interrupt(*scopes):
            raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            AttestationClient(WUS, interrupt, transport=Script()).attest_sgx_enclave(b"x")

    def test_one_token_serves_many_calls_and_a_401_gets_another(self):
        tokens = iter(["one", "two"])
        transport = Script(answer({}, 400), answer({}, 401), answer({}, 400))
        client = AttestationClient(WUS, lambda *scopes: (next(tokens), time.time() + 3600), transport=transport)
        for _ in range(2):
            with self.assertRaises(azattest.HttpResponseError):
                client.attest_sgx_enclave(b"x")
        self.assertEqual([header(r, "Authorization") for r in transport.requests], ["Bearer one", "Bearer one", "Bearer two"])

    def test_an_early_refresh_that_fails_keeps_the_token(self):
        answers = [SimpleNamespace(token="one", expires_on=time.time() + 3600, refresh_on=1), RuntimeError("no")]

        def get(*scopes):
            given = answers.pop(0)
            if isinstance(given, Exception):
                raise given
            return given

        transport = Script(answer({}, 400), answer({}, 400), answer({}, 400))
        client = AttestationClient(WUS, get, transport=transport)
        for _ in range(3):
            with self.assertRaises(azattest.HttpResponseError):
                client.attest_sgx_enclave(b"x")
        self.assertEqual(answers, [])
        self.assertEqual({header(r, "Authorization") for r in transport.requests}, {"Bearer one"})


class OfTheLibrary(unittest.TestCase):
    def test_get_token_as_azure_sdks_call_it(self):
        transport = Script(answer(REPLY))
        credential = azattest.ClientSecretCredential("t", "c", "s", transport=transport)
        token = credential.get_token(SCOPE, claims=None, tenant_id=None, enable_cae=True)
        self.assertEqual((token.token, tuple(token)), ("tok-1", (token.token, token.expires_on)))
        self.assertAlmostEqual(token.expires_on, time.time() + 3599, delta=30)
        self.assertNotIn("tok-1", repr(token))
        self.assertEqual(credential.get_token(SCOPE), token)  # of the cache
        request = transport.requests[0]
        self.assertEqual(request.url, "https://login.microsoftonline.com/t/oauth2/v2.0/token")
        self.assertIn(b"client_secret=s", request.body)
        with self.assertRaises(azattest.ClientAuthenticationError):
            credential.get_token(SCOPE, tenant_id="other")
        with self.assertRaises(ValueError):
            credential.get_token()
        with self.assertRaises(TypeError):
            credential.get_token(5)
        self.assertEqual(repr(credential), "ClientSecretCredential()")
        import pickle

        with self.assertRaises(TypeError):
            pickle.dumps(credential)

    def test_constructors(self):
        for make in (
            lambda: azattest.ClientSecretCredential("t", "c", "s", secret="x"),
            lambda: azattest.ClientSecretCredential("t", "c", 5),
            lambda: azattest.ClientCertificateCredential("t", "c"),
            lambda: azattest.ManagedIdentityCredential(transport=Script(), ca_file="x"),
            lambda: azattest.StaticTokenCredential(b"x"),
        ):
            with self.assertRaises(TypeError):
                make()
        for make in (
            lambda: azattest.ClientSecretCredential("a/b", "c", "s"),
            lambda: azattest.ClientCertificateCredential("t", "c", certificate_data=b"nonsense"),
            lambda: azattest.ManagedIdentityCredential(client_id="a", object_id="b"),
            lambda: azattest.AzureCliCredential(subscription="a;b"),
            lambda: azattest.AzureCliCredential(process_timeout=-1),
        ):
            with self.assertRaises(ValueError):
                make()
        with clean_environment(AZURE_TOKEN_CREDENTIALS="production"), self.assertRaises(ValueError):
            azattest.DefaultAzureCredential()

    def test_a_key_in_the_place_of_its_path_is_not_shown(self):
        for key in ("-----BEGIN PRIVATE KEY-----\nPLANTED\n", b"-----BEGIN PRIVATE KEY-----\nPLANTED\n"):
            with self.assertRaises(TypeError) as caught:
                azattest.ClientCertificateCredential("t", "c", key)
            self.assertNotIn("PLANTED", str(caught.exception))

    def test_failures(self):
        body = {"error": "invalid_client", "error_description": "AADSTS7000222: it has expired.\r\nTrace", "correlation_id": "c0"}
        credential = azattest.ClientSecretCredential("t", "c", "s3cret", transport=Script(answer(body, 401)))
        with self.assertRaises(azattest.ClientAuthenticationError) as caught:
            credential.get_token(SCOPE)
        error = caught.exception
        self.assertEqual((error.status_code, error.error_code), (401, "invalid_client"))
        for text in ("AADSTS7000222", "c0", "ClientSecretCredential", "make a new one"):
            self.assertIn(text, str(error))
        self.assertNotIn("s3cret", str(vars(error)))
        with clean_environment(), self.assertRaises(azattest.CredentialUnavailableError) as caught:
            azattest.EnvironmentCredential().get_token(SCOPE)
        self.assertIsInstance(caught.exception, azattest.ClientAuthenticationError)

    def test_an_early_import_of_azure_is_joined(self):
        code = """
import sys, types
core = types.ModuleType("azure.core.exceptions")
class AzureError(Exception):
    def __init__(self, message, *args, **kwargs): super().__init__(message)
class HttpResponseError(AzureError): pass
class ClientAuthenticationError(HttpResponseError): pass
core.AzureError, core.HttpResponseError, core.ClientAuthenticationError = AzureError, HttpResponseError, ClientAuthenticationError
identity = types.ModuleType("azure.identity")
class CredentialUnavailableError(ClientAuthenticationError): pass
identity.CredentialUnavailableError = CredentialUnavailableError
sys.modules.update({"azure": types.ModuleType("azure"), "azure.core": types.ModuleType("azure.core"),
                    "azure.core.exceptions": core, "azure.identity": identity})
import azattest
try:
    azattest.EnvironmentCredential().get_token("x")
except CredentialUnavailableError as error:
    print(isinstance(error, ClientAuthenticationError), isinstance(error, azattest.CredentialUnavailableError))
"""
        with clean_environment():
            done = run_python(code)
        self.assertEqual(done.stdout.strip(), "True True", done.stderr)


class Proxies(unittest.TestCase):
    """A request of a client goes where the variables say; one of a managed identity never does."""

    HOST = "proxy-test.eus.attest.azure.net"

    def first_line(self, environment, get=None, **options):
        """What the first connection to the proxy says; None when there is none."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        listener.settimeout(5)
        lines = []

        def serve():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                lines.append(connection.recv(4096).split(b"\r\n")[0].decode())
                connection.sendall(b"HTTP/1.1 502 no\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        proxy = "http://127.0.0.1:%d" % listener.getsockname()[1]
        values = {name: value.replace("PROXY", proxy) for name, value in environment.items()}
        options = {name: value.replace("PROXY", proxy) if isinstance(value, str) else value for name, value in options.items()}
        with clean_environment(**values):
            try:
                (get or self.fetch)(**options)
            except azattest.Error:
                pass
        listener.close() if lines else socket.create_connection(listener.getsockname()).close()
        thread.join()
        return lines[0] if lines and lines[0] else None

    def fetch(self, **options):
        options.setdefault("connect_timeout", 0.2)
        with AttestationClient("https://" + self.HOST, retry_total=0, timeout=3, **options) as client:
            client.get_signing_certificates()

    def test_variables(self):
        connect = "CONNECT %s:443 HTTP/1.1" % self.HOST
        for environment, options, expected in (
            ({"HTTPS_PROXY": "PROXY"}, {}, connect),
            ({"https_proxy": "PROXY"}, {}, connect),
            ({"ALL_PROXY": "PROXY"}, {}, connect),
            ({"all_proxy": "PROXY"}, {}, connect),
            ({"HTTP_PROXY": "PROXY"}, {}, None),
            ({"HTTPS_PROXY": "PROXY", "NO_PROXY": "*"}, {}, None),
            ({"HTTPS_PROXY": "PROXY", "NO_PROXY": "azure.net"}, {}, None),
            ({"HTTPS_PROXY": "PROXY", "no_proxy": ".attest.azure.net"}, {}, None),
            ({"HTTPS_PROXY": "PROXY", "NO_PROXY": "other.example, " + self.HOST}, {}, None),
            ({"HTTPS_PROXY": "PROXY", "NO_PROXY": "ure.net"}, {}, connect),
            ({"HTTPS_PROXY": "PROXY"}, {"proxy": ""}, None),
            ({}, {"proxy": "PROXY"}, connect),
        ):
            with self.subTest(environment, **options):
                self.assertEqual(self.first_line(environment, **options), expected)

    def test_managed_identities_pass_none(self):
        def get(**options):
            azattest.ManagedIdentityCredential(connect_timeout=0.2, **options).get_token(SCOPE)

        imds = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:9"}
        for environment, options in (
            ({"HTTP_PROXY": "PROXY", "http_proxy": "PROXY", "ALL_PROXY": "PROXY", **imds}, {}),
            (imds, {"proxy": "PROXY"}),
        ):
            with self.subTest(environment, **options):
                self.assertIsNone(self.first_line(environment, get, **options))


class TheCli(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="azattest-az-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def az(self, text):
        path = os.path.join(self.folder, "az")
        with open(path, "w") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(path, 0o755)
        return clean_environment(PATH=self.folder + os.pathsep + os.environ["PATH"])

    def test_a_token_over_libcurl_and_over_a_transport_of_ones_own(self):
        with self.az("echo '{\"accessToken\":\"tok-1\",\"expires_on\":4102444800}'"):
            for options in ({}, {"transport": Script()}):
                token = azattest.AzureCliCredential(**options).get_token(SCOPE)
                self.assertEqual(token, ("tok-1", 4102444800))

    def test_what_goes_wrong(self):
        with self.az("echo 'Please run az login' >&2; exit 1"), self.assertRaises(azattest.CredentialUnavailableError):
            azattest.AzureCliCredential().get_token(SCOPE)
        with self.az("echo boom >&2; exit 1"), self.assertRaisesRegex(azattest.ClientAuthenticationError, "boom"):
            azattest.AzureCliCredential().get_token(SCOPE)
        with self.az("sleep 100"), self.assertRaisesRegex(azattest.Error, "300 ms"):
            azattest.AzureCliCredential(process_timeout=0.3).get_token(SCOPE)
        with clean_environment(PATH=self.folder + "/none"), self.assertRaises(azattest.CredentialUnavailableError):
            azattest.AzureCliCredential().get_token(SCOPE)

    def test_ctrl_c_ends_it(self):
        with self.az("sleep 100"):
            code = """
import azattest, os, signal, threading
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    azattest.AzureCliCredential().get_token("x")
except KeyboardInterrupt:
    print("interrupted")
"""
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30,
                                  env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)})
        self.assertEqual(done.stdout.strip(), "interrupted", done.stderr)


@needs_command
class LocalIssuer(unittest.TestCase):
    """Every credential for real: its token is what the local service takes for a policy call."""

    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator()
        cls.addClassCleanup(cls.emulator.stop)
        cls.ready = cls.emulator.ready
        cls.common = dict(authority_host=cls.ready["authority_host"], ca_file=cls.emulator.ca_file)

    def check(self, credential):
        with AttestationAdministrationClient(
            self.emulator.endpoint, credential, scopes=SCOPE, ca_file=self.emulator.ca_file
        ) as client:
            self.assertIsNotNone(client.get_policy("SgxEnclave").value)

    def test_client_secret(self):
        ready = self.ready
        self.check(azattest.ClientSecretCredential(ready["tenant_id"], ready["client_id"], ready["client_secret"], **self.common))
        with self.assertRaisesRegex(azattest.ClientAuthenticationError, "AADSTS7000215"):
            self.check(azattest.ClientSecretCredential(ready["tenant_id"], ready["client_id"], "wrong", **self.common))
        with self.assertRaises(azattest.ClientAuthenticationError):
            self.check(azattest.ClientSecretCredential(ready["tenant_id"], "nobody", "wrong", **self.common))

    def test_an_identity_without_a_role_is_told_which_one_it_needs(self):
        nobody = next(each for each in self.ready["identities"] if not each["roles"])
        with self.assertRaisesRegex(azattest.ClientAuthenticationError, "Attestation Reader"):
            self.check(azattest.ClientSecretCredential(
                self.ready["tenant_id"], nobody["client_id"], nobody["client_secret"], **self.common))

    def test_a_token_that_nobody_issued(self):
        with self.assertRaisesRegex(azattest.ClientAuthenticationError, "StaticTokenCredential"):
            self.check("eyJhbGciOiJub25lIn0.e30.")

    def test_client_certificate(self):
        for options in ({}, {"send_certificate_chain": True}, {"x5t_sha1": True}):
            with self.subTest(**options):
                self.check(azattest.ClientCertificateCredential(
                    self.ready["tenant_id"], self.ready["client_id"], self.ready["client_certificate_file"],
                    **self.common, **options))

    def test_pkcs12(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "app.p12")
            for export in (["-passout", "pass:p4ss"], ["-passout", "pass:"]):
                made = subprocess.run(["openssl", "pkcs12", "-export", "-in", self.ready["client_certificate_file"], "-out", path,
                                       *export], capture_output=True)
                if made.returncode:
                    self.skipTest("no openssl")
                with open(path, "rb") as file:
                    content = file.read()
                make = lambda **options: azattest.ClientCertificateCredential(
                    self.ready["tenant_id"], self.ready["client_id"], **self.common, **options)
                if "p4ss" in export[1]:
                    self.check(make(certificate_path=path, password=b"p4ss"))
                    for wrong in ("wrong", None):
                        with self.assertRaisesRegex(ValueError, "PKCS#12"):
                            make(certificate_data=content, password=wrong)
                else:
                    self.check(make(certificate_data=content))
                for cut in range(0, len(content), 37):
                    with self.assertRaises(ValueError):
                        make(certificate_data=content[:cut], password="p4ss")

    def test_workload_identity(self):
        with clean_environment():
            self.check(azattest.WorkloadIdentityCredential(
                tenant_id=self.ready["tenant_id"], client_id=self.ready["client_id"],
                token_file_path=self.ready["federated_token_file"], **self.common))

    def test_environment(self):
        values = dict(AZURE_TENANT_ID=self.ready["tenant_id"], AZURE_CLIENT_ID=self.ready["client_id"],
                      AZURE_AUTHORITY_HOST=self.ready["authority_host"])
        for more in ({"AZURE_CLIENT_SECRET": self.ready["client_secret"]},
                     {"AZURE_CLIENT_CERTIFICATE_PATH": self.ready["client_certificate_file"]}):
            with self.subTest(**more), clean_environment(**values, **more):
                self.check(azattest.EnvironmentCredential())
                self.check(azattest.DefaultAzureCredential())

    def test_imds(self):
        reader = next(each for each in self.ready["identities"] if each["name"] == "reader")
        with clean_environment(AZURE_POD_IDENTITY_AUTHORITY_HOST=self.ready["imds_endpoint"]):
            self.check(azattest.ManagedIdentityCredential())
            self.check(azattest.DefaultAzureCredential())
            self.check(azattest.ManagedIdentityCredential(client_id=reader["client_id"]))
            self.check(azattest.ManagedIdentityCredential(object_id=reader["object_id"]))
            with self.assertRaises(azattest.CredentialUnavailableError):
                self.check(azattest.ManagedIdentityCredential(client_id="nobody"))

    def test_app_service(self):
        service = self.ready["app_service"]
        for values in (
            dict(IDENTITY_ENDPOINT=service["identity_endpoint"], IDENTITY_HEADER=service["identity_header"]),
            dict(MSI_ENDPOINT=service["identity_endpoint"], MSI_SECRET=service["identity_header"]),
        ):
            with self.subTest(**values), clean_environment(**values):
                self.check(azattest.ManagedIdentityCredential())
                self.check(azattest.DefaultAzureCredential())

    def test_a_credential_of_ours_for_a_client_of_theirs(self):
        """What azure-core's policy does with a credential, in its own words."""
        ready = self.ready
        credential = azattest.ClientSecretCredential(ready["tenant_id"], ready["client_id"], ready["client_secret"], **self.common)
        token = credential.get_token(SCOPE, enable_cae=False)
        self.assertGreater(token.expires_on, time.time() + 300)
        self.check(SimpleNamespace(get_token=lambda *scopes, **kwargs: token))

    def test_many_threads_one_token(self):
        ready = self.ready
        credential = azattest.ClientSecretCredential(ready["tenant_id"], ready["client_id"], ready["client_secret"], **self.common)
        tokens = []
        threads = [threading.Thread(target=lambda: tokens.append(credential.get_token(SCOPE).token)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(tokens), len(set(tokens))), (8, 1))


@needs_command
class ServiceFabric(unittest.TestCase):
    """The server is known by the SHA-1 of its certificate, and by nothing else."""

    def test_thumbprint(self):
        import hashlib
        import http.server
        import ssl

        folder = tempfile.mkdtemp(prefix="azattest-sf-")
        self.addCleanup(shutil.rmtree, folder, True)
        pem = os.path.join(folder, "server.pem")
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pem, "-out", pem + ".crt", "-days", "2",
             "-subj", "/CN=ServiceFabric"], capture_output=True)
        if made.returncode:
            self.skipTest("no openssl")
        with open(pem, "a") as out, open(pem + ".crt") as crt:
            out.write(crt.read())
        with open(pem + ".crt") as crt:
            thumbprint = hashlib.sha1(ssl.PEM_cert_to_DER_cert(crt.read())).hexdigest()
        seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append((self.path, self.headers["Secret"]))
                body = b'{"access_token":"tok-1","expires_on":%d}' % (time.time() + 3600)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        values = dict(IDENTITY_ENDPOINT="https://127.0.0.1:%d/token" % server.server_port, IDENTITY_HEADER="h3ad")
        with clean_environment(IDENTITY_SERVER_THUMBPRINT=thumbprint.upper(), **values):
            self.assertEqual(azattest.ManagedIdentityCredential().get_token(SCOPE).token, "tok-1")
        self.assertEqual(len(seen), 1)
        self.assertIn("h3ad", seen[0])
        with clean_environment(IDENTITY_SERVER_THUMBPRINT="0" * 40, **values):
            with self.assertRaisesRegex(azattest.Error, "thumbprint"):
                azattest.ManagedIdentityCredential().get_token(SCOPE)
        self.assertEqual(len(seen), 1)  # the secret was not sent


if __name__ == "__main__":
    unittest.main()
