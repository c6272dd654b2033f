"""Queries by hand: those of published policies (policy-language.md, section 6), their traps, and every construct of
the specification; and where ours differs from PyPI's jmespath on purpose."""


def event(number, kind, pcr, **data):
    return {"EventSeq": number, "EventTypeString": kind, "PcrIndex": pcr, "ProcessedData": data}


def variable(number, pcr, name, data, kind="EV_EFI_VARIABLE_DRIVER_CONFIG"):
    return event(number, kind, pcr, VariableGuid="8BE4DF61-93CA-11D2-AA0D-00E098032B8C", UnicodeName=name,
                 VariableData=data)


def boundary(number, pcr, **facts):
    return event(number, "EV_EVENT_TAG", pcr, EVENT_TRUSTBOUNDARY=facts)


def module(path, validated=True):
    return {"EVENT_FILEPATH": path, "EVENT_IMAGEVALIDATED": validated, "EVENT_MODULE_SVN": 3}


# The shape of a log of boot events, as policies see it.
LOG = {"Events": [
    event(0, "EV_NO_ACTION", 0),
    variable(1, 7, "SecureBoot", "AQ"), variable(2, 7, "PK", "Zm9v"), variable(3, 7, "KEK", "YmFy"),
    variable(4, 7, "db", "ZGI"), variable(5, 7, "dbx", "ZGJ4"),
    variable(6, 1, "BootOrder", "AAAB", "EV_EFI_VARIABLE_BOOT"),
    boundary(7, 12, EVENT_CODEINTEGRITY=True, EVENT_BOOTDEBUGGING=False, EVENT_SAFEMODE=False, EVENT_WINPE=False,
             EVENT_VBS_HVCI_POLICY={"String": "HypervisorEnforcedCodeIntegrityEnable", "Value": 1},
             EVENT_BITLOCKER_UNLOCK={"Value": 0}, EVENT_SI_POLICY=[{"RawData": "AAE"}, {"RawData": "AgM"}]),
    boundary(8, 13, EVENT_LOADEDMODULE_AGGREGATION=[
        module("\\windows\\system32\\winload.efi"), module("\\Windows\\System32\\Drivers\\WdBoot.sys"),
        module("\\windows\\system32\\ci.dll", False)], EVENT_BITLOCKER_UNLOCK={"Value": 4}),
    boundary(9, 19, EVENT_LOADEDMODULE_AGGREGATION=module("\\windows\\system32\\hal.dll"),
             EVENT_DRTM_STATE_AUTH={"SignatureValid": True}),
    event(10, "EV_EVENT_TAG", 20, EVENT_DRTM_SMM={"Value": 2}),
    event(11, "IMA_MEASUREMENT_EVENT", 10, KernelVersion="6.1.0", Keyring=".builtin_trusted_keys",
          CertificateSubject="CN=kernel"),
    event(12, "IMA_MEASUREMENT_EVENT", 10, Keyring=".ima"),
    event(13, "EV_SEPARATOR", 4)]}
PCRS = {"PCRs": [{"Index": n, "Digests": {"SHA1": f"{n:02x}" * 20, "SHA256": f"{n:02x}" * 32}} for n in range(24)]}
KEYS = [{"jwk": {"kty": "RSA", "n": "abc", "e": "AQAB"}, "info": {"tpm_quote": {"hash_alg": "sha-256"}}},
        {"jwk": {"kty": "EC"}, "info": {"tpm_certify": {"name_alg": 11, "obj_attr": 50, "auth_policy": "x"}}}]
GENERAL = {
    "a": {"b": {"c": {"d": 1}}, "x": [1, 2, 3], "y": None}, "n": [5, 3, -1, 2.5, 3, 0], "s": ["b", "a", "c", "B", ""],
    "people": [{"name": "Ann", "age": 30, "tags": ["x", "y"], "boss": None}, {"name": "Bob", "age": 25, "tags": []},
               {"name": "Cid", "age": 30, "tags": ["y"], "boss": {"name": "Ann"}}, {"name": "Dee"}],
    "nested": [[1, [2, 3]], [4], [], 5, None, [[6]], {"k": [7]}], "flags": {"t": True, "f": False, "z": 0, "e": "",
    "l": [], "o": {}}, "true": "a field", "null": "another", "with space": 1, "quote\"d": 2, "umlaut": "\u00e4\u20ac\U0001f600",
    "big": 9007199254740993, "neg": -7, "half": 0.5, "mixed": [1, "1", True, None, [1], {"a": 1}, 1.0], "list": [{"a": 1},
    {"a": 2, "b": [1, 2]}, {"b": [3]}], "ops": {"one": {"n": 1}, "two": {"n": 2}, "three": {"m": 3}, "four": 4}}
DOCUMENTS = {"log": LOG, "pcrs": PCRS, "keys": KEYS, "general": GENERAL}

SECURE_BOOT = ("Events[?EventTypeString == 'EV_EFI_VARIABLE_DRIVER_CONFIG' && ProcessedData.VariableGuid == "
               "'8BE4DF61-93CA-11D2-AA0D-00E098032B8C']")
TAGS = ("Events[? EventTypeString == 'EV_EVENT_TAG' && (PcrIndex == `12` || PcrIndex == `13` || PcrIndex == `19` || "
        "PcrIndex == `20`)].ProcessedData.EVENT_TRUSTBOUNDARY")
AUTH = "ProcessedData.EVENT_TRUSTBOUNDARY.EVENT_DRTM_STATE_AUTH.SignatureValid"
VARIABLES = "Events[?EventTypeString == 'EV_EFI_VARIABLE_DRIVER_CONFIG'] | "

QUERIES = {
    "log": [
        SECURE_BOOT, TAGS,
        SECURE_BOOT + " | [?ProcessedData.UnicodeName == 'SecureBoot'] | length(@) == `1` && @[0].ProcessedData.VariableData == 'AQ'",
        SECURE_BOOT + " | [?ProcessedData.UnicodeName == 'SecureBoot'] | length(@) == `2` && @[0].ProcessedData.VariableData == 'AQ'",
        TAGS + " | [*].EVENT_CODEINTEGRITY", TAGS + " | [*].EVENT_BOOTDEBUGGING", TAGS + " | [*].EVENT_VBS_VSM_REQUIRED",
        TAGS + " | [*].EVENT_CODEINTEGRITY | @[0]", TAGS + " | [*].EVENT_CODEINTEGRITY | length(@) == `1` && @[0]",
        TAGS + " | [*].EVENT_LOADEDMODULE_AGGREGATION[] | [? EVENT_IMAGEVALIDATED == `true` && (equals_ignore_case(EVENT_FILEPATH, "
        "'\\windows\\system32\\drivers\\wdboot.sys') || equals_ignore_case(EVENT_FILEPATH, '\\windows\\system32\\drivers\\wd\\wdboot.sys'))]"
        " | @ != `null`",
        TAGS + " | [*].EVENT_LOADEDMODULE_AGGREGATION[] | [? EVENT_IMAGEVALIDATED == true && equals_ignore_case(EVENT_FILEPATH, 'x')] | @ != null",
        TAGS + " | [*].EVENT_VBS_HVCI_POLICY | @[?String == 'HypervisorEnforcedCodeIntegrityEnable'].Value",
        TAGS + " | [*].EVENT_BITLOCKER_UNLOCK | @[? Value != `0`].Value | @[0]",
        TAGS + " | [*].EVENT_SI_POLICY[].RawData", TAGS + "[].EVENT_SI_POLICY[].RawData",
        "Events[? EventTypeString == 'EV_EVENT_TAG' ].ProcessedData.EVENT_TRUSTBOUNDARY.EVENT_LOADEDMODULE_AGGREGATION[].EVENT_FILEPATH",
        "Events[?EventTypeString == 'EV_EFI_VARIABLE_BOOT']", "Events[?EventTypeString == 'IMA_MEASUREMENT_EVENT']",
        "Events[?EventTypeString == 'IMA_MEASUREMENT_EVENT'] | [].ProcessedData.KernelVersion",
        "Events[?EventTypeString == 'IMA_MEASUREMENT_EVENT'] | [? ProcessedData.Keyring == '.builtin_trusted_keys'].ProcessedData.CertificateSubject",
        *(VARIABLES + f"[?ProcessedData.UnicodeName == '{name}'] | length(@) == `1` && @[0].PcrIndex == `7` && @[0].ProcessedData.VariableData"
          for name in ("PK", "KEK", "db", "dbx", "BootOrder")),
        f"Events[? EventTypeString == 'EV_EVENT_TAG' && PcrIndex == `19` && {AUTH} != `null`] | length(@) == `1` && @[0] "
        f"| @.{{EventSeq:EventSeq, SignatureValid:{AUTH}}}",
        f"Events[? PcrIndex == `99`] | length(@) == `1` && @[0] | @.{{EventSeq:EventSeq, SignatureValid:{AUTH}}}",
        "Events[? EventTypeString == 'EV_EVENT_TAG' && EventSeq < `11`].ProcessedData.EVENT_DRTM_SMM | length(@) == `1` && @[0] | @.Value",
        "Events[? PcrIndex == 20]", "Events[? PcrIndex == '20']", "events[? PcrIndex == `20`]", "Events[? PcrIndex == \"20\"]",
        "Events[? ((ProcessedData.EVENT_TRUSTBOUNDARY.EVENT_LOADEDMODULE_AGGREGATION[].EVENT_FILEPATH | @[0]) || "
        "(ProcessedData.EVENT_TRUSTBOUNDARY.EVENT_SI_POLICY[].RawData | @[0]))].EventSeq",
        "Events[? ProcessedData].EventSeq", "Events[?PcrIndex >= `7` && PcrIndex<=`13`].PcrIndex", "Events[-1].EventSeq",
        "max_by(Events, &EventSeq).EventSeq", "sort_by(Events, &PcrIndex)[*].[PcrIndex, EventSeq]", "Events[*].ProcessedData.*",
        "Events[::2].EventSeq", "Events[::-1] | [0].EventSeq", "length(Events)", "Events[*].ProcessedData | [?@]",
        "Events[].ProcessedData.EVENT_TRUSTBOUNDARY | [0] | keys(@)", "Events[*].type(ProcessedData)"],
    "pcrs": [
        "PCRs[? Index == `0`].Digests.SHA256 | @[0] =='" + "00" * 32 + "' ", "PCRs[? Index == `0`].Digests.SHA256 | @[0] == '" + "00" * 31 + "'",
        "PCRs[? Index == `7`].Digests.SHA256 | @[0]", "PCRs[?Index > `20`].Digests.*", "PCRs[*].Digests.SHA1 | length(@)",
        "join('', PCRs[:3].Digests.SHA1)", "PCRs[*].Index | sum(@)", "PCRs[*].Index | avg(@)", "PCRs[?contains(Digests.SHA1, '07')].Index",
        "PCRs[*].{i: Index, d: Digests.SHA1} | [2]"],
    "keys": [
        "[*].jwk.kty", "[*].info.tpm_certify", "[*].info.tpm_certify.obj_attr", "[0].jwk.kty", "@[0].jwk.kty", "@[-1].info.tpm_certify.name_alg",
        "@[1].info.tpm_quote.hash_alg", "[].jwk.kty | [0]", "[?info.tpm_certify].jwk.kty", "[?!info.tpm_certify].jwk.kty", "jwk.kty",
        "[0] | jwk.kty", "[0].jwk.kty == 'RSA'", "[2]", "[-3]", "length(@)", "@"],
    "general": [
        # identifiers and sub-expressions
        "a", "a.b.c.d", "a.b.c.d.e", "missing", "a.missing.b", "\"with space\"", "\"quote\\\"d\"", "\"a\".\"b\"", "a . b . c", " a ", "\ta\n.\r\nb",
        "_", "A", "a.y", "a.y.z", "\"\\u0061\"", "\"missing\"", "a.1", "a.b-c", "a..b", ".a", "a.", "1a", "-a", "\u00e4", "\"\u00e4\"", "a b", "",
        " ", "\"\"", "\"a", "\"\\x\"", "a.@", "a.'b'", "a.`1`", "@.a", "@.@", "@", "@a", "$", "#", "a#", "~",
        # indexes and slices
        "n[0]", "n[5]", "n[6]", "n[-1]", "n[-6]", "n[-7]", "n[-0]", "n[00]", "n[9223372036854775807]", "n[99999999999999999999]",
        "n[-99999999999999999999]", "n[1:3]", "n[:2]", "n[2:]", "n[:]", "n[::]", "n[::2]", "n[::-1]", "n[-2:]", "n[:-2]", "n[4:1:-1]", "n[4:1]",
        "n[1:100]", "n[-100:2]", "n[100::-2]", "n[:-100:-1]", "n[::99999999999999999999]", "n[::-99999999999999999999]", "a[0]", "a[0:1]", "umlaut[0]",
        "n [0]", "n[ 0 ]", "n[0", "n[]0", "n[0]]", "n[0,1]", "n[a]", "n[1.5]", "n[-]", "n[--1]", "n[1:2:3:4]", "n[:::]", "n[0] [0]", "people[1:].name",
        "people[:2].tags[0]", "people[0].tags[1]", "people[].tags[0]", "nested[0][1][0]", "nested[0:2][0]", "n[?@ > `2`][0]", "[0]", "[1:2]", "[:]",
        # wildcards, flatten, filters
        "people[*].name", "people[*].age", "people[*].boss.name", "people[*].tags", "people[*].tags[]", "people[*].tags[*]", "people[].tags[]",
        "people.*", "people.name", "a.*", "*", "*.b", "ops.*", "ops.*.n", "ops.*.n.m", "ops.* | [0]", "a.b.*.d", "a.*.c", "a.*.*", "a.b.*.*", "*.*.*",
        "ops.*.n[0]", "a.*[0]", "a.*[]", "nested[]", "nested[][]", "nested[][][]", "nested[] | []", "a[]", "a[*]", "n.*", "missing[*]", "missing.*",
        "missing[]", "missing[?a]", "[]", "[*]", "[?a]", "*[0]", "*[]", "a.*.b.c", "*.b.c", "*.b.c.d", "list[*].b[*]", "list[*].b[]", "list[].b[]",
        "people[?age == `30`].name", "people[?age].name", "people[?!age].name", "people[?age > `25` && contains(tags, 'y')].name",
        "people[?age > `25` || name == 'Bob'].name", "people[?name == 'Ann'] | [0].age", "people[?name == 'Ann'][0].age", "people[?boss.name == 'Ann'].name",
        "people[?boss == `null`].name", "people[?boss != `null`].name", "people[?tags].name", "people[?tags[?@ == 'y']].name",
        "people[?length(tags || `[]`) == `1`].name", "people[? name ]", "people[?]", "people[?age", "people[?age]]", "people[ ?age]", "people[*", "people[*]]",
        "people[*]name", "people [*] . name", "people*", "*a", "people[?name=='Ann'].tags[]", "people[?`true`].name", "people[?`false`].name", "people[?`0`].name",
        "people[?''].name", "people[?@.age >= `30`].name", "n[?@ > `2`]", "n[?@ > `2`] | [?@ < `5`]", "n[?@ > '2']", "s[?@ == 'a']", "ops[?n]", "ops.*[?@ == `1`]",
        # comparisons and truth
        "a == a", "a == `{\"b\":{\"c\":{\"d\":1}},\"y\":null,\"x\":[1,2,3]}`", "n == `[5,3,-1,2.5,3,0]`", "n == `[5]`", "a != n", "missing == `null`", "missing == missing",
        "big == `9007199254740993`", "big == `9007199254740992`", "big > `9007199254740992`", "neg < `0`", "neg < `-8`", "half == `0.5`", "half == `5e-1`",
        "half < `0.50001`", "`1` == `1.0`", "`1` == `true`", "`0` == `false`", "`\"1\"` == `1`", "s[0] < s[1]", "n[0] < s[0]", "flags.t == `true`", "flags.t == true",
        "flags.t != null", "flags.f == `false`", "`[true]` == `[1]`", "a == b == c", "`1` == `1` == `true`", "`1` < `2` < `3`", "`2` >= `2`", "`2` <= `1`", "`1`=`1`",
        "a = b", "a === b", "a =! b", "a <> b", "a >< b", "a == ", "== a", "a < b", "flags.z || 'x'", "flags.e || 'x'", "flags.l || 'x'", "flags.o || 'x'",
        "flags.f || 'x'", "flags.t || 'x'", "missing || 'x'", "flags.t && 'x'", "flags.z && 'x'", "flags.e && 'x'", "flags.l && 'x'", "missing && 'x'",
        "!flags.t", "!a", "!missing", "!(flags.t)", "!(flags.f)", "!(flags.z)", "!(flags.e)", "!!a", "!@", "!n[0]", "!people[0].name", "!", "a !b", "!a == b", "!a && b", "!!missing",
        "a || b && c", "missing && a || n", "a && missing || n", "(a || b) && c", "a && b || c && d", "a || missing | n", "missing || a | x", "(missing || a) | x", "a | b | c | d",
        "a | b.c | d", "n | [0]", "n | @[0]", "people | [0] | name", "missing | a", "a | @ | @ | b", "a |", "| a", "a | | b", "a || ", "&& a", "a & b", "a &&& b", "a ||| b", "(a", "a)", "()", "((a))",
        "(a).b", "(a.b).c", "(people[*].name)[0]", "(people[*].name) | [0]", "people[*].name[0]", "people[*].name | [0]", "(a | b).c", "n == `5`[0]", "a.b == a.b", "n[0] == n[1]",
        "n[1] == n[4]", "people[*].age == `[30,25,30]`", "a.x[] == `[1,2,3]`", "a.x == n || `1` && a.x", "a.x[0] + a.x[1]", "true", "false", "null", "true == `true`", "mixed[?@ == `1`]", "mixed[?@ == '1']",
        "mixed[?@ == `true`]", "mixed[?@ == `null`]", "mixed[?@ == `[1]`]", "mixed[?@ == `{\"a\":1}`]", "mixed[?@ < `2`]", "mixed[*]", "mixed[]",
        # multi-select
        "[a, n]", "[a]", "[a, missing]", "[a,]", "[,a]", "[a b]", "a.[b]", "a.[b, x]", "a.[x[0], x[1]]", "missing.[a]", "people[*].[name, age]", "people[*].[name, tags[0]]", "people[].[name][]",
        "{a: a, b: n}", "{a: a}", "{\"a b\": n}", "{a: a,}", "{}", "{a}", "{a:}", "{a: a b}", "{1: a}", "{'a': a}", "{a: n, a: s}", "{a: n, b: s, a: big}", "a.{b: b, z: missing}", "missing.{a: a}",
        "people[*].{n: name, t: tags[0]}", "people[*].{n: name}.n", "people[*].[name].foo", "people[0].{a: name, b: {c: age}}", "`false` | @.{a: a, b: b}", "`null` | {a: a}", "`null` | [a]", "`[]`.[a]",
        "[[a.b.c.d, [n[0]]], s[0]]", "{a: {b: {c: n[0]}}}.a.b.c", "[n, s][0]", "[n, s][]", "[n, s][*][0]", "[n,s] | [0][0]", "[*, n]", "[a.*]", "{k: *}", "{k: people[*].name | [0]}", "[a, b", "{a: b", "{a: b]", "[a: b]",
        # literals
        "`1`", "`-1`", "`1.5`", "`1e3`", "`true`", "`false`", "`null`", "`\"x\"`", "`[1, 2]`", "`{\"a\": [true]}`", "` 1 `", "`\"a\\`b\"`", "`\"a\\\\b\"`", "`\"\\u00e4\"`", "`\"\\n\"`", "`x`", "` x y`", "``", "`1", "`[1`", "`{`",
        "`\"`", "`tru`", "`'a'`", "`a\"b`", "`01`", "'x'", "''", "'a\\'b'", "'a\\\\'", "'a\\b'", "'\\\\'", "'\\windows\\system32'", "'a\nb'", "'a", "'a\\'", "'`1`'", "'\"'", "'\u00e4'", "`1`.a", "`{\"a\":1}`.a", "`[1,2]`[0]",
        "`[1,2]`[*]", "`[[1],[2]]`[]", "'a'.b", "'a'[0]", "'abc'[0:1]", "`[3,1,2]` | sort(@)",
        # functions
        "abs(neg)", "abs(half)", "abs(`-0.5`)", "abs(`-9223372036854775807`)", "abs('a')", "avg(n)", "avg(`[]`)", "avg(`[1,2]`)", "avg(`[1,\"2\"]`)", "avg(a)", "ceil(half)", "ceil(`-0.5`)", "ceil(`2`)", "ceil(`1.0001`)", "ceil(big)",
        "floor(half)", "floor(`-0.5`)", "floor(`-1.0001`)", "floor(`1e300`)", "contains(n, `3`)", "contains(n, `4`)", "contains(s, 'a')", "contains('abc', 'bc')", "contains('abc', 'd')", "contains('abc', '')", "contains('abc', `1`)", "contains(a, 'b')",
        "contains(mixed, `true`)", "contains(mixed, `{\"a\":1}`)", "contains(mixed, `false`)", "ends_with('abc', 'c')", "ends_with('abc', '')", "ends_with('c', 'abc')", "ends_with(a, 'c')", "starts_with('abc', 'a')", "starts_with('a', 'abc')", "starts_with(a, 'a')",
        "join(',', s)", "join('', `[]`)", "join(',', n)", "join(`1`, s)", "join('-', people[*].name)", "keys(a)", "keys(n)", "keys(`{}`)", "keys(ops)", "length(a)", "length(n)", "length(umlaut)", "length(half)", "length(missing)", "length('')",
        "map(&name, people)", "map(&age, people)", "map(&[@], n)", "map(&b.c, `[]`)", "map(name, people)", "map(&name, a)", "map(&@ == `3`, n)", "map(&foo | bar, people)", "max(n)", "max(s)", "max(`[]`)", "max(mixed)", "max(a)", "max(`[1,\"a\"]`)",
        "max_by(people[?age], &age).name", "max_by(people, &age)", "max_by(people, &name).name", "max_by(`[]`, &a)", "max_by(people, age)", "max_by(list, &b)", "max_by(`[{\"a\":1},{\"a\":\"x\"}]`, &a)", "min(n)", "min(s)", "min(`[]`)", "min_by(people[?age], &age).name",
        "min_by(people, &name).name", "merge(a, ops)", "merge(`{\"a\":1,\"b\":2}`, `{\"b\":3,\"c\":4}`)", "merge(`{}`)", "merge(a)", "merge(`{\"a\":1}`, `1`)", "merge(n, a)", "not_null(missing, a.y, n)", "not_null(missing)", "not_null(flags.f, n)", "reverse(n)", "reverse(s)",
        "reverse('abc')", "reverse(umlaut)", "reverse('')", "reverse(`[]`)", "reverse(a)", "sort(n)", "sort(s)", "sort(`[]`)", "sort(mixed)", "sort(`[\"a\",1]`)", "sort(a)", "sort_by(people[?age], &age)[*].name", "sort_by(people, &name)[*].name", "sort_by(people, &age)",
        "sort_by(`[]`, &a)", "sort_by(list, &b)", "sort_by(n, &@)", "sort_by(people, &tags)", "sort_by(people, &length(tags || `[]`))[*].name", "sum(n)", "sum(`[]`)", "sum(s)", "sum(`[1,2,3]`)", "sum(`[0.1,0.2]`)", "to_array(a)", "to_array(n)", "to_array(missing)",
        "to_number('1')", "to_number('1.5')", "to_number('-3e2')", "to_number('x')", "to_number(n)", "to_number(big)", "to_number(missing)", "to_number(`true`)", "to_number('')", "to_string(a)", "to_string(big)", "to_string('x')", "to_string(missing)", "to_string(flags)",
        "to_string(`[1, 2]`)", "type(a)", "type(n)", "type(big)", "type('x')", "type(flags.t)", "type(missing)", "values(a)", "values(ops)", "values(n)", "equals_ignore_case('ABC', 'abc')", "equals_ignore_case('ABC', 'abd')", "equals_ignore_case('\u00c4', '\u00e4')",
        "equals_ignore_case(n, 'a')", "equals_ignore_case('a', missing)", "equals_ignore_case('a')", "length()", "length(a, n)", "abs()", "merge()", "not_null()", "unknown(a)", "length (a)", "length(a", "length(a))", "length)a", "length(,a)", "a.length(b)", "a.keys(@)",
        "people[*].length(name)", "people[*].contains(tags || `[]`, 'x')", "length(a).b", "keys(a)[0]", "keys(a) | [0]", "sort(keys(ops))", "sort_by(people, &name)[0].name", "values(ops)[*].n", "map(&to_string(@), mixed)", "map(&type(@), mixed)", "people[?starts_with(name, 'A')].age",
        "length(people[?age > `26`])", "sum(people[*].age)", "join(', ', sort(people[*].name))", "\"length\"(a)", "&a", "(&a)", "[&a]", "sort_by(people, &(name))[0].name", "sort_by(people, & name)[0].name", "map(&&a, n)", "length(&a)",
        "max_by(people, &'x').name", "not_null(a, n) == a", "abs(sum(`[-1,-2]`))", "people[*].not_null(age, `0`)", "ops.*.n | sum(@)", "type(@)", "@ | type(@)", "!length(n)", "length(n) > `3` && 'many' || 'few'"],
}


def by_hand():
    return [(query, DOCUMENTS[name]) for name, queries in QUERIES.items() for query in queries]


# query, document, what ours gives, what PyPI's gives ("error": any error), and the reason
DIFFERENCES = [
    ("a || &b", {"a": 1}, "error", "1", "the grammar has & in front of arguments only"),
    ("(length)(a)", {"a": "x"}, "error", "1", "the grammar wants a function's name in front of its parenthesis"),
    ("not_null(a b)", {"b": 1}, "error", "1", "the reference does not miss a comma"),
    ("not_null(a,)", {"a": 1}, "error", "1", "nor mind one too many"),
    ("{a: a b: b}", {"a": 1}, "error", '{"a":1,"b":null}', "nor miss one in an object"),
    ("[1:2 3]", [1, 2, 3, 4], "error", "[2,3]", "nor a colon in a slice"),
    ("a[::0]", {}, "error", "null", "a step of 0 is refused by ours before anything is searched"),
    ("a && unknown(a)", {}, "error", "null", "an unknown function likewise"),
    ("a && length()", {}, "error", "null", "and a wrong number of arguments"),
    ("to_string(@)", ["\u00e4\r"], '"[\\"\u00e4\\\\u000d\\"]"', '"[\\"\\\\u00e4\\\\r\\"]"', "JSON can be written in more ways than one"),
    ("to_number(@)", " 1_0", "null", "10", "the specification takes numbers of JSON; the reference those of Python"),
    ("to_number(@)", "nan", "null", "NaN", "the same"),
    ("to_number(@)", "1e999", "error", "Infinity", "a number that no reader of JSON takes"),
    ("type(&a)", {}, "error", "null", "an expression is no value"),
    ("`NaN`", {}, '"NaN"', "NaN", "there is no such number in JSON: it is taken for a string without its quotes"),
    ("`{\"a\":1,\"a\":2}`", {}, "error", '{"a":2}', "names of an object are unique"),
    ("`\"\\ud800\"`", {}, "error", '"\\ud800"', "half a character is none"),
    ("sum(@)", [9223372036854775807, 1], "9.223372036854776e+18", "9223372036854775808", "ours has integers of 64 bits"),
    ("'" + "x" * 20000 + "'", {}, "error", '"' + "x" * 20000 + '"', "queries have a limit"),
    ("(" * 100 + "a" + ")" * 100, {}, "error", "null", "and so has their depth"),
]
