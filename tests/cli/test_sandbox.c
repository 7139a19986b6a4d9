/* Each row is a process of its own that gives its rights up and then tries something: with all steps, and with one
 * alone, so that none hides behind another. */
#include "cli/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>

#include "test.h"

enum { ALL, USER = SANDBOX_STEPS, LANDLOCK, SECCOMP }; /* all steps; or one alone */
enum { DONE = 0, KILLED = 256, NOT_ENTERED };          /* beside values of errno */

static char folder[] = "/tmp/bordertap-sandbox-XXXXXX";
static char readable[64], appended[64], kept[64], outside[64], socket_path[64];
static int tcp, udp, listener; /* opened before */
static struct sockaddr_in listens_at;

static char *in(char path[64], const char *name)
{
    snprintf(path, 64, "%s/%s", folder, name);
    return path;
}

static void make_file(const char *at, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", at, name);
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    assert_true(fd >= 0 && write(fd, "words", 5) == 5);
    fchmod(fd, 0666);
    close(fd);
}

static int set_up(void **state)
{
    socklen_t length = sizeof(listens_at);
    (void)state;
    assert_non_null(mkdtemp(folder));
    chmod(folder, 0755);
    char *const made[] = {in(readable, "readable"), in(appended, "appended"), in(kept, "kept"), in(outside, "outside")};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(mkdir(made[i], 0777), 0);
        chmod(made[i], 0777);
        make_file(made[i], "file");
    }
    in(socket_path, "outside/socket");
    listens_at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&listens_at, length), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&listens_at, &length), 0);
    tcp = socket(AF_INET, SOCK_STREAM, 0);
    udp = socket(AF_INET, SOCK_DGRAM, 0);
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    close(listener);
    close(tcp);
    close(udp);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

/* ---- what is tried; 0 or errno ---- */

static int try_open(const char *at, const char *name, int flags)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", at, name);
    int fd = open(path, flags, 0600);
    return fd >= 0 ? 0 : errno;
}

static int open_shadow(void)
{
    return try_open("/etc", "shadow", O_RDONLY);
}

static int read_what_is_allowed(void)
{
    return try_open(readable, "file", O_RDONLY);
}

static int list_what_is_allowed(void)
{
    return try_open(readable, "", O_RDONLY | O_DIRECTORY);
}

static int read_outside(void)
{
    return try_open(outside, "file", O_RDONLY);
}

static int write_what_is_to_be_read(void)
{
    return try_open(readable, "file", O_WRONLY);
}

static int write_outside(void)
{
    return try_open(outside, "file", O_WRONLY | O_APPEND);
}

static int make_outside(void)
{
    return try_open(outside, "new", O_WRONLY | O_CREAT);
}

static int append(void)
{
    return try_open(appended, "file", O_WRONLY | O_APPEND);
}

static int make_what_is_appended_to(void)
{
    return try_open(appended, "new", O_WRONLY | O_CREAT | O_APPEND);
}

static int cut_what_is_appended_to(void)
{
    return try_open(appended, "file", O_WRONLY | O_TRUNC);
}

static int read_what_is_appended_to(void)
{
    return try_open(appended, "file", O_RDONLY);
}

static int remove_in(const char *at)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/file", at);
    return unlink(path) == 0 ? 0 : errno;
}

static int remove_what_is_appended_to(void)
{
    return remove_in(appended);
}

static int use_what_is_kept(void)
{
    int why = try_open(kept, "file", O_RDWR);
    if (why == 0)
        why = try_open(kept, "new", O_RDWR | O_CREAT);
    if (why == 0 && (why = remove_in(kept)) == 0)
        make_file(kept, "file");
    return why;
}

/* @return 0 when any of them is made. */
static int make_a_socket(void)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK, AF_BLUETOOTH};
    int why = 0;
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        for (int type = SOCK_STREAM; type <= SOCK_SEQPACKET; type++)
            if (socket(families[i], type, 0) >= 0 || (why = errno) != EPERM)
                return why == EPERM ? 0 : why;
    return why;
}

static int make_a_pair_of_sockets(void)
{
    int fds[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0 ? 0 : errno;
}

static int connect_by_tcp(void)
{
    return connect(tcp, (struct sockaddr *)&listens_at, sizeof(listens_at)) == 0 ? 0 : errno;
}

static int bind_tcp(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return bind(tcp, (struct sockaddr *)&any, sizeof(any)) == 0 ? 0 : errno;
}

static int bind_another_socket(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return bind(udp, (struct sockaddr *)&any, sizeof(any)) == 0 ? 0 : errno;
}

static int run_a_program(void)
{
    char *const words[] = {(char[]){"true"}, NULL};
    execv("/bin/true", words);
    return errno;
}

static int fork_a_process(void)
{
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
        _exit(0);
    return child > 0 ? 0 : errno;
}

static void *nothing(void *context)
{
    return context;
}

static int make_a_thread(void)
{
    pthread_t thread;
    int why = pthread_create(&thread, NULL, nothing, NULL);
    return why == 0 ? pthread_join(thread, NULL) : why;
}

static int trace_the_parent(void)
{
    return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0 ? 0 : errno;
}

static int signal_the_parent(void)
{
    return kill(getppid(), 0) == 0 ? 0 : errno;
}

static int become_root(void)
{
    return setresuid(0, 0, 0) == 0 ? 0 : errno;
}

static int take_groups(void)
{
    const gid_t root = 0;
    return setgroups(1, &root) == 0 ? 0 : errno;
}

static int raise_a_capability(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct wanted[_LINUX_CAPABILITY_U32S_3] = {{.effective = 1, .permitted = 1}};
    return syscall(SYS_capset, &header, wanted) == 0 ? 0 : errno;
}

static int see_who_we_are(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct have[_LINUX_CAPABILITY_U32S_3];
    static const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
    bool ok = syscall(SYS_capget, &header, have) == 0 && memcmp(have, none, sizeof(none)) == 0;
    for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
        ok &= prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 0;
    return ok && getuid() != 0 && geteuid() != 0 && getgid() != 0 && getgroups(0, NULL) == 0 &&
                   prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
               ? 0
               : ERANGE;
}

static int write_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
               ? 0
               : errno;
}

static int copy_a_descriptor(void)
{
    return fcntl(udp, F_DUPFD, 0) >= 0 || dup(udp) >= 0 ? 0 : errno;
}

static int take_a_call_of_another_system(void)
{
#ifdef __x86_64__
    return syscall(0x40000000 | SYS_getpid) >= 0 ? 0 : errno; /* x32 */
#else
    return EPERM;
#endif
}

/* ---- the processes ---- */

static struct sandbox_options options_of(int step)
{
    static struct sandbox_place places[3];
    places[0] = (struct sandbox_place){readable, SANDBOX_READ};
    places[1] = (struct sandbox_place){appended, SANDBOX_APPEND};
    places[2] = (struct sandbox_place){kept, SANDBOX_KEEP};
    struct sandbox_options ret = {.places = places, .place_count = 3};
    for (int i = 0; i < SANDBOX_STEPS; i++)
        ret.skips[i] = step != ALL && step != SANDBOX_STEPS + i;
    return ret;
}

/* @return DONE, KILLED (by SIGSYS), NOT_ENTERED, or what errno says. */
static int in_a_process(int step, int (*attempt)(void))
{
    struct sandbox_options options = options_of(step);
    int status;
    pid_t child = fork();
    if (child == 0) {
        char said[SANDBOX_SAID_SIZE];
        struct error error;
        if (sandbox_enter(&options, said, &error) == STATUS_OK)
            _exit(attempt());
        printf("[  NOTE    ] %s\n", error.text);
        fflush(stdout);
        _exit(255);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGSYS ? KILLED : 1000 + WTERMSIG(status);
    return WEXITSTATUS(status) == 255 ? NOT_ENTERED : WEXITSTATUS(status);
}

static int landlock_abi(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

/* A user's step is for root; others are in without it. */
static bool can_be_tried(int step, int abi)
{
    bool has_user = step != ALL && step != USER ? true : geteuid() == 0;
    bool has_files = step != ALL && step != LANDLOCK ? true : landlock_abi() >= (abi > 1 ? abi : 1);
    return has_user && has_files;
}

static const struct {
    const char *what;
    int (*attempt)(void);
    int step, wanted, abi; /* what must come of it, with a Landlock of this age */
} rows[] = {
    {"the shadow file", open_shadow, ALL, EACCES, 0},
    {"the shadow file, by the user alone", open_shadow, USER, EACCES, 0},
    {"the shadow file, by Landlock alone", open_shadow, LANDLOCK, EACCES, 0},
    {"an allowed file", read_what_is_allowed, ALL, DONE, 0},
    {"an allowed folder", list_what_is_allowed, ALL, DONE, 0},
    {"a file outside", read_outside, ALL, EACCES, 0},
    {"writing a file that is to be read", write_what_is_to_be_read, ALL, EACCES, 0},
    {"writing outside", write_outside, ALL, EACCES, 0},
    {"a new file outside", make_outside, ALL, EACCES, 0},
    {"appending", append, ALL, DONE, 0},
    {"a new file to append to", make_what_is_appended_to, ALL, DONE, 0},
    {"cutting what is appended to", cut_what_is_appended_to, ALL, EACCES, 3},
    {"reading what is appended to", read_what_is_appended_to, ALL, EACCES, 0},
    {"removing what is appended to", remove_what_is_appended_to, ALL, EACCES, 0},
    {"all with what is kept", use_what_is_kept, ALL, DONE, 0},
    {"a socket", make_a_socket, ALL, EPERM, 0},
    {"a socket, by seccomp alone", make_a_socket, SECCOMP, EPERM, 0},
    {"a pair of sockets", make_a_pair_of_sockets, ALL, EPERM, 0},
    {"a connection", connect_by_tcp, ALL, EPERM, 0},
    {"a connection, by seccomp alone", connect_by_tcp, SECCOMP, EPERM, 0},
    {"a connection, by Landlock alone", connect_by_tcp, LANDLOCK, EACCES, 4},
    {"a TCP port, by Landlock alone", bind_tcp, LANDLOCK, EACCES, 4},
    {"another socket's address", bind_another_socket, ALL, DONE, 0},
    {"a program", run_a_program, ALL, KILLED, 0},
    {"a program, by seccomp alone", run_a_program, SECCOMP, KILLED, 0},
    {"a program, by Landlock alone", run_a_program, LANDLOCK, EACCES, 0},
    {"a process", fork_a_process, ALL, KILLED, 0},
    {"a thread", make_a_thread, ALL, DONE, 0},
    {"tracing", trace_the_parent, ALL, KILLED, 0},
    {"tracing, by the user alone", trace_the_parent, USER, EPERM, 0},
    {"a signal", signal_the_parent, ALL, EPERM, 0},
    {"a signal, by Landlock alone", signal_the_parent, LANDLOCK, EPERM, 6},
    {"root", become_root, ALL, KILLED, 0},
    {"root, by the user alone", become_root, USER, EPERM, 0},
    {"groups, by the user alone", take_groups, USER, EPERM, 0},
    {"a capability", raise_a_capability, ALL, KILLED, 0},
    {"a capability, by the user alone", raise_a_capability, USER, EPERM, 0},
    {"who we are", see_who_we_are, USER, DONE, 0},
    {"memory to write code into", write_code, ALL, EPERM, 0},
    {"a second descriptor", copy_a_descriptor, ALL, EPERM, 0},
    {"a call of another system", take_a_call_of_another_system, ALL, KILLED, 0},
};

static void what_is_not_needed_is_refused_and_what_is_needed_works(void **state)
{
    unsigned failed = 0, tried = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!can_be_tried(rows[i].step, rows[i].abi))
            continue;
        int got = in_a_process(rows[i].step, rows[i].attempt);
        if (got != rows[i].wanted)
            print_error("%s: %d (%s), wanted %d (%s)\n", rows[i].what, got, strerror(got), rows[i].wanted,
                        strerror(rows[i].wanted));
        failed += got != rows[i].wanted;
        tried++;
    }
    assert_int_equal(failed, 0);
    assert_true(tried > 0);
}

/* Without any step everything above is possible: else the rows would prove nothing. */
static void without_a_step_the_same_is_possible(void **state)
{
    static int (*const attempts[])(void) = {read_outside,
                                            write_outside,
                                            append,
                                            cut_what_is_appended_to,
                                            read_what_is_appended_to,
                                            make_a_pair_of_sockets,
                                            connect_by_tcp,
                                            run_a_program,
                                            fork_a_process,
                                            signal_the_parent,
                                            write_code,
                                            copy_a_descriptor};
    (void)state;
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        pid_t child = fork();
        int status;
        if (child == 0)
            _exit(attempts[i]());
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fail_msg("attempt %zu: status %x", i, (unsigned)status);
    }
}

static void steps_are_taken_out_by_name(void **state)
{
    struct sandbox_options options = {.user = NULL};
    struct error error;
    (void)state;
    assert_int_equal(sandbox_skip(&options, "landlock", &error), STATUS_OK);
    assert_false(options.skips[SANDBOX_USER] || options.skips[SANDBOX_SECCOMP]);
    assert_true(options.skips[SANDBOX_LANDLOCK]);
    assert_int_equal(sandbox_skip(&options, "secomp", &error), STATUS_INVALID);
    assert_string_equal(error.text, "--no-sandbox: there is no step 'secomp'; did you mean 'seccomp'?");
    assert_int_equal(sandbox_skip(&options, "", &error), STATUS_INVALID);
    assert_int_equal(sandbox_skip(&options, "all", &error), STATUS_OK);
    assert_true(options.skips[SANDBOX_USER] && options.skips[SANDBOX_SECCOMP]);
}

static void what_is_kept_is_said(void **state)
{
    struct sandbox_options options = {.user = NULL};
    char said[SANDBOX_SAID_SIZE];
    (void)state;
    assert_int_equal(sandbox_skip(&options, "all", NULL), STATUS_OK);
    assert_int_equal(sandbox_enter(&options, said, NULL), STATUS_OK);
    assert_string_equal(said, "user and capabilities kept (--no-sandbox user); files and networks not limited "
                              "(--no-sandbox landlock); system calls not limited (--no-sandbox seccomp)");
}

static void a_user_that_will_not_do_is_refused(void **state)
{
    struct sandbox_options options = {.user = "no-such-user", .skips = {[SANDBOX_LANDLOCK] = true}};
    struct error error;
    (void)state;
    assert_int_equal(sandbox_check(&options, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "there is no user 'no-such-user'"));
    assert_non_null(strstr(error.text, "--no-sandbox user"));
    options.user = "root";
    if (geteuid() == 0) {
        assert_int_equal(sandbox_check(&options, &error), STATUS_INVALID);
        assert_non_null(strstr(error.text, "rights of root"));
    }
    options.skips[SANDBOX_USER] = true;
    assert_int_equal(sandbox_check(&options, &error), STATUS_INVALID);
    assert_non_null(strstr(error.text, "contradict"));
}

static void *wait_for_a_byte(void *context)
{
    char byte;
    return read(*(const int *)context, &byte, 1) < 0 ? context : NULL;
}

static int enter_beside_a_thread(void)
{
    struct sandbox_options options = options_of(ALL);
    char said[SANDBOX_SAID_SIZE];
    pthread_t thread;
    int fds[2];
    if (pipe(fds) != 0 || pthread_create(&thread, NULL, wait_for_a_byte, &fds[0]) != 0)
        return 1;
    options.skips[SANDBOX_USER] = true;
    options.skips[SANDBOX_LANDLOCK] = true;
    enum status status = sandbox_enter(&options, said, NULL);
    bool is_written = write(fds[1], "", 1) == 1;
    pthread_join(thread, NULL);
    return status == STATUS_IO && is_written ? 0 : 2;
}

static void beside_another_thread_no_step_is_taken(void **state)
{
    (void)state;
    pid_t child = fork();
    int status;
    if (child == 0)
        _exit(enter_beside_a_thread());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_step_the_same_is_possible),
        cmocka_unit_test(what_is_not_needed_is_refused_and_what_is_needed_works),
        cmocka_unit_test(steps_are_taken_out_by_name),
        cmocka_unit_test(what_is_kept_is_said),
        cmocka_unit_test(a_user_that_will_not_do_is_refused),
        cmocka_unit_test(beside_another_thread_no_step_is_taken),
    };
    return cmocka_run_group_tests_name("cli/sandbox", tests, set_up, tear_down);
}
