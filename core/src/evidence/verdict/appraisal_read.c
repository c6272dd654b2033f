/* Reading an appraisal. Every message names the member, what stands there, and what is expected. */
#include "appraisal.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../base/clock.h"
#include "../../base/encoding.h"
#include "../../base/nearest.h"

/* The value at hand: "mr_enclave", "mr_enclave[1]", "pcrs.sha256.7". */
typedef struct place {
    char name[96];
} place;

static place at_member(const char *name)
{
    place at;

    snprintf(at.name, sizeof(at.name), "%s", name);
    return at;
}

static place at_part(const place *outer, const char *name)
{
    place at;

    snprintf(at.name, sizeof(at.name), "%.48s.%.40s", outer->name, name);
    return at;
}

static place at_element(const place *outer, size_t index)
{
    place at;

    snprintf(at.name, sizeof(at.name), "%.72s[%zu]", outer->name, index);
    return at;
}

static azattest_status wrong_type(const place *at, const azattest__json *value, const char *expected,
                                  azattest_error **error)
{
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: %s is of type %s, expected %s", at->name,
                               azattest__json_kind(value), expected);
}

/* A word that is not in the table: what was meant, if that can be guessed, else what there is. */
static azattest_status unknown_word(const char *what, const char *word, const char *const *words,
                                    azattest_error **error)
{
    const char *best = NULL;
    size_t distance = SIZE_MAX, count = 0;
    char *shown = azattest__printable(azattest__text(word), 48);
    azattest__buf list;

    azattest__buf_init(&list, 4096);
    for (; words[count] != NULL; count++) {
        azattest__nearer(word, words[count], &best, &distance);
        azattest__buf_printf(&list, "%s%s", count == 0 ? "" : ", ", words[count]);
    }
    if (shown == NULL || list.status != AZATTEST_OK)
        azattest__error_memory(error);
    else if (best != NULL)
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: %s '%s' is not known; did you mean %s?", what,
                            shown, best);
    else
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: %s '%s' is not known; there are %s", what, shown,
                            count > 12 ? "those that azattest/appraisal.h tells" : (const char *)list.ptr);
    free(shown);
    azattest__buf_free(&list);
    return shown == NULL ? AZATTEST_E_MEMORY : AZATTEST_E_ARGUMENT;
}

/* Room for `count` values. */
static azattest_status reserve(azattest__expected *expected, azattest__form form, size_t count, size_t size,
                               azattest_error **error)
{
    if (form == AZATTEST__FORM_BYTES || form == AZATTEST__FORM_MASK)
        expected->bytes = calloc(count, size);
    else if (form == AZATTEST__FORM_WORDS)
        expected->words = calloc(count, sizeof(*expected->words));
    else
        expected->numbers = calloc(count, sizeof(*expected->numbers));
    if (expected->bytes == NULL && expected->words == NULL && expected->numbers == NULL)
        return azattest__error_memory(error);
    expected->count = count;
    expected->given = true;
    return AZATTEST_OK;
}

static azattest_status read_hex(const azattest__json *value, const place *at, size_t size, unsigned char *out,
                                azattest_error **error)
{
    const char *text = azattest__json_string(value);

    if (text == NULL)
        return wrong_type(at, value, "hexadecimal text", error);
    if (strlen(text) != 2 * size)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "appraisal: %s has %zu characters, expected %zu hexadecimal digits (%zu bytes)",
                                   at->name, strlen(text), 2 * size, size);
    if (azattest__hex_decode_exactly(azattest__text(text), out, size))
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: %s has a character that is no hexadecimal digit",
                               at->name);
}

static azattest_status read_number(const azattest__json *value, const place *at, int64_t most, int64_t *out,
                                   azattest_error **error)
{
    if (!azattest__json_is_number(value))
        return wrong_type(at, value, "a number", error);
    if (!azattest__json_integer(value, out) || *out < 0 || *out > most)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "appraisal: %s is %.32s, expected an integer from 0 to %lld", at->name,
                                   azattest__json_number_text(value), (long long)most);
    return AZATTEST_OK;
}

static azattest_status read_switch(const azattest__json *value, const place *at, int64_t *out, azattest_error **error)
{
    bool is_true;

    if (!azattest__json_bool(value, &is_true))
        return wrong_type(at, value, "true or false", error);
    *out = is_true ? 1 : 0;
    return AZATTEST_OK;
}

/* "2025-01-31", as Intel's lists have it, or RFC 3339. */
static azattest_status read_time(const azattest__json *value, const place *at, int64_t *out, azattest_error **error)
{
    const char *text = azattest__json_string(value);
    char day[32];

    if (text == NULL)
        return wrong_type(at, value, "a date such as \"2025-01-31\"", error);
    snprintf(day, sizeof(day), "%sT00:00:00Z", strlen(text) == 10 ? text : "");
    /* seconds since 1970, which the parser takes besides, have no '-' or begin with it */
    if (strchr(text, '-') == NULL || text[0] == '-' ||
        (!azattest__time_parse(day, out) && !azattest__time_parse(text, out)))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "appraisal: %s is no time, expected a date such as 2025-01-31 or "
                                   "2025-01-31T12:00:00Z",
                                   at->name);
    return AZATTEST_OK;
}

static bool has_only_word_characters(const char *text)
{
    for (; *text != '\0'; text++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *text) == NULL)
            return false;
    return true;
}

static azattest_status read_word(const azattest__json *value, const place *at, const char *const *words, char **out,
                                 azattest_error **error)
{
    const char *text = azattest__json_string(value);

    if (text == NULL)
        return wrong_type(at, value, "text", error);
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            words = NULL; /* found */
    if (words != NULL && strcmp(text, "Revoked") == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "appraisal: %s has \"Revoked\", which no appraisal can accept", at->name);
    if (words != NULL)
        return unknown_word(at->name, text, words, error);
    if (text[0] == '\0' || strlen(text) > AZATTEST_LIMIT_APPRAISAL_WORD || !has_only_word_characters(text))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "appraisal: %s is no name, expected 1 to %u letters, digits, '_' and '-'", at->name,
                                   AZATTEST_LIMIT_APPRAISAL_WORD);
    return (*out = azattest__dup_text(text)) == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

static azattest_status read_value(const azattest__json *value, const azattest__member *member, const place *at,
                                  azattest__expected *expected, size_t index, azattest_error **error)
{
    size_t size = (size_t)member->size;

    switch (member->form) {
    case AZATTEST__FORM_BYTES:
        return read_hex(value, at, size, expected->bytes + index * size, error);
    case AZATTEST__FORM_WORDS:
        return read_word(value, at, member->words, &expected->words[index], error);
    case AZATTEST__FORM_SWITCH:
        return read_switch(value, at, &expected->numbers[index], error);
    case AZATTEST__FORM_TIME:
        return read_time(value, at, &expected->numbers[index], error);
    default:
        return read_number(value, at, member->size, &expected->numbers[index], error);
    }
}

/* A value, or (where the form has that) a list of accepted ones. An empty list accepts nothing, and so says something
 * only where nothing is the default. */
static azattest_status read_values(const azattest__json *value, const azattest__member *member, const place *at,
                                   bool may_be_empty, azattest__expected *expected, azattest_error **error)
{
    bool lists = member->form == AZATTEST__FORM_BYTES || member->form == AZATTEST__FORM_WORDS ||
                 member->form == AZATTEST__FORM_NUMBERS;
    bool is_list = lists && azattest__json_is_array(value);
    size_t count = is_list ? azattest__json_count(value) : 1, i = 0;
    azattest_status status;

    if (count == 0 && !may_be_empty)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: %s is an empty list, which accepts nothing",
                                   at->name);
    if (count > AZATTEST_LIMIT_APPRAISAL_VALUES)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "appraisal: %s has %zu values, more than %u", at->name,
                                   count, AZATTEST_LIMIT_APPRAISAL_VALUES);
    if ((status = reserve(expected, member->form, count == 0 ? 1 : count, (size_t)member->size, error)) != AZATTEST_OK)
        return status;
    expected->count = count;
    expected->is_list = is_list;
    if (!is_list)
        return read_value(value, member, at, expected, 0, error);
    for (value = azattest__json_first(value); value != NULL; value = azattest__json_next(value), i++) {
        place element = at_element(at, i);

        if ((status = read_value(value, member, &element, expected, i, error)) != AZATTEST_OK)
            return status;
    }
    return AZATTEST_OK;
}

/* {"mask": ..., "value": ...}: both, and no bit of the value outside the mask, which no evidence could have. */
static azattest_status read_mask(const azattest__json *value, const azattest__member *member,
                                 azattest__expected *expected, azattest_error **error)
{
    static const char *const parts[] = { "mask", "value", NULL };
    place at = at_member(member->name);
    size_t size = (size_t)member->size;
    azattest_status status;

    if (!azattest__json_is_object(value))
        return wrong_type(&at, value, "an object with \"mask\" and \"value\"", error);
    for (const azattest__json *part = azattest__json_first(value); part != NULL; part = azattest__json_next(part))
        if (strcmp(azattest__json_name(part), "mask") != 0 && strcmp(azattest__json_name(part), "value") != 0)
            return unknown_word(member->name, azattest__json_name(part), parts, error);
    if ((status = reserve(expected, member->form, 2, size, error)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < 2; i++) {
        const azattest__json *part = azattest__json_get(value, parts[i]);
        place inner = at_part(&at, parts[i]);

        if (part == NULL)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: %s is missing", inner.name);
        if ((status = read_hex(part, &inner, size, expected->bytes + i * size, error)) != AZATTEST_OK)
            return status;
    }
    for (size_t i = 0; i < size; i++)
        if ((expected->bytes[size + i] & ~expected->bytes[i]) != 0)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "appraisal: %s.value has bits that its mask has not: nothing could match",
                                       member->name);
    return AZATTEST_OK;
}

/* An object of known parts. */
static azattest_status read_parts(const azattest__json *value, const azattest__member *member,
                                  azattest__expected *expected, azattest_error **error)
{
    place at = at_member(member->name);
    azattest_status status;

    if (!azattest__json_is_object(value))
        return wrong_type(&at, value, "an object", error);
    if (azattest__json_count(value) == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: %s is empty", at.name);
    if ((status = reserve(expected, member->form, AZATTEST__PARTS, 0, error)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < AZATTEST__PARTS; i++)
        expected->numbers[i] = -1;
    for (value = azattest__json_first(value); value != NULL; value = azattest__json_next(value)) {
        place inner = at_part(&at, azattest__json_name(value));
        size_t i = 0;

        while (member->words[i] != NULL && strcmp(member->words[i], azattest__json_name(value)) != 0)
            i++;
        if (member->words[i] == NULL && strcmp(azattest__json_name(value), "debug") == 0)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "appraisal: %s.debug is not known; allow_debug is the member for it",
                                       member->name);
        if (member->words[i] == NULL)
            return unknown_word(member->name, azattest__json_name(value), member->words, error);
        status = member->form == AZATTEST__FORM_PARTS
                     ? read_number(value, &inner, member->size, &expected->numbers[i], error)
                     : read_switch(value, &inner, &expected->numbers[i], error);
        if (status != AZATTEST_OK)
            return status;
    }
    return AZATTEST_OK;
}

static bool pcr_index(const char *name, unsigned *index)
{
    char again[16];

    *index = 0;
    for (const char *p = name; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || p - name > 2)
            return false;
        *index = *index * 10 + (unsigned)(*p - '0');
    }
    snprintf(again, sizeof(again), "%u", *index);
    return *index < AZATTEST__TPM_PCRS && strcmp(name, again) == 0;
}

static azattest_status read_bank(azattest_appraisal *appraisal, const azattest__json *bank,
                                 const azattest__pcr_bank *kind, const place *at, azattest_error **error)
{
    const azattest__member values = { .name = at->name, .form = AZATTEST__FORM_BYTES, .size = (int64_t)kind->size };
    azattest_status status;

    if (!azattest__json_is_object(bank))
        return wrong_type(at, bank, "an object with the index of each PCR", error);
    if (azattest__json_count(bank) == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: %s is empty", at->name);
    for (const azattest__json *value = azattest__json_first(bank); value != NULL; value = azattest__json_next(value)) {
        azattest__expected_pcr *pcr = &appraisal->pcrs[appraisal->pcr_count];
        place inner = at_part(at, azattest__json_name(value));

        if (!pcr_index(azattest__json_name(value), &pcr->index)) {
            char *shown = azattest__printable(azattest__text(azattest__json_name(value)), 32);

            status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                         "appraisal: %s has a member '%s', expected an index from 0 to %u", at->name,
                                         shown == NULL ? "?" : shown, AZATTEST__TPM_PCRS - 1);
            free(shown);
            return status;
        }
        pcr->algorithm = kind->algorithm;
        pcr->size = kind->size;
        appraisal->pcr_count++;
        if ((status = read_values(value, &values, &inner, false, &pcr->values, error)) != AZATTEST_OK)
            return status;
    }
    return AZATTEST_OK;
}

static azattest_status read_pcrs(azattest_appraisal *appraisal, const azattest__json *value, azattest_error **error)
{
    static const char *const names[] = { "sha1", "sha256", "sha384", "sha512", NULL };
    place at = at_member("pcrs");
    azattest_status status = AZATTEST_OK;

    if (!azattest__json_is_object(value))
        return wrong_type(&at, value, "an object with the name of each bank", error);
    if (azattest__json_count(value) == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "appraisal: pcrs is empty");
    /* Names are unique, so that this is room for all. */
    if ((appraisal->pcrs = calloc((size_t)AZATTEST__TPM_BANKS * AZATTEST__TPM_PCRS + 1, sizeof(*appraisal->pcrs))) ==
        NULL)
        return azattest__error_memory(error);
    appraisal->members[AZATTEST__MEMBER_PCRS].given = true;
    for (value = azattest__json_first(value); status == AZATTEST_OK && value != NULL;
         value = azattest__json_next(value)) {
        place bank = at_part(&at, azattest__json_name(value));
        size_t i = 0;

        while (i < AZATTEST__TPM_BANKS && strcmp(azattest__pcr_banks[i].name, azattest__json_name(value)) != 0)
            i++;
        status = i == AZATTEST__TPM_BANKS ? unknown_word("pcrs", azattest__json_name(value), names, error)
                                          : read_bank(appraisal, value, &azattest__pcr_banks[i], &bank, error);
    }
    return status;
}

static azattest_status read_member(azattest_appraisal *appraisal, azattest__member_id id, const azattest__json *value,
                                   azattest_error **error)
{
    const azattest__member *member = &azattest__appraisal_members[id];
    place at = at_member(member->name);

    switch (member->form) {
    case AZATTEST__FORM_MASK:
        return read_mask(value, member, &appraisal->members[id], error);
    case AZATTEST__FORM_PARTS:
    case AZATTEST__FORM_SWITCHES:
        return read_parts(value, member, &appraisal->members[id], error);
    case AZATTEST__FORM_PCRS:
        return read_pcrs(appraisal, value, error);
    default:
        return read_values(value, member, &at,
                           id == AZATTEST__MEMBER_ALLOW_NOT_CHECKED || id == AZATTEST__MEMBER_ADVISORIES_ACCEPTED,
                           &appraisal->members[id], error);
    }
}

/* What contradicts itself is a mistake of the writer, and would show at the worst time. */
static azattest_status check_sense(const azattest_appraisal *appraisal, azattest_error **error)
{
    const azattest__expected *accepted = &appraisal->members[AZATTEST__MEMBER_ADVISORIES_ACCEPTED];
    const azattest__expected *refused = &appraisal->members[AZATTEST__MEMBER_ADVISORIES_REFUSED];

    for (size_t i = 0; i < refused->count; i++)
        if (azattest__expected_word(accepted, refused->words[i]))
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "appraisal: %s is both in advisories_accepted and in advisories_refused",
                                       refused->words[i]);
    for (size_t i = 0; i < appraisal->pcr_count; i++)
        if (appraisal->pcrs[i].algorithm == AZATTEST__TPM_SHA1 &&
            !azattest__appraisal_switch(appraisal, AZATTEST__MEMBER_ALLOW_SHA1, false))
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "appraisal: pcrs.sha1 needs \"allow_sha1\": true; other banks do not");
    return AZATTEST_OK;
}

azattest_status azattest__appraisal_read(azattest_appraisal *appraisal, const azattest__json *document,
                                         azattest_error **error)
{
    const char *names[AZATTEST__MEMBERS + 1];
    azattest_status status;

    if (!azattest__json_is_object(document))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "appraisal: JSON of type %s, expected an object",
                                   azattest__json_kind(document));
    for (int i = 0; i < AZATTEST__MEMBERS; i++)
        names[i] = azattest__appraisal_members[i].name;
    names[AZATTEST__MEMBERS] = NULL;
    for (const azattest__json *value = azattest__json_first(document); value != NULL;
         value = azattest__json_next(value)) {
        int id = 0;

        while (id < AZATTEST__MEMBERS && strcmp(names[id], azattest__json_name(value)) != 0)
            id++;
        if (id == AZATTEST__MEMBERS)
            return unknown_word("member", azattest__json_name(value), names, error);
        if ((status = read_member(appraisal, (azattest__member_id)id, value, error)) != AZATTEST_OK)
            return status;
    }
    return check_sense(appraisal, error);
}
