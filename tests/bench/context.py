"""What a suite gets to work with: the build, the fixture, the service, child processes, and rounds that take turns."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

import table

HERE = pathlib.Path(__file__).resolve().parent


class Skipped(Exception):
    """A peer or a part of the build is not there; the text says which."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def serve(context, folder, listening):
    """tests/bench/service.c on a socket that listens: handed down, so that nobody can take the port. Gives the process."""
    process = subprocess.Popen([context.program("bench_service"), folder, "--listen-fd", str(listening.fileno())],
                               stdout=subprocess.PIPE, text=True, pass_fds=[listening.fileno()])
    if not process.stdout.readline():
        raise RuntimeError(f"bench_service ended with {process.wait()}")
    return process


class Service:
    """tests/bench/service.c on a free port, with its certificate, evidence and token in `folder`.

    ca.pem, quote.bin (SGX), token.jwt (its issuer is the endpoint), keys.jwks, metadata.json, key.pem.
    """

    def __init__(self, context, folder):
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
            self.port = listening.getsockname()[1]
            self.endpoint = f"https://127.0.0.1:{self.port}"
            context.check(context.program("bench_fixture"), folder, self.endpoint)
            self.process = serve(context, folder, listening)
        self.ca_file, self.quote_file = folder / "ca.pem", folder / "quote.bin"
        self.token = (folder / "token.jwt").read_text()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.ca_file))))

    def ask(self, path):
        with self.opener.open(self.endpoint + path, timeout=30) as answer:
            return json.load(answer)

    def count(self):
        """{"attest", "requests", "accepted", "open", "cpu_ns"} since it started."""
        return self.ask("/count")

    def delay(self, milliseconds, spread=0):
        """How long it waits before it answers an attest call, from now on: evenly `spread` more or less."""
        self.ask(f"/delay?ms={milliseconds:g}&spread={spread:g}")

    def close_after_attest(self, on):
        """Whether each attest answer ends its connection, so that every call makes a new one."""
        self.ask(f"/close?on={int(on)}")

    def reset(self):
        self.delay(0)
        self.close_after_attest(False)

    def stop(self):
        end(self.process)
        self.process.stdout.close()


def end(process):
    """Ends a child that we started; gently first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Context:
    """`quick`: numbers do not matter, only that each row comes out. `rounds`, `times(n)`: how much to do."""

    def __init__(self, build, quick=False, rounds=None):
        self.build = pathlib.Path(build).resolve()
        self.quick = quick
        self.rounds = rounds or (1 if quick else 7)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="azattest-bench-"))
        self.suite = ""
        self._service = None

    def times(self, wanted, quick=20):
        """How often to do something: `wanted`, or nearly nothing in the short form."""
        return min(wanted, quick) if self.quick else wanted

    def progress(self, text):
        say(f"[{self.suite}] {text}")

    def close(self):
        if self._service is not None:
            self._service.stop()
            self._service = None
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def apart(self):
        """The service on one processor and the clients on the others, as if they were two machines.

        Left to itself the system sometimes puts both on one: then nobody is woken from afar, a bare call costs a third, and
        two rounds cannot be compared.
        """
        processors = sorted(os.sched_getaffinity(0))
        if len(processors) < 2:
            self.progress("one processor: service and clients share it")
            yield
            return
        service = self.service.process.pid
        os.sched_setaffinity(service, processors[:1])
        os.sched_setaffinity(0, processors[1:])  # children inherit it
        try:
            yield
        finally:
            os.sched_setaffinity(0, processors)
            os.sched_setaffinity(service, processors)

    # ------------------------------------------------------------------------------------------------ what was built

    def program(self, name):
        path = self.build / "tests" / name
        if not path.is_file():
            raise Skipped(f"{name} is not built")
        return str(path)

    def begin(self, suite):
        self.suite = suite
        if self._service is not None:
            self._service.reset()

    @property
    def service(self):
        """The one service of this run; at the start of each suite it delays nothing and keeps its connections."""
        if self._service is None:
            folder = self.folder / "service"
            folder.mkdir(exist_ok=True)  # a suite before this one may have failed at the next step
            self._service = Service(self, folder)
        return self._service

    def python(self, **more):
        """The interpreter and environment with our Python module."""
        modules = self.build / "python"
        if not modules.is_dir():
            raise Skipped("the Python module is not built")
        return sys.executable, environment(PYTHONPATH=str(modules), **more)

    def lua(self, version):
        """The interpreter ("5.4", "luajit") and environment with our Lua module."""
        modules = self.build / "lua" / version
        program = {"5.4": "lua5.4", "luajit": "luajit"}[version]
        if not modules.is_dir() or shutil.which(program) is None:
            raise Skipped(f"the Lua module for {program} is not built, or there is no {program}")
        return program, environment(LUA_PATH=f"{modules}/?.lua;{modules}/?/init.lua;;", LUA_CPATH=f"{modules}/?.so;;")

    def witness(self, language, what="the official SDK for {}"):
        """The folder with the official SDK ("python": bin/python is its interpreter; "javascript") or with a verifier of
        quotes ("quotes-python", "quotes-javascript"), installed when missing."""
        sys.path.insert(0, str(HERE.parent / "integration" / "witness"))
        try:
            import install
        finally:
            sys.path.pop(0)
        try:
            return install.installed(self.build / "witness", language)
        except (install.Skipped, SystemExit) as reason:
            raise Skipped(f"{what.format(language)}: {reason}") from None

    def evidence(self, name):
        """A file of the folder with real evidence."""
        folder = pathlib.Path(os.environ.get("AZATTEST_EVIDENCE") or HERE.parents[2] / "shared" / "evidence").resolve()
        if not folder.is_dir():
            raise Skipped(f"no evidence folder at {folder} (set AZATTEST_EVIDENCE)")
        return folder / name

    def system_bundle(self):
        """A file with the system's authorities and the service's, as a machine has it that knows one more authority."""
        system = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
        bundle = self.folder / "bundle.pem"
        if not bundle.is_file():
            try:
                bundle.write_bytes(pathlib.Path(system).read_bytes() + b"\n" + self.service.ca_file.read_bytes())
            except OSError as problem:
                raise Skipped(f"this machine has no bundle of authorities: {problem}") from None
        return bundle

    # -------------------------------------------------------------------------------------------------------- running

    def check(self, *words, env=None, timeout=300, cwd=None):
        """Runs a program to its end and gives its standard output. A failure shows what it said."""
        with subprocess.Popen([*map(str, words)], env=env or environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, cwd=cwd) as process:
            try:
                output, errors = process.communicate(timeout=timeout)
            except BaseException:
                end(process)
                raise
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, words))[:300]} ended with {process.returncode}: {errors.strip()[-2000:]}")
        return output

    def measured(self, *words, env=None, timeout=300, cwd=None):
        """The last line of a program's output, which is JSON: what it measured of itself, set-up left out."""
        return json.loads(self.check(*words, env=env, timeout=timeout, cwd=cwd).splitlines()[-1])

    def usage(self, *words, env=None, cwd=None):
        """CPU and wall seconds of a whole process, from its start to its end (wait4). Not for memory: ru_maxrss of a
        child carries its parent's peak; let the child print VmHWM instead."""
        start = time.perf_counter()
        process = subprocess.Popen([*map(str, words)], env=env or environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, cwd=cwd)
        try:
            errors = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            process.stderr.close()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, words))[:300]} ended with {process.returncode}: "
                               f"{errors.decode(errors='replace').strip()[-2000:]}")
        return {"cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": time.perf_counter() - start}

    def turns(self, cases, rounds=None):
        """Runs each case (name -> function giving a dictionary of numbers) once in each round, so that a busy moment hits
        all of them, and every second round backwards. Gives name -> number's name -> Samples."""
        samples = {name: {} for name in cases}
        rounds = rounds or self.rounds
        for index in range(rounds):
            self.progress(f"round {index + 1} of {rounds}: {', '.join(cases)}")
            for name in list(cases)[::-1 if index % 2 else 1]:
                for key, value in cases[name]().items():
                    samples[name].setdefault(key, table.Samples()).append(value)
        return samples


def environment(**more):
    """Ours without proxies: nothing here leaves this machine."""
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    env.update(more)
    return env


def interrupt_on_terminate():
    """SIGTERM ends a run as Ctrl-C does: children are ended, folders removed."""
    def handler(signum, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, handler)
