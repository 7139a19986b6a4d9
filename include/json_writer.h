/*
 * JSON text written straight into a growing buffer, no tree. Commas and quotes are the writer's business. Strings may
 * hold any bytes: control characters are escaped, bytes that are not UTF-8 become U+FFFD, so that the output is always
 * valid JSON (RFC 8259).
 */
#ifndef BORDERTAP_JSON_WRITER_H
#define BORDERTAP_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "packet_time.h"
#include "text.h"

struct json_writer {
    char *data; /* owned; not terminated */
    size_t length, room;
    bool needs_comma;
    bool failed; /* memory ran out: the text is not whole */
};

void json_init(struct json_writer *w);  /* caller's storage, zeroed */
void json_reset(struct json_writer *w); /* forgets the text, keeps the memory */
void json_clear(struct json_writer *w);

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key); /* constant, plain ASCII */

void json_text(struct json_writer *w, struct text value);   /* NULL data writes null */
void json_string(struct json_writer *w, const char *value); /* NULL writes null */
void json_u64(struct json_writer *w, uint64_t value);
void json_thousandths(struct json_writer *w, uint64_t value); /* 38012 writes 38.012 */
void json_i64(struct json_writer *w, int64_t value);
void json_bool(struct json_writer *w, bool value);
void json_null(struct json_writer *w);
void json_address(struct json_writer *w, const struct ip_address *value);
void json_time(struct json_writer *w, struct packet_time value);
void json_hex(struct json_writer *w, const uint8_t *bytes, size_t length);

/* A key and its value at once. */
void json_member_string(struct json_writer *w, const char *key, const char *value); /* NULL writes null */
void json_member_u64(struct json_writer *w, const char *key, uint64_t value);
void json_member_bool(struct json_writer *w, const char *key, bool value);
void json_member_time(struct json_writer *w, const char *key, struct packet_time value);

/** A whole JSON value, made elsewhere. */
void json_raw(struct json_writer *w, struct text value);
/** Whether all of it is well-formed UTF-8. */
bool json_text_is_utf8(struct text value);
/** A line feed between records: not JSON text itself. */
void json_newline(struct json_writer *w);

#endif
