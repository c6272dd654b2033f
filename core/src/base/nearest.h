/* "Did you mean": the word of a table that is nearest to one that is in none. */
#ifndef AZATTEST_BASE_NEAREST_H
#define AZATTEST_BASE_NEAREST_H

#include <stddef.h>

/* Keeps the candidate that is nearest to the word, if it is near at all. Start with NULL and SIZE_MAX. */
void azattest__nearer(const char *word, const char *candidate, const char **best, size_t *best_distance);

#endif
