/* One attestation instance as a client or a verifier knows it: configuration, and the cache of its keys. Everything but
 * the cache is constant; the instance is counted, and operations keep a reference. */
#ifndef AZATTEST_OPERATION_INSTANCE_H
#define AZATTEST_OPERATION_INSTANCE_H

#include <azattest/signing_key.h>

#include "../token/token.h"
#include "key_cache.h"
#include "service_evidence.h"
#include "../identity/identity.h"
#include "../protocol/retry.h"

#define AZATTEST__TIMEOUT_MS 100000

/* References to what validation options borrow; each may be NULL. */
typedef struct azattest__lent {
    azattest_signers *signers;
    azattest_appraisal *appraisal;
    azattest_collateral *collateral;
} azattest__lent;
void azattest__lent_free(azattest__lent *lent);

/* What is checked of evidence before it is sent, and with what. */
typedef struct azattest__evidence_rules {
    azattest_check_evidence check; /* never the default */
    bool binding;                  /* what the evidence binds is compared with what is sent along */
    const azattest_collateral *collateral;
    azattest_bytes roots; /* PEM, trusted beside the makers' */
} azattest__evidence_rules;

typedef struct azattest__instance {
    atomic_int references;
    azattest__origin endpoint;
    char *api_version, *user_agent;
    azattest_clock clock;
    uint32_t (*random)(void *user);
    void *random_user;
    azattest__retry_policy retry;
    int64_t timeout_ms; /* negative: none */
    int log_level;      /* of its calls; 0: the process's */
    bool trace_bodies;
    azattest__validation validation;
    azattest__lent lent; /* owns what `validation` borrows */
    struct {
        azattest_check_evidence check; /* never the default */
        azattest_collateral *collateral;
        azattest__buf roots;
    } evidence;                        /* defaults of check_evidence */
    azattest__service_cache service;   /* K9: whose evidence was found good */
    azattest_signing_key *signing_key; /* of calls that do not name one; NULL: none */
    azattest__key_cache cache;
    char *keys_url;                  /* drivers are asked for the keys by this name; NULL: they are not */
    azattest_credential *credential; /* NULL: anonymous */
    char *scopes, *tenant;           /* of its tokens; the tenant may be NULL */
} azattest__instance;

/* An instance with an empty cache; the caller fills in the rest. */
azattest_status azattest__instance_new(int64_t key_life_ms, azattest__instance **out, azattest_error **error);
azattest__instance *azattest__instance_ref(azattest__instance *instance);
void azattest__instance_free(azattest__instance *instance);

/* Whether its calls can carry an access token. */
bool azattest__instance_has_credential(const azattest__instance *instance);
int64_t azattest__instance_now_ms(const azattest__instance *instance);
int64_t azattest__instance_monotonic_ms(const azattest__instance *instance);
/* 32 random bits for the jitter of waits. */
uint32_t azattest__instance_random(const azattest__instance *instance);

/* Merges as azattest__validation_merge(), and keeps alive what is borrowed: *lent owns what `out` then borrows. */
azattest_status azattest__validation_own(const azattest_validation_options *base,
                                         const azattest_validation_options *override, azattest__validation *out,
                                         azattest__lent *lent, azattest_error **error);

#endif
