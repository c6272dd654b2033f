/* What the words `policy` and `certificates` share: signing key, credential, client, transport, and one call. */
#ifndef AZATTEST_CLI_ADMINISTRATION_H
#define AZATTEST_CLI_ADMINISTRATION_H

#include <azattest/transport.h>

#include "arguments.h"
#include "json/json.h"

typedef struct azattest__administration {
    azattest_admin_client *client;
    azattest_transport *transport;
    azattest_policy_options options; /* borrows from the members below */
    azattest_validation_options validation;
    azattest_signing_key *key;
    azattest_response *response;
} azattest__administration;

/* --signing-key, --signing-certificate, --passphrase-file, --algorithm; NULL when none of them is given. */
azattest_status azattest__signing_key(const azattest__arguments *arguments, azattest_signing_key **key,
                                      azattest_error **error);
/* Everything that a call needs, read and checked before anything is sent. */
azattest_status azattest__administration_open(const azattest__arguments *arguments, azattest__administration *out,
                                              azattest_error **error);
void azattest__administration_close(azattest__administration *open);

/* {"key_type", "key_bits", "certificates": [PEM...]}; NULL signer: null. */
azattest__json *azattest__signer_json(const azattest_signer *signer);
/* The subject of its certificate, for people: new text to free. */
char *azattest__signer_subject(const azattest_signer *signer);

#endif
