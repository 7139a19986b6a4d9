/*
 * The counters a person must see: "0 findings" is a clean bill only beside what was not seen. What is known to be plain
 * statistics is left out; any other counter that is not zero is named, so that a new one is never silent by oversight.
 */
#include "text_internal.h"

/* What an ordinary run counts: no packet, flow or fact is missing because of it. */
static const struct {
    const char *group;
    const char *names[12]; /* "flows_": all that begin so */
} statistics[] = {
    {"source",
     {"packets", "bytes_captured", "files_read", "files_passed_over", "files_seen_twice", "interfaces",
      "blocks_skipped", "packets_back_in_time"}},
    {"live", {"dropped_by_kernel", "dropped_by_interface", "times_down", "times_gone"}}, /* told by interface */
    {"decode", {"decoded", "fragment_held", "arp", "wifi_no_data"}},
    {"fragments", {"datagrams_completed"}},
    {"flow",
     {"created", "alive_peak", "ended_fin", "ended_reset", "ended_idle", "ended_reused", "ended_end_of_input",
      "ended_unanswered", "packets_back_in_time"}},
    {"reassembly", {"segments_retransmitted", "segments_out_of_order", "bytes_peak"}},
    {"inspect", {"flows_", "inspections_used_most", "block_bytes"}},
    {"dns_memory", {"bindings", "bindings_", "learned", "refreshed", "expired", "name_units"}},
    {"flow_path", {"flows_with_changed_hop_limit", "routers_that_quoted_a_flow", "quotes_of_no_flow"}},
    {"paths", {"traceroutes", "local_routes", "updates_sent_by_us", "updates_older_than_the_table"}},
    {"findings", {"opened", "updated", "escalated", "closed", "flows_moved"}},
    {"store", {"transactions", "findings_restored"}},
};

static bool fits(const char *pattern, const char *name)
{
    size_t length = strlen(pattern);
    return strcmp(pattern, name) == 0 || (pattern[length - 1] == '_' && strncmp(pattern, name, length) == 0);
}

bool counter_is_statistic(const struct counter *counter)
{
    for (size_t i = 0; i < sizeof(statistics) / sizeof(statistics[0]); i++)
        for (size_t n = 0; statistics[i].names[n] != NULL; n++)
            if (strcmp(statistics[i].group, counter->group) == 0 && fits(statistics[i].names[n], counter->name))
                return true;
    return false;
}

static bool is_same(const struct counter *a, const struct counter *b)
{
    return strcmp(a->group, b->group) == 0 && strcmp(a->name, b->name) == 0;
}

/* The sum over all counters of that group and name; 0 when an earlier one stood for it already. */
static uint64_t sum_at_first(const struct summary_record *s, size_t at)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < s->counter_count; i++) {
        if (!is_same(&s->counters[i], &s->counters[at]))
            continue;
        if (i < at)
            return 0;
        sum += s->counters[i].value;
    }
    return sum;
}

static bool is_first_of_group(const struct summary_record *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(s->counters[i].group, s->counters[at].group) == 0)
            return false;
    return true;
}

static void put_group(struct text_state *t, const struct summary_record *s, const char *group)
{
    bool is_begun = false;
    for (size_t i = 0; i < s->counter_count; i++) {
        if (strcmp(s->counters[i].group, group) != 0 || counter_is_statistic(&s->counters[i]))
            continue;
        uint64_t value = sum_at_first(s, i);
        if (value == 0)
            continue;
        if (is_begun)
            text_print(&t->out, ", %s %llu", s->counters[i].name, (unsigned long long)value);
        else
            text_print(&t->out, "counted: %s: %s %llu", group, s->counters[i].name, (unsigned long long)value);
        is_begun = true;
    }
    if (is_begun)
        text_print(&t->out, "\n");
}

void text_put_counters(struct text_state *t, const struct summary_record *s)
{
    for (size_t i = 0; i < s->counter_count; i++)
        if (is_first_of_group(s, i))
            put_group(t, s, s->counters[i].group);
}
