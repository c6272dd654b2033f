"""The local service for the official SDKs: instances of every mode, evidence, keys, and one file that names them all."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from command_support import EVIDENCE, Answers, Emulator, environment, make_token, run  # noqa: E402

RUNTIME_JSON = '{"keys":[{"kty":"EC","use":"enc"}],"purpose":"witness"}'
# the default policy of SGX instances as the documentation prints it, on one line: the local service evaluates it
POLICY = ("version= 1.1;configurationrules{=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"azuredefault\");};"
          "authorizationrules{=> permit();};issuancerules{"
          + "".join(f'c:[type=="x-ms-{a}"] => issue(type="{b}", value=c.value);' for a, b in (
              ("sgx-is-debuggable", "is-debuggable"), ("sgx-mrsigner", "sgx-mrsigner"),
              ("sgx-mrenclave", "sgx-mrenclave"), ("sgx-product-id", "product-id"), ("sgx-svn", "svn"),
              ("attestation-type", "tee"))) + "};")
TPM_POLICY = "version=1.0; authorizationrules { => permit(); }; issuancerules { };"


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
                "keys": keys})
        except BaseException:
            self.stop()
            raise

    def configure(self, folder, platform, keys, configuration):
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

    def run(self, *words, cases=(), cwd=None, **more):
        """The lines that one of the programs prints, by case."""
        env = environment(NODE_EXTRA_CA_CERTS=self.ca_file, REQUESTS_CA_BUNDLE=self.ca_file, **more)
        done = subprocess.run([*map(str, words), str(self.configuration), *cases], cwd=cwd, env=env, capture_output=True,
                              text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return {line["case"]: line for line in lines}
