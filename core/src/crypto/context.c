#include "openssl.h"

#include <pthread.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "../base/fork.h"

static azattest__crypto crypto;
static bool usable;

/* OpenSSL's generators lock their parent. A child that was forked while another thread did so would wait for ever. */
static pthread_mutex_t random_mutex = PTHREAD_MUTEX_INITIALIZER;
static azattest__fork_entry random_fork;

static void make(void)
{
    static const char *const names[] = { "SHA1", "SHA256", "SHA384", "SHA512" };

    ERR_set_mark();
    usable = (crypto.library = OSSL_LIB_CTX_new()) != NULL;
    for (size_t i = 0; usable && i < sizeof(names) / sizeof(names[0]); i++)
        usable = (crypto.digests[i] = EVP_MD_fetch(crypto.library, names[i], NULL)) != NULL;
    ERR_pop_to_mark();
    azattest__fork_add(&random_fork, &random_mutex, NULL, NULL);
}

const azattest__crypto *azattest__crypto_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make);
    return usable ? &crypto : NULL;
}

azattest_status azattest__crypto_failed(azattest_error **error, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    return azattest__error_set(error, AZATTEST_E_CRYPTO, "%s: OpenSSL failed: %s", what,
                               reason == NULL ? "no reason given" : reason);
}

const char *azattest__crypto_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

azattest_status azattest__random(void *out, size_t len, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status = AZATTEST_OK;

    ERR_set_mark();
    pthread_mutex_lock(&random_mutex);
    if (context == NULL || RAND_bytes_ex(context->library, out, len, 0) != 1)
        status = azattest__crypto_failed(error, "random bytes");
    pthread_mutex_unlock(&random_mutex);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__uuid(char text[37], azattest_error **error)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char b[16];
    azattest_status status;

    if ((status = azattest__random(b, sizeof(b), error)) != AZATTEST_OK)
        return status;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof(b); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[b[i] >> 4];
        *text++ = digits[b[i] & 15];
    }
    *text = '\0';
    return AZATTEST_OK;
}
