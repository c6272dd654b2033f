#include "fixtures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *fixture_read(const char *name)
{
    char path[512], *text = calloc(1, 65536);
    FILE *file;

    snprintf(path, sizeof(path), AZATTEST_SOURCE_FOLDER "/tests/fixtures/%s", name);
    file = fopen(path, "rb");
    if (file == NULL || text == NULL || fread(text, 1, 65535, file) == 0)
        fail_msg("cannot read %s", path);
    fclose(file);
    return text;
}

azattest_status fixture_signing_key(const char *key, const char *certificate, const char *passphrase,
                                    const char *algorithm, azattest_signing_key **out, azattest_error **error)
{
    azattest_signing_key_options options = AZATTEST_SIGNING_KEY_OPTIONS_INIT;
    char name[128], *key_pem, *certificate_pem;
    azattest_status status;

    snprintf(name, sizeof(name), "signing/%s.key.pem", key);
    key_pem = fixture_read(name);
    snprintf(name, sizeof(name), "signing/%s.crt.pem", certificate);
    certificate_pem = fixture_read(name);
    options.passphrase = passphrase;
    options.algorithm = algorithm;
    status =
        azattest_signing_key_new((azattest_bytes){ key_pem, strlen(key_pem) },
                                 (azattest_bytes){ certificate_pem, strlen(certificate_pem) }, &options, out, error);
    free(key_pem);
    free(certificate_pem);
    return status;
}
