"""Policies without a service: every real one is parsed, linted, laid out and evaluated; what is wrong is refused where it is."""

import json
import pickle
import threading
import unittest

import azattest
from azattest import ClaimSet, Error, Evidence, InputError, Policy, PolicyError, PolicyEvaluationError, PolicyReport, Status, _options, policy

from support import EVIDENCE, WUS, Script, facts, from_base64url, levels_off, make_token, needs_evidence, token_text
from support import evidence as read

GUEST = """version= 1.0;
authorizationrules {
  [type=="secureboot", value==false] => deny(); // a must
  => permit();
};
issuancerules {
  c:[type=="svn"] => issue(type="level", value=c.value);
};
"""
CONFIGURED = GUEST.replace("1.0;", '1.1;\nconfigurationrules { => issueproperty(type="omit_x5c", value=true); };')
FAILS = """version= 1.2;
authorizationrules { => permit(); };
issuancerules {
  c:[type=="doc"] => issue(type="x", value=JsonToClaimValue(c.value));
};
"""
BROKEN = """version= 1.0;
authorizationrules {
\t[type="secureboot"] => permit();
};
issuancerules {
  [type=="a"] => issue(type="b", value=c.value);
};
"""
RULE = '[type=="%s"] => permit();'
QUOTE = "sgx/azure-intelsdk-2023-release.quote.bin"


def of_rules(rules, version="1.0", issuance=""):
    return "version= %s;authorizationrules{%s};issuancerules{%s};" % (version, rules, issuance)


class Parsing(unittest.TestCase):
    def test_a_policy_reads_back(self):
        made = Policy.parse(GUEST)
        self.assertEqual((made.text, made.version, made.rule_count), (GUEST, "1.0", 3))
        self.assertEqual(made.policy_hash, policy.policy_hash(GUEST))
        self.assertEqual(made, Policy.parse(GUEST.encode()))
        self.assertEqual(made, policy.parse(memoryview(GUEST.encode())))
        self.assertEqual(hash(made), hash(policy.parse(GUEST)))
        self.assertNotEqual(made, policy.parse(GUEST, "AzureGuest"))
        self.assertNotEqual(made, policy.parse(GUEST + "\n"))
        self.assertNotEqual(made, GUEST)
        self.assertEqual(pickle.loads(pickle.dumps(policy.parse(GUEST, "AzureGuest"))), policy.parse(GUEST, "AzureGuest"))
        with self.assertRaisesRegex(TypeError, "Policy.parse"):
            Policy()
        with self.assertRaises(AttributeError):
            made.txt = ""

    def test_it_stands_for_its_text_where_a_policy_is_wanted(self):
        made = policy.parse(GUEST)
        self.assertEqual(policy.policy_hash(made), made.policy_hash)
        self.assertEqual(str(policy.create_policy_token(made)), str(policy.create_policy_token(GUEST)))
        self.assertEqual(_options.attest_members({"draft_policy": made}), {"draft_policy": GUEST})
        script = Script(ConnectionError("nothing is sent"))
        with azattest.AttestationAdministrationClient(WUS, "access-token", transport=script, retry_total=0) as admin:
            with self.assertRaises(azattest.ServiceRequestError):
                admin.set_policy("AzureGuest", made)
        self.assertEqual(script.requests[0].body, str(policy.create_policy_token(GUEST)).encode())

    def test_the_tree_has_places(self):
        tree = policy.parse(GUEST).tree()
        rules = {section["name"]: section["rules"] for section in tree["sections"]}
        deny = rules["authorizationrules"][0]
        self.assertEqual((tree["version"], deny["action"]["kind"], deny["line"], deny["column"]), ("1.0", "deny", 3, 3))
        self.assertEqual(deny["conditions"][0]["tests"][0]["property"], "type")
        self.assertEqual([comment["text"].strip("/ ") for comment in tree["comments"]], ["a must"])

    def test_texts_for_people(self):
        made = policy.parse(GUEST)
        self.assertRegex(repr(made), r"^Policy\(version 1.0, 3 rules, hash [\w-]{43}\)$")
        self.assertEqual(str(made), made.formatted)
        self.assertIn("// a must", made.formatted)
        self.assertEqual(policy.parse(made.formatted).formatted, made.formatted)
        self.assertTrue(policy.compare(made, made.formatted).is_same)
        self.assertEqual(policy.format(GUEST), policy.format(made))
        self.assertIn("Line 3: denies", made.explanation)
        self.assertEqual(policy.explain(GUEST), policy.explain(made))

    def test_every_error_is_listed_with_its_place(self):
        with self.assertRaises(PolicyError) as caught:
            policy.parse(BROKEN)
        error = caught.exception
        self.assertIsInstance(error, Error)
        self.assertIsInstance(error, ValueError)
        self.assertNotIsInstance(error, azattest.AttestationTokenValidationException)
        self.assertEqual(error.code, Status.E_POLICY)
        self.assertEqual([problem.code for problem in error.problems], [Status.E_POLICY] * 2)
        self.assertEqual([(found.id, found.line, found.column) for found in error.findings],
                         [("single-equals", 3, 7), ("unbound-identifier", 6, 40)])
        for problem, found in zip(error.problems, error.findings):
            self.assertEqual(problem.detail, "line %d, column %d: %s" % (found.line, found.column, found.message))
        self.assertIn("line 3, column 7", str(error))
        self.assertEqual(error.findings[0].severity, "error")
        self.assertEqual(pickle.loads(pickle.dumps(error.findings)), error.findings)

    def test_lenient(self):
        text = GUEST.replace("issuancerules", "IssuanceRules")
        with self.assertRaises(PolicyError):
            policy.parse(text)
        with self.assertRaises(PolicyError):
            policy.parse(text, lenient=False)
        made = policy.parse(text, lenient=True)
        self.assertEqual([found.severity for found in made.lint() if found.id == "keyword-case"], ["warning"])
        self.assertEqual(made, pickle.loads(pickle.dumps(made)))

    def test_wrong_use(self):
        for wrong, error in ((None, TypeError), (5, TypeError), ("\ud800", ValueError), (b"\xff", ValueError), ("a\0b", ValueError),
                             ("", PolicyError), (GUEST * 1000, Error)):
            with self.subTest(repr(wrong)[:20]):
                with self.assertRaises(error):
                    policy.parse(wrong)
                if error is not PolicyError:
                    with self.assertRaises(error):
                        policy.lint(wrong)
        for options in ({"lenient": 1}, {"attestation_type": 5}, {"attestation_type": b"x"}, {"lenent": True}):
            for function in (policy.parse, Policy.parse, policy.lint):
                with self.subTest(options), self.assertRaises(TypeError):
                    function(GUEST, **options)
        made = policy.parse(GUEST)
        with self.assertRaisesRegex(TypeError, "has been parsed"):
            policy.lint(made, "Tpm")
        for name in ("tree", "evaluate", "lint", "compare"):  # handles of other kinds do not crash the library
            broken = object.__new__(Policy)
            with self.assertRaises(AttributeError):
                getattr(broken, name)(*[GUEST] * (name in ("evaluate", "compare")))


class Reports(unittest.TestCase):
    def test_any_text_has_a_report(self):
        for text, counts in ((BROKEN, 2), ("", 1), ("no policy at all", 1)):
            self.assertGreaterEqual(policy.lint(text).error_count, counts)

    def test_a_report_is_a_sequence(self):
        report = policy.lint(BROKEN)
        self.assertIsInstance(report, PolicyReport)
        self.assertEqual(len(report), report.error_count + report.warning_count + report.note_count)
        self.assertEqual(tuple(report), report.findings)
        self.assertEqual(report[0], report.findings[0])
        self.assertEqual(report[-1], report.findings[-1])
        self.assertEqual([list(each.values()) for each in json.loads(report.json)], [list(found) for found in report])
        found = report[0]
        self.assertEqual(BROKEN.encode()[found.offset :][: found.length].decode(), found.found or "=")
        self.assertFalse(report.is_cut)
        self.assertTrue(report)
        again = pickle.loads(pickle.dumps(report))
        self.assertEqual((str(again), again.findings), (str(report), report.findings))
        with self.assertRaisesRegex(TypeError, "lint"):
            PolicyReport()

    def test_it_prints_as_a_compiler_does(self):
        report = policy.lint(BROKEN)
        lines = str(report).splitlines()
        self.assertRegex(lines[0], r"^3:7: error: .* \[single-equals\]$")
        self.assertEqual(lines[1:3], ['     [type="secureboot"] => permit();', "          ^"])
        self.assertRegex(lines[-1], "^2 errors")
        self.assertRegex(repr(report), r"^PolicyReport\(2 errors")
        clean = policy.lint('version= 1.0;authorizationrules{[type=="x-ms-sgx-is-debuggable", value==false] => permit();};')
        self.assertEqual((len(clean), bool(clean), str(clean), repr(clean)), (0, False, "no findings", "PolicyReport(no findings)"))

    def test_nothing_of_a_text_becomes_another_line(self):
        text = of_rules('[type=="\u2028\x1b[31m\u202e' + "x" * 300 + '", value>="a"] => permit();')
        report = policy.lint(text)
        self.assertTrue(report.error_count)
        for line in str(report).split("\n"):
            self.assertTrue(line.isprintable(), line)
            self.assertLess(len(line), 500)

    def test_a_report_that_is_cut_says_so(self):
        report = policy.lint(of_rules('[type="a"] => permit();\n' * 300))
        self.assertEqual((report.is_cut, len(report)), (True, 256))
        self.assertIn("more that is left out", str(report))
        with self.assertRaises(PolicyError) as caught:
            policy.parse(of_rules('[type="a"] => permit();\n' * 300))
        self.assertGreater(len(caught.exception.problems), 10)
        self.assertEqual(len(caught.exception.findings), 256)

    def test_types_know_their_claims(self):
        text = of_rules(RULE % "x-ms-sgx-mrsignr")
        found = [each for each in policy.lint(text, "SgxEnclave") if each.id == "unknown-claim"]
        self.assertIn("x-ms-sgx-mrsigner", found[0].message + str(found[0].expected))
        self.assertEqual(policy.parse(text, "SgxEnclave").lint().findings, policy.lint(text, "SgxEnclave").findings)
        silent = policy.lint("// azattest: ignore-file unknown-claim\n" + text, "SgxEnclave")
        self.assertFalse([each for each in silent if each.id == "unknown-claim"])

    def test_the_rules_are_known(self):
        rules = policy.lint_rules()
        self.assertIn("single-equals", [rule["id"] for rule in rules])
        for rule in rules:
            self.assertEqual(set(rule), {"id", "severity", "meaning", "fix"})


class Claims(unittest.TestCase):
    def test_all_forms_make_the_same(self):
        made = ClaimSet({"a": 1, "b": "x", "c": [True, "y"], "d": None, "e": {"f": 1}})
        listed = [("a", 1), ("b", "x"), ("c", True), ("c", "y"), ("e", '{"f":1}')]
        self.assertEqual([claim[:2] for claim in made], listed)
        self.assertEqual({claim.issuer for claim in made}, {"AttestationService"})
        for other in (ClaimSet('{"a": 1, "b": "x", "c": [true, "y"], "d": null, "e": {"f":1}}'), ClaimSet(listed), ClaimSet(made),
                      ClaimSet(list(made)), ClaimSet([claim._asdict() for claim in made]), pickle.loads(pickle.dumps(made)),
                      ClaimSet(json.dumps([dict(zip(("type", "value"), each)) for each in listed]).encode())):
            self.assertEqual(other, made)
        self.assertNotEqual(ClaimSet(), made)
        self.assertEqual((len(ClaimSet()), list(ClaimSet()), len(made)), (0, [], 5))
        with self.assertRaises(TypeError):
            hash(made)

    def test_claims_are_named_tuples(self):
        claims = ClaimSet()
        for value in ("x", "", "ä\U0001f600", 0, -(2**63), 2**63 - 1, True, False, 2**53 + 1):
            claims.add("t", value, "CustomClaim")
            claims.add("t", value, "CustomClaim")  # is there already
        claims.add("u", "x")
        self.assertEqual(len(claims), 10)
        self.assertEqual([claim.value for claim in claims][:9], ["x", "", "ä\U0001f600", 0, -(2**63), 2**63 - 1, True, False, 2**53 + 1])
        self.assertEqual([type(claim.value) for claim in claims][3:8], [int, int, int, bool, bool])
        self.assertEqual([claim.value_type for claim in claims][2:8], ["String", "Integer", "Integer", "Integer", "Boolean", "Boolean"])
        self.assertEqual((claims[-1].type, claims[-1].value, claims[-1].issuer), ("u", "x", "AttestationService"))
        self.assertEqual(pickle.loads(pickle.dumps(claims[0])), claims[0])
        self.assertEqual(claims.claims, tuple(claims))

    def test_texts_for_people(self):
        claims = ClaimSet([("a\n", 'x"\n'), ("b", 1, "Custom\nClaim"), ("c", "y" * 1000)])
        self.assertEqual(repr(claims), "ClaimSet(3 claims)")
        self.assertEqual(repr(ClaimSet({"a": 1})), "ClaimSet(1 claim)")
        lines = str(claims).split("\n")
        self.assertEqual(lines[:2], ['"a\\n" = "x\\"\\n"', 'b = 1 ("Custom\\nClaim")'])
        self.assertEqual((len(lines), len(lines[2]) < 250), (3, True))

    def test_what_is_no_claim_is_refused(self):
        for wrong, error in (({"a": 1.5}, Error), ({"a": 2**64}, Error), ({"a": float("nan")}, ValueError), ({1: 2}, TypeError),
                             ({"a": 2.0**60}, ValueError), ({"a": [-(2.0**53)]}, ValueError), ([("a", 2.0**60)], ValueError),
                             ({"a": b"x"}, TypeError), ([("a",)], TypeError), (["ab"], TypeError), ([["a", 1]], TypeError), (5, TypeError),
                             ([{"type": "a"}], ValueError), ([{"type": "a", "value": 1, "more": 2}], ValueError), ("[", InputError),
                             ("5", InputError), ("", InputError), ({"a": "x\0"}, InputError), ({"": 1}, ValueError)):
            with self.subTest(wrong), self.assertRaises(error):
                ClaimSet(wrong)
        claims = ClaimSet()
        for wrong, error in ((("a", 1.5), TypeError), (("a", None), TypeError), (("a", b"x"), TypeError), (("a", 2**63), ValueError),
                             ((5, 1), TypeError), (("", 1), ValueError), (("a\0", 1), ValueError), (("a", "x\0"), ValueError),
                             (("a", "\ud800"), ValueError), (("a", 1, 5), TypeError), (("a", 1, ""), ValueError)):
            with self.subTest(wrong), self.assertRaises(error):
                claims.add(*wrong)
        self.assertEqual(len(claims), 0)

    def test_a_subclass_of_str_is_its_text(self):
        class Odd(str):
            def encode(self, *_):
                return b"other"

        claims = ClaimSet()
        claims.add("a", Odd("x"))
        self.assertEqual((claims[0].value, ClaimSet({"a": Odd("x")})[0].value), ("x", "x"))

    def test_a_set_that_was_evaluated_does_not_change(self):
        claims = ClaimSet({"a": 1})
        policy.evaluate(GUEST, claims)
        with self.assertRaises(Error) as caught:
            claims.add("b", 2)
        self.assertEqual(caught.exception.code, Status.E_STATE)
        ClaimSet(claims).add("b", 2)


class Evaluation(unittest.TestCase):
    def test_a_permit(self):
        found = policy.evaluate(CONFIGURED, {"secureboot": True, "svn": [3, 2**53 + 1]})
        self.assertTrue(found)
        self.assertEqual((found.is_permitted, found.outcome, found.reason), (True, "permit", "the rule of line 5 permits"))
        self.assertEqual((found.claims, found.properties), ({"level": [3, 2**53 + 1]}, {"omit_x5c": True}))
        self.assertEqual((found.deny_line, found.deny_rule), (None, None))
        self.assertEqual(repr(found), "PolicyEvaluation(permit: the rule of line 5 permits, issues 1 claim, sets 1 property)")
        self.assertEqual(str(found), found.explanation)
        self.assertRegex(str(found), "^Permitted: the rule of line 5 permits")

    def test_a_deny(self):
        found = policy.evaluate(GUEST, {"secureboot": False, "svn": 3})
        self.assertFalse(found)
        self.assertEqual((found.is_permitted, found.outcome, found.claims, found.properties), (False, "deny", {}, {}))
        self.assertEqual((found.deny_line, found.deny_rule), (3, '[type=="secureboot", value==false] => deny();'))
        self.assertEqual(repr(found), "PolicyEvaluation(deny: the rule of line 3 denies)")
        none = policy.evaluate(of_rules(RULE % "a"), {})
        self.assertEqual((bool(none), none.reason, none.deny_line), (False, "no rule permits", None))

    def test_the_trace_says_why(self):
        made = policy.parse(of_rules('[type=="a"] => add(type="b", value="c");' + RULE % "b" + RULE % "x"))
        found = made.evaluate([("a", 1, "CustomClaim")])
        self.assertEqual([(rule["fired"], rule["action"]) for rule in found.trace], [(True, "add"), (True, "permit"), (False, "permit")])
        self.assertEqual(found.trace[0]["claims"][0]["type"], "a")
        self.assertIn("there is no claim", found.trace[2]["failed"]["reason"])
        self.assertEqual([claim[:3] for claim in found.incoming], [("a", 1, "CustomClaim"), ("b", "c", "AttestationPolicy")])

    def test_it_outlives_what_it_was_made_of(self):
        found = policy.parse(CONFIGURED).evaluate(ClaimSet({"svn": 3}))
        again = pickle.loads(pickle.dumps(found))
        self.assertEqual((again.claims, again.trace, str(again)), (found.claims, found.trace, str(found)))

    def test_what_fails_is_no_evaluation(self):
        made = policy.parse(FAILS)
        with self.assertRaises(PolicyEvaluationError) as caught:
            made.evaluate({"doc": "{not JSON"})
        self.assertNotIsInstance(caught.exception, (ValueError, PolicyError, azattest.AttestationTokenValidationException))
        self.assertEqual(caught.exception.code, Status.E_POLICY_EVALUATION)
        self.assertIn("line 4", str(caught.exception))
        with self.assertRaises(Error) as caught:
            made.evaluate({"doc": "1"}, work_limit=1)
        self.assertEqual(caught.exception.code, Status.E_LIMIT)
        self.assertEqual(made.evaluate({"doc": "1"}, work_limit=1000).claims, {"x": 1})
        for wrong, error in ((0, ValueError), (-1, ValueError), (2**64, ValueError), (True, TypeError), ("1", TypeError)):
            with self.subTest(wrong), self.assertRaises(error):
                made.evaluate({}, work_limit=wrong)

    def test_options_of_evidence_are_for_evidence(self):
        for options in ({"nonce": "n"}, {"runtime_data": b"x"}, {"attestation_type": "Tpm"}):
            for claims in ({}, ClaimSet(), "{}", []):
                with self.subTest(options), self.assertRaisesRegex(TypeError, next(iter(options))):
                    policy.evaluate(GUEST, claims, **options)
        with self.assertRaises(TypeError):
            policy.evaluate(GUEST, {}, work_limt=5)
        for claims, error in ((None, TypeError), (5, TypeError), (object(), TypeError), (b"\xff", InputError), ("a.b.c", InputError)):
            with self.subTest(claims), self.assertRaises(error):
                policy.evaluate(GUEST, claims)

    def test_one_policy_serves_many_threads(self):
        made, claims, wrong = policy.parse(CONFIGURED), ClaimSet({"svn": 3}), []

        def work():
            for _ in range(200):
                found = made.evaluate(claims)
                if (found.claims, str(found), len(made.tree())) != ({"level": 3}, wanted, parts) or str(made) != text:
                    wrong.append(found)

        wanted, text, parts = str(policy.evaluate(CONFIGURED, {"svn": 3})), policy.format(CONFIGURED), len(policy.parse(CONFIGURED).tree())
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_memory(self):
        claims = {"svn": [1, 2, 3], "secureboot": True, "doc": "[1"}

        def work():
            for _ in range(500):
                made = policy.parse(CONFIGURED, "AzureGuest")
                found = made.evaluate(claims)
                str(found), repr(found), found.trace, found.incoming, str(made), made.tree(), made.explanation
                for wrong in (lambda: policy.parse(BROKEN), lambda: policy.evaluate(FAILS, claims), lambda: ClaimSet({"a": 1.5})):
                    with self.assertRaises(Error):
                        wrong()
                difference = made.compare(GUEST)
                difference.add("claims", claims)
                str(difference), str(made.lint())

        levels_off(self, work)


class Differences(unittest.TestCase):
    def test_rules(self):
        other = GUEST.replace("// a must", "").replace(" => permit", " =>  permit")
        same = policy.compare(GUEST, other)
        self.assertEqual((same.is_same, same.is_same_text, same.change_count, bool(same)), (True, False, 0, False))
        self.assertEqual(repr(same), "PolicyDifference(same rules, other text)")
        self.assertEqual(repr(policy.compare(GUEST, GUEST)), "PolicyDifference(same text)")
        differs = policy.parse(GUEST).compare(GUEST.replace('"level"', '"grade"'))
        self.assertEqual((differs.is_same, differs.change_count, bool(differs)), (False, 1, True))
        self.assertEqual([change["kind"] for change in differs.to_dict()["changes"]], ["rule_changed"])
        self.assertEqual(str(differs), differs.text)
        self.assertRegex(differs.text, r'(?m)^-.*"level"')
        self.assertRegex(differs.text, r'(?m)^\+.*"grade"')
        with self.assertRaises(PolicyError):
            policy.compare(GUEST, BROKEN)
        with self.assertRaises(TypeError):
            pickle.dumps(differs)

    def test_outcomes(self):
        found = policy.compare(GUEST, GUEST.replace("==false", "==true"))
        found.add("on", {"secureboot": True})
        found.add("off", ClaimSet({"secureboot": False}))
        found.add("none", "{}")
        self.assertEqual((found.outcome_count, found.outcome_changed_count), (3, 2))
        outcomes = {each["name"]: (each["before"]["outcome"], each["after"]["outcome"]) for each in found.to_dict()["outcomes"]}
        self.assertEqual(outcomes, {"on": ("permit", "deny"), "off": ("deny", "permit"), "none": ("permit", "permit")})
        self.assertEqual(repr(found), "PolicyDifference(1 change, 2 of 3 outcomes differ)")
        with self.assertRaises(TypeError):
            found.add(5, {})


class Asynchronous(unittest.TestCase):
    def test_what_sends_nothing_is_the_same_there(self):
        from azattest.aio import policy as waiting

        for name in ("compare", "default_text", "evaluate", "explain", "format", "known_name", "lint", "lint_rules", "parse", "Policy"):
            self.assertIs(getattr(waiting, name), getattr(policy, name))


# ---- real policies ----

REFUSED = {"09": 5, "14": 5, "23": 4, "24": 13, "27": 23, "44": 1, "45": 1}  # and the line of the first error
LENIENT = {"39"}
INVALID = {"01": 2, "02": 3, "03": 4, "04": 5, "05": 4, "06": 5, "07": 2, "08": 2, "09": 2, "10": 3, "11": 5, "12": 4, "13": 4,
           "14": 5, "15": 5, "16": 3}
SIGNER = "2c1a44952ae8207135c6c29b75b8c029372ee94b677e15c20bd42340f10d41aa"
DRAFTED = "4aea5f9a0ed04b11f889aadfe6a1d376213a29a95a85ce7337ae6f7fece6610c"
SGX = {"x-ms-attestation-type": "sgx", "x-ms-sgx-is-debuggable": False, "x-ms-sgx-product-id": 1, "x-ms-sgx-svn": 2,
       "x-ms-sgx-mrsigner": SIGNER, "x-ms-sgx-mrenclave": "ee"}
ISSUED = {"is-debuggable": False, "sgx-mrsigner": SIGNER, "sgx-mrenclave": "ee", "product-id": 1, "svn": 2, "tee": "sgx"}
OLD = {"$tee": "sgx", "$is-debuggable": False, "$product-id": 1, "$svn": 2, "$sgx-mrsigner": SIGNER, "$sgx-mrenclave": "ee"}
BOOT = {"aikValidated": True, "secureBootEnabled": True, "bootDebuggingDisabled": True, "notSafeMode": True}
VBS = {**BOOT, "vbsEnabled": True, "notWinPE": True}
ENCLAVE = {"vsmReportPresent": True, "enclaveAuthorId": "A" * 43, "enclaveImageId": "AQEAAAAAAAAAAAAAAAAAAA", "enclaveSvn": 0}
REGISTERS = ["4c833b1c361fceffd8dc0f81eec76081b71e1a0eb2193caed0b6e1c7735ec33e",
             "8c25e3be6ad6f5bd33c9ae40d5d5461e88c1a7366df0c9ee5c7e5ff40d3d1d0e",
             *["3d458cfe55cc03ea1f443f1562beec8df51c75e14a9fcf9a7234a13f198e7969"] * 2]


def signed_by(signer, debuggable=False):
    return {"x-ms-sgx-is-debuggable": debuggable, "x-ms-sgx-mrsigner": signer}


def draft(product, debuggable):
    return {**signed_by(DRAFTED, debuggable), "x-ms-sgx-product-id": product, "x-ms-sgx-svn": 0}


def event(seq, pcr, **data):
    return {"EventSeq": seq, "EventTypeString": "EV_EVENT_TAG", "PcrIndex": pcr, "ProcessedData": data}


def events(*listed):
    return {"events": {"Events": list(listed)}}


def pcrs(*values):
    return {"pcrs": {"PCRs": [{"Index": i, "Digests": {"SHA256": value}} for i, value in enumerate(values)]}}


def request_key(attributes):
    return {"x-ms-tpm-request-key": {"jwk": {"kty": "RSA"}, "info": {"tpm_certify": {"name_alg": 11, "obj_attr": attributes}}}}


SECURE_BOOT = {"EventSeq": 3, "EventTypeString": "EV_EFI_VARIABLE_DRIVER_CONFIG", "PcrIndex": 7, "ProcessedData": {
    "VariableGuid": "8BE4DF61-93CA-11D2-AA0D-00E098032B8C", "UnicodeName": "SecureBoot", "VariableData": "AQ"}}
PCR_12 = event(10, 12, EVENT_TRUSTBOUNDARY={
    "EVENT_BITLOCKER_UNLOCK": {"Value": 2}, "EVENT_VBS_VSM_REQUIRED": True, "EVENT_CODEINTEGRITY": True,
    "EVENT_VBS_MANDATORY_ENFORCEMENT": True, "EVENT_VBS_HVCI_POLICY": {"String": "HypervisorEnforcedCodeIntegrityEnable", "Value": 1}})
INTEGRITY = event(9, 13, EVENT_TRUSTBOUNDARY={
    "EVENT_CODEINTEGRITY": True, "EVENT_BITLOCKER_UNLOCK": {"Value": 2}, "EVENT_LOADEDMODULE_AGGREGATION": [
        {"EVENT_IMAGEVALIDATED": True, "EVENT_FILEPATH": "\\Windows\\System32\\Drivers\\WdBoot.sys"},
        {"EVENT_IMAGEVALIDATED": True, "EVENT_FILEPATH": "other.sys"}]})
DRTM = (event(20, 20, EVENT_TRUSTBOUNDARY={"EVENT_DRTM_STATE_AUTH": {"SignatureValid": True}}), event(15, 20, EVENT_DRTM_SMM={"Value": 3}))
LINUX = {"bootOrder": 0, "platformKey": 0, "keyExchangeKey": 0, "keyDatabase": 0, "forbiddenSignatures": 0, "kernelVersions": 0,
         "builtintrustedkeys": 0, "secureBootEnabled": False}
WINDOWS = dict.fromkeys(("aikValidated", "SecureBootEnabled", "CodeIntegrityEnabled", "BitlockerStatus", "ELAMDriverLoaded"), True)

# (policy, claims, what it issues or None for a deny, properties): the same facts as the library's own tests have
OUTCOMES = (
    ("01", {"secureboot": True}, {}, {}), ("01", {"secureboot": False}, None, {}), ("02", {}, {}, {}),
    ("03", SGX, ISSUED, {"x-ms-sgx-tcbidentifier": "azuredefault"}), ("04", SGX, ISSUED, {}), ("05", OLD, ISSUED, {}), ("05", SGX, None, {}),
    ("06", SGX, ISSUED, {}), ("07", {}, {}, {}), ("08", {}, {}, {}), ("10", signed_by("mrsigner2", True), {}, {}),
    ("10", signed_by("mrsigner3", True), None, {}), ("11", signed_by("mrsigner1"), {}, {}), ("11", signed_by("mrsigner2"), None, {}),
    ("12", signed_by("mrsigner1"), {}, {}), ("12", signed_by("mrsigner2"), {}, {}), ("12", signed_by("mrsigner2", True), None, {}),
    ("13", signed_by("mrsigner2"), {}, {}), ("13", signed_by("mrsigner1"), None, {}),
    ("15", SGX, ISSUED, {"x-ms-sgx-tcbidentifier": "10"}), ("16", SGX, ISSUED, {"x-ms-sgx-tcbidentifier": "10"}),
    ("17", draft(1, True), {"custom-name": DRAFTED}, {}), ("17", draft(0, True), None, {}), ("18", draft(1, True), None, {}),
    ("18", draft(0, False), {"custom-name": DRAFTED}, {}), ("19", SGX, {"My-MrSigner": SIGNER}, {}), ("19", signed_by("aa"), None, {}),
    ("20", BOOT, None, {}), ("21", BOOT, {}, {}), ("21", [("secureBootEnabled", True, "CustomClaim")], None, {}),
    ("22", BOOT, {"SecurityLevelValue": 100}, {}), ("22", {"secureBootEnabled": False}, None, {}), ("25", BOOT, {"PlatformAttested": True}, {}),
    ("26", BOOT, {"PlatformAttested": True}, {"required_pcr_mask": 15, "require_valid_aik_cert": False}),
    ("28", BOOT, {"PlatformAttested": True}, {}), ("29", {}, {"hvciEnabled": False, "MaliciousDriverLoaded": False}, {}),
    ("29", events(SECURE_BOOT, INTEGRITY, PCR_12), {"hvciEnabled": True, "MaliciousDriverLoaded": True}, {}),
    ("30", {"aikValidated": True}, LINUX, {}), ("30", {"aikValidated": False}, None, {}),
    ("31", VBS, {"PlatformAttested": True}, {}), ("31", BOOT, {}, {}),
    ("32", {"aikValidated": True, **events(SECURE_BOOT, INTEGRITY, PCR_12)}, WINDOWS, {}),
    ("32", {"aikValidated": False}, dict.fromkeys(WINDOWS, False), {}), ("33", pcrs(*REGISTERS), {}, {}),
    ("33", pcrs("00", *REGISTERS[1:]), None, {}), ("33", {}, None, {}), ("34", events(*DRTM), {"drtmMleValid": True, "smmLevel": 3}, {}),
    ("34", {}, {"drtmMleValid": False}, {}), ("35", ENCLAVE, {}, {}), ("35", {**ENCLAVE, "enclaveAuthorId": "B"}, None, {}),
    ("36", {"bootEvents": "b", "events": {"Events": []}}, {"outputBootEvents": "b", "outputEvents": '{"Events":[]}'}, {}),
    ("37", {}, dict.fromkeys(("secureBootEnabled", "bootDebuggingDisabled", "vbsEnabled", "drtmMleValid"), False), {}),
    ("38", events(INTEGRITY), {"alldriverloads": json.dumps(["\\Windows\\System32\\Drivers\\WdBoot.sys", "other.sys"]).replace(", ", ","),
                               "DriverLoadPolicy": "null"}, {}),
    ("39", request_key(50), {}, {}), ("39", request_key(51), None, {}), ("40", {"secureboot": False}, {}, {}),
    ("40", {"x-ms-azurevm-debuggersdisabled": False}, None, {}), ("41", OLD, ISSUED, {}), ("41", {}, None, {}),
    ("42", {"$is-debuggable": False, "$public_key_0": "k", "$product_id_0": 7, "$tee": "x"},
     {"device_id": "k", "component_0_id": 7, "expected_components": "component_0", "tee": "x"}, {}),
    ("42", {}, None, {}), ("43", [("aas-ehd", "x", "CustomClaim")], {"aas-ehd": "x"}, {"omit_x5c": True}),
    ("43", {"aas-ehd": "x"}, {}, {"omit_x5c": True}),
)


def corpus(folder="policies"):
    found = {path.name[:2]: path.read_bytes() for path in sorted((EVIDENCE / folder).glob("*.policy"))}
    assert found, "SKIPPED: there are no policies in %s" % folder
    return found


@needs_evidence
class RealPolicies(unittest.TestCase):
    def test_every_valid_one_is_read_and_laid_out(self):
        for number, text in corpus().items():
            if number in REFUSED:
                continue
            with self.subTest(number):
                made = policy.parse(text, lenient=number in LENIENT)
                self.assertEqual(made.text.encode(), text)
                self.assertEqual(made.lint().error_count, 0, str(made.lint()))
                again = policy.parse(made.formatted, lenient=number in LENIENT)
                self.assertTrue(made.compare(again).is_same)
                self.assertEqual(again.formatted, made.formatted)
                self.assertEqual(made.rule_count, sum(len(section["rules"]) for section in made.tree()["sections"]))
                self.assertIn("Version " + made.version, made.explanation)
                self.assertEqual(pickle.loads(pickle.dumps(made)), made)
        with self.assertRaises(PolicyError):
            policy.parse(corpus()["39"])

    def test_the_others_are_refused_where_their_fault_is(self):
        texts, invalid = corpus(), corpus("policies/invalid")
        self.assertEqual(set(invalid), set(INVALID))
        for text, line in [(texts[each], line) for each, line in REFUSED.items()] + [(invalid[each], line) for each, line in INVALID.items()]:
            with self.subTest(text[:60]):
                with self.assertRaises(PolicyError) as caught:
                    policy.parse(text)
                error = caught.exception
                self.assertEqual(error.findings[0].line, line)
                self.assertIn("line %d, column" % line, error.problems[0].detail)
                self.assertEqual({policy.lint(text).error_count, len(error.findings)}, {len(error.problems)})

    def test_every_one_comes_out_as_it_has_to(self):
        texts = corpus()
        self.assertEqual({number for number, *_ in OUTCOMES}, set(texts) - set(REFUSED))
        for number, claims, issued, properties in OUTCOMES:
            with self.subTest("%s %s" % (number, str(claims)[:60])):
                found = policy.parse(texts[number], lenient=number in LENIENT).evaluate(claims)
                self.assertEqual(found.is_permitted, issued is not None, str(found))
                self.assertEqual((found.claims, found.properties), (issued or {}, properties))

    def test_known_texts(self):
        texts = corpus()
        for number, attestation_type in (("01", "AzureGuest"), ("02", "SevSnpVm"), ("02", "tdx-vm")):
            with self.subTest(number):
                self.assertEqual(policy.default_text(attestation_type).encode(), texts[number])
                self.assertIn("default", policy.known_name(policy.parse(texts[number]).policy_hash))
                self.assertIn("default of", repr(policy.parse(texts[number])))
        for attestation_type in ("sgx", azattest.AttestationType.OPEN_ENCLAVE):  # the text of 2022, which the corpus has not got
            self.assertIn("default of SgxEnclave", policy.known_name(policy.policy_hash(policy.default_text(attestation_type))))
        self.assertIsNone(policy.default_text("Tpm"))
        self.assertIsNone(policy.default_text("nothing"))
        self.assertIsNone(policy.known_name(bytes(32)))
        self.assertIsNone(policy.known_name(b""))
        for wrong in (None, 5, "x" * 32):
            with self.assertRaises(TypeError):
                policy.known_name(wrong)
            if not isinstance(wrong, str):
                with self.assertRaises(TypeError):
                    policy.default_text(wrong)


@needs_evidence
class RealTokens(unittest.TestCase):
    def tokens(self):
        for path in sorted((EVIDENCE / "maa-tokens").glob("*.jwt")):
            if not path.name.startswith("neg-"):
                yield path.name, azattest.inspect(path.read_text().strip())

    def test_a_policy_over_a_token_gives_what_the_token_has(self):
        policies = [policy.parse(text, lenient=True) for number, text in corpus().items() if number not in REFUSED]
        policies += [policy.parse(policy.default_text(each)) for each in azattest.AttestationType if policy.default_text(each)]
        known = 0
        for name, token in self.tokens():
            if "x-ms-attestation-type" not in token.body():
                continue
            matching = [each for each in policies if each.matches_token(token)]
            for made in matching[:1]:
                with self.subTest(name):
                    found = made.evaluate(token)
                    body = token.body()
                    self.assertTrue(found, str(found))
                    self.assertEqual(found.claims, body.get("x-ms-policy", found.claims))
                    self.assertEqual({each: body.get(each) for each in found.claims}, found.claims)
                    result = token.result(unverified=True)
                    self.assertEqual(made.evaluate(result).claims, found.claims)
                    self.assertIs(made.matches_token(result), True)
                    self.assertIs(made.matches_token(str(token)), True)
                    self.assertIs(policy.parse(GUEST).matches_token(token), False)
                    if result.isolation_tee is not None:
                        with self.assertRaisesRegex(ValueError, "guest"):
                            made.evaluate(result.isolation_tee)
                    known += 1
        self.assertGreaterEqual(known, 5)

    def test_claims_of_tokens(self):
        token = azattest.inspect(token_text())
        claims = ClaimSet.from_token(token)
        types = [claim.type for claim in claims]
        self.assertIn("x-ms-sgx-mrsigner", types)
        self.assertIn("$sgx-mrsigner", types)
        for name in ("iss", "exp", "nbf", "jti"):
            self.assertNotIn(name, types)
        self.assertEqual(ClaimSet.from_token(token_text(), attestation_type="SgxEnclave"), claims)
        self.assertEqual(ClaimSet.from_token(token.result(unverified=True)), claims)
        self.assertEqual({claim.issuer for claim in claims}, {"AttestationService"})
        with self.assertRaisesRegex(ValueError, "(?i)tpm"):
            ClaimSet.from_token(token, attestation_type="Tpm")
        with self.assertRaises(ValueError):
            ClaimSet.from_token(make_token({"alg": "none"}, {"a": 1}))
        with self.assertRaises(TypeError):
            ClaimSet.from_token(token, nonce="n")
        self.assertIsNone(policy.parse(GUEST).matches_token(make_token({"alg": "none"}, {"a": 1})))
        with self.assertRaises(ValueError):  # the policy's own type
            policy.parse(GUEST, "Tpm").evaluate(token)


@needs_evidence
class RealEvidence(unittest.TestCase):
    def test_a_quote_says_what_its_token_would(self):
        quote = Evidence.parse(read(QUOTE))
        found = policy.parse(policy.default_text("SgxEnclave"), "SgxEnclave").evaluate(quote)
        self.assertTrue(found)
        self.assertEqual(found.claims["sgx-mrenclave"], quote.mr_enclave.hex())
        self.assertEqual(found.claims["sgx-mrsigner"], quote.mr_signer.hex())
        self.assertEqual((found.claims["product-id"], found.claims["svn"], found.claims["is-debuggable"]), (1, 1, False))
        claims = ClaimSet.from_evidence(quote)
        self.assertEqual(ClaimSet.from_evidence(read(QUOTE), attestation_type="SgxEnclave"), claims)
        self.assertEqual(ClaimSet.from_evidence(EVIDENCE / QUOTE), claims)
        self.assertEqual(policy.evaluate(policy.default_text("sgx"), claims).claims, found.claims)
        with self.assertRaisesRegex(ValueError, "TdxVm"):
            ClaimSet.from_evidence(quote, attestation_type="TdxVm")
        with self.assertRaisesRegex(ValueError, "TdxVm"):
            policy.parse(GUEST, "TdxVm").evaluate(quote)
        self.assertTrue(policy.parse(GUEST, "TdxVm").evaluate(quote, attestation_type="SgxEnclave"))
        difference = policy.compare(policy.default_text("SgxEnclave"), CONFIGURED)
        difference.add("quote", quote, attestation_type="SgxEnclave")
        self.assertEqual((difference.outcome_count, difference.outcome_changed_count), (1, 1))

    def test_data_have_to_be_bound(self):
        quote = Evidence.parse(read(QUOTE))
        for options in ({"runtime_data": b"other"}, {"runtime_json": '{"a":1}'}, {"runtime_data": azattest.AttestationData(b"other")}):
            with self.subTest(options), self.assertRaises(azattest.EvidenceError) as caught:
                policy.evaluate(GUEST, quote, **options)
            self.assertEqual(caught.exception.code, Status.E_BINDING)
        for wrong, error in (({"runtime_json": {"a": 1}}, TypeError), ({"nonce": b"n"}, TypeError), ({"nonc": "n"}, TypeError),
                             ({"runtime_data": "text"}, TypeError)):
            with self.subTest(wrong), self.assertRaises(error):
                ClaimSet.from_evidence(quote, **wrong)

    def test_held_data_of_a_recording_become_claims(self):
        entries = json.loads(read("recordings/" + self.recording()))["Entries"]
        call = next(each for each in entries if "/attest/SgxEnclave" in each["RequestUri"] and "runtimeData" in each["RequestBody"]
                    and each["RequestBody"]["runtimeData"]["dataType"] == "Binary" and "token" in each["ResponseBody"])
        data, quote = (from_base64url(text) for text in (call["RequestBody"]["runtimeData"]["data"], call["RequestBody"]["quote"]))
        claims = ClaimSet.from_evidence(quote, runtime_data=azattest.AttestationData(data, is_json=False))
        body = azattest.inspect(call["ResponseBody"]["token"]).body()
        self.assertEqual({claim.type: claim.value for claim in claims}["x-ms-sgx-ehd"], body["x-ms-sgx-ehd"])

    def recording(self):
        for path in sorted((EVIDENCE / "recordings").glob("*.json")):
            text = path.read_text()
            if '"dataType": "Binary"' in text and "/attest/SgxEnclave" in text:
                return path.name
        raise AssertionError("there is no recording with binary runtime data")

    def test_other_hardware(self):
        for name, attestation_type, wanted in (("azure-cvm-v4.bin", "TdxVm", "tdxvm"), ("azure-aci-20250617.report.bin", "SevSnpVm", "sevsnpvm"),
                                               ("azure-snp-genoa.evidence.json", "AzureGuest", "azurevm")):
            path = next(EVIDENCE.glob("*/" + name), None)
            with self.subTest(name):
                self.assertIsNotNone(path)
                found = Evidence.load(path)
                for claims in (ClaimSet.from_evidence(found), ClaimSet.from_evidence(found, attestation_type=attestation_type)):
                    self.assertIn(("x-ms-attestation-type", wanted, "AttestationService"), claims)
                self.assertTrue(policy.evaluate(policy.default_text(attestation_type), found))

    def test_every_quote_and_report_has_its_claims(self):
        seen = 0
        for name, fact in facts().items():
            if fact.get("kind") not in ("quote", "oe_report") or "/neg-" in name:
                continue
            with self.subTest(name):
                quote = Evidence.load(read(name))
                claims = {claim.type: claim.value for claim in ClaimSet.from_evidence(quote)}
                if quote.mr_enclave is not None:
                    self.assertEqual((claims["x-ms-sgx-mrenclave"], claims["x-ms-sgx-svn"]), (quote.mr_enclave.hex(), quote.svn))
                    seen += 1
        self.assertGreaterEqual(seen, 9)


if __name__ == "__main__":
    unittest.main()
