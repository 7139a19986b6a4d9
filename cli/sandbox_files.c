/*
 * Landlock: only named places can be read or written, no TCP port can be bound or connected, and no process outside be
 * signalled. What is open already is not touched. See landlock(7) and the kernel's userspace-api/landlock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "cli/sandbox_internal.h"

/* Of kernels that are newer than the headers may be: linux/landlock.h of 6.12. */
enum {
    FS_TRUNCATE = 1 << 14,
    FS_IOCTL_DEV = 1 << 15,
    NET_BIND_TCP = 1 << 0,
    NET_CONNECT_TCP = 1 << 1,
    SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0,
    SCOPE_SIGNAL = 1 << 1,
};

struct ruleset {
    uint64_t fs, net, scoped;
};

enum {
    FS_OF_FILES = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
                  FS_TRUNCATE | FS_IOCTL_DEV,
    FS_ABI_1 = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1, /* that bit and all below */
    FS_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    FS_APPEND = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG,
    FS_KEEP = FS_READ | FS_APPEND | LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE,
};

static int abi_version(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

enum status sandbox_check_files(struct error *error)
{
    if (abi_version() > 0)
        return STATUS_OK;
    return error_set(error, STATUS_IO,
                     "files cannot be limited, as the kernel %s Landlock (%s); it came with Linux 5.13 and may have to "
                     "be named in lsm= at boot; --no-sandbox landlock goes on without",
                     errno == EOPNOTSUPP ? "has switched off" : "does not have", strerror(errno));
}

/* Everything that this kernel can forbid. */
static struct ruleset everything(int abi, size_t *ret_size)
{
    struct ruleset ret = {.fs = FS_ABI_1};
    if (abi >= 2)
        ret.fs |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        ret.fs |= FS_TRUNCATE;
    if (abi >= 4)
        ret.net = NET_BIND_TCP | NET_CONNECT_TCP;
    if (abi >= 5)
        ret.fs |= FS_IOCTL_DEV;
    if (abi >= 6)
        ret.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    *ret_size = abi >= 6 ? sizeof(ret) : abi >= 4 ? offsetof(struct ruleset, scoped) : offsetof(struct ruleset, net);
    return ret;
}

/* @return false: it must not go on without this rule. */
static bool allow(int ruleset, uint64_t handled, const struct sandbox_place *place)
{
    static const uint64_t rights[] = {[SANDBOX_READ] = FS_READ, [SANDBOX_APPEND] = FS_APPEND, [SANDBOX_KEEP] = FS_KEEP};
    struct stat st;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights[place->use] & handled};
    rule.parent_fd = open(place->path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return true; /* out of this user's reach, or not there */
    bool ok = fstat(rule.parent_fd, &st) == 0;
    if (ok && !S_ISDIR(st.st_mode))
        rule.allowed_access &= FS_OF_FILES;
    ok = ok && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    int why = errno;
    close(rule.parent_fd);
    errno = why;
    return ok;
}

static void say_places(char said[static SANDBOX_SAID_SIZE], const struct sandbox_place *places, size_t count,
                       bool is_written)
{
    const char *between = is_written ? ", writes only in " : "reads only ";
    for (size_t i = 0; i < count; i++) {
        bool is_said = (places[i].use != SANDBOX_READ) != is_written;
        for (size_t j = 0; j < i && !is_said; j++)
            is_said = (places[j].use != SANDBOX_READ) == is_written && strcmp(places[i].path, places[j].path) == 0;
        if (is_said)
            continue;
        sandbox_say(said, "%s%s", between, places[i].path);
        between = " ";
    }
    if (is_written && *between == ',')
        sandbox_say(said, ", writes no file");
}

enum status sandbox_limit_files(const struct sandbox_place *places, size_t count, char said[static SANDBOX_SAID_SIZE],
                                struct error *error)
{
    int abi = abi_version();
    size_t size;
    struct ruleset rules = everything(abi, &size);
    int ruleset = abi > 0 ? (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0) : -1;
    bool ok = ruleset >= 0;
    for (size_t i = 0; i < count && ok; i++)
        ok = allow(ruleset, rules.fs, &places[i]);
    ok = ok && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    int why = errno;
    if (ruleset >= 0)
        close(ruleset);
    if (!ok)
        return error_set(error, STATUS_IO,
                         "files cannot be limited by Landlock: %s; --no-sandbox landlock goes on without",
                         strerror(why));
    say_places(said, places, count, false);
    say_places(said, places, count, true);
    sandbox_say(said, "%s (Landlock %d)",
                abi >= 4 ? ", no TCP" : ", TCP is left to the limit of system calls as this Landlock is old", abi);
    return STATUS_OK;
}
