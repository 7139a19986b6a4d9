/*
 * Text for a terminal. What came from the network goes through text_put(): control characters, escape sequences, bytes
 * that are not UTF-8, and the characters that reorder or hide others (bidi, zero width) are shown as \x1b or \u{202e}
 * and never sent.
 */
#ifndef BORDERTAP_ALERTS_TEXT_WRITER_INTERNAL_H
#define BORDERTAP_ALERTS_TEXT_WRITER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct text_writer {
    char *data; /* owned; not terminated */
    size_t length, room;
    bool failed; /* memory ran out: the text is not whole */
};

void text_reset(struct text_writer *w);
void text_clear(struct text_writer *w);
/** Our own words: sent as they are. */
void text_print(struct text_writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Anybody's words, made safe. NULL data writes nothing. */
void text_put(struct text_writer *w, struct text value);
void text_put_string(struct text_writer *w, const char *value);
/** Spaces until @p width columns have been used since @p start; for text of one column a character. */
void text_pad(struct text_writer *w, size_t start, size_t width);

#endif
