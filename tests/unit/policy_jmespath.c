/* JMESPath: what queries find, what the compiler refuses and says, and that no query can take more than it may. */
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "expect.h"
#include "policy/jmespath/jmespath.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A log of boot events in its smallest form, with one event of each kind that published policies ask for. */
#define VARIABLE(n, pcr, name, data)                                                                                   \
    "{\"EventSeq\":" #n ",\"EventTypeString\":\"EV_EFI_VARIABLE_DRIVER_CONFIG\",\"PcrIndex\":" #pcr                    \
    ",\"ProcessedData\":{\"VariableGuid\":\"8BE4DF61-93CA-11D2-AA0D-00E098032B8C\",\"UnicodeName\":\"" name            \
    "\",\"VariableData\":\"" data "\"}}"
#define TAG(n, pcr, facts)                                                                                             \
    "{\"EventSeq\":" #n ",\"EventTypeString\":\"EV_EVENT_TAG\",\"PcrIndex\":" #pcr                                     \
    ",\"ProcessedData\":{\"EVENT_TRUSTBOUNDARY\":{" facts "}}}"
#define LOG                                                                                                            \
    "{\"Events\":[" VARIABLE(1, 7, "SecureBoot", "AQ") "," VARIABLE(2, 7, "PK", "Zm9v") "," TAG(                       \
        3, 12,                                                                                                         \
        "\"EVENT_CODEINTEGRITY\":true,\"EVENT_BITLOCKER_UNLOCK\":{\"Value\":0},"                                       \
        "\"EVENT_VBS_HVCI_POLICY\":{\"String\":\"HypervisorEnforcedCodeIntegrityEnable\","                             \
        "\"Value\":1}") "," TAG(4, 13,                                                                                 \
                                "\"EVENT_BITLOCKER_UNLOCK\":{\"Value\":4},\"EVENT_"                                    \
                                "LOADEDMODULE_AGGREGATION\":["                                                         \
                                "{\"EVENT_FILEPATH\":"                                                                 \
                                "\"\\\\Windows\\\\System32\\\\Drivers\\\\WdBoot.sys\","                                \
                                "\"EVENT_IMAGEVALIDATED\":true},"                                                      \
                                "{\"EVENT_FILEPATH\":\"\\\\windows\\\\ci.dll\",\"EVENT_"                               \
                                "IMAGEVALIDATED\":false}]") "," TAG(5, 19,                                             \
                                                                    "\"EVENT_DRTM_STATE_"                              \
                                                                    "AUTH\":{"                                         \
                                                                    "\"SignatureValid\":"                              \
                                                                    "true}") ","                                       \
                                                                             "{\"EventSeq\":"                          \
                                                                             "6,"                                      \
                                                                             "\"EventTypeStr"                          \
                                                                             "ing\":\"EV_"                             \
                                                                             "EVENT_TAG\","                            \
                                                                             "\"PcrIndex\":"                           \
                                                                             "20,"                                     \
                                                                             "\"ProcessedDat"                          \
                                                                             "a\":{\"EVENT_"                           \
                                                                             "DRTM_SMM\":{"                            \
                                                                             "\"Value\":2}}}"                          \
                                                                             ","                                       \
                                                                             "{\"EventSeq\":"                          \
                                                                             "7,"                                      \
                                                                             "\"EventTypeStr"                          \
                                                                             "ing\":\"EV_"                             \
                                                                             "EFI_VARIABLE_"                           \
                                                                             "BOOT\","                                 \
                                                                             "\"PcrIndex\":"                           \
                                                                             "1,"                                      \
                                                                             "\"ProcessedDat"                          \
                                                                             "a\":{"                                   \
                                                                             "\"UnicodeName"                           \
                                                                             "\":"                                     \
                                                                             "\"BootOrder\","                          \
                                                                             "\"VariableData"                          \
                                                                             "\":\"AAAB\"}},"                          \
                                                                             "{\"EventSeq\":"                          \
                                                                             "8,"                                      \
                                                                             "\"EventTypeStr"                          \
                                                                             "ing\":\"IMA_"                            \
                                                                             "MEASUREMENT_"                            \
                                                                             "EVENT\","                                \
                                                                             "\"PcrIndex\":"                           \
                                                                             "10,"                                     \
                                                                             "\"ProcessedDat"                          \
                                                                             "a\":"                                    \
                                                                             "{\"KernelVersi"                          \
                                                                             "on\":\"6.1\","                           \
                                                                             "\"Keyring\":"                            \
                                                                             "\".builtin_"                             \
                                                                             "trusted_"                                \
                                                                             "keys\","                                 \
                                                                             "\"CertificateS"                          \
                                                                             "ubject\":\"CN="                          \
                                                                             "k\"}}]}"
#define SECURE_BOOT                                                                                                    \
    "Events[?EventTypeString == 'EV_EFI_VARIABLE_DRIVER_CONFIG' && "                                                   \
    "ProcessedData.VariableGuid == '8BE4DF61-93CA-11D2-AA0D-00E098032B8C']"
#define TAGS                                                                                                           \
    "Events[? EventTypeString == 'EV_EVENT_TAG' && (PcrIndex == `12` || PcrIndex == `13` || PcrIndex == `19` || "      \
    "PcrIndex == `20`)].ProcessedData.EVENT_TRUSTBOUNDARY"
#define AUTH "ProcessedData.EVENT_TRUSTBOUNDARY.EVENT_DRTM_STATE_AUTH.SignatureValid"
#define KEYS                                                                                                           \
    "[{\"jwk\":{\"kty\":\"RSA\"},\"info\":{\"tpm_quote\":{\"hash_alg\":\"sha-256\"}}},"                                \
    "{\"jwk\":{\"kty\":\"EC\"},\"info\":{\"tpm_certify\":{\"name_alg\":11,\"obj_attr\":50}}}]"
#define N "{\"n\":[5,3,-1,2.5],\"s\":[\"b\",\"a\"],\"o\":{\"x\":1,\"y\":null},\"t\":true,\"l\":[[1,[2]],3,[]]}"

static const struct found_case {
    const char *name, *query, *document, *result;
} found[] = {
    /* What published policies ask. */
    { "the event of Secure Boot", SECURE_BOOT " | [].EventSeq", LOG, "[1,2]" },
    { "Secure Boot is on",
      "[?ProcessedData.UnicodeName == 'SecureBoot'] | length(@) == `1` && @[0].ProcessedData.VariableData == 'AQ'",
      "[" VARIABLE(1, 7, "SecureBoot", "AQ") "]", "true" },
    { "Secure Boot is off",
      "[?ProcessedData.UnicodeName == 'SecureBoot'] | length(@) == `1` && @[0].ProcessedData.VariableData == 'AQ'",
      "[" VARIABLE(1, 7, "SecureBoot", "AA") "]", "false" },
    { "events of four PCRs", TAGS ".EVENT_CODEINTEGRITY", LOG, "[true]" },
    { "a fact of every boundary, without nulls", TAGS " | [*].EVENT_BITLOCKER_UNLOCK.Value", LOG, "[0,4]" },
    { "the first value that is not 0", TAGS " | [*].EVENT_BITLOCKER_UNLOCK | @[? Value != `0`].Value | @[0]", LOG,
      "4" },
    { "a value by its name",
      TAGS " | [*].EVENT_VBS_HVCI_POLICY | @[?String == 'HypervisorEnforcedCodeIntegrityEnable'].Value", LOG, "[1]" },
    { "a driver whatever its case",
      TAGS " | [*].EVENT_LOADEDMODULE_AGGREGATION[] | [? EVENT_IMAGEVALIDATED == `true` && (equals_ignore_case("
           "EVENT_FILEPATH, '\\windows\\system32\\drivers\\wdboot.sys') || equals_ignore_case(EVENT_FILEPATH, 'x'))]"
           " | @ != `null`",
      LOG, "true" },
    { "a list that is empty is not null", "[?a] | @ != `null`", "[]", "true" },
    { "file paths of all modules",
      "Events[? EventTypeString == 'EV_EVENT_TAG' "
      "].ProcessedData.EVENT_TRUSTBOUNDARY.EVENT_LOADEDMODULE_AGGREGATION[].EVENT_FILEPATH",
      LOG, "[\"\\\\Windows\\\\System32\\\\Drivers\\\\WdBoot.sys\",\"\\\\windows\\\\ci.dll\"]" },
    { "the data of a variable in its PCR",
      SECURE_BOOT " | [?ProcessedData.UnicodeName == 'PK'] | length(@) == `1` && @[0].PcrIndex == `7` && "
                  "@[0].ProcessedData.VariableData",
      LOG, "\"Zm9v\"" },
    { "not of a variable that stands twice",
      "Events | length(@) == `1` && @[0].PcrIndex == `7` && @[0].ProcessedData.VariableData", LOG, "false" },
    { "the order of boot entries", "Events[?EventTypeString == 'EV_EFI_VARIABLE_BOOT'].ProcessedData.VariableData", LOG,
      "[\"AAAB\"]" },
    { "the kernel's version", "Events[?EventTypeString == 'IMA_MEASUREMENT_EVENT'] | [].ProcessedData.KernelVersion",
      LOG, "[\"6.1\"]" },
    { "a certificate of a keyring",
      "Events[*] | [? ProcessedData.Keyring == '.builtin_trusted_keys'].ProcessedData.CertificateSubject", LOG,
      "[\"CN=k\"]" },
    { "a PCR's digest", "PCRs[? Index == `0`].Digests.SHA256 | @[0] =='ab' ",
      "{\"PCRs\":[{\"Index\":0,\"Digests\":{\"SHA256\":\"ab\"}},{\"Index\":1}]}", "true" },
    { "an object of one event",
      "Events[? PcrIndex == `19` && " AUTH " != `null`] | length(@) == `1` && @[0] | @.{EventSeq:EventSeq, "
      "SignatureValid:" AUTH "}",
      LOG, "{\"EventSeq\":5,\"SignatureValid\":true}" },
    { "of false it is an object of nulls", "`false` | @.{EventSeq:EventSeq, SignatureValid:" AUTH "}", LOG,
      "{\"EventSeq\":null,\"SignatureValid\":null}" },
    { "a query with a number spliced in",
      "Events[? PcrIndex == `20` && EventSeq < `7`].ProcessedData.EVENT_DRTM_SMM | length(@) == `1` && @[0] | @.Value",
      LOG, "2" },
    { "one of two lists in a filter",
      "Events[? ((ProcessedData.EVENT_TRUSTBOUNDARY.EVENT_SI_POLICY[].RawData | @[0]) || "
      "(ProcessedData.EVENT_TRUSTBOUNDARY.EVENT_LOADEDMODULE_AGGREGATION[].EVENT_FILEPATH | @[0]))].EventSeq",
      LOG, "[4]" },
    { "the kind of a key keeps its quotes", "[0].jwk.kty", KEYS, "\"RSA\"" },
    { "the kinds of all keys", "[*].jwk.kty", KEYS, "[\"RSA\",\"EC\"]" },
    { "what was certified, of those that were", "[*].info.tpm_certify", KEYS, "[{\"name_alg\":11,\"obj_attr\":50}]" },
    { "the last key", "@[-1].info.tpm_certify.obj_attr", KEYS, "50" },
    { "a field of a field that is none", "info.tpm_certify", KEYS, "null" },
    /* Traps that a correct parser accepts. */
    { "true without backticks is a field", "[?a == true]", "[{\"a\":true},{\"b\":1}]", "[{\"b\":1}]" },
    { "null without backticks is a field, too", "@ != null", "[]", "true" },
    { "a number is no string", "[?a == '20']", "[{\"a\":20}]", "[]" },
    { "names have a case", "events[?a]", LOG, "null" },
    /* Precedence. */
    { "a pipe binds least", "`[1]` | length(@) == `1` && @[0]", "0", "1" },
    { "and binds closer than or", "a || b && c", "{\"b\":1,\"c\":2}", "2" },
    { "and in front of or", "a && b || c", "{\"b\":1,\"c\":2}", "2" },
    { "parentheses bind first", "(a || b) && c", "{\"b\":1}", "null" },
    { "a comparison binds closer than and", "a == `1` && b", "{\"a\":1,\"b\":2}", "2" },
    { "comparisons go from left to right", "`1` == `1` == `true`", "0", "true" },
    { "not binds closer than a comparison", "!a == `true`", "{}", "true" },
    { "not binds closer than a dot", "!a.b", "{\"a\":{\"b\":true}}", "null" },
    { "but not closer than an index", "!a[0]", "{\"a\":[0]}", "false" },
    { "a pipe ends a projection", "n[*] | [0]", N, "5" },
    { "an index does not", "l[*][0]", N, "[1]" },
    { "parentheses do", "(n[*])[0]", N, "5" },
    { "a flatten binds less than a dot", "l[][]", N, "[1,2,3]" },
    { "what follows an object's wildcard is one field", "a.*.b.c", "{\"a\":{\"x\":{\"b\":{\"c\":1}}}}", "null" },
    { "it is more at the beginning", "*.x.b.c", "{\"a\":{\"x\":{\"b\":{\"c\":1}}}}", "[1]" },
    /* Values. */
    { "a raw string keeps its backslashes", "'\\windows\\n\\\\'", "0", "\"\\\\windows\\\\n\\\\\\\\\"" },
    { "but for one in front of a quote", "'it\\'s'", "0", "\"it's\"" },
    { "a name in quotes has escapes", "\"a\\u0062\\\"\"", "{\"ab\\\"\":1}", "1" },
    { "a literal may hold a backtick", "`\"\\`\"`", "0", "\"`\"" },
    { "a literal is any JSON", "` {\"a\": [1, null, {\"b\": \"c\"}]} `", "0", "{\"a\":[1,null,{\"b\":\"c\"}]}" },
    { "text that is no JSON is a string", "`text`", "0", "\"text\"" },
    { "a number keeps its text", "@", "[1.50,0.0,12345678901234567890,1E-7,-0]",
      "[1.50,0.0,12345678901234567890,1E-7,-0]" },
    { "an integer has no exponent", "@", "[1e3,-2.5E1,9e18,1e19,15e-1]", "[1000,-25,9000000000000000000,1e19,15e-1]" },
    { "integers are exact", "@ == `9007199254740993` && `9007199254740992` < @", "9007199254740993", "true" },
    { "numbers are equal by value", "@ == `1.0` && @ == `10e-1`", "1", "true" },
    { "fractions are exact", "@ < `0.30000000000000000000000000000000002`", "0.30000000000000000000000000000000001",
      "true" },
    { "negative numbers are in order", "[@[0] < @[1], @[1] < @[2], @[2] < @[3], @[0] >= @[3]]", "[-10,-9.5,0,1e-9]",
      "[true,true,true,false]" },
    { "zeros are equal", "`-0` == `0.0` && `0` <= `-0`", "0", "true" },
    { "true is not 1", "`true` == `1` || `[true]` == `[1]` || `\"1\"` == `1`", "0", "false" },
    { "objects are equal in any order", "`{\"a\":1,\"b\":[2]}` == @", "{\"b\":[2],\"a\":1.0}", "true" },
    { "objects of other names are not", "`{\"a\":1,\"b\":2}` == @", "{\"a\":1,\"c\":2}", "false" },
    { "nothing equals null", "a == `null` && a == b", "{}", "true" },
    { "strings have no order", "'a' < 'b'", "0", "null" },
    { "nor has a number with a string", "`1` < 'b'", "0", "null" },
    { "nothing is false", "[a || 'x', b || 'x', c || 'x', d || 'x', e || 'x']",
      "{\"a\":\"\",\"b\":[],\"c\":{},\"d\":false}", "[\"x\",\"x\",\"x\",\"x\",\"x\"]" },
    { "zero is true", "[`0` && 'x', !`0`]", "0", "[\"x\",false]" },
    { "controls and quotes are escaped", "@", "[\"\\u0001\\n\\\"\\\\\xc3\xa9\"]", "[\"\\u0001\\n\\\"\\\\\xc3\xa9\"]" },
    /* Indexes, slices, projections. */
    { "an index from the end", "n[-4]", N, "5" },
    { "an index that is too large", "n[4]", N, "null" },
    { "an index that is far too small", "n[-99999999999999999999]", N, "null" },
    { "an index of an object", "o[0]", N, "null" },
    { "a slice", "n[1:3]", N, "[3,-1]" },
    { "a slice with a step", "n[::2]", N, "[5,-1]" },
    { "a slice backwards", "n[::-1]", N, "[2.5,-1,3,5]" },
    { "a slice from the end", "n[-2:]", N, "[-1,2.5]" },
    { "a slice beyond the ends", "n[-100:100:9223372036854775807]", N, "[5]" },
    { "a slice of steps beyond the beginning", "n[::-9223372036854775807]", N, "[2.5]" },
    { "a slice projects", "l[:1][0]", N, "[1]" },
    { "also behind an index", "[0][0:1].a", "[[{\"a\":1}]]", "[1]" },
    { "a flatten goes one level", "l[]", N, "[1,[2],3]" },
    { "a wildcard of members", "o.*", N, "[1]" },
    { "a wildcard of an array", "n.*", N, "null" },
    { "a filter of an object", "o[?@]", N, "null" },
    { "lists and objects of several", "[t, {a: n[0], \"b c\": s}]", N, "[true,{\"a\":5,\"b c\":[\"b\",\"a\"]}]" },
    { "the last of two members of one name", "{a: t, b: t, a: n[0]}", N, "{\"a\":5,\"b\":true}" },
    { "of null there are none", "x.[t]", N, "null" },
    { "but of false", "`false` | [t]", N, "[null]" },
    { "a name of a function is a field elsewhere", "length", "{\"length\":1}", "1" },
    { "true is a name like any other", "true", "{\"true\":1}", "1" },
    /* Functions. */
    { "abs", "[abs(@), abs(`-1.5`), abs(`2`), abs(`-9223372036854775808`)]", "-3", "[3,1.5,2,9.223372036854776e+18]" },
    { "avg", "[avg(n), avg(`[1,2]`), avg(`[1,3]`), avg(`[]`)]", N, "[2.375,1.5,2,null]" },
    { "ceil", "[ceil(`1.2`), ceil(`-1.2`), ceil(`2`), ceil(`1e300`)]", "0", "[2,-1,2,1e+300]" },
    { "contains", "[contains(n, `3`), contains(n, `4`), contains('abc', 'bc'), contains('abc', 'x')]", N,
      "[true,false,true,false]" },
    { "ends_with", "[ends_with('abc', 'bc'), ends_with('c', 'bc'), ends_with('c', '')]", "0", "[true,false,true]" },
    { "equals_ignore_case folds ASCII",
      "[equals_ignore_case('aBz[', 'AbZ['), equals_ignore_case('[', '{'), equals_ignore_case('a', 'ab')]", "0",
      "[true,false,false]" },
    { "equals_ignore_case folds nothing else", "equals_ignore_case('\xc3\x84', '\xc3\xa4')", "0", "false" },
    { "floor", "[floor(`1.9`), floor(`-1.2`), floor(`2`)]", "0", "[1,-2,2]" },
    { "join", "[join(', ', s), join('x', `[]`), join('', `[\"a\"]`)]", N, "[\"b, a\",\"\",\"a\"]" },
    { "keys", "keys(o)", N, "[\"x\",\"y\"]" },
    { "length", "[length(n), length(o), length('\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'), length('')]", N, "[4,2,3,0]" },
    { "map keeps nulls", "map(&a, @)", "[{\"a\":1},{}]", "[1,null]" },
    { "max", "[max(n), max(s), max(`[]`)]", N, "[5,\"b\",null]" },
    { "max_by gives the first", "max_by(@, &a).b", "[{\"a\":1,\"b\":0},{\"a\":2,\"b\":1},{\"a\":2.0,\"b\":2}]", "1" },
    { "merge", "merge(`{\"a\":1,\"b\":2}`, `{\"c\":3}`, `{\"a\":4}`)", "0", "{\"a\":4,\"b\":2,\"c\":3}" },
    { "min", "[min(n), min(s), min(`[]`)]", N, "[-1,\"a\",null]" },
    { "min_by", "min_by(@, &a).b", "[{\"a\":\"y\",\"b\":0},{\"a\":\"x\",\"b\":1}]", "1" },
    { "not_null", "[not_null(a, t), not_null(a), not_null(`false`, t)]", N, "[true,null,false]" },
    { "reverse", "[reverse(n), reverse('a\xc3\xa9\xf0\x9f\x98\x80')]", N,
      "[[2.5,-1,3,5],\"\xf0\x9f\x98\x80\xc3\xa9"
      "a\"]" },
    { "sort", "[sort(n), sort(s), sort(`[]`)]", N, "[[-1,2.5,3,5],[\"a\",\"b\"],[]]" },
    { "sort_by keeps the order of equals", "sort_by(@, &a)[*].b",
      "[{\"a\":2,\"b\":0},{\"a\":1,\"b\":1},{\"a\":2,\"b\":2},{\"a\":1,\"b\":3},{\"a\":0,\"b\":4}]", "[4,1,3,0,2]" },
    { "starts_with", "[starts_with('abc', 'ab'), starts_with('a', 'ab')]", "0", "[true,false]" },
    { "sum", "[sum(n), sum(`[]`), sum(`[1,2]`), sum(`[0.1,0.2]`)]", N, "[9.5,0,3,0.30000000000000004]" },
    { "a sum beyond 64 bits", "sum(`[9223372036854775807,1]`)", "0", "9.223372036854776e+18" },
    { "to_array", "[to_array(n[0]), to_array(s), to_array(x)]", N, "[[5],[\"b\",\"a\"],[null]]" },
    { "to_number", "[to_number('1'), to_number('-2.5e1'), to_number('0.1'), to_number(' 1'), to_number(`true`)]", "0",
      "[1,-25,0.1,null,null]" },
    { "to_string", "[to_string('a'), to_string(o), to_string(`1.50`)]", N,
      "[\"a\",\"{\\\"x\\\":1,\\\"y\\\":null}\",\"1.50\"]" },
    { "type", "[type(n), type(o), type(t), type(x), type('a'), type(n[0])]", N,
      "[\"array\",\"object\",\"boolean\",\"null\",\"string\",\"number\"]" },
    { "values", "values(o)", N, "[1,null]" },
    { "a function of what stands in front of the dot", "o.keys(@)", N, "[\"x\",\"y\"]" },
    { "a function of each element", "l[*].type(@)", N, "[\"array\",\"number\",\"array\"]" },
    { "an expression with everything", "sort_by(@, &length(a || `[]`))[*].b | [0]", "[{\"a\":[1],\"b\":1},{\"b\":2}]",
      "2" },
    { "white space everywhere", "\n\t n [? @ > `2` ] \r\n| [ 0 ] ", N, "5" },
};

static azattest_status search(azattest_bytes query, const char *document, azattest__work *work, azattest__buf *out,
                              azattest_error **error)
{
    azattest__jmespath *compiled = NULL;
    azattest__json *root = NULL;
    azattest_status status;
    size_t offset;

    assert_int_equal(azattest__json_parse(azattest__text(document), &root, NULL), AZATTEST_OK);
    if ((status = azattest__jmespath_compile(query, &compiled, &offset, error)) == AZATTEST_OK)
        status = azattest__jmespath_search(compiled, root, work, out, error);
    azattest__jmespath_free(compiled);
    azattest__json_free(root);
    return status;
}

/* In a block of exactly its length, so that a sanitizer sees a read past the end. */
static azattest_bytes exact(const char *text, size_t len)
{
    char *block = malloc(len + (len == 0));

    assert_non_null(block);
    memcpy(block, text, len);
    return azattest__bytes(block, len);
}

static void drop(azattest_bytes text)
{
    free((void *)(uintptr_t)text.ptr);
}

static void finds(void **state)
{
    const struct found_case *c = *state;
    azattest__work work = { 100000, 100000 };
    azattest_bytes query = exact(c->query, strlen(c->query));
    azattest_error *error = NULL;
    azattest__buf out;

    azattest__buf_init(&out, 100000);
    azattest__buf_append_text(&out, "before ");
    expect(search(query, c->document, &work, &out, &error), &error, AZATTEST_OK, "");
    assert_memory_equal(out.ptr, "before ", 7);
    assert_string_equal((const char *)out.ptr + 7, c->result);
    assert_true(work.steps_left < 100000);
    assert_int_equal(work.memory_left, 100000 - strlen(c->result));
    azattest__buf_free(&out);
    drop(query);
}

static const struct refused_case {
    const char *name, *query;
    size_t offset;
    const char *message;
} refused[] = {
    { "an empty query", "", 0, "found the end of the query, expected an expression" },
    { "blanks alone", "  ", 2, "found the end of the query" },
    { "a bare number", "Events[?PcrIndex == 20]", 20,
      "found 20, expected an expression: numbers are written in backticks: `20`" },
    { "a number alone", "1", 0, "numbers are written in backticks: `1`" },
    { "a single equals sign", "a = b", 2, "found a single =, expected ==" },
    { "a single ampersand", "a & b", 2, "found &, expected an operator or the end of the query: a single &" },
    { "the word and", "a and b", 2, "found and, expected an operator or the end of the query: \"and\" is written &&" },
    { "the word or", "[?a or b]", 4, "found or, expected an operator or the ] of the filter: \"or\" is written ||" },
    { "typographic quotes", "a == \xe2\x80\x98x\xe2\x80\x99", 5, "straight single quotes" },
    { "a string that does not end", "a == 'x", 5, "found a quote that nothing closes" },
    { "a string whose end is escaped", "a == 'x\\'", 5, "found a quote that nothing closes" },
    { "a literal that does not end", "a == `1", 5, "found a backtick that nothing closes" },
    { "a name that does not end", "\"a", 0, "found a double quote that nothing closes" },
    { "a name with a wrong escape", "\"\\x\"", 0, "no JSON string" },
    { "a literal that is no JSON", "`a\"b`", 0, "found a literal that is not JSON" },
    { "a literal with a name twice", "`{\"a\":1,\"a\":1}`", 0, "found a literal that is not JSON" },
    { "a number that no reader takes", "`1e999`", 0, "found a literal that is not JSON" },
    { "a sign that is none", "a # b", 2, "found #, expected" },
    { "a minus alone", "[-]", 1, "found a minus without a number" },
    { "nothing behind a dot", "a.", 2, "found the end of the query, expected a name, *, [ or { behind the dot" },
    { "a string behind a dot", "a.'b'", 2, "found 'b', expected a name" },
    { "a number behind a dot", "a.1", 2, "found 1, expected a name" },
    { "two names", "a b", 2, "found b, expected an operator or the end of the query" },
    { "nothing behind an operator", "a ==", 4, "found the end of the query, expected an expression" },
    { "nothing in front of an operator", "|| a", 0, "found ||, expected an expression" },
    { "a parenthesis that does not end", "(a", 2, "found the end of the query, expected an operator or a )" },
    { "a parenthesis too many", "a)", 1, "found ), expected an operator or the end" },
    { "an empty parenthesis", "()", 1, "found ), expected an expression" },
    { "a filter that does not end", "a[?b", 4, "expected an operator or the ] of the filter" },
    { "an empty filter", "a[?]", 3, "found ], expected an expression" },
    { "an index that does not end", "a[0", 3, "expected the ] of the index" },
    { "a fraction as an index", "a[1.5]", 3, "found ., expected the ] of the index" },
    { "a name as an index", "a[b]", 2, "found b, expected a number, *, a colon, or ?" },
    { "a slice of four parts", "a[1:2:3:4]", 7, "found :, expected the ] of the slice" },
    { "a slice of a name", "a[1:b]", 4, "found b, expected a number, a colon or a ]" },
    { "a slice of two numbers in one part", "a[1:2 3]", 6, "found 3, expected a colon or a ]" },
    { "a step of 0", "a[::0]", 4, "found 0 as a slice's step" },
    { "a wildcard that does not end", "a[*", 3, "expected the ] behind *" },
    { "a wildcard without a dot", "a *", 2, "found *, expected an operator" },
    { "a list that does not end", "[a, b", 5, "expected a comma or the ] of the list" },
    { "a comma too many in a list", "[a,]", 3, "found ], expected an expression" },
    { "an empty object", "{}", 1, "found }, expected the name of a member" },
    { "a comma too many in an object", "{a: b,}", 6, "found }, expected the name of a member" },
    { "an object without a comma", "{a: b c: d}", 6, "found c, expected a comma or the }" },
    { "an object without a colon", "{a b}", 3, "found b, expected a colon" },
    { "an unknown function", "a && lenght(b)", 5,
      "found the unknown function lenght(), expected one of JMESPath's, or "
      "equals_ignore_case(): did you mean length()?" },
    { "a function without arguments", "length()", 0, "found 0 arguments of length(), expected 1" },
    { "a function with too many", "length(a, b)", 0, "found 2 arguments of length(), expected 1" },
    { "equals_ignore_case of one", "equals_ignore_case(a)", 0, "found 1 argument of equals_ignore_case(), expected 2" },
    { "merge of nothing", "merge()", 0, "found 0 arguments of merge(), expected at least 1" },
    { "arguments without a comma", "contains(a b)", 11, "found b, expected an operator, a comma or the )" },
    { "a comma too many in a function", "length(a,)", 9, "found ), expected an expression" },
    { "a function that does not end", "length(a", 8, "expected an operator, a comma or the )" },
    { "a value where an expression is wanted", "sort_by(a, b)", 11, "found b, expected an expression behind &" },
    { "an expression where a value is wanted", "length(&a)", 7, "found &, expected a value" },
    { "an expression that is no argument", "&a", 0, "found &, expected an expression" },
    { "a function's name in quotes", "\"length\"(a)", 0, "found \"length\", expected the name of a function" },
    { "a function's name in parentheses", "(length)(a)", 8, "found (, expected an operator" },
    { "an object without a dot", "a{b: c}", 1, "found {, expected an operator" },
    { "a not behind an expression", "a !b", 2, "found !, expected an operator" },
    { "bytes that are no UTF-8", "'\xff'", 0, "no UTF-8" },
};

static void refuses(void **state)
{
    const struct refused_case *c = *state;
    azattest_bytes query = exact(c->query, strlen(c->query));
    azattest__jmespath *compiled = NULL;
    azattest_error *error = NULL;
    size_t offset = 12345;

    expect(azattest__jmespath_compile(query, &compiled, &offset, &error), &error, AZATTEST_E_MALFORMED, c->message);
    assert_null(compiled);
    assert_int_equal(offset, c->offset);
    assert_int_equal(azattest__jmespath_compile(query, &compiled, NULL, NULL), AZATTEST_E_MALFORMED);
    drop(query);
}

static const struct failed_case {
    const char *name, *query, *document;
    azattest_status status;
    const char *message;
} failed[] = {
    { "equals_ignore_case of a number", "a || equals_ignore_case('a', `1`)", "{}", AZATTEST_E_TYPE,
      "equals_ignore_case() at byte 5 of the query: argument 2 is a number, expected a string" },
    { "equals_ignore_case of nothing", "[?equals_ignore_case(path, 'x')]", "[{}]", AZATTEST_E_TYPE,
      "argument 1 is null, expected a string" },
    { "the length of a number", "length(@)", "1", AZATTEST_E_TYPE, "expected a string, an array or an object" },
    { "the length of false", "`false` | length(@)", "1", AZATTEST_E_TYPE, "argument 1 is a boolean" },
    { "a sum of strings", "sum(@)", "[1,\"2\"]", AZATTEST_E_TYPE,
      "argument 1 is a string, expected an array of numbers, and nothing else in it" },
    { "a join of numbers", "join('', @)", "[1]", AZATTEST_E_TYPE, "expected an array of strings" },
    { "the largest of a mixture", "max(@)", "[1,\"2\"]", AZATTEST_E_TYPE, "an array of numbers or one of strings" },
    { "sorting booleans", "sort(@)", "[true]", AZATTEST_E_TYPE, "argument 1 is a boolean" },
    { "sorting by a list", "sort_by(@, &a)", "[{\"a\":[]}]", AZATTEST_E_TYPE, "an expression that gives a number or" },
    { "sorting by a mixture", "sort_by(@, &a)", "[{\"a\":1},{\"a\":\"\"}]", AZATTEST_E_TYPE, "the same kind for all" },
    { "merging an array", "merge(`{}`, @)", "[]", AZATTEST_E_TYPE, "argument 2 is an array, expected an object" },
    { "a number in a string", "contains('1', @)", "1", AZATTEST_E_TYPE, "a string to be found in a string" },
    { "an error inside of an expression", "map(&abs(@), @)", "[1,\"x\"]", AZATTEST_E_TYPE,
      "abs() at byte 5 of the query" },
    { "an error names the function that failed", "length(sum(@))", "[]", AZATTEST_E_TYPE, "length() at byte 0" },
    { "a number that is too large", "to_number(@)", "\"1e400\"", AZATTEST_E_LIMIT, "too large" },
    { "a sum that is too large", "sum(@)", "[1e308,1e308]", AZATTEST_E_LIMIT, "too large for JSON" },
    { "arrays in arrays in arrays",
      "@|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|"
      "[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|"
      "[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]|[@]",
      "1", AZATTEST_E_LIMIT, "nest too deep" },
    { "a result that doubles thirty times",
      "@|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|"
      "[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]",
      "1", AZATTEST_E_LIMIT, "" },
    { "comparing what doubles thirty times",
      "@|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|"
      "[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|[@,@]|@ == @",
      "1", AZATTEST_E_LIMIT, "more steps than are left" },
    { "a string that doubles thirty times",
      "[@]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|"
      "[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|"
      "[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|"
      "[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|"
      "[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]|[join('',[@[0],@[0]])]",
      "\"0123456789abcdef\"", AZATTEST_E_LIMIT, "" },
};

static void fails(void **state)
{
    const struct failed_case *c = *state;
    azattest__work work = { 1000000, 1000000 };
    azattest_error *error = NULL;
    azattest__buf out;

    azattest__buf_init(&out, 10000000);
    azattest__buf_append_text(&out, "before");
    expect(search(azattest__text(c->query), c->document, &work, &out, &error), &error, c->status, c->message);
    assert_string_equal((const char *)out.ptr, "before");
    assert_int_equal(out.status, AZATTEST_OK);
    azattest__buf_free(&out);
}

/* --- bounds ------------------------------------------------------------------------------------------------------- */

/* "begin", then `middle` so many times, then "end" as often as `closing` says. */
static azattest_status compile_repeated(const char *begin, const char *middle, size_t count, const char *end,
                                        const char *close, size_t *offset, azattest_error **error)
{
    azattest__jmespath *compiled = NULL;
    azattest_status status;
    azattest__buf query;

    azattest__buf_init(&query, 1000000);
    azattest__buf_append_text(&query, begin);
    for (size_t i = 0; i < count; i++)
        azattest__buf_append_text(&query, middle);
    azattest__buf_append_text(&query, end);
    for (size_t i = 0; i < count; i++)
        azattest__buf_append_text(&query, close);
    status = azattest__jmespath_compile(azattest__buf_bytes(&query), &compiled, offset, error);
    assert_true(*offset <= query.len);
    assert_int_equal(compiled != NULL, status == AZATTEST_OK);
    azattest__jmespath_free(compiled);
    azattest__buf_free(&query);
    return status;
}

static const struct depth_case {
    const char *name, *begin, *middle, *end, *close;
    size_t fits, too_many; /* 0: nothing but the length of the query is in its way */
} depths[] = {
    { "parentheses", "", "(", "a", ")", AZATTEST_LIMIT_JMESPATH_DEPTH - 1, AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "nots", "", "!", "a", "", AZATTEST_LIMIT_JMESPATH_DEPTH - 1, AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "lists", "", "[", "a", "]", AZATTEST_LIMIT_JMESPATH_DEPTH - 1, AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "objects", "", "{a:", "a", "}", AZATTEST_LIMIT_JMESPATH_DEPTH - 1, AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "filters in filters", "", "[?", "a", "]", AZATTEST_LIMIT_JMESPATH_DEPTH - 1, AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "functions", "", "abs(", "a", ")", AZATTEST_LIMIT_JMESPATH_DEPTH - 1, AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "comparisons of comparisons", "a", "==a", "", "", AZATTEST_LIMIT_JMESPATH_DEPTH - 1,
      AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "flattens of flattens", "a", "[]", "", "", AZATTEST_LIMIT_JMESPATH_DEPTH / 2 - 1,
      AZATTEST_LIMIT_JMESPATH_DEPTH / 2 + 1 },
    { "projections in projections", "a", "[*]", "", "", AZATTEST_LIMIT_JMESPATH_DEPTH / 2 - 1,
      AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "an object's wildcards", "a", ".*", "", "", AZATTEST_LIMIT_JMESPATH_DEPTH - 1, AZATTEST_LIMIT_JMESPATH_DEPTH },
    { "a chain of fields", "a", ".a", "", "", 8000, 0 },
    { "a chain of indexes", "a", "[0]", "", "", 5000, 0 },
    { "a chain of pipes", "a", "|a", "", "", 8000, 0 },
    { "a chain of ors", "a", "||a", "", "", 5000, 0 },
    { "a chain of ands", "a", "&&a", "", "", 5000, 0 },
    { "a long list", "[a", ",a", "]", "", 8000, 0 },
    { "many arguments", "not_null(a", ",a", ")", "", 8000, 0 },
};

static void nests(void **state)
{
    const struct depth_case *c = *state;
    azattest_error *error = NULL;
    size_t offset;

    expect(compile_repeated(c->begin, c->middle, c->fits, c->end, c->close, &offset, &error), &error, AZATTEST_OK, "");
    if (c->too_many == 0)
        return;
    expect(compile_repeated(c->begin, c->middle, c->too_many, c->end, c->close, &offset, &error), &error,
           AZATTEST_E_LIMIT, "nests deeper than 64 expressions");
    expect(compile_repeated(c->begin, c->middle, 2000, c->end, c->close, &offset, &error), &error, AZATTEST_E_LIMIT,
           "nests deeper than 64 expressions");
}

static void a_query_is_not_longer_than_its_limit(void **state)
{
    azattest_error *error = NULL;
    size_t offset;

    (void)state;
    expect(compile_repeated("a", " ", AZATTEST_LIMIT_JMESPATH - 1, "", "", &offset, &error), &error, AZATTEST_OK, "");
    expect(compile_repeated("a", " ", AZATTEST_LIMIT_JMESPATH, "", "", &offset, &error), &error, AZATTEST_E_LIMIT,
           "at most 16384 are taken");
}

/* Every query of the tables, cut at every byte: it is compiled and searched, or refused at a byte that it has. */
static void a_query_that_is_cut_anywhere_ends_well(void **state)
{
    azattest__json *root = NULL;

    (void)state;
    assert_int_equal(azattest__json_parse(azattest__text(LOG), &root, NULL), AZATTEST_OK);
    for (size_t i = 0; i < COUNT(found); i++) {
        for (size_t len = 0; len < strlen(found[i].query); len++) {
            azattest_bytes query = exact(found[i].query, len);
            azattest__work work = { 10000, 10000 };
            azattest__jmespath *compiled = NULL;
            azattest_error *error = NULL;
            size_t offset = 0;
            azattest__buf out;

            azattest__buf_init(&out, 10000);
            if (azattest__jmespath_compile(query, &compiled, &offset, &error) == AZATTEST_OK)
                (void)azattest__jmespath_search(compiled, root, &work, &out, &error);
            else
                assert_true(offset <= len && error != NULL);
            azattest_error_free(error);
            azattest__jmespath_free(compiled);
            azattest__buf_free(&out);
            drop(query);
        }
    }
    azattest__json_free(root);
}

/* With each number of steps and bytes less than a search takes it ends with a limit, and gives nothing. */
static void work_that_is_used_up_is_an_error(void **state)
{
    static const char query[] = "sort_by(Events[?EventSeq > `1`], &EventTypeString)[*].{a: EventSeq, b: to_string(@)}";
    azattest__work all = { 100000, 1000000 }, work;
    azattest_error *error = NULL;
    azattest__buf out;
    uint64_t steps;

    (void)state;
    azattest__buf_init(&out, 100000);
    expect(search(azattest__text(query), LOG, &all, &out, &error), &error, AZATTEST_OK, "");
    steps = 100000 - all.steps_left;
    for (uint64_t some = 0; some <= steps; some++) {
        azattest__buf_cut(&out, 0);
        work = (azattest__work){ some, 1000000 };
        expect(search(azattest__text(query), LOG, &work, &out, &error), &error,
               some < steps ? AZATTEST_E_LIMIT : AZATTEST_OK, "more steps than are left");
        assert_int_equal(work.steps_left, 0);
        assert_int_equal(out.len > 0, some == steps);
    }
    azattest__buf_cut(&out, 0);
    for (size_t memory = 0; out.len == 0; memory += 16) {
        work = (azattest__work){ 100000, memory };
        if (search(azattest__text(query), LOG, &work, &out, &error) == AZATTEST_OK)
            assert_true(memory > 500 && memory < 50000 && out.len > 0);
        else
            expect(azattest_error_code(error), &error, AZATTEST_E_LIMIT, "");
    }
    azattest__buf_free(&out);
}

static void a_result_that_does_not_fit_is_an_error(void **state)
{
    azattest__work work = { 1000, 1000 };
    azattest_error *error = NULL;
    azattest__buf out;

    (void)state;
    azattest__buf_init(&out, 9);
    expect(search(azattest__text("@"), "\"01234567\"", &work, &out, &error), &error, AZATTEST_E_LIMIT, "result");
    azattest__buf_free(&out);
    azattest__buf_init(&out, 10);
    expect(search(azattest__text("@"), "\"01234567\"", &work, &out, &error), &error, AZATTEST_OK, "");
    azattest__buf_free(&out);
}

static uint64_t steps_for(const char *query, size_t events)
{
    azattest__work work = { UINT64_C(1) << 40, (size_t)1 << 30 };
    azattest_error *error = NULL;
    azattest__buf document, out;

    azattest__buf_init(&document, (size_t)1 << 26);
    azattest__buf_init(&out, (size_t)1 << 26);
    azattest__buf_append_text(&document, "{\"Events\":[");
    for (size_t i = 0; i < events; i++)
        azattest__buf_printf(&document, "%s{\"EventSeq\":%zu,\"Kind\":\"k%zu\",\"Data\":[{\"a\":%zu},{\"a\":2}]}",
                             i == 0 ? "" : ",", i, i % 7, i);
    azattest__buf_append_text(&document, "]}");
    expect(search(azattest__text(query), (const char *)document.ptr, &work, &out, &error), &error, AZATTEST_OK, "");
    azattest__buf_free(&document);
    azattest__buf_free(&out);
    return (UINT64_C(1) << 40) - work.steps_left;
}

static void work_grows_with_the_document_and_not_with_its_square(void **state)
{
    static const char *const queries[] = { "Events[*].EventSeq",
                                           "Events[?Kind == 'k3'].Data[].a",
                                           "Events[].Data[]",
                                           "Events[*].Data | [].a | [-1]",
                                           "Events[::2].Kind | length(@)",
                                           "map(&Data[0].a, Events) | sum(@)",
                                           "Events[-1]",
                                           "Events == Events",
                                           "max_by(Events, &EventSeq)",
                                           "Events[*].{a: Kind, b: Data[*].a}[].b[]",
                                           "join(',', Events[*].Kind)",
                                           "merge(Events[0], Events[1])" };

    (void)state;
    for (size_t i = 0; i < COUNT(queries); i++)
        assert_true(steps_for(queries[i], 4000) < 5 * steps_for(queries[i], 1000));
    assert_true(steps_for("sort_by(Events, &Kind)", 4000) < 7 * steps_for("sort_by(Events, &Kind)", 1000));
}

/* Steps for a document with two members whose names begin with so many equal bytes. */
static uint64_t steps_for_names(const char *before, const char *behind, size_t len)
{
    azattest__work work = { UINT64_C(1) << 40, (size_t)1 << 30 };
    char *name = malloc(len + 1);
    azattest_error *error = NULL;
    azattest__buf query, document, out;

    assert_non_null(name);
    memset(name, 'n', len);
    name[len] = '\0';
    azattest__buf_init(&query, (size_t)1 << 26);
    azattest__buf_init(&document, (size_t)1 << 26);
    azattest__buf_init(&out, (size_t)1 << 26);
    azattest__buf_printf(&query, "%s%s%s", before, behind == NULL ? "" : name, behind == NULL ? "" : behind);
    azattest__buf_printf(&document, "{\"%sa\":1,\"%sb\":2}", name, name);
    expect(search(azattest__buf_bytes(&query), (const char *)document.ptr, &work, &out, &error), &error, AZATTEST_OK,
           "");
    azattest__buf_free(&query);
    azattest__buf_free(&document);
    azattest__buf_free(&out);
    free(name);
    return (UINT64_C(1) << 40) - work.steps_left;
}

/* A few members with names of a megabyte are as much to read as many with short ones. */
static void long_names_of_members_cost_work(void **state)
{
    (void)state;
    assert_true(steps_for_names("length(@)", NULL, 500000) < 100);
    assert_true(steps_for_names("@ == @ && `1`", NULL, 500000) > 2 * 500000 / 16);
    assert_true(steps_for_names("length(@) && ", "c", 8000) > 8000 / 16);
}

static void nothing_is_no_query_and_no_document(void **state)
{
    azattest__work work = { 1000, 1000 };
    azattest__jmespath *compiled = NULL;
    azattest_error *error = NULL;
    azattest__json *root = azattest__json_new_object();
    azattest__buf out;
    size_t offset;

    (void)state;
    azattest__buf_init(&out, 100);
    expect(azattest__jmespath_compile(azattest__bytes(NULL, 0), &compiled, &offset, &error), &error,
           AZATTEST_E_MALFORMED, "no UTF-8");
    expect(azattest__jmespath_compile(azattest__bytes("a\0b", 3), &compiled, &offset, &error), &error,
           AZATTEST_E_MALFORMED, "no UTF-8");
    expect(azattest__jmespath_search(NULL, root, &work, &out, &error), &error, AZATTEST_E_ARGUMENT, "needs a document");
    assert_int_equal(azattest__jmespath_compile(azattest__text("a"), &compiled, NULL, NULL), AZATTEST_OK);
    expect(azattest__jmespath_search(compiled, NULL, &work, &out, &error), &error, AZATTEST_E_ARGUMENT, "document");
    azattest__jmespath_comparisons(NULL, NULL, NULL);
    azattest__jmespath_first_fields(NULL, NULL, NULL);
    azattest__jmespath_free(NULL);
    azattest__jmespath_free(compiled);
    azattest__json_free(root);
    azattest__buf_free(&out);
}

static void a_query_is_searched_again_and_again(void **state)
{
    azattest__work work = { 1000, 1000 };
    azattest__jmespath *compiled = NULL;
    azattest__json *root = NULL;
    azattest__buf out;

    (void)state;
    azattest__buf_init(&out, 1000);
    assert_int_equal(azattest__jmespath_compile(azattest__text("[a, `{\"b\":'c'}`, 'd']"), &compiled, NULL, NULL),
                     AZATTEST_E_MALFORMED);
    assert_int_equal(azattest__jmespath_compile(azattest__text("[a, `{\"b\":1}`, 'd']"), &compiled, NULL, NULL),
                     AZATTEST_OK);
    for (int i = 0; i < 3; i++) {
        char text[] = "{\"a\":0}";

        text[5] = (char)('0' + i);
        assert_int_equal(azattest__json_parse(azattest__text(text), &root, NULL), AZATTEST_OK);
        assert_int_equal(azattest__jmespath_search(compiled, root, &work, &out, NULL), AZATTEST_OK);
        azattest__json_free(root);
    }
    assert_string_equal((const char *)out.ptr, "[0,{\"b\":1},\"d\"][1,{\"b\":1},\"d\"][2,{\"b\":1},\"d\"]");
    azattest__jmespath_free(compiled);
    azattest__buf_free(&out);
}

/* --- the linter's helpers ----------------------------------------------------------------------------------------- */

static const struct inspected_case {
    const char *name, *query;
    const char *comparisons; /* "left op right@offset;" each: a letter of the operand and its text */
    const char *fields;      /* "name;" each */
} inspected[] = {
    { "a field compared with a field", "[?a == true]", "F(a) == F(true)@4;", "" },
    { "a field compared with a raw string", "[?PcrIndex == '20']", "F(PcrIndex) == R(20)@11;", "" },
    { "literals of all kinds", "a == `1` || b != `\"x\"` || c < `null` || d >= `[]`",
      "F(a) == N(1)@2;F(b) != S(x)@14;F(c) < C(null)@28;F(d) >= O(-)@42;", "a;b;c;d;" },
    { "a path has the name of its last field", "a.b.c <= `true`", "P(c) <= C(true)@6;", "a;" },
    { "a path that ends with an index", "a.b[0] > length(c)", "O(-) > O(-)@7;", "a;c;" },
    { "comparisons inside of arguments and pipes", "a | sort_by(@, &b)[?c == @.d].e", "F(c) == P(d)@22;", "a;" },
    { "a name in quotes", "\"a b\" == 'x'", "F(a b) == R(x)@6;", "a b;" },
    { "the document itself in front", "@.Events[?a].b", "", "Events;" },
    { "a filter of the document has no first field", "[?a].b | c", "", "" },
    { "an object's members", "{x: Events, y: PCRs[*].Index} | x", "", "Events;PCRs;" },
    { "fields of a condition", "!(a && b[].c || d)", "", "a;b;d;" },
};

static void add_comparison(void *user, const azattest__jmespath_comparison *seen)
{
    static const char letters[] = "OFRNSCP";

    azattest__buf_printf(user, "%c(%s) %s %c(%s)@%zu;", letters[seen->left],
                         seen->left_text == NULL ? "-" : seen->left_text, seen->op, letters[seen->right],
                         seen->right_text == NULL ? "-" : seen->right_text, seen->offset);
}

static void add_field(void *user, const char *field)
{
    azattest__buf_printf(user, "%s;", field);
}

static void inspects(void **state)
{
    const struct inspected_case *c = *state;
    azattest__jmespath *compiled = NULL;
    azattest__buf out;

    azattest__buf_init(&out, 1000);
    assert_int_equal(azattest__jmespath_compile(azattest__text(c->query), &compiled, NULL, NULL), AZATTEST_OK);
    azattest__buf_append_text(&out, "");
    azattest__jmespath_comparisons(compiled, add_comparison, &out);
    assert_string_equal(out.len == 0 ? "" : (const char *)out.ptr, c->comparisons);
    azattest__buf_free(&out);
    azattest__jmespath_first_fields(compiled, add_field, &out);
    assert_string_equal(out.len == 0 ? "" : (const char *)out.ptr, c->fields);
    azattest__buf_free(&out);
    azattest__jmespath_free(compiled);
}

#define ADD(cases, test)                                                                                               \
    for (size_t i = 0; i < COUNT(cases); i++)                                                                          \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            cases[i].name, test, NULL, NULL, (void *)(uintptr_t)&cases[i]                                              \
        }

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(a_query_is_not_longer_than_its_limit),
        cmocka_unit_test(a_query_that_is_cut_anywhere_ends_well),
        cmocka_unit_test(work_that_is_used_up_is_an_error),
        cmocka_unit_test(a_result_that_does_not_fit_is_an_error),
        cmocka_unit_test(work_grows_with_the_document_and_not_with_its_square),
        cmocka_unit_test(long_names_of_members_cost_work),
        cmocka_unit_test(nothing_is_no_query_and_no_document),
        cmocka_unit_test(a_query_is_searched_again_and_again),
    };
    struct CMUnitTest
        tests[COUNT(found) + COUNT(refused) + COUNT(failed) + COUNT(depths) + COUNT(inspected) + COUNT(others)];
    size_t count = 0;

    ADD(found, finds);
    ADD(refused, refuses);
    ADD(failed, fails);
    ADD(depths, nests);
    ADD(inspected, inspects);
    for (size_t i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return cmocka_run_group_tests_name("policy_jmespath", tests, NULL, NULL);
}
