/* Access tokens inside: owned text, wiped at its end. */
#ifndef AZATTEST_IDENTITY_TOKEN_H
#define AZATTEST_IDENTITY_TOKEN_H

#include "../error/error.h"

typedef struct azattest__access_token {
    char *text;           /* NULL: none */
    int64_t expires_on_s; /* seconds since 1970; INT64_MAX: never */
    int64_t refresh_on_s; /* 0: no wish */
} azattest__access_token;

void azattest__access_token_clear(azattest__access_token *token); /* wipes */
azattest_status azattest__access_token_copy(const azattest__access_token *token, azattest__access_token *out,
                                            azattest_error **error);
/* Visible ASCII without blanks, of a sensible size: what may stand behind "Bearer ". AZATTEST_E_ARGUMENT otherwise,
 * with a text that never shows it. */
azattest_status azattest__access_token_check(azattest_bytes text, azattest_error **error);
/* `exp` of a JWT that has one; false for any other text. Nothing is verified: the token is for somebody else. */
bool azattest__access_token_expiry(const char *text, int64_t *expires_on_s);
/* Wipes and frees text; NULL is accepted. */
void azattest__secret_free(char *text);

#endif
