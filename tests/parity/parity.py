"""Does everybody offer the same? C headers, exported symbols, export lists, the object model, Python, its stubs,
Lua 5.4 and LuaJIT, compared with one another, and azattest.resty inside nginx. Standard library only (tomllib: Python 3.11).

    parity.py --source DIR --build DIR [--python EXECUTABLE] [--lua NAME=EXECUTABLE ...] [--resty]
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import asynchronous

findings = []


def differ(what, left, right, left_name, right_name):
    """Both directions of a comparison, each name on a line of its own."""
    left, right = set(left), set(right)
    for name in sorted(left - right):
        findings.append("%s: %s is in %s but not in %s" % (what, name, left_name, right_name))
    for name in sorted(right - left):
        findings.append("%s: %s is in %s but not in %s" % (what, name, right_name, left_name))


def need(condition, finding):
    if not condition:
        findings.append(finding)


# ---- C ----


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def header_functions(source):
    """Functions by library, as the headers declare them."""
    functions = {"azattest_core": set(), "azattest": set(), "azattest_simulator": set()}
    for header in sorted((source / "core/include/azattest").glob("*.h")):
        library = {
            "transport": "azattest",
            "multi": "azattest",
            "collateral_cache": "azattest",
            "simulator": "azattest_simulator",
        }.get(header.stem, "azattest_core")
        text = without_comments(header.read_text())
        declared = re.findall(r"^AZATTEST_API\b[^;]*?\b(azattest_\w+)\s*\(", text, flags=re.M)
        prototypes = re.findall(r"^(?!typedef)[A-Za-z][^;{}#]*?\b(azattest_[a-z]\w*)\s*\([^;{}]*\)\s*;", text, flags=re.M)
        differ(header.name, declared, prototypes, "AZATTEST_API", "the declarations")
        functions[library] |= set(declared)
    return functions


def header_statuses(source):
    text = (source / "core/include/azattest/status.h").read_text()
    return {name: int(number) for name, number in re.findall(r"^\s*X\((\w+), (\d+),", text, flags=re.M)}


def struct_members(source, struct):
    for header in (source / "core/include/azattest").glob("*.h"):
        found = re.search(
            r"typedef struct %s \{(.*?)\n\} %s;" % (struct, struct), without_comments(header.read_text()), flags=re.S
        )
        if found:
            members = [re.search(r"\(\*(\w+)\)|(\w+)\s*$", line.strip()) for line in split_members(found.group(1))]
            return {member.group(1) or member.group(2) for member in members}
    return set()


def split_members(body):
    return [part for part in body.split(";") if part.strip()]


def exported_symbols(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    return {
        fields[2].split("@")[0] for fields in map(str.split, listing.splitlines()) if len(fields) == 3 and fields[1] != "A"
    }


def map_symbols(path):
    body = re.search(r"global:(.*?)local:", without_comments(path.read_text()), flags=re.S).group(1)
    return set(re.findall(r"(\w+);", body))


def check_c(source, build):
    functions = header_functions(source)
    for library, declared in functions.items():
        need(declared, "%s: no declarations were found in the headers" % library)
        differ(library, declared, map_symbols(source / "core" / (library + ".map")), "the headers", library + ".map")
        differ(library, declared, exported_symbols(build / "core" / ("lib%s.so" % library)), "the headers", "the library")
    return set().union(*functions.values())


# ---- the model ----

NOT_CLASSES = {"aio", "classes", "enumerations", "functions", "modules", "options", "c_only"}
KINDS = {"constructor", "reader", "method"}
LANGUAGES = {"python", "lua"}
ABSENT_MODULES = {"resty": ("python", "lua")}  # it is there inside nginx alone


class Model:
    def __init__(self, path):
        self.document = tomllib.loads(path.read_text())
        self.classes = self.document["classes"]
        self.functions = self.document["functions"]
        self.modules = self.document["modules"]
        self.options = self.document["options"]
        self.enumerations = {name: entry["values"] for name, entry in self.document["enumerations"].items()}
        self.members = {name: table for name, table in self.document.items() if name not in NOT_CLASSES}

    def c_functions(self):
        tables = [entry for members in self.members.values() for entry in members.values()]
        tables += list(self.functions.values())
        tables += [entry for module in self.modules.values() for entry in module.values()]
        for entry in tables:
            names = entry.get("c", [])
            yield from [names] if isinstance(names, str) else names
        yield from (entry["free"] for entry in self.classes.values() if "free" in entry)
        yield from self.document["c_only"]

    def expected(self, language):
        """{class: {member: kind}} for one language; "" holds the functions of the package, "module." those of a module."""
        expected = {
            name: {member: entry["kind"] for member, entry in members.items() if language not in entry.get("except", {})}
            for name, members in self.members.items()
            if language not in self.classes[name].get("except", {})
        }
        expected[""] = {
            name: "function" for name, entry in self.functions.items() if language not in entry.get("except", {})
        }
        for module, functions in self.modules.items():
            members = {name: "function" for name, entry in functions.items() if language not in entry.get("except", {})}
            if members or language not in ABSENT_MODULES.get(module, ()):
                expected[module + "."] = members
        return expected

    def expected_of_resty(self):
        """The package of Lua, and what is there inside nginx alone."""
        return {**self.expected("lua"), "resty.": {name: "function" for name in self.modules["resty"]}}


def check_model(model, c_functions, source):
    named = list(model.c_functions())
    differ("model", named, c_functions, "model.toml", "the headers")
    for name in sorted({name for name in named if named.count(name) > 1}):
        findings.append("model: %s stands there %d times" % (name, named.count(name)))
    differ(
        "model",
        model.members,
        [name for name in model.classes if name not in ("Status", "AttestationTokenValidationOptions")],
        "the members",
        "[classes]",
    )
    for class_name, members in model.members.items():
        for name, entry in members.items():
            where = "model: %s.%s" % (class_name, name)
            need(entry.get("kind") in KINDS, where + " has no known kind")
            need(entry.get("doc") and entry.get("type") and entry.get("since"), where + " lacks doc, type or since")
            need(set(entry.get("except", {})) <= LANGUAGES, where + " excepts an unknown language")
            need(set(entry.get("options", [])) <= set(model.options), where + " names unknown options")
    for group, table in model.options.items():
        struct = table["c_struct"]
        members = [name for entry in table.values() if isinstance(entry, dict) for name in option_members(entry)]
        members += table.get("c_only", {})
        differ("options." + group, set(members), struct_members(source, struct), "model.toml", struct)


def check_enumerations(model, source):
    """Text constants of the headers, by their prefixes."""
    text = "".join(header.read_text() for header in (source / "core/include/azattest").glob("*.h"))
    constants = dict(re.findall(r'^#define (AZATTEST_\w+) "([^"]*)"$', text, flags=re.M))
    for name, entry in model.document["enumerations"].items():
        prefix = entry["c_prefix"]
        have = {each[len(prefix) :]: value for each, value in constants.items() if each.startswith(prefix)}
        differ("enumeration " + name, entry["values"].items(), have.items(), "model.toml", "the headers")


def option_members(entry):
    names = entry.get("c", [])
    return [names] if isinstance(names, str) else names


def option_names(table, aliases=False):
    names = {name for name, entry in table.items() if isinstance(entry, dict) and name not in ("c_only", "except")}
    return names | {entry["alias"] for entry in table.values() if aliases and "alias" in entry} if aliases else names


# ---- Python ----

PYTHON = r"""
import enum, inspect, json, sys
import azattest
from azattest import _options

CONSTRUCTED = (azattest.Appraisal, azattest.AttestationClient, azattest.AttestationAdministrationClient, azattest.AttestationData,
               azattest.AttestationSigningKey, azattest.ClaimSet, azattest.Collateral, azattest.CollateralCache, azattest.StoredAttestationPolicy,
               azattest.Verifier)

def kind(cls, name, value):
    if isinstance(value, property) or not (callable(value) or isinstance(value, (classmethod, staticmethod))):
        return "reader"
    return "constructor" if isinstance(value, (classmethod, staticmethod)) else "method"

def members(cls):
    found = {}
    for base in reversed(cls.__mro__):
        if base.__module__.split(".")[0] != "azattest":
            continue
        for name, value in vars(base).items():
            if not name.startswith("_"):
                found[name] = kind(cls, name, value)
    if cls in CONSTRUCTED or cls.__name__.endswith("Credential"):
        found[cls.__name__] = "constructor"
    if issubclass(cls, tuple):
        found.update({name: "reader" for name in getattr(cls, "_fields", ())})
    if cls is azattest.Error:
        found["code"] = found["message"] = "reader"
        found["problems"] = "reader"
    return found

public = {name: getattr(azattest, name) for name in azattest.__all__}
enumerations = {name: {member.name: member.value for member in value} for name, value in public.items()
                if inspect.isclass(value) and issubclass(value, enum.Enum) and name != "Status"}
classes = {name: members(value) for name, value in public.items() if inspect.isclass(value) and name not in enumerations}
functions = {name: "function" for name, value in public.items() if inspect.isfunction(value)}
modules = {name: {each: "function" for each, value in vars(module).items()
                  if inspect.isfunction(value) and each in module.__all__}
           for name, module in public.items() if inspect.ismodule(module)}
options = {"validation": sorted(set(_options.VALIDATION) | set(_options.ALIASES)),
           "client": sorted({*_options.CLIENT, "validation_options", "credential"}),
           "connection": sorted({*_options.CONNECTION, "transport"}),
           "policy": sorted({*_options.POLICY, "validation_options", "signing_key", "signing_certificate"}),
           "signing_key": sorted(_options.SIGNING_KEY),
           "attest": sorted({*_options.ATTEST, "validation_options"}), "verify": sorted(_options.VERIFY),
           "credential": sorted(_options.CREDENTIAL), "collateral": sorted(_options.COLLATERAL),
           "secret": sorted(_options.SECRET), "tcb_baseline": sorted(_options.TCB_BASELINE), "claims": sorted(_options.CLAIMS),
           "parse": sorted(_options.PARSE), "evaluation": sorted(_options.EVALUATION)}
json.dump({"classes": classes, "enumerations": enumerations, "functions": functions, "modules": modules, "options": options,
           "status": {status.name: int(status) for status in azattest.Status}}, sys.stdout)
"""


def check_language(language, expected, seen, statuses, seen_statuses):
    for class_name, members in expected.items():
        if class_name not in seen:
            findings.append("%s: there is no %s" % (language, class_name))
            continue
        have = seen[class_name]
        label = "%s %s" % (language, class_name)
        differ(label, members, have, "model.toml", language)
        for name in sorted(set(members) & set(have)):
            need(
                members[name] == have[name],
                "%s.%s is a %s, by model.toml a %s" % (label, name, have[name], members[name]),
            )
    need(
        statuses == seen_statuses,
        "%s: statuses differ from status.h: %s" % (language, sorted(statuses.items() ^ seen_statuses.items())),
    )


def check_values(language, model, seen):
    differ(language + " enumerations", model.enumerations, seen, "model.toml", language)
    for name, values in model.enumerations.items():
        differ("%s %s" % (language, name), values.items(), seen.get(name, {}).items(), "model.toml", language)


def check_python(model, statuses, build, python):
    environment = dict(os.environ, PYTHONPATH=str(build / "python"))
    answer = subprocess.run([python, "-c", PYTHON], env=environment, capture_output=True, text=True)
    if answer.returncode:
        findings.append("Python: " + answer.stderr.strip().splitlines()[-1])
        return None
    seen = json.loads(answer.stdout)
    everything = dict(seen["classes"], **{"": seen["functions"]})
    everything.update({module + ".": functions for module, functions in seen["modules"].items()})
    exceptions = {name for name in seen["classes"] if name.endswith(("Error", "Exception"))} - {"Error"}
    differ(
        "Python classes",
        set(seen["classes"]) - exceptions,
        set(model.classes) - {name for name, entry in model.classes.items() if "python" in entry.get("except", {})},
        "Python",
        "model.toml",
    )
    check_language("Python", model.expected("python"), everything, statuses, seen["status"])
    check_values("Python", model, seen["enumerations"])
    for group, table in model.options.items():
        differ("Python options." + group, option_names(table, aliases=True), seen["options"][group], "model.toml", "Python")
    return seen


def stub_classes(tree):
    classes = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members = {}
            for item in node.body:
                if isinstance(item, ast.AnnAssign):
                    members[item.target.id] = "reader"
                elif isinstance(item, ast.Assign):
                    members[item.targets[0].id] = ast.literal_eval(item.value)
                elif isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                    marks = {mark.id for mark in item.decorator_list if isinstance(mark, ast.Name)}
                    kind = "reader" if "property" in marks else "constructor" if marks & {"classmethod", "staticmethod"} else "method"
                    members[item.name] = kind
            named = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
            bases = [base.id for base in named if isinstance(base, ast.Name)]
            for base in bases:
                members = {**classes.get(base, {}), **members} if base.startswith("_") else members
            classes[node.name] = members
    return classes


def check_stubs(model, seen, statuses, source):
    folder = source / "python/azattest"
    trees = {path.stem: ast.parse(path.read_text()) for path in folder.glob("*.pyi")}
    classes = stub_classes(trees["__init__"])
    need(
        classes.pop("Status", None) == statuses,
        "stubs: the members of Status are not those of status.h",
    )
    for name, members in model.expected("python").items():
        if name in ("", "Status") or name.endswith("."):
            continue
        wanted = {member: kind for member, kind in members.items() if member != name}  # __init__ is the constructor
        have = classes.get(name, {})
        differ("stubs %s" % name, wanted, have, "model.toml", "__init__.pyi")
        for member in sorted(set(wanted) & set(have)):
            need(wanted[member] == have[member], "stubs %s.%s is a %s" % (name, member, have[member]))
    for name, values in model.enumerations.items():
        differ("stubs " + name, values.items(), classes.get(name, {}).items(), "model.toml", "__init__.pyi")
    public = {name for name in classes if not name.startswith("_")} | {"Status"}
    differ("stubs", public, {*seen["classes"], *seen["enumerations"]}, "__init__.pyi", "Python")
    for module, functions in [("__init__", seen["functions"])] + sorted(seen["modules"].items()):
        have = {node.name for node in trees[module].body if isinstance(node, ast.FunctionDef)}
        differ("stubs of " + module, have, functions, "the stub", "Python")
    differ("stubs _Fetch", option_names(model.options["collateral"]) - set(classes["_Fetch"]), (), "model.toml", "__init__.pyi")
    for group, stub in (("validation", "_Validation"), ("attest", "_Attest"), ("policy", "_Policy"), ("client", "_Client"),
                        ("credential", "_CredentialOptions")):
        names = option_names(model.options[group], aliases=True) - {"validation_options"}
        if group == "policy":
            names -= {"signing_key", "signing_certificate"}  # parameters of their own
        if group in ("attest", "policy"):
            names |= option_names(model.options["validation"], aliases=True)
        if group in ("client", "credential"):
            names |= option_names(model.options["connection"]) - ({"transport"} if group == "client" else set())
            names -= {"credential"}  # a parameter of its own
        differ("stubs " + stub, names, classes[stub], "model.toml", "__init__.pyi")


# ---- Lua: members.lua prints one line for each member, "CLASS MEMBER KIND", for statuses "Status NAME NUMBER" ----


def check_lua(model, statuses, source, build, name, executable):
    environment = dict(os.environ)
    for variable in ("LUA_PATH", "LUA_PATH_5_4", "LUA_CPATH", "LUA_CPATH_5_4"):
        environment.pop(variable, None)
    folder = build / "lua" / ("5.4" if name == "lua5.4" else "luajit")
    environment["LUA_PATH"], environment["LUA_CPATH"] = "%s/?.lua;;" % folder, "%s/?.so;;" % folder
    answer = subprocess.run(
        [executable, str(source / "tests/parity/members.lua")], env=environment, capture_output=True, text=True
    )
    if answer.returncode:
        findings.append("%s: %s" % (name, answer.stderr.strip()))
        return
    compare_lua(name, model, model.expected("lua"), statuses, answer.stdout)


def compare_lua(name, model, expected, statuses, output):
    seen, seen_statuses, enumerations = {}, {}, {}
    for line in output.splitlines():
        class_name, member, kind = line.split(" ")
        if class_name == "Status":
            seen_statuses[member] = int(kind)
        elif class_name.startswith("="):
            enumerations.setdefault(class_name[1:], {})[member] = kind
        else:
            seen.setdefault("" if class_name == "-" else class_name, {})[member] = kind
    check_language(name, expected, seen, statuses, seen_statuses)
    check_values(name, model, enumerations)
    differ(name + " classes", set(seen), set(expected), name, "model.toml")


# ---- the same inside nginx, where print() would go to its log ----

RESTY = """
local chunk = assert(loadfile "%s")
setfenv(chunk, setmetatable({ arg = { "azattest.resty" }, print = ngx.say }, { __index = _G }))
chunk()
"""


def check_resty(model, statuses, source, build):
    os.environ["AZATTEST_LUA_TREE"] = str(build / "lua/luajit")
    sys.path.insert(0, str(source / "tests/resty"))
    import nginx

    if not nginx.available:
        print("SKIPPED: azattest.resty is not compared, there is no nginx with Lua", file=sys.stderr)
        return False
    with nginx.Nginx({"/members": RESTY % (source / "tests/parity/members.lua")}) as server:
        answer = server.get("/members")
        if answer.status != 200:
            findings.append("resty: " + server.log().strip()[-2000:])
            return True
    compare_lua("resty", model, model.expected_of_resty(), statuses, answer.text)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--python", help="interpreter the module was built for; absent: Python is not compared")
    parser.add_argument("--lua", action="append", default=[], metavar="NAME=EXECUTABLE")
    parser.add_argument("--resty", action="store_true", help="azattest.resty inside nginx, too")
    arguments = parser.parse_args()
    source, build = arguments.source.resolve(), arguments.build.resolve()

    model = Model(source / "bindings/model.toml")
    statuses = header_statuses(source)
    c_functions = check_c(source, build)
    check_model(model, c_functions, source)
    check_enumerations(model, source)
    if arguments.python:
        seen = check_python(model, statuses, build, arguments.python)
        if seen is not None:
            check_stubs(model, seen, statuses, source)
            asynchronous.check(model, source, build, arguments.python, differ, findings)
    for pair in arguments.lua:
        name, _, executable = pair.partition("=")
        check_lua(model, statuses, source, build, name, executable or name)
    resty = arguments.resty and check_resty(model, statuses, source, build)

    for finding in findings:
        print(finding, file=sys.stderr)
    languages = ["C"] + ["Python"] * bool(arguments.python) + [pair.partition("=")[0] for pair in arguments.lua] + ["resty"] * bool(resty)
    print("%s: %d functions, %d statuses, %d findings" % (", ".join(languages), len(c_functions), len(statuses), len(findings)))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
