/*
 * Does the mirror port show these packets twice? Packets that cannot be equal by chance answer that: in the order in
 * which they came each has its copy, or it has none. Only what stands before a packet counts for it, so copies that
 * are still to come say nothing, however late they are. Kept for each direction between two addresses, since a port
 * may double some of them only, and for all packets together.
 */
#ifndef BORDERTAP_CAPTURE_DOUBLING_INTERNAL_H
#define BORDERTAP_CAPTURE_DOUBLING_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

enum { TRUST_MAX = 8, TRUST_MIN = -4, TRUST_LOST = 2 /* for a packet without its copy; a copy gains 1 */ };

struct doubling {
    uint32_t provable; /* packets so far that can prove a doubling; the last one's place */
    uint32_t settled;  /* place of the last one that is accounted for */
    uint32_t delay_ns; /* of the last copy that was sure to be one */
    int16_t trust;     /* TRUST_MIN ... TRUST_MAX, by what was settled */
    bool has_delay;
};

/** @param place of the last provable packet before the one in question. @return above 0: doubles; below: does not. */
int doubling_trust(const struct doubling *doubling, uint32_t place);

/** Whether a copy comes that late, as far as known. */
bool doubling_fits(const struct doubling *doubling, int64_t apart_ns);

/** The packet at @p place came once more. @param is_proof false: that says nothing for or against a doubling. */
void doubling_settle(struct doubling *doubling, uint32_t place, bool is_proof);

void doubling_set_delay(struct doubling *doubling, int64_t apart_ns);

#endif
