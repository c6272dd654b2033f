/*
 * The requests for collateral: which items a piece of evidence needs, and how each source is asked for them. One
 * request and one answer each. Sources: Intel PCS API version 4; Azure DCAP client; AMD publication 57230 (KDS).
 */
#ifndef AZATTEST_PROTOCOL_COLLATERAL_H
#define AZATTEST_PROTOCOL_COLLATERAL_H

#include <azattest/collateral_client.h>

#include "../evidence/evidence.h"
#include "http.h"

typedef enum azattest__collateral_source {
    AZATTEST__SOURCE_AUTO,
    AZATTEST__SOURCE_INTEL,
    AZATTEST__SOURCE_PCCS,
    AZATTEST__SOURCE_AZURE,
    AZATTEST__SOURCE_AZURE_VM,
    AZATTEST__SOURCE_AMD
} azattest__collateral_source;

typedef enum azattest__collateral_item {
    AZATTEST__PCK_CERTIFICATE,
    AZATTEST__TCB_INFO,
    AZATTEST__QE_IDENTITY,
    AZATTEST__PCK_CRL,
    AZATTEST__ROOT_CA_CRL,
    AZATTEST__VCEK,
    AZATTEST__AMD_CHAIN,
    AZATTEST__AMD_CRL,
    AZATTEST__AMD_CERTIFICATES /* a VCEK with its chain, as Azure has them */
} azattest__collateral_item;
/* "tcb_info" ..., as azattest_collateral_add_response() calls them where it knows them. */
const char *azattest__collateral_item_name(azattest__collateral_item item);

/* Options that have passed their checks. */
typedef struct azattest__collateral_settings {
    azattest__collateral_source source;
    azattest__origin endpoint; /* text NULL: the source's own hosts */
    char *region;              /* or NULL */
    azattest__snp_product product;
    int evaluation_number; /* 0: none */
    const char *update;    /* a literal, or NULL */
    char *subscription_key;
    bool crls_only;
} azattest__collateral_settings;
azattest_status azattest__collateral_settings_take(const azattest_collateral_options *options,
                                                   azattest__collateral_settings *out, azattest_error **error);
void azattest__collateral_settings_clear(azattest__collateral_settings *settings); /* wipes the key */

#define AZATTEST__ENCRYPTED_PPID_MAX 384u

/* What the evidence says of its platform, copied. */
typedef struct azattest__collateral_subject {
    azattest__collateral_source source; /* of the settings; AUTO has become the maker */
    bool is_intel, is_tdx, is_amd;
    bool has_platform; /* fmspc and ca are known */
    unsigned char fmspc[6];
    const char *ca; /* "processor" or "platform" */
    unsigned char cpu_svn[16], qe_id[16], encrypted_ppid[AZATTEST__ENCRYPTED_PPID_MAX];
    size_t encrypted_ppid_len;           /* 0: the evidence has none */
    unsigned char pce_svn[2], pce_id[2]; /* as they stand there: little-endian, as they are asked for */

    azattest__snp_product product;
    bool by_vlek;
    bool wants_vcek; /* it signed the report, the chip is not hidden, and it did not come with the report */
    unsigned char chip_id[64], reported_tcb[8];
} azattest__collateral_subject;
azattest_status azattest__collateral_subject_read(const azattest_evidence *evidence,
                                                  const azattest__collateral_settings *settings,
                                                  azattest__collateral_subject *out, azattest_error **error);
/* Completes a subject that only named its PCK certificate: `chain` is that certificate with its issuers, in PEM. */
azattest_status azattest__collateral_subject_complete(azattest__collateral_subject *subject, azattest_bytes chain,
                                                      azattest_error **error);

#define AZATTEST__COLLATERAL_ITEMS_MAX 8u
/* The items to fetch, in their order. With a PCK certificate that is still to come, that one alone. */
size_t azattest__collateral_plan(const azattest__collateral_subject *subject,
                                 const azattest__collateral_settings *settings,
                                 azattest__collateral_item items[AZATTEST__COLLATERAL_ITEMS_MAX]);

/* The request for an item of the plan; without the headers that every request has. */
azattest_status azattest__collateral_request(azattest__collateral_item item,
                                             const azattest__collateral_subject *subject,
                                             const azattest__collateral_settings *settings, azattest_request *request,
                                             azattest_error **error);
/* What makes the item's answer another one, though the address is the same: appended to the address in the key. */
void azattest__collateral_distinguish(azattest__collateral_item item, const azattest__collateral_subject *subject,
                                      azattest__buf *out);
/* For messages: what an item is, and the next step after a refusal with that HTTP status; NULL: none is known. */
const char *azattest__collateral_what(azattest__collateral_item item);
const char *azattest__collateral_hint(azattest__collateral_item item, azattest__collateral_source source, int status);

/* The issuer chain of the answer's header in PEM, in any of its spellings; absent when the item needs none and has
 * none. Appends to `out`. AZATTEST_E_RESPONSE: it is missing or cannot be read. */
azattest_status azattest__collateral_issuer_chain(azattest__collateral_item item,
                                                  const azattest_http_response *response, azattest__buf *out,
                                                  azattest_error **error);
/* A certificate before its issuers, all in PEM: Azure's cache ends it without a line end. */
void azattest__collateral_join(azattest_bytes certificate, azattest_bytes chain, azattest__buf *out);
/* Adds an answer, or what was kept of one, to a set. AZATTEST_E_MALFORMED, _UNSUPPORTED, _LIMIT as the set says. */
azattest_status azattest__collateral_put(azattest__collateral_item item, azattest_bytes body, azattest_bytes chain,
                                         azattest_collateral *set, azattest_error **error);
/* The set, which holds that answer alone, is about what was asked for: its TEE, its FMSPC, its authority.
 * AZATTEST_E_MALFORMED says what it is about instead. */
azattest_status azattest__collateral_check_subject(azattest__collateral_item item,
                                                   const azattest__collateral_subject *subject,
                                                   const azattest_collateral *set, azattest_error **error);
/* How long an answer is fresh, in milliseconds: by its Cache-Control, else as long as its kind usually is. */
int64_t azattest__collateral_life_ms(azattest__collateral_item item, const azattest_http_response *response);

/* What is kept of an answer, as text: a line with a hash of the rest, then JSON. */
typedef struct azattest__collateral_record {
    azattest__collateral_item item;
    char *key;
    int64_t fetched_ms, fresh_until_ms; /* since 1970 UTC */
    azattest__buf chain, body;
} azattest__collateral_record;
azattest_status azattest__collateral_record_write(const char *key, azattest__collateral_item item, int64_t fetched_ms,
                                                  int64_t fresh_until_ms, azattest_bytes chain, azattest_bytes body,
                                                  azattest__buf *out, azattest_error **error);
/* AZATTEST_E_MALFORMED or _LIMIT: what is wrong with it. */
azattest_status azattest__collateral_record_read(azattest_bytes text, azattest__collateral_record *out,
                                                 azattest_error **error);
void azattest__collateral_record_clear(azattest__collateral_record *record);

#endif
