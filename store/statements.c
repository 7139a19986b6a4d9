/* Every statement the store runs; all values are bound. */
#include "store_internal.h"

#define NOW "strftime('%Y-%m-%dT%H:%M:%SZ','now')"
#define COUNTED "remotes, remotes_seen, flows, packets_out, packets_in, bytes_out, bytes_in"
/* In the order that finding_row_read() and store_put() know. */
#define COLUMNS(f)                                                                                                     \
    f "id, " f "is_open, " f "is_telling, " f "revision, " f "host, " f "mac, " f "vendor, " f "product, " f           \
      "purpose, " f "target, " f "severity, " f "told_severity, " f "confidence, " f "axes, " f "told_axes, " f        \
      "rule, " f "flags, " f "remotes, " f "remotes_seen, " f "flows, " f "packets_out, " f "packets_in, " f           \
      "bytes_out, " f "bytes_in, " f "first_seen, " f "last_seen, " f "last_told"
#define RECORD "r.event_id, r.severity, r.summary, r.product_name, json(r.record)"

static const char *const texts[STATEMENTS] = {
    [BEGIN_WRITING] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [SETTLE_TELLING] = "UPDATE findings SET is_telling=0 WHERE is_telling",
    [DATA_VERSION] = "PRAGMA data_version",
    [FIND_READ_INPUT] = "SELECT replace(substr(ended_at, 1, 19), 'T', ' ') FROM inputs JOIN runs ON run=number "
                        "WHERE identity=?1 AND ended_at IS NOT NULL ORDER BY run DESC LIMIT 1",
    [ADD_RUN] = "INSERT INTO runs(sensor, version, begun_at) VALUES(?1, ?2, " NOW ")",
    [ADD_INPUT] = "INSERT INTO inputs(run, identity, path) VALUES(?1, ?2, ?3)",
    [FIND_UNFINISHED] = "SELECT run FROM inputs JOIN runs ON run=number WHERE identity=?1 AND ended_at IS NULL AND "
                        "run<?2 ORDER BY run DESC LIMIT 1",
    [UNDO_RUN] = "UPDATE findings SET (" COUNTED ")=(SELECT " COUNTED " FROM counted_before AS b WHERE b.run=?1 AND "
                 "b.finding=id) WHERE run=?1 AND id IN (SELECT finding FROM counted_before WHERE run=?1)",
    [FORGET_RUN_INPUTS] = "DELETE FROM inputs WHERE run=?1",
    [FORGET_COUNTED] = "DELETE FROM counted_before WHERE run=?1",
    /* Ceilings: what unfinished runs counted, the files and the runs that are remembered. */
    [FORGET_OLD_COUNTED] = "DELETE FROM counted_before WHERE run<=?1-8",
    [FORGET_OLD_INPUTS] = "DELETE FROM inputs WHERE rowid<=(SELECT max(rowid)-100000 FROM inputs)",
    [FORGET_OLD_RUNS] = "DELETE FROM runs WHERE number<=?1-1000 AND number NOT IN (SELECT run FROM inputs)",
    [END_RUN] = "UPDATE runs SET ended_at=" NOW " WHERE number=?1",
    [LOAD_FINDINGS] = "SELECT " COLUMNS("f.") " FROM findings AS f ORDER BY last_told, id",
    [LOAD_FLAGS] = "SELECT value->>'axis', value->>'country', value->>'policy' FROM json_each(?1) LIMIT 32",
    [LOAD_REMOTES] = "SELECT value->>'ip', value->>'port', value->>'name', value->>'flows', value->>'location' "
                     "FROM json_each(?1) LIMIT 10",
    [LOAD_UNTOLD] = "SELECT " RECORD ", r.record->>'$.accepted.owner', r.record->>'$.accepted.reason', "
                    "r.record->>'$.accepted.until', r.record->>'$.accepted.expired' FROM findings AS f JOIN records "
                    "AS r ON r.finding=f.id WHERE f.is_telling AND json_valid(r.record) ORDER BY f.last_told, f.id",
    [LOAD_RECORD] = "SELECT " RECORD ", r.record->>'$.accepted.owner', r.record->>'$.accepted.reason', "
                    "r.record->>'$.accepted.until', r.record->>'$.accepted.expired' FROM records AS r WHERE "
                    "r.finding=?1 AND json_valid(r.record)",
    [NOTE_COUNTED] = "INSERT OR IGNORE INTO counted_before(run, finding, " COUNTED ") SELECT ?1, id, " COUNTED
                     " FROM findings WHERE id=?2 AND run<>?1",
    [NOTE_NEW_COUNTED] = "INSERT OR IGNORE INTO counted_before(run, finding, " COUNTED ") VALUES(?1, ?2, '[]', 0, 0, "
                         "0, 0, 0, 0)",
    [PUT_FINDING] = "REPLACE INTO findings(" COLUMNS(
        "") ", run) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
            "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)",
    [PUT_RECORD] = "REPLACE INTO records(finding, event_id, severity, summary, product_name, record) "
                   "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [LAPSE_RECORD] = "UPDATE records SET event_id=?2, record=json_set(record, '$.event_id', ?2, '$.action', "
                     "'updated', '$.time', ?3, '$.accepted', json(?4)) WHERE finding=?1 AND json_valid(record)",
    [ADD_TOLD] =
        "REPLACE INTO told(finding, revision, action, severity, time, told_at) VALUES(?1, ?2, ?3, ?4, ?5, " NOW ")",
    [PRUNE_TOLD] = "DELETE FROM told WHERE finding=?1 AND revision>1 AND revision<=?2-64",
    [HAS_FINDING] = "SELECT 1 FROM findings WHERE id=?1",
    [END_EXCEPTION] = "UPDATE exceptions SET ended_at=" NOW ", ended_by=?2, ended_why=?3 WHERE finding=?1 AND ended_at "
                      "IS NULL",
    [ADD_EXCEPTION] = "INSERT INTO exceptions(finding, owner, reason, until, accepted_at, accepted_by) VALUES(?1, ?2, "
                      "?3, ?4, " NOW ", ?5)",
    [LOAD_EXCEPTIONS] = "SELECT finding, owner, reason, until FROM exceptions WHERE ended_at IS NULL",
    [LIST_FINDINGS] =
        "SELECT " COLUMNS("f.") ", r.event_id, r.severity, r.summary, r.product_name, CASE WHEN json_valid(r.record) "
                                "THEN json(r.record) END, e.owner, e.reason, e.until, e.accepted_at, e.accepted_by "
                                "FROM findings AS f LEFT "
                                "JOIN records AS r ON r.finding=f.id LEFT JOIN exceptions AS e ON e.finding=f.id AND "
                                "e.ended_at IS NULL WHERE "
                                "(?1 IS NULL OR f.id=?1) AND (?2 IS NULL OR f.host=?2) AND (?3 IS NULL OR f.product=?3 "
                                "OR f.vendor=?3) AND "
                                "(?4 OR f.is_open) ORDER BY CASE f.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 "
                                "WHEN 'medium' THEN 2 "
                                "WHEN 'low' THEN 3 ELSE 4 END, f.last_seen DESC, f.id",
    [LIST_TOLD] = "SELECT revision, action, severity, told_at, time FROM told WHERE finding=?1 ORDER BY revision",
    [LIST_EXCEPTIONS] = "SELECT owner, reason, until, accepted_at, accepted_by, ended_at, ended_by, ended_why FROM "
                        "exceptions WHERE finding=?1 ORDER BY number",
};

enum status statements_prepare(struct store *store, struct error *error)
{
    for (unsigned i = 0; i < STATEMENTS; i++) {
        int code = sqlite3_prepare_v3(store->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL);
        if (code != SQLITE_OK)
            return store_say(store, code, error);
    }
    return STATUS_OK;
}
