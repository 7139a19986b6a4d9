/* Which files hold for this sensor, what a path says, and how sure that is. */
#include "geo_helpers.h"

#include "paths/mrt_internal.h"
#include "paths/paths_internal.h"

#define PATHS_DATA TEST_DATA "/paths/"
#define FIRST1200 PATHS_DATA "routeviews-v4-20140523.0600-first1200.mrt.gz"

enum { RIB_TIME = 1400824800 };

static struct paths *open_paths(const char *const *files, const char *rib_peer, uint32_t upstream_asn)
{
    struct paths *paths = NULL;
    struct error error;
    size_t count = 0;
    while (files[count] != NULL)
        count++;
    const struct paths_options options = {
        .files = files, .count = count, .rib_peer = rib_peer, .upstream_asn = upstream_asn};
    if (paths_open(&options, &paths, &error) != STATUS_OK)
        fail_msg("%s", error.text);
    return paths;
}

static const char *const first1200[] = {FIRST1200, NULL};

/** In how many routes of its own table @p asn stands between us and the origin. */
static unsigned count_transit(const struct paths *paths, uint32_t own_asn, uint32_t asn)
{
    unsigned ret = 0;
    for (size_t i = 0; i < paths->own.sorted_count; i++) {
        struct path_element path[PATH_ELEMENTS_MAX];
        size_t count = path_store_get(&paths->own.store, paths->own.routes[i].path, path);
        count = paths_keep_hops(path, count, own_asn);
        for (size_t k = 0; k < count; k++)
            if (path[k].asn == asn) {
                ret++;
                break;
            }
    }
    return ret;
}

static void the_facts_of_two_real_peers_are_met(void **state)
{
    struct paths *paths = open_paths(first1200, "AS6939", 0);
    (void)state;

    assert_int_equal(paths_prefixes(paths), 1196);
    assert_int_equal(count_transit(paths, 6939, 4837), 51);
    assert_int_equal(count_transit(paths, 6939, 4134), 26);
    assert_int_equal(count_transit(paths, 6939, 9498), 108);
    assert_int_equal(count_transit(paths, 6939, 4637), 5);
    paths_close(paths);

    paths = open_paths(first1200, "154.11.98.225", 0);
    assert_int_equal(paths_prefixes(paths), 1195);
    assert_int_equal(count_transit(paths, 852, 4837), 53);
    assert_int_equal(count_transit(paths, 852, 4134), 13);
    assert_int_equal(count_transit(paths, 852, 9498), 113);
    assert_int_equal(count_transit(paths, 852, 4637), 6);
    paths_close(paths);
}

/** Networks with countries: holders as an AS table tells them. */
static struct geo *open_geo(struct test_file *file, const char *operators)
{
    *file = file_write_text("ip2asn-v4.tsv", "1.0.0.0\t1.0.0.255\t4134\tCN\tCHINANET\n"
                                             "2.0.0.0\t2.0.0.255\t1299\tSE\tTWELVE99\n"
                                             "3.0.0.0\t3.0.0.255\t6939\tUS\tHURRICANE\n"
                                             "4.0.0.0\t4.0.0.255\t3320\tDE\tDTAG\n"
                                             "5.0.0.0\t5.0.0.255\t200107\tCH\tKASPERSKY\n");
    const char *paths[] = {file->path, NULL};
    struct geo *geo = must_open(paths, operators);
    assert_int_equal(geo_know_networks(geo), STATUS_OK);
    return geo;
}

struct answer {
    struct axis_judgement axis;
    struct transit_facts facts;
};

static struct answer ask(const struct paths *paths, const struct geo *geo, const char *address, int64_t time_sec)
{
    struct answer ret;
    struct ip_address parsed = address_of(address);
    paths_judge(paths, geo, &parsed, time_sec, &ret.axis, &ret.facts);
    return ret;
}

/* ---- tables made here ---- */

struct table_file {
    uint8_t bytes[8192];
    size_t length;
};

static void put(struct table_file *f, const void *bytes, size_t length)
{
    assert_true(f->length + length <= sizeof(f->bytes));
    memcpy(f->bytes + f->length, bytes, length);
    f->length += length;
}

static void put_number(struct table_file *f, uint32_t number, unsigned size)
{
    for (unsigned i = size; i-- > 0;)
        put(f, &(uint8_t){(uint8_t)(number >> 8 * i)}, 1);
}

/** Writes a record's length once its body is there. */
static size_t begin_record(struct table_file *f, uint32_t time, unsigned type, unsigned subtype)
{
    put_number(f, time, 4);
    put_number(f, type, 2);
    put_number(f, subtype, 2);
    put_number(f, 0, 4);
    return f->length;
}

static void end_record(struct table_file *f, size_t body)
{
    struct table_file length = {.length = 0};
    put_number(&length, (uint32_t)(f->length - body), 4);
    memcpy(f->bytes + body - 4, length.bytes, 4);
}

/** Peers 192.0.2.1, 192.0.2.2 ... */
static void put_peers(struct table_file *f, uint32_t time, const uint32_t *asns, size_t count)
{
    size_t body = begin_record(f, time, MRT_TABLE_DUMP_V2, 1);
    put_number(f, 0, 4);
    put_number(f, 0, 2);
    put_number(f, (uint32_t)count, 2);
    for (size_t i = 0; i < count; i++) {
        put_number(f, 2, 1);
        put_number(f, 0, 4);
        put_number(f, 0xc0000201 + (uint32_t)i, 4);
        put_number(f, asns[i], 4);
    }
    end_record(f, body);
}

enum { END = 0, SET = 0x7fffffff }; /* what follows SET is an AS_SET */

static void put_path(struct table_file *f, const uint32_t *path)
{
    struct table_file segments = {.length = 0};
    for (unsigned type = 2; *path != END; type = 1) {
        unsigned count = 0;
        path += *path == SET;
        while (path[count] != END && path[count] != SET)
            count++;
        if (count > 0) {
            put_number(&segments, type, 1);
            put_number(&segments, count, 1);
        }
        for (; count > 0; count--)
            put_number(&segments, *path++, 4);
    }
    put_number(f, (uint32_t)segments.length + 3, 2);
    put_number(f, 0x4002, 2);
    put_number(f, (uint32_t)segments.length, 1);
    put(f, segments.bytes, segments.length);
}

/** A route to 5.1.x.0/24 for each peer whose path is not NULL. */
static void put_prefix(struct table_file *f, uint32_t time, unsigned x, const uint32_t *const *paths, size_t count)
{
    size_t body = begin_record(f, time, MRT_TABLE_DUMP_V2, 2), there = 0;
    put_number(f, x, 4);
    put_number(f, 24, 1);
    put_number(f, 0x050100 | x, 3);
    for (size_t i = 0; i < count; i++)
        there += paths[i] != NULL;
    put_number(f, (uint32_t)there, 2);
    for (size_t i = 0; i < count; i++) {
        if (paths[i] == NULL)
            continue;
        put_number(f, (uint32_t)i, 2);
        put_number(f, time, 4);
        put_path(f, paths[i]);
    }
    end_record(f, body);
}

static struct paths *open_table(const struct table_file *f, const char *rib_peer, uint32_t upstream_asn)
{
    struct test_file file = file_write("rib", f->bytes, f->length);
    const char *files[] = {file.path, NULL};
    struct paths *ret = open_paths(files, rib_peer, upstream_asn);
    file_remove(&file);
    return ret;
}

/** An update of peer 192.0.2.1: withdraws 5.1.x.0/24 when @p path is NULL, else announces it. */
static void put_update(struct table_file *f, uint32_t time, uint32_t peer_asn, unsigned x, const uint32_t *path)
{
    struct table_file update = {.length = 0};
    if (path == NULL) {
        put_number(&update, 4, 2);
        put_number(&update, 24U << 24 | 0x050100 | x, 4);
        put_number(&update, 0, 2);
    } else {
        put_number(&update, 0, 2);
        put_path(&update, path);
        put_number(&update, 24U << 24 | 0x050100 | x, 4);
    }
    size_t body = begin_record(f, time, MRT_BGP4MP, 4);
    put_number(f, peer_asn, 4);
    put_number(f, 64512, 4);
    put_number(f, 0, 2);
    put_number(f, 1, 2);
    put_number(f, 0xc0000201, 4);
    put_number(f, 0xc0000263, 4);
    for (unsigned i = 0; i < 4; i++)
        put_number(f, UINT32_MAX, 4);
    put_number(f, (uint32_t)update.length + BGP_HEADER_SIZE, 2);
    put_number(f, BGP_UPDATE, 1);
    put(f, update.bytes, update.length);
    end_record(f, body);
}

/** Its session goes down. */
static void put_session_lost(struct table_file *f, uint32_t time, uint32_t peer_asn)
{
    size_t body = begin_record(f, time, MRT_BGP4MP, 5);
    put_number(f, peer_asn, 4);
    put_number(f, 64512, 4);
    put_number(f, 0, 2);
    put_number(f, 1, 2);
    put_number(f, 0xc0000201, 4);
    put_number(f, 0xc0000263, 4);
    put_number(f, 6, 2);
    put_number(f, 1, 2);
    end_record(f, body);
}

static const uint32_t by_china[] = {3320, 3320, 4134, 200107, END}, by_sweden[] = {3320, 1299, 200107, END},
                      direct[] = {200107, END}, unknown_carrier[] = {3320, 64500, 200107, END},
                      by_a_set[] = {3320, SET, 4134, 1299, SET, 200107, END},
                      ending_in_set[] = {3320, SET, 4134, 1299, END};

static void one_path_of_our_own_table_is_t3(void **state)
{
    struct test_file file;
    struct geo *geo = open_geo(&file, NULL);
    struct table_file f = {.length = 0};
    (void)state;
    put_peers(&f, RIB_TIME, (const uint32_t[]){3320}, 1);
    put_prefix(&f, RIB_TIME, 1, (const uint32_t *[]){by_china}, 1);
    put_prefix(&f, RIB_TIME, 2, (const uint32_t *[]){direct}, 1);
    put_prefix(&f, RIB_TIME, 3, (const uint32_t *[]){unknown_carrier}, 1);
    put_prefix(&f, RIB_TIME, 4, (const uint32_t *[]){by_a_set}, 1);
    put_prefix(&f, RIB_TIME, 5, (const uint32_t *[]){ending_in_set}, 1);
    struct paths *paths = open_table(&f, NULL, 0);

    struct answer a = ask(paths, geo, "5.1.1.7", RIB_TIME + 60);
    assert_axis(&a.axis, "agreed", "CN DE",
                "carried by AS3320 (DE), AS4134 (CN) on the forward path, T3, RIB of 2014-05-23T06:00Z");
    assert_int_equal(a.axis.certain, 3);
    assert_int_equal(a.facts.grade, TRANSIT_T3);
    assert_int_equal(a.facts.as_path_length, 4);
    assert_int_equal(a.facts.hop_count, 2);
    assert_int_equal(a.facts.hops[1].asn, 4134);
    assert_int_equal(a.axis.source_count, 3);
    a = ask(paths, geo, "5.1.2.7", RIB_TIME);
    assert_axis(&a.axis, "unknown", "", "no network in between: the peer is the origin");
    assert_int_equal(a.facts.grade, TRANSIT_T3);
    a = ask(paths, geo, "5.1.3.7", RIB_TIME);
    assert_axis(&a.axis, "contested", "DE",
                "carried by AS3320 (DE), AS64500 (?) on the forward path, T3, RIB of 2014-05-23T06:00Z");
    assert_true(a.axis.is_incomplete);
    a = ask(paths, geo, "5.1.4.7", RIB_TIME);
    assert_string_equal(axis_status_text(a.axis.status), "contested");
    assert_string_equal(countries_of(&a.axis), "CN DE SE");
    assert_int_equal(a.axis.certain, 2); /* DE */
    a = ask(paths, geo, "5.1.5.7", RIB_TIME);
    assert_string_equal(countries_of(&a.axis), "DE");
    a = ask(paths, geo, "5.2.0.1", RIB_TIME);
    assert_axis(&a.axis, "unknown", "", "no path data for this sensor: its routing table has no route there");
    paths_close(paths);
    geo_close(geo);
    file_remove(&file);
}

static void several_candidates_are_t2_and_agree_or_not(void **state)
{
    struct test_file file;
    struct geo *geo = open_geo(&file, NULL);
    struct table_file f = {.length = 0};
    (void)state;
    put_peers(&f, RIB_TIME, (const uint32_t[]){3320, 3320}, 2);
    put_prefix(&f, RIB_TIME, 1, (const uint32_t *[]){by_china, by_sweden}, 2);
    put_prefix(&f, RIB_TIME, 2, (const uint32_t *[]){by_sweden, by_sweden}, 2);
    struct paths *paths = open_table(&f, "any", 0);

    struct answer a = ask(paths, geo, "5.1.1.7", RIB_TIME);
    assert_axis(&a.axis, "contested", "CN DE SE",
                "one of 2 paths: carried by AS3320 (DE), AS4134 (CN) on the forward path, T2, RIB of "
                "2014-05-23T06:00Z");
    assert_int_equal(a.axis.certain, 2);
    assert_int_equal(a.facts.candidate_count, 2);
    a = ask(paths, geo, "5.1.2.7", RIB_TIME);
    assert_string_equal(axis_status_text(a.axis.status), "agreed");
    assert_string_equal(countries_of(&a.axis), "DE SE");
    paths_close(paths);
    geo_close(geo);
    file_remove(&file);
}

static void a_collectors_table_says_nothing_of_us(void **state)
{
    struct paths *paths = open_paths(first1200, NULL, 0);
    const struct paths_file *files;
    (void)state;

    struct answer a = ask(paths, NULL, "1.0.0.1", RIB_TIME);
    assert_axis(&a.axis, "unknown", "",
                "no path data for this sensor: 35 peers, none of them chosen: name your router with --rib-peer, or "
                "your upstream with --upstream-asn");
    assert_int_equal(paths_files(paths, &files), 1);
    assert_string_equal(files[0].kind, "table");
    assert_int_equal(files[0].peers, 35);
    paths_close(paths);
    a = ask(NULL, NULL, "1.0.0.1", RIB_TIME);
    assert_axis(&a.axis, "unknown", "", "no path data loaded");
}

static void a_full_feed_of_the_upstream_is_t1_and_a_partial_one_nothing(void **state)
{
    struct test_file file;
    struct geo *geo = open_geo(&file, NULL);
    struct table_file f = {.length = 0};
    (void)state;
    put_peers(&f, RIB_TIME, (const uint32_t[]){3320, 6939}, 2);
    put_prefix(&f, RIB_TIME, 1, (const uint32_t *[]){by_china, direct}, 2);
    put_prefix(&f, RIB_TIME, 2, (const uint32_t *[]){by_sweden, NULL}, 2);
    struct paths *paths = open_table(&f, NULL, 3320);

    struct answer a = ask(paths, geo, "5.1.1.7", RIB_TIME);
    assert_axis(&a.axis, "agreed", "CN DE",
                "carried by AS3320 (DE), AS4134 (CN) on the forward path, T1, RIB of 2014-05-23T06:00Z");
    paths_close(paths);
    paths = open_table(&f, NULL, 6939);
    a = ask(paths, geo, "5.1.1.7", RIB_TIME);
    assert_axis(&a.axis, "unknown", "", "no path data for this sensor: AS6939 has 1 of 2 routes in it: no full feed");
    paths_close(paths);
    geo_close(geo);
    file_remove(&file);
}

static void data_of_another_time_loses_a_grade(void **state)
{
    struct test_file file;
    struct geo *geo = open_geo(&file, NULL);
    struct table_file f = {.length = 0};
    (void)state;
    put_peers(&f, RIB_TIME, (const uint32_t[]){3320, 6939}, 2);
    put_prefix(&f, RIB_TIME, 1, (const uint32_t *[]){by_china, direct}, 2);
    struct paths *paths = open_table(&f, "AS3320", 0);

    struct answer a = ask(paths, geo, "5.1.1.7", RIB_TIME + 86400);
    assert_int_equal(a.facts.grade, TRANSIT_T3);
    assert_false(a.facts.is_degraded);
    a = ask(paths, geo, "5.1.1.7", RIB_TIME + 86401);
    assert_int_equal(a.facts.grade, TRANSIT_T2);
    assert_axis(&a.axis, "agreed", "CN",
                "carried by AS4134 (CN) on the forward path, T2, RIB of 2014-05-23T06:00Z, 24 hours old");
    a = ask(paths, geo, "5.1.1.7", RIB_TIME - 1);
    assert_true(a.facts.is_degraded);
    assert_string_equal(a.facts.why, "taken after the packet");
    paths_close(paths);
    paths = open_table(&f, NULL, 3320);
    a = ask(paths, geo, "5.1.1.7", RIB_TIME + 10 * 86400);
    assert_axis(&a.axis, "unknown", "",
                "no path data for this sensor: its upstream's table is 10 days old, load one of the packet's day");
    paths_close(paths);
    geo_close(geo);
    file_remove(&file);
}

static void updates_keep_a_table_current(void **state)
{
    struct test_file geo_file;
    struct geo *geo = open_geo(&geo_file, NULL);
    struct table_file rib = {.length = 0}, early = {.length = 0}, late = {.length = 0}, end = {.length = 0};
    (void)state;
    put_peers(&rib, RIB_TIME, (const uint32_t[]){3320}, 1);
    put_prefix(&rib, RIB_TIME, 1, (const uint32_t *[]){by_china}, 1);
    put_prefix(&rib, RIB_TIME, 2, (const uint32_t *[]){by_sweden}, 1);
    put_update(&early, RIB_TIME - 60, 3320, 1, NULL);
    put_update(&late, RIB_TIME + 86400, 3320, 1, by_sweden);
    put_update(&late, RIB_TIME + 86400, 3320, 2, NULL);
    put_update(&late, RIB_TIME + 86400, 6939, 3, by_china); /* another peer's */
    put_session_lost(&end, RIB_TIME + 90000, 3320);
    struct test_file files[] = {
        file_write("rib", rib.bytes, rib.length), file_write("updates.1", early.bytes, early.length),
        file_write("updates.2", late.bytes, late.length), file_write("updates.3", end.bytes, end.length)};
    const char *paths_of[] = {files[0].path, files[1].path, files[2].path, NULL, NULL};
    struct paths *paths = open_paths(paths_of, NULL, 0);

    struct answer a = ask(paths, geo, "5.1.1.7", RIB_TIME + 2 * 86400);
    assert_axis(&a.axis, "agreed", "DE SE",
                "carried by AS3320 (DE), AS1299 (SE) on the forward path, T3, RIB of 2014-05-24T06:00Z");
    a = ask(paths, geo, "5.1.2.7", RIB_TIME + 86400);
    assert_int_equal(a.facts.grade, TRANSIT_T0);
    a = ask(paths, geo, "5.1.3.7", RIB_TIME + 86400);
    assert_int_equal(a.facts.grade, TRANSIT_T0);
    assert_int_equal(paths->early_updates, 1);
    assert_int_equal(paths->strange_updates, 1);
    paths_close(paths);
    paths_of[3] = files[3].path;
    paths = open_paths(paths_of, NULL, 0);
    assert_int_equal(paths_prefixes(paths), 0);
    paths_close(paths);
    geo_close(geo);
    file_remove(&geo_file);
    for (size_t i = 0; i < 4; i++)
        file_remove(&files[i]);
}

static struct paths *open_two(const struct table_file *first, const struct table_file *second)
{
    struct test_file files[] = {file_write("first", first->bytes, first->length),
                                file_write("second", second->bytes, second->length)};
    const char *paths[] = {files[0].path, files[1].path, NULL};
    struct paths *ret = open_paths(paths, NULL, 0);
    file_remove(&files[0]);
    file_remove(&files[1]);
    return ret;
}

static const uint32_t ours[] = {END};

/** Of 5.1.x.0/24 and the 5.1.0.0/16 around it. */
static void put_cover(struct table_file *f, const uint32_t *path)
{
    size_t body = begin_record(f, RIB_TIME, MRT_TABLE_DUMP_V2, 2);
    put_number(f, 0, 4);
    put_number(f, 0x100501, 3);
    put_number(f, 1, 2);
    put_number(f, 0, 2);
    put_number(f, RIB_TIME, 4);
    put_path(f, path);
    end_record(f, body);
}

static void what_cannot_be_read_does_not_give_way_to_its_cover(void **state)
{
    struct test_file file;
    struct geo *geo = open_geo(&file, NULL);
    struct table_file f = {.length = 0}, updates = {.length = 0};
    (void)state;
    put_peers(&f, RIB_TIME, (const uint32_t[]){3320}, 1);
    put_cover(&f, by_china);
    put_prefix(&f, RIB_TIME, 1, (const uint32_t *[]){ours}, 1);
    put_prefix(&f, RIB_TIME, 2, (const uint32_t *[]){direct}, 1);
    f.bytes[f.length - 6] = 9; /* no type of a segment */
    put_prefix(&f, RIB_TIME, 3, (const uint32_t *[]){by_sweden}, 1);
    struct paths *paths = open_table(&f, NULL, 0);

    struct answer a = ask(paths, geo, "5.1.1.7", RIB_TIME);
    assert_axis(&a.axis, "unknown", "", "inside our own network: no carrier");
    a = ask(paths, geo, "5.1.2.7", RIB_TIME);
    assert_axis(&a.axis, "unknown", "",
                "no path data for this sensor: the route there is damaged in the routing table");
    a = ask(paths, geo, "5.1.3.7", RIB_TIME);
    assert_string_equal(countries_of(&a.axis), "DE SE");
    a = ask(paths, geo, "5.1.4.7", RIB_TIME);
    assert_string_equal(countries_of(&a.axis), "CN DE");
    paths_close(paths);

    f.length -= 3;
    paths = open_table(&f, NULL, 0);
    a = ask(paths, geo, "5.1.4.7", RIB_TIME);
    assert_axis(&a.axis, "unknown", "",
                "no path data for this sensor: its routing table is cut or damaged before what may lead there");
    a = ask(paths, geo, "5.1.0.7", RIB_TIME);
    assert_string_equal(countries_of(&a.axis), "CN DE");
    paths_close(paths);

    put_update(&updates, RIB_TIME, 3320, 1, by_china);
    paths = open_table(&updates, NULL, 0);
    a = ask(paths, geo, "5.1.1.7", RIB_TIME);
    assert_axis(&a.axis, "unknown", "",
                "no path data for this sensor: updates without a table that they could keep current");
    assert_int_equal(paths->orphan_updates, 1);
    paths_close(paths);
    geo_close(geo);
    file_remove(&file);
}

static void routers_own_entry_makes_no_collector(void **state)
{
    struct table_file f = {.length = 0};
    (void)state;
    put_peers(&f, RIB_TIME, (const uint32_t[]){3320, 0}, 2);
    put_prefix(&f, RIB_TIME, 1, (const uint32_t *[]){by_china, NULL}, 2);
    put_prefix(&f, RIB_TIME, 2, (const uint32_t *[]){NULL, ours}, 2);
    struct paths *paths = open_table(&f, NULL, 0);

    assert_int_equal(paths_prefixes(paths), 2);
    paths_close(paths);
}

static void a_new_table_takes_the_place_of_the_old_one(void **state)
{
    struct test_file file;
    struct geo *geo = open_geo(&file, NULL);
    struct table_file old = {.length = 0}, new = {.length = 0};
    struct answer a;
    (void)state;
    put_peers(&old, RIB_TIME, (const uint32_t[]){3320}, 1);
    put_prefix(&old, RIB_TIME, 1, (const uint32_t *[]){by_china}, 1);
    put_prefix(&old, RIB_TIME, 2, (const uint32_t *[]){by_china}, 1);
    put_peers(&new, RIB_TIME + 3600, (const uint32_t[]){3320}, 1);
    put_prefix(&new, RIB_TIME + 3600, 2, (const uint32_t *[]){by_sweden}, 1);
    for (int in_order = 0; in_order < 2; in_order++) {
        struct paths *paths = in_order ? open_two(&old, &new) : open_two(&new, &old);
        a = ask(paths, geo, "5.1.1.7", RIB_TIME + 3600);
        assert_int_equal(a.facts.grade, TRANSIT_T0);
        a = ask(paths, geo, "5.1.2.7", RIB_TIME + 3600);
        assert_axis(&a.axis, "agreed", "DE SE",
                    "carried by AS3320 (DE), AS1299 (SE) on the forward path, T3, RIB of 2014-05-23T07:00Z");
        assert_string_equal(a.facts.source, in_order ? "second" : "first");
        assert_int_equal(paths->early_routes, in_order ? 0 : 2);
        paths_close(paths);
    }
    geo_close(geo);
    file_remove(&file);
}

static void updates_behind_a_gap_make_no_table_younger(void **state)
{
    struct test_file file;
    struct geo *geo = open_geo(&file, NULL);
    struct table_file rib = {.length = 0}, late = {.length = 0};
    (void)state;
    put_peers(&rib, RIB_TIME, (const uint32_t[]){3320}, 1);
    put_prefix(&rib, RIB_TIME, 1, (const uint32_t *[]){by_china}, 1);
    put_update(&late, RIB_TIME + 300 * 86400, 3320, 2, by_sweden);
    struct paths *paths = open_two(&rib, &late);

    struct answer a = ask(paths, geo, "5.1.1.7", RIB_TIME + 300 * 86400);
    assert_axis(&a.axis, "agreed", "CN DE",
                "carried by AS3320 (DE), AS4134 (CN) on the forward path, T2, RIB of 2014-05-23T06:00Z, 300 days old");
    assert_string_equal(a.facts.source, "first");
    a = ask(paths, geo, "5.1.2.7", RIB_TIME + 300 * 86400);
    assert_string_equal(a.facts.source, "second");
    paths_close(paths);
    geo_close(geo);
    file_remove(&file);
}

static void the_catalogues_parent_is_a_carrier_too(void **state)
{
    struct test_file file,
        operators =
            file_write_text("operators.yaml", "parents:\n  - name: P\n    country: RU\n    networks:\n"
                                              "      - {asn: AS1299, registered: SE, as_of: \"2026\", source: s}\n");
    struct geo *geo = open_geo(&file, operators.path);
    struct table_file f = {.length = 0};
    (void)state;
    put_peers(&f, RIB_TIME, (const uint32_t[]){3320}, 1);
    put_prefix(&f, RIB_TIME, 1, (const uint32_t *[]){by_sweden}, 1);
    struct paths *paths = open_table(&f, NULL, 0);

    struct answer a = ask(paths, geo, "5.1.1.7", RIB_TIME);
    assert_axis(&a.axis, "agreed", "DE RU SE",
                "carried by AS3320 (DE), AS1299 (SE, parent RU) on the forward path, T3, RIB of 2014-05-23T06:00Z");
    assert_string_equal(a.axis.sources[a.axis.source_count - 1].database, "catalogue");
    paths_close(paths);
    geo_close(geo);
    file_remove(&file);
    file_remove(&operators);
}

static void a_wrong_choice_is_refused(void **state)
{
    static const char *const wrong[] = {"AS", "AS0", "AS4294967296", "six", "1.2.3", ""};
    struct paths *paths = NULL;
    struct error error;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct paths_options options = {.files = first1200, .count = 1, .rib_peer = wrong[i]};
        assert_int_equal(paths_open(&options, &paths, &error), STATUS_INVALID);
        assert_non_null(strstr(error.text, "is no peer of a routing table"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_facts_of_two_real_peers_are_met),
        cmocka_unit_test(one_path_of_our_own_table_is_t3),
        cmocka_unit_test(several_candidates_are_t2_and_agree_or_not),
        cmocka_unit_test(a_collectors_table_says_nothing_of_us),
        cmocka_unit_test(a_full_feed_of_the_upstream_is_t1_and_a_partial_one_nothing),
        cmocka_unit_test(data_of_another_time_loses_a_grade),
        cmocka_unit_test(updates_keep_a_table_current),
        cmocka_unit_test(what_cannot_be_read_does_not_give_way_to_its_cover),
        cmocka_unit_test(routers_own_entry_makes_no_collector),
        cmocka_unit_test(a_new_table_takes_the_place_of_the_old_one),
        cmocka_unit_test(updates_behind_a_gap_make_no_table_younger),
        cmocka_unit_test(the_catalogues_parent_is_a_carrier_too),
        cmocka_unit_test(a_wrong_choice_is_refused),
    };
    return cmocka_run_group_tests_name("geo/paths", tests, NULL, NULL);
}
