#include "vcek.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ARC "1.3.6.1.4.1.3704.1"
#define OID_STRUCT_VERSION ARC ".1"
#define OID_PRODUCT ARC ".2"
#define OID_HARDWARE_ID ARC ".4"
#define OID_CSP_ID ARC ".5"
#define TAG_INTEGER 2
#define TAG_UTF8_STRING 12
#define TAG_IA5_STRING 22
#define SPL_MAXIMUM 255
#define HARDWARE_ID_SIZE 64u
#define HARDWARE_ID_TURIN_SIZE 8u

__attribute__((format(printf, 2, 3))) static void problem(char text[AZATTEST__VCEK_PROBLEM], const char *format, ...)
{
    va_list arguments;

    if (text[0] != '\0') /* the first one counts */
        return;
    va_start(arguments, format);
    vsnprintf(text, AZATTEST__VCEK_PROBLEM, format, arguments);
    va_end(arguments);
}

/* The extension's value; absent, with a problem, when it is not there exactly once. */
static azattest_bytes once(const azattest__x509 *certificate, const char *oid, const char *what,
                           char text[AZATTEST__VCEK_PROBLEM])
{
    bool twice = false;
    azattest_bytes value = azattest__x509_extension(certificate, oid, &twice);

    if (value.ptr == NULL)
        problem(text, "no extension %s (%s)", oid, what);
    else if (twice)
        problem(text, "extension %s (%s) twice", oid, what);
    return twice ? azattest__bytes(NULL, 0) : value;
}

static bool has(const azattest__x509 *certificate, const char *oid)
{
    bool twice = false;

    return azattest__x509_extension(certificate, oid, &twice).ptr != NULL;
}

/* A whole DER INTEGER; -1, with a problem, when it is none from 0 to 255. Its last octet alone would be another number:
 * 02 02 01 05 is 261. */
static int security_level(const azattest__x509 *certificate, const char *oid, const char *what,
                          char text[AZATTEST__VCEK_PROBLEM])
{
    azattest_bytes value = once(certificate, oid, what, text);
    azattest__der element;
    int number = -1;

    if (value.ptr == NULL)
        return -1;
    if (!azattest__der_next(&value, &element) || element.constructed || element.tag != TAG_INTEGER || value.len != 0 ||
        !azattest__der_integer(element.content, &number)) {
        problem(text, "extension %s (%s) is not a DER INTEGER", oid, what);
        return -1;
    }
    if (number > SPL_MAXIMUM) {
        problem(text, "extension %s (%s) is %d, more than a report can hold", oid, what, number);
        return -1;
    }
    return number;
}

/* "Milan-B0", "Genoa", "Turin": the part in front of the stepping is the product. */
static void read_product(const azattest__x509 *certificate, azattest__vcek *out)
{
    azattest_bytes value = once(certificate, OID_PRODUCT, "product name", out->product_problem);
    azattest__der element;
    const char *p, *dash;
    char *shown;

    if (value.ptr == NULL)
        return;
    if (!azattest__der_next(&value, &element) || element.constructed ||
        (element.tag != TAG_IA5_STRING && element.tag != TAG_UTF8_STRING) || value.len != 0 ||
        element.content.len >= sizeof(out->product_text)) {
        problem(out->product_problem, "extension " OID_PRODUCT " (product name) is not a short IA5String");
        return;
    }
    p = element.content.ptr;
    shown = azattest__printable(element.content, sizeof(out->product_text) - 1);
    snprintf(out->product_text, sizeof(out->product_text), "%s", shown == NULL ? "" : shown);
    free(shown);
    dash = element.content.len == 0 ? NULL : memchr(p, '-', element.content.len);
    out->product =
        azattest__snp_product_from_name(azattest__bytes(p, dash == NULL ? element.content.len : (size_t)(dash - p)));
    if (out->product == AZATTEST__SNP_UNKNOWN)
        problem(out->product_problem, "product name \"%s\" is none that is known", out->product_text);
}

static void read_tcb(const azattest__x509 *certificate, azattest__vcek *out)
{
    static const char *const reserved[] = { ARC ".3.4", ARC ".3.5", ARC ".3.6", ARC ".3.7" };
    bool has_fmc = azattest__snp_product_has_fmc(out->product);
    char *text = out->tcb_problem;
    size_t at = 0;

    out->tcb.fmc = has_fmc ? security_level(certificate, ARC ".3.9", "FMC", text) : -1;
    if (!has_fmc && has(certificate, ARC ".3.9"))
        problem(text, "extension " ARC ".3.9 (FMC), which %s has not got",
                out->product == AZATTEST__SNP_UNKNOWN ? "an unknown product" : out->product_text);
    out->tcb.boot_loader = security_level(certificate, ARC ".3.1", "boot loader", text);
    out->tcb.tee = security_level(certificate, ARC ".3.2", "TEE", text);
    out->tcb.snp = security_level(certificate, ARC ".3.3", "SNP", text);
    out->tcb.microcode = security_level(certificate, ARC ".3.8", "microcode", text);
    /* Reserved ones follow the order of the reserved bytes; Turin, whose FMC took a byte, lacks the first. */
    for (size_t i = has_fmc ? 1 : 0; i < sizeof(reserved) / sizeof(reserved[0]); i++, at++)
        if (has(certificate, reserved[i])) {
            int level = security_level(certificate, reserved[i], "reserved", text);

            out->tcb.reserved[at] = (unsigned char)(level < 0 ? 0 : level);
        }
}

/* The hardware id lies in the extension as it is: no DER inside, whatever its first byte looks like. */
static void read_identity(const azattest__x509 *certificate, bool is_vlek, azattest__vcek *out)
{
    size_t expected = azattest__snp_product_has_fmc(out->product) ? HARDWARE_ID_TURIN_SIZE : HARDWARE_ID_SIZE;
    azattest_bytes value;
    azattest__der element;

    if (is_vlek) {
        if (has(certificate, OID_HARDWARE_ID))
            problem(out->identity_problem, "a VLEK with extension " OID_HARDWARE_ID " (hardware id)");
        value = once(certificate, OID_CSP_ID, "CSP id", out->identity_problem);
        if (value.ptr == NULL)
            return;
        if (azattest__der_next(&value, &element) && !element.constructed && value.len == 0 &&
            (element.tag == TAG_IA5_STRING || element.tag == TAG_UTF8_STRING) && element.content.len > 0)
            out->csp_id = element.content;
        else
            problem(out->identity_problem, "extension " OID_CSP_ID " (CSP id) is not an IA5String");
        return;
    }
    if (has(certificate, OID_CSP_ID))
        problem(out->identity_problem, "a VCEK with extension " OID_CSP_ID " (CSP id)");
    value = once(certificate, OID_HARDWARE_ID, "hardware id", out->identity_problem);
    if (value.ptr == NULL)
        return;
    if (value.len == expected)
        out->hardware_id = value;
    else
        problem(out->identity_problem, "extension " OID_HARDWARE_ID " (hardware id) has %zu bytes, expected %zu",
                value.len, expected);
}

void azattest__vcek_read(const azattest__x509 *certificate, bool is_vlek, azattest__vcek *out)
{
    char ignored[AZATTEST__VCEK_PROBLEM] = "";

    memset(out, 0, sizeof(*out));
    read_product(certificate, out);
    out->struct_version = security_level(certificate, OID_STRUCT_VERSION, "version", ignored);
    read_tcb(certificate, out);
    read_identity(certificate, is_vlek, out);
}

bool azattest__vcek_is_of_chip(const azattest__vcek *vcek, const unsigned char chip_id[AZATTEST__SNP_CHIP_ID_SIZE])
{
    unsigned char expected[AZATTEST__SNP_CHIP_ID_SIZE] = { 0 };

    if (vcek->hardware_id.ptr == NULL || vcek->hardware_id.len > sizeof(expected))
        return false;
    memcpy(expected, vcek->hardware_id.ptr, vcek->hardware_id.len);
    return azattest__bytes_equal_constant_time(azattest__bytes(expected, sizeof(expected)),
                                               azattest__bytes(chip_id, sizeof(expected)));
}
