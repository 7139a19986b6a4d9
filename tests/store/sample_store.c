#include "sample_store.h"

#include "test.h"

static char folder[64], path[96];

void sample_kept(struct kept_finding *ret)
{
    static const struct flag flags[] = {{AXIS_LOCATION, {"RU"}, "p1"}, {AXIS_VENDOR, {""}, "p2"}};
    static struct remote_seen remotes[2];
    remotes[0] = (struct remote_seen){.port = 443, .name = "a.example", .country_count = 2, .flows = 3};
    remotes[0].countries[0] = (struct country){"NL"};
    remotes[0].countries[1] = (struct country){"DE"};
    remotes[1] = (struct remote_seen){.port = 80, .flows = 1};
    ip_parse("94.75.236.123", &remotes[0].ip);
    ip_parse("2001:db8::1", &remotes[1].ip);
    *ret = (struct kept_finding){.id = SAMPLE_ID,
                                 .revision = 1,
                                 .is_told = true,
                                 .has_mac = true,
                                 .mac = {0, 0x1b, 0x21, 1, 2, 3},
                                 .vendor = "kaspersky",
                                 .product = "kaspersky-any",
                                 .purpose = PURPOSE_UPDATE,
                                 .severity = SEVERITY_CRITICAL,
                                 .told_severity = SEVERITY_HIGH,
                                 .confidence = CONFIDENCE_PROBABLE,
                                 .axes = 1U << AXIS_LOCATION | 1U << AXIS_VENDOR,
                                 .told_axes = 1U << AXIS_VENDOR,
                                 .rule = "a-rule",
                                 .flag_count = 2,
                                 .remote_count = 2,
                                 .flags = flags,
                                 .remotes = remotes,
                                 .counters = {.flows = 4, .remotes = 12, .volume = {5, 6, 700, 800}},
                                 .first_seen = {1000},
                                 .last_seen = {2000},
                                 .last_told = {1500}};
    ip_parse("128.3.116.128", &ret->host);
}

struct store_news sample_news(const char *json)
{
    return (struct store_news){.action = FINDING_OPENED,
                               .event_id = SAMPLE_ID "-1",
                               .summary = "it talks",
                               .product_name = "Kaspersky",
                               .time = {1500},
                               .json = text_of(json)};
}

const char *sample_path(void)
{
    if (folder[0] == '\0') {
        snprintf(folder, sizeof(folder), "/tmp/bordertap-store-XXXXXX");
        assert_non_null(mkdtemp(folder));
        snprintf(path, sizeof(path), "%s/s.db", folder);
    }
    return path;
}

void sample_folder_clear(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock", "-journal"};
    char name[128];
    if (folder[0] == '\0')
        return;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        if (unlink(name) != 0)
            rmdir(name);
    }
    rmdir(folder);
    folder[0] = '\0';
}

struct store *sample_open(enum store_access access)
{
    struct store *store = NULL;
    struct error error = {""};
    if (store_open(sample_path(), access, &store, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return store;
}

void sample_put(struct store *store, const struct kept_finding *kept, const struct store_news *news)
{
    assert_true(store_begin(store));
    assert_true(store_put(store, kept, news));
    assert_true(store_commit(store));
}
