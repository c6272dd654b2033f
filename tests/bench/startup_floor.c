/*
 * What a process that makes one call and ends cannot leave out: libcurl, one TLS connection, one POST. Nothing of ours
 * is linked, so that its loading does not count here. Usage: bench_startup_floor URL CA_FILE BODY_FILE
 */
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>

static size_t count(char *data, size_t size, size_t number, void *user)
{
    (void)data;
    *(size_t *)user += size * number;
    return size * number;
}

int main(int argc, char **argv)
{
    static char body[65536];
    struct curl_slist *headers = NULL;
    size_t answered = 0, len;
    long status = 0;
    CURL *easy;
    FILE *file;

    if (argc != 4 || (file = fopen(argv[3], "rb")) == NULL) {
        fprintf(stderr, "usage: bench_startup_floor URL CA_FILE BODY_FILE\n");
        return 2;
    }
    len = fread(body, 1, sizeof(body), file);
    fclose(file);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    easy = curl_easy_init();
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
    curl_easy_setopt(easy, CURLOPT_CAINFO, argv[2]);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)len);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, count);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answered);
    if (curl_easy_perform(easy) == CURLE_OK)
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    if (status != 200 || answered == 0) {
        fprintf(stderr, "startup: no answer\n");
        return 1;
    }
    return 0;
}
