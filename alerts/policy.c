/* The policies of a run: found by name or path, read, held. */
#include "policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_internal.h"

enum { PATH_ROOM = 4096, LISTED_MAX = 256, ID_ROOM = 65, STALE_DAYS = 180 };

static const char *const default_names[] = {"us-foreign-adversaries", "us-kaspersky"};

/* The first error of a reading becomes the error of the load. */
static void keep_first_error(void *context, const struct policy_problem *problem)
{
    struct error *error = context;
    if (problem->is_error && error != NULL && error->text[0] == '\0')
        error_set(error, STATUS_INVALID, "%s:%u: %s", problem->file, problem->line, problem->text);
}

static enum status read_file(const char *path, struct policy_reader *r, struct error *error)
{
    struct yaml_file *file;
    enum status status = yaml_read(path, &file, error);
    if (status != STATUS_OK)
        return status < 0 ? status : STATUS_IO; /* not found is a failure here */
    r->file = path;
    r->visit = keep_first_error;
    r->context = error;
    if (error != NULL)
        error->text[0] = '\0';
    policy_read_tree(r, yaml_root(file));
    yaml_close(file);
    return r->errors == 0 ? STATUS_OK : STATUS_INVALID;
}

static enum status add_rules(struct policy_set *set, const struct policy_reader *r, struct error *error)
{
    if (set->rule_count + r->rule_count > RULES_MAX)
        return error_set(error, STATUS_INVALID, "%s: more than %d severity rules in all", r->file, RULES_MAX);
    memcpy(&set->rules[set->rule_count], r->rules, r->rule_count * sizeof(r->rules[0]));
    set->rule_count += r->rule_count;
    return STATUS_OK;
}

static enum status add_policy(struct policy_set *set, const struct policy *policy, struct error *error)
{
    if (set->policy_count == POLICIES_MAX)
        return error_set(error, STATUS_INVALID, "more than %d policies at once", POLICIES_MAX);
    for (size_t i = 0; i < set->policy_count; i++)
        if (strcmp(set->policies[i]->id, policy->id) == 0)
            return error_set(error, STATUS_INVALID, "policy '%s' is asked for twice", policy->id);
    set->policies[set->policy_count++] = policy;
    return STATUS_OK;
}

static enum status load_file(struct policy_set *set, const char *path, bool is_policy, struct error *error)
{
    struct policy_reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return error_set(error, STATUS_NO_MEMORY, "%s: no memory to read it", path);
    r->arena = set->arena;
    enum status status = read_file(path, r, error);
    if (status == STATUS_OK && is_policy != (r->policy != NULL))
        status = error_set(error, STATUS_INVALID,
                           is_policy ? "%s: holds severity rules and no policy"
                                     : "%s: holds a policy where only severity rules belong",
                           path);
    if (status == STATUS_OK)
        status = add_rules(set, r, error);
    if (status == STATUS_OK && is_policy)
        status = add_policy(set, r->policy, error);
    free(r);
    return status;
}

static bool is_yaml_name(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".yaml") == 0;
}

/* ---- the folder of shipped policies ---- */

struct folder {
    size_t count;
    char names[LISTED_MAX][ID_ROOM];
    const char *ids[LISTED_MAX + 1]; /* into names, sorted, NULL-terminated */
};

static int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum status folder_read(const char *directory, struct folder *ret, struct error *error)
{
    DIR *handle = opendir(directory);
    *ret = (struct folder){0};
    if (handle == NULL)
        return error_set(error, STATUS_IO, "the policy folder %s cannot be read: %s", directory, strerror(errno));
    for (struct dirent *entry; (entry = readdir(handle)) != NULL && ret->count < LISTED_MAX;) {
        if (entry->d_name[0] == '.' || !is_yaml_name(entry->d_name))
            continue;
        size_t length = strlen(entry->d_name) - 5;
        if (length >= ID_ROOM) /* no id is that long */
            continue;
        memcpy(ret->names[ret->count], entry->d_name, length);
        ret->ids[ret->count] = ret->names[ret->count];
        ret->count++;
    }
    closedir(handle);
    qsort(ret->ids, ret->count, sizeof(ret->ids[0]), text_compare);
    return STATUS_OK;
}

static enum status refuse_name(const char *directory, const char *name, struct error *error)
{
    struct folder folder;
    enum status status = folder_read(directory, &folder, error);
    if (status != STATUS_OK)
        return status;
    char known[300] = "";
    for (size_t i = 0, at = 0; i < folder.count && at < sizeof(known); i++)
        at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s", i > 0 ? ", " : "", folder.ids[i]);
    const char *near = nearest_word(name, folder.ids);
    status = error_set(error, STATUS_NOT_FOUND, "no policy '%.60s'%s%s%s; there are: %s (or give a file)", name,
                       near ? ", perhaps '" : "", near ? near : "", near ? "'" : "", known);
    return status < 0 ? status : STATUS_INVALID;
}

static enum status load_name(struct policy_set *set, const char *directory, const char *name, struct error *error)
{
    char path[PATH_ROOM];
    if (strchr(name, '/') != NULL || is_yaml_name(name))
        return load_file(set, name, true, error);
    snprintf(path, sizeof(path), "%s/%s.yaml", directory, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return refuse_name(directory, name, error);
    fclose(file);
    return load_file(set, path, true, error);
}

/* ---- --flag CC,CC ---- */

static enum status read_flag_code(const char *code, size_t length, struct country *ret, struct error *error)
{
    char wrong[48], why[COUNTRY_WHY_SIZE];
    if (country_parse(code, length, ret))
        return STATUS_OK;
    text_copy((struct text){code, length}, wrong, sizeof(wrong));
    country_explain(wrong, why);
    return error_set(error, STATUS_INVALID, "--flag: '%s' is no ISO 3166-1 alpha-2 code %s", wrong, why);
}

static enum status add_flag_policy(struct policy_set *set, const char *text, struct error *error)
{
    struct policy *policy = arena_take(set->arena, sizeof(*policy));
    struct policy_code *codes = arena_take(set->arena, (strlen(text) / 2 + 1) * sizeof(*codes));
    if (policy == NULL || codes == NULL)
        return error_set(error, STATUS_NO_MEMORY, "--flag: no memory");
    *policy = (struct policy){.id = "flag",
                              .title = "Countries given with --flag",
                              .source = "command line",
                              .checked = "unknown",
                              .file = "--flag",
                              .axes = (1U << AXIS_COUNT) - 1,
                              .codes = codes};
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        struct country country;
        enum status status = read_flag_code(at, length, &country, error);
        if (status != STATUS_OK)
            return status;
        codes[policy->code_count++].country = country;
        at += length;
        if (*at == '\0')
            return add_policy(set, policy, error);
    }
}

/* ---- the set ---- */

static enum status load_all(struct policy_set *set, const char *directory, const char *const *names, size_t count,
                            const char *flag_codes, struct error *error)
{
    char path[PATH_ROOM];
    enum status status = STATUS_OK;
    if (count == 0) {
        names = default_names;
        count = sizeof(default_names) / sizeof(default_names[0]);
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = load_name(set, directory, names[i], error);
    if (status == STATUS_OK && flag_codes != NULL)
        status = add_flag_policy(set, flag_codes, error);
    if (status != STATUS_OK)
        return status;
    snprintf(path, sizeof(path), "%s/../severity.yaml", directory);
    return load_file(set, path, false, error);
}

enum status policy_set_load(const char *directory, const char *const *names, size_t count, const char *flag_codes,
                            struct policy_set **ret, struct error *error)
{
    struct policy_set *set = calloc(1, sizeof(*set));
    if (set == NULL || (set->arena = arena_new()) == NULL) {
        free(set);
        return error_set(error, STATUS_NO_MEMORY, "no memory for the policies");
    }
    enum status status = load_all(set, directory, names, count, flag_codes, error);
    if (status != STATUS_OK) {
        policy_set_free(set);
        return status;
    }
    *ret = set;
    return STATUS_OK;
}

void policy_set_free(struct policy_set *set)
{
    if (set == NULL)
        return;
    arena_free(set->arena);
    free(set);
}

size_t policy_set_policies(const struct policy_set *set, const struct policy *const **ret)
{
    *ret = set->policies;
    return set->policy_count;
}

enum status policy_list(const char *directory, void (*visit)(void *context, const struct policy *policy), void *context,
                        struct error *error)
{
    struct folder folder;
    struct policy_set *set = calloc(1, sizeof(*set));
    if (set == NULL)
        return error_set(error, STATUS_NO_MEMORY, "no memory for the policies");
    enum status status = folder_read(directory, &folder, error);
    for (size_t i = 0; i < folder.count && status == STATUS_OK; i++) {
        set->policy_count = set->rule_count = 0;
        if ((set->arena = arena_new()) == NULL)
            status = error_set(error, STATUS_NO_MEMORY, "no memory for the policies");
        else
            status = load_name(set, directory, folder.ids[i], error);
        if (status == STATUS_OK)
            visit(context, set->policies[0]);
        arena_free(set->arena);
    }
    free(set);
    return status;
}

bool policy_is_stale(const struct policy *policy, struct packet_time today)
{
    struct packet_time checked;
    return today.ns != 0 && packet_time_parse(policy->checked, &checked) &&
           packet_time_between(checked, today) > STALE_DAYS * INT64_C(86400) * NS_PER_SEC;
}

void policy_warnings(const struct policy_set *set, struct packet_time today,
                     void (*visit)(void *context, const char *sentence), void *context)
{
    char sentence[256];
    for (size_t i = 0; i < set->policy_count; i++) {
        const struct policy *policy = set->policies[i];
        if (!policy_is_stale(policy, today))
            continue;
        snprintf(sentence, sizeof(sentence),
                 "policy %.64s was last checked on %.10s, more than %d days ago: read its source again", policy->id,
                 policy->checked, STALE_DAYS);
        visit(context, sentence);
    }
}

static void report_dates(struct policy_reader *r, struct packet_time today)
{
    struct packet_time checked;
    if (r->policy == NULL || today.ns == 0 || !packet_time_parse(r->policy->checked, &checked))
        return;
    if (packet_time_before(today, checked))
        policy_report(r, 0, true, "'checked' %s lies in the future", r->policy->checked);
    if (policy_is_stale(r->policy, today))
        policy_report(r, 0, false, "last checked on %s, more than %d days ago: read its source again",
                      r->policy->checked, STALE_DAYS);
}

size_t policy_check(const char *path, struct packet_time today,
                    void (*visit)(void *context, const struct policy_problem *problem), void *context)
{
    struct yaml_file *file = NULL;
    struct error error = {""};
    struct policy_reader *r = calloc(1, sizeof(*r));
    struct arena *arena = arena_new();
    size_t errors = 1;
    if (r == NULL || arena == NULL) {
        visit(context, &(struct policy_problem){path, 0, true, "no memory to read it"});
    } else {
        *r = (struct policy_reader){.arena = arena, .file = path, .visit = visit, .context = context};
        if (yaml_read(path, &file, &error) != STATUS_OK) {
            policy_report(r, 0, true, "%s", error.text);
        } else {
            policy_read_tree(r, yaml_root(file));
            report_dates(r, today);
        }
        errors = r->errors;
    }
    yaml_close(file);
    arena_free(arena);
    free(r);
    return errors;
}
