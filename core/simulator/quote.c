/* Quotes of the made-up platform. Layout: Intel SGX ECDSA QuoteLib reference, quote version 3. */
#include "platform.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "error/options.h"
#include "evidence/intel/quote.h"

enum {
    AT_QE_SVN = 8,
    AT_PCE_SVN = 10,
    AT_USER_DATA = 28,
    /* in a report */
    AT_FLAGS = 48,
    AT_XFRM = 56,
    AT_MR_ENCLAVE = 64,
    AT_MR_SIGNER = 128,
    AT_PRODUCT_ID = 256,
    AT_SVN = 258,
    AT_REPORT_DATA = 320
};
#define FLAGS_ENCLAVE 0x05u         /* INIT, MODE64BIT */
#define FLAGS_QUOTING_ENCLAVE 0x15u /* and PROVISIONKEY */
#define XFRM 0xe7u                  /* x87, SSE, AVX, AVX-512 */
#define LIMIT_QUOTE (64u * 1024u)
#define REPORT_HEADER_SIZE 16u

static void put16(unsigned char *p, unsigned value)
{
    p[0] = (unsigned char)value;
    p[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *p, uint32_t value)
{
    put16(p, value & 0xffff);
    put16(p + 2, value >> 16);
}

/* A made-up measurement that everybody can make again. */
static azattest_status measure(const char *what, unsigned char *out, azattest_error **error)
{
    return azattest__sha256(azattest__text(what), out, error);
}

static azattest_status make_header(const azattest_simulator *simulator, unsigned char *header, azattest_error **error)
{
    unsigned char id[AZATTEST__SHA256_SIZE];
    azattest_status status =
        azattest__sha256(azattest__cert_der(simulator->platform.certificates[LEVEL_PCK]), id, error);

    put16(header, AZATTEST__SGX_VERSION);
    put16(header + 2, AZATTEST__SGX_KEY_TYPE_P256);
    put16(header + AT_QE_SVN, 10);
    put16(header + AT_PCE_SVN, 13);
    memcpy(header + AZATTEST__SGX_VENDOR_OFFSET, azattest__sgx_intel_vendor, AZATTEST__SGX_VENDOR_SIZE);
    memcpy(header + AT_USER_DATA, id, 16); /* identifies the quoting enclave on its platform */
    return status;
}

static azattest_status make_report(const azattest_simulated_enclave *enclave, unsigned char *report,
                                   azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    put16(report + AT_FLAGS, FLAGS_ENCLAVE | (enclave->debug == AZATTEST_ON ? AZATTEST__SGX_FLAG_DEBUG : 0));
    put16(report + AT_XFRM, XFRM);
    put16(report + AT_PRODUCT_ID, enclave->product_id);
    put16(report + AT_SVN, enclave->svn);
    if (enclave->mr_enclave.ptr != NULL)
        memcpy(report + AT_MR_ENCLAVE, enclave->mr_enclave.ptr, 32);
    else
        status = measure("azattest simulated enclave", report + AT_MR_ENCLAVE, error);
    if (status == AZATTEST_OK && enclave->mr_signer.ptr != NULL)
        memcpy(report + AT_MR_SIGNER, enclave->mr_signer.ptr, 32);
    else if (status == AZATTEST_OK)
        status = measure("azattest simulated signer", report + AT_MR_SIGNER, error);
    if (status == AZATTEST_OK && enclave->runtime_data.ptr != NULL)
        status = azattest__sha256(enclave->runtime_data, report + AT_REPORT_DATA, error);
    return status;
}

static azattest_status make_qe_report(unsigned char *report, azattest_error **error)
{
    azattest_status status;

    put16(report + AT_FLAGS, FLAGS_QUOTING_ENCLAVE);
    put16(report + AT_XFRM, XFRM);
    put16(report + AT_PRODUCT_ID, 1);
    put16(report + AT_SVN, 10);
    if ((status = measure("azattest simulated quoting enclave", report + AT_MR_ENCLAVE, error)) == AZATTEST_OK)
        status = measure("azattest simulated quoting enclave signer", report + AT_MR_SIGNER, error);
    return status;
}

azattest_status azattest__quote_plan(const azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                     azattest__quote_parts *out, azattest_error **error)
{
    static const unsigned char auth[32] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                            16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };
    azattest_status status;

    memset(out, 0, sizeof(*out));
    out->auth_data = azattest__bytes(auth, sizeof(auth));
    out->certification_type = AZATTEST__SGX_CERTIFICATION_PCK_CHAIN;
    out->certification = azattest__buf_bytes(&simulator->chain_pem);
    out->attestation_key = simulator->platform.attestation_key;
    out->pck_key = simulator->platform.keys[LEVEL_PCK];
    if ((status = make_header(simulator, out->header, error)) != AZATTEST_OK ||
        (status = make_report(enclave, out->report, error)) != AZATTEST_OK)
        return status;
    return make_qe_report(out->qe_report, error);
}

static azattest_status sign(const azattest__key *key, azattest_bytes data, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    azattest__buf signature;

    azattest__buf_init(&signature, 64);
    if ((status = azattest__key_sign(key, AZATTEST__ES256, data, &signature, error)) == AZATTEST_OK)
        azattest__buf_append_bytes(out, azattest__buf_bytes(&signature));
    azattest__buf_free(&signature);
    return status;
}

/* The hash that ties the attestation key to the quoting enclave's report, which the PCK key signs. */
static azattest_status bind(azattest__quote_parts *parts, azattest_bytes key, azattest_error **error)
{
    azattest_status status;
    azattest__buf bound;

    azattest__buf_init(&bound, LIMIT_QUOTE * 2);
    azattest__buf_append_bytes(&bound, key);
    azattest__buf_append_bytes(&bound, parts->auth_data);
    if ((status = azattest__error_from_buf(error, &bound, "authentication data")) == AZATTEST_OK)
        status = azattest__sha256(azattest__buf_bytes(&bound), parts->qe_report + AT_REPORT_DATA, error);
    azattest__buf_free(&bound);
    return status;
}

static azattest_status make_signature_data(azattest__quote_parts *parts, azattest_bytes signed_bytes,
                                           azattest__buf *out, azattest_error **error)
{
    unsigned char number[6];
    azattest_status status;
    azattest__buf key, y;

    azattest__buf_init(&key, 64);
    azattest__buf_init(&y, 32);
    if ((status = azattest__key_numbers(parts->attestation_key, &key, &y, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_bytes(&key, azattest__buf_bytes(&y));
    if ((status = bind(parts, azattest__buf_bytes(&key), error)) != AZATTEST_OK ||
        (status = sign(parts->attestation_key, signed_bytes, out, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_bytes(out, azattest__buf_bytes(&key));
    azattest__buf_append(out, parts->qe_report, sizeof(parts->qe_report));
    if ((status = sign(parts->pck_key, azattest__bytes(parts->qe_report, sizeof(parts->qe_report)), out, error)) !=
        AZATTEST_OK)
        goto done;
    put16(number, (unsigned)parts->auth_data.len);
    azattest__buf_append(out, number, 2);
    azattest__buf_append_bytes(out, parts->auth_data);
    put16(number, parts->certification_type);
    put32(number + 2, (uint32_t)parts->certification.len);
    azattest__buf_append(out, number, 6);
    azattest__buf_append_bytes(out, parts->certification);
    status = azattest__error_from_buf(error, out, "signature data");
done:
    azattest__buf_free(&y);
    azattest__buf_free(&key);
    return status;
}

azattest_status azattest__quote_assemble(const azattest__quote_parts *parts, azattest__buf *out, azattest_error **error)
{
    azattest__quote_parts bound = *parts;
    unsigned char length[4];
    azattest_status status;
    azattest__buf body, signature;

    azattest__buf_init(&body, AZATTEST__SGX_SIGNED_SIZE);
    azattest__buf_init(&signature, LIMIT_QUOTE * 4);
    azattest__buf_append(&body, parts->header, sizeof(parts->header));
    azattest__buf_append(&body, parts->report, sizeof(parts->report));
    if ((status = azattest__error_from_buf(error, &body, "quote")) != AZATTEST_OK ||
        (status = make_signature_data(&bound, azattest__buf_bytes(&body), &signature, error)) != AZATTEST_OK)
        goto done;
    put32(length, (uint32_t)signature.len);
    azattest__buf_append_bytes(out, azattest__buf_bytes(&body));
    azattest__buf_append(out, length, sizeof(length));
    azattest__buf_append_bytes(out, azattest__buf_bytes(&signature));
    status = azattest__error_from_buf(error, out, "quote");
done:
    azattest__buf_free(&signature);
    azattest__buf_free(&body);
    return status;
}

static azattest_status take_enclave(const azattest_simulated_enclave *in, azattest_simulated_enclave *out,
                                    azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__options_take(in, out, sizeof(*out), "AZATTEST_SIMULATED_ENCLAVE_INIT", error)) !=
        AZATTEST_OK)
        return status;
    if ((out->mr_enclave.ptr != NULL && out->mr_enclave.len != 32) ||
        (out->mr_signer.ptr != NULL && out->mr_signer.len != 32))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "simulated enclave: mr_enclave and mr_signer have 32 bytes each, not %zu and %zu",
                                   out->mr_enclave.ptr == NULL ? 32 : out->mr_enclave.len,
                                   out->mr_signer.ptr == NULL ? 32 : out->mr_signer.len);
    if (out->runtime_data.ptr != NULL && out->runtime_data.len > AZATTEST_LIMIT_RUNTIME_DATA)
        return azattest__error_set(error, AZATTEST_E_LIMIT,
                                   "simulated enclave: runtime data of %zu bytes, more than %u", out->runtime_data.len,
                                   AZATTEST_LIMIT_RUNTIME_DATA);
    return AZATTEST_OK;
}

/* Open Enclave's header: version 1, type 2 (remote), u64 size. */
static void put_report_header(azattest__buf *out, size_t size)
{
    unsigned char header[REPORT_HEADER_SIZE] = { 1, 0, 0, 0, 2 };

    put32(header + 8, (uint32_t)size);
    azattest__buf_append(out, header, sizeof(header));
}

static azattest_status make(azattest_simulator *simulator, const azattest_simulated_enclave *enclave, bool open_enclave,
                            unsigned char **evidence, size_t *length, azattest_error **error)
{
    azattest_simulated_enclave own;
    azattest__quote_parts parts;
    azattest_status status;
    azattest__buf quote, out;

    if (error != NULL)
        *error = NULL;
    if (evidence != NULL)
        *evidence = NULL;
    if (length != NULL)
        *length = 0;
    if (simulator == NULL || evidence == NULL || length == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: no simulator, or no place for the result");
    azattest__buf_init(&quote, LIMIT_QUOTE);
    azattest__buf_init(&out, LIMIT_QUOTE + REPORT_HEADER_SIZE);
    if ((status = take_enclave(enclave, &own, error)) != AZATTEST_OK ||
        (status = azattest__quote_plan(simulator, &own, &parts, error)) != AZATTEST_OK ||
        (status = azattest__quote_assemble(&parts, &quote, error)) != AZATTEST_OK)
        goto done;
    if (open_enclave)
        put_report_header(&out, quote.len);
    azattest__buf_append_bytes(&out, azattest__buf_bytes(&quote));
    if ((status = azattest__error_from_buf(error, &out, "evidence")) == AZATTEST_OK)
        *evidence = azattest__buf_take(&out, length);
done:
    azattest__buf_free(&out);
    azattest__buf_free(&quote);
    return status;
}

azattest_status azattest_simulator_sgx_quote(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                             unsigned char **quote, size_t *length, azattest_error **error)
{
    return make(simulator, enclave, false, quote, length, error);
}

azattest_status azattest_simulator_open_enclave_report(azattest_simulator *simulator,
                                                       const azattest_simulated_enclave *enclave,
                                                       unsigned char **report, size_t *length, azattest_error **error)
{
    return make(simulator, enclave, true, report, length, error);
}

void azattest_simulator_free_bytes(unsigned char *bytes)
{
    free(bytes);
}
