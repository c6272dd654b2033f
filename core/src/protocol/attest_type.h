/* Names of attestation types in paths. */
#ifndef AZATTEST_PROTOCOL_ATTEST_TYPE_H
#define AZATTEST_PROTOCOL_ATTEST_TYPE_H

/* The service's own spelling of a type that is known, whatever its case; any other text unchanged. */
const char *azattest__attestation_type(const char *type);

#endif
