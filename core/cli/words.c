#include "words.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "commands.h"
#include "error/error.h"

#define NONE NULL
#define SERVICE OPTION_ENDPOINT, OPTION_CA_FILE, OPTION_TIMEOUT, OPTION_LOG_LEVEL, OPTION_TRACE_BODIES
/* Where an access token can be had. */
#define SIGN_IN OPTION_CREDENTIAL, OPTION_CLIENT_ID, OPTION_TENANT_ID, OPTION_SCOPES
#define LOGIN SIGN_IN, OPTION_ACCESS_TOKEN_FILE
/* What every attestation takes; most of them take binary runtime data and a draft too. */
#define ATTEST_ANY                                                                                                     \
    SERVICE, LOGIN, OPTION_RUNTIME_JSON, OPTION_INITTIME_DATA, OPTION_INITTIME_JSON, OPTION_NONCE, OPTION_API_VERSION, \
        OPTION_AT, OPTION_NO_DEBUG
#define ATTEST ATTEST_ANY, OPTION_RUNTIME_DATA, OPTION_DRAFT_POLICY
#define ATTEST_TEXT SERVICE, LOGIN, OPTION_API_VERSION
#define ADMINISTRATION SERVICE, LOGIN, OPTION_API_VERSION, OPTION_AT
#define SIGNS OPTION_SIGNING_KEY, OPTION_SIGNING_CERTIFICATE, OPTION_PASSPHRASE_FILE, OPTION_ALGORITHM
/* Everything that a validation takes. */
#define VALIDATE                                                                                                       \
    SERVICE, OPTION_SIGNERS, OPTION_ISSUER, OPTION_AT, OPTION_NONCE, OPTION_RUNTIME_DATA, OPTION_RUNTIME_JSON,         \
        OPTION_NO_DEBUG, OPTION_POLICY_HASH, OPTION_ATTESTATION_TYPE, OPTION_REQUIRE_CLAIM
/* What evidence is judged by, and where collateral for it comes from. */
#define COLLATERAL                                                                                                     \
    OPTION_COLLATERAL, OPTION_FETCH, OPTION_SOURCE, OPTION_REGION, OPTION_CACHE, OPTION_CA_FILE, OPTION_TIMEOUT,       \
        OPTION_LOG_LEVEL
#define VERIFY COLLATERAL, OPTION_AT, OPTION_ROOT, OPTION_APPRAISAL
#define SIMULATE_ANY OPTION_STATE, OPTION_OUT, OPTION_WITH
#define SIMULATE                                                                                                       \
    SIMULATE_ANY, OPTION_MR_ENCLAVE, OPTION_MR_SIGNER, OPTION_PRODUCT_ID, OPTION_SVN, OPTION_DEBUG, OPTION_RUNTIME_DATA

#define FORMS                                                                                                          \
    "The file may be raw, hexadecimal, base64, base64url or PEM, or a JSON document of the Azure samples; - reads\n"   \
    "standard input. Which of them it is is detected."

#define TOKEN                                                                                                          \
    "Without an option the access token comes from the first that has one of: AZURE_CLIENT_ID and the like in the "    \
    "environment, workload identity, managed identity, az. AZURE_AUTHORITY_HOST names another cloud's authority. A "   \
    "secret never stands on the command line."
#define TYPES "TYPE is SgxEnclave, OpenEnclave, Tpm, SevSnpVm, TdxVm, AzureGuest, or another name.\n\n" TOKEN
#define ANONYMOUS "The call carries no access token unless --credential or --access-token-file is given."
#define ANONYMOUS_SINCE_2020 ANONYMOUS " In api-version 2018-09-01-preview it needs one, as with --credential default."
#define SIGNED                                                                                                         \
    "FILE is PEM or DER. The call is signed by the key of a certificate that the instance knows already, and the\n"    \
    "answer is compared with what was sent.\n\n" TOKEN

#define POLICY_FILE                                                                                                    \
    "FILE holds the policy's text; - reads standard input, and default:TYPE is the default policy of a type, as in "   \
    "default:SgxEnclave."

#define EVALUATION                                                                                                     \
    "\n\nWith --evidence the evidence is verified as evidence verify does it, and the answer is ADMITTED only when "   \
    "it "                                                                                                              \
    "verifies and the policy permits. The first line names what was not checked, such as properties of the policy "    \
    "by which only the service judges evidence. Nothing is sent without --fetch.\n\nClaims of --token and --claims "   \
    "are "                                                                                                             \
    "taken as they are, and the answer is that of the policy alone. Claims are {\"NAME\": VALUE} for those of the "    \
    "service, which get what it adds for --type, or a list of {\"type\", \"value\", \"issuer\"}.\n\nExit code 0: "     \
    "admitted, or permitted, 1: not, 2: "                                                                              \
    "wrong "                                                                                                           \
    "use, or the policy has errors, 3: something could not be read, or the policy cannot be evaluated, 130: "          \
    "interrupted."

#define TRUST                                                                                                          \
    "Only what was told to trust DIR/simulator-root.pem accepts it: an emulator with the same --state, or\n"           \
    "evidence verify --root."
#define TRUST_ALL                                                                                                      \
    "Only what was told to trust DIR/simulator-roots.pem accepts it, for instance by evidence verify --root."
/* What --with takes. */
#define OF_AN_ENCLAVE                                                                                                  \
    "--with knows of an enclave: quote-version (3, 4, 5), certification-type (1 to 5), report-data, config-id, "       \
    "config-svn, isv-family-id, isv-extended-product-id, trailing (bytes behind the quote)."
#define OF_A_TD                                                                                                        \
    "--with knows of a TD: quote-version (4, 5), td-report-15 (on, off), td-attributes, xfam, mr-td, mr-config-id, "   \
    "mr-owner, mr-owner-config, mr-service-td, mr-seam, rtmr0 to rtmr3, td-report-data, trailing."
#define OF_A_GUEST                                                                                                     \
    "--with knows of a guest: report-version (2, 3, 5), guest-svn, vmpl, policy, measurement, host-data, "             \
    "id-key-digest, author-key-digest, family-id, image-id, guest-report-data."
#define OF_A_VM                                                                                                        \
    "--with knows of a VM: vm, user-data, secure-boot (on, off), vm-unique-id, nonce (text), signature (rsassa, "      \
    "rsapss, ecdsa), pcr-bank (sha256, sha384, sha1), pcr-mask; what snp-report and tdx-quote know; and fault, of: "   \
    "runtime-claims, other-ak, tpm-signature, tpm-magic, pcr-value, td-report."
#define OF_INTEL                                                                                                       \
    "Of its platform: pck-ca (platform, processor), fmspc, pceid, cpu-svn, pcesvn, tee-tcb-svn, tee-tcb-svn2, "        \
    "tcb-status (UpToDate, OutOfDate, ...), tcb-advisories, tcb-date, tdx-module-status, tdx-module-advisories, "      \
    "qe-status, qe-advisories, tcb-info-version (2, 3), tcb-evaluation, qe-evaluation; from and until (times), "       \
    "window (what they are the life of: tcb-info, qe-identity, root-ca-crl, pck-crl, pck, tcb-signing); and fault, "   \
    "of: revoked-pck, revoked-pck-ca, revoked-tcb-signing, other-ca-crl, crl-signature, tcb-info-signature, "          \
    "qe-identity-signature, tcb-info-other-kind, qe-identity-other-kind, tcb-info-fmspc, tcb-info-pceid, "             \
    "no-module-identity, no-tdx-components, qe-mr-signer, qe-product-id, qe-misc-select, qe-attributes, qe-debug, "    \
    "qe-binding, qe-signature, quote-signature, byte-order, vendor, seam-signer, seam-attributes, report-data, "       \
    "certificate-key, pck-no-fmspc. Several are separated by commas."
#define OF_AMD                                                                                                         \
    "Of its machine: product (Milan, Genoa, Turin), chip-id, reported-tcb, vlek (on, off), csp-id, from, until, "      \
    "window (amd-crl, vcek); and fault, of: revoked-vcek, revoked-ask, vcek-other-chip, vcek-other-tcb, "              \
    "vcek-no-hardware-id, vcek-no-tcb, vcek-other-product, crl-signature, quote-signature, byte-order, report-data, "  \
    "masked-chip-id, key-kind, cpuid. Several are separated by commas."

static const azattest__command commands[] = {
    { "attest", "sgx-enclave", "--endpoint URL --quote FILE [--runtime-data FILE | --runtime-json FILE]",
      "Sends an SGX quote to the service and validates the token of the answer.", FORMS "\n\n" ANONYMOUS_SINCE_2020, 0,
      0, LIST(ATTEST, OPTION_QUOTE), LIST(OPTION_QUOTE), azattest__command_attest_sgx_enclave },
    { "attest", "open-enclave", "--endpoint URL --report FILE [--runtime-data FILE | --runtime-json FILE]",
      "Sends an Open Enclave report to the service and validates the token of the answer.",
      FORMS "\n\n" ANONYMOUS_SINCE_2020, 0, 0, LIST(ATTEST, OPTION_REPORT), LIST(OPTION_REPORT),
      azattest__command_attest_open_enclave },
    { "attest", "sev-snp-vm", "--endpoint URL --report FILE [--certificates FILE] [--runtime-json FILE]",
      "Sends an SEV-SNP report to the service and validates the token of the answer.",
      "The report is the raw one of 1184 bytes with its certificates, or the whole JSON document\n"
      "{\"SnpReport\", \"VcekCertChain\"} without them.\n\n" ANONYMOUS,
      0, 0, LIST(ATTEST_ANY, OPTION_DRAFT_POLICY, OPTION_REPORT, OPTION_CERTIFICATES, OPTION_ENDORSEMENTS),
      LIST(OPTION_REPORT), azattest__command_attest_sev_snp_vm },
    { "attest", "tdx-vm", "--endpoint URL --quote FILE [--runtime-data FILE | --runtime-json FILE]",
      "Sends a TDX quote to the service and validates the token of the answer.",
      "The quote is the raw one.\n\n" ANONYMOUS, 0, 0, LIST(ATTEST_ANY, OPTION_RUNTIME_DATA, OPTION_QUOTE),
      LIST(OPTION_QUOTE), azattest__command_attest_tdx_vm },
    { "attest", "azure-guest", "--endpoint URL --info FILE",
      "Sends the document of an Azure guest; prints the sealed answer as it comes.",
      "Only the guest's own TPM opens it. Then check the token inside with token validate.\n\n" ANONYMOUS, 0, 0,
      LIST(ATTEST_TEXT, OPTION_ATTESTATION_INFO, OPTION_DRAFT_POLICY), LIST(OPTION_ATTESTATION_INFO),
      azattest__command_attest_azure_guest },
    { "attest", "tpm", "--endpoint URL --content FILE",
      "Sends one message of a TPM's attestation; prints the answer, JSON.",
      "The first message is {\"payload\":{\"type\":\"aikcert\"}}; the last answer holds the report.\n\n" ANONYMOUS, 0,
      0, LIST(ATTEST_TEXT, OPTION_CONTENT), LIST(OPTION_CONTENT), azattest__command_attest_tpm },
    { "attest", "pluton", "--endpoint URL --content FILE --api-version 2026-03-11-preview",
      "Sends one message of a Pluton's attestation; prints the answer.", ANONYMOUS, 0, 0,
      LIST(ATTEST_TEXT, OPTION_CONTENT), LIST(OPTION_CONTENT), azattest__command_attest_pluton },
    { "attest", "key-guard", "--endpoint URL --info FILE --api-version 2026-03-11-preview",
      "Sends the document of KeyGuard; prints the sealed answer as it comes.", ANONYMOUS, 0, 0,
      LIST(ATTEST_TEXT, OPTION_ATTESTATION_INFO, OPTION_DRAFT_POLICY), LIST(OPTION_ATTESTATION_INFO),
      azattest__command_attest_key_guard },
    { "attest", "mdep-tz", "--endpoint URL --report FILE --api-version 2026-03-11-preview",
      "Sends the report of an MdepTz device and validates the token of the answer.", ANONYMOUS, 0, 0,
      LIST(ATTEST_ANY, OPTION_RUNTIME_DATA, OPTION_REPORT), LIST(OPTION_REPORT), azattest__command_attest_mdep_tz },
    { NULL, "tcb-baselines", "TYPE --endpoint URL",
      "Shows the TCB baselines that a policy of this type can choose from.",
      "TYPE is SgxEnclave, OpenEnclave or another attestation type.\n\nThe call carries no access token at first; if "
      "the instance wants one, it is made again as with --credential default.",
      1, 1, LIST(ATTEST_TEXT), NONE, azattest__command_tcb_baselines },
    { "token", "inspect", "FILE", "Shows what a token says, without any check: everything in it is UNVERIFIED.",
      "FILE holds the compact token, or a JSON answer with the member \"token\"; - reads standard input.", 1, 1, NONE,
      NONE, azattest__command_token_inspect },
    { "token", "validate", "FILE (--endpoint URL... [--ca-file FILE] | --signers FILE --issuer URL)",
      "Validates a token by the strict set, with the keys of the instance or with those of a file.",
      "FILE holds the compact token, or a JSON answer with the member \"token\"; - reads standard input.\n"
      "With --signers nothing is fetched, and --issuer has to say whose token it must be. Of several --endpoint the\n"
      "one that the token names judges it.",
      1, 1, LIST(VALIDATE), NONE, azattest__command_token_validate },
    { "secret", "seal", "FILE --token FILE (--endpoint URL... | --signers FILE --issuer URL) [--out FILE]",
      "Seals a secret to the key that an attested program put into its token, once the token is validated.",
      "FILE holds the secret; - reads standard input. The sealed text, a compact JWE, may travel on any way: only the\n"
      "program's private key opens it.",
      1, 1, LIST(VALIDATE, OPTION_TOKEN, OPTION_KID, OPTION_OUT), LIST(OPTION_TOKEN), azattest__command_secret_seal },
    { "secret", "open", "FILE --key FILE --out FILE", "Opens a sealed secret with the private key it was sealed to.",
      "FILE holds the sealed text; - reads standard input. The file that is written is readable for its owner alone.",
      1, 1, LIST(OPTION_KEY, OPTION_PASSPHRASE_FILE, OPTION_OUT), LIST(OPTION_KEY, OPTION_OUT),
      azattest__command_secret_open },
    { "keys", "export", "--endpoint URL [--out FILE]",
      "Fetches the signing keys of an instance, for validations without a connection later.",
      "The text (JWKS) is what token validate --signers takes. It is as good as the connection that it came over.", 0,
      0, LIST(SERVICE, OPTION_API_VERSION, OPTION_OUT), NONE, azattest__command_keys_export },
    { NULL, "metadata", "--endpoint URL", "Shows the OpenID metadata of an instance.",
      "It is as good as the connection that it came over; validation never depends on it.", 0, 0, LIST(SERVICE), NONE,
      azattest__command_metadata },
    { "evidence", "inspect", "FILE", "Shows every field of evidence, without any check.", FORMS, 1, 1, NONE, NONE,
      azattest__command_evidence_inspect },
    { "evidence", "verify", "FILE [--collateral PATH... | --fetch] [--appraisal FILE] [--at TIME] [--root FILE]",
      "Verifies evidence: signatures, bindings, certificates up to the maker's root key, and what is expected of it.",
      FORMS
      "\n\nSGX and TDX quotes, Open Enclave reports and evidence, certificates with evidence inside, SEV-SNP "
      "reports, HCL reports, TPM quotes and the documents of Azure guests. Without collateral the status of the "
      "platform and revocation are not checked; the verdict says what was left out, and an appraisal refuses that "
      "unless it names it. Nothing is sent without --fetch.",
      1, 1, LIST(VERIFY, OPTION_RUNTIME_DATA, OPTION_NONCE, OPTION_NO_DEBUG), NONE, azattest__command_evidence_verify },
    { "evidence", "collateral", "(--collateral PATH... | --evidence FILE --fetch) [--out FILE]",
      "Shows what collateral holds, and what it lacks for some evidence; fetches it; makes one file of it.",
      "Files may be answers of Intel's PCS or of a cache, bundles as dcap-qvl writes them, certificates and revocation "
      "lists, Open Enclave's endorsements, the JSON of Azure's THIM, or what --out has written. With --evidence the "
      "exit code is 1 when something is missing or does not serve.",
      0, 0, LIST(COLLATERAL, OPTION_AT, OPTION_ROOT, OPTION_EVIDENCE, OPTION_OUT), NONE,
      azattest__command_evidence_collateral },
    { "service", "verify", "ENDPOINT [--appraisal FILE] [--collateral PATH... | --fetch]",
      "Verifies the enclaves behind the signing keys of an instance, by the quotes in their certificates.",
      "ENDPOINT is the address of the instance, or a file with its key set, as keys export writes it; - reads standard "
      "input. Keys without evidence, which instances have beside those of their enclaves, do not change the exit code: "
      "the first line counts them, and tokens that they sign are not covered. A debuggable enclave is refused unless "
      "the appraisal allows it; which enclave it has to be, only an appraisal can say.",
      1, 1, LIST(VERIFY, OPTION_TRACE_BODIES), NONE, azattest__command_service_verify },
    { "policy", "get", "TYPE --endpoint URL", "Prints the policy for a type of attestation, and says who signed it.",
      TYPES, 1, 1, LIST(ADMINISTRATION), NONE, azattest__command_policy_get },
    { "policy", "set", "TYPE --policy-file FILE --endpoint URL [--signing-key FILE --signing-certificate FILE]",
      "Sets the policy; the answer is compared with what was sent.",
      "A policy with errors is refused: azattest policy lint FILE --type TYPE finds them beforehand.\n\n" TYPES, 1, 1,
      LIST(ADMINISTRATION, SIGNS, OPTION_POLICY), LIST(OPTION_POLICY), azattest__command_policy_set },
    { "policy", "reset", "TYPE --endpoint URL [--signing-key FILE --signing-certificate FILE]",
      "Goes back to the default policy.", TYPES, 1, 1, LIST(ADMINISTRATION, SIGNS), NONE,
      azattest__command_policy_reset },
    { "policy", "token", "FILE [--signing-key FILE --signing-certificate FILE]",
      "Prints exactly the token that setting the policy in FILE would send.", POLICY_FILE, 1, 1, LIST(SIGNS), NONE,
      azattest__command_policy_token },
    { "policy", "hash", "FILE [--token FILE] [--signing-key FILE --signing-certificate FILE]",
      "Prints the hash of the policy in FILE, as attestation tokens have it, and that of its policy token.",
      POLICY_FILE "\n\nWith --token it answers whether the token says that it was issued under this text: 0 yes, 1 no. "
                  "Without a FILE it names the policy of the token, if that is one of the known defaults. ECDSA and PS "
                  "signatures, and so the policy token's hash, differ each time.",
      0, 1, LIST(SIGNS, OPTION_POLICY_TOKEN), NONE, azattest__command_policy_hash },
    { "policy", "lint", "FILE... [--type TYPE] [--fail-on SEVERITY]",
      "Finds what is wrong with policies, or looks wrong: syntax, names of claims, rules that cannot fire.",
      POLICY_FILE
      "\n\nA comment silences a finding: // azattest: ignore ID on its line or the one before, // azattest: "
      "ignore-file ID anywhere. Exit code 1: there are findings of the severity of --fail-on or above.",
      0, SIZE_MAX, LIST(OPTION_POLICY_TYPE, OPTION_LENIENT, OPTION_FAIL_ON, OPTION_EXPLAIN), NONE,
      azattest__command_policy_lint },
    { "policy", "format", "FILE... [--check | --in-place]", "Prints policies in one stable form, comments kept.",
      POLICY_FILE
      "\n\nThe formatted text says the same, but is another text with another hash. Exit code 1: a policy has "
      "errors or, with --check, is not in the stable form.",
      1, SIZE_MAX, LIST(OPTION_CHECK, OPTION_IN_PLACE, OPTION_LENIENT), NONE, azattest__command_policy_format },
    { "policy", "parse", "FILE", "Shows the parts of a policy with their places; --json prints its tree.", POLICY_FILE,
      1, 1, LIST(OPTION_LENIENT), NONE, azattest__command_policy_parse },
    { "policy", "explain", "FILE", "Says in English what each rule of a policy does.", POLICY_FILE, 1, 1,
      LIST(OPTION_LENIENT), NONE, azattest__command_policy_explain },
    { "policy", "eval", "FILE (--evidence FILE | --token FILE | --claims FILE) [--type TYPE] [--trace]",
      "Evaluates a policy: would this be admitted, and what would the token say?", POLICY_FILE EVALUATION, 1, 1,
      LIST(VERIFY, OPTION_POLICY_EVIDENCE, OPTION_POLICY_TOKEN, OPTION_CLAIMS, OPTION_POLICY_TYPE, OPTION_LENIENT,
           OPTION_RUNTIME_DATA, OPTION_RUNTIME_JSON, OPTION_NONCE, OPTION_NO_DEBUG, OPTION_TRACE, OPTION_WORK_LIMIT),
      NONE, azattest__command_policy_eval },
    { "policy", "diff", "FILE FILE [--claims PATH... | --evidence PATH...]",
      "Compares two policies rule by rule, and by what they make of claims or evidence.",
      POLICY_FILE
      "\n\nEvidence is taken at its word here. Files that cannot be used are named.\n\nExit code 0: the same rules and "
      "outcomes, 1: they differ, 2: wrong use, or a policy has errors, 3: something could not be read or used, 130: "
      "interrupted.",
      2, 2, LIST(OPTION_CLAIMS_PATH, OPTION_EVIDENCE_PATH, OPTION_POLICY_TYPE, OPTION_LENIENT), NONE,
      azattest__command_policy_diff },
    { "certificates", "list", "--endpoint URL",
      "Prints the certificates whose keys may sign policies; none but on isolated instances.", TOKEN, 0, 0,
      LIST(ADMINISTRATION), NONE, azattest__command_certificates_list },
    { "certificates", "add", "FILE --endpoint URL --signing-key FILE --signing-certificate FILE",
      "Adds a certificate to those whose keys may sign policies.", SIGNED, 1, 1, LIST(ADMINISTRATION, SIGNS),
      LIST(OPTION_SIGNING_KEY, OPTION_SIGNING_CERTIFICATE), azattest__command_certificates_add },
    { "certificates", "remove", "FILE --endpoint URL --signing-key FILE --signing-certificate FILE",
      "Removes a certificate from those whose keys may sign policies.", SIGNED, 1, 1, LIST(ADMINISTRATION, SIGNS),
      LIST(OPTION_SIGNING_KEY, OPTION_SIGNING_CERTIFICATE), azattest__command_certificates_remove },
    { NULL, "access-token", "[--credential KIND] [--scopes SCOPES] [--out FILE]",
      "Prints an access token, for scripts.",
      "Whoever has the token can act as its owner until it expires, and a terminal or a log keeps what it was shown: "
      "pipe it, or write it with --out, readable for its owner alone. It is for https://attest.azure.net/.default "
      "unless --scopes says otherwise.\n\n" TOKEN,
      0, 0, LIST(SIGN_IN, OPTION_OUT, OPTION_CA_FILE, OPTION_TIMEOUT, OPTION_LOG_LEVEL), NONE,
      azattest__command_access_token },
    { "simulate", "sgx-quote", "--state DIR --out FILE [--runtime-data FILE]",
      "Makes an SGX quote of a made-up platform, for development without the hardware.",
      TRUST "\n\n" OF_AN_ENCLAVE "\n\n" OF_INTEL, 0, 0, LIST(SIMULATE), LIST(OPTION_STATE, OPTION_OUT),
      azattest__command_simulate_sgx_quote },
    { "simulate", "open-enclave-report", "--state DIR --out FILE [--runtime-data FILE]",
      "Makes an Open Enclave report of a made-up platform, for development without the hardware.",
      TRUST "\n\n" OF_AN_ENCLAVE "\n\n" OF_INTEL, 0, 0, LIST(SIMULATE), LIST(OPTION_STATE, OPTION_OUT),
      azattest__command_simulate_open_enclave_report },
    { "simulate", "open-enclave-evidence", "--state DIR --out FILE [--runtime-data FILE] [--with form=FORMAT]",
      "Makes Open Enclave evidence of a made-up platform.",
      TRUST "\n\nform is sgx_ecdsa (the runtime data are its custom claims), legacy_report, raw_sgx_quote or "
            "tdx_quote.\n\n" OF_AN_ENCLAVE "\n\n" OF_INTEL,
      0, 0, LIST(SIMULATE), LIST(OPTION_STATE, OPTION_OUT), azattest__command_simulate_open_enclave_evidence },
    { "simulate", "tdx-quote", "--state DIR --out FILE [--runtime-data FILE]",
      "Makes a TDX quote of a made-up trust domain.", TRUST "\n\n" OF_A_TD "\n\n" OF_INTEL, 0, 0,
      LIST(SIMULATE_ANY, OPTION_DEBUG, OPTION_RUNTIME_DATA), LIST(OPTION_STATE, OPTION_OUT),
      azattest__command_simulate_tdx_quote },
    { "simulate", "td-report", "--state DIR --out FILE [--runtime-data FILE]",
      "Makes the TDREPORT that such a quote is made of; nobody can verify one from afar.", OF_A_TD, 0, 0,
      LIST(SIMULATE_ANY, OPTION_DEBUG, OPTION_RUNTIME_DATA), LIST(OPTION_STATE, OPTION_OUT),
      azattest__command_simulate_td_report },
    { "simulate", "snp-report", "--state DIR --out FILE [--runtime-data FILE]",
      "Makes an SEV-SNP report of a made-up guest.", TRUST_ALL "\n\n" OF_A_GUEST "\n\n" OF_AMD, 0, 0,
      LIST(SIMULATE_ANY, OPTION_DEBUG, OPTION_RUNTIME_DATA), LIST(OPTION_STATE, OPTION_OUT),
      azattest__command_simulate_snp_report },
    { "simulate", "hcl-report", "--state DIR --out FILE [--with vm=snp|tdx|none]",
      "Makes the HCL report of a made-up virtual machine of Azure.", TRUST_ALL "\n\n" OF_A_VM, 0, 0,
      LIST(SIMULATE_ANY, OPTION_DEBUG), LIST(OPTION_STATE, OPTION_OUT), azattest__command_simulate_hcl_report },
    { "simulate", "tpm-quote", "--state DIR --out FILE [--with nonce=TEXT]",
      "Makes a TPM quote with its key and PCRs, as a JSON document.", OF_A_VM, 0, 0, LIST(SIMULATE_ANY),
      LIST(OPTION_STATE, OPTION_OUT), azattest__command_simulate_tpm_quote },
    { "simulate", "azure-guest", "--state DIR --out FILE [--with vm=snp|tdx|none] [--with form=FORM]",
      "Makes the bundle of a made-up guest of Azure: HCL report, TPM quote, TD quote or VCEK chain.",
      TRUST_ALL "\n\nform is evidence (as guest components send it) or attestation_info (the request to "
                "/attest/AzureGuest).\n\n" OF_A_VM,
      0, 0, LIST(SIMULATE_ANY, OPTION_DEBUG), LIST(OPTION_STATE, OPTION_OUT), azattest__command_simulate_azure_guest },
    { "simulate", "attested-certificate", "--state DIR --out FILE --key FILE [--subject CN] [--with form=FORM]",
      "Makes a self-signed certificate of a key, with evidence inside that binds the key.",
      TRUST "\n\nform is ga, legacy, preview, evidence, legacy_evidence or ra_tls.\n\n" OF_AN_ENCLAVE "\n\n" OF_INTEL,
      0, 0,
      LIST(SIMULATE_ANY, OPTION_DEBUG, OPTION_KEY, OPTION_SUBJECT, OPTION_MR_ENCLAVE, OPTION_MR_SIGNER,
           OPTION_PRODUCT_ID, OPTION_SVN),
      LIST(OPTION_STATE, OPTION_OUT, OPTION_KEY), azattest__command_simulate_attested_certificate },
    { "simulate", "collateral", "--state DIR --out FILE [--with tee=sgx|tdx|snp] [--with item=ITEM]",
      "Makes the collateral of a made-up machine: TCB info, identities, certificates, revocation lists.",
      "Give the same --with as to the evidence. All of it is one JSON document; item names one piece, as the services "
      "give "
      "it: tcb_info, qe_identity, tcb_evaluation_numbers (JSON), pck_crl, root_ca_crl, amd_crl (DER), pck (PEM), vcek "
      "(DER), amd_chain (PEM).\n\n" OF_INTEL "\n\n" OF_AMD,
      0, 0, LIST(SIMULATE_ANY), LIST(OPTION_STATE, OPTION_OUT), azattest__command_simulate_collateral },
    { "simulate", "signing-key", "--out-key FILE --out-certificate FILE [--type rsa|ec] [--subject CN]",
      "Makes a key to sign policies with and its self-signed certificate, for tests and examples.",
      "The certificate says CA:TRUE, as the service asks of policy signers. Files that exist are replaced.", 0, 0,
      LIST(OPTION_OUT_KEY, OPTION_OUT_CERTIFICATE, OPTION_TYPE, OPTION_SUBJECT, OPTION_PASSPHRASE_FILE),
      LIST(OPTION_OUT_KEY, OPTION_OUT_CERTIFICATE), azattest__command_simulate_signing_key },
    { NULL, "emulator", "", "Runs a local attestation service, for development; it is not a trust anchor.", NULL, 0, 0,
      NONE, NONE, NULL },
    { NULL, "defaults", "", "Shows every default: limits, waits, checks.", NULL, 0, 0, NONE, NONE,
      azattest__command_defaults },
    { NULL, "version", "", "Shows the versions of command, libraries and service interface.", NULL, 0, 0, NONE, NONE,
      azattest__command_version },
    { NULL, "help", "[WORD...]", "Shows this text, or that of a command.", NULL, 0, 0, NONE, NONE, NULL },
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const char *first_word(const azattest__command *command)
{
    return command->group != NULL ? command->group : command->name;
}

const azattest__command *azattest__command_at(size_t index)
{
    return index < COMMAND_COUNT ? &commands[index] : NULL;
}

bool azattest__accepts(const azattest__command *command, azattest__option option)
{
    return option == OPTION_HELP || (option == OPTION_JSON && command->run != NULL) || /* help has no document */
           azattest__is_listed(command->accepts, option);
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

/* "evaluate" is "eval": whoever writes a word out, or shortens it, means that one. */
static void consider(const char *word, const char *candidate, const char **best, size_t *distance)
{
    enum { SHORTEST = 3 };
    size_t word_len = strlen(word), len = strlen(candidate), least = word_len < len ? word_len : len;

    if (least >= SHORTEST && strncmp(word, candidate, least) == 0) {
        *best = candidate;
        *distance = 0;
    } else {
        azattest__nearer(word, candidate, best, distance);
    }
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
            consider(word, first_word(&commands[i]), &best, &best_distance);
        else if (commands[i].group != NULL && strcmp(commands[i].group, group) == 0)
            consider(word, commands[i].name, &best, &best_distance);
    group = group == NULL ? "" : group;
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "unknown command '%s%s%s'", group, blank,
                        shown == NULL ? "?" : shown);
    free(shown);
    if (best != NULL)
        return azattest__next_step(error, "did you mean 'azattest %s%s%s'?", group, blank, best);
    return azattest__next_step(error, "'azattest help%s%s' lists the commands", blank, group);
}
