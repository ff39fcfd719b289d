/* What the library costs, medians of 101 rounds: a state read, a command on its way to the engine, and the way of an
 * event from the queue to a thread that sleeps on the descriptor, beside a bare eventfd hop between two threads in the
 * same run. See tests/capi/main.rs. */
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "test.h"

#define TIMES 101
#define HOPS 2000

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

/* Sleeps on a descriptor for every hop, and takes what made it readable. */
static void *sleeps(void *argument)
{
    int through_library = argument != NULL;
    struct pollfd fd = {through_library ? tr_event_fd(ctx) : bare, POLLIN, 0};
    for (int hop = 0; hop < HOPS; hop++) {
        tr_event event = TR_EVENT_INIT;
        uint64_t count;
        __atomic_store_n(&asleep, hop + 1, __ATOMIC_RELEASE);
        CHECK(poll(&fd, 1, 10000) == 1);
        if (through_library)
            CHECK(tr_event_next(ctx, &event, 0) == 1 && event.type == TR_EVENT_USER);
        else
            CHECK(read(bare, &count, sizeof count) == sizeof count);
        woken[hop] = now_ns() - left[hop];
    }
    return NULL;
}

static void wakes(int through_library, double *median, double *p99)
{
    pthread_t thread;
    asleep = 0;
    CHECK(pthread_create(&thread, NULL, sleeps, through_library ? &asleep : NULL) == 0);
    for (int hop = 0; hop < HOPS; hop++) {
        uint64_t one = 1;
        while (__atomic_load_n(&asleep, __ATOMIC_ACQUIRE) != hop + 1)
            usleep(20);
        usleep(200);
        left[hop] = now_ns();
        if (through_library)
            CHECK(tr_event_post(ctx, 1, NULL) == TR_OK);
        else
            CHECK(write(bare, &one, sizeof one) == sizeof one);
    }
    CHECK(pthread_join(thread, NULL) == 0);
    qsort(woken, HOPS, sizeof woken[0], by_size);
    *median = woken[HOPS / 2] / 1000;
    *p99 = woken[HOPS * 99 / 100] / 1000;
}

int main(void)
{
    tr_channel station;
    tr_state state = TR_STATE_INIT;
    tr_event event = TR_EVENT_INIT;
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
    while (tr_event_next(ctx, &event, 0) == 1)
        ;
    bare = eventfd(0, EFD_CLOEXEC);
    CHECK(bare >= 0);
    for (int through_library = 0; through_library < 2; through_library++)
        wakes(through_library, &median[through_library], &p99[through_library]);
    printf("wake on the descriptor: median %.1f us, p99 %.1f us; bare eventfd hop: median %.1f us, p99 %.1f us\n", median[1],
           p99[1], median[0], p99[0]);
    CHECK(tr_close(ctx, 0) == TR_OK);
    puts("ok");
    return 0;
}
