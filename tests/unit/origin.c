/* Addresses of instances: what is normalised away, what is refused, what is equal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "error/origin.h"

static const struct origin_case {
    const char *name, *url, *text; /* text NULL: refused */
    bool secure, loopback;
    const char *message;
} cases[] = {
    { "a plain host", "https://a.attest.azure.net", "https://a.attest.azure.net", true, false, NULL },
    { "a trailing slash goes", "https://a.attest.azure.net/", "https://a.attest.azure.net", true, false, NULL },
    { "port 443 goes", "https://a.attest.azure.net:443", "https://a.attest.azure.net", true, false, NULL },
    { "port 443 written 00443 goes", "https://a.attest.azure.net:00443/", "https://a.attest.azure.net", true, false,
      NULL },
    { "another port stays", "https://a.attest.azure.net:8443/", "https://a.attest.azure.net:8443", true, false, NULL },
    { "upper case of scheme and host goes", "HTTPS://Shared.EUS.Attest.Azure.NET",
      "https://shared.eus.attest.azure.net", true, false, NULL },
    { "http keeps its port 443", "http://127.0.0.1:443", "http://127.0.0.1:443", false, true, NULL },
    { "http loses its port 80", "http://localhost:80/", "http://localhost", false, true, NULL },
    { "an IPv6 address", "https://[::1]:8443", "https://[::1]:8443", true, true, NULL },
    { "127.x.y.z is loopback", "https://127.255.0.3", "https://127.255.0.3", true, true, NULL },
    { "a name that begins like loopback is not", "https://127.0.0.1.example", "https://127.0.0.1.example", true, false,
      NULL },
    { "a name that begins with localhost is not", "https://localhost.example", "https://localhost.example", true, false,
      NULL },
    { "no address", NULL, NULL, false, false, "no endpoint" },
    { "an empty one", "", NULL, false, false, "no endpoint" },
    { "no scheme", "a.attest.azure.net", NULL, false, false, "no https://" },
    { "another scheme", "ftp://a", NULL, false, false, "no https://" },
    { "no host", "https://", NULL, false, false, "no host" },
    { "no host but a port", "https://:443", NULL, false, false, "no host" },
    { "user information", "https://a@b", NULL, false, false, "user information" },
    { "user information that looks like a host", "https://a.attest.azure.net@evil.example", NULL, false, false,
      "user information" },
    { "a path", "https://a/certs", NULL, false, false, "a path" },
    { "two slashes", "https://a//", NULL, false, false, "a path" },
    { "a query", "https://a?x=1", NULL, false, false, "a query" },
    { "a query behind the slash", "https://a/?x", NULL, false, false, "a query" },
    { "a fragment", "https://a#x", NULL, false, false, "a fragment" },
    { "port 0", "https://a:0", NULL, false, false, "a port outside" },
    { "port 65536", "https://a:65536", NULL, false, false, "a port outside" },
    { "an empty port", "https://a:", NULL, false, false, "a port outside" },
    { "a port in words", "https://a:https", NULL, false, false, "a port outside" },
    { "a port with a sign", "https://a:+443", NULL, false, false, "a port outside" },
    { "white space in front", " https://a", NULL, false, false, "no https://" },
    { "white space inside", "https://a b", NULL, false, false, "a character" },
    { "white space behind", "https://a\n", NULL, false, false, "a character" },
    { "a broken IPv6 address", "https://[::1", NULL, false, false, "IPv6" },
    { "a backslash", "https://a\\b", NULL, false, false, "a character" },
    { "letters beyond ASCII", "https://\xc3\xa4", NULL, false, false, "a character" },
};

static void is_read(void **state)
{
    const struct origin_case *c = *state;
    azattest__origin origin;
    azattest_error *error = NULL;
    azattest_status status = azattest__origin_parse(c->url, &origin, &error);

    if (c->text != NULL) {
        assert_int_equal(status, AZATTEST_OK);
        assert_string_equal(origin.text, c->text);
        assert_int_equal(origin.secure, c->secure);
        assert_int_equal(origin.loopback, c->loopback);
    } else {
        assert_int_equal(status, AZATTEST_E_ARGUMENT);
        assert_non_null(strstr(azattest_error_message(error), c->message));
    }
    azattest_error_free(error);
    azattest__origin_clear(&origin);
}

/* known-faults, JWT side: an issuer compared by prefix, or with suffix, port, user information, case, slash. */
static void equal_only_as_origins(void **state)
{
    (void)state;
    assert_true(azattest__origin_equal("https://A.example/", "https://a.example:443"));
    assert_false(azattest__origin_equal("https://a.example", "https://a.example.evil.example"));
    assert_false(azattest__origin_equal("https://a.example", "https://a.example:444"));
    assert_false(azattest__origin_equal("https://a.example", "https://a.example@evil.example"));
    assert_false(azattest__origin_equal("https://a.example", "http://a.example"));
    assert_false(azattest__origin_equal("https://a.example", "https://a.example/x"));
    assert_false(azattest__origin_equal("https://a.example", NULL));
    assert_false(azattest__origin_equal("nonsense", "nonsense"));
}

static void an_address_of_any_length_is_survived(void **state)
{
    char *url = malloc(AZATTEST_LIMIT_ENDPOINT + 3);
    azattest__origin origin;
    azattest_error *error = NULL;

    (void)state;
    assert_non_null(url);
    memset(url, 'a', AZATTEST_LIMIT_ENDPOINT + 2);
    memcpy(url, "https://", 8);
    url[AZATTEST_LIMIT_ENDPOINT + 2] = '\0';
    assert_int_equal(azattest__origin_parse(url, &origin, &error), AZATTEST_E_ARGUMENT);
    assert_non_null(strstr(azattest_error_message(error), "more than 2048"));
    azattest_error_free(error);
    url[AZATTEST_LIMIT_ENDPOINT] = '\0';
    assert_int_equal(azattest__origin_parse(url, &origin, NULL), AZATTEST_OK);
    azattest__origin_clear(&origin);
    free(url);
}

int main(void)
{
    enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
    struct CMUnitTest tests[COUNT + 2];

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){ cases[i].name, is_read, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    tests[COUNT] = (struct CMUnitTest)cmocka_unit_test(equal_only_as_origins);
    tests[COUNT + 1] = (struct CMUnitTest)cmocka_unit_test(an_address_of_any_length_is_survived);
    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
