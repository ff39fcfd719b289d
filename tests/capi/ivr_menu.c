/* The example's menu: a key interrupts the prompt and gets its file; 0 is put through to the telephone; no key
 * repeats. */
#define main example_main
#include "../../cti-core/capi/examples/ivr_menu.c"
#undef main

#include "test.h"

static char prompt[512], one[512], two[512];
static int16_t sound[60 * 8000];

static int body(tr_ctx *ctx)
{
    return serve(ctx, prompt, one, two, 3);
}

static void call_in(tr_ctx *ctx)
{
    CHECK(tr_sim_call(ctx, 0, "62345678", NULL) == TR_OK);
    pass(ctx, 1500);
    tr_sim_heard(ctx, 0, sound, sizeof sound / 2);
}

static void hang_up(tr_ctx *ctx)
{
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    pass(ctx, 8000);
}

int main(int argc, char **argv)
{
    struct example example;
    tr_sim_state station = TR_SIM_STATE_INIT;
    size_t count;
    tr_ctx *ctx;
    CHECK(argc == 2);
    snprintf(prompt, sizeof prompt, "%s/prompt.wav", argv[1]);
    snprintf(one, sizeof one, "%s/one.wav", argv[1]);
    snprintf(two, sizeof two, "%s/two.wav", argv[1]);
    write_tone(prompt, 600, 5000);
    write_tone(one, 1000, 1500);
    write_tone(two, 1400, 1500);
    ctx = open_simulated("sim:fxo,fxs");
    start_example(&example, ctx, body);

    /* Key 2 in the middle of the prompt. */
    call_in(ctx);
    CHECK(tr_sim_keys(ctx, 0, "2") == TR_OK);
    pass(ctx, 4000);
    count = (size_t) tr_sim_heard(ctx, 0, sound, sizeof sound / 2);
    CHECK(contains_tone(sound, count, 1400, 1300));
    CHECK(!contains_tone(sound, count, 600, 1000));
    hang_up(ctx);

    /* No key: the prompt comes again; then 0, and the telephone is lifted. Both sides hear each other. */
    call_in(ctx);
    pass(ctx, 12000);
    count = (size_t) tr_sim_heard(ctx, 0, sound, sizeof sound / 2);
    CHECK(contains_tone(sound, 5 * 8000, 600, 3000) && contains_tone(sound + 6 * 8000, count - 6 * 8000, 600, 1500));
    CHECK(tr_sim_keys(ctx, 0, "0") == TR_OK);
    pass(ctx, 3000);
    CHECK(tr_sim_state_read(ctx, 1, &station) == TR_OK && station.ringing == 1);
    CHECK(tr_sim_lift(ctx, 1) == TR_OK);
    pass(ctx, 1000);
    tr_sim_heard(ctx, 0, sound, sizeof sound / 2);
    fill_tone(sound, 8000, 900, 6000);
    CHECK(tr_sim_speak(ctx, 1, sound, 8000) == TR_OK);
    pass(ctx, 1200);
    count = (size_t) tr_sim_heard(ctx, 0, sound, sizeof sound / 2);
    CHECK(contains_tone(sound, count, 900, 800));
    tr_sim_heard(ctx, 1, sound, sizeof sound / 2);
    fill_tone(sound, 8000, 1100, 6000);
    CHECK(tr_sim_speak(ctx, 0, sound, 8000) == TR_OK);
    pass(ctx, 1200);
    count = (size_t) tr_sim_heard(ctx, 1, sound, sizeof sound / 2);
    CHECK(contains_tone(sound, count, 1100, 800));
    hang_up(ctx);
    CHECK(tr_sim_put_down(ctx, 1) == TR_OK);
    pass(ctx, 2000);

    /* A caller who gives up while the prompt plays. */
    call_in(ctx);
    CHECK(tr_sim_hangup(ctx, 0) == TR_OK);
    finish_example(&example, 30000);
    CHECK(tr_close(ctx, 1000) == TR_OK);
    puts("ok");
    return 0;
}
