/* What can be wrong with routing data. It is counted by these names; none of it ends the reading of a file. */
#ifndef BORDERTAP_GEO_PATHS_TROUBLE_INTERNAL_H
#define BORDERTAP_GEO_PATHS_TROUBLE_INTERNAL_H

enum trouble {
    TROUBLE_NONE,
    TROUBLE_PACKING,    /* gzip or bzip2 data is damaged or ends early */
    TROUBLE_HEADER_CUT, /* the file ends inside a record's header */
    TROUBLE_RECORD_CUT, /* ... or inside its body */
    TROUBLE_RECORD_LONG,
    TROUBLE_TYPE,
    TROUBLE_SUBTYPE,
    TROUBLE_OLD_ENTRY, /* BGP4MP_ENTRY and _SNAPSHOT of early drafts */
    TROUBLE_FIELDS,    /* fields run past the end of their record */
    TROUBLE_FAMILY,
    TROUBLE_PREFIX,
    TROUBLE_ATTRIBUTE,
    TROUBLE_AS_PATH,
    TROUBLE_PEER, /* index that no peer table has */
    TROUBLE_MARKER,
    TROUBLE_MESSAGE,
    TROUBLE_VERSION,
    TROUBLE_MEMORY,
    TROUBLE_COUNT,
};

/** "record_cut" ...: for counters; constant. */
const char *trouble_name(enum trouble trouble);
/** "the file ends inside a record" ...: for people; constant. */
const char *trouble_sentence(enum trouble trouble);

#endif
