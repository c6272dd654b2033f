/* The SGX extensions of a PCK certificate. Source: Intel SGX PCK Certificate and CRL Profile Specification. */
#include "der.h"
#include "platform.h"

#define ARC "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01" /* 1.2.840.113741.1.13.1 */

/* SEQUENCE { OID below the arc, element }; second 0: one step below it, otherwise two. */
static void put_element(azattest__buf *out, unsigned first, unsigned second, const azattest__buf *element)
{
    unsigned char oid[] = ARC "\0"; /* and two more arcs, each below 128 */
    azattest__buf member;

    azattest__buf_init(&member, 4096);
    oid[sizeof(ARC) - 1] = (unsigned char)first;
    oid[sizeof(ARC)] = (unsigned char)second;
    azattest__der_put(&member, DER_OID, oid, sizeof(ARC) - 1 + (second == 0 ? 1 : 2));
    azattest__buf_append_bytes(&member, azattest__buf_bytes(element));
    if (element->status != AZATTEST_OK)
        member.status = element->status;
    azattest__der_put_buf(out, DER_SEQUENCE, &member);
    azattest__buf_free(&member);
}

static void put_member(azattest__buf *out, unsigned first, unsigned second, unsigned tag, const void *value, size_t len)
{
    azattest__buf element;

    azattest__buf_init(&element, 4096);
    azattest__der_put(&element, tag, value, len);
    put_element(out, first, second, &element);
    azattest__buf_free(&element);
}

static void put_number(azattest__buf *out, unsigned first, unsigned second, unsigned value)
{
    azattest__buf element;

    azattest__buf_init(&element, 16);
    azattest__der_put_integer(&element, value);
    put_element(out, first, second, &element);
    azattest__buf_free(&element);
}

static void put_tcb(const azattest__sgx_values *values, azattest__buf *out)
{
    azattest__buf tcb;

    azattest__buf_init(&tcb, 4096);
    for (unsigned i = 0; i < sizeof(values->components); i++)
        put_number(&tcb, 2, i + 1, values->components[i]);
    put_number(&tcb, 2, 17, values->pcesvn);
    put_member(&tcb, 2, 18, DER_OCTETS, values->components, sizeof(values->components));
    if (tcb.status != AZATTEST_OK)
        out->status = tcb.status;
    put_member(out, 2, 0, DER_SEQUENCE, tcb.ptr, tcb.len);
    azattest__buf_free(&tcb);
}

static void put_configuration(azattest__buf *out)
{
    static const unsigned char yes = 0xff, no = 0;
    azattest__buf configuration;

    azattest__buf_init(&configuration, 4096);
    put_member(&configuration, 7, 1, DER_BOOLEAN, &yes, 1); /* dynamic platform */
    put_member(&configuration, 7, 2, DER_BOOLEAN, &yes, 1); /* cached keys */
    put_member(&configuration, 7, 3, DER_BOOLEAN, &no, 1);  /* SMT enabled */
    if (configuration.status != AZATTEST_OK)
        out->status = configuration.status;
    put_member(out, 7, 0, DER_SEQUENCE, configuration.ptr, configuration.len);
    azattest__buf_free(&configuration);
}

azattest_status azattest__sgx_extensions(const azattest__sgx_values *values, azattest__buf *out, azattest_error **error)
{
    static const unsigned char standard = 0, scalable = 1;
    azattest__buf members;

    azattest__buf_init(&members, 4096);
    put_member(&members, 1, 0, DER_OCTETS, values->ppid, sizeof(values->ppid));
    put_tcb(values, &members);
    put_member(&members, 3, 0, DER_OCTETS, values->pceid, sizeof(values->pceid));
    if (!values->without_fmspc)
        put_member(&members, 4, 0, DER_OCTETS, values->fmspc, sizeof(values->fmspc));
    put_member(&members, 5, 0, DER_ENUMERATED, values->processor ? &standard : &scalable, 1);
    if (!values->processor) { /* what the Platform CA alone writes */
        put_member(&members, 6, 0, DER_OCTETS, values->instance, sizeof(values->instance));
        put_configuration(&members);
    }
    azattest__der_put_buf(out, DER_SEQUENCE, &members);
    azattest__buf_free(&members);
    return azattest__error_from_buf(error, out, "SGX extensions");
}
