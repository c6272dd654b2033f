/* Names and values in actions: what the service keeps to itself, what may not be issued, properties. */
#include <stdlib.h>
#include <string.h>

#include "../claims/claims.h"
#include "lint.h"

static azattest__span target_span(const azattest__action *action)
{
    const azattest__expression *type = azattest__lint_assigned(action, AZATTEST__PROPERTY_TYPE);

    return type == NULL ? action->span : type->span;
}

/* A copy of the very claim that is the service's: its value comes out the same. */
static bool copies_itself(const azattest__rule *rule, const char *type)
{
    const azattest__expression *value = azattest__lint_assigned(&rule->action, AZATTEST__PROPERTY_VALUE);
    size_t from = rule->action.identifier != NULL ? rule->action.condition
                  : value != NULL && value->kind == AZATTEST__REFERENCE && value->property == AZATTEST__PROPERTY_VALUE
                      ? value->condition
                      : AZATTEST__NO_CONDITION;
    const char *source = from < rule->condition_count ? azattest__lint_type_of(&rule->conditions[from]) : NULL;

    return source != NULL && strcmp(source, type) == 0 &&
           azattest__lint_could_match(&rule->conditions[from], NULL, AZATTEST__ISSUER_SERVICE);
}

/* Section 2.5. An error where it is certain that the service has a claim of that name in the same token. */
static void check_reserved(azattest__lint *lint, const azattest__rule *rule, const char *type)
{
    const azattest__known_claim *claim = azattest__known_claim_find(type, lint->guessed);
    azattest__severity severity = AZATTEST__WARNING;
    const char *shown = azattest__lint_shown(lint, type);

    if (claim == NULL)
        return;
    if ((claim->flags & AZATTEST__CLAIM_DISCOURAGED) != 0) {
        azattest__lint_say(lint, AZATTEST__WARNING, "reserved-claim", target_span(&rule->action), shown, NULL,
                           "readers of tokens take \"%s\" for the service's own", shown);
        return;
    }
    if ((claim->flags & (AZATTEST__CLAIM_RESERVED | AZATTEST__CLAIM_EMITTED)) == 0 ||
        (claim->types & lint->guessed) != lint->guessed)
        return;
    if (copies_itself(rule, type)) {
        azattest__lint_say(lint, AZATTEST__NOTE, "reserved-claim", target_span(&rule->action), shown, NULL,
                           "\"%s\" is in the token without this rule", shown);
        return;
    }
    if (lint->typed || claim->types == AZATTEST__ANY_TYPE)
        severity = AZATTEST__ERROR;
    azattest__lint_say(lint, severity, "reserved-claim", target_span(&rule->action), shown, "another name",
                       "\"%s\" is the service's own claim: its value takes the place of the policy's", shown);
}

/* "azuredefault", or the number of a TCB evaluation (2.8). */
static bool is_baseline(const char *text)
{
    size_t len = strlen(text);

    return strcmp(text, "azuredefault") == 0 || (len > 0 && len < 4 && strspn(text, "0123456789") == len);
}

static void check_property_value(azattest__lint *lint, const azattest__known_property *property,
                                 const azattest__expression *value)
{
    static const azattest__expression_kind kinds[] = { AZATTEST__STRING, AZATTEST__INTEGER, AZATTEST__BOOLEAN,
                                                       AZATTEST__STRING };
    const char *kind = azattest__claim_kind_text(property->kind);

    if (value == NULL || value->kind > AZATTEST__BOOLEAN)
        return;
    if (value->kind != kinds[property->kind])
        azattest__lint_say(lint, AZATTEST__WARNING, "property-value", value->span, NULL, kind, "\"%s\" is %s",
                           property->name, kind);
    else if (value->kind == AZATTEST__INTEGER && (value->integer < property->least || value->integer > property->most))
        azattest__lint_say(lint, AZATTEST__WARNING, "property-value", value->span, NULL, NULL,
                           "\"%s\" is %lld to %lld, and here stands %lld", property->name, (long long)property->least,
                           (long long)property->most, (long long)value->integer);
    else if (value->kind == AZATTEST__STRING && !is_baseline(value->text))
        azattest__lint_say(lint, AZATTEST__WARNING, "property-value", value->span,
                           azattest__lint_shown(lint, value->text), "azuredefault, 10, 11, ...",
                           "\"%s\" is \"azuredefault\" or the number of a TCB evaluation, such as \"12\"",
                           property->name);
}

/* Section 2.8. */
static void check_property(azattest__lint *lint, const azattest__lint_rule *facts, const char *type)
{
    const azattest__known_property *property = azattest__known_property_find(type);
    azattest__span span = target_span(&facts->rule->action);
    char text[AZATTEST__TYPES_TEXT];

    if (property == NULL) {
        const char *shown = azattest__lint_shown(lint, type), *nearest = azattest__known_property_nearest(type);

        azattest__lint_say(lint, AZATTEST__WARNING, "unknown-property", span, shown, nearest,
                           "the service knows no property \"%s\" and ignores it%s%s%s", shown,
                           nearest == NULL ? "" : ", perhaps \"", nearest == NULL ? "" : nearest,
                           nearest == NULL ? "" : "\" is meant");
        return;
    }
    if (property->in_configuration != (facts->section == AZATTEST__CONFIGURATION))
        azattest__lint_say(lint, AZATTEST__WARNING, "property-section", span, property->name,
                           property->in_configuration ? "configurationrules" : "issuancerules",
                           "\"%s\" belongs into %s", property->name,
                           property->in_configuration ? "configurationrules" : "issuancerules");
    if (lint->types != 0 && (property->types & lint->types) == 0)
        azattest__lint_say(lint, AZATTEST__WARNING, "unknown-property", span, property->name, NULL,
                           "\"%s\" is a property of %s and means nothing for other types", property->name,
                           azattest__vocabulary_types_text(property->types, text));
    check_property_value(lint, property, azattest__lint_assigned(&facts->rule->action, AZATTEST__PROPERTY_VALUE));
}

void azattest__lint_issued(azattest__lint *lint, size_t rule)
{
    const azattest__lint_rule *facts = &lint->rules[rule];
    const azattest__action *action = &facts->rule->action;

    if (action->kind == AZATTEST__ISSUE && facts->read_only)
        azattest__lint_say(lint, AZATTEST__ERROR, "read-only-claim", action->span,
                           facts->made == NULL ? NULL : azattest__lint_shown(lint, facts->made), "add",
                           "the value comes from \"pcrs\", which is read-only: it can be tested and added, not issued");
    if (facts->made == NULL)
        return;
    if (action->kind == AZATTEST__ISSUE && facts->section == AZATTEST__ISSUANCE)
        check_reserved(lint, facts->rule, facts->made);
    else if (action->kind == AZATTEST__ISSUE_PROPERTY)
        check_property(lint, facts, facts->made);
}
