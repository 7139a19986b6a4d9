/*
 * Traceroutes by target: which of them were measured to a remote, within a window of time round a packet. Filled, then
 * sealed, then read-only and any thread may ask.
 */
#ifndef BORDERTAP_GEO_PATHS_TRACE_TABLE_INTERNAL_H
#define BORDERTAP_GEO_PATHS_TRACE_TABLE_INTERNAL_H

#include "paths/traceroute_internal.h"

struct trace_table;

enum {
    TRACE_TABLE_TRACES_MAX = 1000000,
    TRACE_TABLE_HOPS_MAX = 16 << 20,
    TRACE_MATCHES_MAX = 4,
    TRACE_WINDOW_SEC = 24 * 3600, /* the usual window */
};

struct trace_table *trace_table_new(void);        /* NULL: no memory */
void trace_table_free(struct trace_table *table); /* NULL is fine */

/**
 * Keeps a copy; `file` stays borrowed and must outlive the table.
 * @return STATUS_OK; STATUS_INVALID when the target is unknown; STATUS_UNSUPPORTED when the table is full, both
 * counted; STATUS_NO_MEMORY.
 */
enum status trace_table_add(struct trace_table *table, const struct traceroute *trace);
/** Makes it ready to be asked; nothing may be added afterwards. */
enum status trace_table_seal(struct trace_table *table);

struct trace_table_stats {
    uint64_t traceroutes, without_target, turned_away; /* turned away: the table was full */
    size_t bytes;                                      /* held */
};
struct trace_table_stats trace_table_stats(const struct trace_table *table);

enum trace_closeness {
    TRACE_SAME_ADDRESS,
    TRACE_SAME_ADDRESS_AT_UNKNOWN_TIME, /* the file does not say when */
    TRACE_SAME_PREFIX,                  /* another address of the same /24 (IPv4) or /48 (IPv6): a hint, no evidence */
};

struct trace_match {
    uint32_t index; /* for trace_table_get() */
    enum trace_closeness closeness;
    int64_t start_sec;
};

/**
 * The traceroutes to @p remote that started at most @p window_sec seconds before or after @p packet_sec, newest first.
 * Only when there are none: those of unknown time, else those to its prefix in the window. @return how many.
 */
size_t trace_table_find(const struct trace_table *table, const struct ip_address *remote, int64_t packet_sec,
                        int64_t window_sec, struct trace_match ret[static TRACE_MATCHES_MAX]);

/** Unpacks one into @p ret. @param index of a match. */
void trace_table_get(const struct trace_table *table, uint32_t index, struct traceroute *ret);

#endif
