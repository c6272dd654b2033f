/*
 * The claims that a policy sees of a TPM's evidence, as far as the evidence shows them. Not established, and left out
 * until it is: what of an enclave's VBS report becomes which claim (vbsReportPresent, enclave...), the claims of the
 * request's keys and of its client, which are of the message around the evidence. The booleans follow the events that
 * published policies derive them from; one whose event is not in the log is not made, where a policy that needs it
 * holds nothing against anybody but its own missing claim. Sources: the articles on TPM policies, and the queries
 * there.
 */
#include "../../base/encoding.h"
#include "../azure/guest.h"
#include "claims.h"

/* Digests in lower-case hexadecimal: published policies compare such ones, and base64 in one case. */
#define TPM_VERSION 2 /* TPMS_ATTEST is of TPM 2.0 */

static const char *bank_name(uint16_t bank)
{
    return bank == AZATTEST__TPM_SHA1     ? "SHA1"
           : bank == AZATTEST__TPM_SHA256 ? "SHA256"
           : bank == AZATTEST__TPM_SHA384 ? "SHA384"
                                          : "SHA512";
}

/* Adds {"Index": n, "Digests": {"SHA256": ...}} when a bank has it. */
static void add_pcr(azattest__json *list, const azattest__tpm_proof *proof, unsigned index)
{
    azattest__json *digests = NULL, *pcr = NULL;

    for (size_t i = 0; i < proof->pcr_count; i++) {
        const char *bank = bank_name(proof->pcrs[i].bank);

        if (proof->pcrs[i].index != index)
            continue;
        if (pcr == NULL) {
            pcr = azattest__json_new_object();
            digests = azattest__json_new_object();
        }
        if (azattest__json_get(digests, bank) == NULL)
            azattest__json_put_hex(digests, bank, proof->pcrs[i].value);
    }
    if (pcr == NULL && digests == NULL)
        return;
    azattest__json_put_integer(pcr, "Index", index);
    azattest__json_put(pcr, "Digests", digests);
    azattest__json_add(list, pcr);
}

/* A document as the text of a claim. */
static azattest_status put_document(azattest__json *claims, const char *name, const azattest__json *document,
                                    azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_CLAIM_VALUE);
    if ((status = azattest__json_print(document, false, &text, error)) == AZATTEST_OK)
        azattest__json_put_bytes_text(claims, name, azattest__buf_bytes(&text));
    else
        azattest__error_prefix(error, "claim %s", name);
    azattest__buf_free(&text);
    return status;
}

static azattest_status put_pcrs(azattest__json *claims, const azattest__tpm_proof *proof, azattest_error **error)
{
    azattest__json *document, *list;
    azattest_status status;

    if (proof->pcr_count == 0)
        return AZATTEST_OK;
    document = azattest__json_new_object();
    list = azattest__json_new_array();
    for (unsigned index = 0; index < AZATTEST__TPM_PCRS; index++)
        add_pcr(list, proof, index);
    azattest__json_put(document, "PCRs", list);
    status = put_document(claims, "pcrs", document, error);
    azattest__json_free(document);
    return status;
}

/* BASE64(SHA256(SubjectPublicKeyInfo)). */
static azattest_status put_key_hash(azattest__json *claims, const azattest__key *key, azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;
    azattest__buf der, text;

    if (key == NULL)
        return AZATTEST_OK;
    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&text, 64);
    if ((status = azattest__key_public_der(key, &der, error)) == AZATTEST_OK &&
        (status = azattest__sha256(azattest__buf_bytes(&der), hash, error)) == AZATTEST_OK) {
        azattest__base64_encode(azattest__bytes(hash, sizeof(hash)), &text);
        if ((status = azattest__error_from_buf(error, &text, "aikPubHash")) == AZATTEST_OK)
            azattest__json_put_bytes_text(claims, "aikPubHash", azattest__buf_bytes(&text));
    }
    azattest__buf_free(&text);
    azattest__buf_free(&der);
    return status;
}

/* ---- what the log says ---- */

/* What all the events say of one member. */
typedef struct seen {
    bool yes, no;
} seen;

static void look_at(const azattest__json *value, seen *out)
{
    bool said = false;

    if (azattest__json_is_array(value)) {
        for (const azattest__json *one = azattest__json_first(value); one != NULL; one = azattest__json_next(one))
            look_at(one, out);
    } else if (azattest__json_bool(value, &said)) {
        *(said ? &out->yes : &out->no) = true;
    }
}

/* The PCRs that published queries look into: others may be extended, or reset, by whatever runs later. */
static bool is_loaders(const azattest__json *event)
{
    int64_t pcr;

    return azattest__json_integer(azattest__json_get(event, "PcrIndex"), &pcr) &&
           (pcr == 12 || pcr == 13 || pcr == 19 || pcr == 20);
}

static seen look_for(const azattest__json *events, const char *member)
{
    seen found = { false, false };

    for (const azattest__json *event = azattest__json_first(azattest__json_get(events, "Events")); event != NULL;
         event = azattest__json_next(event))
        if (is_loaders(event))
            look_at(azattest__json_get(
                        azattest__json_get(azattest__json_get(event, "ProcessedData"), "EVENT_TRUSTBOUNDARY"), member),
                    &found);
    return found;
}

/* The firmware's variable SecureBoot, measured into PCR 7. It has to be there, and say nothing but one. */
static seen look_for_secure_boot(const azattest__json *events)
{
    seen found = { false, false };

    for (const azattest__json *event = azattest__json_first(azattest__json_get(events, "Events")); event != NULL;
         event = azattest__json_next(event)) {
        const azattest__json *data = azattest__json_get(event, "ProcessedData");
        const char *type = azattest__json_get_string(event, "EventTypeString"),
                   *name = azattest__json_get_string(data, "UnicodeName"),
                   *guid = azattest__json_get_string(data, "VariableGuid"),
                   *value = azattest__json_get_string(data, "VariableData");
        int64_t pcr;

        if (type == NULL || name == NULL || guid == NULL || value == NULL ||
            strcmp(type, "EV_EFI_VARIABLE_DRIVER_CONFIG") != 0 || strcmp(name, "SecureBoot") != 0 ||
            strcmp(guid, "8BE4DF61-93CA-11D2-AA0D-00E098032B8C") != 0 ||
            !azattest__json_integer(azattest__json_get(event, "PcrIndex"), &pcr) || pcr != 7)
            continue;
        *(strcmp(value, "AQ") == 0 ? &found.yes : &found.no) = true;
    }
    return found;
}

/* True when something says so, and nothing else; no claim when nothing says anything. */
static void put_seen(azattest__json *claims, const char *name, seen found, bool wanted)
{
    if (found.yes || found.no)
        azattest__json_put_bool(claims, name, wanted ? !found.no : !found.yes);
}

/* Of the bank that the log is verified in, and the PCRs that it can be compared with. */
static azattest_status put_log(azattest__json *claims, azattest_bytes log, const azattest__tpm_proof *proof,
                               azattest_error **error)
{
    static const struct {
        const char *claim, *member;
        bool wanted;
    } booleans[] = {
        { "bootDebuggingDisabled", "EVENT_BOOTDEBUGGING", false },
        { "iommuEnabled", "EVENT_VBS_IOMMU_REQUIRED", true },
        { "notSafeMode", "EVENT_SAFEMODE", false },
        { "notWinPE", "EVENT_WINPE", false },
    };
    azattest__json *events = NULL;
    uint16_t bank = proof->pcr_count == 0 ? 0 : proof->pcrs[0].bank;
    azattest_status status;
    seen vsm, enforced;
    uint32_t pcrs = 0;

    if (log.ptr == NULL || bank == 0)
        return AZATTEST_OK;
    for (size_t i = 0; i < proof->pcr_count; i++)
        if (proof->pcrs[i].bank == bank && proof->pcrs[i].index < AZATTEST__TPM_PCRS)
            pcrs |= UINT32_C(1) << proof->pcrs[i].index;
    if ((status = azattest__claims_events(log, bank, pcrs, &events, error)) != AZATTEST_OK)
        return status;
    put_seen(claims, "secureBootEnabled", look_for_secure_boot(events), true);
    for (size_t i = 0; i < sizeof(booleans) / sizeof(booleans[0]); i++)
        put_seen(claims, booleans[i].claim, look_for(events, booleans[i].member), booleans[i].wanted);
    vsm = look_for(events, "EVENT_VBS_VSM_REQUIRED");
    enforced = look_for(events, "EVENT_VBS_MANDATORY_ENFORCEMENT");
    put_seen(claims, "vbsEnabled", (seen){ vsm.yes || enforced.yes, vsm.no || enforced.no }, true);
    status = put_document(claims, "events", events, error);
    azattest__json_free(events);
    return status;
}

azattest_status azattest__claims_put_tpm(azattest__json *claims, const azattest_evidence *evidence,
                                         azattest_error **error)
{
    azattest_status status;

    azattest__json_put_string(claims, "x-ms-attestation-type", "tpm");
    azattest__json_put_integer(claims, "tpmVersion", TPM_VERSION);
    /* Which authorities certify attestation keys is not held here: nothing validated this one. */
    azattest__json_put_bool(claims, "aikValidated", false);
    if (evidence->guest == NULL)
        return AZATTEST_OK;
    if ((status = put_key_hash(claims, azattest__guest_attestation_key(evidence), error)) != AZATTEST_OK ||
        (status = put_pcrs(claims, &evidence->guest->proof, error)) != AZATTEST_OK)
        return status;
    return put_log(claims, azattest__buf_bytes(&evidence->guest->pieces[AZATTEST__GUEST_EVENT_LOG]),
                   &evidence->guest->proof, error);
}
