/* While a call runs: the log, what a person at the terminal is told, and Ctrl-C. */
#ifndef AZATTEST_CLI_PROGRESS_H
#define AZATTEST_CLI_PROGRESS_H

#include <azattest/azattest.h>

/* AZURE_LOG_LEVEL, by the words that the Azure SDKs know. */
void azattest__progress_log_by_environment(void);
/* The same by a word of the command line; NULL changes nothing. */
azattest_status azattest__progress_log(const char *word, azattest_error **error);
/* The call begins: Ctrl-C, SIGTERM and SIGHUP end it with AZATTEST_E_CANCELLED; a second one ends the process. Only
 * when all input is read: who waits for standard input is ended by the first one. A person at a terminal who chose no
 * log is told of tries that failed and, after some seconds, what is waited for. */
void azattest__progress_begin(void);
/* For the transport, which asks several times a second: shall the call end? */
bool azattest__progress_interrupted(void *user);

#endif
