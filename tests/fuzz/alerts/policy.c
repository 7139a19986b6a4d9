/* A policy or rules file of any bytes is read or refused; what is read can judge. */
#include <stdint.h>
#include <stdlib.h>

#include "policy_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *context, const struct policy_problem *problem)
{
    (void)context;
    if (strlen(problem->text) == 0)
        abort();
}

static void judge(const struct policy_reader *r)
{
    static struct policy_set set;
    static struct sighting s;
    const char *rule;
    set.policy_count = r->policy != NULL && r->policy->id != NULL;
    set.policies[0] = r->policy;
    set.rule_count = r->rule_count;
    memcpy(set.rules, r->rules, sizeof(set.rules));
    s.jurisdiction.axes[AXIS_LOCATION].country_count = 1;
    s.jurisdiction.axes[AXIS_LOCATION].countries[0] = (struct country){"RU"};
    policy_judge(&set, &s.jurisdiction, NULL, s.time, &s.verdicts);
    policy_severity(&set, &s, &rule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct policy_reader r;
    struct yaml_file *file;
    if (yaml_read_bytes("fuzz", (const char *)data, size, &file, NULL) != STATUS_OK)
        return 0;
    r = (struct policy_reader){.arena = arena_new(), .file = "fuzz", .visit = ignore};
    if (r.arena == NULL)
        abort();
    policy_read_tree(&r, yaml_root(file));
    if (r.errors == 0)
        judge(&r);
    arena_free(r.arena);
    yaml_close(file);
    return 0;
}
