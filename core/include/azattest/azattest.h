/**
 * azattest: Microsoft Azure Attestation for people who do not want to trust it blindly. This umbrella header is all of
 * `libazattest_core`, which does no I/O; azattest/transport.h is what `libazattest` adds.
 *
 * Rules that hold everywhere: a NULL handle or argument gives AZATTEST_E_ARGUMENT (or NULL, 0, absent) and never
 * crashes; inputs are borrowed for the call; results own their memory; every `_free` accepts NULL. What allocates may
 * give AZATTEST_E_MEMORY, and what hashes or signs AZATTEST_E_CRYPTO, when OpenSSL fails; they are not listed each
 * time.
 */
#ifndef AZATTEST_H
#define AZATTEST_H

#include "admin.h"
#include "appraisal.h"
#include "bytes.h"
#include "claim_set.h"
#include "client.h"
#include "collateral.h"
#include "collateral_client.h"
#include "credential.h"
#include "data.h"
#include "defaults.h"
#include "error.h"
#include "evidence.h"
#include "export.h"
#include "limits.h"
#include "log.h"
#include "op.h"
#include "policy.h"
#include "policy_difference.h"
#include "policy_evaluation.h"
#include "policy_language.h"
#include "policy_report.h"
#include "result.h"
#include "secret.h"
#include "service.h"
#include "signer.h"
#include "signing_key.h"
#include "status.h"
#include "token.h"

#endif
