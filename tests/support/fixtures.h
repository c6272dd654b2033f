/* Files of tests/fixtures, and key pairs made of them. */
#ifndef AZATTEST_TESTS_FIXTURES_H
#define AZATTEST_TESTS_FIXTURES_H

#include <azattest/azattest.h>

/* A file as text for free(); ends the test when it cannot be read. */
char *fixture_read(const char *name);
/* fixtures/signing/KEY.key.pem with fixtures/signing/CERTIFICATE.crt.pem. */
azattest_status fixture_signing_key(const char *key, const char *certificate, const char *passphrase,
                                    const char *algorithm, azattest_signing_key **out, azattest_error **error);

#endif
