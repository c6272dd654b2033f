/* Collateral as JSON: answers of Intel's PCS, bundles, what azattest_collateral_save() writes, and the answer of
 * Azure's THIM for AMD. The bytes that are signed are found in the text, and taken as they are. */
#include "collateral.h"

#include "../../json/cursor.h"

static azattest_status malformed(azattest_error **error, const char *what, const char *reason)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "collateral: %s: %s", what, reason);
}

/* The text of a string, in a buffer that the caller frees. */
static azattest_status unescape(azattest_bytes value, const char *what, azattest__buf *out, azattest_error **error)
{
    azattest_status status;

    azattest__buf_init(out, AZATTEST_LIMIT_COLLATERAL_FILE);
    if (azattest__json_unescape(value, out))
        return AZATTEST_OK;
    status = azattest__error_from_buf(error, out, "collateral");
    return status != AZATTEST_OK ? status : malformed(error, what, "not a string");
}

/* The signed object and the text of its signature, hexadecimal digits between quotes. */
static azattest_status add_signed(azattest_collateral *c, bool is_tcb_info, azattest_bytes object,
                                  azattest_bytes signature, azattest_error **error)
{
    const char *what = is_tcb_info ? "TCB info" : "QE identity";
    azattest_bytes hex;

    if (object.len == 0 || *(const char *)object.ptr != '{')
        return malformed(error, what, "not an object");
    if (!azattest__document_text(signature, &hex))
        return malformed(error, what, "it has no signature");
    return azattest__collateral_add_document(c, is_tcb_info, object, hex, error);
}

azattest_status azattest__collateral_read_signed(azattest_collateral *c, bool is_tcb_info, azattest_bytes text,
                                                 azattest_error **error)
{
    const char *names[] = { is_tcb_info ? "tcbInfo" : "enclaveIdentity", "signature" };
    azattest_bytes values[2];
    azattest_status status;

    if ((status = azattest__json_check(text, error)) != AZATTEST_OK) {
        if (status != AZATTEST_E_MEMORY)
            azattest__error_prefix(error, "collateral: %s", is_tcb_info ? "TCB info" : "QE identity");
        return status;
    }
    azattest__json_find_all(text, names, values, 2);
    if (values[0].ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "collateral: %s: no member \"%s\"",
                                   is_tcb_info ? "TCB info" : "QE identity", names[0]);
    return add_signed(c, is_tcb_info, values[0], values[1], error);
}

/* A document as text inside of a string. */
static azattest_status read_document_text(azattest_collateral *c, bool is_tcb_info, azattest_bytes text,
                                          azattest_bytes signature, azattest_error **error)
{
    const char *what = is_tcb_info ? "TCB info" : "QE identity";
    azattest_status status;
    azattest__buf object;

    if ((status = unescape(text, what, &object, error)) != AZATTEST_OK)
        goto done;
    if ((status = azattest__json_check(azattest__buf_bytes(&object), error)) != AZATTEST_OK) {
        if (status != AZATTEST_E_MEMORY)
            azattest__error_prefix(error, "collateral: %s", what);
        goto done;
    }
    status = add_signed(c, is_tcb_info, azattest__json_trim(azattest__buf_bytes(&object)), signature, error);
done:
    azattest__buf_free(&object);
    return status;
}

typedef azattest_status (*read_text)(azattest_collateral *c, azattest_bytes text, const char *what,
                                     azattest_error **error);

static azattest_status read_issuer_chain(azattest_collateral *c, azattest_bytes text, const char *what,
                                         azattest_error **error)
{
    return azattest__collateral_read_chain(c, text, what, 2, error);
}

static azattest_status read_certificates(azattest_collateral *c, azattest_bytes text, const char *what,
                                         azattest_error **error)
{
    return azattest__collateral_read_chain(c, text, what, AZATTEST__ANY_NUMBER, error);
}

static azattest_status read_string(azattest_collateral *c, azattest_bytes value, const char *what, read_text read,
                                   azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    if ((status = unescape(value, what, &text, error)) == AZATTEST_OK)
        status = read(c, azattest__buf_bytes(&text), what, error);
    azattest__buf_free(&text);
    return status;
}

/* A list of strings, or one string. */
static azattest_status read_strings(azattest_collateral *c, azattest_bytes value, const char *what, read_text read,
                                    azattest_error **error)
{
    azattest__json_cursor cursor = azattest__json_cursor_at(value);
    azattest_status status = AZATTEST_OK;

    if (!azattest__json_enter(&cursor, '['))
        return read_string(c, value, what, read, error);
    while (status == AZATTEST_OK && azattest__json_next_element(&cursor))
        status = read_string(c, azattest__json_take(&cursor), what, read, error);
    return status;
}

/* More documents of a kind: [{"tcb_info": text, "tcb_info_signature": hex}, ...]. */
static azattest_status read_documents(azattest_collateral *c, azattest_bytes list, bool is_tcb_info,
                                      azattest_error **error)
{
    const char *names[] = { is_tcb_info ? "tcb_info" : "qe_identity",
                            is_tcb_info ? "tcb_info_signature" : "qe_identity_signature" };
    azattest__json_cursor cursor = azattest__json_cursor_at(list);
    azattest_status status = AZATTEST_OK;
    azattest_bytes values[2];

    if (!azattest__json_enter(&cursor, '['))
        return malformed(error, is_tcb_info ? "tcb_infos" : "qe_identities", "not a list");
    while (status == AZATTEST_OK && azattest__json_next_element(&cursor)) {
        azattest__json_find_all(azattest__json_take(&cursor), names, values, 2);
        status = read_document_text(c, is_tcb_info, values[0], values[1], error);
    }
    return status;
}

/* The members of a bundle by how they are read. */
static const struct {
    const char *name, *what;
    read_text read;
} strings[] = {
    { "tcb_info_issuer_chain", "TCB info issuer chain", read_issuer_chain },
    { "qe_identity_issuer_chain", "QE identity issuer chain", read_issuer_chain },
    { "pck_crl_issuer_chain", "PCK CRL issuer chain", read_certificates },
    { "pck_certificate_chain", "PCK certificate chain", read_certificates },
    { "root_ca_crl", "root CA CRL", azattest__collateral_read_x509 },
    { "pck_crl", "PCK CRL", azattest__collateral_read_x509 },
    { "crl", "revocation list", azattest__collateral_read_x509 },
    { "crls", "revocation lists", azattest__collateral_read_x509 },
    { "certificates", "certificates", read_certificates },
    { "vcekCert", "VCEK", read_certificates },
    { "certificateChain", "VCEK chain", read_certificates },
};
#define STRINGS (sizeof(strings) / sizeof(strings[0]))
enum {
    TCB_INFO,
    TCB_INFO_SIGNATURE,
    QE_IDENTITY,
    QE_IDENTITY_SIGNATURE,
    TCB_INFOS,
    QE_IDENTITIES,
    TCBM,
    DOCUMENT_MEMBERS
};

/* The TCB version that an AMD host's document names, for the certificate that came with it. */
static azattest_status take_tcbm(azattest_collateral *c, azattest_bytes value, size_t first, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;
    unsigned char tcb[AZATTEST__SNP_TCB_SIZE];

    if ((status = unescape(value, "tcbm", &text, error)) == AZATTEST_OK &&
        !azattest__amd_read_tcbm((const char *)text.ptr, tcb))
        status = malformed(error, "tcbm", "not 16 hexadecimal digits");
    for (size_t i = first; status == AZATTEST_OK && i < c->certificate_count; i++)
        if (azattest__amd_role_of(&c->certificates[i]->x509, NULL) >= AZATTEST__AMD_VCEK) {
            c->certificates[i]->has_tcbm = true;
            memcpy(c->certificates[i]->tcbm, tcb, sizeof(tcb));
        }
    azattest__buf_free(&text);
    return status;
}

/* *any: one of its members was there. */
static azattest_status read_bundle(azattest_collateral *c, const azattest_bytes *values, bool *any,
                                   azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    size_t first = c->certificate_count;

    *any = false;
    for (size_t i = 0; i < DOCUMENT_MEMBERS + STRINGS; i++)
        *any = *any || values[i].ptr != NULL;
    if (values[TCB_INFO].ptr != NULL)
        status = read_document_text(c, true, values[TCB_INFO], values[TCB_INFO_SIGNATURE], error);
    if (status == AZATTEST_OK && values[QE_IDENTITY].ptr != NULL)
        status = read_document_text(c, false, values[QE_IDENTITY], values[QE_IDENTITY_SIGNATURE], error);
    if (status == AZATTEST_OK && values[TCB_INFOS].ptr != NULL)
        status = read_documents(c, values[TCB_INFOS], true, error);
    if (status == AZATTEST_OK && values[QE_IDENTITIES].ptr != NULL)
        status = read_documents(c, values[QE_IDENTITIES], false, error);
    for (size_t i = 0; status == AZATTEST_OK && i < STRINGS; i++)
        if (values[DOCUMENT_MEMBERS + i].ptr != NULL &&
            /* Both documents have the same signer, as a rule, and the second reading would find nothing new. */
            (strings[i].read != read_issuer_chain || i == 0 ||
             !azattest__bytes_equal(values[DOCUMENT_MEMBERS + i], values[DOCUMENT_MEMBERS + i - 1])))
            status = read_strings(c, values[DOCUMENT_MEMBERS + i], strings[i].what, strings[i].read, error);
    if (status == AZATTEST_OK && values[TCBM].ptr != NULL)
        status = take_tcbm(c, values[TCBM], first, error);
    return status;
}

azattest_status azattest__collateral_read_json(azattest_collateral *c, azattest_bytes text, azattest_error **error)
{
    static const char *const members[DOCUMENT_MEMBERS] = {
        "tcb_info", "tcb_info_signature", "qe_identity", "qe_identity_signature", "tcb_infos", "qe_identities", "tcbm",
    };
    /* those of a bundle, then those of an answer of Intel's: one look at the text */
    const char *names[DOCUMENT_MEMBERS + STRINGS + 3];
    azattest_bytes values[DOCUMENT_MEMBERS + STRINGS + 3], *answer = values + DOCUMENT_MEMBERS + STRINGS;
    azattest_status status;
    bool any;

    if ((status = azattest__json_check(text, error)) != AZATTEST_OK) {
        if (status != AZATTEST_E_MEMORY)
            azattest__error_prefix(error, "collateral: JSON");
        return status;
    }
    memcpy(names, members, sizeof(members));
    for (size_t i = 0; i < STRINGS; i++)
        names[DOCUMENT_MEMBERS + i] = strings[i].name;
    names[DOCUMENT_MEMBERS + STRINGS] = "tcbInfo";
    names[DOCUMENT_MEMBERS + STRINGS + 1] = "enclaveIdentity";
    names[DOCUMENT_MEMBERS + STRINGS + 2] = "signature";
    azattest__json_find_all(text, names, values, DOCUMENT_MEMBERS + STRINGS + 3);
    if (answer[0].ptr != NULL && answer[1].ptr != NULL)
        return malformed(error, "JSON", "both a TCB info and an enclave identity under one signature");
    if (answer[0].ptr != NULL || answer[1].ptr != NULL)
        return add_signed(c, answer[0].ptr != NULL, answer[answer[0].ptr != NULL ? 0 : 1], answer[2], error);
    if ((status = read_bundle(c, values, &any, error)) == AZATTEST_OK && !any)
        status = malformed(error, "JSON",
                           "no member that is known: tcbInfo, enclaveIdentity, tcb_info, qe_identity, "
                           "pck_crl, root_ca_crl, certificates, vcekCert, ...");
    return status;
}
