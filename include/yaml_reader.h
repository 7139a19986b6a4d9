/*
 * YAML files as a tree of nodes with their lines, for catalogue, policies and configuration. The only place that knows
 * libyaml. Anchors, aliases and several documents are refused: our files need none, and they are how small files become
 * large.
 */
#ifndef BORDERTAP_YAML_READER_H
#define BORDERTAP_YAML_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

struct yaml_file;

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
    enum yaml_kind kind;
    uint32_t line;      /* 1-based */
    const char *scalar; /* terminated; "" unless YAML_SCALAR */
    size_t scalar_length;
    bool is_quoted;                       /* a quoted scalar is text even when it looks like null or a number */
    size_t count;                         /* of items (sequence) or pairs (mapping) */
    const struct yaml_node *const *items; /* sequence: count nodes; mapping: 2 x count, key before value */
};

enum { YAML_DEPTH_MAX = 16, YAML_BYTES_MAX = 16 << 20 };

/** Reads one file. @param error names file, line and what is wrong. @p ret owns all nodes. */
enum status yaml_read(const char *path, struct yaml_file **ret, struct error *error);
/** The same over @p length bytes; @p name stands for the path in errors. */
enum status yaml_read_bytes(const char *name, const char *bytes, size_t length, struct yaml_file **ret,
                            struct error *error);
const struct yaml_node *yaml_root(const struct yaml_file *file);
const char *yaml_path(const struct yaml_file *file);
/** NULL is fine. (Not yaml_free: libyaml exports that name for itself.) */
void yaml_close(struct yaml_file *file);

/** Value of @p key in a mapping, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);
/** The scalar under @p key, or NULL when it is absent, empty or no scalar. */
const char *yaml_get_string(const struct yaml_node *mapping, const char *key);

/** Version of libyaml in use; constant. */
const char *yaml_library_version(void);

#endif
