/* Answers about collateral: the chain that a header carries, what the set takes, how long it is fresh, and the next
 * step after a refusal. */
#include "collateral.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "../evidence/collateral/collateral.h"

/* ---- issuer chains ---- */

/* RFC 3986 section 2.1. A '+' stands for itself: base64 has it. False for a broken escape. */
static bool unescape(const char *text, azattest__buf *out)
{
    const char *plain = text;

    for (; *text != '\0'; text++) {
        if (*text != '%')
            continue;
        azattest__buf_append(out, plain, (size_t)(text - plain));
        if (text[1] == '\0' || !azattest__hex_decode(azattest__bytes(text + 1, 2), out))
            return false;
        text += 2;
        plain = text + 1;
    }
    azattest__buf_append(out, plain, (size_t)(text - plain));
    return true;
}

/* Each header in its spellings, Intel's own first: version 3 and Azure's caches have others. The root's own list needs
 * no chain, but Azure's cache gives it one. */
static const struct chain_header {
    bool required;
    const char *names[2];
} headers[] = {
    [AZATTEST__PCK_CERTIFICATE] = { true, { "SGX-PCK-Certificate-Issuer-Chain", NULL } },
    [AZATTEST__TCB_INFO] = { true, { "TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain" } },
    [AZATTEST__QE_IDENTITY] = { true, { "SGX-Enclave-Identity-Issuer-Chain", "SGX-QE-Identity-Issuer-Chain" } },
    [AZATTEST__PCK_CRL] = { true, { "SGX-PCK-CRL-Issuer-Chain", NULL } },
    [AZATTEST__ROOT_CA_CRL] = { false, { "SGX-PCK-CRL-Issuer-Chain", NULL } },
    [AZATTEST__AMD_CERTIFICATES] = { false, { NULL, NULL } },
};

static azattest_status unusable(azattest__collateral_item item, const azattest_http_response *response,
                                azattest_error **error, const char *reason, const char *header, const char *other)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, 512);
    azattest__buf_printf(&text, "%s %s%s%s%s", reason, header, other == NULL ? "" : " (or ", other == NULL ? "" : other,
                         other == NULL ? "" : ")");
    status = azattest__response_unusable(response, azattest__collateral_what(item),
                                         text.ptr == NULL ? reason : (const char *)text.ptr, error);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest__collateral_issuer_chain(azattest__collateral_item item,
                                                  const azattest_http_response *response, azattest__buf *out,
                                                  azattest_error **error)
{
    const struct chain_header *header = &headers[item];
    const char *value = NULL, *name = NULL;

    for (size_t i = 0; value == NULL && i < 2 && header->names[i] != NULL; i++) {
        name = header->names[i];
        value = azattest__response_header(response, name);
    }
    if (value == NULL && !header->required)
        return AZATTEST_OK;
    if (value == NULL)
        return unusable(item, response, error, "its issuer chain is missing, which is in the header", header->names[0],
                        header->names[1]);
    if (!unescape(value, out) && out->status != AZATTEST_E_MEMORY)
        return unusable(item, response, error, "percent-encoding is broken in the header", name, NULL);
    if (out->status == AZATTEST_E_LIMIT)
        return unusable(item, response, error, "too long is the header", name, NULL);
    return azattest__error_from_buf(error, out, "issuer chain");
}

/* ---- items ---- */

void azattest__collateral_join(azattest_bytes certificate, azattest_bytes chain, azattest__buf *out)
{
    const char *text = certificate.ptr;

    azattest__buf_append_bytes(out, certificate);
    if (certificate.len > 0 && text[certificate.len - 1] != '\n')
        azattest__buf_append_text(out, "\n");
    azattest__buf_append_bytes(out, chain);
}

static azattest_status put_pck_certificate(azattest_bytes body, azattest_bytes chain, azattest_collateral *set,
                                           azattest_error **error)
{
    azattest_status status;
    azattest__buf whole;

    azattest__buf_init(&whole, 2 * AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    azattest__collateral_join(body, chain, &whole);
    if ((status = azattest__error_from_buf(error, &whole, "PCK certificate")) == AZATTEST_OK)
        status = azattest_collateral_add(set, azattest__buf_bytes(&whole), error);
    azattest__buf_free(&whole);
    return status;
}

azattest_status azattest__collateral_put(azattest__collateral_item item, azattest_bytes body, azattest_bytes chain,
                                         azattest_collateral *set, azattest_error **error)
{
    if (body.len == 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "it is empty");
    if (item == AZATTEST__PCK_CERTIFICATE)
        return put_pck_certificate(body, chain, set, error);
    if (item == AZATTEST__AMD_CERTIFICATES)
        return azattest_collateral_add(set, body, error);
    return azattest_collateral_add_response(set, azattest__collateral_item_name(item), body, chain, error);
}

static azattest_status check_document(bool is_tcb_info, const azattest__collateral_subject *subject,
                                      const azattest_collateral *set, azattest_error **error)
{
    const azattest__collateral_document *document = set->document_count == 0 ? NULL : set->documents[0];

    if (document == NULL || document->is_tcb_info != is_tcb_info)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "it is no %s",
                                   is_tcb_info ? "TCB info" : "QE identity");
    if (document->tdx != subject->is_tdx)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "it is about %s, asked for was %s",
                                   document->tdx ? "TDX" : "SGX", subject->is_tdx ? "TDX" : "SGX");
    if (is_tcb_info && memcmp(document->fmspc, subject->fmspc, sizeof(subject->fmspc)) != 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "it is about a platform with another FMSPC");
    return AZATTEST_OK;
}

/* By the names of Intel's authorities, which those of made-up ones end with. */
static azattest_status check_crl(const char *authority, const azattest_collateral *set, azattest_error **error)
{
    char name[256];

    if (set->crl_count == 0 || !azattest__x509_common_name(set->crls[0]->crl.issuer, name, sizeof(name)))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "it is no revocation list of an authority with a name");
    if (strstr(name, authority) == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "it is the revocation list of another authority than \"Intel SGX %s\"", authority);
    return AZATTEST_OK;
}

azattest_status azattest__collateral_check_subject(azattest__collateral_item item,
                                                   const azattest__collateral_subject *subject,
                                                   const azattest_collateral *set, azattest_error **error)
{
    switch (item) {
    case AZATTEST__TCB_INFO:
    case AZATTEST__QE_IDENTITY:
        return check_document(item == AZATTEST__TCB_INFO, subject, set, error);
    case AZATTEST__PCK_CRL:
        return check_crl(strcmp(subject->ca, "platform") == 0 ? "PCK Platform CA" : "PCK Processor CA", set, error);
    case AZATTEST__ROOT_CA_CRL:
        return check_crl("Root CA", set, error);
    default: /* certificates: a verdict compares each with the evidence, and misses the one that it needs */
        return AZATTEST_OK;
    }
}

/* ---- freshness ---- */

#define DAY_MS INT64_C(86400000)
#define LONGEST_LIFE_MS (30 * DAY_MS)

/* The metadata service states the life in its document: "cacheControl": "86400". -1: not there. */
static int64_t stated_life_ms(azattest_bytes body)
{
    azattest__json *document = NULL;
    const char *text = NULL;
    int64_t seconds = -1;

    if (azattest__json_parse(body, &document, NULL) == AZATTEST_OK)
        text = azattest__json_get_string(document, "cacheControl");
    if (text == NULL || !azattest__json_integer_text(azattest__text(text), &seconds) || seconds < 0)
        seconds = -1;
    azattest__json_free(document);
    if (seconds < 0)
        return -1;
    return seconds > LONGEST_LIFE_MS / 1000 ? LONGEST_LIFE_MS : seconds * 1000;
}

int64_t azattest__collateral_life_ms(azattest__collateral_item item, const azattest_http_response *response)
{
    int64_t life = azattest__response_max_age_ms(response);

    if (life < 0 && item == AZATTEST__AMD_CERTIFICATES)
        life = stated_life_ms(response->body);
    if (life < 0) /* a VCEK and its chain never change, and KDS throttles; lists and levels may, before their end */
        life = item == AZATTEST__VCEK || item == AZATTEST__AMD_CHAIN || item == AZATTEST__AMD_CERTIFICATES
                   ? LONGEST_LIFE_MS
                   : DAY_MS;
    return life > LONGEST_LIFE_MS ? LONGEST_LIFE_MS : life;
}

/* ---- refusals ---- */

#define ANY (-1)

/* The first row that fits; ANY fits all. */
static const struct refusal {
    int lowest, highest; /* HTTP status */
    int item, source;
    const char *hint;
} refusals[] = {
    { 300, 399, ANY, ANY,
      "Redirects are not followed; if you trust the address in Location, give its origin as the endpoint." },
    { 401, 403, AZATTEST__PCK_CERTIFICATE, AZATTEST__SOURCE_INTEL,
      "Intel gives PCK certificates to whoever has a subscription key: give the option subscription_key." },
    { 404, 404, AZATTEST__PCK_CERTIFICATE, ANY,
      "The source does not know this platform: it was never registered there, or is not a production one." },
    { 404, 404, AZATTEST__TCB_INFO, ANY,
      "The source does not know the platform's FMSPC: check that it is a production platform, and that the source has "
      "its kind (SGX, TDX)." },
    { 404, 404, AZATTEST__VCEK, ANY,
      "AMD does not know this chip at its reported TCB: check that the evidence is genuine and of the product that is "
      "asked for." },
    { 404, 404, AZATTEST__AMD_CERTIFICATES, ANY,
      "Azure does not know this chip at its reported TCB; ask AMD (source \"amd\")." },
    { 404, 404, ANY, ANY, "The source does not have this: check the endpoint, and the options region and product." },
    { 410, 410, ANY, ANY,
      "The source does not keep this TCB recovery any more: give a later tcb_evaluation_data_number." },
    { 429, 429, ANY, AZATTEST__SOURCE_AMD, "AMD's KDS throttles: keep what it gave (a cache), and try again later." },
    { 429, 429, ANY, ANY, "The source is throttling: keep what it gave (a cache), and try again later." },
    { 400, 499, ANY, AZATTEST__SOURCE_AZURE_VM,
      "This is the metadata service of a VM in Azure: elsewhere, or in a VM without this hardware, it has none." },
    { 500, 599, ANY, ANY, "The source itself failed: try again later, or use another one." },
};

const char *azattest__collateral_hint(azattest__collateral_item item, azattest__collateral_source source, int status)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct refusal *r = &refusals[i];

        if (status >= r->lowest && status <= r->highest && (r->item == ANY || r->item == (int)item) &&
            (r->source == ANY || r->source == (int)source))
            return r->hint;
    }
    return NULL;
}
