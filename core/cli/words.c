#include "words.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "error/error.h"

#define BIT(option) ((uint64_t)1 << OPTION_##option)
#define ALWAYS (BIT(JSON) | BIT(HELP))
#define REPEATABLE (BIT(ENDPOINT) | BIT(REQUIRE_CLAIM))
#define SERVICE (BIT(ENDPOINT) | BIT(CA_FILE) | BIT(TIMEOUT) | BIT(LOG_LEVEL) | BIT(TRACE_BODIES))
#define ATTEST                                                                                                         \
    (SERVICE | BIT(RUNTIME_DATA) | BIT(RUNTIME_JSON) | BIT(INITTIME_DATA) | BIT(INITTIME_JSON) | BIT(NONCE) |          \
     BIT(DRAFT_POLICY) | BIT(API_VERSION) | BIT(AT) | BIT(NO_DEBUG))
#define ATTEST_TEXT (SERVICE | BIT(API_VERSION))
#define ADMINISTRATION (SERVICE | BIT(API_VERSION) | BIT(AT) | BIT(ACCESS_TOKEN_FILE) | BIT(SCOPES))
#define SIGNS (BIT(SIGNING_KEY) | BIT(SIGNING_CERTIFICATE) | BIT(PASSPHRASE_FILE) | BIT(ALGORITHM))
/* Everything that a validation takes. */
#define VALIDATE                                                                                                       \
    (SERVICE | BIT(SIGNERS) | BIT(ISSUER) | BIT(AT) | BIT(NONCE) | BIT(RUNTIME_DATA) | BIT(RUNTIME_JSON) |             \
     BIT(NO_DEBUG) | BIT(POLICY_HASH) | BIT(ATTESTATION_TYPE) | BIT(REQUIRE_CLAIM))
#define SIMULATE                                                                                                       \
    (BIT(MR_ENCLAVE) | BIT(MR_SIGNER) | BIT(PRODUCT_ID) | BIT(SVN) | BIT(DEBUG) | BIT(RUNTIME_DATA) | BIT(STATE) |     \
     BIT(OUT))

/* In the order of the enumeration. */
const azattest__option_text azattest__options[OPTION_COUNT] = {
    [OPTION_ENDPOINT] = { "endpoint", "URL", "attestation instance, https://...; else AZATTEST_ENDPOINT" },
    [OPTION_CA_FILE] = { "ca-file", "FILE", "PEM certificates to trust for TLS instead of the system's" },
    [OPTION_SIGNERS] = { "signers", "FILE", "key set (JWKS or PEM) to trust; nothing is fetched" },
    [OPTION_ISSUER] = { "issuer", "URL", "who must have issued the token; default: the endpoint" },
    [OPTION_QUOTE] = { "quote", "FILE", "SGX or TDX quote" },
    [OPTION_REPORT] = { "report", "FILE", "Open Enclave or SEV-SNP report" },
    [OPTION_RUNTIME_DATA] = { "runtime-data", "FILE", "data that the enclave bound to its evidence, as bytes" },
    [OPTION_RUNTIME_JSON] = { "runtime-json", "FILE", "the same as a JSON object, carried as JSON claims" },
    [OPTION_INITTIME_DATA] = { "inittime-data", "FILE", "data from the time the enclave was made, as bytes" },
    [OPTION_INITTIME_JSON] = { "inittime-json", "FILE", "the same as a JSON object" },
    [OPTION_NONCE] = { "nonce", "TEXT", "must come back in the token" },
    [OPTION_DRAFT_POLICY] = { "draft-policy", "FILE", "try this policy text; the reply is not secured" },
    [OPTION_API_VERSION] = { "api-version", "VERSION",
                             "version of the service's interface: " AZATTEST_DEFAULT_API_VERSION },
    [OPTION_ROOT] = { "root", "FILE", "PEM certificates to trust beside Intel's root, for instance the simulator's" },
    [OPTION_AT] = { "at", "TIME", "judge as of this time: 2026-01-31T12:00:00Z or epoch seconds" },
    [OPTION_TIMEOUT] = { "timeout", "SECONDS", "time limit of the whole call, waits included: 100" },
    [OPTION_NO_DEBUG] = { "no-debug", NULL, "refuse debuggable enclaves instead of warning" },
    [OPTION_MR_ENCLAVE] = { "mr-enclave", "HEX", "measurement of the enclave, 32 bytes" },
    [OPTION_MR_SIGNER] = { "mr-signer", "HEX", "measurement of its signer, 32 bytes" },
    [OPTION_PRODUCT_ID] = { "product-id", "N", "ISVPRODID, 0 to 65535" },
    [OPTION_SVN] = { "svn", "N", "ISVSVN, 0 to 65535" },
    [OPTION_DEBUG] = { "debug", NULL, "set the DEBUG attribute" },
    [OPTION_STATE] = { "state", "DIR",
                       "folder of the made-up platform, made when missing; give the emulator the same one" },
    [OPTION_OUT] = { "out", "FILE", "where it goes; - is standard output" },
    [OPTION_OUT_KEY] = { "out-key", "FILE", "where the private key goes, in PEM, readable for its owner alone" },
    [OPTION_OUT_CERTIFICATE] = { "out-certificate", "FILE", "where its self-signed certificate goes, in PEM" },
    [OPTION_TYPE] = { "type", "rsa|ec", "RSA of 2048 bits, or EC on P-256: rsa" },
    [OPTION_SUBJECT] = { "subject", "CN", "common name in the certificate: azattest policy signer" },
    [OPTION_PASSPHRASE_FILE] = { "passphrase-file", "FILE",
                                 "passphrase of the private key, which it opens or encrypts: the first line of this "
                                 "file" },
    [OPTION_ACCESS_TOKEN_FILE] = { "access-token-file", "FILE",
                                   "access token, in the first line of this file; else the default credential's" },
    [OPTION_SCOPES] = { "scopes", "SCOPES", "what that token is asked for; default: by the endpoint's cloud" },
    [OPTION_POLICY] = { "policy-file", "FILE", "text of the policy" },
    [OPTION_SIGNING_KEY] = { "signing-key", "FILE", "PEM private key that signs; default: unsigned" },
    [OPTION_SIGNING_CERTIFICATE] = { "signing-certificate", "FILE", "PEM certificate of that key, or its chain" },
    [OPTION_ALGORITHM] = { "algorithm", "ALG", "RS256 to RS512, PS256 to PS512, ES256 to ES512; default: by the key" },
    [OPTION_CERTIFICATES] = { "certificates", "FILE", "VCEK, ASK and ARK of a raw SEV-SNP report, PEM or DER" },
    [OPTION_ENDORSEMENTS] = { "endorsements", "FILE", "what a confidential container endorses" },
    [OPTION_ATTESTATION_INFO] = { "info", "FILE", "the JSON document of the guest" },
    [OPTION_CONTENT] = { "content", "FILE", "the message to send, JSON" },
    [OPTION_LOG_LEVEL] = { "log-level", "LEVEL",
                           "verbose, info, warning or error on standard error; else AZURE_LOG_LEVEL" },
    [OPTION_TRACE_BODIES] = { "trace-bodies", NULL, "with verbose: bodies too, values cut to 8 characters" },
    [OPTION_TOKEN] = { "token", "FILE", "the token whose key the secret is sealed to, once it is validated" },
    [OPTION_KEY] = { "key", "FILE", "private key in PEM" },
    [OPTION_KID] = { "kid", "TEXT", "which of the token's keys, where it holds several" },
    [OPTION_POLICY_HASH] = { "policy-hash", "HASH",
                             "policy that must have been applied: x-ms-policy-hash, or hexadecimal" },
    [OPTION_ATTESTATION_TYPE] = { "attestation-type", "TEXT",
                                  "what must have been attested: sgx, sevsnpvm, tdxvm, ..." },
    [OPTION_REQUIRE_CLAIM] = { "require-claim", "NAME[=VALUE]", "claim the token must have; VALUE is JSON, else text" },
    [OPTION_JSON] = { "json", NULL, "one JSON document on standard output" },
    [OPTION_HELP] = { "help", NULL, "this text" },
};

#define FORMS                                                                                                          \
    "The file may be raw, hexadecimal, base64, base64url or PEM, or a JSON document of the Azure samples; - reads\n"   \
    "standard input. Which of them it is is detected."

#define TYPES "TYPE is SgxEnclave, OpenEnclave, Tpm, SevSnpVm, TdxVm, AzureGuest, or another name."
#define SIGNED                                                                                                         \
    "FILE is PEM or DER. The call is signed by the key of a certificate that the instance knows already, and the\n"    \
    "answer is compared with what was sent."

static const azattest__command commands[] = {
    { "attest", "sgx-enclave", "--endpoint URL --quote FILE [--runtime-data FILE | --runtime-json FILE]",
      "Sends an SGX quote to the service and validates the token of the answer.", FORMS, false, ATTEST | BIT(QUOTE),
      BIT(QUOTE), azattest__command_attest_sgx_enclave },
    { "attest", "open-enclave", "--endpoint URL --report FILE [--runtime-data FILE | --runtime-json FILE]",
      "Sends an Open Enclave report to the service and validates the token of the answer.", FORMS, false,
      ATTEST | BIT(REPORT), BIT(REPORT), azattest__command_attest_open_enclave },
    { "attest", "sev-snp-vm", "--endpoint URL --report FILE --certificates FILE [--runtime-json FILE]",
      "Sends an SEV-SNP report to the service and validates the token of the answer.",
      "The report is the raw one of 1184 bytes with its certificates, or the whole JSON document\n"
      "{\"SnpReport\", \"VcekCertChain\"} without them.",
      false, (ATTEST | BIT(REPORT) | BIT(CERTIFICATES) | BIT(ENDORSEMENTS)) & ~BIT(RUNTIME_DATA), BIT(REPORT),
      azattest__command_attest_sev_snp_vm },
    { "attest", "tdx-vm", "--endpoint URL --quote FILE [--runtime-data FILE | --runtime-json FILE]",
      "Sends a TDX quote to the service and validates the token of the answer.", "The quote is the raw one.", false,
      (ATTEST | BIT(QUOTE)) & ~BIT(DRAFT_POLICY), BIT(QUOTE), azattest__command_attest_tdx_vm },
    { "attest", "azure-guest", "--endpoint URL --info FILE",
      "Sends the document of an Azure guest; prints the sealed answer as it comes.",
      "Only the guest's own TPM opens it. Then check the token inside with token validate.", false,
      ATTEST_TEXT | BIT(ATTESTATION_INFO) | BIT(DRAFT_POLICY), BIT(ATTESTATION_INFO),
      azattest__command_attest_azure_guest },
    { "attest", "tpm", "--endpoint URL --content FILE",
      "Sends one message of a TPM's attestation; prints the answer, JSON.",
      "The first message is {\"payload\":{\"type\":\"aikcert\"}}; the last answer holds the report.", false,
      ATTEST_TEXT | BIT(CONTENT), BIT(CONTENT), azattest__command_attest_tpm },
    { "attest", "pluton", "--endpoint URL --content FILE --api-version 2026-03-11-preview",
      "Sends one message of a Pluton's attestation; prints the answer.", NULL, false, ATTEST_TEXT | BIT(CONTENT),
      BIT(CONTENT), azattest__command_attest_pluton },
    { "attest", "key-guard", "--endpoint URL --info FILE --api-version 2026-03-11-preview",
      "Sends the document of KeyGuard; prints the sealed answer as it comes.", NULL, false,
      ATTEST_TEXT | BIT(ATTESTATION_INFO) | BIT(DRAFT_POLICY), BIT(ATTESTATION_INFO),
      azattest__command_attest_key_guard },
    { "attest", "mdep-tz", "--endpoint URL --report FILE --api-version 2026-03-11-preview",
      "Sends the report of an MdepTz device and validates the token of the answer.", NULL, false,
      (ATTEST | BIT(REPORT)) & ~BIT(DRAFT_POLICY), BIT(REPORT), azattest__command_attest_mdep_tz },
    { NULL, "tcb-baselines", "TYPE --endpoint URL",
      "Shows the TCB baselines that a policy of this type can choose from.",
      "TYPE is SgxEnclave, OpenEnclave or another attestation type.", true, ATTEST_TEXT, 0,
      azattest__command_tcb_baselines },
    { "token", "inspect", "FILE", "Shows what a token says, without any check: everything in it is UNVERIFIED.",
      "FILE holds the compact token, or a JSON answer with the member \"token\"; - reads standard input.", true, 0, 0,
      azattest__command_token_inspect },
    { "token", "validate", "FILE (--endpoint URL... [--ca-file FILE] | --signers FILE --issuer URL)",
      "Validates a token by the strict set, with the keys of the instance or with those of a file.",
      "FILE holds the compact token, or a JSON answer with the member \"token\"; - reads standard input.\n"
      "With --signers nothing is fetched, and --issuer has to say whose token it must be. Of several --endpoint the\n"
      "one that the token names judges it.",
      true, VALIDATE, 0, azattest__command_token_validate },
    { "secret", "seal", "FILE --token FILE (--endpoint URL... | --signers FILE --issuer URL) [--out FILE]",
      "Seals a secret to the key that an attested program put into its token, once the token is validated.",
      "FILE holds the secret; - reads standard input. The sealed text, a compact JWE, may travel on any way: only the\n"
      "program's private key opens it.",
      true, VALIDATE | BIT(TOKEN) | BIT(KID) | BIT(OUT), BIT(TOKEN), azattest__command_secret_seal },
    { "secret", "open", "FILE --key FILE --out FILE", "Opens a sealed secret with the private key it was sealed to.",
      "FILE holds the sealed text; - reads standard input. The file that is written is readable for its owner alone.",
      true, BIT(KEY) | BIT(PASSPHRASE_FILE) | BIT(OUT), BIT(KEY) | BIT(OUT), azattest__command_secret_open },
    { "keys", "export", "--endpoint URL [--out FILE]",
      "Fetches the signing keys of an instance, for validations without a connection later.",
      "The text (JWKS) is what token validate --signers takes. It is as good as the connection that it came over.",
      false, SERVICE | BIT(API_VERSION) | BIT(OUT), 0, azattest__command_keys_export },
    { "evidence", "inspect", "FILE", "Shows every field of a quote or report, without any check.", FORMS, true, 0, 0,
      azattest__command_evidence_inspect },
    { "evidence", "verify", "FILE [--at TIME] [--root FILE] [--runtime-data FILE]",
      "Verifies a quote or report offline: signatures, bindings and certificates up to Intel's root key.",
      FORMS "\nTCB level, revocation and identity of the quoting enclave are not checked; the verdict says so.", true,
      BIT(AT) | BIT(ROOT) | BIT(RUNTIME_DATA) | BIT(NO_DEBUG), 0, azattest__command_evidence_verify },
    { "policy", "get", "TYPE --endpoint URL [--access-token-file FILE]",
      "Prints the policy for a type of attestation, and says who signed it.", TYPES, true, ADMINISTRATION, 0,
      azattest__command_policy_get },
    { "policy", "set",
      "TYPE --policy-file FILE --endpoint URL [--access-token-file FILE] [--signing-key FILE --signing-certificate "
      "FILE]",
      "Sets the policy; the answer is compared with what was sent.", TYPES, true, ADMINISTRATION | SIGNS | BIT(POLICY),
      BIT(POLICY), azattest__command_policy_set },
    { "policy", "reset",
      "TYPE --endpoint URL [--access-token-file FILE] [--signing-key FILE --signing-certificate FILE]",
      "Goes back to the default policy.", TYPES, true, ADMINISTRATION | SIGNS, 0, azattest__command_policy_reset },
    { "policy", "token", "FILE [--signing-key FILE --signing-certificate FILE]",
      "Prints exactly the token that setting the policy in FILE would send.", NULL, true, SIGNS, 0,
      azattest__command_policy_token },
    { "policy", "hash", "FILE [--signing-key FILE --signing-certificate FILE]",
      "Prints the hash of the policy in FILE, as attestation tokens have it, and that of its policy token.",
      "ECDSA and PS signatures, and so the token's hash, differ each time.", true, SIGNS, 0,
      azattest__command_policy_hash },
    { "certificates", "list", "--endpoint URL [--access-token-file FILE]",
      "Prints the certificates whose keys may sign policies; none but on isolated instances.", NULL, false,
      ADMINISTRATION, 0, azattest__command_certificates_list },
    { "certificates", "add",
      "FILE --endpoint URL [--access-token-file FILE] --signing-key FILE --signing-certificate FILE",
      "Adds a certificate to them.", SIGNED, true, ADMINISTRATION | SIGNS, BIT(SIGNING_KEY) | BIT(SIGNING_CERTIFICATE),
      azattest__command_certificates_add },
    { "certificates", "remove",
      "FILE --endpoint URL [--access-token-file FILE] --signing-key FILE --signing-certificate FILE",
      "Removes a certificate from them.", SIGNED, true, ADMINISTRATION | SIGNS,
      BIT(SIGNING_KEY) | BIT(SIGNING_CERTIFICATE), azattest__command_certificates_remove },
    { "simulate", "sgx-quote", "--state DIR --out FILE [--runtime-data FILE]",
      "Makes a quote of a made-up platform, for development without the hardware.",
      "Only what was told to trust DIR/simulator-root.pem accepts it: an emulator with the same --state, or\n"
      "evidence verify --root.",
      false, SIMULATE, BIT(STATE) | BIT(OUT), azattest__command_simulate_sgx_quote },
    { "simulate", "open-enclave-report", "--state DIR --out FILE [--runtime-data FILE]",
      "Makes an Open Enclave report of a made-up platform, for development without the hardware.",
      "Only what was told to trust DIR/simulator-root.pem accepts it: an emulator with the same --state, or\n"
      "evidence verify --root.",
      false, SIMULATE, BIT(STATE) | BIT(OUT), azattest__command_simulate_open_enclave_report },
    { "simulate", "signing-key", "--out-key FILE --out-certificate FILE [--type rsa|ec] [--subject CN]",
      "Makes a key to sign policies with and its self-signed certificate, for tests and examples.",
      "The certificate says CA:TRUE, as the service asks of policy signers. Files that exist are replaced.", false,
      BIT(OUT_KEY) | BIT(OUT_CERTIFICATE) | BIT(TYPE) | BIT(SUBJECT) | BIT(PASSPHRASE_FILE),
      BIT(OUT_KEY) | BIT(OUT_CERTIFICATE), azattest__command_simulate_signing_key },
    { NULL, "emulator", "", "Runs a local attestation service, for development; it is not a trust anchor.", NULL, false,
      0, 0, NULL },
    { NULL, "version", "", "Shows the versions of command, libraries and service interface.", NULL, false, 0, 0,
      azattest__command_version },
    { NULL, "help", "[WORD...]", "Shows this text, or that of a command.", NULL, false, 0, 0, NULL },
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

const char *azattest__option_name(azattest__option option)
{
    static char name[32]; /* the command has one thread */

    snprintf(name, sizeof(name), "--%s", azattest__options[option].name);
    return name;
}

static const char *first_word(const azattest__command *command)
{
    return command->group != NULL ? command->group : command->name;
}

uint64_t azattest__accepted(const azattest__command *command)
{
    return command->accepts | ALWAYS;
}

bool azattest__is_repeatable(azattest__option option)
{
    return (REPEATABLE >> option & 1) != 0;
}

bool azattest__is_group(const char *word)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].group != NULL && strcmp(commands[i].group, word) == 0)
            return true;
    return false;
}

const azattest__command *azattest__find_command(const char *group, const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if ((group == NULL) == (commands[i].group == NULL) && strcmp(commands[i].name, name) == 0 &&
            (group == NULL || strcmp(commands[i].group, group) == 0))
            return &commands[i];
    return NULL;
}

/* Levenshtein distance; words of the tables are short, longer ones are no typing mistake. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 32 };
    size_t row[LONGEST + 1], a_len = strlen(a), b_len = strlen(b);

    if (a_len > LONGEST || b_len > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t changed = diagonal + (a[i - 1] != b[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            diagonal = row[j];
            row[j] = changed < least ? changed : least;
        }
    }
    return row[b_len];
}

/* Keeps the candidate that is nearest to the word, if it is near at all. */
void azattest__nearer(const char *word, const char *candidate, const char **best, size_t *best_distance)
{
    size_t d = distance(word, candidate);
    size_t near = strlen(candidate) / 3 > 2 ? strlen(candidate) / 3 : 2;

    if (d <= near && d < *best_distance && d < strlen(candidate)) {
        *best = candidate;
        *best_distance = d;
    }
}

/* The next step, behind a message that azattest__error_set() has made. */
azattest_status azattest__next_step(azattest_error **error, const char *format, ...)
{
    char text[256];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    azattest__error_set_hint(*error, text);
    return AZATTEST_E_ARGUMENT;
}

/* The message for a word that no table knows: the nearest one, and where to look. `group` is NULL for the first word.
 */
azattest_status azattest__unknown_word(const char *group, const char *word, azattest_error **error)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    char *shown = azattest__printable(azattest__text(word), 40);
    const char *blank = group == NULL ? "" : " ";

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (group == NULL)
            azattest__nearer(word, first_word(&commands[i]), &best, &best_distance);
        else if (commands[i].group != NULL && strcmp(commands[i].group, group) == 0)
            azattest__nearer(word, commands[i].name, &best, &best_distance);
    group = group == NULL ? "" : group;
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "unknown command '%s%s%s'", group, blank,
                        shown == NULL ? "?" : shown);
    free(shown);
    if (best != NULL)
        return azattest__next_step(error, "did you mean 'azattest %s%s%s'?", group, blank, best);
    return azattest__next_step(error, "'azattest help%s%s' lists the commands", blank, group);
}

static void print_words(FILE *to, const azattest__command *command)
{
    fprintf(to, "%s%s%s", command->group == NULL ? "" : command->group, command->group == NULL ? "" : " ",
            command->name);
}

void azattest__print_command(FILE *to, const azattest__command *command)
{
    fputs("Usage: azattest ", to);
    print_words(to, command);
    fprintf(to, "%s%s [options]\n\n%s\n", command->synopsis[0] == '\0' ? "" : " ", command->synopsis, command->summary);
    if (command->notes != NULL)
        fprintf(to, "\n%s\n", command->notes);
    fputs("\nOptions:\n", to);
    for (int i = 0; i < OPTION_COUNT; i++)
        if ((azattest__accepted(command) >> i & 1) != 0) {
            int width =
                fprintf(to, "  --%s%s%s", azattest__options[i].name, azattest__options[i].argument == NULL ? "" : " ",
                        azattest__options[i].argument == NULL ? "" : azattest__options[i].argument);

            fprintf(to, "%*s%s\n", width < 24 ? 24 - width : 1, "", azattest__options[i].help);
        }
    fputs(
        "\nExit code: 0 valid (or done), 1 not valid or refused by the service, 2 wrong use, 3 something could not be\n"
        "reached, read or written.\n",
        to);
}

/* All commands, or those of one group. */
static void print_list(FILE *to, const char *group)
{
    fprintf(to, "Usage: azattest %s%sCOMMAND [options]\n\n", group == NULL ? "" : group, group == NULL ? "" : " ");
    if (group == NULL)
        fputs("Microsoft Azure Attestation for people who do not want to trust it blindly.\n\n", to);
    fputs("Commands:\n", to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (group == NULL || (commands[i].group != NULL && strcmp(commands[i].group, group) == 0)) {
            fputs("  ", to);
            print_words(to, &commands[i]);
            fprintf(
                to, "%*s%s\n",
                (int)(32 - strlen(commands[i].name) - (commands[i].group == NULL ? 0 : strlen(commands[i].group) + 1)),
                "", commands[i].summary);
        }
    fprintf(to, "\n'azattest help%s%s COMMAND' shows the options of a command.\n", group == NULL ? "" : " ",
            group == NULL ? "" : group);
}

azattest_status azattest__usage(FILE *to, int count, char **words, azattest_error **error)
{
    const azattest__command *command = NULL;

    if (count == 0) {
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
