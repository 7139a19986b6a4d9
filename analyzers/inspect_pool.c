/*
 * Memory of an inspector: inspections in slabs, blocks by powers of two, texts inside an inspection. All of it comes
 * back to free lists, so that after warm-up a packet costs no call of the allocator.
 */
#include "inspect_internal.h"

#include <stdlib.h>

struct inspection_slab {
    struct inspection_slab *next;
    struct inspection inspections[INSPECTIONS_PER_SLAB];
};

/** The head of a block; its user's bytes follow. */
struct block {
    struct block *next; /* in a free list */
    size_t class_;
};

_Static_assert(sizeof(struct block) % _Alignof(max_align_t) == 0, "the bytes behind a block's head are aligned");

static bool inspection_pool_grow(struct inspector *inspector)
{
    if (inspector->inspections_made + INSPECTIONS_PER_SLAB > INSPECTIONS_MAX)
        return false;
    struct inspection_slab *slab = malloc(sizeof(*slab));
    if (slab == NULL)
        return false;
    slab->next = inspector->slabs;
    inspector->slabs = slab;
    inspector->inspections_made += INSPECTIONS_PER_SLAB;
    for (size_t i = INSPECTIONS_PER_SLAB; i-- > 0;) {
        slab->inspections[i].state = inspector->free_inspections; /* while free, `state` links the list */
        inspector->free_inspections = &slab->inspections[i];
    }
    return true;
}

struct inspection *inspection_pool_take(struct inspector *inspector)
{
    if (inspector->free_inspections == NULL && !inspection_pool_grow(inspector)) {
        inspector->inspections_refused++;
        return NULL;
    }
    struct inspection *inspection = inspector->free_inspections;
    inspector->free_inspections = inspection->state;
    memset(inspection, 0, offsetof(struct inspection, text)); /* the texts need no clearing, and are most of it */
    inspector->inspections_used++;
    if (inspector->inspections_used > inspector->inspections_used_most)
        inspector->inspections_used_most = inspector->inspections_used;
    return inspection;
}

void inspection_pool_give(struct inspector *inspector, struct inspection *inspection)
{
    inspection->state = inspector->free_inspections;
    inspector->free_inspections = inspection;
    inspector->inspections_used--;
}

void inspection_pool_free(struct inspector *inspector)
{
    while (inspector->slabs != NULL) {
        struct inspection_slab *slab = inspector->slabs;
        inspector->slabs = slab->next;
        free(slab);
    }
}

static size_t block_size(size_t class_)
{
    return (size_t)1 << (class_ + BLOCK_CLASS_BITS);
}

/** Gives blocks of other sizes that lie unused back to the system, until @p size fits under the cap. */
static bool block_pool_make_room(struct inspector *inspector, size_t size)
{
    for (size_t class_ = BLOCK_CLASSES; class_-- > 0;) {
        while (inspector->block_bytes + size > BLOCK_BYTES_MAX && inspector->free_blocks[class_] != NULL) {
            struct block *block = inspector->free_blocks[class_];
            inspector->free_blocks[class_] = block->next;
            inspector->block_bytes -= sizeof(*block) + block_size(class_);
            free(block);
        }
    }
    return inspector->block_bytes + size <= BLOCK_BYTES_MAX;
}

void *inspector_take_block(struct inspector *inspector, size_t size)
{
    size_t class_ = 0;
    while (class_ < BLOCK_CLASSES && block_size(class_) < size)
        class_++;
    if (class_ == BLOCK_CLASSES)
        goto refused;

    struct block *block = inspector->free_blocks[class_];
    if (block != NULL) {
        inspector->free_blocks[class_] = block->next;
    } else {
        size_t whole = sizeof(*block) + block_size(class_);
        if (!block_pool_make_room(inspector, whole))
            goto refused;
        block = malloc(whole);
        if (block == NULL)
            goto refused;
        block->class_ = class_;
        inspector->block_bytes += whole;
    }
    return memset(block + 1, 0, size);

refused:
    inspector_refuse(inspector, REASON_BLOCKS_EXHAUSTED);
    return NULL;
}

void inspector_give_block(struct inspector *inspector, void *memory)
{
    if (memory == NULL)
        return;
    struct block *block = (struct block *)memory - 1;
    block->next = inspector->free_blocks[block->class_];
    inspector->free_blocks[block->class_] = block;
}

void block_pool_free(struct inspector *inspector)
{
    for (size_t class_ = 0; class_ < BLOCK_CLASSES; class_++) {
        while (inspector->free_blocks[class_] != NULL) {
            struct block *block = inspector->free_blocks[class_];
            inspector->free_blocks[class_] = block->next;
            free(block);
        }
    }
}

struct text inspection_keep(struct inspection *inspection, const void *bytes, size_t length)
{
    size_t room = sizeof(inspection->text) - inspection->text_used;
    if (length > room) {
        inspection->is_text_cut = true;
        length = room;
    }
    char *at = inspection->text + inspection->text_used;
    if (length > 0)
        memcpy(at, bytes, length);
    inspection->text_used = (uint16_t)(inspection->text_used + length);
    return (struct text){at, length};
}

struct text inspection_keep_name(struct inspection *inspection, const void *bytes, size_t length)
{
    const char *name = bytes;
    if (length > 0 && name[length - 1] == '.')
        length--;
    struct text kept = inspection_keep(inspection, bytes, length);
    char *at = inspection->text + (kept.data - inspection->text);
    for (size_t i = 0; i < kept.length; i++)
        at[i] = ascii_lower(at[i]);
    return kept;
}
