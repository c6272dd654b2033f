/* JSON documents with the evidence of a guest. Three forms: those of the confidential containers' projects, in either
 * spelling (report, quote, vcek; hcl_report, tpm_quote, td_quote, vcek), and the request that Azure's guest attestation
 * client sends ({"AttestationInfo": ...}, or what is inside of it). Bytes are base64 or base64url, or arrays of
 * numbers. Names are taken in any case, as the service does. Sources: trustee, az-snp-vtpm and az-tdx-vtpm; Azure
 * confidential-computing-cvm-guest-attestation. */
#include <stdio.h>
#include <stdlib.h>

#include "../../base/encoding.h"
#include "../formats.h"
#include "guest.h"

static azattest_status find(const azattest__json *object, const char *name, const azattest__json **out,
                            azattest_error **error)
{
    if (!azattest__json_find_nocase(object, name, out))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "JSON document: two members are called \"%s\", but for their case", name);
    if (azattest__json_is_null(*out))
        *out = NULL;
    return AZATTEST_OK;
}

/* An object, or NULL when there is none. */
static azattest_status find_object(const azattest__json *object, const char *name, const azattest__json **out,
                                   azattest_error **error)
{
    azattest_status status = find(object, name, out, error);

    if (status == AZATTEST_OK && *out != NULL && !azattest__json_is_object(*out))
        status = azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: \"%s\" is %s, not an object", name,
                                     azattest__json_kind(*out));
    return status;
}

static bool starts_as_pem(const char *text)
{
    return strncmp(text, "-----BEGIN ", 11) == 0;
}

static bool append_numbers(const azattest__json *list, azattest__buf *out)
{
    int64_t value;

    for (const azattest__json *item = azattest__json_first(list); item != NULL; item = azattest__json_next(item)) {
        unsigned char byte;

        if (!azattest__json_is_number(item) || !azattest__json_integer(item, &value) || value < 0 || value > 255)
            return false;
        byte = (unsigned char)value;
        azattest__buf_append(out, &byte, 1);
    }
    return true;
}

/* The bytes of a value, appended; nothing for none. */
static azattest_status read_bytes(const azattest__json *value, const char *name, azattest__buf *out,
                                  azattest_error **error)
{
    const char *text = azattest__json_string(value);
    bool good = value == NULL;

    if (text != NULL && starts_as_pem(text)) {
        azattest__buf_append_text(out, text);
        good = true;
    } else if (text != NULL)
        good = azattest__base64_any_decode(azattest__text(text), out);
    else if (azattest__json_is_array(value))
        good = append_numbers(value, out);
    if (out->status != AZATTEST_OK)
        return azattest__error_from_buf(error, out, name);
    return good ? AZATTEST_OK
                : azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                      "JSON document: \"%s\" holds no bytes: base64, base64url or an array of numbers "
                                      "from 0 to 255 is expected",
                                      name);
}

/* A list of members, and where each goes. */
typedef struct place {
    const char *name;
    azattest__guest_piece piece;
} place;

static azattest_status read_places(const azattest__json *object, const place *places, size_t count,
                                   struct azattest__guest *guest, azattest_error **error)
{
    const azattest__json *value;
    azattest_status status;

    for (size_t i = 0; i < count; i++) {
        azattest__buf *piece = &guest->pieces[places[i].piece];

        if ((status = find(object, places[i].name, &value, error)) != AZATTEST_OK ||
            (status = read_bytes(value, places[i].name, piece, error)) != AZATTEST_OK)
            return status;
        if (piece->len == 0) /* empty is as good as absent */
            azattest__buf_free(piece);
    }
    return AZATTEST_OK;
}
#define PLACES(list) (list), sizeof(list) / sizeof((list)[0])

/* ---- PCRs ---- */

static bool is_hex(const char *text, size_t size)
{
    return strlen(text) == 2 * size && strspn(text, "0123456789abcdefABCDEF") == 2 * size;
}

static azattest_status add_pcr(const azattest__json *value, uint16_t bank, int64_t index, struct azattest__guest *guest,
                               azattest_error **error)
{
    const char *text = azattest__json_string(value);
    azattest_status status = AZATTEST_OK;
    azattest__buf bytes;

    azattest__buf_init(&bytes, AZATTEST_LIMIT_EVIDENCE);
    if (value == NULL)
        status =
            azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: PCR %lld has no value", (long long)index);
    else if (text != NULL && is_hex(text, azattest__tpm_hash_size(bank)))
        (void)azattest__hex_decode(azattest__text(text), &bytes);
    else
        status = read_bytes(value, "pcrs", &bytes, error);
    if (status == AZATTEST_OK)
        status = azattest__guest_add_pcr(guest, bank, index, azattest__buf_bytes(&bytes), error);
    azattest__buf_free(&bytes);
    return status;
}

/* One entry of a list: an object with index and value (and bank, SHA-256 unless it says so), or the value alone. */
static azattest_status read_pcr(const azattest__json *entry, int64_t position, const char *value_name,
                                struct azattest__guest *guest, azattest_error **error)
{
    const azattest__json *value = entry, *index_value, *bank_value;
    uint16_t bank = AZATTEST__TPM_SHA256;
    int64_t index = position;
    azattest_status status;

    if (!azattest__json_is_object(entry))
        return add_pcr(value, bank, index, guest, error);
    if ((status = find(entry, "index", &index_value, error)) != AZATTEST_OK ||
        (status = find(entry, value_name, &value, error)) != AZATTEST_OK ||
        (status = find(entry, "bank", &bank_value, error)) != AZATTEST_OK)
        return status;
    if (!azattest__json_integer(index_value, &index))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: a PCR without its index");
    if (bank_value != NULL)
        bank = azattest__tpm_hash_from_name(azattest__json_string(bank_value));
    return add_pcr(value, bank, index, guest, error);
}

static azattest_status read_pcrs(const azattest__json *list, const char *value_name, struct azattest__guest *guest,
                                 azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    int64_t position = 0;

    if (list != NULL && !azattest__json_is_array(list))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: the PCRs are %s, not an array",
                                   azattest__json_kind(list));
    for (const azattest__json *entry = azattest__json_first(list); status == AZATTEST_OK && entry != NULL;
         entry = azattest__json_next(entry))
        status = read_pcr(entry, position++, value_name, guest, error);
    return status;
}

/* ---- bundles ---- */

static azattest_status read_bundle(const azattest__json *document, bool is_short, struct azattest__guest *guest,
                                   azattest_error **error)
{
    static const place long_names[] = { { "hcl_report", AZATTEST__GUEST_HCL_REPORT },
                                        { "td_quote", AZATTEST__GUEST_TD_QUOTE },
                                        { "vcek", AZATTEST__GUEST_CERTIFICATES },
                                        { "ak_public", AZATTEST__GUEST_AK_PUBLIC },
                                        { "event_log", AZATTEST__GUEST_EVENT_LOG } },
                       short_names[] = { { "report", AZATTEST__GUEST_HCL_REPORT },
                                         { "vcek", AZATTEST__GUEST_CERTIFICATES },
                                         { "event_log", AZATTEST__GUEST_EVENT_LOG } },
                       quote_names[] = { { "message", AZATTEST__GUEST_TPM_MESSAGE },
                                         { "signature", AZATTEST__GUEST_TPM_SIGNATURE } };
    const azattest__json *quote, *pcrs;
    azattest_status status;

    if ((status = is_short ? read_places(document, PLACES(short_names), guest, error)
                           : read_places(document, PLACES(long_names), guest, error)) != AZATTEST_OK ||
        (status = find_object(document, is_short ? "quote" : "tpm_quote", &quote, error)) != AZATTEST_OK ||
        (status = read_places(quote, PLACES(quote_names), guest, error)) != AZATTEST_OK ||
        (status = find(quote, "pcrs", &pcrs, error)) != AZATTEST_OK)
        return status;
    return read_pcrs(pcrs, "value", guest, error);
}

/* ---- the request of Azure's client ---- */

/* What a string in base64 holds, as JSON. */
static azattest_status parse_inside(const azattest__json *value, const char *name, azattest__json **out,
                                    azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    *out = NULL;
    azattest__buf_init(&text, AZATTEST_LIMIT_ATTESTATION_INFO);
    if ((status = read_bytes(value, name, &text, error)) == AZATTEST_OK &&
        (status = azattest__json_parse(azattest__buf_bytes(&text), out, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "JSON document: \"%s\"", name);
        if (status == AZATTEST_E_MALFORMED)
            status = azattest__error_set(error, AZATTEST_E_EVIDENCE, "%s",
                                         error == NULL ? "" : azattest_error_message(*error));
    }
    azattest__buf_free(&text);
    return status;
}

static azattest_status read_proof(const azattest__json *evidence, struct azattest__guest *guest, azattest_error **error)
{
    static const place names[] = { { "SnpReport", AZATTEST__GUEST_SNP_REPORT },
                                   { "VcekCertChain", AZATTEST__GUEST_CERTIFICATES } };
    const azattest__json *value;
    azattest__json *proof = NULL;
    azattest_status status;

    if ((status = find(evidence, "Proof", &value, error)) != AZATTEST_OK ||
        (status = parse_inside(value, "Proof", &proof, error)) != AZATTEST_OK)
        return status;
    status = read_places(proof, PLACES(names), guest, error);
    azattest__json_free(proof);
    return status;
}

static azattest_status read_isolation(const azattest__json *info, struct azattest__guest *guest, azattest_error **error)
{
    static const place tdx_names[] = { { "Proof", AZATTEST__GUEST_TD_QUOTE } },
                       both_names[] = { { "RunTimeData", AZATTEST__GUEST_RUNTIME_CLAIMS } };
    const azattest__json *isolation, *evidence, *type;
    azattest_status status;
    const char *name;

    if ((status = find_object(info, "IsolationInfo", &isolation, error)) != AZATTEST_OK ||
        (status = find(isolation, "Type", &type, error)) != AZATTEST_OK ||
        (status = find_object(isolation, "Evidence", &evidence, error)) != AZATTEST_OK)
        return status;
    if (isolation == NULL)
        return AZATTEST_OK;
    if ((name = azattest__json_string(type)) == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: \"IsolationInfo\" without its \"Type\"");
    if (azattest__text_equal_nocase(name, "TrustedLaunch"))
        return AZATTEST_OK;
    if (azattest__text_equal_nocase(name, "SevSnp"))
        status = read_proof(evidence, guest, error);
    else if (azattest__text_equal_nocase(name, "Tdx"))
        status = read_places(evidence, PLACES(tdx_names), guest, error);
    else
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "JSON document: \"IsolationInfo\" is of a type that is none of \"SevSnp\", \"Tdx\", "
                                   "\"TrustedLaunch\"");
    return status == AZATTEST_OK ? read_places(evidence, PLACES(both_names), guest, error) : status;
}

static azattest_status read_info(const azattest__json *info, struct azattest__guest *guest, azattest_error **error)
{
    static const place names[] = { { "AikCert", AZATTEST__GUEST_AK_CERTIFICATE },
                                   { "AikPub", AZATTEST__GUEST_AK_PUBLIC },
                                   { "PcrQuote", AZATTEST__GUEST_TPM_MESSAGE },
                                   { "PcrSignature", AZATTEST__GUEST_TPM_SIGNATURE },
                                   { "EncKeyPub", AZATTEST__GUEST_KEY_PUBLIC },
                                   { "EncKeyCertifyInfo", AZATTEST__GUEST_KEY_CERTIFICATION },
                                   { "EncKeyCertifyInfoSignature", AZATTEST__GUEST_KEY_SIGNATURE } },
                       logs[] = { { "TcgLogs", AZATTEST__GUEST_EVENT_LOG } };
    const azattest__json *tpm, *pcrs;
    azattest_status status;

    if ((status = find_object(info, "TpmInfo", &tpm, error)) != AZATTEST_OK ||
        (status = read_places(tpm, PLACES(names), guest, error)) != AZATTEST_OK ||
        (status = read_places(info, PLACES(logs), guest, error)) != AZATTEST_OK ||
        (status = find(tpm, "PCRs", &pcrs, error)) != AZATTEST_OK ||
        (status = read_pcrs(pcrs, "Digest", guest, error)) != AZATTEST_OK)
        return status;
    return read_isolation(info, guest, error);
}

/* ---- any of them ---- */

bool azattest__guest_document_looks_like(const azattest__json *document)
{
    static const char *const names[] = { "hcl_report", "tpm_quote", "td_quote", "AttestationInfo", "TpmInfo" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (azattest__json_get_nocase(document, names[i]) != NULL)
            return true;
    return azattest__json_is_object(azattest__json_get_nocase(document, "quote")) ||
           azattest__json_is_array(azattest__json_get_nocase(document, "report"));
}

typedef enum form { FORM_NONE, FORM_REQUEST, FORM_INFO, FORM_LONG, FORM_SHORT, FORM_REPORT } form;

/* The form whose members the document has. With those of two, another reader could take the other. */
static azattest_status find_form(const azattest__json *document, form *out, azattest_error **error)
{
    static const struct {
        const char *name;
        form form;
    } members[] = {
        { "AttestationInfo", FORM_REQUEST }, { "TpmInfo", FORM_INFO },   { "IsolationInfo", FORM_INFO },
        { "hcl_report", FORM_LONG },         { "tpm_quote", FORM_LONG }, { "td_quote", FORM_LONG },
        { "ak_public", FORM_LONG },          { "report", FORM_SHORT },   { "quote", FORM_SHORT },
        { "SnpReport", FORM_REPORT },
    };
    const char *first = NULL;

    *out = FORM_NONE;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const azattest__json *member = azattest__json_get_nocase(document, members[i].name);

        if (member == NULL || azattest__json_is_null(member))
            continue;
        if (first != NULL && members[i].form != *out)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                       "JSON document: both \"%s\" and \"%s\", which are of two forms", first,
                                       members[i].name);
        first = first == NULL ? members[i].name : first;
        *out = members[i].form;
    }
    return AZATTEST_OK;
}

static azattest_status read_document(const azattest__json *document, struct azattest__guest *guest,
                                     azattest_error **error)
{
    const azattest__json *inside;
    azattest__json *info = NULL;
    azattest_status status;
    form found;

    if ((status = find_form(document, &found, error)) != AZATTEST_OK)
        return status;
    if (found == FORM_INFO)
        return read_info(document, guest, error);
    if (found != FORM_REQUEST)
        return read_bundle(document, found == FORM_SHORT, guest, error);
    if ((status = find(document, "AttestationInfo", &inside, error)) == AZATTEST_OK &&
        (status = parse_inside(inside, "AttestationInfo", &info, error)) == AZATTEST_OK)
        status = read_info(info, guest, error);
    azattest__json_free(info);
    return status;
}

azattest_status azattest__guest_document_load(azattest_bytes text, const azattest__json *document,
                                              azattest_evidence **out, azattest_error **error)
{
    azattest_evidence *evidence = NULL;
    azattest_status status = azattest__evidence_alloc(text, "json", &evidence, error);

    *out = NULL;
    if (status != AZATTEST_OK)
        return status;
    if ((evidence->guest = azattest__guest_alloc()) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = read_document(document, evidence->guest, error)) != AZATTEST_OK ||
        (status = azattest__guest_read(evidence, error)) != AZATTEST_OK)
        goto done;
    *out = evidence;
    evidence = NULL;
done:
    azattest_evidence_free(evidence);
    return status;
}

/* ---- writing ---- */

static void put_piece(azattest__json *object, const char *name, const struct azattest__guest *guest,
                      azattest__guest_piece piece)
{
    if (guest->pieces[piece].ptr != NULL)
        azattest__json_put_base64url(object, name, azattest__buf_bytes(&guest->pieces[piece]));
}

static azattest__json *pcrs_json(const struct azattest__guest *guest)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < guest->proof.pcr_count; i++) {
        azattest__json *pcr = azattest__json_new_object();

        azattest__json_put_string(pcr, "bank", azattest__tpm_hash_name(guest->proof.pcrs[i].bank));
        azattest__json_put_integer(pcr, "index", guest->proof.pcrs[i].index);
        azattest__json_put_hex(pcr, "value", guest->proof.pcrs[i].value);
        azattest__json_add(list, pcr);
    }
    return list;
}

azattest_status azattest__guest_document_write(const struct azattest__guest *guest, azattest__buf *out,
                                               azattest_error **error)
{
    azattest__json *document = azattest__json_new_object(), *quote = azattest__json_new_object();
    azattest_status status;

    put_piece(document, "hcl_report", guest, AZATTEST__GUEST_HCL_REPORT);
    put_piece(document, "td_quote", guest, AZATTEST__GUEST_TD_QUOTE);
    put_piece(document, "vcek", guest, AZATTEST__GUEST_CERTIFICATES);
    put_piece(document, "ak_public", guest, AZATTEST__GUEST_AK_PUBLIC);
    put_piece(document, "event_log", guest, AZATTEST__GUEST_EVENT_LOG);
    put_piece(quote, "message", guest, AZATTEST__GUEST_TPM_MESSAGE);
    put_piece(quote, "signature", guest, AZATTEST__GUEST_TPM_SIGNATURE);
    azattest__json_put(quote, "pcrs", pcrs_json(guest));
    azattest__json_put(document, "tpm_quote", quote);
    status = azattest__json_print(document, false, out, error);
    azattest__json_free(document);
    return status;
}
