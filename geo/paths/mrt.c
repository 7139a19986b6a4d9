#include "paths/mrt_internal.h"

#include <stdlib.h>

#include "paths/byte_stream_internal.h"
#include "paths/mrt_parts_internal.h"

enum { HEADER_SIZE = 12, PIECE_SIZE = 1 << 16 };

struct body {
    uint8_t *bytes; /* owned */
    size_t room;
};

static void tell_trouble(const struct mrt_reader *reader, enum trouble what, uint64_t offset, const char *detail)
{
    if (reader->visitor->trouble != NULL)
        reader->visitor->trouble(reader->visitor->context, &(struct mrt_trouble){what, offset, detail});
}

void mrt_tell_route(const struct mrt_reader *reader, const struct mrt_route *route)
{
    if (reader->visitor->route != NULL)
        reader->visitor->route(reader->visitor->context, route);
}

void mrt_tell_unreadable(const struct mrt_reader *reader, const struct mrt_route *route)
{
    if (reader->visitor->unreadable != NULL)
        reader->visitor->unreadable(reader->visitor->context, route);
}

struct ip_address mrt_address(struct wire *body, bool is_v6)
{
    static const uint8_t none[16];
    const uint8_t *bytes = wire_bytes(body, is_v6 ? 16 : 4);
    if (bytes == NULL)
        bytes = none;
    return is_v6 ? ip_from_v6(bytes) : ip_from_v4(bytes);
}

static bool body_grow(struct body *body, size_t length)
{
    if (length <= body->room)
        return true;
    size_t room = body->room ? body->room : PIECE_SIZE;
    while (room < length)
        room *= 2;
    uint8_t *larger = realloc(body->bytes, room);
    if (larger == NULL)
        return false;
    body->bytes = larger;
    body->room = room;
    return true;
}

/** Room grows with what is really there: a header that lies about its length costs nothing. */
static enum status read_body(struct byte_stream *stream, struct body *body, size_t length, size_t *ret_have)
{
    for (*ret_have = 0; *ret_have < length;) {
        size_t piece = length - *ret_have < PIECE_SIZE ? length - *ret_have : PIECE_SIZE;
        if (!body_grow(body, *ret_have + piece))
            return STATUS_NO_MEMORY;
        size_t got = byte_stream_read(stream, body->bytes + *ret_have, piece);
        *ret_have += got;
        if (got < piece)
            return STATUS_END;
    }
    return STATUS_OK;
}

static bool skip(struct byte_stream *stream, struct body *body, size_t length)
{
    while (length > 0) {
        size_t piece = length < PIECE_SIZE ? length : PIECE_SIZE;
        if (!body_grow(body, piece) || byte_stream_read(stream, body->bytes, piece) < piece)
            return false;
        length -= piece;
    }
    return true;
}

static bool is_known_type(uint16_t type)
{
    return type == MRT_TABLE_DUMP || type == MRT_TABLE_DUMP_V2 || type == MRT_BGP4MP || type == MRT_BGP4MP_ET;
}

static enum trouble read_record(struct mrt_reader *reader, struct wire body)
{
    switch (reader->record.type) {
    case MRT_TABLE_DUMP:
        return mrt_table_dump(reader, body);
    case MRT_TABLE_DUMP_V2:
        return mrt_table_dump_v2(reader, body);
    case MRT_BGP4MP_ET: /* RFC 6396, 3: the microseconds count into the length */
        reader->record.microseconds = wire_u32(&body);
        return mrt_bgp4mp(reader, body);
    case MRT_BGP4MP:
        return mrt_bgp4mp(reader, body);
    default:
        return TROUBLE_TYPE;
    }
}

static void end_of_data(const struct mrt_reader *reader, const struct byte_stream *stream, enum trouble what)
{
    const char *damage = byte_stream_damage(stream);
    if (damage != NULL)
        tell_trouble(reader, TROUBLE_PACKING, byte_stream_offset(stream), damage);
    if (what != TROUBLE_NONE)
        tell_trouble(reader, what, reader->record.offset, NULL);
}

/** @return STATUS_OK to go on, STATUS_END at the end of the file, and when its first record is none that is known. */
static enum status read_one(struct mrt_reader *reader, struct byte_stream *stream, struct body *body,
                            bool *ret_is_known)
{
    uint8_t header[HEADER_SIZE];
    uint64_t offset = byte_stream_offset(stream);
    size_t got = byte_stream_read(stream, header, HEADER_SIZE);
    struct wire w = wire_of(header, got);
    reader->record = (struct mrt_record){.offset = offset};
    reader->record.time_sec = wire_u32(&w);
    reader->record.type = wire_u16(&w);
    reader->record.subtype = wire_u16(&w);
    size_t length = wire_u32(&w);
    *ret_is_known |= got == HEADER_SIZE && is_known_type(reader->record.type);
    if (!*ret_is_known)
        return STATUS_END;
    if (got < HEADER_SIZE) {
        end_of_data(reader, stream, got > 0 ? TROUBLE_HEADER_CUT : TROUBLE_NONE);
        return STATUS_END;
    }
    if (length > MRT_RECORD_MAX) {
        tell_trouble(reader, TROUBLE_RECORD_LONG, offset, NULL);
        if (skip(stream, body, length))
            return STATUS_OK;
        end_of_data(reader, stream, TROUBLE_NONE);
        return STATUS_END;
    }
    enum status status = read_body(stream, body, length, &got);
    if (status == STATUS_END)
        end_of_data(reader, stream, TROUBLE_RECORD_CUT);
    if (status != STATUS_OK)
        return status;
    enum trouble trouble = read_record(reader, wire_of(body->bytes, length));
    if (trouble != TROUBLE_NONE)
        tell_trouble(reader, trouble, offset, NULL);
    return reader->is_out_of_memory ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status read_stream(const char *name, struct byte_stream *stream, const struct mrt_visitor *visitor,
                               struct error *error)
{
    struct mrt_reader *reader = calloc(1, sizeof(*reader));
    struct body body = {NULL, 0};
    bool is_known = false;
    enum status status = reader != NULL ? STATUS_OK : STATUS_NO_MEMORY;
    if (reader != NULL)
        reader->visitor = visitor;
    while (status == STATUS_OK)
        status = read_one(reader, stream, &body, &is_known);
    if (reader != NULL)
        free(reader->peers);
    free(reader);
    free(body.bytes);
    if (status == STATUS_NO_MEMORY)
        return error_set(error, status, "%s: no memory to read it", name);
    if (!is_known && byte_stream_damage(stream) != NULL)
        return error_set(error, STATUS_MALFORMED, "%s: nothing can be read of it: %s", name,
                         byte_stream_damage(stream));
    if (!is_known)
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: no MRT file: it begins with no record of a routing table or update", name);
    return STATUS_OK;
}

enum status mrt_read(const char *path, const struct mrt_visitor *visitor, struct error *error)
{
    struct byte_stream *stream;
    enum status status = byte_stream_open(path, &stream, error);
    if (status != STATUS_OK)
        return status;
    status = read_stream(path, stream, visitor, error);
    byte_stream_close(stream);
    return status;
}

enum status mrt_read_bytes(const char *name, const uint8_t *bytes, size_t length, const struct mrt_visitor *visitor,
                           struct error *error)
{
    struct byte_stream *stream = byte_stream_of(bytes, length);
    if (stream == NULL)
        return error_set(error, STATUS_NO_MEMORY, "%s: no memory to read it", name);
    enum status status = read_stream(name, stream, visitor, error);
    byte_stream_close(stream);
    return status;
}
