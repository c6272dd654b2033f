/* Real evidence of virtual machines: what is read at plain offsets is what an independent reader found there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "evidence.h"
#include "evidence/evidence.h"
#include "json/json.h"
#include "protocol/snp_document.h"

static azattest__json *facts;

static int read_facts(void **state)
{
    size_t len;
    unsigned char *text;

    (void)state;
    if (evidence_folder() == NULL)
        return 0;
    text = evidence_read("facts.json", &len);
    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &facts, NULL), AZATTEST_OK);
    free(text);
    return 0;
}

static int forget_facts(void **state)
{
    (void)state;
    azattest__json_free(facts);
    return 0;
}

static void is_hex(const azattest__json *object, const char *name, azattest_bytes seen)
{
    azattest__buf hex;

    if (azattest__json_get_string(object, name) == NULL)
        fail_msg("no fact \"%s\"", name);
    azattest__buf_init(&hex, 1024);
    azattest__hex_encode(seen, &hex);
    assert_string_equal((const char *)hex.ptr, azattest__json_get_string(object, name));
    azattest__buf_free(&hex);
}

static void tdx_quotes(void **state)
{
    size_t count = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *one = azattest__json_first(facts); one != NULL; one = azattest__json_next(one)) {
        const azattest__json *body = azattest__json_get(one, "body");
        const char *name = azattest__json_name(one);
        azattest_evidence read;
        azattest_bytes quote;
        unsigned char *file;
        bool debug = false;
        size_t len;

        if (strncmp(name, "tdx/", 4) != 0 || body == NULL)
            continue;
        file = evidence_read(name, &len);
        quote = azattest__bytes(file, len);
        assert_string_equal(azattest__evidence_sniff(quote), "tdx_quote");
        assert_int_equal(azattest__evidence_outline(quote, &read, NULL), AZATTEST_OK);
        is_hex(body, "mrtd", azattest_evidence_mr_td(&read));
        is_hex(body, "mrseam", azattest_evidence_mr_seam(&read));
        is_hex(body, "mrsignerseam", azattest_evidence_mr_signer_seam(&read));
        is_hex(body, "mrconfigid", azattest_evidence_mr_config_id(&read));
        is_hex(body, "mrowner", azattest_evidence_mr_owner(&read));
        is_hex(body, "report_data", azattest_evidence_report_data(&read));
        assert_true(azattest__json_bool(azattest__json_get(body, "debug"), &debug));
        assert_int_equal(azattest_evidence_is_debuggable(&read), debug);
        free(file);
        count++;
    }
    assert_true(count >= 8);
}

static void snp_reports(void **state)
{
    size_t count = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *one = azattest__json_first(facts); one != NULL; one = azattest__json_next(one)) {
        const char *name = azattest__json_name(one);
        azattest__snp_report read;
        azattest_bytes report;
        unsigned char *file;
        int64_t number = 0;
        bool debug = false;
        size_t len;

        if (strncmp(name, "snp/", 4) != 0 || azattest__json_get(one, "measurement") == NULL)
            continue;
        file = evidence_read(name, &len);
        report = azattest__bytes(file, len);
        assert_string_equal(azattest__evidence_sniff(report), "snp_report");
        assert_int_equal(azattest__snp_report_parse(report, &read, NULL), AZATTEST_OK);
        is_hex(one, "measurement", azattest__bytes(read.measurement, 48));
        is_hex(one, "host_data", azattest__bytes(read.host_data, 32));
        is_hex(one, "report_data", azattest__bytes(read.report_data, 64));
        is_hex(one, "id_key_digest", azattest__bytes(read.id_key_digest, 48));
        assert_true(azattest__json_integer(azattest__json_get(one, "guest_svn"), &number));
        assert_int_equal(read.guest_svn, number);
        assert_true(azattest__json_integer(azattest__json_get(one, "vmpl"), &number));
        assert_int_equal(read.vmpl, number);
        assert_true(azattest__json_bool(azattest__json_get(one, "debug_allowed"), &debug));
        assert_int_equal((read.policy & AZATTEST__SNP_POLICY_DEBUG) != 0, debug);
        free(file);
        count++;
    }
    assert_true(count >= 6);
}

/* A report with the chain that a container group has beside it. */
static void a_document_of_real_parts(void **state)
{
    size_t report_len, chain_len;
    unsigned char *report, *chain;
    azattest__snp_document document;
    azattest_error *error = NULL;

    (void)state;
    EVIDENCE_OR_SKIP();
    report = evidence_read("snp/azure-aci-20250617.report.bin", &report_len);
    chain = evidence_read("snp/azure-aci-20250617.chain.pem", &chain_len);
    azattest__snp_document_init(&document);
    if (azattest__snp_document_make("test", azattest__bytes(report, report_len), azattest__bytes(chain, chain_len),
                                    azattest__bytes(NULL, 0), &document, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    assert_int_equal(document.report.len, report_len);
    azattest__snp_document_clear(&document);
    free(report);
    free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tdx_quotes),
        cmocka_unit_test(snp_reports),
        cmocka_unit_test(a_document_of_real_parts),
    };

    return cmocka_run_group_tests_name("vm_real", tests, read_facts, forget_facts);
}
