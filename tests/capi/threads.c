/* 256 channels and 8 threads that collect, play from memory and record into it, stop and wait while time passes: no
 * completion is lost or doubled, the events are numbered without a hole, and memory is the program's again with the
 * completion. Built with the thread and address sanitizers, too, on the C side and on both. */
#include "test.h"

#define CARDS 64
#define CHANNELS (CARDS * 4)
#define THREADS 8

static tr_ctx *ctx;
static tr_channel channels[CHANNELS];
static int over, rounds = 60;
static long begun[THREADS], ended[THREADS];
static int16_t prompt[800];

/* Memory that an operation records into; when it is over it is written here, and freed. */
#define RECORDED 1600

static int32_t begin(unsigned which, tr_channel channel, const tr_until *until, int16_t *recorded, tr_op *op)
{
    tr_source source = TR_SOURCE_INIT;
    tr_sink sink = TR_SINK_INIT;
    switch (which % 4) {
    case 0:
        source.kind = TR_SOURCE_MEMORY;
        source.samples = prompt;
        source.count = sizeof prompt / sizeof prompt[0];
        return tr_play(ctx, channel, &source, 1, until, 1, op);
    case 1:
        sink.kind = TR_SINK_MEMORY;
        sink.tracks = TR_TRACKS_LEFT;
        sink.samples = recorded;
        sink.capacity = RECORDED;
        return tr_record(ctx, channel, &sink, until, 1, op);
    default:
        return tr_collect(ctx, channel, until, 1, 1, op);
    }
}

static void *works(void *argument)
{
    int self = (int) (intptr_t) argument;
    unsigned state = (unsigned) self * 2654435761u + 1;
    for (int round = 0; round < rounds; round++)
        for (int at = self; at < CHANNELS; at += THREADS) {
            tr_until until = TR_UNTIL_INIT;
            tr_result result = TR_RESULT_INIT;
            int16_t *recorded = calloc(RECORDED, sizeof *recorded);
            tr_op op;
            CHECK(recorded != NULL);
            state = state * 1664525u + 1013904223u;
            until.kind = TR_UNTIL_MAX_TIME;
            until.value = 1 + state % 20;
            CHECK(begin(state >> 24, channels[at], &until, recorded, &op) == TR_OK);
            begun[self]++;
            if (state & 1 << 20)
                CHECK(tr_op_stop(ctx, op) == TR_OK);
            CHECK(tr_op_wait(ctx, op, 60000, &result) == 1);
            CHECK(result.reason == TR_REASON_STOPPED || result.reason == TR_REASON_MAX_TIME);
            ended[self]++;
            memset(recorded, 1, RECORDED * sizeof *recorded);
            free(recorded);
        }
    return NULL;
}

static void *advances(void *unused)
{
    (void) unused;
    while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
        CHECK(tr_sim_advance(ctx, 1) == TR_OK);
    return NULL;
}

int main(int argc, char **argv)
{
    tr_config config = TR_CONFIG_INIT;
    const char *cards[CARDS];
    pthread_t threads[THREADS], clock;
    tr_event event = TR_EVENT_INIT;
    uint64_t expected = 1;
    long all = 0, completions = 0;
    rounds = argc > 2 ? atoi(argv[2]) : rounds;
    for (int card = 0; card < CARDS; card++)
        cards[card] = "sim:fxs,fxs,fxs,fxs";
    config.cards = cards;
    config.card_count = CARDS;
    config.virtual_clock = 1;
    config.queue_capacity = 65536;
    CHECK(tr_open(&config, &ctx) == TR_OK);
    CHECK(tr_port_count(ctx) == CHANNELS);
    for (int at = 0; at < CHANNELS; at++) {
        char path[16];
        snprintf(path, sizeof path, "%d", at);
        CHECK(tr_channel_open(ctx, path, NULL, &channels[at]) == TR_OK);
    }
    CHECK(pthread_create(&clock, NULL, advances, NULL) == 0);
    for (int self = 0; self < THREADS; self++)
        CHECK(pthread_create(&threads[self], NULL, works, (void *) (intptr_t) self) == 0);
    for (int self = 0; self < THREADS; self++) {
        CHECK(pthread_join(threads[self], NULL) == 0);
        CHECK(begun[self] == ended[self]);
        all += begun[self];
    }
    __atomic_store_n(&over, 1, __ATOMIC_RELEASE);
    CHECK(pthread_join(clock, NULL) == 0);
    while (tr_event_next(ctx, &event, 0) == 1) {
        CHECK(event.sequence == expected++);
        completions += event.type == TR_EVENT_OP_DONE;
    }
    printf("%ld operations, %ld completions\n", all, completions);
    CHECK(completions == all && all == (long) rounds * CHANNELS);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    puts("ok");
    return 0;
}
