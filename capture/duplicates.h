/*
 * A mirror port often shows a frame twice: ingress and egress, before and after a router, with another VLAN
 * or MAC. Duplicates are found on the innermost IP packet within a short window of packet time and counted;
 * a TCP retransmission (another IP id, later) is never taken for one.
 */
#ifndef BORDERTAP_CAPTURE_DUPLICATES_H
#define BORDERTAP_CAPTURE_DUPLICATES_H

#include <stdbool.h>

#include "counter.h"
#include "decoded.h"
#include "status.h"

struct duplicates;

enum status duplicates_new(struct duplicates **ret);
/** @return whether @p packet repeats one seen just before; remembers it when not. */
bool duplicates_check(struct duplicates *duplicates, const struct decoded *packet);
void duplicates_count(const struct duplicates *duplicates, counter_visit *visit, void *context);
void duplicates_free(struct duplicates *duplicates);

#endif
