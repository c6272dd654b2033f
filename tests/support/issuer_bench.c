#include "issuer_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"
#include "simulator/files.h"

struct issuer_world issuer_world;

static int64_t now_ms(void *user)
{
    (void)user;
    return issuer_world.now_s * 1000;
}

int issuer_setup(void **state)
{
    azattest__issuer_options options = { .authority = AUTHORITY,
                                         .state = &issuer_world.state,
                                         .clock = { .now_ms = now_ms } };
    azattest__buf pem;
    bool found;

    (void)state;
    issuer_world.now_s = azattest__clock_now_ms(NULL) / 1000;
    azattest__buf_init(&pem, 64 * 1024);
    assert_int_equal(azattest__state_open(NULL, &issuer_world.state, NULL), AZATTEST_OK);
    assert_int_equal(azattest__issuer_new(&options, &issuer_world.issuer, NULL), AZATTEST_OK);
    assert_int_equal(azattest__file_read(issuer_world.issuer->certificate_file, &pem, &found, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_from_private_pem(azattest__buf_bytes(&pem), &issuer_world.client_key, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest__key_generate_rsa(2048, &issuer_world.other_key, NULL), AZATTEST_OK);
    azattest__buf_free(&pem);
    return 0;
}

int issuer_teardown(void **state)
{
    (void)state;
    azattest__key_free(issuer_world.client_key);
    azattest__key_free(issuer_world.other_key);
    azattest__issuer_free(issuer_world.issuer);
    azattest__state_close(&issuer_world.state);
    return 0;
}

char *fill(const char *template)
{
    const azattest__issuer *issuer = issuer_world.issuer;
    char now[24], soon[24], past[24];
    const struct {
        const char *name, *value;
    } words[] = {
        { "$tenant", issuer->tenant_id },
        { "$id", issuer->identities[0].client_id },
        { "$object", issuer->identities[1].object_id },
        { "$reader", issuer->identities[1].client_id },
        { "$none", issuer->identities[2].client_id },
        { "$secret", issuer->identities[0].secret },
        { "$other-secret", issuer->identities[1].secret },
        { "$managed", issuer->managed_secret },
        { "$arc", issuer->arc_file },
        { "$kid", issuer->key_thumbprint },
        { "$s1", issuer->client_sha1 },
        { "$s256", issuer->client_sha256 },
        { "$authority", AUTHORITY },
        { "$now", now },
        { "$soon", soon },
        { "$past", past },
    };
    azattest__buf out;
    size_t len;

    snprintf(now, sizeof(now), "%lld", (long long)issuer_world.now_s);
    snprintf(soon, sizeof(soon), "%lld", (long long)issuer_world.now_s + 600);
    snprintf(past, sizeof(past), "%lld", (long long)issuer_world.now_s - 1);
    azattest__buf_init(&out, 1024 * 1024);
    while (*template != '\0') {
        size_t i, count = sizeof(words) / sizeof(words[0]);

        for (i = 0; i < count; i++)
            if (strncmp(template, words[i].name, strlen(words[i].name)) == 0)
                break;
        azattest__buf_append(&out, i < count ? words[i].value : template, i < count ? strlen(words[i].value) : 1);
        template += i < count ? strlen(words[i].name) : 1;
    }
    azattest__buf_append_text(&out, "");
    assert_int_equal(out.status, AZATTEST_OK);
    return out.ptr == NULL ? azattest__dup_text("") : (char *)azattest__buf_take(&out, &len);
}

char *make_jwt(const char *header, const char *claims, const azattest__key *key, azattest__alg alg)
{
    char *head = fill(header), *body = fill(claims);
    azattest__buf out;
    size_t len;

    azattest__buf_init(&out, AZATTEST_LIMIT_TOKEN);
    assert_int_equal(azattest__jws_create(azattest__text(head), azattest__text(body), key, alg, &out, NULL),
                     AZATTEST_OK);
    free(head);
    free(body);
    return (char *)azattest__buf_take(&out, &len);
}

void ask_issuer(const char *method, const char *target, const char *body, azattest__service_answer *answer)
{
    azattest__service_request request = { .method = method, .target = target, .body = azattest__text(body) };

    assert_true(azattest__issuer_handle(issuer_world.issuer, &request, answer));
}

char *access_token_of(const azattest__service_answer *answer)
{
    azattest__json *document = NULL;
    char *token;

    assert_int_equal(answer->status, 200);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&answer->body), &document, NULL), AZATTEST_OK);
    token = azattest__dup_text(azattest__json_get_string(document, "access_token"));
    assert_non_null(token);
    azattest__json_free(document);
    return token;
}
