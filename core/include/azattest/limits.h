/** Every ceiling of the library, in one place, each with its reason. Sizes are in bytes. */
#ifndef AZATTEST_LIMITS_H
#define AZATTEST_LIMITS_H

/** Raw evidence. Real quotes have 4 to 5 KB, in buffers of 8 KB; HCL bundles of later versions stay below 32 KB. */
#define AZATTEST_LIMIT_EVIDENCE (128u * 1024u)
/** Runtime claims of an HCL report: two keys and a configuration, 1.2 KB; the vendor's NV index has 2600 bytes. */
#define AZATTEST_LIMIT_RUNTIME_CLAIMS (32u * 1024u)
/** The log of what firmware and boot loaders measured; those of Azure's machines have 20 to 60 KB. */
#define AZATTEST_LIMIT_EVENT_LOG (512u * 1024u)
/** A file that wraps evidence (hexadecimal in JSON doubles its size). */
#define AZATTEST_LIMIT_EVIDENCE_FILE (512u * 1024u)
/** An appraisal: a list of some hundred chips is long. Values of one member; characters of a word among them. */
#define AZATTEST_LIMIT_APPRAISAL (256u * 1024u)
#define AZATTEST_LIMIT_APPRAISAL_VALUES 1024u
#define AZATTEST_LIMIT_APPRAISAL_WORD 64u
/** Runtime or init-time data: keys and small JSON documents. */
#define AZATTEST_LIMIT_RUNTIME_DATA (1024u * 1024u)
/** A whole compact token, and its parts (reference: header at most 16 KiB, body at most 1 MiB). */
#define AZATTEST_LIMIT_TOKEN (2u * 1024u * 1024u)
#define AZATTEST_LIMIT_TOKEN_HEADER (16u * 1024u)
#define AZATTEST_LIMIT_TOKEN_BODY (1024u * 1024u)
/** RSA-16384 gives 2048 bytes; nothing that the library accepts is larger. */
#define AZATTEST_LIMIT_SIGNATURE 2048u
/** A key id; the longest known one has 44 characters. */
#define AZATTEST_LIMIT_KEY_ID 256u
/** A nonce as sent with an attest call. */
#define AZATTEST_LIMIT_NONCE 4096u
/** A policy text; the largest published one has 12 KB. */
#define AZATTEST_LIMIT_POLICY (64u * 1024u)
/** What a policy is parsed to; conditions of one rule, tests of one condition, arguments of one call, calls in calls;
 * rules of all sections (the largest published policy has 44). Errors and warnings that are listed of one text. */
#define AZATTEST_LIMIT_POLICY_TREE (16u * 1024u * 1024u)
#define AZATTEST_LIMIT_POLICY_RULES 1000u
#define AZATTEST_LIMIT_POLICY_CONDITIONS 64u
#define AZATTEST_LIMIT_POLICY_CALLS 64u
#define AZATTEST_LIMIT_POLICY_DIAGNOSTICS 256u
/** Claims of one set, bytes of one claim's type and value (a log of boot events is a value), and of all of a set, as
 * JSON or in memory. */
#define AZATTEST_LIMIT_CLAIMS 4096u
#define AZATTEST_LIMIT_CLAIM_TYPE 1024u
#define AZATTEST_LIMIT_CLAIM_VALUE (1024u * 1024u)
#define AZATTEST_LIMIT_CLAIM_SET (8u * 1024u * 1024u)
/** Memory of one evaluation, and its work: one step is one test of one claim, or one node of JSON that a query visits;
 * long texts, names and numbers are several. The largest published policies take some thousand steps; all of them are
 * less than a second. */
#define AZATTEST_LIMIT_POLICY_MEMORY (64u * 1024u * 1024u)
#define AZATTEST_LIMIT_POLICY_WORK 10000000u
/** Sets of claims that a difference of policies is shown by: a folder of them. */
#define AZATTEST_LIMIT_POLICY_OUTCOMES 10000u
/** A JMESPath query in bytes, and how deep its expression nests. */
#define AZATTEST_LIMIT_JMESPATH (16u * 1024u)
#define AZATTEST_LIMIT_JMESPATH_DEPTH 64u
/** A secret that is sealed to a key: keys and passwords, perhaps a configuration. */
#define AZATTEST_LIMIT_SECRET (64u * 1024u)
/** A sealed secret: header and encrypted key beside it, and all of it in base64url. */
#define AZATTEST_LIMIT_SEALED (96u * 1024u)
/** A type of attestation; the longest known one has 14 characters. */
#define AZATTEST_LIMIT_ATTESTATION_TYPE 128u
/** The body of any answer, counted after decompression. Recorded /certs answers have 20 to 40 KB. */
#define AZATTEST_LIMIT_RESPONSE (4u * 1024u * 1024u)
/** All header lines of one answer. */
#define AZATTEST_LIMIT_RESPONSE_HEADERS (64u * 1024u)
/** Keys in one key set, and certificates in one chain. */
#define AZATTEST_LIMIT_KEYS 64u
#define AZATTEST_LIMIT_CHAIN 8u
/** A VCEK, ASK and ARK as PEM, and what a confidential container endorses (a signed COSE document of some KB). */
#define AZATTEST_LIMIT_CERTIFICATE_CHAIN (64u * 1024u)
#define AZATTEST_LIMIT_ENDORSEMENTS (128u * 1024u)
/** What a TPM's log, or a guest's, makes of an attest call: event logs have some hundred KB. */
#define AZATTEST_LIMIT_ATTESTATION_INFO (2u * 1024u * 1024u)
/** One DER certificate; MAA certificates with a quote inside have 5.5 KB. */
#define AZATTEST_LIMIT_CERTIFICATE (64u * 1024u)
/** A file of collateral: one platform's bundle has 20 KB, a set that was saved has those of a fleet. Items of a kind in
 * one set (an item has some KB), and one revocation list (60 bytes for a revoked certificate). */
#define AZATTEST_LIMIT_COLLATERAL_FILE (2u * 1024u * 1024u)
#define AZATTEST_LIMIT_COLLATERAL_ITEMS 256u
/** What is kept of one answer about collateral: its body and chain in base64. */
#define AZATTEST_LIMIT_COLLATERAL_RECORD (3u * 1024u * 1024u)
/** A revocation list in DER; Intel's have up to 4 KB. */
#define AZATTEST_LIMIT_CRL (1024u * 1024u)
/** Levels in one list of a TCB info or an identity (those of Intel have 1 to 20), and advisories of one level or
 * verdict.
 */
#define AZATTEST_LIMIT_TCB_LEVELS 512u
#define AZATTEST_LIMIT_ADVISORIES 64u
/** Nesting of JSON, members of one object, elements of one array. Attestation tokens nest 5 deep. */
#define AZATTEST_LIMIT_JSON_DEPTH 32u
#define AZATTEST_LIMIT_JSON_MEMBERS 4096u
#define AZATTEST_LIMIT_JSON_ELEMENTS 65536u
/** An endpoint address. */
#define AZATTEST_LIMIT_ENDPOINT 2048u
/** An access token; those with many groups have 10 KB. */
#define AZATTEST_LIMIT_ACCESS_TOKEN (32u * 1024u)
/** The scopes of one access token, and how many tokens a credential keeps. */
#define AZATTEST_LIMIT_SCOPES 2048u
/** A client secret; those of Entra ID have 40 characters. */
#define AZATTEST_LIMIT_CLIENT_SECRET 4096u
/** A tenant, in characters: a GUID or a DNS name. */
#define AZATTEST_LIMIT_TENANT 256u
/** An id or name of an identity, in characters: resource ids of Azure have some hundred. */
#define AZATTEST_LIMIT_IDENTITY_NAME 1024u
/** A request id or trace context of the caller, in characters. */
#define AZATTEST_LIMIT_REQUEST_ID 128u
/** The header of a sealed secret: an EC point and a key id are far below. */
#define AZATTEST_LIMIT_SEALED_HEADER 4096u
#define AZATTEST_LIMIT_CACHED_TOKENS 64u
/** A file with a federated token; one with a certificate and its key; the key file of Azure Arc (reference). */
#define AZATTEST_LIMIT_TOKEN_FILE (64u * 1024u)
#define AZATTEST_LIMIT_CERTIFICATE_FILE (256u * 1024u)
#define AZATTEST_LIMIT_ARC_KEY_FILE 4096u
/** What a process may print on either of its outputs. The CLI prints 3 KB. */
#define AZATTEST_LIMIT_PROCESS_OUTPUT (128u * 1024u)
/** Entries of the lists in an options struct (issuers, algorithms, required claims). */
#define AZATTEST_LIMIT_LIST 64u
/** Log messages that wait to be taken; an operation with all its tries gives about twenty. */
#define AZATTEST_LIMIT_LOG_LINES 1024u

#endif
