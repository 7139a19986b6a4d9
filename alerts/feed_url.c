/* "SCHEME:PATH?key=value&..." into its parts. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "feed_url_internal.h"
#include "nearest_word.h"

static const char *const keys[] = {"format", "min-severity", "flows", "accepted", NULL};

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* RFC 3986, 2.1. A '%' that starts no escape stands for itself, a zero byte is refused. */
static bool decode(const char *from, size_t length, char *ret, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        int high = from[i] == '%' && i + 2 < length ? hex_value(from[i + 1]) : -1;
        int low = high >= 0 ? hex_value(from[i + 2]) : -1;
        char c = low >= 0 ? (char)(high * 16 + low) : from[i];
        i += low >= 0 ? 2 : 0;
        if (c == '\0' || used + 1 >= room)
            return false;
        ret[used++] = c;
    }
    ret[used] = '\0';
    return true;
}

static bool read_flag(const char *value, bool *ret)
{
    *ret = strcmp(value, "true") == 0 || strcmp(value, "") == 0;
    return *ret || strcmp(value, "false") == 0;
}

static enum status read_pair(struct feed_url *url, const char *key, const char *value, struct error *error)
{
    if (strcmp(key, "format") == 0) {
        snprintf(url->format, sizeof(url->format), "%s", value);
    } else if (strcmp(key, "min-severity") == 0) {
        if (!severity_parse(value, &url->options.min_severity))
            return error_set(error, STATUS_INVALID,
                             "output %s: '%.40s' is no severity; there are info, low, medium, high and critical",
                             url->text, value);
    } else if (strcmp(key, "flows") == 0) {
        if (!read_flag(value, &url->options.flows))
            return error_set(error, STATUS_INVALID, "output %s: flows must be true or false, not '%.40s'", url->text,
                             value);
    } else if (strcmp(key, "accepted") == 0) {
        if (!read_flag(value, &url->options.accepted))
            return error_set(error, STATUS_INVALID, "output %s: accepted must be true or false, not '%.40s'", url->text,
                             value);
    } else {
        const char *near = nearest_word(key, keys);
        return error_set(error, STATUS_INVALID,
                         "output %s: unknown key '%.40s'%s%s%s; there are format, min-severity, flows and accepted",
                         url->text, key, near ? " (is '" : "", near ? near : "", near ? "' meant?)" : "");
    }
    return STATUS_OK;
}

static enum status read_query(struct feed_url *url, const char *query, struct error *error)
{
    while (*query != '\0') {
        char key[48] = "", value[48] = "";
        size_t length = strcspn(query, "&"), name = strcspn(query, "=&");
        if (!decode(query, name, key, sizeof(key)) ||
            (name < length && !decode(query + name + 1, length - name - 1, value, sizeof(value))))
            return error_set(error, STATUS_INVALID, "output %s: '%.*s' is too long to mean anything", url->text, 60,
                             query);
        enum status status = read_pair(url, key, value, error);
        if (status != STATUS_OK)
            return status;
        query += length + (query[length] == '&');
    }
    return STATUS_OK;
}

enum status feed_url_parse(const char *text, const struct feed_options *defaults, struct feed_url *ret,
                           struct error *error)
{
    *ret = (struct feed_url){.text = text, .options = *defaults};
    size_t whole = strcspn(text, "?");
    size_t scheme = strcspn(text, ":?");
    bool is_stdout = whole == 1 && text[0] == '-';
    if (!is_stdout && (text[scheme] != ':' || scheme >= sizeof(ret->scheme)))
        return error_set(error, STATUS_INVALID,
                         "output '%.200s' is no URL; write file:PATH, unix:PATH or - for standard output", text);
    if (!is_stdout) {
        memcpy(ret->scheme, text, scheme);
        if (!decode(text + scheme + 1, whole - scheme - 1, ret->path, sizeof(ret->path)) || ret->path[0] == '\0')
            return error_set(error, STATUS_INVALID, "output '%.200s' has no usable path", text);
    }
    return text[whole] == '?' ? read_query(ret, text + whole + 1, error) : STATUS_OK;
}
