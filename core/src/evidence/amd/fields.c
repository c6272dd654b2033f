/* Every field of an SEV-SNP report as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "part.h"

static void put_number(azattest__json *json, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "0x%" PRIx64, value);
    azattest__json_put_string(json, name, text);
}

static void put_bits(azattest__json *json, const char *name, const azattest__snp_bit *bits, uint64_t value)
{
    azattest__json *list = azattest__json_new_array();

    for (; bits->name != NULL; bits++)
        if ((value >> bits->bit & 1) != 0)
            azattest__json_add_string(list, bits->name);
    azattest__json_put(json, name, list);
}

static void put_tcb(azattest__json *json, const char *name, const azattest__snp_report *report,
                    const unsigned char *eight)
{
    azattest__snp_tcb tcb = azattest__snp_report_tcb(report, AZATTEST__SNP_UNKNOWN, eight);
    azattest__json *parts = azattest__json_new_object();

    azattest__json_put_hex(parts, "bytes", azattest__bytes(eight, AZATTEST__SNP_TCB_SIZE));
    if (tcb.fmc >= 0)
        azattest__json_put_integer(parts, "fmc", tcb.fmc);
    azattest__json_put_integer(parts, "boot_loader", tcb.boot_loader);
    azattest__json_put_integer(parts, "tee", tcb.tee);
    azattest__json_put_integer(parts, "snp", tcb.snp);
    azattest__json_put_integer(parts, "microcode", tcb.microcode);
    azattest__json_put(json, name, parts);
}

static void put_build(azattest__json *json, const char *name, const unsigned char build[3])
{
    char text[16];

    snprintf(text, sizeof(text), "%u.%u.%u", build[0], build[1], build[2]);
    azattest__json_put_string(json, name, text);
}

static void put_cpuid(azattest__json *json, const azattest__snp_report *report)
{
    azattest__json *cpuid;

    if (report->cpuid_family < 0)
        return;
    cpuid = azattest__json_new_object();
    azattest__json_put_integer(cpuid, "family", report->cpuid_family);
    azattest__json_put_integer(cpuid, "model", report->cpuid_model);
    azattest__json_put_integer(cpuid, "stepping", report->cpuid_stepping);
    azattest__json_put(json, "cpuid", cpuid);
}

static void put_reserved(azattest__json *json, const azattest__snp_report *report)
{
    azattest__buf text;

    azattest__buf_init(&text, 1024);
    azattest__snp_report_unknown(report, AZATTEST__SNP_UNKNOWN, &text);
    if (text.len == 0)
        azattest__json_put_null(json, "reserved");
    else
        azattest__json_put_bytes_text(json, "reserved", azattest__buf_bytes(&text));
    azattest__buf_free(&text);
}

azattest__json *azattest__snp_report_json(const azattest__snp_report *report)
{
    azattest__json *json = azattest__json_new_object();

    azattest__json_put_integer(json, "version", report->version);
    azattest__json_put_string(json, "product", azattest__snp_product_name(report->product));
    azattest__json_put_integer(json, "guest_svn", report->guest_svn);
    put_number(json, "policy", report->policy);
    azattest__json_put_integer(json, "policy_abi_major", (int64_t)(report->policy >> 8 & 0xff));
    azattest__json_put_integer(json, "policy_abi_minor", (int64_t)(report->policy & 0xff));
    put_bits(json, "policy_bits", azattest__snp_policy_bits, report->policy);
    azattest__json_put_bool(json, "debug", (report->policy & AZATTEST__SNP_POLICY_DEBUG) != 0);
    azattest__json_put_hex(json, "family_id", azattest__bytes(report->family_id, 16));
    azattest__json_put_hex(json, "image_id", azattest__bytes(report->image_id, 16));
    azattest__json_put_integer(json, "vmpl", report->vmpl);
    azattest__json_put_integer(json, "signature_algorithm", report->signature_algorithm);
    put_tcb(json, "current_tcb", report, report->current_tcb);
    put_number(json, "platform_info", report->platform_info);
    put_bits(json, "platform_bits", azattest__snp_platform_bits, report->platform_info);
    put_number(json, "key_info", report->key_info);
    azattest__json_put_string(json, "signing_key", azattest__snp_signing_key_name(report->signing_key));
    azattest__json_put_bool(json, "author_key", report->has_author_key);
    azattest__json_put_bool(json, "chip_key_masked", report->is_chip_key_masked);
    azattest__json_put_hex(json, "report_data", azattest__bytes(report->report_data, 64));
    azattest__json_put_hex(json, "measurement", azattest__bytes(report->measurement, 48));
    azattest__json_put_hex(json, "host_data", azattest__bytes(report->host_data, 32));
    azattest__json_put_hex(json, "id_key_digest", azattest__bytes(report->id_key_digest, 48));
    azattest__json_put_hex(json, "author_key_digest", azattest__bytes(report->author_key_digest, 48));
    azattest__json_put_hex(json, "report_id", azattest__bytes(report->report_id, 32));
    azattest__json_put_hex(json, "report_id_migration_agent", azattest__bytes(report->report_id_ma, 32));
    put_tcb(json, "reported_tcb", report, report->reported_tcb);
    put_cpuid(json, report);
    azattest__json_put_hex(json, "chip_id", azattest__bytes(report->chip_id, AZATTEST__SNP_CHIP_ID_SIZE));
    put_tcb(json, "committed_tcb", report, report->committed_tcb);
    put_build(json, "current_build", report->current_build);
    put_build(json, "committed_build", report->committed_build);
    put_tcb(json, "launch_tcb", report, report->launch_tcb);
    if (report->version >= 5) {
        put_number(json, "launch_mitigation_vector", report->launch_mitigation);
        put_number(json, "current_mitigation_vector", report->current_mitigation);
    }
    azattest__json_put_hex(json, "signature_r", report->signature_r);
    azattest__json_put_hex(json, "signature_s", report->signature_s);
    put_reserved(json, report);
    return json;
}
