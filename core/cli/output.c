#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "error/error.h"

/* A document: token, header, claims and their indentation. */
#define DOCUMENT_LIMIT (32u * 1024u * 1024u)

/* --- escaping --- */

/* Length of the UTF-8 sequence at p, and its code point; 0 when it is not well-formed. */
static size_t utf8_next(const unsigned char *p, size_t len, unsigned *code)
{
    size_t want = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    if (want > len || !azattest__utf8_valid(azattest__bytes(p, want)))
        return 0;
    *code = want == 1 ? p[0] : p[0] & (0x7fu >> want);
    for (size_t i = 1; i < want; i++)
        *code = *code << 6 | (p[i] & 0x3fu);
    return want;
}

/* What can move a cursor, start a terminal sequence, or turn the reading order round. */
static bool is_unsafe(unsigned code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0xad || code == 0x61c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xe0000 && code <= 0xe007f);
}

static void escape_code(unsigned code, azattest__buf *out)
{
    if (code >= 0x10000) /* as JSON writes it */
        azattest__buf_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
    else
        azattest__buf_printf(out, "\\u%04x", code);
}

char *azattest__escaped(const char *text, size_t limit)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = strlen(text);
    azattest__buf out;
    char *copy;

    azattest__buf_init(&out, 6 * limit + 64); /* no byte needs more than the six of \\u0000 */
    for (size_t i = 0, step; i < len; i += step) {
        unsigned code;

        if (out.len >= limit) {
            azattest__buf_printf(&out, "... (%zu bytes more)", len - i);
            break;
        }
        if ((step = utf8_next(p + i, len - i, &code)) == 0)
            azattest__buf_printf(&out, "\\x%02x", p[i]);
        else if (code == '\n' || code == '\t')
            azattest__buf_append_text(&out, code == '\n' ? "\\n" : "\\t");
        else if (is_unsafe(code))
            escape_code(code, &out);
        else
            azattest__buf_append(&out, p + i, step);
        step = step == 0 ? 1 : step;
    }
    copy = out.status == AZATTEST_OK ? azattest__dup(out.ptr == NULL ? (const void *)"" : out.ptr, out.len) : NULL;
    azattest__buf_free(&out);
    return copy;
}

char *azattest__formatted(const char *format, va_list list)
{
    char *text = NULL;

    return vasprintf(&text, format, list) < 0 ? NULL : text;
}

void azattest__output_note(const char *format, ...)
{
    va_list list;
    char *text, *safe = NULL;

    va_start(list, format);
    text = azattest__formatted(format, list);
    va_end(list);
    if (text != NULL)
        safe = azattest__escaped(text, AZATTEST__LINE_LIMIT);
    fprintf(stderr, "azattest: %s\n", safe == NULL ? "out of memory" : safe);
    free(safe);
    free(text);
}

/* --- JSON --- */

int azattest__output_json(azattest__json *document, int code)
{
    azattest_error *error = NULL;
    azattest__buf text, safe;
    const unsigned char *p;

    azattest__buf_init(&text, DOCUMENT_LIMIT);
    azattest__buf_init(&safe, 2 * DOCUMENT_LIMIT);
    if (azattest__json_print(document, true, &text, &error) != AZATTEST_OK)
        goto done;
    /* Valid JSON may hold what a terminal obeys (C1 controls, direction marks), but only inside strings. */
    p = text.ptr;
    for (size_t i = 0, step; i < text.len; i += step) {
        unsigned point = 0;

        step = utf8_next(p + i, text.len - i, &point);
        if (step == 0) { /* the name of a file, which need not be UTF-8 as JSON has to be */
            step = 1;
            azattest__buf_append_text(&safe, "\\ufffd");
        } else if (point != '\n' && is_unsafe(point)) {
            escape_code(point, &safe);
        } else {
            azattest__buf_append(&safe, p + i, step);
        }
    }
    if (azattest__error_from_buf(&error, &safe, "JSON document") == AZATTEST_OK) {
        fwrite(safe.ptr, 1, safe.len, stdout);
        fputc('\n', stdout);
    }
done:
    if (error != NULL) {
        azattest__output_note("%s", azattest_error_message(error));
        code = EXIT_UNREACHED;
    }
    azattest_error_free(error);
    azattest__buf_free(&text);
    azattest__buf_free(&safe);
    azattest__json_free(document);
    return code;
}

/* Members that are there only when known. */
static void put_text(azattest__json *object, const char *name, const char *text)
{
    if (text != NULL)
        azattest__json_put_string(object, name, text);
}

static void put_json(azattest__json *object, const char *name, const char *json)
{
    if (json != NULL && azattest__json_check(azattest__text(json), NULL) == AZATTEST_OK)
        azattest__json_put_raw(object, name, azattest__text(json));
    else
        put_text(object, name, json);
}

azattest__json *azattest__error_json(const azattest_error *error)
{
    azattest__json *object = azattest__json_new_object();

    azattest__json_put_string(object, "code", azattest_status_name(azattest_error_code(error)));
    azattest__json_put_string(object, "message", azattest_error_message(error));
    azattest__json_put_string(object, "hint", azattest_error_hint(error));
    azattest__json_put_integer(object, "status_code", azattest_error_status_code(error));
    azattest__json_put_string(object, "error_code", azattest_error_error_code(error));
    put_text(object, "reason", azattest_error_reason(error));
    put_text(object, "service_message", azattest_error_service_message(error));
    put_text(object, "target", azattest_error_target(error));
    put_json(object, "details", azattest_error_details(error));
    put_json(object, "inner_error", azattest_error_inner_error(error));
    put_text(object, "client_request_id", azattest_error_client_request_id(error));
    put_text(object, "request_id", azattest_error_request_id(error));
    if (azattest_error_retry_after_ms(error) >= 0)
        azattest__json_put_integer(object, "retry_after_ms", azattest_error_retry_after_ms(error));
    if (azattest_error_attempts(error) > 0)
        azattest__json_put_integer(object, "attempts", azattest_error_attempts(error));
    put_text(object, "body", azattest_error_body(error));
    return object;
}

static void add_problem(azattest__json *list, azattest_status code, const char *detail)
{
    azattest__json *problem = azattest__json_new_object();

    azattest__json_put_string(problem, "code", azattest_status_name(code));
    azattest__json_put_string(problem, "check", azattest_status_check(code));
    azattest__json_put_string(problem, "detail", detail);
    azattest__json_add(list, problem);
}

azattest__json *azattest__problems_json(const azattest_error *error)
{
    azattest__json *list = azattest__json_new_array();
    size_t count = error == NULL ? 0 : azattest_error_problem_count(error);

    for (size_t i = 0; i < count; i++)
        add_problem(list, azattest_error_problem_code(error, i), azattest_error_problem_detail(error, i));
    if (error != NULL && count == 0)
        add_problem(list, azattest_error_code(error), azattest_error_message(error));
    return list;
}

/* --- failures --- */

int azattest__exit_code(const azattest_error *error)
{
    int http = azattest_error_status_code(error);

    switch (azattest_error_code(error)) {
    case AZATTEST_E_ARGUMENT:
        return EXIT_WRONG_USE;
    case AZATTEST_E_CANCELLED:
        return EXIT_INTERRUPTED;
    case AZATTEST_E_HTTP: /* refused; a service that is busy, broken or elsewhere was not reached */
        return http >= 400 && http < 500 && http != 408 && http != 429 ? EXIT_NOT_VALID : EXIT_UNREACHED;
    case AZATTEST_E_STATE:
    case AZATTEST_E_MEMORY:
    case AZATTEST_E_CRYPTO:
    case AZATTEST_E_TRANSPORT:
    case AZATTEST_E_TIMEOUT:
    case AZATTEST_E_RESPONSE:
    case AZATTEST_E_CREDENTIAL_UNAVAILABLE: /* nobody was asked, so nobody refused */
        return EXIT_UNREACHED;
    default:
        return EXIT_NOT_VALID;
    }
}

int azattest__output_failure(bool json, azattest_error *error)
{
    int code = azattest__exit_code(error);

    azattest__output_note("%s", azattest_error_message(error));
    if (azattest_error_hint(error) != NULL)
        azattest__output_note("%s", azattest_error_hint(error));
    if (azattest_error_request_id(error) != NULL && !json)
        azattest__output_note("request id of the service: %s", azattest_error_request_id(error));
    if (json) {
        azattest__json *document = azattest__json_new_object();

        azattest__json_put(document, "error", azattest__error_json(error));
        code = azattest__output_json(document, code);
    }
    azattest_error_free(error);
    return code;
}

/* --- for people --- */

bool azattest__output_coloured(FILE *to)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return isatty(fileno(to)) && (no_color == NULL || no_color[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

void azattest__output_answer(azattest__verdict verdict, const char *word, const char *text)
{
    static const char *const colours[] = {
        [VERDICT_INVALID] = "\033[1;31m",
        [VERDICT_VALID] = "\033[1;32m",
        [VERDICT_UNVERIFIED] = "\033[1;33m",
    };
    bool colour = azattest__output_coloured(stdout);
    char *safe = azattest__escaped(text, AZATTEST__LINE_LIMIT);

    printf("%s%s%s  %s\n", colour ? colours[verdict] : "", word, colour ? "\033[0m" : "", safe == NULL ? "" : safe);
    free(safe);
}

void azattest__output_verdict(azattest__verdict verdict, const char *format, ...)
{
    static const char *const words[] = {
        [VERDICT_INVALID] = "NOT VALID",
        [VERDICT_VALID] = "VALID",
        [VERDICT_UNVERIFIED] = "UNVERIFIED",
    };
    va_list list;
    char *text;

    va_start(list, format);
    text = azattest__formatted(format, list);
    va_end(list);
    azattest__output_answer(verdict, words[verdict], text == NULL ? "" : text);
    free(text);
}

void azattest__output_list(const char *heading, const azattest__json *texts)
{
    const azattest__json *item = azattest__json_first(texts);

    if (item == NULL)
        return;
    printf("\n%s\n", heading);
    for (; item != NULL; item = azattest__json_next(item)) {
        char *safe = azattest__escaped(azattest__json_string(item), AZATTEST__LINE_LIMIT);

        printf("  %s\n", safe == NULL ? "" : safe);
        free(safe);
    }
}

void azattest__output_log(void *user, azattest_log_level level, const char *message)
{
    static const char *const names[] = { "", "verbose", "info", "warning", "error" };

    (void)user;
    azattest__output_note("%s: %s", names[level >= AZATTEST_LOG_VERBOSE && level <= AZATTEST_LOG_ERROR ? level : 0],
                          message);
}

void azattest__output_text(const char *text)
{
    const char *end;
    char *line, *safe;

    if (!isatty(STDOUT_FILENO)) {
        fputs(text, stdout);
        return;
    }
    for (; *text != '\0'; text = *end == '\0' ? end : end + 1) {
        end = text + strcspn(text, "\n");
        line = azattest__dup(text, (size_t)(end - text));
        safe = line == NULL ? NULL : azattest__escaped(line, AZATTEST__LINE_LIMIT);
        printf("%s\n", safe == NULL ? "?" : safe);
        free(safe);
        free(line);
    }
}
