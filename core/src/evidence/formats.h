/* How evidence is wrapped, and what other kinds look like. Between the files of this folder. */
#ifndef AZATTEST_EVIDENCE_FORMATS_H
#define AZATTEST_EVIDENCE_FORMATS_H

#include "../json/json.h"
#include "evidence.h"

/* Version 1: Open Enclave's header of a report, 16 bytes. Version 3: its header of evidence, 32 bytes. */
#define AZATTEST__OE_REPORT_HEADER_SIZE 16u
#define AZATTEST__OE_EVIDENCE_HEADER_SIZE 32u

/* The reader of a kind takes apart what its first bytes promise; it sets the parts of `evidence`, pointing into the
 * bytes. The table of kinds is in kinds.c. */
azattest_status azattest__intel_evidence_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error);
azattest_status azattest__open_enclave_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error);
azattest_status azattest__attested_certificate_read(azattest_evidence *evidence, azattest_bytes raw,
                                                    azattest_error **error);
/* Of any kind; sets evidence->kind. */
azattest_status azattest__evidence_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error);

/* The bytes begin as one of Open Enclave's headers does. */
bool azattest__open_enclave_looks_like(azattest_bytes raw);
/* Version, and one more sign (key type or vendor): many things begin with a 3. What else is wrong, the parser says. */
bool azattest__intel_quote_looks_like(azattest_bytes raw);
bool azattest__intel_has_vendor(azattest_bytes raw);

/* AZATTEST_E_UNSUPPORTED with its name when the bytes are a kind of evidence, or something else from around it, that
 * is known and not verified here. AZATTEST_OK when they are nothing known. */
azattest_status azattest__other_kind_binary(azattest_bytes raw, azattest_error **error);
azattest_status azattest__other_kind_text(azattest_bytes text, azattest_error **error);
azattest_status azattest__other_kind_json(const azattest__json *document, azattest_error **error);

/* Takes raw bytes (copied) apart; `form` is a literal. */
azattest_status azattest__evidence_new(azattest_bytes raw, const char *form, azattest_evidence **out,
                                       azattest_error **error);
/* With the raw bytes (copied) alone: for a reader that sets the parts itself, from what the bytes hold. */
azattest_status azattest__evidence_alloc(azattest_bytes raw, const char *form, azattest_evidence **out,
                                         azattest_error **error);
/* Every field as JSON; each maker's part adds its own members. */
azattest_status azattest__evidence_make_fields(const azattest_evidence *evidence, azattest__buf *out,
                                               azattest_error **error);
azattest_status azattest__intel_fields(const azattest_evidence *evidence, azattest__json *fields,
                                       azattest_error **error);
/* Seconds since 1970 UTC, as RFC 3339. */
void azattest__fields_put_time(azattest__json *json, const char *name, int64_t seconds);
azattest__json *azattest__sgx_report_json(const azattest__sgx_report *report);
azattest_status azattest__attested_certificate_fields(const azattest_evidence *evidence, azattest__json *fields,
                                                      azattest_error **error);
void azattest__open_enclave_fields(const azattest_evidence *evidence, azattest__json *fields);

#endif
