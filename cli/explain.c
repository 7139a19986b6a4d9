#include "cli/explain_internal.h"

#include <string.h>

#include "cli/cli.h"

/* ---- reading a record that may lack anything ---- */

static const json_t *at(const json_t *object, const char *key)
{
    return json_object_get(object, key);
}

static const char *string_at(const json_t *object, const char *key)
{
    return json_string_value(at(object, key));
}

/* ---- writing ---- */

static void put(const struct explanation *e, const char *text)
{
    put_safely(text, e->out);
}

/* "  word: text", nothing when there is no text. */
static void put_line(const struct explanation *e, const char *word, const char *text)
{
    if (text == NULL)
        return;
    fprintf(e->out, "   %s", word);
    put(e, text);
    putc('\n', e->out);
}

static void put_scalar(const struct explanation *e, const json_t *value)
{
    if (json_is_string(value))
        put(e, json_string_value(value));
    else if (json_is_integer(value))
        fprintf(e->out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        fprintf(e->out, "%g", json_real_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "yes" : "no", e->out);
    else
        fputs("unknown", e->out);
}

/* Values of a list, or one value, apart by commas. @return false when there is none. */
static bool put_values(const struct explanation *e, const json_t *values)
{
    size_t i;
    json_t *value;
    if (!json_is_array(values)) {
        put_scalar(e, values);
        return values != NULL;
    }
    json_array_foreach(values, i, value)
    {
        fputs(i > 0 ? ", " : "", e->out);
        put_scalar(e, value);
    }
    return json_array_size(values) > 0;
}

/* What an object holds beside the keys already told, as "key value". */
static void put_rest(const struct explanation *e, const json_t *object, const char *const *told)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        bool is_told = json_is_object(value) || (json_is_array(value) && json_is_object(json_array_get(value, 0)));
        for (size_t i = 0; told[i] != NULL && !is_told; i++)
            is_told = strcmp(told[i], key) == 0;
        if (is_told || json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0))
            continue;
        fputs("     ", e->out);
        put(e, key);
        putc(' ', e->out);
        put_values(e, value);
        putc('\n', e->out);
    }
}

/* ---- the steps ---- */

static void tell_flow(const struct explanation *e, const json_t *record)
{
    static const char *const told[] = {"client", "server", "uid", NULL};
    const json_t *flow = at(record, "flow");
    fputs("1. What was seen\n", e->out);
    if (string_at(flow, "client") != NULL && string_at(flow, "server") != NULL) {
        fputs("   flow ", e->out);
        put_scalar(e, at(flow, "uid"));
        fputs(": ", e->out);
        put(e, string_at(flow, "client"));
        fputs(" to ", e->out);
        put(e, string_at(flow, "server"));
        putc('\n', e->out);
    }
    put_rest(e, flow, told);
    put_line(e, "first seen ", string_at(record, "first_seen"));
    put_line(e, "last seen ", string_at(record, "last_seen"));
}

static void tell_product(const struct explanation *e, const json_t *record)
{
    const json_t *product = at(record, "product");
    size_t i;
    json_t *item;
    fputs("2. Which product\n", e->out);
    if (!json_is_object(product)) {
        put_line(e, "", "no agent: told because of where it goes");
        return;
    }
    fputs("   ", e->out);
    put_scalar(e, at(product, "name"));
    fputs(", purpose ", e->out);
    put_scalar(e, at(product, "purpose"));
    fputs(", ", e->out);
    put_scalar(e, at(product, "confidence"));
    putc('\n', e->out);
    json_array_foreach(at(product, "evidence"), i, item)
    {
        fputs("   seen: ", e->out);
        put_scalar(e, at(item, "kind"));
        putc(' ', e->out);
        put_scalar(e, at(item, "value"));
        fputs(", which matches the catalogue's ", e->out);
        put_scalar(e, at(item, "indicator"));
        putc('\n', e->out);
        put_line(e, "  source: ", string_at(item, "source"));
    }
}

static void tell_source(const struct explanation *e, const json_t *source)
{
    fputs("     ", e->out);
    put_scalar(e, at(source, "database"));
    if (string_at(source, "edition") != NULL) {
        fputs(" of ", e->out);
        put(e, string_at(source, "edition"));
    }
    if (string_at(source, "prefix") != NULL) {
        fputs(", ", e->out);
        put(e, string_at(source, "prefix"));
    }
    fputs(": ", e->out);
    fputs(string_at(source, "country") != NULL ? "" : "no country", e->out);
    if (string_at(source, "country") != NULL)
        put(e, string_at(source, "country"));
    if (string_at(source, "detail") != NULL) {
        fputs(" (", e->out);
        put(e, string_at(source, "detail"));
        putc(')', e->out);
    }
    fputs(at(source, "refuted") != NULL ? ", refuted by the round trip\n" : "\n", e->out);
}

/* Lists of objects an axis may have: carriers and hops of a path. */
static void tell_list(const struct explanation *e, const json_t *axis, const char *key)
{
    static const char *const nothing[] = {NULL};
    size_t i;
    json_t *item;
    json_array_foreach(at(axis, key), i, item)
    {
        fprintf(e->out, "     %s %zu\n", key, i + 1);
        put_rest(e, item, nothing);
    }
}

static void tell_axis(const struct explanation *e, const json_t *jurisdiction, const char *name)
{
    static const char *const told[] = {"status", "countries", "reason", NULL};
    const json_t *axis = at(jurisdiction, name);
    size_t i;
    json_t *source;
    if (!json_is_object(axis))
        return;
    fprintf(e->out, "   %s: ", name);
    if (json_array_size(at(axis, "countries")) > 0) {
        put_values(e, at(axis, "countries"));
        fputs(", ", e->out);
    }
    put_scalar(e, at(axis, "status"));
    fputs(": ", e->out);
    put_scalar(e, at(axis, "reason"));
    putc('\n', e->out);
    json_array_foreach(at(axis, "sources"), i, source) tell_source(e, source);
    put_rest(e, axis, told);
    tell_list(e, axis, "carriers");
    tell_list(e, axis, "hops");
}

static void tell_jurisdiction(const struct explanation *e, const json_t *record)
{
    static const char *const nothing[] = {NULL};
    fputs("3. Whose law\n", e->out);
    for (unsigned axis = 0; axis < AXIS_COUNT; axis++)
        tell_axis(e, at(record, "jurisdiction"), axis_text((enum axis)axis));
    if (json_is_object(at(record, "rtt"))) {
        fputs("   round trip\n", e->out);
        put_rest(e, at(record, "rtt"), nothing);
    }
    if (json_is_object(at(record, "path_changed"))) {
        fputs("   way\n", e->out);
        put_rest(e, at(record, "path_changed"), nothing);
    }
}

static void tell_exposure(const struct explanation *e, const json_t *record)
{
    const json_t *exposure = at(record, "exposure");
    fputs("4. Can it be read or altered on the way\n", e->out);
    put_line(e, "class: ", string_at(exposure, "class"));
    put_line(e, "readable in transit: ", string_at(exposure, "readable_in_transit"));
    put_line(e, "because: ", string_at(exposure, "reason"));
}

/* An id comes out of the record: nothing else than a word may become the name of a file. */
static bool is_word(const char *id)
{
    return *id != '\0' && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id);
}

static const struct policy *in_set(const struct policy_set *set, const char *id)
{
    const struct policy *const *policies;
    size_t count = policy_set_policies(set, &policies);
    for (size_t i = 0; i < count; i++)
        if (strcmp(policies[i]->id, id) == 0)
            return policies[i];
    return NULL;
}

static void tell_codes(const struct explanation *e, const struct policy *policy)
{
    fprintf(e->out, "     %s list:", policy->is_allow_list ? "allow" : "deny");
    for (size_t i = 0; i < policy->code_count; i++)
        fprintf(e->out, " %s%s", policy->codes[i].country.code,
                policy->codes[i].is_conditional ? " (conditional)" : "");
    for (size_t i = 0; i < policy->vendor_count; i++)
        fprintf(e->out, " vendor %s", policy->vendors[i]);
    putc('\n', e->out);
}

static void tell_statute(const struct explanation *e, const char *id)
{
    struct policy_set *own = NULL;
    struct error error;
    const struct policy *policy = in_set(e->set, id);
    if (policy == NULL && is_word(id) && policy_set_load(e->directory, &id, 1, NULL, &own, &error) == STATUS_OK)
        policy = in_set(own, id);
    if (policy != NULL) {
        fputs("     ", e->out);
        put(e, policy->title);
        fputs("\n     ", e->out);
        put(e, policy->source);
        fprintf(e->out, "%s%s, checked %s\n", policy->since ? ", since " : "", policy->since ? policy->since : "",
                policy->checked);
        tell_codes(e, policy);
    } else if (strcmp(id, "flag") == 0) {
        fputs("     countries of --flag: no statute\n", e->out);
    } else {
        fputs("     its file is not at hand here; give it with --policy\n", e->out);
    }
    policy_set_free(own);
}

static void tell_policies(const struct explanation *e, const json_t *record)
{
    const char *id, *axis;
    json_t *axes, *verdict, *item;
    size_t i;
    fputs("5. What the policies say\n", e->out);
    json_object_foreach((json_t *)(uintptr_t)at(record, "verdicts"), id, axes)
    {
        const char *separator = ": ";
        fputs("   ", e->out);
        put(e, id);
        json_object_foreach(axes, axis, verdict)
        {
            fputs(separator, e->out);
            put(e, axis);
            putc(' ', e->out);
            put_scalar(e, verdict);
            separator = ", ";
        }
        putc('\n', e->out);
        tell_statute(e, id);
    }
    json_array_foreach(at(record, "flagged"), i, item)
    {
        fputs("   flagged: ", e->out);
        put_scalar(e, at(item, "axis"));
        putc(' ', e->out);
        put_scalar(e, at(item, "country"));
        fputs(" by ", e->out);
        put_scalar(e, at(item, "policy"));
        putc('\n', e->out);
    }
}

static void tell_rule(const struct explanation *e, const json_t *record)
{
    char conditions[1024];
    const char *rule = string_at(record, "rule");
    fputs("6. Which rule decided\n   severity ", e->out);
    put_scalar(e, at(record, "severity"));
    fputs(", by rule ", e->out);
    put_scalar(e, at(record, "rule"));
    putc('\n', e->out);
    if (rule != NULL && policy_rule_text(e->set, rule, conditions, sizeof(conditions)))
        put_line(e, "it matches when ", conditions);
    else
        put_line(e, "", "that rule is in none of the files at hand here; give its policy with --policy");
    if (string_at(at(record, "product"), "confidence") != NULL &&
        strcmp(string_at(at(record, "product"), "confidence"), "possible") == 0)
        put_line(e, "", "a merely possible attribution is never above medium");
    else if (!json_is_object(at(record, "product")))
        put_line(e, "", "traffic of no agent is never above low");
}

void explain_finding(const struct explanation *e, const json_t *record)
{
    tell_flow(e, record);
    tell_product(e, record);
    tell_jurisdiction(e, record);
    tell_exposure(e, record);
    tell_policies(e, record);
    tell_rule(e, record);
}
