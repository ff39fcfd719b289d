/* Stop against natural end, again and again from two threads: each operation is completed exactly once. */
#include <time.h>

#include "test.h"

#define ROUNDS 20000
#define LIMIT_S 30

static tr_ctx *ctx;
static volatile int over;

static void *clock_thread(void *unused)
{
    (void) unused;
    while (!over)
        CHECK(tr_sim_advance(ctx, 1) == TR_OK);
    return NULL;
}

int main(int argc, char **argv)
{
    int rounds = argc > 2 ? atoi(argv[2]) : ROUNDS;
    pthread_t thread;
    tr_channel line;
    tr_until until = TR_UNTIL_INIT;
    long stopped = 0, ended = 0, spins = 1000;
    time_t from = time(NULL);
    ctx = open_simulated("sim:fxo");
    CHECK(tr_channel_open(ctx, "0/0", NULL, &line) == TR_OK);
    until.kind = TR_UNTIL_MAX_TIME;
    until.value = 1;
    CHECK(pthread_create(&thread, NULL, clock_thread, NULL) == 0);
    /* On a busy machine each round waits for the other thread's turn: then fewer have to do, unless a number is
     * given. */
    for (int round = 0; round < rounds && (argc > 2 || round < 1000 || time(NULL) - from < LIMIT_S); round++) {
        tr_event event = TR_EVENT_INIT;
        tr_op op;
        int completions = 0;
        CHECK(tr_collect(ctx, line, &until, 1, 1, &op) == TR_OK);
        /* Just about as long as the operation takes: longer when the stop came first, shorter when it came second. */
        for (volatile long spin = 0; spin < spins; spin++)
            ;
        CHECK(tr_op_stop(ctx, op) == TR_OK);
        while (tr_event_next(ctx, &event, 0) == 1)
            if (event.type == TR_EVENT_OP_DONE) {
                CHECK(event.object == op);
                completions++;
                CHECK(event.reason == TR_REASON_STOPPED || event.reason == TR_REASON_MAX_TIME);
                if (event.reason == TR_REASON_STOPPED) {
                    stopped++;
                    spins += spins / 16 + 1;
                } else {
                    ended++;
                    spins -= spins / 16 + 1;
                }
            }
        CHECK(completions == 1);
    }
    over = 1;
    CHECK(pthread_join(thread, NULL) == 0);
    printf("%ld stopped, %ld ended of themselves\n", stopped, ended);
    CHECK(stopped > (stopped + ended) / 10 && ended > (stopped + ended) / 10);
    CHECK(tr_close(ctx, 0) == TR_OK);
    puts("ok");
    return 0;
}
