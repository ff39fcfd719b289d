/* The example's conference: three persons hear each other and none hears itself; who comes is announced to the
 * others. */
#define main example_main
#include "../../cti-core/capi/examples/conference.c"
#undef main

#include "test.h"

static int16_t sound[60 * 8000];

static int body(tr_ctx *ctx)
{
    return serve(ctx, 40);
}

static int hears(tr_ctx *ctx, uint32_t port, double hertz)
{
    size_t count = (size_t) tr_sim_heard(ctx, port, sound, sizeof sound / 2);
    return contains_tone(sound, count, hertz, 700);
}

int main(int argc, char **argv)
{
    struct example example;
    tr_ctx *ctx = open_simulated("sim:fxs,fxs,fxs");
    (void) argv;
    CHECK(argc == 2);
    start_example(&example, ctx, body);
    pass(ctx, 100);
    for (uint32_t port = 0; port < 3; port++) {
        CHECK(tr_sim_lift(ctx, port) == TR_OK);
        pass(ctx, 1000);
    }
    /* The first heard two others come. */
    CHECK(contains_tone(sound, (size_t) tr_sim_heard(ctx, 0, sound, sizeof sound / 2), 1000, 100));
    for (uint32_t speaker = 0; speaker < 3; speaker++) {
        for (uint32_t port = 0; port < 3; port++)
            tr_sim_heard(ctx, port, sound, sizeof sound / 2);
        fill_tone(sound, 8000, 700, 5000);
        CHECK(tr_sim_speak(ctx, speaker, sound, 8000) == TR_OK);
        pass(ctx, 1300);
        for (uint32_t port = 0; port < 3; port++)
            CHECK(hears(ctx, port, 700) == (port != speaker));
    }
    CHECK(tr_sim_put_down(ctx, 1) == TR_OK);
    pass(ctx, 1000);
    CHECK(contains_tone(sound, (size_t) tr_sim_heard(ctx, 2, sound, sizeof sound / 2), 500, 100));
    finish_example(&example, 60000);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    puts("ok");
    return 0;
}
