/* What a judge has counted and seen. */
#include <stdlib.h>
#include <string.h>

#include "engine/judge_parts_internal.h"

uint64_t judge_hosts(const struct judge *judge)
{
    return hosts_size(judge->hosts);
}

static int by_id(const void *a, const void *b)
{
    const struct product *const *left = a, *const *right = b;
    return strcmp((*left)->id, (*right)->id);
}

size_t judge_products(struct judge *judge, const struct product *const **ret)
{
    qsort(judge->products, judge->product_count, sizeof(judge->products[0]), by_id);
    *ret = judge->products;
    return judge->product_count;
}

void judge_findings(const struct judge *judge, uint64_t ret[static SEVERITY_COUNT])
{
    ledger_findings_by_severity(judge->ledger, ret);
}

struct latency_sample judge_latency(const struct judge *judge)
{
    return teller_latency(judge->teller);
}

enum severity judge_worst(const struct judge *judge)
{
    return teller_worst(judge->teller);
}

void judge_count(const struct judge *judge, counter_visit *visit, void *context)
{
    dns_memory_count(judge->dns, visit, context);
    ledger_count(judge->ledger, visit, context);
    hosts_count(judge->hosts, visit, context);
    teller_count(judge->teller, visit, context);
    visit(context, &(struct counter){"engine", "flows_not_counted_into_findings", judge->told.refused});
}
