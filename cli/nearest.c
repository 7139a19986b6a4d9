/* "Did you mean": for commands, options and keys of the configuration. */
#include <string.h>

#include "cli/cli.h"

enum { WORD_MAX = 31, EDITS_MAX = 2 };

/* How many single-letter edits lie between two short words. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t above[WORD_MAX + 1], length = strlen(b);
    if (strlen(a) > WORD_MAX || length > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= length; j++)
        above[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = above[0];
        above[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = above[j];
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (above[j - 1] + 1 < best)
                best = above[j - 1] + 1;
            above[j] = best;
        }
    }
    return above[length];
}

const char *nearer_word(const char *wrong, const char *best, const char *candidate)
{
    size_t edits = edit_distance(wrong, candidate);
    if (edits > EDITS_MAX || edits >= strlen(candidate))
        return best;
    return best == NULL || edits < edit_distance(wrong, best) ? candidate : best;
}
