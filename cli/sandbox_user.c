/* Another user, and no capability: whoever starts us, root or a user whose program file has capabilities. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "cli/sandbox_internal.h"

enum { CAPABILITIES_MAX = 64 };

/* @param ret lives until the next lookup. */
static enum status find_user(const char *wanted, const struct passwd **ret, struct error *error)
{
    const struct passwd *user;
    if (wanted != NULL) {
        user = getpwnam(wanted);
    } else {
        user = getpwnam("bordertap");
        if (user == NULL)
            user = getpwnam("nobody");
    }
    if (user == NULL)
        return error_set(error, STATUS_INVALID,
                         "there is no user '%.64s' to go on as; make one, name another with --user, or stay root with "
                         "--no-sandbox user",
                         wanted != NULL ? wanted : "bordertap' or 'nobody");
    if (user->pw_uid == 0 || user->pw_gid == 0)
        return error_set(error, STATUS_INVALID,
                         "--user %.64s has the rights of root; name one without, or stay root with --no-sandbox user",
                         user->pw_name);
    *ret = user;
    return STATUS_OK;
}

enum status sandbox_check_user(const char *wanted, struct error *error)
{
    const struct passwd *user;
    if (geteuid() == 0)
        return find_user(wanted, &user, error);
    if (wanted == NULL)
        return STATUS_OK;
    enum status status = find_user(wanted, &user, error);
    if (status == STATUS_OK && user->pw_uid != geteuid())
        status = error_set(error, STATUS_INVALID, "--user %.64s: only root can become somebody else", wanted);
    return status;
}

/* What execve() could give; void without it and without new privileges, and emptied where we may.
 * @return whether it is empty. */
static bool empty_bounding_set(void)
{
    bool ret = true;
    for (unsigned long i = 0; i < CAPABILITIES_MAX; i++)
        if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0)
            ret = false;
    return ret;
}

static bool change_ids(uid_t uid, gid_t gid, bool has_groups)
{
    return (!has_groups || setgroups(0, NULL) == 0) && setresgid(gid, gid, gid) == 0 && setresuid(uid, uid, uid) == 0;
}

static bool has_ids(uid_t uid, gid_t gid)
{
    uid_t uids[3];
    gid_t gids[3];
    return getresuid(&uids[0], &uids[1], &uids[2]) == 0 && getresgid(&gids[0], &gids[1], &gids[2]) == 0 &&
           uids[0] == uid && uids[1] == uid && uids[2] == uid && gids[0] == gid && gids[1] == gid && gids[2] == gid;
}

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}}, left[_LINUX_CAPABILITY_U32S_3];
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 || syscall(SYS_capset, &header, none) != 0 ||
        syscall(SYS_capget, &header, left) != 0)
        return false;
    return memcmp(left, none, sizeof(none)) == 0;
}

/* Where the name of the user comes from does not matter any more: what is told is what the kernel says. */
static void say_user(char said[static SANDBOX_SAID_SIZE], const char *name, bool is_bounding_empty)
{
    sandbox_say(said, "%s %.64s (%u:%u); no capability left", name != NULL ? "now" : "user",
                name != NULL ? name : "kept", (unsigned)geteuid(), (unsigned)getegid());
    if (!is_bounding_empty)
        sandbox_say(said, ", but for the bounding set, which only CAP_SETPCAP empties and which is void as nothing can "
                          "be executed");
}

enum status sandbox_become_user(const char *wanted, char said[static SANDBOX_SAID_SIZE], struct error *error)
{
    const struct passwd *user = NULL;
    bool is_root = geteuid() == 0;
    if (is_root && find_user(wanted, &user, error) != STATUS_OK)
        return STATUS_INVALID;
    uid_t uid = is_root ? user->pw_uid : geteuid();
    gid_t gid = is_root ? user->pw_gid : getegid();
    const char *name = is_root ? user->pw_name : NULL;
    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    bool is_bounding_empty = empty_bounding_set();
    if (!change_ids(uid, gid, is_root) || !has_ids(uid, gid))
        return error_set(error, STATUS_IO,
                         "cannot go on as %.64s: %s; give CAP_SETUID and CAP_SETGID, start as a user who has nothing "
                         "but CAP_NET_RAW, or keep all rights with --no-sandbox user",
                         name != NULL ? name : "this user", strerror(errno));
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* that user's other processes may not look into this one; after setresuid() */
    if (!drop_capabilities())
        return error_set(error, STATUS_IO, "capabilities cannot be dropped: %s; --no-sandbox user goes on with them",
                         strerror(errno));
    say_user(said, name, is_bounding_empty);
    return STATUS_OK;
}
