/*
 * seccomp: only the system calls of a run that has begun. What no version of the program or of its libraries has reason
 * to call ends the process, as then somebody else speaks; all other calls fail with EPERM, so that a library that
 * learns to try a new one does not end a sensor that runs for months.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/sandbox_internal.h"

static const char *const allowed[] = {
    /* files; which ones is Landlock's part */
    "openat", "open", "close", "read", "readv", "pread64", "write", "writev", "pwrite64", "lseek", "_llseek", "fstat",
    "fstat64", "stat", "stat64", "lstat", "lstat64", "newfstatat", "fstatat64", "statx", "fstatfs", "access",
    "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd", "getdents64", "ftruncate", "ftruncate64", "fsync",
    "fdatasync", "flock", "unlink", "unlinkat", "memfd_create",
    /* sockets that are open: bind() has a packet socket listen to an interface that came back */
    "poll", "ppoll", "accept", "accept4", "bind", "getsockname", "getsockopt", "recv", "recvfrom", "recvmsg", "send",
    "sendto", "sendmsg", "shutdown", "eventfd2",
    /* threads, signals, time */
    "futex", "set_robust_list", "rseq", "exit", "exit_group", "sched_yield", "sched_getaffinity", "rt_sigaction",
    "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack", "restart_syscall", "nanosleep",
    "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time",
    /* memory */
    "munmap", "mremap", "madvise", "brk",
    /* who and where we are */
    "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getrusage", "getrandom", "sysinfo", "uname"};

static const char *const ending[] = {"execve",
                                     "execveat",
                                     "fork",
                                     "vfork",
                                     "ptrace",
                                     "process_vm_readv",
                                     "process_vm_writev",
                                     "pidfd_getfd",
                                     "kcmp",
                                     "mount",
                                     "umount2",
                                     "pivot_root",
                                     "chroot",
                                     "move_mount",
                                     "open_tree",
                                     "fsopen",
                                     "fsmount",
                                     "fsconfig",
                                     "setns",
                                     "unshare",
                                     "bpf",
                                     "perf_event_open",
                                     "userfaultfd",
                                     "io_uring_setup",
                                     "io_uring_enter",
                                     "io_uring_register",
                                     "init_module",
                                     "finit_module",
                                     "delete_module",
                                     "kexec_load",
                                     "kexec_file_load",
                                     "reboot",
                                     "swapon",
                                     "swapoff",
                                     "iopl",
                                     "ioperm",
                                     "modify_ldt",
                                     "add_key",
                                     "request_key",
                                     "keyctl",
                                     "setuid",
                                     "setgid",
                                     "setreuid",
                                     "setregid",
                                     "setresuid",
                                     "setresgid",
                                     "setfsuid",
                                     "setfsgid",
                                     "setgroups",
                                     "capset",
                                     "personality",
                                     "quotactl",
                                     "open_by_handle_at",
                                     "clock_settime",
                                     "settimeofday",
                                     "sethostname",
                                     "setdomainname",
                                     "acct"};

#define IS(argument, value) SCMP_CMP64(argument, SCMP_CMP_EQ, (scmp_datum_t)(value))
#define HAS_NOT(argument, bits) SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, (scmp_datum_t)(bits), 0)
#define HAS(argument, bits) SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, (scmp_datum_t)(bits), (scmp_datum_t)(bits))

/* Calls that are allowed with some arguments only; several rows of one are alternatives. */
struct call_row {
    const char *name;
    struct scmp_arg_cmp argument;
};

/* @return false: it cannot be added, errno says why. What this processor's system does not have needs no rule. */
static bool add(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned *count)
{
    int number = seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || (number < 0 && action != SCMP_ACT_ALLOW))
        return true;
    int result = seccomp_rule_add_array(filter, action, number, 0, NULL);
    errno = -result;
    *count += result == 0 && number >= 0;
    return result == 0;
}

static bool add_row(scmp_filter_ctx filter, uint32_t action, const struct call_row *row)
{
    int number = seccomp_syscall_resolve_name(row->name);
    int result = number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add_array(filter, action, number, 1, &row->argument);
    errno = -result;
    return result == 0;
}

/* No memory is both written and executed, only threads are made, and sockets are set at the levels that are ours. */
static bool add_rows(scmp_filter_ctx filter, unsigned *count)
{
    const struct call_row rows[] = {
        {"mmap", HAS_NOT(2, PROT_EXEC)},    {"mmap2", HAS_NOT(2, PROT_EXEC)},  {"mprotect", HAS_NOT(2, PROT_EXEC)},
        {"clone", HAS(0, CLONE_THREAD)},    {"tgkill", IS(0, getpid())},       {"prlimit64", IS(2, 0)}, /* asks */
        {"prctl", IS(0, PR_SET_NAME)},      {"setsockopt", IS(1, SOL_SOCKET)}, {"setsockopt", IS(1, SOL_PACKET)},
        {"setsockopt", IS(1, IPPROTO_TCP)}, {"fcntl", IS(1, F_GETFD)},         {"fcntl", IS(1, F_SETFD)},
        {"fcntl", IS(1, F_GETFL)},          {"fcntl", IS(1, F_SETFL)},         {"fcntl", IS(1, F_GETLK)},
        {"fcntl", IS(1, F_SETLK)},          {"fcntl", IS(1, F_SETLKW)},        {"ioctl", IS(1, SIOCGIFINDEX)},
        {"ioctl", IS(1, SIOCGIFHWADDR)},    {"ioctl", IS(1, SIOCGIFFLAGS)},    {"ioctl", IS(1, TCGETS)}, /* isatty() */
    };
    bool ok = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && ok; i++) {
        ok = add_row(filter, SCMP_ACT_ALLOW, &rows[i]);
        *count += i == 0 || strcmp(rows[i].name, rows[i - 1].name) != 0;
    }
    return ok;
}

static bool add_all(scmp_filter_ctx filter, unsigned *count)
{
    const struct call_row new_process = {"clone", HAS_NOT(0, CLONE_THREAD)};
    unsigned unused = 0;
    bool ok = add_rows(filter, count) && add_row(filter, SCMP_ACT_KILL_PROCESS, &new_process);
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && ok; i++)
        ok = add(filter, SCMP_ACT_ALLOW, allowed[i], count);
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]) && ok; i++)
        ok = add(filter, SCMP_ACT_KILL_PROCESS, ending[i], &unused);
    /* Its arguments are behind a pointer; as if it were not there, glibc takes clone(). */
    return ok && add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", &unused);
}

static bool set_attributes(scmp_filter_ctx filter)
{
    return seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
           seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
           seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0; /* a tree, not a list */
}

enum status sandbox_limit_calls(char said[static SANDBOX_SAID_SIZE], struct error *error)
{
    unsigned count = 0;
    int result = -ENOMEM;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter != NULL && set_attributes(filter))
        result = add_all(filter, &count) ? seccomp_load(filter) : -errno;
    seccomp_release(filter);
    if (result != 0)
        return error_set(error, result == -ENOMEM ? STATUS_NO_MEMORY : STATUS_IO,
                         "system calls cannot be limited by seccomp: %s; --no-sandbox seccomp goes on without",
                         strerror(-result));
    sandbox_say(said, "%u system calls allowed (seccomp)", count);
    return STATUS_OK;
}

const char *sandbox_library_version(void)
{
    static char text[32];
    const struct scmp_version *version = seccomp_version();
    snprintf(text, sizeof(text), "%u.%u.%u", version->major, version->minor, version->micro);
    return text;
}
