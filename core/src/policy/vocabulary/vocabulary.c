#include "vocabulary.h"

#include <stdio.h>
#include <string.h>

#include "../../base/buf.h"
#include "../../base/nearest.h"
#include "known.h"

#define SGX AZATTEST__TYPE_SGX
#define SNP AZATTEST__TYPE_SNP
#define TDX AZATTEST__TYPE_TDX
#define GUEST AZATTEST__TYPE_GUEST
#define TPM AZATTEST__TYPE_TPM
#define ANY AZATTEST__ANY_TYPE

#define STRING AZATTEST__KIND_STRING
#define INTEGER AZATTEST__KIND_INTEGER
#define BOOLEAN AZATTEST__KIND_BOOLEAN
#define JSON AZATTEST__KIND_JSON

#define IN AZATTEST__CLAIM_INCOMING
#define OUT AZATTEST__CLAIM_EMITTED
#define BOTH (IN | OUT)
#define RESERVED AZATTEST__CLAIM_RESERVED
#define LATE AZATTEST__CLAIM_FROM_12
#define DEBUG_IF AZATTEST__CLAIM_DEBUG_IF
#define DEBUG_UNLESS AZATTEST__CLAIM_DEBUG_UNLESS

static const azattest__known_claim claims[] = {
    /* 3.1: tokens of all types. What of it policies see is a choice, but for x-ms-attestation-type. */
    { "iss", ANY, STRING, 0, OUT | RESERVED, NULL, NULL },
    { "iat", ANY, INTEGER, 0, OUT | RESERVED, NULL, NULL },
    { "exp", ANY, INTEGER, 0, OUT | RESERVED, NULL, NULL },
    { "nbf", ANY, INTEGER, 0, OUT | RESERVED, NULL, NULL },
    { "jti", ANY, STRING, 64, OUT | RESERVED, NULL, NULL },
    { "nonce", ANY, STRING, 0, OUT | RESERVED, NULL, NULL },
    { "cnf", ANY, JSON, 0, OUT | RESERVED, NULL, NULL },
    { "rp_data", ANY, STRING, 0, OUT | RESERVED, "nonce", NULL },
    { "ver", ANY, STRING, 0, OUT | RESERVED, "x-ms-ver", NULL },
    { "x-ms-ver", ANY, STRING, 0, BOTH | RESERVED, NULL, NULL },
    { "x-ms-attestation-type", ANY, STRING, 0, BOTH | RESERVED, NULL, " sgx tpm vbs sevsnpvm tdxvm azurevm " },
    { "x-ms-policy-hash", ANY, STRING, 0, BOTH | RESERVED, NULL, NULL },
    { "x-ms-policy-signer", ANY, JSON, 0, BOTH | RESERVED, NULL, NULL },
    { "x-ms-runtime", ANY, JSON, 0, BOTH | RESERVED, NULL, NULL },
    { "x-ms-inittime", ANY, JSON, 0, BOTH | RESERVED, NULL, NULL },
    { "x-ms-policy", ANY, JSON, 0, OUT | RESERVED, NULL, NULL },
    { "policy_hash", ANY, STRING, 0, AZATTEST__CLAIM_DISCOURAGED, "x-ms-policy-hash", NULL },
    { "maa-policyHash", ANY, STRING, 0, AZATTEST__CLAIM_DISCOURAGED, "x-ms-policy-hash", NULL },
    { "policy_signer", ANY, JSON, 0, AZATTEST__CLAIM_DISCOURAGED, "x-ms-policy-signer", NULL },
    /* the default policy of SGX issues it */
    { "tee", SNP | TDX | GUEST | TPM, STRING, 0, AZATTEST__CLAIM_DISCOURAGED, "x-ms-attestation-type", NULL },

    /* 3.2: SGX and Open Enclave */
    { "x-ms-sgx-is-debuggable", SGX, BOOLEAN, 0, BOTH | DEBUG_IF, NULL, NULL },
    { "x-ms-sgx-product-id", SGX, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sgx-svn", SGX, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sgx-mrsigner", SGX, STRING, 64, BOTH, NULL, NULL },
    { "x-ms-sgx-mrenclave", SGX, STRING, 64, BOTH, NULL, NULL },
    { "x-ms-sgx-report-data", SGX, STRING, 128, BOTH, NULL, NULL },
    { "x-ms-sgx-ehd", SGX, STRING, 0, BOTH, NULL, NULL },
    { "x-ms-sgx-collateral", SGX, JSON, 0, BOTH, NULL, NULL },
    { "x-ms-sgx-config-id", SGX, STRING, 128, BOTH, NULL, NULL },
    { "x-ms-sgx-config-svn", SGX, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sgx-isv-extended-product-id", SGX, STRING, 32, BOTH, NULL, NULL },
    { "x-ms-sgx-isv-family-id", SGX, STRING, 32, BOTH, NULL, NULL },
    { "x-ms-sgx-tcbidentifier", SGX, STRING, 0, OUT, NULL, NULL }, /* in tokens of real instances */
    { "$is-debuggable", SGX, BOOLEAN, 0, IN | DEBUG_IF, "x-ms-sgx-is-debuggable", NULL },
    { "$product-id", SGX, INTEGER, 0, IN, "x-ms-sgx-product-id", NULL },
    { "$svn", SGX, INTEGER, 0, IN, "x-ms-sgx-svn", NULL },
    { "$sgx-mrsigner", SGX, STRING, 64, IN, "x-ms-sgx-mrsigner", NULL },
    { "$sgx-mrenclave", SGX, STRING, 64, IN, "x-ms-sgx-mrenclave", NULL },
    { "$tee", SGX, STRING, 0, IN, "x-ms-attestation-type", " sgx tpm vbs sevsnpvm tdxvm azurevm " },
    { "aas-ehd", SGX, STRING, 0, BOTH, "x-ms-sgx-ehd", NULL },
    { "maa-ehd", SGX, STRING, 0, BOTH, "x-ms-sgx-ehd", NULL },
    { "maa-attestationcollateral", SGX, JSON, 0, BOTH, "x-ms-sgx-collateral", NULL },

    /* 3.3: SEV-SNP */
    { "x-ms-sevsnpvm-authorkeydigest", SNP, STRING, 96, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-idkeydigest", SNP, STRING, 96, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-launchmeasurement", SNP, STRING, 96, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-reportdata", SNP, STRING, 128, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-hostdata", SNP, STRING, 64, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-reportid", SNP, STRING, 64, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-familyId", SNP, STRING, 32, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-imageId", SNP, STRING, 32, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-bootloader-svn", SNP, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-tee-svn", SNP, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-snpfw-svn", SNP, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-microcode-svn", SNP, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-guestsvn", SNP, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-vmpl", SNP, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-is-debuggable", SNP, BOOLEAN, 0, BOTH | DEBUG_IF, NULL, NULL },
    { "x-ms-sevsnpvm-migration-allowed", SNP, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-sevsnpvm-smt-allowed", SNP, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-compliance-status", SNP | TDX, STRING, 0, BOTH, NULL, " azure-compliant-cvm azure-compliant-uvm " },

    /* 3.4: TDX */
    { "tdx_mrseam", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_mrsignerseam", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_mrtd", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_rtmr0", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_rtmr1", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_rtmr2", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_rtmr3", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_mrconfigid", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_mrowner", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_mrownerconfig", TDX, STRING, 96, BOTH, NULL, NULL },
    { "tdx_report_data", TDX, STRING, 128, BOTH, NULL, NULL },
    { "tdx_seam_attributes", TDX, STRING, 16, BOTH, NULL, NULL },
    { "tdx_td_attributes", TDX, STRING, 16, BOTH, NULL, NULL },
    { "tdx_xfam", TDX, STRING, 16, BOTH, NULL, NULL },
    { "tdx_tee_tcb_svn", TDX, STRING, 32, BOTH, NULL, NULL },
    { "tdx_seamsvn", TDX, INTEGER, 0, BOTH, NULL, NULL },
    { "tdx_td_attributes_debug", TDX, BOOLEAN, 0, BOTH | DEBUG_IF, NULL, NULL },
    { "tdx_td_attributes_key_locker", TDX, BOOLEAN, 0, BOTH, NULL, NULL },
    { "tdx_td_attributes_perfmon", TDX, BOOLEAN, 0, BOTH, NULL, NULL },
    { "tdx_td_attributes_protection_keys", TDX, BOOLEAN, 0, BOTH, NULL, NULL },
    { "tdx_td_attributes_septve_disable", TDX, BOOLEAN, 0, BOTH, NULL, NULL },
    { "attester_tcb_status", TDX, STRING, 0, BOTH, NULL, NULL },
    { "dbgstat", TDX, STRING, 0, BOTH, NULL, NULL },
    { "intuse", TDX, STRING, 0, BOTH, NULL, NULL },
    { "eat_profile", TDX, STRING, 0, BOTH, NULL, NULL },

    /* 3.5: guests of Azure */
    { "secureboot", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-default-securebootkeysvalidated", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-debuggersdisabled", GUEST, BOOLEAN, 0, BOTH | DEBUG_UNLESS, NULL, NULL },
    { "x-ms-azurevm-signingdisabled", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-dbvalidated", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-dbxvalidated", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-bootdebug-enabled", GUEST, BOOLEAN, 0, BOTH | DEBUG_IF, NULL, NULL },
    { "x-ms-azurevm-kerneldebug-enabled", GUEST, BOOLEAN, 0, BOTH | DEBUG_IF, NULL, NULL },
    { "x-ms-azurevm-hypervisordebug-enabled", GUEST, BOOLEAN, 0, BOTH | DEBUG_IF, NULL, NULL },
    { "x-ms-azurevm-testsigning-enabled", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-flightsigning-enabled", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-elam-enabled", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-is-windows", GUEST, BOOLEAN, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-hvci-policy", GUEST, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-osversion-major", GUEST, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-osversion-minor", GUEST, INTEGER, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-attestation-protocol-ver", GUEST, STRING, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-osbuild", GUEST, STRING, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-osdistro", GUEST, STRING, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-ostype", GUEST, STRING, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-vmid", GUEST, STRING, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-os-provisioning", GUEST, STRING, 0, BOTH, NULL, NULL },
    { "x-ms-azurevm-attested-pcrs", GUEST, INTEGER, 0, BOTH | AZATTEST__CLAIM_MULTIPLE, NULL, NULL },
    { "x-ms-azurevm-attested-pcr-values", GUEST, JSON, 0, BOTH, NULL, NULL },
    { "x-ms-isolation-tee", GUEST, JSON, 0, BOTH, NULL, NULL },

    /* 3.6: TPM and VBS. The policy issues what the token shall have. */
    { "aikValidated", TPM, BOOLEAN, 0, IN, NULL, NULL },
    { "secureBootEnabled", TPM, BOOLEAN, 0, IN, NULL, NULL },
    { "iommuEnabled", TPM, BOOLEAN, 0, IN, NULL, NULL },
    { "bootDebuggingDisabled", TPM, BOOLEAN, 0, IN | DEBUG_UNLESS, NULL, NULL },
    { "notSafeMode", TPM, BOOLEAN, 0, IN, NULL, NULL },
    { "notWinPE", TPM, BOOLEAN, 0, IN, NULL, NULL },
    { "vbsEnabled", TPM, BOOLEAN, 0, IN, NULL, NULL },
    { "vbsReportPresent", TPM, BOOLEAN, 0, IN, NULL, NULL },
    { "vsmReportPresent", TPM, BOOLEAN, 0, IN, "vbsReportPresent", NULL }, /* one published policy writes it */
    { "aikPubHash", TPM, STRING, 0, IN, NULL, NULL },
    { "tpmVersion", TPM, INTEGER, 0, IN, NULL, NULL },
    { "enclaveAuthorId", TPM, STRING, 0, IN, NULL, NULL },
    { "enclaveImageId", TPM, STRING, 0, IN, NULL, NULL },
    { "enclaveOwnerId", TPM, STRING, 0, IN, NULL, NULL },
    { "enclaveFamilyId", TPM, STRING, 0, IN, NULL, NULL },
    { "enclaveSvn", TPM, INTEGER, 0, IN, NULL, NULL },
    { "enclavePlatformSvn", TPM, INTEGER, 0, IN, NULL, NULL },
    { "enclaveFlags", TPM, INTEGER, 0, IN, NULL, NULL },
    { "events", TPM, JSON, 0, IN | LATE, NULL, NULL },
    { "bootEvents", TPM, JSON, 0, IN | LATE, NULL, NULL },
    { "pcrs", TPM, JSON, 0, IN | LATE | AZATTEST__CLAIM_READ_ONLY, NULL, NULL },
    { "x-ms-tpm-request-key", TPM, JSON, 0, IN | LATE, NULL, NULL },
    { "x-ms-tpm-other-keys", TPM, JSON, 0, IN | LATE, NULL, NULL },
};

/* Names that stand in print and do not exist, where the nearest name would be another claim's. */
static const struct misnomer {
    const char *name, *meant;
} misnomers[] = {
    { "x-ms-sgx-tee", "x-ms-attestation-type" },
    { "x-ms-tee-is-debuggable", "x-ms-sgx-is-debuggable" },
    { "is-debuggable", "x-ms-sgx-is-debuggable" },
    { "product-id", "x-ms-sgx-product-id" },
    { "svn", "x-ms-sgx-svn" },
    { "sgx-mrsigner", "x-ms-sgx-mrsigner" },
    { "sgx-mrenclave", "x-ms-sgx-mrenclave" },
    { "tee", "x-ms-attestation-type" },
};

static const azattest__known_property properties[] = {
    { "require_valid_aik_cert", TPM, BOOLEAN, true, 0, 0 },
    { "required_pcr_mask", TPM, INTEGER, true, 0, 0xFFFFFF },
    { "x-ms-sgx-tcbidentifier", SGX, STRING, true, 0, 0 },
    { "report_validity_in_minutes", TPM, INTEGER, false, 1, 366 * 24 * 60 }, /* at most one year */
    { "omit_x5c", TPM, BOOLEAN, false, 0, 0 },
};

/* In the service's spelling. */
static const struct type_name {
    const char *name;
    unsigned type;
} type_names[] = {
    { "SgxEnclave", SGX }, { "OpenEnclave", SGX },  { "SevSnpVm", SNP },
    { "TdxVm", TDX },      { "AzureGuest", GUEST }, { "Tpm", TPM },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

unsigned azattest__vocabulary_types(const char *attestation_type)
{
    const char *type = azattest__policy_type(attestation_type);

    if (attestation_type == NULL || attestation_type[0] == '\0')
        return ANY;
    for (size_t i = 0; type != NULL && i < COUNT(type_names); i++)
        if (strcmp(type, type_names[i].name) == 0)
            return type_names[i].type;
    return 0;
}

const char *azattest__vocabulary_type_nearest(const char *attestation_type)
{
    const char *best = NULL;
    size_t distance = SIZE_MAX;

    for (size_t i = 0; i < COUNT(type_names); i++)
        azattest__nearer(attestation_type, type_names[i].name, &best, &distance);
    return best;
}

const char *azattest__vocabulary_types_text(unsigned types, char text[AZATTEST__TYPES_TEXT])
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < COUNT(type_names) && used < AZATTEST__TYPES_TEXT; i++)
        if ((types & type_names[i].type) != 0) {
            used += (size_t)snprintf(text + used, AZATTEST__TYPES_TEXT - used, "%s%s", used == 0 ? "" : " or ",
                                     type_names[i].name);
            types &= ~type_names[i].type;
        }
    return text;
}

const azattest__known_claim *azattest__known_claim_at(size_t index)
{
    return index < COUNT(claims) ? &claims[index] : NULL;
}

const azattest__known_claim *azattest__known_claim_find(const char *name, unsigned types)
{
    for (size_t i = 0; i < COUNT(claims); i++)
        if ((claims[i].types & types) != 0 && strcmp(claims[i].name, name) == 0)
            return &claims[i];
    return NULL;
}

bool azattest__known_claim_is_reserved(const char *name, unsigned type)
{
    const azattest__known_claim *claim = azattest__known_claim_find(name, type);

    return claim != NULL && (claim->flags & (RESERVED | OUT)) != 0;
}

const char *azattest__known_claim_nearest(const char *name, unsigned types)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;

    name += strspn(name, " \t");
    for (size_t i = 0; i < COUNT(misnomers); i++)
        if (strcmp(misnomers[i].name, name) == 0 && azattest__known_claim_find(misnomers[i].meant, types) != NULL)
            return misnomers[i].meant;
    for (size_t i = 0; i < COUNT(claims); i++)
        if ((claims[i].types & types) != 0 && (claims[i].flags & IN) != 0 && claims[i].successor == NULL) {
            if (azattest__text_equal_nocase(name, claims[i].name))
                return claims[i].name;
            azattest__nearer(name, claims[i].name, &best, &best_distance);
        }
    return best;
}

const char *azattest__claim_kind_text(azattest__claim_kind kind)
{
    static const char *const texts[] = { "a string", "an integer", "a boolean", "a string of JSON" };

    return texts[kind];
}

const azattest__known_property *azattest__known_property_find(const char *name)
{
    for (size_t i = 0; i < COUNT(properties); i++)
        if (strcmp(properties[i].name, name) == 0)
            return &properties[i];
    return NULL;
}

const char *azattest__known_property_nearest(const char *name)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;

    for (size_t i = 0; i < COUNT(properties); i++)
        azattest__nearer(name, properties[i].name, &best, &best_distance);
    return best;
}
