"""The calls beyond enclaves, TCB baselines and the log, without a network."""

import base64
import json
import logging
import threading
import unittest
from datetime import datetime, timezone

import azattest
from azattest import AttestationClient, Status

from support import WUS, Script, answer, evidence, from_base64url, needs_evidence, run_python

PREVIEW = "2026-03-11-preview"
BASELINES = json.dumps({"tcbBaselines": [
    {"tcbIdentifier": "11", "tcbEvaluationDataNumber": "11", "tcbReleaseDate": "2021-06-09T00:00:00",
     "minimumPswLinuxVersion": "2.13.3", "isSelectedTcb": True},
    {"tcbEvaluationDataNumber": 12},
]})


def client(*answers, **options):
    script = Script(*answers)
    return AttestationClient(WUS, transport=script, **options), script


def body(script):
    return json.loads(script.requests[0].body)


class Calls(unittest.TestCase):
    """What is sent, and what comes back."""

    def test_answers_without_a_token(self):
        sealed, data = answer({"token": "c2VhbGVk"}), answer({"data": "eyJhIjoxfQ"})
        for method, reply, member, expected in (
            ("attest_azure_guest", sealed, "attestationInfo", "c2VhbGVk"),
            ("attest_key_guard", sealed, "attestationInfo", "c2VhbGVk"),
            ("attest_tpm", data, "data", '{"a":1}'),
            ("attest_pluton", data, "data", b'{"a":1}'),
        ):
            for content in (b'{"x":1}', '{"x":1}', bytearray(b'{"x":1}')):
                with self.subTest(method=method, content=content):
                    service, script = client(reply, api_version=PREVIEW)
                    self.assertEqual(getattr(service, method)(content), expected)
                    self.assertEqual(from_base64url(body(script)[member]), b'{"x":1}')
                    self.assertEqual(len(script.requests), 1)

    @needs_evidence
    def test_the_recorded_tpm_step(self):
        entry = next(e for e in json.loads(evidence("recordings/attest-tpm.json"))["Entries"] if "/attest/Tpm" in e["RequestUri"])
        service, script = client(answer(entry["ResponseBody"]), api_version="2020-10-01")
        text = service.attest_tpm(from_base64url(entry["RequestBody"]["data"]))
        self.assertEqual(body(script), entry["RequestBody"])
        self.assertEqual(len(from_base64url(json.loads(text)["payload"]["challenge"])), 16)

    def test_an_answer_that_is_no_text(self):
        service, _ = client(answer({"data": "_w"}))
        with self.assertRaises(azattest.ServiceResponseError) as caught:
            service.attest_tpm("{}")
        self.assertIs(caught.exception.code, Status.E_RESPONSE)

    def test_options_that_a_call_does_not_take(self):
        service, script = client()
        for method, options, error, text in (
            ("attest_tpm", {"nonce": "n"}, ValueError, "stands inside content"),
            ("attest_tpm", {"validate_issuer": False}, TypeError, "validate_issuer"),
            ("attest_azure_guest", {"draft_policy": "x"}, ValueError, PREVIEW),
            ("attest_tdx_vm", {"draft_policy": "x"}, ValueError, "any api-version"),
            ("attest_open_enclave", {"draft_policy": "x", "allow_unsecured": False}, ValueError, "unsecured by design"),
            ("attest_sev_snp_vm", {"runtime_data": b""}, ValueError, "runtime_json"),
            ("attest_pluton", {}, ValueError, PREVIEW),
            ("attest_mdep_tz", {}, ValueError, PREVIEW),
        ):
            with self.subTest(method, **options):
                with self.assertRaises(error) as caught:
                    getattr(service, method)(b"x", **options)
                self.assertIn(text, str(caught.exception))
        self.assertEqual(script.requests, [])

    @needs_evidence
    def test_a_report_and_its_certificates(self):
        report, chain = evidence("snp/azure-aci-20250617.report.bin"), evidence("snp/azure-aci-20250617.chain.pem")
        for given in (chain, chain.decode()):
            service, script = client(answer({}, 400))
            with self.assertRaises(azattest.HttpResponseError):
                service.attest_sev_snp_vm(report, vcek_chain=given, endorsements=b"endorsed")
            document = json.loads(from_base64url(body(script)["report"]))
            self.assertEqual(from_base64url(document["SnpReport"]), report)
            self.assertEqual(from_base64url(document["VcekCertChain"]), chain)
            self.assertEqual(from_base64url(document["Endorsements"]), b"endorsed")
            service, again = client(answer({}, 400))
            with self.assertRaises(azattest.HttpResponseError):
                service.attest_sev_snp_vm(json.dumps(document))
            self.assertEqual(json.loads(from_base64url(body(again)["report"])), document)

    @needs_evidence
    def test_a_quote_of_a_trust_domain_is_looked_at(self):
        service, script = client()
        with self.assertRaises(azattest.EvidenceError) as caught:
            service.attest_tdx_vm(evidence("tdx/azure-cvm-v4.bin"), runtime_data=b"something else")
        self.assertIs(caught.exception.code, Status.E_BINDING)
        with self.assertRaisesRegex(ValueError, "use attest_tdx_vm"):
            service.attest_sgx_enclave(evidence("tdx/azure-cvm-v4.bin"))
        self.assertEqual(script.requests, [])

    def test_inittime_json_carries_its_text(self):
        """The official package sends {"dataType": "JSON"} with no data at all."""
        service, script = client(answer({}, 400))
        with self.assertRaises(azattest.HttpResponseError):
            service.attest_sgx_enclave(b"quote", inittime_json='{"a": 1}', runtime_data=b"")
        self.assertEqual(body(script)["initTimeData"], {"data": "eyJhIjogMX0", "dataType": "JSON"})
        self.assertEqual(body(script)["runtimeData"], {"data": "", "dataType": "Binary"})

    def test_options_with_a_credential_are_not_dropped(self):
        """One official client drops every option that is given together with a credential."""
        service, script = client(answer({}, 400), credential="secret", api_version="2022-08-01", application_id="mine")
        with self.assertRaises(azattest.HttpResponseError):
            service.attest_sgx_enclave(b"quote")
        headers = dict(script.requests[0].headers)
        self.assertTrue(script.requests[0].url.endswith("api-version=2022-08-01"))
        self.assertTrue(headers["User-Agent"].startswith("mine azattest-python/"))
        self.assertEqual(headers["Authorization"], "Bearer secret")

    def test_ids_pass_through(self):
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        service, script = client(answer({}, 400))
        with self.assertRaises(azattest.HttpResponseError) as caught:
            service.attest_sgx_enclave(b"quote", client_request_id="mine", traceparent=trace)
        headers = dict(script.requests[0].headers)
        self.assertEqual((headers["traceparent"], headers["x-ms-client-request-id"]), (trace, "mine"))
        self.assertEqual(caught.exception.client_request_id, "mine")

    def test_one_line(self):
        service, _ = client(answer({"data": "eyJhIjoxfQ"}))
        self.assertEqual(azattest.attest.attest_tpm("{}", client=service), '{"a":1}')
        script = Script(answer({"token": "s"}))
        self.assertEqual(azattest.attest.attest_key_guard("{}", endpoint=WUS, transport=script, api_version=PREVIEW), "s")


class Baselines(unittest.TestCase):
    def test_both_forms(self):
        service, script = client(answer(json.loads(BASELINES)))
        first, second = service.get_tcb_baseline("sgxenclave")
        self.assertEqual(script.requests[0].url, WUS + "/tcbbaselines/SgxEnclave?api-version=2025-06-01")
        self.assertEqual((first.tcb_identifier, first.tcb_evaluation_data_number, first.is_selected_tcb), ("11", 11, True))
        self.assertEqual(first.tcb_release_date, datetime(2021, 6, 9, tzinfo=timezone.utc))
        self.assertEqual(second, azattest.TcbBaseline(None, 12, None, None, None, None))

    def test_the_extra_query(self):
        service, script = client(answer({"tcbBaselines": []}), api_version="2022-09-01-preview")
        self.assertEqual(service.get_tcb_baseline("Own/Type", provide_current_tcb_in_policy=True), [])
        self.assertTrue(script.requests[0].url.endswith("/Own%2FType?api-version=2022-09-01-preview&provideCurrentTcbInPolicy=true"))
        with self.assertRaisesRegex(ValueError, "2022-09-01-preview"):
            client(api_version="2025-06-01")[0].get_tcb_baseline("Tpm", provide_current_tcb_in_policy=True)
        with self.assertRaisesRegex(TypeError, "no such option"):
            client()[0].get_tcb_baseline("Tpm", nonce="n")

    def test_no_list(self):
        service, _ = client(answer({"tcbBaselines": [1]}))
        with self.assertRaises(azattest.ServiceResponseError):
            service.get_tcb_baseline("Tpm")


class Listener(logging.Handler):
    def __init__(self):
        super().__init__(0)
        self.records = []

    def emit(self, record):
        self.records.append(record)

    def text(self):
        return "\n".join(record.getMessage() for record in self.records)


class Log(unittest.TestCase):
    """Messages reach the logger `azattest`, behind each call, and nothing secret is in them."""

    def setUp(self):
        self.listener = Listener()
        self.logger = logging.getLogger("azattest")
        self.logger.addHandler(self.listener)
        self.addCleanup(self.logger.removeHandler, self.listener)
        self.addCleanup(self.logger.setLevel, self.logger.level)

    def call(self, **options):
        of_client = {name: options.pop(name) for name in ("trace_bodies", "credential") if name in options}
        service, _ = client(answer({"error": {"message": "12345678PLANTED-ANSWER"}}, 400), **of_client)
        with self.assertRaises(azattest.HttpResponseError):
            service.attest_sgx_enclave(b"PLANTED-EVIDENCE", **options)

    def test_levels(self):
        self.call()
        self.assertEqual([record.levelno for record in self.listener.records], [logging.WARNING])  # sent unread
        self.logger.setLevel(logging.INFO)
        self.call()
        self.assertIn("POST " + WUS + "/attest/SgxEnclave?api-version=2025-06-01", self.listener.text())
        self.assertNotIn("body of", self.listener.text())
        self.listener.records.clear()
        self.logger.setLevel(logging.CRITICAL)
        self.call()
        self.assertEqual(self.listener.records, [])
        self.call(log_level="info")
        self.assertIn("POST", self.listener.text())

    def test_a_credential_that_is_asked_alone(self):
        class Unreachable:
            def send(self, request):
                raise OSError("no")

            def sleep(self, seconds):
                pass

        self.logger.setLevel(logging.INFO)
        with self.assertRaises(azattest.Error):
            azattest.ManagedIdentityCredential(transport=Unreachable()).get_token("https://attest.azure.net/.default")
        self.assertIn("tries", self.listener.text())

    def test_nothing_that_is_planted(self):
        self.logger.setLevel(logging.DEBUG)
        self.call(trace_bodies=True, credential="PLANTED-TOKEN", nonce="12345678PLANTED-NONCE",
                  runtime_json='{"a": "PLANTED-DATA"}')
        self.assertIn("body of the request", self.listener.text())
        self.assertIn("Authorization: REDACTED", self.listener.text())
        self.assertNotIn("PLANTED", self.listener.text())
        self.assertNotIn(base64.b64encode(b"PLANTED-EVIDENCE").decode()[:12], self.listener.text())

    def test_a_warning_of_a_call_that_is_refused_is_not_kept_for_the_next(self):
        service, _ = client()
        with self.assertRaises(ValueError):
            service.attest_sgx_enclave(b"no quote", traceparent="a\nb")
        count = len(self.listener.records)
        self.call()
        self.assertEqual(len(self.listener.records), count + 1)

    def test_levels_that_are_none(self):
        for level, error in (("loud", ValueError), (True, TypeError), (1.5, TypeError)):
            with self.assertRaises(error):
                client()[0].attest_sgx_enclave(b"x", log_level=level)
            with self.assertRaises(error):
                client(log_level=level)

    def test_many_threads_at_once(self):
        self.logger.setLevel(logging.INFO)
        threads = [threading.Thread(target=self.call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.listener.text().count("request, try 1"), 8)

    def test_the_environment(self):
        """AZURE_LOG_LEVEL alone shows messages on standard error; a program's own logging takes them over."""
        program = (
            "import azattest\n%s"
            "class Transport:\n"
            "    def send(self, request): raise OSError('no')\n"
            "    def sleep(self, seconds): pass\n"
            "try: azattest.AttestationClient('https://a.example', transport=Transport(), retry_total=0).attest_sgx_enclave(b'x')\n"
            "except azattest.ServiceRequestError: pass\n"
        )
        own = "import logging, sys; logging.basicConfig(stream=sys.stdout)\n"
        for level, more, out, err in (
            (None, "", "", ""), ("info", "", "", "POST https://a.example"), ("nonsense", "", "", ""),
            ("INFO", own, "POST https://a.example", ""), ("error", own, "", ""),
        ):
            with self.subTest(level=level, own=bool(more)):
                environment = {"AZURE_LOG_LEVEL": level} if level else {}
                done = run_python(program % more, **environment)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual((out in done.stdout, bool(done.stdout)), (True, bool(out)), done.stdout)
                self.assertEqual((err in done.stderr, bool(done.stderr)), (True, bool(err)), done.stderr)

    def test_the_logger_has_a_handler_that_does_nothing(self):
        self.call()
        self.assertTrue(any(isinstance(handler, logging.NullHandler) for handler in self.logger.handlers))


if __name__ == "__main__":
    unittest.main()
