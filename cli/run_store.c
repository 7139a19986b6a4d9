#include "cli/run_store.h"

#include <stdlib.h>

void run_store_open(const struct options *options, struct run_store *ret)
{
    struct error error;
    *ret = (struct run_store){0};
    if (options->store == NULL)
        return;
    if (store_open(options->store, STORE_RUN, &ret->store, &error) == STATUS_OK)
        return;
    complain("%s; going on without it: findings are told and not kept", error.text);
    ret->has_failed = true;
}

static void remember(struct run_store *s, const struct store_input *input)
{
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 16;
        struct store_input *inputs = realloc(s->inputs, room * sizeof(*inputs));
        if (inputs == NULL) /* then it would be read again one day: nothing worse */
            return;
        s->inputs = inputs;
        s->room = room;
    }
    s->inputs[s->count++] = *input;
}

bool run_store_wants(void *context, const char *path)
{
    struct run_store *s = context;
    struct store_input input = {.path = path};
    char when[STORE_DAY_SIZE];
    if (s->store == NULL || !store_identify(path, input.identity))
        return true;
    if (!store_knows(s->store, input.identity, when)) {
        remember(s, &input);
        return true;
    }
    if (s->known++ == 0) {
        snprintf(s->known_path, sizeof(s->known_path), "%s", path);
        snprintf(s->known_when, sizeof(s->known_when), "%s", when);
    }
    return false;
}

static void say_known(const struct run_store *s, const struct options *options)
{
    if (s->known == 1)
        complain("%s: passed over, it was read into %s on %s UTC and would count twice", s->known_path, options->store,
                 s->known_when);
    else if (s->known > 1)
        complain("%zu files: passed over, they were read into %s before and would count twice", s->known,
                 options->store);
}

void run_store_begin(struct run_store *s, const struct options *options)
{
    if (s->store == NULL)
        return;
    if (!options->quiet)
        say_known(s, options);
    store_begin_run(s->store, options->sensor, BORDERTAP_VERSION, s->inputs, s->count);
    free(s->inputs);
    s->inputs = NULL;
    s->count = s->room = 0;
}

void run_store_say(struct run_store *s)
{
    const char *trouble = s->store ? store_trouble(s->store) : NULL;
    if (trouble == NULL || s->has_failed)
        return;
    complain("%s; what it cannot keep is told all the same", trouble);
    s->has_failed = true;
}

bool run_store_close(struct run_store *s, bool is_whole)
{
    if (s->store != NULL && is_whole)
        store_end_run(s->store);
    run_store_say(s);
    bool ok = !s->has_failed;
    store_close(s->store);
    free(s->inputs);
    *s = (struct run_store){0};
    return ok;
}
