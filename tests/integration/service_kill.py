"""The local service is killed while it changes what it keeps. Each time it is opened again it shows the state before the
change that was under way, or the one after it; never a mixture, and everything that it had acknowledged is there."""

import http.client
import os
import random
import subprocess
import threading
import time

from command_support import COMMAND, CommandTest, Emulator, environment, main
from policy_support import VERSION, Signer, authorization, certificates, connect, policy_payload, stored_policy, unsecured

PERMIT = "version=1.0; authorizationrules{=> permit();}; "
KINDS = ("SgxEnclave", "OpenEnclave", "SevSnpVm", "Tpm")
SEED = int(os.environ.get("AZATTEST_KILL_SEED", "0")) or random.randrange(1 << 32)
ROUNDS = int(os.environ.get("AZATTEST_KILL_ROUNDS", "12"))


class Writer(threading.Thread):
    """Changes one thing again and again, one change behind the other, until the service is gone."""

    def __init__(self, ready, change, states):
        super().__init__(daemon=True)
        self.ready, self.change, self.states = ready, change, states
        self.acknowledged, self.tried, self.count, self.odd = None, None, 0, None

    def run(self):
        connection, headers = connect(self.ready), authorization(self.ready)
        try:
            for state in self.states():
                self.tried = state
                method, target, body = self.change(state)
                connection.request(method, target, body, headers)
                answer = connection.getresponse()
                content = answer.read()
                if answer.status != 200:
                    self.odd = content
                    return
                self.acknowledged, self.count = state, self.count + 1
        except (OSError, http.client.HTTPException):
            pass  # killed
        finally:
            connection.close()


class KillTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        print(f"AZATTEST_KILL_SEED={SEED}", flush=True)

    def spawn(self, *words):
        return subprocess.Popen([COMMAND, "emulator", *map(str, words)], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, env=environment())

    def kill_during(self, emulator, writers):
        """Kills after some changes and a little while; every writer must have got somewhere."""
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 60
        while any(w.count < 2 and w.odd is None for w in writers) and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(self.random.random() * 0.2)
        emulator.process.kill()
        emulator.stop()
        for writer in writers:
            writer.join(60)
            self.assertIsNone(writer.odd)
            self.assertGreaterEqual(writer.count, 2)

    def test_policies(self):
        state = self.folder / "state"
        number = iter(range(1 << 30))
        before = {}

        def writer_of(ready, kind):
            def states():
                while True:
                    # sizes from a few bytes to several pages of the database
                    yield unsecured(policy_payload(f"{PERMIT}// {next(number)} " + "x" * self.random.randrange(30000)))
            return Writer(ready, lambda token: ("PUT", f"/policies/{kind}?{VERSION}", token), states)

        for _ in range(ROUNDS):
            emulator = Emulator("--state", state)
            for kind, allowed in before.items():
                self.assertIn(stored_policy(emulator.ready, kind), allowed, kind)
            writers = {kind: writer_of(emulator.ready, kind) for kind in KINDS}
            self.kill_during(emulator, writers.values())
            before = {kind: (w.acknowledged, w.tried) for kind, w in writers.items()}
        emulator = Emulator("--state", state)
        for kind, allowed in before.items():
            self.assertIn(stored_policy(emulator.ready, kind), allowed, kind)
        emulator.stop()

    def test_setting_and_resetting(self):
        state, path = self.folder / "state", "/policies/SgxEnclave"
        policy, empty = unsecured(policy_payload(PERMIT)), unsecured("")
        emulator = Emulator("--state", state)
        default = stored_policy(emulator.ready, "SgxEnclave")
        emulator.stop()

        def states():
            while True:
                yield policy
                yield default

        def change(wanted):
            return ("PUT", f"{path}?{VERSION}", policy) if wanted == policy else ("POST", f"{path}:reset?{VERSION}", empty)

        for _ in range(ROUNDS // 2):
            emulator = Emulator("--state", state)
            writer = Writer(emulator.ready, change, states)
            self.kill_during(emulator, [writer])
            emulator = Emulator("--state", state)
            self.assertIn(stored_policy(emulator.ready, "SgxEnclave"), (writer.acknowledged, writer.tried))
            emulator.stop()

    def test_certificates_and_policies_of_an_isolated_instance(self):
        state = self.folder / "state"
        owner, other = Signer(self.folder, "owner"), Signer(self.folder, "other")
        requests = {name: owner.certificate_request(other) for name in ("add", "remove")}
        policies = [owner.token(policy_payload(f"{PERMIT}// {n}")) for n in range(2)]

        def sets():
            while True:
                yield "add"
                yield "remove"

        def tokens():
            while True:
                yield from policies

        expected = None
        for _ in range(ROUNDS):
            emulator = Emulator("--state", state, "--mode", "isolated", "--policy-certificate", owner.certificate)
            if expected is not None:
                present = {"add": [owner.x5c, other.x5c], "remove": [owner.x5c]}
                self.assertIn(certificates(emulator.ready), [present[name] for name in expected[0]])
                self.assertIn(stored_policy(emulator.ready, "SgxEnclave"), expected[1])
            changer = Writer(emulator.ready, lambda name: ("POST", f"/certificates:{name}?{VERSION}", requests[name]), sets)
            putter = Writer(emulator.ready, lambda token: ("PUT", f"/policies/SgxEnclave?{VERSION}", token), tokens)
            self.kill_during(emulator, [changer, putter])
            expected = ((changer.acknowledged, changer.tried), (putter.acknowledged, putter.tried))

    def test_while_an_instance_is_made(self):
        """An instance is there with all of its certificates, or not at all."""
        signers = [Signer(self.folder, f"signer {n}") for n in range(3)]
        words = [word for signer in signers for word in ("--policy-certificate", signer.certificate)]
        for n in range(2 * ROUNDS):
            state = self.folder / f"state {n}"
            process = self.spawn("--state", state, "--mode", "isolated", *words)
            deadline = time.monotonic() + 60
            # the key is the last thing before the instance
            while not (state / "signing-key.pem").exists() and time.monotonic() < deadline:
                time.sleep(0.0005)
            time.sleep(self.random.random() * 0.01)
            process.kill()
            process.wait(30)
            emulator = Emulator("--state", state, "--mode", "isolated", *words)
            self.assertEqual(certificates(emulator.ready), [signer.x5c for signer in signers])
            emulator.stop()


if __name__ == "__main__":
    main()
