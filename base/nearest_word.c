/* "Did you mean": Levenshtein distance over short words. */
#include "nearest_word.h"

#include <string.h>

#include "text.h"

enum { WORD_MAX = 32, EDITS_MAX = 2 };

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned ret = a < b ? a : b;
    return ret < c ? ret : c;
}

static unsigned distance(const char *a, const char *b)
{
    size_t a_length = strlen(a), b_length = strlen(b);
    unsigned row[WORD_MAX + 1];
    if (a_length > WORD_MAX || b_length > WORD_MAX)
        return WORD_MAX;
    for (unsigned j = 0; j <= b_length; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a_length; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b_length; j++) {
            unsigned above = row[j];
            bool is_same = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]);
            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (is_same ? 0 : 1));
            diagonal = above;
        }
    }
    return row[b_length];
}

const char *nearest_word(const char *word, const char *const *known)
{
    const char *ret = NULL;
    unsigned best = EDITS_MAX + 1;
    for (size_t i = 0; known[i] != NULL; i++) {
        unsigned d = distance(word, known[i]);
        if (d < best && d < strlen(known[i])) {
            best = d;
            ret = known[i];
        }
    }
    return ret;
}
