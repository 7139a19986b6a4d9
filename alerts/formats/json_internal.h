/* The objects that several records of the JSON contract share; each function writes "key":{...} into an open object. */
#ifndef BORDERTAP_ALERTS_JSON_INTERNAL_H
#define BORDERTAP_ALERTS_JSON_INTERNAL_H

#include "finding.h"
#include "json_writer.h"
#include "sighting.h"

void json_put_host(struct json_writer *w, const struct ip_address *host, const uint8_t *mac);
void json_put_remote(struct json_writer *w, const struct sighting *s);
void json_put_flow(struct json_writer *w, const struct flow_view *flow, bool is_flow_record);
void json_put_product(struct json_writer *w, const struct attribution *attribution);
void json_put_jurisdiction(struct json_writer *w, const struct jurisdiction *jurisdiction);
void json_put_verdicts(struct json_writer *w, const struct verdicts *verdicts);
void json_put_flags(struct json_writer *w, const struct flag *flags, size_t count);
/** "rtt" */
void json_put_reach(struct json_writer *w, const struct reach *reach);
/** Left out when there is none. @param flows that had one; 0 for the record of a flow. */
void json_put_path_change(struct json_writer *w, const struct path_change *change, uint64_t flows);
void json_put_exposure(struct json_writer *w, const struct sighting *s);
/** "tls", "quic", "http" and "dns", as far as they were seen. */
void json_put_facts(struct json_writer *w, const struct flow_facts *facts);
/** "countries": [...] */
void json_put_countries(struct json_writer *w, const char *key, const struct country *countries, size_t count);

#endif
