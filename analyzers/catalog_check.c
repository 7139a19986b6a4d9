/*
 * What a reader of the catalogue would object to, beyond what stops it from loading: names that are everybody's, lines
 * that contradict each other, dates that have not come yet. The only place in the catalogue that looks at the clock: a
 * date in the future is a slip.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "catalog_internal.h"
#include "registered_domain.h"

/* Registered domains that hold names of very many owners, or a vendor's whole business. */
static const char *const shared_domains[] = {
    "akadns.net",         "akamai.net",     "akamaihd.net",  "akamaiedge.net",
    "alicdn.com",         "aliyun.com",     "amazon.com",    "amazonaws.com",
    "apple.com",          "azure.com",      "azureedge.net", "baidu.com",
    "bing.com",           "cdn77.org",      "cisco.com",     "cloudflare.net",
    "cloudfront.net",     "cloudapp.net",   "edgekey.net",   "edgesuite.net",
    "facebook.com",       "fastly.net",     "fastlylb.net",  "github.com",
    "google.com",         "googleapis.com", "ibm.com",       "icloud.com",
    "kunlunar.com",       "live.com",       "microsoft.com", "myqcloud.com",
    "office.com",         "oracle.com",     "qcloud.com",    "qq.com",
    "trafficmanager.net", "vmware.com",     "windows.com",   "windows.net",
    "windowsupdate.com",  "yandex.ru",      "huawei.com",    "elasticbeanstalk.com",
};

static bool is_shared_domain(struct text name)
{
    for (size_t i = 0; i < sizeof(shared_domains) / sizeof(shared_domains[0]); i++)
        if (text_equal(name, text_of(shared_domains[i])))
            return true;
    return false;
}

static void complain(struct catalog_reader *r, const struct catalog_entry *entry, bool is_error, const char *what)
{
    r->file = entry->indicator.file;
    reader_problem(r, entry->indicator.line, is_error, "field '%s': '%.80s' %s",
                   indicator_kind_text(entry->indicator.kind), entry->indicator.value, what);
}

/* A name of one owner below a shared domain may stand; the shared domain itself, or any label below it, may not. */
static void check_name(struct catalog_reader *r, const struct catalog_entry *entry)
{
    struct text fixed = entry->value;
    enum indicator_kind kind = entry->indicator.kind;
    if (kind == INDICATOR_PATTERN)
        fixed = pattern_fixed_suffix(entry->value);
    bool is_everyones = is_public_suffix(fixed) || is_shared_domain(fixed);
    if (!is_everyones)
        return;
    if (kind == INDICATOR_PATTERN && pattern_literals(entry->value) - fixed.length > 4)
        return;
    if (kind == INDICATOR_DOMAIN && !is_public_suffix(fixed))
        complain(r, entry, false, "is a site that very many people use");
    else
        complain(r, entry, true,
                 is_public_suffix(fixed) ? "is a public suffix: names under it have other owners" : "is too broad");
}

static void check_prefix(struct catalog_reader *r, const struct catalog_entry *entry)
{
    static const char *const special[] = {"0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
                                          "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
                                          "fc00::/7",       "fe80::/10",     "ff00::/8"};
    bool is_v4 = ip_is_v4(&entry->prefix.base);
    if (entry->prefix.length < (is_v4 ? 96 + 8 : 20))
        complain(r, entry, true, "is too broad: shorter than /8 (IPv4) or /20 (IPv6)");
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        struct ip_prefix range;
        if (ip_prefix_parse(special[i], &range, NULL) == STATUS_OK && ip_in_prefix(&entry->prefix.base, &range))
            complain(r, entry, true, "is a private or special range: everybody has it");
    }
}

static void check_one(struct catalog_reader *r, const struct catalog_entry *entry, const char *today)
{
    const struct indicator *indicator = &entry->indicator;
    if (indicator->kind <= INDICATOR_PATTERN)
        check_name(r, entry);
    else if (indicator->kind == INDICATOR_PREFIX)
        check_prefix(r, entry);
    else if (indicator->kind == INDICATOR_HTTP_PATH && entry->host_count == 0 && pattern_literals(entry->value) < 10)
        complain(r, entry, false, "is short for a path that is bound to no host");
    if (indicator->read_on != NULL && strcmp(indicator->read_on, today) > 0)
        complain(r, entry, true, "was read on a day that has not come yet");
}

static int by_kind_and_value(const void *a, const void *b)
{
    const struct catalog_entry *left = *(const struct catalog_entry *const *)a,
                               *right = *(const struct catalog_entry *const *)b;
    if (left->indicator.kind != right->indicator.kind)
        return left->indicator.kind < right->indicator.kind ? -1 : 1;
    int order = strcmp(left->indicator.value, right->indicator.value);
    if (order == 0)
        order = strcmp(left->indicator.file, right->indicator.file);
    return order != 0 ? order
                      : (left->indicator.line > right->indicator.line) - (left->indicator.line < right->indicator.line);
}

/* Ports are the same for many; a path may be bound to several hosts. */
static bool may_repeat(const struct catalog_entry *a, const struct catalog_entry *b)
{
    return a->indicator.kind == INDICATOR_PORT || a->host_count > 0 || b->host_count > 0;
}

static void check_pair(struct catalog_reader *r, const struct catalog_entry *first, const struct catalog_entry *second)
{
    char what[160];
    const struct indicator *a = &first->indicator, *b = &second->indicator;
    if (a->kind != b->kind || strcmp(a->value, b->value) != 0 || may_repeat(first, second))
        return;
    bool is_same = a->product == b->product && a->purpose == b->purpose;
    const char *slash = strrchr(a->file, '/');
    snprintf(what, sizeof(what), "%s %.80s:%u", is_same ? "stands already in" : "contradicts",
             slash ? slash + 1 : a->file, a->line);
    complain(r, second, !is_same, what);
}

static void check_repeats(struct catalog_reader *r)
{
    const struct catalog *c = r->catalog;
    const struct catalog_entry **sorted = malloc((c->indicator_count + 1) * sizeof(*sorted));
    if (sorted == NULL)
        return;
    for (size_t i = 0; i < c->indicator_count; i++)
        sorted[i] = entry_of(c->indicators[i]);
    qsort(sorted, c->indicator_count, sizeof(*sorted), by_kind_and_value);
    for (size_t i = 1; i < c->indicator_count; i++)
        check_pair(r, sorted[i - 1], sorted[i]);
    free(sorted);
}

/* More patterns under one zone than are tried at a look-up. */
static void check_patterns(struct catalog_reader *r)
{
    for (size_t i = 1; i < r->catalog->names.count; i++) {
        const struct name_node *node = &r->catalog->names.nodes[i];
        if (node->pattern_count >= CATALOG_PATTERNS_PER_ZONE)
            complain(r, node->patterns[node->pattern_count - 1], true,
                     "is one pattern too many under its zone (64 at most)");
    }
}

static void check_vendors(struct catalog_reader *r, const char *today)
{
    const struct catalog *c = r->catalog;
    for (size_t i = 0; i < c->vendor_count; i++) {
        r->file = c->vendors[i]->id;
        if (strcmp(c->vendors[i]->domicile_read, today) > 0)
            reader_problem(r, 1, true, "vendor '%s': domicile was read on a day that has not come yet",
                           c->vendors[i]->id);
    }
}

size_t catalog_check(const char *directory, catalog_problem_visit *visit, void *context)
{
    struct error error = {""};
    struct catalog_reader r = {
        .catalog = catalog_new(), .visit = visit, .context = context, .error = &error, .file = directory};
    char today[16] = "";
    time_t now = time(NULL);
    struct tm parts;
    if (r.catalog == NULL)
        return 1;
    if (gmtime_r(&now, &parts) != NULL)
        strftime(today, sizeof(today), "%Y-%m-%d", &parts);
    catalog_read_directory(&r, directory);
    if (r.status == STATUS_OK) {
        for (size_t i = 0; i < r.catalog->indicator_count; i++)
            check_one(&r, entry_of(r.catalog->indicators[i]), today);
        check_repeats(&r);
        check_patterns(&r);
        check_vendors(&r, today);
    } else {
        reader_problem(&r, 1, true, "%s", error.text);
    }
    catalog_free(r.catalog);
    return r.errors;
}
