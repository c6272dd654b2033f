/* The typed claims: every reader against every form of its claim, and a whole token of each kind of evidence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "evidence.h"
#include "token/fields.h"
#include "tokens.h"

#define HEX16 "00112233445566778899aabbccddeeff"
#define HEX32 HEX16 HEX16
#define HEX48 HEX32 HEX16
#define HEX64 HEX32 HEX32

/* The unverified view of a body: no reader asks who signed it. */
static azattest_result *result_of(const char *body)
{
    char *text = tokens_make("{\"alg\":\"none\"}", body, NULL, AZATTEST__ALG_UNKNOWN);
    azattest_token *token = NULL;
    azattest_result *result = NULL;

    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_result(token, true, &result, NULL), AZATTEST_OK);
    assert_false(azattest_result_is_validated(result));
    azattest_token_free(token); /* the view outlives it */
    free(text);
    return result;
}

/* ---- every reader: right, by each name, wrong, absent, inside and outside ---- */

typedef enum kind { TEXT, HEX_TEXT, HEX, BASE64URL, BASE64, INTEGER, BOOLEAN, TIME, OBJECT, INTEGERS } kind;
enum { OWN, TEE };

typedef union reader {
    azattest_status (*text)(const azattest_result *, const char **);
    azattest_status (*bytes)(const azattest_result *, azattest_bytes *);
    azattest_status (*number)(const azattest_result *, int64_t *);
    azattest_status (*boolean)(const azattest_result *, bool *);
} reader;

typedef struct field_case {
    const char *name;
    kind kind;
    int scope;
    size_t size;
    const char *claims[4];
    reader read;
} field_case;

#define READ_TEXT(name) .text = azattest_result_##name
#define READ_HEX_TEXT READ_TEXT
#define READ_HEX(name) .bytes = azattest_result_##name
#define READ_BASE64URL READ_HEX
#define READ_BASE64 READ_HEX
#define READ_OBJECT READ_HEX
#define READ_INTEGERS READ_HEX
#define READ_INTEGER(name) .number = azattest_result_##name
#define READ_TIME READ_INTEGER
#define READ_BOOLEAN(name) .boolean = azattest_result_##name
#define FIELD_CASE(kind, name, scope, size, ...) { #name, kind, scope, size, { __VA_ARGS__ }, { READ_##kind(name) } },
static const field_case fields[] = { AZATTEST__RESULT_FIELDS(FIELD_CASE) };

/* The status; where it is AZATTEST_OK, the value has to be that of right(). */
static azattest_status ask(const field_case *test, const azattest_result *result)
{
    azattest_bytes bytes = { "x", 1 };
    const char *text = "x";
    int64_t number = -1;
    bool boolean = false;
    azattest_status status;

    switch (test->kind) {
    case TEXT:
    case HEX_TEXT:
        status = test->read.text(result, &text);
        if (status != AZATTEST_OK)
            assert_null(text);
        else if (test->kind == TEXT)
            assert_string_equal(text, "word");
        else
            assert_string_equal(text, HEX32);
        return status;
    case INTEGER:
    case TIME:
        status = test->read.number(result, &number);
        assert_int_equal(number, status == AZATTEST_OK ? 8 : 0);
        return status;
    case BOOLEAN:
        status = test->read.boolean(result, &boolean);
        assert_int_equal(boolean, status == AZATTEST_OK);
        return status;
    default:
        status = test->read.bytes(result, &bytes);
        if (status != AZATTEST_OK)
            assert_null(bytes.ptr);
        else if (test->kind == OBJECT)
            assert_memory_equal(bytes.ptr, "{\"a\":[1]}", 9);
        else if (test->kind == INTEGERS)
            assert_memory_equal(bytes.ptr, "[8]", 3);
        else
            assert_memory_equal(bytes.ptr, "\x00\x11\x22\x33", test->size == 0 ? 3 : 4);
        if (status == AZATTEST_OK && test->size != 0)
            assert_int_equal(bytes.len, test->size);
        return status;
    }
}

/* JSON text of a right value; `less` cuts a byte of a value whose size is fixed. */
static void right(const field_case *test, size_t less, char *out, size_t size)
{
    static const unsigned char bytes[64] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                             0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
    azattest__buf text;

    azattest__buf_init(&text, 256);
    switch (test->kind) {
    case TEXT:
        azattest__buf_append_text(&text, "word");
        break;
    case HEX_TEXT:
        azattest__buf_append_text(&text, HEX32);
        azattest__buf_cut(&text, text.len - 2 * less);
        break;
    case HEX:
        azattest__hex_encode(azattest__bytes(bytes, test->size - less), &text);
        break;
    case BASE64URL:
        azattest__base64url_encode(azattest__bytes(bytes, test->size == 0 ? 3 : test->size - less), &text);
        break;
    case BASE64:
        azattest__base64_encode(azattest__bytes(bytes, test->size - less), &text);
        break;
    default:
        break;
    }
    snprintf(out, size, text.ptr == NULL ? "%s" : "\"%s\"",
             text.ptr != NULL         ? (const char *)text.ptr
             : test->kind == BOOLEAN  ? "true"
             : test->kind == OBJECT   ? "{\"a\":[1]}"
             : test->kind == INTEGERS ? "[8]"
                                      : "8");
    azattest__buf_free(&text);
}

/* The format with its "%s" filled in, in their order. */
static char *filled(const char *format, const char *first, const char *second, const char *third, const char *fourth)
{
    const char *const texts[] = { first, second, third, fourth };
    azattest__buf out;
    size_t next = 0;

    azattest__buf_init(&out, 65536);
    for (const char *p = format; *p != '\0'; p++) {
        if (p[0] == '%' && p[1] == 's') {
            azattest__buf_append_text(&out, texts[next++]);
            p++;
        } else {
            azattest__buf_append(&out, p, 1);
        }
    }
    return (char *)azattest__buf_take(&out, NULL);
}

static azattest_status ask_body(const field_case *test, const char *format, const char *first, const char *second,
                                const char *third, const char *fourth)
{
    azattest_result *result;
    azattest_status status;
    char *body = filled(format, first, second, third, fourth);

    result = result_of(body);
    free(body);
    status = ask(test, result);
    assert_int_equal(ask(test, result), status); /* the second time as the first */
    azattest_result_free(result);
    return status;
}

static void reads(void **state)
{
    const field_case *test = *state;
    const char *first = test->claims[0];
    char good[256], short_one[256];

    right(test, 0, good, sizeof(good));
    right(test, 1, short_one, sizeof(short_one));
    assert_int_equal(ask_body(test, "{\"other\":%s}", good, "", "", ""), AZATTEST_ABSENT);
    assert_int_equal(ask_body(test, "{\"%s\":%s}", first, good, "", ""), AZATTEST_OK);
    assert_int_equal(ask_body(test, "{\"%s\":null}", first, "", "", ""), AZATTEST_E_TYPE);
    for (size_t i = 1; i < 4 && test->claims[i] != NULL; i++) {
        assert_int_equal(ask_body(test, "{\"%s\":%s}", test->claims[i], good, "", ""), AZATTEST_OK);
        /* A deprecated name neither hides the present one nor mends it. */
        assert_int_equal(ask_body(test, "{\"%s\":null,\"%s\":%s}", test->claims[i], first, good, ""), AZATTEST_OK);
        assert_int_equal(ask_body(test, "{\"%s\":%s,\"%s\":null}", test->claims[i], good, first, ""), AZATTEST_E_TYPE);
    }
    if (test->kind != TEXT && test->kind != HEX_TEXT && test->kind != HEX && test->kind != BASE64 &&
        test->kind != BASE64URL)
        assert_int_equal(ask_body(test, "{\"%s\":\"8\"}", first, "", "", ""), AZATTEST_E_TYPE);
    if (test->kind != INTEGER && test->kind != TIME)
        assert_int_equal(ask_body(test, "{\"%s\":8}", first, "", "", ""), AZATTEST_E_TYPE);
    if (test->size != 0)
        assert_int_equal(ask_body(test, "{\"%s\":%s}", first, short_one, "", ""), AZATTEST_E_TYPE);
    if (test->kind == INTEGER || test->kind == TIME) {
        assert_int_equal(ask_body(test, "{\"%s\":8.0}", first, "", "", ""), AZATTEST_OK);
        assert_int_equal(ask_body(test, "{\"%s\":0.8E1}", first, "", "", ""), AZATTEST_OK);
        assert_int_equal(ask_body(test, "{\"%s\":8.5}", first, "", "", ""), AZATTEST_E_TYPE);
        assert_int_equal(ask_body(test, "{\"%s\":9223372036854775808}", first, "", "", ""), AZATTEST_E_TYPE);
    }
    if (test->kind == INTEGERS)
        assert_int_equal(ask_body(test, "{\"%s\":[8,\"9\"]}", first, "", "", ""), AZATTEST_E_TYPE);
    assert_int_equal(ask_body(test, "{\"x-ms-isolation-tee\":{\"%s\":%s}}", first, good, "", ""),
                     test->scope == TEE ? AZATTEST_OK : AZATTEST_ABSENT);
    assert_int_equal(ask_body(test, "{\"x-ms-isolation-tee\":{\"%s\":null},\"%s\":%s}", first, first, good, ""),
                     AZATTEST_OK);
    assert_int_equal(ask_body(test, "{\"x-ms-isolation-tee\":\"%s\"}", first, "", "", ""),
                     test->scope == TEE ? AZATTEST_E_TYPE : AZATTEST_ABSENT);
    assert_int_equal(ask(test, NULL), AZATTEST_E_ARGUMENT);
}

/* The error that goes with E_TYPE names claim and types. */
static void an_error_says_which_claim_is_wrong(void **state)
{
    static const struct {
        const char *body, *reader, *message;
    } cases[] = {
        { "{\"x-ms-sgx-product-id\":\"1\"}", "product_id",
          "claim \"x-ms-sgx-product-id\" is a string, expected an integer of 64 bits" },
        { "{\"product-id\":1.5}", "product_id", "claim \"product-id\" is a number, expected an integer of 64 bits" },
        { "{\"x-ms-sgx-mrenclave\":\"ab\"}", "mr_enclave",
          "claim \"x-ms-sgx-mrenclave\" is a string, expected hexadecimal text of 32 bytes" },
        { "{\"x-ms-isolation-tee\":{\"tdx_mrtd\":{}}}", "mr_td",
          "claim \"tdx_mrtd\" is an object, expected hexadecimal text of 48 bytes" },
        { "{\"x-ms-isolation-tee\":[]}", "mr_td", "claim \"x-ms-isolation-tee\" is an array, expected an object" },
        { "{\"x-ms-isolation-tee\":null}", "isolation_tee",
          "claim \"x-ms-isolation-tee\" is null, expected an object" },
        { "{\"x-ms-runtime\":false}", "runtime_claims", "claim \"x-ms-runtime\" is a boolean, expected an object" },
        { "{\"iss\":1}", "issuer", "claim \"iss\" is a number, expected a string" },
        { "{\"exp\":\"soon\"}", "expires_on", "claim \"exp\" is a string, expected an integer, seconds since 1970" },
        { "{\"x-ms-azurevm-attested-pcrs\":[\"1\"]}", "attested_pcrs",
          "claim \"x-ms-azurevm-attested-pcrs\" is an array, expected an array of integers" },
        { "{\"policy_signer\":1}", "policy_signer", "claim \"policy_signer\" is a number, expected an object" },
        { "{\"x-ms-sgx-is-debuggable\":\"false\"}", "is_debuggable",
          "claim \"x-ms-sgx-is-debuggable\" is a string, expected true or false" },
        { "{\"x-ms-isolation-tee\":{\"dbgstat\":\"off\"}}", "is_debuggable",
          "claim \"dbgstat\" is a string, expected a known state of debugging" },
        { "{\"x-ms-isolation-tee\":7}", "is_debuggable",
          "claim \"x-ms-isolation-tee\" is a number, expected an object" },
        { "{\"exp\":1}", "no_reader", "the value has another type" },
        { "{}", "issuer", "the value has another type" },
        { "", "issuer", "the value has another type" },
        { "{}", NULL, "the value has another type" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_error *error = azattest_claim_error(azattest__text(cases[i].body), cases[i].reader);

        assert_int_equal(azattest_error_code(error), AZATTEST_E_TYPE);
        assert_string_equal(azattest_error_message(error), cases[i].message);
        azattest_error_free(error);
        for (size_t len = 0; len < strlen(cases[i].body); len++) { /* a part of it is no JSON */
            error = azattest_claim_error(azattest__bytes(cases[i].body, len), cases[i].reader);
            assert_string_equal(azattest_error_message(error), "the value has another type");
            azattest_error_free(error);
        }
    }
}

/* ---- whole tokens ---- */

static void text_is(azattest_status (*read)(const azattest_result *, const char **), const azattest_result *result,
                    const char *expected)
{
    const char *text = NULL;

    assert_int_equal(read(result, &text), expected == NULL ? AZATTEST_ABSENT : AZATTEST_OK);
    if (expected != NULL)
        assert_string_equal(text, expected);
}

static void hex_is(azattest_status (*read)(const azattest_result *, azattest_bytes *), const azattest_result *result,
                   const char *expected)
{
    azattest_bytes bytes;
    azattest__buf hex;

    assert_int_equal(read(result, &bytes), AZATTEST_OK);
    azattest__buf_init(&hex, 1024);
    azattest__hex_encode(bytes, &hex);
    assert_string_equal((const char *)hex.ptr, expected);
    azattest__buf_free(&hex);
}

static void number_is(azattest_status (*read)(const azattest_result *, int64_t *), const azattest_result *result,
                      int64_t expected)
{
    int64_t number = -1;

    assert_int_equal(read(result, &number), AZATTEST_OK);
    assert_int_equal(number, expected);
}

static void flag_is(azattest_status (*read)(const azattest_result *, bool *), const azattest_result *result,
                    bool expected)
{
    bool flag = !expected;

    assert_int_equal(read(result, &flag), AZATTEST_OK);
    assert_int_equal(flag, expected);
}

static azattest_result *evidence_result(const char *name)
{
    azattest_token *token = NULL;
    azattest_result *result = NULL;
    size_t len;
    unsigned char *text = evidence_read(name, &len);

    while (len > 0 && text[len - 1] == '\n')
        len--;
    assert_int_equal(azattest_token_parse(azattest__bytes(text, len), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_result(token, true, &result, NULL), AZATTEST_OK);
    azattest_token_free(token);
    free(text);
    return result;
}

static void payload_is(const azattest_result *result, const char *name, const char *value)
{
    int64_t count = 0;

    assert_int_equal(azattest_result_client_payload_count(result, &count), AZATTEST_OK);
    assert_int_equal(count, 1);
    assert_string_equal(azattest_result_client_payload_name(result, 0), name);
    assert_true(azattest__bytes_equal_text(azattest_result_client_payload_value(result, 0), value));
    assert_null(azattest_result_client_payload_name(result, 1));
    assert_null(azattest_result_client_payload_value(result, 1).ptr);
}

static void a_real_guest_is_read_inside_and_outside(void **state)
{
    azattest_result *guest, *inner = NULL, *none = NULL;
    azattest_bytes json;

    (void)state;
    EVIDENCE_OR_SKIP();
    guest = evidence_result("maa-tokens/azurevm-snp-weu-2023-03.jwt");
    text_is(azattest_result_issuer, guest, "https://sharedweu.weu.attest.azure.net");
    text_is(azattest_result_verifier_type, guest, "azurevm");
    text_is(azattest_result_nonce, guest, "ADE0101");
    text_is(azattest_result_vm_id, guest, "70F5CE9A-2BDC-4B6B-8401-E9B964D3AEB7");
    text_is(azattest_result_os_type, guest, "Windows");
    text_is(azattest_result_attestation_protocol_version, guest, "2.0");
    text_is(azattest_result_mr_enclave, guest, NULL);
    number_is(azattest_result_os_version_major, guest, 10);
    number_is(azattest_result_expires_on, guest, 1680202174);
    flag_is(azattest_result_secure_boot, guest, true);
    flag_is(azattest_result_debuggers_disabled, guest, true);
    flag_is(azattest_result_test_signing_enabled, guest, false);
    payload_is(guest, "nonce", "ADE0101");
    assert_int_equal(azattest_result_attested_pcrs(guest, &json), AZATTEST_OK);
    assert_memory_equal(json.ptr, "[0,1,2,3,4,5,6,7,11,12,13]", json.len);
    /* What only the hardware says is found from outside, too. */
    text_is(azattest_result_compliance_status, guest, "azure-compliant-cvm");
    number_is(azattest_result_microcode_svn, guest, 115);
    flag_is(azattest_result_is_debuggable, guest, false);

    assert_int_equal(azattest_result_isolation_tee(guest, &inner), AZATTEST_OK);
    azattest_result_free(guest); /* the inner view outlives it */
    text_is(azattest_result_verifier_type, inner, "sevsnpvm");
    text_is(azattest_result_issuer, inner, NULL);
    text_is(azattest_result_compliance_status, inner, "azure-compliant-cvm");
    hex_is(azattest_result_launch_measurement, inner,
           "8962535933f5c4b429ec41d6550c187c163aa76f3be1f8d750a272a9d8995023e8286a2e431a96c36087ac46d4188676");
    hex_is(azattest_result_family_id, inner, "01000000000000000000000000000000");
    number_is(azattest_result_bootloader_svn, inner, 3);
    number_is(azattest_result_guest_svn, inner, 4);
    number_is(azattest_result_snp_firmware_svn, inner, 8);
    number_is(azattest_result_vmpl, inner, 0);
    flag_is(azattest_result_is_migration_allowed, inner, false);
    flag_is(azattest_result_is_smt_allowed, inner, true);
    flag_is(azattest_result_is_debuggable, inner, false);
    assert_int_equal(azattest_result_isolation_tee(inner, &none), AZATTEST_ABSENT);
    assert_null(none);
    assert_null(azattest_result_claim(inner, "iss").ptr);
    assert_non_null(azattest_result_claim(inner, "x-ms-runtime").ptr);
    azattest_result_free(inner);
}

static void a_real_sgx_token_is_read_as_before(void **state)
{
    azattest_result *sgx;

    (void)state;
    EVIDENCE_OR_SKIP();
    sgx = evidence_result("maa-tokens/sgx-shared-2022-11.jwt");
    text_is(azattest_result_mr_enclave, sgx, "292a1f4b519e46627eb2478a3d9851405653c5b4b0a6925de843834d9216850e");
    hex_is(azattest_result_mr_signer_bytes, sgx, "4aea5f9a0ed04b11f889aadfe6a1d376213a29a95a85ce7337ae6f7fece6610c");
    number_is(azattest_result_product_id, sgx, 1);
    flag_is(azattest_result_is_debuggable, sgx, true);
    text_is(azattest_result_compliance_status, sgx, NULL);
    azattest_result_free(sgx);
}

/* The sample of the service's documentation, with digits of our own. */
#define TDX                                                                                                            \
    "{\"attester_tcb_status\":\"UpToDate\",\"dbgstat\":\"disabled\",\"eat_profile\":\"https://aka.ms/"                 \
    "maa-eat-profile-tdxvm\",\"intuse\":\"generic\",\"tdx_mrseam\":\"" HEX48 "\",\"tdx_mrtd\":\"" HEX48                \
    "\",\"tdx_rtmr3\":\"" HEX48 "\",\"tdx_report_data\":\"" HEX64 "\",\"tdx_seamsvn\":3,"                              \
    "\"tdx_td_attributes\":\"0000000000000000\",\"tdx_td_attributes_debug\":false,"                                    \
    "\"tdx_td_attributes_septve_disable\":true,\"tdx_tee_tcb_svn\":\"" HEX16 "\",\"tdx_xfam\":\"e718060000000000\","   \
    "\"x-ms-attestation-type\":\"tdxvm\",\"x-ms-compliance-status\":\"azure-compliant-cvm\"}"

static void a_tdx_token_is_read(void **state)
{
    azattest_result *tdx = result_of(TDX);

    (void)state;
    text_is(azattest_result_attester_tcb_status, tdx, "UpToDate");
    text_is(azattest_result_debug_status, tdx, "disabled");
    text_is(azattest_result_eat_profile, tdx, "https://aka.ms/maa-eat-profile-tdxvm");
    text_is(azattest_result_intended_use, tdx, "generic");
    hex_is(azattest_result_mr_td, tdx, HEX48);
    hex_is(azattest_result_mr_seam, tdx, HEX48);
    hex_is(azattest_result_rtmr3, tdx, HEX48);
    hex_is(azattest_result_report_data, tdx, HEX64);
    hex_is(azattest_result_xfam, tdx, "e718060000000000");
    hex_is(azattest_result_tee_tcb_svn, tdx, HEX16);
    number_is(azattest_result_seam_svn, tdx, 3);
    flag_is(azattest_result_td_attributes_septve_disable, tdx, true);
    flag_is(azattest_result_is_debuggable, tdx, false);
    azattest_result_free(tdx);
}

static void a_tpm_report_is_read(void **state)
{
    azattest_result *tpm = result_of("{\"aikPubHash\":\"ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=\","
                                     "\"aikValidated\":true,\"cnf\":{\"jwk\":{\"kty\":\"RSA\"}},\"enclaveAuthorId\":"
                                     "\"AQID\",\"enclaveSvn\":1.0,\"rp_data\":\"bm9uY2U\",\"secureBootEnabled\":true,"
                                     "\"tpmVersion\":2,\"vbsEnabled\":true}");

    (void)state;
    hex_is(azattest_result_aik_pub_hash, tpm, HEX32);
    hex_is(azattest_result_enclave_author_id, tpm, "010203");
    flag_is(azattest_result_aik_validated, tpm, true);
    flag_is(azattest_result_secure_boot, tpm, true);
    flag_is(azattest_result_vbs_enabled, tpm, true);
    number_is(azattest_result_tpm_version, tpm, 2);
    number_is(azattest_result_enclave_svn, tpm, 1);
    text_is(azattest_result_nonce, tpm, "bm9uY2U");
    azattest_result_free(tpm);
}

/* ---- debug ---- */

typedef struct debug_case {
    const char *name, *body;
    azattest_status status;
    bool debuggable;
} debug_case;

#define INSIDE(claims) "{\"x-ms-isolation-tee\":{" claims "}}"
static const debug_case debug_cases[] = {
    { "nothing says so", "{}", AZATTEST_ABSENT, false },
    { "SGX", "{\"x-ms-sgx-is-debuggable\":true}", AZATTEST_OK, true },
    { "SGX by its deprecated name", "{\"is-debuggable\":true}", AZATTEST_OK, true },
    { "SEV-SNP", "{\"x-ms-sevsnpvm-is-debuggable\":true}", AZATTEST_OK, true },
    { "TDX", "{\"tdx_td_attributes_debug\":true}", AZATTEST_OK, true },
    { "TDX by another name", "{\"tdx_is_debuggable\":true}", AZATTEST_OK, true },
    { "TDX by its debug status", "{\"dbgstat\":\"enabled\"}", AZATTEST_OK, true },
    { "a debug status that is worse than the attribute", "{\"dbgstat\":\"enabled\",\"tdx_td_attributes_debug\":false}",
      AZATTEST_OK, true },
    { "an attribute that is worse than the debug status", "{\"dbgstat\":\"disabled\",\"tdx_td_attributes_debug\":true}",
      AZATTEST_OK, true },
    { "a debug status that is off for good", "{\"dbgstat\":\"disabled-permanently\"}", AZATTEST_OK, false },
    { "a debug status that nobody knows", "{\"dbgstat\":\"off\"}", AZATTEST_E_TYPE, false },
    { "SGX's claim does not clear SEV-SNP's", "{\"x-ms-sgx-is-debuggable\":false,\"x-ms-sevsnpvm-is-debuggable\":true}",
      AZATTEST_OK, true },
    { "a guest's VM", INSIDE("\"x-ms-sevsnpvm-is-debuggable\":true"), AZATTEST_OK, true },
    { "a guest's VM on TDX", INSIDE("\"tdx_td_attributes_debug\":true"), AZATTEST_OK, true },
    { "a guest's VM that is not", INSIDE("\"x-ms-sevsnpvm-is-debuggable\":false"), AZATTEST_OK, false },
    { "a policy's claim outside does not speak for the VM inside",
      "{\"is-debuggable\":false,\"x-ms-isolation-tee\":{}}", AZATTEST_ABSENT, false },
    { "nor against what it says",
      "{\"is-debuggable\":false,\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-is-debuggable\":true}}", AZATTEST_OK, true },
    { "a suspicion outside stays",
      "{\"is-debuggable\":true,\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-is-debuggable\":false}}", AZATTEST_OK, true },
    { "text is no answer", "{\"x-ms-sevsnpvm-is-debuggable\":\"false\"}", AZATTEST_E_TYPE, false },
    { "an isolation TEE that is no object", "{\"x-ms-isolation-tee\":false}", AZATTEST_E_TYPE, false },
    { "an isolation TEE that is no object clears nothing", "{\"is-debuggable\":false,\"x-ms-isolation-tee\":[]}",
      AZATTEST_E_TYPE, false },
};

static void tells_debuggable(void **state)
{
    const debug_case *test = *state;
    azattest_result *result = result_of(test->body);
    bool debuggable = !test->debuggable;

    assert_int_equal(azattest_result_is_debuggable(result, &debuggable), test->status);
    assert_int_equal(debuggable, test->debuggable);
    azattest_result_free(result);
}

/* ---- the rest ---- */

static void payloads_that_are_none(void **state)
{
    static const struct {
        const char *body;
        azattest_status status;
    } cases[] = {
        { "{}", AZATTEST_ABSENT },
        { "{\"x-ms-runtime\":{}}", AZATTEST_ABSENT },
        { "{\"x-ms-runtime\":[]}", AZATTEST_E_TYPE },
        { "{\"x-ms-runtime\":{\"client-payload\":\"AQ==\"}}", AZATTEST_E_TYPE },
        { "{\"x-ms-runtime\":{\"client-payload\":{\"a\":1}}}", AZATTEST_E_TYPE },
        { "{\"x-ms-runtime\":{\"client-payload\":{\"a\":\"AQ==\",\"b\":\"*\"}}}", AZATTEST_E_TYPE },
        { "{\"x-ms-runtime\":{\"client-payload\":{}}}", AZATTEST_OK },
    };
    int64_t count = -1;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_result *result = result_of(cases[i].body);

        assert_int_equal(azattest_result_client_payload_count(result, &count), cases[i].status);
        assert_int_equal(count, 0);
        assert_null(azattest_result_client_payload_name(result, 0));
        azattest_result_free(result);
    }
    assert_int_equal(azattest_result_client_payload_count(NULL, &count), AZATTEST_E_ARGUMENT);
}

static void a_payload_nonce_that_is_no_text_is_none(void **state)
{
    azattest_result *result = result_of("{\"x-ms-runtime\":{\"client-payload\":{\"nonce\":\"AAA=\"}}}");
    const char *text = "";

    (void)state;
    assert_int_equal(azattest_result_nonce(result, &text), AZATTEST_E_TYPE);
    assert_null(text);
    azattest_result_free(result);
}

/* Python's SDK raises whenever a token has one. */
static void a_policy_signer_is_read_bare_and_wrapped(void **state)
{
    char *jwks = tokens_jwks(tokens_keys()->rsa, tokens_keys()->key_id, TOKEN_ENDPOINT, TOKEN_NOW, TOKEN_NOW + 1000);
    static const char *const formats[] = { "{\"x-ms-policy-signer\":%s}", "{\"x-ms-policy-signer\":{\"jwk\":%s}}",
                                           "{\"policy_signer\":%s}" };
    const char *jwk = strchr(jwks, '[') + 1;
    azattest_signer *signer = NULL;
    azattest_result *result;
    char *body;

    (void)state;
    *strrchr(jwks, ']') = '\0'; /* the one entry alone */
    for (size_t i = 0; i < 3; i++) {
        body = filled(formats[i], jwk, "", "", "");
        result = result_of(body);
        assert_int_equal(azattest_result_policy_signer(result, &signer), AZATTEST_OK);
        assert_string_equal(azattest_signer_key_id(signer), tokens_keys()->key_id);
        assert_null(azattest_signer_problem(signer));
        assert_int_equal(azattest_signer_certificate_count(signer), 1);
        azattest_signer_free(signer);
        azattest_result_free(result);
        free(body);
    }
    result = result_of("{\"x-ms-policy-signer\":\"me\"}");
    assert_int_equal(azattest_result_policy_signer(result, &signer), AZATTEST_E_TYPE);
    azattest_result_free(result);
    result = result_of("{}");
    assert_int_equal(azattest_result_policy_signer(result, &signer), AZATTEST_ABSENT);
    assert_null(signer);
    azattest_result_free(result);
    free(jwks);
}

int main(void)
{
    enum { FIELDS = sizeof(fields) / sizeof(fields[0]), DEBUGS = sizeof(debug_cases) / sizeof(debug_cases[0]) };
    static struct CMUnitTest tests[FIELDS + DEBUGS + 8];
    size_t count = 0;

    for (size_t i = 0; i < FIELDS; i++)
        tests[count++] = (struct CMUnitTest){ fields[i].name, reads, NULL, NULL, (void *)(uintptr_t)&fields[i] };
    for (size_t i = 0; i < DEBUGS; i++)
        tests[count++] = (struct CMUnitTest){ debug_cases[i].name, tells_debuggable, NULL, NULL,
                                              (void *)(uintptr_t)&debug_cases[i] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(an_error_says_which_claim_is_wrong);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_real_guest_is_read_inside_and_outside);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_real_sgx_token_is_read_as_before);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_tdx_token_is_read);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_tpm_report_is_read);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(payloads_that_are_none);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_payload_nonce_that_is_no_text_is_none);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_policy_signer_is_read_bare_and_wrapped);
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
