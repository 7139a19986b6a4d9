/* What becomes of a finding: opened, updated, escalated; one per host, product and purpose. */
#include <stdio.h>

#include "scenario.h"

#define US_AMAZON "54.230.10.10"
#define RU_YANDEX "5.255.255.70"

static void update_tls(struct capture *out, const char *server)
{
    say_tls(out, server, &(struct tls_setup){.name = "s00.upd.kaspersky.com"});
}

static void update_clear(struct capture *out)
{
    say_http(out, US_AMAZON, &(struct http_exchange){.target = "/index/u1313g.xml", .host = "s00.upd.kaspersky.com"});
}

static void once(struct capture *out)
{
    update_tls(out, US_AMAZON);
}

static void grows_worse(struct capture *out)
{
    update_tls(out, US_AMAZON);
    capture_wait_hours(out, 1);
    update_clear(out);
}

static void stays_worst(struct capture *out)
{
    update_clear(out);
    capture_wait_hours(out, 1);
    update_tls(out, US_AMAZON);
}

static void new_axis(struct capture *out)
{
    update_tls(out, US_AMAZON);
    capture_wait_hours(out, 1);
    update_tls(out, RU_YANDEX);
}

/* As bad as before, but in one more place of concern. */
static void new_country(struct capture *out)
{
    update_clear(out);
    capture_wait_hours(out, 1);
    update_tls(out, RU_YANDEX);
}

static void three_days(struct capture *out)
{
    for (int day = 0; day < 3; day++) {
        update_tls(out, US_AMAZON);
        capture_wait_hours(out, 25);
    }
    update_tls(out, US_AMAZON);
}

static void many_remotes(struct capture *out)
{
    char server[16];
    for (int i = 1; i <= 12; i++) {
        snprintf(server, sizeof(server), "54.230.10.%d", i);
        update_tls(out, server);
    }
}

static void from_host(struct capture *out, const char *host, const char *name)
{
    say_tls_from(out, host, US_AMAZON, 443, &(struct tls_setup){.name = name});
}

static void two_hosts(struct capture *out)
{
    from_host(out, "10.0.0.21", "s00.upd.kaspersky.com");
    from_host(out, "10.0.0.22", "s00.upd.kaspersky.com");
}

static void two_purposes(struct capture *out)
{
    from_host(out, HOST, "s00.upd.kaspersky.com");
    from_host(out, HOST, "activation-v2.kaspersky.com");
}

static void two_products(struct capture *out)
{
    from_host(out, HOST, "ksn-url-geo.kaspersky-labs.com");
    from_host(out, HOST, "ts01-b.cloudsink.net");
    from_host(out, HOST, "www.example.com");
}

/* The host asks for @p asked when the connection has shown all it will, and says more on it. */
static void resolve_late(struct capture *out, const char *server, const struct tls_setup *setup, const char *asked)
{
    static const uint8_t record[] = {23, 3, 3, 0, 4, 0xa1, 0x5c, 0x07, 0x99};
    struct bytes more = {.data = (uint8_t *)(uintptr_t)record, .length = sizeof(record)};
    struct dialogue d;
    struct talk t = talk_between(out, HOST, next_port(), server, 443);
    t.knobs = TALK_UNFINISHED;
    tls_talk(setup, &d);
    talk_play(&t, &d);
    capture_wait_ms(out, 90000);
    dns_ask(out, HOST, asked, NULL, server);
    talk_say(&t, CLIENT, &more);
    talk_close(&t);
    dialogue_free(&d);
}

static void name_late(struct capture *out)
{
    resolve_late(out, US_AMAZON, &(struct tls_setup){.alpn = "h2"}, "s00.upd.kaspersky.com");
}

static void name_late_of_no_agent(struct capture *out)
{
    resolve_late(out, US_AMAZON, &(struct tls_setup){.alpn = "h2"}, "www.example.com");
}

/* Told of by its place first: the finding that a name gives takes the flow over. */
static void name_late_in_flagged_place(struct capture *out)
{
    resolve_late(out, RU_YANDEX, &(struct tls_setup){.alpn = "h2"}, "s00.upd.kaspersky.com");
}

static void name_late_of_named_flow(struct capture *out)
{
    resolve_late(out, US_AMAZON, &(struct tls_setup){.name = "s00.upd.kaspersky.com"}, "activation-v2.kaspersky.com");
}

#define UPDATE "{'host':'10.0.0.20','product':'kaspersky','purpose':'update','confidence':'confirmed',"

const struct scenario time_scenarios[] = {
    {"time-once", "One connection", once, UPDATE "'severity':'high','actions':['opened'],'flows':1}", NULL},
    {"time-grows-worse", "Encrypted first, in clear text an hour later", grows_worse,
     UPDATE "'severity':'critical','actions':['opened','escalated'],'flows':2,'exposure':'cleartext'}", NULL},
    {"time-stays-worst", "The other way round: the worst flow stays the one that is shown", stays_worst,
     UPDATE "'severity':'critical','actions':['opened','updated'],'flows':2,'exposure':'cleartext'}", NULL},
    {"time-new-axis", "A new axis is flagged an hour later", new_axis,
     UPDATE "'severity':'critical','actions':['opened','escalated'],'flows':2,'location':['RU']}", NULL},
    {"time-new-country", "As severe as before, on an axis that was not flagged yet", new_country,
     UPDATE "'severity':'critical','actions':['opened','escalated'],'flows':2,'exposure':'cleartext',"
            "'flags':['location:RU:us-foreign-adversaries']}",
     NULL},
    {"time-three-days", "A roll-up each day and at the end", three_days,
     UPDATE "'severity':'high','actions':['opened','updated','updated','updated'],'flows':4}", NULL},
    {"time-many-remotes", "Twelve servers of one service", many_remotes,
     UPDATE "'severity':'high','flows':12,'remotes':12}", NULL},
    {"time-two-hosts", "Two hosts are two findings", two_hosts,
     "{'host':'10.0.0.21','product':'kaspersky','flows':1},{'host':'10.0.0.22','product':'kaspersky','flows':1}", NULL},
    {"time-two-purposes", "Two purposes are two findings", two_purposes,
     UPDATE "'flows':1},{'host':'10.0.0.20','product':'kaspersky','purpose':'licensing','flows':1}", NULL},
    {"time-two-products", "Two agents side by side", two_products,
     "{'product':'kaspersky','severity':'high'},{'product':'crowdstrike-falcon','severity':'info'}", NULL},
    {"time-name-late", "The answer that names a connection comes after its handshake", name_late,
     "{'host':'10.0.0.20','product':'kaspersky','purpose':'update','confidence':'probable','severity':'high',"
     "'name_source':'dns_answer','exposure':'harvestable','flows':1,'remotes':1,'packets_out':11,'packets_in':11}",
     NULL},
    {"time-name-late-nobody", "The same with a name of no agent", name_late_of_no_agent, "", NULL},
    {"time-name-late-place", "The same in a flagged place: what was told of the place is taken back",
     name_late_in_flagged_place,
     "{'product':null,'actions':['opened','closed'],'flows':0},"
     "{'product':'kaspersky','purpose':'update','severity':'critical','actions':['opened'],'flows':1}",
     NULL},
    {"time-name-late-told", "A flow that shows a name keeps it, whatever its host asks for later",
     name_late_of_named_flow, UPDATE "'flows':1,'name_source':'tls_sni'}", NULL},
};
const size_t time_count = sizeof(time_scenarios) / sizeof(time_scenarios[0]);
