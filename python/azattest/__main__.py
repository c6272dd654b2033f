"""``python -m azattest``: the command `azattest`, with its words and options."""

import os
import shutil
import sys


def main():
    command = os.environ.get("AZATTEST_COMMAND") or shutil.which("azattest")
    if command is None:
        print(
            "azattest: the command is not installed beside this package:"
            " put it on PATH, or its path into AZATTEST_COMMAND",
            file=sys.stderr,
        )
        return 3
    try:
        os.execv(command, [command, *sys.argv[1:]])
    except OSError as error:
        print("azattest: %s: %s" % (command, error.strerror), file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
