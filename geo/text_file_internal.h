/* A file in memory, unpacked when its name ends in .gz. */
#ifndef BORDERTAP_GEO_TEXT_FILE_INTERNAL_H
#define BORDERTAP_GEO_TEXT_FILE_INTERNAL_H

#include <stdbool.h>

#include "status.h"
#include "text.h"

struct text_file {
    struct text text;
    char *bytes; /* owned */
};

/** Files above 1 GiB, packed or not, are refused. */
enum status text_file_open(const char *path, struct text_file *ret, struct error *error);
void text_file_close(struct text_file *file);

/** Without the byte order mark that some editors put first. */
struct text text_without_mark(struct text text);

/** Takes the next line off @p rest, without its end ("\n" or "\r\n"). @return false at the end. */
bool text_file_line(struct text *rest, struct text *ret_line);

#endif
