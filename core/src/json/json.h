/*
 * Strict JSON. A gate checks the text before cJSON sees it: UTF-8, unique member names, no NUL (raw or escaped), no
 * lone surrogate, strict numbers, nesting, counts, nothing behind the value. Numbers keep their source text. Only
 * json.c knows cJSON. Strings with U+0000 cannot occur, so text readers may give plain C strings.
 */
#ifndef AZATTEST_JSON_JSON_H
#define AZATTEST_JSON_JSON_H

#include "../error/error.h"

typedef struct azattest__json azattest__json; /* a value; the root owns all of them */

/* The gate alone. On failure the error (status AZATTEST_E_MALFORMED or AZATTEST_E_LIMIT) names reason and offset. */
azattest_status azattest__json_check(azattest_bytes text, azattest_error **error);
/* JSON that an enclave's program hashed may carry its C string's terminator: the service takes one NUL behind the text
 * (seen in its recorded conversations). The text without it; the bytes that are hashed and sent stay as they are. */
azattest_bytes azattest__json_unterminated(azattest_bytes text);
/* Gate, then cJSON. */
azattest_status azattest__json_parse(azattest_bytes text, azattest__json **root, azattest_error **error);
void azattest__json_free(azattest__json *root); /* wipes text values */

bool azattest__json_is_object(const azattest__json *value);
bool azattest__json_is_array(const azattest__json *value);
bool azattest__json_is_string(const azattest__json *value);
bool azattest__json_is_number(const azattest__json *value);
bool azattest__json_is_null(const azattest__json *value);
/* Case-sensitive member lookup; NULL when absent or not an object. */
const azattest__json *azattest__json_get(const azattest__json *object, const char *name);
/* The service's binder ignores case of member names; first match. */
const azattest__json *azattest__json_get_nocase(const azattest__json *object, const char *name);
/* The same, NULL when there is none; false when two have the name but for their case: two readers could then see two
 * documents. */
bool azattest__json_find_nocase(const azattest__json *object, const char *name, const azattest__json **out);
const char *azattest__json_string(const azattest__json *value); /* NULL unless a string */
const char *azattest__json_get_string(const azattest__json *object, const char *name);
bool azattest__json_bool(const azattest__json *value, bool *out); /* false unless a boolean */
/* Exact, from the source text; integral floats such as 1.0 and 8.0E0 count, fractions and overflow do not. */
bool azattest__json_integer(const azattest__json *value, int64_t *out);
const char *azattest__json_number_text(const azattest__json *value);     /* source text of a number */
double azattest__json_double(const azattest__json *value);               /* nearest to a number; 0 for others */
size_t azattest__json_count(const azattest__json *value);                /* members or elements */
const azattest__json *azattest__json_first(const azattest__json *value); /* child list, in order of the text */
const azattest__json *azattest__json_next(const azattest__json *child);
const char *azattest__json_name(const azattest__json *member); /* member name, NULL for elements */
/* Equal as JSON values: member order is ignored, integers compare exactly (1 equals 1.0). */
bool azattest__json_equal(const azattest__json *a, const azattest__json *b);
/* "object", "array", "string", "number", "boolean", "null": for messages. */
const char *azattest__json_kind(const azattest__json *value);

/* Finds a member of the top-level object in text that passed the gate and gives its value's span in the text; absent
 * when there is none. No tree is built: what the token's raw claims are read with. */
azattest_bytes azattest__json_find(azattest_bytes object_text, const char *name);
/* The same for several names in one pass: what takes the time is the way through the text. */
void azattest__json_find_all(azattest_bytes object_text, const char *const *names, azattest_bytes *values,
                             size_t count);
/* The value of a text that passed the gate, without the blanks around it. */
azattest_bytes azattest__json_trim(azattest_bytes text);
/* Decodes a JSON string span (with its quotes) that passed the gate into UTF-8. */
bool azattest__json_unescape(azattest_bytes string_text, azattest__buf *out);
/* Reads an integer from a number span, as azattest__json_integer(). */
bool azattest__json_integer_text(azattest_bytes number_text, int64_t *out);

/* Building. A failed allocation sticks: print then gives AZATTEST_E_MEMORY, and who reads what was built asks
 * _is_whole. Every _put takes over its child, and accepts a NULL object. Names are copied. Text must be valid UTF-8. */
bool azattest__json_is_whole(const azattest__json *value); /* NULL is not */
azattest__json *azattest__json_new_object(void);
azattest__json *azattest__json_new_array(void);
void azattest__json_put(azattest__json *object, const char *name, azattest__json *child);
void azattest__json_put_string(azattest__json *object, const char *name, const char *text); /* NULL: null */
void azattest__json_put_bytes_text(azattest__json *object, const char *name, azattest_bytes text);
void azattest__json_put_hex(azattest__json *object, const char *name, azattest_bytes data);
void azattest__json_put_base64url(azattest__json *object, const char *name, azattest_bytes data);
void azattest__json_put_integer(azattest__json *object, const char *name, int64_t value);
void azattest__json_put_bool(azattest__json *object, const char *name, bool value);
void azattest__json_put_null(azattest__json *object, const char *name);
/* A value given as JSON text that passed the gate. */
void azattest__json_put_raw(azattest__json *object, const char *name, azattest_bytes json);
void azattest__json_add(azattest__json *array, azattest__json *child); /* append an element */
void azattest__json_add_string(azattest__json *array, const char *text);
azattest__json *azattest__json_copy(const azattest__json *value);
/* Sorts the members of an object by the bytes of their names, as the service prints its tokens (one level). */
void azattest__json_sort(azattest__json *object);
/* A string as print writes it: for large documents that are written without a tree. */
void azattest__json_append_string(const char *text, azattest__buf *out);
/* Prints, compact or indented by two blanks, and appends to out. */
azattest_status azattest__json_print(const azattest__json *value, bool pretty, azattest__buf *out,
                                     azattest_error **error);

#endif
