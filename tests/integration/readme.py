"""The README stays true: its code blocks run, in order, against the local service that they start, and its table of defaults
says what azattest.defaults() says; POLICY.md lists the linter's findings and the limits as the library has them.

A block fenced as sh, python, lua or c is run as it stands; shell blocks share folder and environment with all that follow.
A comment `<!-- not run: REASON -->` in front of a block leaves it out. `<!-- printed by the block above -->` in front of an
indented block says that its lines are among what the block printed, in this order; a line may end with ` ...`. The ports of PORTS
become free ones. A block in C without main() is a function, and gets a main() from MAINS. A block for nginx is put into the http
block of one with Lua, which is asked as its words say in SERVERS; without any it is left out, loudly.

AZATTEST_COMMAND names the program, AZATTEST_BUILD the build folder.
"""

import http.client
import json
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from command_support import CHECKOUT, COMMAND, CommandTest, environment, main

BUILD = Path(os.environ.get("AZATTEST_BUILD", ""))
os.environ["AZATTEST_LUA_TREE"] = str(BUILD / "lua/luajit")
sys.path.insert(0, str(CHECKOUT / "tests" / "resty"))
import nginx

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
POLICY = (CHECKOUT / "core/include/azattest/POLICY.md").read_text(encoding="utf-8")
LANGUAGES = ("sh", "python", "lua", "c", "nginx")
PORTS = ("8443", "8080", "8081")  # of the service, of nginx, of what stands behind it

MAIN_BEFORE = '#include <azattest/multi.h>\n#include "example.h"\n'
MAINS = {  # by the function that the block has
    "roll(": """
int main(void)
{
    static file next;
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_admin_client *admin = NULL;
    azattest_credential *credential = NULL;
    azattest_signing_key *key = NULL;
    azattest_error *error = NULL;
    bool good = read_file("next.crt", &next) && read_key("owner.key", "owner.crt", &key, &error) &&
                azattest_default_credential_new(NULL, &credential, &error) == AZATTEST_OK;

    curl.ca_file = "platform/ca.pem";
    options.credential = credential;
    options.signing_key = key;
    options.scopes = "https://attest.azure.net/.default";
    good = good && azattest_curl_transport_new(&curl, &transport, &error) == AZATTEST_OK &&
           azattest_admin_client_new("https://127.0.0.1:8443", &options, &admin, &error) == AZATTEST_OK &&
           roll(admin, transport, bytes_of(&next), &error) == AZATTEST_OK;
    print_error(error);
    azattest_admin_client_free(admin);
    azattest_transport_free(transport);
    azattest_credential_free(credential);
    azattest_signing_key_free(key);
    return good ? 0 : 1;
}
""",
    "judge(": """
int main(void)
{
    static file quote, collateral, wanted, root;
    azattest_error *error = NULL;
    bool valid = false;
    bool good = read_file("quote.bin", &quote) && read_file("collateral.json", &collateral) && read_file("wanted.json", &wanted) &&
                read_file("platform/simulator-root.pem", &root) &&
                judge(bytes_of(&quote), bytes_of(&collateral), bytes_of(&wanted), bytes_of(&root), &valid, &error) == AZATTEST_OK;

    print_error(error);
    return good && valid ? 0 : 1;
}
""",
    "try_out(": """
int main(void)
{
    static file text, quote, debuggable;
    azattest_error *error = NULL;
    bool first = false, second = false;
    bool good = read_file("my.policy", &text) && read_file("quote.bin", &quote) && read_file("debug.bin", &debuggable) &&
                try_out(bytes_of(&text), bytes_of(&quote), &first, &error) == AZATTEST_OK &&
                try_out(bytes_of(&text), bytes_of(&debuggable), &second, &error) == AZATTEST_OK;

    print_error(error);
    return good && first && !second ? 0 : 1;
}
""",
    "run_all(": """
int main(void)
{
    enum { COUNT = 8 };
    static file quote;
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_op *ops[COUNT] = { NULL };
    azattest_client *client = NULL;
    azattest_multi *multi = NULL;
    azattest_error *error = NULL;
    int done = 0;
    bool good;

    curl.ca_file = "platform/ca.pem";
    good = read_file("quote.bin", &quote) && azattest_multi_new(&curl, &multi, &error) == AZATTEST_OK &&
           azattest_client_new("https://127.0.0.1:8443", NULL, &client, &error) == AZATTEST_OK;
    for (int i = 0; i < COUNT && good; i++)
        good = azattest_client_attest_sgx_enclave_begin(client, bytes_of(&quote), NULL, &ops[i], &error) == AZATTEST_OK;
    good = good && run_all(multi, ops, COUNT, &error) == AZATTEST_OK;
    print_error(error);
    azattest_multi_free(multi);
    for (int i = 0; i < COUNT; i++) {
        azattest_response *response = azattest_op_take_response(ops[i]);

        done += response != NULL;
        azattest_response_free(response);
        azattest_op_free(ops[i]);
    }
    azattest_client_free(client);
    return good && done == COUNT ? 0 : 1;
}
""",
}
BEHIND = """
server {
    listen 127.0.0.1:8081;
    location / { return 200 "behind, token '$http_authorization'"; }
}
"""


PRINTED = "<!-- printed by the block above -->"


class Block:
    def __init__(self, line, language, text, reason):
        self.line, self.language, self.text, self.reason = line, language, text, reason
        self.printed = []  # lines of what it prints


def indented(lines, start):
    """The lines of the indented block that comes next."""
    i = next(j for j in range(start, len(lines)) if lines[j])
    while i < len(lines) and lines[i].startswith("    "):
        yield lines[i][4:]
        i += 1


def missing(expected, output):
    """The first of the expected lines that the output does not have behind those before it."""
    rest = iter(output.splitlines())
    for line in expected:
        if not any(line == other or line.endswith(" ...") and other.startswith(line[:-3]) for other in rest):
            return line
    return None


def blocks(text):
    """Every fenced block, with the line that it begins at and the reason, if any, why it is not run."""
    found, lines, i = [], text.splitlines(), 0
    while i < len(lines):
        if lines[i].startswith("```"):
            end = next(j for j in range(i + 1, len(lines)) if lines[j] == "```")
            reason = re.fullmatch(r"<!-- not run: (.+) -->", lines[i - 1]) if i > 0 else None
            found.append(Block(i + 1, lines[i][3:], "\n".join(lines[i + 1:end]) + "\n", reason and reason[1]))
            i = end
        elif lines[i] == PRINTED:
            found[-1].printed += indented(lines, i + 1)
        i += 1
    return found


def ask(port, method="GET", path="/", body=None, headers=None):
    """Status and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class ReadmeTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.ports = {port: str(nginx.free_port()) for port in PORTS}
        (self.folder / "build").mkdir()
        (self.folder / "build" / "default").symlink_to(BUILD)
        self.variables = {name: value for name, value in environment(HOME=str(self.folder), PYTHONDONTWRITEBYTECODE="1").items()
                          if not name.startswith(("AZURE_", "IDENTITY_", "MSI_", "LUA_", "PYTHONPATH"))}
        # `python3` of the shell blocks is the one that the modules were built for
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "python3").symlink_to(sys.executable)
        self.variables["PATH"] = f"{self.folder / 'bin'}:{self.variables['PATH']}"
        self.services = []
        self.addCleanup(self.stop)

    def stop(self):
        """Ends what the blocks left running; each has its own session."""
        for process in self.services:
            try:
                os.killpg(process, signal.SIGTERM)
            except ProcessLookupError:
                pass

    def run_words(self, block, *words, **variables):
        done = subprocess.run(words, cwd=self.folder, env={**self.variables, **variables}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
        shown = f"README.md, line {block.line}, {' '.join(map(str, words[:1]))}:\n{done.stdout.decode(errors='replace')}"
        self.assertEqual(done.returncode, 0, shown)
        return done.stdout.decode()

    def sh(self, block):
        """Exported variables are those of all blocks that follow; a service that was started is waited for."""
        script, log = self.folder / "block.sh", self.folder / "block.log"
        script.write_text(f"set -eu\n{self.filled(block.text)}\nenv -0 >variables\n")
        with open(log, "wb") as out:
            process = subprocess.Popen(["sh", script], cwd=self.folder, env=self.variables, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            self.services.append(process.pid)
            code = process.wait(120)
        self.assertEqual(code, 0, f"README.md, line {block.line}:\n{log.read_text(errors='replace')}")
        printed = log.read_text(errors="replace")
        pairs = (item.split("=", 1) for item in (self.folder / "variables").read_text().split("\0") if "=" in item)
        self.variables = dict(pairs)
        for name in re.findall(r"--ready-file (\S+)", block.text):
            for _ in range(600):
                if (self.folder / name).exists() and (self.folder / name).stat().st_size > 0:
                    break
                time.sleep(0.1)
            else:
                self.fail(f"README.md, line {block.line}: the service did not start:\n{log.read_text(errors='replace')}")
        return printed

    def python(self, block):
        script = self.folder / "block.py"
        script.write_text(self.filled(block.text))
        return self.run_words(block, sys.executable, "-W", "ignore::ResourceWarning", script)

    def lua(self, block):
        script = self.folder / "block.lua"
        script.write_text(self.filled(block.text))
        printed = [self.run_words(block, machine, script,
                                  **{name: self.variables[name].replace("lua/5.4", modules) for name in ("LUA_PATH", "LUA_CPATH")})
                   for machine, modules in (("lua5.4", "lua/5.4"), ("luajit", "lua/luajit"))]
        self.assertEqual(printed[0], printed[1], f"README.md, line {block.line}: the two machines differ")
        return printed[0]

    def c(self, block):
        text = block.text
        if "int main(" not in text:
            text = MAIN_BEFORE + text + next(code for name, code in MAINS.items() if name in text)
        source, program = self.folder / "block.c", self.folder / "block"
        source.write_text(self.filled(text))
        self.run_words(block, *shlex.split(os.environ.get("CC", "cc")), "-std=c11", "-Wall", "-Wextra", "-Werror",
                       f"-I{CHECKOUT}/core/include", f"-I{CHECKOUT}/examples/c", source, "-o", program, f"-L{BUILD}/core",
                       "-lazattest", "-lazattest_core", f"-Wl,-rpath,{BUILD}/core")
        return self.run_words(block, program)

    def nginx(self, block):
        asks = next(function for words, function in self.SERVERS.items() if words in block.text)
        if not nginx.available:
            print(f"line {block.line}: SKIPPED: there is no nginx with Lua", file=sys.stderr)
            return
        server = nginx.Nginx(http=self.filled(block.text + BEHIND))
        (server.folder / "platform").symlink_to(self.folder / "platform")  # names in it count from its folder
        with server:
            nginx.eventually(lambda: "prefetch" not in block.text or "are there" in server.log(), "the keys are prefetched")
            try:
                asks(self, int(self.ports["8080"]))
            except AssertionError as problem:
                self.fail(f"README.md, line {block.line}: {problem}\n{server.log()}")

    def ask_guard(self, port):
        attested = subprocess.run(
            [COMMAND, "attest", "sgx-enclave", "--endpoint", self.filled("https://127.0.0.1:8443"), "--ca-file", "platform/ca.pem",
             "--quote", "quote.bin", "--json"], cwd=self.folder, env=self.variables, capture_output=True, check=True)
        token = json.loads(attested.stdout)["token"]
        other = token[:-8] + "AAAAAAAA"
        self.assertEqual(ask(port)[0], 401)
        self.assertEqual(ask(port, headers={"Authorization": f"Bearer {other}"})[0], 401)
        self.assertEqual(ask(port, headers={"Authorization": f"Bearer {token}"}), (200, "behind, token ''"))

    def ask_for_attestation(self, port):
        status, text = ask(port, "POST", "/attest", (self.folder / "quote.bin").read_bytes())
        self.assertEqual(status, 200)
        self.assertRegex(text, r"\A[0-9a-f]{64}\n\Z")

    SERVERS = {"require_token": ask_guard, "attest_sgx_enclave": ask_for_attestation}

    def filled(self, text):
        return re.sub(r"\b(%s)\b" % "|".join(PORTS), lambda found: self.ports[found[0]], text)

    def test_every_block_runs(self):
        ran = dict.fromkeys(LANGUAGES, 0)
        for block in blocks(README):
            self.assertIn(block.language, LANGUAGES, f"README.md, line {block.line}: run it, or indent it")
            if block.reason is None:
                printed = getattr(self, block.language)(block)
                ran[block.language] += 1
                if block.printed:
                    self.assertIsNone(missing(block.printed, printed), f"README.md, line {block.line} prints:\n{printed}")
            else:
                print(f"line {block.line}: not run: {block.reason}", file=sys.stderr)
        self.assertNotIn(0, ran.values(), ran)


class TextTest(unittest.TestCase):
    def test_what_a_block_prints_is_looked_for(self):
        found = blocks(f"```sh\na\n```\n\n{PRINTED}\n\n    one\n      two ...\n\nwords\n```lua\nb\n```\n")
        self.assertEqual([block.printed for block in found], [["one", "  two ..."], []])
        self.assertIsNone(missing(["one", "  two ..."], "zero\none\nfive\n  two or more\n"))
        for line, output in (("one", "  two or more\n"), ("  two ...", "  two or more\none\n"), ("  two ...", "one\n two\n")):
            self.assertEqual(missing(["one", "  two ..."], output), line)

    def test_the_table_of_findings(self):
        """POLICY.md has every finding as azattest_policy_lint_rules() has it."""
        done = subprocess.run([COMMAND, "policy", "lint", "--explain", "all", "--json"], check=True, capture_output=True)
        table = POLICY.partition("\n## Findings\n")[2].partition("\n## ")[0].replace("`", "")
        rows = re.findall(r"(?m)^\| ([a-z-]+) \| ([a-z, ]+) \| (.+) \| (.+) \|$", table)
        self.assertEqual(rows[1:], [tuple(rule.values()) for rule in json.loads(done.stdout)])

    def test_the_table_of_claims(self):
        """It has every claim that the linter knows conditions to see, of its type, and no others."""
        source = (CHECKOUT / "core/src/policy/vocabulary/vocabulary.c").read_text(encoding="utf-8")
        rows = re.findall(r'(?m)^    \{ "([^"]+)", ([A-Z |]+), [A-Z]+, \d+, ([A-Z_0-9| ]+), ', source)
        known = {(kind, name) for name, kinds, flags in rows if re.search(r"\b(IN|BOTH)\b", flags) for kind in kinds.split(" | ")}
        table = POLICY.partition("\n## Claims\n")[2].partition("\n## ")[0]
        kinds = {"all": "ANY", "SgxEnclave, OpenEnclave": "SGX", "SevSnpVm": "SNP", "TdxVm": "TDX", "AzureGuest": "GUEST",
                 "Tpm, VBS": "TPM"}
        told = set()
        for kind, cell in re.findall(r"(?m)^\| (\w[\w, ]+) \| (.+) \|$", table)[1:]:
            for part in cell.split("; "):  # a first name that ends in - or _ stands before the others
                names = re.findall("`([^`]+)`", part)
                prefix = names.pop(0) if names and names[0][-1] in "-_" else ""
                told |= {(kinds[kind], prefix + name) for name in names}
        self.assertGreater(len(known), 90)
        self.assertEqual(told, known)

    def test_the_table_of_limits(self):
        header = (CHECKOUT / "core/include/azattest/limits.h").read_text(encoding="utf-8")
        limits = dict(re.findall(r"(?m)^#define (AZATTEST_LIMIT_\w+) (.+)$", header))
        table = POLICY.partition("\n## Limits\n")[2].partition("\n## ")[0]
        rows = re.findall(r"(?m)^\| .+ \| `(AZATTEST_LIMIT_\w+)` \| ([\d,]+)(| KiB| MiB) \|$", table)
        wanted = {name for name in limits if re.match("AZATTEST_LIMIT_(POLICY|CLAIM|JMESPATH)", name)}
        self.assertEqual({name for name, _, _ in rows}, wanted)
        for name, value, unit in rows:
            factors = [int(word) for word in re.findall(r"\d+", limits[name])]
            self.assertEqual(math.prod(factors), int(value.replace(",", "")) * {"": 1, " KiB": 1024, " MiB": 1048576}[unit], name)

    def test_the_table_of_defaults(self):
        done = subprocess.run([sys.executable, "-c", "import azattest, json; print(json.dumps(azattest.defaults()))"], check=True,
                              env=environment(PYTHONPATH=str(BUILD / "python"), PYTHONDONTWRITEBYTECODE="1"), capture_output=True)
        table = README.partition("\n## Defaults\n")[2].partition("\n## ")[0]
        rows = re.findall(r"(?m)^\| [\w ]+ \| `(\w+)` \| `(.+?)` \| (.+?) \| (.+) \|$", table)
        self.assertEqual({name: json.loads(value) for name, value, _, _ in rows}, json.loads(done.stdout))
        for name, _, unit, _ in rows:
            with self.subTest(name):
                self.assertEqual(unit == "ms", name.endswith("_ms"))
                self.assertEqual(unit == "s", name.endswith("_s"))

    def test_every_file_and_heading_it_names_is_there(self):
        for page in ("README.md", "CONTRIBUTING.md", "core/include/azattest/POLICY.md"):
            text = (CHECKOUT / page).read_text(encoding="utf-8")
            for name in sorted(set(re.findall(r"`((?:core|tests|examples|bindings|python|lua)/[\w./]+)`", text))):
                self.assertTrue((CHECKOUT / name).exists(), f"{page}: {name}")
        headings = {re.sub(r"[^\w-]", "", h.lower().replace(" ", "-")) for h in re.findall(r"(?m)^#+ (.+)$", README)}
        for anchor in re.findall(r"\]\(#([\w-]+)\)", README):
            self.assertIn(anchor, headings)

    def test_lines_end_before_they_are_too_long(self):
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "tests/checklist.md",
                     "core/include/azattest/POLICY.md"):
            lines = (CHECKOUT / name).read_text(encoding="utf-8").splitlines()
            self.assertEqual([i for i, line in enumerate(lines, 1) if len(line) > 130 and not line.startswith("|")], [], name)


if __name__ == "__main__":
    if not (BUILD / "core").is_dir() or shutil.which("lua5.4") is None:
        sys.exit("set AZATTEST_BUILD to the build folder; lua5.4 and luajit have to be installed")
    main()
