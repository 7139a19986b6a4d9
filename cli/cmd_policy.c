#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"

static void print_row(void *context, const struct policy *p)
{
    (void)context;
    printf("%-24s %-5s %s\n%-30s", p->id, p->is_allow_list ? "allow" : "deny", p->title, "");
    for (size_t i = 0; i < p->code_count; i++)
        printf(" %s%s", p->codes[i].country.code, p->codes[i].is_conditional ? "?" : "");
    for (size_t i = 0; i < p->vendor_count; i++)
        printf(" vendor:%s", p->vendors[i]);
    printf("%s\n", p->code_count + p->vendor_count == 0 ? " (empty: a template)" : "");
}

static void print_time(const char *word, struct packet_time time)
{
    char text[PACKET_TIME_TEXT_SIZE];
    if (time.ns == 0)
        return;
    packet_time_print(time, text);
    printf(" %s %.10s", word, text);
}

static void print_whole(const struct policy *p)
{
    printf("%s: %s\n%s list, checked %s\nsource: %s\nfile: %s\naxes:", p->id, p->title,
           p->is_allow_list ? "allow" : "deny", p->checked, p->source, p->file);
    for (unsigned axis = 0; axis < AXIS_COUNT; axis++)
        if (p->axes & 1U << axis)
            printf(" %s", axis_text((enum axis)axis));
    putchar('\n');
    for (size_t i = 0; i < p->code_count; i++) {
        const struct policy_code *code = &p->codes[i];
        const char *name = country_name(code->country);
        printf("  %s %s%s", code->country.code, name ? name : "", code->is_conditional ? " (conditional)" : "");
        print_time("since", code->since);
        print_time("until", code->until);
        printf("%s%s\n", code->note ? ": " : "", code->note ? code->note : "");
    }
    for (size_t i = 0; i < p->vendor_count; i++)
        printf("  vendor %s\n", p->vendors[i]);
}

static int show(const char *directory, const char *name)
{
    struct policy_set *set;
    const struct policy *const *policies;
    struct error error;
    if (policy_set_load(directory, &name, 1, NULL, &set, &error) != STATUS_OK) {
        complain("%s", error.text);
        return EXIT_FAILED;
    }
    size_t count = policy_set_policies(set, &policies);
    for (size_t i = 0; i < count; i++)
        print_whole(policies[i]);
    policy_set_free(set);
    return EXIT_DONE;
}

static void print_problem(void *context, const struct policy_problem *problem)
{
    (void)context;
    const char *kind = problem->is_error ? "error" : "warning";
    if (problem->line == 0) /* the file as a whole */
        printf("%s: %s: %s\n", problem->file, kind, problem->text);
    else
        printf("%s:%u: %s: %s\n", problem->file, problem->line, kind, problem->text);
}

static struct packet_time today(void)
{
    return packet_time_from_sec((int64_t)time(NULL));
}

static int is_yaml(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static size_t check_directory(const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_yaml, alphasort);
    size_t errors = count < 0;
    if (count < 0)
        complain("%s: no policies there", directory);
    for (int i = 0; i < count; i++) {
        char *path;
        if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) >= 0) {
            errors += policy_check(path, today(), print_problem, NULL);
            free(path);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return errors;
}

static int check(const char *directory, struct options *options)
{
    size_t errors = 0;
    if (options->argument_count == 1)
        errors = check_directory(directory);
    for (int i = 1; i < options->argument_count; i++)
        errors += policy_check(options->arguments[i], today(), print_problem, NULL);
    printf("%zu error%s\n", errors, errors == 1 ? "" : "s");
    return errors == 0 ? EXIT_DONE : EXIT_FAILED;
}

int cmd_policy(struct options *options)
{
    const char *verb = options->argument_count > 0 ? options->arguments[0] : "";
    char *directory;
    struct error error;
    int ret = EXIT_USAGE;
    if (asprintf(&directory, "%s/jurisdictions", catalog_directory(options)) < 0)
        return EXIT_FAILED;
    if (strcmp(verb, "check") == 0) {
        ret = check(directory, options);
    } else if (strcmp(verb, "show") == 0 && options->argument_count == 2) {
        ret = show(directory, options->arguments[1]);
    } else if (strcmp(verb, "list") == 0 && options->argument_count == 1) {
        ret = EXIT_DONE;
        if (policy_list(directory, print_row, NULL, &error) != STATUS_OK) {
            complain("%s", error.text);
            ret = EXIT_FAILED;
        }
    } else {
        complain("policy takes `list`, `show ID` or `check [FILE...]`");
    }
    free(directory);
    return ret;
}
