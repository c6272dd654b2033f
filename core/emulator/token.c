/* The tokens that answers carry. */
#include "base/clock.h"
#include "jose/jws.h"

#include "parts.h"

/* The claims, naming another issuer. */
static azattest_status change_issuer(azattest_bytes claims, const char *issuer, azattest__buf *out,
                                     azattest_error **error)
{
    azattest_status status;
    azattest__json *document = NULL, *changed = azattest__json_new_object();

    if ((status = azattest__json_parse(claims, &document, error)) == AZATTEST_OK) {
        for (const azattest__json *claim = azattest__json_first(document); claim != NULL;
             claim = azattest__json_next(claim))
            if (strcmp(azattest__json_name(claim), "iss") == 0)
                azattest__json_put_string(changed, "iss", issuer);
            else
                azattest__json_put(changed, azattest__json_name(claim), azattest__json_copy(claim));
        status = azattest__json_print(changed, false, out, error);
    }
    azattest__json_free(document);
    azattest__json_free(changed);
    return status;
}

/* Unsecured, as the reply to a draft policy is, or signed; the header is otherwise the same. */
static azattest_status sign(const azattest__service *service, bool secured, azattest_bytes claims, azattest__buf *token,
                            azattest_error **error)
{
    azattest_status status;
    const azattest__signing *signing = atomic_load(&service->signing);
    azattest__json *header = azattest__json_new_object();
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_HEADER);
    azattest__json_put_string(header, "alg", secured ? "RS256" : "none");
    azattest__json_put_string(header, "jku", service->keys_url);
    azattest__json_put_string(header, "kid", signing->key_id);
    azattest__json_put_string(header, "typ", "JWT");
    if ((status = azattest__json_print(header, false, &text, error)) == AZATTEST_OK)
        status = azattest__jws_create(azattest__buf_bytes(&text), claims, secured ? signing->key : NULL,
                                      AZATTEST__RS256, token, error);
    azattest__buf_free(&text);
    azattest__json_free(header);
    return status;
}

azattest_status azattest__token_make(const azattest__call *call, bool secured, azattest_bytes claims,
                                     azattest__buf *token, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__buf changed;

    azattest__buf_init(&changed, AZATTEST_LIMIT_TOKEN_BODY);
    if (call->request->token_issuer != NULL &&
        (status = change_issuer(claims, call->request->token_issuer, &changed, error)) == AZATTEST_OK)
        claims = azattest__buf_bytes(&changed);
    if (status == AZATTEST_OK)
        status = sign(call->service, secured, claims, token, error);
    azattest__buf_free(&changed);
    return status;
}

azattest_status azattest__answer_token(const azattest__call *call, bool secured, azattest_bytes claims,
                                       azattest_error **error)
{
    azattest_status status;
    azattest__json *document = NULL;
    azattest__buf token;

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    if ((status = azattest__token_make(call, secured, claims, &token, error)) != AZATTEST_OK)
        goto done;
    if (azattest__is_first_version(call->version)) { /* a bare string there */
        azattest__buf_printf(&call->answer->body, "\"%s\"", (const char *)token.ptr);
        call->answer->status = 200;
        status = azattest__error_from_buf(error, &call->answer->body, "answer");
        goto done;
    }
    document = azattest__json_new_object();
    azattest__json_put_bytes_text(document, "token", azattest__buf_bytes(&token));
    status = azattest__answer_json(call->answer, document, error);
done:
    azattest__json_free(document);
    azattest__buf_free(&token);
    return status;
}

#define RESULT_LIFE_S 3600 /* of policy and certificate tokens (recorded) */

azattest_status azattest__answer_result(const azattest__call *call, azattest__json *claims, azattest_error **error)
{
    azattest_status status;
    int64_t now_s = azattest__clock_now_ms(&call->service->clock) / 1000;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    azattest__json_put_integer(claims, "exp", now_s + RESULT_LIFE_S);
    azattest__json_put_integer(claims, "iat", now_s);
    azattest__json_put_string(claims, "iss", call->service->endpoint);
    azattest__json_put_integer(claims, "nbf", now_s);
    azattest__json_sort(claims);
    if ((status = azattest__json_print(claims, false, &text, error)) == AZATTEST_OK)
        status = azattest__answer_token(call, true, azattest__buf_bytes(&text), error);
    azattest__buf_free(&text);
    azattest__json_free(claims);
    return status;
}
