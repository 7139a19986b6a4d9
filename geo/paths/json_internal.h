/*
 * JSON as path files hold it, by libjansson: a run of values, one a line or not, or all of them in one array. Every
 * value stands alone, so that a damaged one costs no more than itself. What is asked of a value that is not of the
 * wanted type, or NULL, is not there.
 */
#ifndef BORDERTAP_GEO_PATHS_JSON_INTERNAL_H
#define BORDERTAP_GEO_PATHS_JSON_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

struct json_t; /* libjansson's */

enum { JSON_VALUE_BYTES_MAX = 4 << 20 };

enum json_result {
    JSON_VALUE,
    JSON_END,
    JSON_DAMAGED,  /* not JSON, or JSON that ends too early */
    JSON_TOO_LONG, /* more than JSON_VALUE_BYTES_MAX */
};

/** A walk over the values of a text. Start with `{.rest = text}`. */
struct json_values {
    struct text rest;
    bool is_array;
};

/**
 * The next value. @param ret_value owned by the caller (value_free()) on JSON_VALUE, else NULL.
 * @param ret_at where the value starts or, when it is damaged, where it stops being JSON; inside the text. The walk
 * then goes on at the next line that starts with "{".
 */
enum json_result value_next(struct json_values *values, struct json_t **ret_value, const char **ret_at);
/** The value at the start of @p text, whatever follows it. */
enum json_result value_first(struct text text, struct json_t **ret_value);
void value_free(struct json_t *value); /* NULL is fine */

/** Member @p key of an object; borrowed. @return NULL when there is none. */
const struct json_t *value_member(const struct json_t *object, const char *key);
bool value_is_array(const struct json_t *value);
size_t value_count(const struct json_t *array);
const struct json_t *value_item(const struct json_t *array, size_t i);
/** A string, without zero bytes inside; borrowed. @return NULL: it is none. */
const char *value_string(const struct json_t *value);
/** A whole number from 0 to @p most, also when it is written as a string of digits. */
bool value_whole(const struct json_t *value, uint64_t most, uint64_t *ret);
/** A number that is not negative, whole or not. */
bool value_real(const struct json_t *value, double *ret);

#endif
