/* What a reader that gave AZATTEST_E_TYPE found, in words. The readers themselves give a status alone. */
#include <stdlib.h>
#include <string.h>

#include <azattest/result.h>

#include "checks.h"
#include "fields.h"

/* What each kind of fields.h takes. */
#define EXPECTED_TEXT "a string"
#define EXPECTED_HEX_TEXT "hexadecimal text"
#define EXPECTED_HEX "hexadecimal text"
#define EXPECTED_BASE64URL "base64url text"
#define EXPECTED_BASE64 "base64 text"
#define EXPECTED_INTEGER "an integer of 64 bits"
#define EXPECTED_TIME "an integer, seconds since 1970"
#define EXPECTED_BOOLEAN "true or false"
#define EXPECTED_OBJECT "an object"
#define EXPECTED_INTEGERS "an array of integers"

typedef struct reader {
    const char *name, *expected;
    size_t size; /* bytes; 0: any */
    enum { OWN, TEE } scope;
    azattest__claim_names claims;
} reader;

#define READER(kind, name, scope, size, ...) { #name, EXPECTED_##kind, size, scope, { { __VA_ARGS__ } } },
static const reader readers[] = {
    AZATTEST__RESULT_FIELDS(READER) /* and those that are no fields */
    { "isolation_tee", EXPECTED_OBJECT, 0, OWN, { { "x-ms-isolation-tee" } } },
    { "policy_signer", EXPECTED_OBJECT, 0, OWN, { { AZATTEST__POLICY_SIGNER_CLAIMS } } },
};

static const char *kind_of(azattest_bytes json)
{
    switch (*(const char *)json.ptr) {
    case '"':
        return "a string";
    case '{':
        return "an object";
    case '[':
        return "an array";
    case 't':
    case 'f':
        return "a boolean";
    case 'n':
        return "null";
    default:
        return "a number";
    }
}

static azattest_error *describe(const char *claim, azattest_bytes json, const char *expected, size_t size)
{
    azattest_error *error = NULL;

    if (size == 0)
        azattest__error_set(&error, AZATTEST_E_TYPE, "claim \"%s\" is %s, expected %s", claim, kind_of(json), expected);
    else
        azattest__error_set(&error, AZATTEST_E_TYPE, "claim \"%s\" is %s, expected %s of %zu bytes", claim,
                            kind_of(json), expected, size);
    return error;
}

/* The claim that such a reader reads; *name stays as it is when there is none. */
static azattest_bytes find(azattest_bytes claims, const reader *one, const char **name)
{
    azattest_bytes json = azattest__claim_any(claims, &one->claims, name), isolation;

    if (json.ptr != NULL || one->scope != TEE)
        return json;
    isolation = azattest__claim_isolation(claims);
    return azattest__claim_is_object(isolation) ? azattest__claim_any(isolation, &one->claims, name) : json;
}

/* Readers that look at several claims name the one that is wrong. */
static azattest_error *describe_debug(azattest_bytes claims)
{
    const char *name = NULL;
    azattest_bytes json, isolation = azattest__claim_isolation(claims);

    if (azattest__claims_debug(claims, &name) != AZATTEST__DEBUG_UNCLEAR)
        return NULL;
    json = azattest__json_find(claims, name);
    if (json.ptr == NULL && azattest__claim_is_object(isolation))
        json = azattest__json_find(isolation, name);
    if (json.ptr == NULL)
        return NULL;
    return describe(name, json,
                    strcmp(name, "dbgstat") == 0              ? "a known state of debugging"
                    : strcmp(name, "x-ms-isolation-tee") == 0 ? EXPECTED_OBJECT
                                                              : EXPECTED_BOOLEAN,
                    0);
}

azattest_error *azattest_claim_error(azattest_bytes claims, const char *reader_name)
{
    azattest_error *error = NULL;
    azattest_bytes json = { NULL, 0 }, isolation;
    const char *name = NULL;

    /* Those of a token are whole JSON; a caller's own text may be anything. */
    if (reader_name == NULL || !azattest__claim_is_object(claims) || azattest__json_check(claims, NULL) != AZATTEST_OK)
        goto done;
    if (strcmp(reader_name, "is_debuggable") == 0)
        error = describe_debug(claims);
    for (size_t i = 0; error == NULL && i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (strcmp(readers[i].name, reader_name) != 0)
            continue;
        json = find(claims, &readers[i], &name);
        isolation = azattest__claim_isolation(claims);
        if (json.ptr != NULL)
            error = describe(name, json, readers[i].expected, readers[i].size);
        else if (readers[i].scope == TEE && isolation.ptr != NULL)
            error = describe("x-ms-isolation-tee", isolation, EXPECTED_OBJECT, 0);
    }
done:
    /* The rest is in the program's own payload (nonce, client_payload), or no reader at all. */
    if (error == NULL)
        azattest__error_set(&error, AZATTEST_E_TYPE, "%s", azattest_status_text(AZATTEST_E_TYPE));
    return error;
}
