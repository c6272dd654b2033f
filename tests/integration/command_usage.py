"""The command `azattest`: its words and options, what help says of them, and what it says to wrong use."""

import re

from command_support import NOT_VALID, VALID, WRONG_USE, CommandTest, main, run

# The options of each command, as its users were promised them. --json and --help are everywhere.
SERVICE = {"endpoint", "ca-file", "timeout", "log-level", "trace-bodies"}
LOGIN = {"credential", "access-token-file", "client-id", "tenant-id", "scopes"}
ATTEST = SERVICE | LOGIN | {"runtime-data", "runtime-json", "inittime-data", "inittime-json", "nonce",
          "draft-policy", "api-version", "at", "no-debug"}
VALIDATE = SERVICE | {"signers", "issuer", "at", "nonce", "runtime-data", "runtime-json", "no-debug", "policy-hash",
                      "attestation-type", "require-claim"}
ADMINISTRATION = SERVICE | LOGIN | {"api-version", "at"}
SIGNS = {"signing-key", "signing-certificate", "passphrase-file", "algorithm"}
COLLATERAL = {"collateral", "fetch", "source", "region", "cache", "ca-file", "timeout", "log-level"}
VERIFY = COLLATERAL | {"at", "root", "appraisal"}
SIMULATE_ANY = {"state", "out", "with"}
SIMULATE = SIMULATE_ANY | {"mr-enclave", "mr-signer", "product-id", "svn", "debug", "runtime-data"}
OPTIONS = {
    "attest sgx-enclave": ATTEST | {"quote"},
    "attest open-enclave": ATTEST | {"report"},
    "attest sev-snp-vm": (ATTEST | {"report", "certificates", "endorsements"}) - {"runtime-data"},
    "attest tdx-vm": (ATTEST | {"quote"}) - {"draft-policy"},
    "attest mdep-tz": (ATTEST | {"report"}) - {"draft-policy"},
    "attest azure-guest": SERVICE | LOGIN | {"api-version", "info", "draft-policy"},
    "attest key-guard": SERVICE | LOGIN | {"api-version", "info", "draft-policy"},
    "attest tpm": SERVICE | LOGIN | {"api-version", "content"},
    "attest pluton": SERVICE | LOGIN | {"api-version", "content"},
    "tcb-baselines": SERVICE | LOGIN | {"api-version"},
    "token inspect": set(),
    "token validate": VALIDATE,
    "secret seal": VALIDATE | {"token", "kid", "out"},
    "secret open": {"key", "passphrase-file", "out"},
    "keys export": SERVICE | {"api-version", "out"},
    "evidence inspect": set(),
    "evidence verify": VERIFY | {"runtime-data", "nonce", "no-debug"},
    "evidence collateral": COLLATERAL | {"at", "root", "evidence", "out"},
    "service verify": VERIFY | {"trace-bodies"},
    "policy get": ADMINISTRATION,
    "policy set": ADMINISTRATION | SIGNS | {"policy-file"},
    "policy reset": ADMINISTRATION | SIGNS,
    "policy token": SIGNS,
    "policy hash": SIGNS | {"token"},
    "policy lint": {"type", "lenient", "fail-on", "explain"},
    "policy format": {"check", "in-place", "lenient"},
    "policy parse": {"lenient"},
    "policy explain": {"lenient"},
    "policy eval": VERIFY | {"evidence", "token", "claims", "type", "lenient", "runtime-data", "runtime-json", "nonce",
                             "no-debug", "trace", "work-limit"},
    "policy diff": {"claims", "evidence", "type", "lenient"},
    "certificates list": ADMINISTRATION,
    "certificates add": ADMINISTRATION | SIGNS,
    "certificates remove": ADMINISTRATION | SIGNS,
    "simulate sgx-quote": SIMULATE,
    "simulate open-enclave-report": SIMULATE,
    "simulate open-enclave-evidence": SIMULATE,
    "simulate tdx-quote": SIMULATE_ANY | {"debug", "runtime-data"},
    "simulate td-report": SIMULATE_ANY | {"debug", "runtime-data"},
    "simulate snp-report": SIMULATE_ANY | {"debug", "runtime-data"},
    "simulate hcl-report": SIMULATE_ANY | {"debug"},
    "simulate tpm-quote": SIMULATE_ANY,
    "simulate azure-guest": SIMULATE_ANY | {"debug"},
    "simulate attested-certificate": (SIMULATE | {"key", "subject"}) - {"runtime-data"},
    "simulate collateral": SIMULATE_ANY,
    "access-token": (LOGIN - {"access-token-file"}) | {"out", "ca-file", "timeout", "log-level"},
    "metadata": SERVICE,
    "defaults": set(),
    "version": set(),
}
SWITCHES = {"lenient", "check", "in-place", "trace", "fetch", "trace-bodies", "no-debug", "debug", "json", "help"}


class Usage(CommandTest):
    def test_help_lists_every_command(self):
        for words in (["help"], ["--help"], ["-h"]):
            text = self.expect(VALID, *words).stdout.decode()
            for command in [*OPTIONS, "emulator"]:
                self.assertRegex(text, rf"(?m)^  {re.escape(command)}  ")

    def test_help_of_a_command_names_exactly_the_options_that_the_parser_takes(self):
        everything = set().union(*OPTIONS.values(), {"json", "help"})
        for command, own in OPTIONS.items():
            words = command.split()
            text = self.expect(VALID, *words, "--help").stdout.decode()
            self.assertEqual(self.expect(VALID, "help", *words).stdout.decode(), text)
            named = re.findall(r"(?m)^  --([a-z-]+)", text)
            self.assertEqual(set(named), own | {"json", "help"}, command)
            self.assertEqual(len(named), len(set(named)))
            for option in everything:
                value = [] if option in SWITCHES else ["x"]
                if option in own | {"json", "help"}:
                    done = run(*words, f"--{option}", *value, *([] if option == "help" else ["--help"]))
                    self.assertEqual((done.returncode, done.stdout.decode()), (VALID, text), f"{command} --{option}")
                else:
                    self.expect(WRONG_USE, *words, f"--{option}", *value, says=f"unknown option '--{option}'")

    def test_help_fits_into_a_hundred_columns_and_is_aligned(self):
        for words in ([], *(command.split() for command in OPTIONS)):
            text = self.expect(VALID, "help", *words).stdout.decode()
            self.assertEqual([line for line in text.splitlines() if len(line) > 100 or line != line.rstrip()], [])
            texts = re.findall(r"(?m)^(  --\S+(?: [^a-z ]\S*)?(?: rsa\|ec)? +)\S", text)
            self.assertEqual(len({len(each) for each in texts}), 1 if words else 0, text)

    def test_help_of_a_group_lists_its_commands(self):
        for words in (["token", "--help"], ["help", "token"], ["token", "help"], ["token", "-h"]):
            text = self.expect(VALID, *words).stdout.decode()
            self.assertIn("token inspect", text)
            self.assertNotIn("simulate", text)

    def test_names_of_options_are_written_out(self):
        for words, says in ((["--timeou", "3"], "did you mean --timeout?"), (["--timeou=3"], "did you mean --timeout?"),
                            (["--access-token", "x"], "--access-token-file FILE"),
                            (["--client-secret", "x"], "AZURE_CLIENT_SECRET"), (["--no", "x"], "unknown option")):
            done = self.expect(WRONG_USE, "policy", "get", "Tpm", *words, says=says)
            self.assertIn(b"unknown option '" + words[0].split("=")[0].encode(), done.stderr)

    def test_defaults(self):
        document = self.document(VALID, "defaults")
        self.assertEqual((document["api_version"], document["timeout_ms"], document["validate_token"]),
                         ("2025-06-01", 100000, True))
        text = self.expect(VALID, "defaults").stdout.decode()
        for name in document:
            self.assertRegex(text, rf"(?m)^  {name} ")

    def test_help_of_the_emulator_says_that_it_is_no_trust_anchor(self):
        for words in (["emulator", "--help"], ["help", "emulator"]):
            text = self.expect(VALID, *words).stdout.decode()
            self.assertIn("trust anchor", text)
            for option in ("--listen", "--state", "--ready-file", "--at"):
                self.assertIn(option, text)

    def test_wrong_use_gives_two_and_the_next_step(self):
        token = self.file("token", "a.b.c")
        cases = [
            ([], "azattest help"),
            (["tokn"], "did you mean 'azattest token'?"),
            (["policy", "evaluate", token], "did you mean 'azattest policy eval'?"),
            (["token", "inspekt", token], "did you mean 'azattest token inspect'?"),
            (["token"], "azattest help token"),
            (["\x1b[31mred"], "unknown command '\\x1b[31mred'"),
            (["access-token", "now"], "one word too many"),
            (["metadata"], "AZATTEST_ENDPOINT"),
            (["help", "atest"], "did you mean 'azattest attest'?"),
            (["token", "inspect"], "needs a FILE"),
            (["token", "inspect", token, "again"], "one word too many: 'again'"),
            (["token", "inspect", "--", token, "--json"], "one word too many: '--json'"),
            (["version", "now"], "one word too many"),
            (["token", "validate", token], "--endpoint URL"),
            (["token", "validate", token, "--enpoint", "https://x"], "did you mean --endpoint?"),
            (["token", "validate", token, "-x"], "unknown option '-x'"),
            (["token", "validate", token, "--endpoint"], "--endpoint needs a value"),
            (["token", "validate", token, "--json=yes"], "--json takes no value"),
            (["token", "validate", token, "--json", "--json"], "--json is given twice"),
            (["token", "validate", token, "--signers", token], "add --issuer URL"),
            (["token", "validate", token, "--signers", token, "--issuer", "https://a.example", "--endpoint",
              "https://a.example"], "exclude each other"),
            (["token", "validate", token, "--endpoint", "ftp://a.example"], "https"),
            (["token", "validate", token, "--endpoint", "https://a.example", "--at", "tomorrow"],
             "2026-01-31T12:00:00Z"),
            (["token", "validate", token, "--endpoint", "https://a.example", "--timeout", "-1"], "--timeout"),
            (["token", "validate", "-", "--signers", "-", "--issuer", "https://a.example"],
             "standard input is named twice"),
            (["attest", "sgx-enclave", "--endpoint", "https://a.example"], "add --quote FILE"),
            (["attest", "sgx-enclave", "--quote", token], "AZATTEST_ENDPOINT"),
            (["attest", "open-enclave", "--endpoint", "https://a.example"], "add --report FILE"),
            (["attest", "sev-snp-vm", "--endpoint", "https://a.example", "--report", token], "expected a raw report of 1184"),
            (["attest", "pluton", "--endpoint", "https://a.example", "--content", token], "2026-03-11-preview"),
            (["attest", "tpm", "--endpoint", "https://a.example"], "add --content FILE"),
            (["attest", "tpm", "--endpoint", "https://a.example", "--content", token, "--log-level", "loud"],
             "--log-level is none of"),
            (["tcb-baselines"], "name the attestation type"),
            (["tcb-baselines", "Tpm", "--endpoint", "https://a.example", "--api-version", "2020-10-01"],
             "2022-09-01-preview, 2025-06-01"),
            (["simulate", "sgx-quote", "--out", "-"], "add --state DIR"),
            (["simulate", "sgx-quote", "--state", self.folder / "s"], "add --out FILE"),
            (["simulate", "sgx-quote", "--state", self.folder / "s", "--out", "x", "--svn", "65536"],
             "from 0 to 65535"),
            (["simulate", "sgx-quote", "--state", self.folder / "s", "--out", "x", "--svn", ""], "from 0 to 65535"),
            (["simulate", "sgx-quote", "--state", self.folder / "s", "--out", "x", "--mr-enclave", "00ff"],
             "64 hexadecimal digits"),
            (["simulate", "sgx-quote", "--state", self.folder / "s", "--out", "-", "--json"], "standard output"),
            (["emulator", "--listen", "nonsense"], "--listen"),
        ]
        for words, says in cases:
            with self.subTest(words=words):
                done = self.expect(WRONG_USE, *words, says=says)
                if "--json" not in words:
                    self.assertEqual(done.stdout, b"")
                self.assert_plain(done.stderr.decode())

    def test_wrong_use_with_json_is_a_document_too(self):
        error = self.document(WRONG_USE, "token", "validate", "x")["error"]
        self.assertEqual(error["code"], "AZATTEST_E_ARGUMENT")
        self.assertIn("--endpoint", error["hint"])

    def test_operands_and_options_stand_in_any_order(self):
        for env in ({}, {"POSIXLY_CORRECT": "1"}):
            self.expect(NOT_VALID, "token", "inspect", self.file("t", "a.b.c"), "--json", **env)
            self.expect(NOT_VALID, "token", "inspect", "--json", "--", self.file("t", "a.b.c"), **env)

    def test_version(self):
        text = self.expect(VALID, "version").stdout.decode()
        document = self.document(VALID, "version")
        self.assertRegex(document["command"], r"^\d+\.\d+\.\d+")
        self.assertEqual(document["command"], document["library"])
        self.assertEqual(document["api_version"], "2025-06-01")
        self.assertIn(document["command"], text)
        self.assertEqual(self.expect(VALID, "--version").stdout.decode(), text)


if __name__ == "__main__":
    main()
