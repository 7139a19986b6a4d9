#include "cli/sandbox.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "cli/sandbox_internal.h"
#include "nearest_word.h"

static const char *const step_words[SANDBOX_STEPS + 2] = {
    [SANDBOX_USER] = "user", [SANDBOX_LANDLOCK] = "landlock", [SANDBOX_SECCOMP] = "seccomp", [SANDBOX_STEPS] = "all"};

void sandbox_say(char said[static SANDBOX_SAID_SIZE], const char *format, ...)
{
    size_t length = strlen(said);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(said + length, SANDBOX_SAID_SIZE - length, format, arguments);
    va_end(arguments);
}

enum status sandbox_skip(struct sandbox_options *options, const char *word, struct error *error)
{
    bool is_known = false;
    for (int i = 0; i <= SANDBOX_STEPS; i++)
        if (strcmp(word, step_words[i]) == 0) {
            is_known = true;
            for (int step = 0; step < SANDBOX_STEPS; step++)
                options->skips[step] |= i == step || i == SANDBOX_STEPS;
        }
    if (is_known)
        return STATUS_OK;
    const char *near = nearest_word(word, step_words);
    return error_set(error, STATUS_INVALID, "--no-sandbox: there is no step '%.64s'; %s%s%s", word,
                     near ? "did you mean '" : "give user, landlock, seccomp or all", near ? near : "",
                     near ? "'?" : "");
}

enum status sandbox_check(const struct sandbox_options *options, struct error *error)
{
    enum status status = STATUS_OK;
    if (options->skips[SANDBOX_USER] && options->user != NULL)
        return error_set(error, STATUS_INVALID, "--user %.64s and --no-sandbox user contradict each other",
                         options->user);
    if (!options->skips[SANDBOX_USER])
        status = sandbox_check_user(options->user, error);
    if (status == STATUS_OK && !options->skips[SANDBOX_LANDLOCK])
        status = sandbox_check_files(error);
    return status;
}

/* A folder has two links, and one more for each folder in it: that is one for each thread (proc(5)). */
static bool has_other_threads(void)
{
    struct stat st;
    return stat("/proc/self/task", &st) == 0 && st.st_nlink > 3;
}

/* No program that is executed has more rights. */
static enum status give_up_growing(struct error *error)
{
    if (has_other_threads())
        return error_set(error, STATUS_IO, "rights cannot be given up, as threads run already");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_set(error, STATUS_IO,
                         "the kernel cannot rule out new privileges: %s; --no-sandbox all goes on without",
                         strerror(errno));
    return STATUS_OK;
}

enum status sandbox_enter(const struct sandbox_options *options, char ret_said[static SANDBOX_SAID_SIZE],
                          struct error *error)
{
    static const char *const kept[SANDBOX_STEPS] = {"user and capabilities kept", "files and networks not limited",
                                                    "system calls not limited"};
    enum status status = sandbox_check(options, error);
    bool skips_all = true;
    ret_said[0] = '\0';
    for (int step = 0; step < SANDBOX_STEPS; step++)
        skips_all &= options->skips[step];
    if (status == STATUS_OK && !skips_all)
        status = give_up_growing(error);
    for (int step = 0; step < SANDBOX_STEPS && status == STATUS_OK; step++) {
        sandbox_say(ret_said, "%s", step > 0 ? "; " : "");
        if (options->skips[step])
            sandbox_say(ret_said, "%s (--no-sandbox %s)", kept[step], step_words[step]);
        else if (step == SANDBOX_USER)
            status = sandbox_become_user(options->user, ret_said, error);
        else if (step == SANDBOX_LANDLOCK)
            status = sandbox_limit_files(options->places, options->place_count, ret_said, error);
        else
            status = sandbox_limit_calls(ret_said, error);
    }
    return status;
}
