/*
 * The lean reader of certificates: spans inside the input, no crash; and what it reads, OpenSSL's reader reads too,
 * with the same names, times and key. Two certificates may follow each other: the second is tried as the first one's
 * issuer.
 */
#include <stdlib.h>

#include "crypto/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(azattest_bytes span, azattest_bytes whole)
{
    const unsigned char *p = span.ptr, *start = whole.ptr;

    if (p != NULL && (p < start || span.len > whole.len || p + span.len > start + whole.len))
        abort();
}

static void same_name(azattest_bytes name, const char *full)
{
    char text[4096];

    if (azattest__x509_common_name(name, text, sizeof(text)) && (full == NULL || strcmp(text, full) != 0))
        abort();
}

static void compare(const azattest__x509 *lean, const azattest__cert *full)
{
    azattest__key *key = azattest__cert_key(full);
    bool twice = true;

    same_name(lean->subject, azattest__cert_subject_cn(full));
    same_name(lean->issuer, azattest__cert_issuer_cn(full));
    if (lean->not_before != azattest__cert_not_before(full) || lean->not_after != azattest__cert_not_after(full))
        abort();
    if (lean->key != NULL && (key == NULL || !azattest__key_equal(lean->key, key)))
        abort();
    if (azattest__x509_extension(lean, "1.2.840.113741.1.13.1", &twice).len !=
            azattest__cert_extension(full, "1.2.840.113741.1.13.1", &twice).len ||
        twice)
        abort();
}

/* What the lean reader finds issued, OpenSSL finds issued by an authority. */
static void compare_issuer(const azattest__x509 *lean, const azattest__x509 *lean_issuer, const azattest__cert *full,
                           const azattest__cert *full_issuer)
{
    if (azattest__x509_check_issued(lean, lean_issuer, 0, NULL) == AZATTEST_OK &&
        (!azattest__cert_is_issued_by(full, full_issuer) || !azattest__cert_is_ca(full_issuer)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes left = azattest__bytes(data, size), content, der[2];
    azattest__x509 lean[2] = { 0 };
    azattest__cert *full[2] = { NULL, NULL };
    azattest__x509_chain chain;
    size_t count = 0;

    while (count < 2 && azattest__der_take(&left, 0x30, &content, &der[count])) {
        if (azattest__x509_read(der[count], &lean[count], NULL) != AZATTEST_OK)
            break;
        inside(lean[count].tbs, der[count]);
        inside(lean[count].serial, lean[count].tbs);
        inside(lean[count].issuer, lean[count].tbs);
        inside(lean[count].subject, lean[count].tbs);
        inside(lean[count].spki, lean[count].tbs);
        inside(lean[count].extensions, lean[count].tbs);
        inside(lean[count].signature, der[count]);
        if (azattest__cert_parse(der[count], &full[count], NULL) != AZATTEST_OK) {
            /* Parameters of algorithms that are not understood are not looked at; nothing verifies with them. */
            if (lean[count].alg != AZATTEST__X509_ALG_UNKNOWN && lean[count].key != NULL)
                abort();
            azattest__x509_clear(&lean[count]);
            break;
        }
        compare(&lean[count], full[count]);
        count++;
    }
    if (count > 0)
        compare_issuer(&lean[0], &lean[count - 1], full[0], full[count - 1]);
    for (size_t i = 0; i < count; i++) {
        azattest__x509_clear(&lean[i]);
        azattest__cert_free(full[i]);
    }
    (void)azattest__x509_chain_read_pem(azattest__bytes(data, size), &chain, NULL);
    azattest__x509_chain_clear(&chain);
    return 0;
}
