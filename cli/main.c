#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "nearest_word.h"

static const struct {
    const char *name;
    int (*run)(struct options *options);
    const char *arguments, *description;
} commands[] = {
    {"read", cmd_read, "[options] FILE...", "capture files or directories; \"-\" is standard input"},
    {"watch", cmd_watch, "[options] -i INTERFACE", "live from a span port, until a signal ends it"},
    {"lookup", cmd_lookup, "[options] NAME|ADDRESS...",
     "what catalogue and databases say about it; \"-\" reads a list"},
    {"explain", cmd_explain, "[options] FINDING-ID [FILE...]",
     "why a finding of a JSON file, or of standard input, is what it is"},
    {"findings", cmd_findings,
     "list | show ID | accept ID --owner NAME --reason TEXT --until DAY | accept ID --withdraw",
     "what the file of --store holds, and who answers for it"},
    {"catalog", cmd_catalog, "list | show ID | check", "the product catalogue"},
    {"policy", cmd_policy, "list | show ID | check [FILE...]",
     "the policies: whose law is of concern, by which authority"},
    {"paths", cmd_paths, "dump FILE... | show ADDRESS... | status",
     "routing data: every route in a file, the path to an address, what is loaded"},
    {"geo", cmd_geo, "status | compare", "the address databases: what each is, and where two contradict each other"},
    {"version", cmd_version, "", "versions of the program, its libraries, catalogue and databases"},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

/* Sentences hold what was typed, and names of files: no byte of them may steer the terminal. */
void put_safely(const char *text, FILE *stream)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) /* C1 in UTF-8 */
            fprintf(stream, "\\u{%x}", *++at);
        else if (*at < 0x20 || *at == 0x7f)
            fprintf(stream, "\\x%02x", *at);
        else
            putc(*at, stream);
    }
}

static bool is_line_shown;

/* The cursor stays before it: findings may go to the same terminal. */
void show_line(const char *line)
{
    if (*line != '\0' || is_line_shown)
        fprintf(stderr, "\r%s\033[K\r", line);
    is_line_shown = *line != '\0';
}

void complain(const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fflush(stdout);
    show_line("");
    fputs("bordertap: ", stderr);
    put_safely(text, stderr);
    putc('\n', stderr);
}

static void usage(FILE *stream)
{
    fputs("usage: bordertap COMMAND ...\n\n", stream);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(stream, "  %-8s %-33s %s\n", commands[i].name, commands[i].arguments, commands[i].description);
    fputs("\noptions:\n", stream);
}

static const char *nearest_command(const char *wrong)
{
    const char *names[COMMAND_COUNT + 1] = {NULL};
    for (int i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    return nearest_word(wrong, names);
}

static int refuse_command(const char *name)
{
    const char *near = nearest_command(name);
    if (near != NULL)
        complain("unknown command '%s'; did you mean '%s'?", name, near);
    else
        complain("unknown command '%s'; `bordertap --help` lists them", name);
    return EXIT_USAGE;
}

static int run_command(int i, int argc, char **argv, struct options *options)
{
    if (!options_parse(argc, argv, options))
        return EXIT_USAGE;
    if (!options->help)
        return commands[i].run(options);
    printf("usage: bordertap %s %s\n       %s\n\noptions:\n", commands[i].name, commands[i].arguments,
           commands[i].description);
    options_print(stdout);
    return EXIT_DONE;
}

static int run(int argc, char **argv)
{
    struct options options;
    signal(SIGPIPE, SIG_IGN); /* a consumer that goes away is an error of its feed, not our death */
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        usage(stdout);
        options_print(stdout);
        return EXIT_DONE;
    }
    if (strcmp(name, "--version") == 0)
        name = "version";
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i].name) == 0) {
            int ret = run_command(i, argc - 1, argv + 1, &options);
            options_clear(&options);
            return ret;
        }
    if (argc > 1)
        return refuse_command(name);
    usage(stderr);
    options_print(stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    int ret = run(argc, argv);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "bordertap: standard output: writing failed: %s\n", strerror(errno ? errno : EIO));
        return EXIT_FAILED;
    }
    return ret;
}
