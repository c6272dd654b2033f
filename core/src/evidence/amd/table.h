/* The table of certificates that the host puts behind an extended report. Source: AMD publication 56421 (GHCB), section
 * "SNP extended guest request". */
#ifndef AZATTEST_EVIDENCE_AMD_TABLE_H
#define AZATTEST_EVIDENCE_AMD_TABLE_H

#include "../../error/error.h"

/* Entries of real tables: VCEK or VLEK, ASK, ARK, and sometimes a CRL or a host's own. */
#define AZATTEST__AMD_TABLE_ENTRIES 16u

typedef enum azattest__amd_entry_kind {
    AZATTEST__AMD_ENTRY_OTHER = 0, /* of an identifier that is not known: left alone */
    AZATTEST__AMD_ENTRY_VCEK,
    AZATTEST__AMD_ENTRY_VLEK,
    AZATTEST__AMD_ENTRY_ASK,
    AZATTEST__AMD_ENTRY_ARK
} azattest__amd_entry_kind;

typedef struct azattest__amd_entry {
    azattest__amd_entry_kind kind;
    azattest_bytes content; /* DER or PEM */
} azattest__amd_entry;

typedef struct azattest__amd_table {
    azattest__amd_entry entries[AZATTEST__AMD_TABLE_ENTRIES];
    size_t count, size; /* entries; bytes up to the end of the last content */
} azattest__amd_table;

/* The first entry has one of the known identifiers. */
bool azattest__amd_table_looks_like(azattest_bytes bytes);
/* Entries with their identifier, offset and length, ended by one of zeros; each inside the bytes and behind the table.
 * AZATTEST_E_EVIDENCE says which is not. */
azattest_status azattest__amd_table_read(azattest_bytes bytes, azattest__amd_table *out, azattest_error **error);

#endif
