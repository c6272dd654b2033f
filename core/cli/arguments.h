/* The words and options of the command, in tables: parser, usage text and suggestions all come from them. */
#ifndef AZATTEST_CLI_ARGUMENTS_H
#define AZATTEST_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <azattest/azattest.h>

typedef enum azattest__option {
    OPTION_QUOTE,
    OPTION_REPORT,
    OPTION_CERTIFICATES,
    OPTION_ENDORSEMENTS,
    OPTION_ATTESTATION_INFO,
    OPTION_CONTENT,
    OPTION_POLICY_EVIDENCE,
    OPTION_EVIDENCE_PATH,
    OPTION_POLICY_TOKEN,
    OPTION_CLAIMS,
    OPTION_CLAIMS_PATH,
    OPTION_POLICY_TYPE,
    OPTION_LENIENT,
    OPTION_CHECK,
    OPTION_IN_PLACE,
    OPTION_FAIL_ON,
    OPTION_EXPLAIN,
    OPTION_TRACE,
    OPTION_WORK_LIMIT,
    OPTION_TOKEN,
    OPTION_KEY,
    OPTION_KID,
    OPTION_SIGNERS,
    OPTION_ISSUER,
    OPTION_ROOT,
    OPTION_RUNTIME_DATA,
    OPTION_RUNTIME_JSON,
    OPTION_INITTIME_DATA,
    OPTION_INITTIME_JSON,
    OPTION_NONCE,
    OPTION_DRAFT_POLICY,
    OPTION_POLICY_HASH,
    OPTION_ATTESTATION_TYPE,
    OPTION_REQUIRE_CLAIM,
    OPTION_NO_DEBUG,
    OPTION_APPRAISAL,
    OPTION_EVIDENCE,
    OPTION_COLLATERAL,
    OPTION_FETCH,
    OPTION_SOURCE,
    OPTION_REGION,
    OPTION_CACHE,
    OPTION_POLICY,
    OPTION_SIGNING_KEY,
    OPTION_SIGNING_CERTIFICATE,
    OPTION_ALGORITHM,
    OPTION_MR_ENCLAVE,
    OPTION_MR_SIGNER,
    OPTION_PRODUCT_ID,
    OPTION_SVN,
    OPTION_DEBUG,
    OPTION_WITH,
    OPTION_STATE,
    OPTION_TYPE,
    OPTION_SUBJECT,
    OPTION_PASSPHRASE_FILE,
    OPTION_AT,
    OPTION_OUT,
    OPTION_OUT_KEY,
    OPTION_OUT_CERTIFICATE,
    OPTION_CREDENTIAL,
    OPTION_ACCESS_TOKEN_FILE,
    OPTION_CLIENT_ID,
    OPTION_TENANT_ID,
    OPTION_SCOPES,
    OPTION_ENDPOINT,
    OPTION_API_VERSION,
    OPTION_CA_FILE,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_LOG_LEVEL,
    OPTION_TRACE_BODIES,
    OPTION_HELP,
    OPTION_COUNT
} azattest__option;

struct azattest__command;

typedef struct azattest__arguments {
    const struct azattest__command *command;
    const char *value[OPTION_COUNT]; /* NULL: not given; "" for a switch that was */
    const char *operand;             /* FILE, TYPE or ENDPOINT of the commands that take one: the first, or NULL */
    char **operands;                 /* all of them, in their order */
    size_t operand_count;
    struct azattest__more {
        azattest__option option;
        const char *value;
    } more[AZATTEST_LIMIT_LIST]; /* the second and later values of options that may be given several times */
    size_t more_count;
} azattest__arguments;

typedef struct azattest__command {
    const char *group; /* first word, or NULL */
    const char *name;  /* last word */
    const char *synopsis;
    const char *summary;
    const char *notes;
    size_t least, most; /* how many of what the synopsis begins with: FILE (or -), TYPE, ENDPOINT; SIZE_MAX: no end */
    const azattest__option *accepts; /* ends with OPTION_COUNT, NULL: none; --help and --json are always there */
    const azattest__option *needs;   /* the same, without which nothing can be done */
    int (*run)(const azattest__arguments *arguments);
} azattest__command;

/* Finds the command that argv[1], argv[2] name and reads its options. AZATTEST_E_ARGUMENT says what is wrong and what
 * to do next. AZATTEST_OK without arguments->command: help was asked for and has been printed. */
azattest_status azattest__arguments_parse(int argc, char **argv, azattest__arguments *arguments,
                                          azattest_error **error);
/* The error of a command that lacks what its synopsis begins with; for those that can do without it at times. */
azattest_status azattest__operand_missing(const azattest__command *command, azattest_error **error);
/* All values of an option that may be given several times, in their order: at most AZATTEST_LIMIT_LIST + 1. */
size_t azattest__arguments_all(const azattest__arguments *arguments, azattest__option option,
                               const char *values[AZATTEST_LIMIT_LIST + 1]);
/* What an option is called, for messages: "--quote". */
const char *azattest__option_name(azattest__option option);
/* --endpoint, or the environment's AZATTEST_ENDPOINT, or NULL. */
const char *azattest__arguments_endpoint(const azattest__arguments *arguments);
/* --at in milliseconds since 1970, or 0 when not given. */
azattest_status azattest__arguments_at(const azattest__arguments *arguments, int64_t *now_ms, azattest_error **error);
/* A decimal number of an option between the bounds; *value is left alone when the option was not given. */
azattest_status azattest__arguments_number(const azattest__arguments *arguments, azattest__option option, int64_t least,
                                           int64_t most, int64_t *value, azattest_error **error);
/* --timeout in milliseconds; *timeout_ms is left alone when it was not given. */
azattest_status azattest__arguments_timeout(const azattest__arguments *arguments, int64_t *timeout_ms,
                                            azattest_error **error);

#endif
