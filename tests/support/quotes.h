/* Quotes for tests: of a simulated platform made for the run, whole or forged and signed again. */
#ifndef AZATTEST_TESTS_QUOTES_H
#define AZATTEST_TESTS_QUOTES_H

#include <azattest/evidence.h>

#include "simulator/platform.h"

/* 2026-01-01T00:00:00Z, inside the life of every simulated certificate. */
#define QUOTES_NOW_MS (INT64_C(1767225600) * 1000)

/* A simulator in a temporary folder, made at the first call; quotes_close() removes both. */
azattest_simulator *quotes_simulator(void);
const char *quotes_folder(void);
void quotes_close(void);

/* The parts of a quote of an enclave that holds `runtime data`, to change and to assemble. */
azattest__quote_parts quotes_parts(void);
#define QUOTES_RUNTIME_DATA "runtime data"
/* In a buffer that the test frees; the platform's keys sign whatever the parts say. */
azattest__buf quotes_assemble(const azattest__quote_parts *parts);
/* A whole quote, or an Open Enclave report around it. */
azattest__buf quotes_quote(void);
azattest__buf quotes_report(void);

/* Parses bytes from memory of exactly their size, so that a read behind them is seen. */
azattest_status quotes_parse(const void *bytes, size_t len, azattest_evidence **out, azattest_error **error);
/* Fails the test unless the status is that and the error's text has that part; frees the error and forgets it. */
void quotes_expect(azattest_status status, azattest_error **error, azattest_status expected, const char *message);

#endif
