/* Key sets, JWKS or PEM: parse, read everything, and read back what was written out. */
#include <stdlib.h>
#include <string.h>

#include "jose/signer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const azattest_signer *signer)
{
    bool has_key = signer->key != NULL, valid;

    if (has_key != (signer->problem_code == AZATTEST_OK) || has_key == (azattest_signer_problem(signer) != NULL) ||
        has_key != (azattest_signer_public_key_pem(signer) != NULL))
        abort();
    if ((signer->chain_code == AZATTEST_OK) != (signer->chain_problem == NULL) ||
        (signer->key_id_code == AZATTEST_OK) != (signer->key_id_problem == NULL))
        abort();
    for (size_t i = 0; i < azattest_signer_certificate_count(signer); i++)
        if (azattest_signer_certificate_der(signer, i).len == 0 || azattest_signer_certificate_pem(signer, i) == NULL)
            abort();
    if (!has_key)
        return;
    for (azattest__alg alg = AZATTEST__RS256; alg <= AZATTEST__ES512; alg++)
        if (azattest__signer_fits(signer, alg, NULL) == AZATTEST_OK &&
            azattest__key_verify(signer->key, alg, azattest__text("text"), azattest__text("signature"), &valid, NULL) ==
                AZATTEST_OK &&
            valid)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_signers *set = NULL, *again = NULL;

    if (azattest_signers_parse(azattest__bytes(data, size), &set, NULL) != AZATTEST_OK)
        return 0;
    for (size_t i = 0; i < azattest_signers_count(set); i++)
        check(azattest_signers_at(set, i));
    if (azattest_signers_parse(azattest_signers_jwks(set), &again, NULL) != AZATTEST_OK ||
        azattest_signers_count(again) != azattest_signers_count(set))
        abort();
    azattest_signers_free(again);
    azattest_signers_free(set);
    return 0;
}
