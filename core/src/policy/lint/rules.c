/*
 * Everything that a report may say, once: the list of `azattest policy lint --explain` and of
 * azattest_policy_lint_rules(). The parser's and the checker's own findings stand first.
 */
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "../../base/nearest.h"
#include "../../json/json.h"
#include "lint.h"

#define E "error"
#define W "warning"
#define N "note"
#define EW "error or warning"
#define WN "warning or note"

/* clang-format off */
static const azattest__lint_id ids[] = {
    /* ---- the text ---- */
    { "syntax", E, "The text is not what the grammar has at this place.",
      "The finding says what was expected; section by section the grammar is: version, configurationrules, "
      "authorizationrules, issuancerules.", true },
    { "unterminated-string", E, "A string is not closed on its line.", "Close it with a straight double quote.", true },
    { "typographic-quote", E, "A typographic quote stands where a straight one has to; word processors change them.",
      "Type a straight double quote.", true },
    { "bad-escape", W, "A backslash in a string stands before something else than a quote or a backslash.",
      "Write \\\\ for a backslash and \\\" for a quote.", false },
    { "hidden-character", W, "A string or a comment has a character that is not seen, or makes it look like another one.",
      "Take it away, or type the text anew.", false },
    { "block-comment", E, "The language has no comments of this form.", "Begin each line of the comment with //.", true },
    { "json-policy", E, "This is a policy of the 2019 preview, which was JSON; the service takes it no more.",
      "Write it anew in the policy language.", true },
    { "byte-order-mark", EW, "The text begins with a byte order mark, which changes its hash.",
      "Save the file as UTF-8 without a mark.", false },
    { "unknown-version", E, "There is no such version of the language.", "Use 1.0, 1.1 or 1.2.", true },
    { "keyword-case", EW, "Keywords, actions, properties and functions are written in one way.",
      "Write it as the finding says.", true },
    { "missing-semicolon", E, "A semicolon ends the version, every rule, and every section behind its brace.",
      "Add it.", true },
    { "missing-section", E, "authorizationrules is there in every policy.",
      "Add authorizationrules { => permit(); }; or stricter ones.", true },
    { "section-order", E, "Sections come in one order, each at most once.",
      "Order them: configurationrules, authorizationrules, issuancerules.", true },
    { "single-equals", E, "A condition compares with ==; = assigns.", "Write ==.", true },
    { "double-equals", E, "An action and the version assign with =; == compares.", "Write =.", true },
    { "missing-type", E, "A claim that is made needs a type.", "Write type=\"...\" in front of the value.", true },
    { "missing-value", E, "A claim that is made needs a value.", "Write value=... behind the type.", false },
    { "integer-range", E, "Integers have 64 bits and a sign.", "Use a smaller number, or a string.", true },
    { "fraction", E, "The language has no fractions.", "Use an integer, in a smaller unit perhaps.", true },
    /* ---- its meaning ---- */
    { "version-gate", EW, "A part of a later version of the language is used.", "Raise the version of the policy.", false },
    { "unbound-identifier", E, "No condition before this place, in this rule, has the identifier.",
      "Write c: in front of the condition whose claims are meant.", false },
    { "negated-identifier", E, "A negated condition holds when no claim passes: there is nothing to bind.",
      "Remove the identifier.", false },
    { "duplicate-identifier", E, "Two conditions of a rule have the same identifier.", "Use two identifiers.", false },
    { "duplicate-assignment", E, "An action assigns the same property twice.", "Keep one.", false },
    { "unknown-function", E, "The language has six functions, and this is none of them.",
      "JmesPath, JsonToClaimValue, IsSubsetOf, AppendString, NegateBool, ContainsOnlyValue.", false },
    { "arity", E, "A function got too few or too many arguments.", "The finding says how many it takes.", false },
    { "argument-type", EW, "A function got an argument of a kind that it never takes.", "The finding says what it takes.",
      false },
    { "action-section", EW, "The action does not belong into this section.",
      "configurationrules: issueproperty. authorizationrules: permit, deny, add. issuancerules: add, issue, "
      "issueproperty.", false },
    { "issuer-assignment", E, "The issuer of a claim is not chosen by a policy.", "Remove the assignment.", false },
    { "value-type-mismatch", E, "valueType says something else than the value is.", "Remove valueType.", false },
    { "relational-operand", E, "<, <=, > and >= compare integers only.", "Use == or !=, or an integer.", false },
    { "jmespath-syntax", E, "The query is no JMESPath.",
      "Numbers, true, false and null stand in backticks, strings in single quotes.", false },
    /* ---- claims in conditions ---- */
    { "unknown-type", W, "The attestation type that the policy is said to be for is none whose claims are known.",
      "Correct the type; or give none, and names that no type has are found all the same.", false },
    { "unknown-claim", W, "The service makes no claim of this name of such evidence, and no earlier rule does.",
      "Use a name of the list of claims; test issuer==\"CustomClaim\" where the client sends it.", false },
    { "token-only-claim", W, "The claim is put into the token after the policy has run: no policy sees it.",
      "Test it where the token is used.", false },
    { "deprecated-claim", N, "An old or rarer name of a claim that has a better one.", "Use the name that the finding has.",
      false },
    { "claim-version", W, "The claim is there from a later version of the language on.", "Raise the version of the policy.",
      false },
    { "unmade-claim", W, "The test is for a claim of the policy itself, and no rule before this one makes it.",
      "Put the rule that makes it first, or correct the name.", false },
    { "unknown-issuer", W, "There are three issuers: AttestationService, AttestationPolicy, CustomClaim.",
      "Use one of them.", false },
    { "unknown-value-type", W, "There are three types of values: String, Integer, Boolean.", "Use one of them.", false },
    { "claim-value-type", W, "A claim is compared with a value of another kind; that is never equal.",
      "Compare with a value of the claim's kind: true without quotes, numbers without quotes.", false },
    { "claim-value-form", W, "A claim is compared with text that it never is: too long, too short, in capitals.",
      "Correct the value.", false },
    { "placeholder", EW, "The text looks like one of a template, to be filled in.", "Fill it in.", true },
    { "untyped-condition", W, "A permit hangs on a condition that any claim may pass, also one that the client sent.",
      "Add type==\"...\", or issuer==\"AttestationService\".", false },
    { "client-decides", W, "A permit hangs on claims alone that the client sends: it admits whom it likes.",
      "Add a condition about the evidence.", false },
    /* ---- rules ---- */
    { "never-fires", W, "The conditions of the rule exclude each other.", "Correct or remove one of them.", false },
    { "always-true", W, "A negated condition is about something that cannot be, and so always holds.",
      "Correct or remove it.", false },
    { "repeated-condition", N, "A rule has the same condition twice.", "Remove one.", false },
    { "duplicate-rule", W, "A rule stands there twice. The second one changes nothing.",
      "Remove it, or correct what was to differ.", false },
    { "unused-identifier", N, "An identifier is bound and not used.", "Remove it.", false },
    { "unused-claim", N, "A claim is added that no later rule looks at; what is added does not reach the token.",
      "Remove the rule, or issue the claim.", false },
    { "mixed-add-issue", W, "A type is issued that an earlier rule added with another value: later conditions see both, "
      "the token has only the issued one.", "Use two names, or issue the value that was added.", false },
    /* ---- what is permitted ---- */
    { "never-permits", W, "No evidence is ever permitted.", "Add a permit that can fire.", false },
    { "unconditional-deny", W, "A deny has no conditions, so that no permit counts.", "Add conditions, or remove it.",
      false },
    { "permit-against-deny", W, "A permit without conditions stands beside a deny without any: it decides nothing.",
      "Remove one of them.", false },
    { "deny-after-permit", W, "A deny stands behind a permit without conditions. Here it counts; that the service sees "
      "it so is not documented.", "Put denies first.", false },
    { "redundant-permit", W, "A permit has conditions, and another one has none: they decide nothing.",
      "Remove the permit without conditions, or this one.", false },
    { "permits-debuggable", W, "Evidence that can be debugged is permitted; its secrets are not kept from its host.",
      "Permit only where debugging is off, at least in production.", false },
    { "debug-untested", N, "Evidence is permitted whether or not it can be debugged.",
      "Deny what can be debugged, in a rule of its own, or test it in every permit.", false },
    /* ---- what is issued ---- */
    { "reserved-claim", "error, warning or note", "A claim is issued whose name is the service's: its value takes the "
      "place of the policy's.", "Use another name.", false },
    { "read-only-claim", E, "A value made of a read-only claim (pcrs) is issued, and the evaluation fails.",
      "Add it, test it, and issue what follows from it.", false },
    { "unknown-property", W, "The service knows no such property, or not for this type of evidence, and ignores it.",
      "Correct the name, or remove the rule.", false },
    { "property-section", W, "The property has an effect in another section only.", "Move the rule.", false },
    { "property-value", W, "The property has a value of another kind, or out of its range.", "Correct the value.", false },
    /* ---- queries ---- */
    { "jmespath-literal", W, "true, false and null without backticks are fields of that name, which there are none.",
      "Put them into backticks.", false },
    { "jmespath-types", W, "A number is compared with a string, which is never equal, or strings are ordered.",
      "Numbers, true, false and null stand in backticks, strings in single quotes.", false },
    { "jmespath-field-case", W, "A member of the logs is written in another case, and is not found.",
      "Write it as the finding says.", false },
    { "jmespath-assembled", W, "A query that is put together from pieces is no JMESPath, whatever the pieces are.",
      "Numbers, true, false and null stand in backticks, strings in single quotes.", false },
    /* ---- comments ---- */
    { "unused-ignore", N, "A comment silences a finding that is not there, or an error, which cannot be silenced.",
      "Remove it.", false },
    { "unknown-ignore", N, "A comment for the linter has no form that it knows.",
      "Write // azattest: ignore ID, ID or // azattest: ignore-file ID.", false },
};
/* clang-format on */

#define COUNT (sizeof(ids) / sizeof(ids[0]))

const azattest__lint_id *azattest__lint_id_at(size_t index)
{
    return index < COUNT ? &ids[index] : NULL;
}

const azattest__lint_id *azattest__lint_id_find(const char *id, size_t len)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strlen(ids[i].id) == len && memcmp(ids[i].id, id, len) == 0)
            return &ids[i];
    return NULL;
}

const char *azattest__lint_id_nearest(const char *id)
{
    const char *best = NULL;
    size_t distance = SIZE_MAX;

    for (size_t i = 0; i < COUNT; i++)
        azattest__nearer(id, ids[i].id, &best, &distance);
    return best;
}

const char *azattest__severity_text(azattest__severity severity)
{
    return severity == AZATTEST__ERROR ? E : severity == AZATTEST__WARNING ? W : N;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static azattest__buf document; /* static, for good */

static void print(void)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < COUNT; i++) {
        azattest__json *item = azattest__json_new_object();

        azattest__json_put_string(item, "id", ids[i].id);
        azattest__json_put_string(item, "severity", ids[i].severity);
        azattest__json_put_string(item, "meaning", ids[i].meaning);
        azattest__json_put_string(item, "fix", ids[i].fix);
        azattest__json_add(list, item);
    }
    azattest__buf_init(&document, 65536);
    if (azattest__json_print(list, false, &document, NULL) != AZATTEST_OK)
        azattest__buf_free(&document);
    azattest__json_free(list);
}

const char *azattest_policy_lint_rules(void)
{
    (void)pthread_once(&once, print);
    return document.ptr == NULL ? "[]" : (const char *)document.ptr;
}
