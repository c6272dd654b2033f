/* The strict set, check by check: each case is a good token or options with one thing changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tokens.h"
#include "token/token.h"

#define GOOD_BODY                                                                                                      \
    "{\"exp\":1767254400,\"iat\":1767225600,\"iss\":\"" TOKEN_ENDPOINT "\",\"nbf\":1767225600,\"nonce\":\"n-1\","      \
    "\"x-ms-attestation-type\":\"sgx\",\"x-ms-policy-hash\":\"bROrN897ZfWmWY2V0FLUlu3uwk5xatGnKYHn3zBbSlw\","          \
    "\"x-ms-runtime\":{\"b\":[1,2.0],\"a\":\"x\"},\"x-ms-sgx-ehd\":\"AQID\",\"x-ms-sgx-is-debuggable\":false,"         \
    "\"x-ms-sgx-svn\":1}"

/* bROrN897ZfWmWY2V0FLUlu3uwk5xatGnKYHn3zBbSlw */
static const unsigned char policy_hash[32] = { 0x6d, 0x13, 0xab, 0x37, 0xcf, 0x7b, 0x65, 0xf5, 0xa6, 0x59, 0x8d,
                                               0x95, 0xd0, 0x52, 0xd4, 0x96, 0xed, 0xee, 0xc2, 0x4e, 0x71, 0x6a,
                                               0xd1, 0xa7, 0x29, 0x81, 0xe7, 0xdf, 0x30, 0x5b, 0x4a, 0x5c };

typedef struct validate_case {
    const char *name;
    const char *header; /* NULL: the usual one, RS256 */
    const char *body;   /* NULL: GOOD_BODY */
    void (*tweak)(azattest_validation_options *options);
    int64_t shift_s; /* of the time of validation */
    azattest_status status;
    const char *message; /* a part of the expected error text */
} validate_case;

static void slack_none(azattest_validation_options *options)
{
    options->validation_slack_ms = -1;
}

static void age_one_hour(azattest_validation_options *options)
{
    options->max_age_s = 3600;
}

/* Without a signature check, which such a time would not pass. */
static void before_all_times(azattest_validation_options *options)
{
    options->validate_signature = AZATTEST_OFF;
    options->max_age_s = 3600;
    options->now_ms = INT64_MIN;
}

static void no_expiry_needed(azattest_validation_options *options)
{
    options->require_expiration = AZATTEST_OFF;
}

static void no_expiry_check(azattest_validation_options *options)
{
    options->validate_expiration = AZATTEST_OFF;
}

static void no_issuer_check(azattest_validation_options *options)
{
    options->validate_issuer = AZATTEST_OFF;
    options->issuers = NULL;
}

static const char *const spelt[] = { "https://TEST.wus.attest.azure.NET:443/" };
static const char *const two[] = { "https://other.attest.azure.net", TOKEN_ENDPOINT };
static const char *const prefix[] = { TOKEN_ENDPOINT ".evil.example" };
static const char *const port[] = { TOKEN_ENDPOINT ":8443" };
static const char *const plain[] = { "http://test.wus.attest.azure.net" };

/* clang-format off */
static void issuer_spelt(azattest_validation_options *options) { options->issuers = spelt; }
static void issuer_two(azattest_validation_options *options) { options->issuers = two; options->issuer_count = 2; }
static void issuer_prefix(azattest_validation_options *options) { options->issuers = prefix; }
static void issuer_port(azattest_validation_options *options) { options->issuers = port; }
static void issuer_plain(azattest_validation_options *options) { options->issuers = plain; }
static void nonce_right(azattest_validation_options *options) { options->expected_nonce = "n-1"; }
static void nonce_wrong(azattest_validation_options *options) { options->expected_nonce = "n-2"; }
static void nonce_longer(azattest_validation_options *options) { options->expected_nonce = "n-11"; }
static void type_right(azattest_validation_options *options) { options->expected_type = "sgx"; }
static void type_by_path(azattest_validation_options *options) { options->expected_type = AZATTEST_TYPE_SGX_ENCLAVE; }
static void type_any_case(azattest_validation_options *options) { options->expected_type = "openENCLAVE"; }
static void type_other_path(azattest_validation_options *options) { options->expected_type = AZATTEST_TYPE_AZURE_GUEST; }
static void type_wrong(azattest_validation_options *options) { options->expected_type = "sevsnpvm"; }
static void no_debug(azattest_validation_options *options) { options->allow_debug = AZATTEST_OFF; }
static void held_right(azattest_validation_options *options) { options->expected_runtime_data = azattest__text("\1\2\3"); }
static void held_wrong(azattest_validation_options *options) { options->expected_runtime_data = azattest__text("\1\2\4"); }
static void held_empty(azattest_validation_options *options) { options->expected_runtime_data = azattest__text(""); }
static void json_right(azattest_validation_options *options) { options->expected_runtime_json = azattest__text("{\"a\":\"x\", \"b\":[1,2]}"); }
static void json_wrong(azattest_validation_options *options) { options->expected_runtime_json = azattest__text("{\"a\":\"x\",\"b\":[2,1]}"); }
static void hash_right(azattest_validation_options *options) { options->expected_policy_hash = azattest__bytes(policy_hash, 32); }
static void hash_wrong(azattest_validation_options *options) { options->expected_policy_hash = azattest__bytes("01234567890123456789012345678901", 32); }
static void hash_short(azattest_validation_options *options) { options->expected_policy_hash = azattest__bytes(policy_hash, 31); }
static void unsecured(azattest_validation_options *options) { options->allow_unsecured = AZATTEST_ON; }
static void held_no_bytes(azattest_validation_options *options) { options->expected_runtime_data = azattest__bytes(NULL, 3); }
static void json_no_bytes(azattest_validation_options *options) { options->expected_runtime_json = azattest__bytes(NULL, 2); }
static unsigned char two_hashes[64], hex_hash[64], many_hashes[65 * 32];
static void hash_second(azattest_validation_options *options)
{
    memcpy(two_hashes + 32, policy_hash, 32);
    options->expected_policy_hash = azattest__bytes(two_hashes, 64);
}
static void hash_none_of_two(azattest_validation_options *options) { options->expected_policy_hash = azattest__bytes(many_hashes, 64); }
static void hash_and_a_half(azattest_validation_options *options) { options->expected_policy_hash = azattest__bytes(many_hashes, 48); }
static void hash_too_many(azattest_validation_options *options) { options->expected_policy_hash = azattest__bytes(many_hashes, 65 * 32); }
static void hash_empty(azattest_validation_options *options) { options->expected_policy_hash = azattest__bytes("", 0); }
static void hash_hex(azattest_validation_options *options)
{
    memset(hex_hash, 'a', sizeof(hex_hash));
    options->expected_policy_hash = azattest__bytes(hex_hash, 64);
}
static void hash_no_bytes(azattest_validation_options *options) { options->expected_policy_hash = azattest__bytes(NULL, 32); }
static void require_no_list(azattest_validation_options *options) { options->require_claim_count = 1; }
static void algorithms_no_list(azattest_validation_options *options) { options->algorithm_count = 1; }
static void debug_no_switch(azattest_validation_options *options) { memset(&options->allow_debug, 3, sizeof(options->allow_debug)); }
static void signature_no_switch(azattest_validation_options *options) { memset(&options->validate_signature, 3, sizeof(options->validate_signature)); }
/* clang-format on */

static const char *const only_ps[] = { "PS256" };
static const char *const with_none[] = { "RS256", "none" };

static void algorithms_ps(azattest_validation_options *options)
{
    options->algorithms = only_ps;
    options->algorithm_count = 1;
}

static void algorithms_none(azattest_validation_options *options)
{
    options->algorithms = with_none;
    options->algorithm_count = 2;
}

static const azattest_claim_requirement claims_right[] = { { "x-ms-sgx-svn", "1.0" }, { "iat", NULL } };
static const azattest_claim_requirement claims_vmpl[] = { { "x-ms-sevsnpvm-vmpl", "0" } };
static const azattest_claim_requirement claims_wrong[] = { { "x-ms-sgx-svn", "2" } };
static const azattest_claim_requirement claims_text[] = { { "x-ms-sgx-svn", "\"1\"" } };
static const azattest_claim_requirement claims_absent[] = { { "x-ms-sgx-mrsigner", NULL } };
static const azattest_claim_requirement claims_broken[] = { { "x-ms-sgx-svn", "{" } };

static void require(azattest_validation_options *options, const azattest_claim_requirement *claims, size_t count)
{
    options->require_claims = claims;
    options->require_claim_count = count;
}

/* clang-format off */
static void require_right(azattest_validation_options *options) { require(options, claims_right, 2); }
static void require_wrong(azattest_validation_options *options) { require(options, claims_wrong, 1); }
static void require_vmpl(azattest_validation_options *options) { require(options, claims_vmpl, 1); }
static void require_text(azattest_validation_options *options) { require(options, claims_text, 1); }
static void require_absent(azattest_validation_options *options) { require(options, claims_absent, 1); }
static void require_broken(azattest_validation_options *options) { require(options, claims_broken, 1); }
/* clang-format on */

static azattest_status refuse(void *user, const azattest_token *token, const azattest_signer *signer,
                              azattest_error **error)
{
    (void)user;
    assert_non_null(token);
    assert_non_null(signer);
    if (error != NULL)
        *error = azattest_error_new(AZATTEST_E_TOKEN_CALLBACK, "not on my list");
    return AZATTEST_E_TOKEN_CALLBACK;
}

static azattest_status accept(void *user, const azattest_token *token, const azattest_signer *signer,
                              azattest_error **error)
{
    (void)user, (void)token, (void)signer, (void)error;
    return AZATTEST_OK;
}

/* clang-format off */
static void callback_refuses(azattest_validation_options *options) { options->validation_callback = refuse; }
static void callback_accepts(azattest_validation_options *options) { options->validation_callback = accept; }

#define HEADER(rest) "{\"alg\":\"RS256\",\"kid\":\"KID\"" rest "}"
#define BODY(claims) "{" claims "}"
#define TIMES "\"exp\":1767254400,\"iat\":1767225600,\"nbf\":1767225600"
#define ISS "\"iss\":\"" TOKEN_ENDPOINT "\""

static const validate_case cases[] = {
    { "a good token", NULL, NULL, NULL, 0, AZATTEST_OK, NULL },
    { "T2: typ JWS in any case", HEADER(",\"typ\":\"jws\""), NULL, NULL, 0, AZATTEST_OK, NULL },
    { "T2: typ of another kind", HEADER(",\"typ\":\"attReq\""), NULL, NULL, 0, AZATTEST_E_TOKEN_TYPE, "attReq" },
    { "T3: HS256", "{\"alg\":\"HS256\",\"kid\":\"KID\"}", NULL, NULL, 0, AZATTEST_E_TOKEN_ALGORITHM, "HS256" },
    { "T3: none", "{\"alg\":\"none\",\"kid\":\"KID\"}", NULL, NULL, 0, AZATTEST_E_TOKEN_ALGORITHM, "not signed" },
    { "T3: None", "{\"alg\":\"None\",\"kid\":\"KID\"}", NULL, unsecured, 0, AZATTEST_E_TOKEN_ALGORITHM, "None" },
    { "T3: NONE even where unsigned tokens are allowed", "{\"alg\":\"NONE\",\"kid\":\"KID\"}", NULL, unsecured, 0, AZATTEST_E_TOKEN_ALGORITHM, "NONE" },
    { "T3: none that keeps a signature", "{\"alg\":\"none\",\"kid\":\"KID\"}", NULL, unsecured, 0, AZATTEST_E_TOKEN_ALGORITHM, "carries a signature" },
    { "T3: the vendor's misspelling RSA256", "{\"alg\":\"RSA256\",\"kid\":\"KID\"}", NULL, NULL, 0, AZATTEST_E_TOKEN_ALGORITHM, "RSA256" },
    { "T3: not in the caller's list", NULL, NULL, algorithms_ps, 0, AZATTEST_E_TOKEN_ALGORITHM, "allow list" },
    { "T3: none cannot be put on the list", NULL, NULL, algorithms_none, 0, AZATTEST_E_ARGUMENT, "allow_unsecured" },
    { "T4: crit", HEADER(",\"crit\":[\"exp\"]"), NULL, NULL, 0, AZATTEST_E_TOKEN_CRITICAL, "crit" },
    { "T4: an empty crit", HEADER(",\"crit\":[]"), NULL, NULL, 0, AZATTEST_E_TOKEN_CRITICAL, "crit" },
    { "K2: jku of another host", HEADER(",\"jku\":\"https://evil.example/certs\""), NULL, NULL, 0, AZATTEST_E_TOKEN_KEY_URL, "evil.example" },
    { "K2: jku with user information", HEADER(",\"jku\":\"https://test.wus.attest.azure.net@evil.example/certs\""), NULL, NULL, 0, AZATTEST_E_TOKEN_KEY_URL, "jku" },
    { "K2: jku of another path", HEADER(",\"jku\":\"" TOKEN_ENDPOINT "/other/certs\""), NULL, NULL, 0, AZATTEST_E_TOKEN_KEY_URL, "jku" },
    { "K2: jku with a second slash", HEADER(",\"jku\":\"" TOKEN_ENDPOINT "//certs\""), NULL, NULL, 0, AZATTEST_E_TOKEN_KEY_URL, "jku" },
    { "K2: jku spelt otherwise", HEADER(",\"jku\":\"https://Test.wus.attest.azure.net:443/certs\""), NULL, NULL, 0, AZATTEST_OK, NULL },
    { "K3: unknown kid", "{\"alg\":\"RS256\",\"kid\":\"nobody\"}", NULL, NULL, 0, AZATTEST_E_TOKEN_KEY_UNKNOWN, "nobody" },
    { "K3: empty kid", "{\"alg\":\"RS256\",\"kid\":\"\"}", NULL, NULL, 0, AZATTEST_E_TOKEN_KEY_UNKNOWN, "key id" },
    { "K4: no kid", "{\"alg\":\"RS256\"}", NULL, NULL, 0, AZATTEST_OK, NULL },
    { "K5: another algorithm of the same key", "{\"alg\":\"ES256\",\"kid\":\"KID\"}", NULL, NULL, 0, AZATTEST_E_TOKEN_KEY_UNFIT, "RSA" },
    { "K7: after the certificate's end", NULL, NULL, no_expiry_check, INT64_C(3000000000), AZATTEST_E_TOKEN_CERTIFICATE, "ended" },
    { "S1: signed for another algorithm", "{\"alg\":\"RS512\",\"kid\":\"KID\"}", NULL, NULL, 0, AZATTEST_E_TOKEN_SIGNATURE, "signature" },
    { "C1: last second of the slack", NULL, NULL, NULL, 28800 + 60, AZATTEST_OK, NULL },
    { "C1: one second behind the slack", NULL, NULL, NULL, 28800 + 61, AZATTEST_E_TOKEN_EXPIRED, "expired at 2026-01-01T08:00:00Z" },
    { "C1: an hour and a second old is not a second old", NULL, NULL, slack_none, 28800 + 3601, AZATTEST_E_TOKEN_EXPIRED, "expired" },
    { "C1: without slack", NULL, NULL, slack_none, 28801, AZATTEST_E_TOKEN_EXPIRED, "expired" },
    { "C1: exp is missing", NULL, BODY(ISS ",\"nbf\":1767225600"), NULL, 0, AZATTEST_E_TOKEN_EXPIRED, "\"exp\" is missing" },
    { "C1: exp is missing and need not be there", NULL, BODY(ISS), no_expiry_needed, 0, AZATTEST_OK, NULL },
    { "C1: exp is text", NULL, BODY(ISS ",\"exp\":\"1767254400\""), NULL, 0, AZATTEST_E_TOKEN_EXPIRED, "whole number" },
    { "C1: exp is a fraction", NULL, BODY(ISS ",\"exp\":1767254400.5"), NULL, 0, AZATTEST_E_TOKEN_EXPIRED, "whole number" },
    { "C1: exp beyond all calendars", NULL, BODY(ISS ",\"exp\":9223372036854775807"), NULL, 0, AZATTEST_E_TOKEN_EXPIRED, "whole number" },
    { "C1: negative exp", NULL, BODY(ISS ",\"exp\":-1"), NULL, 0, AZATTEST_E_TOKEN_EXPIRED, "whole number" },
    { "C1: exp without nbf is still checked", NULL, BODY(ISS ",\"exp\":1767225000"), NULL, 0, AZATTEST_E_TOKEN_EXPIRED, "expired" },
    { "C2: a clock one minute slow", NULL, NULL, NULL, -60, AZATTEST_OK, NULL },
    { "C2: a clock 61 seconds slow", NULL, NULL, NULL, -61, AZATTEST_E_TOKEN_NOT_YET_VALID, "nbf" },
    { "C2: iat in the future without nbf", NULL, BODY(ISS ",\"exp\":1767254400,\"iat\":1767240000"), NULL, 0, AZATTEST_E_TOKEN_NOT_YET_VALID, "iat" },
    { "C2: nbf is no number", NULL, BODY(ISS ",\"exp\":1767254400,\"nbf\":true"), NULL, 0, AZATTEST_E_TOKEN_NOT_YET_VALID, "nbf" },
    { "age within the limit", NULL, NULL, age_one_hour, 3600, AZATTEST_OK, NULL },
    { "age beyond the limit", NULL, NULL, age_one_hour, 3700, AZATTEST_E_TOKEN_AGE, "3600" },
    { "age of a token without iat", NULL, BODY(ISS ",\"exp\":1767254400"), age_one_hour, 0, AZATTEST_E_TOKEN_AGE, "iat" },
    { "C3: spelt otherwise", NULL, NULL, issuer_spelt, 0, AZATTEST_OK, NULL },
    { "C3: second of a list", NULL, NULL, issuer_two, 0, AZATTEST_OK, NULL },
    { "C3: expected issuer is longer", HEADER(""), NULL, issuer_prefix, 0, AZATTEST_E_TOKEN_ISSUER, "evil.example" },
    { "C3: a token of another instance, keys at that instance", NULL, BODY(TIMES ",\"iss\":\"" TOKEN_ENDPOINT "\""), issuer_prefix, 0, AZATTEST_E_TOKEN_ISSUER, "evil.example" },
    { "C3: another port", HEADER(""), NULL, issuer_port, 0, AZATTEST_E_TOKEN_ISSUER, ":8443" },
    { "C3: another scheme", HEADER(""), NULL, issuer_plain, 0, AZATTEST_E_TOKEN_ISSUER, "http://" },
    { "C3: iss is missing", NULL, BODY(TIMES), NULL, 0, AZATTEST_E_TOKEN_ISSUER, "missing" },
    { "C3: iss is no text", NULL, BODY(TIMES ",\"iss\":[\"" TOKEN_ENDPOINT "\"]"), NULL, 0, AZATTEST_E_TOKEN_ISSUER, "not a string" },
    { "C3: iss has user information", NULL, BODY(TIMES ",\"iss\":\"https://x@test.wus.attest.azure.net\""), NULL, 0, AZATTEST_E_TOKEN_ISSUER, "iss" },
    { "C3: switched off", NULL, BODY(TIMES), no_issuer_check, 0, AZATTEST_OK, NULL },
    { "N1: the nonce that was sent", NULL, NULL, nonce_right, 0, AZATTEST_OK, NULL },
    { "N1: another nonce", NULL, NULL, nonce_wrong, 0, AZATTEST_E_TOKEN_NONCE, "is \"n-1\", expected \"n-2\"" },
    { "N1: a longer nonce", NULL, NULL, nonce_longer, 0, AZATTEST_E_TOKEN_NONCE, "nonce" },
    { "N1: no nonce", NULL, BODY(TIMES "," ISS), nonce_right, 0, AZATTEST_E_TOKEN_NONCE, "missing" },
    { "N1: the deprecated name", NULL, BODY(TIMES "," ISS ",\"rp_data\":\"n-1\""), nonce_right, 0, AZATTEST_OK, NULL },
    { "N1: the deprecated name does not hide the present one", NULL, BODY(TIMES "," ISS ",\"nonce\":\"x\",\"rp_data\":\"n-1\""), nonce_right, 0, AZATTEST_E_TOKEN_NONCE, "nonce" },
    { "N2: held data", NULL, NULL, held_right, 0, AZATTEST_OK, NULL },
    { "N2: other held data", NULL, NULL, held_wrong, 0, AZATTEST_E_TOKEN_RUNTIME_DATA, "x-ms-sgx-ehd" },
    { "N2: empty data was sent", NULL, NULL, held_empty, 0, AZATTEST_E_TOKEN_RUNTIME_DATA, "x-ms-sgx-ehd" },
    { "N2: empty data came back", NULL, BODY(TIMES "," ISS ",\"x-ms-sgx-ehd\":\"\""), held_empty, 0, AZATTEST_OK, NULL },
    { "N2: no held data", NULL, BODY(TIMES "," ISS), held_right, 0, AZATTEST_E_TOKEN_RUNTIME_DATA, "missing" },
    { "N2: runtime JSON in another order", NULL, NULL, json_right, 0, AZATTEST_OK, NULL },
    { "N2: other runtime JSON", NULL, NULL, json_wrong, 0, AZATTEST_E_TOKEN_RUNTIME_DATA, "x-ms-runtime" },
    { "N2: no runtime JSON", NULL, BODY(TIMES "," ISS), json_right, 0, AZATTEST_E_TOKEN_RUNTIME_DATA, "missing" },
    { "P1: the expected policy", NULL, NULL, hash_right, 0, AZATTEST_OK, NULL },
    { "P1: another policy", NULL, NULL, hash_wrong, 0, AZATTEST_E_TOKEN_POLICY_HASH, "x-ms-policy-hash" },
    { "P1: one of two expected policies", NULL, NULL, hash_second, 0, AZATTEST_OK, NULL },
    { "P1: none of two expected policies", NULL, NULL, hash_none_of_two, 0, AZATTEST_E_TOKEN_POLICY_HASH, "(or another of the list)" },
    { "P1: a hash and a half", NULL, NULL, hash_and_a_half, 0, AZATTEST_E_ARGUMENT, "32 bytes" },
    { "P1: more hashes than a list may have", NULL, NULL, hash_too_many, 0, AZATTEST_E_ARGUMENT, "at most 64" },
    { "P1: no hash at all", NULL, NULL, hash_empty, 0, AZATTEST_E_ARGUMENT, "32 bytes" },
    { "P1: a hash as hexadecimal text", NULL, NULL, hash_hex, 0, AZATTEST_E_ARGUMENT, "hexadecimal" },
    { "P1: a hash of a wrong size", NULL, NULL, hash_short, 0, AZATTEST_E_ARGUMENT, "32 bytes" },
    { "D1: not debuggable", NULL, NULL, no_debug, 0, AZATTEST_OK, NULL },
    { "D1: debuggable", NULL, BODY(TIMES "," ISS ",\"x-ms-sgx-is-debuggable\":true"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "true" },
    { "D1: debuggable passes by default", NULL, BODY(TIMES "," ISS ",\"x-ms-sgx-is-debuggable\":true"), NULL, 0, AZATTEST_OK, NULL },
    { "D1: a policy's own claim does not hide it", NULL, BODY(TIMES "," ISS ",\"is-debuggable\":false,\"x-ms-sgx-is-debuggable\":true"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "true" },
    { "D1: 0 is not false", NULL, BODY(TIMES "," ISS ",\"x-ms-sgx-is-debuggable\":0"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "not a boolean" },
    { "D1: unknown is never valid", NULL, BODY(TIMES "," ISS), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "does not say" },
    { "D1: a debuggable SEV-SNP guest", NULL, BODY(TIMES "," ISS ",\"x-ms-sevsnpvm-is-debuggable\":true"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "x-ms-sevsnpvm-is-debuggable" },
    { "D1: a SEV-SNP guest that is not debuggable", NULL, BODY(TIMES "," ISS ",\"x-ms-sevsnpvm-is-debuggable\":false"), no_debug, 0, AZATTEST_OK, NULL },
    { "D1: a debuggable TDX guest", NULL, BODY(TIMES "," ISS ",\"tdx_td_attributes_debug\":true"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "tdx_td_attributes_debug" },
    { "D1: a TDX guest whose status is enabled", NULL, BODY(TIMES "," ISS ",\"dbgstat\":\"enabled\",\"tdx_td_attributes_debug\":false"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "dbgstat" },
    { "D1: a TDX guest that is not debuggable", NULL, BODY(TIMES "," ISS ",\"dbgstat\":\"disabled\",\"tdx_td_attributes_debug\":false"), no_debug, 0, AZATTEST_OK, NULL },
    { "D1: a debuggable VM around a guest", NULL, BODY(TIMES "," ISS ",\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-is-debuggable\":true}"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "x-ms-sevsnpvm-is-debuggable" },
    { "D1: a policy's own claim does not hide the VM around a guest", NULL, BODY(TIMES "," ISS ",\"is-debuggable\":false,\"x-ms-isolation-tee\":{\"tdx_td_attributes_debug\":true}"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "tdx_td_attributes_debug" },
    { "D1: a VM around a guest that does not say", NULL, BODY(TIMES "," ISS ",\"is-debuggable\":false,\"x-ms-isolation-tee\":{}"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "does not say" },
    { "D1: an isolation TEE that is no object", NULL, BODY(TIMES "," ISS ",\"is-debuggable\":false,\"x-ms-isolation-tee\":1"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "not an object" },
    { "D1: a guest whose kernel may be debugged", NULL, BODY(TIMES "," ISS ",\"x-ms-azurevm-kerneldebug-enabled\":true,\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-is-debuggable\":false}"), no_debug, 0, AZATTEST_E_TOKEN_DEBUGGABLE, "kerneldebug" },
    { "D1: a guest with its debuggers shut out", NULL, BODY(TIMES "," ISS ",\"x-ms-azurevm-debuggersdisabled\":true,\"x-ms-azurevm-kerneldebug-enabled\":false,\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-is-debuggable\":false}"), no_debug, 0, AZATTEST_OK, NULL },
    { "N1: a guest's nonce in its payload", NULL, BODY(TIMES "," ISS ",\"x-ms-runtime\":{\"client-payload\":{\"nonce\":\"bi0x\"}}"), nonce_right, 0, AZATTEST_OK, NULL },
    { "N1: another nonce in a guest's payload", NULL, BODY(TIMES "," ISS ",\"x-ms-runtime\":{\"client-payload\":{\"nonce\":\"bi0x\"}}"), nonce_wrong, 0, AZATTEST_E_TOKEN_NONCE, "is \"n-1\", expected \"n-2\"" },
    { "N1: a nonce that is no text", NULL, BODY(TIMES "," ISS ",\"nonce\":1"), nonce_right, 0, AZATTEST_E_TOKEN_NONCE, "not text" },
    { "N1: a payload does not mend a wrong nonce", NULL, BODY(TIMES "," ISS ",\"nonce\":\"x\",\"x-ms-runtime\":{\"client-payload\":{\"nonce\":\"bi0x\"}}"), nonce_right, 0, AZATTEST_E_TOKEN_NONCE, "is \"x\"" },
    { "a required claim of the VM around a guest", NULL, BODY(TIMES "," ISS ",\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-vmpl\":0}"), require_vmpl, 0, AZATTEST_OK, NULL },
    { "a required claim that the guest itself has differs", NULL, BODY(TIMES "," ISS ",\"x-ms-sevsnpvm-vmpl\":1,\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-vmpl\":0}"), require_vmpl, 0, AZATTEST_E_TOKEN_CLAIM, "is 1, expected 0" },
    { "what is not of the hardware is not required inside", NULL, BODY(TIMES "," ISS ",\"x-ms-isolation-tee\":{\"x-ms-sgx-svn\":1,\"iat\":1}"), require_right, 0, AZATTEST_E_TOKEN_CLAIM, "x-ms-sgx-svn" },
    { "type as expected", NULL, NULL, type_right, 0, AZATTEST_OK, NULL },
    { "type by the name of the service's paths", NULL, NULL, type_by_path, 0, AZATTEST_OK, NULL },
    { "the same in any case, and for both forms of a quote", NULL, NULL, type_any_case, 0, AZATTEST_OK, NULL },
    { "another type by that name", NULL, NULL, type_other_path, 0, AZATTEST_E_TOKEN_ATTESTATION_TYPE, "AzureGuest" },
    { "another type", NULL, NULL, type_wrong, 0, AZATTEST_E_TOKEN_ATTESTATION_TYPE, "sevsnpvm" },
    { "required claims are there", NULL, NULL, require_right, 0, AZATTEST_OK, NULL },
    { "a required claim differs", NULL, NULL, require_wrong, 0, AZATTEST_E_TOKEN_CLAIM, "expected 2" },
    { "a required claim of another JSON type", NULL, NULL, require_text, 0, AZATTEST_E_TOKEN_CLAIM, "x-ms-sgx-svn" },
    { "a required claim is missing", NULL, NULL, require_absent, 0, AZATTEST_E_TOKEN_CLAIM, "missing" },
    { "a required value that is no JSON", NULL, NULL, require_broken, 0, AZATTEST_E_ARGUMENT, "not JSON" },
    { "a length of expected data without bytes", NULL, NULL, held_no_bytes, 0, AZATTEST_E_ARGUMENT, "expected_runtime_data has a length and no bytes" },
    { "a length of expected JSON without bytes", NULL, NULL, json_no_bytes, 0, AZATTEST_E_ARGUMENT, "expected_runtime_json has a length and no bytes" },
    { "a length of a policy hash without bytes", NULL, NULL, hash_no_bytes, 0, AZATTEST_E_ARGUMENT, "expected_policy_hash has a length and no bytes" },
    { "a number of required claims without claims", NULL, NULL, require_no_list, 0, AZATTEST_E_ARGUMENT, "require_claims" },
    { "a number of algorithms without algorithms", NULL, NULL, algorithms_no_list, 0, AZATTEST_E_ARGUMENT, "algorithms" },
    { "allow_debug is no switch", NULL, NULL, debug_no_switch, 0, AZATTEST_E_ARGUMENT, "allow_debug is" },
    { "validate_signature is no switch", NULL, NULL, signature_no_switch, 0, AZATTEST_E_ARGUMENT, "validate_signature is" },
    { "age at a time before all times", NULL, NULL, before_all_times, 0, AZATTEST_E_TOKEN_NOT_YET_VALID, "nbf" },
    { "the callback refuses", NULL, NULL, callback_refuses, 0, AZATTEST_E_TOKEN_CALLBACK, "not on my list" },
    { "the callback accepts", NULL, NULL, callback_accepts, 0, AZATTEST_OK, NULL },
    { "the callback cannot save an expired token", NULL, NULL, callback_accepts, 99999, AZATTEST_E_TOKEN_EXPIRED, "expired" },
};
/* clang-format on */

static azattest_signers *signers;

static char *with_kid(const char *header)
{
    const char *hole = strstr(header, "KID");
    char *out = NULL;

    if (hole == NULL)
        return strdup(header);
    if (asprintf(&out, "%.*s%s%s", (int)(hole - header), header, tokens_keys()->key_id, hole + 3) < 0)
        abort();
    return out;
}

static void validates(void **state)
{
    const validate_case *test = *state;
    static const char *const endpoint[] = { TOKEN_ENDPOINT };
    char *header = test->header == NULL ? tokens_header("RS256") : with_kid(test->header);
    char *text = tokens_make(header, test->body == NULL ? GOOD_BODY : test->body, tokens_keys()->rsa, AZATTEST__RS256);
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    options.signers = signers;
    options.issuers = endpoint;
    options.issuer_count = 1;
    options.now_ms = (TOKEN_NOW + test->shift_s) * 1000;
    if (test->tweak != NULL)
        test->tweak(&options);
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, &error), AZATTEST_OK);
    status = azattest_token_validate(token, &options, &error);
    if (status != test->status)
        print_error("%s: %s\n", azattest_status_name(status), azattest_error_message(error));
    assert_int_equal(status, test->status);
    assert_int_equal(azattest_token_is_validated(token), test->status == AZATTEST_OK);
    assert_true((azattest_token_signer(token) != NULL) == (test->status == AZATTEST_OK));
    if (test->status == AZATTEST_OK) {
        assert_null(error);
    } else {
        assert_non_null(strstr(azattest_error_message(error), test->message));
        assert_null(strstr(azattest_error_message(error), text)); /* never the token */
        if (test->status != AZATTEST_E_ARGUMENT)
            assert_int_equal(azattest_error_problem_code(error, 0), test->status);
    }
    azattest_error_free(error);
    azattest_token_free(token);
    free(header);
    free(text);
}

/* A call that could not be made says nothing for the token, whatever an earlier one said. */
static void wrong_options_make_it_unverified(void **state)
{
    static const char *const endpoint[] = { TOKEN_ENDPOINT };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    char *header = tokens_header("RS256"), *text = tokens_make(header, GOOD_BODY, tokens_keys()->rsa, AZATTEST__RS256);
    azattest_problems *problems = NULL;
    azattest_token *token = NULL;

    (void)state;
    options.signers = signers;
    options.issuers = endpoint;
    options.issuer_count = 1;
    options.now_ms = TOKEN_NOW * 1000;
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
        assert_true(azattest_token_is_validated(token));
        options.max_age_s = i == 0 ? -1 : 0;
        options.issuers = i == 1 ? NULL : endpoint;
        options.issuer_count = i == 1 ? 0 : 1;
        if (i == 2)
            assert_int_equal(azattest_token_problems(token, &options, NULL, NULL), AZATTEST_E_ARGUMENT);
        else
            assert_int_equal(azattest_token_problems(token, &options, &problems, NULL), AZATTEST_E_ARGUMENT);
        assert_false(azattest_token_is_validated(token));
        assert_null(azattest_token_signer(token));
        options.max_age_s = 0;
        options.issuers = endpoint;
        options.issuer_count = 1;
    }
    azattest_token_free(token);
    free(header);
    free(text);
}

/* All failures of the claims are told together; an unverified token's claims are not worth a word. */
static void lists_every_problem(void **state)
{
    static const char *const other[] = { "https://other.attest.azure.net" };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    char *text = tokens_make("{\"alg\":\"RS256\"}", GOOD_BODY, tokens_keys()->rsa, AZATTEST__RS256);
    azattest_problems *problems = NULL;
    azattest_token *token = NULL;
    size_t len = strlen(text);

    (void)state;
    options.signers = signers;
    options.issuers = other;
    options.issuer_count = 1;
    options.now_ms = (TOKEN_NOW + 99999) * 1000;
    options.expected_nonce = "x";
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_problems(token, &options, &problems, NULL), AZATTEST_OK);
    assert_int_equal(azattest_problems_count(problems), 3);
    assert_int_equal(azattest_problems_code(problems, 0), AZATTEST_E_TOKEN_EXPIRED);
    assert_int_equal(azattest_problems_code(problems, 1), AZATTEST_E_TOKEN_ISSUER);
    assert_int_equal(azattest_problems_code(problems, 2), AZATTEST_E_TOKEN_NONCE);
    assert_int_equal(azattest_problems_code(problems, 3), AZATTEST_ABSENT);
    azattest_problems_free(problems);
    azattest_token_free(token);

    text[len - 20] = text[len - 20] == 'A' ? 'B' : 'A';
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_problems(token, &options, &problems, NULL), AZATTEST_OK);
    assert_int_equal(azattest_problems_count(problems), 1);
    assert_int_equal(azattest_problems_code(problems, 0), AZATTEST_E_TOKEN_SIGNATURE);
    azattest_problems_free(problems);
    azattest_token_free(token);
    free(text);
}

/* A token that passed does not stay validated when it fails the next time. */
static void forgets_an_earlier_verdict(void **state)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    char *text = tokens_make("{\"alg\":\"RS256\"}", GOOD_BODY, tokens_keys()->rsa, AZATTEST__RS256);
    azattest_token *token = NULL;
    azattest_result *result = NULL;

    (void)state;
    options.signers = signers;
    options.validate_issuer = AZATTEST_OFF;
    options.now_ms = TOKEN_NOW * 1000;
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_result(token, false, &result, NULL), AZATTEST_E_STATE);
    assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
    assert_true(azattest_token_is_validated(token));
    options.now_ms += INT64_C(99999000);
    assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_E_TOKEN_EXPIRED);
    assert_false(azattest_token_is_validated(token));
    assert_null(azattest_token_signer(token));
    azattest_token_free(token);
    free(text);
}

/* Checks that were switched off, and unsigned tokens that were allowed, never make a token validated. */
static void switches_never_make_a_token_validated(void **state)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    char *text = tokens_make("{\"alg\":\"none\"}", GOOD_BODY, NULL, AZATTEST__ALG_UNKNOWN);
    azattest_token *token = NULL;

    (void)state;
    options.validate_issuer = AZATTEST_OFF;
    options.now_ms = TOKEN_NOW * 1000;
    options.allow_unsecured = AZATTEST_ON;
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
    assert_false(azattest_token_is_validated(token));
    assert_false(azattest_token_is_secured(token));
    options.allow_unsecured = AZATTEST_DEFAULT;
    options.validate_signature = AZATTEST_OFF;
    assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
    assert_false(azattest_token_is_validated(token));
    options.now_ms += INT64_C(99999000); /* the other checks still run */
    assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_E_TOKEN_EXPIRED);
    options.validate_token = AZATTEST_OFF;
    assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
    assert_false(azattest_token_is_validated(token));
    azattest_token_free(token);
    free(text);
}

static void wrong_use_is_told(void **state)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    char *text = tokens_make("{\"alg\":\"RS256\"}", GOOD_BODY, tokens_keys()->rsa, AZATTEST__RS256);
    azattest_token *token = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    options.signers = signers;
    assert_int_equal(azattest_token_validate(token, &options, &error), AZATTEST_E_ARGUMENT);
    assert_non_null(strstr(azattest_error_message(error), "issuer"));
    azattest_error_free(error);
    options.size = 0;
    assert_int_equal(azattest_token_validate(token, &options, &error), AZATTEST_E_ARGUMENT);
    assert_non_null(strstr(azattest_error_message(error), "size"));
    azattest_error_free(error);
    options.size = sizeof(options);
    options.signers = NULL;
    options.validate_issuer = AZATTEST_OFF;
    options.now_ms = TOKEN_NOW * 1000;
    assert_int_equal(azattest_token_validate(token, &options, &error), AZATTEST_E_TOKEN_KEY_UNTRUSTED);
    azattest_error_free(error);
    assert_int_equal(azattest_token_validate(NULL, &options, &error), AZATTEST_E_ARGUMENT);
    azattest_error_free(error);
    assert_int_equal(azattest_token_validate(token, NULL, NULL), AZATTEST_E_ARGUMENT);
    azattest_token_free(token);
    free(text);
}

/* Keys of the set are judged when they are used: K3, K5, K6, K7, K8, K8a. */
static const char other_name[] = "https://other.attest.azure.net";

typedef struct key_case {
    const char *name;
    const char *common_name;
    int64_t not_before, not_after;
    bool other_key, small_key, from_endpoint;
    azattest_status status;
    const char *message;
} key_case;

static const key_case key_cases[] = {
    { "K8: named for the endpoint", TOKEN_ENDPOINT, 0, INT64_C(2000000000), false, false, true, AZATTEST_OK, NULL },
    { "K8: named for another instance", other_name, 0, INT64_C(2000000000), false, false, true,
      AZATTEST_E_TOKEN_CERTIFICATE_NAME, "other.attest" },
    { "K8: a caller's own keys may name another instance", other_name, 0, INT64_C(2000000000), false, false, false,
      AZATTEST_OK, NULL },
    { "K7: not valid yet", TOKEN_ENDPOINT, TOKEN_NOW + 61, INT64_C(2000000000), false, false, true,
      AZATTEST_E_TOKEN_CERTIFICATE, "valid from" },
    { "K7: ended", TOKEN_ENDPOINT, 0, TOKEN_NOW - 61, false, false, true, AZATTEST_E_TOKEN_CERTIFICATE, "ended" },
    { "K7: ended within the slack", TOKEN_ENDPOINT, 0, TOKEN_NOW - 59, false, false, true, AZATTEST_OK, NULL },
    { "K8a: the kid is the hash of another key", TOKEN_ENDPOINT, 0, INT64_C(2000000000), true, false, true,
      AZATTEST_E_TOKEN_KEY_ID, "hash of the key" },
    { "K5: RSA-1024", TOKEN_ENDPOINT, 0, INT64_C(2000000000), false, true, true, AZATTEST_E_TOKEN_KEY_UNFIT, "1024" },
};

static void judges_the_key(void **state)
{
    const key_case *test = *state;
    const token_keys *keys = tokens_keys();
    const azattest__key *key = test->small_key ? keys->small_rsa : test->other_key ? keys->other_rsa : keys->rsa;
    const char *kid = test->small_key ? "small" : keys->key_id;
    char *jwks = tokens_jwks(key, kid, test->common_name, test->not_before, test->not_after);
    azattest_signers *set = tokens_signers(jwks);
    char *header = NULL, *text = NULL;
    azattest_problems problems = { NULL, 0 };
    azattest__validation merged;
    azattest__check check = { .keys = set, .keys_from_endpoint = test->from_endpoint, .endpoint = TOKEN_ENDPOINT };
    azattest_token *token = NULL;
    bool unknown_key;

    assert_true(asprintf(&header, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", kid) > 0);
    text = tokens_make(header, GOOD_BODY, test->small_key ? keys->rsa : key, AZATTEST__RS256);
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest__validation_merge(NULL, NULL, &merged, NULL), AZATTEST_OK);
    check.options = &merged.options;
    check.now_ms = TOKEN_NOW * 1000;
    assert_int_equal(azattest__token_check(token, &check, &problems, &unknown_key, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_is_validated(token), test->status == AZATTEST_OK);
    assert_int_equal(problems.count, test->status == AZATTEST_OK ? 0 : 1);
    if (test->status != AZATTEST_OK) {
        assert_int_equal(problems.items[0].code, test->status);
        assert_non_null(strstr(problems.items[0].detail, test->message));
    }
    azattest__problems_clear(&problems);
    azattest__validation_clear(&merged);
    azattest_token_free(token);
    azattest_signers_free(set);
    free(jwks);
    free(header);
    free(text);
}

/* Makes "{"keys":[a's entries, b's entries]}". */
static char *join_sets(const char *a, const char *b)
{
    char *out = NULL;
    size_t a_len = strlen(a) - 2; /* without the "]}" */

    if (asprintf(&out, "%.*s,%s", (int)a_len, a, b + strlen("{\"keys\":[")) < 0)
        abort();
    return out;
}

typedef struct twins_case {
    const char *name;
    bool other_key;        /* the second entry holds another key under the same kid */
    bool first_is_expired; /* the first entry's certificate ended */
    azattest_status status;
} twins_case;

static const twins_case twins_cases[] = {
    { "K3: one key in two certificates", false, false, AZATTEST_OK },
    { "K3: one key in two certificates, the first of which ended", false, true, AZATTEST_OK },
    { "K3: two keys with one kid", true, false, AZATTEST_E_TOKEN_KEY_AMBIGUOUS },
};

static void judges_entries_with_one_kid(void **state)
{
    const twins_case *test = *state;
    const token_keys *keys = tokens_keys();
    static const char *const endpoint[] = { TOKEN_ENDPOINT };
    char *first = tokens_jwks(keys->rsa, "twin", TOKEN_ENDPOINT, 0, test->first_is_expired ? 1000 : 2000000000);
    char *second = tokens_jwks(test->other_key ? keys->other_rsa : keys->rsa, "twin", other_name, 0, 2000000000);
    char *both = join_sets(first, second);
    char *text = tokens_make("{\"alg\":\"RS256\",\"kid\":\"twin\"}", GOOD_BODY, keys->rsa, AZATTEST__RS256);
    azattest_signers *set = tokens_signers(both);
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_token *token = NULL;

    options.signers = set;
    options.issuers = endpoint;
    options.issuer_count = 1;
    options.now_ms = TOKEN_NOW * 1000;
    assert_int_equal(azattest_signers_count(set), 2);
    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_validate(token, &options, NULL), test->status);
    azattest_token_free(token);
    azattest_signers_free(set);
    free(first);
    free(second);
    free(both);
    free(text);
}

static int set_up(void **state)
{
    char *jwks = tokens_jwks(tokens_keys()->rsa, tokens_keys()->key_id, TOKEN_ENDPOINT, 0, INT64_C(2000000000));

    (void)state;
    signers = tokens_signers(jwks);
    free(jwks);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    azattest_signers_free(signers);
    tokens_keys_free();
    return 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(lists_every_problem),
        cmocka_unit_test(forgets_an_earlier_verdict),
        cmocka_unit_test(switches_never_make_a_token_validated),
        cmocka_unit_test(wrong_use_is_told),
        cmocka_unit_test(wrong_options_make_it_unverified),
    };
    struct CMUnitTest tests[COUNT(cases) + COUNT(key_cases) + COUNT(twins_cases) + COUNT(fixed)];
    size_t n = 0;

    for (size_t i = 0; i < COUNT(cases); i++)
        tests[n++] = (struct CMUnitTest){ cases[i].name, validates, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    for (size_t i = 0; i < COUNT(key_cases); i++)
        tests[n++] =
            (struct CMUnitTest){ key_cases[i].name, judges_the_key, NULL, NULL, (void *)(uintptr_t)&key_cases[i] };
    for (size_t i = 0; i < COUNT(twins_cases); i++)
        tests[n++] = (struct CMUnitTest){ twins_cases[i].name, judges_entries_with_one_kid, NULL, NULL,
                                          (void *)(uintptr_t)&twins_cases[i] };
    for (size_t i = 0; i < COUNT(fixed); i++)
        tests[n++] = fixed[i];
    return cmocka_run_group_tests_name("validate", tests, set_up, tear_down);
}
