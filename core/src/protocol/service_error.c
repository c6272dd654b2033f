/* Errors of the service: {"error":{...}} of every api-version, the flat and the capitalised form, bare strings, pages
 * of a front end, nothing at all. */
#include "http.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

/* How much of foreign text an error message shows; the error's own members hold more. */
#define SHOWN 600u

/* What was found in an answer; text is owned. */
typedef struct findings {
    azattest__json *document;
    const char *code, *message, *target; /* in the document */
    azattest__buf details, inner_error;
} findings;

static const char *text_member(const azattest__json *object, const char *name)
{
    return azattest__json_string(azattest__json_get_nocase(object, name));
}

static void print_member(const azattest__json *object, const char *name, azattest__buf *out)
{
    const azattest__json *member = azattest__json_get_nocase(object, name);

    /* The member is for reading only; an error that lacks it because memory is short is still the error. */
    if (member != NULL && !azattest__json_is_null(member))
        (void)azattest__json_print(member, false, out, NULL);
}

static void read_body(azattest_bytes body, findings *found)
{
    const azattest__json *error, *inner;

    if (body.ptr == NULL || body.len == 0 || body.len > AZATTEST_LIMIT_RESPONSE ||
        azattest__json_parse(body, &found->document, NULL) != AZATTEST_OK)
        return;
    if (azattest__json_is_string(found->document)) {
        found->message = azattest__json_string(found->document);
        return;
    }
    error = azattest__json_get_nocase(found->document, "error");
    if (azattest__json_is_string(error)) { /* as OAuth servers write it */
        found->code = azattest__json_string(error);
        found->message = text_member(found->document, "error_description");
        return;
    }
    if (!azattest__json_is_object(error))
        error = found->document;
    inner = azattest__json_get_nocase(error, "innererror");
    found->code = text_member(error, "code");
    found->message = text_member(error, "message");
    found->target = text_member(error, "target");
    if (found->code == NULL)
        found->code = text_member(inner, "code");
    if (found->message == NULL || *found->message == '\0')
        found->message = text_member(inner, "message");
    print_member(error, "details", &found->details);
    print_member(error, "innererror", &found->inner_error);
}

static bool mentions(const char *text, const char *word)
{
    return text != NULL && strcasestr(text, word) != NULL;
}

static bool is_code(const char *code, const char *name)
{
    return code != NULL && azattest__text_equal_nocase(code, name);
}

#define PLATFORM                                                                                                       \
    "The service could not judge the platform: collateral or TCB level of the machine that made the evidence is "      \
    "missing, expired or too old."

/* One sentence with the next step for each cause that is known; the first row that fits. A zero or NULL fits anything;
 * `word` is looked for in the service's message. */
static const struct cause {
    int lowest, highest; /* HTTP status */
    const char *code, *word, *hint;
} causes[] = {
    { 300, 399, NULL, NULL,
      "Redirects are not followed; if you trust the address in Location, give it as the endpoint." },
    { 401, 401, NULL, NULL,
      "Attest calls need no identity; policy and certificate calls need an access token for "
      "https://attest.azure.net/.default, of an identity with the role Attestation Reader (to read) or Attestation "
      "Contributor (to change)." },
    { 403, 403, NULL, "shared instance",
      "Policies and certificates of a region's shared instance stay as they are: use an instance of your own." },
    { 403, 403, NULL, NULL,
      "The identity is known and may not do this: give it the role Attestation Reader (to read) or Attestation "
      "Contributor (to change) on this instance." },
    { 404, 404, NULL, NULL,
      "The service does not know this path: check that the endpoint is an attestation instance, and that the "
      "api-version "
      "has this call." },
    { 429, 429, NULL, NULL, "The service is throttling; try again later, or spread the calls." },
    { 500, 599, NULL, NULL,
      "The service itself failed; try again later, and give its support the request id if it goes on." },
    { 0, 0, "PolicyEvaluationError", NULL,
      "The policy does not permit this evidence: evaluating it over the evidence here shows rule by rule why not "
      "('azattest policy eval --trace')." },
    { 0, 0, "PolicyParsingError", NULL,
      "The policy text does not parse: the service names the first place, parsing it here names them all ('azattest "
      "policy lint')." },
    { 0, 0, NULL, "base64",
      "A part of the request is not base64url as the service reads it: check that evidence and documents are given as "
      "they are, and not encoded already." },
    { 0, 0, NULL, "tcb baseline", NULL }, /* a question about baselines judges no platform */
    { 0, 0, NULL, "collateral", PLATFORM },
    { 0, 0, NULL, "tcb", PLATFORM },
    { 0, 0, NULL, "qe identity", PLATFORM },
    { 0, 0, "InvalidQuote", NULL,
      "The evidence does not verify: check that it was sent whole and unchanged, and to the call for its kind." },
    { 0, 0, "InvalidOperation", "CA:TRUE",
      "A policy signer's certificate is an authority's: make one with the basic constraint CA:TRUE." },
    { 0, 0, "InvalidOperation", "sign",
      "An isolated instance takes only policy tokens that are signed by a registered key." },
    { 0, 0, "InvalidOperation", "certificate",
      "Policy certificates are an isolated instance's: they are changed by tokens that the key of a registered one "
      "signs, and the last one stays. Other instances have none." },
};

static const char *hint_for(int status, const char *code, const char *message)
{
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        const struct cause *c = &causes[i];

        if ((c->lowest == 0 || (status >= c->lowest && status <= c->highest)) &&
            (c->code == NULL || is_code(code, c->code)) && (c->word == NULL || mentions(message, c->word)))
            return c->hint;
    }
    return NULL;
}

static void append_shown(azattest__buf *text, const char *before, azattest_bytes foreign, const char *after)
{
    char *shown;

    if (foreign.ptr == NULL || foreign.len == 0)
        return;
    shown = azattest__printable(foreign, SHOWN);
    azattest__buf_printf(text, "%s%s%s", before, shown == NULL ? "?" : shown, after);
    free(shown);
}

static void describe(const azattest_http_response *response, const char *code, const findings *found,
                     azattest__buf *text)
{
    azattest__buf_printf(text, "the service answered %d", response->status);
    append_shown(text, " (", azattest__text(response->reason), ")");
    if (response->status >= 300 && response->status < 400)
        append_shown(text, ", pointing to ", azattest__text(azattest__response_header(response, "location")), "");
    append_shown(text, ": ", azattest__text(code), "");
    append_shown(text, ": ", azattest__text(found->message), "");
    if (found->document == NULL) /* a page, or nothing: its beginning may tell who spoke */
        append_shown(text, "; its body is no JSON and begins: ",
                     azattest__bytes(response->body.ptr, response->body.len > 200 ? 200 : response->body.len), "");
}

azattest_status azattest__response_error(const azattest_http_response *response, const char *what,
                                         azattest_error **error)
{
    azattest_status status = response->status == 401 || response->status == 403 ? AZATTEST_E_AUTH : AZATTEST_E_HTTP;
    azattest__error_http http = { 0 };
    azattest__buf text;
    findings found;

    memset(&found, 0, sizeof(found));
    azattest__buf_init(&text, 8 * SHOWN);
    azattest__buf_init(&found.details, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&found.inner_error, AZATTEST_LIMIT_RESPONSE);
    read_body(response->body, &found);
    http.status_code = response->status;
    http.reason = response->reason;
    http.error_code = found.code != NULL ? found.code : azattest__response_header(response, "x-ms-error-code");
    http.service_message = found.message;
    http.target = found.target;
    http.details = (const char *)found.details.ptr;
    http.inner_error = (const char *)found.inner_error.ptr;
    http.request_id = azattest__response_header(response, "x-ms-request-id");
    http.hint = hint_for(response->status, http.error_code, found.message);
    http.body = response->body;
    describe(response, http.error_code, &found, &text);
    status = azattest__error_set(error, status, "%s: %s", what, text.ptr == NULL ? "" : (const char *)text.ptr);
    if (error != NULL)
        azattest__error_set_http(*error, &http);
    azattest__buf_free(&found.details);
    azattest__buf_free(&found.inner_error);
    azattest__buf_free(&text);
    azattest__json_free(found.document);
    return status;
}

azattest_status azattest__response_unusable(const azattest_http_response *response, const char *what,
                                            const char *reason, azattest_error **error)
{
    azattest__error_http http = { 0 };
    char *type = azattest__printable(azattest__text(azattest__response_header(response, "content-type")), 80);

    (void)azattest__error_set(error, AZATTEST_E_RESPONSE,
                              "%s: the service's answer cannot be used: %s (%zu bytes of %s)", what, reason,
                              response->body.len, type == NULL || *type == '\0' ? "no stated type" : type);
    http.status_code = response->status;
    http.reason = response->reason;
    http.request_id = azattest__response_header(response, "x-ms-request-id");
    if (error != NULL)
        azattest__error_set_http(*error, &http);
    free(type);
    return AZATTEST_E_RESPONSE;
}
