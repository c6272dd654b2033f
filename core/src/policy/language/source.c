/* Diagnostics about pieces of a policy's text. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tree.h"

/* Characters of the source that a message shows. */
enum { SHOWN = 40 };

char *azattest__source_shown(const azattest_policy *policy, azattest__span span)
{
    if (span.length == 0)
        return azattest__dup_text(span.offset == policy->text_len ? "end of text" : "");
    return azattest__printable(azattest__policy_source(policy, span), SHOWN);
}

void azattest__policy_vreport(azattest_policy *policy, azattest__severity severity, const char *id, azattest__span span,
                              bool tell_found, const char *expected, const char *format, va_list arguments)
{
    azattest__diagnostics *list = &policy->diagnostics;
    char *message = NULL, *found = azattest__source_shown(policy, span);

    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    if (message == NULL || found == NULL)
        list->no_memory = true;
    else if (!tell_found)
        azattest__diagnose(list, severity, id, span, found, expected, "%s", message);
    else if (span.length == 0)
        azattest__diagnose(list, severity, id, span, found, expected, "%s, found the end of the text", message);
    else
        azattest__diagnose(list, severity, id, span, found, expected, "%s, found %s", message, found);
    free(message);
    free(found);
}

void azattest__policy_report(azattest_policy *policy, azattest__severity severity, const char *id, azattest__span span,
                             const char *expected, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    azattest__policy_vreport(policy, severity, id, span, false, expected, format, arguments);
    va_end(arguments);
}
