/* The service's own enclave. It has a signer of its own: evidence that anybody makes by `azattest simulate` is of
 * another one unless told to be of this. */
#include "enclave.h"

#define LIMIT_KEY (16u * 1024u) /* an RSA key of 8192 bits has 6.5 KB as PEM */
#define PRODUCT_ID 1            /* as the real service's enclave */
#define SVN 1

/* Measurements as the simulator makes its own up: hashes of a text. */
typedef struct identity {
    unsigned char mr_enclave[AZATTEST__SHA256_SIZE], mr_signer[AZATTEST__SHA256_SIZE];
} identity;

static azattest_status make_identity(identity *out, azattest_error **error)
{
    azattest_status status = azattest__sha256(azattest__text("azattest local service"), out->mr_enclave, error);

    return status != AZATTEST_OK
               ? status
               : azattest__sha256(azattest__text("azattest local service signer"), out->mr_signer, error);
}

azattest_status azattest__enclave_certify(void *user, const azattest__key *key, const char *subject, azattest__buf *der,
                                          azattest_error **error)
{
    const azattest__service_enclave *service = user;
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    unsigned char *certificate = NULL;
    azattest_status status;
    azattest__buf pem;
    identity own;
    size_t len;

    azattest__buf_init(&pem, LIMIT_KEY);
    if ((status = make_identity(&own, error)) != AZATTEST_OK ||
        (status = azattest__key_private_pem(key, &pem, error)) != AZATTEST_OK)
        goto done;
    enclave.mr_enclave = azattest__bytes(own.mr_enclave, sizeof(own.mr_enclave));
    enclave.mr_signer = azattest__bytes(own.mr_signer, sizeof(own.mr_signer));
    enclave.product_id = PRODUCT_ID;
    enclave.svn = SVN;
    enclave.debug = service->debug;
    enclave.platform = service->platform;
    if ((status = azattest_simulator_attested_certificate(service->simulator, &enclave, azattest__buf_bytes(&pem), NULL,
                                                          subject, &certificate, &len, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append(der, certificate, len);
    status = azattest__error_from_buf(error, der, "signing certificate");
done:
    azattest_simulator_free_bytes(certificate);
    azattest__buf_free(&pem);
    return status;
}

azattest_status azattest__enclave_appraisal(azattest__json *out, azattest_error **error)
{
    azattest_status status;
    identity own;

    if ((status = make_identity(&own, error)) != AZATTEST_OK)
        return status;
    azattest__json_put_hex(out, "mr_enclave", azattest__bytes(own.mr_enclave, sizeof(own.mr_enclave)));
    azattest__json_put_hex(out, "mr_signer", azattest__bytes(own.mr_signer, sizeof(own.mr_signer)));
    azattest__json_put_integer(out, "product_id", PRODUCT_ID);
    azattest__json_put_integer(out, "min_svn", SVN);
    return AZATTEST_OK;
}
