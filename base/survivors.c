#include "survivors.h"

#include <assert.h>
#include <stdlib.h>

#include "arena.h"
#include "hash.h"

enum { FIRST_ROOM = 1024 };

enum kind { KIND_TEXT, KIND_VENDOR, KIND_PRODUCT, KIND_INDICATOR };

struct slot {
    uint64_t hash; /* of kind and content */
    enum kind kind;
    const void *kept; /* NULL: free */
};

struct survivors {
    struct arena *arena;
    struct slot *slots; /* open addressing, linear probing; at most half full */
    size_t room, used;
    bool is_settled, has_failed;
};

static uint64_t hash_text(const char *text, uint64_t seed)
{
    return text != NULL ? hash_bytes(text, strlen(text), seed) : hash_fold(seed, 1);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_indicator(const struct indicator *a, const struct indicator *b)
{
    return a->kind == b->kind && a->purpose == b->purpose && a->is_exclusive == b->is_exclusive &&
           a->is_unconfirmed == b->is_unconfirmed && a->is_mixed == b->is_mixed && a->line == b->line &&
           same_text(a->value, b->value) && same_text(a->source, b->source) && same_text(a->read_on, b->read_on) &&
           same_text(a->note, b->note) && same_text(a->file, b->file) && same_text(a->product->id, b->product->id);
}

static bool is_same(const struct slot *slot, uint64_t hash, enum kind kind, const void *one)
{
    if (slot->hash != hash || slot->kind != kind)
        return false;
    switch (kind) {
    case KIND_TEXT:
        return same_text(slot->kept, one);
    case KIND_VENDOR:
        return same_text(((const struct vendor *)slot->kept)->id, ((const struct vendor *)one)->id);
    case KIND_PRODUCT:
        return same_text(((const struct product *)slot->kept)->id, ((const struct product *)one)->id);
    case KIND_INDICATOR:
        return same_indicator(slot->kept, one);
    }
    return false;
}

static uint64_t hash_of(enum kind kind, const void *one)
{
    uint64_t seed = hash_fold(hash_seed(), kind + 1);
    switch (kind) {
    case KIND_TEXT:
        return hash_text(one, seed);
    case KIND_VENDOR:
        return hash_text(((const struct vendor *)one)->id, seed);
    case KIND_PRODUCT:
        return hash_text(((const struct product *)one)->id, seed);
    case KIND_INDICATOR:
        return hash_text(((const struct indicator *)one)->value, seed);
    }
    return seed;
}

/* What is kept of it, or the free slot where it would go. */
static struct slot *find(const struct survivors *s, enum kind kind, const void *one)
{
    uint64_t hash = hash_of(kind, one);
    size_t at = hash & (s->room - 1);
    while (s->slots[at].kept != NULL && !is_same(&s->slots[at], hash, kind, one))
        at = (at + 1) & (s->room - 1);
    return &s->slots[at];
}

static bool grow(struct survivors *s)
{
    struct slot *old = s->slots, *slots = calloc(2 * s->room, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < s->room; i++) {
        size_t at = old[i].hash & (2 * s->room - 1);
        if (old[i].kept == NULL)
            continue;
        while (slots[at].kept != NULL)
            at = (at + 1) & (2 * s->room - 1);
        slots[at] = old[i];
    }
    s->slots = slots;
    s->room *= 2;
    free(old);
    return true;
}

/* @param kept NULL: there was no memory for it. */
static void put(struct survivors *s, enum kind kind, const void *kept)
{
    if (kept == NULL || (2 * s->used >= s->room && !grow(s))) {
        s->has_failed = true;
        return;
    }
    *find(s, kind, kept) = (struct slot){hash_of(kind, kept), kind, kept};
    s->used++;
}

/* ---- copies; what a copy points at is kept before it ---- */

static const void *keep(struct survivors *s, enum kind kind, const void *one);

static const char *keep_text(struct survivors *s, const char *text)
{
    return text != NULL ? keep(s, KIND_TEXT, text) : NULL;
}

static struct vendor *copy_vendor(struct survivors *s, const struct vendor *vendor)
{
    struct vendor *ret = arena_take(s->arena, sizeof(*ret));
    if (ret != NULL)
        *ret = (struct vendor){
            .id = keep_text(s, vendor->id),
            .name = keep_text(s, vendor->name),
            .domicile = vendor->domicile,
            .domicile_basis = keep_text(s, vendor->domicile_basis),
            .domicile_source = keep_text(s, vendor->domicile_source),
            .domicile_read = keep_text(s, vendor->domicile_read),
        };
    return ret;
}

static struct product *copy_product(struct survivors *s, const struct product *product)
{
    struct product *ret = arena_take(s->arena, sizeof(*ret));
    if (ret != NULL)
        *ret = (struct product){
            .id = keep_text(s, product->id),
            .name = keep_text(s, product->name),
            .vendor = keep(s, KIND_VENDOR, product->vendor),
            .is_agent = product->is_agent,
            .is_engine = product->is_engine,
        };
    return ret;
}

static struct indicator *copy_indicator(struct survivors *s, const struct indicator *indicator)
{
    struct indicator *ret = arena_take(s->arena, sizeof(*ret));
    if (ret == NULL)
        return NULL;
    *ret = *indicator;
    ret->product = keep(s, KIND_PRODUCT, indicator->product);
    ret->value = keep_text(s, indicator->value);
    ret->source = keep_text(s, indicator->source);
    ret->read_on = keep_text(s, indicator->read_on);
    ret->note = keep_text(s, indicator->note);
    ret->file = keep_text(s, indicator->file);
    return ret;
}

static const void *copy(struct survivors *s, enum kind kind, const void *one)
{
    switch (kind) {
    case KIND_TEXT:
        return arena_copy(s->arena, one, strlen(one));
    case KIND_VENDOR:
        return copy_vendor(s, one);
    case KIND_PRODUCT:
        return copy_product(s, one);
    case KIND_INDICATOR:
        return copy_indicator(s, one);
    }
    return NULL;
}

/* @return its survivor; without memory one that must not be used. */
static const void *keep(struct survivors *s, enum kind kind, const void *one)
{
    const void *kept = find(s, kind, one)->kept;
    if (kept != NULL || s->has_failed)
        return kept;
    assert(!s->is_settled);
    kept = copy(s, kind, one);
    put(s, kind, s->has_failed ? NULL : kept);
    return kept;
}

/* ---- what others see ---- */

enum status survivors_new(const struct product *const *products, size_t count, struct survivors **ret)
{
    struct survivors *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return STATUS_NO_MEMORY;
    s->arena = arena_new();
    s->slots = calloc(FIRST_ROOM, sizeof(*s->slots));
    s->room = FIRST_ROOM;
    s->has_failed = s->arena == NULL || s->slots == NULL;
    for (size_t i = 0; i < count && !s->has_failed; i++)
        put(s, KIND_PRODUCT, products[i]);
    if (s->has_failed) {
        survivors_free(s);
        return STATUS_NO_MEMORY;
    }
    *ret = s;
    return STATUS_OK;
}

enum status survivors_settle(struct survivors *s)
{
    if (s->has_failed || arena_failed(s->arena))
        return STATUS_NO_MEMORY;
    s->is_settled = true;
    return STATUS_OK;
}

void survive_text(struct survivors *s, const char **text)
{
    const char *kept = *text != NULL ? keep(s, KIND_TEXT, *text) : NULL;
    if (s->is_settled)
        *text = kept;
}

void survive_product(struct survivors *s, const struct product **product)
{
    const struct product *kept = *product != NULL ? keep(s, KIND_PRODUCT, *product) : NULL;
    if (s->is_settled)
        *product = kept;
}

void survive_indicator(struct survivors *s, const struct indicator **indicator)
{
    const struct indicator *kept = *indicator != NULL ? keep(s, KIND_INDICATOR, *indicator) : NULL;
    if (s->is_settled)
        *indicator = kept;
}

size_t survivors_size(const struct survivors *s)
{
    return arena_size(s->arena) + s->room * sizeof(*s->slots);
}

void survivors_free(struct survivors *s)
{
    if (s == NULL)
        return;
    if (s->arena != NULL)
        arena_free(s->arena);
    free(s->slots);
    free(s);
}
