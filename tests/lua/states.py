"""Runs states.c against the local service. Usage: states.py PROGRAM"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))
from support import Emulator, simulate

service = Emulator()
try:
    with tempfile.NamedTemporaryFile() as quote:
        quote.write(simulate(service.ready["state"], "--svn", "3"))
        quote.flush()
        sys.exit(subprocess.run([sys.argv[1], HERE / "states.lua", service.endpoint, service.ca_file, quote.name]).returncode)
finally:
    service.stop()
