/* The curves that keys may be on, and what DER calls the types of keys. */
#include "openssl.h"

/* AlgorithmIdentifiers (RFC 8017 appendix C, RFC 5480 section 2.1.1). */
#define EC_PUBLIC_KEY "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
#define ALGORITHM(text)                                                                                                \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }

const azattest_bytes azattest__rsa_algorithm =
    ALGORITHM("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");

/* Orders of the groups (SP 800-186 section 3.2.1), big-endian, of the curve's size. */
#define ONES_8 "\xff\xff\xff\xff\xff\xff\xff\xff"
#define ORDER_P256                                                                                                     \
    "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"                                                 \
    "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"
#define ORDER_P384                                                                                                     \
    ONES_8 ONES_8 ONES_8 "\xc7\x63\x4d\x81\xf4\x37\x2d\xdf\x58\x1a\x0d\xb2"                                            \
                         "\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73"
#define ORDER_P521                                                                                                     \
    "\x01" ONES_8 ONES_8 ONES_8 ONES_8 "\xfa\x51\x86\x87\x83\xbf\x2f\x96\x6b\x7f\xcc\x01\x48\xf7\x09\xa5"              \
    "\xd0\x3b\xb5\xc9\xb8\x89\x9c\x47\xae\xbb\x6f\xb7\x1e\x91\x38\x64\x09"

static const azattest__curve curves[AZATTEST__CURVES] = {
    { "P-256", "prime256v1", 32, 256, ALGORITHM("\x30\x13" EC_PUBLIC_KEY "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"),
      ORDER_P256 },
    { "P-384", "secp384r1", 48, 384, ALGORITHM("\x30\x10" EC_PUBLIC_KEY "\x06\x05\x2b\x81\x04\x00\x22"), ORDER_P384 },
    { "P-521", "secp521r1", 66, 521, ALGORITHM("\x30\x10" EC_PUBLIC_KEY "\x06\x05\x2b\x81\x04\x00\x23"), ORDER_P521 },
};

const azattest__curve *azattest__curve_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < AZATTEST__CURVES; i++)
        if (strcmp(name, curves[i].name) == 0 || strcmp(name, curves[i].group) == 0)
            return &curves[i];
    return NULL;
}

const azattest__curve *azattest__curve_of_algorithm(azattest_bytes algorithm)
{
    for (size_t i = 0; i < AZATTEST__CURVES; i++)
        if (azattest__bytes_equal(algorithm, curves[i].algorithm))
            return &curves[i];
    return NULL;
}

size_t azattest__curve_index(const azattest__curve *curve)
{
    return (size_t)(curve - curves);
}
