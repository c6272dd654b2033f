"""The Lua files themselves: no global but the language's is read or written, in any path, as the machine's own listing of
the bytecode shows; and the build, the rock and the checkout have the same files.
"""

import re
import shutil
import subprocess
import tempfile
import unittest

from nginx import CHECKOUT, TREE

LANGUAGE = {"assert", "collectgarbage", "error", "getmetatable", "io", "ipairs", "load", "math", "next", "os", "pairs", "pcall", "rawget", "rawset", "require", "select",
            "setmetatable", "string", "table", "tonumber", "tostring", "type", "unpack", "xpcall", "package", "loadstring"}
FILES = sorted((CHECKOUT / "lua").glob("azattest.lua")) + sorted((CHECKOUT / "lua/azattest").rglob("*.lua"))


class Sources(unittest.TestCase):
    def globals_of(self, path):
        """(written, read) names of globals."""
        listing = subprocess.run([shutil.which("luajit"), "-bl", str(path)], capture_output=True, text=True)
        self.assertEqual(listing.returncode, 0, listing.stderr)
        found = re.findall(r'\b(G[GS]ET)\s+\d+\s+\d+\s*;\s*"([^"]*)"', listing.stdout)
        return {name for kind, name in found if kind == "GSET"}, {name for kind, name in found if kind == "GGET"}

    def test_no_file_has_globals_of_its_own(self):
        self.assertGreater(len(FILES), 15)
        for path in FILES:
            with self.subTest(path.name):
                written, read = self.globals_of(path)
                self.assertEqual(written, set())
                allowed = LANGUAGE | ({"ngx"} if "resty" in str(path.relative_to(CHECKOUT)) or path.name == "blocking.lua" else set())
                self.assertEqual(read - allowed, set())

    def test_a_global_would_be_seen(self):
        written, read = self.globals_in("local a = misspelt; also_misspelt = a")
        self.assertEqual((written, read), ({"also_misspelt"}, {"misspelt"}))

    def globals_in(self, code):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write(code)
            file.flush()
            return self.globals_of(file.name)

    def test_the_build_and_the_rock_have_every_file(self):
        names = {str(path.relative_to(CHECKOUT / "lua")) for path in FILES}
        built = {str(path.relative_to(TREE)) for path in TREE.rglob("*.lua")}
        self.assertEqual(names, built)
        rock = (CHECKOUT / "lua/azattest-0.1.0-1.rockspec").read_text()
        listed = dict(re.findall(r'\["([\w.]+)"\] = "lua/([\w./]+)"', rock))
        self.assertEqual(set(listed.values()), names)
        for module, name in listed.items():
            self.assertEqual(module.replace(".", "/") + ".lua", name)


if __name__ == "__main__":
    unittest.main()
