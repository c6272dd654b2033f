/* Made-up machines: the hierarchies of their keys, and the evidence that they sign. Between the simulator's files and
 * tests. */
#ifndef AZATTEST_SIMULATOR_PLATFORM_H
#define AZATTEST_SIMULATOR_PLATFORM_H

#include <pthread.h>

#include <azattest/simulator.h>

#include "crypto/crypto.h"
#include "crypto/issue.h"

/* Keys and certificates of the first platform from the root down. */
typedef enum azattest__level { LEVEL_ROOT, LEVEL_PLATFORM_CA, LEVEL_PCK, LEVELS } azattest__level;

typedef struct azattest__platform {
    azattest__key *keys[LEVELS];
    azattest__cert *certificates[LEVELS];
    azattest__key *attestation_key;
} azattest__platform;

/* What else a folder keeps, each in a file of its own that is made when it is first needed. */
typedef enum azattest__vault_id {
    VAULT_INTEL,
    VAULT_MILAN,
    VAULT_GENOA,
    VAULT_TURIN,
    VAULT_TPM,
    VAULTS
} azattest__vault_id;
enum { INTEL_PROCESSOR_CA, INTEL_PROCESSOR_PCK, INTEL_TCB_SIGNING, INTEL_KEYS };
enum { AMD_ARK, AMD_ASK, AMD_ASVK, AMD_CERTIFICATES, AMD_VCEK = AMD_CERTIFICATES, AMD_VLEK, AMD_KEYS };
enum { TPM_AK, TPM_EK, TPM_AK_EC, TPM_KEYS };
#define VAULT_KEYS 5

typedef struct azattest__vault {
    bool open;
    azattest__key *keys[VAULT_KEYS];
    azattest__cert *certificates[VAULT_KEYS]; /* of the first keys */
} azattest__vault;

struct azattest_simulator {
    azattest__platform platform;
    azattest__buf root_pem;
    azattest__buf chain_pem; /* leaf, intermediate, root, and the NUL that real quotes end with */
    char *folder;            /* absolute */
    char *root_path;
    azattest__vault vaults[VAULTS]; /* under the mutex until open */
    pthread_mutex_t mutex;
};

/* What a PCK certificate says of its platform. */
typedef struct azattest__sgx_values {
    unsigned char components[16], ppid[16], instance[16], fmspc[6], pceid[2];
    unsigned pcesvn;
    bool processor; /* of the Processor CA: without instance and configuration */
    bool without_fmspc;
} azattest__sgx_values;

/* The SGX extensions as Intel's CAs write them; appends. */
azattest_status azattest__sgx_extensions(const azattest__sgx_values *values, azattest__buf *out,
                                         azattest_error **error);
/* The values that every folder begins with; the identifiers are left zero. */
void azattest__sgx_values_default(azattest__sgx_values *out);

azattest_status azattest__platform_make(azattest__platform *out, azattest_error **error);
/* Every key is that of its certificate, and the certificates are a chain. */
azattest_status azattest__platform_check(const azattest__platform *platform, azattest_error **error);
void azattest__platform_clear(azattest__platform *platform);
/* Appends a certificate as PEM. */
void azattest__platform_put_certificate(const azattest__cert *certificate, azattest__buf *out);
/* A name of Intel's form, and a life from 2019 to the end of 2049. */
azattest__cert_request azattest__intel_request(const char *common_name);

/* Reads the platform of a folder, or makes one there; never half a one, and never one of two processes' each. */
azattest_status azattest__state_read_or_make(const char *folder, azattest_simulator *out, azattest_error **error);
/* A file of the folder beside the platform's, read or made likewise. Borrowed, for as long as the simulator lives. */
azattest_status azattest__vault_need(azattest_simulator *simulator, azattest__vault_id id, const azattest__vault **out,
                                     azattest_error **error);
void azattest__vault_clear(azattest__vault *vault);
/* Makes the keys and certificates of a vault. */
azattest_status azattest__vault_make(const azattest_simulator *simulator, azattest__vault_id id, azattest__vault *out,
                                     azattest_error **error);
/* File name, and how many keys and certificates are in it. */
typedef struct azattest__vault_text {
    const char *file;
    int keys, certificates;
    bool ec[VAULT_KEYS];
} azattest__vault_text;
extern const azattest__vault_text azattest__vault_texts[VAULTS];
/* Under the folder's lock: replaces a public file that is not what it should be. */
azattest_status azattest__state_publish(const char *path, azattest_bytes content, azattest_error **error);

/* A machine as the caller described it, with its defaults and its Intel certificates. Clear it after any outcome of
 * azattest__machine_open(). */
typedef struct azattest__machine {
    azattest_simulator *simulator;
    azattest_simulated_platform in; /* the caller's */
    azattest__sgx_values sgx;
    unsigned char tee_tcb_svn[16], tee_tcb_svn2[16];
    azattest__cert *pck, *ca, *tcb_signing; /* counted */
    const azattest__key *pck_key, *ca_key, *tcb_signing_key;
    azattest__buf chain_pem; /* as in the simulator */
    unsigned char ids[512];  /* certification data without a chain */
} azattest__machine;
azattest_status azattest__machine_open(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                                       azattest__machine *out, azattest_error **error);
void azattest__machine_clear(azattest__machine *machine);
static inline bool azattest__machine_has(const azattest__machine *machine, azattest_simulated_fault fault)
{
    return (machine->in.faults >> fault & 1) != 0;
}
/* The times of an item in seconds. */
void azattest__machine_window(const azattest_simulated_platform *platform, unsigned item, int64_t *from,
                              int64_t *until);
/* Checks the struct's size and copies it; NULL gives defaults. */
azattest_status azattest__platform_take(const azattest_simulated_platform *in, azattest_simulated_platform *out,
                                        azattest_error **error);
/* azattest__options_take() whose copy can be handed on as options again. */
azattest_status azattest__simulated_take(const void *in, void *out, size_t size, size_t *own_size, const char *init,
                                         azattest_error **error);
/* AZATTEST_E_ARGUMENT unless the bytes are absent or have that size. */
azattest_status azattest__simulated_size(azattest_bytes bytes, size_t size, const char *what, azattest_error **error);
/* A made-up measurement that everybody can make again: the first `len` bytes of SHA-512 of the text. */
azattest_status azattest__made_up(const char *what, unsigned char *out, size_t len, azattest_error **error);

/* What a quote is made of; signatures and the quoting enclave's binding are computed. */
#define AZATTEST__BODY_MAX 648
typedef struct azattest__quote_parts {
    unsigned char header[48], report[AZATTEST__BODY_MAX], qe_report[384];
    size_t report_size; /* 0: 384 */
    unsigned body_type; /* of version 5 */
    azattest_bytes auth_data;
    unsigned certification_type;
    azattest_bytes certification;
    const azattest__key *attestation_key, *pck_key;
    uint64_t faults; /* those that concern signatures and binding */
    size_t trailing; /* zero bytes behind it */
} azattest__quote_parts;

/* The parts of a quote of that enclave on this platform (the folder's first); borrows from the simulator. */
azattest_status azattest__quote_plan(const azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                     azattest__quote_parts *out, azattest_error **error);
/* The parts of a quote of an enclave or a TD on that machine; borrows from it. Structs as taken. */
azattest_status azattest__quote_plan_enclave(azattest__machine *machine, const azattest_simulated_enclave *enclave,
                                             azattest__quote_parts *out, azattest_error **error);
azattest_status azattest__quote_plan_td(azattest__machine *machine, const azattest_simulated_td *td,
                                        azattest__quote_parts *out, azattest_error **error);
/* Signs and assembles; appends to `out`. */
azattest_status azattest__quote_assemble(const azattest__quote_parts *parts, azattest__buf *out,
                                         azattest_error **error);
/* Fills a TD report body (584 or 648 bytes). */
azattest_status azattest__td_body(const azattest__machine *machine, const azattest_simulated_td *td,
                                  unsigned char *body, size_t size, azattest_error **error);

#endif
