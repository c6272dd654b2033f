/* Verifying a TPM's quote: who signed it, that the TPM itself made it, when, and over which PCRs. */
#include <stdio.h>

#include "../azure/guest.h"
#include "../verdict/verification.h"

typedef struct facts {
    azattest__verification *v;
    const azattest__tpm_attest *attest;
    const azattest__tpm_proof *proof;
    const azattest__key *key; /* that the signature is checked with; NULL: none */
    bool bound;               /* it is that of runtime claims, so a hardware report vouches for it */
    azattest_bytes event_log;
} facts;

static void plan(const facts *f)
{
    azattest_verification_result *result = f->v->result;

    azattest__verification_add(result, "tpm_structure", true, "not run");
    azattest__verification_add(result, "tpm_hash", true, "not run");
    azattest__verification_add(result, "tpm_quote_signature", true, "not run");
    if (f->proof->area.area.ptr != NULL)
        azattest__verification_add(result, "ak_attributes", true, "not run");
    if (f->bound)
        azattest__verification_add(result, "ak_binding", true, "not run");
    if (f->v->options.nonce.ptr != NULL)
        azattest__verification_add(result, "tpm_nonce", true, "not run");
    if (f->proof->pcr_count != 0)
        azattest__verification_add(result, "tpm_pcr_digest", true, "not run");
    if (f->event_log.ptr != NULL)
        azattest__verification_add(result, "tpm_event_log", true, "not run");
}

static azattest_status check_structure(const facts *f)
{
    bool quote = f->attest->type == AZATTEST__TPM_QUOTE;

    return azattest__verification_set(f->v->result, "tpm_structure", quote,
                                      quote ? "a TPM made it (ff544347), and it is a quote of PCRs"
                                            : "it is a certification of a key (0x8017), a quote (0x8018) is expected");
}

static bool quotes_sha1(const azattest__tpm_attest *attest)
{
    for (size_t i = 0; i < attest->selection_count; i++)
        if (attest->selections[i].hash_alg == AZATTEST__TPM_SHA1 && attest->selections[i].mask != 0)
            return true;
    return false;
}

/* SHA-1 collides: what is signed with it may be two messages, and a PCR extended with it two histories. */
static azattest_status check_hash(const facts *f)
{
    static const char *const bad[] = { "the quote is signed with SHA-1", "the quote is over a bank of SHA-1" };
    uint16_t hash = azattest__tpm_signature_hash(f->attest, &f->proof->signature);
    const char *name = azattest__tpm_hash_name(hash);

    if (f->proof->signature.scheme == 0)
        return azattest__verification_skip(f->v->result, "tpm_hash", "no signature came with the quote");
    if ((hash == AZATTEST__TPM_SHA1 || quotes_sha1(f->attest)) && !azattest__verification_takes_sha1(f->v))
        return azattest__verification_set(f->v->result, "tpm_hash", false,
                                          "%s, which collides; an appraisal may allow it (allow_sha1)",
                                          bad[hash == AZATTEST__TPM_SHA1 ? 0 : 1]);
    return azattest__verification_set(f->v->result, "tpm_hash", name != NULL, "the quote is signed with %s",
                                      name == NULL ? "an unknown hash algorithm" : name);
}

static azattest_status check_signature(const facts *f)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (f->proof->signature.scheme == 0)
        return azattest__verification_skip(f->v->result, "tpm_quote_signature", "no signature came with the quote");
    if (f->key == NULL)
        return azattest__verification_skip(f->v->result, "tpm_quote_signature", "%s",
                                           f->bound ? f->v->evidence->guest->claims.problem
                                                    : "no attestation key came with the quote");
    found = azattest__tpm_verify(f->attest, &f->proof->signature, f->key, &reason);
    return azattest__verification_judge(f->v, "tpm_quote_signature", found, reason,
                                        "the quote is signed by the attestation key");
}

static azattest_status check_attributes(const facts *f)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (f->proof->area.area.ptr == NULL)
        return AZATTEST_OK;
    found = azattest__tpm_public_attests(&f->proof->area, &reason);
    return azattest__verification_judge(
        f->v, "ak_attributes", found, reason,
        "the attestation key is restricted to what its TPM makes, was made in it and cannot leave it");
}

/* A key that came beside runtime claims has to be theirs. Without claims nothing says whose TPM it is. */
static azattest_status check_binding(const facts *f)
{
    const azattest__runtime_claims *claims = &f->v->evidence->guest->claims;

    if (!f->bound)
        return azattest__verification_leave(f->v->result, "ak_binding",
                                            "no hardware report vouches for the attestation key, which is the "
                                            "caller's own knowledge");
    if (claims->ak == NULL)
        return azattest__verification_set(f->v->result, "ak_binding", false, "%s", claims->problem);
    if (f->proof->key != NULL && !azattest__key_equal(f->proof->key, claims->ak))
        return azattest__verification_set(f->v->result, "ak_binding", false,
                                          "the attestation key that came with the quote is not HCLAkPub of the runtime "
                                          "claims");
    return azattest__verification_set(f->v->result, "ak_binding", true,
                                      "the attestation key is HCLAkPub of the runtime claims");
}

static azattest_status check_nonce(const facts *f)
{
    azattest_bytes expected = f->v->options.nonce, seen = f->attest->extra_data;
    bool equal;

    if (expected.ptr == NULL)
        return azattest__verification_leave(f->v->result, "tpm_nonce",
                                            seen.len == 0 ? "the quote has no nonce (empty qualifying data): nothing "
                                                            "in it says how old it is"
                                                          : "no nonce was given to compare that of the quote with");
    if (seen.len == 0 && expected.len != 0)
        return azattest__verification_set(f->v->result, "tpm_nonce", false,
                                          "the quote has no nonce (empty qualifying data), %zu bytes were expected",
                                          expected.len);
    equal = azattest__bytes_equal_constant_time(expected, seen);
    return azattest__verification_set(f->v->result, "tpm_nonce", equal,
                                      equal ? "the quote has the nonce (%zu bytes)"
                                            : "the quote's nonce (%zu bytes) is not the one that was expected",
                                      seen.len);
}

static azattest_status check_pcrs(const facts *f)
{
    uint16_t hash = azattest__tpm_signature_hash(f->attest, &f->proof->signature);
    azattest_error *reason = NULL;
    azattest_status found;
    char passed[96];

    if (f->proof->pcr_count == 0)
        return azattest__verification_leave(f->v->result, "tpm_pcr_digest",
                                            "no values of PCRs came with the quote, which has a digest of them");
    if (f->proof->signature.scheme == 0)
        return azattest__verification_skip(f->v->result, "tpm_pcr_digest", "no signature came with the quote");
    snprintf(passed, sizeof(passed), "the digest of the %zu PCRs is that of the quote", f->proof->pcr_count);
    found = azattest__tpm_check_pcrs(f->attest, hash, f->proof->pcrs, f->proof->pcr_count, &reason);
    return azattest__verification_judge(f->v, "tpm_pcr_digest", found, reason, passed);
}

/* In the first bank that has values. */
static azattest_status check_log(const facts *f)
{
    uint16_t bank = f->proof->pcr_count == 0 ? 0 : f->proof->pcrs[0].bank;
    azattest__event_log log;
    azattest_error *reason = NULL;
    azattest_status found;
    azattest__event_log_match match = { .compared = 0 };
    char passed[224];

    if (f->event_log.ptr == NULL)
        return AZATTEST_OK;
    if (bank == 0)
        return azattest__verification_skip(f->v->result, "tpm_event_log",
                                           "no values of PCRs came with the quote to compare the log with");
    found = azattest__event_log_replay(f->event_log, bank, &log, &reason);
    if (found == AZATTEST_OK)
        found = azattest__event_log_check(&log, bank, f->proof->pcrs, f->proof->pcr_count, &match, &reason);
    if (found == AZATTEST_OK && match.compared == 0)
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    "the event log (%zu events) extends no PCR that has a value here", log.events);
    snprintf(
        passed, sizeof(passed),
        "replaying %zu events gives %zu of the quoted PCRs; PCRs in the log and not compared: 0x%06x; PCRs that were "
        "extended, and not by the log: 0x%06x",
        log.events, match.compared, (unsigned)match.not_given, (unsigned)match.not_logged);
    return azattest__verification_judge(f->v, "tpm_event_log", found, reason, passed);
}

azattest_status azattest__verify_tpm(azattest__verification *v)
{
    const azattest_evidence *evidence = v->evidence;
    facts f = { .v = v,
                .attest = &evidence->tpm,
                .proof = &evidence->guest->proof,
                .key = azattest__guest_attestation_key(evidence),
                .bound = evidence->hcl.type != 0,
                .event_log = azattest__buf_bytes(&evidence->guest->pieces[AZATTEST__GUEST_EVENT_LOG]) };
    azattest_status status;

    plan(&f);
    if ((status = check_structure(&f)) != AZATTEST_OK || (status = check_hash(&f)) != AZATTEST_OK ||
        (status = check_signature(&f)) != AZATTEST_OK || (status = check_attributes(&f)) != AZATTEST_OK ||
        (status = check_binding(&f)) != AZATTEST_OK || (status = check_nonce(&f)) != AZATTEST_OK ||
        (status = check_pcrs(&f)) != AZATTEST_OK)
        return status;
    return check_log(&f);
}
