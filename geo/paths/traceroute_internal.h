/*
 * Traceroutes as people and measurement platforms store them, whatever the tool. The kind of a file is told from its
 * content. Nothing is looked up: a router that is written by name only is a router that is not known.
 */
#ifndef BORDERTAP_GEO_PATHS_TRACEROUTE_INTERNAL_H
#define BORDERTAP_GEO_PATHS_TRACEROUTE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "status.h"
#include "text.h"

enum {
    TRACE_HOPS_MAX = 64,
    TRACE_ROUTERS_MAX = 4,
    TRACE_LABELS_MAX = 8,
    TRACE_FILE_BYTES_MAX = 256 << 20,
    TRACE_LINE_BYTES_MAX = 4 << 20,
    TRACE_FILE_TRACES_MAX = 1000000,
};

/** One router that answered. */
struct trace_router {
    struct ip_address address;
    uint32_t rtt_min_us; /* smallest round trip seen, 0 unknown; exact to `rtt_step_us` of its traceroute */
};

struct trace_hop {
    uint8_t ttl;          /* 1-255 */
    uint8_t router_count; /* 0: nobody answered, or only somebody whose address is not written */
    uint8_t label_count;
    bool has_more_routers;                          /* than TRACE_ROUTERS_MAX */
    struct trace_router routers[TRACE_ROUTERS_MAX]; /* in the order of the file */
    uint32_t labels[TRACE_LABELS_MAX];              /* MPLS label values (RFC 4950), top of the stack first */
};

struct traceroute {
    const char *file;     /* as given to traceroute_read_bytes(); borrowed */
    int64_t start_sec;    /* seconds since the epoch, 0 unknown: a time without its zone is not known */
    uint32_t rtt_step_us; /* what the tool rounds round trips to: add it before any bound is drawn from them */
    struct ip_address target, source; /* :: unknown */
    bool reached;                     /* the target itself answered */
    bool target_is_last_hop; /* the file names no target: the router of its last line is taken for it, as mtr ends there
                              */
    uint8_t hop_count;
    struct trace_hop hops[TRACE_HOPS_MAX]; /* by rising ttl; one that is missing was not probed or not written down */
};

enum trace_kind {
    TRACE_UNKNOWN,
    TRACE_JSON, /* mtr, RIPE Atlas, scamper */
    TRACE_WARTS,
    TRACE_SCAMPER_TEXT, /* scamper -O text, sc_warts2text, sc_wartsdump */
    TRACE_UNIX,         /* Linux, BSD, JunOS, IOS and its kin */
    TRACE_MTR_REPORT,
    TRACE_WINMTR,
    TRACE_TRACERT, /* Windows */
};

enum trace_refusal {
    TRACE_REFUSED_JSON, /* damaged or cut */
    TRACE_REFUSED_LONG, /* line or JSON value above 4 MiB */
    TRACE_REFUSED_CUT,  /* line that ends too early */
    TRACE_REFUSED_LINE, /* makes no sense where it stands */
    TRACE_REFUSED_ADDRESS,
    TRACE_REFUSED_HOP,   /* hop number that is none, or does not rise */
    TRACE_REFUSED_HOPS,  /* more than TRACE_HOPS_MAX in one traceroute */
    TRACE_REFUSED_FIELD, /* JSON record of a known kind without what it must have */
    TRACE_REFUSED_COUNT, /* more than TRACE_FILE_TRACES_MAX */
    TRACE_REFUSED_WARTS, /* record that is damaged or cut */
    TRACE_REFUSED_TOOL,  /* scamper's tool gave up */
    TRACE_REFUSAL_COUNT,
};

/** "bad_json", "too_long", "line_cut" ...: constant. */
const char *trace_refusal_text(enum trace_refusal refusal);

struct trace_report {
    enum trace_kind kind;
    uint64_t traceroutes;
    uint64_t passed_over;  /* records that are no traceroutes, in their right place */
    uint64_t named_only;   /* answers of routers whose address is not written */
    uint64_t late_replies; /* RIPE Atlas: answers to an earlier probe, nobody can say which */
    uint64_t refused[TRACE_REFUSAL_COUNT];
};

typedef void trace_visit(void *context, const struct traceroute *trace);

/**
 * Calls @p visit for each traceroute of a file's content. The traceroute is good until the visit returns, but for its
 * `file`, which is @p name.
 * @param ret_report always filled.
 * @return STATUS_OK; STATUS_TRUNCATED with @p error when something was refused and the rest was visited;
 * STATUS_MALFORMED when no traceroute came out, STATUS_UNSUPPORTED when the kind is unknown, the content too large or
 * scamper's tool not installed, STATUS_IO, STATUS_NO_MEMORY. @p error then is one sentence that names file and line or
 * offset. Any thread.
 */
enum status traceroute_read_bytes(const char *name, struct text bytes, trace_visit *visit, void *context,
                                  struct trace_report *ret_report, struct error *error);

#endif
