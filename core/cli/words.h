/* The tables of words and options, and suggestions for what is in none of them. */
#ifndef AZATTEST_CLI_WORDS_H
#define AZATTEST_CLI_WORDS_H

#include "arguments.h"

/* A list of options. */
#define LIST(...)                                                                                                      \
    (const azattest__option[])                                                                                         \
    {                                                                                                                  \
        __VA_ARGS__, OPTION_COUNT                                                                                      \
    }

typedef struct azattest__option_text {
    const char *name, *argument, *help; /* argument: NULL for a switch */
} azattest__option_text;

extern const azattest__option_text azattest__options[OPTION_COUNT];

/* Options that stand together in help; what is in none of them comes first. Ends with a NULL heading. */
typedef struct azattest__section {
    const char *heading;
    const azattest__option *options; /* ends with OPTION_COUNT */
} azattest__section;
extern const azattest__section azattest__sections[];

/* All commands in their order; NULL behind the last one. */
const azattest__command *azattest__command_at(size_t index);
/* Is it the first of two words? */
bool azattest__is_group(const char *word);
/* NULL when there is none; `group` is NULL for commands of one word. */
const azattest__command *azattest__find_command(const char *group, const char *name);
/* Is it in a list that ends with OPTION_COUNT? NULL is an empty one. */
bool azattest__is_listed(const azattest__option *list, azattest__option option);
/* Does a command take an option? */
bool azattest__accepts(const azattest__command *command, azattest__option option);

/* May an option be given several times? */
bool azattest__is_repeatable(azattest__option option);

/* The hint of an error that is set already. Gives AZATTEST_E_ARGUMENT. */
__attribute__((format(printf, 2, 3))) azattest_status azattest__next_step(azattest_error **error, const char *format,
                                                                          ...);
/* The error for a word that no table knows; `group` is NULL for the first word. */
azattest_status azattest__unknown_word(const char *group, const char *word, azattest_error **error);

#endif
