/* What the command says: tables for people, one JSON document for programs, errors, exit codes. */
#ifndef AZATTEST_CLI_OUTPUT_H
#define AZATTEST_CLI_OUTPUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include <azattest/azattest.h>

#include "json/json.h"

enum {
    EXIT_VALID = 0,
    EXIT_NOT_VALID = 1,     /* not valid, malformed, or refused by the service */
    EXIT_WRONG_USE = 2,     /* the message names the next step */
    EXIT_UNREACHED = 3,     /* something could not be reached, read or written */
    EXIT_INTERRUPTED = 130, /* as a shell says it of SIGINT */
};

/* The exit code that a failure means. */
int azattest__exit_code(const azattest_error *error);
/* Reports a failure and frees it: message and hint on standard error, and the "error" document if `json`. */
int azattest__output_failure(bool json, azattest_error *error);
/* Everything an error knows, as the member "error" of documents. */
azattest__json *azattest__error_json(const azattest_error *error);
/* [{"code","check","detail"}] of the failed token checks; the error itself when it lists none. */
azattest__json *azattest__problems_json(const azattest_error *error);
/* Prints a document and frees it. Gives `code`, or EXIT_UNREACHED when it cannot be printed. */
int azattest__output_json(azattest__json *document, int code);
/* A line on standard error, escaped. */
__attribute__((format(printf, 1, 2))) void azattest__output_note(const char *format, ...);
/* A sink for the library's log: the same. */
void azattest__output_log(void *user, azattest_log_level level, const char *message);

/* Writes a file, or standard output for "-"; leaves no half of a file behind. A new file gets the mode; one that is for
 * its owner alone (0600) is also made so when it is there already. */
azattest_status azattest__output_file(const char *path, azattest_bytes content, int mode, azattest_error **error);

/* Foreign text for a terminal: control characters, direction marks and invalid UTF-8 escaped, cut to `limit` bytes.
 * A new text to free, or NULL when out of memory. */
char *azattest__escaped(const char *text, size_t limit);
/* The longest line that is printed. */
#define AZATTEST__LINE_LIMIT (64u * 1024u)
/* vprintf into a new text to free; NULL when out of memory. */
__attribute__((format(printf, 1, 0))) char *azattest__formatted(const char *format, va_list list);

/* Is it a terminal that shows colours, and does its owner want them? */
bool azattest__output_coloured(FILE *to);

typedef enum azattest__verdict { VERDICT_INVALID, VERDICT_VALID, VERDICT_UNVERIFIED } azattest__verdict;

/* First line for people: VALID, NOT VALID or UNVERIFIED, and of what. */
__attribute__((format(printf, 2, 3))) void azattest__output_verdict(azattest__verdict verdict, const char *format, ...);
/* The same with a word of its own: "ADMITTED". */
void azattest__output_answer(azattest__verdict verdict, const char *word, const char *text);
/* A block under a heading: "Warnings", one line each. Empty lists print nothing. */
void azattest__output_list(const char *heading, const azattest__json *texts);

/* Text as it is, for a file or a pipe: one line feed more, and a policy is one with another hash. On a terminal nothing
 * that it obeys. */
void azattest__output_text(const char *text);

#endif
