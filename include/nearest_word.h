/* "Did you mean": for commands, options, keys and ids. */
#ifndef BORDERTAP_NEAREST_WORD_H
#define BORDERTAP_NEAREST_WORD_H

/** The word of @p known (NULL-terminated) at most two edits away from @p word, or NULL. */
const char *nearest_word(const char *word, const char *const *known);

#endif
