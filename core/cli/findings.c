/* What is found in a policy, for people: the message, the line of the source, a caret under the place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_source.h"

/* What a terminal shows of a line: a whole policy may stand on one. */
enum { WINDOW = 100, BEFORE = 60 };

azattest__gravity azattest__gravity_of(const char *severity)
{
    if (severity != NULL && strcmp(severity, "note") == 0)
        return GRAVITY_NOTE;
    return severity != NULL && strcmp(severity, "warning") == 0 ? GRAVITY_WARNING : GRAVITY_ERROR;
}

const char *azattest__policy_file_shown(const azattest__policy_file *source)
{
    return strcmp(source->name, "-") == 0 ? "<stdin>" : source->name;
}

azattest__json *azattest__findings_json(const azattest_policy_report *report, azattest__gravity least)
{
    azattest__json *all = NULL, *list = azattest__json_new_array();

    if (azattest__json_parse(azattest_policy_report_json(report), &all, NULL) == AZATTEST_OK)
        for (const azattest__json *each = azattest__json_first(all); each != NULL; each = azattest__json_next(each))
            if (azattest__gravity_of(azattest__json_get_string(each, "severity")) >= least)
                azattest__json_add(list, azattest__json_copy(each));
    azattest__json_free(all);
    return list;
}

char *azattest__one_line(azattest_bytes source)
{
    const char *text = source.ptr;
    bool in_string = false, blank = false;
    azattest__buf line;
    char *made;

    azattest__buf_init(&line, AZATTEST_LIMIT_POLICY);
    for (size_t i = 0; i < source.len; i++) {
        if (!in_string && text[i] == '/') { /* a comment: the language has no other use of it */
            while (i + 1 < source.len && text[i + 1] != '\n')
                i++;
        } else if (!in_string && strchr(" \t\r\n", text[i]) != NULL) {
            blank = line.len > 0;
        } else {
            if (blank)
                azattest__buf_append_text(&line, " ");
            blank = false;
            azattest__buf_append(&line, text + i, 1);
            if (in_string && text[i] == '\\' && i + 1 < source.len)
                azattest__buf_append(&line, text + ++i, 1);
            else if (text[i] == '"')
                in_string = !in_string;
        }
    }
    made = azattest__escaped(line.ptr == NULL ? "" : (const char *)line.ptr, AZATTEST__LINE_LIMIT);
    azattest__buf_free(&line);
    return made;
}

/* The line around an offset. */
static azattest_bytes line_of(const azattest__policy_file *source, size_t offset)
{
    const char *text = (const char *)source->text.ptr;
    size_t first, end;

    offset = offset > source->text.len ? source->text.len : offset;
    for (first = offset; first > 0 && text[first - 1] != '\n'; first--)
        ;
    for (end = offset; end < source->text.len && text[end] != '\n'; end++)
        ;
    if (end > first && text[end - 1] == '\r')
        end--;
    return azattest__bytes(text + first, end - first);
}

static size_t char_length(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* One column for each character: tabs are blanks, and what a terminal obeys is a question mark. */
static void print_char(FILE *to, const unsigned char *p, size_t length)
{
    char *safe, one[5] = "";

    memcpy(one, p, length);
    if (*p == '\t') {
        fputc(' ', to);
        return;
    }
    safe = azattest__escaped(one, sizeof(one));
    fputs(safe == NULL || strcmp(safe, one) != 0 ? "?" : safe, to);
    free(safe);
}

static void print_place(FILE *to, const azattest__policy_file *source, const azattest_policy_report *report,
                        size_t index)
{
    size_t column = azattest_policy_report_column(report, index), length = azattest_policy_report_length(report, index);
    azattest_bytes line = line_of(source, azattest_policy_report_offset(report, index));
    size_t skipped = column > BEFORE ? column - BEFORE : 0, seen = 0, marked = 0, at, offset;
    const unsigned char *p = line.ptr;
    int margin = fprintf(to, "%5u | ", (unsigned)azattest_policy_report_line(report, index));

    margin += skipped > 0 ? fprintf(to, "...") : 0;
    offset = azattest_policy_report_offset(report, index) - (size_t)((const char *)p - (const char *)source->text.ptr);
    for (at = 0; at < line.len && seen < skipped + WINDOW; seen++) {
        size_t step = char_length(p[at]);

        if (step > line.len - at)
            break;
        if (seen >= skipped)
            print_char(to, p + at, step);
        marked += at > offset && at < offset + length; /* the caret is the first of them */
        at += step;
    }
    fprintf(to, "%s\n%*s^", at < line.len ? "..." : "", margin + (int)(column - 1 - skipped), "");
    for (; marked > 0; marked--)
        fputc('~', to);
    fputc('\n', to);
}

static void print_finding(FILE *to, const azattest__policy_file *source, size_t index, bool colour)
{
    static const char *const colours[] = { "\033[1;36m", "\033[1;33m", "\033[1;31m" };
    const azattest_policy_report *report = source->report;
    const char *severity = azattest_policy_report_severity(report, index);
    char *name = azattest__escaped(azattest__policy_file_shown(source), AZATTEST__LINE_LIMIT);
    char *message = azattest__escaped(azattest_policy_report_message(report, index), AZATTEST__LINE_LIMIT);

    fprintf(to, "%s:%u:%u: %s%s:%s %s [%s]\n", name == NULL ? "?" : name,
            (unsigned)azattest_policy_report_line(report, index),
            (unsigned)azattest_policy_report_column(report, index),
            colour ? colours[azattest__gravity_of(severity)] : "", severity, colour ? "\033[0m" : "",
            message == NULL ? "?" : message, azattest_policy_report_id(report, index));
    print_place(to, source, report, index);
    free(message);
    free(name);
}

void azattest__findings_print(FILE *to, const azattest__policy_file *source, azattest__gravity least)
{
    bool colour = azattest__output_coloured(to);

    for (size_t i = 0; i < azattest_policy_report_count(source->report); i++)
        if (azattest__gravity_of(azattest_policy_report_severity(source->report, i)) >= least)
            print_finding(to, source, i, colour);
}
