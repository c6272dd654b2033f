/* TPMT_PUBLIC: the public area of a TPM's key. */
#include <stdio.h>

#include "quote.h"
#include "reader.h"

#define ALG_RSAES 0x0015u
#define ALG_ECDAA 0x001au
#define EXPONENT_DEFAULT 65537u

static const struct {
    uint16_t id;
    const char *name;
    size_t size;
} curves[] = { { 0x0003, "P-256", 32 }, { 0x0004, "P-384", 48 }, { 0x0005, "P-521", 66 } };

/* TPMT_SYM_DEF_OBJECT. */
static void read_symmetric(azattest__tpm_reader *reader)
{
    if (azattest__tpm_u16(reader) != AZATTEST__TPM_NULL)
        (void)azattest__tpm_take(reader, 4); /* bits of the key, mode */
}

/* A scheme: its hash, where it has one. */
static void read_scheme(azattest__tpm_reader *reader, azattest__tpm_public *out)
{
    out->scheme = azattest__tpm_u16(reader);
    if (out->scheme == AZATTEST__TPM_NULL || out->scheme == ALG_RSAES)
        return;
    out->scheme_hash = azattest__tpm_u16(reader);
    if (out->scheme == ALG_ECDAA)
        (void)azattest__tpm_u16(reader); /* count */
}

static void read_rsa(azattest__tpm_reader *reader, azattest__tpm_public *out)
{
    read_symmetric(reader);
    read_scheme(reader, out);
    out->key_bits = azattest__tpm_u16(reader);
    out->exponent = azattest__tpm_u32(reader);
    out->modulus = azattest__tpm_sized(reader);
}

static void read_ecc(azattest__tpm_reader *reader, azattest__tpm_public *out)
{
    read_symmetric(reader);
    read_scheme(reader, out);
    out->curve = azattest__tpm_u16(reader);
    if (azattest__tpm_u16(reader) != AZATTEST__TPM_NULL)
        (void)azattest__tpm_u16(reader); /* hash of the key derivation */
    out->x = azattest__tpm_sized(reader);
    out->y = azattest__tpm_sized(reader);
}

static bool is_area(azattest_bytes bytes)
{
    azattest__tpm_reader reader = azattest__tpm_reader_of(bytes);
    uint16_t type = azattest__tpm_u16(&reader);

    return type == AZATTEST__TPM_RSA || type == AZATTEST__TPM_ECC;
}

/* The area inside a TPM2B_PUBLIC, alone or with the two names of TPM2_ReadPublic behind it; the bytes themselves when
 * they are none. */
static azattest_bytes find_area(azattest_bytes bytes)
{
    azattest__tpm_reader reader = azattest__tpm_reader_of(bytes);
    azattest_bytes area = azattest__tpm_sized(&reader);

    if (reader.failed || !is_area(area))
        return bytes;
    if (reader.left != 0) {
        (void)azattest__tpm_sized(&reader);
        (void)azattest__tpm_sized(&reader);
    }
    return reader.failed || reader.left != 0 ? bytes : area;
}

azattest_status azattest__tpm_public_parse(azattest_bytes bytes, azattest__tpm_public *out, azattest_error **error)
{
    azattest_bytes area = find_area(bytes);
    azattest__tpm_reader reader = azattest__tpm_reader_of(area);

    memset(out, 0, sizeof(*out));
    out->type = azattest__tpm_u16(&reader);
    out->name_alg = azattest__tpm_u16(&reader);
    out->attributes = azattest__tpm_u32(&reader);
    out->auth_policy = azattest__tpm_sized(&reader);
    if (!reader.failed && out->type != AZATTEST__TPM_RSA && out->type != AZATTEST__TPM_ECC)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "TPM public area: of type 0x%04x; RSA (0x0001) and ECC (0x0023) are known",
                                   out->type);
    if (out->type == AZATTEST__TPM_RSA)
        read_rsa(&reader, out);
    else
        read_ecc(&reader, out);
    if (reader.failed)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "TPM public area: %zu bytes, it ends before its last field", area.len);
    if (reader.left != 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "TPM public area: %zu bytes behind its end at offset %zu", reader.left,
                                   area.len - reader.left);
    out->area = area;
    return AZATTEST_OK;
}

/* Coordinates of the curve's size: a TPM may leave out zeros in front. */
static azattest_status ec_key(const azattest__tpm_public *area, azattest__key **out, azattest_error **error)
{
    unsigned char x[66] = { 0 }, y[66] = { 0 };

    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        size_t size = curves[i].size;

        if (curves[i].id != area->curve)
            continue;
        if (area->x.len > size || area->y.len > size)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                       "TPM public area: coordinates of %zu and %zu bytes on %s", area->x.len,
                                       area->y.len, curves[i].name);
        memcpy(x + size - area->x.len, area->x.ptr, area->x.len);
        memcpy(y + size - area->y.len, area->y.ptr, area->y.len);
        return azattest__key_from_ec(curves[i].name, azattest__bytes(x, size), azattest__bytes(y, size), out, error);
    }
    return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                               "TPM public area: curve 0x%04x; P-256, P-384 and P-521 are known", area->curve);
}

azattest_status azattest__tpm_public_key(const azattest__tpm_public *area, azattest__key **out, azattest_error **error)
{
    uint32_t exponent = area->exponent == 0 ? EXPONENT_DEFAULT : area->exponent;
    unsigned char e[4] = { (unsigned char)(exponent >> 24), (unsigned char)(exponent >> 16),
                           (unsigned char)(exponent >> 8), (unsigned char)exponent };

    *out = NULL;
    return area->type == AZATTEST__TPM_ECC ? ec_key(area, out, error)
                                           : azattest__key_from_rsa(area->modulus, azattest__bytes(e, 4), out, error);
}

azattest_status azattest__tpm_public_name(const azattest__tpm_public *area, unsigned char name[2 + AZATTEST__HASH_MAX],
                                          size_t *len, azattest_error **error)
{
    azattest__hash hash = AZATTEST__SHA256;
    azattest_status status;

    *len = 0;
    if (!azattest__tpm_hash(area->name_alg, &hash))
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "TPM public area: its name's hash algorithm 0x%04x is not known", area->name_alg);
    name[0] = (unsigned char)(area->name_alg >> 8);
    name[1] = (unsigned char)area->name_alg;
    if ((status = azattest__digest(hash, area->area, name + 2, len, error)) == AZATTEST_OK)
        *len += 2;
    return status;
}

azattest_status azattest__tpm_public_attests(const azattest__tpm_public *area, azattest_error **error)
{
    static const struct {
        uint32_t bit;
        bool set;
        const char *text;
    } wanted[] = {
        { AZATTEST__TPM_RESTRICTED, true, "it is not restricted, so it signs whatever it is given" },
        { AZATTEST__TPM_SIGN, true, "it is no signing key" },
        { AZATTEST__TPM_DECRYPT, false, "it decrypts, too" },
        { AZATTEST__TPM_FIXED_TPM, true, "it may leave its TPM (fixedTPM is not set)" },
        { AZATTEST__TPM_FIXED_PARENT, true, "it may get another parent (fixedParent is not set)" },
        { AZATTEST__TPM_SENSITIVE_DATA_ORIGIN, true,
          "it was made outside of the TPM (sensitiveDataOrigin is not set)" },
    };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (((area->attributes & wanted[i].bit) != 0) != wanted[i].set)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "the attributes of the attestation key are 0x%08x: %s",
                                       (unsigned)area->attributes, wanted[i].text);
    return AZATTEST_OK;
}
