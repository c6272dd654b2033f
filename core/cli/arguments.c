#include "arguments.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/nearest.h"
#include "error/error.h"
#include "usage.h"
#include "words.h"

/* "'azattest help token validate' lists the options" */
static azattest_status see_help(const azattest__command *command, azattest_error **error)
{
    return azattest__next_step(error, "'azattest help %s%s%s' lists the options",
                               command->group == NULL ? "" : command->group, command->group == NULL ? "" : " ",
                               command->name);
}

/* Options that others have and this command refuses to have; NULL for every other name. */
static const char *instead_of_secret(const azattest__command *command, const char *name)
{
    if (name != NULL && strcmp(name, "--client-secret") == 0 && azattest__accepts(command, OPTION_CREDENTIAL))
        return "AZURE_CLIENT_SECRET, in the environment";
    if (name != NULL && strcmp(name, "--access-token") == 0 && azattest__accepts(command, OPTION_ACCESS_TOKEN_FILE))
        return "--access-token-file FILE, or - to pipe it";
    return NULL;
}

/* `given` is what stood on the command line: "--enpoint=x"; `best` what is meant, or NULL. */
static azattest_status unknown_option(const azattest__command *command, const char *given, const char *best,
                                      azattest_error **error)
{
    size_t best_distance = best == NULL ? SIZE_MAX : 0; /* nothing is nearer than what is known */
    char *name = azattest__printable(azattest__bytes(given, strcspn(given, "=")), 40);
    const char *instead = instead_of_secret(command, name);

    for (int i = 0; name != NULL && i < OPTION_COUNT; i++)
        if (azattest__accepts(command, (azattest__option)i))
            azattest__nearer(name + strspn(name, "-"), azattest__options[i].name, &best, &best_distance);
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "unknown option '%s'", name == NULL ? "?" : name);
    free(name);
    if (instead != NULL)
        return azattest__next_step(error, "everybody on this machine sees command lines, so secrets come by %s",
                                   instead);
    if (best != NULL)
        return azattest__next_step(error, "did you mean --%s?", best);
    return see_help(command, error);
}

/* The command's FILE, or one more of them. They take the places of argv that are read already. */
static azattest_status take_operand(azattest__arguments *arguments, char *word, azattest_error **error)
{
    char *shown;

    if (arguments->operand_count < arguments->command->most) {
        arguments->operands[arguments->operand_count++] = word;
        arguments->operand = arguments->operands[0];
        return AZATTEST_OK;
    }
    shown = azattest__printable(azattest__text(word), 60);
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "one word too many: '%s'", shown == NULL ? "?" : shown);
    free(shown);
    return see_help(arguments->command, error);
}

enum { LONG_BASE = 1000 }; /* getopt's values of our options: beyond every character */

/* What getopt_long() gave, if it is one of its complaints. */
static azattest_status getopt_error(const azattest__command *command, int got, const char *given,
                                    azattest_error **error)
{
    char letter[] = { '-', (char)optopt, '\0' };

    if (optopt < LONG_BASE)
        return unknown_option(command, optopt != 0 ? letter : given, NULL, error);
    if (got == ':') {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s needs a value", azattest__option_name(optopt - LONG_BASE));
        return azattest__next_step(error, "write %s %s", azattest__option_name(optopt - LONG_BASE),
                                   azattest__options[optopt - LONG_BASE].argument);
    }
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s takes no value", azattest__option_name(optopt - LONG_BASE));
    return see_help(command, error);
}

static azattest_status take_more(azattest__arguments *arguments, azattest__option option, const char *value,
                                 azattest_error **error)
{
    if (arguments->more_count == AZATTEST_LIMIT_LIST) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s is given too often", azattest__option_name(option));
        return see_help(arguments->command, error);
    }
    arguments->more[arguments->more_count].option = option;
    arguments->more[arguments->more_count++].value = value;
    return AZATTEST_OK;
}

/* getopt_long() takes any beginning of a name for the whole, so that `--access-token TOKEN` would name a file, and a
 * new option could change what a script means. Here names are written out. */
static bool is_whole_name(const char *word, azattest__option option)
{
    const char *name = azattest__options[option].name;

    return strncmp(word, "--", 2) != 0 ||
           (strcspn(word + 2, "=") == strlen(name) && strncmp(word + 2, name, strlen(name)) == 0);
}

/* Every option once, but those of which there may be several. "-" in front of the option string gives operands in their
 * order, whatever POSIXLY_CORRECT says. */
static azattest_status read_options(int argc, char **argv, azattest__arguments *arguments, azattest_error **error)
{
    struct option longs[OPTION_COUNT + 1] = { { NULL, 0, NULL, 0 } };
    azattest_status status = AZATTEST_OK;
    int count = 0, got;
    const char *word;

    for (int i = 0; i < OPTION_COUNT; i++)
        if (azattest__accepts(arguments->command, (azattest__option)i))
            longs[count++] = (struct option){ azattest__options[i].name,
                                              azattest__options[i].argument == NULL ? no_argument : required_argument,
                                              NULL, LONG_BASE + i };
    arguments->operands = argv + 1;
    opterr = 0;
    optind = 0;
    while (word = argv[optind == 0 ? 1 : optind],
           status == AZATTEST_OK && (got = getopt_long(argc, argv, "-:h", longs, NULL)) != -1) {
        int option = got == 'h' ? OPTION_HELP : got - LONG_BASE;

        if (got >= LONG_BASE && !is_whole_name(word, (azattest__option)option)) {
            status = unknown_option(arguments->command, word, azattest__options[option].name, error);
        } else if (got == '?' || got == ':') {
            status = getopt_error(arguments->command, got, argv[optind - 1], error);
        } else if (got == 1) {
            status = take_operand(arguments, optarg, error);
        } else if (arguments->value[option] != NULL && azattest__is_repeatable((azattest__option)option)) {
            status = take_more(arguments, (azattest__option)option, optarg, error);
        } else if (arguments->value[option] != NULL) {
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s is given twice",
                                azattest__option_name((azattest__option)option));
            status = see_help(arguments->command, error);
        } else {
            arguments->value[option] = optarg == NULL ? "" : optarg;
        }
    }
    for (; status == AZATTEST_OK && optind < argc; optind++) /* behind "--" */
        status = take_operand(arguments, argv[optind], error);
    return status;
}

azattest_status azattest__operand_missing(const azattest__command *command, azattest_error **error)
{
    int len = (int)strcspn(command->synopsis, " .[");
    bool file = strncmp(command->synopsis, "TYPE", 4) != 0, endpoint = strncmp(command->synopsis, "ENDP", 4) == 0;

    if (command->least == 2) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s %s needs two files", command->group, command->name);
        return azattest__next_step(error, "name both, or - for standard input in one's place");
    }
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s%s%s needs %s %.*s",
                        command->group == NULL ? "" : command->group, command->group == NULL ? "" : " ", command->name,
                        endpoint ? "an" : "a", len, command->synopsis);
    return azattest__next_step(error, endpoint ? "name the instance, https://..."
                                      : file   ? "name the file, or - for standard input"
                                               : "name the attestation type, for instance SgxEnclave");
}

/* How often standard input is named as a file; what is written is no input. */
static size_t stdin_uses(const azattest__arguments *arguments)
{
    size_t used = 0;

    for (size_t i = 0; i < arguments->operand_count; i++)
        used += strcmp(arguments->operands[i], "-") == 0;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const char *values[AZATTEST_LIMIT_LIST + 1], *argument = azattest__options[i].argument;
        size_t count = azattest__arguments_all(arguments, (azattest__option)i, values);

        if (i == OPTION_OUT || argument == NULL || (strcmp(argument, "FILE") != 0 && strcmp(argument, "PATH") != 0))
            continue;
        for (size_t k = 0; k < count; k++)
            used += strcmp(values[k], "-") == 0;
    }
    return used;
}

/* What is missing, and standard input, which can be read once. */
static azattest_status check_needs(const azattest__arguments *arguments, azattest_error **error)
{
    const azattest__command *command = arguments->command;

    if (arguments->operand_count < command->least)
        return azattest__operand_missing(command, error);
    for (int i = 0; i < OPTION_COUNT; i++) {
        const char *value = arguments->value[i];

        if (azattest__is_listed(command->needs, (azattest__option)i) && value == NULL) {
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s%s%s needs %s",
                                command->group == NULL ? "" : command->group, command->group == NULL ? "" : " ",
                                command->name, azattest__option_name((azattest__option)i));
            return azattest__next_step(error, "add %s %s: %s", azattest__option_name((azattest__option)i),
                                       azattest__options[i].argument, azattest__options[i].help);
        }
    }
    if (stdin_uses(arguments) > 1) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "standard input is named twice");
        return azattest__next_step(error, "give one of the inputs as a file");
    }
    return AZATTEST_OK;
}

azattest_status azattest__arguments_parse(int argc, char **argv, azattest__arguments *arguments, azattest_error **error)
{
    const azattest__command *command;
    int words = 1; /* how many words of argv name the command */
    azattest_status status;

    memset(arguments, 0, sizeof(*arguments));
    if (argc < 2 || argv[1][0] == '\0') {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "no command given");
        return azattest__next_step(error, "'azattest help' lists the commands");
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return azattest__usage(stdout, 0, NULL, error);
    if (strcmp(argv[1], "help") == 0)
        return azattest__usage(stdout, argc - 2, argv + 2, error);
    if (azattest__is_group(argv[1])) {
        if (argc < 3 || argv[2][0] == '\0') {
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "'azattest %s' needs one more word", argv[1]);
            return azattest__next_step(error, "'azattest help %s' lists them", argv[1]);
        }
        if (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0 || strcmp(argv[2], "help") == 0)
            return azattest__usage(stdout, 1, argv + 1, error);
        words = 2;
        if ((command = azattest__find_command(argv[1], argv[2])) == NULL)
            return azattest__unknown_word(argv[1], argv[2], error);
    } else if ((command = azattest__find_command(NULL, strcmp(argv[1], "--version") == 0 ? "version" : argv[1])) ==
               NULL) {
        return azattest__unknown_word(NULL, argv[1], error);
    }
    arguments->command = command;
    if ((status = read_options(argc - words, argv + words, arguments, error)) != AZATTEST_OK)
        return status;
    if (arguments->value[OPTION_HELP] != NULL) {
        azattest__print_command(stdout, command);
        arguments->command = NULL;
        return AZATTEST_OK;
    }
    return check_needs(arguments, error);
}

size_t azattest__arguments_all(const azattest__arguments *arguments, azattest__option option,
                               const char *values[AZATTEST_LIMIT_LIST + 1])
{
    size_t count = 0;

    if (arguments->value[option] != NULL)
        values[count++] = arguments->value[option];
    for (size_t i = 0; i < arguments->more_count; i++)
        if (arguments->more[i].option == option)
            values[count++] = arguments->more[i].value;
    return count;
}

const char *azattest__arguments_endpoint(const azattest__arguments *arguments)
{
    const char *endpoint = arguments->value[OPTION_ENDPOINT];

    if (endpoint == NULL && (endpoint = getenv("AZATTEST_ENDPOINT")) != NULL && endpoint[0] == '\0')
        endpoint = NULL;
    return endpoint;
}

azattest_status azattest__arguments_at(const azattest__arguments *arguments, int64_t *now_ms, azattest_error **error)
{
    static const int64_t latest = 253402300799; /* 9999-12-31T23:59:59Z */
    const char *at = arguments->value[OPTION_AT];
    int64_t seconds;

    *now_ms = 0;
    if (at == NULL)
        return AZATTEST_OK;
    if (!azattest__time_parse(at, &seconds) || seconds < 0 || seconds > latest) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--at is not a time between 1970 and 9999");
        return azattest__next_step(error, "write it as 2026-01-31T12:00:00Z or as seconds since 1970 UTC");
    }
    *now_ms = seconds == 0 ? 1 : seconds * 1000; /* zero would mean the clock */
    return AZATTEST_OK;
}

azattest_status azattest__arguments_number(const azattest__arguments *arguments, azattest__option option, int64_t least,
                                           int64_t most, int64_t *value, azattest_error **error)
{
    const char *text = arguments->value[option];
    int64_t number = 0;

    if (text == NULL)
        return AZATTEST_OK;
    for (const char *p = text; p == text || *p != '\0'; p++) { /* an empty text fails too */
        if (*p < '0' || *p > '9' || (number = number * 10 + (*p - '0')) > most) {
            number = -1;
            break;
        }
    }
    if (number < least) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s is not a number from %lld to %lld",
                            azattest__option_name(option), (long long)least, (long long)most);
        return see_help(arguments->command, error);
    }
    *value = number;
    return AZATTEST_OK;
}

azattest_status azattest__arguments_timeout(const azattest__arguments *arguments, int64_t *timeout_ms,
                                            azattest_error **error)
{
    const char *text = arguments->value[OPTION_TIMEOUT];
    double seconds;
    char *end;

    if (text == NULL)
        return AZATTEST_OK;
    seconds = strtod(text, &end);
    if (end == text || *end != '\0' || text[0] < '0' || text[0] > '9' || !(seconds >= 0.001 && seconds <= 86400)) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--timeout is not a number of seconds up to 86400");
        return azattest__next_step(error, "write for instance --timeout 30");
    }
    *timeout_ms = (int64_t)(seconds * 1000);
    return AZATTEST_OK;
}
