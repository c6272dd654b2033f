"""The command `azattest`: policies parsed, linted, formatted, explained, evaluated, compared and hashed, without a service."""

import json
import os
import pty
import re
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
from pathlib import Path

from command_support import (COMMAND, EVIDENCE, NOT_VALID, UNREACHED, VALID, WRONG_USE, CommandTest, b64url, environment,
                             main, make_token, needs_evidence, run)

POLICIES = EVIDENCE / "policies"
# Of the folder's README: what no reader takes, and what is taken leniently alone.
BROKEN = {"09", "14", "23", "24", "27", "44", "45"}
DISPUTED = {"39"}
# Of the README of `invalid`: where the fault is.
INVALID_LINES = {"01": 2, "02": 3, "03": 4, "04": 5, "05": 4, "06": 5, "07": 2, "08": 2, "09": 2, "10": 3, "11": 5,
                 "12": 4, "13": 4, "14": 5, "15": 5, "16": 3}

# Nothing to say about it.
CLEAN = 'version= 1.0;authorizationrules{[type=="x-ms-sgx-is-debuggable", value==false] => permit();};'
PERMIT = 'version= 1.0;authorizationrules{=> permit();};issuancerules{};'
GUEST = """version= 1.0;
authorizationrules {
  // secure boot is a must
  [type=="secureboot", value==false] => deny();
  => permit();
};
issuancerules {
  c:[type=="svn"] => issue(type="level", value=c.value);
};
"""
CONFIGURED = """version= 1.1;
configurationrules { => issueproperty(type="x-ms-sgx-tcbidentifier", value="azuredefault"); };
authorizationrules { [type=="x-ms-sgx-is-debuggable", value==false] => permit(); };
issuancerules { c:[type=="x-ms-sgx-mrsigner"] => issue(type="sgx-mrsigner", value=c.value); };
"""
BROKEN_TEXT = 'version= 1.0;\nauthorizationrules {\n  [type="secureboot"] => permit();\n};\n'
FAILS = 'version= 1.2;\nauthorizationrules {\n  => permit();\n};\nissuancerules {\n' \
        '  c:[type=="doc"] => issue(type="x", value=JsonToClaimValue(c.value));\n};\n'
FORMS = {"sgx-quote": "SgxEnclave", "open-enclave-report": "OpenEnclave"}


def corpus(folder=""):
    return sorted((POLICIES / folder).glob("*.policy"))


def number(path):
    return path.name[:2]


def valid():
    return [path for path in corpus() if number(path) not in BROKEN | DISPUTED]


class Policies(CommandTest):
    def policy(self, text=GUEST, name="my.policy"):
        return self.file(name, text)

    def claims(self, value, name="claims.json"):
        return self.file(name, json.dumps(value))


class Inputs(Policies):
    """What every word that reads a policy makes of files that are none."""

    words = (["parse"], ["format"], ["format", "--check"], ["explain"], ["lint"], ["eval", "--claims", "{claims}"],
             ["diff", "default:SgxEnclave"])

    def each(self):
        claims = self.claims({})
        for words in self.words:
            yield ["policy", *(str(claims) if word == "{claims}" else word for word in words)]

    def test_files_that_cannot_be_read_say_why(self):
        locked = self.file("locked", GUEST)
        locked.chmod(0)
        for words in self.each():
            self.expect(UNREACHED, *words, self.folder / "absent", says="No such file")
            self.expect(UNREACHED, *words, self.folder, says="name the files in it")
            self.expect(UNREACHED, *words, self.file("huge", b"/" * 70000), says="65536 bytes")
            self.expect(UNREACHED, *words, self.file("binary", b"\x7fELF\x02\x00\x00"), says="byte 6 is 0x00")
            self.expect(UNREACHED, *words, self.file("latin", b'version= 1.0; // \xe4'), says="WINDOWS-1252")
            self.expect(UNREACHED, *words, self.file("wide", GUEST.encode("utf-16")), says="iconv -f UTF-16")
            self.expect(WRONG_USE, *words, self.file("empty", b""), says="the policy is empty")
            if os.geteuid() != 0:
                self.expect(UNREACHED, *words, locked, says="Permission denied")

    def test_with_json_a_failure_is_a_document(self):
        for words in self.each():
            document = self.document(UNREACHED, *words, self.folder / "absent")
            error = document.get("error") or document["files"][0]["error"]
            self.assertEqual(error["code"], "AZATTEST_E_STATE")

    def test_json_is_utf_8_whatever_files_are_called(self):
        path = os.path.join(os.fsencode(self.folder), b"p\xff\xc3.policy")
        Path(os.fsdecode(path)).write_text(CLEAN)
        for words in self.each():
            code = NOT_VALID if {"--check", "diff", "eval"} & set(words) else VALID
            self.document(code, *words, os.fsdecode(path))

    def test_standard_input_and_defaults_are_files_too(self):
        for words in self.each():
            if words[1] == "diff":
                self.expect(VALID, "policy", "diff", "-", "default:sgx", stdin=self.default("SgxEnclave"))
                continue
            more = ["--fail-on", "error"] if words[1] == "lint" else []
            done = run(*words, "-", *more, stdin=PERMIT.encode())
            self.assertIn(done.returncode, (VALID, NOT_VALID) if "--check" in words else (VALID,), done.stderr)
            done = run(*words, "default:AzureGuest", *more)
            self.assertIn(done.returncode, (VALID, NOT_VALID) if "--check" in words else (VALID,), done.stderr)

    def default(self, kind):
        return self.expect(VALID, "policy", "format", f"default:{kind}").stdout

    def test_a_default_that_is_not_known_is_wrong_use(self):
        self.expect(WRONG_USE, "policy", "parse", "default:SgxEnclav", says="did you mean SgxEnclave?")
        self.expect(WRONG_USE, "policy", "parse", "default:Tpm", says="Tpm has no default policy")
        self.expect(UNREACHED, "policy", "parse", "SgxEnclave", says="default:TYPE")

    def test_a_type_that_is_not_known_is_wrong_use(self):
        self.expect(WRONG_USE, "policy", "lint", self.policy(), "--type", "TdxVn", says="did you mean TdxVm?")
        self.expect(WRONG_USE, "policy", "eval", self.policy(), "--claims", self.claims({}), "--type", "",
                    says="types are SgxEnclave")

    def test_a_policy_with_errors_shows_them_with_their_places(self):
        broken = self.policy(BROKEN_TEXT)
        for words in self.each():
            code = WRONG_USE if words[1] in ("eval", "diff") else NOT_VALID
            done = self.expect(code, *words, broken)
            self.assertRegex((done.stdout + done.stderr).decode(), r"(?m)^.*my\.policy:3:8: .*error: .* \[single-equals\]$")
            document = self.document(code, *words, broken)
            findings = document.get("findings") or document["files"][0]["findings"]
            self.assertEqual((findings[0]["id"], findings[0]["line"], findings[0]["column"]), ("single-equals", 3, 8))

    def test_help_says_what_the_exit_codes_mean(self):
        for word in ("lint", "format", "eval", "diff", "hash"):
            self.assertRegex(self.expect(VALID, "policy", word, "--help").stdout.decode(), r"(?s)(, 1:|1 no|code 1)")


class Lint(Policies):
    def test_the_exit_code_follows_the_threshold(self):
        clean, warned = self.policy(CLEAN, "clean"), self.policy(GUEST.replace("svn", "sgx-mrsiner"), "warned")
        broken = self.policy(BROKEN_TEXT, "broken")
        self.expect(VALID, "policy", "lint", clean, says="no findings in 1 file")
        self.expect(VALID, "policy", "lint", warned, "--type", "SgxEnclave", says="warning")
        self.expect(VALID, "policy", "lint", warned, "--type", "SgxEnclave", "--fail-on", "error")
        self.expect(NOT_VALID, "policy", "lint", warned, "--type", "SgxEnclave", "--fail-on", "warning")
        self.expect(NOT_VALID, "policy", "lint", warned, "--type", "SgxEnclave", "--fail-on", "note")
        for severity in ("error", "warning", "note"):
            self.expect(NOT_VALID, "policy", "lint", broken, "--fail-on", severity)
        self.expect(WRONG_USE, "policy", "lint", clean, "--fail-on", "never", says="none of error, warning, note")
        self.expect(UNREACHED, "policy", "lint", broken, self.folder / "absent", clean, says="1 file could not be read")

    def test_a_finding_has_its_place_and_a_caret(self):
        text = self.expect(NOT_VALID, "policy", "lint", self.policy(BROKEN_TEXT)).stdout.decode()
        lines = text.splitlines()
        self.assertRegex(lines[0], r"my\.policy:3:8: error: .+ \[single-equals\]$")
        self.assertEqual(lines[1], '    3 |   [type="secureboot"] => permit();')
        self.assertEqual(lines[2].index("^"), lines[1].index("="))
        self.assertRegex(lines[-1], r"^1 error(, .*)? in 1 file$")

    def test_the_caret_stands_right_behind_tabs_and_letters_of_several_bytes(self):
        text = 'version= 1.0;\nauthorizationrules {\n\t[type=="\u00e4\u00e4", value="x"] => permit();\n};\n'
        lines = self.expect(NOT_VALID, "policy", "lint", self.policy(text)).stdout.decode().splitlines()
        at = next(i for i, line in enumerate(lines) if "[single-equals]" in line)
        self.assertEqual(lines[at + 2].index("^"), lines[at + 1].index('="x"'))

    def test_a_long_line_is_cut_around_the_place(self):
        rules = "".join(f'[type=="name-{i}", value=={i}] => permit();' for i in range(60))
        text = f'version= 1.0;authorizationrules{{{rules}[type="x"] => permit();{rules}}};'
        lines = self.expect(NOT_VALID, "policy", "lint", self.policy(text)).stdout.decode().splitlines()
        at = next(i for i, line in enumerate(lines) if "[single-equals]" in line)
        self.assertLess(len(lines[at + 1]), 125)
        self.assertIn("...", lines[at + 1])
        self.assertEqual(lines[at + 1][lines[at + 2].index("^")], "=")

    def test_what_a_terminal_obeys_is_not_printed(self):
        text = 'version= 1.0;\nauthorizationrules {\n  [type=="\x1b[31m\u202e", value="x"] => permit();\n};\n'
        done = run("policy", "lint", self.policy(text))
        self.assert_plain(done.stdout.decode())

    def test_colours_are_for_terminals_whose_owner_wants_them(self):
        broken = self.policy(BROKEN_TEXT)
        for changes, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            ours, theirs = pty.openpty()
            subprocess.run([COMMAND, "policy", "lint", broken], stdout=theirs, check=False,
                           env=environment(**{"TERM": "xterm", **changes}))
            os.close(theirs)
            self.assertEqual(b"\x1b[1;31merror:\x1b[0m" in os.read(ours, 65536), coloured, changes)
            os.close(ours)
        self.assertNotIn(b"\x1b", self.expect(NOT_VALID, "policy", "lint", broken).stdout)

    def test_json_has_a_member_for_each_file(self):
        broken, clean = self.policy(BROKEN_TEXT, "broken"), self.policy(CLEAN, "clean")
        document = self.document(UNREACHED, "policy", "lint", broken, clean, self.folder / "absent")
        self.assertEqual((document["ok"], document["unread"]), (False, 1))
        self.assertEqual([each["file"] for each in document["files"]],
                         [str(broken), str(clean), str(self.folder / "absent")])
        first, second, third = document["files"]
        self.assertEqual((first["errors"], second["errors"], second["findings"]), (1, 0, []))
        self.assertEqual(third["error"]["code"], "AZATTEST_E_STATE")
        self.assertGreaterEqual(set(first["findings"][0]),
                                {"severity", "id", "line", "column", "offset", "length", "message"})

    def test_a_comment_silences(self):
        text = GUEST.replace("svn", "sgx-mrsiner")
        self.expect(NOT_VALID, "policy", "lint", self.policy(text), "--type", "SgxEnclave", "--fail-on", "warning",
                    says="[unknown-claim]")
        silenced = text.replace("version= 1.0;", "version= 1.0; // azattest: ignore-file unknown-claim")
        done = self.expect(VALID, "policy", "lint", self.policy(silenced), "--type", "SgxEnclave")
        self.assertNotIn(b"[unknown-claim]", done.stdout)

    def test_the_nearest_name_is_offered(self):
        text = GUEST.replace("secureboot", "securebot")
        self.expect(VALID, "policy", "lint", self.policy(text), "--type", "AzureGuest", says="secureboot")

    def test_every_finding_can_be_explained(self):
        rules = self.document(VALID, "policy", "lint", "--explain", "all")
        self.assertIn("unknown-claim", [rule["id"] for rule in rules])
        for rule in rules:
            self.assertEqual(self.document(VALID, "policy", "lint", "--explain", rule["id"]), rule)
            self.assertTrue(rule["meaning"] and rule["fix"], rule)
        self.expect(VALID, "policy", "lint", "--explain", "never-fires", says="never-fires (")
        self.assertEqual(len(re.findall(rb"(?m)^[a-z]", self.expect(VALID, "policy", "lint", "--explain", "all").stdout)),
                         len(rules))
        self.expect(WRONG_USE, "policy", "lint", "--explain", "unknown-clam", says="did you mean unknown-claim?")
        self.expect(WRONG_USE, "policy", "lint", "--explain", "x" * 50, says="in brackets")
        self.expect(WRONG_USE, "policy", "lint", "--explain", "syntax", self.policy(), says="leave out the files")
        self.expect(WRONG_USE, "policy", "lint", says="needs a FILE")

    @needs_evidence
    def test_real_policies_that_are_valid_have_no_error(self):
        for path in valid():
            document = self.document(VALID, "policy", "lint", path)
            self.assertEqual(document["errors"], 0, path)
        ids = {rule["id"] for rule in self.document(VALID, "policy", "lint", "--explain", "all")}
        document = json.loads(run("policy", "lint", "--json", *corpus(), *corpus("invalid")).stdout)
        self.assertEqual(len(document["files"]), len(corpus()) + len(corpus("invalid")))
        found = {finding["id"] for each in document["files"] for finding in each["findings"]}
        self.assertEqual(found - ids, set())

    @needs_evidence
    def test_real_policies_that_are_not_valid_are_refused(self):
        for path in corpus():
            if number(path) in BROKEN | DISPUTED:
                self.assertGreater(self.document(NOT_VALID, "policy", "lint", path)["errors"], 0, path)
            if number(path) in DISPUTED:
                document = self.document(VALID, "policy", "lint", path, "--lenient")
                self.assertGreater(document["warnings"], 0)

    @needs_evidence
    def test_made_invalid_ones_are_refused_where_the_fault_is(self):
        for path in corpus("invalid"):
            findings = self.document(NOT_VALID, "policy", "lint", path)["files"][0]["findings"]
            errors = [finding["line"] for finding in findings if finding["severity"] == "error"]
            self.assertEqual(errors[0], INVALID_LINES[number(path)], path)


class Format(Policies):
    def stable(self, text=GUEST):
        return self.expect(VALID, "policy", "format", self.policy(text, "unstable")).stdout

    def test_the_text_comes_on_standard_output(self):
        text = self.stable(CONFIGURED)
        self.assertEqual(self.expect(VALID, "policy", "format", "-", stdin=text).stdout, text)
        self.assertIn(b"// secure boot is a must", self.stable())
        self.assertEqual(self.policy(GUEST, "same").read_text(), GUEST)

    def test_check_names_what_is_not_stable(self):
        stable, other = self.file("stable", self.stable()), self.policy(CONFIGURED, "other")
        done = self.expect(VALID, "policy", "format", "--check", stable)
        self.assertEqual(done.stdout, b"")
        done = self.expect(NOT_VALID, "policy", "format", "--check", stable, other)
        self.assertEqual(done.stdout.decode(), f"{other} is not in the stable form\n")
        self.assertEqual(other.read_text(), CONFIGURED)
        files = self.document(NOT_VALID, "policy", "format", "--check", stable, other)["files"]
        self.assertEqual([each["stable"] for each in files], [True, False])

    def test_in_place_changes_files_and_leaves_those_with_errors(self):
        other, broken = self.policy(CONFIGURED, "other"), self.policy(BROKEN_TEXT, "broken")
        stable = self.file("stable", self.stable())
        before = stable.stat().st_mtime_ns
        other.chmod(0o640)
        done = self.expect(NOT_VALID, "policy", "format", "--in-place", other, broken, stable)
        self.assertEqual(done.stdout, b"")
        self.assertIn(b"the hash of the policy is now", done.stderr)
        self.assertEqual(other.read_bytes(), self.stable(CONFIGURED))
        self.assertEqual(stat.S_IMODE(other.stat().st_mode), 0o640)
        self.assertEqual(broken.read_text(), BROKEN_TEXT)
        self.assertEqual(stable.stat().st_mtime_ns, before)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["broken", "other", "stable", "unstable"])

    def test_in_place_writes_what_a_link_names(self):
        target = self.policy(CONFIGURED, "target")
        link = self.folder / "link"
        link.symlink_to("target")
        document = self.document(VALID, "policy", "format", "--in-place", link)
        self.assertEqual((document["ok"], document["files"][0]["written"]), (True, True))
        self.assertTrue(link.is_symlink())
        self.assertEqual(target.read_bytes(), self.stable(CONFIGURED))

    def test_in_place_makes_no_file_of_a_pipe(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_text, args=(CONFIGURED,))
        writer.start()
        self.expect(UNREACHED, "policy", "format", "--in-place", pipe, says="no regular file")
        writer.join()
        self.assertTrue(pipe.is_fifo())

    def test_in_place_leaves_the_file_when_there_is_no_room_for_another(self):
        path = self.policy(PERMIT + "//" + 20000 * "x", "large")
        before = path.read_bytes()
        done = subprocess.run([COMMAND, "policy", "format", "--in-place", path], capture_output=True, check=False,
                              env=environment(), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(done.returncode, UNREACHED, done.stderr)
        self.assertIn(b"File too large", done.stderr)
        self.assertEqual(path.read_bytes(), before)
        self.assertEqual([each.name for each in self.folder.iterdir()], ["large"])

    def test_wrong_use(self):
        self.expect(WRONG_USE, "policy", "format", says="needs a FILE")
        self.expect(WRONG_USE, "policy", "format", "--check", "--in-place", self.policy(), says="exclude each other")
        self.expect(WRONG_USE, "policy", "format", "--in-place", "-", says="standard output", stdin=b"x")
        self.expect(WRONG_USE, "policy", "format", "--in-place", "default:SgxEnclave", says="standard output")

    @needs_evidence
    def test_real_policies_are_stable_after_one_round_and_keep_their_tree(self):
        def bare(node):
            if isinstance(node, dict):
                return {name: bare(value) for name, value in node.items()
                        if name not in ("line", "column", "offset", "length", "comments")}
            return [bare(each) for each in node] if isinstance(node, list) else node

        for path in valid():
            text = self.expect(VALID, "policy", "format", path).stdout
            formatted = self.file("formatted", text)
            self.expect(VALID, "policy", "format", "--check", formatted)
            self.assertEqual(bare(self.document(VALID, "policy", "parse", formatted)),
                             bare(self.document(VALID, "policy", "parse", path)), path)
            self.expect(VALID, "policy", "diff", path, formatted)


class Parse(Policies):
    def test_the_tree_has_places(self):
        text = self.policy()
        tree = self.document(VALID, "policy", "parse", text)
        self.assertEqual(tree["version"], "1.0")
        self.assertEqual([section["name"] for section in tree["sections"]], ["authorizationrules", "issuancerules"])
        rule = tree["sections"][0]["rules"][0]
        self.assertEqual((rule["line"], rule["column"]), (4, 3))
        self.assertEqual(GUEST[rule["offset"]:rule["offset"] + rule["length"]].rstrip(";"),
                         '[type=="secureboot", value==false] => deny()')
        shown = self.expect(VALID, "policy", "parse", text).stdout.decode()
        self.assertIn("version 1.0, 3 rules", shown)
        self.assertRegex(shown, r'(?m)^ +4:3 +condition +\[type=="secureboot", value==false\]$')
        self.assertRegex(shown, r"(?m)^ +5:6 +action +permit\(\)$")
        self.assertRegex(shown, r"(?m)^ +3:3 +// secure boot is a must$")

    def test_what_is_taken_leniently(self):
        text = self.policy(PERMIT.replace("version", "Version"))
        self.expect(NOT_VALID, "policy", "parse", text)
        self.expect(VALID, "policy", "parse", text, "--lenient")

    def test_an_explanation_has_a_sentence_for_each_rule(self):
        document = self.document(VALID, "policy", "explain", self.policy())
        self.assertEqual((document["version"], document["known"]), ("1.0", None))
        self.assertIn("secureboot", document["explanation"])
        self.assertEqual(self.expect(VALID, "policy", "explain", self.policy()).stdout.decode(), document["explanation"])
        self.expect(VALID, "policy", "explain", "default:AzureGuest", says="default of AzureGuest")

    @needs_evidence
    def test_real_policies_are_parsed_and_explained(self):
        for path in valid():
            self.assertTrue(self.document(VALID, "policy", "parse", path)["sections"], path)
            self.expect(VALID, "policy", "parse", path)
            self.assertTrue(self.document(VALID, "policy", "explain", path)["explanation"], path)


class Evaluation(Policies):
    def evaluate(self, code, policy, claims, *words):
        return self.document(code, "policy", "eval", self.policy(policy), "--claims", self.claims(claims), *words)

    def test_claims_are_permitted_or_denied(self):
        document = self.evaluate(VALID, GUEST, {"secureboot": True, "svn": 3})
        self.assertIsNone(document["admitted"])
        self.assertEqual((document["claims_from"], document["evidence"]), ("claims", None))
        self.assertEqual((document["policy"]["outcome"], document["policy"]["deny_line"]), ("permit", None))
        self.assertEqual((document["issued_claims"], document["properties"]), ({"level": 3}, {}))
        self.assertEqual(document["token_claims"]["level"], 3)
        self.assertIn({"type": "level", "value": 3, "valueType": "Integer", "issuer": "AttestationPolicy"},
                      document["incoming_claims"])
        document = self.evaluate(NOT_VALID, GUEST, {"secureboot": False, "svn": 3})
        self.assertEqual((document["policy"]["outcome"], document["policy"]["deny_line"]), ("deny", 4))
        self.assertEqual((document["issued_claims"], document["token_claims"]), ({}, None))
        self.assertIn("secureboot", document["policy"]["deny_rule"])
        self.assertEqual(self.evaluate(NOT_VALID, CONFIGURED, {})["policy"]["outcome"], "deny")

    def test_the_first_line_says_that_claims_were_taken_as_they_are(self):
        words = ["policy", "eval", self.policy(), "--claims"]
        for code, boot, word in ((VALID, True, "PERMITTED"), (NOT_VALID, False, "DENIED")):
            text = self.expect(code, *words, self.claims({"secureboot": boot})).stdout.decode()
            self.assertTrue(text.startswith(word + "  "), text)
            self.assertIn("nobody verified them", text.splitlines()[0])
        token = self.file("token", make_token({"alg": "none"}, {"secureboot": True, "x-ms-attestation-type": "azurevm"}))
        text = self.expect(VALID, "policy", "eval", self.policy(), "--token", token).stdout.decode()
        self.assertIn("nobody verified the token", text.splitlines()[0])

    def test_an_evaluation_that_fails_is_no_denial(self):
        document = self.evaluate(UNREACHED, FAILS, {"doc": "{}"})
        self.assertEqual((document["admitted"], document["policy"]["outcome"]), (None, "error"))
        self.assertEqual(document["policy"]["error"]["code"], "AZATTEST_E_POLICY_EVALUATION")
        self.assertIsNone(document["token_claims"])
        text = self.expect(UNREACHED, "policy", "eval", self.policy(FAILS), "--claims", self.claims({"doc": "{}"}))
        self.assertTrue(text.stdout.startswith(b"NO OUTCOME  "), text.stdout)
        document = self.evaluate(UNREACHED, GUEST, {"secureboot": True, **{f"c{i}": i for i in range(50)}},
                                 "--work-limit", 5)
        self.assertEqual(document["policy"]["error"]["code"], "AZATTEST_E_LIMIT")

    def test_properties_are_shown(self):
        document = self.evaluate(VALID, CONFIGURED, {"x-ms-sgx-is-debuggable": False})
        self.assertEqual(document["properties"], {"x-ms-sgx-tcbidentifier": "azuredefault"})
        self.expect(VALID, "policy", "eval", self.policy(CONFIGURED), "--claims",
                    self.claims({"x-ms-sgx-is-debuggable": False}), says="azuredefault")

    def test_the_trace_says_what_fired_and_why_not(self):
        document = self.evaluate(VALID, GUEST, {"secureboot": True})
        self.assertEqual([rule["fired"] for rule in document["trace"]], [False, True, False])
        text = self.expect(VALID, "policy", "eval", self.policy(), "--claims", self.claims({"secureboot": True}),
                           "--trace").stdout.decode()
        self.assertIn("\nTrace (", text)
        self.assertNotIn("\nTrace (", self.expect(VALID, "policy", "eval", self.policy(), "--claims",
                                                  self.claims({"secureboot": True})).stdout.decode())

    def test_what_a_policy_issues_is_never_shown_in_the_place_of_the_service(self):
        issues = {"iss": "https://evil", "exp": 99, "x-ms-policy-hash": "AAAA", "x-ms-sgx-mrsigner": "00", "mine": "x"}
        text = PERMIT.replace("issuancerules{}", "issuancerules{%s}" % "".join(
            "=> issue(type=%s, value=%s);" % (json.dumps(name), json.dumps(value)) for name, value in issues.items()))
        for more, added in (([], []), (["--type", "SgxEnclave"], ["x-ms-attestation-type"])):
            document = self.document(VALID, "policy", "eval", self.policy(text), "--claims", self.claims({}), *more)
            self.assertEqual(document["issued_claims"], issues)
            token = document["token_claims"]
            self.assertEqual((sorted(token), token["x-ms-policy-hash"]),
                             (["mine", *added, "x-ms-policy-hash"], document["policy"]["policy_hash"]))

    def test_claims_that_cannot_be_used_name_the_file(self):
        words = ["policy", "eval", self.policy(), "--claims"]
        for content in ("", "x", "[1]", '{"a": 1.5}', '{"a":', "\x00", '"text"'):
            self.expect(UNREACHED, *words, self.file("bad.json", content), says="bad.json")
        self.expect(UNREACHED, *words, self.folder / "absent", says="cannot read claims")
        self.expect(UNREACHED, *words, self.folder, says="Is a directory")
        self.expect(VALID, *words, "-", stdin=b'[{"type":"secureboot","value":true,"issuer":"CustomClaim"}]')

    def test_wrong_use(self):
        claims, text = self.claims({}), self.policy()
        for words, says in (
            ([], "give one of --evidence FILE"),
            (["--claims", claims, "--token", claims], "exclude each other"),
            (["--claims", claims, "--root", claims], "--root is for the verification of --evidence"),
            (["--claims", claims, "--collateral", claims], "--collateral is for"),
            (["--claims", claims, "--nonce", "x"], "--nonce is for"),
            (["--evidence", claims, "--runtime-data", claims, "--runtime-json", claims], "exclude each other"),
            (["--claims", claims, "--work-limit", "0"], "--work-limit is not a number"),
            (["--claims", claims, "--work-limit", "many"], "--work-limit is not a number"),
        ):
            self.expect(WRONG_USE, "policy", "eval", text, *words, says=says)
        self.expect(WRONG_USE, "policy", "eval", "--claims", claims, says="needs a FILE")
        self.expect(WRONG_USE, "policy", "eval", "-", "--claims", "-", says="standard input is named twice")

    @needs_evidence
    def test_real_policies_are_evaluated_over_no_claims(self):
        claims = self.claims({})
        for path in valid():
            done = run("policy", "eval", path, "--claims", claims, "--json")
            self.assertIn(done.returncode, (VALID, NOT_VALID), (path, done.stderr))
            self.assertEqual(json.loads(done.stdout)["policy"]["outcome"] == "permit", done.returncode == VALID)

    @needs_evidence
    def test_claims_get_what_the_service_adds_for_their_type(self):
        words = ["policy", "eval", POLICIES / "05-default-sgx-2020-legacy.policy", "--claims",
                 self.claims({"x-ms-sgx-is-debuggable": False, "x-ms-sgx-svn": 3})]
        document = self.document(VALID, *words, "--type", "SgxEnclave")
        self.assertEqual(document["issued_claims"], {"is-debuggable": False, "svn": 3, "tee": "sgx"})
        self.assertEqual(self.document(NOT_VALID, *words)["policy"]["outcome"], "deny")
        words[-1] = self.file("list.json", '[{"type": "x-ms-sgx-is-debuggable", "value": false}]')
        self.document(NOT_VALID, *words, "--type", "SgxEnclave")
        words[-1] = self.claims({"x-ms-attestation-type": "tpm"})
        self.expect(UNREACHED, *words, "--type", "SgxEnclave", says='expected "sgx"')

    def test_names_of_the_service_are_marked(self):
        policy = self.policy('version= 1.0;authorizationrules{=> permit();};issuancerules{'
                             '=> issue(type="x-ms-sgx-svn", value=5); => issue(type="iss", value="x");};')
        words = ["policy", "eval", policy, "--claims", self.claims({"x-ms-sgx-svn": 3})]
        for said in ("  5 (the service keeps its own x-ms-sgx-svn)\n", "  x (the service keeps its own iss)\n"):
            self.expect(VALID, *words, "--type", "SgxEnclave", says=said)
        self.assertNotIn("keeps its own", self.expect(VALID, *words).stdout.decode())
        self.assertNotIn("keeps its own", self.expect(VALID, *words, "--type", "TdxVm").stdout.decode().replace(
            "x (the service keeps its own iss)", ""))
        token = self.document(VALID, *words, "--type", "SgxEnclave")["token_claims"]
        self.assertEqual((token["x-ms-sgx-svn"], token.get("iss")), (3, None))

    @needs_evidence
    def test_a_real_token_passes_the_policy_that_it_was_issued_under(self):
        tokens = EVIDENCE / "maa-tokens"
        for name, kind in (("azurevm-snp-weu-2023-03.jwt", "AzureGuest"), ("sgx-shared-2022-11.jwt", "SgxEnclave")):
            document = self.document(VALID, "policy", "eval", f"default:{kind}", "--token", tokens / name)
            self.assertEqual((document["claims_from"], document["policy"]["outcome"]), ("token", "permit"))
            document = self.document(VALID, "policy", "hash", f"default:{kind}", "--token", tokens / name)
            self.assertIs(document["matches_token"], True)


    def test_ctrl_c_ends_what_waits_for_standard_input(self):
        process = subprocess.Popen([COMMAND, "policy", "lint", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=environment())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, -signal.SIGINT)


class Evidence(Policies):
    """Evidence of a made-up platform: two verdicts, and one answer."""

    @classmethod
    def setUpClass(cls):
        cls.shared = Path(tempfile.mkdtemp(prefix="azattest-policy-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, True)
        cls.state = cls.shared / "state"
        cls.roots = cls.state / "simulator-roots.pem"
        cls.data = cls.shared / "data"
        cls.data.write_text('{"key": "value"}')
        for kind in FORMS:
            cls.make(kind, "--mr-enclave", "ab" * 32, "--mr-signer", "cd" * 32, "--product-id", 7, "--svn", 9,
                     "--runtime-data", cls.data)
        cls.make("tdx-quote")
        cls.make("snp-report")
        cls.make("azure-guest")
        for tee in ("tdx", "snp"):
            cls.make("collateral", "--with", f"tee={tee}", out=f"collateral-{tee}")

    @classmethod
    def make(cls, kind, *words, out=None):
        done = run("simulate", kind, "--state", cls.state, "--out", cls.shared / (out or kind), *words)
        if done.returncode != VALID:
            raise AssertionError(done.stderr.decode())

    def words(self, policy, kind, *words, root=True):
        return ["policy", "eval", policy, "--evidence", self.shared / kind, *(["--root", self.roots] if root else []),
                *words]

    def test_admitted_when_it_verifies_and_the_policy_permits(self):
        for kind, name in FORMS.items():
            words = self.words("default:SgxEnclave", kind, "--type", name)
            document = self.document(VALID, *words)
            self.assertIs(document["admitted"], True)
            self.assertEqual((document["evidence"]["verdict"], document["policy"]["outcome"]), ("valid", "permit"))
            self.assertEqual(document["not_checked"],
                             [*document["evidence"]["not_checked"], "x-ms-sgx-tcbidentifier"])
            self.assertIn("tcb", document["not_checked"])
            token = document["token_claims"]
            self.assertEqual((token["x-ms-sgx-mrsigner"], token["sgx-mrsigner"], token["x-ms-sgx-svn"]),
                             ("cd" * 32, "cd" * 32, 9))
            self.assertEqual(token["x-ms-policy-hash"], document["policy"]["policy_hash"])
            self.assertEqual([name for name in token if name.startswith("$")], [])
            text = self.expect(VALID, *words, "--trace").stdout.decode()
            places = [text.index(heading) for heading in ("\nPolicy", "\nIssued claims", "\nProperties", "\nTrace (",
                                                          "\nToken's claims", "\nEvidence")]
            self.assertEqual(places, sorted(places))
            line = text.splitlines()[0]
            self.assertRegex(line, r"^ADMITTED  .*not fully checked: .*tcb, .*x-ms-sgx-tcbidentifier$")

    def test_both_verdicts_are_shown_and_either_refuses(self):
        words = self.words("default:SgxEnclave", "sgx-quote", root=False)
        document = self.document(NOT_VALID, *words)
        self.assertEqual((document["admitted"], document["evidence"]["verdict"], document["policy"]["outcome"]),
                         (False, "invalid", "permit"))
        self.assertIsNone(document["token_claims"])  # none would be made
        text = self.expect(NOT_VALID, *words).stdout.decode()
        self.assertRegex(text, r"^NOT ADMITTED  the policy permits \(.*\), and the evidence does not verify: .* failed")
        self.assertIn("NOT VALID", text)
        self.assertLess(text.index("\nPolicy"), text.index("\nEvidence"))
        self.assertNotIn("Token's claims", text)
        refuses = self.policy('version= 1.0;authorizationrules{[type=="x-ms-sgx-svn", value<10] => deny(); =>permit();};')
        document = self.document(NOT_VALID, *self.words(refuses, "sgx-quote"))
        self.assertEqual((document["admitted"], document["evidence"]["verdict"], document["policy"]["outcome"]),
                         (False, "valid", "deny"))
        self.expect(NOT_VALID, *self.words(refuses, "sgx-quote"),
                    says="NOT ADMITTED  the policy denies (the rule of line 1 denies), and the evidence verifies")

    def test_other_evidence(self):
        collateral = [word for tee in ("tdx", "snp") for word in ("--collateral", self.shared / f"collateral-{tee}")]
        for kind, name in (("tdx-quote", "TdxVm"), ("snp-report", "SevSnpVm"), ("azure-guest", "AzureGuest")):
            for more in ([], ["--type", name]):
                document = self.document(VALID, *self.words(f"default:{name}", kind, *collateral, *more))
                self.assertEqual((document["admitted"], document["evidence"]["complete"]), (True, kind != "azure-guest"))
            self.assertGreater(len(document["token_claims"]), 10)
        self.document(WRONG_USE, *self.words(self.policy(PERMIT), "tdx-quote", "--type", "SevSnpVm"))

    def test_runtime_data_are_bound_and_reach_the_token(self):
        words = self.words("default:SgxEnclave", "sgx-quote", "--nonce", "n-1")
        document = self.document(VALID, *words, "--runtime-data", self.data)
        self.assertEqual(document["token_claims"]["x-ms-sgx-ehd"], b64url(self.data.read_bytes()))
        self.assertEqual(document["token_claims"]["nonce"], "n-1")
        document = self.document(VALID, *words, "--runtime-json", self.data)
        self.assertEqual(document["token_claims"]["x-ms-runtime"], {"key": "value"})
        other = self.file("other", '{"key": "other"}')
        for option in ("--runtime-data", "--runtime-json"):
            self.assertIs(self.document(NOT_VALID, *words, option, other)["admitted"], False)

    def test_the_first_line_says_that_the_evidence_is_debuggable(self):
        self.make("sgx-quote", "--debug", out="debuggable")
        done = self.expect(VALID, *self.words("default:SgxEnclave", "debuggable"))
        self.assertRegex(done.stdout.decode().splitlines()[0], r"^ADMITTED .*the evidence verifies; it is debuggable")
        self.document(NOT_VALID, *self.words("default:SgxEnclave", "debuggable", "--no-debug"))

    @needs_evidence
    def test_real_quotes_are_admitted_by_the_default_policy(self):
        quotes = sorted((EVIDENCE / "sgx").glob("azure-intelsdk-2023-*.quote.bin"))
        self.assertTrue(quotes)
        for quote in quotes:
            document = self.document(VALID, "policy", "eval", "default:SgxEnclave", "--evidence", quote)
            self.assertEqual((document["admitted"], document["token_claims"]["tee"]), (True, "sgx"))
        self.expect(VALID, "policy", "diff", "default:SgxEnclave", "default:OpenEnclave",
                    *(word for quote in quotes for word in ("--evidence", quote)))

    def test_evidence_that_cannot_be_read_gives_no_answer(self):
        self.expect(UNREACHED, "policy", "eval", self.policy(), "--evidence", self.file("e", b"not evidence at all"),
                    says=f"the evidence in '{self.folder / 'e'}' cannot be used: not evidence")
        self.expect(UNREACHED, "policy", "eval", self.policy(), "--evidence", self.folder / "absent", says="cannot read")

    def test_a_difference_over_a_folder_of_evidence(self):
        folder = self.folder / "evidence"
        folder.mkdir()
        for kind in FORMS:
            shutil.copy(self.shared / kind, folder)
        refuses = self.policy('version= 1.0;authorizationrules{[type=="x-ms-sgx-svn", value<10] => deny(); =>permit();};')
        document = self.document(NOT_VALID, "policy", "diff", self.policy(PERMIT, "permit"), refuses, "--evidence", folder)
        outcomes = document["difference"]["outcomes"]
        self.assertEqual([Path(each["name"]).name for each in outcomes], sorted(FORMS))
        (folder / "junk").write_bytes(b"junk")
        document = self.document(UNREACHED, "policy", "diff", self.policy(PERMIT, "permit"), refuses, "--evidence", folder)
        self.assertEqual([Path(each["file"]).name for each in document["unread"]], ["junk"])


class Difference(Policies):
    def test_exit_codes(self):
        same, other = self.policy(GUEST, "same"), self.policy(GUEST.replace("svn", "level"), "other")
        self.expect(VALID, "policy", "diff", same, self.policy(GUEST, "copy"))
        self.expect(VALID, "policy", "diff", same, self.policy(GUEST.replace("  ", "\t"), "spaced"))
        text = self.expect(NOT_VALID, "policy", "diff", same, other).stdout.decode()
        self.assertEqual(text.splitlines()[:2], [f"--- {same}", f"+++ {other}"])
        self.assertRegex(text, r'(?m)^-.*"svn"')
        self.assertRegex(text, r'(?m)^\+.*"level"')
        self.expect(WRONG_USE, "policy", "diff", same, says="needs two files")
        self.expect(WRONG_USE, "policy", "diff", same, other, same, says="one word too many")
        for words in (["-", "-"], ["-", other, "--claims", "-"], [same, other, "--claims", "-", "--claims", "-"]):
            self.expect(WRONG_USE, "policy", "diff", *words, says="standard input is named twice")
        self.expect(NOT_VALID, "policy", "diff", "-", other, stdin=GUEST.encode())
        self.expect(NOT_VALID, "policy", "diff", same, other, "--claims", "-", stdin=b"{}", says="Outcomes")

    def test_outcomes_over_a_folder_of_claims(self):
        folder = self.folder / "claims"
        folder.mkdir()
        (folder / "a.json").write_text('{"secureboot": true}')
        (folder / "b.json").write_text('{"secureboot": false}')
        (folder / ".hidden").write_text("not json")
        words = ["policy", "diff", self.policy(GUEST, "a"), self.policy(PERMIT, "b"), "--claims"]
        document = self.document(NOT_VALID, *words, folder)
        self.assertEqual([Path(each["name"]).name for each in document["difference"]["outcomes"]], ["a.json", "b.json"])
        self.assertEqual(document["unread"], [])
        self.expect(NOT_VALID, *words, folder, says="b.json")
        (folder / "c.json").write_text("[1")
        done = self.expect(UNREACHED, *words, folder, says="1 file could not be used")
        self.assertIn(b"c.json", done.stderr)
        self.expect(NOT_VALID, *words, folder / "a.json", "--claims", folder / "b.json")


    def test_files_beyond_the_limit_are_said_once(self):
        folder = self.folder / "claims"
        folder.mkdir()
        for i in range(10003):
            (folder / f"{i}.json").write_text('{"a":1}')
        words = ["policy", "diff", self.policy(PERMIT, "a"), self.policy(PERMIT, "b"), "--claims", folder]
        done = self.expect(UNREACHED, *words, says="3 files could not be used")
        self.assertEqual(done.stderr.count(b"more than 10000"), 1)
        self.assertEqual(len(self.document(UNREACHED, *words)["unread"]), 3)

    def test_names_of_claims_need_not_be_utf_8(self):
        folder = self.folder / "claims"
        folder.mkdir()
        Path(os.fsdecode(os.path.join(os.fsencode(folder), b"c\xff.json"))).write_text("{}")
        words = ["policy", "diff", self.policy(PERMIT, "a"), self.policy(PERMIT, "b"), "--claims", folder]
        outcome, = self.document(VALID, *words)["difference"]["outcomes"]
        self.assertTrue(outcome["name"].endswith("c\\xff.json"), outcome)


class Hash(Policies):
    def test_known_defaults_are_named(self):
        document = self.document(VALID, "policy", "hash", "default:AzureGuest")
        self.assertEqual(document["policy_hash"], "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs")
        self.assertIn("AzureGuest", document["known"])
        self.expect(VALID, "policy", "hash", "default:SevSnpVm", says="9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco")
        self.assertIsNone(self.document(VALID, "policy", "hash", self.policy())["known"])

    def test_a_token_is_compared_with_a_text(self):
        guest = "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs"
        token = self.file("token", make_token({"alg": "none"}, {"x-ms-policy-hash": guest}))
        words = ["policy", "hash"]
        self.expect(VALID, *words, "default:AzureGuest", "--token", token, says="issued under this text")
        self.expect(NOT_VALID, *words, self.policy(), "--token", token, says="issued under another text")
        document = self.document(NOT_VALID, *words, self.policy(), "--token", token)
        self.assertEqual((document["matches_token"], document["hash_in_token"]), (False, guest))
        self.expect(VALID, *words, "--token", token, says="default of AzureGuest")
        document = self.document(VALID, *words, "--token", token)
        self.assertEqual(set(document), {"hash_in_token", "known_of_token"})
        other = self.file("other", make_token({"alg": "none"}, {"x-ms-policy-hash": b64url(bytes(32))}))
        self.expect(NOT_VALID, *words, "--token", other, says="no policy that is known by name")
        none = self.file("none", make_token({"alg": "none"}, {"iss": "https://a.example"}))
        document = self.document(NOT_VALID, *words, self.policy(), "--token", none)
        self.assertEqual((document["matches_token"], document["hash_in_token"]), (None, None))
        self.expect(NOT_VALID, *words, self.policy(), "--token", self.file("junk", "junk"))
        self.expect(UNREACHED, *words, self.policy(), "--token", self.folder / "absent", says="cannot read token")
        self.expect(WRONG_USE, *words, says="needs a FILE")
        self.expect(WRONG_USE, *words, "--token", token, "--algorithm", "RS256", says="needs a FILE")


if __name__ == "__main__":
    main()
