#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void list(const struct catalog *catalog)
{
    const struct product *const *products;
    size_t count = catalog_products(catalog, &products);
    printf("%-34s %-3s %-7s %s\n", "PRODUCT", "LAW", "KIND", "NAME");
    for (size_t i = 0; i < count; i++) {
        const struct product *p = products[i];
        const char *law = country_is_known(p->vendor->domicile) ? p->vendor->domicile.code : "?";
        printf("%-34s %-3s %-7s %s (%s)\n", p->id, law, p->is_agent ? p->is_engine ? "engine" : "agent" : "other",
               p->name, p->vendor->name);
    }
    printf("%s\n", catalog_edition(catalog));
}

static void show_indicator(const struct indicator *i)
{
    printf("  %-10s %-46s %-13s%s%s\n             %s, read %s (%s:%u)\n", indicator_kind_text(i->kind), i->value,
           purpose_text(i->purpose), i->is_exclusive ? "" : " shared", i->is_unconfirmed ? " unconfirmed" : "",
           i->source, i->read_on, i->file, i->line);
    if (i->note != NULL)
        printf("             %s\n", i->note);
}

static bool show(const struct catalog *catalog, const char *id)
{
    const struct product *product = catalog_find_product(catalog, id);
    const struct vendor *vendor = product ? product->vendor : catalog_find_vendor(catalog, id);
    const struct indicator *const *indicators;
    size_t count = catalog_indicators(catalog, &indicators), shown = 0;
    if (vendor == NULL) {
        complain("no product or vendor '%s' in the catalogue; `bordertap catalog list` names them", id);
        return false;
    }
    printf("%s (%s)\n", product ? product->name : vendor->name, product ? product->id : vendor->id);
    printf("vendor %s, law of %s: %s\n  %s, read %s\n", vendor->name,
           country_is_known(vendor->domicile) ? country_name(vendor->domicile) : "(not stated)", vendor->domicile_basis,
           vendor->domicile_source, vendor->domicile_read);
    for (size_t i = 0; i < count; i++)
        if (product ? indicators[i]->product == product : indicators[i]->product->vendor == vendor) {
            show_indicator(indicators[i]);
            shown++;
        }
    printf("%zu indicators\n", shown);
    return true;
}

static void print_problem(void *context, const struct catalog_problem *problem)
{
    (void)context;
    printf("%s:%u: %s: %s\n", problem->file, problem->line, problem->is_error ? "error" : "warning", problem->text);
}

int cmd_catalog(struct options *options)
{
    const char *verb = options->argument_count > 0 ? options->arguments[0] : "";
    const char *directory = catalog_directory(options);
    struct catalog *catalog;
    struct error error;
    bool ok = true;
    if (strcmp(verb, "check") == 0 && options->argument_count == 1) {
        size_t errors = catalog_check(directory, print_problem, NULL);
        printf("%s: %zu error%s\n", directory, errors, errors == 1 ? "" : "s");
        return errors == 0 ? EXIT_DONE : EXIT_FAILED;
    }
    bool is_show = strcmp(verb, "show") == 0 && options->argument_count == 2;
    bool is_list = strcmp(verb, "list") == 0 && options->argument_count == 1;
    if (!is_show && !is_list) {
        complain("catalog takes `list`, `show ID` or `check`");
        return EXIT_USAGE;
    }
    if (catalog_load(directory, &catalog, &error) != STATUS_OK) {
        complain("%s", error.text);
        return EXIT_FAILED;
    }
    if (is_show)
        ok = show(catalog, options->arguments[1]);
    else
        list(catalog);
    catalog_free(catalog);
    return ok ? EXIT_DONE : EXIT_FAILED;
}
