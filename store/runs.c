/*
 * Runs and the files they read. A file read to its end is known by what it holds, wherever it lies, and is not counted
 * again. Of a run over files that did not end, what its findings had counted before is remembered, so that reading the
 * files again does not count them twice.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_internal.h"

enum { SAMPLE_SIZE = 16384, SAMPLES = 16 };

/* Packets have their times in them: captures of equal size that agree in so many places are the same. */
static bool digest_samples(int fd, uint64_t size, EVP_MD_CTX *digest)
{
    uint8_t bytes[SAMPLE_SIZE];
    uint64_t last = size > SAMPLE_SIZE ? size - SAMPLE_SIZE : 0;
    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t offset = last / (SAMPLES - 1) * i + last % (SAMPLES - 1) * i / (SAMPLES - 1);
        ssize_t length = pread(fd, bytes, sizeof(bytes), (off_t)offset);
        if (length < 0 || !EVP_DigestUpdate(digest, bytes, (size_t)length))
            return false;
        if (last == 0)
            return true;
    }
    return true;
}

static bool digest_file(int fd, uint64_t size, uint8_t ret[static 32])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool ok = digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) && digest_samples(fd, size, digest) &&
              EVP_DigestFinal_ex(digest, ret, NULL);
    EVP_MD_CTX_free(digest);
    return ok;
}

bool store_identify(const char *path, char ret[static STORE_IDENTITY_SIZE])
{
    uint8_t sum[32];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && digest_file(fd, (uint64_t)st.st_size, sum);
    close(fd);
    if (!ok)
        return false;
    int at = snprintf(ret, STORE_IDENTITY_SIZE, "%llu-", (unsigned long long)st.st_size);
    for (unsigned i = 0; i < 24; i++) /* 192 of its bits */
        at += snprintf(ret + at, STORE_IDENTITY_SIZE - (size_t)at, "%02x", sum[i]);
    return true;
}

bool store_knows(struct store *s, const char *identity, char ret_when[static STORE_DAY_SIZE])
{
    sqlite3_stmt *statement = store_ask(s, FIND_READ_INPUT);
    bind_text(statement, 1, identity);
    if (!store_next(s, statement))
        return false;
    const char *when = text_at(statement, 0, STORE_DAY_SIZE - 1);
    snprintf(ret_when, STORE_DAY_SIZE, "%s", when ? when : "an unknown day");
    store_done(statement);
    return true;
}

static bool run_with(struct store *s, enum statement which, int64_t run)
{
    sqlite3_stmt *statement = store_ask(s, which);
    bind_i64(statement, 1, run);
    return store_do(s, statement);
}

/* The last run that began to read the file and did not end: what it counted is taken back. */
static bool undo_unfinished(struct store *s, const char *identity)
{
    sqlite3_stmt *statement = store_ask(s, FIND_UNFINISHED);
    bind_text(statement, 1, identity);
    bind_i64(statement, 2, s->run);
    if (!store_next(s, statement))
        return true;
    int64_t run = sqlite3_column_int64(statement, 0);
    store_done(statement);
    return run_with(s, UNDO_RUN, run) && run_with(s, FORGET_COUNTED, run) && run_with(s, FORGET_RUN_INPUTS, run);
}

static bool add_inputs(struct store *s, const struct store_input *inputs, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = undo_unfinished(s, inputs[i].identity);
    for (size_t i = 0; i < count && ok; i++) {
        sqlite3_stmt *statement = store_ask(s, ADD_INPUT);
        bind_i64(statement, 1, s->run);
        bind_text(statement, 2, inputs[i].identity);
        bind_text(statement, 3, inputs[i].path);
        ok = store_do(s, statement);
    }
    return ok;
}

enum status store_begin_run(struct store *s, const char *sensor, const char *version, const struct store_input *inputs,
                            size_t count)
{
    sqlite3_stmt *statement = store_ask(s, ADD_RUN);
    if (!store_begin(s))
        return STATUS_IO;
    bind_text(statement, 1, sensor);
    bind_text(statement, 2, version);
    bool ok = store_do(s, statement);
    s->run = sqlite3_last_insert_rowid(s->db);
    s->has_inputs = count > 0;
    ok = ok && add_inputs(s, inputs, count) && run_with(s, FORGET_OLD_COUNTED, s->run) &&
         store_do(s, store_ask(s, FORGET_OLD_INPUTS)) && run_with(s, FORGET_OLD_RUNS, s->run);
    return store_commit(s) && ok ? STATUS_OK : STATUS_IO;
}

void store_end_run(struct store *s)
{
    if (s->run == 0 || !store_begin(s))
        return;
    run_with(s, END_RUN, s->run);
    run_with(s, FORGET_COUNTED, s->run);
    store_commit(s);
}
