/* The example measures what the test puts between the two telephones. */
#define main example_main
#include "../../cti-core/capi/examples/loop_latency.c"
#undef main

#include "test.h"

static volatile double median;

static int body(tr_ctx *ctx)
{
    median = measure(ctx, 5);
    return median < 0;
}

int main(int argc, char **argv)
{
    struct example example;
    tr_ctx *ctx = open_simulated("sim:fxs,fxs");
    (void) argv;
    CHECK(argc == 2);
    start_example(&example, ctx, body);
    pass(ctx, 100);
    CHECK(tr_sim_lift(ctx, 0) == TR_OK && tr_sim_lift(ctx, 1) == TR_OK);
    pass(ctx, 1000);
    for (int key = 0; key < 5; key++) {
        char keys[2] = {(char) ('1' + key), 0};
        CHECK(tr_sim_keys(ctx, 0, keys) == TR_OK);
        pass(ctx, 70);
        /* The far end repeats the key 70 ms later. */
        CHECK(tr_sim_keys(ctx, 1, keys) == TR_OK);
        pass(ctx, 900);
    }
    finish_example(&example, 5000);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    printf("median %.0f ms\n", median);
    CHECK(median > 60 && median < 85);
    puts("ok");
    return 0;
}
