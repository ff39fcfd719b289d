/* What the library costs: a state read and a command on its way to the engine, medians of 101 rounds; and the way of an
 * event from the end of its tick to a thread that sleeps on the descriptor, beside a bare eventfd hop between two threads
 * in the same run, thrice in turns. See tests/capi/main.rs. */
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "test.h"

#define TIMES 101
#define HOPS 1000

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double one = *(const double *) a, two = *(const double *) b;
    return (one > two) - (one < two);
}

/* ---- Wakes ---- */

static tr_ctx *ctx;
static int bare, asleep;
static double woken[HOPS];
static volatile double left[HOPS];

/* Sleeps on a bare descriptor for every hop, and takes what made it readable. */
static void *sleeps(void *unused)
{
    struct pollfd fd = {bare, POLLIN, 0};
    (void) unused;
    for (int hop = 0; hop < HOPS; hop++) {
        uint64_t count;
        __atomic_store_n(&asleep, hop + 1, __ATOMIC_RELEASE);
        CHECK(poll(&fd, 1, 10000) == 1);
        CHECK(read(bare, &count, sizeof count) == sizeof count);
        woken[hop] = now_ns() - left[hop];
    }
    return NULL;
}

static void figures(double *median, double *p99)
{
    qsort(woken, HOPS, sizeof woken[0], by_size);
    *median = woken[HOPS / 2] / 1000;
    *p99 = woken[HOPS * 99 / 100] / 1000;
}

/* The machine's own hop: from a write to an eventfd to the thread that slept on it. */
static void bare_hops(double *median, double *p99)
{
    pthread_t thread;
    CHECK((bare = eventfd(0, EFD_CLOEXEC)) >= 0);
    asleep = 0;
    CHECK(pthread_create(&thread, NULL, sleeps, NULL) == 0);
    for (int hop = 0; hop < HOPS; hop++) {
        uint64_t one = 1;
        while (__atomic_load_n(&asleep, __ATOMIC_ACQUIRE) != hop + 1)
            usleep(20);
        usleep(5000);
        left[hop] = now_ns();
        CHECK(write(bare, &one, sizeof one) == sizeof one);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    close(bare);
    figures(median, p99);
}

/* The library's: from the end of the tick in which a prompt of some milliseconds ended to the thread that slept on the
 * context's descriptor and has its event. The card follows the wall clock. */
static void library_hops(double *median, double *p99)
{
    tr_config config = TR_CONFIG_INIT;
    tr_source silence = TR_SOURCE_INIT;
    tr_event event = TR_EVENT_INIT;
    const char *card = "sim:fxs";
    struct pollfd fd = {0, POLLIN, 0};
    tr_channel station;
    config.cards = &card;
    config.card_count = 1;
    CHECK(tr_open(&config, &ctx) == TR_OK && tr_channel_open(ctx, "0/0", NULL, &station) == TR_OK);
    fd.fd = tr_event_fd(ctx);
    do
        CHECK(tr_event_next(ctx, &event, 60000) == 1);
    while (event.type != TR_EVENT_IN_SERVICE);
    silence.kind = TR_SOURCE_SILENCE;
    silence.length_ms = 5;
    for (int hop = 0; hop < HOPS; hop++) {
        CHECK(tr_play(ctx, station, &silence, 1, NULL, 0, NULL) == TR_OK);
        do {
            CHECK(poll(&fd, 1, 10000) == 1);
        } while (tr_event_next(ctx, &event, 0) != 1);
        woken[hop] = now_ns() - (double) event.monotonic_ns;
        CHECK(event.type == TR_EVENT_OP_DONE);
    }
    CHECK(tr_close(ctx, 0) == TR_OK);
    figures(median, p99);
}

int main(void)
{
    tr_channel station;
    tr_state state = TR_STATE_INIT;
    double reads[TIMES], commands[TIMES], median[2], p99[2];
    ctx = open_simulated("sim:fxs");
    CHECK(tr_channel_open(ctx, "0/0", NULL, &station) == TR_OK);
    for (int time = 0; time < TIMES; time++) {
        double from = now_ns();
        for (int n = 0; n < 10000; n++)
            CHECK(tr_channel_state(ctx, station, &state) == TR_OK);
        reads[time] = (now_ns() - from) / 10000;
        from = now_ns();
        for (int n = 0; n < 1000; n++)
            CHECK(tr_tone(ctx, station, n % 2 ? TR_TONE_BUSY : TR_TONE_NONE) == TR_OK);
        commands[time] = (now_ns() - from) / 1000;
        CHECK(tr_sim_advance(ctx, 100) == TR_OK);
    }
    qsort(reads, TIMES, sizeof reads[0], by_size);
    qsort(commands, TIMES, sizeof commands[0], by_size);
    printf("state read %.1f ns, command %.0f ns\n", reads[TIMES / 2], commands[TIMES / 2]);
    CHECK(tr_close(ctx, 0) == TR_OK);
    for (int round = 0; round < 3; round++) {
        bare_hops(&median[0], &p99[0]);
        library_hops(&median[1], &p99[1]);
        printf("from the tick to the descriptor: median %.1f us, p99 %.1f us; bare eventfd hop: median %.1f us, p99 %.1f us\n",
               median[1], p99[1], median[0], p99[0]);
    }
    puts("ok");
    return 0;
}
