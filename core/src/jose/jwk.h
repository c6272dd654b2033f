/* JSON Web Keys (RFC 7517): the parts that signers and recipients of secrets share. */
#ifndef AZATTEST_JOSE_JWK_H
#define AZATTEST_JOSE_JWK_H

#include "../crypto/crypto.h"
#include "../json/json.h"

/* A text member: *text stays NULL when it is absent; another type is malformed. */
azattest_status azattest__jwk_text(const azattest__json *jwk, const char *name, const char **text,
                                   azattest_error **error);
/* The first member of a private or symmetric key that stands in it, or NULL. */
const char *azattest__jwk_private_member(const azattest__json *jwk);
/* The key from the numbers of a JWK whose "kty" is RSA or EC; *key stays NULL when it has none of them. */
azattest_status azattest__jwk_key(const azattest__json *jwk, azattest__key **key, azattest_error **error);
/* The public members of a key, in the order of RFC 7638 section 3.2, which are also those of an "epk". */
azattest_status azattest__jwk_from_key(const azattest__key *key, azattest__json **out, azattest_error **error);
/* base64url of SHA-256 over them (RFC 7638), in a new text. */
azattest_status azattest__jwk_thumbprint(const azattest__key *key, char **out, azattest_error **error);

#endif
