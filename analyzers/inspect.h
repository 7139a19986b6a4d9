/*
 * The work on one flow while it can still change a record: finds out which protocol it speaks and lets that
 * protocol's parser fill `struct flow_facts`. Inspections come from a pool and go back at the verdict.
 *
 *   inspection_take() -> inspect_bytes() / inspect_datagram() per packet -> inspect_end() -> inspection_give()
 *
 * An inspector belongs to one thread.
 */
#ifndef BORDERTAP_ANALYZERS_INSPECT_H
#define BORDERTAP_ANALYZERS_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counter.h"
#include "dns_message.h"
#include "facts.h"
#include "flow.h"
#include "library.h"
#include "status.h"

struct inspector;
struct inspection;

enum inspect_state {                   /* bits */
                     INSPECT_MORE = 0, /* nothing new, wants more */
                     INSPECT_CHANGED =
                         1
                         << 0, /* facts gained something a verdict can rest on (a name, a request, a handshake's end) */
                     INSPECT_FINISHED = 1 << 1, /* nothing further can change the facts: give it back */
};

/** Called for every DNS response (DNS over UDP and TCP, mDNS, LLMNR) that ties addresses to names. @param receiver the
 *  address that asked, i.e. the flow's client. */
typedef void dns_answered(void *context, const struct flow *flow, const struct dns_answer *answer);

/** Digests of what a flow showed; bits. Each costs about as much as reading the message it is of. */
enum fingerprint {
    FINGERPRINT_JA3 = 1 << 0,
    FINGERPRINT_JA4 = 1 << 1,
    FINGERPRINT_JA3S = 1 << 2,
    FINGERPRINT_CERTIFICATE = 1 << 3, /* SHA-256 */
    FINGERPRINTS_ALL = FINGERPRINT_JA3 | FINGERPRINT_JA4 | FINGERPRINT_JA3S | FINGERPRINT_CERTIFICATE,
};

struct inspector_options {
    uint8_t fingerprints;  /* enum fingerprint bits */
    bool wants_everything; /* flow records: later requests, certificates after the name, DNS messages for the record */
    bool use_ndpi;
    uint8_t
        packets_max; /* a flow is given up after so many payload packets of both sides without an answer; 0: default */
    dns_answered *answered;
    /* Told each time input is refused, with the name of its counter (constant), from inside the call that showed it or
     * gave its inspection back; NULL: not wanted. */
    void (*refused)(void *context, const char *reason);
    void *context;
};

enum status inspector_new(const struct inspector_options *options, struct inspector **ret, struct error *error);
/** For the handshakes that follow, as of struct inspector_options. */
void inspector_want_fingerprints(struct inspector *inspector, uint8_t fingerprints);

/** @return NULL when the pool is at its cap (counted); the flow then stays unnamed. */
struct inspection *inspection_take(struct inspector *inspector, const struct flow *flow);

/**
 * TCP: contiguous bytes that @p side of the flow's key sent.
 * @param has_gap bytes before @p data are missing. Said once for each gap: the call after it is contiguous again.
 * @param ret_consumed how many of them need not be shown again; the rest is shown again with what follows.
 * @return enum inspect_state bits.
 */
unsigned inspect_bytes(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                       unsigned side, const uint8_t *data, size_t length, bool has_gap, size_t *ret_consumed);

/** UDP (and what else has no stream): one datagram of @p side. @param wire_length more than @p length when snapped. */
unsigned inspect_datagram(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                          unsigned side, const uint8_t *data, size_t length, size_t wire_length);

/**
 * The answers of one datagram without an inspection. Once facts.app is APP_DNS, APP_MDNS or APP_LLMNR over UDP, the
 * record's facts are complete after a question and its response; the caller may give the inspection back then and show
 * later datagrams here, so that a resolver's flow holds no memory. Calls `answered` as inspect_datagram() does.
 */
void inspect_dns_datagram(struct inspector *inspector, const struct flow *flow, unsigned side, const uint8_t *data,
                          size_t length, size_t wire_length);

/**
 * nDPI's look at one whole packet, after our own parsers had theirs. May be called from the first packet on: a name is
 * kept aside while our own parsers may still know better, and taken when they give up or at inspect_end(). The caller
 * decides which flows are worth it.
 * @param ip first byte of the innermost IP header. @param now_ms packet time in milliseconds.
 */
unsigned inspect_with_ndpi(struct inspector *inspector, struct inspection *inspection, const struct flow *flow,
                           unsigned side, const uint8_t *ip, size_t length, uint64_t now_ms);

/**
 * Once, when the flow ends or is given up before its inspection finished: takes what is there of a message that was cut
 * (a ClientHello, a request's head), and nDPI's name where our own parsers found none.
 * @return enum inspect_state bits; INSPECT_FINISHED is always among them.
 */
unsigned inspect_end(struct inspector *inspector, struct inspection *inspection, const struct flow *flow);

/** Whether our own parsers have given up on finding the protocol, so that only nDPI could still name it. */
bool inspection_is_unknown(const struct inspection *inspection);

/** Whether no parser has the flow yet: what was shown of it taught nothing. */
bool inspection_is_undecided(const struct inspection *inspection);

/** What was shown of @p side were not its first bytes: what follows is looked at as if they had not been. */
void inspection_start_over(struct inspection *inspection, unsigned side);

const struct flow_facts *inspection_facts(const struct inspection *inspection);

void inspection_give(struct inspector *inspector, struct inspection *inspection);

void inspector_count(const struct inspector *inspector, counter_visit *visit, void *context);
void inspector_free(struct inspector *inspector);

/** The same for inspection: OpenSSL, nDPI. */
void inspector_libraries(library_visit *visit, void *context);

#endif
