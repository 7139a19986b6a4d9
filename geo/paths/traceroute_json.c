#include "paths/json_internal.h"
#include "paths/traceroute_reader_internal.h"

bool trace_json_address(const struct json_t *value, struct ip_address *ret)
{
    const char *written = value_string(value);
    struct text rest = text_of(written), word;
    while (trace_word(&rest, &word)) /* "name (address)" */
        if (trace_address(word, ret))
            return true;
    return false;
}

bool trace_json_rtt(const struct json_t *milliseconds, uint32_t *ret_us)
{
    double ms;
    if (!value_real(milliseconds, &ms) || ms > 3600000)
        return false;
    *ret_us = (uint32_t)(ms * 1000 + 0.5);
    if (*ret_us == 0)
        *ret_us = TRACE_RTT_BELOW_STEP;
    return true;
}

static void read_record(struct trace_reader *reader, const struct json_t *record, const char *at)
{
    if (trace_atlas_record(reader, record, at) || trace_scamper_record(reader, record, at) ||
        trace_mtr_record(reader, record, at))
        trace_end(reader);
    else
        reader->report->passed_over++;
}

void trace_read_json(struct trace_reader *reader, struct text text)
{
    struct json_values values = {.rest = text};
    struct json_t *value;
    const char *at;
    for (;;) {
        switch (value_next(&values, &value, &at)) {
        case JSON_END:
            return;
        case JSON_VALUE:
            read_record(reader, value, at);
            value_free(value);
            break;
        case JSON_DAMAGED:
            trace_refuse(reader, TRACE_REFUSED_JSON, at);
            break;
        case JSON_TOO_LONG:
            trace_refuse(reader, TRACE_REFUSED_LONG, at);
            break;
        }
    }
}
