/* What the examples share: files and keys in them, and how a failure and a refusal are told. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>
#include <azattest/transport.h>

/* A key, a quote, a policy or a token: a few kilobytes. What fills it was longer, and is refused. */
typedef struct file {
    char content[65537];
    size_t length;
} file;

static inline bool read_file(const char *path, file *out)
{
    FILE *stream = fopen(path, "rb");

    out->length = stream == NULL ? 0 : fread(out->content, 1, sizeof(out->content), stream);
    if (stream != NULL)
        fclose(stream);
    if (out->length == 0 || out->length == sizeof(out->content)) {
        fprintf(stderr, "%s: empty, too long, or cannot be read\n", path);
        return false;
    }
    return true;
}

static inline bool write_file(const char *path, azattest_bytes content)
{
    FILE *stream = fopen(path, "wb");
    bool written = stream != NULL && fwrite(content.ptr, 1, content.len, stream) == content.len;

    if (stream != NULL)
        written = fclose(stream) == 0 && written;
    if (!written)
        fprintf(stderr, "cannot write %s\n", path);
    return written;
}

static inline azattest_bytes bytes_of(const file *from)
{
    return (azattest_bytes){ from->content, from->length };
}

static inline bool read_key(const char *key_file, const char *certificate_file, azattest_signing_key **out,
                            azattest_error **error)
{
    static file key, certificate;

    return read_file(key_file, &key) && read_file(certificate_file, &certificate) &&
           azattest_signing_key_new(bytes_of(&key), bytes_of(&certificate), NULL, out, error) == AZATTEST_OK;
}

static inline void print_hex(const char *what, const void *data, size_t length)
{
    printf("%s ", what);
    for (size_t i = 0; i < length; i++)
        printf("%02x", ((const unsigned char *)data)[i]);
    printf("\n");
}

/* Says so when something is not as it has to be. */
static inline bool expect(bool holds, const char *otherwise)
{
    if (!holds)
        fprintf(stderr, "stopped: %s\n", otherwise);
    return holds;
}

/* Says what went wrong, if anything did, and frees it. */
static inline void print_error(azattest_error *error)
{
    if (error != NULL)
        fprintf(stderr, "%s: %s\n", azattest_status_name(azattest_error_code(error)), azattest_error_message(error));
    azattest_error_free(error);
}

/* True when a call was refused, and for the expected reason, which is freed; otherwise what happened stays an error. */
static inline bool was_refused(const char *what, azattest_status expected, azattest_status status,
                               azattest_error **error)
{
    if (status != expected) {
        fprintf(stderr, "not refused with %s: %s\n", azattest_status_name(expected), what);
        return false;
    }
    printf("refused: %s: %s: %s\n", what, azattest_status_name(status), azattest_error_message(*error));
    azattest_error_free(*error);
    *error = NULL;
    return true;
}

#endif
