/*
 * Runs a fuzz target over files and folders given, so that a crash once found stays tested without libFuzzer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long inputs;

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    static uint8_t room[1 << 20];
    size_t size = fread(room, 1, sizeof(room), file);
    fclose(file);
    uint8_t *exact = malloc(size ? size : 1); /* its own block, so that ASan sees one byte too far */
    if (exact == NULL)
        exit(1);
    memcpy(exact, room, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    inputs++;
}

static void replay(const char *path)
{
    struct stat st;
    DIR *folder;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode) || (folder = opendir(path)) == NULL) {
        replay_file(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        replay(inner);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%s: %lu inputs replayed\n", argv[0], inputs);
    return 0;
}
