"""The floors test must be able to fail: each offence is planted in a copy and has to be found."""

import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import floors

CORE = pathlib.Path(__file__).parents[2] / "core"
OFFENCES = {
    "an upward include": ("src/base/buf.c", '#include "../json/json.h"\n'),
    "evidence that knows tokens": ("src/evidence/evidence.c", '#include "../token/token.h"\n'),
    "OpenSSL outside its owner": ("src/jose/jws.c", "#include <openssl/evp.h>\n"),
    "cJSON outside its owner": ("src/token/token.c", "#include <cjson/cJSON.h>\n"),
    "libcurl in the core": ("src/client/client.c", "#include <curl/curl.h>\n"),
    "a driver that looks inside": ("src/transport/run.c", '#include "../operation/op.h"\n'),
    "the core using the drivers": ("src/client/client.c", "#include <azattest/transport.h>\n"),
    "the HTTP server outside its file": ("emulator/service.c", "#include <microhttpd.h>\n"),
    "the database outside its file": ("emulator/service.c", "#include <sqlite3.h>\n"),
}


class FloorsCanFail(unittest.TestCase):
    def test_finds_planted_offences(self):
        for name, (place, line) in OFFENCES.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                core = pathlib.Path(folder) / "core"
                shutil.copytree(CORE, core)
                path = core / place
                path.write_text(line + path.read_text(encoding="utf-8"), encoding="utf-8")
                if "op.h" in line:  # the target must exist to be recognised
                    (core / "src/operation/op.h").touch()
                found = [offence for offence in floors.check(core) if offence.startswith(place)]
                self.assertEqual(len(found), 1, found)


if __name__ == "__main__":
    unittest.main()
