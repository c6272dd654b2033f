/* Words of the language. */
#include "parser.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *const azattest__property_names[AZATTEST__PROPERTIES] = { "type", "value", "valueType", "issuer" };
static const char *const operators[] = { "==", "!=", "<", "<=", ">", ">=" };
const char *const azattest__action_names[AZATTEST__ACTIONS] = { "permit", "deny", "add", "issue", "issueproperty" };
const char *const azattest__section_names[AZATTEST__SECTIONS] = { "configurationrules", "authorizationrules",
                                                                  "issuancerules" };
static const struct {
    const char *name;
    size_t arity;
} functions[] = { { NULL, 0 },           { "JmesPath", 2 },   { "JsonToClaimValue", 1 }, { "IsSubsetOf", 2 },
                  { "AppendString", 2 }, { "NegateBool", 1 }, { "ContainsOnlyValue", 2 } };

const char *azattest__property_name(azattest__property property)
{
    return (size_t)property < COUNT(azattest__property_names) ? azattest__property_names[property] : NULL;
}

const char *azattest__operator_text(azattest__operator op)
{
    return (size_t)op < COUNT(operators) ? operators[op] : NULL;
}

const char *azattest__function_name(azattest__function function)
{
    return (size_t)function < COUNT(functions) ? functions[function].name : NULL;
}

azattest__function azattest__function_find(const char *name, size_t len)
{
    for (size_t i = 1; i < COUNT(functions); i++)
        if (azattest__bytes_equal_text(azattest__bytes(name, len), functions[i].name))
            return (azattest__function)i;
    return AZATTEST__UNKNOWN_FUNCTION;
}

size_t azattest__function_arity(azattest__function function)
{
    return (size_t)function < COUNT(functions) ? functions[function].arity : 0;
}

const char *azattest__action_name(azattest__action_kind kind)
{
    return (size_t)kind < COUNT(azattest__action_names) ? azattest__action_names[kind] : NULL;
}

const char *azattest__section_name(azattest__section_kind section)
{
    return (size_t)section < COUNT(azattest__section_names) ? azattest__section_names[section] : NULL;
}

const char *azattest__version_text(int version)
{
    return version == 10 ? "1.0" : version == 11 ? "1.1" : version == 12 ? "1.2" : NULL;
}
