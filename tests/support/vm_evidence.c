#include "vm_evidence.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/crypto.h"
#include "json/json.h"

static void put32(unsigned char *p, unsigned value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

static void put_hash(const char *data, unsigned char *out)
{
    if (data != NULL)
        assert_int_equal(azattest__sha256(bytes_of(data), out, NULL), AZATTEST_OK);
}

void vm_tdx_quote(unsigned version, const char *runtime_data, unsigned char out[VM_TDX_SIZE])
{
    static const unsigned char vendor[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                              0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };
    unsigned char *body = out + (version == 5 ? 54 : 48), *behind = body + (version == 5 ? 648 : 584);

    for (size_t i = 0; i < VM_TDX_SIZE; i++)
        out[i] = (unsigned char)(i * 7);
    memset(out, 0, 54);
    out[0] = (unsigned char)version;
    out[2] = 2;
    out[4] = 0x81;
    memcpy(out + 12, vendor, sizeof(vendor));
    if (version == 5) {
        out[48] = 3;
        put32(out + 50, 648);
    }
    memset(behind, 0, (size_t)(out + VM_TDX_SIZE - behind));
    put32(behind, 590); /* signature data: nothing in them but their lengths */
    behind[4 + 128] = 6;
    put32(behind + 4 + 130, 456);
    behind[4 + 584] = 5;
    memset(body + 120, 0, 8); /* attributes: no DEBUG */
    memset(body + 520, 0, 64);
    put_hash(runtime_data, body + 520);
}

void vm_snp_report(const char *runtime_data, const char *inittime_data, unsigned char out[VM_SNP_SIZE])
{
    for (size_t i = 0; i < VM_SNP_SIZE; i++)
        out[i] = (unsigned char)(i * 5);
    put32(out, 3);
    put32(out + 4, 9);
    put32(out + 8, 0x3001f); /* policy: SMT, no debug, no migration */
    put32(out + 12, 0);
    put32(out + 0x30, 0);
    put32(out + 0x34, 1);
    put32(out + 0x4c, 0);
    memset(out + 0x50, 0, 64);
    put_hash(runtime_data, out + 0x50);
    put_hash(inittime_data, out + 0xc0);
}

static void put_claim(azattest__buf *out, const char *name, const unsigned char *bytes, size_t len)
{
    azattest__buf_printf(out, ",\"%s\":\"", name);
    azattest__hex_encode(azattest__bytes(bytes, len), out);
    azattest__buf_append_text(out, "\"");
}

static void begin(azattest__buf *out, const char *type)
{
    azattest__buf_init(out, 65536);
    azattest__buf_printf(out,
                         "{\"exp\":%lld,\"iat\":%lld,\"iss\":\"" INSTANCE "\",\"nbf\":%lld,"
                         "\"x-ms-attestation-type\":\"%s\"",
                         (long long)INSTANCE_NOW_S + 28800, (long long)INSTANCE_NOW_S, (long long)INSTANCE_NOW_S, type);
}

static char *end(azattest__buf *out, const char *more)
{
    azattest__buf_printf(out, "%s}", more);
    assert_int_equal(out->status, AZATTEST_OK);
    return (char *)azattest__buf_take(out, NULL);
}

char *vm_tdx_claims(unsigned version, const unsigned char *quote, const char *more)
{
    static const struct {
        const char *name;
        size_t offset, size;
    } fields[] = {
        { "tdx_tee_tcb_svn", 0, 16 },     { "tdx_mrseam", 16, 48 },      { "tdx_mrsignerseam", 64, 48 },
        { "tdx_mrtd", 136, 48 },          { "tdx_mrconfigid", 184, 48 }, { "tdx_mrowner", 232, 48 },
        { "tdx_mrownerconfig", 280, 48 }, { "tdx_rtmr0", 328, 48 },      { "tdx_rtmr1", 376, 48 },
        { "tdx_rtmr2", 424, 48 },         { "tdx_rtmr3", 472, 48 },      { "tdx_report_data", 520, 64 },
    };
    azattest__buf out;

    begin(&out, "tdxvm");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        put_claim(&out, fields[i].name, quote + (version == 5 ? 54 : 48) + fields[i].offset, fields[i].size);
    azattest__buf_append_text(&out, ",\"tdx_td_attributes_debug\":false");
    return end(&out, more);
}

char *vm_snp_claims(const unsigned char *report, const char *more)
{
    static const struct {
        const char *name;
        size_t offset, size;
    } fields[] = {
        { "familyId", 0x10, 16 },          { "imageId", 0x20, 16 },   { "reportdata", 0x50, 64 },
        { "launchmeasurement", 0x90, 48 }, { "hostdata", 0xc0, 32 },  { "idkeydigest", 0xe0, 48 },
        { "authorkeydigest", 0x110, 48 },  { "reportid", 0x140, 32 },
    };
    azattest__buf out;
    char name[64];

    begin(&out, "sevsnpvm");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        snprintf(name, sizeof(name), "x-ms-sevsnpvm-%s", fields[i].name);
        put_claim(&out, name, report + fields[i].offset, fields[i].size);
    }
    azattest__buf_append_text(&out, ",\"x-ms-sevsnpvm-guestsvn\":9,\"x-ms-sevsnpvm-vmpl\":0,"
                                    "\"x-ms-sevsnpvm-is-debuggable\":false,\"x-ms-sevsnpvm-migration-allowed\":false,"
                                    "\"x-ms-sevsnpvm-smt-allowed\":true");
    return end(&out, more);
}

unsigned char *vm_certificate(const instance_key *key, size_t *len)
{
    azattest__json *jwk = NULL;
    azattest__buf der;

    azattest__buf_init(&der, 65536);
    assert_int_equal(azattest__json_parse(bytes_of(key->jwk), &jwk, NULL), AZATTEST_OK);
    assert_true(azattest__base64_decode(
        azattest__text(azattest__json_string(azattest__json_first(azattest__json_get(jwk, "x5c")))), &der));
    azattest__json_free(jwk);
    return azattest__buf_take(&der, len);
}
