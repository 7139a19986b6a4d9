/* The finding record as `--format json` writes it, for who keeps it elsewhere than in a feed. */
#ifndef BORDERTAP_ALERTS_FINDING_JSON_H
#define BORDERTAP_ALERTS_FINDING_JSON_H

#include "finding.h"
#include "json_writer.h"

/** One object, without a line feed behind it. @p w->failed when memory ran out. */
void finding_write_json(struct json_writer *w, const struct finding *finding);
/** "owner", "reason", "until" and "expired" as one object. */
void acceptance_write_json(struct json_writer *w, const struct acceptance *accepted);

#endif
