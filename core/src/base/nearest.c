#include "nearest.h"

#include <string.h>

/* Levenshtein distance; words of the tables are short, longer ones are no typing mistake. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 48 };
    size_t row[LONGEST + 1], a_len = strlen(a), b_len = strlen(b);

    if (a_len > LONGEST || b_len > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t changed = diagonal + (a[i - 1] != b[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            diagonal = row[j];
            row[j] = changed < least ? changed : least;
        }
    }
    return row[b_len];
}

void azattest__nearer(const char *word, const char *candidate, const char **best, size_t *best_distance)
{
    size_t d = distance(word, candidate);
    size_t near = strlen(candidate) / 3 > 2 ? strlen(candidate) / 3 : 2;

    if (d <= near && d < *best_distance && d < strlen(candidate)) {
        *best = candidate;
        *best_distance = d;
    }
}
