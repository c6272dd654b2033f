/* What each option is called, and what help says of it. */
#include <stdio.h>

#include "words.h"

static const azattest__option *const repeatable = LIST(OPTION_ENDPOINT, OPTION_REQUIRE_CLAIM, OPTION_COLLATERAL,
                                                       OPTION_WITH, OPTION_CLAIMS_PATH, OPTION_EVIDENCE_PATH);

/* In the order of the enumeration; help shows those of a section in this order. */
const azattest__option_text azattest__options[OPTION_COUNT] = {
    [OPTION_QUOTE] = { "quote", "FILE", "SGX or TDX quote" },
    [OPTION_REPORT] = { "report", "FILE", "Open Enclave or SEV-SNP report" },
    [OPTION_CERTIFICATES] = { "certificates", "FILE", "VCEK, ASK and ARK of a raw SEV-SNP report, PEM or DER" },
    [OPTION_ENDORSEMENTS] = { "endorsements", "FILE", "what a confidential container endorses" },
    [OPTION_ATTESTATION_INFO] = { "info", "FILE", "the JSON document of the guest" },
    [OPTION_CONTENT] = { "content", "FILE", "the message to send, JSON" },
    /* Names that other commands have with another meaning: no command has both. */
    [OPTION_POLICY_EVIDENCE] = { "evidence", "FILE",
                                 "quote, report or bundle: it is verified, and its claims are judged" },
    [OPTION_EVIDENCE_PATH] = { "evidence", "PATH",
                               "evidence, a file or a folder of files, taken at its word. May be given several times" },
    [OPTION_POLICY_TOKEN] = { "token", "FILE", "attestation token, taken at its word" },
    [OPTION_CLAIMS] = { "claims", "FILE", "claims, JSON, taken as they are" },
    [OPTION_CLAIMS_PATH] = { "claims", "PATH", "claims, a JSON file or a folder of them. May be given several times" },
    [OPTION_POLICY_TYPE] = { "type", "TYPE",
                             "attestation type that the policy is for: SgxEnclave, OpenEnclave, SevSnpVm, TdxVm, "
                             "AzureGuest, Tpm" },
    [OPTION_LENIENT] = { "lenient", NULL, "take with a warning what the service might take" },
    [OPTION_CHECK] = { "check", NULL, "print only the names of files that are not in the stable form; exit code 1" },
    [OPTION_IN_PLACE] = { "in-place", NULL, "change the files; one with errors is left as it is" },
    [OPTION_FAIL_ON] = { "fail-on", "SEVERITY",
                         "least severity that gives exit code 1, of error, warning, note: error" },
    [OPTION_EXPLAIN] = { "explain", "ID", "what a finding means and what to do about it; all explains every one" },
    [OPTION_TRACE] = { "trace", NULL, "which rules fired, with which claims, and why the others did not" },
    [OPTION_WORK_LIMIT] = { "work-limit", "N", "steps after which the evaluation is given up: 10000000" },
    [OPTION_TOKEN] = { "token", "FILE", "the token whose key the secret is sealed to, once it is validated" },
    [OPTION_KEY] = { "key", "FILE", "private key in PEM" },
    [OPTION_KID] = { "kid", "TEXT", "which of the token's keys, where it holds several" },
    [OPTION_SIGNERS] = { "signers", "FILE", "key set (JWKS or PEM) to trust; nothing is fetched" },
    [OPTION_ISSUER] = { "issuer", "URL", "who must have issued the token; default: the endpoint" },
    [OPTION_ROOT] = { "root", "FILE",
                      "PEM certificates to trust beside the makers' roots, for instance the simulator's" },
    [OPTION_RUNTIME_DATA] = { "runtime-data", "FILE", "data that the enclave bound to its evidence, as bytes" },
    [OPTION_RUNTIME_JSON] = { "runtime-json", "FILE",
                              "JSON object that the enclave bound to its evidence, carried as JSON claims" },
    [OPTION_INITTIME_DATA] = { "inittime-data", "FILE", "data from the time the enclave was made, as bytes" },
    [OPTION_INITTIME_JSON] = { "inittime-json", "FILE", "the same as a JSON object" },
    [OPTION_NONCE] = { "nonce", "TEXT", "must come back in the token; in a TPM's quote, where 0x... is hexadecimal" },
    [OPTION_DRAFT_POLICY] = { "draft-policy", "FILE", "try this policy text; the reply is not secured" },
    [OPTION_POLICY_HASH] = { "policy-hash", "HASH",
                             "policy that must have been applied: x-ms-policy-hash, or hexadecimal" },
    [OPTION_ATTESTATION_TYPE] = { "attestation-type", "TEXT",
                                  "what must have been attested: sgx, sevsnpvm, tdxvm, ..." },
    [OPTION_REQUIRE_CLAIM] = { "require-claim", "NAME[=VALUE]",
                               "claim the token must have; VALUE is JSON, else text. May be given several times" },
    [OPTION_NO_DEBUG] = { "no-debug", NULL, "refuse debuggable enclaves instead of warning" },
    [OPTION_APPRAISAL] = { "appraisal", "FILE",
                           "JSON object of what is expected: measurements, signers, versions, statuses" },
    [OPTION_EVIDENCE] = { "evidence", "FILE", "evidence that the collateral is for" },
    [OPTION_COLLATERAL] = { "collateral", "PATH",
                            "collateral, a file or a folder of files. May be given several times" },
    [OPTION_FETCH] = { "fetch", NULL, "fetch the collateral that the evidence needs" },
    [OPTION_SOURCE] = { "source", "KIND[=URL]",
                        "from where: auto, intel, amd, azure, azure-vm or pccs=URL; a URL alone is asked in the "
                        "maker's "
                        "place" },
    [OPTION_REGION] = { "region", "TEXT", "of --source azure: the region of its TDX items, its cache of VCEKs" },
    [OPTION_CACHE] = { "cache", "DIR",
                       "folder that keeps what is fetched; without --fetch what it has serves until its end" },
    [OPTION_POLICY] = { "policy-file", "FILE", "text of the policy" },
    [OPTION_SIGNING_KEY] = { "signing-key", "FILE", "PEM private key that signs; a policy without one is unsigned" },
    [OPTION_SIGNING_CERTIFICATE] = { "signing-certificate", "FILE", "PEM certificate of that key, or its chain" },
    [OPTION_ALGORITHM] = { "algorithm", "ALG", "RS256 to RS512, PS256 to PS512, ES256 to ES512; default: by the key" },
    [OPTION_MR_ENCLAVE] = { "mr-enclave", "HEX", "measurement of the enclave, 32 bytes" },
    [OPTION_MR_SIGNER] = { "mr-signer", "HEX", "measurement of its signer, 32 bytes" },
    [OPTION_PRODUCT_ID] = { "product-id", "N", "ISVPRODID, 0 to 65535" },
    [OPTION_SVN] = { "svn", "N", "ISVSVN, 0 to 65535" },
    [OPTION_DEBUG] = { "debug", NULL, "set the DEBUG attribute" },
    [OPTION_WITH] = { "with", "NAME=VALUE", "what else is to be so, see above. May be given several times" },
    [OPTION_STATE] = { "state", "DIR",
                       "folder of the made-up platform, made when missing; give the emulator the same one" },
    [OPTION_TYPE] = { "type", "rsa|ec", "RSA of 2048 bits, or EC on P-256: rsa" },
    [OPTION_SUBJECT] = { "subject", "CN", "common name in the certificate: azattest policy signer" },
    [OPTION_PASSPHRASE_FILE] = { "passphrase-file", "FILE",
                                 "passphrase of the private key, which it opens or encrypts: the first line of this "
                                 "file" },
    [OPTION_AT] = { "at", "TIME", "judge as of this time: 2026-01-31T12:00:00Z or epoch seconds" },
    [OPTION_OUT] = { "out", "FILE", "where it goes; - is standard output" },
    [OPTION_OUT_KEY] = { "out-key", "FILE", "where the private key goes, in PEM, readable for its owner alone" },
    [OPTION_OUT_CERTIFICATE] = { "out-certificate", "FILE", "where its self-signed certificate goes, in PEM" },
    [OPTION_CREDENTIAL] = { "credential", "KIND",
                            "where the access token comes from: default, environment, workload-identity, "
                            "managed-identity, azure-cli or none" },
    [OPTION_ACCESS_TOKEN_FILE] = { "access-token-file", "FILE",
                                   "instead: a token that you have, in the first line of this file; - is standard "
                                   "input" },
    [OPTION_CLIENT_ID] = { "client-id", "ID",
                           "of a user-assigned managed identity, or of the application of a workload identity" },
    [OPTION_TENANT_ID] = { "tenant-id", "ID", "tenant to ask with a workload identity or az" },
    [OPTION_SCOPES] = { "scopes", "SCOPES",
                        "what the access token is for, such as https://attest.azure.net/.default; needed where the "
                        "endpoint's name tells no cloud" },
    [OPTION_ENDPOINT] = { "endpoint", "URL", "attestation instance, https://...; else AZATTEST_ENDPOINT" },
    [OPTION_API_VERSION] = { "api-version", "VERSION",
                             "version of the service's interface: " AZATTEST_DEFAULT_API_VERSION },
    [OPTION_CA_FILE] = { "ca-file", "FILE", "PEM certificates to trust for TLS instead of the system's" },
    [OPTION_TIMEOUT] = { "timeout", "SECONDS", "time limit of the whole call, waits included: 100" },
    [OPTION_JSON] = { "json", NULL, "one JSON document on standard output" },
    [OPTION_LOG_LEVEL] = { "log-level", "LEVEL",
                           "verbose, info, warning or error on standard error; else AZURE_LOG_LEVEL" },
    [OPTION_TRACE_BODIES] = { "trace-bodies", NULL, "with verbose: bodies too, values cut to 8 characters" },
    [OPTION_HELP] = { "help", NULL, "this text" },
};

const azattest__section azattest__sections[] = {
    { "Access token",
      LIST(OPTION_CREDENTIAL, OPTION_ACCESS_TOKEN_FILE, OPTION_CLIENT_ID, OPTION_TENANT_ID, OPTION_SCOPES) },
    { "Collateral", LIST(OPTION_COLLATERAL, OPTION_FETCH, OPTION_SOURCE, OPTION_REGION, OPTION_CACHE) },
    { "Service", LIST(OPTION_ENDPOINT, OPTION_API_VERSION, OPTION_CA_FILE, OPTION_TIMEOUT) },
    { "Output", LIST(OPTION_JSON, OPTION_LOG_LEVEL, OPTION_TRACE_BODIES, OPTION_HELP) },
    { NULL, NULL },
};

const char *azattest__option_name(azattest__option option)
{
    static char name[32]; /* the command has one thread */

    snprintf(name, sizeof(name), "--%s", azattest__options[option].name);
    return name;
}

bool azattest__is_listed(const azattest__option *list, azattest__option option)
{
    for (; list != NULL && *list != OPTION_COUNT; list++)
        if (*list == option)
            return true;
    return false;
}

bool azattest__is_repeatable(azattest__option option)
{
    return azattest__is_listed(repeatable, option);
}
