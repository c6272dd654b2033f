/* Intel's root of trust: one key, which Intel issued two certificates for. */
#ifndef AZATTEST_EVIDENCE_INTEL_ROOT_H
#define AZATTEST_EVIDENCE_INTEL_ROOT_H

#include "../../crypto/crypto.h"

/* The SubjectPublicKeyInfo is that of Intel's SGX root CA. */
bool azattest__intel_root_is_key(azattest_bytes spki);
/* The certificate is one of Intel's two, byte for byte: nothing in it needs to be verified. */
azattest_status azattest__intel_root_is_known(azattest_bytes der, bool *is_known, azattest_error **error);

#endif
