/* The SGX extensions of a PCK certificate: every member counts, once, in any order, and in no other form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/intel/pck.h"
#include "quotes.h"

#define ARC "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01" /* 1.2.840.113741.1.13.1 */
enum { BOOLEAN = 0x01, INTEGER = 0x02, OCTETS = 0x04, OID = 0x06, ENUMERATED = 0x0a, SEQUENCE = 0x30 };

static const char zeros[16];

/* What the table changes of one member: `number` is 1 to 7, or 201 to 218 below the TCB, or 701 to 703. */
typedef enum action { KEEP, DROP, TWICE, REPLACE } action;
static const struct extension_case {
    const char *name;
    unsigned number;
    action action;
    unsigned tag;
    const char *value;
    size_t len;
    const char *message; /* NULL: accepted */
} cases[] = {
    { "as it should be", 0, KEEP, 0, NULL, 0, NULL },
    { "without PPID", 1, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.1 is missing" },
    { "without TCB", 2, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.2 is missing" },
    { "without PCEID", 3, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.3 is missing" },
    { "without FMSPC", 4, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.4 is missing" },
    { "without SGX type", 5, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.5 is missing" },
    { "without platform instance id", 6, DROP, 0, NULL, 0, NULL },
    { "without configuration", 7, DROP, 0, NULL, 0, NULL },
    { "without the first component", 201, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.2.1 is missing" },
    { "without the last component", 216, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.2.16 is missing" },
    { "without PCESVN", 217, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.2.17 is missing" },
    { "without CPUSVN", 218, DROP, 0, NULL, 0, "1.2.840.113741.1.13.1.2.18 is missing" },
    { "FMSPC twice", 4, TWICE, 0, NULL, 0, "1.2.840.113741.1.13.1.4 occurs twice" },
    { "TCB twice", 2, TWICE, 0, NULL, 0, "1.2.840.113741.1.13.1.2 occurs twice" },
    { "a component twice", 205, TWICE, 0, NULL, 0, "1.2.840.113741.1.13.1.2.5 occurs twice" },
    { "a flag twice", 702, TWICE, 0, NULL, 0, "1.2.840.113741.1.13.1.7.2 occurs twice" },
    { "FMSPC of 5 bytes", 4, REPLACE, OCTETS, zeros, 5, "FMSPC is not an OCTET STRING of 6 bytes" },
    { "FMSPC of 7 bytes", 4, REPLACE, OCTETS, zeros, 7, "FMSPC is not an OCTET STRING of 6 bytes" },
    { "FMSPC that is an INTEGER", 4, REPLACE, INTEGER, "\1\2\3\4\5\6", 6, "FMSPC is not an OCTET STRING" },
    { "PCEID of 1 byte", 3, REPLACE, OCTETS, zeros, 1, "PCEID is not an OCTET STRING of 2 bytes" },
    { "PPID of 15 bytes", 1, REPLACE, OCTETS, zeros, 15, "PPID is not an OCTET STRING of 16 bytes" },
    { "CPUSVN of no bytes", 218, REPLACE, OCTETS, zeros, 0, "CPUSVN is not an OCTET STRING of 16 bytes" },
    { "platform instance id of 1 byte", 6, REPLACE, OCTETS, zeros, 1, "platform instance id is not" },
    { "a component of 255", 203, REPLACE, INTEGER, "\0\377", 2, NULL },
    { "a component of 256", 203, REPLACE, INTEGER, "\1\0", 2, "a TCB component is not a number from 0 to 255" },
    { "a component of 261, whose last byte is 5", 203, REPLACE, INTEGER, "\1\5", 2, "a TCB component is not" },
    { "a negative component", 203, REPLACE, INTEGER, "\200", 1, "a TCB component is not" },
    { "a component with a needless zero", 203, REPLACE, INTEGER, "\0\5", 2, "a TCB component is not" },
    { "a component of no bytes", 203, REPLACE, INTEGER, "", 0, "a TCB component is not" },
    { "a component that is ENUMERATED", 203, REPLACE, ENUMERATED, "\5", 1, "a TCB component is not" },
    { "PCESVN of 65535", 217, REPLACE, INTEGER, "\0\377\377", 3, NULL },
    { "PCESVN of 65536", 217, REPLACE, INTEGER, "\1\0\0", 3, "PCESVN is not a number from 0 to 65535" },
    { "SGX type that is an INTEGER", 5, REPLACE, INTEGER, "\1", 1, "the SGX type is not" },
    { "SGX type of another number", 5, REPLACE, ENUMERATED, "\7", 1, NULL },
    { "TCB that is bytes", 2, REPLACE, OCTETS, zeros, 2, "TCB: not a SEQUENCE" },
    { "an empty TCB", 2, REPLACE, SEQUENCE, "", 0, "1.2.840.113741.1.13.1.2.1 is missing" },
    { "configuration that is bytes", 7, REPLACE, OCTETS, zeros, 2, "configuration: not a SEQUENCE" },
    { "an empty configuration", 7, REPLACE, SEQUENCE, "", 0, NULL },
    { "a flag that is neither", 701, REPLACE, BOOLEAN, "\1", 1, "not a BOOLEAN in DER" },
    { "a flag of two bytes", 701, REPLACE, BOOLEAN, "\377\377", 2, "not a BOOLEAN in DER" },
    { "a flag that is an INTEGER", 701, REPLACE, INTEGER, "\0", 1, "not a BOOLEAN in DER" },
    { "a member nobody knows", 9, REPLACE, OCTETS, "x", 1, NULL },
    { "a component nobody knows", 219, REPLACE, OCTETS, "x", 1, NULL },
    { "a flag nobody knows", 704, REPLACE, OCTETS, "x", 1, NULL },
};

static void put(azattest__buf *out, unsigned tag, const void *content, size_t len)
{
    unsigned char head[4] = { (unsigned char)tag, 0x82, (unsigned char)(len >> 8), (unsigned char)len };

    if (len < 0x80)
        head[1] = (unsigned char)len;
    else if (len < 0x100)
        head[1] = 0x81, head[2] = (unsigned char)len;
    azattest__buf_append(out, head, len < 0x80 ? 2 : len < 0x100 ? 3 : 4);
    azattest__buf_append(out, content, len);
}

/* One member, changed as the case says; members nobody knows exist only in their cases. */
static void put_member(azattest__buf *out, const struct extension_case *test, unsigned number, unsigned tag,
                       const void *value, size_t len)
{
    unsigned char oid[16] = ARC;
    size_t size = sizeof(ARC) - 1;
    azattest__buf member;

    if (test->number == number && test->action == DROP)
        return;
    if (test->number == number && test->action == REPLACE) {
        tag = test->tag;
        value = test->value;
        len = test->len;
    }
    if (value == NULL)
        return;
    if (number > 100)
        oid[size++] = (unsigned char)(number / 100);
    oid[size++] = (unsigned char)(number % 100);
    azattest__buf_init(&member, 4096);
    put(&member, OID, oid, size);
    put(&member, tag, value, len);
    put(out, SEQUENCE, member.ptr, member.len);
    if (test->number == number && test->action == TWICE)
        put(out, SEQUENCE, member.ptr, member.len);
    azattest__buf_free(&member);
}

/* In another order than Intel's: none is promised. */
static azattest__buf build(const struct extension_case *test)
{
    static const char cpu_svn[] = "0123456789abcdef", yes = '\377';
    azattest__buf tcb, flags, members, out;

    azattest__buf_init(&tcb, 4096);
    azattest__buf_init(&flags, 4096);
    azattest__buf_init(&members, 4096);
    azattest__buf_init(&out, 4096);
    put_member(&tcb, test, 218, OCTETS, cpu_svn, 16);
    put_member(&tcb, test, 217, INTEGER, "\15", 1);
    for (unsigned i = 16; i >= 1; i--) {
        char number[2] = { 0, (char)(i * 15) }; /* up to 240: with a zero before it from 128 on */

        put_member(&tcb, test, 200 + i, INTEGER, i * 15 < 128 ? number + 1 : number, i * 15 < 128 ? 1 : 2);
    }
    put_member(&tcb, test, 219, OCTETS, NULL, 0);
    for (unsigned i = 701; i <= 703; i++)
        put_member(&flags, test, i, BOOLEAN, &yes, 1);
    put_member(&flags, test, 704, OCTETS, NULL, 0);
    put_member(&members, test, 7, SEQUENCE, flags.ptr, flags.len);
    put_member(&members, test, 9, OCTETS, NULL, 0);
    put_member(&members, test, 5, ENUMERATED, "\1", 1);
    put_member(&members, test, 4, OCTETS, "FMSPC!", 6);
    put_member(&members, test, 3, OCTETS, "\0\0", 2);
    put_member(&members, test, 6, OCTETS, zeros, 16);
    put_member(&members, test, 2, SEQUENCE, tcb.ptr, tcb.len);
    put_member(&members, test, 1, OCTETS, zeros, 16);
    put(&out, SEQUENCE, members.ptr, members.len);
    assert_int_equal(out.status, AZATTEST_OK);
    azattest__buf_free(&tcb);
    azattest__buf_free(&flags);
    azattest__buf_free(&members);
    return out;
}

static void extension_is_read(void **state)
{
    const struct extension_case *test = *state;
    azattest__pck_extensions extensions;
    azattest_error *error = NULL;
    azattest__buf der = build(test);
    azattest_status status = azattest__pck_extensions_parse(azattest__buf_bytes(&der), &extensions, &error);

    quotes_expect(status, &error, test->message == NULL ? AZATTEST_OK : AZATTEST_E_EVIDENCE_INVALID, test->message);
    azattest__buf_free(&der);
}

static void values_are_those_of_the_certificate(void **state)
{
    azattest__pck_extensions extensions;
    azattest__buf der = build(&cases[0]);

    (void)state;
    assert_int_equal(azattest__pck_extensions_parse(azattest__buf_bytes(&der), &extensions, NULL), AZATTEST_OK);
    assert_memory_equal(extensions.fmspc, "FMSPC!", 6);
    assert_memory_equal(extensions.cpu_svn, "0123456789abcdef", 16);
    for (int i = 0; i < 16; i++)
        assert_int_equal(extensions.components[i], (i + 1) * 15);
    assert_int_equal(extensions.pcesvn, 13);
    assert_int_equal(extensions.sgx_type, 1);
    assert_true(extensions.has_platform_instance_id && extensions.has_configuration);
    assert_true(extensions.dynamic_platform && extensions.cached_keys && extensions.smt_enabled);
    azattest__buf_free(&der);
}

static void every_truncation_and_a_byte_more_are_refused(void **state)
{
    azattest__pck_extensions extensions;
    azattest__buf der = build(&cases[0]);

    (void)state;
    for (size_t len = 0; len < der.len; len++) {
        unsigned char *exact = malloc(len + 1);

        assert_non_null(exact);
        memcpy(exact, der.ptr, len);
        assert_int_equal(azattest__pck_extensions_parse(azattest__bytes(exact, len), &extensions, NULL),
                         AZATTEST_E_EVIDENCE_INVALID);
        free(exact);
    }
    azattest__buf_append(&der, "", 1);
    assert_int_equal(azattest__pck_extensions_parse(azattest__buf_bytes(&der), &extensions, NULL),
                     AZATTEST_E_EVIDENCE_INVALID);
    azattest__buf_free(&der);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    struct CMUnitTest tests[COUNT(cases) + 2] = {
        cmocka_unit_test(values_are_those_of_the_certificate),
        cmocka_unit_test(every_truncation_and_a_byte_more_are_refused),
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        tests[i + 2] =
            (struct CMUnitTest){ cases[i].name, extension_is_read, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    return cmocka_run_group_tests_name("pck_extensions", tests, NULL, NULL);
}
