#include "paths/trouble_internal.h"

static const struct {
    const char *name, *sentence;
} texts[TROUBLE_COUNT] = {
    [TROUBLE_NONE] = {"none", "nothing is wrong"},
    [TROUBLE_PACKING] = {"packing_damaged", "the packed data is damaged"},
    [TROUBLE_HEADER_CUT] = {"header_cut", "the file ends inside a record's header"},
    [TROUBLE_RECORD_CUT] = {"record_cut", "the file ends inside a record"},
    [TROUBLE_RECORD_LONG] = {"record_too_long", "a record is longer than any real one"},
    [TROUBLE_TYPE] = {"type_unknown", "a record of unknown type"},
    [TROUBLE_SUBTYPE] = {"subtype_unknown", "a record of unknown subtype"},
    [TROUBLE_OLD_ENTRY] = {"old_entry", "a table entry in a form that was given up (BGP4MP_ENTRY); dump it as "
                                        "TABLE_DUMP_V2, OpenBGPD's \"table-v2\""},
    [TROUBLE_FIELDS] = {"fields_cut", "fields run past the end of their record"},
    [TROUBLE_FAMILY] = {"family_unknown", "neither IPv4 nor IPv6"},
    [TROUBLE_PREFIX] = {"prefix_bad", "a prefix is longer than an address, or cut"},
    [TROUBLE_ATTRIBUTE] = {"attribute_bad", "a path attribute has a wrong length"},
    [TROUBLE_AS_PATH] = {"as_path_bad", "an AS path is damaged"},
    [TROUBLE_PEER] = {"peer_unknown", "an entry names a peer that the peer table lacks"},
    [TROUBLE_MARKER] = {"marker_bad", "a BGP message does not begin with its marker"},
    [TROUBLE_VERSION] = {"version_unknown", "BMP of another version than 3 (RFC 7854)"},
    [TROUBLE_MEMORY] = {"no_memory", "no memory for it"},
    [TROUBLE_MESSAGE] = {"message_unknown", "a message of unknown type"},
};

const char *trouble_name(enum trouble trouble)
{
    return texts[trouble].name;
}

const char *trouble_sentence(enum trouble trouble)
{
    return texts[trouble].sentence;
}
