/* Certificates and revocation lists in PEM, DER and hexadecimal text, and the binary containers around them. */
#include "collateral.h"

#include "../../base/encoding.h"

#define PEM_BEGIN "-----BEGIN "

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without white space around, and without the NULs that C programs leave. */
static azattest_bytes trim(azattest_bytes text)
{
    const unsigned char *p = text.ptr;

    while (text.len > 0 && (is_space(p[text.len - 1]) || p[text.len - 1] == '\0'))
        text.len--;
    while (text.len > 0 && is_space(*p)) {
        p++;
        text.len--;
    }
    return azattest__bytes(p, text.len);
}

static azattest_status malformed(azattest_error **error, const char *what, const char *reason)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "collateral: %s: %s", what, reason);
}

/* One element after the other: a certificate's signed part begins with its version ([0]), a list's with INTEGER or the
 * algorithm. */
static azattest_status read_der(azattest_collateral *c, azattest_bytes der, const char *what, azattest_error **error)
{
    azattest_bytes content, whole, tbs;
    azattest_status status = AZATTEST_OK;

    while (status == AZATTEST_OK && der.len > 0) {
        if (!azattest__der_take(&der, 0x30, &content, &whole) || !azattest__der_take(&content, 0x30, &tbs, NULL) ||
            tbs.len == 0)
            return malformed(error, what, "not a certificate or revocation list in DER");
        status = *(const unsigned char *)tbs.ptr == 0xa0 ? azattest__collateral_add_certificate(c, whole, what, error)
                                                         : azattest__collateral_add_crl(c, whole, what, error);
    }
    return status;
}

static azattest_status read_block(azattest_collateral *c, azattest_bytes body, bool is_crl, const char *what,
                                  azattest_error **error)
{
    azattest_status status;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CRL);
    if (!azattest__pem_decode_body(body, &der)) {
        status = azattest__error_from_buf(error, &der, "collateral");
        if (status == AZATTEST_OK)
            status = malformed(error, what, "a block of PEM is not base64");
    } else
        status = is_crl ? azattest__collateral_add_crl(c, azattest__buf_bytes(&der), what, error)
                        : azattest__collateral_add_certificate(c, azattest__buf_bytes(&der), what, error);
    azattest__buf_free(&der);
    return status;
}

/* Blocks with nothing between them; *certificates and *lists count them. */
static azattest_status read_pem(azattest_collateral *c, azattest_bytes text, const char *what, size_t *certificates,
                                size_t *lists, azattest_error **error)
{
    static const char *const labels[] = { "CERTIFICATE", "X509 CRL" };
    azattest_status status = AZATTEST_OK;
    azattest_bytes block, body;
    size_t offset, i;

    for (text = trim(text); status == AZATTEST_OK && text.len > 0; text = trim(text)) {
        for (i = 0; i < 2; i++) {
            offset = 0;
            if (azattest__pem_next(text, labels[i], &offset, &block, &body) && block.ptr == text.ptr)
                break;
        }
        if (i == 2)
            return malformed(error, what, "PEM, but not whole blocks of CERTIFICATE and X509 CRL alone");
        status = read_block(c, body, i == 1, what, error);
        ++*(i == 1 ? lists : certificates);
        text = azattest__bytes((const char *)text.ptr + offset, text.len - offset);
    }
    return status;
}

azattest_status azattest__collateral_read_chain(azattest_collateral *c, azattest_bytes pem, const char *what,
                                                size_t expected, azattest_error **error)
{
    size_t certificates = 0, lists = 0;
    azattest_status status = read_pem(c, pem, what, &certificates, &lists, error);

    if (status != AZATTEST_OK)
        return status;
    if (lists != 0 || (expected != AZATTEST__ANY_NUMBER && certificates != expected))
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "collateral: %s: %zu certificates and %zu revocation lists, expected %zu "
                                   "certificates: the signing certificate and its root",
                                   what, certificates, lists, expected);
    return AZATTEST_OK;
}

azattest_status azattest__collateral_read_x509(azattest_collateral *c, azattest_bytes content, const char *what,
                                               azattest_error **error)
{
    azattest_bytes text = trim(content);
    size_t certificates = 0, lists = 0;
    azattest_status status;
    azattest__buf der;

    if (text.len >= sizeof(PEM_BEGIN) - 1 && memcmp(text.ptr, PEM_BEGIN, sizeof(PEM_BEGIN) - 1) == 0)
        return read_pem(c, text, what, &certificates, &lists, error);
    if (content.len > 0 && *(const unsigned char *)content.ptr == 0x30) {
        /* DER of some length begins 30 82; hexadecimal text of it "30", that is 33 30. */
        return read_der(c, content, what, error);
    }
    azattest__buf_init(&der, AZATTEST_LIMIT_COLLATERAL_FILE);
    if (text.len > 0 && azattest__hex_decode(text, &der))
        status = read_der(c, azattest__buf_bytes(&der), what, error);
    else if ((status = azattest__error_from_buf(error, &der, "collateral")) == AZATTEST_OK)
        status =
            malformed(error, what, "neither JSON, PEM, DER, hexadecimal text of DER, nor Open Enclave's endorsements");
    azattest__buf_free(&der);
    return status;
}

/* Both containers hold the same parts. */
typedef struct parts {
    azattest_bytes tcb_info, tcb_chain, pck_crl, root_ca_crl, crl_chain, qe_identity, qe_chain;
} parts;

static azattest_status read_parts(azattest_collateral *c, const parts *p, azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__collateral_read_signed(c, true, trim(p->tcb_info), error)) != AZATTEST_OK ||
        (status = azattest__collateral_read_chain(c, p->tcb_chain, "TCB info issuer chain", 2, error)) != AZATTEST_OK ||
        (status = azattest__collateral_read_signed(c, false, trim(p->qe_identity), error)) != AZATTEST_OK ||
        (status = azattest__collateral_read_chain(c, p->qe_chain, "QE identity issuer chain", 2, error)) !=
            AZATTEST_OK ||
        (status = azattest__collateral_read_chain(c, p->crl_chain, "PCK CRL issuer chain", AZATTEST__ANY_NUMBER,
                                                  error)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < 2; i++) {
        azattest_bytes list = i == 0 ? p->pck_crl : p->root_ca_crl;

        /* DER may be followed by one NUL that is not of it. */
        if (list.len > 1 && *(const unsigned char *)list.ptr == 0x30 &&
            ((const unsigned char *)list.ptr)[list.len - 1] == 0) {
            azattest_bytes rest = list, content;

            if (azattest__der_take(&rest, 0x30, &content, NULL) && rest.len == 1)
                list.len--;
        }
        if ((status = azattest__collateral_read_x509(c, list, i == 0 ? "PCK CRL" : "root CA CRL", error)) !=
            AZATTEST_OK)
            return status;
    }
    return AZATTEST_OK;
}

/* Open Enclave `oe_endorsements_t`: version 1, enclave type 2 (SGX), size of the buffer, 9 offsets into it. */
enum { OE_HEADER = 16, OE_ITEMS = 9, OE_BUFFER = OE_HEADER + 4 * OE_ITEMS, OE_SGX = 2 };
/* Intel `sgx_ql_qve_collateral_t` as it lies in memory, its 7 pairs of pointer and size, and what they point to. */
enum { QL_HEADER = 8, QL_ITEMS = 7, QL_BUFFER = QL_HEADER + 16 * QL_ITEMS };

static bool is_endorsements(const unsigned char *p, size_t len)
{
    return len >= OE_BUFFER && azattest__le32(p) == 1 && azattest__le32(p + 4) == OE_SGX &&
           azattest__le32(p + 12) == OE_ITEMS;
}

static bool is_ql_structure(const unsigned char *p, size_t len)
{
    uint32_t version, tee;

    if (len < QL_BUFFER)
        return false;
    version = azattest__le32(p);
    tee = azattest__le32(p + 4);
    return (version & 0xffff) >= 1 && (version & 0xffff) <= 4 && version >> 16 <= 1 &&
           (tee == AZATTEST__TEE_TYPE_SGX || tee == AZATTEST__TEE_TYPE_TDX);
}

bool azattest__collateral_is_binary(azattest_bytes content)
{
    return content.len > 0 && *(const unsigned char *)content.ptr < 9 &&
           (is_endorsements(content.ptr, content.len) || is_ql_structure(content.ptr, content.len));
}

static azattest_status read_endorsements(azattest_collateral *c, azattest_bytes content, azattest_error **error)
{
    const unsigned char *p = content.ptr;
    size_t size = azattest__le32(p + 8), from, until;
    azattest_bytes items[OE_ITEMS];
    parts found;

    if (size != content.len - OE_BUFFER)
        return malformed(error, "Open Enclave endorsements", "the size of their buffer is not that of the content");
    for (size_t i = 0; i < OE_ITEMS; i++) {
        from = azattest__le32(p + OE_HEADER + 4 * i);
        until = i + 1 < OE_ITEMS ? azattest__le32(p + OE_HEADER + 4 * (i + 1)) : size;
        if (from > until || until > size)
            return malformed(error, "Open Enclave endorsements", "an offset is outside their buffer, or out of order");
        items[i] = azattest__bytes(p + OE_BUFFER + from, until - from);
    }
    if (items[0].len != 4 || azattest__le32(items[0].ptr) != 1)
        return malformed(error, "Open Enclave endorsements", "their version is not 1");
    found = (parts){ items[1], items[2], items[3], items[4], items[5], items[6], items[7] };
    return read_parts(c, &found, error);
}

static azattest_status read_ql_structure(azattest_collateral *c, azattest_bytes content, azattest_error **error)
{
    static const char what[] = "collateral structure of the quote provider library";
    const unsigned char *p = content.ptr;
    uint64_t first = azattest__le64(p + QL_HEADER);
    azattest_bytes items[QL_ITEMS];
    size_t at = QL_BUFFER, size;
    parts found;

    /* The addresses are those of another process; what they say is that one part lies behind the other. */
    for (size_t i = 0; i < QL_ITEMS; i++) {
        size = azattest__le32(p + QL_HEADER + 16 * i + 8);
        if (azattest__le64(p + QL_HEADER + 16 * i) != first + (at - QL_BUFFER) || size > content.len - at)
            return malformed(error, what, "its parts do not lie one behind the other");
        items[i] = azattest__bytes(p + at, size);
        at += size;
    }
    if (at != content.len)
        return malformed(error, what, "there are bytes behind its last part");
    found = (parts){ .crl_chain = items[0],
                     .root_ca_crl = items[1],
                     .pck_crl = items[2],
                     .tcb_chain = items[3],
                     .tcb_info = items[4],
                     .qe_chain = items[5],
                     .qe_identity = items[6] };
    return read_parts(c, &found, error);
}

azattest_status azattest__collateral_read_binary(azattest_collateral *c, azattest_bytes content, azattest_error **error)
{
    return is_endorsements(content.ptr, content.len) ? read_endorsements(c, content, error)
                                                     : read_ql_structure(c, content, error);
}
