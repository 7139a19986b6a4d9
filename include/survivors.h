/*
 * What outlives the catalogue, the policies or the databases that it came from: texts, products and indicators that
 * findings point at. Products are found again in the newer catalogue by their id; everything else, and a product that
 * left the catalogue, is copied, equal ones once. Whoever holds such pointers walks over them twice:
 *
 *   survivors_new() -> first walk: room is made, nothing changes -> survivors_settle() -> second walk: all are
 * exchanged
 *
 * so that want of memory shows while everything still is as it was. After the second walk the older data and the older
 * survivors have nothing to keep them. One thread.
 */
#ifndef BORDERTAP_SURVIVORS_H
#define BORDERTAP_SURVIVORS_H

#include <stddef.h>

#include "attribution.h"
#include "status.h"

struct survivors;

/** @param products of the catalogue that comes into force, @p count of them; borrowed. */
enum status survivors_new(const struct product *const *products, size_t count, struct survivors **ret);
/** Between the walks. @return STATUS_NO_MEMORY: nothing is to be exchanged. */
enum status survivors_settle(struct survivors *survivors);

/** Each leaves NULL alone. The second walk shows nothing that the first one did not. */
void survive_text(struct survivors *survivors, const char **text);
void survive_product(struct survivors *survivors, const struct product **product);
void survive_indicator(struct survivors *survivors, const struct indicator **indicator);

/** Bytes held. */
size_t survivors_size(const struct survivors *survivors);
/** NULL is fine. */
void survivors_free(struct survivors *survivors);

#endif
