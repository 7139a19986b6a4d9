/*
 * What of the ledger outlives a run. A restored finding has counters, severity and flags but no flow that a record
 * could show: it says nothing until this run sees one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_internal.h"

/* ---- giving away ---- */

void entry_mark_unsaved(struct ledger *l, struct entry *e)
{
    l->unsaved += !e->is_unsaved;
    e->is_unsaved = true;
}

void entry_mark_saved(struct ledger *l, struct entry *e)
{
    l->unsaved -= e->is_unsaved;
    e->is_unsaved = false;
}

/* Which remotes earlier runs had counted is not known, only how many: none is counted twice, some perhaps not at all.
 */
struct finding_counters entry_counters(const struct entry *e)
{
    struct finding_counters ret = e->counters;
    if (ret.remotes < e->remotes_before)
        ret.remotes = e->remotes_before;
    return ret;
}

struct kept_finding entry_kept(const struct entry *e)
{
    struct kept_finding ret = {
        .revision = e->revision,
        .is_told = e->is_told,
        .has_mac = e->has_mac,
        .host = e->host,
        .vendor = e->product ? e->product->vendor->id : NULL,
        .product = e->product ? e->product->id : NULL,
        .target = e->target,
        .purpose = (enum purpose)e->purpose,
        .severity = (enum severity)e->severity,
        .told_severity = (enum severity)e->told_severity,
        .confidence = (enum confidence)e->confidence,
        .axes = e->axes,
        .told_axes = e->told_axes,
        .rule = e->rule,
        .flag_count = e->flag_count,
        .remote_count = e->remote_count,
        .flags = e->flags,
        .remotes = e->remotes,
        .counters = entry_counters(e),
        .first_seen = e->first_seen,
        .last_seen = e->last_seen,
        .last_told = e->last_told,
    };
    finding_id_print(e, ret.id);
    memcpy(ret.mac, e->mac, sizeof(ret.mac));
    return ret;
}

void ledger_save(struct ledger *l, bool (*visit)(void *context, const struct kept_finding *kept), void *context)
{
    for (uint32_t i = 0; i < l->count && l->unsaved > 0; i++) {
        struct entry *e = &l->entries[i];
        if (!e->is_unsaved || e->revision == 0)
            continue;
        struct kept_finding kept = entry_kept(e);
        if (!visit(context, &kept))
            return;
        entry_mark_saved(l, e);
    }
}

/* ---- taking back ---- */

/* Names of rules and policies are few; the run they came from is gone. @return NULL when there are too many. */
static const char *own_name(struct ledger *l, const char *name)
{
    for (uint32_t i = 0; i < l->name_count; i++)
        if (strcmp(l->names[i], name) == 0)
            return l->names[i];
    if (l->texts == NULL)
        l->texts = arena_new();
    char *ret = l->texts && l->name_count < NAMES_MAX ? arena_copy(l->texts, name, strlen(name)) : NULL;
    if (ret != NULL)
        l->names[l->name_count++] = ret;
    return ret;
}

static enum status restore_flags(struct ledger *l, struct entry *e, const struct kept_finding *kept)
{
    struct verdicts one = {.flag_count = 1};
    for (unsigned i = 0; i < kept->flag_count; i++) {
        one.flags[0] = kept->flags[i];
        one.flags[0].policy = own_name(l, kept->flags[i].policy);
        if (one.flags[0].policy == NULL)
            return STATUS_NO_MEMORY;
        entry_add_flags(l, e, &one);
    }
    return STATUS_OK;
}

static enum status restore_remotes(struct entry *e, const struct kept_finding *kept)
{
    if (kept->remote_count == 0)
        return STATUS_OK;
    e->remotes = malloc(kept->remote_count * sizeof(*e->remotes));
    if (e->remotes == NULL)
        return STATUS_NO_MEMORY;
    memcpy(e->remotes, kept->remotes, kept->remote_count * sizeof(*e->remotes));
    e->remote_count = e->remote_room = kept->remote_count;
    return STATUS_OK;
}

static bool is_sound(const struct kept_finding *kept, const struct product *product)
{
    if (kept->flag_count > FLAGS_MAX || kept->remote_count > REMOTES_MAX || kept->revision == 0)
        return false;
    if (kept->severity >= SEVERITY_COUNT || kept->told_severity >= SEVERITY_COUNT || kept->purpose >= PURPOSE_COUNT)
        return false;
    return product != NULL || (kept->target != NULL && strlen(kept->target) < TARGET_MAX);
}

/* One that was closed starts anew, only its numbering goes on. */
static void restore_facts(struct entry *e, const struct kept_finding *kept)
{
    e->revision = kept->revision;
    e->is_of_before = true;
    if (!kept->is_told)
        return;
    e->is_told = true;
    e->severity = (uint8_t)kept->severity;
    e->told_severity = (uint8_t)kept->told_severity;
    e->confidence = (uint8_t)kept->confidence;
    e->axes |= kept->axes;
    e->told_axes = kept->told_axes;
    e->has_mac = kept->has_mac;
    memcpy(e->mac, kept->mac, sizeof(e->mac));
    e->counters = kept->counters;
    e->counters.remotes = kept->remote_count;
    e->remotes_before = kept->counters.remotes;
    e->first_seen = kept->first_seen;
    e->last_seen = kept->last_seen;
}

enum status ledger_restore(struct ledger *l, const struct kept_finding *kept, const struct product *product)
{
    struct finding_key key = {.host = kept->host, .product = product, .purpose = kept->purpose};
    if (!is_sound(kept, product))
        return STATUS_INVALID;
    if (product == NULL)
        memcpy(key.target, kept->target, strlen(kept->target) + 1);
    if (ledger_find_entry(l, &key) != NULL)
        return STATUS_INVALID;
    const char *rule = kept->rule ? own_name(l, kept->rule) : NULL;
    if (kept->rule != NULL && rule == NULL)
        return STATUS_NO_MEMORY;
    struct entry *e = ledger_take_entry(l, &key, product != NULL && kept->purpose != PURPOSE_WEB);
    if (e == NULL)
        return l->count >= l->options.findings_max ? STATUS_UNSUPPORTED : STATUS_NO_MEMORY;
    restore_facts(e, kept);
    if (!kept->is_told)
        return STATUS_OK;
    e->rule = rule;
    enum status status = restore_flags(l, e, kept);
    if (status == STATUS_OK)
        status = restore_remotes(e, kept);
    entry_link_told(l, e, kept->last_told);
    return status;
}

/* ---- exceptions ---- */

void ledger_clear_accepted(struct ledger *l)
{
    for (uint32_t i = 0; i < l->count && l->next_lapse.ns != INT64_MAX; i++) {
        free(l->entries[i].accepted);
        l->entries[i].accepted = NULL;
    }
    l->next_lapse.ns = INT64_MAX;
}

static struct acceptance *copy_acceptance(const struct acceptance *a)
{
    size_t owner = strlen(a->owner) + 1, reason = strlen(a->reason) + 1;
    struct acceptance *ret = malloc(sizeof(*ret) + owner + reason);
    if (ret == NULL)
        return NULL;
    char *texts = (char *)(ret + 1);
    *ret = *a;
    ret->owner = memcpy(texts, a->owner, owner);
    ret->reason = memcpy(texts + owner, a->reason, reason);
    return ret;
}

static void note_lapse(struct ledger *l, const struct acceptance *a)
{
    if (packet_time_before(a->ends, l->next_lapse))
        l->next_lapse = a->ends;
}

void ledger_accept(struct ledger *l, const char *finding_id, const struct acceptance *accepted)
{
    unsigned long long id;
    char rest;
    if (sscanf(finding_id, "f-%16llx%c", &id, &rest) != 1)
        return;
    struct entry *e = ledger_find_id(l, id);
    if (e == NULL)
        return;
    free(e->accepted);
    e->accepted = copy_acceptance(accepted);
    if (e->accepted != NULL)
        note_lapse(l, e->accepted);
    else
        l->out_of_memory++;
}

const struct acceptance *entry_accepted(const struct entry *e, struct packet_time now)
{
    return e->accepted != NULL && packet_time_before(now, e->accepted->ends) ? e->accepted : NULL;
}

static void tell_lapse(struct ledger *l, struct entry *e, struct packet_time now)
{
    struct acceptance *accepted = e->accepted;
    e->accepted = NULL;
    accepted->is_expired = true;
    if (e->is_told && e->worst != NULL) {
        ledger_tell(l, e, FINDING_UPDATED, accepted, now);
    } else if (e->is_told && l->options.lapsed != NULL) {
        e->revision++;
        l->told[FINDING_UPDATED]++;
        entry_link_told(l, e, now);
        entry_mark_unsaved(l, e);
        struct kept_finding kept = entry_kept(e);
        l->options.lapsed(l->options.context, &kept, accepted);
    }
    free(accepted);
}

void ledger_tell_lapses(struct ledger *l, struct packet_time now)
{
    l->next_lapse.ns = INT64_MAX;
    for (uint32_t i = 0; i < l->count; i++) {
        struct entry *e = &l->entries[i];
        if (e->accepted == NULL)
            continue;
        if (packet_time_before(now, e->accepted->ends))
            note_lapse(l, e->accepted);
        else
            tell_lapse(l, e, now);
    }
}
