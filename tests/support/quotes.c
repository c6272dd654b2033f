#include "quotes.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char folder[] = "/tmp/azattest-quotes-XXXXXX";
static azattest_simulator *simulator;

azattest_simulator *quotes_simulator(void)
{
    if (simulator == NULL) {
        assert_non_null(mkdtemp(folder));
        assert_int_equal(azattest_simulator_open(folder, &simulator, NULL), AZATTEST_OK);
    }
    return simulator;
}

const char *quotes_folder(void)
{
    (void)quotes_simulator();
    return folder;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

void quotes_close(void)
{
    if (simulator == NULL)
        return;
    azattest_simulator_free(simulator);
    simulator = NULL;
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

azattest__quote_parts quotes_parts(void)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest__quote_parts parts;

    enclave.product_id = 7;
    enclave.svn = 11;
    enclave.runtime_data = azattest__text(QUOTES_RUNTIME_DATA);
    assert_int_equal(azattest__quote_plan(quotes_simulator(), &enclave, &parts, NULL), AZATTEST_OK);
    return parts;
}

azattest__buf quotes_assemble(const azattest__quote_parts *parts)
{
    azattest__buf quote;

    azattest__buf_init(&quote, 256 * 1024);
    assert_int_equal(azattest__quote_assemble(parts, &quote, NULL), AZATTEST_OK);
    return quote;
}

azattest__buf quotes_quote(void)
{
    azattest__quote_parts parts = quotes_parts();

    return quotes_assemble(&parts);
}

azattest__buf quotes_report(void)
{
    azattest__buf quote = quotes_quote(), report;
    unsigned char header[16] = { 1, 0, 0, 0, 2, 0, 0, 0 };

    header[8] = (unsigned char)quote.len;
    header[9] = (unsigned char)(quote.len >> 8);
    azattest__buf_init(&report, 256 * 1024);
    azattest__buf_append(&report, header, sizeof(header));
    azattest__buf_append_bytes(&report, azattest__buf_bytes(&quote));
    azattest__buf_free(&quote);
    return report;
}

azattest_status quotes_parse(const void *bytes, size_t len, azattest_evidence **out, azattest_error **error)
{
    unsigned char *exact = malloc(len == 0 ? 1 : len);
    azattest_status status;

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    status = azattest_evidence_parse(azattest__bytes(exact, len), out, error);
    free(exact);
    return status;
}

void quotes_expect(azattest_status status, azattest_error **error, azattest_status expected, const char *message)
{
    if (status != expected || (message != NULL && strstr(azattest_error_message(*error), message) == NULL))
        fail_msg("%s (%s), expected %s with \"%s\"", azattest_status_name(status),
                 *error == NULL ? "" : azattest_error_message(*error), azattest_status_name(expected),
                 message == NULL ? "" : message);
    azattest_error_free(*error);
    *error = NULL;
}
