"""The local service for the official SDKs: instances of every mode, evidence, keys, and one file that names them all."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from command_support import EVIDENCE, Answers, Emulator, environment, make_token, run  # noqa: E402

RUNTIME_JSON = '{"keys":[{"kty":"EC","use":"enc"}],"purpose":"witness"}'
# the default policy of SGX instances as the documentation prints it, on one line
POLICY = ("version= 1.1;configurationrules{=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"azuredefault\");};"
          "authorizationrules{=> permit();};issuancerules{"
          + "".join(f'c:[type=="x-ms-{a}"] => issue(type="{b}", value=c.value);' for a, b in (
              ("sgx-is-debuggable", "is-debuggable"), ("sgx-mrsigner", "sgx-mrsigner"),
              ("sgx-mrenclave", "sgx-mrenclave"), ("sgx-product-id", "product-id"), ("sgx-svn", "svn"),
              ("attestation-type", "tee"))) + "};")
TPM_POLICY = "version=1.0; authorizationrules { => permit(); }; issuancerules { };"


def real_policies():
    """The real policies, by name: those that their table calls valid, and those that have an error."""
    folder, valid, invalid = EVIDENCE / "policies", {}, {}
    if not folder.is_dir():
        print(f"*** A FEW MADE-UP POLICIES STAND IN: no real policies at {folder} ***", file=sys.stderr, flush=True)
        return ({"permit": TPM_POLICY, "issue": POLICY, "deny": TPM_POLICY.replace("permit", "deny"),
                 "nothing": TPM_POLICY.replace("=> permit();", "")}, {"no semicolon": "version=1.0"})
    rows = re.findall(r"^\| (\d\d-\S+\.policy) \| \d+ \| [^|]+ \| ([^|]+) \|", (folder / "README.md").read_text("utf-8"), re.M)
    for name, verdict in rows:
        (valid if verdict.startswith("valid") else invalid)[name] = (folder / name).read_bytes().decode("utf-8")
    for path in sorted((folder / "invalid").glob("*.policy")):
        invalid[f"invalid/{path.name}"] = path.read_bytes().decode("utf-8")
    if not valid or not invalid:
        raise AssertionError(f"{folder}: the tables were not understood")
    return valid, invalid


def command(*words):
    done = run(*words)
    if done.returncode != 0:
        raise AssertionError(f"azattest {' '.join(map(str, words))}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def evidence(folder, state):
    """Files of a quote, a report and their runtime data: real ones where they are and still verify, else simulated."""
    real = [EVIDENCE / name for name in ("sgx/sdk-cpp-sgx-quote.bin", "openenclave/sdk-cpp-oe-report.bin",
                                         "sgx/sdk-cpp-sgx-quote.runtime-data.bin")]
    if not all(path.is_file() for path in real):
        missing = f"no real evidence at {EVIDENCE}"
    elif any(run("evidence", "verify", path).returncode != 0 for path in real[:2]):
        missing = "the real evidence does not verify any more at today's date"
    else:
        return [str(path) for path in real]
    print(f"*** SIMULATED EVIDENCE STANDS IN: {missing} ***", file=sys.stderr, flush=True)
    quote, report, data = (folder / name for name in ("quote", "report", "data"))
    data.write_bytes(b"runtime data\0")
    command("simulate", "sgx-quote", "--state", state, "--runtime-data", data, "--out", quote)
    command("simulate", "open-enclave-report", "--state", state, "--runtime-data", data, "--out", report)
    return [str(quote), str(report), str(data)]


def signing_key(folder, name, kind):
    key, certificate = folder / f"{name}.key.pem", folder / f"{name}.pem"
    command("simulate", "signing-key", "--type", kind, "--subject", name, "--out-key", key, "--out-certificate", certificate)
    return str(key), str(certificate)


def liar():
    """A service whose attestation tokens nobody signed."""
    def answer(_, path):
        if path.startswith("/certs"):
            return 200, {"Content-Type": "application/json"}, b'{"keys":[]}'
        now = int(time.time())
        token = make_token({"alg": "none"}, {"iss": server.endpoint, "iat": now, "nbf": now, "exp": now + 3600, "jti": "0" * 64,
                                             "x-ms-ver": "1.0", "x-ms-attestation-type": "sgx", "x-ms-policy-hash": ""})
        return 200, {"Content-Type": "application/json"}, json.dumps({"token": token}).encode()

    server = Answers(answer)
    return server


class Instances:
    """Local services, one of each mode, and a file CONFIGURATION that names all that the programs need."""

    def __init__(self, folder):
        folder = Path(folder)
        self.emulators, self.liar = [], None
        self.policies, self.invalid_policies = real_policies()
        platform, json_file, simulated, forged = (folder / name for name in ("platform", "runtime", "simulated", "forged"))
        json_file.write_text(RUNTIME_JSON)
        command("simulate", "sgx-quote", "--state", platform, "--runtime-data", json_file, "--out", simulated)
        broken = bytearray(simulated.read_bytes())
        broken[112] ^= 1  # MRENCLAVE
        forged.write_bytes(broken)
        quote, report, data = evidence(folder, platform)
        keys = {name: signing_key(folder, name, kind)
                for name, kind in (("registered", "rsa"), ("other", "rsa"), ("ec", "ec"))}
        shutil.copytree(platform, folder / "ahead")  # the same platform, whose quotes both know
        try:
            self.configure(folder, platform, keys, {
                "quote": quote, "report": report, "runtime_data": data, "simulated_quote": str(simulated),
                "forged_quote": str(forged), "runtime_json": RUNTIME_JSON, "policy": POLICY, "tpm_policy": TPM_POLICY,
                "keys": keys, "policies": self.policies, "invalid_policies": self.invalid_policies})
        except BaseException:
            self.stop()
            raise

    def configure(self, folder, platform, keys, configuration):
        self.quote, self.roots = configuration["quote"], platform / "simulator-root.pem"
        first = self.start("--state", platform, "--instance", "isolated=isolated", "--instance", "shared=shared",
                           "--policy-certificate", keys["registered"][1])
        ahead = self.start("--state", folder / "ahead", "--at", "+3600")
        self.liar = liar()
        instances = {"aad": first["endpoint"], "ahead": ahead["endpoint"], "unsigned": self.liar.endpoint}
        instances.update((one["name"], one["endpoint"]) for one in first["instances"] if one["mode"] != "aad")
        authorities = [Path(file).read_bytes() for file in (first["ca_file"], ahead["ca_file"], self.liar.ca_file)]
        bundle, self.configuration = folder / "authorities.pem", folder / "configuration.json"
        bundle.write_bytes(b"".join(authorities))
        self.ca_file = str(bundle)
        identity = {name: first[name] for name in ("authority_host", "tenant_id", "client_id", "client_secret", "imds_endpoint",
                                                   "client_certificate_file", "federated_token_file")}
        identity["reader"] = next({"client_id": one["client_id"], "client_secret": one["client_secret"]}
                                  for one in first["identities"] if one["name"] == "reader")
        self.configuration.write_text(json.dumps({"ca_file": self.ca_file, "instances": instances, "identity": identity,
                                                  **configuration}))

    def start(self, *words):
        emulator = Emulator(*words)
        self.emulators.append(emulator)
        return emulator.ready

    def stop(self):
        if self.liar is not None:
            self.liar.stop()
        for emulator in self.emulators:
            emulator.stop()

    def evaluated(self):
        """What the library's own evaluator says of each of the policies over the same evidence: claims, or why not."""
        found = {}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "policy"
            for name, text in self.policies.items():
                path.write_bytes(text.encode("utf-8"))
                done = run("policy", "eval", path, "--evidence", self.quote, "--type", "SgxEnclave", "--root", self.roots, "--json")
                document = json.loads(done.stdout)
                permitted = document["policy"]["outcome"] == "permit"
                found[name] = document["issued_claims"] if permitted else "PolicyEvaluationError"
        return found

    def run(self, *words, cases=(), cwd=None, **more):
        """The lines that one of the programs prints, by case."""
        env = environment(NODE_EXTRA_CA_CERTS=self.ca_file, REQUESTS_CA_BUNDLE=self.ca_file, **more)
        done = subprocess.run([*map(str, words), str(self.configuration), *cases], cwd=cwd, env=env, capture_output=True,
                              text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return {line["case"]: line for line in lines}
