/* Every field of parsed evidence as one JSON object: what the command shows and the bindings hand out. */
#include "../base/clock.h"
#include "amd/part.h"
#include "azure/guest.h"
#include "formats.h"

void azattest__fields_put_time(azattest__json *json, const char *name, int64_t seconds)
{
    char text[AZATTEST__TIME_TEXT];

    azattest__time_format(seconds, text);
    azattest__json_put_string(json, name, text);
}

azattest_status azattest__evidence_make_fields(const azattest_evidence *evidence, azattest__buf *out,
                                               azattest_error **error)
{
    azattest__json *fields = azattest__json_new_object();
    azattest_status status = AZATTEST_OK;

    if (evidence->certificate.der.ptr != NULL)
        status = azattest__attested_certificate_fields(evidence, fields, error);
    azattest__open_enclave_fields(evidence, fields);
    if (status == AZATTEST_OK && evidence->intel.version != 0)
        status = azattest__intel_fields(evidence, fields, error);
    if (evidence->snp.version != 0)
        azattest__json_put(fields, "snp", azattest__snp_report_json(&evidence->snp));
    if (status == AZATTEST_OK && evidence->guest != NULL)
        status = azattest__guest_fields(evidence, fields, error);
    azattest__json_put_integer(fields, "trailing_bytes", (int64_t)evidence->trailing.len);
    if (status == AZATTEST_OK)
        status = azattest__json_print(fields, false, out, error);
    azattest__json_free(fields);
    return status;
}
