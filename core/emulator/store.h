/*
 * What outlives the local service: the mode of each instance, its policies, its policy-signing certificates. In SQLite;
 * only store.c knows it. Every change is one transaction, on the disk when the call returns: after a crash at any point
 * there is the old or the new state. Any number of threads may use a store.
 */
#ifndef AZATTEST_EMULATOR_STORE_H
#define AZATTEST_EMULATOR_STORE_H

#include <azattest/limits.h>

#include "crypto/crypto.h"

/* Kinds of instances. */
typedef enum azattest__mode { AZATTEST__AAD, AZATTEST__ISOLATED, AZATTEST__SHARED } azattest__mode;
const char *azattest__mode_name(azattest__mode mode); /* "aad", "isolated", "shared" */
bool azattest__mode_find(const char *name, azattest__mode *out);

/* Certificates in their order. */
typedef struct azattest__certs {
    azattest__cert *items[AZATTEST_LIMIT_KEYS];
    size_t count;
} azattest__certs;
void azattest__certs_clear(azattest__certs *certs);
/* Where the same certificate stands, byte by byte; -1: nowhere. */
int azattest__certs_find(const azattest__certs *certs, const azattest__cert *cert);

typedef struct azattest__store azattest__store;
/* All failures of a store have AZATTEST_E_STATE (or AZATTEST_E_MEMORY) and name the file. path NULL: in memory. */
azattest_status azattest__store_open(const char *path, azattest__store **out, azattest_error **error);
void azattest__store_free(azattest__store *store);

/* AZATTEST_ABSENT when there is no instance of that name. */
azattest_status azattest__store_find_instance(azattest__store *store, const char *instance, azattest__mode *mode,
                                              azattest_error **error);
/* Makes it with its certificates, as a whole. */
azattest_status azattest__store_make_instance(azattest__store *store, const char *instance, azattest__mode mode,
                                              const azattest__certs *certs, azattest_error **error);

/* The stored policy JWT of an attestation type; AZATTEST_ABSENT when there is none. */
azattest_status azattest__store_get_policy(azattest__store *store, const char *instance, const char *type,
                                           azattest__buf *token, azattest_error **error);
azattest_status azattest__store_put_policy(azattest__store *store, const char *instance, const char *type,
                                           azattest_bytes token, azattest_error **error);
azattest_status azattest__store_remove_policy(azattest__store *store, const char *instance, const char *type,
                                              azattest_error **error);

/* *out is for azattest__certs_clear(), also after a failure. */
azattest_status azattest__store_get_certs(azattest__store *store, const char *instance, azattest__certs *out,
                                          azattest_error **error);
azattest_status azattest__store_put_cert(azattest__store *store, const char *instance, const azattest__cert *cert,
                                         azattest_error **error);
azattest_status azattest__store_remove_cert(azattest__store *store, const char *instance, const azattest__cert *cert,
                                            azattest_error **error);

#endif
