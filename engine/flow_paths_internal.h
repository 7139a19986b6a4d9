/*
 * What is known of the paths of a shard's flows, for the few of which anything is: a table beside the flows, so that
 * their records need not grow for it. Memory is taken as it is used. One thread at a time.
 */
#ifndef BORDERTAP_ENGINE_FLOW_PATHS_INTERNAL_H
#define BORDERTAP_ENGINE_FLOW_PATHS_INTERNAL_H

#include "counter.h"
#include "flow.h"
#include "flow_path.h"
#include "status.h"

enum { FLOW_PATHS_MAX = 4096 };

struct flow_paths;

enum status flow_paths_new(struct flow_paths **ret);
/** What is known of @p flow, or NULL. Good until it is forgotten. */
const struct flow_path *flow_paths_find(const struct flow_paths *paths, const struct flow *flow);
/** The same, made when there is none; NULL when FLOW_PATHS_MAX flows have one. */
struct flow_path *flow_paths_take(struct flow_paths *paths, const struct flow *flow);
/** The flow ends. */
void flow_paths_forget(struct flow_paths *paths, const struct flow *flow);
void flow_paths_free(struct flow_paths *paths); /* NULL is fine */

#endif
