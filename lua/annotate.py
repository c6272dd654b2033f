"""Writes lua/types/azattest.lua, the annotations for the Lua language server, from bindings/model.toml.

    annotate.py            writes it
    annotate.py --check    fails when it is not what would be written, or option_names.h has other names
"""

import re
import sys
import tomllib
from pathlib import Path

root = Path(__file__).resolve().parent.parent
target = root / "lua/types/azattest.lua"

NAMES = {
    "bytes": "string",
    "time": "number",
    "object": "table",
    "nothing": "true",
    "function": "function",
    "AttestationTokenValidationOptions": "azattest.options.validation",
    "Status": "integer",
}
CONSTRUCTED = {"AttestationClient", "AttestationAdministrationClient", "Verifier"}
CALLED = {
    "AttestationData": ["data string", "is_json boolean?"],
    "CollateralCache": ["name string"],
}
TABLES = {  # those of the called that have other functions beside, and may be made of what an option takes
    "Appraisal": "fun(expected: azattest.options.appraisal|string)",
    "Collateral": "fun(...: string)",
    "ClaimSet": "fun(claims: table|string|nil, options: {attestation_type: string}?)",
}
SEQUENCES = {"AttestationSigners": "AttestationSigner"}
ARGUMENTS = {  # what the methods and functions take before their options
    "attest_sgx_enclave": ["quote string"],
    "attest_open_enclave": ["report string"],
    "get_policy": ["attestation_type string"],
    "set_policy": ["attestation_type string", "attestation_policy string"],
    "reset_policy": ["attestation_type string"],
    "add_policy_management_certificate": ["certificate string"],
    "remove_policy_management_certificate": ["certificate string"],
    "create_policy_token": ["attestation_policy string"],
    "functions.create_policy_token": ["attestation_policy string"],
    "functions.AttestationPolicyToken": ["attestation_policy string"],
    "ClaimSet.from_token": ["token azattest.AttestationToken|azattest.AttestationResult|azattest.AttestationResponse|string", "options? {attestation_type: string?}"],
    "ClaimSet.from_evidence": ["evidence azattest.Evidence|string"],
    "ClaimSet.add": ["type string", "value string|integer|boolean", "issuer string?"],
    "Policy.parse": ["text string"],
    "Policy.evaluate": ["claims azattest.Claims"],
    "Policy.compare": ["other azattest.Policy|string"],
    "Policy.matches_token": ["token azattest.AttestationToken|azattest.AttestationResult|azattest.AttestationResponse|string"],
    "PolicyDifference.compare": ["before azattest.Policy|string", "after azattest.Policy|string"],
    "PolicyDifference.add": ["name string", "claims azattest.Claims"],
    "policy.parse": ["text string"],
    "policy.lint": ["policy azattest.Policy|string"],
    "policy.format": ["policy azattest.Policy|string"],
    "policy.explain": ["policy azattest.Policy|string"],
    "policy.evaluate": ["policy azattest.Policy|string", "claims azattest.Claims"],
    "policy.compare": ["before azattest.Policy|string", "after azattest.Policy|string"],
    "policy.default_text": ["attestation_type string"],
    "policy.known_name": ["policy_hash string"],
    "policy.policy_hash": ["attestation_policy string"],
    "policy.policy_token_hash": ["token string|azattest.AttestationToken"],
    "AttestationSigningKey.AttestationSigningKey": ["signing_key string", "certificate string"],
    "StoredAttestationPolicy.StoredAttestationPolicy": ["attestation_policy string"],
    "StoredAttestationPolicy.parse": ["token string|azattest.AttestationToken"],
    "AttestationToken.create": ["body string?"],
    "attest_sev_snp_vm": ["report string"],
    "attest_tdx_vm": ["quote string"],
    "attest_mdep_tz": ["report string"],
    "attest_azure_guest": ["attestation_info string"],
    "attest_key_guard": ["attestation_info string"],
    "attest_tpm": ["content string"],
    "attest_pluton": ["content string"],
    "get_tcb_baseline": ["attestation_type string"],
    "functions.log_set": ["receiver? fun(level: string, message: string)", "level? string"],
    "Verifier.validate": ["token_text string"],
    "AttestationToken.claim": ["name string"],
    "AttestationResult.seal_secret": ["secret string"],
    "Verifier.export_keys": ["endpoint string?"],
    "functions.seal_secret": ["key string", "secret string"],
    "functions.open_secret": ["private_key string", "sealed string", "passphrase string?"],
    "AttestationResult.claim": ["name string"],
    "AttestationSigners.at": ["place integer"],
    "Evidence.check_binding": ["runtime_data string"],
    "Evidence.verify": [],
    "Credential.get_token": ["scope string"],
    "credentials.static_token": ["token string", "expires_on number?"],
    "credentials.callback": ["source azattest.Source"],
    "StaticTokenCredential.StaticTokenCredential": ["token string", "expires_on number?"],
    "CallbackCredential.CallbackCredential": ["source azattest.Source"],
    "AttestationToken.parse": ["text string"],
    "AttestationSigners.parse": ["text string"],
    "Evidence.parse": ["raw string"],
    "Evidence.load": ["content string"],
    "Evidence.rtmr": ["index integer"],
    "Evidence.pcr": ["bank string?", "index integer"],
    "Evidence.new_guest": ["parts azattest.GuestParts"],
    "Collateral.add": ["content string"],
    "Collateral.add_response": ["item string", "body string", "issuer_chain string?"],
    "Collateral.load": ["... string"],
    "Appraisal.load": ["path_or_text string"],
    "functions.fetch_collateral": ["evidence azattest.Evidence|string"],
    "functions.guest_answer_key": ["sealed string"],
    "functions.open_guest_answer": ["sealed string", "inner_key string"],
    "functions.open_guest_answer_with_key": ["sealed string", "private_key string", "passphrase string?"],
    "evidence.verify_service_certificate": ["certificate string|azattest.AttestationSigner"],
    "evidence.parse": ["raw string"],
    "evidence.load": ["content string"],
    "evidence.inspect": ["content string|Evidence"],
    "evidence.verify": ["content string|Evidence"],
    "functions.inspect": ["token_text string"],
    "functions.status_name": ["status integer"],
    "functions.status_text": ["status integer"],
    "functions.status_check": ["status integer"],
}
# What fetch_collateral takes of a client's options.
FETCHING = ("application_id", "retry_total", "retry_delay", "retry_max_delay", "retry_after_max", "timeout", "log_level")
# What takes a signing key alone.
SIGNS = {name: "azattest.options.policy" for name in ("create", "create_policy_token", "AttestationPolicyToken")}
# What cannot fail gives no error beside nil.
SURE = re.compile(r"tree|lint_rules|default_text|known_name|close|log_set|rtmr|pcr|describe|serialize|header|body|claim|claims|pretty|fields|to_dict|at|version|defaults|status_\w+")


def lua_type(text, classes):
    text = text.strip()
    if text.endswith("?"):
        return lua_type(text[:-1], classes) + "?"
    if "|" in text and not text.startswith("list<{"):
        return "|".join(lua_type(part, classes) for part in text.split("|"))
    if text.startswith("list<"):
        inner = lua_type(text[5:-1], classes)
        return inner + "[]" if re.fullmatch(r"[\w.]+|\{.*\}", inner) else "(" + inner + ")[]"
    if text.startswith("{"):
        return text
    if text in NAMES:
        return NAMES[text]
    return "azattest." + text if text in classes else text


def comment(doc):
    return "---" + doc


def function(where, name, separator, arguments, options, returned, doc, fails):
    lines = [comment(doc)]
    for argument in arguments:
        lines.append("---@param " + re.sub(r"(?<![.\w])Evidence", "azattest.Evidence", argument))
    names = [argument.split()[0].rstrip("?") for argument in arguments]
    if options:
        lines.append("---@param options? " + options)
        names.append("options")
    if fails:
        lines.append("---@return %s? result" % returned.rstrip("?"))
        lines.append("---@return azattest.Error? err")
    elif name != "close":
        lines.append("---@return " + returned)
    lines.append("function %s%s%s(%s) end" % (where, separator, name, ", ".join(names)))
    return lines + [""]


def option_groups(model):
    for group, table in model["options"].items():
        if is_python_only(table):
            continue
        parent = ": azattest.options.validation" if group in ("attest", "policy") else ""
        yield "---@class azattest.options.%s%s" % (group, parent)
        for name, entry in table.items():
            if name in ("c_struct", "c_only"):
                continue
            for spelling in [name] + ([entry["alias"]] if "alias" in entry else []):
                kind = lua_type(entry["type"], model["classes"])
                if name in ("appraisal", "service_appraisal"):
                    kind += "|azattest.options.appraisal|string"
                if name in ("collateral", "service_collateral", "evidence_collateral"):
                    kind += "|string|string[]"
                if name == "signing_key":
                    kind += "|string"
                if name == "signers":
                    kind += "|string"
                if name == "transport":
                    kind = "azattest.Transport"
                if name == "credential":
                    kind += "|azattest.Source|string"
                yield "---@field %s? %s %s" % (spelling, kind, entry["doc"])
        yield ""
    yield "---@class azattest.options.fetching: azattest.options.collateral, azattest.options.connection"
    yield "---@field cache? azattest.CollateralCache|string what keeps collateral: a folder; inside nginx a lua_shared_dict"
    yield "---@field offline? boolean true: nothing is fetched, what the cache keeps serves until its own end"
    client = model["options"]["client"]
    for name in FETCHING:
        yield "---@field %s? %s %s" % (name, lua_type(client[name]["type"], model["classes"]), client[name]["doc"])
    yield ""
    yield "---@class azattest.options.appraisal each member a value or a list of accepted ones; bytes, or their hexadecimal text"
    for name, kind in appraisal_members():
        yield "---@field %s? %s" % (name, kind)
    yield ""
    yield "---@class azattest.options.evaluate: azattest.options.evaluation, azattest.options.claims those of claims for evidence alone; attestation_type for a token, a table and JSON text, too"
    yield ""
    yield "---@alias azattest.Claims azattest.ClaimSet|table|string|azattest.AttestationToken|azattest.AttestationResult|azattest.AttestationResponse|azattest.Evidence"
    yield ""
    yield "---@class azattest.GuestParts"
    for name in ("hcl_report", "td_quote", "certificates", "tpm_message", "tpm_signature", "ak_public", "event_log"):
        yield "---@field %s? string" % name
    yield "---@field pcrs? table<integer, string>|table<string, table<integer, string>> values by index, or such tables by bank"
    yield ""
    yield "---@class azattest.options.constructor: azattest.options.client, azattest.options.connection"
    yield "---@field endpoint string|string[] address of the instance, https; a list for a Verifier of several"
    yield ""
    yield "---@class azattest.options.oneline_policy: azattest.options.policy, azattest.options.client, azattest.options.connection"
    yield "---@field client? azattest.AttestationAdministrationClient instead of the endpoint"
    yield "---@field endpoint? string AZATTEST_ENDPOINT, when neither is given"
    yield ""
    yield "---@class azattest.options.source: azattest.options.credential, azattest.options.connection"
    yield "---@field client_secret? string client_secret alone"
    yield "---@field certificate_path? string client_certificate alone: a file of PEM or PKCS#12"
    yield "---@field certificate_data? string client_certificate alone: its content"
    yield "---@field password? string client_certificate alone"
    yield ""
    yield "---@class azattest.options.oneline: azattest.options.attest, azattest.options.client, azattest.options.connection"
    yield "---@field client? azattest.AttestationClient instead of the endpoint"
    yield "---@field endpoint? string AZATTEST_ENDPOINT, when neither is given"
    yield ""


def appraisal_members():
    """Names and types, from the JSON schema that the header describes; the lengths are those of expected.lua."""
    header = (root / "core/include/azattest/appraisal.h").read_text()
    described = header[header.index("Members, for every kind") : header.index("#ifndef")]
    words = re.findall(r"`(\w+)`", re.sub(r"\([^()]*\)|\{[^{}]*\}|\{.*?\}\}", "", described))
    lengths = set(re.findall(r"(\w+) = \d+", (root / "lua/azattest/expected.lua").read_text()))
    words[words.index("rtmr0") + 1 : words.index("rtmr3")] = ["rtmr1", "rtmr2"]
    for name in dict.fromkeys(words):
        yield name, "string|string[]" if name in lengths else "any"


def options_of(where, name, entry):
    names = entry.get("options", [])
    if "evaluation" in names:
        return "azattest.options.evaluate"
    if where == "module":
        return "azattest.options.oneline"
    if name == "fetch_collateral":
        return "azattest.options.fetching"
    if name == "result":
        return "{unverified: boolean?}"
    if "attest" in names:
        return "azattest.options.attest"
    return "azattest.options." + names[0] if names else None


def is_python_only(entry):
    return "lua" in entry.get("except", {})


def is_credential(model, name):
    """A kind of the class Credential: its methods are that one's."""
    return name != "Credential" and model["classes"][name].get("c_type") == "azattest_credential"


def class_lines(model, name):
    classes, members = model["classes"], model.get(name, {})
    if is_credential(model, name):
        yield comment(classes[name]["doc"])
        yield "---@class azattest.%s: azattest.Credential" % name
        yield ""
        return
    sequence = ": { [integer]: azattest.%s }" % SEQUENCES[name] if name in SEQUENCES else ""
    yield comment(classes[name]["doc"])
    yield "---@class azattest.%s%s" % (name, sequence)
    for member, entry in members.items():
        if entry["kind"] == "reader":
            yield "---@field %s %s %s" % (member, lua_type(entry["type"], classes), entry["doc"])
    yield "local %s = {}" % name
    yield ""
    for member, entry in members.items():
        if entry["kind"] != "method":
            continue
        arguments = ARGUMENTS.get(name + "." + member, ARGUMENTS.get(member, []))
        returned = lua_type(entry["type"], classes)
        yield from function(
            name, member, ":", arguments, options_of("class", member, entry), returned, entry["doc"],
            not SURE.fullmatch(member)
        )


def options_for(entry):
    groups = entry.get("options", [])
    return "azattest.options." + groups[0] if groups else None


def package_lines(model):
    yield comment("The module that `require \"azattest\"` gives.")
    yield "---@class azattest"
    yield "---@field Status table<string, integer> the stable statuses by name; an unknown name raises"
    yield "---@field null lightuserdata JSON null"
    for name, entry in model["enumerations"].items():
        yield "---@field %s table<string, string> %s By name; an unknown name raises" % (name, entry["doc"])
    yield "---@field array_mt table the metatable of JSON arrays"
    yield "local azattest = {}"
    yield ""
    for name, members in model.items():
        if name not in model["classes"] or is_python_only(model["classes"][name]):
            continue
        for member, entry in members.items():
            if entry["kind"] != "constructor":
                continue
            if name in CONSTRUCTED:
                yield comment(entry["doc"])
                yield "---@param options azattest.options.constructor"
                yield "---@return azattest.%s? object" % name
                yield "---@return azattest.Error? err"
                yield "function azattest.%s(options) end" % name
                yield ""
                continue
            if name in CALLED:
                yield from function("azattest", name, ".", CALLED[name], None, "azattest." + name, entry["doc"], True)
                continue
            if is_credential(model, name):
                arguments = ARGUMENTS.get(name + "." + name, [])
                yield from function("azattest", name, ".", arguments, None if arguments else "azattest.options.source",
                                    "azattest." + name, entry["doc"], True)
                continue
            if is_python_only(entry):
                continue
            if member == name and "parse" not in members and name not in TABLES:
                yield from function("azattest", name, ".", ARGUMENTS[name + "." + name], options_for(entry),
                                    "azattest." + name, entry["doc"], True)
                continue
            if member == name and name in TABLES:
                yield comment(entry["doc"])
                yield "---@overload %s: azattest.%s?, azattest.Error?" % (TABLES[name], name)
            elif member == name:  # a table that may be called
                yield comment(entry["doc"] + " Called as a function of the text.")
                yield "---@overload fun(text: string): azattest.%s?, azattest.Error?" % name
            if "azattest.%s = {}" % name not in seen:
                seen.add("azattest.%s = {}" % name)
                yield "azattest.%s = {}" % name
                yield ""
            if member == name:
                continue
            signs = SIGNS.get(member) or options_for(entry)
            yield from function("azattest." + name, member, ".", ARGUMENTS[name + "." + member], signs,
                                "azattest." + name, entry["doc"], True)
    for name, entry in model["functions"].items():
        yield from function("azattest", name, ".", ARGUMENTS.get("functions." + name, []),
                            SIGNS.get(name) or options_of("function", name, entry),
                            lua_type(entry["type"], model["classes"]), entry["doc"], not SURE.fullmatch(name))


RESTY = """---@class azattest.options.resty: azattest.options.constructor
---@field keepalive_timeout? number seconds that an idle connection is kept; 60
---@field pool_size? integer idle connections of one pool, of a worker; 64
---@field httpc? table|fun(): table the module resty.http, or a function that makes an object with request_uri, instead of cosockets
---@field shared_dict? string lua_shared_dict in which workers share keys; azattest, when there is one

---@class azattest.options.require_token: azattest.options.resty, azattest.options.validation
---@field realm? string of the challenge; attested
---@field from? string|fun(): string? the header with the token, or what gives it; Authorization

---The package that `require "azattest.resty"` gives inside nginx: the same, on cosockets. ca_file, ca_path and ca_pem are
---refused: the directive lua_ssl_trusted_certificate stands for them.
---@class azattest.resty: azattest
---@field attest azattest.attest
---@field policy azattest.policy
---@field certificates azattest.certificates
local resty = {}
"""
# options, and what is given
RESTY_FUNCTIONS = {
    "require_token": ("azattest.options.require_token", ("table attested",)),
    "prefetch": ("azattest.options.resty", ("true? started", "string? err why nginx starts no timer")),
}


def resty_lines(model):
    yield from RESTY.splitlines()
    yield ""
    for name, entry in model["modules"]["resty"].items():
        options, returned = RESTY_FUNCTIONS[name]
        yield comment(entry["doc"])
        yield "---@param options " + options
        yield from ("---@return " + each for each in returned)
        yield "function resty.%s(options) end" % name
        yield ""


def module_lines(model):
    for module, functions in model["modules"].items():
        if module == "resty":
            yield from resty_lines(model)
            continue
        yield comment("The module that `require \"azattest.%s\"` gives." % module)
        yield "---@class azattest.%s" % module
        yield "local %s = {}" % module
        yield ""
        for name, entry in functions.items():
            arguments = ARGUMENTS.get(module + "." + name, ARGUMENTS.get(name, []))
            options = "azattest.options.oneline" if module not in ("evidence", "credentials") else None
            if module == "policy":
                options = SIGNS.get(name, "azattest.options.oneline_policy" if entry["type"] == "AttestationResponse" else None)
                options = options or ("azattest.options.parse" if name in ("parse", "lint") else options_of("function", name, entry))
            if module == "certificates" and name != "get_signing_certificates":
                options = "azattest.options.oneline_policy"
            if module == "credentials" and name not in ("static_token", "callback"):
                options = "azattest.options.source"
            if module == "evidence" and name in ("verify", "verify_service_certificate"):
                options = "azattest.options.verify"
            yield from function(module, name, ".", arguments, options, lua_type(entry["type"], model["classes"]),
                                entry["doc"], True)


TRANSPORT = """---Instead of libcurl: an object with these two functions, which may yield. A send that fails gives nil, a message,
---"transport" (tried again), "timeout", "cancelled" or "final" (not tried again), and whether a part of the answer had come.
---@class azattest.Transport
---@field send fun(self, request: azattest.Request): azattest.Answer?, string?, string?, boolean? an answer; or nil and why
---@field sleep fun(self, seconds: number): boolean? false: interrupted
---@field keys? fun(self, op: azattest.KeysWanted) answers with keys that processes share; what it leaves open is fetched

---@class azattest.KeysWanted
---@field keys fun(self): {url: string, kid: string?, unknown: boolean, failure: string?}? nil: none are wanted any more
---@field give_keys fun(self, jwks: string, age?: number, max_age?: number, warning?: string): boolean false: not taken
---@field fetch_keys fun(self)

---@class azattest.Request
---@field method string
---@field url string
---@field headers table<string, string>
---@field body string?
---@field response_limit integer largest answer that will be taken
---@field timeout number? seconds that are left of the call's time limit

---@alias azattest.Source table|fun(scope: string): string|table|nil, any an object with get_token(self, scope), or a function

---@class azattest.Answer
---@field status integer
---@field reason string?
---@field headers table<string, string|string[]>?
---@field body string?
"""

seen = set()


def text():
    model = tomllib.loads((root / "bindings/model.toml").read_text())
    lines = ["---@meta azattest", "", "-- Annotations for the Lua language server, written by lua/annotate.py from",
             "-- bindings/model.toml. Put the folder of this file into workspace.library.", ""]
    lines += option_groups(model)
    lines += TRANSPORT.splitlines() + [""]
    for name, entry in model["classes"].items():
        if name != "Status" and "lua" not in entry.get("except", {}):
            lines += class_lines(model, name)
    lines += package_lines(model)
    lines += module_lines(model)
    lines.append("return azattest")
    return "\n".join(lines) + "\n"



def check_options():
    """The Lua side itself takes `transport`; everything else is in the tables of option_names.h."""
    source = (root / "lua/src/option_names.h").read_text()
    for group, table in tomllib.loads((root / "bindings/model.toml").read_text())["options"].items():
        if is_python_only(table):
            continue
        names = {name for name in table if name not in ("c_struct", "c_only", "transport")}
        names |= {entry["alias"] for entry in table.values() if isinstance(entry, dict) and "alias" in entry}
        lines = re.search(r"%s_names\[\] = \{(.*?)\n\};" % group, source, flags=re.S).group(1)
        different = names ^ set(re.findall(r'\{ "(\w+)"', lines))
        if different:
            sys.exit("options.%s of bindings/model.toml and lua/src/option_names.h differ: %s" % (group, sorted(different)))


if "--check" in sys.argv:
    check_options()
    if not target.exists() or target.read_text() != text():
        sys.exit("%s does not fit bindings/model.toml: run lua/annotate.py" % target.relative_to(root))
else:
    target.write_text(text())
