/* How evidence is wrapped, and what other kinds look like. Between the files of this folder. */
#ifndef AZATTEST_EVIDENCE_FORMATS_H
#define AZATTEST_EVIDENCE_FORMATS_H

#include "../json/json.h"
#include "evidence.h"

/* Version 1: Open Enclave's header of a report, 16 bytes. Version 3: its header of evidence, 32 bytes. */
#define AZATTEST__OE_REPORT_HEADER_SIZE 16u
#define AZATTEST__OE_EVIDENCE_HEADER_SIZE 32u
#define AZATTEST__OE_TYPE_REMOTE 2u

/* The bytes begin as one of Open Enclave's headers does. */
bool azattest__open_enclave_looks_like(azattest_bytes raw);
/* Takes the header off evidence->raw; gives what holds the quote (and what is behind it) in *inner. */
azattest_status azattest__open_enclave_unwrap(azattest_evidence *evidence, azattest_bytes *inner,
                                              azattest_error **error);

/* AZATTEST_E_UNSUPPORTED with its name when the bytes are a kind of evidence, or something else from around it, that
 * is known and not verified here. AZATTEST_OK when they are nothing known. */
azattest_status azattest__other_kind_binary(azattest_bytes raw, azattest_error **error);
azattest_status azattest__other_kind_text(azattest_bytes text, azattest_error **error);
azattest_status azattest__other_kind_json(const azattest__json *document, azattest_error **error);

/* Takes raw bytes (copied) apart; `form` is a literal. */
azattest_status azattest__evidence_new(azattest_bytes raw, const char *form, azattest_evidence **out,
                                       azattest_error **error);
/* Makes evidence->fields. */
azattest_status azattest__evidence_make_fields(azattest_evidence *evidence, azattest_error **error);

#endif
