/*
 * ISO 3166-1 alpha-2 codes as values. XK (Kosovo) is known; EU, AP, A1, A2, A3, O1, T1, XD, ZZ, XX
 * are what databases write when they do not know, and are no country here.
 */
#ifndef BORDERTAP_COUNTRY_H
#define BORDERTAP_COUNTRY_H

#include <stdbool.h>
#include <stddef.h>

struct country {
    char code[3]; /* two upper-case letters and a zero; "" is no country */
};

/** @return false and @p ret untouched unless @p code is an upper-case assigned code (or XK). */
bool country_parse(const char *code, size_t length, struct country *ret);
/** English short name; NULL for a code that is not assigned. */
const char *country_name(struct country c);
/** The code that was probably meant by a wrong one ("UK" -> "GB", "ru" -> "RU", "Iran" -> "IR"), or NULL. */
const char *country_suggestion(const char *wrong);
enum { COUNTRY_WHY_SIZE = 192 };
/** What stands behind "... is no ISO 3166-1 alpha-2 code": what is meant, or why it is none. */
void country_explain(const char *wrong, char ret[static COUNTRY_WHY_SIZE]);

static inline bool country_equal(struct country a, struct country b)
{
    return a.code[0] == b.code[0] && a.code[1] == b.code[1];
}

static inline bool country_is_known(struct country c)
{
    return c.code[0] != '\0';
}

#endif
