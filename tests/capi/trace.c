/* A trace of two calls is replayed behind the same functions: the same events at the same times. A program that is a
 * little slower or quicker meets them all the same; one that does something else is shown where. */
#include <signal.h>
#include <sys/resource.h>

#include "test.h"

#define EVENTS 400

struct story {
    tr_event events[EVENTS];
    int count;
    tr_channel trunk, station;
    tr_op collecting;
    uint32_t answer_after_ms;
};

/* What the program does; it knows nothing of a simulator. */
static void act(tr_ctx *ctx, struct story *story, const tr_event *event)
{
    tr_until until = TR_UNTIL_INIT;
    tr_source tone = TR_SOURCE_INIT;
    tr_timer timer;
    switch (event->type) {
    case TR_EVENT_OFFERED:
        CHECK(tr_timer_start(ctx, story->answer_after_ms, 0, NULL, &timer) == TR_OK);
        break;
    case TR_EVENT_TIMER:
        CHECK(tr_answer(ctx, story->trunk) == TR_OK);
        tone.kind = TR_SOURCE_TONE;
        tone.hertz = 1000;
        tone.level_dbm0 = -10;
        tone.length_ms = 1000;
        CHECK(tr_play(ctx, story->trunk, &tone, 1, NULL, 0, NULL) == TR_OK);
        until.kind = TR_UNTIL_MAX_DIGITS;
        until.value = 3;
        CHECK(tr_collect(ctx, story->trunk, &until, 1, 1, &story->collecting) == TR_OK);
        break;
    case TR_EVENT_OP_DONE:
        if (event->object == story->collecting)
            CHECK(tr_ring(ctx, story->station, "13800138000", NULL) == TR_OK);
        break;
    case TR_EVENT_OFF_HOOK:
        CHECK(tr_bridge(ctx, story->trunk, story->station) == TR_OK);
        break;
    case TR_EVENT_DISCONNECTED:
        CHECK(tr_release(ctx, story->trunk) == TR_OK);
        break;
    }
}

/* Lets time pass for the program, and keeps its events. */
static void go_on(tr_ctx *ctx, struct story *story, uint32_t ms)
{
    tr_event event = TR_EVENT_INIT;
    for (uint32_t at = 0; at < ms; at++) {
        CHECK(tr_sim_advance(ctx, 1) == TR_OK);
        while (tr_event_next(ctx, &event, 0) == 1) {
            CHECK(story->count < EVENTS);
            story->events[story->count++] = event;
            act(ctx, story, &event);
        }
    }
}

static tr_ctx *begin(struct story *story, const char *card, uint32_t answer_after_ms)
{
    tr_config config = TR_CONFIG_INIT;
    tr_ctx *ctx;
    memset(story, 0, sizeof *story);
    story->answer_after_ms = answer_after_ms;
    config.cards = &card;
    config.card_count = 1;
    config.virtual_clock = 1;
    CHECK(tr_open(&config, &ctx) == TR_OK);
    CHECK(tr_channel_open(ctx, "0/0", NULL, &story->trunk) == TR_OK);
    CHECK(tr_channel_open(ctx, "0/1", NULL, &story->station) == TR_OK);
    return ctx;
}

static int same(const struct story *a, const struct story *b, int with_times)
{
    if (a->count != b->count)
        return 0;
    for (int at = 0; at < a->count; at++) {
        const tr_event *one = &a->events[at], *two = &b->events[at];
        if (one->type != two->type || one->reason != two->reason || one->cause != two->cause
            || (one->channel & 0xffff) != (two->channel & 0xffff) || strcmp(one->text, two->text) != 0
            || (with_times && (one->time_ns != two->time_ns || one->value != two->value))) {
            fprintf(stderr, "event %d: type %u at %.3f s, and %u at %.3f s\n", at, one->type, (double) one->time_ns / 1e9,
                    two->type, (double) two->time_ns / 1e9);
            return 0;
        }
    }
    return 1;
}

static struct story original, again;
static char path[512];

/* The call that is traced: a caller keys 1 2 3, is put through to the station, and hangs up. */
static void trace(void)
{
    static int16_t speech[8000];
    tr_ctx *ctx = begin(&original, "sim:fxo,fxs", 5000);
    tr_event done;
    tr_op op;
    CHECK(tr_trace(ctx, 0, path, &op) == TR_OK);
    CHECK_ERROR(tr_trace(ctx, 0, "another.trace", NULL), TR_E_BUSY);
    go_on(ctx, &original, 6000);
    CHECK(tr_sim_call(ctx, 0, "02012345678", NULL) == TR_OK);
    go_on(ctx, &original, 12000);
    CHECK(tr_sim_keys(ctx, 0, "123") == TR_OK);
    go_on(ctx, &original, 4000);
    CHECK(tr_sim_lift(ctx, 1) == TR_OK);
    CHECK(tr_sim_speak(ctx, 0, (int16_t *) fill_tone(speech, 8000, 800, 6000), 8000) == TR_OK);
    go_on(ctx, &original, 3000);
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    go_on(ctx, &original, 9000);
    CHECK(tr_sim_put_down(ctx, 1) == TR_OK);
    go_on(ctx, &original, 3000);
    CHECK(tr_op_stop(ctx, op) == TR_OK);
    CHECK(tr_sim_advance(ctx, 10) == TR_OK);
    done = next_event(ctx);
    CHECK(done.type == TR_EVENT_OP_DONE && done.object == op && done.reason == TR_REASON_STOPPED);
    CHECK(done.value > 1000 && done.text[0] == 0 && done.channel == 0);
    CHECK_ERROR(tr_trace(ctx, 0, path, NULL), TR_E_IO);
    CHECK_ERROR(tr_trace(ctx, 1, "another.trace", NULL), TR_E_ARGUMENT);
    CHECK_ERROR(tr_trace(ctx, 0, NULL, NULL), TR_E_ARGUMENT);
    CHECK(tr_close(ctx, 1000) == TR_OK);
}

static int seen(const struct story *story, uint32_t type)
{
    int count = 0;
    for (int at = 0; at < story->count; at++)
        count += story->events[at].type == type;
    return count;
}

static void replay(void)
{
    char card[600];
    tr_ctx *ctx;
    int before;
    snprintf(card, sizeof card, "trace:%s", path);
    /* The same program: the same events, each at its time. */
    ctx = begin(&again, card, 5000);
    go_on(ctx, &again, 36990);
    CHECK(same(&original, &again, 1));
    CHECK(seen(&again, TR_EVENT_CALLER_ID) == 1 && seen(&again, TR_EVENT_DIGIT) == 3);
    CHECK(seen(&again, TR_EVENT_OFF_HOOK) == 1 && seen(&again, TR_EVENT_DISCONNECTED) == 1);
    CHECK_ERROR(tr_sim_call(ctx, 0, NULL, NULL), TR_E_UNSUPPORTED);
    CHECK_ERROR(tr_self_test(ctx, 0, TR_ALL_PORTS, NULL), TR_E_UNSUPPORTED);
    CHECK_ERROR(tr_trace(ctx, 0, "another.trace", NULL), TR_E_UNSUPPORTED);
    /* The end of the trace: the lines go, and the reason is said. */
    before = again.count;
    go_on(ctx, &again, 100);
    CHECK(again.count == before + 4 && seen(&again, TR_EVENT_OUT_OF_SERVICE) == 2 && seen(&again, TR_EVENT_TROUBLE) == 2);
    CHECK(tr_close(ctx, 0) == TR_OK);
    /* One that answers later, and one that answers sooner. */
    for (uint32_t after = 4500; after <= 6000; after += 1500) {
        ctx = begin(&again, card, after);
        go_on(ctx, &again, 36000);
        CHECK(same(&original, &again, 0));
        CHECK(tr_close(ctx, 0) == TR_OK);
    }
}

/* A program that dials once more than the traced one: the line says so and goes, and the other goes on. */
static void diverge(void)
{
    char card[600];
    tr_ctx *ctx;
    int troubles = 0;
    snprintf(card, sizeof card, "trace:%s", path);
    ctx = begin(&again, card, 5000);
    go_on(ctx, &again, 35500);
    CHECK(tr_dial(ctx, again.trunk, "10086", 0, NULL) == TR_OK);
    go_on(ctx, &again, 500);
    for (int at = 0; at < again.count; at++)
        troubles += again.events[at].type == TR_EVENT_TROUBLE && strstr(again.events[at].text, "Port 0 is out of service. The trace has no") != NULL;
    CHECK(seen(&again, TR_EVENT_OUT_OF_SERVICE) == 1 && troubles == 1);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

/* A trace that begins when the card has been in service for a while, its lines at rest. */
static void a_trace_that_begins_later(const char *folder)
{
    char name[600], card[620];
    tr_ctx *ctx = begin(&original, "sim:fxo,fxs", 5000);
    tr_op op;
    go_on(ctx, &original, 4000);
    original.count = 0;
    snprintf(name, sizeof name, "%s/later.trace", folder);
    CHECK(tr_trace(ctx, 0, name, &op) == TR_OK);
    go_on(ctx, &original, 1000);
    CHECK(tr_sim_call(ctx, 0, "02012345678", NULL) == TR_OK);
    go_on(ctx, &original, 12000);
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    go_on(ctx, &original, 8000);
    CHECK(tr_op_stop(ctx, op) == TR_OK && tr_sim_advance(ctx, 10) == TR_OK && tr_close(ctx, 0) == TR_OK);
    snprintf(card, sizeof card, "trace:%s", name);
    ctx = begin(&again, card, 5000);
    go_on(ctx, &again, 100);
    CHECK(again.count == 2 && seen(&again, TR_EVENT_IN_SERVICE) == 2);
    again.count = 0;
    go_on(ctx, &again, 20800);
    CHECK(same(&original, &again, 0) && seen(&again, TR_EVENT_DISCONNECTED) == 1 && seen(&again, TR_EVENT_TROUBLE) == 0);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

static void files_that_are_no_trace(const char *folder)
{
    tr_config config = TR_CONFIG_INIT;
    tr_ctx *ctx = NULL;
    char name[600], card[620];
    const char *cards[] = {card};
    FILE *file;
    config.cards = cards;
    config.card_count = 1;
    config.virtual_clock = 1;
    snprintf(card, sizeof card, "trace:%s/nowhere.trace", folder);
    CHECK_ERROR(tr_open(&config, &ctx), TR_E_IO);
    snprintf(name, sizeof name, "%s/text.trace", folder);
    file = fopen(name, "w");
    CHECK(file != NULL && fputs("this is a text of more than one record's length\n", file) > 0 && fclose(file) == 0);
    snprintf(card, sizeof card, "trace:%s", name);
    CHECK_ERROR(tr_open(&config, &ctx), TR_E_ARGUMENT);
    snprintf(card, sizeof card, "trace:%s", path);
    config.country = "US";
    CHECK_ERROR(tr_open(&config, &ctx), TR_E_ARGUMENT);
    CHECK(ctx == NULL);
}

/* A file that cannot grow: the trace ends, says why, and the card goes on. */
static void a_full_disk(const char *folder)
{
    struct rlimit before, small;
    tr_ctx *ctx = open_simulated("sim:fxs");
    tr_channel station;
    tr_event done;
    char name[600];
    tr_op op;
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0 && signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    small = before;
    small.rlim_cur = 4096;
    CHECK(tr_channel_open(ctx, "0/0", NULL, &station) == TR_OK && tr_sim_lift(ctx, 0) == TR_OK);
    snprintf(name, sizeof name, "%s/full.trace", folder);
    CHECK(tr_trace(ctx, 0, name, &op) == TR_OK && tr_tone(ctx, station, TR_TONE_DIAL) == TR_OK);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    done = wait_event(ctx, TR_EVENT_OP_DONE, 5000);
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK(done.object == op && done.reason == TR_REASON_FILE && strstr(done.text, "full.trace") != NULL);
    snprintf(name, sizeof name, "%s/next.trace", folder);
    CHECK(tr_trace(ctx, 0, name, &op) == TR_OK);
    /* Closing ends it, and its file is whole. */
    CHECK(tr_sim_advance(ctx, 500) == TR_OK && tr_close(ctx, 100) == TR_OK);
    snprintf(path, sizeof path, "trace:%s/next.trace", folder);
    ctx = open_simulated(path);
    CHECK(tr_close(ctx, 0) == TR_OK);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    snprintf(path, sizeof path, "%s/calls.trace", argv[1]);
    trace();
    replay();
    diverge();
    a_trace_that_begins_later(argv[1]);
    files_that_are_no_trace(argv[1]);
    a_full_disk(argv[1]);
    puts("ok");
    return 0;
}
