/* Findings into rows and back. Lists within a row are JSON, which SQLite's own functions take apart again. */
#include "store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 63, MAC_SIZE = 18 };

/* ---- out of a row ---- */

static bool read_word(sqlite3_stmt *row, int at, const char **ret)
{
    *ret = text_at(row, at, WORD_MAX);
    return *ret != NULL || sqlite3_column_type(row, at) == SQLITE_NULL;
}

static bool read_mac(const char *text, uint8_t ret[static 6])
{
    unsigned b[6];
    char rest;
    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &rest) != 6)
        return false;
    for (unsigned i = 0; i < 6; i++)
        ret[i] = (uint8_t)b[i];
    return true;
}

static bool parse_confidence(const char *text, enum confidence *ret)
{
    for (int i = CONFIDENCE_NONE; i <= CONFIDENCE_CONFIRMED; i++)
        if (strcmp(confidence_text((enum confidence)i), text) == 0) {
            *ret = (enum confidence)i;
            return true;
        }
    return false;
}

static bool read_severity(const char *text, enum severity *ret)
{
    *ret = SEVERITY_NONE;
    return text != NULL && (strcmp(text, severity_text(SEVERITY_NONE)) == 0 || severity_parse(text, ret));
}

static bool read_axis(const char *text, enum axis *ret)
{
    for (unsigned i = 0; text != NULL && i < AXIS_COUNT; i++)
        if (strcmp(axis_text((enum axis)i), text) == 0) {
            *ret = (enum axis)i;
            return true;
        }
    return false;
}

static bool read_flag(sqlite3_stmt *item, struct flag *ret, char policy[static WORD_MAX + 1])
{
    const char *country = text_at(item, 1, 2), *name = text_at(item, 2, WORD_MAX);
    bool has_none = sqlite3_column_type(item, 1) == SQLITE_NULL;
    *ret = (struct flag){.policy = policy};
    if (!read_axis(text_at(item, 0, WORD_MAX), &ret->axis) || name == NULL || *name == '\0')
        return false;
    if (!has_none && (country == NULL || !country_parse(country, strlen(country), &ret->country)))
        return false;
    memcpy(policy, name, strlen(name) + 1);
    return true;
}

static void read_flags(struct store *s, const char *json, struct finding_row *ret)
{
    sqlite3_stmt *item = store_ask(s, LOAD_FLAGS);
    bind_text(item, 1, json);
    while (store_next(s, item)) {
        unsigned at = ret->kept.flag_count;
        if (at < FLAGS_MAX && read_flag(item, &ret->flags[at], ret->policies[at]))
            ret->kept.flag_count++;
    }
    ret->kept.flags = ret->flags;
}

/* ["NL","DE"], as json() writes it. */
static void read_countries(const char *json, struct remote_seen *ret)
{
    for (const char *at = json; (at = strchr(at, '"')) != NULL && ret->country_count < AXIS_COUNTRIES_MAX; at++) {
        size_t length = strcspn(++at, "\"");
        if (at[length] == '\0')
            return;
        if (country_parse(at, length, &ret->countries[ret->country_count]))
            ret->country_count++;
        at += length;
    }
}

static bool read_remote(sqlite3_stmt *item, struct remote_seen *ret)
{
    const char *ip = text_at(item, 0, IP_TEXT_SIZE), *name = text_at(item, 2, REMOTE_NAME_MAX - 1);
    const char *countries = text_at(item, 4, 4096);
    int64_t port = sqlite3_column_int64(item, 1), flows = sqlite3_column_int64(item, 3);
    *ret = (struct remote_seen){0};
    if (ip == NULL || !ip_parse(ip, &ret->ip) || port < 0 || port > UINT16_MAX || flows < 0)
        return false;
    ret->port = (uint16_t)port;
    ret->flows = (uint64_t)flows;
    if (name != NULL)
        memcpy(ret->name, name, strlen(name) + 1);
    if (countries != NULL)
        read_countries(countries, ret);
    return true;
}

static void read_remotes(struct store *s, const char *json, struct finding_row *ret)
{
    sqlite3_stmt *item = store_ask(s, LOAD_REMOTES);
    bind_text(item, 1, json);
    while (store_next(s, item))
        if (ret->kept.remote_count < REMOTES_MAX && read_remote(item, &ret->remotes[ret->kept.remote_count]))
            ret->kept.remote_count++;
    ret->kept.remotes = ret->remotes;
}

static bool read_key(sqlite3_stmt *row, struct kept_finding *k)
{
    const char *id = text_at(row, 0, sizeof(k->id) - 1), *host = text_at(row, 4, IP_TEXT_SIZE);
    const char *purpose = text_at(row, 8, WORD_MAX), *mac;
    if (id == NULL || strlen(id) != sizeof(k->id) - 2 || host == NULL || !ip_parse(host, &k->host))
        return false;
    memcpy(k->id, id, strlen(id) + 1);
    if (!read_word(row, 5, &mac) || !read_word(row, 6, &k->vendor) || !read_word(row, 7, &k->product))
        return false;
    k->target = text_at(row, 9, 255);
    k->has_mac = mac != NULL;
    if (mac != NULL && !read_mac(mac, k->mac))
        return false;
    return (k->product != NULL) == (k->vendor != NULL) && (k->product != NULL) != (k->target != NULL) &&
           purpose != NULL && purpose_parse(text_of(purpose), &k->purpose);
}

static bool read_state(sqlite3_stmt *row, struct kept_finding *k)
{
    const char *confidence = text_at(row, 12, WORD_MAX);
    int64_t revision = sqlite3_column_int64(row, 3), axes = sqlite3_column_int64(row, 13);
    int64_t told_axes = sqlite3_column_int64(row, 14);
    if (revision < 1 || revision > UINT32_MAX / 2 || axes < 0 || axes >= 1 << AXIS_COUNT || told_axes < 0 ||
        told_axes >= 1 << AXIS_COUNT)
        return false;
    k->is_told = sqlite3_column_int(row, 1) != 0;
    k->revision = (uint32_t)revision;
    k->axes = (uint8_t)axes;
    k->told_axes = (uint8_t)told_axes;
    return read_severity(text_at(row, 10, WORD_MAX), &k->severity) &&
           read_severity(text_at(row, 11, WORD_MAX), &k->told_severity) && confidence != NULL &&
           parse_confidence(confidence, &k->confidence) && read_word(row, 15, &k->rule);
}

static bool read_counters(sqlite3_stmt *row, struct kept_finding *k)
{
    uint64_t *const counters[] = {&k->counters.remotes,
                                  &k->counters.flows,
                                  &k->counters.volume.packets_out,
                                  &k->counters.volume.packets_in,
                                  &k->counters.volume.bytes_out,
                                  &k->counters.volume.bytes_in};
    for (int i = 0; i < 6; i++) {
        int64_t value = sqlite3_column_int64(row, 18 + i);
        if (value < 0 || value > INT64_MAX / 2)
            return false;
        *counters[i] = (uint64_t)value;
    }
    k->first_seen.ns = sqlite3_column_int64(row, 24);
    k->last_seen.ns = sqlite3_column_int64(row, 25);
    k->last_told.ns = sqlite3_column_int64(row, 26);
    return true;
}

bool finding_row_read(struct store *s, sqlite3_stmt *row, struct finding_row *ret)
{
    const char *flags = text_at(row, 16, 65536), *remotes = text_at(row, 17, 65536);
    struct kept_finding *k = &ret->kept;
    *k = (struct kept_finding){0};
    ret->is_telling = sqlite3_column_int(row, 2) != 0;
    if (flags == NULL || remotes == NULL || !read_key(row, k) || !read_state(row, k) || !read_counters(row, k)) {
        s->rows_refused++;
        return false;
    }
    read_flags(s, flags, ret);
    read_remotes(s, remotes, ret);
    return true;
}

void store_load(struct store *s, void (*visit)(void *context, const struct kept_finding *kept), void *context)
{
    sqlite3_stmt *row = store_ask(s, LOAD_FINDINGS);
    struct finding_row *f = malloc(sizeof(*f));
    if (f == NULL) {
        store_fail(s, SQLITE_NOMEM);
        return;
    }
    while (store_next(s, row))
        if (finding_row_read(s, row, f))
            visit(context, &f->kept);
    free(f);
}

/* ---- into a row ---- */

static struct text flags_json(struct json_writer *w, const struct kept_finding *k)
{
    json_begin_array(w);
    for (unsigned i = 0; i < k->flag_count; i++) {
        json_begin_object(w);
        json_member_string(w, "axis", axis_text(k->flags[i].axis));
        json_member_string(w, "country", country_is_known(k->flags[i].country) ? k->flags[i].country.code : NULL);
        json_member_string(w, "policy", k->flags[i].policy);
        json_end_object(w);
    }
    json_end_array(w);
    return (struct text){w->data, w->length};
}

static void write_remote(struct json_writer *w, const struct remote_seen *r)
{
    json_begin_object(w);
    json_key(w, "ip");
    json_address(w, &r->ip);
    json_member_u64(w, "port", r->port);
    json_member_string(w, "name", r->name[0] != '\0' ? r->name : NULL);
    json_key(w, "location");
    json_begin_array(w);
    for (unsigned i = 0; i < r->country_count; i++)
        json_string(w, r->countries[i].code);
    json_end_array(w);
    json_member_u64(w, "flows", r->flows);
    json_end_object(w);
}

static struct text remotes_json(struct json_writer *w, const struct kept_finding *k)
{
    json_begin_array(w);
    for (unsigned i = 0; i < k->remote_count; i++)
        write_remote(w, &k->remotes[i]);
    json_end_array(w);
    return (struct text){w->data, w->length};
}

/* The texts are bound before the next one is written: SQLite copies them. */
static void bind_lists(struct store *s, sqlite3_stmt *row, const struct kept_finding *k)
{
    struct text json;
    json_reset(&s->json);
    json = flags_json(&s->json, k);
    sqlite3_bind_text64(row, 17, json.data, json.length, SQLITE_TRANSIENT, SQLITE_UTF8);
    bool failed = s->json.failed;
    json_reset(&s->json);
    json = remotes_json(&s->json, k);
    sqlite3_bind_text64(row, 18, json.data, json.length, SQLITE_TRANSIENT, SQLITE_UTF8);
    if (failed || s->json.failed) /* the row refuses null */
        sqlite3_bind_null(row, 17);
}

static void bind_counters(sqlite3_stmt *row, const struct kept_finding *k)
{
    bind_u64(row, 19, k->counters.remotes);
    bind_u64(row, 20, k->counters.flows);
    bind_u64(row, 21, k->counters.volume.packets_out);
    bind_u64(row, 22, k->counters.volume.packets_in);
    bind_u64(row, 23, k->counters.volume.bytes_out);
    bind_u64(row, 24, k->counters.volume.bytes_in);
    bind_i64(row, 25, k->first_seen.ns);
    bind_i64(row, 26, k->last_seen.ns);
    bind_i64(row, 27, k->last_told.ns);
}

static bool put_row(struct store *s, const struct kept_finding *k, bool is_telling)
{
    sqlite3_stmt *row = store_ask(s, PUT_FINDING);
    char host[IP_TEXT_SIZE], mac[MAC_SIZE];
    if (row == NULL)
        return false;
    ip_print(&k->host, host);
    snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", k->mac[0], k->mac[1], k->mac[2], k->mac[3], k->mac[4],
             k->mac[5]);
    bind_text(row, 1, k->id);
    bind_i64(row, 2, k->is_told);
    bind_i64(row, 3, is_telling);
    bind_i64(row, 4, k->revision);
    bind_text(row, 5, host);
    bind_text(row, 6, k->has_mac ? mac : NULL);
    bind_text(row, 7, k->vendor);
    bind_text(row, 8, k->product);
    bind_text(row, 9, purpose_text(k->purpose));
    bind_text(row, 10, k->target);
    bind_text(row, 11, severity_text(k->severity));
    bind_text(row, 12, severity_text(k->told_severity));
    bind_text(row, 13, confidence_text(k->confidence));
    bind_i64(row, 14, k->axes);
    bind_i64(row, 15, k->told_axes);
    bind_text(row, 16, k->rule);
    bind_lists(s, row, k);
    bind_counters(row, k);
    bind_i64(row, 28, s->run);
    return store_do(s, row);
}

static bool note_counted(struct store *s, enum statement which, const char *id)
{
    sqlite3_stmt *statement = store_ask(s, which);
    if (!s->has_inputs)
        return true;
    bind_i64(statement, 1, s->run);
    bind_text(statement, 2, id);
    return store_do(s, statement);
}

static bool put_counted(struct store *s, const struct kept_finding *k, bool is_telling)
{
    s->is_telling |= is_telling;
    return note_counted(s, NOTE_COUNTED, k->id) && put_row(s, k, is_telling) &&
           note_counted(s, NOTE_NEW_COUNTED, k->id);
}

static bool put_told(struct store *s, const struct kept_finding *k, enum finding_action action, struct packet_time time)
{
    sqlite3_stmt *row = store_ask(s, ADD_TOLD);
    bind_text(row, 1, k->id);
    bind_i64(row, 2, k->revision);
    bind_text(row, 3, finding_action_text(action));
    bind_text(row, 4, severity_text(k->severity));
    bind_i64(row, 5, time.ns);
    if (!store_do(s, row))
        return false;
    row = store_ask(s, PRUNE_TOLD);
    bind_text(row, 1, k->id);
    bind_i64(row, 2, k->revision);
    return store_do(s, row);
}

static bool put_record(struct store *s, const struct kept_finding *k, const struct store_news *news)
{
    sqlite3_stmt *row = store_ask(s, PUT_RECORD);
    bind_text(row, 1, k->id);
    bind_text(row, 2, news->event_id);
    bind_text(row, 3, severity_text(k->severity));
    bind_text(row, 4, news->summary);
    bind_text(row, 5, news->product_name);
    bind_bytes(row, 6, news->json);
    return store_do(s, row);
}

bool store_put(struct store *s, const struct kept_finding *k, const struct store_news *news)
{
    if (!s->in_transaction)
        return false;
    if (!put_counted(s, k, news != NULL))
        return false;
    if (news == NULL)
        return true;
    return put_record(s, k, news) && put_told(s, k, news->action, news->time);
}

bool store_put_lapsed(struct store *s, const struct kept_finding *k, struct packet_time now, struct text accepted)
{
    sqlite3_stmt *row = store_ask(s, LAPSE_RECORD);
    char event_id[EVENT_ID_TEXT_SIZE], time[PACKET_TIME_TEXT_SIZE];
    if (!s->in_transaction || !put_counted(s, k, true))
        return false;
    snprintf(event_id, sizeof(event_id), "%s-%u", k->id, k->revision);
    packet_time_print(now, time);
    bind_text(row, 1, k->id);
    bind_text(row, 2, event_id);
    bind_text(row, 3, time);
    bind_bytes(row, 4, accepted);
    return store_do(s, row) && put_told(s, k, FINDING_UPDATED, now);
}
