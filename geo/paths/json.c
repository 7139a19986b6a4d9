#include "paths/json_internal.h"

#include <jansson.h>
#include <math.h>

#define AS_LIBRARY(value) ((const json_t *)(value))

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip(struct text *rest, size_t count)
{
    rest->data += count;
    rest->length -= count;
}

/** @param ret_used bytes of the value, or up to where it stops being JSON. */
static enum json_result load(struct text text, struct json_t **ret_value, size_t *ret_used)
{
    json_error_t error = {.position = 0};
    bool is_all = text.length <= JSON_VALUE_BYTES_MAX;
    size_t length = is_all ? text.length : JSON_VALUE_BYTES_MAX;
    *ret_value = json_loadb(text.data, length, JSON_DISABLE_EOF_CHECK, &error);
    *ret_used = error.position < 0 ? 0 : (size_t)error.position;
    if (*ret_used > length)
        *ret_used = length;
    if (*ret_value != NULL)
        return JSON_VALUE;
    return !is_all && *ret_used + 1 >= length ? JSON_TOO_LONG : JSON_DAMAGED;
}

/**
 * Goes on at a line that starts with "{": the first after the start of the damaged value whose line the damage reached.
 * So no line is read more than twice, whatever the text holds.
 */
static void skip_damaged(struct text *rest, size_t used)
{
    const char *line = used > 0 ? memrchr(rest->data, '\n', used) : NULL;
    skip(rest, line ? (size_t)(line - rest->data) : used);
    for (;;) {
        const char *end = rest->length > 0 ? memchr(rest->data, '\n', rest->length) : NULL;
        if (end == NULL) {
            skip(rest, rest->length);
            return;
        }
        skip(rest, (size_t)(end - rest->data) + 1);
        if (rest->length > 0 && rest->data[0] == '{')
            return;
    }
}

/** Goes to the next value, into and out of arrays. @return false at the end. */
static bool find_value(struct json_values *values)
{
    struct text *rest = &values->rest;
    for (; rest->length > 0; skip(rest, 1)) {
        char c = rest->data[0];
        if (c == '[' && !values->is_array)
            values->is_array = true;
        else if (c == ']' && values->is_array)
            values->is_array = false;
        else if (!is_blank(c) && !(c == ',' && values->is_array))
            return true;
    }
    return false;
}

enum json_result value_next(struct json_values *values, struct json_t **ret_value, const char **ret_at)
{
    struct text *rest = &values->rest;
    size_t used;
    bool has_value = find_value(values);
    *ret_value = NULL;
    *ret_at = rest->data;
    if (!has_value) {
        bool is_cut = values->is_array;
        values->is_array = false;
        return is_cut ? JSON_DAMAGED : JSON_END;
    }
    enum json_result result = load(*rest, ret_value, &used);
    if (result == JSON_VALUE) {
        skip(rest, used);
        return result;
    }
    *ret_at = rest->data + (used < rest->length ? used : rest->length - 1);
    skip_damaged(rest, used);
    return result;
}

enum json_result value_first(struct text text, struct json_t **ret_value)
{
    size_t used;
    return load(text, ret_value, &used);
}

void value_free(struct json_t *value)
{
    json_decref(value);
}

const struct json_t *value_member(const struct json_t *object, const char *key)
{
    return json_object_get(object, key);
}

bool value_is_array(const struct json_t *value)
{
    return value != NULL && json_typeof(AS_LIBRARY(value)) == JSON_ARRAY;
}

size_t value_count(const struct json_t *array)
{
    return json_array_size(array);
}

const struct json_t *value_item(const struct json_t *array, size_t i)
{
    return json_array_get(array, i);
}

const char *value_string(const struct json_t *value)
{
    return json_string_value(value);
}

bool value_whole(const struct json_t *value, uint64_t most, uint64_t *ret)
{
    uint64_t number = 0;
    if (json_is_integer(value)) {
        json_int_t whole = json_integer_value(value);
        if (whole < 0 || (uint64_t)whole > most)
            return false;
        *ret = (uint64_t)whole;
        return true;
    }
    const char *text = json_string_value(value);
    if (text == NULL || *text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || number > UINT64_MAX / 10 - 1)
            return false;
        number = number * 10 + (uint64_t)(*text - '0');
    }
    if (number > most)
        return false;
    *ret = number;
    return true;
}

bool value_real(const struct json_t *value, double *ret)
{
    if (!json_is_number(value))
        return false;
    double number = json_number_value(value);
    if (!isfinite(number) || number < 0)
        return false;
    *ret = number;
    return true;
}
