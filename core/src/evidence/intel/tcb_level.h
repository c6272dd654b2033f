/*
 * TCB levels of Intel: what matches, and how the statuses of platform, TDX module and quoting enclave become one.
 * Pure rules. Source: Intel SGX and TDX DCAP quote verification library, Verifiers/Checks (TcbLevelCheck,
 * TdxModuleCheck, TDRelaunchCheck) and EnclaveReportVerifier.
 */
#ifndef AZATTEST_EVIDENCE_INTEL_TCB_LEVEL_H
#define AZATTEST_EVIDENCE_INTEL_TCB_LEVEL_H

#include "../../error/error.h"

#define AZATTEST__TCB_COMPONENTS 16u

/* In no order of severity: there is none, see azattest__tcb_converge(). */
typedef enum azattest__tcb_status {
    AZATTEST__TCB_NOT_SUPPORTED = 0, /* no level matches */
    AZATTEST__TCB_UP_TO_DATE,
    AZATTEST__TCB_SW_HARDENING_NEEDED,
    AZATTEST__TCB_CONFIGURATION_NEEDED,
    AZATTEST__TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    AZATTEST__TCB_OUT_OF_DATE,
    AZATTEST__TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
    AZATTEST__TCB_REVOKED,
    AZATTEST__TCB_RELAUNCH_ADVISED, /* these two are found, never written in a document */
    AZATTEST__TCB_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
} azattest__tcb_status;

/* Intel's spelling; "NotSupported" for the first. */
const char *azattest__tcb_status_name(azattest__tcb_status status);
/* Of a document's level. NOT_SUPPORTED for any other text. */
azattest__tcb_status azattest__tcb_status_read(azattest_bytes text);

/* A level of a platform. Spans point into the document. */
typedef struct azattest__tcb_level {
    unsigned char sgx[AZATTEST__TCB_COMPONENTS], tdx[AZATTEST__TCB_COMPONENTS];
    int pcesvn;
    azattest__tcb_status status;
    int64_t date;              /* seconds since 1970 UTC */
    azattest_bytes advisories; /* JSON array of texts; absent: none */
} azattest__tcb_level;

/* A level of a TDX module or of an enclave. */
typedef struct azattest__isvsvn_level {
    int isvsvn;
    azattest__tcb_status status; /* UpToDate, OutOfDate or Revoked */
    int64_t date;
    azattest_bytes advisories;
} azattest__isvsvn_level;

/* Descending, so that the first match is the highest; of levels alike the worse one comes first. */
void azattest__tcb_levels_sort(azattest__tcb_level *levels, size_t count);
void azattest__isvsvn_levels_sort(azattest__isvsvn_level *levels, size_t count);

/* First level that the PCK certificate's components and PCESVN, and the TEE_TCB_SVN of a TD, reach. Without tee_tcb_svn
 * (NULL) the TDX components are not looked at. Its bytes 0 and 1 are not, when byte 1 (the module's major version) is
 * not 0: then the module has an identity of its own. NULL when none is reached. */
const azattest__tcb_level *azattest__tcb_level_match(const azattest__tcb_level *levels, size_t count,
                                                     const int components[AZATTEST__TCB_COMPONENTS], int pcesvn,
                                                     const unsigned char *tee_tcb_svn);
const azattest__isvsvn_level *azattest__isvsvn_level_match(const azattest__isvsvn_level *levels, size_t count,
                                                           int isvsvn);

/* A platform's status with that of a module or quoting enclave. */
azattest__tcb_status azattest__tcb_converge(azattest__tcb_status platform, azattest__tcb_status other);

/* Whether a TD that is out of date would not be, were it launched again: the module that is loaded by now (body of type
 * 3 only) is as new as the newest level. */
typedef struct azattest__tcb_relaunch {
    azattest__tcb_status sgx;          /* of the first level that matches without the TDX components */
    azattest__tcb_status merged;       /* of the TD's level, the module's merged */
    azattest__tcb_status module;       /* of the module's level */
    azattest__tcb_status qe;           /* of the quoting enclave's; UP_TO_DATE when it is not known */
    const unsigned char *tee_tcb_svn2; /* 16 bytes */
    const azattest__tcb_level *newest; /* the platform's highest level */
    int newest_module_isvsvn;          /* of the identity of tee_tcb_svn2[1]; looked at when that is not 0 */
} azattest__tcb_relaunch;
/* The two levels are worth comparing: everything but the module's out-of-dateness is in order. */
bool azattest__tcb_relaunch_applies(const azattest__tcb_relaunch *relaunch);
azattest__tcb_status azattest__tcb_relaunch_status(const azattest__tcb_relaunch *relaunch);

#endif
