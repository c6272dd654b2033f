#include "evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

const char *evidence_folder(void)
{
    static const char *folder;
    static bool looked;
    struct stat info;

    if (looked)
        return folder;
    looked = true;
    folder = getenv("AZATTEST_EVIDENCE");
    if (folder == NULL || *folder == '\0')
        folder = AZATTEST_SOURCE_FOLDER "/../shared/evidence";
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
        fprintf(stderr,
                "SKIPPED: no evidence folder at %s (set AZATTEST_EVIDENCE): tests on real evidence do not run\n",
                folder);
        folder = NULL;
    }
    return folder;
}

unsigned char *evidence_read(const char *name, size_t *len)
{
    char path[4096];
    unsigned char *data = NULL;
    FILE *file;
    long size;

    snprintf(path, sizeof(path), "%s/%s", evidence_folder(), name);
    file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0 ||
        (data = malloc((size_t)size + 1)) == NULL || fread(data, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    fclose(file);
    data[size] = '\0';
    if (len != NULL)
        *len = (size_t)size;
    return data;
}
