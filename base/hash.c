#include "hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

static uint64_t seed;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void draw_seed(void)
{
    if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
        abort(); /* without it traffic could be made to collide; Linux gives it from early boot on */
}

uint64_t hash_seed(void)
{
    pthread_once(&once, draw_seed);
    return seed;
}
