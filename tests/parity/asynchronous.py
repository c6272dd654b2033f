"""azattest.aio against the blocking package, the model and its stubs: the same members, and what waits is awaited."""

import ast
import json
import os
import subprocess

# Run under the interpreter that the module was built for: {class or "module.": {member: kind}}.
SEEN = r"""
import inspect, json, sys
import azattest.aio

def kind(value):
    if inspect.iscoroutinefunction(value):
        return "coroutine"
    return "function" if inspect.isfunction(value) else "reader"

def members(cls):
    bases = [base for base in cls.__mro__ if base.__module__.split(".")[0] == "azattest"]
    return {name: kind(getattr(cls, name)) for base in bases for name in vars(base) if not name.startswith("_")}

seen = {}
for package, root in (("blocking", azattest), ("aio", azattest.aio)):
    public = {name: getattr(root, name) for name in azattest.aio.__all__}
    seen[package] = {name: members(value) for name, value in public.items() if inspect.isclass(value)}
    seen[package].update({name + ".": {each: kind(getattr(module, each)) for each in module.__all__}
                          for name, module in public.items() if inspect.ismodule(module)})
    own = {name: value for name, value in public.items() if inspect.isfunction(value)}
    seen[package][""] = {name: kind(value) for name, value in own.items()}
    seen[package + " signatures"] = {
        name + "." + each: str(inspect.signature(getattr(value, each)))
        for name, value in public.items() if name not in own
        for each in (seen[package].get(name) or seen[package][name + "."]) if inspect.isfunction(getattr(value, each))}
    seen[package + " signatures"].update({name: str(inspect.signature(value)) for name, value in own.items()})
json.dump(seen, sys.stdout)
"""


def stub_members(body):
    """{name: kind} of functions and methods in a stub."""
    found = {}
    for node in body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            found[node.name] = "coroutine"
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found[node.name] = "reader" if node.decorator_list else "function"
    return found


def check(model, source, build, python, differ, findings):
    """Adds to the findings what differs."""
    answer = subprocess.run(
        [python, "-c", SEEN], env=dict(os.environ, PYTHONPATH=str(build / "python")), capture_output=True, text=True
    )
    if answer.returncode:
        findings.append("azattest.aio: " + answer.stderr.strip().splitlines()[-1])
        return
    seen = json.loads(answer.stdout)
    table = model.document["aio"]
    functions = {name: "coroutine" for name in table["functions"]}
    compare("aio", functions, seen["aio"].pop(""), "azattest.aio", differ, findings)
    tree = ast.parse((source / "python/azattest/aio/__init__.pyi").read_text())
    compare("stubs of aio", functions, stub_members(tree.body), "__init__.pyi", differ, findings)
    differ("aio", [name for name in seen["aio"] if not name.endswith(".")], table["classes"], "azattest.aio", "model.toml")
    excused = set()
    for name in seen["aio"]:
        is_class = not name.endswith(".")
        blocking = seen["blocking"][name]
        wanted = {member: "coroutine" if kind == "function" else kind for member, kind in blocking.items()}
        for member in set(wanted) & {each.split(".")[1] for each in table["at_once"] if each.startswith(name.rstrip(".") + ".")}:
            excused.add("%s.%s" % (name.rstrip("."), member))
            wanted[member] = "function"
        if is_class:
            differ("aio %s" % name, set(wanted) | {name}, model.expected("python")[name], "the blocking class", "model.toml")
            wanted.update(dict.fromkeys(table["added"], "coroutine"))
        compare("aio %s" % name, wanted, seen["aio"][name], "azattest.aio", differ, findings)
        check_stub(source, name, wanted, differ, findings)
    differ("aio.at_once", excused, table["at_once"], "azattest.aio", "model.toml")
    signatures = seen["aio signatures"]
    for name, signature in seen["blocking signatures"].items():
        if signatures.get(name) != signature:
            findings.append("aio: %s takes %s, but in azattest %s" % (name, signatures.get(name), signature))


def compare(what, wanted, have, where, differ, findings):
    differ(what, wanted, have, "azattest", where)
    for member in sorted(set(wanted) & set(have)):
        if wanted[member] != have[member]:
            findings.append("%s.%s is a %s in %s, expected a %s" % (what, member, have[member], where, wanted[member]))


def check_stub(source, name, wanted, differ, findings):
    stub = "%s.pyi" % (name.rstrip(".") if name.endswith(".") else "__init__")
    tree = ast.parse((source / "python/azattest/aio" / stub).read_text())
    if name.endswith("."):  # what is not defined here is imported by name
        have = stub_members(tree.body)
        imported = {each.asname for node in tree.body if isinstance(node, ast.ImportFrom) for each in node.names if each.asname}
        wanted = {member: kind for member, kind in wanted.items() if member not in imported}
    else:
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        have = stub_members(classes["_Awaited"].body)
        have.update(stub_members(classes[name].body) if name in classes else {})
    compare("stubs of aio %s" % name, wanted, have, stub, differ, findings)
