/* The log of what firmware and boot loaders measured. Its content may be believed as far as replaying it gives the PCRs
 * that a TPM quotes. Sources: TCG PC Client Platform Firmware Profile, sections 10.2 (events) and 10.4.5.3
 * (EV_NO_ACTION). Integers are little-endian here. */
#ifndef AZATTEST_EVIDENCE_TPM_EVENT_LOG_H
#define AZATTEST_EVIDENCE_TPM_EVENT_LOG_H

#include "quote.h"

typedef struct azattest__event {
    size_t index; /* from 0; the head of a crypto-agile log counts */
    uint32_t pcr, type;
    azattest_bytes digest; /* of the bank, or absent */
    azattest_bytes data;   /* in the log */
} azattest__event;
typedef azattest_status (*azattest__event_visitor)(void *user, const azattest__event *event, azattest_error **error);
/* Visits every event in order, whatever its PCR, until one is refused. The log may be in the old form, which has SHA-1
 * alone, or in the crypto-agile one; zeros or ff bytes behind its last event are the rest of its buffer.
 * AZATTEST_E_EVIDENCE names the event that is cut or malformed. */
azattest_status azattest__event_log_walk(azattest_bytes log, uint16_t bank, azattest__event_visitor visit, void *user,
                                         azattest_error **error);

typedef struct azattest__event_log {
    size_t events;
    uint32_t extended; /* bit i: the log has an event that extends PCR i */
    unsigned char values[AZATTEST__TPM_PCRS][AZATTEST__HASH_MAX];
} azattest__event_log;

/* Extends the digests of one bank from where each PCR starts. AZATTEST_E_EVIDENCE names the event that is cut, has no
 * digest of the bank, or is of a PCR that is none. */
azattest_status azattest__event_log_replay(azattest_bytes log, uint16_t bank, azattest__event_log *out,
                                           azattest_error **error);
/* Bit i of a mask is PCR i. */
typedef struct azattest__event_log_match {
    size_t compared;
    uint32_t not_given;  /* the log extends it, and no value is given */
    uint32_t not_logged; /* the value given is not where it starts from, and the log has nothing of it */
} azattest__event_log_match;
/* Each PCR that the log extends and that `pcrs` has a value for is what the replay gives. */
azattest_status azattest__event_log_check(const azattest__event_log *log, uint16_t bank, const azattest__tpm_pcr *pcrs,
                                          size_t count, azattest__event_log_match *out, azattest_error **error);

#endif
