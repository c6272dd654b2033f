#include "platform.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"

#define ARC "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01" /* 1.2.840.113741.1.13.1 */

enum {
    TAG_BOOLEAN = 0x01,
    TAG_INTEGER = 0x02,
    TAG_OCTETS = 0x04,
    TAG_OID = 0x06,
    TAG_ENUMERATED = 0x0a,
    TAG_SEQUENCE = 0x30
};

static const char *const names[LEVELS] = { "azattest Simulated SGX Root CA", "azattest Simulated SGX PCK Platform CA",
                                           "azattest Simulated SGX PCK Certificate" };

/* The made-up platform. Component values above 127 take two bytes in DER, which readers must know. */
static const unsigned char fmspc[6] = { 0x00, 0x5a, 0x17, 0x7e, 0x57, 0x00 };
static const unsigned char components[16] = { 7, 9, 3, 3, 255, 255, 1, 128, 0, 0, 0, 0, 0, 0, 0, 0 };
#define PCESVN 13

static void put_der(azattest__buf *out, unsigned tag, const void *content, size_t len)
{
    unsigned char head[4] = { (unsigned char)tag };
    size_t size = 2;

    if (len < 0x80) {
        head[1] = (unsigned char)len;
    } else {
        head[1] = 0x82; /* DER wants the shortest form: one byte where that is enough */
        head[2] = (unsigned char)(len >> 8);
        head[3] = (unsigned char)len;
        size = 4;
        if (len < 0x100) {
            head[1] = 0x81;
            head[2] = (unsigned char)len;
            size = 3;
        }
    }
    azattest__buf_append(out, head, size);
    azattest__buf_append(out, content, len);
}

static void put_sequence(azattest__buf *out, const azattest__buf *content)
{
    if (content->status != AZATTEST_OK)
        out->status = content->status;
    put_der(out, TAG_SEQUENCE, content->ptr, content->len);
}

/* SEQUENCE { OID below the arc, value }; second 0: one step below it, otherwise two. */
static void put_member(azattest__buf *out, unsigned first, unsigned second, unsigned tag, const void *value, size_t len)
{
    unsigned char oid[] = ARC "\0"; /* and two more arcs, each below 128 */
    azattest__buf member;

    azattest__buf_init(&member, 4096);
    oid[sizeof(ARC) - 1] = (unsigned char)first;
    oid[sizeof(ARC)] = (unsigned char)second;
    put_der(&member, TAG_OID, oid, sizeof(ARC) - 1 + (second == 0 ? 1 : 2));
    put_der(&member, tag, value, len);
    put_sequence(out, &member);
    azattest__buf_free(&member);
}

static void put_tcb(azattest__buf *out)
{
    static const unsigned char pcesvn = PCESVN;
    unsigned char number[2] = { 0 };
    azattest__buf tcb;

    azattest__buf_init(&tcb, 4096);
    for (unsigned i = 0; i < sizeof(components); i++) {
        number[1] = components[i];
        put_member(&tcb, 2, i + 1, TAG_INTEGER, components[i] < 0x80 ? number + 1 : number,
                   components[i] < 0x80 ? 1 : 2);
    }
    put_member(&tcb, 2, 17, TAG_INTEGER, &pcesvn, 1);
    put_member(&tcb, 2, 18, TAG_OCTETS, components, sizeof(components));
    if (tcb.status != AZATTEST_OK)
        out->status = tcb.status;
    put_member(out, 2, 0, TAG_SEQUENCE, tcb.ptr, tcb.len);
    azattest__buf_free(&tcb);
}

static void put_configuration(azattest__buf *out)
{
    static const unsigned char yes = 0xff, no = 0;
    azattest__buf configuration;

    azattest__buf_init(&configuration, 4096);
    put_member(&configuration, 7, 1, TAG_BOOLEAN, &yes, 1); /* dynamic platform */
    put_member(&configuration, 7, 2, TAG_BOOLEAN, &yes, 1); /* cached keys */
    put_member(&configuration, 7, 3, TAG_BOOLEAN, &no, 1);  /* SMT enabled */
    if (configuration.status != AZATTEST_OK)
        out->status = configuration.status;
    put_member(out, 7, 0, TAG_SEQUENCE, configuration.ptr, configuration.len);
    azattest__buf_free(&configuration);
}

/* The SGX extensions as Intel's Platform CA writes them; identifiers of the platform are random. */
static azattest_status make_extensions(azattest__buf *out, azattest_error **error)
{
    static const unsigned char pceid[2] = { 0 }, scalable = 1;
    unsigned char ids[32];
    azattest_status status;
    azattest__buf members;

    azattest__buf_init(&members, 4096);
    azattest__buf_init(out, 4096);
    if ((status = azattest__random(ids, sizeof(ids), error)) != AZATTEST_OK)
        return status;
    put_member(&members, 1, 0, TAG_OCTETS, ids, 16); /* PPID */
    put_tcb(&members);
    put_member(&members, 3, 0, TAG_OCTETS, pceid, sizeof(pceid));
    put_member(&members, 4, 0, TAG_OCTETS, fmspc, sizeof(fmspc));
    put_member(&members, 5, 0, TAG_ENUMERATED, &scalable, 1);
    put_member(&members, 6, 0, TAG_OCTETS, ids + 16, 16); /* platform instance */
    put_configuration(&members);
    put_sequence(out, &members);
    azattest__buf_free(&members);
    return azattest__error_from_buf(error, out, "SGX extensions");
}

static azattest_status issue(azattest__platform *platform, azattest__level level, azattest_bytes extensions,
                             azattest_error **error)
{
    azattest__cert_request request = { .common_name = names[level],
                                       .organization = "azattest",
                                       .locality = "Nowhere",
                                       .ca = level != LEVEL_PCK,
                                       .path_length = level == LEVEL_ROOT          ? 1
                                                      : level == LEVEL_PLATFORM_CA ? 0
                                                                                   : -1 };

    /* Long, so that recorded quotes and tests with another clock work. */
    azattest__time_from_civil(2019, 1, 1, 0, 0, 0, &request.not_before);
    azattest__time_from_civil(2049, 12, 31, 23, 59, 59, &request.not_after);
    if (level == LEVEL_PCK) {
        request.extension_oid = "1.2.840.113741.1.13.1";
        request.extension_value = extensions;
    }
    return azattest__cert_issue(
        &request, platform->keys[level], level == LEVEL_ROOT ? NULL : platform->certificates[level - 1],
        level == LEVEL_ROOT ? NULL : platform->keys[level - 1], &platform->certificates[level], error);
}

azattest_status azattest__platform_make(azattest__platform *out, azattest_error **error)
{
    azattest_status status;
    azattest__buf extensions;

    memset(out, 0, sizeof(*out));
    if ((status = make_extensions(&extensions, error)) != AZATTEST_OK)
        goto done;
    for (int level = 0; level < LEVELS; level++)
        if ((status = azattest__key_generate_ec("P-256", &out->keys[level], error)) != AZATTEST_OK ||
            (status = issue(out, (azattest__level)level, azattest__buf_bytes(&extensions), error)) != AZATTEST_OK)
            goto done;
    status = azattest__key_generate_ec("P-256", &out->attestation_key, error);
done:
    azattest__buf_free(&extensions);
    if (status != AZATTEST_OK)
        azattest__platform_clear(out);
    return status;
}

azattest_status azattest__platform_check(const azattest__platform *platform, azattest_error **error)
{
    for (int level = 0; level < LEVELS; level++) {
        const azattest__key *key = azattest__cert_key(platform->certificates[level]);

        if (key == NULL || !azattest__key_equal(key, platform->keys[level]))
            return azattest__error_set(error, AZATTEST_E_STATE, "the certificate of the %s has another key",
                                       names[level]);
        if (!azattest__cert_is_issued_by(platform->certificates[level],
                                         platform->certificates[level == LEVEL_ROOT ? level : level - 1]))
            return azattest__error_set(error, AZATTEST_E_STATE, "the certificate of the %s is not of this chain",
                                       names[level]);
    }
    return AZATTEST_OK;
}

void azattest__platform_clear(azattest__platform *platform)
{
    for (int level = 0; level < LEVELS; level++) {
        azattest__key_free(platform->keys[level]);
        azattest__cert_free(platform->certificates[level]);
    }
    azattest__key_free(platform->attestation_key);
    memset(platform, 0, sizeof(*platform));
}

void azattest__platform_put_certificate(const azattest__cert *certificate, azattest__buf *out)
{
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(certificate), out);
}
