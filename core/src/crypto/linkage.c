/*
 * Which OpenSSL did the process give us? A server with an OpenSSL of its own, linked in and exported, takes over the
 * functions that we would get from libcrypto.so.3; of those that its version does not have we get that one's. Either
 * ends in a crash sooner or later, so whoever loads the library into a foreign process asks before anything else.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <azattest/defaults.h>

#include "openssl.h"

#define PLACE(function) ((uintptr_t)(function))

/* The file that a function comes from, NULL when that cannot be told. */
static const char *file_of(uintptr_t place)
{
    Dl_info info;

    return dladdr((const void *)place, &info) != 0 ? info.dli_fname : NULL;
}

azattest_status azattest_check_openssl(azattest_error **error)
{
    /* Some that are old and some that came with 3.0, of all parts that this folder uses. */
    const uintptr_t places[] = { PLACE(OpenSSL_version_num), PLACE(EVP_DigestVerify), PLACE(OSSL_LIB_CTX_new),
                                 PLACE(EVP_MD_fetch),        PLACE(X509_verify),      PLACE(ERR_pop_to_mark),
                                 PLACE(BN_bin2bn),           PLACE(d2i_X509),         PLACE(EVP_PKEY_fromdata) };
    const char *first = file_of(places[0]), *other;

    if (error != NULL)
        *error = NULL;
    if (OpenSSL_version_num() >> 28 != 3)
        return azattest__error_set(error, AZATTEST_E_CRYPTO,
                                   "OpenSSL 3 is needed, and this process (%s) brings %s: it was built with an OpenSSL "
                                   "of its own, which takes the place of libcrypto.so.3; use one that is built with "
                                   "OpenSSL 3",
                                   first == NULL ? "?" : first, OpenSSL_version(OPENSSL_VERSION));
    for (size_t i = 1; i < sizeof(places) / sizeof(places[0]); i++)
        if ((other = file_of(places[i])) != NULL && first != NULL && strcmp(first, other) != 0)
            return azattest__error_set(error, AZATTEST_E_CRYPTO,
                                       "OpenSSL comes from two places in this process, %s and %s: use a program that "
                                       "is linked with the system's libcrypto.so.3",
                                       first, other);
    return AZATTEST_OK;
}
