/* What --help and `azattest help` print, wrapped for a terminal of 100 columns. */
#ifndef AZATTEST_CLI_USAGE_H
#define AZATTEST_CLI_USAGE_H

#include "arguments.h"

void azattest__print_command(FILE *to, const azattest__command *command);
/* Usage of everything, or of the group or command that the words name ("token", "validate"). */
azattest_status azattest__usage(FILE *to, int count, char **words, azattest_error **error);

#endif
