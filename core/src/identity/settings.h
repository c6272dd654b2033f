/* What constructors share: options, the environment, and checks of what they give. */
#ifndef AZATTEST_IDENTITY_SETTINGS_H
#define AZATTEST_IDENTITY_SETTINGS_H

#include "identity.h"

/* Defaults; azattest_defaults() lists them. */
#define AZATTEST__AUTHORITY "https://login.microsoftonline.com"
#define AZATTEST__ASSERTION_LIFE_S 600
#define AZATTEST__IMDS_PROBE_MS 1000
#define AZATTEST__CLI_TIMEOUT_MS 13000 /* as the SDK for C++ */

/* An options struct of any version, and one source of variables. NULL gives all defaults. */
azattest_status azattest__settings_take(const azattest_credential_options *in, azattest_credential_options *out,
                                        azattest_error **error);
/* The value of a variable; NULL when it is not set, or empty. */
const char *azattest__variable(const azattest_credential_options *options, const char *name);
/* "1" or "true", in any case. */
bool azattest__variable_is_on(const azattest_credential_options *options, const char *name);
/* The option, else the variable. */
const char *azattest__option_or_variable(const azattest_credential_options *options, const char *option,
                                         const char *name);
/* "AZURE_A, AZURE_B": those of the list (NULL at its end) that are set, or that are not. Never a value. */
void azattest__list_variables(const azattest_credential_options *options, const char *const *names, bool set,
                              azattest__buf *out);

/* A copy into *out of text that may be NULL; AZATTEST_E_ARGUMENT unless it is 1 to 1024 visible ASCII characters. */
azattest_status azattest__take_text(const char *credential, const char *name, const char *text, char **out,
                                    azattest_error **error);
/* Letters, digits, '-' and '.'. */
bool azattest__is_tenant(const char *text);
/* The one scope as a resource: without "/.default", in new memory. AZATTEST_E_ARGUMENT when there are several. */
azattest_status azattest__resource_of(const char *credential, const char *scopes, char **out, azattest_error **error);

/* Somebody else's text for a message: tokens in it, and `secret` (may be NULL), become "****", colours go, control
 * characters are escaped, it is cut to `limit` characters. NULL when out of memory. */
char *azattest__shown_clean(azattest_bytes text, size_t limit, const char *secret);

#endif
