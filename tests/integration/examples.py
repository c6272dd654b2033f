"""Every example in every language that was built, against the local service: what it prints, and what it refuses.

AZATTEST_EXAMPLES names the folder of the C programs. AZATTEST_PYTHON_PATH and AZATTEST_LUA_PATH, where they are set, name
the Python package's folder and the one with the modules of both Luas.
"""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

from command_support import CHECKOUT, NOT_VALID, VALID, WRONG_USE, CommandTest, Emulator, environment, main

SIGNER, OTHER_SIGNER = "11" * 32, "22" * 32
ISSUED = (("x-ms-sgx-is-debuggable", "is-debuggable"), ("x-ms-sgx-mrsigner", "sgx-mrsigner"),
          ("x-ms-sgx-mrenclave", "sgx-mrenclave"), ("x-ms-sgx-product-id", "product-id"), ("x-ms-sgx-svn", "svn"),
          ("x-ms-attestation-type", "tee"))
RULES = "authorizationrules{=> permit();};issuancerules{" + "".join(
    f'c:[type=="{of}"] => issue(type="{to}", value=c.value);' for of, to in ISSUED) + "};"
# Two of the default texts: the first is in force until another is set.
DEFAULT = ('version= 1.1;configurationrules{=> issueproperty(type="x-ms-sgx-tcbidentifier", value="azuredefault");};'
           + RULES)
FIRST_VERSION = "version= 1.0;" + RULES


class Language:
    """How the programs of one language are run."""

    def __init__(self, name, words, folder, suffix="", **variables):
        self.name, self.words, self.folder, self.suffix, self.variables = name, words, folder, suffix, variables

    def command(self, example, *arguments):
        return [*self.words, f"{self.folder}/{example}{self.suffix}", *map(str, arguments)]

    def run(self, example, *arguments, **variables):
        return subprocess.run(self.command(example, *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                              check=False, env=environment(**self.variables, **variables))

    def begin(self, example, *arguments):
        return subprocess.Popen(self.command(example, *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=environment(**self.variables))


def languages():
    sources = CHECKOUT / "examples"
    found = [Language("C", [], os.environ["AZATTEST_EXAMPLES"])]
    if os.environ.get("AZATTEST_PYTHON_PATH"):
        found.append(Language("Python", [sys.executable], sources / "python", ".py", PYTHONDONTWRITEBYTECODE="1",
                              PYTHONPATH=os.environ["AZATTEST_PYTHON_PATH"]))
    for machine, modules in (("lua5.4", "5.4"), ("luajit", "luajit")):
        if os.environ.get("AZATTEST_LUA_PATH"):
            path = f"{os.environ['AZATTEST_LUA_PATH']}/{modules}/?"
            found.append(Language(machine, [machine], sources / "lua", ".lua", LUA_PATH=f"{path}.lua",
                                  LUA_CPATH=f"{path}.so"))
    return found


class ExamplesTest(CommandTest):
    def start(self, *words):
        emulator = Emulator("--state", self.folder / "state", *words)
        self.addCleanup(lambda: emulator.process.poll() is None and emulator.stop())
        self.emulator, self.place = emulator, (emulator.ready["endpoint"], emulator.ready["ca_file"])

    def key(self, name, kind="rsa"):
        files = self.folder / f"{name}.key", self.folder / f"{name}.crt"
        self.expect(VALID, "simulate", "signing-key", "--type", kind, "--subject", name, "--out-key", files[0],
                    "--out-certificate", files[1])
        return files

    def quote(self, name, *words):
        path = self.folder / name
        self.expect(VALID, "simulate", "sgx-quote", "--state", self.folder / "state", "--out", path, *words)
        return path

    def example(self, language, works, example, *arguments, says=(), **variables):
        """Runs, compares the exit status with what is to come out, and looks for texts in what was printed."""
        done = language.run(example, *arguments, **variables)
        shown = f"\n{language.name}: {example} {' '.join(map(str, arguments))}\n{done.stdout.decode(errors='replace')}"
        self.assertIn(done.returncode, (VALID,) if works else (NOT_VALID, WRONG_USE), shown)
        for text in (says,) if isinstance(says, str) else says:
            self.assertIn(text, shown)
        return shown

    def assert_order(self, text, *patterns):
        self.assertRegex(text, "(?s)" + ".*".join(patterns))

    def identity(self, name="contributor"):
        ready = self.emulator.ready
        found = next(identity for identity in ready["identities"] if identity["name"] == name)
        return {"AZURE_AUTHORITY_HOST": ready["authority_host"], "AZURE_TENANT_ID": ready["tenant_id"],
                "AZURE_CLIENT_ID": found["client_id"], "AZURE_CLIENT_SECRET": found["client_secret"]}


class AttestTest(ExamplesTest):
    def test_attest(self):
        self.start()
        quote = self.quote("quote", "--mr-signer", SIGNER, "--svn", "3")
        forged = self.file("forged", quote.read_bytes().replace(bytes.fromhex(SIGNER), bytes.fromhex(OTHER_SIGNER)))
        for language in languages():
            with self.subTest(language.name):
                shown = self.example(language, True, "attest", *self.place, quote)
                self.assert_order(shown, r"mr_signer\s+" + SIGNER, r"svn\s+3\n", r"is_debuggable\s+false")
                self.example(language, False, "attest", *self.place, forged, says="does not verify")
            # "-" is the system's certificates, which know nothing of the local service's
            self.example(language, False, "attest", self.place[0], "-", quote, says="certificate")

    def test_attest_many(self):
        """In C alone: Python and Lua have asyncio and cosockets for it."""
        self.start()
        quote = self.quote("quote", "--mr-signer", SIGNER, "--svn", "3")
        forged = self.file("forged", quote.read_bytes().replace(bytes.fromhex(SIGNER), bytes.fromhex(OTHER_SIGNER)))
        language = languages()[0]
        shown = self.example(language, True, "attest_many", *self.place, quote, 200, 20)
        self.assert_order(shown, r"\n200 of 200 attestations in \S+ s: \d+ a second, 20 at once\n",
                          r"mr_signer\s+" + SIGNER, r"svn\s+3\n")
        self.example(language, False, "attest_many", *self.place, forged, 5, says=["does not verify", "5 failed"])
        self.example(language, False, "attest_many", *self.place, quote, "many", says="usage: attest_many")
        self.example(language, True, "attest_many", "--help", says="usage: attest_many")

    def test_attest_many_is_interrupted(self):
        self.start()
        quote = self.quote("quote")
        process = subprocess.Popen([f"{languages()[0].folder}/attest_many", *self.place, str(quote), "1000000", "8"],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment())
        # Once it has a connection it has its loop, and its own way with the signal.
        while not self.has_socket(process):
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        shown = process.communicate(timeout=60)[0].decode()
        self.assertEqual(process.returncode, NOT_VALID, shown)
        self.assertRegex(shown, r"\d+ of 1000000 attestations in .*; interrupted\n")
        self.assertNotIn("failed", shown)

    @staticmethod
    def has_socket(process):
        def kind(fd):
            try:
                return os.readlink(f"/proc/{process.pid}/fd/{fd}")
            except FileNotFoundError:
                return ""  # closed meanwhile
        return any("socket:" in kind(fd) for fd in os.listdir(f"/proc/{process.pid}/fd"))

    def test_wrong_use(self):
        for language in languages():
            with self.subTest(language.name):
                for name in ("attest", "secret_release", "offline", "policy_rollover", "certificate_rotation",
                             "verify_evidence"):
                    shown = self.example(language, False, name, "https://localhost", "-")
                    self.assertIn(f"usage: {name}", shown.lower())


class AttestManyTest(ExamplesTest):
    """Python alone has it: asyncio."""

    def setUp(self):
        super().setUp()
        self.python = [language for language in languages() if language.name == "Python"]
        if not self.python:
            self.skipTest("SKIPPED: the Python package was not built")

    def test_many_at_once(self):
        self.start()
        quotes = self.quote("one", "--mr-enclave", "33" * 32, "--svn", "1"), self.quote("two", "--mr-enclave", "44" * 32)
        forged = self.file("forged", quotes[0].read_bytes().replace(bytes.fromhex("33" * 32), bytes.fromhex("55" * 32)))
        for language in self.python:
            words = ("--times", "40", "--at-once", "25")
            shown = self.example(language, True, "attest_many", *self.place, *quotes, *words, says=("25 at once",))
            self.assert_order(shown, "    40  valid: mr_enclave", "    40  valid: mr_enclave", "    80  in ")
            self.assertIn("mr_enclave " + "33" * 32 + ", svn 1", shown)
            shown = self.example(language, False, "attest_many", *self.place, quotes[0], forged, "--times", "3")
            self.assert_order(shown, "     3  valid: ", "     6  in")
            self.assertIn("forged: HttpResponseError: ", shown)

    def test_help_and_wrong_use(self):
        for language in self.python:
            self.example(language, True, "attest_many", "--help", says=("usage: attest_many.py", "Ctrl-C", "--at-once"))
            self.example(language, False, "attest_many", says="usage: attest_many.py")
            self.example(language, False, "attest_many", "https://localhost", "-", self.folder / "none", says="none")

    def test_ctrl_c_stops_it(self):
        self.start("--fault", "attest:2-=delay;ms=20000")
        quote = self.quote("quote")
        for language in self.python:
            before = self.attest_requests()
            with language.begin("attest_many", *self.place, quote, "--at-once", "20") as running:
                while self.attest_requests() == before and running.poll() is None:
                    time.sleep(0.01)
                running.send_signal(signal.SIGINT)
                shown = running.communicate(timeout=60)[0].decode()
            self.assertEqual(running.returncode, 130, shown)
            self.assertRegex(shown, "in .* seconds, 20 at once, stopped\n$")

    def attest_requests(self):
        return sum(b"/attest/" in line for line in list(self.emulator.log))


class SecretReleaseTest(ExamplesTest):
    def enclave(self, name, *words, kind="rsa"):
        folder = self.folder / name
        folder.mkdir()
        key, certificate = self.key(name, kind)
        key.rename(folder / "private.pem")
        certificate.rename(folder / "public.pem")
        self.quote(f"{name}/quote.bin", "--runtime-data", folder / "public.pem", *words)
        return folder

    def setUp(self):
        super().setUp()
        self.start()
        self.policy = self.file("policy", DEFAULT)
        self.other = self.enclave("other", "--mr-signer", OTHER_SIGNER)

    def test_the_enclave_alone_gets_the_secret(self):
        for kind in ("rsa", "ec"):
            enclave = self.enclave(kind, "--mr-signer", SIGNER, kind=kind)
            for language in languages():
                with self.subTest(language.name):
                    shown = self.example(language, True, "secret_release", *self.place, SIGNER, self.policy, enclave,
                                         self.other)
                    self.assert_order(shown, "the enclave has the secret: 23 bytes",
                                      "refused: the same token, not validated: .*the token is not validated",
                                      "refused: the token of the other enclave: .*x-ms-sgx-mrsigner",
                                      "refused: the key of the other enclave: .*sealed secret: ")
                    self.assertNotIn("the key of the database", shown)

    def test_what_the_relying_party_does_not_want(self):
        enclave = self.enclave("enclave", "--mr-signer", SIGNER)
        debuggable = self.enclave("debuggable", "--mr-signer", SIGNER, "--debug")
        swapped = self.enclave("swapped", "--mr-signer", SIGNER)
        for name in ("private.pem", "public.pem"):
            (swapped / name).write_bytes((self.other / name).read_bytes())
        for language in languages():
            with self.subTest(language.name):
                for what, signer, policy, folder, says in (
                        ("another signer", "33" * 32, DEFAULT, enclave, '"x-ms-sgx-mrsigner" is "1111'),
                        ("another policy", SIGNER, FIRST_VERSION, enclave, "x-ms-policy-hash"),
                        ("a debuggable enclave", SIGNER, DEFAULT, debuggable, "debuggable"),
                        ("a key that the quote does not bind", SIGNER, DEFAULT, swapped, "runtime data")):
                    shown = self.example(language, False, "secret_release", *self.place, signer,
                                         self.file("wanted", policy), folder, self.other, says=says)
                    self.assertNotIn("has the secret", shown, what)


class OfflineTest(ExamplesTest):
    def test_offline(self):
        self.start()
        quote, policy = self.quote("quote", "--mr-signer", SIGNER), self.file("policy", DEFAULT)
        for language in languages():
            with self.subTest(language.name):
                keys, token = self.folder / f"{language.name}.jwks", self.folder / f"{language.name}.jwt"
                self.example(language, True, "offline", "collect", *self.place, quote, "b7e1", keys, token,
                             says="1 keys of https://")
        self.emulator.stop()
        another = Emulator()
        self.addCleanup(another.stop)
        self.expect(VALID, "simulate", "sgx-quote", "--state", another.ready["state"], "--out", self.folder / "q2")
        for language in languages():
            with self.subTest(language.name):
                keys, token = self.folder / f"{language.name}.jwks", self.folder / f"{language.name}.jwt"
                other_keys, other_token = self.folder / "other.jwks", self.folder / "other.jwt"
                self.example(language, True, "offline", "collect", another.ready["endpoint"], another.ready["ca_file"],
                             self.folder / "q2", "b7e1", other_keys, other_token)
                text = token.read_text()
                bent = self.file("bent", text[:-8] + ("A" if text[-8] != "A" else "B") + text[-7:])
                self.example(language, True, "offline", "validate", self.place[0], keys, token, "b7e1", policy, SIGNER,
                             says=("valid until", "signed by", "mr_enclave"))
                for key_file, token_file, nonce, policy_text, signer, says in (
                        (other_keys, token, "b7e1", DEFAULT, SIGNER, "E_TOKEN_KEY_UNKNOWN"),
                        (keys, other_token, "b7e1", DEFAULT, SIGNER, "E_TOKEN_KEY_UNKNOWN"),
                        (keys, bent, "b7e1", DEFAULT, SIGNER, "E_TOKEN_SIGNATURE"),
                        (keys, token, "b7e2", DEFAULT, SIGNER, "E_TOKEN_NONCE"),
                        (keys, token, "b7e1", FIRST_VERSION, SIGNER, "E_TOKEN_POLICY_HASH"),
                        (keys, token, "b7e1", DEFAULT, OTHER_SIGNER, "E_TOKEN_CLAIM")):
                    self.example(language, False, "offline", "validate", self.place[0], key_file, token_file, nonce,
                                 self.file("wanted", policy_text), signer, says=("refused: ", says))
                self.example(language, False, "offline", "validate", another.ready["endpoint"], keys, token, "b7e1", policy,
                             SIGNER, says="E_TOKEN_ISSUER")


class VerifyEvidenceTest(ExamplesTest):
    """Without any service: what was made, its collateral and an appraisal lie in files."""

    def made(self, what, name, *words):
        path = self.folder / name
        self.expect(VALID, "simulate", what, "--state", self.folder / "state", "--out", path, *words)
        return path

    def verify(self, works, *files, says, roots="simulator-root.pem"):
        """Each language says the same."""
        shown = [self.example(language, works, "verify_evidence", *files, self.folder / "state" / roots, says=says)
                 for language in languages()]
        texts = {text.partition("\n")[2].partition("\n")[2] for text in shown}
        self.assertEqual(len(texts), 1, "\n".join(texts))
        return texts.pop()

    def test_evidence_that_is_as_expected(self):
        for kind, tee, appraisal in (
                ("sgx-quote", "sgx", {"mr_signer": SIGNER, "product_id": 1, "min_svn": 2, "tcb_statuses": ["UpToDate"]}),
                ("tdx-quote", "tdx", {"kinds": "tdx_quote"}),
                ("snp-report", "snp", {"products": ["Milan"]})):
            words = ("--mr-signer", SIGNER, "--product-id", "1", "--svn", "2") if kind == "sgx-quote" else ()
            evidence, expected = self.made(kind, kind, *words), self.file(f"{kind}.json", json.dumps(appraisal))
            collateral = self.made("collateral", "collateral", "--with", f"tee={tee}")
            shown = self.verify(True, evidence, collateral, expected, says=("\nVALID: ", ", complete\n", "warning: EXTRA ROOT"),
                                roots="simulator-roots.pem" if tee == "snp" else "simulator-root.pem")
            self.assertNotIn("FAILED", shown)
            self.assertNotIn("not run", shown)

    def test_what_is_refused_and_why(self):
        good, other = self.quote("good", "--mr-signer", SIGNER), self.quote("other", "--mr-signer", OTHER_SIGNER)
        forged = self.file("forged", other.read_bytes().replace(bytes.fromhex(OTHER_SIGNER), bytes.fromhex(SIGNER)))
        debug = self.quote("debug", "--mr-signer", SIGNER, "--debug")
        expected = self.file("expected", json.dumps({"mr_signer": SIGNER}))
        sound = self.made("collateral", "sound")
        revoked, old, of_amd = (self.made("collateral", name, "--with", value) for name, value in (
            ("revoked", "fault=revoked-pck"), ("old", "tcb-status=OutOfDate"), ("of_amd", "tee=snp")))
        self.verify(True, good, sound, expected, says="\nVALID: sgx_quote, platform UpToDate, complete\n")
        for evidence, collateral, says in (
                (other, sound, f"FAILED  appraisal.mr_signer          {OTHER_SIGNER}, expected {SIGNER}"),
                (forged, sound, "FAILED  quote_signature"), (debug, sound, "FAILED  appraisal.allow_debug"),
                (good, revoked, "FAILED  pck_revocation"), (good, of_amd, "not checked: tcb\n"),
                (good, old, "FAILED  tcb_status                   OutOfDate")):
            self.verify(False, evidence, collateral, expected, says=(says, "\nNOT VALID: sgx_quote"))

    def test_files_that_are_not_what_they_should_be(self):
        quote, sound = self.quote("quote"), self.made("collateral", "sound")
        misspelt = self.file("misspelt", '{"mrsigner": "%s"}' % SIGNER)
        for language in languages():
            with self.subTest(language.name):
                self.example(language, False, "verify_evidence", sound, sound, misspelt, says="give it as collateral")
                self.example(language, False, "verify_evidence", quote, quote, misspelt, says="collateral: ")
                self.example(language, False, "verify_evidence", quote, sound, misspelt, says="did you mean mr_signer?")


class PolicyLanguageTest(ExamplesTest):
    """Without any service, too."""

    def judge(self, works, policy, evidence, says, attestation_type="SgxEnclave"):
        """Each language says the same."""
        texts = {self.example(language, works, "policy_language", policy, attestation_type, evidence, says=says)
                 .partition("\n")[2].partition("\n")[2] for language in languages()}
        self.assertEqual(len(texts), 1, "\n".join(texts))
        return texts.pop()

    def test_what_a_policy_makes_of_a_quote(self):
        quote = self.quote("quote", "--mr-signer", SIGNER, "--svn", "3")
        shown = self.judge(True, self.file("policy", DEFAULT), quote, says=("Permitted: the rule of line 1 permits",))
        self.assert_order(shown, r":1:\d+: note: .*\[debug-untested\]\n", "version 1.1, rules: 8, the default of ", "sgx-mrsigner = \"" + SIGNER,
                          "svn = 3\n", "x-ms-sgx-tcbidentifier = \"azuredefault\"")
        wanted = self.file("wanted", 'version= 1.0;\nauthorizationrules {\n'
                           f'  [type=="x-ms-sgx-mrsigner", value=="{SIGNER}"]\n'
                           '  && [type=="x-ms-sgx-is-debuggable", value==false]\n  && [type=="x-ms-sgx-svn", value>=3] => permit();\n};\n')
        self.judge(True, wanted, quote, says="Permitted: the rule of line 3 permits")
        for name, words, says in (("old", ("--mr-signer", SIGNER, "--svn", "2"), "'x-ms-sgx-svn' is 2, expected at least 3"),
                                  ("other", ("--mr-signer", OTHER_SIGNER, "--svn", "3"), "'x-ms-sgx-mrsigner' is '2222"),
                                  ("debug", ("--mr-signer", SIGNER, "--svn", "3", "--debug"), "'x-ms-sgx-is-debuggable' is true")):
            shown = self.judge(False, wanted, self.quote(name, *words), says="Not permitted: no rule permits")
            self.assertIn(says, shown.replace('"', "'"))

    def test_policies_and_evidence_that_are_none(self):
        for language in languages():
            self.assertIn("usage: policy_language", self.example(language, False, "policy_language", "policy").lower())
        quote, policy = self.quote("quote"), self.file("policy", FIRST_VERSION)
        broken = self.file("broken", "version= 1.0;\nauthorizationrules {\n  [type=\"a\"] => permit();\n};\n")
        shown = self.judge(False, broken, quote, says=":3:8: error: = assigns")
        self.assertNotIn("dmitted", shown)
        for policy_file, evidence, attestation_type in ((policy, policy, "SgxEnclave"), (policy, quote, "TdxVm"),
                                                        (policy, self.folder / "missing", "SgxEnclave"), (quote, quote, "SgxEnclave"),
                                                        (policy, quote, "NoType")):
            for language in languages():
                shown = self.example(language, False, "policy_language", policy_file, attestation_type, evidence)
                self.assertNotIn("dmitted", shown)


class PolicyRolloverTest(ExamplesTest):
    def setUp(self):
        super().setUp()
        self.owner, self.stranger = self.key("owner"), self.key("stranger")
        self.ec_owner = self.key("ec-owner", "ec")
        self.start("--mode", "isolated", "--policy-certificate", self.owner[1], "--policy-certificate",
                   self.ec_owner[1])
        self.policy = self.file("policy", FIRST_VERSION)
        self.evidence = self.quote("quote")

    def test_roll_over_and_reset(self):
        for owner in (self.owner, self.ec_owner):
            for language in languages():
                with self.subTest(language.name):
                    shown = self.example(language, True, "policy_rollover", *self.place, self.policy, *owner, self.evidence,
                                         "reset", **self.identity())
                    hashes = [line.split()[-1] for line in shown.splitlines() if "hash  " in line or line[:6] == "stored"]
                    before, token_hash, stored, after, at_the_end = hashes
                    self.assertEqual(before, at_the_end)
                    self.assertNotEqual(before, after)
                    self.assertEqual(token_hash == stored, owner is self.owner)
                    self.assertEqual(re.findall(r"(?m)^signed +(\w+)$", shown), ["no", "yes", "no"])
                    self.assert_order(shown, "tokens of both policies are accepted",
                                      "refused: the token of the old policy", "reset +Removed")

    def test_what_stops_it(self):
        default = self.file("default", DEFAULT)
        for language in languages():
            with self.subTest(language.name):
                for policy, key, who, says in (
                        (default, self.owner, "contributor", "stopped: the policy is in force already"),
                        (self.policy, (self.owner[0], self.stranger[1]), "contributor", "certificate"),
                        (self.policy, self.stranger, "contributor", "400"),
                        (self.policy, self.owner, "reader", "403"),
                        (self.policy, self.owner, "none", "403")):
                    self.example(language, False, "policy_rollover", *self.place, policy, *key, self.evidence, says=says,
                                 **self.identity(who))
        # nothing was changed: it still works, and it stays, since it was not told to reset
        for language in languages()[:1]:
            words = (*self.place, self.policy, *self.owner, self.evidence)
            shown = self.example(language, True, "policy_rollover", *words, **self.identity())
            self.assertNotIn("reset", shown.splitlines()[-1])
            self.example(language, False, "policy_rollover", *words, says="in force already", **self.identity())


class CertificateRotationTest(ExamplesTest):
    def test_rotation(self):
        keys = [self.key(f"key{i}", kind) for i, kind in enumerate(("rsa", "ec", "rsa", "rsa", "ec"))]
        stranger, policy = self.key("stranger"), self.file("policy", DEFAULT)
        self.start("--mode", "isolated", "--policy-certificate", keys[0][1])
        for i, language in enumerate(languages()):
            with self.subTest(language.name):
                old, new = keys[i], keys[i + 1]
                # with the reader's identity, with a signer that is not registered, and with a new one that is
                self.example(language, False, "certificate_rotation", *self.place, *old, *new, policy, says="403",
                             **self.identity("reader"))
                shown = self.example(language, False, "certificate_rotation", *self.place, *stranger, *new, policy,
                                     says="stopped: the old certificate is not there", **self.identity())
                self.assertNotIn("IsPresent", shown)
                self.example(language, False, "certificate_rotation", *self.place, *old, *old, policy,
                             says="stopped: the new one is there already", **self.identity())
                shown = self.example(language, True, "certificate_rotation", *self.place, *old, *new, policy,
                                     **self.identity())
                self.assert_order(shown, "1: old yes,? new no", "IsPresent", "2: old yes,? new yes",
                                  "Updated by the new key", "IsAbsent", "1: old no,? new yes")
                self.example(language, False, "certificate_rotation", *self.place, *old, *stranger, policy,
                             says="stopped: the old certificate is not there", **self.identity())


def two_free_ports():
    """A free port whose successor is free, too; below those that the system gives to connections meanwhile."""
    while True:
        port = random.randrange(20000, 32000)
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
                return port
        except OSError:
            continue


@unittest.skipUnless(os.environ.get("AZATTEST_LUA_PATH") and shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"),
                     "SKIPPED: no Lua modules, or no nginx")
class OpenRestyTest(CommandTest):
    """examples/openresty: the script looks itself at every answer."""

    def run_script(self, folder, *words):
        return subprocess.run(["sh", str(folder / "run.sh"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=environment(BUILD=os.path.dirname(os.environ["AZATTEST_LUA_PATH"]), PORT=str(two_free_ports())), timeout=300,
                              check=False)

    def test_attested_callers_alone_are_admitted(self):
        done = self.run_script(CHECKOUT / "examples/openresty")
        self.assertEqual(done.returncode, 0, done.stdout)
        for text in ("invalid_token", "insufficient_scope", "the enclave has the secret: 23 bytes", "svn 3, token ''"):
            self.assertIn(text, done.stdout)
        self.assertNotIn("the key of the database", done.stdout)

    def test_the_script_sees_when_one_is_admitted_who_should_not(self):
        for example, condition in (("gateway", "allow_debug = false,"),
                                   ("key_release", 'require_claims = { ["x-ms-sgx-mrsigner"] = variable("MR_SIGNER") },')):
            with self.subTest(example):
                folder = self.folder / example
                shutil.copytree(CHECKOUT / "examples/openresty", folder)
                code = folder / f"{example}.lua"
                self.assertIn(condition, code.read_text())
                code.write_text(code.read_text().replace(condition, ""))
                done = self.run_script(folder, example)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn("FAILED: expected 403", done.stdout)

    def test_its_usage(self):
        script = CHECKOUT / "examples/openresty"
        self.assertIn("Usage: ", self.run_script(script, "--help").stdout)
        self.assertEqual(self.run_script(script, "nonsense").returncode, WRONG_USE)


if __name__ == "__main__":
    main()
