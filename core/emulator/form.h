/* application/x-www-form-urlencoded: bodies of the token endpoint, and queries. */
#ifndef AZATTEST_EMULATOR_FORM_H
#define AZATTEST_EMULATOR_FORM_H

#include "error/error.h"

/* MSAL sends about fifteen fields; an assertion with a certificate chain stays below 16 KB. */
#define AZATTEST__FORM_LIMIT_FIELDS 64u
#define AZATTEST__FORM_LIMIT_BODY (64u * 1024u)

/* Undoes percent-encoding, and with `plus` the '+' for a blank; `out` may be `text`. False when it does not fit with
 * its NUL, or decodes to nothing that text can be (a NUL, a broken escape). */
bool azattest__percent_decode(const char *text, size_t len, bool plus, char *out, size_t size);

typedef struct azattest__form {
    char *memory;
    size_t size; /* of memory, for wiping: forms hold secrets */
    size_t count;
    struct {
        const char *name, *value;
    } fields[AZATTEST__FORM_LIMIT_FIELDS];
} azattest__form;

/* Decodes all fields. AZATTEST_E_MALFORMED (a broken escape, a NUL, invalid UTF-8, a name that comes twice: RFC 6749
 * section 3.2) or AZATTEST_E_LIMIT; the message names fields, never their values. */
azattest_status azattest__form_parse(azattest_bytes text, azattest__form *out, azattest_error **error);
const char *azattest__form_get(const azattest__form *form, const char *name); /* NULL: no such field */
void azattest__form_clear(azattest__form *form);                              /* wipes */

#endif
