/* Checks of actions: where they may stand, and what their claims need. */
#include "check.h"

#include "../choices.h"

/* ---- the section ---- */

static bool is_allowed(azattest__action_kind kind, azattest__section_kind section)
{
    switch (kind) {
    case AZATTEST__PERMIT:
    case AZATTEST__DENY:
        return section == AZATTEST__AUTHORIZATION;
    case AZATTEST__ADD:
        return section != AZATTEST__CONFIGURATION || !AZATTEST__CHOICE_NO_ADD_IN_CONFIGURATION;
    case AZATTEST__ISSUE:
        return section == AZATTEST__ISSUANCE ||
               (section == AZATTEST__AUTHORIZATION && !AZATTEST__CHOICE_NO_ISSUE_IN_AUTHORIZATION);
    case AZATTEST__ISSUE_PROPERTY:
        return section != AZATTEST__AUTHORIZATION;
    }
    return false;
}

static void check_section(azattest__check *check, const azattest__action *action)
{
    static const char *const places[] = { "permit and deny stand in authorizationrules only",
                                          "permit and deny stand in authorizationrules only",
                                          "add stands in authorizationrules and issuancerules",
                                          "issue stands in issuancerules only",
                                          "issueproperty stands in configurationrules and issuancerules" };

    if (is_allowed(action->kind, check->section))
        return;
    if (action->kind == AZATTEST__ISSUE && check->section == AZATTEST__AUTHORIZATION)
        azattest__policy_report(check->policy, azattest__strictly(check->policy), "action-section", action->span, NULL,
                                check->policy->lenient
                                    ? "issue in authorizationrules is taken for add: nothing of it reaches the token"
                                    : "issue stands in issuancerules only: in authorizationrules add makes a claim for "
                                      "the rules that follow");
    else
        azattest__check_error(check, "action-section", action->span, "%s, not in %s", places[action->kind],
                              azattest__section_name(check->section));
}

/* ---- the claim ---- */

static const azattest__assignment *assignment_of(const azattest__action *action, azattest__property property)
{
    for (size_t i = 0; i < action->assignment_count; i++)
        if (action->assignments[i].property == property)
            return &action->assignments[i];
    return NULL;
}

static void check_type(azattest__check *check, const azattest__assignment *type)
{
    azattest__known_kind kind = azattest__known_kind_of(type->expression);

    if (kind != AZATTEST__KNOWN_TEXT && kind != AZATTEST__KNOWN_NOT)
        azattest__check_error(check, "argument-type", type->expression->span,
                              "the type of a claim is its name, in double quotes, not %s",
                              azattest__known_kind_name(kind));
    else if (type->expression->kind == AZATTEST__STRING && type->expression->text_len == 0)
        azattest__check_error(check, "missing-type", type->expression->span, "the type of a claim is not empty");
}

static azattest__known_kind kind_of_name(const azattest__expression *name)
{
    static const struct {
        const char *name;
        azattest__known_kind kind;
    } kinds[] = { { "String", AZATTEST__KNOWN_TEXT },
                  { "Integer", AZATTEST__KNOWN_INTEGER },
                  { "Boolean", AZATTEST__KNOWN_BOOLEAN } };

    for (size_t i = 0; name->kind == AZATTEST__STRING && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(name->text, kinds[i].name) == 0)
            return kinds[i].kind;
    return AZATTEST__KNOWN_NOT;
}

static void check_value_type(azattest__check *check, const azattest__action *action,
                             const azattest__assignment *value_type)
{
    const azattest__assignment *value = assignment_of(action, AZATTEST__PROPERTY_VALUE);
    azattest__known_kind kind = value == NULL ? AZATTEST__KNOWN_NOT : azattest__known_kind_of(value->expression);
    azattest__known_kind said = kind_of_name(value_type->expression);

    if (!AZATTEST__CHOICE_VALUE_TYPE_FITS_THE_VALUE)
        return;
    if (said == AZATTEST__KNOWN_NOT)
        azattest__check_error(check, "value-type-mismatch", value_type->expression->span,
                              "a valueType is \"String\", \"Integer\" or \"Boolean\"; without one it follows from the "
                              "value");
    else if (kind != AZATTEST__KNOWN_NOT && kind != said)
        azattest__check_error(check, "value-type-mismatch", value_type->expression->span,
                              "the value is %s, which this valueType is not", azattest__known_kind_name(kind));
}

static void check_assignments(azattest__check *check, azattest__action *action)
{
    const char *name = azattest__action_name(action->kind);

    for (size_t i = 0; i < action->assignment_count; i++) {
        azattest__assignment *one = &action->assignments[i];

        azattest__check_expression(check, one->expression);
        if (assignment_of(action, one->property) != one)
            azattest__check_error(check, "duplicate-assignment", one->span, "%s is assigned twice",
                                  azattest__property_name(one->property));
        else if (one->property == AZATTEST__PROPERTY_TYPE)
            check_type(check, one);
        else if (one->property == AZATTEST__PROPERTY_VALUE_TYPE)
            check_value_type(check, action, one);
        else if (one->property == AZATTEST__PROPERTY_ISSUER && AZATTEST__CHOICE_ISSUER_IS_NOT_ASSIGNED)
            azattest__check_error(check, "issuer-assignment", one->span,
                                  "the issuer of a claim that a rule makes is AttestationPolicy, and cannot be chosen");
    }
    if (assignment_of(action, AZATTEST__PROPERTY_TYPE) == NULL)
        azattest__check_error(check, "missing-type", action->span, "%s needs the type of the claim, as in type=\"x\"",
                              name);
    if (assignment_of(action, AZATTEST__PROPERTY_VALUE) == NULL)
        azattest__check_error(check, "missing-value", action->span, "%s needs a value, as in value=true", name);
}

void azattest__check_action(azattest__check *check, azattest__action *action)
{
    check_section(check, action);
    if (action->kind == AZATTEST__PERMIT || action->kind == AZATTEST__DENY)
        return;
    if (action->identifier != NULL)
        action->condition = azattest__check_identifier(check, action->identifier, action->identifier_span);
    else
        check_assignments(check, action);
}
