"""The examples of secure key release and of validation without a connection, in each language, against the local service.

AZATTEST_BUILD names the build folder with the C programs and the modules.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from command_support import CHECKOUT, VALID, Emulator, environment, main, run

SECRET = b"the combination\x00 is 1234"


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=True).stdout


def languages():
    examples, build = CHECKOUT / "examples", Path(os.environ["AZATTEST_BUILD"])
    yield "C", lambda name: [build / "examples" / name], {}
    if (build / "python").is_dir():
        yield "Python", lambda name: [sys.executable, examples / "python" / (name + ".py")], {
            "PYTHONPATH": str(build / "python")}
    for machine, folder in (("lua5.4", "5.4"), ("luajit", "luajit")):
        tree = build / "lua" / folder
        if tree.is_dir() and shutil.which(machine):
            paths = {name: f"{tree}/?.{end}" for names, end in (
                (("LUA_PATH", "LUA_PATH_5_4"), "lua"), (("LUA_CPATH", "LUA_CPATH_5_4"), "so")) for name in names}
            yield machine, lambda name, machine=machine: [machine, examples / "lua" / (name + ".lua")], paths


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="azattest-examples-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        emulator = Emulator("--state", cls.folder / "state")
        cls.addClassCleanup(emulator.stop)
        cls.endpoint, cls.ca_file = emulator.ready["endpoint"], emulator.ready["ca_file"]
        cls.key, cls.public, cls.quote, cls.token, cls.keys = (
            cls.folder / name for name in ("key", "public", "quote", "token", "keys"))
        cls.key.write_bytes(openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"))
        cls.public.write_bytes(openssl("pkey", "-in", cls.key, "-pubout"))
        service = ["--endpoint", cls.endpoint, "--ca-file", cls.ca_file]
        for words in (["simulate", "sgx-quote", "--state", cls.folder / "state", "--out", cls.quote, "--runtime-data",
                       cls.public], ["keys", "export", *service, "--out", cls.keys]):
            done = run(*words)
            if done.returncode != VALID:
                raise AssertionError(done.stderr.decode())
        done = run("attest", "sgx-enclave", *service, "--quote", cls.quote, "--runtime-data", cls.public, "--json")
        cls.token.write_text(json.loads(done.stdout)["token"] + "\n")

    def example(self, words, extra, stdin=b""):
        return subprocess.run(list(map(str, words)), input=stdin, capture_output=True, timeout=60,
                              env=environment(**extra), check=False)

    def test_a_secret_is_released_to_the_program_alone(self):
        sealed = {}
        for name, program, extra in languages():
            done = self.example([*program("key_release"), "seal", self.endpoint, self.ca_file, self.token], extra, SECRET)
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            sealed[name] = done.stdout
        for name, program, extra in languages():
            for sealer, text in sealed.items():
                with self.subTest(sealed_by=sealer, opened_by=name):
                    done = self.example([*program("key_release"), "open", self.key], extra, text)
                    self.assertEqual((done.returncode, done.stdout), (0, SECRET), done.stderr.decode())
            done = self.example([*program("key_release"), "open", self.key], extra, text[:-8] + b"AAAAAAA\n")
            self.assertEqual((done.returncode, done.stdout), (1, b""), name)

    def test_a_token_validates_without_a_connection(self):
        for name, program, extra in languages():
            with self.subTest(name):
                done = self.example([*program("offline"), self.keys, self.endpoint, self.token], extra)
                self.assertEqual(done.returncode, 0, done.stderr.decode())
                self.assertIn(b"mr_signer", done.stdout)
                done = self.example([*program("offline"), self.keys, "https://other.example", self.token], extra)
                self.assertEqual(done.returncode, 1)
                self.assertNotIn(b"mr_signer", done.stdout)


if __name__ == "__main__":
    main()
