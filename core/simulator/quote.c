/* Quotes of the made-up machines. Layout: Intel SGX ECDSA QuoteLib reference (version 3), Intel TDX DCAP quoting
 * library reference (versions 4 and 5). */
#include <azattest/limits.h>

#include "der.h"
#include "error/options.h"
#include "evidence/intel/quote.h"
#include "platform.h"
#include "quote.h"

#define LIMIT_QUOTE (64u * 1024u)
#define QUOTED_QE_CERTIFICATION 6u /* the outer certification data of versions 4 and 5 */

static azattest_status sign(const azattest__key *key, azattest_bytes data, bool damage, bool reverse,
                            azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    azattest__buf signature;
    unsigned char swap;

    azattest__buf_init(&signature, 64);
    if ((status = azattest__key_sign(key, AZATTEST__ES256, data, &signature, error)) == AZATTEST_OK) {
        if (damage)
            signature.ptr[7] ^= 1;
        for (size_t i = 0; i < 16 && reverse; i++)
            for (size_t half = 0; half < 64; half += 32) {
                swap = signature.ptr[half + i];
                signature.ptr[half + i] = signature.ptr[half + 31 - i];
                signature.ptr[half + 31 - i] = swap;
            }
        azattest__buf_append_bytes(out, azattest__buf_bytes(&signature));
    }
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
    if ((parts->faults & AZATTEST_SIMULATED_BIT(QE_BINDING)) != 0)
        parts->qe_report[AT_REPORT_DATA] ^= 1;
    azattest__buf_free(&bound);
    return status;
}

/* The quoting enclave's report, what vouches for it, and its signature: the same in all versions. */
static azattest_status put_quoting_enclave(azattest__quote_parts *parts, azattest_bytes key, azattest__buf *out,
                                           azattest_error **error)
{
    azattest_status status;

    if ((status = bind(parts, key, error)) != AZATTEST_OK)
        return status;
    azattest__buf_append(out, parts->qe_report, sizeof(parts->qe_report));
    if ((status = sign(parts->pck_key, azattest__bytes(parts->qe_report, sizeof(parts->qe_report)),
                       (parts->faults & AZATTEST_SIMULATED_BIT(QE_SIGNATURE)) != 0, false, out, error)) != AZATTEST_OK)
        return status;
    azattest__append_le(out, parts->auth_data.len, 2);
    azattest__buf_append_bytes(out, parts->auth_data);
    azattest__append_le(out, parts->certification_type, 2);
    azattest__append_le(out, parts->certification.len, 4);
    azattest__buf_append_bytes(out, parts->certification);
    return azattest__error_from_buf(error, out, "certification data");
}

static azattest_status make_signature_data(azattest__quote_parts *parts, azattest_bytes signed_bytes,
                                           azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    azattest__buf key, y, certified;

    azattest__buf_init(&key, 64);
    azattest__buf_init(&y, 32);
    azattest__buf_init(&certified, LIMIT_QUOTE * 4);
    if ((status = azattest__key_numbers(parts->attestation_key, &key, &y, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_bytes(&key, azattest__buf_bytes(&y));
    if ((status =
             sign(parts->attestation_key, signed_bytes, (parts->faults & AZATTEST_SIMULATED_BIT(QUOTE_SIGNATURE)) != 0,
                  (parts->faults & AZATTEST_SIMULATED_BIT(BYTE_ORDER)) != 0, out, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_bytes(out, azattest__buf_bytes(&key));
    if ((status = put_quoting_enclave(parts, azattest__buf_bytes(&key), &certified, error)) != AZATTEST_OK)
        goto done;
    if (parts->header[0] >= 4) {
        azattest__append_le(out, QUOTED_QE_CERTIFICATION, 2);
        azattest__append_le(out, certified.len, 4);
    }
    azattest__buf_append_bytes(out, azattest__buf_bytes(&certified));
    status = azattest__error_from_buf(error, out, "signature data");
done:
    azattest__buf_free(&certified);
    azattest__buf_free(&y);
    azattest__buf_free(&key);
    return status;
}

azattest_status azattest__quote_assemble(const azattest__quote_parts *parts, azattest__buf *out, azattest_error **error)
{
    azattest__quote_parts bound = *parts;
    size_t size = parts->report_size == 0 ? AZATTEST__SGX_REPORT_SIZE : parts->report_size;
    azattest_status status;
    azattest__buf body, signature;

    azattest__buf_init(&body, LIMIT_QUOTE);
    azattest__buf_init(&signature, LIMIT_QUOTE * 4);
    azattest__buf_append(&body, parts->header, sizeof(parts->header));
    if (parts->header[0] == 5) {
        azattest__append_le(&body, parts->body_type, 2);
        azattest__append_le(&body, size, 4);
    }
    azattest__buf_append(&body, parts->report, size);
    if ((status = azattest__error_from_buf(error, &body, "quote")) != AZATTEST_OK ||
        (status = make_signature_data(&bound, azattest__buf_bytes(&body), &signature, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_bytes(out, azattest__buf_bytes(&body));
    azattest__append_le(out, signature.len, 4);
    azattest__buf_append_bytes(out, azattest__buf_bytes(&signature));
    azattest__append_zeros(out, parts->trailing);
    status = azattest__error_from_buf(error, out, "quote");
done:
    azattest__buf_free(&signature);
    azattest__buf_free(&body);
    return status;
}
