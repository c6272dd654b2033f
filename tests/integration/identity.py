"""The local service's identities, instances and faults, over real sockets: tokens from its issuer by every way, roles,
several instances in one process, answers that go wrong on request. Standard library only."""

import base64
import http.client
import json
import socket
import ssl
import time
import unittest
import urllib.parse
from email.utils import parsedate_to_datetime
from pathlib import Path

from command_support import CommandTest, Emulator, UNREACHED, VALID, WRONG_USE, b64url, main, make_token, unb64url

SCOPE = "https://attest.azure.net/.default"
ATTEST = "/attest/SgxEnclave?api-version=2025-06-01"
POLICY = "/policies/SgxEnclave?api-version=2020-10-01"
RESET = "/policies/SgxEnclave:reset?api-version=2020-10-01"
EMPTY = "eyJhbGciOiJub25lIn0.."


class Answer:
    def __init__(self, answer):
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()

    @property
    def document(self):
        return json.loads(self.body)


def ask(ready, method, target, body=None, endpoint=None, host=None, **headers):
    """One request; `endpoint` instead of the first instance's, `host` for the name in TLS and in the header."""
    address = urllib.parse.urlsplit(endpoint or ready["endpoint"])
    if address.scheme == "http":
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    else:
        context = ssl.create_default_context(cafile=ready["ca_file"])
        connection = http.client.HTTPSConnection(address.hostname, address.port, context=context, timeout=60)
        if host is not None:
            raw = socket.create_connection((urllib.parse.urlsplit(ready["endpoint"]).hostname, address.port), timeout=60)
            connection.sock = context.wrap_socket(raw, server_hostname=host)
    try:
        connection.request(method, target, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def claims_of(token):
    return json.loads(unb64url(token.split(".")[1]))


class IdentityTest(CommandTest):
    def start(self, *words):
        emulator = Emulator(*words)
        self.addCleanup(lambda: emulator.process.poll() is None and emulator.stop())
        return emulator.ready

    def grant(self, ready, identity=0, scope=SCOPE, **fields):
        who = ready["identities"][identity]
        form = {"grant_type": "client_credentials", "client_id": who["client_id"], "scope": scope, **fields}
        if "client_assertion" not in form and "client_secret" not in form:
            form["client_secret"] = who["client_secret"]
        return ask(ready, "POST", f"/{ready['tenant_id']}/oauth2/v2.0/token", urllib.parse.urlencode(form))

    def bearer(self, ready, identity=0, **more):
        answer = self.grant(ready, identity, **more)
        self.assertEqual(answer.status, 200, answer.body)
        return "Bearer " + answer.document["access_token"]

    def attest(self, ready, endpoint=None, **more):
        path = self.folder / "quote"
        if not path.exists():
            self.expect(VALID, "simulate", "sgx-quote", "--state", ready["state"], "--out", path)
        return ask(ready, "POST", ATTEST, json.dumps({"quote": b64url(path.read_bytes())}), endpoint, **more)

    # identities

    def test_tokens_by_secret_federated_token_and_machine(self):
        ready = self.start()
        self.assertEqual(ready["client_secret"], ready["identities"][0]["client_secret"])
        assertion = {"client_assertion": Path(ready["federated_token_file"]).read_text(),
                     "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
        by_machine = ask(ready, "GET", "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
                         "https%3A%2F%2Fattest.azure.net", endpoint=ready["imds_endpoint"], Metadata="true")
        for answer in (self.grant(ready), self.grant(ready, **assertion), by_machine):
            self.assertEqual(answer.status, 200, answer.body)
            claims = claims_of(answer.document["access_token"])
            self.assertEqual(claims["aud"], "https://attest.azure.net")
            self.assertEqual(claims["iss"], f"{ready['authority_host']}/{ready['tenant_id']}/")
            self.assertEqual(claims["appid"], ready["client_id"])
            self.assertEqual(claims["roles"], ["Attestation Contributor"])
            got = ask(ready, "GET", POLICY, Authorization="Bearer " + answer.document["access_token"])
            self.assertEqual(got.status, 200, got.body)
        self.assertEqual({type(by_machine.document[name]) for name in ("expires_in", "expires_on", "not_before")}, {str})
        self.assertEqual(self.grant(ready, client_secret="wrong").document["error_codes"], [7000215])

    def test_app_service_and_arc(self):
        ready = self.start()
        app = ready["app_service"]
        answer = ask(ready, "GET", "/msi/token?api-version=2019-08-01&resource=https://attest.azure.net",
                     endpoint=ready["imds_endpoint"], **{"X-IDENTITY-HEADER": app["identity_header"]})
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(app["identity_endpoint"], ready["imds_endpoint"] + "/msi/token")
        target = "/arc/metadata/identity/oauth2/token?api-version=2019-11-01&resource=https://attest.azure.net"
        answer = ask(ready, "GET", target, endpoint=ready["imds_endpoint"], Metadata="true")
        self.assertEqual(answer.status, 401)
        scheme, _, path = answer.headers["WWW-Authenticate"].partition(" realm=")
        self.assertEqual(scheme, "Basic")
        answer = ask(ready, "GET", target, endpoint=ready["imds_endpoint"], Metadata="true",
                     Authorization="Basic " + Path(path).read_text())
        self.assertEqual(answer.status, 200, answer.body)

    def test_roles_and_what_is_no_token(self):
        ready = self.start()
        contributor, reader, nobody = (self.bearer(ready, identity) for identity in range(3))
        other = self.bearer(ready, scope="https://management.azure.com/.default")
        for authorization, read, write in ((contributor, 200, 200), (reader, 200, 403), (nobody, 403, 403),
                                           (other, 401, 401), ("Bearer x", 401, 401), ("Basic x", 401, 401)):
            self.assertEqual(ask(ready, "GET", POLICY, Authorization=authorization).status, read)
            self.assertEqual(ask(ready, "POST", RESET, EMPTY, Authorization=authorization).status, write)
        answer = ask(ready, "GET", POLICY)
        self.assertEqual((answer.status, answer.headers["x-ms-error-code"]), (401, "Unauthorized"))
        self.assertEqual(answer.headers["WWW-Authenticate"],
                         f"Bearer authorization_uri=\"{ready['authority_host']}/{ready['tenant_id']}\", "
                         "resource=\"https://attest.azure.net\"")
        self.assertEqual(self.attest(ready, Authorization="Bearer x").status, 200)

    def test_the_identities_stay_in_a_kept_state_and_nobody_elses_tokens_count(self):
        state = self.folder / "state"
        first = Emulator("--state", state)
        token = self.bearer(first.ready)
        self.assertEqual(first.stop(), 0)
        for name in ("identity.json", "issuer-key.pem", "client-certificate.pem", "federated-token", "arc.key"):
            self.assertEqual((state / name).stat().st_mode & 0o777, 0o600, name)
        again = self.start("--state", state)
        for name in ("tenant_id", "client_id", "client_secret"):
            self.assertEqual(again[name], first.ready[name])
        other = self.start()
        self.assertNotEqual(other["client_secret"], again["client_secret"])
        self.assertEqual(ask(other, "GET", POLICY, Authorization=token).status, 401)
        self.assertEqual(ask(other, "GET", POLICY, Authorization="Bearer " + make_token(
            {"alg": "none"}, claims_of(token))).status, 401)

    def test_a_broken_identity_file_is_named(self):
        state = self.folder / "state"
        state.mkdir()
        for content in ("", "{}", "[]", '{"tenant_id":"x"}'):
            (state / "identity.json").write_text(content)
            self.expect(UNREACHED, "emulator", "--state", state, says="identity.json")

    def test_a_short_life_ends(self):
        ready = self.start("--token-lifetime", "1")
        token = self.bearer(ready)
        deadline = time.monotonic() + 60
        while (status := ask(ready, "GET", POLICY, Authorization=token).status) == 200 and time.monotonic() < deadline:
            time.sleep(0.2)
        self.assertEqual(status, 401)

    def test_access_tokens_follow_the_real_clock(self):
        ready = self.start("--at", "2030-01-01T00:00:00Z")
        self.assertEqual(ask(ready, "GET", POLICY, Authorization=self.bearer(ready)).status, 200)

    def test_the_first_version_takes_its_body_and_answers_with_a_bare_string(self):
        ready = self.start()
        data = self.file("data", b"held")
        path = self.folder / "quote"
        self.expect(VALID, "simulate", "sgx-quote", "--state", ready["state"], "--runtime-data", data, "--out", path)
        body = json.dumps({"Quote": b64url(path.read_bytes()), "EnclaveHeldData": b64url(b"held")})
        for target in ("/attest/SgxEnclave", "/attest/Tee/SgxEnclave"):
            target += "?api-version=2018-09-01-preview"
            self.assertEqual(ask(ready, "POST", target, body).status, 401)
            answer = ask(ready, "POST", target, body, Authorization=self.bearer(ready, 2))
            self.assertEqual(answer.status, 200, answer.body)
            self.assertIsInstance(answer.document, str)
            self.assertEqual(claims_of(answer.document)["x-ms-sgx-ehd"], b64url(b"held"))
            wrong = body.replace(b64url(b"held"), b64url(b"other"))
            self.assertEqual(ask(ready, "POST", target, wrong, Authorization=self.bearer(ready, 2)).status, 400)

    # instances

    def test_instances_have_policies_and_keys_of_their_own(self):
        ready = self.start("--instance", "second=aad", "--instance", "locked=shared", "--instance", "named.localhost=aad")
        self.assertEqual([(one["name"], one["mode"]) for one in ready["instances"]],
                         [("default", "aad"), ("second", "aad"), ("locked", "shared"), ("named.localhost", "aad")])
        endpoints = [one["endpoint"] for one in ready["instances"]]
        self.assertEqual(len(set(endpoints)), 4)
        self.assertEqual(endpoints[3], "https://named.localhost:" + endpoints[0].rpartition(":")[2])
        hosts = [None, None, None, "named.localhost"]
        token, kids = self.bearer(ready), set()
        policy = make_token({"alg": "none"}, {"AttestationPolicy": b64url(
            b"version=1.0; authorizationrules{=> deny();}; issuancerules{};")})
        for number, (endpoint, host) in enumerate(zip(endpoints, hosts)):
            keys = ask(ready, "GET", "/certs", endpoint=endpoint, host=host).document["keys"]
            kids.add(keys[0]["kid"])
            self.assertIn(endpoint.encode(), base64.b64decode(keys[0]["x5c"][0]))
            metadata = ask(ready, "GET", "/.well-known/openid-configuration", endpoint=endpoint, host=host)
            self.assertEqual(metadata.document["issuer"], endpoint)
            got = ask(ready, "PUT", POLICY, policy, endpoint, host, Authorization=token)
            self.assertEqual(got.status, 403 if number == 2 else 200, got.body)
            if number == 0:  # the others still have theirs
                self.assertEqual(self.attest(ready).status, 400)
                self.assertEqual(self.attest(ready, endpoints[1]).status, 200)
                self.assertEqual(self.attest(ready, endpoints[3], host="named.localhost").status, 200)
        self.assertEqual(len(kids), 4)
        self.assertEqual(claims_of(self.attest(ready, endpoints[2]).document["token"])["iss"], endpoints[2])

    def test_a_kept_state_keeps_every_instance(self):
        state, kids = self.folder / "state", []
        self.expect(VALID, "simulate", "signing-key", "--out-key", self.folder / "key", "--out-certificate",
                    self.folder / "certificate")
        words = ["--state", state, "--instance", "iso=isolated"]
        for more in (["--policy-certificate", self.folder / "certificate"], []):
            emulator = Emulator(*words, *more)
            endpoint = emulator.ready["instances"][1]["endpoint"]
            self.assertEqual(emulator.ready["mode"], "aad")
            kids.append(ask(emulator.ready, "GET", "/certs", endpoint=endpoint).document["keys"][0]["kid"])
            token = self.bearer(emulator.ready)
            answer = ask(emulator.ready, "GET", "/certificates?api-version=2020-10-01", endpoint=endpoint,
                         Authorization=token)
            self.assertEqual(len(claims_of(answer.document["token"])["x-ms-policy-certificates"]["keys"]), 1)
            self.assertEqual(emulator.stop(), 0)
        self.assertEqual(kids[0], kids[1])
        self.expect(UNREACHED, "emulator", "--state", state, "--instance", "iso=aad", says="iso")

    def test_wrong_use(self):
        taken = self.start()["endpoint"].rpartition(":")[2]
        for words, code, says in ((["--instance", "x"], WRONG_USE, "a mode is expected"),
                                  (["--instance", "x=odd"], WRONG_USE, "a mode is expected"),
                                  (["--instance", "X=aad"], WRONG_USE, "NAME=MODE"),
                                  (["--instance", "../x=aad"], WRONG_USE, "NAME=MODE"),
                                  (["--instance", "default=aad"], WRONG_USE, "NAME=MODE"),
                                  (["--instance", "x=aad:65536"], WRONG_USE, "the port"),
                                  (["--instance", "x=aad", "--instance", "x=aad"], WRONG_USE, "two have the name"),
                                  (["--instance", "x=aad:" + taken], UNREACHED, "choose another"),
                                  (["--instance", "x=isolated"], WRONG_USE, "instance x"),
                                  (["--listen", "127.0.0.1:" + taken], UNREACHED, "Address already in use"),
                                  (["--fault", "atest:503"], WRONG_USE, "expected attest"),
                                  (["--token-lifetime", "0"], WRONG_USE, "from 1 to 86400")):
            with self.subTest(words):
                self.expect(code, "emulator", *words, says=says)
        shown = self.expect(VALID, "emulator", "--help").stdout
        for word in (b"--instance", b"--fault", b"wrong-certificate", b"authority_host", b"Attestation Contributor"):
            self.assertIn(word, shown)

    # faults

    def test_throttling_in_every_form(self):
        ready = self.start("--fault", "certs:1=429;retry-after=7,2=503;retry-after=date+9;retry-after-ms=20,"
                           "3=500;x-ms-retry-after-ms=30", "--fault", "token:1=503", "--fault", "imds:1=429")
        answers = [ask(ready, "GET", "/certs") for _ in range(4)]
        self.assertEqual([one.status for one in answers], [429, 503, 500, 200])
        self.assertEqual(answers[0].headers["Retry-After"], "7")
        self.assertEqual(answers[0].document["error"]["code"], answers[0].headers["x-ms-error-code"])
        self.assertGreater(parsedate_to_datetime(answers[1].headers["Retry-After"]).timestamp(), 0)
        self.assertEqual(answers[1].headers["retry-after-ms"], "20")
        self.assertEqual((answers[2].headers["x-ms-retry-after-ms"], answers[2].headers["Retry-After"]), ("30", None))
        first, second = self.grant(ready), self.grant(ready)
        self.assertEqual((first.status, first.document["error"], second.status), (503, "temporarily_unavailable", 200))
        self.assertEqual(ask(ready, "GET", "/metadata/identity/x", endpoint=ready["imds_endpoint"]).status, 429)

    def test_reset_cut_and_slow_answers(self):
        ready = self.start("--fault", "certs:1=reset,2=cut,3=drip;bytes=100;ms=1,4=delay;ms=1")
        with self.assertRaises((ConnectionResetError, ssl.SSLError, http.client.RemoteDisconnected)) as caught:
            ask(ready, "GET", "/certs")
        self.assertNotIsInstance(caught.exception, ssl.SSLCertVerificationError)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            ask(ready, "GET", "/certs")
        self.assertEqual(len(caught.exception.partial), (len(caught.exception.partial) + caught.exception.expected) // 2)
        dripped, delayed, plain = (ask(ready, "GET", "/certs").body for _ in range(3))
        self.assertEqual(dripped, plain)
        self.assertEqual(delayed, plain)

    def test_a_slow_answer_does_not_hold_up_others_or_the_end(self):
        emulator = Emulator("--fault", "certs:1=drip;bytes=1;ms=1000")
        context = ssl.create_default_context(cafile=emulator.ready["ca_file"])
        address = emulator.ready["endpoint"].removeprefix("https://")
        slow = [http.client.HTTPSConnection(address, context=context, timeout=60)]
        self.addCleanup(slow[0].close)
        slow[0].request("GET", "/certs")
        for _ in range(8):
            self.assertEqual(ask(emulator.ready, "GET", "/.well-known/openid-configuration").status, 200)
        self.assertEqual(emulator.stop(), 0)

    def test_a_rotated_key_and_a_wrong_issuer(self):
        ready = self.start("--fault", "attest:2=rotate-key,3=wrong-issuer")
        keys = [ask(ready, "GET", "/certs").document["keys"]]
        tokens = [self.attest(ready).document["token"] for _ in range(4)]
        keys.append(ask(ready, "GET", "/certs").document["keys"])
        kids = [json.loads(unb64url(token.split(".")[0]))["kid"] for token in tokens]
        self.assertEqual([len(one) for one in keys], [1, 2])
        self.assertEqual(kids[0], keys[0][0]["kid"])
        self.assertEqual(set(kids[1:]), {keys[1][0]["kid"]})
        self.assertNotEqual(kids[0], kids[1])
        issuers = [claims_of(token)["iss"] == ready["endpoint"] for token in tokens]
        self.assertEqual(issuers, [True, True, False, True])

    def test_wrong_certificates(self):
        for kind, says in (("", "self-signed|unable to get local issuer|signature failure"),
                           (";is=name", "IP address mismatch"), (";is=expired", "expired")):
            with self.subTest(kind):
                ready = self.start("--fault", "wrong-certificate" + kind)
                with self.assertRaisesRegex(ssl.SSLCertVerificationError, says):
                    ask(ready, "GET", "/certs")

    def test_a_fault_of_one_instance(self):
        ready = self.start("--instance", "second=aad", "--fault", "second/certs:503")
        statuses = [ask(ready, "GET", "/certs", endpoint=one["endpoint"]).status for one in ready["instances"]]
        self.assertEqual(statuses, [200, 503])


if __name__ == "__main__":
    main()
