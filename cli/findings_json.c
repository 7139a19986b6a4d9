/* Records of type `kept-finding`: one line for each finding of a store. */
#include <stdlib.h>

#include "cli/findings_internal.h"
#include "json_writer.h"

struct print {
    struct json_writer w;
    struct store *store;
    bool is_whole; /* with history and record */
};

static void put_head(struct json_writer *w, const struct store_row *row)
{
    const struct kept_finding *k = row->kept;
    json_member_string(w, "type", "kept-finding");
    json_member_string(w, "id", k->id);
    json_member_u64(w, "revision", k->revision);
    json_member_string(w, "state", k->is_told ? "open" : "closed");
    json_member_bool(w, "may_be_told_again", row->is_telling);
    json_member_string(w, "severity", severity_text(k->severity));
    json_member_string(w, "rule", k->rule);
    json_member_string(w, "summary", row->record.summary);
    json_member_time(w, "first_seen", k->first_seen);
    json_member_time(w, "last_seen", k->last_seen);
    json_member_time(w, "last_told", k->last_told);
}

static void put_key(struct json_writer *w, const struct store_row *row)
{
    const struct kept_finding *k = row->kept;
    json_key(w, "host");
    json_begin_object(w);
    json_key(w, "ip");
    json_address(w, &k->host);
    if (k->has_mac) {
        char mac[18];
        snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", k->mac[0], k->mac[1], k->mac[2], k->mac[3],
                 k->mac[4], k->mac[5]);
        json_member_string(w, "mac", mac);
    }
    json_end_object(w);
    if (k->product == NULL) {
        json_member_string(w, "target", k->target);
        return;
    }
    json_key(w, "product");
    json_begin_object(w);
    json_member_string(w, "vendor", k->vendor);
    json_member_string(w, "id", k->product);
    json_member_string(w, "name", row->record.product_name);
    json_member_string(w, "purpose", purpose_text(k->purpose));
    json_member_string(w, "confidence", confidence_text(k->confidence));
    json_end_object(w);
}

static void put_flags(struct json_writer *w, const struct kept_finding *k)
{
    json_key(w, "flagged");
    json_begin_array(w);
    for (unsigned i = 0; i < k->flag_count; i++) {
        const struct flag *flag = &k->flags[i];
        json_begin_object(w);
        json_member_string(w, "axis", axis_text(flag->axis));
        json_member_string(w, "country", country_is_known(flag->country) ? flag->country.code : NULL);
        json_member_string(w, "policy", flag->policy);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_remotes(struct json_writer *w, const struct kept_finding *k)
{
    json_key(w, "remotes");
    json_begin_array(w);
    for (unsigned i = 0; i < k->remote_count; i++) {
        const struct remote_seen *remote = &k->remotes[i];
        json_begin_object(w);
        json_key(w, "ip");
        json_address(w, &remote->ip);
        json_member_u64(w, "port", remote->port);
        json_member_string(w, "name", remote->name[0] != '\0' ? remote->name : NULL);
        json_key(w, "location");
        json_begin_array(w);
        for (unsigned c = 0; c < remote->country_count; c++)
            json_string(w, remote->countries[c].code);
        json_end_array(w);
        json_member_u64(w, "flows", remote->flows);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_counters(struct json_writer *w, const struct finding_counters *c)
{
    json_key(w, "counters");
    json_begin_object(w);
    json_member_u64(w, "flows", c->flows);
    json_member_u64(w, "packets_out", c->volume.packets_out);
    json_member_u64(w, "packets_in", c->volume.packets_in);
    json_member_u64(w, "bytes_out", c->volume.bytes_out);
    json_member_u64(w, "bytes_in", c->volume.bytes_in);
    json_member_u64(w, "remotes", c->remotes);
    json_end_object(w);
}

static void put_accepted(struct json_writer *w, const struct store_row *row)
{
    if (row->accepted == NULL)
        return;
    json_key(w, "accepted");
    json_begin_object(w);
    json_member_string(w, "owner", row->accepted->owner);
    json_member_string(w, "reason", row->accepted->reason);
    json_member_string(w, "until", row->accepted->until);
    json_member_string(w, "accepted_at", row->accepted_at);
    json_member_string(w, "accepted_by", row->accepted_by);
    json_end_object(w);
}

static void put_told(void *context, const struct store_told *told)
{
    struct json_writer *w = context;
    json_begin_object(w);
    json_member_u64(w, "revision", told->revision);
    json_member_string(w, "action", told->action);
    json_member_string(w, "severity", told->severity);
    json_member_time(w, "time", told->time);
    json_member_string(w, "told_at", told->told_at);
    json_end_object(w);
}

static void put_exception(void *context, const struct store_past_exception *e)
{
    struct json_writer *w = context;
    json_begin_object(w);
    json_member_string(w, "owner", e->owner);
    json_member_string(w, "reason", e->reason);
    json_member_string(w, "until", e->until);
    json_member_string(w, "accepted_at", e->accepted_at);
    json_member_string(w, "accepted_by", e->accepted_by);
    if (e->ended_at != NULL) {
        json_member_string(w, "ended_at", e->ended_at);
        json_member_string(w, "ended_by", e->ended_by);
        json_member_string(w, "ended_why", e->ended_why);
    }
    json_end_object(w);
}

static void put_history(struct print *p, const struct store_row *row)
{
    json_key(&p->w, "told");
    json_begin_array(&p->w);
    store_list_told(p->store, row->kept->id, put_told, &p->w);
    json_end_array(&p->w);
    json_key(&p->w, "exceptions");
    json_begin_array(&p->w);
    store_list_exceptions(p->store, row->kept->id, put_exception, &p->w);
    json_end_array(&p->w);
    json_key(&p->w, "record");
    if (row->record.json.data != NULL)
        json_raw(&p->w, row->record.json);
    else
        json_null(&p->w);
}

static void print_row(void *context, const struct store_row *row)
{
    struct print *p = context;
    json_reset(&p->w);
    json_begin_object(&p->w);
    put_head(&p->w, row);
    put_key(&p->w, row);
    put_flags(&p->w, row->kept);
    put_remotes(&p->w, row->kept);
    put_counters(&p->w, &row->kept->counters);
    put_accepted(&p->w, row);
    if (p->is_whole)
        put_history(p, row);
    json_end_object(&p->w);
    json_newline(&p->w);
    if (p->w.failed)
        complain("out of memory: %s is left out", row->kept->id);
    else
        fwrite(p->w.data, 1, p->w.length, stdout);
}

static size_t print_all(struct store *store, const struct store_filter *filter, bool is_whole)
{
    struct print p = {.store = store, .is_whole = is_whole};
    json_init(&p.w);
    size_t count = store_list(store, filter, print_row, &p);
    json_clear(&p.w);
    return count;
}

void findings_list_json(struct store *store, const struct store_filter *filter)
{
    print_all(store, filter, false);
}

bool findings_show_json(struct store *store, const char *id)
{
    return print_all(store, &(struct store_filter){.id = id, .is_all = true}, true) > 0;
}
