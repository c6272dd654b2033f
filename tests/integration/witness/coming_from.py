"""The table "Coming from an official SDK" of the README, against what it speaks of:

    python3 coming_from.py FOLDER [FILE]

Every public member of the installed JavaScript and Python packages has a row, every name in those two columns exists in
the package, and every name of ours exists in bindings/model.toml. (The other three SDKs are not installed here.)
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import install

CHECKOUT = Path(__file__).resolve().parents[3]
HEADING = "## Coming from an official SDK"

# In the official package's own interpreter: every public class with its members, attributes of objects and keywords
# of the documentation included.
PYTHON_MEMBERS = r"""
import importlib, inspect, json, re
sdk = importlib.import_module("azure.security.attestation")
objects = [sdk.AttestationToken(body={"iss": "x"}), sdk.AttestationSigner([], None),
           sdk.AttestationPolicyResult(None, None, None), sdk.AttestationPolicyCertificateResult(None, None)]
classes = {}
for name in sdk.__all__:
    value = getattr(sdk, name)
    members = {m for m in vars(value) if not m.startswith("_")}
    for thing in [value] + [v for k, v in vars(value).items() if callable(v) and not k.startswith("_")]:
        if "Client" in name:
            members |= set(re.findall(r":keyword\s+(?:[\w~.]+\s+)?(\w+):", inspect.getdoc(thing) or ""))
    for one in objects:
        if type(one) is value:
            members |= {m for m in vars(one) if not m.startswith("_")}
    if not (isinstance(value, type) and issubclass(value, Exception)):
        classes[name] = sorted(members)
    else:
        classes[name] = []
print(json.dumps(classes))
"""


def javascript_members(folder):
    """Classes, interfaces and enumerations with their own members, and other exported names, out of the declarations."""
    text = (folder / "node_modules/@azure/attestation/types/latest/attestation.d.ts").read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    classes = {}
    for kind, name, rest in re.findall(r"export declare (class|interface|enum|type|function) (\w+)(.*?)(?=\nexport |\Z)",
                                       text, re.DOTALL):
        members = set()
        if kind in ("class", "interface"):
            members = set(re.findall(r"^    (?!private )(?:readonly )?(\w+)[?(:]", rest, re.MULTILINE)) - {"constructor"}
        elif kind == "enum":
            members = set(re.findall(r"^    (\w+) =", rest, re.MULTILINE))
        classes[name] = sorted(members)
    return classes


def rows(text):
    """The cells of each row with the section that it stands in: the cells of the section's own row."""
    section, found = None, []
    for line in text.partition(HEADING)[2].partition("\n## ")[0].splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|") or line.startswith(("|---", "| Ours ")):
            continue
        if len(cells) != 6:
            raise SystemExit(f"{len(cells)} cells instead of 6: {line}")
        if cells[0].startswith("**"):
            section = cells
        found.append((section, cells))
    return found


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def check_column(column, table, classes):
    """Both ways: what the package has is in the table, what the table says is in the package."""
    problems, said = [], {name: set() for name in classes}
    for section, cells in table:
        of = [name for name in names(section[column]) if name in classes]
        for name in names(cells[column]):
            owners = [cls for cls in of if name in classes[cls]]
            for cls in owners:
                said[cls].add(name)
            if name in classes:
                said[name].add(name)
            elif not owners and not name.endswith("=") and name not in ("Error", "RestError", "message"):
                problems.append(f"{name}: the package has no such name (row {cells[0]})")
    for cls, members in classes.items():
        if not said[cls] and not members:
            problems.append(f"{cls}: not in the table")
        problems += [f"{cls}.{member}: not in the table" for member in members if member not in said[cls]]
    return problems


class Ours:
    """The names that the object model and the Python stub know."""

    def __init__(self):
        self.model = tomllib.loads((CHECKOUT / "bindings" / "model.toml").read_text(encoding="utf-8"))
        self.options = {name for group in self.model["options"].values() for name in group}
        stub = (CHECKOUT / "python" / "azattest" / "__init__.pyi").read_text(encoding="utf-8")
        self.exceptions = set(re.findall(r"^class (\w+(?:Error|Exception))\(", stub, re.MULTILINE))

    def knows(self, name, section):
        model = self.model
        owner, dot, member = name.rpartition(".")
        owner = owner or section
        if name.endswith("="):
            return name[:-1] in self.options
        if dot:
            return any(member in group for group in (model.get(owner, {}), model["modules"].get(owner, {}),
                                                     model["enumerations"].get(owner, {}).get("values", {})))
        return any(name in group for group in (model["classes"], model["enumerations"], model["functions"], self.exceptions))


def check_ours(table):
    ours, problems = Ours(), []
    for section, cells in table:
        if not cells[0].startswith(("`", "**`")):
            continue  # says why there is nothing
        cls = names(section[0])[0] if names(section[0]) else None
        for name in names(re.sub(r"\(.*?\)|:.*", "", cells[0])):
            if not ours.knows(name, cls):
                problems.append(f"{name}: bindings/model.toml has no such name (section {section[0]})")
    return problems


def main():
    table = rows(Path(sys.argv[2] if len(sys.argv) > 2 else CHECKOUT / "README.md").read_text(encoding="utf-8"))
    if not table:
        raise SystemExit(f'there is no table under "{HEADING}"')
    problems = check_ours(table)
    result = 0
    for language, column in (("javascript", 1), ("python", 2)):
        try:
            folder = install.installed(sys.argv[1], language)
        except install.Skipped as reason:
            install.skipped(language, reason)
            result = install.SKIPPED
            continue
        if language == "python":
            classes = json.loads(subprocess.run([folder / "bin" / "python", "-c", PYTHON_MEMBERS], check=True,
                                                capture_output=True).stdout)
        else:
            classes = javascript_members(folder)
        problems += [f"{language}: {problem}" for problem in check_column(column, table, classes)]
        print(f"{language}: {len(classes)} names with {sum(map(len, classes.values()))} members")
    print("\n".join([*problems, f"{len(table)} rows, {len(problems)} problems"]))
    return 1 if problems else result


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) > 1 else __doc__)
