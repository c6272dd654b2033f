/* Reading the members of a JSON body as the service's binder does. */
#include "base/encoding.h"

#include "parts.h"

azattest_status azattest__body_object(azattest_bytes body, azattest__json **out, azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__json_parse(body, out, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "request body");
        return status;
    }
    if (!azattest__json_is_object(*out))
        return azattest__error_set(error, AZATTEST_E_TYPE, "the request body is a JSON %s, expected an object",
                                   azattest__json_kind(*out));
    return AZATTEST_OK;
}

/*
 * A member, found without regard to case as the service's binder does; NULL when absent or null. Two that differ by
 * case only are refused: which of them counts would be a guess.
 */
azattest_status azattest__find_member(const azattest__json *object, const char *name, const azattest__json **out,
                                      azattest_error **error)
{
    if (!azattest__json_find_nocase(object, name, out))
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "the request has \"%s\" more than once, in different letter case", name);
    if (azattest__json_is_null(*out))
        *out = NULL;
    return AZATTEST_OK;
}

azattest_status azattest__find_string(const azattest__json *object, const char *name, const char **out,
                                      azattest_error **error)
{
    azattest_status status;
    const azattest__json *member;

    *out = NULL;
    if ((status = azattest__find_member(object, name, &member, error)) != AZATTEST_OK || member == NULL)
        return status;
    if ((*out = azattest__json_string(member)) == NULL)
        return azattest__error_set(error, AZATTEST_E_TYPE, "\"%s\" is of type %s, expected a string", name,
                                   azattest__json_kind(member));
    return AZATTEST_OK;
}

/* Bytes in base64url or base64. AZATTEST_ABSENT when there is no such member. */
azattest_status azattest__find_bytes(const azattest__json *object, const char *name, azattest__buf *out,
                                     azattest_error **error)
{
    azattest_status status;
    const char *text;

    if ((status = azattest__find_string(object, name, &text, error)) != AZATTEST_OK)
        return status;
    if (text == NULL)
        return AZATTEST_ABSENT;
    if (!azattest__base64_any_decode(azattest__text(text), out))
        return out->status != AZATTEST_OK
                   ? azattest__error_from_buf(error, out, name)
                   : azattest__error_set(error, AZATTEST_E_MALFORMED, "\"%s\" is not base64url", name);
    return AZATTEST_OK;
}
