/* The answers that bring a token, of every source. */
#ifndef AZATTEST_IDENTITY_TOKEN_REPLY_H
#define AZATTEST_IDENTITY_TOKEN_REPLY_H

#include "token.h"

/* {"access_token", "expires_in" or "expires_on", "refresh_in" or "refresh_on", "token_type"}: numbers, or text of
 * digits; "expires_on" also as App Service of 2017 writes a date. AZATTEST_E_RESPONSE says what is missing, and never
 * shows the text. */
azattest_status azattest__token_reply(const char *source, azattest_bytes body, int64_t now_s,
                                      azattest__access_token *out, azattest_error **error);
/* {"accessToken", "expires_on", "expiresOn"}: what the CLI prints. */
azattest_status azattest__cli_reply(const char *source, azattest_bytes output, azattest__access_token *out,
                                    azattest_error **error);
/* "06/20/2019 02:57:58 +00:00", or with AM or PM before the offset. */
bool azattest__msi_date_parse(const char *text, int64_t *seconds);
/* "2025-01-01 13:00:00.000000", the CLI's local time. */
bool azattest__local_date_parse(const char *text, int64_t *seconds);

#endif
