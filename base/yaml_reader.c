/*
 * The only file that names libyaml. The event stream is turned into our own nodes in one arena: libyaml's document API
 * copies every scalar and keeps marks we do not want, and it would expand aliases, which we refuse.
 */
#include "yaml_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "arena.h"

struct yaml_file {
    struct arena *arena;
    const char *path;
    const struct yaml_node *root;
};

/* Children of the collection being read, on one growing stack. */
struct builder {
    yaml_parser_t parser;
    struct yaml_file *file;
    struct error *error;
    const struct yaml_node **stack;
    size_t used, room;
};

static enum status fail(struct builder *b, size_t line, const char *what)
{
    return error_set(b->error, STATUS_MALFORMED, "%s:%zu: %s", b->file->path, line + 1, what);
}

static enum status push(struct builder *b, const struct yaml_node *node)
{
    if (b->used == b->room) {
        size_t room = b->room ? b->room * 2 : 256;
        const struct yaml_node **stack = realloc(b->stack, room * sizeof(*stack));
        if (stack == NULL)
            return error_set(b->error, STATUS_NO_MEMORY, "%s: out of memory", b->file->path);
        b->stack = stack;
        b->room = room;
    }
    b->stack[b->used++] = node;
    return STATUS_OK;
}

static enum status next_event(struct builder *b, yaml_event_t *ret)
{
    if (yaml_parser_parse(&b->parser, ret))
        return STATUS_OK;
    const char *problem = b->parser.problem ? b->parser.problem : "no YAML";
    return fail(b, b->parser.problem_mark.line, problem);
}

static enum status read_node(struct builder *b, const yaml_event_t *event, unsigned depth,
                             const struct yaml_node **ret);

static enum status check_keys(struct builder *b, const struct yaml_node *mapping)
{
    for (size_t i = 0; i < mapping->count; i++) {
        const struct yaml_node *key = mapping->items[2 * i];
        if (key->kind != YAML_SCALAR)
            return fail(b, key->line - 1, "a key must be a plain word");
        if (mapping->count > 64) /* long mappings are data: their readers look for doubles */
            continue;
        for (size_t j = 0; j < i; j++)
            if (strcmp(mapping->items[2 * j]->scalar, key->scalar) == 0)
                return error_set(b->error, STATUS_MALFORMED, "%s:%u: the key '%.60s' stands twice", b->file->path,
                                 key->line, key->scalar);
    }
    return STATUS_OK;
}

static enum status read_children(struct builder *b, struct yaml_node *node, yaml_event_type_t stop, unsigned depth)
{
    size_t start = b->used;
    for (;;) {
        yaml_event_t event;
        const struct yaml_node *child = NULL;
        enum status status = next_event(b, &event);
        if (status != STATUS_OK)
            return status;
        bool is_end = event.type == stop;
        if (!is_end && (status = read_node(b, &event, depth, &child)) == STATUS_OK)
            status = push(b, child);
        yaml_event_delete(&event);
        if (is_end)
            break;
        if (status != STATUS_OK)
            return status;
    }
    size_t count = b->used - start;
    const struct yaml_node **items = arena_take(b->file->arena, count * sizeof(*items));
    if (items == NULL)
        return error_set(b->error, STATUS_NO_MEMORY, "%s: out of memory", b->file->path);
    if (count > 0)
        memcpy(items, b->stack + start, count * sizeof(*items));
    b->used = start;
    node->items = items;
    node->count = node->kind == YAML_MAPPING ? count / 2 : count;
    return node->kind == YAML_MAPPING ? check_keys(b, node) : STATUS_OK;
}

static enum status read_node(struct builder *b, const yaml_event_t *event, unsigned depth, const struct yaml_node **ret)
{
    struct yaml_node *node = arena_take(b->file->arena, sizeof(*node));
    if (node == NULL)
        return error_set(b->error, STATUS_NO_MEMORY, "%s: out of memory", b->file->path);
    node->line = (uint32_t)event->start_mark.line + 1;
    node->scalar = "";
    *ret = node;
    if (event->type == YAML_SCALAR_EVENT) {
        const char *bytes = (const char *)event->data.scalar.value;
        node->kind = YAML_SCALAR;
        node->scalar_length = event->data.scalar.length;
        node->scalar = arena_copy(b->file->arena, bytes, node->scalar_length);
        node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        if (event->data.scalar.anchor != NULL)
            return fail(b, event->start_mark.line, "anchors are not used in our files");
        if (node->scalar == NULL)
            return error_set(b->error, STATUS_NO_MEMORY, "%s: out of memory", b->file->path);
        return memchr(node->scalar, '\0', node->scalar_length) == NULL ? STATUS_OK
                                                                       : fail(b, event->start_mark.line, "a zero byte");
    }
    if (event->type == YAML_ALIAS_EVENT)
        return fail(b, event->start_mark.line, "aliases are not used in our files");
    if (depth >= YAML_DEPTH_MAX)
        return fail(b, event->start_mark.line, "nested too deep");
    node->kind = event->type == YAML_MAPPING_START_EVENT ? YAML_MAPPING : YAML_SEQUENCE;
    const yaml_char_t *anchor =
        node->kind == YAML_MAPPING ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    if (anchor != NULL)
        return fail(b, event->start_mark.line, "anchors are not used in our files");
    return read_children(b, node, node->kind == YAML_MAPPING ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT,
                         depth + 1);
}

/* One document: stream start, document start, a node, document end, stream end. */
static enum status read_document(struct builder *b)
{
    bool done = false;
    while (!done) {
        yaml_event_t event;
        enum status status = next_event(b, &event);
        if (status != STATUS_OK)
            return status;
        size_t line = event.start_mark.line;
        switch (event.type) {
        case YAML_STREAM_END_EVENT:
            done = true;
            break;
        case YAML_DOCUMENT_START_EVENT:
            status = b->file->root ? fail(b, line, "a second document in one file") : STATUS_OK;
            break;
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
        case YAML_NO_EVENT:
            break;
        default:
            status = read_node(b, &event, 0, &b->file->root);
        }
        yaml_event_delete(&event);
        if (status != STATUS_OK)
            return status;
    }
    return b->file->root ? STATUS_OK : fail(b, 0, "the file is empty");
}

enum status yaml_read_bytes(const char *name, const char *bytes, size_t length, struct yaml_file **ret,
                            struct error *error)
{
    struct yaml_file *file = calloc(1, sizeof(*file));
    struct builder b = {.file = file, .error = error};
    enum status status = STATUS_NO_MEMORY;
    if (file == NULL || (file->arena = arena_new()) == NULL ||
        (file->path = arena_copy(file->arena, name, strlen(name))) == NULL || !yaml_parser_initialize(&b.parser)) {
        yaml_close(file);
        return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", name);
    }
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)bytes, length);
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    status = read_document(&b);
    yaml_parser_delete(&b.parser);
    free(b.stack);
    if (status != STATUS_OK) {
        yaml_close(file);
        return status;
    }
    *ret = file;
    return STATUS_OK;
}

static enum status slurp(const char *path, char **ret, size_t *ret_length, struct error *error)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL)
        return error_set(error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s: cannot be opened: %s", path,
                         strerror(errno));
    size_t room = 64 << 10, length = 0;
    char *bytes = malloc(room);
    while (bytes != NULL) {
        length += fread(bytes + length, 1, room - length, stream);
        if (length < room)
            break;
        char *more = room < YAML_BYTES_MAX ? realloc(bytes, room * 2) : NULL;
        if (more == NULL) {
            free(bytes);
            fclose(stream);
            return error_set(error, STATUS_INVALID, "%s: longer than %d MiB", path, YAML_BYTES_MAX >> 20);
        }
        bytes = more;
        room *= 2;
    }
    int failed = ferror(stream);
    fclose(stream);
    if (bytes == NULL)
        return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", path);
    if (failed) {
        free(bytes);
        return error_set(error, STATUS_IO, "%s: cannot be read", path);
    }
    *ret = bytes;
    *ret_length = length;
    return STATUS_OK;
}

enum status yaml_read(const char *path, struct yaml_file **ret, struct error *error)
{
    char *bytes = NULL;
    size_t length = 0;
    enum status status = slurp(path, &bytes, &length, error);
    if (status != STATUS_OK)
        return status;
    status = yaml_read_bytes(path, bytes, length, ret, error);
    free(bytes);
    return status;
}

const struct yaml_node *yaml_root(const struct yaml_file *file)
{
    return file->root;
}

const char *yaml_path(const struct yaml_file *file)
{
    return file->path;
}

void yaml_close(struct yaml_file *file)
{
    if (file == NULL)
        return;
    arena_free(file->arena);
    free(file);
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->count; i++)
        if (strcmp(mapping->items[2 * i]->scalar, key) == 0)
            return mapping->items[2 * i + 1];
    return NULL;
}

const char *yaml_get_string(const struct yaml_node *mapping, const char *key)
{
    const struct yaml_node *node = yaml_get(mapping, key);
    return node != NULL && node->kind == YAML_SCALAR && node->scalar_length > 0 ? node->scalar : NULL;
}

const char *yaml_library_version(void)
{
    return yaml_get_version_string();
}
