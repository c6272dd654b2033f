#include "usage.h"

#include <string.h>

#include "words.h"

enum { WIDTH = 100, COMMAND_COLUMN = 34 };

/* How far the next piece goes: a word; in a synopsis an option with its value, or what brackets hold together. */
static size_t piece_length(const char *text, bool synopsis)
{
    size_t len = strcspn(text, " \n");

    if (synopsis && *text == '[') {
        len = strcspn(text, "]");
        len += text[len] == ']';
    }
    while (synopsis && text[len] == ' ' && strchr("-[(|", text[len + 1]) == NULL)
        len += 1 + strcspn(text + len + 1, " \n");
    return len;
}

/* Fills lines from `column` on; the next ones begin at `indent`. Single line ends are blanks, two of them end a
 * paragraph. */
static void print_filled(FILE *to, int column, int indent, const char *text, bool synopsis)
{
    bool first = true;

    while (*text != '\0') {
        size_t len = piece_length(text, synopsis);

        if (!first && column + 1 + (int)len > WIDTH) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
        } else if (!first) {
            column += fprintf(to, " ");
        }
        column += fprintf(to, "%.*s", (int)len, text);
        first = false;
        text += len;
        if (strncmp(text, "\n\n", 2) == 0) {
            fprintf(to, "\n\n%*s", indent, "");
            column = indent;
            first = true;
        }
        text += strspn(text, " \n");
    }
    fputc('\n', to);
}

static int print_words(FILE *to, const azattest__command *command)
{
    return fprintf(to, "%s%s%s", command->group == NULL ? "" : command->group, command->group == NULL ? "" : " ",
                   command->name);
}

/* "--quote FILE" */
static int option_width(const azattest__option_text *option)
{
    return (int)(2 + strlen(option->name) + (option->argument == NULL ? 0 : 1 + strlen(option->argument)));
}

/* Help shows what is needed, what is the command's own, and then what it shares with others. */
enum { BLOCK_NEEDED, BLOCK_OWN, BLOCK_SECTIONS };

static int block_of(const azattest__command *command, azattest__option option)
{
    if (!azattest__accepts(command, option))
        return -1;
    if (azattest__is_listed(command->needs, option))
        return BLOCK_NEEDED;
    for (int i = 0; azattest__sections[i].heading != NULL; i++)
        if (azattest__is_listed(azattest__sections[i].options, option))
            return BLOCK_SECTIONS + i;
    return BLOCK_OWN;
}

static void print_options(FILE *to, const azattest__command *command, const char *heading, int block, int column)
{
    bool first = true;

    for (int i = 0; i < OPTION_COUNT; i++) {
        const azattest__option_text *option = &azattest__options[i];

        if (block_of(command, (azattest__option)i) != block)
            continue;
        if (first)
            fprintf(to, "\n%s:\n", heading);
        first = false;
        fprintf(to, "  --%s%s%s%*s", option->name, option->argument == NULL ? "" : " ",
                option->argument == NULL ? "" : option->argument, column - 2 - option_width(option), "");
        print_filled(to, column, column, option->help, false);
    }
}

void azattest__print_command(FILE *to, const azattest__command *command)
{
    int column = 0, indent;
    char synopsis[256];

    for (int i = 0; i < OPTION_COUNT; i++)
        if (azattest__accepts(command, (azattest__option)i) && option_width(&azattest__options[i]) + 4 > column)
            column = option_width(&azattest__options[i]) + 4;
    indent = fprintf(to, "Usage: azattest ");
    indent += print_words(to, command) + fprintf(to, " ");
    snprintf(synopsis, sizeof(synopsis), "%s%s[options]", command->synopsis, command->synopsis[0] == '\0' ? "" : " ");
    print_filled(to, indent, indent, synopsis, true);
    fputc('\n', to);
    print_filled(to, 0, 0, command->summary, false);
    if (command->notes != NULL) {
        fputc('\n', to);
        print_filled(to, 0, 0, command->notes, false);
    }
    print_options(to, command, "Needed", BLOCK_NEEDED, column);
    print_options(to, command, "Options", BLOCK_OWN, column);
    for (int i = 0; azattest__sections[i].heading != NULL; i++)
        print_options(to, command, azattest__sections[i].heading, BLOCK_SECTIONS + i, column);
    if (command->notes != NULL && strstr(command->notes, "Exit code 0") != NULL) /* it has its own */
        return;
    fputc('\n', to);
    print_filled(to, 0, 0,
                 "Exit code: 0 valid (or done), 1 not valid or refused by the service, 2 wrong use, 3 something could "
                 "not be reached, read or written, 130 interrupted.",
                 false);
}

/* All commands, or those of one group. */
static void print_list(FILE *to, const char *group)
{
    const azattest__command *command;

    fprintf(to, "Usage: azattest %s%sCOMMAND [options]\n\n", group == NULL ? "" : group, group == NULL ? "" : " ");
    if (group == NULL)
        fputs("Microsoft Azure Attestation for people who do not want to trust it blindly.\n\n", to);
    fputs("Commands:\n", to);
    for (size_t i = 0; (command = azattest__command_at(i)) != NULL; i++)
        if (group == NULL || (command->group != NULL && strcmp(command->group, group) == 0)) {
            int used = fprintf(to, "  ") + print_words(to, command);

            fprintf(to, "%*s", COMMAND_COLUMN - used, "");
            print_filled(to, COMMAND_COLUMN, COMMAND_COLUMN, command->summary, false);
        }
    fprintf(to, "\n'azattest help%s%s COMMAND' shows the options of a command.\n", group == NULL ? "" : " ",
            group == NULL ? "" : group);
}

azattest_status azattest__usage(FILE *to, int count, char **words, azattest_error **error)
{
    const azattest__command *command = NULL;

    if (count == 0 || strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0) {
        print_list(to, NULL);
        return AZATTEST_OK;
    }
    if (azattest__is_group(words[0])) {
        if (count == 1) {
            print_list(to, words[0]);
            return AZATTEST_OK;
        }
        if ((command = azattest__find_command(words[0], words[1])) == NULL)
            return azattest__unknown_word(words[0], words[1], error);
    } else if ((command = azattest__find_command(NULL, words[0])) == NULL) {
        return azattest__unknown_word(NULL, words[0], error);
    }
    azattest__print_command(to, command);
    return AZATTEST_OK;
}
