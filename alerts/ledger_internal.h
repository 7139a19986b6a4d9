/* The ledger's tables. Memory of a finding is its entry, one packed sighting, and small arrays that grow as needed. */
#ifndef BORDERTAP_ALERTS_LEDGER_INTERNAL_H
#define BORDERTAP_ALERTS_LEDGER_INTERNAL_H

#include "arena.h"
#include "ledger.h"

/** A sighting without the room it does not use: one block, layout known to ledger_pack.c alone. */
struct packed_sighting;

/** @return NULL when memory ran out. @param s changed in no way, but not const: one walk serves both directions. */
struct packed_sighting *sighting_pack(struct sighting *s);
/** @param ret and @p ret_facts are filled; texts point into @p packed. */
void sighting_unpack(const struct packed_sighting *packed, struct sighting *ret, struct flow_facts *ret_facts);
/** @param s as it was unpacked from @p packed, but for where its pointers point. */
void sighting_repoint(struct packed_sighting *packed, struct sighting *s);
/** The flow of a packed sighting grew. */
void sighting_grow(struct packed_sighting *packed, const struct flow_counters *gained, struct packet_time end);
bool sighting_is_of_flow(const struct packed_sighting *packed, const char *uid);
/** Whether @p s saw a shorter round trip, or the first, with the same remote. */
bool sighting_is_timed_better(const struct packed_sighting *packed, const struct sighting *s);

/** Remotes beyond the ten that are listed, as hashes, to count distinct ones. */
struct remote_set {
    uint64_t *slots; /* 0 free */
    uint32_t count, room;
};

enum { NAMES_MAX = 1024 };
enum { REMOTE_SET_MAX = 4096, REMOTE_SETS_TOTAL_MAX = 1 << 20, TARGET_MAX = 256 };

/** Which finding a sighting belongs to. */
struct finding_key {
    struct ip_address host;
    const struct product *product; /* NULL: no agent's traffic, `target` instead */
    enum purpose purpose;
    char target[TARGET_MAX]; /* registered domain, "AS1234" or address; "" with a product */
};

struct entry {
    uint64_t hash; /* of the key, seeded */
    uint64_t id;   /* of the key, the same for ever */
    struct ip_address host;
    const struct product *product;
    char *target; /* owned; NULL with a product */
    uint8_t purpose;
    uint8_t severity, told_severity; /* enum severity */
    uint8_t shown_severity;          /* of `worst`: below severity when an earlier run saw worse */
    uint8_t confidence;              /* best */
    bool is_agent, is_told, has_grown, has_mac;
    bool is_unsaved;
    bool is_of_before;       /* this run has not seen it */
    uint8_t axes, told_axes; /* 1 << enum axis: flagged so far */
    uint8_t flag_count, remote_count, remote_room;
    uint8_t mac[6];
    uint32_t revision;
    uint32_t earlier, later; /* in the order last told; index + 1, 0 none */
    uint32_t waits_before;   /* next entry whose news wait to be told; index + 1, 0 none */
    bool is_waiting;
    const char *rule;
    struct packed_sighting *worst; /* of this run; NULL: none yet */
    struct acceptance *accepted;   /* owned, its texts too; NULL: not */
    uint64_t remotes_before;       /* distinct ones that earlier runs counted */
    struct flag *flags;            /* owned */
    struct remote_seen *remotes;   /* owned */
    struct remote_set more;
    struct finding_counters counters;
    struct packet_time first_seen, last_seen, last_told, news_at;
    struct path_change path_change;
    uint32_t path_changed_flows;
};

struct ledger {
    struct ledger_options options;
    struct entry *entries;
    uint32_t count, room;
    uint32_t *slots, *slots_by_id; /* index + 1 */
    uint32_t slot_room;            /* of each */
    uint64_t seed;
    uint32_t told_first, told_last; /* index + 1 */
    uint32_t waiting_first, waiting_last;
    uint32_t remembered;           /* remotes in all sets */
    uint32_t unsaved;              /* entries */
    struct packet_time next_lapse; /* the first end of an exception; INT64_MAX none */
    struct arena *texts;           /* rules and policies of restored findings */
    const char *names[NAMES_MAX];  /* in it, each once */
    uint32_t name_count;
    uint64_t refused, remotes_uncounted, flags_refused, out_of_memory, moved, told[FINDING_CLOSED + 1];
    struct sighting scratch;
    struct flow_facts scratch_facts;
};

/** @return false when the sighting concerns no finding. */
bool finding_key_of(const struct sighting *s, enum severity severity, struct finding_key *ret);
/** The entry of @p key, made when it is new; NULL when the table is full (counted). */
struct entry *ledger_take_entry(struct ledger *ledger, const struct finding_key *key, bool is_agent);
/** The same without making one: NULL when there is none. */
struct entry *ledger_find_entry(struct ledger *ledger, const struct finding_key *key);
struct entry *ledger_find_id(struct ledger *ledger, uint64_t id);
void entry_clear(struct entry *entry);
void entry_mark_unsaved(struct ledger *ledger, struct entry *entry);
void entry_mark_saved(struct ledger *ledger, struct entry *entry);
/** What a record and a store are told: remotes that no run has counted twice. */
struct finding_counters entry_counters(const struct entry *entry);
struct kept_finding entry_kept(const struct entry *entry);
/** The exception in force at @p now, NULL when there is none. */
const struct acceptance *entry_accepted(const struct entry *entry, struct packet_time now);
/** Puts the entry last in the order of telling. */
void entry_link_told(struct ledger *ledger, struct entry *entry, struct packet_time now);
/** Tells of exceptions that have ended by @p now. */
void ledger_tell_lapses(struct ledger *ledger, struct packet_time now);
void ledger_tell(struct ledger *ledger, struct entry *entry, enum finding_action action,
                 const struct acceptance *accepted, struct packet_time now);

/** Adds or removes one flow of a remote. */
void entry_add_remote(struct ledger *ledger, struct entry *entry, const struct sighting *s, bool is_new_flow);
void entry_remove_remote(struct entry *entry, const struct ip_address *remote);
/** Unites the flags of a sighting into the entry's. */
void entry_add_flags(struct ledger *ledger, struct entry *entry, const struct verdicts *verdicts);

uint64_t finding_id_of(const struct finding_key *key);
void finding_id_print(const struct entry *entry, char ret[static FINDING_ID_TEXT_SIZE]);
/** The one sentence of a finding. @p target: key text of no agent's traffic. */
void finding_summarise(const struct sighting *s, const char *target, const struct flag *flags, size_t flag_count,
                       char *ret, size_t room);

#endif
