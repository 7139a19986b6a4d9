/* The three steps; each appends its part of the sentence to @p said. */
#ifndef BORDERTAP_CLI_SANDBOX_INTERNAL_H
#define BORDERTAP_CLI_SANDBOX_INTERNAL_H

#include "cli/sandbox.h"

void sandbox_say(char said[static SANDBOX_SAID_SIZE], const char *format, ...) __attribute__((format(printf, 2, 3)));

enum status sandbox_check_user(const char *user, struct error *error);
enum status sandbox_become_user(const char *user, char said[static SANDBOX_SAID_SIZE], struct error *error);

enum status sandbox_check_files(struct error *error);
enum status sandbox_limit_files(const struct sandbox_place *places, size_t count, char said[static SANDBOX_SAID_SIZE],
                                struct error *error);

enum status sandbox_limit_calls(char said[static SANDBOX_SAID_SIZE], struct error *error);

#endif
