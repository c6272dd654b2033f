#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#define SCHEMA_VERSION 1
#define APPLICATION_ID 0x617a6174 /* "azat": tells our files from other programs' databases */

static const char schema[] =
    "CREATE TABLE instance(name TEXT PRIMARY KEY, mode TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE policy(instance TEXT NOT NULL REFERENCES instance(name), type TEXT NOT NULL, token TEXT NOT NULL,"
    " PRIMARY KEY(instance, type)) WITHOUT ROWID;"
    "CREATE TABLE certificate(number INTEGER PRIMARY KEY, instance TEXT NOT NULL REFERENCES instance(name),"
    " der BLOB NOT NULL, UNIQUE(instance, der));";

/* The rollback journal is synced with its folder too (EXTRA goes one step beyond FULL): a change that was answered is
 * there after a loss of power. */
static const char settings[] = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON;";

struct azattest__store {
    pthread_mutex_t lock;
    sqlite3 *db;
    char *path; /* for messages */
};

static const char *const mode_names[] = { "aad", "isolated", "shared" };

const char *azattest__mode_name(azattest__mode mode)
{
    return mode_names[mode];
}

bool azattest__mode_find(const char *name, azattest__mode *out)
{
    for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++)
        if (strcmp(name, mode_names[i]) == 0) {
            *out = (azattest__mode)i;
            return true;
        }
    return false;
}

void azattest__certs_clear(azattest__certs *certs)
{
    for (size_t i = 0; i < certs->count; i++)
        azattest__cert_free(certs->items[i]);
    certs->count = 0;
}

int azattest__certs_find(const azattest__certs *certs, const azattest__cert *cert)
{
    for (size_t i = 0; i < certs->count; i++)
        if (azattest__bytes_equal(azattest__cert_der(certs->items[i]), azattest__cert_der(cert)))
            return (int)i;
    return -1;
}

/* ---- SQLite ---- */

static azattest_status failed(const azattest__store *store, azattest_error **error)
{
    int code = sqlite3_errcode(store->db);

    if (code == SQLITE_NOMEM)
        return azattest__error_memory(error);
    return azattest__error_set(error, AZATTEST_E_STATE, "%s: %s", store->path, sqlite3_errmsg(store->db));
}

static azattest_status execute(azattest__store *store, const char *sql, azattest_error **error)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? AZATTEST_OK : failed(store, error);
}

/* A statement with up to three values: two texts (NULL ends them) and bytes. NULL when it cannot be made. */
static sqlite3_stmt *prepare(azattest__store *store, const char *sql, const char *first, const char *second,
                             azattest_bytes bytes, bool text)
{
    sqlite3_stmt *statement = NULL;
    int at = 1;

    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_text(statement, at++, first, -1, SQLITE_STATIC) != SQLITE_OK ||
        (second != NULL && sqlite3_bind_text(statement, at++, second, -1, SQLITE_STATIC) != SQLITE_OK) ||
        (bytes.ptr != NULL &&
         (text ? sqlite3_bind_text(statement, at, bytes.ptr, (int)bytes.len, SQLITE_STATIC)
               : sqlite3_bind_blob(statement, at, bytes.ptr, (int)bytes.len, SQLITE_STATIC)) != SQLITE_OK)) {
        sqlite3_finalize(statement);
        return NULL;
    }
    return statement;
}

/* A statement without a result, by itself a transaction unless one is open. */
static azattest_status change(azattest__store *store, const char *sql, const char *first, const char *second,
                              azattest_bytes bytes, bool text, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    sqlite3_stmt *statement = prepare(store, sql, first, second, bytes, text);

    if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE)
        status = failed(store, error);
    sqlite3_finalize(statement);
    return status;
}

static azattest_status locked_change(azattest__store *store, const char *sql, const char *first, const char *second,
                                     azattest_bytes bytes, bool text, azattest_error **error)
{
    azattest_status status;

    pthread_mutex_lock(&store->lock);
    status = change(store, sql, first, second, bytes, text, error);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* The first column of the only row. AZATTEST_ABSENT when there is no row. */
static azattest_status get(azattest__store *store, const char *sql, const char *first, const char *second,
                           azattest__buf *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    sqlite3_stmt *statement;
    const void *bytes;
    int got;

    pthread_mutex_lock(&store->lock);
    statement = prepare(store, sql, first, second, azattest__bytes(NULL, 0), false);
    got = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
    if (got == SQLITE_ROW) {
        bytes = sqlite3_column_blob(statement, 0);
        azattest__buf_append(out, bytes, (size_t)sqlite3_column_bytes(statement, 0));
        status = azattest__error_from_buf(error, out, store->path);
    } else {
        status = got == SQLITE_DONE ? AZATTEST_ABSENT : failed(store, error);
    }
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ---- opening ---- */

static azattest_status get_number(azattest__store *store, const char *sql, int *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    sqlite3_stmt *statement = NULL;

    *out = 0;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        *out = sqlite3_column_int(statement, 0);
    else
        status = failed(store, error);
    sqlite3_finalize(statement);
    return status;
}

/* A new file gets our tables; one that has others, or those of a later version, is left alone. */
static azattest_status check_schema(azattest__store *store, azattest_error **error)
{
    azattest_status status;
    int id = 0, version = 0, tables = 0;
    char sql[256];

    if ((status = get_number(store, "PRAGMA application_id", &id, error)) != AZATTEST_OK ||
        (status = get_number(store, "PRAGMA user_version", &version, error)) != AZATTEST_OK ||
        (status = get_number(store, "SELECT count(*) FROM sqlite_schema", &tables, error)) != AZATTEST_OK)
        return status;
    if (id == 0 && version == 0 && tables == 0) {
        snprintf(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;", APPLICATION_ID,
                 SCHEMA_VERSION);
        if ((status = execute(store, "BEGIN IMMEDIATE", error)) == AZATTEST_OK &&
            (status = execute(store, schema, error)) == AZATTEST_OK)
            status = execute(store, sql, error);
        return status;
    }
    if (id != APPLICATION_ID)
        return azattest__error_set(error, AZATTEST_E_STATE, "%s is the database of another program", store->path);
    if (version != SCHEMA_VERSION)
        return azattest__error_set(
            error, AZATTEST_E_STATE,
            "%s has schema version %d, this azattest knows %d: use the azattest that wrote it, or "
            "another --state",
            store->path, version, SCHEMA_VERSION);
    return AZATTEST_OK;
}

/* SQLite would make the file readable for everybody. */
static azattest_status touch(const char *path, azattest_error **error)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (file < 0)
        return azattest__error_set(error, AZATTEST_E_STATE, "cannot open %s: %s", path, strerror(errno));
    close(file);
    return AZATTEST_OK;
}

azattest_status azattest__store_open(const char *path, azattest__store **out, azattest_error **error)
{
    azattest_status status;
    azattest__store *store = calloc(1, sizeof(*store));

    *out = NULL;
    if (store == NULL || pthread_mutex_init(&store->lock, NULL) != 0) {
        free(store);
        return azattest__error_memory(error);
    }
    if ((store->path = azattest__dup_text(path == NULL ? "store in memory" : path)) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if (path != NULL && (status = touch(path, error)) != AZATTEST_OK)
        goto done;
    if (sqlite3_open_v2(path == NULL ? ":memory:" : path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        status = failed(store, error);
        goto done;
    }
    if ((status = execute(store, settings, error)) != AZATTEST_OK ||
        (status = check_schema(store, error)) != AZATTEST_OK)
        goto done;
    *out = store;
    store = NULL;
done:
    azattest__store_free(store);
    return status;
}

void azattest__store_free(azattest__store *store)
{
    if (store == NULL)
        return;
    sqlite3_close(store->db);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

/* ---- instances ---- */

azattest_status azattest__store_find_instance(azattest__store *store, const char *instance, azattest__mode *mode,
                                              azattest_error **error)
{
    azattest_status status;
    azattest__buf name;

    azattest__buf_init(&name, 64);
    if ((status = get(store, "SELECT mode FROM instance WHERE name=?", instance, NULL, &name, error)) == AZATTEST_OK &&
        !azattest__mode_find(name.ptr == NULL ? "" : (const char *)name.ptr, mode))
        status = azattest__error_set(error, AZATTEST_E_STATE, "%s: the instance %s has an unknown mode", store->path,
                                     instance);
    azattest__buf_free(&name);
    return status;
}

#define PUT_CERT                                                                                                       \
    "INSERT INTO certificate(instance, der) VALUES(?1, ?2) ON CONFLICT(instance, der) DO NOTHING" /* twice is once */

azattest_status azattest__store_make_instance(azattest__store *store, const char *instance, azattest__mode mode,
                                              const azattest__certs *certs, azattest_error **error)
{
    azattest_status status;
    const azattest_bytes none = azattest__bytes(NULL, 0);

    pthread_mutex_lock(&store->lock);
    if ((status = execute(store, "BEGIN IMMEDIATE", error)) != AZATTEST_OK)
        goto done;
    status =
        change(store, "INSERT INTO instance(name, mode) VALUES(?, ?)", instance, mode_names[mode], none, false, error);
    for (size_t i = 0; status == AZATTEST_OK && i < certs->count; i++)
        status = change(store, PUT_CERT, instance, NULL, azattest__cert_der(certs->items[i]), false, error);
    if (status == AZATTEST_OK)
        status = execute(store, "COMMIT", error);
    if (status != AZATTEST_OK)
        (void)execute(store, "ROLLBACK", NULL); /* the failure that counts is the first one */
done:
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* ---- policies ---- */

azattest_status azattest__store_get_policy(azattest__store *store, const char *instance, const char *type,
                                           azattest__buf *token, azattest_error **error)
{
    return get(store, "SELECT token FROM policy WHERE instance=? AND type=?", instance, type, token, error);
}

azattest_status azattest__store_put_policy(azattest__store *store, const char *instance, const char *type,
                                           azattest_bytes token, azattest_error **error)
{
    return locked_change(store, "INSERT OR REPLACE INTO policy(instance, type, token) VALUES(?, ?, ?)", instance, type,
                         token, true, error);
}

azattest_status azattest__store_remove_policy(azattest__store *store, const char *instance, const char *type,
                                              azattest_error **error)
{
    return locked_change(store, "DELETE FROM policy WHERE instance=? AND type=?", instance, type,
                         azattest__bytes(NULL, 0), false, error);
}

/* ---- certificates ---- */

/* One row; what was written as a certificate has to be read as one. */
static azattest_status take_cert(azattest__store *store, sqlite3_stmt *statement, azattest__certs *out,
                                 azattest_error **error)
{
    azattest_status status;
    const void *der = sqlite3_column_blob(statement, 0);

    if (out->count == AZATTEST_LIMIT_KEYS)
        return azattest__error_set(error, AZATTEST_E_STATE, "%s: more than %u certificates", store->path,
                                   AZATTEST_LIMIT_KEYS);
    status = azattest__cert_parse(azattest__bytes(der, (size_t)sqlite3_column_bytes(statement, 0)),
                                  &out->items[out->count], error);
    if (status == AZATTEST_OK)
        out->count++;
    else if (status != AZATTEST_E_MEMORY)
        status = azattest__error_set(error, AZATTEST_E_STATE, "%s: a stored certificate cannot be read", store->path);
    return status;
}

azattest_status azattest__store_get_certs(azattest__store *store, const char *instance, azattest__certs *out,
                                          azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    sqlite3_stmt *statement;
    int got = SQLITE_ERROR;

    out->count = 0;
    pthread_mutex_lock(&store->lock);
    statement = prepare(store, "SELECT der FROM certificate WHERE instance=? ORDER BY number", instance, NULL,
                        azattest__bytes(NULL, 0), false);
    while (statement != NULL && status == AZATTEST_OK && (got = sqlite3_step(statement)) == SQLITE_ROW)
        status = take_cert(store, statement, out, error);
    if (status == AZATTEST_OK && got != SQLITE_DONE)
        status = failed(store, error);
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&store->lock);
    return status;
}

azattest_status azattest__store_put_cert(azattest__store *store, const char *instance, const azattest__cert *cert,
                                         azattest_error **error)
{
    return locked_change(store, PUT_CERT, instance, NULL, azattest__cert_der(cert), false, error);
}

azattest_status azattest__store_remove_cert(azattest__store *store, const char *instance, const azattest__cert *cert,
                                            azattest_error **error)
{
    return locked_change(store, "DELETE FROM certificate WHERE instance=?1 AND der=?2", instance, NULL,
                         azattest__cert_der(cert), false, error);
}
