"""The floors of core/src: a file includes only files of its own floor's folders or of lower ones, and only the owner of
a foreign library includes its headers. Ends with 1 and one line for each offence.

Usage: floors.py [FOLDER_OF_CORE]   (the argument lets the test of this test point elsewhere)
"""

import pathlib
import re
import sys

# Folder -> the folders it may include, itself beside them. Order of the rows is the order of the floors.
FLOORS = {
    "base": set(),
    "error": {"base"},
    "json": {"base", "error"},
    "crypto": {"base", "error"},
    "jose": {"base", "error", "json", "crypto"},
    # token, evidence and policy do not know each other
    "token": {"base", "error", "json", "crypto", "jose"},
    "evidence": {"base", "error", "json", "crypto"},
    "policy": {"base", "error", "json", "crypto"},
    "protocol": {"base", "error", "json", "crypto", "jose", "token", "evidence", "policy"},
    # the same for each credential, on protocol's requests and its rules of retrying
    "identity": {"base", "error", "json", "crypto", "jose", "protocol"},
    "operation": {"base", "error", "json", "crypto", "jose", "token", "evidence", "policy", "protocol", "identity"},
    "client": {"base", "error", "json", "crypto", "jose", "token", "evidence", "policy", "protocol", "identity", "operation"},
    # the drivers use the public interface alone, as anybody's own would
    "transport": set(),
}
# Foreign headers -> the only places that may include them.
OWNERS = {
    "openssl/": ("src/crypto/",),
    "cjson/": ("src/json/",),
    "curl/": ("src/transport/",),
    "microhttpd": ("emulator/http.c",),
    "sqlite3": ("emulator/store.c",),
}
# The public headers that a floor may see: all but the drivers' and the simulator's.
PRIVATE_TO = {
    "azattest/transport.h": "transport",
    "azattest/multi.h": "transport",
    "azattest/collateral_cache.h": "transport",
    "azattest/simulator.h": None,
}
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.M)


def check(core):
    offences = []
    for path in sorted(core.rglob("*.[ch]")):
        place = path.relative_to(core).as_posix()
        folder = place.split("/")[1] if place.startswith("src/") else None
        if folder is not None and folder not in FLOORS:
            offences.append(f"{place}: the folder has no floor")
            continue
        for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            for foreign, owners in OWNERS.items():
                if name.startswith(foreign) and not place.startswith(owners):
                    offences.append(f"{place}: includes <{name}>, which belongs to {', '.join(owners)}")
            if folder is None:
                continue
            if name in PRIVATE_TO and PRIVATE_TO[name] != folder:
                offences.append(f"{place}: includes <{name}>, which lies above it")
            target = (path.parent / name).resolve()
            if not target.is_file() or core.resolve() not in target.parents:
                continue
            inside = target.relative_to(core.resolve()).as_posix().split("/")
            if inside[0] != "src":
                offences.append(f"{place}: includes {name}, which is outside core/src")
            elif inside[1] != folder and inside[1] not in FLOORS[folder]:
                offences.append(f"{place}: includes {name}: {folder} may not know {inside[1]}")
    return offences


def main():
    core = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "core"
    offences = check(core)
    for offence in offences:
        print(offence)
    files = len(list(core.rglob("*.[ch]")))
    print(f"floors: {files} files, {len(offences)} offences")
    return 1 if offences or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
