/*
 * An image: a header, then pieces of memory one behind the other, each on a boundary of 16 bytes. A geo's own
 * structure comes first, the texts come last, and pointers to them are written as places there, plus one.
 */
#include "cache_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"

enum {
    ALIGNMENT = 16,
    PIECES_MAX = 16,
};

static const char magic[16] = "bordertap geo 1";

struct header {
    char magic[16];
    uint64_t state; /* of the key */
    uint64_t size;  /* of the whole file */
    uint64_t check; /* of all behind the header */
    uint64_t place; /* of the key */
};

_Static_assert(sizeof(struct header) % ALIGNMENT == 0, "pieces are aligned");

struct piece {
    const void *data;
    size_t size;
};

struct pieces {
    struct piece items[PIECES_MAX];
    size_t count;
};

static void add(struct pieces *pieces, const void *data, size_t number, size_t size)
{
    pieces->items[pieces->count++] = (struct piece){data, number * size};
}

static size_t aligned(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Four sums side by side: one alone would wait for its multiplications. */
static uint64_t check_of(const uint8_t *bytes, size_t length)
{
    uint64_t sums[4] = {1, 2, 3, 4};
    for (; length >= sizeof(sums); bytes += sizeof(sums), length -= sizeof(sums)) {
        uint64_t words[4];
        memcpy(words, bytes, sizeof(words));
        for (size_t i = 0; i < 4; i++)
            sums[i] = hash_fold(sums[i] ^ words[i], UINT64_C(0xa0761d6478bd642f));
    }
    return hash_bytes(bytes, length, hash_bytes(sums, sizeof(sums), 0));
}

static void pieces_of(const struct geo *geo, struct pieces *ret)
{
    const struct networks *n = &geo->networks;
    const struct merged *m = &geo->merged;
    add(ret, m->top4, MERGED_TOP, sizeof(*m->top4));
    add(ret, m->ranges4, m->count4, sizeof(*m->ranges4));
    add(ret, m->begins4, merged_begin_words(m->count4, m->width), sizeof(*m->begins4));
    add(ret, m->top6, MERGED_TOP, sizeof(*m->top6));
    add(ret, m->starts6, m->count6, sizeof(*m->starts6));
    add(ret, m->tuples6, m->count6, sizeof(*m->tuples6));
    add(ret, m->begins6, merged_begin_words(m->count6, m->width), sizeof(*m->begins6));
    add(ret, m->lows, m->low_count, sizeof(*m->lows));
    add(ret, m->tuples, m->tuple_count * m->width, sizeof(*m->tuples));
    add(ret, n->slots, n->slot_count, sizeof(*n->slots));
    add(ret, n->sets, n->set_count, sizeof(*n->sets));
    add(ret, n->items, n->count, sizeof(*n->items));
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

struct texts {
    char *bytes;
    size_t used, room;
    bool failed;
};

/** Where the text stands, plus one, as a pointer; NULL stays NULL. */
static const char *put_text(struct texts *texts, const char *text)
{
    if (text == NULL || texts->failed)
        return NULL;
    size_t length = strlen(text) + 1;
    while (texts->room - texts->used < length) {
        size_t room = texts->room ? texts->room * 2 : 1 << 16;
        char *larger = realloc(texts->bytes, room);
        if (larger == NULL) {
            texts->failed = true;
            return NULL;
        }
        texts->bytes = larger;
        texts->room = room;
    }
    memcpy(texts->bytes + texts->used, text, length);
    texts->used += length;
    return (const char *)(uintptr_t)(texts->used - length + 1);
}

/** A copy as it goes into the image: texts by place. Its pointers to arrays mean nothing there. */
static struct geo *copy_for_image(const struct geo *geo, struct texts *texts)
{
    struct geo *copy = malloc(sizeof(*copy));
    struct network *items = calloc(geo->networks.count + 1, sizeof(*items));
    if (copy == NULL || items == NULL) {
        free(copy);
        free(items);
        return NULL;
    }
    *copy = *geo;
    for (size_t i = 0; i < geo->source_count; i++) {
        struct geo_database *d = &copy->databases[i];
        d->path = put_text(texts, d->path);
        d->name = put_text(texts, d->name);
        d->provider = put_text(texts, d->provider);
        d->edition = put_text(texts, d->edition);
        d->licence = put_text(texts, d->licence);
    }
    for (size_t i = 0; i < geo->networks.count; i++) {
        items[i] = geo->networks.items[i];
        items[i].name = put_text(texts, items[i].name);
    }
    copy->networks.items = items;
    return copy;
}

static size_t image_size(const struct pieces *pieces)
{
    size_t size = sizeof(struct header);
    for (size_t i = 0; i < pieces->count; i++)
        size += aligned(pieces->items[i].size);
    return size;
}

/** @return the image, @p pieces->count pieces behind its header; NULL: no memory. */
static uint8_t *image_make(const struct pieces *pieces, size_t size, const struct geo_cache_key *key)
{
    uint8_t *image = calloc(1, size);
    if (image == NULL)
        return NULL;
    uint8_t *at = image + sizeof(struct header);
    for (size_t i = 0; i < pieces->count; at += aligned(pieces->items[i++].size))
        if (pieces->items[i].size > 0)
            memcpy(at, pieces->items[i].data, pieces->items[i].size);
    struct header header = {.state = key->state, .place = key->place, .size = size};
    memcpy(header.magic, magic, sizeof(magic));
    header.check = check_of(image + sizeof(header), size - sizeof(header));
    memcpy(image, &header, sizeof(header));
    return image;
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static int path_print(char *ret, size_t room, const char *folder, const struct geo_cache_key *key, const char *end)
{
    int length = snprintf(ret, room, "%s/geo-%016llx%s", folder, (unsigned long long)key->place, end);
    return length > 0 && (size_t)length < room ? length : -1;
}

/** The folder and the one above it: ~/.cache/bordertap where there is no ~/.cache yet. */
static void make_folder(const char *folder)
{
    char above[4096];
    const char *slash = strrchr(folder, '/');
    if (slash != NULL && slash != folder && (size_t)(slash - folder) < sizeof(above)) {
        memcpy(above, folder, (size_t)(slash - folder));
        above[slash - folder] = '\0';
        (void)mkdir(above, 0700);
    }
    (void)mkdir(folder, 0700);
}

/** Under another name first, so that nobody ever sees half an image. */
static void write_file(const char *folder, const struct geo_cache_key *key, const uint8_t *image, size_t size)
{
    char path[4096], draft[4096];
    if (path_print(path, sizeof(path), folder, key, "") < 0 ||
        path_print(draft, sizeof(draft), folder, key, ".XXXXXX") < 0)
        return;
    make_folder(folder);
    int fd = mkostemp(draft, O_CLOEXEC);
    if (fd < 0)
        return;
    bool is_good = write_all(fd, image, size);
    is_good = close(fd) == 0 && is_good;
    if (!is_good || rename(draft, path) != 0)
        unlink(draft);
}

void geo_cache_save(const struct geo *geo, const char *folder, const struct geo_cache_key *key)
{
    struct texts texts = {0};
    struct geo *copy = copy_for_image(geo, &texts);
    if (copy == NULL)
        goto done;
    struct pieces pieces = {.count = 0};
    add(&pieces, copy, 1, sizeof(*copy));
    pieces_of(copy, &pieces);
    add(&pieces, texts.bytes, texts.used, 1);
    size_t size = image_size(&pieces);
    uint8_t *image = texts.failed ? NULL : image_make(&pieces, size, key);
    if (image != NULL)
        write_file(folder, key, image, size);
    free(image);
    free(copy->networks.items);
done:
    free(copy);
    free(texts.bytes);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

/** Somebody else's file is not trusted: the image is used as it is. */
static bool is_ours(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_uid == geteuid() && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool map_file(const char *folder, const struct geo_cache_key *key, struct geo_image *ret)
{
    char path[4096];
    struct stat st;
    if (path_print(path, sizeof(path), folder, key, "") < 0)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    void *map = MAP_FAILED;
    if (fstat(fd, &st) == 0 && is_ours(&st) && (size_t)st.st_size >= sizeof(struct header) + sizeof(struct geo))
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return false;
    *ret = (struct geo_image){map, (size_t)st.st_size};
    return true;
}

void geo_image_close(struct geo_image *image)
{
    if (image->map != NULL)
        munmap(image->map, image->size);
    *image = (struct geo_image){0};
}

static bool is_intact(const struct geo_image *image, const struct geo_cache_key *key)
{
    struct header header;
    const uint8_t *bytes = image->map;
    memcpy(&header, bytes, sizeof(header));
    return memcmp(header.magic, magic, sizeof(magic)) == 0 && header.state == key->state &&
           header.place == key->place && header.size == image->size &&
           header.check == check_of(bytes + sizeof(header), image->size - sizeof(header));
}

/** Pieces in their order; a piece that is not there is NULL. */
struct walk {
    uint8_t *at;
    size_t left;
    bool failed;
};

static void *take(struct walk *walk, size_t size)
{
    void *ret = walk->at;
    if (walk->failed || aligned(size) > walk->left) {
        walk->failed = true;
        return NULL;
    }
    walk->at += aligned(size);
    walk->left -= aligned(size);
    return ret;
}

/** A copy that can grow; NULL when there is no memory or nothing to copy. */
static void *take_copy(struct walk *walk, size_t size)
{
    const void *piece = take(walk, size);
    void *ret = piece != NULL && size > 0 ? malloc(size) : NULL;
    if (ret != NULL)
        memcpy(ret, piece, size);
    else
        walk->failed |= size > 0;
    return ret;
}

/** The other way round of pieces_of(): what will not change stays in the image. */
static void adopt_arrays(struct geo *geo, struct walk *walk)
{
    struct networks *n = &geo->networks;
    struct merged *m = &geo->merged;
    m->top4 = take(walk, MERGED_TOP * sizeof(*m->top4));
    m->ranges4 = take(walk, m->count4 * sizeof(*m->ranges4));
    m->begins4 = take(walk, merged_begin_words(m->count4, m->width) * sizeof(*m->begins4));
    m->top6 = take(walk, MERGED_TOP * sizeof(*m->top6));
    m->starts6 = take(walk, m->count6 * sizeof(*m->starts6));
    m->tuples6 = take(walk, m->count6 * sizeof(*m->tuples6));
    m->begins6 = take(walk, merged_begin_words(m->count6, m->width) * sizeof(*m->begins6));
    m->lows = take(walk, m->low_count * sizeof(*m->lows));
    m->tuples = take(walk, m->tuple_count * m->width * sizeof(*m->tuples));
    n->slots = take_copy(walk, n->slot_count * sizeof(*n->slots));
    n->sets = take_copy(walk, n->set_count * sizeof(*n->sets));
    n->items = take_copy(walk, n->count * sizeof(*n->items));
    n->room = n->count;
    n->set_room = n->set_count;
}

static const char *text_at(struct walk *texts, const char *place)
{
    uintptr_t number = (uintptr_t)place;
    if (number == 0)
        return NULL;
    texts->failed |= number > texts->left;
    return texts->failed ? NULL : (const char *)texts->at + (number - 1);
}

/** @p walk stands at the texts; the last of them ends with the file's zeros. */
static void adopt_texts(struct geo *geo, struct walk *walk)
{
    walk->failed |= walk->left == 0 || walk->at[walk->left - 1] != 0;
    if (walk->failed)
        return;
    for (size_t i = 0; i < geo->source_count; i++) {
        struct geo_database *d = &geo->databases[i];
        d->path = text_at(walk, d->path);
        d->name = text_at(walk, d->name);
        d->provider = text_at(walk, d->provider);
        d->edition = text_at(walk, d->edition);
        d->licence = text_at(walk, d->licence);
        d->role = geo_role_text(geo->sources[i].role);
    }
    for (size_t i = 0; i < geo->networks.count; i++)
        geo->networks.items[i].name = text_at(walk, geo->networks.items[i].name);
}

static bool adopt(struct geo *ret, const struct geo_image *image)
{
    struct walk walk = {(uint8_t *)image->map + sizeof(struct header), image->size - sizeof(struct header), false};
    struct geo *geo = take_copy(&walk, sizeof(*geo));
    if (geo == NULL)
        return false;
    adopt_arrays(geo, &walk);
    adopt_texts(geo, &walk);
    bool is_good = !walk.failed;
    if (is_good) {
        geo->arena = ret->arena;
        geo->image = *image;
        *ret = *geo;
        geo_find_columns(ret);
    } else {
        networks_clear(&geo->networks);
    }
    free(geo);
    return is_good;
}

bool geo_cache_load(struct geo *geo, const char *folder, const struct geo_cache_key *key)
{
    struct geo_image image;
    if (!map_file(folder, key, &image))
        return false;
    if (is_intact(&image, key) && adopt(geo, &image))
        return true;
    geo_image_close(&image);
    return false;
}
