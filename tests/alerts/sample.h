/* Sightings to test with: the flagship capture's Kaspersky update, and ways to vary it. */
#ifndef BORDERTAP_TESTS_ALERTS_SAMPLE_H
#define BORDERTAP_TESTS_ALERTS_SAMPLE_H

#include "facts.h"
#include "policy.h"
#include "sighting.h"

extern const struct vendor sample_kaspersky, sample_sophos;
extern const struct product sample_kaspersky_any, sample_kaspersky_site, sample_sophos_endpoint, sample_check_point;

#define SAMPLE_TIME_NS INT64_C(1533658233750000000) /* 2018-08-07T16:10:33.75Z */
#define SAMPLE_POLICIES SOURCE_ROOT "/catalog/jurisdictions"

/** Kaspersky on 128.3.116.128 fetching an update in clear text from 94.75.236.123 in NL. Not judged yet. */
void sample_kaspersky_update(struct sighting *ret);
/** An unflagged vendor's agent talking TLS to US. */
void sample_sophos_telemetry(struct sighting *ret);
/** A browser at a site in RU, no product. */
void sample_plain_web(struct sighting *ret);

/** A round trip of 12 ms at Frankfurt. */
void sample_reach(struct sighting *s);

void sample_set_axis(struct sighting *s, enum axis axis, enum axis_status status, const char *countries);
void sample_set_remote(struct sighting *s, const char *address);
void sample_set_host(struct sighting *s, const char *address);
void sample_set_name(struct sighting *s, const char *name, const char *registered);
/** Fills the verdicts by @p set at the sighting's time. */
void sample_judge(struct sighting *s, const struct policy_set *set);
/** The default policies plus @p flags (or NULL); the test fails when they do not load. */
struct policy_set *sample_policies(const char *const *names, size_t count, const char *flags);

/** TLS 1.3 facts with every text set, so that every field of a flow record is written. */
const struct flow_facts *sample_tls_facts(void);
/** HTTP, DNS and QUIC all at once; never so in nature. */
const struct flow_facts *sample_other_facts(void);

#endif
