/* What a call costs: a state read, and a command on its way to the engine; medians of 101 rounds. See
 * tests/capi/main.rs. */
#include <time.h>

#include "test.h"

#define TIMES 101

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

int main(void)
{
    tr_ctx *ctx = open_simulated("sim:fxs");
    tr_channel station;
    tr_state state = TR_STATE_INIT;
    double reads[TIMES], commands[TIMES];
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
    puts("ok");
    return 0;
}
