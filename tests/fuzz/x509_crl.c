/* The lean reader of revocation lists: what it reads, OpenSSL's reader reads too, with the same times and entries. */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "crypto/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_time(const ASN1_TIME *time, int64_t lean)
{
    struct tm civil;
    int64_t seconds;

    if (ASN1_TIME_to_tm(time, &civil) != 1 ||
        !azattest__time_from_civil(civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min,
                                   civil.tm_sec, &seconds) ||
        seconds != lean)
        abort();
}

static void compare(const azattest__x509_crl *lean, X509_CRL *full)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(full);

    same_time(X509_CRL_get0_lastUpdate(full), lean->this_update);
    same_time(X509_CRL_get0_nextUpdate(full), lean->next_update);
    if (lean->revoked_count != (entries == NULL ? 0 : (size_t)sk_X509_REVOKED_num(entries)))
        abort();
    for (int i = 0; i < (int)lean->revoked_count; i++) {
        unsigned char *serial = NULL;
        int len = i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i)), &serial);

        if (len < 3 || !azattest__x509_crl_revokes(lean, azattest__bytes(serial + 2, (size_t)len - 2)))
            abort();
        OPENSSL_free(serial);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__x509_crl lean;
    const unsigned char *p = data;
    X509_CRL *full;

    if (azattest__x509_crl_read(azattest__bytes(data, size), &lean, NULL) != AZATTEST_OK)
        return 0;
    (void)azattest__x509_crl_revokes(&lean, azattest__bytes("\x12\x34", 2));
    if ((full = d2i_X509_CRL(NULL, &p, (long)size)) == NULL || p != data + size) {
        /* Parameters of algorithms that are not understood are not looked at; nothing verifies with them. */
        if (lean.alg != AZATTEST__X509_ALG_UNKNOWN)
            abort();
    } else {
        compare(&lean, full);
    }
    X509_CRL_free(full);
    ERR_clear_error();
    return 0;
}
