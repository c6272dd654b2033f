/* A policy's parts in the canonical spelling: what the formatter lays out, and what differences and texts for people
 * are made of. Never what is hashed: that is the text as it came. */
#ifndef AZATTEST_POLICY_WRITE_H
#define AZATTEST_POLICY_WRITE_H

#include "../language/tree.h"

/* Each on one line, without comments: `c:[type=="a", value==1] && ![type=="b"] => issue(type="d", value=c.value);`. */
void azattest__policy_write_string(const char *text, size_t len, azattest__buf *out); /* quoted and escaped */
void azattest__policy_write_expression(const azattest__expression *expression, azattest__buf *out);
void azattest__policy_write_test(const azattest__test *test, azattest__buf *out);
void azattest__policy_write_condition(const azattest__condition *condition, azattest__buf *out);
void azattest__policy_write_action(const azattest__action *action, azattest__buf *out); /* without its semicolon */
void azattest__policy_write_rule(const azattest__rule *rule, azattest__buf *out);

/* format.c: the whole policy, laid out, with its comments. */
void azattest__policy_format(const azattest_policy *policy, azattest__buf *out);
/* explain.c, tree_json.c: likewise. */
void azattest__policy_explain(const azattest_policy *policy, azattest__buf *out);
void azattest__policy_tree_json(const azattest_policy *policy, azattest__buf *out);
/* texts.c: hands a text that was just made over to the place where all threads look for it, and gives the one that
 * stays there: another thread may have been first. NULL when the text could not be made. */
const char *azattest__text_publish(azattest__buf *text, _Atomic(char *) *place);
/* same.c: two trees are equal, but for places, comments, and how a value was spelt. NULL equals only NULL. */
bool azattest__policy_same(const azattest_policy *a, const azattest_policy *b);
bool azattest__rule_same(const azattest__rule *a, const azattest__rule *b);

#endif
