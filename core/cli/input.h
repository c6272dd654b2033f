/* What the command reads: files and standard input, never more than a ceiling. */
#ifndef AZATTEST_CLI_INPUT_H
#define AZATTEST_CLI_INPUT_H

#include "arguments.h"
#include "base/buf.h"

/* Reads a whole file, or standard input for "-". AZATTEST_E_STATE: it cannot be read; AZATTEST_E_LIMIT: more than
 * `limit` bytes. `what` names it in messages ("quote"). */
azattest_status azattest__input_read(const char *path, const char *what, size_t limit, azattest__buf *out,
                                     azattest_error **error);
/* The file of an option; absent bytes when the option was not given. *out owns what *bytes shows. */
azattest_status azattest__input_option(const azattest__arguments *arguments, azattest__option option, size_t limit,
                                       azattest__buf *out, azattest_bytes *bytes, azattest_error **error);
/* Calls back for every file right in the folder that is not hidden, in the order of names; what it gives back ends the
 * walk when it is not AZATTEST_OK. `what` names the folder in messages ("--collateral"). */
typedef azattest_status (*azattest__input_visit)(void *user, const char *path, azattest_error **error);
azattest_status azattest__input_folder(const char *path, const char *what, azattest__input_visit visit, void *user,
                                       azattest_error **error);
bool azattest__input_is_folder(const char *path);
/* The first line of a file: a passphrase, an access token. AZATTEST_E_ARGUMENT when it is empty. */
azattest_status azattest__input_line(const char *path, const char *what, size_t limit, azattest__buf *out,
                                     azattest_error **error);
/* The first line of --passphrase-file; empty when the option was not given. */
azattest_status azattest__input_passphrase(const azattest__arguments *arguments, azattest__buf *out,
                                           azattest_error **error);
/* Reads and takes apart evidence, whatever wraps it. Failures of the content are AZATTEST_E_EVIDENCE and the like. */
azattest_status azattest__input_evidence(const char *path, azattest_evidence **out, azattest_error **error);
/* Reads and takes apart a token: compact, white space at its ends cut, or the member "token" of a JSON document. */
azattest_status azattest__input_token(const char *path, azattest_token **out, azattest_error **error);

#endif
