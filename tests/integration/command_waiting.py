"""The command while it waits: Ctrl-C and other signals, --timeout, and what a person at a terminal is told."""

import os
import pty
import select
import signal
import subprocess
import time

from command_login import SCOPE, LoginTest
from command_support import COMMAND, INTERRUPTED, UNREACHED, VALID, Emulator, environment, main

FOREVER = 300  # seconds: longer than any test waits


class WaitingTest(LoginTest):
    def start(self, *words, **changes):
        process = subprocess.Popen([COMMAND, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment(**{**self.base, **changes}))
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def hanging_az(self):
        """Hangs with a child of its own; both note who they are."""
        self.az(f"sleep {FOREVER} & echo $! > '{self.folder}/child'; echo $$ > '{self.folder}/self'; wait")

    def until(self, condition):
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not come so far")
            time.sleep(0.02)

    def pids(self):
        paths = [self.folder / name for name in ("child", "self")]
        self.until(lambda: all(path.exists() and path.read_text().endswith("\n") for path in paths))
        return [int(path.read_text()) for path in paths]

    def assert_gone(self, pid):
        def gone():
            try:  # a zombie that nobody in this container waits for has ended too
                with open(f"/proc/{pid}/stat", encoding="ascii") as status:
                    return status.read().rpartition(")")[2].split()[0] == "Z"
            except FileNotFoundError:
                return True
        self.until(gone)


class Interrupted(WaitingTest):
    """communicate() has a limit far below every wait that is interrupted."""

    def ends(self, process, code=INTERRUPTED):
        output, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, output), (code, b""), errors)
        self.assertIn(b"azattest: ", errors)
        return errors

    def test_az_is_ended_with_all_that_it_started(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                self.hanging_az()
                process = self.start("access-token", "--credential", "azure-cli")
                pids = self.pids()
                process.send_signal(number)
                self.ends(process)
                for pid in pids:
                    self.assert_gone(pid)
                for name in ("child", "self"):
                    (self.folder / name).unlink()

    def test_a_wait_before_the_next_try(self):
        emulator = Emulator("--fault", f"policies:503;retry-after={FOREVER // 3}")
        self.addCleanup(emulator.stop)
        ready = emulator.ready
        token = self.file("token", "opaque")
        for words in (["policy", "get", "SgxEnclave", "--access-token-file", token],):
            process = self.start(*words, "--endpoint", ready["endpoint"], "--ca-file", ready["ca_file"], "--timeout",
                                 FOREVER, "--log-level", "info")
            line = b""
            while b"next in " not in line:
                line = process.stderr.readline()
                self.assertTrue(line, "no word of a next try")
            process.send_signal(signal.SIGINT)
            self.ends(process)

    def test_the_way_to_a_token(self):
        emulator = Emulator("--fault", f"token:delay;ms={FOREVER * 1000}")
        self.addCleanup(emulator.stop)
        ready = emulator.ready
        env = {"AZURE_AUTHORITY_HOST": ready["authority_host"], "AZURE_TENANT_ID": ready["tenant_id"],
               "AZURE_CLIENT_ID": ready["client_id"], "AZURE_CLIENT_SECRET": ready["client_secret"]}
        process = self.start("policy", "get", "SgxEnclave", "--scopes", SCOPE, "--endpoint", ready["endpoint"],
                             "--ca-file", ready["ca_file"], "--log-level", "info", **env)
        self.assertIn(b"tries EnvironmentCredential", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        self.ends(process)

    def test_what_is_ignored_stays_ignored(self):
        """As nohup, and as a shell's script starts what goes into the background."""
        self.az("sleep 1; echo '{\"accessToken\": \"opaque\", \"expires_on\": 4102444800}'; touch '%s/done'" % self.folder)
        process = subprocess.Popen(["sh", "-c", "trap '' HUP INT; exec \"$@\"", "sh", COMMAND, "access-token",
                                    "--credential", "azure-cli"], stdout=subprocess.PIPE,
                                   env=environment(**self.base))
        self.until(self.seen.exists)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGHUP)
        self.assertEqual((process.communicate(timeout=60)[0], process.returncode), (b"opaque\n", VALID))

    def test_time_that_is_up(self):
        self.hanging_az()
        for words in (["access-token", "--credential", "azure-cli"],
                      ["policy", "get", "Tpm", *self.scoped, "--credential", "azure-cli"]):
            self.expect(UNREACHED, *words, "--timeout", "0.5", **self.base)
        for pid in self.pids():
            self.assert_gone(pid)


class AtATerminal(WaitingTest):
    def read(self, *words, **changes):
        """Exit code, and what a terminal as standard error gets."""
        ours, theirs = pty.openpty()
        try:
            process = subprocess.Popen([COMMAND, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=theirs, env=environment(**{**self.base, **changes}))
            os.close(theirs)
            text = b""
            while select.select([ours], [], [], 60)[0]:
                try:
                    part = os.read(ours, 4096)
                except OSError:  # the other side is closed
                    break
                if not part:
                    break
                text += part
            return process.wait(60), text.decode()
        finally:
            os.close(ours)

    def test_a_try_that_failed_and_the_next_one(self):
        emulator = Emulator("--fault", "certs:1=503;retry-after-ms=20")
        self.addCleanup(emulator.stop)
        words = ["keys", "export", "--endpoint", emulator.ready["endpoint"], "--ca-file", emulator.ready["ca_file"]]
        code, text = self.read(*words)
        self.assertEqual(code, VALID, text)
        self.assertRegex(text, r"\Aazattest: get signing certificates: try 1 failed \(.* 503\); next in 20 ms\r\n\Z")
        self.assertEqual(self.read(*words), (VALID, ""))

    def test_what_is_waited_for_when_it_takes_long(self):
        self.az("sleep 4; echo '{\"accessToken\": \"opaque\", \"expires_on\": 4102444800}'")
        code, text = self.read("access-token", AZURE_TOKEN_CREDENTIALS="dev")
        self.assertEqual((code, text), (VALID, "azattest: still waiting for AzureCliCredential\r\n"))
        emulator = Emulator("--fault", "certs:1=delay;ms=4000")
        self.addCleanup(emulator.stop)
        code, text = self.read("keys", "export", "--endpoint", emulator.ready["endpoint"], "--ca-file",
                               emulator.ready["ca_file"])
        self.assertEqual((code, text), (VALID, f"azattest: still waiting for GET {emulator.ready['endpoint']}/certs\r\n"))

    def test_a_log_that_was_chosen_is_all_there_is(self):
        emulator = Emulator("--fault", "certs:1=503;retry-after-ms=20")
        self.addCleanup(emulator.stop)
        words = ["keys", "export", "--endpoint", emulator.ready["endpoint"], "--ca-file", emulator.ready["ca_file"]]
        self.assertEqual(self.read(*words, "--log-level", "error"), (VALID, ""))


if __name__ == "__main__":
    main()
