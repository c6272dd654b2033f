/*
 * Memory that runs out on request. The linker sends the library's calls here: a test that links this file names
 * --wrap=malloc,--wrap=calloc,--wrap=realloc (tests/unit/tests.cmake: memory_test).
 */
#ifndef AZATTEST_TESTS_FAILING_MEMORY_H
#define AZATTEST_TESTS_FAILING_MEMORY_H

#include <stddef.h>

/* How many allocations still succeed before one fails; negative: all. It is negative again once one has failed. */
extern long allocations_until_failure;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

#endif
