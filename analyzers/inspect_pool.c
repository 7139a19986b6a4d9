/*
 * Memory of an inspector: inspections in slabs, blocks by powers of two, texts inside an inspection or, when there are
 * many, in a block. All of it comes back to free lists, so that after warm-up a packet costs no call of the allocator.
 */
#include "inspect_internal.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
    SLAB_SMALL = 32,            /* inspections of the first slabs: short runs stay small */
    SLABS_SMALL = 16,           /* how many of them there are */
    SLAB_LARGE_BYTES = 2 << 20, /* of later ones, which are in one large page each where the system has them */
};

struct inspection_slab {
    struct inspection_slab *next;
    struct inspection inspections[];
};

/** The head of a block; its user's bytes follow. */
struct block {
    struct block *next; /* in a free list */
    size_t class_;
};

_Static_assert(sizeof(struct block) % _Alignof(max_align_t) == 0, "the bytes behind a block's head are aligned");

static struct inspection_slab *slab_new_large(size_t *ret_count)
{
    struct inspection_slab *slab = aligned_alloc(SLAB_LARGE_BYTES, SLAB_LARGE_BYTES);
    *ret_count = (SLAB_LARGE_BYTES - sizeof(*slab)) / sizeof(slab->inspections[0]);
#ifdef MADV_HUGEPAGE
    if (slab != NULL)
        (void)madvise(slab, SLAB_LARGE_BYTES, MADV_HUGEPAGE); /* only speed depends on it */
#endif
    return slab;
}

static bool inspection_pool_grow(struct inspector *inspector)
{
    if (inspector->inspections_made >= INSPECTIONS_MAX)
        return false;
    size_t count = SLAB_SMALL;
    struct inspection_slab *slab = inspector->inspections_made < (size_t)SLAB_SMALL * SLABS_SMALL
                                       ? malloc(sizeof(*slab) + SLAB_SMALL * sizeof(slab->inspections[0]))
                                       : slab_new_large(&count);
    if (slab == NULL)
        return false;
    slab->next = inspector->slabs;
    inspector->slabs = slab;
    if (count > INSPECTIONS_MAX - inspector->inspections_made)
        count = INSPECTIONS_MAX - inspector->inspections_made;
    inspector->inspections_made += count;
    for (size_t i = count; i-- > 0;) {
        slab->inspections[i].state = inspector->free_inspections; /* while free, `state` links the list */
        inspector->free_inspections = &slab->inspections[i];
    }
    return true;
}

/* Certificates are half of it, and are written before they are counted: they are left as they are. */
static void clear(struct inspection *inspection)
{
    const size_t first = offsetof(struct inspection, facts.tls.certificate);
    const size_t behind = first + sizeof(inspection->facts.tls.certificate);
    memset(inspection, 0, first);
    memset((char *)inspection + behind, 0, offsetof(struct inspection, near_text) - behind);
}

struct inspection *inspection_pool_take(struct inspector *inspector)
{
    if (inspector->free_inspections == NULL && !inspection_pool_grow(inspector)) {
        inspector->inspections_refused++;
        return NULL;
    }
    struct inspection *inspection = inspector->free_inspections;
    inspector->free_inspections = inspection->state;
    clear(inspection);
    inspection->inspector = inspector;
    inspector->inspections_used++;
    if (inspector->inspections_used > inspector->inspections_used_most)
        inspector->inspections_used_most = inspector->inspections_used;
    return inspection;
}

void inspection_pool_give(struct inspector *inspector, struct inspection *inspection)
{
    inspector_give_block(inspector, inspection->far_text);
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

static struct block *block_new(struct inspector *inspector, size_t class_)
{
    size_t whole = sizeof(struct block) + block_size(class_);
    struct block *block = block_pool_make_room(inspector, whole) ? malloc(whole) : NULL;
    if (block == NULL)
        return NULL;
    block->class_ = class_;
    inspector->block_bytes += whole;
    return block;
}

void *inspector_take_room(struct inspector *inspector, size_t size)
{
    size_t class_ = 0;
    while (class_ < BLOCK_CLASSES && block_size(class_) < size)
        class_++;
    struct block *block = class_ < BLOCK_CLASSES ? inspector->free_blocks[class_] : NULL;
    if (block != NULL)
        inspector->free_blocks[class_] = block->next;
    else if (class_ < BLOCK_CLASSES)
        block = block_new(inspector, class_);
    if (block == NULL) {
        inspector_refuse(inspector, REASON_BLOCKS_EXHAUSTED);
        return NULL;
    }
    return block + 1;
}

void *inspector_take_block(struct inspector *inspector, size_t size)
{
    void *ret = inspector_take_room(inspector, size);
    return ret != NULL ? memset(ret, 0, size) : NULL;
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

/** Room for @p length bytes, less when there is no more: then *ret_length is what is left. */
static char *text_take(struct inspection *inspection, size_t *ret_length)
{
    size_t near_room = sizeof(inspection->near_text) - inspection->near_used;
    char *at = inspection->near_text + inspection->near_used;
    if (*ret_length <= near_room) {
        inspection->near_used = (uint16_t)(inspection->near_used + *ret_length);
        return at;
    }
    if (inspection->far_text == NULL)
        inspection->far_text = inspector_take_room(inspection->inspector, INSPECTION_TEXT_ROOM);
    size_t far_room = inspection->far_text != NULL ? (size_t)INSPECTION_TEXT_ROOM - inspection->far_used : 0;
    if (*ret_length > far_room) {
        inspection->is_text_cut = true;
        *ret_length = far_room;
    }
    if (inspection->far_text == NULL)
        return at;
    at = inspection->far_text + inspection->far_used;
    inspection->far_used = (uint16_t)(inspection->far_used + *ret_length);
    return at;
}

bool name_is_printable(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < length; i++)
        if (at[i] <= 0x20 || at[i] >= 0x7f)
            return false;
    return true;
}

struct text inspection_keep(struct inspection *inspection, const void *bytes, size_t length)
{
    char *at = text_take(inspection, &length);
    if (length > 0)
        memcpy(at, bytes, length);
    return (struct text){at, length};
}

struct text inspection_keep_name(struct inspection *inspection, const void *bytes, size_t length)
{
    const char *name = bytes;
    if (length > 0 && name[length - 1] == '.')
        length--;
    char *at = text_take(inspection, &length);
    for (size_t i = 0; i < length; i++)
        at[i] = ascii_lower(name[i]);
    return (struct text){at, length};
}
