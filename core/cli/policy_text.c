/* azattest policy parse, explain. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "error/error.h"
#include "policy_source.h"
#include "table.h"

/* A node's own text on one line. */
static char *line_of(const azattest__policy_file *source, const azattest__json *node)
{
    int64_t offset = 0, length = 0;

    if (!azattest__json_integer(azattest__json_get(node, "offset"), &offset) ||
        !azattest__json_integer(azattest__json_get(node, "length"), &length) || offset < 0 || length < 0 ||
        offset + length > (int64_t)source->text.len)
        return NULL;
    return azattest__one_line(azattest__bytes(source->text.ptr + offset, (size_t)length));
}

static void print_node(const azattest__policy_file *source, const azattest__json *node, const char *what)
{
    int64_t line = 0, column = 0;
    char place[48], *text = line_of(source, node);

    azattest__json_integer(azattest__json_get(node, "line"), &line);
    azattest__json_integer(azattest__json_get(node, "column"), &column);
    snprintf(place, sizeof(place), "%lld:%lld", (long long)line, (long long)column);
    printf("%8s  %s%s\n", place, what, text == NULL ? "?" : text);
    free(text);
}

static void print_rule(const azattest__policy_file *source, const azattest__json *rule, size_t number)
{
    printf("          rule %zu\n", number);
    for (const azattest__json *each = azattest__json_first(azattest__json_get(rule, "conditions")); each != NULL;
         each = azattest__json_next(each)) {
        const azattest__json *tests = azattest__json_get(each, "tests");

        print_node(source, each, "    condition  ");
        for (const azattest__json *test = azattest__json_first(tests); test != NULL; test = azattest__json_next(test))
            print_node(source, test, "      test     ");
    }
    print_node(source, azattest__json_get(rule, "action"), "    action     ");
}

static void print_tree(const azattest__policy_file *source, const azattest_policy *policy, const azattest__json *tree)
{
    printf("version %s, %zu rule%s\n", azattest_policy_version(policy), azattest_policy_rule_count(policy),
           azattest_policy_rule_count(policy) == 1 ? "" : "s");
    for (const azattest__json *section = azattest__json_first(azattest__json_get(tree, "sections")); section != NULL;
         section = azattest__json_next(section)) {
        size_t number = 0;

        printf("\n%s\n", azattest__json_get_string(section, "name"));
        for (const azattest__json *rule = azattest__json_first(azattest__json_get(section, "rules")); rule != NULL;
             rule = azattest__json_next(rule))
            print_rule(source, rule, ++number);
    }
    if (azattest__json_count(azattest__json_get(tree, "comments")) > 0)
        printf("\ncomments\n");
    for (const azattest__json *each = azattest__json_first(azattest__json_get(tree, "comments")); each != NULL;
         each = azattest__json_next(each)) {
        int64_t line = 0, column = 0;
        char place[48], *text = azattest__escaped(azattest__json_get_string(each, "text"), AZATTEST__LINE_LIMIT);

        azattest__json_integer(azattest__json_get(each, "line"), &line);
        azattest__json_integer(azattest__json_get(each, "column"), &column);
        snprintf(place, sizeof(place), "%lld:%lld", (long long)line, (long long)column);
        printf("%8s  %s\n", place, text == NULL ? "?" : text);
        free(text);
    }
}

int azattest__command_policy_parse(const azattest__arguments *arguments)
{
    azattest__json *tree = NULL;
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;
    azattest__policy_file source;
    int code = EXIT_VALID;

    if (azattest__policy_file_parse(arguments, arguments->operand, &source, &policy, &error) != AZATTEST_OK) {
        code = azattest__policy_file_failure(arguments, &source, error, EXIT_NOT_VALID);
    } else if (azattest__json_parse(azattest_policy_tree(policy), &tree, &error) != AZATTEST_OK) {
        code = azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    } else if (arguments->value[OPTION_JSON] != NULL) {
        code = azattest__output_json(tree, EXIT_VALID);
        tree = NULL;
    } else {
        print_tree(&source, policy, tree);
    }
    azattest__json_free(tree);
    azattest_policy_free(policy);
    azattest__policy_file_clear(&source);
    return code;
}

int azattest__command_policy_explain(const azattest__arguments *arguments)
{
    azattest__json *document;
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;
    azattest__policy_file source;
    azattest_bytes hash;
    const char *text, *known;
    int code = EXIT_VALID;

    if (azattest__policy_file_parse(arguments, arguments->operand, &source, &policy, &error) != AZATTEST_OK) {
        code = azattest__policy_file_failure(arguments, &source, error, EXIT_NOT_VALID);
        goto done;
    }
    text = azattest_policy_explanation(policy);
    hash = azattest_policy_policy_hash(policy);
    known = azattest_policy_known_name(hash);
    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "file", source.name);
        azattest__json_put_string(document, "version", azattest_policy_version(policy));
        azattest__json_put_base64url(document, "policy_hash", hash);
        azattest__json_put_string(document, "known", known);
        azattest__json_put_string(document, "explanation", text);
        code = azattest__output_json(document, EXIT_VALID);
    } else {
        if (known != NULL)
            printf("This is the %s.\n\n", known);
        azattest__output_text(text == NULL ? "" : text);
    }
done:
    azattest_policy_free(policy);
    azattest__policy_file_clear(&source);
    return code;
}
