/*
 * A policy file into `struct policy`. Loading and `policy check` are the same reading: each problem is reported with
 * its line, and a load is refused at the first error.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy_internal.h"

void policy_report(struct policy_reader *r, uint32_t line, bool is_error, const char *format, ...)
{
    struct policy_problem problem = {.file = r->file, .line = line, .is_error = is_error};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem.text, sizeof(problem.text), format, arguments);
    va_end(arguments);
    r->errors += is_error;
    r->visit(r->context, &problem);
}

static bool is_among(const char *word, const char *const *known)
{
    for (size_t i = 0; known[i] != NULL; i++)
        if (strcmp(word, known[i]) == 0)
            return true;
    return false;
}

void policy_report_keys(struct policy_reader *r, const struct yaml_node *mapping, const char *const *known)
{
    for (size_t i = 0; i < mapping->count; i++) {
        const struct yaml_node *key = mapping->items[2 * i];
        if (is_among(key->scalar, known))
            continue;
        const char *near = nearest_word(key->scalar, known);
        policy_report(r, key->line, true, "unknown key '%.60s'%s%s%s", key->scalar, near ? " (is '" : "",
                      near ? near : "", near ? "' meant?)" : "");
    }
}

static const char *copy(struct policy_reader *r, const char *text)
{
    return text ? arena_copy(r->arena, text, strlen(text)) : NULL;
}

/* The text under @p key, copied; reports what is no text, and what is missing when @p is_needed. */
static const char *read_text(struct policy_reader *r, const struct yaml_node *mapping, const char *key, bool is_needed)
{
    const struct yaml_node *node = yaml_get(mapping, key);
    if (node != NULL && node->kind != YAML_SCALAR) {
        policy_report(r, node->line, true, "'%s' must be a text", key);
        return NULL;
    }
    const char *text = yaml_get_string(mapping, key);
    if (text == NULL && is_needed)
        policy_report(r, node ? node->line : mapping->line, true, "'%s' is missing", key);
    return copy(r, text);
}

/* YYYY-MM-DD and nothing else; @p ret may be NULL. */
static bool read_day(struct policy_reader *r, const struct yaml_node *mapping, const char *key, struct packet_time *ret)
{
    const struct yaml_node *node = yaml_get(mapping, key);
    struct packet_time day;
    if (node == NULL)
        return false;
    if (node->kind != YAML_SCALAR || node->scalar_length != 10 || !packet_time_parse(node->scalar, &day)) {
        policy_report(r, node->line, true, "'%s' must be a day, YYYY-MM-DD", key);
        return false;
    }
    if (ret != NULL)
        *ret = day;
    return true;
}

static bool read_bool(struct policy_reader *r, const struct yaml_node *mapping, const char *key)
{
    const struct yaml_node *node = yaml_get(mapping, key);
    if (node == NULL)
        return false;
    bool is_true = strcmp(node->scalar, "true") == 0;
    if (node->kind != YAML_SCALAR || (!is_true && strcmp(node->scalar, "false") != 0))
        policy_report(r, node->line, true, "'%s' must be true or false", key);
    return is_true;
}

static bool read_country(struct policy_reader *r, const struct yaml_node *node, struct country *ret)
{
    if (node->kind != YAML_SCALAR) {
        policy_report(r, node->line, true, "a code must be two letters");
        return false;
    }
    if (country_parse(node->scalar, node->scalar_length, ret))
        return true;
    char why[COUNTRY_WHY_SIZE];
    country_explain(node->scalar, why);
    policy_report(r, node->line, true, "'%.40s' is no ISO 3166-1 alpha-2 code %s", node->scalar, why);
    return false;
}

static bool read_code(struct policy_reader *r, const struct yaml_node *item, struct policy_code *ret)
{
    static const char *const keys[] = {"code", "conditional", "since", "until", "note", NULL};
    if (item->kind != YAML_MAPPING)
        return read_country(r, item, &ret->country);
    policy_report_keys(r, item, keys);
    ret->is_conditional = read_bool(r, item, "conditional");
    ret->note = read_text(r, item, "note", false);
    read_day(r, item, "since", &ret->since);
    read_day(r, item, "until", &ret->until);
    if (ret->since.ns != 0 && ret->until.ns != 0 && ret->until.ns <= ret->since.ns)
        policy_report(r, item->line, true, "'until' is not after 'since'");
    const struct yaml_node *code = yaml_get(item, "code");
    if (code == NULL) {
        policy_report(r, item->line, true, "'code' is missing");
        return false;
    }
    return read_country(r, code, &ret->country);
}

static bool overlap(const struct policy_code *a, const struct policy_code *b)
{
    bool a_ends_first = a->until.ns != 0 && b->since.ns != 0 && a->until.ns <= b->since.ns;
    bool b_ends_first = b->until.ns != 0 && a->since.ns != 0 && b->until.ns <= a->since.ns;
    return !a_ends_first && !b_ends_first;
}

static void report_overlaps(struct policy_reader *r, const struct policy_code *codes, size_t count, uint32_t line)
{
    const struct policy_code *last = &codes[count];
    for (size_t i = 0; i < count; i++) {
        if (!country_equal(codes[i].country, last->country) || !overlap(&codes[i], last))
            continue;
        if (codes[i].is_conditional != last->is_conditional)
            policy_report(r, line, true, "%s is listed twice for the same time, once conditional and once not",
                          last->country.code);
        else
            policy_report(r, line, true, "%s is listed twice for the same time", last->country.code);
        return;
    }
}

/* The sequence under @p key, NULL when there is none to read. */
static const struct yaml_node *read_list(struct policy_reader *r, const struct yaml_node *root, const char *key,
                                         size_t max)
{
    const struct yaml_node *list = yaml_get(root, key);
    if (list == NULL)
        return NULL;
    if (list->kind != YAML_SEQUENCE) {
        policy_report(r, list->line, true, "'%s' must be a list", key);
        return NULL;
    }
    if (list->count > max) {
        policy_report(r, list->line, true, "'%s' has %zu entries; %zu is the most", key, list->count, max);
        return NULL;
    }
    return list;
}

static void read_codes(struct policy_reader *r, const struct yaml_node *root, struct policy *policy)
{
    const struct yaml_node *list = read_list(r, root, "codes", POLICY_CODES_MAX);
    struct policy_code *codes = list ? arena_take(r->arena, (list->count + 1) * sizeof(*codes)) : NULL;
    if (codes == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        struct policy_code *code = &codes[policy->code_count];
        *code = (struct policy_code){0};
        if (!read_code(r, list->items[i], code))
            continue;
        report_overlaps(r, codes, policy->code_count, list->items[i]->line);
        policy->code_count++;
    }
    policy->codes = codes;
}

static bool is_id(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return length > 0 && length <= 64 && text[length] == '\0';
}

static void read_vendors(struct policy_reader *r, const struct yaml_node *root, struct policy *policy)
{
    const struct yaml_node *list = read_list(r, root, "vendors", POLICY_VENDORS_MAX);
    const char **vendors = list ? arena_take(r->arena, (list->count + 1) * sizeof(*vendors)) : NULL;
    if (vendors == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->items[i];
        if (item->kind != YAML_SCALAR || !is_id(item->scalar)) {
            policy_report(r, item->line, true, "a vendor must be an id of the catalogue: a-z, 0-9 and '-'");
            continue;
        }
        if (is_among(item->scalar, vendors))
            policy_report(r, item->line, true, "vendor '%s' is listed twice", item->scalar);
        vendors[policy->vendor_count++] = copy(r, item->scalar);
    }
    policy->vendors = vendors;
}

static void read_axes(struct policy_reader *r, const struct yaml_node *root, struct policy *policy)
{
    static const char *const axes[] = {"location", "operator", "vendor", "transit", NULL};
    const struct yaml_node *list = read_list(r, root, "axes", AXIS_COUNT);
    if (list == NULL || list->count == 0) {
        policy_report(r, root->line, true, "'axes' is missing: some of location, operator, vendor, transit");
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->items[i];
        unsigned axis = 0;
        while (axes[axis] != NULL && strcmp(axes[axis], item->scalar) != 0)
            axis++;
        if (axes[axis] == NULL) {
            const char *near = nearest_word(item->scalar, axes);
            policy_report(r, item->line, true, "'%.40s' is no axis: %s%s", item->scalar, near ? near : "",
                          near ? " is meant" : "location, operator, vendor and transit are");
            continue;
        }
        if (policy->axes & 1U << axis)
            policy_report(r, item->line, true, "axis '%s' is listed twice", axes[axis]);
        policy->axes |= 1U << axis;
    }
}

static void read_kind(struct policy_reader *r, const struct yaml_node *root, struct policy *policy)
{
    const char *kind = read_text(r, root, "kind", true);
    if (kind == NULL)
        return;
    policy->is_allow_list = strcmp(kind, "allow") == 0;
    if (!policy->is_allow_list && strcmp(kind, "deny") != 0)
        policy_report(r, yaml_get(root, "kind")->line, true, "kind '%.40s' is neither deny nor allow", kind);
}

static void read_dates(struct policy_reader *r, const struct yaml_node *root, struct policy *policy)
{
    struct packet_time since = {0}, checked = {0};
    policy->since = read_text(r, root, "since", false);
    policy->checked = read_text(r, root, "checked", true);
    if (policy->checked == NULL || !read_day(r, root, "checked", &checked))
        policy->checked = "unknown";
    if (policy->since != NULL && !read_day(r, root, "since", &since))
        policy->since = NULL;
}

/* What the parts say only together. */
static void report_nonsense(struct policy_reader *r, const struct yaml_node *root, const struct policy *policy)
{
    bool has_codes = yaml_get(root, "codes") != NULL, has_vendors = yaml_get(root, "vendors") != NULL;
    if (!has_codes && !has_vendors)
        policy_report(r, root->line, true,
                      "neither 'codes' nor 'vendors' are listed (an empty template says 'codes: []')");
    if (policy->is_allow_list && has_codes && policy->code_count == 0)
        policy_report(r, root->line, false, "an allow list without codes makes every country a concern");
    if (policy->vendor_count > 0 && !(policy->axes & 1U << AXIS_VENDOR))
        policy_report(r, root->line, true,
                      "vendors are listed, but 'vendor' is not among the axes: they would never be judged");
}

static void read_policy(struct policy_reader *r, const struct yaml_node *root)
{
    struct policy *policy = arena_take(r->arena, sizeof(*policy));
    if (policy == NULL)
        return;
    policy->file = copy(r, r->file);
    policy->id = read_text(r, root, "id", true);
    if (policy->id != NULL && !is_id(policy->id))
        policy_report(r, yaml_get(root, "id")->line, true, "id '%.60s' must be of a-z, 0-9 and '-', at most 64",
                      policy->id);
    policy->title = read_text(r, root, "title", true);
    policy->source = read_text(r, root, "source", true);
    policy->note = read_text(r, root, "note", false);
    read_kind(r, root, policy);
    read_dates(r, root, policy);
    read_axes(r, root, policy);
    read_codes(r, root, policy);
    read_vendors(r, root, policy);
    report_nonsense(r, root, policy);
    r->policy = policy;
}

void policy_read_tree(struct policy_reader *r, const struct yaml_node *root)
{
    static const char *const policy_keys[] = {"id",    "title",  "kind",    "codes", "vendors", "axes",
                                              "since", "source", "checked", "note",  "rules",   NULL};
    static const char *const rule_keys[] = {"rules", NULL};
    if (root == NULL || root->kind != YAML_MAPPING) {
        policy_report(r, root ? root->line : 1, true, "a policy is a mapping of id, title, kind, codes and so on");
        return;
    }
    const struct yaml_node *rules = yaml_get(root, "rules");
    bool is_rules_only = rules != NULL && root->count == 1;
    policy_report_keys(r, root, is_rules_only ? rule_keys : policy_keys);
    if (rules != NULL)
        severity_rules_read(r, rules);
    if (!is_rules_only)
        read_policy(r, root);
    if (arena_failed(r->arena))
        policy_report(r, root->line, true, "no memory to read it");
}
