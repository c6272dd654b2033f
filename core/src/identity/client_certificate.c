/* An application with a certificate: its key signs an assertion (RFC 7523). */
#include <stdlib.h>

#include "../base/encoding.h"
#include "../crypto/bundle.h"
#include "../jose/jws.h"
#include "../json/json.h"
#include "entra.h"
#include "kinds.h"

#define NAME "ClientCertificateCredential"

typedef struct client_certificate {
    azattest_credential base;
    azattest__entra entra;
    azattest__bundle bundle; /* without a key: it is in the file at `path` */
    char *path, *password;
    bool sends_chain, sha1;
} client_certificate;

static void put_digest(azattest__json *header, const char *name, azattest_bytes digest, bool hex)
{
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST__HASH_MAX + 1);
    if (hex)
        azattest__hex_encode_upper(digest, &text);
    else
        azattest__base64url_encode(digest, &text);
    azattest__json_put_string(header, name, text.status == AZATTEST_OK ? (const char *)text.ptr : NULL);
    azattest__buf_free(&text);
}

static void put_chain(azattest__json *header, const azattest__bundle *bundle)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < bundle->count; i++) {
        azattest_bytes der = azattest__cert_der(bundle->certificates[i]);
        azattest__buf text;

        azattest__buf_init(&text, der.len / 3 * 4 + 8);
        azattest__base64_encode(der, &text);
        azattest__json_add_string(list, text.status == AZATTEST_OK ? (const char *)text.ptr : NULL);
        azattest__buf_free(&text);
    }
    azattest__json_put(header, "x5c", list);
}

static azattest_status make_header(const client_certificate *self, const azattest__bundle *bundle, azattest__buf *out,
                                   azattest_error **error)
{
    azattest__json *header = azattest__json_new_object();
    unsigned char digest[AZATTEST__HASH_MAX];
    azattest_status status;
    size_t len = 0;

    status = azattest__digest(self->sha1 ? AZATTEST__SHA1 : AZATTEST__SHA256,
                              azattest__cert_der(bundle->certificates[0]), digest, &len, error);
    azattest__json_put_string(header, "alg", self->sha1 ? "RS256" : "PS256");
    azattest__json_put_string(header, "typ", "JWT");
    put_digest(header, self->sha1 ? "x5t" : "x5t#S256", azattest__bytes(digest, len), false);
    if (self->sha1)
        put_digest(header, "kid", azattest__bytes(digest, len), true);
    if (self->sends_chain)
        put_chain(header, bundle);
    if (status == AZATTEST_OK)
        status = azattest__json_print(header, false, out, error);
    azattest__json_free(header);
    return status;
}

static azattest_status make_body(const client_certificate *self, const azattest__flow *flow, azattest__buf *out,
                                 azattest_error **error)
{
    int64_t now = azattest__flow_now_s(flow);
    azattest__json *body;
    azattest_status status;
    char id[37];

    if ((status = azattest__uuid(id, error)) != AZATTEST_OK)
        return status;
    body = azattest__json_new_object();
    azattest__json_put_string(body, "aud", flow->request.url);
    azattest__json_put_string(body, "iss", self->entra.client_id);
    azattest__json_put_string(body, "sub", self->entra.client_id);
    azattest__json_put_string(body, "jti", id);
    azattest__json_put_integer(body, "nbf", now);
    azattest__json_put_integer(body, "iat", now);
    azattest__json_put_integer(body, "exp", now + AZATTEST__ASSERTION_LIFE_S);
    status = azattest__json_print(body, false, out, error);
    azattest__json_free(body);
    return status;
}

static azattest_status send(azattest__flow *flow, const azattest__bundle *bundle, azattest_error **error)
{
    const client_certificate *self = (const client_certificate *)flow->active;
    azattest__buf header, body, assertion;
    azattest_status status;

    azattest__buf_init(&header, AZATTEST_LIMIT_CHAIN * 2 * AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&body, 16384);
    azattest__buf_init(&assertion, AZATTEST_LIMIT_TOKEN);
    if ((status = azattest__entra_begin(&self->entra, flow, error)) == AZATTEST_OK &&
        (status = make_header(self, bundle, &header, error)) == AZATTEST_OK &&
        (status = make_body(self, flow, &body, error)) == AZATTEST_OK &&
        (status = azattest__jws_create(azattest__buf_bytes(&header), azattest__buf_bytes(&body), bundle->key,
                                       self->sha1 ? AZATTEST__RS256 : AZATTEST__PS256, &assertion, error)) ==
            AZATTEST_OK) {
        azattest__form_add(&flow->request.body, "client_assertion_type", AZATTEST__ASSERTION_TYPE);
        azattest__form_add(&flow->request.body, "client_assertion", (const char *)assertion.ptr);
        status = azattest__entra_send(flow, error);
    }
    azattest__buf_free(&header);
    azattest__buf_free(&body);
    azattest__buf_free(&assertion);
    return status;
}

static azattest_status check_key(const char *name, const azattest__bundle *bundle, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status = azattest__key_fits(bundle->key, AZATTEST__PS256, &reason);

    if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: the certificate's key cannot be used: %s", name,
                                     azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

static azattest_status load(const char *name, azattest_bytes content, const char *password, azattest__bundle *out,
                            azattest_error **error)
{
    azattest_status status = azattest__bundle_parse(content, password, out, error);

    if (status != AZATTEST_OK)
        azattest__error_prefix(error, "%s", name);
    else if ((status = check_key(name, out, error)) != AZATTEST_OK)
        azattest__bundle_clear(out);
    return status;
}

static azattest_status take_file(azattest__flow *flow, azattest_bytes content, azattest_error **error)
{
    const client_certificate *self = (const client_certificate *)flow->active;
    azattest__bundle bundle;
    azattest_status status;

    if (content.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_AUTH,
                                   "%s: there is no file at AZURE_CLIENT_CERTIFICATE_PATH (\"%.300s\")",
                                   self->base.name, self->path);
    if ((status = load(self->base.name, content, self->password, &bundle, error)) != AZATTEST_OK)
        return status;
    status = send(flow, &bundle, error);
    azattest__bundle_clear(&bundle);
    return status;
}

static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    const client_certificate *self = (const client_certificate *)flow->active;

    if (self->bundle.key == NULL)
        return azattest__flow_read(flow, self->path, AZATTEST_LIMIT_CERTIFICATE_FILE, take_file, error);
    return send(flow, &self->bundle, error);
}

static void clear(azattest_credential *credential)
{
    client_certificate *self = (client_certificate *)credential;

    azattest__entra_clear(&self->entra);
    azattest__bundle_clear(&self->bundle);
    azattest__secret_free(self->password);
    free(self->path);
}

static const azattest__credential_class class = { .name = NAME, .start = start, .clear = clear };

azattest_status azattest__client_certificate_new(const char *name, const char *tenant_id, const char *client_id,
                                                 azattest_bytes certificate, const char *path, const char *password,
                                                 const azattest_credential_options *options, azattest_credential **out,
                                                 azattest_error **error)
{
    azattest_credential *credential = NULL;
    client_certificate *self;
    azattest_status status;

    if ((status = azattest__credential_new(sizeof(*self), &class, &credential, error)) != AZATTEST_OK)
        return status;
    self = (client_certificate *)credential;
    credential->name = name;
    self->sends_chain = options->send_certificate_chain == AZATTEST_ON;
    self->sha1 = options->x5t_sha1 == AZATTEST_ON;
    if ((status = azattest__entra_take(name, tenant_id, client_id, options, &self->entra, error)) != AZATTEST_OK)
        goto done;
    if (path == NULL) {
        status = load(name, certificate, password, &self->bundle, error);
    } else if ((self->path = azattest__dup_text(path)) == NULL ||
               (password != NULL && (self->password = azattest__dup_text(password)) == NULL)) {
        status = azattest__error_memory(error);
    }
done:
    if (status == AZATTEST_OK)
        *out = credential;
    else
        azattest_credential_free(credential);
    return status;
}

azattest_status azattest_client_certificate_credential_new(const char *tenant_id, const char *client_id,
                                                           azattest_bytes certificate, const char *password,
                                                           const azattest_credential_options *options,
                                                           azattest_credential **out, azattest_error **error)
{
    azattest_credential_options taken;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK ||
        (status = azattest__settings_take(options, &taken, error)) != AZATTEST_OK)
        return status;
    return azattest__client_certificate_new(NAME, tenant_id, client_id, certificate, NULL, password, &taken, out,
                                            error);
}
