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
};
const size_t time_count = sizeof(time_scenarios) / sizeof(time_scenarios[0]);
