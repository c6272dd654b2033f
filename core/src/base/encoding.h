/* base64url, base64, hexadecimal, PEM: strict readers and writers. */
#ifndef AZATTEST_BASE_ENCODING_H
#define AZATTEST_BASE_ENCODING_H

#include "buf.h"

/* Strict: unpadded base64url alphabet, no white space, no non-zero trailing bits (RFC 4648 section 3.5). */
bool azattest__base64url_decode(azattest_bytes text, azattest__buf *out);
/* As above, into memory that has room for (len * 3) / 4 bytes: what the hot path uses. */
bool azattest__base64url_decode_into(azattest_bytes text, unsigned char *out, size_t *out_len);
void azattest__base64url_encode(azattest_bytes data, azattest__buf *out);
/* Strict: padded standard alphabet, no white space. */
bool azattest__base64_decode(azattest_bytes text, azattest__buf *out);
void azattest__base64_encode(azattest_bytes data, azattest__buf *out);
/* For the service's readers: either alphabet, with or without padding; still no white space or stray bits. */
bool azattest__base64_any_decode(azattest_bytes text, azattest__buf *out);

bool azattest__hex_decode(azattest_bytes text, azattest__buf *out); /* either case */
/* Exactly `size` bytes; `out` holds anything after a failure. */
bool azattest__hex_decode_exactly(azattest_bytes text, unsigned char *out, size_t size);
void azattest__hex_encode(azattest_bytes data, azattest__buf *out); /* lower case */
/* As the service and the SDKs write the thumbprint of a certificate. */
void azattest__hex_encode_upper(azattest_bytes data, azattest__buf *out);

/* Finds the next PEM block with that label ("CERTIFICATE") at or behind *offset; on success *block is the whole block
 * with its BEGIN and END lines, *body the base64 between them with its line ends, and *offset moves behind it. */
bool azattest__pem_next(azattest_bytes text, const char *label, size_t *offset, azattest_bytes *block,
                        azattest_bytes *body);
/* The bytes of one block: base64 with line ends (and nothing else) between. */
bool azattest__pem_decode_body(azattest_bytes body, azattest__buf *out);
/* "-----BEGIN label-----", 64-column lines with LF, "-----END label-----", LF. */
void azattest__pem_encode(const char *label, azattest_bytes data, azattest__buf *out);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF). */
bool azattest__utf8_valid(azattest_bytes text);
/* Bytes of the well-formed character at p, where `left` (at least 1) bytes are; 0 when it is none. */
size_t azattest__utf8_length(const unsigned char *p, size_t left);

#endif
