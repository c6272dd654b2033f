/* A multi over TLS: servers that are known by an authority or by their certificate alone, and a child of fork(), whose
 * farewell over an inherited connection would end the parent's. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <azattest/credential.h>

#include "many.h"

#define MOST 8

/* A server with a certificate of its own, a thread for each connection, and one answer. */
static struct tls_server {
    SSL_CTX *context;
    char pem[4096], thumbprint[41], endpoint[64];
    int socket;
    pthread_t acceptor, threads[MOST];
    int connections[MOST];
    atomic_int count, requests;
} server;

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 61\r\n\r\n"
                             "{\"issuer\":\"x\",\"access_token\":\"tok-1\",\"expires_on\":1900000000}";

static void make_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_EXTENSION *authority = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "CA:TRUE");
    unsigned char hash[20];
    BIO *out = BIO_new(BIO_s_mem());
    char *text;
    long len;

    assert_true(key != NULL && cert != NULL && names != NULL && authority != NULL && out != NULL);
    assert_true(X509_set_version(cert, 2) && ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
                X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
                X509_gmtime_adj(X509_getm_notAfter(cert), 3600) != NULL && X509_set_pubkey(cert, key) &&
                X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                                           (const unsigned char *)"multi", -1, -1, 0) &&
                X509_set_issuer_name(cert, X509_get_subject_name(cert)) && X509_add_ext(cert, names, -1) &&
                X509_add_ext(cert, authority, -1) && X509_sign(cert, key, EVP_sha256()) > 0);
    assert_true(X509_digest(cert, EVP_sha1(), hash, NULL));
    for (size_t i = 0; i < sizeof(hash); i++)
        snprintf(server.thumbprint + 2 * i, 3, "%02x", hash[i]);
    assert_true(PEM_write_bio_X509(out, cert));
    len = BIO_get_mem_data(out, &text);
    assert_true(len > 0 && len < (long)sizeof(server.pem));
    memcpy(server.pem, text, (size_t)len);
    assert_true(SSL_CTX_use_certificate(server.context, cert) && SSL_CTX_use_PrivateKey(server.context, key));
    BIO_free(out);
    X509_EXTENSION_free(names);
    X509_EXTENSION_free(authority);
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* Small requests come in one piece here. */
static void *serve(void *user)
{
    int fd = *(int *)user, len;
    SSL *ssl = SSL_new(server.context);
    char request[16384];

    if (ssl != NULL && SSL_set_fd(ssl, fd) && SSL_accept(ssl) == 1)
        while ((len = SSL_read(ssl, request, sizeof(request))) > 0) {
            atomic_fetch_add(&server.requests, 1);
            if (SSL_write(ssl, answer, (int)strlen(answer)) <= 0)
                break;
        }
    SSL_free(ssl);
    close(fd);
    return NULL;
}

static void *accept_all(void *user)
{
    int fd;

    (void)user;
    while ((fd = accept(server.socket, NULL, NULL)) >= 0) {
        int at = atomic_load(&server.count);

        if (at == MOST) {
            close(fd);
            continue;
        }
        server.connections[at] = fd;
        if (pthread_create(&server.threads[at], NULL, serve, &server.connections[at]) == 0)
            atomic_store(&server.count, at + 1);
    }
    return NULL;
}

static int start(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);

    (void)state;
    signal(SIGPIPE, SIG_IGN); /* the server's, which writes to whom has gone */
    memset(&server, 0, sizeof(server));
    assert_non_null(server.context = SSL_CTX_new(TLS_server_method()));
    make_certificate();
    server.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server.socket, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(server.socket, 16), 0);
    assert_int_equal(getsockname(server.socket, (struct sockaddr *)&address, &size), 0);
    snprintf(server.endpoint, sizeof(server.endpoint), "https://127.0.0.1:%u", ntohs(address.sin_port));
    return pthread_create(&server.acceptor, NULL, accept_all, NULL);
}

/* After the clients' connections have been closed. */
static int stop(void **state)
{
    (void)state;
    shutdown(server.socket, SHUT_RDWR);
    pthread_join(server.acceptor, NULL);
    for (int i = 0; i < atomic_load(&server.count); i++)
        pthread_join(server.threads[i], NULL);
    close(server.socket);
    SSL_CTX_free(server.context);
    return 0;
}

static const char *variable(void *user, const char *name)
{
    return strcmp(name, "IDENTITY_ENDPOINT") == 0            ? server.endpoint
           : strcmp(name, "IDENTITY_HEADER") == 0            ? "h"
           : strcmp(name, "IDENTITY_SERVER_THUMBPRINT") == 0 ? user
                                                             : NULL;
}

/* Service Fabric: the certificate of the token's source is compared with its thumbprint before anything is sent. */
static void token_from(const char *thumbprint, bool external, azattest_status status, const char *text)
{
    azattest_credential_options options = AZATTEST_CREDENTIAL_OPTIONS_INIT;
    azattest_client_options client = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    azattest_op *op = NULL;
    static many m;

    memset(&m, 0, sizeof(m));
    m.external = external;
    options.environment = variable;
    options.environment_user = (void *)(uintptr_t)thumbprint;
    client.retry_total = -1;
    assert_int_equal(azattest_managed_identity_credential_new(&options, &credential, NULL), AZATTEST_OK);
    assert_int_equal(azattest_credential_get_token_begin(credential, "scope", &client, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_multi_new(NULL, &m.multi, NULL), AZATTEST_OK);
    assert_int_equal(azattest_multi_add(m.multi, op, NULL, NULL), AZATTEST_OK);
    many_expect(&m, op, status, text);
    azattest_multi_free(m.multi);
    azattest_credential_free(credential);
}

static void a_server_that_is_known_by_its_thumbprint(void **state)
{
    (void)state;
    token_from(server.thumbprint, false, AZATTEST_OK, NULL);
    token_from(server.thumbprint, true, AZATTEST_OK, NULL);
    assert_int_equal(atomic_load(&server.requests), 2);
}

static void a_server_with_another_thumbprint_is_sent_nothing(void **state)
{
    const char *other = "0123456789abcdefABCDEF0123456789abcdef01";

    (void)state;
    token_from(other, false, AZATTEST_E_TRANSPORT, "is not the one with the thumbprint 0123456789abcdef");
    token_from(other, true, AZATTEST_E_TRANSPORT, "is not the one with the thumbprint 0123456789abcdef");
    assert_int_equal(atomic_load(&server.requests), 0);
}

static azattest_op *begin(many *m)
{
    azattest_op *op = NULL;

    assert_int_equal(azattest_client_get_open_id_metadata_begin(m->client, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_multi_add(m->multi, op, NULL, NULL), AZATTEST_OK);
    return op;
}

static void open_with(many *m, bool trusts)
{
    memset(m, 0, sizeof(*m));
    m->connection.size = sizeof(m->connection);
    if (trusts)
        m->connection.ca_pem = (azattest_bytes){ server.pem, strlen(server.pem) };
    m->options = (azattest_client_options)AZATTEST_CLIENT_OPTIONS_INIT;
    m->options.retry_total = -1;
    assert_int_equal(azattest_client_new(server.endpoint, &m->options, &m->client, NULL), AZATTEST_OK);
    assert_int_equal(azattest_multi_new(&m->connection, &m->multi, NULL), AZATTEST_OK);
}

static void an_authority_that_is_not_trusted(void **state)
{
    static many m;

    (void)state;
    open_with(&m, false);
    many_expect(&m, begin(&m), AZATTEST_E_TRANSPORT, "give that authority's certificate as ca_file");
    azattest_multi_free(m.multi);
    azattest_client_free(m.client);
    assert_int_equal(atomic_load(&server.requests), 0);
}

static void a_child_sends_no_farewell(void **state)
{
    static many m;
    int status = 0;
    pid_t child;

    (void)state;
    open_with(&m, true);
    many_expect(&m, begin(&m), AZATTEST_OK, NULL);
    if ((child = fork()) == 0) {
        azattest_multi_free(m.multi);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    many_expect(&m, begin(&m), AZATTEST_OK, NULL);
    assert_int_equal(atomic_load(&server.count), 1);
    assert_int_equal(atomic_load(&server.requests), 2);
    azattest_multi_free(m.multi);
    azattest_client_free(m.client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_server_that_is_known_by_its_thumbprint, start, stop),
        cmocka_unit_test_setup_teardown(a_server_with_another_thumbprint_is_sent_nothing, start, stop),
        cmocka_unit_test_setup_teardown(an_authority_that_is_not_trusted, start, stop),
        cmocka_unit_test_setup_teardown(a_child_sends_no_farewell, start, stop),
    };

    return cmocka_run_group_tests_name("multi_tls", tests, NULL, NULL);
}
