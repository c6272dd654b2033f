/* Collateral that is kept in a folder: what is asked for again, what never passes for fresh, damage, and neighbours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence/evidence.h"
#include "expect.h"
#include "protocol/collateral.h"
#include "source.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

/* A folder of its own, a source, and an SGX quote. */
static struct world {
    char folder[64];
    source source;
    azattest_evidence *evidence;
    azattest_collateral_cache *cache;
    azattest_collateral_options options;
    char log[4096];
} world;

static void keep_line(void *user, azattest_log_level level, const char *message)
{
    (void)user;
    snprintf(world.log + strlen(world.log), sizeof(world.log) - strlen(world.log), "%d %s\n", (int)level, message);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static void take_evidence(made_kind kind, const azattest_simulated_platform *platform)
{
    made it = made_of(kind, platform);
    azattest_error *error = NULL;

    azattest_evidence_free(world.evidence);
    expect(azattest_evidence_parse(it.evidence, &world.evidence, &error), &error, AZATTEST_OK, "");
    made_free(&it);
}

static int set_up(void **state)
{
    azattest_error *error = NULL;

    (void)state;
    memset(&world, 0, sizeof(world));
    strcpy(world.folder, "/tmp/azattest-cache-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    source_open(&world.source);
    take_evidence(MADE_SGX, NULL);
    world.options = (azattest_collateral_options)AZATTEST_COLLATERAL_OPTIONS_INIT;
    world.options.source = "intel";
    world.options.client = &world.source.client;
    azattest_log_set(keep_line, NULL, AZATTEST_LOG_WARNING);
    expect(azattest_collateral_cache_open(world.folder, &world.cache, &error), &error, AZATTEST_OK, "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    azattest_log_set(NULL, NULL, AZATTEST_LOG_OFF);
    azattest_collateral_cache_free(world.cache);
    azattest_evidence_free(world.evidence);
    source_close(&world.source);
    return nftw(world.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static azattest_status run(azattest_transport *transport, azattest_error **error)
{
    azattest_collateral *set = NULL;
    azattest_status status =
        azattest_fetch_collateral(transport, world.cache, world.evidence, &world.options, &set, error);

    assert_true((status == AZATTEST_OK) == (set != NULL));
    azattest_collateral_free(set);
    return status;
}

/* Fetches, and gives how many requests that took. */
static size_t fetch(void)
{
    azattest_error *error = NULL;
    size_t requests;

    source_forget(&world.source);
    expect(run(world.source.transport, &error), &error, AZATTEST_OK, "");
    requests = world.source.requests;
    return requests;
}

static void offline(azattest_status expected, const char *message)
{
    azattest_error *error = NULL;

    expect(run(NULL, &error), &error, expected, message);
}

/* The path of the file whose name begins so; "" when there is none. */
static void find_file(const char *item, char path[512])
{
    DIR *directory = opendir(world.folder);
    struct dirent *entry;

    assert_non_null(directory);
    path[0] = '\0';
    while ((entry = readdir(directory)) != NULL)
        if (strncmp(entry->d_name, item, strlen(item)) == 0)
            snprintf(path, 512, "%s/%s", world.folder, entry->d_name);
    closedir(directory);
}

static size_t count_files(void)
{
    DIR *directory = opendir(world.folder);
    size_t count = 0;

    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *content = malloc(1 << 20);

    assert_non_null(file);
    assert_non_null(content);
    *len = fread(content, 1, 1 << 20, file);
    fclose(file);
    return content;
}

static void write_file(const char *path, const void *content, size_t len)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* Keeps the record of another document: one digit of its signature is another. */
static void forge_signature(const char *path)
{
    azattest__collateral_record kept;
    azattest_error *error = NULL;
    azattest__buf record;
    char *content, *digit;
    size_t len;

    content = read_file(path, &len);
    expect(azattest__collateral_record_read(azattest__bytes(content, len), &kept, &error), &error, AZATTEST_OK, "");
    free(content);
    digit = (char *)kept.body.ptr + kept.body.len - 10;
    *digit = *digit == '0' ? '1' : '0';
    azattest__buf_init(&record, AZATTEST_LIMIT_COLLATERAL_RECORD);
    expect(azattest__collateral_record_write(kept.key, kept.item, kept.fetched_ms, kept.fresh_until_ms,
                                             azattest__buf_bytes(&kept.chain), azattest__buf_bytes(&kept.body), &record,
                                             &error),
           &error, AZATTEST_OK, "");
    write_file(path, record.ptr, record.len);
    azattest__buf_free(&record);
    azattest__collateral_record_clear(&kept);
}

/* ---- what is kept ---- */

static void what_was_fetched_is_not_asked_for_again(void **state)
{
    struct stat info;
    char path[512];

    (void)state;
    assert_int_equal(fetch(), 4);
    assert_int_equal(fetch(), 0);
    assert_int_equal(count_files(), 4);
    find_file("tcb_info", path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    offline(AZATTEST_OK, "");
}

static void it_survives_a_restart(void **state)
{
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(fetch(), 4);
    azattest_collateral_cache_free(world.cache);
    expect(azattest_collateral_cache_open(world.folder, &world.cache, &error), &error, AZATTEST_OK, "");
    assert_int_equal(fetch(), 0);
}

static void another_question_is_another_item(void **state)
{
    (void)state;
    assert_int_equal(fetch(), 4);
    world.options.update = "early";
    assert_int_equal(fetch(), 2); /* the lists are the same */
    world.options.update = NULL;
    world.options.endpoint = "https://mirror.example";
    assert_int_equal(fetch(), 4); /* another host may say something else */
    world.options.endpoint = NULL;
    take_evidence(MADE_TDX, NULL);
    assert_int_equal(fetch(), 2);
    assert_int_equal(fetch(), 0);
}

static void a_named_certificate_is_kept_too(void **state)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_error *error = NULL;
    unsigned char *quote = NULL;
    size_t len, content_len;
    char path[512], *content;

    (void)state;
    enclave.certification_type = 3;
    expect(azattest_simulator_sgx_quote(quotes_simulator(), &enclave, &quote, &len, &error), &error, AZATTEST_OK, "");
    azattest_evidence_free(world.evidence);
    expect(azattest_evidence_parse(azattest__bytes(quote, len), &world.evidence, &error), &error, AZATTEST_OK, "");
    azattest_simulator_free_bytes(quote);
    world.options.subscription_key = "a-secret-key";
    assert_int_equal(fetch(), 5);
    assert_int_equal(fetch(), 0);
    find_file("pck_certificate", path);
    content = read_file(path, &content_len);
    assert_null(memmem(content, content_len, "a-secret-key", 12));
    free(content);
}

/* ---- time ---- */

static void give_life(source *s, size_t index, source_answer *answer)
{
    (void)index;
    source_set_header(answer, "Cache-Control", s->user);
}

static const struct life_case {
    const char *name, *cache_control; /* NULL: none */
    int64_t later_ms;
    size_t requests; /* of the second time */
} lives[] = {
    { "without a word of the source a day is fresh", NULL, DAY_MS - 1, 0 },
    { "and not more", NULL, DAY_MS, 4 },
    { "as long as the source says", "max-age=3600", HOUR_MS - 1, 0 },
    { "and not longer", "max-age=3600", HOUR_MS, 4 },
    { "longer than a day if it says so", "public, max-age=172800", DAY_MS + HOUR_MS, 0 },
    { "but not for ever", "max-age=99999999", 30 * DAY_MS, 4 },
    { "nothing is kept that must not be", "no-store", 0, 4 },
    { "nor what must be asked for each time", "no-cache", 0, 4 },
    { "a source that gives no life at all", "max-age=0", 0, 4 },
    { "the clock went back", "max-age=3600", -1, 4 },
};

static void life_by_the_source(void **state)
{
    const struct life_case *c = *state;
    char value[64];

    if (c->cache_control != NULL) {
        snprintf(value, sizeof(value), "%s", c->cache_control);
        world.source.bend = give_life;
        world.source.user = value;
    }
    assert_int_equal(fetch(), 4);
    world.source.now_ms += c->later_ms;
    assert_int_equal(fetch(), c->requests);
}

/* An item ends in an hour, by its own word. */
static void end_soon(uint32_t items)
{
    azattest_simulated_platform *platform = &world.source.documents.platform;

    platform->from_ms = world.source.now_ms - DAY_MS;
    platform->until_ms = world.source.now_ms + HOUR_MS;
    platform->window_items = items;
}

static void nothing_serves_behind_its_own_end(void **state)
{
    static const struct {
        uint32_t item;
        const char *name;
    } items[] = { { AZATTEST_SIMULATED_TCB_INFO, "tcb_info" },
                  { AZATTEST_SIMULATED_QE_IDENTITY, "qe_identity" },
                  { AZATTEST_SIMULATED_PCK_CRL, "pck_crl" },
                  { AZATTEST_SIMULATED_ROOT_CA_CRL, "root_ca_crl" } };

    (void)state;
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        char value[] = "max-age=86400";

        set_up(NULL);
        end_soon(items[i].item);
        world.source.bend = give_life; /* longer than the item itself */
        world.source.user = value;
        assert_int_equal(fetch(), 4);
        world.source.now_ms += HOUR_MS - 1000;
        assert_int_equal(fetch(), 0);
        offline(AZATTEST_OK, "");
        world.source.now_ms += 1000;
        offline(AZATTEST_E_TRANSPORT, items[i].name);
        assert_int_equal(fetch(), 1);
        tear_down(NULL);
    }
}

static void what_was_over_when_it_came_is_not_kept(void **state)
{
    (void)state;
    end_soon(AZATTEST_SIMULATED_TCB_INFO);
    world.source.documents.platform.until_ms = world.source.now_ms - 1000;
    assert_int_equal(fetch(), 4); /* the verdict says that it is over */
    assert_int_equal(count_files(), 3);
    assert_int_equal(fetch(), 1);
}

/* Whoever answered once with something else, or garbled it, does not answer for the rest of its life. */
static void what_does_not_verify_is_not_kept(void **state)
{
    char path[512];

    (void)state;
    world.source.documents.platform.faults = AZATTEST_SIMULATED_BIT(TCB_INFO_SIGNATURE) |
                                             AZATTEST_SIMULATED_BIT(QE_IDENTITY_SIGNATURE) |
                                             AZATTEST_SIMULATED_BIT(CRL_SIGNATURE);
    assert_int_equal(fetch(), 4); /* the verdict says what is wrong with them */
    assert_int_equal(count_files(), 0);
    world.source.documents.platform.faults = 0;
    assert_int_equal(fetch(), 4);
    assert_int_equal(count_files(), 4);
    /* An older version, or somebody else, kept one. */
    find_file("tcb_info", path);
    forge_signature(path);
    assert_int_equal(fetch(), 1);
    assert_int_equal(fetch(), 0);
}

/* ---- offline, and sources that fail ---- */

static void offline_what_has_not_ended_serves(void **state)
{
    (void)state;
    offline(AZATTEST_E_TRANSPORT, "offline, and not kept or at its end: tcb_info qe_identity pck_crl root_ca_crl");
    assert_int_equal(fetch(), 4);
    world.source.now_ms += 40 * DAY_MS; /* older than it may be, and not over */
    offline(AZATTEST_OK, "");
    assert_int_equal(fetch(), 4);
}

static void be_down(source *s, size_t index, source_answer *answer)
{
    const int *status = s->user;

    (void)index;
    if (*status == 0)
        answer->fail = AZATTEST_E_TRANSPORT;
    else
        *answer = (source_answer){ .status = *status };
}

static const struct outage_case {
    const char *name;
    int status; /* 0: no answer */
    azattest_status expected;
} outages[] = {
    { "a source that is not there", 0, AZATTEST_OK },
    { "one that fails", 503, AZATTEST_OK },
    { "one that throttles", 429, AZATTEST_OK },
    { "one that does not know the platform any more", 404, AZATTEST_E_HTTP },
    { "one that sends elsewhere", 302, AZATTEST_E_HTTP },
};

static void older_items_serve_in_an_outage_alone(void **state)
{
    const struct outage_case *c = *state;
    azattest_error *error = NULL;
    int status = c->status;

    assert_int_equal(fetch(), 4);
    world.source.now_ms += 2 * DAY_MS;
    world.source.bend = be_down;
    world.source.user = &status;
    world.log[0] = '\0';
    expect(run(world.source.transport, &error), &error, c->expected, "");
    if ((strstr(world.log, "older collateral is used") != NULL) != (c->expected == AZATTEST_OK))
        fail_msg("the log has: %s", world.log);
}

static void an_outage_does_not_raise_the_dead(void **state)
{
    azattest_error *error = NULL;
    int status = 0;

    (void)state;
    end_soon(AZATTEST_SIMULATED_PCK_CRL);
    assert_int_equal(fetch(), 4);
    world.source.now_ms += 2 * DAY_MS;
    world.source.bend = be_down;
    world.source.user = &status;
    expect(run(world.source.transport, &error), &error, AZATTEST_E_TRANSPORT, "the source is not there");
}

static void fail_last(source *s, size_t index, source_answer *answer)
{
    (void)s;
    if (index == 3)
        *answer = (source_answer){ .status = 404 };
}

static void what_came_before_a_failure_is_kept(void **state)
{
    azattest_error *error = NULL;

    (void)state;
    world.source.bend = fail_last;
    expect(run(world.source.transport, &error), &error, AZATTEST_E_HTTP, "404");
    world.source.bend = NULL;
    assert_int_equal(fetch(), 1);
}

/* ---- damage ---- */

static void expect_replaced(const char *path)
{
    world.log[0] = '\0';
    assert_int_equal(fetch(), 1);
    assert_int_equal(fetch(), 0);
    (void)path;
}

static void a_damaged_file_is_replaced_with_a_line_in_the_log(void **state)
{
    char path[512], *content;
    size_t len;

    (void)state;
    assert_int_equal(fetch(), 4);
    find_file("qe_identity", path);
    content = read_file(path, &len);
    for (size_t i = 0; i < len; i += len / 64) { /* somewhere in it one bit */
        content[i] ^= 1;
        write_file(path, content, len);
        content[i] ^= 1;
        expect_replaced(path);
        free(content);
        content = read_file(path, &len);
    }
    world.log[0] = '\0';
    write_file(path, "garbage", 7);
    source_forget(&world.source);
    assert_int_equal(fetch(), 1);
    if (strstr(world.log, "3 get QE identity: what is kept of it is not used: record of collateral: its first line") ==
        NULL)
        fail_msg("the log has: %s", world.log);
    free(content);
}

static void every_truncation_is_refused(void **state)
{
    azattest_error *error = NULL;
    azattest_op *op = NULL;
    char path[512], *content;
    size_t len;

    (void)state;
    assert_int_equal(fetch(), 4);
    find_file("root_ca_crl", path);
    content = read_file(path, &len);
    azattest_log_set(NULL, NULL, AZATTEST_LOG_OFF);
    expect(azattest_collateral_fetch_begin(&world.options, world.evidence, &op, &error), &error, AZATTEST_OK, "");
    for (size_t i = 0; i < len; i++) {
        char *cut = azattest__dup(content, i); /* of exactly that size, and a NUL */

        assert_int_equal(azattest_op_give_collateral(op, 3, azattest__bytes(cut, i), true, &error),
                         AZATTEST_E_MALFORMED);
        azattest_error_free(error);
        free(cut);
    }
    expect(azattest_op_give_collateral(op, 3, azattest__bytes(content, len), false, &error), &error, AZATTEST_OK, "");
    expect(azattest_op_give_collateral(op, 3, azattest__bytes(content, len), false, &error), &error, AZATTEST_E_STATE,
           "is there");
    expect(azattest_op_give_collateral(op, 0, azattest__bytes(content, len), false, &error), &error,
           AZATTEST_E_MALFORMED, "of another request");
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    expect(azattest_op_give_collateral(op, 0, azattest__bytes(content, len), false, &error), &error, AZATTEST_E_STATE,
           "begun to fetch");
    azattest_op_free(op);
    free(content);
}

/* What belongs to one item does not serve another, whatever the file is called. */
static void files_that_were_swapped_are_not_used(void **state)
{
    char first[512], second[512], between[600];

    (void)state;
    assert_int_equal(fetch(), 4);
    find_file("pck_crl", first);
    find_file("root_ca_crl", second);
    snprintf(between, sizeof(between), "%s.x", first);
    assert_int_equal(rename(first, between), 0);
    assert_int_equal(rename(second, first), 0);
    assert_int_equal(rename(between, second), 0);
    assert_int_equal(fetch(), 2);
    assert_int_equal(fetch(), 0);
}

static void what_is_no_file_of_ours_is_not_read(void **state)
{
    char path[512], elsewhere[600];

    (void)state;
    assert_int_equal(fetch(), 4);
    find_file("pck_crl", path);
    snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere", world.folder);
    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
    assert_int_equal(fetch(), 1); /* and the link is replaced by a file */
    assert_int_equal(fetch(), 0);
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(fetch(), 1); /* nobody waits for a writer */
    find_file("qe_identity", path);
    assert_int_equal(truncate(path, (off_t)AZATTEST_LIMIT_COLLATERAL_RECORD + 1), 0);
    assert_int_equal(fetch(), 1);
}

/* ---- the folder ---- */

static void a_folder_that_others_may_write_to_is_refused(void **state)
{
    azattest_collateral_cache *cache = NULL;
    azattest_error *error = NULL;
    char path[128];

    (void)state;
    assert_int_equal(chmod(world.folder, 0770), 0);
    expect(azattest_collateral_cache_open(world.folder, &cache, &error), &error, AZATTEST_E_STATE, "by others");
    assert_int_equal(chmod(world.folder, 0700), 0);
    snprintf(path, sizeof(path), "%s/file", world.folder);
    write_file(path, "x", 1);
    expect(azattest_collateral_cache_open(path, &cache, &error), &error, AZATTEST_E_STATE, "is no folder");
    snprintf(path, sizeof(path), "%s/a/b", world.folder);
    expect(azattest_collateral_cache_open(path, &cache, &error), &error, AZATTEST_E_STATE, "cannot make");
    expect(azattest_collateral_cache_open(NULL, &cache, &error), &error, AZATTEST_E_ARGUMENT, "no folder");
    assert_int_equal(azattest_collateral_cache_open("x", NULL, NULL), AZATTEST_E_ARGUMENT);
    azattest_collateral_cache_free(NULL);
    assert_int_equal(azattest_collateral_cache_load(NULL, NULL, false, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_collateral_cache_store(world.cache, NULL, NULL), AZATTEST_E_ARGUMENT);
}

static void a_missing_folder_is_made_private(void **state)
{
    azattest_collateral_cache *cache = NULL;
    azattest_error *error = NULL;
    struct stat info;
    char path[128];

    (void)state;
    snprintf(path, sizeof(path), "%s/new", world.folder);
    expect(azattest_collateral_cache_open(path, &cache, &error), &error, AZATTEST_OK, "");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    azattest_collateral_cache_free(cache);
}

static void what_nobody_renews_is_forgotten(void **state)
{
    struct timespec old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
    azattest_error *error = NULL;
    char path[512], other[600];

    (void)state;
    assert_int_equal(fetch(), 4);
    find_file("tcb_info", path);
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    snprintf(other, sizeof(other), "%s/mine", world.folder);
    write_file(other, "x", 1);
    assert_int_equal(utimensat(AT_FDCWD, other, old, 0), 0);
    azattest_collateral_cache_free(world.cache);
    expect(azattest_collateral_cache_open(world.folder, &world.cache, &error), &error, AZATTEST_OK, "");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(other, F_OK), 0); /* is none of ours */
    assert_int_equal(fetch(), 1);
}

static void a_folder_that_cannot_be_written_costs_nothing_but_a_line(void **state)
{
    (void)state;
    assert_int_equal(nftw(world.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    assert_int_equal(fetch(), 4);
    if (strstr(world.log, "collateral cache: cannot write") == NULL)
        fail_msg("the log has: %s", world.log);
    assert_int_equal(mkdir(world.folder, 0700), 0);
}

/* ---- neighbours ---- */

/* One process of several that read and write the same files, whole ones at every moment. */
static int neighbour(int number)
{
    for (int i = 0; i < 20; i++) {
        azattest_error *error = NULL;
        bool renews = (i + number) % 3 == 0;

        if (renews) /* as if everything were old */
            world.source.now_ms += 2 * DAY_MS;
        if (run(world.source.transport, &error) != AZATTEST_OK)
            return 1;
        source_forget(&world.source);
    }
    return strstr(world.log, "not used: record of collateral: its") == NULL ? 0 : 2; /* never half a file */
}

static void processes_share_a_folder(void **state)
{
    pid_t children[4];

    (void)state;
    assert_int_equal(fetch(), 4);
    world.log[0] = '\0';
    for (int i = 0; i < 4; i++) {
        assert_true((children[i] = fork()) >= 0);
        if (children[i] == 0)
            _exit(neighbour(i));
    }
    for (int i = 0; i < 4; i++) {
        int status = -1;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(count_files(), 4); /* nothing is left over */
}

#define ONE(function) tests[count++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define ALONE(function) tests[count++] = (struct CMUnitTest)cmocka_unit_test(function)
#define TABLE(function, cases)                                                                                         \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)                                                      \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            cases[i].name, function, set_up, tear_down, (void *)(uintptr_t)&cases[i]                                   \
        }

static int close_all(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[64];
    size_t count = 0;

    ONE(what_was_fetched_is_not_asked_for_again);
    ONE(it_survives_a_restart);
    ONE(another_question_is_another_item);
    ONE(a_named_certificate_is_kept_too);
    TABLE(life_by_the_source, lives);
    ALONE(nothing_serves_behind_its_own_end);
    ONE(what_was_over_when_it_came_is_not_kept);
    ONE(what_does_not_verify_is_not_kept);
    ONE(offline_what_has_not_ended_serves);
    TABLE(older_items_serve_in_an_outage_alone, outages);
    ONE(an_outage_does_not_raise_the_dead);
    ONE(what_came_before_a_failure_is_kept);
    ONE(a_damaged_file_is_replaced_with_a_line_in_the_log);
    ONE(every_truncation_is_refused);
    ONE(files_that_were_swapped_are_not_used);
    ONE(what_is_no_file_of_ours_is_not_read);
    ONE(a_folder_that_others_may_write_to_is_refused);
    ONE(a_missing_folder_is_made_private);
    ONE(what_nobody_renews_is_forgotten);
    ONE(a_folder_that_cannot_be_written_costs_nothing_but_a_line);
    ONE(processes_share_a_folder);
    return _cmocka_run_group_tests("collateral_cache", tests, count, NULL, close_all);
}
