/*
 * Names with wildcards inside labels: "*" is any run of characters of one label, "#" one or more digits. Neither
 * crosses a dot, so a pattern has as many labels as the names it matches. The same matcher serves HTTP paths, where "/"
 * and "?" take the dot's place.
 */
#include "catalog_internal.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

bool name_has_only_name_characters(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!is_name_character(name.data[i]) && name.data[i] != '.')
            return false;
    return true;
}

size_t name_labels(struct text name)
{
    size_t labels = name.length > 0;
    for (size_t i = 0; i < name.length; i++)
        labels += name.data[i] == '.';
    return labels;
}

static const char *refusal(struct text value, bool wildcards)
{
    size_t label = 0, labels = 1;
    char before = '.';
    if (value.length == 0 || value.length > NAME_MAX_LENGTH - 2)
        return "is empty or longer than a DNS name";
    for (size_t i = 0; i < value.length; i++) {
        char c = value.data[i];
        if (c == '.') {
            if (label == 0)
                return "has an empty label";
            if (before == '-')
                return "has a label that ends with -";
            label = 0;
            labels++;
        } else if (!is_name_character(c) && !(wildcards && (c == '*' || c == '#'))) {
            return c >= 'A' && c <= 'Z' ? "must be lower case" : "has a character that no name has";
        } else if (label == 0 && c == '-') {
            return "has a label that begins with -";
        } else if (++label > 63) {
            return "has a label of more than 63 characters";
        }
        before = c;
    }
    if (label == 0)
        return "ends with a dot";
    if (before == '-')
        return "has a label that ends with -";
    if (labels < 2 || labels > CATALOG_NAME_LABELS_MAX)
        return "must have 2 to 16 labels";
    return NULL;
}

const char *name_refusal(struct text value)
{
    return refusal(value, false);
}

/* "#" takes every digit there is, so another digit after it could never match; "**" says no more than "*". */
static bool has_loose_wildcard(struct text value)
{
    for (size_t i = 0; i + 1 < value.length; i++) {
        char c = value.data[i], next = value.data[i + 1];
        if ((c == '#' && (is_digit(next) || next == '#')) || (c == '*' && next == '*'))
            return true;
    }
    return false;
}

const char *pattern_refusal(struct text value)
{
    const char *why = refusal(value, true);
    if (why != NULL)
        return why;
    if (value.length - pattern_literals(value) > CATALOG_WILDCARDS_MAX)
        return "has more than 4 wildcards";
    if (has_loose_wildcard(value))
        return "has # before a digit or #, or a double *";
    if (memchr(value.data, '*', value.length) == NULL && memchr(value.data, '#', value.length) == NULL)
        return "has no wildcard: write it as domain";
    if (name_labels(pattern_fixed_suffix(value)) < 2)
        return "must end with two labels without wildcards";
    return NULL;
}

struct text pattern_fixed_suffix(struct text pattern)
{
    size_t at = pattern.length;
    while (at > 0 && pattern.data[at - 1] != '*' && pattern.data[at - 1] != '#')
        at--;
    if (at == 0)
        return pattern;
    const char *dot = memchr(pattern.data + at, '.', pattern.length - at);
    if (dot == NULL)
        return (struct text){pattern.data + pattern.length, 0};
    size_t start = (size_t)(dot - pattern.data) + 1;
    return (struct text){pattern.data + start, pattern.length - start};
}

size_t pattern_literals(struct text pattern)
{
    size_t count = 0;
    for (size_t i = 0; i < pattern.length; i++)
        count += pattern.data[i] != '*' && pattern.data[i] != '#';
    return count;
}

/* A classic glob: after a mismatch, the last "*" takes one character more. @p stops are what no wildcard crosses. */
static bool glob_matches(struct text pattern, struct text subject, const char *stops, bool is_prefix)
{
    size_t p = 0, s = 0, star = SIZE_MAX, star_subject = 0;
    for (;;) {
        if (p == pattern.length && (is_prefix || s == subject.length))
            return true;
        bool stepped = false;
        if (p < pattern.length && pattern.data[p] == '*') {
            star = p++;
            star_subject = s;
            continue;
        }
        if (p < pattern.length && s < subject.length && pattern.data[p] == '#') {
            size_t digits = s;
            while (digits < subject.length && is_digit(subject.data[digits]))
                digits++;
            stepped = digits > s;
            s = digits;
        } else if (p < pattern.length && s < subject.length && pattern.data[p] == subject.data[s]) {
            stepped = true;
            s++;
        }
        if (stepped) {
            p++;
            continue;
        }
        if (star == SIZE_MAX || star_subject >= subject.length || strchr(stops, subject.data[star_subject]) != NULL)
            return false;
        s = ++star_subject;
        p = star + 1;
    }
}

bool pattern_matches(struct text pattern, struct text name)
{
    return glob_matches(pattern, name, ".", false);
}

bool path_matches(struct text pattern, struct text path)
{
    return glob_matches(pattern, path, "/?", true);
}

bool name_is_under(struct text name, struct text zone)
{
    if (zone.length == 0 || name.length < zone.length)
        return false;
    size_t before = name.length - zone.length;
    return memcmp(name.data + before, zone.data, zone.length) == 0 && (before == 0 || name.data[before - 1] == '.');
}
