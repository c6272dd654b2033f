/* What the linter asks of a compiled query. */
#include "node.h"

typedef void visit_comparison(void *user, const azattest__jmespath_comparison *comparison);
typedef void visit_field(void *user, const char *field);

/* The operand, and the text that tells it: a field's name (of a path its last one), or the value of a literal. */
static azattest__jmespath_operand operand(const node *n, const char **text)
{
    bool truth;

    *text = n->text;
    switch (n->type) {
    case NODE_FIELD:
        return AZATTEST__OPERAND_FIELD;
    case NODE_RAW_STRING:
        return AZATTEST__OPERAND_RAW_STRING;
    case NODE_SEQUENCE:
        if (n->children[n->count - 1]->type != NODE_FIELD)
            break;
        *text = n->children[n->count - 1]->text;
        return AZATTEST__OPERAND_PATH;
    case NODE_LITERAL:
        if ((*text = azattest__json_string(n->literal)) != NULL)
            return AZATTEST__OPERAND_STRING;
        if ((*text = azattest__json_number_text(n->literal)) != NULL)
            return AZATTEST__OPERAND_NUMBER;
        if (azattest__json_is_null(n->literal))
            *text = "null";
        else if (azattest__json_bool(n->literal, &truth))
            *text = truth ? "true" : "false";
        else
            break;
        return AZATTEST__OPERAND_CONSTANT;
    default:
        break;
    }
    *text = NULL;
    return AZATTEST__OPERAND_OTHER;
}

static void comparisons(const node *n, visit_comparison *visit, void *user)
{
    static const char *const operators[] = { "==", "!=", "<", "<=", ">", ">=" };
    azattest__jmespath_comparison seen = { .offset = n->offset };

    if (n->type == NODE_COMPARISON) {
        seen.op = operators[n->comparison];
        seen.left = operand(n->children[0], &seen.left_text);
        seen.right = operand(n->children[1], &seen.right_text);
        visit(user, &seen);
    }
    for (size_t i = 0; i < n->count; i++)
        comparisons(n->children[i], visit, user);
}

void azattest__jmespath_comparisons(const azattest__jmespath *query, visit_comparison *visit, void *user)
{
    if (query != NULL && visit != NULL)
        comparisons(query->root, visit, user);
}

/* Of an expression that is searched in the document itself. */
static void first_fields(const node *n, visit_field *visit, void *user)
{
    switch (n->type) {
    case NODE_FIELD:
        visit(user, n->text);
        break;
    case NODE_SEQUENCE:
        for (size_t i = 0; i < n->count; i++) {
            first_fields(n->children[i], visit, user);
            if (n->children[i]->type != NODE_CURRENT)
                break;
        }
        break;
    case NODE_PROJECTION: /* the rest is searched in elements */
    case NODE_VALUES:
    case NODE_FILTER:
        first_fields(n->children[0], visit, user);
        break;
    case NODE_EXPRESSION:
        break;
    default:
        for (size_t i = 0; i < n->count; i++)
            first_fields(n->children[i], visit, user);
    }
}

void azattest__jmespath_first_fields(const azattest__jmespath *query, visit_field *visit, void *user)
{
    if (query != NULL && visit != NULL)
        first_fields(query->root, visit, user);
}
