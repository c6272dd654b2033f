/* Offsets in headers and reports of Intel, for the files that make them. */
#ifndef AZATTEST_SIMULATOR_QUOTE_H
#define AZATTEST_SIMULATOR_QUOTE_H

enum {
    /* in the header of a quote */
    AT_QE_SVN = 8,
    AT_PCE_SVN = 10,
    AT_USER_DATA = 28,
    /* in an enclave's report */
    AT_CPU_SVN = 0,
    AT_MISC_SELECT = 16,
    AT_EXTENDED_PRODUCT_ID = 32,
    AT_FLAGS = 48,
    AT_XFRM = 56,
    AT_MR_ENCLAVE = 64,
    AT_MR_SIGNER = 128,
    AT_CONFIG_ID = 192,
    AT_PRODUCT_ID = 256,
    AT_SVN = 258,
    AT_CONFIG_SVN = 260,
    AT_FAMILY_ID = 304,
    AT_REPORT_DATA = 320,
    /* in a TD report */
    AT_TD_TCB_SVN = 0,
    AT_TD_SEAM = 16,
    AT_TD_SEAM_SIGNER = 64,
    AT_TD_SEAM_ATTRIBUTES = 112,
    AT_TD_ATTRIBUTES = 120,
    AT_TD_XFAM = 128,
    AT_TD_MEASUREMENT = 136,
    AT_TD_CONFIG_ID = 184,
    AT_TD_OWNER = 232,
    AT_TD_OWNER_CONFIG = 280,
    AT_TD_RTMR = 328,
    AT_TD_REPORT_DATA = 520,
    AT_TD_TCB_SVN2 = 584,
    AT_TD_SERVICE = 600
};

/* The quoting enclaves, for their reports and their identities. */
#define QE_SVN 10u
#define TD_QE_SVN 4u
#define QE_PRODUCT 1u
#define TD_QE_PRODUCT 2u
#define QE_SIGNER_TEXT "azattest simulated quoting enclave signer"
#define TD_QE_SIGNER_TEXT "azattest simulated TD quoting enclave signer"

#endif
