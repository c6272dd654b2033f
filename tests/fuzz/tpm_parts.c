/* What TPMs marshal, and the log of what was measured: the first byte chooses. */
#include <stdlib.h>

#include "evidence/tpm/event_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void attest(azattest_bytes bytes)
{
    azattest__tpm_attest out;
    azattest__tpm_signature none = { 0 };

    if (azattest__tpm_attest_parse(bytes, &out, NULL) != AZATTEST_OK)
        return;
    if (!azattest__tpm_attest_looks_like(bytes) || out.message.len > bytes.len || bytes.len - out.message.len > 2 ||
        out.selection_count > AZATTEST__TPM_BANKS)
        abort();
    (void)azattest__tpm_check_pcrs(&out, azattest__tpm_signature_hash(&out, &none), NULL, 0, NULL);
}

static void signature(azattest_bytes bytes)
{
    azattest__tpm_signature out;

    if (azattest__tpm_signature_parse(bytes, &out, NULL) == AZATTEST_OK && out.scheme == 0)
        abort();
}

static void area(azattest_bytes bytes)
{
    unsigned char name[2 + AZATTEST__HASH_MAX];
    azattest__tpm_public out;
    azattest__key *key = NULL;
    size_t len;

    if (azattest__tpm_public_parse(bytes, &out, NULL) != AZATTEST_OK)
        return;
    if (out.area.len > bytes.len)
        abort();
    (void)azattest__tpm_public_attests(&out, NULL);
    if (azattest__tpm_public_name(&out, name, &len, NULL) == AZATTEST_OK && len > sizeof(name))
        abort();
    (void)azattest__tpm_public_key(&out, &key, NULL);
    azattest__key_free(key);
}

static void event_log(azattest_bytes bytes, uint16_t bank)
{
    azattest__event_log out;

    /* An event has at least a PCR, a type and two sizes. */
    if (azattest__event_log_replay(bytes, bank, &out, NULL) == AZATTEST_OK && out.events > bytes.len / 16)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes rest;

    if (size == 0)
        return 0;
    rest = azattest__bytes(data + 1, size - 1);
    switch (data[0] % 6) {
    case 0:
        attest(rest);
        break;
    case 1:
        signature(rest);
        break;
    case 2:
        area(rest);
        break;
    case 3:
        event_log(rest, AZATTEST__TPM_SHA1);
        break;
    case 4:
        event_log(rest, AZATTEST__TPM_SHA256);
        break;
    default:
        event_log(rest, AZATTEST__TPM_SHA384);
    }
    return 0;
}
