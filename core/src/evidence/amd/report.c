#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#define REPORT_MINIMUM_VERSION 2u
#define REPORT_MAXIMUM_VERSION 5u
#define VERSION_WITH_CPUID 3u
#define VERSION_WITH_MITIGATION 5u
#define SNIFFED 0x50u /* all in front of the report data */
#define FAMILY_ZEN_3_4 0x19
#define FAMILY_ZEN_5 0x1a

/* Guest policy. Source: AMD publication 56860, table "Guest Policy". */
const azattest__snp_bit azattest__snp_policy_bits[] = {
    { 16, "smt" },
    { 18, "migration_agent" },
    { 19, "debug" },
    { 20, "single_socket" },
    { 21, "cxl" },
    { 22, "aes_256_xts" },
    { 23, "rapl_disabled" },
    { 24, "ciphertext_hiding" },
    { 25, "page_swap_disabled" },
    { 0, NULL },
};

/* Platform information. Source: the same, table "PLATFORM_INFO". */
const azattest__snp_bit azattest__snp_platform_bits[] = {
    { 0, "smt" },
    { 1, "tsme" },
    { 2, "ecc" },
    { 3, "rapl_disabled" },
    { 4, "ciphertext_hiding" },
    { 5, "alias_check_complete" },
    { 7, "tio" },
    { 0, NULL },
};

static const char *const product_names[] = { NULL, "Milan", "Genoa", "Turin", "Venice" };
#define PRODUCTS (sizeof(product_names) / sizeof(product_names[0]))

const char *azattest__snp_product_name(azattest__snp_product product)
{
    return (size_t)product < PRODUCTS ? product_names[product] : NULL;
}

azattest__snp_product azattest__snp_product_from_name(azattest_bytes name)
{
    for (size_t i = 1; i < PRODUCTS; i++)
        if (azattest__bytes_equal_text(name, product_names[i]))
            return (azattest__snp_product)i;
    return AZATTEST__SNP_UNKNOWN;
}

/* Bergamo and Siena are Genoa's: the same root, the same layout. */
azattest__snp_product azattest__snp_product_of_cpuid(int family, int model)
{
    static const struct {
        int family, first, last;
        azattest__snp_product product;
    } ranges[] = {
        { FAMILY_ZEN_3_4, 0x00, 0x0f, AZATTEST__SNP_MILAN }, { FAMILY_ZEN_3_4, 0x10, 0x1f, AZATTEST__SNP_GENOA },
        { FAMILY_ZEN_3_4, 0xa0, 0xaf, AZATTEST__SNP_GENOA }, { FAMILY_ZEN_5, 0x00, 0x11, AZATTEST__SNP_TURIN },
        { FAMILY_ZEN_5, 0x50, 0x5f, AZATTEST__SNP_VENICE },  { FAMILY_ZEN_5, 0x90, 0xaf, AZATTEST__SNP_VENICE },
        { FAMILY_ZEN_5, 0xc0, 0xcf, AZATTEST__SNP_VENICE },
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (family == ranges[i].family && model >= ranges[i].first && model <= ranges[i].last)
            return ranges[i].product;
    return AZATTEST__SNP_UNKNOWN;
}

bool azattest__snp_product_has_fmc(azattest__snp_product product)
{
    return product == AZATTEST__SNP_TURIN || product == AZATTEST__SNP_VENICE;
}

/* ---- versions of the trusted computing base ---- */

static azattest__snp_tcb read_tcb(const unsigned char *p, bool has_fmc)
{
    azattest__snp_tcb tcb = { .fmc = -1, .microcode = p[7] };

    if (has_fmc) {
        tcb.fmc = p[0];
        tcb.boot_loader = p[1];
        tcb.tee = p[2];
        tcb.snp = p[3];
        memcpy(tcb.reserved, p + 4, 3);
    } else {
        tcb.boot_loader = p[0];
        tcb.tee = p[1];
        memcpy(tcb.reserved, p + 2, 4);
        tcb.snp = p[6];
    }
    return tcb;
}

azattest__snp_tcb azattest__snp_tcb_read(const unsigned char *eight, azattest__snp_product product)
{
    return read_tcb(eight, azattest__snp_product_has_fmc(product));
}

azattest__snp_tcb azattest__snp_report_tcb(const azattest__snp_report *report, azattest__snp_product signer,
                                           const unsigned char *eight)
{
    /* A later part of the family that no table names yet has the layout of its family. */
    return read_tcb(eight, report->cpuid_family < 0 ? azattest__snp_product_has_fmc(signer)
                                                    : azattest__snp_product_has_fmc(report->product) ||
                                                          report->cpuid_family >= FAMILY_ZEN_5);
}

bool azattest__snp_tcb_equal(const azattest__snp_tcb *a, const azattest__snp_tcb *b)
{
    return a->fmc == b->fmc && a->boot_loader == b->boot_loader && a->tee == b->tee && a->snp == b->snp &&
           a->microcode == b->microcode && memcmp(a->reserved, b->reserved, sizeof(a->reserved)) == 0;
}

bool azattest__snp_tcb_at_least(const azattest__snp_tcb *a, const azattest__snp_tcb *b, const char **part)
{
    const struct {
        const char *name;
        int a, b;
    } parts[] = { { "FMC", a->fmc, b->fmc },
                  { "boot loader", a->boot_loader, b->boot_loader },
                  { "TEE", a->tee, b->tee },
                  { "SNP", a->snp, b->snp },
                  { "microcode", a->microcode, b->microcode } };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].a < parts[i].b) {
            if (part != NULL)
                *part = parts[i].name;
            return false;
        }
    return true;
}

const char *azattest__snp_tcb_text(const azattest__snp_tcb *tcb, char text[AZATTEST__SNP_TCB_TEXT])
{
    char fmc[16] = "";

    if (tcb->fmc >= 0)
        snprintf(fmc, sizeof(fmc), "FMC %d, ", tcb->fmc);
    snprintf(text, AZATTEST__SNP_TCB_TEXT, "%sboot loader %d, TEE %d, SNP %d, microcode %d", fmc, tcb->boot_loader,
             tcb->tee, tcb->snp, tcb->microcode);
    return text;
}

/* ---- the report ---- */

const char *azattest__snp_signing_key_name(unsigned key)
{
    switch (key) {
    case AZATTEST__SNP_KEY_VCEK:
        return "VCEK";
    case AZATTEST__SNP_KEY_VLEK:
        return "VLEK";
    case AZATTEST__SNP_KEY_NONE:
        return "none";
    default:
        return "reserved";
    }
}

bool azattest__snp_report_looks_like(azattest_bytes bytes)
{
    const unsigned char *p = bytes.ptr;

    if (bytes.len < SNIFFED || azattest__le32(p) < REPORT_MINIMUM_VERSION || azattest__le32(p) > REPORT_MAXIMUM_VERSION)
        return false;
    return bytes.len == AZATTEST__SNP_REPORT_SIZE || azattest__le32(p + 0x34) == AZATTEST__SNP_ECDSA_P384_SHA384;
}

static void read_cpuid(azattest__snp_report *out)
{
    const unsigned char *p = out->body;

    out->cpuid_family = out->cpuid_model = out->cpuid_stepping = -1;
    if (out->version < VERSION_WITH_CPUID)
        return;
    out->cpuid_family = p[0x188];
    out->cpuid_model = p[0x189];
    out->cpuid_stepping = p[0x18a];
    out->product = azattest__snp_product_of_cpuid(out->cpuid_family, out->cpuid_model);
}

azattest_status azattest__snp_report_parse(azattest_bytes bytes, azattest__snp_report *out, azattest_error **error)
{
    const unsigned char *p = bytes.ptr;
    uint32_t version;

    memset(out, 0, sizeof(*out));
    if (bytes.len < AZATTEST__SNP_REPORT_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "SEV-SNP report: %zu bytes, expected %u", bytes.len,
                                   AZATTEST__SNP_REPORT_SIZE);
    version = azattest__le32(p);
    if (version < REPORT_MINIMUM_VERSION || version > REPORT_MAXIMUM_VERSION)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "SEV-SNP report: version %u at offset 0; versions %u to %u are known",
                                   (unsigned)version, REPORT_MINIMUM_VERSION, REPORT_MAXIMUM_VERSION);
    out->body = p;
    out->version = version;
    out->guest_svn = azattest__le32(p + 0x04);
    out->policy = azattest__le64(p + 0x08);
    out->family_id = p + 0x10;
    out->image_id = p + 0x20;
    out->vmpl = azattest__le32(p + 0x30);
    out->signature_algorithm = azattest__le32(p + 0x34);
    out->current_tcb = p + 0x38;
    out->platform_info = azattest__le64(p + 0x40);
    out->key_info = azattest__le32(p + 0x48);
    out->has_author_key = (out->key_info & 1) != 0;
    out->is_chip_key_masked = (out->key_info >> 1 & 1) != 0;
    out->signing_key = out->key_info >> 2 & 7;
    out->report_data = p + 0x50;
    out->measurement = p + 0x90;
    out->host_data = p + 0xc0;
    out->id_key_digest = p + 0xe0;
    out->author_key_digest = p + 0x110;
    out->report_id = p + 0x140;
    out->report_id_ma = p + 0x160;
    out->reported_tcb = p + 0x180;
    read_cpuid(out);
    out->chip_id = p + 0x1a0;
    out->committed_tcb = p + 0x1e0;
    for (size_t i = 0; i < 3; i++) { /* build, minor, major lie in this order */
        out->current_build[i] = p[0x1ea - i];
        out->committed_build[i] = p[0x1ee - i];
    }
    out->launch_tcb = p + 0x1f0;
    if (version >= VERSION_WITH_MITIGATION) {
        out->launch_mitigation = azattest__le64(p + 0x1f8);
        out->current_mitigation = azattest__le64(p + 0x200);
    }
    out->signature_r = azattest__bytes(p + AZATTEST__SNP_SIGNED_SIZE, AZATTEST__SNP_SCALAR_SIZE);
    out->signature_s =
        azattest__bytes(p + AZATTEST__SNP_SIGNED_SIZE + AZATTEST__SNP_SCALAR_SIZE, AZATTEST__SNP_SCALAR_SIZE);
    return AZATTEST_OK;
}

static bool is_zero(const unsigned char *p, size_t size)
{
    unsigned char any = 0;

    for (size_t i = 0; i < size; i++)
        any |= p[i];
    return any == 0;
}

bool azattest__snp_report_is_masked(const azattest__snp_report *report)
{
    return is_zero(report->chip_id, AZATTEST__SNP_CHIP_ID_SIZE);
}

static uint64_t known_bits(const azattest__snp_bit *bits, uint64_t known)
{
    for (; bits->name != NULL; bits++)
        known |= UINT64_C(1) << bits->bit;
    return known;
}

/* "A, B, what 0x10". */
static void tell(azattest__buf *text, const char *what, uint64_t value)
{
    azattest__buf_printf(text, "%s%s 0x%" PRIx64, text->len == 0 ? "" : ", ", what, value);
}

void azattest__snp_report_unknown(const azattest__snp_report *report, azattest__snp_product signer, azattest__buf *text)
{
    const struct {
        unsigned offset, size;
        bool reserved;
    } regions[] = {
        { 0x4c, 4, true },    { 0x188, 3, report->version < VERSION_WITH_CPUID },
        { 0x18b, 21, true },  { 0x1eb, 1, true },
        { 0x1ef, 1, true },   { 0x1f8, 16, report->version < VERSION_WITH_MITIGATION },
        { 0x208, 152, true }, { 0x330, 368, true },
    };
    const unsigned char *const tcbs[] = { report->current_tcb, report->reported_tcb, report->committed_tcb,
                                          report->launch_tcb };
    uint64_t policy = report->policy & ~known_bits(azattest__snp_policy_bits, 0x2ffff);
    uint64_t platform = report->platform_info & ~known_bits(azattest__snp_platform_bits, 0);

    if (policy != 0)
        tell(text, "guest policy bits", policy);
    if ((report->policy & AZATTEST__SNP_POLICY_RESERVED_ONE) == 0)
        tell(text, "guest policy without its bit that is reserved as set,", AZATTEST__SNP_POLICY_RESERVED_ONE);
    if (platform != 0)
        tell(text, "platform information bits", platform);
    if (report->key_info >> 5 != 0)
        tell(text, "key information bits", report->key_info & ~UINT64_C(0x1f));
    for (size_t i = 0; i < sizeof(tcbs) / sizeof(tcbs[0]); i++)
        if (!is_zero(azattest__snp_report_tcb(report, signer, tcbs[i]).reserved, 4))
            tell(text, "reserved parts of the TCB version at offset", (uint64_t)(tcbs[i] - report->body));
    for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        if (regions[i].reserved && !is_zero(report->body + regions[i].offset, regions[i].size))
            tell(text, "reserved bytes at offset", regions[i].offset);
}
