#include "fault.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/encoding.h"

const char azattest__fault_help[] =
    "Faults: --fault '[[INSTANCE/]GROUP:]STEP{,STEP}', STEP = [N=|N-M=|N-=|%N=]ACTION{;OPTION=VALUE}\n"
    "  Each --fault counts the requests of its GROUP from 1. The first STEP whose numbers hold the count acts: N,\n"
    "  from N to M, from N on, or each Nth; one without numbers always does.\n"
    "  GROUP    attest, certs, metadata, policies, certificates, tcbbaselines, token, discovery, imds, collateral,\n"
    "           other, or *\n"
    "           (default: all)\n"
    "  ACTION   400 to 599         that HTTP status; retry-after=SECONDS, retry-after=date+SECONDS,\n"
    "                              retry-after-ms=MS, x-ms-retry-after-ms=MS add headers\n"
    "           reset              the connection is reset before an answer\n"
    "           cut                the body ends in its middle\n"
    "           drip               the body comes slowly: bytes=1 at a time, every ms=5\n"
    "           delay              the answer comes after ms=1000\n"
    "           wrong-issuer       the token names another issuer\n"
    "           rotate-key         the instance signs with a new key from here on\n"
    "           wrong-certificate  of TLS, for all requests: is=ca (default), is=name or is=expired. No GROUP, no N\n"
    "  Examples: --fault 'certs:1-2=503' --fault 'attest:1=429;retry-after=1,3=reset,%50=cut' --fault 'iso/*:drip'\n";

struct step {
    unsigned long first, last;
    unsigned long each; /* of these each so many; 1: all */
    azattest__fault fault;
};

struct specification {
    char instance[64], group[32]; /* "": all */
    struct step steps[AZATTEST__FAULT_LIMIT_STEPS];
    size_t count;
    unsigned long seen;
};

struct azattest__faults {
    pthread_mutex_t lock; /* of the counts alone */
    azattest__tls_fault tls;
    struct specification items[AZATTEST__FAULT_LIMIT_SPECS];
    size_t count;
};

azattest_status azattest__faults_new(azattest__faults **out, azattest_error **error)
{
    if ((*out = calloc(1, sizeof(**out))) == NULL)
        return azattest__error_memory(error);
    pthread_mutex_init(&(*out)->lock, NULL);
    return AZATTEST_OK;
}

void azattest__faults_free(azattest__faults *faults)
{
    if (faults == NULL)
        return;
    pthread_mutex_destroy(&faults->lock);
    free(faults);
}

/* ---- the language ---- */

static const char *const groups[] = { "attest", "certs",     "metadata", "policies",   "certificates", "tcbbaselines",
                                      "token",  "discovery", "imds",     "collateral", "other",        "*" };

static azattest_status wrong(azattest_error **error, azattest_bytes text, const char *why)
{
    char *shown = azattest__printable(text, 60);

    azattest__error_set(error, AZATTEST_E_ARGUMENT, "--fault: \"%s\": %s", shown == NULL ? "?" : shown, why);
    free(shown);
    return AZATTEST_E_ARGUMENT;
}

/* Up to the first `end`, or all that is left; the rest goes on behind it. */
static azattest_bytes cut_off(azattest_bytes *rest, char end)
{
    const char *text = rest->ptr, *at = rest->len == 0 ? NULL : memchr(text, end, rest->len);
    azattest_bytes head = azattest__bytes(text, at == NULL ? rest->len : (size_t)(at - text));
    size_t taken = head.len + (at != NULL);

    *rest = azattest__bytes(text + taken, rest->len - taken);
    return head;
}

/* Decimal, up to 1 000 000: nothing here needs more. */
static bool read_number(azattest_bytes text, unsigned long *out)
{
    const char *digits = text.ptr;

    *out = 0;
    if (text.len == 0 || text.len > 7)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        *out = *out * 10 + (unsigned long)(digits[i] - '0');
    }
    return *out <= 1000000;
}

/* "N", "N-M", "N-" or "%N". */
static bool read_range(azattest_bytes text, struct step *step)
{
    azattest_bytes rest = text, first = cut_off(&rest, '-');
    bool open = first.len < text.len;

    if (text.len > 0 && *(const char *)text.ptr == '%') {
        step->first = 1;
        step->last = (unsigned long)-1;
        return read_number(azattest__bytes((const char *)text.ptr + 1, text.len - 1), &step->each) && step->each > 0;
    }
    if (!read_number(first, &step->first) || step->first == 0)
        return false;
    step->last = step->first;
    if (!open)
        return true;
    step->last = (unsigned long)-1;
    return rest.len == 0 || (read_number(rest, &step->last) && step->last >= step->first);
}

static azattest_status read_action(azattest_bytes text, struct step *step, azattest_error **error)
{
    static const struct {
        const char *name;
        azattest__fault_action action;
        int64_t ms;
    } names[] = { { "reset", AZATTEST__FAULT_RESET, 0 },
                  { "drip", AZATTEST__FAULT_DRIP, 5 },
                  { "cut", AZATTEST__FAULT_CUT, 0 },
                  { "delay", AZATTEST__FAULT_DELAY, 1000 },
                  { "wrong-issuer", AZATTEST__FAULT_WRONG_ISSUER, 0 },
                  { "rotate-key", AZATTEST__FAULT_ROTATE_KEY, 0 },
                  { "wrong-certificate", AZATTEST__FAULT_WRONG_CERTIFICATE, 0 } };
    unsigned long status;

    step->fault = (azattest__fault){
        .retry_after_s = -1, .retry_after_ms = -1, .x_ms_retry_after_ms = -1, .bytes = 1, .action = AZATTEST__FAULT_NONE
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (azattest__bytes_equal_text(text, names[i].name)) {
            step->fault.action = names[i].action;
            step->fault.ms = names[i].ms;
            return AZATTEST_OK;
        }
    }
    if (!read_number(text, &status) || status < 400 || status > 599)
        return wrong(error, text,
                     "expected an HTTP status from 400 to 599, reset, drip, cut, delay, wrong-issuer, "
                     "rotate-key or wrong-certificate");
    step->fault.action = AZATTEST__FAULT_STATUS;
    step->fault.status = (int)status;
    return AZATTEST_OK;
}

/* Where an option's number goes; NULL when the action has no such option. */
static int64_t *find_option(azattest__fault *fault, azattest_bytes name)
{
    if (fault->action == AZATTEST__FAULT_STATUS)
        return azattest__bytes_equal_text(name, "retry-after")           ? &fault->retry_after_s
               : azattest__bytes_equal_text(name, "retry-after-ms")      ? &fault->retry_after_ms
               : azattest__bytes_equal_text(name, "x-ms-retry-after-ms") ? &fault->x_ms_retry_after_ms
                                                                         : NULL;
    if ((fault->action == AZATTEST__FAULT_DRIP || fault->action == AZATTEST__FAULT_DELAY) &&
        azattest__bytes_equal_text(name, "ms"))
        return &fault->ms;
    return NULL;
}

static azattest_status read_option(azattest_bytes text, struct step *step, azattest__tls_fault *tls,
                                   azattest_error **error)
{
    azattest_bytes value = text, name = cut_off(&value, '=');
    int64_t *place = find_option(&step->fault, name);
    unsigned long number;

    if (step->fault.action == AZATTEST__FAULT_WRONG_CERTIFICATE && azattest__bytes_equal_text(name, "is")) {
        *tls = azattest__bytes_equal_text(value, "ca")        ? AZATTEST__TLS_WRONG_CA
               : azattest__bytes_equal_text(value, "name")    ? AZATTEST__TLS_WRONG_NAME
               : azattest__bytes_equal_text(value, "expired") ? AZATTEST__TLS_EXPIRED
                                                              : AZATTEST__TLS_RIGHT;
        return *tls == AZATTEST__TLS_RIGHT ? wrong(error, text, "expected is=ca, is=name or is=expired") : AZATTEST_OK;
    }
    if (place == &step->fault.retry_after_s && value.len > 5 && memcmp(value.ptr, "date+", 5) == 0) {
        step->fault.retry_after_date = true;
        value = azattest__bytes((const char *)value.ptr + 5, value.len - 5);
    }
    if (step->fault.action == AZATTEST__FAULT_DRIP && azattest__bytes_equal_text(name, "bytes") &&
        read_number(value, &number) && number > 0) {
        step->fault.bytes = number;
        return AZATTEST_OK;
    }
    if (place == NULL || !read_number(value, &number))
        return wrong(error, text, "this action has no such option, or its value is no number up to 1000000");
    *place = (int64_t)number;
    return AZATTEST_OK;
}

static azattest_status read_step(azattest_bytes text, struct step *step, azattest__tls_fault *tls,
                                 azattest_error **error)
{
    azattest_status status;
    azattest_bytes rest = text, head = cut_off(&rest, ';'), action = head, range = cut_off(&action, '=');

    step->each = 1;
    if (range.len == head.len) { /* no '=' */
        action = head;
        step->first = 1;
        step->last = (unsigned long)-1;
    } else if (!read_range(range, step)) {
        return wrong(error, range,
                     "expected the number of a request, from 1, a range such as 2-4 or 3-, or %50 for each fiftieth");
    }
    if ((status = read_action(action, step, error)) != AZATTEST_OK)
        return status;
    if (step->fault.action == AZATTEST__FAULT_WRONG_CERTIFICATE) {
        *tls = AZATTEST__TLS_WRONG_CA;
        if (range.len != head.len)
            return wrong(error, text, "wrong-certificate is for the whole run: it takes no number");
    }
    while (status == AZATTEST_OK && rest.len > 0)
        status = read_option(cut_off(&rest, ';'), step, tls, error);
    return status;
}

static azattest_status copy_word(azattest_bytes word, char *out, size_t size, azattest_error **error)
{
    if (word.len == 0 || word.len >= size)
        return wrong(error, word, "expected the name of an instance or a group");
    memcpy(out, word.ptr, word.len);
    out[word.len] = '\0';
    return AZATTEST_OK;
}

/* "GROUP" or "INSTANCE/GROUP". */
static azattest_status read_target(azattest_bytes text, struct specification *out, azattest_error **error)
{
    azattest_status status;
    azattest_bytes group = text, instance = cut_off(&group, '/');
    bool known = false;

    if (instance.len == text.len)
        group = text;
    else if ((status = copy_word(instance, out->instance, sizeof(out->instance), error)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        known = known || azattest__bytes_equal_text(group, groups[i]);
    if (!known)
        return wrong(error, group,
                     "expected attest, certs, metadata, policies, certificates, tcbbaselines, token, discovery, imds, "
                     "other or *");
    if (!azattest__bytes_equal_text(group, "*"))
        return copy_word(group, out->group, sizeof(out->group), error);
    return AZATTEST_OK;
}

azattest_status azattest__faults_add(azattest__faults *faults, const char *text, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_bytes rest = azattest__text(text);
    struct specification *out;
    azattest__tls_fault tls = AZATTEST__TLS_RIGHT;

    if (rest.len == 0 || rest.len > AZATTEST__FAULT_LIMIT_TEXT || faults->count == AZATTEST__FAULT_LIMIT_SPECS)
        return wrong(error, rest, "empty, too long, or one too many");
    out = &faults->items[faults->count];
    memset(out, 0, sizeof(*out));
    if (memchr(rest.ptr, ':', rest.len) != NULL &&
        (status = read_target(cut_off(&rest, ':'), out, error)) != AZATTEST_OK)
        return status;
    do {
        if (out->count == AZATTEST__FAULT_LIMIT_STEPS)
            return wrong(error, rest, "too many steps");
        status = read_step(cut_off(&rest, ','), &out->steps[out->count++], &tls, error);
    } while (status == AZATTEST_OK && rest.len > 0);
    if (status == AZATTEST_OK && tls != AZATTEST__TLS_RIGHT && (out->count > 1 || strchr(text, ':') != NULL))
        status = wrong(error, azattest__text(text), "wrong-certificate is for the whole run: it stands alone");
    if (status != AZATTEST_OK)
        return status;
    if (tls != AZATTEST__TLS_RIGHT)
        faults->tls = tls; /* nothing of it happens to single requests */
    else
        faults->count++;
    return AZATTEST_OK;
}

const char *azattest__faults_instance(const azattest__faults *faults, size_t index)
{
    return faults == NULL || index >= faults->count ? NULL : faults->items[index].instance;
}

/* ---- what happens ---- */

azattest__tls_fault azattest__faults_tls(const azattest__faults *faults)
{
    return faults == NULL ? AZATTEST__TLS_RIGHT : faults->tls;
}

bool azattest__faults_are_slow(const azattest__faults *faults)
{
    for (size_t i = 0; faults != NULL && i < faults->count; i++)
        for (size_t j = 0; j < faults->items[i].count; j++)
            if (faults->items[i].steps[j].fault.action == AZATTEST__FAULT_DRIP ||
                faults->items[i].steps[j].fault.action == AZATTEST__FAULT_DELAY)
                return true;
    return false;
}

azattest__fault azattest__faults_next(azattest__faults *faults, const char *instance, const char *group)
{
    azattest__fault fault = { .action = AZATTEST__FAULT_NONE };

    if (faults == NULL)
        return fault;
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count; i++) {
        struct specification *item = &faults->items[i];

        if ((item->instance[0] != '\0' && strcmp(item->instance, instance) != 0) ||
            (item->group[0] != '\0' && strcmp(item->group, group) != 0))
            continue;
        item->seen++;
        for (size_t j = 0; fault.action == AZATTEST__FAULT_NONE && j < item->count; j++)
            if (item->seen >= item->steps[j].first && item->seen <= item->steps[j].last &&
                item->seen % item->steps[j].each == 0)
                fault = item->steps[j].fault;
    }
    pthread_mutex_unlock(&faults->lock);
    return fault;
}

const char *azattest__fault_group(const char *path)
{
    static const struct {
        const char *text, *group;
        bool ending;
    } forms[] = { { "/attest/", "attest", false },
                  { "/certs", "certs", false },
                  { "/.well-known/", "metadata", false },
                  { "/policies/", "policies", false },
                  { "/operations/policy/", "policies", false },
                  { "/certificates", "certificates", false },
                  { "/tcbbaselines/", "tcbbaselines", false },
                  { "/metadata/identity/", "imds", false },
                  { "/metadata/THIM/", "collateral", false },
                  { "/sgx/certification/", "collateral", false },
                  { "/tdx/certification/", "collateral", false },
                  { "/IntelSGXRootCA.", "collateral", false },
                  { "/vcek/", "collateral", false },
                  { "/vlek/", "collateral", false },
                  { "/SevSnpVM/", "collateral", false },
                  { "/msi/", "imds", false },
                  { "/arc/", "imds", false },
                  { "/token", "token", true },
                  { "/.well-known/openid-configuration", "discovery", true },
                  { "/discovery/instance", "discovery", true },
                  { "/keys", "discovery", true } };
    size_t path_len = strlen(path);

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t len = strlen(forms[i].text);

        if (path_len >= len && memcmp(forms[i].ending ? path + path_len - len : path, forms[i].text, len) == 0)
            return forms[i].group;
    }
    return "other";
}
