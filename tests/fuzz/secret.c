/*
 * Sealed secrets: the opener takes any text and opens none that was not sealed to its key; any text may hold the keys
 * that a secret is sealed to, and then it is sealed.
 */
#include <stdlib.h>

#include <azattest/limits.h>

#include "crypto/issue.h"
#include "jose/jwe.h"
#include "jose/recipients.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static azattest__key *keys[2];

static void make_keys(void)
{
    if (keys[0] == NULL && (azattest__key_generate_rsa(2048, &keys[0], NULL) != AZATTEST_OK ||
                            azattest__key_generate_ec("P-256", &keys[1], NULL) != AZATTEST_OK))
        abort();
}

static void choose_from(azattest_bytes text)
{
    azattest__recipients recipients = { NULL, 0, 0, NULL };
    const struct azattest__recipient *chosen = NULL;
    azattest__buf sealed;

    azattest__buf_init(&sealed, AZATTEST_LIMIT_SEALED);
    if (azattest__recipients_add_text(&recipients, text, NULL) == AZATTEST_OK &&
        azattest__recipients_choose(&recipients, NULL, &chosen, NULL) == AZATTEST_OK &&
        azattest__jwe_seal(chosen->key, chosen->key_id, azattest__text("secret"), &sealed, NULL) != AZATTEST_OK)
        abort();
    azattest__buf_free(&sealed);
    azattest__recipients_clear(&recipients);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes text = { data, size };
    azattest__buf out;

    make_keys();
    for (size_t i = 0; i < 2; i++) {
        azattest__buf_init(&out, AZATTEST_LIMIT_SECRET);
        if (azattest__jwe_open(keys[i], text, &out, NULL) == AZATTEST_OK || out.len != 0)
            abort();
        azattest__buf_free(&out);
    }
    choose_from(text);
    return 0;
}
