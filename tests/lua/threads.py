"""A Lua machine for each of many threads, over TLS against the local service.

AZATTEST_COMMAND names the command `azattest`; the argument is the program of threads.c.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "python"))

from support import Emulator, simulate  # noqa: E402


def main():
    service = Emulator("--fault", "attest:40=rotate-key,%17=503;retry-after-ms=1", "--fault", "certs:%5=reset")
    try:
        with tempfile.NamedTemporaryFile() as quote:
            quote.write(simulate(service.ready["state"], "--svn", "3"))
            quote.flush()
            failed = subprocess.run([sys.argv[1], HERE / "threads.lua", service.endpoint, service.ca_file, quote.name],
                                    timeout=240).returncode
    finally:
        service.stop()
    return failed or service.process.returncode  # where ThreadSanitizer found something in it, that is 66


if __name__ == "__main__":
    sys.exit(main())
