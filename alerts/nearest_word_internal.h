#ifndef BORDERTAP_ALERTS_NEAREST_WORD_INTERNAL_H
#define BORDERTAP_ALERTS_NEAREST_WORD_INTERNAL_H

/** The word of @p known (NULL-terminated) at most two edits away from @p word, or NULL. */
const char *nearest_word(const char *word, const char *const *known);

#endif
