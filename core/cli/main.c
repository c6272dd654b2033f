#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <azattest/transport.h>

#include "commands.h"
#include "error/error.h"
#include "progress.h"
#include "table.h"

int azattest__command_version(const azattest__arguments *arguments)
{
    azattest__table table = { NULL, 0, false };
    azattest__json *document;

    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "command", AZATTEST_VERSION);
        azattest__json_put_string(document, "library", azattest_version());
        azattest__json_put_string(document, "curl", azattest_curl_version());
        azattest__json_put_string(document, "api_version", AZATTEST_DEFAULT_API_VERSION);
        return azattest__output_json(document, EXIT_VALID);
    }
    printf("azattest %s\n", AZATTEST_VERSION);
    azattest__table_text(&table, "library", azattest_version());
    azattest__table_text(&table, "transport", azattest_curl_version());
    azattest__table_text(&table, "service interface", AZATTEST_DEFAULT_API_VERSION);
    azattest__table_print(&table, NULL);
    return EXIT_VALID;
}

/* The emulator reads its own options, so its help comes from there too. */
static bool wants_emulator(int argc, char **argv, int *code)
{
    char emulator[] = "emulator", help[] = "--help";
    char *words[] = { emulator, help, NULL };

    if (argc >= 2 && strcmp(argv[1], "emulator") == 0)
        *code = azattest__command_emulator(argc - 1, argv + 1);
    else if (argc >= 3 && strcmp(argv[1], "help") == 0 && strcmp(argv[2], "emulator") == 0)
        *code = azattest__command_emulator(2, words);
    else
        return false;
    return true;
}

static bool asks_for_json(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    azattest__arguments arguments;
    azattest_error *error = NULL;
    int code = EXIT_VALID;

    signal(SIGPIPE, SIG_IGN); /* a reader that left is an error of writing, below */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    azattest__progress_log_by_environment();
    if (!wants_emulator(argc, argv, &code)) {
        if (azattest__arguments_parse(argc, argv, &arguments, &error) != AZATTEST_OK)
            code = azattest__output_failure(asks_for_json(argc, argv), error);
        else if (arguments.command != NULL)
            code = arguments.command->run(&arguments);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        azattest__output_note("cannot write to standard output");
        code = EXIT_UNREACHED;
    }
    return code;
}
