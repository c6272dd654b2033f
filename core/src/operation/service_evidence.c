#include "service_evidence.h"

#include <string.h>

#include <azattest/limits.h>
#include <azattest/service.h>

#include "../base/encoding.h"

/* Of failed checks in a problem's text; the rest follows from these. */
#define CHECKS_TOLD 3u

azattest_status azattest__service_cache_init(azattest__service_cache *cache, azattest_error **error)
{
    memset(cache, 0, sizeof(*cache));
    if (pthread_mutex_init(&cache->mutex, NULL) != 0)
        return azattest__error_memory(error);
    azattest__fork_add(&cache->fork, &cache->mutex, NULL, NULL);
    return AZATTEST_OK;
}

static void clear(struct azattest__service_verdict *verdict)
{
    azattest__cert_free(verdict->certificate);
    azattest_appraisal_free(verdict->appraisal);
    azattest_collateral_free(verdict->collateral);
    memset(verdict, 0, sizeof(*verdict));
}

void azattest__service_cache_clear(azattest__service_cache *cache)
{
    azattest__fork_remove(&cache->fork);
    for (size_t i = 0; i < AZATTEST__SERVICE_VERDICTS; i++)
        clear(&cache->verdicts[i]);
    pthread_mutex_destroy(&cache->mutex);
}

/* ---- what was found before ---- */

/* One question: this certificate, by these rules. */
typedef struct question {
    azattest__cert *certificate;
    const azattest_validation_options *options;
    int64_t now_ms;
    unsigned char roots[AZATTEST__SHA256_SIZE];
} question;

static bool is_of(const struct azattest__service_verdict *verdict, const question *asked)
{
    const azattest_validation_options *options = asked->options;

    return verdict->certificate != NULL && memcmp(verdict->roots, asked->roots, sizeof(asked->roots)) == 0 &&
           verdict->appraisal == options->service_appraisal && verdict->collateral == options->service_collateral &&
           azattest__bytes_equal(azattest__cert_der(verdict->certificate), azattest__cert_der(asked->certificate));
}

static bool is_known(azattest__service_cache *cache, const question *asked)
{
    bool known = false;

    if (cache == NULL)
        return false;
    pthread_mutex_lock(&cache->mutex);
    for (size_t i = 0; i < AZATTEST__SERVICE_VERDICTS && !known; i++)
        known = is_of(&cache->verdicts[i], asked) && asked->now_ms >= cache->verdicts[i].from_ms &&
                asked->now_ms <= cache->verdicts[i].until_ms;
    pthread_mutex_unlock(&cache->mutex);
    return known;
}

/* The references keep an address from standing for another appraisal later on. */
static void remember(azattest__service_cache *cache, const question *asked, const azattest_verification_result *result)
{
    struct azattest__service_verdict verdict = {
        .from_ms = azattest_verification_result_latest_issue_ms(result),
        .until_ms = azattest_verification_result_earliest_expiration_ms(result),
    }, replaced;
    size_t place;

    if (cache == NULL || verdict.from_ms <= 0 || verdict.until_ms <= 0)
        return;
    verdict.certificate = azattest__cert_ref(asked->certificate);
    verdict.appraisal = azattest_appraisal_ref(asked->options->service_appraisal);
    verdict.collateral = azattest_collateral_ref(asked->options->service_collateral);
    memcpy(verdict.roots, asked->roots, sizeof(verdict.roots));
    pthread_mutex_lock(&cache->mutex);
    cache->fresh++;
    for (place = 0; place < AZATTEST__SERVICE_VERDICTS; place++)
        if (is_of(&cache->verdicts[place], asked))
            break;
    if (place == AZATTEST__SERVICE_VERDICTS) {
        place = cache->next;
        cache->next = (cache->next + 1) % AZATTEST__SERVICE_VERDICTS;
    }
    replaced = cache->verdicts[place];
    cache->verdicts[place] = verdict;
    pthread_mutex_unlock(&cache->mutex);
    clear(&replaced); /* may end a set of collateral, which has a lock of its own: never two at a time */
}

/* ---- the enclave ---- */

static azattest_status refuse(const azattest_verification_result *result, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;
    size_t told = 0;

    azattest__buf_init(&text, 8192);
    for (size_t i = 0; i < azattest_verification_result_check_count(result) && told < CHECKS_TOLD; i++)
        if (azattest_verification_result_check_ok(result, i) == 0)
            azattest__buf_printf(&text, "%s%s: %s", told++ == 0 ? "" : "; ",
                                 azattest_verification_result_check_id(result, i),
                                 azattest_verification_result_check_detail(result, i));
    if ((status = azattest__error_from_buf(error, &text, "verdict")) == AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
                                     "the evidence in the key's certificate is not accepted: %s",
                                     told == 0 ? "a required check was not made" : (const char *)text.ptr);
    azattest__buf_free(&text);
    return status;
}

/* DEBUG is the appraisal's to allow, which there always is. */
static azattest_status judge_enclave(azattest__service_cache *cache, azattest__cert *certificate,
                                     const azattest_validation_options *options, int64_t now_ms, azattest_error **error)
{
    azattest_verify_options verify = AZATTEST_VERIFY_OPTIONS_INIT;
    question asked = { .certificate = certificate, .options = options, .now_ms = now_ms };
    azattest_verification_result *result = NULL;
    azattest_error *reason = NULL;
    azattest_status status;

    if (options->service_appraisal == NULL)
        return azattest__error_set(error, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
                                   "nothing says which enclave the service has to be: service_appraisal is missing");
    if (options->service_roots.ptr != NULL &&
        (status = azattest__sha256(options->service_roots, asked.roots, error)) != AZATTEST_OK)
        return status;
    if (is_known(cache, &asked))
        return AZATTEST_OK;
    verify.now_ms = now_ms;
    verify.appraisal = options->service_appraisal;
    verify.collateral = options->service_collateral;
    verify.extra_roots = options->service_roots;
    verify.allow_debug = AZATTEST_ON;
    status = azattest_verify_service_certificate(azattest__cert_der(certificate), &verify, &result, &reason);
    if (status == AZATTEST_E_MEMORY || status == AZATTEST_E_CRYPTO)
        status = azattest__error_set(error, status, "%s", azattest_error_message(reason));
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
                                     "the key's certificate holds no evidence that can be verified: %s",
                                     azattest_error_message(reason));
    else if (!azattest_verification_result_is_valid(result))
        status = refuse(result, error);
    else
        remember(cache, &asked, result);
    azattest_verification_result_free(result);
    azattest_error_free(reason);
    return status;
}

/* ---- the authority ---- */

/* The certificate is that root's own, whichever of its issues, or one that it issued. */
static bool ends_at(azattest__cert *last, azattest__cert *root)
{
    const azattest__key *key = azattest__cert_key(last), *trusted = azattest__cert_key(root);

    if (key != NULL && trusted != NULL && azattest__key_equal(key, trusted))
        return true;
    return azattest__cert_is_ca(root) && azattest__cert_is_issued_by(last, root);
}

/* That the chain holds inside itself and is alive is K7, and was looked at before. */
static azattest_status judge_authority(const azattest_signer *signer, azattest_bytes roots, azattest_error **error)
{
    azattest__cert *last = signer->certificates[signer->certificate_count - 1], *root;
    azattest_status status = AZATTEST_OK;
    azattest_bytes block, body;
    size_t offset = 0;
    bool reached = false;

    while (status == AZATTEST_OK && !reached && azattest__pem_next(roots, "CERTIFICATE", &offset, &block, &body)) {
        azattest__buf der;

        azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
        root = NULL;
        if (azattest__pem_decode_body(body, &der) &&
            (status = azattest__cert_parse(azattest__buf_bytes(&der), &root, error)) == AZATTEST_OK)
            reached = ends_at(last, root);
        azattest__cert_free(root);
        azattest__buf_free(&der);
    }
    if (status != AZATTEST_OK || reached)
        return status;
    return azattest__error_set(error, AZATTEST_E_TOKEN_CERTIFICATE,
                               "the chain of the key's certificate reaches none of the signer_roots");
}

azattest_status azattest__judge_service(void *cache, const azattest_signer *signer,
                                        const azattest_validation_options *options, int64_t now_ms,
                                        azattest_error **error)
{
    bool wanted = options->verify_service_evidence == AZATTEST_ON;

    if (signer->certificate_count == 0)
        return azattest__error_set(error, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
                                   "the key has no certificate, and so nothing that says whose it is");
    if (azattest__cert_is_self_issued(signer->certificates[0]))
        return wanted ? judge_enclave(cache, signer->certificates[0], options, now_ms, error) : AZATTEST_OK;
    if (options->signer_roots.ptr != NULL)
        return judge_authority(signer, options->signer_roots, error);
    return azattest__error_set(
        error, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
        "an authority issued the key's certificate: it holds no evidence, and no signer_roots say "
        "which authority is trusted");
}
