"""The local service as a process: start, state, addresses, times, limits, log, end."""

import http.client
import json
import signal
import ssl
import stat
import threading
import time
from pathlib import Path

from command_support import (CommandTest, Emulator, UNREACHED, VALID, WRONG_USE, b64url, flipped, main, unb64url)

ATTEST = "/attest/SgxEnclave?api-version=2025-06-01"


def connect(ready):
    context = ssl.create_default_context(cafile=ready["ca_file"])
    return http.client.HTTPSConnection(ready["endpoint"].removeprefix("https://"), context=context, timeout=60)


def ask(ready, method, target, body=None, **headers):
    connection = connect(ready)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def claims_of(body):
    header, claims, _ = json.loads(body)["token"].split(".")
    return json.loads(unb64url(header)), json.loads(unb64url(claims))


class EmulatorTest(CommandTest):
    def start(self, *words):
        emulator = Emulator(*words)
        self.addCleanup(lambda: emulator.process.poll() is None and emulator.stop())
        return emulator

    def quote(self, ready):
        path = self.folder / "quote"
        self.expect(VALID, "simulate", "sgx-quote", "--state", ready["state"], "--out", path)
        return path.read_bytes()

    def test_the_ready_file_holds_the_ready_line(self):
        path = self.file("ready", "of an earlier run")
        emulator = self.start("--ready-file", path)
        self.assertEqual(json.loads(path.read_text()), emulator.ready)
        self.assertEqual(sorted(emulator.ready), [
            "app_service", "authority_host", "ca_file", "client_certificate_file", "client_id", "client_secret",
            "endpoint", "federated_token_file", "identities", "imds_endpoint", "instances", "mode",
            "service_appraisal", "simulator_root", "state", "tenant_id"])
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(emulator.ready["instances"],
                         [{"name": "default", "mode": "aad", "endpoint": emulator.ready["endpoint"]}])
        self.assertRegex(emulator.ready["endpoint"], r"^https://127\.0\.0\.1:[0-9]+$")
        for name in ("ca_file", "simulator_root"):
            self.assertIn(b"BEGIN CERTIFICATE", Path(emulator.ready[name]).read_bytes())
        self.expect(VALID, "service", "verify", emulator.ready["endpoint"], "--ca-file", emulator.ready["ca_file"],
                    "--root", emulator.ready["simulator_root"], "--appraisal", emulator.ready["service_appraisal"],
                    "--fetch", "--source", "intel=" + emulator.ready["endpoint"])

    def test_a_temporary_state_is_private_and_goes_away(self):
        emulator = self.start()
        state = Path(emulator.ready["state"])
        self.assertEqual(stat.S_IMODE(state.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE((state / "signing-key.pem").stat().st_mode), 0o600)
        self.assertEqual(emulator.stop(), 0)
        self.assertFalse(state.exists())

    def test_a_kept_state_keeps_the_key_and_renews_the_certificate(self):
        state, keys, endpoints = self.folder / "state", [], []
        for _ in range(2):
            emulator = self.start("--state", state)
            endpoints.append(emulator.ready["endpoint"])
            keys.append(json.loads(ask(emulator.ready, "GET", "/certs")[1])["keys"][0])
            self.assertEqual(emulator.stop(), 0)
        self.assertEqual(keys[0]["kid"], keys[1]["kid"])
        self.assertNotEqual(endpoints[0], endpoints[1])
        self.assertNotEqual(keys[0]["x5c"], keys[1]["x5c"])

    def test_one_state_serves_one_emulator(self):
        state = self.folder / "state"
        self.start("--state", state)
        self.expect(UNREACHED, "emulator", "--state", state, says="another emulator uses the state folder")

    def test_addresses_that_cannot_be_used(self):
        taken = self.start().ready["endpoint"].removeprefix("https://")
        self.expect(UNREACHED, "emulator", "--listen", taken, says="cannot listen on " + taken)
        for address, code, says in (("192.0.2.1:0", WRONG_USE, "--allow-remote"),
                                    ("0.0.0.0:0", WRONG_USE, "part of every token"),
                                    ("0.0.0.0:0 --allow-remote", WRONG_USE, "part of every token"),
                                    ("127.0.0.1", WRONG_USE, "expected HOST:PORT"),
                                    ("127.0.0.1:65536", WRONG_USE, "the port"),
                                    ("::1:0", WRONG_USE, "brackets"),
                                    ("192.0.2.1:0 --allow-remote", UNREACHED, "cannot listen")):
            with self.subTest(address):
                self.expect(code, "emulator", "--listen", *address.split(), says=says)

    def test_wrong_use(self):
        for words, says in ((["--at", "soon"], "--at takes"), (["--at", "-99999999999"], "1970"), (["--at"], "missing"),
                            (["--sate", "x"], "unknown option"), (["x"], "unexpected word"),
                            (["--fault", "iso/attest:503", "--instance", "other=aad"], "no --instance makes: iso")):
            with self.subTest(words):
                self.expect(WRONG_USE, "emulator", *words, says=says)
        self.expect(UNREACHED, "emulator", "--ready-file", "/dev/null", says="no regular file")
        self.expect(UNREACHED, "emulator", "--state", "/dev/null/x", says="/dev/null/x")
        self.assertIn(b"NOT a trust anchor", self.expect(VALID, "emulator", "--help").stdout)

    def test_a_name_may_be_the_endpoint(self):
        emulator = self.start("--listen", "localhost:0")
        self.assertRegex(emulator.ready["endpoint"], r"^https://localhost:[0-9]+$")
        self.assertEqual(ask(emulator.ready, "GET", "/certs")[0].status, 200)

    def test_times_are_told_and_tls_follows_the_real_clock(self):
        for word, issued_at, tolerance in (("2027-05-06T07:08:09Z", 1809587289, 0), ("1809587289", 1809587289, 0),
                                           ("+86400", time.time() + 86400, 60), ("-3600", time.time() - 3600, 60)):
            with self.subTest(word):
                emulator = self.start("--at", word)
                body = json.dumps({"quote": b64url(self.quote(emulator.ready))})
                answer, body = ask(emulator.ready, "POST", ATTEST, body)
                self.assertEqual(answer.status, 200, body)
                claims = claims_of(body)[1]
                self.assertAlmostEqual(claims["iat"], issued_at, delta=tolerance)
                self.assertEqual((claims["nbf"], claims["exp"]), (claims["iat"], claims["iat"] + 28800))
                self.assertEqual(emulator.stop(), 0)

    def test_the_host_header_changes_nothing(self):
        ready = self.start().ready
        body = json.dumps({"quote": b64url(self.quote(ready))})
        answer, body = ask(ready, "POST", ATTEST, body, Host="attacker.example")
        header, claims = claims_of(body)
        self.assertEqual(claims["iss"], ready["endpoint"])
        self.assertEqual(header["jku"], ready["endpoint"] + "/certs")
        metadata = json.loads(ask(ready, "GET", "/.well-known/openid-configuration", Host="attacker.example")[1])
        self.assertEqual(metadata["issuer"], ready["endpoint"])

    def test_headers_and_sizes(self):
        ready = self.start().ready
        answer, _ = ask(ready, "GET", "/certs", traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01")
        self.assertEqual(answer.getheader("Content-Type"), "application/json; charset=utf-8")
        self.assertRegex(answer.getheader("Server"), "^azattest-emulator/")
        self.assertRegex(answer.getheader("x-ms-request-id"), f"^00-{'ab' * 16}-[0-9a-f]{{16}}-00$")
        answer, body = ask(ready, "DELETE", ATTEST)
        self.assertEqual((answer.status, answer.getheader("Allow")), (405, "POST"))
        self.assertEqual(answer.getheader("x-ms-error-code"), json.loads(body)["error"]["code"])
        for body in (b"x" * (1 << 20), iter([b"x" * (1 << 20)])):
            self.assertEqual(ask(ready, "POST", ATTEST, body)[0].status, 400)
        for body in (b"x" * ((1 << 20) + 1), iter([b"x" * (1 << 20), b"x"])):
            answer, body = ask(ready, "POST", ATTEST, body)
            self.assertEqual((answer.status, answer.getheader("x-ms-error-code")), (413, "RequestTooLarge"))
        self.assertEqual(ask(ready, "GET", "/certs", big="x" * 65536)[0].status, 431)

    def test_the_log_has_a_line_for_each_request_and_no_secrets(self):
        emulator = self.start()
        quote = b64url(self.quote(emulator.ready))
        token = json.loads(ask(emulator.ready, "POST", ATTEST, json.dumps({"quote": quote}))[1])["token"]
        forged = b64url(flipped(unb64url(quote), 200))
        ask(emulator.ready, "POST", ATTEST, json.dumps({"quote": forged}))
        ask(emulator.ready, "GET", "/x%1b%0a?secret")
        self.assertEqual(emulator.stop(), 0)
        log = b"".join(emulator.log).decode()
        lines = log.splitlines()
        self.assertEqual(len(lines), 3)
        for line in lines:
            self.assertRegex(line, r"^[0-9TZ:-]+ \S+ \S+ [0-9]+ [0-9]+ [0-9]+ 00-[0-9a-f]{32}-[0-9a-f]{16}-00$")
        # Two threads write them, each when its connection has ended: a later request's may come first.
        for words in (f"POST /attest/SgxEnclave 200 {len(token) + 12} ", "POST /attest/SgxEnclave 400 ", "GET /x%1b%0a 404 "):
            self.assertEqual(sum(words in line for line in lines), 1, words)
        for secret in (token, token.split(".")[2], quote[:60], forged[-60:], "secret"):
            self.assertNotIn(secret, log)

    def test_many_at_once_and_a_clean_end_under_load(self):
        for sign in (signal.SIGTERM, signal.SIGINT):
            emulator = self.start()
            body, answered, odd, over = json.dumps({"quote": b64url(self.quote(emulator.ready))}), [], [], []

            def work():
                connection = connect(emulator.ready)
                try:
                    while not over:
                        connection.request("POST", ATTEST, body)
                        answer = connection.getresponse()
                        content = answer.read()
                        answered.append(json.loads(content)["token"] if answer.status == 200 else odd.append(content))
                except (OSError, http.client.HTTPException) as failure:
                    if not over:
                        odd.append(failure)
                finally:
                    connection.close()

            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 60
            while len(answered) < 40 and not odd and time.monotonic() < deadline:
                time.sleep(0.05)
            over.append(True)
            emulator.process.send_signal(sign)
            self.assertEqual(emulator.process.wait(30), 0)
            emulator.stop()
            for thread in threads:
                thread.join(60)
            self.assertEqual(odd, [])
            self.assertGreaterEqual(len(answered), 40)
            self.assertEqual(len(set(answered)), len(answered))
            self.assertFalse(Path(emulator.ready["state"]).exists())

    def test_an_idle_connection_does_not_hold_up_the_end(self):
        emulator = self.start()
        connection = connect(emulator.ready)
        self.addCleanup(connection.close)
        connection.request("GET", "/certs")
        connection.getresponse().read()
        self.assertEqual(emulator.stop(), 0)


if __name__ == "__main__":
    main()
