/* usage: make_scenarios OUTDIR. Writes a capture for each scenario and OUTDIR/expectations.jsonl. */
#include <stdio.h>
#include <string.h>

#include "certificate.h"
#include "scenario.h"

struct book {
    const char *folder;
    FILE *expectations;
};

static void start_capture(const struct book *book, const char *name, struct capture *ret)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s.pcap", book->folder, name);
    capture_open(ret, path);
}

/* The tables write ' for ", so that they can be read. */
static void put_json(FILE *file, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(*text == '\'' ? '"' : *text, file);
}

static void put_options(FILE *file, const char *options)
{
    fputs("\"options\":[", file);
    for (const char *p = options ? options : ""; *p != '\0';) {
        int length = (int)strcspn(p, " ");
        fprintf(file, "%s\"%.*s\"", p == options ? "" : ",", length, p);
        p += length + (p[length] == ' ');
    }
    fputs("]", file);
}

static void write_scenario(const struct book *book, const struct scenario *scenario)
{
    struct capture out;
    start_capture(book, scenario->name, &out);
    scenario->make(&out);
    capture_close(&out);
    fprintf(book->expectations, "{\"file\":\"%s.pcap\",\"title\":\"%s\",", scenario->name, scenario->title);
    put_options(book->expectations, scenario->options);
    fputs(",\"findings\":[", book->expectations);
    put_json(book->expectations, scenario->findings);
    fputs("]}\n", book->expectations);
}

static void write_table(const struct book *book, const struct scenario *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        write_scenario(book, &table[i]);
}

static void write_agent(const struct book *book, const struct agent_row *row)
{
    struct capture out;
    char file[128];
    snprintf(file, sizeof(file), "agent-%s", row->product);
    start_capture(book, file, &out);
    say_tls(&out, row->server, &(struct tls_setup){.name = row->name});
    capture_close(&out);
    fprintf(book->expectations,
            "{\"file\":\"%s.pcap\",\"title\":\"%s: %s over TLS 1.3\",\"options\":[],\"findings\":[{\"product\":\"%s\","
            "\"purpose\":\"%s\",\"confidence\":\"confirmed\",\"severity\":\"%s\",\"exposure\":\"harvestable\","
            "\"name\":\"%s\",\"name_source\":\"tls_sni\"}]}\n",
            file, row->product, row->purpose, row->product, row->purpose, row->severity, row->name);
}

int main(int argc, char **argv)
{
    char path[4096];
    if (argc != 2) {
        fprintf(stderr, "usage: make_scenarios OUTDIR\n");
        return 2;
    }
    struct book book = {.folder = argv[1]};
    snprintf(path, sizeof(path), "%s/expectations.jsonl", book.folder);
    book.expectations = fopen(path, "w");
    if (book.expectations == NULL)
        give_up("cannot be written", path);
    write_table(&book, vendor_scenarios, vendor_count);
    write_table(&book, exposure_scenarios, exposure_count);
    write_table(&book, place_scenarios, place_count);
    write_table(&book, lookalike_scenarios, lookalike_count);
    write_table(&book, path_scenarios, path_count);
    write_table(&book, rtt_scenarios, rtt_count);
    write_table(&book, damage_scenarios, damage_count);
    write_table(&book, inside_scenarios, inside_count);
    write_table(&book, time_scenarios, time_count);
    write_table(&book, corner_scenarios, corner_count);
    write_table(&book, policy_scenarios, policy_count);
    write_table(&book, route_scenarios, route_count);
    for (size_t i = 0; i < other_agent_count; i++)
        write_agent(&book, &other_agents[i]);
    server_key_free();
    return fclose(book.expectations) != 0;
}
