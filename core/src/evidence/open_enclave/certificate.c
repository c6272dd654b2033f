/* Certificates with evidence inside: finding and reading it. */
#include "certificate.h"

#include "../formats.h"

enum { OCTET_STRING = 0x04, OID = 0x06, BOOLEAN = 0x01, SEQUENCE = 0x30, EXTENSIONS = 0xa3 };

/* In the order in which they are looked for; the first that is there is taken. Those of Open Enclave in the order of
 * its own lookup. Its certificates of 2020 have INTEGER 1 in 10.1.2, which is no evidence and never comes to be looked
 * at. */
static const struct extension {
    const char *oid, *holds;
    size_t len;
    unsigned char content[12];
    azattest__key_binding binding;
} extensions[] = {
    { "1.2.840.113556.10.1.1",
      "report",
      9,
      { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14, 0x0a, 0x01, 0x01 },
      AZATTEST__BINDS_PEM_NUL },
    { "1.3.6.1.4.1.311.105.1",
      "report",
      9,
      { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x69, 0x01 },
      AZATTEST__BINDS_PEM_NUL },
    { "1.2.840.113556.10.1.2",
      "evidence",
      9,
      { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14, 0x0a, 0x01, 0x02 },
      AZATTEST__BINDS_PEM_NUL },
    { "1.3.6.1.4.1.311.105.2",
      "evidence",
      9,
      { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x69, 0x02 },
      AZATTEST__BINDS_PEM_NUL },
    { "1.2.840.113741.1337.6",
      "quote",
      9,
      { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x8a, 0x39, 0x06 },
      AZATTEST__BINDS_SPKI },
};
#define EXTENSIONS_COUNT (sizeof(extensions) / sizeof(extensions[0]))

/* The list of extensions: SEQUENCE { SEQUENCE { ..., [3] SEQUENCE } ... } and no byte behind it. */
static bool find_list(azattest_bytes der, azattest_bytes *list)
{
    azattest_bytes certificate, tbs, ignored;

    if (!azattest__der_take(&der, SEQUENCE, &certificate, NULL) || der.len != 0 ||
        !azattest__der_take(&certificate, SEQUENCE, &tbs, NULL))
        return false;
    while (tbs.len > 0) {
        if (azattest__der_take(&tbs, EXTENSIONS, &ignored, NULL))
            return tbs.len == 0 && azattest__der_take(&ignored, SEQUENCE, list, NULL) && ignored.len == 0;
        if (!azattest__der_take(&tbs, *(const unsigned char *)tbs.ptr, &ignored, NULL))
            return false;
    }
    return false;
}

/* The extension that is looked for first among those that are there; *twice tells of a second one like it. */
static const struct extension *find_extension(azattest_bytes der, azattest_bytes *value, bool *twice)
{
    azattest_bytes list, extension, oid, critical, content;
    size_t found = EXTENSIONS_COUNT;

    *twice = false;
    if (!find_list(der, &list))
        return NULL;
    while (list.len > 0) {
        if (!azattest__der_take(&list, SEQUENCE, &extension, NULL) || !azattest__der_take(&extension, OID, &oid, NULL))
            return NULL;
        (void)azattest__der_take(&extension, BOOLEAN, &critical, NULL);
        if (!azattest__der_take(&extension, OCTET_STRING, &content, NULL) || extension.len != 0)
            return NULL;
        for (size_t i = 0; i < EXTENSIONS_COUNT && i <= found; i++) {
            if (!azattest__bytes_equal(oid, azattest__bytes(extensions[i].content, extensions[i].len)))
                continue;
            *twice = i == found;
            found = i;
            *value = content;
        }
    }
    return found == EXTENSIONS_COUNT ? NULL : &extensions[found];
}

bool azattest__attested_certificate_looks_like(azattest_bytes raw)
{
    azattest_bytes value;
    bool twice;

    return raw.len > 0 && find_extension(raw, &value, &twice) != NULL;
}

azattest_status azattest__attested_certificate_read(azattest_evidence *evidence, azattest_bytes raw,
                                                    azattest_error **error)
{
    azattest__attested_certificate *certificate = &evidence->certificate;
    azattest_bytes value, inside, rest;
    const struct extension *extension;
    azattest_status status;
    bool twice;

    if ((extension = find_extension(raw, &value, &twice)) == NULL || twice)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "certificate: the extension with evidence is there twice");
    certificate->der = raw;
    certificate->oid = extension->oid;
    certificate->holds = extension->holds;
    certificate->binding = extension->binding;
    rest = value;
    if (azattest__der_take(&rest, OCTET_STRING, &inside, NULL) && rest.len == 0) {
        certificate->wrapped = true;
        value = inside;
    }
    if (azattest__open_enclave_looks_like(value))
        status = azattest__open_enclave_read(evidence, value, error);
    else
        status = azattest__intel_evidence_read(evidence, value, error);
    if (status != AZATTEST_OK)
        azattest__error_prefix(error, "certificate: extension %s", extension->oid);
    return status;
}
